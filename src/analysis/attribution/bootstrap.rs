//! How far chance moves the credits: the bootstrap over people.
//!
//! A replicate draws as many people as there are, with replacement, and attributes their journeys;
//! all journeys of a person come along together, because they are not independent. A row of a
//! path table stands for as many people as it has conversions and nulls. The interval is between
//! quantiles of the replicates (Efron's percentile method).
//!
//! Every replicate has a generator of its own, seeded by the seed and the replicate's number, so
//! that the result does not depend on the number of threads.
#![allow(clippy::float_arithmetic, reason = "quantiles of resampled estimates")]
#![allow(clippy::cast_precision_loss, reason = "counts of drawn people above 2^53 do not occur in memory")]

use std::collections::BTreeMap;
use std::ops::Range;

use rust_decimal::prelude::ToPrimitive;

use super::markov::{Chain, Ends, integer_shares};
use super::rules::{Rule, Scratch};
use super::{Journey, Model, Refused, Settings, check_channels, decay, place};
use crate::analysis::interval::Interval;

/// More people than this would take minutes to draw a thousand times, and their intervals would be
/// too narrow to matter.
const MOST_PEOPLE: u64 = 100_000_000;

/// How to resample.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Resampling {
    /// The same seed gives the same intervals.
    pub seed: u64,
    /// How many times people are drawn.
    pub replicates: usize,
    /// The share of replicates inside the interval: 0.95.
    pub confidence: f64,
    /// How many threads draw; the result is the same for any number.
    pub threads: usize,
}

impl Default for Resampling {
    fn default() -> Self {
        Resampling { seed: 1, replicates: 1_000, confidence: 0.95, threads: 2 }
    }
}

/// The intervals of one channel's credit.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CreditInterval {
    /// Of its conversions.
    pub conversions: Interval,
    /// Of its value.
    pub value: Interval,
}

/// One interval a channel, for the credits of `model`.
pub fn intervals(
    journeys: &[Journey],
    channels: usize,
    model: Model,
    settings: &Settings,
    resampling: Resampling,
) -> Result<Vec<CreditInterval>, Refused> {
    check_channels(journeys, channels)?;
    let people = People::of(journeys)?;
    let sound = (0.0..1.0).contains(&resampling.confidence) && resampling.replicates > 0 && people.number > 0;
    if !sound {
        return Err(Refused::NothingToResample);
    }
    let prepared = Prepared::of(journeys, channels, model, settings)?;
    let replicates = replicate_all(&people, &prepared, journeys, resampling)?;
    let tail = (1.0 - resampling.confidence) / 2.0;
    let interval = |channel: usize, of: fn(&Estimate) -> f64| {
        let mut values: Vec<f64> = replicates.iter().map(|credits| of(&credits[channel])).collect();
        values.sort_unstable_by(f64::total_cmp);
        Interval { low: quantile(&values, tail), high: quantile(&values, 1.0 - tail) }
    };
    let both = |channel| CreditInterval {
        conversions: interval(channel, |credit| credit.conversions),
        value: interval(channel, |credit| credit.value),
    };
    Ok((0..channels).map(both).collect())
}

/// A credit of one replicate.
#[derive(Clone, Copy, Debug, Default)]
struct Estimate {
    conversions: f64,
    value: f64,
}

fn replicate_all(
    people: &People,
    prepared: &Prepared,
    journeys: &[Journey],
    resampling: Resampling,
) -> Result<Vec<Vec<Estimate>>, Refused> {
    let values: Vec<f64> = journeys.iter().map(value_of_each).collect();
    let threads = resampling.threads.clamp(1, resampling.replicates);
    let run = |thread: usize| {
        let mut drawn = vec![Ends::default(); journeys.len()];
        let mine = (thread..resampling.replicates).step_by(threads);
        let replicate = |number| {
            people.draw(&mut Generator::new(resampling.seed, number), &mut drawn);
            prepared.credits(&drawn, &values)
        };
        mine.map(replicate).collect::<Result<Vec<_>, _>>()
    };
    let run = &run;
    let parts = std::thread::scope(|scope| {
        let others: Vec<_> = (1..threads).map(|thread| scope.spawn(move || run(thread))).collect();
        let mut parts = vec![run(0)];
        for other in others {
            // A panic over there is a defect of this program; let it be seen as what it is.
            parts.push(other.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)));
        }
        parts
    });
    parts.into_iter().collect::<Result<Vec<_>, _>>().map(|parts| parts.into_iter().flatten().collect())
}

/// The mean value of the journey's conversions.
fn value_of_each(journey: &Journey) -> f64 {
    if journey.conversions == 0 { 0.0 } else { journey.value.to_f64().unwrap_or(0.0) / journey.conversions as f64 }
}

