//! BG/NBD: customers buy at a steady rate of their own and may leave after any repeat purchase.
//!
//! Fader, Hardie & Lee (2005), "Counting Your Customers" the Easy Way: An Alternative to the
//! Pareto/NBD Model, Marketing Science 24 (2), 275–284: likelihood (6), expectation (9), conditional
//! expectation (10) and distribution (8). Probability alive: Fader, Hardie & Lee (2008), Computing
//! P(alive) Using the BG/NBD Model; it is one for customers without a repeat purchase, who have
//! not had a chance to leave yet.
//!
//! **Owns** the model's name and parameters; the mathematics is that of the private module `dropout`.

use super::data::{DataError, History, Purchases};
use super::dropout::{Dropout, DropoutLikelihood, FirstChance, starts};
use super::fit::{Fit, FittedData, InvalidParameters, Model, positive};
use super::optimise::maximise_by;
use super::purchase_model::{PurchaseModel, enough_to_fit};

/// BG/NBD with its four parameters.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct BgNbd {
    dropout: Dropout,
}

impl BgNbd {
    /// A model with given parameters: shape `r` and rate `alpha` (in the unit of time) of the
    /// gamma distribution of buying rates, `a` and `b` of the beta distribution of the chance to
    /// leave. Fails unless all are finite and positive.
    pub fn new(r: f64, alpha: f64, a: f64, b: f64) -> Result<Self, InvalidParameters> {
        Self::from_parameters(&[r, alpha, a, b])
    }
}

impl Model for BgNbd {
    const NAME: &'static str = "bg-nbd";
    const PARAMETERS: &'static [&'static str] = &["r", "alpha", "a", "b"];
    type Data = Purchases;

    fn from_parameters(parameters: &[f64]) -> Result<Self, InvalidParameters> {
        let [r, alpha, a, b] = positive::<Self, 4>(parameters)?;
        Ok(BgNbd { dropout: Dropout { first_chance: FirstChance::AfterRepeat, r, alpha, a, b } })
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
        let likelihood = DropoutLikelihood::new(data, FirstChance::AfterRepeat);
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

impl PurchaseModel for BgNbd {
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
