//! The answer of an engine: one row a group, with the columns that a query of [`crate::sql`] names.
//!
//! **Owns** reading it back to the same measures by group that files give, and refusing one that
//! was broken on its way or says that the rows cannot be added up exactly.
//!
//! **Does not know** which engine wrote it. CSV with a comma and doubled quotes is what all clients
//! can write; a number may have trailing zeros, and what is missing may be blank, `NULL` or `\N`.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Read as _;
use std::sync::Arc;

use csv::StringRecord;
use indexmap::IndexMap;
use jiff::civil::Date;
use rust_decimal::Decimal;

use super::source::Source as InputSource;
use super::tally::single_currency;
use crate::finding::{Code, Finding, Place, counted};
use crate::kpi::{Additivity, Catalogue, Measure, MeasureSet, Measured, Ranked, Sample, Spread};
use crate::measures::{Amount, GroupKey, Grouped, Kind, Provenance, Question, Rows, Source, SourceInfo};
use crate::sql::columns::{Asked, Column, Fact, GROUP, Part, TOTAL};

/// Bytes in which the header of an answer must lie to be looked for.
const HEAD: u64 = 256 * 1024;

/// What an engine answered.
#[derive(Clone, Debug)]
pub struct EngineAnswer {
    /// Each table, added up to the groups.
    pub sources: Vec<Source>,
    /// Which rows it was asked for.
    pub asked: AskedOfEngine,
}

/// Which rows were asked for where the rows are.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AskedOfEngine {
    /// The first day that was asked for.
    pub from: Option<Date>,
    /// The last day that was asked for.
    pub to: Option<Date>,
    /// The conditions that were asked for, as [`crate::sql::filters_text`] writes them; empty for none.
    pub filters: String,
}

/// Reads the input as the answer of an engine; nothing if it is none.
///
/// # Errors
/// It is one, and is broken, answers another question, or says that its rows cannot be added up.
pub fn engine_answer(
    input: &InputSource,
    question: &Question,
    catalogue: &Catalogue,
) -> Result<Option<EngineAnswer>, Vec<Finding>> {
    if !is_answer(input) {
        return Ok(None);
    }
    let mut reader = csv::ReaderBuilder::new().flexible(false).from_reader(input.open().map_err(|finding| vec![finding])?);
    let broken = |error: &csv::Error| vec![bad(input, format!("the answer is no well-formed CSV: {error}"))];
    let header = reader.headers().map_err(|error| broken(&error))?.clone();
    let mut rows = Vec::new();
    for record in reader.records() {
        rows.push(record.map_err(|error| broken(&error))?);
    }
    let answer = Answer { input, question, catalogue, columns: columns(&header), header, rows };
    answer.read().map(Some)
}

/// Whether it begins with the header of an answer: a grain, and the rows of a source.
fn is_answer(input: &InputSource) -> bool {
    let Ok(bytes) = input.open() else { return false };
    let mut head = Vec::new();
    if bytes.take(HEAD).read_to_end(&mut head).is_err() {
        return false;
    }
    let line = head.split(|byte| *byte == b'\n').next().unwrap_or_default();
    let starts = [b"grain,".as_slice(), b"\"grain\","].iter().any(|start| line.to_ascii_lowercase().starts_with(start));
    if !starts {
        return false;
    }
    let mut reader = csv::ReaderBuilder::new().from_reader(line);
    let Ok(header) = reader.headers() else { return false };
    columns(header).iter().any(|column| matches!(column, Name::Known(Found::Fact(_, Fact::Rows))))
}

/// What a column is.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Name {
    Known(Found),
    Dimension(String),
}

/// As [`Column`], with the name of the measure owned.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Found {
    Grain,
    Asked(Asked),
    Fact(Kind, Fact),
    Value(Kind, String),
    Part(Kind, Part, String),
}

