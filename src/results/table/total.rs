//! The total: a KPI a row under the headings of the catalogue.

use super::super::Page;
use super::super::layout::{Cell, GAP, Tone, cut, draw, paint, total_width, width};
use super::super::view::{arithmetic, category_of, in_order, interval_text, name_of, unit_of, value_text};
use crate::contract::Compute;
use crate::kpi::Catalogue;

/// Blanks before a KPI, under its heading.
const INDENT: usize = 2;

/// Least columns of a name before it is cut.
const NAME: usize = 8;

struct Entry {
    category: &'static str,
    name: String,
    value: String,
    /// What is shown where there is room, most wanted first.
    details: [String; 3],
}

/// Titles of the details.
const DETAILS: [&str; 3] = ["Arithmetic", "95 % interval", "Formula"];

pub(super) fn lines(answer: &Compute, catalogue: &Catalogue, page: &Page) -> Vec<String> {
    let entries = entries(answer, catalogue);
    if entries.is_empty() {
        return vec![paint("No KPI could be computed.", Tone::Strong, page.color)];
    }
    let widest = |text: &dyn Fn(&Entry) -> usize| entries.iter().map(text).max().unwrap_or(0);
    let room = page.width.saturating_sub(INDENT);
    let value = widest(&|entry| width(&entry.value)).max("Value".len()).min(room.saturating_sub(NAME + GAP));
    let name = widest(&|entry| width(&entry.name)).max("KPI".len()).min(room.saturating_sub(value + GAP));
    let details = chosen_details(&entries, room.saturating_sub(total_width(&[name, value])));

    let mut widths = vec![name, value];
    widths.extend(details.iter().map(|(_, columns)| *columns));
    let mut rows = vec![title_row(&details)];
    rows.extend(entries.iter().map(|entry| row(entry, &details)));
    let drawn = draw(&rows, &widths, page.color);

    let mut out = Vec::new();
    let mut drawn = drawn.into_iter().map(|line| format!("{}{line}", " ".repeat(INDENT)));
    out.extend(drawn.next());
    let mut heading = "";
    for (entry, line) in entries.iter().zip(drawn) {
        if entry.category != heading {
            heading = entry.category;
            out.push(paint(&cut(heading, page.width), Tone::Strong, page.color));
        }
        out.push(line);
    }
    out
}

fn entries(answer: &Compute, catalogue: &Catalogue) -> Vec<Entry> {
    let kpis = &answer.total.kpis;
    let currency = answer.currency.as_deref();
    let ids = in_order(catalogue, kpis.keys().map(String::as_str));
    let entry = |id: &str| {
        let value = kpis.get(id)?;
        let unit = unit_of(catalogue, id);
        let formula =
            catalogue.kpi(id).map(|kpi| kpi.formula.text().replace("recipients", &answer.basis)).filter(|text| text != id);
        Some(Entry {
            category: category_of(catalogue, id),
            name: name_of(catalogue, id),
            value: value_text(unit, &value.into(), currency),
            details: [
                arithmetic(unit, value, currency),
                interval_text(value),
                formula.map(|text| crate::finding::escape(&text)).unwrap_or_default(),
            ],
        })
    };
    ids.into_iter().filter_map(entry).collect()
}

/// The details that fit in `room`, each with its width. A detail is shown when three quarters of
/// its cells fit; those that do not are left out rather than cut, because half a number is a
/// wrong number.
fn chosen_details(entries: &[Entry], mut room: usize) -> Vec<(usize, usize)> {
    let mut chosen = Vec::new();
    for (detail, title) in DETAILS.iter().enumerate() {
        let available = room.saturating_sub(GAP);
        let widths: Vec<usize> =
            entries.iter().map(|entry| width(&entry.details[detail])).filter(|columns| *columns > 0).collect();
        let fitting: Vec<usize> = widths.iter().copied().filter(|columns| *columns <= available).collect();
        if !fitting.is_empty() && fitting.len() * 4 >= widths.len() * 3 && width(title) <= available {
            let columns = fitting.into_iter().max().unwrap_or(0).max(width(title));
            room = room.saturating_sub(columns + GAP);
            chosen.push((detail, columns));
        }
    }
    chosen
}

fn title_row(details: &[(usize, usize)]) -> Vec<Cell> {
    let mut row = vec![Cell::left("KPI"), Cell::right("Value")];
    row.extend(details.iter().map(|(detail, _)| detail_cell(*detail, DETAILS[*detail].to_owned())));
    row.into_iter().map(|cell| cell.in_tone(Tone::Faint)).collect()
}

fn row(entry: &Entry, details: &[(usize, usize)]) -> Vec<Cell> {
    let mut row = vec![Cell::left(&entry.name), Cell::right(&entry.value)];
    row.extend(details.iter().map(|(detail, columns)| {
        let text = &entry.details[*detail];
        detail_cell(*detail, if width(text) <= *columns { text.clone() } else { String::new() }).in_tone(Tone::Faint)
    }));
    row
}

/// Numbers to the right, the formula to the left.
fn detail_cell(detail: usize, text: String) -> Cell {
    if detail == 2 { Cell::left(text) } else { Cell::right(text) }
}
