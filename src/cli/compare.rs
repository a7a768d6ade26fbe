//! `mak compare`: two results, or the last period of one against an earlier period.

use std::fs;
use std::path::Path;

use anyhow::Result;
use clap::{Args, ValueEnum};
use rust_decimal::Decimal;

use super::args::{InputArguments, OutputArguments, PeriodWord, QuestionArguments};
use super::failure::Refused;
use super::session::Session;
use super::{Outcome, compute, output};
use crate::config::Literal;
use crate::contract::{ChangeVerdict, CompareReport, Compute};
use crate::finding::{Code, Finding, Place};
use crate::gate::{Comparison, Step, compare};
use crate::measures::Period;
use crate::results;

/// Largest result that is read back, in bytes.
const MAX_BYTES: u64 = 256 << 20;

/// `mak compare`
#[derive(Debug, Args)]
pub(crate) struct CompareArguments {
    /// Files: BEFORE and AFTER, each an export or what `mak compute --format json` wrote; with
    /// --compare any number of exports
    #[command(flatten)]
    input: InputArguments,

    /// Compare the last complete period (--period) with the one before or that of a year earlier
    #[arg(long, value_enum, requires = "period")]
    compare: Option<StepWord>,

    /// Compare the last period although the data do not reach its end
    #[arg(long)]
    incomplete: bool,

    /// Confidence of tests and intervals
    #[arg(long, default_value = "95%")]
    confidence: String,

    #[command(flatten)]
    question: QuestionArguments,
    #[command(flatten)]
    output: OutputArguments,
}

/// What a period is compared with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum StepWord {
    /// The period before
    Previous,
    /// The same period a year earlier
    Year,
}

impl From<StepWord> for Step {
    fn from(word: StepWord) -> Self {
        match word {
            StepWord::Previous => Step::Previous,
            StepWord::Year => Step::Year,
        }
    }
}

/// A period with the name of its dimension.
pub(crate) fn period_of(word: PeriodWord) -> (Period, &'static str) {
    match word {
        PeriodWord::Day => (Period::Day, "day"),
        PeriodWord::Week => (Period::Week, "week"),
        PeriodWord::Month => (Period::Month, "month"),
        PeriodWord::Quarter => (Period::Quarter, "quarter"),
        PeriodWord::Year => (Period::Year, "year"),
    }
}

pub(crate) fn run(arguments: &CompareArguments) -> Result<Outcome> {
    let confidence = confidence(&arguments.confidence)?;
    let session = compute::session(&arguments.input, &arguments.question)?;
    let report = match (arguments.compare, arguments.question.period) {
        (Some(step), Some(period)) => periods(arguments, step, period, &session, confidence)?,
        _ => files(arguments, &session, confidence)?,
    };
    let page = output::page(&arguments.output);
    let bytes = results::compare(&report, arguments.output.format.into(), &session.catalogue, &page)?;
    output::write(&arguments.output, &bytes, &arguments.input.files)?;
    let compared = report.changes.iter().any(|line| line.verdict != ChangeVerdict::Unavailable);
    Ok(if compared { Outcome::Answered } else { Outcome::Unanswered })
}

fn files(arguments: &CompareArguments, session: &Session, confidence: Decimal) -> Result<CompareReport, Refused> {
    let [before, after] = arguments.input.files.as_slice() else {
        let named = arguments.input.files.len();
        let message = format!("compare takes two files, the earlier one first; {named} are named");
        let finding = Finding::new(Code::BadUsage, Place::default(), message);
        return Err(finding.help("to compare periods of the same files: --period month --compare previous").into());
    };
    let result = |file: &String| {
        if is_result(Path::new(file)) {
            return read_result(Path::new(file));
        }
        let input = InputArguments { files: vec![file.clone()], ..arguments.input.clone() };
        compute::answer(&input, &arguments.question, session).map(|(_, document)| document)
    };
    let (old, new) = (result(before)?, result(after)?);
    let comparison = Comparison::Results { before: (before, &old), after: (after, &new) };
    compare(comparison, &session.catalogue, confidence).map_err(cannot_compare)
}

fn periods(
    arguments: &CompareArguments,
    step: StepWord,
    word: PeriodWord,
    session: &Session,
    confidence: Decimal,
) -> Result<CompareReport, Refused> {
    let (period, name) = period_of(word);
    // The period comes first, so that the groups of a period are told by their first key.
    let others = arguments.question.by.iter().filter(|by| Period::from_word(by.trim()) != Some(period)).cloned();
    let by = std::iter::once(name.to_owned()).chain(others).collect();
    let asked = QuestionArguments { by, period: None, ..arguments.question.clone() };
    let (_, document) = compute::answer(&arguments.input, &asked, session)?;
    let comparison =
        Comparison::Periods { document: &document, period, step: step.into(), with_incomplete: arguments.incomplete };
    compare(comparison, &session.catalogue, confidence).map_err(cannot_compare)
}

pub(crate) fn cannot_compare(why: String) -> Refused {
    Finding::new(Code::NothingComputed, Place::default(), why).into()
}

/// A confidence of a test or an interval.
pub(crate) fn confidence(text: &str) -> Result<Decimal, Refused> {
    let value = Literal::parse(text).ok().map(|literal| literal.value);
    let within = value.filter(|value| (Decimal::new(5, 1)..Decimal::ONE).contains(value));
    within.ok_or_else(|| Refused::usage(format!("--confidence {text}: write a confidence from 50% to below 100%, such as 95%")))
}

/// Whether a file is what `mak compute --format json` wrote, however it was formatted since.
fn is_result(path: &Path) -> bool {
    let small = fs::metadata(path).is_ok_and(|metadata| metadata.is_file() && metadata.len() <= MAX_BYTES);
    let is_one = |text: String| text.trim_start().starts_with('{') && text.contains("\"mak.compute/");
    small && fs::read_to_string(path).is_ok_and(is_one)
}

/// Reads what `mak compute --format json` wrote.
///
/// # Errors
/// The file cannot be read, or is something else.
pub(crate) fn read_result(path: &Path) -> Result<Compute, Refused> {
    let name = path.display().to_string();
    let refuse = |code: Code, why: String| {
        let finding = Finding::new(code, Place::file(name.clone()), why);
        Refused::from(finding.help("mak compute --format json -o FILE writes a result to compare with"))
    };
    let unreadable = |why: std::io::Error| refuse(Code::Unreadable, format!("the earlier result cannot be read: {why}"));
    let size = fs::metadata(path).map_err(unreadable)?.len();
    if size > MAX_BYTES {
        return Err(refuse(Code::TooLarge, format!("the earlier result has {size} bytes; {MAX_BYTES} are read at most")));
    }
    let text = fs::read_to_string(path).map_err(unreadable)?;
    let document: Compute =
        serde_json::from_str(&text).map_err(|why| refuse(Code::BadJson, format!("this is no result of mak compute: {why}")))?;
    if document.schema != Compute::SCHEMA {
        return Err(refuse(Code::BadJson, format!("this is {}, not {}", document.schema, Compute::SCHEMA)));
    }
    Ok(document)
}
