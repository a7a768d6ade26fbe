//! Two results, KPI by KPI.

use indexmap::IndexMap;
use rust_decimal::Decimal;

use super::change::{Change, assess};
use super::figure::Figure;
use super::period::{Step, Stretch, pair};
use crate::config::Subject;
use crate::contract::{ChangeLine, CompareReport, Compute, Group, Number, Side};
use crate::kpi::{Catalogue, Kpi};
use crate::measures::Period;

/// What is compared.
#[derive(Clone, Copy, Debug)]
pub enum Comparison<'a> {
    /// A result with an earlier one, each with the name to show.
    Results {
        /// The earlier one.
        before: (&'a str, &'a Compute),
        /// The later one.
        after: (&'a str, &'a Compute),
    },
    /// The last period of a result, whose first dimension is that period, with an earlier one.
    Periods {
        /// The result.
        document: &'a Compute,
        /// The period.
        period: Period,
        /// Which earlier one.
        step: Step,
        /// Whether the last period counts when the data do not reach its end.
        with_incomplete: bool,
    },
}

/// Compares every KPI that either side has, at a confidence between 0 and 1.
///
/// # Errors
/// The two cannot be compared at all; the reason in words.
pub fn compare(comparison: Comparison<'_>, catalogue: &Catalogue, confidence: Decimal) -> Result<CompareReport, String> {
    match comparison {
        Comparison::Results { before, after } => results(before, after, catalogue, confidence),
        Comparison::Periods { document, period, step, with_incomplete } => {
            periods(document, period, step, with_incomplete, catalogue, confidence)
        }
    }
}

fn results(
    before: (&str, &Compute),
    after: (&str, &Compute),
    catalogue: &Catalogue,
    confidence: Decimal,
) -> Result<CompareReport, String> {
    let ((label_before, before), (label_after, after)) = (before, after);
    comparable(before, after)?;
    if before.by != after.by {
        return Err(format!("one is grouped by {}, the other by {}", listed(&before.by), listed(&after.by)));
    }
    let mut changes = lines((before, Some(&before.total)), (after, Some(&after.total)), catalogue, confidence);
    let mut keys: Vec<&IndexMap<String, Option<String>>> = after.groups.iter().map(|group| &group.by).collect();
    keys.extend(before.groups.iter().map(|group| &group.by).filter(|by| !after.groups.iter().any(|group| group.by == **by)));
    for key in keys {
        let (old, new) = (with_key(before, key), with_key(after, key));
        changes.extend(lines((before, old), (after, new), catalogue, confidence));
    }
    let side = |label: &str, document: &Compute| {
        let from = document.inputs.iter().filter_map(|input| input.from.clone()).min();
        let to = document.inputs.iter().filter_map(|input| input.to.clone()).max();
        Side { label: label.to_owned(), from: document.from.clone().or(from), to: document.to.clone().or(to), complete: None }
    };
    let mut warnings = after.warnings.clone();
    warnings.extend(before.warnings.iter().filter(|warning| !after.warnings.contains(warning)).cloned());
    Ok(CompareReport {
        schema: CompareReport::SCHEMA.to_owned(),
        basis: after.basis.clone(),
        currency: after.currency.clone(),
        confidence: Number(confidence),
        before: side(label_before, before),
        after: side(label_after, after),
        changes,
        notes: Vec::new(),
        warnings,
    })
}

/// The group of those keys.
pub(super) fn with_key<'d>(document: &'d Compute, key: &IndexMap<String, Option<String>>) -> Option<&'d Group> {
    document.groups.iter().find(|group| group.by == *key)
}

fn periods(
    document: &Compute,
    period: Period,
    step: Step,
    with_incomplete: bool,
    catalogue: &Catalogue,
    confidence: Decimal,
) -> Result<CompareReport, String> {
    let dimension = document.by.first().ok_or("the result is not grouped by a period")?;
    let pair = pair(document, period, step, with_incomplete)?;
    let changes = groups_of(document, dimension, &pair.before.label, &pair.after.label)
        .into_iter()
        .flat_map(|(before, after)| {
            let mut lines = lines((document, before), (document, after), catalogue, confidence);
            for line in &mut lines {
                line.by.shift_remove(dimension);
            }
            lines
        })
        .collect();
    Ok(CompareReport {
        schema: CompareReport::SCHEMA.to_owned(),
        basis: document.basis.clone(),
        currency: document.currency.clone(),
        confidence: Number(confidence),
        before: side_of(&pair.before),
        after: side_of(&pair.after),
        changes,
        notes: pair.notes,
        warnings: document.warnings.clone(),
    })
}

