//! A decimal as a JSON number with its exact digits.

use std::borrow::Cow;
use std::fmt;

use rust_decimal::Decimal;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A decimal that is written to JSON as a number with all its digits, and read back the same.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Number(pub Decimal);

impl From<Decimal> for Number {
    fn from(value: Decimal) -> Self {
        Number(value)
    }
}

impl fmt::Display for Number {
    /// Digits without trailing zeros: `78510`, `0.10525`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.digits().as_str())
    }
}

/// The digits of a number, without trailing zeros.
#[derive(Clone, Copy, Debug)]
pub struct Digits {
    /// Written from its end.
    bytes: [u8; Digits::MOST],
    start: usize,
}

impl Number {
    /// Its digits as text.
    pub fn digits(&self) -> Digits {
        let mut digits = Digits { bytes: [0; Digits::MOST], start: Digits::MOST };
        let (mut mantissa, mut decimals) = self.without_trailing_zeros();
        // Short numbers divide in a small part of the time: at most one long division.
        if mantissa >= Digits::HALF {
            let mut low = u64::try_from(mantissa % Digits::HALF).unwrap_or(0);
            mantissa /= Digits::HALF;
            for _ in 0..18 {
                digits.push_digit(low % 10, &mut decimals);
                low /= 10;
            }
        }
        let mut high = u64::try_from(mantissa).unwrap_or(0);
        loop {
            let is_before_the_point = decimals == 0;
            digits.push_digit(high % 10, &mut decimals);
            high /= 10;
            if high == 0 && is_before_the_point {
                break;
            }
        }
        if self.0.is_sign_negative() && !self.0.is_zero() {
            digits.push(b'-');
        }
        digits
    }

    /// Its digits as a whole number, and how many of them are decimals.
    fn without_trailing_zeros(&self) -> (u128, u32) {
        let (mantissa, mut decimals) = (self.0.mantissa().unsigned_abs(), self.0.scale());
        let Ok(mut short) = u64::try_from(mantissa) else {
            let number = self.0.normalize();
            return (number.mantissa().unsigned_abs(), number.scale());
        };
        while decimals > 0 && short.is_multiple_of(10) {
            short /= 10;
            decimals = decimals.saturating_sub(1);
        }
        (short.into(), decimals)
    }
}

impl Digits {
    /// Bytes of the longest number: 29 digits, a sign and a point; or 28 decimals behind `-0.`.
    const MOST: usize = 32;

    /// Eighteen digits, so that what is left of the longest number has eleven.
    const HALF: u128 = 1_000_000_000_000_000_000;

    /// Puts a digit in front, and the point in front of it where it is the first decimal.
    fn push_digit(&mut self, digit: u64, decimals: &mut u32) {
        self.push(b'0'.saturating_add(u8::try_from(digit).unwrap_or(0)));
        if *decimals == 1 {
            self.push(b'.');
        }
        *decimals = decimals.saturating_sub(1);
    }

    fn push(&mut self, byte: u8) {
        self.start = self.start.saturating_sub(1);
        if let Some(slot) = self.bytes.get_mut(self.start) {
            *slot = byte;
        }
    }

    /// As text.
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(self.as_bytes()).unwrap_or_default()
    }

    /// As bytes of ASCII.
    pub fn as_bytes(&self) -> &[u8] {
        self.bytes.get(self.start..).unwrap_or_default()
    }
}

impl Serialize for Number {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        // Whole numbers are written alike by the shorter way.
        if self.0.scale() == 0
            && let Ok(whole) = i64::try_from(self.0.mantissa())
        {
            return serializer.serialize_i64(whole);
        }
        let number: serde_json::Number = self.to_string().parse().map_err(serde::ser::Error::custom)?;
        number.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Number {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = serde_json::Number::deserialize(deserializer)?.to_string();
        let parsed = if text.contains(['e', 'E']) { Decimal::from_scientific(&text) } else { Decimal::from_str_exact(&text) };
        parsed.map(Number).map_err(|_| serde::de::Error::custom(format!("{text} does not fit in 28 digits")))
    }
}

impl JsonSchema for Number {
    fn schema_name() -> Cow<'static, str> {
        "Number".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "number", "description": "Exact decimal digits, at most 28 significant ones." })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn digits_are_those_of_the_decimal(
            mantissa in prop_oneof![-(1_i128 << 95)..(1_i128 << 95), -1_000_i128..1_000, Just((1_i128 << 96) - 1)],
            zeros in 0_u32..4,
            scale in 0_u32..=28,
        ) {
            let shifted = mantissa.checked_mul(10_i128.pow(zeros)).unwrap_or(mantissa);
            let Ok(number) = Decimal::try_from_i128_with_scale(shifted, scale) else { return Ok(()) };
            let digits = Number(number).digits();
            prop_assert_eq!(digits.as_str(), number.normalize().to_string());
        }
    }
}
