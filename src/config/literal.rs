//! Numbers as people write them in thresholds: `20%`, `0.2`, `2h`, `30d`, `2.5pp`.
//!
//! A literal says what it is, so that `open_rate >= 20` (20 or 20 %?) and `response_time <= 2`
//! (hours or seconds?) are refused instead of guessed. Exact decimals throughout.

use std::fmt;

use rust_decimal::Decimal;

use crate::kpi::{Exact, Unit};

/// What a number was written as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LiteralKind {
    /// `40`, `0.2`: a count, an amount, a ratio, points of a scale.
    Plain,
    /// `20%`: the value is the ratio, 0.2.
    Percent,
    /// `2.5pp`, percentage points, for changes only: the value is the ratio, 0.025.
    Points,
    /// `2h`, `30d`: the value is in seconds.
    Duration,
}

/// A number with what it was written as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Literal {
    /// The exact value; see [`LiteralKind`] for its unit.
    pub value: Decimal,
    /// What it was written as.
    pub kind: LiteralKind,
}

/// Why a text is no number, or a number does not fit where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LiteralError {
    /// What is the matter.
    pub message: String,
    /// How to write it.
    pub help: Option<String>,
}

impl LiteralError {
    fn new(message: impl Into<String>, help: impl Into<String>) -> Self {
        LiteralError { message: message.into(), help: Some(help.into()) }
    }
}

/// Duration units with their seconds. A month is 30.4375 days, as everywhere in `mak`.
const DURATIONS: &[(&str, u32)] = &[("s", 1), ("min", 60), ("h", 3_600), ("d", 86_400), ("w", 604_800), ("mo", 2_629_800)];

/// A plain number above this for a rate that may exceed 100 % is taken for a percentage without
/// its sign: nobody aims at a growth of more than 1,000 % without knowing.
const LARGEST_PLAIN_RATIO: Decimal = Decimal::TEN;

impl Literal {
    /// Reads a literal.
    ///
    /// # Errors
    /// It is no finite decimal number, its unit is not known, or it has more than 28 digits.
    pub fn parse(text: &str) -> Result<Literal, LiteralError> {
        let text = text.trim();
        let unsigned = text.strip_prefix(['-', '−', '+']).unwrap_or(text);
        let end = unsigned.find(|c: char| !(c.is_ascii_digit() || matches!(c, '.' | ',' | '_' | '\''))).unwrap_or(unsigned.len());
        let (digits, suffix) = unsigned.split_at(end);
        if digits.is_empty() {
            return Err(not_a_number(text));
        }
        let number = decimal(digits)?;
        let number = if text.starts_with(['-', '−']) && !number.is_zero() { -number } else { number };
        let hundredth = || {
            let ratio = Decimal::try_from_i128_with_scale(number.mantissa(), number.scale().saturating_add(2));
            ratio.map(|ratio| ratio.normalize()).map_err(|_| too_long(text))
        };
        match suffix.trim() {
            "" => Ok(Literal { value: number, kind: LiteralKind::Plain }),
            "%" => Ok(Literal { value: hundredth()?, kind: LiteralKind::Percent }),
            "pp" => Ok(Literal { value: hundredth()?, kind: LiteralKind::Points }),
            unit => {
                let seconds = seconds_of(unit).ok_or_else(|| unknown_unit(text, unit))?;
                let value = Exact::from(number).times(Exact::integer(seconds.into())).and_then(Exact::to_decimal);
                Ok(Literal { value: value.map_err(|_| too_long(text))?.normalize(), kind: LiteralKind::Duration })
            }
        }
    }

