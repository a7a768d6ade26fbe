//! `mak check`: thresholds, for people and for CI.

use std::collections::BTreeMap;
use std::fs::{self, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use clap::{Args, ValueEnum};

use super::args::{InputArguments, OutputArguments, QuestionArguments};
use super::compare::{StepWord, cannot_compare, confidence, period_of, read_result};
use super::engine::EngineArguments;
use super::failure::Refused;
use super::session::Session;
use super::{Outcome, compute, output};
use crate::config::{Check, Mode, OnMissing, Problems, Rule, snippet};
use crate::contract::{CheckOutcome, CheckReport, Compute, Warning};
use crate::finding::{Code, Finding, Place};
use crate::gate::{Baseline, Gate, Stretch, groupings, pair, subjects};
use crate::kpi::Catalogue;
use crate::results::{self, Format, Page};

/// `mak check`
#[derive(Debug, Args)]
pub(crate) struct CheckArguments {
    #[command(flatten)]
    input: InputArguments,

    #[command(flatten)]
    engine: EngineArguments,

    /// What must hold: `open_rate >= 20%`, `cac < 40 by channel`, `response_time.p90 <= 2h`
    #[arg(long, value_name = "RULE")]
    require: Vec<String>,

    /// A warning fails, too
    #[arg(long)]
    strict: bool,

    /// What an unavailable value means for the rules of --require
    #[arg(long, value_enum, default_value_t = MissingWord::Error)]
    on_missing: MissingWord,

    /// For the rules of --require: the interval of that confidence decides, such as 95%
    #[arg(long, value_name = "SHARE")]
    confidence: Option<String>,

    /// With --confidence: what must be beyond doubt
    #[arg(long, value_enum, default_value_t = ModeWord::Fail, requires = "confidence")]
    sure: ModeWord,

    /// For the rules of --require: groups with fewer rows or trials are passed over, and counted
    #[arg(long, value_name = "NUMBER")]
    min_n: Option<u64>,

    /// An earlier `mak compute --format json`, for rules such as `open_rate drop <= 2pp`
    #[arg(long, value_name = "FILE")]
    baseline: Option<PathBuf>,

    /// Judge the last complete period (--period) alone, against the one before or that of a year
    /// earlier
    #[arg(long, value_enum, requires = "period", conflicts_with = "baseline")]
    compare: Option<StepWord>,

    /// Write the verdict to FILE as well: junit=FILE, markdown=FILE, json=FILE or table=FILE
    #[arg(long, value_name = "KIND=FILE")]
    report: Vec<String>,

    /// Annotations and a step summary for GitHub Actions: where it runs this, always or never
    #[arg(long, value_enum, default_value_t = AnnotationsWord::Auto)]
    annotations: AnnotationsWord,

    /// Judge periods, too, whose end the data do not reach
    #[arg(long)]
    incomplete: bool,

    #[command(flatten)]
    question: QuestionArguments,
    #[command(flatten)]
    output: OutputArguments,
}

/// When to annotate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum AnnotationsWord {
    /// When `GITHUB_ACTIONS` is set
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

/// What an unavailable value means.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum MissingWord {
    /// The question could not be answered: exit 2
    Error,
    /// The rule is missed: exit 1
    Fail,
    /// It is shown
    Warn,
    /// The rule is passed over
    Skip,
}

/// Which side of the interval decides.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum ModeWord {
    /// A miss: noise fails no build
    Fail,
    /// A pass: noise passes none
    Pass,
}

pub(crate) fn run(arguments: &CheckArguments) -> Result<Outcome> {
    refuse_grouping(arguments)?;
    let reports = arguments.report.iter().map(|text| report_of(text)).collect::<Result<Vec<_>, _>>()?;
    match judge(arguments) {
        Ok((report, catalogue)) => {
            write(arguments, &reports, &report, &catalogue)?;
            Ok(match report.outcome {
                CheckOutcome::Passed => Outcome::Answered,
                CheckOutcome::Failed => Outcome::Missed,
                CheckOutcome::Unanswered => Outcome::Unanswered,
            })
        }
        Err(refused) => {
            // A server that shows the reports must show this one, too.
            let report = CheckReport::unread(refused.findings().map(Warning::from).collect());
            write_unread(arguments, &reports, &report)?;
            Err(refused.into())
        }
    }
}

