//! KPIs over one group after the other.
//!
//! There may be very many groups, and those of a table have the same measures most often. What
//! follows from the measures alone (what is derived, how each KPI is computed, why others are not)
//! is worked out once for all groups that have them; a group costs its arithmetic. Groups that hold
//! anything but plain numbers are computed by the general way, which says what every group comes to.

use indexmap::IndexMap;

use super::answer::{Evaluated, Joiner};
use super::group_sets::{GroupAt, KeyRef};
use super::source::Source;
use crate::kpi::{Derivations, Kpi, Measure, MeasureSet, Outcome, SettledKpi, Unavailable};

/// The groups of several sources, sorted by key, each with its place in every source.
pub struct JoinedGroups<'a> {
    sources: &'a [Source],
    /// For each group, source by source, where its measures are.
    places: Vec<Option<GroupAt<'a>>>,
}

impl<'a> JoinedGroups<'a> {
    /// All groups that some source has.
    pub(super) fn of(sources: &'a [Source]) -> Self {
        let all = sources.iter().map(|source| source.measured.groups.len());
        let least = all.max().unwrap_or(0).saturating_mul(sources.len());
        let mut places = Vec::with_capacity(least);
        let mut heads: Vec<_> = sources.iter().map(|source| source.measured.groups.places().peekable()).collect();
        loop {
            let next =
                sources.iter().zip(&mut heads).filter_map(|(source, head)| Some(source.measured.groups.key(*head.peek()?)));
            let Some(first) = next.min() else { break };
            let of_first = |source: &'a Source, at: &GroupAt<'a>| sources.len() == 1 || source.measured.groups.key(*at) == first;
            places.extend(sources.iter().zip(&mut heads).map(|(source, head)| head.next_if(|at| of_first(source, at))));
        }
        JoinedGroups { sources, places }
    }

    /// How many groups there are.
    pub fn len(&self) -> usize {
        self.places.len().checked_div(self.sources.len()).unwrap_or(0)
    }

    /// Whether there is no group.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Where each source has the group.
    fn places(&self, group: usize) -> &[Option<GroupAt<'a>>] {
        let start = group.saturating_mul(self.sources.len());
        self.places.get(start..start.saturating_add(self.sources.len())).unwrap_or_default()
    }

    /// The key of a group.
    pub fn key(&self, group: usize) -> KeyRef<'_> {
        let known = self.sources.iter().zip(self.places(group)).find_map(|(source, at)| Some(source.measured.groups.key((*at)?)));
        known.unwrap_or(KeyRef::NONE)
    }
}

/// What a group came to.
#[derive(Clone, Copy, Debug)]
pub struct Evaluation<'a> {
    /// Its measures and KPIs.
    pub evaluated: &'a Evaluated,
    /// Number of what was settled for groups of the same measures: those of one number differ in
    /// their values, and in reasons that depend on values (a denominator that is zero), most often
    /// in nothing else. `None` where nothing was settled.
    pub settlement: Option<usize>,
}

/// Evaluates groups. What it works out for one it keeps for the next.
pub struct Evaluator<'a> {
    joiner: &'a Joiner<'a>,
    derivations: Derivations,
    /// Everything, and each population that is not everything; emptied and filled for each group.
    sets: Vec<MeasureSet>,
    /// For each population of the joiner, the number of its set.
    set_of: Vec<usize>,
    /// A source's measures before they are added.
    one: MeasureSet,
    known: Vec<Settlement>,
    /// Number of the settlement of the group before.
    last: usize,
    /// A group of no settlement.
    general: Evaluated,
}

/// What follows from the measures that the sets have.
struct Settlement {
    measures: Vec<Vec<Measure>>,
    kpis: Vec<(SettledKpi, Option<Unavailable>)>,
    /// The last group of these measures: reasons that hold for all of them stand already.
    evaluated: Evaluated,
}

/// Different sets of measures that are remembered.
const MOST_KNOWN: usize = 64;

