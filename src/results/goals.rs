//! Targets and how far they are, for `mak goals`.

use super::check::warnings;
use super::layout::{Tone, hanging, paint};
use super::number::human;
use super::sheet::{Column, Record, lines, markdown, number, text};
use super::table::joined;
use super::view::unit_of_subject;
use super::{Format, Page, RenderError, json};
use crate::contract::{Goal, GoalStatus, GoalsReport, Heading, Number, Trend};
use crate::finding::escape;
use crate::kpi::{Catalogue, Unit};

const COLUMNS: &[Column] = &[
    text(""),
    text("Goal"),
    number("Start"),
    number("Now"),
    number("Target"),
    number("Progress"),
    text("Due"),
    text("Trend"),
    text("Owner"),
    text("Cadence"),
];

/// The goals as bytes: table, Markdown or JSON.
///
/// # Errors
/// The format is another one, or JSON cannot be written.
pub fn goals(report: &GoalsReport, format: Format, catalogue: &Catalogue, page: &Page) -> Result<Vec<u8>, RenderError> {
    let records: Vec<Record> = report.goals.iter().map(|goal| record(report, goal, catalogue)).collect();
    match format {
        Format::Table => {
            let page = &Page { width: page.columns(), ..*page };
            let as_of = report.as_of.iter().flat_map(|day| hanging("", &format!("as of {}", escape(day)), page.width));
            let as_of = as_of.map(|line| paint(&line, Tone::Faint, page.color)).collect();
            Ok(joined(&[as_of, lines(COLUMNS, &records, page), warnings(&report.warnings, page)]))
        }
        Format::Markdown => Ok(markdown(COLUMNS, &records).into_bytes()),
        Format::Json => json::document(report),
        Format::Ndjson | Format::Csv => Err(RenderError::NotInThisFormat { document: "goals", format }),
    }
}

fn record(report: &GoalsReport, goal: &Goal, catalogue: &Catalogue) -> Record {
    let currency = report.currency.as_deref();
    let unit = unit_of_subject(catalogue, &goal.subject, &goal.unit);
    let value = |number: Option<Number>| number.map_or_else(String::new, |number| human(number.0, unit, currency));
    let subject = goal.statistic.as_ref().map_or_else(|| goal.subject.clone(), |stat| format!("{}.{stat}", goal.subject));
    let text = |text: &Option<String>| text.as_deref().map_or_else(String::new, escape);
    Record {
        cells: vec![
            goal.status.word().to_owned(),
            escape(&subject),
            value(goal.start),
            value(goal.now),
            value(Some(goal.target)),
            goal.progress.map_or_else(String::new, |part| human(part.0, Unit::Percent, None)),
            due_text(goal),
            goal.trend.as_ref().map_or_else(String::new, |trend| trend_text(trend, unit, currency)),
            text(&goal.owner),
            text(&goal.cadence),
        ],
        tone: match goal.status {
            GoalStatus::Reached => Tone::Strong,
            GoalStatus::Underway => Tone::Plain,
            GoalStatus::Overdue | GoalStatus::Unanswered => Tone::Alarm,
        },
        remark: goal.reason.as_deref().map(escape),
    }
}

fn due_text(goal: &Goal) -> String {
    let Some(due) = &goal.due else { return String::new() };
    let days = |days: i64| if days == 1 { "1 day".to_owned() } else { format!("{days} days") };
    match goal.days_left {
        Some(left) if left < 0 => format!("{}, {} ago", escape(due), days(left.saturating_neg())),
        Some(left) => format!("{}, in {}", escape(due), days(left)),
        None => escape(due),
    }
}

/// `towards it: 2.1 % (2026-02) → 2.6 % (2026-03)`
fn trend_text(trend: &Trend, unit: Unit, currency: Option<&str>) -> String {
    let side = |value: Number, label: &str| format!("{} ({})", human(value.0, unit, currency), escape(label));
    let untested = !trend.tested && matches!(trend.heading, Heading::Towards | Heading::Away);
    format!(
        "{}{}: {} → {}",
        trend.heading.words(),
        if untested { ", not tested" } else { "" },
        side(trend.before_value, &trend.before),
        side(trend.after_value, &trend.after)
    )
}
