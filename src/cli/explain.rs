//! `mak explain`: a KPI in words, and with files its arithmetic down to files and columns.

use anyhow::Result;

use super::args::ExplainArguments;
use super::failure::Refused;
use super::{Outcome, compute, output};
use crate::contract::Explain;
use crate::results;

pub(crate) fn run(arguments: &ExplainArguments) -> Result<Outcome> {
    let session = compute::session(&arguments.input, &arguments.question)?;
    let catalogue = &session.catalogue;
    let Some(mut document) = Explain::new(catalogue, &arguments.id) else {
        let known = catalogue.kpis().flat_map(|kpi| std::iter::once(kpi.id).chain(kpi.aliases.iter().copied()));
        return Err(Refused::unknown("KPI", &arguments.id, known, "mak list").into());
    };
    if !arguments.input.files.is_empty() || !arguments.input.taken_as.is_empty() {
        let (_, answer) = compute::answer(&arguments.input, &arguments.question, &session)?;
        document = document.with_answer(catalogue, &answer);
    }
    let page = output::page(&arguments.output);
    let bytes = results::explain(&document, catalogue, arguments.output.format.into(), &page)?;
    output::write(&arguments.output, &bytes, &arguments.input.files)?;
    Ok(Outcome::Answered)
}
