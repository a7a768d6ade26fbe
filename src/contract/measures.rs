//! What `mak compute --emit measures` writes, and `mak compute part-*.json` adds up.

use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::number::Number;

/// Measures by group of some rows, with all that it takes to add them to those of other rows exactly.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct MeasuresFile {
    /// Name and version of this shape: `mak.measures/1`.
    pub schema: String,
    /// Dimensions that the groups are formed by, in order.
    pub by: Vec<String>,
    /// First date asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// Last date asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<String>,
    /// Conditions asked for, in one text; empty for none.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub filters: String,
    /// What was read, one entry a table.
    pub sources: Vec<PartSource>,
}

impl MeasuresFile {
    /// Name and version of the shape.
    pub const SCHEMA: &'static str = "mak.measures/1";
}

/// One table.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PartSource {
    /// The file as the user named it.
    pub file: String,
    /// Sheet, archive member or section, where a file has several.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub part: Option<String>,
    /// What a row is.
    pub kind: String,
    /// The platform that wrote it, or `plain`.
    pub platform: String,
    /// Id of the profile by which it was read.
    pub profile: String,
    /// Its rows.
    pub rows: PartRows,
    /// First date of the rows used.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// Last date of the rows used.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<String>,
    /// Currencies of its money, as far as the rows name any; several where each is a group of its own.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub currencies: Vec<String>,
    /// Names by which its rows can be grouped.
    pub dimensions: Vec<String>,
    /// Dimensions asked for that it has.
    pub answers: Vec<String>,
    /// Dimensions asked for that it does not have.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub lacks: Vec<String>,
    /// Where each measure came from.
    pub measures: IndexMap<String, PartMeasure>,
    /// Everything together.
    pub total: IndexMap<String, PartValue>,
    /// Each group.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub groups: Vec<PartGroup>,
    /// Orders by what makes them distinct, where the rows are orders.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub orders: Option<PartOrders>,
    /// Leads or deals, where the rows are those.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub leads: Option<PartLeads>,
}

/// Rows of a table.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PartRows {
    /// Rows after the header.
    pub read: u64,
    /// Rows read as data.
    pub used: u64,
    /// Those of `used` that pass the filters.
    pub selected: u64,
    /// Total rows.
    pub totals: u64,
    /// Rows that a rule leaves out.
    pub rejected: u64,
    /// Rows without any text.
    pub blank: u64,
}

/// Where a measure came from.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PartMeasure {
    /// Columns that were read for it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub columns: Vec<String>,
    /// How it was worked out, when not by adding up its columns.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub derived: Option<String>,
    /// Cells that had a value.
    pub cells: u64,
    /// Cells that were missing.
    pub missing: u64,
}

/// What was measured.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum PartValue {
    /// An exact number.
    Number(Number),
    /// Every value of a sample with how often it occurs; durations in seconds.
    Sample(Vec<(Number, u64)>),
    /// Something that does not add, over that many rows.
    Rows(u64),
    /// A sum that does not fit in 28 digits.
    Overflow,
}

/// Measures of a group.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PartGroup {
    /// The value of each dimension; `null` where it is blank.
    pub by: Vec<Option<String>>,
    /// Its measures.
    pub measures: IndexMap<String, PartValue>,
}

/// Orders, as many as there are: distinct things travel as sets, never as counts.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PartOrders {
    /// Whether the rows can name customers.
    pub customers: bool,
    /// Whether there are refunds to speak of.
    pub refunds: bool,
    /// Whether amounts are after refunds.
    pub net: bool,
    /// The groups that orders are in.
    pub groups: Vec<Vec<Option<String>>>,
    /// The orders.
    pub orders: Vec<PartOrder>,
}

/// An order, a line of one, or money given back.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PartOrder {
    /// Its date.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub date: Option<String>,
    /// Identity of the order.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub order: Option<String>,
    /// Identity of the customer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub customer: Option<String>,
    /// Amount before refunds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gross: Option<Number>,
    /// Amount given back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refunds: Option<Number>,
    /// Amount after refunds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub net: Option<Number>,
    /// Whether it is money given back and no order.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub refund_only: bool,
    /// Number of its group in [`PartOrders::groups`]; none for an order that the filters leave out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub group: Option<usize>,
}

/// Leads or deals.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PartLeads {
    /// Whether they are deals.
    pub deals: bool,
    /// Whether no column says when a deal became an opportunity.
    pub bare_deals: bool,
    /// Measures of the stages that the source can tell.
    pub stages: Vec<String>,
    /// Whether it tells first responses.
    pub first_response: bool,
    /// Whether it tells first touches.
    pub first_touch: bool,
    /// Whether it has scores.
    pub score: bool,
    /// Whether it has amounts.
    pub amount: bool,
    /// The groups that leads are in.
    pub groups: Vec<Vec<Option<String>>>,
    /// The leads.
    pub leads: Vec<PartLead>,
}

/// A lead or a deal. A moment is in seconds since 1970, `null` where it is not known when.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PartLead {
    /// Its identity.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// The stages reached, by the measure that counts them.
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    pub stages: IndexMap<String, Option<i64>>,
    /// When it was first answered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first_response: Option<i64>,
    /// When the person was first touched.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first_touch: Option<i64>,
    /// Its score.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub score: Option<Number>,
    /// What it is worth.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub amount: Option<Number>,
    /// Number of its group in [`PartLeads::groups`]; none for a lead that the filters leave out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub group: Option<usize>,
}
