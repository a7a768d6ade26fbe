//! How a value changed from one result to another, and whether that is more than chance.
//!
//! Rates are tested (two proportions, pooled variance) and their difference has Newcombe's interval;
//! net promoter scores are tested as independent normal scores. Of money per unit, what customers
//! brought (by order, by customer) is tested with the delta method over customers, whose standard
//! error the result holds; what a lead or a customer cost is tested as a Poisson count, given the
//! cost. Other money per unit, durations and sums are not: what chance does to them shows in the
//! single rows, which a result does not hold. That is said with each of them, and the verdict then
//! rests on the values alone.

use rust_decimal::Decimal;

use super::estimate;
use super::figure::Figure;
use super::verdict::part_of;
use crate::config::{Stat, Subject};
use crate::contract::{ChangeTest, ChangeVerdict, Estimate, Number};
use crate::kpi::{Better, Expr, Unit};

/// A change, ready for a document.
#[derive(Clone, Debug)]
pub(super) struct Change {
    pub(super) difference: Option<Number>,
    pub(super) relative: Option<Number>,
    pub(super) verdict: ChangeVerdict,
    pub(super) test: Option<ChangeTest>,
    pub(super) interval: Option<Estimate>,
    pub(super) reason: Option<String>,
}

impl Change {
    /// One side has no value.
    pub(super) fn unavailable(reason: String) -> Self {
        Change {
            difference: None,
            relative: None,
            verdict: ChangeVerdict::Unavailable,
            test: None,
            interval: None,
            reason: Some(reason),
        }
    }
}

/// Which way a subject is better; a measure by itself neither way.
pub(super) fn better(subject: Subject) -> Better {
    match subject {
        Subject::Kpi(kpi) => kpi.better,
        Subject::Measure(_) => Better::Neither,
    }
}

/// Assesses a change at a confidence between 0 and 1.
pub(super) fn assess(
    subject: Subject,
    stat: Option<Stat>,
    before: &Figure<'_>,
    after: &Figure<'_>,
    confidence: Decimal,
) -> Change {
    let mut reasons: Vec<String> = Vec::new();
    let exact = after.exact().minus(before.exact());
    let difference = exact.and_then(crate::kpi::Exact::to_decimal).ok();
    let relative = exact.ok().and_then(|difference| match part_of(difference, before.exact()) {
        Ok(part) => part.and_then(crate::kpi::Exact::to_decimal).ok(),
        Err(why) => {
            reasons.push(format!("no percentage: {why}"));
            None
        }
    });
    let test = estimate::test(before, after);
    let risk = Decimal::ONE.checked_sub(confidence).unwrap_or_default();
    let verdict = match (exact, &test) {
        (Ok(difference), _) if difference.is_zero() => ChangeVerdict::Same,
        (_, Some(test)) if test.p_value.0 >= risk => ChangeVerdict::WithinNoise,
        (Ok(difference), _) => direction(better(subject), difference.is_negative()),
        (Err(_), _) => ChangeVerdict::Unavailable,
    };
    if test.is_none() && verdict != ChangeVerdict::Same {
        reasons.push(format!("not tested: {}", untested(subject, stat, before, after)));
    }
    Change {
        difference: difference.map(Number),
        relative: relative.map(Number),
        verdict,
        test,
        interval: estimate::of_difference(before, after, confidence).map(|limits| limits.document(confidence, false)),
        reason: (!reasons.is_empty()).then(|| reasons.join("; ")),
    }
}

fn direction(better: Better, fell: bool) -> ChangeVerdict {
    match (better, fell) {
        (Better::Higher, false) | (Better::Lower, true) => ChangeVerdict::Better,
        (Better::Higher, true) | (Better::Lower, false) => ChangeVerdict::Worse,
        (Better::Neither, false) => ChangeVerdict::Higher,
        (Better::Neither, true) => ChangeVerdict::Lower,
    }
}

fn is_ratio(subject: Subject) -> bool {
    matches!(subject, Subject::Kpi(kpi) if matches!(kpi.formula, Expr::Ratio(..)))
}

/// Why a change has no test, in words.
fn untested(subject: Subject, stat: Option<Stat>, before: &Figure<'_>, after: &Figure<'_>) -> &'static str {
    match subject.unit() {
        _ if before.standard_error().is_some() && after.standard_error().is_some() => "there are fewer than 30 customers",
        _ if before.cost_per_result().is_some() => "there are fewer than 5 results to expect on a side",
        _ if stat.is_some() || subject.is_sample() => "that takes every single value, and a result has only their statistics",
        _ if !is_ratio(subject) => "a sum has no spread of its own",
        Unit::Share => "one side is no whole part of a whole, or nothing varies",
        Unit::Money | Unit::Percent | Unit::Multiple => {
            "that takes the amounts of the single rows, and a result has only their sums"
        }
        _ => "a result does not hold what chance does to it",
    }
}
