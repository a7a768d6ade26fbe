//! Pareto/NBD: customers buy at a steady rate of their own and leave at an unseen moment.
//!
//! Schmittlein, Morrison & Colombo (1987), "Counting Your Customers": Who Are They and What Will
//! They Do Next?, Management Science 33 (1), 1–24. Discounted residual transactions: Fader, Hardie &
//! Lee (2005), RFM and CLV: Using Iso-Value Curves for Customer Base Analysis, Journal of Marketing
//! Research 42 (4), 415–430, equation (2).
//!
//! **Owns** the model. **Does not know** units or money.
//!
//! The published likelihood subtracts two hypergeometric functions. Here it stays the integral that
//! they stand for, over the moment τ at which the customer left, plus the case that they have not:
//!
//! L = Γ(r+x)/Γ(r) · α^r β^s · [ (α+T)^−(r+x) (β+T)^−s + s ∫ (α+τ)^−(r+x) (β+τ)^−(s+1) dτ ], τ from `t_x` to T.
//!
//! All terms are positive, and derivatives are taken under the integral.

use super::data::{DataError, History, Purchases};
use super::derivatives::{Derivatives, LogSum, sum_in_chunks};
use super::dropout::NegativeBinomial;
use super::fit::{Fit, FittedData, InvalidParameters, Model, positive};
use super::optimise::maximise;
use super::purchase_model::{PurchaseModel, enough_to_fit};
use super::quadrature::nodes;
use super::special::{digamma, ln_gamma_increase, scaled_exponential_integral, trigamma};

/// A quadrature panel is at most this long in ln(min(α, β) + τ) …
const PANEL_LENGTH: f64 = 3.0;

/// … and the integrand falls by at most about this much, in logarithms, on one panel.
const PANEL_DROP: f64 = 14.0;

/// Panels that start this far below the sum so far, in logarithms, add nothing to 16 digits.
const NEGLIGIBLE: f64 = 45.0;

/// Pareto/NBD with its four parameters.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ParetoNbd {
    r: f64,
    alpha: f64,
    s: f64,
    beta: f64,
}

impl ParetoNbd {
    /// A model with given parameters: shape `r` and rate `alpha` of the gamma distribution of buying
    /// rates, shape `s` and rate `beta` of that of dropout rates; `alpha` and `beta` are times. Fails
    /// unless all are finite and positive.
    pub fn new(r: f64, alpha: f64, s: f64, beta: f64) -> Result<Self, InvalidParameters> {
        Self::from_parameters(&[r, alpha, s, beta])
    }

    /// Discounted expected residual transactions, DERT: the present value, over an infinite
    /// horizon, of one unit at each future purchase. `rate` is the continuous discount rate in one
    /// unit of time: ln(1.15)/52 for 15 % a year in a model of weeks. NaN unless it is positive.
    pub fn discounted_residual_transactions(&self, history: &History, rate: f64) -> f64 {
        let remaining = self.beta + history.age();
        self.probability_alive(history) * (self.r + history.count()) / (self.alpha + history.age())
            * remaining
            * scaled_exponential_integral(self.s, rate * remaining)
    }

    /// The same for somebody who has just become a customer, without the first purchase.
    pub fn discounted_transactions(&self, rate: f64) -> f64 {
        self.r / self.alpha * self.beta * scaled_exponential_integral(self.s, rate * self.beta)
    }

    fn array(&self) -> [f64; 4] {
        [self.r, self.alpha, self.s, self.beta]
    }
}

impl Model for ParetoNbd {
    const NAME: &'static str = "pareto-nbd";
    const PARAMETERS: &'static [&'static str] = &["r", "alpha", "s", "beta"];
    type Data = Purchases;

    fn from_parameters(parameters: &[f64]) -> Result<Self, InvalidParameters> {
        let [r, alpha, s, beta] = positive::<Self, 4>(parameters)?;
        Ok(ParetoNbd { r, alpha, s, beta })
    }

    fn parameters(&self) -> Vec<f64> {
        self.array().to_vec()
    }

    fn log_likelihood(&self, data: &Purchases) -> f64 {
        evaluate(data, &self.array()).value
    }

    fn fit(data: &Purchases) -> Result<Fit<Self>, DataError> {
        enough_to_fit(data)?;
        let age = data.mean_age();
        let maximum = maximise(&starts(data), &[1.0, age, 1.0, age], |parameters| evaluate(data, parameters));
        Fit::of(&maximum, Self::describe(data))
    }

    fn describe(data: &Purchases) -> FittedData {
        FittedData { customers: data.customers(), distinct_rows: data.groups().len(), unit: data.unit() }
    }
}

