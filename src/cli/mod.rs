//! The command line: the only place that knows clap.
//!
//! **Owns** arguments, one file a command, where output goes, progress, and exit codes.
//!
//! **Does not know** how anything is computed or laid out.

mod args;
mod ask;
mod assemble;
mod attribute;
mod check;
mod clv;
mod cohort;
mod compare;
mod compute;
mod config;
mod engine;
mod explain;
mod export;
mod failure;
mod goals;
mod init;
mod inspect;
mod list;
mod mapping;
mod normalize;
mod output;
mod progress;
mod schema;
mod session;
mod sql;

use std::ffi::OsString;
use std::io::{self, Write as _};
use std::process::ExitCode;

use clap::Parser as _;

use args::{Arguments, Command};

/// What a command came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// The question is answered.
    Answered,
    /// The question is answered, and a threshold was missed.
    Missed,
    /// A part of it could not be answered, and the output says which.
    Unanswered,
}

impl Outcome {
    fn exit_code(self) -> ExitCode {
        match self {
            Outcome::Answered => ExitCode::SUCCESS,
            Outcome::Missed => ExitCode::from(MISSED),
            Outcome::Unanswered => ExitCode::from(UNANSWERED),
        }
    }
}

/// Exit code of a threshold that was missed.
const MISSED: u8 = 1;

/// Exit code of a question that could not be answered.
const UNANSWERED: u8 = 2;

/// Runs the command that was typed. A closed pipe ends quietly.
pub fn run(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    let arguments = match Arguments::try_parse_from(arguments) {
        Ok(arguments) => arguments,
        Err(error) => {
            let code = if error.use_stderr() { ExitCode::from(UNANSWERED) } else { ExitCode::SUCCESS };
            // Help into a closed pipe is no failure.
            let _ = error.print();
            return code;
        }
    };
    let outcome = match &arguments.command {
        Command::Clv(arguments) => clv::run(arguments),
        Command::Cohort(arguments) => cohort::run(arguments),
        Command::Compute(arguments) => compute::run(arguments),
        Command::Check(arguments) => check::run(arguments),
        Command::Compare(arguments) => compare::run(arguments),
        Command::Goals(arguments) => goals::run(arguments),
        Command::Init(arguments) => init::run(arguments),
        Command::Config(arguments) => config::run(arguments),
        Command::Attribute(arguments) => attribute::run(arguments),
        Command::Inspect(arguments) => inspect::run(arguments),
        Command::Explain(arguments) => explain::run(arguments),
        Command::List(arguments) => list::run(arguments),
        Command::Normalize(arguments) => normalize::run(arguments),
        Command::Schema(arguments) => schema::run(arguments),
        Command::Sql(arguments) => sql::run(arguments),
        Command::Export(arguments) => export::run(arguments),
    };
    match outcome {
        Ok(outcome) => outcome.exit_code(),
        Err(error) if is_closed_pipe(&error) => ExitCode::SUCCESS,
        Err(error) => {
            let _ = writeln!(io::stderr(), "{}", failure::text(&error, output::error_width()));
            ExitCode::from(UNANSWERED)
        }
    }
}

fn is_closed_pipe(error: &anyhow::Error) -> bool {
    error.chain().any(|cause| cause.downcast_ref::<io::Error>().is_some_and(|error| error.kind() == io::ErrorKind::BrokenPipe))
}
