//! BG/BB: customers who can buy at certain occasions only, such as yearly donations.
//!
//! Fader, Hardie & Shang (2010), Customer-Base Analysis in a Discrete-Time Noncontractual Setting,
//! Marketing Science 29 (6), 1086–1108.
//!
//! **Owns** the model and its statistics. **Does not know** how far apart occasions are.

use std::collections::BTreeMap;

use super::data::DataError;
use super::derivatives::{Derivatives, LogSum, sum_in_chunks};
use super::fit::{Fit, FittedData, InvalidParameters, Model, positive};
use super::optimise::maximise;
use super::special::{LnBeta, hypergeometric_one, ln_beta};

/// What a customer has done at a number of occasions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct DiscreteHistory {
    frequency: u32,
    recency: u32,
    opportunities: u32,
}

impl DiscreteHistory {
    /// A validated history: `frequency` x purchases at `opportunities` n occasions after the one
    /// that made them a customer, the last at occasion `recency` `t_x` (0 without any). Fails unless
    /// x ≤ `t_x` ≤ n, and x = 0 exactly if `t_x` = 0.
    pub fn new(frequency: u32, recency: u32, opportunities: u32) -> Result<Self, DataError> {
        if frequency <= recency && recency <= opportunities && (frequency == 0) == (recency == 0) {
            Ok(DiscreteHistory { frequency, recency, opportunities })
        } else {
            Err(DataError::NoSuchDiscreteHistory { frequency, recency, opportunities })
        }
    }
}

/// Distinct histories with the number of customers of each.
#[derive(Clone, Debug, Default)]
pub struct DiscretePurchases {
    groups: Vec<(DiscreteHistory, u64)>,
}

impl DiscretePurchases {
    /// Histories with their number of customers; equal ones are merged.
    pub fn new(groups: impl IntoIterator<Item = (DiscreteHistory, u64)>) -> Self {
        let mut merged: BTreeMap<DiscreteHistory, u64> = BTreeMap::new();
        for (history, customers) in groups {
            let sum = merged.entry(history).or_default();
            *sum = sum.saturating_add(customers);
        }
        DiscretePurchases { groups: merged.into_iter().filter(|(_, customers)| *customers > 0).collect() }
    }

    /// Number of customers.
    pub fn customers(&self) -> u64 {
        self.groups.iter().fold(0, |sum, (_, customers)| sum.saturating_add(*customers))
    }
}

/// BG/BB with its four parameters.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct BgBb {
    alpha: f64,
    beta: f64,
    gamma: f64,
    delta: f64,
}

impl BgBb {
    /// A model with given parameters: `alpha` and `beta` of the beta distribution of the chance to
    /// buy at an occasion, `gamma` and `delta` of that of the chance to leave before one. Fails
    /// unless all are finite and positive.
    pub fn new(alpha: f64, beta: f64, gamma: f64, delta: f64) -> Result<Self, InvalidParameters> {
        Self::from_parameters(&[alpha, beta, gamma, delta])
    }

    /// E\[X(n)\]: purchases of somebody new at their first `opportunities` occasions.
    pub fn expected_purchases(&self, opportunities: u32) -> f64 {
        self.alpha / (self.alpha + self.beta) * expected_survivals(self.gamma, self.delta, opportunities)
    }

    /// The probability that a customer is still there at occasion n + `ahead`, given their history
    /// up to occasion n.
    pub fn probability_alive(&self, history: &DiscreteHistory, ahead: u32) -> f64 {
        let parameters = self.array();
        let now = left_after(history, history.opportunities, true, &parameters).value;
        let passed = self.delta + f64::from(history.opportunities);
        let stays = ln_beta(self.gamma, passed + f64::from(ahead)) - ln_beta(self.gamma, passed);
        (now - log_likelihood(history, &parameters).value + stays).exp()
    }

    /// Expected purchases at the next `occasions`, given the history.
    pub fn conditional_expected_purchases(&self, history: &DiscreteHistory, occasions: u32) -> f64 {
        let passed = self.delta + f64::from(history.opportunities);
        self.probability_alive(history, 0) * self.chance_to_buy(history) * expected_survivals(self.gamma, passed, occasions)
    }

    /// Discounted expected residual transactions: the present value of one unit at each future
    /// purchase, over an infinite horizon. `rate` is the discount rate between two occasions.
    /// Infinite at 0 unless γ > 1; NaN for a negative rate.
    pub fn discounted_residual_transactions(&self, history: &DiscreteHistory, rate: f64) -> f64 {
        let passed = self.delta + f64::from(history.opportunities) + 1.0;
        let discount = 1.0 / (1.0 + rate);
        self.probability_alive(history, 1)
            * self.chance_to_buy(history)
            * discount
            * hypergeometric_one(passed, self.gamma + passed, discount)
    }

