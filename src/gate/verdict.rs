//! Whether a test holds: for a value, for everything in an interval, for nothing in it.

use rust_decimal::Decimal;

use super::estimate::Limits;
use crate::config::{MeasuredBy, Mode, Movement, Op, Test};
use crate::kpi::{Exact, Overflow};

/// What a test came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Ruling {
    pub(super) holds: bool,
    /// What the interval had to do with it.
    pub(super) note: Option<&'static str>,
}

/// The ruling where the interval decides: by `mode` either a miss or a pass must be beyond doubt.
/// `holds` is what the value itself says; `test` is a comparison or a range.
pub(super) fn with_interval(test: &Test, holds: bool, limits: Limits, mode: Mode) -> Ruling {
    match mode {
        Mode::FailWhenSure if fails_everywhere(test, limits) => {
            Ruling { holds: false, note: Some("the whole interval is beyond the threshold") }
        }
        Mode::FailWhenSure => Ruling { holds: true, note: (!holds).then_some("missed, but by no more than chance explains") },
        Mode::PassWhenSure if holds_everywhere(test, limits) => Ruling { holds: true, note: None },
        Mode::PassWhenSure => Ruling { holds: false, note: holds.then_some("met, but not beyond doubt") },
    }
}

/// Whether every value of the interval passes. What passes is a stretch without gaps for every
/// test but `!=`, so that the ends speak for what lies between.
fn holds_everywhere(test: &Test, limits: Limits) -> bool {
    let Limits { low, high, .. } = limits;
    match test {
        Test::Compare(Op::NotEqual, limit) => limit.value < low || limit.value > high,
        test => test.holds(low) == Some(true) && test.holds(high) == Some(true),
    }
}

/// Whether no value of the interval passes.
fn fails_everywhere(test: &Test, limits: Limits) -> bool {
    let Limits { low, high, .. } = limits;
    match test {
        Test::Compare(op @ (Op::Less | Op::AtMost), limit) => !op.holds(low, limit.value),
        Test::Compare(op @ (Op::More | Op::AtLeast), limit) => !op.holds(high, limit.value),
        Test::Compare(Op::Equal, limit) => limit.value < low || limit.value > high,
        Test::Compare(Op::NotEqual, limit) => limit.value == low && limit.value == high,
        Test::Between { low: (least, with_least), high: (most, with_most) } => {
            let below = if *with_least { high < least.value } else { high <= least.value };
            let above = if *with_most { low > most.value } else { low >= most.value };
            below || above
        }
        Test::Moves(..) => false,
    }
}

/// How far a value moved, in the sense of a rule.
#[derive(Clone, Copy, Debug)]
pub(super) struct Moved {
    /// The drop, rise or change; a ratio where it is measured as a part.
    pub(super) amount: Decimal,
    pub(super) holds: bool,
}

/// Whether a movement from a baseline is within its limit.
///
/// # Errors
/// The reason why it cannot be said.
pub(super) fn moved(
    movement: Movement,
    op: Op,
    by: MeasuredBy,
    limit: Decimal,
    before: Exact,
    after: Exact,
) -> Result<Moved, &'static str> {
    let too_large = |Overflow| "the numbers are too large to be exact";
    let rise = after.minus(before).map_err(too_large)?;
    let falls = match movement {
        Movement::Drop => true,
        Movement::Rise => false,
        Movement::Change => rise.is_negative(),
    };
    let amount = if falls { before.minus(after).map_err(too_large)? } else { rise };
    let limit = Exact::from(limit);
    let (amount, limit, shown) = match by {
        MeasuredBy::Difference => (amount, limit, amount),
        MeasuredBy::Part => {
            let part = part_of(amount, before)?.map_err(too_large)?;
            // Compared without the division, so that no digit is lost.
            (amount, limit.times(before).map_err(too_large)?, part)
        }
    };
    let distance = amount.minus(limit).map_err(too_large)?;
    let sign = match (distance.is_zero(), distance.is_negative()) {
        (true, _) => Decimal::ZERO,
        (_, true) => Decimal::NEGATIVE_ONE,
        _ => Decimal::ONE,
    };
    Ok(Moved { amount: shown.to_decimal().map_err(too_large)?, holds: op.holds(sign, Decimal::ZERO) })
}

