//! Sources joined on their groups, and every KPI over the result.
//!
//! Each source arrives aggregated to the grain of the question. Here they are added up on their
//! keys; rows of two files are never joined.

use std::collections::BTreeSet;
use std::sync::Arc;

use indexmap::IndexMap;
use jiff::civil::Date;
use rust_decimal::Decimal;

use super::evaluate::{Evaluator, JoinedGroups};
use super::group::GroupKey;
use super::kind::Kind;
use super::question::Question;
use super::source::{Source, SourceInfo};
use crate::finding::{Code, Finding, Place};
use crate::kpi::{Additivity, Catalogue, Kpi, Measure, MeasureSet, Outcome, Population, Unavailable};

/// Days by which the ends of two sources may differ before it is worth a warning; a tenth of the
/// longer period where that is more.
const SAME_PERIOD_DAYS: i32 = 7;

/// Measures and KPIs of a group.
#[derive(Clone, Debug, Default)]
pub struct Evaluated {
    /// Measures of all sources together.
    pub measures: MeasureSet,
    /// What each KPI came to, in the catalogue's order.
    pub outcomes: IndexMap<&'static str, (&'static Kpi, Outcome)>,
}

/// A source's measures that could not be shared out over the groups.
#[derive(Clone, Debug)]
pub struct Unallocated {
    /// The source.
    pub info: SourceInfo,
    /// Its measures.
    pub measures: MeasureSet,
}

/// A measure of a source that is not in the total, because another kind of source gives it better.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SetAside {
    /// Number of the source.
    pub source: usize,
    /// The measure.
    pub measure: Measure,
    /// Why.
    pub why: String,
}

/// The answer to a question.
#[derive(Clone, Debug, Default)]
pub struct Answer {
    /// Everything together.
    pub total: Evaluated,
    /// Each group, sorted by key.
    pub groups: Vec<(GroupKey, Evaluated)>,
    /// Sources that lack a dimension of the question.
    pub unallocated: Vec<Unallocated>,
    /// Measures left out of the sums.
    pub set_aside: Vec<SetAside>,
    /// What the reader should know about the whole.
    pub findings: Vec<Finding>,
}

/// Joins the sources and computes every KPI of the catalogue that was asked for.
pub fn answer(catalogue: &Catalogue, question: &Question, sources: &[Source]) -> Answer {
    let joiner = Joiner::new(catalogue, question, sources);
    let (all, mut evaluator) = (joiner.groups(), joiner.evaluator());
    let evaluated = |group| (all.key(group).to_key(), evaluator.group(&all, group).evaluated.clone());
    let groups = (0..all.len()).map(evaluated).collect();
    Answer { groups, ..joiner.whole() }
}

/// Sources joined, for whoever wants one group after the other instead of all of them at once.
pub struct Joiner<'a> {
    /// Each KPI with the number of the population that it is computed over, if not everything.
    pub(super) kpis: Vec<(&'static Kpi, Option<usize>)>,
    /// Sets of sources by number, each once, so that a group is joined once for all its KPIs.
    pub(super) populations: Vec<Vec<usize>>,
    pub(super) question: &'a Question,
    pub(super) sources: &'a [Source],
    set_aside: Vec<SetAside>,
    /// Days that the data cover, when any source has dates.
    period_days: Option<i32>,
    /// Whether the sources with customers cover the same period as the others.
    periods_differ: Option<String>,
}

impl<'a> Joiner<'a> {
    /// The answer without its groups.
    pub fn whole(&self) -> Answer {
        let lacking = self.sources.iter().filter(|source| !source.info.lacks.is_empty());
        let unallocated =
            lacking.map(|source| Unallocated { info: source.info.clone(), measures: source.measured.total.clone() }).collect();
        Answer {
            total: self.evaluated_total(),
            groups: Vec::new(),
            unallocated,
            set_aside: self.set_aside.clone(),
            findings: self.findings(),
        }
    }

