//! Distinct orders and customers of large tables of orders.
//!
//! A customer whose id is a number among many (a quarter at least of each 512 in a row) takes 8 bytes
//! at the place that the number gives: 8 to 32 bytes for each distinct customer. Others take 16
//! bytes in a table with open addressing that is at most seven eighths full and doubles when it is:
//! 18 to 37 bytes. The number of orders does not matter. Ids that are texts are numbered, and kept once
//! each: their length and some 60 bytes more. Customers with more than sixteen million orders (four
//! thousand where only some rows are selected), or with amounts of more than eleven digits, take 32
//! bytes more. The smallest tables take 2 MiB, and each thread 1 MiB. An order takes an eighth of a
//! byte where ids are dense, at most 18 bytes where they are not ([`super::ids`]).
//!
//! Only orders of one row each are counted here. Where an id stands on two rows, which of them
//! begins the order depends on their sequence, and the careful path must read the table.

use std::sync::Mutex;

use super::bits::{Lines, ROWS, each, first_bits, prefetch};
use super::ids::{Directory, IdSet, Ids, KnownForms, NONE};
use super::intern::spread;
use super::zeros;
use crate::measures::{Amount, Ledger, LedgerCustomer, LedgerTotals};

/// Parts of the customers, each with a lock of its own.
const PARTITIONS: usize = 256;

/// Orders that are gathered before a partition is locked for them.
const BATCH: usize = 256;

/// How many orders ahead memory is asked for an account.
const AHEAD: usize = 64;

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
    counts: Counts,
    partitions: Vec<Mutex<Partition>>,
}

/// A customer's id and account, or an order's: what it adds to them. As words, so that the memory of
/// one can be asked for ahead of its use.
type Entry = [i64; 2];

/// The page of an id among those of its partition, and its place there.
#[inline]
fn split(id: u64) -> (u64, usize) {
    #[allow(clippy::cast_possible_truncation, reason = "the remainder is less than a page")]
    let low = (id % PAGE as u64) as usize;
    (id / (PAGE * PARTITIONS) as u64, low)
}

/// The partition of an id. Of as many pages in a row as there are partitions each has one, so that those
/// of dense ids are dense in each; which one is hashed, so that ids that differ by multiples of a
/// power of two are in many.
#[inline]
fn partition_of(id: u64) -> usize {
    let turn = split(id).0.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 32;
    #[allow(clippy::cast_possible_truncation, reason = "the remainder is less than the number of partitions")]
    let partition = ((id / PAGE as u64) ^ turn) as usize % PARTITIONS;
    partition
}

/// An account is a net amount and, in the lowest bits, numbers of orders. An account of 0 is nobody's.
const ORDERS_BITS: u32 = 24;

/// How numbers of orders are kept in an account.
#[derive(Clone, Copy, Debug)]
struct Counts {
    /// The bits of the number of all orders. All of them set mean that the net amount is an index of
    /// the accounts that take more room.
    all: i64,
    /// How far above them the number of the selected ones is; 0 where it is the same number.
    selected: u32,
}

impl Counts {
    /// For rows all of which are selected, or only some.
    fn new(some: bool) -> Counts {
        let bits = if some { ORDERS_BITS / 2 } else { ORDERS_BITS };
        Counts { all: (1 << bits) - 1, selected: if some { bits } else { 0 } }
    }

    /// The account of one order, if its amount fits. Of an order that is not selected no amount counts.
    #[inline]
    fn account_of(self, net: i64, selected: bool) -> Option<i64> {
        if !selected {
            return Some(1);
        }
        let account = net << ORDERS_BITS;
        (account >> ORDERS_BITS == net).then_some(account | 1 | (1 << self.selected))
    }

    /// The sum of two accounts, if it fits and neither has more room.
    #[inline]
    fn add(self, account: i64, more: i64) -> Option<i64> {
        // Neither all bits of the number of orders nor, because they were before, none. Of selected
        // orders there are never more.
        account.checked_add(more).filter(|sum| sum.wrapping_add(1) & self.all > 1)
    }

    /// Where an account with more room is.
    #[inline]
    fn wide_index(self, packed: i64) -> Option<usize> {
        (packed & self.all == self.all).then(|| usize::try_from(packed >> ORDERS_BITS).unwrap_or(usize::MAX))
    }

