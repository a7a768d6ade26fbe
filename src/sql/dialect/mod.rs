//! What differs between engines: the defaults here are the generic text, and each file of this
//! folder overrides only what its engine does otherwise.

use std::fmt;

use jiff::civil::Date;

use crate::measures::Period;

mod bigquery;
mod clickhouse;
mod duckdb;
mod postgres;
mod redshift;
mod snowflake;
mod spark;
mod sqlite;
mod trino;

/// Decimal places that a value keeps on its way through an engine with decimals of 38 digits.
pub(super) const PLACES: u32 = 18;

/// The engines that a query can be written for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Engine {
    /// `DuckDB`.
    DuckDb,
    /// `PostgreSQL`.
    Postgres,
    /// `SQLite`.
    Sqlite,
    /// `ClickHouse`.
    ClickHouse,
    /// Apache Spark 4.
    Spark,
    /// Google `BigQuery`.
    BigQuery,
    /// Snowflake.
    Snowflake,
    /// Amazon Redshift.
    Redshift,
    /// Trino.
    Trino,
    /// Databricks SQL.
    Databricks,
}

impl Engine {
    /// Every engine.
    pub const ALL: &'static [Engine] = &[
        Engine::DuckDb,
        Engine::Postgres,
        Engine::Sqlite,
        Engine::ClickHouse,
        Engine::Spark,
        Engine::BigQuery,
        Engine::Snowflake,
        Engine::Redshift,
        Engine::Trino,
        Engine::Databricks,
    ];

    /// The word for it on the command line.
    pub const fn word(self) -> &'static str {
        match self {
            Engine::DuckDb => "duckdb",
            Engine::Postgres => "postgres",
            Engine::Sqlite => "sqlite",
            Engine::ClickHouse => "clickhouse",
            Engine::Spark => "spark",
            Engine::BigQuery => "bigquery",
            Engine::Snowflake => "snowflake",
            Engine::Redshift => "redshift",
            Engine::Trino => "trino",
            Engine::Databricks => "databricks",
        }
    }

    /// The engine of that word.
    pub fn from_word(word: &str) -> Option<Engine> {
        Engine::ALL.iter().copied().find(|engine| engine.word() == word)
    }

    /// Its dialect.
    pub fn dialect(self) -> &'static dyn Dialect {
        match self {
            Engine::DuckDb => &duckdb::DuckDb,
            Engine::Postgres => &postgres::Postgres,
            Engine::Sqlite => &sqlite::Sqlite,
            Engine::ClickHouse => &clickhouse::ClickHouse,
            // Databricks runs the same SQL as Spark 4.
            Engine::Spark | Engine::Databricks => &spark::Spark,
            Engine::BigQuery => &bigquery::BigQuery,
            Engine::Snowflake => &snowflake::Snowflake,
            Engine::Redshift => &redshift::Redshift,
            Engine::Trino => &trino::Trino,
        }
    }
}

/// The generic text: no engine, and what the others are compared with.
#[derive(Clone, Copy, Debug)]
pub struct Generic;

impl Dialect for Generic {}

/// How one engine writes what the plan needs. Arguments are SQL expressions, unless said otherwise;
/// results are expressions that can stand anywhere without parentheses of their own.
pub trait Dialect: fmt::Debug + Sync {
    /// An identifier of the user's, in quotes that nothing in it can end.
    fn identifier(&self, name: &str) -> String {
        format!("\"{}\"", name.replace('"', "\"\""))
    }

    /// A text of the user's as a literal that nothing in it can end.
    fn literal(&self, text: &str) -> String {
        format!("'{}'", text.replace('\'', "''"))
    }

    /// A day as a literal.
    fn day(&self, date: Date) -> String {
        format!("DATE '{date}'")
    }

    /// A column as text without outer blanks.
    fn text(&self, column: &str) -> String {
        format!("TRIM(CAST({column} AS VARCHAR))")
    }

    /// A column as an exact number, whatever type holds it; NULL where it is blank.
    fn number(&self, column: &str) -> String {
        format!("CAST({column} AS DECIMAL(38, {PLACES}))")
    }

    /// A condition on a column that is true where [`Dialect::number`] would lose a digit in silence;
    /// `None` where the engine stops by itself, or where the number must be whole and is tested
    /// for that.
    fn loses_digits(&self, _column: &str, _whole: bool) -> Option<String> {
        None
    }

    /// A condition that is true where an exact number is not whole.
    fn has_fraction(&self, number: &str) -> String {
        format!("{number} <> FLOOR({number})")
    }

    /// An integer as an exact number.
    fn integer(&self, value: i64) -> String {
        value.to_string()
    }

    /// The product of two columns as an exact number, if the engine has one.
    fn product(&self, left: &str, right: &str) -> Option<String> {
        Some(format!("CAST({left} AS DECIMAL(18, 9)) * CAST({right} AS DECIMAL(18, 9))"))
    }

    /// A condition on the same columns that is true where the product would lose a digit.
    fn product_loses_digits(&self, left: &str, right: &str) -> Option<String> {
        let loses = |column: &str| format!("{} <> CAST({column} AS DECIMAL(18, 9))", self.number(column));
        Some(format!("{} OR {}", loses(left), loses(right)))
    }

    /// The sum over rows of the squares of exact numbers, as it is to be printed; NULL where one of
    /// the squares would not be exact.
    fn squares(&self, number: &str) -> String {
        let short = format!("CAST({number} AS DECIMAL(18, 6))");
        let exact = format!("SUM(CASE WHEN {short} = {number} THEN 0 ELSE 1 END) = 0");
        format!("CASE WHEN {exact} THEN SUM({short} * {short}) END")
    }

    /// A sum of exact numbers as it is to be printed.
    fn printed(&self, sum: &str) -> String {
        sum.to_owned()
    }

    /// A column as a day on the clock of whoever wrote it.
    fn date(&self, column: &str) -> String {
        format!("CAST({column} AS DATE)")
    }

    /// A condition on a column that is true where it is no date and the engine would not say so.
    fn loses_date(&self, _column: &str) -> Option<String> {
        None
    }

    /// Whole seconds since 1970 of a column of moments, as an integer.
    fn seconds(&self, column: &str) -> String {
        format!("CAST(FLOOR(EXTRACT(EPOCH FROM CAST({column} AS TIMESTAMP))) AS BIGINT)")
    }

    /// The label of the period that holds a day: `2026-03-08`, `2026-W10`, `2026-03`, `2026-Q1`,
    /// `2026`.
    fn label(&self, period: Period, day: &str) -> String {
        let pattern = match period {
            Period::Day => "YYYY-MM-DD",
            Period::Week => "IYYY\"-W\"IW",
            Period::Month => "YYYY-MM",
            Period::Quarter => "YYYY\"-Q\"Q",
            Period::Year => "YYYY",
        };
        format!("TO_CHAR({day}, '{pattern}')")
    }

    /// Joins two selections and drops rows that are in both.
    fn union(&self) -> &'static str {
        "UNION"
    }

    /// What stands after the query.
    fn ending(&self) -> &'static str {
        ""
    }
}
