//! CSV for scripts and spreadsheets: a row for each group and KPI, with all digits (RFC 4180).

use std::borrow::Cow;

use super::view::{as_kpi, in_order, keys_of, measure_unit, shown_measures};
use super::{ByGroup, Page, Render, RenderError, all_groups};
use crate::contract::{Compute, GroupView, Groups, KpiRef, Missing, Number};
use crate::kpi::{Catalogue, Unit};

/// Columns after the dimensions.
const COLUMNS: [&str; 12] =
    ["kpi", "value", "unit", "numerator", "denominator", "low", "high", "mean", "p90", "n", "status", "reason"];

/// Writes tidy CSV: `scope` (`total` or `group`), the dimensions, then the KPI, or the measure that
/// was asked for.
///
/// A dimension of the name of another column is written as `by_NAME`. `status` is `ok`, or the
/// code of the reason why there is no value.
#[derive(Clone, Copy, Debug)]
pub struct Csv {
    /// Texts as they are. Otherwise a text that a spreadsheet would run as a formula gets an
    /// apostrophe in front, and control characters are made visible; numbers are never touched.
    pub raw: bool,
}

/// An answer as rows.
#[derive(Clone, Debug)]
pub struct CsvByGroup<'a> {
    format: Csv,
    answer: &'a Compute,
    /// KPIs in the catalogue's order, then measures that are shown as KPIs are, each with its unit.
    columns: Vec<(String, Option<Unit>)>,
}

impl Render for Csv {
    fn render(&self, answer: &Compute, catalogue: &Catalogue, _: &Page) -> Result<Vec<u8>, RenderError> {
        let groups = answer.groups.as_slice();
        all_groups(&self.by_group(answer, groups, catalogue), groups)
    }
}

impl Csv {
    /// The answer as rows, its groups one after the other. They are seen beforehand where it is not
    /// known without them what to show.
    pub fn by_group<'a>(self, answer: &'a Compute, groups: &(impl Groups + ?Sized), catalogue: &Catalogue) -> CsvByGroup<'a> {
        let shown = shown_measures(answer, groups);
        let total = &answer.total;
        // Every KPI is in the total, with its value or with the reason why it has none.
        let in_total = shown.iter().filter(|id| total.measures.contains_key(*id));
        let ids = total.kpis.keys().chain(in_total).chain(total.unavailable.keys()).chain(&shown);
        let column = |id: &str| (id.to_owned(), shown.iter().any(|shown| shown == id).then(|| measure_unit(catalogue, id)));
        let columns = in_order(catalogue, ids.map(String::as_str)).into_iter().map(column).collect();
        CsvByGroup { format: self, answer, columns }
    }

    fn header(self, answer: &Compute) -> Vec<String> {
        let mut header = vec!["scope".to_owned()];
        for name in &answer.by {
            let mut name = self.text(name).into_owned();
            while header.contains(&name) || COLUMNS.contains(&name.as_str()) {
                name.insert_str(0, "by_");
            }
            header.push(name);
        }
        header.extend(COLUMNS.map(str::to_owned));
        header
    }

    fn text(self, text: &str) -> Cow<'_, str> {
        if self.raw { Cow::Borrowed(text) } else { guarded(text) }
    }
}

impl ByGroup for CsvByGroup<'_> {
    fn begin(&self, out: &mut Vec<u8>) -> Result<(), RenderError> {
        let mut writer = writer(out);
        writer.write_record(self.format.header(self.answer))?;
        self.rows("total", &self.answer.total, &mut writer)?;
        Ok(writer.flush().map_err(::csv::Error::from)?)
    }

    fn group(&self, group: &impl GroupView, _: bool, out: &mut Vec<u8>) -> Result<(), RenderError> {
        let mut writer = writer(out);
        self.rows("group", group, &mut writer)?;
        Ok(writer.flush().map_err(::csv::Error::from)?)
    }

    fn end(&self, _: &mut Vec<u8>) -> Result<(), RenderError> {
        Ok(())
    }
}

type Writer<'a> = ::csv::Writer<&'a mut Vec<u8>>;

/// Room for a row, so that small groups cost little.
const ROOM: usize = 1024;

fn writer(out: &mut Vec<u8>) -> Writer<'_> {
    ::csv::WriterBuilder::new().terminator(::csv::Terminator::CRLF).buffer_capacity(ROOM).from_writer(out)
}

impl CsvByGroup<'_> {
    /// A row for each KPI of which something is known in the group.
    fn rows(&self, scope: &str, group: &impl GroupView, writer: &mut Writer<'_>) -> Result<(), RenderError> {
        for (id, unit) in &self.columns {
            let measure = || Some((group.measure(id)?, (*unit)?));
            if let Some(kpi) = group.kpi(id) {
                self.keys(scope, group, writer)?;
                self.value(id, &kpi, writer)?;
            } else if let Some((value, unit)) = measure() {
                self.keys(scope, group, writer)?;
                self.value(id, &as_kpi(unit, &value), writer)?;
            } else if let Some(why) = group.missing(id).or_else(|| self.answer.total.unavailable.get(id)) {
                self.keys(scope, group, writer)?;
                self.missing(id, why, writer)?;
            }
        }
        Ok(())
    }

    fn keys(&self, scope: &str, group: &impl GroupView, writer: &mut Writer<'_>) -> Result<(), RenderError> {
        writer.write_field(scope)?;
        for value in keys_of(self.answer, group) {
            writer.write_field(self.format.text(value.unwrap_or_default()).as_bytes())?;
        }
        Ok(())
    }

    /// The cells of [`COLUMNS`] for a value.
    fn value(&self, id: &str, kpi: &KpiRef<'_>, writer: &mut Writer<'_>) -> Result<(), RenderError> {
        writer.write_field(self.format.text(id).as_bytes())?;
        writer.write_field(kpi.value.digits().as_bytes())?;
        writer.write_field(self.format.text(kpi.unit).as_bytes())?;
        let n = kpi.n.map(|n| Number(n.into()));
        for number in [kpi.numerator, kpi.denominator, kpi.low, kpi.high, kpi.mean, kpi.p90, n] {
            match number {
                Some(number) => writer.write_field(number.digits().as_bytes())?,
                None => writer.write_field("")?,
            }
        }
        Ok(writer.write_record(["ok", ""])?)
    }

    /// The same for a reason.
    fn missing(&self, id: &str, why: &Missing, writer: &mut Writer<'_>) -> Result<(), RenderError> {
        writer.write_field(self.format.text(id).as_bytes())?;
        for _ in 0..COLUMNS.len().saturating_sub(3) {
            writer.write_field("")?;
        }
        let cells = [self.format.text(&why.code), self.format.text(&why.reason)];
        Ok(writer.write_record(cells.iter().map(|cell| cell.as_bytes()))?)
    }
}

