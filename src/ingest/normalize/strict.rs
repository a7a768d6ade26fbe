//! The strict reading: every row has as many cells as the header has names, or the file is
//! refused.
//!
//! **Owns** what is doubtful about a table although each of its lines can be read.
//!
//! **Does not know** how any of it could be repaired.

use super::header::{self, Found};
use super::shape::{Kind, ValueColumns, kind};
use super::{Body, Names, Normalized, Options, changed};
use crate::finding::{Code, Finding, Place};
use crate::ingest::header::normal;
use crate::ingest::layout::HEAD;
use crate::ingest::record::{Record, Records};
use crate::ingest::sheet::{Format, sheets};
use crate::ingest::source::Source;
use crate::ingest::table::Table;

/// Most doubts that are listed of one file.
const MOST_DOUBTS: usize = 20;

/// Most blank lines that are listed of one file; the rest is counted.
const MOST_BLANK_LINES: usize = 20;

/// Columns of values in which a later row must have words to look like another header.
const NAMES_AMONG_DATA: usize = 2;

/// Reads the file to its end.
///
/// # Errors
/// Every doubt, up to [`MOST_DOUBTS`].
pub(super) fn read(source: &Source, options: &Options) -> Result<Normalized, Vec<Finding>> {
    let table = the_table(source, options).map_err(|finding| vec![finding])?;
    let place = table.place();
    let mut records = table.records().map_err(|finding| vec![finding])?;
    let mut doubts = Vec::new();
    let head = head(&mut *records, &mut doubts).map_err(|finding| vec![finding])?;
    let found = if options.no_header { headless(&head, &place) } else { header::find(&head, &place).map(Some) };
    let (found, width) = match found {
        Ok(Some(found)) => (Some(found), found.width),
        Ok(None) => (None, header::usual_width(&head).unwrap_or(1)),
        Err(finding) => {
            doubts.push(finding);
            return Err(doubts);
        }
    };
    let named = found.map_or(width, |found| found.named);
    let skip = found.map_or(0, |found| found.index.saturating_add(1));
    let mut check = Check {
        place: place.clone(),
        names: found.and_then(|found| head.get(found.index)).cloned(),
        width,
        named,
        first: None,
        below_first: ValueColumns::default(),
        so_far: ValueColumns::default(),
        rows: 0,
        blank_lines: Vec::new(),
        blank: 0,
        doubts,
    };
    check.all(head.iter().skip(skip), &mut *records);
    if table.sheet().format() == Format::Delimited && width == 1 && options.overrides.delimiter.is_none() {
        one_column_doubt(&table, &place).map_err(|finding| vec![finding])?.into_iter().for_each(|doubt| check.doubts.push(doubt));
    }
    let check = check.finish()?;
    let mut findings = table.sheet().notes().to_vec();
    findings.extend(left_out(&head, found, &check, &place));
    findings.extend(records.unended_line().map(|line| {
        Finding::new(Code::TruncatedLine, place.clone().at_line(line), "the last line has no line end; its cells are all there")
    }));
    let header = check.names.as_ref().map(|names| Names {
        line: names.line(),
        names: names.iter().take(named).map(|name| name.trim_start_matches('\u{FEFF}').to_owned()).collect(),
    });
    let told = table.sheet().told();
    Ok(Normalized {
        place,
        header,
        columns: named,
        rows: check.rows,
        findings,
        told,
        body: Body::Streamed { table, skip, width },
    })
}

