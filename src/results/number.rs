//! Numbers for people: units, thousands marks, as many digits as say something.
//!
//! Rounding happens here and nowhere before, half to even. Two rules keep a rounded number from
//! telling a lie: what is not zero never prints as zero, and a share short of the whole never
//! prints as 100 %.

use rust_decimal::{Decimal, RoundingStrategy};

use crate::finding::escape;
use crate::kpi::Unit;

/// From this power of ten on a number is written with an exponent.
const HUGE: i32 = 15;
/// Most decimals of a percentage.
const PERCENT_PLACES: u32 = 4;
/// Most decimals of anything else.
const PLACES: u32 = 6;
/// Longest currency name that is printed, in characters.
const CURRENCY: usize = 8;

/// The value as people write it: `59.1 %`, `€4.90`, `4,098,579`, `14.7 d`, `2 h 05 min`, `4.9×`,
/// `+45`.
///
/// A sign (`€`) is put before the amount, an ISO code (`EUR`) after it, and nothing when the
/// currency is not known. Seconds become minutes, hours or days as their size asks for; a ratio
/// is multiplied by 100 when the unit is a percentage.
pub fn human(value: Decimal, unit: Unit, currency: Option<&str>) -> String {
    match unit {
        Unit::Count | Unit::Number | Unit::Score => plain(value, 2),
        Unit::Money => money(value, currency),
        Unit::Share => percentage(value, true),
        Unit::Percent => percentage(value, false),
        Unit::Multiple => format!("{}×", multiple(value)),
        Unit::Points if value > Decimal::ZERO => format!("+{}", plain(value, 1)),
        Unit::Points => plain(value, 1),
        Unit::Seconds => duration(value, 1),
        Unit::Hours => format!("{} h", plain(value, 1)),
        Unit::Days => days(value),
        Unit::Months => format!("{} mo", plain(value, 1)),
    }
}

/// A difference of two percentages: `2.1 pp`, never to be read as a part of either.
pub fn percentage_points(difference: Decimal) -> String {
    let percent = percentage(difference, false);
    percent.strip_suffix(" %").map_or_else(|| percent.clone(), |digits| format!("{digits} pp"))
}

/// All digits, with thousands marks: `55,662.149958614`.
pub fn exact(value: Decimal) -> String {
    grouped(&value.normalize().to_string())
}

/// All digits when there are at most 15 of them, otherwise `≈` and two decimals.
pub fn nearly_exact(value: Decimal) -> String {
    let all = exact(value);
    if all.chars().filter(char::is_ascii_digit).count() <= 15 { all } else { format!("≈ {}", plain(value, 2)) }
}

/// An interval of shares: `59.0–59.1 %`, with as many decimals as tell its ends apart.
pub fn interval(low: Decimal, high: Decimal) -> String {
    let (Some(low), Some(high)) = (hundredfold(low), hundredfold(high)) else { return String::new() };
    if magnitude(low).max(magnitude(high)) >= HUGE {
        return String::new();
    }
    let least = percentage_places(high).max(percentage_places(low).min(2));
    let text = |places| (fixed(low, places), fixed(high, places));
    let (from, to) = (least..=PERCENT_PLACES).map(text).find(|(from, to)| from != to).unwrap_or_else(|| text(PERCENT_PLACES));
    format!("{from}–{to} %")
}

/// Rounded half to even, with that many decimals and thousands marks.
pub fn fixed(value: Decimal, places: u32) -> String {
    let rounded = rounded(value, places);
    let places = usize::try_from(places).unwrap_or(0);
    let text = format!("{rounded:.places$}");
    // No negative zero.
    grouped(if rounded.is_zero() { text.trim_start_matches('-') } else { &text })
}

/// Whether a currency is written before the amount: it holds a currency sign.
pub fn is_currency_sign(currency: &str) -> bool {
    currency.chars().any(|c| matches!(c, '$' | '¢'..='¥' | '\u{20A0}'..='\u{20CF}' | '﷼' | '฿'))
}

fn rounded(value: Decimal, places: u32) -> Decimal {
    value.round_dp_with_strategy(places, RoundingStrategy::MidpointNearestEven)
}

/// Power of ten of the first digit: 0 for 4.9, 3 for 1234, −2 for 0.03; very small for zero.
fn magnitude(value: Decimal) -> i32 {
    if value.is_zero() {
        return i32::MIN;
    }
    let digits = value.mantissa().unsigned_abs().to_string().len();
    let digits = i32::try_from(digits).unwrap_or(0);
    digits.saturating_sub(1).saturating_sub(i32::try_from(value.scale()).unwrap_or(0))
}

/// Decimals that leave that many significant digits, and no fewer than `least`.
fn places_for(value: Decimal, significant: i32, least: u32) -> u32 {
    let wanted = significant.saturating_sub(1).saturating_sub(magnitude(value));
    u32::try_from(wanted.max(0)).unwrap_or(0).max(least)
}

