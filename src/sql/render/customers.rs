//! Tables of customers: one row a customer, or several, with totals so far.

use super::{Writer, Written, inner, step};
use crate::kpi::Measure;
use crate::sql::columns::{self, TOTAL};
use crate::sql::plan::{CustomerColumns, PlannedSource};
use crate::sql::text::Select;

impl<'a> Writer<'a> {
    pub(super) fn customer_columns(
        &mut self,
        source: &PlannedSource,
        columns: &CustomerColumns,
        select: &mut Select,
        doubts: &mut Vec<String>,
    ) {
        if let Some(column) = &columns.customer {
            select.column(self.name_of(column), "customer_id");
        }
        // Where they were asked for by themselves, the columns are there already.
        for (measure, column) in [(Measure::Orders, &columns.orders), (Measure::Revenue, &columns.revenue)] {
            if let Some(column) = column.as_ref().filter(|_| !source.measures.iter().any(|(known, _)| *known == measure)) {
                select.column(self.dialect.number(&self.cell(column)), inner(measure));
                doubts.extend(self.loses_digits(column, false));
            }
        }
    }

    /// Distinct customers; a row that names nobody is one of its own.
    pub(super) fn customers(&mut self, source: &'a PlannedSource, columns: &CustomerColumns, written: &mut Written<'a>) {
        if columns.wanted.is_empty() {
            return;
        }
        let kind = source.kind;
        let mut handed = vec!["customer_id".to_owned()];
        let has = |measure: Measure, column: &Option<String>| column.as_ref().map(|_| inner(measure));
        let (orders, revenue) = (has(Measure::Orders, &columns.orders), has(Measure::Revenue, &columns.revenue));
        handed.extend(orders.iter().chain(&revenue).cloned());
        let grained = step(kind, "of_each");
        let select = self.at_both_grains(source, &step(kind, "rows"), &handed);
        self.steps.add(&grained, &[select], "");

        let people = step(kind, "people");
        let totals = |select: &mut Select, sum: bool| {
            for (column, name) in [(&orders, "orders"), (&revenue, "revenue")] {
                let Some(column) = column else { continue };
                select.column(if sum { format!("SUM({column})") } else { column.clone() }, name);
            }
        };
        let mut named = Select::from(&grained);
        let mut unnamed = Select::from(&grained);
        for name in self.grain_and_keys() {
            named.column(&name, &name);
            unnamed.column(&name, &name);
        }
        named.column("customer_id", "customer_id");
        unnamed.column("customer_id", "customer_id");
        totals(&mut named, true);
        totals(&mut unnamed, false);
        named.only("customer_id IS NOT NULL");
        unnamed.only("customer_id IS NULL");
        named.group(self.grain_and_keys().into_iter().chain(["customer_id".to_owned()]));
        self.steps.add(&people, &[named, unnamed], "UNION ALL");

        let counted = step(kind, "counted");
        let mut select = Select::from(&people);
        for name in self.grain_and_keys() {
            select.column(&name, &name);
        }
        select.column("COUNT(*)", "customers");
        if orders.is_some() {
            let twice = format!("orders >= {}", self.dialect.integer(2));
            select.column("COUNT(orders)", "known");
            select.column(format!("SUM(CASE WHEN {twice} THEN 1 ELSE 0 END)"), "repeat_customers");
            let revenue = if revenue.is_some() { "COALESCE(revenue, 0)" } else { "0" };
            select.column(format!("SUM(CASE WHEN {twice} THEN {revenue} ELSE 0 END)"), "repeat_revenue");
        }
        select.group(self.grain_and_keys());
        self.steps.add(&counted, &[select], "");
        if columns.wanted.contains(&Measure::Customers) {
            let value =
                format!("CASE WHEN spine.grain = '{TOTAL}' THEN COALESCE({counted}.customers, 0) ELSE {counted}.customers END");
            written.output(value, columns::value(kind, Measure::Customers));
        }
        if orders.is_some() {
            // Known for every group where it is known for any row.
            let known = format!("(SELECT SUM(known) FROM {counted}) > 0");
            for measure in [Measure::RepeatCustomers, Measure::RepeatRevenue] {
                if columns.wanted.contains(&measure) {
                    let name = format!("{counted}.{measure}");
                    let printed = if measure.is_money() { self.printed(&name) } else { name };
                    written.output(format!("CASE WHEN {known} THEN {printed} END"), columns::value(kind, measure));
                }
            }
        }
        written.grouped.push(counted);
    }
}