/// The one table of the file, or the one that was named.
fn the_table(source: &Source, options: &Options) -> Result<Table, Finding> {
    let mut tables = Vec::new();
    for sheet in sheets(source, &options.overrides)? {
        let mut head = Vec::new();
        let mut records = sheet.records()?;
        let mut record = Record::default();
        // A fault is found again, and reported, when the whole is read.
        while head.len() < HEAD && records.read(&mut record).is_ok_and(|more| more) {
            head.push(record.clone());
        }
        tables.extend(Table::of(crate::ingest::profile::ALL, &sheet, &head)?);
    }
    let parts: Vec<String> = tables.iter().filter_map(|table| table.part().map(ToString::to_string)).collect();
    if let Some(wanted) = &options.part {
        let found = tables.into_iter().find(|table| table.part().is_some_and(|part| **part == **wanted));
        return found.ok_or_else(|| {
            let message = format!("the file has no part \"{wanted}\"");
            Finding::new(Code::UnknownName, source.place().at_line(1), message).expected(quoted(&parts))
        });
    }
    let several = tables.len();
    let mut tables = tables.into_iter();
    let Some(first) = tables.next() else { return Err(changed(&source.place())) };
    if let Some(second) = tables.next() {
        let message = format!("the file has {several} tables, and one can be written");
        return Err(Finding::new(Code::SecondTable, second.place().at_line(1), message)
            .help(format!("name one with --part: {}", quoted(&parts))));
    }
    Ok(first)
}

fn quoted(names: &[String]) -> String {
    names.iter().map(|name| format!("\"{name}\"")).collect::<Vec<_>>().join(", ")
}

/// The first records. A cell that the reader has doubts about is listed with the others.
fn head(records: &mut dyn Records, doubts: &mut Vec<Finding>) -> Result<Vec<Record>, Finding> {
    let mut head = Vec::new();
    let mut record = Record::default();
    while head.len() < HEAD && records.read(&mut record)? {
        doubts.extend(records.doubt().cloned());
        head.push(record.clone());
    }
    Ok(head)
}

/// A table whose first row is data already.
fn headless(head: &[Record], place: &Place) -> Result<Option<Found>, Finding> {
    if head.is_empty() {
        return Err(Finding::new(Code::EmptyFile, place.clone().at_line(1), "the file has no row"));
    }
    Ok(None)
}

/// The rows below the header, one after the other.
struct Check {
    place: Place,
    /// The header; none where the first row is data.
    names: Option<Record>,
    width: usize,
    named: usize,
    /// The first row, which may be a second line of the header: that shows further down.
    first: Option<Record>,
    /// What the rows below the first hold.
    below_first: ValueColumns,
    /// What all rows so far hold.
    so_far: ValueColumns,
    rows: u64,
    /// The first of them.
    blank_lines: Vec<u64>,
    blank: u64,
    doubts: Vec<Finding>,
}

impl Check {
    fn all<'a>(&mut self, head: impl Iterator<Item = &'a Record>, records: &mut dyn Records) {
        for record in head {
            self.row(record);
        }
        let mut record = Record::default();
        while self.doubts.len() < MOST_DOUBTS {
            match records.read(&mut record) {
                Ok(true) => {
                    self.doubts.extend(records.doubt().cloned());
                    self.row(&record);
                }
                Ok(false) => return,
                Err(finding) => return self.doubts.push(finding),
            }
        }
    }

    fn row(&mut self, record: &Record) {
        if header::is_blank_line(record, self.width) {
            self.blank = self.blank.saturating_add(1);
            if self.blank_lines.len() < MOST_BLANK_LINES {
                self.blank_lines.push(record.line());
            }
            return;
        }
        self.rows = self.rows.saturating_add(1);
        let blank_cell = self.width == 1 && record.is_empty();
        if let Some(doubt) = self.doubt(record).filter(|_| !blank_cell) {
            self.doubts.push(doubt);
        }
        if self.first.is_none() {
            self.first = Some(record.clone());
        } else {
            self.below_first.learn(record);
        }
        self.so_far.learn(record);
    }

    fn doubt(&self, record: &Record) -> Option<Finding> {
        let place = self.place.clone().at_line(record.line());
        if self.repeats_the_header(record) {
            return Some(Finding::new(Code::SecondTable, place, "the header is repeated here").saw(header::shown(record)));
        }
        if record.len() != self.width {
            let finding = if self.so_far.looks_like_names(record, NAMES_AMONG_DATA) {
                Finding::new(Code::SecondTable, place, "another table begins here")
            } else {
                Finding::new(Code::RaggedRow, place, format!("the row has {} cells", record.len()))
            };
            return Some(finding.saw(header::shown(record)).expected(format!("{} cells, as the other rows have", self.width)));
        }
        if !header::is_blank_from(record, self.named) {
            let message = "a cell stands in a column that has no name";
            return Some(Finding::new(Code::RaggedRow, place, message).saw(header::shown(record)));
        }
        if self.names.is_some() && self.so_far.looks_like_names(record, NAMES_AMONG_DATA) {
            let message = "this row looks like the header of another table: it has words where the rows above have values";
            return Some(Finding::new(Code::SecondTable, place, message).saw(header::shown(record)));
        }
        None
    }

    fn repeats_the_header(&self, record: &Record) -> bool {
        // A table of one column may well hold its own name.
        self.width > 1
            && self.names.as_ref().is_some_and(|names| {
                names.len() == record.len() && names.iter().zip(record.iter()).all(|(name, cell)| normal(name) == normal(cell))
            })
    }

    /// The check, once every row was seen.
    fn finish(mut self) -> Result<Check, Vec<Finding>> {
        if let (Some(_), Some(first)) = (&self.names, &self.first)
            && self.below_first.looks_like_names(first, 1)
            && first.iter().all(|cell| kind(cell) != Kind::Value)
            && !self.repeats_the_header(first)
        {
            let message = "this may be a second line of the header: it has words where the rows below have values";
            let place = self.place.clone().at_line(first.line());
            self.doubts.push(Finding::new(Code::NoHeader, place, message).saw(header::shown(first)));
        }
        if self.doubts.is_empty() { Ok(self) } else { Err(self.doubts) }
    }
}

