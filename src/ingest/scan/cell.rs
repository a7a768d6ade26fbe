//! Cells to numbers and days, straight from bytes.
//!
//! Only what the careful path reads in the same way whatever the style of the column is: plain
//! digits with at most one point, and days with the year first. Anything else is `None`, and the
//! row goes the careful way.

use crate::ingest::evidence::{is_missing, trim};
use crate::ingest::number::plain;

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
/// It has a point, which can only be a decimal mark.
pub(super) const POINT: u8 = 2;
/// It has a point before three digits, which might part thousands.
pub(super) const EITHER: u8 = 4;
/// It is below zero.
pub(super) const NEGATIVE: u8 = 8;
/// It has no decimals where the column has some, and is not 0.
pub(super) const BARE: u8 = 16;

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
        3 => POINT | EITHER,
        _ => POINT,
    }
}

/// Any plain number, with what it shows.
#[cold]
#[inline(never)]
pub(super) fn slow(cell: &[u8], places: u32, whole: bool) -> Number {
    let Some(plain) = plain::read(cell) else {
        let missing = std::str::from_utf8(cell).is_ok_and(|text| is_missing(trim(text)));
        return if missing { Number::Missing } else { Number::Odd };
    };
    if plain.scale > places {
        return Number::Finer(plain.scale);
    }
    let unit = |scale: u32| TENS.get(scale as usize).copied();
    let Some(value) = unit(places.wrapping_sub(plain.scale)).and_then(|unit| plain.mantissa.checked_mul(unit)) else {
        return Number::Odd;
    };
    // A count with a fraction is refused by the careful path.
    if whole && unit(places).is_none_or(|unit| value % unit != 0) {
        return Number::Odd;
    }
    let mut kinds = 0;
    if value != 0 {
        kinds |= NOT_ZERO;
    }
    if value < 0 {
        kinds |= NEGATIVE;
    }
    if places > 0 && plain.scale == 0 && value != 0 {
        kinds |= BARE;
    }
    if plain.has_point {
        let either = plain.scale == 3 && plain.whole_digits <= 3 && !plain.starts_with_zero;
        kinds |= if either { EITHER } else { POINT };
    }
    Number::Plain(Read { value, kinds, scale: plain.scale })
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
    Moment(Day),
    /// A blank.
    Missing,
    /// For the careful path.
    Odd,
}

/// Reads `2026-08-26`, and with a time `2026-08-26 13:45:00` or `2026-08-26T13:45:00`.
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
        Some(time) if is_time(time) => DayCell::Moment(found),
        _ => DayCell::Odd,
    }
}

/// Whether it is a blank or T, hours, minutes and seconds.
#[inline(never)]
fn is_time(text: &[u8]) -> bool {
    let two = |tens: u8, ones: u8, below: u8| {
        tens.is_ascii_digit() && ones.is_ascii_digit() && (tens - b'0') * 10 + (ones - b'0') < below
    };
    match *text {
        [b' ' | b'T', h1, h2, b':', m1, m2, b':', s1, s2] => two(h1, h2, 24) && two(m1, m2, 60) && two(s1, s2, 60),
        _ => false,
    }
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
    use crate::ingest::number::{self, DecimalMark, NumberCell, NumberStyle};
    use proptest::prelude::*;

    fn padded(cell: &str) -> (Vec<u8>, usize, usize) {
        let bytes = [&[b'7'; MARGIN], cell.as_bytes(), &[b'7'; MARGIN]].concat();
        (bytes, MARGIN, MARGIN + cell.len())
    }

    fn cells() -> impl Strategy<Value = String> {
        prop_oneof!["-?[0-9]{1,12}(\\.[0-9]{1,6})?", "[0-9.,\\- ]{0,10}", "[0-9]{0,6}\\.[0-9]{0,3}", "\\PC{0,6}"]
    }

    proptest! {
        #[test]
        fn numbers_are_those_of_the_careful_path(cell in cells(), places in 0_u32..7) {
            let slow = slow(cell.as_bytes(), places, false);
            match (slow, number::parse(&cell, &NumberStyle::given(DecimalMark::Point))) {
                (Number::Plain(read), Ok(NumberCell::Number(amount))) => {
                    prop_assert_eq!(i128::from(read.value), amount.mantissa * 10_i128.pow(places - amount.scale));
                    prop_assert!(!amount.percent && amount.currency.is_none() && amount.rate.is_none());
                }
                (Number::Missing, Ok(NumberCell::Missing)) | (Number::Odd | Number::Finer(_), _) => {}
                other => prop_assert!(false, "{cell}: {other:?}"),
            }
        }

        #[test]
        fn days_are_those_of_the_careful_path(
            cell in prop_oneof!["[0-9]{4}-[0-9]{2}-[0-9]{2}", "20[0-9]{2}-[01][0-9]-[0-3][0-9][ T][0-2][0-9]:[0-6][0-9]:[0-6][0-9]", "[0-9T:. -]{0,20}"],
        ) {
            let (bytes, start, end) = padded(&cell);
            let careful = date::parse(&cell, &DateStyle::given(DateOrder::YearMonthDay));
            match day(&bytes, start, end) {
                DayCell::Day(day) | DayCell::Moment(day) => {
                    let moment = careful.unwrap().unwrap();
                    prop_assert_eq!(day.date(), Some(moment.day()));
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
            assert!(matches!(day(&bytes, start, end), DayCell::Day(_) | DayCell::Moment(_)), "{cell}");
        }
        for cell in
            ["2026-02-29", "1900-02-29", "2026-13-01", "2026-00-10", "2026-01-32", "2026-04-31", "2026/01/01", "2026-01-01x"]
        {
            let (bytes, start, end) = padded(cell);
            assert_eq!(day(&bytes, start, end), DayCell::Odd, "{cell}");
        }
    }
}