/// The columns of a header. Engines that fold names in quotes to capitals are forgiven.
fn columns(header: &StringRecord) -> Vec<Name> {
    let name = |name: &str| {
        let name = name.trim().to_lowercase();
        match Column::of(&name) {
            None => Name::Dimension(name),
            Some(Column::Grain) => Name::Known(Found::Grain),
            Some(Column::Asked(asked)) => Name::Known(Found::Asked(asked)),
            Some(Column::Fact(kind, fact)) => Name::Known(Found::Fact(kind, fact)),
            Some(Column::Value(kind, id)) => Name::Known(Found::Value(kind, id.to_owned())),
            Some(Column::Part(kind, part, id)) => Name::Known(Found::Part(kind, part, id.to_owned())),
        }
    };
    header.iter().map(name).collect()
}

fn bad(input: &InputSource, message: impl Into<String>) -> Finding {
    Finding::new(Code::BadAnswer, input.place(), message)
        .help("ask again with mak sql, and hand on the whole of what the client prints")
}

struct Answer<'a> {
    input: &'a InputSource,
    question: &'a Question,
    catalogue: &'a Catalogue,
    header: StringRecord,
    columns: Vec<Name>,
    rows: Vec<StringRecord>,
}

impl Answer<'_> {
    fn read(&self) -> Result<EngineAnswer, Vec<Finding>> {
        let one = |finding: Finding| vec![finding];
        let total = self.total().map_err(one)?;
        let order = self.order_of_keys().map_err(one)?;
        let keys = self.keys(&order).map_err(one)?;
        let kinds: Vec<Kind> = self
            .columns
            .iter()
            .filter_map(|column| match column {
                Name::Known(Found::Fact(kind, Fact::Rows)) => Some(*kind),
                _ => None,
            })
            .collect();
        let mut sources = Vec::new();
        let mut problems = Vec::new();
        for kind in kinds {
            match self.source(kind, total, &keys) {
                Ok(source) => sources.push(source),
                Err(findings) => problems.extend(findings),
            }
        }
        problems.extend(refused_currencies(&sources, self.question));
        if !problems.is_empty() {
            return Err(problems);
        }
        let day = |asked: Asked| self.asked(asked, total).map(|text| self.day(text)).transpose().map_err(one);
        let filters = self.asked(Asked::Where, total).unwrap_or_default().to_owned();
        Ok(EngineAnswer { sources, asked: AskedOfEngine { from: day(Asked::From)?, to: day(Asked::To)?, filters } })
    }

    fn cell<'r>(&self, row: &'r StringRecord, wanted: impl Fn(&Name) -> bool) -> Option<&'r str> {
        let index = self.columns.iter().position(wanted)?;
        row.get(index).map(str::trim).filter(|cell| !matches!(*cell, "" | "NULL" | "null" | "\\N"))
    }

    fn asked<'r>(&self, asked: Asked, row: &'r StringRecord) -> Option<&'r str> {
        self.cell(row, |name| *name == Name::Known(Found::Asked(asked)))
    }

    fn fact<'r>(&self, kind: Kind, fact: Fact, row: &'r StringRecord) -> Option<&'r str> {
        self.cell(row, |name| *name == Name::Known(Found::Fact(kind, fact)))
    }

    fn part<'r>(&self, kind: Kind, part: Part, id: &str, row: &'r StringRecord) -> Option<&'r str> {
        self.cell(
            row,
            |name| matches!(name, Name::Known(Found::Part(of, known, measure)) if *of == kind && *known == part && measure == id),
        )
    }

    fn grain<'r>(&self, row: &'r StringRecord) -> &'r str {
        self.cell(row, |name| *name == Name::Known(Found::Grain)).unwrap_or("")
    }

    /// The row of everything, of which there is one.
    fn total(&self) -> Result<&StringRecord, Finding> {
        if let Some(row) = self.rows.iter().find(|row| ![TOTAL, GROUP].contains(&self.grain(row))) {
            let line = row.position().map_or(0, csv::Position::line);
            return Err(bad(self.input, format!("line {line} is neither a total nor a group")).saw(self.grain(row)));
        }
        let mut totals = self.rows.iter().filter(|row| self.grain(row) == TOTAL);
        match (totals.next(), totals.next()) {
            (Some(total), None) => Ok(total),
            (None, _) => Err(bad(self.input, "the answer has no row of the total: it may have been cut short")),
            (Some(_), Some(_)) => Err(bad(self.input, "the answer has several rows of the total")),
        }
    }

    /// For each dimension of the question, where it stands; nothing where the question has none.
    fn order_of_keys(&self) -> Result<Vec<usize>, Finding> {
        let has: Vec<(usize, &str)> = self
            .columns
            .iter()
            .enumerate()
            .filter_map(|(index, column)| match column {
                Name::Dimension(name) => Some((index, name.as_str())),
                Name::Known(_) => None,
            })
            .collect();
        let wanted: Vec<&str> = self.question.by.iter().map(|dimension| dimension.name.as_str()).collect();
        if wanted.is_empty() {
            return Ok(Vec::new());
        }
        let same = has.len() == wanted.len() && has.iter().all(|(_, name)| wanted.contains(name));
        if !same {
            let names: Vec<&str> = has.iter().map(|(_, name)| *name).collect();
            let what = if names.is_empty() { "has no groups".to_owned() } else { format!("is by {}", names.join(", ")) };
            let message = format!("the answer {what}, and --by asks for {}", wanted.join(", "));
            return Err(bad(self.input, message).help("give mak sql and mak compute the same --by and --period"));
        }
        Ok(wanted.iter().filter_map(|wanted| has.iter().find(|(_, name)| name == wanted).map(|(index, _)| *index)).collect())
    }

    /// The rows of groups with their keys, each key once.
    fn keys(&self, order: &[usize]) -> Result<Vec<(GroupKey, &StringRecord)>, Finding> {
        if order.is_empty() {
            return Ok(Vec::new());
        }
        let mut seen = BTreeSet::new();
        let mut keys = Vec::new();
        for row in self.rows.iter().filter(|row| self.grain(row) == GROUP) {
            let value = |index: &usize| row.get(*index).map(str::trim).filter(|cell| !cell.is_empty()).map(Arc::from);
            let key = GroupKey(order.iter().map(value).collect());
            if !seen.insert(key.clone()) {
                let shown: Vec<&str> = key.0.iter().map(|value: &Option<Arc<str>>| value.as_deref().unwrap_or("")).collect();
                return Err(bad(self.input, "two rows are of the same group: their names differ in blanks that are no spaces")
                    .saw(shown.join(", ")));
            }
            keys.push((key, row));
        }
        Ok(keys)
    }

    fn source(&self, kind: Kind, total: &StringRecord, keys: &[(GroupKey, &StringRecord)]) -> Result<Source, Vec<Finding>> {
        let mut problems = self.refusals(kind, total);
        let mut measured = Grouped::default();
        match self.measures(kind, total) {
            Ok(set) => measured.total = set,
            Err(finding) => problems.push(finding),
        }
        for (key, row) in keys.iter().filter(|(_, row)| self.fact(kind, Fact::Selected, row).is_some()) {
            match self.measures(kind, row) {
                Ok(set) => measured.groups.insert(key.clone(), set),
                Err(finding) => problems.push(finding),
            }
        }
        let (info, provenance) = match (self.info(kind, total), self.provenance(kind, total)) {
            (Ok(info), Ok(provenance)) => (info, provenance),
            (info, provenance) => {
                problems.extend(info.err().into_iter().chain(provenance.err()));
                return Err(problems);
            }
        };
        let mut findings = Vec::new();
        match missing_cells(&info, &provenance, self.question) {
            Some(finding) if finding.code() == Code::RefusedMissing => problems.push(finding),
            Some(finding) => findings.push(finding),
            None => {}
        }
        findings.extend(self.notes(kind, total, &info));
        if !problems.is_empty() {
            return Err(problems);
        }
        let mut source = Source { info, measured, provenance, findings };
        source.derive();
        Ok(source)
    }

    /// What the engine says that stands in the way of exact sums.
    fn refusals(&self, kind: Kind, total: &StringRecord) -> Vec<Finding> {
        let of = |fact: Fact| self.fact(kind, fact, total).and_then(|text| text.parse::<u64>().ok()).filter(|count| *count > 0);
        let place = self.place(kind);
        let finding = |code: Code, message: String| Finding::new(code, place.clone(), message);
        let mut findings = Vec::new();
        if let Some(rows) = of(Fact::Fractions) {
            findings.push(finding(Code::FractionalCount, format!("a count has a fraction in {}", counted(rows, "row"))));
        }
        if let Some(rows) = of(Fact::Unreadable) {
            let message = format!("{} with a cell that the engine would read as another number or date", counted(rows, "row"));
            findings.push(
                finding(Code::BadNumber, message)
                    .expected("digits with a point and at most 18 decimals (6 in SQLite), and dates as 2026-01-31"),
            );
        }
        if let Some(rows) = of(Fact::Spanning) {
            let message = format!("{} cover more than one of the periods asked for", counted(rows, "row"));
            findings.push(
                finding(Code::SpansPeriods, message)
                    .help("group by a longer period, or choose dates that do not cut through a row"),
            );
        }
        if let Some(things) = of(Fact::Conflicts) {
            let (thing, how) = match kind {
                Kind::Orders => ("order", "name different customers"),
                _ => ("lead", "differ in their group, filter, score or amount"),
            };
            let message =
                format!("the rows of {} {how}, and a table has no first row that would settle it", counted(things, thing));
            findings.push(finding(Code::ContradictingRows, message).help("map a view with one row for each"));
        }
        if of(Fact::Unmatched).is_some() && of(Fact::Matched).is_none() {
            findings.push(finding(Code::UnmatchedRows, "no deal names a lead of the table of leads".to_owned()));
            let message = "deals and leads have no id in common".to_owned();
            findings.push(
                finding(Code::ContradictingRows, message).help("map lead_id in one of them only, to count deals by themselves"),
            );
        }
        findings
    }

    /// What the user should know of deals and leads.
    fn notes(&self, kind: Kind, total: &StringRecord, info: &SourceInfo) -> Vec<Finding> {
        let of = |fact: Fact| self.fact(kind, fact, total).and_then(|text| text.parse::<u64>().ok()).filter(|count| *count > 0);
        let place = self.place(kind);
        let mut findings = Vec::new();
        if let Some(deals) = of(Fact::Matched) {
            let message = format!("{} joined to the leads by id", counted(deals, "deal"));
            findings.push(Finding::new(Code::JoinedRows, place.clone(), message));
        }
        if let Some(deals) = of(Fact::Unmatched) {
            let message = format!("{} left out: the lead named is not in the table of leads", counted(deals, "deal"));
            findings.push(Finding::new(Code::UnmatchedRows, place.clone(), message));
        }
        if let Some(rows) = of(Fact::Repeated) {
            let message = format!("{} with the id of an earlier lead, counted as the same lead", counted(rows, "row"));
            findings.push(Finding::new(Code::DuplicateRows, place.clone(), message));
        }
        if info.rows.used == 0 {
            findings.push(Finding::new(Code::NoRows, place, "the table has no row"));
        } else if info.rows.selected == 0 {
            findings.push(Finding::new(Code::NoRows, place, "no row passes the filters"));
        }
        findings
    }

    fn place(&self, kind: Kind) -> Place {
        Place { part: Some(kind.word().into()), ..self.input.place() }
    }

    fn whole(&self, text: &str) -> Result<u64, Finding> {
        let number = exact(text).and_then(|amount| amount.to_decimal().ok()).filter(Decimal::is_integer);
        number
            .and_then(|number| u64::try_from(number).ok())
            .ok_or_else(|| bad(self.input, "a count is no whole number").saw(text))
    }

    fn day(&self, text: &str) -> Result<Date, Finding> {
        text.get(..10)
            .and_then(|day| day.parse().ok())
            .ok_or_else(|| bad(self.input, "a date is not written as 2026-01-31").saw(text))
    }

    fn info(&self, kind: Kind, total: &StringRecord) -> Result<SourceInfo, Finding> {
        let count = |fact: Fact| self.fact(kind, fact, total).map(|text| self.whole(text)).transpose();
        let used = count(Fact::Rows)?.unwrap_or(0);
        let selected = count(Fact::Selected)?.unwrap_or(used);
        let day = |fact: Fact| self.fact(kind, fact, total).map(|text| self.day(text)).transpose();
        let lacks: Vec<String> =
            self.fact(kind, Fact::Lacks, total).map(|text| text.split(',').map(str::to_owned).collect()).unwrap_or_default();
        let asked = self.question.by.iter().chain(self.question.filters.iter().map(|filter| &filter.dimension));
        let answers: Vec<String> = asked.map(|dimension| dimension.name.clone()).filter(|name| !lacks.contains(name)).collect();
        Ok(SourceInfo {
            file: Arc::clone(self.input.name()),
            part: Some(kind.word().into()),
            kind,
            platform: "plain".into(),
            profile: "engine".into(),
            rows: Rows { read: used, used, selected, ..Rows::default() },
            dates: day(Fact::First)?.zip(day(Fact::Last)?),
            currency: self.fact(kind, Fact::Currency, total).map(Into::into),
            dimensions: answers.clone(),
            answers,
            lacks: if self.question.by.is_empty() { Vec::new() } else { lacks },
        })
    }

    /// The measures of a source in one row.
    fn measures(&self, kind: Kind, row: &StringRecord) -> Result<MeasureSet, Finding> {
        let mut set = MeasureSet::default();
        for (index, column) in self.columns.iter().enumerate() {
            match column {
                Name::Known(Found::Value(of, id)) if *of == kind => {
                    let measure = self.measure(id)?;
                    let cell = row.get(index).map(str::trim).filter(|cell| !matches!(*cell, "" | "NULL" | "null" | "\\N"));
                    let rivals = self.part(kind, Part::Rivals, id, row).map(|text| self.whole(text)).transpose()?.unwrap_or(0);
                    match cell {
                        None if rivals > 1 => set.put(measure, Measured::NotAdditive { rows: rivals }),
                        None => {}
                        Some(cell) => set.put(measure, self.number(cell)?),
                    }
                }
                Name::Known(Found::Part(of, Part::Count, id)) if *of == kind => {
                    let measure = self.measure(id)?;
                    set.put(measure, self.sample(kind, id, row)?);
                }
                _ => {}
            }
        }
        self.add_spreads(kind, row, &mut set)?;
        self.mark_mixed_money(kind, row, &mut set);
        Ok(set)
    }

    /// How much customers differ, where they make up the whole of both measures.
    fn add_spreads(&self, kind: Kind, row: &StringRecord, set: &mut MeasureSet) -> Result<(), Finding> {
        for below in [Measure::Orders, Measure::Customers] {
            let value = |part: Part| self.part(kind, part, below.id(), row).map(|text| self.number(text)).transpose();
            let number = |part: Part| {
                Ok(value(part)?.and_then(|measured| if let Measured::Number(number) = measured { Some(number) } else { None }))
            };
            let whole = number(Part::Above)? == set.number(Measure::Revenue) && number(Part::Below)? == set.number(below);
            let drawn = self.part(kind, Part::Drawn, below.id(), row).map(|text| self.whole(text)).transpose()?;
            let squares = (number(Part::AboveSquared)?, number(Part::BelowSquared)?, number(Part::Products)?);
            if let (true, Some(drawn), (Some(above_squared), Some(below_squared), Some(products))) = (whole, drawn, squares) {
                set.put_spread(Measure::Revenue, below, Spread { drawn, above_squared, below_squared, products });
            }
        }
        Ok(())
    }

    /// Amounts of several currencies do not add.
    fn mark_mixed_money(&self, kind: Kind, row: &StringRecord, set: &mut MeasureSet) {
        let (first, last) = (self.fact(kind, Fact::Currency, row), self.fact(kind, Fact::OtherCurrency, row));
        if self.grain(row) != TOTAL || single(first, last).is_ok() {
            return;
        }
        let rows = self.fact(kind, Fact::Selected, row).and_then(|text| text.parse().ok()).unwrap_or(2);
        let money: Vec<Measure> = set.iter().map(|(measure, _)| measure).filter(|measure| measure.is_money()).collect();
        for measure in money {
            set.put(measure, Measured::NotAdditive { rows });
        }
    }

    fn measure(&self, id: &str) -> Result<Measure, Finding> {
        self.catalogue.measure(id).ok_or_else(|| {
            Finding::new(Code::UnknownName, self.input.place(), format!("the answer has a measure {id}, which is not known"))
                .help("use the mak.toml that it was asked with")
        })
    }

    fn number(&self, text: &str) -> Result<Measured, Finding> {
        let amount = exact(text)
            .ok_or_else(|| bad(self.input, "a measure is no exact number: it may have been a float on its way").saw(text))?;
        Ok(amount.to_decimal().map_or(Measured::Overflow, Measured::Number))
    }

    fn sample(&self, kind: Kind, id: &str, row: &StringRecord) -> Result<Measured, Finding> {
        let of = |part: Part| self.part(kind, part, id, row);
        let n = of(Part::Count).map(|text| self.whole(text)).transpose()?.unwrap_or(0);
        if n == 0 {
            return Ok(Measured::Sample(Sample::default()));
        }
        let value = |part: Part| {
            let text = of(part).ok_or_else(|| bad(self.input, format!("the sample of {id} has no {}", part.word())))?;
            match self.number(text)? {
                Measured::Number(number) => Ok(number),
                _ => Err(bad(self.input, format!("the {} of {id} does not fit in 28 digits", part.word())).saw(text)),
            }
        };
        Ok(Measured::Ranked(Box::new(Ranked {
            n,
            sum: value(Part::Sum)?,
            min: value(Part::Min)?,
            max: value(Part::Max)?,
            median: (value(Part::MedianLow)?, value(Part::MedianHigh)?),
            p90: (value(Part::P90Low)?, value(Part::P90High)?),
        })))
    }

    /// Where each measure came from: its column of the answer.
    fn provenance(&self, kind: Kind, total: &StringRecord) -> Result<IndexMap<Measure, Provenance>, Finding> {
        let selected = self.fact(kind, Fact::Selected, total).map(|text| self.whole(text)).transpose()?.unwrap_or(0);
        let mut provenance = IndexMap::new();
        for (index, column) in self.columns.iter().enumerate() {
            let Name::Known(Found::Value(of, id) | Found::Part(of, Part::Count, id)) = column else { continue };
            if *of != kind {
                continue;
            }
            let missing = self.part(kind, Part::Missing, id, total).map(|text| self.whole(text)).transpose()?;
            let name = self.header.get(index).unwrap_or_default().trim();
            let how = if missing.is_none() { Some("counted by the engine".to_owned()) } else { None };
            let missing = missing.unwrap_or(0);
            let cells = selected.saturating_sub(missing);
            provenance.insert(self.measure(id)?, Provenance { columns: vec![name.into()], derived: how, cells, missing });
        }
        Ok(provenance)
    }
}

