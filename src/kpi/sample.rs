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
        (!self.is_empty()).then(|| self.statistics(unit))
    }

    fn statistics(&self, unit: Unit) -> Result<Distribution, Overflow> {
        let seconds = Exact::integer(match unit {
            Unit::Days => 86_400,
            Unit::Hours => 3_600,
            _ => 1,
        });
        let convert = |value: Exact| value.over(seconds).ok_or(Overflow)?.and_then(Exact::to_decimal);
        let mut sum = Exact::integer(0);
        for (value, count) in &self.counts {
            sum = sum.plus(Exact::from(*value).times(Exact::integer(i128::from(*count)))?)?;
        }
        let mean = sum.over(Exact::integer(i128::from(self.n))).ok_or(Overflow)??;
        Ok(Distribution {
            n: self.n,
            mean: convert(mean)?,
            median: convert(self.quantile(5)?)?,
            p90: convert(self.quantile(9)?)?,
            min: convert(Exact::from(self.nth(0)))?,
            max: convert(Exact::from(self.nth(self.n.saturating_sub(1))))?,
        })
    }

    /// The quantile at `tenths` / 10.
    fn quantile(&self, tenths: u64) -> Result<Exact, Overflow> {
        let position = u128::from(self.n.saturating_sub(1)).saturating_mul(u128::from(tenths));
        let rank = position.checked_div(10).and_then(|rank| u64::try_from(rank).ok()).ok_or(Overflow)?;
        let part = position.checked_rem(10).and_then(|part| i128::try_from(part).ok()).ok_or(Overflow)?;
        let low = Exact::from(self.nth(rank));
        let high = Exact::from(self.nth(rank.saturating_add(1).min(self.n.saturating_sub(1))));
        let fraction = Exact::integer(part).over(Exact::integer(10)).ok_or(Overflow)??;
        low.plus(high.minus(low)?.times(fraction)?)
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
    fn merging_is_adding() {
        let mut left = sample(&[1, 5]);
        left.merge(&sample(&[5, 2]));
        assert_eq!(left, sample(&[1, 2, 5, 5]));
    }
}
