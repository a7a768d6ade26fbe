//! Where the table of a file begins.
//!
//! **Owns** the rule: the header is the first row from which on every row has the same number of
//! cells and whose cells are names, all different. What stands before it must look like a
//! preamble: at most half as wide.
//!
//! **Does not know** any platform, and takes no row for a header because it has a known word.

use std::collections::BTreeMap;

use super::shape::{Kind, kind};
use crate::finding::{Code, Finding, Place};
use crate::ingest::header::normal;
use crate::ingest::record::Record;

/// Where the header stands, and how wide the table is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Found {
    /// Number of the record, counted from 0.
    pub(super) index: usize,
    /// Cells of every row.
    pub(super) width: usize,
    /// Columns with a name; the others are blank on every row looked at.
    pub(super) named: usize,
}

/// Whether nothing stands on the line. In a table of one column it is a row with a blank cell.
pub(super) fn is_blank_line(record: &Record, width: usize) -> bool {
    width > 1 && record.len() <= 1 && record.is_blank()
}

/// The number of cells that most of the rows have; of two the one that comes first.
pub(super) fn usual_width(rows: &[Record]) -> Option<usize> {
    let mut widths: BTreeMap<usize, (u64, std::cmp::Reverse<usize>)> = BTreeMap::new();
    for (index, row) in rows.iter().enumerate().filter(|(_, row)| !row.is_empty()) {
        let entry = widths.entry(row.len()).or_insert((0, std::cmp::Reverse(index)));
        entry.0 = entry.0.saturating_add(1);
    }
    widths.into_iter().max_by_key(|(_, counted)| *counted).map(|(width, _)| width)
}

/// Finds the header among the first rows.
///
/// # Errors
/// No row can be one, or what stands before it may be data.
pub(super) fn find(rows: &[Record], place: &Place) -> Result<Found, Finding> {
    let Some(width) = usual_width(rows) else {
        return Err(Finding::new(Code::EmptyFile, place.clone().at_line(1), "the file has only blank lines"));
    };
    let candidates = rows.iter().enumerate().filter(|(_, row)| row.len() == width);
    let found = candidates.clone().find_map(|(index, row)| {
        let named = names(row)?;
        let rest_is_blank =
            rows.iter().skip(index.saturating_add(1)).filter(|row| row.len() == width).all(|row| is_blank_from(row, named));
        rest_is_blank.then_some(Found { index, width, named })
    });
    let Some(found) = found else { return Err(no_header(rows, width, place)) };
    let before = rows.get(..found.index).unwrap_or_default();
    match before.iter().find(|row| !is_preamble(row, width)) {
        None => Ok(found),
        Some(row) => Err(doubtful_preamble(row, rows.get(found.index), width, place)),
    }
}

/// How many of the first cells are names, where all are different and what follows is blank.
fn names(row: &Record) -> Option<usize> {
    let cells: Vec<&str> = row.iter().map(str::trim).collect();
    let named = cells.iter().rposition(|cell| !cell.is_empty())?.saturating_add(1);
    let named_cells = cells.get(..named)?;
    let kinds: Vec<Kind> = named_cells.iter().map(|cell| kind(cell)).collect();
    let all_names = kinds.iter().all(|kind| matches!(kind, Kind::Text | Kind::Sign)) && kinds.contains(&Kind::Text);
    (all_names && repeated(named_cells).is_none()).then_some(named)
}

/// Positions of the first two names that are the same.
fn repeated(cells: &[&str]) -> Option<(usize, usize)> {
    let mut seen = BTreeMap::new();
    cells.iter().enumerate().find_map(|(index, cell)| seen.insert(normal(cell), index).map(|first| (first, index)))
}

/// Whether the cells from that one on are blank.
pub(super) fn is_blank_from(row: &Record, named: usize) -> bool {
    row.iter().skip(named).all(|cell| cell.trim().is_empty())
}

/// Whether a row is narrow enough to be a remark above the table.
pub(super) fn is_preamble(row: &Record, width: usize) -> bool {
    let filled = row.iter().filter(|cell| !cell.trim().is_empty()).count();
    filled.saturating_mul(2) <= width.max(2)
}

fn doubtful_preamble(row: &Record, header: Option<&Record>, width: usize, place: &Place) -> Finding {
    let line = header.map_or(0, Record::line);
    if row.len() == width {
        let message = format!("line {line} could be the header, but the row here is as full as data");
        return Finding::new(Code::NoHeader, place.clone().at_line(row.line()), message)
            .saw(shown(row))
            .help("if the file has no header, give --no-header");
    }
    let message = format!("{} cells stand before the header on line {line}, whose table has {width}", row.len());
    Finding::new(Code::RaggedRow, place.clone().at_line(row.line()), message)
        .saw(shown(row))
        .expected(format!("{width} cells, or a remark above the table"))
}

