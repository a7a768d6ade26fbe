//! The fold of orders and payments: revenue, refunds, orders, and the customers behind them.

use indexmap::{IndexMap, IndexSet};
use jiff::civil::Date;

use super::group::{GroupId, Grouped, Groups};
use super::period::Period;
use super::question::Question;
use super::sum::{Amount, Sum};
use crate::kpi::{Measure, MeasureSet, Overflow, Spread};

/// Adds up order rows. Which customers are new and which come back is judged over every row that
/// it is given, before the question's filters; sums are over the selected rows.
#[derive(Clone, Debug, Default)]
pub struct OrdersFold {
    customers: IndexMap<Box<str>, Customer>,
    orders: IndexSet<Box<str>>,
    /// Orders already counted in a group, by their number in `orders`.
    counted: IndexSet<(GroupId, usize)>,
    shares: IndexMap<(GroupId, usize), Share>,
    sums: IndexMap<GroupId, Sums>,
    has: Has,
    /// Customers that are counted in a ledger and not here.
    beside: LedgerTotals,
    /// Rows without a customer.
    pub rows_without_customer: u64,
}

/// Which columns there are, so that absent ones give no measure.
#[derive(Clone, Copy, Debug, Default)]
struct Has {
    customers: bool,
    refunds: bool,
    net: bool,
}

/// What a row of orders says.
#[derive(Clone, Copy, Debug, Default)]
pub struct OrderRow<'a> {
    /// Its date.
    pub date: Option<Date>,
    /// Identity of the order; without one every row is an order.
    pub order: Option<&'a str>,
    /// Identity of the customer.
    pub customer: Option<&'a str>,
    /// Amount before refunds.
    pub gross: Option<Amount>,
    /// Amount given back.
    pub refunds: Option<Amount>,
    /// Amount after refunds, where the export gives no other.
    pub net: Option<Amount>,
    /// A refund on a row of its own: money, and no order.
    pub refund_only: bool,
    /// Whether the row passes the question's filters.
    pub selected: bool,
}

/// A customer over all rows.
#[derive(Clone, Copy, Debug, Default)]
struct Customer {
    first_order: Option<Date>,
    orders: u64,
}

/// What one customer brought in one group.
#[derive(Clone, Copy, Debug, Default)]
struct Share {
    net: Sum,
    orders: u64,
    /// An order begun in another group counts there; whoever has one here is a customer here, too.
    ordered: bool,
}

#[derive(Clone, Copy, Debug, Default)]
struct Sums {
    gross: Sum,
    refunds: Sum,
    net: Sum,
    orders: u64,
}

/// Many orders, each on one row that gives nothing back, counted elsewhere: in no group, with every
/// customer new.
pub trait Ledger {
    /// What they come to.
    fn totals(&self) -> LedgerTotals;
    /// What one customer has, if any of the orders is theirs.
    fn customer(&self, id: &str) -> Option<LedgerCustomer>;
}

/// What a customer has in a [`Ledger`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LedgerCustomer {
    /// How many orders, selected or not.
    pub orders: u64,
    /// How many selected ones.
    pub selected: u64,
    /// Net amount of those.
    pub net: Amount,
}

/// What the orders of a [`Ledger`] come to: the selected ones, where nothing else is said.
#[derive(Clone, Copy, Debug, Default)]
pub struct LedgerTotals {
    /// Amounts before refunds.
    pub gross: Amount,
    /// Amounts given back on the row of the order.
    pub refunds: Amount,
    /// Amounts after refunds.
    pub net: Amount,
    /// How many orders.
    pub orders: u64,
    /// Orders of nobody known, selected or not.
    pub rows_without_customer: u64,
    /// How many customers.
    pub customers: u64,
    /// Those of them with two orders or more, selected or not.
    pub repeat: u64,
    /// Net amounts of those.
    pub repeat_net: Amount,
    /// Net amounts of all customers.
    pub all_net: Amount,
    /// Orders of all customers.
    pub customer_orders: u64,
    /// Over all customers, the sums of their squared net amounts, of their squared numbers of orders,
    /// and of the products of both.
    pub net_squared: Amount,
    /// See [`LedgerTotals::net_squared`].
    pub orders_squared: Amount,
    /// See [`LedgerTotals::net_squared`].
    pub net_times_orders: Amount,
}

