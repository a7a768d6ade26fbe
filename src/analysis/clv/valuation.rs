//! A whole base of customers valued at once: fit, forecasts of each, totals, and the check against
//! a holdout.
//!
//! **Owns** the order of these steps and that each distinct history is forecast once. **Does not
//! know** any model's formula, files, or how a report looks.

use std::collections::BTreeMap;

use super::data::{DataError, History, Purchases};
use super::fit::{Fit, InvalidParameters, Model};
use super::forecast::{Calibration, Customer, Forecast, ForecastError, Forecaster, Horizon};
use super::gamma_gamma::{GammaGamma, Spending};
use super::purchase_model::PurchaseModel;
use super::time::{Span, TimeUnit};

/// A customer to be valued.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Entry {
    /// Purchases up to the end of observation, and the mean value of those after the first.
    pub customer: Customer,
    /// Purchases in the holdout; zero without one.
    pub holdout_purchases: u32,
}

/// What is wanted beside the fit.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Wanted<'a> {
    /// The unit of time of the histories, if it is known.
    pub unit: Option<TimeUnit>,
    /// Over which to forecast; nothing is without.
    pub horizon: Option<Horizon>,
    /// Length of the holdout, where there is one.
    pub holdout: Option<Span>,
    /// Parameters of the model of buying that are given instead of estimated.
    pub parameters: Option<&'a [f64]>,
    /// Parameters of the model of spending that are given instead of estimated.
    pub spending: Option<&'a [f64]>,
}

/// A customer valued.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Valued {
    /// The probability that they have not left for good.
    pub probability_alive: f64,
    /// Purchases expected within the horizon; none without an end.
    pub expected_purchases: Option<f64>,
    /// Their present value, each worth one unit; none without a discount rate.
    pub discounted_purchases: Option<f64>,
    /// What they are expected to spend within the horizon, at its present value.
    pub value: Option<f64>,
}

/// Everything that a model says about a base of customers.
#[derive(Clone, Debug)]
pub struct Valuation<M> {
    /// The model of buying.
    pub fit: Fit<M>,
    /// The model of spending; None without values to fit it to.
    pub spending: Option<Fit<GammaGamma>>,
    /// Correlation of frequency and value, which the model of spending assumes to be none.
    pub correlation: Option<f64>,
    /// One entry a customer in the order given; empty where the fit is not good.
    pub customers: Vec<Valued>,
    /// Expected purchases of everybody.
    pub purchases: Option<Forecast>,
    /// Purchases after the first that somebody new is expected to make within the horizon.
    pub of_new_customer: Option<f64>,
    /// Expected value of everybody.
    pub value: Option<Forecast>,
    /// The forecast of the holdout beside what happened.
    pub calibration: Option<Calibration>,
    /// Why values are missing though there were amounts.
    pub why_no_value: Option<String>,
}

/// Why there is no valuation.
#[derive(Clone, Debug, PartialEq)]
pub enum ValuationError {
    /// The data cannot be fitted.
    Data(DataError),
    /// The fit cannot be used for what was asked.
    Forecast(ForecastError),
    /// The parameters given are none.
    Parameters(InvalidParameters),
}

impl std::fmt::Display for ValuationError {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            ValuationError::Data(error) => error.fmt(formatter),
            ValuationError::Forecast(error) => error.fmt(formatter),
            ValuationError::Parameters(error) => error.fmt(formatter),
        }
    }
}

impl std::error::Error for ValuationError {}

impl From<DataError> for ValuationError {
    fn from(error: DataError) -> Self {
        ValuationError::Data(error)
    }
}

impl From<InvalidParameters> for ValuationError {
    fn from(error: InvalidParameters) -> Self {
        ValuationError::Parameters(error)
    }
}

impl From<ForecastError> for ValuationError {
    fn from(error: ForecastError) -> Self {
        ValuationError::Forecast(error)
    }
}