impl PurchaseModel for ParetoNbd {
    fn expected_purchases(&self, time: f64) -> f64 {
        self.r / self.alpha * expected_lifetime(self.s, self.beta, time)
    }

    fn conditional_expected_purchases(&self, history: &History, time: f64) -> f64 {
        self.probability_alive(history) * (self.r + history.count()) / (self.alpha + history.age())
            * expected_lifetime(self.s, self.beta + history.age(), time)
    }

    fn probability_alive(&self, history: &History) -> f64 {
        let parameters = self.array();
        let alive = still_there(history, &parameters).value;
        (alive - over_dropout(history, &parameters).value).exp()
    }

    fn discounted_residual_purchases(&self, history: &History, rate: f64) -> Option<f64> {
        Some(self.discounted_residual_transactions(history, rate))
    }

    fn probability_of_count(&self, count: u32, time: f64) -> f64 {
        if time.is_nan() || time < 0.0 {
            return f64::NAN;
        }
        let purchases_within = |time: f64| NegativeBinomial { shape: self.r, odds: time / self.alpha }.ln_probability(count);
        let stays = -self.s * (time / self.beta).ln_1p();
        let base = self.alpha.min(self.beta);
        let (start, end) = (base.ln(), (base + time).ln());
        // As a function of ln(base + τ) the count has a peak that narrows with the square root.
        let panels = ((end - start) * (2.0 + f64::from(count).sqrt())).ceil().max(1.0);
        let width = (end - start) / panels;
        let mut total = (purchases_within(time) + stays).exp();
        let mut panel = 0.0;
        while panel < panels {
            for (at, weight) in nodes(start + panel * width, start + (panel + 1.0) * width) {
                let moment = (at.exp() - base).max(0.0);
                let density = (self.s / (self.beta + moment)).ln() - self.s * (moment / self.beta).ln_1p() + at;
                total += weight * (purchases_within(moment) + density).exp();
            }
            panel += 1.0;
        }
        total
    }
}

/// E[min(lifetime, time)] for a Pareto lifetime: ((β+t)^(1−s) − β^(1−s)) β^s / (1−s), also at s = 1.
fn expected_lifetime(s: f64, beta: f64, time: f64) -> f64 {
    let log = (time / beta).ln_1p();
    let exponent = (s - 1.0) * log;
    let mean = if exponent.abs() < 1e-300 { 1.0 } else { -(-exponent).exp_m1() / exponent };
    beta * log * mean
}

/// The log-likelihood of a table by r, alpha, s and beta.
fn evaluate(data: &Purchases, parameters: &[f64; 4]) -> Derivatives<4> {
    let [r, alpha, s, beta] = *parameters;
    let (slope, bend) = (digamma(r), trigamma(r));
    // The gamma functions of r + x are worked out once a frequency: groups are sorted by it.
    let mut total = sum_in_chunks(data.groups().len(), |range| {
        let mut part = Derivatives::ZERO;
        let mut frequency = None;
        let mut rising = [0.0; 3];
        for group in data.groups().get(range).unwrap_or_default() {
            if frequency != Some(group.history.frequency()) {
                frequency = Some(group.history.frequency());
                let power = r + group.history.count();
                rising = [ln_gamma_increase(r, group.history.count()), digamma(power) - slope, trigamma(power) - bend];
            }
            let customers = group.customers as f64;
            part.add(customers, &over_dropout(&group.history, parameters));
            part.value += customers * rising[0];
            part.gradient[0] += customers * rising[1];
            part.hessian[0][0] += customers * rising[2];
        }
        part
    });
    let customers = data.customers() as f64;
    total.value += customers * (r * alpha.ln() + s * beta.ln());
    total.gradient[0] += customers * alpha.ln();
    total.gradient[1] += customers * r / alpha;
    total.gradient[2] += customers * beta.ln();
    total.gradient[3] += customers * s / beta;
    total.hessian[1][0] += customers / alpha;
    total.hessian[1][1] -= customers * r / (alpha * alpha);
    total.hessian[3][2] += customers / beta;
    total.hessian[3][3] -= customers * s / (beta * beta);
    total
}