    /// The groups that there are, sorted.
    pub fn groups(&self) -> JoinedGroups<'a> {
        let is_grouped = !self.question.by.is_empty();
        JoinedGroups::of(if is_grouped { self.sources } else { &[] })
    }

    /// What evaluates one group after the other; one a thread.
    pub fn evaluator(&self) -> Evaluator<'_> {
        Evaluator::new(self)
    }

    /// Joins the sources, for every KPI of the catalogue that was asked for.
    pub fn new(catalogue: &Catalogue, question: &'a Question, sources: &'a [Source]) -> Self {
        let asked = |kpi: &&'static Kpi| {
            question.kpis.is_empty() || question.kpis.iter().any(|id| kpi.id == id || kpi.aliases.contains(&id.as_str()))
        };
        let mut joiner = Joiner {
            kpis: Vec::new(),
            populations: Vec::new(),
            question,
            sources,
            set_aside: set_aside(sources),
            period_days: period_days(question, sources),
            periods_differ: periods_differ(question, sources),
        };
        for kpi in catalogue.kpis().filter(asked) {
            let population = (kpi.population == Population::SameSource).then(|| joiner.population(kpi)).flatten();
            let number = population.map(|population| {
                joiner.populations.iter().position(|known| *known == population).unwrap_or_else(|| {
                    joiner.populations.push(population);
                    joiner.populations.len().saturating_sub(1)
                })
            });
            joiner.kpis.push((kpi, number));
        }
        joiner
    }

    fn is_set_aside(&self, source: usize, measure: Measure) -> bool {
        self.set_aside.iter().any(|aside| aside.source == source && aside.measure == measure)
    }

    /// The sum of those sources, each without what was set aside unless `whole`: `add` adds one
    /// source to what is there already.
    pub(super) fn join(
        &self,
        joined: &mut MeasureSet,
        is_total: bool,
        of: Option<&[usize]>,
        mut add: impl FnMut(&mut MeasureSet, usize, &[Measure]),
    ) {
        joined.clear();
        let mut aside = Vec::new();
        for index in (0..self.sources.len()).filter(|index| of.is_none_or(|of| of.contains(index))) {
            aside.clear();
            // A population is of sources as they are.
            if of.is_none() {
                aside.extend(self.set_aside.iter().filter(|aside| aside.source == index).map(|aside| aside.measure));
            }
            add(joined, index, &aside);
        }
        self.add_given(joined, is_total);
    }

    /// The total of those sources.
    fn total(&self, of: Option<&[usize]>) -> MeasureSet {
        let mut joined = MeasureSet::default();
        self.join(&mut joined, true, of, |joined, index, aside| {
            let Some(source) = self.sources.get(index) else { return };
            let mut set = source.measured.total.clone();
            aside.iter().for_each(|measure| drop(set.remove(*measure)));
            joined.add(&set);
        });
        crate::kpi::derive(&mut joined);
        joined
    }

    /// Whether a population is everything as it is.
    pub(super) fn is_everything(&self, population: &[usize]) -> bool {
        self.set_aside.is_empty() && population.len() == self.sources.len()
    }

    /// What the user gave, and the parameters. A measure given for everything says nothing about
    /// a group; a parameter holds for all of them.
    fn add_given(&self, set: &mut MeasureSet, total: bool) {
        set.put_number(Measure::GrossMargin, Decimal::ONE);
        if let Some(days) = self.period_days {
            set.put_number(Measure::PeriodDays, days.into());
        }
        for (measure, value) in &self.question.set {
            if total || measure.additivity() == Additivity::Parameter {
                set.put_number(*measure, *value);
            }
        }
    }

    fn evaluated_total(&self) -> Evaluated {
        let everything = self.total(None);
        let populations: Vec<_> = self.populations.iter().map(|of| self.total(Some(of))).collect();
        let outcome = |kpi: &'static Kpi, population: Option<usize>| match population.and_then(|number| populations.get(number)) {
            Some(set) => kpi.compute(set, self.question.basis),
            None => self.compute(kpi, true, &everything),
        };
        let outcomes = self.kpis.iter().map(|&(kpi, population)| (kpi.id, (kpi, outcome(kpi, population)))).collect();
        let mut measures = everything;
        self.remove_default_margin(&mut measures);
        Evaluated { measures, outcomes }
    }

    /// A margin of 1 is for formulas only, unless someone gave it.
    pub(super) fn remove_default_margin(&self, measures: &mut MeasureSet) {
        if !self.question.set.iter().any(|(measure, _)| *measure == Measure::GrossMargin) {
            measures.remove(Measure::GrossMargin);
        }
    }

    /// A KPI over everything, unless the sources do not allow it.
    pub(super) fn compute(&self, kpi: &'static Kpi, is_total: bool, everything: &MeasureSet) -> Outcome {
        let computed = kpi.compute(everything, self.question.basis)?;
        if let Some(why) = self.refusal(kpi, is_total, &computed.used) {
            return Err(Unavailable::Refused(why));
        }
        Ok(computed)
    }

    /// The sources that give both sides of a formula, where that makes a difference: only these
    /// describe one population.
    fn population(&self, kpi: &Kpi) -> Option<Vec<usize>> {
        let whole = |source: &Source| kpi.formula.missing(&source.measured.total, self.question.basis).is_empty();
        let mut giving: Vec<usize> =
            (0..self.sources.len()).filter(|index| self.sources.get(*index).is_some_and(whole)).collect();
        // Of those, the ones believed for these measures, if there are any: an order file before
        // the orders that a newsletter claims.
        let measures = kpi.formula.measures();
        let gives =
            |index: usize, measure: Measure| self.sources.get(index).is_some_and(|source| source.measured.total.has(measure));
        let believed =
            |index: &usize| !measures.iter().any(|measure| gives(*index, *measure) && self.is_set_aside(*index, *measure));
        if giving.iter().any(believed) {
            giving.retain(|index| believed(index));
        }
        (!giving.is_empty()).then_some(giving)
    }

    /// Why a KPI over several sources must not be computed although its measures are there.
    pub(super) fn refusal(&self, kpi: &Kpi, is_total: bool, used: &[Measure]) -> Option<String> {
        if !is_total && kpi.population == Population::Joined {
            let lacking = self.sources.iter().filter(|source| !source.info.lacks.is_empty());
            let read = |source: &'a Source| Some((source, used.iter().find(|measure| source.measured.total.has(**measure))?));
            if let Some((source, measure)) = lacking.into_iter().find_map(read) {
                return Some(format!("{} has {measure} and no {}", source.info.label(), source.info.lacks.join(", ")));
            }
        }
        if kpi.population == Population::SameSource
            && !self.question.across_kinds
            && let Some(why) = self.different_things(used)
        {
            return Some(format!("{why}; rates_across_kinds = true in mak.toml divides them all the same"));
        }
        let level = used.iter().any(|measure| matches!(measure.additivity(), Additivity::StockFirst | Additivity::StockLast));
        if level && kpi.population == Population::Joined {
            return self.periods_differ.clone();
        }
        None
    }

    /// Where no source gives both sides of a rate, they may still come from two files of the same
    /// kind; from two kinds (a shop's revenue, a newsletter's deliveries) they would be divided
    /// by what they have nothing to do with. Leads and customers come from a CRM by nature.
    fn different_things(&self, used: &[Measure]) -> Option<String> {
        let mut found: Option<(Measure, Kind)> = None;
        for &measure in used.iter().filter(|measure| !matches!(measure.def().group, "leads" | "customers" | "parameters")) {
            let giving = self.sources.iter().enumerate().filter(|(index, source)| {
                source.measured.total.has(measure) && !self.is_set_aside(*index, measure) && source.info.kind != Kind::Measures
            });
            for (_, source) in giving {
                match found {
                    None => found = Some((measure, source.info.kind)),
                    Some((first, kind)) if kind != source.info.kind && first != measure => {
                        return Some(format!(
                            "{first} is of {} and {measure} of {}: no file gives both",
                            kind.word(),
                            source.info.kind.word()
                        ));
                    }
                    Some(_) => {}
                }
            }
        }
        None
    }

    fn findings(&self) -> Vec<Finding> {
        let mut findings = Vec::new();
        for aside in &self.set_aside {
            let Some(source) = self.sources.get(aside.source) else { continue };
            findings.push(Finding::new(
                Code::SetAside,
                place(&source.info),
                format!("{} is not added: {}", aside.measure, aside.why),
            ));
        }
        findings.extend(self.people_added());
        if let Some(message) = &self.periods_differ {
            let help = "give --from and --to to compare the same days";
            findings.push(Finding::new(Code::PeriodsDiffer, Place::default(), message.clone()).help(help));
        }
        for source in self.sources.iter().filter(|source| !source.info.lacks.is_empty()) {
            let message = format!("no {}: its numbers are in the total and in no group", source.info.lacks.join(", "));
            findings.push(Finding::new(Code::MissingDimension, place(&source.info), message));
        }
        findings.extend(self.across_kinds());
        findings.extend(self.money_twice());
        findings.extend(self.near_duplicates());
        findings
    }

    /// Sums of people over the rows of a source.
    fn people_added(&self) -> Vec<Finding> {
        let is_asked = |measure: Measure| {
            let used = self.kpis.iter().any(|(kpi, _)| kpi.formula.measures().contains(&measure));
            used || self.question.kpis.iter().any(|id| id == measure.id())
        };
        let mut findings = Vec::new();
        for (index, source) in self.sources.iter().enumerate() {
            for (measure, provenance) in &source.provenance {
                let counts = measure.counts_people() && provenance.cells > 1 && !self.is_set_aside(index, *measure);
                if counts && is_asked(*measure) {
                    let rows = provenance.cells;
                    let message = format!("{} is the sum of {rows} rows: whoever is in two of them counts twice", measure.id());
                    findings.push(Finding::new(Code::PeopleAdded, place(&source.info), message));
                }
            }
        }
        findings
    }

    /// Rates that divide what no file gives together, because the user says that they may.
    fn across_kinds(&self) -> Vec<Finding> {
        if !self.question.across_kinds {
            return Vec::new();
        }
        let everything = self.total(None);
        let divides = |&(kpi, population): &(&'static Kpi, Option<usize>)| {
            if population.is_some() || kpi.population != Population::SameSource {
                return None;
            }
            let computed = self.compute(kpi, true, &everything).ok()?;
            let why = self.different_things(&computed.used)?;
            Some(Finding::new(Code::Assumed, Place::default(), format!("{} is computed all the same: {why}", kpi.id)))
        };
        self.kpis.iter().filter_map(divides).collect()
    }

    /// Group names that differ only in case or blanks: probably one thing under two names.
    fn near_duplicates(&self) -> Vec<Finding> {
        let mut findings = Vec::new();
        for (position, dimension) in self.question.by.iter().enumerate() {
            let values: BTreeSet<&str> =
                self.sources.iter().flat_map(|source| source.measured.groups.values_of(position)).collect();
            let mut by_form: std::collections::BTreeMap<String, Vec<&str>> = std::collections::BTreeMap::new();
            for value in values {
                let form = value.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase();
                by_form.entry(form).or_default().push(value);
            }
            for names in by_form.values().filter(|names| names.len() > 1) {
                let listed = names.iter().map(|name| format!("\"{name}\"")).collect::<Vec<_>>().join(" and ");
                let message = format!("{} {listed} are different groups, and differ only in case or blanks", dimension.name);
                findings.push(Finding::new(Code::NearDuplicateKeys, Place::default(), message));
            }
        }
        findings
    }

    /// Two platforms that may both have seen the same payment.
    fn money_twice(&self) -> Option<Finding> {
        let platforms: BTreeSet<&str> = self
            .sources
            .iter()
            .filter(|source| source.info.kind == Kind::Orders && source.measured.total.has(Measure::Revenue))
            .map(|source| &*source.info.platform)
            .collect();
        (platforms.len() > 1).then(|| {
            let names = platforms.into_iter().collect::<Vec<_>>().join(" and ");
            Finding::new(
                Code::MaybeTwice,
                Place::default(),
                format!("revenue of {names} is added; orders paid through the other may be in both"),
            )
        })
    }
}