/// Up to `places` decimals without zeros at the end; more for what is below one.
fn plain(value: Decimal, places: u32) -> String {
    if magnitude(value) >= HUGE {
        return scientific(value);
    }
    let places = if magnitude(value) < 0 { places_for(value, 2, places).min(PLACES) } else { places };
    no_false_zero(value, places, |value, places| grouped(&rounded(value, places).normalize().to_string()))
}

fn multiple(value: Decimal) -> String {
    match magnitude(value) {
        2.. => plain(value, 0),
        1 => plain(value, 1),
        _ => plain(value, 2),
    }
}

fn money(value: Decimal, currency: Option<&str>) -> String {
    let currency = currency
        .map(|name| escape(name.trim()).chars().take(CURRENCY).collect::<String>().trim_end().to_owned())
        .filter(|name| !name.is_empty());
    let amount = amount(value.abs(), minor_digits(currency.as_deref()));
    let minus = if value.is_sign_negative() && !value.is_zero() { "-" } else { "" };
    match currency {
        Some(sign) if is_currency_sign(&sign) => format!("{minus}{sign}{amount}"),
        Some(code) => format!("{minus}{amount} {code}"),
        None => format!("{minus}{amount}"),
    }
}

/// An amount above zero: the currency's decimals, or two significant digits below its unit.
fn amount(value: Decimal, minor: u32) -> String {
    if magnitude(value) >= HUGE {
        return scientific(value);
    }
    let places = if value.is_zero() || value.fract().is_zero() { minor } else { places_for(value, 2, minor).min(PLACES) };
    no_false_zero(value, places, fixed)
}

/// Decimals of a currency by ISO 4217, two unless it says otherwise.
fn minor_digits(currency: Option<&str>) -> u32 {
    match currency {
        Some(
            "BIF" | "CLP" | "DJF" | "GNF" | "ISK" | "JPY" | "KMF" | "KRW" | "PYG" | "RWF" | "UGX" | "VND" | "VUV" | "XAF" | "XOF"
            | "XPF",
        ) => 0,
        Some("BHD" | "IQD" | "JOD" | "KWD" | "LYD" | "OMR" | "TND") => 3,
        _ => 2,
    }
}

fn percentage(ratio: Decimal, is_share: bool) -> String {
    let Some(percent) = hundredfold(ratio) else { return format!("{}×", scientific(ratio)) };
    if percent.is_zero() || (is_share && percent == Decimal::ONE_HUNDRED) {
        return format!("{} %", percent.normalize());
    }
    if magnitude(percent) >= HUGE {
        return format!("{} %", scientific(percent));
    }
    let places = percentage_places(percent);
    if is_share && rounded(percent, places) == Decimal::ONE_HUNDRED {
        return nearly_all(percent, places);
    }
    format!("{} %", no_false_zero(percent, places, fixed))
}

/// A share that would round to 100 % and is not: more decimals until it shows.
fn nearly_all(percent: Decimal, places: u32) -> String {
    match (places..=PERCENT_PLACES).find(|&places| rounded(percent, places) != Decimal::ONE_HUNDRED) {
        Some(places) => format!("{} %", fixed(percent, places)),
        None if percent < Decimal::ONE_HUNDRED => "> 99.9999 %".to_owned(),
        None => "> 100 %".to_owned(),
    }
}

/// Decimals of a percentage: one from 10 on, two from 1 on, two significant digits below.
fn percentage_places(percent: Decimal) -> u32 {
    let decimals = |percent: Decimal| match magnitude(percent) {
        3.. => 0,
        i32::MIN | 1 | 2 => 1,
        0 => 2,
        _ => places_for(percent, 2, 2).min(PERCENT_PLACES),
    };
    // Rounding may carry into the next power of ten: 9.996 is 10.0, not 10.00.
    let carried = rounded(percent, decimals(percent));
    if carried.is_zero() { decimals(percent) } else { decimals(percent).min(decimals(carried)) }
}

/// The value by 100 without rounding; `None` when it does not fit.
fn hundredfold(value: Decimal) -> Option<Decimal> {
    let mut shifted = value;
    match value.scale().checked_sub(2) {
        Some(scale) => shifted.set_scale(scale).ok().map(|()| shifted),
        None => value.checked_mul(Decimal::ONE_HUNDRED),
    }
}

/// The text of the value, or `< 0.0001` where rounding would make a zero of it.
fn no_false_zero(value: Decimal, places: u32, text: impl Fn(Decimal, u32) -> String) -> String {
    if value.is_zero() || !rounded(value, places).is_zero() {
        return text(value, places);
    }
    let least = Decimal::try_from_i128_with_scale(1, places).unwrap_or(Decimal::ONE);
    if value.is_sign_negative() { format!("> -{least}") } else { format!("< {least}") }
}

