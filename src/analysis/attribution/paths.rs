//! Journeys out of touches and conversions, and transforms of their paths.
//!
//! Order comes from times, never from the order of rows. Every conversion is a journey of its own,
//! made of touches up to it, never after; a person who buys twice has two.

use std::time::Duration;

use jiff::Timestamp;
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

use super::{Journey, Touch};

/// One row of a log: a touch, a conversion, or both, in which case the touch is the last of the
/// conversion's path. A row with neither says nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LogRow {
    /// Whose.
    pub person: u32,
    /// When.
    pub at: Timestamp,
    /// The touched channel.
    pub channel: Option<u32>,
    /// What was bought or signed.
    pub conversion: Option<Conversion>,
}

/// What a row says was bought or signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Conversion {
    /// How many: one, unless the row counts several of one instant.
    pub count: u64,
    /// Their value together.
    pub value: Decimal,
}

/// Which of the touches before a conversion belong to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Window {
    /// Those after the previous conversion. Conversions of the same instant are not previous to
    /// each other: each has the whole path.
    SincePrevious,
    /// Those within this time before it, whatever was bought in between.
    Lookback(Duration),
}

/// Makes journeys of a log: one for every conversion, with or without touches, and one that ended
/// in nothing for the touches of a person after their last conversion.
///
/// In the result, people are in order of their numbers, and the journeys of a person in order of
/// time. Of rows of one instant a plain touch comes first and a plain conversion last, so that a
/// touch and an order of the same second belong together in whatever files they stand; rows that
/// are alike in that keep their order.
pub fn journeys_of(mut log: Vec<LogRow>, window: Window) -> Vec<Journey> {
    let rank = |row: &LogRow| match (row.channel, row.conversion) {
        (_, None) => 0,
        (Some(_), Some(_)) => 1,
        (None, Some(_)) => 2,
    };
    log.sort_by_key(|row| (row.person, row.at, rank(row)));
    let mut journeys = Vec::new();
    for rows in log.chunk_by(|a, b| a.person == b.person) {
        journeys_of_person(rows, window, &mut journeys);
    }
    journeys
}

fn journeys_of_person(rows: &[LogRow], window: Window, journeys: &mut Vec<Journey>) {
    let mut touches: Vec<(Timestamp, u32)> = Vec::new();
    // Where the path of conversions at `latest` begins, and where that of later ones will.
    let (mut begin, mut next_begin) = (0, 0);
    let mut latest = None;
    for row in rows {
        if let Some(channel) = row.channel {
            touches.push((row.at, channel));
        }
        let Some(conversion) = row.conversion else { continue };
        if latest.is_some_and(|latest| latest < row.at) {
            begin = next_begin;
        }
        latest = Some(row.at);
        next_begin = touches.len();
        let path = match window {
            Window::SincePrevious => &touches[begin..],
            Window::Lookback(time) => &touches[touches.partition_point(|(at, _)| age(*at, row.at) > time)..],
        };
        let touches = aged(path, row.at);
        let (conversions, value) = (conversion.count, conversion.value);
        journeys.push(Journey { touches, conversions, value, nulls: 0, person: Some(row.person) });
    }
    if let Some((end, _)) = touches[next_begin..].last() {
        let touches = aged(&touches[next_begin..], *end);
        let person = rows.first().map(|row| row.person);
        journeys.push(Journey { touches, nulls: 1, person, ..Journey::default() });
    }
}

fn aged(path: &[(Timestamp, u32)], end: Timestamp) -> Vec<Touch> {
    path.iter().map(|(at, channel)| Touch { channel: *channel, before_end: Some(age(*at, end)) }).collect()
}

fn age(at: Timestamp, end: Timestamp) -> Duration {
    end.duration_since(at).unsigned_abs()
}

/// Hours, as path tables give them, as a duration; `None` when negative or beyond 580,000 years.
pub fn hours(hours: Decimal) -> Option<Duration> {
    let nanoseconds_per_hour = Decimal::from(3_600_000_000_000_u64);
    let nanoseconds = hours.checked_mul(nanoseconds_per_hour)?.round().to_u128()?;
    let seconds = u64::try_from(nanoseconds / 1_000_000_000).ok()?;
    let rest = u32::try_from(nanoseconds % 1_000_000_000).ok()?;
    Some(Duration::new(seconds, rest))
}

