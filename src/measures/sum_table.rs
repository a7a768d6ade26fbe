//! Sums of very many groups, as a table of numbers.
//!
//! **Owns** what a scan of a large table comes to: for each group its place among the values of the
//! dimensions and its sums, in a few bytes and sorted by key. **Does not know** what the columns
//! mean: who keeps such a table says which column is which measure.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use super::group::GroupKey;
use super::sum::Amount;

/// The groups of a table, sorted by key, with the sum of each column in each of them.
#[derive(Clone, Debug, Default)]
pub struct SumTable {
    /// The values of each dimension, sorted.
    values: Vec<Texts>,
    /// Decimal places of each column.
    scales: Vec<u32>,
    /// For each group, dimension by dimension, the number of its value plus one; 0 for none.
    keys: Vec<u32>,
    /// For each group, column by column, its sum in units of the last decimal place.
    sums: Vec<i64>,
    /// Sums that do not fit there, by their index.
    wide: BTreeMap<usize, i128>,
    /// For each group a bit a column in which it has no cell; empty as long as there is no such.
    blanks: Vec<u64>,
    groups: usize,
}

/// Texts by number, one behind the other.
#[derive(Clone, Debug, Default)]
pub struct Texts {
    text: String,
    ends: Vec<usize>,
}

impl Texts {
    /// Adds a text.
    pub fn push(&mut self, text: &str) {
        self.text.push_str(text);
        self.ends.push(self.text.len());
    }

    /// The text of that number.
    pub fn get(&self, number: usize) -> Option<&str> {
        let end = *self.ends.get(number)?;
        let start = number.checked_sub(1).and_then(|before| self.ends.get(before)).copied().unwrap_or(0);
        self.text.get(start..end)
    }

    /// The number of a text, where they are sorted.
    fn find(&self, wanted: &str) -> Option<usize> {
        let (mut low, mut high) = (0_usize, self.ends.len());
        while low < high {
            let middle = low.midpoint(high);
            match self.get(middle)?.cmp(wanted) {
                Ordering::Equal => return Some(middle),
                Ordering::Less => low = middle.saturating_add(1),
                Ordering::Greater => high = middle,
            }
        }
        None
    }
}

impl SumTable {
    /// A table without groups: the sorted values of each dimension, the decimal places of each
    /// column (64 at most), and how many groups to make room for.
    pub fn new(values: Vec<Texts>, scales: Vec<u32>, groups: usize) -> Self {
        SumTable {
            keys: Vec::with_capacity(groups.saturating_mul(values.len())),
            sums: Vec::with_capacity(groups.saturating_mul(scales.len())),
            values,
            scales,
            ..SumTable::default()
        }
    }

    /// Adds the next group in the order of keys: for each dimension the number of its value plus
    /// one (0 for none), for each column its sum, or nothing where it has no cell.
    pub fn push(&mut self, key: &[u32], sums: impl Iterator<Item = Option<i128>>) {
        self.keys.extend_from_slice(key);
        let mut blank = 0_u64;
        for (column, sum) in sums.enumerate() {
            let Some(sum) = sum else {
                blank |= 1_u64.checked_shl(u32::try_from(column).unwrap_or(u32::MAX)).unwrap_or(0);
                self.sums.push(0);
                continue;
            };
            let short = i64::try_from(sum);
            if short.is_err() {
                self.wide.insert(self.sums.len(), sum);
            }
            self.sums.push(short.unwrap_or(0));
        }
        if blank != 0 && self.blanks.is_empty() {
            self.blanks.resize(self.groups, 0);
        }
        if blank != 0 || !self.blanks.is_empty() {
            self.blanks.push(blank);
        }
        self.groups = self.groups.saturating_add(1);
    }

    /// How many groups there are.
    pub fn len(&self) -> usize {
        self.groups
    }

    /// Whether there is no group.
    pub fn is_empty(&self) -> bool {
        self.groups == 0
    }

    /// How many dimensions a key has.
    pub(super) fn dimensions(&self) -> usize {
        self.values.len()
    }

    /// The sum of a column in a group; `None` where it has no cell.
    pub fn sum(&self, group: usize, column: usize) -> Option<Amount> {
        let blank = self.blanks.get(group).copied().unwrap_or(0);
        if (blank >> (column & 63)) & 1 == 1 {
            return None;
        }
        let index = group.checked_mul(self.scales.len())?.checked_add(column)?;
        let short = *self.sums.get(index)?;
        let mantissa = match short {
            0 if !self.wide.is_empty() => self.wide.get(&index).copied().unwrap_or(0),
            short => short.into(),
        };
        Some(Amount { mantissa, scale: *self.scales.get(column)? })
    }

    fn numbers(&self, group: usize) -> &[u32] {
        let start = group.saturating_mul(self.values.len());
        self.keys.get(start..start.saturating_add(self.values.len())).unwrap_or_default()
    }

    /// The value of a dimension in a group; `None` where its rows have none.
    pub fn value(&self, group: usize, dimension: usize) -> Option<&str> {
        let number = *self.numbers(group).get(dimension)?;
        self.values.get(dimension)?.get(number.checked_sub(1)? as usize)
    }

    /// The group of that key.
    pub fn find(&self, GroupKey(key): &GroupKey) -> Option<usize> {
        let number = |(value, of): (&Option<std::sync::Arc<str>>, &Texts)| match value {
            None => Some(0),
            Some(value) => u32::try_from(of.find(value)?).ok()?.checked_add(1),
        };
        let wanted: Vec<u32> = key.iter().zip(&self.values).map(number).collect::<Option<_>>()?;
        let (mut low, mut high) = (0_usize, self.groups);
        while low < high {
            let middle = low.midpoint(high);
            match self.numbers(middle).cmp(&wanted) {
                Ordering::Equal => return Some(middle),
                Ordering::Less => low = middle.saturating_add(1),
                Ordering::Greater => high = middle,
            }
        }
        None
    }

    /// The values of a dimension that some group has, sorted.
    pub(super) fn values_of(&self, dimension: usize) -> impl Iterator<Item = &str> {
        let mut is_met = vec![false; self.values.get(dimension).map_or(0, |values| values.ends.len())];
        for number in self.keys.iter().skip(dimension).step_by(self.values.len().max(1)) {
            if let Some(met) = number.checked_sub(1).and_then(|number| is_met.get_mut(number as usize)) {
                *met = true;
            }
        }
        let met = is_met.into_iter().enumerate().filter_map(|(number, is_met)| is_met.then_some(number));
        met.filter_map(move |number| self.values.get(dimension)?.get(number))
    }
}