fn days(value: Decimal) -> String {
    if value.abs() < Decimal::TWO {
        return value.checked_mul(Decimal::from(86_400)).map_or_else(|| scientific(value), |seconds| duration(seconds, 1));
    }
    let places = u32::from(magnitude(value) < 2);
    format!("{} d", plain(value, places))
}

/// Seconds as the largest two units that say something.
fn duration(seconds: Decimal, places: u32) -> String {
    let minus = if seconds.is_sign_negative() && !seconds.is_zero() { "-" } else { "" };
    let seconds = seconds.abs();
    if seconds < Decimal::TEN {
        return format!("{minus}{} s", plain(seconds, places));
    }
    let minutes = seconds.checked_div(Decimal::from(60)).unwrap_or_default();
    let (Ok(whole_seconds), Ok(whole_minutes)) = (u64::try_from(rounded(seconds, 0)), u64::try_from(rounded(minutes, 0))) else {
        return format!("{minus}{} s", scientific(seconds));
    };
    match (whole_seconds, whole_minutes) {
        (0..60, _) => format!("{minus}{whole_seconds} s"),
        (60..3_600, _) => format!("{minus}{} min {:02} s", whole_seconds / 60, whole_seconds % 60),
        (_, 0..2_880) => format!("{minus}{} h {:02} min", whole_minutes / 60, whole_minutes % 60),
        _ => {
            let days = seconds.checked_div(Decimal::from(86_400)).unwrap_or_default();
            format!("{minus}{} d", plain(days, u32::from(magnitude(days) < 2)))
        }
    }
}

/// `1.23e20`: three significant digits.
fn scientific(value: Decimal) -> String {
    let power = magnitude(value);
    let digits = value.mantissa().unsigned_abs().to_string();
    let places = u32::try_from(digits.len().saturating_sub(1)).unwrap_or(0);
    let lead =
        i128::try_from(value.mantissa().unsigned_abs()).ok().and_then(|m| Decimal::try_from_i128_with_scale(m, places).ok());
    let lead = lead.map(|lead| rounded(lead, 2)).unwrap_or_default();
    // 9.999 rounds to 10.00, which is the next power.
    let (lead, power) = if lead >= Decimal::TEN { (Decimal::ONE, power.saturating_add(1)) } else { (lead, power) };
    let minus = if value.is_sign_negative() { "-" } else { "" };
    format!("{minus}{}e{power}", lead.normalize())
}