/// Why no row is the header, at the row that comes nearest.
fn no_header(rows: &[Record], width: usize, place: &Place) -> Finding {
    let first = rows.iter().find(|row| !row.is_empty());
    let narrower = first.filter(|row| row.len() != width && names(row).is_some() && !is_preamble(row, width));
    if let Some(row) = narrower {
        let message = format!("the header has {} names, but the rows have {width} cells", row.len());
        return Finding::new(Code::RaggedRow, place.clone().at_line(row.line()), message)
            .saw(shown(row))
            .expected(format!("{width} names"));
    }
    let Some(row) = rows.iter().find(|row| row.len() == width && !row.is_blank()) else {
        return Finding::new(Code::EmptyFile, place.clone().at_line(1), "the file has only blank cells");
    };
    let place = place.clone().at_line(row.line());
    let cells: Vec<&str> = row.iter().collect();
    let names_alone = cells.iter().all(|cell| kind(cell) != Kind::Value);
    if names_alone && let Some(column) = cells.iter().position(|cell| cell.trim().is_empty()) {
        let message = format!("column {} of the header has no name", column.saturating_add(1));
        return Finding::new(Code::NoHeader, place.in_column(column, ""), message).saw(shown(row)).help("--repair gives it one");
    }
    if names_alone && let Some((first, second)) = repeated(&cells) {
        let name = cells.get(second).copied().unwrap_or_default();
        let message = format!("columns {} and {} have the same name", first.saturating_add(1), second.saturating_add(1));
        return Finding::new(Code::DuplicateColumn, place.in_column(second, name), message).help("--repair numbers them");
    }
    Finding::new(Code::NoHeader, place, "no row has the names of columns: each a text, and all different")
        .saw(shown(row))
        .help("if the file has no header, give --no-header")
}

/// A row as it is shown in a finding.
pub(super) fn shown(row: &Record) -> String {
    row.iter().collect::<Vec<_>>().join(",")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(text: &str) -> Vec<Record> {
        let lines = text.lines().zip(1..);
        let row = |(line, number): (&str, u64)| {
            let mut record = Record::at(number);
            if !line.is_empty() {
                line.split(',').for_each(|cell| record.push(cell));
            }
            record
        };
        lines.map(row).collect()
    }

    fn found(text: &str) -> Result<(u64, usize), (Code, Option<u64>)> {
        let rows = rows(text);
        find(&rows, &Place::file("f.csv"))
            .map(|found| (rows[found.index].line(), found.named))
            .map_err(|finding| (finding.code(), finding.parts().place.line))
    }

    #[test]
    fn the_header_is_the_first_row_of_names_of_the_usual_width() {
        assert_eq!(found("Name,Clicks\nA,1\nB,2\n"), Ok((1, 2)));
        assert_eq!(found("Report of May\n\nName,Clicks,Cost\nA,1,2\nB,2,3\n"), Ok((3, 3)));
        assert_eq!(found("Report,,\n,,\nName,Clicks,Cost\nA,1,2\n"), Ok((3, 3)));
        assert_eq!(found("Name\nA\n"), Ok((1, 1)));
    }

    #[test]
    fn a_last_column_without_a_name_is_none_where_it_is_blank_throughout() {
        assert_eq!(found("Name,Clicks,\nA,1,\n"), Ok((1, 2)));
        assert_eq!(found("Name,Clicks,\nA,1,2\n"), Err((Code::NoHeader, Some(1))));
    }

    #[test]
    fn in_doubt_there_is_no_header() {
        assert_eq!(found("A,1\nB,2\n"), Err((Code::NoHeader, Some(1))));
        assert_eq!(found("Name,Name\nA,1\nB,2\n"), Err((Code::DuplicateColumn, Some(1))));
        assert_eq!(found("Name,,Cost\nA,1,2\n"), Err((Code::NoHeader, Some(1))));
        // A name is missing, and the last column is blank: which one cannot be told.
        assert_eq!(found("Name,Cost\nA,1,\nB,2,\n"), Err((Code::RaggedRow, Some(1))));
        // The only row of texts is in the middle of the data.
        assert_eq!(found("A,1,x\nB,two,y\nC,3,z\n"), Err((Code::NoHeader, Some(1))));
        assert_eq!(found("\n\n"), Err((Code::EmptyFile, Some(1))));
    }
}
