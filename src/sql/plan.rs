//! The plan: what is to be read of each table, with every name settled. Nothing of it depends on
//! an engine.

use std::collections::BTreeSet;

use jiff::civil::Date;

use super::columns::{self, Asked, Column};
use crate::config::{ColumnRole, Meaning, TableColumn, TableSource};
use crate::finding::{Code, Finding, Place, nearest};
use crate::kpi::{Additivity, Catalogue, Measure};
use crate::measures::{Dimension, Filter, Kind, Period, Question, Stage};

/// The longest name of a column that every engine keeps whole, in bytes.
const LONGEST_NAME: usize = 63;

/// A question over tables, ready to be written in any dialect.
#[derive(Clone, Debug)]
pub struct Plan {
    pub(super) by: Vec<Dimension>,
    pub(super) from: Option<Date>,
    pub(super) to: Option<Date>,
    pub(super) needs_dates: bool,
    pub(super) asked: Vec<(Asked, String)>,
    pub(super) sources: Vec<PlannedSource>,
}

/// What is read of one table.
#[derive(Clone, Debug)]
pub(super) struct PlannedSource {
    pub(super) kind: Kind,
    /// The parts of its name, outermost first.
    pub(super) table: Vec<String>,
    /// One a dimension of the question; empty where it lacks one.
    pub(super) keys: Vec<Key>,
    pub(super) lacks: Vec<String>,
    pub(super) filters: Vec<(Filter, Option<Key>)>,
    pub(super) date: Option<String>,
    pub(super) end_date: Option<String>,
    /// Columns that are added up as their measure says.
    pub(super) measures: Vec<(Measure, String)>,
    /// Columns of which rows are counted by what they say.
    pub(super) counts: Vec<(Measure, Count)>,
    /// Columns whose values tell stocks apart.
    pub(super) stock_keys: Vec<String>,
    pub(super) currency: Option<String>,
    pub(super) told_currency: Option<String>,
    pub(super) events: Events,
}

/// Where the value of a dimension comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Key {
    /// A column.
    Column(String),
    /// The period of the row's date.
    Period(Period),
}

/// When a row adds one to a measure; a blank cell adds nothing, and is missing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Count {
    /// The whole number in the column lies within.
    Within(String, Option<i64>, Option<i64>),
    /// The column says yes.
    Yes(String),
}

