//! One line of NDJSON: the total or a group, complete in itself.

use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::compute::{Compute, Group, Input, KpiValue, MeasureValue, Missing};
use super::view::GroupView as _;
use super::warning::Warning;

/// The total, or one group, with all that a reader of this line alone has to know.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ComputeLine {
    /// Name and version of this shape: `mak.compute.line/1`.
    pub schema: String,
    /// What rates of messages are divided by: `delivered` or `sent`.
    pub basis: String,
    /// Currency of all money, when the data say so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub currency: Option<String>,
    /// First date asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// Last date asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<String>,
    /// Value of each dimension; `{}` for the total.
    pub by: IndexMap<String, Option<String>>,
    /// Measures by id.
    pub measures: IndexMap<String, MeasureValue>,
    /// KPIs by id.
    pub kpis: IndexMap<String, KpiValue>,
    /// KPIs that could not be computed, those included that fail everywhere.
    pub unavailable: IndexMap<String, Missing>,
    /// What was read, one entry a file, sheet or section; on the total's line only.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub inputs: Vec<Input>,
    /// What the reader of the numbers should know; on the total's line only.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<Warning>,
}

impl ComputeLine {
    /// Name and version of the shape.
    pub const SCHEMA: &'static str = "mak.compute.line/1";

    /// The total's line, then one a group.
    pub fn all(answer: &Compute) -> impl Iterator<Item = ComputeLine> + '_ {
        std::iter::once(ComputeLine::of_total(answer))
            .chain(answer.groups.iter().map(|group| ComputeLine::of(answer, group.clone())))
    }

    /// The total's line, which says what was read.
    pub fn of_total(answer: &Compute) -> Self {
        ComputeLine {
            inputs: answer.inputs.clone(),
            warnings: answer.warnings.clone(),
            ..ComputeLine::of(answer, answer.total.clone())
        }
    }

    /// The line of a group of that answer.
    pub fn of(answer: &Compute, group: Group) -> Self {
        ComputeLine {
            schema: ComputeLine::SCHEMA.to_owned(),
            basis: answer.basis.clone(),
            currency: answer.currency.clone(),
            from: answer.from.clone(),
            to: answer.to.clone(),
            unavailable: group.all_unavailable(&answer.total).map(|(id, why)| (id.to_owned(), why.clone())).collect(),
            by: group.by,
            measures: group.measures,
            kpis: group.kpis,
            inputs: Vec::new(),
            warnings: Vec::new(),
        }
    }
}
