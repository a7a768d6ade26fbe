//! The same question for an engine: tables that live elsewhere are added up where they are.
//!
//! **Owns** the plan of a query (what is read of each table, at which grain, under which names the
//! answer returns it) and, per dialect, only what an engine writes differently.
//!
//! **Does not know** clients, connections or credentials. It runs nothing, reads no answer, and
//! knows no formula: an engine adds and counts, exactly; every division, interval and verdict stays
//! here. Measured, five engines give four answers to a third.
//!
//! # Plan for scale
//!
//! What each question costs on a cluster. `R` are the rows of a table, `G` the groups asked for, `C`
//! customers, `O` orders, `L` leads, `M` columns of measures.
//!
//! | question | bytes read | rows shuffled | rows returned |
//! | --- | --- | --- | --- |
//! | sums of campaigns, ads, web, social | `M` columns, the keys, the date | at most 2 × `G` a task, after partial sums | `G` + 1 |
//! | levels (followers, subscribers) | the column, the keys, the date | `R` by key: each key is sorted by date | `G` + 1 |
//! | revenue and refunds of orders | amounts, keys, date | at most 2 × `G` a task | `G` + 1 |
//! | distinct orders | the order id beside | `O`, once by order and once by group | `G` + 1 |
//! | new and repeat customers | the customer id beside | `O`, then `C` × groups of each, then `C` for the history | `G` + 1 |
//! | stages of leads | ids and dates | `L` by id where there is one | `G` + 1 |
//! | durations and scores | two dates, or the score | `L` sorted by group and value | `G` + 1 |
//!
//! The answer is always small: one row a group and one for the total, a column a measure and a few
//! facts of each table. A thousand groups of a hundred columns are about a megabyte, of ten rows or
//! ten billion. Only the answer leaves the engine, and only it is divided.
//!
//! Tables are never joined with each other row by row: each is added up to the groups first, and the
//! sums are joined. Every row is handed on once for its group and once for the total, because
//! distinct customers of groups do not add up to those of the total; engines that inline common
//! steps (Spark, `ClickHouse`, `BigQuery`) read a table once for each step that names it, at most
//! seven times for orders. Facts of a table (its first and last day, its rows) read the date alone.
//!
//! A billion customers with ten orders each: the history of customers is a shuffle of ten billion
//! rows of two ids, a date and an amount, some 400 GB before compression, and its result a billion
//! rows of an id, a date and a count, some 50 GB: a hash table for a hundred executors of 1 GB, or a
//! table that is kept. It does not depend on the groups, the filters or the period asked for, so
//! who asks daily should materialise it: a view of orders with each customer's first order and
//! count would spare the shuffle, at the price of being right only as often as it is refreshed.
//! `mak` does not do that on its own. Exact medians sort all values of a group; nothing smaller is
//! exact. This table is derived from the queries, and has been measured on one machine only: a
//! Spark cluster of two workers on its loopback.
//!
//! ```
//! use mak::config::Config;
//! use mak::measures::{Dimension, Question};
//! use mak::sql::{Engine, Plan};
//!
//! let config = Config::parse("mak.toml", r#"
//!     [source.campaigns]
//!     table = "mail.sends"
//!     columns = ["channel", "sent", "opens"]
//! "#).expect("valid");
//! let question = Question { by: vec![Dimension::named("channel")], ..Question::default() };
//! let plan = Plan::new(&config.sources, &question, &config.catalogue()).expect("can be asked");
//! let query = plan.query(Engine::DuckDb).expect("this engine can");
//! assert!(query.contains("FROM \"mail\".\"sends\" AS t"));
//! ```

pub mod columns;
mod dialect;
mod export;
mod plan;
mod render;
mod text;

use crate::finding::{Code, Finding, Place};

pub use dialect::{Dialect, Engine, Generic};
pub use export::{Manifest, metricflow};
pub use plan::{Plan, filters_text};

/// A query that returns lines of CSV.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lines {
    /// The names of the columns as a line of CSV, without a line end.
    pub header: String,
    /// The query; its one column is called `line`.
    pub query: String,
}

impl Plan {
    /// The query for an engine.
    ///
    /// # Errors
    /// What that engine cannot do exactly.
    pub fn query(&self, engine: Engine) -> Result<String, Vec<Finding>> {
        self.query_in(engine.dialect()).map_err(|problems| {
            let finding =
                |problem: String| Finding::new(Code::NotInSql, Place::default(), format!("{}: {problem}", engine.word()));
            problems.into_iter().map(finding).collect()
        })
    }

    /// The query for an engine whose client prints the one column of a row as it is: every row is a
    /// line of CSV, and the header stands beside.
    ///
    /// # Errors
    /// What that engine cannot do exactly.
    pub fn query_of_lines(&self, engine: Engine) -> Result<Lines, Vec<Finding>> {
        let names = render::names(self, engine.dialect());
        let cell = |name: &String| {
            let text = format!("COALESCE(CAST({} AS STRING), '')", engine.dialect().identifier(name));
            format!("'\"', REPLACE({text}, '\"', '\"\"'), '\"'")
        };
        let cells: Vec<String> = names.iter().map(cell).collect();
        let header: Vec<String> = names.iter().map(|name| format!("\"{}\"", name.replace('"', "\"\""))).collect();
        let query = format!("SELECT CONCAT(\n  {}\n) AS line FROM (\n{})\n", cells.join(", ',',\n  "), self.query(engine)?);
        Ok(Lines { header: header.join(","), query })
    }

    /// The query in a dialect, that of no engine included.
    ///
    /// # Errors
    /// What the dialect has no exact expression for.
    pub fn query_in(&self, dialect: &dyn Dialect) -> Result<String, Vec<String>> {
        render::query(self, dialect)
    }
}
