//! Trino.

use super::{Dialect, PLACES};
use crate::measures::Period;

/// See <https://trino.io/docs/current/sql.html>.
#[derive(Debug)]
pub(super) struct Trino;

impl Dialect for Trino {
    fn loses_digits(&self, column: &str, whole: bool) -> Option<String> {
        let exact = format!("TRY_CAST({column} AS DECIMAL(38, 28))");
        (!whole).then(|| format!("ROUND({exact}, {PLACES}) <> {exact}"))
    }

    fn seconds(&self, column: &str) -> String {
        format!("date_diff('second', TIMESTAMP '1970-01-01 00:00:00', CAST({column} AS TIMESTAMP))")
    }

    fn label(&self, period: Period, day: &str) -> String {
        match period {
            Period::Day => format!("date_format({day}, '%Y-%m-%d')"),
            Period::Week => {
                format!("(CAST(year_of_week({day}) AS VARCHAR) || '-W' || LPAD(CAST(week({day}) AS VARCHAR), 2, '0'))")
            }
            Period::Month => format!("date_format({day}, '%Y-%m')"),
            Period::Quarter => format!("(date_format({day}, '%Y') || '-Q' || CAST(quarter({day}) AS VARCHAR))"),
            Period::Year => format!("date_format({day}, '%Y')"),
        }
    }
}
