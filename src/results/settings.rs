//! What is in force and where each value came from, for `mak config`.

use super::layout::Tone;
use super::sheet::{Column, Record, lines, markdown, text};
use super::table::joined;
use super::{Format, Page, RenderError, json};
use crate::contract::{SettingLine, SettingsReport};
use crate::finding::escape;

const COLUMNS: &[Column] = &[text("Setting"), text("Value"), text("From")];

/// The rows as bytes: table, Markdown or JSON.
///
/// # Errors
/// The format is another one, or JSON cannot be written.
pub fn settings(report: &SettingsReport, format: Format, page: &Page) -> Result<Vec<u8>, RenderError> {
    let record = |row: &SettingLine| Record {
        cells: vec![escape(&row.name), escape(&row.value), escape(&row.from)],
        tone: Tone::Plain,
        remark: None,
    };
    let records: Vec<Record> = report.settings.iter().map(record).collect();
    match format {
        Format::Table => Ok(joined(&[lines(COLUMNS, &records, &Page { width: page.columns(), ..*page })])),
        Format::Markdown => Ok(markdown(COLUMNS, &records).into_bytes()),
        Format::Json => json::document(report),
        Format::Ndjson | Format::Csv => Err(RenderError::NotInThisFormat { document: "config", format }),
    }
}
