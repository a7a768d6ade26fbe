//! Inputs to sources: each table is recognised, surveyed and tallied, and deals are joined to the
//! leads that they name.

use std::sync::Arc;

use super::encoding::Encoding;
use super::layout::{HEAD, Layout, Told, Use, nearest_measure, nearly_a_platform, nearly_columns};
use super::memory::Limit;
use super::number::DecimalMark;
use super::profile::{self, Profiles, Role};
use super::record::{Record, Records};
use super::scan::{self, Scanned};
use super::sheet::{Format, Overrides, Sheet, sheets};
use super::source::Source as InputSource;
use super::survey::{Marks, Survey, survey, unrecognised_measures};
use super::table::Table;
use super::tally::{FilterValues, Tally, list_sales, single_currency, tally, tally_scanned};
use crate::finding::{Code, Finding, Place, counted, excerpt, nearest};
use crate::kpi::{Catalogue, Measured};
use crate::measures::{Dimension, Grouped, Kind, LeadBook, Question, Sales, Source, SourceInfo};

/// An input and what the user said about it.
#[derive(Clone, Debug)]
pub struct Input {
    /// Where its bytes come from.
    pub source: InputSource,
    /// What it is, where the user said so.
    pub told: Told,
    /// Its encoding and dialect, where the user said so.
    pub overrides: Overrides,
    /// Its decimal mark and date order, where the user said so.
    pub marks: Marks,
    /// How large tables are scanned.
    pub scan: scan::Settings,
}

/// A table with what was recognised of it.
#[derive(Clone, Debug)]
pub struct Recognised {
    /// The table.
    pub table: Table,
    /// What it was taken for.
    pub layout: Layout,
    /// What the first pass found.
    pub survey: Survey,
    /// Other tables of the same input, which are not used.
    pub beside: Vec<Finding>,
    /// Plain rows that were added up already, where the table was scanned.
    pub scanned: Option<Arc<Scanned>>,
    /// The most memory that reading it may take.
    pub memory: Limit,
    /// Whether it has no row, and another table of the same input has some.
    pub empty_beside: bool,
}

/// Reads all inputs to measures by group. Groups may lack measures that are not [`Question::needed`]; the
/// total has them all.
///
/// # Errors
/// Everything that is wrong with any of them.
pub fn read(inputs: &[Input], question: &Question, catalogue: &Catalogue) -> Result<Vec<Source>, Vec<Finding>> {
    read_among(profile::ALL, inputs, question, catalogue)
}

/// The same, with the profiles that the exports are recognised by.
///
/// # Errors
/// Everything that is wrong with any of them.
pub fn read_among(
    profiles: Profiles,
    inputs: &[Input],
    question: &Question,
    catalogue: &Catalogue,
) -> Result<Vec<Source>, Vec<Finding>> {
    let mut readings = Vec::new();
    let mut problems = Vec::new();
    for input in inputs {
        match tables(profiles, input, question, catalogue, Way::Fast) {
            Ok(tables) => {
                for table in tables {
                    match reading(table, question, catalogue) {
                        Ok(reading) => readings.push(reading),
                        Err(findings) => problems.extend(findings),
                    }
                }
            }
            Err(findings) => problems.extend(findings),
        }
    }
    if !problems.is_empty() {
        return Err(problems);
    }
    if !question.allow_overlap {
        refuse_overlaps(&mut readings, question, catalogue)?;
    }
    join_deals(&mut readings);
    let unmet = unmet_values(&readings, question);
    if let Some(first) = readings.first_mut() {
        first.findings.extend(unmet);
    }
    let sources: Vec<Source> = readings.into_iter().map(Reading::finish).collect();
    refuse_mixed_currencies(&sources, question)?;
    Ok(sources)
}

/// The sales of all inputs one by one, with what each input was.
#[derive(Clone, Debug, Default)]
pub struct SalesLog {
    /// The rows that pass the question's filters, customers and orders told apart over all files.
    pub sales: Sales,
    /// The tables of orders or payments that they come from; nothing is measured of them.
    pub sources: Vec<Source>,
}