    /// The expected chance to buy at an occasion while still there, given the history and being
    /// there at its end.
    fn chance_to_buy(&self, history: &DiscreteHistory) -> f64 {
        (self.alpha + f64::from(history.frequency)) / (self.alpha + self.beta + f64::from(history.opportunities))
    }

    fn array(&self) -> [f64; 4] {
        [self.alpha, self.beta, self.gamma, self.delta]
    }
}

impl Model for BgBb {
    const NAME: &'static str = "bg-bb";
    const PARAMETERS: &'static [&'static str] = &["alpha", "beta", "gamma", "delta"];
    type Data = DiscretePurchases;

    fn from_parameters(parameters: &[f64]) -> Result<Self, InvalidParameters> {
        let [alpha, beta, gamma, delta] = positive::<Self, 4>(parameters)?;
        Ok(BgBb { alpha, beta, gamma, delta })
    }

    fn parameters(&self) -> Vec<f64> {
        self.array().to_vec()
    }

    fn log_likelihood(&self, data: &DiscretePurchases) -> f64 {
        evaluate(data, &self.array()).value
    }

    fn fit(data: &DiscretePurchases) -> Result<Fit<Self>, DataError> {
        if data.groups.iter().all(|(history, _)| history.frequency == 0) {
            return Err(DataError::TooLittle("no customer bought again, so no chance of buying can be estimated"));
        }
        let starts = [[1.0, 1.0, 1.0, 3.0], [0.5, 1.5, 0.5, 2.0], [2.0, 2.0, 0.5, 8.0], [1.0, 4.0, 1.0, 10.0]];
        let maximum = maximise(&starts, &[1.0; 4], |parameters| evaluate(data, parameters));
        Fit::of(&maximum, Self::describe(data))
    }

    fn describe(data: &DiscretePurchases) -> FittedData {
        FittedData { customers: data.customers(), distinct_rows: data.groups.len(), unit: None }
    }
}

/// Σ_{k=1..n} E[(1 − θ)^k] for θ ~ Beta(gamma, delta): occasions of n at which somebody is still there.
fn expected_survivals(gamma: f64, delta: f64, occasions: u32) -> f64 {
    let mut staying = 1.0;
    let mut total = 0.0;
    for occasion in 0..occasions {
        let passed = delta + f64::from(occasion);
        staying *= passed / (gamma + passed);
        total += staying;
    }
    total
}

/// The log-likelihood of a table by alpha, beta, gamma and delta.
fn evaluate(data: &DiscretePurchases, parameters: &[f64; 4]) -> Derivatives<4> {
    let [alpha, beta, gamma, delta] = *parameters;
    let mut total = sum_in_chunks(data.groups.len(), |range| {
        let mut part = Derivatives::ZERO;
        for (history, customers) in data.groups.get(range).unwrap_or_default() {
            part.add(*customers as f64, &sum_over_dropout(history, parameters));
        }
        part
    });
    let mut prior = Derivatives::ZERO;
    add_beta(&mut prior, 0, &LnBeta::at(alpha, beta));
    add_beta(&mut prior, 2, &LnBeta::at(gamma, delta));
    total.add(-(data.customers() as f64), &prior);
    total
}

/// The log-likelihood of one history.
fn log_likelihood(history: &DiscreteHistory, parameters: &[f64; 4]) -> Derivatives<4> {
    let mut result = sum_over_dropout(history, parameters);
    result.value -= ln_beta(parameters[0], parameters[1]) + ln_beta(parameters[2], parameters[3]);
    result
}

/// The likelihood before it is divided by B(α, β) B(γ, δ): the sum over the occasions before which
/// the customer may have left, and the case that they have not.
fn sum_over_dropout(history: &DiscreteHistory, parameters: &[f64; 4]) -> Derivatives<4> {
    let mut sum = LogSum::EMPTY;
    sum.push(&beta_functions(history, history.opportunities, true, parameters));
    for last in history.recency..history.opportunities {
        sum.push(&beta_functions(history, last, false, parameters));
    }
    sum.finish()
}

/// One term of the likelihood: there until occasion `last` and then gone, unless `stays`.
fn left_after(history: &DiscreteHistory, last: u32, stays: bool, parameters: &[f64; 4]) -> Derivatives<4> {
    let mut term = beta_functions(history, last, stays, parameters);
    term.value -= ln_beta(parameters[0], parameters[1]) + ln_beta(parameters[2], parameters[3]);
    term
}