/// What is drawn: a person with all their journeys, or one of the many people of a row.
#[derive(Clone, Copy, PartialEq)]
enum Kind {
    Person,
    Conversion,
    Null,
}

struct Unit {
    kind: Kind,
    /// How many people there are up to and including this unit.
    up_to: u64,
    /// The numbers of its journeys, in [`People::members`].
    members: Range<usize>,
}

struct People {
    number: u64,
    units: Vec<Unit>,
    members: Vec<usize>,
    /// For each of as many equal parts of the people as there are units, the first unit that
    /// reaches into it: where to begin looking for a person.
    guide: Vec<usize>,
    /// The ends of a person's journeys.
    ends: Vec<Ends>,
}

impl People {
    fn of(journeys: &[Journey]) -> Result<Self, Refused> {
        let mut persons: BTreeMap<u32, Vec<usize>> = BTreeMap::new();
        let mut sized = Vec::new();
        for (number, journey) in journeys.iter().enumerate() {
            if let Some(person) = journey.person {
                persons.entry(person).or_default().push(number);
            } else {
                sized.push((Kind::Conversion, journey.conversions, vec![number]));
                sized.push((Kind::Null, journey.nulls, vec![number]));
            }
        }
        let persons = persons.into_values().map(|journeys| (Kind::Person, 1, journeys));
        let (mut up_to, mut units, mut members) = (0_u64, Vec::new(), Vec::new());
        for (kind, size, journeys) in persons.chain(sized).filter(|(_, size, _)| *size > 0) {
            up_to = up_to.checked_add(size).ok_or(Refused::Overflow)?;
            let from = members.len();
            members.extend(journeys);
            units.push(Unit { kind, up_to, members: from..members.len() });
        }
        if up_to > MOST_PEOPLE {
            return Err(Refused::TooManyPeople { people: up_to, limit: MOST_PEOPLE });
        }
        let ends = journeys.iter().map(|journey| Ends { conversions: journey.conversions, nulls: journey.nulls }).collect();
        Ok(People { number: up_to, guide: guide(&units, up_to), units, members, ends })
    }

    fn draw(&self, generator: &mut Generator, drawn: &mut [Ends]) {
        drawn.fill(Ends::default());
        for _ in 0..self.number {
            let unit = self.pick(generator);
            for journey in &self.members[unit.members.clone()] {
                let (drawn, ends) = (&mut drawn[*journey], self.ends[*journey]);
                match unit.kind {
                    Kind::Person => {
                        drawn.conversions = drawn.conversions.saturating_add(ends.conversions);
                        drawn.nulls = drawn.nulls.saturating_add(ends.nulls);
                    }
                    Kind::Conversion => drawn.conversions += 1,
                    Kind::Null => drawn.nulls += 1,
                }
            }
        }
    }

    /// The unit of a person drawn at random.
    fn pick(&self, generator: &mut Generator) -> &Unit {
        let (person, random) = generator.below(self.number);
        // The same random number scaled to the parts: it falls into the part that holds the person.
        let part = scaled(random, self.units.len() as u64).0;
        let mut unit = self.guide[usize::try_from(part).unwrap_or(0)];
        while self.units[unit].up_to <= person {
            unit += 1;
        }
        &self.units[unit]
    }
}

fn guide(units: &[Unit], number: u64) -> Vec<usize> {
    let mut unit = 0;
    let parts = units.len().max(1) as u128;
    let first = |part: usize| {
        let person = part as u128 * u128::from(number) / parts;
        while u128::from(units[unit].up_to) <= person {
            unit += 1;
        }
        unit
    };
    (0..units.len()).map(first).collect()
}

/// A model with everything done that does not change from replicate to replicate.
enum Prepared {
    /// Shares of each journey, by channel; journeys one after the other.
    Shares {
        channels: usize,
        shares: Vec<(usize, f64)>,
        journeys: Vec<Range<usize>>,
    },
    Chain {
        chain: Chain,
        touched: Vec<bool>,
    },
}

impl Prepared {
    fn of(journeys: &[Journey], channels: usize, model: Model, settings: &Settings) -> Result<Self, Refused> {
        let Some(rule) = Rule::of(model, settings)? else {
            let touched = journeys.iter().map(|journey| !journey.touches.is_empty()).collect();
            return Ok(Prepared::Chain { chain: Chain::over(journeys, channels, settings.markov)?, touched });
        };
        let mut scratch = Scratch::default();
        let (mut shares, mut ranges) = (Vec::new(), Vec::with_capacity(journeys.len()));
        for (number, journey) in journeys.iter().enumerate() {
            let from = shares.len();
            if journey.conversions > 0 && !journey.touches.is_empty() {
                let denominator = rule.divide(&journey.touches, &mut scratch).ok_or(match rule {
                    Rule::Decay { .. } => Refused::NoTimes { journey: number },
                    _ => Refused::Overflow,
                })?;
                for (touch, numerator) in journey.touches.iter().zip(&scratch.numerators) {
                    if *numerator > 0 {
                        shares.push((place(touch.channel, channels)?, *numerator as f64 / denominator as f64));
                    }
                }
            }
            ranges.push(from..shares.len());
        }
        Ok(Prepared::Shares { channels, shares, journeys: ranges })
    }

