//! Estimates over prepared numbers.
//!
//! **Owns** the statistics that are estimates by nature: how far chance alone moves a rate, who
//! earned a conversion, what a customer will be worth.
//!
//! **Does not know** files, columns, formats or how a result is printed.
pub mod attribution;
pub mod clv;
pub mod cohort;
pub mod interval;
