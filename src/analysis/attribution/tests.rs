//! Published and independently computed credits, and what holds for any journeys.
//!
//! Numbers named "reference" come from `ChannelAttribution` 2.2.5 and DP6's
//! `marketing_attribution_models` 2.1.1 (both Python), and from an absorbing chain solved in `numpy`.
#![allow(clippy::float_arithmetic, reason = "comparing estimates")]
#![allow(clippy::cast_precision_loss, reason = "small counts")]

use std::path::PathBuf;
use std::time::Duration;

use proptest::prelude::*;
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

use super::markov::{ChainSettings, State};
use super::paths::{Conversion, LogRow, Repeats, Transforms, Window, hours, journeys_of};
use super::*;

fn decimal(text: &str) -> Decimal {
    text.parse().expect("a decimal")
}

fn float(value: Decimal) -> f64 {
    value.to_f64().expect("small")
}

fn run(journeys: &[Journey], channels: usize, model: Model) -> Attribution {
    attribute(journeys, channels, model, &Settings::default()).expect("an attribution")
}

fn conversions(attribution: &Attribution) -> Vec<f64> {
    attribution.credits.iter().map(|credit| float(credit.conversions)).collect()
}

fn values(attribution: &Attribution) -> Vec<f64> {
    attribution.credits.iter().map(|credit| float(credit.value)).collect()
}

fn close(found: &[f64], expected: &[f64], tolerance: f64) {
    assert_eq!(found.len(), expected.len());
    let far = found.iter().zip(expected).any(|(a, b)| (a - b).abs() > tolerance);
    assert!(!far, "found {found:?}, expected {expected:?}");
}

/// Eight journeys over A, B, C (0, 1, 2), with hours before the end.
fn tiny() -> Vec<Journey> {
    let journey = |path: &[(u32, &str)], value: i64| Journey {
        touches: path.iter().map(|(channel, age)| Touch { channel: *channel, before_end: hours(decimal(age)) }).collect(),
        conversions: u64::from(value > 0),
        value: value.into(),
        nulls: u64::from(value == 0),
        person: None,
    };
    vec![
        journey(&[(0, "72"), (1, "36"), (2, "0")], 100),
        journey(&[(0, "24"), (2, "0")], 50),
        journey(&[(1, "0")], 30),
        journey(&[(2, "168"), (0, "100"), (1, "24"), (0, "1")], 80),
        journey(&[(0, "0")], 0),
        journey(&[(1, "10"), (2, "0")], 0),
        journey(&[(2, "0")], 0),
        journey(&[(0, "48"), (1, "0")], 0),
    ]
}

#[test]
fn tiny_journeys_by_every_model() {
    let journeys = tiny();
    let of = |model| conversions(&run(&journeys, 3, model));
    close(&of(Model::First), &[2.0, 1.0, 1.0], 0.0);
    close(&of(Model::Last), &[1.0, 1.0, 2.0], 0.0);
    close(&of(Model::Linear), &[4.0 / 3.0, 19.0 / 12.0, 13.0 / 12.0], 1e-12);
    close(&of(Model::Position), &[1.4, 1.3, 1.3], 0.0);
    close(&of(Model::TimeDecay), &[1.301_632_111_3, 1.626_541_452_7, 1.071_826_436_0], 1e-10);
    close(&of(Model::Markov), &[1.434_722_858_5, 1.236_830_050_4, 1.328_447_091_2], 1e-10);
    close(&of(Model::Shapley), &[7.0 / 6.0, 10.0 / 6.0, 7.0 / 6.0], 1e-12);
    let a_day = Settings { half_life: Duration::from_secs(86_400), ..Settings::default() };
    let faster = attribute(&journeys, 3, Model::TimeDecay, &a_day).expect("times");
    close(&conversions(&faster), &[1.087_058_471_5, 1.564_848_616_7, 1.348_092_911_7], 1e-10);
    close(&values(&run(&journeys, 3, Model::Linear)), &[98.333_333_333_333, 83.333_333_333_333, 78.333_333_333_333], 1e-11);
    close(&values(&run(&journeys, 3, Model::Position)), &[105.0, 58.0, 97.0], 0.0);
}

