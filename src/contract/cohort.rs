//! What `mak cohort` writes.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::compute::Input;
use super::number::Number;
use super::warning::Warning;

/// Customers by their first purchase, and who came, stayed, left and returned a period.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Cohorts {
    /// Name and version of this shape: `mak.cohort/1`.
    pub schema: String,
    /// Length of a period: `week`, `month` or `quarter`.
    pub period: String,
    /// Dimensions of the first purchase that make the cohorts, instead of its period.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub by: Vec<String>,
    /// What churn is divided by: `posthog` (customers at the start) or `stripe` (those and the new).
    pub churn_definition: String,
    /// Currency of all money, when the data say so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub currency: Option<String>,
    /// First date of the data.
    pub from: String,
    /// Last date of the data: no period that begins later is shown.
    pub to: String,
    /// What was read.
    pub inputs: Vec<Input>,
    /// Everybody together.
    pub total: CohortTotal,
    /// The cohorts, sorted.
    pub cohorts: Vec<Cohort>,
    /// Calendar periods from first to last.
    pub periods: Vec<CustomerPeriod>,
    /// What the reader of the numbers should know.
    pub warnings: Vec<Warning>,
}

impl Cohorts {
    /// Name and version of the shape.
    pub const SCHEMA: &'static str = "mak.cohort/1";
}

/// Everybody together.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CohortTotal {
    /// Customers with a purchase.
    pub customers: u64,
    /// Distinct orders, those included that name no customer.
    pub orders: u64,
    /// Net revenue of all rows.
    pub revenue: Number,
    /// The part of it that is in no cohort: rows that name no customer, or one who never bought.
    pub revenue_of_nobody: Number,
    /// Customers with two orders or more.
    pub repeat_customers: u64,
    /// `repeat_customers / customers`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub repeat_purchase_rate: Option<Number>,
    /// Net revenue of customers with two orders or more.
    pub repeat_revenue: Number,
    /// Days between two days of purchase of a customer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub days_between_purchases: Option<DaysBetween>,
    /// What the customers with the highest net revenue bring.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub concentration: Vec<Concentration>,
}

/// Days between two days of purchase of a customer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DaysBetween {
    /// How many there are.
    pub count: u64,
    /// Their mean.
    pub mean: Number,
    /// Their median.
    pub median: Number,
}

/// The share of revenue that the best customers bring.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Concentration {
    /// This many in a hundred customers, rounded up.
    pub top_percent: u64,
    /// How many that is.
    pub customers: u64,
    /// Their share of the net revenue of all customers.
    pub share_of_revenue: Number,
}

/// Customers with the same period, or the same dimensions, of first purchase.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Cohort {
    /// `1997-01`, `1997-W05`, `1997-Q1`, or the value of the dimension.
    pub cohort: String,
    /// Number of customers.
    pub size: u64,
    /// From the period of the first purchase on; one that begins after the data end is not there.
    pub periods: Vec<CohortPeriod>,
}

/// A cohort in one period after the first purchase.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CohortPeriod {
    /// 0 for the period of the first purchase.
    pub period: u64,
    /// Customers who bought in it.
    pub customers: u64,
    /// Customers whose period of that number has begun by the end of the data, who could have.
    pub observed: u64,
    /// `customers / observed`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retention: Option<Number>,
    /// Net revenue in it.
    pub revenue: Number,
    /// Net revenue up to its end.
    pub cumulative_revenue: Number,
    /// The same a customer of the cohort; not there where some of them cannot be seen that long.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cumulative_revenue_per_customer: Option<Number>,
    /// Whether the period has not ended with the data.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub running: bool,
}

/// Who came, stayed, left and returned in a calendar period.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CustomerPeriod {
    /// The period: `1997-01`.
    pub period: String,
    /// Whether it has not ended with the data: nobody is lost in it yet, and it has no rates.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub running: bool,
    /// Orders placed in it.
    pub orders: u64,
    /// Net revenue of all its rows.
    pub revenue: Number,
    /// Customers who bought in the period before.
    pub customers_at_start: u64,
    /// Customers with their first purchase in it.
    pub new_customers: u64,
    /// Customers who came back after at least one period without a purchase.
    pub returning_customers: u64,
    /// Customers at the start who bought again.
    pub retained_customers: u64,
    /// Customers at the start who did not.
    pub lost_customers: u64,
    /// Customers who bought in it, those at its end.
    pub customers_at_end: u64,
    /// `retained_customers / customers_at_start`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retention_rate: Option<Number>,
    /// `lost_customers` by what the definition says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub churn_rate: Option<Number>,
    /// Net revenue of the customers at the start in the period before.
    pub revenue_at_start: Number,
    /// Net revenue of the new customers.
    pub new_revenue: Number,
    /// Net revenue of the returning customers.
    pub returning_revenue: Number,
    /// What retained customers spent more than in the period before.
    pub expansion_revenue: Number,
    /// What retained customers spent less.
    pub contraction_revenue: Number,
    /// What lost customers had spent in the period before.
    pub lost_revenue: Number,
    /// `(start − lost − contraction) / start`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gross_revenue_retention: Option<Number>,
    /// `(start − lost − contraction + expansion) / start`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub net_revenue_retention: Option<Number>,
    /// `(new + returning + expansion) / (lost + contraction)`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quick_ratio: Option<Number>,
}
