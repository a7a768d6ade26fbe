//! Cells to civil dates.
//!
//! A column is read in two passes, like numbers: every cell is observed ([`DateEvidence`]), the
//! order of day and month is decided once for the column ([`DateEvidence::decide`]), and the
//! cells are read under that decision ([`parse`], [`parse_range`]). `03/08/2026` never decides by
//! itself.
//!
//! **Owns** the forms of dates, times, offsets, months and ranges. **Does not know** the clock,
//! the time zone of the machine or the locale: the same cell is the same date everywhere.
//!
//! `scan.rs` reads what is written, `names.rs` has months and weekdays, `evidence.rs` decides.

mod evidence;
mod fault;
mod names;
mod scan;

#[cfg(test)]
mod tests;

use std::ops::RangeInclusive;
use std::sync::OnceLock;
use std::time::{SystemTime, UNIX_EPOCH};

use jiff::Timestamp;
use jiff::civil::{Date, DateTime, Time, Weekday};
use jiff::tz::TimeZone;
use rust_decimal::Decimal;

pub use super::profile::DateOrder;
pub use evidence::{DateEvidence, DateHint, DateProblem};
pub use fault::DateFault;

use scan::{Pair, Written, scan, scan_time};

/// What settled the order of a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DateSettledBy {
    /// The user said so.
    Flag,
    /// A date of the column on this line exists in one order only.
    Column {
        /// Physical line of that cell.
        line: u64,
    },
    /// Another column of the file.
    File,
    /// The platform always writes so.
    Profile,
    /// No date of the column could be read in two ways.
    Nothing,
}

/// How the dates of a column are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DateStyle {
    /// The order of digits with the year last; `None` when the column needs none.
    pub order: Option<DateOrder>,
    /// Why, for `mak inspect`.
    pub settled_by: DateSettledBy,
}

impl DateStyle {
    /// The style with that order, as the user said.
    pub const fn given(order: DateOrder) -> Self {
        DateStyle { order: Some(order), settled_by: DateSettledBy::Flag }
    }
}

/// A day, and the time of day where it is given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moment {
    /// Date and time as written; midnight when no time is.
    pub date: DateTime,
    /// Seconds east of Greenwich, when an offset is written.
    pub offset_seconds: Option<i32>,
    /// Whether a time of day is written.
    pub has_time: bool,
}

impl Moment {
    /// The day as written, in the time zone of whoever wrote it.
    pub fn day(&self) -> Date {
        self.date.date()
    }

    /// Seconds from the other moment to this one, exact to the nanosecond; negative when this one
    /// is earlier. Offsets count when both moments have one; otherwise both are taken as written
    /// in the same time zone.
    pub fn seconds_since(&self, other: &Moment) -> Decimal {
        let offsets = match (self.offset_seconds, other.offset_seconds) {
            (Some(own), Some(others)) => i64::from(others).saturating_sub(i64::from(own)),
            _ => 0,
        };
        let nanoseconds = self.date.duration_since(other.date).as_nanos();
        let nanoseconds = nanoseconds.saturating_add(i128::from(offsets).saturating_mul(1_000_000_000));
        // Ten thousand years in nanoseconds have 21 digits, far fewer than a decimal holds.
        Decimal::try_from_i128_with_scale(nanoseconds, 9).unwrap_or_default().normalize()
    }

    /// Whether the year lies before 1990 or more than two years ahead, where exports have no business:
    /// perhaps a mistake, or another calendar.
    pub fn is_unlikely(&self) -> bool {
        is_unlikely(self.day())
    }
}

/// Whether the year lies before 1990 or more than two years ahead of the clock.
pub fn is_unlikely(day: Date) -> bool {
    !likely_years().contains(&day.year())
}

/// The years that exports have.
pub(super) fn likely_years() -> RangeInclusive<i16> {
    static LATEST: OnceLock<i16> = OnceLock::new();
    1990..=*LATEST.get_or_init(latest_year)
}

