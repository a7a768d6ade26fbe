//! What the columns of files mean: `[columns]` for every file, `[files."glob"]` for some.

use std::ops::Range;

use super::section::{Located, Section, Value, kind_of};
use super::setting::{
    DateOrder, DecimalMark, Delimiter, read_currency, read_date_order, read_decimal, read_delimiter, read_encoding, read_key,
};
use crate::finding::nearest;
use crate::kpi::{Additivity, Catalogue, Measure};
use toml::de::DeValue;

/// What a file may hold a row of; the words of `--as`.
pub const KINDS: &[&str] =
    &["campaigns", "ads", "web", "social", "leads", "deals", "orders", "customers", "answers", "touches", "paths", "measures"];

/// Dimensions that need no `dimension:` before their name.
pub const DIMENSIONS: &[&str] =
    &["page", "campaign", "channel", "source", "medium", "platform", "list", "segment", "country", "device", "product", "owner"];

/// What one column means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Meaning {
    /// Its cells add to a measure.
    Measure(Measure),
    /// Each row whose cell meets the condition adds one to a measure.
    Count(Measure, Condition),
    /// A dimension of that name.
    Dimension(String),
    /// Something that rows are read by.
    Role(ColumnRole),
}

/// A test of a cell; compared without case and outer blanks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Condition {
    /// The values.
    pub values: Vec<String>,
    /// Whether the cell must be none of them.
    pub negated: bool,
}

impl Condition {
    /// Whether a cell meets it.
    pub fn holds(&self, cell: &str) -> bool {
        let cell = cell.trim().to_lowercase();
        self.values.iter().any(|value| value.trim().to_lowercase() == cell) != self.negated
    }
}

/// Declares [`ColumnRole`] and its words.
macro_rules! roles {
    ($( $variant:ident = $word:literal, $doc:literal; )+) => {
        /// What a column is when it is neither a measure nor a dimension.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum ColumnRole { $( #[doc = $doc] $variant, )+ }

        impl ColumnRole {
            /// Every role with its word.
            pub const WORDS: &'static [(&'static str, ColumnRole)] = &[ $( ($word, ColumnRole::$variant), )+ ];

            /// Its word in `mak.toml`.
            pub const fn word(self) -> &'static str {
                match self { $( ColumnRole::$variant => $word, )+ }
            }
        }
    };
}

roles! {
    OrderId = "order_id", "Identity of an order.";
    CustomerId = "customer_id", "Identity of a customer.";
    LeadId = "lead_id", "Identity of a lead.";
    PersonId = "person_id", "Identity of a person whose touches or answers these are.";
    Date = "date", "The date of the row.";
    EndDate = "end_date", "The last date that the row covers.";
    DateRange = "date_range", "A month or a range of dates in one cell.";
    Time = "time", "Time of day kept apart from the date.";
    Created = "created", "When a lead was created.";
    MqlAt = "mql_at", "When a lead became qualified for marketing.";
    SqlAt = "sql_at", "When sales accepted a lead.";
    OpportunityAt = "opportunity_at", "When a lead became an opportunity.";
    WonAt = "won_at", "When a lead was won.";
    LostAt = "lost_at", "When a lead was lost.";
    Stage = "stage", "The stage that a lead or deal is in, by name.";
    FirstResponseAt = "first_response_at", "When a lead was first answered.";
    FirstTouchAt = "first_touch_at", "When a person was first touched.";
    Score = "score", "Score of a lead.";
    Csat = "csat", "Answer to how satisfied one is, 1 to 5.";
    Nps = "nps", "Answer to how likely one is to recommend, 0 to 10.";
    Converted = "converted", "Whether a touch was a conversion.";
    Path = "path", "A path of touches: a > b > c.";
    Amount = "amount", "Money of an order: above zero revenue, below zero a refund.";
    Refunded = "refunded", "Money of an order given back.";
    UnitPrice = "unit_price", "Amount per unit.";
    Quantity = "quantity", "How many units.";
    Currency = "currency", "Currency code of the row.";
    Id = "id", "An identity of no other use.";
    Ignore = "ignore", "Of no use here.";
}

/// A header and what it means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ColumnRule {
    /// The header, compared as headers are.
    pub header: String,
    /// What it means; several when a column feeds several measures.
    pub meanings: Vec<Meaning>,
    /// Line of `mak.toml`.
    pub line: u64,
}

/// How some files are to be read.
#[derive(Clone, Debug, PartialEq)]
pub struct FileRule {
    /// Which files: a glob over the path as given, or over its last part when it has no slash.
    pub pattern: String,
    /// What a row is: one of [`KINDS`].
    pub kind: Option<String>,
    /// What columns mean.
    pub columns: Vec<ColumnRule>,
    /// Measures to which each row adds one.
    pub rows: Vec<Measure>,
    /// Dimensions that have the same value on every row.
    pub dimensions: Vec<(String, String)>,
    /// Names of the columns, in order, of a file without a header.
    pub names: Option<Vec<String>>,
    /// Its encoding.
    pub encoding: Option<String>,
    /// Its separator.
    pub delimiter: Option<Delimiter>,
    /// Its decimal mark.
    pub decimal: Option<DecimalMark>,
    /// Its order of day and month.
    pub date_order: Option<DateOrder>,
    /// Currency of its amounts.
    pub currency: Option<String>,
    /// Line of `mak.toml`.
    pub line: u64,
}