/// Reads every order and payment of the inputs, for what needs the dates of each customer. Rows
/// are recognised, typed and refused as [`read`] does; `question.by` are the dimensions by which
/// they are grouped, none of them a period. Tables of another kind are not used, and said so.
///
/// # Errors
/// Everything that is wrong with any of them; no table of orders with dates among them; an order
/// that stands in two files.
pub fn sales(inputs: &[Input], question: &Question, catalogue: &Catalogue) -> Result<SalesLog, Vec<Finding>> {
    let mut dated = question.clone();
    dated.by.push(Dimension::named("date"));
    let mut log = SalesLog::default();
    let (mut problems, mut others) = (Vec::new(), Vec::new());
    for input in inputs {
        let found = match tables(profile::ALL, input, question, catalogue, Way::Careful) {
            Ok(found) => found,
            Err(findings) => {
                problems.extend(findings);
                continue;
            }
        };
        for table in found {
            let kind = table.layout.profile.kind;
            if kind != Kind::Orders {
                let message = format!("a table of {}, not of orders or payments, is not used", kind.word());
                others.push(Finding::new(Code::UnusedTable, table.table.place(), message));
                continue;
            }
            let missing = missing_for_sales(&table, &dated);
            if !missing.is_empty() {
                problems.extend(missing);
                continue;
            }
            log.sales.next_file();
            match reading_into(table, &dated, catalogue, Some(&mut log.sales)) {
                Ok(reading) => log.sources.push(reading.finish()),
                Err(findings) => problems.extend(findings),
            }
        }
    }
    if let Some(id) = &log.sales.overlap {
        let message = "an order stands in two files with the same customer and date";
        let finding = Finding::new(Code::OverlappingExports, Place::default(), message).saw(&**id);
        problems.push(finding.help("give files that do not overlap, or one of them"));
    }
    if problems.is_empty() && log.sources.is_empty() {
        problems.extend(others.iter().map(|other| not_sales(&other.parts().place, &other.parts().message)));
    }
    if !problems.is_empty() {
        return Err(problems);
    }
    refuse_currencies_of_sales(&log.sources)?;
    if let Some(first) = log.sources.first_mut() {
        first.findings.extend(others);
        if log.sales.undated > 0 {
            let message = format!("{} without a date left out", counted(log.sales.undated, "row"));
            first.findings.push(Finding::new(Code::MissingCells, Place::default(), message));
        }
    }
    Ok(log)
}

fn not_sales(place: &Place, message: &str) -> Finding {
    Finding::new(Code::NoKnownColumn, place.clone(), message.to_owned())
        .expected("rows with a customer, a date and an amount")
        .help("if it has them, say so with --as orders:FILE or under [files] in mak.toml")
}

/// What a table of orders lacks for its rows to be told apart by customer, date and dimension.
fn missing_for_sales(table: &Recognised, question: &Question) -> Vec<Finding> {
    let (layout, place) = (&table.layout, table.table.place());
    let mut missing = Vec::new();
    if layout.with_role(|role| matches!(role, Role::Date | Role::DateRange)).next().is_none() {
        missing.push(not_sales(&place, "no column says when each order was placed"));
    }
    if layout.with_role(|role| *role == Role::CustomerId).next().is_none() {
        missing.push(not_sales(&place, "no column says whose each order is"));
    }
    let asked = question.by.iter().chain(question.filters.iter().map(|filter| &filter.dimension));
    for dimension in asked.filter(|dimension| dimension.period.is_none()) {
        if layout.dimension(&dimension.name).is_none() && layout.constant(&dimension.name).is_none() {
            let message = format!("no dimension of this file is called \"{}\"", dimension.name);
            let finding = Finding::new(Code::UnknownName, place.clone(), message);
            let known = layout.dimensions();
            missing.push(match nearest(&dimension.name, known.iter().map(String::as_str)) {
                Some(near) => finding.help(format!("did you mean {near}?")),
                None => finding.help("mak inspect FILE shows its columns"),
            });
        }
    }
    missing
}

/// Recognises every table of an input and makes the first pass over it.
///
/// # Errors
/// Everything that is wrong with it.
pub fn inspect(input: &Input, question: &Question, catalogue: &Catalogue) -> Result<Vec<Recognised>, Vec<Finding>> {
    tables(profile::ALL, input, question, catalogue, Way::Careful)
}

/// What the second pass has to say about a table, errors included.
///
/// # Errors
/// Everything that is wrong with it.
pub fn findings(table: &Recognised, question: &Question, catalogue: &Catalogue) -> Result<Vec<Finding>, Vec<Finding>> {
    reading(table.clone(), question, catalogue)
        .map(|reading| [reading.findings, reading.tally.findings, reading.tally.compared].concat())
}

