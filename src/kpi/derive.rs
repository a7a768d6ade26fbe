//! Measures that follow from others where their own column is absent.

use super::exact::Exact;
use super::expr::{Basis, Expr, formula};
use super::measure::Measure;
use super::set::MeasureSet;

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
        let next = DERIVATIONS.iter().find_map(|rule| {
            // There may be very many groups: most rules are told to be of no use without an error.
            if set.has(rule.gives) || rule.from.lacks(set, Basis::Delivered) {
                return None;
            }
            let value = rule.from.evaluate(set, Basis::Delivered).ok()?.value;
            value.to_decimal().ok().map(|value| (rule, value))
        });
        let Some((rule, value)) = next else { break };
        set.put_number(rule.gives, value);
        used.push(rule);
    }
    used
}

impl Derivation {
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