/// A text of one column in which a separator stands may be a table whose separator was not told.
fn one_column_doubt(table: &Table, place: &Place) -> Result<Option<Finding>, Finding> {
    let mut records = table.records()?;
    let mut record = Record::default();
    let mut words: Option<usize> = None;
    let mut lines = 0_u64;
    let mut alike = true;
    // What cannot be read was reported by the reading before.
    while records.read(&mut record).is_ok_and(|more| more) {
        let cell = record.get(0).unwrap_or_default();
        if let Some(separator) = cell.chars().find(|c| matches!(c, ',' | ';' | '\t' | '|' | '"')) {
            let message = format!("the file was read as one column, but {separator} stands in it");
            return Ok(Some(separator_doubt(message, &record, place)));
        }
        let count = cell.split(' ').count();
        alike &= *words.get_or_insert(count) == count && count > 1;
        lines = lines.saturating_add(1);
    }
    let message = "the file was read as one column, but blanks cut every line into as many words";
    Ok((alike && lines > 1).then(|| separator_doubt(message.to_owned(), &record, place)))
}

fn separator_doubt(message: String, record: &Record, place: &Place) -> Finding {
    Finding::new(Code::UnknownDialect, place.clone().at_line(record.line().max(1)), message)
        .saw(record.get(0).unwrap_or_default())
        .help("give the separator with --delimiter; comma, if it is one column")
}

/// Notes of what is not written: lines before the header, blank lines, columns without a name.
fn left_out(head: &[Record], found: Option<Found>, check: &Check, place: &Place) -> Vec<Finding> {
    let mut notes = Vec::new();
    if let Some(found) = found {
        for row in head.iter().take(found.index) {
            let message = "the line stands before the header and is left out";
            notes.push(Finding::new(Code::Preamble, place.clone().at_line(row.line()), message).saw(header::shown(row)));
        }
        for column in found.named..found.width {
            let message = "the column has neither a name nor a value and is left out";
            let line = head.get(found.index).map_or(1, Record::line);
            notes.push(Finding::new(Code::UnnamedColumn, place.clone().at_line(line).in_column(column, ""), message));
        }
    }
    for line in &check.blank_lines {
        notes.push(Finding::new(Code::LeftOutRows, place.clone().at_line(*line), "the line is blank and is left out"));
    }
    let more = check.blank.saturating_sub(check.blank_lines.len() as u64);
    if more > 0 {
        notes.push(Finding::new(Code::LeftOutRows, place.clone(), format!("{more} more blank lines are left out")));
    }
    notes
}