/// The verdict, with the catalogue that its names are of.
fn judge(arguments: &CheckArguments) -> Result<(CheckReport, Catalogue), Refused> {
    let session = compute::session(&arguments.input, &arguments.question)?;
    let checks = checks(arguments, &session)?;
    let baseline = arguments.baseline.as_deref().map(read_result).transpose()?;
    let asked = QuestionArguments { kpi: subjects(&checks), period: None, ..arguments.question.clone() };
    let answers = compute::Answers::open_with(&arguments.input, &arguments.engine, &session)?;
    let documents = |asked: &QuestionArguments| -> Result<Documents, Refused> {
        groupings(&checks).into_iter().map(|by| Ok((by.clone(), answers.by(asked, &by)?))).collect()
    };
    let (periods, documents, earlier) = match (arguments.compare, arguments.question.period) {
        (Some(step), Some(period)) => {
            let (period, name) = period_of(period);
            let by_period = answers.by(&asked, &[name.to_owned()])?;
            let periods = pair(&by_period, period, step.into(), arguments.incomplete).map_err(cannot_compare)?;
            let (after, before) = (documents(&within(&periods.after, &asked))?, documents(&within(&periods.before, &asked))?);
            (Some(periods), after, Some(before))
        }
        _ => (None, documents(&asked)?, None),
    };
    let gate = Gate {
        checks: &checks,
        documents: &documents,
        baseline: match (&baseline, &earlier) {
            (Some(result), _) => Baseline::Result(result),
            (None, Some(documents)) => Baseline::Period(documents),
            (None, None) => Baseline::None,
        },
        periods: periods.as_ref(),
        file: session.config.file.as_deref(),
        strict: arguments.strict,
        with_incomplete: arguments.incomplete,
    };
    Ok((gate.judge(), session.catalogue))
}

/// The grouping and the KPIs of a check stand in its rule, and `--compare` chooses the days.
fn refuse_grouping(arguments: &CheckArguments) -> Result<(), Refused> {
    let question = &arguments.question;
    let help = "a rule names its KPI and groups, 'cac < 40 by channel'";
    let (flag, help) = match arguments.compare {
        _ if !question.by.is_empty() => ("--by", help),
        _ if !question.kpi.is_empty() => ("--kpi", help),
        None if question.period.is_some() => ("--period", "it goes with --compare previous or year"),
        Some(_) if question.from.is_some() || question.to.is_some() => ("--from or --to", "--compare chooses the days"),
        _ => return Ok(()),
    };
    Err(Refused::usage(format!("{flag} does not go with check here: {help}")))
}

/// The checks of the configuration and of the command line; all mistakes of the latter at once.
fn checks(arguments: &CheckArguments, session: &Session) -> Result<Vec<Check>, Refused> {
    let mut checks = session.config.checks.clone();
    let mut problems = Problems::default();
    let on_missing = match arguments.on_missing {
        MissingWord::Error => OnMissing::Error,
        MissingWord::Fail => OnMissing::Fail,
        MissingWord::Warn => OnMissing::Warn,
        MissingWord::Skip => OnMissing::Skip,
    };
    let confidence = arguments.confidence.as_deref().map(confidence).transpose()?;
    let mode = match arguments.sure {
        ModeWord::Fail => Mode::FailWhenSure,
        ModeWord::Pass => Mode::PassWhenSure,
    };
    for text in &arguments.require {
        match Rule::parse(text, &session.catalogue) {
            Ok(rule) => {
                checks.push(Check { on_missing, confidence, mode, min_n: arguments.min_n, ..Check::required(rule) });
            }
            Err(why) => {
                let finding = Finding::new(Code::BadUsage, Place::default(), format!("--require: {}", why.message));
                let finding = match why.help {
                    Some(help) => finding.help(help),
                    None => finding,
                };
                let mut problem = Problems::from(finding).0;
                problem.iter_mut().for_each(|problem| problem.snippet = snippet(text, why.span.clone()));
                problems.0.append(&mut problem);
            }
        }
    }
    if !problems.0.is_empty() {
        return Err(problems.into());
    }
    if checks.is_empty() {
        let finding = Finding::new(Code::BadUsage, Place::default(), "there is no check");
        return Err(finding
            .help("write --require 'open_rate >= 20%', or [[check]] in mak.toml; mak init writes a first one")
            .into());
    }
    Ok(checks)
}

