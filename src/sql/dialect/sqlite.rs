//! `SQLite`: it has no decimals, so an exact number is a whole number of millionths, read off the
//! digits of the text. What does not fit is refused, because `SQLite` would say nothing.

use jiff::civil::Date;

use super::Dialect;
use crate::measures::Period;

/// See <https://www.sqlite.org/lang.html>; 3.25 or later, which has window functions.
#[derive(Debug)]
pub(super) struct Sqlite;

/// Millionths of one.
const UNIT: i64 = 1_000_000;

impl Sqlite {
    /// The digits of a column, without blanks and sign.
    fn digits(column: &str) -> String {
        format!("LTRIM(TRIM(CAST({column} AS TEXT)), '+-')")
    }

    /// The day of a column: what stands before the time, so that no time zone moves it.
    fn day_text(column: &str) -> String {
        format!("SUBSTR(TRIM({column}), 1, 10)")
    }
}

impl Dialect for Sqlite {
    fn day(&self, date: Date) -> String {
        format!("'{date}'")
    }

    fn text(&self, column: &str) -> String {
        format!("TRIM(CAST({column} AS TEXT))")
    }

    fn number(&self, column: &str) -> String {
        let digits = Sqlite::digits(column);
        let whole = format!("CAST(SUBSTR({digits}, 1, INSTR({digits} || '.', '.') - 1) AS INTEGER)");
        let part = format!("CAST(SUBSTR(SUBSTR({digits}, INSTR({digits} || '.', '.') + 1) || '000000', 1, 6) AS INTEGER)");
        let sign = format!("CASE WHEN TRIM(CAST({column} AS TEXT)) LIKE '-%' THEN -1 ELSE 1 END");
        format!(
            "CASE WHEN COALESCE(TRIM(CAST({column} AS TEXT)), '') <> '' \
             THEN {sign} * ({whole} * {UNIT} + {part}) END"
        )
    }

    fn loses_digits(&self, column: &str, _whole: bool) -> Option<String> {
        let text = format!("TRIM(CAST({column} AS TEXT))");
        let digits = Sqlite::digits(column);
        let part = format!("RTRIM(SUBSTR({digits}, INSTR({digits} || '.', '.') + 1), '0')");
        // Another character, two points, two signs, no digit, or more than fits.
        Some(format!(
            "{text} <> '' AND ({digits} GLOB '*[^0-9.]*' OR {digits} LIKE '%.%.%' OR LENGTH({text}) - LENGTH({digits}) > 1 \
             OR {digits} IN ('', '.') OR LENGTH({part}) > 6 OR INSTR({digits} || '.', '.') > 13)"
        ))
    }

    fn has_fraction(&self, number: &str) -> String {
        format!("{number} % {UNIT} <> 0")
    }

    fn integer(&self, value: i64) -> String {
        value.saturating_mul(UNIT).to_string()
    }

    fn squares(&self, number: &str) -> String {
        // Units and millionths apart, because the square of the whole would not fit:
        // (a + b)² = a² + 2ab + b², in units, millionths and millionths of those.
        let (a, b) = (format!("({number} / {UNIT})"), format!("({number} % {UNIT})"));
        let (units, mixed, rest) = (format!("SUM({a} * {a})"), format!("SUM(2 * {a} * {b})"), format!("SUM({b} * {b})"));
        let millionths = format!("({mixed} + {rest} / {UNIT})");
        let digits = |number: &str| format!("SUBSTR('000000' || CAST({number} % {UNIT} AS TEXT), -6)");
        format!(
            "CASE WHEN MAX(ABS({a})) < 3000000000 THEN CAST({units} + {millionths} / {UNIT} AS TEXT) || '.' || {} || {} END",
            digits(&millionths),
            digits(&rest)
        )
    }

    fn product(&self, _left: &str, _right: &str) -> Option<String> {
        None
    }

    fn printed(&self, sum: &str) -> String {
        format!(
            "CASE WHEN {sum} < 0 THEN '-' ELSE '' END || CAST(ABS({sum}) / {UNIT} AS TEXT) || '.' \
             || SUBSTR('000000' || CAST(ABS({sum}) % {UNIT} AS TEXT), -6)"
        )
    }

    fn date(&self, column: &str) -> String {
        format!("DATE({})", Sqlite::day_text(column))
    }

    fn loses_date(&self, column: &str) -> Option<String> {
        // A day that is none, such as the 31st of February, comes back as another.
        let day = Sqlite::day_text(column);
        Some(format!("TRIM({column}) <> '' AND COALESCE(DATE({day}), '') <> {day}"))
    }

    fn seconds(&self, column: &str) -> String {
        format!("CAST(STRFTIME('%s', TRIM({column})) AS INTEGER)")
    }

    fn label(&self, period: Period, day: &str) -> String {
        match period {
            Period::Day => day.to_owned(),
            // The week of a day is that of its Thursday.
            Period::Week => {
                let thursday = format!("DATE({day}, '-3 days', 'weekday 4')");
                format!("(STRFTIME('%Y', {thursday}) || '-W' || PRINTF('%02d', (STRFTIME('%j', {thursday}) - 1) / 7 + 1))")
            }
            Period::Month => format!("STRFTIME('%Y-%m', {day})"),
            Period::Quarter => format!("(STRFTIME('%Y', {day}) || '-Q' || ((STRFTIME('%m', {day}) + 2) / 3))"),
            Period::Year => format!("STRFTIME('%Y', {day})"),
        }
    }
}