    /// The value in a KPI's unit, as [`crate::kpi::Computed::value`] has it.
    ///
    /// # Errors
    /// The literal has another kind of unit, or a value that the KPI cannot have.
    pub fn in_unit(self, unit: Unit) -> Result<Decimal, LiteralError> {
        use LiteralKind::{Duration, Percent, Plain, Points};
        match (unit, self.kind) {
            (_, Points) => Err(LiteralError::new(
                format!("{self} is a change, not a value"),
                "percentage points compare with a baseline: open_rate drop <= 2pp",
            )),
            (Unit::Share, Plain | Percent) => self.share(),
            (Unit::Percent, Plain) if self.value.abs() > LARGEST_PLAIN_RATIO => Err(LiteralError::new(
                format!("{self} would be {}", percent(self.value)),
                format!("write {self}% or, if so much is meant, {}", percent(self.value)),
            )),
            (Unit::Percent | Unit::Multiple, Plain | Percent) | (Unit::Number | Unit::Money | Unit::Score, Plain) => {
                Ok(self.value)
            }
            (Unit::Points, Plain) if self.value.abs() > Decimal::ONE_HUNDRED => {
                Err(LiteralError::new(format!("{self} is beyond the scale"), "points go from -100 to 100"))
            }
            (Unit::Count, Plain) if self.value.is_sign_negative() && !self.value.is_zero() => {
                Err(LiteralError::new(format!("{self} is impossible: a count is never negative"), "write 0 or more"))
            }
            (Unit::Count | Unit::Points, Plain) => Ok(self.value),
            (Unit::Seconds | Unit::Hours | Unit::Days | Unit::Months, Duration) => self.in_seconds_of(unit),
            (Unit::Seconds | Unit::Hours | Unit::Days | Unit::Months, Plain) => {
                let like = |suffix| format!("{self}{suffix}");
                let help = format!("say which: {}, {}, {}, {} or {}", like("s"), like("min"), like("h"), like("d"), like("mo"));
                Err(LiteralError::new(format!("{self} has no unit of time"), help))
            }
            (Unit::Seconds | Unit::Hours | Unit::Days | Unit::Months, Percent) => {
                Err(LiteralError::new(format!("{self} is no duration"), "write 90s, 15min, 2h, 30d or 6mo"))
            }
            (Unit::Number, Percent) => Err(LiteralError::new(
                format!("{self} is a percentage, and this is no rate"),
                format!("write {}; a KPI of your own is a rate with unit = \"share\" or \"percent\"", self.value.normalize()),
            )),
            (Unit::Count | Unit::Money | Unit::Score | Unit::Points, Percent) => {
                Err(LiteralError::new(format!("{self} is a percentage, and this is no rate"), "write a plain number"))
            }
            (_, Duration) => Err(LiteralError::new(format!("{self} is a duration, and this is none"), "write a plain number")),
        }
    }

    fn share(self) -> Result<Decimal, LiteralError> {
        if (Decimal::ZERO..=Decimal::ONE).contains(&self.value) {
            return Ok(self.value);
        }
        let help = match self.kind {
            LiteralKind::Plain if (Decimal::ONE..=Decimal::ONE_HUNDRED).contains(&self.value) => {
                let ratio = Exact::from(self.value)
                    .over(Exact::integer(100))
                    .and_then(Result::ok)
                    .and_then(|ratio| ratio.to_decimal().ok());
                ratio.map_or_else(|| format!("write {self}%"), |ratio| format!("write {self}% or {ratio}"))
            }
            _ => "write 20% or 0.2".to_owned(),
        };
        Err(LiteralError::new(format!("{self} is impossible: a share lies between 0 and 100 %"), help))
    }

    fn in_seconds_of(self, unit: Unit) -> Result<Decimal, LiteralError> {
        let seconds = match unit {
            Unit::Hours => 3_600,
            Unit::Days => 86_400,
            Unit::Months => 2_629_800,
            _ => 1,
        };
        let value = Exact::from(self.value).over(Exact::integer(seconds)).and_then(Result::ok);
        value.and_then(|value| value.to_decimal().ok()).ok_or_else(|| too_long(&self.to_string()))
    }
}

/// Reads a plain decimal number.
///
/// # Errors
/// As [`Literal::parse`], and it has a unit.
pub fn plain_number(text: &str) -> Result<Decimal, LiteralError> {
    match Literal::parse(text)? {
        Literal { value, kind: LiteralKind::Plain } => Ok(value),
        other => Err(LiteralError::new(format!("{other} is no plain number"), "write digits with a point for decimals: 1250.50")),
    }
}

/// The literal in its shortest form; reading it back gives the same literal.
impl fmt::Display for Literal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.kind {
            LiteralKind::Plain => write!(f, "{}", self.value.normalize()),
            LiteralKind::Percent => f.write_str(&percent(self.value)),
            LiteralKind::Points => write!(f, "{}pp", hundredfold(self.value)),
            LiteralKind::Duration => {
                let whole = |seconds: u32| {
                    let count = Exact::from(self.value).over(Exact::integer(seconds.into()))?.ok()?.to_decimal().ok()?;
                    count.is_integer().then_some(count)
                };
                let largest = DURATIONS.iter().filter(|(unit, _)| !matches!(*unit, "w" | "mo")).rev();
                let written =
                    largest.filter(|_| !self.value.is_zero()).find_map(|(unit, seconds)| Some((whole(*seconds)?, unit)));
                match written {
                    Some((count, unit)) => write!(f, "{}{unit}", count.normalize()),
                    None => write!(f, "{}s", self.value.normalize()),
                }
            }
        }
    }
}

