//! `mak normalize`: a file as one clean table, or what is wrong with it.

use std::io::{self, Write as _};
use std::path::PathBuf;

use anyhow::Result;
use clap::Args;

use super::args::InputArguments;
use super::failure::Refused;
use super::session::{self, ConfigArguments, Session};
use super::{Outcome, mapping, output};
use crate::finding::{Code, Finding, Place};
use crate::ingest::normalize::{Normalized, Options, WriteFailure, normalize};
use crate::ingest::sheet::Overrides;
use crate::ingest::source::Source;

/// `mak normalize`
#[derive(Debug, Args)]
#[command(long_about = "Write a file as clean UTF-8 CSV (RFC 4180), every cell as it was read.\n\n\
        The header is the first row from which on every row has the same number of cells and whose cells are names, \
        all different; the lines before it are left out and listed. What is in doubt is refused with its line. \
        With --repair, defects that the rest of the table settles are repaired, and each repair is listed.")]
pub(crate) struct NormalizeArguments {
    /// A file; - is standard input
    #[arg(value_name = "FILE")]
    file: String,

    /// Write to FILE instead of standard output; a whole file or none
    #[arg(short = 'o', long = "output", value_name = "FILE")]
    output: Option<PathBuf>,

    /// Repair what can be repaired, and list each repair with its line
    #[arg(long)]
    repair: bool,

    /// Write the names that mak knows the columns by
    #[arg(long)]
    canonical: bool,

    /// The first row is data already
    #[arg(long, conflicts_with = "canonical")]
    no_header: bool,

    /// Separator of cells: a character, or comma, semicolon, tab, pipe, space
    #[arg(long, value_name = "CHAR")]
    delimiter: Option<String>,

    /// Quote around cells: a character, or none
    #[arg(long, value_name = "CHAR")]
    quote: Option<String>,

    /// Character that stands before a quote inside a quoted cell, such as a backslash
    #[arg(long, value_name = "CHAR")]
    escape: Option<String>,

    /// Encoding of the file: utf-8, windows-1252, utf-16le …
    #[arg(long, value_name = "NAME")]
    encoding: Option<String>,

    /// The sheet, member or section to take, where the file has several tables
    #[arg(long, value_name = "NAME")]
    part: Option<String>,

    #[command(flatten)]
    config: ConfigArguments,
}

pub(crate) fn run(arguments: &NormalizeArguments) -> Result<Outcome> {
    let input = InputArguments {
        files: vec![arguments.file.clone()],
        delimiter: arguments.delimiter.clone(),
        encoding: arguments.encoding.clone(),
        ..InputArguments::default()
    };
    let session = Session::open(&arguments.config, &session::choices(&input, None)?)?;
    let source = the_source(&arguments.file)?;
    let name = source.name().to_string();
    let overrides = Overrides {
        quote: arguments.quote.as_deref().map(quote).transpose()?,
        escape: arguments.escape.as_deref().map(|text| byte("--escape", text)).transpose()?,
        ..mapping::overrides(&session, &name)
    };
    let options = Options {
        overrides,
        no_header: arguments.no_header,
        repair: arguments.repair,
        canonical: arguments.canonical.then(|| mapping::told(&session, &name)),
        part: arguments.part.clone(),
    };
    let table = normalize(&source, &options, &session.catalogue).map_err(Refused::from)?;
    output::write_with(arguments.output.as_deref(), &input.files, |output| match table.write(output) {
        Ok(()) => Ok(()),
        Err(WriteFailure::Input(finding)) => Err(Refused::from(finding).into()),
        Err(WriteFailure::Output(error)) => Err(error.into()),
    })?;
    report(&table)?;
    Ok(Outcome::Answered)
}

/// The one file that is named. Several files are several tables.
fn the_source(file: &str) -> Result<Source, Refused> {
    let mut sources = Source::expand(&[file.to_owned()])?.into_iter();
    match (sources.next(), sources.next()) {
        (Some(source), None) => Ok(source),
        _ => Err(Refused::from(
            Finding::new(Code::BadUsage, Place::file(file), "this stands for several files").help("normalize one at a time"),
        )),
    }
}

/// What was left out and repaired, and what the file was taken for, on standard error.
fn report(table: &Normalized) -> io::Result<()> {
    let mut stderr = io::stderr().lock();
    for finding in table.findings() {
        writeln!(stderr, "{finding}")?;
    }
    let header = table.header_line().map_or_else(|| "no header".to_owned(), |line| format!("header on line {line}"));
    let told = table.told().iter().map(|told| format!("{} {}", told.about, told.value)).collect::<Vec<_>>().join(", ");
    let told = if told.is_empty() { told } else { format!("; {told}") };
    let repairs = table.findings().iter().filter(|finding| finding.code() == Code::Repaired).count();
    let repairs = if repairs == 0 { String::new() } else { format!("; {repairs} repairs") };
    writeln!(stderr, "{}: {} rows of {} columns, {header}{told}{repairs}", table.place(), table.rows(), table.columns())
}

fn quote(text: &str) -> Result<Option<u8>, Refused> {
    if text == "none" { Ok(None) } else { byte("--quote", text).map(Some) }
}

fn byte(flag: &str, text: &str) -> Result<u8, Refused> {
    match text.as_bytes() {
        [byte] if byte.is_ascii_punctuation() => Ok(*byte),
        _ => Err(Refused::usage(format!("{flag} {text}: give one character that is no letter, digit or blank"))),
    }
}
