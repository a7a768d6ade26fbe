//! Leads and the deals that close them.

use std::sync::Arc;

use indexmap::IndexMap;
use rust_decimal::Decimal;

use super::group::{GroupId, Grouped, Groups};
use super::stage::Stage;
use super::sum::{Amount, Sum};
use crate::kpi::{Measure, MeasureSet, Measured, Sample};

/// Seconds of an hour: the window of `followed_up_within_1h`.
const HOUR: i64 = 3_600;

/// A stage that a lead or deal reached: when, in seconds since 1970, if it is known.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Reached {
    /// Seconds since 1970 of the lead's own clock.
    pub at: Option<i64>,
    /// Whether the date had no time of day.
    pub whole_day: bool,
}

/// A lead or a deal.
#[derive(Clone, Debug, Default)]
pub struct Lead {
    /// Its identity, by which deals are joined to leads.
    pub id: Option<Arc<str>>,
    /// The group that it is in.
    pub group: Option<GroupId>,
    /// Whether it passes the question's filters.
    pub selected: bool,
    /// The stages that it reached.
    pub stages: [Option<Reached>; Stage::ALL.len()],
    /// When it was first answered.
    pub first_response: Option<Reached>,
    /// When the person was first touched.
    pub first_touch: Option<Reached>,
    /// Its score.
    pub score: Option<Decimal>,
    /// What it is worth, if it was won.
    pub amount: Option<Amount>,
    /// Physical line on which it stands.
    pub line: u64,
}

impl Lead {
    /// Whether and when it reached the stage.
    pub fn stage(&self, stage: Stage) -> Option<Reached> {
        self.stages.get(stage as usize).copied().flatten()
    }

    /// Notes that it reached the stage; the earlier of two dates stands.
    pub fn reach(&mut self, stage: Stage, reached: Reached) {
        let Some(known) = self.stages.get_mut(stage as usize) else { return };
        *known = match *known {
            Some(Reached { at: Some(at), whole_day }) if reached.at.is_none_or(|new| new >= at) => {
                Some(Reached { at: Some(at), whole_day })
            }
            _ => Some(reached),
        };
    }

    /// Takes over what another row of the same lead knows.
    fn take_over(&mut self, other: &Lead) {
        for &stage in Stage::ALL {
            if let Some(reached) = other.stage(stage) {
                self.reach(stage, reached);
            }
        }
        self.first_response = earlier(self.first_response, other.first_response);
        self.first_touch = earlier(self.first_touch, other.first_touch);
        self.score = self.score.or(other.score);
        self.amount = self.amount.or(other.amount);
    }

    /// When it came to be: the creation of a lead, or of a deal without one.
    pub fn begun(&self) -> Option<Reached> {
        self.stage(Stage::Lead).or_else(|| self.stage(Stage::Opportunity))
    }

    /// Seconds from one moment of its life to another.
    fn seconds_between(from: Option<Reached>, to: Option<Reached>) -> Option<i64> {
        to?.at?.checked_sub(from?.at?)
    }
}

fn earlier(a: Option<Reached>, b: Option<Reached>) -> Option<Reached> {
    match (a.and_then(|reached| reached.at), b.and_then(|reached| reached.at)) {
        (Some(first), Some(second)) if second < first => b,
        (None, Some(_)) => b,
        _ => a.or(b),
    }
}

/// Which columns a source of leads or deals has, so that absent ones give no measure.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each says whether one column is there")]
pub struct LeadColumns {
    /// Stages that the source can tell.
    pub stages: [bool; Stage::ALL.len()],
    /// Times of first response.
    pub first_response: bool,
    /// Times of first touch.
    pub first_touch: bool,
    /// Scores.
    pub score: bool,
    /// Amounts of deals.
    pub amount: bool,
}

impl LeadColumns {
    /// Whether the source can tell that stage.
    pub fn tells(&self, stage: Stage) -> bool {
        self.stages.get(stage as usize).copied().unwrap_or(false)
    }

