//! Attribution: which channel earned a conversion and its revenue.
//!
//! **Owns** the models (rules, Markov chain, Shapley value), the making of journeys out of touches
//! and conversions, transforms of paths, influenced and sourced revenue, and the bootstrap.
//!
//! **Does not know** files, columns, currencies, spend or how a result is printed. A channel here
//! is a number; [`Channels`] keeps the names. Values of one call are in one currency.
//!
//! Every model gives decimals whose sum over the channels, plus what no touch preceded
//! ([`Attribution::unattributed`]), is the whole to the last digit: shares are integers over
//! integers, added exactly, and rounded once, at [`CREDIT_SCALE`] places, by largest remainder.
//!
//! ```
//! use mak::analysis::attribution::{Channels, Journey, Model, Settings, Touch, attribute};
//!
//! let mut channels = Channels::default();
//! let path = ["email", "search", "email"].map(|name| Touch::untimed(channels.number(name)));
//! let journey = Journey { touches: path.to_vec(), conversions: 1, value: 90.into(), ..Journey::default() };
//!
//! let linear = attribute(&[journey], channels.len(), Model::Linear, &Settings::default()).expect("small numbers");
//! assert_eq!(linear.credits[0].value.to_string(), "60");
//! assert_eq!(linear.credits[1].conversions.to_string(), "0.333333333333");
//! ```

pub mod bootstrap;
mod decay;
pub mod influence;
pub mod markov;
pub mod paths;
mod rules;
mod shapley;
mod tally;
#[cfg(test)]
mod tests;

use std::fmt;
use std::time::Duration;

use indexmap::IndexSet;
use rust_decimal::Decimal;

pub use rules::{PositionWeights, WShapeWeights};
pub use tally::CREDIT_SCALE;

use rules::Rule;

/// A contact of a person with a channel (or a campaign, or any other dimension).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Touch {
    /// The channel's number in [`Channels`].
    pub channel: u32,
    /// How long before the conversion (or before the last touch, when nothing was bought).
    /// `None` in path tables without times.
    pub before_end: Option<Duration>,
}

impl Touch {
    /// A touch of which only the order is known.
    pub const fn untimed(channel: u32) -> Self {
        Touch { channel, before_end: None }
    }
}

/// A path of touches, first to last, and how often it ended in what.
///
/// A journey built from a log is one person's and ends once; a row of a path table stands for
/// many people.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Journey {
    /// The touches in order of time. Empty for a conversion that no touch preceded.
    pub touches: Vec<Touch>,
    /// How often the path ended in a conversion.
    pub conversions: u64,
    /// The value of all these conversions together.
    pub value: Decimal,
    /// How often the path ended in nothing.
    pub nulls: u64,
    /// Whose journey it is; `None` for a row that stands for many people.
    pub person: Option<u32>,
}

/// The names of the channels, numbered in order of first sight.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Channels {
    names: IndexSet<String>,
}

impl Channels {
    /// The channel's number; a new name gets the next one.
    pub fn number(&mut self, name: &str) -> u32 {
        let index = self.names.get_index_of(name).unwrap_or_else(|| self.names.insert_full(name.to_owned()).0);
        u32::try_from(index).unwrap_or(u32::MAX)
    }

    /// The name of that number.
    pub fn name(&self, number: u32) -> Option<&str> {
        self.names.get_index(usize::try_from(number).ok()?).map(String::as_str)
    }

    /// How many channels there are.
    pub fn len(&self) -> usize {
        self.names.len()
    }

    /// Whether there is no channel.
    pub fn is_empty(&self) -> bool {
        self.names.is_empty()
    }

    /// The channel that stands for no channel: `direct`, `(direct)`, `(direct) / (none)` or
    /// `(none)`, in any case.
    pub fn direct(&self) -> Option<u32> {
        let names = ["direct", "(direct)", "(direct) / (none)", "direct / none", "(none)", "direct traffic"];
        let index = self.names.iter().position(|name| names.contains(&name.trim().to_lowercase().as_str()))?;
        u32::try_from(index).ok()
    }

    /// Numbers the channels anew, in order of their names, in the journeys too. Where two channels
    /// have the same claim on the last digit the lower number gets it, so that after this the
    /// order of a file's rows changes nothing.
    pub fn sort(&mut self, journeys: &mut [Journey]) {
        let mut order: Vec<usize> = (0..self.names.len()).collect();
        order.sort_by(|a, b| self.names.get_index(*a).cmp(&self.names.get_index(*b)));
        let mut renumbered = vec![0_u32; order.len()];
        for (new, old) in order.into_iter().enumerate() {
            renumbered[old] = u32::try_from(new).unwrap_or(u32::MAX);
        }
        for touch in journeys.iter_mut().flat_map(|journey| &mut journey.touches) {
            if let Some(new) = usize::try_from(touch.channel).ok().and_then(|old| renumbered.get(old)) {
                touch.channel = *new;
            }
        }
        self.names.sort();
    }
}

/// A way of dividing a conversion among the touches before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Model {
    /// All to the first touch.
    First,
    /// All to the last touch.
    Last,
    /// All to the last touch that is not [`Settings::direct`]; to the last one if all are.
    LastNonDirect,
    /// The same to every touch.
    Linear,
    /// Half as much for every [`Settings::half_life`] further from the conversion.
    TimeDecay,
    /// Fixed parts for the first and the last touch, the rest spread ([`Settings::position`]).
    Position,
    /// Fixed parts for the first, the middle and the last touch ([`Settings::w_shape`]).
    WShaped,
    /// By removal effects of a Markov chain over all journeys ([`markov`]).
    Markov,
    /// By Shapley value: the conversions of a path to its distinct channels, in equal parts.
    Shapley,
}

