//! Influenced and sourced conversions: whom a channel touched at all, and whom it brought.
//!
//! Influenced parts overlap: a journey with three channels is influenced by all three, so the
//! parts must not be added. Sourced parts do add up.

use std::collections::BTreeMap;

use rust_decimal::Decimal;

use super::{Journey, Refused, check_channels, place};

/// Whole conversions and their value.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Part {
    /// Number of conversions.
    pub conversions: u64,
    /// Their value.
    pub value: Decimal,
}

impl Part {
    fn add(&mut self, journey: &Journey) -> Result<(), Refused> {
        self.conversions = self.conversions.checked_add(journey.conversions).ok_or(Refused::Overflow)?;
        self.value = add_exactly(self.value, journey.value).ok_or(Refused::Overflow)?;
        Ok(())
    }
}

/// What channels influenced and brought.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Influence {
    /// By channel number: conversions with any touch of the channel before them. These overlap
    /// and must not be added.
    pub influenced: Vec<Part>,
    /// Conversions with at least one touch of a channel that counts, each once.
    pub influenced_by_any: Part,
    /// By channel number: conversions of people whose first touch was the channel's.
    pub sourced: Vec<Part>,
    /// All conversions, with or without touches.
    pub total: Part,
}

/// Adds up influence and source over journeys that stand in order of time for each person.
///
/// `counts` says which channels count as influence taken together (direct visits do not make
/// revenue marketing's). The source of a person's later conversions is their first touch ever,
/// not the first since their last conversion; the source of a row for many people is its first
/// touch.
pub fn influence(journeys: &[Journey], channels: usize, counts: impl Fn(u32) -> bool) -> Result<Influence, Refused> {
    check_channels(journeys, channels)?;
    let none = vec![Part::default(); channels];
    let (mut influenced, mut sourced) = (none.clone(), none);
    let (mut influenced_by_any, mut total) = (Part::default(), Part::default());
    let mut first_ever: BTreeMap<u32, u32> = BTreeMap::new();
    let mut touched = Vec::new();
    for journey in journeys {
        total.add(journey)?;
        touched.clear();
        touched.extend(journey.touches.iter().map(|touch| touch.channel));
        let first = match (journey.person, touched.first().copied()) {
            (Some(person), Some(first)) => Some(*first_ever.entry(person).or_insert(first)),
            (Some(person), None) => first_ever.get(&person).copied(),
            (None, first) => first,
        };
        if let Some(first) = first {
            sourced[place(first, channels)?].add(journey)?;
        }
        touched.sort_unstable();
        touched.dedup();
        for channel in &touched {
            influenced[place(*channel, channels)?].add(journey)?;
        }
        if touched.iter().any(|channel| counts(*channel)) {
            influenced_by_any.add(journey)?;
        }
    }
    Ok(Influence { influenced, influenced_by_any, sourced, total })
}

/// The sum with every digit, or none: a decimal's own sum drops digits that have no room.
fn add_exactly(a: Decimal, b: Decimal) -> Option<Decimal> {
    let (a, b) = (a.normalize(), b.normalize());
    let scale = a.scale().max(b.scale());
    let at_scale = |d: Decimal| d.mantissa().checked_mul(10_i128.checked_pow(scale.checked_sub(d.scale())?)?);
    let sum = at_scale(a)?.checked_add(at_scale(b)?)?;
    Decimal::try_from_i128_with_scale(sum, scale).ok().map(|sum| sum.normalize())
}

#[cfg(test)]
mod tests {
    use super::super::Touch;
    use super::*;

    fn journey(person: u32, path: &[u32], conversions: u64, value: i64) -> Journey {
        let touches = path.iter().map(|channel| Touch::untimed(*channel)).collect();
        Journey { touches, conversions, value: value.into(), person: Some(person), ..Journey::default() }
    }

    fn part(conversions: u64, value: i64) -> Part {
        Part { conversions, value: value.into() }
    }

    #[test]
    fn influence_overlaps_and_sources_do_not() {
        let journeys = [
            journey(1, &[0, 1, 0], 1, 100),
            journey(1, &[2], 1, 50), // their first touch ever was 0
            journey(1, &[], 1, 7),   // and still is
            journey(2, &[2], 0, 0),
            journey(2, &[1], 1, 30),
            journey(3, &[], 1, 11),
        ];
        let found = influence(&journeys, 3, |channel| channel != 2).expect("small numbers");
        assert_eq!(found.influenced, [part(1, 100), part(2, 130), part(1, 50)]);
        assert_eq!(found.influenced_by_any, part(2, 130));
        assert_eq!(found.sourced, [part(3, 157), part(0, 0), part(1, 30)]);
        assert_eq!(found.total, part(5, 198));
        assert_eq!(influence(&journeys, 2, |_| true), Err(Refused::UnknownChannel { channel: 2 }));
    }

    #[test]
    fn sums_lose_no_digit() {
        let tiny: Decimal = "0.0000000000000000000000000001".parse().expect("a decimal");
        assert_eq!(add_exactly(Decimal::ONE, tiny).map(|d| d.to_string()), Some("1.0000000000000000000000000001".into()));
        assert_eq!(add_exactly(Decimal::MAX, tiny), None);
    }
}
