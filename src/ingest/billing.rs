//! How often a plan is billed, and what its price comes to in a year.
//!
//! **Owns** the words for intervals and the exact multiplication. A year is 12 months, 4 quarters, 52
//! weeks or 365 days, so that a yearly sum is exact; a month is a twelfth of it, divided only once
//! everything is added up. **Does not know** columns or files.

use crate::measures::Amount;

/// Decimal places that a division by the number of intervals may add.
const MOST_PLACES: u32 = 12;

/// How often a plan is billed: so many times a year, or once in several of such intervals.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Billing {
    times_a_year: i128,
    every: i128,
}

impl Billing {
    /// Reads `month`, `yearly`, `3 months`, `every 2 weeks`. None for any other words.
    pub(super) fn read(text: &str) -> Option<Billing> {
        let lower = text.trim().to_lowercase();
        let words = lower.strip_prefix("every ").unwrap_or(&lower).trim();
        let digits = words.find(|c: char| !c.is_ascii_digit()).unwrap_or(words.len());
        let (count, word) = words.split_at(digits);
        let every = if count.is_empty() { 1 } else { count.parse().ok().filter(|count| *count > 0)? };
        let times_a_year = match word.trim_start_matches([' ', '-']) {
            "day" | "days" | "daily" => 365,
            "week" | "weeks" | "weekly" => 52,
            "month" | "months" | "monthly" => 12,
            "quarter" | "quarters" | "quarterly" => 4,
            "year" | "years" | "yearly" | "annual" | "annually" => 1,
            _ => return None,
        };
        Some(Billing { times_a_year, every })
    }

    /// What `quantity` units at this price come to in a year. None where that has no exact decimal
    /// (12 / 7 months) or does not fit.
    pub(super) fn in_a_year(self, price: Amount, quantity: Amount) -> Option<Amount> {
        let mut total = price.times(quantity).ok()?.times(Amount::whole(self.times_a_year)).ok()?;
        for _ in 0..=MOST_PLACES {
            if total.mantissa.checked_rem(self.every)? == 0 {
                return Some(Amount { mantissa: total.mantissa.checked_div(self.every)?, scale: total.scale });
            }
            total = Amount { mantissa: total.mantissa.checked_mul(10)?, scale: total.scale.checked_add(1)? };
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 9.99, three times, billed like that, as text of a decimal a year.
    fn year(interval: &str) -> Option<String> {
        let total = Billing::read(interval)?.in_a_year(Amount { mantissa: 999, scale: 2 }, Amount::whole(3))?;
        Some(total.to_decimal().unwrap().to_string())
    }

    #[test]
    fn a_price_a_year_by_its_interval() {
        for (interval, expected) in [
            ("month", "359.64"),
            ("Monthly", "359.64"),
            ("1 month", "359.64"),
            ("3 months", "119.88"),
            ("quarter", "119.88"),
            ("every 6 months", "59.94"),
            ("year", "29.97"),
            ("2-years", "14.985"),
            ("week", "1558.44"),
            ("2 weeks", "779.22"),
            ("day", "10939.05"),
        ] {
            assert_eq!(year(interval).as_deref(), Some(expected), "{interval}");
        }
    }

    #[test]
    fn what_is_no_interval_or_has_no_exact_year_is_nothing() {
        for interval in ["", "3", "fortnight", "0 months", "month 3", "99999999999999999999999999999999999999999 days"] {
            assert_eq!(Billing::read(interval), None, "{interval}");
        }
        let price = Amount { mantissa: 100, scale: 2 };
        assert_eq!(Billing::read("7 months").unwrap().in_a_year(price, Amount::whole(1)), None);
        let huge = Amount { mantissa: i128::MAX, scale: 0 };
        assert_eq!(Billing::read("year").unwrap().in_a_year(huge, Amount::whole(2)), None);
    }
}
