//! What stands below the numbers: what could not be computed, what was read, what to look at.

use std::collections::BTreeMap;

use super::super::Page;
use super::super::layout::{Cell, Tone, cut_middle, draw, entry, hanging, natural_widths, paint, total_width, width};
use super::super::view::{
    Reason, dates_text, file_text, left_out_text, measure_text, message_text, origin_text, place_text, reasons, rows_text,
    taken_for,
};
use crate::contract::{Compute, Input, Warning};
use crate::finding::escape;
use crate::kpi::Catalogue;

/// Reasons, KPIs a reason, files and findings that are listed unless all are asked for.
const REASONS: usize = 5;
const KPIS: usize = 6;
const FILES: usize = 20;
const WARNINGS: usize = 10;
const NOTES: usize = 5;

/// Between two facts; the first blank does not break, so that no line begins with the dot.
const DOT: &str = "\u{a0}· ";

/// Columns below which a file's name is not cut any further.
const FILE: usize = 16;

pub(super) fn not_computed(answer: &Compute, catalogue: &Catalogue, page: &Page) -> Vec<String> {
    let reasons = reasons(answer, catalogue);
    let failed: usize = reasons.iter().map(|reason| reason.kpis.len()).sum();
    if failed == 0 {
        return Vec::new();
    }
    let mut out = vec![title(&format!("Not computed ({failed})"), page)];
    let shown = if page.verbose { reasons.len() } else { reasons.len().min(REASONS) };
    let (listed, others) = reasons.split_at(shown);
    for reason in listed {
        out.extend(entry(&reason_text(reason, page), page.width));
    }
    let more: usize = others.iter().map(|reason| reason.kpis.len()).sum();
    if more > 0 {
        out.extend(hanging("  ", &format!("and {more} more; --verbose lists them"), page.width));
    }
    out.iter().enumerate().map(|(i, line)| if i == 0 { line.clone() } else { paint(line, Tone::Faint, page.color) }).collect()
}

fn reason_text(reason: &Reason, page: &Page) -> String {
    let shown = if page.verbose { reason.kpis.len() } else { reason.kpis.len().min(KPIS) };
    let (listed, others) = reason.kpis.split_at(shown);
    let more = if others.is_empty() { String::new() } else { format!(", +{}", others.len()) };
    format!("{}{more} — {}", listed.join(", "), reason.text)
}

pub(super) fn unallocated(answer: &Compute, catalogue: &Catalogue, page: &Page) -> Vec<String> {
    if answer.unallocated.is_empty() {
        return Vec::new();
    }
    let mut out = vec![title("In the total, in no group", page)];
    for source in &answer.unallocated {
        let lacks: Vec<String> = source.lacks.iter().map(|name| escape(name)).collect();
        let currency = answer.currency.as_deref();
        let measures: Vec<String> = source
            .measures
            .iter()
            .map(|(id, value)| format!("{} {}", escape(id), measure_text(catalogue, id, value, currency)))
            .collect();
        let text = format!("{} has no {}: {}", file_text(&source.file, None), lacks.join(", "), measures.join(", "));
        out.extend(entry(&text, page.width));
    }
    out
}

pub(super) fn inputs(answer: &Compute, catalogue: &Catalogue, page: &Page) -> Vec<String> {
    if answer.inputs.is_empty() {
        return Vec::new();
    }
    let shown = if page.verbose { answer.inputs.len() } else { answer.inputs.len().min(FILES) };
    let (listed, others) = answer.inputs.split_at(shown);
    let mut out = vec![title("Read", page)];
    for (input, lines) in listed.iter().zip(input_lines(listed, page)) {
        out.extend(lines);
        if page.verbose {
            out.extend(origins(input, answer, catalogue, page));
        }
    }
    if !others.is_empty() {
        out.push(format!("  and {} more; --verbose lists them", others.len()));
    }
    out
}