impl OrdersFold {
    /// A fold of rows that have these columns.
    pub fn new(customers: bool, refunds: bool, net: bool) -> Self {
        OrdersFold { has: Has { customers, refunds, net }, ..OrdersFold::default() }
    }

    /// Adds a row to its group and to the total.
    pub fn add(&mut self, groups: &Groups, group: GroupId, row: &OrderRow<'_>) {
        // A negative amount is a refund though the export has no column of them.
        self.has.refunds |= row.refunds.is_some();
        // A refund makes no order, so that it may stand before the purchase as well as after it.
        let order = row.order.filter(|_| !row.refund_only).map(|id| match self.orders.get_index_of(id) {
            Some(index) => (index, false),
            None => (self.orders.insert_full(id.into()).0, true),
        });
        let begins_an_order = !row.refund_only && order.is_none_or(|(_, new)| new);
        let customer = self.customer_of(row, begins_an_order);
        if !row.selected {
            return;
        }
        let zero = Amount::default();
        let net = match row.net {
            Some(net) => Ok(net),
            None => row.gross.unwrap_or(zero).minus(row.refunds.unwrap_or(zero)),
        };
        for id in groups.with_total(group) {
            let sums = self.sums.entry(id).or_default();
            row.gross.into_iter().for_each(|amount| sums.gross.add(amount));
            row.refunds.into_iter().for_each(|amount| sums.refunds.add(amount));
            if let Ok(net) = net {
                sums.net.add(net);
            }
            let first_here = !row.refund_only && order.is_none_or(|(order, _)| self.counted.insert((id, order)));
            if first_here {
                sums.orders = sums.orders.saturating_add(1);
            }
            if let Some(customer) = customer {
                let share = self.shares.entry((id, customer)).or_default();
                share.ordered |= !row.refund_only;
                share.orders = share.orders.saturating_add(first_here.into());
                if let Ok(net) = net {
                    share.net.add(net);
                }
            }
        }
    }

    /// Adds the orders of a ledger, after all rows. No order may be in both.
    ///
    /// # Errors
    /// An amount does not fit.
    pub fn add_ledger(&mut self, ledger: &dyn Ledger) -> Result<(), Overflow> {
        let mut beside = ledger.totals();
        for (index, (id, customer)) in self.customers.iter_mut().enumerate() {
            let Some(LedgerCustomer { orders, selected, net }) = ledger.customer(id) else { continue };
            customer.orders = customer.orders.saturating_add(orders);
            if selected == 0 {
                continue;
            }
            // Whoever is in both is counted here.
            beside.customers = beside.customers.saturating_sub(1);
            beside.all_net = beside.all_net.minus(net)?;
            if orders >= 2 {
                beside.repeat = beside.repeat.saturating_sub(1);
                beside.repeat_net = beside.repeat_net.minus(net)?;
            }
            let number = Amount::whole(selected.into());
            beside.customer_orders = beside.customer_orders.saturating_sub(selected);
            beside.net_squared = beside.net_squared.minus(net.times(net)?)?;
            beside.orders_squared = beside.orders_squared.minus(number.times(number)?)?;
            beside.net_times_orders = beside.net_times_orders.minus(net.times(number)?)?;
            let share = self.shares.entry((GroupId::TOTAL, index)).or_default();
            share.ordered = true;
            share.orders = share.orders.saturating_add(selected);
            share.net.add(net);
        }
        let sums = self.sums.entry(GroupId::TOTAL).or_default();
        sums.gross.add(beside.gross);
        sums.refunds.add(beside.refunds);
        sums.net.add(beside.net);
        sums.orders = sums.orders.saturating_add(beside.orders);
        self.rows_without_customer = self.rows_without_customer.saturating_add(beside.rows_without_customer);
        self.beside = beside;
        Ok(())
    }

