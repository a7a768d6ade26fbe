//! A formula worked out step by step, as a person would write it down.

use rust_decimal::{Decimal, RoundingStrategy};

use crate::kpi::{Additivity, Basis, Exact, Expr, Kpi, Measure, MeasureSet};

/// Digits after the decimal point of a number that does not end; it is then marked with `≈`.
const PLACES: u32 = 6;

/// The formula, the formula with the numbers put in, and one line for each round of arithmetic
/// down to the result. The last line is the value. Empty when it cannot be worked out.
pub(super) fn steps(kpi: &Kpi, set: &MeasureSet, basis: Basis) -> Vec<String> {
    if let Expr::Measure(measure) = kpi.formula
        && measure.additivity() == Additivity::Sample
    {
        return sample_steps(measure, kpi, set, basis);
    }
    let Some(mut term) = Term::new(&kpi.formula, set, basis) else { return Vec::new() };
    let mut lines = vec![term.text(&Named::Ids, Binding::Sum)];
    lines.push(term.text(&Named::Values, Binding::Sum));
    while !matches!(term, Term::Value { .. }) {
        let Some(reduced) = term.reduced() else { return Vec::new() };
        term = reduced;
        lines.push(term.text(&Named::Values, Binding::Sum));
    }
    lines.dedup();
    lines
}

fn sample_steps(measure: Measure, kpi: &Kpi, set: &MeasureSet, basis: Basis) -> Vec<String> {
    match kpi.compute(set, basis) {
        Ok(computed) => {
            let n = computed.distribution.map_or(0, |statistics| statistics.n);
            vec![format!("median of {n} values of {measure}"), digits(Exact::from(computed.value))]
        }
        Err(_) => Vec::new(),
    }
}

