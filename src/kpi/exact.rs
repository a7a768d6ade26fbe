//! Exact arithmetic for formulas: a fraction of two scaled integers.
//!
//! Formulas add, multiply and divide without rounding; the one division into decimal digits
//! happens at the very end, in [`Exact::to_decimal`], half to even. `Decimal`'s own operators
//! panic on overflow and its products round silently beyond 28 places, so they are not used.

use rust_decimal::Decimal;

/// Digits after the decimal point that a quotient is worked out to; at most 28 significant
/// digits come out, half to even.
pub const MAX_SCALE: u32 = 28;

/// The largest number of digits that still takes another one: (2^96 − 1) / 10.
const LAST_WITH_ROOM: u128 = 7_922_816_251_426_433_759_354_395_033;

/// A result did not fit in 38 digits on its way, or in 28 at the end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Overflow;

/// `mantissa × 10^-scale`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Scaled {
    mantissa: i128,
    scale: u32,
}

impl Scaled {
    const ONE: Scaled = Scaled { mantissa: 1, scale: 0 };

    /// Without trailing zeros, so that products stay as small as they can be.
    fn trimmed(mut self) -> Self {
        if self.mantissa == 0 {
            self.scale = 0;
        }
        if self.scale == 0 {
            return self;
        }
        if let Ok(mut mantissa) = i64::try_from(self.mantissa) {
            // Most numbers are short, and a short division takes a small part of a long one's time.
            while self.scale > 0 && mantissa.checked_rem(10) == Some(0) {
                mantissa = mantissa.checked_div(10).unwrap_or(0);
                self.scale = self.scale.saturating_sub(1);
            }
            return Scaled { mantissa: i128::from(mantissa), scale: self.scale };
        }
        while self.mantissa.checked_rem(10) == Some(0) {
            let (Some(mantissa), Some(scale)) = (self.mantissa.checked_div(10), self.scale.checked_sub(1)) else { break };
            self = Scaled { mantissa, scale };
        }
        self
    }

    fn times(self, other: Self) -> Result<Self, Overflow> {
        let both = |a: Scaled, b: Scaled| {
            Some(Scaled { mantissa: product(a.mantissa, b.mantissa)?, scale: a.scale.checked_add(b.scale)? })
        };
        both(self, other).or_else(|| both(self.trimmed(), other.trimmed())).map(Scaled::trimmed).ok_or(Overflow)
    }

    fn plus(self, other: Self) -> Result<Self, Overflow> {
        let scale = self.scale.max(other.scale);
        let left = self.raised_to(scale)?;
        let right = other.raised_to(scale)?;
        Ok(Scaled { mantissa: left.checked_add(right).ok_or(Overflow)?, scale }.trimmed())
    }

    /// The mantissa at a larger scale.
    fn raised_to(self, scale: u32) -> Result<i128, Overflow> {
        let more = scale.checked_sub(self.scale).ok_or(Overflow)?;
        if more == 0 {
            return Ok(self.mantissa);
        }
        let by = 10_i128.checked_pow(more).ok_or(Overflow)?;
        product(self.mantissa, by).ok_or(Overflow)
    }

    fn to_decimal(self) -> Result<Decimal, Overflow> {
        let trimmed = self.trimmed();
        Decimal::try_from_i128_with_scale(trimmed.mantissa, trimmed.scale).map_err(|_| Overflow)
    }
}

/// An exact fraction. The denominator is positive and never zero.
#[derive(Clone, Copy, Debug)]
pub struct Exact {
    numerator: Scaled,
    denominator: Scaled,
}

impl From<Decimal> for Exact {
    fn from(value: Decimal) -> Self {
        let numerator = Scaled { mantissa: value.mantissa(), scale: value.scale() }.trimmed();
        Exact { numerator, denominator: Scaled::ONE }
    }
}

impl Exact {
    /// The number as a fraction over one.
    pub fn integer(value: i128) -> Self {
        Exact { numerator: Scaled { mantissa: value, scale: 0 }, denominator: Scaled::ONE }
    }

    /// Whether the value is zero.
    pub fn is_zero(self) -> bool {
        self.numerator.mantissa == 0
    }

