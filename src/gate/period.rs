//! Calendar periods by their labels: which comes before which, and whether the data reach the end.
//!
//! There is no clock here: how far the data reach is read from the data.

use std::collections::BTreeSet;

use jiff::ToSpan as _;
use jiff::civil::{Date, ISOWeekDate, Weekday};

use crate::contract::Compute;
use crate::measures::Period;

/// From one period back to the one that it is compared with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// To the period before.
    Previous,
    /// To the same period a year earlier.
    Year,
}

/// The days that a document's data cover.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Calendar {
    /// The last day: the one asked for, or else the last date of the data.
    pub last_day: Option<Date>,
}

impl Calendar {
    /// The days of a document.
    pub fn of(document: &Compute) -> Self {
        let date = |text: &Option<String>| text.as_deref().and_then(|text| text.parse::<Date>().ok());
        let of_data = document.inputs.iter().filter_map(|input| date(&input.to)).max();
        Calendar { last_day: date(&document.to).or(of_data) }
    }

    /// Whether the data reach the last day of that period. A label that is none is complete: there
    /// is nothing to wait for.
    pub fn is_complete(self, period: Period, label: &str) -> bool {
        let end = first_day(period, label).and_then(|start| last_day(period, start));
        end.zip(self.last_day).is_none_or(|(end, reached)| reached >= end)
    }
}

/// The last period of a result that is to be looked at, and the one to compare it with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pair {
    /// The earlier period.
    pub before: Stretch,
    /// The later one.
    pub after: Stretch,
    /// What was not taken, and why.
    pub notes: Vec<String>,
}

/// A calendar period with its days.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stretch {
    /// Its label: `2026-03`.
    pub label: String,
    /// Its first day.
    pub from: Date,
    /// Its last day.
    pub to: Date,
    /// Whether the data reach its last day.
    pub complete: bool,
}

impl Stretch {
    fn of(period: Period, label: &str, calendar: Calendar) -> Option<Stretch> {
        let from = first_day(period, label)?;
        let to = last_day(period, from)?;
        Some(Stretch { label: label.to_owned(), from, to, complete: calendar.is_complete(period, label) })
    }
}

/// The periods to compare of a result whose first dimension is that period: the last one that is
/// complete (or simply the last, `with_incomplete`) and the one a step earlier.
///
/// # Errors
/// There is no such pair, in words.
pub fn pair(document: &Compute, period: Period, step: Step, with_incomplete: bool) -> Result<Pair, String> {
    let dimension = document.by.first().ok_or("the result is not grouped by a period")?;
    let calendar = Calendar::of(document);
    let labels: BTreeSet<&str> = document.groups.iter().filter_map(|group| group.by.get(dimension)?.as_deref()).collect();
    let mut notes = Vec::new();
    let open = |label: &str| !calendar.is_complete(period, label);
    if let Some(last) = labels.last().filter(|label| open(label) && !with_incomplete) {
        let reached = calendar.last_day.map_or_else(String::new, |day| format!(": the data end on {day}"));
        notes.push(format!("{last} is not complete{reached}, and is not compared; --incomplete compares it all the same"));
    }
    let Some(label) = labels.iter().rev().find(|label| with_incomplete || !open(label)) else {
        let mut reasons = vec!["there is no complete period to compare".to_owned()];
        reasons.append(&mut notes);
        return Err(reasons.join("; "));
    };
    let old = earlier(period, label, step).ok_or_else(|| format!("no period corresponds to {label}"))?;
    if !labels.contains(old.as_str()) {
        return Err(format!("there are no data for {old}, which {label} would be compared with"));
    }
    let stretch = |label: &str| Stretch::of(period, label, calendar).ok_or_else(|| format!("{label} is no period"));
    Ok(Pair { before: stretch(&old)?, after: stretch(label)?, notes })
}

/// The label of the period to compare with; `None` for a label that is none, for the 53rd week
/// and the 29th of February of a year without, and beyond the calendar.
pub(super) fn earlier(period: Period, label: &str, step: Step) -> Option<String> {
    let start = first_day(period, label)?;
    let earlier = match (step, period) {
        (Step::Previous, _) => start.checked_sub(1.day()).ok()?,
        (Step::Year, Period::Week) => {
            let week = start.iso_week_date();
            ISOWeekDate::new(week.year().checked_sub(1)?, week.week(), Weekday::Monday).ok()?.date()
        }
        (Step::Year, _) => Date::new(start.year().checked_sub(1)?, start.month(), start.day()).ok()?,
    };
    Some(period.label(earlier))
}

