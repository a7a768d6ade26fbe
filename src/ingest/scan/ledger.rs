//! Distinct orders and customers of large tables of orders.
//!
//! A customer whose id is a number among many (a quarter at least of each 512 in a row) takes 8 bytes
//! at the place that the number gives: 8 to 32 bytes for each distinct customer. Others take 16
//! bytes in a table with open addressing that is at most seven eighths full and doubles when it is:
//! 18 to 37 bytes. The number of orders does not matter. Customers with more than sixteen million
//! orders, or with amounts of more than eleven digits, take 32 bytes more; the smallest tables take
//! 2 MiB, and each thread 1 MiB. An order takes an eighth of a byte where ids are dense
//! ([`super::ids`]).
//!
//! Only orders of one row each are counted here. Where an id stands on two rows, which of them
//! begins the order depends on their sequence, and the careful path must read the table.

use std::sync::Mutex;

use super::bits::{ROWS, prefetch};
use super::ids::{Directory, IdSet, Ids, KnownForms, NONE};
use super::intern::spread;
use crate::measures::{Amount, Ledger, LedgerTotals};

/// Parts of the customers, each with a lock of its own.
const PARTITIONS: usize = 256;

/// Orders that are gathered before a partition is locked for them.
const BATCH: usize = 256;

/// Ids in a row that may have their accounts side by side, in 4 KiB.
const PAGE: usize = 512;

/// How many of them there must be.
const FEWEST_OF_PAGE: usize = PAGE / 4;

/// Places of a partition that has its first customers; there is always room for a batch.
const FEWEST_SLOTS: usize = 2 * BATCH;

/// What all threads add to.
#[derive(Debug)]
pub(super) struct Customers {
    pub(super) ids: Ids,
    partitions: Vec<Mutex<Partition>>,
}

/// A customer's id and account, or an order's: what it adds to them. As words, so that the memory of
/// one can be asked for ahead of its use.
type Entry = [i64; 2];

/// The page of an id, and its place there.
#[inline]
fn split(id: u64) -> (u64, usize) {
    #[allow(clippy::cast_possible_truncation, reason = "the remainder is less than a page")]
    let low = (id % PAGE as u64) as usize;
    (id / PAGE as u64, low)
}

/// The partition of a page: all its ids have the same.
#[inline]
fn partition_of(id: u64) -> usize {
    spread(split(id).0) % PARTITIONS
}

/// An account is a net amount and, in the lowest bits, a number of orders. All bits of the number set
/// mean that the rest is an index of the accounts that take more room. An account of 0 is nobody's.
const ORDERS_BITS: u32 = 24;
const ORDERS: i64 = (1 << ORDERS_BITS) - 1;

/// One order of that amount, if it fits.
#[inline]
fn account_of(net: i64) -> Option<i64> {
    let account = net << ORDERS_BITS;
    (account >> ORDERS_BITS == net).then_some(account | 1)
}

/// An account with all the room that it may need.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Account {
    net: i128,
    orders: u64,
}

impl Account {
    /// What an account says that is not among those with more room.
    #[inline]
    fn of(packed: i64) -> Account {
        Account { net: (packed >> ORDERS_BITS).into(), orders: (packed & ORDERS).cast_unsigned() }
    }
}

/// Customers of the pages of a partition.
#[derive(Debug, Default)]
struct Partition {
    /// Pages that have many customers, and the accounts of all their ids.
    pages: Directory,
    accounts: Vec<i64>,
    /// The other customers, in a table with open addressing, and how many they are.
    slots: Vec<Entry>,
    taken: usize,
    wide: Vec<Account>,
}

impl Default for Customers {
    fn default() -> Self {
        Customers { ids: Ids::default(), partitions: (0..PARTITIONS).map(|_| Mutex::default()).collect() }
    }
}

