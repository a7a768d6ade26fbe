//! Units of measures and KPIs.

/// What one unit of a number is. It decides how a number is printed, how a threshold may be
/// written and whether a confidence interval applies; never how it is computed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Unit {
    /// Things counted; whole numbers only.
    Count,
    /// A plain number that may have a fraction.
    Number,
    /// An amount of money in the currency of the data.
    Money,
    /// A part of a whole (opens of delivered): printed as a percentage, and a proportion in the
    /// statistical sense, so that it has a Wilson interval.
    Share,
    /// A ratio printed as a percentage that is no proportion (ROI, growth): may be negative or
    /// above 1.
    Percent,
    /// A ratio printed as a multiple: `4.9×` (ROAS, LTV:CAC).
    Multiple,
    /// Points on a scale from −100 to 100 (NPS).
    Points,
    /// A score as the platform gives it.
    Score,
    /// Seconds.
    Seconds,
    /// Hours.
    Hours,
    /// Days of 86,400 seconds.
    Days,
    /// Months of 30.4375 days.
    Months,
}

impl Unit {
    /// The word for it in JSON and in `mak list`.
    pub const fn word(self) -> &'static str {
        match self {
            Unit::Count => "count",
            Unit::Number => "number",
            Unit::Money => "money",
            Unit::Share | Unit::Percent | Unit::Multiple => "ratio",
            Unit::Points => "points",
            Unit::Score => "score",
            Unit::Seconds => "seconds",
            Unit::Hours => "hours",
            Unit::Days => "days",
            Unit::Months => "months",
        }
    }

    /// Whether the number is printed as a percentage.
    pub const fn is_percentage(self) -> bool {
        matches!(self, Unit::Share | Unit::Percent)
    }
}
