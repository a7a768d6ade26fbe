//! The second pass over a table: cells to typed values under the decisions of the first, and rows
//! to measures.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use indexmap::IndexMap;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::billing::Billing;
use super::currency::Currency;
use super::date::{self, DateFault, DateStyle, Moment};
use super::layout::{Layout, Use};
use super::number::{self, NumberCell, NumberStyle};
use super::profile::{Role, RowIs};
use super::rates::PrintedRates;
use super::record::{Record, Records};
use super::rows::{Class, Classifier, Label};
use super::scan::{PlainColumn, PlainRows, Scanned};
use super::survey::{DUPLICATES_BOUND, LISTED, Survey, fingerprint};
use crate::finding::{Code, Finding, Place, counted, plural};
use crate::kpi::{Additivity, Catalogue, Expr, Measure, Unit};
use crate::measures::{
    Amount, CustomersFold, Dimension, Filter, GroupId, GroupKey, Grouped, Groups, Kind, Lead, LeadBook, LeadColumns, OrderRow,
    OrdersFold, Period, Provenance, Question, Reached, Rows, Sales, Stage, Sum, SumTable, TableFold, TableRow,
};

/// Everything that the second pass brings.
#[derive(Debug)]
pub struct Tally {
    /// Rows by what they are.
    pub rows: Rows,
    /// What was measured, leads excepted.
    pub measured: Grouped,
    /// The groups of this table.
    pub groups: Groups,
    /// Leads or deals, to be joined with those of other files.
    pub book: Option<LeadBook>,
    /// Where each measure came from.
    pub provenance: IndexMap<Measure, Provenance>,
    /// First and last date of the rows used.
    pub dates: Option<(Date, Date)>,
    /// Currencies of the selected rows, with the first line of each.
    pub currencies: BTreeMap<Arc<str>, u64>,
    /// Dimensions of the question that the table has, filters included.
    pub answers: Vec<String>,
    /// Dimensions of the question that the table does not have.
    pub lacks: Vec<String>,
    /// Fingerprints of what each row is about (its dimensions and date), with its line: two exports
    /// of the same campaign and day share them.
    pub about: BTreeMap<u128, u64>,
    /// Whether no row is missing from those, the bound aside.
    pub about_all: bool,
    /// Whether some row of data has no date.
    pub undated: bool,
    /// What each filter of the question met.
    pub filtered: Vec<FilterValues>,
    /// What the user should know.
    pub findings: Vec<Finding>,
    /// How far rates that are printed agree with their counts, for who looks closer.
    pub compared: Vec<Finding>,
}

/// The values that a filter met in a table, those wanted first of all.
#[derive(Clone, Debug, Default)]
pub struct FilterValues {
    /// Whether the table has the dimension.
    pub has_dimension: bool,
    /// Values that the filter names and a row has.
    pub met: BTreeSet<String>,
    /// Other values, as many as are worth proposing.
    pub others: BTreeSet<String>,
}

/// Values that are kept to find the nearest among.
const PROPOSED: usize = 10_000;

impl MeasureColumn {
    /// Adds the cells of plain rows; says whether that is all there is to know of them.
    fn add_plain(&mut self, more: &PlainColumn) -> bool {
        self.cells = self.cells.saturating_add(more.selected_cells);
        self.missing = self.missing.saturating_add(more.selected_missing);
        self.sum.add(more.sum);
        if let Some((count, _)) = &mut self.negative {
            *count = count.saturating_add(more.negative);
        }
        let Some(scales) = &more.scales else {
            // Cells that are 0 were not told from others, which matters beside decimals only.
            return self.scales.keys().all(|scale| *scale == 0);
        };
        for (scale, more) in scales {
            // Of those without decimals the first was read here, and no message names others.
            let (count, _) = self.scales.entry(*scale).or_insert((0, u64::MAX));
            *count = count.saturating_add(*more);
        }
        self.largest_whole = self.largest_whole.max(more.largest_whole);
        true
    }
}

impl FilterValues {
    fn of(source: &DimensionSource) -> Self {
        FilterValues { has_dimension: !matches!(source, DimensionSource::Absent), ..FilterValues::default() }
    }

    fn note(&mut self, filter: &Filter, value: &str) {
        let (values, most) = if filter.values.iter().any(|wanted| wanted == value) {
            (&mut self.met, usize::MAX)
        } else {
            (&mut self.others, PROPOSED)
        };
        if values.len() < most && !values.contains(value) {
            values.insert(value.to_owned());
        }
    }
}

/// Reads the table for the second time.
///
/// # Errors
/// Cells that cannot be read, up to twenty and then a count; total rows that disagree.
pub fn tally(
    layout: &Layout,
    survey: &Survey,
    records: &mut dyn Records,
    question: &Question,
    catalogue: &Catalogue,
    place: &Place,
) -> Result<Tally, Vec<Finding>> {
    run(Pass::new(layout, survey, question, catalogue, place), records)
}

/// As [`tally`], where most rows were scanned. `None` where what is known of those does not say all
/// that there is to say, so that each of them must be read.
///
/// # Errors
/// As [`tally`].
pub(super) fn tally_scanned(
    layout: &Layout,
    survey: &Survey,
    scanned: Arc<Scanned>,
    question: &Question,
    catalogue: &Catalogue,
    place: &Place,
) -> Result<Option<Tally>, Vec<Finding>> {
    let mut pass = Pass::new(layout, survey, question, catalogue, place);
    pass.rows(&mut scanned.records())?;
    let is_all = pass.add_plain(scanned.plain());
    // What follows takes as much memory again.
    drop(scanned);
    if is_all { pass.finish().map(Some) } else { Ok(None) }
}

/// What is shown every row of orders, with its record.
pub(super) type Watch<'a> = &'a mut (dyn FnMut(&Record, &OrderRow<'_>) + 'a);

/// As [`tally`], and shows every row of orders to `watch`.
///
/// # Errors
/// As [`tally`].
pub(super) fn tally_orders<'a>(
    layout: &'a Layout,
    survey: &'a Survey,
    records: &mut dyn Records,
    question: &'a Question,
    catalogue: &Catalogue,
    place: &'a Place,
    watch: Watch<'a>,
) -> Result<Tally, Vec<Finding>> {
    let pass = Pass { watch: Some(watch), ..Pass::new(layout, survey, question, catalogue, place) };
    run(pass, records)
}

/// Reads a table of orders for the second time and hands each selected row to the log of sales
/// instead of adding it up. The last dimension of the question is the date.
///
/// # Errors
/// As for [`tally`].
pub fn list_sales(
    layout: &Layout,
    survey: &Survey,
    records: &mut dyn Records,
    question: &Question,
    catalogue: &Catalogue,
    place: &Place,
    sales: &mut Sales,
) -> Result<Tally, Vec<Finding>> {
    let pass = Pass::new(layout, survey, question, catalogue, place);
    run(Pass { sales: Some(sales), ..pass }, records)
}

fn run(mut pass: Pass<'_>, records: &mut dyn Records) -> Result<Tally, Vec<Finding>> {
    pass.rows(records)?;
    pass.finish()
}

/// Scales that are told apart in a column; more say nothing.
const MOST_SCALES: u32 = 12;

/// Where the value of a dimension comes from.
#[derive(Clone, Copy, Debug)]
pub(super) enum DimensionSource {
    Column(usize),
    Constant(&'static str),
    Period(Period),
    Absent,
}

/// A column that feeds measures.
#[derive(Debug)]
struct MeasureColumn {
    index: usize,
    measures: &'static [Measure],
    style: NumberStyle,
    /// Cells of the selected rows that have a value, and those that have none.
    cells: u64,
    missing: u64,
    negative: Option<(u64, u64)>,
    /// Sum of all rows used, for comparison with total rows.
    sum: Sum,
    /// Where the numbers are prices of plans: the columns of their interval and quantity.
    plan: Option<Plan>,
    /// How many amounts have that many decimals, zeros aside, with the first line of each.
    scales: BTreeMap<u32, (u64, u64)>,
    /// The largest amount without decimals, where one was seen.
    largest_whole: Option<i128>,
}

/// Where a row says how often a price is paid, and for how many units.
#[derive(Clone, Copy, Debug)]
struct Plan {
    interval: Option<usize>,
    quantity: Option<usize>,
}

/// A rate whose numerator must not exceed its denominator.
#[derive(Debug)]
struct RateCheck {
    kpi: &'static str,
    numerator: usize,
    denominator: usize,
    count: u64,
    first: Option<(u64, String)>,
}

/// First and last day that a row covers.
type Days = (Date, Date);

struct Pass<'a> {
    layout: &'a Layout,
    survey: &'a Survey,
    question: &'a Question,
    place: &'a Place,
    classifier: Classifier<'a>,
    groups: Groups,
    by: Vec<DimensionSource>,
    filters: Vec<DimensionSource>,
    filtered: Vec<FilterValues>,
    answers: Vec<String>,
    lacks: Vec<String>,
    date: Option<(usize, DateStyle)>,
    date_end: Option<(usize, DateStyle)>,
    date_range: Option<usize>,
    columns: Vec<MeasureColumn>,
    table: TableFold,
    /// For each measure of the table fold, the number of its column, or of a counted role.
    slots: Vec<Slot>,
    orders: Option<OrdersFold>,
    /// Where rows go one by one instead of being added up.
    sales: Option<&'a mut Sales>,
    customers: Option<CustomersFold>,
    roles: EventRoles,
    book: Option<LeadBook>,
    stock_columns: Vec<usize>,
    currency_column: Option<usize>,
    header_currency: Option<Arc<str>>,
    money: bool,
    rows: Rows,
    dates: Option<Days>,
    currencies: BTreeMap<Arc<str>, u64>,
    rates: Vec<RateCheck>,
    printed: PrintedRates,
    totals: Vec<TotalRow>,
    parts: Vec<PartOfRows>,
    errors: Vec<Finding>,
    error_count: u64,
    findings: Vec<Finding>,
    amounts: Vec<Option<Amount>>,
    values: Vec<Option<Amount>>,
    /// Words of outcome columns that the profile does not know, with their first lines.
    unknown_words: BTreeMap<String, u64>,
    /// Columns that say what a row is about; none where rows of two exports cannot be told to be the same.
    about_columns: Vec<usize>,
    about: BTreeMap<u128, u64>,
    about_all: bool,
    undated: bool,
    /// Groups of plain rows only.
    plain_groups: Option<Arc<SumTable>>,
    unlikely_dates: (u64, Option<(u64, Date)>),
    /// Cells that are no dates where none was needed, and the first of them with its place.
    unread_dates: Option<(u64, Box<(Place, String)>)>,
    /// Amounts of the first and of the last row of data, with their lines: a total would be there.
    ends: [Option<(u64, Vec<Option<Amount>>)>; 2],
    /// Rows handed on that name no customer.
    unnamed: u64,
    key: GroupKey,
    stock_key: String,
    watch: Option<Watch<'a>>,
}

