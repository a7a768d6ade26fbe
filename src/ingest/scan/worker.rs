//! One thread's part of a scan: rows of its stretches, the plain ones added up, the others kept for
//! the careful path.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicUsize, Ordering};

use super::bits::{Lane, Numbers, ROWS, Structure};
use super::cell::{self as cells, BARE, Day, DayCell, EITHER, MARGIN, MOST_PLACES, NEGATIVE, NOT_ZERO, Number, POINT};
use super::filters::Filters;
use super::groups::{Groups, Sums, WIDEST, trimmed};
use super::intern::Texts;
use super::ledger::{Customers, Orders};
use super::lines::{Lines, each, first_bits};
use super::plan::{OrderPlan, Plan, hash_of};
use super::quotes::{State, next_record};
use super::supply::{Buffer, Stretch, Supply};
use crate::finding::{Finding, Place};
use crate::ingest::date::likely_years;
use crate::ingest::memory::Limit;
use crate::ingest::number::NumberEvidence;
use crate::ingest::record::{Record, Records as _};
use crate::ingest::rows::{is_blank, is_surely_no_label, label_of};
use crate::ingest::survey::DUPLICATES_BOUND;

/// Most rows and bytes that are kept for the careful path; a table with more of them is its own.
const MOST_ODD_ROWS: usize = 60_000;
const MOST_ODD_BYTES: usize = 24 * 1024 * 1024;

/// What all threads share.
#[derive(Debug)]
pub(super) struct Shared {
    /// No answer will come of this: stop.
    pub(super) stop: AtomicBool,
    odd_rows: AtomicUsize,
    odd_bytes: AtomicUsize,
    /// For each column of numbers the decimal places that were met beyond those planned.
    pub(super) finer: Vec<AtomicU32>,
    /// Whether rows are still among those that are compared with each other.
    compare: AtomicBool,
    counted: Mutex<Counted>,
    memory: Limit,
    beyond_memory: Mutex<Option<Finding>>,
    /// Customers, where rows are orders.
    pub(super) customers: Option<Customers>,
    /// Hashes of rows that go the careful way, sorted, because another has the same.
    pub(super) suspects: Vec<u64>,
}

/// Rows of the stretches from the first on, as far as they are known.
#[derive(Debug, Default)]
struct Counted {
    rows: u64,
    next: u64,
    ahead: BTreeMap<u64, u64>,
}

impl Shared {
    pub(super) fn new(plan: &Plan, suspects: Vec<u64>, memory: Limit) -> Self {
        Shared {
            stop: AtomicBool::new(false),
            odd_rows: AtomicUsize::new(0),
            odd_bytes: AtomicUsize::new(0),
            finer: plan.numbers.iter().map(|_| AtomicU32::new(0)).collect(),
            compare: AtomicBool::new(true),
            counted: Mutex::default(),
            memory,
            beyond_memory: Mutex::default(),
            customers: plan.orders.map(|_| Customers::new(!plan.filters.is_empty())),
            suspects,
        }
    }

    /// Why the scan stopped, when it took too much memory.
    pub(super) fn beyond_memory(&self) -> Option<Finding> {
        self.beyond_memory.lock().ok()?.clone()
    }

    /// Stops all threads when there is too much in memory.
    fn check_memory(&self, place: &Place) {
        if let (Err(finding), Ok(mut beyond)) = (self.memory.check(place), self.beyond_memory.lock()) {
            *beyond = Some(finding);
            self.stop.store(true, Ordering::Relaxed);
        }
    }

    /// Notes the rows of a stretch, so that comparing ends once enough rows are known to lie before.
    fn count(&self, number: u64, rows: u64) {
        if !self.compare.load(Ordering::Relaxed) {
            return;
        }
        let Ok(mut guard) = self.counted.lock() else { return };
        let counted = &mut *guard;
        counted.ahead.insert(number, rows);
        while let Some(rows) = counted.ahead.remove(&counted.next) {
            counted.rows = counted.rows.saturating_add(rows);
            counted.next = counted.next.saturating_add(1);
        }
        if counted.rows >= DUPLICATES_BOUND {
            self.compare.store(false, Ordering::Relaxed);
        }
    }
}

/// A row for the careful path.
#[derive(Clone, Debug)]
pub(super) struct OddRow {
    /// Rows before it in its stretch, and the plain ones among them.
    pub(super) plain_before: u64,
    /// Line feeds before it in its stretch.
    pub(super) lines_before: u64,
    /// Where it stands in the input.
    pub(super) offset: u64,
    /// Where its bytes are kept.
    pub(super) at: usize,
    pub(super) length: usize,
}

/// What came of one stretch.
#[derive(Clone, Debug, Default)]
pub(super) struct Report {
    pub(super) number: u64,
    pub(super) rows: u64,
    pub(super) plain: u64,
    pub(super) lines: u64,
    /// Its rows among the worker's odd ones, and its hashes among the worker's.
    pub(super) odd: std::ops::Range<usize>,
    pub(super) hashes: std::ops::Range<usize>,
}

/// A column of numbers and what this thread has seen in it.
#[derive(Clone, Copy, Debug)]
struct Column {
    index: usize,
    places: u32,
    whole: bool,
    known: u8,
}

