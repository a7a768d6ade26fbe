//! The expression tree of a formula, its notation, and its walks: text, measures, value.

use std::sync::Arc;

use rust_decimal::Decimal;

use super::exact::Exact;
use super::measure::{Additivity, Measure};
use super::outcome::Unavailable;
use super::set::MeasureSet;

/// Which messages a rate of the messages group is divided by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Basis {
    /// Messages accepted by the receiving server: what Mailchimp, `HubSpot` and Klaviyo report.
    #[default]
    Delivered,
    /// All messages sent, as Mautic reports.
    Sent,
}

impl Basis {
    /// The measure that stands for it.
    pub const fn measure(self) -> Measure {
        match self {
            Basis::Delivered => Measure::Delivered,
            Basis::Sent => Measure::Sent,
        }
    }
}

/// A formula over measures. `Copy` and without owners, so that a `static` row can hold one; a
/// formula read from `mak.toml` is leaked once at start-up to live as long.
///
/// Seven kinds of node; a new one does not compile until every walk handles it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expr {
    /// A measure of the group.
    Measure(Measure),
    /// The messages that a rate is divided by: delivered or sent, by [`Basis`].
    Recipients,
    /// A literal.
    Number(Decimal),
    /// Sum of both.
    Add(&'static Expr, &'static Expr),
    /// First less second.
    Sub(&'static Expr, &'static Expr),
    /// Product of both.
    Mul(&'static Expr, &'static Expr),
    /// The only division: unavailable when the second is zero.
    Ratio(&'static Expr, &'static Expr),
    /// The first alternative of which every measure is there; which one is said.
    FirstOf(&'static [Expr]),
    /// The sum of those measures that are there, at least one; which ones is said.
    SumPresent(&'static [Measure]),
}

/// Formula notation: `formula!((CustomersAtEnd - NewCustomers) / CustomersAtStart)`.
///
/// Each operator takes two operands, so deeper formulas are parenthesised throughout. An operand
/// is a measure, a whole number, a parenthesised formula, or another `const` formula in brackets
/// (`const`s, because a cycle of them does not compile).
macro_rules! formula {
    (@ [$formula:expr]) => { $formula };
    (@ ($($inner:tt)+)) => { $crate::kpi::expr::formula!($($inner)+) };
    (@ Recipients) => { $crate::kpi::Expr::Recipients };
    (@ $measure:ident) => { $crate::kpi::Expr::Measure($crate::kpi::Measure::$measure) };
    (@ $number:literal) => { $crate::kpi::Expr::whole($number) };
    ($left:tt + $right:tt) => { $crate::kpi::Expr::Add(&$crate::kpi::expr::formula!(@ $left), &$crate::kpi::expr::formula!(@ $right)) };
    ($left:tt - $right:tt) => { $crate::kpi::Expr::Sub(&$crate::kpi::expr::formula!(@ $left), &$crate::kpi::expr::formula!(@ $right)) };
    ($left:tt * $right:tt) => { $crate::kpi::Expr::Mul(&$crate::kpi::expr::formula!(@ $left), &$crate::kpi::expr::formula!(@ $right)) };
    ($left:tt / $right:tt) => { $crate::kpi::Expr::Ratio(&$crate::kpi::expr::formula!(@ $left), &$crate::kpi::expr::formula!(@ $right)) };
    ($operand:tt) => { $crate::kpi::expr::formula!(@ $operand) };
}
pub(crate) use formula;

/// How tightly a node holds its operands when it is printed.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Binding {
    Sum,
    Product,
    Atom,
}

/// What a formula came to, with what it read on the way.
#[derive(Clone, Debug)]
pub struct Evaluation {
    /// The exact value.
    pub value: Exact,
    /// Numerator and denominator when the formula is a ratio at its top.
    pub ratio: Option<(Exact, Exact)>,
    /// Measures read, in order of first use, each once. Where the formula chooses, these are the
    /// chosen ones.
    pub used: Vec<Measure>,
}

impl Expr {
    /// A whole number.
    pub const fn whole(value: u32) -> Expr {
        Expr::Number(Decimal::from_parts(value, 0, 0, false, 0))
    }

    /// The formula as people write it: `(revenue - cost) / cost`, with the measures' ids.
    pub fn text(&self) -> String {
        let mut out = String::new();
        self.write(&mut out, &|measure| measure.id().to_owned());
        out
    }