    /// Net amount, number of orders and number of selected ones of an account without more room.
    #[inline]
    fn parts(self, packed: i64) -> (i64, i64, i64) {
        (packed >> ORDERS_BITS, packed & self.all, (packed >> self.selected) & self.all)
    }

    /// What an account says that is not among those with more room.
    fn unpacked(self, packed: i64) -> Account {
        let (net, orders, selected) = self.parts(packed);
        Account { net: net.into(), orders: orders.cast_unsigned(), selected: selected.cast_unsigned() }
    }

    /// Adds to an account, giving it more room if it has not.
    #[cold]
    fn add_wide(self, account: &mut i64, wide: &mut Vec<Account>, more: Account) {
        let index = self.wide_index(*account).unwrap_or_else(|| {
            let index = wide.len();
            wide.push(self.unpacked(*account));
            *account = (i64::try_from(index).unwrap_or(0) << ORDERS_BITS) | self.all;
            index
        });
        if let Some(account) = wide.get_mut(index) {
            // No file has rows enough for these to overflow.
            account.net = account.net.saturating_add(more.net);
            account.orders = account.orders.saturating_add(more.orders);
            account.selected = account.selected.saturating_add(more.selected);
        }
    }
}

/// An account with all the room that it may need: the net amount of the selected orders, and how many
/// there are of all and of those.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Account {
    net: i128,
    orders: u64,
    selected: u64,
}

/// Customers of the pages of a partition.
#[derive(Debug)]
struct Partition {
    counts: Counts,
    /// Pages that have many customers, and the accounts of all their ids.
    pages: Directory,
    accounts: Vec<i64>,
    /// The other customers, in a table with open addressing, and how many they are.
    slots: Vec<Entry>,
    taken: usize,
    wide: Vec<Account>,
}

impl Customers {
    /// For rows all of which are selected, or only `some`.
    pub(super) fn new(some: bool) -> Self {
        let counts = Counts::new(some);
        let partition = |_| Mutex::new(Partition::new(counts));
        Customers { ids: Ids::default(), counts, partitions: (0..PARTITIONS).map(partition).collect() }
    }
}

impl Partition {
    fn new(counts: Counts) -> Partition {
        Partition { counts, pages: Directory::default(), accounts: Vec::new(), slots: Vec::new(), taken: 0, wide: Vec::new() }
    }

    /// Adds orders, at most [`BATCH`] of them.
    fn add(&mut self, orders: &[Entry]) {
        self.reserve(orders.len());
        // Places are worked out and asked for ahead of their use, so that memory answers meanwhile.
        let mut places = [ELSEWHERE; BATCH];
        let (ahead, _) = orders.split_at_checked(AHEAD).unwrap_or((orders, &[]));
        for (order, place) in ahead.iter().zip(&mut places) {
            *place = self.find(order);
        }
        for (turn, order) in orders.iter().enumerate() {
            let later = turn.wrapping_add(AHEAD);
            if let (Some(order), Some(place)) = (orders.get(later), places.get_mut(later)) {
                *place = self.find(order);
            }
            let Some(place) = places.get(turn) else { return };
            if self.add_at(*place, order).is_none() {
                return;
            }
        }
    }

    /// Asks for the account of an order's customer; says where it is among those of the pages.
    #[inline]
    fn find(&self, [id, _]: &Entry) -> usize {
        if let Some(index) = self.index(id.cast_unsigned()) {
            prefetch(&self.accounts, index);
            index
        } else {
            prefetch(self.slots.as_flattened(), first_slot(&self.slots, *id).wrapping_mul(2));
            ELSEWHERE
        }
    }