/// Years that dates may lie ahead of the clock: budgets and expected closes do.
const AHEAD: i16 = 2;

/// The last year that is not unlikely; a clock that was never set is not asked.
fn latest_year() -> i16 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).map(|since| since.as_secs()).unwrap_or_default();
    let year = i64::try_from(now).ok().and_then(|now| Timestamp::from_second(now).ok());
    let year = year.map_or(0, |now| now.to_zoned(TimeZone::UTC).year());
    if year < 2020 { 2100 } else { year.saturating_add(AHEAD) }
}

/// Reads a cell under the style of its column; `None` when there is no value.
///
/// # Errors
/// The cell is no date under that style; the caller adds the place to the fault.
pub fn parse(cell: &str, style: &DateStyle) -> Result<Option<Moment>, DateFault> {
    let Some(scanned) = scan(cell)? else { return Ok(None) };
    if scanned.last.is_some() {
        return Err(DateFault::Range);
    }
    let date = match scanned.first {
        Written::Day { date, .. } => date,
        Written::Pair { pair, weekday } => in_order(pair, weekday, style)?,
        Written::Period { .. } => return Err(DateFault::NoDay),
    };
    let time = scanned.time.unwrap_or(Time::midnight());
    Ok(Some(Moment { date: date.to_datetime(time), offset_seconds: scanned.offset, has_time: scanned.time.is_some() }))
}

/// Reads a month, a quarter or a range of days in one cell as its first and last day; a single
/// day is a range of itself. `None` when there is no value.
///
/// # Errors
/// The cell is none of these under that style, or ends before it begins.
pub fn parse_range(cell: &str, style: &DateStyle) -> Result<Option<(Date, Date)>, DateFault> {
    let Some(scanned) = scan(cell)? else { return Ok(None) };
    let (from, first_end) = days(scanned.first, style)?;
    let to = match scanned.last {
        Some(last) => days(last, style)?.1,
        None => first_end,
    };
    if to < from { Err(DateFault::Backwards) } else { Ok(Some((from, to))) }
}

/// Reads a time of day that stands in a column of its own: `06:00 PM`, `14:30:00`.
///
/// # Errors
/// [`DateFault::BadTime`] when it is none.
pub fn parse_time(cell: &str) -> Result<Option<Time>, DateFault> {
    scan_time(cell)
}

fn days(written: Written, style: &DateStyle) -> Result<(Date, Date), DateFault> {
    match written {
        Written::Day { date, .. } => Ok((date, date)),
        Written::Pair { pair, weekday } => in_order(pair, weekday, style).map(|day| (day, day)),
        Written::Period { from, to } => Ok((from, to)),
    }
}

/// The day that two numbers and a year are, in the order of the column.
fn in_order(pair: Pair, weekday: Option<Weekday>, style: &DateStyle) -> Result<Date, DateFault> {
    let day = match style.order {
        Some(DateOrder::DayMonthYear) => pair.day_first().ok_or(DateFault::OtherOrder { order: DateOrder::DayMonthYear })?,
        Some(DateOrder::MonthDayYear) => pair.month_first().ok_or(DateFault::OtherOrder { order: DateOrder::MonthDayYear })?,
        // The fifth of May is the same either way.
        Some(order @ DateOrder::YearMonthDay) => match (pair.day_first(), pair.month_first()) {
            (Some(day), Some(same)) if day == same && style.settled_by == DateSettledBy::Nothing => day,
            _ => return Err(DateFault::OtherOrder { order }),
        },
        None => match (pair.day_first(), pair.month_first()) {
            (Some(day), None) | (None, Some(day)) => day,
            (Some(day), Some(same)) if day == same => day,
            _ => return Err(DateFault::OrderUnknown),
        },
    };
    match weekday {
        Some(weekday) if day.weekday() != weekday => Err(DateFault::WrongWeekday),
        _ => Ok(day),
    }
}
