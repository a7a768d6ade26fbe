//! Apache Spark 4 and Databricks, which run the same SQL: ANSI mode, where a cast that fails stops
//! the query, is their default.

use super::{Dialect, PLACES};
use crate::measures::Period;

/// See <https://spark.apache.org/docs/latest/sql-ref.html>.
#[derive(Debug)]
pub(super) struct Spark;

impl Dialect for Spark {
    fn identifier(&self, name: &str) -> String {
        format!("`{}`", name.replace('`', "``"))
    }

    fn literal(&self, text: &str) -> String {
        format!("'{}'", text.replace('\\', "\\\\").replace('\'', "\\'"))
    }

    fn text(&self, column: &str) -> String {
        format!("TRIM(CAST({column} AS STRING))")
    }

    fn loses_digits(&self, column: &str, whole: bool) -> Option<String> {
        let exact = format!("TRY_CAST({column} AS DECIMAL(38, 28))");
        (!whole).then(|| format!("ROUND({exact}, {PLACES}) <> {exact}"))
    }

    fn seconds(&self, column: &str) -> String {
        // Without a time zone, so that no change of the clock lies between two moments.
        format!("timestampdiff(SECOND, TIMESTAMP_NTZ '1970-01-01 00:00:00', CAST({column} AS TIMESTAMP_NTZ))")
    }

    fn label(&self, period: Period, day: &str) -> String {
        match period {
            Period::Day => format!("date_format({day}, 'yyyy-MM-dd')"),
            Period::Week => format!("concat(date_part('YEAROFWEEK', {day}), '-W', lpad(weekofyear({day}), 2, '0'))"),
            Period::Month => format!("date_format({day}, 'yyyy-MM')"),
            Period::Quarter => format!("concat(date_format({day}, 'yyyy'), '-Q', quarter({day}))"),
            Period::Year => format!("date_format({day}, 'yyyy')"),
        }
    }

    fn number(&self, column: &str) -> String {
        format!("CAST({column} AS DECIMAL(38, {PLACES}))")
    }
}