/// What a channel that occurs more than once in a path counts for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Repeats {
    /// Every touch counts.
    #[default]
    Keep,
    /// A run of touches of one channel is one touch, the last of the run: `a a b a` is `a b a`.
    Collapse,
    /// A channel is one touch, its first: `a a b a` is `a b`.
    Unique,
}

/// Changes to paths before they are attributed, in the order of the fields.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Transforms {
    /// Leaves touches of this channel out, unless the path has no others.
    pub drop_direct: Option<u32>,
    /// What repeated channels count for.
    pub repeats: Repeats,
    /// Keeps only that many touches, the last ones.
    pub keep_last: Option<usize>,
    /// Leaves shorter paths out.
    pub shortest: Option<usize>,
    /// Leaves longer paths out.
    pub longest: Option<usize>,
}

/// What the limits of length left out, so that it can be said.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LeftOut {
    /// The journeys, unchanged in what they ended in.
    pub journeys: Vec<Journey>,
}

impl LeftOut {
    /// Conversions that were left out; `None` when the sum has no room.
    pub fn conversions(&self) -> Option<u64> {
        self.journeys.iter().try_fold(0_u64, |sum, journey| sum.checked_add(journey.conversions))
    }

    /// Value that was left out; `None` when the sum has no room.
    pub fn value(&self) -> Option<Decimal> {
        self.journeys.iter().try_fold(Decimal::ZERO, |sum, journey| sum.checked_add(journey.value))
    }
}

impl Transforms {
    /// Changes the paths. Conversions without any touch stay: no limit of length is about them.
    pub fn apply(&self, journeys: &mut Vec<Journey>) -> LeftOut {
        for journey in journeys.iter_mut() {
            self.change(&mut journey.touches);
        }
        let fits = |journey: &mut Journey| {
            let length = journey.touches.len();
            let short = self.shortest.is_some_and(|shortest| length < shortest);
            let long = self.longest.is_some_and(|longest| length > longest);
            length == 0 || !(short || long)
        };
        LeftOut { journeys: journeys.extract_if(.., |journey| !fits(journey)).collect() }
    }

    fn change(&self, touches: &mut Vec<Touch>) {
        if let Some(direct) = self.drop_direct
            && touches.iter().any(|touch| touch.channel != direct)
        {
            touches.retain(|touch| touch.channel != direct);
        }
        match self.repeats {
            Repeats::Keep => {}
            Repeats::Collapse => {
                touches.reverse();
                touches.dedup_by_key(|touch| touch.channel);
                touches.reverse();
            }
            Repeats::Unique => keep_first_of_each(touches),
        }
        if let Some(last) = self.keep_last {
            touches.drain(..touches.len().saturating_sub(last));
        }
    }
}

