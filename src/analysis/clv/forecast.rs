//! Fitted models turned into purchases and money over a horizon.
//!
//! **Owns** horizons with their unit, discounting, totals with intervals and the comparison of a
//! forecast with a holdout. **Does not know** any model's formula.
//!
//! Two mistakes are made impossible here. A horizon is a number *and* a unit, and a fit whose unit
//! is unknown gives no forecast: twelve months are never twelve weeks, nor days. And a fit that has
//! not converged gives no forecast either.
//!
//! Intervals come from the covariance of the parameters by the delta method. They say how well the
//! expectation is known, not how far a single customer may stray from it.

use std::collections::BTreeMap;
use std::fmt;
use std::thread;

use super::data::History;
use super::fit::{Fit, Interval};
use super::gamma_gamma::GammaGamma;
use super::purchase_model::PurchaseModel;
use super::time::{Span, TimeUnit};

/// How intervals of forecasts come about, in words for a report.
pub const INTERVAL_METHOD: &str = "delta method on the covariance of the parameters";

/// Longest horizon in periods.
const MOST_PERIODS: u32 = 100_000;

/// Classes of the calibration table: this frequency and everything above are one.
const LAST_CLASS: u32 = 7;

/// A number of equal periods to value future purchases over, each period's discounted to its end.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Horizon {
    /// None for a horizon without an end.
    periods: Option<u32>,
    period: TimeUnit,
    rate: f64,
}

impl Horizon {
    /// `periods` periods of one `period`, discounted at `rate` a period: 12 months at 0.01 a month.
    /// Fails without periods, with very many (above 100,000), or with a rate that is negative or not
    /// finite.
    pub fn new(periods: u32, period: TimeUnit, rate: f64) -> Result<Self, ForecastError> {
        if (1..=MOST_PERIODS).contains(&periods) && rate.is_finite() && rate >= 0.0 {
            Ok(Horizon { periods: Some(periods), period, rate })
        } else {
            Err(ForecastError::InvalidHorizon)
        }
    }

    /// All the future, at a rate a `period`, compounded continuously. Fails unless the rate is
    /// positive and finite: without one there is no present value of all the future.
    pub fn endless(period: TimeUnit, rate: f64) -> Result<Self, ForecastError> {
        if rate.is_finite() && rate > 0.0 {
            Ok(Horizon { periods: None, period, rate })
        } else {
            Err(ForecastError::InvalidHorizon)
        }
    }

    /// The whole horizon as a length of time; none without an end.
    pub fn span(&self) -> Option<Span> {
        Some(Span::new(f64::from(self.periods?), self.period))
    }

    /// Whether what comes later counts for less.
    pub fn is_discounted(&self) -> bool {
        self.rate > 0.0
    }
}

/// Why there is no forecast.
#[derive(Clone, Debug, PartialEq)]
pub enum ForecastError {
    /// The fit of this model has not converged, with its reason.
    NotConverged {
        /// The model.
        model: &'static str,
        /// What stands against the fit.
        why_not: String,
    },
    /// The unit of time of the data is unknown, so no horizon can be expressed in it.
    UnknownUnit,
    /// A horizon that is none.
    InvalidHorizon,
    /// The model has no formula for all the future.
    NoEndlessHorizon {
        /// The model.
        model: &'static str,
    },
    /// The expected value is infinite or not a number at these parameters (Gamma-Gamma with q ≤ 1).
    NotFinite,
}

impl fmt::Display for ForecastError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ForecastError::NotConverged { model, why_not } => write!(formatter, "the fit of {model} is not usable: {why_not}"),
            ForecastError::UnknownUnit => {
                formatter.write_str("the unit of time of the data is not known, so a horizon cannot be measured in it")
            }
            ForecastError::InvalidHorizon => {
                formatter.write_str("a horizon needs a positive length and a discount rate of zero or more")
            }
            ForecastError::NoEndlessHorizon { model } => {
                write!(formatter, "{model} has no formula for all the future: give a horizon with an end, or use pareto-nbd")
            }
            ForecastError::NotFinite => formatter.write_str("the expectation is infinite at these parameters"),
        }
    }
}

impl std::error::Error for ForecastError {}

/// A forecast with its interval.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Forecast {
    /// The expectation.
    pub value: f64,
    /// Its standard error by [`INTERVAL_METHOD`]; none where parameters were given, not estimated.
    pub standard_error: Option<f64>,
}

