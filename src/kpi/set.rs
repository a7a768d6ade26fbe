//! The measures of one group: what a formula is evaluated over.

use std::collections::{BTreeMap, BTreeSet};

use rust_decimal::Decimal;

use super::exact::{Exact, Overflow};
use super::measure::{Additivity, Measure};
use super::outcome::Unavailable;
use super::sample::{Ranked, Sample};
use super::spread::Spread;

/// What is known of one measure in one group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Measured {
    /// An exact number.
    Number(Decimal),
    /// A sample of durations or scores; as a number it is its median.
    Sample(Sample),
    /// A sample that an engine counted. Boxed: it is seldom there, and there may be very many sets.
    Ranked(Box<Ranked>),
    /// Something that does not add (reach) over more than one row.
    NotAdditive {
        /// How many rows there are.
        rows: u64,
    },
    /// The sum does not fit in 28 digits.
    Overflow,
}

impl Measured {
    /// Why it is no value of that measure, if it is none.
    pub fn unavailable(&self, measure: Measure) -> Option<Unavailable> {
        match self {
            Measured::NotAdditive { rows } => Some(Unavailable::NotAdditive { measure, rows: *rows }),
            Measured::Overflow => Some(Unavailable::Overflow),
            Measured::Sample(sample) if sample.is_empty() => Some(Unavailable::NoValues(measure)),
            _ => None,
        }
    }
}

/// Measures of a group, in the catalogue's order.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct MeasureSet {
    /// Sorted, each measure once. There are few of them in a group, and there may be many groups.
    values: Vec<(Measure, Measured)>,
    /// By the measures above and below the line. A spread stands only as long as both measures
    /// are the sums that it belongs to.
    spreads: BTreeMap<(Measure, Measure), Spread>,
}

impl Clone for MeasureSet {
    fn clone(&self) -> Self {
        MeasureSet { values: self.values.clone(), spreads: self.spreads.clone() }
    }

    /// Takes no new memory where there is enough.
    fn clone_from(&mut self, other: &Self) {
        self.values.clone_from(&other.values);
        self.spreads.clone_from(&other.spreads);
    }
}

impl MeasureSet {
    /// Whether anything is known of the measure.
    pub fn has(&self, measure: Measure) -> bool {
        self.find(measure).is_ok()
    }

    fn find(&self, measure: Measure) -> Result<usize, usize> {
        self.values.binary_search_by_key(&measure, |(known, _)| *known)
    }

    /// What is known of the measure.
    pub fn get(&self, measure: Measure) -> Option<&Measured> {
        let index = self.find(measure).ok()?;
        self.values.get(index).map(|(_, measured)| measured)
    }

    /// The measure as one number: a sample's median, nothing for what does not add.
    pub fn number(&self, measure: Measure) -> Option<Decimal> {
        match self.get(measure)? {
            Measured::Number(number) => Some(*number),
            Measured::Sample(sample) => sample.distribution(measure.unit())?.ok().map(|statistics| statistics.median),
            Measured::Ranked(ranked) => ranked.distribution(measure.unit()).ok().map(|statistics| statistics.median),
            Measured::NotAdditive { .. } | Measured::Overflow => None,
        }
    }

    /// Forgets everything, and keeps the memory for what comes next.
    pub fn clear(&mut self) {
        self.values.clear();
        self.spreads.clear();
    }

    /// The measured value at that place in the catalogue's order, where it is a number.
    pub(super) fn number_at(&self, index: usize) -> Option<Decimal> {
        match self.values.get(index) {
            Some((_, Measured::Number(number))) => Some(*number),
            _ => None,
        }
    }

    /// The place of the measure in the catalogue's order.
    pub(super) fn place_of(&self, measure: Measure) -> Option<usize> {
        self.find(measure).ok()
    }

    /// Whether the set holds numbers and nothing else: no sample, no overflow, no spread. What can
    /// be computed from such a set depends on which measures it has, and on their values only where
    /// something is zero or very large.
    pub fn is_plain(&self) -> bool {
        self.spreads.is_empty() && self.values.iter().all(|(_, measured)| matches!(measured, Measured::Number(_)))
    }

    /// Whether the set has these measures and no other.
    pub fn has_exactly(&self, measures: &[Measure]) -> bool {
        self.values.len() == measures.len() && self.values.iter().zip(measures).all(|((known, _), measure)| known == measure)
    }

    fn set(&mut self, measure: Measure, measured: Measured) {
        // Most come in the catalogue's order.
        if self.values.last().is_none_or(|(last, _)| *last < measure) {
            self.values.push((measure, measured));
            return;
        }
        match self.find(measure) {
            Ok(index) => {
                if let Some((_, known)) = self.values.get_mut(index) {
                    *known = measured;
                }
            }
            Err(index) => self.values.insert(index, (measure, measured)),
        }
    }

    fn take(&mut self, measure: Measure) -> Option<Measured> {
        let index = self.find(measure).ok()?;
        Some(self.values.remove(index).1)
    }

    /// Sets a measure, replacing what was there.
    pub fn put(&mut self, measure: Measure, measured: Measured) {
        self.forget_spreads(measure);
        self.set(measure, measured);
    }

    /// How the ratio of two measures that are there varies over what was drawn.
    pub fn spread(&self, above: Measure, below: Measure) -> Option<&Spread> {
        self.spreads.get(&(above, below))
    }

    /// Sets the spread of the ratio of two measures, after the measures themselves.
    pub fn put_spread(&mut self, above: Measure, below: Measure, spread: Spread) {
        self.spreads.insert((above, below), spread);
    }