/// A text that no spreadsheet runs and no terminal obeys. The full-width signs are read as
/// formulas by East Asian editions of Excel (CWE-1236).
pub(super) fn guarded(text: &str) -> Cow<'_, str> {
    let starts_a_formula = text.starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠']);
    let is_hidden = |c: char| c.is_control() && !matches!(c, '\t' | '\r' | '\n');
    if !starts_a_formula && !text.contains(is_hidden) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    if starts_a_formula {
        out.push('\'');
    }
    for c in text.chars() {
        if is_hidden(c) {
            out.extend(c.escape_unicode());
        } else {
            out.push(c);
        }
    }
    Cow::Owned(out)
}

#[cfg(test)]
mod tests {
    use super::super::sample;
    use super::*;
    use proptest::prelude::*;
    use rust_decimal::Decimal;

    fn rows(csv: Csv, answer: &Compute) -> Vec<std::collections::BTreeMap<String, String>> {
        let bytes = csv.render(answer, &sample::catalogue(), &Page::default()).expect("serialises");
        let mut reader = ::csv::Reader::from_reader(bytes.as_slice());
        let header = reader.headers().expect("a header").clone();
        reader
            .records()
            .map(|record| {
                header.iter().map(str::to_owned).zip(record.expect("as many cells").iter().map(str::to_owned)).collect()
            })
            .collect()
    }

    #[test]
    fn every_group_and_kpi_has_a_row_with_all_digits() {
        let answer = sample::groups();
        let rows = rows(Csv { raw: true }, &answer);
        let by_group = Csv { raw: true }.by_group(&answer, answer.groups.as_slice(), &sample::catalogue());
        let ids: Vec<&str> = by_group.columns.iter().map(|(id, _)| id.as_str()).collect();
        assert_eq!(rows.len(), ids.len() * (1 + answer.groups.len()));
        for (i, group) in std::iter::once(&answer.total).chain(&answer.groups).enumerate() {
            for (j, id) in ids.iter().enumerate() {
                let row = &rows[i * ids.len() + j];
                assert_eq!(row["kpi"], *id);
                assert_eq!(row["scope"], if i == 0 { "total" } else { "group" });
                match group.kpis.get(*id) {
                    Some(value) => {
                        assert_eq!(row["value"].parse::<Decimal>().expect("a number"), value.value.0);
                        assert_eq!(row["numerator"].is_empty(), value.numerator.is_none());
                        assert_eq!(row["status"], "ok");
                    }
                    None => assert!(row["value"].is_empty() && !row["reason"].is_empty() && row["status"] != "ok"),
                }
                for (name, value) in &group.by {
                    assert_eq!(row[name], value.clone().unwrap_or_default());
                }
            }
        }
    }

    #[test]
    fn lines_end_as_the_standard_says_and_text_is_guarded() {
        let bytes = Csv { raw: false }.render(&sample::groups(), &sample::catalogue(), &Page::default()).expect("serialises");
        let text = String::from_utf8(bytes).expect("UTF-8");
        assert!(text.starts_with("scope,channel,kpi,value,unit,numerator,denominator,low,high,mean,p90,n,status,reason\r\n"));
        assert!(text.contains(",\"'=HYPERLINK(\"\"http://x\"\",\"\"y\"\")\","), "{text}");
        assert!(text.contains(",-1234.5,"), "numbers stay numbers");
        assert!(!text.contains('\u{1b}'));
    }

    #[test]
    fn a_dimension_may_have_the_name_of_a_column() {
        let mut answer = sample::total();
        answer.by = vec!["status".into(), "by_status".into(), "scope".into()];
        let csv = Csv { raw: false };
        assert_eq!(csv.header(&answer)[..4], ["scope", "by_status", "by_by_status", "by_scope"]);
    }

    proptest! {
        #[test]
        fn raw_reads_back_as_it_was_and_guarded_is_never_a_formula(name in any::<String>()) {
            let mut answer = sample::groups();
            answer.groups.truncate(1);
            answer.groups[0].by.insert("channel".into(), Some(name.clone()));
            let raw = rows(Csv { raw: true }, &answer);
            prop_assert_eq!(&raw.last().expect("rows")["channel"], &name);
            let guarded = rows(Csv { raw: false }, &answer);
            prop_assert!(!guarded.last().expect("rows")["channel"].starts_with(['=', '+', '-', '@', '\t', '\r']));
        }
    }
}