/// How a table is read where there is a choice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Way {
    /// Large plain tables are scanned: columns that no answer needs are not looked at.
    Fast,
    /// Every cell is looked at.
    Careful,
}

fn tables(
    profiles: Profiles,
    input: &Input,
    question: &Question,
    catalogue: &Catalogue,
    way: Way,
) -> Result<Vec<Recognised>, Vec<Finding>> {
    let sheets = sheets(&input.source, &input.overrides).map_err(|finding| vec![finding])?;
    let mut parts = Vec::new();
    let mut problems = Vec::new();
    for sheet in sheets {
        match head(&sheet).and_then(|head| Table::of(profiles, &sheet, &head)) {
            Ok(tables) => parts.extend(tables),
            Err(finding) => problems.push(finding),
        }
    }
    let several = parts.len() > 1;
    let mut tables = Vec::new();
    let mut unknown = Vec::new();
    for part in parts {
        match recognise(profiles, part, input, question, catalogue, way) {
            Ok(table) => tables.push(table),
            Err(findings) if several && findings.iter().all(is_unknown) => unknown.extend(findings),
            Err(findings) => problems.extend(findings),
        }
    }
    if !problems.is_empty() {
        return Err(problems);
    }
    if tables.iter().any(|table| table.survey.rows.used > 0) {
        tables.iter_mut().for_each(|table| table.empty_beside = table.survey.rows.used == 0);
    }
    // Tables of which nothing is known do not matter beside those that are known, but are named.
    match tables.first_mut() {
        None => Err(unknown),
        Some(first) => {
            first.beside = unknown.into_iter().map(|finding| unused(&finding)).collect();
            Ok(tables)
        }
    }
}

fn is_unknown(finding: &Finding) -> bool {
    matches!(finding.code(), Code::NoKnownColumn | Code::NoHeader | Code::EmptyFile)
}

fn unused(finding: &Finding) -> Finding {
    let parts = finding.parts();
    let unused = Finding::new(Code::UnusedTable, parts.place.clone(), "a table without a known column is not used");
    match &parts.saw {
        Some(saw) => unused.saw(saw.clone()),
        None => unused,
    }
}

fn recognise(
    profiles: Profiles,
    table: Table,
    input: &Input,
    question: &Question,
    catalogue: &Catalogue,
    way: Way,
) -> Result<Recognised, Vec<Finding>> {
    let place = table.place();
    let mut records = table.records().map_err(|finding| vec![finding])?;
    let head = first_records(&mut *records).map_err(|finding| vec![finding])?;
    drop(records);
    let told = match table.profile() {
        Some(profile) if input.told.kind.is_none() => Told { kind: Some(profile.to_owned()), ..input.told.clone() },
        _ => input.told.clone(),
    };
    let mut layout = Layout::recognise(profiles, &head, &told, catalogue, &place).map_err(|finding| vec![finding])?;
    layout.take_from_name(place.part.as_deref().or(place.file.as_deref()).unwrap_or_default());
    if way == Way::Fast {
        match scan::scan(&table, &layout, question, catalogue, input.marks, &input.scan) {
            Some(Ok((survey, scanned))) => {
                return Ok(Recognised {
                    table,
                    layout,
                    survey,
                    beside: Vec::new(),
                    empty_beside: false,
                    scanned: Some(Arc::new(scanned)),
                    memory: input.scan.memory,
                });
            }
            Some(Err(findings)) if fallback_encoding(&layout, &input.overrides).is_none() => return Err(findings),
            // It may be written in another encoding, or nothing can be promised.
            Some(Err(_)) | None => {}
        }
    }
    let mut table = table;
    let first = pass(&table, &layout, question, input, &place);
    let mut survey = match (first, fallback_encoding(&layout, &input.overrides)) {
        (Ok(survey), _) => survey,
        // The platform is known to write in another encoding, and these bytes are not UTF-8.
        (Err(findings), Some(encoding)) if findings.iter().any(|finding| finding.code() == Code::BadEncoding) => {
            let sheet = table.sheet().with_encoding(encoding).map_err(|finding| vec![finding])?;
            table = table.of_sheet(sheet);
            pass(&table, &layout, question, input, &place)?
        }
        (Err(findings), _) => return Err(findings),
    };
    // A column that is blank throughout gives way to another spelling of the same.
    if layout.prefer_filled(&survey.filled) {
        survey = pass(&table, &layout, question, input, &place)?;
    }
    Ok(Recognised { table, layout, survey, beside: Vec::new(), empty_beside: false, scanned: None, memory: input.scan.memory })
}