/// What rows of orders, leads, deals and customers are read for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Events {
    /// Rows are sums already.
    None,
    /// Orders.
    Orders(OrderColumns),
    /// Leads, with the deals that close them, or deals by themselves.
    Leads(LeadColumns),
    /// Deals that are joined to the leads of another source: nothing is measured of them.
    JoinedDeals,
    /// Customers.
    Customers(CustomerColumns),
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct OrderColumns {
    pub(super) order: Option<String>,
    pub(super) customer: Option<String>,
    /// In order: the first that is not blank.
    pub(super) gross: Vec<String>,
    pub(super) price_and_quantity: Option<(String, String)>,
    pub(super) refunds: Option<String>,
    pub(super) net: Option<String>,
    /// Measures asked for, of those that orders give.
    pub(super) wanted: BTreeSet<Measure>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct LeadColumns {
    pub(super) deals: bool,
    pub(super) id: Option<String>,
    /// In the order of [`Stage::ALL`].
    pub(super) stages: Vec<(Stage, String)>,
    pub(super) first_response: Option<String>,
    pub(super) first_touch: Option<String>,
    pub(super) score: Option<String>,
    pub(super) amount: Option<String>,
    /// The deals that name these leads.
    pub(super) joined: Option<Box<JoinedDeals>>,
    pub(super) wanted: BTreeSet<Measure>,
}

/// A table of deals, read for what it adds to leads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct JoinedDeals {
    pub(super) columns: LeadColumns,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct CustomerColumns {
    pub(super) customer: Option<String>,
    pub(super) orders: Option<String>,
    pub(super) revenue: Option<String>,
    pub(super) wanted: BTreeSet<Measure>,
}

impl LeadColumns {
    /// Whether the rows can tell that stage.
    pub(super) fn tells(&self, stage: Stage) -> bool {
        let own = self.stages.iter().any(|(known, _)| *known == stage) || (self.deals && stage == Stage::Opportunity);
        let joined = self.joined.as_ref().is_some_and(|deals| stage != Stage::Lead && deals.columns.tells(stage));
        own || joined
    }
}

/// Measures that only an order, a lead or a customer as a whole gives.
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

impl Plan {
    /// Settles the question over the tables.
    ///
    /// # Errors
    /// Everything that cannot be put to an engine: kinds of table that are not added up in SQL, roles
    /// that need a file, dimensions that no table has, names that would be mistaken for another.
    pub fn new(sources: &[TableSource], question: &Question, catalogue: &Catalogue) -> Result<Plan, Vec<Finding>> {
        let mut problems = Vec::new();
        if sources.is_empty() {
            let finding = refused("mak.toml maps no table");
            problems
                .push(finding.help("write [source.orders] with table = \"shop.orders\" and columns = [\"date\", \"amount\"]"));
        }
        let wanted = question.needed(catalogue);
        let mut planned: Vec<PlannedSource> = Vec::new();
        for source in sources {
            match Kind::from_word(&source.kind) {
                Some(Kind::Touches | Kind::Paths) | None => {
                    let message = format!("{} are not added up in SQL: attribution needs every touch by itself", source.kind);
                    problems.push(refused(message).help("mak attribute FILES credits them"));
                }
                Some(kind) => match Reader::new(source, kind, question, wanted.as_ref()).plan() {
                    Ok(source) => planned.push(source),
                    Err(findings) => problems.extend(findings),
                },
            }
        }
        problems.extend(unknown_dimensions(sources, question, &planned));
        problems.extend(mistakable_names(question, &planned));
        if !problems.is_empty() {
            return Err(problems);
        }
        join_deals(&mut planned);
        // Leads read the rows of the deals that are joined to them.
        planned.sort_by_key(|source| source.events != Events::JoinedDeals);
        Ok(Plan {
            by: question.by.clone(),
            from: question.from,
            to: question.to,
            needs_dates: question.needs_dates(),
            asked: asked(question),
            sources: planned,
        })
    }
}

fn refused(message: impl Into<String>) -> Finding {
    Finding::new(Code::NotInSql, Place::default(), message)
}

/// What was asked, in the columns that the answer carries it in.
fn asked(question: &Question) -> Vec<(Asked, String)> {
    let mut asked = Vec::new();
    asked.extend(question.from.map(|date| (Asked::From, date.to_string())));
    asked.extend(question.to.map(|date| (Asked::To, date.to_string())));
    if !question.filters.is_empty() {
        asked.push((Asked::Where, filters_text(&question.filters)));
    }
    asked
}

/// All conditions in one text, the same for the same conditions in any order.
pub fn filters_text(filters: &[Filter]) -> String {
    let texts: BTreeSet<String> = filters
        .iter()
        .map(|filter| {
            let values: BTreeSet<&str> = filter.values.iter().map(String::as_str).collect();
            let sign = if filter.negated { "!=" } else { "=" };
            format!("{}{sign}{}", filter.dimension.name, values.into_iter().collect::<Vec<_>>().join(","))
        })
        .collect();
    texts.into_iter().collect::<Vec<_>>().join("; ")
}

/// Dimensions that no table has are slips of the pen.
fn unknown_dimensions(sources: &[TableSource], question: &Question, planned: &[PlannedSource]) -> Vec<Finding> {
    let by = question.by.iter().filter(|dimension| planned.iter().all(|source| source.lacks.contains(&dimension.name)));
    let filters = question.filters.iter().filter(|filter| {
        planned.iter().all(|source| source.filters.iter().any(|(known, key)| known == *filter && key.is_none()))
    });
    let names = by.map(|dimension| &dimension.name).chain(filters.map(|filter| &filter.dimension.name));
    let ids: Vec<&str> = sources.iter().flat_map(|source| source.columns.iter().map(|column| column.id.as_str())).collect();
    names
        .filter(|_| !planned.is_empty())
        .map(|name| {
            let finding =
                Finding::new(Code::UnknownName, Place::default(), format!("no table of mak.toml has a dimension {name}"));
            match nearest(name, ids.iter().copied()) {
                Some(near) => finding.help(format!("did you mean {near}?")),
                None => finding.help("list its column in columns = […] of a [source.…]"),
            }
        })
        .collect()
}

/// Names of dimensions that would be read as something else in the answer, and names too long for
/// an engine.
fn mistakable_names(question: &Question, planned: &[PlannedSource]) -> Vec<Finding> {
    let dimensions = question.by.iter().filter(|dimension| Column::of(&dimension.name).is_some());
    let taken = dimensions.map(|dimension| {
        refused(format!("a dimension cannot be called {}: the answer has a column of that name", dimension.name))
            .help("give the column another id in mak.toml: columns = { other_name = \"…\" }")
    });
    let measures = planned.iter().flat_map(|source| source.measures.iter().map(|(measure, _)| (source.kind, *measure)));
    let names = measures.map(|(kind, measure)| columns::part(kind, columns::Part::MedianHigh, measure));
    let long = question.by.iter().map(|dimension| dimension.name.clone()).chain(names).filter(|name| name.len() > LONGEST_NAME);
    let long = long.map(|name| refused(format!("{name} is longer than the {LONGEST_NAME} bytes of a name that engines keep")));
    taken.chain(long).collect()
}

/// Deals whose rows name leads are read together with them.
fn join_deals(planned: &mut [PlannedSource]) {
    let has_id = |source: &PlannedSource, of_deals: bool| matches!(&source.events, Events::Leads(columns) if columns.deals == of_deals && columns.id.is_some());
    let leads = planned.iter().position(|source| has_id(source, false));
    let deals = planned.iter().position(|source| has_id(source, true));
    let (Some(leads), Some(deals)) = (leads, deals) else { return };
    let Some(joined) = planned.get_mut(deals) else { return };
    let Events::Leads(columns) = std::mem::replace(&mut joined.events, Events::JoinedDeals) else { return };
    joined.measures.clear();
    joined.counts.clear();
    joined.lacks.clear();
    joined.keys.clear();
    if let Some(PlannedSource { events: Events::Leads(leads), .. }) = planned.get_mut(leads) {
        leads.joined = Some(Box::new(JoinedDeals { columns }));
    }
}

/// Reads the columns of one table.
struct Reader<'a> {
    source: &'a TableSource,
    kind: Kind,
    question: &'a Question,
    wanted: Option<&'a BTreeSet<Measure>>,
    problems: Vec<Finding>,
}

