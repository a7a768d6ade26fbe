//! The fold of aggregate tables: rows of measures under dimensions.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::civil::Date;

use super::group::{GroupId, Grouped, Groups};
use super::sum::{Amount, Sum};
use crate::kpi::{Additivity, Measure, MeasureSet, Measured, Sample};

/// Adds up the measures of a table, row by row. Two folds of parts of a table merge into the fold
/// of the whole.
#[derive(Clone, Debug)]
pub struct TableFold {
    measures: Vec<Measure>,
    counted: Vec<Measure>,
    cells: BTreeMap<GroupId, Vec<Accumulator>>,
}

/// What a row of a table says.
#[derive(Clone, Debug)]
pub struct TableRow<'a> {
    /// Its date, which stocks are ordered by.
    pub date: Option<Date>,
    /// Its dimensions other than the date in one string: the key of its stocks.
    pub stock_key: &'a str,
    /// One amount a measure of the fold; `None` where the cell is missing.
    pub amounts: &'a [Option<Amount>],
}

#[derive(Clone, Debug)]
enum Accumulator {
    Sum { sum: Sum, cells: u64 },
    Stock { last: bool, levels: BTreeMap<Arc<str>, Level> },
    Once { first: Option<Amount>, rows: u64 },
    Sample(Sample),
}

/// A stock's level under one key.
#[derive(Clone, Copy, Debug)]
struct Level {
    date: Option<Date>,
    amount: Amount,
    /// Rows without a date, or of the same date: more than one contradict each other.
    rivals: u64,
}

impl Accumulator {
    fn of(measure: Measure) -> Self {
        match measure.additivity() {
            Additivity::Sum | Additivity::Parameter => Accumulator::Sum { sum: Sum::default(), cells: 0 },
            Additivity::StockFirst => Accumulator::Stock { last: false, levels: BTreeMap::new() },
            Additivity::StockLast => Accumulator::Stock { last: true, levels: BTreeMap::new() },
            // Distinct counts never add: the people of two rows may be the same.
            Additivity::Reach | Additivity::Distinct => Accumulator::Once { first: None, rows: 0 },
            Additivity::Sample => Accumulator::Sample(Sample::default()),
        }
    }

    fn add(&mut self, amount: Amount, row: &TableRow<'_>) {
        match self {
            Accumulator::Sum { sum, cells } => {
                sum.add(amount);
                *cells = cells.saturating_add(1);
            }
            Accumulator::Stock { last, levels } => {
                let level = Level { date: row.date, amount, rivals: 1 };
                match levels.get_mut(row.stock_key) {
                    None => drop(levels.insert(row.stock_key.into(), level)),
                    Some(known) => known.meet(level, *last),
                }
            }
            Accumulator::Once { first, rows } => {
                first.get_or_insert(amount);
                *rows = rows.saturating_add(1);
            }
            Accumulator::Sample(sample) => {
                if let Ok(value) = amount.to_decimal() {
                    sample.add(value);
                }
            }
        }
    }

    fn merge(&mut self, other: &Accumulator) {
        match (self, other) {
            (Accumulator::Sum { sum, cells }, Accumulator::Sum { sum: more, cells: more_cells }) => {
                sum.merge(more);
                *cells = cells.saturating_add(*more_cells);
            }
            (Accumulator::Stock { last, levels }, Accumulator::Stock { levels: more, .. }) => {
                for (key, level) in more {
                    match levels.get_mut(key) {
                        None => drop(levels.insert(Arc::clone(key), *level)),
                        Some(known) => known.meet(*level, *last),
                    }
                }
            }
            (Accumulator::Once { first, rows }, Accumulator::Once { first: more, rows: more_rows }) => {
                *first = first.or(*more);
                *rows = rows.saturating_add(*more_rows);
            }
            (Accumulator::Sample(sample), Accumulator::Sample(more)) => sample.merge(more),
            _ => {}
        }
    }

    /// Nothing where no row had a value.
    fn measured(&self) -> Option<Measured> {
        match self {
            Accumulator::Sum { cells: 0, .. } | Accumulator::Once { rows: 0, .. } => None,
            Accumulator::Sum { sum, .. } => Some(sum.measured()),
            Accumulator::Stock { levels, .. } if levels.is_empty() => None,
            Accumulator::Stock { levels, .. } => {
                let rivals = levels.values().map(|level| level.rivals).max().unwrap_or(0);
                if rivals > 1 {
                    return Some(Measured::NotAdditive { rows: rivals });
                }
                let mut sum = Sum::default();
                levels.values().for_each(|level| sum.add(level.amount));
                Some(sum.measured())
            }
            Accumulator::Once { first: Some(amount), rows: 1 } => {
                Some(amount.to_decimal().map_or(Measured::Overflow, Measured::Number))
            }
            Accumulator::Once { rows, .. } => Some(Measured::NotAdditive { rows: *rows }),
            Accumulator::Sample(sample) if sample.is_empty() => None,
            Accumulator::Sample(sample) => Some(Measured::Sample(sample.clone())),
        }
    }
}

impl Level {
    /// Keeps the earlier or the later of two levels of the same key.
    fn meet(&mut self, other: Level, last: bool) {
        if self.date == other.date {
            if self.amount != other.amount || self.date.is_none() {
                self.rivals = self.rivals.saturating_add(other.rivals);
            }
        } else if (other.date > self.date) == last {
            *self = other;
        }
    }
}

