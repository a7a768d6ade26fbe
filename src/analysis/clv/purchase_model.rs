//! What the models of repeat buying without a contract can tell about a customer.
//!
//! **Owns** the trait and the check that a table of histories can be fitted at all. **Does not
//! know** money or units: times are in the unit of the data that the model was fitted to. Code
//! that starts from a horizon with a unit belongs in [`super::forecast`].

use super::data::{DataError, History, Purchases};
use super::fit::Model;

/// A model of repeat buying without a contract. A time that is negative or not a number gives NaN.
pub trait PurchaseModel: Model<Data = Purchases> {
    /// E\[X(t)\]: purchases after the first that somebody makes within `time` of becoming a customer.
    fn expected_purchases(&self, time: f64) -> f64;

    /// E\[Y(t) | x, `t_x`, T\]: purchases in the `time` after the end of observation.
    fn conditional_expected_purchases(&self, history: &History, time: f64) -> f64;

    /// The probability that the customer has not left for good by the end of observation.
    fn probability_alive(&self, history: &History) -> f64;

    /// The present value, without an end, of one unit at each future purchase; `rate` is the
    /// continuous discount rate in one unit of time. None where the model has no such formula.
    fn discounted_residual_purchases(&self, history: &History, rate: f64) -> Option<f64> {
        let _ = (history, rate);
        None
    }

    /// P(X(t) = `count`): the distribution of purchases after the first within `time`.
    fn probability_of_count(&self, count: u32, time: f64) -> f64;
}

/// Refuses tables without customers, without time or without a single repeat purchase.
pub(super) fn enough_to_fit(data: &Purchases) -> Result<(), DataError> {
    if data.customers() == 0 {
        return Err(DataError::TooLittle("there are no customers"));
    }
    if data.mean_age() <= 0.0 {
        return Err(DataError::TooLittle("every customer was observed for no time at all"));
    }
    if data.mean_frequency() <= 0.0 {
        return Err(DataError::TooLittle("no customer bought again, so no rate of buying can be estimated"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::bg_nbd::BgNbd;
    use super::super::mbg_nbd::MbgNbd;
    use super::super::pareto_nbd::ParetoNbd;
    use super::super::random::Random;
    use super::*;

    /// Whatever the data, a fit is an error, is said not to have converged, or holds finite numbers
    /// with standard errors and gives finite forecasts.
    fn assert_sound<M: PurchaseModel>(data: &Purchases) {
        let Ok(fit) = M::fit(data) else { return };
        if !fit.converged() {
            assert!(fit.why_not.is_some_and(|reason| !reason.is_empty()));
            return;
        }
        assert!(fit.log_likelihood.is_finite() && fit.gradient_norm.is_finite());
        for parameter in &fit.parameters {
            assert!(parameter.value > 0.0 && parameter.value.is_finite());
            assert!(parameter.standard_error.is_some_and(|error| error.is_finite() && error > 0.0));
        }
        for group in data.groups() {
            let alive = fit.model.probability_alive(&group.history);
            assert!((0.0..=1.0).contains(&alive), "{alive}");
            let expected = fit.model.conditional_expected_purchases(&group.history, group.history.age());
            assert!(expected >= 0.0 && expected.is_finite(), "{expected}");
        }
    }

    fn assert_all_sound(data: &Purchases) {
        assert_sound::<BgNbd>(data);
        assert_sound::<MbgNbd>(data);
        assert_sound::<ParetoNbd>(data);
    }

    #[test]
    fn odd_tables_never_panic_and_are_never_called_good_without_reason() {
        let mut random = Random::new(1);
        for round in 0..40_u32 {
            let scale = 10_f64.powf(24.0 * random.uniform() - 12.0);
            let mut histories = Vec::new();
            for index in 0..=round % 8 {
                let frequency = if random.uniform() < 0.4 { 0 } else { 1 + index * 37 };
                let age = scale * random.uniform();
                let recency = if frequency == 0 { 0.0 } else { age * random.uniform() };
                histories.push(History::new(frequency, recency, age).unwrap());
            }
            assert_all_sound(&Purchases::new(None, histories));
        }
    }

    #[test]
    fn customers_without_any_difference_do_not_give_a_distribution() {
        // Everybody bought five times, evenly: neither rates nor dropout vary.
        let same = History::new(5, 9.0, 10.0).unwrap();
        let data = Purchases::new(None, vec![same; 500]);
        assert!(!BgNbd::fit(&data).unwrap().converged());
        assert!(!MbgNbd::fit(&data).unwrap().converged());
        assert!(!ParetoNbd::fit(&data).unwrap().converged());
    }

    #[test]
    fn extreme_histories_never_panic() {
        let extremes = [(u32::MAX, f64::MIN_POSITIVE, f64::MAX), (1, f64::MAX, f64::MAX), (0, 0.0, 0.0), (3, 1e-300, 1e-300)];
        assert_all_sound(&Purchases::new(
            None,
            extremes.map(|(frequency, recency, age)| History::new(frequency, recency, age).unwrap()),
        ));
    }

    #[test]
    fn tables_that_hold_nothing_to_estimate_are_refused() {
        let once = History::new(0, 0.0, 10.0).unwrap();
        assert!(matches!(BgNbd::fit(&Purchases::new(None, [])), Err(DataError::TooLittle(_))));
        assert!(matches!(BgNbd::fit(&Purchases::new(None, [once])), Err(DataError::TooLittle(_))));
        let now = History::new(0, 0.0, 0.0).unwrap();
        assert!(matches!(BgNbd::fit(&Purchases::new(None, [now])), Err(DataError::TooLittle(_))));
    }
}