impl Partition {
    /// Adds orders, at most [`BATCH`] of them.
    fn add(&mut self, orders: &[Entry]) {
        self.reserve(orders.len());
        // First all places are worked out and asked for, so that memory answers meanwhile.
        let mut places = [ELSEWHERE; BATCH];
        for ([id, _], place) in orders.iter().zip(&mut places) {
            if let Some(index) = self.index(id.cast_unsigned()) {
                prefetch(&self.accounts, index);
                *place = index;
            } else {
                prefetch(self.slots.as_flattened(), first_slot(&self.slots, *id).wrapping_mul(2));
            }
        }
        for ([id, more], place) in orders.iter().zip(places) {
            let account = match self.accounts.get_mut(place) {
                Some(account) => account,
                None => match account_in(&mut self.slots, &mut self.taken, *id) {
                    Some(account) => account,
                    None => return,
                },
            };
            match account.checked_add(*more) {
                // Neither all bits of the number of orders nor, because they were before, none.
                Some(sum) if sum.wrapping_add(1) & ORDERS > 1 => *account = sum,
                _ => add_wide(account, &mut self.wide, Account::of(*more)),
            }
        }
    }

    /// Adds an order whose amount has no room in an account.
    #[cold]
    fn add_large(&mut self, id: i64, net: i64) {
        self.reserve(1);
        let account = match self.index(id.cast_unsigned()) {
            Some(index) => self.accounts.get_mut(index),
            None => account_in(&mut self.slots, &mut self.taken, id),
        };
        if let Some(account) = account {
            add_wide(account, &mut self.wide, Account { net: net.into(), orders: 1 });
        }
    }

    /// Where the account of an id is among those of the pages, if it is there.
    #[inline]
    fn index(&self, id: u64) -> Option<usize> {
        let (page, low) = split(id);
        self.pages.find(page).map(|page| page.wrapping_mul(PAGE).wrapping_add(low))
    }

    /// Makes room for so many new customers, at most [`BATCH`].
    #[inline]
    fn reserve(&mut self, new: usize) {
        if self.taken.wrapping_add(new).wrapping_mul(8) > self.slots.len().wrapping_mul(7) {
            self.grow();
        }
    }

    /// Gives pages to ids that are dense by now, and more slots to the others if they need them.
    #[cold]
    fn grow(&mut self) {
        let mut customers = std::mem::take(&mut self.slots);
        customers.retain(|[_, account]| *account != 0);
        let mut pages: Vec<u64> = customers.iter().map(|[id, _]| split(id.cast_unsigned()).0).collect();
        pages.sort_unstable();
        for several in pages.chunk_by(|page, next| page == next) {
            if let Some(page) = several.first().filter(|_| several.len() >= FEWEST_OF_PAGE) {
                self.pages.enter(*page);
            }
        }
        self.accounts.resize(self.pages.len().wrapping_mul(PAGE), 0);
        customers.retain(|customer| {
            let place = self.index(customer[0].cast_unsigned()).and_then(|index| self.accounts.get_mut(index));
            place.map(|account| *account = customer[1]).is_none()
        });
        self.slots = vec![[0; 2]; customers.len().wrapping_mul(2).next_power_of_two().max(FEWEST_SLOTS)];
        self.taken = 0;
        for [id, account] in customers {
            if let Some(place) = account_in(&mut self.slots, &mut self.taken, id) {
                *place = account;
            }
        }
    }

    fn get(&self, id: u64) -> Option<Account> {
        if let Some(index) = self.index(id) {
            return self.accounts.get(index).filter(|account| **account != 0).and_then(|account| self.account(*account));
        }
        let mut slot = first_slot(&self.slots, id.cast_signed());
        loop {
            let [known, account] = *self.slots.get(slot)?;
            if account == 0 {
                return None;
            }
            if known == id.cast_signed() {
                return self.account(account);
            }
            slot = slot.wrapping_add(1) & self.slots.len().wrapping_sub(1);
        }
    }

    /// What an account of this partition says.
    fn account(&self, packed: i64) -> Option<Account> {
        wide_index(packed).map_or(Some(Account::of(packed)), |index| self.wide.get(index).copied())
    }