fn fallback_encoding(layout: &Layout, overrides: &Overrides) -> Option<Encoding> {
    let label = layout.profile.encoding.filter(|_| overrides.encoding.is_none())?;
    super::encoding::by_label(label)
}

fn pass(table: &Table, layout: &Layout, question: &Question, input: &Input, place: &Place) -> Result<Survey, Vec<Finding>> {
    let mut records = input.scan.memory.over(table.records().map_err(|finding| vec![finding])?, place);
    let typed = table.sheet().format() != Format::Delimited;
    let marks = Marks { written: typed.then_some(DecimalMark::Point), ..input.marks };
    survey(layout, &mut *records, &question.include, marks, place)
}

/// The first records, in which the header is looked for. A fault further down is for the passes
/// over the whole table to report.
fn head(sheet: &Sheet) -> Result<Vec<Record>, Finding> {
    first_records(&mut *sheet.records()?)
}

pub(super) fn first_records(records: &mut dyn Records) -> Result<Vec<Record>, Finding> {
    let mut head = Vec::new();
    let mut record = Record::default();
    while head.len() < HEAD {
        match records.read(&mut record) {
            Ok(true) => head.push(record.clone()),
            Err(finding) if head.is_empty() => return Err(finding),
            Ok(false) | Err(_) => break,
        }
    }
    Ok(head)
}

/// A table read to the end, before deals are joined to leads.
struct Reading {
    table: Recognised,
    tally: Tally,
    findings: Vec<Finding>,
}

fn reading(table: Recognised, question: &Question, catalogue: &Catalogue) -> Result<Reading, Vec<Finding>> {
    reading_into(table, question, catalogue, None)
}

/// As [`reading`]; with a log, the rows of orders go there one by one.
fn reading_into(
    table: Recognised,
    question: &Question,
    catalogue: &Catalogue,
    sales: Option<&mut Sales>,
) -> Result<Reading, Vec<Finding>> {
    let place = table.table.place();
    let mut table = table;
    let scanned = table.scanned.take();
    let Recognised { layout, survey, .. } = &table;
    let one_by_one = sales.is_some();
    let mut tally = match (sales, scanned) {
        (None, Some(scanned)) => match tally_scanned(layout, survey, scanned, question, catalogue, &place)? {
            Some(tally) => tally,
            None => full_tally(&table, question, catalogue)?,
        },
        (None, None) => full_tally(&table, question, catalogue)?,
        (Some(sales), _) => {
            let mut records = table.memory.over(table.table.records().map_err(|finding| vec![finding])?, &place);
            list_sales(layout, survey, &mut *records, question, catalogue, &place, sales)?
        }
    };
    let errors: Vec<Finding> =
        tally.findings.iter().filter(|finding| finding.severity() == crate::finding::Severity::Error).cloned().collect();
    if !errors.is_empty() {
        return Err(errors);
    }
    debug_assert!(tally.rows.add_up(), "rows do not add up: {:?}", tally.rows);
    if let Err(several) = single_currency(&tally.currencies) {
        let by_currency = question.by.iter().any(|dimension| dimension.name == "currency");
        if one_by_one || !by_currency {
            let line = tally.currencies.values().copied().max().unwrap_or(table.layout.header.line);
            return Err(vec![mixed(&place.clone().at_line(line), &several)]);
        }
        for (measure, _) in tally.measured.total.clone().iter().filter(|(measure, _)| measure.is_money()) {
            tally.measured.total.put(measure, Measured::NotAdditive { rows: tally.rows.selected });
        }
    }
    if table.empty_beside {
        // A section without rows among others is how platforms write that nothing happened there.
        tally.findings.retain(|finding| finding.code() != Code::NoRows);
        tally.findings.push(Finding::new(Code::EmptyTable, place.clone(), "a header and no row, beside tables with rows"));
    }
    let mut findings = [table.table.sheet().notes(), &table.beside].concat();
    if !table.layout.preamble.is_empty() {
        findings.push(preamble(&table.layout, place));
    }
    findings.extend(near_misses(&table, catalogue));
    Ok(Reading { table, tally, findings })
}

