//! Rows that are read together, and which of them are surely plain in one respect or another.
//!
//! **Owns** the quick tests of many rows in a loop of their own each, which the processor overlaps.
//! A row that fails one of them is looked at by itself, and may be plain all the same.

use std::ops::Range;

use super::bits::ROWS;
use super::cell::{Day, DayCell, day};
use super::worker::{DAY, MOMENT};
use crate::ingest::rows::{begins_as_no_label, is_surely_no_label};

/// Rows of the header's width, one behind the other.
#[derive(Clone, Copy)]
pub(super) struct Lines<'a> {
    pub(super) bytes: &'a [u8],
    /// The end of each cell, behind that of the one in front of the first.
    pub(super) ends: &'a [u32],
    /// First byte of each row, and of what stands behind the last.
    pub(super) starts: &'a [usize; ROWS + 1],
    /// Cells of a row.
    pub(super) width: usize,
    /// Rows.
    pub(super) count: usize,
}

/// The numbers of the bits that are set, from the lowest on.
pub(super) fn each(bits: u64) -> impl Iterator<Item = usize> {
    let mut left = bits;
    std::iter::from_fn(move || {
        let next = left.trailing_zeros() as usize;
        (left != 0).then(|| left &= left.wrapping_sub(1)).map(|()| next)
    })
}

/// A bit for each of so many rows.
pub(super) fn first_bits(count: usize) -> u64 {
    if count >= ROWS { u64::MAX } else { (1 << count) - 1 }
}

impl<'a> Lines<'a> {
    /// First byte of a row, and first byte of the next.
    #[inline]
    pub(super) fn borders(&self, row: usize) -> (usize, usize) {
        let start = |row: usize| self.starts.get(row).copied().unwrap_or(0);
        (start(row), start(row.wrapping_add(1)))
    }

    /// The ends of a row's cells, behind that of the one in front of the first.
    #[inline]
    pub(super) fn ends_of(&self, row: usize) -> &'a [u32] {
        self.ends.get(row.wrapping_mul(self.width)..).and_then(|ends| ends.get(..=self.width)).unwrap_or_default()
    }

    /// From where to where a cell lies.
    #[inline]
    pub(super) fn cell(&self, row: usize, index: usize) -> (usize, usize) {
        let number = row.wrapping_mul(self.width).wrapping_add(index);
        let end = |number: usize| self.ends.get(number).map_or(0, |end| *end as usize);
        // In front of the first cell there may be a carriage return and a line feed.
        let from = if index == 0 { self.borders(row).0 } else { end(number).wrapping_add(1) };
        (from, end(number.wrapping_add(1)))
    }

    /// The cells of a row with separators between them.
    #[inline]
    pub(super) fn text(&self, row: usize) -> &'a [u8] {
        let end = self.ends_of(row).last().map_or(0, |end| *end as usize);
        self.bytes.get(self.borders(row).0..end).unwrap_or_default()
    }

    /// The rows for which `test` holds.
    #[inline]
    fn rows(&self, mut test: impl FnMut(usize) -> bool) -> u64 {
        (0..self.count.min(ROWS)).fold(0, |rows, row| rows | (u64::from(test(row)) << row))
    }

    /// The rows that are surely no total: their first cell is no total's label, and some dimension is
    /// not blank.
    pub(super) fn listed(&self, dimensions: &[usize]) -> u64 {
        let named = |row: usize, index: usize| {
            // What stands behind an empty cell is neither a letter nor a digit.
            self.bytes.get(self.cell(row, index).0).is_some_and(u8::is_ascii_alphanumeric)
        };
        let begins = |row: usize| self.bytes.get(self.borders(row).0..).and_then(<[u8]>::first_chunk).copied();
        let mut listed = self.rows(|row| begins_as_no_label(begins(row).unwrap_or_default()));
        for row in each(first_bits(self.count) & !listed) {
            let (from, to) = self.cell(row, 0);
            listed |= u64::from(is_surely_no_label(self.bytes.get(from..to).unwrap_or_default())) << row;
        }
        let Some((first, others)) = dimensions.split_first() else { return listed };
        let mut filled = self.rows(|row| named(row, *first));
        for index in others {
            // Seldom is the first one blank.
            if filled == first_bits(self.count) {
                break;
            }
            filled |= self.rows(|row| named(row, *index));
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

    /// The rows with a day among `likely` of a known kind, and what days these are.
    pub(super) fn days(&self, index: usize, known: u8, likely: &Range<Day>, days: &mut [Day; ROWS]) -> u64 {
        let mut days = days.iter_mut();
        self.rows(|row| {
            let (from, to) = self.cell(row, index);
            let (found, kinds) = match day(self.bytes, from, to) {
                DayCell::Day(day) => (day, DAY),
                DayCell::Moment(day) => (day, DAY | MOMENT),
                DayCell::Missing | DayCell::Odd => (Day(0), u8::MAX),
            };
            if let Some(slot) = days.next() {
                *slot = found;
            }
            kinds & !known == 0 && likely.contains(&found)
        })
    }
}
