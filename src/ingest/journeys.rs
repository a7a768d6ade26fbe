//! Files to journeys: who was touched by what, before what was bought.
//!
//! **Owns** the reading of touch logs, path tables, orders beside touches, and leads with a first
//! and a last source, into the journeys of [`crate::analysis::attribution`].
//!
//! **Does not know** the models, nor what was spent. Tables are recognised and surveyed as for
//! every other question; cells are read by the same typed readers under the same decisions.
//!
//! Touches and orders of two files are joined by the person: the text of the id without blanks
//! around it, an e-mail address in any case. A time without an offset counts as it is written.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use indexmap::{IndexMap, IndexSet};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive as _;

use super::date::{self, DateStyle, Moment};
use super::layout::Layout;
use super::number::{self, DecimalMark, NumberCell, NumberStyle};
use super::profile::Role;
use super::read::{Input, Recognised, inspect, read};
use super::record::Record;
use super::rows::{Class, Classifier, Label};
use super::survey::LISTED;
use super::tally::{cell_place, header_currency, single_currency, tally_orders, yes_or_no};
use crate::analysis::attribution::paths::{Conversion, LogRow, Window, hours, journeys_of};
use crate::analysis::attribution::{Channels, Journey, Touch};
use crate::finding::{Code, Finding, Place, Severity};
use crate::kpi::{Catalogue, Measure, Overflow};
use crate::measures::{Amount, Dimension, Kind, OrderRow, Question, Rows};

/// What is credited, and how far back touches count.
#[derive(Clone, Debug)]
pub struct JourneyQuestion {
    /// Which rows count: rules of platforms that are overruled, duplicates. Its groups and filters
    /// are not used.
    pub rows: Question,
    /// The dimension to credit; without one `channel`, and of leads alone `source`.
    pub dimension: Option<String>,
    /// Which touches belong to a conversion.
    pub window: Window,
}

/// Journeys, with what they were read from.
#[derive(Clone, Debug)]
pub struct Journeys {
    /// The dimension whose values are the channels.
    pub dimension: String,
    /// Names of the channels, in alphabetical order.
    pub channels: Channels,
    /// One for each conversion and each path that ended in nothing; a row of a path table is one.
    /// Money given back without an order that it belongs to is a journey of no conversion and no
    /// touch whose value is negative.
    pub journeys: Vec<Journey>,
    /// Distinct people of logs; `None` where all rows stand for many.
    pub people: Option<u64>,
    /// Whether any file says what conversions were worth.
    pub has_value: bool,
    /// Currency of the values, when known.
    pub currency: Option<Arc<str>>,
    /// The tables that were read.
    pub sources: Vec<JourneySource>,
    /// Numbers of the inputs that hold neither touches nor conversions: they may say what was spent.
    pub beside: Vec<usize>,
    /// What the user should know.
    pub findings: Vec<Finding>,
}

/// A table that was read for journeys.
#[derive(Clone, Debug)]
pub struct JourneySource {
    /// The file as the user named it.
    pub file: Arc<str>,
    /// Sheet, member or section.
    pub part: Option<Arc<str>>,
    /// What a row is.
    pub kind: Kind,
    /// The platform that wrote it, or `plain`.
    pub platform: Arc<str>,
    /// Id of the profile by which it was read.
    pub profile: Arc<str>,
    /// Its rows.
    pub rows: Rows,
}

/// Reads all inputs to journeys. Inputs of other kinds are left to the caller ([`Journeys::beside`]).
///
/// # Errors
/// Everything that is wrong with any of them, or there is neither a touch nor a path.
pub fn read_journeys(inputs: &[Input], asked: &JourneyQuestion, catalogue: &Catalogue) -> Result<Journeys, Vec<Finding>> {
    let mut tables = Vec::new();
    let mut problems = Vec::new();
    for (number, input) in inputs.iter().enumerate() {
        match inspect(input, &asked.rows, catalogue) {
            Ok(recognised) => tables.extend(recognised.into_iter().map(|table| (number, table))),
            Err(findings) => problems.extend(findings),
        }
    }
    if !problems.is_empty() {
        return Err(problems);
    }
    let of_kind = |kind: Kind| tables.iter().filter(move |(_, table)| table.layout.profile.kind == kind);
    let has = |kind: Kind| of_kind(kind).next().is_some();
    if !(has(Kind::Touches) || has(Kind::Paths) || has(Kind::Leads) || has(Kind::Deals)) {
        return Err(vec![no_touches(has(Kind::Orders))]);
    }
    let has_logs = has(Kind::Touches) || has(Kind::Paths);
    let dimension = asked.dimension.clone().or_else(|| has_logs.then(|| "channel".to_owned()));
    let mut reader = Reader::new(asked, catalogue, dimension);
    of_kind(Kind::Touches).for_each(|(_, table)| reader.touches(table));
    of_kind(Kind::Orders).for_each(|(_, table)| reader.orders(table));
    for (number, table) in of_kind(Kind::Paths) {
        let mark = inputs.get(*number).and_then(|input| input.marks.decimal);
        reader.paths(table, mark);
    }
    let leads: Vec<&Recognised> = of_kind(Kind::Leads).chain(of_kind(Kind::Deals)).map(|(_, table)| table).collect();
    if let Some(first) = leads.first() {
        let numbers: BTreeSet<usize> = of_kind(Kind::Leads).chain(of_kind(Kind::Deals)).map(|(number, _)| *number).collect();
        let of_leads: Vec<Input> = numbers.into_iter().filter_map(|number| inputs.get(number).cloned()).collect();
        reader.leads(first, &of_leads);
    }
    let used = [Kind::Touches, Kind::Paths, Kind::Orders, Kind::Leads, Kind::Deals];
    let beside: BTreeSet<usize> =
        tables.iter().filter(|(_, table)| !used.contains(&table.layout.profile.kind)).map(|(number, _)| *number).collect();
    reader.finish(beside.into_iter().collect())
}

