//! The plan as text: what is the same for every engine, in terms of a [`Dialect`].
//!
//! Every source becomes a few steps: its rows with typed columns, its rows once for the total and
//! once for their group, and its measures at that grain. Only those are joined, on grain and keys.

use super::columns::{self, Fact, GRAIN, GROUP, Part, TOTAL};
use super::dialect::Dialect;
use super::plan::{Count, Events, Key, Plan, PlannedSource};
use super::text::{Select, Steps};
use crate::kpi::{Additivity, Measure};
use crate::measures::{Filter, Kind};

mod customers;
mod leads;
mod orders;
mod sample;
mod stock;

/// Writes the plan for an engine.
///
/// # Errors
/// What the engine cannot do exactly.
pub(super) fn query(plan: &Plan, dialect: &dyn Dialect) -> Result<String, Vec<String>> {
    let (query, _, problems) = write(plan, dialect);
    if problems.is_empty() { Ok(query) } else { Err(problems) }
}

/// The names of the answer's columns, in order.
pub(super) fn names(plan: &Plan, dialect: &dyn Dialect) -> Vec<String> {
    write(plan, dialect).1
}

/// The query, the names of its columns, and what the dialect cannot do.
fn write(plan: &Plan, dialect: &dyn Dialect) -> (String, Vec<String>, Vec<String>) {
    let mut writer = Writer { plan, dialect, steps: Steps::default(), problems: Vec::new() };
    if writer.has_groups() {
        writer.grains();
    }
    let written: Vec<Written> = plan.sources.iter().map(|source| writer.source(source)).collect();
    writer.spine(&written);
    let columns = writer.answer_columns(&written);
    let last = writer.last(&written, &columns);
    let names = columns.into_iter().map(|(_, name)| name).collect();
    (writer.steps.query(&last, dialect.ending()), names, writer.problems)
}

pub(super) struct Writer<'a> {
    pub(super) plan: &'a Plan,
    pub(super) dialect: &'a dyn Dialect,
    pub(super) steps: Steps,
    pub(super) problems: Vec<String>,
}

/// A source that has been written.
pub(super) struct Written<'a> {
    source: &'a PlannedSource,
    /// Steps with a row a group, by which the answer is joined; none where nothing is measured.
    grouped: Vec<String>,
    /// Columns of the answer: an expression over the steps and the name.
    outputs: Vec<(String, String)>,
    /// Facts of the source as a whole.
    facts: Vec<Fact>,
}

impl Written<'_> {
    /// A column of the answer.
    pub(super) fn output(&mut self, expression: impl Into<String>, name: String) {
        self.outputs.push((expression.into(), name));
    }
}

/// `1` where the condition holds, else `0`; what is unknown does not hold.
pub(super) fn flag(condition: &str) -> String {
    format!("CASE WHEN {condition} THEN 1 ELSE 0 END")
}

/// The name of a step of a source.
pub(super) fn step(kind: Kind, what: &str) -> String {
    format!("{}_{what}", kind.word())
}

/// The name of a measure's column inside the query.
pub(super) fn inner(measure: Measure) -> String {
    format!("m_{measure}")
}

/// A table without selected rows counts nothing, which is not the same as not knowing.
pub(super) fn or_zero(sums: &str, value: &str) -> String {
    format!("CASE WHEN spine.{GRAIN} = '{TOTAL}' AND {sums}.{GRAIN} IS NULL THEN 0 ELSE {value} END")
}

impl<'a> Writer<'a> {
    fn has_groups(&self) -> bool {
        self.plan.sources.iter().any(|source| !source.keys.is_empty())
    }

    /// The names of the keys.
    pub(super) fn keys(&self) -> Vec<String> {
        (1..=self.plan.by.len()).map(|number| format!("key_{number}")).collect()
    }

    /// What rows of the answer are told apart by.
    pub(super) fn grain_and_keys(&self) -> Vec<String> {
        std::iter::once(GRAIN.to_owned()).chain(self.keys()).collect()
    }

    /// The same, of a step.
    pub(super) fn of(&self, step: &str) -> Vec<String> {
        self.grain_and_keys().into_iter().map(|name| format!("{step}.{name}")).collect()
    }

    fn grains(&mut self) {
        let one = |word: &str| {
            let mut select = Select::default();
            select.column(format!("'{word}'"), GRAIN);
            select
        };
        self.steps.add("grains", &[one(TOTAL), one(GROUP)], "UNION ALL");
    }

