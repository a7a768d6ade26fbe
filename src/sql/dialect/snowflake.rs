//! Snowflake: names in quotes are as they are written, so `mak.toml` must have them in the case in
//! which Snowflake keeps them.

use super::Dialect;
use crate::measures::Period;

/// See <https://docs.snowflake.com/en/sql-reference>.
#[derive(Debug)]
pub(super) struct Snowflake;

impl Dialect for Snowflake {
    fn literal(&self, text: &str) -> String {
        format!("'{}'", text.replace('\\', "\\\\").replace('\'', "''"))
    }

    fn seconds(&self, column: &str) -> String {
        format!("DATEDIFF(second, CAST('1970-01-01' AS TIMESTAMP_NTZ), CAST({column} AS TIMESTAMP_NTZ))")
    }

    fn label(&self, period: Period, day: &str) -> String {
        match period {
            Period::Day => format!("TO_CHAR({day}, 'YYYY-MM-DD')"),
            Period::Week => format!("(YEAROFWEEKISO({day}) || '-W' || LPAD(WEEKISO({day}), 2, '0'))"),
            Period::Month => format!("TO_CHAR({day}, 'YYYY-MM')"),
            Period::Quarter => format!("(TO_CHAR({day}, 'YYYY') || '-Q' || QUARTER({day}))"),
            Period::Year => format!("TO_CHAR({day}, 'YYYY')"),
        }
    }
}