#[test]
fn tiny_journeys_as_a_chain() {
    let chain = run(&tiny(), 3, Model::Markov).chain.expect("a chain");
    close(&chain.removal_effects, &[0.62, 31.0 / 58.0, 31.0 / 54.0], 1e-15);
    close(&[chain.conversion_probability], &[0.5], 1e-15);
    let count = |from: &State, to: &State| {
        chain.transitions.iter().find(|step| step.from == *from && step.to == *to).map_or(0, |step| step.count)
    };
    let [a, b, c] = [0, 1, 2].map(|channel| State::Touched(vec![channel]));
    assert_eq!(count(&State::Start, &a), 4);
    assert_eq!(count(&a, &b), 3);
    assert_eq!(count(&b, &c), 2);
    assert_eq!(count(&c, &State::Conversion), 2);
    assert_eq!(count(&a, &State::Nothing), 1);
    assert_eq!(count(&b, &b), 0);
    let ends = |state: &State| -> u64 { chain.transitions.iter().filter(|s| s.to == *state).map(|s| s.count).sum() };
    assert_eq!((ends(&State::Conversion), ends(&State::Nothing)), (4, 4));
}

#[test]
fn twelve_thousand_dollars_to_the_cent() {
    let day = 86_400;
    let touches = [0_u64, 5, 12, 30, 38].iter().enumerate().map(|(channel, on)| Touch {
        channel: u32::try_from(channel).expect("small"),
        before_end: Some(Duration::from_secs((38 - on) * day)),
    });
    let journey = Journey { touches: touches.collect(), conversions: 1, value: 12_000.into(), ..Journey::default() };
    let cents = |model| {
        let credits = run(std::slice::from_ref(&journey), 5, model).credits;
        assert_eq!(credits.iter().map(|credit| credit.value).sum::<Decimal>(), Decimal::from(12_000));
        credits.iter().map(|credit| credit.value.round_dp(6).to_string()).collect::<Vec<_>>()
    };
    let decayed = ["175.195176", "287.437594", "574.875187", "3417.044981", "7545.447062"];
    assert_eq!(cents(Model::TimeDecay), decayed);
    assert_eq!(cents(Model::Position), ["4800", "800", "800", "800", "4800"]);
    // (0 + 4) / 2 = 2 is the middle touch.
    assert_eq!(cents(Model::WShaped), ["3600", "600", "3600", "600", "3600"]);
}

#[test]
fn a_half_life_of_a_day_gives_sevenths() {
    let touches = [2_u64, 1, 0].iter().map(|days| Touch {
        channel: u32::try_from(*days).expect("small"),
        before_end: Some(Duration::from_secs(days * 86_400)),
    });
    let journey = Journey { touches: touches.collect(), conversions: 7, ..Journey::default() };
    let settings = Settings { half_life: Duration::from_secs(86_400), ..Settings::default() };
    let found = attribute(&[journey], 3, Model::TimeDecay, &settings).expect("times");
    assert_eq!(found.credits.iter().map(|c| c.conversions.to_string()).collect::<Vec<_>>(), ["4", "2", "1"]);
}

#[test]
fn a_hundred_thousand_thirds_are_exact() {
    let touches: Vec<Touch> = (0..3).map(Touch::untimed).collect();
    let value = decimal("0.01");
    let journeys = vec![Journey { touches, conversions: 1, value, ..Journey::default() }; 100_000];
    let credits = run(&journeys, 3, Model::Linear).credits;
    let text: Vec<_> = credits.iter().map(|c| (c.conversions.to_string(), c.value.to_string())).collect();
    assert_eq!(text[0], ("33333.333333333334".into(), "333.333333333334".into()));
    assert_eq!(text[1], ("33333.333333333333".into(), "333.333333333333".into()));
    assert_eq!(text[2], text[1]);
}

