//! Groups of rows by number, and the sums of each.

use std::sync::Arc;

use super::bits::prefetch;
use super::cell::Day;
use super::intern::{Pairs, Texts};
use super::plan::Plan;
use crate::ingest::tally::DimensionSource;
use crate::measures::{GroupKey, Period};

/// The groups that one thread has met. A group's number follows from the numbers of its values.
#[derive(Debug)]
pub(super) struct Groups {
    dimensions: Vec<Dimension>,
    /// For the second dimension and each further one: numbers of the values so far with its own.
    pairs: Vec<Pairs>,
}

/// The values of one dimension; number 0 is the blank.
#[derive(Debug)]
pub(super) struct Dimension {
    source: DimensionSource,
    values: Texts,
    /// Days or months met, and the value that each belongs to.
    days: Pairs,
    of_day: Vec<u32>,
}

impl Groups {
    /// No groups yet.
    pub(super) fn new(by: &[DimensionSource]) -> Self {
        let pairs = by.iter().skip(1).map(|_| Pairs::default()).collect();
        Groups { dimensions: by.iter().copied().map(Dimension::new).collect(), pairs }
    }

    /// The number of the row's group.
    #[inline]
    pub(super) fn number(&mut self, bytes: &[u8], cell: impl Fn(usize) -> (usize, usize), day: Option<Day>) -> u32 {
        let Some((first, others)) = self.dimensions.split_first_mut() else { return 0 };
        let mut group = first.number(bytes, &cell, day);
        for (dimension, pairs) in others.iter_mut().zip(&mut self.pairs) {
            let value = dimension.number(bytes, &cell, day);
            group = pairs.number(group, value);
        }
        group
    }

    /// The numbers of the values of a group.
    fn values_of(&self, group: u32) -> Vec<u32> {
        let mut values = Vec::with_capacity(self.dimensions.len());
        let mut group = group;
        for pairs in self.pairs.iter().rev() {
            let (before, value) = pairs.pair(group).unwrap_or_default();
            values.push(value);
            group = before;
        }
        if !self.dimensions.is_empty() {
            values.push(group);
        }
        values.reverse();
        values
    }

    /// For each group of `other` below `count` its number here.
    pub(super) fn take_in(&mut self, other: &Groups, count: usize) -> Vec<u32> {
        let values: Vec<Vec<u32>> = self
            .dimensions
            .iter_mut()
            .zip(&other.dimensions)
            .map(|(own, theirs)| {
                std::iter::once(0).chain(theirs.values.iter().map(|text| own.values.number_of(text).wrapping_add(1))).collect()
            })
            .collect();
        let here =
            |dimension: usize, value: u32| values.get(dimension).and_then(|of| of.get(value as usize)).copied().unwrap_or(0);
        let mut numbers = Vec::with_capacity(count);
        if other.pairs.is_empty() {
            numbers.extend(
                (0..count)
                    .map(|group| if self.dimensions.is_empty() { 0 } else { here(0, u32::try_from(group).unwrap_or(u32::MAX)) }),
            );
            return numbers;
        }
        let mut before: Vec<u32> = values.first().cloned().unwrap_or_default();
        for (index, (own, theirs)) in self.pairs.iter_mut().zip(&other.pairs).enumerate() {
            let renumbered = (0..theirs.len()).map(|number| {
                let (first, second) = theirs.pair(u32::try_from(number).unwrap_or(u32::MAX)).unwrap_or_default();
                own.number(before.get(first as usize).copied().unwrap_or(0), here(index.wrapping_add(1), second))
            });
            before = renumbered.collect();
        }
        before
    }

    /// Keys of groups, made from texts that each key shares.
    pub(super) fn keys(&self) -> Keys<'_> {
        let shared = |dimension: &Dimension| -> Vec<Arc<str>> {
            dimension.values.iter().map(|text| Arc::from(std::str::from_utf8(text).unwrap_or_default())).collect()
        };
        Keys { groups: self, texts: self.dimensions.iter().map(shared).collect() }
    }

    /// Bytes of memory in use.
    pub(super) fn memory(&self) -> usize {
        self.dimensions.iter().map(Dimension::memory).sum::<usize>() + self.pairs.iter().map(Pairs::memory).sum::<usize>()
    }
}