impl Column {
    /// Notes kinds of numbers; says which cells may be read together with others from now on.
    fn learn(&mut self, kinds: u8) -> Lane {
        self.known |= kinds;
        let wanted = NOT_ZERO | cells::quick_kinds(self.places);
        let whole_by_itself = !self.whole || self.places == 0;
        // A digit before the point, and eight bytes in all.
        let shortest = if self.places == 0 { 1 } else { self.places as usize + 2 };
        // Nothing new can be learnt from numbers that are read together.
        if whole_by_itself && self.known & wanted == wanted && shortest <= 8 {
            Lane { index: self.index, shortest }
        } else {
            Lane::NONE
        }
    }
}

/// A column that no answer needs, and the kinds of cells met in it.
#[derive(Debug)]
struct Watched {
    index: usize,
    evidence: NumberEvidence,
    /// It has a cell that is no number, and nothing more is to be said of it.
    silent: bool,
}

/// Numbers of a column that have fewer decimals than it is kept with.
#[derive(Clone, Debug, Default)]
pub(super) struct Scales {
    /// How many have that many decimals; zeros without any aside.
    pub(super) counts: [u64; MOST_PLACES as usize],
    /// Zeros without decimals.
    pub(super) zeros: u64,
    /// The largest number without decimals.
    pub(super) largest_whole: Option<i64>,
}

impl Scales {
    fn add(&mut self, scale: u32, value: i64, places: u32) {
        if scale == 0 && value == 0 {
            self.zeros = self.zeros.wrapping_add(1);
            return;
        }
        if let Some(count) = self.counts.get_mut(scale as usize) {
            *count = count.wrapping_add(1);
        }
        if scale == 0 {
            let whole = 10_i64.checked_pow(places).and_then(|unit| value.checked_div(unit));
            self.largest_whole = self.largest_whole.max(whole);
        }
    }

    /// Adds those of another thread.
    pub(super) fn merge(&mut self, more: &Scales) {
        self.counts.iter_mut().zip(&more.counts).for_each(|(count, more)| *count = count.saturating_add(*more));
        self.zeros = self.zeros.saturating_add(more.zeros);
        self.largest_whole = self.largest_whole.max(more.largest_whole);
    }
}

/// The last plain row of the stretches so far.
#[derive(Debug, Default)]
pub(super) struct LastRow {
    /// The number of its stretch.
    pub(super) number: u64,
    pub(super) lines_before: u64,
    pub(super) bytes: Vec<u8>,
}

/// Kinds of dates that were met.
pub(super) const DAY: u8 = 1;
pub(super) const MOMENT: u8 = 2;

/// One thread's part.
pub(super) struct Worker<'a> {
    plan: &'a Plan,
    shared: &'a Shared,
    place: &'a Place,
    structure: Structure,
    unquoted: Unquoted,
    columns: Vec<Column>,
    numbers: Numbers,
    /// A bit for each column.
    all_columns: u64,
    /// Days of the rows that are read together.
    each_day: [Day; ROWS],
    /// Their groups.
    each_group: [u32; ROWS],
    /// Whether all columns that are compared for rates have as many decimal places.
    are_comparable: bool,
    watched: Vec<Watched>,
    filters: Filters<'a>,
    days_known: u8,
    /// Decimal places of the finest amount of an order.
    finest: u32,
    /// Days of years that exports have.
    likely_days: std::ops::Range<Day>,
    rates_known: u64,
    selected_known: bool,
    currencies: Texts,
    currencies_known: u32,
    pub(super) groups: Groups,
    pub(super) sums: Sums,
    /// Values below zero in each column.
    pub(super) negative: Vec<u64>,
    /// In each column, numbers with fewer decimals than most.
    pub(super) scales: Vec<Scales>,
    /// Decimals and value of each number of the row that was read by itself.
    alone: Vec<(u32, i64)>,
    /// Rows above one for each rate.
    pub(super) rates: Vec<u64>,
    pub(super) days: Option<(Day, Day)>,
    /// Whether some row has no date.
    pub(super) undated: bool,
    pub(super) last: LastRow,
    pub(super) orders: Option<Orders>,
    pub(super) reports: Vec<Report>,
    pub(super) odd: Vec<OddRow>,
    pub(super) odd_bytes: Vec<u8>,
    pub(super) hashes: Vec<u64>,
}

/// What is unusual about the numbers of a row: a bit for each column.
#[derive(Clone, Copy, Debug, Default)]
struct Unusual {
    /// It is blank.
    missing: u64,
    /// It is below zero.
    negative: u64,
    /// It has fewer decimals than the column.
    fewer: u64,
    /// It is above [`WIDEST`], whatever its sign.
    wide: u64,
}

/// A row with quotes, taken apart into a form without them.
#[derive(Debug, Default)]
struct Unquoted {
    bytes: Vec<u8>,
    /// The end of each cell, behind that of the one in front of the first.
    ends: Vec<u32>,
}

