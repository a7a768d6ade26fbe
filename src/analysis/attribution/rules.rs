//! Models that divide each journey by itself, with shares that are integers over an integer.

use std::time::Duration;

use rust_decimal::Decimal;

use super::tally::Tally;
use super::{Attribution, Journey, Model, Refused, Settings, Touch, decay, place, shapley};

/// Parts for the first touch, all middle touches together, and the last touch.
///
/// Two touches share as first and last do, one gets everything.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PositionWeights {
    parts: [u32; 3],
}

impl Default for PositionWeights {
    fn default() -> Self {
        PositionWeights { parts: [40, 20, 40] }
    }
}

impl PositionWeights {
    /// Weights in any unit (40, 20, 40 or 0.4, 0.2, 0.4). `None` when one is negative, all are
    /// zero, or they have more than nine digits.
    pub fn new(first: Decimal, middle: Decimal, last: Decimal) -> Option<Self> {
        integers([first, middle, last]).map(|parts| PositionWeights { parts })
    }
}

/// Parts for the first touch, the middle touch, the last touch, and all others together.
///
/// The middle touch stands for the one that made the lead where the data does not say which did:
/// the touch at half the path, the earlier of two. Two touches share as first and last do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WShapeWeights {
    parts: [u32; 4],
}

impl Default for WShapeWeights {
    fn default() -> Self {
        WShapeWeights { parts: [30, 30, 30, 10] }
    }
}

impl WShapeWeights {
    /// Weights in any unit. `None` when one is negative, all are zero, or they have more than
    /// nine digits.
    pub fn new(first: Decimal, middle: Decimal, last: Decimal, others: Decimal) -> Option<Self> {
        integers([first, middle, last, others]).map(|parts| WShapeWeights { parts })
    }
}

/// A model with all that it needs to divide one journey.
#[derive(Clone, Copy, Debug)]
pub(super) enum Rule {
    First,
    Last { except: Option<u32> },
    Linear,
    Decay { half_life: Duration },
    Position(PositionWeights),
    WShaped(WShapeWeights),
    Distinct,
}

/// Space that is used again for every journey.
#[derive(Default)]
pub(super) struct Scratch {
    /// One numerator a touch; they add up to the denominator.
    pub(super) numerators: Vec<u64>,
    ages: Vec<Duration>,
    order: Vec<(u32, usize)>,
}

impl Rule {
    /// The rule of a model; `None` for the one that needs all journeys at once.
    pub(super) fn of(model: Model, settings: &Settings) -> Result<Option<Self>, Refused> {
        Ok(Some(match model {
            Model::First => Rule::First,
            Model::Last => Rule::Last { except: None },
            Model::LastNonDirect => Rule::Last { except: settings.direct },
            Model::Linear => Rule::Linear,
            Model::TimeDecay if !decay::is_possible(settings.half_life) => return Err(Refused::HalfLife),
            Model::TimeDecay => Rule::Decay { half_life: settings.half_life },
            Model::Position => Rule::Position(settings.position),
            Model::WShaped => Rule::WShaped(settings.w_shape),
            Model::Shapley => Rule::Distinct,
            Model::Markov => return Ok(None),
        }))
    }

    /// Writes one numerator a touch and returns the denominator. `None` when a time is missing or
    /// the path is too long for the weights. The touches are not empty.
    pub(super) fn divide(&self, touches: &[Touch], scratch: &mut Scratch) -> Option<u64> {
        let length = touches.len();
        let numerators = &mut scratch.numerators;
        numerators.clear();
        numerators.resize(length, 0);
        match *self {
            Rule::First => {
                *numerators.first_mut()? = 1;
                Some(1)
            }
            Rule::Last { except } => {
                let last = touches.iter().rposition(|touch| Some(touch.channel) != except);
                *numerators.get_mut(last.unwrap_or(length.checked_sub(1)?))? = 1;
                Some(1)
            }
            Rule::Linear => {
                numerators.fill(1);
                u64::try_from(length).ok()
            }
            Rule::Decay { half_life } => {
                scratch.ages.clear();
                for touch in touches {
                    scratch.ages.push(touch.before_end?);
                }
                decay::divide(&scratch.ages, half_life, numerators);
                Some(decay::WHOLE)
            }
            Rule::Position(PositionWeights { parts: [first, middle, last] }) => {
                by_place(numerators, &[(0, first), (length - 1, last)], middle)
            }
            Rule::WShaped(WShapeWeights { parts: [first, middle, last, others] }) => {
                let named = [(0, first), (length - 1, last), ((length - 1) / 2, middle)];
                by_place(numerators, if length < 3 { &named[..2] } else { &named }, others)
            }
            Rule::Distinct => shapley::divide(touches, &mut scratch.order, numerators),
        }
    }
}