    /// Notes that the source can tell that stage.
    pub fn add(&mut self, stage: Stage) {
        if let Some(known) = self.stages.get_mut(stage as usize) {
            *known = true;
        }
    }
}

/// Leads of one source, or deals.
#[derive(Clone, Debug, Default)]
pub struct LeadBook {
    /// What the source can tell.
    pub columns: LeadColumns,
    leads: Vec<Lead>,
    by_id: IndexMap<Arc<str>, usize>,
    /// Rows that repeat the id of an earlier one; they count as one lead.
    pub repeated_ids: u64,
    /// Whether the rows are deals: each is an opportunity, and none says how many leads there are.
    deals: bool,
    /// Whether no column says when a deal became an opportunity: that it is one follows from its row.
    bare_deals: bool,
}

/// What joining deals to leads came to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Joined {
    /// Deals whose lead was found.
    pub matched: u64,
    /// Deals whose lead is in no file.
    pub unmatched: u64,
}

/// What is odd about the leads, for findings.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Oddities {
    /// Lines of leads won before they were created.
    pub won_before_created: Vec<u64>,
    /// Lines of leads answered before they were created.
    pub answered_before_created: Vec<u64>,
    /// Leads at a later stage without an earlier one that the source can tell.
    pub skipped_stage: u64,
}

impl LeadBook {
    /// An empty book of a source that can tell these things.
    pub fn new(columns: LeadColumns) -> Self {
        LeadBook { columns, ..LeadBook::default() }
    }

    /// An empty book of deals.
    pub fn of_deals(mut columns: LeadColumns) -> Self {
        let bare_deals = !columns.tells(Stage::Opportunity);
        columns.add(Stage::Opportunity);
        LeadBook { columns, deals: true, bare_deals, ..LeadBook::default() }
    }

    /// An empty book like one that was written out: whether of deals, and whether of those that
    /// [`LeadBook::bare_deals`] tells.
    pub fn restored(columns: LeadColumns, deals: bool, bare_deals: bool) -> Self {
        LeadBook { columns, deals, bare_deals, ..LeadBook::default() }
    }

    /// Whether the rows are deals.
    pub fn is_of_deals(&self) -> bool {
        self.deals
    }

    /// Whether no column says when a deal became an opportunity.
    pub fn bare_deals(&self) -> bool {
        self.bare_deals
    }

    /// The leads, in the order in which they came.
    pub fn leads(&self) -> &[Lead] {
        &self.leads
    }

    /// Adds a row. A row with the id of an earlier one adds what it knows to that lead.
    pub fn add(&mut self, lead: Lead) {
        if let Some(id) = &lead.id {
            if let Some(known) = self.by_id.get(id).and_then(|index| self.leads.get_mut(*index)) {
                known.take_over(&lead);
                self.repeated_ids = self.repeated_ids.saturating_add(1);
                return;
            }
            self.by_id.insert(Arc::clone(id), self.leads.len());
        }
        self.leads.push(lead);
    }

    /// Number of leads.
    pub fn len(&self) -> usize {
        self.leads.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.leads.is_empty()
    }

    /// Whether its rows carry ids.
    pub fn has_ids(&self) -> bool {
        !self.by_id.is_empty()
    }

    /// How many ids of `deals` are in this book.
    pub fn shared_ids(&self, deals: &LeadBook) -> usize {
        deals.by_id.keys().filter(|id| self.by_id.contains_key(*id)).count()
    }

    /// Gives each deal to the lead that it names. What the deals can tell, the book can tell
    /// from then on; deals whose lead is not here are counted and left out.
    pub fn join(&mut self, deals: &LeadBook) -> Joined {
        let mut joined = Joined::default();
        for deal in &deals.leads {
            let lead = deal.id.as_ref().and_then(|id| self.by_id.get(id)).and_then(|index| self.leads.get_mut(*index));
            match lead {
                Some(lead) => {
                    let mut deal = deal.clone();
                    // A deal begins later than its lead: its own creation is no lead's.
                    deal.stages[Stage::Lead as usize] = None;
                    lead.take_over(&deal);
                    joined.matched = joined.matched.saturating_add(1);
                }
                None => joined.unmatched = joined.unmatched.saturating_add(1),
            }
        }
        self.bare_deals |= deals.bare_deals && !self.columns.tells(Stage::Opportunity);
        for &stage in Stage::ALL {
            if deals.columns.tells(stage) && stage != Stage::Lead {
                self.columns.add(stage);
            }
        }
        self.columns.amount |= deals.columns.amount;
        joined
    }

