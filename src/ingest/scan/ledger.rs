//! Distinct orders and customers of large tables of orders.
//!
//! A customer takes 24 bytes in a table that is at most seven eighths and at least seven sixteenths
//! full: 28 to 55 bytes for each distinct customer, whatever their number of orders. An order takes an
//! eighth of a byte where ids are dense ([`super::ids`]).
//!
//! Only orders of one row each are counted here. Where an id stands on two rows, which of them
//! begins the order depends on their sequence, and the careful path must read the table.

use std::sync::Mutex;

use super::ids::{IdSet, Ids, KnownForms};
use super::intern::spread;
use crate::measures::{Amount, Ledger, LedgerTotals};

/// Parts of the table of customers, by hash.
const PARTITIONS: usize = 256;

/// Rows that are gathered before a partition is locked for them.
const BATCH: usize = 128;

/// What all threads add to.
#[derive(Debug)]
pub(super) struct Customers {
    pub(super) ids: Ids,
    partitions: Vec<Mutex<Partition>>,
}

/// A customer and what the rows so far brought.
#[derive(Clone, Copy, Debug, Default)]
struct Customer {
    /// The id plus one; 0 is a free slot.
    id: u64,
    net: i64,
    orders: u32,
}

/// Customers in a table with open addressing.
#[derive(Debug, Default)]
struct Partition {
    slots: Vec<Customer>,
    taken: usize,
    /// A sum no longer fits.
    overflowed: bool,
}

impl Default for Customers {
    fn default() -> Self {
        Customers { ids: Ids::default(), partitions: (0..PARTITIONS).map(|_| Mutex::default()).collect() }
    }
}

impl Partition {
    fn add(&mut self, id: u64, net: i64) {
        if self.taken.wrapping_mul(8) >= self.slots.len().wrapping_mul(7) {
            self.grow();
        }
        let Some(customer) = find(&mut self.slots, id) else { return };
        if customer.id == 0 {
            *customer = Customer { id: id.wrapping_add(1), net, orders: 1 };
            self.taken = self.taken.wrapping_add(1);
            return;
        }
        match (customer.net.checked_add(net), customer.orders.checked_add(1)) {
            (Some(net), Some(orders)) => {
                customer.net = net;
                customer.orders = orders;
            }
            _ => self.overflowed = true,
        }
    }

    #[cold]
    fn grow(&mut self) {
        let length = self.slots.len().saturating_mul(2).max(64);
        let old = std::mem::replace(&mut self.slots, vec![Customer::default(); length]);
        for customer in old.into_iter().filter(|customer| customer.id != 0) {
            if let Some(slot) = find(&mut self.slots, customer.id.wrapping_sub(1)) {
                *slot = customer;
            }
        }
    }

    fn get(&self, id: u64) -> Option<Customer> {
        let mask = self.slots.len().checked_sub(1)?;
        let mut slot = (spread(id) >> 8) & mask;
        loop {
            let customer = self.slots.get(slot).copied()?;
            if customer.id == id.wrapping_add(1) {
                return Some(customer);
            }
            if customer.id == 0 {
                return None;
            }
            slot = slot.wrapping_add(1) & mask;
        }
    }
}

/// The slot of the customer, or the free one that is theirs.
#[inline]
fn find(slots: &mut [Customer], id: u64) -> Option<&mut Customer> {
    let mask = slots.len().checked_sub(1)?;
    // The lowest bits of the hash chose the partition.
    let mut slot = (spread(id) >> 8) & mask;
    while slots.get(slot).is_some_and(|customer| customer.id != 0 && customer.id != id.wrapping_add(1)) {
        slot = slot.wrapping_add(1) & mask;
    }
    slots.get_mut(slot)
}

/// One thread's part of the orders.
#[derive(Debug)]
pub(super) struct Orders {
    known: KnownForms,
    met: IdSet,
    batches: Vec<Vec<(u64, i64)>>,
    pub(super) totals: Totals,
    /// An order stands on two rows, or something does not fit.
    pub(super) failed: bool,
}

/// Sums over rows.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Totals {
    pub(super) gross: i128,
    pub(super) refunds: i128,
    pub(super) net: i128,
    pub(super) rows: u64,
    pub(super) without_customer: u64,
}

impl Orders {
    pub(super) fn new() -> Self {
        Orders {
            known: KnownForms::default(),
            met: IdSet::default(),
            batches: (0..PARTITIONS).map(|_| Vec::with_capacity(BATCH)).collect(),
            totals: Totals::default(),
            failed: false,
        }
    }