/// What fills a slot of the table fold.
#[derive(Clone, Copy, Debug)]
enum Slot {
    /// The amount of the measure column of that number.
    Column(usize),
    /// One where the satisfaction score is at least this, zero below, nothing where it is blank.
    Satisfied(usize, i128),
    /// One where the recommendation score lies within.
    Recommended(usize, i128, i128),
    /// One where the flag is set.
    Flag(usize),
    /// One for every row.
    Row,
    /// One where the column's cell is one of the words, or none of them.
    Count(usize, &'static [&'static str], bool),
    /// One where the word in the column means the measure.
    Outcome(usize, Measure),
}

/// What each word of an outcome column means.
type Words = &'static [(&'static str, &'static [Measure])];

/// The rows that have, in one column of names, the name that a total row gives.
#[derive(Debug)]
struct PartOfRows {
    name: String,
    column: usize,
    rows: u64,
    /// A sum for each measure column.
    sums: Vec<Sum>,
}

/// Where a total row says something else than the rows add up to.
struct Difference {
    column: usize,
    stated: Amount,
    sum: Amount,
}

impl Difference {
    fn text(&self, layout: &Layout) -> String {
        format!("{} {} against {}", layout.name(self.column), shown(self.stated), shown(self.sum))
    }

    fn is_more(&self) -> bool {
        self.sum.minus(self.stated).is_ok_and(Amount::is_negative)
    }
}

#[derive(Debug)]
struct TotalRow {
    line: u64,
    label: Label,
    amounts: Vec<Option<Amount>>,
}

/// Columns of event tables.
#[derive(Debug, Default)]
struct EventRoles {
    order: Option<usize>,
    /// In order: the first that is not blank in the row.
    customers: Vec<usize>,
    lead: Option<usize>,
    gross: Option<usize>,
    refunds: Option<usize>,
    net: Option<usize>,
    signed: Option<(usize, NumberStyle)>,
    unit_price: Option<(usize, NumberStyle)>,
    quantity: Option<(usize, NumberStyle)>,
    score: Option<(usize, NumberStyle)>,
    stage_dates: Vec<(usize, Stage, Option<DateStyle>)>,
    stage_flags: Vec<(usize, Stage)>,
    stage_name: Option<usize>,
    close_date: Option<(usize, Option<DateStyle>)>,
    first_response: Option<(usize, Option<DateStyle>)>,
    first_touch: Option<(usize, Option<DateStyle>)>,
}

impl<'a> Pass<'a> {
    fn new(layout: &'a Layout, survey: &'a Survey, question: &'a Question, catalogue: &Catalogue, place: &'a Place) -> Self {
        let kind = layout.profile.kind;
        let columns = measure_columns(layout, survey);
        let date_column = row_date(layout);
        let date_range = layout.column_of(Role::DateRange);
        let mut findings = Vec::new();
        let mut errors = Vec::new();
        let mut style_of = |index: usize, needed: bool| match survey.dates.get(index).and_then(Option::as_ref) {
            Some(Ok(style)) => Some(*style),
            Some(Err(finding)) if needed => {
                errors.push(finding.clone());
                None
            }
            Some(Err(finding)) => {
                let parts = finding.parts();
                findings.push(
                    Finding::new(Code::UnsettledDate, parts.place.clone(), format!("{}; no date is read from it", parts.message))
                        .saw(parts.saw.clone().unwrap_or_default())
                        .help("settle it with --date-order dmy, mdy or ymd"),
                );
                None
            }
            None => None,
        };
        let needs_dates = question.needs_dates();
        let date = date_column.and_then(|index| Some((index, style_of(index, needs_dates)?)));
        let date_end = layout.column_of(Role::DateEnd).and_then(|index| Some((index, style_of(index, needs_dates)?)));
        let roles = event_roles(layout, survey, &columns, &mut |index| style_of(index, false));
        let has_dates = date_column.is_some() || date_range.is_some();
        let mut lacks = Vec::new();
        let by: Vec<_> = question.by.iter().map(|dimension| dimension_source(layout, dimension, has_dates, &mut lacks)).collect();
        let mut unfiltered = Vec::new();
        let filters: Vec<_> = question
            .filters
            .iter()
            .map(|filter| dimension_source(layout, &filter.dimension, has_dates, &mut unfiltered))
            .collect();
        if (question.from.is_some() || question.to.is_some()) && !has_dates {
            unfiltered.push("date".to_owned());
        }
        let asked = question.by.iter().chain(question.filters.iter().map(|filter| &filter.dimension));
        let answers = asked
            .map(|dimension| dimension.name.clone())
            .filter(|name| !lacks.contains(name) && !unfiltered.contains(name))
            .collect();
        for name in unfiltered {
            let message = format!("no {name}: no row can pass the filter on it");
            findings.push(Finding::new(Code::MissingDimension, place.clone(), message));
        }
        let is_orders = kind == Kind::Orders;
        let (slots, measures) = table_slots(layout, &columns, is_orders, kind);
        let book = matches!(kind, Kind::Leads | Kind::Deals).then(|| lead_book(layout, kind, &roles, &columns));
        let orders = is_orders.then(|| {
            OrdersFold::new(!roles.customers.is_empty(), roles.refunds.is_some() || roles.signed.is_some(), roles.is_net())
        });
        let error_count = errors.len() as u64;
        Pass {
            layout,
            survey,
            question,
            place,
            classifier: Classifier::new(layout, &question.include),
            groups: Groups::new(!question.by.is_empty() && lacks.is_empty()),
            by,
            filtered: filters.iter().map(FilterValues::of).collect(),
            filters,
            answers,
            lacks,
            date,
            date_end,
            date_range,
            rates: rate_checks(catalogue, &columns),
            printed: PrintedRates::new(layout, survey),
            table: TableFold::new(measures).counting(counted_measures(layout)),
            slots,
            orders,
            sales: None,
            customers: (kind == Kind::Customers && !roles.customers.is_empty()).then(CustomersFold::default),
            book,
            stock_columns: stock_columns(layout),
            currency_column: layout.column_of(Role::Currency),
            header_currency: header_currency(layout),
            money: has_money(&columns, &roles),
            roles,
            amounts: vec![None; columns.len()],
            parts: parts_of_rows(layout, survey, columns.len()),
            columns,
            rows: Rows { read: survey.rows.read, blank: survey.rows.blank, ..Rows::default() },
            dates: None,
            currencies: BTreeMap::new(),
            totals: Vec::new(),
            errors,
            error_count,
            findings,
            values: Vec::new(),
            unknown_words: BTreeMap::new(),
            about_columns: about_columns(layout, survey),
            about: BTreeMap::new(),
            about_all: true,
            undated: false,
            plain_groups: None,
            unlikely_dates: (0, None),
            unread_dates: None,
            ends: [None, None],
            unnamed: 0,
            key: GroupKey::default(),
            stock_key: String::new(),
            watch: None,
        }
    }

    fn rows(&mut self, records: &mut dyn Records) -> Result<(), Vec<Finding>> {
        let mut record = Record::default();
        let mut before_data = self.layout.before_data;
        loop {
            match records.read(&mut record) {
                Ok(false) => return Ok(()),
                Ok(true) if before_data > 0 => before_data = before_data.saturating_sub(1),
                Ok(true) => self.row(&mut record),
                Err(finding) => return Err(vec![finding]),
            }
        }
    }

    fn row(&mut self, record: &mut Record) {
        match self.classifier.classify(record) {
            Class::Blank | Class::HeaderAgain => {}
            Class::Footer | Class::LeftOut(_) | Class::Beyond => self.rows.rejected = self.rows.rejected.saturating_add(1),
            Class::Total(Label::Unlabelled) if !self.survey.unlabelled_totals.contains(&record.line()) => self.data(record),
            Class::Total(label) => self.total(record, label),
            Class::Data if self.survey.footers.contains(&record.line()) => {
                self.rows.rejected = self.rows.rejected.saturating_add(1);
            }
            Class::Data if self.question.dedupe && self.survey.duplicate_lines.contains(&record.line()) => {
                self.rows.rejected = self.rows.rejected.saturating_add(1);
            }
            Class::Data => self.data(record),
        }
    }

