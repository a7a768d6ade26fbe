//! The fast way through large plain tables.
//!
//! One pass with all processors: stretches of whole records are split into cells by vector
//! instructions, numbers and days are read straight from bytes, and rows are added up in whole
//! units of each column's last decimal place. [`crate::ingest::survey`] and
//! [`crate::ingest::tally`] are the careful path, and theirs is the last word: a row goes to them,
//! with its line, when anything about it is not plain (a quote that is text, another width, a
//! label of a total, a number that is not plain digits), and so does the first row of each kind
//! (the first with a decimal point in a column, the first below zero, the first that is selected),
//! because messages name its line. What the careful path decides from those rows and the count of
//! the others is what it would have decided from all. Where that cannot be promised the scan has
//! no answer, and the careful path reads the table as if there had been no scan.
//!
//! **Owns** how plain rows are read and added up. **Does not know** what a measure means, and takes
//! no decision about a column.
//!
//! Of columns that no measure, date, group or filter needs, the width of the row, the encoding and
//! (in the first million rows) duplicates are checked, and whether all their cells are numbers, as
//! long as they are: what a message would say of them rests on that.

mod bits;
mod cell;
mod days;
mod filters;
mod groups;
mod ids;
mod intern;
mod ledger;
mod lines;
mod plan;
mod quotes;
mod repeats;
mod stream;
mod supply;
mod unquoted;
mod worker;

#[cfg(test)]
mod tests;

use std::collections::BTreeSet;
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use jiff::civil::Date;

use super::delimited::Delimited;
use super::layout::{Layout, Use};
use super::memory::Limit;
use super::number::{NumberStyle, SettledBy};
use super::profile::Role;
use super::record::{Record, Records};
use super::source::CAREFUL_PASSES;
use super::survey::{DUPLICATES_BOUND, Marks, Survey, survey};
use super::table::Table;
use crate::finding::{Finding, Place};
use crate::kpi::Catalogue;
use crate::measures::{Amount, Question, SumTable};
use groups::{Groups, Sums};
use ledger::{Customers, Orders, PlainOrders};
use plan::{Plan, plan};
use repeats::{Met, twice};
use supply::Supply;
use worker::{Shared, Worker};

/// A table of zeros, all of which are written: where a page of memory is read first, the system gives it twice, and
/// the second time all threads wait.
fn zeros<T: Clone + Default>(count: usize) -> Vec<T> {
    // What the compiler knows to be zero it takes from the system.
    std::iter::repeat_n(std::hint::black_box(T::default()), count).collect()
}

/// How the scan goes about its work. No answer depends on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Settings {
    /// Threads; as many as the machine has processors for this program when not given.
    pub threads: Option<NonZeroUsize>,
    /// Bytes that a thread takes at a time.
    pub chunk: usize,
    /// Inputs of fewer bytes are left to the careful path, which is as fast there.
    pub least: u64,
    /// The most memory that reading may take, whichever way.
    pub memory: Limit,
}

impl Default for Settings {
    fn default() -> Self {
        Settings { threads: None, chunk: 256 * 1024, least: 4 * 1024 * 1024, memory: Limit::default() }
    }
}

/// A table that was scanned: plain rows added up, and the others for the careful path.
#[derive(Debug)]
pub struct Scanned {
    plan: Plan,
    place: Place,
    odd: Vec<Kept>,
    /// Bytes of the rows kept, by thread.
    bytes: Vec<Vec<u8>>,
    plain: PlainRows,
}

/// A row kept for the careful path.
#[derive(Clone, Copy, Debug)]
struct Kept {
    plain_before: u64,
    line: u64,
    offset: u64,
    thread: usize,
    at: usize,
    length: usize,
}

/// What plain rows came to.
#[derive(Debug)]
pub struct PlainRows {
    /// How many there are.
    pub rows: u64,
    /// Those of them that pass the filters.
    pub selected: u64,
    /// The columns of measures, in the order of the second pass.
    pub columns: Vec<PlainColumn>,
    /// For each rate that is checked, rows in which it is above one.
    pub rates: Vec<u64>,
    /// First and last day.
    pub days: Option<(Date, Date)>,
    /// Whether some have no day.
    pub undated: bool,
    /// For each filter, the values met.
    pub met: Vec<BTreeSet<String>>,
    /// The last of them.
    pub last: Option<Record>,
    /// Their orders and customers, where rows are orders.
    pub orders: Option<PlainOrders>,
    /// The groups of selected rows, with the sum of each column.
    pub groups: Arc<SumTable>,
}

