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
mod plan;
mod render;
mod text;

use crate::finding::{Code, Finding, Place};

pub use dialect::{Dialect, Engine, Generic};
pub use plan::{Plan, filters_text};

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

    /// The query in a dialect, that of no engine included.
    ///
    /// # Errors
    /// What the dialect has no exact expression for.
    pub fn query_in(&self, dialect: &dyn Dialect) -> Result<String, Vec<String>> {
        render::query(self, dialect)
    }
}