    /// Adds rows of data that were read elsewhere. The first row of each kind (below zero, a rate
    /// above one, without decimals, selected) is never among them, so that lines are known already.
    /// Says whether that is all that could be known of them.
    fn add_plain(&mut self, plain: &PlainRows) -> bool {
        if plain.rows == 0 {
            return true;
        }
        if !self.parts.is_empty() || !self.printed.is_full() {
            return false;
        }
        self.rows.used = self.rows.used.saturating_add(plain.rows);
        self.rows.selected = self.rows.selected.saturating_add(plain.selected);
        for (column, more) in self.columns.iter_mut().zip(&plain.columns) {
            if !column.add_plain(more) {
                return false;
            }
        }
        for (check, more) in self.rates.iter_mut().zip(&plain.rates) {
            check.count = check.count.saturating_add(*more);
        }
        if let Some((first, last)) = plain.days.filter(|_| self.date.is_some()) {
            let (known_first, known_last) = self.dates.unwrap_or((first, last));
            self.dates = Some((known_first.min(first), known_last.max(last)));
        }
        self.undated |= plain.undated || self.date.is_none();
        self.about_all = false;
        self.add_plain_end(plain);
        self.add_plain_groups(plain);
        if let (Some(orders), Some(ledger)) = (&mut self.orders, &plain.orders)
            && orders.add_ledger(ledger).is_err()
        {
            let finding = Finding::new(Code::BadNumber, self.place.clone(), "the amounts do not fit in 38 digits");
            report(&mut self.errors, &mut self.error_count, || finding);
        }
        self.add_plain_values(plain)
    }

    /// The last row of data may be a plain one.
    fn add_plain_end(&mut self, plain: &PlainRows) {
        let [_, last] = &mut self.ends;
        let Some(record) = plain.last.as_ref().filter(|record| last.as_ref().is_none_or(|(line, _)| *line < record.line()))
        else {
            return;
        };
        let amount = |column: &MeasureColumn| match number::parse(record.get(column.index).unwrap_or(""), &column.style) {
            Ok(NumberCell::Number(amount)) => Some(Amount { mantissa: amount.mantissa, scale: amount.scale }),
            _ => None,
        };
        *last = Some((record.line(), self.columns.iter().map(amount).collect()));
    }

    fn add_plain_groups(&mut self, plain: &PlainRows) {
        if plain.selected == 0 {
            return;
        }
        let number = |slot: &Slot| if let Slot::Column(number) = slot { Some(*number) } else { None };
        let numbers: Vec<Option<usize>> = self.slots.iter().map(number).collect();
        let total = |number: &Option<usize>| plain.columns.get((*number)?).and_then(PlainColumn::selected_sum);
        self.table.add_sums(GroupId::TOTAL, numbers.iter().map(total));
        if self.question.by.is_empty() || !self.lacks.is_empty() {
            return;
        }
        // Groups that the careful path has met get their plain rows here; the others stay as they
        // are, and there may be very many.
        for (id, key) in self.groups.iter() {
            if let Some(group) = plain.groups.find(key) {
                self.table.add_sums(id, numbers.iter().map(|number| plain.groups.sum(group, (*number)?)));
            }
        }
        self.plain_groups = Some(Arc::clone(&plain.groups));
    }

    /// Which column of plain rows holds which measure. The last one that holds it has it, as in the
    /// fold of the table.
    fn plain_columns(&self) -> Vec<(Measure, usize)> {
        let columns = self.table.measures().iter().zip(&self.slots).filter_map(|(measure, slot)| match slot {
            Slot::Column(number) => Some((*measure, *number)),
            _ => None,
        });
        columns.collect()
    }

    /// Notes the values that filters met; says whether those to propose are the same as if rows had
    /// come one by one.
    fn add_plain_values(&mut self, plain: &PlainRows) -> bool {
        for ((filter, met), values) in self.question.filters.iter().zip(&plain.met).zip(&mut self.filtered) {
            met.iter().for_each(|value| values.note(filter, value));
            let all_met = filter.values.iter().all(|wanted| values.met.contains(wanted));
            if values.others.len() >= PROPOSED && !all_met {
                return false;
            }
        }
        true
    }

    fn total(&mut self, record: &Record, label: Label) {
        self.rows.totals = self.rows.totals.saturating_add(1);
        let read = |column: &MeasureColumn| match number::parse(record.get(column.index).unwrap_or(""), &column.style) {
            Ok(NumberCell::Number(amount)) if !amount.percent => Some(Amount { mantissa: amount.mantissa, scale: amount.scale }),
            _ => None,
        };
        // A row of another width does not line up with the header, so its cells prove nothing.
        let lined_up = record.len() == self.layout.header.len();
        let amounts = self.columns.iter().map(|column| lined_up.then(|| read(column)).flatten()).collect();
        self.totals.push(TotalRow { line: record.line(), label, amounts });
    }

    fn data(&mut self, record: &Record) {
        self.rows.used = self.rows.used.saturating_add(1);
        self.read_amounts(record);
        self.add_to_parts(record);
        self.compare_rates(record);
        self.refuse_amounts_on_later_lines(record);
        self.note_unknown_words(record);
        self.check_rates(record);
        self.note_end(record);
        let days = self.days(record);
        self.undated |= days.is_none();
        if let Some((first, last)) = days {
            let (known_first, known_last) = self.dates.unwrap_or((first, last));
            self.dates = Some((known_first.min(first), known_last.max(last)));
        }
        self.note_unlikely(record, days);
        self.note_filtered(record, days);
        let selected = self.is_selected(record, days);
        let group = if selected { self.group_of(record, days) } else { GroupId::TOTAL };
        if selected {
            self.rows.selected = self.rows.selected.saturating_add(1);
            self.note_currency(record);
            self.note_about(record);
            self.note_cells();
        }
        if self.orders.is_some() {
            self.order_row(record, days, group, selected);
        }
        if self.book.is_some() {
            self.lead_row(record, group, selected);
        }
        if selected {
            self.customer_row(record, group);
            self.table_row(record, days, group);
        }
    }

    fn read_amounts(&mut self, record: &Record) {
        for (number, slot) in self.amounts.iter_mut().enumerate() {
            *slot = None;
            let Some(column) = self.columns.get_mut(number) else { continue };
            let cell = record.get(column.index).unwrap_or("");
            let amount = match number::parse(cell, &column.style) {
                Ok(NumberCell::Missing) => continue,
                Ok(NumberCell::Number(amount)) => amount,
                Err(fault) => {
                    let place = cell_place(self.place, self.layout, record, column.index);
                    report(&mut self.errors, &mut self.error_count, || fault.finding(place, cell));
                    continue;
                }
            };
            let mut value = Amount { mantissa: amount.mantissa, scale: amount.scale };
            if let Some(plan) = column.plan {
                match plan.in_a_year(value, record) {
                    Ok(a_year) => value = a_year,
                    Err((index, what)) => {
                        let place = cell_place(self.place, self.layout, record, index.unwrap_or(column.index));
                        let saw = index.and_then(|index| record.get(index)).unwrap_or("");
                        report(&mut self.errors, &mut self.error_count, || Finding::new(Code::BadNumber, place, what).saw(saw));
                        continue;
                    }
                }
            }
            let whole = column.measures.iter().any(|measure| measure.is_whole());
            if amount.percent || (whole && !value.is_whole()) {
                let place = cell_place(self.place, self.layout, record, column.index);
                let names = column.measures.iter().map(|measure| measure.id()).collect::<Vec<_>>().join(", ");
                let (code, what, expected, help) = if amount.percent {
                    let help = "export the counts, not the rates; or say what the column is in [columns] of mak.toml";
                    (Code::BadNumber, "a percentage stands where an amount belongs", "a number", help)
                } else {
                    let help = "look for a lost separator or a shifted cell, and export again";
                    (Code::FractionalCount, "a count has a fraction", "a whole number", help)
                };
                report(&mut self.errors, &mut self.error_count, || {
                    Finding::new(code, place, what).saw(cell).expected(format!("{expected} of {names}")).help(help)
                });
                continue;
            }
            column.sum.add(value);
            if (value.mantissa != 0 || value.scale > 0) && (value.scale < MOST_SCALES || column.scales.contains_key(&value.scale))
            {
                let (count, _) = column.scales.entry(value.scale).or_insert((0, record.line_of(column.index)));
                *count = count.saturating_add(1);
                if value.scale == 0 {
                    column.largest_whole = column.largest_whole.max(Some(value.mantissa));
                }
            }
            if value.is_negative() {
                let (count, _) = column.negative.get_or_insert((0, record.line()));
                *count = count.saturating_add(1);
            }
            if let Some(currency) = amount.currency
                && column.measures.iter().any(|measure| measure.is_money())
            {
                self.currencies.entry(currency.to_string().into()).or_insert_with(|| record.line());
            }
            *slot = Some(value);
        }
    }

    fn add_to_parts(&mut self, record: &Record) {
        for part in self.parts.iter_mut().filter(|part| record.get(part.column).is_some_and(|cell| cell.trim() == part.name)) {
            part.rows = part.rows.saturating_add(1);
            for (sum, amount) in part.sums.iter_mut().zip(&self.amounts) {
                if let Some(amount) = amount {
                    sum.add(*amount);
                }
            }
        }
    }

    fn compare_rates(&mut self, record: &Record) {
        let amounts = self.columns.iter().zip(&self.amounts);
        let counts = amounts.filter_map(|(column, amount)| Some((column.measures, (*amount)?)));
        self.printed.row(record, counts.flat_map(|(measures, amount)| measures.iter().map(move |measure| (*measure, amount))));
    }

    /// Where amounts stand on the first line of an order only, one on a later line may be the
    /// order's repeated or the line's own.
    fn refuse_amounts_on_later_lines(&mut self, record: &Record) {
        if !self.classifier.continues_an_order() {
            return;
        }
        for (number, column) in self.columns.iter().enumerate() {
            let zero_or_blank = self.amounts.get(number).copied().flatten().is_none_or(|amount| amount.mantissa == 0);
            if !zero_or_blank {
                let place = cell_place(self.place, self.layout, record, column.index);
                report(&mut self.errors, &mut self.error_count, || {
                    Finding::new(Code::BadNumber, place, "a later line of an order has an amount of its own")
                        .saw(record.get(column.index).unwrap_or(""))
                        .expected("a blank: the first line of the order has its amount")
                });
            }
        }
    }