/// A column of plain rows.
#[derive(Clone, Debug)]
pub struct PlainColumn {
    /// Cells of selected rows with a number.
    pub selected_cells: u64,
    /// Cells of selected rows without.
    pub selected_missing: u64,
    /// Numbers below zero.
    pub negative: u64,
    /// How many numbers have that many decimals, zeros without any aside; nothing where none has
    /// any, because zeros are not told from others then.
    pub scales: Option<Vec<(u32, u64)>>,
    /// The largest of those without decimals, beside others that have some.
    pub largest_whole: Option<i128>,
    /// Their sum, selected or not.
    pub sum: Amount,
    /// The sum of those in selected rows.
    selected: Amount,
}

impl PlainColumn {
    /// The sum over selected rows; `None` where none of them has a cell.
    pub fn selected_sum(&self) -> Option<Amount> {
        (self.selected_cells > 0).then_some(self.selected)
    }
}

/// Scans the table and makes the first pass over what is left of it. `None` where the careful path
/// must read all.
///
/// # Errors
/// Those of [`survey`] over the whole table.
pub fn scan(
    table: &Table,
    layout: &Layout,
    question: &Question,
    catalogue: &Catalogue,
    marks: Marks,
    settings: &Settings,
) -> Option<Result<(Survey, Scanned), Vec<Finding>>> {
    if !table.sheet().source().has_bytes(settings.least) {
        return None;
    }
    let plan = plan(table, layout, question, catalogue, marks)?;
    let source = table.sheet().source();
    source.expect_passes(1);
    let scanned = match scan_again_if_needed(table, plan, settings) {
        Some(Ok(scanned)) => scanned,
        Some(Err(finding)) => return Some(Err(vec![finding])),
        None => {
            source.expect_passes(CAREFUL_PASSES);
            return None;
        }
    };
    let surveyed = survey(layout, &mut scanned.records(), &question.include, marks, &scanned.place);
    match surveyed {
        Ok(survey) => is_settled(layout, &survey, &scanned.plan).then_some(Ok((survey, scanned))),
        Err(findings) => Some(Err(findings)),
    }
}

impl Scanned {
    /// The rows that were not plain, as the careful path reads them; they say how many others stood
    /// between them.
    pub fn records(&self) -> impl Records + '_ {
        OddRows { scanned: self, next: 0, reader: None, passed: 0, left_out: 0, unended_line: None }
    }

    /// Whether an order of the rows that were not plain has another row among those that were.
    fn splits_an_order(&self) -> bool {
        let Some((orders, index)) = self.plain.orders.as_ref().zip(self.plan.orders.and_then(|plan| plan.order)) else {
            return false;
        };
        let mut records = self.records();
        let mut record = Record::default();
        // A record that cannot be read is for the first pass to report.
        while records.read(&mut record).is_ok_and(|more| more) {
            let id = record.get(index).map(str::trim).filter(|id| !id.is_empty());
            if id.is_some_and(|id| orders.has_order(id)) {
                return true;
            }
        }
        false
    }

    /// The rows that were plain.
    pub fn plain(&self) -> &PlainRows {
        &self.plain
    }
}

impl PlainRows {}

/// Whether columns are as the scan took them, and none depends on what it did not look at.
fn is_settled(layout: &Layout, survey: &Survey, plan: &Plan) -> bool {
    let as_planned = |style: NumberStyle| style.decimal == plan.decimal || style.settled_by == SettledBy::Nothing;
    let settled = |index: usize| match layout.columns.get(index) {
        Some(Use::Role(Role::Measures(_), _)) => survey.numbers.get(index).copied().flatten().is_some_and(as_planned),
        Some(Use::Role(Role::Date, _)) if plan.date == Some(index) => plan
            .dates
            .is_none_or(|planned| matches!(survey.dates.get(index), Some(Some(Ok(style))) if style.order == planned.order)),
        // Another column may take its place where it is blank throughout.
        Some(Use::Alternative(of)) => survey.filled.get(*of).copied().unwrap_or(false),
        _ => true,
    };
    (0..layout.header.len()).all(settled)
}

