//! The forms in which dates are written, without deciding the order of day and month.

use std::borrow::Cow;

use jiff::civil::{Date, Time, Weekday};

use super::DateFault;
use super::names;
use crate::ingest::digits::digit;
use crate::ingest::evidence::{is_missing, trim};

/// A cell longer than this is no date; the longest form has some 60 characters.
const LONGEST: usize = 120;

/// What is written in a cell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Scanned {
    pub(super) first: Written,
    pub(super) time: Option<Time>,
    /// Seconds east of Greenwich.
    pub(super) offset: Option<i32>,
    /// The end of a range.
    pub(super) last: Option<Written>,
}

/// A date as written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Written {
    /// A day that can be read in one way only.
    Day { date: Date, form: Form },
    /// Two numbers before a year: day and month in an order that the column decides.
    Pair { pair: Pair, weekday: Option<Weekday> },
    /// The first and the last day of a month or quarter.
    Period { from: Date, to: Date },
}

/// In which form a day is written that needs no decision.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// 2026-08-26: digits with the year first.
    YearFirst,
    /// 20260826, or with the name of the month.
    Other,
}

/// Two numbers before a year.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Pair {
    pub(super) first: i8,
    pub(super) second: i8,
    pub(super) year: i16,
    pub(super) mark: Mark,
}

impl Pair {
    /// The date with the day first.
    pub(super) fn day_first(self) -> Option<Date> {
        Date::new(self.year, self.second, self.first).ok()
    }

    /// The date with the month first.
    pub(super) fn month_first(self) -> Option<Date> {
        Date::new(self.year, self.first, self.second).ok()
    }
}

/// What parts day, month and year.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mark {
    Slash,
    Hyphen,
    Point,
}

impl Mark {
    pub(super) const ALL: [Mark; 3] = [Mark::Slash, Mark::Hyphen, Mark::Point];

    const fn character(self) -> char {
        match self {
            Mark::Slash => '/',
            Mark::Hyphen => '-',
            Mark::Point => '.',
        }
    }
}

/// Words for an end that has not come, beside those that say "no value".
const OPEN: [&str; 4] = ["ongoing", "nat", "0000-00-00", "0000-00-00 00:00:00"];

/// Reads what is written in the cell; `None` when there is no value.
pub(super) fn scan(cell: &str) -> Result<Option<Scanned>, DateFault> {
    let text = trim(cell);
    if is_missing(text) || OPEN.iter().any(|word| word.eq_ignore_ascii_case(text)) {
        return Ok(None);
    }
    if text.len() > LONGEST {
        return Err(DateFault::NotADate);
    }
    let text = with_ascii_digits(text);
    let mut cursor = Cursor { rest: &text };
    let (first, time, offset) = cursor.moment()?;
    let last = if cursor.range_mark() { Some(cursor.moment()?.0) } else { None };
    if cursor.rest.is_empty() {
        Ok(Some(Scanned { first, time, offset, last }))
    } else if time.is_some() || cursor.rest.starts_with(|c: char| c.is_ascii_digit()) {
        Err(DateFault::BadTime)
    } else {
        Err(DateFault::NotADate)
    }
}

/// Reads a time of day on its own: `06:00 PM`; `None` when there is no value.
pub(super) fn scan_time(cell: &str) -> Result<Option<Time>, DateFault> {
    let text = trim(cell);
    if is_missing(text) {
        return Ok(None);
    }
    if text.len() > LONGEST {
        return Err(DateFault::BadTime);
    }
    let text = with_ascii_digits(text);
    let mut cursor = Cursor { rest: &text };
    let time = cursor.time()?;
    if cursor.rest.is_empty() { Ok(Some(time)) } else { Err(DateFault::BadTime) }
}

fn with_ascii_digits(text: &str) -> Cow<'_, str> {
    if text.is_ascii() {
        return Cow::Borrowed(text);
    }
    let ascii = |c| digit(c).and_then(|(_, value)| char::from_digit(value.into(), 10)).unwrap_or(c);
    Cow::Owned(text.chars().map(ascii).collect())
}

/// A run of digits.
#[derive(Clone, Copy)]
struct Number {
    value: u64,
    len: usize,
}

impl Number {
    /// A day or month of one or two digits.
    fn small(self) -> Option<i8> {
        if self.len <= 2 { i8::try_from(self.value).ok() } else { None }
    }

