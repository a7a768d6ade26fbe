//! `PostgreSQL`: decimals without a limit, so that nothing is rounded; the generic text is its own
//! in all else.

use super::Dialect;

/// See <https://www.postgresql.org/docs/15/sql.html>.
#[derive(Debug)]
pub(super) struct Postgres;

impl Postgres {
    /// Through text, so that a double becomes the decimal that it prints as and a blank is NULL.
    fn numeric(column: &str) -> String {
        format!("CAST(NULLIF(TRIM(CAST({column} AS TEXT)), '') AS NUMERIC)")
    }
}

impl Dialect for Postgres {
    fn literal(&self, text: &str) -> String {
        // A backslash is itself only under one setting of the server; in this form under both.
        let mark = if text.contains('\\') { "E" } else { "" };
        format!("{mark}'{}'", text.replace('\\', "\\\\").replace('\'', "''"))
    }

    fn number(&self, column: &str) -> String {
        Postgres::numeric(column)
    }

    fn squares(&self, number: &str) -> String {
        format!("SUM({number} * {number})")
    }

    fn product(&self, left: &str, right: &str) -> Option<String> {
        Some(format!("{} * {}", Postgres::numeric(left), Postgres::numeric(right)))
    }

    fn product_loses_digits(&self, _left: &str, _right: &str) -> Option<String> {
        None
    }
}
