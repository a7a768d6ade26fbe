//! Parameter recovery: customers simulated from known parameters, many times over, and how often
//! the intervals contain them.
//!
//! The full run needs an optimised build to be quick: `MAK_SLOW_TESTS=1 cargo test --release
//! recovery`. Without the variable a few seeds check that nothing is grossly off.

use std::thread;

use super::bg_bb::{BgBb, DiscreteHistory, DiscretePurchases};
use super::bg_nbd::BgNbd;
use super::data::{History, Purchases};
use super::fit::{Fit, Model};
use super::gamma_gamma::{GammaGamma, Spending};
use super::mbg_nbd::MbgNbd;
use super::pareto_nbd::ParetoNbd;
use super::random::Random;
use super::sbg::{Sbg, Survivors};

const FULL: u64 = 200;
const QUICK: u64 = 4;

fn seeds() -> u64 {
    if std::env::var_os("MAK_SLOW_TESTS").is_some() { FULL } else { QUICK }
}

/// How often each parameter's 95 % interval held the truth, over all seeds; every fit must converge.
fn assert_recovered<M: Model + Send>(truth: &[f64], fit: impl Fn(u64) -> Fit<M> + Sync) {
    let seeds = seeds();
    let count = |seeds: std::ops::Range<u64>| {
        let mut covered = vec![0_u32; truth.len()];
        for seed in seeds {
            let fit = fit(seed);
            assert!(fit.converged(), "{} seed {seed}: {:?}", M::NAME, fit.why_not);
            for ((parameter, truth), covered) in fit.parameters.iter().zip(truth).zip(&mut covered) {
                *covered += u32::from(parameter.interval(0.95).unwrap().contains(*truth));
                let ratio = parameter.value / truth;
                assert!((0.2..5.0).contains(&ratio), "{} seed {seed}: {} is off by {ratio}", M::NAME, parameter.name);
            }
        }
        covered
    };
    let covered: Vec<u32> = thread::scope(|scope| {
        let second = scope.spawn(|| count(seeds / 2..seeds));
        let first = count(0..seeds / 2);
        first.iter().zip(second.join().unwrap()).map(|(one, other)| one + other).collect()
    });
    for (name, covered) in M::PARAMETERS.iter().zip(covered) {
        let share = f64::from(covered) / seeds as f64;
        eprintln!("{} {name}: {:.1} % of {seeds} intervals", M::NAME, 100.0 * share);
        if seeds == FULL {
            assert!((0.92..=0.98).contains(&share), "{} {name}: coverage {share}", M::NAME);
        }
    }
}

/// Customers who joined at 84 different times, as in a quarter of acquisition.
fn histories(seed: u64, customers: u32, simulate: impl Fn(&mut Random, f64) -> History) -> Purchases {
    let mut random = Random::new(seed);
    let ages = (0..customers).map(|customer| 27.0 + f64::from(customer % 84) / 7.0);
    Purchases::new(None, ages.map(|age| simulate(&mut random, age)).collect::<Vec<_>>())
}

#[test]
fn bg_nbd_recovers_its_parameters() {
    let truth = [0.6, 4.0, 0.8, 2.5];
    assert_recovered(&truth, |seed| BgNbd::fit(&histories(seed, 3000, |random, age| random.bg_nbd(&truth, age))).unwrap());
}

#[test]
fn mbg_nbd_recovers_its_parameters() {
    let truth = [0.6, 4.0, 0.9, 1.8];
    assert_recovered(&truth, |seed| MbgNbd::fit(&histories(seed, 3000, |random, age| random.mbg_nbd(&truth, age))).unwrap());
}

#[test]
fn pareto_nbd_recovers_its_parameters() {
    let truth = [0.8, 4.0, 0.9, 12.0];
    assert_recovered(&truth, |seed| {
        ParetoNbd::fit(&histories(seed, 2000, |random, age| random.pareto_nbd(&truth, age))).unwrap()
    });
}

#[test]
fn gamma_gamma_recovers_its_parameters() {
    let truth = [6.0, 4.0, 15.0];
    assert_recovered(&truth, |seed| {
        let mut random = Random::new(seed);
        let customers: Vec<(u32, f64)> = (0..2000).map(|_| random.gamma_gamma(&truth)).collect();
        GammaGamma::fit(&Spending::new(customers).unwrap()).unwrap()
    });
}

#[test]
fn sbg_recovers_its_parameters() {
    let truth = [0.7, 1.2];
    assert_recovered(&truth, |seed| {
        let mut random = Random::new(seed);
        let mut counts = vec![0_u64; 9];
        for _ in 0..3000 {
            let leave = random.beta(truth[0], truth[1]);
            let mut renewals = 0;
            counts[0] += 1;
            while renewals < 8 && random.uniform() >= leave {
                renewals += 1;
                counts[renewals] += 1;
            }
        }
        Sbg::fit(&Survivors::new(counts).unwrap()).unwrap()
    });
}

#[test]
fn bg_bb_recovers_its_parameters() {
    let truth = [1.2, 0.75, 0.66, 2.8];
    assert_recovered(&truth, |seed| {
        let mut random = Random::new(seed);
        let customers: Vec<(DiscreteHistory, u64)> = (0..5000)
            .map(|_| {
                let (buy, leave) = (random.beta(truth[0], truth[1]), random.beta(truth[2], truth[3]));
                let (mut frequency, mut recency) = (0, 0);
                for occasion in 1..=6 {
                    if random.uniform() < leave {
                        break;
                    }
                    if random.uniform() < buy {
                        frequency += 1;
                        recency = occasion;
                    }
                }
                (DiscreteHistory::new(frequency, recency, 6).unwrap(), 1)
            })
            .collect();
        BgBb::fit(&DiscretePurchases::new(customers)).unwrap()
    });
}