impl Forecast {
    /// An interval with this coverage (0.95), symmetric on the scale of the logarithm. None for an
    /// expectation of zero.
    pub fn interval(&self, coverage: f64) -> Option<Interval> {
        Interval::of_positive(self.value, self.standard_error?, coverage)
    }
}

/// A customer to be valued.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Customer {
    /// Their purchases.
    pub history: History,
    /// Mean value of the repeat purchases. None without any, or if it is not positive: then the
    /// mean over all customers is expected of them.
    pub mean_value: Option<f64>,
}

/// A converged fit of repeat buying whose unit of time is known.
#[derive(Clone, Copy, Debug)]
pub struct Forecaster<'a, M> {
    fit: &'a Fit<M>,
    unit: TimeUnit,
}

impl<'a, M: PurchaseModel + Sync> Forecaster<'a, M> {
    /// Fails if the fit has not converged or does not know its unit of time.
    pub fn new(fit: &'a Fit<M>) -> Result<Self, ForecastError> {
        usable(fit)?;
        Ok(Forecaster { fit, unit: fit.unit.ok_or(ForecastError::UnknownUnit)? })
    }

    /// Purchases that a customer with this history is expected to make within `span` after the end
    /// of observation.
    pub fn purchases(&self, history: &History, span: Span) -> Result<f64, ForecastError> {
        let time = self.time(span)?;
        finite(self.fit.model.conditional_expected_purchases(history, time))
    }

    /// Purchases after the first that a new customer is expected to make within `span`.
    pub fn purchases_of_new_customer(&self, span: Span) -> Result<f64, ForecastError> {
        let time = self.time(span)?;
        finite(self.fit.model.expected_purchases(time))
    }

    /// The sum of [`Forecaster::purchases`] over customers, with its standard error.
    pub fn total_purchases(&self, histories: &[History], span: Span) -> Result<Forecast, ForecastError> {
        let time = self.time(span)?;
        let weighted = grouped(histories.iter().map(|history| (*history, 1.0)));
        let total = |model: &M| sum(&weighted, |(history, weight)| weight * model.conditional_expected_purchases(history, time));
        self.with_error(total)
    }

    /// Purchases within a horizon, each worth one unit, at their present value.
    pub fn discounted_purchases(&self, history: &History, horizon: &Horizon) -> Result<f64, ForecastError> {
        self.can_reach(history, horizon)?;
        finite(discounted(&self.fit.model, self.unit, history, horizon))
    }

    /// Fails for a horizon without an end where the model has no formula for it.
    fn can_reach(&self, history: &History, horizon: &Horizon) -> Result<(), ForecastError> {
        let endless = horizon.periods.is_none();
        if endless && self.fit.model.discounted_residual_purchases(history, horizon.rate).is_none() {
            return Err(ForecastError::NoEndlessHorizon { model: M::NAME });
        }
        Ok(())
    }

    /// What a customer is expected to spend within a horizon, at its present value.
    pub fn value(&self, spending: &Fit<GammaGamma>, customer: &Customer, horizon: &Horizon) -> Result<f64, ForecastError> {
        usable(spending)?;
        let spend = spend(&spending.model, customer).ok_or(ForecastError::NotFinite)?;
        Ok(spend * self.discounted_purchases(&customer.history, horizon)?)
    }

    /// The same with a standard error, which counts both fits; they are independent estimates.
    pub fn value_with_error(
        &self,
        spending: &Fit<GammaGamma>,
        customer: &Customer,
        horizon: &Horizon,
    ) -> Result<Forecast, ForecastError> {
        self.total_value(spending, std::slice::from_ref(customer), horizon)
    }

