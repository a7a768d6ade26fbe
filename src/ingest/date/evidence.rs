//! What the cells of a column show about how its dates are written, and the decision.

use super::scan::{Form, Mark, Pair, Scanned, Written, scan};
use super::{DateFault, DateOrder, DateSettledBy, DateStyle};
use crate::finding::Code;
use crate::ingest::evidence::{ColumnProblem, Witness, keep, keep_earlier};

/// Why no order of day and month could be decided on.
pub type DateProblem = ColumnProblem;

/// What is known about a column beside its own cells.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DateHint {
    /// `--date-order`: overrules everything.
    pub flag: Option<DateOrder>,
    /// What other date columns of the file prove: [`DateEvidence::settles`].
    pub file: Option<DateOrder>,
    /// How the platform always writes.
    pub profile: Option<DateOrder>,
}

/// What the cells of a column show. Its size does not depend on the number of cells.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DateEvidence {
    missing: u64,
    dates: u64,
    unreadable: u64,
    first_unreadable: Option<(Witness, DateFault)>,
    /// Dates of digits with the year last, by the mark between the parts: a spreadsheet that
    /// understood half of a column rewrites that half with another mark.
    by_mark: [PairEvidence; 3],
    /// First date of digits with the year first.
    year_first: Option<Witness>,
    /// First moment with an offset, and first time without.
    with_offset: Option<Witness>,
    without_offset: Option<Witness>,
}

/// First dates that exist with the day first only, with the month first only, and in both orders.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct PairEvidence {
    day_first: Option<Witness>,
    month_first: Option<Witness>,
    either: Option<Witness>,
}

impl DateEvidence {
    /// Looks at a cell, blank or not, that starts on that line. A range counts as its two dates.
    pub fn observe(&mut self, cell: &str, line: u64) {
        match scan(cell) {
            Ok(None) => self.missing = self.missing.saturating_add(1),
            Ok(Some(scanned)) => self.observe_scanned(scanned, cell, line),
            Err(fault) => {
                self.unreadable = self.unreadable.saturating_add(1);
                if self.first_unreadable.is_none() {
                    self.first_unreadable = Some((Witness::new(line, cell), fault));
                }
            }
        }
    }

    fn observe_scanned(&mut self, scanned: Scanned, cell: &str, line: u64) {
        self.dates = self.dates.saturating_add(1);
        for written in [Some(scanned.first), scanned.last].into_iter().flatten() {
            match written {
                Written::Day { form: Form::YearFirst, .. } => keep(&mut self.year_first, line, cell),
                Written::Pair { pair, .. } => self.observe_pair(pair, cell, line),
                Written::Day { .. } | Written::Period { .. } => {}
            }
        }
        if scanned.offset.is_some() {
            keep(&mut self.with_offset, line, cell);
        } else if scanned.time.is_some() {
            keep(&mut self.without_offset, line, cell);
        }
    }

    fn observe_pair(&mut self, pair: Pair, cell: &str, line: u64) {
        let Some(evidence) = self.by_mark.get_mut(index(pair.mark)) else { return };
        match (pair.day_first(), pair.month_first()) {
            (Some(_), None) => keep(&mut evidence.day_first, line, cell),
            (None, Some(_)) => keep(&mut evidence.month_first, line, cell),
            // 05/05/2026 is the same day in both orders.
            (Some(day_first), Some(month_first)) if day_first != month_first => keep(&mut evidence.either, line, cell),
            _ => {}
        }
    }

    /// Adds what a later part of the column showed.
    pub fn merge(&mut self, later: &DateEvidence) {
        self.missing = self.missing.saturating_add(later.missing);
        self.dates = self.dates.saturating_add(later.dates);
        self.unreadable = self.unreadable.saturating_add(later.unreadable);
        keep_earlier(&mut self.first_unreadable, later.first_unreadable.as_ref());
        for (evidence, later) in self.by_mark.iter_mut().zip(&later.by_mark) {
            keep_earlier(&mut evidence.day_first, later.day_first.as_ref());
            keep_earlier(&mut evidence.month_first, later.month_first.as_ref());
            keep_earlier(&mut evidence.either, later.either.as_ref());
        }
        keep_earlier(&mut self.year_first, later.year_first.as_ref());
        keep_earlier(&mut self.with_offset, later.with_offset.as_ref());
        keep_earlier(&mut self.without_offset, later.without_offset.as_ref());
    }

    /// The kinds of cells met so far, a bit each. While these stay the same, a further cell changes
    /// no decision and no message, only counts.
    pub(crate) fn kinds(&self) -> u32 {
        let [slash, hyphen, point] = &self.by_mark;
        let of_pairs = [slash, hyphen, point].into_iter().flat_map(|pairs| [&pairs.day_first, &pairs.month_first, &pairs.either]);
        let witnesses = of_pairs.chain([&self.year_first, &self.with_offset, &self.without_offset]).map(Option::is_some);
        let kinds = [self.dates > 0, self.unreadable > 0].into_iter().chain(witnesses);
        kinds.fold(0, |bits, met| (bits << 1) | u32::from(met))
    }

