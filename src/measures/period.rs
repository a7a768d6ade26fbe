//! Calendar periods that rows are grouped by.

use std::fmt;

use jiff::civil::{Date, Weekday};

/// A calendar period.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Period {
    /// A calendar day: `2026-03-08`.
    Day,
    /// A week from Monday to Sunday, numbered as ISO 8601 does: `2026-W10`.
    Week,
    /// A calendar month: `2026-03`.
    Month,
    /// A calendar quarter: `2026-Q1`.
    Quarter,
    /// A calendar year: `2026`.
    Year,
}

impl Period {
    /// The period of that name; `date` and `day` are the same.
    pub fn from_word(word: &str) -> Option<Period> {
        Some(match word {
            "date" | "day" => Period::Day,
            "week" => Period::Week,
            "month" => Period::Month,
            "quarter" => Period::Quarter,
            "year" => Period::Year,
            _ => return None,
        })
    }

    /// The first day of the period that holds `date`.
    pub fn start(self, date: Date) -> Date {
        match self {
            Period::Day => date,
            Period::Week => {
                let back = i64::from(date.weekday().since(Weekday::Monday));
                date.checked_sub(jiff::Span::new().days(back)).unwrap_or(date)
            }
            Period::Month => date.first_of_month(),
            Period::Quarter => {
                Date::new(date.year(), quarter_of(date).saturating_sub(1).saturating_mul(3).saturating_add(1), 1).unwrap_or(date)
            }
            Period::Year => date.first_of_year(),
        }
    }

    /// The label of the period that holds `date`; labels sort in order of time.
    pub fn label(self, date: Date) -> String {
        struct Label(Period, Date);
        impl fmt::Display for Label {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                let Label(period, date) = self;
                match period {
                    Period::Day => write!(f, "{date}"),
                    Period::Week => {
                        let week = date.iso_week_date();
                        write!(f, "{:04}-W{:02}", week.year(), week.week())
                    }
                    Period::Month => write!(f, "{:04}-{:02}", date.year(), date.month()),
                    Period::Quarter => write!(f, "{:04}-Q{}", date.year(), quarter_of(*date)),
                    Period::Year => write!(f, "{:04}", date.year()),
                }
            }
        }
        Label(self, date).to_string()
    }
}

fn quarter_of(date: Date) -> i8 {
    date.month().saturating_add(2).checked_div(3).unwrap_or(1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn labels_are_those_of_the_calendar() {
        // ISO 8601: 2027-01-01 is a Friday of week 53 of 2026.
        let day = date(2027, 1, 1);
        let labels = [Period::Day, Period::Week, Period::Month, Period::Quarter, Period::Year].map(|period| period.label(day));
        assert_eq!(labels, ["2027-01-01", "2026-W53", "2027-01", "2027-Q1", "2027"]);
        assert_eq!(Period::Week.start(day), date(2026, 12, 28));
        assert_eq!(Period::Quarter.start(date(2026, 8, 31)), date(2026, 7, 1));
    }
}
