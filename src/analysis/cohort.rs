//! Customers over time: cohorts by first purchase, and who came, stayed, left and returned a period.
//!
//! **Owns** what retained, lost and returning mean where customers have no contract, and which
//! periods can be judged at all. **Does not know** files or how a table looks.
//!
//! * A customer belongs to the cohort of their first purchase. Refunds reduce revenue on their own
//!   date; they neither make a customer nor keep one.
//! * A period that begins after the last date of the data does not exist here: it is no zero. One
//!   that has begun and not ended is marked as running, and nobody is lost in it yet.
//! * A customer is there at the start of a period if they bought in the one before, and lost if
//!   they do not buy in it. So a customer can return, who then is not new.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::civil::Date;
use rust_decimal::Decimal;

use crate::kpi::Overflow;
use crate::measures::{Amount, Period, Sale, Sales, Sum};

/// Shares of the customers with the highest revenue whose share of revenue is told, in per cent.
const TOP_PERCENTS: [u64; 2] = [10, 20];

/// What divides the customers lost in a period.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChurnDefinition {
    /// Customers there at the start (as `PostHog` does).
    AtStart,
    /// Customers there at the start and those who came during the period (Stripe).
    AtStartAndNew,
}

/// Everything about the customers of a log of sales.
#[derive(Clone, Debug, PartialEq)]
pub struct CustomerBase {
    /// First and last date of the data.
    pub dates: (Date, Date),
    /// Everybody together.
    pub totals: Totals,
    /// Cohorts in the order of their keys.
    pub cohorts: Vec<Cohort>,
    /// Calendar periods from the first with a purchase to that of the last date.
    pub periods: Vec<PeriodAccount>,
    /// Days between the purchases of a customer; none if nobody bought on two days.
    pub gaps: Option<Gaps>,
    /// How much of the revenue the best customers bring; none without positive revenue.
    pub top: Vec<TopShare>,
}

/// Customers, orders and revenue.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Totals {
    /// Customers with a purchase.
    pub customers: u64,
    /// Distinct orders, those of nobody known included.
    pub orders: u64,
    /// Net revenue of all rows.
    pub revenue: Decimal,
    /// The part of it that names no customer, or one who never bought.
    pub revenue_of_nobody: Decimal,
    /// Customers with two orders or more.
    pub repeat_customers: u64,
    /// Their net revenue.
    pub repeat_revenue: Decimal,
}

/// Customers whose first purchase lies in the same period, or in the same group.
#[derive(Clone, Debug, PartialEq)]
pub struct Cohort {
    /// Period or group.
    pub label: String,
    /// How many they are.
    pub size: u64,
    /// Periods from that of the first purchase on, as far as the data go.
    pub cells: Vec<CohortCell>,
}

/// A cohort in one period, counted from that of each customer's first purchase.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CohortCell {
    /// 0 for the period of the first purchase.
    pub period: u64,
    /// Customers whose period of that number has begun by the last date: all of a calendar cohort.
    pub observed: u64,
    /// Those of them who bought in it.
    pub customers: u64,
    /// Net revenue in it.
    pub revenue: Decimal,
    /// Net revenue from the first period to the end of this one.
    pub cumulative_revenue: Decimal,
    /// Whether the period has not ended for all of them.
    pub running: bool,
}