    /// The sum of [`Forecaster::value`] over customers, with its standard error.
    pub fn total_value(
        &self,
        spending: &Fit<GammaGamma>,
        customers: &[Customer],
        horizon: &Horizon,
    ) -> Result<Forecast, ForecastError> {
        usable(spending)?;
        let spends: Option<Vec<f64>> = customers.iter().map(|customer| spend(&spending.model, customer)).collect();
        let spends = spends.ok_or(ForecastError::NotFinite)?;
        let weighted = grouped(customers.iter().map(|customer| customer.history).zip(spends));
        let by_purchases =
            self.with_error(|model| sum(&weighted, |(history, spend)| spend * discounted(model, self.unit, history, horizon)))?;
        // The purchases of each distinct history once more, now to move the spending model.
        let purchases: BTreeMap<_, f64> = weighted
            .iter()
            .map(|(history, _)| (key(history), discounted(&self.fit.model, self.unit, history, horizon)))
            .collect();
        let by_spending = spending.standard_error_of(|model| {
            customers.iter().try_fold(0.0, |total, customer| {
                let purchases = purchases.get(&key(&customer.history)).copied().unwrap_or(f64::NAN);
                Some(total + spend(model, customer)? * purchases)
            })
        });
        if by_spending.is_none() && !spending.given {
            return Err(ForecastError::NotFinite);
        }
        // Parameters that were given are not uncertain: with one fit given, the error is the other's.
        let standard_error = match (by_purchases.standard_error, by_spending) {
            (Some(one), Some(other)) => Some(one.hypot(other)),
            (one, other) => one.or(other),
        };
        Ok(Forecast { value: by_purchases.value, standard_error })
    }

    /// Compares the purchases of a holdout of length `span` right after the end of observation with
    /// what was expected, by frequency before it. Each customer comes with the purchases made.
    pub fn calibration(&self, customers: &[(History, u32)], span: Span) -> Result<Calibration, ForecastError> {
        let time = self.time(span)?;
        let mut classes: Vec<CalibrationClass> =
            (0..=LAST_CLASS).map(|frequency| CalibrationClass { frequency, customers: 0, actual: 0, expected: 0.0 }).collect();
        let mut counted: BTreeMap<_, (History, u64, u64)> = BTreeMap::new();
        for (history, actual) in customers {
            let entry = counted.entry(key(history)).or_insert((*history, 0, 0));
            entry.1 += 1;
            entry.2 += u64::from(*actual);
        }
        for (history, count, actual) in counted.into_values() {
            let class = history.frequency().min(LAST_CLASS);
            let expected = finite(self.fit.model.conditional_expected_purchases(&history, time))?;
            if let Some(class) = classes.iter_mut().find(|entry| entry.frequency == class) {
                class.customers += count;
                class.actual += actual;
                class.expected += count as f64 * expected;
            }
        }
        Ok(Calibration { classes })
    }

    fn time(&self, span: Span) -> Result<f64, ForecastError> {
        let time = span.in_units_of(self.unit);
        if time.is_finite() && time >= 0.0 { Ok(time) } else { Err(ForecastError::InvalidHorizon) }
    }

    fn with_error(&self, quantity: impl Fn(&M) -> f64) -> Result<Forecast, ForecastError> {
        let value = finite(quantity(&self.fit.model))?;
        let standard_error = self.fit.standard_error_of(|model| Some(quantity(model)).filter(|value| value.is_finite()));
        if standard_error.is_none() && !self.fit.given {
            return Err(ForecastError::NotFinite);
        }
        Ok(Forecast { value, standard_error })
    }
}

/// Customers with the same frequency before the holdout.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CalibrationClass {
    /// Their frequency; the last class holds all higher ones too ([`Calibration::is_open`]).
    pub frequency: u32,
    /// How many they are.
    pub customers: u64,
    /// Purchases that they made in the holdout.
    pub actual: u64,
    /// Purchases that were expected of them.
    pub expected: f64,
}

/// A forecast beside what happened.
#[derive(Clone, Debug, PartialEq)]
pub struct Calibration {
    /// By frequency: 0, 1, … and a last class that is open above.
    pub classes: Vec<CalibrationClass>,
}

impl Calibration {
    /// Whether the class of this frequency holds all higher ones too.
    pub fn is_open(class: &CalibrationClass) -> bool {
        class.frequency >= LAST_CLASS
    }

    /// Purchases that were made by everybody.
    pub fn actual(&self) -> u64 {
        self.classes.iter().map(|class| class.actual).sum()
    }

    /// Purchases that were expected of everybody.
    pub fn expected(&self) -> f64 {
        self.classes.iter().map(|class| class.expected).sum()
    }
}

fn usable<M: super::fit::Model>(fit: &Fit<M>) -> Result<(), ForecastError> {
    match &fit.why_not {
        None => Ok(()),
        Some(why_not) => Err(ForecastError::NotConverged { model: M::NAME, why_not: why_not.clone() }),
    }
}