/// The bracket of the likelihood: the sum over the moments at which the customer may have left.
fn over_dropout(history: &History, parameters: &[f64; 4]) -> Derivatives<4> {
    let [_, alpha, s, beta] = *parameters;
    let mut sum = LogSum::EMPTY;
    let alive = still_there(history, parameters);
    sum.push(&alive);
    let base = alpha.min(beta);
    let (above_alpha, above_beta) = (alpha - base, beta - base);
    let start = (base + history.recency()).ln();
    let end = (base + history.age()).ln();
    if end <= start {
        return sum.finish();
    }
    let left_at = |moved: f64, weight: f64| {
        let mut term = power_law(history.count(), s + 1.0, moved + above_alpha, moved + above_beta, parameters[0]);
        term.value += (s * weight * moved).ln();
        term.gradient[2] += 1.0 / s;
        term.hessian[2][2] -= 1.0 / (s * s);
        term
    };
    let (first, last) = (left_at(start.exp(), 1.0).value, left_at(end.exp(), 1.0).value);
    let panels = ((end - start) / PANEL_LENGTH).max((first - last) / PANEL_DROP).ceil().clamp(1.0, 4096.0);
    let width = (end - start) / panels;
    let mut highest = alive.value.max(first);
    let mut panel = 0.0;
    while panel < panels {
        let from = start + panel * width;
        // The integrand is log-concave: once it is negligible it stays so.
        if panel > 0.0 && left_at(from.exp(), 1.0).value < highest - NEGLIGIBLE {
            break;
        }
        for (at, weight) in nodes(from, from + width) {
            let term = left_at(at.exp(), weight);
            highest = highest.max(term.value);
            sum.push(&term);
        }
        panel += 1.0;
    }
    sum.finish()
}

/// The case that the customer has not left by T.
fn still_there(history: &History, parameters: &[f64; 4]) -> Derivatives<4> {
    let [r, alpha, s, beta] = *parameters;
    power_law(history.count(), s, alpha + history.age(), beta + history.age(), r)
}

/// −(r + x) ln(α + τ) − (s or s + 1) ln(β + τ), with derivatives by r, alpha, s and beta.
fn power_law(count: f64, exponent: f64, alpha_moved: f64, beta_moved: f64, r: f64) -> Derivatives<4> {
    let power = r + count;
    let (log_alpha, log_beta) = (alpha_moved.ln(), beta_moved.ln());
    let (by_alpha, by_beta) = (1.0 / alpha_moved, 1.0 / beta_moved);
    let mut term = Derivatives::ZERO;
    term.value = -power * log_alpha - exponent * log_beta;
    term.gradient = [-log_alpha, -power * by_alpha, -log_beta, -exponent * by_beta];
    term.hessian[1][0] = -by_alpha;
    term.hessian[1][1] = power * by_alpha * by_alpha;
    term.hessian[3][2] = -by_beta;
    term.hessian[3][3] = exponent * by_beta * by_beta;
    term
}

/// Starting points on the data's own scale of time.
fn starts(data: &Purchases) -> Vec<[f64; 4]> {
    let age = data.mean_age();
    let rate = data.mean_frequency() / age;
    let mut starts = Vec::new();
    for r in [0.4, 1.5, 6.0] {
        for s in [0.5, 2.0] {
            // Half of the customers leave within the time observed: an even chance to start from.
            starts.push([r, r / (1.5 * rate), s, age / ((2.0_f64.ln() / s).exp() - 1.0)]);
        }
    }
    starts
}

#[cfg(test)]
mod tests {
    use super::super::derivatives::tests::assert_derivatives_agree;
    use super::*;

    fn history(x: u32, recency: f64, age: f64) -> History {
        History::new(x, recency, age).unwrap()
    }