/// Keys of groups by number.
pub(super) struct Keys<'a> {
    groups: &'a Groups,
    texts: Vec<Vec<Arc<str>>>,
}

impl Keys<'_> {
    /// The numbers of the groups below `count`, in the order of their keys.
    pub(super) fn in_order(&self, count: usize) -> Vec<u32> {
        let ranks: Vec<Vec<u32>> = self.texts.iter().map(|texts| ranks(texts)).collect();
        let rank_of = |(value, ranks): (u32, &Vec<u32>)| match value.checked_sub(1) {
            None => 0,
            Some(index) => ranks.get(index as usize).copied().unwrap_or(0).saturating_add(1),
        };
        let count = u32::try_from(count).unwrap_or(u32::MAX);
        let sort_key = |group: u32| -> Vec<u32> { self.groups.values_of(group).into_iter().zip(&ranks).map(rank_of).collect() };
        let mut order: Vec<u32> = (0..count).collect();
        match self.texts.len() {
            0 => {}
            1 | 2 => order.sort_by_cached_key(|group| {
                let ranks = sort_key(*group);
                ranks.iter().fold(0_u64, |key, rank| (key << 32) | u64::from(*rank))
            }),
            _ => order.sort_by_cached_key(|group| sort_key(*group)),
        }
        order
    }

    /// Writes the key of the group.
    pub(super) fn write(&self, group: u32, key: &mut GroupKey) {
        key.0.clear();
        for (value, texts) in self.groups.values_of(group).into_iter().zip(&self.texts) {
            let text = value.checked_sub(1).and_then(|index| texts.get(index as usize));
            key.0.push(text.cloned());
        }
    }
}

/// For each text its place among all of them when sorted.
fn ranks(texts: &[Arc<str>]) -> Vec<u32> {
    let mut order: Vec<usize> = (0..texts.len()).collect();
    order.sort_by_key(|index| texts.get(*index));
    let mut ranks = vec![0; texts.len()];
    for (rank, index) in order.into_iter().enumerate() {
        if let Some(slot) = ranks.get_mut(index) {
            *slot = u32::try_from(rank).unwrap_or(u32::MAX);
        }
    }
    ranks
}

impl Dimension {
    /// No values yet.
    pub(super) fn new(source: DimensionSource) -> Self {
        Dimension { source, values: Texts::default(), days: Pairs::default(), of_day: Vec::new() }
    }

    /// The text of a value; the first but the blank is 0.
    pub(super) fn text(&self, index: usize) -> Option<&str> {
        self.values.get(index).and_then(|text| std::str::from_utf8(text).ok())
    }

    /// Bytes of memory in use.
    pub(super) fn memory(&self) -> usize {
        self.values.memory().saturating_add(self.days.memory()).saturating_add(self.of_day.capacity().saturating_mul(4))
    }

    /// The number of the row's value.
    #[inline]
    pub(super) fn number(&mut self, bytes: &[u8], cell: &impl Fn(usize) -> (usize, usize), day: Option<Day>) -> u32 {
        match self.source {
            DimensionSource::Column(index) => {
                let (start, end) = trimmed(bytes, cell(index));
                if start == end { 0 } else { self.values.number(bytes, start, end).wrapping_add(1) }
            }
            DimensionSource::Period(period) => day.map_or(0, |day| self.period(period, day)),
            // The same on every row, and so the first value but the blank.
            DimensionSource::Constant(value) => {
                if self.values.is_empty() {
                    self.values.number_of(value.as_bytes());
                }
                1
            }
            DimensionSource::Absent => 0,
        }
    }

    #[inline]
    fn period(&mut self, period: Period, day: Day) -> u32 {
        // All days of a month are in the same month, quarter and year.
        let by_month = matches!(period, Period::Month | Period::Quarter | Period::Year);
        let met = self.days.number(if by_month { day.month() } else { day.0 }, 0);
        if let Some(value) = self.of_day.get(met as usize) {
            return *value;
        }
        let label = day.date().map(|date| period.label(date)).unwrap_or_default();
        let value = self.values.number_of(label.as_bytes()).wrapping_add(1);
        self.of_day.push(value);
        value
    }
}

