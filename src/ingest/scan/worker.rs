//! One thread's part of a scan: rows of its stretches, the plain ones added up, the others kept for
//! the careful path.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicUsize, Ordering};

use super::bits::{Instructions, Lane, Lines, Numbers, ROWS, Signs, Structure, each, first_and_last, first_bits};
use super::cell::{self as cells, Clock, Day, DayCell, Format, MOST_PLACES, NEGATIVE, NOT_ZERO, Number};
use super::days::{OtherDay, OtherDays};
use super::filters::Filters;
use super::groups::{Groups, Sums, WIDEST};
use super::intern::Texts;
use super::ledger::{Customers, Orders};
use super::plan::{OrderPlan, Plan, hash_of};
use super::quotes::{State, next_record};
use super::repeats::Met;
use super::supply::{Buffer, Stretch, Supply};
use super::unquoted::{Taken, Unquoted, Waiting};
use crate::finding::{Finding, Place};
use crate::ingest::date::likely_years;
use crate::ingest::memory::Limit;
use crate::ingest::number::{NumberEvidence, plain};
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
    /// Whether a date has another order of day and month than was guessed.
    pub(super) other_order: AtomicBool,
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
            other_order: AtomicBool::new(false),
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
struct Column<'a> {
    index: usize,
    format: &'a Format,
    places: u32,
    whole: bool,
    known: u8,
}

impl Column<'_> {
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
    /// A bit for each form of number that was met.
    forms: u64,
    /// It has a cell that is no number, and nothing more is to be said of it.
    silent: bool,
}

impl Watched {
    /// Whether a cell of its form was met.
    #[inline]
    fn knows(&self, cell: &[u8]) -> bool {
        cell.is_empty() || form_bit(cell).is_some_and(|bit| self.forms & bit != 0)
    }
}

/// The form of a number of plain digits, with a percent sign or without: cells of the same form show the same.
fn form_bit(cell: &[u8]) -> Option<u64> {
    let digits = cell.strip_suffix(b"%");
    let plain = plain::read(digits.unwrap_or(cell))?;
    let shows = [
        digits.is_some(),
        plain.mantissa != 0,
        plain.has_point,
        plain.scale == 3,
        plain.whole_digits <= 3,
        plain.starts_with_zero && (plain.has_point || plain.whole_digits > 1),
    ];
    // Numbers as long as ids are looked at one by one.
    let form = shows.into_iter().fold(0, |form, shows| (form << 1) | u32::from(shows));
    (plain.whole_digits <= 15).then_some(1 << form)
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

/// Kinds of days with the year first: any, and with each kind of time.
pub(super) const DAY: u8 = 1;

pub(super) const fn clock_kind(clock: Clock) -> u8 {
    match clock {
        Clock::Local => 2,
        Clock::WithOffset => 4,
    }
}

/// One thread's part.
pub(super) struct Worker<'a> {
    plan: &'a Plan,
    shared: &'a Shared,
    place: &'a Place,
    instructions: Instructions,
    structure: Structure,
    unquoted: Unquoted,
    columns: Vec<Column<'a>>,
    numbers: Numbers,
    /// A bit for each column.
    all_columns: u64,
    /// Days of the rows that are read together.
    each_day: [u32; ROWS],
    /// Their groups, and then the slots of these.
    each_slot: [u32; ROWS],
    /// Whether all columns that are compared for rates have as many decimal places.
    are_comparable: bool,
    watched: Vec<Watched>,
    filters: Filters<'a>,
    days_known: u8,
    /// Where some have not the year first.
    other_days: Option<OtherDays>,
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
    ordered: Ordered,
    pub(super) reports: Vec<Report>,
    pub(super) odd: Vec<OddRow>,
    pub(super) odd_bytes: Vec<u8>,
    pub(super) hashes: Vec<u64>,
    /// What was noted of them.
    pub(super) met_hashes: Met,
}

/// Orders of rows that were taken one by one, to be added together.
#[derive(Debug)]
struct Ordered {
    /// A bit for each row, and for those that are selected.
    rows: u64,
    selected: u64,
    amounts: [[i64; 3]; ROWS],
}