    #[test]
    fn derivatives_are_those_of_the_value() {
        let purchases = Purchases::new(
            None,
            [(2, 30.4, 38.9), (1, 1.7, 38.9), (0, 0.0, 38.9), (29, 37.0, 38.7), (10, 20.0, 38.9), (3, 5.0, 5.0)]
                .map(|(x, recency, age)| history(x, recency, age)),
        );
        for at in [[0.55, 10.6, 0.6, 11.7], [3.0, 2.0, 0.2, 60.0], [0.2, 80.0, 4.0, 0.7]] {
            assert_derivatives_agree(at, 1e-6, |parameters| evaluate(&purchases, parameters));
        }
    }

    /// With r + x and s whole and α = β the integral is elementary:
    /// s ∫ (α+τ)^−(k+s+1) dτ = s/(k+s) [(α+`t_x`)^−(k+s) − (α+T)^−(k+s)].
    #[test]
    fn quadrature_agrees_with_the_elementary_case() {
        for (x, recency, age, alpha) in
            [(0, 0.0, 40.0, 10.0), (30, 1.0, 500.0, 2.0), (400, 50.0, 600.0, 0.01), (3, 1e-3, 1e3, 1e-3)]
        {
            let (r, s) = (2.0, 3.0);
            let k = r + f64::from(x);
            let at = history(x, recency, age);
            let (early, late) = ((alpha + recency).ln(), (alpha + age).ln());
            let ratio = (-(k + s) * (late - early)).exp();
            let expected = -(k + s) * early + (ratio + s / (k + s) * (1.0 - ratio)).ln();
            let found = over_dropout(&at, &[r, alpha, s, alpha]).value;
            assert!((found / expected - 1.0).abs() < 1e-13, "{x} {recency} {age}: {found} is not {expected}");
        }
    }

    #[test]
    fn both_orders_of_alpha_and_beta_integrate_to_the_same_as_small_steps() {
        for parameters in [[0.5, 10.0, 0.6, 0.01], [0.5, 0.01, 0.6, 10.0], [6.0, 1.0, 2.5, 300.0]] {
            let at = history(4, 7.0, 90.0);
            let [r, alpha, s, beta] = parameters;
            let steps = 4000;
            let width = (at.age() - at.recency()) / f64::from(steps);
            let integral: f64 = (0..steps)
                .map(|step| at.recency() + f64::from(step) * width)
                .flat_map(|from| nodes(from, from + width).collect::<Vec<_>>())
                .map(|(tau, weight)| weight * s * (alpha + tau).powf(-r - 4.0) * (beta + tau).powf(-s - 1.0))
                .sum();
            let alive = (alpha + at.age()).powf(-r - 4.0) * (beta + at.age()).powf(-s);
            let expected = (integral + alive).ln();
            let found = over_dropout(&at, &parameters).value;
            assert!((found / expected - 1.0).abs() < 1e-13, "{parameters:?}: {found} is not {expected}");
        }
    }

    #[test]
    fn probabilities_sum_to_one_and_their_mean_is_the_expectation() {
        let model = ParetoNbd::new(0.9, 5.0, 1.0, 12.0).unwrap();
        let (mut sum, mut mean) = (0.0, 0.0);
        for count in 0..300 {
            let probability = model.probability_of_count(count, 20.0);
            sum += probability;
            mean += f64::from(count) * probability;
        }
        assert!((sum - 1.0).abs() < 1e-11, "{sum}");
        assert!((mean / model.expected_purchases(20.0) - 1.0).abs() < 1e-10, "{mean}");
    }

    #[test]
    fn the_horizon_makes_discounted_purchases_out_of_expected_ones() {
        // ∫ e^(−δt) dE[X(t)] by small steps.
        let model = ParetoNbd::new(0.553, 10.578, 0.606, 11.669).unwrap();
        let rate = 0.05;
        let mut total = 0.0;
        for step in 0..40_000_i32 {
            let (from, to) = (f64::from(step) * 0.02, f64::from(step + 1) * 0.02);
            total += (-rate * 0.5 * (from + to)).exp() * (model.expected_purchases(to) - model.expected_purchases(from));
        }
        assert!((total / model.discounted_transactions(rate) - 1.0).abs() < 1e-6, "{total}");
    }
}
