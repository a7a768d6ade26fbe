//! Measures and KPIs of the user's own: `[measure.NAME]` and `[kpi.NAME]`.
//!
//! They become rows of the same kind as the catalogue's and live as long as the program.

use std::collections::BTreeMap;

use super::columns::{Condition, read_row_condition};
use super::problem::Source;
use super::section::{Located, Section};
use crate::finding::nearest;
use crate::kpi::{
    Additivity, Better, Catalogue, Example, Expr, Kpi, Measure, MeasureDef, Population, RESERVED, Status, Unit, UnknownName,
    parse_formula,
};

/// KPIs that build on each other, at most.
const MAX_CHAIN: usize = 100;

const UNITS: &[(&str, Unit)] = &[
    ("count", Unit::Count),
    ("number", Unit::Number),
    ("money", Unit::Money),
    ("share", Unit::Share),
    ("percent", Unit::Percent),
    ("multiple", Unit::Multiple),
    ("points", Unit::Points),
    ("score", Unit::Score),
    ("seconds", Unit::Seconds),
    ("hours", Unit::Hours),
    ("days", Unit::Days),
    ("months", Unit::Months),
];

/// A measure of the user's own and where it is read from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OwnMeasure {
    /// The measure.
    pub measure: Measure,
    /// Headers of its column, in order of preference; its id is always one of them.
    pub columns: Vec<String>,
    /// Only rows count whose cell in that column meets the condition.
    pub when: Option<(String, Condition)>,
    /// Line of `mak.toml`.
    pub line: u64,
}

/// A KPI of the user's own.
#[derive(Clone, Copy, Debug)]
pub struct OwnKpi {
    /// The row.
    pub kpi: &'static Kpi,
    /// Line of `mak.toml`.
    pub line: u64,
}

/// Reads `[measure.NAME]`.
pub(super) fn read_measures(top: &Section<'_, '_>, catalogue: &Catalogue) -> Vec<OwnMeasure> {
    let tables = top.named_tables("measure").into_iter();
    let measures = tables.filter_map(|(id, section)| {
        let own = read_measure(&id, &section, catalogue);
        if own.is_none() {
            section.source.add_broken(&id.text);
        }
        own
    });
    measures.collect()
}

fn read_measure(id: &Located, section: &Section<'_, '_>, catalogue: &Catalogue) -> Option<OwnMeasure> {
    let free = is_free(section, id, catalogue);
    let adds = [
        ("sum", Additivity::Sum),
        ("first", Additivity::StockFirst),
        ("last", Additivity::StockLast),
        ("distinct", Additivity::Distinct),
        ("never", Additivity::Reach),
        ("sample", Additivity::Sample),
    ];
    let additivity = section.word("adds", &adds);
    if section.get("adds").is_none() {
        let help = "write adds = \"sum\", or first, last, distinct, never, sample".to_owned();
        section.problem(
            section.span.clone(),
            format!("adds is missing in [{}]: how do its rows add up?", section.path),
            Some(help),
        );
    }
    let unit = section.word("unit", UNITS);
    let summary = section.text("summary");
    let mut columns: Vec<String> =
        section.texts("column").into_iter().chain(section.texts("columns")).map(|text| text.text).collect();
    columns.push(id.text.clone());
    let when = read_row_condition(section);
    section.done();
    let def = MeasureDef {
        id: leak(&id.text),
        group: "own",
        additivity: additivity?,
        unit: unit.unwrap_or(if additivity? == Additivity::Distinct { Unit::Count } else { Unit::Number }),
        summary: leak(&summary.map_or_else(|| "Declared in mak.toml.".to_owned(), |summary| summary.text)),
    };
    free.then(|| OwnMeasure { measure: Measure::Custom(Box::leak(Box::new(def))), columns, when, line: section.line() })
}