/// The second pass over all rows of a table.
fn full_tally(table: &Recognised, question: &Question, catalogue: &Catalogue) -> Result<Tally, Vec<Finding>> {
    let place = table.table.place();
    let mut records = table.memory.over(table.table.records().map_err(|finding| vec![finding])?, &place);
    tally(&table.layout, &table.survey, &mut *records, question, catalogue, &place)
}

/// Lines of a preamble that are quoted.
const QUOTED: usize = 5;

/// The lines before the header, which were skipped.
fn preamble(layout: &Layout, place: Place) -> Finding {
    let quoted: Vec<_> =
        layout.preamble.iter().take(QUOTED).map(|(line, text)| format!("{line} \"{}\"", excerpt(text))).collect();
    let more = layout.preamble.len().saturating_sub(QUOTED);
    let others = if more > 0 { format!(" and {more} more") } else { String::new() };
    let lines = counted(layout.preamble.len() as u64, "line");
    let message =
        format!("{lines} before the header on line {} left out: no data: {}{others}", layout.header.line, quoted.join(", "));
    Finding::new(Code::Preamble, place, message)
}

/// What was nearly recognised: a header with a slip changes what is read, so it is said.
fn near_misses(table: &Recognised, catalogue: &Catalogue) -> Vec<Finding> {
    let layout = &table.layout;
    let place = table.table.place();
    let mut findings = Vec::new();
    if layout.profile.platform == "plain"
        && let Some((profile, missing)) = nearly_a_platform(&layout.header)
    {
        let message = format!("nearly {}, but \"{}\" is missing; read as a plain table", profile.id, missing.join("\", \""));
        let help = format!("if it is one, say --as {}:FILE", profile.id);
        findings.push(Finding::new(Code::NearlyRecognised, place.clone().at_line(layout.header.line), message).help(help));
    }
    for (index, known) in nearly_columns(layout) {
        let place = place.clone().at_line(layout.header.line).in_column(index, layout.name(index));
        findings.push(Finding::new(
            Code::NearlyRecognised,
            place,
            format!("a column of this export is called \"{known}\"; this one is not used"),
        ));
    }
    let unnamed = layout.columns.iter().enumerate().filter(|(_, column)| **column == Use::Unnamed);
    for (index, _) in unnamed.filter(|(index, _)| table.survey.filled.get(*index).copied().unwrap_or(false)) {
        let place = place.clone().at_line(layout.header.line).in_column(index, layout.name(index));
        findings.push(Finding::new(Code::UnnamedColumn, place, "a column without a name is not read"));
    }
    for index in unrecognised_measures(layout, &table.survey) {
        let place = place.clone().at_line(layout.header.line).in_column(index, layout.name(index));
        let finding = Finding::new(Code::UnusedColumn, place, "looks like a measure and is not used");
        findings.push(match nearest_measure(&layout.name(index), catalogue) {
            Some(near) => finding.help(format!("if it is {near}, say so in [columns] of mak.toml")),
            None => finding,
        });
    }
    findings
}

fn mixed(place: &Place, several: &str) -> Finding {
    Finding::new(Code::MixedCurrencies, place.clone(), format!("amounts in several currencies would be added: {several}"))
        .help("keep one with --where currency=…; mak compute groups by it with --by currency")
}

impl Reading {
    fn finish(mut self) -> Source {
        let layout = &self.table.layout;
        let mut measured = self.tally.measured;
        let mut findings = self.findings;
        findings.append(&mut self.tally.findings);
        let place = self.table.table.place();
        if let Some(book) = &self.tally.book {
            let (leads, oddities) = book.finish(&self.tally.groups);
            measured.add(&leads);
            findings.extend(lead_findings(&place, book, &oddities));
        }
        let currency = single_currency(&self.tally.currencies).ok().flatten();
        let info = SourceInfo {
            file: Arc::clone(self.table.table.sheet().source().name()),
            part: self.table.table.part().cloned(),
            kind: layout.profile.kind,
            platform: layout.profile.platform.into(),
            profile: layout.profile.id.into(),
            rows: self.tally.rows,
            dates: self.tally.dates,
            currency,
            dimensions: layout.dimensions(),
            answers: self.tally.answers,
            lacks: self.tally.lacks,
        };
        let mut source = Source { info, measured, provenance: self.tally.provenance, findings };
        source.derive();
        source
    }
}