impl<'a> Worker<'a> {
    pub(super) fn new(plan: &'a Plan, shared: &'a Shared, place: &'a Place) -> Self {
        let column = |column: &super::plan::NumberColumn| Column {
            index: column.index,
            places: column.places,
            whole: column.whole,
            known: 0,
        };
        let pairs = comparable_pairs(plan);
        Worker {
            plan,
            shared,
            place,
            structure: Structure::new(),
            unquoted: Unquoted::default(),
            columns: plan.numbers.iter().map(column).collect(),
            numbers: Numbers::new(&plan.numbers.iter().map(|column| column.places).collect::<Vec<_>>(), &pairs),
            all_columns: u64::MAX
                .checked_shr(64_u32.saturating_sub(u32::try_from(plan.numbers.len()).unwrap_or(64)))
                .unwrap_or(0),
            each_day: [Day(0); ROWS],
            each_group: [0; ROWS],
            are_comparable: !pairs.is_empty() || plan.rates.is_empty(),
            watched: plan
                .watched
                .iter()
                .map(|index| Watched { index: *index, evidence: NumberEvidence::default(), silent: false })
                .collect(),
            filters: Filters::new(&plan.filters),
            days_known: 0,
            finest: plan.orders.map_or(0, |orders| plan.order_places(&orders)),
            likely_days: Day::of_years(likely_years()),
            rates_known: 0,
            selected_known: false,
            currencies: Texts::default(),
            currencies_known: 0,
            groups: Groups::new(&plan.by),
            sums: Sums::new(plan),
            negative: vec![0; plan.numbers.len()],
            scales: vec![Scales::default(); plan.numbers.len()],
            alone: vec![(0, 0); plan.numbers.len()],
            rates: vec![0; plan.rates.len()],
            days: None,
            undated: false,
            last: LastRow::default(),
            orders: plan.orders.map(|_| Orders::new()),
            reports: Vec::new(),
            odd: Vec::new(),
            odd_bytes: Vec::new(),
            hashes: Vec::new(),
        }
    }

    /// Takes stretches until there are none, or no answer can come of it.
    pub(super) fn run(&mut self, supply: &Supply) {
        let mut buffer = Buffer::default();
        while !self.shared.stop.load(Ordering::Relaxed) {
            match supply.take(&mut buffer) {
                Ok(Some(stretch)) => {
                    self.stretch(buffer.bytes(), stretch);
                    self.shared.check_memory(self.place);
                }
                Ok(None) => break,
                // The careful path meets the same fault and says what it is.
                Err(_) => self.shared.stop.store(true, Ordering::Relaxed),
            }
            if self.orders.as_ref().is_some_and(|orders| orders.failed) {
                self.shared.stop.store(true, Ordering::Relaxed);
            }
        }
        if let (Some(orders), Some(customers)) = (&mut self.orders, &self.shared.customers) {
            orders.flush(customers);
        }
    }

    fn stretch(&mut self, bytes: &[u8], stretch: Stretch) {
        let mut structure = std::mem::replace(&mut self.structure, Structure::new());
        structure.find(bytes, stretch.from, stretch.to, self.plan.signs);
        let whole = structure.ascii && !structure.nul;
        let readable = if whole { stretch.to } else { readable_to(bytes, stretch, structure.nul) };
        let mut rows = Rows {
            report: Report { number: stretch.number, odd: self.odd.len()..0, hashes: self.hashes.len()..0, ..Report::default() },
            stretch,
            readable,
            last: None,
            comparing: self.shared.compare.load(Ordering::Relaxed),
        };
        self.rows(bytes, &mut structure, &mut rows);
        if let Some((start, next, lines_before)) = rows.last {
            self.last.number = stretch.number;
            self.last.lines_before = lines_before;
            self.last.bytes.clear();
            self.last.bytes.extend_from_slice(bytes.get(start..next).unwrap_or_default());
        }
        let mut report = rows.report;
        report.odd.end = self.odd.len();
        report.hashes.end = self.hashes.len();
        self.shared.count(report.number, report.rows);
        self.reports.push(report);
        self.structure = structure;
    }

    fn rows(&mut self, bytes: &[u8], structure: &mut Structure, rows: &mut Rows) {
        let to = rows.stretch.to;
        let width = self.plan.width;
        let mut start = rows.stretch.from;
        // Number of the row's first position.
        let mut first = 0_usize;
        let mut starts = [0; ROWS + 1];
        while start < to {
            let count = plain_lines(bytes, structure, rows.readable, width, first, start, &mut starts);
            if count > 0 {
                let lines = Lines { bytes, ends: structure.ends_from(first), starts: &starts, width, count };
                self.lines(&lines, rows);
                start = starts.get(count).copied().unwrap_or(to);
                first = first.wrapping_add(count.wrapping_mul(width));
                continue;
            }
            let Some(last) = structure.next_break(first) else {
                // The last line of the file has no line end: the careful path knows what to do.
                self.odd(bytes, rows, start, to, Some(to <= rows.readable));
                return;
            };
            let Some(end) = structure.end(last) else { return };
            let next = if bytes.get(end) == Some(&b'\n') {
                let next = end.wrapping_add(1);
                if next > rows.readable {
                    self.odd(bytes, rows, start, next, None);
                    return;
                }
                let line = bytes.get(start..end).unwrap_or_default();
                if rows.comparing {
                    // A row of another width goes the careful way in any case.
                    self.compare(line.strip_suffix(b"\r").unwrap_or(line));
                }
                self.keep(bytes, rows, start, next);
                next
            } else {
                let (delimiter, quote) = (self.plan.signs.delimiter, self.plan.signs.quote);
                let next = next_record(bytes.get(..to).unwrap_or_default(), start, State::Outside, delimiter, quote);
                let next = next.unwrap_or(to);
                self.quoted(bytes, rows, start, next);
                if next > rows.readable {
                    return;
                }
                next
            };
            while let Some(last) = structure.next_break(first)
                && structure.end(last).is_some_and(|end| end < next)
            {
                first = last.wrapping_add(1);
            }
            start = next;
        }
    }

