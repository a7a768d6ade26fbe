//! The fold of customer tables: one row a customer, with totals so far.

use std::collections::BTreeMap;

use super::group::{GroupId, Grouped, Groups};
use super::sum::{Amount, Sum};
use crate::kpi::{Measure, MeasureSet};

/// Counts the customers behind rows. A customer may have several rows (subscriptions); a row that
/// names nobody is a customer of its own.
#[derive(Clone, Debug, Default)]
pub struct CustomersFold {
    known: BTreeMap<Box<str>, BTreeMap<GroupId, Totals>>,
    unnamed: Vec<(GroupId, Totals)>,
    orders_known: bool,
}

#[derive(Clone, Copy, Debug, Default)]
struct Totals {
    orders: Sum,
    revenue: Sum,
}

impl Totals {
    fn merge(&mut self, other: &Totals) {
        self.orders.merge(&other.orders);
        self.revenue.merge(&other.revenue);
    }
}

impl CustomersFold {
    /// Adds a row to its group and to the total.
    pub fn add(
        &mut self,
        groups: &Groups,
        group: GroupId,
        customer: Option<&str>,
        orders: Option<Amount>,
        revenue: Option<Amount>,
    ) {
        self.orders_known |= orders.is_some();
        for id in groups.with_total(group) {
            let mut totals = Totals::default();
            orders.into_iter().for_each(|orders| totals.orders.add(orders));
            revenue.into_iter().for_each(|revenue| totals.revenue.add(revenue));
            match customer {
                Some(customer) => self.known.entry(customer.into()).or_default().entry(id).or_default().merge(&totals),
                None => self.unnamed.push((id, totals)),
            }
        }
    }

    /// What was measured.
    pub fn finish(&self, groups: &Groups) -> Grouped {
        Grouped {
            total: self.measures(GroupId::TOTAL),
            groups: groups.iter().map(|(id, key)| (key.clone(), self.measures(id))).collect(),
        }
    }

    fn measures(&self, group: GroupId) -> MeasureSet {
        let named = self.known.values().filter_map(|by_group| by_group.get(&group));
        let unnamed = self.unnamed.iter().filter(|(id, _)| *id == group).map(|(_, totals)| totals);
        let (mut customers, mut repeat, mut repeat_revenue) = (0_u64, 0_u64, Sum::default());
        for totals in named.chain(unnamed) {
            customers = customers.saturating_add(1);
            if totals.orders.amount().is_ok_and(|orders| !Amount::whole(2).exceeds(orders)) {
                repeat = repeat.saturating_add(1);
                repeat_revenue.merge(&totals.revenue);
            }
        }
        let mut set = MeasureSet::default();
        set.put_number(Measure::Customers, customers.into());
        if self.orders_known {
            set.put_number(Measure::RepeatCustomers, repeat.into());
            set.put(Measure::RepeatRevenue, repeat_revenue.measured());
        }
        set
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn customers_are_distinct_and_nobody_is_somebody() {
        let groups = Groups::new(false);
        let mut fold = CustomersFold::default();
        for (customer, orders) in [(Some("a"), 1), (Some("a"), 1), (Some("b"), 1), (None, 3)] {
            fold.add(&groups, GroupId::TOTAL, customer, Some(Amount::whole(orders)), Some(Amount::whole(10)));
        }
        let total = fold.finish(&groups).total;
        assert_eq!(total.number(Measure::Customers), Some(3.into()));
        assert_eq!(total.number(Measure::RepeatCustomers), Some(2.into()));
        assert_eq!(total.number(Measure::RepeatRevenue), Some(30.into()));
    }
}