fn no_touches(has_orders: bool) -> Finding {
    let (message, help) = if has_orders {
        ("orders alone do not say which touches came before them", "name a log of touches beside them: person_id, time, channel")
    } else {
        (
            "no file has touches, paths or leads",
            "give a log of touches (person_id, time, channel, conversion, value), a table of paths (path, conversions, value) \
             or leads with their source; mak inspect shows what the files were taken for",
        )
    };
    Finding::new(Code::NothingComputed, Place::default(), message).help(help)
}

/// A row of a log before journeys are made of it.
struct Seen {
    row: LogRow,
    has_time: bool,
}

/// What orders of one id came to.
#[derive(Default)]
struct Order {
    customer: Option<Box<str>>,
    at: Option<Moment>,
    net: Option<Result<Amount, Overflow>>,
    /// Whether any of its rows is more than money given back.
    placed: bool,
}

/// Rows that could not be used as they are, by what they lack.
#[derive(Default)]
struct Lacking {
    person: u64,
    time: u64,
    channel: u64,
    value_without_conversion: u64,
}

struct Reader<'a> {
    asked: &'a JourneyQuestion,
    catalogue: &'a Catalogue,
    dimension: Option<String>,
    channels: Channels,
    people: IndexSet<Box<str>>,
    log: Vec<Seen>,
    /// Journeys that are whole already: rows of path tables, conversions of nobody known.
    whole: Vec<Journey>,
    has_orders: bool,
    has_value: bool,
    /// Whether any file says what was bought or signed.
    says_conversions: bool,
    /// Whether any time has an offset, and whether any has none.
    offsets: (bool, bool),
    currencies: BTreeMap<Arc<str>, u64>,
    sources: Vec<JourneySource>,
    findings: Vec<Finding>,
    problems: Vec<Finding>,
    unlisted: u64,
}

impl<'a> Reader<'a> {
    fn new(asked: &'a JourneyQuestion, catalogue: &'a Catalogue, dimension: Option<String>) -> Self {
        Reader {
            asked,
            catalogue,
            dimension,
            channels: Channels::default(),
            people: IndexSet::new(),
            log: Vec::new(),
            whole: Vec::new(),
            has_orders: false,
            has_value: false,
            says_conversions: false,
            offsets: (false, false),
            currencies: BTreeMap::new(),
            sources: Vec::new(),
            findings: Vec::new(),
            problems: Vec::new(),
            unlisted: 0,
        }
    }

    fn problem(&mut self, finding: Finding) {
        if self.problems.len() < LISTED {
            self.problems.push(finding);
        } else {
            self.unlisted = self.unlisted.saturating_add(1);
        }
    }

    /// The number of a person, known by the text of an id.
    fn person(&mut self, id: &str) -> u32 {
        let id = person_key(id);
        let index = match self.people.get_index_of(&*id) {
            Some(index) => index,
            None => self.people.insert_full(id.into()).0,
        };
        u32::try_from(index).unwrap_or(u32::MAX)
    }

    fn note_source(&mut self, table: &Recognised) {
        let profile = &table.layout.profile;
        self.findings.extend(table.table.sheet().notes().iter().cloned());
        self.findings.extend(table.beside.iter().cloned());
        self.sources.push(JourneySource {
            file: Arc::clone(table.table.sheet().source().name()),
            part: table.table.part().cloned(),
            kind: profile.kind,
            platform: profile.platform.into(),
            profile: profile.id.into(),
            rows: table.survey.rows,
        });
    }

    /// Reads a log of touches.
    fn touches(&mut self, table: &Recognised) {
        self.note_source(table);
        let place = table.table.place();
        let columns = match TouchColumns::of(table, self.dimension.as_deref().unwrap_or("channel")) {
            Ok(columns) => columns,
            Err(finding) => return self.problem(finding),
        };
        self.has_value |= columns.value.is_some();
        self.says_conversions |= columns.flag.is_some() || columns.value.is_some() || columns.count.is_some();
        let mut lacking = Lacking::default();
        let read = data_rows(table, &self.asked.rows, |record| self.touch(record, &columns, table, &place, &mut lacking));
        if let Err(finding) = read {
            return self.problem(finding);
        }
        let mut note = |count: u64, what: &str| {
            if count > 0 {
                self.findings.push(Finding::new(Code::MissingCells, place.clone(), format!("{count} {what}")));
            }
        };
        note(lacking.person, "rows name no person; their touches are left out, their conversions have no path");
        note(lacking.time, "rows have no time; their touches are left out, their conversions have no path");
        note(lacking.channel, &format!("rows have no {} and no conversion; they say nothing", columns.name));
        note(lacking.value_without_conversion, "rows have a value and no conversion; the value is not counted");
        let (duplicates, lines) = &table.survey.duplicates;
        if let (Some(first), false) = (lines.first(), self.asked.rows.dedupe) {
            let message = format!("{duplicates} rows repeat an earlier row cell by cell and count as touches of their own");
            self.findings
                .push(Finding::new(Code::DuplicateRows, place.clone().at_line(*first), message).help("drop them with --dedupe"));
        }
    }

