//! `mak.toml`: what a team agrees on.
//!
//! **Owns** the configuration's format: settings, what columns mean, costs, KPIs and measures of
//! one's own, targets, checks, tables of engines; the language of rules and literals; and the
//! first file that `mak init` writes.
//!
//! **Does not know** exports, results or the command line. `ingest` applies the meanings of
//! columns, `gate` judges the checks, `cli` hands in flags and the environment.
//!
//! A configuration is read whole or not at all. Everything that is wrong with it is reported at
//! once, each with line, column, caret and the nearest known name; see [`Problems`].
//!
//! ```
//! let config = mak::config::Config::parse("mak.toml", r#"
//!     [kpi.demo_rate]
//!     formula = "demos_booked / leads"
//!
//!     [[check]]
//!     rule = "demo_rate >= 20% by channel"
//! "#).expect("valid");
//! assert!(config.catalogue().kpi("demo_rate").is_some());
//! ```

mod check;
mod columns;
mod cost;
mod find;
mod init;
mod literal;
mod own;
mod problem;
mod remote;
mod rule;
mod section;
mod setting;

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::civil::Date;
use toml::de::DeTable;

use crate::kpi::{Catalogue, Exact, Measure, Overflow};
use problem::Source;
use section::Section;

pub use check::{Cadence, Check, Level, Mode, OnMissing, Target};
pub use columns::{ColumnRole, ColumnRule, Condition, DIMENSIONS, FileRule, KINDS, Meaning};
pub use cost::{Cost, Per};
pub use find::{FILE_NAME, find, read};
pub use init::{GroupSeen, InitInput, KpiSeen, init};
pub use literal::{Literal, LiteralError, LiteralKind, plain_number};
pub use own::{OwnKpi, OwnMeasure};
pub use problem::{Problem, Problems, line_and_column, snippet};
pub use remote::{Engine, TableColumn, TableSource};
pub use rule::{Limit, MeasuredBy, Movement, Op, Rule, RuleError, Stat, Subject, Test, parse_subject};
pub use setting::{
    CONFIG_VARIABLE, Choices, DateOrder, DecimalMark, Delimiter, FileChoices, Origin, Row, Setting, Settings, VARIABLES,
};

/// A valid configuration.
#[derive(Clone, Debug, Default)]
pub struct Config {
    /// The file that it was read from.
    pub file: Option<Arc<str>>,
    /// Settings that the file gives; [`Settings::resolve`] puts them in order with the others.
    pub settings: FileChoices,
    /// What columns of all files mean.
    pub columns: Vec<ColumnRule>,
    /// How some files are read, in the order of the file; the last that covers a file counts.
    pub files: Vec<FileRule>,
    /// Costs that no file holds.
    pub costs: Vec<Cost>,
    /// Measures of one's own.
    pub measures: Vec<OwnMeasure>,
    /// KPIs of one's own.
    pub kpis: Vec<OwnKpi>,
    /// Targets.
    pub targets: Vec<Target>,
    /// Checks.
    pub checks: Vec<Check>,
    /// Tables of engines.
    pub sources: Vec<TableSource>,
    /// Clients of engines.
    pub engines: Vec<Engine>,
}

impl Config {
    /// Reads a configuration from text. `file` is its name in messages.
    ///
    /// KPIs and measures of one's own are leaked, to live as long as the catalogue's: read a
    /// configuration once.
    ///
    /// # Errors
    /// Everything that is wrong with it.
    pub fn parse(file: &str, text: &str) -> Result<Config, Problems> {
        let source = Source::new(file, text);
        let (document, errors) = DeTable::parse_recoverable(text);
        for error in errors {
            source.problem(error.span().unwrap_or(0..0), error.message(), None);
        }
        if !source.is_clean() {
            // What was recovered of a broken text says little about what was meant.
            return Err(source.into_problems());
        }
        let top = Section::new(&source, document.get_ref(), "", 0..0);
        let config = read_sections(&top);
        top.done();
        if source.is_clean() { Ok(config) } else { Err(source.into_problems()) }
    }

    /// The built-in catalogue with the measures and KPIs of one's own.
    pub fn catalogue(&self) -> Catalogue {
        let mut catalogue = Catalogue::builtin();
        self.measures.iter().for_each(|own| catalogue.add_measure(own.measure));
        self.kpis.iter().for_each(|own| catalogue.add_kpi(own.kpi));
        catalogue
    }

    /// How a file is to be read: the last of [`Config::files`] that covers it.
    pub fn file_rule(&self, path: &str) -> Option<&FileRule> {
        self.files.iter().rev().find(|rule| rule.covers(path))
    }

