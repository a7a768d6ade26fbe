//! `mak sql`: the same question as one query, for an engine that has the rows.

use anyhow::Result;
use clap::Args;
use clap::builder::PossibleValuesParser;

use super::args::{InputArguments, OutputArguments, QuestionArguments};
use super::failure::Refused;
use super::session::{ConfigArguments, Session};
use super::{Outcome, ask, output, session};
use crate::measures::Question;
use crate::sql::{Engine, Plan};

/// `mak sql`
#[derive(Debug, Args)]
pub(crate) struct SqlArguments {
    /// The engine that the query is for
    #[arg(long, value_name = "ENGINE", value_parser = PossibleValuesParser::new(Engine::ALL.iter().map(|engine| engine.word())))]
    dialect: String,

    #[command(flatten)]
    question: QuestionArguments,

    #[command(flatten)]
    config: ConfigArguments,

    #[command(flatten)]
    output: OutputArguments,
}

pub(crate) fn run(arguments: &SqlArguments) -> Result<Outcome> {
    let engine = engine(&arguments.dialect)?;
    let input = InputArguments { config: arguments.config.clone(), ..InputArguments::default() };
    let session = Session::open(&arguments.config, &session::choices(&input, Some(&arguments.question))?)?;
    let question = ask::question(&arguments.question, &[], &session)?;
    let query = plan(&question, &session)?.query(engine).map_err(Refused::from)?;
    output::write(&arguments.output, query.as_bytes(), &[])?;
    Ok(Outcome::Answered)
}

/// The engine of that word.
pub(crate) fn engine(word: &str) -> Result<Engine, Refused> {
    let known = || Engine::ALL.iter().map(|engine| engine.word());
    Engine::from_word(word).ok_or_else(|| Refused::unknown("engine", word, known(), &known().collect::<Vec<_>>().join(", ")))
}

/// The question over the tables of `mak.toml`.
pub(crate) fn plan(question: &Question, session: &Session) -> Result<Plan, Refused> {
    if question.dedupe {
        return Err(Refused::usage("--dedupe is for files; for a table map a view that selects distinct rows"));
    }
    Ok(Plan::new(&session.config.sources, question, &session.catalogue)?)
}
