//! From dated transactions to the statistics that the models are fitted to.
//!
//! **Owns** what counts as a purchase, how refunds are netted, and where calibration ends.
//! **Does not know** files or models.
//!
//! * Purchases of a customer on one day are one.
//! * Frequency counts the days after the first, recency runs from the first day to the last, age
//!   from the first day to the end of calibration.
//! * The mean value is that of the days after the first one, so that its number of purchases is
//!   the frequency.
//! * A negative amount is a refund. It is taken off the customer's latest purchase up to its date
//!   that still has value, then off the one before. A purchase that is refunded in full never
//!   happened. A refund without a purchase to take it off is reported, not dropped silently.
//! * A refund counts from its own date on: the calibration does not look into the future.

use std::collections::BTreeMap;
use std::fmt;

use jiff::civil::Date;
use rust_decimal::Decimal;

use super::data::History;
use super::time::TimeUnit;

/// One row of a log of sales.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Transaction<K> {
    /// Whose it is.
    pub customer: K,
    /// The day.
    pub date: Date,
    /// What was paid; negative for a refund; None if the log has no amounts.
    pub amount: Option<Decimal>,
}

/// Which part of the log is calibration, and which holdout.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Windows {
    /// The unit in which recency and age are counted.
    pub unit: TimeUnit,
    /// Last day of calibration.
    pub calibration_end: Date,
    /// Last day of the holdout, which begins on the day after calibration. None for no holdout.
    pub holdout_end: Option<Date>,
}

impl Windows {
    /// Length of the holdout in days; zero without one.
    pub fn holdout_days(&self) -> i32 {
        self.holdout_end.map_or(0, |end| days_between(self.calibration_end, end))
    }
}

/// A customer in numbers.
#[derive(Clone, Debug, PartialEq)]
pub struct CustomerSummary<K> {
    /// Who.
    pub customer: K,
    /// Day of the first purchase.
    pub first: Date,
    /// Frequency, recency and age up to the end of calibration.
    pub history: History,
    /// Net value of the purchases after the first, exact. None if any of their amounts is unknown.
    pub repeat_value: Option<Decimal>,
    /// Days with a purchase in the holdout; zero without a holdout.
    pub holdout_purchases: u32,
    /// Their net value, exact. None if any of their amounts is unknown.
    pub holdout_value: Option<Decimal>,
}

impl<K> CustomerSummary<K> {
    /// Mean value of the purchases after the first: what Gamma-Gamma is fitted to. None without
    /// such purchases, with unknown amounts, or if the mean is not positive.
    pub fn mean_repeat_value(&self) -> Option<f64> {
        let total: f64 = self.repeat_value?.to_string().parse().ok()?;
        let mean = total / self.history.count();
        (mean.is_finite() && mean > 0.0).then_some(mean)
    }
}

/// All customers, and what was left out.
#[derive(Clone, Debug, PartialEq)]
pub struct Summary<K> {
    /// Customers with a purchase up to the end of calibration, by key.
    pub customers: Vec<CustomerSummary<K>>,
    /// Refunds up to the end of calibration that were taken off purchases.
    pub refunds_netted: Decimal,
    /// Refunds up to the end of calibration without a purchase to take them off.
    pub refunds_unmatched: Decimal,
    /// Customers whose every purchase of the calibration was refunded, or who have refunds only.
    pub without_purchase: u64,
    /// Customers whose first purchase is after the end of calibration.
    pub joined_later: u64,
    /// Rows after the end of the holdout, or of calibration without one. They are not used.
    pub rows_after_end: u64,
}

/// Why a log cannot be summarised.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SummaryError {
    /// The holdout does not end after calibration.
    HoldoutEndsEarly,
    /// A sum of amounts does not fit in 28 digits.
    AmountOverflow,
    /// A customer bought on more days than can be counted, or dates are too far apart.
    OutOfRange,
}

impl fmt::Display for SummaryError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            SummaryError::HoldoutEndsEarly => "the holdout must end after the calibration",
            SummaryError::AmountOverflow => "a sum of amounts does not fit in 28 digits",
            SummaryError::OutOfRange => "dates or numbers of purchases are out of range",
        })
    }
}