    fn note_unknown_words(&mut self, record: &Record) {
        for slot in &self.slots {
            let Slot::Outcome(index, _) = slot else { continue };
            let word = record.get(*index).unwrap_or("").trim();
            if !word.is_empty() && self.outcome(record, *index).is_none() && self.unknown_words.len() < LISTED {
                self.unknown_words.entry(word.to_owned()).or_insert_with(|| record.line());
            }
        }
    }

    fn note_end(&mut self, record: &Record) {
        let [first, last] = &mut self.ends;
        if first.is_none() {
            *first = Some((record.line(), self.amounts.clone()));
        }
        match last {
            Some((line, amounts)) => {
                *line = record.line();
                amounts.clone_from(&self.amounts);
            }
            None => *last = Some((record.line(), self.amounts.clone())),
        }
    }

    /// A first or last row that is the sum of all others in every measure is a total under a name
    /// that is not known.
    fn note_hidden_total(&mut self) {
        if self.rows.used < 3 || self.orders.is_some() || self.book.is_some() {
            return;
        }
        for (line, amounts) in self.ends.iter().flatten() {
            let twice_is_sum = |(column, amount): (&MeasureColumn, &Option<Amount>)| {
                let amount = (*amount)?;
                let sum = column.sum.amount().ok()?;
                (sum.mantissa != 0)
                    .then(|| amount.plus(amount).and_then(|twice| twice.minus(sum)).is_ok_and(|left| left.mantissa == 0))
            };
            let told: Vec<bool> = self.columns.iter().zip(amounts).filter_map(twice_is_sum).collect();
            if !told.is_empty() && told.iter().all(|is_sum| *is_sum) {
                let message = "this row is the sum of all others in every measure, and counts as one of them: is it a total?";
                self.findings.push(
                    Finding::new(Code::HiddenTotal, self.place.clone().at_line(*line), message)
                        .help("remove the row, or call it Total"),
                );
            }
        }
    }

    /// A number without decimals where all others have some may have lost its decimal mark.
    fn note_odd_decimals(&mut self) {
        for column in &self.columns {
            let all = column.scales.values().map(|(count, _)| count).fold(0_u64, |sum, count| sum.saturating_add(*count));
            let Some((count, line)) = column.scales.get(&0).copied() else { continue };
            let with_decimals = all.saturating_sub(count);
            let rare = count == 1 || count.saturating_mul(100) <= all;
            // 57 is no 0.57 without its mark where all others have eight decimals.
            let digits = column.largest_whole.and_then(|largest| largest.unsigned_abs().checked_ilog10()).unwrap_or(u32::MAX);
            let as_few = column.scales.iter().filter(|(scale, _)| **scale > 0 && **scale <= digits);
            let as_few = as_few.map(|(_, (count, _))| *count).fold(0_u64, u64::saturating_add);
            let may_be_lost = as_few.saturating_mul(100) > with_decimals;
            if rare && may_be_lost && with_decimals >= 2 && with_decimals > count {
                let place = self.place.clone().at_line(line).in_column(column.index, self.layout.name(column.index));
                let message =
                    format!("{count} of {all} numbers has no decimals where all others have: has a decimal mark been lost?");
                self.findings.push(Finding::new(Code::OddDecimals, place, message));
            }
        }
    }

    fn check_rates(&mut self, record: &Record) {
        for check in &mut self.rates {
            let amount = |index: usize| self.amounts.get(index).copied().flatten();
            if let (Some(part), Some(whole)) = (amount(check.numerator), amount(check.denominator))
                && whole.minus(part).is_ok_and(Amount::is_negative)
            {
                check.count = check.count.saturating_add(1);
                check.first.get_or_insert_with(|| (record.line(), format!("{} of {}", shown(part), shown(whole))));
            }
        }
    }

    /// The days that the row covers, as far as they can be read.
    fn days(&mut self, record: &Record) -> Option<Days> {
        if let Some(index) = self.date_range {
            let cell = record.get(index).unwrap_or("");
            let style = DateStyle { order: self.layout.profile.dates, settled_by: date::DateSettledBy::Profile };
            return match date::parse_range(cell, &style) {
                Ok(days) => days,
                Err(fault) => {
                    self.bad_date(record, index, fault, cell);
                    None
                }
            };
        }
        let first = self.day(record, self.date)?;
        let last = self.day(record, self.date_end).unwrap_or(first);
        Some((first.min(last), last.max(first)))
    }

    fn day(&mut self, record: &Record, column: Option<(usize, DateStyle)>) -> Option<Date> {
        let (index, style) = column?;
        let cell = record.get(index).unwrap_or("");
        match date::parse(cell, &style) {
            Ok(moment) => moment.map(|moment| moment.day()),
            Err(fault) => {
                self.bad_date(record, index, fault, cell);
                None
            }
        }
    }

    /// A cell that is no date stops the run only where dates are needed; a day that does not exist
    /// always does, for what stands beside it may be as damaged.
    fn bad_date(&mut self, record: &Record, index: usize, fault: DateFault, cell: &str) {
        let place = cell_place(self.place, self.layout, record, index);
        if self.question.needs_dates() || fault == DateFault::Impossible {
            report(&mut self.errors, &mut self.error_count, || fault.finding(place, cell));
            return;
        }
        let (count, _) = self.unread_dates.get_or_insert_with(|| (0, Box::new((place, cell.to_owned()))));
        *count = count.saturating_add(1);
    }

    fn is_selected(&mut self, record: &Record, days: Option<Days>) -> bool {
        let question = self.question;
        if question.from.is_some() || question.to.is_some() {
            let Some((first, last)) = days else { return false };
            if question.covers(first) != question.covers(last) {
                let message = format!("the row covers {first} to {last}, only a part of which lies between --from and --to");
                let finding = Finding::new(Code::SpansPeriods, self.place.clone().at_line(record.line()), message);
                report(&mut self.errors, &mut self.error_count, || finding.help("choose dates that do not cut through a row"));
            }
            if !question.covers(first) || !question.covers(last) {
                return false;
            }
        }
        question.filters.iter().zip(&self.filters).all(|(filter, source)| match source {
            DimensionSource::Column(index) => filter.passes(record.get(*index).map(str::trim)),
            DimensionSource::Constant(value) => filter.passes(Some(value)),
            DimensionSource::Period(period) => days.is_some_and(|(first, _)| filter.passes(Some(&period.label(first)))),
            DimensionSource::Absent => false,
        })
    }

    fn note_filtered(&mut self, record: &Record, days: Option<Days>) {
        let filters = self.question.filters.iter().zip(&self.filters);
        for ((filter, source), values) in filters.zip(&mut self.filtered) {
            match source {
                DimensionSource::Column(index) => values.note(filter, record.get(*index).unwrap_or("").trim()),
                DimensionSource::Constant(value) => values.note(filter, value),
                DimensionSource::Period(period) => {
                    if let Some((first, _)) = days {
                        values.note(filter, &period.label(first));
                    }
                }
                DimensionSource::Absent => {}
            }
        }
    }

    fn group_of(&mut self, record: &Record, days: Option<Days>) -> GroupId {
        if self.question.by.is_empty() || !self.lacks.is_empty() {
            return GroupId::TOTAL;
        }
        self.key.0.clear();
        for source in &self.by {
            let value: Option<Arc<str>> = match source {
                DimensionSource::Column(index) => {
                    record.get(*index).map(str::trim).filter(|cell| !cell.is_empty()).map(Arc::from)
                }
                DimensionSource::Constant(value) => Some(Arc::from(*value)),
                DimensionSource::Period(period) => days.map(|(first, last)| {
                    let label = period.label(first);
                    if period.label(last) != label {
                        let message = format!("the row covers {first} to {last}, more than one {}", period_word(*period));
                        let place = self.place.clone().at_line(record.line());
                        report(&mut self.errors, &mut self.error_count, || {
                            Finding::new(Code::SpansPeriods, place, message).help("group by a longer period, or export by day")
                        });
                    }
                    label.into()
                }),
                DimensionSource::Absent => None,
            };
            self.key.0.push(value);
        }
        self.groups.id(&self.key)
    }

    fn note_currency(&mut self, record: &Record) {
        if !self.money {
            return;
        }
        let from_column = self.currency_column.and_then(|index| record.get(index)).map(str::trim).filter(|cell| !cell.is_empty());
        let from_told = || self.layout.currency.clone();
        let currency = from_column.map(|cell| Arc::from(cell.to_uppercase())).or_else(|| self.header_currency.clone());
        let currency = currency.or_else(|| if self.currencies.is_empty() { from_told() } else { None });
        if let Some(currency) = currency {
            self.currencies.entry(currency).or_insert_with(|| record.line());
        }
    }

    /// Counts the amounts of a selected row.
    fn note_cells(&mut self) {
        for (column, amount) in self.columns.iter_mut().zip(&self.amounts) {
            let count = if amount.is_some() { &mut column.cells } else { &mut column.missing };
            *count = count.saturating_add(1);
        }
    }

    fn note_about(&mut self, record: &Record) {
        if self.about_columns.is_empty() || self.about.len() as u64 >= DUPLICATES_BOUND {
            return;
        }
        let cells = self.about_columns.iter().map(|index| record.get(*index).unwrap_or("").trim());
        self.about.entry(fingerprint(cells)).or_insert_with(|| record.line());
    }

    fn note_unlikely(&mut self, record: &Record, days: Option<Days>) {
        if let Some((first, last)) = days
            && let Some(day) = [first, last].into_iter().find(|day| date::is_unlikely(*day))
        {
            self.unlikely_dates.0 = self.unlikely_dates.0.saturating_add(1);
            self.unlikely_dates.1.get_or_insert_with(|| (record.line(), day));
        }
    }