    /// Adds up the plain ones of rows that are read together, and keeps the others.
    fn lines(&mut self, lines: &Lines<'_>, rows: &mut Rows) {
        let mut suspects = 0;
        if rows.comparing {
            for row in 0..lines.count {
                suspects |= u64::from(self.compare(lines.text(row))) << row;
            }
        }
        self.numbers.read(lines.bytes, lines.ends, lines.width, lines.count);
        let plain = self.add_plain(lines, suspects);
        let mut before = 0;
        for row in each(first_bits(lines.count) & !plain) {
            rows.add_plain(lines, before..row);
            before = row.wrapping_add(1);
            if (suspects >> row) & 1 == 0 && self.row(lines, row) {
                rows.add_plain(lines, row..before);
            } else {
                let (start, next) = lines.borders(row);
                self.keep(lines.bytes, rows, start, next);
            }
        }
        rows.add_plain(lines, before..lines.count);
        self.sums.add_waiting(&self.numbers);
    }

    /// Adds up the rows that are surely plain and tell nothing new, and says which they are. The numbers
    /// of the rows were read.
    fn add_plain(&mut self, lines: &Lines<'_>, suspects: u64) -> u64 {
        if self.watched.iter().any(|watched| !watched.silent) || !self.are_comparable || !self.selected_known {
            return 0;
        }
        let mut plain = self.numbers.good(lines.count, self.all_columns) & !suspects;
        if self.plan.totals {
            plain &= lines.listed(&self.plan.dimensions);
        }
        for index in &self.plan.ids {
            plain &= lines.without_plus(*index);
        }
        if let Some(index) = self.plan.date {
            plain &= lines.days(index, self.days_known, &self.likely_days, &mut self.each_day);
        }
        let mut selected = u64::MAX;
        if self.plan.is_selective() {
            for row in each(plain) {
                let day = self.each_day.get(row).copied().filter(|_| self.plan.date.is_some());
                let passes = self.is_selected(lines.bytes, &|index| lines.cell(row, index), day);
                selected &= !(u64::from(!passes) << row);
            }
        }
        if let Some(index) = self.plan.currency {
            for row in each(plain & selected) {
                let (from, to) = lines.cell(row, index);
                let new = self.currencies.number(lines.bytes, from, to) >= self.currencies_known;
                plain &= !(u64::from(new) << row);
            }
        }
        if let (Some(plan), Some(orders), Some(customers)) = (&self.plan.orders, &mut self.orders, &self.shared.customers) {
            for row in each(plain) {
                let Some(amounts) = amounts(plan, &self.columns, self.finest, self.numbers.row(row), Unusual::default()) else {
                    plain &= !(1 << row);
                    continue;
                };
                let id = |index: Option<usize>| index.map_or((0, 0), |index| trimmed(lines.bytes, lines.cell(row, index)));
                let selected = (selected >> row) & 1 == 1;
                orders.gather(customers, lines.bytes, id(plan.order), id(plan.customer), amounts, selected);
            }
            orders.add_gathered(customers, lines.bytes);
        }
        if self.plan.date.is_none() {
            self.undated |= plain != 0;
        } else {
            let days = || each(plain).filter_map(|row| self.each_day.get(row).copied());
            if let (Some(first), Some(last)) = (days().min(), days().max()) {
                self.days = Some(self.days.map_or((first, last), |(before, after)| (before.min(first), after.max(last))));
            }
        }
        self.groups.numbers(lines, plain & selected, &self.each_day, &mut self.each_group);
        for row in each(plain) {
            let group = self.each_group.get(row).copied().unwrap_or(0);
            let slot = if (selected >> row) & 1 == 1 { group.wrapping_add(1) } else { 0 };
            self.sums.add(slot, row, 0);
        }
        plain
    }

    /// A row with a quote in it.
    fn quoted(&mut self, bytes: &[u8], rows: &mut Rows, start: usize, next: usize) {
        let mut unquoted = std::mem::take(&mut self.unquoted);
        let readable = next <= rows.readable;
        let lines = memchr::memchr_iter(b'\n', bytes.get(start..next).unwrap_or_default()).count() as u64;
        let sound = readable && unquoted.take_apart(bytes, start, next, self.plan);
        let text = unquoted.text();
        let suspect = sound && rows.comparing && self.compare(text);
        let width = self.plan.width;
        let fits = sound && !suspect && unquoted.ends.len() == width.wrapping_add(1);
        let mut starts = [0; ROWS + 1];
        starts[0] = MARGIN;
        let line = Lines { bytes: &unquoted.bytes, ends: &unquoted.ends, starts: &starts, width, count: 1 };
        if fits {
            self.numbers.read(line.bytes, line.ends, width, 1);
        }
        if fits && (self.add_plain(&line, 0) == 1 || self.row(&line, 0)) {
            self.sums.add_waiting(&self.numbers);
            rows.add_plain_row(start, next, lines);
        } else if sound {
            self.keep(bytes, rows, start, next);
        } else {
            self.odd(bytes, rows, start, next, Some(readable));
        }
        self.unquoted = unquoted;
    }

