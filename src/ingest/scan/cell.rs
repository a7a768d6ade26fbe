//! Cells to numbers and days, straight from bytes.
//!
//! Only what the careful path reads in the same way: plain digits, and days with the year first,
//! and what is written in the one [`Format`] that the first rows of the table have. For anything
//! else the row goes the careful way.

use crate::ingest::evidence::{is_missing, trim};
use crate::ingest::number::{DecimalMark, dress_of, plain};

/// Bytes that must be readable in front of every cell and behind it.
pub(super) const MARGIN: usize = 64;

/// Most decimal places that a column of whole numbers of 64 bits is given.
pub(super) const MOST_PLACES: u32 = 9;

const TENS: [i64; 19] = {
    let mut tens = [1_i64; 19];
    let mut at = 1;
    while at < 19 {
        tens[at] = tens[at - 1] * 10;
        at += 1;
    }
    tens
};

/// How the numbers of a column are written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Format {
    pub(super) mark: DecimalMark,
    /// What stands around an amount where its currency is written.
    dress: Option<Dress>,
}

/// What stands before an amount and behind it.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Dress {
    front: Box<[u8]>,
    back: Box<[u8]>,
}

impl Format {
    /// With that decimal mark, and no currency beside the numbers.
    pub(super) const fn new(mark: DecimalMark) -> Self {
        Format { mark, dress: None }
    }

    /// Learns from a cell how a currency is written, if none was known yet.
    pub(super) fn learn(&mut self, cell: &str) {
        if self.dress.is_none() {
            self.dress =
                dress_of(cell).map(|(front, back)| Dress { front: front.as_bytes().into(), back: back.as_bytes().into() });
        }
    }

    /// Digits and marks without sign and currency, whether there is a minus, and whether there is a currency.
    fn undressed<'c>(&self, cell: &'c [u8]) -> (&'c [u8], bool, bool) {
        let mut digits = cell.trim_ascii();
        let mut negative = false;
        if let [b'(', inside @ .., b')'] = digits {
            (digits, negative) = (inside, true);
        }
        if let ([b'-', rest @ ..], false) = (digits, negative) {
            (digits, negative) = (rest, true);
        }
        let inside = self.dress.as_ref().and_then(|Dress { front, back }| digits.strip_prefix(&**front)?.strip_suffix(&**back));
        let Some(inside) = inside else { return (digits, negative, false) };
        match inside {
            [b'-', rest @ ..] if !negative => (rest, true, true),
            _ => (inside, negative, true),
        }
    }

    /// With how many decimals the cell is written, if it is a number.
    pub(super) fn scale(&self, cell: &[u8]) -> Option<u32> {
        self.number(cell).map(|written| written.scale)
    }

    fn number(&self, cell: &[u8]) -> Option<Written> {
        let plain = plain::read(cell).filter(|plain| !plain.has_point || self.mark == DecimalMark::Point);
        plain.map(Written::of).or_else(|| self.read(cell))
    }

    /// A number whose thousands may be parted, with a currency and a minus or brackets around it or without.
    fn read(&self, cell: &[u8]) -> Option<Written> {
        let (text, negative, dressed) = self.undressed(cell);
        // The other of the two may part thousands, and nothing but the column tells it from a decimal mark.
        let (point, other) = (self.mark.byte(), self.mark.other().byte());
        let starts_with_zero = *text.first()? == b'0';
        let (mut value, mut digits, mut current, mut groups) = (0_i64, 0_usize, 0_usize, 0_usize);
        let mut parted_by: &[u8] = &[];
        let mut fraction = None;
        let mut rest = text;
        while let Some((byte, behind)) = rest.split_first() {
            let digit = byte.wrapping_sub(b'0');
            if digit <= 9 {
                // As many as are allowed fit.
                value = value.wrapping_mul(10).wrapping_add(i64::from(digit));
                (digits, current) = (digits.wrapping_add(1), current.wrapping_add(1));
                rest = behind;
            } else if fraction.is_some() {
                return None;
            } else if *byte == point {
                if groups > 0 && current != 3 {
                    return None;
                }
                (fraction, current) = (Some(digits), 0);
                rest = behind;
            } else {
                let mark = thousands_mark(rest, other)?;
                let sound =
                    if groups == 0 { (1..=3).contains(&current) && !starts_with_zero } else { current == 3 && mark == parted_by };
                if !sound {
                    return None;
                }
                (parted_by, groups, current) = (mark, groups.wrapping_add(1), 0);
                rest = rest.get(mark.len()..)?;
            }
        }
        let whole_digits = fraction.unwrap_or(digits);
        let scale = digits.wrapping_sub(whole_digits);
        let complete = if fraction.is_some() { scale > 0 } else { groups == 0 || current == 3 };
        if !complete || whole_digits == 0 || digits > MOST_DIGITS {
            return None;
        }
        let mut kinds = match (groups, scale) {
            (0, 0) => 0,
            (0, 3) if whole_digits <= 3 && !starts_with_zero => EITHER,
            (1, 0) if *parted_by == [other] => PARTED,
            (_, 0) if *parted_by != [other] => 0,
            _ => MARK,
        };
        if dressed {
            kinds |= DRESSED | if kinds & MARK == 0 { 0 } else { SIGNED };
        }
        let mantissa = if negative { value.wrapping_neg() } else { value };
        Some(Written { mantissa, scale: u32::try_from(scale).ok()?, kinds })
    }
}

