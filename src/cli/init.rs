//! `mak init`: a first `mak.toml` from the files at hand.

use anyhow::Result;
use clap::Args;

use super::args::{InputArguments, OutputArguments, QuestionArguments};
use super::failure::Refused;
use super::{Outcome, compute, output};
use crate::config::{GroupSeen, InitInput, KpiSeen, init};
use crate::contract::{Compute, KpiValue};
use crate::finding::Code;
use crate::kpi::{Catalogue, Kpi, Status};
use crate::results::Format;

/// The dimension by which checks of groups are proposed.
const GROUPS: &str = "channel";

/// `mak init`
#[derive(Debug, Args)]
pub(crate) struct InitArguments {
    #[command(flatten)]
    input: InputArguments,

    /// Replace the file of --output when it is there already
    #[arg(long)]
    force: bool,

    #[command(flatten)]
    question: QuestionArguments,
    #[command(flatten)]
    output: OutputArguments,
}

pub(crate) fn run(arguments: &InitArguments) -> Result<Outcome> {
    if let Some(path) = arguments.output.output.as_ref().filter(|path| path.is_file() && !arguments.force) {
        return Err(Refused::usage(format!("{} is there already; --force replaces it", path.display())).into());
    }
    if Format::from(arguments.output.format) != Format::Table {
        return Err(Refused::usage("init writes TOML and nothing else").into());
    }
    let question = &arguments.question;
    if !question.by.is_empty() || !question.kpi.is_empty() || question.period.is_some() {
        return Err(Refused::usage("--by, --kpi and --period do not go with init").into());
    }
    let session = compute::session(&arguments.input, question)?;
    let answers = compute::Answers::open(&arguments.input, &session)?;
    let total = answers.by(question, &[])?;
    // Not every export has channels; then there is nothing to propose by them.
    let groups = answers.by(question, &[GROUPS.to_owned()]).ok();
    let text = init(&seen(&total, groups.as_ref(), &session.catalogue));
    output::write(&arguments.output, text.as_bytes(), &arguments.input.files)?;
    Ok(Outcome::Answered)
}

fn seen(total: &Compute, groups: Option<&Compute>, catalogue: &Catalogue) -> InitInput {
    let kpi = |kpi: &'static Kpi| {
        let value: &KpiValue = total.total.kpis.get(kpi.id)?;
        Some(KpiSeen { kpi, value: value.value.0, groups: groups.and_then(|document| groups_of(document, kpi)) })
    };
    let mut files: Vec<String> = Vec::new();
    for input in &total.inputs {
        if !files.contains(&input.file) {
            files.push(input.file.clone());
        }
    }
    let unused = total.warnings.iter().filter(|warning| warning.code == Code::UnusedColumn.id());
    InitInput {
        files,
        // A sign (€) is not what `currency` takes.
        currency: total.currency.clone().filter(|code| code.len() == 3 && code.bytes().all(|byte| byte.is_ascii_uppercase())),
        // What another configuration declares is unknown to this one.
        kpis: catalogue.kpis().filter(|row| row.status != Status::Custom).filter_map(kpi).collect(),
        unrecognised: unused.filter_map(|warning| Some((warning.file.clone()?, warning.column_name.clone()?))).collect(),
    }
}

fn groups_of(document: &Compute, kpi: &Kpi) -> Option<GroupSeen> {
    let values: Vec<_> = document.groups.iter().filter_map(|group| Some(group.kpis.get(kpi.id)?.value.0)).collect();
    (values.len() > 1).then(|| GroupSeen { by: GROUPS.to_owned(), values })
}
