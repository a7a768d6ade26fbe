//! From a cell's stored number to the text that says what it is.
//!
//! Digits are taken from the file's text. Excel writes a number with 17 digits where fewer name
//! the same one: `1.1000000000000001` is what it stores for 1.1, and 1.1 is what was typed and is
//! shown. Such a text is replaced by the shortest that stands for the same stored number, when
//! that has at most the 15 digits that Excel keeps; every other text stays as it is.

use jiff::civil::Date;
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive as _;

use crate::ingest::currency::Currency;

/// How a number is shown, as far as it changes what the number is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Shown {
    /// As a number.
    Number,
    /// As a percentage: 0.123 is 12.3 %.
    Percent,
    /// As an amount in a currency, by sign or code.
    Money(String),
    /// As a day, perhaps with a time of day.
    Date {
        /// Whether the time of day is shown.
        time: bool,
    },
    /// As a time of day.
    Time,
    /// As hours, minutes and seconds that passed.
    Elapsed,
}

/// The day that a workbook counts from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Epoch {
    /// 1 is the first of January 1900, and 60 is a day that never was.
    Year1900,
    /// 0 is the first of January 1904.
    Year1904,
}

/// How the formats that every program knows by number are shown.
pub(super) fn built_in(id: u32) -> Shown {
    match id {
        9 | 10 => Shown::Percent,
        14..=17 | 27..=31 | 34..=36 | 50..=54 | 57 | 58 => Shown::Date { time: false },
        22 => Shown::Date { time: true },
        18..=21 | 32 | 33 | 45 | 47 | 55 | 56 => Shown::Time,
        46 => Shown::Elapsed,
        _ => Shown::Number,
    }
}

/// How a format code such as `[$€-407] #,##0.00` or `dd.mm.yyyy hh:mm` is shown.
pub(super) fn of_code(code: &str) -> Shown {
    let mut marks = Marks::default();
    let mut characters = code.chars();
    let mut literal = String::new();
    while let Some(c) = characters.next() {
        match c {
            // What follows is for negative numbers, zero and text.
            ';' => break,
            '"' => literal.extend(characters.by_ref().take_while(|c| *c != '"')),
            '\\' => literal.extend(characters.next()),
            // A blank as wide as the next character; that character over and over.
            '_' | '*' => {
                characters.next();
            }
            '[' => marks.bracket(&characters.by_ref().take_while(|c| *c != ']').collect::<String>()),
            c if c.is_alphabetic() || c == '%' => {
                marks.literal(&mut literal);
                marks.letter(c);
            }
            c if c.is_ascii() && c != '$' => marks.literal(&mut literal),
            c => literal.push(c),
        }
    }
    marks.literal(&mut literal);
    marks.shown(code)
}

#[derive(Default)]
#[allow(clippy::struct_excessive_bools, reason = "each says whether a letter is in the code")]
struct Marks {
    day: bool,
    month: bool,
    time: bool,
    elapsed: bool,
    percent: bool,
    currency: Option<String>,
}

impl Marks {
    fn letter(&mut self, c: char) {
        match c.to_ascii_lowercase() {
            'd' | 'y' => self.day = true,
            'm' => self.month = true,
            'h' | 's' => self.time = true,
            '%' => self.percent = true,
            _ => {}
        }
    }

    fn bracket(&mut self, content: &str) {
        if let Some(currency) = content.strip_prefix('$') {
            let sign = currency.rsplit_once('-').map_or(currency, |(sign, _)| sign);
            self.literal(&mut sign.to_owned());
        } else if !content.is_empty() && content.chars().all(|c| matches!(c.to_ascii_lowercase(), 'h' | 'm' | 's')) {
            self.elapsed = true;
        }
    }

    fn literal(&mut self, literal: &mut String) {
        let text = literal.trim();
        if self.currency.is_none() && (Currency::from_sign(text).is_some() || Currency::from_code(text).is_some()) {
            self.currency = Some(text.to_owned());
        }
        literal.clear();
    }