    /// A row for the careful path that was not compared yet: `None` has no quotes in it.
    #[cold]
    fn odd(&mut self, bytes: &[u8], rows: &mut Rows, start: usize, next: usize, quotes: Option<bool>) {
        let text = bytes.get(start..next).unwrap_or_default();
        if rows.comparing {
            match quotes {
                // It will be refused, and nothing after it matters.
                Some(false) => drop(self.compare(&[])),
                Some(true) => {
                    let cells = self.carefully(text);
                    let _ = self.compare(&cells);
                }
                None => {
                    let text = text.strip_suffix(b"\n").unwrap_or(text);
                    let _ = self.compare(text);
                }
            }
        }
        self.keep(bytes, rows, start, next);
    }

    /// The cells of one record as the careful reader has them, with separators between.
    fn carefully(&self, text: &[u8]) -> Vec<u8> {
        let mut records = self.plan.records(text.to_vec(), 0, 1, self.place);
        let mut record = Record::default();
        if records.read(&mut record).is_ok() { self.plan.joined(&record) } else { Vec::new() }
    }

    /// Keeps a row for the careful path.
    #[cold]
    fn keep(&mut self, bytes: &[u8], rows: &mut Rows, start: usize, next: usize) {
        let text = bytes.get(start..next).unwrap_or_default();
        self.odd.push(OddRow {
            plain_before: rows.report.plain,
            lines_before: rows.report.lines,
            offset: rows.stretch.offset.wrapping_add(start.wrapping_sub(rows.stretch.from) as u64),
            at: self.odd_bytes.len(),
            length: text.len(),
        });
        self.odd_bytes.extend_from_slice(text);
        rows.report.rows = rows.report.rows.wrapping_add(1);
        rows.report.lines = rows.report.lines.wrapping_add(memchr::memchr_iter(b'\n', text).count() as u64);
        let many = self.shared.odd_rows.fetch_add(1, Ordering::Relaxed) > MOST_ODD_ROWS;
        let long = self.shared.odd_bytes.fetch_add(text.len(), Ordering::Relaxed) > MOST_ODD_BYTES;
        if many || long {
            self.shared.stop.store(true, Ordering::Relaxed);
        }
    }

    /// Notes the row for the search for duplicates; says whether another is known to have its hash.
    fn compare(&mut self, row: &[u8]) -> bool {
        // A place is kept for every row; blank ones are not compared.
        let hash = hash_of(row);
        self.hashes.push(hash);
        hash != 0 && !self.shared.suspects.is_empty() && self.shared.suspects.binary_search(&hash).is_ok()
    }

    /// Adds up a row of the header's width whose numbers were read as that row of those read together;
    /// `false` leaves it to the careful path, and nothing of it was added.
    #[cold]
    fn row(&mut self, lines: &Lines<'_>, row: usize) -> bool {
        let bytes = lines.bytes;
        let cell = |index: usize| lines.cell(row, index);
        if self.plan.totals && !is_listed(bytes, &cell, &self.plan.dimensions) {
            return false;
        }
        if !self.watched.is_empty() && !self.watch(bytes, &cell) {
            return false;
        }
        let may_be_rounded = |index: &usize| {
            let (from, to) = cell(*index);
            bytes.get(from..to).is_some_and(|id| id.contains(&b'+'))
        };
        if self.plan.ids.iter().any(may_be_rounded) {
            return false;
        }
        let bad = self.numbers.bad(row) & self.all_columns;
        let Some(unusual) = (if bad == 0 { Some(Unusual::default()) } else { self.read_alone(bytes, &cell, row, bad) }) else {
            return false;
        };
        let Unusual { missing, negative, fewer, .. } = unusual;
        let day = match self.plan.date {
            None => None,
            Some(index) => {
                let (from, to) = cell(index);
                let (day, kind) = match cells::day(bytes, from, to) {
                    DayCell::Day(day) => (Some(day), DAY),
                    DayCell::Moment(day) => (Some(day), DAY | MOMENT),
                    DayCell::Missing => (None, 0),
                    DayCell::Odd => return false,
                };
                if day.is_some_and(|day| !self.likely_days.contains(&day)) {
                    return false;
                }
                if kind & !self.days_known != 0 {
                    self.days_known |= kind;
                    return false;
                }
                day
            }
        };
        // Seldom is a rate above one: then which.
        let may_be_above = bad != 0 || !self.are_comparable || self.numbers.is_above(row);
        let above_one = if may_be_above { self.rates_above_one(self.numbers.row(row), missing) } else { 0 };
        if above_one & !self.rates_known != 0 {
            self.rates_known |= above_one;
            return false;
        }
        let amounts = match &self.plan.orders {
            None => None,
            Some(orders) => match amounts(orders, &self.columns, self.finest, self.numbers.row(row), unusual) {
                Some(amounts) => Some(amounts),
                None => return false,
            },
        };
        let selected = self.is_selected(bytes, &cell, day);
        if selected && !self.is_known_currency(bytes, &cell) {
            return false;
        }
        // From here on the row counts.
        match day {
            Some(day) => {
                let (first, last) = self.days.unwrap_or((day, day));
                self.days = Some((first.min(day), last.max(day)));
            }
            None => self.undated = true,
        }
        if above_one | negative | fewer != 0 {
            count_bits(&mut self.rates, above_one);
            count_bits(&mut self.negative, negative);
            self.count_scales(fewer);
        }
        let slot = if selected { self.groups.number(bytes, cell, day).wrapping_add(1) } else { 0 };
        if unusual.wide != 0 {
            self.sums.set_aside(slot, self.numbers.row_mut(row), unusual.wide);
        }
        self.sums.add(slot, row, missing);
        if let (Some(amounts), Some(plan), Some(orders), Some(customers)) =
            (amounts, &self.plan.orders, &mut self.orders, &self.shared.customers)
        {
            let id = |index: Option<usize>| index.map_or((0, 0), |index| trimmed(bytes, cell(index)));
            orders.gather(customers, bytes, id(plan.order), id(plan.customer), amounts, selected);
            orders.add_gathered(customers, bytes);
        }
        true
    }

