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
