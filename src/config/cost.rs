//! Costs that no file holds: `[cost.NAME]`, spread over a period exactly.

use jiff::civil::Date;
use rust_decimal::Decimal;

use super::section::Section;
use crate::kpi::{Exact, Measure, Overflow};

/// How often a cost falls due.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Per {
    /// Every calendar month.
    Month,
    /// Every calendar quarter.
    Quarter,
    /// Every calendar year.
    Year,
    /// Once: on its first day, or spread from its first day to its last.
    Once,
}

/// A cost that the user gives.
#[derive(Clone, Debug, PartialEq)]
pub struct Cost {
    /// Its name in `mak.toml`.
    pub name: String,
    /// The measure that it adds to: platform, set-up, training or people cost.
    pub measure: Measure,
    /// The amount each time.
    pub amount: Decimal,
    /// How often.
    pub per: Per,
    /// First day; none when it has always been due.
    pub from: Option<Date>,
    /// Last day; none while it goes on.
    pub to: Option<Date>,
    /// Line of `mak.toml`.
    pub line: u64,
}

impl Cost {
    /// The part of the cost that falls on the days from `from` to `to`, both included.
    ///
    /// A calendar month, quarter or year costs the amount, and each of its days an equal part of
    /// it: 14 of the 28 days of February cost half a month. A cost that is due once is spread
    /// evenly over the days from its first to its last, or falls on its first day when it has no
    /// last. The result is an exact fraction; days outside the cost's own dates cost nothing.
    ///
    /// # Errors
    /// The amount is too large to stay exact.
    pub fn within(&self, from: Date, to: Date) -> Result<Exact, Overflow> {
        let none = Ok(Exact::integer(0));
        let first = self.from.map_or(from, |first| first.max(from));
        let last = self.last_day().map_or(to, |last| last.min(to));
        if first > last {
            return none;
        }
        let share = match self.per {
            Per::Once => match (self.from, self.last_day()) {
                (Some(begin), Some(end)) => part(days(first, last), days(begin, end))?,
                _ => return none,
            },
            Per::Month => periods(first, last, 1)?,
            Per::Quarter => periods(first, last, 3)?,
            Per::Year => periods(first, last, 12)?,
        };
        Exact::from(self.amount).times(share)
    }

    /// A cost that is due once and has no last day falls on its first.
    fn last_day(&self) -> Option<Date> {
        if self.per == Per::Once { self.to.or(self.from) } else { self.to }
    }
}

/// Reads `[cost.NAME]` and `[[cost]]`.
pub(super) fn read_costs(top: &Section<'_, '_>) -> Vec<Cost> {
    let listed = matches!(top.get("cost").map(toml::Spanned::get_ref), Some(toml::de::DeValue::Array(_)));
    if listed {
        let sections = top.array_of_tables("cost").into_iter();
        return sections
            .filter_map(|section| {
                let name = section.text("name").map_or_else(|| "cost".to_owned(), |name| name.text);
                read_cost(name, &section)
            })
            .collect();
    }
    top.named_tables("cost").into_iter().filter_map(|(name, section)| read_cost(name.text, &section)).collect()
}

fn read_cost(name: String, section: &Section<'_, '_>) -> Option<Cost> {
    let kinds = [
        ("platform", Measure::PlatformCost),
        ("setup", Measure::SetupCost),
        ("training", Measure::TrainingCost),
        ("people", Measure::PeopleCost),
    ];
    let measure = section.word("kind", &kinds);
    let amount = section.amount("amount");
    let per = section.word("per", &[("month", Per::Month), ("quarter", Per::Quarter), ("year", Per::Year), ("once", Per::Once)]);
    let (from, to) = (section.date("from"), section.date("to"));
    for (key, help) in [
        ("kind", "write kind = \"platform\", \"setup\", \"training\" or \"people\""),
        ("amount", "write amount = 1250.50"),
        ("per", "write per = \"month\", \"quarter\", \"year\" or \"once\""),
    ] {
        if section.get(key).is_none() {
            section.problem(section.span.clone(), format!("{key} is missing in [{}]", section.path), Some(help.to_owned()));
        }
    }
    if let (Some(first), Some(last), Some(value)) = (from, to, section.get("to"))
        && first > last
    {
        section.problem(value.span(), format!("the cost ends on {last}, before it begins on {first}"), None);
    }
    if per == Some(Per::Once) && section.get("from").is_none() {
        let help = "add from = 2026-01-15, and to = … to spread it".to_owned();
        section.problem(section.span.clone(), "a cost that is due once needs its day", Some(help));
    }
    section.done();
    Some(Cost { name, measure: measure?, amount: amount?, per: per?, from, to, line: section.line() })
}