/// A difference as a part of the value that it starts from.
///
/// # Errors
/// That value is 0, from which growth is not infinite but unavailable, or negative, where a part
/// has the wrong sign.
pub(super) fn part_of(difference: Exact, before: Exact) -> Result<Result<Exact, Overflow>, &'static str> {
    if before.is_negative() {
        return Err("the earlier value is negative: a part of it says nothing");
    }
    difference.over(before).ok_or("the earlier value is 0: growth from nothing has no rate")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Rule;
    use crate::kpi::Catalogue;
    use proptest::prelude::*;

    fn test_of(rule: &str) -> Test {
        Rule::parse(rule, &Catalogue::builtin()).expect("a rule").test
    }

    fn limits(low: i64, high: i64) -> Limits {
        Limits { low: Decimal::new(low, 2), high: Decimal::new(high, 2), method: "Wilson" }
    }

    fn exact(text: &str) -> Exact {
        Exact::from(text.parse::<Decimal>().expect("a decimal"))
    }

    #[test]
    fn noise_fails_no_build_and_passes_none_that_must_be_sure() {
        let at_least = test_of("open_rate >= 20%");
        for (low, high, value_holds, fail_when_sure, pass_when_sure) in
            [(15, 19, false, false, false), (15, 20, false, true, false), (18, 24, true, true, false), (20, 24, true, true, true)]
        {
            let ruling = |mode| with_interval(&at_least, value_holds, limits(low, high), mode).holds;
            assert_eq!(ruling(Mode::FailWhenSure), fail_when_sure, "{low}..{high}");
            assert_eq!(ruling(Mode::PassWhenSure), pass_when_sure, "{low}..{high}");
        }
        let range = test_of("10% < open_rate < 20%");
        assert!(fails_everywhere(&range, limits(5, 10)) && fails_everywhere(&range, limits(20, 30)));
        assert!(!fails_everywhere(&range, limits(5, 30)) && holds_everywhere(&range, limits(11, 19)));
    }

    #[test]
    fn movements_are_compared_exactly() {
        let drop = |by, limit: &str, before: &str, after: &str| {
            let limit = limit.parse().expect("a decimal");
            moved(Movement::Drop, Op::AtMost, by, limit, exact(before), exact(after))
        };
        // From 20 % to 18 %: a drop of 10 % of the value, of 2 percentage points.
        assert!(drop(MeasuredBy::Part, "0.1", "0.20", "0.18").expect("known").holds);
        assert!(!drop(MeasuredBy::Part, "0.0999999999999999999999999", "0.20", "0.18").expect("known").holds);
        assert!(drop(MeasuredBy::Difference, "0.02", "0.20", "0.18").expect("known").holds);
        assert!(!drop(MeasuredBy::Difference, "0.0199", "0.20", "0.18").expect("known").holds);
        // Thirds have no last digit, and a tenth of one is still exactly a tenth.
        let third = Exact::integer(1).over(Exact::integer(3)).expect("not zero").expect("fits");
        let less = Exact::integer(3).over(Exact::integer(10)).expect("not zero").expect("fits");
        let tenth = Decimal::new(1, 1);
        assert!(moved(Movement::Drop, Op::AtMost, MeasuredBy::Part, tenth, third, less).expect("known").holds);
        assert!(!moved(Movement::Drop, Op::Less, MeasuredBy::Part, tenth, third, less).expect("known").holds);
    }

    #[test]
    fn growth_from_nothing_is_unavailable() {
        let rise = moved(Movement::Rise, Op::AtLeast, MeasuredBy::Part, Decimal::ONE, exact("0"), exact("5"));
        assert!(rise.expect_err("no rate").contains("growth from nothing"));
        let negative = moved(Movement::Rise, Op::AtLeast, MeasuredBy::Part, Decimal::ONE, exact("-1"), exact("5"));
        assert!(negative.expect_err("no rate").contains("negative"));
        // A difference is another matter.
        assert!(moved(Movement::Rise, Op::AtLeast, MeasuredBy::Difference, Decimal::ONE, exact("0"), exact("5")).is_ok());
    }

    proptest! {
        /// Over a grid of every value in the interval, "everywhere" means what it says.
        #[test]
        fn everywhere_is_every_value(low in 0_i64..40, width in 0_i64..20, form in 0_usize..8) {
            let rules = [
                "open_rate >= 20%", "open_rate > 20%", "open_rate <= 20%", "open_rate < 20%", "open_rate == 20%",
                "open_rate != 20%", "10% <= open_rate <= 20%", "10% < open_rate < 20%",
            ];
            let test = test_of(rules[form]);
            let high = low + width;
            // Ten times finer than the limits, so that open ends are told from closed ones.
            let grid: Vec<bool> =
                (low * 10..=high * 10).map(|value| test.holds(Decimal::new(value, 3)) == Some(true)).collect();
            prop_assert_eq!(holds_everywhere(&test, limits(low, high)), grid.iter().all(|holds| *holds));
            prop_assert_eq!(fails_everywhere(&test, limits(low, high)), !grid.iter().any(|holds| *holds));
        }
    }
}