    /// Adds an order to the account at that place.
    #[inline]
    fn add_at(&mut self, place: usize, [id, more]: &Entry) -> Option<()> {
        let account = match self.accounts.get_mut(place) {
            Some(account) => account,
            None => account_in(&mut self.slots, &mut self.taken, *id)?,
        };
        match self.counts.add(*account, *more) {
            Some(sum) => *account = sum,
            None => self.counts.add_wide(account, &mut self.wide, self.counts.unpacked(*more)),
        }
        Some(())
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
            self.counts.add_wide(account, &mut self.wide, Account { net: net.into(), orders: 1, selected: 1 });
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
        self.pages.settle();
        self.accounts.resize(self.pages.len().wrapping_mul(PAGE), 0);
        customers.retain(|customer| {
            let place = self.index(customer[0].cast_unsigned()).and_then(|index| self.accounts.get_mut(index));
            place.map(|account| *account = customer[1]).is_none()
        });
        self.slots = zeros(customers.len().wrapping_mul(2).next_power_of_two().max(FEWEST_SLOTS));
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
        let index = self.counts.wide_index(packed);
        index.map_or_else(|| Some(self.counts.unpacked(packed)), |index| self.wide.get(index).copied())
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

/// Amounts of selected rows, and numbers of rows.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Totals {
    pub(super) gross: i128,
    pub(super) refunds: i128,
    pub(super) net: i128,
    pub(super) rows: u64,
    pub(super) selected: u64,
    pub(super) without_customer: u64,
}

impl Totals {
    /// Adds those of other rows. No file has rows enough for these to overflow.
    #[inline]
    fn add(&mut self, more: &Totals) {
        self.gross = self.gross.wrapping_add(more.gross);
        self.refunds = self.refunds.wrapping_add(more.refunds);
        self.net = self.net.wrapping_add(more.net);
        self.rows = self.rows.wrapping_add(more.rows);
        self.selected = self.selected.wrapping_add(more.selected);
        self.without_customer = self.without_customer.wrapping_add(more.without_customer);
    }
}

/// Orders that wait until there is a batch of them for a partition.
#[derive(Debug)]
struct Waiting {
    /// For each partition room for a batch.
    orders: Vec<Entry>,
    /// For each partition where those end that wait for it.
    ends: Vec<usize>,
}

/// What is known of rows that are added together.
#[derive(Debug)]
struct Gathered {
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
            gathered: Box::new(Gathered { net: [0; ROWS], ids: [NONE; ROWS] }),
            totals: Totals::default(),
            failed: false,
        }
    }

    /// Adds those of the `rows` of `lines` whose bits are set, the `selected` ones among them also to the
    /// totals: they have their order's and their customer's id in these columns, and `amounts` tells
    /// of a row its gross amount, refunds and what remains. Says which rows were added: those that have
    /// amounts. Sixteen bytes in front of each id should be readable.
    #[inline]
    pub(super) fn add(
        &mut self,
        customers: &Customers,
        lines: &Lines<'_>,
        [order, customer]: [Option<usize>; 2],
        rows: u64,
        selected: u64,
        amounts: impl Fn(usize) -> Option<[i64; 3]>,
    ) -> u64 {
        let mut added = rows & first_bits(lines.count);
        let mut totals = Totals::default();
        for row in each(added) {
            let (Some([gross, refunds, net]), Some(place)) = (amounts(row), self.gathered.net.get_mut(row)) else {
                added &= !(1 << row);
                continue;
            };
            *place = net;
            if (selected >> row) & 1 == 1 {
                totals.gross = totals.gross.wrapping_add(gross.into());
                totals.refunds = totals.refunds.wrapping_add(refunds.into());
                totals.net = totals.net.wrapping_add(net.into());
            }
        }
        totals.rows = added.count_ones().into();
        totals.selected = (added & selected).count_ones().into();
        if added != 0 {
            let mut sound = order.is_none_or(|column| self.add_orders(customers, lines, column, added));
            match customer {
                Some(column) => sound &= self.add_customers(customers, lines, column, added, selected, &mut totals),
                None => totals.without_customer = totals.rows,
            }
            self.failed |= !sound;
        }
        self.totals.add(&totals);
        added
    }

    /// Notes the orders of the rows; `false` when one stands on two, or an id is not exact.
    fn add_orders(&mut self, customers: &Customers, lines: &Lines<'_>, column: usize, rows: u64) -> bool {
        let ids = &mut self.gathered.ids;
        let exact = customers.ids.read(&mut self.order_forms, lines, column, rows, ids);
        if rows != first_bits(lines.count) {
            for row in each(first_bits(lines.count) & !rows) {
                if let Some(id) = ids.get_mut(row) {
                    *id = NONE;
                }
            }
        }
        exact & self.met.insert_all(ids.get(..lines.count).unwrap_or_default())
    }

    /// Lets the rows wait for the accounts of their customers; `false` when an id is not exact, or
    /// another thread failed.
    fn add_customers(
        &mut self,
        customers: &Customers,
        lines: &Lines<'_>,
        column: usize,
        rows: u64,
        selected: u64,
        totals: &mut Totals,
    ) -> bool {
        let Gathered { ids, net } = &mut *self.gathered;
        let mut sound = customers.ids.read(&mut self.customer_forms, lines, column, rows, ids);
        for row in each(rows) {
            let (Some(id), Some(net)) = (ids.get(row), net.get(row)) else { continue };
            if *id == NONE {
                totals.without_customer = totals.without_customer.wrapping_add(1);
            } else {
                sound &= self.waiting.add(customers, *id, *net, (selected >> row) & 1 == 1);
            }
        }
        sound
    }

    /// Hands over what was gathered.
    pub(super) fn flush(&mut self, customers: &Customers) {
        self.failed |= !self.waiting.flush(customers);
    }
}