    /// Reads the cells of the columns in `bad`, which were not read together with the others; `None` when
    /// the row is for the careful path.
    #[cold]
    fn read_alone(&mut self, bytes: &[u8], cell: &impl Fn(usize) -> (usize, usize), row: usize, bad: u64) -> Option<Unusual> {
        let mut unusual = Unusual::default();
        let mut left = bad;
        while left != 0 {
            let number = left.trailing_zeros() as usize;
            left &= left.wrapping_sub(1);
            let column = self.columns.get_mut(number)?;
            let (from, to) = cell(column.index);
            let value = match cells::slow(bytes.get(from..to).unwrap_or_default(), column.places, column.whole) {
                Number::Plain(read) => {
                    if read.kinds & !column.known != 0 {
                        // The first of its kind goes the careful way, which notes its line.
                        let lane = column.learn(read.kinds);
                        self.numbers.set(number, lane);
                        return None;
                    }
                    unusual.negative |= u64::from(read.kinds & NEGATIVE != 0) << number;
                    unusual.fewer |= u64::from(read.scale < column.places) << number;
                    unusual.wide |= u64::from(read.value.unsigned_abs() > WIDEST) << number;
                    if let Some(slot) = self.alone.get_mut(number) {
                        *slot = (read.scale, read.value);
                    }
                    read.value
                }
                Number::Missing => {
                    unusual.missing |= 1 << number;
                    0
                }
                Number::Finer(places) => {
                    if let Some(finer) = self.shared.finer.get(number) {
                        finer.fetch_max(places, Ordering::Relaxed);
                    }
                    return None;
                }
                Number::Odd => return None,
            };
            if let Some(slot) = self.numbers.row_mut(row).get_mut(number) {
                *slot = value;
            }
        }
        let is_blank = unusual.missing != 0 && unusual.missing.count_ones() as usize == self.columns.len();
        (!is_blank).then_some(unusual)
    }

    /// Looks at cells that nothing is made of; `false` when one is the first of its kind.
    fn watch(&mut self, bytes: &[u8], cell: &impl Fn(usize) -> (usize, usize)) -> bool {
        let mut known = true;
        for watched in self.watched.iter_mut().filter(|watched| !watched.silent) {
            let (from, to) = cell(watched.index);
            let text = bytes.get(from..to).and_then(|cell| std::str::from_utf8(cell).ok()).unwrap_or_default();
            let kinds = watched.evidence.kinds();
            watched.evidence.observe(text, 1);
            known &= watched.evidence.kinds() == kinds;
            watched.silent = watched.evidence.unreadable() > 0;
        }
        known
    }

    /// Notes with how many decimals the numbers of these columns are written.
    #[cold]
    fn count_scales(&mut self, columns: u64) {
        for (number, scales) in self.scales.iter_mut().enumerate().filter(|(number, _)| (columns >> (number & 63)) & 1 == 1) {
            if let (Some((scale, value)), Some(column)) = (self.alone.get(number), self.columns.get(number)) {
                scales.add(*scale, *value, column.places);
            }
        }
    }

    /// What the filters met.
    pub(super) fn met(&self) -> Vec<std::collections::BTreeSet<String>> {
        self.filters.met()
    }

    /// A bit for each rate that is above one in the row.
    #[cold]
    fn rates_above_one(&self, values: &[i64], missing: u64) -> u64 {
        let mut above_one = 0_u64;
        for (number, (part, whole)) in self.plan.rates.iter().enumerate() {
            above_one |= u64::from(self.exceeds(values, *part, *whole, missing)) << (number & 63);
        }
        above_one
    }

    /// Whether the value of one column is above that of another, where the row has both.
    fn exceeds(&self, values: &[i64], part: usize, whole: usize, missing: u64) -> bool {
        let (Some(part_value), Some(whole_value)) = (values.get(part), values.get(whole)) else {
            return false;
        };
        if missing != 0 && ((missing >> part) | (missing >> whole)) & 1 == 1 {
            return false;
        }
        match (self.columns.get(part), self.columns.get(whole)) {
            (Some(left), Some(right)) if left.places != right.places => {
                let scaled = |value: i64, more: u32| i128::from(value).saturating_mul(10_i128.saturating_pow(more));
                scaled(*part_value, right.places) > scaled(*whole_value, left.places)
            }
            _ => part_value > whole_value,
        }
    }