/// ln B(α + x, β + t − x) + ln B(γ + 1 or γ, δ + t) with derivatives.
fn beta_functions(history: &DiscreteHistory, last: u32, stays: bool, parameters: &[f64; 4]) -> Derivatives<4> {
    let [alpha, beta, gamma, delta] = *parameters;
    let (bought, there) = (f64::from(history.frequency), f64::from(last));
    let gone = if stays { 0.0 } else { 1.0 };
    let mut term = Derivatives::ZERO;
    add_beta(&mut term, 0, &LnBeta::at(alpha + bought, beta + there - bought));
    add_beta(&mut term, 2, &LnBeta::at(gamma + gone, delta + there));
    term
}

/// Adds a function of the parameters `first` and `first + 1`.
fn add_beta(total: &mut Derivatives<4>, first: usize, beta: &LnBeta) {
    let second = first + 1;
    total.value += beta.value;
    total.gradient[first] += beta.gradient[0];
    total.gradient[second] += beta.gradient[1];
    total.hessian[first][first] += beta.hessian[0];
    total.hessian[second][first] += beta.hessian[1];
    total.hessian[second][second] += beta.hessian[2];
}

#[cfg(test)]
mod tests {
    use super::super::derivatives::tests::assert_derivatives_agree;
    use super::*;

    /// Every history of n occasions, with the number of ways in which it can come about.
    fn all_histories(n: u32) -> Vec<(DiscreteHistory, f64)> {
        let mut all = vec![(DiscreteHistory::new(0, 0, n).unwrap(), 1.0)];
        for recency in 1..=n {
            let mut ways = 1.0;
            for frequency in 1..=recency {
                all.push((DiscreteHistory::new(frequency, recency, n).unwrap(), ways));
                // Choose the other purchases among the occasions before the last one.
                ways *= f64::from(recency - frequency) / f64::from(frequency);
            }
        }
        all
    }

    #[test]
    fn histories_are_a_probability_distribution_with_the_expected_mean() {
        let model = BgBb::new(1.2, 0.75, 0.66, 2.8).unwrap();
        let parameters = model.array();
        let (mut sum, mut mean, mut alive) = (0.0, 0.0, 0.0);
        for (history, ways) in all_histories(6) {
            let probability = ways * log_likelihood(&history, &parameters).value.exp();
            sum += probability;
            mean += probability * f64::from(history.frequency);
            alive += probability * model.probability_alive(&history, 0);
        }
        assert!((sum - 1.0).abs() < 1e-13, "{sum}");
        assert!((mean - model.expected_purchases(6)).abs() < 1e-13, "{mean}");
        let stays = (ln_beta(0.66, 8.8) - ln_beta(0.66, 2.8)).exp();
        assert!((alive - stays).abs() < 1e-13, "{alive} is not {stays}");
    }

    #[test]
    fn conditional_expectations_average_to_the_unconditional_one() {
        let model = BgBb::new(1.2, 0.75, 0.66, 2.8).unwrap();
        let average: f64 = all_histories(5)
            .iter()
            .map(|(history, ways)| {
                let probability = ways * log_likelihood(history, &model.array()).value.exp();
                probability * model.conditional_expected_purchases(history, 4)
            })
            .sum();
        let expected = model.expected_purchases(9) - model.expected_purchases(5);
        assert!((average - expected).abs() < 1e-12, "{average} is not {expected}");
    }

    #[test]
    fn discounted_purchases_are_the_sum_of_discounted_increments() {
        let model = BgBb::new(1.2, 0.75, 0.66, 2.8).unwrap();
        let history = DiscreteHistory::new(3, 5, 6).unwrap();
        let mut total = 0.0;
        let mut discount = 1.0;
        for occasion in 1..400 {
            discount /= 1.1;
            let increment = model.conditional_expected_purchases(&history, occasion)
                - model.conditional_expected_purchases(&history, occasion - 1);
            total += discount * increment;
        }
        let found = model.discounted_residual_transactions(&history, 0.1);
        assert!((found - total).abs() < 1e-10, "{found} is not {total}");
    }

    #[test]
    fn derivatives_are_those_of_the_value() {
        let histories = [(0, 0, 6, 34), (1, 3, 6, 12), (4, 4, 6, 2), (6, 6, 6, 12)];
        let data = DiscretePurchases::new(
            histories.map(|(x, recency, n, customers)| (DiscreteHistory::new(x, recency, n).unwrap(), customers)),
        );
        for at in [[1.2, 0.75, 0.66, 2.8], [0.2, 5.0, 3.0, 0.4]] {
            assert_derivatives_agree(at, 1e-6, |parameters| evaluate(&data, parameters));
        }
    }

    #[test]
    fn impossible_histories_are_refused() {
        for (x, recency, n) in [(2, 1, 6), (1, 7, 6), (0, 1, 6), (1, 0, 6)] {
            assert!(DiscreteHistory::new(x, recency, n).is_err());
        }
        assert!(BgBb::fit(&DiscretePurchases::default()).is_err());
    }
}
