//! Google `BigQuery`: `BIGNUMERIC` keeps 38 places beside 38 digits.

use super::Dialect;
use crate::measures::Period;

/// See <https://cloud.google.com/bigquery/docs/reference/standard-sql/query-syntax>.
#[derive(Debug)]
pub(super) struct BigQuery;

fn escaped(text: &str, quote: char) -> String {
    text.replace('\\', "\\\\").replace(quote, &format!("\\{quote}")).replace('\n', "\\n").replace('\r', "\\r")
}

impl Dialect for BigQuery {
    fn identifier(&self, name: &str) -> String {
        format!("`{}`", escaped(name, '`'))
    }

    fn literal(&self, text: &str) -> String {
        format!("'{}'", escaped(text, '\''))
    }

    fn text(&self, column: &str) -> String {
        format!("TRIM(CAST({column} AS STRING))")
    }

    fn number(&self, column: &str) -> String {
        format!("CAST({column} AS BIGNUMERIC)")
    }

    fn squares(&self, number: &str) -> String {
        format!("SUM({number} * {number})")
    }

    fn product(&self, left: &str, right: &str) -> Option<String> {
        Some(format!("CAST({left} AS BIGNUMERIC) * CAST({right} AS BIGNUMERIC)"))
    }

    fn product_loses_digits(&self, left: &str, right: &str) -> Option<String> {
        let loses = |column: &str| format!("CAST({column} AS BIGNUMERIC) <> ROUND(CAST({column} AS BIGNUMERIC), 18)");
        Some(format!("{} OR {}", loses(left), loses(right)))
    }

    fn seconds(&self, column: &str) -> String {
        format!("DATETIME_DIFF(CAST({column} AS DATETIME), DATETIME '1970-01-01 00:00:00', SECOND)")
    }

    fn label(&self, period: Period, day: &str) -> String {
        let pattern = match period {
            Period::Day => "%Y-%m-%d",
            Period::Week => "%G-W%V",
            Period::Month => "%Y-%m",
            Period::Quarter => "%Y-Q%Q",
            Period::Year => "%Y",
        };
        format!("FORMAT_DATE('{pattern}', {day})")
    }

    fn union(&self) -> &'static str {
        "UNION DISTINCT"
    }
}