    fn table_row(&mut self, record: &Record, days: Option<Days>, group: GroupId) {
        if self.slots.is_empty() {
            return;
        }
        self.values.clear();
        for slot in &self.slots {
            let score = |index: usize| {
                self.survey.numbers.get(index).copied().flatten().and_then(|style| whole_number(record.get(index)?, &style))
            };
            let value = match *slot {
                Slot::Column(number) => self.amounts.get(number).copied().flatten(),
                Slot::Satisfied(index, least) => score(index).map(|score| Amount::whole(i128::from(score >= least))),
                Slot::Recommended(index, least, most) => {
                    score(index).map(|score| Amount::whole(i128::from((least..=most).contains(&score))))
                }
                Slot::Row => Some(Amount::whole(1)),
                Slot::Count(index, words, negated) => {
                    let cell = record.get(index).unwrap_or("").trim().to_lowercase();
                    Some(Amount::whole(i128::from(words.contains(&cell.as_str()) != negated)))
                }
                Slot::Outcome(index, measure) => {
                    self.outcome(record, index).map(|means| Amount::whole(i128::from(means.contains(&measure))))
                }
                Slot::Flag(index) => record.get(index).and_then(yes_or_no).map(|yes| Amount::whole(i128::from(yes))),
            };
            self.values.push(value);
        }
        self.stock_key.clear();
        for index in &self.stock_columns {
            self.stock_key.push_str(record.get(*index).unwrap_or("").trim());
            self.stock_key.push('\u{1f}');
        }
        let row = TableRow { date: days.map(|(first, _)| first), stock_key: &self.stock_key, amounts: &self.values };
        self.table.add(&self.groups, group, &row);
    }

