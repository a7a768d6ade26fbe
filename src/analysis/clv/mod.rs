//! What customers will be worth: probability models of buying, of leaving and of spending.
//!
//! **Owns** the estimation of six models by maximum likelihood, forecasts with intervals, and the
//! statistics that dated purchases are reduced to. **Does not know** files, columns, currencies or
//! how anything is printed; monetary values arrive as exact decimals and leave as estimates.
//!
//! | model | file | statistics |
//! |---|---|---|
//! | BG/NBD | [`bg_nbd`] | [`data::Purchases`] |
//! | Pareto/NBD | [`pareto_nbd`] | [`data::Purchases`] |
//! | MBG/NBD | [`mbg_nbd`] | [`data::Purchases`] |
//! | Gamma-Gamma | [`gamma_gamma`] | [`gamma_gamma::Spending`] |
//! | shifted beta-geometric | [`sbg`] | [`sbg::Survivors`] |
//! | BG/BB | [`bg_bb`] | [`bg_bb::DiscretePurchases`] |
//!
//! [`summary`] makes the statistics from dated transactions, [`forecast`] turns fitted models into
//! purchases and money over a horizon that carries its unit.

#![allow(clippy::float_arithmetic, reason = "estimates of parameters and forecasts are real numbers by nature")]
#![allow(clippy::cast_precision_loss, reason = "counts of customers below 2^53 are exact as floats")]
#![allow(clippy::many_single_char_names, clippy::similar_names, reason = "the parameters are named as in the papers")]
#![allow(clippy::needless_range_loop, reason = "matrices are indexed by row and column, as in the formulas")]

pub mod bg_bb;
pub mod bg_nbd;
pub mod data;
pub mod derivatives;
mod dropout;
pub mod fit;
pub mod forecast;
pub mod gamma_gamma;
pub mod mbg_nbd;
pub mod optimise;
pub mod pareto_nbd;
pub mod purchase_model;
pub mod quadrature;
pub mod sbg;
pub mod special;
pub mod summary;
pub mod time;
pub mod valuation;

#[cfg(test)]
mod random;
#[cfg(test)]
mod recovery_tests;
#[cfg(test)]
mod reference_tests;

pub use fit::{Fit, Interval, Model, Parameter};
pub use purchase_model::PurchaseModel;
pub use time::{Span, TimeUnit};
