//! What BG/NBD and MBG/NBD share: buying at a gamma-distributed rate, and a chance to leave for
//! good that is drawn anew after each purchase from a beta distribution.
//!
//! **Owns** their common likelihood and forecasts. The two models differ only in whether a customer
//! may already leave after the very first purchase. **Does not know** fits or names.
//!
//! With N the purchases that a customer would make if they never left (negative binomial) and q
//! the chance to stay, the purchases made are the smaller of N and a geometric variable. All
//! forecasts are sums over N of positive terms. They equal the published closed forms, which
//! subtract two hypergeometric terms divided by a − 1 and break near a = 1 and for a + b < 1.

use super::data::{History, Purchases};
use super::derivatives::{Derivatives, sum_in_chunks_from};
use super::special::{digamma, ln_beta, ln_gamma_increase, trigamma};

/// Terms after which a sum over N is given up as NaN; reached only if time is 1e5 times alpha.
const MOST_TERMS: u32 = 10_000_000;

/// Distinct histories from which a second thread pays: some 50 ns each.
const WORTH_A_THREAD: usize = 32_768;

/// Below this logarithm a probability is left out as a starting point of a recurrence.
const UNDERFLOW: f64 = -650.0;

/// Probabilities whose logarithm is smaller are negligible beside the rest of a distribution.
const NEGLIGIBLE: f64 = -100.0;

/// When a customer can leave for the first time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum FirstChance {
    /// After the first repeat purchase (BG/NBD).
    AfterRepeat,
    /// Right after the purchase that made them a customer (MBG/NBD).
    AtOnce,
}

impl FirstChance {
    /// Chances to leave that somebody with x repeat purchases has passed or used.
    fn chances(self, frequency: u32) -> f64 {
        match self {
            FirstChance::AfterRepeat => f64::from(frequency),
            FirstChance::AtOnce => f64::from(frequency) + 1.0,
        }
    }
}

/// The four parameters, and which model they belong to.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Dropout {
    pub(super) first_chance: FirstChance,
    pub(super) r: f64,
    pub(super) alpha: f64,
    pub(super) a: f64,
    pub(super) b: f64,
}

impl Dropout {
    /// E[X(t)] of somebody who has just become a customer.
    pub(super) fn expected_purchases(&self, time: f64) -> f64 {
        let odds = time / self.alpha;
        match self.first_chance {
            FirstChance::AfterRepeat => expected_until_dropout(self.r, odds, self.a, self.b),
            FirstChance::AtOnce => self.b / (self.a + self.b) * expected_until_dropout(self.r, odds, self.a, self.b + 1.0),
        }
    }

    /// P(alive at T | x, `t_x`, T).
    pub(super) fn probability_alive(&self, history: &History) -> f64 {
        let chances = self.first_chance.chances(history.frequency());
        if chances < 1.0 {
            return 1.0;
        }
        let elapsed = (history.age() - history.recency()) / (self.alpha + history.recency());
        let log_odds_of_leaving = self.a.ln() - (self.b + chances - 1.0).ln() + (self.r + history.count()) * elapsed.ln_1p();
        1.0 / (1.0 + log_odds_of_leaving.exp())
    }

    /// E[Y(t) | x, `t_x`, T]: purchases in (T, T + t].
    pub(super) fn conditional_expected_purchases(&self, history: &History, time: f64) -> f64 {
        let odds = time / (self.alpha + history.age());
        let passed = self.b + self.first_chance.chances(history.frequency());
        self.probability_alive(history) * expected_until_dropout(self.r + history.count(), odds, self.a, passed)
    }

    /// P(X(t) = x) of somebody who has just become a customer.
    pub(super) fn probability_of_count(&self, count: u32, time: f64) -> f64 {
        let chances = self.first_chance.chances(count);
        let never_leaving = NegativeBinomial { shape: self.r, odds: time / self.alpha };
        let stayed = (ln_beta(self.a, self.b + chances) - ln_beta(self.a, self.b)).exp();
        let still_there = stayed * never_leaving.ln_probability(count).exp();
        if chances < 1.0 {
            return still_there;
        }
        let left_at_last = (ln_beta(self.a + 1.0, self.b + chances - 1.0) - ln_beta(self.a, self.b)).exp();
        still_there + left_at_last * never_leaving.at_least(count)
    }
}