    /// All accounts.
    fn all(&self) -> impl Iterator<Item = i64> {
        self.accounts.iter().chain(self.slots.iter().map(|[_, account]| account)).copied().filter(|account| *account != 0)
    }
}

/// The place of an account that is not among those of the pages.
const ELSEWHERE: usize = usize::MAX;

/// The slot in which the search for an id begins.
#[inline]
fn first_slot(slots: &[Entry], id: i64) -> usize {
    spread(id.cast_unsigned()) & slots.len().wrapping_sub(1)
}

/// The account of an id, which gets a slot if it has none.
#[inline]
fn account_in<'a>(slots: &'a mut [Entry], taken: &mut usize, id: i64) -> Option<&'a mut i64> {
    let mask = slots.len().wrapping_sub(1);
    let mut slot = first_slot(slots, id);
    while slots.get(slot).is_some_and(|[known, account]| *known != id && *account != 0) {
        slot = slot.wrapping_add(1) & mask;
    }
    let [known, account] = slots.get_mut(slot)?;
    if *account == 0 {
        *known = id;
        *taken = taken.wrapping_add(1);
    }
    Some(account)
}

/// Where an account with more room is.
#[inline]
fn wide_index(packed: i64) -> Option<usize> {
    (packed & ORDERS == ORDERS).then(|| usize::try_from(packed >> ORDERS_BITS).unwrap_or(usize::MAX))
}

/// Adds to an account, giving it more room if it has not.
#[cold]
fn add_wide(account: &mut i64, wide: &mut Vec<Account>, more: Account) {
    let index = wide_index(*account).unwrap_or_else(|| {
        let index = wide.len();
        wide.push(Account::of(*account));
        *account = (i64::try_from(index).unwrap_or(0) << ORDERS_BITS) | ORDERS;
        index
    });
    if let Some(account) = wide.get_mut(index) {
        // No file has rows enough for these to overflow.
        account.net = account.net.saturating_add(more.net);
        account.orders = account.orders.saturating_add(more.orders);
    }
}

/// One thread's part of the orders.
#[derive(Debug)]
pub(super) struct Orders {
    order_forms: KnownForms,
    customer_forms: KnownForms,
    met: IdSet,
    waiting: Waiting,
    gathered: Box<Gathered>,
    pub(super) totals: Totals,
    /// An order stands on two rows, or an id is not exact.
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

/// Orders that wait until there is a batch of them for a partition.
#[derive(Debug)]
struct Waiting {
    /// For each partition room for a batch.
    orders: Vec<Entry>,
    counts: Vec<usize>,
}

/// Rows that are gathered, so that the processor works on several of them at once.
#[derive(Debug)]
struct Gathered {
    count: usize,
    /// From where to where the ids lie.
    orders: [(u32, u32); ROWS],
    customers: [(u32, u32); ROWS],
    /// What remains of their amounts.
    net: [i64; ROWS],
    /// Room for the ids.
    ids: [u64; ROWS],
}

impl Orders {
    pub(super) fn new() -> Self {
        Orders {
            order_forms: KnownForms::default(),
            customer_forms: KnownForms::default(),
            met: IdSet::default(),
            waiting: Waiting::new(),
            gathered: Box::new(Gathered {
                count: 0,
                orders: [(0, 0); ROWS],
                customers: [(0, 0); ROWS],
                net: [0; ROWS],
                ids: [NONE; ROWS],
            }),
            totals: Totals::default(),
            failed: false,
        }
    }