fn finite(value: f64) -> Result<f64, ForecastError> {
    if value.is_finite() { Ok(value) } else { Err(ForecastError::NotFinite) }
}

/// Σ (E[Y(i)] − E[Y(i−1)])/(1 + d)^i over the periods of a horizon; without an end, the model's own
/// formula at the rate that grows to d over a period.
fn discounted<M: PurchaseModel>(model: &M, unit: TimeUnit, history: &History, horizon: &Horizon) -> f64 {
    let period = horizon.period.in_units_of(unit);
    let Some(periods) = horizon.periods else {
        return model.discounted_residual_purchases(history, horizon.rate.ln_1p() / period).unwrap_or(f64::NAN);
    };
    let (mut before, mut discount, mut total) = (0.0, 1.0, 0.0);
    for index in 1..=periods {
        let until = model.conditional_expected_purchases(history, f64::from(index) * period);
        discount /= 1.0 + horizon.rate;
        total += discount * (until - before);
        before = until;
    }
    total
}

/// The expected value of a purchase of this customer.
fn spend(model: &GammaGamma, customer: &Customer) -> Option<f64> {
    match customer.mean_value.filter(|value| *value > 0.0) {
        Some(value) => model.conditional_mean_value(customer.history.frequency(), value),
        None => model.mean_value(),
    }
}

fn key(history: &History) -> (u32, u64, u64) {
    (history.frequency(), history.recency().to_bits(), history.age().to_bits())
}

/// Distinct histories with the sum of their weights, so that each is forecast once.
fn grouped(weighted: impl Iterator<Item = (History, f64)>) -> Vec<(History, f64)> {
    let mut groups: BTreeMap<_, (History, f64)> = BTreeMap::new();
    for (history, weight) in weighted {
        groups.entry(key(&history)).or_insert((history, 0.0)).1 += weight;
    }
    groups.into_values().collect()
}

/// The sum of a function over rows, by two threads where that pays. Halves are added in order, so
/// the sum does not depend on the machine.
fn sum<T: Sync>(rows: &[T], function: impl Fn(&T) -> f64 + Sync) -> f64 {
    const WORTH_A_THREAD: usize = 256;
    let add = |part: &[T]| part.iter().map(&function).sum::<f64>();
    let (first, second) = rows.split_at(rows.len() / 2);
    if rows.len() < WORTH_A_THREAD {
        return add(first) + add(second);
    }
    thread::scope(|scope| {
        let other = scope.spawn(|| add(second));
        let first = add(first);
        // A panic over there would be one here as well: nothing in the functions panics.
        first + other.join().unwrap_or(f64::NAN)
    })
}

#[cfg(test)]
mod tests {
    use super::super::bg_nbd::BgNbd;
    use super::super::data::Purchases;
    use super::super::fit::Model;
    use super::super::gamma_gamma::Spending;
    use super::super::random::Random;
    use super::*;

    fn simulated(unit: Option<TimeUnit>, factor: f64) -> (Vec<History>, Purchases) {
        let mut random = Random::new(7);
        let truth = BgNbd::new(0.6, 6.0, 0.8, 2.5).unwrap();
        let histories: Vec<History> =
            (0..600).map(|_| random.bg_nbd(&truth.parameters(), 40.0).rescaled(factor).unwrap()).collect();
        (histories.clone(), Purchases::new(unit, histories))
    }

    fn spending() -> Fit<GammaGamma> {
        let mut random = Random::new(9);
        let customers: Vec<(u32, f64)> = (0..400).map(|_| random.gamma_gamma(&[6.0, 4.0, 15.0])).collect();
        GammaGamma::fit(&Spending::new(customers).unwrap()).unwrap()
    }