/// Who came, stayed, left and returned in a calendar period, and with how much revenue.
#[derive(Clone, Debug, PartialEq)]
pub struct PeriodAccount {
    /// The period.
    pub label: String,
    /// Whether it has not ended by the last date; then nobody is lost in it, yet.
    pub running: bool,
    /// Orders placed in it.
    pub orders: u64,
    /// Net revenue of all its rows.
    pub revenue: Decimal,
    /// Customers who bought in the period before.
    pub at_start: u64,
    /// Customers with their first purchase in it.
    pub new: u64,
    /// Customers who bought neither for the first time nor in the period before.
    pub returning: u64,
    /// Those at the start who bought again.
    pub retained: u64,
    /// Those at the start who did not; zero in a running period.
    pub lost: u64,
    /// Customers who bought in it: `at_start - lost + new + returning` once it has ended.
    pub active: u64,
    /// Net revenue that the customers at the start brought in the period before.
    pub start_revenue: Decimal,
    /// That of the new customers.
    pub new_revenue: Decimal,
    /// That of the returning customers.
    pub returning_revenue: Decimal,
    /// By how much the retained spent more than in the period before, where they did.
    pub expansion: Decimal,
    /// By how much they spent less, where they did.
    pub contraction: Decimal,
    /// What the lost had spent in the period before.
    pub lost_revenue: Decimal,
}

impl PeriodAccount {
    /// Customers lost by those who could be; none while the period runs or without any.
    pub fn churn(&self, definition: ChurnDefinition) -> Option<Decimal> {
        let could = match definition {
            ChurnDefinition::AtStart => self.at_start,
            ChurnDefinition::AtStartAndNew => self.at_start.checked_add(self.new)?,
        };
        self.share(self.lost.into(), could.into()).filter(|_| self.at_start > 0)
    }

    /// The share of the customers at the start who bought again.
    pub fn retention(&self) -> Option<Decimal> {
        self.share(self.retained.into(), self.at_start.into())
    }

    /// Gross revenue retention: what is left of the revenue at the start after losses, at most 1.
    pub fn gross_revenue_retention(&self) -> Option<Decimal> {
        let left = self.start_revenue.checked_sub(self.lost_revenue)?.checked_sub(self.contraction)?;
        self.share(left, self.start_revenue)
    }

    /// Net revenue retention: the same with what the retained spent more.
    pub fn net_revenue_retention(&self) -> Option<Decimal> {
        let left = self.start_revenue.checked_sub(self.lost_revenue)?.checked_sub(self.contraction)?;
        self.share(left.checked_add(self.expansion)?, self.start_revenue)
    }

    /// Quick ratio: revenue won (new, returning, expansion) by revenue lost (lost, contraction).
    /// None where nothing was lost.
    pub fn quick_ratio(&self) -> Option<Decimal> {
        let won = self.new_revenue.checked_add(self.returning_revenue)?.checked_add(self.expansion)?;
        self.share(won, self.lost_revenue.checked_add(self.contraction)?)
    }

    fn share(&self, part: Decimal, whole: Decimal) -> Option<Decimal> {
        (!self.running && whole > Decimal::ZERO).then(|| part.checked_div(whole)).flatten()
    }
}

/// Days between neighbouring days of purchase of the same customer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Gaps {
    /// How many there are.
    pub count: u64,
    /// Their mean.
    pub mean_days: Decimal,
    /// Their median; the mean of the middle two where there are two.
    pub median_days: Decimal,
}

/// What the best customers bring.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TopShare {
    /// Of the customers, this many in a hundred, rounded up to whole customers.
    pub percent: u64,
    /// How many customers that is.
    pub customers: u64,
    /// Their share of the net revenue of all customers.
    pub share: Decimal,
}

/// Reduces a log of sales to cohorts and periods of that length; with `by_group`, cohorts are the
/// groups of the first purchases instead of its periods. None for a log without a dated row.
///
/// # Errors
/// A sum of money does not fit in 28 digits.
pub fn customer_base(sales: &Sales, period: Period, by_group: bool) -> Result<Option<CustomerBase>, Overflow> {
    let Some(dates) = sales.dates() else { return Ok(None) };
    let mut fold = Fold::new(Calendar::new(period, dates.1));
    let mut rows: Vec<&Sale> = sales.rows().iter().collect();
    // Stable: rows of a day stay in the order of the file, so the first is the first.
    rows.sort_by_key(|sale| (sale.customer, sale.date));
    for of_one in rows.chunk_by(|one, next| one.customer == next.customer) {
        fold.rows(of_one)?;
        if of_one.first().is_some_and(|sale| sale.customer.is_some()) {
            let key = |sale: &Sale| if by_group { group_label(sales.group(sale.group)) } else { fold.calendar.label(sale.date) };
            let first = of_one.iter().find(|sale| sale.is_purchase());
            match first.map(|first| (first.date, key(first))) {
                Some((date, key)) => fold.customer(of_one, date, key)?,
                None => fold.nobody(of_one)?,
            }
        } else {
            fold.nobody(of_one)?;
        }
    }
    fold.finish(dates).map(Some)
}