    /// What was measured, over the selected leads. Every stage is counted over the cohort that
    /// was created in the group: a lead counts where and when it came in, however late it is
    /// won. A later stage implies the earlier ones.
    pub fn finish(&self, groups: &Groups) -> (Grouped, Oddities) {
        let mut tallies: IndexMap<GroupId, Tally> = IndexMap::new();
        tallies.entry(GroupId::TOTAL).or_default();
        let mut oddities = Oddities::default();
        for lead in self.leads.iter().filter(|lead| lead.selected) {
            self.note_oddities(lead, &mut oddities);
            for id in groups.with_total(lead.group.unwrap_or(GroupId::TOTAL)) {
                tallies.entry(id).or_default().add(lead);
            }
        }
        let set = |id: GroupId| tallies.get(&id).map(|tally| self.measures(tally)).unwrap_or_default();
        let measured =
            Grouped { total: set(GroupId::TOTAL), groups: groups.iter().map(|(id, key)| (key.clone(), set(id))).collect() };
        (measured, oddities)
    }

    fn note_oddities(&self, lead: &Lead, oddities: &mut Oddities) {
        let created = lead.begun();
        if Lead::seconds_between(created, lead.stage(Stage::Won)).is_some_and(|seconds| seconds < 0) {
            oddities.won_before_created.push(lead.line);
        }
        if Lead::seconds_between(created, lead.first_response).is_some_and(|seconds| seconds < 0) {
            oddities.answered_before_created.push(lead.line);
        }
        let implied = |stage: Stage| stage == Stage::Opportunity && self.bare_deals;
        let told: Vec<_> = FUNNEL.iter().filter(|stage| self.columns.tells(**stage) && !implied(**stage)).collect();
        let skipped = told
            .windows(2)
            .any(|pair| matches!(pair, [earlier, later] if lead.stage(**earlier).is_none() && lead.stage(**later).is_some()));
        oddities.skipped_stage = oddities.skipped_stage.saturating_add(u64::from(skipped));
    }

    fn measures(&self, tally: &Tally) -> MeasureSet {
        let mut set = MeasureSet::default();
        for (&stage, &count) in Stage::ALL.iter().zip(&tally.stages) {
            let told = self.columns.tells(stage) || stage == Stage::Lead;
            if told && !(self.deals && stage < Stage::Opportunity) {
                set.put_number(stage.measure(), count.into());
            }
        }
        if self.columns.tells(Stage::Won) {
            set.put_number(Measure::NewCustomers, set.number(Measure::Won).unwrap_or_default());
            if self.columns.tells(Stage::Lead) || self.deals {
                set.put(Measure::SalesCycleDays, Measured::Sample(tally.sales_cycle.clone()));
                set.put(Measure::ConversionDays, Measured::Sample(tally.conversion.clone()));
            }
        }
        if self.columns.first_response {
            set.put(Measure::ResponseSeconds, Measured::Sample(tally.response.clone()));
            set.put_number(Measure::FollowedUpWithin1h, tally.within_an_hour.into());
        }
        if self.columns.score {
            set.put(Measure::LeadScore, Measured::Sample(tally.score.clone()));
        }
        if self.columns.amount {
            set.put(Measure::Revenue, tally.won_amount.measured());
        }
        set
    }
}

/// The stages that follow one another.
const FUNNEL: &[Stage] = &[Stage::Lead, Stage::Mql, Stage::Sql, Stage::Opportunity, Stage::Won];

#[derive(Clone, Debug, Default)]
struct Tally {
    stages: [u64; Stage::ALL.len()],
    sales_cycle: Sample,
    conversion: Sample,
    response: Sample,
    score: Sample,
    within_an_hour: u64,
    won_amount: Sum,
}