/// The statistics that Gamma-Gamma is fitted to: customers with repeat purchases of positive value.
pub fn spending_of(customers: &[Entry]) -> Result<Spending, DataError> {
    let pairs = customers.iter().map(|entry| entry.customer);
    Spending::new(pairs.filter_map(|one| {
        let value = one.mean_value.filter(|value| *value > 0.0)?;
        (one.history.frequency() > 0).then_some((one.history.frequency(), value))
    }))
}

/// The model estimated from the data, or at the parameters given.
///
/// # Errors
/// The data cannot be fitted at all, or the parameters are none.
pub fn fitted<M: Model>(data: &M::Data, given: Option<&[f64]>) -> Result<Fit<M>, ValuationError> {
    Ok(match given {
        Some(parameters) => Fit::given(M::from_parameters(parameters)?, data)?,
        None => M::fit(data)?,
    })
}

/// Fits a model of buying and, where there are values, one of spending, and forecasts with them. A
/// fit that is not good comes back without forecasts; it says itself why.
///
/// # Errors
/// The data cannot be fitted at all, or something over time is wanted and the unit is not known.
pub fn value_base<M: PurchaseModel + Sync>(customers: &[Entry], wanted: &Wanted<'_>) -> Result<Valuation<M>, ValuationError> {
    if wanted.unit.is_none() && (wanted.horizon.is_some() || wanted.holdout.is_some()) {
        return Err(ForecastError::UnknownUnit.into());
    }
    let histories: Vec<History> = customers.iter().map(|entry| entry.customer.history).collect();
    let fit = fitted::<M>(&Purchases::new(wanted.unit, histories.iter().copied()), wanted.parameters)?;
    let data = spending_of(customers)?;
    let mut valuation = Valuation {
        correlation: data.correlation(),
        spending: None,
        customers: Vec::new(),
        purchases: None,
        of_new_customer: None,
        value: None,
        calibration: None,
        why_no_value: None,
        fit,
    };
    if data.customers() > 0 {
        match fitted::<GammaGamma>(&data, wanted.spending) {
            Ok(spending) => valuation.spending = Some(spending),
            Err(ValuationError::Parameters(error)) => return Err(error.into()),
            Err(error) => valuation.why_no_value = Some(error.to_string()),
        }
    }
    if !valuation.fit.is_usable() {
        return Ok(valuation);
    }
    valuation.forecast(customers, &histories, wanted)?;
    Ok(valuation)
}

impl<M: PurchaseModel + Sync> Valuation<M> {
    fn forecast(&mut self, customers: &[Entry], histories: &[History], wanted: &Wanted<'_>) -> Result<(), ForecastError> {
        let forecaster = wanted.unit.map(|_| Forecaster::new(&self.fit)).transpose()?;
        let over = forecaster.as_ref().zip(wanted.horizon);
        let mut known: BTreeMap<_, (f64, Option<f64>, Option<f64>)> = BTreeMap::new();
        for history in histories {
            let key = (history.frequency(), history.recency().to_bits(), history.age().to_bits());
            if known.contains_key(&key) {
                continue;
            }
            let (purchases, discounted) = match &over {
                Some((forecaster, horizon)) => (
                    horizon.span().map(|span| forecaster.purchases(history, span)).transpose()?,
                    Some(forecaster.discounted_purchases(history, horizon)?),
                ),
                None => (None, None),
            };
            known.insert(key, (self.fit.model.probability_alive(history), purchases, discounted));
        }
        let spending = self.spending.as_ref().filter(|fit| fit.is_usable());
        for entry in customers {
            let history = entry.customer.history;
            let key = (history.frequency(), history.recency().to_bits(), history.age().to_bits());
            let Some((probability_alive, expected_purchases, discounted)) = known.get(&key).copied() else { continue };
            let spend = spending.and_then(|fit| fit.model.expected_spend(&entry.customer));
            let value = spend.zip(discounted).map(|(spend, purchases)| spend * purchases);
            let discounted_purchases = discounted.filter(|_| wanted.horizon.is_some_and(|horizon| horizon.is_discounted()));
            self.customers.push(Valued { probability_alive, expected_purchases, discounted_purchases, value });
        }
        if let Some((forecaster, horizon)) = &over {
            if let Some(span) = horizon.span() {
                self.purchases = Some(forecaster.total_purchases(histories, span)?);
                self.of_new_customer = Some(forecaster.purchases_of_new_customer(span)?);
            }
            if let Some(spending) = spending {
                let all: Vec<Customer> = customers.iter().map(|entry| entry.customer).collect();
                match forecaster.total_value(spending, &all, horizon) {
                    Ok(value) => self.value = Some(value),
                    Err(error) => self.why_no_value = Some(error.to_string()),
                }
            }
        }
        if let Some(why) = self.spending.as_ref().and_then(|fit| fit.why_not.clone()) {
            self.why_no_value = Some(why);
        }
        if let (Some(forecaster), Some(span)) = (&forecaster, wanted.holdout) {
            let pairs: Vec<(History, u32)> =
                customers.iter().map(|entry| (entry.customer.history, entry.holdout_purchases)).collect();
            self.calibration = Some(forecaster.calibration(&pairs, span)?);
        }
        Ok(())
    }
}

