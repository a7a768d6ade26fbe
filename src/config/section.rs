//! A table of `mak.toml` being read: typed getters that note what is wrong and go on.
//!
//! Every key that is asked for becomes a known key, so that [`Section::done`] can name the
//! nearest one for each key that nobody asked for. What a section accepts is thus written once.

use std::cell::RefCell;
use std::ops::Range;

use jiff::civil::Date;
use rust_decimal::Decimal;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::literal::{Literal, LiteralError, LiteralKind};
use super::problem::Source;
use crate::finding::nearest;

/// A value with its place.
pub(super) type Value<'s> = Spanned<DeValue<'s>>;

/// A text with the bytes of the file at which its characters stand.
#[derive(Clone, Debug)]
pub(super) struct Located {
    pub(super) text: String,
    pub(super) span: Range<usize>,
    /// Where the text itself begins, when it stands in the file without escapes.
    inner: Option<usize>,
}

impl Located {
    /// The bytes of the file for bytes of the text.
    pub(super) fn part(&self, span: Range<usize>) -> Range<usize> {
        self.inner.map_or(self.span.clone(), |at| at.saturating_add(span.start)..at.saturating_add(span.end))
    }
}

/// A table under its path, such as `files."*.csv"`.
pub(super) struct Section<'r, 's> {
    pub(super) source: &'r Source<'s>,
    pub(super) table: &'r DeTable<'s>,
    pub(super) path: String,
    pub(super) span: Range<usize>,
    known: RefCell<Vec<&'static str>>,
}

impl<'r, 's> Section<'r, 's> {
    pub(super) fn new(source: &'r Source<'s>, table: &'r DeTable<'s>, path: impl Into<String>, span: Range<usize>) -> Self {
        Section { source, table, path: path.into(), span, known: RefCell::default() }
    }

    pub(super) fn line(&self) -> u64 {
        self.source.line(self.span.start)
    }

    /// The value of a key, which becomes a known one.
    pub(super) fn get(&self, key: &'static str) -> Option<&'r Value<'s>> {
        let mut known = self.known.borrow_mut();
        if !known.contains(&key) {
            known.push(key);
        }
        self.table.get(key)
    }

    pub(super) fn problem(&self, span: Range<usize>, message: impl Into<String>, help: Option<String>) {
        self.source.problem(span, message, help);
    }

    /// Notes every key that nobody asked for.
    pub(super) fn done(&self) {
        let known = self.known.borrow();
        for (key, _) in self.table.iter().filter(|(key, _)| !known.contains(&key.get_ref().as_ref())) {
            let name = key.get_ref();
            let message = if self.path.is_empty() {
                format!("unknown key {name}")
            } else {
                format!("unknown key {name} in [{}]", self.path)
            };
            let help = nearest(name, known.iter().copied())
                .map_or_else(|| format!("known keys are {}", known.join(", ")), |near| format!("did you mean {near}?"));
            self.problem(key.span(), message, Some(help));
        }
    }

    pub(super) fn text(&self, key: &'static str) -> Option<Located> {
        self.text_of(self.get(key)?, key)
    }

    pub(super) fn text_of(&self, value: &Value<'s>, key: &str) -> Option<Located> {
        match value.get_ref() {
            DeValue::String(text) => Some(located(self.source, text, value.span())),
            other => {
                self.problem(
                    value.span(),
                    format!("{key} is {}, not a text", kind_of(other)),
                    Some("put it in quotes".to_owned()),
                );
                None
            }
        }
    }

    /// One text, or a list of them.
    pub(super) fn texts(&self, key: &'static str) -> Vec<Located> {
        let Some(value) = self.get(key) else { return Vec::new() };
        match value.get_ref() {
            DeValue::Array(items) => items.iter().filter_map(|item| self.text_of(item, key)).collect(),
            _ => self.text_of(value, key).into_iter().collect(),
        }
    }

    pub(super) fn flag(&self, key: &'static str) -> Option<bool> {
        let value = self.get(key)?;
        if let DeValue::Boolean(flag) = value.get_ref() {
            return Some(*flag);
        }
        self.problem(value.span(), format!("{key} is {}, not true or false", kind_of(value.get_ref())), None);
        None
    }

    /// A literal: a number, or a text such as `"20%"`.
    pub(super) fn literal(&self, key: &'static str) -> Option<(Literal, Range<usize>)> {
        let value = self.get(key)?;
        let Some(text) = literal_text(value.get_ref()) else {
            self.problem(value.span(), format!("{key} is {}, not a number", kind_of(value.get_ref())), None);
            return None;
        };
        match Literal::parse(&text) {
            Ok(literal) => Some((literal, value.span())),
            Err(why) => {
                self.literal_problem(value.span(), key, why);
                None
            }
        }
    }

    pub(super) fn literal_problem(&self, span: Range<usize>, key: &str, why: LiteralError) {
        self.problem(span, format!("{key}: {}", why.message), why.help);
    }

    /// A plain number, zero or more.
    pub(super) fn amount(&self, key: &'static str) -> Option<Decimal> {
        let (literal, span) = self.literal(key)?;
        if literal.kind != LiteralKind::Plain || (literal.value.is_sign_negative() && !literal.value.is_zero()) {
            self.problem(
                span,
                format!("{key}: {literal} is no amount"),
                Some("write a plain number, 0 or more: 1250.50".to_owned()),
            );
            return None;
        }
        Some(literal.value)
    }