/// E[Σ_{k<N} E[qᵏ]] for N negative binomial and 1 − q ~ Beta(a, b): purchases until dropout when the
/// first of them is certain to be made if N ≥ 1.
fn expected_until_dropout(shape: f64, odds: f64, a: f64, b: f64) -> f64 {
    if odds.is_nan() || odds < 0.0 {
        return f64::NAN;
    }
    let distribution = NegativeBinomial { shape, odds };
    let mean = shape * odds;
    let start = distribution.first_term();
    let success = odds / (1.0 + odds);
    let mut probability = 0.0;
    let mut staying = 1.0;
    let mut purchases = 0.0;
    let mut total = 0.0;
    for n in 0..MOST_TERMS {
        let count = f64::from(n);
        if n == start {
            probability = distribution.ln_probability(n).exp();
        }
        total += probability * purchases;
        // What N = n + 1 adds to the purchases, and the bound of everything after n.
        purchases += staying;
        staying *= (b + count) / (a + b + count);
        let ratio = success * (shape + count) / (count + 1.0);
        probability *= ratio;
        if n >= start && count >= mean {
            let decay = 1.0 / (1.0 - ratio.max(success));
            if probability * decay * (purchases + decay) <= 1e-17 * total || probability <= 0.0 {
                return total;
            }
        }
    }
    f64::NAN
}

/// Purchases in a time that is `odds` times alpha, at a rate from Gamma(shape, alpha).
pub(super) struct NegativeBinomial {
    pub(super) shape: f64,
    pub(super) odds: f64,
}

impl NegativeBinomial {
    /// ln P(N = n).
    pub(super) fn ln_probability(&self, n: u32) -> f64 {
        let none = -self.shape * self.odds.ln_1p();
        if n == 0 {
            return none;
        }
        let count = f64::from(n);
        let ln_success = -(1.0 / self.odds).ln_1p();
        none + count * ln_success + ln_gamma_increase(self.shape, count) - ln_gamma_increase(1.0, count)
    }

    /// P(N ≥ n), summed on the side of the mean that does not cancel.
    fn at_least(&self, n: u32) -> f64 {
        if n == 0 {
            return 1.0;
        }
        if f64::from(n) <= self.shape * self.odds {
            return 1.0 - (0..n).map(|below| self.ln_probability(below).exp()).sum::<f64>();
        }
        let success = self.odds / (1.0 + self.odds);
        let mut probability = self.ln_probability(n).exp();
        let mut total = 0.0;
        for above in n..n.saturating_add(MOST_TERMS) {
            total += probability;
            let ratio = success * (self.shape + f64::from(above)) / (f64::from(above) + 1.0);
            probability *= ratio;
            if probability <= 1e-18 * total * (1.0 - ratio.max(success)) {
                return total;
            }
        }
        f64::NAN
    }

    /// Where a recurrence can start without underflow: zero, or where the lower tail is about e^−100.
    fn first_term(&self) -> u32 {
        if self.ln_probability(0) > UNDERFLOW {
            return 0;
        }
        let mode = ((self.shape - 1.0) * self.odds).floor().clamp(0.0, f64::from(MOST_TERMS));
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped to the range of u32 just above")]
        let (mut low, mut high) = (0, mode as u32);
        while high - low > 1 {
            let middle = low + (high - low) / 2;
            if self.ln_probability(middle) < NEGLIGIBLE {
                low = middle;
            } else {
                high = middle;
            }
        }
        high
    }
}

/// The likelihood of a table of histories, prepared so that an evaluation costs one logarithm a
/// distinct time and one exponential a distinct history.
pub(super) struct DropoutLikelihood {
    first_chance: FirstChance,
    customers: f64,
    /// Distinct frequencies with their customers.
    counts: Vec<(u32, f64)>,
    /// Distinct ages: index into `times`, customers, purchases.
    ages: Vec<(usize, f64, f64)>,
    /// Distinct recencies and ages.
    times: Vec<f64>,
    /// Histories whose customer may have left.
    rows: Vec<Row>,
}

struct Row {
    count: f64,
    chances: f64,
    /// Index of the frequency in `counts`.
    frequency: u32,
    recency: u32,
    age: u32,
    customers: f64,
}

/// Logarithm and inverse of alpha + time.
#[derive(Clone, Copy)]
struct Shifted {
    log: f64,
    inverse: f64,
}

