//! The same question for an engine: tables that live elsewhere are added up where they are.
//!
//! **Owns** the plan of a query (what is read of each table, at which grain, under which names the
//! answer returns it) and, per dialect, only what an engine writes differently.
//!
//! **Does not know** clients, connections or credentials. It runs nothing, reads no answer, and
//! knows no formula: an engine adds and counts, exactly; every division, interval and verdict stays
//! here. Measured, five engines give four answers to a third.
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