    pub(super) fn whole(&self, key: &'static str) -> Option<u64> {
        let (literal, span) = self.literal(key)?;
        let whole = (literal.kind == LiteralKind::Plain && literal.value.is_integer())
            .then(|| u64::try_from(literal.value).ok())
            .flatten();
        if whole.is_none() {
            self.problem(span, format!("{key}: {literal} is no whole number of 0 or more"), None);
        }
        whole
    }

    /// A date: `2026-03-31`, with or without quotes.
    pub(super) fn date(&self, key: &'static str) -> Option<Date> {
        let value = self.get(key)?;
        let text = match value.get_ref() {
            DeValue::String(text) => text.trim().to_owned(),
            DeValue::Datetime(date) => date.to_string(),
            other => kind_of(other).to_owned(),
        };
        let shaped = text.len() == 10 && text.split('-').map(str::len).eq([4, 2, 2]);
        let date = shaped.then(|| text.parse().ok()).flatten();
        if date.is_none() {
            self.problem(
                value.span(),
                format!("{key}: {text} is no date"),
                Some("write year, month, day: 2026-03-31".to_owned()),
            );
        }
        date
    }

    /// One of several words.
    pub(super) fn word<T: Copy>(&self, key: &'static str, words: &[(&'static str, T)]) -> Option<T> {
        let text = self.text(key)?;
        let found = words.iter().find(|(word, _)| *word == text.text);
        if found.is_none() {
            self.unknown_word(&text, key, words.iter().map(|(word, _)| *word));
        }
        found.map(|(_, meaning)| *meaning)
    }

    pub(super) fn unknown_word(&self, text: &Located, key: &str, words: impl Iterator<Item = &'static str>) {
        let words: Vec<_> = words.collect();
        let help = nearest(&text.text, words.iter().copied())
            .map_or_else(|| format!("write one of {}", words.join(", ")), |near| format!("did you mean {near}?"));
        self.problem(text.span.clone(), format!("{key}: {} is not known", text.text), Some(help));
    }

    /// A table within this one.
    pub(super) fn table(&self, key: &'static str) -> Option<Section<'r, 's>> {
        let value = self.get(key)?;
        self.table_of(value, key, value.span())
    }

    pub(super) fn table_of(&self, value: &'r Value<'s>, name: &str, span: Range<usize>) -> Option<Section<'r, 's>> {
        let path = if self.path.is_empty() { name.to_owned() } else { format!("{}.{name}", self.path) };
        if let DeValue::Table(table) = value.get_ref() {
            return Some(Section::new(self.source, table, path, span));
        }
        let help = format!("write [{path}] above its keys, or {name} = {{ … }}");
        self.problem(value.span(), format!("{name} is {}, not a table", kind_of(value.get_ref())), Some(help));
        None
    }

    /// The tables `[key.NAME]` with their names, in the order of the file.
    pub(super) fn named_tables(&self, key: &'static str) -> Vec<(Located, Section<'r, 's>)> {
        let Some(parent) = self.table(key) else { return Vec::new() };
        let tables = parent.entries().into_iter();
        tables
            .filter_map(|(name, value)| parent.table_of(value, &name.text, name.span.clone()).map(|table| (name, table)))
            .collect()
    }

    /// All entries in the order of the file.
    pub(super) fn entries(&self) -> Vec<(Located, &'r Value<'s>)> {
        let mut entries: Vec<_> =
            self.table.iter().map(|(key, value)| (located(self.source, key.get_ref(), key.span()), value)).collect();
        entries.sort_by_key(|(key, _)| key.span.start);
        entries
    }

    /// The tables `[[key]]`.
    pub(super) fn array_of_tables(&self, key: &'static str) -> Vec<Section<'r, 's>> {
        let Some(value) = self.get(key) else { return Vec::new() };
        let DeValue::Array(items) = value.get_ref() else {
            let help = format!("write [[{key}]] with two brackets, once for each");
            self.problem(value.span(), format!("{key} is {}, not a list", kind_of(value.get_ref())), Some(help));
            return Vec::new();
        };
        items.iter().filter_map(|item| self.table_of(item, key, item.span())).collect()
    }
}

/// The text of a value that can stand for a literal, digit by digit as written.
pub(super) fn literal_text(value: &DeValue<'_>) -> Option<String> {
    match value {
        DeValue::String(text) => Some(text.to_string()),
        DeValue::Integer(integer) => Some(integer.to_string()),
        DeValue::Float(float) => Some(float.as_str().to_owned()),
        _ => None,
    }
}

pub(super) fn kind_of(value: &DeValue<'_>) -> &'static str {
    match value {
        DeValue::String(_) => "a text",
        DeValue::Integer(_) | DeValue::Float(_) => "a number",
        DeValue::Boolean(_) => "true or false",
        DeValue::Datetime(_) => "a date",
        DeValue::Array(_) => "a list",
        DeValue::Table(_) => "a table",
    }
}

fn located(source: &Source<'_>, text: &str, span: Range<usize>) -> Located {
    let written = source.text.get(span.clone()).unwrap_or("");
    let inner = [1, 3, 0].into_iter().find(|quotes| {
        let end = written.len().saturating_sub(*quotes);
        written.get(*quotes..end) == Some(text)
    });
    Located { text: text.to_owned(), inner: inner.map(|quotes| span.start.saturating_add(quotes)), span }
}
