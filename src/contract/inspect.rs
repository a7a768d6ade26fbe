//! What `mak inspect` writes.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::warning::Warning;

/// What each file was taken for, and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Inspect {
    /// Name and version of this shape: `mak.inspect/1`.
    pub schema: String,
    /// One entry a table: a file, a sheet or a section.
    pub tables: Vec<InspectedTable>,
    /// Files that could not be read, and why.
    pub errors: Vec<Warning>,
}

impl Inspect {
    /// Name and version of the shape.
    pub const SCHEMA: &'static str = "mak.inspect/1";
}

/// One table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct InspectedTable {
    /// The file as the user named it.
    pub file: String,
    /// Sheet, archive member or section.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub part: Option<String>,
    /// What a row is.
    pub kind: String,
    /// The platform that wrote it, or `plain`.
    pub platform: String,
    /// Which of its exports.
    pub export: String,
    /// Id of the profile by which it is read.
    pub profile: String,
    /// What that rests on.
    pub evidence: String,
    /// Line on which the header stands.
    pub header_line: u64,
    /// What was decided about the bytes and the table, with the evidence.
    pub decisions: Vec<Decision>,
    /// Columns in their order.
    pub columns: Vec<InspectedColumn>,
    /// Rows after the header.
    pub rows: u64,
    /// Rows read as data.
    pub used: u64,
    /// Total rows.
    pub totals: u64,
    /// Rows left out by rules of the platform.
    pub rejected: u64,
    /// Rows without any text.
    pub blank: u64,
    /// What is odd about this export, from its profile.
    pub notes: Vec<String>,
    /// What was found.
    pub findings: Vec<Warning>,
}

/// Something that was decided, and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Decision {
    /// What about: `encoding`, `delimiter`, `a row is` …
    pub about: String,
    /// What was decided.
    pub value: String,
    /// Why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub evidence: Option<String>,
}

/// A column and what becomes of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct InspectedColumn {
    /// Number, counted from 1.
    pub number: usize,
    /// Header.
    pub name: String,
    /// What it is taken for: `sent`, `dimension campaign`, `date` …
    pub taken_for: String,
    /// How its cells are read and why, and what is known of them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
}