fn keep_first_of_each(touches: &mut Vec<Touch>) {
    let mut order: Vec<(u32, usize)> = touches.iter().enumerate().map(|(place, touch)| (touch.channel, place)).collect();
    order.sort_unstable();
    order.dedup_by_key(|(channel, _)| *channel);
    order.sort_unstable_by_key(|(_, place)| *place);
    *touches = order.into_iter().map(|(_, place)| touches[place]).collect();
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).expect("in range")
    }

    fn touch(second: i64, channel: u32) -> LogRow {
        LogRow { person: 7, at: at(second), channel: Some(channel), conversion: None }
    }

    fn sale(second: i64, value: i64) -> LogRow {
        let conversion = Some(Conversion { count: 1, value: value.into() });
        LogRow { person: 7, at: at(second), channel: None, conversion }
    }

    fn path(journey: &Journey) -> Vec<(u32, u64)> {
        journey.touches.iter().map(|touch| (touch.channel, touch.before_end.map_or(u64::MAX, |age| age.as_secs()))).collect()
    }

    #[test]
    fn each_conversion_has_the_touches_up_to_it_and_after_the_previous_one() {
        // In no order; the touch of second 20 and the sale of second 20 belong together.
        let log = vec![sale(20, 5), touch(30, 3), sale(40, 9), touch(50, 4), touch(10, 1), touch(20, 2), touch(55, 1)];
        let journeys = journeys_of(log, Window::SincePrevious);
        let found: Vec<_> = journeys.iter().map(|j| (path(j), j.conversions, j.value, j.nulls)).collect();
        assert_eq!(
            found,
            [
                (vec![(1, 10), (2, 0)], 1, 5.into(), 0),
                (vec![(3, 10)], 1, 9.into(), 0),
                (vec![(4, 5), (1, 0)], 0, Decimal::ZERO, 1),
            ]
        );
    }

    #[test]
    fn conversions_before_any_touch_have_no_path_and_those_of_one_instant_the_same() {
        let journeys = journeys_of(vec![sale(5, 1), touch(10, 1), sale(20, 2), sale(20, 3)], Window::SincePrevious);
        let found: Vec<_> = journeys.iter().map(|j| (path(j), j.value)).collect();
        assert_eq!(found, [(vec![], 1.into()), (vec![(1, 10)], 2.into()), (vec![(1, 10)], 3.into())]);
    }

    #[test]
    fn a_row_with_a_channel_and_a_conversion_is_the_last_touch_of_its_path() {
        let both = LogRow { channel: Some(9), ..sale(20, 4) };
        let journeys = journeys_of(vec![both, touch(20, 8), touch(10, 1)], Window::SincePrevious);
        assert_eq!(journeys.len(), 1);
        assert_eq!(path(&journeys[0]), [(1, 10), (8, 0), (9, 0)]);
    }

    #[test]
    fn a_lookback_ends_at_its_length_and_does_not_stop_at_a_conversion() {
        let log = vec![touch(0, 1), touch(10, 2), sale(12, 1), sale(20, 1)];
        let journeys = journeys_of(log, Window::Lookback(Duration::from_secs(12)));
        let found: Vec<_> = journeys.iter().map(path).collect();
        assert_eq!(found, [vec![(1, 12), (2, 2)], vec![(2, 10)]]);
    }

    #[test]
    fn people_are_told_apart() {
        let other = LogRow { person: 3, ..touch(15, 5) };
        let journeys = journeys_of(vec![touch(10, 1), other, sale(20, 1)], Window::SincePrevious);
        assert_eq!(
            journeys.iter().map(|j| (j.person, path(j), j.nulls)).collect::<Vec<_>>(),
            [(Some(3), vec![(5, 0)], 1), (Some(7), vec![(1, 10)], 0)]
        );
    }

    #[test]
    fn transforms() {
        let journey = |path: &[u32]| Journey {
            touches: path.iter().map(|channel| Touch::untimed(*channel)).collect(),
            conversions: 2,
            value: 3.into(),
            ..Journey::default()
        };
        let apply = |transforms: Transforms, path: &[u32]| {
            let mut journeys = vec![journey(path)];
            let left_out = transforms.apply(&mut journeys);
            (journeys.first().map(|j| j.touches.iter().map(|t| t.channel).collect::<Vec<_>>()), left_out.conversions())
        };
        let none = Transforms::default();
        let path = &[0, 1, 1, 2, 1, 0];
        assert_eq!(apply(Transforms { repeats: Repeats::Collapse, ..none }, path), (Some(vec![0, 1, 2, 1, 0]), Some(0)));
        assert_eq!(apply(Transforms { repeats: Repeats::Unique, ..none }, path), (Some(vec![0, 1, 2]), Some(0)));
        assert_eq!(apply(Transforms { drop_direct: Some(0), ..none }, path), (Some(vec![1, 1, 2, 1]), Some(0)));
        assert_eq!(apply(Transforms { drop_direct: Some(0), ..none }, &[0, 0]), (Some(vec![0, 0]), Some(0)));
        assert_eq!(apply(Transforms { keep_last: Some(2), ..none }, path), (Some(vec![1, 0]), Some(0)));
        assert_eq!(apply(Transforms { shortest: Some(7), ..none }, path), (None, Some(2)));
        assert_eq!(apply(Transforms { longest: Some(5), ..none }, path), (None, Some(2)));
        assert_eq!(apply(Transforms { shortest: Some(2), ..none }, &[]), (Some(vec![]), Some(0)));
    }

    #[test]
    fn hours_are_exact() {
        let decimal = |text: &str| text.parse::<Decimal>().expect("a decimal");
        assert_eq!(hours(decimal("168.0")), Some(Duration::from_secs(7 * 86_400)));
        assert_eq!(hours(decimal("0.0001")), Some(Duration::from_millis(360)));
        assert_eq!(hours(decimal("-1")), None);
        assert_eq!(hours(Decimal::MAX), None);
    }
}