    /// A year of four digits.
    fn year(self) -> Option<i16> {
        if self.len == 4 { i16::try_from(self.value).ok() } else { None }
    }
}

/// Text read from the left.
#[derive(Clone, Copy)]
struct Cursor<'a> {
    rest: &'a str,
}

impl<'a> Cursor<'a> {
    /// A date with its time and offset, up to a range mark or the end.
    fn moment(&mut self) -> Result<(Written, Option<Time>, Option<i32>), DateFault> {
        if let Some(day) = self.iso_day() {
            let (time, offset) = self.time_behind_date()?;
            return Ok((day, time, offset));
        }
        let weekday = self.weekday();
        let (written, hour) = self.date()?;
        let (time, offset) = match hour {
            Some(hour) => (Some(Time::new(hour, 0, 0, 0).map_err(|_| DateFault::BadTime)?), None),
            None => self.time_behind_date()?,
        };
        Ok((on_weekday(written, weekday)?, time, offset))
    }

    /// `2026-08-26`, by far the most frequent form.
    fn iso_day(&mut self) -> Option<Written> {
        let (head, rest) = self.rest.split_at_checked(10)?;
        let [y1, y2, y3, y4, b'-', m1, m2, b'-', d1, d2] = *head.as_bytes() else { return None };
        if rest.starts_with(|c: char| c.is_ascii_digit()) {
            return None;
        }
        let two = |tens: u8, ones: u8| -> Option<i8> {
            (tens.is_ascii_digit() && ones.is_ascii_digit())
                .then(|| i8::try_from((tens.wrapping_sub(b'0')).wrapping_mul(10).wrapping_add(ones.wrapping_sub(b'0'))).ok())?
        };
        let year = i16::from(two(y1, y2)?).checked_mul(100)?.checked_add(i16::from(two(y3, y4)?))?;
        // An impossible day is left to the long way, which says what is wrong.
        let date = Date::new(year, two(m1, m2)?, two(d1, d2)?).ok()?;
        self.rest = rest;
        Some(Written::Day { date, form: Form::YearFirst })
    }

    /// Takes a weekday off the front.
    fn weekday(&mut self) -> Option<Weekday> {
        let mut ahead = *self;
        let weekday = names::weekday(ahead.word()?)?;
        ahead.take('.');
        ahead.take(',');
        ahead.blanks();
        *self = ahead;
        Some(weekday)
    }

    /// A date of any form, and the hour where it is glued to the date.
    fn date(&mut self) -> Result<(Written, Option<i8>), DateFault> {
        if let Some(quarter) = self.quarter() {
            return Ok((quarter?, None));
        }
        if self.rest.starts_with(char::is_alphabetic) {
            return self.month_first().map(|written| (written, None));
        }
        let number = self.number().ok_or(DateFault::NotADate)?;
        match number.len {
            1 | 2 => self.after_small(number).map(|written| (written, None)),
            4 => self.after_year(number).map(|written| (written, None)),
            _ => compact(number, self.rest.is_empty() || self.rest.starts_with('.')),
        }
    }

    /// `Q1 2026`.
    fn quarter(&mut self) -> Option<Result<Written, DateFault>> {
        let mut ahead = *self;
        let quarter = ahead.quarter_number()?;
        ahead.blanks();
        ahead.take('-');
        let year = ahead.number()?.year()?;
        *self = ahead;
        Some(months(year, quarter.checked_mul(3)?.checked_sub(2)?, 3))
    }

    fn quarter_number(&mut self) -> Option<i8> {
        if !(self.take('Q') || self.take('q')) {
            return None;
        }
        self.number().filter(|number| number.len == 1)?.small().filter(|quarter| (1..=4).contains(quarter))
    }

    /// `Jun 09, 2018`, `April 2026`.
    fn month_first(&mut self) -> Result<Written, DateFault> {
        let month = self.word().and_then(names::month).ok_or(DateFault::NotADate)?;
        self.between();
        let number = self.number().ok_or(DateFault::NotADate)?;
        if let Some(year) = number.year() {
            return months(year, month, 1);
        }
        let day = number.small().ok_or(DateFault::NotADate)?;
        self.ordinal();
        self.between();
        // `Apr 25` may be a day without a year, or a month without a century.
        let missing = if self.rest.is_empty() { DateFault::TwoDigitYear } else { DateFault::NotADate };
        let year = self.number().ok_or(missing)?;
        day_of(full_year(year)?, month, day, Form::Other)
    }