    /// What the word in an outcome column means; nothing where it is blank or unknown.
    fn outcome(&self, record: &Record, index: usize) -> Option<&'static [Measure]> {
        let Some(Role::Outcome(words)) = self.layout.role(index) else { return None };
        let word = record.get(index)?.trim().to_lowercase();
        words.iter().find(|(known, _)| *known == word).map(|(_, means)| *means)
    }

    fn customer_row(&mut self, record: &Record, group: GroupId) {
        let Some(customers) = &mut self.customers else { return };
        let text = |index: &usize| record.get(*index).map(str::trim).filter(|cell| !cell.is_empty());
        let amount = |measure: Measure| {
            let number = self.columns.iter().position(|column| column.measures.contains(&measure))?;
            self.amounts.get(number).copied().flatten()
        };
        let customer = self.roles.customers.iter().find_map(text);
        customers.add(&self.groups, group, customer, amount(Measure::Orders), amount(Measure::Revenue));
    }

    fn order_row(&mut self, record: &Record, days: Option<Days>, group: GroupId, selected: bool) {
        let amount = |number: Option<usize>| number.and_then(|number| self.amounts.get(number).copied().flatten());
        let text =
            |index: Option<usize>| index.and_then(|index| record.get(index)).map(str::trim).filter(|cell| !cell.is_empty());
        let mut errors = Vec::new();
        let mut parse = |column: Option<(usize, NumberStyle)>| {
            let (index, style) = column?;
            let cell = record.get(index).unwrap_or("");
            match number::parse(cell, &style) {
                Ok(NumberCell::Number(amount)) => {
                    Some((Amount { mantissa: amount.mantissa, scale: amount.scale }, amount.currency))
                }
                Ok(NumberCell::Missing) => None,
                Err(fault) => {
                    errors.push(fault.finding(cell_place(self.place, self.layout, record, index), cell));
                    None
                }
            }
        };
        let signed = parse(self.roles.signed).map(|(amount, _)| amount);
        let product = match (parse(self.roles.unit_price), parse(self.roles.quantity)) {
            (Some((price, _)), Some((quantity, _))) => price.times(quantity).ok(),
            _ => None,
        };
        let mut row = OrderRow {
            date: days.map(|(first, _)| first),
            order: text(self.roles.order),
            customer: self.roles.customers.iter().find_map(|index| text(Some(*index))),
            gross: amount(self.roles.gross).or(signed).or(product),
            refunds: amount(self.roles.refunds),
            net: amount(self.roles.net).filter(|_| self.roles.is_net()),
            refund_only: false,
            selected,
        };
        // An amount below zero gives money back: it is a refund and no order.
        if let Some(gross) = row.gross.filter(|gross| gross.is_negative()) {
            let given_back = gross.negated().and_then(|back| back.plus(row.refunds.unwrap_or_default()));
            row = OrderRow { gross: None, refunds: given_back.ok(), refund_only: true, ..row };
        }
        row.refund_only |= row.net.is_some_and(Amount::is_negative);
        // Refunds may be written with their sign.
        if !row.refund_only && row.refunds.is_some_and(Amount::is_negative) {
            row.refunds = row.refunds.and_then(|refund| refund.negated().ok());
        }
        if let Some(watch) = &mut self.watch {
            watch(record, &row);
        }
        match (&mut self.sales, &mut self.orders) {
            (Some(sales), _) if selected => {
                // The last value is the date, which the row has itself.
                let group = self.key.0.split_last().map_or(&[][..], |(_, group)| group);
                sales.add(group, &row);
                self.unnamed = self.unnamed.saturating_add(u64::from(row.customer.is_none()));
            }
            (Some(_), _) | (None, None) => {}
            (None, Some(orders)) => orders.add(&self.groups, group, &row),
        }
        for finding in errors {
            report(&mut self.errors, &mut self.error_count, || finding);
        }
    }

    fn lead_row(&mut self, record: &Record, group: GroupId, selected: bool) {
        let mut lead = Lead { group: Some(group), selected, line: record.line(), ..Lead::default() };
        lead.id =
            self.roles.lead.and_then(|index| record.get(index)).map(str::trim).filter(|cell| !cell.is_empty()).map(Arc::from);
        let mut faults = Vec::new();
        let stage_name = self.roles.stage_name.and_then(|index| record.get(index)).map(|cell| cell.trim().to_lowercase());
        let mut named = stage_name
            .and_then(|name| self.layout.profile.stages.iter().find(|(known, _)| *known == name))
            .map(|(_, stage)| *stage);
        let mut reached = |index: usize, style: Option<DateStyle>| {
            let cell = record.get(index).unwrap_or("").trim();
            if cell.is_empty() {
                return None;
            }
            let Some(style) = style else { return Some(Reached::default()) };
            match date::parse(cell, &style) {
                Ok(moment) => moment.map(|moment| Reached { at: Some(instant(&moment)), whole_day: !moment.has_time }),
                Err(fault) => {
                    faults.push((index, fault.finding(cell_place(self.place, self.layout, record, index), cell)));
                    None
                }
            }
        };
        for &(index, stage, style) in &self.roles.stage_dates {
            if let Some(reached) = reached(index, style) {
                lead.reach(stage, reached);
            }
        }
        lead.first_response = self.roles.first_response.and_then(|(index, style)| reached(index, style));
        lead.first_touch = self.roles.first_touch.and_then(|(index, style)| reached(index, style));
        for &(index, stage) in &self.roles.stage_flags {
            if record.get(index).and_then(yes_or_no) == Some(true) {
                lead.reach(stage, Reached::default());
                if matches!(stage, Stage::Won | Stage::Lost) {
                    named = named.or(Some(stage));
                }
            }
        }
        if let Some(stage) = named {
            // The date on which an open deal is expected to close makes nothing won.
            let closed = matches!(stage, Stage::Won | Stage::Lost);
            let at = self.roles.close_date.filter(|_| closed).and_then(|(index, style)| reached(index, style));
            lead.reach(stage, at.unwrap_or_default());
        }
        lead.score = self.roles.score.and_then(|(index, style)| match number::parse(record.get(index)?, &style) {
            Ok(NumberCell::Number(amount)) => amount.value().ok(),
            _ => None,
        });
        let revenue = self.columns.iter().position(|column| column.measures.contains(&Measure::Revenue));
        lead.amount = revenue.and_then(|number| self.amounts.get(number).copied().flatten());
        if let Some(book) = &mut self.book {
            book.add(lead);
        }
        for (_, finding) in faults {
            report(&mut self.errors, &mut self.error_count, || finding);
        }
    }

    fn finish(mut self) -> Result<Tally, Vec<Finding>> {
        self.check_totals();
        if !self.errors.is_empty() {
            let listed = self.errors.len() as u64;
            if self.error_count > listed {
                let message = format!("{} more like these", self.error_count.saturating_sub(listed));
                self.errors.push(Finding::new(Code::BadNumber, self.place.clone(), message));
            }
            return Err(self.errors);
        }
        let mut measured = self.table.finish(&self.groups);
        if let Some(plain) = self.plain_groups.take() {
            measured.groups.add_table(plain, self.plain_columns());
        }
        if let Some(orders) = &self.orders {
            measured.add(&orders.finish(&self.groups, self.question));
        }
        if let Some(customers) = &self.customers {
            measured.add(&customers.finish(&self.groups));
        }
        self.note_hidden_total();
        self.note_odd_decimals();
        let provenance = self.provenance();
        self.note_columns();
        self.note_rows();
        self.note_orders();
        let printed = self.printed.finish(self.layout, self.place);
        self.findings.extend(printed.warnings);
        Ok(Tally {
            rows: self.rows,
            measured,
            groups: self.groups,
            book: self.book,
            provenance,
            dates: self.dates,
            currencies: self.currencies,
            answers: self.answers,
            lacks: self.lacks,
            about: self.about,
            about_all: self.about_all,
            undated: self.undated,
            filtered: self.filtered,
            findings: self.findings,
            compared: printed.notes,
        })
    }

    /// Compares each total row with the sum of the rows used.
    fn check_totals(&mut self) {
        let totals = std::mem::take(&mut self.totals);
        for total in &totals {
            let place = self.place.clone().at_line(total.line);
            let name = total.label.text();
            let sums: Vec<&Sum> = self.columns.iter().map(|column| &column.sum).collect();
            let differences = self.differences(total, &sums, self.rows.used).unwrap_or_default();
            let (code, seen) = match total.label {
                _ if differences.is_empty() => (Code::TotalRow, String::new()),
                Label::Wider(_) => self.other_rows(total, &differences),
                Label::Listed(_) | Label::Unlabelled => {
                    for difference in &differences {
                        let place = place.clone().in_column(difference.column, self.layout.name(difference.column));
                        let (stated, sum) = (shown(difference.stated), shown(difference.sum));
                        let message = format!("the total row \"{name}\" says {stated}, its rows add up to {sum}");
                        let help = "export again: rows are missing or stand twice; if this is no total, give the row a name";
                        self.errors.push(Finding::new(Code::TotalDisagrees, place, message).help(help));
                    }
                    (Code::TotalRow, String::new())
                }
            };
            self.findings.push(Finding::new(code, place, format!("total row \"{name}\" left out{seen}")));
        }
        self.error_count = self.error_count.max(self.errors.len() as u64);
    }

    /// Where the total row and the sums differ, by more than the rounding of that many rows;
    /// `None` when it has no amount to compare.
    fn differences(&self, total: &TotalRow, sums: &[&Sum], rows: u64) -> Option<Vec<Difference>> {
        let rounding = Amount { mantissa: i128::from(rows.max(1)), scale: 2 };
        let mut compared = false;
        let mut differences = Vec::new();
        for ((column, stated), sum) in self.columns.iter().zip(&total.amounts).zip(sums) {
            let (Some(stated), Ok(sum)) = (*stated, sum.amount()) else { continue };
            if column.measures.iter().any(|measure| measure.additivity() != Additivity::Sum) {
                continue;
            }
            let Ok(difference) = stated.minus(sum) else { continue };
            compared = true;
            let size = if difference.is_negative() { difference.negated() } else { Ok(difference) };
            let tolerance = if column.measures.iter().any(|measure| measure.is_whole()) { Amount::default() } else { rounding };
            if !size.and_then(|size| tolerance.minus(size)).is_ok_and(|left| !left.is_negative()) {
                differences.push(Difference { column: column.index, stated, sum });
            }
        }
        compared.then_some(differences)
    }

    /// What can be said of a total of other rows than those listed: it may be the total of those
    /// that have its name in some column.
    fn other_rows(&self, total: &TotalRow, from_all: &[Difference]) -> (Code, String) {
        let listed = |differences: &[Difference]| {
            differences.iter().map(|difference| difference.text(self.layout)).collect::<Vec<_>>().join(", ")
        };
        let compared = |part: &'_ PartOfRows| {
            let sums: Vec<&Sum> = part.sums.iter().collect();
            Some((counted(part.rows, "row"), self.layout.name(part.column), self.differences(total, &sums, part.rows)?))
        };
        let parts = self.parts.iter().filter(|part| part.rows > 0 && total.label.part() == Some(part.name.as_str()));
        match parts.filter_map(compared).min_by_key(|(_, _, differences)| differences.len()) {
            Some((rows, column, differences)) if differences.is_empty() => {
                (Code::TotalRow, format!("; it agrees with the {rows} of that {column}"))
            }
            Some((rows, column, differences)) => {
                (Code::TotalOfMore, format!("; it differs from the {rows} of that {column}: {}", listed(&differences)))
            }
            None => {
                let more = from_all.iter().filter(|difference| difference.is_more()).count();
                let what = match more {
                    0 => "less than the rows listed",
                    more if more == from_all.len() => "more than the rows listed",
                    _ => "other rows than those listed",
                };
                (Code::TotalOfMore, format!("; it covers {what}: {}", listed(from_all)))
            }
        }
    }

    fn provenance(&self) -> IndexMap<Measure, Provenance> {
        let mut provenance: IndexMap<Measure, Provenance> = IndexMap::new();
        for column in &self.columns {
            for &measure in column.measures {
                let entry = provenance.entry(measure).or_default();
                entry.columns.push(self.layout.name(column.index));
                entry.cells = entry.cells.saturating_add(column.cells);
                entry.missing = entry.missing.saturating_add(column.missing);
            }
        }
        for &measure in &self.layout.rows {
            provenance.entry(measure).or_default().derived = Some("each row counts one".to_owned());
        }
        for (index, role) in &self.layout.counts {
            if let Role::CountWhen { measure, values, negated } = role {
                let entry = provenance.entry(*measure).or_default();
                entry.columns.push(self.layout.name(*index));
                let not = if *negated { "not " } else { "" };
                entry.derived = Some(format!("rows that say {not}{}", values.join(" or ")));
            }
        }
        let mut told = |measure: Measure, columns: &[Option<usize>], how: &str| {
            let entry = provenance.entry(measure).or_default();
            entry.columns.extend(columns.iter().flatten().map(|index| self.layout.name(*index)));
            entry.derived = Some(how.to_owned());
            entry.cells = self.rows.selected;
        };
        if self.orders.is_some() {
            let roles = &self.roles;
            let order = if roles.order.is_some() { "distinct orders" } else { "each row is an order" };
            told(Measure::Orders, &[roles.order], order);
            if !roles.customers.is_empty() {
                let customers: Vec<_> = roles.customers.iter().map(|index| Some(*index)).collect();
                told(Measure::Customers, &customers, "distinct customers");
                told(Measure::RepeatCustomers, &customers, "customers with two orders or more in the whole file");
                told(Measure::RepeatRevenue, &customers, "net revenue of customers with two orders or more in the whole file");
                told(Measure::NewCustomers, &customers, "customers whose first order in the file lies in the period");
                told(
                    Measure::NewRevenue,
                    &customers,
                    "net revenue of customers whose first order in the file lies in the period",
                );
            }
            let amount = roles.signed.or(roles.unit_price).map(|(index, _)| index);
            if let Some(index) = amount {
                let how = if roles.signed.is_some() { "amounts above zero" } else { "quantity × unit price" };
                told(Measure::GrossRevenue, &[Some(index), roles.quantity.map(|(index, _)| index)], how);
            }
            if !roles.is_net() {
                let refunded = roles.refunds.is_some() || roles.signed.is_some();
                told(
                    Measure::Revenue,
                    &[],
                    if refunded { "gross_revenue - refunds" } else { "gross_revenue; no column of refunds" },
                );
            }
        }
        if self.customers.is_some() {
            let columns: Vec<_> = self.roles.customers.iter().map(|index| Some(*index)).collect();
            told(Measure::Customers, &columns, "distinct customers; a row that names nobody is one of its own");
        }
        if self.book.is_some() {
            let key = [self.roles.lead];
            let what = if self.layout.profile.kind == Kind::Deals { Measure::Opportunities } else { Measure::Leads };
            told(what, &key, "distinct ids, else rows");
            for (index, stage, _) in &self.roles.stage_dates {
                if *stage != Stage::Lead {
                    told(stage.measure(), &[Some(*index)], "rows with a date");
                }
            }
            if self.layout.profile.kind == Kind::Leads {
                told(Measure::NewCustomers, &key, "leads won");
            }
            for (index, stage) in &self.roles.stage_flags {
                told(stage.measure(), &[Some(*index)], "rows that say yes");
            }
        }
        provenance
    }

    /// Blank cells beside others that are not, in one finding for the table.
    fn note_blanks(&mut self) {
        if self.layout.profile.row == RowIs::LineBlankAfterFirst {
            return;
        }
        let partly = self.columns.iter().filter(|column| column.missing > 0 && column.cells > 0);
        let listed: Vec<String> = partly.map(|column| format!("{} {}", self.layout.name(column.index), column.missing)).collect();
        if listed.is_empty() {
            return;
        }
        let message =
            format!("blank cells are left out of sums: {} (of {})", listed.join(", "), counted(self.rows.selected, "row"));
        self.findings.push(if self.question.strict_missing {
            Finding::new(Code::RefusedMissing, self.place.clone().at_line(self.layout.header.line), message)
                .expected("a number in every cell of a measure")
                .help("fill in the cells, or leave out --strict-missing to add up the others")
        } else {
            Finding::new(Code::MissingCells, self.place.clone(), message)
        });
    }

    fn note_columns(&mut self) {
        self.note_blanks();
        for column in &self.columns {
            let place = self.place.clone().in_column(column.index, self.layout.name(column.index));
            if let Some((count, line)) = column.negative
                && self.orders.is_none()
            {
                let message = format!("{} below zero, added with the sign", counted(count, "value"));
                self.findings.push(Finding::new(Code::NegativeValue, place.at_line(line), message));
            }
        }
        for check in self.rates.iter().filter(|check| check.count > 0) {
            let Some((line, first)) = &check.first else { continue };
            let more = check.count.saturating_sub(1);
            let others = if more > 0 { format!("; {}", counted(more, "more row")) } else { String::new() };
            let message = format!("{} is above 100 % here: {first}{others}", check.kpi);
            self.findings.push(Finding::new(Code::RateAboveOne, self.place.clone().at_line(*line), message));
        }
    }

    fn note_rows(&mut self) {
        for (number, (count, lines)) in &self.survey.left_out {
            let Some(rule) = self.layout.profile.rules.get(*number) else { continue };
            let first = lines.first().copied().unwrap_or_default();
            let message = format!("{} left out: {}", counted(*count, "row"), rule.why);
            let help = format!("count them with --include {}", rule.word);
            self.findings.push(Finding::new(Code::LeftOutRows, self.place.clone().at_line(first), message).help(help));
        }
        for (word, line) in &self.unknown_words {
            let message = format!("\"{word}\" says nothing that is known of; such rows add nothing");
            self.findings.push(Finding::new(Code::UnknownWord, self.place.clone().at_line(*line), message));
        }
        for (index, kinds) in
            self.survey.kinds.iter().filter(|(index, _)| !self.columns.iter().any(|column| column.index == **index))
        {
            let listed =
                kinds.iter().map(|kind| if kind.is_empty() { "(blank)" } else { kind.as_str() }).collect::<Vec<_>>().join(", ");
            let place = self.place.clone().in_column(*index, self.layout.name(*index));
            let message = format!("counts several kinds of things, which do not add up: {listed}");
            self.findings.push(
                Finding::new(Code::MixedKinds, place, message).help("export the column of one kind, or one kind at a time"),
            );
        }
        if let Some((count, line)) = self.survey.beyond {
            let message = format!("{} of a second table that repeats the first left out", counted(count, "row"));
            self.findings.push(Finding::new(Code::LeftOutRows, self.place.clone().at_line(line), message));
        }
        for line in &self.survey.footers {
            self.findings.push(Finding::new(Code::LeftOutRows, self.place.clone().at_line(*line), "a closing remark left out"));
        }
        let (count, lines) = &self.survey.duplicates;
        if let Some(first) = lines.first() {
            let listed = lines.iter().map(u64::to_string).collect::<Vec<_>>().join(", ");
            let what = if self.question.dedupe { "dropped" } else { "counted twice" };
            let rows = counted(*count, "row");
            let lines = plural(lines.len() as u64, "line");
            let message = format!("{rows} equal to an earlier one cell by cell, {what}: {lines} {listed}");
            let finding = Finding::new(Code::DuplicateRows, self.place.clone().at_line(*first), message);
            self.findings.push(if self.question.dedupe { finding } else { finding.help("drop them with --dedupe") });
        }
        if self.survey.duplicates_unchecked {
            let message = "too many rows to look for duplicates; none of those beyond the first million was compared";
            self.findings.push(Finding::new(Code::DuplicatesUnchecked, self.place.clone(), message));
        }
        if let Some(line) = self.survey.unended_line {
            let message = "the last line has no end; the file may have been cut there";
            self.findings.push(Finding::new(Code::TruncatedLine, self.place.clone().at_line(line), message));
        }
        if let Some((count, first)) = &self.unread_dates {
            let (place, cell) = &**first;
            let message = format!(
                "{} no date, so that none is read there",
                if *count == 1 { "1 cell is".to_owned() } else { format!("{count} cells are") }
            );
            self.findings.push(Finding::new(Code::UnsettledDate, place.clone(), message).saw(cell.clone()));
        }
        if let (count, Some((line, day))) = self.unlikely_dates {
            let message = format!("{} with a date far in the past or in the future, the first {day}", counted(count, "row"));
            self.findings.push(Finding::new(Code::UnlikelyDate, self.place.clone().at_line(line), message));
        }
        if self.rows.used == 0 {
            self.findings.push(Finding::new(Code::NoRows, self.place.clone(), "there is a header and no row of data"));
        } else if self.rows.selected == 0 {
            self.findings.push(Finding::new(Code::NoRows, self.place.clone(), "no row passes the filters"));
        }
    }

    fn note_orders(&mut self) {
        let Some(orders) = &self.orders else { return };
        let unnamed = orders.rows_without_customer.saturating_add(self.unnamed);
        if !self.roles.customers.is_empty() && unnamed > 0 {
            let message = format!("{} without a customer, counted as revenue and as nobody's", counted(unnamed, "row"));
            self.findings.push(Finding::new(Code::MissingCells, self.place.clone(), message));
        }
        if !self.roles.customers.is_empty() && !self.question.needs_dates() {
            let message = "every customer counts as new, because the whole file is the period";
            let finding = Finding::new(Code::Assumed, self.place.clone(), message);
            self.findings.push(finding.help("give --from or --period to count only those whose first order lies in it"));
        }
    }
}