    fn touch(&mut self, record: &Record, columns: &TouchColumns, table: &Recognised, place: &Place, lacking: &mut Lacking) {
        let layout = &table.layout;
        let read = (|| {
            let at = moment(record, columns.time, layout, place)?;
            let flag = flag(record, columns.flag, layout, place)?;
            let value = decimal(record, columns.value, layout, place)?;
            let count = columns.count.map(|column| count(record, column, layout, place)).transpose()?;
            Ok::<_, Finding>((at, flag, value, count))
        })();
        let (at, flag, value, count) = match read {
            Ok(read) => read,
            Err(finding) => return self.problem(finding),
        };
        // Without a column that says so, what has a value is a conversion.
        let count = match (flag, count) {
            (Some(false), _) => 0,
            (Some(true), count) => count.flatten().unwrap_or(1),
            (None, Some(count)) => count.unwrap_or(0),
            (None, None) if columns.flag.is_some() => 0,
            (None, None) => u64::from(value.is_some_and(|value| !value.is_zero())),
        };
        let value = value.unwrap_or_default();
        if count == 0 && !value.is_zero() {
            lacking.value_without_conversion = lacking.value_without_conversion.saturating_add(1);
        }
        let conversion = (count > 0).then_some(Conversion { count, value });
        if conversion.is_some() {
            self.note_currency(record, layout);
        }
        let channel = columns.channel.name(record);
        if channel.is_none() && conversion.is_none() {
            lacking.channel = lacking.channel.saturating_add(1);
            return;
        }
        let id = text(record, columns.person);
        let (Some(at), Some(id)) = (at, id) else {
            let missing = if id.is_none() { &mut lacking.person } else { &mut lacking.time };
            *missing = missing.saturating_add(1);
            if let Some(Conversion { count, value }) = conversion {
                self.whole.push(Journey { conversions: count, value, ..Journey::default() });
            }
            return;
        };
        let person = self.person(id);
        let channel = channel.map(|name| self.channels.number(name));
        let row = LogRow { person, at: self.instant(&at), channel, conversion };
        self.log.push(Seen { row, has_time: at.has_time });
    }

    /// The instant of a moment; without an offset, as if it were written in Greenwich.
    fn instant(&mut self, moment: &Moment) -> Timestamp {
        match moment.offset_seconds {
            Some(_) => self.offsets.0 = true,
            None => self.offsets.1 |= moment.has_time,
        }
        let written = moment.date.to_zoned(TimeZone::UTC).map_or(Timestamp::UNIX_EPOCH, |zoned| zoned.timestamp());
        let offset = SignedDuration::from_secs(i64::from(moment.offset_seconds.unwrap_or(0)));
        written.checked_sub(offset).unwrap_or(written)
    }

    fn note_currency(&mut self, record: &Record, layout: &Layout) {
        let column = layout.column_of(Role::Currency).and_then(|index| text(record, index));
        let currency = column
            .map(|cell| Arc::from(cell.to_uppercase()))
            .or_else(|| header_currency(layout))
            .or_else(|| layout.currency.clone());
        if let Some(currency) = currency {
            self.currencies.entry(currency).or_insert_with(|| record.line());
        }
    }

