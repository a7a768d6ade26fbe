//! Inputs to sources: each table is recognised, surveyed and tallied, and deals are joined to the
//! leads that they name.

use std::sync::Arc;

use super::encoding::Encoding;
use super::layout::{HEAD, Layout, Told};
use super::record::{Record, Records};
use super::scan::{self, Scanned};
use super::sheet::{Overrides, Sheet, sheets};
use super::source::Source as InputSource;
use super::survey::{Marks, Survey, survey};
use super::table::Table;
use super::tally::{Tally, single_currency, tally};
use crate::finding::{Code, Finding, Place};
use crate::kpi::{Catalogue, Measured};
use crate::measures::{Grouped, Kind, LeadBook, Question, Source, SourceInfo};

/// An input and what the user said about it.
#[derive(Clone, Debug)]
pub struct Input {
    /// Where its bytes come from.
    pub source: InputSource,
    /// What it is, where the user said so.
    pub told: Told,
}

/// What overrules recognition, for every input.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Encoding and dialect.
    pub overrides: Overrides,
    /// Decimal mark and date order.
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
}

/// Reads all inputs to measures by group.
///
/// # Errors
/// Everything that is wrong with any of them.
pub fn read(
    inputs: &[Input],
    question: &Question,
    catalogue: &Catalogue,
    options: &Options,
) -> Result<Vec<Source>, Vec<Finding>> {
    let mut readings = Vec::new();
    let mut problems = Vec::new();
    for input in inputs {
        match tables(input, question, catalogue, options, Way::Fast) {
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
    join_deals(&mut readings);
    let sources: Vec<Source> = readings.into_iter().map(Reading::finish).collect();
    refuse_mixed_currencies(&sources, question)?;
    Ok(sources)
}

/// Recognises every table of an input and makes the first pass over it.
///
/// # Errors
/// Everything that is wrong with it.
pub fn inspect(
    input: &Input,
    question: &Question,
    catalogue: &Catalogue,
    options: &Options,
) -> Result<Vec<Recognised>, Vec<Finding>> {
    tables(input, question, catalogue, options, Way::Careful)
}

/// What the second pass has to say about a table, errors included.
///
/// # Errors
/// Everything that is wrong with it.
pub fn findings(table: &Recognised, question: &Question, catalogue: &Catalogue) -> Result<Vec<Finding>, Vec<Finding>> {
    reading(table.clone(), question, catalogue).map(|reading| [reading.findings, reading.tally.findings].concat())
}

/// How a table is read where there is a choice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Way {
    /// Large plain tables are scanned: columns that no answer needs are not looked at.
    Fast,
    /// Every cell is looked at.
    Careful,
}

fn tables(input: &Input, question: &Question, catalogue: &Catalogue, options: &Options, way: Way) -> Result<Vec<Recognised>, Vec<Finding>> {
    let sheets = sheets(&input.source, &options.overrides).map_err(|finding| vec![finding])?;
    let mut parts = Vec::new();
    let mut problems = Vec::new();
    for sheet in sheets {
        match head(&sheet).and_then(|head| Table::of(&sheet, &head)) {
            Ok(tables) => parts.extend(tables),
            Err(finding) => problems.push(finding),
        }
    }
    let several = parts.len() > 1;
    let mut tables = Vec::new();
    let mut unknown = Vec::new();
    for part in parts {
        match recognise(part, input, question, catalogue, options, way) {
            Ok(table) => tables.push(table),
            Err(findings) if several && findings.iter().all(is_unknown) => unknown.extend(findings),
            Err(findings) => problems.extend(findings),
        }
    }
    if !problems.is_empty() {
        return Err(problems);
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
    table: Table,
    input: &Input,
    question: &Question,
    catalogue: &Catalogue,
    options: &Options,
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
    let mut layout = Layout::recognise(&head, &told, catalogue, &place).map_err(|finding| vec![finding])?;
    if way == Way::Fast {
        match scan::scan(&table, &layout, question, catalogue, options.marks, &options.scan) {
            Some(Ok((survey, scanned))) => {
                return Ok(Recognised { table, layout, survey, beside: Vec::new(), scanned: Some(Arc::new(scanned)) });
            }
            Some(Err(findings)) if fallback_encoding(&layout, &options.overrides).is_none() => return Err(findings),
            // It may be written in another encoding, or nothing can be promised.
            Some(Err(_)) | None => {}
        }
    }
    let mut table = table;
    let first = pass(&table, &layout, question, options, &place);
    let mut survey = match (first, fallback_encoding(&layout, &options.overrides)) {
        (Ok(survey), _) => survey,
        // The platform is known to write in another encoding, and these bytes are not UTF-8.
        (Err(findings), Some(encoding)) if findings.iter().any(|finding| finding.code() == Code::BadEncoding) => {
            let sheet = table.sheet().with_encoding(encoding).map_err(|finding| vec![finding])?;
            table = table.of_sheet(sheet);
            pass(&table, &layout, question, options, &place)?
        }
        (Err(findings), _) => return Err(findings),
    };
    // A column that is blank throughout gives way to another spelling of the same.
    if layout.prefer_filled(&survey.filled) {
        survey = pass(&table, &layout, question, options, &place)?;
    }
    Ok(Recognised { table, layout, survey, beside: Vec::new(), scanned: None })
}

fn fallback_encoding(layout: &Layout, overrides: &Overrides) -> Option<Encoding> {
    let label = layout.profile.encoding.filter(|_| overrides.encoding.is_none())?;
    super::encoding::by_label(label)
}

fn pass(table: &Table, layout: &Layout, question: &Question, options: &Options, place: &Place) -> Result<Survey, Vec<Finding>> {
    let mut records = table.records().map_err(|finding| vec![finding])?;
    survey(layout, &mut *records, &question.include, options.marks, place)
}

/// The first records, in which the header is looked for. A fault further down is for the passes
/// over the whole table to report.
fn head(sheet: &Sheet) -> Result<Vec<Record>, Finding> {
    first_records(&mut *sheet.records()?)
}

fn first_records(records: &mut dyn Records) -> Result<Vec<Record>, Finding> {
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
    let place = table.table.place();
    let mut tally = match &table.scanned {
        Some(scanned) => {
            tally(&table.layout, &table.survey, &mut scanned.records(), question, catalogue, &place, Some(scanned.plain()))?
        }
        None => {
            let mut records = table.table.records().map_err(|finding| vec![finding])?;
            tally(&table.layout, &table.survey, &mut *records, question, catalogue, &place, None)?
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
        if !by_currency {
            return Err(vec![mixed(&place, &several)]);
        }
        for (measure, _) in tally.measured.total.clone().iter().filter(|(measure, _)| measure.is_money()) {
            tally.measured.total.put(measure, Measured::NotAdditive { rows: tally.rows.selected });
        }
    }
    let mut findings = [table.table.sheet().notes(), &table.beside].concat();
    if !table.layout.preamble.is_empty() {
        let lines = table.layout.preamble.len();
        let message = format!("{lines} lines before the header on line {} are no data", table.layout.header.line);
        findings.push(Finding::new(Code::Preamble, place, message));
    }
    Ok(Reading { table, tally, findings })
}

fn mixed(place: &Place, several: &str) -> Finding {
    Finding::new(Code::MixedCurrencies, place.clone(), format!("amounts in several currencies would be added: {several}"))
        .help("group them with --by currency, or pick one with --where currency=…")
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
            lacks: self.tally.lacks,
        };
        let mut source = Source { info, measured, provenance: self.tally.provenance, findings };
        source.derive();
        source
    }
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
            let message = format!("{} deals joined to the leads of {label} by id", joined.matched);
            reading.findings.push(Finding::new(Code::JoinedRows, place.clone(), message));
            if joined.unmatched > 0 {
                let message = format!("{} deals name a lead that is not in {label}; they are left out", joined.unmatched);
                reading.findings.push(Finding::new(Code::UnmatchedRows, place, message));
            }
        }
    }
}

fn lead_findings(place: &Place, book: &LeadBook, oddities: &crate::measures::Oddities) -> Vec<Finding> {
    let mut findings = Vec::new();
    if let Some(line) = oddities.won_before_created.first() {
        let count = oddities.won_before_created.len();
        let message =
            format!("{count} leads were won before they were created; their sales cycle is negative and counts as it is");
        findings.push(Finding::new(Code::NegativeDuration, place.clone().at_line(*line), message));
    }
    if let Some(line) = oddities.answered_before_created.first() {
        let message = format!("{} leads were answered before they were created", oddities.answered_before_created.len());
        findings.push(Finding::new(Code::NegativeDuration, place.clone().at_line(*line), message));
    }
    if oddities.skipped_stage > 0 {
        let message = format!(
            "{} leads reached a later stage without an earlier one; they count as having reached it",
            oddities.skipped_stage
        );
        findings.push(Finding::new(Code::StageOrder, place.clone(), message));
    }
    if book.repeated_ids > 0 {
        let message = format!("{} rows repeat the id of an earlier lead and count as the same lead", book.repeated_ids);
        findings.push(Finding::new(Code::DuplicateRows, place.clone(), message));
    }
    findings
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