    /// The costs that fall on the days from `from` to `to`, both included, by measure; measures
    /// without any cost there are left out. See [`Cost::within`].
    ///
    /// # Errors
    /// A sum is too large to stay exact.
    pub fn costs_within(&self, from: Date, to: Date) -> Result<BTreeMap<Measure, Exact>, Overflow> {
        let mut sums: BTreeMap<Measure, Exact> = BTreeMap::new();
        for cost in &self.costs {
            let amount = cost.within(from, to)?;
            if amount.is_zero() {
                continue;
            }
            let sum = sums.get(&cost.measure).copied().unwrap_or_else(|| Exact::integer(0));
            sums.insert(cost.measure, sum.plus(amount)?);
        }
        Ok(sums)
    }

    /// A line of `mak config` for each setting in force and for everything else in the file.
    pub fn describe(&self, settings: &Settings) -> Vec<Row> {
        let mut rows = settings.describe();
        let file = self.file.clone().unwrap_or_else(|| Arc::from(FILE_NAME));
        let mut row =
            |name: String, value: String, line: u64| rows.push(Row { name, value, from: Origin::File(Arc::clone(&file), line) });
        for column in &self.columns {
            row(format!("columns.{}", column.header), meanings(&column.meanings), column.line);
        }
        for rule in &self.files {
            let columns = rule.columns.iter().map(|column| format!("{} = {}", column.header, meanings(&column.meanings)));
            let rows = rule.rows.iter().map(|measure| format!("each row = {measure}"));
            let kind = rule.kind.iter().map(|kind| format!("as {kind}"));
            row(format!("files.{}", rule.pattern), kind.chain(rows).chain(columns).collect::<Vec<_>>().join(", "), rule.line);
        }
        for cost in &self.costs {
            let per = match cost.per {
                Per::Month => "a month",
                Per::Quarter => "a quarter",
                Per::Year => "a year",
                Per::Once => "once",
            };
            row(format!("cost.{}", cost.name), format!("{} {per} ({})", cost.amount, cost.measure), cost.line);
        }
        for own in &self.measures {
            row(
                format!("measure.{}", own.measure),
                format!("{} of {}", own.measure.additivity().word(), own.columns.join(" or ")),
                own.line,
            );
        }
        for own in &self.kpis {
            row(format!("kpi.{}", own.kpi.id), own.kpi.formula.text(), own.line);
        }
        for target in &self.targets {
            let owner = target.owner.iter().map(|owner| format!(", {owner}"));
            let due = target.by.iter().map(|date| format!(" by {date}"));
            let value = std::iter::once(target.value.written.to_string()).chain(due).chain(owner).collect::<String>();
            let stat = target.stat.map_or_else(String::new, |stat| format!(".{}", stat.word()));
            row(format!("target.{}{stat}", target.subject.id()), value, target.line);
        }
        for check in &self.checks {
            for (level, rule) in &check.rules {
                let level = if *level == Level::Warn { "warn" } else { "fail" };
                row(format!("check.{level}"), rule.to_string(), check.line);
            }
        }
        for source in &self.sources {
            row(format!("source.{}", source.kind), source.table.clone(), source.line);
        }
        for engine in &self.engines {
            // Arguments may hold what is nobody's business.
            row(format!("engine.{}", engine.name), engine.command.first().cloned().unwrap_or_default(), engine.line);
        }
        rows
    }
}

fn read_sections(top: &Section<'_, '_>) -> Config {
    let mut catalogue = Catalogue::builtin();
    let settings = setting::read_choices(top);
    let measures = own::read_measures(top, &catalogue);
    for own in &measures {
        catalogue.add_measure(own.measure);
    }
    let kpis = own::read_kpis(top, &catalogue);
    for own in &kpis {
        catalogue.add_kpi(own.kpi);
    }
    Config {
        file: Some(Arc::clone(&top.source.file)),
        settings,
        columns: top.table("columns").map(|section| columns::read_columns(&section, &catalogue)).unwrap_or_default(),
        files: columns::read_files(top, &catalogue),
        costs: cost::read_costs(top),
        measures,
        kpis,
        targets: check::read_targets(top, &catalogue),
        checks: check::read_checks(top, &catalogue),
        sources: remote::read_sources(top, &catalogue),
        engines: remote::read_engines(top),
    }
}

fn meanings(meanings: &[Meaning]) -> String {
    let words = meanings.iter().map(|meaning| match meaning {
        Meaning::Measure(measure) => measure.id().to_owned(),
        Meaning::Count(measure, condition) => {
            let sign = if condition.negated { "unless" } else { "when" };
            format!("{measure} {sign} {}", condition.values.join(" or "))
        }
        Meaning::Dimension(name) => format!("dimension {name}"),
        Meaning::Role(role) => role.word().to_owned(),
    });
    words.collect::<Vec<_>>().join(" and ")
}

#[cfg(test)]
mod tests;
