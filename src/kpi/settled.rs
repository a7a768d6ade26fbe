//! Formulas settled for sets of the same measures, so that very many groups cost their arithmetic
//! and nothing else.
//!
//! Which measures a set has decides which alternative of a formula is taken, which parts a sum
//! has, what was read, and what is missing. Groups of a table have the same measures most often, so
//! all of that is worked out once; what is left is a tree of numbers. It is the same arithmetic in
//! the same order as [`Expr::evaluate`], whose tests and documentation hold.

use std::sync::Arc;

use super::exact::Exact;
use super::expr::{Basis, Expr};
use super::measure::Measure;
use super::outcome::{Computed, Outcome, Unavailable};
use super::row::{Kpi, whole_parts};
use super::set::MeasureSet;

/// A formula over the places of a set's measures.
#[derive(Clone, Debug)]
pub(super) struct Settled {
    node: Node,
    used: Arc<[Measure]>,
}

#[derive(Clone, Debug)]
enum Node {
    /// The measure at that place of the set.
    Place(usize, Measure),
    Number(Exact),
    Add(Box<[Node; 2]>),
    Sub(Box<[Node; 2]>),
    Mul(Box<[Node; 2]>),
    /// With what stands below the line, for people.
    Ratio(Box<[Node; 2]>, Arc<str>),
    Sum(Vec<Node>),
}

impl Settled {
    /// The formula for sets of plain numbers with the measures that this one has.
    ///
    /// # Errors
    /// What is missing.
    pub(super) fn of(formula: &Expr, set: &MeasureSet, basis: Basis) -> Result<Self, Unavailable> {
        // Where it is zero that keeps this set from being computed, others can be.
        if let Err(why @ (Unavailable::Missing(_) | Unavailable::MissingEachWay(_))) = formula.evaluate(set, basis) {
            return Err(why);
        }
        let mut used = Vec::new();
        let node = Node::of(formula, set, basis, &mut used)?;
        Ok(Settled { node, used: used.into() })
    }

    /// The value over a set of the same measures.
    ///
    /// # Errors
    /// A denominator is zero, or the arithmetic overflows.
    pub(super) fn value(&self, set: &MeasureSet) -> Result<Exact, Unavailable> {
        self.node.value(set)
    }
}

impl Node {
    fn of(formula: &Expr, set: &MeasureSet, basis: Basis, used: &mut Vec<Measure>) -> Result<Node, Unavailable> {
        let mut place = |measure: Measure| {
            if !used.contains(&measure) {
                used.push(measure);
            }
            let place = set.place_of(measure).ok_or_else(|| Unavailable::Missing(vec![measure]))?;
            Ok(Node::Place(place, measure))
        };
        match formula {
            Expr::Measure(measure) => place(*measure),
            Expr::Recipients => place(basis.measure()),
            Expr::SumPresent(parts) => {
                parts.iter().filter(|part| set.has(**part)).map(|part| place(*part)).collect::<Result<_, _>>().map(Node::Sum)
            }
            Expr::Number(number) => Ok(Node::Number(Exact::from(*number))),
            Expr::FirstOf(_) => match formula.chosen(set, basis) {
                Expr::FirstOf(_) => Err(Unavailable::Missing(formula.missing(set, basis))),
                chosen => Node::of(chosen, set, basis, used),
            },
            Expr::Add(a, b) => Node::both(a, b, set, basis, used).map(Node::Add),
            Expr::Sub(a, b) => Node::both(a, b, set, basis, used).map(Node::Sub),
            Expr::Mul(a, b) => Node::both(a, b, set, basis, used).map(Node::Mul),
            Expr::Ratio(a, b) => Ok(Node::Ratio(Node::both(a, b, set, basis, used)?, b.denominator_text(basis))),
        }
    }

    fn both(a: &Expr, b: &Expr, set: &MeasureSet, basis: Basis, used: &mut Vec<Measure>) -> Result<Box<[Node; 2]>, Unavailable> {
        Ok(Box::new([Node::of(a, set, basis, used)?, Node::of(b, set, basis, used)?]))
    }

    fn value(&self, set: &MeasureSet) -> Result<Exact, Unavailable> {
        match self {
            Node::Place(place, measure) => {
                set.number_at(*place).map(Exact::from).ok_or_else(|| Unavailable::Missing(vec![*measure]))
            }
            Node::Number(number) => Ok(*number),
            Node::Add(both) => values(both, set).and_then(|(a, b)| Ok(a.plus(b)?)),
            Node::Sub(both) => values(both, set).and_then(|(a, b)| Ok(a.minus(b)?)),
            Node::Mul(both) => values(both, set).and_then(|(a, b)| Ok(a.times(b)?)),
            Node::Ratio(both, denominator) => values(both, set).and_then(|(above, below)| ratio(above, below, denominator)),
            Node::Sum(parts) => parts.iter().try_fold(Exact::integer(0), |sum, part| Ok(sum.plus(part.value(set)?)?)),
        }
    }
}