    /// Whether the value is below zero.
    pub fn is_negative(self) -> bool {
        self.numerator.mantissa < 0
    }

    /// Sum of both.
    pub fn plus(self, other: Self) -> Result<Self, Overflow> {
        if self.denominator == other.denominator {
            return Ok(Exact { numerator: self.numerator.plus(other.numerator)?, denominator: self.denominator });
        }
        let left = self.numerator.times(other.denominator)?;
        let right = other.numerator.times(self.denominator)?;
        Exact { numerator: left.plus(right)?, denominator: self.denominator.times(other.denominator)? }.reduced()
    }

    /// First less second.
    pub fn minus(self, other: Self) -> Result<Self, Overflow> {
        self.plus(other.negated()?)
    }

    fn negated(self) -> Result<Self, Overflow> {
        let mantissa = self.numerator.mantissa.checked_neg().ok_or(Overflow)?;
        Ok(Exact { numerator: Scaled { mantissa, ..self.numerator }, ..self })
    }

    /// Product of both.
    pub fn times(self, other: Self) -> Result<Self, Overflow> {
        let product = |a: Exact, b: Exact| {
            Ok(Exact { numerator: a.numerator.times(b.numerator)?, denominator: a.denominator.times(b.denominator)? })
        };
        product(self, other).or_else(|Overflow| {
            // Cancel across first: most products of long fractions fit once that is done.
            let left = Exact { numerator: self.numerator, denominator: other.denominator }.reduced()?;
            let right = Exact { numerator: other.numerator, denominator: self.denominator }.reduced()?;
            product(left, right)
        })
    }

    /// First by second; `None` when the second is zero.
    pub fn over(self, other: Self) -> Option<Result<Self, Overflow>> {
        if other.is_zero() {
            return None;
        }
        let mut upside_down = Exact { numerator: other.denominator, denominator: other.numerator };
        if upside_down.denominator.mantissa < 0 {
            let negated = upside_down.numerator.mantissa.checked_neg().zip(upside_down.denominator.mantissa.checked_neg());
            let Some((numerator, denominator)) = negated else { return Some(Err(Overflow)) };
            upside_down.numerator.mantissa = numerator;
            upside_down.denominator.mantissa = denominator;
        }
        Some(self.times(upside_down))
    }

    /// In lowest terms, both parts integers.
    fn reduced(self) -> Result<Self, Overflow> {
        let scale = self.numerator.scale.max(self.denominator.scale);
        let (Ok(numerator), Ok(denominator)) = (self.numerator.raised_to(scale), self.denominator.raised_to(scale)) else {
            return Ok(self);
        };
        let divisor = greatest_common_divisor(numerator.unsigned_abs(), denominator.unsigned_abs());
        let Ok(divisor) = i128::try_from(divisor.max(1)) else { return Ok(self) };
        let whole = |mantissa: i128| {
            let mantissa = match (i64::try_from(mantissa), i64::try_from(divisor)) {
                _ if divisor == 1 => Some(mantissa),
                (Ok(mantissa), Ok(divisor)) => mantissa.checked_div(divisor).map(i128::from),
                _ => mantissa.checked_div(divisor),
            };
            Ok(Scaled { mantissa: mantissa.ok_or(Overflow)?, scale: 0 })
        };
        Ok(Exact { numerator: whole(numerator)?, denominator: whole(denominator)? })
    }

    /// Numerator and denominator as decimals whose quotient is the value, not reduced when the
    /// fraction came straight from two measures.
    pub fn parts(self) -> Result<(Decimal, Decimal), Overflow> {
        Ok((self.numerator.to_decimal()?, self.denominator.to_decimal()?))
    }

