//! Measures that follow from others where their own column is absent.

use rust_decimal::Decimal;

use super::exact::Exact;
use super::expr::{Basis, Expr, formula};
use super::measure::Measure;
use super::set::MeasureSet;
use super::settled::Settled;

/// A rule that supplies an absent measure.
#[derive(Clone, Copy, Debug)]
pub struct Derivation {
    /// The measure that it supplies.
    pub gives: Measure,
    /// From what.
    pub from: Expr,
}

/// In order of preference; a measure that a file gives is never derived.
pub static DERIVATIONS: &[Derivation] = &[
    Derivation { gives: Measure::Bounces, from: formula!(HardBounces + SoftBounces) },
    Derivation { gives: Measure::Delivered, from: formula!(Sent - Bounces) },
    Derivation { gives: Measure::Sent, from: formula!(Delivered + Bounces) },
    Derivation { gives: Measure::Bounces, from: formula!(Sent - Delivered) },
    Derivation {
        gives: Measure::Engagements,
        from: Expr::SumPresent(&[
            Measure::Likes,
            Measure::Comments,
            Measure::Shares,
            Measure::Saves,
            Measure::Messages,
            Measure::LinkClicks,
            Measure::VideoHours,
        ]),
    },
    Derivation { gives: Measure::LostCustomers, from: formula!((CustomersAtStart + NewCustomers) - CustomersAtEnd) },
    Derivation { gives: Measure::CustomersAtEnd, from: formula!((CustomersAtStart + NewCustomers) - LostCustomers) },
    Derivation { gives: Measure::BouncedSessions, from: formula!(Sessions - EngagedSessions) },
    Derivation { gives: Measure::Revenue, from: formula!(GrossRevenue - Refunds) },
];

/// Supplies what follows from what is there, and returns the rules that were used.
pub fn derive(set: &mut MeasureSet) -> Vec<&'static Derivation> {
    let mut used: Vec<&'static Derivation> = Vec::new();
    // Each round supplies at least one measure, so the number of rules bounds the rounds.
    for _ in 0..DERIVATIONS.len() {
        let Some((rule, value)) = next_of_use(set) else { break };
        set.put_number(rule.gives, value);
        used.push(rule);
    }
    used
}

fn next_of_use(set: &MeasureSet) -> Option<(&'static Derivation, Decimal)> {
    DERIVATIONS.iter().find_map(|rule| {
        // Most rules are told to be of no use without an error.
        if !rule.is_of_use(set) {
            return None;
        }
        let value = rule.from.evaluate(set, Basis::Delivered).ok()?.value;
        value.to_decimal().ok().map(|value| (rule, value))
    })
}

/// [`derive()`] for the sets of very many groups: which rules are of use is worked out once for all
/// sets of the same measures.
#[derive(Debug, Default)]
pub struct Derivations {
    known: Vec<OfMeasures>,
    /// Number of the last one that was of use: most groups have the measures of the one before.
    last: usize,
}

/// What is derived where a set has these measures and they are plain numbers.
#[derive(Debug)]
struct OfMeasures {
    measures: Vec<Measure>,
    steps: Vec<(Measure, Settled)>,
}

/// Different sets of measures that are remembered.
const MOST_KNOWN: usize = 64;

impl Derivations {
    /// Supplies what follows from what is there.
    pub fn derive(&mut self, set: &mut MeasureSet) {
        if !set.is_plain() {
            derive(set);
            return;
        }
        let is_known = |of: &OfMeasures| set.has_exactly(&of.measures);
        if !self.known.get(self.last).is_some_and(is_known) {
            self.last = self.known.iter().position(is_known).unwrap_or(self.known.len());
        }
        if self.last >= self.known.len() {
            let Some(of_set) = OfMeasures::of(set) else {
                derive(set);
                return;
            };
            self.known.truncate(MOST_KNOWN.saturating_sub(1));
            self.last = self.known.len();
            self.known.push(of_set);
        }
        for (gives, settled) in self.known.get(self.last).map_or(&[][..], |known| &known.steps) {
            let Ok(value) = settled.value(set).and_then(|value| Ok(value.to_decimal()?)) else {
                // Too large to be exact: another rule may do.
                derive(set);
                return;
            };
            set.put_number(*gives, value);
        }
    }
}

impl OfMeasures {
    /// What is derived from the measures of this set; `None` where its values are too large for it,
    /// because those of others may not be.
    fn of(set: &MeasureSet) -> Option<Self> {
        let measures = set.iter().map(|(measure, _)| measure).collect();
        let mut set = set.clone();
        let mut steps = Vec::new();
        while let Some(rule) = DERIVATIONS.iter().find(|rule| rule.is_of_use(&set)) {
            let settled = Settled::of(&rule.from, &set, Basis::Delivered).ok()?;
            let value = settled.value(&set).ok()?.to_decimal().ok()?;
            steps.push((rule.gives, settled));
            set.put_number(rule.gives, value);
        }
        Some(OfMeasures { measures, steps })
    }
}

impl Derivation {
    /// Whether what it supplies is absent and what it takes is there.
    fn is_of_use(&self, set: &MeasureSet) -> bool {
        !set.has(self.gives) && !self.from.lacks(set, Basis::Delivered)
    }

    /// The rule as text: `delivered = sent - bounces`.
    pub fn text(&self) -> String {
        format!("{} = {}", self.gives, self.from.text())
    }

    /// Whether the rule's result is negative over these measures (more bounces than messages).
    pub fn is_negative(&self, set: &MeasureSet) -> bool {
        set.number(self.gives).is_some_and(|value| Exact::from(value).is_negative())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(values: &[(Measure, u32)]) -> MeasureSet {
        let mut set = MeasureSet::default();
        for (measure, value) in values {
            set.put_number(*measure, (*value).into());
        }
        set
    }

    #[test]
    fn delivered_follows_from_sent_and_the_parts_of_bounces() {
        let mut some = set(&[(Measure::Sent, 10_000), (Measure::HardBounces, 150), (Measure::SoftBounces, 50)]);
        let used = derive(&mut some);
        assert_eq!(some.number(Measure::Delivered), Some(9_800.into()));
        assert_eq!(
            used.iter().map(|rule| rule.text()).collect::<Vec<_>>(),
            ["bounces = hard_bounces + soft_bounces", "delivered = sent - bounces"]
        );
    }

    #[test]
    fn a_column_of_its_own_wins() {
        let mut some = set(&[(Measure::Sent, 100), (Measure::Bounces, 1), (Measure::Delivered, 98)]);
        assert!(derive(&mut some).is_empty());
        assert_eq!(some.number(Measure::Delivered), Some(98.into()));
    }
}
