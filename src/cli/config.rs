//! `mak config`: what is in force, and where each value came from.

use anyhow::Result;
use clap::Args;

use super::args::OutputArguments;
use super::session::{ConfigArguments, Session};
use super::{Outcome, output};
use crate::config::{Choices, Row};
use crate::contract::{SettingLine, SettingsReport};
use crate::results;

/// `mak config`
#[derive(Debug, Args)]
pub(crate) struct SettingsArguments {
    #[command(flatten)]
    config: ConfigArguments,
    #[command(flatten)]
    output: OutputArguments,
}

pub(crate) fn run(arguments: &SettingsArguments) -> Result<Outcome> {
    let session = Session::open(&arguments.config, &Choices::default())?;
    let file = Row {
        name: "configuration".to_owned(),
        value: session.config.file.as_deref().unwrap_or("none").to_owned(),
        from: session.chosen.clone(),
    };
    let rows = std::iter::once(file).chain(session.config.describe(&session.settings));
    let line = |row: Row| SettingLine { name: row.name, value: row.value, from: row.from.to_string() };
    let report = SettingsReport { schema: SettingsReport::SCHEMA.to_owned(), settings: rows.map(line).collect() };
    let bytes = results::settings(&report, arguments.output.format.into(), &output::page(&arguments.output))?;
    output::write(&arguments.output, &bytes, &[])?;
    Ok(Outcome::Answered)
}