    /// Adds a row: the places of its order's and its customer's id, its gross amount, refunds and
    /// what remains.
    #[inline]
    pub(super) fn add(
        &mut self,
        customers: &Customers,
        bytes: &[u8],
        order: (usize, usize),
        customer: (usize, usize),
        [gross, refunds, net]: [i64; 3],
    ) {
        self.totals.rows = self.totals.rows.wrapping_add(1);
        self.totals.gross = self.totals.gross.wrapping_add(gross.into());
        self.totals.refunds = self.totals.refunds.wrapping_add(refunds.into());
        self.totals.net = self.totals.net.wrapping_add(net.into());
        if order.0 < order.1 {
            let new = customers.ids.id(&mut self.known, bytes, order.0, order.1).is_some_and(|id| self.met.insert(id));
            self.failed |= !new;
        }
        if customer.0 == customer.1 {
            self.totals.without_customer = self.totals.without_customer.wrapping_add(1);
            return;
        }
        let Some(id) = customers.ids.id(&mut self.known, bytes, customer.0, customer.1) else {
            self.failed = true;
            return;
        };
        let partition = spread(id) & (PARTITIONS - 1);
        let Some(batch) = self.batches.get_mut(partition) else { return };
        batch.push((id, net));
        if batch.len() == BATCH {
            self.failed |= customers.add(partition, batch);
        }
    }

    /// Hands over what was gathered.
    pub(super) fn flush(&mut self, customers: &Customers) {
        for (partition, batch) in self.batches.iter_mut().enumerate() {
            self.failed |= customers.add(partition, batch);
        }
        self.batches = Vec::new();
    }
}

impl Customers {
    /// Adds a batch to its partition and empties it; says whether something does not fit.
    fn add(&self, partition: usize, batch: &mut Vec<(u64, i64)>) -> bool {
        let Some(Ok(mut partition)) = self.partitions.get(partition).map(Mutex::lock) else { return true };
        for (id, net) in batch.drain(..) {
            partition.add(id, net);
        }
        partition.overflowed
    }
}

/// Orders and customers of all plain rows.
#[derive(Debug)]
pub struct PlainOrders {
    customers: Customers,
    orders: IdSet,
    totals: Totals,
    places: u32,
    counted: LedgerTotals,
}

impl PlainOrders {
    /// Joins what the threads bring, whose amounts have so many decimal places; `None` when an order
    /// stands on two rows.
    pub(super) fn join(customers: Customers, parts: Vec<Orders>, places: u32) -> Option<PlainOrders> {
        let (mut orders, mut totals, mut failed) = (IdSet::default(), Totals::default(), false);
        for part in parts {
            failed |= part.failed || !orders.take_in(part.met);
            totals.gross = totals.gross.checked_add(part.totals.gross)?;
            totals.refunds = totals.refunds.checked_add(part.totals.refunds)?;
            totals.net = totals.net.checked_add(part.totals.net)?;
            totals.rows = totals.rows.saturating_add(part.totals.rows);
            totals.without_customer = totals.without_customer.saturating_add(part.totals.without_customer);
        }
        if failed {
            return None;
        }
        let amount = |mantissa: i128| Amount { mantissa, scale: places };
        let mut counted = LedgerTotals {
            gross: amount(totals.gross),
            refunds: amount(totals.refunds),
            net: amount(totals.net),
            orders: totals.rows,
            rows_without_customer: totals.without_customer,
            ..LedgerTotals::default()
        };
        let (mut repeat_net, mut all_net) = (0_i128, 0_i128);
        let (mut net_squared, mut orders_squared, mut products) = (0_i128, 0_i128, 0_i128);
        for partition in &customers.partitions {
            for customer in partition.lock().ok()?.slots.iter().filter(|customer| customer.id != 0) {
                counted.customers = counted.customers.saturating_add(1);
                counted.customer_orders = counted.customer_orders.saturating_add(customer.orders.into());
                let (net, orders) = (i128::from(customer.net), i128::from(customer.orders));
                all_net = all_net.checked_add(net)?;
                net_squared = net_squared.checked_add(net.checked_mul(net)?)?;
                orders_squared = orders_squared.checked_add(orders.checked_mul(orders)?)?;
                products = products.checked_add(net.checked_mul(orders)?)?;
                if customer.orders >= 2 {
                    counted.repeat = counted.repeat.saturating_add(1);
                    repeat_net = repeat_net.checked_add(net)?;
                }
            }
        }
        counted.repeat_net = amount(repeat_net);
        counted.all_net = amount(all_net);
        counted.net_squared = Amount { mantissa: net_squared, scale: places.checked_mul(2)? };
        counted.orders_squared = Amount::whole(orders_squared);
        counted.net_times_orders = amount(products);
        Some(PlainOrders { customers, orders, totals, places, counted })
    }

    /// Whether an order of that id is among the rows.
    pub(super) fn has_order(&self, id: &str) -> bool {
        self.totals.rows > 0 && self.customers.ids.id_of(id).is_none_or(|id| self.orders.contains(id))
    }
}

impl Ledger for PlainOrders {
    fn totals(&self) -> LedgerTotals {
        self.counted
    }

    fn customer(&self, id: &str) -> Option<(u64, Amount)> {
        let id = self.customers.ids.id_of(id)?;
        let partition = self.customers.partitions.get(spread(id) & (PARTITIONS - 1))?.lock().ok()?;
        let customer = partition.get(id)?;
        Some((customer.orders.into(), Amount { mantissa: customer.net.into(), scale: self.places }))
    }
}