/// A decimal as engines print it: digits with a point, and a power of ten only behind a zero
/// (`0E-18`) or where it changes nothing of the digits. A sum that was a float on its way is told
/// by neither, so the queries never make one.
fn exact(text: &str) -> Option<Amount> {
    let (digits, power) = match text.split_once(['e', 'E']) {
        None => (text, 0_i32),
        Some((digits, power)) => (digits, power.parse().ok()?),
    };
    let (negative, digits) = match digits.strip_prefix('-') {
        Some(digits) => (true, digits),
        None => (false, digits.strip_prefix('+').unwrap_or(digits)),
    };
    let (whole, part) = digits.split_once('.').unwrap_or((digits, ""));
    let part = if power == 0 { part.trim_end_matches('0') } else { part };
    if (whole.is_empty() && part.is_empty()) || !whole.bytes().chain(part.bytes()).all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let joined = format!("{whole}{part}");
    let mantissa: i128 = joined.parse().ok()?;
    let mantissa = if negative { mantissa.checked_neg()? } else { mantissa };
    let scale = i32::try_from(part.len()).ok()?.checked_sub(power)?;
    if mantissa == 0 {
        return Some(Amount::default());
    }
    match u32::try_from(scale) {
        Ok(scale) => Some(Amount { mantissa, scale }),
        Err(_) => Some(Amount::whole(mantissa.checked_mul(10_i128.checked_pow(scale.unsigned_abs())?)?)),
    }
}

