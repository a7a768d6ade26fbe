//! What `mak check` writes.

use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::compare::Side;
use super::number::Number;
use super::warning::Warning;

/// The verdict of `mak check`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CheckReport {
    /// Name and version of this shape: `mak.check/1`.
    pub schema: String,
    /// What all of it comes to. A question that could not be answered outweighs a missed threshold.
    pub outcome: CheckOutcome,
    /// The exit code that follows: 0, 1 or 2.
    pub exit_code: u8,
    /// Why nothing could be judged, when that is so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// What rates of messages are divided by: `delivered` or `sent`.
    pub basis: String,
    /// Currency of all money, when the data say so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub currency: Option<String>,
    /// The period that was judged, where it is one of several in the data.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<Side>,
    /// The period that rules about a change start from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<Side>,
    /// How many lines of each status there are.
    pub counts: CheckCounts,
    /// One line a rule and group.
    pub checks: Vec<CheckLine>,
    /// What was not judged and why.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
    /// What the reader of the numbers should know; where nothing could be read, the errors.
    pub warnings: Vec<Warning>,
}

impl CheckReport {
    /// Name and version of the shape.
    pub const SCHEMA: &'static str = "mak.check/1";

    /// The report where the question could not even be asked: files, configuration or rules have
    /// these errors.
    pub fn unread(errors: Vec<Warning>) -> Self {
        let count = errors.iter().filter(|error| error.is_error()).count();
        let what = if count == 1 { "an error stands".to_owned() } else { format!("{count} errors stand") };
        CheckReport {
            schema: CheckReport::SCHEMA.to_owned(),
            outcome: CheckOutcome::Unanswered,
            exit_code: CheckOutcome::Unanswered.exit_code(),
            reason: Some(format!("nothing was judged: {what} in the way")),
            basis: String::new(),
            currency: None,
            after: None,
            before: None,
            counts: CheckCounts::default(),
            checks: Vec::new(),
            notes: Vec::new(),
            warnings: errors,
        }
    }

    /// What kept the question from being asked.
    pub fn errors(&self) -> impl Iterator<Item = &Warning> {
        self.warnings.iter().filter(|warning| warning.is_error())
    }
}

/// What all checks together come to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum CheckOutcome {
    /// Everything that was judged holds.
    Passed,
    /// A threshold was missed.
    Failed,
    /// Something that was asked could not be answered, or nothing was judged.
    Unanswered,
}

impl CheckOutcome {
    /// The exit code: 0, 1 or 2.
    pub const fn exit_code(self) -> u8 {
        match self {
            CheckOutcome::Passed => 0,
            CheckOutcome::Failed => 1,
            CheckOutcome::Unanswered => 2,
        }
    }

    /// The word for it.
    pub const fn word(self) -> &'static str {
        match self {
            CheckOutcome::Passed => "passed",
            CheckOutcome::Failed => "failed",
            CheckOutcome::Unanswered => "unanswered",
        }
    }
}

/// What one rule came to in one group. The order is that of urgency.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum CheckStatus {
    /// The value is unavailable: the question could not be answered.
    Unanswered,
    /// The threshold is missed.
    Failed,
    /// The threshold is missed, and that is only shown.
    Warned,
    /// Passed over: too few rows, nothing to judge in this group, a period that is not complete.
    Skipped,
    /// The rule holds.
    Passed,
}

impl CheckStatus {
    /// Every status, the most urgent first.
    pub const ALL: &'static [CheckStatus] =
        &[CheckStatus::Unanswered, CheckStatus::Failed, CheckStatus::Warned, CheckStatus::Skipped, CheckStatus::Passed];

    /// The word for it.
    pub const fn word(self) -> &'static str {
        match self {
            CheckStatus::Unanswered => "unanswered",
            CheckStatus::Failed => "failed",
            CheckStatus::Warned => "warned",
            CheckStatus::Skipped => "skipped",
            CheckStatus::Passed => "passed",
        }
    }
}

/// How many lines have each status.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CheckCounts {
    /// Rules that hold.
    pub passed: u64,
    /// Thresholds missed.
    pub failed: u64,
    /// Thresholds missed that are only shown.
    pub warned: u64,
    /// Passed over.
    pub skipped: u64,
    /// Without an answer.
    pub unanswered: u64,
}

impl CheckCounts {
    /// The counts of those statuses.
    pub fn of(statuses: impl IntoIterator<Item = CheckStatus>) -> Self {
        let mut counts = CheckCounts::default();
        for status in statuses {
            let count = counts.slot(status);
            *count = count.saturating_add(1);
        }
        counts
    }

    /// The count of one status.
    pub fn get(mut self, status: CheckStatus) -> u64 {
        *self.slot(status)
    }

    fn slot(&mut self, status: CheckStatus) -> &mut u64 {
        match status {
            CheckStatus::Unanswered => &mut self.unanswered,
            CheckStatus::Failed => &mut self.failed,
            CheckStatus::Warned => &mut self.warned,
            CheckStatus::Skipped => &mut self.skipped,
            CheckStatus::Passed => &mut self.passed,
        }
    }
}

/// One rule in one group.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CheckLine {
    /// What it came to.
    pub status: CheckStatus,
    /// `fail` or `warn`: what a miss means.
    pub level: String,
    /// The rule in its canonical form.
    pub rule: String,
    /// Its name, where it has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Id of the KPI or measure.
    pub subject: String,
    /// Statistic of a duration or score, where one is named.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub statistic: Option<String>,
    /// Value of each dimension of the group; empty for the total.
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    pub by: IndexMap<String, Option<String>>,
    /// What is expected: `>= 20%`, `drop <= 2pp`.
    pub expected: String,
    /// The value found, exact.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub found: Option<Number>,
    /// Unit of the value.
    pub unit: String,
    /// The value of the baseline, for a rule about a change.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub baseline: Option<Number>,
    /// What the rule compares, for a rule about a change: the drop, rise or change, as a ratio
    /// for percent and percentage points.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub change: Option<Number>,
    /// What `change` is in: `percent` (of the baseline), `percentage-points`, or the unit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub change_in: Option<String>,
    /// Confidence interval, where there is one: an estimate.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub interval: Option<Estimate>,
    /// Trials, values or rows that the value rests on, where that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub n: Option<u64>,
    /// Who answers for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner: Option<String>,
    /// Why it came to that, where the numbers do not say so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// The configuration that the rule stands in; none for one from the command line.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
    /// Line in it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line: Option<u64>,
}

/// Confidence limits: estimates, rounded to ten places.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Estimate {
    /// Lower limit.
    pub low: Number,
    /// Upper limit.
    pub high: Number,
    /// Confidence, between 0 and 1.
    pub confidence: Number,
    /// How it was made: `Wilson`, `Newcombe` …
    pub method: String,
    /// Whether the verdict rests on it, rather than on the value itself.
    pub decides: bool,
}