/// Reads `[kpi.NAME]`. The catalogue has the user's own measures already.
pub(super) fn read_kpis(top: &Section<'_, '_>, catalogue: &Catalogue) -> Vec<OwnKpi> {
    let tables = top.named_tables("kpi");
    let mut definitions = Definitions {
        source: top.source,
        catalogue,
        formulas: BTreeMap::new(),
        names: BTreeMap::new(),
        done: BTreeMap::new(),
        open: Vec::new(),
    };
    let mut drafts = Vec::new();
    for (id, section) in &tables {
        let free = is_free(section, id, catalogue);
        let aliases = section.texts("aliases");
        for name in std::iter::once(id).chain(&aliases) {
            if name.span != id.span && !is_free(section, name, catalogue) {
                continue;
            }
            if definitions.names.insert(name.text.clone(), id.text.clone()).is_some() {
                section.problem(name.span.clone(), format!("{} is declared twice", name.text), None);
            }
        }
        match section.text("formula") {
            Some(formula) => {
                definitions.formulas.insert(id.text.clone(), formula);
            }
            None if section.get("formula").is_none() => {
                let help = format!("write formula = \"demos_booked / leads\" under [{}]", section.path);
                section.problem(section.span.clone(), format!("formula is missing in [{}]", section.path), Some(help));
            }
            None => {}
        }
        drafts.push((id, section, free, aliases));
    }
    let rows = drafts.into_iter().filter_map(|(id, section, free, aliases)| {
        let formula = definitions.formula(&id.text);
        let row = read_row(id, section, formula, &aliases);
        section.done();
        if row.is_none() {
            std::iter::once(id).chain(&aliases).for_each(|name| section.source.add_broken(&name.text));
        }
        row.filter(|_| free)
    });
    rows.collect()
}

fn read_row(id: &Located, section: &Section<'_, '_>, formula: Option<Expr>, aliases: &[Located]) -> Option<OwnKpi> {
    let name = section.text("name").map_or_else(|| title(&id.text), |name| name.text);
    let unit = section.word("unit", UNITS);
    let better = section.word("better", &[("up", Better::Higher), ("down", Better::Lower), ("neither", Better::Neither)]);
    let summary = section.text("summary");
    let formula = formula?;
    if let Some(unit) = unit {
        check_unit(section, unit, &formula);
    }
    let unit = unit.unwrap_or_else(|| unit_of_kpi(&id.text, &formula));
    let kpi = Kpi {
        id: leak(&id.text),
        name: leak(&name),
        aliases: Vec::leak(aliases.iter().map(|alias| leak(&alias.text)).collect()),
        summary: leak(&summary.map_or_else(|| format!("{}, declared in mak.toml.", formula.text()), |summary| summary.text)),
        formula,
        unit,
        better: better.unwrap_or(Better::Neither),
        population: if unit == Unit::Share { Population::SameSource } else { Population::Joined },
        example: Example::NONE,
        pitfalls: "",
        source: "mak.toml",
        status: Status::Custom,
    };
    Some(OwnKpi { kpi: Box::leak(Box::new(kpi)), line: section.line() })
}

/// Own formulas, resolved on demand, so that they may stand in any order.
struct Definitions<'r, 's> {
    source: &'r Source<'s>,
    catalogue: &'r Catalogue,
    formulas: BTreeMap<String, Located>,
    /// Ids and aliases, with the id that each stands for.
    names: BTreeMap<String, String>,
    done: BTreeMap<String, Option<Expr>>,
    open: Vec<String>,
}

impl Definitions<'_, '_> {
    /// The formula of an own KPI; `None` when it, or one that it builds on, has a mistake. Each
    /// mistake is noted once, where it is.
    fn formula(&mut self, id: &str) -> Option<Expr> {
        if let Some(done) = self.done.get(id) {
            return *done;
        }
        let text = self.formulas.get(id)?.clone();
        self.open.push(id.to_owned());
        let mut noted_elsewhere = false;
        let parsed = parse_formula(&text.text, &mut |name| self.resolve(name, &mut noted_elsewhere));
        self.open.pop();
        let formula = match parsed {
            Ok(formula) => Some(formula),
            Err(why) => {
                if !noted_elsewhere {
                    self.source.problem(text.part(why.span), why.message, why.help);
                }
                None
            }
        };
        self.done.insert(id.to_owned(), formula);
        formula
    }

    fn resolve(&mut self, name: &str, noted_elsewhere: &mut bool) -> Result<Expr, UnknownName> {
        let refuse = |message: String, help: Option<String>| Err(UnknownName { message, help });
        let Some(id) = self.names.get(name).cloned() else {
            *noted_elsewhere |= self.source.is_broken(name);
            return self
                .catalogue
                .formula_of(name)
                .map_or_else(|| refuse(format!("there is no measure or KPI {name}"), Some(self.help_for(name))), Ok);
        };
        if let Some(begin) = self.open.iter().position(|open| *open == id) {
            let chain: Vec<_> = self.open.iter().skip(begin).map(String::as_str).chain([id.as_str()]).collect();
            return refuse(format!("{id} is defined by itself: {}", chain.join(" → ")), None);
        }
        if self.open.len() > MAX_CHAIN {
            return refuse(format!("more than {MAX_CHAIN} KPIs build on each other"), None);
        }
        self.formula(&id).map_or_else(
            || {
                *noted_elsewhere = true;
                refuse(format!("{name} has a mistake"), None)
            },
            Ok,
        )
    }

