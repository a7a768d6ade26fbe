//! The statistics that purchase histories are reduced to before a model is fitted.
//!
//! **Owns** the validated history of one customer and the table of distinct histories with the
//! number of customers of each. **Does not know** files, dates or money.

use std::fmt;

use super::time::TimeUnit;

/// What a customer of a non-contractual business has done, as three sufficient statistics
/// (Schmittlein, Morrison & Colombo 1987, "Counting Your Customers", Management Science 33).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct History {
    frequency: u32,
    recency: f64,
    age: f64,
}

impl History {
    /// A validated history.
    ///
    /// * `frequency`: x, purchases after the first one.
    /// * `recency`: `t_x`, time from the first to the last purchase; zero exactly if there was one only.
    /// * `age`: T, time from the first purchase to the end of observation.
    ///
    /// Times are in one unit that the caller knows. Fails if they are not finite and ordered
    /// 0 ≤ `t_x` ≤ T, or if frequency and recency contradict each other.
    pub fn new(frequency: u32, recency: f64, age: f64) -> Result<Self, DataError> {
        if !(recency.is_finite() && age.is_finite() && 0.0 <= recency && recency <= age) {
            return Err(DataError::TimesOutOfOrder { recency, age });
        }
        if (frequency == 0) != (recency <= 0.0) {
            return Err(DataError::RecencyContradictsFrequency { frequency, recency });
        }
        // A negative zero would group apart from zero.
        Ok(History { frequency, recency: recency + 0.0, age: age + 0.0 })
    }

    /// x: purchases after the first one.
    pub fn frequency(&self) -> u32 {
        self.frequency
    }

    /// x as a float.
    pub fn count(&self) -> f64 {
        f64::from(self.frequency)
    }

    /// `t_x`: time from the first to the last purchase.
    pub fn recency(&self) -> f64 {
        self.recency
    }

    /// T: time from the first purchase to the end of observation.
    pub fn age(&self) -> f64 {
        self.age
    }

    /// The same history with times multiplied by a positive factor, for a change of unit.
    pub fn rescaled(&self, factor: f64) -> Result<Self, DataError> {
        History::new(self.frequency, self.recency * factor, self.age * factor)
    }
}

/// Customers with the same history.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct HistoryGroup {
    /// Their common history.
    pub history: History,
    /// How many they are.
    pub customers: u64,
}

/// The purchase histories of a set of customers, equal ones merged.
#[derive(Clone, Debug)]
pub struct Purchases {
    unit: Option<TimeUnit>,
    groups: Vec<HistoryGroup>,
}

impl Purchases {
    /// One history a customer. `unit` is what their times are counted in, if that is known.
    pub fn new(unit: Option<TimeUnit>, histories: impl IntoIterator<Item = History>) -> Self {
        Self::weighted(unit, histories.into_iter().map(|history| HistoryGroup { history, customers: 1 }))
    }

    /// Histories with the number of customers that share each. Groups without customers are dropped.
    pub fn weighted(unit: Option<TimeUnit>, groups: impl IntoIterator<Item = HistoryGroup>) -> Self {
        let mut sorted: Vec<HistoryGroup> = groups.into_iter().filter(|group| group.customers > 0).collect();
        // Validated times are not negative, so their bits order as their values do.
        sorted.sort_unstable_by_key(|group| key(&group.history));
        let mut merged: Vec<HistoryGroup> = Vec::new();
        for group in sorted {
            match merged.last_mut() {
                Some(last) if key(&last.history) == key(&group.history) => {
                    last.customers = last.customers.saturating_add(group.customers);
                }
                _ => merged.push(group),
            }
        }
        Purchases { unit, groups: merged }
    }

    /// The unit of all times, if it is known.
    pub fn unit(&self) -> Option<TimeUnit> {
        self.unit
    }

    /// The distinct histories, by frequency, recency and age.
    pub fn groups(&self) -> &[HistoryGroup] {
        &self.groups
    }

    /// Number of customers.
    pub fn customers(&self) -> u64 {
        self.groups.iter().fold(0, |sum, group| sum.saturating_add(group.customers))
    }

    /// Mean length of observation, in the unit of the data. Zero without customers.
    pub fn mean_age(&self) -> f64 {
        self.mean_of(|history| history.age)
    }

    /// Mean number of purchases after the first. Zero without customers.
    pub fn mean_frequency(&self) -> f64 {
        self.mean_of(History::count)
    }

