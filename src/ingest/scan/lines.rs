//! Rows that are read together, and which of them are surely plain in one respect or another.
//!
//! **Owns** the quick tests of many rows in a loop of their own each, which the processor overlaps.
//! A row that fails one of them is looked at by itself, and may be plain all the same.

use std::ops::Range;

use super::bits::{Instructions, Lines, ROWS, each, first_bits};
use super::cell::{Day, DayCell, day};
use super::days::OtherDays;
use super::worker::{DAY, clock_kind};
use crate::ingest::rows::is_surely_no_label;

impl<'a> Lines<'a> {
    /// First byte of a row, and first byte of the next.
    #[inline]
    pub(super) fn borders(&self, row: usize) -> (usize, usize) {
        (self.start(row), self.start(row.wrapping_add(1)))
    }

    /// The cells of a row with separators between them.
    #[inline]
    pub(super) fn text(&self, row: usize) -> &'a [u8] {
        let end = self.ends.get(row.wrapping_add(1).wrapping_mul(self.width)).map_or(0, |end| *end as usize);
        self.bytes.get(self.start(row)..end).unwrap_or_default()
    }

    /// The rows that are surely no total: their first cell is no total's label, and some dimension is
    /// not blank.
    pub(super) fn listed(&self, with: Instructions, dimensions: &[usize]) -> u64 {
        let all = first_bits(self.count);
        let (mut listed, alphanumeric) = self.without_label(with);
        for row in each(all & !listed) {
            let (from, to) = self.cell(row, 0);
            listed |= u64::from(is_surely_no_label(self.bytes.get(from..to).unwrap_or_default())) << row;
        }
        let Some((first, others)) = dimensions.split_first() else { return listed };
        let mut filled = if *first == 0 { alphanumeric } else { self.beginning_with_alphanumeric(with, *first) };
        for index in others {
            // Seldom is the first one blank.
            if filled == all {
                break;
            }
            filled |= self.beginning_with_alphanumeric(with, *index);
        }
        listed & filled
    }

    /// The rows in whose cell of that column there is no plus sign.
    pub(super) fn without_plus(&self, index: usize) -> u64 {
        self.rows(|row| {
            let (from, to) = self.cell(row, index);
            self.bytes.get(from..to).is_some_and(|id| !id.contains(&b'+'))
        })
    }

    /// The rows with a day among `likely` of a known kind or a known text, and what days these are.
    pub(super) fn days(
        &self,
        with: Instructions,
        index: usize,
        (known, other): (u8, Option<&OtherDays>),
        likely: &Range<Day>,
        days: &mut [u32; ROWS],
    ) -> u64 {
        let mut found = if known & DAY == 0 { 0 } else { self.whole_days(with, index, &(likely.start.0..likely.end.0), days) };
        for row in each(first_bits(self.count) & !found) {
            let (from, to) = self.cell(row, index);
            let (day, kinds) = match day(self.bytes, from, to) {
                DayCell::Day(day) => (day, DAY),
                DayCell::Moment(day, clock) => (day, DAY | clock_kind(clock)),
                DayCell::Missing => (Day(0), u8::MAX),
                DayCell::Odd => {
                    let known = other.and_then(|other| other.known(self.bytes, from, to));
                    known.map_or((Day(0), u8::MAX), |day| (day, 0))
                }
            };
            if let Some(slot) = days.get_mut(row) {
                *slot = day.0;
            }
            found |= u64::from(kinds & !known == 0 && likely.contains(&day)) << row;
        }
        found
    }
}