/// The mark at the beginning of the text, if it may part thousands.
fn thousands_mark(text: &[u8], other: u8) -> Option<&[u8]> {
    let length = match text {
        [b' ' | b'\'', ..] => 1,
        [byte, ..] if *byte == other => 1,
        // No-break space.
        [0xC2, 0xA0, ..] => 2,
        // Figure space, thin space, ’ and narrow no-break space.
        [0xE2, 0x80, 0x87 | 0x89 | 0x99 | 0xAF, ..] => 3,
        _ => return None,
    };
    text.get(..length)
}

/// Most digits of a number that is read here.
const MOST_DIGITS: usize = 18;

/// A number as it is written: `mantissa × 10^-scale`, with what it shows about the column.
struct Written {
    mantissa: i64,
    scale: u32,
    kinds: u8,
}

impl Written {
    fn of(plain: plain::Plain) -> Written {
        let either = plain.scale == 3 && plain.whole_digits <= 3 && !plain.starts_with_zero;
        let kinds = match (plain.has_point, either) {
            (false, _) => 0,
            (true, false) => MARK,
            (true, true) => EITHER,
        };
        Written { mantissa: plain.mantissa, scale: plain.scale, kinds }
    }
}

/// A plain number at the places of its column, with what it shows about the column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Read {
    /// The number in units of the column's last place.
    pub(super) value: i64,
    /// Which kinds of evidence it is.
    pub(super) kinds: u8,
    /// How many decimals it is written with.
    pub(super) scale: u32,
}

/// The number is not 0.
pub(super) const NOT_ZERO: u8 = 1;
/// It is a number with the column's decimal mark only.
pub(super) const MARK: u8 = 2;
/// It has the column's decimal mark before three digits, where it might part thousands.
pub(super) const EITHER: u8 = 4;
/// It is below zero.
pub(super) const NEGATIVE: u8 = 8;
/// It has no decimals where the column has some, and is not 0.
pub(super) const BARE: u8 = 16;

/// It has one mark that parts thousands, and might be decimal.
pub(super) const PARTED: u8 = 32;
/// Its currency is written beside it.
pub(super) const DRESSED: u8 = 64;
/// The same, and it is a number with the column's decimal mark only.
pub(super) const SIGNED: u8 = 128;

/// What a cell is that may hold a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Number {
    /// A plain number.
    Plain(Read),
    /// A blank.
    Missing,
    /// More decimal places than the column has: so many.
    Finer(u32),
    /// For the careful path.
    Odd,
}

/// The kinds that numbers with exactly so many places are evidence of, zero excepted.
pub(super) const fn quick_kinds(places: u32) -> u8 {
    match places {
        0 => 0,
        3 => MARK | EITHER,
        _ => MARK,
    }
}

