//! `mak list`: what there is to ask for.

use anyhow::Result;

use super::args::ListArguments;
use super::session::Session;
use super::{Outcome, output};
use crate::config::Choices;
use crate::contract::{List, ListedPlatform};
use crate::ingest::profile;
use crate::results;

/// Dimensions with a canonical name; any other text column is a dimension by its header.
const DIMENSIONS: &[&str] = &[
    "campaign", "channel", "source", "medium", "platform", "list", "segment", "country", "device", "page", "product", "owner",
    "currency", "date", "week", "month", "quarter", "year",
];

pub(crate) fn run(arguments: &ListArguments) -> Result<Outcome> {
    let dimensions = DIMENSIONS.iter().map(|&name| name.to_owned()).collect();
    let session = Session::open(&arguments.config, &Choices::default())?;
    let mut document = List::new(&session.catalogue, dimensions, platforms());
    let all = !(arguments.kpis || arguments.measures || arguments.dimensions || arguments.platforms);
    if !(all || arguments.kpis) {
        document.kpis.clear();
    }
    if !(all || arguments.measures) {
        document.measures.clear();
    }
    if !(all || arguments.dimensions) {
        document.dimensions.clear();
    }
    if !(all || arguments.platforms) {
        document.platforms.clear();
    }
    let bytes = results::list(&document, arguments.output.format.into(), &output::page(&arguments.output))?;
    output::write(&arguments.output, &bytes, &[])?;
    Ok(Outcome::Answered)
}

fn platforms() -> Vec<ListedPlatform> {
    let listed = |profile: &profile::Profile| ListedPlatform {
        platform: profile.platform.to_owned(),
        export: profile.export.to_owned(),
        kind: profile.kind.word().to_owned(),
        evidence: profile.evidence.words().to_owned(),
    };
    profile::all().map(listed).collect()
}