/// The net amount of a row.
pub fn net(sale: &Sale) -> Result<Amount, Overflow> {
    sale.paid.unwrap_or_default().minus(sale.refunded.unwrap_or_default())
}

fn group_label(values: &[Option<Arc<str>>]) -> String {
    values.iter().map(|value| value.as_deref().unwrap_or("(blank)")).collect::<Vec<_>>().join(" / ")
}

/// Periods by number.
#[derive(Clone, Copy, Debug)]
struct Calendar {
    period: Period,
    /// The period of the last date.
    last: i64,
    /// Whether the last period has not ended.
    running: bool,
}

impl Calendar {
    fn new(period: Period, last: Date) -> Self {
        // The day after the last date still lies in a period that has not ended.
        let running = last.tomorrow().is_ok_and(|next| number(period, next) == number(period, last));
        Calendar { period, last: number(period, last), running }
    }

    fn label(&self, date: Date) -> String {
        self.period.label(date)
    }

    fn is_running(&self, number: i64) -> bool {
        self.running && number == self.last
    }
}

/// Number of the period that holds a date; neighbours have neighbouring numbers.
fn number(period: Period, date: Date) -> i64 {
    let (year, month) = (i64::from(date.year()), i64::from(date.month()) - 1);
    match period {
        Period::Day => days_from_a_monday(date),
        Period::Week => days_from_a_monday(date).div_euclid(7),
        Period::Month => year * 12 + month,
        Period::Quarter => year * 4 + month / 3,
        Period::Year => year,
    }
}

fn days_from_a_monday(date: Date) -> i64 {
    const MONDAY: Date = jiff::civil::date(1970, 1, 5);
    MONDAY.until(date).map_or(0, |span| i64::from(span.get_days()))
}

#[derive(Clone, Debug, Default)]
struct Account {
    label: String,
    orders: u64,
    revenue: Sum,
    new: u64,
    returning: u64,
    retained: u64,
    lost: u64,
    active: u64,
    active_revenue: Sum,
    new_revenue: Sum,
    returning_revenue: Sum,
    expansion: Sum,
    contraction: Sum,
    lost_revenue: Sum,
}

#[derive(Clone, Debug, Default)]
struct CohortFold {
    /// Customers by the number of the period of their first purchase.
    firsts: BTreeMap<i64, u64>,
    /// Customers and revenue by periods after the first.
    cells: BTreeMap<i64, (u64, Sum)>,
}

/// What a customer did in one period.
#[derive(Clone, Copy, Debug, Default)]
struct Activity {
    bought: bool,
    revenue: Sum,
}

#[derive(Debug)]
struct Fold {
    calendar: Calendar,
    cohorts: BTreeMap<String, CohortFold>,
    accounts: BTreeMap<i64, Account>,
    totals: Totals,
    revenue: Sum,
    of_nobody: Sum,
    of_repeaters: Sum,
    gaps: BTreeMap<i64, u64>,
    /// Net revenue of each customer.
    revenues: Vec<Decimal>,
}

impl Fold {
    fn new(calendar: Calendar) -> Self {
        Fold {
            calendar,
            cohorts: BTreeMap::new(),
            accounts: BTreeMap::new(),
            totals: Totals::default(),
            revenue: Sum::default(),
            of_nobody: Sum::default(),
            of_repeaters: Sum::default(),
            gaps: BTreeMap::new(),
            revenues: Vec::new(),
        }
    }