/// How many periods of so many months lie between two days, parts of them counted by days.
fn periods(first: Date, last: Date, months: i16) -> Result<Exact, Overflow> {
    let mut whole = 0_i128;
    let mut parts = Exact::integer(0);
    let mut begin = period_start(first, months).ok_or(Overflow)?;
    while begin <= last {
        let next = months_later(begin, months);
        // The last period of the calendar ends with the calendar.
        let end = next.and_then(|next| next.yesterday().ok()).unwrap_or(Date::MAX);
        if first <= begin && end <= last {
            whole = whole.saturating_add(1);
        } else {
            parts = parts.plus(part(days(first.max(begin), last.min(end)), days(begin, end))?)?;
        }
        match next {
            Some(next) => begin = next,
            None => break,
        }
    }
    parts.plus(Exact::integer(whole))
}

fn period_start(day: Date, months: i16) -> Option<Date> {
    let month = i16::from(day.month()).checked_sub(1)?;
    let first = month.checked_sub(month.checked_rem(months)?)?.checked_add(1)?;
    Date::new(day.year(), i8::try_from(first).ok()?, 1).ok()
}

fn months_later(day: Date, months: i16) -> Option<Date> {
    day.checked_add(jiff::Span::new().months(months)).ok()
}

/// Days from one to the other, both included.
fn days(first: Date, last: Date) -> i128 {
    let span = last.since(first).map_or(0, |span| span.get_days());
    i128::from(span).saturating_add(1)
}

fn part(days: i128, of: i128) -> Result<Exact, Overflow> {
    Exact::integer(days).over(Exact::integer(of)).ok_or(Overflow)?
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;
    use proptest::prelude::*;

    fn cost(per: Per, from: Option<Date>, to: Option<Date>) -> Cost {
        Cost { name: "crm".into(), measure: Measure::PlatformCost, amount: 840.into(), per, from, to, line: 1 }
    }

    fn amount(cost: &Cost, from: Date, to: Date) -> String {
        cost.within(from, to).and_then(Exact::to_decimal).expect("fits").round_dp(20).to_string()
    }

    #[test]
    fn a_month_costs_the_amount_and_its_days_equal_parts() {
        let monthly = cost(Per::Month, None, None);
        assert_eq!(amount(&monthly, date(2026, 2, 1), date(2026, 2, 28)), "840");
        assert_eq!(amount(&monthly, date(2026, 2, 15), date(2026, 2, 28)), "420");
        // 10 of 31 days, two months, 15 of 30 days: 840 × (10/31 + 2 + 1/2), by Python's fractions.
        assert_eq!(amount(&monthly, date(2026, 1, 22), date(2026, 4, 15)), "2370.96774193548387096774");
        assert_eq!(amount(&monthly, date(2026, 1, 1), date(2026, 12, 31)), "10080");
        assert_eq!(amount(&cost(Per::Quarter, None, None), date(2026, 4, 1), date(2026, 9, 30)), "1680");
        assert_eq!(amount(&cost(Per::Year, None, None), date(2028, 1, 1), date(2028, 6, 30)), "417.70491803278688524590");
    }

    #[test]
    fn its_own_dates_bound_it() {
        let some = cost(Per::Month, Some(date(2026, 3, 1)), Some(date(2026, 3, 31)));
        assert_eq!(amount(&some, date(2026, 1, 1), date(2026, 12, 31)), "840");
        assert_eq!(amount(&some, date(2026, 4, 1), date(2026, 12, 31)), "0");
        let once = cost(Per::Once, Some(date(2026, 3, 10)), None);
        assert_eq!(amount(&once, date(2026, 3, 1), date(2026, 3, 31)), "840");
        assert_eq!(amount(&once, date(2026, 4, 1), date(2026, 4, 30)), "0");
        let spread = cost(Per::Once, Some(date(2026, 1, 1)), Some(date(2026, 1, 10)));
        assert_eq!(amount(&spread, date(2026, 1, 6), date(2026, 2, 1)), "420");
    }

    #[test]
    fn the_ends_of_the_calendar_are_no_obstacle() {
        assert!(cost(Per::Year, None, None).within(Date::MIN, Date::MAX).is_ok());
    }

    proptest! {
        #[test]
        fn the_parts_of_a_period_add_up_to_it(start in 0_i32..2000, length in 1_i32..900, cut in 0_i32..900, per in 0_usize..3) {
            let day = |n: i32| date(2024, 1, 1).checked_add(jiff::Span::new().days(n)).expect("a date");
            let cost = cost([Per::Month, Per::Quarter, Per::Year][per], None, None);
            let cut = cut % length;
            let whole = cost.within(day(start), day(start + length)).expect("fits");
            let left = cost.within(day(start), day(start + cut)).expect("fits");
            let right = cost.within(day(start + cut + 1), day(start + length)).expect("fits");
            prop_assert!(left.plus(right).and_then(|sum| sum.minus(whole)).expect("fits").is_zero());
        }
    }
}