impl Waiting {
    fn new() -> Self {
        Waiting {
            orders: vec![[0; 2]; PARTITIONS * BATCH],
            ends: (0..PARTITIONS).map(|partition| partition.wrapping_mul(BATCH)).collect(),
        }
    }

    /// Lets an order wait, or adds it; `false` when another thread failed.
    #[inline]
    fn add(&mut self, customers: &Customers, id: u64, net: i64, selected: bool) -> bool {
        let partition = partition_of(id);
        let Some(account) = customers.counts.account_of(net, selected) else {
            return customers.add_large(partition, id.cast_signed(), net);
        };
        let Some(end) = self.ends.get_mut(partition) else { return false };
        if let Some(place) = self.orders.get_mut(*end) {
            *place = [id.cast_signed(), account];
        }
        *end = end.wrapping_add(1);
        // Where a room ends the next one begins.
        !end.is_multiple_of(BATCH) || self.hand_over(customers, partition)
    }

    /// Adds the orders that wait for a partition to it; `false` when another thread failed.
    #[inline(never)]
    fn hand_over(&mut self, customers: &Customers, partition: usize) -> bool {
        let first = partition.wrapping_mul(BATCH);
        let Some(end) = self.ends.get_mut(partition) else { return false };
        let last = std::mem::replace(end, first);
        customers.add(partition, self.orders.get(first..last).unwrap_or_default())
    }