    /// Gathers a row of `bytes`: the places of its order's and its customer's id, without blanks at
    /// both ends, its gross amount, refunds and what remains. Sixteen bytes in front of each id should
    /// be readable. [`Orders::add_gathered`] must follow before other bytes do.
    #[inline]
    pub(super) fn gather(
        &mut self,
        customers: &Customers,
        bytes: &[u8],
        order: (usize, usize),
        customer: (usize, usize),
        [gross, refunds, net]: [i64; 3],
    ) {
        if self.gathered.count == ROWS {
            self.add_gathered(customers, bytes);
        }
        self.totals.gross = self.totals.gross.wrapping_add(gross.into());
        self.totals.refunds = self.totals.refunds.wrapping_add(refunds.into());
        let rows = &mut *self.gathered;
        #[allow(clippy::cast_possible_truncation, reason = "stretches are far shorter than 4 GiB")]
        let narrow = |(start, end): (usize, usize)| (start as u32, end as u32);
        let places = rows.orders.get_mut(rows.count).zip(rows.customers.get_mut(rows.count)).zip(rows.net.get_mut(rows.count));
        if let Some(((order_place, customer_place), net_place)) = places {
            *order_place = narrow(order);
            *customer_place = narrow(customer);
            *net_place = net;
            rows.count = rows.count.wrapping_add(1);
        }
    }

    /// Adds the rows that were gathered from these bytes.
    pub(super) fn add_gathered(&mut self, customers: &Customers, bytes: &[u8]) {
        let Gathered { count, orders, customers: buyers, net, ids } = &mut *self.gathered;
        let count = std::mem::take(count);
        let (Some(orders), Some(buyers), Some(ids)) = (orders.get(..count), buyers.get(..count), ids.get_mut(..count)) else {
            return;
        };
        let mut sound = customers.ids.read(&mut self.order_forms, bytes, orders, ids);
        for id in ids.iter().filter(|id| **id != NONE) {
            sound &= self.met.insert(*id);
        }
        sound &= customers.ids.read(&mut self.customer_forms, bytes, buyers, ids);
        let (mut sum, mut without_customer) = (0_i128, 0_u64);
        for (id, net) in ids.iter().zip(net) {
            sum = sum.wrapping_add((*net).into());
            if *id == NONE {
                without_customer = without_customer.wrapping_add(1);
            } else {
                sound &= self.waiting.add(customers, *id, *net);
            }
        }
        self.totals.rows = self.totals.rows.wrapping_add(count as u64);
        self.totals.net = self.totals.net.wrapping_add(sum);
        self.totals.without_customer = self.totals.without_customer.wrapping_add(without_customer);
        self.failed |= !sound;
    }

    /// Hands over what was gathered.
    pub(super) fn flush(&mut self, customers: &Customers) {
        self.failed |= !self.waiting.flush(customers);
    }
}

impl Waiting {
    fn new() -> Self {
        Waiting { orders: vec![[0; 2]; PARTITIONS * BATCH], counts: vec![0; PARTITIONS] }
    }

    /// Lets an order wait, or adds it; `false` when another thread failed.
    #[inline]
    fn add(&mut self, customers: &Customers, id: u64, net: i64) -> bool {
        let partition = partition_of(id);
        let Some(account) = account_of(net) else { return customers.add_large(partition, id.cast_signed(), net) };
        let Some(count) = self.counts.get_mut(partition) else { return false };
        if let Some(place) = self.orders.get_mut(partition.wrapping_mul(BATCH).wrapping_add(*count)) {
            *place = [id.cast_signed(), account];
        }
        *count = count.wrapping_add(1);
        *count < BATCH || self.hand_over(customers, partition)
    }

    /// Adds the orders that wait for a partition to it; `false` when another thread failed.
    #[inline(never)]
    fn hand_over(&mut self, customers: &Customers, partition: usize) -> bool {
        let count = self.counts.get_mut(partition).map_or(0, std::mem::take);
        let first = partition.wrapping_mul(BATCH);
        customers.add(partition, self.orders.get(first..first.wrapping_add(count)).unwrap_or_default())
    }

    /// Adds all orders; `false` when another thread failed.
    fn flush(&mut self, customers: &Customers) -> bool {
        let added = (0..PARTITIONS).fold(true, |added, partition| self.hand_over(customers, partition) && added);
        self.orders = Vec::new();
        added
    }
}

impl Customers {
    /// Adds orders to a partition; `false` when another thread failed.
    fn add(&self, partition: usize, orders: &[Entry]) -> bool {
        self.partitions
            .get(partition)
            .and_then(|partition| partition.lock().ok())
            .map(|mut customers| customers.add(orders))
            .is_some()
    }