    fn account(&mut self, number: i64) -> &mut Account {
        self.accounts.entry(number).or_default()
    }

    /// What counts for periods whoever the rows are of: orders and revenue.
    fn rows(&mut self, rows: &[&Sale]) -> Result<(), Overflow> {
        // An order may have lines on several rows, all of one customer.
        let mut orders: Vec<(usize, i64)> = Vec::new();
        for sale in rows {
            let number = number(self.calendar.period, sale.date);
            let label = self.calendar.label(sale.date);
            let amount = net(sale)?;
            self.revenue.add(amount);
            let account = self.account(number);
            account.revenue.add(amount);
            account.label = label;
            orders.extend(sale.order.map(|order| (order, number)));
        }
        orders.sort_unstable();
        orders.dedup_by_key(|(order, _)| *order);
        self.totals.orders = self.totals.orders.saturating_add(orders.len() as u64);
        for (_, number) in orders {
            let account = self.account(number);
            account.orders = account.orders.saturating_add(1);
        }
        Ok(())
    }

    fn nobody(&mut self, rows: &[&Sale]) -> Result<(), Overflow> {
        for sale in rows {
            self.of_nobody.add(net(sale)?);
        }
        Ok(())
    }

    /// All rows of a customer in the order of their dates.
    fn customer(&mut self, rows: &[&Sale], first: Date, key: String) -> Result<(), Overflow> {
        let mut activity: BTreeMap<i64, Activity> = BTreeMap::new();
        let mut orders: Vec<usize> = rows.iter().filter_map(|sale| sale.order).collect();
        let mut days: Vec<Date> = rows.iter().filter(|sale| sale.is_purchase()).map(|sale| sale.date).collect();
        orders.sort_unstable();
        orders.dedup();
        days.dedup();
        let mut revenue = Sum::default();
        for sale in rows {
            let amount = net(sale)?;
            revenue.add(amount);
            let of_period = activity.entry(number(self.calendar.period, sale.date)).or_default();
            of_period.bought |= sale.is_purchase();
            of_period.revenue.add(amount);
        }
        self.totals.customers = self.totals.customers.saturating_add(1);
        if orders.len() > 1 {
            self.totals.repeat_customers = self.totals.repeat_customers.saturating_add(1);
            self.of_repeaters.merge(&revenue);
        }
        for pair in days.windows(2) {
            if let [one, next] = pair {
                *self.gaps.entry(days_from_a_monday(*next) - days_from_a_monday(*one)).or_default() += 1;
            }
        }
        self.revenues.push(revenue.amount()?.to_decimal()?);
        let first = number(self.calendar.period, first);
        self.add_to_cohort(key, first, &activity);
        self.add_to_periods(first, &activity)
    }

    fn add_to_cohort(&mut self, key: String, first: i64, activity: &BTreeMap<i64, Activity>) {
        let cohort = self.cohorts.entry(key).or_default();
        *cohort.firsts.entry(first).or_default() += 1;
        for (number, of_period) in activity {
            // A refund before the first purchase counts with it: there is no period before.
            let (customers, revenue) = cohort.cells.entry((number - first).max(0)).or_default();
            *customers += u64::from(of_period.bought);
            revenue.merge(&of_period.revenue);
        }
    }

    fn add_to_periods(&mut self, first: i64, activity: &BTreeMap<i64, Activity>) -> Result<(), Overflow> {
        let bought = |number: i64| activity.get(&number).filter(|of_period| of_period.bought);
        for (&number, of_period) in activity.iter().filter(|(_, of_period)| of_period.bought) {
            let before = bought(number - 1);
            let change = match before {
                Some(before) => Some(of_period.revenue.amount()?.minus(before.revenue.amount()?)?),
                None => None,
            };
            let account = self.account(number);
            account.active += 1;
            account.active_revenue.merge(&of_period.revenue);
            match change {
                None if number == first => {
                    account.new += 1;
                    account.new_revenue.merge(&of_period.revenue);
                }
                None => {
                    account.returning += 1;
                    account.returning_revenue.merge(&of_period.revenue);
                }
                Some(change) => {
                    account.retained += 1;
                    if change.is_negative() {
                        account.contraction.add(change.negated()?);
                    } else {
                        account.expansion.add(change);
                    }
                }
            }
            let next = number + 1;
            if next <= self.calendar.last && !self.calendar.is_running(next) && bought(next).is_none() {
                let account = self.account(next);
                account.lost += 1;
                account.lost_revenue.merge(&of_period.revenue);
            }
        }
        Ok(())
    }