    /// The credits when journeys ended as `drawn`, each conversion of the mean value of its
    /// journey.
    fn credits(&self, drawn: &[Ends], values: &[f64]) -> Result<Vec<Estimate>, Refused> {
        let weighted = drawn.iter().map(|ends| ends.conversions as f64).zip(values);
        match self {
            Prepared::Shares { channels, shares, journeys } => {
                let mut credits = vec![Estimate::default(); *channels];
                for ((conversions, value), range) in weighted.zip(journeys).filter(|((conversions, _), _)| *conversions > 0.0) {
                    for (channel, share) in &shares[range.clone()] {
                        credits[*channel].conversions += conversions * share;
                        credits[*channel].value += conversions * value * share;
                    }
                }
                Ok(credits)
            }
            Prepared::Chain { chain, touched } => {
                let (_, effects) = chain.removal_effects(&chain.counts(drawn.iter().copied())?);
                let (mut conversions, mut value) = (0.0, 0.0);
                for ((count, each), _) in weighted.zip(touched).filter(|(_, touched)| **touched) {
                    conversions += count;
                    value += count * each;
                }
                let shares = integer_shares(&effects);
                let shares = shares.iter().map(|share| *share as f64 / decay::WHOLE as f64);
                Ok(shares.map(|share| Estimate { conversions: conversions * share, value: value * share }).collect())
            }
        }
    }
}

/// The quantile of sorted values, interpolated (type 7 of Hyndman and Fan).
fn quantile(sorted: &[f64], share: f64) -> f64 {
    let position = share * (sorted.len().saturating_sub(1)) as f64;
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between 0 and the number of values")]
    let below = position.floor() as usize;
    let low = sorted.get(below).copied().unwrap_or(0.0);
    let high = sorted.get(below + 1).copied().unwrap_or(low);
    low + (high - low) * (position - position.floor())
}

/// Xoshiro256++ (Blackman and Vigna 2019), seeded through `SplitMix64`.
struct Generator {
    state: [u64; 4],
}

impl Generator {
    fn new(seed: u64, stream: usize) -> Self {
        let mut mixed = seed.wrapping_add((stream as u64).wrapping_mul(0xd134_2543_de82_ef95));
        let mut split_mix = || {
            mixed = mixed.wrapping_add(0x9e37_79b9_7f4a_7c15);
            let mut z = mixed;
            z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            z ^ (z >> 31)
        };
        Generator { state: std::array::from_fn(|_| split_mix()) }
    }

    fn next(&mut self) -> u64 {
        let [a, b, c, d] = self.state;
        let result = a.wrapping_add(d).rotate_left(23).wrapping_add(a);
        let (c, d) = (c ^ a, d ^ b);
        self.state = [a ^ d, b ^ c, c ^ (b << 17), d.rotate_left(45)];
        result
    }

    /// Uniform below `limit`, without bias (Lemire 2019), and the random number it was made of.
    /// `limit` is not zero.
    fn below(&mut self, limit: u64) -> (u64, u64) {
        loop {
            let random = self.next();
            let (value, rest) = scaled(random, limit);
            if rest >= limit || rest >= limit.wrapping_neg() % limit {
                return (value, random);
            }
        }
    }
}

/// `random × limit` as multiples of `2^64`, and the rest.
#[expect(clippy::cast_possible_truncation, reason = "the two halves of a product")]
fn scaled(random: u64, limit: u64) -> (u64, u64) {
    let product = u128::from(random) * u128::from(limit);
    ((product >> 64) as u64, product as u64)
}

#[cfg(test)]
mod tests {
    use super::super::Touch;
    use super::*;

    #[test]
    fn the_generator_is_xoshiro256_plus_plus() {
        // The first outputs of the reference C program for the state 1, 2, 3, 4.
        let mut generator = Generator { state: [1, 2, 3, 4] };
        let found: Vec<u64> = (0..5).map(|_| generator.next()).collect();
        assert_eq!(found, [41_943_041, 58_720_359, 3_588_806_011_781_223, 3_591_011_842_654_386, 9_228_616_714_210_784_205]);
        let mut counts = [0_u32; 3];
        for _ in 0..30_000 {
            counts[usize::try_from(generator.below(3).0).expect("below 3")] += 1;
        }
        // Six standard deviations: sqrt(30000 * 2/9) = 82.
        assert!(counts.iter().all(|count| count.abs_diff(10_000) < 490), "{counts:?}");
    }

