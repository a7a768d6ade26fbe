//! What `mak compute` writes.

use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::number::Number;
use super::warning::Warning;

/// The answer of `mak compute`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Compute {
    /// Name and version of this shape: `mak.compute/1`.
    pub schema: String,
    /// What rates of messages are divided by: `delivered` or `sent`.
    pub basis: String,
    /// Currency of all money, when the data say so: an ISO code or a sign.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub currency: Option<String>,
    /// Dimensions that the groups are formed by, in order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub by: Vec<String>,
    /// Measures asked for by id, in that order: each is in `measures` or in `unavailable` of the total.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub asked: Vec<String>,
    /// First date asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// Last date asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<String>,
    /// What was read, one entry a file, sheet or section.
    pub inputs: Vec<Input>,
    /// Everything together, computed from the measures of all rows, never from the groups' KPIs.
    pub total: Group,
    /// One entry a group, sorted by their keys.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub groups: Vec<Group>,
    /// Measures of sources that do not have the dimensions asked for: in the total, in no group.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unallocated: Vec<Unallocated>,
    /// What the reader of the numbers should know.
    pub warnings: Vec<Warning>,
}

impl Input {
    /// The account of its rows: `a.csv: 3 rows read = 2 used + 1 totals + 0 rejected + 0 blank`.
    pub fn account(&self) -> String {
        let Input { file, part, rows, used, totals, rejected, blank, .. } = self;
        let part = part.as_ref().map(|part| format!("!{part}")).unwrap_or_default();
        format!("{file}{part}: {rows} rows read = {used} used + {totals} totals + {rejected} rejected + {blank} blank")
    }
}

impl Compute {
    /// The same without its groups.
    #[must_use]
    pub fn without_groups(&self) -> Compute {
        Compute {
            schema: self.schema.clone(),
            basis: self.basis.clone(),
            currency: self.currency.clone(),
            by: self.by.clone(),
            asked: self.asked.clone(),
            from: self.from.clone(),
            to: self.to.clone(),
            inputs: self.inputs.clone(),
            total: self.total.clone(),
            groups: Vec::new(),
            unallocated: self.unallocated.clone(),
            warnings: self.warnings.clone(),
        }
    }

    /// Name and version of the shape.
    pub const SCHEMA: &'static str = "mak.compute/1";
}

/// One source that was read.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Input {
    /// The file as the user named it; `-` for standard input.
    pub file: String,
    /// Sheet, archive member or section, where a file has several.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub part: Option<String>,
    /// What a row is: `campaigns`, `orders`, `leads` …
    pub kind: String,
    /// The platform that wrote it, or `plain`.
    pub platform: String,
    /// Id of the profile by which it was read.
    pub profile: String,
    /// Rows after the header: `used + totals + rejected + blank`.
    pub rows: u64,
    /// Rows read as data.
    pub used: u64,
    /// Those of `used` that pass `--where`, `--from` and `--to`.
    pub selected: u64,
    /// Total rows, which do not count.
    pub totals: u64,
    /// Rows that a rule of the platform leaves out (voided, failed …).
    pub rejected: u64,
    /// Rows without any text.
    pub blank: u64,
    /// `totals + rejected`.
    pub left_out: u64,
    /// First date of the rows used.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// Last date of the rows used.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<String>,
    /// Where each measure came from.
    pub measures: IndexMap<String, InputMeasure>,
}

/// Where a measure of a source came from.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct InputMeasure {
    /// Columns that were read for it; empty when it was counted or derived.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub columns: Vec<String>,
    /// How it was worked out, when not by adding up its columns: `delivered = sent - bounces`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub derived: Option<String>,
    /// Its value over the selected rows of this source.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<MeasureValue>,
    /// Cells that had a value.
    pub cells: u64,
    /// Cells that were blank, ` --` or `n/a`.
    pub missing: u64,
    /// Why the value is not in the total, when it is not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub set_aside: Option<String>,
}

/// Measures and KPIs of one group, or of everything.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Group {
    /// Value of each dimension; `null` for rows that have none. Empty for the total.
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    pub by: IndexMap<String, Option<String>>,
    /// Measures by id.
    pub measures: IndexMap<String, MeasureValue>,
    /// KPIs by id.
    pub kpis: IndexMap<String, KpiValue>,
    /// KPIs and measures asked for that could not be computed, with the reason. A group lists only
    /// those that the total does not list already.
    pub unavailable: IndexMap<String, Missing>,
}

/// A measure's value.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum MeasureValue {
    /// An exact number.
    Number(Number),
    /// A sample of durations or scores.
    Statistics(Statistics),
}

/// Statistics of a sample, in the measure's unit.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Statistics {
    /// Arithmetic mean.
    pub mean: Number,
    /// 50th percentile, linear between ranks.
    pub median: Number,
    /// 90th percentile, linear between ranks.
    pub p90: Number,
    /// Smallest value.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min: Option<Number>,
    /// Largest value.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max: Option<Number>,
    /// Number of values.
    pub n: u64,
}

/// A KPI's value.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct KpiValue {
    /// The value, exact or rounded half to even at 28 digits. For durations and scores the median.
    pub value: Number,
    /// `ratio`, `money`, `count`, `days`, `seconds`, `hours`, `months`, `points`, `score`, `number`.
    pub unit: String,
    /// Exact numerator of a ratio.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub numerator: Option<Number>,
    /// Exact denominator of a ratio.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub denominator: Option<Number>,
    /// Lower end of the 95 % interval: Wilson's of a proportion, the normal one of a mean whose
    /// standard error is given. An estimate.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub low: Option<Number>,
    /// Upper end of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub high: Option<Number>,
    /// Standard error of a ratio of sums over customers, by the delta method: an estimate.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub standard_error: Option<Number>,
    /// How many customers it was estimated from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub drawn: Option<u64>,
    /// Mean of a sample.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mean: Option<Number>,
    /// Median of a sample: the same as `value`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub median: Option<Number>,
    /// 90th percentile of a sample.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub p90: Option<Number>,
    /// Smallest value of a sample.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min: Option<Number>,
    /// Largest value of a sample.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max: Option<Number>,
    /// Number of values of a sample.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub n: Option<u64>,
    /// Measures that the formula read, where it had a choice.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub used: Vec<String>,
}

/// Why a KPI has no value.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Missing {
    /// `missing`, `zero-denominator`, `no-values`, `not-additive`, `overflow` or `refused`.
    pub code: String,
    /// Measures that would have to be there.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub needs: Vec<String>,
    /// The reason in words.
    pub reason: String,
}

/// Measures of a source that has not all the dimensions asked for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Unallocated {
    /// The file as the user named it.
    pub file: String,
    /// Dimensions that it does not have.
    pub lacks: Vec<String>,
    /// Its measures.
    pub measures: IndexMap<String, MeasureValue>,
}
