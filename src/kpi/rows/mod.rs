//! The rows of the catalogue, one file a category.

use super::catalogue::Category;

mod engagement;

/// The catalogue in the order in which it is listed.
pub static CATEGORIES: &[Category] = &[Category { name: "Response and engagement", kpis: engagement::KPIS }];
