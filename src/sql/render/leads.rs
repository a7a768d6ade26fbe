//! Leads, and the deals that close them.

use super::{Writer, Written, flag, or_zero, step};
use crate::kpi::Measure;
use crate::measures::{Kind, Stage};
use crate::sql::columns::{self, Fact};
use crate::sql::plan::{Events, LeadColumns, PlannedSource};
use crate::sql::text::Select;

/// Seconds within which a lead is followed up in time.
const HOUR: u32 = 3_600;

/// The stages that follow one another.
const FUNNEL: &[Stage] = &[Stage::Lead, Stage::Mql, Stage::Sql, Stage::Opportunity, Stage::Won];

fn at(stage: Stage) -> &'static str {
    match stage {
        Stage::Lead => "lead_at",
        Stage::Mql => "mql_at",
        Stage::Sql => "sql_at",
        Stage::Opportunity => "opportunity_at",
        Stage::Won => "won_at",
        Stage::Lost => "lost_at",
    }
}

/// The columns of a lead whose earliest value stands.
fn moments(columns: &LeadColumns) -> Vec<&'static str> {
    let stages = columns.stages.iter().map(|(stage, _)| at(*stage));
    let response = columns.first_response.iter().map(|_| "first_response_at");
    let touch = columns.first_touch.iter().map(|_| "first_touch_at");
    stages.chain(response).chain(touch).collect()
}

/// The columns of a lead that have one value.
fn values(columns: &LeadColumns) -> Vec<&'static str> {
    columns.score.iter().map(|_| "score").chain(columns.amount.iter().map(|_| "amount")).collect()
}

impl<'a> Writer<'a> {
    pub(super) fn lead_columns(&mut self, columns: &LeadColumns, select: &mut Select, doubts: &mut Vec<String>) {
        if let Some(id) = &columns.id {
            select.column(self.name_of(id), "lead_id");
        }
        let stages = columns.stages.iter().map(|(stage, column)| (at(*stage), column));
        let response = columns.first_response.iter().map(|column| ("first_response_at", column));
        let touch = columns.first_touch.iter().map(|column| ("first_touch_at", column));
        for (name, column) in stages.chain(response).chain(touch) {
            select.column(self.dialect.seconds(&self.cell(column)), name);
            doubts.extend(self.dialect.loses_date(&self.cell(column)));
        }
        for (name, column) in
            columns.score.iter().map(|column| ("score", column)).chain(columns.amount.iter().map(|column| ("amount", column)))
        {
            select.column(self.dialect.number(&self.cell(column)), name);
            doubts.extend(self.loses_digits(column, false));
        }
    }

    /// One row a lead: rows of the same id are one, with the earliest dates.
    fn one_each(&mut self, source: &PlannedSource, columns: &LeadColumns) -> String {
        let rows = step(source.kind, "rows");
        let Some(_) = &columns.id else { return rows };
        let keys: Vec<String> = self.keys().into_iter().take(source.keys.len()).collect();
        let single: Vec<&str> = keys.iter().map(String::as_str).chain(["selected"]).chain(values(columns)).collect();
        let mut with_id = Select::from(&rows);
        let mut without = Select::from(&rows);
        with_id.column("lead_id", "lead_id");
        without.column("lead_id", "lead_id");
        for name in single.iter().copied().chain(moments(columns)) {
            with_id.column(format!("MIN({name})"), name);
            without.column(name, name);
        }
        // Where rows of a lead differ in what only one of them can give, a table has no first row.
        let differ: Vec<String> = single.iter().map(|name| format!("MIN({name}) <> MAX({name})")).collect();
        with_id.column(flag(&differ.join(" OR ")), "contradicts");
        without.column("0", "contradicts");
        with_id.column("COUNT(*) - 1", "repeated");
        without.column("0", "repeated");
        with_id.only("lead_id IS NOT NULL");
        without.only("lead_id IS NULL");
        with_id.group(["lead_id".to_owned()]);
        let each = step(source.kind, "each");
        self.steps.add(&each, &[with_id, without], "UNION ALL");
        each
    }

    /// How many leads contradict themselves, and rows that repeat one.
    fn lead_facts(&mut self, source: &PlannedSource, columns: &LeadColumns, each: &str, written: &mut Written<'a>) {
        if columns.id.is_none() {
            return;
        }
        let count = step(source.kind, "conflicts");
        let mut select = Select::from(each);
        select.column("COALESCE(SUM(contradicts), 0)", "contradicting");
        select.column("COALESCE(SUM(repeated), 0)", "repeated_rows");
        self.steps.add(&count, &[select], "");
        for (fact, name) in [(Fact::Conflicts, "contradicting"), (Fact::Repeated, "repeated_rows")] {
            written.output(format!("(SELECT {name} FROM {count})"), columns::fact(source.kind, fact));
        }
    }

