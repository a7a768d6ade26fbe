//! Groups of rows by number, and the sums of each.

use std::sync::Arc;

use super::bits::{Numbers, ROWS, prefetch};
use super::cell::Day;
use super::intern::{Pairs, Texts};
use super::lines::{Lines, each};
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

    /// The groups of some of the rows that are read together.
    pub(super) fn numbers(&mut self, lines: &Lines<'_>, rows: u64, days: &[Day; ROWS], groups: &mut [u32; ROWS]) {
        let Some((first, others)) = self.dimensions.split_first_mut() else {
            groups.fill(0);
            return;
        };
        first.numbers(lines, rows, days, groups);
        let mut values = [0; ROWS];
        for (dimension, pairs) in others.iter_mut().zip(&mut self.pairs) {
            dimension.numbers(lines, rows, days, &mut values);
            for row in each(rows) {
                if let (Some(group), Some(value)) = (groups.get_mut(row), values.get(row)) {
                    *group = pairs.number(*group, *value);
                }
            }
        }
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

    /// The numbers of the values of some of the rows that are read together, which all have a day if
    /// any has.
    fn numbers(&mut self, lines: &Lines<'_>, rows: u64, days: &[Day; ROWS], values: &mut [u32; ROWS]) {
        match self.source {
            DimensionSource::Column(index) => {
                for row in each(rows) {
                    let (start, end) = trimmed(lines.bytes, lines.cell(row, index));
                    if let Some(value) = values.get_mut(row) {
                        *value = if start == end { 0 } else { self.values.number(lines.bytes, start, end).wrapping_add(1) };
                    }
                }
            }
            DimensionSource::Period(period) => {
                for row in each(rows) {
                    if let (Some(value), Some(day)) = (values.get_mut(row), days.get(row)) {
                        *value = self.period(period, *day);
                    }
                }
            }
            DimensionSource::Constant(_) | DimensionSource::Absent => {
                let of_all = self.number(lines.bytes, &|_| (0, 0), None);
                values.fill(of_all);
            }
        }
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
    wide: std::collections::BTreeMap<usize, i128>,
    waiting: Waiting,
    /// Whether a row that waits has missing cells.
    is_some_missing: bool,
    /// Rows since sums were last known to be far from the largest word.
    rows: u64,
}

/// Rows whose slot is on its way from memory, while others are read.
#[derive(Debug)]
struct Waiting {
    slots: [u32; ROWS],
    /// Which of the rows that were read together it is.
    rows: [u8; ROWS],
    missing: [u64; ROWS],
    count: usize,
}

/// Slots that the processor's cache holds anyway.
const FEW: usize = 512;

/// The largest number, whatever its sign, that is added in 64 bits.
pub(super) const WIDEST: u64 = 1 << 31;

/// So many numbers of that size have a sum of 64 bits.
const MOST_ROWS: u64 = 1 << 31;

impl Sums {
    /// No sums yet.
    pub(super) fn new(plan: &Plan) -> Self {
        Sums {
            columns: plan.numbers.len(),
            words: Vec::new(),
            slots: 0,
            missing: Vec::new(),
            wide: std::collections::BTreeMap::new(),
            waiting: Waiting { slots: [0; ROWS], rows: [0; ROWS], missing: [0; ROWS], count: 0 },
            rows: 0,
            is_some_missing: false,
        }
    }

    /// Has a row of those read together added to the slot by [`Sums::add_waiting`].
    #[inline]
    pub(super) fn add(&mut self, slot: u32, row: usize, missing: u64) {
        if slot as usize >= self.slots {
            self.grow(slot as usize);
        }
        if self.slots > FEW {
            let base = self.base(slot as usize);
            prefetch(&self.words, base);
            prefetch(&self.words, base.wrapping_add(self.columns));
        }
        let waiting = &mut self.waiting;
        let at = waiting.count;
        if let (Some(of_slot), Some(of_row), Some(of_missing)) =
            (waiting.slots.get_mut(at), waiting.rows.get_mut(at), waiting.missing.get_mut(at))
        {
            #[allow(clippy::cast_possible_truncation, reason = "at most 64 are read together")]
            let number = row as u8;
            (*of_slot, *of_row, *of_missing) = (slot, number, missing);
            self.is_some_missing |= missing != 0;
            waiting.count = at.wrapping_add(1);
        }
    }

    /// Adds all rows that wait.
    pub(super) fn add_waiting(&mut self, numbers: &Numbers) {
        let count = std::mem::take(&mut self.waiting.count);
        let Waiting { slots, rows, missing, .. } = &self.waiting;
        let (Some(slots), Some(rows)) = (slots.get(..count), rows.get(..count)) else { return };
        numbers.add_to(&mut self.words, self.columns, rows, slots);
        if std::mem::take(&mut self.is_some_missing) {
            for (slot, missing) in slots.to_vec().into_iter().zip(*missing) {
                self.add_missing(slot as usize, missing);
            }
        }
        self.rows = self.rows.wrapping_add(count as u64);
        if self.rows >= MOST_ROWS {
            self.settle();
        }
    }

    /// Sets aside what the sums are so far.
    #[cold]
    fn settle(&mut self) {
        self.rows = 0;
        let words = self.columns.wrapping_add(1);
        for (index, word) in self.words.iter_mut().enumerate().filter(|(index, word)| index % words != 0 && **word != 0) {
            let aside = self.wide.entry(index).or_default();
            *aside = aside.saturating_add(i128::from(std::mem::take(word)));
        }
    }

    /// Adds the values of those columns, which may be too large for the sums, and leaves 0 in their place.
    #[cold]
    pub(super) fn set_aside(&mut self, slot: u32, values: &mut [i64], columns: u64) {
        let base = self.base(slot as usize);
        for (column, value) in values.iter_mut().enumerate().filter(|(column, _)| (columns >> (column & 63)) & 1 == 1) {
            let aside = self.wide.entry(base.wrapping_add(column).wrapping_add(1)).or_default();
            *aside = aside.saturating_add(i128::from(std::mem::take(value)));
        }
    }

    /// Number of the word that begins the slot.
    #[inline]
    fn base(&self, slot: usize) -> usize {
        slot.wrapping_mul(self.columns.wrapping_add(1))
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
        let aside = self.wide.get(&index).copied().unwrap_or(0);
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
                    let aside = self.wide.entry(index).or_default();
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
