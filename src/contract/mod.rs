//! The JSON that `mak` writes and reads back: a contract, versioned, with a published schema.
//!
//! **Owns** the shape of every document. Numbers carry their exact digits ([`Number`]) and never
//! pass through a float.
//!
//! **Does not know** how a document comes about or how it is shown.

mod attribute;
mod check;
mod clv;
mod cohort;
mod compare;
mod compute;
mod explain;
mod goals;
mod inspect;
mod line;
mod list;
mod measures;
mod number;
mod settings;
mod steps;
mod view;
mod warning;

pub use attribute::{
    Attribute, AttributeInput, Bootstrap, Bounds, ChainState, ChannelCredit, ChannelSpend, Influenced, Markov, Transition,
};
pub use check::{CheckCounts, CheckLine, CheckOutcome, CheckReport, CheckStatus, Estimate};
pub use clv::{
    Clv, ClvCustomer, ClvFit, ClvFormula, ClvHoldout, ClvHoldoutClass, ClvHorizon, ClvInterval, ClvSurvival, ClvTotal,
};
pub use cohort::{Cohort, CohortPeriod, CohortTotal, Cohorts, Concentration, CustomerPeriod, DaysBetween};
pub use compare::{ChangeLine, ChangeTest, ChangeVerdict, CompareReport, Side};
pub use compute::{Compute, Group, Input, InputMeasure, KpiValue, MeasureValue, Missing, Statistics, Unallocated};
pub use explain::{Explain, Found, FoundMeasure, Given, Need, WorkedExample};
pub use goals::{Goal, GoalStatus, GoalsReport, Heading, Trend};
pub use inspect::{Decision, Inspect, InspectedColumn, InspectedTable};
pub use line::ComputeLine;
pub use list::{List, ListedKpi, ListedMeasure, ListedPlatform};
pub use measures::{
    MeasuresFile, PartGroup, PartLead, PartLeads, PartMeasure, PartOrder, PartOrders, PartRows, PartSource, PartValue,
};
pub use number::{Digits, Number};
pub use settings::{SettingLine, SettingsReport};
pub use view::{GroupView, Groups, KpiRef, Used};
pub use warning::Warning;

/// Every published schema by its name: `mak.compute/1`.
pub fn schemas() -> Vec<(&'static str, schemars::Schema)> {
    vec![
        (Attribute::SCHEMA, schemars::schema_for!(Attribute)),
        (Clv::SCHEMA, schemars::schema_for!(Clv)),
        (Cohorts::SCHEMA, schemars::schema_for!(Cohorts)),
        (Compute::SCHEMA, schemars::schema_for!(Compute)),
        (ComputeLine::SCHEMA, schemars::schema_for!(ComputeLine)),
        (CheckReport::SCHEMA, schemars::schema_for!(CheckReport)),
        (CompareReport::SCHEMA, schemars::schema_for!(CompareReport)),
        (GoalsReport::SCHEMA, schemars::schema_for!(GoalsReport)),
        (SettingsReport::SCHEMA, schemars::schema_for!(SettingsReport)),
        (Explain::SCHEMA, schemars::schema_for!(Explain)),
        (Inspect::SCHEMA, schemars::schema_for!(Inspect)),
        (List::SCHEMA, schemars::schema_for!(List)),
        (MeasuresFile::SCHEMA, schemars::schema_for!(MeasuresFile)),
    ]
}