    #[cold]
    fn add_large(&self, partition: usize, id: i64, net: i64) -> bool {
        let partition = self.partitions.get(partition).and_then(|partition| partition.lock().ok());
        partition.map(|mut customers| customers.add_large(id, net)).is_some()
    }
}

/// What all customers come to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Sums {
    customers: u64,
    orders: u64,
    repeat: u64,
    net: i128,
    repeat_net: i128,
    net_squared: i128,
    orders_squared: i128,
    products: i128,
}

impl Sums {
    /// Adds a customer; `None` when something does not fit.
    fn add(&mut self, customer: Account) -> Option<()> {
        let (net, orders) = (customer.net, i128::from(customer.orders));
        self.customers = self.customers.checked_add(1)?;
        self.orders = self.orders.checked_add(customer.orders)?;
        self.net = self.net.checked_add(net)?;
        self.net_squared = self.net_squared.checked_add(net.checked_mul(net)?)?;
        self.orders_squared = self.orders_squared.checked_add(orders.checked_mul(orders)?)?;
        self.products = self.products.checked_add(net.checked_mul(orders)?)?;
        if customer.orders >= 2 {
            self.repeat = self.repeat.checked_add(1)?;
            self.repeat_net = self.repeat_net.checked_add(net)?;
        }
        Some(())
    }

