//! Two results side by side, for `mak compare`.

use indexmap::IndexSet;

use super::check::warnings;
use super::layout::{Tone, hanging, paint};
use super::markdown::escaped;
use super::number::{human, percentage_points};
use super::sheet::{Column, Record, lines, markdown, number, text};
use super::table::joined;
use super::view::{key_text, name_of, unit_of_subject};
use super::{Format, Page, RenderError, json};
use crate::contract::{ChangeLine, ChangeVerdict, CompareReport, Side};
use crate::finding::escape;
use crate::kpi::{Catalogue, Unit};

const COLUMNS: &[Column] =
    &[text("KPI"), text("Verdict"), number("Before"), number("After"), number("Change"), number("In percent"), number("p")];

/// The comparison as bytes: table, Markdown or JSON.
///
/// # Errors
/// The format is another one, or JSON cannot be written.
pub fn compare(report: &CompareReport, format: Format, catalogue: &Catalogue, page: &Page) -> Result<Vec<u8>, RenderError> {
    match format {
        Format::Table => Ok(joined(&sections(report, catalogue, page))),
        Format::Markdown => {
            let mut out = format!("{}\n\n", escaped(&heading(report)));
            out.push_str(&markdown(COLUMNS, &records(report, catalogue, true)));
            for note in report.notes.iter().cloned().chain(methods(report)) {
                out.extend(["\n", &escaped(&note), "\n"]);
            }
            Ok(out.into_bytes())
        }
        Format::Json => json::document(report),
        Format::Ndjson | Format::Csv => Err(RenderError::NotInThisFormat { document: "compare", format }),
    }
}

fn sections(report: &CompareReport, catalogue: &Catalogue, page: &Page) -> Vec<Vec<String>> {
    let page = &Page { width: page.columns(), ..*page };
    let head = hanging("", &heading(report), page.width);
    let untested = report.changes.iter().filter(|line| line.test.is_none() && line.difference.is_some()).count();
    let mut notes: Vec<String> = report.notes.iter().flat_map(|note| hanging("note: ", &escape(note), page.width)).collect();
    notes.extend(methods(report).iter().flat_map(|note| hanging("note: ", &escape(note), page.width)));
    if untested > 0 && !page.verbose {
        let text = format!("{untested} changes are not tested for chance; --verbose says why with each of them");
        notes.extend(hanging("note: ", &text, page.width));
    }
    vec![
        head.iter().map(|line| paint(line, Tone::Faint, page.color)).collect(),
        lines(COLUMNS, &records(report, catalogue, page.verbose), page),
        notes,
        warnings(&report.warnings, page),
    ]
}

/// How the p-values were worked out, each method once.
fn methods(report: &CompareReport) -> Option<String> {
    let methods: IndexSet<&str> =
        report.changes.iter().filter_map(|line| line.test.as_ref()).map(|test| test.method.as_str()).collect();
    let listed = methods.into_iter().collect::<Vec<_>>().join("; ");
    (!listed.is_empty()).then(|| format!("p is that of chance alone, by {listed}"))
}

fn heading(report: &CompareReport) -> String {
    against(&report.after, &report.before)
}

/// `2026-02 against 2026-01`
pub(super) fn against(after: &Side, before: &Side) -> String {
    format!("{} against {}", side(after), side(before))
}

fn side(side: &Side) -> String {
    let dates = match (&side.from, &side.to) {
        (Some(from), Some(to)) => format!(" ({} to {})", escape(from), escape(to)),
        _ => String::new(),
    };
    let open = if side.complete == Some(false) { ", not complete" } else { "" };
    format!("{}{dates}{open}", escape(&side.label))
}

fn records(report: &CompareReport, catalogue: &Catalogue, with_reasons: bool) -> Vec<Record> {
    report.changes.iter().map(|line| record(report, line, catalogue, with_reasons)).collect()
}

fn record(report: &CompareReport, line: &ChangeLine, catalogue: &Catalogue, with_reasons: bool) -> Record {
    let currency = report.currency.as_deref();
    let unit = unit_of_subject(catalogue, &line.kpi, &line.unit);
    let value = |number: &Option<crate::contract::Number>| number.map_or_else(|| "–".to_owned(), |n| human(n.0, unit, currency));
    let group: Vec<String> = line.by.values().map(|value| key_text(value.as_deref())).collect();
    let group = if group.is_empty() { String::new() } else { format!(" [{}]", group.join(", ")) };
    let difference = line.difference.map_or_else(String::new, |difference| match unit {
        Unit::Share | Unit::Percent => signed(percentage_points(difference.0), difference),
        unit => signed(human(difference.0, unit, currency), difference),
    });
    let unexplained = line.verdict == ChangeVerdict::Unavailable || line.relative.is_none();
    Record {
        cells: vec![
            format!("{}{group}", name_of(catalogue, &line.kpi)),
            line.verdict.words().to_owned(),
            value(&line.before),
            value(&line.after),
            difference,
            line.relative.map_or_else(String::new, |part| signed(human(part.0, Unit::Percent, None), part)),
            line.test.as_ref().map_or_else(String::new, |test| p_text(test.p_value)),
        ],
        tone: match line.verdict {
            ChangeVerdict::Worse => Tone::Alarm,
            ChangeVerdict::WithinNoise | ChangeVerdict::Unavailable | ChangeVerdict::Same => Tone::Faint,
            _ => Tone::Plain,
        },
        remark: line.reason.as_deref().filter(|_| with_reasons || unexplained).map(escape),
    }
}

/// With a plus where it is above zero.
fn signed(text: String, number: crate::contract::Number) -> String {
    let positive = !number.0.is_zero() && number.0.is_sign_positive();
    if positive && !text.starts_with('+') { format!("+{text}") } else { text }
}

/// A p-value with what is below all its digits marked.
fn p_text(p: crate::contract::Number) -> String {
    if p.0 < rust_decimal::Decimal::new(1, 4) { "< 0.0001".to_owned() } else { super::number::fixed(p.0, 4) }
}
