//! Measures of parts of the data, written out and added up again exactly.
//!
//! **Owns** what it takes to add parts: sums add, samples carry every value, and what is distinct
//! (orders, customers, leads) travels as itself, up to [`MOST_DISTINCT`] a file. What cannot be
//! added from parts (levels at the end of a period, counts of customers without the rows) is
//! refused, never estimated.
//!
//! **Does not know** how the parts were made or where they ran.

use std::collections::BTreeMap;
use std::io::Read as _;
use std::sync::Arc;

use indexmap::{IndexMap, IndexSet};
use jiff::civil::Date;

use super::layout::Layout;
use super::profile::Role;
use super::read::{Input, Recognised, inspect};
use super::record::Record;
use super::source::Source as InputSource;
use super::tally::{Tally, single_currency, tally_orders};
use crate::contract::{
    MeasuresFile, Number, PartGroup, PartLead, PartLeads, PartMeasure, PartOrder, PartOrders, PartRows, PartSource, PartValue,
};
use crate::finding::{Code, Finding, Place, Severity, counted};
use crate::kpi::{Additivity, Catalogue, Measure, MeasureSet, Measured, Sample};
use crate::measures::{
    Amount, GroupId, GroupKey, Grouped, Groups, Kind, Lead, LeadBook, LeadColumns, OrderRow, OrdersFold, Provenance, Question,
    Reached, Rows, Source, SourceInfo, Stage,
};
use crate::sql::filters_text;

/// Orders, or leads, that one file of measures carries.
pub const MOST_DISTINCT: usize = 5_000_000;

/// Bytes in which the name of the schema must stand.
const HEAD: u64 = 1024;

/// Measures that the fold of orders gives.
const OF_ORDERS: &[Measure] = &[
    Measure::GrossRevenue,
    Measure::Refunds,
    Measure::Revenue,
    Measure::Orders,
    Measure::Customers,
    Measure::RepeatCustomers,
    Measure::NewCustomers,
    Measure::RepeatRevenue,
    Measure::NewRevenue,
];

