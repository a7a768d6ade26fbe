//! Groups of rows by number, and the sums of each.

use super::bits::{Numbers, ROWS, prefetch};
use super::cell::Day;
use super::intern::{self, Pairs};
use super::lines::{Lines, each};
use super::plan::Plan;
use crate::ingest::tally::DimensionSource;
use crate::measures::{Period, SumTable, Texts};

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
    values: intern::Texts,
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

    /// The groups that have rows, sorted by key, with their sums; `scales` are the decimal places
    /// of the columns.
    pub(super) fn into_table(self, sums: &Sums, scales: Vec<u32>) -> SumTable {
        let dimensions = self.dimensions.len();
        let (ranks, values): (Vec<Vec<u32>>, Vec<Texts>) = self.dimensions.iter().map(|of| sorted(&of.values)).unzip();
        let groups: Vec<u32> =
            (0_u32..).zip(1..sums.slots()).filter(|(_, slot)| sums.rows(*slot) > 0).map(|(of, _)| of).collect();
        let keys = self.keys(&groups, &ranks);
        let mut order: Vec<u32> = (0_u32..).zip(&groups).map(|(index, _)| index).collect();
        // Dimension by dimension, the last first: what is equal in one keeps the order of the next.
        for (dimension, ranks) in ranks.iter().enumerate().rev() {
            let rank = |index: u32| keys.get((index as usize).wrapping_mul(dimensions).wrapping_add(dimension)).copied();
            order = sorted_by_rank(&order, ranks.len(), |index| rank(index).unwrap_or(0) as usize);
        }
        let mut table = SumTable::new(values, scales, groups.len());
        let slot = |index: u32| groups.get(index as usize).map_or(0, |group| (*group as usize).wrapping_add(1));
        for (at, index) in order.iter().enumerate() {
            if let Some(later) = order.get(at.wrapping_add(AHEAD)) {
                sums.call(slot(*later));
            }
            let start = (*index as usize).wrapping_mul(dimensions);
            let key = keys.get(start..start.wrapping_add(dimensions)).unwrap_or_default();
            table.push(key, sums.sums_of(slot(*index)));
        }
        table
    }

    /// For each of the groups, dimension by dimension, the rank of its value.
    fn keys(&self, groups: &[u32], ranks: &[Vec<u32>]) -> Vec<u32> {
        let rank =
            |dimension: usize, value: u32| ranks.get(dimension).and_then(|of| of.get(value as usize)).copied().unwrap_or(0);
        let dimensions = ranks.len();
        let mut keys = vec![0; groups.len().saturating_mul(dimensions)];
        for (group, key) in groups.iter().zip(keys.chunks_exact_mut(dimensions.max(1))) {
            let mut group = *group;
            for (dimension, slot) in key.iter_mut().enumerate().rev() {
                *slot = match dimension.checked_sub(1).and_then(|before| self.pairs.get(before)) {
                    Some(pairs) => {
                        let (before, value) = pairs.pair(group).unwrap_or_default();
                        group = before;
                        rank(dimension, value)
                    }
                    None => rank(dimension, group),
                };
            }
        }
        keys
    }
}

/// How many groups ahead memory is asked for sums that stand anywhere.
const AHEAD: usize = 12;

/// For each number of a value, the blank's first, its place among all of them when sorted; and the
/// values in that order.
fn sorted(values: &intern::Texts) -> (Vec<u32>, Texts) {
    let all: Vec<&str> = values.iter().map(|text| std::str::from_utf8(text).unwrap_or_default()).collect();
    let mut order: Vec<u32> = (0_u32..).zip(&all).map(|(number, _)| number).collect();
    order.sort_unstable_by_key(|number| all.get(*number as usize));
    let mut ranks = vec![0; all.len().saturating_add(1)];
    let mut texts = Texts::default();
    for (rank, number) in (1_u32..).zip(order) {
        texts.push(all.get(number as usize).copied().unwrap_or_default());
        if let Some(slot) = ranks.get_mut((number as usize).saturating_add(1)) {
            *slot = rank;
        }
    }
    (ranks, texts)
}

/// The same numbers by rising rank, of which there are `ranks`; those of the same rank in the order
/// that they had.
fn sorted_by_rank(numbers: &[u32], ranks: usize, rank: impl Fn(u32) -> usize) -> Vec<u32> {
    let mut starts = vec![0_usize; ranks.saturating_add(1)];
    for number in numbers {
        if let Some(count) = starts.get_mut(rank(*number).saturating_add(1)) {
            *count = count.wrapping_add(1);
        }
    }
    let mut before = 0_usize;
    for start in &mut starts {
        before = before.wrapping_add(*start);
        *start = before;
    }
    let mut sorted = vec![0; numbers.len()];
    for number in numbers {
        let Some(next) = starts.get_mut(rank(*number)) else { continue };
        if let Some(slot) = sorted.get_mut(*next) {
            *slot = *number;
        }
        *next = next.wrapping_add(1);
    }
    sorted
}

impl Dimension {
    /// No values yet.
    pub(super) fn new(source: DimensionSource) -> Self {
        Dimension { source, values: intern::Texts::default(), days: Pairs::default(), of_day: Vec::new() }
    }

