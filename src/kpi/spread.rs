//! How much the single things behind a ratio of two sums differ: what the delta method needs.

use rust_decimal::Decimal;

use super::exact::{Exact, Overflow};

/// Exact sums over what was drawn (customers, say) for a ratio of two of their sums (revenue by
/// orders). The sums themselves are the two measures.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Spread {
    /// How many were drawn.
    pub drawn: u64,
    /// Sum of the squares of what stands above the line: of each customer's revenue.
    pub above_squared: Decimal,
    /// Sum of the squares of what stands below it: of each customer's orders.
    pub below_squared: Decimal,
    /// Sum of the products of the two.
    pub products: Decimal,
}

impl Spread {
    /// The spread over what was drawn for either.
    ///
    /// # Errors
    /// A sum does not fit in 28 digits.
    pub fn plus(self, other: Spread) -> Result<Spread, Overflow> {
        let sum = |a: Decimal, b: Decimal| Exact::from(a).plus(Exact::from(b)).and_then(Exact::to_decimal);
        Ok(Spread {
            drawn: self.drawn.saturating_add(other.drawn),
            above_squared: sum(self.above_squared, other.above_squared)?,
            below_squared: sum(self.below_squared, other.below_squared)?,
            products: sum(self.products, other.products)?,
        })
    }
}
