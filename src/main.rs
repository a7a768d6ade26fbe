//! The binary: hands what was typed to the library.

use std::process::ExitCode;

fn main() -> ExitCode {
    mak::cli::run(std::env::args_os())
}