impl Tally {
    fn add(&mut self, lead: &Lead) {
        let mut later = false;
        for &stage in FUNNEL.iter().rev() {
            later |= lead.stage(stage).is_some() || stage == Stage::Lead;
            self.count(stage, later);
        }
        self.count(Stage::Lost, lead.stage(Stage::Lost).is_some());
        let created = lead.begun();
        let won = lead.stage(Stage::Won);
        add_seconds(&mut self.sales_cycle, Lead::seconds_between(created, won));
        add_seconds(&mut self.conversion, Lead::seconds_between(lead.first_touch.or(created), won));
        let response = Lead::seconds_between(created, lead.first_response);
        add_seconds(&mut self.response, response);
        self.within_an_hour = self.within_an_hour.saturating_add(u64::from(response.is_some_and(|seconds| seconds <= HOUR)));
        lead.score.into_iter().for_each(|score| self.score.add(score));
        if won.is_some() {
            lead.amount.into_iter().for_each(|amount| self.won_amount.add(amount));
        }
    }

    fn count(&mut self, stage: Stage, reached: bool) {
        if let Some(count) = self.stages.get_mut(stage as usize) {
            *count = count.saturating_add(u64::from(reached));
        }
    }
}

fn add_seconds(sample: &mut Sample, seconds: Option<i64>) {
    seconds.into_iter().for_each(|seconds| sample.add(seconds.into()));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lead(id: &str, created: i64, stages: &[(Stage, i64)]) -> Lead {
        let mut lead = Lead { id: Some(id.into()), selected: true, ..Lead::default() };
        lead.reach(Stage::Lead, Reached { at: Some(created), whole_day: false });
        stages.iter().for_each(|&(stage, at)| lead.reach(stage, Reached { at: Some(at), whole_day: false }));
        lead
    }

    fn telling(stages: &[Stage]) -> LeadBook {
        let mut columns = LeadColumns::default();
        stages.iter().for_each(|stage| columns.add(*stage));
        LeadBook::new(columns)
    }

    #[test]
    fn deals_join_by_id_and_a_later_stage_implies_the_earlier() {
        let mut leads = telling(&[Stage::Lead, Stage::Mql]);
        leads.add(lead("a", 0, &[]));
        leads.add(lead("b", 0, &[(Stage::Mql, 10)]));
        leads.add(lead("c", 100, &[]));
        let mut deals = telling(&[Stage::Lead, Stage::Won]);
        deals.add(lead("a", 50, &[(Stage::Won, 86_400)]));
        deals.add(lead("c", 50, &[(Stage::Won, 40)]));
        deals.add(lead("zz", 50, &[(Stage::Won, 40)]));
        assert_eq!(leads.join(&deals), Joined { matched: 2, unmatched: 1 });
        let (measured, oddities) = leads.finish(&Groups::new(false));
        let number = |measure| measured.total.number(measure).map(|number| number.to_string());
        assert_eq!(number(Measure::Leads).as_deref(), Some("3"));
        assert_eq!(number(Measure::Mqls).as_deref(), Some("3"));
        assert_eq!(number(Measure::Won).as_deref(), Some("2"));
        assert_eq!(number(Measure::Sqls), None);
        assert_eq!(oddities.won_before_created.len(), 1);
        assert_eq!(oddities.skipped_stage, 2);
    }

    #[test]
    fn rows_of_the_same_lead_are_one_with_the_earliest_dates() {
        let mut leads = telling(&[Stage::Lead, Stage::Won]);
        leads.add(lead("a", 500, &[(Stage::Won, 900)]));
        leads.add(lead("a", 100, &[(Stage::Won, 950)]));
        let (measured, _) = leads.finish(&Groups::new(false));
        assert_eq!(leads.repeated_ids, 1);
        let Some(Measured::Sample(cycle)) = measured.total.get(Measure::SalesCycleDays) else { panic!("no cycle") };
        assert_eq!(cycle.counts().collect::<Vec<_>>(), [(Decimal::from(800), 1)]);
    }
}
