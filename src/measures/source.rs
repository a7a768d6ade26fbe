//! What was measured of one source, with where it came from.

use std::sync::Arc;

use indexmap::IndexMap;
use jiff::civil::Date;

use super::group::Grouped;
use super::kind::Kind;
use crate::finding::Finding;
use crate::kpi::Measure;

/// Rows of a source: `read = used + totals + rejected + blank`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Rows {
    /// Rows after the header.
    pub read: u64,
    /// Rows read as data.
    pub used: u64,
    /// Those of `used` that pass the question's filters.
    pub selected: u64,
    /// Total rows.
    pub totals: u64,
    /// Rows that a rule of the platform leaves out.
    pub rejected: u64,
    /// Rows without any text.
    pub blank: u64,
}

impl Rows {
    /// Whether every row is accounted for.
    pub fn add_up(&self) -> bool {
        let parts = [self.used, self.totals, self.rejected, self.blank];
        parts.iter().try_fold(0_u64, |sum, part| sum.checked_add(*part)) == Some(self.read)
    }
}

/// What a source is.
#[derive(Clone, Debug)]
pub struct SourceInfo {
    /// The file as the user named it; `-` for standard input.
    pub file: Arc<str>,
    /// Sheet, archive member or section, where a file has several.
    pub part: Option<Arc<str>>,
    /// What a row is.
    pub kind: Kind,
    /// The platform that wrote it, or `plain`.
    pub platform: Arc<str>,
    /// Id of the profile by which it was read.
    pub profile: Arc<str>,
    /// Its rows.
    pub rows: Rows,
    /// First and last date of the rows used.
    pub dates: Option<(Date, Date)>,
    /// Currency of its money, when known.
    pub currency: Option<Arc<str>>,
    /// Names by which its rows can be grouped, for people.
    pub dimensions: Vec<String>,
    /// Those dimensions of the question that it has.
    pub answers: Vec<String>,
    /// Dimensions of the question that it does not have: its numbers are in the total only.
    pub lacks: Vec<String>,
}

impl SourceInfo {
    /// Whether its rows can be grouped by that name, canonical or a header as it stands.
    pub fn has_dimension(&self, name: &str) -> bool {
        self.answers.iter().any(|known| known == name)
    }

    /// The file and its part, for messages.
    pub fn label(&self) -> String {
        match &self.part {
            Some(part) => format!("{}!{part}", self.file),
            None => self.file.to_string(),
        }
    }
}

/// Where a measure of a source came from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Provenance {
    /// Headers of the columns that were read for it.
    pub columns: Vec<Arc<str>>,
    /// How it was worked out, when not by adding up its columns.
    pub derived: Option<String>,
    /// Cells that had a value.
    pub cells: u64,
    /// Cells that were missing.
    pub missing: u64,
}

/// One source, aggregated to the question's groups on its own.
#[derive(Clone, Debug)]
pub struct Source {
    /// What it is.
    pub info: SourceInfo,
    /// What was measured.
    pub measured: Grouped,
    /// Where each measure came from.
    pub provenance: IndexMap<Measure, Provenance>,
    /// What the user should know about it.
    pub findings: Vec<Finding>,
}

impl Source {
    /// Supplies the measures that follow from those that are there, in the total and in every
    /// group, and notes how.
    pub fn derive(&mut self) {
        let used = crate::kpi::derive(&mut self.measured.total);
        self.measured.groups.derive();
        for rule in used {
            let provenance = Provenance { derived: Some(rule.text()), ..Provenance::default() };
            self.provenance.insert(rule.gives, provenance);
        }
    }

    /// Whether it gives every one of these measures.
    pub fn gives_all(&self, measures: &[Measure]) -> bool {
        measures.iter().all(|measure| self.measured.total.has(*measure))
    }
}