    /// The same with each measure as `name` gives it (its value, say).
    pub fn text_with(&self, name: &dyn Fn(Measure) -> String) -> String {
        let mut out = String::new();
        self.write(&mut out, name);
        out
    }

    fn binding(&self) -> Binding {
        match self {
            Expr::Add(..) | Expr::Sub(..) => Binding::Sum,
            Expr::Mul(..) | Expr::Ratio(..) => Binding::Product,
            Expr::Measure(_) | Expr::Recipients | Expr::Number(_) | Expr::FirstOf(_) | Expr::SumPresent(_) => Binding::Atom,
        }
    }

    fn write(&self, out: &mut String, name: &dyn Fn(Measure) -> String) {
        let operand = |expr: &Expr, at_least: Binding, out: &mut String| {
            if expr.binding() < at_least {
                out.push('(');
                expr.write(out, name);
                out.push(')');
            } else {
                expr.write(out, name);
            }
        };
        match self {
            Expr::Measure(measure) => out.push_str(&name(*measure)),
            Expr::Recipients => out.push_str("recipients"),
            Expr::Number(number) => out.push_str(&number.to_string()),
            // The right-hand side of `-` and `/` binds tighter, or `a - (b - c)` would lose its brackets.
            Expr::Add(a, b) => {
                operand(a, Binding::Sum, out);
                out.push_str(" + ");
                operand(b, Binding::Sum, out);
            }
            Expr::Sub(a, b) => {
                operand(a, Binding::Sum, out);
                out.push_str(" - ");
                operand(b, Binding::Product, out);
            }
            Expr::Mul(a, b) => {
                operand(a, Binding::Product, out);
                out.push_str(" * ");
                operand(b, Binding::Atom, out);
            }
            Expr::Ratio(a, b) => {
                operand(a, Binding::Product, out);
                out.push_str(" / ");
                operand(b, Binding::Atom, out);
            }
            Expr::FirstOf(alternatives) => {
                out.push_str("first_of(");
                for (i, alternative) in alternatives.iter().enumerate() {
                    if i > 0 {
                        out.push_str(", ");
                    }
                    alternative.write(out, name);
                }
                out.push(')');
            }
            Expr::SumPresent(parts) => {
                out.push_str("sum_present(");
                for (i, part) in parts.iter().enumerate() {
                    if i > 0 {
                        out.push_str(", ");
                    }
                    out.push_str(&name(*part));
                }
                out.push(')');
            }
        }
    }

    /// Every measure that the formula may read, in order of appearance, each once. Both bases
    /// are named for a formula over recipients.
    pub fn measures(&self) -> Vec<Measure> {
        let mut out = Vec::new();
        self.visit(&mut |measure| {
            if !out.contains(&measure) {
                out.push(measure);
            }
        });
        out
    }

    fn visit(&self, see: &mut dyn FnMut(Measure)) {
        match self {
            Expr::Measure(measure) => see(*measure),
            Expr::Recipients => {
                see(Measure::Delivered);
                see(Measure::Sent);
            }
            Expr::Number(_) => {}
            Expr::Add(a, b) | Expr::Sub(a, b) | Expr::Mul(a, b) | Expr::Ratio(a, b) => {
                a.visit(see);
                b.visit(see);
            }
            Expr::FirstOf(alternatives) => alternatives.iter().for_each(|alternative| alternative.visit(see)),
            Expr::SumPresent(parts) => parts.iter().copied().for_each(see),
        }
    }

    /// Measures that the formula needs and the set does not have. Empty when it can be computed.
    pub fn missing(&self, set: &MeasureSet, basis: Basis) -> Vec<Measure> {
        let mut out = Vec::new();
        self.collect_missing(set, basis, &mut out);
        out
    }