impl Model {
    /// Every model, in the order in which they are shown.
    pub const ALL: [Model; 9] = [
        Model::First,
        Model::Last,
        Model::LastNonDirect,
        Model::Linear,
        Model::TimeDecay,
        Model::Position,
        Model::WShaped,
        Model::Markov,
        Model::Shapley,
    ];

    /// The name that users type and scripts read.
    pub const fn name(self) -> &'static str {
        match self {
            Model::First => "first",
            Model::Last => "last",
            Model::LastNonDirect => "last-non-direct",
            Model::Linear => "linear",
            Model::TimeDecay => "time-decay",
            Model::Position => "position",
            Model::WShaped => "w-shaped",
            Model::Markov => "markov",
            Model::Shapley => "shapley",
        }
    }

    /// The model of that name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|model| model.name() == name)
    }
}

/// What the models can be told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Settings {
    /// For time decay: how much earlier halves a touch's weight. 7 days unless set.
    pub half_life: Duration,
    /// For position: 40/20/40 unless set.
    pub position: PositionWeights,
    /// For W-shaped: 30/30/30/10 unless set.
    pub w_shape: WShapeWeights,
    /// For last-non-direct: the channel that stands for no channel, if there is one.
    pub direct: Option<u32>,
    /// For Markov: the chain's order and whether it learns from journeys without a conversion.
    pub markov: markov::ChainSettings,
}

impl Default for Settings {
    fn default() -> Self {
        Settings {
            half_life: Duration::from_secs(7 * 86_400),
            position: PositionWeights::default(),
            w_shape: WShapeWeights::default(),
            direct: None,
            markov: markov::ChainSettings::default(),
        }
    }
}

/// A part of the conversions and of their value.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Credit {
    /// Conversions, in parts.
    pub conversions: Decimal,
    /// Value, in the journeys' currency.
    pub value: Decimal,
}

/// What one model gives to every channel.
#[derive(Clone, Debug, PartialEq)]
pub struct Attribution {
    /// The model.
    pub model: Model,
    /// By channel number.
    pub credits: Vec<Credit>,
    /// Conversions that no touch preceded: they belong to no channel.
    pub unattributed: Credit,
    /// All conversions: the credits and the unattributed together, to the last digit.
    pub total: Credit,
    /// How the chain was made, for [`Model::Markov`].
    pub chain: Option<markov::Solution>,
}

/// Why a model gives no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refused {
    /// The sums do not fit in the digits of a decimal.
    Overflow,
    /// Time decay needs to know when: this journey (counted from 0) has a touch without a time.
    NoTimes {
        /// The journey's place in the input.
        journey: usize,
    },
    /// A half-life of nothing, or of more than 500 years.
    HalfLife,
    /// A chain of that order would have more states than can be solved.
    TooManyStates {
        /// How many there would be.
        states: usize,
        /// How many there may be.
        limit: usize,
    },
    /// A chain needs an order of at least 1.
    OrderZero,
    /// A touch has a channel number that no channel has.
    UnknownChannel {
        /// The number.
        channel: u32,
    },
    /// There are more people than a bootstrap can draw.
    TooManyPeople {
        /// How many there are.
        people: u64,
        /// How many there may be.
        limit: u64,
    },
    /// A bootstrap needs people, replicates and a confidence between 0 and 1.
    NothingToResample,
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Refused::Overflow => f.write_str("the numbers are too large to be divided exactly"),
            Refused::NoTimes { journey } => {
                write!(f, "time decay needs the time of every touch, and journey {} has none", journey.saturating_add(1))
            }
            Refused::HalfLife => f.write_str("the half-life has to be longer than nothing and shorter than 500 years"),
            Refused::TooManyStates { states, limit } => {
                write!(f, "the chain would have {states} states, more than {limit}: use a lower order or fewer channels")
            }
            Refused::OrderZero => f.write_str("a chain has an order of 1 or more"),
            Refused::UnknownChannel { channel } => write!(f, "there is no channel number {channel}"),
            Refused::TooManyPeople { people, limit } => write!(f, "a bootstrap draws at most {limit} people, not {people}"),
            Refused::NothingToResample => {
                f.write_str("a bootstrap needs people, at least one replicate and a confidence between 0 and 1")
            }
        }
    }
}

impl std::error::Error for Refused {}

/// Divides the conversions and values of the journeys among `channels` channels, numbered from 0.
///
/// A journey without touches is [`Attribution::unattributed`].
pub fn attribute(journeys: &[Journey], channels: usize, model: Model, settings: &Settings) -> Result<Attribution, Refused> {
    check_channels(journeys, channels)?;
    match Rule::of(model, settings)? {
        Some(rule) => rules::attribute(journeys, channels, model, &rule),
        None => markov::attribute(journeys, channels, settings.markov),
    }
}

/// A channel number as a place in a table of `channels` rows.
fn place(channel: u32, channels: usize) -> Result<usize, Refused> {
    usize::try_from(channel).ok().filter(|place| *place < channels).ok_or(Refused::UnknownChannel { channel })
}

fn check_channels(journeys: &[Journey], channels: usize) -> Result<(), Refused> {
    journeys.iter().flat_map(|journey| &journey.touches).try_for_each(|touch| place(touch.channel, channels).map(|_| ()))
}