impl EventRoles {
    /// Whether the export gives revenue after refunds and nothing before.
    fn is_net(&self) -> bool {
        self.net.is_some() && self.gross.is_none() && self.signed.is_none() && self.unit_price.is_none()
    }
}

/// An amount in messages.
fn shown(amount: Amount) -> String {
    amount.to_decimal().map_or_else(|_| "…".to_owned(), |value| value.to_string())
}

/// A part for each name that a total row gives and each column of names.
fn parts_of_rows(layout: &Layout, survey: &Survey, columns: usize) -> Vec<PartOfRows> {
    let named: Vec<usize> = layout.with_role(|role| matches!(role, Role::Dimension(_))).collect();
    let part =
        |name: &String, column: usize| PartOfRows { name: name.clone(), column, rows: 0, sums: vec![Sum::default(); columns] };
    survey.total_parts.iter().flat_map(|name| named.iter().map(move |column| part(name, *column))).collect()
}

/// Seconds since 1970 on the clock of whoever wrote the moment, or of Greenwich where it says how
/// far off that clock is.
fn instant(moment: &Moment) -> i64 {
    let seconds = moment.date.to_zoned(TimeZone::UTC).map_or(0, |zoned| zoned.timestamp().as_second());
    seconds.saturating_sub(i64::from(moment.offset_seconds.unwrap_or(0)))
}

/// Keeps the first errors and counts all.
fn report(errors: &mut Vec<Finding>, count: &mut u64, finding: impl FnOnce() -> Finding) {
    *count = count.saturating_add(1);
    if errors.len() < LISTED {
        errors.push(finding());
    }
}

pub(super) fn cell_place(place: &Place, layout: &Layout, record: &Record, index: usize) -> Place {
    place.clone().at_line(record.line_of(index)).in_column(index, layout.name(index))
}

fn period_word(period: Period) -> &'static str {
    match period {
        Period::Day => "day",
        Period::Week => "week",
        Period::Month => "month",
        Period::Quarter => "quarter",
        Period::Year => "year",
    }
}

/// The column that dates a row.
pub(super) fn row_date(layout: &Layout) -> Option<usize> {
    let stage = |stage: Stage| layout.column_of(Role::StageDate(stage));
    match layout.profile.kind {
        Kind::Leads => stage(Stage::Lead).or_else(|| layout.column_of(Role::Date)),
        Kind::Deals => stage(Stage::Opportunity)
            .or_else(|| stage(Stage::Lead))
            .or_else(|| layout.column_of(Role::CloseDate))
            .or_else(|| stage(Stage::Won))
            .or_else(|| layout.column_of(Role::Date)),
        _ => layout.column_of(Role::Date),
    }
}

fn measure_columns(layout: &Layout, survey: &Survey) -> Vec<MeasureColumn> {
    let column_of = |index: usize, measures: &'static [Measure]| {
        let style = survey.numbers.get(index).copied().flatten()?;
        Some(MeasureColumn {
            index,
            measures,
            style,
            plan: None,
            cells: 0,
            missing: 0,
            negative: None,
            sum: Sum::default(),
            scales: BTreeMap::new(),
            largest_whole: None,
        })
    };
    let column = |index: usize| match layout.role(index) {
        Some(Role::Measures(measures)) => column_of(index, measures),
        Some(Role::PlanPrice { measures, interval, quantity }) => {
            let index_of = |name: &str| layout.header.find(name).first().map(|found| found.index);
            let plan = Plan { interval: index_of(interval), quantity: index_of(quantity) };
            column_of(index, measures).map(|column| MeasureColumn { plan: Some(plan), ..column })
        }
        Some(Role::MeasuresOfOneKind { measures, kind, .. }) => match survey.kinds.get(&index) {
            // Without a column that says the kind, numbers that may be mixed are not used.
            Some(kinds) if kinds.len() > 1 || kind.iter().all(|spelling| !layout.header.has(spelling)) => None,
            _ => column_of(index, measures),
        },
        _ => None,
    };
    (0..layout.header.len()).filter_map(column).collect()
}

impl Plan {
    /// What the price of the row comes to in a year; otherwise the column at fault, and why.
    fn in_a_year(self, price: Amount, record: &Record) -> Result<Amount, (Option<usize>, &'static str)> {
        let text = |index: Option<usize>| index.and_then(|index| record.get(index)).map(str::trim).unwrap_or_default();
        let billing = Billing::read(text(self.interval));
        let billing =
            billing.ok_or((self.interval, "it is not known how often that is: write day, week, month, quarter or year"))?;
        let quantity = match text(self.quantity) {
            "" => Amount::whole(1),
            digits => Amount::whole(digits.parse().map_err(|_| (self.quantity, "a quantity must be a whole number"))?),
        };
        billing.in_a_year(price, quantity).ok_or((self.interval, "the price a year has no exact decimal, or does not fit"))
    }
}

/// Measures of revenue that the fold of orders supplies, where the rows are orders.
const OF_ORDERS: &[Measure] = &[Measure::GrossRevenue, Measure::Refunds, Measure::Revenue, Measure::Orders];

fn table_slots(layout: &Layout, columns: &[MeasureColumn], is_orders: bool, kind: Kind) -> (Vec<Slot>, Vec<Measure>) {
    let of_leads = |measure: Measure| matches!(kind, Kind::Deals | Kind::Leads) && measure == Measure::Revenue;
    let mut slots = Vec::new();
    let mut measures = Vec::new();
    for (number, column) in columns.iter().enumerate() {
        for &measure in column.measures {
            let elsewhere = (is_orders && OF_ORDERS.contains(&measure)) || of_leads(measure);
            if !elsewhere && !measures.contains(&measure) {
                slots.push(Slot::Column(number));
                measures.push(measure);
            }
        }
    }
    if let Some(index) = layout.column_of(Role::SatisfactionScore) {
        slots.extend([Slot::Satisfied(index, i128::MIN), Slot::Satisfied(index, 4)]);
        measures.extend([Measure::Answers, Measure::SatisfiedAnswers]);
    }
    if let Some(index) = layout.column_of(Role::RecommendationScore) {
        slots.extend([Slot::Recommended(index, 9, 10), Slot::Recommended(index, 7, 8), Slot::Recommended(index, 0, 6)]);
        measures.extend([Measure::Promoters, Measure::Passives, Measure::Detractors]);
    }
    for &measure in &layout.rows {
        slots.push(Slot::Row);
        measures.push(measure);
    }
    for (index, role) in &layout.counts {
        if let Role::CountWhen { measure, values, negated } = role {
            slots.push(Slot::Count(*index, values, *negated));
            measures.push(*measure);
        }
    }
    for (index, words) in outcome_columns(layout) {
        for &measure in words.iter().flat_map(|(_, means)| *means) {
            if !measures.contains(&measure) {
                slots.push(Slot::Outcome(index, measure));
                measures.push(measure);
            }
        }
    }
    if let Some(index) = layout.column_of(Role::ConversionFlag)
        && !measures.contains(&Measure::Conversions)
    {
        slots.push(Slot::Flag(index));
        measures.push(Measure::Conversions);
    }
    (slots, measures)
}