impl FileRule {
    /// Whether the rule is about that file.
    pub fn covers(&self, path: &str) -> bool {
        let path = path.replace('\\', "/");
        let name = if self.pattern.contains('/') { path.as_str() } else { path.rsplit('/').next().unwrap_or(&path) };
        glob::Pattern::new(&self.pattern).is_ok_and(|pattern| pattern.matches(name))
    }
}

/// Reads `[columns]`.
pub(super) fn read_columns(section: &Section<'_, '_>, catalogue: &Catalogue) -> Vec<ColumnRule> {
    let entries = section.entries().into_iter();
    entries
        .filter_map(|(header, value)| {
            let meanings = read_meanings(section, &header, value, catalogue)?;
            Some(ColumnRule { line: section.source.line(header.span.start), header: header.text, meanings })
        })
        .collect()
}

/// Reads the tables `[files."glob"]`.
pub(super) fn read_files(top: &Section<'_, '_>, catalogue: &Catalogue) -> Vec<FileRule> {
    let tables = top.named_tables("files").into_iter();
    tables.map(|(pattern, section)| read_file(&pattern, &section, catalogue)).collect()
}

fn read_file(pattern: &Located, section: &Section<'_, '_>, catalogue: &Catalogue) -> FileRule {
    if let Err(why) = glob::Pattern::new(&pattern.text) {
        section.problem(pattern.span.clone(), format!("{} is no pattern: {}", pattern.text, why.msg), None);
    }
    let kinds: Vec<_> = KINDS.iter().map(|kind| (*kind, *kind)).collect();
    let rule = FileRule {
        pattern: pattern.text.clone(),
        kind: section.word("as", &kinds).map(str::to_owned),
        columns: section.table("columns").map(|columns| read_columns(&columns, catalogue)).unwrap_or_default(),
        rows: section.texts("rows").iter().filter_map(|text| row_measure(section, text, catalogue)).collect(),
        dimensions: section.table("dimensions").map(|table| read_constants(&table)).unwrap_or_default(),
        names: read_names(section),
        encoding: read_key(section, "encoding", read_encoding).map(|(value, _)| value),
        delimiter: read_key(section, "delimiter", read_delimiter).map(|(value, _)| value),
        decimal: read_key(section, "decimal", read_decimal).map(|(value, _)| value),
        date_order: read_key(section, "date_order", read_date_order).map(|(value, _)| value),
        currency: read_key(section, "currency", read_currency).map(|(value, _)| value),
        line: section.line(),
    };
    section.done();
    rule
}

/// A file has names of our giving exactly when it has no header of its own.
fn read_names(section: &Section<'_, '_>) -> Option<Vec<String>> {
    let header = section.flag("header");
    let names: Vec<String> = section.texts("names").into_iter().map(|text| text.text).collect();
    match (header, section.get("names")) {
        (Some(false), None) => {
            let help = "add names = [\"…\", …], one for each column in order".to_owned();
            section.problem(section.span.clone(), "a file without a header needs names for its columns", Some(help));
            None
        }
        (None | Some(true), Some(value)) => {
            section.problem(
                value.span(),
                "names are for a file without a header",
                Some("add header = false, or name columns in columns = { … }".to_owned()),
            );
            None
        }
        (Some(false), Some(_)) => Some(names),
        _ => None,
    }
}

fn read_constants(section: &Section<'_, '_>) -> Vec<(String, String)> {
    let entries = section.entries().into_iter();
    entries.filter_map(|(name, value)| Some((name.text.to_lowercase(), section.text_of(value, &name.text)?.text))).collect()
}

fn read_meanings(section: &Section<'_, '_>, header: &Located, value: &Value<'_>, catalogue: &Catalogue) -> Option<Vec<Meaning>> {
    match value.get_ref() {
        DeValue::String(_) => {
            let text = section.text_of(value, &header.text)?;
            Some(vec![meaning(section, &text, catalogue)?])
        }
        DeValue::Array(items) => {
            let meanings = items.iter().map(|item| read_meanings(section, header, item, catalogue));
            Some(meanings.collect::<Option<Vec<_>>>()?.into_iter().flatten().collect())
        }
        DeValue::Table(table) => {
            let table = Section::new(section.source, table, format!("{}.{}", section.path, header.text), value.span());
            let meaning = conditional(&table, catalogue);
            table.done();
            Some(vec![meaning?])
        }
        other => {
            let help =
                "write what it means: \"revenue\", \"dimension:plan\", or { measure = \"won\", when = \"yes\" }".to_owned();
            section.problem(value.span(), format!("{} is {}, not a meaning", header.text, kind_of(other)), Some(help));
            None
        }
    }
}