#[test]
fn conversions_without_a_touch_belong_to_no_channel() {
    let mut journeys = tiny();
    journeys.push(Journey { conversions: 2, value: decimal("12.50"), ..Journey::default() });
    for model in Model::ALL {
        let found = run(&journeys, 3, model);
        assert_eq!(found.unattributed, Credit { conversions: 2.into(), value: decimal("12.5") });
        assert_eq!(found.total, Credit { conversions: 6.into(), value: decimal("272.5") });
    }
}

#[test]
fn what_cannot_be_answered_is_refused() {
    let untimed = [Journey { touches: vec![Touch::untimed(0)], conversions: 1, ..Journey::default() }];
    let ask = |model, settings: &Settings| attribute(&untimed, 1, model, settings).err();
    let plain = Settings::default();
    assert_eq!(ask(Model::TimeDecay, &plain), Some(Refused::NoTimes { journey: 0 }));
    assert_eq!(ask(Model::TimeDecay, &Settings { half_life: Duration::ZERO, ..plain }), Some(Refused::HalfLife));
    assert_eq!(ask(Model::TimeDecay, &Settings { half_life: Duration::MAX, ..plain }), Some(Refused::HalfLife));
    let order_zero = Settings { markov: ChainSettings { order: 0, nulls: true }, ..plain };
    assert_eq!(ask(Model::Markov, &order_zero), Some(Refused::OrderZero));
    assert_eq!(attribute(&untimed, 0, Model::Last, &plain).err(), Some(Refused::UnknownChannel { channel: 0 }));
    let path = (0..4_000).map(Touch::untimed).collect();
    let wide = [Journey { touches: path, conversions: 1, ..Journey::default() }];
    assert!(matches!(attribute(&wide, 4_000, Model::Markov, &plain), Err(Refused::TooManyStates { .. })));
    let huge = Journey { value: Decimal::MAX, ..untimed[0].clone() };
    assert_eq!(attribute(&[huge.clone(), huge], 1, Model::Last, &plain).err(), Some(Refused::Overflow));
}

#[test]
fn nothing_at_all_is_nothing() {
    for model in Model::ALL {
        let found = run(&[], 2, model);
        assert_eq!((found.credits, found.total), (vec![Credit::default(); 2], Credit::default()));
        assert_eq!(Model::named(model.name()), Some(model));
    }
}

#[test]
fn sorting_the_channels_renumbers_the_journeys() {
    let mut channels = Channels::default();
    let path: Vec<Touch> = ["search", "(Direct)", "email"].map(|name| Touch::untimed(channels.number(name))).to_vec();
    let mut journeys = vec![Journey { touches: path, ..Journey::default() }];
    channels.sort(&mut journeys);
    let names: Vec<_> = journeys[0].touches.iter().map(|touch| channels.name(touch.channel)).collect();
    assert_eq!(names, [Some("search"), Some("(Direct)"), Some("email")]);
    assert_eq!((channels.name(0), channels.direct()), (Some("(Direct)"), Some(0)));
    assert_eq!(channels.number("email"), 1);
}

// Real data, outside the repository.

fn shared(file: &str) -> Option<String> {
    let Some(root) = std::env::var_os("MAK_REAL_EXPORTS") else {
        eprintln!("skipped: MAK_REAL_EXPORTS is not set");
        return None;
    };
    Some(std::fs::read_to_string(PathBuf::from(root).join("attribution").join(file)).expect("a readable file"))
}

/// `a > b > c;conversions;value;nulls`
fn path_table(text: &str) -> (Channels, Vec<Journey>) {
    let mut channels = Channels::default();
    let mut journeys = Vec::new();
    for line in text.lines().skip(1) {
        let fields: Vec<&str> = line.split(';').collect();
        let touches = fields[0].split(" > ").map(|name| Touch::untimed(channels.number(name))).collect();
        let count = |field: &str| field.parse::<u64>().expect("a count");
        let value = Decimal::from_str_exact(fields[2]).expect("a decimal");
        journeys.push(Journey { touches, conversions: count(fields[1]), value, nulls: count(fields[3]), person: None });
    }
    channels.sort(&mut journeys);
    (channels, journeys)
}