impl<'a> Reader<'a> {
    fn new(source: &'a TableSource, kind: Kind, question: &'a Question, wanted: Option<&'a BTreeSet<Measure>>) -> Self {
        Reader { source, kind, question, wanted, problems: Vec::new() }
    }

    fn plan(mut self) -> Result<PlannedSource, Vec<Finding>> {
        self.refuse_roles();
        let table = table_parts(&self.source.table);
        if table.iter().any(String::is_empty) {
            self.problem(format!("table = \"{}\" has an empty part", self.source.table), "write \"schema.table\"");
        }
        let date = self.date();
        let mut lacks = Vec::new();
        let mut keys = Vec::new();
        for dimension in &self.question.by {
            match self.key(dimension, date.is_some()) {
                Some(key) => keys.push(key),
                None => lacks.push(dimension.name.clone()),
            }
        }
        if !lacks.is_empty() {
            keys.clear();
        }
        let filter = |filter: &Filter| (filter.clone(), self.key(&filter.dimension, date.is_some()));
        let filters = self.question.filters.iter().map(filter).collect();
        let events = self.events();
        let source = PlannedSource {
            kind: self.kind,
            table,
            keys,
            lacks,
            filters,
            date,
            end_date: self.role(ColumnRole::EndDate),
            measures: self.measures(),
            counts: self.counts(),
            stock_keys: self.stock_keys(),
            currency: self.role(ColumnRole::Currency),
            told_currency: self.source.currency.clone(),
            events,
        };
        if self.problems.is_empty() { Ok(source) } else { Err(self.problems) }
    }

    fn problem(&mut self, message: impl Into<String>, help: &str) {
        self.problems.push(refused(format!("[source.{}]: {}", self.source.kind, message.into())).help(help));
    }

    fn wants(&self, measure: Measure) -> bool {
        self.wanted.is_none_or(|wanted| wanted.contains(&measure))
    }

    fn role(&self, role: ColumnRole) -> Option<String> {
        self.source.columns.iter().find(|column| column.meaning == Meaning::Role(role)).map(|column| column.column.clone())
    }

    fn measure(&self, measure: Measure) -> Option<String> {
        self.source.columns.iter().find(|column| column.meaning == Meaning::Measure(measure)).map(|column| column.column.clone())
    }

