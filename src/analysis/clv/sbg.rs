//! Shifted beta-geometric (sBG): subscribers who may leave at each renewal, each with a chance of
//! their own.
//!
//! Fader & Hardie (2007), How to Project Customer Retention, Journal of Interactive Marketing 21 (1),
//! 76–90; discounted lifetimes: Fader & Hardie (2010), Customer-Base Valuation in a Contractual
//! Setting: The Perils of Ignoring Heterogeneity, Marketing Science 29 (1), 85–93.
//!
//! **Owns** the model and its statistics: survivors of one cohort a period. **Does not know** how
//! long a period is.

use super::data::DataError;
use super::derivatives::Derivatives;
use super::fit::{Fit, FittedData, InvalidParameters, Model, positive};
use super::optimise::maximise;
use super::special::{hypergeometric_one, ln_beta};

/// Survivors of one cohort: how many began, and how many were left after each renewal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Survivors {
    counts: Vec<u64>,
}

impl Survivors {
    /// `counts[0]` customers began, `counts[t]` were still there after the t-th renewal. Fails if
    /// the counts ever grow, or show no renewal.
    pub fn new(counts: Vec<u64>) -> Result<Self, DataError> {
        if let Some(before) = counts.windows(2).position(|pair| matches!(pair, [one, next] if next > one)) {
            return Err(DataError::SurvivorsGrow { period: before + 1 });
        }
        if counts.len() < 2 {
            return Err(DataError::TooLittle("fewer than two periods: no renewal was observed"));
        }
        Ok(Survivors { counts })
    }

    /// The counts, the beginning first.
    pub fn counts(&self) -> &[u64] {
        &self.counts
    }

    fn customers(&self) -> u64 {
        self.counts.first().copied().unwrap_or_default()
    }
}

/// sBG with its two parameters.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sbg {
    alpha: f64,
    beta: f64,
}

impl Sbg {
    /// A model with given parameters of the beta distribution of the chance to leave at a renewal.
    /// Fails unless both are finite and positive.
    pub fn new(alpha: f64, beta: f64) -> Result<Self, InvalidParameters> {
        Self::from_parameters(&[alpha, beta])
    }

    /// S(t): the share of a cohort left after t renewals, B(α, β + t)/B(α, β).
    pub fn survival(&self, renewals: u32) -> f64 {
        (ln_beta(self.alpha, self.beta + f64::from(renewals)) - ln_beta(self.alpha, self.beta)).exp()
    }

    /// r(t) = S(t)/S(t − 1): the share that renews for the t-th time of those who could. NaN for
    /// t = 0, which is no renewal.
    pub fn retention(&self, renewal: u32) -> f64 {
        if renewal == 0 {
            return f64::NAN;
        }
        let passed = f64::from(renewal) - 1.0;
        (self.beta + passed) / (self.alpha + self.beta + passed)
    }

    /// The mean chance to leave at the first renewal.
    pub fn mean_churn(&self) -> f64 {
        self.alpha / (self.alpha + self.beta)
    }

    /// Discounted expected lifetime (DEL) of a new customer in periods, the first one, which is
    /// paid at once, included: Σ S(t)/(1 + d)^t. `rate` is d, per period. Infinite at d = 0 unless
    /// α > 1; NaN for a negative rate.
    pub fn discounted_lifetime(&self, rate: f64) -> f64 {
        hypergeometric_one(self.beta, self.alpha + self.beta, 1.0 / (1.0 + rate))
    }

    /// Discounted expected residual lifetime (DERL) just before the n-th renewal, its period
    /// included: Σ S(t)/S(n − 1)/(1 + d)^(t − n), t from n. NaN for n = 0 or a negative rate.
    pub fn discounted_residual_lifetime(&self, renewal: u32, rate: f64) -> f64 {
        let n = f64::from(renewal);
        self.retention(renewal) * hypergeometric_one(self.beta + n, self.alpha + self.beta + n, 1.0 / (1.0 + rate))
    }
}

impl Model for Sbg {
    const NAME: &'static str = "sbg";
    const PARAMETERS: &'static [&'static str] = &["alpha", "beta"];
    type Data = Survivors;

    fn from_parameters(parameters: &[f64]) -> Result<Self, InvalidParameters> {
        let [alpha, beta] = positive::<Self, 2>(parameters)?;
        Ok(Sbg { alpha, beta })
    }

    fn parameters(&self) -> Vec<f64> {
        vec![self.alpha, self.beta]
    }

    fn log_likelihood(&self, data: &Survivors) -> f64 {
        evaluate(data, &[self.alpha, self.beta]).value
    }

    fn fit(data: &Survivors) -> Result<Fit<Self>, DataError> {
        let renewing = data.counts.get(1).copied().unwrap_or_default();
        if renewing == 0 || data.counts.last() == data.counts.first() {
            return Err(DataError::TooLittle("nobody left, or nobody renewed: there is no curve to fit"));
        }
        if data.counts.len() < 3 {
            return Err(DataError::TooLittle("two parameters cannot be estimated from a single renewal"));
        }
        let starts = [[1.0, 1.0], [0.5, 2.0], [2.0, 10.0], [0.3, 0.3], [5.0, 100.0]];
        let maximum = maximise(&starts, &[1.0, 1.0], |parameters| evaluate(data, parameters));
        Fit::of(&maximum, Self::describe(data))
    }

    fn describe(data: &Survivors) -> FittedData {
        FittedData { customers: data.customers(), distinct_rows: data.counts.len(), unit: None }
    }
}