    fn collect_missing(&self, set: &MeasureSet, basis: Basis, out: &mut Vec<Measure>) {
        let mut need = |measure: Measure| {
            if !set.has(measure) && measure.additivity() != Additivity::Parameter && !out.contains(&measure) {
                out.push(measure);
            }
        };
        match self {
            // A parameter without a default is missing like any other measure.
            Expr::Measure(measure) if measure.additivity() == Additivity::Parameter => {
                if set.number(*measure).is_none() && !out.contains(measure) {
                    out.push(*measure);
                }
            }
            Expr::Measure(measure) => need(*measure),
            Expr::Recipients => need(basis.measure()),
            Expr::Number(_) => {}
            Expr::Add(a, b) | Expr::Sub(a, b) | Expr::Mul(a, b) | Expr::Ratio(a, b) => {
                a.collect_missing(set, basis, out);
                b.collect_missing(set, basis, out);
            }
            Expr::FirstOf(alternatives) => {
                if !alternatives.iter().any(|alternative| alternative.missing(set, basis).is_empty()) {
                    // The first is the preferred one: name what it lacks.
                    if let Some(first) = alternatives.first() {
                        first.collect_missing(set, basis, out);
                    }
                }
            }
            Expr::SumPresent(parts) => {
                if !parts.iter().any(|part| set.has(*part)) {
                    parts.iter().copied().for_each(need);
                }
            }
        }
    }

    /// For each way in which the formula could be computed, the measures that it still needs.
    /// Most formulas have one way; a choice has as many as alternatives.
    fn missing_ways(&self, set: &MeasureSet, basis: Basis) -> Vec<Vec<Measure>> {
        match self {
            Expr::FirstOf(alternatives) => {
                alternatives.iter().flat_map(|alternative| alternative.missing_ways(set, basis)).collect()
            }
            Expr::Add(a, b) | Expr::Sub(a, b) | Expr::Mul(a, b) | Expr::Ratio(a, b) => {
                let (left, right) = (a.missing_ways(set, basis), b.missing_ways(set, basis));
                let both = |left: &Vec<Measure>, right: &Vec<Measure>| {
                    let mut union = left.clone();
                    union.extend(right.iter().copied().filter(|measure| !left.contains(measure)));
                    union
                };
                let mut ways: Vec<Vec<Measure>> = Vec::new();
                for way in left.iter().flat_map(|left| right.iter().map(|right| both(left, right))) {
                    if !ways.contains(&way) {
                        ways.push(way);
                    }
                }
                ways
            }
            // One part of the sum would do; the first is the one that most exports have.
            Expr::SumPresent(parts) if !parts.iter().any(|part| set.has(*part)) => vec![parts.iter().copied().take(1).collect()],
            other => vec![other.missing(set, basis)],
        }
    }

    /// The value over a group's measures.
    ///
    /// # Errors
    /// A measure is missing, a denominator is zero, or the arithmetic overflows.
    pub fn evaluate(&self, set: &MeasureSet, basis: Basis) -> Result<Evaluation, Unavailable> {
        if !self.missing(set, basis).is_empty() {
            return Err(Unavailable::missing(self.missing_ways(set, basis)));
        }
        let mut used = Vec::new();
        let ratio = match self.chosen(set, basis) {
            Expr::Ratio(a, b) => Some((a.value(set, basis, &mut used)?, b.value(set, basis, &mut used)?)),
            _ => None,
        };
        let value = self.value(set, basis, &mut used)?;
        Ok(Evaluation { value, ratio, used })
    }

    /// Whether something that the formula needs is not there, without saying what.
    pub(super) fn lacks(&self, set: &MeasureSet, basis: Basis) -> bool {
        match self {
            Expr::Measure(measure) => !set.has(*measure),
            Expr::Recipients => !set.has(basis.measure()),
            Expr::Number(_) => false,
            Expr::Add(a, b) | Expr::Sub(a, b) | Expr::Mul(a, b) | Expr::Ratio(a, b) => a.lacks(set, basis) || b.lacks(set, basis),
            Expr::FirstOf(alternatives) => alternatives.iter().all(|alternative| alternative.lacks(set, basis)),
            Expr::SumPresent(measures) => !measures.iter().any(|measure| set.has(*measure)),
        }
    }

    /// The alternative that a choice at the top of the formula settles on.
    pub(super) fn chosen(&self, set: &MeasureSet, basis: Basis) -> &Expr {
        match self {
            Expr::FirstOf(alternatives) => alternatives
                .iter()
                .find(|alternative| alternative.missing(set, basis).is_empty())
                .map_or(self, |alternative| alternative.chosen(set, basis)),
            other => other,
        }
    }

    /// What stands below the line, for people.
    pub(super) fn denominator_text(&self, basis: Basis) -> Arc<str> {
        self.text().replace("recipients", basis.measure().id()).into()
    }