/// Any number in the format of its column, with what it shows.
#[cold]
#[inline(never)]
pub(super) fn slow(cell: &[u8], format: &Format, places: u32, whole: bool) -> Number {
    let Some(written) = format.number(cell) else {
        let missing = std::str::from_utf8(cell).is_ok_and(|text| is_missing(trim(text)));
        return if missing { Number::Missing } else { Number::Odd };
    };
    if written.scale > places {
        return Number::Finer(written.scale);
    }
    let unit = |scale: u32| TENS.get(scale as usize).copied();
    let Some(value) = unit(places.wrapping_sub(written.scale)).and_then(|unit| written.mantissa.checked_mul(unit)) else {
        return Number::Odd;
    };
    // A count with a fraction is refused by the careful path.
    if whole && unit(places).is_none_or(|unit| value % unit != 0) {
        return Number::Odd;
    }
    let mut kinds = written.kinds;
    if value != 0 {
        kinds |= NOT_ZERO;
    }
    if value < 0 {
        kinds |= NEGATIVE;
    }
    if places > 0 && written.scale == 0 && value != 0 {
        kinds |= BARE;
    }
    Number::Plain(Read { value, kinds, scale: written.scale })
}

/// A day as one number that grows with time: year, month and day in their own bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Day(pub(super) u32);

impl Day {
    /// The day of the calendar.
    pub(super) fn date(self) -> Option<jiff::civil::Date> {
        let part = |shift: u32, bits: u32| i8::try_from((self.0 >> shift) & ((1 << bits) - 1)).ok();
        jiff::civil::Date::new(i16::try_from(self.0 >> 9).ok()?, part(5, 4)?, part(0, 5)?).ok()
    }

    /// The number of a day of the calendar.
    pub(super) fn of(date: jiff::civil::Date) -> Option<Day> {
        let part = |value: i8| u32::try_from(value).ok();
        Some(Day((u32::try_from(date.year()).ok()? << 9) | (part(date.month())? << 5) | part(date.day())?))
    }

    /// The days of these years.
    pub(super) fn of_years(years: std::ops::RangeInclusive<i16>) -> std::ops::Range<Day> {
        let first_of = |year: i16| Day(u32::try_from(year).unwrap_or(0) << 9);
        first_of(*years.start())..first_of(years.end().saturating_add(1))
    }

    /// The month alone.
    pub(super) const fn month(self) -> u32 {
        self.0 >> 5
    }
}

/// What a cell is that may hold a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum DayCell {
    /// A day with the year first.
    Day(Day),
    /// The same with a time of day behind it.
    Moment(Day, Clock),
    /// A blank.
    Missing,
    /// For the careful path.
    Odd,
}

/// Reads `2026-08-26`, and with a time `2026-08-26 13:45:00` or `2026-08-26T13:45Z`.
#[inline(always)]
#[allow(clippy::inline_always, reason = "it is most of a loop over rows")]
pub(super) fn day(bytes: &[u8], start: usize, end: usize) -> DayCell {
    let length = end.wrapping_sub(start);
    if length < 10 {
        return if length == 0 { DayCell::Missing } else { DayCell::Odd };
    }
    let Some(sixteen) = bytes.get(start..start.wrapping_add(16)).and_then(|slice| <[u8; 16]>::try_from(slice).ok()) else {
        return DayCell::Odd;
    };
    let word = u128::from_le_bytes(sixteen);
    #[allow(clippy::cast_possible_truncation, reason = "the low bytes are what is wanted")]
    let (front, back) = (word as u64, (word >> 64) as u64);
    // YYYY-MM- and DD.
    if front & 0xFF00_00FF_0000_0000 != 0x2D00_002D_0000_0000 {
        return DayCell::Odd;
    }
    // Eight digits side by side, and then as four numbers of two digits.
    let digits = ((front & 0xFFFF_FFFF) | ((front >> 8) & 0xFFFF_0000_0000) | (back << 48)) ^ 0x3030_3030_3030_3030;
    if (digits.wrapping_add(0x7676_7676_7676_7676) | digits) & 0x8080_8080_8080_8080 != 0 {
        return DayCell::Odd;
    }
    let pairs = digits.wrapping_mul(10).wrapping_add(digits >> 8);
    #[allow(clippy::cast_possible_truncation, reason = "masked to a byte")]
    let pair = |at: u32| ((pairs >> (at * 16)) & 0xFF) as u32;
    let (year, month, day) = (pair(0) * 100 + pair(1), pair(2), pair(3));
    if !(1..=12).contains(&month) || day == 0 || day > 28 && day > days_in(year, month) {
        return DayCell::Odd;
    }
    let found = Day((year << 9) | (month << 5) | day);
    match bytes.get(start.wrapping_add(10)..end) {
        Some([]) => DayCell::Day(found),
        Some(time) => clock(time).map_or(DayCell::Odd, |clock| DayCell::Moment(found, clock)),
        None => DayCell::Odd,
    }
}