    #[test]
    fn a_change_of_unit_changes_no_forecast() {
        let (weekly, data) = simulated(Some(TimeUnit::Week), 1.0);
        let by_week = BgNbd::fit(&data).unwrap();
        let (daily, data) = simulated(Some(TimeUnit::Day), 7.0);
        let by_day = BgNbd::fit(&data).unwrap();
        assert!((by_day.parameters[1].value / by_week.parameters[1].value / 7.0 - 1.0).abs() < 1e-6);
        let horizon = Horizon::new(12, TimeUnit::Month, 0.01).unwrap();
        let spending = spending();
        let total = |fit: &Fit<BgNbd>, histories: &[History]| {
            let customers: Vec<Customer> =
                histories.iter().map(|history| Customer { history: *history, mean_value: None }).collect();
            Forecaster::new(fit).unwrap().total_value(&spending, &customers, &horizon).unwrap()
        };
        let (week, day) = (total(&by_week, &weekly), total(&by_day, &daily));
        assert!((week.value / day.value - 1.0).abs() < 1e-6, "{week:?} {day:?}");
        assert!((week.standard_error.unwrap() / day.standard_error.unwrap() - 1.0).abs() < 1e-4, "{week:?} {day:?}");
    }

    #[test]
    fn without_a_unit_there_is_no_forecast() {
        let (_, data) = simulated(None, 1.0);
        let fit = BgNbd::fit(&data).unwrap();
        assert!(fit.converged());
        assert_eq!(Forecaster::new(&fit).unwrap_err(), ForecastError::UnknownUnit);
    }

    #[test]
    fn a_fit_that_has_not_converged_gives_no_forecast() {
        let (_, data) = simulated(Some(TimeUnit::Week), 1.0);
        let mut fit = BgNbd::fit(&data).unwrap();
        fit.why_not = Some("for this test".to_owned());
        assert!(matches!(Forecaster::new(&fit), Err(ForecastError::NotConverged { model: "bg-nbd", .. })));
        assert_eq!(fit.standard_error_of(|_| Some(1.0)), None);
    }

    #[test]
    fn totals_are_sums_and_single_values_have_wider_intervals() {
        let (histories, data) = simulated(Some(TimeUnit::Week), 1.0);
        let fit = BgNbd::fit(&data).unwrap();
        let forecaster = Forecaster::new(&fit).unwrap();
        let span = Span::new(39.0, TimeUnit::Week);
        let total = forecaster.total_purchases(&histories, span).unwrap();
        let sum: f64 = histories.iter().map(|history| forecaster.purchases(history, span).unwrap()).sum();
        assert!((total.value / sum - 1.0).abs() < 1e-12);
        let interval = total.interval(0.95).unwrap();
        assert!(interval.contains(total.value) && !interval.contains(0.5 * total.value));

        let horizon = Horizon::new(12, TimeUnit::Month, 0.0).unwrap();
        let spending = spending();
        let customer = Customer { history: histories[0], mean_value: None };
        let one = forecaster.value_with_error(&spending, &customer, &horizon).unwrap();
        let plain = forecaster.value(&spending, &customer, &horizon).unwrap();
        assert!((one.value / plain - 1.0).abs() < 1e-12);
        // Undiscounted, the purchases are those of the whole span.
        let purchases = forecaster.purchases(&histories[0], horizon.span().unwrap()).unwrap();
        assert!((plain / purchases / spending.model.mean_value().unwrap() - 1.0).abs() < 1e-12);
    }

    #[test]
    fn the_calibration_table_counts_everybody_once() {
        let (histories, data) = simulated(Some(TimeUnit::Week), 1.0);
        let fit = BgNbd::fit(&data).unwrap();
        let forecaster = Forecaster::new(&fit).unwrap();
        let span = Span::new(4.0, TimeUnit::Week);
        let customers: Vec<(History, u32)> = histories.iter().map(|history| (*history, history.frequency() % 3)).collect();
        let table = forecaster.calibration(&customers, span).unwrap();
        assert_eq!(table.classes.iter().map(|class| class.customers).sum::<u64>(), 600);
        assert_eq!(table.actual(), customers.iter().map(|(_, actual)| u64::from(*actual)).sum::<u64>());
        let total = forecaster.total_purchases(&histories, span).unwrap();
        assert!((table.expected() / total.value - 1.0).abs() < 1e-12);
        assert!(table.classes.last().is_some_and(Calibration::is_open));
    }

    #[test]
    fn horizons_that_are_none_are_refused() {
        assert!(Horizon::new(0, TimeUnit::Month, 0.01).is_err());
        assert!(Horizon::new(12, TimeUnit::Month, -0.01).is_err());
        assert!(Horizon::new(12, TimeUnit::Month, f64::NAN).is_err());
    }
}
