//! The layout of a query: selections and named steps to indented text.

use std::fmt::Write as _;

/// One `SELECT`.
#[derive(Clone, Debug, Default)]
pub(super) struct Select {
    /// Expressions with their names.
    columns: Vec<(String, String)>,
    /// Tables and joins, a line each.
    from: Vec<String>,
    conditions: Vec<String>,
    groups: Vec<String>,
}

impl Select {
    /// From that table or step.
    pub(super) fn from(table: impl Into<String>) -> Select {
        Select { from: vec![table.into()], ..Select::default() }
    }

    /// With a column more.
    pub(super) fn column(&mut self, expression: impl Into<String>, name: impl Into<String>) {
        self.columns.push((expression.into(), name.into()));
    }

    /// With a join more.
    pub(super) fn join(&mut self, join: impl Into<String>) {
        self.from.push(join.into());
    }

    /// Only rows that meet the condition.
    pub(super) fn only(&mut self, condition: impl Into<String>) {
        self.conditions.push(condition.into());
    }

    /// In groups of these columns.
    pub(super) fn group(&mut self, columns: impl IntoIterator<Item = String>) {
        self.groups.extend(columns);
    }

    /// The text, each line after that many blanks.
    pub(super) fn text(&self, indent: usize) -> String {
        let blanks = " ".repeat(indent);
        let mut text = format!("{blanks}SELECT");
        for (index, (expression, name)) in self.columns.iter().enumerate() {
            let comma = if index > 0 { "," } else { "" };
            let _ = if expression == name {
                write!(text, "{comma}\n{blanks}  {expression}")
            } else {
                write!(text, "{comma}\n{blanks}  {expression} AS {name}")
            };
        }
        for (index, from) in self.from.iter().enumerate() {
            let word = if index == 0 { "FROM " } else { "" };
            let _ = write!(text, "\n{blanks}{word}{from}");
        }
        if !self.conditions.is_empty() {
            let _ = write!(text, "\n{blanks}WHERE {}", self.conditions.join(" AND "));
        }
        if !self.groups.is_empty() {
            let _ = write!(text, "\n{blanks}GROUP BY {}", self.groups.join(", "));
        }
        text
    }
}

/// A query in named steps.
#[derive(Clone, Debug, Default)]
pub(super) struct Steps(Vec<(String, String)>);

impl Steps {
    /// Adds a step; several selections are put under one another by `between`.
    pub(super) fn add(&mut self, name: impl Into<String>, selects: &[Select], between: &str) {
        let texts: Vec<String> = selects.iter().map(|select| select.text(4)).collect();
        self.0.push((name.into(), texts.join(&format!("\n    {between}\n"))));
    }

    /// The whole query, with its last selection and what follows it.
    pub(super) fn query(&self, last: &Select, ending: &str) -> String {
        let steps: Vec<String> = self.0.iter().map(|(name, text)| format!("  {name} AS (\n{text}\n  )")).collect();
        let mut query = format!("WITH\n{}\n{}", steps.join(",\n"), last.text(0));
        if !ending.is_empty() {
            let _ = write!(query, "\n{ending}");
        }
        query.push('\n');
        query
    }
}