    #[inline]
    fn is_selected(&mut self, bytes: &[u8], cell: &impl Fn(usize) -> (usize, usize), day: Option<Day>) -> bool {
        let passes = self.plan.filters.is_empty() || self.filters.pass(bytes, cell, day);
        if self.plan.from.is_some() || self.plan.to.is_some() {
            let Some(day) = day else { return false };
            if self.plan.from.is_some_and(|from| day < from) || self.plan.to.is_some_and(|to| day > to) {
                return false;
            }
        }
        passes
    }

    /// Whether a selected row was met before, with the currency of this one. The first goes the
    /// careful way, which notes its line.
    #[inline]
    fn is_known_currency(&mut self, bytes: &[u8], cell: &impl Fn(usize) -> (usize, usize)) -> bool {
        let known = std::mem::replace(&mut self.selected_known, true);
        let Some(index) = self.plan.currency else { return known };
        let (from, to) = cell(index);
        let number = self.currencies.number(bytes, from, to);
        let new = number >= self.currencies_known;
        if new {
            self.currencies_known = number.saturating_add(1);
        }
        known && !new
    }
}

/// Gross amount, refunds and what remains of an order, in units of the finest of these columns, which
/// has so many decimal places; `None` for one that is not plainly an order.
#[inline]
fn amounts(plan: &OrderPlan, columns: &[Column], finest: u32, values: &[i64], unusual: Unusual) -> Option<[i64; 3]> {
    let amount = |number: Option<usize>| match number {
        None => Some(None),
        Some(number) if (unusual.negative >> number) & 1 == 1 => None,
        Some(number) if (unusual.missing >> number) & 1 == 1 => Some(None),
        Some(number) => {
            let more = finest.wrapping_sub(columns.get(number)?.places);
            let value = values.get(number).copied()?;
            Some(Some(if more == 0 { value } else { value.checked_mul(10_i64.checked_pow(more)?)? }))
        }
    };
    let refunds = amount(plan.refunds)?.unwrap_or(0);
    match (amount(plan.gross)?, amount(plan.net)?) {
        (Some(gross), _) => Some([gross, refunds, gross.checked_sub(refunds)?]),
        (None, Some(net)) => Some([0, refunds, net]),
        (None, None) => None,
    }
}

/// How many lines from `start` on are rows of that width without quotes, at most as many as are read
/// together. Notes where each begins, and has the last cell end in front of a carriage return.
#[inline]
fn plain_lines(
    bytes: &[u8],
    structure: &mut Structure,
    readable: usize,
    width: usize,
    first: usize,
    start: usize,
    starts: &mut [usize; ROWS + 1],
) -> usize {
    let (mut start, mut first) = (start, first);
    let mut count = 0_usize;
    for slot in starts.iter_mut() {
        *slot = start;
        let last = first.wrapping_add(width).wrapping_sub(1);
        let Some(end) = structure.next_break(first).filter(|found| *found == last).and_then(|last| structure.end(last)) else {
            break;
        };
        if bytes.get(end) != Some(&b'\n') || end >= readable || count == ROWS {
            break;
        }
        if end > start && bytes.get(end.wrapping_sub(1)) == Some(&b'\r') {
            structure.set_end(last, end.wrapping_sub(1));
        }
        (start, first) = (end.wrapping_add(1), last.wrapping_add(1));
        count = count.wrapping_add(1);
    }
    count
}

/// Counts each bit that is set.
#[cold]
fn count_bits(counts: &mut [u64], bits: u64) {
    for (number, count) in counts.iter_mut().enumerate() {
        *count = count.wrapping_add((bits >> (number & 63)) & 1);
    }
}

/// The different pairs of columns of the rates, where all pairs have as many decimal places.
fn comparable_pairs(plan: &Plan) -> Vec<(usize, usize)> {
    let places = |number: &usize| plan.numbers.get(*number).map(|column| column.places);
    if plan.rates.iter().any(|(part, whole)| places(part) != places(whole)) {
        return Vec::new();
    }
    let mut pairs = plan.rates.clone();
    pairs.sort_unstable();
    pairs.dedup();
    // What is compared with itself is never above.
    pairs.retain(|(part, whole)| part != whole);
    pairs
}

/// Where a stretch is, while its rows are read.
struct Rows {
    report: Report,
    stretch: Stretch,
    /// Up to where the bytes are text.
    readable: usize,
    comparing: bool,
    /// First byte of the last plain row, first byte behind it, and lines before it.
    last: Option<(usize, usize, u64)>,
}

impl Rows {
    /// Counts plain rows of those that were read together.
    #[inline]
    fn add_plain(&mut self, lines: &Lines<'_>, rows: std::ops::Range<usize>) {
        let Some(count) = rows.len().checked_sub(1) else { return };
        let before = count as u64;
        self.report.plain = self.report.plain.wrapping_add(before);
        self.report.rows = self.report.rows.wrapping_add(before);
        self.report.lines = self.report.lines.wrapping_add(before);
        let (start, next) = lines.borders(rows.start.wrapping_add(count));
        self.add_plain_row(start, next, 1);
    }

