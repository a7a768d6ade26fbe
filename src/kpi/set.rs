//! The measures of one group: what a formula is evaluated over.

use rust_decimal::Decimal;

use super::exact::{Exact, Overflow};
use super::measure::{Additivity, Measure};
use super::sample::Sample;

/// What is known of one measure in one group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Measured {
    /// An exact number.
    Number(Decimal),
    /// A sample of durations or scores; as a number it is its median.
    Sample(Sample),
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
    /// Sorted, each measure once. There are few of them in a group, and there may be many groups.
    values: Vec<(Measure, Measured)>,
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
            Measured::NotAdditive { .. } | Measured::Overflow => None,
        }
    }

    /// An empty set with room for so many measures.
    pub fn with_room(measures: usize) -> Self {
        MeasureSet { values: Vec::with_capacity(measures) }
    }

    /// Sets a measure, replacing what was there.
    pub fn put(&mut self, measure: Measure, measured: Measured) {
        match self.find(measure) {
            Ok(index) => {
                if let Some((_, known)) = self.values.get_mut(index) {
                    *known = measured;
                }
            }
            Err(index) => self.values.insert(index, (measure, measured)),
        }
    }

    /// Sets a measure to a number, replacing what was there.
    pub fn put_number(&mut self, measure: Measure, number: Decimal) {
        self.put(measure, Measured::Number(number));
    }

    /// Takes a measure out.
    pub fn remove(&mut self, measure: Measure) -> Option<Measured> {
        let index = self.find(measure).ok()?;
        Some(self.values.remove(index).1)
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
        if self.values.is_empty() {
            self.values.clone_from(&other.values);
            return;
        }
        for (measure, theirs) in other.iter() {
            let merged = match (self.remove(measure), theirs) {
                (None, theirs) => theirs.clone(),
                (Some(ours), _) if measure.additivity() == Additivity::Parameter => ours,
                (Some(Measured::Number(a)), Measured::Number(b)) if measure.additivity() != Additivity::Reach => {
                    add_numbers(a, *b)
                }
                (Some(Measured::Sample(mut sample)), Measured::Sample(more)) => {
                    sample.merge(more);
                    Measured::Sample(sample)
                }
                (Some(Measured::Overflow), _) | (_, Measured::Overflow) => Measured::Overflow,
                (Some(ours), theirs) => Measured::NotAdditive { rows: rows_of(&ours).saturating_add(rows_of(theirs)) },
            };
            self.put(measure, merged);
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