/// Two exports of the same platform that share a campaign and a day would count it twice.
fn refuse_overlaps(readings: &mut [Reading], question: &Question, catalogue: &Catalogue) -> Result<(), Vec<Finding>> {
    for second in 1..readings.len() {
        for first in 0..second {
            if !may_overlap(readings.get(first), readings.get(second)) {
                continue;
            }
            for reading in [first, second] {
                if let Some(reading) = readings.get_mut(reading).filter(|reading| !reading.tally.about_all) {
                    let full = full_tally(&reading.table, question, catalogue)?;
                    reading.tally.about = full.about;
                    reading.tally.about_all = true;
                }
            }
        }
    }
    for (index, first) in readings.iter().enumerate() {
        for second in readings.iter().skip(index.saturating_add(1)) {
            if may_overlap(Some(first), Some(second)) {
                refuse_overlap(first, second)?;
            }
        }
    }
    Ok(())
}

/// Whether rows of both tables may be about the same campaign on the same day.
fn may_overlap(first: Option<&Reading>, second: Option<&Reading>) -> bool {
    let (Some(first), Some(second)) = (first, second) else { return false };
    let same = first.table.layout.profile.id == second.table.layout.profile.id;
    let shared_measure = first.tally.provenance.keys().any(|measure| second.tally.provenance.contains_key(measure));
    // What a row is about includes its date, which where rows were scanned has the year first.
    let scanned = !(first.tally.about_all && second.tally.about_all);
    let disjoint = scanned
        && match (first.tally.dates, second.tally.dates) {
            (Some((from, to)), Some((other_from, other_to))) => to < other_from || other_to < from,
            _ => false,
        };
    same && shared_measure && !(disjoint && !(first.tally.undated && second.tally.undated))
}

fn refuse_overlap(first: &Reading, second: &Reading) -> Result<(), Vec<Finding>> {
    let mut shared = second.tally.about.iter().filter_map(|(row, line)| Some((*line, *first.tally.about.get(row)?)));
    let Some((line, earlier)) = shared.next() else { return Ok(()) };
    let more = shared.count() as u64;
    let others = if more > 0 { format!(", and {} like it", counted(more, "more row")) } else { String::new() };
    let message = format!("the same row stands on line {earlier} of {}{others}: it would count twice", first.table.table.place());
    let place = second.table.table.place().at_line(line);
    let help = "give exports whose periods do not overlap; if they are of different accounts, add --allow-overlap";
    Err(vec![Finding::new(Code::OverlappingExports, place, message).help(help)])
}

/// Values that a filter names and no row of any file has: slips of the pen, most often. A blank
/// value asks for rows without one, and there may well be none.
fn unmet_values(readings: &[Reading], question: &Question) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (number, filter) in question.filters.iter().enumerate() {
        let seen: Vec<&FilterValues> = readings
            .iter()
            .filter_map(|reading| reading.tally.filtered.get(number))
            .filter(|values| values.has_dimension)
            .collect();
        if seen.is_empty() {
            continue;
        }
        let name = &filter.dimension.name;
        let others = || seen.iter().flat_map(|values| &values.others).map(String::as_str).filter(|other| !other.is_empty());
        let is_met = |value: &&String| value.is_empty() || seen.iter().any(|values| values.met.contains(*value));
        for value in filter.values.iter().filter(|value| !is_met(value)) {
            let finding = Finding::new(Code::UnknownValue, Place::default(), format!("no row has {name} \"{value}\""));
            findings.push(match nearest(value, others()) {
                Some(near) => finding.help(format!("did you mean {name}={near}?")),
                None => finding.help(format!("--by {name} shows the values that there are")),
            });
        }
    }
    findings
}

