//! Gamma-Gamma: what a customer spends at a purchase varies around a mean of their own.
//!
//! Fader, Hardie & Lee (2005), RFM and CLV, Journal of Marketing Research 42 (4), 415–430; Fader &
//! Hardie (2013), The Gamma-Gamma Model of Monetary Value.
//!
//! **Owns** the model and its statistics: the number of purchases and their mean value, one pair a
//! customer. **Does not know** where they come from. The first purchase is usually left out of
//! both, so that x is the frequency of the buying models and somebody's first order, which may be
//! a trial, says nothing about what they spend once they return.
//!
//! The model assumes that the mean value does not depend on the frequency; see
//! [`Spending::correlation`].

use std::collections::BTreeMap;

use super::data::DataError;
use super::derivatives::Derivatives;
use super::fit::{Fit, FittedData, InvalidParameters, Model, positive};
use super::optimise::maximise;
use super::special::{digamma, ln_gamma, ln_gamma_increase, trigamma};

/// Numbers of purchases and mean values of the customers who have any, equal ones merged.
#[derive(Clone, Debug, Default)]
pub struct Spending {
    /// By number of purchases, then by the bits of the mean value.
    groups: BTreeMap<u32, BTreeMap<u64, u64>>,
}

impl Spending {
    /// From one pair of purchases and their mean value a customer. Fails on a pair without purchases
    /// or without a finite positive value: the caller decides, and says, who is left out.
    pub fn new(customers: impl IntoIterator<Item = (u32, f64)>) -> Result<Self, DataError> {
        let mut groups: BTreeMap<u32, BTreeMap<u64, u64>> = BTreeMap::new();
        for (frequency, mean_value) in customers {
            if frequency == 0 || !mean_value.is_finite() || mean_value <= 0.0 {
                return Err(DataError::NoSuchValue { frequency, mean_value });
            }
            *groups.entry(frequency).or_default().entry(mean_value.to_bits()).or_default() += 1;
        }
        Ok(Spending { groups })
    }

    /// Number of customers.
    pub fn customers(&self) -> u64 {
        self.rows().map(|(_, _, customers)| customers).sum()
    }

    /// Pearson's correlation of the number of purchases with their mean value. The model assumes
    /// none; None for fewer than two customers or without variation.
    pub fn correlation(&self) -> Option<f64> {
        let customers = self.customers() as f64;
        let (mut mean_count, mut mean_value) = (0.0, 0.0);
        for (count, value, weight) in self.rows() {
            mean_count += count * weight as f64 / customers;
            mean_value += value * weight as f64 / customers;
        }
        let (mut counts, mut values, mut both) = (0.0, 0.0, 0.0);
        for (count, value, weight) in self.rows() {
            let (count, value, weight) = (count - mean_count, value - mean_value, weight as f64);
            counts += weight * count * count;
            values += weight * value * value;
            both += weight * count * value;
        }
        let correlation = both / (counts * values).sqrt();
        correlation.is_finite().then_some(correlation)
    }

    /// Purchases, mean value and customers of each group.
    fn rows(&self) -> impl Iterator<Item = (f64, f64, u64)> {
        self.groups.iter().flat_map(|(frequency, values)| {
            values.iter().map(|(bits, customers)| (f64::from(*frequency), f64::from_bits(*bits), *customers))
        })
    }

    fn distinct_rows(&self) -> usize {
        self.groups.values().map(BTreeMap::len).sum()
    }

    fn mean_value(&self) -> f64 {
        self.rows().map(|(_, value, customers)| value * customers as f64).sum::<f64>() / self.customers() as f64
    }
}

/// Gamma-Gamma with its three parameters.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct GammaGamma {
    p: f64,
    q: f64,
    v: f64,
}

impl GammaGamma {
    /// A model with given parameters: shape `p` of the values of one customer, shape `q` and rate
    /// `v` (money) of the distribution of their rates. Fails unless all are finite and positive.
    pub fn new(p: f64, q: f64, v: f64) -> Result<Self, InvalidParameters> {
        Self::from_parameters(&[p, q, v])
    }

    /// The mean value of a purchase over all customers, p v/(q − 1). None for q ≤ 1, where it is
    /// infinite.
    pub fn mean_value(&self) -> Option<f64> {
        self.conditional_mean_value(0, 0.0)
    }

    /// The expected value of a future purchase of somebody who has made `frequency` purchases with
    /// this mean value, p (v + x z̄)/(p x + q − 1): an average of theirs and everybody's. Without
    /// purchases the value is not read. None where the expectation is infinite or the value is
    /// negative or not finite.
    pub fn conditional_mean_value(&self, frequency: u32, mean_value: f64) -> Option<f64> {
        let count = f64::from(frequency);
        let spent = if frequency == 0 { 0.0 } else { count * mean_value };
        let weight = self.p * count + self.q - 1.0;
        let expected = self.p * (self.v + spent) / weight;
        (weight > 0.0 && spent >= 0.0 && expected.is_finite()).then_some(expected)
    }
}

