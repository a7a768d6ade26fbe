//! The verdict of `mak check`: tables, Markdown and JSON.

use super::compare::against;
use super::layout::{Tone, hanging, paint};
use super::markdown::escaped;
use super::number::{human, interval};
use super::sheet::{Column, Record, lines, markdown, number, text};
use super::table::joined;
use super::view::{key_text, message_text, place_text, unit_of_subject};
use super::{Format, Page, RenderError, json};
use crate::contract::{CheckLine, CheckReport, CheckStatus, Estimate, Number, Warning};
use crate::finding::escape;
use crate::kpi::{Catalogue, Unit};

/// Warnings of the data that are shown unless all are asked for.
const WARNINGS: usize = 5;

/// Errors that Markdown lists; the rest is counted.
const ERRORS: usize = 50;

const COLUMNS: &[Column] =
    &[text(""), text("Rule"), number("Expected"), number("Found"), number("Interval"), number("n"), text("Owner")];

/// The verdict as bytes: table, Markdown or JSON.
///
/// # Errors
/// The format is another one, or JSON cannot be written.
pub fn check(report: &CheckReport, format: Format, catalogue: &Catalogue, page: &Page) -> Result<Vec<u8>, RenderError> {
    match format {
        Format::Table => Ok(joined(&sections(report, catalogue, page))),
        Format::Markdown => Ok(check_markdown(report, catalogue, usize::MAX).into_bytes()),
        Format::Json => json::document(report),
        Format::Ndjson | Format::Csv => Err(RenderError::NotInThisFormat { document: "check", format }),
    }
}

/// The verdict in Markdown of at most `bytes` bytes: the most urgent lines first, the rest counted.
pub(super) fn check_markdown(report: &CheckReport, catalogue: &Catalogue, bytes: usize) -> String {
    let records = records(report, catalogue);
    let whole = with_first(report, &records, records.len());
    if whole.len() <= bytes {
        return whole;
    }
    // The longest beginning that fits, by halving.
    let (mut fits, mut too_many) = (0, records.len());
    while too_many.saturating_sub(fits) > 1 {
        let half = fits.midpoint(too_many);
        if with_first(report, &records, half).len() <= bytes {
            fits = half;
        } else {
            too_many = half;
        }
    }
    let text = with_first(report, &records, fits);
    if text.len() <= bytes { text } else { String::new() }
}

fn with_first(report: &CheckReport, records: &[Record], shown: usize) -> String {
    let (shown, others) = records.split_at(shown.min(records.len()));
    let mut out = format!("**mak check: {}** – {}\n", report.outcome.word(), escaped(&counted(report)));
    if let Some(heading) = heading(report) {
        out.extend(["\n", &escaped(&heading), "\n"]);
    }
    if let Some(reason) = &report.reason {
        out.extend(["\n", &escaped(reason), "\n"]);
    }
    let errors: Vec<&Warning> = report.errors().collect();
    for error in errors.iter().take(ERRORS) {
        let place = place_text(error);
        let place = if place.is_empty() { place } else { format!("{place}: ") };
        out.extend(["\n- ", &escaped(&format!("{place}{} [{}]", message_text(error), error.code))]);
    }
    if errors.len() > ERRORS {
        out.extend(["\n- and ", &errors.len().saturating_sub(ERRORS).to_string(), " more"]);
    }
    if !errors.is_empty() {
        out.push('\n');
    }
    if !shown.is_empty() {
        out.push('\n');
        out.push_str(&markdown(COLUMNS, shown));
    }
    for note in &report.notes {
        out.extend(["\n", &escaped(note), "\n"]);
    }
    if !others.is_empty() {
        out.extend(["\n… and ", &others.len().to_string(), " more\n"]);
    }
    out
}

fn sections(report: &CheckReport, catalogue: &Catalogue, page: &Page) -> Vec<Vec<String>> {
    let page = &Page { width: page.columns(), ..*page };
    let records = records(report, catalogue);
    let table = if records.is_empty() { Vec::new() } else { lines(COLUMNS, &records, page) };
    let tone = match report.exit_code {
        0 => Tone::Strong,
        _ => Tone::Alarm,
    };
    let outcome = paint(report.outcome.word(), tone, page.color);
    let mut verdict = vec![format!("{outcome}: {}", counted(report))];
    verdict.extend(report.reason.iter().flat_map(|reason| hanging("", &escape(reason), page.width)));
    let head = heading(report).map(|text| hanging("", &text, page.width)).unwrap_or_default();
    let head = head.iter().map(|line| paint(line, Tone::Faint, page.color)).collect();
    let notes = report.notes.iter().flat_map(|note| hanging("note: ", &escape(note), page.width)).collect();
    vec![head, table, notes, warnings(&report.warnings, page), verdict]
}

