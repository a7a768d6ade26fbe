//! JSON written by hand, for what there is very much of: groups.
//!
//! **Owns** how numbers, texts and the parts of a group become JSON, on one line or indented, as
//! serde writes them. Documents as a whole are for serde.

use crate::contract::{Digits, Group, GroupView, KpiRef, MeasureValue, Missing, Number, Statistics};

/// Appends JSON to bytes.
pub(super) struct JsonText<'a> {
    out: &'a mut Vec<u8>,
    /// How deep the value stands, where it is indented.
    depth: Option<usize>,
    /// Whether nothing stands in this object or array yet.
    is_first: bool,
}

impl<'a> JsonText<'a> {
    /// On one line, without blanks.
    pub(super) fn on_one_line(out: &'a mut Vec<u8>) -> Self {
        JsonText { out, depth: None, is_first: true }
    }

    /// Indented by two blanks, inside so many objects and arrays.
    pub(super) fn indented(out: &'a mut Vec<u8>, depth: usize) -> Self {
        JsonText { out, depth: Some(depth), is_first: true }
    }

    /// An object with the members that `fill` adds.
    pub(super) fn object(&mut self, fill: impl FnOnce(&mut Self)) {
        self.inside(b'{', b'}', fill);
    }

    fn array(&mut self, fill: impl FnOnce(&mut Self)) {
        self.inside(b'[', b']', fill);
    }

    fn inside(&mut self, open: u8, close: u8, fill: impl FnOnce(&mut Self)) {
        self.out.push(open);
        self.depth = self.depth.map(|depth| depth.saturating_add(1));
        self.is_first = true;
        fill(self);
        self.depth = self.depth.map(|depth| depth.saturating_sub(1));
        if !self.is_first {
            self.new_line();
        }
        self.out.push(close);
        self.is_first = false;
    }

    fn new_line(&mut self) {
        if let Some(depth) = self.depth {
            self.out.push(b'\n');
            self.out.resize(self.out.len().saturating_add(depth.saturating_mul(2)), b' ');
        }
    }

    /// Begins an element of an array.
    pub(super) fn element(&mut self) -> &mut Self {
        if !self.is_first {
            self.out.push(b',');
        }
        self.is_first = false;
        self.new_line();
        self
    }

    /// Begins a member of an object.
    pub(super) fn member(&mut self, name: &str) -> &mut Self {
        self.element().text(name);
        self.out.extend_from_slice(if self.depth.is_some() { b": " } else { b":" });
        self
    }

    pub(super) fn text(&mut self, text: &str) {
        self.out.push(b'"');
        escape(text, self.out);
        self.out.push(b'"');
    }

    fn text_or_null(&mut self, text: Option<&str>) {
        match text {
            Some(text) => self.text(text),
            None => self.out.extend_from_slice(b"null"),
        }
    }

    fn number(&mut self, number: Number) {
        let digits: Digits = number.digits();
        self.out.extend_from_slice(digits.as_bytes());
    }

    /// A member that is left out where there is no number.
    fn number_if_any(&mut self, name: &str, number: Option<Number>) {
        if let Some(number) = number {
            self.member(name).number(number);
        }
    }

    fn count_if_any(&mut self, name: &str, count: Option<u64>) {
        self.number_if_any(name, count.map(|count| Number(count.into())));
    }

    /// A group's `by`, `measures`, `kpis` and `unavailable` without what the total lists, as
    /// members of the object that is open.
    pub(super) fn group(&mut self, group: &impl GroupView) {
        if group.by().next().is_some() {
            self.keys(group);
        }
        self.values(group);
        self.unavailable(group.unavailable());
    }

    /// The same with the reasons of the total among its own, so that it can be read by itself.
    pub(super) fn group_by_itself(&mut self, group: &impl GroupView, total: &Group) {
        self.keys(group);
        self.values(group);
        self.unavailable(group.all_unavailable(total));
    }

    fn keys(&mut self, group: &impl GroupView) {
        self.member("by").object(|json| {
            for (name, value) in group.by() {
                json.member(name).text_or_null(value);
            }
        });
    }

    fn values(&mut self, group: &impl GroupView) {
        self.member("measures").object(|json| {
            for (id, value) in group.measures() {
                json.member(id).measure(&value);
            }
        });
        self.member("kpis").object(|json| {
            for (id, value) in group.kpis() {
                json.member(id).kpi(&value);
            }
        });
    }

    fn measure(&mut self, value: &MeasureValue) {
        match value {
            MeasureValue::Number(number) => self.number(*number),
            MeasureValue::Statistics(statistics) => self.object(|json| json.statistics(statistics)),
        }
    }

