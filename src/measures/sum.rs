//! Exact sums of scaled integers.

use rust_decimal::Decimal;

use crate::kpi::{Measured, Overflow};

/// An exact decimal as an integer and a number of decimal places.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Amount {
    /// The digits.
    pub mantissa: i128,
    /// How many of them are after the point.
    pub scale: u32,
}

impl Amount {
    /// A whole number.
    pub const fn whole(value: i128) -> Self {
        Amount { mantissa: value, scale: 0 }
    }

    /// Whether it is below zero.
    pub const fn is_negative(self) -> bool {
        self.mantissa < 0
    }

    /// Whether it is a whole number (`64517.0` is).
    pub fn is_whole(self) -> bool {
        10_i128.checked_pow(self.scale).is_none_or(|unit| self.mantissa.checked_rem(unit) == Some(0)) || self.mantissa == 0
    }

    /// Whether it is more than the other.
    pub fn exceeds(self, other: Amount) -> bool {
        other.minus(self).is_ok_and(Amount::is_negative)
    }

    /// The sum of both.
    pub fn plus(self, other: Amount) -> Result<Amount, Overflow> {
        if self.scale == other.scale {
            let mantissa = self.mantissa.checked_add(other.mantissa).ok_or(Overflow)?;
            return Ok(Amount { mantissa, scale: self.scale });
        }
        let scale = self.scale.max(other.scale);
        let mantissa = self.at_scale(scale)?.checked_add(other.at_scale(scale)?).ok_or(Overflow)?;
        Ok(Amount { mantissa, scale })
    }

    /// The first less the second.
    pub fn minus(self, other: Amount) -> Result<Amount, Overflow> {
        self.plus(other.negated()?)
    }

    /// The product of both.
    pub fn times(self, other: Amount) -> Result<Amount, Overflow> {
        let mantissa = self.mantissa.checked_mul(other.mantissa).ok_or(Overflow)?;
        Ok(Amount { mantissa, scale: self.scale.checked_add(other.scale).ok_or(Overflow)? })
    }

    /// The same with the other sign.
    pub fn negated(self) -> Result<Amount, Overflow> {
        Ok(Amount { mantissa: self.mantissa.checked_neg().ok_or(Overflow)?, scale: self.scale })
    }

    fn at_scale(self, scale: u32) -> Result<i128, Overflow> {
        let more = scale.checked_sub(self.scale).ok_or(Overflow)?;
        10_i128.checked_pow(more).and_then(|by| self.mantissa.checked_mul(by)).ok_or(Overflow)
    }

    /// As a decimal without trailing zeros.
    pub fn to_decimal(self) -> Result<Decimal, Overflow> {
        let Amount { mut mantissa, mut scale } = self;
        if mantissa == 0 {
            return Ok(Decimal::ZERO);
        }
        if let Ok(mut short) = i64::try_from(mantissa) {
            // Most are, and divide in a small part of the time.
            while scale > 0 && short.checked_rem(10) == Some(0) {
                short = short.checked_div(10).ok_or(Overflow)?;
                scale = scale.saturating_sub(1);
            }
            mantissa = short.into();
        }
        while scale > 0 && mantissa.checked_rem(10) == Some(0) {
            mantissa = mantissa.checked_div(10).ok_or(Overflow)?;
            scale = scale.saturating_sub(1);
        }
        Decimal::try_from_i128_with_scale(mantissa, scale).map_err(|_| Overflow)
    }
}

impl From<Decimal> for Amount {
    fn from(value: Decimal) -> Self {
        Amount { mantissa: value.mantissa(), scale: value.scale() }
    }
}

/// A running exact sum that remembers an overflow instead of losing it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sum(Result<Amount, Overflow>);

impl Default for Sum {
    fn default() -> Self {
        Sum(Ok(Amount::default()))
    }
}

impl Sum {
    /// Adds an amount.
    pub fn add(&mut self, amount: Amount) {
        self.0 = self.0.and_then(|sum| sum.plus(amount));
    }

    /// Adds the product of two amounts.
    pub fn add_product(&mut self, a: Amount, b: Amount) {
        self.0 = self.0.and_then(|sum| a.times(b).and_then(|product| sum.plus(product)));
    }

    /// Adds another sum.
    pub fn merge(&mut self, other: &Sum) {
        self.0 = self.0.and_then(|sum| other.0.and_then(|more| sum.plus(more)));
    }

    /// The sum, unless it overflowed.
    pub fn amount(&self) -> Result<Amount, Overflow> {
        self.0
    }

    /// The sum as a measured value.
    pub fn measured(&self) -> Measured {
        self.0.and_then(Amount::to_decimal).map_or(Measured::Overflow, Measured::Number)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn whole_numbers_are_told_by_value() {
        assert!(Amount { mantissa: 645_170, scale: 1 }.is_whole());
        assert!(!Amount { mantissa: 645_175, scale: 1 }.is_whole());
        assert!(Amount { mantissa: 0, scale: 60 }.is_whole());
    }

    #[test]
    fn overflow_is_remembered() {
        let mut sum = Sum::default();
        sum.add(Amount::whole(i128::MAX));
        sum.add(Amount::whole(1));
        sum.add(Amount::whole(-1));
        assert_eq!(sum.measured(), Measured::Overflow);
    }

    proptest! {
        #[test]
        fn order_and_splitting_change_nothing(values in prop::collection::vec((any::<i64>(), 0_u32..12), 0..40), at in 0_usize..40) {
            let add = |values: &[(i64, u32)]| {
                let mut sum = Sum::default();
                values.iter().for_each(|&(mantissa, scale)| sum.add(Amount { mantissa: mantissa.into(), scale }));
                sum
            };
            let whole = add(&values);
            let (left, right) = values.split_at(at.min(values.len()));
            let mut merged = add(right);
            merged.merge(&add(left));
            prop_assert_eq!(whole.measured(), merged.measured());
        }
    }
}
