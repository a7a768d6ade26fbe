//! `DuckDB`: decimals of 38 digits; a double becomes the decimal that it prints as.

use super::{Dialect, PLACES};
use crate::measures::Period;

/// See <https://duckdb.org/docs/stable/sql/introduction>.
#[derive(Debug)]
pub(super) struct DuckDb;

impl DuckDb {
    /// Doubles and texts go through their shortest text: `194.57` in a double is 194.57 and not
    /// 194.569999999999993. The test of the type is settled before the query runs.
    fn decimal(column: &str, cast: &str, scale: u32) -> String {
        format!(
            "CASE WHEN typeof({column}) IN ('DOUBLE', 'FLOAT', 'VARCHAR') \
             THEN {cast}(NULLIF(TRIM(CAST({column} AS VARCHAR)), '') AS DECIMAL(38, {scale})) \
             ELSE {cast}({column} AS DECIMAL(38, {scale})) END"
        )
    }
}

impl Dialect for DuckDb {
    fn number(&self, column: &str) -> String {
        DuckDb::decimal(column, "CAST", PLACES)
    }

    fn loses_digits(&self, column: &str, whole: bool) -> Option<String> {
        let exact = DuckDb::decimal(column, "TRY_CAST", 28);
        (!whole).then(|| format!("ROUND({exact}, {PLACES}) <> {exact}"))
    }

    // The product of two decimals of 18 digits is worked out in 64 bits, of 19 in 128.
    fn squares(&self, number: &str) -> String {
        let short = format!("CAST({number} AS DECIMAL(19, 6))");
        let exact = format!("SUM(CASE WHEN {short} = {number} THEN 0 ELSE 1 END) = 0");
        format!("CASE WHEN {exact} THEN SUM({short} * {short}) END")
    }

    fn product(&self, left: &str, right: &str) -> Option<String> {
        let decimal = |column: &str| format!("CAST({} AS DECIMAL(19, 9))", self.number(column));
        Some(format!("{} * {}", decimal(left), decimal(right)))
    }

    fn product_loses_digits(&self, left: &str, right: &str) -> Option<String> {
        let loses = |column: &str| format!("{0} <> ROUND({0}, 9)", self.number(column));
        Some(format!("{} OR {}", loses(left), loses(right)))
    }

    fn seconds(&self, column: &str) -> String {
        format!("date_diff('second', TIMESTAMP '1970-01-01 00:00:00', CAST({column} AS TIMESTAMP))")
    }

    fn label(&self, period: Period, day: &str) -> String {
        match period {
            Period::Day => format!("strftime({day}, '%Y-%m-%d')"),
            Period::Week => format!("strftime({day}, '%G-W%V')"),
            Period::Month => format!("strftime({day}, '%Y-%m')"),
            Period::Quarter => format!("(strftime({day}, '%Y-Q') || quarter({day}))"),
            Period::Year => format!("strftime({day}, '%Y')"),
        }
    }
}