impl std::error::Error for SummaryError {}

/// Reduces a log, in any order, to one row a customer.
pub fn summarise<K: Ord>(
    transactions: impl IntoIterator<Item = Transaction<K>>,
    windows: &Windows,
) -> Result<Summary<K>, SummaryError> {
    if windows.holdout_end.is_some_and(|end| end <= windows.calibration_end) {
        return Err(SummaryError::HoldoutEndsEarly);
    }
    let last_day = windows.holdout_end.unwrap_or(windows.calibration_end);
    let mut rows_after_end = 0;
    let mut logs: BTreeMap<K, Vec<(Date, Option<Decimal>)>> = BTreeMap::new();
    for transaction in transactions {
        if transaction.date > last_day {
            rows_after_end += 1;
        } else {
            logs.entry(transaction.customer).or_default().push((transaction.date, transaction.amount));
        }
    }
    let mut summary = Summary {
        customers: Vec::with_capacity(logs.len()),
        refunds_netted: Decimal::ZERO,
        refunds_unmatched: Decimal::ZERO,
        without_purchase: 0,
        joined_later: 0,
        rows_after_end,
    };
    for (customer, mut log) in logs {
        log.sort_by_key(|(date, _)| *date);
        summary.add(customer, &log, windows)?;
    }
    Ok(summary)
}

impl<K> Summary<K> {
    fn add(&mut self, customer: K, log: &[(Date, Option<Decimal>)], windows: &Windows) -> Result<(), SummaryError> {
        let calibration = PurchaseDays::until(log, windows.calibration_end)?;
        self.refunds_netted = exact_sum(self.refunds_netted, calibration.refunds_netted)?;
        self.refunds_unmatched = exact_sum(self.refunds_unmatched, calibration.refunds_unmatched)?;
        let Some((first, repeats)) = calibration.days.split_first() else {
            if log.first().is_some_and(|(date, _)| *date > windows.calibration_end) {
                self.joined_later += 1;
            } else {
                self.without_purchase += 1;
            }
            return Ok(());
        };
        let holdout = match windows.holdout_end {
            Some(end) => PurchaseDays::until(log, end)?.days,
            None => Vec::new(),
        };
        let held_out: Vec<&PurchaseDay> = holdout.iter().filter(|day| day.date > windows.calibration_end).collect();
        let recency = repeats.last().map_or(0, |last| days_between(first.date, last.date));
        let age = days_between(first.date, windows.calibration_end);
        let unit_days = windows.unit.days();
        let frequency = u32::try_from(repeats.len()).map_err(|_| SummaryError::OutOfRange)?;
        let history = History::new(frequency, f64::from(recency) / unit_days, f64::from(age) / unit_days)
            .map_err(|_| SummaryError::OutOfRange)?;
        self.customers.push(CustomerSummary {
            customer,
            first: first.date,
            history,
            repeat_value: total_value(repeats.iter())?,
            holdout_purchases: u32::try_from(held_out.len()).map_err(|_| SummaryError::OutOfRange)?,
            holdout_value: total_value(held_out.into_iter())?,
        });
        Ok(())
    }
}

/// A day on which a customer bought, at what is left of its value after refunds.
struct PurchaseDay {
    date: Date,
    value: Option<Decimal>,
}

/// A customer's days of purchase as they stood at some date.
struct PurchaseDays {
    days: Vec<PurchaseDay>,
    refunds_netted: Decimal,
    refunds_unmatched: Decimal,
}

impl PurchaseDays {
    /// From rows in the order of their dates.
    fn until(log: &[(Date, Option<Decimal>)], end: Date) -> Result<Self, SummaryError> {
        let mut result = PurchaseDays { days: Vec::new(), refunds_netted: Decimal::ZERO, refunds_unmatched: Decimal::ZERO };
        for day in log.chunk_by(|(one, _), (next, _)| one == next) {
            let Some(&(date, _)) = day.first() else { continue };
            if date > end {
                break;
            }
            let mut refund = Decimal::ZERO;
            for (_, amount) in day {
                match amount {
                    Some(amount) if amount.is_sign_negative() && !amount.is_zero() => refund = exact_sum(refund, -*amount)?,
                    _ => result.buy(date, *amount)?,
                }
            }
            result.refund(refund)?;
        }
        Ok(result)
    }