impl DropoutLikelihood {
    pub(super) fn new(purchases: &Purchases, first_chance: FirstChance) -> Self {
        let mut times: Vec<f64> =
            purchases.groups().iter().flat_map(|group| [group.history.recency(), group.history.age()]).collect();
        times.sort_unstable_by(f64::total_cmp);
        times.dedup_by(|one, other| one.to_bits() == other.to_bits());
        let index_of = |time: f64| times.partition_point(|other| *other < time);
        let mut counts: Vec<(u32, f64)> = Vec::new();
        let mut ages = vec![(0.0, 0.0); times.len()];
        let mut rows = Vec::new();
        for group in purchases.groups() {
            let customers = group.customers as f64;
            let (count, age) = (group.history.count(), index_of(group.history.age()));
            // Groups are sorted by frequency.
            match counts.last_mut() {
                Some((frequency, so_far)) if *frequency == group.history.frequency() => *so_far += customers,
                _ => counts.push((group.history.frequency(), customers)),
            }
            ages[age].0 += customers;
            ages[age].1 += customers * count;
            let chances = first_chance.chances(group.history.frequency());
            if chances >= 1.0 {
                let recency = index_of(group.history.recency());
                rows.push(Row {
                    count,
                    chances,
                    frequency: narrow(counts.len().saturating_sub(1)),
                    recency: narrow(recency),
                    age: narrow(age),
                    customers,
                });
            }
        }
        DropoutLikelihood {
            first_chance,
            customers: purchases.customers() as f64,
            counts,
            ages: ages
                .into_iter()
                .enumerate()
                .filter(|(_, (customers, _))| *customers > 0.0)
                .map(|(age, (customers, bought))| (age, customers, bought))
                .collect(),
            times,
            rows,
        }
    }

    /// Value and derivatives by r, alpha, a and b.
    pub(super) fn evaluate(&self, parameters: &[f64; 4]) -> Derivatives<4> {
        let (shifted, leaving) = (self.shifted(parameters[1]), self.leaving(parameters));
        let mut total = sum_in_chunks_from(WORTH_A_THREAD, self.rows.len(), |range| {
            let mut part = Derivatives::ZERO;
            let mut product = LogOfProduct::ONE;
            for row in self.rows.get(range).unwrap_or_default() {
                row.add_to(&mut part, &mut product, parameters, (&shifted, &leaving));
            }
            part.value += product.finish();
            part
        });
        self.add_counts(&mut total, parameters);
        self.add_ages(&mut total, parameters, &shifted);
        total
    }

    /// The value alone, at a fraction of the cost.
    pub(super) fn value(&self, parameters: &[f64; 4]) -> f64 {
        let (shifted, leaving) = (self.shifted(parameters[1]), self.leaving(parameters));
        let mut product = LogOfProduct::ONE;
        let mut total = Derivatives::ZERO;
        for row in &self.rows {
            let odds = row.odds(parameters, (&shifted, &leaving));
            total.value += row.customers * odds.log.max(0.0);
            product.times(1.0 + odds.decay, row.customers);
        }
        total.value += product.finish();
        self.add_counts(&mut total, parameters);
        self.add_ages(&mut total, parameters, &shifted);
        total.value
    }

    /// ln(a/(b + chances − 1)) for each frequency: the log-odds of leaving right after that many purchases.
    fn leaving(&self, parameters: &[f64; 4]) -> Vec<f64> {
        let [_, _, a, b] = *parameters;
        let passed = |frequency: u32| b + self.first_chance.chances(frequency) - 1.0;
        self.counts.iter().map(|(frequency, _)| a.ln() - passed(*frequency).ln()).collect()
    }

    fn shifted(&self, alpha: f64) -> Vec<Shifted> {
        self.times.iter().map(|time| Shifted { log: (alpha + time).ln(), inverse: 1.0 / (alpha + time) }).collect()
    }

    /// Terms that depend on the frequency alone.
    fn add_counts(&self, total: &mut Derivatives<4>, parameters: &[f64; 4]) {
        let [r, _, a, b] = *parameters;
        let (slope_r, slope_b, slope_ab) = (digamma(r), digamma(b), digamma(a + b));
        let (bend_r, bend_b, bend_ab) = (trigamma(r), trigamma(b), trigamma(a + b));
        for &(frequency, customers) in &self.counts {
            let count = f64::from(frequency);
            let chances = self.first_chance.chances(frequency);
            total.value +=
                customers * (ln_gamma_increase(r, count) + ln_gamma_increase(b, chances) - ln_gamma_increase(a + b, chances));
            let (rise_ab, fall_ab) = (digamma(a + b + chances) - slope_ab, trigamma(a + b + chances) - bend_ab);
            total.gradient[0] += customers * (digamma(r + count) - slope_r);
            total.gradient[2] -= customers * rise_ab;
            total.gradient[3] += customers * (digamma(b + chances) - slope_b - rise_ab);
            total.hessian[0][0] += customers * (trigamma(r + count) - bend_r);
            total.hessian[2][2] -= customers * fall_ab;
            total.hessian[3][2] -= customers * fall_ab;
            total.hessian[3][3] += customers * (trigamma(b + chances) - bend_b - fall_ab);
        }
    }

