//! A log of sales: who bought when, for how much, and what was given back.
//!
//! **Owns** the identity of customers and orders over all files of a question. **Does not know**
//! cohorts, models, files or text.

use indexmap::{IndexMap, IndexSet};
use jiff::civil::Date;

use super::group::GroupKey;
use super::orders::OrderRow;
use super::sum::Amount;

/// One row of a log: a purchase, a line of one, or money given back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sale {
    /// The day.
    pub date: Date,
    /// Number of the customer; none where the row names nobody.
    pub customer: Option<usize>,
    /// Number of the order; the lines of an order share it, a refund on a row of its own has none.
    pub order: Option<usize>,
    /// Number of the group, by the dimensions of the question.
    pub group: usize,
    /// What was paid, before refunds. None where the export has no amount in the row.
    pub paid: Option<Amount>,
    /// What was given back; never negative.
    pub refunded: Option<Amount>,
}

impl Sale {
    /// Whether the row is a purchase, not a refund alone.
    pub fn is_purchase(&self) -> bool {
        self.order.is_some()
    }
}

/// All sales of a question.
#[derive(Clone, Debug, Default)]
pub struct Sales {
    customers: IndexSet<Box<str>>,
    groups: IndexSet<GroupKey>,
    /// Where an id was first seen; the value is the number of its order.
    ids: IndexMap<Box<str>, Seen>,
    /// Orders of another file that share an id by chance.
    namesakes: IndexMap<(usize, Box<str>), usize>,
    orders: usize,
    file: usize,
    rows: Vec<Sale>,
    /// Rows that have no date; they are not in the log.
    pub undated: u64,
    /// Ids of orders that stand in two files with the same customer and date: the first of them.
    pub overlap: Option<Box<str>>,
}

#[derive(Clone, Copy, Debug)]
struct Seen {
    number: usize,
    file: usize,
    customer: Option<usize>,
    date: Date,
}

impl Sales {
    /// Rows that follow are of another file.
    pub fn next_file(&mut self) {
        self.file = self.file.saturating_add(1);
    }

    /// Adds a row of an orders table; `group` are the values of the dimensions of the question.
    pub fn add(&mut self, group: &[Option<std::sync::Arc<str>>], row: &OrderRow<'_>) {
        let Some(date) = row.date else {
            self.undated = self.undated.saturating_add(1);
            return;
        };
        let customer = row.customer.map(|id| match self.customers.get_index_of(id) {
            Some(index) => index,
            None => self.customers.insert_full(id.into()).0,
        });
        let group = GroupKey(group.to_vec());
        let group = self.groups.get_index_of(&group).unwrap_or_else(|| self.groups.insert_full(group).0);
        let order = (!row.refund_only).then(|| self.order(row.order, customer, date));
        let negative = row.net.filter(|net| net.is_negative()).and_then(|net| net.negated().ok());
        let paid = if row.refund_only { None } else { row.net.or(row.gross) };
        self.rows.push(Sale { date, customer, order, group, paid, refunded: negative.or(row.refunds) });
    }

    /// The number of the order that the row is a part of.
    fn order(&mut self, id: Option<&str>, customer: Option<usize>, date: Date) -> usize {
        let next = self.orders;
        let Some(id) = id else {
            self.orders = next.saturating_add(1);
            return next;
        };
        let Some(seen) = self.ids.get(id).copied() else {
            self.ids.insert(id.into(), Seen { number: next, file: self.file, customer, date });
            self.orders = next.saturating_add(1);
            return next;
        };
        if seen.file == self.file {
            return seen.number;
        }
        if seen.customer == customer && seen.date == date && self.overlap.is_none() {
            self.overlap = Some(id.into());
        }
        let number = *self.namesakes.entry((self.file, id.into())).or_insert(next);
        self.orders = self.orders.max(number.saturating_add(1));
        number
    }

    /// The rows, in the order in which they were read.
    pub fn rows(&self) -> &[Sale] {
        &self.rows
    }

    /// Number of customers, those included who only ever got money back.
    pub fn customers(&self) -> usize {
        self.customers.len()
    }

    /// The id of the customer of that number.
    pub fn customer(&self, number: usize) -> &str {
        self.customers.get_index(number).map_or("", |id| &**id)
    }

    /// The values of the dimensions of that group.
    pub fn group(&self, number: usize) -> &[Option<std::sync::Arc<str>>] {
        self.groups.get_index(number).map_or(&[], |key| key.0.as_slice())
    }

    /// First and last date.
    pub fn dates(&self) -> Option<(Date, Date)> {
        let first = self.rows.iter().map(|row| row.date).min()?;
        Some((first, self.rows.iter().map(|row| row.date).max()?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    fn row<'a>(order: Option<&'a str>, customer: &'a str, day: i8) -> OrderRow<'a> {
        OrderRow {
            date: Some(date(2026, 1, day)),
            order,
            customer: Some(customer),
            gross: Some(Amount::whole(10)),
            ..OrderRow::default()
        }
    }

    #[test]
    fn lines_share_their_order_and_rows_without_id_are_orders() {
        let mut sales = Sales::default();
        for row in [row(Some("1"), "ann", 1), row(Some("1"), "ann", 1), row(None, "bob", 2), row(None, "bob", 2)] {
            sales.add(&[], &row);
        }
        let orders: Vec<_> = sales.rows().iter().map(|sale| sale.order).collect();
        assert_eq!(orders, [Some(0), Some(0), Some(1), Some(2)]);
        assert_eq!((sales.customers(), sales.customer(1)), (2, "bob"));
    }

    #[test]
    fn an_order_of_two_files_is_told_from_a_namesake() {
        let mut sales = Sales::default();
        sales.add(&[], &row(Some("1"), "ann", 1));
        sales.next_file();
        sales.add(&[], &row(Some("1"), "bob", 3));
        sales.add(&[], &row(Some("1"), "bob", 3));
        assert_eq!(sales.overlap, None);
        assert_eq!(sales.rows().iter().map(|sale| sale.order).collect::<Vec<_>>(), [Some(0), Some(1), Some(1)]);
        sales.next_file();
        sales.add(&[], &row(Some("1"), "ann", 1));
        assert_eq!(sales.overlap.as_deref(), Some("1"));
    }

    #[test]
    fn refunds_are_no_purchases_and_rows_without_a_date_are_counted() {
        let mut sales = Sales::default();
        let refund = OrderRow { gross: None, refunds: Some(Amount::whole(4)), refund_only: true, ..row(Some("9"), "ann", 2) };
        sales.add(&[], &refund);
        let net = OrderRow { gross: None, net: Some(Amount::whole(-3)), refund_only: true, ..row(Some("9"), "ann", 2) };
        sales.add(&[], &net);
        sales.add(&[], &OrderRow { date: None, ..row(None, "ann", 1) });
        let back: Vec<_> = sales.rows().iter().map(|sale| (sale.is_purchase(), sale.paid, sale.refunded)).collect();
        assert_eq!(back, [(false, None, Some(Amount::whole(4))), (false, None, Some(Amount::whole(3)))]);
        assert_eq!(sales.undated, 1);
    }
}