    fn statistics(&mut self, statistics: &Statistics) {
        self.member("mean").number(statistics.mean);
        self.member("median").number(statistics.median);
        self.member("p90").number(statistics.p90);
        self.number_if_any("min", statistics.min);
        self.number_if_any("max", statistics.max);
        self.count_if_any("n", Some(statistics.n));
    }

    fn kpi(&mut self, kpi: &KpiRef<'_>) {
        self.object(|json| {
            json.member("value").number(kpi.value);
            json.member("unit").text(kpi.unit);
            json.number_if_any("numerator", kpi.numerator);
            json.number_if_any("denominator", kpi.denominator);
            json.number_if_any("low", kpi.low);
            json.number_if_any("high", kpi.high);
            json.number_if_any("standard_error", kpi.standard_error);
            json.count_if_any("drawn", kpi.drawn);
            json.number_if_any("mean", kpi.mean);
            json.number_if_any("median", kpi.median);
            json.number_if_any("p90", kpi.p90);
            json.number_if_any("min", kpi.min);
            json.number_if_any("max", kpi.max);
            json.count_if_any("n", kpi.n);
            if !kpi.used.is_empty() {
                json.member("used").texts(kpi.used.ids());
            }
        });
    }

    fn texts<'t>(&mut self, texts: impl Iterator<Item = &'t str>) {
        self.array(|json| texts.for_each(|text| json.element().text(text)));
    }

    fn unavailable<'m>(&mut self, unavailable: impl Iterator<Item = (&'m str, &'m Missing)>) {
        self.member("unavailable").object(|json| {
            for (id, why) in unavailable {
                json.member(id).object(|json| {
                    json.member("code").text(&why.code);
                    if !why.needs.is_empty() {
                        json.member("needs").texts(why.needs.iter().map(String::as_str));
                    }
                    json.member("reason").text(&why.reason);
                });
            }
        });
    }
}

/// The text as it stands between quotation marks: escaped where JSON asks for it, and where a
/// character could act on a terminal.
fn escape(text: &str, out: &mut Vec<u8>) {
    // One look at all bytes costs little, and nearly all texts are plain.
    let is_special = |byte: u8| !(0x20..0x7F).contains(&byte) || matches!(byte, b'"' | b'\\');
    // Without an early end, so that many bytes are looked at together.
    if !text.bytes().fold(false, |any, byte| any | is_special(byte)) {
        out.extend_from_slice(text.as_bytes());
        return;
    }
    for c in text.chars() {
        match c {
            '"' | '\\' => out.extend([b'\\', u8::try_from(c).unwrap_or(b'\\')]),
            '\n' => out.extend_from_slice(b"\\n"),
            '\r' => out.extend_from_slice(b"\\r"),
            '\t' => out.extend_from_slice(b"\\t"),
            '\u{8}' => out.extend_from_slice(b"\\b"),
            '\u{C}' => out.extend_from_slice(b"\\f"),
            c if c < ' ' || super::json::acts(c) => out.extend_from_slice(format!("\\u{:04x}", u32::from(c)).as_bytes()),
            c => out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::json::visible;
    use super::super::sample;
    use super::*;
    use proptest::prelude::*;

    fn written(group: &Group, indented: bool) -> String {
        let mut out = Vec::new();
        let mut json = if indented { JsonText::indented(&mut out, 0) } else { JsonText::on_one_line(&mut out) };
        json.object(|json| json.group(group));
        String::from_utf8(out).expect("UTF-8")
    }

    fn assert_as_serde(group: &Group) {
        assert_eq!(written(group, false), visible(&serde_json::to_string(group).expect("serialises")));
        assert_eq!(written(group, true), visible(&serde_json::to_string_pretty(group).expect("serialises")));
    }

    #[test]
    fn a_group_is_written_as_serde_writes_it() {
        for answer in [sample::total(), sample::groups()] {
            answer.groups.iter().chain([&answer.total, &Group::default()]).for_each(assert_as_serde);
        }
    }

    proptest! {
        #[test]
        fn any_name_and_number_is_written_as_serde_writes_it(
            name in any::<String>(),
            value in prop::option::of(any::<String>()),
            mantissa in -(1_i128 << 95)..(1_i128 << 95),
            scale in 0_u32..=28,
        ) {
            let mut answer = sample::groups();
            let number = rust_decimal::Decimal::try_from_i128_with_scale(mantissa, scale).expect("in range");
            let group = &mut answer.groups[0];
            group.by.insert(name.clone(), value);
            group.measures.insert(name.clone(), MeasureValue::Number(Number(number)));
            group.kpis.values_mut().for_each(|kpi| {
                kpi.used.push(name.clone());
                kpi.n = Some(scale.into());
                kpi.standard_error = Some(Number(number));
            });
            group.unavailable.insert(name.clone(), Missing { code: name.clone(), needs: vec![name.clone()], reason: name });
            assert_as_serde(group);
        }
    }
}