impl GammaGamma {
    /// The expected value of a purchase of this customer: of everybody's where nothing is known of
    /// theirs.
    pub fn expected_spend(&self, customer: &Customer) -> Option<f64> {
        match customer.mean_value.filter(|value| *value > 0.0) {
            Some(value) => self.conditional_mean_value(customer.history.frequency(), value),
            None => self.mean_value(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::bg_nbd::BgNbd;
    use super::super::random::Random;
    use super::*;

    fn customers() -> Vec<Entry> {
        let mut random = Random::new(11);
        let truth = BgNbd::new(0.6, 6.0, 0.8, 2.5).unwrap();
        let one = |_| {
            let history = random.bg_nbd(&truth.parameters(), 40.0);
            let mean_value = (history.frequency() > 0).then(|| random.gamma_gamma(&[6.0, 4.0, 15.0]).1);
            Entry { customer: Customer { history, mean_value }, holdout_purchases: 1 }
        };
        (0..400).map(one).collect()
    }

    #[test]
    fn totals_are_those_of_the_customers() {
        let customers = customers();
        let horizon = Horizon::new(12, TimeUnit::Month, 0.01).unwrap();
        let wanted = Wanted {
            unit: Some(TimeUnit::Week),
            horizon: Some(horizon),
            holdout: Some(Span::new(4.0, TimeUnit::Week)),
            parameters: None,
            spending: None,
        };
        let valuation = value_base::<BgNbd>(&customers, &wanted).unwrap();
        assert_eq!(valuation.customers.len(), customers.len());
        let sum: f64 = valuation.customers.iter().map(|one| one.value.unwrap()).sum();
        assert!((sum / valuation.value.unwrap().value - 1.0).abs() < 1e-9);
        let sum: f64 = valuation.customers.iter().map(|one| one.expected_purchases.unwrap()).sum();
        assert!((sum / valuation.purchases.unwrap().value - 1.0).abs() < 1e-9);
        assert_eq!(valuation.calibration.unwrap().actual(), 400);
    }

    #[test]
    fn without_a_unit_there_is_a_fit_and_nothing_over_time() {
        let customers = customers();
        let none = Wanted { unit: None, horizon: None, holdout: None, parameters: None, spending: None };
        let valuation = value_base::<BgNbd>(&customers, &none).unwrap();
        assert!(valuation.fit.converged() && valuation.customers.iter().all(|one| one.expected_purchases.is_none()));
        let wanted = Wanted { horizon: Some(Horizon::new(12, TimeUnit::Month, 0.0).unwrap()), ..none };
        let refused = value_base::<BgNbd>(&customers, &wanted).unwrap_err();
        assert_eq!(refused, ValuationError::Forecast(ForecastError::UnknownUnit));
    }
}
