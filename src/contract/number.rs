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
    /// Zeros, written over from the end.
    bytes: [u8; Digits::MOST],
    start: usize,
}

impl Number {
    /// Its digits as text.
    pub fn digits(&self) -> Digits {
        let (mut mantissa, decimals) = self.without_trailing_zeros();
        let mut digits = Digits { bytes: [b'0'; Digits::MOST], start: Digits::MOST };
        // Short numbers divide in a small part of the time: at most one long division.
        if mantissa >= Digits::HALF {
            digits.push_number(u64::try_from(mantissa % Digits::HALF).unwrap_or(0));
            digits.start = Digits::MOST - Digits::DIGITS_OF_HALF;
            mantissa /= Digits::HALF;
        }
        digits.push_number(u64::try_from(mantissa).unwrap_or(0));
        digits.put_point(usize::try_from(decimals).unwrap_or(0));
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
    const DIGITS_OF_HALF: usize = 18;

    /// Puts the digits of a number in front, two at a time; none for zero.
    fn push_number(&mut self, mut number: u64) {
        while number >= 10 {
            let pair = usize::try_from(number % 100).unwrap_or(0);
            number /= 100;
            self.start = self.start.saturating_sub(2);
            let slot = self.bytes.get_mut(self.start..).and_then(<[u8]>::first_chunk_mut);
            if let (Some(slot), Some(pair)) = (slot, PAIRS.get(pair)) {
                *slot = *pair;
            }
        }
        if number > 0 {
            self.push(b'0' + u8::try_from(number).unwrap_or(0));
        }
    }

    /// Puts the point in front of that many digits, with zeros where there are too few.
    fn put_point(&mut self, decimals: usize) {
        let point = Digits::MOST.saturating_sub(decimals);
        self.start = self.start.min(point.saturating_sub(1));
        if decimals > 0 {
            self.bytes.copy_within(self.start..point, self.start.saturating_sub(1));
            self.start = self.start.saturating_sub(1);
            if let Some(slot) = self.bytes.get_mut(point.saturating_sub(1)) {
                *slot = b'.';
            }
        }
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

/// `00` to `99`.
const PAIRS: [[u8; 2]; 100] = {
    let mut pairs = [[b'0'; 2]; 100];
    let mut number: u8 = 0;
    while number < 100 {
        pairs[number as usize] = [b'0' + number / 10, b'0' + number % 10];
        number += 1;
    }
    pairs
};

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