/// The cell without blanks at both ends.
#[inline]
pub(super) fn trimmed(bytes: &[u8], (start, end): (usize, usize)) -> (usize, usize) {
    let visible = |at: usize| bytes.get(at).is_some_and(u8::is_ascii_graphic);
    if start == end || (visible(start) && visible(end.wrapping_sub(1))) {
        return (start, end);
    }
    trimmed_by_character(bytes, start, end)
}

#[cold]
fn trimmed_by_character(bytes: &[u8], start: usize, end: usize) -> (usize, usize) {
    let text = bytes.get(start..end).and_then(|cell| std::str::from_utf8(cell).ok()).unwrap_or_default();
    let from = start.wrapping_add(text.len().wrapping_sub(text.trim_start().len()));
    (from, from.wrapping_add(text.trim().len()))
}

/// Sums of every group: exact, in whole units of each column's last place.
#[derive(Debug)]
pub(super) struct Sums {
    columns: usize,
    /// A slot for rows that are not selected, and then one for each group: its number of rows, and
    /// the sum of each column.
    words: Vec<i64>,
    slots: usize,
    /// Missing cells of each slot, in the order of the words; empty as long as there is none.
    missing: Vec<u64>,
    /// What did not fit in 64 bits.
    overflow: std::collections::BTreeMap<usize, i128>,
    waiting: Waiting,
}

/// Rows whose slot is on its way from memory.
#[derive(Debug)]
struct Waiting {
    /// Slot and missing cells of each row.
    rows: [(usize, u64); WAITING],
    values: Vec<i64>,
    /// How many rows ever waited, and how many of them were added.
    met: usize,
    added: usize,
}

/// Rows that wait, so that memory answers while others are read; a power of two.
const WAITING: usize = 16;

/// Slots that the processor's cache holds anyway.
const FEW: usize = 512;

impl Sums {
    /// No sums yet.
    pub(super) fn new(plan: &Plan) -> Self {
        let columns = plan.numbers.len();
        Sums {
            columns,
            words: Vec::new(),
            slots: 0,
            missing: Vec::new(),
            overflow: std::collections::BTreeMap::new(),
            waiting: Waiting { rows: [(0, 0); WAITING], values: vec![0; columns.saturating_mul(WAITING)], met: 0, added: 0 },
        }
    }

    /// Adds a row to the slot, at the latest with [`Sums::flush`].
    #[inline]
    pub(super) fn add(&mut self, slot: usize, values: &[i64], missing: u64) {
        if slot >= self.slots {
            self.grow(slot);
        }
        if self.slots <= FEW {
            if add_row(&mut self.words, self.columns, slot, values).is_none() {
                self.set_overflow_aside(slot, values);
            }
            if missing != 0 {
                self.add_missing(slot, missing);
            }
            return;
        }
        let base = self.base(slot);
        prefetch(&self.words, base);
        prefetch(&self.words, base.wrapping_add(self.columns));
        if self.waiting.met.wrapping_sub(self.waiting.added) == WAITING {
            self.add_oldest();
        }
        let Waiting { rows, values: waiting, met, .. } = &mut self.waiting;
        let at = *met & (WAITING - 1);
        if let Some(row) = rows.get_mut(at) {
            *row = (slot, missing);
        }
        let start = at.wrapping_mul(self.columns);
        if let (Some(room), Some(values)) = (waiting.get_mut(start..start.wrapping_add(self.columns)), values.get(..self.columns))
        {
            room.copy_from_slice(values);
        }
        *met = met.wrapping_add(1);
    }

    /// Adds all rows that wait.
    pub(super) fn flush(&mut self) {
        while self.waiting.added != self.waiting.met {
            self.add_oldest();
        }
    }

    #[inline]
    fn add_oldest(&mut self) {
        let at = self.waiting.added & (WAITING - 1);
        self.waiting.added = self.waiting.added.wrapping_add(1);
        let Some((slot, missing)) = self.waiting.rows.get(at).copied() else { return };
        let start = at.wrapping_mul(self.columns);
        let values = self.waiting.values.get(start..start.wrapping_add(self.columns)).unwrap_or_default();
        if add_row(&mut self.words, self.columns, slot, values).is_none() {
            let values = values.to_vec();
            self.set_overflow_aside(slot, &values);
        }
        if missing != 0 {
            self.add_missing(slot, missing);
        }
    }