/// A time of day behind a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Clock {
    /// Wherever it was written.
    Local,
    /// With its offset from Greenwich.
    WithOffset,
}

/// Reads a time of day with the blank or T in front of it: hours and minutes, perhaps seconds and a fraction of one,
/// AM or PM, and an offset.
#[inline(never)]
pub(super) fn clock(text: &[u8]) -> Option<Clock> {
    let [b' ' | b'T', rest @ ..] = text else { return None };
    let (hour, rest) = match rest {
        [tens, ones, rest @ ..] if ones.is_ascii_digit() => (number(*tens, *ones)?, rest),
        [ones, rest @ ..] => (number(b'0', *ones)?, rest),
        [] => return None,
    };
    let sixty = |tens: &u8, ones: &u8| number(*tens, *ones).filter(|number| *number < 60);
    let [b':', tens, ones, behind @ ..] = rest else { return None };
    sixty(tens, ones)?;
    let mut rest = behind;
    if let [b':', tens, ones, behind @ ..] = rest {
        sixty(tens, ones)?;
        rest = behind;
        if let [b'.', fraction @ ..] = rest {
            let digits = fraction.iter().take_while(|byte| byte.is_ascii_digit()).count();
            rest = fraction.get(digits..).filter(|_| (1..=9).contains(&digits))?;
        }
    }
    let half = rest.strip_prefix(b" ").unwrap_or(rest);
    let hours = match half {
        [b'A' | b'a' | b'P' | b'p', b'M' | b'm', behind @ ..] if !behind.first().is_some_and(u8::is_ascii_alphabetic) => {
            rest = behind;
            1..=12
        }
        _ => 0..=23,
    };
    if !hours.contains(&hour) {
        return None;
    }
    if rest.is_empty() {
        return Some(Clock::Local);
    }
    let offset = match rest.strip_prefix(b" ").unwrap_or(rest) {
        b"Z" | b"UTC" | b"GMT" => true,
        [b'+' | b'-', h1, h2, b':', m1, m2] | [b'+' | b'-', h1, h2, m1, m2] => number(*h1, *h2)? <= 14 && sixty(m1, m2).is_some(),
        _ => false,
    };
    offset.then_some(Clock::WithOffset)
}

/// The number of two digits.
fn number(tens: u8, ones: u8) -> Option<u8> {
    (tens.is_ascii_digit() && ones.is_ascii_digit()).then(|| (tens - b'0') * 10 + (ones - b'0'))
}