impl Default for Ordered {
    fn default() -> Self {
        Ordered { rows: 0, selected: 0, amounts: [[0; 3]; ROWS] }
    }
}

impl Ordered {
    fn note(&mut self, row: usize, amounts: [i64; 3], selected: bool) {
        if let Some(slot) = self.amounts.get_mut(row) {
            *slot = amounts;
            self.rows |= 1 << row;
            self.selected |= u64::from(selected) << row;
        }
    }
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

impl<'a> Worker<'a> {
    pub(super) fn new(plan: &'a Plan, shared: &'a Shared, place: &'a Place) -> Self {
        let column = |column: &'a super::plan::NumberColumn| Column {
            index: column.index,
            format: &column.format,
            places: column.places,
            whole: column.whole,
            known: 0,
        };
        let pairs = comparable_pairs(plan);
        let places: Vec<u32> = plan.numbers.iter().map(|column| column.places).collect();
        let numbers = Numbers::new(&places, plan.decimal.byte(), &pairs);
        Worker {
            plan,
            shared,
            place,
            instructions: Instructions::best(),
            structure: Structure::new(),
            unquoted: Unquoted::default(),
            columns: plan.numbers.iter().map(column).collect(),
            all_columns: u64::MAX
                .checked_shr(64_u32.saturating_sub(u32::try_from(plan.numbers.len()).unwrap_or(64)))
                .unwrap_or(0),
            each_day: [0; ROWS],
            each_slot: [0; ROWS],
            are_comparable: !pairs.is_empty() || plan.rates.is_empty(),
            watched: plan
                .watched
                .iter()
                .map(|index| Watched { index: *index, evidence: NumberEvidence::default(), forms: 0, silent: false })
                .collect(),
            filters: Filters::new(&plan.filters),
            days_known: 0,
            other_days: plan.dates.map(|dates| OtherDays::new(dates.order)),
            finest: plan.orders.map_or(0, |orders| plan.order_places(&orders)),
            likely_days: Day::of_years(likely_years()),
            rates_known: 0,
            selected_known: false,
            currencies: Texts::default(),
            currencies_known: 0,
            groups: Groups::new(&plan.by),
            sums: Sums::new(plan.numbers.len(), plan.by_group),
            numbers,
            negative: vec![0; plan.numbers.len()],
            scales: vec![Scales::default(); plan.numbers.len()],
            alone: vec![(0, 0); plan.numbers.len()],
            rates: vec![0; plan.rates.len()],
            days: None,
            undated: false,
            last: LastRow::default(),
            orders: plan.orders.map(|_| Orders::new()),
            ordered: Ordered::default(),
            reports: Vec::new(),
            odd: Vec::new(),
            odd_bytes: Vec::new(),
            hashes: Vec::new(),
            met_hashes: Met::default(),
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
        self.sums.add_waiting(&self.numbers);
        self.met_hashes = Met::of_rows();
        self.met_hashes.add(&self.hashes);
        if let (Some(orders), Some(customers)) = (&mut self.orders, &self.shared.customers) {
            orders.flush(customers);
        }
    }

