//! The measures of one group: what a formula is evaluated over.

use std::collections::BTreeMap;

use rust_decimal::Decimal;

use super::exact::{Exact, Overflow};
use super::measure::{Additivity, Measure};
use super::sample::{Ranked, Sample};

/// What is known of one measure in one group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Measured {
    /// An exact number.
    Number(Decimal),
    /// A sample of durations or scores; as a number it is its median.
    Sample(Sample),
    /// A sample that an engine counted.
    Ranked(Ranked),
    /// Something that does not add (reach) over more than one row.
    NotAdditive {
        /// How many rows there are.
        rows: u64,
    },
    /// The sum does not fit in 28 digits.
    Overflow,
}

/// Measures of a group, in the catalogue's order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MeasureSet {
    values: BTreeMap<Measure, Measured>,
}

impl MeasureSet {
    /// Whether anything is known of the measure.
    pub fn has(&self, measure: Measure) -> bool {
        self.values.contains_key(&measure)
    }

    /// What is known of the measure.
    pub fn get(&self, measure: Measure) -> Option<&Measured> {
        self.values.get(&measure)
    }

    /// The measure as one number: a sample's median, nothing for what does not add.
    pub fn number(&self, measure: Measure) -> Option<Decimal> {
        match self.values.get(&measure)? {
            Measured::Number(number) => Some(*number),
            Measured::Sample(sample) => sample.distribution(measure.unit())?.ok().map(|statistics| statistics.median),
            Measured::Ranked(ranked) => ranked.distribution(measure.unit()).ok().map(|statistics| statistics.median),
            Measured::NotAdditive { .. } | Measured::Overflow => None,
        }
    }

    /// Sets a measure, replacing what was there.
    pub fn put(&mut self, measure: Measure, measured: Measured) {
        self.values.insert(measure, measured);
    }

    /// Sets a measure to a number, replacing what was there.
    pub fn put_number(&mut self, measure: Measure, number: Decimal) {
        self.put(measure, Measured::Number(number));
    }

    /// Takes a measure out.
    pub fn remove(&mut self, measure: Measure) -> Option<Measured> {
        self.values.remove(&measure)
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
        for (measure, theirs) in other.iter() {
            let merged = match (self.values.remove(&measure), theirs) {
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
                (Some(Measured::Sample(none)), Measured::Ranked(ranked)) if none.is_empty() => Measured::Ranked(*ranked),
                (Some(Measured::Overflow), _) | (_, Measured::Overflow) => Measured::Overflow,
                (Some(ours), theirs) => Measured::NotAdditive { rows: rows_of(&ours).saturating_add(rows_of(theirs)) },
            };
            self.values.insert(measure, merged);
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
