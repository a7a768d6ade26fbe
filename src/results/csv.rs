//! CSV for scripts and spreadsheets: a row for each group and KPI, with all digits (RFC 4180).

use super::view::{missing_in, with_measures};
use super::{Page, Render, RenderError};
use crate::contract::{Compute, Group, KpiValue, Missing, Number};
use crate::kpi::Catalogue;

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

impl Render for Csv {
    fn render(&self, answer: &Compute, catalogue: &Catalogue, _: &Page) -> Result<Vec<u8>, RenderError> {
        let answer = &*with_measures(answer, catalogue);
        let mut writer = ::csv::WriterBuilder::new().terminator(::csv::Terminator::CRLF).from_writer(Vec::new());
        writer.write_record(self.header(answer))?;
        let ids = ids(answer, catalogue);
        let scopes = std::iter::once(("total", &answer.total)).chain(answer.groups.iter().map(|group| ("group", group)));
        for (scope, group) in scopes {
            for id in &ids {
                if let Some(cells) = self.cells(answer, group, id) {
                    let keys =
                        answer.by.iter().map(|name| self.text(group.by.get(name).and_then(Option::as_deref).unwrap_or("")));
                    writer.write_record(std::iter::once(scope.to_owned()).chain(keys).chain(cells))?;
                }
            }
        }
        writer.into_inner().map_err(|error| RenderError::Csv(error.into_error().into()))
    }
}

impl Csv {
    fn header(self, answer: &Compute) -> Vec<String> {
        let mut header = vec!["scope".to_owned()];
        for name in &answer.by {
            let mut name = self.text(name);
            while header.contains(&name) || COLUMNS.contains(&name.as_str()) {
                name.insert_str(0, "by_");
            }
            header.push(name);
        }
        header.extend(COLUMNS.map(str::to_owned));
        header
    }

    /// The KPI's cells in the group; `None` when nothing is known of it there.
    fn cells(self, answer: &Compute, group: &Group, id: &str) -> Option<Vec<String>> {
        if let Some(value) = group.kpis.get(id) {
            return Some(self.value_cells(id, value));
        }
        missing_in(answer, group, id).map(|why| self.missing_cells(id, why))
    }

    fn value_cells(self, id: &str, value: &KpiValue) -> Vec<String> {
        let digits = |number: Option<Number>| number.map_or_else(String::new, |number| number.to_string());
        vec![
            self.text(id),
            value.value.to_string(),
            self.text(&value.unit),
            digits(value.numerator),
            digits(value.denominator),
            digits(value.low),
            digits(value.high),
            digits(value.mean),
            digits(value.p90),
            value.n.map_or_else(String::new, |n| n.to_string()),
            "ok".to_owned(),
            String::new(),
        ]
    }

    fn missing_cells(self, id: &str, why: &Missing) -> Vec<String> {
        let mut cells = vec![String::new(); COLUMNS.len()];
        if let [kpi, .., status, reason] = cells.as_mut_slice() {
            *kpi = self.text(id);
            *status = self.text(&why.code);
            *reason = self.text(&why.reason);
        }
        cells
    }

    fn text(self, text: &str) -> String {
        if self.raw { text.to_owned() } else { guarded(text) }
    }
}

/// KPIs of the answer in the catalogue's order, then those that it does not know.
fn ids<'a>(answer: &'a Compute, catalogue: &Catalogue) -> Vec<&'a str> {
    super::view::in_order(
        catalogue,
        std::iter::once(&answer.total)
            .chain(&answer.groups)
            .flat_map(|group| group.kpis.keys().chain(group.unavailable.keys()).map(String::as_str)),
    )
}

/// A text that no spreadsheet runs and no terminal obeys. The full-width signs are read as
/// formulas by East Asian editions of Excel (CWE-1236).
pub(super) fn guarded(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    if text.starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠']) {
        out.push('\'');
    }
    for c in text.chars() {
        if c.is_control() && !matches!(c, '\t' | '\r' | '\n') {
            out.extend(c.escape_unicode());
        } else {
            out.push(c);
        }
    }
    out
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
        let ids = ids(&answer, &sample::catalogue());
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