/// Scans once, and again where rows turned out to repeat each other or to have more decimal places
/// than the first rows of the table.
fn scan_again_if_needed(table: &Table, mut plan: Plan, settings: &Settings) -> Option<Result<Scanned, Finding>> {
    let mut suspects = Vec::new();
    for _ in 0..4 {
        let shared = Shared::new(&plan, std::mem::take(&mut suspects), settings.memory);
        let place = table.place();
        let mut parts = run(table, &plan, &shared, &place, settings)?;
        if let Some(finding) = shared.beyond_memory() {
            return Some(Err(finding));
        }
        if shared.stop.load(Ordering::Relaxed) {
            if !(widen(&mut plan, &shared) || plan.turn_order(shared.other_order.load(Ordering::Relaxed))) {
                return None;
            }
            suspects = shared.suspects;
            continue;
        }
        let repeated = repeated(&mut parts, &plan.first_hashes);
        if repeated.len() > MOST_SUSPECTS {
            return None;
        }
        if repeated.iter().any(|hash| shared.suspects.binary_search(hash).is_err()) {
            suspects = repeated;
            continue;
        }
        let scanned = joined(parts, plan, place, shared.customers)?;
        return (!scanned.splits_an_order()).then_some(Ok(scanned));
    }
    None
}

/// Most different rows that stand more than once before the careful path takes over.
const MOST_SUSPECTS: usize = 20_000;

/// Gives columns the decimal places that were met; says whether that changes anything.
fn widen(plan: &mut Plan, shared: &Shared) -> bool {
    let mut wider = false;
    for (column, finer) in plan.numbers.iter_mut().zip(&shared.finer) {
        let finer = finer.load(Ordering::Relaxed);
        if finer > column.places && finer <= cell::MOST_PLACES {
            column.places = finer;
            wider = true;
        }
    }
    wider
}

fn run(table: &Table, plan: &Plan, shared: &Shared, place: &Place, settings: &Settings) -> Option<Vec<Part>> {
    let threads = settings.threads.or_else(|| std::thread::available_parallelism().ok()).map_or(1, NonZeroUsize::get);
    let sheet = table.sheet();
    let supply = if sheet.encoding() == encoding_rs::UTF_8 {
        Supply::new(sheet.source(), plan.start, settings.chunk, plan.signs, threads).ok()?
    } else {
        Supply::of_stream(sheet.utf_8().ok()?.0, plan.start, settings.chunk, plan.signs, threads).ok()?
    };
    let work = || {
        let mut worker = Worker::new(plan, shared, place);
        worker.run(&supply);
        Part::from(worker)
    };
    std::thread::scope(|scope| {
        let others: Vec<_> = (1..threads).map(|_| scope.spawn(work)).collect();
        let own = work();
        let mut workers = vec![own];
        for other in others {
            workers.push(other.join().ok()?);
        }
        Some(workers)
    })
}

/// What one thread brings, without what it borrowed.
struct Part {
    groups: Groups,
    sums: Sums,
    negative: Vec<u64>,
    scales: Vec<worker::Scales>,
    rates: Vec<u64>,
    days: Option<(cell::Day, cell::Day)>,
    undated: bool,
    met: Vec<BTreeSet<String>>,
    last: worker::LastRow,
    orders: Option<Orders>,
    reports: Vec<worker::Report>,
    odd: Vec<worker::OddRow>,
    odd_bytes: Vec<u8>,
    hashes: Vec<u64>,
    met_hashes: Met,
}

impl From<Worker<'_>> for Part {
    fn from(worker: Worker<'_>) -> Self {
        Part {
            met: worker.met(),
            groups: worker.groups,
            sums: worker.sums,
            negative: worker.negative,
            scales: worker.scales,
            rates: worker.rates,
            days: worker.days,
            undated: worker.undated,
            last: worker.last,
            orders: worker.orders,
            reports: worker.reports,
            odd: worker.odd,
            odd_bytes: worker.odd_bytes,
            hashes: worker.hashes,
            met_hashes: worker.met_hashes,
        }
    }
}

/// The stretches of all threads in the order of the input.
fn in_order(parts: &[Part]) -> Vec<(usize, &worker::Report)> {
    let mut all: Vec<_> =
        parts.iter().enumerate().flat_map(|(thread, part)| part.reports.iter().map(move |report| (thread, report))).collect();
    all.sort_unstable_by_key(|(_, report)| report.number);
    all
}

