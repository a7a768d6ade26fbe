//! mak
//! `mak` computes marketing KPIs, exactly, from the exports that platforms write.
//!
//! A KPI is data: a formula over measures, written once as a row of a table. Its value, its
//! arithmetic as `mak explain` shows it, its line in `mak list`, its JSON and its interval follow
//! from that row. An export is data too: a profile says what the columns of a platform's file
//! mean. Between the two stands one thing, a table of measures by group, and nothing after it
//! knows what kind of file it was.
//!
//! ```
//! use mak::kpi::{Basis, Catalogue, Measure, MeasureSet, Unavailable};
//!
//! let mut measures = MeasureSet::default();
//! measures.put_number(Measure::Spend, "812.50".parse()?);
//! measures.put_number(Measure::NewCustomers, 13.into());
//!
//! let catalogue = Catalogue::builtin();
//! let cac = catalogue.kpi("cac").expect("in the catalogue");
//! assert_eq!(cac.compute(&measures, Basis::Delivered).expect("both are there").value, "62.5".parse()?);
//!
//! let roas = catalogue.kpi("roas").expect("in the catalogue");
//! assert!(matches!(roas.compute(&measures, Basis::Delivered), Err(Unavailable::Missing(_))));
//! # Ok::<(), rust_decimal::Error>(())
//! ```
//!
//! # Floors
//!
//! One crate, six floors. A module imports from lower floors only, never sideways, never up;
//! `tests/floors.rs` reads the sources and fails on any other arrow. In reading order:
//!
//! | floor | module | what it owns |
//! | --- | --- | --- |
//! | 0 | [`kpi`] | measures, formulas, the catalogue, outcomes; `std` and `rust_decimal` only |
//! | 0 | [`finding`] | what was seen in the data, with its place and its remedy |
//! | 1 | [`measures`] | the question; typed rows to measures by group; the join of sources |
//! | 1 | [`config`] | `mak.toml`: read, checked, every problem at once |
//! | 3 | [`ingest`] | bytes to records to measures: encoding, dialect, numbers, dates, profiles |
//! | 2 | [`analysis`] | what needs more than a formula: intervals, lifetime value, attribution |
//! | 2 | [`contract`] | the JSON that is written and read back |
//! | 2 | [`sql`] | the same question for an engine that has the rows |
//! | 4 | [`results`] | answers to bytes, a file an output format |
//! | 5 | [`cli`] | the only place that knows arguments, prints, and sets exit codes |
//!
//! Start with [`kpi::Expr`] and a file of [`kpi::rows`]; then [`ingest::profile`], where a platform
//! is a table; then [`ingest::read`], which is the way of a file from its bytes to its measures.
//!
//! # Invariants
//!
//! - A number is exact or absent. Counts and money are decimals, never floats; sums do not depend
//!   on order; division happens once, at the end. There is no NaN, no infinity, no made-up zero.
//! - What is ambiguous in a file is settled by evidence in the data, or refused with file, line
//!   and column. It is never guessed.
//! - [`kpi`] does no I/O, knows no clock and no environment, and never panics on data.
//! - How a measure adds up belongs to the measure, not to the formula: `opens / delivered`.
//! - Each source is added up on its own to the grain of the question, then joined on the group's
//!   keys. Rows of two files are never joined, unless one names the other by a unique id.
//! - A total is computed from measures, never from the KPIs of its parts.
//! - Rows read are rows used, totals, rejected and blank: every row is accounted for.
//! - No output depends on the order of a hash, on the time zone or on the language of the machine.

pub mod analysis;
pub mod cli;
pub mod config;
pub mod contract;
pub mod finding;
pub mod gate;
pub mod ingest;
pub mod kpi;
pub mod measures;
pub mod results;
pub mod sql;