/// A period as one side of a comparison.
pub(super) fn side_of(stretch: &Stretch) -> Side {
    Side { label: stretch.label.clone(), from: None, to: None, complete: Some(stretch.complete) }
}

/// The groups of two periods, paired by their other dimensions.
fn groups_of<'d>(document: &'d Compute, dimension: &str, old: &str, new: &str) -> Vec<(Option<&'d Group>, Option<&'d Group>)> {
    let is = |group: &Group, label: &str| group.by.get(dimension).is_some_and(|found| found.as_deref() == Some(label));
    let others = |group: &Group| -> Vec<Option<String>> {
        group.by.iter().filter(|(name, _)| *name != dimension).map(|(_, value)| value.clone()).collect()
    };
    let with = |label: &str| document.groups.iter().filter(|group| is(group, label)).collect::<Vec<_>>();
    let (before, after) = (with(old), with(new));
    let partner = |group: &Group, among: &[&'d Group]| among.iter().find(|other| others(other) == others(group)).copied();
    let mut pairs: Vec<_> = after.iter().map(|group| (partner(group, &before), Some(*group))).collect();
    pairs.extend(before.iter().filter(|group| partner(group, &after).is_none()).map(|group| (Some(*group), None)));
    pairs
}

/// Whether numbers of two results may be compared at all.
///
/// # Errors
/// Why not.
pub(super) fn comparable(before: &Compute, after: &Compute) -> Result<(), String> {
    if before.basis != after.basis {
        return Err(format!("one result is per message {}, the other per message {}", before.basis, after.basis));
    }
    match (&before.currency, &after.currency) {
        (Some(old), Some(new)) if old != new => Err(format!("one result is in {old}, the other in {new}")),
        _ => Ok(()),
    }
}

/// A group of a document, if it has it.
type At<'d> = (&'d Compute, Option<&'d Group>);

/// A line for each KPI that either group has.
fn lines(before: At<'_>, after: At<'_>, catalogue: &Catalogue, confidence: Decimal) -> Vec<ChangeLine> {
    let has = |side: At<'_>, id: &str| side.1.is_some_and(|group| group.kpis.contains_key(id));
    let kpis = catalogue.kpis().filter(|kpi| has(before, kpi.id) || has(after, kpi.id));
    kpis.map(|kpi| line(kpi, before, after, confidence)).collect()
}

fn line(kpi: &'static Kpi, before: At<'_>, after: At<'_>, confidence: Decimal) -> ChangeLine {
    let subject = Subject::Kpi(kpi);
    let (old, new) = (figure(before, subject), figure(after, subject));
    let change = match (&old, &new) {
        (Ok(old), Ok(new)) => assess(subject, None, old, new, confidence),
        (Err(why), _) => Change::unavailable(format!("before: {why}")),
        (_, Err(why)) => Change::unavailable(format!("after: {why}")),
    };
    ChangeLine {
        kpi: kpi.id.to_owned(),
        by: after.1.or(before.1).map(|group| group.by.clone()).unwrap_or_default(),
        unit: kpi.unit.word().to_owned(),
        better: kpi.better.word().to_owned(),
        before: old.ok().map(|figure| Number(figure.value)),
        after: new.ok().map(|figure| Number(figure.value)),
        difference: change.difference,
        relative: change.relative,
        verdict: change.verdict,
        test: change.test,
        interval: change.interval,
        reason: change.reason,
    }
}

fn figure(at: At<'_>, subject: Subject) -> Result<Figure<'_>, String> {
    let group = at.1.ok_or("there is no such group")?;
    Figure::find(at.0, group, subject, None).map_err(|absent| absent.reason)
}

fn listed(by: &[String]) -> String {
    if by.is_empty() { "nothing".to_owned() } else { by.join(", ") }
}