/// Whether the first and the last of some currencies are the same one.
fn single(first: Option<&str>, last: Option<&str>) -> Result<(), String> {
    let both: BTreeMap<Arc<str>, u64> = first.into_iter().chain(last).map(|currency| (Arc::from(currency), 1)).collect();
    match single_currency(&both) {
        Ok(_) => Ok(()),
        Err(_) => Err(both.keys().map(|currency| &**currency).collect::<Vec<_>>().join(", ")),
    }
}

/// Money of several currencies, unless each is a group of its own.
fn refused_currencies(sources: &[Source], question: &Question) -> Vec<Finding> {
    if question.by.iter().any(|dimension| dimension.name == "currency") {
        return Vec::new();
    }
    let mixed = |source: &&Source| {
        let total = &source.measured.total;
        total.iter().any(|(measure, measured)| {
            measure.is_money() && measure.additivity() == Additivity::Sum && matches!(measured, Measured::NotAdditive { .. })
        })
    };
    let finding = |source: &Source| {
        let place = Place { file: Some(Arc::clone(&source.info.file)), part: source.info.part.clone(), ..Place::default() };
        Finding::new(Code::MixedCurrencies, place, "amounts in several currencies would be added")
            .help("group them with --by currency, or pick one with --where currency=…")
    };
    sources.iter().filter(mixed).map(finding).collect()
}