/// Which period was judged against which, where it is one of several.
fn heading(report: &CheckReport) -> Option<String> {
    Some(against(report.after.as_ref()?, report.before.as_ref()?))
}

/// `1 failed, 4 passed`
pub(super) fn counted(report: &CheckReport) -> String {
    let counts = CheckStatus::ALL.iter().map(|status| (report.counts.get(*status), status.word()));
    let words: Vec<String> = counts.filter(|(count, _)| *count > 0).map(|(count, word)| format!("{count} {word}")).collect();
    if words.is_empty() { "no check".to_owned() } else { words.join(", ") }
}

/// The lines, the most urgent first.
pub(super) fn in_order(report: &CheckReport) -> Vec<&CheckLine> {
    let mut lines: Vec<&CheckLine> = report.checks.iter().collect();
    lines.sort_by_key(|line| line.status);
    lines
}

fn records(report: &CheckReport, catalogue: &Catalogue) -> Vec<Record> {
    in_order(report).into_iter().map(|line| record(report, line, catalogue)).collect()
}

fn record(report: &CheckReport, line: &CheckLine, catalogue: &Catalogue) -> Record {
    let currency = report.currency.as_deref();
    let unit = unit_of_subject(catalogue, &line.subject, &line.unit);
    let tone = match line.status {
        CheckStatus::Unanswered | CheckStatus::Failed => Tone::Alarm,
        CheckStatus::Warned => Tone::Caution,
        CheckStatus::Skipped => Tone::Faint,
        CheckStatus::Passed => Tone::Plain,
    };
    Record {
        cells: vec![
            line.status.word().to_owned(),
            title(line),
            escape(&line.expected),
            found_text(line, unit, currency),
            line.interval.as_ref().map_or_else(String::new, |interval| interval_text(line, interval, unit, currency)),
            line.n.map_or_else(String::new, |n| human(n.into(), Unit::Count, None)),
            line.owner.as_deref().map_or_else(String::new, escape),
        ],
        tone,
        remark: line.reason.as_deref().map(escape),
    }
}

/// The rule and the group that it was judged in, with its name where it has one.
pub(super) fn title(line: &CheckLine) -> String {
    let name = line.name.as_ref().map_or_else(String::new, |name| format!("{}: ", escape(name)));
    let group: Vec<String> = line.by.values().map(|value| key_text(value.as_deref())).collect();
    let group = if group.is_empty() { String::new() } else { format!(" [{}]", group.join(", ")) };
    format!("{name}{}{group}", escape(&line.rule))
}

/// The value, or for a rule about a change how far it moved, and from where.
pub(super) fn found_text(line: &CheckLine, unit: Unit, currency: Option<&str>) -> String {
    let value = |number: &Option<Number>| number.map_or_else(|| "–".to_owned(), |number| human(number.0, unit, currency));
    match line.change {
        Some(change) => {
            let change = change_text(line, change, unit, currency);
            format!("{change} ({} → {})", value(&line.baseline), value(&line.found))
        }
        None => value(&line.found),
    }
}

/// A drop or rise in what the rule measures it by: percent of the baseline, points, or the unit.
fn change_text(line: &CheckLine, change: Number, unit: Unit, currency: Option<&str>) -> String {
    match line.change_in.as_deref() {
        Some("percent") => human(change.0, Unit::Percent, None),
        Some("percentage-points") => super::number::percentage_points(change.0),
        _ => human(change.0, unit, currency),
    }
}

pub(super) fn interval_text(line: &CheckLine, estimate: &Estimate, unit: Unit, currency: Option<&str>) -> String {
    let (low, high) = (estimate.low, estimate.high);
    if line.change.is_some() {
        return format!("{} to {}", change_text(line, low, unit, currency), change_text(line, high, unit, currency));
    }
    match unit {
        Unit::Share => interval(low.0, high.0),
        unit => format!("{} to {}", human(low.0, unit, currency), human(high.0, unit, currency)),
    }
}

/// Warnings of the data, the first few.
pub(super) fn warnings(warnings: &[Warning], page: &Page) -> Vec<String> {
    let worth: Vec<&Warning> = warnings.iter().filter(|warning| warning.severity != "note").collect();
    let shown = if page.verbose { worth.len() } else { worth.len().min(WARNINGS) };
    let mut out = Vec::new();
    for warning in worth.iter().take(shown) {
        let place = place_text(warning);
        let place = if place.is_empty() { place } else { format!("{place}: ") };
        let text = format!("{place}{} [{}]", message_text(warning), escape(&warning.code));
        out.extend(hanging(&format!("{}: ", escape(&warning.severity)), &text, page.width));
    }
    if worth.len() > shown {
        out.push(format!("and {} more warnings; --verbose lists them", worth.len().saturating_sub(shown)));
    }
    out
}
