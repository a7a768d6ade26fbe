//! Filters of rows: each value of a filtered dimension is judged once.

use std::collections::BTreeSet;

use super::cell::Day;
use super::groups::Dimension;
use crate::ingest::tally::DimensionSource;
use crate::measures::Filter;

/// The filters of a question, with the values that one thread has met.
#[derive(Debug)]
pub(super) struct Filters<'a> {
    each: Vec<Judged<'a>>,
}

#[derive(Debug)]
struct Judged<'a> {
    filter: &'a Filter,
    source: DimensionSource,
    values: Dimension,
    /// By the number of the value, whether its rows pass; nothing for a number that was not met.
    verdicts: Vec<Option<bool>>,
}

impl<'a> Filters<'a> {
    pub(super) fn new(filters: &'a [(DimensionSource, Filter)]) -> Self {
        let judged = |(source, filter): &'a (DimensionSource, Filter)| Judged {
            filter,
            source: *source,
            values: Dimension::new(*source),
            verdicts: Vec::new(),
        };
        Filters { each: filters.iter().map(judged).collect() }
    }

    /// Whether the row passes them all. Its values are noted for each of them.
    #[inline]
    pub(super) fn pass(&mut self, bytes: &[u8], cell: &impl Fn(usize) -> (usize, usize), day: Option<Day>) -> bool {
        let mut pass = true;
        for judged in &mut self.each {
            pass &= judged.passes(bytes, cell, day);
        }
        pass
    }

    /// For each filter the values met.
    pub(super) fn met(&self) -> Vec<BTreeSet<String>> {
        self.each.iter().map(Judged::met).collect()
    }
}

impl Judged<'_> {
    #[inline]
    fn passes(&mut self, bytes: &[u8], cell: &impl Fn(usize) -> (usize, usize), day: Option<Day>) -> bool {
        let number = self.values.number(bytes, cell, day) as usize;
        match self.verdicts.get(number) {
            Some(Some(verdict)) => *verdict,
            _ => self.judge(number),
        }
    }

    #[cold]
    fn judge(&mut self, number: usize) -> bool {
        let verdict = match (number.checked_sub(1), self.source) {
            (Some(index), _) => self.filter.passes(self.values.text(index)),
            (None, DimensionSource::Column(_)) => self.filter.passes(Some("")),
            (None, _) => false,
        };
        if self.verdicts.len() <= number {
            self.verdicts.resize(number.saturating_add(1), None);
        }
        if let Some(slot) = self.verdicts.get_mut(number) {
            *slot = Some(verdict);
        }
        verdict
    }

    fn met(&self) -> BTreeSet<String> {
        let texts = (0..self.verdicts.len().saturating_sub(1)).filter_map(|index| self.values.text(index));
        let blank = matches!(self.source, DimensionSource::Column(_)) && self.verdicts.first().is_some_and(Option::is_some);
        texts.chain(blank.then_some("")).map(str::to_owned).collect()
    }
}