    /// The customer's number, with the row counted in their history.
    fn customer_of(&mut self, row: &OrderRow<'_>, begins_an_order: bool) -> Option<usize> {
        let Some(id) = row.customer else {
            self.rows_without_customer = self.rows_without_customer.saturating_add(1);
            return None;
        };
        let index = match self.customers.get_index_of(id) {
            Some(index) => index,
            None => self.customers.insert_full(id.into(), Customer::default()).0,
        };
        let (_, customer) = self.customers.get_index_mut(index)?;
        if begins_an_order {
            customer.orders = customer.orders.saturating_add(1);
        }
        if !row.refund_only {
            customer.first_order = match (customer.first_order, row.date) {
                (Some(known), Some(date)) => Some(known.min(date)),
                (known, date) => known.or(date),
            };
        }
        Some(index)
    }

    /// What was measured.
    pub fn finish(&self, groups: &Groups, question: &Question) -> Grouped {
        let mut measured = Grouped { total: self.sums_of(GroupId::TOTAL), ..Grouped::default() };
        for (id, key) in groups.iter() {
            measured.groups.insert(key.clone(), self.sums_of(id));
        }
        if self.has.customers {
            self.add_customers(groups, question, &mut measured);
        }
        measured
    }

    fn sums_of(&self, id: GroupId) -> MeasureSet {
        let sums = self.sums.get(&id).copied().unwrap_or_default();
        let mut set = MeasureSet::default();
        if !self.has.net {
            set.put(Measure::GrossRevenue, sums.gross.measured());
            if self.has.refunds {
                set.put(Measure::Refunds, sums.refunds.measured());
            }
        }
        set.put(Measure::Revenue, sums.net.measured());
        set.put_number(Measure::Orders, sums.orders.into());
        set
    }

    fn add_customers(&self, groups: &Groups, question: &Question, measured: &mut Grouped) {
        #[derive(Clone, Copy, Default)]
        struct Tally {
            customers: u64,
            repeat: u64,
            new: u64,
            repeat_revenue: Sum,
            new_revenue: Sum,
            by_orders: Squares,
            by_customers: Squares,
        }
        let mut tallies: IndexMap<GroupId, Tally> = IndexMap::new();
        for ((group, customer), share) in &self.shares {
            let Some((_, customer)) = self.customers.get_index(*customer) else { continue };
            let tally = tallies.entry(*group).or_default();
            let count = |counter: &mut u64| *counter = counter.saturating_add(u64::from(share.ordered));
            count(&mut tally.customers);
            tally.by_orders.add(&share.net, share.orders);
            tally.by_customers.add(&share.net, share.ordered.into());
            if customer.orders >= 2 {
                count(&mut tally.repeat);
                tally.repeat_revenue.merge(&share.net);
            }
            if is_new(customer, *group, groups, question) {
                count(&mut tally.new);
                tally.new_revenue.merge(&share.net);
            }
        }
        let put = |set: &mut MeasureSet, tally: Tally| {
            set.put_number(Measure::Customers, tally.customers.into());
            set.put_number(Measure::RepeatCustomers, tally.repeat.into());
            set.put_number(Measure::NewCustomers, tally.new.into());
            set.put(Measure::RepeatRevenue, tally.repeat_revenue.measured());
            set.put(Measure::NewRevenue, tally.new_revenue.measured());
            for (below, squares) in [(Measure::Orders, tally.by_orders), (Measure::Customers, tally.by_customers)] {
                if let Some(spread) = squares.spread(set, Measure::Revenue, below) {
                    set.put_spread(Measure::Revenue, below, spread);
                }
            }
        };
        let mut total = tallies.get(&GroupId::TOTAL).copied().unwrap_or_default();
        total.customers = total.customers.saturating_add(self.beside.customers);
        total.repeat = total.repeat.saturating_add(self.beside.repeat);
        total.new = total.new.saturating_add(self.beside.customers);
        total.repeat_revenue.add(self.beside.repeat_net);
        total.new_revenue.add(self.beside.all_net);
        total.by_orders.add_ledger(&self.beside);
        total.by_customers.add_ledger_by_customer(&self.beside);
        put(&mut measured.total, total);
        for (id, key) in groups.iter() {
            if let Some(set) = measured.groups.get_mut(key) {
                put(set, tallies.get(&id).copied().unwrap_or_default());
            }
        }
    }
}