impl TableFold {
    /// A fold of these measures, in the order of each row's amounts.
    pub fn new(measures: Vec<Measure>) -> Self {
        TableFold { measures, counted: Vec::new(), cells: BTreeMap::new() }
    }

    /// The same, where these measures are counted row by row, so that they add up whatever their
    /// declaration says of columns that hold them.
    #[must_use]
    pub fn counting(mut self, counted: Vec<Measure>) -> Self {
        self.counted = counted;
        self
    }

    /// Adds a row to its group and to the total.
    pub fn add(&mut self, groups: &Groups, group: GroupId, row: &TableRow<'_>) {
        for id in groups.with_total(group) {
            let (measures, counted) = (&self.measures, &self.counted);
            let accumulator = |measure: &Measure| {
                if counted.contains(measure) {
                    Accumulator::Sum { sum: Sum::default(), cells: 0 }
                } else {
                    Accumulator::of(*measure)
                }
            };
            let accumulators = self.cells.entry(id).or_insert_with(|| measures.iter().map(accumulator).collect());
            for (accumulator, amount) in accumulators.iter_mut().zip(row.amounts) {
                if let Some(amount) = amount {
                    accumulator.add(*amount, row);
                }
            }
        }
    }

    /// Adds many rows at once to a group or to the total, and to nothing else: for each measure
    /// their sum, or nothing where they have no cell. A measure that is no sum is left alone.
    pub fn add_sums(&mut self, group: GroupId, sums: impl Iterator<Item = Option<Amount>>) {
        let measures = &self.measures;
        let accumulators =
            self.cells.entry(group).or_insert_with(|| measures.iter().map(|measure| Accumulator::of(*measure)).collect());
        for (accumulator, amount) in accumulators.iter_mut().zip(sums) {
            if let (Accumulator::Sum { sum, cells }, Some(amount)) = (accumulator, amount) {
                sum.add(amount);
                *cells = cells.saturating_add(1);
            }
        }
    }

    /// The measures in the order of each row's amounts.
    pub fn measures(&self) -> &[Measure] {
        &self.measures
    }

    /// Adds all rows of another fold of the same measures over the same groups.
    pub fn merge(&mut self, other: &TableFold) {
        for (id, theirs) in &other.cells {
            match self.cells.get_mut(id) {
                None => drop(self.cells.insert(*id, theirs.clone())),
                Some(ours) => ours.iter_mut().zip(theirs).for_each(|(mine, more)| mine.merge(more)),
            }
        }
    }

    /// What was measured.
    pub fn finish(&self, groups: &Groups) -> Grouped {
        let set = |id: GroupId| {
            let mut set = MeasureSet::default();
            for (measure, accumulator) in self.measures.iter().zip(self.cells.get(&id).into_iter().flatten()) {
                if let Some(measured) = accumulator.measured() {
                    set.put(*measure, measured);
                }
            }
            set
        };
        let mut total = set(GroupId::TOTAL);
        if self.cells.is_empty() {
            // A table without rows counts nothing, which is not the same as not knowing.
            for measure in self.measures.iter().filter(|measure| measure.additivity() == Additivity::Sum) {
                total.put_number(*measure, rust_decimal::Decimal::ZERO);
            }
        }
        Grouped { total, groups: groups.iter().map(|(id, key)| (key.clone(), set(id))).collect() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::measures::group::GroupKey;
    use std::borrow::Cow;

    fn fold(rows: &[(&str, Option<Date>, i128)], measure: Measure) -> Grouped {
        let mut groups = Groups::new(true);
        let mut fold = TableFold::new(vec![measure]);
        for (key, date, value) in rows {
            let group = groups.id(&GroupKey(vec![Some((*key).into())]));
            fold.add(&groups, group, &TableRow { date: *date, stock_key: key, amounts: &[Some(Amount::whole(*value))] });
        }
        fold.finish(&groups)
    }

    #[test]
    fn stocks_take_the_last_level_of_each_key_and_add_over_keys() {
        let day = |day| Some(jiff::civil::date(2026, 1, day));
        let rows = [("a", day(2), 20), ("a", day(1), 10), ("b", day(1), 5)];
        let measured = fold(&rows, Measure::Followers);
        assert_eq!(measured.total.number(Measure::Followers), Some(25.into()));
        let undated = fold(&[("a", None, 20), ("a", None, 10)], Measure::Followers);
        assert_eq!(undated.total.get(Measure::Followers), Some(&Measured::NotAdditive { rows: 2 }));
    }

    #[test]
    fn reach_is_known_only_for_a_single_row() {
        let measured = fold(&[("a", None, 20), ("b", None, 10), ("b", None, 10)], Measure::Reach);
        assert_eq!(measured.total.number(Measure::Reach), None);
        let reach = |(_, set): (_, Cow<'_, MeasureSet>)| set.get(Measure::Reach).cloned();
        let reach: Vec<_> = measured.groups.iter().map(reach).collect();
        assert_eq!(reach, [Some(Measured::Number(20.into())), Some(Measured::NotAdditive { rows: 2 })]);
    }
}