    /// What follows one or two digits: `26/08/2026`, `26 August 2026`, `08/2026`.
    fn after_small(&mut self, number: Number) -> Result<Written, DateFault> {
        let first = number.small().ok_or(DateFault::NotADate)?;
        let mut ahead = *self;
        ahead.ordinal();
        ahead.between();
        if let Some(month) = ahead.word().and_then(names::month) {
            ahead.between();
            let year = ahead.number().ok_or(DateFault::NotADate)?;
            *self = ahead;
            return day_of(full_year(year)?, month, first, Form::Other);
        }
        let mark = self.mark().ok_or(DateFault::NotADate)?;
        let second = self.number().ok_or(DateFault::NotADate)?;
        if let Some(year) = second.year() {
            return months(year, first, 1);
        }
        let second = second.small().ok_or(DateFault::NotADate)?;
        if self.mark() != Some(mark) {
            return Err(DateFault::NotADate);
        }
        let year = self.number().ok_or(DateFault::NotADate)?;
        let pair = Pair { first, second, year: full_year(year)?, mark };
        if pair.day_first().is_none() && pair.month_first().is_none() {
            return Err(DateFault::Impossible);
        }
        Ok(Written::Pair { pair, weekday: None })
    }

    /// What follows four digits: `2026-08-26`, `2026/8/6`, `2026-08`, `2026-Q1`, `2026 Aug 26`.
    fn after_year(&mut self, number: Number) -> Result<Written, DateFault> {
        let year = number.year().ok_or(DateFault::NotADate)?;
        let mut ahead = *self;
        ahead.between();
        if let Some(quarter) = ahead.quarter_number() {
            *self = ahead;
            return months(year, quarter.checked_mul(3).and_then(|m| m.checked_sub(2)).ok_or(DateFault::NotADate)?, 3);
        }
        if let Some(month) = ahead.word().and_then(names::month) {
            let mut behind = ahead;
            behind.between();
            let Some(day) = behind.number().and_then(Number::small) else {
                *self = ahead;
                return months(year, month, 1);
            };
            *self = behind;
            return day_of(year, month, day, Form::Other);
        }
        let mark = self.mark().ok_or(DateFault::NotADate)?;
        let month = self.number().and_then(Number::small).ok_or(DateFault::NotADate)?;
        let mut ahead = *self;
        if ahead.mark() != Some(mark) {
            return months(year, month, 1);
        }
        let Some(day) = ahead.number().and_then(Number::small) else { return months(year, month, 1) };
        *self = ahead;
        day_of(year, month, day, Form::YearFirst)
    }

    /// Blanks, a comma, a point, a hyphen or slash, and the little words of Romance languages,
    /// between the parts of a date that has the name of a month.
    fn between(&mut self) {
        self.blanks();
        if !(self.take(',') || self.take('.') || self.take('-')) {
            self.take('/');
        }
        self.blanks();
        let mut ahead = *self;
        if matches!(ahead.word(), Some("de" | "del" | "of")) {
            ahead.blanks();
            *self = ahead;
        }
    }

    /// The `st`, `nd`, `rd`, `th`, `er`, `º` behind the number of a day.
    fn ordinal(&mut self) {
        let mut ahead = *self;
        if matches!(ahead.word(), Some("st" | "nd" | "rd" | "th" | "er" | "º")) {
            *self = ahead;
        }
    }

    /// The mark between numbers; German and Czech put a blank behind the point.
    fn mark(&mut self) -> Option<Mark> {
        let mark = Mark::ALL.into_iter().find(|mark| self.rest.starts_with(mark.character()))?;
        self.take(mark.character());
        if mark == Mark::Point {
            self.take(' ');
        }
        Some(mark)
    }

    /// What parts the two ends of a range.
    fn range_mark(&mut self) -> bool {
        let mut ahead = *self;
        ahead.blanks();
        let found = ['-', '–', '—', '~', '/'].into_iter().any(|c| ahead.take(c))
            || ahead.rest.strip_prefix("..").map(|rest| ahead.rest = rest).is_some()
            || matches!(ahead.word(), Some("to" | "bis" | "au" | "al" | "until" | "tot" | "a"));
        if found {
            ahead.blanks();
            *self = ahead;
        }
        found
    }