    fn buy(&mut self, date: Date, amount: Option<Decimal>) -> Result<(), SummaryError> {
        match self.days.last_mut().filter(|day| day.date == date) {
            Some(day) => {
                day.value = match (day.value, amount) {
                    (Some(value), Some(amount)) => Some(exact_sum(value, amount)?),
                    _ => None,
                };
            }
            None => self.days.push(PurchaseDay { date, value: amount }),
        }
        Ok(())
    }

    /// Takes a refund off the latest days that have value. Days left without any are removed; days
    /// that never had value (a free sample) stay.
    fn refund(&mut self, mut refund: Decimal) -> Result<(), SummaryError> {
        let mut index = self.days.len();
        while index > 0 && refund > Decimal::ZERO {
            index -= 1;
            let Some(day) = self.days.get_mut(index) else { break };
            let Some(value) = day.value.filter(|value| *value > Decimal::ZERO) else { continue };
            let taken = value.min(refund);
            refund = exact_sum(refund, -taken)?;
            self.refunds_netted = exact_sum(self.refunds_netted, taken)?;
            if taken == value {
                self.days.remove(index);
            } else {
                day.value = Some(exact_sum(value, -taken)?);
            }
        }
        self.refunds_unmatched = exact_sum(self.refunds_unmatched, refund)?;
        Ok(())
    }
}

/// The sum of values, None if one is unknown.
fn total_value<'a>(mut days: impl Iterator<Item = &'a PurchaseDay>) -> Result<Option<Decimal>, SummaryError> {
    days.try_fold(Some(Decimal::ZERO), |total, day| match (total, day.value) {
        (Some(total), Some(value)) => exact_sum(total, value).map(Some),
        _ => Ok(None),
    })
}

/// A sum that was not rounded: `checked_add` gives up places where it must, and says nothing.
fn exact_sum(one: Decimal, other: Decimal) -> Result<Decimal, SummaryError> {
    let (one, other) = (one.normalize(), other.normalize());
    let sum = one.checked_add(other).ok_or(SummaryError::AmountOverflow)?;
    if sum.scale() >= one.scale().max(other.scale()) { Ok(sum) } else { Err(SummaryError::AmountOverflow) }
}