    /// Number of the word that begins the slot.
    #[inline]
    fn base(&self, slot: usize) -> usize {
        slot.wrapping_mul(self.columns.wrapping_add(1))
    }

    /// After an addition that wrapped in some column: a sum whose sign cannot be right.
    #[cold]
    fn set_overflow_aside(&mut self, slot: usize, values: &[i64]) {
        let base = self.base(slot);
        for (column, value) in values.iter().enumerate().take(self.columns) {
            let index = base.wrapping_add(column).wrapping_add(1);
            let Some(sum) = self.words.get_mut(index) else { continue };
            let before = sum.wrapping_sub(*value);
            if before.checked_add(*value).is_none() {
                let aside = self.overflow.entry(index).or_default();
                *aside = aside.saturating_add(i128::from(before)).saturating_add(i128::from(*value));
                *sum = 0;
            }
        }
    }

    #[cold]
    fn add_missing(&mut self, slot: usize, missing: u64) {
        let base = self.base(slot);
        if self.missing.len() < self.words.len() {
            self.missing.resize(self.words.len(), 0);
        }
        for column in (0..self.columns).filter(|column| (missing >> column) & 1 == 1) {
            if let Some(count) = self.missing.get_mut(base.wrapping_add(column).wrapping_add(1)) {
                *count = count.wrapping_add(1);
            }
        }
    }

    #[cold]
    fn grow(&mut self, slot: usize) {
        self.slots = slot.saturating_add(1);
        self.words.resize(self.base(self.slots), 0);
    }

    /// Rows of a slot.
    pub(super) fn rows(&self, slot: usize) -> u64 {
        self.words.get(self.base(slot)).map_or(0, |rows| rows.cast_unsigned())
    }

    /// How many slots there are.
    pub(super) fn slots(&self) -> usize {
        self.slots
    }

    /// Sum and number of missing cells of a column in a slot.
    pub(super) fn of(&self, slot: usize, column: usize) -> (i128, u64) {
        let index = self.base(slot).wrapping_add(column).wrapping_add(1);
        let sum = self.words.get(index).copied().unwrap_or(0);
        let aside = self.overflow.get(&index).copied().unwrap_or(0);
        (i128::from(sum).saturating_add(aside), self.missing.get(index).copied().unwrap_or(0))
    }

    /// Adds a slot of other sums of the same columns.
    pub(super) fn take_in(&mut self, slot: usize, other: &Sums, theirs: usize) {
        if slot >= self.slots {
            self.grow(slot);
        }
        let base = self.base(slot);
        if let Some(rows) = self.words.get_mut(base) {
            *rows = rows.saturating_add(other.rows(theirs).cast_signed());
        }
        for column in 0..self.columns {
            let index = base.wrapping_add(column).wrapping_add(1);
            let (more, missing) = other.of(theirs, column);
            if let Some(sum) = self.words.get_mut(index) {
                let whole = i128::from(*sum).saturating_add(more);
                if let Ok(fits) = i64::try_from(whole) {
                    *sum = fits;
                } else {
                    *sum = 0;
                    let aside = self.overflow.entry(index).or_default();
                    *aside = aside.saturating_add(whole);
                }
            }
            if missing > 0 {
                if self.missing.len() < self.words.len() {
                    self.missing.resize(self.words.len(), 0);
                }
                if let Some(count) = self.missing.get_mut(index) {
                    *count = count.saturating_add(missing);
                }
            }
        }
    }

    /// Bytes of memory in use.
    pub(super) fn memory(&self) -> usize {
        self.words.capacity().saturating_add(self.missing.capacity()).saturating_mul(8)
    }
}

/// Adds a row to a slot; `None` when some sum wrapped.
#[inline]
fn add_row(words: &mut [i64], columns: usize, slot: usize, values: &[i64]) -> Option<()> {
    let base = slot.wrapping_mul(columns.wrapping_add(1));
    let (rows, sums) = words.get_mut(base..)?.get_mut(..=columns)?.split_first_mut()?;
    *rows = rows.wrapping_add(1);
    let mut overflowed = 0_i64;
    for (sum, value) in sums.iter_mut().zip(values) {
        let added = sum.wrapping_add(*value);
        // The sign is that of neither when it does not fit.
        overflowed |= (added ^ *sum) & (added ^ *value);
        *sum = added;
    }
    (overflowed >= 0).then_some(())
}
