//! Intervals and tests over figures: the only place of the gate where decimals become floats.

use rust_decimal::Decimal;
use rust_decimal::prelude::{FromPrimitive as _, ToPrimitive as _};

use super::figure::Figure;
use crate::analysis::interval::{self, CostPerResult, Interval, Measured, NetPromoter, Proportion};
use crate::contract::{ChangeTest, Estimate, Number};
use crate::kpi::{Measure, Unit};

/// Decimal places of an estimate: more would pretend to an exactness that it has not.
const PLACES: u32 = 10;

/// A cost per result: the cost is given, the number of results is a Poisson variable.
const POISSON: &str = "Poisson";

/// A mean over customers: normal, with the standard error of the delta method.
const DELTA: &str = "delta method";

/// Confidence of the margins from which the standard errors of scores are taken; any would do.
const SCORES: Decimal = Decimal::from_parts(95, 0, 0, false, 2);

/// Confidence limits as decimals.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Limits {
    pub(super) low: Decimal,
    pub(super) high: Decimal,
    pub(super) method: &'static str,
}

impl Limits {
    fn of(interval: Interval, method: &'static str) -> Option<Limits> {
        Some(Limits { low: decimal(interval.low)?, high: decimal(interval.high)?, method })
    }

    /// The limits in the document, where `decides` says whether the verdict rests on them.
    pub(super) fn document(self, confidence: Decimal, decides: bool) -> Estimate {
        Estimate {
            low: Number(self.low),
            high: Number(self.high),
            confidence: Number(confidence),
            method: self.method.to_owned(),
            decides,
        }
    }

    /// The limits of the negative of the value: of a drop from those of a rise.
    pub(super) fn negated(self) -> Limits {
        Limits { low: -self.high, high: -self.low, ..self }
    }

    /// The limits of how far a value moved, either way.
    pub(super) fn absolute(self) -> Limits {
        let (a, b) = (self.low.abs(), self.high.abs());
        let across = self.low.is_sign_negative() != self.high.is_sign_negative();
        Limits { low: if across { Decimal::ZERO } else { a.min(b) }, high: a.max(b), ..self }
    }
}

/// The interval of a value: Wilson's of a proportion of counts, that of a Poisson count of a cost
/// per result, the normal one of a mean over customers and of a net promoter score. Nothing else
/// in a document says how far chance moves it.
pub(super) fn of_value(figure: &Figure<'_>, confidence: Decimal) -> Option<Limits> {
    let level = confidence.to_f64()?;
    if let Some((successes, trials)) = counts(figure) {
        return Limits::of(interval::wilson(successes, trials, level)?, "Wilson");
    }
    if let Some(cost) = cost_per_result(figure) {
        return Limits::of(cost.interval(level)?, POISSON);
    }
    if let Some(mean) = measured(figure) {
        return Limits::of(mean.interval(level)?, DELTA);
    }
    Limits::of(net_promoter(figure, confidence)?.interval, "normal")
}

/// The interval of the later value less the earlier.
pub(super) fn of_difference(before: &Figure<'_>, after: &Figure<'_>, confidence: Decimal) -> Option<Limits> {
    let level = confidence.to_f64()?;
    if let (Some(first), Some(second)) = (proportion(before), proportion(after)) {
        return Limits::of(interval::newcombe_difference(first, second, level)?, "Newcombe");
    }
    if let (Some(first), Some(second)) = (cost_per_result(before), cost_per_result(after)) {
        return Limits::of(first.difference(second, level)?, POISSON);
    }
    if let (Some(first), Some(second)) = (measured(before), measured(after)) {
        return Limits::of(first.difference(second, level)?, DELTA);
    }
    let (first, second) = (net_promoter(before, confidence)?, net_promoter(after, confidence)?);
    Limits::of(interval::net_promoter_difference(first, second), "normal")
}