    /// Reads orders as conversions, by the same fold that adds up revenue.
    fn orders(&mut self, table: &Recognised) {
        self.note_source(table);
        let place = table.table.place();
        let layout = &table.layout;
        let Some(index) = layout.column_of(Role::Date) else {
            return self.problem(lacks(&place, "a date", "orders"));
        };
        let style = match date_style(table, index) {
            Ok(style) => style,
            Err(finding) => return self.problem(finding),
        };
        let mut orders: IndexMap<Box<str>, Order> = IndexMap::new();
        let mut faults = Vec::new();
        let mut watch = |record: &Record, row: &OrderRow<'_>| {
            let at = moment(record, (index, style), layout, &place).unwrap_or_else(|fault| {
                faults.push(fault);
                None
            });
            // A row without an id is an order of its own: no id can begin with this sign.
            let id = row.order.map_or_else(|| format!("\u{1f}{}", record.line()).into(), Box::from);
            let order = orders.entry(id).or_default();
            order.add(row, at);
        };
        let rows = &self.asked.rows;
        let tally =
            table.table.records().map_err(|finding| vec![finding]).and_then(|mut records| {
                tally_orders(layout, &table.survey, &mut *records, rows, self.catalogue, &place, &mut watch)
            });
        faults.into_iter().for_each(|fault| self.problem(fault));
        match tally {
            Err(findings) => return findings.into_iter().for_each(|finding| self.problem(finding)),
            Ok(tally) => {
                let (errors, others): (Vec<Finding>, Vec<Finding>) =
                    tally.findings.into_iter().partition(|finding| finding.severity() == Severity::Error);
                errors.into_iter().for_each(|finding| self.problem(finding));
                // That every customer is new is about another question.
                self.findings.extend(others.into_iter().filter(|finding| finding.code() != Code::Assumed));
                for (currency, line) in tally.currencies {
                    self.currencies.entry(currency).or_insert(line);
                }
            }
        }
        (self.has_value, self.says_conversions) = (true, true);
        self.set_touch_conversions_aside(&place);
        self.log_orders(orders, &place);
        self.has_orders = true;
    }

    /// Where orders are given, they are the conversions: a log's own would count them again.
    fn set_touch_conversions_aside(&mut self, orders: &Place) {
        if self.has_orders {
            return;
        }
        let mut aside = 0_u64;
        for seen in &mut self.log {
            aside = aside.saturating_add(seen.row.conversion.take().map_or(0, |conversion| conversion.count));
        }
        let loose = std::mem::take(&mut self.whole);
        aside = aside.saturating_add(loose.iter().fold(0, |sum, journey| sum.saturating_add(journey.conversions)));
        if aside > 0 {
            let message = format!("{aside} conversions of the touch logs are set aside: the orders say what was bought");
            self.findings.push(Finding::new(Code::SetAside, orders.clone(), message));
        }
    }

    fn log_orders(&mut self, orders: IndexMap<Box<str>, Order>, place: &Place) {
        let touched = self.people.len();
        let (mut placed, mut unknown, mut nobody, mut undated, mut given_back) = (0_u64, 0_u64, 0_u64, 0_u64, 0_u64);
        let count = |counter: &mut u64| *counter = counter.saturating_add(1);
        for order in orders.into_values() {
            let Ok(value) = order.net.unwrap_or(Ok(Amount::default())).and_then(Amount::to_decimal) else {
                self.problem(Finding::new(Code::Overflow, place.clone(), "an order does not fit in exact arithmetic"));
                continue;
            };
            if !order.placed {
                count(&mut given_back);
                self.whole.push(Journey { value, ..Journey::default() });
                continue;
            }
            count(&mut placed);
            let (Some(customer), Some(at)) = (&order.customer, &order.at) else {
                count(if order.customer.is_none() { &mut nobody } else { &mut undated });
                self.whole.push(Journey { conversions: 1, value, ..Journey::default() });
                continue;
            };
            let person = self.person(customer);
            if usize::try_from(person).is_ok_and(|person| person >= touched) {
                count(&mut unknown);
            }
            let conversion = Some(Conversion { count: 1, value });
            let row = LogRow { person, at: self.instant(at), channel: None, conversion };
            self.log.push(Seen { row, has_time: at.has_time });
        }
        let mut note = |code: Code, count: u64, what: &str| {
            if count > 0 {
                self.findings.push(Finding::new(code, place.clone(), format!("{count} {what}")));
            }
        };
        note(Code::UnmatchedRows, unknown, &format!("of {placed} orders are of people without a touch; no channel is credited"));
        note(Code::UnmatchedRows, nobody, "orders name no customer; no channel is credited with them");
        note(Code::MissingCells, undated, "orders have no date; no channel is credited with them");
        note(Code::UnmatchedRows, given_back, "refunds name no order; they lower the value that no channel is credited with");
    }

    /// Reads a table of paths.
    fn paths(&mut self, table: &Recognised, mark: Option<DecimalMark>) {
        self.note_source(table);
        let place = table.table.place();
        let columns = match PathColumns::of(table, mark) {
            Ok(columns) => columns,
            Err(finding) => return self.problem(finding),
        };
        self.has_value |= columns.value.is_some();
        self.says_conversions = true;
        let (mut blank_steps, mut unsorted) = (0_u64, 0_u64);
        let read = data_rows(table, &self.asked.rows, |record| {
            match self.path(record, &columns, table, &place, &mut blank_steps, &mut unsorted) {
                Ok(journey) => self.whole.push(journey),
                Err(finding) => self.problem(finding),
            }
        });
        if let Err(finding) = read {
            return self.problem(finding);
        }
        if blank_steps > 0 {
            let message = format!("{blank_steps} steps of paths have no name; they are left out");
            self.findings.push(Finding::new(Code::MissingCells, place.clone(), message));
        }
        if unsorted > 0 {
            let message = format!("{unsorted} paths do not stand in the order of their times; the times decide");
            self.findings.push(Finding::new(Code::Assumed, place, message));
        }
    }

    fn path(
        &mut self,
        record: &Record,
        columns: &PathColumns,
        table: &Recognised,
        place: &Place,
        blank_steps: &mut u64,
        unsorted: &mut u64,
    ) -> Result<Journey, Finding> {
        let layout = &table.layout;
        let flag = flag(record, columns.flag, layout, place)?;
        let counted = columns.conversions.map(|column| count(record, column, layout, place)).transpose()?.flatten();
        let conversions = counted.or_else(|| flag.map(u64::from)).unwrap_or(0);
        let nulls = match columns.nulls.map(|column| count(record, column, layout, place)).transpose()?.flatten() {
            Some(nulls) => nulls,
            // One journey a row: it ended in nothing where it did not convert.
            None => u64::from(counted.is_none() && flag == Some(false)),
        };
        let value = decimal(record, columns.value, layout, place)?.unwrap_or_default();
        if conversions > 0 {
            self.note_currency(record, layout);
        }
        let steps = steps(record.get(columns.path).unwrap_or(""));
        let ages = match columns.hours {
            Some((index, mark)) => ages(record, index, mark, steps.len(), layout, place)?,
            None => vec![None; steps.len()],
        };
        let mut touches = Vec::with_capacity(steps.len());
        for (name, before_end) in steps.into_iter().zip(ages) {
            if name.is_empty() {
                *blank_steps = blank_steps.saturating_add(1);
            } else {
                touches.push(Touch { channel: self.channels.number(name), before_end });
            }
        }
        if !touches.is_sorted_by_key(|touch| std::cmp::Reverse(touch.before_end)) {
            touches.sort_by_key(|touch| std::cmp::Reverse(touch.before_end));
            *unsorted = unsorted.saturating_add(1);
        }
        if let Window::Lookback(time) = self.asked.window
            && conversions > 0
        {
            if touches.iter().any(|touch| touch.before_end.is_none()) {
                return Err(no_lookback(&place.clone().at_line(record.line())));
            }
            touches.retain(|touch| touch.before_end <= Some(time));
        }
        Ok(Journey { touches, conversions, value, nulls, person: None })
    }

    /// Reads leads, joined with their deals, as paths of a first and a last source.
    fn leads(&mut self, table: &Recognised, inputs: &[Input]) {
        let layout = &table.layout;
        let place = table.table.place();
        if self.asked.window != Window::SincePrevious {
            return self.problem(no_lookback(&place));
        }
        let Some((dimension, columns)) = lead_columns(layout, self.dimension.as_deref()) else {
            let name = self.dimension.as_deref().unwrap_or("source");
            return self.problem(lacks(&place, &format!("a column for {name}"), "leads"));
        };
        self.dimension.get_or_insert(dimension);
        let by: Vec<Dimension> =
            columns.iter().map(|index| Dimension { name: layout.header.normal(*index).to_owned(), period: None }).collect();
        let question = Question { by, ..self.asked.rows.clone() };
        let sources = match read(inputs, &question, self.catalogue) {
            Ok(sources) => sources,
            Err(findings) => return findings.into_iter().for_each(|finding| self.problem(finding)),
        };
        for source in sources {
            let info = &source.info;
            self.findings.extend(source.findings.iter().filter(|finding| finding.code() != Code::Assumed).cloned());
            self.sources.push(JourneySource {
                file: Arc::clone(&info.file),
                part: info.part.clone(),
                kind: info.kind,
                platform: Arc::clone(&info.platform),
                profile: Arc::clone(&info.profile),
                rows: info.rows,
            });
            let total = &source.measured.total;
            if total.is_empty() {
                continue;
            }
            let place = Place { file: Some(Arc::clone(&info.file)), part: info.part.clone(), ..Place::default() };
            let begun = if info.kind == Kind::Leads { Measure::Leads } else { Measure::Opportunities };
            if !info.lacks.is_empty() {
                self.problem(lacks(&place, &format!("a column {}", info.lacks.join(" and ")), info.kind.word()));
                continue;
            }
            if !total.has(Measure::Won) {
                self.problem(lacks(&place, "a column that says which were won", info.kind.word()));
                continue;
            }
            self.has_value |= total.has(Measure::Revenue);
            self.says_conversions = true;
            if let Some(currency) = &info.currency {
                self.currencies.entry(Arc::clone(currency)).or_insert(1);
            }
            for (key, set) in source.measured.groups.iter() {
                let whole = |measure| set.number(measure).and_then(|number| number.to_u64()).unwrap_or(0);
                let won = whole(Measure::Won);
                let mut touches: Vec<Touch> =
                    key.values().flatten().map(|name| Touch::untimed(self.channels.number(name))).collect();
                touches.dedup();
                let value = set.number(Measure::Revenue).unwrap_or_default();
                let nulls = whole(begun).saturating_sub(won);
                self.whole.push(Journey { touches, conversions: won, value, nulls, person: None });
            }
        }
    }

    fn finish(mut self, beside: Vec<usize>) -> Result<Journeys, Vec<Finding>> {
        if self.unlisted > 0 {
            let message = format!("{} more like these", self.unlisted);
            self.problems.push(Finding::new(Code::BadNumber, Place::default(), message));
        }
        if !self.says_conversions && self.problems.is_empty() {
            let message = "no file says who converted";
            self.problems.push(
                Finding::new(Code::NothingComputed, Place::default(), message)
                    .help("a log of touches says so in a column conversion; or name a file of orders beside it"),
            );
        }
        if let Err(several) = single_currency(&self.currencies) {
            let message = format!("values in several currencies would be added: {several}");
            self.problems
                .push(Finding::new(Code::MixedCurrencies, Place::default(), message).help("give one currency at a time"));
        }
        if !self.problems.is_empty() {
            return Err(self.problems);
        }
        self.settle_days();
        self.note_offsets();
        self.note_sources_of_the_same();
        let people = (!self.people.is_empty()).then(|| u64::try_from(self.people.len()).unwrap_or(u64::MAX));
        let log = self.log.into_iter().map(|seen| seen.row).collect();
        let mut journeys = journeys_of(log, self.asked.window);
        journeys.append(&mut self.whole);
        let mut channels = self.channels;
        channels.sort(&mut journeys);
        Ok(Journeys {
            dimension: self.dimension.unwrap_or_else(|| "channel".to_owned()),
            channels,
            journeys,
            people,
            has_value: self.has_value,
            currency: single_currency(&self.currencies).ok().flatten(),
            sources: self.sources,
            beside,
            findings: self.findings,
        })
    }

    /// A conversion of which only the day is known lies at the end of that day, where touches have
    /// times: a touch of the same day may have led to it.
    fn settle_days(&mut self) {
        if !self.log.iter().any(|seen| seen.row.channel.is_some() && seen.has_time) {
            return;
        }
        let mut moved = 0_u64;
        for seen in &mut self.log {
            if seen.has_time || seen.row.channel.is_some() || seen.row.conversion.is_none() {
                continue;
            }
            let last = SignedDuration::from_nanos(86_400_000_000_000 - 1);
            seen.row.at = seen.row.at.checked_add(last).unwrap_or(seen.row.at);
            moved = moved.saturating_add(1);
        }
        if moved > 0 {
            let message = format!("{moved} conversions have a day and no time; they count as at the end of that day");
            self.findings.push(Finding::new(Code::Assumed, Place::default(), message));
        }
    }

    fn note_offsets(&mut self) {
        if self.offsets == (true, true) {
            let message = "some times say how far from Greenwich they are and others do not; the others count as of Greenwich";
            self.findings.push(Finding::new(Code::Assumed, Place::default(), message));
        }
    }

    /// Logs, paths and leads may each hold the same conversions.
    fn note_sources_of_the_same(&mut self) {
        let mut kinds: Vec<&str> = self
            .sources
            .iter()
            .map(|source| match source.kind {
                Kind::Touches | Kind::Orders => "logs",
                Kind::Paths => "paths",
                _ => "leads",
            })
            .collect();
        kinds.sort_unstable();
        kinds.dedup();
        if kinds.len() > 1 {
            let message = format!("{} may count the same conversions; all are added", kinds.join(" and "));
            self.findings.push(Finding::new(Code::MaybeTwice, Place::default(), message));
        }
    }
}