    /// The value in decimal digits: exact when it ends within 28 significant digits and
    /// [`MAX_SCALE`] places, otherwise rounded there, half to even.
    pub fn to_decimal(self) -> Result<Decimal, Overflow> {
        if self.denominator == Scaled::ONE
            && let Ok(exact) = self.numerator.to_decimal()
        {
            return Ok(exact);
        }
        let reduced = self.reduced()?;
        if reduced.denominator.mantissa == 1 && reduced.denominator.scale == 0 {
            return reduced.numerator.to_decimal();
        }
        // Bring both to integers: n / d with the difference of scales kept aside.
        let negative = reduced.numerator.mantissa < 0;
        let mut numerator = reduced.numerator.mantissa.unsigned_abs();
        let denominator = reduced.denominator.mantissa.unsigned_abs();
        let shift = i64::from(reduced.numerator.scale).saturating_sub(i64::from(reduced.denominator.scale));
        let (mut digits, rest) = divided(numerator, denominator).ok_or(Overflow)?;
        numerator = rest;
        // Long division: several digits at a time while there is room for all of them and another
        // significant digit, then one at a time. Zeros at the end mean nothing.
        let mut scale = shift;
        if u64::try_from(denominator).is_ok() {
            while numerator != 0 {
                let left = i64::from(MAX_SCALE).saturating_sub(scale);
                let Some(several) = several_digits(digits).filter(|several| i64::from(*several) <= left) else { break };
                let by = 10_u128.checked_pow(several).ok_or(Overflow)?;
                let (more, rest) = numerator.checked_mul(by).and_then(|raised| divided(raised, denominator)).ok_or(Overflow)?;
                numerator = rest;
                digits = digits.checked_mul(by).and_then(|digits| digits.checked_add(more)).ok_or(Overflow)?;
                scale = scale.saturating_add(i64::from(several));
            }
        }
        while numerator != 0 && digits <= LAST_WITH_ROOM && scale < i64::from(MAX_SCALE) {
            let (digit, rest) = numerator.checked_mul(10).and_then(|raised| divided(raised, denominator)).ok_or(Overflow)?;
            numerator = rest;
            digits = digits.checked_mul(10).and_then(|d| d.checked_add(digit)).ok_or(Overflow)?;
            scale = scale.saturating_add(1);
        }
        let twice = numerator.checked_mul(2).ok_or(Overflow)?;
        if twice > denominator || (twice == denominator && digits & 1 == 1) {
            digits = digits.checked_add(1).ok_or(Overflow)?;
        }
        while scale < 0 {
            digits = digits.checked_mul(10).ok_or(Overflow)?;
            scale = scale.saturating_add(1);
        }
        let mantissa = i128::try_from(digits).map_err(|_| Overflow)?;
        let mantissa = if negative { mantissa.checked_neg().ok_or(Overflow)? } else { mantissa };
        Scaled { mantissa, scale: u32::try_from(scale).map_err(|_| Overflow)? }.to_decimal()
    }
}

/// The product, where it fits.
fn product(a: i128, b: i128) -> Option<i128> {
    match (i64::try_from(a), i64::try_from(b)) {
        // Of two short numbers it always does.
        (Ok(a), Ok(b)) => Some(i128::from(a).wrapping_mul(i128::from(b))),
        _ => a.checked_mul(b),
    }
}

/// Quotient and rest.
fn divided(a: u128, b: u128) -> Option<(u128, u128)> {
    if let (Ok(a), Ok(b)) = (u64::try_from(a), u64::try_from(b)) {
        return Some((a.checked_div(b)?.into(), a.checked_rem(b)?.into()));
    }
    let quotient = a.checked_div(b)?;
    Some((quotient, a.wrapping_sub(quotient.wrapping_mul(b))))
}

/// How many digits a quotient can take at once, so that before each of them there was room for it.
fn several_digits(digits: u128) -> Option<u32> {
    // Eighteen times ten to a number of 64 bits still fits in 128.
    (2..=18_u32).rev().step_by(4).find(|several| {
        let last = 10_u128.checked_pow(several.saturating_sub(1)).and_then(|by| digits.checked_add(1)?.checked_mul(by));
        last.is_some_and(|last| last <= LAST_WITH_ROOM)
    })
}