    fn help_for(&self, name: &str) -> String {
        let mut known: Vec<&str> = self.names.keys().map(String::as_str).collect();
        self.catalogue.measures().for_each(|measure| known.push(measure.id()));
        for kpi in self.catalogue.kpis() {
            known.push(kpi.id);
            known.extend_from_slice(kpi.aliases);
        }
        known.extend_from_slice(RESERVED);
        let near = nearest(name, known).map(|near| format!("did you mean {near}?"));
        near.unwrap_or_else(|| format!("[measure.{name}] declares a measure of your own; `mak list` shows the known ones"))
    }
}

/// Notes when an id is malformed or taken.
fn is_free(section: &Section<'_, '_>, id: &Located, catalogue: &Catalogue) -> bool {
    let name = id.text.as_str();
    let well_formed = name.starts_with(|c: char| c.is_ascii_lowercase())
        && name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_');
    if !well_formed {
        let help = "ids are of a-z, 0-9 and _, and begin with a letter: demo_rate".to_owned();
        section.problem(id.span.clone(), format!("{name:?} cannot be an id"), Some(help));
        return false;
    }
    if RESERVED.contains(&name) || catalogue.formula_of(name).is_some() {
        section.problem(
            id.span.clone(),
            format!("{name} has a meaning already"),
            Some("`mak explain` says which; choose another id".to_owned()),
        );
        return false;
    }
    true
}

fn check_unit(section: &Section<'_, '_>, unit: Unit, formula: &Expr) {
    let Some(value) = section.get("unit") else { return };
    if unit == Unit::Share && !is_count_by_count(formula) {
        let help = "unit = \"percent\" prints a percentage without claiming a part of a whole".to_owned();
        section.problem(value.span(), "a share is one count divided by another, and this formula is not", Some(help));
    }
    if let Expr::Measure(measure) = formula
        && measure.unit() != unit
    {
        let help = format!("leave unit out, or scale the measure: {measure} / 60");
        section.problem(value.span(), format!("{measure} is measured in {}", unit_name(measure.unit())), Some(help));
    }
}

fn unit_name(unit: Unit) -> &'static str {
    UNITS.iter().find(|(_, known)| *known == unit).map_or("number", |(name, _)| name)
}

/// The unit of a KPI that declares none. What is called a rate or a share prints as a percentage,
/// and is a proportion where it divides counts.
fn unit_of_kpi(id: &str, formula: &Expr) -> Unit {
    let called_a_part = matches!(id.rsplit('_').next(), Some("rate" | "share"));
    match formula {
        Expr::Ratio(..) if called_a_part && is_count_by_count(formula) => Unit::Share,
        _ if called_a_part => Unit::Percent,
        _ => unit_of(formula).unwrap_or(Unit::Number),
    }
}

fn is_count_by_count(formula: &Expr) -> bool {
    matches!(formula, Expr::Ratio(..)) && formula.measures().iter().all(|measure| measure.unit() == Unit::Count)
}

/// The unit that follows from those of the measures; `None` for a bare number.
fn unit_of(formula: &Expr) -> Option<Unit> {
    match formula {
        Expr::Measure(measure) => Some(measure.unit()),
        Expr::Recipients => Some(Unit::Count),
        Expr::Number(_) => None,
        Expr::Add(a, b) | Expr::Sub(a, b) => match (unit_of(a), unit_of(b)) {
            (Some(a), Some(b)) if a != b => Some(Unit::Number),
            (a, b) => a.or(b),
        },
        Expr::Mul(a, b) => match (unit_of(a), unit_of(b)) {
            (None, None) => None,
            (Some(Unit::Money), other) | (other, Some(Unit::Money)) if other != Some(Unit::Money) => Some(Unit::Money),
            _ => Some(Unit::Number),
        },
        Expr::Ratio(a, b) => match (unit_of(a), unit_of(b)) {
            (Some(Unit::Money), Some(Unit::Money)) => Some(Unit::Multiple),
            (Some(Unit::Money), _) => Some(Unit::Money),
            _ => Some(Unit::Number),
        },
        Expr::FirstOf(alternatives) => alternatives.first().and_then(unit_of),
        Expr::SumPresent(parts) => parts.first().map(|measure| measure.unit()),
    }
}

/// `demo_rate` as `Demo rate`.
fn title(id: &str) -> String {
    let words = id.replace('_', " ");
    let mut letters = words.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

fn leak(text: &str) -> &'static str {
    Box::leak(text.to_owned().into_boxed_str())
}
