//! The stages of a lead.

use crate::kpi::Measure;

/// A stage that a lead reaches, in the order of the funnel; `Lost` ends it on the other side.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Stage {
    /// It exists.
    Lead,
    /// Marketing calls it qualified.
    Mql,
    /// Sales accepted it as qualified.
    Sql,
    /// A deal is open.
    Opportunity,
    /// It became a customer.
    Won,
    /// It was lost.
    Lost,
}

impl Stage {
    /// Every stage.
    pub const ALL: &'static [Stage] = &[Stage::Lead, Stage::Mql, Stage::Sql, Stage::Opportunity, Stage::Won, Stage::Lost];

    /// The measure that counts the leads that reached it.
    pub const fn measure(self) -> Measure {
        match self {
            Stage::Lead => Measure::Leads,
            Stage::Mql => Measure::Mqls,
            Stage::Sql => Measure::Sqls,
            Stage::Opportunity => Measure::Opportunities,
            Stage::Won => Measure::Won,
            Stage::Lost => Measure::Lost,
        }
    }
}