    /// The leads with what their deals know, and how many deals found one.
    fn with_deals(&mut self, source: &PlannedSource, columns: &LeadColumns, each: String, written: &mut Written<'a>) -> String {
        let Some(joined) = &columns.joined else { return each };
        let Some(deals) = self.plan.sources.iter().find(|other| other.events == Events::JoinedDeals) else { return each };
        let deal = self.one_each(deals, &joined.columns);
        self.lead_facts(deals, &joined.columns, &deal, written);

        // A deal begins later than its lead: its own creation is no lead's.
        let theirs: Vec<&str> = moments(&joined.columns);
        let ours = moments(columns);
        let mut select = Select::from(format!("{each} AS l"));
        select.join(format!("LEFT JOIN {deal} AS d ON d.lead_id = l.lead_id"));
        for key in self.keys().iter().take(source.keys.len()).map(String::as_str).chain(["lead_id", "selected"]) {
            select.column(format!("l.{key}"), key);
        }
        for &name in ours.iter().chain(theirs.iter().filter(|name| !ours.contains(name))) {
            let value = match (ours.contains(&name), theirs.contains(&name)) {
                (true, true) => format!(
                    "CASE WHEN l.{name} IS NULL THEN d.{name} WHEN d.{name} IS NULL OR l.{name} <= d.{name} THEN l.{name} ELSE d.{name} END"
                ),
                (true, false) => format!("l.{name}"),
                (false, _) => format!("d.{name}"),
            };
            select.column(value, name);
        }
        for name in ["score", "amount"] {
            match (values(columns).contains(&name), values(&joined.columns).contains(&name)) {
                (true, true) => select.column(format!("COALESCE(l.{name}, d.{name})"), name),
                (true, false) => select.column(format!("l.{name}"), name),
                (false, true) => select.column(format!("d.{name}"), name),
                (false, false) => {}
            }
        }
        let won = step(source.kind, "with_deals");
        self.steps.add(&won, &[select], "");

        let count = step(deals.kind, "found");
        let mut select = Select::from(format!("{deal} AS d"));
        select.join(format!("LEFT JOIN {each} AS l ON l.lead_id = d.lead_id"));
        // A row of deals each, as they are counted where files are joined.
        select.column("COALESCE(SUM(CASE WHEN l.lead_id IS NULL THEN 0 ELSE 1 END), 0)", "matched");
        select.column("COALESCE(SUM(CASE WHEN l.lead_id IS NULL THEN 1 ELSE 0 END), 0)", "unmatched");
        self.steps.add(&count, &[select], "");
        for (fact, name) in [(Fact::Matched, "matched"), (Fact::Unmatched, "unmatched")] {
            written.output(format!("(SELECT {name} FROM {count})"), columns::fact(deals.kind, fact));
        }
        won
    }

    pub(super) fn leads(&mut self, source: &'a PlannedSource, columns: &'a LeadColumns, written: &mut Written<'a>) {
        let kind = source.kind;
        let each = self.one_each(source, columns);
        self.lead_facts(source, columns, &each, written);
        let each = self.with_deals(source, columns, each, written);

        let mut known: Vec<&str> = moments(columns);
        let mut single: Vec<&str> = values(columns);
        if let Some(joined) = &columns.joined {
            known.extend(moments(&joined.columns));
            single.extend(values(&joined.columns));
        }
        known.sort_unstable();
        known.dedup();
        single.sort_unstable();
        single.dedup();
        let handed: Vec<String> = known.iter().chain(&single).map(|name| (*name).to_owned()).collect();
        let grained = step(kind, "cohort");
        let mut select = self.at_both_grains(source, &each, &handed);
        let begun = match (known.contains(&"lead_at"), known.contains(&"opportunity_at")) {
            (true, true) => Some("COALESCE(r.lead_at, r.opportunity_at)"),
            (true, false) => Some("r.lead_at"),
            (false, true) => Some("r.opportunity_at"),
            (false, false) => None,
        };
        let touched = begun.map(|begun| {
            if known.contains(&"first_touch_at") { format!("COALESCE(r.first_touch_at, {begun})") } else { begun.to_owned() }
        });
        let won = known.contains(&"won_at");
        let spans = [
            (Measure::SalesCycleDays, "r.won_at", begun.map(str::to_owned).filter(|_| won)),
            (Measure::ConversionDays, "r.won_at", touched.filter(|_| won)),
            (
                Measure::ResponseSeconds,
                "r.first_response_at",
                begun.map(str::to_owned).filter(|_| known.contains(&"first_response_at")),
            ),
        ];
        for (measure, end, start) in &spans {
            if let Some(start) = start {
                select.column(format!("{end} - {start}"), format!("span_{measure}"));
            }
        }
        self.steps.add(&grained, &[select], "");
        self.cohort(source, columns, &grained, &known, &single, written);

        for (measure, _, start) in spans {
            let tells = columns.tells(Stage::Won) && (columns.tells(Stage::Lead) || columns.deals);
            let given = if measure == Measure::ResponseSeconds { columns.first_response.is_some() } else { tells };
            if start.is_some() && given && columns.wanted.contains(&measure) {
                self.sample(source, &grained, &format!("span_{measure}"), measure, false, written);
            }
        }
        if columns.score.is_some() && columns.wanted.contains(&Measure::LeadScore) {
            self.sample(source, &grained, "score", Measure::LeadScore, true, written);
        }
    }

