//! A list of records as one table: for verdicts, changes and goals.
//!
//! Where the page is wide enough each record is a line with its remark below; where it is not, each
//! is a paragraph in which every value has its heading.

use super::Page;
use super::layout::{Cell, Tone, draw, hanging, natural_widths, paint, rule, total_width};
use super::markdown::{escaped, table as markdown_table};

/// Between two facts; the first blank does not break, so that no line begins with the dot.
const DOT: &str = "\u{a0}· ";

/// A column.
#[derive(Clone, Copy, Debug)]
pub(super) struct Column {
    pub(super) heading: &'static str,
    /// Whether its numbers stand under each other.
    pub(super) right: bool,
}

/// A heading of text.
pub(super) const fn text(heading: &'static str) -> Column {
    Column { heading, right: false }
}

/// A heading of numbers.
pub(super) const fn number(heading: &'static str) -> Column {
    Column { heading, right: true }
}

/// A record: a cell a column, and a remark. Its texts are safe to print.
#[derive(Clone, Debug)]
pub(super) struct Record {
    pub(super) cells: Vec<String>,
    /// Tone of the first cell.
    pub(super) tone: Tone,
    pub(super) remark: Option<String>,
}

/// The records for a page.
pub(super) fn lines(columns: &[Column], records: &[Record], page: &Page) -> Vec<String> {
    let columns_in_use = used(columns, records);
    let cell = |(column, text): (&Column, &String), tone: Tone| {
        let cell = if column.right { Cell::right(text) } else { Cell::left(text) };
        cell.in_tone(tone)
    };
    let mut rows: Vec<Vec<Cell>> = vec![
        columns_in_use
            .iter()
            .filter_map(|i| columns.get(*i))
            .map(|column| cell((column, &column.heading.to_owned()), Tone::Faint))
            .collect(),
    ];
    for record in records {
        let chosen = columns_in_use.iter().filter_map(|i| Some((*i, columns.get(*i)?, record.cells.get(*i)?)));
        rows.push(chosen.map(|(i, column, text)| cell((column, text), if i == 0 { record.tone } else { Tone::Plain })).collect());
    }
    let widths = natural_widths(&rows);
    if total_width(&widths) > page.width {
        return records.iter().flat_map(|record| paragraph(columns, record, page)).collect();
    }
    let mut drawn = draw(&rows, &widths, page.color).into_iter();
    let mut out: Vec<String> = drawn.next().into_iter().collect();
    out.push(rule(total_width(&widths), page.color));
    for (line, record) in drawn.zip(records) {
        out.push(line);
        out.extend(remark(record, "    ", page));
    }
    out
}

/// Columns in which any record has something.
fn used(columns: &[Column], records: &[Record]) -> Vec<usize> {
    let filled = |i: &usize| records.iter().any(|record| record.cells.get(*i).is_some_and(|cell| !cell.is_empty()));
    (0..columns.len()).filter(filled).collect()
}

fn paragraph(columns: &[Column], record: &Record, page: &Page) -> Vec<String> {
    let (lead, rest) = record.cells.split_at(record.cells.len().min(2));
    let label = lead.first().map_or("", String::as_str);
    let indent = format!("{label} ");
    let mut out = hanging(&indent, lead.get(1).map_or("", String::as_str), page.width);
    if let Some(first) = out.first_mut() {
        let after = first.get(label.len()..).unwrap_or_default().to_owned();
        *first = format!("{}{after}", paint(label, record.tone, page.color));
    }
    let facts: Vec<String> = columns
        .iter()
        .skip(lead.len())
        .zip(rest)
        .filter(|(_, text)| !text.is_empty())
        .map(|(column, text)| format!("{} {text}", column.heading.to_lowercase()))
        .collect();
    if !facts.is_empty() {
        out.extend(hanging("    ", &facts.join(DOT), page.width));
    }
    out.extend(remark(record, "    ", page));
    out
}

fn remark(record: &Record, indent: &str, page: &Page) -> Vec<String> {
    let lines = record.remark.iter().flat_map(|remark| hanging(indent, remark, page.width));
    lines.map(|line| paint(&line, Tone::Faint, page.color)).collect()
}

/// The records as a table of Markdown, with remarks in a last column.
pub(super) fn markdown(columns: &[Column], records: &[Record]) -> String {
    let chosen = used(columns, records);
    let with_remarks = records.iter().any(|record| record.remark.is_some());
    let mut header: Vec<String> = chosen.iter().filter_map(|i| columns.get(*i)).map(|column| escaped(column.heading)).collect();
    let mut right: Vec<bool> = chosen.iter().filter_map(|i| columns.get(*i)).map(|column| column.right).collect();
    if with_remarks {
        header.push(String::new());
        right.push(false);
    }
    let rows: Vec<Vec<String>> = records
        .iter()
        .map(|record| {
            let cells = chosen.iter().map(|i| escaped(record.cells.get(*i).map_or("", String::as_str)));
            let remark = with_remarks.then(|| escaped(record.remark.as_deref().unwrap_or("")));
            cells.chain(remark).collect()
        })
        .collect();
    markdown_table(&header, &right, &rows)
}