    fn finish(self, dates: (Date, Date)) -> Result<CustomerBase, Overflow> {
        let periods = self.periods(dates)?;
        let cohorts = self.cohorts.iter().map(|(label, cohort)| cohort.finish(label, self.calendar)).collect::<Result<_, _>>()?;
        let totals = Totals {
            revenue: self.revenue.amount()?.to_decimal()?,
            revenue_of_nobody: self.of_nobody.amount()?.to_decimal()?,
            repeat_revenue: self.of_repeaters.amount()?.to_decimal()?,
            ..self.totals
        };
        Ok(CustomerBase { dates, totals, cohorts, periods, gaps: gaps(&self.gaps), top: top_shares(self.revenues) })
    }

    /// Every period from the first with a row to the last, also those without any.
    fn periods(&self, (first, last): (Date, Date)) -> Result<Vec<PeriodAccount>, Overflow> {
        let none = Account::default();
        let mut periods = Vec::new();
        let mut before = &none;
        let mut date = self.calendar.period.start(first);
        while date <= last {
            let of = number(self.calendar.period, date);
            let account = self.accounts.get(&of).unwrap_or(&none);
            let decimal = |sum: &Sum| sum.amount()?.to_decimal();
            periods.push(PeriodAccount {
                label: self.calendar.label(date),
                running: self.calendar.is_running(of),
                orders: account.orders,
                revenue: decimal(&account.revenue)?,
                at_start: before.active,
                new: account.new,
                returning: account.returning,
                retained: account.retained,
                lost: account.lost,
                active: account.active,
                start_revenue: decimal(&before.active_revenue)?,
                new_revenue: decimal(&account.new_revenue)?,
                returning_revenue: decimal(&account.returning_revenue)?,
                expansion: decimal(&account.expansion)?,
                contraction: decimal(&account.contraction)?,
                lost_revenue: decimal(&account.lost_revenue)?,
            });
            before = account;
            match next_start(self.calendar.period, date) {
                Some(next) if next > date => date = next,
                _ => break,
            }
        }
        Ok(periods)
    }
}

/// The first day of the period after the one that begins on this day.
fn next_start(period: Period, start: Date) -> Option<Date> {
    let span = jiff::Span::new();
    let span = match period {
        Period::Day => span.days(1),
        Period::Week => span.days(7),
        Period::Month => span.months(1),
        Period::Quarter => span.months(3),
        Period::Year => span.years(1),
    };
    start.checked_add(span).ok()
}

impl CohortFold {
    fn finish(&self, label: &str, calendar: Calendar) -> Result<Cohort, Overflow> {
        let size = self.firsts.values().sum();
        let earliest = self.firsts.keys().next().copied().unwrap_or(calendar.last);
        let mut cumulative = Sum::default();
        let mut cells = Vec::new();
        for period in 0..=(calendar.last - earliest).max(0) {
            let (customers, revenue) = self.cells.get(&period).copied().unwrap_or_default();
            cumulative.merge(&revenue);
            let begun = |first: &i64| first + period <= calendar.last;
            cells.push(CohortCell {
                period: period.unsigned_abs(),
                observed: self.firsts.iter().filter(|(first, _)| begun(first)).map(|(_, customers)| customers).sum(),
                customers,
                revenue: revenue.amount()?.to_decimal()?,
                cumulative_revenue: cumulative.amount()?.to_decimal()?,
                running: self.firsts.keys().any(|first| calendar.is_running(first + period)),
            });
        }
        Ok(Cohort { label: label.to_owned(), size, cells })
    }
}