fn place(info: &SourceInfo) -> Place {
    Place { file: Some(Arc::clone(&info.file)), part: info.part.clone(), ..Place::default() }
}

/// Which kind of source is believed first for a measure; sources of the same rank are added.
fn rank(measure: Measure, kind: Kind) -> u8 {
    match measure.def().group {
        "revenue" => match kind {
            Kind::Orders => 0,
            Kind::Customers => 1,
            Kind::Deals | Kind::Leads => 2,
            Kind::Measures => 3,
            _ => 4,
        },
        // A count from someone's report, before the winning of leads, before first orders.
        "customers" => match kind {
            Kind::Leads => 1,
            Kind::Deals => 2,
            Kind::Orders => 3,
            _ => 0,
        },
        "leads" => match kind {
            Kind::Leads => 0,
            Kind::Deals => 1,
            _ => 2,
        },
        _ => 0,
    }
}

fn set_aside(sources: &[Source]) -> Vec<SetAside> {
    let mut aside = Vec::new();
    for (index, source) in sources.iter().enumerate() {
        for (measure, _) in source.measured.total.iter() {
            let ours = rank(measure, source.info.kind);
            let better = sources
                .iter()
                .filter(|other| other.measured.total.has(measure))
                .min_by_key(|other| rank(measure, other.info.kind));
            if let Some(better) = better.filter(|better| rank(measure, better.info.kind) < ours) {
                let why = format!("{} counts it from {}", better.info.label(), better.info.kind.word());
                aside.push(SetAside { source: index, measure, why });
            }
        }
    }
    aside
}