/// A ratio as a percentage: `0.125` as `12.5%`.
pub(super) fn percent(ratio: Decimal) -> String {
    format!("{}%", hundredfold(ratio))
}

fn hundredfold(ratio: Decimal) -> Decimal {
    let exact = Exact::from(ratio).times(Exact::integer(100)).and_then(Exact::to_decimal);
    // A ratio that came from a literal always fits; a larger one is shown as it is.
    exact.unwrap_or(ratio).normalize()
}

fn decimal(digits: &str) -> Result<Decimal, LiteralError> {
    if let Some((whole, rest)) = digits.split_once(',') {
        let joined: String = digits.chars().filter(char::is_ascii_digit).collect();
        let thousands = digits.split([',', '.']).skip(1).all(|part| part.len() == 3);
        let help = if thousands {
            format!("write {joined}, or {whole}.{rest} if the comma marks decimals")
        } else {
            format!("decimals are written with a point: {whole}.{rest}")
        };
        return Err(LiteralError::new(format!("{digits} has a comma"), help));
    }
    let mut parts = digits.split('.');
    let is_digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    if !parts.clone().all(is_digits) || parts.by_ref().count() > 2 {
        return Err(LiteralError::new(format!("{digits} is not a number"), "write digits with a point for decimals: 1250.50"));
    }
    Decimal::from_str_exact(digits).map_err(|_| too_long(digits))
}

fn seconds_of(unit: &str) -> Option<u32> {
    let unit = match unit {
        "sec" | "secs" | "second" | "seconds" => "s",
        "m" | "mins" | "minute" | "minutes" => "min",
        "hour" | "hours" => "h",
        "day" | "days" => "d",
        "week" | "weeks" => "w",
        "month" | "months" => "mo",
        other => other,
    };
    DURATIONS.iter().find(|(known, _)| *known == unit).map(|(_, seconds)| *seconds)
}

fn not_a_number(text: &str) -> LiteralError {
    let lower = text.trim_start_matches(['-', '+']).to_ascii_lowercase();
    if matches!(lower.as_str(), "nan" | "inf" | "infinity" | "∞") {
        return LiteralError::new(format!("{text} is no threshold: nothing can be compared with it"), "write a finite number");
    }
    if text.starts_with(['$', '€', '£', '¥']) {
        return LiteralError::new(
            format!("{text} has a currency sign"),
            "amounts are plain numbers in the currency of the data: 40",
        );
    }
    if text.is_empty() {
        return LiteralError::new("a number is missing", "write 20%, 0.2, 40, 2h or 30d");
    }
    LiteralError::new(format!("{text} is not a number"), "write 20%, 0.2, 40, 2h or 30d")
}

fn unknown_unit(text: &str, unit: &str) -> LiteralError {
    if unit.starts_with(['e', 'E']) && unit.len() > 1 {
        return LiteralError::new(format!("{text} has an exponent"), "write the digits out: 1000");
    }
    if unit.starts_with(['.', ',', ' ']) || unit.contains(|c: char| c.is_ascii_digit()) {
        return LiteralError::new(format!("{text} is not a number"), "write digits without blanks: 1000, 20%, 2h");
    }
    LiteralError::new(format!("{unit} is no unit"), "units are %, pp, s, min, h, d, w, mo")
}