/// Hashes that more than one of the first rows has, sorted. Takes the hashes.
fn repeated(parts: &mut [Part], first: &[u64]) -> Vec<u64> {
    let mut row = first.len() as u64;
    let mut kept = vec![0; parts.len()];
    for (thread, report) in in_order(parts) {
        let left = usize::try_from(DUPLICATES_BOUND.saturating_sub(row)).unwrap_or(usize::MAX);
        if left == 0 {
            break;
        }
        // A thread takes its stretches in order, so that the hashes to compare come first.
        if let Some(kept) = kept.get_mut(thread) {
            *kept = report.hashes.end.min(report.hashes.start.saturating_add(left)).max(*kept);
        }
        row = row.saturating_add(report.rows);
    }
    for (part, kept) in parts.iter_mut().zip(kept) {
        part.hashes.truncate(kept);
    }
    if let Some(part) = parts.first_mut() {
        part.hashes.extend_from_slice(first);
        part.met_hashes.add(first);
    }
    let met: Vec<Met> = parts.iter_mut().map(|part| std::mem::take(&mut part.met_hashes)).collect();
    let lists: Vec<&[u64]> = parts.iter().map(|part| part.hashes.as_slice()).collect();
    let repeated = twice(&lists, met);
    for part in parts.iter_mut() {
        part.hashes = Vec::new();
    }
    repeated
}

fn joined(parts: Vec<Part>, mut plan: Plan, place: Place, customers: Option<Customers>) -> Option<Scanned> {
    let head = Kept { plain_before: 0, line: 1, offset: plan.mark, thread: parts.len(), at: 0, length: plan.head.len() };
    let mut odd = vec![head];
    let (mut plain_before, mut line) = (0_u64, plan.line);
    let last = parts.iter().map(|part| &part.last).filter(|last| !last.bytes.is_empty()).max_by_key(|last| last.number);
    let mut last_line = 0;
    for (thread, report) in in_order(&parts) {
        if let Some(last) = last.filter(|last| last.number == report.number) {
            last_line = line.saturating_add(last.lines_before);
        }
        let rows = parts.get(thread).and_then(|part| part.odd.get(report.odd.clone())).unwrap_or_default();
        odd.extend(rows.iter().map(|row| Kept {
            plain_before: plain_before.saturating_add(row.plain_before),
            line: line.saturating_add(row.lines_before),
            offset: row.offset,
            thread,
            at: row.at,
            length: row.length,
        }));
        plain_before = plain_before.saturating_add(report.plain);
        line = line.saturating_add(report.lines);
    }
    let last = match last {
        Some(last) => {
            let mut record = Record::default();
            let mut records = plan.records(last.bytes.clone(), plan.start, last_line, &place);
            Some(records.read(&mut record).ok().filter(|more| *more).map(|_| record)?)
        }
        None => None,
    };
    let mut parts = parts;
    let mut bytes: Vec<Vec<u8>> = parts.iter_mut().map(|part| std::mem::take(&mut part.odd_bytes)).collect();
    bytes.push(std::mem::take(&mut plan.head));
    let orders = match (&plan.orders, customers) {
        (Some(order), Some(customers)) => {
            let of_threads = parts.iter_mut().filter_map(|part| part.orders.take()).collect();
            Some(PlainOrders::join(customers, of_threads, plan.order_places(order))?)
        }
        _ => None,
    };
    let rows = PlainRows { last, orders, ..added_up(parts, &plan, plain_before) };
    Some(Scanned { plan, place, odd, bytes, plain: rows })
}