fn credit_of(attribution: &Attribution, channels: &mut Channels, name: &str) -> f64 {
    conversions(attribution)[usize::try_from(channels.number(name)).expect("small")]
}

#[test]
fn ten_thousand_paths_by_the_rules() {
    let (Some(paths), Some(reference)) = (shared("pathdata.csv"), shared("ref_heuristic.csv")) else { return };
    let (mut channels, journeys) = path_table(&paths);
    let models = [Model::First, Model::Last, Model::Linear].map(|model| run(&journeys, channels.len(), model));
    let mut checked = 0;
    for line in reference.lines().skip(1) {
        let fields: Vec<&str> = line.split(',').collect();
        let place = usize::try_from(channels.number(fields[0])).expect("small");
        for (model, attribution) in models.iter().enumerate() {
            let expected = |field: usize| fields[field].parse::<f64>().expect("a number");
            let credit = attribution.credits[place];
            close(&[float(credit.conversions)], &[expected(1 + 2 * model)], 1e-10);
            close(&[float(credit.value)], &[expected(2 + 2 * model)], 1e-9);
            checked += 1;
        }
    }
    assert_eq!(checked, 36);
    close(&[credit_of(&run(&journeys, channels.len(), Model::Position), &mut channels, "alpha")], &[7_444.823_76], 1e-5);
}

#[test]
fn ten_thousand_paths_as_a_chain() {
    let Some(paths) = shared("pathdata.csv") else { return };
    let (mut channels, journeys) = path_table(&paths);
    let found = run(&journeys, channels.len(), Model::Markov);
    let expected = [("alpha", 5_344.947_682_085_16), ("iota", 3_884.614_701_875_09), ("eta", 3_340.847_401_500_87)];
    let rare = [("beta", 2_527.352_166_520_39), ("mi", 1.722_424_556_28), ("delta", 4.613_618_311_10)];
    for (name, expected) in expected.into_iter().chain(rare) {
        close(&[credit_of(&found, &mut channels, name)], &[expected], 1e-8);
    }
    let chain = found.chain.expect("a chain");
    close(&[chain.conversion_probability], &[19_785.0 / 88_387.0], 1e-14);
    close(&[chain.conversion_probability], &[0.223_845_135_596_86], 1e-13);
    let alpha = usize::try_from(channels.number("alpha")).expect("small");
    close(&[chain.removal_effects[alpha]], &[0.558_399_489_507_746_8], 1e-13);

    let without_nulls = Settings { markov: ChainSettings { order: 1, nulls: false }, ..Settings::default() };
    let found = attribute(&journeys, channels.len(), Model::Markov, &without_nulls).expect("an attribution");
    close(&[credit_of(&found, &mut channels, "alpha")], &[5_260.069_560_853_56], 1e-8);
    close(&[credit_of(&found, &mut channels, "mi")], &[1.892_969_943_23], 1e-8);

    // The simulation of the reference at order 2 is within 1 % on the channels that are not rare.
    let order_2 = Settings { markov: ChainSettings { order: 2, nulls: true }, ..Settings::default() };
    let found = attribute(&journeys, channels.len(), Model::Markov, &order_2).expect("an attribution");
    for (name, simulated) in [("alpha", 5_604.54), ("iota", 3_790.94), ("eta", 3_397.91), ("beta", 2_452.83)] {
        close(&[credit_of(&found, &mut channels, name)], &[simulated], simulated / 100.0);
    }
}

