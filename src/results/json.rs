//! JSON: the contract as it is, indented by two blanks.

use std::fmt::Write as _;

use serde_json::{Map, Value};

use super::json_text::JsonText;
use super::{ByGroup, Page, Render, RenderError};
use crate::contract::{Compute, GroupView};
use crate::kpi::Catalogue;

/// Writes one JSON document.
#[derive(Clone, Copy, Debug)]
pub struct Json;

impl Render for Json {
    fn render(&self, answer: &Compute, _: &Catalogue, _: &Page) -> Result<Vec<u8>, RenderError> {
        document(answer)
    }
}

/// An answer as one document, cut where its groups stand.
#[derive(Clone, Debug)]
pub struct JsonByGroup {
    before: String,
    after: String,
    has_groups: bool,
}

/// The last member before the groups.
const BEFORE_GROUPS: &str = "total";

impl Json {
    /// The answer, its groups one after the other; `has_groups` says whether there will be any.
    ///
    /// # Errors
    /// It cannot be serialised.
    pub fn by_group(self, answer: &Compute, has_groups: bool) -> Result<JsonByGroup, RenderError> {
        let (mut before, mut after) = (Map::new(), Map::new());
        if let Value::Object(members) = serde_json::to_value(answer.without_groups())? {
            for (name, value) in members {
                let is_before = !before.contains_key(BEFORE_GROUPS);
                if is_before { &mut before } else { &mut after }.insert(name, value);
            }
        }
        let inside = |members: Map<String, Value>| -> Result<String, RenderError> {
            let text = visible(&serde_json::to_string_pretty(&members)?);
            Ok(text.trim_start_matches('{').trim_end_matches('}').trim_end().to_owned())
        };
        Ok(JsonByGroup { before: inside(before)?, after: inside(after)?, has_groups })
    }
}

impl ByGroup for JsonByGroup {
    fn begin(&self, out: &mut Vec<u8>) -> Result<(), RenderError> {
        out.push(b'{');
        out.extend_from_slice(self.before.as_bytes());
        if self.has_groups {
            out.extend_from_slice(b",\n  \"groups\": [");
        }
        Ok(())
    }

    fn group(&self, group: &impl GroupView, is_first: bool, out: &mut Vec<u8>) -> Result<(), RenderError> {
        out.extend_from_slice(if is_first { b"\n    " } else { b",\n    " });
        JsonText::indented(out, 2).object(|json| json.group(group));
        Ok(())
    }

    fn end(&self, out: &mut Vec<u8>) -> Result<(), RenderError> {
        if self.has_groups {
            out.extend_from_slice(b"\n  ]");
        }
        // There are always warnings, if none to tell.
        out.push(b',');
        out.extend_from_slice(self.after.as_bytes());
        out.extend_from_slice(b"\n}\n");
        Ok(())
    }
}

/// Any document of the contract, indented, with a line end.
pub(super) fn document<T: serde::Serialize>(value: &T) -> Result<Vec<u8>, RenderError> {
    let mut text = visible(&serde_json::to_string_pretty(value)?);
    text.push('\n');
    Ok(text.into_bytes())
}

/// The same JSON with everything escaped that could act on a terminal. serde escapes the C0
/// controls; DEL, the C1 controls and the marks that reorder text can only stand inside strings,
/// where `\u` escapes mean the same.
pub(super) fn visible(json: &str) -> String {
    let mut out = String::with_capacity(json.len());
    for c in json.chars() {
        if acts(c) {
            let _ = write!(out, "\\u{:04x}", u32::from(c));
        } else {
            out.push(c);
        }
    }
    out
}

/// Whether the character could act on a terminal, the C0 controls aside.
pub(super) fn acts(c: char) -> bool {
    matches!(c, '\u{7F}'..='\u{9F}' | '\u{200E}' | '\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2066}'..='\u{2069}' | '\u{61C}')
}

#[cfg(test)]
mod tests {
    use super::super::sample;
    use super::*;
    use crate::contract::Number;
    use proptest::prelude::*;

    #[test]
    fn the_document_reads_back_as_the_same_answer() {
        for answer in [sample::total(), sample::groups()] {
            let bytes = Json.render(&answer, &sample::catalogue(), &Page::default()).expect("serialises");
            let text = String::from_utf8(bytes).expect("UTF-8");
            assert!(text.starts_with("{\n  \"schema\": \"mak.compute/1\"") && text.ends_with("}\n"));
            assert!(!text.contains(['\u{1b}', '\u{9b}', '\u{202e}']));
            assert_eq!(serde_json::from_str::<Compute>(&text).expect("reads back"), answer);
            // Through a Value too: that is how scripts and tests of the schema read it.
            let value: serde_json::Value = serde_json::from_str(&text).expect("JSON");
            assert_eq!(serde_json::from_value::<Compute>(value).expect("reads back"), answer);
        }
    }

    #[test]
    fn group_by_group_it_is_the_same_document() {
        for answer in [sample::total(), sample::groups()] {
            let by_group = Json.by_group(&answer, !answer.groups.is_empty()).expect("serialises");
            let bytes = super::super::all_groups(&by_group, &answer.groups).expect("serialises");
            assert_eq!(String::from_utf8(bytes).expect("UTF-8").as_bytes(), document(&answer).expect("serialises"));
        }
    }

    proptest! {
        #[test]
        fn numbers_keep_every_digit(mantissa in -(1_i128 << 95)..(1_i128 << 95), scale in 0_u32..=28, name in "\\PC{0,12}|\u{9b}|\u{202e}a") {
            let number = rust_decimal::Decimal::try_from_i128_with_scale(mantissa, scale).expect("in range");
            let mut answer = sample::total();
            answer.total.measures.insert(name, crate::contract::MeasureValue::Number(Number(number)));
            let bytes = document(&answer).expect("serialises");
            prop_assert_eq!(serde_json::from_slice::<Compute>(&bytes).expect("reads back"), answer);
        }
    }
}
