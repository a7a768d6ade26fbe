//! A sample of durations or scores, and its exact statistics.

use std::collections::BTreeMap;

use rust_decimal::Decimal;

use super::exact::{Exact, Overflow};
use super::unit::Unit;

/// Every value of a duration or score measure, so that quantiles are exact and two samples merge
/// without loss. Durations are kept in seconds whatever unit they are reported in.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sample {
    counts: BTreeMap<Decimal, u64>,
    n: u64,
}

/// A sample that was counted where its rows are: the values that its statistics need, and no other.
/// The statistics are as exact as those of a [`Sample`]; two of them do not merge.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ranked {
    /// Number of values; never 0.
    pub n: u64,
    /// Sum of all values.
    pub sum: Decimal,
    /// The smallest.
    pub min: Decimal,
    /// The largest.
    pub max: Decimal,
    /// The values at the ranks around the median: at ⌊(n − 1) × 0.5⌋, counted from 0, and at the next.
    pub median: (Decimal, Decimal),
    /// The same around the 90th percentile.
    pub p90: (Decimal, Decimal),
}

/// What is reported of a sample.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Distribution {
    /// Number of values.
    pub n: u64,
    /// Arithmetic mean.
    pub mean: Decimal,
    /// 50th percentile.
    pub median: Decimal,
    /// 90th percentile.
    pub p90: Decimal,
    /// Smallest value.
    pub min: Decimal,
    /// Largest value.
    pub max: Decimal,
}

impl Sample {
    /// Adds one value (seconds for a duration).
    pub fn add(&mut self, value: Decimal) {
        let count = self.counts.entry(value).or_default();
        *count = count.saturating_add(1);
        self.n = self.n.saturating_add(1);
    }

    /// Adds a value that occurs so many times.
    pub fn add_times(&mut self, value: Decimal, times: u64) {
        let count = self.counts.entry(value).or_default();
        *count = count.saturating_add(times);
        self.n = self.n.saturating_add(times);
    }

    /// Adds all values of the other.
    pub fn merge(&mut self, other: &Sample) {
        for (value, by) in &other.counts {
            let count = self.counts.entry(*value).or_default();
            *count = count.saturating_add(*by);
        }
        self.n = self.n.saturating_add(other.n);
    }

    /// Number of values.
    pub const fn len(&self) -> u64 {
        self.n
    }

    /// Whether there is no value.
    pub const fn is_empty(&self) -> bool {
        self.n == 0
    }

    /// Distinct values in rising order, each with how often it occurs.
    pub fn counts(&self) -> impl Iterator<Item = (Decimal, u64)> + '_ {
        self.counts.iter().map(|(value, count)| (*value, *count))
    }

    /// Mean and quantiles in `unit` (seconds are converted for [`Unit::Days`] and
    /// [`Unit::Hours`]); `None` for an empty sample.
    ///
    /// Quantiles interpolate linearly between the two nearest ranks (type 7 of Hyndman and Fan,
    /// "Sample quantiles in statistical packages", 1996: what `quantile_cont` does in SQL).
    pub fn distribution(&self, unit: Unit) -> Option<Result<Distribution, Overflow>> {
        (!self.is_empty()).then(|| {
            let mut sum = Exact::integer(0);
            for (value, count) in &self.counts {
                sum = sum.plus(Exact::from(*value).times(Exact::integer(i128::from(*count)))?)?;
            }
            let around = |tenths: u64| {
                let (rank, _) = rank(self.n, tenths)?;
                Ok((self.nth(rank), self.nth(rank.saturating_add(1).min(self.n.saturating_sub(1)))))
            };
            let (min, max) = (self.nth(0), self.nth(self.n.saturating_sub(1)));
            statistics(self.n, sum, (min, max), around(5)?, around(9)?, unit)
        })
    }

    /// The value of that rank, counted from 0 in rising order.
    fn nth(&self, rank: u64) -> Decimal {
        let mut before = 0_u64;
        for (value, count) in &self.counts {
            before = before.saturating_add(*count);
            if rank < before {
                return *value;
            }
        }
        Decimal::ZERO
    }
}