#[test]
fn a_real_touch_log() {
    let Some(text) = shared("attribution_data.csv") else { return };
    let mut channels = Channels::default();
    let mut people = Channels::default();
    let mut log = Vec::new();
    for line in text.lines().skip(1) {
        // customer_id,time,interaction,conversion,conversion_value,channel
        let fields: Vec<&str> = line.split(',').collect();
        let conversion = (fields[3] == "1").then(|| Conversion { count: 1, value: decimal(fields[4]) });
        let (person, channel) = (people.number(fields[0]), Some(channels.number(fields[5])));
        log.push(LogRow { person, at: fields[1].parse().expect("a time"), channel, conversion });
    }
    assert_eq!((log.len(), people.len()), (62_483, 7_896));
    let begun = std::time::Instant::now();
    let mut journeys = journeys_of(log.clone(), Window::SincePrevious);
    let mut channels_again = channels.clone();
    channels.sort(&mut journeys);
    let total = Credit { conversions: 1_838.into(), value: decimal("11423.5") };
    for model in Model::ALL {
        let found = run(&journeys, channels.len(), model);
        assert_eq!((found.total, found.unattributed), (total, Credit::default()), "{}", model.name());
        assert_eq!(found.credits.iter().map(|credit| credit.value).sum::<Decimal>(), total.value);
    }
    assert!(begun.elapsed() < Duration::from_secs(1) * if cfg!(debug_assertions) { 10 } else { 1 });
    let last = run(&journeys, channels.len(), Model::Last);
    for (name, expected) in [("Facebook", 561.0), ("Paid Search", 457.0), ("Online Video", 350.0), ("Instagram", 237.0)] {
        close(&[credit_of(&last, &mut channels, name)], &[expected], 0.0);
    }
    let mut converted: Vec<_> = journeys.iter().filter(|j| j.conversions > 0).map(|j| j.person).collect();
    converted.dedup();
    assert_eq!(converted.len(), 1_642);

    // The order of the rows says nothing.
    log.reverse();
    let mut again = journeys_of(log, Window::SincePrevious);
    channels_again.sort(&mut again);
    assert_eq!(again, journeys);
}

// Shapley and the chain against their definitions, worked out by brute force.

/// `v(S)` of every coalition, then the weighted sum over coalitions that Shapley wrote down.
fn shapley_by_definition(journeys: &[Journey], channels: usize) -> Vec<f64> {
    let coalitions = 1_usize << channels;
    let mut worth = vec![0.0; coalitions];
    for journey in journeys.iter().filter(|journey| !journey.touches.is_empty()) {
        let needed = journey.touches.iter().fold(0, |set, touch| set | 1 << touch.channel);
        for (set, worth) in worth.iter_mut().enumerate() {
            *worth += if set & needed == needed { journey.conversions as f64 } else { 0.0 };
        }
    }
    let factorial = |n: usize| (1..=n).map(|k| k as f64).product::<f64>();
    let of = |channel: usize| -> f64 {
        let without = (0..coalitions).filter(|set| set & (1 << channel) == 0);
        let gain = |set: usize| {
            let size = set.count_ones() as usize;
            let weight = factorial(size) * factorial(channels - size - 1) / factorial(channels);
            weight * (worth[set | 1 << channel] - worth[set])
        };
        without.map(gain).sum()
    };
    (0..channels).map(of).collect()
}

/// The conversion probability by repeated multiplication, with steps into `removed` lost.
fn probability_by_iteration(journeys: &[Journey], order: usize, removed: Option<u32>) -> f64 {
    use std::collections::BTreeMap;
    let mut counts: BTreeMap<Vec<u32>, BTreeMap<Option<Vec<u32>>, f64>> = BTreeMap::new();
    let mut ends: BTreeMap<Vec<u32>, f64> = BTreeMap::new();
    for journey in journeys.iter().filter(|journey| !journey.touches.is_empty()) {
        let path: Vec<u32> = journey.touches.iter().map(|touch| touch.channel).collect();
        let walks = (journey.conversions + journey.nulls) as f64;
        let mut at = Vec::new();
        for end in 1..=path.len() {
            let to = path[end.saturating_sub(order)..end].to_vec();
            *counts.entry(at).or_default().entry(Some(to.clone())).or_default() += walks;
            at = to;
        }
        *ends.entry(at.clone()).or_default() += journey.conversions as f64;
        *counts.entry(at).or_default().entry(None).or_default() += walks;
    }
    let mut here: BTreeMap<Vec<u32>, f64> = BTreeMap::from([(Vec::new(), 1.0)]);
    let mut converted = 0.0;
    while here.values().sum::<f64>() > 1e-13 {
        let mut there: BTreeMap<Vec<u32>, f64> = BTreeMap::new();
        for (state, mass) in here {
            let Some(row) = counts.get(&state) else { continue };
            let all: f64 = row.values().sum();
            converted += if all > 0.0 { mass * ends.get(&state).copied().unwrap_or(0.0) / all } else { 0.0 };
            for (to, count) in row.iter().filter(|(_, count)| **count > 0.0) {
                if let Some(to) = to
                    && to.last().copied() != removed
                {
                    *there.entry(to.clone()).or_default() += mass * count / all;
                }
            }
        }
        here = there;
    }
    converted
}

