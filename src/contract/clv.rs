//! What `mak clv` writes.

use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::compute::Input;
use super::number::Number;
use super::warning::Warning;

/// What customers have brought and will be worth. Estimates are floating-point numbers; money that
/// was paid, and what follows from it by arithmetic alone, has its exact digits.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Clv {
    /// Name and version of this shape: `mak.clv/1`.
    pub schema: String,
    /// Orders that were read; empty for a summary table.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub inputs: Vec<Input>,
    /// Currency of all money, when the data say so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub currency: Option<String>,
    /// The model asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fit: Option<ClvFit>,
    /// The model of spending (Gamma-Gamma) beside it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub spending: Option<ClvFit>,
    /// Correlation of purchases and their mean value; Gamma-Gamma assumes that there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub correlation: Option<f64>,
    /// What the forecasts cover.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub horizon: Option<ClvHorizon>,
    /// The forecast of a holdout beside what happened.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub holdout: Option<ClvHoldout>,
    /// Survivors of a cohort by the model (sbg).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub curve: Vec<ClvSurvival>,
    /// The plain formula, where no model was asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub formula: Option<ClvFormula>,
    /// One entry a customer, in the order of the data.
    pub customers: Vec<ClvCustomer>,
    /// Everybody together.
    pub total: ClvTotal,
    /// What the reader of the numbers should know.
    pub warnings: Vec<Warning>,
}

impl Clv {
    /// Name and version of the shape.
    pub const SCHEMA: &'static str = "mak.clv/1";
}

/// A model estimated by maximum likelihood, or at parameters that were given.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ClvFit {
    /// `bg-nbd`, `pareto-nbd`, `mbg-nbd`, `gamma-gamma`, `sbg` or `bg-bb`.
    pub model: String,
    /// The estimates, or what was given, by name.
    pub parameters: IndexMap<String, f64>,
    /// Log-likelihood at the estimates.
    pub log_likelihood: f64,
    /// Largest absolute component of its gradient by the logarithms of the parameters.
    pub gradient_norm: f64,
    /// Standard errors from the observed information, by name.
    pub standard_errors: IndexMap<String, f64>,
    /// 95 % intervals, by name.
    pub intervals: IndexMap<String, ClvInterval>,
    /// The unit of parameters that are times: `day`, `week`, `month`, or `table` for the unit of
    /// the summary table, which is not known. Not there for models without time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
    /// Customers that it was fitted to.
    pub customers: u64,
    /// Newton steps.
    pub iterations: u32,
    /// Whether the estimate is a maximum by every test; otherwise nothing is forecast with it, unless
    /// the parameters were given.
    pub converged: bool,
    /// Whether the parameters were given and not estimated: they have no standard errors, and neither
    /// have the forecasts.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub given: bool,
    /// Why not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub why_not: Option<String>,
}

/// A 95 % interval.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ClvInterval {
    /// Lower end.
    pub low: f64,
    /// Upper end.
    pub high: f64,
}

/// What forecasts cover.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ClvHorizon {
    /// How many periods; not there for all the future.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub periods: Option<u32>,
    /// `day`, `week`, `month` or `occasion`.
    pub period: String,
    /// Discount rate a period.
    pub discount: f64,
}

/// A forecast of a holdout beside what happened.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ClvHoldout {
    /// Last day of calibration.
    pub calibration_end: String,
    /// Last day of the holdout.
    pub end: String,
    /// Purchases made in it.
    pub actual: u64,
    /// Purchases expected.
    pub expected: f64,
    /// By purchases before it.
    pub classes: Vec<ClvHoldoutClass>,
}

/// Customers with the same frequency before the holdout.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ClvHoldoutClass {
    /// Their frequency: `0`, `1` … `7+`.
    pub frequency: String,
    /// How many they are.
    pub customers: u64,
    /// Purchases that they made.
    pub actual: u64,
    /// Purchases expected of them.
    pub expected: f64,
}

/// Survivors after a renewal.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ClvSurvival {
    /// Renewals passed.
    pub period: u32,
    /// Customers left, as far as the data go.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub survivors: Option<u64>,
    /// Customers left by the model.
    pub expected: f64,
    /// Share of those of the period before who stay, by the model.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retention: Option<f64>,
}

/// The plain formula, over all whole periods with customers at their start.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ClvFormula {
    /// Length of a period: `month`.
    pub period: String,
    /// Periods that were judged.
    pub periods: u64,
    /// Customers at the start of each, added up.
    pub customers_at_start: u64,
    /// Those of them lost in it, added up.
    pub lost_customers: u64,
    /// Revenue of the customers at the start a customer and period.
    pub arpu: Number,
    /// Customers lost by customers at the start.
    pub churn_rate: Number,
    /// Revenue lost with them and by those who spent less, by revenue at the start.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revenue_churn_rate: Option<Number>,
    /// Share of revenue left after the cost of what was sold.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gross_margin: Option<Number>,
    /// `arpu / churn_rate`; not there without churn, where it has no end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub arpu_over_churn: Option<Number>,
    /// `arpu × gross_margin / churn_rate`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub margin_over_churn: Option<Number>,
    /// `arpu × gross_margin / revenue_churn_rate`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub margin_over_revenue_churn: Option<Number>,
}

/// A customer, or a row of a summary table.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ClvCustomer {
    /// Their id; the number of the row where the table has none.
    pub id: String,
    /// How many customers the row stands for, where it is not one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub customers: Option<u64>,
    /// Net revenue so far, exact.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revenue: Option<Number>,
    /// Expected value of a purchase.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expected_value: Option<f64>,
    /// Purchases expected within the horizon.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expected_purchases: Option<f64>,
    /// Their present value, each worth one unit; with a discount rate only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub discounted_purchases: Option<f64>,
    /// Probability that they have not left for good.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub probability_alive: Option<f64>,
    /// Expected spending within the horizon, discounted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub clv: Option<f64>,
}

/// Everybody together.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ClvTotal {
    /// Number of customers.
    pub customers: u64,
    /// Net revenue so far, exact.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revenue: Option<Number>,
    /// Historic value: net revenue so far a customer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revenue_per_customer: Option<Number>,
    /// Expected value of a purchase, over all customers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expected_value: Option<f64>,
    /// Purchases expected within the horizon.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expected_purchases: Option<f64>,
    /// Purchases after the first that somebody new is expected to make within the horizon.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub purchases_of_new_customer: Option<f64>,
    /// Mean probability that a customer has not left for good.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub probability_alive: Option<f64>,
    /// Expected spending within the horizon, discounted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub clv: Option<f64>,
    /// 95 % intervals of `expected_purchases` and `clv`.
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    pub intervals: IndexMap<String, ClvInterval>,
    /// How the intervals came about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub interval_method: Option<String>,
}
