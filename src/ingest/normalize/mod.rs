//! A file as one plain table: what `mak` understood of it, cell by cell, with nothing added.
//!
//! **Owns** where the table begins, what makes a file doubtful, the repairs of what is doubtful,
//! and RFC 4180 for what comes out.
//!
//! **Does not know** measures: a cell is text here, and is written as it was read. It needs no
//! platform's profile, except for names that were asked to be canonical.
//!
//! A file is read by the same strict reader as for a calculation, to its end, before a byte is
//! written. Only what that reader refuses is repaired, and only when asked.

mod header;
mod lenient;
mod names;
mod repair;
mod shape;
mod strict;

use std::io::{self, Write};

use super::layout;
use super::record::Record;
use super::sheet::{Overrides, Told};
use super::source::Source;
use super::table::Table;
use crate::finding::{Code, Finding, Place};
use crate::kpi::Catalogue;

/// How a file is to be read and written.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Encoding and dialect, where the user gives them.
    pub overrides: Overrides,
    /// The first row is data already: no header is looked for, and none is written.
    pub no_header: bool,
    /// Repair what can be repaired, and say so.
    pub repair: bool,
    /// Write the names that `mak` knows the columns by; what the user said of them comes first.
    pub canonical: Option<layout::Told>,
    /// The sheet, member or section to take, where a file has several tables.
    pub part: Option<String>,
}

/// A table that was read to its end and can be written.
#[derive(Clone, Debug)]
pub struct Normalized {
    place: Place,
    header: Option<Names>,
    body: Body,
    columns: usize,
    rows: u64,
    findings: Vec<Finding>,
    told: Vec<Told>,
}

/// The names of the columns, and where they stand.
#[derive(Clone, Debug)]
struct Names {
    line: u64,
    names: Vec<String>,
}

/// The rows under the header.
#[derive(Clone, Debug)]
#[expect(clippy::large_enum_variant, reason = "there is one of them")]
enum Body {
    /// Read again from the table, after that many records.
    Streamed { table: Table, skip: usize, width: usize },
    /// As they were repaired.
    Held(Vec<Vec<String>>),
}

/// Why a table could not be written.
#[derive(Debug)]
pub enum WriteFailure {
    /// The input is not what it was when it was read before.
    Input(Finding),
    /// The output cannot be written.
    Output(io::Error),
}

impl From<Finding> for WriteFailure {
    fn from(finding: Finding) -> Self {
        WriteFailure::Input(finding)
    }
}

impl From<csv::Error> for WriteFailure {
    fn from(error: csv::Error) -> Self {
        WriteFailure::Output(error.into())
    }
}

/// Reads a file to its end and settles what table it holds.
///
/// # Errors
/// Everything about the file that is in doubt or cannot be repaired, each with its line.
pub fn normalize(source: &Source, options: &Options, catalogue: &Catalogue) -> Result<Normalized, Vec<Finding>> {
    let mut read = match strict::read(source, options) {
        Err(doubts) if options.repair => repair::read(source, options, doubts),
        read => read,
    }
    .map_err(located)?;
    if let Some(told) = &options.canonical {
        read.name_canonically(told, catalogue).map_err(|finding| located(vec![finding]))?;
    }
    Ok(read)
}

impl Normalized {
    /// The table as a whole, for findings.
    pub fn place(&self) -> &Place {
        &self.place
    }

    /// Rows under the header.
    pub fn rows(&self) -> u64 {
        self.rows
    }

    /// Columns.
    pub fn columns(&self) -> usize {
        self.columns
    }

    /// The line of the header, where there is one.
    pub fn header_line(&self) -> Option<u64> {
        self.header.as_ref().map(|header| header.line)
    }

    /// What was left out, and every repair.
    pub fn findings(&self) -> &[Finding] {
        &self.findings
    }

    /// What was told from the bytes, and how.
    pub fn told(&self) -> &[Told] {
        &self.told
    }

    /// Writes the table as UTF-8 and RFC 4180 have it: commas, line ends of two characters,
    /// quotes where they are needed.
    ///
    /// # Errors
    /// The output cannot be written, or the input changed since it was read.
    pub fn write(&self, output: impl Write) -> Result<(), WriteFailure> {
        let mut writer = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).flexible(true).from_writer(output);
        if let Some(header) = &self.header {
            writer.write_record(&header.names)?;
        }
        match &self.body {
            Body::Held(rows) => {
                for row in rows {
                    writer.write_record(row)?;
                }
            }
            Body::Streamed { table, skip, width } => {
                let mut records = table.records()?;
                let mut record = Record::default();
                let mut passed = 0_usize;
                let mut written = 0_u64;
                while records.read(&mut record)? {
                    if passed < *skip {
                        passed = passed.saturating_add(1);
                    } else if !header::is_blank_line(&record, *width) {
                        self.write_row(&record, &mut writer)?;
                        written = written.saturating_add(1);
                    }
                }
                if written != self.rows {
                    return Err(changed(&self.place).into());
                }
            }
        }
        writer.flush().map_err(WriteFailure::Output)
    }

    /// A blank line in a table of one column is a blank cell.
    fn write_row(&self, record: &Record, writer: &mut csv::Writer<impl Write>) -> Result<(), WriteFailure> {
        if record.is_empty() {
            writer.write_record([""])?;
        } else {
            writer.write_record(record.iter().take(self.columns))?;
        }
        Ok(())
    }

    fn name_canonically(&mut self, told: &layout::Told, catalogue: &Catalogue) -> Result<(), Finding> {
        let Some(header) = &mut self.header else {
            let message = "a table without a header has no names that could be canonical";
            return Err(Finding::new(Code::NoHeader, self.place.clone().at_line(1), message));
        };
        header.names = names::canonical(&header.names, header.line, told, catalogue, &self.place)?;
        Ok(())
    }
}

fn changed(place: &Place) -> Finding {
    Finding::new(Code::Unreadable, place.clone(), "the file changed while it was being read").help("run again")
}

/// What concerns a whole file is told at its first line, so that every finding has a place to go to.
fn located(findings: Vec<Finding>) -> Vec<Finding> {
    let known = |finding: &Finding| finding.parts().place.file.is_some();
    findings.into_iter().map(|finding| if known(&finding) { finding.on_line(1) } else { finding }).collect()
}