/// The interval of the difference as a part of the earlier value.
pub(super) fn of_relative_difference(before: &Figure<'_>, after: &Figure<'_>, confidence: Decimal) -> Option<Limits> {
    let level = confidence.to_f64()?;
    let (ratio, method) = if let (Some(first), Some(second)) = (proportion(before), proportion(after)) {
        (interval::rate_ratio(first, second, level)?, "Katz")
    } else if let (Some(first), Some(second)) = (cost_per_result(before), cost_per_result(after)) {
        (first.ratio(second, level)?, POISSON)
    } else {
        (measured(before)?.ratio(measured(after)?, level)?, DELTA)
    };
    let limits = Limits::of(ratio, method)?;
    Some(Limits { low: limits.low.checked_sub(Decimal::ONE)?, high: limits.high.checked_sub(Decimal::ONE)?, ..limits })
}

/// The test of whether two values differ by more than chance.
pub(super) fn test(before: &Figure<'_>, after: &Figure<'_>) -> Option<ChangeTest> {
    let (test, method) = if let (Some(first), Some(second)) = (proportion(before), proportion(after)) {
        (interval::two_proportion_test(first, second)?, "two-proportion z test")
    } else if let (Some(first), Some(second)) = (cost_per_result(before), cost_per_result(after)) {
        (first.test(second)?, "score test of two Poisson counts, given their costs")
    } else if let (Some(first), Some(second)) = (measured(before), measured(after)) {
        (first.test(second)?, "z test of two means over customers (delta method)")
    } else {
        let (first, second) = (net_promoter(before, SCORES)?, net_promoter(after, SCORES)?);
        (interval::net_promoter_test(first, second, SCORES.to_f64()?)?, "z test of two scores")
    };
    Some(ChangeTest { method: method.to_owned(), z: Number(decimal(test.z)?), p_value: Number(decimal(test.p_value)?) })
}

fn cost_per_result(figure: &Figure<'_>) -> Option<CostPerResult> {
    let (cost, results) = figure.cost_per_result()?;
    CostPerResult::new(cost.to_f64()?, results)
}

/// A mean over customers, where there are enough of them.
fn measured(figure: &Figure<'_>) -> Option<Measured> {
    let (standard_error, drawn) = figure.standard_error()?;
    if drawn < interval::FEWEST_DRAWN {
        return None;
    }
    Some(Measured { value: figure.value.to_f64()?, standard_error: standard_error.to_f64()? })
}

fn proportion(figure: &Figure<'_>) -> Option<Proportion> {
    let (successes, trials) = counts(figure)?;
    Proportion::new(successes, trials)
}

/// Successes and trials of a proportion of whole counts.
fn counts(figure: &Figure<'_>) -> Option<(u64, u64)> {
    let (numerator, denominator) = figure.ratio.filter(|_| figure.unit() == Unit::Share)?;
    Some((whole(numerator)?, whole(denominator)?))
}

fn net_promoter(figure: &Figure<'_>, confidence: Decimal) -> Option<NetPromoter> {
    let score = figure.unit() == Unit::Points && figure.reads(Measure::Promoters) && figure.reads(Measure::Detractors);
    let answers = |measure| figure.measure(measure).and_then(whole);
    let [promoters, passives, detractors] = [Measure::Promoters, Measure::Passives, Measure::Detractors].map(answers);
    let (promoters, passives, detractors) = (promoters?, passives?, detractors?);
    let total = promoters.checked_add(passives)?.checked_add(detractors)?;
    // The measures of the group may be of more sources than the score.
    if !score || figure.ratio.and_then(|(_, answers)| whole(answers)) != Some(total) {
        return None;
    }
    interval::net_promoter(promoters, passives, detractors, confidence.to_f64()?)
}

pub(super) fn whole(number: Decimal) -> Option<u64> {
    if number.is_integer() { number.to_u64() } else { None }
}

fn decimal(estimate: f64) -> Option<Decimal> {
    Some(Decimal::from_f64(estimate)?.round_dp(PLACES))
}