fn gaps(counts: &BTreeMap<i64, u64>) -> Option<Gaps> {
    let count: u64 = counts.values().sum();
    let days = counts.iter().try_fold(Decimal::ZERO, |sum, (days, count)| {
        sum.checked_add(Decimal::from(*days).checked_mul(Decimal::from(*count))?)
    })?;
    // The value at a place, counted from 0, of all gaps in order.
    let at = |place: u64| {
        let mut passed = 0;
        counts.iter().find(|(_, count)| {
            passed += **count;
            passed > place
        })
    };
    let (low, high) = (at(count.checked_sub(1)? / 2)?.0, at(count / 2)?.0);
    Some(Gaps {
        count,
        mean_days: days.checked_div(Decimal::from(count))?,
        median_days: Decimal::from(low + high).checked_div(Decimal::TWO)?,
    })
}

fn top_shares(mut revenues: Vec<Decimal>) -> Vec<TopShare> {
    revenues.sort_unstable_by(|one, other| other.cmp(one));
    let sum = |part: &[Decimal]| part.iter().try_fold(Decimal::ZERO, |sum, revenue| sum.checked_add(*revenue));
    let share = |percent: u64| {
        let customers = (revenues.len() as u64).checked_mul(percent)?.div_ceil(100);
        let best = revenues.get(..usize::try_from(customers).ok()?)?;
        let all = sum(&revenues).filter(|all| *all > Decimal::ZERO)?;
        Some(TopShare { percent, customers, share: sum(best)?.checked_div(all)? })
    };
    TOP_PERCENTS.into_iter().filter_map(share).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::measures::OrderRow;
    use jiff::civil::date;

    fn log(rows: &[(&str, Date, i128)]) -> Sales {
        let mut sales = Sales::default();
        for &(customer, day, amount) in rows {
            let refund = amount < 0;
            let row = OrderRow {
                date: Some(day),
                customer: (!customer.is_empty()).then_some(customer),
                gross: (!refund).then_some(Amount::whole(amount)),
                refunds: refund.then_some(Amount::whole(-amount)),
                refund_only: refund,
                ..OrderRow::default()
            };
            sales.add(&[Some(if amount > 50 { "ads" } else { "email" }.into())], &row);
        }
        sales
    }

    /// Worked out by hand: ann buys in January, February and April, bob in January, cas in March;
    /// the data end in the middle of April.
    fn sample() -> Sales {
        log(&[
            ("ann", date(2026, 1, 5), 100),
            ("bob", date(2026, 1, 20), 40),
            ("ann", date(2026, 2, 4), 30),
            ("ann", date(2026, 2, 6), -10),
            ("cas", date(2026, 3, 3), 60),
            ("", date(2026, 3, 9), 7),
            ("ann", date(2026, 4, 1), 25),
            ("dan", date(2026, 4, 2), -5),
            ("ann", date(2026, 4, 15), 1),
        ])
    }

    fn base(by_group: bool) -> CustomerBase {
        customer_base(&sample(), Period::Month, by_group).unwrap().unwrap()
    }

    #[test]
    fn cohorts_end_with_the_data_and_the_running_period_is_marked() {
        let base = base(false);
        let january = &base.cohorts[0];
        assert_eq!((january.label.as_str(), january.size, base.cohorts.len()), ("2026-01", 2, 2));
        let customers: Vec<_> = january.cells.iter().map(|cell| (cell.customers, cell.revenue, cell.running)).collect();
        assert_eq!(customers, [(2, 140.into(), false), (1, 20.into(), false), (0, 0.into(), false), (1, 26.into(), true)]);
        assert_eq!(january.cells[3].cumulative_revenue, 186.into());
        let march = &base.cohorts[1];
        assert_eq!(march.cells.iter().map(|cell| cell.customers).collect::<Vec<_>>(), [1, 0]);
        assert_eq!(base.totals.revenue, 248.into());
        assert_eq!(base.totals.revenue_of_nobody, 2.into());
        assert_eq!((base.totals.customers, base.totals.orders, base.totals.repeat_customers), (3, 7, 1));
    }

    #[test]
    fn customers_come_stay_leave_and_return() {
        let base = base(false);
        let account = |index: usize| {
            let account = &base.periods[index];
            [account.at_start, account.new, account.returning, account.retained, account.lost, account.active]
        };
        assert_eq!(account(0), [0, 2, 0, 0, 0, 2]);
        assert_eq!(account(1), [2, 0, 0, 1, 1, 1]);
        assert_eq!(account(2), [1, 1, 0, 0, 1, 1]);
        // April runs: cas is not lost yet.
        assert_eq!(account(3), [1, 0, 1, 0, 0, 1]);
        let february = &base.periods[1];
        assert_eq!(february.churn(ChurnDefinition::AtStart), Some(Decimal::new(5, 1)));
        assert_eq!(february.retention(), Some(Decimal::new(5, 1)));
        // 140 at the start; 40 lost with bob, ann spends 20 instead of 100.
        assert_eq!((february.lost_revenue, february.contraction, february.expansion), (40.into(), 80.into(), 0.into()));
        assert_eq!(february.gross_revenue_retention(), february.net_revenue_retention());
        let march = &base.periods[2];
        assert_eq!(march.churn(ChurnDefinition::AtStart), Some(1.into()));
        assert_eq!(march.churn(ChurnDefinition::AtStartAndNew), Some(Decimal::new(5, 1)));
        assert_eq!(march.quick_ratio(), Some(3.into()));
        let april = &base.periods[3];
        assert!(april.running && april.churn(ChurnDefinition::AtStart).is_none() && april.retention().is_none());
    }

    #[test]
    fn a_cohort_by_group_counts_only_those_who_can_be_seen() {
        let base = base(true);
        let ads = base.cohorts.iter().find(|cohort| cohort.label == "ads").unwrap();
        // ann since January, cas since March.
        assert_eq!(ads.cells.iter().map(|cell| cell.observed).collect::<Vec<_>>(), [2, 2, 1, 1]);
        assert_eq!(ads.cells.iter().map(|cell| cell.running).collect::<Vec<_>>(), [false, true, false, true]);
        assert_eq!(ads.cells.iter().map(|cell| cell.customers).collect::<Vec<_>>(), [2, 1, 0, 1]);
    }

    #[test]
    fn gaps_and_the_best_customers() {
        let base = base(false);
        // ann: 30, 56 and 14 days.
        let gaps = base.gaps.unwrap();
        assert_eq!((gaps.count, gaps.median_days, gaps.mean_days.round_dp(4)), (3, 30.into(), Decimal::new(333_333, 4)));
        // One of three customers is a tenth, rounded up: ann with 146 of 246.
        assert_eq!(base.top[0].customers, 1);
        assert_eq!(base.top[0].share, Decimal::from(146).checked_div(246.into()).unwrap());
    }

    #[test]
    fn a_period_that_ends_with_the_data_is_whole() {
        let sales = log(&[("ann", date(2026, 1, 5), 1), ("bob", date(2026, 1, 31), 1)]);
        assert!(!customer_base(&sales, Period::Month, false).unwrap().unwrap().periods[0].running);
        assert!(!customer_base(&log(&[("a", date(2026, 1, 4), 1)]), Period::Week, false).unwrap().unwrap().periods[0].running);
        assert!(customer_base(&log(&[("a", date(2026, 1, 3), 1)]), Period::Week, false).unwrap().unwrap().periods[0].running);
        assert_eq!(customer_base(&Sales::default(), Period::Month, false), Ok(None));
    }
}