/// `{ measure = "lost_customers", when = "Yes" }`
fn conditional(table: &Section<'_, '_>, catalogue: &Catalogue) -> Option<Meaning> {
    let condition = read_condition(table);
    let Some(name) = table.text("measure") else {
        if table.get("measure").is_none() {
            table.problem(
                table.span.clone(),
                "measure is missing",
                Some("write { measure = \"won\", when = \"yes\" }".to_owned()),
            );
        }
        return None;
    };
    match condition {
        Some(condition) => row_measure(table, &name, catalogue).map(|measure| Meaning::Count(measure, condition)),
        None => measure_named(table, &name, catalogue).map(Meaning::Measure),
    }
}

/// `when = "Yes"`, `when = ["yes", "1"]` or `unless = "No"`.
fn read_condition(table: &Section<'_, '_>) -> Option<Condition> {
    let (when, unless) = (table.get("when"), table.get("unless"));
    if let (Some(_), Some(unless)) = (when, unless) {
        table.problem(unless.span(), "when and unless stand together", Some("keep one of them".to_owned()));
    }
    let key = if when.is_some() { "when" } else { "unless" };
    when.or(unless)?;
    let values = table.texts(key).into_iter().map(|text| text.text).collect();
    Some(Condition { values, negated: key == "unless" })
}

/// What a word means: a measure, a role, a dimension.
pub(super) fn meaning(section: &Section<'_, '_>, text: &Located, catalogue: &Catalogue) -> Option<Meaning> {
    let word = text.text.trim();
    if let Some(name) = word.strip_prefix("dimension:") {
        let name = name.trim().to_lowercase();
        if name.is_empty() {
            section.problem(text.span.clone(), "the dimension has no name", Some("write \"dimension:plan\"".to_owned()));
            return None;
        }
        return Some(Meaning::Dimension(name));
    }
    if catalogue.measure(word).is_some() {
        return measure_named(section, text, catalogue).map(Meaning::Measure);
    }
    if let Some((_, role)) = ColumnRole::WORDS.iter().find(|(known, _)| *known == word) {
        return Some(Meaning::Role(*role));
    }
    if DIMENSIONS.contains(&word) {
        return Some(Meaning::Dimension(word.to_owned()));
    }
    if section.source.is_broken(word) {
        return None;
    }
    let near = nearest_meaning(word, catalogue);
    let help = near.map_or_else(
        || format!("write a measure, a role such as date or customer_id, or \"dimension:{word}\" to group by it"),
        |near| format!("did you mean {near}? \"dimension:{word}\" groups by it"),
    );
    section.problem(text.span.clone(), format!("{word} is no measure, role or dimension"), Some(help));
    None
}

/// The known meaning that a word is close to.
pub(super) fn nearest_meaning(word: &str, catalogue: &Catalogue) -> Option<&'static str> {
    let known = catalogue.measures().map(Measure::id).chain(ColumnRole::WORDS.iter().map(|(word, _)| *word));
    nearest(word, known.chain(DIMENSIONS.iter().copied()))
}

/// A measure that cells add to.
fn measure_named(section: &Section<'_, '_>, text: &Located, catalogue: &Catalogue) -> Option<Measure> {
    let Some(measure) = catalogue.measure(&text.text) else {
        unknown_measure(section, text, catalogue);
        return None;
    };
    if measure.additivity() == Additivity::Parameter {
        let help = "set it in [defaults], or with --set".to_owned();
        section.problem(text.span.clone(), format!("{measure} is one number for everything, not a column"), Some(help));
        return None;
    }
    Some(measure)
}

/// A measure to which rows add one each.
fn row_measure(section: &Section<'_, '_>, text: &Located, catalogue: &Catalogue) -> Option<Measure> {
    let measure = measure_named(section, text, catalogue)?;
    let counted =
        matches!(measure.additivity(), Additivity::Sum | Additivity::StockFirst | Additivity::StockLast | Additivity::Distinct);
    if counted && !measure.is_money() {
        return Some(measure);
    }
    section.problem(text.span.clone(), format!("rows cannot be counted as {measure}: it is no count"), None);
    None
}

pub(super) fn unknown_measure(section: &Section<'_, '_>, text: &Located, catalogue: &Catalogue) {
    if section.source.is_broken(&text.text) {
        return;
    }
    let near = nearest(&text.text, catalogue.measures().map(Measure::id));
    let help = near.map_or_else(|| "`mak list` shows all measures".to_owned(), |near| format!("did you mean {near}?"));
    section.problem(text.span.clone(), format!("there is no measure {}", text.text), Some(help));
}

/// A condition on another column: `when = { Churn = "Yes" }`.
pub(super) fn read_row_condition(section: &Section<'_, '_>) -> Option<(String, Condition)> {
    let table = section.table("when")?;
    let span: Range<usize> = table.span.clone();
    let entries = table.entries();
    let [(column, value)] = entries.as_slice() else {
        table.problem(span, "when takes one column", Some("write when = { Churn = \"Yes\" }".to_owned()));
        return None;
    };
    let values = match value.get_ref() {
        DeValue::Array(items) => {
            items.iter().filter_map(|item| table.text_of(item, &column.text)).map(|text| text.text).collect()
        }
        _ => vec![table.text_of(value, &column.text)?.text],
    };
    Some((column.text.clone(), Condition { values, negated: false }))
}
