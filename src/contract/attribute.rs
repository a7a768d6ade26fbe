//! What `mak attribute` writes.

use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::number::Number;
use super::warning::Warning;

/// The answer of `mak attribute`. Channels stand in alphabetical order wherever they are keys.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Attribute {
    /// Name and version of this shape: `mak.attribute/1`.
    pub schema: String,
    /// The dimension that is credited: `channel`, `campaign` …
    pub by: String,
    /// Currency of values and costs, when the data say so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub currency: Option<String>,
    /// Which touches belong to a conversion: `since the previous conversion`, `as the paths have
    /// them`, or those within a time.
    pub window: String,
    /// All conversions, those without a touch before them included.
    pub conversions: Number,
    /// Their value; absent where no file says what they were worth.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<Number>,
    /// Distinct people, where the files tell them apart.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub people: Option<u64>,
    /// Those of them who converted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub people_converted: Option<u64>,
    /// Paths that ended in nothing.
    pub nulls: u64,
    /// What was read.
    pub inputs: Vec<AttributeInput>,
    /// Credit by model, then channel. The credits of a model and `unattributed` add up to
    /// `conversions` and `value` to the last digit.
    pub models: IndexMap<String, IndexMap<String, ChannelCredit>>,
    /// Models that could not be used, with the reason.
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    pub unavailable: IndexMap<String, String>,
    /// Conversions that no touch preceded, the same for every model.
    pub unattributed: ChannelCredit,
    /// What the limits of length left out of everything else.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub left_out: Option<ChannelCredit>,
    /// Conversions with any touch of a channel before them.
    pub influenced: Influenced,
    /// Conversions by the first touch ever of who converted. These add up.
    pub sourced: IndexMap<String, ChannelCredit>,
    /// What was spent, where a file says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub spend: Option<ChannelSpend>,
    /// How the intervals were drawn.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bootstrap: Option<Bootstrap>,
    /// The chain behind the model `markov`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub markov: Option<Markov>,
    /// What the reader of the numbers should know.
    pub warnings: Vec<Warning>,
}

impl Attribute {
    /// Name and version of the shape.
    pub const SCHEMA: &'static str = "mak.attribute/1";
}

/// A table that was read.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AttributeInput {
    /// The file as the user named it; `-` for standard input.
    pub file: String,
    /// Sheet, archive member or section, where a file has several.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub part: Option<String>,
    /// What a row is: `touches`, `paths`, `orders`, `leads`, `ads` …
    pub kind: String,
    /// The platform that wrote it, or `plain`.
    pub platform: String,
    /// Id of the profile by which it was read.
    pub profile: String,
    /// Rows after the header.
    pub rows: u64,
    /// Rows read as data.
    pub used: u64,
}

/// What a channel is credited with, and what follows from it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ChannelCredit {
    /// Conversions, in parts.
    pub conversions: Number,
    /// Their value; absent where no file says what conversions were worth.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<Number>,
    /// Bootstrap interval of the conversions: an estimate.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub conversions_interval: Option<Bounds>,
    /// Bootstrap interval of the value: an estimate.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value_interval: Option<Bounds>,
    /// What was spent on the channel.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cost: Option<Number>,
    /// Value by cost.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub roas: Option<Number>,
    /// Value less cost, by cost.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub roi: Option<Number>,
    /// Cost by conversions credited.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cac: Option<Number>,
}

/// Both ends of an interval.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Bounds {
    /// The lower end.
    pub low: Number,
    /// The upper end.
    pub high: Number,
}

/// Conversions that channels had a part in.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Influenced {
    /// Always true: a conversion stands with every channel that touched it, so the channels must
    /// not be added.
    pub overlaps: bool,
    /// Conversions with a touch of any channel but direct visits, each once.
    pub any: ChannelCredit,
    /// By channel.
    pub channels: IndexMap<String, ChannelCredit>,
}

/// What was spent.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ChannelSpend {
    /// All of it.
    pub total: Number,
    /// Spent on names that no path has, by name.
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    pub untouched: IndexMap<String, Number>,
    /// Spent without saying on what.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unallocated: Option<Number>,
}

/// How intervals were drawn: people anew, with replacement.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Bootstrap {
    /// How often.
    pub replicates: u64,
    /// The seed; the same gives the same intervals.
    pub seed: u64,
    /// The share of replicates inside the intervals.
    pub confidence: Number,
}

/// A Markov chain over the paths, solved.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Markov {
    /// How many touches back it remembers.
    pub order: u64,
    /// Whether it learned from paths that ended in nothing.
    pub nulls: bool,
    /// The probability that a path ends in a conversion: an estimate.
    pub conversion_probability: Number,
    /// By channel: the share of that probability that goes with the channel: estimates.
    pub removal_effects: IndexMap<String, Number>,
    /// Every step that was seen: the bands of a Sankey chart.
    pub transitions: Vec<Transition>,
}

/// A step of the chain.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Transition {
    /// Where from.
    pub from: ChainState,
    /// Where to.
    pub to: ChainState,
    /// How often.
    pub count: u64,
    /// The share of all steps from there.
    pub share: Number,
}

/// Where a chain can be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ChainState {
    /// Before the first touch.
    Start,
    /// After these touches, oldest first.
    Touched(Vec<String>),
    /// The path ended in a conversion.
    Conversion,
    /// The path ended in nothing.
    Nothing,
}