    /// Columns that only a file can be read by, and those that would mean nothing here.
    fn refuse_roles(&mut self) {
        for TableColumn { meaning, id, .. } in &self.source.columns {
            let Meaning::Role(role) = meaning else { continue };
            let why = match role {
                ColumnRole::DateRange => Some(("a range of dates in one cell is not read in SQL", "map date and end_date")),
                ColumnRole::Stage => {
                    Some(("names of stages are known for platforms only", "map the dates: mql_at, sql_at, won_at …"))
                }
                ColumnRole::Path => Some(("paths are not read in SQL", "mak attribute FILES reads them")),
                ColumnRole::Amount if !matches!(self.kind, Kind::Orders | Kind::Leads | Kind::Deals) => {
                    Some(("an amount is of an order or a deal", "map it to the measure that it adds to: revenue, spend …"))
                }
                _ => None,
            };
            if let Some((why, help)) = why {
                self.problems.push(refused(format!("[source.{}]: {id}: {why}", self.source.kind)).help(help));
            }
        }
    }

    /// The column that dates a row.
    fn date(&self) -> Option<String> {
        let date = self.role(ColumnRole::Date);
        match self.kind {
            Kind::Leads => self.role(ColumnRole::Created).or(date),
            Kind::Deals => {
                let begun = self.role(ColumnRole::OpportunityAt).or_else(|| self.role(ColumnRole::Created));
                begun.or_else(|| self.role(ColumnRole::WonAt)).or(date)
            }
            _ => date,
        }
    }

    /// Where a dimension of the question comes from: the date for a period, else a column listed.
    fn key(&self, dimension: &Dimension, has_date: bool) -> Option<Key> {
        if let Some(period) = dimension.period.filter(|_| has_date) {
            return Some(Key::Period(period));
        }
        let named = |column: &&TableColumn| matches!(&column.meaning, Meaning::Dimension(name) if *name == dimension.name);
        let column = self.source.columns.iter().find(named);
        let column = column.or_else(|| self.source.columns.iter().find(|column| column.id == dimension.name));
        column.map(|column| Key::Column(column.column.clone()))
    }

    fn stock_keys(&self) -> Vec<String> {
        let is_key = |column: &&TableColumn| matches!(column.meaning, Meaning::Dimension(_) | Meaning::Role(ColumnRole::Id));
        self.source.columns.iter().filter(is_key).map(|column| column.column.clone()).collect()
    }

    /// The columns that add up by themselves.
    fn measures(&self) -> Vec<(Measure, String)> {
        let elsewhere = |measure: Measure| match self.kind {
            Kind::Orders => OF_ORDERS.contains(&measure),
            Kind::Leads | Kind::Deals => matches!(measure, Measure::Revenue | Measure::LeadScore),
            _ => false,
        };
        let column = |column: &TableColumn| match column.meaning {
            Meaning::Measure(measure) if self.wants(measure) && !elsewhere(measure) => Some((measure, column.column.clone())),
            _ => None,
        };
        self.source
            .columns
            .iter()
            .filter_map(column)
            .filter(|(measure, _)| measure.additivity() != Additivity::Parameter)
            .collect()
    }

    fn counts(&self) -> Vec<(Measure, Count)> {
        let mut counts = Vec::new();
        if let Some(column) = self.role(ColumnRole::Csat) {
            counts.push((Measure::Answers, Count::Within(column.clone(), None, None)));
            counts.push((Measure::SatisfiedAnswers, Count::Within(column, Some(4), None)));
        }
        if let Some(column) = self.role(ColumnRole::Nps) {
            for (measure, least, most) in [(Measure::Promoters, 9, 10), (Measure::Passives, 7, 8), (Measure::Detractors, 0, 6)] {
                counts.push((measure, Count::Within(column.clone(), Some(least), Some(most))));
            }
        }
        if let Some(column) = self.role(ColumnRole::Converted).filter(|_| self.measure(Measure::Conversions).is_none()) {
            counts.push((Measure::Conversions, Count::Yes(column)));
        }
        counts.retain(|(measure, _)| self.wants(*measure));
        counts
    }

    fn events(&mut self) -> Events {
        match self.kind {
            Kind::Orders => Events::Orders(self.order_columns()),
            Kind::Leads | Kind::Deals => Events::Leads(self.lead_columns()),
            Kind::Customers => match self.role(ColumnRole::CustomerId) {
                None => Events::None,
                Some(customer) => Events::Customers(CustomerColumns {
                    customer: Some(customer),
                    orders: self.measure(Measure::Orders),
                    revenue: self.measure(Measure::Revenue),
                    wanted: self.only_wanted(&[Measure::Customers, Measure::RepeatCustomers, Measure::RepeatRevenue]),
                }),
            },
            _ => Events::None,
        }
    }