/// Sums of squares and products over customers, for the spread of revenue by something.
#[derive(Clone, Copy, Debug, Default)]
struct Squares {
    drawn: u64,
    above: Sum,
    below: Sum,
    above_squared: Sum,
    below_squared: Sum,
    products: Sum,
}

impl Squares {
    fn add(&mut self, above: &Sum, below: u64) {
        self.drawn = self.drawn.saturating_add(1);
        self.above.merge(above);
        let Ok(above) = above.amount() else { return };
        let below = Amount::whole(below.into());
        self.below.add(below);
        self.above_squared.add_product(above, above);
        self.below_squared.add_product(below, below);
        self.products.add_product(above, below);
    }

    /// Adds the customers of a ledger, with their numbers of orders.
    fn add_ledger(&mut self, ledger: &LedgerTotals) {
        self.drawn = self.drawn.saturating_add(ledger.customers);
        self.above.add(ledger.all_net);
        self.below.add(Amount::whole(ledger.customer_orders.into()));
        self.above_squared.add(ledger.net_squared);
        self.below_squared.add(ledger.orders_squared);
        self.products.add(ledger.net_times_orders);
    }

    /// Adds the customers of a ledger, each counting one.
    fn add_ledger_by_customer(&mut self, ledger: &LedgerTotals) {
        let customers = Amount::whole(ledger.customers.into());
        self.drawn = self.drawn.saturating_add(ledger.customers);
        self.above.add(ledger.all_net);
        self.below.add(customers);
        self.above_squared.add(ledger.net_squared);
        self.below_squared.add(customers);
        self.products.add(ledger.all_net);
    }

    /// The spread, where the customers make up the whole of both measures: rows without a customer
    /// would be missing from it.
    fn spread(&self, set: &MeasureSet, above: Measure, below: Measure) -> Option<Spread> {
        let number = |sum: &Sum| sum.amount().and_then(Amount::to_decimal).ok();
        let whole = number(&self.above) == set.number(above) && number(&self.below) == set.number(below);
        if !whole {
            return None;
        }
        Some(Spread {
            drawn: self.drawn,
            above_squared: number(&self.above_squared)?,
            below_squared: number(&self.below_squared)?,
            products: number(&self.products)?,
        })
    }
}

