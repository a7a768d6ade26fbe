//! MBG/NBD: like BG/NBD, but a customer may also leave right after the first purchase.
//!
//! Batislam, Denizel & Filiztekin (2007), Empirical validation and comparison of models for
//! customer base analysis, International Journal of Research in Marketing 24 (3), 201–209; the same
//! model is the CBG/NBD of Hoppe & Wagner (2007), Marketing ZFP 3, 75–90.
//!
//! **Owns** the model's name and parameters; the mathematics is that of the private module `dropout`.

use super::data::{DataError, History, Purchases};
use super::dropout::{Dropout, DropoutLikelihood, FirstChance, starts};
use super::fit::{Fit, FittedData, InvalidParameters, Model, positive};
use super::optimise::maximise_by;
use super::purchase_model::{PurchaseModel, enough_to_fit};

/// MBG/NBD with its four parameters.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct MbgNbd {
    dropout: Dropout,
}

impl MbgNbd {
    /// A model with given parameters: shape `r` and rate `alpha` (in the unit of time) of the
    /// gamma distribution of buying rates, `a` and `b` of the beta distribution of the chance to
    /// leave. Fails unless all are finite and positive.
    pub fn new(r: f64, alpha: f64, a: f64, b: f64) -> Result<Self, InvalidParameters> {
        Self::from_parameters(&[r, alpha, a, b])
    }
}

impl Model for MbgNbd {
    const NAME: &'static str = "mbg-nbd";
    const PARAMETERS: &'static [&'static str] = &["r", "alpha", "a", "b"];
    type Data = Purchases;

    fn from_parameters(parameters: &[f64]) -> Result<Self, InvalidParameters> {
        let [r, alpha, a, b] = positive::<Self, 4>(parameters)?;
        Ok(MbgNbd { dropout: Dropout { first_chance: FirstChance::AtOnce, r, alpha, a, b } })
    }

    fn parameters(&self) -> Vec<f64> {
        let Dropout { r, alpha, a, b, .. } = self.dropout;
        vec![r, alpha, a, b]
    }

    fn log_likelihood(&self, data: &Purchases) -> f64 {
        let Dropout { first_chance, r, alpha, a, b } = self.dropout;
        DropoutLikelihood::new(data, first_chance).value(&[r, alpha, a, b])
    }

    fn fit(data: &Purchases) -> Result<Fit<Self>, DataError> {
        enough_to_fit(data)?;
        let likelihood = DropoutLikelihood::new(data, FirstChance::AtOnce);
        let centre = [1.0, data.mean_age(), 1.0, 1.0];
        let maximum = maximise_by(
            &starts(data),
            &centre,
            |parameters| likelihood.value(parameters),
            |parameters| likelihood.evaluate(parameters),
        );
        Fit::of(&maximum, Self::describe(data))
    }

    fn describe(data: &Purchases) -> FittedData {
        FittedData { customers: data.customers(), distinct_rows: data.groups().len(), unit: data.unit() }
    }
}

impl PurchaseModel for MbgNbd {
    fn expected_purchases(&self, time: f64) -> f64 {
        self.dropout.expected_purchases(time)
    }

    fn conditional_expected_purchases(&self, history: &History, time: f64) -> f64 {
        self.dropout.conditional_expected_purchases(history, time)
    }

    fn probability_alive(&self, history: &History) -> f64 {
        self.dropout.probability_alive(history)
    }

    fn probability_of_count(&self, count: u32, time: f64) -> f64 {
        self.dropout.probability_of_count(count, time)
    }
}