    fn forget_spreads(&mut self, measure: Measure) {
        if !self.spreads.is_empty() {
            self.spreads.retain(|(above, below), _| *above != measure && *below != measure);
        }
    }

    /// Sets a measure to a number, replacing what was there.
    pub fn put_number(&mut self, measure: Measure, number: Decimal) {
        self.put(measure, Measured::Number(number));
    }

    /// Takes a measure out.
    pub fn remove(&mut self, measure: Measure) -> Option<Measured> {
        self.forget_spreads(measure);
        self.take(measure)
    }

    /// All measures in the catalogue's order.
    pub fn iter(&self) -> impl Iterator<Item = (Measure, &Measured)> {
        self.values.iter().map(|(measure, measured)| (*measure, measured))
    }

    /// Whether nothing is known.
    pub fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    /// Adds another source's measures of the same group, each as its declaration says: sums and
    /// stocks of different sources add, samples merge, parameters must be the same, and what does
    /// not add is marked so.
    pub fn add(&mut self, other: &MeasureSet) {
        if self.values.is_empty() && self.spreads.is_empty() {
            self.clone_from(other);
            return;
        }
        self.add_spreads(other);
        for (measure, theirs) in other.iter() {
            let merged = match (self.take(measure), theirs) {
                (None, theirs) => theirs.clone(),
                (Some(ours), _) if measure.additivity() == Additivity::Parameter => ours,
                (Some(Measured::Number(a)), Measured::Number(b)) if measure.additivity() != Additivity::Reach => {
                    add_numbers(a, *b)
                }
                (Some(Measured::Sample(mut sample)), Measured::Sample(more)) => {
                    sample.merge(more);
                    Measured::Sample(sample)
                }
                (Some(Measured::Ranked(ranked)), Measured::Sample(none)) if none.is_empty() => Measured::Ranked(ranked),
                (Some(Measured::Sample(none)), Measured::Ranked(ranked)) if none.is_empty() => Measured::Ranked(ranked.clone()),
                (Some(Measured::Overflow), _) | (_, Measured::Overflow) => Measured::Overflow,
                (Some(ours), theirs) => Measured::NotAdditive { rows: rows_of(&ours).saturating_add(rows_of(theirs)) },
            };
            self.set(measure, merged);
        }
    }
}

impl MeasureSet {
    /// Keeps the spreads that stay those of their measures: where only one side has anything of
    /// either measure, or both have the spread.
    fn add_spreads(&mut self, other: &MeasureSet) {
        let pairs: BTreeSet<_> = self.spreads.keys().chain(other.spreads.keys()).copied().collect();
        for pair in pairs {
            let concerns = |set: &MeasureSet| set.has(pair.0) || set.has(pair.1);
            let merged = match (self.spreads.get(&pair), other.spreads.get(&pair)) {
                (Some(ours), Some(theirs)) => ours.plus(*theirs).ok(),
                (Some(ours), None) if !concerns(other) => Some(*ours),
                (None, Some(theirs)) if !concerns(self) => Some(*theirs),
                _ => None,
            };
            match merged {
                Some(merged) => drop(self.spreads.insert(pair, merged)),
                None => drop(self.spreads.remove(&pair)),
            }
        }
    }
}

fn add_numbers(a: Decimal, b: Decimal) -> Measured {
    match Exact::from(a).plus(Exact::from(b)).and_then(Exact::to_decimal) {
        Ok(sum) => Measured::Number(sum),
        Err(Overflow) => Measured::Overflow,
    }
}

fn rows_of(measured: &Measured) -> u64 {
    match measured {
        Measured::NotAdditive { rows } => *rows,
        _ => 1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAIR: (Measure, Measure) = (Measure::Revenue, Measure::Orders);

    fn spread(drawn: u64) -> Spread {
        let times = |factor: u64| Decimal::from(drawn.saturating_mul(factor));
        Spread { drawn, above_squared: times(100), below_squared: times(1), products: times(10) }
    }

    fn of(measures: &[Measure], drawn: Option<u64>) -> MeasureSet {
        let mut set = MeasureSet::default();
        measures.iter().for_each(|measure| set.put_number(*measure, Decimal::TEN));
        if let Some(drawn) = drawn {
            set.put_spread(PAIR.0, PAIR.1, spread(drawn));
        }
        set
    }

    #[test]
    fn a_spread_stands_as_long_as_its_sums_do() {
        let both = [Measure::Revenue, Measure::Orders];
        let after_adding = |other: &MeasureSet| {
            let mut set = of(&both, Some(3));
            set.add(other);
            let mut turned = other.clone();
            turned.add(&of(&both, Some(3)));
            assert_eq!(set.spread(PAIR.0, PAIR.1), turned.spread(PAIR.0, PAIR.1));
            set.spread(PAIR.0, PAIR.1).copied()
        };
        assert_eq!(after_adding(&of(&both, Some(4))), Some(spread(7)));
        assert_eq!(after_adding(&of(&[Measure::Clicks], None)), Some(spread(3)));
        // Revenue of someone whose customers are not known.
        assert_eq!(after_adding(&of(&[Measure::Revenue], None)), None);
        assert_eq!(after_adding(&of(&both, None)), None);
        let mut set = of(&both, Some(3));
        set.put_number(Measure::Revenue, Decimal::ONE);
        assert_eq!(set.spread(PAIR.0, PAIR.1), None);
        let mut set = of(&both, Some(3));
        set.remove(Measure::Orders);
        assert_eq!(set.spread(PAIR.0, PAIR.1), None);
    }
}
