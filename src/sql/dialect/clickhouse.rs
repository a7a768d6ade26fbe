//! `ClickHouse`: everything is nullable on the way, because it would make a 0 of what is missing;
//! decimals of 76 digits, because its sums wrap around in silence.

use jiff::civil::Date;

use super::{Dialect, PLACES};
use crate::measures::Period;

/// See <https://clickhouse.com/docs/sql-reference>.
#[derive(Debug)]
pub(super) struct ClickHouse;

/// With what would end a quote or begin an escape twice.
fn escaped(text: &str, quote: char) -> String {
    text.replace('\\', "\\\\").replace(quote, &format!("{quote}{quote}"))
}

impl ClickHouse {
    fn decimal(column: &str, scale: u32) -> String {
        let text = format!("NULLIF(trimBoth(CAST({column} AS Nullable(String))), '')");
        format!("CAST({text} AS Nullable(Decimal(76, {scale})))")
    }
}

impl Dialect for ClickHouse {
    fn identifier(&self, name: &str) -> String {
        format!("`{}`", escaped(name, '`'))
    }

    fn literal(&self, text: &str) -> String {
        format!("'{}'", escaped(text, '\''))
    }

    fn day(&self, date: Date) -> String {
        format!("toDate32('{date}')")
    }

    fn text(&self, column: &str) -> String {
        format!("trimBoth(CAST({column} AS Nullable(String)))")
    }

    fn number(&self, column: &str) -> String {
        ClickHouse::decimal(column, PLACES)
    }

    fn loses_digits(&self, column: &str, whole: bool) -> Option<String> {
        (!whole).then(|| format!("{} <> {}", ClickHouse::decimal(column, PLACES), ClickHouse::decimal(column, 38)))
    }

    fn squares(&self, number: &str) -> String {
        format!("SUM({number} * {number})")
    }

    fn product(&self, left: &str, right: &str) -> Option<String> {
        Some(format!("{} * {}", ClickHouse::decimal(left, 9), ClickHouse::decimal(right, 9)))
    }

    fn product_loses_digits(&self, left: &str, right: &str) -> Option<String> {
        let loses = |column: &str| format!("{} <> {}", ClickHouse::decimal(column, 9), ClickHouse::decimal(column, 38));
        Some(format!("{} OR {}", loses(left), loses(right)))
    }

    fn date(&self, column: &str) -> String {
        format!("CAST(SUBSTRING(NULLIF({}, ''), 1, 10) AS Nullable(Date32))", self.text(column))
    }

    fn seconds(&self, column: &str) -> String {
        let moment = format!("parseDateTime64BestEffort(NULLIF({}, ''), 0, 'UTC')", self.text(column));
        format!("dateDiff('second', toDateTime64('1970-01-01 00:00:00', 0, 'UTC'), {moment})")
    }

    fn label(&self, period: Period, day: &str) -> String {
        match period {
            Period::Day => format!("formatDateTime({day}, '%Y-%m-%d')"),
            Period::Week => format!("formatDateTime({day}, '%G-W%V')"),
            Period::Month => format!("formatDateTime({day}, '%Y-%m')"),
            Period::Quarter => format!("formatDateTime({day}, '%Y-Q%Q')"),
            Period::Year => format!("formatDateTime({day}, '%Y')"),
        }
    }

    fn union(&self) -> &'static str {
        "UNION DISTINCT"
    }

    fn ending(&self) -> &'static str {
        // Without the first, what a join does not find is 0; without the second, a name in a
        // condition is that of the result.
        "SETTINGS join_use_nulls = 1, prefer_column_name_to_alias = 1, union_default_mode = 'DISTINCT'"
    }
}
