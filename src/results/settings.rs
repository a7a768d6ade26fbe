//! What is in force and where each value came from, for `mak config`.

use super::layout::Tone;
use super::sheet::{Column, Record, lines, markdown, text};
use super::table::joined;
use super::{Format, Page, RenderError, json};
use crate::config::Row;
use crate::finding::escape;

const COLUMNS: &[Column] = &[text("Setting"), text("Value"), text("From")];

/// The rows as bytes: table, Markdown or JSON.
///
/// # Errors
/// The format is another one, or JSON cannot be written.
pub fn settings(rows: &[Row], format: Format, page: &Page) -> Result<Vec<u8>, RenderError> {
    let record = |row: &Row| Record {
        cells: vec![escape(&row.name), escape(&row.value), escape(&row.from.to_string())],
        tone: Tone::Plain,
        remark: None,
    };
    let records: Vec<Record> = rows.iter().map(record).collect();
    match format {
        Format::Table => Ok(joined(&[lines(COLUMNS, &records, &Page { width: page.columns(), ..*page })])),
        Format::Markdown => Ok(markdown(COLUMNS, &records).into_bytes()),
        Format::Json => {
            let entry = |row: &Row| serde_json::json!({ "name": row.name, "value": row.value, "from": row.from.to_string() });
            json::document(&rows.iter().map(entry).collect::<Vec<_>>())
        }
        Format::Ndjson | Format::Csv => Err(RenderError::NotInThisFormat { document: "config", format }),
    }
}
