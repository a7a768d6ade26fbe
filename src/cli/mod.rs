//! The command line: the only place that knows clap.
//!
//! **Owns** arguments, one file a command, where output goes, progress, and exit codes.
//!
//! **Does not know** how anything is computed or laid out.

mod args;
mod ask;
mod assemble;
mod compute;
mod explain;
mod failure;
mod inspect;
mod list;
mod mapping;
mod output;
mod progress;
mod schema;
mod session;

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
    /// A part of it could not be answered, and the output says which.
    Unanswered,
}

impl Outcome {
    fn exit_code(self) -> ExitCode {
        match self {
            Outcome::Answered => ExitCode::SUCCESS,
            Outcome::Unanswered => ExitCode::from(UNANSWERED),
        }
    }
}

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
        Command::Compute(arguments) => compute::run(arguments),
        Command::Inspect(arguments) => inspect::run(arguments),
        Command::Explain(arguments) => explain::run(arguments),
        Command::List(arguments) => list::run(arguments),
        Command::Schema(arguments) => schema::run(arguments),
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