fn values([a, b]: &[Node; 2], set: &MeasureSet) -> Result<(Exact, Exact), Unavailable> {
    Ok((a.value(set)?, b.value(set)?))
}

fn ratio(above: Exact, below: Exact, denominator: &Arc<str>) -> Result<Exact, Unavailable> {
    match above.over(below) {
        Some(value) => Ok(value?),
        None => Err(Unavailable::ZeroDenominator { denominator: Arc::clone(denominator), zero_over_zero: above.is_zero() }),
    }
}

/// A KPI settled for sets of the same measures that hold plain numbers ([`MeasureSet::is_plain`]).
#[derive(Clone, Debug)]
pub struct SettledKpi(Result<Settled, Unavailable>);

impl SettledKpi {
    /// Why no such set has the KPI, if that is so.
    pub fn never(&self) -> Option<&Unavailable> {
        self.0.as_ref().err()
    }

    /// The measures that are read; none where the KPI cannot be computed.
    pub fn used(&self) -> &[Measure] {
        self.0.as_ref().map_or(&[], |settled| &settled.used)
    }

    /// What [`Kpi::compute`] gives over a set of the same measures.
    pub fn compute(&self, set: &MeasureSet) -> Outcome {
        let settled = self.0.as_ref().map_err(Clone::clone)?;
        let (value, ratio) = match &settled.node {
            Node::Ratio(both, denominator) => {
                let (above, below) = values(both, set)?;
                (ratio(above, below, denominator)?, whole_parts(above, below))
            }
            node => (node.value(set)?, None),
        };
        Ok(Computed { value: value.to_decimal()?, ratio, spread: None, distribution: None, used: Arc::clone(&settled.used) })
    }
}

impl Kpi {
    /// The KPI for all sets of plain numbers that have the measures of this one.
    pub fn settled(&self, set: &MeasureSet, basis: Basis) -> SettledKpi {
        SettledKpi(Settled::of(&self.formula, set, basis))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kpi::{Catalogue, DERIVATIONS, Derivations, derive};
    use proptest::prelude::*;
    use rust_decimal::Decimal;

    fn number() -> impl Strategy<Value = Decimal> {
        prop_oneof![
            6 => (0_i64..1_000_000, 0_u32..3).prop_map(|(mantissa, scale)| Decimal::new(mantissa, scale)),
            2 => Just(Decimal::ZERO),
            1 => any::<i64>().prop_map(|mantissa| Decimal::new(mantissa, 2)),
            1 => Just(Decimal::MAX),
        ]
    }

    /// Sets of the same measures.
    fn sets() -> impl Strategy<Value = Vec<MeasureSet>> {
        let all: Vec<Measure> = Measure::ALL.iter().copied().filter(|measure| measure.id() != "reach").collect();
        proptest::sample::subsequence(all, 0..40).prop_flat_map(|measures| {
            let values = prop::collection::vec(prop::collection::vec(number(), measures.len()), 2..5);
            values.prop_map(move |rows| {
                let row = |row: Vec<Decimal>| {
                    let mut set = MeasureSet::default();
                    measures.iter().zip(row).for_each(|(measure, value)| set.put_number(*measure, value));
                    set
                };
                rows.into_iter().map(row).collect()
            })
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]
        #[test]
        fn every_kpi_settled_once_computes_the_same(sets in sets(), sent in any::<bool>()) {
            let basis = if sent { Basis::Sent } else { Basis::Delivered };
            for kpi in Catalogue::builtin().kpis() {
                let settled = kpi.settled(&sets[0], basis);
                for set in &sets {
                    prop_assert_eq!(settled.compute(set), kpi.compute(set, basis), "{}", kpi.id);
                }
            }
        }

        #[test]
        fn what_follows_is_the_same_whatever_came_before(sets in sets()) {
            let mut derivations = Derivations::default();
            for set in sets.iter().chain(&sets) {
                let (mut one, mut other) = (set.clone(), set.clone());
                derive(&mut one);
                derivations.derive(&mut other);
                prop_assert_eq!(one, other);
            }
            prop_assert!(!DERIVATIONS.is_empty());
        }
    }
}