impl Order {
    fn add(&mut self, row: &OrderRow<'_>, at: Option<Moment>) {
        let net = row.net.map_or_else(|| row.gross.unwrap_or_default().minus(row.refunds.unwrap_or_default()), Ok);
        self.net = Some(self.net.unwrap_or(Ok(Amount::default())).and_then(|sum| sum.plus(net?)));
        if self.customer.is_none() {
            self.customer = row.customer.map(Box::from);
        }
        if !row.refund_only {
            self.placed = true;
            self.at = match (self.at.take(), at) {
                (Some(known), Some(new)) if new.seconds_since(&known).is_sign_negative() => Some(new),
                (known, new) => known.or(new),
            };
        }
    }
}

/// Where the value of the credited dimension stands.
enum Credited {
    Column(usize),
    Constant(&'static str),
}

impl Credited {
    fn of(layout: &Layout, name: &str) -> Option<Self> {
        let column = layout.dimension(name).map(Credited::Column);
        column.or_else(|| layout.constant(name).map(Credited::Constant))
    }

    fn name<'r>(&self, record: &'r Record) -> Option<&'r str> {
        match self {
            Credited::Column(index) => text(record, *index),
            Credited::Constant(value) => Some(value),
        }
    }
}

/// A column of dates with the order of day and month.
type DateColumn = (usize, DateStyle);

