//! Results to bytes: one file an output format, behind [`Render`].
//!
//! **Owns** how an answer looks: rounding for people, units, layout at any width, escaping for
//! each output. Text that came from files (names of groups, files, messages) can neither move a
//! cursor nor start a spreadsheet formula nor open an HTML tag.
//!
//! **Does not know** files, the command line or where the bytes go. Nothing here prints.

mod attribute;
mod check;
mod clv;
mod cohort;
mod compare;
mod csv;
mod explain;
mod github;
mod goals;
mod inspect;
mod json;
mod json_text;
mod junit;
mod layout;
mod list;
mod markdown;
mod ndjson;
pub mod number;
mod settings;
mod sheet;
mod table;
mod view;

#[cfg(test)]
mod sample;

use std::fmt;

pub use self::attribute::attribute;
pub use self::csv::Csv;
pub(crate) use self::layout::paragraphs;
pub use check::check;
pub use clv::clv;
pub use cohort::{CohortView, cohorts};
pub use compare::compare;
pub use explain::explain;
pub use github::{annotations, step_summary};
pub use goals::goals;
pub use inspect::inspect;
pub use json::Json;
pub use junit::junit;
pub use list::list;
pub use markdown::Markdown;
pub use ndjson::Ndjson;
pub use settings::settings;
pub use table::Table;

use crate::contract::{Compute, Group, GroupView};
use crate::kpi::Catalogue;

/// The page that a table is laid out for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Page {
    /// Columns of the terminal. No line is wider; below 40 it counts as 40, above 1000 as 1000.
    pub width: usize,
    /// Whether the output may have colours: a terminal that wants them.
    pub color: bool,
    /// Whether everything is listed that is otherwise counted: reasons, files, notes, columns.
    pub verbose: bool,
}

impl Default for Page {
    /// What is assumed when nothing is known: 80 columns, no colour.
    fn default() -> Self {
        Page { width: 80, color: false, verbose: false }
    }
}

impl Page {
    /// The width that is laid out for.
    fn columns(&self) -> usize {
        self.width.clamp(40, 1000)
    }
}

/// An output format.
pub trait Render {
    /// The answer as bytes, with a line end at the end. Formats for programs ignore the page.
    ///
    /// # Errors
    /// The answer cannot be serialised.
    fn render(&self, answer: &Compute, catalogue: &Catalogue, page: &Page) -> Result<Vec<u8>, RenderError>;
}

/// A format whose groups are written one after the other, so that there may be any number of them.
/// It holds the answer without its groups.
///
/// JSON, NDJSON and CSV are of this kind. A table is not: its columns are as wide as their widest
/// cell, so that the texts of all cells are kept ([`Table::page`]). Nor is Markdown: it has a column
/// for whatever any group has, and numbers the reasons that its rows share ([`Markdown::page`]).
pub trait ByGroup: Sync {
    /// Adds what stands before the groups.
    ///
    /// # Errors
    /// It cannot be serialised, here as in the other two.
    fn begin(&self, out: &mut Vec<u8>) -> Result<(), RenderError>;

    /// Adds a group, which may be the first.
    fn group(&self, group: &impl GroupView, is_first: bool, out: &mut Vec<u8>) -> Result<(), RenderError>;

    /// Adds what stands behind the groups.
    fn end(&self, out: &mut Vec<u8>) -> Result<(), RenderError>;
}

/// The groups that an answer holds, written one after the other.
fn all_groups(format: &impl ByGroup, groups: &[Group]) -> Result<Vec<u8>, RenderError> {
    let mut out = Vec::new();
    format.begin(&mut out)?;
    groups.iter().enumerate().try_for_each(|(number, group)| format.group(group, number == 0, &mut out))?;
    format.end(&mut out)?;
    Ok(out)
}

/// Why there are no bytes.
#[derive(Debug)]
pub enum RenderError {
    /// JSON could not be written.
    Json(serde_json::Error),
    /// CSV could not be written.
    Csv(::csv::Error),
    /// This document is not written in this format.
    NotInThisFormat {
        /// The document: `list` or `explain`.
        document: &'static str,
        /// The format asked for.
        format: Format,
    },
}

impl fmt::Display for RenderError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            RenderError::Json(error) => write!(f, "the JSON could not be written: {error}"),
            RenderError::Csv(error) => write!(f, "the CSV could not be written: {error}"),
            RenderError::NotInThisFormat { document, format } => {
                write!(f, "{document} is not written as {}: use table, markdown or json", format.word())
            }
        }
    }
}

impl std::error::Error for RenderError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            RenderError::Json(error) => Some(error),
            RenderError::Csv(error) => Some(error),
            RenderError::NotInThisFormat { .. } => None,
        }
    }
}

impl From<serde_json::Error> for RenderError {
    fn from(error: serde_json::Error) -> Self {
        RenderError::Json(error)
    }
}

impl From<::csv::Error> for RenderError {
    fn from(error: ::csv::Error) -> Self {
        RenderError::Csv(error)
    }
}

/// The formats by name.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Format {
    /// For people, on a terminal or in a pipe.
    #[default]
    Table,
    /// One document, indented.
    Json,
    /// The total and each group on a line of its own.
    Ndjson,
    /// A row for each group and KPI.
    Csv,
    /// GitHub's tables.
    Markdown,
}

impl Format {
    /// Every format.
    pub const ALL: &'static [Format] = &[Format::Table, Format::Json, Format::Ndjson, Format::Csv, Format::Markdown];

    /// The word for it on the command line.
    pub const fn word(self) -> &'static str {
        match self {
            Format::Table => "table",
            Format::Json => "json",
            Format::Ndjson => "ndjson",
            Format::Csv => "csv",
            Format::Markdown => "markdown",
        }
    }

    /// The format of that word.
    pub fn from_word(word: &str) -> Option<Format> {
        Format::ALL.iter().copied().find(|format| format.word() == word)
    }

    /// What writes it. CSV guards spreadsheets against formulas; for the names as they are, use
    /// [`Csv`] with `raw`.
    pub fn renderer(self) -> Box<dyn Render> {
        match self {
            Format::Table => Box::new(Table),
            Format::Json => Box::new(Json),
            Format::Ndjson => Box::new(Ndjson),
            Format::Csv => Box::new(Csv { raw: false }),
            Format::Markdown => Box::new(Markdown),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_finds_its_format() {
        for &format in Format::ALL {
            assert_eq!(Format::from_word(format.word()), Some(format));
        }
        assert_eq!(Format::from_word("Table"), None);
    }
}