    fn stretch(&mut self, bytes: &[u8], stretch: Stretch) {
        let mut structure = std::mem::replace(&mut self.structure, Structure::new());
        let mut rows = Rows {
            report: Report { number: stretch.number, odd: self.odd.len()..0, hashes: self.hashes.len()..0, ..Report::default() },
            stretch,
            readable: stretch.to,
            is_text: false,
            last: None,
            comparing: self.shared.compare.load(Ordering::Relaxed),
        };
        self.rows(bytes, &mut structure, &mut rows);
        self.add_unquoted(bytes, &mut rows);
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
        // Number of the row's first position, and which bytes' positions are known.
        let mut first = 0_usize;
        let mut known = start..start;
        let mut starts = [0; ROWS + 1];
        while start < to {
            if start >= known.end {
                known = rows.look(bytes, structure, self.plan.signs, start, WINDOW);
                first = 0;
            }
            let lines = structure.plain_lines(bytes, rows.readable, width, first, start, &mut starts);
            if lines.count > 0 {
                self.lines(&lines, rows);
                start = lines.start(lines.count);
                first = first.wrapping_add(lines.count.wrapping_mul(width));
                continue;
            }
            let sign = structure.next_break(first).and_then(|number| structure.end(number));
            let next = match sign {
                Some(end) if bytes.get(end) == Some(&b'\n') => Some(self.other_width(bytes, rows, start, end)),
                // A quote.
                Some(_) => match self.quoted(bytes, rows, structure.positions_from(first), start) {
                    Taken::Cut if known.end < to => None,
                    Taken::Cut | Taken::Unsound => {
                        let Signs { delimiter, quote } = self.plan.signs;
                        let next = next_record(bytes.get(..to).unwrap_or_default(), start, State::Outside, delimiter, quote);
                        let next = next.unwrap_or(to);
                        self.odd(bytes, rows, start, next, Some(next <= rows.readable));
                        Some(next)
                    }
                    Taken::Row { next, positions, .. } => {
                        first = first.wrapping_add(positions);
                        Some(next)
                    }
                },
                None if known.end < to => None,
                None => {
                    // The last line of the file has no line end: the careful path knows what to do.
                    self.odd(bytes, rows, start, to, Some(to <= rows.readable));
                    return;
                }
            };
            let Some(next) = next else {
                // The record goes on behind what is known.
                let length = if known.start == start { known.len().saturating_mul(2) } else { WINDOW };
                known = rows.look(bytes, structure, self.plan.signs, start, length);
                first = 0;
                continue;
            };
            if next > rows.readable {
                return;
            }
            while let Some(last) = structure.next_break(first)
                && structure.end(last).is_some_and(|end| end < next)
            {
                first = last.wrapping_add(1);
            }
            start = next;
        }
    }

    /// Keeps a row of another width than the header's; says where the next one begins.
    #[cold]
    fn other_width(&mut self, bytes: &[u8], rows: &mut Rows, start: usize, end: usize) -> usize {
        let next = end.wrapping_add(1);
        if next > rows.readable {
            self.odd(bytes, rows, start, next, None);
            return next;
        }
        let line = bytes.get(start..end).unwrap_or_default();
        if rows.comparing {
            // It goes the careful way in any case.
            self.compare(line.strip_suffix(b"\r").unwrap_or(line));
        }
        self.keep(bytes, rows, start, next);
        next
    }

    /// Adds up the plain ones of rows that are read together, and keeps the others.
    fn lines(&mut self, lines: &Lines<'_>, rows: &mut Rows) {
        let mut suspects = 0;
        if rows.comparing {
            for row in 0..lines.count {
                suspects |= u64::from(self.compare(lines.text(row))) << row;
            }
        }
        self.sums.expect_some();
        self.numbers.read(lines);
        self.sums.expect_some();
        let plain = self.add_plain(lines, suspects);
        let others = first_bits(lines.count) & !plain;
        if others != 0 && !self.unquoted.is_empty() {
            // Something may be learnt from those, and before what may be learnt from these.
            self.add_unquoted(lines.bytes, rows);
            self.numbers.read(lines);
        }
        let mut before = 0;
        for row in each(others) {
            rows.add_plain(lines, before..row);
            before = row.wrapping_add(1);
            if (suspects >> row) & 1 == 0 && self.row(lines, row) {
                rows.add_plain(lines, row..before);
            } else {
                let (start, next) = lines.borders(row);
                self.keep(lines.bytes, rows, start, next);
            }
        }
        self.add_ordered(lines);
        rows.add_plain(lines, before..lines.count);
    }

