//! Targets: how far each is, when it is due, and where the last two periods head.

use std::collections::BTreeMap;

use rust_decimal::Decimal;

use super::change::{assess, better};
use super::figure::{Figure, ids_to_compute};
use super::period::{Calendar, Step, earlier};
use crate::config::{Cadence, Target};
use crate::contract::{ChangeVerdict, Compute, Goal, GoalStatus, GoalsReport, Group, Heading, Number, Trend, Warning};
use crate::kpi::{Better, Exact};
use crate::measures::Period;

/// Everything that the goals rest on.
#[derive(Clone, Copy, Debug)]
pub struct Goals<'a> {
    /// The targets.
    pub targets: &'a [Target],
    /// The result without groups.
    pub total: &'a Compute,
    /// The result by each period that a cadence needs, grouped by nothing else; or why there is
    /// none, and then no trend.
    pub by_period: &'a BTreeMap<Period, Result<Compute, String>>,
    /// Confidence that a trend is more than chance, between 0 and 1.
    pub confidence: Decimal,
}

/// Ids of the KPIs and measures to compute for the targets.
pub fn target_subjects(targets: &[Target]) -> Vec<String> {
    ids_to_compute(targets.iter().map(|target| target.subject))
}

/// The calendar period of a cadence.
pub const fn cadence_period(cadence: Cadence) -> Period {
    match cadence {
        Cadence::Weekly => Period::Week,
        Cadence::Monthly => Period::Month,
        Cadence::Quarterly => Period::Quarter,
        Cadence::Yearly => Period::Year,
    }
}

impl Goals<'_> {
    /// Looks at every target.
    pub fn report(&self) -> GoalsReport {
        let mut warnings: Vec<Warning> = self.total.warnings.clone();
        for warning in self.by_period.values().flatten().flat_map(|document| &document.warnings) {
            if !warnings.contains(warning) {
                warnings.push(warning.clone());
            }
        }
        GoalsReport {
            schema: GoalsReport::SCHEMA.to_owned(),
            basis: self.total.basis.clone(),
            currency: self.total.currency.clone(),
            as_of: Calendar::of(self.total).last_day.map(|day| day.to_string()),
            goals: self.targets.iter().map(|target| self.goal(target)).collect(),
            warnings,
        }
    }

    fn goal(&self, target: &Target) -> Goal {
        let as_of = Calendar::of(self.total).last_day;
        let days_left = target.by.zip(as_of).and_then(|(due, today)| Some(i64::from(today.until(due).ok()?.get_days())));
        let mut reasons: Vec<String> = Vec::new();
        let figure = Figure::find(self.total, &self.total.total, target.subject, target.stat);
        let status = match (&figure, upwards(target)) {
            (Err(absent), _) => {
                reasons.push(absent.reason.clone());
                GoalStatus::Unanswered
            }
            (Ok(_), None) => {
                reasons.push("neither direction is better by itself: give start, which says the way".to_owned());
                GoalStatus::Unanswered
            }
            (Ok(now), Some(up)) if reached(now.value, target.value.value, up) => GoalStatus::Reached,
            _ if days_left.is_some_and(|days| days < 0) => GoalStatus::Overdue,
            _ => GoalStatus::Underway,
        };
        let trend = match self.trend(target) {
            Ok(trend) => trend,
            Err(why) => {
                reasons.push(format!("no trend: {why}"));
                None
            }
        };
        Goal {
            subject: target.subject.id().to_owned(),
            statistic: target.stat.map(|stat| stat.word().to_owned()),
            status,
            unit: target.subject.unit().word().to_owned(),
            start: target.start.map(|start| Number(start.value)),
            now: figure.as_ref().ok().map(|figure| Number(figure.value)),
            target: Number(target.value.value),
            progress: figure.ok().and_then(|figure| progress(target, &figure)).map(Number),
            owner: target.owner.clone(),
            cadence: target.cadence.map(|cadence| cadence.word().to_owned()),
            due: target.by.map(|due| due.to_string()),
            days_left,
            trend,
            reason: (!reasons.is_empty()).then(|| reasons.join("; ")),
        }
    }

    /// What the last complete period says against the one before; nothing without a cadence.
    fn trend(&self, target: &Target) -> Result<Option<Trend>, String> {
        let (Some(cadence), Some(up)) = (target.cadence, upwards(target)) else { return Ok(None) };
        let period = cadence_period(cadence);
        let document = self.by_period.get(&period).ok_or("there is no result by that period")?.as_ref()?;
        let calendar = Calendar::of(document);
        let group = |label: &str| document.groups.iter().find(|group| label_of(group) == Some(label));
        let complete = |label: &&str| calendar.is_complete(period, label);
        let label = document.groups.iter().filter_map(label_of).filter(complete).max().ok_or("no period is complete yet")?;
        let old = earlier(period, label, Step::Previous).ok_or("no period comes before")?;
        let in_period = |label: &str| {
            let group = group(label).ok_or_else(|| format!("there are no data for {label}"))?;
            let found = Figure::find(document, group, target.subject, target.stat);
            found.map_err(|absent| format!("{label}: {}", absent.reason))
        };
        let (before, after) = (in_period(&old)?, in_period(label)?);
        let change = assess(target.subject, target.stat, &before, &after, self.confidence);
        let rose = after.value > before.value;
        let heading = match change.verdict {
            ChangeVerdict::Same | ChangeVerdict::Unavailable => Heading::Steady,
            ChangeVerdict::WithinNoise => Heading::WithinNoise,
            _ if rose == up => Heading::Towards,
            _ => Heading::Away,
        };
        Ok(Some(Trend {
            before: old,
            before_value: Number(before.value),
            after: label.to_owned(),
            after_value: Number(after.value),
            heading,
            tested: change.test.is_some(),
        }))
    }
}

fn label_of(group: &Group) -> Option<&str> {
    group.by.values().next()?.as_deref()
}

/// Whether the target is above: as the start says, or else as the KPI is better.
fn upwards(target: &Target) -> Option<bool> {
    match (target.start, better(target.subject)) {
        (Some(start), _) if start.value != target.value.value => Some(target.value.value > start.value),
        (_, Better::Higher) => Some(true),
        (_, Better::Lower) => Some(false),
        (_, Better::Neither) => None,
    }
}

fn reached(now: Decimal, target: Decimal, up: bool) -> bool {
    if up { now >= target } else { now <= target }
}

/// The part of the way from start to target.
fn progress(target: &Target, now: &Figure<'_>) -> Option<Decimal> {
    let start = Exact::from(target.start?.value);
    let way = Exact::from(target.value.value).minus(start).ok()?;
    now.exact().minus(start).ok()?.over(way)?.ok()?.to_decimal().ok()
}