/// The log-likelihood by alpha and beta. The product of beta functions of the paper telescopes into
/// one binomial likelihood of the retention rate a renewal: Σ c(t) ln r(t) + (c(t−1) − c(t)) ln(1 − r(t)).
fn evaluate(data: &Survivors, parameters: &[f64; 2]) -> Derivatives<2> {
    let [alpha, beta] = *parameters;
    let mut total = Derivatives::ZERO;
    for (passed, pair) in data.counts.windows(2).enumerate() {
        let &[before, after] = pair else { continue };
        let (before, after) = (before as f64, after as f64);
        let left = before - after;
        let stay = beta + passed as f64;
        let all = alpha + stay;
        total.value += after * (stay / all).ln() + left * (alpha / all).ln();
        total.gradient[0] += left / alpha - before / all;
        total.gradient[1] += after / stay - before / all;
        total.hessian[0][0] += before / (all * all) - left / (alpha * alpha);
        total.hessian[1][0] += before / (all * all);
        total.hessian[1][1] += before / (all * all) - after / (stay * stay);
    }
    total
}

#[cfg(test)]
mod tests {
    use super::super::derivatives::tests::assert_derivatives_agree;
    use super::*;

    fn close(found: f64, expected: f64, tolerance: f64) {
        assert!((found - expected).abs() <= tolerance, "{found} is not {expected}");
    }

    #[test]
    fn derivatives_are_those_of_the_value() {
        let survivors = Survivors::new(vec![1000, 700, 560, 500]).unwrap();
        assert_derivatives_agree([0.7, 1.2], 1e-6, |parameters| evaluate(&survivors, parameters));
    }

    #[test]
    fn the_likelihood_is_that_of_the_paper() {
        let counts = [1000_u64, 700, 560, 500];
        let (alpha, beta) = (0.7, 1.2);
        let at = |t: f64| ln_beta(alpha + 1.0, beta + t - 1.0) - ln_beta(alpha, beta);
        let survived = ln_beta(alpha, beta + 3.0) - ln_beta(alpha, beta);
        let expected = 300.0 * at(1.0) + 140.0 * at(2.0) + 60.0 * at(3.0) + 500.0 * survived;
        let found = Sbg::new(alpha, beta).unwrap().log_likelihood(&Survivors::new(counts.to_vec()).unwrap());
        close(found, expected, 1e-10);
    }

    /// Fader & Hardie (2007): survivors of the first seven renewals of two groups, table 1, with
    /// estimates .704/1.182 and .668/3.806. Further digits: mpmath, root of the gradient at 30 digits.
    #[test]
    fn published_estimates() {
        let regular = Survivors::new(vec![1000, 631, 468, 382, 326, 289, 262, 241]).unwrap();
        let fit = Sbg::fit(&regular).unwrap();
        assert!(fit.converged(), "{:?}", fit.why_not);
        close(fit.parameters[0].value, 0.704_077_298_7, 1e-8);
        close(fit.parameters[1].value, 1.182_043_026_2, 1e-8);
        close(fit.log_likelihood, -1_680.265_188, 1e-6);
        close(fit.model.survival(12), 0.170_04, 1e-5);
        close(fit.model.retention(1), 0.626_71, 1e-5);
        close(fit.model.retention(12), 0.945_36, 1e-5);
        close(fit.model.discounted_lifetime(0.1), 3.694_908, 1e-6);

        let high_end = Survivors::new(vec![1000, 869, 743, 653, 593, 551, 517, 491]).unwrap();
        let fit = Sbg::fit(&high_end).unwrap();
        assert!(fit.converged(), "{:?}", fit.why_not);
        close(fit.parameters[0].value, 0.668_088_351_1, 1e-8);
        close(fit.parameters[1].value, 3.806_094_964, 1e-8);
        close(fit.log_likelihood, -1_611.158_147, 1e-6);
        close(fit.model.survival(12), 0.378_00, 1e-5);
        close(fit.model.discounted_lifetime(0.1), 5.922_254, 1e-6);
    }

    #[test]
    fn discounted_lifetimes_are_sums_of_survival() {
        let model = Sbg::new(0.7, 1.2).unwrap();
        let discount = 1.0_f64 / 1.1;
        let lifetime: f64 = (0..2000).map(|t| model.survival(t) * discount.powi(i32::try_from(t).unwrap())).sum();
        close(model.discounted_lifetime(0.1), lifetime, 1e-11);
        let residual: f64 =
            (3..2000).map(|t| model.survival(t) / model.survival(2) * discount.powi(i32::try_from(t).unwrap() - 3)).sum();
        close(model.discounted_residual_lifetime(3, 0.1), residual, 1e-11);
        assert!(model.discounted_lifetime(0.0).is_infinite());
        assert!(model.discounted_lifetime(-0.5).is_nan() && model.retention(0).is_nan());
    }

    #[test]
    fn a_constant_rate_is_not_called_a_good_fit() {
        // A tenth leaves each time: no heterogeneity, so alpha and beta run off together.
        let constant = Survivors::new(vec![100_000, 90_000, 81_000, 72_900, 65_610]).unwrap();
        let fit = Sbg::fit(&constant).unwrap();
        assert!(!fit.converged());
        assert!(fit.why_not.is_some());
    }

    #[test]
    fn curves_that_are_none_are_refused() {
        assert_eq!(Survivors::new(vec![10, 11]), Err(DataError::SurvivorsGrow { period: 1 }));
        assert!(Survivors::new(vec![10]).is_err());
        assert!(Sbg::fit(&Survivors::new(vec![10, 10, 10]).unwrap()).is_err());
        assert!(Sbg::fit(&Survivors::new(vec![10, 0, 0]).unwrap()).is_err());
        assert!(Sbg::fit(&Survivors::new(vec![10, 5]).unwrap()).is_err());
    }
}