/// Reads the inputs to a file of measures.
///
/// # Errors
/// Everything that is wrong with them, and what cannot be added from parts.
pub fn emit(inputs: &[Input], question: &Question, catalogue: &Catalogue) -> Result<MeasuresFile, Vec<Finding>> {
    let mut sources = Vec::new();
    let mut problems = Vec::new();
    for input in inputs {
        match inspect(input, question, catalogue) {
            Ok(tables) => {
                for table in tables {
                    match source(&table, question, catalogue) {
                        Ok(source) => sources.push(source),
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
    Ok(MeasuresFile {
        schema: MeasuresFile::SCHEMA.to_owned(),
        by: question.by.iter().map(|dimension| dimension.name.clone()).collect(),
        from: question.from.map(|date| date.to_string()),
        to: question.to.map(|date| date.to_string()),
        filters: filters_text(&question.filters),
        sources,
    })
}

/// The input as a file of measures; nothing if it is none.
///
/// # Errors
/// It is one, and is broken.
pub fn measures_file(input: &InputSource) -> Result<Option<MeasuresFile>, Vec<Finding>> {
    let mut head = Vec::new();
    let is_json = input.open().ok().and_then(|bytes| bytes.take(HEAD).read_to_end(&mut head).ok()).is_some();
    if !is_json || !String::from_utf8_lossy(&head).contains(MeasuresFile::SCHEMA) {
        return Ok(None);
    }
    let bytes = input.open().map_err(|finding| vec![finding])?;
    serde_json::from_reader(std::io::BufReader::new(bytes)).map(Some).map_err(|why| {
        let finding = Finding::new(Code::BadAnswer, input.place(), format!("this is no whole file of measures: {why}"));
        vec![finding.help("write it again with mak compute --emit measures")]
    })
}

fn refused(place: &Place, message: impl Into<String>) -> Finding {
    Finding::new(Code::BadAnswer, place.clone(), message)
}

/// What the orders of a table are, one by one.
struct Ledger<'a> {
    layout: &'a Layout,
    question: &'a Question,
    groups: IndexSet<Vec<Option<String>>>,
    orders: Vec<PartOrder>,
    beyond: bool,
    overflow: bool,
}

impl Ledger<'_> {
    fn add(&mut self, record: &Record, row: &OrderRow<'_>) {
        if self.orders.len() >= MOST_DISTINCT {
            self.beyond = true;
            return;
        }
        let number = |amount: Option<Amount>| amount.map(Amount::to_decimal).transpose();
        let (Ok(gross), Ok(refunds), Ok(net)) = (number(row.gross), number(row.refunds), number(row.net)) else {
            self.overflow = true;
            return;
        };
        let group = row.selected.then(|| self.groups.insert_full(self.key(record, row)).0);
        self.orders.push(PartOrder {
            date: row.date.map(|date| date.to_string()),
            order: row.order.map(str::to_owned),
            customer: row.customer.map(str::to_owned),
            gross: gross.map(Number),
            refunds: refunds.map(Number),
            net: net.map(Number),
            refund_only: row.refund_only,
            group,
        });
    }

    /// The values of the dimensions of the question, as the second pass groups by them.
    fn key(&self, record: &Record, row: &OrderRow<'_>) -> Vec<Option<String>> {
        let dated = self.layout.with_role(|role| matches!(role, Role::Date | Role::DateRange)).next().is_some();
        let value = |dimension: &crate::measures::Dimension| {
            if let Some(period) = dimension.period.filter(|_| dated) {
                return row.date.map(|date| period.label(date));
            }
            match self.layout.dimension(&dimension.name) {
                Some(index) => record.get(index).map(str::trim).filter(|cell| !cell.is_empty()).map(str::to_owned),
                None => self.layout.constant(&dimension.name).map(str::to_owned),
            }
        };
        self.question.by.iter().map(value).collect()
    }
}

/// One table as a part.
fn source(table: &Recognised, question: &Question, catalogue: &Catalogue) -> Result<PartSource, Vec<Finding>> {
    let place = table.table.place();
    let layout = &table.layout;
    let kind = layout.profile.kind;
    let mut ledger = Ledger { layout, question, groups: IndexSet::new(), orders: Vec::new(), beyond: false, overflow: false };
    let mut records = table.table.records().map_err(|finding| vec![finding])?;
    let mut watch = |record: &Record, row: &OrderRow<'_>| ledger.add(record, row);
    let tally = tally_orders(layout, &table.survey, &mut *records, question, catalogue, &place, &mut watch)?;
    let errors: Vec<Finding> = tally.findings.iter().filter(|finding| finding.severity() == Severity::Error).cloned().collect();
    if !errors.is_empty() {
        return Err(errors);
    }
    if let Err(several) = single_currency(&tally.currencies)
        && !by_currency(question)
    {
        let message = format!("amounts in several currencies would be added: {several}");
        let finding = Finding::new(Code::MixedCurrencies, place, message);
        return Err(vec![finding.help("group them with --by currency, or pick one with --where currency=…")]);
    }
    refuse_unmergeable(kind, &tally, &place)?;
    if ledger.beyond || tally.book.as_ref().is_some_and(|book| book.len() > MOST_DISTINCT) {
        let message =
            format!("more than {MOST_DISTINCT} orders or leads: they travel one by one, so that they can be told apart");
        return Err(vec![refused(&place, message).help("split the file into smaller parts")]);
    }
    if ledger.overflow {
        return Err(vec![Finding::new(Code::Overflow, place, "an amount does not fit in 28 digits")]);
    }
    let orders = (kind == Kind::Orders).then(|| PartOrders {
        customers: tally.measured.total.has(Measure::Customers),
        refunds: tally.measured.total.has(Measure::Refunds),
        net: !tally.measured.total.has(Measure::GrossRevenue),
        groups: ledger.groups.into_iter().collect(),
        orders: ledger.orders,
    });
    let without = |set: &MeasureSet| values(set, if kind == Kind::Orders { OF_ORDERS } else { &[] });
    let groups = tally.measured.groups.iter().map(|(key, set)| PartGroup { by: texts(&key.to_key()), measures: without(&set) });
    let rows = tally.rows;
    Ok(PartSource {
        file: table.table.sheet().source().name().to_string(),
        part: table.table.part().map(ToString::to_string),
        kind: kind.word().to_owned(),
        platform: layout.profile.platform.to_owned(),
        profile: layout.profile.id.to_owned(),
        rows: PartRows {
            read: rows.read,
            used: rows.used,
            selected: rows.selected,
            totals: rows.totals,
            rejected: rows.rejected,
            blank: rows.blank,
        },
        from: tally.dates.map(|(first, _)| first.to_string()),
        to: tally.dates.map(|(_, last)| last.to_string()),
        currencies: tally.currencies.keys().map(ToString::to_string).collect(),
        dimensions: layout.dimensions(),
        answers: tally.answers.clone(),
        lacks: tally.lacks.clone(),
        measures: tally.provenance.iter().map(|(measure, from)| (measure.id().to_owned(), part_measure(from))).collect(),
        total: without(&tally.measured.total),
        groups: groups.collect(),
        orders,
        leads: tally.book.as_ref().map(|book| leads(book, &tally.groups)),
    })
}

/// What no part can say of the whole.
fn refuse_unmergeable(kind: Kind, tally: &Tally, place: &Place) -> Result<(), Vec<Finding>> {
    if matches!(kind, Kind::Customers | Kind::Touches | Kind::Paths) {
        let message = format!("{} cannot be added from parts: who is in two of them cannot be told", kind.word());
        return Err(vec![refused(place, message).help("read the whole of them in one run")]);
    }
    let level = |measure: &Measure| matches!(measure.additivity(), Additivity::StockFirst | Additivity::StockLast);
    match tally.measured.total.iter().map(|(measure, _)| measure).find(level) {
        None => Ok(()),
        Some(measure) => {
            let message = format!("{measure} is a level: which part has the last one of each cannot be told from sums");
            Err(vec![refused(place, message).help("read the whole of it in one run, or leave the column out")])
        }
    }
}

fn part_measure(from: &Provenance) -> PartMeasure {
    PartMeasure {
        columns: from.columns.iter().map(ToString::to_string).collect(),
        derived: from.derived.clone(),
        cells: from.cells,
        missing: from.missing,
    }
}

fn texts(key: &GroupKey) -> Vec<Option<String>> {
    key.0.iter().map(|value| value.as_deref().map(str::to_owned)).collect()
}

fn key(texts: &[Option<String>]) -> GroupKey {
    GroupKey(texts.iter().map(|value| value.as_deref().map(Arc::from)).collect())
}

fn values(set: &MeasureSet, without: &[Measure]) -> IndexMap<String, PartValue> {
    let value = |measured: &Measured| match measured {
        Measured::Number(number) => PartValue::Number(Number(*number)),
        Measured::Sample(sample) => PartValue::Sample(sample.counts().map(|(value, times)| (Number(value), times)).collect()),
        Measured::NotAdditive { rows } => PartValue::Rows(*rows),
        // An engine's samples are no part of a file.
        Measured::Ranked(_) | Measured::Overflow => PartValue::Overflow,
    };
    set.iter()
        .filter(|(measure, _)| !without.contains(measure))
        .map(|(measure, it)| (measure.id().to_owned(), value(it)))
        .collect()
}

fn leads(book: &LeadBook, groups: &Groups) -> PartLeads {
    let mut keys: IndexSet<Vec<Option<String>>> = IndexSet::new();
    let columns = book.columns;
    let told = Stage::ALL.iter().filter(|stage| columns.tells(**stage));
    let lead = |lead: &Lead| {
        let group = lead.selected.then(|| lead.group.and_then(|id| groups.key(id)).map(texts).unwrap_or_default());
        let reached = Stage::ALL.iter().filter_map(|stage| Some((stage.measure().id().to_owned(), lead.stage(*stage)?.at)));
        PartLead {
            id: lead.id.as_deref().map(str::to_owned),
            stages: reached.collect(),
            first_response: lead.first_response.and_then(|reached| reached.at),
            first_touch: lead.first_touch.and_then(|reached| reached.at),
            score: lead.score.map(Number),
            amount: lead.amount.and_then(|amount| amount.to_decimal().ok()).map(Number),
            group: group.map(|group| keys.insert_full(group).0),
        }
    };
    let leads = book.leads().iter().map(lead).collect();
    PartLeads {
        deals: book.is_of_deals(),
        bare_deals: book.bare_deals(),
        stages: told.map(|stage| stage.measure().id().to_owned()).collect(),
        first_response: columns.first_response,
        first_touch: columns.first_touch,
        score: columns.score,
        amount: columns.amount,
        groups: keys.into_iter().collect(),
        leads,
    }
}

/// Adds the parts up, tables of the same kind and export to one source.
///
/// # Errors
/// They are of other questions or currencies, or name measures that are not known.
pub fn merge(
    files: &[(InputSource, MeasuresFile)],
    question: &Question,
    catalogue: &Catalogue,
) -> Result<Vec<Source>, Vec<Finding>> {
    let mut sums: IndexMap<(String, String, String), Merging> = IndexMap::new();
    for (input, file) in files {
        for part in &file.sources {
            let name = (part.kind.clone(), part.platform.clone(), part.profile.clone());
            let place = input.place();
            if !sums.contains_key(&name) {
                sums.insert(name.clone(), Merging::new(part, &place)?);
            }
            if let Some(merging) = sums.get_mut(&name) {
                merging.add(part, question, catalogue, &place)?;
            }
        }
    }
    let mut merged: Vec<Merging> = sums.into_values().collect();
    join_deals(&mut merged);
    Ok(merged.into_iter().map(|merging| merging.finish(question)).collect())
}

/// Deals are given to the leads that they name, as they are where files are read.
fn join_deals(merged: &mut [Merging]) {
    let deals = merged.iter().position(|one| one.kind == Kind::Deals);
    let Some(book) = deals.and_then(|deals| merged.get(deals)).and_then(|one| one.book.clone()) else { return };
    let leads = merged.iter_mut().find(|one| one.kind == Kind::Leads);
    let Some(leads) = leads.and_then(|one| one.book.as_mut()).filter(|leads| leads.shared_ids(&book) > 0) else { return };
    leads.join(&book);
    if let Some(deals) = deals.and_then(|deals| merged.get_mut(deals)) {
        deals.book = None;
        deals.measured = Grouped::default();
        deals.info.lacks.clear();
    }
}

/// Parts of one source on their way to the whole.
struct Merging {
    kind: Kind,
    info: SourceInfo,
    parts: u64,
    /// Sums of parts with selected rows.
    measured: Grouped,
    /// What a part without any selected row counts: nothing, which is not the same as not knowing.
    nothing: Option<MeasureSet>,
    provenance: IndexMap<Measure, Provenance>,
    currencies: BTreeMap<Arc<str>, u64>,
    groups: Groups,
    orders: Option<OrdersFold>,
    book: Option<LeadBook>,
}

impl Merging {
    fn new(part: &PartSource, place: &Place) -> Result<Merging, Vec<Finding>> {
        let kind = Kind::from_word(&part.kind).ok_or_else(|| vec![refused(place, format!("there is no kind {}", part.kind))])?;
        let info = SourceInfo {
            file: part.file.as_str().into(),
            part: part.part.as_deref().map(Into::into),
            kind,
            platform: part.platform.as_str().into(),
            profile: part.profile.as_str().into(),
            rows: Rows::default(),
            dates: None,
            currency: None,
            dimensions: part.dimensions.clone(),
            answers: part.answers.clone(),
            lacks: part.lacks.clone(),
        };
        Ok(Merging {
            kind,
            info,
            parts: 0,
            measured: Grouped::default(),
            nothing: None,
            provenance: IndexMap::new(),
            currencies: BTreeMap::new(),
            groups: Groups::new(false),
            orders: None,
            book: None,
        })
    }

    fn add(&mut self, part: &PartSource, question: &Question, catalogue: &Catalogue, place: &Place) -> Result<(), Vec<Finding>> {
        let one = |finding: Finding| vec![finding];
        if self.parts == 0 {
            self.groups = Groups::new(!question.by.is_empty() && part.lacks.is_empty());
        }
        self.parts = self.parts.saturating_add(1);
        if self.info.lacks != part.lacks {
            return Err(vec![refused(place, "this part has other columns to group by than the first")]);
        }
        self.currencies.extend(part.currencies.iter().map(|name| (Arc::from(name.as_str()), 1)));
        if single_currency(&self.currencies).is_err() && !by_currency(question) {
            return Err(vec![Finding::new(Code::MixedCurrencies, place.clone(), "the parts are of several currencies")]);
        }
        self.add_rows(part).map_err(|why| vec![refused(place, why)])?;
        let total = set(&part.total, catalogue, place).map_err(one)?;
        if part.rows.selected == 0 {
            self.nothing.get_or_insert_with(MeasureSet::default).add(&total);
        } else {
            self.measured.total.add(&total);
        }
        for group in &part.groups {
            let set = set(&group.measures, catalogue, place).map_err(one)?;
            self.measured.groups.entry(key(&group.by)).add(&set);
        }
        for (id, from) in &part.measures {
            let entry = self.provenance.entry(measure(id, catalogue, place).map_err(one)?).or_default();
            entry.columns = from.columns.iter().map(|name| Arc::from(name.as_str())).collect();
            entry.derived.clone_from(&from.derived);
            entry.cells = entry.cells.saturating_add(from.cells);
            entry.missing = entry.missing.saturating_add(from.missing);
        }
        if let Some(orders) = &part.orders {
            self.add_orders(orders).map_err(|why| vec![refused(place, why)])?;
        }
        if let Some(leads) = &part.leads {
            self.add_leads(leads);
        }
        Ok(())
    }

    fn add_rows(&mut self, part: &PartSource) -> Result<(), String> {
        let (rows, more) = (&mut self.info.rows, part.rows);
        for (sum, more) in [
            (&mut rows.read, more.read),
            (&mut rows.used, more.used),
            (&mut rows.selected, more.selected),
            (&mut rows.totals, more.totals),
            (&mut rows.rejected, more.rejected),
            (&mut rows.blank, more.blank),
        ] {
            *sum = sum.saturating_add(more);
        }
        if let (Some(from), Some(to)) = (&part.from, &part.to) {
            let (from, to) = (day(from)?, day(to)?);
            let (first, last) = self.info.dates.unwrap_or((from, to));
            self.info.dates = Some((first.min(from), last.max(to)));
        }
        Ok(())
    }

    fn add_orders(&mut self, part: &PartOrders) -> Result<(), String> {
        let fold = self.orders.get_or_insert_with(|| OrdersFold::new(part.customers, part.refunds, part.net));
        let keys: Vec<GroupKey> = part.groups.iter().map(|texts| key(texts)).collect();
        for order in &part.orders {
            let group =
                order.group.map(|number| keys.get(number).ok_or("an order is of a group that is not listed")).transpose()?;
            let amount = |number: &Option<Number>| number.map(|Number(number)| Amount::from(number));
            let row = OrderRow {
                date: order.date.as_deref().map(day).transpose()?,
                order: order.order.as_deref(),
                customer: order.customer.as_deref(),
                gross: amount(&order.gross),
                refunds: amount(&order.refunds),
                net: amount(&order.net),
                refund_only: order.refund_only,
                selected: order.group.is_some(),
            };
            let id = group.map_or(GroupId::TOTAL, |key| self.groups.id(key));
            fold.add(&self.groups, id, &row);
        }
        Ok(())
    }

    fn add_leads(&mut self, part: &PartLeads) {
        let book = self.book.get_or_insert_with(|| {
            let mut columns = LeadColumns {
                first_response: part.first_response,
                first_touch: part.first_touch,
                score: part.score,
                amount: part.amount,
                ..LeadColumns::default()
            };
            let told = Stage::ALL.iter().filter(|stage| part.stages.iter().any(|known| known == stage.measure().id()));
            told.for_each(|stage| columns.add(*stage));
            LeadBook::restored(columns, part.deals, part.bare_deals)
        });
        let keys: Vec<GroupKey> = part.groups.iter().map(|texts| key(texts)).collect();
        for one in &part.leads {
            let at = |at: Option<i64>| Reached { at, whole_day: false };
            let group = one.group.and_then(|number| keys.get(number));
            let mut lead = Lead {
                id: one.id.as_deref().map(Arc::from),
                group: group.map(|key| self.groups.id(key)),
                selected: one.group.is_some(),
                first_response: one.first_response.map(|moment| at(Some(moment))),
                first_touch: one.first_touch.map(|moment| at(Some(moment))),
                score: one.score.map(|Number(score)| score),
                amount: one.amount.map(|Number(amount)| Amount::from(amount)),
                ..Lead::default()
            };
            for &stage in Stage::ALL {
                if let Some(moment) = one.stages.get(stage.measure().id()) {
                    lead.reach(stage, at(*moment));
                }
            }
            book.add(lead);
        }
    }

    fn finish(mut self, question: &Question) -> Source {
        if self.info.rows.selected == 0
            && let Some(nothing) = &self.nothing
        {
            self.measured.total.clone_from(nothing);
        }
        let mut measured = self.measured;
        if let Some(orders) = &self.orders {
            measured.add(&orders.finish(&self.groups, question));
        }
        if let Some(book) = &self.book {
            measured.add(&book.finish(&self.groups).0);
        }
        match single_currency(&self.currencies) {
            Ok(currency) => self.info.currency = currency,
            Err(_) => mark_mixed_money(&mut measured.total, self.info.rows.selected),
        }
        let place = Place { file: Some(Arc::clone(&self.info.file)), part: self.info.part.clone(), ..Place::default() };
        let message = format!("{} of {} added up", counted(self.parts, "part"), self.kind.word());
        let findings = vec![Finding::new(Code::JoinedRows, place, message)];
        let mut source = Source { info: self.info, measured, provenance: self.provenance, findings };
        source.derive();
        source
    }
}

fn by_currency(question: &Question) -> bool {
    question.by.iter().any(|dimension| dimension.name == "currency")
}

/// Amounts of several currencies do not add.
fn mark_mixed_money(total: &mut MeasureSet, rows: u64) {
    let money: Vec<Measure> = total.iter().map(|(measure, _)| measure).filter(|measure| measure.is_money()).collect();
    money.into_iter().for_each(|measure| total.put(measure, Measured::NotAdditive { rows }));
}

fn day(text: &str) -> Result<Date, String> {
    text.parse().map_err(|_| format!("{text} is no date"))
}

fn measure(id: &str, catalogue: &Catalogue, place: &Place) -> Result<Measure, Finding> {
    catalogue.measure(id).ok_or_else(|| {
        Finding::new(Code::UnknownName, place.clone(), format!("the part has a measure {id}, which is not known"))
            .help("use the mak.toml that it was made with")
    })
}

fn set(values: &IndexMap<String, PartValue>, catalogue: &Catalogue, place: &Place) -> Result<MeasureSet, Finding> {
    let mut set = MeasureSet::default();
    for (id, value) in values {
        let measured = match value {
            PartValue::Number(Number(number)) => Measured::Number(*number),
            PartValue::Sample(counts) => Measured::Sample(sample(counts)),
            PartValue::Rows(rows) => Measured::NotAdditive { rows: *rows },
            PartValue::Overflow => Measured::Overflow,
        };
        set.put(measure(id, catalogue, place)?, measured);
    }
    Ok(set)
}

fn sample(counts: &[(Number, u64)]) -> Sample {
    let mut sample = Sample::default();
    for (Number(value), times) in counts {
        sample.add_times(*value, *times);
    }
    sample
}

/// The first date asked for, of a file of measures.
///
/// # Errors
/// It is no date.
pub fn asked_dates(file: &MeasuresFile, place: &Place) -> Result<(Option<Date>, Option<Date>), Finding> {
    let date = |text: &Option<String>| text.as_deref().map(day).transpose().map_err(|why| refused(place, why));
    Ok((date(&file.from)?, date(&file.to)?))
}

#[cfg(test)]
mod tests {
    use rust_decimal::Decimal;

    use super::*;

    #[test]
    fn values_come_back_as_they_were() {
        let mut all = MeasureSet::default();
        all.put_number(Measure::Spend, "12345678901234567890.12345678".parse().expect("a decimal"));
        let mut some = Sample::default();
        [3, 1, 3].into_iter().for_each(|value| some.add(Decimal::from(value)));
        all.put(Measure::LeadScore, Measured::Sample(some));
        all.put(Measure::Reach, Measured::NotAdditive { rows: 4 });
        all.put(Measure::Sent, Measured::Overflow);
        let written = serde_json::to_string(&values(&all, &[])).expect("JSON");
        let read: IndexMap<String, PartValue> = serde_json::from_str(&written).expect("the same");
        assert_eq!(set(&read, &Catalogue::builtin(), &Place::default()), Ok(all));
    }
}
