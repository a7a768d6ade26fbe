//! `mak export`: the catalogue over the mapped tables, for a semantic layer.

use std::io::{self, Write as _};

use anyhow::Result;
use clap::{Args, ValueEnum};

use super::args::{InputArguments, OutputArguments};
use super::failure::Refused;
use super::session::{ConfigArguments, Session};
use super::{Outcome, output, session};
use crate::sql::metricflow;

/// `mak export`
#[derive(Debug, Args)]
pub(crate) struct ExportArguments {
    /// What it is written as
    #[arg(long = "as", value_enum, default_value_t = LayerWord::Metricflow)]
    layer: LayerWord,

    #[command(flatten)]
    config: ConfigArguments,

    #[command(flatten)]
    output: OutputArguments,
}

/// Semantic layers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum LayerWord {
    /// A manifest of `MetricFlow`, as dbt-semantic-interfaces reads it
    Metricflow,
}

pub(crate) fn run(arguments: &ExportArguments) -> Result<Outcome> {
    let LayerWord::Metricflow = arguments.layer;
    let input = InputArguments { config: arguments.config.clone(), ..InputArguments::default() };
    let session = Session::open(&arguments.config, &session::choices(&input, None)?)?;
    if session.config.sources.is_empty() {
        return Err(Refused::usage("mak.toml maps no table: write [source.orders] with its table and columns").into());
    }
    let manifest = metricflow(&session.config.sources, &session.catalogue, session.settings.basis.value);
    output::write(&arguments.output, manifest.yaml.as_bytes(), &[])?;
    let mut stderr = io::stderr().lock();
    writeln!(stderr, "{} KPIs exported, {} left out:", manifest.exported.len(), manifest.left_out.len())?;
    for (kpi, why) in &manifest.left_out {
        writeln!(stderr, "  {kpi}: {why}")?;
    }
    Ok(Outcome::Answered)
}