fn greatest_common_divisor(mut a: u128, mut b: u128) -> u128 {
    if let (Ok(mut a), Ok(mut b)) = (u64::try_from(a), u64::try_from(b)) {
        while let Some(rest) = a.checked_rem(b) {
            (a, b) = (b, rest);
        }
        return a.into();
    }
    while let Some(rest) = a.checked_rem(b) {
        (a, b) = (b, rest);
    }
    a
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn decimal(text: &str) -> Decimal {
        text.parse().expect("a decimal")
    }

    fn quotient(a: &str, b: &str) -> String {
        let exact = Exact::from(decimal(a)).over(Exact::from(decimal(b)));
        exact.expect("not zero").and_then(Exact::to_decimal).expect("fits").to_string()
    }

    #[test]
    fn quotients_have_28_digits_rounded_half_to_even() {
        assert_eq!(quotient("1", "3"), "0.3333333333333333333333333333");
        assert_eq!(quotient("2", "3"), "0.6666666666666666666666666667");
        assert_eq!(quotient("-2", "3"), "-0.6666666666666666666666666667");
        assert_eq!(quotient("1", "-8"), "-0.125");
        assert_eq!(quotient("3120", "100000"), "0.0312");
        assert_eq!(quotient("7", "0.001"), "7000");
        // Python: getcontext().prec = 28; Decimal(2421948) / Decimal(4098579)
        assert_eq!(quotient("2421948", "4098579"), "0.5909238299420360080896330167");
    }

    #[test]
    fn zero_denominator_is_none_and_overflow_is_an_error() {
        assert!(Exact::integer(1).over(Exact::integer(0)).is_none());
        let huge = Exact::from(Decimal::MAX);
        assert!(huge.times(huge).is_err());
        assert!(huge.plus(huge).expect("38 digits hold it").to_decimal().is_err());
    }

    #[test]
    fn long_products_are_not_rounded_on_the_way() {
        let a = decimal("12.3456789012345678");
        let product = Exact::from(a).times(Exact::from(a)).expect("fits");
        let back = product.over(Exact::from(a)).expect("not zero").and_then(Exact::to_decimal);
        assert_eq!(back, Ok(a));
    }

    /// The quotient digit by digit, as it is done on paper.
    #[expect(clippy::arithmetic_side_effects, reason = "84 bits and a digit fit in 128")]
    fn on_paper(a: u128, b: u128) -> Option<Decimal> {
        let (mut digits, mut rest, mut scale) = (a / b, a % b, 0);
        while rest != 0 && digits <= LAST_WITH_ROOM && scale < MAX_SCALE {
            rest *= 10;
            digits = digits * 10 + rest / b;
            rest %= b;
            scale += 1;
        }
        if rest * 2 > b || (rest * 2 == b && digits % 2 == 1) {
            digits += 1;
        }
        Decimal::try_from_i128_with_scale(i128::try_from(digits).ok()?, scale).ok()
    }

    proptest! {
        #[test]
        fn long_division_is_that_on_paper(
            a in prop_oneof![any::<u64>(), 0_u64..100, 0_u64..1_000_000_000],
            b in prop_oneof![1..u64::MAX, 1_u64..100, 1_u64..1_000_000_000],
            wide in prop_oneof![9 => Just(1_u128), 1 => 1_u128..1_000_000],
        ) {
            let (a, b) = (u128::from(a).saturating_mul(wide), u128::from(b).saturating_mul(if a & 1 == 0 { wide } else { 1 }));
            let exact = |value: u128| Exact::integer(i128::try_from(value).expect("84 bits"));
            let quotient = exact(a).over(exact(b)).expect("not zero").expect("fits");
            prop_assert_eq!(quotient.to_decimal().ok(), on_paper(a, b));
        }

        #[test]
        fn sum_and_difference_undo_each_other(a in any::<i64>(), b in any::<i64>(), scale in 0_u32..10) {
            let (a, b) = (Exact::from(Decimal::new(a, scale)), Exact::from(Decimal::new(b, 3)));
            let back = a.plus(b).and_then(|sum| sum.minus(b)).and_then(Exact::to_decimal);
            prop_assert_eq!(back, a.to_decimal());
        }

        #[test]
        fn a_quotient_times_its_divisor_is_the_dividend(a in any::<i64>(), b in 1_i64..i64::MAX) {
            let (a, b) = (Exact::integer(a.into()), Exact::integer(b.into()));
            let quotient = a.over(b).expect("not zero").expect("fits");
            prop_assert_eq!(quotient.times(b).and_then(Exact::to_decimal), a.to_decimal());
        }
    }
}