/// A column of numbers with its decimal mark.
type NumberColumn = (usize, NumberStyle);

struct TouchColumns {
    name: String,
    person: usize,
    time: DateColumn,
    channel: Credited,
    flag: Option<usize>,
    value: Option<NumberColumn>,
    count: Option<NumberColumn>,
}

impl TouchColumns {
    fn of(table: &Recognised, dimension: &str) -> Result<Self, Finding> {
        let layout = &table.layout;
        let place = table.table.place();
        let person = layout.column_of(Role::PersonId).or_else(|| layout.column_of(Role::CustomerId));
        let person = person.ok_or_else(|| lacks(&place, "a person", "touches"))?;
        let time = layout.column_of(Role::Date).ok_or_else(|| lacks(&place, "a time", "touches"))?;
        let channel = Credited::of(layout, dimension).ok_or_else(|| {
            let known = layout.dimensions().join(", ");
            Finding::new(Code::UnknownName, place.clone(), format!("these touches have no {dimension}"))
                .help(format!("choose with --by one that they have: {known}"))
        })?;
        Ok(TouchColumns {
            name: dimension.to_owned(),
            person,
            time: (time, date_style(table, time)?),
            channel,
            flag: layout.column_of(Role::ConversionFlag),
            value: number_column(table, &[Measure::ConversionValue, Measure::Revenue]),
            count: number_column(table, &[Measure::Conversions]),
        })
    }
}

