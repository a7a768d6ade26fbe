//! The row in which a KPI is declared. Everything else follows from it.

use rust_decimal::Decimal;

use super::exact::Exact;
use super::expr::{Basis, Expr};
use super::measure::{Additivity, Measure};
use super::outcome::{Computed, Outcome, Unavailable};
use super::sample::Distribution;
use super::set::{MeasureSet, Measured};
use super::unit::Unit;

/// Which way a KPI is better.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Better {
    /// More is better.
    Higher,
    /// Less is better.
    Lower,
    /// Neither by itself.
    Neither,
}

impl Better {
    /// The word for it in `mak list` and JSON.
    pub const fn word(self) -> &'static str {
        match self {
            Better::Higher => "up",
            Better::Lower => "down",
            Better::Neither => "–",
        }
    }
}

/// Where the two sides of a formula may come from when there are several sources.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Population {
    /// Both sides describe the same things (opens of the messages delivered), so only sources
    /// that give every measure count, if there is one that does. Otherwise an ad platform's
    /// conversions would be divided by a newsletter's deliveries.
    SameSource,
    /// The sides come from wherever they are: cost from ads, new customers from a CRM.
    Joined,
}

/// A worked example: it must evaluate to what its source says.
#[derive(Clone, Copy, Debug)]
pub struct Example {
    /// The measures, as decimals; the values of a sample separated by spaces (seconds for
    /// durations).
    pub given: &'static [(Measure, &'static str)],
    /// The result in decimal digits, as published (compared at its own number of places).
    pub gives: &'static str,
    /// Who worked it out: title, author or URL.
    pub from: &'static str,
}

impl Example {
    /// A KPI of the user's own has no example.
    pub const NONE: Example = Example { given: &[], gives: "", from: "" };

    /// Whether there is none.
    pub const fn is_none(&self) -> bool {
        self.given.is_empty()
    }
}

/// Whether a definition may still change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// The definition is settled; a change of it is announced and moves `since`.
    Stable {
        /// Version that first had this definition.
        since: &'static str,
    },
    /// Declared in `mak.toml`.
    Custom,
}

/// One KPI.
#[derive(Clone, Copy, Debug)]
pub struct Kpi {
    /// Stable id in snake case; it reads well after "the": "the `open_rate`".
    pub id: &'static str,
    /// Name for people.
    pub name: &'static str,
    /// Other ids by which it is found.
    pub aliases: &'static [&'static str],
    /// One sentence that says what it tells.
    pub summary: &'static str,
    /// The formula.
    pub formula: Expr,
    /// Unit of the value.
    pub unit: Unit,
    /// Which way is better.
    pub better: Better,
    /// Where its sides may come from.
    pub population: Population,
    /// A worked example from a source outside this program.
    pub example: Example,
    /// What people get wrong about it.
    pub pitfalls: &'static str,
    /// Who defines it so.
    pub source: &'static str,
    /// Life cycle.
    pub status: Status,
}

impl Kpi {
    /// The value over a group's measures, or why there is none.
    pub fn compute(&self, set: &MeasureSet, basis: Basis) -> Outcome {
        if let Expr::Measure(measure) = self.formula
            && measure.additivity() == Additivity::Sample
            && let Some(distribution) = distribution(measure, set.get(measure))
        {
            let distribution = distribution?;
            return Ok(Computed {
                value: distribution.median,
                ratio: None,
                spread: None,
                distribution: Some(distribution),
                used: [measure].into(),
            });
        }
        for measure in self.formula.measures() {
            if let Some(why) = set.get(measure).and_then(|measured| measured.unavailable(measure)) {
                return Err(why);
            }
        }
        let evaluation = self.formula.evaluate(set, basis)?;
        let ratio = evaluation.ratio.and_then(|(numerator, denominator)| whole_parts(numerator, denominator));
        let spread = match self.formula.chosen(set, basis) {
            Expr::Ratio(Expr::Measure(above), Expr::Measure(below)) => set.spread(*above, *below).copied(),
            _ => None,
        };
        Ok(Computed { value: evaluation.value.to_decimal()?, ratio, spread, distribution: None, used: evaluation.used.into() })
    }

    /// Whether the formula depends on the [`Basis`].
    pub fn depends_on_basis(&self) -> bool {
        self.compute_text().contains("recipients")
    }

    /// The formula as text.
    pub fn compute_text(&self) -> String {
        self.formula.text()
    }
}

/// The statistics of what was measured, where it is a sample.
fn distribution(measure: Measure, measured: Option<&Measured>) -> Option<Result<Distribution, Unavailable>> {
    match measured? {
        Measured::Sample(sample) => {
            let known = sample.distribution(measure.unit()).ok_or(Unavailable::NoValues(measure));
            Some(known.and_then(|distribution| Ok(distribution?)))
        }
        Measured::Ranked(ranked) => Some(ranked.distribution(measure.unit()).map_err(Unavailable::from)),
        _ => None,
    }
}

/// Numerator and denominator without fractions inside: `(a/b) / (c/d)` as `ad / bc`.
pub(super) fn whole_parts(numerator: Exact, denominator: Exact) -> Option<(Decimal, Decimal)> {
    let (a, b) = numerator.parts().ok()?;
    let (c, d) = denominator.parts().ok()?;
    let product = |x: Decimal, y: Decimal| Exact::from(x).times(Exact::from(y)).and_then(Exact::to_decimal).ok();
    Some((product(a, d)?, product(b, c)?))
}