/// Gives the deals of one file to the leads of another that they name. A deals file that is
/// joined so has no measures of its own left.
fn join_deals(readings: &mut [Reading]) {
    let kind = |reading: &Reading| reading.table.layout.profile.kind;
    for deals in 0..readings.len() {
        let Some(book) =
            readings.get(deals).filter(|reading| kind(reading) == Kind::Deals).and_then(|reading| reading.tally.book.clone())
        else {
            continue;
        };
        let shared = |reading: &Reading| {
            reading.tally.book.as_ref().filter(|_| kind(reading) == Kind::Leads).map_or(0, |leads| leads.shared_ids(&book))
        };
        let leads = (0..readings.len()).max_by_key(|index| readings.get(*index).map_or(0, shared));
        let Some(leads) = leads.filter(|index| readings.get(*index).map_or(0, shared) > 0) else { continue };
        let Some(joined) = readings.get_mut(leads).and_then(|reading| reading.tally.book.as_mut()).map(|leads| leads.join(&book))
        else {
            continue;
        };
        let label = readings.get(leads).map(|reading| reading.table.table.place().to_string()).unwrap_or_default();
        let provenance = readings.get(deals).map(|reading| reading.tally.provenance.clone()).unwrap_or_default();
        if let Some(reading) = readings.get_mut(leads) {
            for (measure, from) in provenance {
                reading.tally.provenance.entry(measure).or_insert(from);
            }
        }
        if let Some(reading) = readings.get_mut(deals) {
            let place = reading.table.table.place();
            reading.tally.book = None;
            reading.tally.measured = Grouped::default();
            reading.tally.provenance.clear();
            reading.tally.lacks.clear();
            let message = format!("{} joined to the leads of {label} by id", counted(joined.matched, "deal"));
            reading.findings.push(Finding::new(Code::JoinedRows, place.clone(), message));
            if joined.unmatched > 0 {
                let message = format!("{} left out: the lead named is not in {label}", counted(joined.unmatched, "deal"));
                reading.findings.push(Finding::new(Code::UnmatchedRows, place, message));
            }
        }
    }
}

fn lead_findings(place: &Place, book: &LeadBook, oddities: &crate::measures::Oddities) -> Vec<Finding> {
    let mut findings = Vec::new();
    if let Some(line) = oddities.won_before_created.first() {
        let leads = counted(oddities.won_before_created.len() as u64, "lead");
        let message = format!("{leads} won before being created; a negative sales cycle counts as it is");
        findings.push(Finding::new(Code::NegativeDuration, place.clone().at_line(*line), message));
    }
    if let Some(line) = oddities.answered_before_created.first() {
        let message = format!("{} answered before being created", counted(oddities.answered_before_created.len() as u64, "lead"));
        findings.push(Finding::new(Code::NegativeDuration, place.clone().at_line(*line), message));
    }
    if oddities.skipped_stage > 0 {
        let leads = counted(oddities.skipped_stage, "lead");
        let message = format!("{leads} at a later stage without an earlier one, counted as having reached that too");
        findings.push(Finding::new(Code::StageOrder, place.clone(), message));
    }
    if book.repeated_ids > 0 {
        let rows = counted(book.repeated_ids, "row");
        let message = format!("{rows} with the id of an earlier lead, counted as the same lead");
        findings.push(Finding::new(Code::DuplicateRows, place.clone(), message));
    }
    findings
}

/// Sales in two currencies are not added, whatever they are grouped by: customers are not.
fn refuse_currencies_of_sales(sources: &[Source]) -> Result<(), Vec<Finding>> {
    let known: Vec<_> = sources.iter().filter_map(|source| Some((source.info.currency.clone()?, source))).collect();
    let currencies = known.iter().map(|(currency, _)| (Arc::clone(currency), 1)).collect();
    if single_currency(&currencies).is_ok() {
        return Ok(());
    }
    let listed: Vec<_> = known.iter().map(|(currency, source)| format!("{currency} in {}", source.info.label())).collect();
    Err(vec![mixed(&Place::default(), &listed.join(", "))])
}

/// Money of two files in two currencies is not added either.
fn refuse_mixed_currencies(sources: &[Source], question: &Question) -> Result<(), Vec<Finding>> {
    if question.by.iter().any(|dimension| dimension.name == "currency") {
        return Ok(());
    }
    let with_money = sources.iter().filter(|source| source.measured.total.iter().any(|(measure, _)| measure.is_money()));
    let known: Vec<_> = with_money.filter_map(|source| Some((source.info.currency.clone()?, source))).collect();
    let currencies = known.iter().map(|(currency, _)| (Arc::clone(currency), 1)).collect();
    if single_currency(&currencies).is_ok() {
        return Ok(());
    }
    let listed =
        known.iter().map(|(currency, source)| format!("{currency} in {}", source.info.label())).collect::<Vec<_>>().join(", ");
    Err(vec![mixed(&Place::default(), &listed)])
}