/// A formula over numbers, with its choices settled.
enum Term {
    Value { value: Exact, name: Option<&'static str> },
    Operation { operator: Operator, left: Box<Term>, right: Box<Term> },
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Operator {
    Add,
    Sub,
    Mul,
    Div,
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Binding {
    Sum,
    Product,
    Atom,
}

enum Named {
    Ids,
    Values,
}

impl Term {
    /// `None` when a measure is not there.
    fn new(expr: &Expr, set: &MeasureSet, basis: Basis) -> Option<Term> {
        let read = |measure: Measure| {
            let value = Exact::from(set.number(measure)?);
            Some(Term::Value { value, name: Some(measure.id()) })
        };
        let both = |operator, a: &Expr, b: &Expr| Some(operation(operator, Term::new(a, set, basis)?, Term::new(b, set, basis)?));
        match expr {
            Expr::Measure(measure) => read(*measure),
            Expr::Recipients => read(basis.measure()),
            Expr::Number(number) => Some(Term::Value { value: Exact::from(*number), name: None }),
            Expr::Add(a, b) => both(Operator::Add, a, b),
            Expr::Sub(a, b) => both(Operator::Sub, a, b),
            Expr::Mul(a, b) => both(Operator::Mul, a, b),
            Expr::Ratio(a, b) => both(Operator::Div, a, b),
            Expr::FirstOf(alternatives) => {
                let chosen = alternatives.iter().find(|alternative| alternative.missing(set, basis).is_empty())?;
                Term::new(chosen, set, basis)
            }
            Expr::SumPresent(parts) => {
                let present = parts.iter().filter(|part| set.has(**part)).map(|part| read(*part)).collect::<Option<Vec<_>>>()?;
                present.into_iter().reduce(|sum, part| operation(Operator::Add, sum, part))
            }
        }
    }

    /// With every operation on two plain numbers carried out; `None` on a zero denominator or an
    /// overflow.
    fn reduced(self) -> Option<Term> {
        let Term::Operation { operator, left, right } = self else { return Some(self) };
        match (*left, *right) {
            (Term::Value { value: a, .. }, Term::Value { value: b, .. }) => {
                let value = match operator {
                    Operator::Add => a.plus(b),
                    Operator::Sub => a.minus(b),
                    Operator::Mul => a.times(b),
                    Operator::Div => a.over(b)?,
                };
                Some(Term::Value { value: value.ok()?, name: None })
            }
            (left, right) => Some(operation(operator, left.reduced()?, right.reduced()?)),
        }
    }

    fn text(&self, named: &Named, at_least: Binding) -> String {
        match self {
            Term::Value { value, name } => match (named, name) {
                (Named::Ids, Some(id)) => (*id).to_owned(),
                _ => digits(*value),
            },
            Term::Operation { operator, left, right } => {
                let (binding, sign, right_binding) = match operator {
                    Operator::Add => (Binding::Sum, "+", Binding::Sum),
                    Operator::Sub => (Binding::Sum, "-", Binding::Product),
                    Operator::Mul => (Binding::Product, "*", Binding::Atom),
                    Operator::Div => (Binding::Product, "/", Binding::Atom),
                };
                let text = format!("{} {sign} {}", left.text(named, binding), right.text(named, right_binding));
                if binding < at_least { format!("({text})") } else { text }
            }
        }
    }
}

fn operation(operator: Operator, left: Term, right: Term) -> Term {
    Term::Operation { operator, left: Box::new(left), right: Box::new(right) }
}

/// The digits of a number that ends; `≈` and six places of one that does not.
fn digits(value: Exact) -> String {
    let Ok(decimal) = value.to_decimal() else { return "?".to_owned() };
    let decimal: Decimal = decimal.normalize();
    if decimal.scale() <= PLACES {
        return decimal.to_string();
    }
    // Six significant digits at least: 0.000000123 must not become 0.
    let leading_zeros =
        decimal.scale().saturating_sub(u32::try_from(decimal.mantissa().to_string().trim_start_matches('-').len()).unwrap_or(0));
    let places = leading_zeros.saturating_add(PLACES).min(decimal.scale());
    let rounded = decimal.round_dp_with_strategy(places, RoundingStrategy::MidpointNearestEven).normalize();
    if rounded == decimal { rounded.to_string() } else { format!("≈ {rounded}") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kpi::{Better, Example, Population, Status, Unit};

    fn roi() -> Kpi {
        const COST: Expr = Expr::SumPresent(&[Measure::Spend, Measure::PlatformCost]);
        const GAIN: Expr = Expr::FirstOf(&[Expr::Measure(Measure::AttributedRevenue), Expr::Measure(Measure::Revenue)]);
        Kpi {
            id: "roi",
            name: "ROI",
            aliases: &[],
            summary: "",
            formula: Expr::Ratio(&Expr::Sub(&GAIN, &COST), &COST),
            unit: Unit::Percent,
            better: Better::Higher,
            population: Population::Joined,
            example: Example { given: &[], gives: "0", from: "" },
            pitfalls: "",
            source: "",
            status: Status::Custom,
        }
    }

    fn set(values: &[(Measure, &str)]) -> MeasureSet {
        let mut set = MeasureSet::default();
        for (measure, value) in values {
            set.put_number(*measure, value.parse().expect("a decimal"));
        }
        set
    }

    #[test]
    fn each_round_of_arithmetic_is_a_line() {
        let given = set(&[(Measure::Revenue, "300"), (Measure::Spend, "60"), (Measure::PlatformCost, "40")]);
        assert_eq!(
            steps(&roi(), &given, Basis::Delivered),
            [
                "(revenue - (spend + platform_cost)) / (spend + platform_cost)",
                "(300 - (60 + 40)) / (60 + 40)",
                "(300 - 100) / 100",
                "200 / 100",
                "2",
            ]
        );
    }

    #[test]
    fn what_does_not_end_is_marked_and_what_cannot_be_has_no_steps() {
        let given = set(&[(Measure::Revenue, "400"), (Measure::Spend, "300")]);
        assert_eq!(steps(&roi(), &given, Basis::Delivered).last().map(String::as_str), Some("≈ 0.333333"));
        let zero = set(&[(Measure::Revenue, "400"), (Measure::Spend, "0")]);
        assert!(steps(&roi(), &zero, Basis::Delivered).is_empty());
        assert!(steps(&roi(), &MeasureSet::default(), Basis::Delivered).is_empty());
    }

    #[test]
    fn tiny_numbers_keep_six_significant_digits() {
        let third = Exact::from(Decimal::new(1, 7)).over(Exact::integer(3)).expect("not zero").expect("fits");
        assert_eq!(digits(third), "≈ 0.0000000333333");
    }
}