const CHANNELS: u32 = 5;

prop_compose! {
    fn journey()(
        path in prop::collection::vec((0..CHANNELS, 0_u64..2_000_000), 0..9),
        conversions in 0_u64..4,
        cents in 0_i64..1_000_000,
        nulls in 0_u64..4,
        person in 0_u32..6,
    ) -> Journey {
        let mut path = path;
        path.sort_by_key(|(_, age)| std::cmp::Reverse(*age));
        let touch = |(channel, age)| Touch { channel, before_end: Some(Duration::from_secs(age)) };
        let value = if conversions == 0 { Decimal::ZERO } else { Decimal::new(cents, 2) };
        Journey { touches: path.into_iter().map(touch).collect(), conversions, value, nulls, person: Some(person) }
    }
}

fn renamed(journeys: &[Journey], name: impl Fn(u32) -> u32) -> Vec<Journey> {
    let mut journeys = journeys.to_vec();
    for touch in journeys.iter_mut().flat_map(|journey| &mut journey.touches) {
        touch.channel = name(touch.channel);
    }
    journeys
}

proptest! {
    #[test]
    fn credits_add_up_and_stay_within_what_the_channel_touched(journeys in prop::collection::vec(journey(), 0..30)) {
        // One channel more than there is in any path.
        let channels = CHANNELS as usize + 1;
        for model in Model::ALL {
            let found = run(&journeys, channels, model);
            let sum = |of: fn(&Credit) -> Decimal| found.credits.iter().chain([&found.unattributed]).map(of).sum::<Decimal>();
            prop_assert_eq!(sum(|credit| credit.conversions), found.total.conversions);
            prop_assert_eq!(sum(|credit| credit.value), found.total.value);
            let all: u64 = journeys.iter().map(|journey| journey.conversions).sum();
            prop_assert_eq!(found.total.conversions, Decimal::from(all));
            for (channel, credit) in (0..).zip(&found.credits) {
                let touched = |journey: &&Journey| journey.touches.iter().any(|touch| touch.channel == channel);
                let touched: u64 = journeys.iter().filter(touched).map(|journey| journey.conversions).sum();
                prop_assert!(credit.conversions >= Decimal::ZERO && credit.value >= Decimal::ZERO);
                // A chain may give more than was touched (see `markov`), but never more than there is.
                let most = if model == Model::Markov { all } else { touched };
                prop_assert!(credit.conversions <= Decimal::from(most), "{} {} {}", model.name(), credit.conversions, most);
            }
            prop_assert_eq!(found.credits[channels - 1], Credit::default());
        }
    }

    #[test]
    fn the_order_of_journeys_and_the_names_of_channels_change_nothing(journeys in prop::collection::vec(journey(), 0..20)) {
        let channels = CHANNELS as usize;
        let last_digit = Decimal::new(1, CREDIT_SCALE);
        let mut backwards = journeys.clone();
        backwards.reverse();
        let other_names = renamed(&journeys, |channel| CHANNELS - 1 - channel);
        for model in Model::ALL {
            let found = run(&journeys, channels, model);
            let reordered = run(&backwards, channels, model);
            prop_assert_eq!(&found.credits, &reordered.credits);
            prop_assert_eq!(&found.chain, &reordered.chain);
            let other = run(&other_names, channels, model);
            for (credit, other) in found.credits.iter().zip(other.credits.iter().rev()) {
                // Of two equal claims to the last unit the lower number has the better one; a
                // chain's estimates may differ in the last bits.
                let tolerance = if model == Model::Markov { Decimal::new(1, 6) } else { last_digit };
                prop_assert!((credit.conversions - other.conversions).abs() <= tolerance);
                prop_assert!((credit.value - other.value).abs() <= tolerance);
            }
        }
    }

    #[test]
    fn shapley_is_what_shapley_wrote_down(journeys in prop::collection::vec(journey(), 0..20)) {
        let found = conversions(&run(&journeys, CHANNELS as usize, Model::Shapley));
        let expected = shapley_by_definition(&journeys, CHANNELS as usize);
        prop_assert!(found.iter().zip(&expected).all(|(a, b)| (a - b).abs() < 1e-9), "{:?} {:?}", found, expected);
    }

    #[test]
    fn the_chain_is_what_walking_it_gives(journeys in prop::collection::vec(journey(), 1..12), order in 1_usize..4) {
        let found = markov::solve(&journeys, CHANNELS as usize, ChainSettings { order, nulls: true }).expect("a chain");
        let expected = probability_by_iteration(&journeys, order, None);
        prop_assert!((found.conversion_probability - expected).abs() < 1e-9);
        for (channel, effect) in (0..CHANNELS).zip(&found.removal_effects) {
            let without = probability_by_iteration(&journeys, order, Some(channel));
            let expected = if expected > 0.0 { 1.0 - without / expected } else { 0.0 };
            prop_assert!((effect - expected).abs() < 1e-8, "{} {}", effect, expected);
        }
    }

    #[test]
    fn staying_on_a_channel_changes_no_removal_effect(journeys in prop::collection::vec(journey(), 1..12)) {
        let mut collapsed = journeys.clone();
        Transforms { repeats: Repeats::Collapse, ..Transforms::default() }.apply(&mut collapsed);
        let [with, without] = [&journeys, &collapsed]
            .map(|journeys| markov::solve(journeys, CHANNELS as usize, ChainSettings::default()).expect("a chain").removal_effects);
        prop_assert!(with.iter().zip(&without).all(|(a, b)| (a - b).abs() < 1e-12), "{:?} {:?}", with, without);
    }

    #[test]
    fn every_conversion_of_a_log_is_one_journey_of_touches_before_it(
        rows in prop::collection::vec((0_u32..4, 0_i64..50, prop::option::of(0_u32..3), prop::option::of(0_i64..9)), 0..40),
        lookback in prop::option::of(0_u64..60),
    ) {
        let log: Vec<LogRow> = rows.into_iter().map(|(person, second, channel, value)| LogRow {
            person,
            at: jiff::Timestamp::from_second(second).expect("in range"),
            channel,
            conversion: value.map(|value| Conversion { count: 1, value: value.into() }),
        }).collect();
        let window = lookback.map_or(Window::SincePrevious, |seconds| Window::Lookback(Duration::from_secs(seconds)));
        let journeys = journeys_of(log.clone(), window);
        let sold: Decimal = log.iter().filter_map(|row| row.conversion).map(|conversion| conversion.value).sum();
        prop_assert_eq!(journeys.iter().map(|journey| journey.value).sum::<Decimal>(), sold);
        let conversions = log.iter().filter(|row| row.conversion.is_some()).count();
        prop_assert_eq!(journeys.iter().filter(|journey| journey.conversions == 1).count(), conversions);
        for journey in &journeys {
            prop_assert!(journey.touches.is_sorted_by_key(|touch| std::cmp::Reverse(touch.before_end)));
            if let (Some(seconds), 1) = (lookback, journey.conversions) {
                prop_assert!(journey.touches.iter().all(|touch| touch.before_end <= Some(Duration::from_secs(seconds))));
            }
            prop_assert!(journey.conversions == 1 || !journey.touches.is_empty());
        }
    }
}