/// Runs a rule over all journeys.
pub(super) fn attribute(journeys: &[Journey], channels: usize, model: Model, rule: &Rule) -> Result<Attribution, Refused> {
    let mut tally = Tally::over(journeys, channels);
    let mut scratch = Scratch::default();
    for (number, journey) in journeys.iter().enumerate() {
        if journey.conversions == 0 && journey.value.is_zero() {
            continue;
        }
        if journey.touches.is_empty() {
            tally.leave(journey)?;
            continue;
        }
        let denominator = rule.divide(&journey.touches, &mut scratch).ok_or(match rule {
            Rule::Decay { .. } => Refused::NoTimes { journey: number },
            _ => Refused::Overflow,
        })?;
        let shares = journey.touches.iter().zip(&scratch.numerators);
        let shares = shares.map(|(touch, numerator)| (place(touch.channel, channels).unwrap_or(usize::MAX), *numerator));
        tally.divide(journey, denominator, shares)?;
    }
    let settled = tally.settle()?;
    let (credits, unattributed, total) = (settled.credits, settled.unattributed, settled.total);
    Ok(Attribution { model, credits, unattributed, total, chain: None })
}

/// Gives the named places their parts and spreads `rest` over the other places. Without others
/// the named parts alone are the whole; when all parts that apply are zero, places share alike.
fn by_place(numerators: &mut [u64], named: &[(usize, u32)], rest: u32) -> Option<u64> {
    let length = u64::try_from(numerators.len()).ok()?;
    if length == 1 {
        numerators.fill(1);
        return Some(1);
    }
    let others = length.checked_sub(u64::try_from(named.len()).ok()?)?;
    let parts: u64 = named.iter().map(|(_, part)| u64::from(*part)).sum();
    let whole = if others == 0 { parts } else { parts + u64::from(rest) };
    if whole == 0 {
        numerators.fill(1);
        return Some(length);
    }
    numerators.fill(u64::from(rest));
    for (place, part) in named {
        *numerators.get_mut(*place)? = u64::from(*part).checked_mul(others.max(1))?;
    }
    whole.checked_mul(others.max(1))
}

/// The decimals times the power of ten that makes all of them integers.
fn integers<const N: usize>(weights: [Decimal; N]) -> Option<[u32; N]> {
    let weights = weights.map(|weight| weight.normalize());
    let scale = weights.iter().map(Decimal::scale).max()?;
    let mut parts = [0; N];
    for (part, weight) in parts.iter_mut().zip(weights) {
        let factor = 10_i128.checked_pow(scale.checked_sub(weight.scale())?)?;
        *part = u32::try_from(weight.mantissa().checked_mul(factor)?).ok().filter(|part| *part < 1_000_000_000)?;
    }
    parts.iter().any(|part| *part > 0).then_some(parts)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shares(rule: Rule, path: &[u32]) -> (Vec<u64>, u64) {
        let touches: Vec<Touch> = path.iter().map(|channel| Touch::untimed(*channel)).collect();
        let mut scratch = Scratch::default();
        let denominator = rule.divide(&touches, &mut scratch).expect("a share");
        (scratch.numerators, denominator)
    }

    #[test]
    fn last_non_direct_falls_back_to_the_last() {
        let rule = Rule::Last { except: Some(0) };
        assert_eq!(shares(rule, &[1, 2, 0, 0]), (vec![0, 1, 0, 0], 1));
        assert_eq!(shares(rule, &[0, 0]), (vec![0, 1], 1));
    }

    #[test]
    fn w_shape_is_30_30_30_10() {
        let rule = Rule::WShaped(WShapeWeights::default());
        assert_eq!(shares(rule, &[0]), (vec![1], 1));
        assert_eq!(shares(rule, &[0, 1]), (vec![30, 30], 60));
        assert_eq!(shares(rule, &[0, 1, 2]), (vec![30, 30, 30], 90));
        assert_eq!(shares(rule, &[0, 1, 2, 3]), (vec![30, 30, 10, 30], 100));
        assert_eq!(shares(rule, &[0, 1, 2, 3, 4]), (vec![60, 10, 60, 10, 60], 200));
    }

    #[test]
    fn weights_in_any_unit_and_none_that_cannot_be() {
        let decimal = |text: &str| text.parse::<Decimal>().expect("a decimal");
        let new = |a, b, c| PositionWeights::new(decimal(a), decimal(b), decimal(c));
        assert_eq!(new("0.4", "0.20", "0.4").map(|w| w.parts), Some([4, 2, 4]));
        assert_eq!(new("33.3", "33.3", "33.4").map(|w| w.parts), Some([333, 333, 334]));
        assert_eq!(new("0", "0", "0"), None);
        assert_eq!(new("-1", "1", "1"), None);
        assert_eq!(new("1", "0.0000000001", "1"), None);
        let only_middle = Rule::Position(new("0", "1", "0").expect("weights"));
        assert_eq!(shares(only_middle, &[0, 1, 2, 3]), (vec![0, 1, 1, 0], 2));
        assert_eq!(shares(only_middle, &[0, 1]), (vec![1, 1], 2));
    }
}