/// The first day of the period of that label, as [`Period::label`] writes it.
pub(super) fn first_day(period: Period, label: &str) -> Option<Date> {
    let parts = || label.split_once('-');
    let date = match period {
        Period::Day => label.parse().ok()?,
        Period::Week => {
            let (year, week) = parts()?;
            ISOWeekDate::new(year.parse().ok()?, week.strip_prefix('W')?.parse().ok()?, Weekday::Monday).ok()?.date()
        }
        Period::Month => {
            let (year, month) = parts()?;
            Date::new(year.parse().ok()?, month.parse().ok()?, 1).ok()?
        }
        Period::Quarter => {
            let (year, quarter) = parts()?;
            let month = match quarter {
                "Q1" => 1,
                "Q2" => 4,
                "Q3" => 7,
                "Q4" => 10,
                _ => return None,
            };
            Date::new(year.parse().ok()?, month, 1).ok()?
        }
        Period::Year => Date::new(label.parse().ok()?, 1, 1).ok()?,
    };
    (period.label(date) == label).then_some(date)
}

/// The last day of the period that begins there.
fn last_day(period: Period, start: Date) -> Option<Date> {
    match period {
        Period::Day => Some(start),
        Period::Week => start.checked_add(6.days()).ok(),
        Period::Month => Some(start.last_of_month()),
        Period::Quarter => start.checked_add(2.months()).ok().map(Date::last_of_month),
        Period::Year => Some(start.last_of_year()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;
    use proptest::prelude::*;

    const ALL: [Period; 5] = [Period::Day, Period::Week, Period::Month, Period::Quarter, Period::Year];

    #[test]
    fn the_period_before_and_the_same_a_year_earlier() {
        for (period, label, previous, year) in [
            (Period::Day, "2024-02-29", Some("2024-02-28"), None),
            (Period::Day, "2026-03-01", Some("2026-02-28"), Some("2025-03-01")),
            (Period::Week, "2026-W01", Some("2025-W52"), Some("2025-W01")),
            // 2020 has 53 weeks, 2019 has 52.
            (Period::Week, "2020-W53", Some("2020-W52"), None),
            (Period::Week, "2021-W01", Some("2020-W53"), Some("2020-W01")),
            (Period::Month, "2026-01", Some("2025-12"), Some("2025-01")),
            (Period::Quarter, "2026-Q1", Some("2025-Q4"), Some("2025-Q1")),
            (Period::Year, "2026", Some("2025"), Some("2025")),
            (Period::Month, "2026-13", None, None),
            (Period::Month, "email", None, None),
            (Period::Quarter, "2026-Q5", None, None),
        ] {
            assert_eq!(earlier(period, label, Step::Previous).as_deref(), previous, "{label}");
            assert_eq!(earlier(period, label, Step::Year).as_deref(), year, "{label}");
        }
    }

    #[test]
    fn a_period_is_complete_when_the_data_reach_its_last_day() {
        let reaching = |last_day| Calendar { last_day: Some(last_day) };
        assert!(reaching(date(2026, 3, 31)).is_complete(Period::Month, "2026-03"));
        assert!(!reaching(date(2026, 3, 30)).is_complete(Period::Month, "2026-03"));
        assert!(!reaching(date(2026, 3, 30)).is_complete(Period::Quarter, "2026-Q1"));
        assert!(reaching(date(2026, 3, 8)).is_complete(Period::Week, "2026-W10"));
        assert!(!reaching(date(2026, 3, 7)).is_complete(Period::Week, "2026-W10"));
        assert!(Calendar { last_day: None }.is_complete(Period::Year, "2026"));
    }

    proptest! {
        #[test]
        fn labels_and_first_days_are_one_to_one(days in -300_000_i32..300_000, which in 0_usize..5) {
            let day = date(2000, 1, 1).checked_add(days.days()).expect("within the calendar");
            let period = ALL[which];
            let start = period.start(day);
            prop_assert_eq!(first_day(period, &period.label(day)), Some(start));
            let end = last_day(period, start).expect("within the calendar");
            prop_assert!(start <= day && day <= end);
            prop_assert_eq!(period.label(end), period.label(day));
            prop_assert_ne!(period.label(end.tomorrow().expect("a date")), period.label(day));
        }
    }
}
