//! What computing a KPI came to: a value, or the reason why there is none.

use std::fmt;
use std::sync::Arc;

use rust_decimal::Decimal;

use super::exact::Overflow;
use super::measure::{Additivity, Measure};
use super::sample::Distribution;
use super::spread::Spread;

/// A computed KPI.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Computed {
    /// The value: exact, or rounded half to even at 28 digits. The median of a sample.
    pub value: Decimal,
    /// Exact numerator and denominator, where the formula is a ratio and both fit.
    pub ratio: Option<(Decimal, Decimal)>,
    /// How the ratio varies over what was drawn, where that is known.
    pub spread: Option<Spread>,
    /// Statistics of a duration or score.
    pub distribution: Option<Distribution>,
    /// Measures that were read, in order of first use.
    pub used: Arc<[Measure]>,
}

/// Why a KPI has no value. Never a zero, never NaN.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unavailable {
    /// No source gives these measures.
    Missing(Vec<Measure>),
    /// The formula could be computed in several ways, and for each something is missing.
    MissingEachWay(Vec<Vec<Measure>>),
    /// The denominator is zero.
    ZeroDenominator {
        /// The denominator as a formula: `delivered`.
        denominator: Arc<str>,
        /// Whether the numerator is zero too.
        zero_over_zero: bool,
    },
    /// A sample without a value in it.
    NoValues(Measure),
    /// The measure does not add, and there is more than one row.
    NotAdditive {
        /// The measure.
        measure: Measure,
        /// How many rows it would have to be added over.
        rows: u64,
    },
    /// The arithmetic left the range of exact numbers.
    Overflow,
    /// It could be computed, but the sources do not allow it here (a source without the
    /// grouping, periods that differ); in words.
    Refused(String),
}

impl From<Overflow> for Unavailable {
    fn from(Overflow: Overflow) -> Self {
        Unavailable::Overflow
    }
}

impl Unavailable {
    /// What is missing, in each way that there is.
    pub(super) fn missing(mut ways: Vec<Vec<Measure>>) -> Self {
        match (ways.pop(), ways.is_empty()) {
            (Some(only), true) => Unavailable::Missing(only),
            (Some(last), false) => {
                ways.push(last);
                Unavailable::MissingEachWay(ways)
            }
            (None, _) => Unavailable::Missing(Vec::new()),
        }
    }

    /// A short stable word for scripts: `missing`, `zero-denominator`, `overflow` …
    pub const fn code(&self) -> &'static str {
        match self {
            Unavailable::Missing(_) | Unavailable::MissingEachWay(_) => "missing",
            Unavailable::ZeroDenominator { .. } => "zero-denominator",
            Unavailable::NoValues(_) => "no-values",
            Unavailable::NotAdditive { .. } => "not-additive",
            Unavailable::Overflow => "overflow",
            Unavailable::Refused(_) => "refused",
        }
    }

    /// The measures that would have to be there.
    pub fn needs(&self) -> &[Measure] {
        match self {
            Unavailable::Missing(measures) => measures,
            Unavailable::MissingEachWay(ways) => ways.first().map_or(&[], Vec::as_slice),
            _ => &[],
        }
    }
}

impl fmt::Display for Unavailable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Unavailable::Missing(measures) => {
                write!(f, "no file gives {}", ids(measures))
            }
            Unavailable::MissingEachWay(ways) => {
                let ways: Vec<_> = ways.iter().map(|way| ids(way)).collect();
                write!(f, "no file gives {}", ways.join(", or else "))
            }
            Unavailable::ZeroDenominator { denominator, zero_over_zero: true } => write!(f, "0 / 0 ({denominator} is 0)"),
            Unavailable::ZeroDenominator { denominator, zero_over_zero: false } => write!(f, "{denominator} is 0"),
            Unavailable::NoValues(measure) => write!(f, "no row has a value for {measure}"),
            Unavailable::NotAdditive { measure, rows } => {
                let why = match measure.additivity() {
                    _ if measure.is_money() => "they are in several currencies",
                    Additivity::StockFirst | Additivity::StockLast => "they are levels without a date",
                    _ if matches!(measure, Measure::Custom(_)) => "mak.toml says so",
                    _ => "the people overlap",
                };
                write!(f, "{measure} does not add up over {rows} rows: {why}")
            }
            Unavailable::Overflow => f.write_str("the numbers are too large to be exact"),
            Unavailable::Refused(why) => f.write_str(why),
        }
    }
}

fn ids(measures: &[Measure]) -> String {
    measures.iter().map(|measure| measure.id()).collect::<Vec<_>>().join(", ")
}

/// A KPI computed, or the reason why not.
pub type Outcome = Result<Computed, Unavailable>;
