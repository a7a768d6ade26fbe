//! `mak goals`: the targets of `mak.toml` and how far they are.

use std::collections::BTreeMap;

use anyhow::Result;
use clap::Args;
use rust_decimal::Decimal;

use super::args::{InputArguments, OutputArguments, QuestionArguments};
use super::failure::Refused;
use super::{Outcome, compute, output};
use crate::contract::GoalStatus;
use crate::finding::{Code, Finding, Place};
use crate::gate::{Goals, cadence_period, target_subjects};
use crate::measures::Period;
use crate::results;

/// Confidence that a trend is more than chance.
const CONFIDENCE: Decimal = Decimal::from_parts(95, 0, 0, false, 2);

/// `mak goals`
#[derive(Debug, Args)]
pub(crate) struct GoalsArguments {
    #[command(flatten)]
    input: InputArguments,
    #[command(flatten)]
    question: QuestionArguments,
    #[command(flatten)]
    output: OutputArguments,
}

pub(crate) fn run(arguments: &GoalsArguments) -> Result<Outcome> {
    let question = &arguments.question;
    if !question.by.is_empty() || !question.kpi.is_empty() || question.period.is_some() {
        return Err(
            Refused::usage("--by, --kpi and --period do not go with goals: a target names its KPI and its cadence").into()
        );
    }
    let session = compute::session(&arguments.input, question)?;
    let targets = &session.config.targets;
    if targets.is_empty() {
        let finding = Finding::new(Code::BadConfig, Place::default(), "there is no target");
        return Err(Refused::from(finding.help("write [target.open_rate] in mak.toml; mak init writes a first one")).into());
    }
    let asked = QuestionArguments { kpi: target_subjects(targets), ..question.clone() };
    let periods: BTreeMap<Period, &str> = targets
        .iter()
        .filter_map(|target| target.cadence)
        .map(|cadence| match cadence_period(cadence) {
            Period::Day => (Period::Day, "day"),
            Period::Week => (Period::Week, "week"),
            Period::Month => (Period::Month, "month"),
            Period::Quarter => (Period::Quarter, "quarter"),
            Period::Year => (Period::Year, "year"),
        })
        .collect();
    let answers = compute::Answers::open(&arguments.input, &session)?;
    let total = answers.by(&asked, &[])?;
    // A trend needs dates; without them the goals are still what they are.
    let by_period = periods
        .into_iter()
        .map(|(period, name)| (period, answers.by(&asked, &[name.to_owned()]).map_err(|why| first_line(&why))))
        .collect();
    let report = Goals { targets, total: &total, by_period: &by_period, confidence: CONFIDENCE }.report();
    let page = output::page(&arguments.output);
    let bytes = results::goals(&report, arguments.output.format.into(), &session.catalogue, &page)?;
    output::write(&arguments.output, &bytes, &arguments.input.files)?;
    let answered = report.goals.iter().any(|goal| goal.status != GoalStatus::Unanswered);
    Ok(if answered { Outcome::Answered } else { Outcome::Unanswered })
}

fn first_line(why: &Refused) -> String {
    why.to_string().lines().next().unwrap_or_default().to_owned()
}