    /// Decides the order of day and month for the column.
    ///
    /// # Errors
    /// [`Code::MixedDates`] when cells contradict each other, [`Code::AmbiguousDate`] when
    /// nothing settles the order. Where no date is needed the caller may report the latter as
    /// [`Code::UnsettledDate`] and go on. Cells that are no dates are no reason to fail here:
    /// [`super::parse`] names each.
    pub fn decide(&self, hint: DateHint) -> Result<DateStyle, DateProblem> {
        if let Some(order) = hint.flag {
            return Ok(DateStyle { order: Some(order), settled_by: DateSettledBy::Flag });
        }
        let day_first = first(self.by_mark.iter().map(|evidence| &evidence.day_first));
        let month_first = first(self.by_mark.iter().map(|evidence| &evidence.month_first));
        let either = first(self.by_mark.iter().map(|evidence| &evidence.either));
        if let (Some(year_first), Some(pair)) = (&self.year_first, first([day_first, month_first, either].iter().copied())) {
            return Err(mixed(("the year first", year_first), ("the year last", pair)));
        }
        let (order, witness) = match (day_first, month_first) {
            (Some(day), Some(month)) => return Err(mixed(("the day first", day), ("the month first", month))),
            (Some(day), None) => (DateOrder::DayMonthYear, day),
            (None, Some(month)) => (DateOrder::MonthDayYear, month),
            (None, None) => return self.decide_by_hint(either, hint),
        };
        if let Some(other) = self.unsettled_mark() {
            return Err(two_marks(witness, other));
        }
        Ok(DateStyle { order: Some(order), settled_by: DateSettledBy::Column { line: witness.line } })
    }

    /// When the column's own cells leave the order open.
    fn decide_by_hint(&self, either: Option<&Witness>, hint: DateHint) -> Result<DateStyle, DateProblem> {
        let Some(witness) = either else {
            let order = self.year_first.as_ref().map(|_| DateOrder::YearMonthDay);
            return Ok(DateStyle { order, settled_by: DateSettledBy::Nothing });
        };
        let voices =
            [hint.file.map(|order| (order, DateSettledBy::File)), hint.profile.map(|order| (order, DateSettledBy::Profile))];
        let mut voices = voices.into_iter().flatten().filter(|(order, _)| *order != DateOrder::YearMonthDay);
        match voices.next() {
            Some((order, settled_by)) if voices.all(|(other, _)| other == order) => {
                Ok(DateStyle { order: Some(order), settled_by })
            }
            Some(_) => Err(ambiguous(witness, "the platform's habit and the file's other columns disagree")),
            None => Err(ambiguous(witness, "no date of the column shows which it is")),
        }
    }

    /// A date with a mark none of whose dates shows an order, beside a mark whose dates do.
    fn unsettled_mark(&self) -> Option<&Witness> {
        let open = |evidence: &&PairEvidence| evidence.day_first.is_none() && evidence.month_first.is_none();
        self.by_mark.iter().filter(open).find_map(|evidence| evidence.either.as_ref())
    }

    /// The order that the column's own cells prove, for other columns of the same file.
    pub fn settles(&self) -> Option<DateOrder> {
        let style = self.decide(DateHint::default()).ok()?;
        if self.unreadable == 0 { style.order } else { None }
    }

    /// Whether every cell that is not blank is a date, and there is one.
    pub fn looks_like_dates(&self) -> bool {
        self.dates > 0 && self.unreadable == 0
    }

    /// The first moment with an offset and the first without, when the column has both: their
    /// differences are then exact only within each kind.
    pub fn mixed_offsets(&self) -> Option<(&Witness, &Witness)> {
        self.with_offset.as_ref().zip(self.without_offset.as_ref())
    }

    /// Cells that are dates or ranges of dates.
    pub const fn dates(&self) -> u64 {
        self.dates
    }

    /// Cells that are blank or say that there is no value.
    pub const fn missing(&self) -> u64 {
        self.missing
    }

    /// Cells that are neither.
    pub const fn unreadable(&self) -> u64 {
        self.unreadable
    }

    /// The first cell that is neither blank nor a date, and why.
    pub const fn first_unreadable(&self) -> Option<&(Witness, DateFault)> {
        self.first_unreadable.as_ref()
    }
}

fn index(mark: Mark) -> usize {
    Mark::ALL.iter().position(|known| *known == mark).unwrap_or(0)
}

/// The witness on the earliest line.
fn first<'a, W: Into<Option<&'a Witness>>>(witnesses: impl Iterator<Item = W>) -> Option<&'a Witness> {
    witnesses.filter_map(Into::into).min_by_key(|witness| witness.line)
}

fn mixed((first_is, first): (&str, &Witness), (second_is, second): (&str, &Witness)) -> DateProblem {
    let later = if first.line > second.line { first } else { second };
    ColumnProblem {
        code: Code::MixedDates,
        message: format!(
            "the column has dates with {first_is} (\"{}\" on line {}) and with {second_is} (\"{}\" on line {})",
            first.text, first.line, second.text, second.line
        ),
        witness: later.clone(),
        expected: "one order of day, month and year in the whole column",
        help: "export the column again in one order; --date-order dmy|mdy|ymd names the cells that do not fit",
    }
}

fn two_marks(settled: &Witness, other: &Witness) -> DateProblem {
    ColumnProblem {
        code: Code::AmbiguousDate,
        message: format!(
            "dates are written in two ways, and only one shows its order (\"{}\" on line {}): a spreadsheet may have swapped \
             day and month in the others",
            settled.text, settled.line
        ),
        witness: other.clone(),
        expected: "one way of writing dates in the whole column",
        help: "export the column again; if all dates have one order, say it with --date-order dmy|mdy",
    }
}

fn ambiguous(witness: &Witness, why: &str) -> DateProblem {
    ColumnProblem {
        code: Code::AmbiguousDate,
        message: format!("day and month could be swapped, and {why}"),
        witness: witness.clone(),
        expected: "dates of which one at least has a day above 12",
        help: "say which it is with --date-order dmy or --date-order mdy",
    }
}