    /// r ln α − (r + x) ln(α + T).
    fn add_ages(&self, total: &mut Derivatives<4>, parameters: &[f64; 4], shifted: &[Shifted]) {
        let [r, alpha, _, _] = *parameters;
        total.value += self.customers * r * alpha.ln();
        total.gradient[0] += self.customers * alpha.ln();
        total.gradient[1] += self.customers * r / alpha;
        total.hessian[1][0] += self.customers / alpha;
        total.hessian[1][1] -= self.customers * r / (alpha * alpha);
        for &(age, customers, bought) in &self.ages {
            let Shifted { log, inverse } = shifted[age];
            let weight = customers * r + bought;
            total.value -= weight * log;
            total.gradient[0] -= customers * log;
            total.gradient[1] -= weight * inverse;
            total.hessian[1][0] -= customers * inverse;
            total.hessian[1][1] += weight * inverse * inverse;
        }
    }
}

/// The logarithm of a product of factors from 1 to 2, with one logarithm for many of them.
struct LogOfProduct {
    product: f64,
    log: f64,
}

impl LogOfProduct {
    const ONE: Self = LogOfProduct { product: 1.0, log: 0.0 };

    /// Where the product is turned into its logarithm, far from overflow by a factor of two.
    const LARGE: f64 = 1e300;

    /// Multiplies by the power of a factor from 1 to 2.
    #[inline]
    fn times(&mut self, factor: f64, power: f64) {
        if power > 1.0 {
            self.log += power * factor.ln();
            return;
        }
        self.product *= factor;
        if self.product > Self::LARGE {
            self.log += self.product.ln();
            self.product = 1.0;
        }
    }

    fn finish(&self) -> f64 {
        self.log + self.product.ln()
    }
}

/// The odds that a customer left at the last purchase.
struct Odds {
    /// Their logarithm z.
    log: f64,
    /// e^−|z|, at most 1.
    decay: f64,
    /// ln((α + T)/(α + tₓ)).
    elapsed: f64,
}

impl Row {
    #[inline]
    fn odds(&self, parameters: &[f64; 4], (shifted, leaving): (&[Shifted], &[f64])) -> Odds {
        let elapsed = shifted[self.age as usize].log - shifted[self.recency as usize].log;
        let log = leaving[self.frequency as usize] + (parameters[0] + self.count) * elapsed;
        Odds { log, decay: (-log.abs()).exp(), elapsed }
    }

    /// ln(1 + e^z) with z the log-odds of having left at the last purchase.
    #[inline]
    fn add_to(
        &self,
        total: &mut Derivatives<4>,
        product: &mut LogOfProduct,
        parameters: &[f64; 4],
        (shifted, leaving): (&[Shifted], &[f64]),
    ) {
        let [r, _, a, b] = *parameters;
        let (at_age, at_recency) = (shifted[self.age as usize], shifted[self.recency as usize]);
        let (power, before) = (r + self.count, b + self.chances - 1.0);
        let Odds { log: z, decay, elapsed } = self.odds(parameters, (shifted, leaving));
        let left = if z > 0.0 { 1.0 / (1.0 + decay) } else { decay / (1.0 + decay) };
        let drop = at_age.inverse - at_recency.inverse;
        let slopes = [elapsed, power * drop, 1.0 / a, -1.0 / before];
        let weight = self.customers * left;
        let spread = weight * (1.0 - left);
        // ln(1 + e^z) = max(z, 0) + ln(1 + e^−|z|).
        total.value += self.customers * z.max(0.0);
        product.times(1.0 + decay, self.customers);
        for i in 0..4 {
            total.gradient[i] += weight * slopes[i];
            for j in 0..=i {
                total.hessian[i][j] += spread * slopes[i] * slopes[j];
            }
        }
        total.hessian[1][0] += weight * drop;
        total.hessian[1][1] -= weight * drop * (power * (at_age.inverse + at_recency.inverse));
        total.hessian[2][2] -= weight * slopes[2] * slopes[2];
        total.hessian[3][3] += weight * slopes[3] * slopes[3];
    }
}

/// An index that fits in 32 bits. A table of more than four billion distinct times does not fit in
/// memory before it gets here.
fn narrow(index: usize) -> u32 {
    u32::try_from(index).unwrap_or(u32::MAX)
}