fn added_up(mut parts: Vec<Part>, plan: &Plan, rows: u64) -> PlainRows {
    // The thread that met most groups takes in the others.
    parts.sort_by_key(|part| std::cmp::Reverse(part.sums.slots()));
    let mut parts = parts.into_iter();
    let mut base = parts.next().unwrap_or_else(|| Part {
        groups: Groups::new(&plan.by),
        sums: Sums::new(plan.numbers.len(), plan.by_group),
        negative: vec![0; plan.numbers.len()],
        scales: vec![worker::Scales::default(); plan.numbers.len()],
        rates: vec![0; plan.rates.len()],
        days: None,
        undated: false,
        met: Vec::new(),
        last: worker::LastRow::default(),
        orders: None,
        reports: Vec::new(),
        odd: Vec::new(),
        odd_bytes: Vec::new(),
        hashes: Vec::new(),
        met_hashes: Met::default(),
    });
    for part in parts {
        let slots = part.sums.slots();
        let numbers = base.groups.take_in(&part.groups, slots.saturating_sub(1));
        base.sums.take_in(&part.sums, &numbers);
        let add = |own: &mut Vec<u64>, more: &[u64]| {
            own.iter_mut().zip(more).for_each(|(count, more)| *count = count.saturating_add(*more));
        };
        add(&mut base.negative, &part.negative);
        base.scales.iter_mut().zip(&part.scales).for_each(|(own, more)| own.merge(more));
        add(&mut base.rates, &part.rates);
        base.undated |= part.undated;
        base.met.iter_mut().zip(part.met).for_each(|(own, more)| own.extend(more));
        base.days = match (base.days, part.days) {
            (Some((first, last)), Some((other_first, other_last))) => Some((first.min(other_first), last.max(other_last))),
            (own, other) => own.or(other),
        };
    }
    let [selected, unselected] = base.sums.totals();
    let column = |(number, column): (usize, &plan::NumberColumn)| {
        let total = |of: &[(i128, u64)]| of.get(number).copied().unwrap_or_default();
        let ((selected_sum, selected_missing), (other_sum, other_missing)) = (total(&selected), total(&unselected));
        let missing = selected_missing.saturating_add(other_missing);
        let of = |counts: &[u64]| counts.get(number).copied().unwrap_or(0);
        let scales = base.scales.get(number).cloned().unwrap_or_default();
        let fewer = scales.counts.iter().fold(scales.zeros, |sum, count| sum.saturating_add(*count));
        let mut by_scale: Vec<(u32, u64)> = (0_u32..).zip(scales.counts).filter(|(_, count)| *count > 0).collect();
        by_scale.push((column.places, rows.saturating_sub(missing).saturating_sub(fewer)));
        PlainColumn {
            selected_cells: rows.saturating_sub(base.sums.rows(0)).saturating_sub(selected_missing),
            selected_missing,
            negative: of(&base.negative),
            scales: (column.places > 0).then_some(by_scale),
            largest_whole: scales.largest_whole.map(i128::from),
            sum: Amount { mantissa: selected_sum.saturating_add(other_sum), scale: column.places },
            selected: Amount { mantissa: selected_sum, scale: column.places },
        }
    };
    let places = plan.order.iter().filter_map(|place| plan.numbers.get(*place)).map(|column| column.places).collect();
    PlainRows {
        rows,
        selected: rows.saturating_sub(base.sums.rows(0)),
        columns: plan.order.iter().filter_map(|place| Some((*place, plan.numbers.get(*place)?))).map(column).collect(),
        rates: base.rates,
        days: base.days.and_then(|(first, last)| Some((first.date()?, last.date()?))),
        undated: base.undated,
        met: base.met,
        last: None,
        orders: None,
        groups: Arc::new(base.groups.into_table(&base.sums, &plan.order, places)),
    }
}

/// The rows that were not plain, one after the other.
struct OddRows<'a> {
    scanned: &'a Scanned,
    next: usize,
    reader: Option<Delimited>,
    /// Plain rows before the last record.
    passed: u64,
    left_out: u64,
    unended_line: Option<u64>,
}

impl Records for OddRows<'_> {
    fn read(&mut self, record: &mut Record) -> Result<bool, Finding> {
        loop {
            if let Some(reader) = &mut self.reader {
                if reader.read(record)? {
                    return Ok(true);
                }
                self.unended_line = reader.unended_line();
                self.reader = None;
            }
            let Some(kept) = self.scanned.odd.get(self.next).copied() else {
                self.left_out = self.left_out.saturating_add(self.scanned.plain.rows.saturating_sub(self.passed));
                self.passed = self.scanned.plain.rows;
                return Ok(false);
            };
            self.next = self.next.saturating_add(1);
            self.left_out = self.left_out.saturating_add(kept.plain_before.saturating_sub(self.passed));
            self.passed = kept.plain_before;
            let bytes =
                self.scanned.bytes.get(kept.thread).and_then(|bytes| bytes.get(kept.at..kept.at.saturating_add(kept.length)));
            self.reader =
                Some(self.scanned.plan.records(bytes.unwrap_or_default().to_vec(), kept.offset, kept.line, &self.scanned.place));
        }
    }

    fn left_out(&mut self) -> u64 {
        std::mem::take(&mut self.left_out)
    }

    // Only the last line of the input can be without an end, and it is never plain.
    fn unended_line(&self) -> Option<u64> {
        self.unended_line
    }
}