    fn value(&self, set: &MeasureSet, basis: Basis, used: &mut Vec<Measure>) -> Result<Exact, Unavailable> {
        let mut read = |measure: Measure| {
            if !used.contains(&measure) {
                used.push(measure);
            }
            set.number(measure).map(Exact::from).ok_or_else(|| Unavailable::Missing(vec![measure]))
        };
        match self {
            Expr::Measure(measure) => read(*measure),
            Expr::Recipients => read(basis.measure()),
            Expr::Number(number) => Ok(Exact::from(*number)),
            Expr::Add(a, b) => Ok(a.value(set, basis, used)?.plus(b.value(set, basis, used)?)?),
            Expr::Sub(a, b) => Ok(a.value(set, basis, used)?.minus(b.value(set, basis, used)?)?),
            Expr::Mul(a, b) => Ok(a.value(set, basis, used)?.times(b.value(set, basis, used)?)?),
            Expr::Ratio(a, b) => {
                let (numerator, denominator) = (a.value(set, basis, used)?, b.value(set, basis, used)?);
                match numerator.over(denominator) {
                    Some(value) => Ok(value?),
                    None => Err(Unavailable::ZeroDenominator {
                        denominator: b.denominator_text(basis),
                        zero_over_zero: numerator.is_zero(),
                    }),
                }
            }
            Expr::FirstOf(_) => match self.chosen(set, basis) {
                Expr::FirstOf(_) => Err(Unavailable::Missing(self.missing(set, basis))),
                chosen => chosen.value(set, basis, used),
            },
            Expr::SumPresent(parts) => {
                let mut sum = Exact::integer(0);
                for &part in parts.iter().filter(|part| set.has(**part)) {
                    sum = sum.plus(read(part)?)?;
                }
                Ok(sum)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const COST: Expr = Expr::SumPresent(&[Measure::Spend, Measure::PlatformCost]);

    fn set(values: &[(Measure, &str)]) -> MeasureSet {
        let mut set = MeasureSet::default();
        for (measure, value) in values {
            set.put_number(*measure, value.parse().expect("a decimal"));
        }
        set
    }

    #[test]
    fn text_keeps_the_brackets_that_matter_and_no_others() {
        assert_eq!(
            formula!((CustomersAtEnd - NewCustomers) / CustomersAtStart).text(),
            "(customers_at_end - new_customers) / customers_at_start"
        );
        assert_eq!(formula!(Revenue * (Orders / Customers)).text(), "revenue * (orders / customers)");
        assert_eq!(formula!((Revenue * Orders) / Customers).text(), "revenue * orders / customers");
        assert_eq!(formula!(Revenue - (Spend - Refunds)).text(), "revenue - (spend - refunds)");
        assert_eq!(
            formula!((Revenue - [COST]) / [COST]).text(),
            "(revenue - sum_present(spend, platform_cost)) / sum_present(spend, platform_cost)"
        );
        assert_eq!(formula!(Opens / Recipients).text(), "opens / recipients");
    }

    #[test]
    fn missing_zero_and_value_are_told_apart() {
        let rate = formula!(Opens / Recipients);
        let empty = MeasureSet::default();
        assert_eq!(
            rate.evaluate(&empty, Basis::Sent).expect_err("nothing there"),
            Unavailable::Missing(vec![Measure::Opens, Measure::Sent])
        );
        let zero = set(&[(Measure::Opens, "0"), (Measure::Delivered, "0")]);
        assert!(matches!(rate.evaluate(&zero, Basis::Delivered), Err(Unavailable::ZeroDenominator { zero_over_zero: true, .. })));
        let some = set(&[(Measure::Opens, "1"), (Measure::Delivered, "4")]);
        let done = rate.evaluate(&some, Basis::Delivered).expect("both there");
        assert_eq!(done.value.to_decimal().expect("fits").to_string(), "0.25");
        assert_eq!(done.used, [Measure::Opens, Measure::Delivered]);
    }

    #[test]
    fn a_choice_takes_the_first_that_is_whole_and_a_sum_those_that_are_there() {
        let gain = Expr::FirstOf(&[Expr::Measure(Measure::AttributedRevenue), Expr::Measure(Measure::Revenue)]);
        let some = set(&[(Measure::Revenue, "250"), (Measure::Spend, "60"), (Measure::PlatformCost, "40")]);
        assert_eq!(gain.evaluate(&some, Basis::Delivered).expect("revenue").used, [Measure::Revenue]);
        assert_eq!(COST.evaluate(&some, Basis::Delivered).expect("both").value.to_decimal().expect("fits").to_string(), "100");
    }
}
