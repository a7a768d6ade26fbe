//! What the KPIs are: measures, formulas over them, and the catalogue of both.
//!
//! **Owns** the definition of every measure and every KPI, exact arithmetic, and the outcome of a
//! computation: a value, or the reason why there is none.
//!
//! **Does not know** files, formats, clocks, environments or serialisation. It depends on `std`
//! and `rust_decimal` only, never panics on data, and can be used as a library of its own:
//!
//! ```
//! use mak::kpi::{Basis, Catalogue, Measure, MeasureSet};
//!
//! let mut measures = MeasureSet::default();
//! measures.put_number(Measure::Delivered, 4_098_579.into());
//! measures.put_number(Measure::Opens, 2_421_948.into());
//!
//! let open_rate = Catalogue::builtin().kpi("open_rate").expect("in the catalogue");
//! let computed = open_rate.compute(&measures, Basis::Delivered).expect("both measures are there");
//! assert!(computed.value.to_string().starts_with("0.590923829942"));
//! ```
//!
//! A KPI is one row of a `static` table under [`rows`]. To add one, add a row; `mak list`,
//! `explain`, the table, JSON, thresholds and the test of its worked example follow.
#![deny(clippy::arithmetic_side_effects)]

mod catalogue;
mod derive;
mod exact;
pub(crate) mod expr;
mod measure;
mod outcome;
mod parse;
mod row;
pub mod rows;
mod sample;
mod screens;
mod set;
mod settled;
mod spread;
mod unit;

pub use catalogue::{Catalogue, Category};
pub use derive::{DERIVATIONS, Derivation, Derivations, derive};
pub use exact::{Exact, MAX_SCALE, Overflow};
pub use expr::{Basis, Evaluation, Expr};
pub use measure::{Additivity, Measure, MeasureDef};
pub use outcome::{Computed, Outcome, Unavailable};
pub use parse::{FormulaError, RESERVED, UnknownName, parse_formula};
pub use row::{Better, Example, Kpi, Population, Status};
pub use sample::{Distribution, Ranked, Sample};
pub use screens::{SCREENS, Screen};
pub use set::{MeasureSet, Measured};
pub use settled::SettledKpi;
pub use spread::Spread;
pub use unit::Unit;
