//! Days that have not the year first: each text is read once.
//!
//! **Owns** what is known of the texts met. **Does not know** how a day is written: the careful
//! path reads it.

use super::cell::{Clock, Day, clock};
use super::intern::Texts;
use crate::ingest::date::{DateEvidence, DateFault, DateSettledBy, DateStyle, parse};
use crate::ingest::profile::DateOrder;

/// Most texts that are kept: there are far fewer days, but not moments.
const MOST: usize = 1 << 14;

/// Days in one column as it is written, for one thread.
#[derive(Debug)]
pub(super) struct OtherDays {
    style: DateStyle,
    evidence: DateEvidence,
    /// Kinds of times that were met behind days of digits.
    clocks: Vec<Clock>,
    /// Texts met, without the time behind a day of digits, and the day of each.
    texts: Texts,
    days: Vec<Day>,
}

/// What a cell is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum OtherDay {
    /// A day, and nothing new about the column.
    Day(Day),
    /// For the careful path.
    Odd,
    /// The same, and it has the other order of day and month.
    OtherOrder,
}

impl OtherDays {
    /// In a column whose digits before a year have that order.
    pub(super) fn new(order: Option<DateOrder>) -> Self {
        OtherDays {
            style: DateStyle { order, settled_by: DateSettledBy::Nothing },
            evidence: DateEvidence::default(),
            clocks: Vec::new(),
            texts: Texts::default(),
            days: Vec::new(),
        }
    }

    /// The day of the text `bytes[start..end]`, if it was met. Reading 24 bytes at `start` must be possible.
    #[inline]
    pub(super) fn known(&self, bytes: &[u8], start: usize, end: usize) -> Option<Day> {
        let known = |end: usize| self.days.get(self.texts.known_number(bytes, start, end)? as usize).copied();
        known(end).or_else(|| {
            let (day, clock) = day_before_time(bytes.get(start..end)?)?;
            self.clocks.contains(&clock).then(|| known(start.wrapping_add(day.len())))?
        })
    }

    /// Reads a text that was not met; the first of each kind goes the careful way, which notes its line.
    #[cold]
    pub(super) fn read(&mut self, cell: &[u8]) -> OtherDay {
        let Ok(text) = std::str::from_utf8(cell) else { return OtherDay::Odd };
        let day = match parse(text, &self.style) {
            Ok(Some(moment)) => Day::of(moment.day()),
            Err(DateFault::OtherOrder { .. }) => return OtherDay::OtherOrder,
            Ok(None) | Err(_) => None,
        };
        let Some(day) = day else { return OtherDay::Odd };
        let kinds = self.evidence.kinds();
        self.evidence.observe(text, 1);
        let is_new = self.evidence.kinds() != kinds;
        let before_time = day_before_time(cell);
        if let Some((_, clock)) = before_time.filter(|(_, clock)| !self.clocks.contains(clock)) {
            self.clocks.push(clock);
        }
        let text = before_time.map_or(cell, |(day, _)| day);
        if self.days.len() < MOST && self.texts.number_of(text) as usize == self.days.len() {
            self.days.push(day);
        }
        if is_new { OtherDay::Odd } else { OtherDay::Day(day) }
    }
}

/// Digits and marks in front of a time of day, and what kind of time that is.
fn day_before_time(cell: &[u8]) -> Option<(&[u8], Clock)> {
    let at = cell.iter().position(|byte| matches!(byte, b' ' | b'T'))?;
    let (day, time) = cell.split_at(at);
    let is_day = day.iter().all(|byte| byte.is_ascii_digit() || matches!(byte, b'/' | b'-' | b'.'));
    Some((day, clock(time).filter(|_| is_day)?))
}
