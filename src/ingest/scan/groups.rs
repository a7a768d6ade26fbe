//! Groups of rows by number, and the sums of each.

use super::bits::{Dense, Instructions, LANES, Lines, Numbers, ROWS, Words, each, looked_up, prefetch};
use super::cell::Day;
use super::intern::{self, Pairs};
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
    pub(super) fn numbers(
        &mut self,
        with: Instructions,
        lines: &Lines<'_>,
        rows: u64,
        days: &[u32; ROWS],
        groups: &mut [u32; ROWS],
    ) {
        let Some((first, others)) = self.dimensions.split_first_mut() else {
            groups.fill(0);
            return;
        };
        first.numbers(with, lines, rows, days, groups);
        let mut values = [0; ROWS];
        for (dimension, pairs) in others.iter_mut().zip(&mut self.pairs) {
            dimension.numbers(with, lines, rows, days, &mut values);
            let before = *groups;
            pairs.numbers(with, rows, (&before, &values), groups);
        }
    }

    /// How many numbers groups have.
    pub(super) fn count(&self) -> usize {
        match (self.pairs.last(), self.dimensions.first()) {
            (Some(pairs), _) => pairs.len(),
            // The blank has a number, too.
            (None, Some(dimension)) => dimension.values.len().saturating_add(1),
            (None, None) => 1,
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

    /// The groups that have rows, sorted by key, with their sums of these columns; `scales` are the decimal places
    /// of the columns.
    pub(super) fn into_table(self, sums: &Sums, order_of_columns: &[usize], scales: Vec<u32>) -> SumTable {
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
            table.push(key, order_of_columns.iter().map(|column| sums.sum_of(slot(*index), *column)));
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
    fn numbers(&mut self, with: Instructions, lines: &Lines<'_>, rows: u64, days: &[u32; ROWS], values: &mut [u32; ROWS]) {
        match self.source {
            DimensionSource::Column(index) => {
                let known = lines.known_texts(with, index, self.values.known(), values);
                values.iter_mut().for_each(|value| *value = value.wrapping_add(1));
                for row in each(rows & !known) {
                    let (start, end) = trimmed(lines.bytes, lines.cell(row, index));
                    if let Some(value) = values.get_mut(row) {
                        *value = if start == end { 0 } else { self.values.number(lines.bytes, start, end).wrapping_add(1) };
                    }
                }
            }
            DimensionSource::Period(period) => {
                let mut met = [0; ROWS];
                let known = self.days.known(with, (&days.map(|day| key_of(period, Day(day))), &[0; ROWS]), &mut met);
                let of_day = Dense { numbers: &self.of_day, width: 1 };
                let known = known & looked_up(with, of_day, (&met, &[0; ROWS]), values);
                values.iter_mut().for_each(|value| *value = value.wrapping_add(1));
                for row in each(rows & !known) {
                    if let (Some(value), Some(day)) = (values.get_mut(row), days.get(row)) {
                        *value = self.period(period, Day(*day));
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
        let met = self.days.number(key_of(period, day), 0);
        if let Some(value) = self.of_day.get(met as usize) {
            return *value;
        }
        let label = day.date().map(|date| period.label(date)).unwrap_or_default();
        let value = self.values.number_of(label.as_bytes()).wrapping_add(1);
        self.of_day.push(value);
        value
    }
}

/// What days of the same period may have in common.
#[inline]
fn key_of(period: Period, day: Day) -> u32 {
    // All days of a month are in the same month, quarter and year.
    let by_month = matches!(period, Period::Month | Period::Quarter | Period::Year);
    if by_month { day.month() } else { day.0 }
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
    /// Eights of words that a row of numbers has, and how many of them each slot has.
    stride: usize,
    kept: usize,
    /// A slot for rows that are not selected, and then one for each group: the sum of each column. What stands
    /// behind the last column means nothing.
    words: Vec<Words>,
    /// Of the columns that slots do not have: the sums of rows that are not selected, and of all others.
    rest: [Vec<Words>; 2],
    /// What these were before they were set aside.
    rest_aside: [Vec<i128>; 2],
    /// Rows of each slot.
    rows: Vec<u64>,
    /// Missing cells of each column of each slot; empty as long as there is none.
    missing: Vec<u64>,
    /// What did not fit in 64 bits, by slot and column.
    wide: std::collections::BTreeMap<(usize, usize), i128>,
    waiting: Waiting,
    /// Rows since sums were last known to be far from the largest word.
    unsettled: u64,
}

/// Rows whose slots are on their way from memory, while the next ones are read.
#[derive(Debug)]
struct Waiting {
    /// The numbers of each row.
    values: Vec<Words>,
    slots: [u32; ROWS],
    count: usize,
    /// Rows whose slots memory was asked for.
    expected: usize,
}

/// Rows that memory is asked for at once: with more, it would keep the processor waiting. It is asked four times
/// while the next rows are read.
const AT_ONCE: usize = ROWS / 4;

/// Slots that the processor's cache holds anyway.
const FEW: usize = 512;

/// The largest number, whatever its sign, that is added in 64 bits.
pub(super) const WIDEST: u64 = 1 << 31;

/// So many numbers of that size have a sum of 64 bits.
const MOST_ROWS: u64 = 1 << 31;

impl Sums {
    /// No sums yet, of so many columns, of which the first are needed of each group.
    pub(super) fn new(columns: usize, by_group: usize) -> Self {
        let stride = columns.div_ceil(LANES);
        let kept = by_group.div_ceil(LANES);
        let rest = vec![Words::default(); stride.saturating_sub(kept)];
        Sums {
            columns,
            stride,
            kept,
            words: Vec::new(),
            rest_aside: [vec![0; rest.len().saturating_mul(LANES)], vec![0; rest.len().saturating_mul(LANES)]],
            rest: [rest.clone(), rest],
            rows: Vec::new(),
            missing: Vec::new(),
            wide: std::collections::BTreeMap::new(),
            waiting: Waiting {
                values: vec![Words::default(); ROWS.saturating_mul(kept.max(1))],
                slots: [0; ROWS],
                count: 0,
                expected: 0,
            },
            unsettled: 0,
        }
    }

    /// Adds some of the rows read together to their slots, of which there are at most so many, and of rows that are not
    /// selected the first; or has them wait until [`Sums::add_waiting`], while [`Sums::expect_some`] asks memory for these slots.
    #[inline]
    pub(super) fn add(&mut self, numbers: &Numbers, rows: u64, selected: u64, slots: &[u32; ROWS], most: usize) {
        if most > self.rows.len() {
            self.grow(most);
        }
        self.add_waiting(numbers);
        if self.rows.len() <= FEW && rows & rows.wrapping_add(1) == 0 {
            let slots = slots.get(..rows.count_ones() as usize).unwrap_or_default();
            let kept = (self.stride, self.kept);
            numbers.add_to(&mut self.rows, &mut self.words, (numbers.values(), kept), slots);
        } else {
            self.have_wait(numbers, rows, slots);
        }
        if self.kept < self.stride {
            for (rest, rows) in self.rest.iter_mut().zip([rows & !selected, rows & selected]) {
                numbers.add_up(rest, self.kept, rows);
            }
        }
        self.unsettled = self.unsettled.wrapping_add(rows.count_ones().into());
        if self.unsettled >= MOST_ROWS {
            self.add_waiting(numbers);
            self.settle();
        }
    }

    #[inline]
    fn have_wait(&mut self, numbers: &Numbers, rows: u64, slots: &[u32; ROWS]) {
        let waiting = &mut self.waiting;
        let values = waiting.values.chunks_exact_mut(self.kept.max(1));
        let mut count = 0_usize;
        for ((row, values), of_row) in each(rows).zip(values).zip(&mut waiting.slots) {
            if let (Some(own), Some(slot)) = (numbers.values().get(row.wrapping_mul(self.stride)..), slots.get(row)) {
                values.iter_mut().zip(own).for_each(|(to, from)| *to = *from);
                *of_row = *slot;
            }
            count = count.wrapping_add(1);
        }
        (waiting.count, waiting.expected) = (count, 0);
    }

    /// Asks memory for slots of some of the rows that wait.
    #[inline]
    pub(super) fn expect_some(&mut self) {
        let Waiting { slots, count, expected, .. } = &self.waiting;
        let to = expected.wrapping_add(AT_ONCE).min(*count);
        if self.rows.len() <= FEW {
            return;
        }
        for slot in slots.get(*expected..to).unwrap_or_default() {
            prefetch(&self.rows, *slot as usize);
            self.call(*slot as usize);
        }
        self.waiting.expected = to;
    }

    /// Adds the rows that wait.
    #[inline]
    pub(super) fn add_waiting(&mut self, numbers: &Numbers) {
        let Sums { rows, words, waiting, .. } = self;
        let slots = waiting.slots.get(..waiting.count).unwrap_or_default();
        numbers.add_to(rows, words, (&waiting.values, (self.kept, self.kept)), slots);
        waiting.count = 0;
    }

    /// Adds one of the rows read together to a slot; a bit for each column that it has no cell of, and
    /// for each whose number may be too large for the sums.
    #[cold]
    pub(super) fn add_row(&mut self, numbers: &mut Numbers, row: usize, slot: u32, missing: u64, wide: u64) {
        let at = slot as usize;
        if at >= self.rows.len() {
            self.grow(at.saturating_add(1));
        }
        for column in each(wide) {
            let aside = self.wide.entry((at, column)).or_default();
            *aside = aside.saturating_add(i128::from(numbers.value(row, column)));
            numbers.set_value(row, column, 0);
        }
        if missing != 0 {
            self.missing.resize(self.rows.len().saturating_mul(self.columns), 0);
            for column in each(missing) {
                if let Some(count) = self.missing.get_mut(at.wrapping_mul(self.columns).wrapping_add(column)) {
                    *count = count.wrapping_add(1);
                }
            }
        }
        let values = numbers.values().get(row.wrapping_mul(self.stride)..).unwrap_or_default();
        numbers.add_to(&mut self.rows, &mut self.words, (values, (self.stride, self.kept)), &[slot]);
        if let Some(rest) = self.rest.get_mut(usize::from(slot > 0)) {
            numbers.add_up(rest, self.kept, 1 << (row & (ROWS - 1)));
        }
        self.unsettled = self.unsettled.wrapping_add(1);
    }

    /// Sets aside what the sums are so far.
    #[cold]
    fn settle(&mut self) {
        self.unsettled = 0;
        for slot in 0..self.rows.len() {
            for column in 0..self.columns_by_group() {
                let place = self.place(slot, column);
                if let Some(sum) = word_mut(&mut self.words, place).filter(|sum| **sum != 0) {
                    let aside = self.wide.entry((slot, column)).or_default();
                    *aside = aside.saturating_add(i128::from(std::mem::take(sum)));
                }
            }
        }
        self.settle_rest();
    }

    /// The same for the columns that slots do not have.
    fn settle_rest(&mut self) {
        for (aside, rest) in self.rest_aside.iter_mut().zip(&mut self.rest) {
            for (aside, sum) in aside.iter_mut().zip(rest.iter_mut().flat_map(|words| &mut words.0)) {
                *aside = aside.saturating_add(i128::from(std::mem::take(sum)));
            }
        }
    }

    /// Columns that slots have.
    fn columns_by_group(&self) -> usize {
        self.kept.saturating_mul(LANES).min(self.columns)
    }

    /// Where the sum of a column is.
    #[inline]
    fn place(&self, slot: usize, column: usize) -> (usize, usize) {
        (slot.wrapping_mul(self.kept).wrapping_add(column / LANES), column % LANES)
    }

    /// Makes room for so many slots.
    #[cold]
    fn grow(&mut self, slots: usize) {
        self.rows.resize(slots, 0);
        self.words.resize(slots.saturating_mul(self.kept), Words::default());
        if !self.missing.is_empty() {
            self.missing.resize(slots.saturating_mul(self.columns), 0);
        }
    }

    /// Rows of a slot.
    pub(super) fn rows(&self, slot: usize) -> u64 {
        self.rows.get(slot).copied().unwrap_or(0)
    }

    /// How many slots there are.
    pub(super) fn slots(&self) -> usize {
        self.rows.len()
    }

    /// The words of a slot that are sums.
    fn sums(&self, slot: usize) -> impl Iterator<Item = i64> {
        let start = slot.wrapping_mul(self.kept);
        let words = self.words.get(start..start.wrapping_add(self.kept)).unwrap_or_default();
        words.iter().flat_map(|words| words.0).take(self.columns)
    }

    /// Missing cells of a column of a slot.
    fn missing_of(&self, slot: usize, column: usize) -> u64 {
        self.missing.get(slot.wrapping_mul(self.columns).wrapping_add(column)).copied().unwrap_or(0)
    }

    /// The sum of a column in a slot; nothing where it has no cell, or groups do not need it.
    #[inline]
    pub(super) fn sum_of(&self, slot: usize, column: usize) -> Option<i128> {
        if column >= self.columns_by_group() || (!self.missing.is_empty() && self.missing_of(slot, column) >= self.rows(slot)) {
            return None;
        }
        let (at, lane) = self.place(slot, column);
        let sum = self.words.get(at).and_then(|words| words.0.get(lane)).copied().unwrap_or(0);
        Some(i128::from(sum).saturating_add(self.aside(slot, column)))
    }

    /// Has memory bring the sums of a slot that is read soon.
    #[inline]
    fn call(&self, slot: usize) {
        let start = slot.wrapping_mul(self.kept);
        (start..start.wrapping_add(self.kept)).for_each(|at| prefetch(&self.words, at));
    }

    /// What did not fit in a word.
    fn aside(&self, slot: usize, column: usize) -> i128 {
        if self.wide.is_empty() { 0 } else { self.wide.get(&(slot, column)).copied().unwrap_or(0) }
    }

    /// For each column its sum and its missing cells: those of all groups, and those of rows that
    /// are not selected.
    pub(super) fn totals(&self) -> [Vec<(i128, u64)>; 2] {
        let none = || vec![(0_i128, 0_u64); self.columns];
        let [mut of_groups, mut unselected] = [none(), none()];
        for slot in 0..self.slots() {
            let of = if slot == 0 { &mut unselected } else { &mut of_groups };
            for ((total, _), sum) in of.iter_mut().zip(self.sums(slot)) {
                *total = total.saturating_add(i128::from(sum));
            }
            if !self.missing.is_empty() {
                for (column, (_, missing)) in of.iter_mut().enumerate() {
                    *missing = missing.saturating_add(self.missing_of(slot, column));
                }
            }
        }
        let first = self.columns_by_group();
        for ((of, rest), aside) in [&mut unselected, &mut of_groups].into_iter().zip(&self.rest).zip(&self.rest_aside) {
            for (((total, _), sum), aside) in of.iter_mut().skip(first).zip(rest.iter().flat_map(|words| words.0)).zip(aside) {
                *total = total.saturating_add(i128::from(sum)).saturating_add(*aside);
            }
        }
        for ((slot, column), aside) in &self.wide {
            let of = if *slot == 0 { &mut unselected } else { &mut of_groups };
            if let Some((total, _)) = of.get_mut(*column) {
                *total = total.saturating_add(*aside);
            }
        }
        [of_groups, unselected]
    }

    /// Adds other sums of the same columns; `numbers` says the number here of each of their groups.
    pub(super) fn take_in(&mut self, other: &Sums, numbers: &[u32]) {
        let slot_of = |number: &u32| (*number as usize).saturating_add(1);
        let last = numbers.iter().map(slot_of).max().unwrap_or(0);
        if last >= self.rows.len() {
            self.grow(last.saturating_add(1));
        }
        let slots = || std::iter::once(0).chain(numbers.iter().map(slot_of));
        let later = slots().skip(AHEAD).map(Some).chain(std::iter::repeat(None));
        let none: &[Words] = &[];
        let words = other.words.chunks_exact(self.kept.max(1)).chain(std::iter::repeat(none));
        let theirs = words.zip(&other.rows);
        for ((slot, (theirs, rows)), later) in slots().zip(theirs).zip(later) {
            later.into_iter().for_each(|later| self.call(later));
            let start = slot.wrapping_mul(self.kept);
            if let Some(own) = self.rows.get_mut(slot) {
                *own = own.saturating_add(*rows);
            }
            let Some(own) = self.words.get_mut(start..start.wrapping_add(self.kept)) else { continue };
            if !add_words(own, theirs) {
                self.set_wrapped_aside(slot, theirs);
            }
        }
        if !other.missing.is_empty() {
            self.missing.resize(self.rows.len().saturating_mul(self.columns), 0);
            for (slot, theirs) in slots().zip(other.missing.chunks_exact(self.columns.max(1))) {
                let start = slot.wrapping_mul(self.columns);
                let own = self.missing.get_mut(start..).unwrap_or_default();
                own.iter_mut().zip(theirs).for_each(|(own, more)| *own = own.wrapping_add(*more));
            }
        }
        for ((own, theirs), aside) in self.rest_aside.iter_mut().zip(&other.rest).zip(&other.rest_aside) {
            for ((own, sum), aside) in own.iter_mut().zip(theirs.iter().flat_map(|words| words.0)).zip(aside) {
                *own = own.saturating_add(i128::from(sum)).saturating_add(*aside);
            }
        }
        for ((theirs, column), aside) in &other.wide {
            let slot = theirs.checked_sub(1).map_or(Some(0), |group| numbers.get(group).map(slot_of));
            if let Some(slot) = slot {
                let own = self.wide.entry((slot, *column)).or_default();
                *own = own.saturating_add(*aside);
            }
        }
    }

    /// After an addition of these words that wrapped in some column: a sum that cannot be right.
    #[cold]
    fn set_wrapped_aside(&mut self, slot: usize, added: &[Words]) {
        for (column, added) in added.iter().flat_map(|words| words.0).enumerate().take(self.columns_by_group()) {
            let place = self.place(slot, column);
            let Some(sum) = word_mut(&mut self.words, place) else { continue };
            let before = sum.wrapping_sub(added);
            if before.checked_add(added).is_none() {
                let aside = self.wide.entry((slot, column)).or_default();
                *aside = aside.saturating_add(i128::from(before)).saturating_add(i128::from(added));
                *sum = 0;
            }
        }
    }
}

fn word_mut(words: &mut [Words], (at, lane): (usize, usize)) -> Option<&mut i64> {
    words.get_mut(at).and_then(|words| words.0.get_mut(lane))
}

/// Adds words one to one; false when some sum wrapped.
#[inline]
fn add_words(own: &mut [Words], more: &[Words]) -> bool {
    let mut overflowed = 0_i64;
    for (own, more) in own.iter_mut().flat_map(|words| &mut words.0).zip(more.iter().flat_map(|words| &words.0)) {
        let added = own.wrapping_add(*more);
        // The sign is that of neither when it does not fit.
        overflowed |= (added ^ *own) & (added ^ *more);
        *own = added;
    }
    overflowed >= 0
}