/// Cells that were missing beside others that were not.
fn missing_cells(info: &SourceInfo, provenance: &IndexMap<Measure, Provenance>, question: &Question) -> Option<Finding> {
    let partly = provenance.iter().filter(|(_, from)| from.missing > 0 && from.cells > 0);
    let listed: Vec<String> = partly.map(|(measure, from)| format!("{measure} {}", from.missing)).collect();
    if listed.is_empty() {
        return None;
    }
    let message = format!("blank cells are left out of sums: {} (of {})", listed.join(", "), counted(info.rows.selected, "row"));
    let code = if question.strict_missing { Code::RefusedMissing } else { Code::MissingCells };
    let place = Place { file: Some(Arc::clone(&info.file)), part: info.part.clone(), ..Place::default() };
    Some(Finding::new(code, place, message))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_as_engines_print_them() {
        let read = |text: &str| exact(text).and_then(|amount| amount.to_decimal().ok()).map(|number| number.to_string());
        for (text, number) in [
            ("7015.230000000000000000", "7015.23"),
            ("12345678901234567890.000000000000000000", "12345678901234567890"),
            ("-0.5", "-0.5"),
            ("0E-18", "0"),
            ("1E+3", "1000"),
            ("5", "5"),
            (".5", "0.5"),
        ] {
            assert_eq!(read(text).as_deref(), Some(number), "{text}");
        }
        for text in ["", "inf", "NaN", "1,5", "--1", "1.2.3", "0x10", "."] {
            assert_eq!(read(text), None, "{text}");
        }
    }
}