    /// Adds the customers of a partition; `None` when something does not fit.
    fn add_all(&mut self, partition: &Partition) -> Option<()> {
        for packed in partition.all() {
            if wide_index(packed).is_some() {
                self.add(partition.account(packed)?)?;
                continue;
            }
            // Products of numbers of 40 and 24 bits, of which there are not billions: all fit.
            let (net, orders) = (packed >> ORDERS_BITS, packed & ORDERS);
            let repeat = orders >= 2;
            self.customers = self.customers.wrapping_add(1);
            self.orders = self.orders.wrapping_add(orders.cast_unsigned());
            self.repeat = self.repeat.wrapping_add(repeat.into());
            self.net = self.net.wrapping_add(net.into());
            self.repeat_net = self.repeat_net.wrapping_add(if repeat { net } else { 0 }.into());
            self.net_squared = self.net_squared.wrapping_add(i128::from(net).wrapping_mul(net.into()));
            self.orders_squared = self.orders_squared.wrapping_add(orders.wrapping_mul(orders).into());
            self.products = self.products.wrapping_add(net.wrapping_mul(orders).into());
        }
        Some(())
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
        let mut sums = Sums::default();
        for partition in &customers.partitions {
            sums.add_all(&*partition.lock().ok()?)?;
        }
        let counted = LedgerTotals {
            gross: amount(totals.gross),
            refunds: amount(totals.refunds),
            net: amount(totals.net),
            orders: totals.rows,
            rows_without_customer: totals.without_customer,
            customers: sums.customers,
            repeat: sums.repeat,
            repeat_net: amount(sums.repeat_net),
            all_net: amount(sums.net),
            customer_orders: sums.orders,
            net_squared: Amount { mantissa: sums.net_squared, scale: places.checked_mul(2)? },
            orders_squared: Amount::whole(sums.orders_squared),
            net_times_orders: amount(sums.products),
        };
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
        let partition = self.customers.partitions.get(partition_of(id))?.lock().ok()?;
        let customer = partition.get(id)?;
        Some((customer.orders, Amount { mantissa: customer.net, scale: self.places }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::{BTreeMap, BTreeSet};

    /// Rows of orders: text of the order, text of the customer, gross amount and refunds.
    type Row = (String, String, i64, i64);

    /// Adds the rows on that many threads, in batches of that many rows; the parts of all threads.
    fn added(customers: &Customers, rows: &[Row], threads: usize, batch: usize) -> Vec<Orders> {
        let mut parts: Vec<Orders> = (0..threads).map(|_| Orders::new()).collect();
        for (number, rows) in rows.chunks(batch).enumerate() {
            let mut bytes = vec![b'7'; 16];
            let mut cell = |text: &str| {
                let start = bytes.len();
                bytes.extend(text.as_bytes());
                bytes.push(b',');
                (start, bytes.len() - 1)
            };
            let (orders, buyers): (Vec<_>, Vec<_>) = rows.iter().map(|row| (cell(&row.0), cell(&row.1))).unzip();
            let part = &mut parts[number % threads];
            for ((order, customer), row) in orders.iter().zip(&buyers).zip(rows) {
                part.gather(customers, &bytes, *order, *customer, [row.2, row.3, row.2 - row.3]);
            }
            part.add_gathered(customers, &bytes);
        }
        parts.iter_mut().for_each(|part| part.flush(customers));
        parts
    }

    /// What a customer has: number of orders, net amount.
    fn accounts(rows: &[Row]) -> BTreeMap<&str, (u64, i128)> {
        let mut accounts = BTreeMap::new();
        for (_, customer, gross, refunds) in rows.iter().filter(|row| !row.1.is_empty()) {
            let account: &mut (u64, i128) = accounts.entry(customer.as_str()).or_default();
            account.0 += 1;
            account.1 += i128::from(gross - refunds);
        }
        accounts
    }

    fn check(rows: &[Row], threads: usize, batch: usize) {
        let customers = Customers::default();
        let parts = added(&customers, rows, threads, batch);
        let joined = PlainOrders::join(customers, parts, 2);
        let ids: Vec<&str> = rows.iter().map(|row| row.0.as_str()).filter(|id| !id.is_empty()).collect();
        let distinct = ids.iter().collect::<BTreeSet<_>>().len() == ids.len();
        assert_eq!(joined.is_some(), distinct);
        let Some(joined) = joined else { return };
        assert!(ids.iter().all(|id| joined.has_order(id)) && !joined.has_order("none"));
        let known = accounts(rows);
        for (customer, (orders, net)) in &known {
            assert_eq!(joined.customer(customer), Some((*orders, Amount { mantissa: *net, scale: 2 })), "{customer}");
        }
        assert_eq!(joined.customer("nobody"), None);
        assert_eq!(joined.customer("C98765432"), None);
        let cents = |mantissa: i128| Amount { mantissa, scale: 2 };
        let sum = |of: &dyn Fn(&(u64, i128)) -> i128| known.values().map(of).sum::<i128>();
        let repeat = |(orders, net): &(u64, i128)| if *orders > 1 { *net } else { 0 };
        let counted = joined.totals();
        assert_eq!(counted.gross, cents(rows.iter().map(|row| i128::from(row.2)).sum()));
        assert_eq!(counted.refunds, cents(rows.iter().map(|row| i128::from(row.3)).sum()));
        assert_eq!(counted.net, cents(rows.iter().map(|row| i128::from(row.2 - row.3)).sum()));
        assert_eq!(counted.orders, rows.len() as u64);
        assert_eq!(counted.rows_without_customer, rows.iter().filter(|row| row.1.is_empty()).count() as u64);
        assert_eq!(counted.customers, known.len() as u64);
        assert_eq!(counted.repeat, known.values().filter(|account| account.0 > 1).count() as u64);
        assert_eq!(counted.customer_orders, known.values().map(|account| account.0).sum::<u64>());
        assert_eq!(counted.all_net, cents(sum(&|account| account.1)));
        assert_eq!(counted.repeat_net, cents(sum(&repeat)));
        assert_eq!(counted.net_squared, Amount { mantissa: sum(&|account| account.1 * account.1), scale: 4 });
        assert_eq!(counted.orders_squared, Amount::whole(sum(&|account| i128::from(account.0 * account.0))));
        assert_eq!(counted.net_times_orders, cents(sum(&|account| i128::from(account.0) * account.1)));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(60))]
        #[test]
        fn orders_and_customers_are_those_of_an_ordered_map(
            rows in prop::collection::vec((
                prop_oneof![20 => Just(None), 1 => Just(Some(String::new())), 1 => "[0-9]{1,3}".prop_map(Some)],
                prop_oneof![9 => "C1[0-9]{3}", 3 => "[0-9]{1,18}", 1 => "[ab]{1,2}@x\\.org", 1 => Just(String::new()), 1 => "gid://shop/Customer/[0-9]"],
                prop_oneof![9 => 0_i64..100_000, 1 => Just(1_i64 << 39), 1 => Just((1_i64 << 39) - 1), 1 => Just(i64::MAX / 64)],
                prop_oneof![5 => Just(0_i64), 1 => 0_i64..500_000],
            ), 0..600),
            threads in 1_usize..4,
            batch in prop_oneof![Just(1_usize), Just(ROWS), Just(100)],
        ) {
            let rows: Vec<Row> = rows
                .into_iter()
                .enumerate()
                .map(|(number, (order, customer, gross, refunds))| (order.unwrap_or(format!("N-{number}")), customer, gross, refunds))
                .collect();
            check(&rows, threads, batch);
        }
    }

    /// Customers of many kinds: each number of a range, each of a few of a wide one, and texts.
    #[test]
    fn pages_and_slots_hold_what_an_ordered_map_holds() {
        let order = |number: u64| format!("{}", 5_000_000 + number);
        let amount = |number: u64| i64::try_from(number % 997).unwrap() * 10;
        let row = |number: u64| {
            let turn = number / 4;
            let customer = match number % 4 {
                0 => format!("C{}", 10_000 + turn.wrapping_mul(7919) % 9_000),
                1 => format!("{}", number.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 12),
                2 => format!("{}", 512 * 6 * (turn % 9_000)),
                _ => format!("user{}@x", turn % 5_000),
            };
            (order(number), customer, amount(number), 0)
        };
        let rows: Vec<Row> = (0..60_000).map(row).collect();
        check(&rows, 2, ROWS);
        let customers = Customers::default();
        drop(added(&customers, &rows, 2, ROWS));
        let held: Vec<_> = customers.partitions.iter().map(|partition| partition.lock().unwrap()).collect();
        let (in_pages, in_slots) =
            (held.iter().map(|held| held.accounts.len()).sum::<usize>(), held.iter().map(|held| held.taken).sum::<usize>());
        // 9,000 numbers and 5,000 texts are dense and mostly move; the others stay in slots.
        assert!(in_pages > 9_000 && in_pages < 40_000 && in_slots > 20_000, "{in_pages} {in_slots}");
        assert!(
            held.iter().all(|held| held.taken * 8 <= held.slots.len() * 7 && held.slots.len() <= 4 * (held.taken + 2 * BATCH))
        );
    }

    #[test]
    fn an_account_gets_more_room_before_it_overflows() {
        let mut partition = Partition::default();
        let known = account_of(5).unwrap();
        // As if the customer had that many orders before.
        partition.add(&[[7, ORDERS - 2 + (10 << ORDERS_BITS)]]);
        let mut expected = Account { net: 10, orders: ORDERS.unsigned_abs() - 2 };
        for _ in 0..4 {
            assert_eq!(partition.get(7), Some(expected));
            partition.add(&[[7, known]]);
            expected = Account { net: expected.net + 5, orders: expected.orders + 1 };
        }
        assert_eq!(partition.wide.len(), 1);
        let most = (1_i64 << 39) - 1;
        let orders = [most, most, most, -most - 1, -most - 1, -most - 1, -most - 1];
        let mut net = 0;
        for amount in orders {
            partition.add(&[[8, account_of(amount).unwrap()]]);
            net += i128::from(amount);
            assert_eq!(partition.get(8).map(|account| account.net), Some(net));
        }
        assert_eq!((account_of(most + 1), account_of(-most - 2)), (None, None));
        partition.add_large(9, i64::MIN);
        partition.add(&[[9, account_of(-1).unwrap()]]);
        partition.add_large(9, i64::MIN);
        assert_eq!(partition.get(9), Some(Account { net: 2 * i128::from(i64::MIN) - 1, orders: 3 }));
    }
}
