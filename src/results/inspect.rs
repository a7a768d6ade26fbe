//! What files were taken for, for `mak inspect`.

use super::layout::{Tone, cut, hanging, paint, width};
use super::markdown::{escaped, table as markdown_table};
use super::table::joined;
use super::{Format, Page, RenderError, json};
use crate::contract::{Inspect, InspectedTable, Warning};
use crate::finding::escape;

/// Widest column of names, so that one long header does not push all others aside.
const NAMES: usize = 36;

/// The inspection as bytes: table, Markdown or JSON.
///
/// # Errors
/// The format is another one, or JSON cannot be written.
pub fn inspect(document: &Inspect, format: Format, page: &Page) -> Result<Vec<u8>, RenderError> {
    match format {
        Format::Table => Ok(joined(&sections(document, page))),
        Format::Markdown => Ok(markdown(document).into_bytes()),
        Format::Json => json::document(document),
        Format::Ndjson | Format::Csv => Err(RenderError::NotInThisFormat { document: "inspect", format }),
    }
}

fn sections(document: &Inspect, page: &Page) -> Vec<Vec<String>> {
    let page = &Page { width: page.columns(), ..*page };
    let mut out: Vec<Vec<String>> = Vec::new();
    for table in &document.tables {
        out.push(heading(table, page));
        out.push(columns(table, page));
        out.push(notes(table, page));
    }
    if !document.errors.is_empty() {
        out.push(document.errors.iter().flat_map(|error| finding(error, page)).collect());
    }
    out.retain(|section| !section.is_empty());
    out
}

fn heading(table: &InspectedTable, page: &Page) -> Vec<String> {
    let title = match &table.part {
        Some(part) => format!("{}!{}", escape(&table.file), escape(part)),
        None => escape(&table.file),
    };
    let mut out = vec![paint(&cut(&title, page.width), Tone::Strong, page.color)];
    let taken = format!(
        "{} {} ({}); {}",
        escape(&table.platform),
        escape(&table.export),
        escape(&table.profile),
        escape(&table.evidence)
    );
    out.extend(hanging("  taken for  ", &taken, page.width));
    for decision in &table.decisions {
        let why = decision.evidence.as_ref().map(|why| format!(": {}", escape(why))).unwrap_or_default();
        let lead = format!("  {}  ", escape(&decision.about));
        out.extend(hanging(&lead, &format!("{}{why}", escape(&decision.value)), page.width));
    }
    out.extend(hanging("  rows  ", &account(table), page.width));
    out
}

fn columns(table: &InspectedTable, page: &Page) -> Vec<String> {
    let names: Vec<String> = table.columns.iter().map(|column| cut(&escape(&column.name), NAMES)).collect();
    let longest = names.iter().map(|name| width(name)).max().unwrap_or(0);
    let digits = table.columns.len().to_string().len();
    let line = |(column, name): (&crate::contract::InspectedColumn, &String)| {
        let detail = column.detail.as_ref().map(|detail| format!("; {}", escape(detail))).unwrap_or_default();
        let text = format!("{}{detail}", escape(&column.taken_for));
        let blanks = " ".repeat(longest.saturating_sub(width(name)));
        let lead = format!("  {:>digits$}  {name}{blanks}  ", column.number);
        if width(&lead) + 20 <= page.width {
            return hanging(&lead, &text, page.width);
        }
        let mut lines = hanging("  ", name, page.width);
        lines.extend(hanging("      ", &text, page.width));
        lines
    };
    table.columns.iter().zip(&names).flat_map(line).collect()
}

fn notes(table: &InspectedTable, page: &Page) -> Vec<String> {
    let mut out: Vec<String> =
        table.notes.iter().flat_map(|note| hanging("  known of this export: ", &escape(note), page.width)).collect();
    out.extend(table.findings.iter().flat_map(|warning| finding(warning, page)));
    out
}

fn finding(warning: &Warning, page: &Page) -> Vec<String> {
    let place = match (warning.line, &warning.column_name) {
        (Some(line), Some(name)) => format!(" line {line}, \"{}\":", escape(name)),
        (Some(line), None) => format!(" line {line}:"),
        (None, Some(name)) => format!(" \"{}\":", escape(name)),
        (None, None) => String::new(),
    };
    let saw = warning.saw.as_ref().map(|saw| format!("; saw \"{}\"", crate::finding::excerpt(saw))).unwrap_or_default();
    let help = warning.help.as_ref().map(|help| format!(". {}", escape(help))).unwrap_or_default();
    let tone = match warning.severity.as_str() {
        "note" => Tone::Faint,
        "warning" => Tone::Caution,
        _ => Tone::Alarm,
    };
    let lines =
        hanging(&format!("  {}:{place} ", warning.severity), &format!("{}{saw}{help}", escape(&warning.message)), page.width);
    lines.into_iter().map(|line| paint(&line, tone, page.color)).collect()
}

fn markdown(document: &Inspect) -> String {
    let tables = document.tables.iter().map(|table| {
        let cells = |column: &crate::contract::InspectedColumn| {
            let detail = column.detail.as_deref().unwrap_or("");
            vec![column.number.to_string(), escaped(&column.name), escaped(&column.taken_for), escaped(detail)]
        };
        let rows: Vec<Vec<String>> = table.columns.iter().map(cells).collect();
        let header = ["#", "column", "taken for", "detail"].map(str::to_owned);
        let title = table.part.as_ref().map_or_else(|| table.file.clone(), |part| format!("{}!{part}", table.file));
        let decided = table.decisions.iter().map(|decision| {
            let why = decision.evidence.as_ref().map(|why| format!(": {}", escaped(why))).unwrap_or_default();
            format!("- {}: {}{why}\n", escaped(&decision.about), escaped(&decision.value))
        });
        format!(
            "### {}\n\nTaken for {} {}: {}.\n\n{}- rows: {}\n\n{}\n{}",
            escaped(&title),
            escaped(&table.platform),
            escaped(&table.export),
            escaped(&table.evidence),
            decided.collect::<Vec<_>>().concat(),
            account(table),
            markdown_table(&header, &[true, false, false, false], &rows),
            listed(&table.findings)
        )
    });
    tables.chain([listed(&document.errors)]).collect()
}

fn listed(findings: &[Warning]) -> String {
    let mut lines: Vec<String> = findings.iter().map(|finding| format!("- {}\n", escaped(&finding.to_string()))).collect();
    if !lines.is_empty() {
        lines.push("\n".to_owned());
    }
    lines.concat()
}

/// What became of the rows read.
fn account(table: &InspectedTable) -> String {
    format!(
        "{} read = {} used + {} totals + {} rejected + {} blank; header on line {}",
        table.rows, table.used, table.totals, table.rejected, table.blank, table.header_line
    )
}