/// First and last date of a source, within the question's.
fn span(question: &Question, source: &Source) -> Option<(Date, Date)> {
    let (first, last) = source.info.dates?;
    Some((question.from.unwrap_or(first), question.to.unwrap_or(last)))
}

fn period_days(question: &Question, sources: &[Source]) -> Option<i32> {
    let spans: Vec<_> = sources.iter().filter_map(|source| span(question, source)).collect();
    let first = spans.iter().map(|(first, _)| *first).min()?;
    let last = spans.iter().map(|(_, last)| *last).max()?;
    days_between(first, last).checked_add(1)
}

fn days_between(first: Date, last: Date) -> i32 {
    first.until(last).map_or(0, |span| span.get_days())
}

fn periods_differ(question: &Question, sources: &[Source]) -> Option<String> {
    let spans: Vec<_> = sources.iter().filter_map(|source| Some((source, span(question, source)?))).collect();
    for (index, (left, (left_first, left_last))) in spans.iter().enumerate() {
        for (right, (right_first, right_last)) in spans.iter().skip(index.saturating_add(1)) {
            let longer = days_between(*left_first, *left_last).max(days_between(*right_first, *right_last));
            let allowed = longer.checked_div(10).unwrap_or(0).max(SAME_PERIOD_DAYS);
            let apart = |a: Date, b: Date| days_between(a.min(b), a.max(b)) > allowed;
            if apart(*left_first, *right_first) || apart(*left_last, *right_last) {
                return Some(format!(
                    "{} covers {left_first} to {left_last}, {} covers {right_first} to {right_last}",
                    left.info.label(),
                    right.info.label()
                ));
            }
        }
    }
    None
}
