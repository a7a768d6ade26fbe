//! What `mak goals` writes.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::number::Number;
use super::warning::Warning;

/// The targets and how far they are.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct GoalsReport {
    /// Name and version of this shape: `mak.goals/1`.
    pub schema: String,
    /// What rates of messages are divided by: `delivered` or `sent`.
    pub basis: String,
    /// Currency of all money, when the data say so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub currency: Option<String>,
    /// The last date of the data, from which days are counted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub as_of: Option<String>,
    /// One a target, in the order of the configuration.
    pub goals: Vec<Goal>,
    /// What the reader of the numbers should know.
    pub warnings: Vec<Warning>,
}

impl GoalsReport {
    /// Name and version of the shape.
    pub const SCHEMA: &'static str = "mak.goals/1";
}

/// Where a target stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum GoalStatus {
    /// The value is at the target or beyond.
    Reached,
    /// Not yet, and there is time or no date.
    Underway,
    /// Not reached, and the data go beyond the date.
    Overdue,
    /// The value is unavailable.
    Unanswered,
}

impl GoalStatus {
    /// The word for it.
    pub const fn word(self) -> &'static str {
        match self {
            GoalStatus::Reached => "reached",
            GoalStatus::Underway => "underway",
            GoalStatus::Overdue => "overdue",
            GoalStatus::Unanswered => "unanswered",
        }
    }
}

/// One target.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Goal {
    /// Id of the KPI or measure.
    pub subject: String,
    /// Statistic of a duration or score, where one is named.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub statistic: Option<String>,
    /// Where it stands.
    pub status: GoalStatus,
    /// Unit of all values.
    pub unit: String,
    /// The value that one started from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub start: Option<Number>,
    /// The value now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub now: Option<Number>,
    /// The value aimed at.
    pub target: Number,
    /// Part of the way from start to target: 0.5 is half of it, below 0 is further away than at
    /// the start, above 1 is beyond the target. Only where a start is given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub progress: Option<Number>,
    /// Who answers for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner: Option<String>,
    /// How often it is looked at: `weekly`, `monthly`, `quarterly`, `yearly`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cadence: Option<String>,
    /// When it is due.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due: Option<String>,
    /// Days from the last date of the data until then; negative when that is past.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub days_left: Option<i64>,
    /// What the last two complete periods of the cadence say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trend: Option<Trend>,
    /// Why there is no value, no progress or no trend.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// Where a value is heading.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Heading {
    /// To the target.
    Towards,
    /// Away from it.
    Away,
    /// Not more than chance explains.
    WithinNoise,
    /// Nowhere: both periods have the same value.
    Steady,
}

impl Heading {
    /// The words for it.
    pub const fn words(self) -> &'static str {
        match self {
            Heading::Towards => "towards it",
            Heading::Away => "away from it",
            Heading::WithinNoise => "within noise",
            Heading::Steady => "steady",
        }
    }
}

/// The last complete period against the one before.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Trend {
    /// The earlier period: `2026-02`.
    pub before: String,
    /// Its value.
    pub before_value: Number,
    /// The later period.
    pub after: String,
    /// Its value.
    pub after_value: Number,
    /// Where that heads.
    pub heading: Heading,
    /// Whether a test stands behind it.
    pub tested: bool,
}
