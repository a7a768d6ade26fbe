//! Why a cell is not a date.

use crate::finding::{Code, Finding, Place};
use crate::ingest::profile::DateOrder;

/// Why a cell is not a date under the style of its column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DateFault {
    /// Text, or digits in no known form.
    NotADate,
    /// There is no such day: 30 February.
    Impossible,
    /// The year has two digits: 03/08/26 could be six dates.
    TwoDigitYear,
    /// A spreadsheet's day number: 45123.
    SerialNumber,
    /// Seconds since 1970.
    UnixTime,
    /// Day and month could be swapped, and the column has no order.
    OrderUnknown,
    /// The date does not exist in the order of the column, but in another.
    OtherOrder {
        /// The order of the column.
        order: DateOrder,
    },
    /// A month or quarter where a day is needed.
    NoDay,
    /// A range where one day is needed.
    Range,
    /// The range ends before it begins.
    Backwards,
    /// The weekday does not fall on that date.
    WrongWeekday,
    /// The time of day does not exist, or is written in no known form.
    BadTime,
}

impl DateFault {
    /// The code of the finding.
    pub const fn code(self) -> Code {
        match self {
            DateFault::OrderUnknown => Code::AmbiguousDate,
            DateFault::OtherOrder { .. } => Code::MixedDates,
            _ => Code::BadDate,
        }
    }

    /// What is the matter with the cell.
    pub const fn message(self) -> &'static str {
        match self {
            DateFault::NotADate => "the cell is not a date",
            DateFault::Impossible => "there is no such day",
            DateFault::TwoDigitYear => "the year has two digits, so the date could mean several days",
            DateFault::SerialNumber => "the cell is a number, perhaps the day number of a spreadsheet",
            DateFault::UnixTime => "the cell is a number, perhaps seconds since 1970",
            DateFault::OrderUnknown => "day and month could be swapped",
            DateFault::OtherOrder { .. } => "the date does not fit the order of its column",
            DateFault::NoDay => "the cell names a month, not a day",
            DateFault::Range => "the cell holds a range of dates",
            DateFault::Backwards => "the range ends before it begins",
            DateFault::WrongWeekday => "the weekday does not fall on that date",
            DateFault::BadTime => "the time of day is not one",
        }
    }

    /// What would have been right.
    pub const fn expected(self) -> &'static str {
        match self {
            DateFault::TwoDigitYear => "a year of four digits, such as 2026-08-26",
            DateFault::OtherOrder { order } => match order {
                DateOrder::YearMonthDay => "year, month, day, such as 2026-08-26",
                DateOrder::DayMonthYear => "day, month, year, such as 26/08/2026",
                DateOrder::MonthDayYear => "month, day, year, such as 08/26/2026",
            },
            DateFault::NoDay | DateFault::Range => "one day, such as 2026-08-26",
            DateFault::Backwards => "the earlier day first",
            DateFault::BadTime => "a time such as 14:05, 2:05 pm or 14:05:30 +02:00",
            _ => "a date such as 2026-08-26 or 26 August 2026",
        }
    }

    /// What to do about it.
    pub const fn help(self) -> &'static str {
        match self {
            DateFault::SerialNumber => "give the column a date format in the spreadsheet and export it again",
            DateFault::OrderUnknown => "say which it is with --date-order dmy or --date-order mdy",
            DateFault::OtherOrder { .. } => "export the column in one order, or say --date-order dmy|mdy|ymd",
            _ => "correct or clear the cell; if the column holds no dates, say what it is in [columns] of mak.toml",
        }
    }

    /// The finding about the cell at that place.
    pub fn finding(self, place: Place, cell: &str) -> Finding {
        Finding::new(self.code(), place, self.message()).saw(cell).expected(self.expected()).help(self.help())
    }
}