/// One line a file where the page is wide enough, a short paragraph each where it is not.
fn input_lines(inputs: &[Input], page: &Page) -> Vec<Vec<String>> {
    let room = page.width.saturating_sub(2);
    let mut rows: Vec<Vec<Cell>> = inputs.iter().map(|input| input_cells(input).into_iter().map(Cell::left).collect()).collect();
    drop_empty_columns(&mut rows);
    let mut widths = natural_widths(&rows);
    let excess = total_width(&widths).saturating_sub(room);
    if let Some(file) = widths.first_mut()
        && excess > 0
        && *file >= FILE + excess
        && stay_apart(&rows, *file - excess)
    {
        *file -= excess;
        let columns = *file;
        rows.iter_mut().filter_map(|row| row.first_mut()).for_each(|cell| cell.text = cut_middle(&cell.text, columns));
    }
    if total_width(&widths) <= room {
        return draw(&rows, &widths, page.color).into_iter().map(|line| vec![format!("  {line}")]).collect();
    }
    inputs.iter().map(|input| input_paragraph(input, page)).collect()
}

/// Whether files of different names still have different names when they are cut.
fn stay_apart(rows: &[Vec<Cell>], columns: usize) -> bool {
    let mut full: BTreeMap<String, &str> = BTreeMap::new();
    let mut names = rows.iter().filter_map(|row| row.first()).map(|cell| cell.text.as_str());
    names.all(|name| full.insert(cut_middle(name, columns), name).is_none_or(|other| other == name))
}

fn input_cells(input: &Input) -> [String; 5] {
    [file_text(&input.file, input.part.as_deref()), taken_for(input), rows_text(input), left_out_text(input), dates_text(input)]
}

fn drop_empty_columns(rows: &mut [Vec<Cell>]) {
    let columns = rows.first().map_or(0, Vec::len);
    for i in (0..columns).rev() {
        if rows.iter().all(|row| row.get(i).is_some_and(|cell| cell.text.is_empty())) {
            for row in rows.iter_mut() {
                row.remove(i);
            }
        }
    }
}

fn input_paragraph(input: &Input, page: &Page) -> Vec<String> {
    let [file, rest @ ..] = input_cells(input);
    let mut out = vec![format!("  {}", cut_middle(&file, page.width.saturating_sub(2)))];
    let rest: Vec<String> = rest.into_iter().filter(|text| !text.is_empty()).collect();
    out.extend(hanging("    ", &rest.join(DOT), page.width));
    out
}

/// The columns behind each measure of a file.
fn origins(input: &Input, answer: &Compute, catalogue: &Catalogue, page: &Page) -> Vec<String> {
    let currency = answer.currency.as_deref();
    let line = |(id, measure): (&String, &crate::contract::InputMeasure)| {
        hanging("    ", &origin_text(catalogue, id, measure, currency), page.width)
    };
    input.measures.iter().flat_map(line).map(|text| paint(&text, Tone::Faint, page.color)).collect()
}

pub(in super::super) fn findings(warnings: &[Warning], page: &Page) -> Vec<String> {
    let (notes, warnings): (Vec<&Warning>, Vec<&Warning>) = warnings.iter().partition(|warning| warning.severity == "note");
    let mut out = Vec::new();
    for (found, limit, what) in [(warnings, WARNINGS, "warnings"), (notes, NOTES, "notes")] {
        let shown = if page.verbose { found.len() } else { found.len().min(limit) };
        out.extend(found.iter().take(shown).flat_map(|warning| finding(warning, page)));
        if found.len() > shown {
            out.push(format!("and {} more {what}; --verbose lists them", found.len() - shown));
        }
    }
    out
}

/// `warning: FILE:LINE:COLUMN: what` and, below it, the help.
fn finding(warning: &Warning, page: &Page) -> Vec<String> {
    let tone = match warning.severity.as_str() {
        "note" => Tone::Faint,
        "error" => Tone::Alarm,
        _ => Tone::Caution,
    };
    let label = format!("{}: ", escape(&warning.severity));
    let place = place_text(warning);
    let place = if place.is_empty() { place } else { format!("{place}: ") };
    let text = format!("{place}{} [{}]", message_text(warning), escape(&warning.code));
    let mut lines = hanging(&label, &text, page.width);
    if let Some(first) = lines.first_mut() {
        let rest = first.get(label.len()..).unwrap_or_default().to_owned();
        *first = format!("{}{rest}", paint(&label, tone, page.color));
    }
    if let Some(help) = &warning.help {
        let indent = " ".repeat(width(&label));
        lines.extend(hanging(&format!("{indent}help: "), &escape(help), page.width));
    }
    lines
}

fn title(text: &str, page: &Page) -> String {
    paint(text, Tone::Strong, page.color)
}
