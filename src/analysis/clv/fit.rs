//! What estimating a model gives, the same for every model.
//!
//! **Owns** the trait that models implement, the report of a fit and its intervals. **Does not
//! know** how any likelihood looks, or how a report is printed.

use std::fmt;

use super::data::DataError;
use super::optimise::{Maximum, Obstacle};
use super::special::normal_quantile;
use super::time::TimeUnit;

/// A probability model of customers whose parameters are all positive.
pub trait Model: Sized {
    /// The name users and JSON know it by.
    const NAME: &'static str;
    /// The names of its parameters, in the order of [`Model::parameters`].
    const PARAMETERS: &'static [&'static str];
    /// The sufficient statistics it is fitted to.
    type Data;

    /// A model with these parameters, in the order of [`Model::PARAMETERS`]. Fails unless there are
    /// as many, all finite and positive.
    fn from_parameters(parameters: &[f64]) -> Result<Self, InvalidParameters>;

    /// The parameters, in the order of [`Model::PARAMETERS`].
    fn parameters(&self) -> Vec<f64>;

    /// The log-likelihood of the data at these parameters, without constants that depend on the
    /// data alone only where the paper that defines the model leaves them out.
    fn log_likelihood(&self, data: &Self::Data) -> f64;

    /// Maximum likelihood. An error says that the data cannot be fitted at all; a [`Fit`] says
    /// itself whether it may be used ([`Fit::is_usable`]).
    fn fit(data: &Self::Data) -> Result<Fit<Self>, DataError>;

    /// What a report of a fit says of the data.
    fn describe(data: &Self::Data) -> FittedData;
}

/// Parameters that no model has.
#[derive(Clone, Debug, PartialEq)]
pub struct InvalidParameters {
    /// The model.
    pub model: &'static str,
    /// What was given.
    pub given: Vec<f64>,
}

impl fmt::Display for InvalidParameters {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} has no parameters {:?}: they must be finite and positive", self.model, self.given)
    }
}

impl std::error::Error for InvalidParameters {}

/// An estimated parameter.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Parameter {
    /// Its name.
    pub name: &'static str,
    /// The estimate.
    pub value: f64,
    /// Its standard error from the observed information; None where that does not exist.
    pub standard_error: Option<f64>,
}

impl Parameter {
    /// An interval with this coverage (0.95), symmetric on the scale of the logarithm, where the
    /// estimate of a positive parameter is closer to normal. None without a standard error.
    pub fn interval(&self, coverage: f64) -> Option<Interval> {
        Interval::of_positive(self.value, self.standard_error?, coverage)
    }
}

/// A confidence interval.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Interval {
    /// Lower end.
    pub low: f64,
    /// Upper end.
    pub high: f64,
}

impl Interval {
    /// value · exp(± z · se / value). None unless the result is finite.
    pub fn of_positive(value: f64, standard_error: f64, coverage: f64) -> Option<Interval> {
        let factor = (normal_quantile(0.5 + 0.5 * coverage) * standard_error / value).exp();
        let interval = Interval { low: value / factor, high: value * factor };
        (interval.low.is_finite() && interval.high.is_finite()).then_some(interval)
    }

    /// Whether a value lies inside.
    pub fn contains(&self, value: f64) -> bool {
        self.low <= value && value <= self.high
    }
}

/// A model estimated by maximum likelihood, with what is needed to judge the estimate; or one whose
/// parameters were given, with its likelihood.
#[derive(Clone, Debug)]
pub struct Fit<M> {
    /// The model at the estimate.
    pub model: M,
    /// The parameters with their standard errors.
    pub parameters: Vec<Parameter>,
    /// Covariance of the parameters: the inverse of the observed information. None where the
    /// log-likelihood is not concave, so never for a converged fit.
    pub covariance: Option<Vec<Vec<f64>>>,
    /// The log-likelihood at the estimate.
    pub log_likelihood: f64,
    /// Largest absolute component of the gradient of the log-likelihood by the logarithms of the
    /// parameters: what the log-likelihood would gain, to first order, if a parameter grew by e.
    pub gradient_norm: f64,
    /// Newton steps.
    pub iterations: u32,
    /// Customers in the data.
    pub customers: u64,
    /// Distinct rows of sufficient statistics.
    pub distinct_rows: usize,
    /// The unit of time of the data, so of parameters that are times; None if unknown or timeless.
    pub unit: Option<TimeUnit>,
    /// Why the estimate may not be used. None if it may.
    pub why_not: Option<String>,
    /// Whether the parameters were given and not estimated: then they have no standard errors.
    pub given: bool,
}

/// What a fit says about its data, besides the maximum.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FittedData {
    /// Customers in the data.
    pub customers: u64,
    /// Distinct rows of sufficient statistics.
    pub distinct_rows: usize,
    /// The unit of time of the data; None if unknown or timeless.
    pub unit: Option<TimeUnit>,
}