/// Whether the customer's first order lies in the group's period: the period of its key where it
/// has one, otherwise the question's, otherwise the whole file.
fn is_new(customer: &Customer, group: GroupId, groups: &Groups, question: &Question) -> bool {
    let Some(first) = customer.first_order else {
        return !question.needs_dates();
    };
    let in_key = groups.key(group).is_none_or(|key| {
        let periods = question.by.iter().zip(&key.0).filter_map(|(dimension, value)| Some((dimension.period?, value)));
        periods.into_iter().all(|(period, value): (Period, _)| value.as_deref() == Some(period.label(first).as_str()))
    });
    in_key && question.covers(first)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::measures::group::GroupKey;
    use crate::measures::question::Dimension;
    use jiff::civil::date;

    fn by_month() -> Question {
        Question { by: vec![Dimension::named("month")], ..Question::default() }
    }

    fn fold(rows: &[(&str, &str, Date, i128, i128)], question: &Question) -> Grouped {
        let mut groups = Groups::new(!question.by.is_empty());
        let mut fold = OrdersFold::new(true, true, false);
        for &(order, customer, day, gross, refund) in rows {
            let group = groups.id(&GroupKey(vec![Some(Period::Month.label(day).into())]));
            let row = OrderRow {
                date: Some(day),
                order: Some(order),
                customer: Some(customer),
                gross: Some(Amount::whole(gross)),
                refunds: Some(Amount::whole(refund)),
                selected: question.covers(day),
                ..OrderRow::default()
            };
            fold.add(&groups, group, &row);
        }
        fold.finish(&groups, question)
    }

    /// Worked out by hand: ann orders in January and February, bob once in February on two lines.
    const ROWS: &[(&str, &str, Date, i128, i128)] = &[
        ("1", "ann", date(2026, 1, 5), 100, 0),
        ("2", "ann", date(2026, 2, 7), 50, 10),
        ("3", "bob", date(2026, 2, 9), 20, 0),
        ("3", "bob", date(2026, 2, 9), 30, 0),
    ];

    #[test]
    fn orders_and_customers_are_distinct_and_repeat_is_judged_on_the_whole_file() {
        let measured = fold(ROWS, &by_month());
        let number = |set: &MeasureSet, measure| set.number(measure).expect("measured").to_string();
        let total = &measured.total;
        assert_eq!(number(total, Measure::Revenue), "190");
        assert_eq!(number(total, Measure::Orders), "3");
        assert_eq!(number(total, Measure::Customers), "2");
        assert_eq!(number(total, Measure::RepeatCustomers), "1");
        assert_eq!(number(total, Measure::RepeatRevenue), "140");
        let key = GroupKey(vec![Some("2026-02".into())]);
        let (_, february) = measured.groups.iter().find(|(known, _)| known.to_key() == key).expect("a group");
        assert_eq!(number(&february, Measure::Customers), "2");
        assert_eq!(number(&february, Measure::NewCustomers), "1");
        assert_eq!(number(&february, Measure::NewRevenue), "50");
        assert_eq!(number(&february, Measure::RepeatRevenue), "40");
    }

    #[test]
    fn a_refund_may_stand_before_the_purchase_that_it_belongs_to() {
        let row = |order, gross: i128, refund_only: bool| OrderRow {
            date: Some(date(2026, 1, 5)),
            order: Some(order),
            customer: Some("ann"),
            gross: (!refund_only).then(|| Amount::whole(gross)),
            refunds: refund_only.then(|| Amount::whole(gross)),
            refund_only,
            selected: true,
            ..OrderRow::default()
        };
        let rows = [row("1", 10, true), row("1", 100, false), row("2", 50, false)];
        let total = |order: &[usize]| {
            let groups = Groups::new(false);
            let mut fold = OrdersFold::new(true, true, false);
            order.iter().for_each(|index| fold.add(&groups, GroupId::TOTAL, &rows[*index]));
            fold.finish(&groups, &Question::default()).total
        };
        let first = total(&[0, 1, 2]);
        assert_eq!(first.number(Measure::Orders), Some(2.into()));
        assert_eq!(first.number(Measure::RepeatCustomers), Some(1.into()));
        assert_eq!(first.number(Measure::Revenue), Some(140.into()));
        assert_eq!(first, total(&[1, 2, 0]));
    }

    #[test]
    fn a_window_decides_who_is_new_but_not_who_comes_back() {
        let question = Question { from: Some(date(2026, 2, 1)), ..Question::default() };
        let total = fold(ROWS, &question).total;
        assert_eq!(total.number(Measure::NewCustomers), Some(1.into()));
        assert_eq!(total.number(Measure::RepeatCustomers), Some(1.into()));
        assert_eq!(total.number(Measure::Revenue), Some(90.into()));
    }
}
