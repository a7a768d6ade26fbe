//! `mak schema`: the JSON Schema of what mak writes.

use anyhow::Result;

use super::args::SchemaArguments;
use super::failure::Refused;
use super::{Outcome, output};
use crate::contract;

pub(crate) fn run(arguments: &SchemaArguments) -> Result<Outcome> {
    let schemas = contract::schemas();
    let document = match &arguments.name {
        None => serde_json::to_value(schemas.into_iter().collect::<indexmap::IndexMap<_, _>>())?,
        Some(name) => match schemas.iter().find(|(known, _)| known == name) {
            Some((_, schema)) => serde_json::to_value(schema)?,
            None => return Err(Refused::unknown("schema", name, schemas.iter().map(|(name, _)| *name), "mak schema").into()),
        },
    };
    let mut bytes = serde_json::to_vec_pretty(&document)?;
    bytes.push(b'\n');
    output::write(&arguments.output, &bytes, &[])?;
    Ok(Outcome::Answered)
}