    /// Adds all orders; `false` when another thread failed.
    fn flush(&mut self, customers: &Customers) -> bool {
        let mut added = true;
        for partition in 0..PARTITIONS {
            added &= self.hand_over(customers, partition);
        }
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
    /// Adds a customer, who counts if some order of theirs is selected; `None` when something does not
    /// fit.
    fn add(&mut self, customer: Account) -> Option<()> {
        if customer.selected == 0 {
            return Some(());
        }
        let (net, orders) = (customer.net, i128::from(customer.selected));
        self.customers = self.customers.checked_add(1)?;
        self.orders = self.orders.checked_add(customer.selected)?;
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
        for page in partition.accounts.chunks(PAGE) {
            self.add_page(partition, page.iter().copied())?;
        }
        for slots in partition.slots.chunks(PAGE) {
            self.add_page(partition, slots.iter().map(|[_, account]| *account))?;
        }
        Some(())
    }

    /// Adds at most a page of accounts; nobody's add nothing. `None` when something does not fit.
    fn add_page(&mut self, partition: &Partition, accounts: impl Iterator<Item = i64>) -> Option<()> {
        let counts = partition.counts;
        // Sums of a page's numbers of 40 and 24 bits, and of squares of the latter, have less than 64.
        let (mut customers, mut all_orders, mut repeat, mut orders_squared) = (0_u64, 0_u64, 0_u64, 0_u64);
        let (mut all_net, mut repeat_net, mut net_squared, mut products) = (0_i64, 0_i64, 0_i128, 0_i128);
        for packed in accounts {
            if counts.wide_index(packed).is_some() {
                self.add(partition.account(packed)?)?;
                continue;
            }
            // Who has no selected order has no amount either.
            let (net, orders, selected) = counts.parts(packed);
            let repeats = orders >= 2 && selected > 0;
            let orders = selected.cast_unsigned();
            customers = customers.wrapping_add((selected > 0).into());
            all_orders = all_orders.wrapping_add(orders);
            repeat = repeat.wrapping_add(repeats.into());
            orders_squared = orders_squared.wrapping_add(orders.wrapping_mul(orders));
            all_net = all_net.wrapping_add(net);
            repeat_net = repeat_net.wrapping_add(if repeats { net } else { 0 });
            net_squared = net_squared.wrapping_add(i128::from(net).wrapping_mul(net.into()));
            products = products.wrapping_add(net.wrapping_mul(selected).into());
        }
        // Of these there are not billions: all fit.
        self.customers = self.customers.wrapping_add(customers);
        self.orders = self.orders.wrapping_add(all_orders);
        self.repeat = self.repeat.wrapping_add(repeat);
        self.orders_squared = self.orders_squared.wrapping_add(orders_squared.into());
        self.net = self.net.wrapping_add(all_net.into());
        self.repeat_net = self.repeat_net.wrapping_add(repeat_net.into());
        self.net_squared = self.net_squared.wrapping_add(net_squared);
        self.products = self.products.wrapping_add(products);
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
            totals.selected = totals.selected.saturating_add(part.totals.selected);
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
            orders: totals.selected,
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

    fn customer(&self, id: &str) -> Option<LedgerCustomer> {
        let id = self.customers.ids.id_of(id)?;
        let partition = self.customers.partitions.get(partition_of(id))?.lock().ok()?;
        let Account { net, orders, selected } = partition.get(id)?;
        Some(LedgerCustomer { orders, selected, net: Amount { mantissa: net, scale: self.places } })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::{BTreeMap, BTreeSet};

    /// Rows of orders: text of the order, text of the customer, gross amount, refunds, whether it is selected.
    type Row = (String, String, i64, i64, bool);

    /// Adds the rows on that many threads, in batches of that many rows; the parts of all threads.
    fn added(customers: &Customers, rows: &[Row], threads: usize, batch: usize) -> Vec<Orders> {
        let mut parts: Vec<Orders> = (0..threads).map(|_| Orders::new()).collect();
        for (number, rows) in rows.chunks(batch).enumerate() {
            let part = &mut parts[number % threads];
            for rows in rows.chunks(ROWS) {
                let (mut bytes, mut ends, mut starts) = (vec![b'7'; 16], vec![0], [0; ROWS + 1]);
                for (row, start) in rows.iter().zip(&mut starts) {
                    *start = u32::try_from(bytes.len()).unwrap();
                    for text in [&row.0, &row.1] {
                        bytes.extend(text.as_bytes());
                        ends.push(u32::try_from(bytes.len()).unwrap());
                        bytes.push(b',');
                    }
                }
                let lines = Lines { bytes: &bytes, ends: &ends, starts: &starts, width: 2, count: rows.len() };
                let bits = |test: &dyn Fn(&Row) -> bool| {
                    rows.iter().enumerate().fold(0, |bits, (index, row)| bits | (u64::from(test(row)) << index))
                };
                let amounts = |row: usize| Some([rows[row].2, rows[row].3, rows[row].2 - rows[row].3]);
                // First some, then the others: rows are added in any combination.
                let some = bits(&|row| row.2 % 3 != 0);
                for chosen in [some, !some] {
                    let added = part.add(customers, &lines, [Some(0), Some(1)], chosen, bits(&|row| row.4), amounts);
                    assert_eq!(added, chosen & first_bits(rows.len()));
                }
            }
        }
        parts.iter_mut().for_each(|part| part.flush(customers));
        parts
    }

    /// What a customer has: number of orders, of selected ones, and net amount of those.
    fn accounts(rows: &[Row]) -> BTreeMap<&str, (u64, u64, i128)> {
        let mut accounts = BTreeMap::new();
        for (_, customer, gross, refunds, selected) in rows.iter().filter(|row| !row.1.is_empty()) {
            let account: &mut (u64, u64, i128) = accounts.entry(customer.as_str()).or_default();
            account.0 += 1;
            if *selected {
                account.1 += 1;
                account.2 += i128::from(gross - refunds);
            }
        }
        accounts
    }

    fn check(rows: &[Row], threads: usize, batch: usize) {
        let customers = Customers::new(rows.iter().any(|row| !row.4));
        let parts = added(&customers, rows, threads, batch);
        let joined = PlainOrders::join(customers, parts, 2);
        let ids: Vec<&str> = rows.iter().map(|row| row.0.as_str()).filter(|id| !id.is_empty()).collect();
        let distinct = ids.iter().collect::<BTreeSet<_>>().len() == ids.len();
        assert_eq!(joined.is_some(), distinct);
        let Some(joined) = joined else { return };
        assert!(ids.iter().all(|id| joined.has_order(id)) && !joined.has_order("none"));
        let known = accounts(rows);
        let cents = |mantissa: i128| Amount { mantissa, scale: 2 };
        for (customer, (orders, selected, net)) in &known {
            let expected = LedgerCustomer { orders: *orders, selected: *selected, net: cents(*net) };
            assert_eq!(joined.customer(customer), Some(expected), "{customer}");
        }
        assert_eq!(joined.customer("nobody"), None);
        assert_eq!(joined.customer("C98765432"), None);
        let buyers: Vec<&(u64, u64, i128)> = known.values().filter(|account| account.1 > 0).collect();
        let sum = |of: &dyn Fn(&(u64, u64, i128)) -> i128| buyers.iter().map(|account| of(account)).sum::<i128>();
        let of_rows = |of: &dyn Fn(&Row) -> i64| cents(rows.iter().filter(|row| row.4).map(|row| i128::from(of(row))).sum());
        let counted = joined.totals();
        assert_eq!(counted.gross, of_rows(&|row| row.2));
        assert_eq!(counted.refunds, of_rows(&|row| row.3));
        assert_eq!(counted.net, of_rows(&|row| row.2 - row.3));
        assert_eq!(counted.orders, rows.iter().filter(|row| row.4).count() as u64);
        assert_eq!(counted.rows_without_customer, rows.iter().filter(|row| row.1.is_empty()).count() as u64);
        assert_eq!(counted.customers, buyers.len() as u64);
        assert_eq!(counted.repeat, buyers.iter().filter(|account| account.0 > 1).count() as u64);
        assert_eq!(counted.customer_orders, buyers.iter().map(|account| account.1).sum::<u64>());
        assert_eq!(counted.all_net, cents(sum(&|account| account.2)));
        assert_eq!(counted.repeat_net, cents(sum(&|account| if account.0 > 1 { account.2 } else { 0 })));
        assert_eq!(counted.net_squared, Amount { mantissa: sum(&|account| account.2 * account.2), scale: 4 });
        assert_eq!(counted.orders_squared, Amount::whole(sum(&|account| i128::from(account.1 * account.1))));
        assert_eq!(counted.net_times_orders, cents(sum(&|account| i128::from(account.1) * account.2)));
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
                any::<bool>(),
            ), 0..600),
            all in any::<bool>(),
            threads in 1_usize..4,
            batch in prop_oneof![Just(1_usize), Just(ROWS), Just(100)],
        ) {
            let rows: Vec<Row> = rows
                .into_iter()
                .enumerate()
                .map(|(number, (order, customer, gross, refunds, selected))| {
                    (order.unwrap_or(format!("N-{number}")), customer, gross, refunds, all || selected)
                })
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
            (order(number), customer, amount(number), 0, !number.is_multiple_of(3))
        };
        let rows: Vec<Row> = (0..60_000).map(row).collect();
        check(&rows, 2, ROWS);
        let customers = Customers::new(true);
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
        for some in [false, true] {
            let counts = Counts::new(some);
            let mut partition = Partition::new(counts);
            // As if the customer had that many orders before, all selected.
            let before = counts.all - 2;
            partition.add(&[[7, (10 << ORDERS_BITS) | (before << counts.selected) | before]]);
            let mut expected = Account { net: 10, orders: before.unsigned_abs(), selected: before.unsigned_abs() };
            for selected in [true, false, true, some, true] {
                assert_eq!(partition.get(7), Some(expected));
                let selected = selected || !some;
                partition.add(&[[7, counts.account_of(5, selected).unwrap()]]);
                expected.orders += 1;
                if selected {
                    expected.selected += 1;
                    expected.net += 5;
                }
            }
            assert_eq!(partition.wide.len(), 1);
            let most = (1_i64 << 39) - 1;
            let mut net = 0;
            for amount in [most, most, most, -most - 1, -most - 1, -most - 1, -most - 1] {
                partition.add(&[[8, counts.account_of(amount, true).unwrap()]]);
                net += i128::from(amount);
                assert_eq!(partition.get(8).map(|account| account.net), Some(net));
            }
            assert_eq!((counts.account_of(most + 1, true), counts.account_of(-most - 2, true)), (None, None));
            partition.add_large(9, i64::MIN);
            partition.add(&[[9, counts.account_of(-1, true).unwrap()]]);
            partition.add_large(9, i64::MIN);
            assert_eq!(partition.get(9), Some(Account { net: 2 * i128::from(i64::MIN) - 1, orders: 3, selected: 3 }));
        }
    }
}