    /// The time and offset behind a date, when one follows.
    fn time_behind_date(&mut self) -> Result<(Option<Time>, Option<i32>), DateFault> {
        let mut ahead = *self;
        let glued = ahead.take('T') || ahead.take('t');
        if !glued {
            ahead.take(',');
            ahead.blanks();
            let mut at = ahead;
            if at.word() == Some("at") {
                at.blanks();
                ahead = at;
            }
        }
        if (!glued && ahead.rest.len() == self.rest.len()) || !ahead.rest.starts_with(|c: char| c.is_ascii_digit()) {
            return Ok((None, None));
        }
        let time = ahead.time()?;
        let offset = ahead.offset()?;
        *self = ahead;
        Ok((Some(time), offset))
    }

    /// `14:05`, `14:05:30.25`, `2:05 pm`, `2 PM`.
    fn time(&mut self) -> Result<Time, DateFault> {
        let hour = self.number().and_then(Number::small).ok_or(DateFault::BadTime)?;
        let minute = if self.take(':') { Some(self.two_digits()?) } else { None };
        let second = if minute.is_some() && self.take(':') { Some(self.two_digits()?) } else { None };
        let nanosecond = if second.is_some() { self.fraction()? } else { 0 };
        let hour = match self.half_of_day() {
            Some(_) if !(1..=12).contains(&hour) => return Err(DateFault::BadTime),
            Some(afternoon) => {
                let morning = if hour == 12 { 0 } else { hour };
                morning.saturating_add(if afternoon { 12 } else { 0 })
            }
            None if minute.is_none() => return Err(DateFault::BadTime),
            None => hour,
        };
        Time::new(hour, minute.unwrap_or(0), second.unwrap_or(0), nanosecond).map_err(|_| DateFault::BadTime)
    }

    fn two_digits(&mut self) -> Result<i8, DateFault> {
        self.number().filter(|number| number.len == 2).and_then(Number::small).ok_or(DateFault::BadTime)
    }

    /// Fraction of a second in nanoseconds.
    fn fraction(&mut self) -> Result<i32, DateFault> {
        let mut ahead = *self;
        if !(ahead.take('.') || ahead.take(',')) {
            return Ok(0);
        }
        let Some(number) = ahead.number() else { return Ok(0) };
        let missing = 9_usize.checked_sub(number.len).and_then(|zeros| u32::try_from(zeros).ok()).ok_or(DateFault::BadTime)?;
        let nanoseconds =
            10_u64.checked_pow(missing).and_then(|unit| number.value.checked_mul(unit)).ok_or(DateFault::BadTime)?;
        *self = ahead;
        i32::try_from(nanoseconds).map_err(|_| DateFault::BadTime)
    }

    /// `am` or `pm`: whether it is the afternoon.
    fn half_of_day(&mut self) -> Option<bool> {
        let mut ahead = *self;
        ahead.blanks();
        for (word, afternoon) in [("a.m.", false), ("p.m.", true), ("am", false), ("pm", true)] {
            let head = ahead.rest.split_at_checked(word.len());
            if let Some((head, rest)) = head
                && head.eq_ignore_ascii_case(word)
                && !rest.starts_with(char::is_alphabetic)
            {
                self.rest = rest;
                return Some(afternoon);
            }
        }
        None
    }

    /// `Z`, `UTC`, `+05:00`, ` +0500`, `GMT+2`: seconds east of Greenwich.
    fn offset(&mut self) -> Result<Option<i32>, DateFault> {
        let mut ahead = *self;
        ahead.blanks();
        let mut named = ahead;
        let is_named = named.word().is_some_and(|word| ["z", "utc", "gmt"].iter().any(|zone| zone.eq_ignore_ascii_case(word)));
        if is_named {
            ahead = named;
        }
        let sign = match ahead.rest.as_bytes() {
            [b'+', next, ..] if next.is_ascii_digit() => 1,
            [b'-', next, ..] if next.is_ascii_digit() => -1,
            _ if is_named => {
                *self = ahead;
                return Ok(Some(0));
            }
            _ => return Ok(None),
        };
        ahead.rest = ahead.rest.get(1..).unwrap_or_default();
        let number = ahead.number().ok_or(DateFault::BadTime)?;
        let (hours, minutes) = match number.len {
            1 | 2 => (number.value, if ahead.take(':') { u64::from(ahead.two_digits()?.unsigned_abs()) } else { 0 }),
            4 => (number.value.checked_div(100).unwrap_or(0), number.value.checked_rem(100).unwrap_or(0)),
            _ => return Err(DateFault::BadTime),
        };
        // No place on Earth is further than 14 hours from Greenwich.
        if hours > 14 || minutes > 59 {
            return Err(DateFault::BadTime);
        }
        let seconds = hours.saturating_mul(3600).saturating_add(minutes.saturating_mul(60));
        *self = ahead;
        Ok(i32::try_from(seconds).ok().map(|seconds| seconds.saturating_mul(sign)))
    }