/// Measures that rows are counted for, as the user said.
fn counted_measures(layout: &Layout) -> Vec<Measure> {
    let by_word = layout.counts.iter().filter_map(|(_, role)| match role {
        Role::CountWhen { measure, .. } => Some(*measure),
        _ => None,
    });
    layout.rows.iter().copied().chain(by_word).collect()
}

fn outcome_columns(layout: &Layout) -> Vec<(usize, Words)> {
    let words = |index: usize| match layout.role(index) {
        Some(Role::Outcome(words)) => Some((index, words)),
        _ => None,
    };
    (0..layout.header.len()).filter_map(words).collect()
}

fn event_roles(
    layout: &Layout,
    survey: &Survey,
    columns: &[MeasureColumn],
    style_of: &mut dyn FnMut(usize) -> Option<DateStyle>,
) -> EventRoles {
    let number_of = |measure: Measure| columns.iter().position(|column| column.measures.contains(&measure));
    let numeric = |role: Role| {
        let index = layout.column_of(role)?;
        Some((index, survey.numbers.get(index).copied().flatten()?))
    };
    let mut roles = EventRoles {
        order: layout.column_of(Role::OrderId),
        customers: layout.with_role(|role| *role == Role::CustomerId).collect(),
        lead: layout.column_of(Role::LeadId),
        gross: number_of(Measure::GrossRevenue),
        refunds: number_of(Measure::Refunds),
        net: number_of(Measure::Revenue),
        signed: numeric(Role::SignedAmount),
        unit_price: numeric(Role::UnitPrice),
        quantity: numeric(Role::Quantity),
        score: numeric(Role::Score),
        stage_name: layout.column_of(Role::StageName),
        ..EventRoles::default()
    };
    for &stage in Stage::ALL {
        roles.stage_dates.extend(layout.column_of(Role::StageDate(stage)).map(|index| (index, stage, style_of(index))));
        roles.stage_flags.extend(layout.column_of(Role::StageFlag(stage)).map(|index| (index, stage)));
    }
    roles.close_date = layout.column_of(Role::CloseDate).map(|index| (index, style_of(index)));
    roles.first_response = layout.column_of(Role::FirstResponse).map(|index| (index, style_of(index)));
    roles.first_touch = layout.column_of(Role::FirstTouch).map(|index| (index, style_of(index)));
    roles
}

fn lead_book(layout: &Layout, kind: Kind, roles: &EventRoles, columns: &[MeasureColumn]) -> LeadBook {
    let mut told = LeadColumns {
        first_response: roles.first_response.is_some(),
        first_touch: roles.first_touch.is_some(),
        score: roles.score.is_some(),
        amount: columns.iter().any(|column| column.measures.contains(&Measure::Revenue)),
        ..LeadColumns::default()
    };
    roles.stage_dates.iter().for_each(|(_, stage, _)| told.add(*stage));
    roles.stage_flags.iter().for_each(|(_, stage)| told.add(*stage));
    if roles.stage_name.is_some() {
        layout.profile.stages.iter().for_each(|(_, stage)| told.add(*stage));
    }
    if kind == Kind::Deals { LeadBook::of_deals(told) } else { LeadBook::new(told) }
}

/// The columns that say what a row of sums is about, where they include a date and a dimension.
fn about_columns(layout: &Layout, survey: &Survey) -> Vec<usize> {
    let summed = matches!(layout.profile.kind, Kind::Campaigns | Kind::Ads | Kind::Web | Kind::Social | Kind::Measures);
    let dated = layout.column_of(Role::Date).is_some() || layout.column_of(Role::DateRange).is_some();
    let named = layout.with_role(|role| matches!(role, Role::Dimension(_))).next().is_some();
    if !(summed && dated && named) {
        return Vec::new();
    }
    let is_number =
        |index: &usize| survey.evidence.get(*index).is_some_and(crate::ingest::number::NumberEvidence::looks_like_measure);
    let about = |index: &usize| match layout.columns.get(*index) {
        Some(Use::Role(role, _)) => {
            matches!(role, Role::Dimension(_) | Role::Date | Role::DateEnd | Role::DateRange | Role::Time | Role::Id)
        }
        Some(Use::Other) => !is_number(index),
        _ => false,
    };
    (0..layout.header.len()).filter(about).collect()
}

/// Columns whose values key the stocks: every dimension of the file but its dates.
fn stock_columns(layout: &Layout) -> Vec<usize> {
    let is_key = |column: &Use| matches!(column, Use::Other | Use::Role(Role::Dimension(_) | Role::Id, _));
    layout.columns.iter().enumerate().filter(|(_, column)| is_key(column)).map(|(index, _)| index).collect()
}

pub(super) fn header_currency(layout: &Layout) -> Option<Arc<str>> {
    layout.columns.iter().find_map(|column| match column {
        Use::Role(Role::Measures(_) | Role::SignedAmount, Some(currency)) => Some(Arc::clone(currency)),
        _ => None,
    })
}

fn has_money(columns: &[MeasureColumn], roles: &EventRoles) -> bool {
    columns.iter().any(|column| column.measures.iter().any(|measure| measure.is_money()))
        || roles.signed.is_some()
        || roles.unit_price.is_some()
}

pub(super) fn dimension_source(
    layout: &Layout,
    dimension: &Dimension,
    has_dates: bool,
    lacks: &mut Vec<String>,
) -> DimensionSource {
    if let Some(period) = dimension.period
        && has_dates
    {
        return DimensionSource::Period(period);
    }
    if let Some(index) = layout.dimension(&dimension.name) {
        return DimensionSource::Column(index);
    }
    if let Some(value) = layout.constant(&dimension.name) {
        return DimensionSource::Constant(value);
    }
    lacks.push(dimension.name.clone());
    DimensionSource::Absent
}

/// Proportions of two columns of this table, which no row should exceed.
fn rate_checks(catalogue: &Catalogue, columns: &[MeasureColumn]) -> Vec<RateCheck> {
    let number_of = |measure: Measure| columns.iter().position(|column| column.measures.contains(&measure));
    let check = |(kpi, numerator, denominator)| RateCheck { kpi, numerator, denominator, count: 0, first: None };
    rates(catalogue, number_of).into_iter().map(check).collect()
}

/// Proportions of two measures that a table has, by the numbers of their columns.
pub(super) fn rates(catalogue: &Catalogue, number_of: impl Fn(Measure) -> Option<usize>) -> Vec<(&'static str, usize, usize)> {
    let rate = |kpi: &'static crate::kpi::Kpi| {
        let Expr::Ratio(Expr::Measure(part), whole) = kpi.formula else { return None };
        let whole = match whole {
            Expr::Measure(measure) => number_of(*measure),
            Expr::Recipients => number_of(Measure::Delivered).or_else(|| number_of(Measure::Sent)),
            _ => None,
        };
        (kpi.unit == Unit::Share).then_some(())?;
        Some((kpi.id, number_of(*part)?, whole?))
    };
    catalogue.kpis().filter_map(rate).collect()
}

fn whole_number(cell: &str, style: &NumberStyle) -> Option<i128> {
    match number::parse(cell, style) {
        Ok(NumberCell::Number(amount)) => amount.whole(),
        _ => None,
    }
}

/// Yes or no in the words that exports use.
pub(super) fn yes_or_no(cell: &str) -> Option<bool> {
    match cell.trim().to_lowercase().as_str() {
        "1" | "yes" | "y" | "true" | "t" | "converted" | "won" => Some(true),
        "0" | "no" | "n" | "false" | "f" => Some(false),
        _ => None,
    }
}

/// The currency of a set, where there is exactly one; the others with their lines otherwise.
pub fn single_currency(currencies: &BTreeMap<Arc<str>, u64>) -> Result<Option<Arc<str>>, String> {
    // A bare sign says the same as a code that has it.
    let mut reconciled: Vec<(Currency, u64, Arc<str>)> = Vec::new();
    let mut unknown: Vec<(&Arc<str>, u64)> = Vec::new();
    for (name, line) in currencies {
        let Some(currency) = Currency::from_code(name).or_else(|| Currency::from_sign(name)) else {
            unknown.push((name, *line));
            continue;
        };
        match reconciled.iter_mut().find_map(|(known, _, shown)| Some((known.reconciled(currency)?, known, shown))) {
            Some((common, known, shown)) => {
                *known = common;
                *shown = common.to_string().into();
            }
            None => reconciled.push((currency, *line, Arc::clone(name))),
        }
    }
    let mut all: Vec<(Arc<str>, u64)> = reconciled.into_iter().map(|(_, line, shown)| (shown, line)).collect();
    all.extend(unknown.into_iter().map(|(name, line)| (Arc::clone(name), line)));
    match all.as_slice() {
        [] => Ok(None),
        [(only, _)] => Ok(Some(Arc::clone(only))),
        several => {
            let listed = several.iter().map(|(name, line)| format!("{name} (line {line})")).collect::<Vec<_>>().join(", ");
            Err(listed)
        }
    }
}
