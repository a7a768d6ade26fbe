//! What the scan has to look at in a row, and whether it can read the table at all.

use std::io::Read as _;

use super::bits::Signs;
use super::cell::{Day, DayCell, Format, MARGIN, MOST_PLACES, day};
use super::intern::hash;
use super::quotes::{State, last_record_end, next_record};
use crate::ingest::delimited::Delimited;
use crate::ingest::dialect::{Blanks, Dialect, LineEnd};
use crate::ingest::encoding::{BUFFER, Text};
use crate::ingest::evidence::{is_missing, trim};
use crate::ingest::layout::Layout;
use crate::ingest::number::{DecimalMark, NumberStyle, SettledBy, plain};
use crate::ingest::profile::{DateOrder, Role, RowIs, Shape};
use crate::ingest::rates::ROWS;
use crate::ingest::record::{Record, Records as _};
use crate::ingest::rows::is_aggregate;
use crate::ingest::survey::{Marks, Survey, survey};
use crate::ingest::table::Table;
use crate::ingest::tally::{DimensionSource, dimension_source, rates, row_date};
use crate::kpi::{Additivity, Catalogue, Measure};
use crate::measures::{Filter, Kind, Question};

/// Bytes at the head of the file in which the header must lie, and by whose rows the decimal places
/// of the columns are guessed.
const HEAD: u64 = 256 * 1024;

/// Those in which the rows lie whose printed rates are compared.
const HEAD_WITH_RATES: u64 = 16 * 1024 * 1024;

/// Rows at the beginning that always go the careful way, so that it sees a part of every column.
const FIRST_ROWS: usize = 16;

/// Rows by which the decimal places are guessed, and whether numbers and days are written as they mostly are.
const SAMPLE: usize = 500;

/// Bytes by which it is told how they are written otherwise.
const MOST_SURVEYED: usize = 256 * 1024;

/// What is done with each row.
#[derive(Debug)]
pub(super) struct Plan {
    pub(super) signs: Signs,
    pub(super) dialect: Dialect,
    /// Number of columns of the header, which every plain row has.
    pub(super) width: usize,
    /// Where the rows that are scanned begin in the file, and on which line.
    pub(super) start: u64,
    pub(super) line: u64,
    /// The bytes before that, from the mark on: header and first rows.
    pub(super) head: Vec<u8>,
    /// Hashes of those rows, to find others that repeat them.
    pub(super) first_hashes: Vec<u64>,
    pub(super) mark: u64,
    /// The decimal mark of all numbers.
    pub(super) decimal: DecimalMark,
    /// Columns of measures: first those of which every group needs the sum.
    pub(super) numbers: Vec<NumberColumn>,
    /// How many those are. Of the others only the totals are kept.
    pub(super) by_group: usize,
    /// For each column of measures in the order of the second pass its place among `numbers`.
    pub(super) order: Vec<usize>,
    pub(super) date: Option<usize>,
    /// How its days are written, where some have not the year first.
    pub(super) dates: Option<PlannedDates>,
    pub(super) currency: Option<usize>,
    /// Dimensions of the groups; empty where there is one group.
    pub(super) by: Vec<DimensionSource>,
    pub(super) filters: Vec<(DimensionSource, Filter)>,
    pub(super) from: Option<Day>,
    pub(super) to: Option<Day>,
    /// Rates that are checked in every row: the columns above and below.
    pub(super) rates: Vec<(usize, usize)>,
    /// Whether total rows may stand among the rows.
    pub(super) totals: bool,
    /// What makes up an order, where rows are orders.
    pub(super) orders: Option<OrderPlan>,
    /// Columns that no answer needs but of which something is said if they are numbers.
    pub(super) watched: Vec<usize>,
    /// Columns of ids that are used for nothing else, in which a spreadsheet may have rounded.
    pub(super) ids: Vec<usize>,
    /// Columns of dimensions; where all are blank the row may be a total.
    pub(super) dimensions: Vec<usize>,
}