    /// A run of at most 18 digits.
    fn number(&mut self) -> Option<Number> {
        let len = self.rest.bytes().take_while(u8::is_ascii_digit).count();
        let (digits, rest) = self.rest.split_at_checked(len)?;
        if len == 0 || len > 18 {
            return None;
        }
        let value = digits.parse().ok()?;
        self.rest = rest;
        Some(Number { value, len })
    }

    /// A run of letters.
    fn word(&mut self) -> Option<&'a str> {
        let end = self.rest.find(|c: char| !c.is_alphabetic()).unwrap_or(self.rest.len());
        let (word, rest) = self.rest.split_at_checked(end)?;
        if word.is_empty() {
            return None;
        }
        self.rest = rest;
        Some(word)
    }

    fn take(&mut self, c: char) -> bool {
        self.rest.strip_prefix(c).map(|rest| self.rest = rest).is_some()
    }

    fn blanks(&mut self) {
        self.rest = self.rest.trim_start();
    }
}

fn day_of(year: i16, month: i8, day: i8, form: Form) -> Result<Written, DateFault> {
    Date::new(year, month, day).map(|date| Written::Day { date, form }).map_err(|_| DateFault::Impossible)
}

fn full_year(number: Number) -> Result<i16, DateFault> {
    match number.len {
        2 => Err(DateFault::TwoDigitYear),
        _ => number.year().ok_or(DateFault::NotADate),
    }
}

/// `20260826`, `2026082614`, or a number that is no date.
fn compact(number: Number, ends_here: bool) -> Result<(Written, Option<i8>), DateFault> {
    let parts = |digits: u64| {
        let part = |unit: u64, size: u64| digits.checked_div(unit).and_then(|n| n.checked_rem(size)).unwrap_or(0);
        let year = i16::try_from(part(10_000, 10_000)).unwrap_or(0);
        // Other numbers of eight digits are no dates.
        let plausible = (1900..2200).contains(&year);
        let month = i8::try_from(part(100, 100)).unwrap_or(0);
        let day = i8::try_from(part(1, 100)).unwrap_or(0);
        plausible.then(|| Date::new(year, month, day).ok()).flatten().map(|date| Written::Day { date, form: Form::Other })
    };
    let hour = number.value.checked_rem(100).and_then(|hour| i8::try_from(hour).ok()).filter(|hour| *hour < 24);
    match number.len {
        8 => parts(number.value).map(|written| (written, None)).ok_or(DateFault::NotADate),
        10 if hour.is_some() && parts(number.value / 100).is_some() => {
            parts(number.value / 100).map(|written| (written, hour)).ok_or(DateFault::NotADate)
        }
        6 => {
            let year = i16::try_from(number.value / 100).ok().filter(|year| (1990..2100).contains(year));
            let month = i8::try_from(number.value % 100).unwrap_or(0);
            months(year.ok_or(DateFault::NotADate)?, month, 1).map(|written| (written, None)).map_err(|_| DateFault::NotADate)
        }
        5 if ends_here => Err(DateFault::SerialNumber),
        9 | 10 | 13 if ends_here => Err(DateFault::UnixTime),
        _ => Err(DateFault::NotADate),
    }
}

/// That many months from that one on.
fn months(year: i16, month: i8, count: i8) -> Result<Written, DateFault> {
    let from = Date::new(year, month, 1).map_err(|_| DateFault::Impossible)?;
    let last = Date::new(year, month.saturating_add(count).saturating_sub(1), 1).map_err(|_| DateFault::Impossible)?;
    Ok(Written::Period { from, to: last.last_of_month() })
}

/// The date, when the weekday written before it falls on it.
fn on_weekday(written: Written, weekday: Option<Weekday>) -> Result<Written, DateFault> {
    match (written, weekday) {
        (Written::Day { date, .. }, Some(weekday)) if date.weekday() != weekday => Err(DateFault::WrongWeekday),
        (Written::Pair { pair, .. }, weekday) => Ok(Written::Pair { pair, weekday }),
        _ => Ok(written),
    }
}