impl Ranked {
    /// Mean and quantiles in `unit`, as [`Sample::distribution`] gives them.
    ///
    /// # Errors
    /// A number does not fit in 28 digits.
    pub fn distribution(&self, unit: Unit) -> Result<Distribution, Overflow> {
        statistics(self.n, Exact::from(self.sum), (self.min, self.max), self.median, self.p90, unit)
    }
}

fn statistics(
    n: u64,
    sum: Exact,
    (min, max): (Decimal, Decimal),
    median: (Decimal, Decimal),
    p90: (Decimal, Decimal),
    unit: Unit,
) -> Result<Distribution, Overflow> {
    let seconds = Exact::integer(match unit {
        Unit::Days => 86_400,
        Unit::Hours => 3_600,
        _ => 1,
    });
    let convert = |value: Exact| value.over(seconds).ok_or(Overflow)?.and_then(Exact::to_decimal);
    let mean = sum.over(Exact::integer(i128::from(n))).ok_or(Overflow)??;
    Ok(Distribution {
        n,
        mean: convert(mean)?,
        median: convert(between(n, 5, median)?)?,
        p90: convert(between(n, 9, p90)?)?,
        min: convert(Exact::from(min))?,
        max: convert(Exact::from(max))?,
    })
}

/// The rank below the quantile at `tenths` / 10 of `n` values, counted from 0, and how many tenths
/// of the way to the next rank it lies.
fn rank(n: u64, tenths: u64) -> Result<(u64, i128), Overflow> {
    let position = u128::from(n.saturating_sub(1)).saturating_mul(u128::from(tenths));
    let rank = position.checked_div(10).and_then(|rank| u64::try_from(rank).ok()).ok_or(Overflow)?;
    let part = position.checked_rem(10).and_then(|part| i128::try_from(part).ok()).ok_or(Overflow)?;
    Ok((rank, part))
}

/// The quantile at `tenths` / 10 between the values at the two ranks around it.
fn between(n: u64, tenths: u64, (low, high): (Decimal, Decimal)) -> Result<Exact, Overflow> {
    let (_, part) = rank(n, tenths)?;
    let (low, high) = (Exact::from(low), Exact::from(high));
    let fraction = Exact::integer(part).over(Exact::integer(10)).ok_or(Overflow)??;
    low.plus(high.minus(low)?.times(fraction)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample(values: &[i64]) -> Sample {
        let mut sample = Sample::default();
        for value in values {
            sample.add(Decimal::from(*value));
        }
        sample
    }

    #[test]
    fn quantiles_are_type_7() {
        // numpy.quantile([1, 2, 3, 4, 10], [.5, .9]) -> 3.0, 7.6; of the first four 2.5, 3.7
        let five = sample(&[4, 1, 10, 3, 2]).distribution(Unit::Score).expect("values").expect("fits");
        assert_eq!(
            (five.median.to_string(), five.p90.to_string(), five.mean.to_string()),
            ("3".into(), "7.6".into(), "4".into())
        );
        let four = sample(&[4, 1, 3, 2]).distribution(Unit::Score).expect("values").expect("fits");
        assert_eq!((four.median.to_string(), four.p90.to_string()), ("2.5".into(), "3.7".into()));
    }

    #[test]
    fn days_are_seconds_by_86400_and_empty_has_none() {
        let days = sample(&[43_200, 43_200]).distribution(Unit::Days).expect("values").expect("fits");
        assert_eq!(days.median.to_string(), "0.5");
        assert!(Sample::default().distribution(Unit::Days).is_none());
    }

    #[test]
    fn ranks_say_as_much_as_all_values() {
        // Of 1 2 3 4 10: ranks 2 and 3 around the median, 3 and 4 around the 90th percentile.
        let decimal = |value: i64| Decimal::from(value);
        let ranked = Ranked {
            n: 5,
            sum: decimal(20),
            min: decimal(1),
            max: decimal(10),
            median: (decimal(3), decimal(4)),
            p90: (decimal(4), decimal(10)),
        };
        let all = sample(&[4, 1, 10, 3, 2]).distribution(Unit::Score).expect("values");
        assert_eq!(ranked.distribution(Unit::Score), all);
        assert_eq!(all.expect("fits").p90.to_string(), "7.6");
    }

    #[test]
    fn merging_is_adding() {
        let mut left = sample(&[1, 5]);
        left.merge(&sample(&[5, 2]));
        assert_eq!(left, sample(&[1, 2, 5, 5]));
    }
}
