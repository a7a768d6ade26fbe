//! `mak compute`: every KPI that the files support.

use anyhow::Result;

use super::args::{ComputeArguments, InputArguments, QuestionArguments};
use super::failure::Refused;
use super::{Outcome, ask, assemble, output, progress};
use crate::contract::Compute;
use crate::ingest;
use crate::kpi::Catalogue;
use crate::measures::{self, Question};
use crate::results::{Csv, Format, Render as _};

pub(crate) fn run(arguments: &ComputeArguments) -> Result<Outcome> {
    let catalogue = Catalogue::builtin();
    let (question, document) = answer(&arguments.input, &arguments.question, &catalogue)?;
    let format = Format::from(arguments.output.format);
    let page = output::page(&arguments.output);
    let bytes = match format {
        Format::Csv if arguments.output.raw => Csv { raw: true }.render(&document, &catalogue, &page)?,
        format => format.renderer().render(&document, &catalogue, &page)?,
    };
    output::write(&arguments.output, &bytes, &arguments.input.files)?;
    match assemble::nothing_computed(&question, &document) {
        Some(finding) => Err(Refused::from(finding).into()),
        None => Ok(Outcome::Answered),
    }
}

/// Reads the files and answers the question.
pub(crate) fn answer(
    input: &InputArguments,
    asked: &QuestionArguments,
    catalogue: &Catalogue,
) -> Result<(Question, Compute), Refused> {
    let question = ask::question(asked, &input.include, catalogue)?;
    let options = ask::options(input)?;
    let inputs = ask::inputs(input)?;
    let progress = progress::show(&inputs);
    let sources = ingest::read(&inputs, &question, catalogue, &options)?;
    drop(progress);
    let answer = measures::answer(catalogue, &question, &sources);
    let document = assemble::compute(&question, &sources, &answer);
    Ok((question, document))
}