fn too_long(text: &str) -> LiteralError {
    LiteralError::new(format!("{text} has too many digits"), "numbers have at most 28 digits")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn literal(text: &str) -> Literal {
        Literal::parse(text).unwrap_or_else(|why| panic!("{text}: {}", why.message))
    }

    fn refused(text: &str, unit: Unit) -> (String, String) {
        let why = Literal::parse(text).and_then(|literal| literal.in_unit(unit)).expect_err(text);
        (why.message, why.help.unwrap_or_default())
    }

    #[test]
    fn values_are_exact_and_in_the_unit_of_the_kpi() {
        let cases = [
            ("20%", Unit::Share, "0.2"),
            ("0.2", Unit::Share, "0.2"),
            ("2.5 %", Unit::Share, "0.025"),
            ("0.04", Unit::Share, "0.04"),
            ("10", Unit::Percent, "10"),
            ("-15%", Unit::Percent, "-0.15"),
            ("400%", Unit::Multiple, "4"),
            ("3.5", Unit::Multiple, "3.5"),
            ("40", Unit::Money, "40"),
            ("-45", Unit::Points, "-45"),
            ("2h", Unit::Seconds, "7200"),
            ("15min", Unit::Seconds, "900"),
            ("90 s", Unit::Seconds, "90"),
            ("36h", Unit::Days, "1.5"),
            ("2w", Unit::Days, "14"),
            ("12mo", Unit::Months, "12"),
            ("90min", Unit::Hours, "1.5"),
            ("1h", Unit::Days, "0.0416666666666666666666666667"),
        ];
        for (text, unit, value) in cases {
            assert_eq!(literal(text).in_unit(unit).expect(text).to_string(), value, "{text}");
        }
    }

    #[test]
    fn what_could_mean_two_things_is_refused_with_both() {
        let cases = [
            ("20", Unit::Share, "20 is impossible: a share lies between 0 and 100 %", "write 20% or 0.2"),
            ("120%", Unit::Share, "120% is impossible: a share lies between 0 and 100 %", "write 20% or 0.2"),
            ("-1", Unit::Share, "-1 is impossible: a share lies between 0 and 100 %", "write 20% or 0.2"),
            ("20", Unit::Percent, "20 would be 2000%", "write 20% or, if so much is meant, 2000%"),
            ("2", Unit::Seconds, "2 has no unit of time", "say which: 2s, 2min, 2h, 2d or 2mo"),
            ("2%", Unit::Days, "2% is no duration", "write 90s, 15min, 2h, 30d or 6mo"),
            (
                "2pp",
                Unit::Share,
                "2pp is a change, not a value",
                "percentage points compare with a baseline: open_rate drop <= 2pp",
            ),
            ("2h", Unit::Money, "2h is a duration, and this is none", "write a plain number"),
            ("20%", Unit::Count, "20% is a percentage, and this is no rate", "write a plain number"),
            (
                "20%",
                Unit::Number,
                "20% is a percentage, and this is no rate",
                "write 0.2; a KPI of your own is a rate with unit = \"share\" or \"percent\"",
            ),
            ("-3", Unit::Count, "-3 is impossible: a count is never negative", "write 0 or more"),
            ("101", Unit::Points, "101 is beyond the scale", "points go from -100 to 100"),
            ("1,5", Unit::Money, "1,5 has a comma", "decimals are written with a point: 1.5"),
            ("1,500", Unit::Money, "1,500 has a comma", "write 1500, or 1.500 if the comma marks decimals"),
            ("1.2.3", Unit::Money, "1.2.3 is not a number", "write digits with a point for decimals: 1250.50"),
            ("1e3", Unit::Money, "1e3 has an exponent", "write the digits out: 1000"),
            ("1 000", Unit::Money, "1 000 is not a number", "write digits without blanks: 1000, 20%, 2h"),
            ("NaN", Unit::Share, "NaN is no threshold: nothing can be compared with it", "write a finite number"),
            ("-inf", Unit::Share, "-inf is no threshold: nothing can be compared with it", "write a finite number"),
            ("$40", Unit::Money, "$40 has a currency sign", "amounts are plain numbers in the currency of the data: 40"),
            ("", Unit::Money, "a number is missing", "write 20%, 0.2, 40, 2h or 30d"),
            ("2fortnights", Unit::Days, "fortnights is no unit", "units are %, pp, s, min, h, d, w, mo"),
        ];
        for (text, unit, message, help) in cases {
            assert_eq!(refused(text, unit), (message.to_owned(), help.to_owned()), "{text}");
        }
    }

    #[test]
    fn too_many_digits_are_refused() {
        assert!(refused(&"9".repeat(40), Unit::Money).0.contains("too many digits"));
        assert!(refused(&format!("0.{}%", "1".repeat(28)), Unit::Share).0.contains("too many digits"));
        assert!(refused("79228162514264337593543950335w", Unit::Days).0.contains("too many digits"));
    }

    proptest! {
        #[test]
        fn printing_and_reading_gives_the_same(mantissa in any::<i64>(), scale in 0_u32..12, unit in prop::sample::select(vec!["", "%", "pp", "s", "min", "h", "d", "w"])) {
            let read = literal(&format!("{}{unit}", Decimal::new(mantissa, scale)));
            let again = literal(&read.to_string());
            prop_assert_eq!(again, read);
            prop_assert_eq!(again.to_string(), read.to_string());
        }

        #[test]
        fn no_text_makes_it_panic(text in "\\PC{0,20}") {
            let _ = Literal::parse(&text).map(|literal| (literal.to_string(), literal.in_unit(Unit::Days)));
        }
    }
}