    fn mean_of(&self, value: impl Fn(&History) -> f64) -> f64 {
        let customers = self.customers();
        if customers == 0 {
            return 0.0;
        }
        self.groups.iter().map(|group| group.customers as f64 * value(&group.history)).sum::<f64>() / customers as f64
    }
}

fn key(history: &History) -> (u32, u64, u64) {
    (history.frequency, history.recency.to_bits(), history.age.to_bits())
}

/// Why numbers are not the statistics of a customer, or a set of them cannot be fitted.
#[derive(Clone, Debug, PartialEq)]
pub enum DataError {
    /// The order 0 ≤ recency ≤ age is broken, or one of them is not finite.
    TimesOutOfOrder {
        /// The recency.
        recency: f64,
        /// The age.
        age: f64,
    },
    /// No repeat purchase but a recency, or repeat purchases at the moment of the first.
    RecencyContradictsFrequency {
        /// The frequency.
        frequency: u32,
        /// The recency.
        recency: f64,
    },
    /// A mean value that is not finite and positive, or belongs to no purchase.
    NoSuchValue {
        /// Purchases.
        frequency: u32,
        /// Their mean value.
        mean_value: f64,
    },
    /// More purchases than opportunities, or a last purchase where there can be none.
    NoSuchDiscreteHistory {
        /// Purchases.
        frequency: u32,
        /// Opportunity of the last purchase.
        recency: u32,
        /// Opportunities.
        opportunities: u32,
    },
    /// Survivors grow from one period to the next.
    SurvivorsGrow {
        /// The period, counted from 0.
        period: usize,
    },
    /// The data do not hold what the model explains.
    TooLittle(&'static str),
}

impl fmt::Display for DataError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            DataError::TimesOutOfOrder { recency, age } => {
                write!(formatter, "recency {recency} and age {age} are not finite numbers with 0 ≤ recency ≤ age")
            }
            DataError::RecencyContradictsFrequency { frequency, recency } => {
                write!(formatter, "frequency {frequency} contradicts recency {recency}: one is zero exactly if the other is")
            }
            DataError::NoSuchValue { frequency, mean_value } => {
                write!(formatter, "{frequency} purchases with a mean value of {mean_value}: both must be positive")
            }
            DataError::NoSuchDiscreteHistory { frequency, recency, opportunities } => write!(
                formatter,
                "{frequency} purchases, the last at opportunity {recency} of {opportunities}, cannot have happened"
            ),
            DataError::SurvivorsGrow { period } => {
                write!(formatter, "more survivors in period {period} than in the one before")
            }
            DataError::TooLittle(what) => formatter.write_str(what),
        }
    }
}

impl std::error::Error for DataError {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn impossible_histories_are_refused() {
        assert!(matches!(History::new(1, 5.0, 4.0), Err(DataError::TimesOutOfOrder { .. })));
        assert!(matches!(History::new(1, f64::NAN, 4.0), Err(DataError::TimesOutOfOrder { .. })));
        assert!(matches!(History::new(1, 1.0, f64::INFINITY), Err(DataError::TimesOutOfOrder { .. })));
        assert!(matches!(History::new(0, 1.0, 4.0), Err(DataError::RecencyContradictsFrequency { .. })));
        assert!(matches!(History::new(3, 0.0, 4.0), Err(DataError::RecencyContradictsFrequency { .. })));
        assert!(History::new(0, 0.0, 0.0).is_ok());
    }

    #[test]
    fn equal_histories_are_merged_with_their_customers() {
        let once = History::new(0, 0.0, 9.0).unwrap();
        let twice = History::new(1, 2.5, 9.0).unwrap();
        let signed = History::new(0, -0.0, 9.0).unwrap();
        let purchases = Purchases::new(None, [twice, once, twice, once, signed]);
        let counts: Vec<_> = purchases.groups().iter().map(|group| (group.history.frequency(), group.customers)).collect();
        assert_eq!(counts, [(0, 3), (1, 2)]);
        assert_eq!(purchases.customers(), 5);
        assert!((purchases.mean_frequency() - 0.4).abs() < 1e-15);
    }

    #[test]
    fn no_customers_have_means_of_zero() {
        let none = Purchases::new(Some(TimeUnit::Week), []);
        assert!(none.mean_age().abs() < f64::EPSILON && none.groups().is_empty());
    }
}