    fn only_wanted(&self, measures: &[Measure]) -> BTreeSet<Measure> {
        measures.iter().copied().filter(|measure| self.wants(*measure)).collect()
    }

    fn order_columns(&mut self) -> OrderColumns {
        let gross: Vec<String> = self.measure(Measure::GrossRevenue).into_iter().chain(self.role(ColumnRole::Amount)).collect();
        let price_and_quantity = self.role(ColumnRole::UnitPrice).zip(self.role(ColumnRole::Quantity));
        let has_gross = !gross.is_empty() || self.role(ColumnRole::UnitPrice).is_some();
        let net = self.measure(Measure::Revenue).filter(|_| !has_gross);
        if !has_gross && net.is_none() {
            self.problem("no column has the amount of an order", "map amount, or revenue where refunds are taken off already");
        }
        OrderColumns {
            order: self.role(ColumnRole::OrderId),
            customer: self.role(ColumnRole::CustomerId),
            gross,
            price_and_quantity,
            refunds: self.role(ColumnRole::Refunded).or_else(|| self.measure(Measure::Refunds)),
            net,
            wanted: self.only_wanted(OF_ORDERS),
        }
    }

    fn lead_columns(&self) -> LeadColumns {
        let deals = self.kind == Kind::Deals;
        // A deal begins as an opportunity; its creation is no lead's.
        let created = self.role(ColumnRole::Created);
        let (lead, begun) = if deals { (None, created) } else { (created.or_else(|| self.role(ColumnRole::Date)), None) };
        let stages = [
            (Stage::Lead, lead),
            (Stage::Mql, self.role(ColumnRole::MqlAt)),
            (Stage::Sql, self.role(ColumnRole::SqlAt)),
            (Stage::Opportunity, self.role(ColumnRole::OpportunityAt).or(begun)),
            (Stage::Won, self.role(ColumnRole::WonAt)),
            (Stage::Lost, self.role(ColumnRole::LostAt)),
        ];
        let wanted: Vec<Measure> = Stage::ALL.iter().map(|stage| stage.measure()).collect();
        let others = [
            Measure::NewCustomers,
            Measure::SalesCycleDays,
            Measure::ConversionDays,
            Measure::ResponseSeconds,
            Measure::FollowedUpWithin1h,
            Measure::LeadScore,
            Measure::Revenue,
        ];
        LeadColumns {
            deals,
            id: self.role(ColumnRole::LeadId),
            stages: stages.into_iter().filter_map(|(stage, column)| Some((stage, column?))).collect(),
            first_response: self.role(ColumnRole::FirstResponseAt),
            first_touch: self.role(ColumnRole::FirstTouchAt),
            score: self.role(ColumnRole::Score).or_else(|| self.measure(Measure::LeadScore)),
            amount: self.measure(Measure::Revenue).or_else(|| self.role(ColumnRole::Amount)),
            joined: None,
            wanted: self.only_wanted(&[wanted.as_slice(), &others].concat()),
        }
    }
}

/// The parts of a table's name: `shop.orders`, or `"shop.v2".orders` where a part has a point.
fn table_parts(name: &str) -> Vec<String> {
    let mut parts = vec![String::new()];
    let mut quote: Option<char> = None;
    for character in name.trim().chars() {
        match (character, quote) {
            ('"' | '`', None) => quote = Some(character),
            (_, Some(open)) if character == open => quote = None,
            ('.', None) => parts.push(String::new()),
            _ => parts.iter_mut().rev().take(1).for_each(|part| part.push(character)),
        }
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_tables_have_parts() {
        assert_eq!(table_parts("shop.orders"), ["shop", "orders"]);
        assert_eq!(table_parts("\"data/orders.csv\""), ["data/orders.csv"]);
        assert_eq!(table_parts("`my-project`.shop.orders"), ["my-project", "shop", "orders"]);
        assert_eq!(table_parts("a..b"), ["a", "", "b"]);
    }

    #[test]
    fn what_is_asked_reads_the_same_in_any_order() {
        let filters = |texts: &[&str]| texts.iter().map(|text| Filter::parse(text).expect("a condition")).collect::<Vec<_>>();
        assert_eq!(filters_text(&filters(&["channel=b,a", "list!=x"])), filters_text(&filters(&["list!=x", "channel=a,b"])));
        assert_ne!(filters_text(&filters(&["channel=a"])), filters_text(&filters(&["channel!=a"])));
    }
}