/// Thousands marks in a number written with `.` and an optional `-`.
fn grouped(text: &str) -> String {
    let (minus, rest) = text.strip_prefix('-').map_or(("", text), |rest| ("-", rest));
    let (whole, fraction) = rest.split_once('.').map_or((rest, None), |(whole, fraction)| (whole, Some(fraction)));
    let mut out = String::with_capacity(text.len() + text.len() / 3);
    out.push_str(minus);
    for (i, digit) in whole.char_indices() {
        if i > 0 && (whole.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    if let Some(fraction) = fraction {
        out.push('.');
        out.push_str(fraction);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn decimal(text: &str) -> Decimal {
        text.parse().expect("a decimal")
    }

    fn all(unit: Unit, cases: &[(&str, &str)]) {
        for (value, expected) in cases {
            assert_eq!(human(decimal(value), unit, None), *expected, "{value}");
        }
    }

    #[test]
    fn percentages_keep_the_digits_that_say_something() {
        all(
            Unit::Share,
            &[
                ("0.2312", "23.1 %"),
                ("0.5909238299420360080896330167", "59.1 %"),
                ("0.0673", "6.73 %"),
                ("0.09996", "10.0 %"),
                ("0.0031", "0.31 %"),
                ("0.00031", "0.031 %"),
                ("0.000001", "0.0001 %"),
                ("0.0000001", "< 0.0001 %"),
                ("0", "0 %"),
                ("1", "100 %"),
                ("1.032", "103.2 %"),
                ("0.9997", "99.97 %"),
                ("0.99999", "99.999 %"),
                ("0.99999999", "> 99.9999 %"),
                ("1.00000001", "> 100 %"),
            ],
        );
        all(
            Unit::Percent,
            &[("-0.5", "-50.0 %"), ("12.345", "1,234 %"), ("12.355", "1,236 %"), ("0", "0 %"), ("3.898", "389.8 %")],
        );
    }

    #[test]
    fn halves_go_to_the_even_digit() {
        assert_eq!(fixed(decimal("0.125"), 2), "0.12");
        assert_eq!(fixed(decimal("0.135"), 2), "0.14");
        assert_eq!(fixed(decimal("-2.5"), 0), "-2");
        assert_eq!(fixed(decimal("-0.004"), 2), "0.00");
    }

    #[test]
    fn money_has_its_currency_and_never_becomes_nothing() {
        all(
            Unit::Money,
            &[
                ("4.9", "4.90"),
                ("443375.05", "443,375.05"),
                ("-1234.5", "-1,234.50"),
                ("0", "0.00"),
                ("0.0031", "0.0031"),
                ("0.000000001", "< 0.000001"),
            ],
        );
        let with = |value: &str, currency| human(decimal(value), Unit::Money, Some(currency));
        assert_eq!(with("-4.9", "€"), "-€4.90");
        assert_eq!(with("4.9", "EUR"), "4.90 EUR");
        assert_eq!(with("1234", "JPY"), "1,234 JPY");
        assert_eq!(with("1.51", "JPY"), "1.5 JPY");
        assert_eq!(with("1.5", "KWD"), "1.500 KWD");
        assert_eq!(with("1.5", "R$"), "R$1.50");
        assert_eq!(with("1.5", "\u{1b}[31m"), "1.50 \\u{1b}[3");
        assert_eq!(with("1.5", " "), "1.50");
    }

    #[test]
    fn counts_multiples_points_and_scores() {
        all(Unit::Count, &[("4098579", "4,098,579"), ("0", "0"), ("-1000", "-1,000")]);
        all(Unit::Number, &[("18703.32", "18,703.32"), ("0.0042", "0.0042"), ("2.50", "2.5")]);
        all(Unit::Multiple, &[("4.9", "4.9×"), ("4.87", "4.87×"), ("2.996", "3×"), ("12.34", "12.3×"), ("1234", "1,234×")]);
        all(Unit::Points, &[("45", "+45"), ("-12.55", "-12.6"), ("0", "0")]);
        all(Unit::Months, &[("5.26", "5.3 mo")]);
        all(Unit::Hours, &[("1234.5", "1,234.5 h")]);
    }

    #[test]
    fn durations_take_the_unit_of_their_size() {
        all(
            Unit::Seconds,
            &[
                ("0", "0 s"),
                ("4.25", "4.2 s"),
                ("59.6", "1 min 00 s"),
                ("725", "12 min 05 s"),
                ("7500", "2 h 05 min"),
                ("3599.7", "1 h 00 min"),
                ("172800", "2 d"),
                ("1266000", "14.7 d"),
                ("-7500", "-2 h 05 min"),
            ],
        );
        all(
            Unit::Days,
            &[("14.6507", "14.7 d"), ("0.5", "12 h 00 min"), ("1234.5", "1,234 d"), ("-0.25", "-6 h 00 min"), ("0", "0 s")],
        );
    }

    #[test]
    fn intervals_show_where_their_ends_differ() {
        assert_eq!(interval(decimal("0.59044"), decimal("0.59141")), "59.0–59.1 %");
        assert_eq!(interval(decimal("0.59091"), decimal("0.59094")), "59.091–59.094 %");
        assert_eq!(interval(decimal("0.0168579"), decimal("0.0299729")), "1.69–3.00 %");
        assert_eq!(interval(decimal("0"), decimal("0.0713476")), "0.00–7.13 %");
    }

    #[test]
    fn long_numbers_are_marked_as_rounded() {
        assert_eq!(exact(decimal("55662.149958614")), "55,662.149958614");
        assert_eq!(nearly_exact(decimal("55662.149958614")), "55,662.149958614");
        assert_eq!(nearly_exact(decimal("55662.14995861412345")), "≈ 55,662.15");
        assert_eq!(human(Decimal::MAX, Unit::Money, Some("€")), "€7.92e28");
    }

    proptest! {
        #[test]
        fn nothing_but_zero_prints_as_zero_and_no_text_is_long(mantissa in any::<i128>(), scale in 0_u32..=28) {
            let Ok(value) = Decimal::try_from_i128_with_scale(mantissa >> 32, scale) else { return Ok(()) };
            for unit in [
                Unit::Count, Unit::Number, Unit::Money, Unit::Share, Unit::Percent, Unit::Multiple, Unit::Points, Unit::Score,
                Unit::Seconds, Unit::Hours, Unit::Days, Unit::Months,
            ] {
                let text = human(value, unit, Some("EUR"));
                prop_assert!(text.chars().count() <= 30, "{unit:?}: {text}");
                let has_digit = text.chars().any(|c| matches!(c, '1'..='9'));
                prop_assert!(value.is_zero() || has_digit, "{value} {unit:?}: {text}");
                prop_assert_eq!(text.contains('-'), value.is_sign_negative() && !value.is_zero(), "{} {:?}: {}", value, unit, text);
            }
            prop_assert!(interval(value, value).chars().count() <= 70);
        }
    }
}