    fn shown(self, code: &str) -> Shown {
        if code.to_ascii_lowercase().starts_with("general") {
            return Shown::Number;
        }
        match self {
            Marks { elapsed: true, .. } => Shown::Elapsed,
            Marks { day: true, time, .. } => Shown::Date { time },
            Marks { month: true, time: false, .. } => Shown::Date { time: false },
            Marks { time: true, .. } => Shown::Time,
            Marks { percent: true, .. } => Shown::Percent,
            Marks { currency: Some(currency), .. } => Shown::Money(currency),
            _ => Shown::Number,
        }
    }
}

/// The text of a stored number as it is shown.
///
/// # Errors
/// It is no number, or no day of the calendar; in words that go on after the cell's name.
pub(super) fn text(stored: &str, shown: &Shown, epoch: Epoch) -> Result<String, &'static str> {
    let stored = stored.trim();
    let digits = parts(stored).ok_or("does not hold a number")?;
    match shown {
        Shown::Number => Ok(shortest(stored, &digits)),
        Shown::Percent => percent(&shortest(stored, &digits)),
        Shown::Money(currency) => {
            let number = shortest(stored, &digits);
            let (sign, number) = number.strip_prefix('-').map_or(("", number.as_str()), |number| ("-", number));
            let gap = if currency.ends_with(char::is_alphabetic) { " " } else { "" };
            Ok(format!("{sign}{currency}{gap}{number}"))
        }
        Shown::Date { time } => moment(stored, *time, epoch),
        Shown::Time => {
            let (days, milliseconds) = days_and_milliseconds(stored)?;
            if days == 0 { Ok(clock(milliseconds)) } else { moment(stored, true, epoch) }
        }
        Shown::Elapsed => {
            let (days, milliseconds) = days_and_milliseconds(stored)?;
            if days < 0 {
                return Err("holds a negative time");
            }
            let hours = days.saturating_mul(24).saturating_add(milliseconds / 3_600_000);
            let rest = clock(milliseconds % 3_600_000);
            Ok(format!("{hours}{}", rest.get(2..).unwrap_or_default()))
        }
    }
}

/// The percentage that a stored fraction is: `0.123` is `12.3%`.
///
/// # Errors
/// It is no number, or one of hundreds of digits.
pub(super) fn percent(fraction: &str) -> Result<String, &'static str> {
    let digits = parts(fraction.trim()).ok_or("does not hold a number")?;
    shifted(&digits, 2).map(|number| format!("{number}%")).ok_or("holds a number out of all proportion")
}

/// The parts of a number as XML has it.
struct Parts<'a> {
    negative: bool,
    whole: &'a str,
    fraction: &'a str,
    exponent: i32,
}

fn parts(text: &str) -> Option<Parts<'_>> {
    let (negative, rest) = text.strip_prefix('-').map_or((false, text), |rest| (true, rest));
    let (mantissa, exponent) =
        rest.split_once(['e', 'E']).map_or((rest, None), |(mantissa, exponent)| (mantissa, Some(exponent)));
    let (whole, fraction) = mantissa.split_once('.').map_or((mantissa, ""), |(whole, fraction)| (whole, fraction));
    let exponent = match exponent {
        None => 0,
        Some(exponent) => {
            let unsigned = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
            if unsigned.is_empty() || !unsigned.bytes().all(|byte| byte.is_ascii_digit()) {
                return None;
            }
            exponent.parse().ok()?
        }
    };
    let digits = [whole, fraction].iter().all(|part| part.bytes().all(|byte| byte.is_ascii_digit()));
    (digits && !(whole.is_empty() && fraction.is_empty())).then_some(Parts { negative, whole, fraction, exponent })
}

/// The text itself, or the shortest one for the same stored number; see the module.
fn shortest(text: &str, parts: &Parts<'_>) -> String {
    let digits = format!("{}{}", parts.whole, parts.fraction);
    let significant = digits.trim_start_matches('0').trim_end_matches('0').len();
    if !(16..=17).contains(&significant) {
        return text.to_owned();
    }
    let Ok(stored) = text.parse::<f64>() else { return text.to_owned() };
    let short = format!("{stored:e}");
    let Some(short) = self::parts(&short) else { return text.to_owned() };
    let kept = short.whole.len().saturating_add(short.fraction.len());
    match shifted(&short, 0) {
        Some(number) if kept <= 15 => number,
        _ => text.to_owned(),
    }
}