    /// A column of the table.
    pub(super) fn cell(&self, column: &str) -> String {
        format!("t.{}", self.dialect.identifier(column))
    }

    /// A column as text, NULL where it is blank.
    pub(super) fn name_of(&self, column: &str) -> String {
        format!("NULLIF({}, '')", self.dialect.text(&self.cell(column)))
    }

    /// A product is an exact number of its own; a sum is printed as the engine needs.
    pub(super) fn printed(&self, sum: &str) -> String {
        self.dialect.printed(sum)
    }

    fn source(&mut self, source: &'a PlannedSource) -> Written<'a> {
        let mut written = Written { source, grouped: Vec::new(), outputs: Vec::new(), facts: vec![Fact::Rows] };
        self.rows(source, &mut written);
        match &source.events {
            Events::Orders(columns) => self.orders(source, columns, &mut written),
            Events::Leads(columns) => self.leads(source, columns, &mut written),
            Events::Customers(columns) => self.customers(source, columns, &mut written),
            Events::None => {}
            Events::JoinedDeals => return written,
        }
        self.table(source, &mut written);
        written
    }

    /// First and last day of a row, as expressions over the table.
    fn days(&self, source: &PlannedSource) -> Option<(String, String)> {
        let first = self.dialect.date(&self.cell(source.date.as_ref()?));
        let Some(end) = &source.end_date else { return Some((first.clone(), first)) };
        let end = self.dialect.date(&self.cell(end));
        Some((
            format!("CASE WHEN {end} < {first} THEN {end} ELSE {first} END"),
            format!("CASE WHEN {end} > {first} THEN {end} ELSE {first} END"),
        ))
    }

    /// The condition that a day lies between `--from` and `--to`; none where neither was given.
    pub(super) fn covers(&self, day: &str) -> Option<String> {
        let from = self.plan.from.map(|from| format!("{day} >= {}", self.dialect.day(from)));
        let to = self.plan.to.map(|to| format!("{day} <= {}", self.dialect.day(to)));
        let both: Vec<String> = from.into_iter().chain(to).collect();
        (!both.is_empty()).then(|| both.join(" AND "))
    }

    fn passes(&self, filter: &Filter, key: Option<&Key>, first: Option<&str>) -> String {
        let value = match (key, first) {
            (Some(Key::Column(column)), _) => format!("COALESCE({}, '')", self.dialect.text(&self.cell(column))),
            // A row without a date passes no condition on it.
            (Some(Key::Period(period)), Some(first)) => self.dialect.label(*period, &format!("({first})")),
            _ => return "1 = 0".to_owned(),
        };
        let values: Vec<String> = filter.values.iter().map(|value| self.dialect.literal(value)).collect();
        let not = if filter.negated { "NOT " } else { "" };
        format!("{value} {not}IN ({})", values.join(", "))
    }

    /// The condition that a row is asked for; none where every row is.
    fn selected(&self, source: &PlannedSource, days: Option<&(String, String)>) -> Option<String> {
        let mut conditions = Vec::new();
        if self.plan.from.is_some() || self.plan.to.is_some() {
            match days {
                None => conditions.push("1 = 0".to_owned()),
                Some((first, last)) => {
                    conditions.extend(self.covers(&format!("({first})")));
                    if first != last {
                        conditions.extend(self.covers(&format!("({last})")));
                    }
                }
            }
        }
        let first = days.map(|(first, _)| first.as_str());
        conditions.extend(source.filters.iter().map(|(filter, key)| self.passes(filter, key.as_ref(), first)));
        (!conditions.is_empty()).then(|| conditions.join(" AND "))
    }

    /// The rows of the table with typed columns, and the facts of all of them.
    fn rows(&mut self, source: &PlannedSource, written: &mut Written<'_>) {
        let days = self.days(source);
        let mut select = Select::from(format!("{} AS t", self.table_name(source)));
        for (number, key) in source.keys.iter().enumerate() {
            let value = match (key, &days) {
                (Key::Column(column), _) => format!("COALESCE({}, '')", self.dialect.text(&self.cell(column))),
                (Key::Period(period), Some((first, _))) => {
                    format!("COALESCE({}, '')", self.dialect.label(*period, &format!("({first})")))
                }
                (Key::Period(_), None) => "''".to_owned(),
            };
            select.column(value, format!("key_{}", number.saturating_add(1)));
        }
        if let Some((first, last)) = &days {
            select.column(first, "row_first");
            if first != last {
                select.column(last, "row_last");
            }
        }
        let selected = self.selected(source, days.as_ref());
        select.column(selected.map_or_else(|| "1".to_owned(), |condition| flag(&condition)), "selected");
        let has_currency = source.currency.is_some() || source.told_currency.is_some();
        if let Some(currency) = &source.currency {
            select.column(format!("UPPER({})", self.name_of(currency)), "currency");
        }
        for (measure, column) in &source.measures {
            select.column(self.dialect.number(&self.cell(column)), inner(*measure));
        }
        for (measure, count) in &source.counts {
            select.column(self.counted(count), inner(*measure));
        }
        for (number, column) in source.stock_keys.iter().enumerate().filter(|_| has_stock(source)) {
            let name = format!("stock_key_{}", number.saturating_add(1));
            select.column(format!("COALESCE({}, '')", self.dialect.text(&self.cell(column))), name);
        }
        let doubt = |(measure, column): &(Measure, String)| self.loses_digits(column, measure.is_whole());
        let mut doubts: Vec<String> = source.measures.iter().filter_map(doubt).collect();
        doubts
            .extend(source.date.iter().chain(&source.end_date).filter_map(|column| self.dialect.loses_date(&self.cell(column))));
        self.event_columns(source, &mut select, &mut doubts);
        if !doubts.is_empty() {
            select.column(flag(&doubts.join(" OR ")), "unreadable");
        }
        let rows = step(source.kind, "rows");
        self.steps.add(&rows, &[select], "");

        let mut facts = Select::from(&rows);
        let mut fact = |expression: String, fact: Fact| {
            facts.column(expression, format!("all_{}", fact.word()));
            if !written.facts.contains(&fact) {
                written.facts.push(fact);
            }
        };
        fact("COUNT(*)".to_owned(), Fact::Rows);
        if let Some((first, last)) = &days {
            fact("MIN(row_first)".to_owned(), Fact::First);
            fact(format!("MAX({})", if first == last { "row_first" } else { "row_last" }), Fact::Last);
            if let Some(spanning) = self.spanning(source).filter(|_| first != last) {
                fact(format!("SUM({})", flag(&spanning)), Fact::Spanning);
            }
        }
        if has_currency {
            let told = source.told_currency.as_ref().map(|told| self.dialect.literal(told));
            let currency = match (&source.currency, told) {
                (Some(_), Some(told)) => format!("COALESCE(currency, {told})"),
                (Some(_), None) => "currency".to_owned(),
                (None, told) => told.unwrap_or_default(),
            };
            let of_selected = format!("CASE WHEN selected = 1 THEN {currency} END");
            fact(format!("MIN({of_selected})"), Fact::Currency);
            fact(format!("MAX({of_selected})"), Fact::OtherCurrency);
        }
        let whole = source.measures.iter().filter(|(measure, _)| measure.is_whole());
        let fractions: Vec<String> = whole.map(|(measure, _)| self.dialect.has_fraction(&inner(*measure))).collect();
        if !fractions.is_empty() {
            fact(format!("SUM({})", flag(&fractions.join(" OR "))), Fact::Fractions);
        }
        if !doubts.is_empty() {
            fact("SUM(unreadable)".to_owned(), Fact::Unreadable);
        }
        self.steps.add(step(source.kind, "facts"), &[facts], "");
    }

    fn table_name(&self, source: &PlannedSource) -> String {
        source.table.iter().map(|part| self.dialect.identifier(part)).collect::<Vec<_>>().join(".")
    }

    pub(super) fn loses_digits(&self, column: &str, whole: bool) -> Option<String> {
        self.dialect.loses_digits(&self.cell(column), whole)
    }

    /// The condition that a row of two days lies in more than one of the periods asked for.
    fn spanning(&self, source: &PlannedSource) -> Option<String> {
        let mut conditions = Vec::new();
        if let (Some(first), Some(last)) = (self.covers("row_first"), self.covers("row_last")) {
            conditions.push(format!("{} <> {}", flag(&first), flag(&last)));
        }
        for key in &source.keys {
            if let Key::Period(period) = key {
                let (first, last) = (self.dialect.label(*period, "row_first"), self.dialect.label(*period, "row_last"));
                conditions.push(format!("(selected = 1 AND {first} <> {last})"));
            }
        }
        (!conditions.is_empty()).then(|| conditions.join(" OR "))
    }

    /// 1 or 0 for a row that is counted by what it says; NULL where it says nothing.
    fn counted(&self, count: &Count) -> String {
        match count {
            Count::Within(column, least, most) => {
                let number = self.dialect.number(&self.cell(column));
                let whole = format!("NOT ({})", self.dialect.has_fraction(&format!("({number})")));
                let least = least.map(|least| format!("({number}) >= {}", self.dialect.integer(least)));
                let most = most.map(|most| format!("({number}) <= {}", self.dialect.integer(most)));
                let within: Vec<String> = least.into_iter().chain(most).collect();
                let one = self.dialect.integer(1);
                if within.is_empty() {
                    return format!("CASE WHEN {whole} THEN {one} END");
                }
                format!("CASE WHEN {whole} THEN CASE WHEN {} THEN {one} ELSE 0 END END", within.join(" AND "))
            }
            Count::Yes(column) => {
                let word = format!("LOWER({})", self.dialect.text(&self.cell(column)));
                let one = self.dialect.integer(1);
                format!(
                    "CASE WHEN {word} IN ('1', 'yes', 'y', 'true', 't', 'converted', 'won') THEN {one} \
                     WHEN {word} IN ('0', 'no', 'n', 'false', 'f') THEN 0 END"
                )
            }
        }
    }

    /// Columns of orders, leads and customers.
    fn event_columns(&mut self, source: &PlannedSource, select: &mut Select, doubts: &mut Vec<String>) {
        match &source.events {
            Events::Orders(columns) => self.order_columns(columns, select, doubts),
            Events::Leads(columns) => self.lead_columns(columns, select, doubts),
            Events::Customers(columns) => self.customer_columns(source, columns, select, doubts),
            Events::JoinedDeals => {
                let leads = self.plan.sources.iter().find_map(|other| match &other.events {
                    Events::Leads(columns) => columns.joined.as_ref(),
                    _ => None,
                });
                if let Some(joined) = leads {
                    self.lead_columns(&joined.columns, select, doubts);
                }
            }
            Events::None => {}
        }
    }

    /// Rows of a step once for the total and once for their group. `columns` are handed on.
    pub(super) fn at_both_grains(&self, source: &PlannedSource, step: &str, columns: &[String]) -> Select {
        let grouped = !source.keys.is_empty();
        let mut select = Select::from(format!("{step} AS r"));
        if grouped {
            select.join("CROSS JOIN grains AS g");
            select.column(format!("g.{GRAIN}"), GRAIN);
        } else {
            select.column(format!("'{TOTAL}'"), GRAIN);
        }
        for key in self.keys() {
            let value =
                if grouped { format!("CASE WHEN g.{GRAIN} = '{TOTAL}' THEN '' ELSE r.{key} END") } else { "''".to_owned() };
            select.column(value, key);
        }
        for column in columns {
            select.column(format!("r.{column}"), column);
        }
        select.only("r.selected = 1");
        select
    }

    /// What adds up by itself: sums, stocks, what never adds, samples.
    fn table(&mut self, source: &'a PlannedSource, written: &mut Written<'a>) {
        let kind = source.kind;
        let measures: Vec<Measure> = source
            .measures
            .iter()
            .map(|(measure, _)| *measure)
            .chain(source.counts.iter().map(|(measure, _)| *measure))
            .collect();
        let mut columns: Vec<String> = measures.iter().map(|measure| inner(*measure)).collect();
        if has_stock(source) {
            columns.extend((1..=source.stock_keys.len()).map(|number| format!("stock_key_{number}")));
            columns.extend(source.date.iter().map(|_| "row_first".to_owned()));
        }
        let grained = step(kind, "grained");
        let select = self.at_both_grains(source, &step(kind, "rows"), &columns);
        self.steps.add(&grained, &[select], "");
        let sums = step(kind, "sums");
        let mut select = Select::from(&grained);
        for name in self.grain_and_keys() {
            select.column(&name, &name);
        }
        select.column("COUNT(*)", "selected_rows");
        let counted: Vec<Measure> = source.counts.iter().map(|(measure, _)| *measure).collect();
        let mut special = Vec::new();
        for &measure in &measures {
            let name = inner(measure);
            let filled = format!("filled_{measure}");
            select.column(format!("COUNT({name})"), &filled);
            let total = format!("{sums}.sum_{measure}");
            match measure.additivity() {
                Additivity::Sum | Additivity::Parameter => {
                    select.column(format!("SUM({name})"), format!("sum_{measure}"));
                    let printed = self.printed(&total);
                    written.output(or_zero(&sums, &printed), columns::value(kind, measure));
                }
                Additivity::Reach | Additivity::Distinct if !counted.contains(&measure) => {
                    select.column(format!("MIN({name})"), format!("sum_{measure}"));
                    let printed = self.printed(&total);
                    let only = format!("CASE WHEN {sums}.{filled} = 1 THEN {printed} END");
                    written.output(only, columns::value(kind, measure));
                    written.output(format!("{sums}.{filled}"), columns::part(kind, Part::Rivals, measure));
                }
                _ => special.push(measure),
            }
            written.output(format!("{sums}.selected_rows - {sums}.{filled}"), columns::part(kind, Part::Missing, measure));
        }
        select.group(self.grain_and_keys());
        self.steps.add(&sums, &[select], "");
        for measure in special {
            match measure.additivity() {
                Additivity::Sample => self.sample(source, &grained, &inner(measure), measure, true, written),
                _ => self.stock(source, &grained, measure, written),
            }
        }
        written.grouped.insert(0, sums);
    }

    /// A row for the total and one for each group that any source has.
    fn spine(&mut self, written: &[Written<'_>]) {
        let mut total = Select::default();
        total.column(format!("'{TOTAL}'"), GRAIN);
        for key in self.keys() {
            total.column("''", key);
        }
        let mut selects = vec![total];
        if self.has_groups() {
            for one in written.iter().filter(|one| !one.source.keys.is_empty()) {
                let Some(grouped) = one.grouped.first() else { continue };
                let mut select = Select::from(grouped);
                for name in self.grain_and_keys() {
                    select.column(&name, &name);
                }
                selects.push(select);
            }
        }
        self.steps.add("spine", &selects, self.dialect.union());
    }

    /// Every column of the answer: what was asked, the group, and what was measured.
    fn answer_columns(&self, written: &[Written<'_>]) -> Vec<(String, String)> {
        let mut columns = vec![(format!("spine.{GRAIN}"), GRAIN.to_owned())];
        let asked = self.plan.asked.iter();
        columns.extend(asked.map(|(asked, text)| (self.dialect.literal(text), asked.column().to_owned())));
        let keys = self.keys().into_iter().zip(&self.plan.by);
        columns.extend(keys.map(|(key, dimension)| (format!("spine.{key}"), dimension.name.clone())));
        for one in written {
            let kind = one.source.kind;
            let facts = step(kind, "facts");
            let of_facts = one.facts.iter();
            columns.extend(of_facts.map(|fact| (format!("{facts}.all_{}", fact.word()), columns::fact(kind, *fact))));
            if let Some(sums) = one.grouped.first() {
                let rows = format!("{sums}.selected_rows");
                let selected = format!("CASE WHEN spine.{GRAIN} = '{TOTAL}' THEN COALESCE({rows}, 0) ELSE {rows} END");
                columns.push((selected, columns::fact(kind, Fact::Selected)));
            }
            if !one.source.lacks.is_empty() {
                columns.push((self.dialect.literal(&one.source.lacks.join(",")), columns::fact(kind, Fact::Lacks)));
            }
            columns.extend(one.outputs.iter().cloned());
        }
        columns
    }

    fn last(&self, written: &[Written<'_>], columns: &[(String, String)]) -> Select {
        let mut select = Select::from("spine");
        for (expression, name) in columns {
            select.column(expression, self.dialect.identifier(name));
        }
        for one in written {
            select.join(format!("CROSS JOIN {}", step(one.source.kind, "facts")));
        }
        for one in written {
            for grouped in &one.grouped {
                let keys = self.of("spine").into_iter().zip(self.of(grouped));
                let on: Vec<String> = keys.map(|(left, right)| format!("{left} = {right}")).collect();
                select.join(format!("LEFT JOIN {grouped} ON {}", on.join(" AND ")));
            }
        }
        select
    }
}

fn has_stock(source: &PlannedSource) -> bool {
    source.measures.iter().any(|(measure, _)| matches!(measure.additivity(), Additivity::StockFirst | Additivity::StockLast))
}
