//! Units of time, so that a horizon in months is never read as one in weeks or days.
//!
//! **Owns** the three units and the conversion between them. **Does not know** calendars: a month
//! here is a fixed length, because the models work in continuous time.

use std::fmt;

/// Days in a week.
const DAYS_PER_WEEK: f64 = 7.0;

/// Weeks in a month: 365 / 84 rounded to three decimals, the figure that published discounted
/// values of weekly models use. A Gregorian month is 4.348125 weeks, 0.07 % longer.
const WEEKS_PER_MONTH: f64 = 4.345;

/// A unit of time with a fixed length.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TimeUnit {
    /// 24 hours.
    Day,
    /// 7 days.
    Week,
    /// 4.345 weeks, that is 30.415 days.
    Month,
}

impl TimeUnit {
    /// Length in days: 1, 7 or 30.415.
    pub fn days(self) -> f64 {
        match self {
            TimeUnit::Day => 1.0,
            TimeUnit::Week => DAYS_PER_WEEK,
            TimeUnit::Month => WEEKS_PER_MONTH * DAYS_PER_WEEK,
        }
    }

    /// Length of one `self` counted in `other`. Weeks per month is exactly 4.345.
    pub fn in_units_of(self, other: TimeUnit) -> f64 {
        match (self, other) {
            (TimeUnit::Month, TimeUnit::Week) => WEEKS_PER_MONTH,
            _ => self.days() / other.days(),
        }
    }

    /// The name as users write it.
    pub fn name(self) -> &'static str {
        match self {
            TimeUnit::Day => "day",
            TimeUnit::Week => "week",
            TimeUnit::Month => "month",
        }
    }
}

impl fmt::Display for TimeUnit {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}

/// A length of time together with its unit.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Span {
    /// How many units.
    pub count: f64,
    /// Which unit.
    pub unit: TimeUnit,
}

impl Span {
    /// `count` units of time.
    pub fn new(count: f64, unit: TimeUnit) -> Self {
        Span { count, unit }
    }

    /// The same length counted in another unit.
    pub fn in_units_of(self, unit: TimeUnit) -> f64 {
        self.count * self.unit.in_units_of(unit)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn conversions_are_consistent() {
        assert!((TimeUnit::Month.in_units_of(TimeUnit::Week) - 4.345).abs() < f64::EPSILON);
        assert!((TimeUnit::Month.in_units_of(TimeUnit::Day) - 30.415).abs() < 1e-12);
        for one in [TimeUnit::Day, TimeUnit::Week, TimeUnit::Month] {
            for other in [TimeUnit::Day, TimeUnit::Week, TimeUnit::Month] {
                assert!((one.in_units_of(other) * other.in_units_of(one) - 1.0).abs() < 1e-15);
            }
        }
        assert!((Span::new(2.0, TimeUnit::Week).in_units_of(TimeUnit::Day) - 14.0).abs() < 1e-15);
    }
}
