//! Formulas that several rows share.

use rust_decimal::Decimal;

use crate::kpi::expr::formula;
use crate::kpi::{Expr, Measure, Status};

/// Definitions that have not changed since the first version.
pub(super) const SINCE_0_1: Status = Status::Stable { since: "0.1.0" };

/// All costs that are known, at least one.
pub(super) const COST: Expr =
    Expr::SumPresent(&[Measure::Spend, Measure::PlatformCost, Measure::SetupCost, Measure::TrainingCost, Measure::PeopleCost]);

/// What the cost brought in. Never two of them: they are three views of the same money.
pub(super) const GAIN: Expr = Expr::FirstOf(&[formula!(AttributedRevenue), formula!(Revenue), formula!(ConversionValue)]);

/// What it costs to win a customer.
pub(super) const CAC: Expr = formula!([COST] / NewCustomers);

/// Share of the customers lost in the period.
pub(super) const CHURN: Expr = formula!(LostCustomers / CustomersAtStart);

/// Net revenue per customer of the period.
pub(super) const REVENUE_PER_CUSTOMER: Expr = formula!(Revenue / Customers);

/// Margin per customer and period, by the share of customers lost in a period.
pub(super) const CLV: Expr = formula!(([REVENUE_PER_CUSTOMER] * GrossMargin) / [CHURN]);

/// Days of a month: a Julian year of 365.25 days by 12.
const DAYS_PER_MONTH: Expr = Expr::Number(Decimal::from_parts(304_375, 0, 0, false, 4));

/// Net revenue per customer, brought to a month.
pub(super) const MONTHLY_REVENUE_PER_CUSTOMER: Expr = formula!(([REVENUE_PER_CUSTOMER] * [DAYS_PER_MONTH]) / PeriodDays);

/// Labour that need not be paid for any more, as far as it is known.
pub(super) const LABOUR: Expr = Expr::SumPresent(&[Measure::LabourSaved, Measure::PeopleSavedCost]);

/// What the automation costs. Ad spend is no part of it.
pub(super) const AUTOMATION_COST: Expr = Expr::SumPresent(&[Measure::PlatformCost, Measure::SetupCost, Measure::TrainingCost]);

const UPLIFT: Expr = formula!(RevenueUplift * GrossMargin);

/// What the automation brings: labour and margin where both are known, else the one that is.
pub(super) const AUTOMATION_BENEFIT: Expr = Expr::FirstOf(&[formula!([LABOUR] + [UPLIFT]), LABOUR, UPLIFT]);