impl Model for GammaGamma {
    const NAME: &'static str = "gamma-gamma";
    const PARAMETERS: &'static [&'static str] = &["p", "q", "v"];
    type Data = Spending;

    fn from_parameters(parameters: &[f64]) -> Result<Self, InvalidParameters> {
        let [p, q, v] = positive::<Self, 3>(parameters)?;
        Ok(GammaGamma { p, q, v })
    }

    fn parameters(&self) -> Vec<f64> {
        vec![self.p, self.q, self.v]
    }

    fn log_likelihood(&self, data: &Spending) -> f64 {
        evaluate(data, &[self.p, self.q, self.v]).value
    }

    fn fit(data: &Spending) -> Result<Fit<Self>, DataError> {
        if data.distinct_rows() < 2 {
            return Err(DataError::TooLittle("fewer than two customers with different values"));
        }
        let mean = data.mean_value();
        let starts = [[2.0, 3.0, mean], [6.0, 4.0, mean / 2.0], [1.0, 10.0, 9.0 * mean], [20.0, 2.5, mean / 10.0]];
        let maximum = maximise(&starts, &[1.0, 1.0, mean], |parameters| evaluate(data, parameters));
        Fit::of(&maximum, Self::describe(data))
    }

    fn describe(data: &Spending) -> FittedData {
        FittedData { customers: data.customers(), distinct_rows: data.distinct_rows(), unit: None }
    }
}

/// The log-likelihood of a table by p, q and v. Gamma functions are worked out once a frequency.
fn evaluate(data: &Spending, parameters: &[f64; 3]) -> Derivatives<3> {
    let [p, q, v] = *parameters;
    let mut total = Derivatives::ZERO;
    let (slope_q, bend_q, log_v) = (digamma(q), trigamma(q), v.ln());
    for (frequency, values) in &data.groups {
        let count = f64::from(*frequency);
        let shape = p * count;
        let log_gammas = ln_gamma_increase(shape, q) - ln_gamma(q);
        let (slope, bend) = (digamma(shape + q), trigamma(shape + q));
        let (slope_shape, bend_shape) = (digamma(shape), trigamma(shape));
        for (bits, customers) in values {
            let weight = *customers as f64;
            let value = f64::from_bits(*bits);
            let spent = count * value;
            let (log_sum, inverse) = ((v + spent).ln(), 1.0 / (v + spent));
            total.value += weight * (log_gammas + q * (log_v - log_sum) + shape * (spent.ln() - log_sum) - value.ln());
            total.gradient[0] += weight * count * (slope - slope_shape + spent.ln() - log_sum);
            total.gradient[1] += weight * (slope - slope_q + log_v - log_sum);
            total.gradient[2] += weight * (q / v - (shape + q) * inverse);
            total.hessian[0][0] += weight * count * count * (bend - bend_shape);
            total.hessian[1][0] += weight * count * bend;
            total.hessian[1][1] += weight * (bend - bend_q);
            total.hessian[2][0] -= weight * count * inverse;
            total.hessian[2][1] += weight * (1.0 / v - inverse);
            total.hessian[2][2] += weight * ((shape + q) * inverse * inverse - q / (v * v));
        }
    }
    total
}

#[cfg(test)]
mod tests {
    use super::super::derivatives::tests::assert_derivatives_agree;
    use super::*;

    #[test]
    fn derivatives_are_those_of_the_value() {
        let spending = Spending::new([(2, 22.35), (1, 11.77), (7, 73.74), (1, 11.77), (26, 4.5)]).unwrap();
        for at in [[6.25, 3.74, 15.44], [0.3, 0.8, 200.0]] {
            assert_derivatives_agree(at, 1e-6, |parameters| evaluate(&spending, parameters));
        }
    }

    #[test]
    fn one_purchase_has_the_density_of_a_ratio_of_gammas() {
        // p = 1, q = 1, v = 1: the density of z is 1/(1 + z)².
        let spending = Spending::new([(1, 3.0)]).unwrap();
        let found = GammaGamma::new(1.0, 1.0, 1.0).unwrap().log_likelihood(&spending);
        assert!((found - (1.0_f64 / 16.0).ln()).abs() < 1e-14, "{found}");
    }

    #[test]
    fn an_infinite_mean_is_none() {
        let heavy = GammaGamma::new(6.0, 0.9, 15.0).unwrap();
        assert_eq!(heavy.mean_value(), None);
        assert!(heavy.conditional_mean_value(1, 20.0).is_some());
        assert_eq!(heavy.conditional_mean_value(1, f64::NAN), None);
    }

    #[test]
    fn values_that_are_not_positive_are_refused() {
        assert!(Spending::new([(1, 0.0)]).is_err());
        assert!(Spending::new([(0, 5.0)]).is_err());
        assert!(Spending::new([(1, f64::INFINITY)]).is_err());
    }

    #[test]
    fn correlation_of_a_straight_line_is_one() {
        let line = Spending::new([(1, 10.0), (2, 20.0), (3, 30.0)]).unwrap();
        assert!((line.correlation().unwrap() - 1.0).abs() < 1e-14);
        assert_eq!(Spending::new([(1, 10.0), (2, 10.0)]).unwrap().correlation(), None);
        assert_eq!(Spending::default().correlation(), None);
    }

    #[test]
    fn equal_values_cannot_be_fitted() {
        assert!(matches!(GammaGamma::fit(&Spending::new([(1, 5.0), (1, 5.0)]).unwrap()), Err(DataError::TooLittle(_))));
    }
}