/// The results that the checks need, one a grouping.
type Documents = BTreeMap<Vec<String>, Compute>;

/// The same question of the days of a period.
fn within(stretch: &Stretch, asked: &QuestionArguments) -> QuestionArguments {
    QuestionArguments { from: Some(stretch.from.to_string()), to: Some(stretch.to.to_string()), ..asked.clone() }
}

/// What is written beside the result.
enum Report {
    Junit(PathBuf),
    Rendered(Format, PathBuf),
}

fn report_of(text: &str) -> Result<Report, Refused> {
    let kinds = ["junit", "markdown", "json", "table"];
    let Some((kind, file)) = text.split_once('=').filter(|(_, file)| !file.is_empty()) else {
        return Err(Refused::usage(format!("--report {text}: write --report junit=FILE")));
    };
    match (kind, Format::from_word(kind)) {
        ("junit", _) => Ok(Report::Junit(file.into())),
        (_, Some(format @ (Format::Markdown | Format::Json | Format::Table))) => Ok(Report::Rendered(format, file.into())),
        _ => Err(Refused::unknown("report", kind, kinds, "one of junit, markdown, json, table;")),
    }
}

fn write(arguments: &CheckArguments, reports: &[Report], report: &CheckReport, catalogue: &Catalogue) -> Result<()> {
    write_beside(arguments, reports, report, catalogue)?;
    let page = output::page(&arguments.output);
    let bytes = results::check(report, arguments.output.format.into(), catalogue, &page)?;
    output::write(&arguments.output, &bytes, &arguments.input.files)
}

/// What was not read is said on standard error; programs find it where they look for the result.
fn write_unread(arguments: &CheckArguments, reports: &[Report], report: &CheckReport) -> Result<()> {
    let catalogue = Catalogue::builtin();
    let format = Format::from(arguments.output.format);
    if format == Format::Table {
        return write_beside(arguments, reports, report, &catalogue);
    }
    write(arguments, reports, report, &catalogue)
}

/// The reports, the annotations and the step summary.
fn write_beside(arguments: &CheckArguments, reports: &[Report], report: &CheckReport, catalogue: &Catalogue) -> Result<()> {
    let inputs = &arguments.input.files;
    for beside in reports {
        let (bytes, path) = match beside {
            Report::Junit(path) => (results::junit(report, catalogue), path),
            Report::Rendered(format, path) => (results::check(report, *format, catalogue, &Page::default())?, path),
        };
        let to = OutputArguments { output: Some(path.clone()), ..OutputArguments::default() };
        output::write(&to, &bytes, inputs)?;
    }
    annotate(arguments.annotations, report, catalogue)
}

/// Annotations go to standard error, which GitHub reads for commands as well, so that a result in
/// JSON stays one document.
fn annotate(when: AnnotationsWord, report: &CheckReport, catalogue: &Catalogue) -> Result<()> {
    let on_github = std::env::var("GITHUB_ACTIONS").is_ok_and(|value| value == "true");
    if when == AnnotationsWord::Never || (when == AnnotationsWord::Auto && !on_github) {
        return Ok(());
    }
    io::stderr().write_all(results::annotations(report, catalogue).as_bytes())?;
    match std::env::var_os("GITHUB_STEP_SUMMARY").filter(|path| !path.is_empty()) {
        Some(path) => append_summary(Path::new(&path), report, catalogue)
            .with_context(|| format!("the step summary {} cannot be written", Path::new(&path).display())),
        None => Ok(()),
    }
}

fn append_summary(path: &Path, report: &CheckReport, catalogue: &Catalogue) -> Result<()> {
    let already = fs::metadata(path).map_or(0, |metadata| metadata.len());
    let summary = results::step_summary(report, catalogue, usize::try_from(already).unwrap_or(usize::MAX));
    OpenOptions::new().create(true).append(true).open(path)?.write_all(summary.as_bytes())?;
    Ok(())
}
