//! The gate: thresholds, changes and targets, a verdict each.
//!
//! **Owns** what a check, a comparison and a goal come to: which statuses there are, when noise
//! excuses a miss, what a baseline must have in common with a result, and which calendar periods
//! are complete. It judges documents of [`crate::contract`], so that a result just computed and one
//! that was kept as a baseline are the same thing.
//!
//! **Does not know** files, the command line, or how a verdict is shown.
//!
//! Values are compared in exact decimals. Intervals and tests are estimates and live in one file,
//! `estimate`. Nothing passes in silence: a value that is unavailable is an answer of its own, and
//! what is passed over is listed with the reason.

mod change;
mod check;
mod compare;
mod estimate;
mod figure;
mod goal;
mod period;
mod verdict;

pub use check::{Baseline, Gate, groupings, subjects};
pub use compare::{Comparison, compare};
pub use goal::{Goals, cadence_period, target_subjects};
pub use period::{Calendar, Pair, Step, Stretch, pair};