/// How days are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct PlannedDates {
    /// The order of dates of digits with the year last.
    pub(super) order: Option<DateOrder>,
    /// Whether the first rows leave it open.
    pub(super) is_guess: bool,
}

/// What makes up an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct OrderPlan {
    pub(super) order: Option<usize>,
    pub(super) customer: Option<usize>,
    /// Numbers of the columns of amounts.
    pub(super) gross: Option<usize>,
    pub(super) refunds: Option<usize>,
    /// The amount after refunds, where there is none before.
    pub(super) net: Option<usize>,
}

/// A column of numbers.
#[derive(Clone, Debug)]
pub(super) struct NumberColumn {
    pub(super) index: usize,
    /// How they are written.
    pub(super) format: Format,
    /// Decimal places that its numbers are kept with.
    pub(super) places: u32,
    /// Whether only whole numbers are right.
    pub(super) whole: bool,
}

/// The plan for a table; `None` where the careful path must read it.
pub(super) fn plan(table: &Table, layout: &Layout, question: &Question, catalogue: &Catalogue, marks: Marks) -> Option<Plan> {
    let dialect = table.sheet().dialect().filter(is_simple)?;
    let simple = table.is_whole_sheet()
        && !question.dedupe
        && is_plain(layout)
        && (layout.profile.kind != Kind::Orders || (question.by.is_empty() && !question.needs_dates()));
    if !simple {
        return None;
    }
    let signs = Signs { delimiter: dialect.delimiter, quote: dialect.quote? };
    let mut columns: Vec<(usize, &'static [Measure])> = (0..layout.header.len())
        .filter_map(|index| match layout.role(index) {
            Some(Role::Measures(measures)) => Some((index, measures)),
            _ => None,
        })
        .collect();
    let needed = question.needed(catalogue).filter(|_| !question.by.is_empty());
    let is_needed = |of: &[Measure]| needed.as_ref().is_none_or(|needed| of.iter().any(|measure| needed.contains(measure)));
    columns.sort_by_key(|(_, of)| !is_needed(of));
    let by_group = columns.iter().filter(|(_, of)| is_needed(of)).count();
    let (indexes, measures): (Vec<usize>, Vec<&'static [Measure]>) = columns.into_iter().unzip();
    let mut order: Vec<usize> = (0..indexes.len()).collect();
    order.sort_by_key(|place| indexes.get(*place));
    // A cell that is a number shows that its row is neither blank, a remark nor the header again.
    let header_is_text = indexes.iter().all(|index| plain::read(layout.name(*index).as_bytes()).is_none());
    if indexes.is_empty() || indexes.len() > 64 || !header_is_text {
        return None;
    }
    let has = |place: &usize, measure: Measure| measures.get(*place).is_some_and(|of| of.contains(&measure));
    let number_of = |measure: Measure| order.iter().copied().find(|place| has(place, measure));
    let orders = match layout.profile.kind {
        Kind::Orders => Some(order_plan(layout, number_of)?),
        _ => None,
    };
    let has_dates = row_date(layout).is_some();
    let mut lacks = Vec::new();
    let by: Vec<_> = question.by.iter().map(|dimension| dimension_source(layout, dimension, has_dates, &mut lacks)).collect();
    let filter = |filter: &Filter| (dimension_source(layout, &filter.dimension, has_dates, &mut Vec::new()), filter.clone());
    let day = |date: Option<jiff::civil::Date>| date.map_or(Some(None), |date| Day::of(date).map(Some));
    let mut plan = Plan {
        signs,
        dialect,
        width: layout.header.len(),
        start: 0,
        line: 0,
        head: Vec::new(),
        first_hashes: Vec::new(),
        mark: 0,
        decimal: DecimalMark::Point,
        numbers: indexes
            .iter()
            .zip(&measures)
            .map(|(index, of)| {
                let whole = of.iter().any(|measure| measure.is_whole());
                NumberColumn { index: *index, format: Format::new(DecimalMark::Point), places: 0, whole }
            })
            .collect(),
        by_group,
        order: order.clone(),
        date: row_date(layout),
        dates: None,
        currency: layout.column_of(Role::Currency),
        by: if lacks.is_empty() { by } else { Vec::new() },
        filters: question.filters.iter().map(filter).collect(),
        from: day(question.from)?,
        to: day(question.to)?,
        rates: rates(catalogue, number_of).into_iter().map(|(_, numerator, denominator)| (numerator, denominator)).collect(),
        totals: is_aggregate(layout.profile.kind),
        orders,
        watched: (0..layout.header.len())
            .filter(|index| matches!(layout.role(*index), None | Some(Role::PrintedRate(_))))
            .collect(),
        ids: layout.with_role(|role| matches!(role, Role::Id | Role::PersonId)).collect(),
        dimensions: layout.with_role(|role| matches!(role, Role::Dimension(_))).collect(),
    };
    if plan.rates.len() > 64 {
        return None;
    }
    let rates = layout.with_role(|role| matches!(role, Role::PrintedRate(_))).next().is_some();
    plan.read_head(table, (layout, question, marks), rates)?;
    Some(plan)
}

/// A hash of a row's cells with separators between them; 0 for a blank row.
#[inline]
pub(super) fn hash_of(row: &[u8]) -> u64 {
    if row.is_empty() { 0 } else { hash(row).max(1) }
}

/// Whether the cell is a day with the year first, or blank.
fn is_usual_day(cell: &str) -> bool {
    let bytes = [cell.as_bytes(), &[0; MARGIN]].concat();
    day(&bytes, 0, cell.len()) != DayCell::Odd
}

/// The order that a date of digits with the year last most likely has, by the mark between them.
fn likely_order(cell: &str) -> Option<DateOrder> {
    let parts = cell.trim_start();
    match parts.bytes().take(3).find(|byte| !byte.is_ascii_digit())? {
        b'/' => Some(DateOrder::MonthDayYear),
        b'.' | b'-' => Some(DateOrder::DayMonthYear),
        _ => None,
    }
}

fn order_plan(layout: &Layout, number_of: impl Fn(Measure) -> Option<usize>) -> Option<OrderPlan> {
    let mut customers = layout.with_role(|role| *role == Role::CustomerId);
    let plan = OrderPlan {
        order: layout.column_of(Role::OrderId),
        customer: customers.next(),
        gross: number_of(Measure::GrossRevenue),
        refunds: number_of(Measure::Refunds),
        net: number_of(Measure::Revenue).filter(|_| number_of(Measure::GrossRevenue).is_none()),
    };
    (customers.next().is_none() && (plan.gross.is_some() || plan.net.is_some())).then_some(plan)
}

/// RFC 4180 with any separator and line feeds.
#[allow(clippy::trivially_copy_pass_by_ref, reason = "it is handed to `Option::filter`")]
fn is_simple(dialect: &Dialect) -> bool {
    dialect.escape.is_none()
        && dialect.blanks == Blanks::Keep
        && dialect.line_end != LineEnd::Cr
        && !dialect.declared
        && dialect.quote.is_some_and(|quote| quote != dialect.delimiter && quote.is_ascii() && quote != b'\n')
        && dialect.delimiter.is_ascii()
        && !matches!(dialect.delimiter, b'\r' | b'\n' | 0)
}

/// Whether each row is data by itself, and everything in it adds up.
fn is_plain(layout: &Layout) -> bool {
    let profile = &layout.profile;
    let orders = profile.kind == Kind::Orders;
    let kind = orders || matches!(profile.kind, Kind::Campaigns | Kind::Ads | Kind::Web | Kind::Social | Kind::Measures);
    let adds = |measure: &Measure| matches!(measure.additivity(), Additivity::Sum | Additivity::Parameter);
    let role = |index: usize| match layout.role(index) {
        None => true,
        Some(Role::Measures(measures)) => measures.iter().all(adds),
        Some(Role::OrderId | Role::CustomerId) => orders,
        Some(role) => {
            matches!(
                role,
                Role::Dimension(_)
                    | Role::Date
                    | Role::Currency
                    | Role::Id
                    | Role::Ignored
                    | Role::PrintedRate(_)
                    | Role::PersonId
            )
        }
    };
    let one_date = layout.with_role(|role| matches!(role, Role::Date)).count() <= 1;
    kind && one_date
        && matches!(profile.shape, Shape::Table)
        && profile.rules.is_empty()
        && profile.row != RowIs::LineBlankAfterFirst
        && layout.rows.is_empty()
        && layout.counts.is_empty()
        && layout.header.len() >= 2
        && (0..layout.header.len()).all(role)
}

impl Plan {
    /// Sets the first rows aside and tells how many decimal places the columns have; `None` when the
    /// head of the file is not as simple as the rest is thought to be.
    fn read_head(&mut self, table: &Table, (layout, question, marks): (&Layout, &Question, Marks), rates: bool) -> Option<()> {
        let before_data = layout.before_data;
        // Blank rows and totals may stand among those whose rates are compared.
        let compared = usize::try_from(ROWS).ok()?.saturating_add(FIRST_ROWS);
        let (most, first_rows) = if rates { (HEAD_WITH_RATES, compared) } else { (HEAD, FIRST_ROWS) };
        let mut bytes = vec![b'\n'];
        let (mut reader, mark) = table.sheet().utf_8().ok()?;
        self.mark = mark as u64;
        std::io::copy(&mut reader.by_ref().take(self.mark), &mut std::io::sink()).ok()?;
        reader.take(most).read_to_end(&mut bytes).ok()?;
        let Signs { delimiter, quote } = self.signs;
        let mut at = 1;
        for _ in 0..before_data {
            at = next_record(&bytes, at, State::Outside, delimiter, quote)?;
        }
        let header = bytes.get(1..at)?.to_vec();
        let mut records = self.records(header, self.mark, 1, &table.place());
        let mut record = Record::default();
        for _ in 0..before_data {
            records.read(&mut record).ok().filter(|more| *more)?;
        }
        if records.read(&mut record) != Ok(false) {
            return None;
        }
        for _ in 0..first_rows {
            at = next_record(&bytes, at, State::Outside, delimiter, quote)?;
        }
        let head = bytes.get(1..at)?.to_vec();
        let mut records = self.records(head.clone(), self.mark, 1, &table.place());
        let mut left = before_data;
        // What cannot be read is for the careful path to report.
        while records.read(&mut record).is_ok_and(|more| more) {
            if left == 0 {
                self.first_hashes.push(hash_of(&self.joined(&record)));
            }
            left = left.saturating_sub(1);
        }
        self.line = 1_u64.saturating_add(memchr::memchr_iter(b'\n', &head).count() as u64);
        self.start = self.mark.saturating_add(head.len() as u64);
        self.head = head;
        let rows = bytes.get(at..)?;
        let rows = rows.get(..last_record_end(rows, delimiter, quote)?)?;
        let sample = self.sample(rows, &table.place())?;
        if marks.decimal == Some(DecimalMark::Comma) || !sample.iter().all(|record| self.is_usual(record)) {
            let of_head = rows.get(..rows.len().min(MOST_SURVEYED))?;
            let of_head = of_head.get(..last_record_end(of_head, delimiter, quote)?)?;
            let mut records = self.records([&self.head, of_head].concat(), self.mark, 1, &table.place());
            let survey = survey(layout, &mut records, &question.include, marks, &table.place()).ok()?;
            self.take_style(&survey, &sample)?;
        }
        for record in &sample {
            for column in &mut self.numbers {
                let scale = record.get(column.index).and_then(|cell| column.format.scale(cell.as_bytes())).unwrap_or(0);
                column.places = column.places.max(scale.min(MOST_PLACES));
            }
        }
        Some(())
    }

    /// The first of those rows.
    fn sample(&self, rows: &[u8], place: &crate::finding::Place) -> Option<Vec<Record>> {
        let mut records = self.records(rows.to_vec(), self.start, self.line, place);
        let mut sample = Vec::new();
        let mut record = Record::default();
        while sample.len() < SAMPLE && records.read(&mut record).ok()? {
            sample.push(std::mem::take(&mut record));
        }
        Some(sample)
    }

    /// Whether all numbers of the row are plain and its day has the year first.
    fn is_usual(&self, record: &Record) -> bool {
        let cell = |index: usize| record.get(index).unwrap_or_default();
        let is_plain = |column: &NumberColumn| {
            let cell = cell(column.index);
            plain::read(cell.as_bytes()).is_some() || is_missing(trim(cell))
        };
        self.numbers.iter().all(is_plain) && self.date.is_none_or(|index| is_usual_day(cell(index)))
    }

    /// Takes on the style that the first rows are written in. Whether the others are is known once they were read.
    fn take_style(&mut self, survey: &Survey, sample: &[Record]) -> Option<()> {
        let styles: Vec<NumberStyle> =
            self.numbers.iter().map(|column| survey.numbers.get(column.index).copied().flatten()).collect::<Option<_>>()?;
        // Numbers without a mark are the same under either.
        let mut marks = styles.iter().filter(|style| style.settled_by != SettledBy::Nothing).map(|style| style.decimal);
        let decimal = marks.next().unwrap_or(DecimalMark::Point);
        if marks.any(|other| other != decimal) {
            return None;
        }
        self.decimal = decimal;
        for column in &mut self.numbers {
            column.format = Format::new(decimal);
            sample.iter().filter_map(|record| record.get(column.index)).for_each(|cell| column.format.learn(cell));
        }
        if let Some(index) = self.date
            && !sample.iter().all(|record| is_usual_day(record.get(index).unwrap_or_default()))
        {
            let style = survey.dates.get(index)?.clone()?.ok();
            let order = style.and_then(|style| style.order);
            let guess = || sample.iter().filter_map(|record| record.get(index)).find_map(likely_order);
            let guess = if order.is_none() { guess() } else { None };
            self.dates = Some(PlannedDates { order: order.or(guess), is_guess: guess.is_some() });
        }
        Some(())
    }

    /// The cells of a record with separators between them.
    pub(super) fn joined(&self, record: &Record) -> Vec<u8> {
        let mut joined = Vec::new();
        for (index, cell) in record.iter().enumerate() {
            if index > 0 {
                joined.push(self.signs.delimiter);
            }
            joined.extend_from_slice(cell.as_bytes());
        }
        joined
    }

    /// Takes the other order of day and month where a date has it and this one was a guess; says whether that
    /// changes anything.
    pub(super) fn turn_order(&mut self, is_other: bool) -> bool {
        let Some(dates) = self.dates.as_mut().filter(|dates| is_other && dates.is_guess) else { return false };
        dates.is_guess = false;
        dates.order = match dates.order {
            Some(DateOrder::MonthDayYear) => Some(DateOrder::DayMonthYear),
            _ => Some(DateOrder::MonthDayYear),
        };
        true
    }

    /// Whether rows may be left out by a filter or by their day.
    pub(super) fn is_selective(&self) -> bool {
        !self.filters.is_empty() || self.from.is_some() || self.to.is_some()
    }

    /// Decimal places of the finest amount of an order.
    pub(super) fn order_places(&self, orders: &OrderPlan) -> u32 {
        let columns = [orders.gross, orders.refunds, orders.net];
        let places = columns.into_iter().flatten().filter_map(|number| self.numbers.get(number)).map(|column| column.places);
        places.max().unwrap_or(0)
    }

    /// The careful reader over bytes that begin with the record at that offset and line.
    pub(super) fn records(&self, bytes: Vec<u8>, offset: u64, line: u64, place: &crate::finding::Place) -> Delimited {
        let buffer = bytes.len().clamp(1, BUFFER);
        let text = Text::resumed(Box::new(std::io::Cursor::new(bytes)), place.clone(), offset, buffer);
        Delimited::resumed(text, self.dialect, line)
    }
}