struct PathColumns {
    path: usize,
    conversions: Option<NumberColumn>,
    flag: Option<usize>,
    nulls: Option<NumberColumn>,
    value: Option<NumberColumn>,
    hours: Option<(usize, Option<DecimalMark>)>,
}

impl PathColumns {
    fn of(table: &Recognised, mark: Option<DecimalMark>) -> Result<Self, Finding> {
        let layout = &table.layout;
        let place = table.table.place();
        let columns = PathColumns {
            path: layout.column_of(Role::Path).ok_or_else(|| lacks(&place, "a path", "paths"))?,
            conversions: number_column(table, &[Measure::Conversions]),
            flag: layout.column_of(Role::ConversionFlag),
            nulls: layout.column_of(Role::PathNulls).and_then(|index| style_of(table, index)),
            value: number_column(table, &[Measure::ConversionValue, Measure::Revenue]),
            hours: layout.column_of(Role::HoursBeforeEnd).map(|index| (index, mark)),
        };
        if columns.conversions.is_none() && columns.flag.is_none() {
            return Err(lacks(&place, "conversions", "paths"));
        }
        Ok(columns)
    }
}

fn lacks(place: &Place, what: &str, kind: &str) -> Finding {
    Finding::new(Code::NoSuchColumn, place.clone(), format!("these {kind} have no column for {what}"))
        .help("say in [columns] of mak.toml which column it is; mak inspect shows what each was taken for")
}

fn no_lookback(place: &Place) -> Finding {
    Finding::new(Code::BadUsage, place.clone(), "--lookback needs the time of every touch, and none is given here")
        .help("a table of paths gives it as time_till_end: 72.0 > 36.0 > 0.0")
}

/// Columns of the first and the last value of a dimension in leads, one where they are the same:
/// `first_source` or the dimension itself, and `last_source` or `latest traffic source`.
fn lead_columns(layout: &Layout, dimension: Option<&str>) -> Option<(String, Vec<usize>)> {
    let candidates: Vec<&str> = dimension.map_or_else(|| vec!["source", "channel", "campaign"], |name| vec![name]);
    let find = |spellings: &[&str], name: &str| {
        spellings.iter().find_map(|prefix| layout.header.find(&format!("{prefix} {name}")).first().map(|found| found.index))
    };
    let columns = |name: &str| {
        let canonical = layout.dimension(name);
        let first = find(&["first", "first touch", "original", "original traffic"], name).or(canonical);
        let last = find(&["last", "last touch", "latest", "latest traffic", "most recent", "hs latest"], name);
        let mut columns: Vec<usize> = first.into_iter().chain(last).collect();
        columns.dedup();
        columns
    };
    let found: Vec<(String, Vec<usize>)> = candidates.iter().map(|name| ((*name).to_owned(), columns(name))).collect();
    let best = found.iter().find(|(_, columns)| columns.len() == 2);
    best.or_else(|| found.iter().find(|(_, columns)| !columns.is_empty())).cloned()
}

/// Calls `each` with every row of data, in the order of the file.
fn data_rows(recognised: &Recognised, question: &Question, mut each: impl FnMut(&Record)) -> Result<(), Finding> {
    let Recognised { table, layout, survey, .. } = recognised;
    let mut classifier = Classifier::new(layout, &question.include);
    let mut records = table.records()?;
    let mut record = Record::default();
    let mut before_data = layout.before_data;
    while records.read(&mut record)? {
        if before_data > 0 {
            before_data = before_data.saturating_sub(1);
            continue;
        }
        let line = record.line();
        let is_data = match classifier.classify(&mut record) {
            Class::Data => {
                let dropped = question.dedupe && survey.duplicate_lines.contains(&line);
                !dropped && !survey.footers.contains(&line)
            }
            Class::Total(Label::Unlabelled) => !survey.unlabelled_totals.contains(&line),
            _ => false,
        };
        if is_data {
            each(&record);
        }
    }
    Ok(())
}

fn date_style(table: &Recognised, index: usize) -> Result<DateStyle, Finding> {
    match table.survey.dates.get(index) {
        Some(Some(Ok(style))) => Ok(*style),
        Some(Some(Err(finding))) => Err(finding.clone()),
        _ => Err(lacks(&table.table.place(), "a date", table.layout.profile.kind.word())),
    }
}

fn style_of(table: &Recognised, index: usize) -> Option<NumberColumn> {
    Some((index, table.survey.numbers.get(index).copied().flatten()?))
}

/// The first column that feeds one of these measures.
fn number_column(table: &Recognised, wanted: &[Measure]) -> Option<NumberColumn> {
    let feeds = |role: &Role| matches!(role, Role::Measures(measures) if wanted.iter().any(|one| measures.contains(one)));
    let index = table.layout.with_role(feeds).next()?;
    style_of(table, index)
}

fn text(record: &Record, index: usize) -> Option<&str> {
    record.get(index).map(str::trim).filter(|cell| !cell.is_empty())
}

/// The id by which a person is known: an e-mail address is the same in any case.
fn person_key(id: &str) -> String {
    let id = id.trim();
    if id.contains('@') { id.to_lowercase() } else { id.to_owned() }
}