impl<'a> Evaluator<'a> {
    pub(super) fn new(joiner: &'a Joiner<'a>) -> Self {
        let mut sets = vec![MeasureSet::default()];
        let set_of = |population: &Vec<usize>| {
            if joiner.is_everything(population) {
                return 0;
            }
            sets.push(MeasureSet::default());
            sets.len().saturating_sub(1)
        };
        let set_of = joiner.populations.iter().map(set_of).collect();
        Evaluator {
            joiner,
            derivations: Derivations::default(),
            sets,
            set_of,
            one: MeasureSet::default(),
            known: Vec::new(),
            last: 0,
            general: Evaluated::default(),
        }
    }

    /// Measures and KPIs of a group; they stand until the next is evaluated.
    pub fn group(&mut self, groups: &JoinedGroups<'_>, group: usize) -> Evaluation<'_> {
        let joiner = self.joiner;
        self.fill_all(groups.places(group));
        let settlement = self.sets.iter().all(MeasureSet::is_plain).then(|| self.settlement());
        match settlement.and_then(|number| self.known.get_mut(number)) {
            Some(known) => known.compute(joiner, &self.sets, &self.set_of),
            None => self.general.outcomes = self.outcomes(),
        }
        let evaluated = match settlement.and_then(|number| self.known.get_mut(number)) {
            Some(known) => &mut known.evaluated,
            None => &mut self.general,
        };
        // The set is filled anew for the next group, and what was there last is only memory.
        if let Some(everything) = self.sets.first_mut() {
            std::mem::swap(everything, &mut evaluated.measures);
        }
        joiner.remove_default_margin(&mut evaluated.measures);
        Evaluation { evaluated, settlement }
    }

    /// Joins the sources in the group at these places, for everything and each population.
    fn fill_all(&mut self, places: &[Option<GroupAt<'_>>]) {
        self.fill(0, None, places);
        for (number, of) in self.joiner.populations.iter().enumerate() {
            if let Some(set @ 1..) = self.set_of.get(number).copied() {
                self.fill(set, Some(of), places);
            }
        }
    }

    /// Joins the sources of a population, or all of them, in the group at these places.
    fn fill(&mut self, number: usize, of: Option<&[usize]>, places: &[Option<GroupAt<'_>>]) {
        let Some(set) = self.sets.get_mut(number) else { return };
        let (one, derivations) = (&mut self.one, &mut self.derivations);
        self.joiner.join(set, false, of, |sum, index, aside| {
            let (Some(source), Some(Some(at))) = (self.joiner.sources.get(index), places.get(index)) else { return };
            if sum.is_empty() {
                source.measured.groups.read(*at, sum, derivations);
                aside.iter().for_each(|measure| drop(sum.remove(*measure)));
                return;
            }
            source.measured.groups.read(*at, one, derivations);
            aside.iter().for_each(|measure| drop(one.remove(*measure)));
            sum.add(one);
        });
        self.derivations.derive(set);
    }

    fn set(&self, population: Option<usize>) -> Option<&MeasureSet> {
        self.sets.get(set_of(population, &self.set_of)?)
    }

    /// What each KPI comes to, worked out for this group alone.
    fn outcomes(&self) -> IndexMap<&'static str, (&'static Kpi, Outcome)> {
        let joiner = self.joiner;
        let outcome = |kpi: &'static Kpi, population: Option<usize>| {
            let set = self.set(population)?;
            Some(match population {
                Some(_) => kpi.compute(set, joiner.question.basis),
                None => joiner.compute(kpi, false, set),
            })
        };
        let outcomes = joiner.kpis.iter().filter_map(|&(kpi, population)| Some((kpi.id, (kpi, outcome(kpi, population)?))));
        outcomes.collect()
    }

    /// The number of what is settled for groups with the measures of this one.
    fn settlement(&mut self) -> usize {
        let is_of =
            |settlement: &Settlement| settlement.measures.iter().zip(&self.sets).all(|(measures, set)| set.has_exactly(measures));
        if !self.known.get(self.last).is_some_and(is_of) {
            self.last = self.known.iter().position(is_of).unwrap_or_else(|| {
                let settlement = self.settle();
                self.known.truncate(MOST_KNOWN.saturating_sub(1));
                self.known.push(settlement);
                self.known.len().saturating_sub(1)
            });
        }
        self.last
    }

    fn settle(&self) -> Settlement {
        let joiner = self.joiner;
        let settled = |&(kpi, population): &(&'static Kpi, Option<usize>)| {
            let settled = kpi.settled(self.set(population)?, joiner.question.basis);
            let refused = || joiner.refusal(kpi, false, settled.used()).map(Unavailable::Refused);
            let refused = if population.is_none() && settled.never().is_none() { refused() } else { None };
            Some((settled, refused))
        };
        Settlement {
            kpis: joiner.kpis.iter().filter_map(settled).collect(),
            measures: self.sets.iter().map(|set| set.iter().map(|(measure, _)| measure).collect()).collect(),
            evaluated: Evaluated { outcomes: self.outcomes(), ..Evaluated::default() },
        }
    }
}

/// The number of the set of a population, or of everything.
fn set_of(population: Option<usize>, set_of: &[usize]) -> Option<usize> {
    population.map_or(Some(0), |population| set_of.get(population).copied())
}

impl Settlement {
    /// Computes what differs from group to group.
    fn compute(&mut self, joiner: &Joiner<'_>, sets: &[MeasureSet], sets_of: &[usize]) {
        let all = joiner.kpis.iter().zip(&self.kpis).zip(self.evaluated.outcomes.values_mut());
        for (((_, population), (settled, refused)), (_, outcome)) in
            all.filter(|((_, (settled, _)), _)| settled.never().is_none())
        {
            let Some(set) = set_of(*population, sets_of).and_then(|number| sets.get(number)) else { continue };
            *outcome = match (settled.compute(set), refused) {
                (Ok(_), Some(why)) => Err(why.clone()),
                (outcome, _) => outcome,
            };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kpi::{Catalogue, Measured};
    use crate::measures::{Dimension, GroupKey, Grouped, Kind, Question, Rows, SourceInfo, SumTable, Texts};
    use proptest::prelude::*;
    use rust_decimal::Decimal;
    use std::sync::Arc;

    const MEASURES: [Measure; 6] =
        [Measure::Sent, Measure::Bounces, Measure::Opens, Measure::Spend, Measure::Orders, Measure::Revenue];

    /// For each group its name, and for each measure its value in units of a hundredth, where there
    /// is one.
    type Cells = std::collections::BTreeMap<String, Vec<Option<i64>>>;

    fn cells() -> impl Strategy<Value = Cells> {
        let value = prop_oneof![1 => Just(None), 2 => Just(Some(0)), 5 => (0_i64..100_000).prop_map(Some), 1 => any::<i64>().prop_map(Some)];
        prop::collection::btree_map("[a-c]{0,2}", prop::collection::vec(value, MEASURES.len()), 0..12)
    }

    fn set(values: &[Option<i64>]) -> MeasureSet {
        let mut set = MeasureSet::default();
        for (measure, value) in MEASURES.iter().zip(values) {
            if let Some(value) = value {
                set.put_number(*measure, Decimal::new(*value, 2).normalize());
            }
        }
        set
    }

    fn key(name: &str) -> GroupKey {
        GroupKey(vec![(!name.is_empty()).then(|| name.into())])
    }

    /// As a table of sums.
    fn summed(cells: &Cells) -> Grouped {
        let (mut names, mut numbers) = (Texts::default(), 1_u32..);
        cells.keys().filter(|name| !name.is_empty()).for_each(|name| names.push(name));
        let mut table = SumTable::new(vec![names], vec![2; MEASURES.len()], cells.len());
        for (name, values) in cells {
            let number = if name.is_empty() { 0 } else { numbers.next().unwrap_or(0) };
            table.push(&[number], values.iter().map(|value| value.map(i128::from)));
        }
        let mut grouped = kept(cells);
        grouped.groups = crate::measures::GroupSets::default();
        grouped.groups.add_table(Arc::new(table), MEASURES.into_iter().zip(0..).collect());
        grouped
    }

    /// As a set each.
    fn kept(cells: &Cells) -> Grouped {
        let mut total = MeasureSet::default();
        cells.values().for_each(|values| total.add(&set(values)));
        Grouped { total, groups: cells.iter().map(|(name, values)| (key(name), set(values))).collect() }
    }

    fn source(measured: Grouped, kind: Kind) -> Source {
        let info = SourceInfo {
            file: "file.csv".into(),
            part: None,
            kind,
            platform: "plain".into(),
            profile: "plain".into(),
            rows: Rows::default(),
            dates: None,
            currency: None,
            dimensions: Vec::new(),
            answers: Vec::new(),
            lacks: Vec::new(),
        };
        let mut source = Source { info, measured, provenance: IndexMap::new(), findings: Vec::new() };
        source.derive();
        source
    }

    proptest! {
        #[test]
        fn a_table_of_sums_holds_the_same_groups_as_sets(cells in cells(), changed in prop::collection::vec("[a-c]{0,2}", 0..4)) {
            let (mut summed, mut kept) = (summed(&cells), kept(&cells));
            prop_assert_eq!(&summed, &kept);
            for (round, name) in changed.iter().enumerate() {
                for groups in [&mut summed.groups, &mut kept.groups] {
                    if let Some(set) = groups.get_mut(&key(name)) {
                        set.put_number(Measure::Clicks, Decimal::from(round));
                    } else {
                        groups.entry(key(name)).put(Measure::Reach, Measured::NotAdditive { rows: 2 });
                    }
                }
                prop_assert_eq!(&summed, &kept);
                prop_assert_eq!(summed.groups.len(), kept.groups.len());
            }
            let names = |grouped: &Grouped| grouped.groups.values_of(0).into_iter().map(str::to_owned).collect::<Vec<_>>();
            prop_assert_eq!(names(&summed), names(&kept));
        }

        /// Whatever the groups before had, and whether their measures are in sets or in a table.
        #[test]
        fn groups_one_after_the_other_come_to_what_each_comes_to_alone(
            several in prop::collection::vec((cells(), prop::bool::ANY, prop::bool::ANY), 1..4),
        ) {
            let sources: Vec<Source> = several
                .iter()
                .map(|(cells, in_table, is_orders)| {
                    let grouped = if *in_table { summed(cells) } else { kept(cells) };
                    source(grouped, if *is_orders { Kind::Orders } else { Kind::Campaigns })
                })
                .collect();
            let question = Question { by: vec![Dimension::named("channel")], ..Question::default() };
            let catalogue = Catalogue::builtin();
            let joiner = Joiner::new(&catalogue, &question, &sources);
            let (groups, mut evaluator) = (joiner.groups(), joiner.evaluator());
            let names: std::collections::BTreeSet<&String> = several.iter().flat_map(|(cells, ..)| cells.keys()).collect();
            prop_assert_eq!(groups.len(), names.len());
            for (number, name) in names.into_iter().enumerate() {
                prop_assert_eq!(groups.key(number).to_key(), key(name));
                let mut alone = joiner.evaluator();
                alone.fill_all(groups.places(number));
                let evaluated = evaluator.group(&groups, number).evaluated;
                let outcomes = |all: &IndexMap<&'static str, (&'static Kpi, Outcome)>| -> Vec<(&'static str, Outcome)> {
                    all.iter().map(|(id, (_, outcome))| (*id, outcome.clone())).collect()
                };
                prop_assert_eq!(outcomes(&evaluated.outcomes), outcomes(&alone.outcomes()));
            }
        }
    }
}