    /// The text of a value; the first but the blank is 0.
    pub(super) fn text(&self, index: usize) -> Option<&str> {
        self.values.get(index).and_then(|text| std::str::from_utf8(text).ok())
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
        let Waiting { slots: slots_of_all, rows, missing, .. } = &self.waiting;
        let (Some(slots), Some(rows)) = (slots_of_all.get(..count), rows.get(..count)) else { return };
        numbers.add_to(&mut self.words, self.columns, rows, slots);
        if std::mem::take(&mut self.is_some_missing) {
            let (slots, missing) = (*slots_of_all, *missing);
            for (slot, missing) in slots.into_iter().zip(missing).take(count).filter(|(_, missing)| *missing != 0) {
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

    /// The sum of each column in a slot; nothing where it has no cell.
    pub(super) fn sums_of(&self, slot: usize) -> impl Iterator<Item = Option<i128>> {
        let base = self.base(slot);
        let rows = self.rows(slot);
        let sums = self.words.get(base.wrapping_add(1)..base.wrapping_add(self.columns).wrapping_add(1)).unwrap_or_default();
        (base.wrapping_add(1)..).zip(sums).map(move |(index, sum)| {
            let missing = self.missing.get(index).copied().unwrap_or(0);
            (missing < rows).then(|| i128::from(*sum).saturating_add(self.aside(index)))
        })
    }

    /// Has memory bring the sums of a slot that is read soon.
    fn call(&self, slot: usize) {
        let base = self.base(slot);
        prefetch(&self.words, base);
        prefetch(&self.words, base.wrapping_add(self.columns));
    }

    /// What did not fit in a word.
    fn aside(&self, index: usize) -> i128 {
        if self.wide.is_empty() { 0 } else { self.wide.get(&index).copied().unwrap_or(0) }
    }

    /// For each column its sum and its missing cells: those of all groups, and those of rows that
    /// are not selected.
    pub(super) fn totals(&self) -> [Vec<(i128, u64)>; 2] {
        let none = || vec![(0_i128, 0_u64); self.columns];
        let [mut of_groups, mut unselected] = [none(), none()];
        for slot in 0..self.slots {
            let of = if slot == 0 { &mut unselected } else { &mut of_groups };
            let base = self.base(slot);
            let sums = self.words.get(base.wrapping_add(1)..base.wrapping_add(self.columns).wrapping_add(1));
            for ((total, _), sum) in of.iter_mut().zip(sums.unwrap_or_default()) {
                *total = total.saturating_add(i128::from(*sum));
            }
            let missing = self.missing.get(base.wrapping_add(1)..base.wrapping_add(self.columns).wrapping_add(1));
            for ((_, total), missing) in of.iter_mut().zip(missing.unwrap_or_default()) {
                *total = total.saturating_add(*missing);
            }
        }
        for (index, aside) in &self.wide {
            let (slot, column) = self.column_of(*index);
            let of = if slot == 0 { &mut unselected } else { &mut of_groups };
            if let Some((total, _)) = of.get_mut(column) {
                *total = total.saturating_add(*aside);
            }
        }
        [of_groups, unselected]
    }

    /// The slot and the column of a word that is a sum.
    fn column_of(&self, index: usize) -> (usize, usize) {
        let width = self.columns.wrapping_add(1);
        let slot = index.checked_div(width).unwrap_or(0);
        (slot, index.wrapping_sub(slot.wrapping_mul(width)).wrapping_sub(1))
    }

    /// Adds other sums of the same columns; `numbers` says the number here of each of their groups.
    pub(super) fn take_in(&mut self, other: &Sums, numbers: &[u32]) {
        let width = self.columns.wrapping_add(1);
        let slot_of = |number: &u32| (*number as usize).saturating_add(1);
        let last = numbers.iter().map(slot_of).max().unwrap_or(0);
        if last >= self.slots {
            self.grow(last);
        }
        let slots = || std::iter::once(0).chain(numbers.iter().map(slot_of));
        let later = slots().skip(AHEAD).map(Some).chain(std::iter::repeat(None));
        for ((slot, theirs), later) in slots().zip(other.words.chunks_exact(width)).zip(later) {
            later.into_iter().for_each(|later| self.call(later));
            let base = self.base(slot);
            let Some(own) = self.words.get_mut(base..base.wrapping_add(width)) else { continue };
            if !add_words(own, theirs) {
                self.set_wrapped_aside(base, theirs);
            }
        }
        if !other.missing.is_empty() {
            self.missing.resize(self.words.len(), 0);
            for (slot, theirs) in slots().zip(other.missing.chunks_exact(width)) {
                let base = self.base(slot);
                let own = self.missing.get_mut(base..base.wrapping_add(width)).unwrap_or_default();
                own.iter_mut().zip(theirs).for_each(|(own, more)| *own = own.wrapping_add(*more));
            }
        }
        for (index, aside) in &other.wide {
            let (theirs, column) = other.column_of(*index);
            let slot = theirs.checked_sub(1).map_or(Some(0), |group| numbers.get(group).map(slot_of));
            if let Some(slot) = slot {
                let own = self.wide.entry(self.base(slot).wrapping_add(column).wrapping_add(1)).or_default();
                *own = own.saturating_add(*aside);
            }
        }
    }

    /// After an addition of these words that wrapped in some column: a sum that cannot be right.
    #[cold]
    fn set_wrapped_aside(&mut self, base: usize, added: &[i64]) {
        for (index, added) in (base..).zip(added) {
            let Some(sum) = self.words.get_mut(index) else { continue };
            let before = sum.wrapping_sub(*added);
            if before.checked_add(*added).is_none() {
                let aside = self.wide.entry(index).or_default();
                *aside = aside.saturating_add(i128::from(before)).saturating_add(i128::from(*added));
                *sum = 0;
            }
        }
    }
}

/// Adds words one to one; false when some sum wrapped.
#[inline]
fn add_words(own: &mut [i64], more: &[i64]) -> bool {
    let mut overflowed = 0_i64;
    for (own, more) in own.iter_mut().zip(more) {
        let added = own.wrapping_add(*more);
        // The sign is that of neither when it does not fit.
        overflowed |= (added ^ *own) & (added ^ *more);
        *own = added;
    }
    overflowed >= 0
}