fn moment(record: &Record, (index, style): DateColumn, layout: &Layout, place: &Place) -> Result<Option<Moment>, Finding> {
    let cell = record.get(index).unwrap_or("");
    let moment = date::parse(cell, &style).map_err(|fault| fault.finding(cell_place(place, layout, record, index), cell))?;
    let Some(moment) = moment.filter(|moment| !moment.has_time) else { return Ok(moment) };
    // The time of day may stand in a column of its own.
    let Some(index) = layout.column_of(Role::Time) else { return Ok(Some(moment)) };
    let cell = record.get(index).unwrap_or("");
    let time = date::parse_time(cell).map_err(|fault| fault.finding(cell_place(place, layout, record, index), cell))?;
    Ok(Some(time.map_or(moment, |time| Moment { date: moment.date.date().to_datetime(time), has_time: true, ..moment })))
}

fn flag(record: &Record, index: Option<usize>, layout: &Layout, place: &Place) -> Result<Option<bool>, Finding> {
    let Some((index, cell)) = index.and_then(|index| Some((index, text(record, index)?))) else { return Ok(None) };
    match yes_or_no(cell) {
        Some(yes) => Ok(Some(yes)),
        None => Err(Finding::new(Code::BadNumber, cell_place(place, layout, record, index), "says neither yes nor no")
            .saw(cell)
            .expected("1 or 0, true or false, yes or no")),
    }
}

fn amount(
    record: &Record,
    (index, style): NumberColumn,
    layout: &Layout,
    place: &Place,
) -> Result<Option<number::Amount>, Finding> {
    let cell = record.get(index).unwrap_or("");
    let place = || cell_place(place, layout, record, index);
    match number::parse(cell, &style) {
        Ok(NumberCell::Missing) => Ok(None),
        Ok(NumberCell::Number(amount)) if amount.percent => {
            Err(Finding::new(Code::BadNumber, place(), "a percentage stands where an amount belongs").saw(cell))
        }
        Ok(NumberCell::Number(amount)) => Ok(Some(amount)),
        Err(fault) => Err(fault.finding(place(), cell)),
    }
}

fn decimal(record: &Record, column: Option<NumberColumn>, layout: &Layout, place: &Place) -> Result<Option<Decimal>, Finding> {
    let Some(column) = column else { return Ok(None) };
    let Some(amount) = amount(record, column, layout, place)? else { return Ok(None) };
    let cell = record.get(column.0).unwrap_or("");
    amount.value().map(Some).map_err(|fault| fault.finding(cell_place(place, layout, record, column.0), cell))
}

/// A number of things: whole, and not below zero.
fn count(record: &Record, column: NumberColumn, layout: &Layout, place: &Place) -> Result<Option<u64>, Finding> {
    let Some(amount) = amount(record, column, layout, place)? else { return Ok(None) };
    match amount.whole().and_then(|whole| u64::try_from(whole).ok()) {
        Some(count) => Ok(Some(count)),
        None => Err(Finding::new(
            Code::FractionalCount,
            cell_place(place, layout, record, column.0),
            "paths and conversions are counted in whole numbers from zero on",
        )
        .saw(record.get(column.0).unwrap_or(""))),
    }
}

/// The steps of a path, first to last. Blank steps stay, so that times line up.
fn steps(path: &str) -> Vec<&str> {
    let path = path.trim();
    if path.is_empty() {
        return Vec::new();
    }
    // Where blanks stand around the marks, a mark without them belongs to a name.
    let marks = [" > ", " → ", " -> ", " » ", "->", "→", ">"];
    match marks.into_iter().find(|mark| path.contains(mark)) {
        Some(mark) => path.split(mark).map(str::trim).collect(),
        None => vec![path],
    }
}

/// Times before the end, one for each step.
fn ages(
    record: &Record,
    index: usize,
    mark: Option<DecimalMark>,
    expected: usize,
    layout: &Layout,
    place: &Place,
) -> Result<Vec<Option<Duration>>, Finding> {
    let cell = record.get(index).unwrap_or("");
    let place = || cell_place(place, layout, record, index);
    let steps = steps(cell);
    if steps.is_empty() {
        return Ok(vec![None; expected]);
    }
    if steps.len() != expected {
        let message = format!("{} times for a path of {expected} touches", steps.len());
        return Err(Finding::new(Code::BadNumber, place(), message).saw(cell).expected("hours before the end, one a touch"));
    }
    if mark.is_none() && cell.contains(',') {
        return Err(Finding::new(Code::AmbiguousNumber, place(), "a comma may part thousands or decimals here")
            .saw(cell)
            .help("say which with --decimal comma or --decimal point"));
    }
    let style = NumberStyle::given(mark.unwrap_or(DecimalMark::Point));
    let age = |step: &str| match number::parse(step, &style) {
        Ok(NumberCell::Missing) => Ok(None),
        Ok(NumberCell::Number(amount)) => {
            let hours = amount.value().map_err(|fault| fault.finding(place(), cell)).map(hours)?;
            hours.map(Some).ok_or_else(|| {
                Finding::new(Code::BadNumber, place(), "no time lies that far from the end")
                    .saw(step)
                    .expected("hours from zero on")
            })
        }
        Err(fault) => Err(fault.finding(place(), step)),
    };
    steps.into_iter().map(age).collect()
}