/// The number with its point moved to the right, without an exponent.
fn shifted(parts: &Parts<'_>, by: i32) -> Option<String> {
    let exponent = parts.exponent.checked_add(by).filter(|exponent| exponent.abs() <= 400)?;
    let digits = format!("{}{}", parts.whole, parts.fraction);
    let point = i32::try_from(parts.whole.len()).ok()?.checked_add(exponent)?;
    let (whole, fraction) = match usize::try_from(point) {
        Err(_) => (String::new(), format!("{}{digits}", "0".repeat(usize::try_from(point.unsigned_abs()).ok()?))),
        Ok(point) if point <= digits.len() => (digits.get(..point)?.to_owned(), digits.get(point..)?.to_owned()),
        Ok(point) => (format!("{digits}{}", "0".repeat(point.checked_sub(digits.len())?)), String::new()),
    };
    let whole = whole.trim_start_matches('0');
    let sign = if parts.negative { "-" } else { "" };
    let whole = if whole.is_empty() { "0" } else { whole };
    Some(if fraction.is_empty() { format!("{sign}{whole}") } else { format!("{sign}{whole}.{fraction}") })
}

const MILLISECONDS_A_DAY: i64 = 86_400_000;

/// Whole days, and the milliseconds of the day that follow them.
fn days_and_milliseconds(stored: &str) -> Result<(i64, i64), &'static str> {
    const NO_DATE: &str = "is shown as a date or time, but holds none";
    let serial = Decimal::from_scientific(stored).or_else(|_| Decimal::from_str_exact(stored)).map_err(|_| NO_DATE)?;
    let days = serial.floor();
    let milliseconds = serial.checked_sub(days).and_then(|part| part.checked_mul(MILLISECONDS_A_DAY.into())).ok_or(NO_DATE)?;
    let days = days.to_i64().ok_or(NO_DATE)?;
    let milliseconds = milliseconds.round().to_i64().ok_or(NO_DATE)?;
    // What the binary fraction of a second of the day is off by.
    let beyond = milliseconds % 1000;
    let milliseconds = match beyond {
        0..=4 => milliseconds.saturating_sub(beyond),
        996.. => milliseconds.saturating_add(1000_i64.saturating_sub(beyond)),
        _ => milliseconds,
    };
    if milliseconds == MILLISECONDS_A_DAY { Ok((days.saturating_add(1), 0)) } else { Ok((days, milliseconds)) }
}

fn moment(stored: &str, time: bool, epoch: Epoch) -> Result<String, &'static str> {
    const NO_DAY: &str = "is shown as a date, but its number is no day of the calendar";
    let (days, milliseconds) = days_and_milliseconds(stored)?;
    let (first, days) = match (epoch, days) {
        (Epoch::Year1904, 0..) => (Date::constant(1904, 1, 1), days),
        (Epoch::Year1900, 1..=59) => (Date::constant(1899, 12, 31), days),
        (Epoch::Year1900, 61..) => (Date::constant(1899, 12, 30), days),
        _ => return Err(NO_DAY),
    };
    let day = jiff::Span::new().try_days(days).and_then(|span| first.checked_add(span)).map_err(|_| NO_DAY)?;
    Ok(if time || milliseconds > 0 { format!("{day}T{}", clock(milliseconds)) } else { day.to_string() })
}