    fn person(person: u32, channel: u32, conversions: u64) -> Journey {
        let touches = vec![Touch::untimed(channel)];
        Journey { touches, conversions, value: conversions.into(), nulls: 1 - conversions, person: Some(person) }
    }

    #[test]
    fn the_interval_of_a_single_channel_is_that_of_a_binomial_count() {
        // 100 of 400 people convert: the count's standard deviation is sqrt(400 * .25 * .75) = 8.66,
        // so 95 % of replicates lie within 100 -+ 16.97.
        let journeys: Vec<_> = (0..400).map(|n| person(n, 0, u64::from(n % 4 == 0))).collect();
        let run = |threads, seed| {
            let resampling = Resampling { seed, replicates: 1_000, threads, ..Resampling::default() };
            intervals(&journeys, 1, Model::Last, &Settings::default(), resampling).expect("people")
        };
        let found = run(2, 11)[0].conversions;
        assert!((found.low - 83.0).abs() <= 2.5 && (found.high - 117.0).abs() <= 2.5, "{found:?}");
        assert_eq!(run(2, 11), run(1, 11));
        assert_ne!(run(2, 11), run(2, 12));
    }

    #[test]
    fn a_table_row_is_as_many_people_as_it_counts() {
        let row = Journey { touches: vec![Touch::untimed(0)], conversions: 100, nulls: 300, value: 1_000.into(), person: None };
        for model in [Model::Linear, Model::Markov] {
            let resampling = Resampling { replicates: 1_000, ..Resampling::default() };
            let rows = [row.clone()];
            let found = intervals(&rows, 1, model, &Settings::default(), resampling).expect("people")[0];
            assert!((found.conversions.low - 83.0).abs() <= 2.5 && (found.conversions.high - 117.0).abs() <= 2.5, "{found:?}");
            assert!((found.value.low - 830.0).abs() <= 25.0, "{found:?}");
        }
    }

    #[test]
    fn the_journeys_of_one_person_come_together() {
        // One person with all ten conversions among ten people: a replicate has 0, 10, 20 …
        let mut journeys: Vec<_> = (0..10).map(|_| person(0, 0, 1)).collect();
        journeys.extend((1..10).map(|n| person(n, 0, 0)));
        let resampling = Resampling { replicates: 2_000, ..Resampling::default() };
        let found = intervals(&journeys, 1, Model::First, &Settings::default(), resampling).expect("people")[0];
        // Binomial(10, 1/10): P(0) = .349, P(<= 3) = .987, P(<= 2) = .930.
        assert_eq!((found.conversions.low, found.conversions.high), (0.0, 30.0));
    }

    #[test]
    fn the_guide_leads_to_the_unit_that_holds_the_person() {
        let row = |conversions| Journey { conversions, nulls: 0, person: None, ..person(0, 0, 1) };
        let rows: Vec<_> =
            [1, 1_000, 0, 7, 1, 90_000, 3, 1].map(row).into_iter().chain((0..50).map(|n| person(n, 0, 1))).collect();
        let people = People::of(&rows).expect("few people");
        assert_eq!(people.number, 91_063);
        for stream in 0..20_000 {
            let (person, _) = Generator::new(3, stream).below(people.number);
            let found = people.pick(&mut Generator::new(3, stream));
            let expected = people.units.iter().find(|unit| unit.up_to > person).expect("some unit");
            assert_eq!(found.members, expected.members);
        }
    }

    #[test]
    fn without_people_or_replicates_there_is_nothing_to_draw() {
        let journeys = [person(0, 0, 1)];
        let run = |journeys: &[Journey], resampling| intervals(journeys, 1, Model::Last, &Settings::default(), resampling);
        let plain = Resampling::default();
        assert_eq!(run(&[], plain), Err(Refused::NothingToResample));
        let crowd = [Journey { conversions: u64::MAX, person: None, ..person(0, 0, 0) }];
        assert_eq!(run(&crowd, plain), Err(Refused::Overflow));
        let crowd = [Journey { conversions: MOST_PEOPLE, ..crowd[0].clone() }];
        assert_eq!(run(&crowd, plain), Err(Refused::TooManyPeople { people: MOST_PEOPLE + 1, limit: MOST_PEOPLE }));
        assert_eq!(run(&journeys, Resampling { replicates: 0, ..plain }), Err(Refused::NothingToResample));
        assert_eq!(run(&journeys, Resampling { confidence: 1.0, ..plain }), Err(Refused::NothingToResample));
    }
}
