//! Where rows live elsewhere: `[source.KIND]` maps a table, `[engine.NAME]` names its client.

use super::columns::{DIMENSIONS, KINDS, Meaning, meaning, nearest_meaning};
use super::section::{Located, Section, kind_of};
use super::setting::{read_currency, read_key};
use crate::finding::nearest;
use crate::kpi::Catalogue;
use toml::de::DeValue;

/// A table of an engine, and what its columns mean. What is not listed does not exist.
#[derive(Clone, Debug, PartialEq)]
pub struct TableSource {
    /// What a row is: one of [`KINDS`].
    pub kind: String,
    /// The table, as the engine names it: `shop.orders`.
    pub table: String,
    /// Meaning and column, in the order of the file.
    pub columns: Vec<TableColumn>,
    /// Currency of its amounts.
    pub currency: Option<String>,
    /// Line of `mak.toml`.
    pub line: u64,
}

/// A column of a table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TableColumn {
    /// What it means.
    pub meaning: Meaning,
    /// Our id for it.
    pub id: String,
    /// Its name in the table.
    pub column: String,
}

/// How an engine's client is started.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Engine {
    /// The engine: `duckdb`.
    pub name: String,
    /// Program and arguments.
    pub command: Vec<String>,
    /// Line of `mak.toml`.
    pub line: u64,
}

/// Reads `[source.KIND]`.
pub(super) fn read_sources(top: &Section<'_, '_>, catalogue: &Catalogue) -> Vec<TableSource> {
    top.named_tables("source").iter().filter_map(|(kind, section)| read_source(kind, section, catalogue)).collect()
}

fn read_source(kind: &Located, section: &Section<'_, '_>, catalogue: &Catalogue) -> Option<TableSource> {
    if !KINDS.contains(&kind.text.as_str()) {
        let near = nearest(&kind.text, KINDS.iter().copied())
            .map_or_else(|| format!("kinds are {}", KINDS.join(", ")), |near| format!("did you mean {near}?"));
        section.problem(kind.span.clone(), format!("there is no kind of source {}", kind.text), Some(near));
    }
    let table = section.text("table");
    let columns = read_columns(section, catalogue);
    for (key, help) in [
        ("table", "write table = \"shop.orders\""),
        ("columns", "write columns = [\"date\", \"amount\"], or a map from our ids to the table's columns"),
    ] {
        if section.get(key).is_none() {
            section.problem(section.span.clone(), format!("{key} is missing in [{}]", section.path), Some(help.to_owned()));
        }
    }
    let currency = read_key(section, "currency", read_currency).map(|(value, _)| value);
    section.done();
    let table = table?;
    if table.text.trim().is_empty() {
        section.problem(table.span, "the table has no name", None);
        return None;
    }
    Some(TableSource { kind: kind.text.clone(), table: table.text, columns, currency, line: section.line() })
}

fn read_columns(section: &Section<'_, '_>, catalogue: &Catalogue) -> Vec<TableColumn> {
    let Some(value) = section.get("columns") else { return Vec::new() };
    let pairs: Vec<(Located, Located)> = match value.get_ref() {
        DeValue::Array(items) => {
            items.iter().filter_map(|item| section.text_of(item, "columns")).map(|text| (text.clone(), text)).collect()
        }
        DeValue::Table(table) => {
            let map = Section::new(section.source, table, format!("{}.columns", section.path), value.span());
            map.entries().into_iter().filter_map(|(id, column)| Some((id.clone(), section.text_of(column, &id.text)?))).collect()
        }
        other => {
            let help = "write a list of names, or a map from our ids to the table's columns".to_owned();
            section.problem(value.span(), format!("columns is {}", kind_of(other)), Some(help));
            return Vec::new();
        }
    };
    let mut columns: Vec<TableColumn> = Vec::new();
    for (id, column) in pairs {
        if columns.iter().any(|known| known.id == id.text) {
            section.problem(id.span.clone(), format!("{} is listed twice", id.text), None);
            continue;
        }
        if let Some(meaning) = column_meaning(section, &id, catalogue) {
            columns.push(TableColumn { meaning, id: id.text, column: column.text });
        }
    }
    columns
}

/// A known id, or a dimension of its own name unless it is nearly a known id.
fn column_meaning(section: &Section<'_, '_>, id: &Located, catalogue: &Catalogue) -> Option<Meaning> {
    let word = id.text.as_str();
    let known = catalogue.measure(word).is_some() || DIMENSIONS.contains(&word) || word.starts_with("dimension:");
    let role = super::columns::ColumnRole::WORDS.iter().any(|(known, _)| *known == word);
    if known || role || nearest_meaning(word, catalogue).is_some() {
        return meaning(section, id, catalogue);
    }
    Some(Meaning::Dimension(word.to_lowercase()))
}

/// Reads `[engine.NAME]`.
pub(super) fn read_engines(top: &Section<'_, '_>) -> Vec<Engine> {
    top.named_tables("engine").iter().filter_map(|(name, section)| read_engine(name, section)).collect()
}

fn read_engine(name: &Located, section: &Section<'_, '_>) -> Option<Engine> {
    let command: Vec<String> = section.texts("command").into_iter().map(|text| text.text).collect();
    section.done();
    let help = "write command = [\"duckdb\", \"shop.db\", \"-csv\"]: program and arguments, no shell".to_owned();
    match section.get("command") {
        None => section.problem(section.span.clone(), format!("command is missing in [{}]", section.path), Some(help)),
        Some(value) if command.first().is_none_or(|program| program.trim().is_empty()) => {
            section.problem(value.span(), "the command is empty", Some(help));
        }
        Some(value) if command.len() == 1 && command.iter().any(|program| program.contains(' ')) => {
            section.problem(value.span(), "a command is a list, so that no shell reads it", Some(help));
        }
        Some(_) => return Some(Engine { name: name.text.clone(), command, line: section.line() }),
    }
    None
}