fn clock(milliseconds: i64) -> String {
    let (seconds, beyond) = (milliseconds / 1000, milliseconds % 1000);
    let text = format!("{:02}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60);
    if beyond == 0 { text } else { format!("{text}.{beyond:03}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(stored: &str, shown: &Shown) -> Result<String, &'static str> {
        text(stored, shown, Epoch::Year1900)
    }

    fn number(stored: &str) -> String {
        shown(stored, &Shown::Number).unwrap()
    }

    #[test]
    fn format_codes() {
        let date = |time| Shown::Date { time };
        let money = |currency: &str| Shown::Money(currency.to_owned());
        for (code, expected) in [
            ("General", Shown::Number),
            ("#,##0.00", Shown::Number),
            ("0.0%", Shown::Percent),
            ("0.0\" %\"", Shown::Number),
            ("dd.mm.yyyy", date(false)),
            ("mmm\\-yy", date(false)),
            ("[$-409]m/d/yy h:mm AM/PM;@", date(true)),
            ("yyyy\"-\"mm\"-\"dd\\Thh:mm:ss", date(true)),
            ("h:mm", Shown::Time),
            ("[h]:mm:ss", Shown::Elapsed),
            ("[Red]#,##0", Shown::Number),
            ("\"$\"#,##0.00", money("$")),
            ("_(\"$\"* #,##0.00_);_(\"$\"* (#,##0.00)", money("$")),
            ("[$€-407] #,##0.00", money("€")),
            ("#,##0.00\\ [$EUR]", money("EUR")),
            ("#,##0.00 €", money("€")),
            ("$#,##0", money("$")),
            ("#,##0\" days\"", Shown::Number),
            ("0.00E+00", Shown::Number),
        ] {
            assert_eq!(of_code(code), expected, "{code}");
        }
    }

    #[test]
    fn numbers_keep_their_digits() {
        for text in ["12", "-0.5", "1E-4", "0.30000000000000004", "12345678901234567.89", "1.2E+17", "007", "12345678901234567"] {
            assert_eq!(number(text), text);
        }
        // What Excel writes for numbers of few digits.
        for (stored, typed) in [
            ("1.1000000000000001", "1.1"),
            ("0.27779999999999999", "0.2778"),
            ("-33.299999999999997", "-33.3"),
            ("1.0000000000000001E-5", "0.00001"),
        ] {
            assert_eq!(number(stored), typed);
        }
        for bad in ["", "abc", "1,5", "NaN", "INF", "1e", "--1", "0x10", "."] {
            assert!(shown(bad, &Shown::Number).is_err(), "{bad}");
        }
    }

    #[test]
    fn percentages_and_amounts() {
        for (stored, expected) in [
            ("0.123", "12.3%"),
            ("1", "100%"),
            ("-0.05", "-5%"),
            ("1.5E-3", "0.15%"),
            ("0.27779999999999999", "27.78%"),
            ("12.5", "1250%"),
        ] {
            assert_eq!(shown(stored, &Shown::Percent).unwrap(), expected);
        }
        assert!(shown("1E300000000", &Shown::Percent).is_err());
        assert_eq!(shown("-12.5", &Shown::Money("€".into())).unwrap(), "-€12.5");
        assert_eq!(shown("12.50", &Shown::Money("EUR".into())).unwrap(), "EUR 12.50");
    }

    #[test]
    fn days_and_times() {
        // Serial numbers and days from the specification (ECMA-376, part 1, 18.17.4) and Excel.
        let date = Shown::Date { time: false };
        for (stored, expected) in
            [("1", "1900-01-01"), ("59", "1900-02-28"), ("61", "1900-03-01"), ("2958465", "9999-12-31"), ("45292", "2024-01-01")]
        {
            assert_eq!(shown(stored, &date).unwrap(), expected);
        }
        for bad in ["60", "0", "-1", "2958466", "9999999", "1E18", "1E30"] {
            assert!(shown(bad, &date).is_err(), "{bad}");
        }
        assert_eq!(text("0", &date, Epoch::Year1904).unwrap(), "1904-01-01");
        assert_eq!(text("43830", &date, Epoch::Year1904).unwrap(), "2024-01-01");
        assert_eq!(shown("45292.395833333336", &Shown::Date { time: true }).unwrap(), "2024-01-01T09:30:00");
        assert_eq!(shown("45292.999999999", &Shown::Date { time: true }).unwrap(), "2024-01-02T00:00:00");
        assert_eq!(shown("45292.25", &date).unwrap(), "2024-01-01T06:00:00");
        assert_eq!(shown("0.39583333333333331", &Shown::Time).unwrap(), "09:30:00");
        assert_eq!(shown("1.1041666666666667", &Shown::Elapsed).unwrap(), "26:30:00");
    }

    proptest::proptest! {
        #[test]
        fn any_text_and_code_are_read_or_refused(stored in "[0-9eE.+-]{0,30}", code in "[dmyhs0#%$€\\[\\]\"\\\\;_* A-]{0,20}") {
            let _ = shown(&stored, &of_code(&code));
        }
    }
}
