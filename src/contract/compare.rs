//! What `mak compare` writes.

use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::check::Estimate;
use super::number::Number;
use super::warning::Warning;

/// Two results side by side.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CompareReport {
    /// Name and version of this shape: `mak.compare/1`.
    pub schema: String,
    /// What rates of messages are divided by: `delivered` or `sent`.
    pub basis: String,
    /// Currency of all money, when the data say so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub currency: Option<String>,
    /// Confidence of tests and intervals, between 0 and 1.
    pub confidence: Number,
    /// The earlier side.
    pub before: Side,
    /// The later side.
    pub after: Side,
    /// One line a KPI and group.
    pub changes: Vec<ChangeLine>,
    /// What was not compared and why.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
    /// What the reader of the numbers should know.
    pub warnings: Vec<Warning>,
}

impl CompareReport {
    /// Name and version of the shape.
    pub const SCHEMA: &'static str = "mak.compare/1";
}

/// One side of a comparison.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Side {
    /// The file as the user named it, or the period: `2026-03`.
    pub label: String,
    /// First date of its data.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// Last date of its data.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<String>,
    /// Whether the data reach the end of the period; absent where there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub complete: Option<bool>,
}

/// How a KPI changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ChangeVerdict {
    /// In the direction that is better for this KPI.
    Better,
    /// In the direction that is worse for it.
    Worse,
    /// Higher, where neither direction is better by itself.
    Higher,
    /// Lower, where neither direction is better by itself.
    Lower,
    /// Not more than chance explains at the confidence asked for.
    WithinNoise,
    /// Exactly the same.
    Same,
    /// One side has no value.
    Unavailable,
}

impl ChangeVerdict {
    /// The words for it.
    pub const fn words(self) -> &'static str {
        match self {
            ChangeVerdict::Better => "better",
            ChangeVerdict::Worse => "worse",
            ChangeVerdict::Higher => "higher",
            ChangeVerdict::Lower => "lower",
            ChangeVerdict::WithinNoise => "within noise",
            ChangeVerdict::Same => "same",
            ChangeVerdict::Unavailable => "unavailable",
        }
    }
}

/// One KPI in one group, before and after.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ChangeLine {
    /// Id of the KPI.
    pub kpi: String,
    /// Value of each dimension of the group; empty for the total.
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    pub by: IndexMap<String, Option<String>>,
    /// Unit of the values.
    pub unit: String,
    /// Which way it is better: `up`, `down` or `–`.
    pub better: String,
    /// The earlier value, exact.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<Number>,
    /// The later value, exact.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<Number>,
    /// Later less earlier, in the unit; of a rate a ratio, to be read as percentage points.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub difference: Option<Number>,
    /// The difference as a part of the earlier value; absent where that is 0 or negative.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub relative: Option<Number>,
    /// What it comes to.
    pub verdict: ChangeVerdict,
    /// The test that the verdict rests on; without one it rests on the values alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub test: Option<ChangeTest>,
    /// Interval of the difference, where there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub interval: Option<Estimate>,
    /// Why there is no value, no relative change or no test.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// A significance test: an estimate.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ChangeTest {
    /// How it was made.
    pub method: String,
    /// Difference in standard errors.
    pub z: Number,
    /// How often chance alone gives a difference at least that large, in either direction.
    pub p_value: Number,
}