    /// Counts a plain row of so many lines.
    #[inline]
    fn add_plain_row(&mut self, start: usize, next: usize, lines: u64) {
        self.last = Some((start, next, self.report.lines));
        self.report.plain = self.report.plain.wrapping_add(1);
        self.report.rows = self.report.rows.wrapping_add(1);
        self.report.lines = self.report.lines.wrapping_add(lines);
    }
}

/// Up to where the bytes of the stretch are UTF-8 without a NUL.
#[cold]
fn readable_to(bytes: &[u8], stretch: Stretch, nul: bool) -> usize {
    let text = bytes.get(stretch.from..stretch.to).unwrap_or_default();
    let text = if nul { memchr::memchr(0, text).and_then(|at| text.get(..at)).unwrap_or(text) } else { text };
    let valid = std::str::from_utf8(text).map_or_else(|error| error.valid_up_to(), str::len);
    stretch.from.wrapping_add(valid)
}

/// Whether the row is surely no total: its first cell is no total's label, and some dimension is not
/// blank.
#[inline]
fn is_listed(bytes: &[u8], cell: &impl Fn(usize) -> (usize, usize), dimensions: &[usize]) -> bool {
    let (from, to) = cell(0);
    if !is_surely_no_label(bytes.get(from..to).unwrap_or_default()) && may_be_label(bytes, from, to) {
        return false;
    }
    let filled = |index: &usize| {
        let (from, to) = cell(*index);
        to > from && (bytes.get(from).is_some_and(u8::is_ascii_alphanumeric) || !is_blank_cell(bytes, from, to))
    };
    dimensions.is_empty() || dimensions.iter().any(filled)
}

/// Whether the first cell is blank or the label of a total.
#[cold]
fn may_be_label(bytes: &[u8], from: usize, to: usize) -> bool {
    let Some(text) = bytes.get(from..to).and_then(|cell| std::str::from_utf8(cell).ok()) else { return true };
    is_blank(text) || label_of(text).is_some()
}

#[cold]
fn is_blank_cell(bytes: &[u8], from: usize, to: usize) -> bool {
    bytes.get(from..to).and_then(|cell| std::str::from_utf8(cell).ok()).is_none_or(is_blank)
}

/// The place in front of the margin's end.
#[allow(clippy::cast_possible_truncation, reason = "it is less than 256")]
const BEFORE_MARGIN: u32 = MARGIN as u32 - 1;

impl Unquoted {
    /// The cells with separators between them.
    fn text(&self) -> &[u8] {
        let end = self.ends.last().map_or(MARGIN, |end| (*end as usize).max(MARGIN));
        self.bytes.get(MARGIN..end).unwrap_or_default()
    }

    /// Takes the record apart; `false` when the careful path must.
    fn take_apart(&mut self, bytes: &[u8], start: usize, next: usize, plan: &Plan) -> bool {
        self.bytes.clear();
        self.bytes.resize(MARGIN, 0);
        self.ends.clear();
        self.ends.push(BEFORE_MARGIN);
        let sound = self.cells(bytes.get(start..next).unwrap_or_default(), plan);
        self.bytes.resize(self.bytes.len().wrapping_add(MARGIN), 0);
        sound
    }

    fn cells(&mut self, record: &[u8], plan: &Plan) -> bool {
        let (delimiter, quote) = (plan.signs.delimiter, plan.signs.quote);
        let mut rest = record;
        loop {
            let quoted = rest.first() == Some(&quote);
            let behind = if quoted {
                let Some(behind) = self.quoted_cell(rest.get(1..).unwrap_or_default(), quote) else { return false };
                behind
            } else {
                let Some(length) = memchr::memchr3(delimiter, b'\n', quote, rest) else { return false };
                let at_end = rest.get(length) == Some(&b'\n');
                let cell = rest.get(..length).unwrap_or_default();
                self.bytes.extend_from_slice(cell.strip_suffix(b"\r").filter(|_| at_end).unwrap_or(cell));
                rest.get(length..).unwrap_or_default()
            };
            self.ends.push(u32::try_from(self.bytes.len()).unwrap_or(u32::MAX));
            match behind {
                [b'\n'] => return true,
                [b'\r', b'\n'] if quoted => return true,
                [sign, behind @ ..] if *sign == delimiter => {
                    self.bytes.push(delimiter);
                    rest = behind;
                }
                // A quote inside an unquoted cell, or text behind a quoted one.
                _ => return false,
            }
        }
    }

    /// Adds the text of a quoted cell; says what stands behind its quote.
    fn quoted_cell<'b>(&mut self, inside: &'b [u8], quote: u8) -> Option<&'b [u8]> {
        let mut rest = inside;
        // Excel's guard around digits is for the careful path.
        if rest.first() == Some(&b'=') {
            return None;
        }
        loop {
            let length = memchr::memchr(quote, rest)?;
            self.bytes.extend_from_slice(rest.get(..length)?);
            rest = rest.get(length.wrapping_add(1)..)?;
            if rest.first() != Some(&quote) {
                return Some(rest);
            }
            self.bytes.push(quote);
            rest = rest.get(1..)?;
        }
    }
}

const _: () = assert!(NOT_ZERO | POINT | EITHER | NEGATIVE | BARE == 31);