impl<M: Model> Fit<M> {
    /// A model whose parameters were given, at these data. Nothing is estimated, so any data will do
    /// at which the likelihood is finite. The gradient is by central differences.
    pub fn given(model: M, data: &M::Data) -> Result<Self, DataError> {
        let FittedData { customers, distinct_rows, unit } = M::describe(data);
        let values = model.parameters();
        let log_likelihood = model.log_likelihood(data);
        let gradient_norm = gradient_norm::<M>(&values, data);
        if !log_likelihood.is_finite() || !gradient_norm.is_finite() {
            return Err(DataError::TooLittle("the likelihood of these data is not finite at the given parameters"));
        }
        let parameter = |(name, value): (&&'static str, f64)| Parameter { name, value, standard_error: None };
        Ok(Fit {
            parameters: M::PARAMETERS.iter().zip(values).map(parameter).collect(),
            model,
            covariance: None,
            log_likelihood,
            gradient_norm,
            iterations: 0,
            customers,
            distinct_rows,
            unit,
            why_not: None,
            given: true,
        })
    }

    /// Whether the estimate is a maximum by every test of [`super::optimise`].
    pub fn converged(&self) -> bool {
        !self.given && self.why_not.is_none()
    }

    /// Whether anything may be forecast with it: it has converged, or its parameters were given.
    pub fn is_usable(&self) -> bool {
        self.why_not.is_none()
    }

    /// A parameter by its name.
    pub fn parameter(&self, name: &str) -> Option<&Parameter> {
        self.parameters.iter().find(|parameter| parameter.name == name)
    }

    /// The report of a search. Fails if the search did not find even one finite likelihood.
    pub(super) fn of<const N: usize>(maximum: &Maximum<N>, data: FittedData) -> Result<Self, DataError> {
        let model = M::from_parameters(&maximum.parameters)
            .map_err(|_| DataError::TooLittle("the likelihood of these data is not finite at any start"))?;
        let parameters = M::PARAMETERS.iter().zip(maximum.parameters).enumerate().map(|(index, (name, value))| {
            let variance = maximum.covariance.map(|covariance| covariance[index][index]);
            Parameter { name, value, standard_error: variance.map(f64::sqrt) }
        });
        Ok(Fit {
            model,
            parameters: parameters.collect(),
            covariance: maximum.covariance.map(|rows| rows.iter().map(|row| row.to_vec()).collect()),
            log_likelihood: maximum.value,
            gradient_norm: maximum.gradient_norm,
            iterations: maximum.iterations,
            customers: data.customers,
            distinct_rows: data.distinct_rows,
            unit: data.unit,
            why_not: maximum.why_not.map(|obstacle| explanation::<M>(obstacle, maximum.gradient_norm)),
            given: false,
        })
    }

    /// The standard error of a quantity that is computed from the parameters, by the delta method:
    /// its gradient, by central differences in the logarithms of the parameters, with their
    /// covariance. It counts the uncertainty of the estimate only, not that of what customers do.
    ///
    /// None if the fit has not converged or the quantity is not finite nearby.
    pub fn standard_error_of(&self, quantity: impl Fn(&M) -> Option<f64>) -> Option<f64> {
        /// Relative step: the error of a central difference is of the order of its square.
        const STEP: f64 = 1e-4;
        let covariance = self.covariance.as_ref().filter(|_| self.converged())?;
        let at: Vec<f64> = self.parameters.iter().map(|parameter| parameter.value).collect();
        let moved = |index: usize, factor: f64| {
            let mut parameters = at.clone();
            parameters[index] *= factor;
            quantity(&M::from_parameters(&parameters).ok()?)
        };
        let mut gradient = Vec::with_capacity(at.len());
        for (index, value) in at.iter().enumerate() {
            let slope = (moved(index, STEP.exp())? - moved(index, (-STEP).exp())?) / (2.0 * STEP);
            gradient.push(slope / value);
        }
        let variance: f64 = covariance
            .iter()
            .zip(&gradient)
            .map(|(row, slope)| slope * row.iter().zip(&gradient).map(|(entry, other)| entry * other).sum::<f64>())
            .sum();
        variance.is_finite().then(|| variance.max(0.0).sqrt())
    }
}

/// Largest absolute slope of the log-likelihood by the logarithm of a parameter. NaN where it is not
/// finite nearby.
fn gradient_norm<M: Model>(at: &[f64], data: &M::Data) -> f64 {
    /// Relative step: the error of a central difference is of the order of its square.
    const STEP: f64 = 1e-5;
    let moved = |index: usize, factor: f64| {
        let mut parameters = at.to_vec();
        parameters[index] *= factor;
        M::from_parameters(&parameters).map_or(f64::NAN, |model| model.log_likelihood(data))
    };
    let slope = |index: usize| (moved(index, STEP.exp()) - moved(index, (-STEP).exp())) / (2.0 * STEP);
    let slopes: Vec<f64> = (0..at.len()).map(slope).collect();
    if slopes.iter().all(|slope| slope.is_finite()) {
        slopes.iter().fold(0.0, |largest, slope| largest.max(slope.abs()))
    } else {
        f64::NAN
    }
}

/// `N` finite positive parameters, or the error that names the model.
pub(super) fn positive<M: Model, const N: usize>(parameters: &[f64]) -> Result<[f64; N], InvalidParameters> {
    <[f64; N]>::try_from(parameters)
        .ok()
        .filter(|all| all.iter().all(|value| value.is_finite() && *value > 0.0))
        .ok_or_else(|| InvalidParameters { model: M::NAME, given: parameters.to_vec() })
}

fn explanation<M: Model>(obstacle: Obstacle, gradient_norm: f64) -> String {
    match obstacle {
        Obstacle::NotFinite => "the likelihood is not finite".to_owned(),
        Obstacle::AtTheEdge(index) => format!(
            "{} ran to the edge of its range: these data do not identify it, or the model does not fit them",
            M::PARAMETERS.get(index).copied().unwrap_or("a parameter")
        ),
        Obstacle::NotIdentified => {
            "the likelihood is flat or bends upwards in some direction: these data do not tell the parameters apart".to_owned()
        }
        Obstacle::Stalled => {
            format!("no better point was found although the gradient is {gradient_norm:.3e}, not near zero")
        }
        Obstacle::OutOfIterations => format!("too many iterations; the gradient is still {gradient_norm:.3e}"),
    }
}