/// Days from one date to another. Dates span less than 2^23 days, so this cannot fail.
fn days_between(from: Date, to: Date) -> i32 {
    from.until(to).map_or(0, |span| span.get_days())
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    fn row(customer: &str, day: Date, amount: &str) -> Transaction<String> {
        Transaction { customer: customer.to_owned(), date: day, amount: Some(amount.parse().unwrap()) }
    }

    fn until(end: Date, holdout_end: Option<Date>) -> Windows {
        Windows { unit: TimeUnit::Week, calibration_end: end, holdout_end }
    }

    fn decimal(text: &str) -> Decimal {
        text.parse().unwrap()
    }

    #[test]
    fn days_are_counted_once_and_the_first_gives_no_value() {
        let rows = [
            row("a", date(2024, 1, 15), "20.00"),
            row("a", date(2024, 1, 1), "100.00"),
            row("a", date(2024, 1, 15), "5.50"),
            row("a", date(2024, 1, 29), "10.00"),
            row("b", date(2024, 1, 8), "7.00"),
        ];
        let summary = summarise(rows, &until(date(2024, 2, 5), None)).unwrap();
        let a = &summary.customers[0];
        assert_eq!(a.history, History::new(2, 4.0, 5.0).unwrap());
        assert_eq!(a.repeat_value, Some(decimal("35.50")));
        assert!((a.mean_repeat_value().unwrap() - 17.75).abs() < 1e-12);
        let b = &summary.customers[1];
        assert_eq!(b.history, History::new(0, 0.0, 4.0).unwrap());
        assert_eq!(b.mean_repeat_value(), None);
    }

    #[test]
    fn refunds_are_netted_backwards_and_undo_purchases() {
        let rows = [
            row("a", date(2024, 1, 1), "100"),
            row("a", date(2024, 1, 8), "30"),
            row("a", date(2024, 1, 15), "20"),
            // Undoes the purchase of the 15th and a third of that of the 8th.
            row("a", date(2024, 1, 16), "-30"),
            row("b", date(2024, 1, 1), "50"),
            row("b", date(2024, 1, 2), "-60"),
            row("c", date(2024, 1, 3), "-5"),
        ];
        let summary = summarise(rows, &until(date(2024, 1, 29), None)).unwrap();
        assert_eq!(summary.customers.len(), 1);
        assert_eq!(summary.customers[0].history, History::new(1, 1.0, 4.0).unwrap());
        assert_eq!(summary.customers[0].repeat_value, Some(decimal("20")));
        assert_eq!(summary.refunds_netted, decimal("80"));
        assert_eq!(summary.refunds_unmatched, decimal("15"));
        assert_eq!(summary.without_purchase, 2);
    }

    #[test]
    fn calibration_does_not_see_the_refunds_of_the_holdout() {
        let rows = [
            row("a", date(2024, 1, 1), "100"),
            row("a", date(2024, 1, 8), "30"),
            row("a", date(2024, 2, 2), "-30"),
            row("a", date(2024, 2, 3), "40"),
            row("a", date(2024, 2, 4), "40"),
            row("a", date(2024, 2, 5), "-40"),
            row("b", date(2024, 2, 2), "9"),
            row("b", date(2024, 9, 9), "9"),
        ];
        let windows = until(date(2024, 1, 29), Some(date(2024, 2, 26)));
        let summary = summarise(rows, &windows).unwrap();
        assert_eq!(windows.holdout_days(), 28);
        let a = &summary.customers[0];
        assert_eq!((a.history.frequency(), a.repeat_value), (1, Some(decimal("30"))));
        assert_eq!((a.holdout_purchases, a.holdout_value), (1, Some(decimal("40"))));
        assert_eq!((summary.joined_later, summary.rows_after_end, summary.customers.len()), (1, 1, 1));
    }

    #[test]
    fn free_purchases_count_and_unknown_amounts_give_no_value() {
        let rows = [
            row("a", date(2024, 1, 1), "0"),
            row("a", date(2024, 1, 8), "0.00"),
            row("a", date(2024, 1, 9), "-3"),
            Transaction { customer: "b".to_owned(), date: date(2024, 1, 1), amount: None },
            Transaction { customer: "b".to_owned(), date: date(2024, 1, 5), amount: None },
        ];
        let summary = summarise(rows, &until(date(2024, 1, 29), None)).unwrap();
        assert_eq!(summary.customers[0].history.frequency(), 1);
        assert_eq!(summary.customers[0].mean_repeat_value(), None);
        assert_eq!(summary.refunds_unmatched, decimal("3"));
        assert_eq!(summary.customers[1].history.frequency(), 1);
        assert_eq!(summary.customers[1].repeat_value, None);
    }

    #[test]
    fn sums_that_would_be_rounded_are_refused() {
        let rows = [
            row("a", date(2024, 1, 1), "1"),
            row("a", date(2024, 1, 8), "79228162514264337593543950335"),
            row("a", date(2024, 1, 8), "0.1"),
        ];
        assert_eq!(summarise(rows, &until(date(2024, 2, 1), None)), Err(SummaryError::AmountOverflow));
    }

    #[test]
    fn a_holdout_before_the_end_of_calibration_is_refused() {
        let windows = until(date(2024, 2, 1), Some(date(2024, 2, 1)));
        assert_eq!(summarise::<String>([], &windows), Err(SummaryError::HoldoutEndsEarly));
        assert!(summarise::<String>([], &until(date(2024, 2, 1), None)).unwrap().customers.is_empty());
    }
}