/// Starting points: a coarse net around a typical shape, on the data's own scale of time.
pub(super) fn starts(purchases: &Purchases) -> Vec<[f64; 4]> {
    let age = purchases.mean_age();
    let rate = purchases.mean_frequency() / age;
    let mut starts = Vec::new();
    for shape in [0.25, 1.0, 4.0] {
        for (a, b) in [(0.5, 2.0), (1.0, 10.0)] {
            // Without dropout the mean rate would be r/α; dropout makes the rate seen smaller.
            starts.push([shape, shape / (1.5 * rate), a, b]);
        }
    }
    starts
}

#[cfg(test)]
mod tests {
    use super::super::derivatives::tests::assert_derivatives_agree;
    use super::super::quadrature::integrate;
    use super::*;

    fn some_purchases() -> Purchases {
        let histories = [(2, 30.4, 38.9), (1, 1.7, 38.9), (0, 0.0, 38.9), (0, 0.0, 20.0), (29, 37.0, 38.7), (10, 20.0, 38.9)];
        Purchases::new(None, histories.map(|(x, recency, age)| History::new(x, recency, age).unwrap()))
    }

    #[test]
    fn derivatives_are_those_of_the_value() {
        for first_chance in [FirstChance::AfterRepeat, FirstChance::AtOnce] {
            let likelihood = DropoutLikelihood::new(&some_purchases(), first_chance);
            for at in [[0.24, 4.4, 0.79, 2.4], [3.0, 50.0, 0.05, 0.3], [1.0, 0.5, 7.0, 12.0]] {
                assert_derivatives_agree(at, 1e-6, |parameters| likelihood.evaluate(parameters));
            }
        }
    }

    /// The same expectation by integrating (1 − (1 + p t/α)^−r)/p over the beta density of p.
    fn by_quadrature(shape: f64, odds: f64, a: f64, b: f64) -> f64 {
        let density = |p: f64| ((a - 1.0) * p.ln() + (b - 1.0) * (-p).ln_1p() - ln_beta(a, b)).exp();
        let purchases = |p: f64| -(-shape * (p * odds).ln_1p()).exp_m1() / p;
        (0..400).map(|panel| f64::from(panel) / 400.0).map(|p| integrate(p, p + 1.0 / 400.0, |p| density(p) * purchases(p))).sum()
    }

    #[test]
    fn expectation_agrees_with_an_integral_also_where_the_closed_form_breaks() {
        // a = 1 is the pole of the closed form; whole a and b keep the integrand smooth here.
        for (shape, odds, a, b) in [(0.3, 2.0, 1.0, 3.0), (5.0, 0.5, 2.0, 2.0), (0.2, 9.0, 3.0, 1.0), (40.0, 30.0, 1.0, 5.0)] {
            let (found, expected) = (expected_until_dropout(shape, odds, a, b), by_quadrature(shape, odds, a, b));
            assert!((found / expected - 1.0).abs() < 1e-12, "{found} is not {expected}");
        }
    }

    #[test]
    fn nearly_nobody_leaving_gives_the_negative_binomial_mean() {
        let found = expected_until_dropout(2000.0, 3.0, 1e-9, 1.0);
        assert!((found / 6000.0 - 1.0).abs() < 1e-6, "{found}");
        assert!(expected_until_dropout(1.0, 0.0, 1.0, 1.0).abs() < 1e-300);
        assert!(expected_until_dropout(1.0, -1.0, 1.0, 1.0).is_nan());
    }

    #[test]
    fn probabilities_sum_to_one_and_their_mean_is_the_expectation() {
        for first_chance in [FirstChance::AfterRepeat, FirstChance::AtOnce] {
            let model = Dropout { first_chance, r: 0.8, alpha: 4.0, a: 0.7, b: 2.0 };
            let (mut sum, mut mean) = (0.0, 0.0);
            for count in 0..400 {
                let probability = model.probability_of_count(count, 20.0);
                sum += probability;
                mean += probability * f64::from(count);
            }
            assert!((sum - 1.0).abs() < 1e-12, "{first_chance:?} {sum}");
            assert!((mean / model.expected_purchases(20.0) - 1.0).abs() < 1e-11, "{first_chance:?} {mean}");
        }
    }

    #[test]
    fn both_tails_of_the_negative_binomial_agree() {
        let distribution = NegativeBinomial { shape: 3.0, odds: 2.0 };
        for n in 1..40 {
            let below: f64 = (0..n).map(|k| distribution.ln_probability(k).exp()).sum();
            assert!((distribution.at_least(n) + below - 1.0).abs() < 1e-13);
        }
    }
}
