//! `mak compute`: every KPI that the files support.

use anyhow::Result;

use super::args::{ComputeArguments, InputArguments, QuestionArguments};
use super::failure::Refused;
use super::session::{self, Session};
use super::{Outcome, ask, assemble, attribute, output, progress};
use crate::contract::Compute;
use crate::ingest;
use crate::kpi::SCREENS;
use crate::measures::{self, Question};
use crate::results::{Csv, Format, Render as _};

pub(crate) fn run(arguments: &ComputeArguments) -> Result<Outcome> {
    let session = session(&arguments.input, &arguments.question)?;
    let catalogue = &session.catalogue;
    let (question, document) = answer(&arguments.input, &arguments.question, &session)?;
    let format = Format::from(arguments.output.format);
    let page = output::page(&arguments.output);
    let bytes = match format {
        Format::Csv if arguments.output.raw => Csv { raw: true }.render(&document, catalogue, &page)?,
        format => format.renderer().render(&document, catalogue, &page)?,
    };
    let inputs: Vec<String> = document.inputs.iter().map(|input| input.file.clone()).collect();
    output::write(&arguments.output, &bytes, &inputs)?;
    match assemble::nothing_computed(&question, &document) {
        Some(finding) => Err(Refused::from(finding).into()),
        None => Ok(Outcome::Answered),
    }
}

/// What is in force for a question over files.
pub(crate) fn session(input: &InputArguments, asked: &QuestionArguments) -> Result<Session, Refused> {
    let mut session = Session::open(&input.config, &session::choices(input, Some(asked))?)?;
    if let Some(tool) = &asked.like {
        let known = || SCREENS.iter().map(|screen| screen.platform);
        session.catalogue = session
            .catalogue
            .like(&tool.to_lowercase())
            .ok_or_else(|| Refused::unknown("screen", tool, known(), &known().collect::<Vec<_>>().join(", ")))?;
    }
    Ok(session)
}

/// Reads the files and answers the question.
pub(crate) fn answer(
    input: &InputArguments,
    asked: &QuestionArguments,
    session: &Session,
) -> Result<(Question, Compute), Refused> {
    Answers::open(input, session)?.to(asked)
}

/// Files that are asked more than once. Standard input is kept, so that it can be read again.
pub(crate) struct Answers<'a> {
    inputs: Vec<ingest::Input>,
    include: &'a [String],
    session: &'a Session,
}

impl<'a> Answers<'a> {
    /// Finds the files.
    pub(crate) fn open(input: &'a InputArguments, session: &'a Session) -> Result<Self, Refused> {
        Ok(Answers { inputs: ask::inputs(input, session)?, include: &input.include, session })
    }

    /// The answer in groups of these dimensions, whatever the question says of them.
    pub(crate) fn by(&self, asked: &QuestionArguments, by: &[String]) -> Result<Compute, Refused> {
        let asked = QuestionArguments { by: by.to_vec(), period: None, ..asked.clone() };
        self.to(&asked).map(|(_, document)| document)
    }

    fn to(&self, asked: &QuestionArguments) -> Result<(Question, Compute), Refused> {
        let catalogue = &self.session.catalogue;
        let mut question = ask::question(asked, self.include, self.session)?;
        let progress = progress::show(&self.inputs);
        let mut sources = ingest::read(&self.inputs, &question, catalogue)?;
        drop(progress);
        ask::refuse_unknown_dimensions(&question, &sources)?;
        attribute::add_attributed(&mut sources, &self.inputs, &question, self.session)?;
        ask::add_costs(&mut question, &sources, self.session)?;
        let answer = measures::answer(catalogue, &question, &sources);
        let document = assemble::compute(&question, &sources, &answer);
        Ok((question, document))
    }
}