    /// Adds up the rows that are surely plain and tell nothing new, and says which they are. The numbers
    /// of the rows were read.
    fn add_plain(&mut self, lines: &Lines<'_>, suspects: u64) -> u64 {
        if !self.are_comparable || !self.selected_known {
            return 0;
        }
        let mut plain = self.numbers.good(lines.count, self.all_columns) & !suspects;
        for watched in self.watched.iter().filter(|watched| !watched.silent) {
            for row in each(plain) {
                let (from, to) = lines.cell(row, watched.index);
                let known = watched.knows(lines.bytes.get(from..to).unwrap_or_default());
                plain &= !(u64::from(!known) << row);
            }
        }
        if self.plan.totals {
            plain &= lines.listed(self.instructions, &self.plan.dimensions);
            self.sums.expect_some();
        }
        for index in &self.plan.ids {
            plain &= lines.without_plus(*index);
        }
        if let Some(index) = self.plan.date {
            let known = (self.days_known, self.other_days.as_ref());
            plain &= lines.days(self.instructions, index, known, &self.likely_days, &mut self.each_day);
            self.sums.expect_some();
        }
        let mut selected = u64::MAX;
        if self.plan.is_selective() {
            for row in each(plain) {
                let day = self.each_day.get(row).map(|day| Day(*day)).filter(|_| self.plan.date.is_some());
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
            let only = only_amount(plan, &self.columns, self.finest);
            let amounts = |row| match only {
                Some(number) => {
                    let net = self.numbers.value(row, number);
                    Some([if plan.gross.is_some() { net } else { 0 }, 0, net])
                }
                None => amounts(plan, &self.columns, self.finest, (&self.numbers, row), Unusual::default()),
            };
            plain = orders.add(customers, lines, [plan.order, plan.customer], plain, selected, amounts);
        }
        if self.plan.date.is_none() {
            self.undated |= plain != 0;
        } else if let Some((first, last)) = first_and_last(self.instructions, &self.each_day, plain) {
            let (before, after) = self.days.unwrap_or((Day(first), Day(last)));
            self.days = Some((before.min(Day(first)), after.max(Day(last))));
        }
        self.groups.numbers(self.instructions, lines, plain & selected, &self.each_day, &mut self.each_slot);
        self.each_slot.iter_mut().for_each(|slot| *slot = slot.wrapping_add(1));
        for row in each(plain & !selected) {
            self.each_slot.iter_mut().skip(row).take(1).for_each(|slot| *slot = 0);
        }
        self.sums.add(&self.numbers, plain, selected, &self.each_slot, self.groups.count().saturating_add(1));
        plain
    }

    /// Takes apart a row with a quote in it, to be added up with others of its kind. `positions` are those of its signs
    /// and of what follows.
    fn quoted(&mut self, bytes: &[u8], rows: &mut Rows, positions: &[u32], start: usize) -> Taken {
        if self.unquoted.is_full() {
            self.add_unquoted(bytes, rows);
        }
        let taken = self.unquoted.take_apart(bytes, positions, start, self.plan.signs);
        let Taken::Row { next, lines, cells, .. } = taken else { return taken };
        if next > rows.readable {
            self.unquoted.leave_out();
            return Taken::Unsound;
        }
        let suspect = rows.comparing && {
            let hash = hash_of(self.unquoted.text());
            self.note(hash)
        };
        if suspect || cells != self.plan.width {
            self.unquoted.leave_out();
            self.keep(bytes, rows, start, next);
        } else {
            let Report { plain, lines: lines_before, .. } = rows.report;
            self.unquoted.keep(Waiting { start, next, plain_before: plain, lines_before, last_before: rows.last });
            rows.add_plain_row(start, next, lines);
        }
        taken
    }

    /// Adds up the rows that had quotes, which were taken for plain ones, and keeps those that are not.
    fn add_unquoted(&mut self, bytes: &[u8], rows: &mut Rows) {
        if self.unquoted.is_empty() {
            return;
        }
        let mut unquoted = std::mem::take(&mut self.unquoted);
        let lines = unquoted.lines(self.plan.width);
        self.numbers.read(&lines);
        let plain = self.add_plain(&lines, 0);
        let mut odd = 0_u64;
        for row in each(first_bits(lines.count) & !plain) {
            odd |= u64::from(!self.row(&lines, row)) << row;
        }
        self.add_ordered(&lines);
        for (number, row) in each(odd).enumerate() {
            if let Some(Waiting { start, next, plain_before, lines_before, .. }) = unquoted.waiting.get(row) {
                self.keep_as(bytes, rows, *start..*next, plain_before.wrapping_sub(number as u64), *lines_before);
                rows.report.plain = rows.report.plain.wrapping_sub(1);
            }
        }
        // The last row that is plain after all.
        for (row, waiting) in unquoted.waiting.iter().enumerate().rev() {
            if (odd >> (row & 63)) & 1 == 1 && rows.last.is_some_and(|(start, ..)| start == waiting.start) {
                rows.last = waiting.last_before;
            }
        }
        unquoted.clear();
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
        self.add_unquoted(bytes, rows);
        let Report { plain, lines, .. } = rows.report;
        self.keep_as(bytes, rows, start..next, plain, lines);
        let text = bytes.get(start..next).unwrap_or_default();
        rows.report.rows = rows.report.rows.wrapping_add(1);
        rows.report.lines = rows.report.lines.wrapping_add(memchr::memchr_iter(b'\n', text).count() as u64);
    }

    /// Keeps a row with so many plain rows and lines of its stretch before it.
    #[cold]
    fn keep_as(&mut self, bytes: &[u8], rows: &Rows, row: std::ops::Range<usize>, plain_before: u64, lines_before: u64) {
        let text = bytes.get(row.clone()).unwrap_or_default();
        self.odd.push(OddRow {
            plain_before,
            lines_before,
            offset: rows.stretch.offset.wrapping_add(row.start.wrapping_sub(rows.stretch.from) as u64),
            at: self.odd_bytes.len(),
            length: text.len(),
        });
        self.odd_bytes.extend_from_slice(text);
        let many = self.shared.odd_rows.fetch_add(1, Ordering::Relaxed) > MOST_ODD_ROWS;
        let long = self.shared.odd_bytes.fetch_add(text.len(), Ordering::Relaxed) > MOST_ODD_BYTES;
        if many || long {
            self.shared.stop.store(true, Ordering::Relaxed);
        }
    }

    /// Notes the row for the search for duplicates; says whether another is known to have its hash.
    fn compare(&mut self, row: &[u8]) -> bool {
        // A place is kept for every row; blank ones are not compared.
        self.note(hash_of(row))
    }

    /// The same by its hash.
    fn note(&mut self, hash: u64) -> bool {
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
                    DayCell::Moment(day, clock) => (Some(day), DAY | clock_kind(clock)),
                    DayCell::Missing => (None, 0),
                    DayCell::Odd => match self.other_day(bytes, from, to) {
                        Some(day) => (Some(day), 0),
                        None => return false,
                    },
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
        let above_one = if may_be_above { self.rates_above_one(row, missing) } else { 0 };
        if above_one & !self.rates_known != 0 {
            self.rates_known |= above_one;
            return false;
        }
        let amounts = match &self.plan.orders {
            None => None,
            Some(orders) => match amounts(orders, &self.columns, self.finest, (&self.numbers, row), unusual) {
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
        self.sums.add_row(&mut self.numbers, row, slot, missing, unusual.wide);
        if let Some(amounts) = amounts {
            self.ordered.note(row, amounts, selected);
        }
        true
    }

    /// A day that has not the year first, if it is known how such days are written.
    fn other_day(&mut self, bytes: &[u8], from: usize, to: usize) -> Option<Day> {
        let other = self.other_days.as_mut()?;
        if let Some(day) = other.known(bytes, from, to) {
            return Some(day);
        }
        match other.read(bytes.get(from..to).unwrap_or_default()) {
            OtherDay::Day(day) => Some(day),
            OtherDay::Odd => None,
            OtherDay::OtherOrder => {
                if self.plan.dates.is_some_and(|dates| dates.is_guess) {
                    self.shared.other_order.store(true, Ordering::Relaxed);
                    self.shared.stop.store(true, Ordering::Relaxed);
                }
                None
            }
        }
    }

    /// Adds the orders of rows that were taken one by one.
    fn add_ordered(&mut self, lines: &Lines<'_>) {
        let Ordered { rows, selected, amounts } = &mut self.ordered;
        if let (Some(plan), Some(orders), Some(customers)) = (&self.plan.orders, &mut self.orders, &self.shared.customers)
            && *rows != 0
        {
            let amounts = |row: usize| amounts.get(row).copied();
            orders.add(customers, lines, [plan.order, plan.customer], *rows, *selected, amounts);
        }
        (*rows, *selected) = (0, 0);
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
            let value = match cells::slow(bytes.get(from..to).unwrap_or_default(), column.format, column.places, column.whole) {
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
            self.numbers.set_value(row, number, value);
        }
        let is_blank = unusual.missing != 0 && unusual.missing.count_ones() as usize == self.columns.len();
        (!is_blank).then_some(unusual)
    }

    /// Looks at cells that nothing is made of; `false` when one is the first of its kind.
    fn watch(&mut self, bytes: &[u8], cell: &impl Fn(usize) -> (usize, usize)) -> bool {
        let mut known = true;
        for watched in self.watched.iter_mut().filter(|watched| !watched.silent) {
            let (from, to) = cell(watched.index);
            let cell = bytes.get(from..to).unwrap_or_default();
            if watched.knows(cell) {
                continue;
            }
            watched.forms |= form_bit(cell).unwrap_or(0);
            let text = std::str::from_utf8(cell).unwrap_or_default();
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
    fn rates_above_one(&self, row: usize, missing: u64) -> u64 {
        let mut above_one = 0_u64;
        for (number, (part, whole)) in self.plan.rates.iter().enumerate() {
            above_one |= u64::from(self.exceeds(row, *part, *whole, missing)) << (number & 63);
        }
        above_one
    }

    /// Whether the value of one column is above that of another, where the row has both.
    fn exceeds(&self, row: usize, part: usize, whole: usize, missing: u64) -> bool {
        let (part_value, whole_value) = (self.numbers.value(row, part), self.numbers.value(row, whole));
        if missing != 0 && ((missing >> part) | (missing >> whole)) & 1 == 1 {
            return false;
        }
        match (self.columns.get(part), self.columns.get(whole)) {
            (Some(left), Some(right)) if left.places != right.places => {
                let scaled = |value: i64, more: u32| i128::from(value).saturating_mul(10_i128.saturating_pow(more));
                scaled(part_value, right.places) > scaled(whole_value, left.places)
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
fn amounts(
    plan: &OrderPlan,
    columns: &[Column<'_>],
    finest: u32,
    (numbers, row): (&Numbers, usize),
    unusual: Unusual,
) -> Option<[i64; 3]> {
    let amount = |number: Option<usize>| match number {
        None => Some(None),
        Some(number) if (unusual.negative >> number) & 1 == 1 => None,
        Some(number) if (unusual.missing >> number) & 1 == 1 => Some(None),
        Some(number) => {
            let more = finest.wrapping_sub(columns.get(number)?.places);
            let value = numbers.value(row, number);
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

/// The column that is the amount of an order before and after refunds, in units of the finest one's
/// last place; `None` where amounts have to be worked out.
fn only_amount(plan: &OrderPlan, columns: &[Column<'_>], finest: u32) -> Option<usize> {
    let number = plan.gross.or(plan.net).filter(|_| plan.refunds.is_none())?;
    (columns.get(number)?.places == finest).then_some(number)
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
    /// Up to where the bytes are text, as far as is known.
    readable: usize,
    /// Whether it was found up to where they are UTF-8.
    is_text: bool,
    comparing: bool,
    /// First byte of the last plain row, first byte behind it, and lines before it.
    last: Option<(usize, usize, u64)>,
}

/// Bytes in which signs are looked for before their rows are read: the processor's nearest memory holds them
/// with what is found. Tests have records that are longer.
const WINDOW: usize = if cfg!(test) { 128 } else { 24 * 1024 };

impl Rows {
    /// Looks for signs in so many bytes from `from` on, and in no more than there are.
    fn look(
        &mut self,
        bytes: &[u8],
        structure: &mut Structure,
        signs: Signs,
        from: usize,
        length: usize,
    ) -> std::ops::Range<usize> {
        let to = from.saturating_add(length).min(self.stretch.to);
        structure.find(bytes, from, to, signs);
        if !structure.ascii && !self.is_text {
            let text = bytes.get(from..self.stretch.to).unwrap_or_default();
            let valid = std::str::from_utf8(text).map_or_else(|error| error.valid_up_to(), str::len);
            self.readable = self.readable.min(from.wrapping_add(valid));
            self.is_text = true;
        }
        if structure.nul {
            let nul = memchr::memchr(0, bytes.get(from..to).unwrap_or_default());
            self.readable = nul.map_or(self.readable, |nul| self.readable.min(from.wrapping_add(nul)));
        }
        from..to
    }

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