    /// Stages reached by the leads that came in; a later stage implies the earlier ones.
    fn cohort(
        &mut self,
        source: &'a PlannedSource,
        columns: &LeadColumns,
        grained: &str,
        known: &[&str],
        single: &[&str],
        written: &mut Written<'a>,
    ) {
        let kind = source.kind;
        let stages = step(kind, "stages");
        let mut select = Select::from(grained);
        for name in self.grain_and_keys() {
            select.column(&name, &name);
        }
        let wants = |measure: Measure| columns.wanted.contains(&measure);
        let mut outputs: Vec<(Measure, String)> = Vec::new();
        for &stage in Stage::ALL {
            let told = columns.tells(stage) || stage == Stage::Lead;
            if !told || (columns.deals && stage < Stage::Opportunity) {
                continue;
            }
            let count = if stage == Stage::Lead || (columns.deals && stage == Stage::Opportunity && !known.contains(&at(stage))) {
                if stage == Stage::Lead { "COUNT(*)".to_owned() } else { reached(&[Stage::Opportunity, Stage::Won], known) }
            } else if stage == Stage::Lost {
                reached(&[Stage::Lost], known)
            } else {
                let later: Vec<Stage> = FUNNEL.iter().copied().filter(|other| *other >= stage).collect();
                reached(&later, known)
            };
            select.column(count, stage.measure().id());
            outputs.push((stage.measure(), stage.measure().id().to_owned()));
            if stage == Stage::Won {
                outputs.push((Measure::NewCustomers, stage.measure().id().to_owned()));
            }
        }
        if columns.first_response.is_some() {
            let within = format!("span_{} <= {HOUR}", Measure::ResponseSeconds);
            let begun = known.contains(&"lead_at") || known.contains(&"opportunity_at");
            select.column(if begun { format!("SUM({})", flag(&within)) } else { "0".to_owned() }, "in_time");
            outputs.push((Measure::FollowedUpWithin1h, "in_time".to_owned()));
        }
        if single.contains(&"amount") {
            let won = if known.contains(&"won_at") { "CASE WHEN won_at IS NOT NULL THEN amount END" } else { "NULL" };
            select.column(format!("COALESCE(SUM({won}), 0)"), "won_amount");
            outputs.push((Measure::Revenue, "won_amount".to_owned()));
        }
        select.group(self.grain_and_keys());
        self.steps.add(&stages, &[select], "");
        for (measure, name) in outputs.into_iter().filter(|(measure, _)| wants(*measure)) {
            let value = format!("{stages}.{name}");
            let printed = if measure.is_money() { self.printed(&value) } else { value };
            written.output(or_zero(&stages, &printed), columns::value(kind, measure));
        }
        debug_assert!(matches!(kind, Kind::Leads | Kind::Deals));
        written.grouped.push(stages);
    }
}

/// How many reached one of these stages, of those that are known.
fn reached(stages: &[Stage], known: &[&str]) -> String {
    let names = stages.iter().map(|stage| at(*stage)).filter(|name| known.contains(name));
    let conditions: Vec<String> = names.map(|name| format!("{name} IS NOT NULL")).collect();
    if conditions.is_empty() { "0".to_owned() } else { format!("SUM({})", flag(&conditions.join(" OR "))) }
}