const fn days_in(year: u32, month: u32) -> u32 {
    match month {
        4 | 6 | 9 | 11 => 30,
        2 if year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400)) => 29,
        2 => 28,
        _ => 31,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ingest::date::{self, DateOrder, DateStyle};
    use crate::ingest::number::{self, NumberCell, NumberEvidence, NumberStyle};
    use proptest::prelude::*;

    fn padded(cell: &str) -> (Vec<u8>, usize, usize) {
        let bytes = [&[b'7'; MARGIN], cell.as_bytes(), &[b'7'; MARGIN]].concat();
        (bytes, MARGIN, MARGIN + cell.len())
    }

    fn cells() -> impl Strategy<Value = String> {
        prop_oneof![
            "-?[0-9]{1,12}([.,][0-9]{1,6})?",
            "[0-9.,\\- ]{0,10}",
            "[0-9]{0,6}\\.[0-9]{0,3}",
            "\\PC{0,6}",
            "[(-]?[$€]?-?[0-9]{1,3}([., '\u{202f}’][0-9]{2,3}){0,3}([.,][0-9]{1,3})?( €| EUR|€)?\\)?",
        ]
    }

    /// What a number shows, in the bits of the careful path, by the bits of this one.
    fn evidence(cell: &str, mark: DecimalMark) -> Vec<(bool, u8)> {
        let mut evidence = NumberEvidence::default();
        evidence.observe(cell, 1);
        let [_, _, point, comma, by_point, by_comma, signed_point, signed_comma, ..] = evidence.each_kind();
        let (own, foreign) = match mark {
            DecimalMark::Point => ((point, by_point, signed_point), (comma, by_comma, signed_comma)),
            DecimalMark::Comma => ((comma, by_comma, signed_comma), (point, by_point, signed_point)),
        };
        let dressed = !evidence.currencies().seen().is_empty();
        assert!(!foreign.0 && !foreign.2 && !evidence.is_percent() && evidence.unreadable() == 0);
        vec![(own.0, MARK), (own.1, EITHER), (foreign.1, PARTED), (dressed, DRESSED), (own.2, SIGNED)]
    }

    proptest! {
        #[test]
        fn numbers_are_those_of_the_careful_path(cell in cells(), places in 0_u32..7, comma in any::<bool>(), dressed in cells()) {
            let mark = if comma { DecimalMark::Comma } else { DecimalMark::Point };
            let mut format = Format::new(mark);
            format.learn(&cell);
            format.learn(&dressed);
            let slow = slow(cell.as_bytes(), &format, places, false);
            match (slow, number::parse(&cell, &NumberStyle::given(mark))) {
                (Number::Plain(read), Ok(NumberCell::Number(amount))) => {
                    prop_assert_eq!(i128::from(read.value), amount.mantissa * 10_i128.pow(places - amount.scale), "{}", cell);
                    prop_assert_eq!(read.scale, amount.scale);
                    prop_assert!(!amount.percent && amount.rate.is_none());
                    prop_assert_eq!(amount.currency.is_some(), read.kinds & DRESSED != 0);
                    for (shown, kind) in evidence(&cell, mark) {
                        prop_assert_eq!(read.kinds & kind != 0, shown, "{} of {}", kind, cell);
                    }
                }
                (Number::Missing, Ok(NumberCell::Missing)) | (Number::Odd | Number::Finer(_), _) => {}
                other => prop_assert!(false, "{cell}: {other:?}"),
            }
        }

        #[test]
        fn days_are_those_of_the_careful_path(
            cell in prop_oneof!["[0-9]{4}-[0-9]{2}-[0-9]{2}", "20[0-9]{2}-[01][0-9]-[0-3][0-9][ T][0-2]?[0-9]:[0-6][0-9](:[0-6][0-9](\\.[0-9]{1,10})?)?( ?[aApP][mM])?( ?(Z|UTC|[+-][01][0-9]:?[0-6][0-9]))?", "[0-9T:. -]{0,20}"],
        ) {
            let (bytes, start, end) = padded(&cell);
            let careful = date::parse(&cell, &DateStyle::given(DateOrder::YearMonthDay));
            let found = day(&bytes, start, end);
            match found {
                DayCell::Day(day) | DayCell::Moment(day, _) => {
                    let Ok(Some(moment)) = careful else { return Err(TestCaseError::fail(format!("{cell}: {careful:?}"))) };
                    prop_assert_eq!(day.date(), Some(moment.day()));
                    let clock = if let DayCell::Moment(_, clock) = found { Some(clock) } else { None };
                    prop_assert_eq!((clock.is_some(), clock == Some(Clock::WithOffset)), (moment.has_time, moment.offset_seconds.is_some()));
                    prop_assert_eq!(Day::of(moment.day()), Some(day));
                }
                DayCell::Missing => prop_assert_eq!(careful, Ok(None)),
                DayCell::Odd => {}
            }
        }
    }

    #[test]
    fn days_are_read_by_the_calendar() {
        for cell in ["2026-02-28", "2024-02-29", "2026-12-31", "2026-12-31T23:59:59"] {
            let (bytes, start, end) = padded(cell);
            assert!(matches!(day(&bytes, start, end), DayCell::Day(_) | DayCell::Moment(..)), "{cell}");
        }
        for cell in
            ["2026-02-29", "1900-02-29", "2026-13-01", "2026-00-10", "2026-01-32", "2026-04-31", "2026/01/01", "2026-01-01x"]
        {
            let (bytes, start, end) = padded(cell);
            assert_eq!(day(&bytes, start, end), DayCell::Odd, "{cell}");
        }
    }
}
