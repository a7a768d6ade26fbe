//! Orders and the customers behind them.

use super::{Writer, Written, flag, or_zero, step};
use crate::kpi::Measure;
use crate::sql::columns::{self, Fact, Part, TOTAL};
use crate::sql::plan::{Key, OrderColumns, PlannedSource};
use crate::sql::text::Select;

/// Measures that need to know who ordered.
const OF_CUSTOMERS: &[Measure] =
    &[Measure::Customers, Measure::RepeatCustomers, Measure::NewCustomers, Measure::RepeatRevenue, Measure::NewRevenue];

/// How many orders the rows are: a row without an id is an order of its own.
fn ordered(columns: &OrderColumns) -> &'static str {
    match columns.order {
        Some(_) => {
            "COUNT(DISTINCT CASE WHEN is_order = 1 THEN order_id END) + SUM(CASE WHEN order_id IS NULL THEN is_order ELSE 0 END)"
        }
        None => "SUM(is_order)",
    }
}

impl<'a> Writer<'a> {
    pub(super) fn order_columns(&mut self, columns: &OrderColumns, select: &mut Select, doubts: &mut Vec<String>) {
        for (column, name) in [(&columns.order, "order_id"), (&columns.customer, "customer_id")] {
            if let Some(column) = column {
                select.column(self.name_of(column), name);
            }
        }
        let mut paid: Vec<String> = columns.gross.iter().map(|column| self.dialect.number(&self.cell(column))).collect();
        doubts.extend(
            columns
                .gross
                .iter()
                .chain(&columns.refunds)
                .chain(&columns.net)
                .filter_map(|column| self.loses_digits(column, false)),
        );
        if let Some((price, quantity)) = &columns.price_and_quantity {
            let (price, quantity) = (self.cell(price), self.cell(quantity));
            match self.dialect.product(&price, &quantity) {
                Some(product) => paid.push(product),
                None => self.problems.push("this engine has no exact product of unit_price and quantity".to_owned()),
            }
            doubts.extend(self.dialect.product_loses_digits(&price, &quantity));
        }
        let paid = match paid.as_slice() {
            [] => None,
            [one] => Some(one.clone()),
            several => Some(format!("COALESCE({})", several.join(", "))),
        };
        let number = |column: &Option<String>| column.as_ref().map(|column| self.dialect.number(&self.cell(column)));
        for (value, name) in [(paid, "paid"), (number(&columns.refunds), "given_back"), (number(&columns.net), "net")] {
            if let Some(value) = value {
                select.column(value, name);
            }
        }
    }

    /// Money by its sign: an amount below zero gives money back, and is no order.
    fn signed(&mut self, source: &PlannedSource, columns: &OrderColumns) {
        let has_paid = !columns.gross.is_empty() || columns.price_and_quantity.is_some();
        let (has_refunds, has_net) = (columns.refunds.is_some(), columns.net.is_some());
        let mut select = Select::from(step(source.kind, "rows"));
        for key in self.keys().into_iter().take(source.keys.len()) {
            select.column(&key, &key);
        }
        for (there, name) in [
            (true, "selected"),
            (source.date.is_some(), "row_first"),
            (columns.order.is_some(), "order_id"),
            (columns.customer.is_some(), "customer_id"),
        ] {
            if there {
                select.column(name, name);
            }
        }
        let below_zero = if has_paid { "paid < 0" } else { "net < 0" };
        select.column(format!("CASE WHEN {below_zero} THEN 0 ELSE 1 END"), "is_order");
        if has_paid {
            select.column("CASE WHEN paid < 0 THEN NULL ELSE paid END", "gross");
        }
        let refund = match (has_paid, has_refunds) {
            (true, true) => {
                "CASE WHEN paid < 0 THEN COALESCE(given_back, 0) - paid WHEN given_back < 0 THEN -given_back ELSE given_back END"
            }
            (true, false) => "CASE WHEN paid < 0 THEN -paid END",
            (false, true) => "CASE WHEN net < 0 THEN given_back WHEN given_back < 0 THEN -given_back ELSE given_back END",
            (false, false) => "NULL",
        };
        if refund != "NULL" {
            select.column(refund, "refunds");
        }
        let net = match (has_net, has_paid, has_refunds) {
            (true, _, true) => "COALESCE(net, -given_back, 0)",
            (true, _, false) => "COALESCE(net, 0)",
            (false, _, true) => {
                "CASE WHEN given_back < 0 AND paid >= 0 OR given_back < 0 AND paid IS NULL THEN COALESCE(paid, 0) + given_back ELSE COALESCE(paid, 0) - COALESCE(given_back, 0) END"
            }
            (false, _, false) => "COALESCE(paid, 0)",
        };
        select.column(net, "earned");
        self.steps.add(step(source.kind, "signed"), &[select], "");
    }

    pub(super) fn orders(&mut self, source: &'a PlannedSource, columns: &OrderColumns, written: &mut Written<'a>) {
        let kind = source.kind;
        self.signed(source, columns);
        let signed = step(kind, "signed");
        let has_paid = !columns.gross.is_empty() || columns.price_and_quantity.is_some();
        let has_refunds = has_paid || columns.refunds.is_some();

        let mut handed: Vec<String> = vec!["is_order".to_owned(), "earned".to_owned()];
        for (there, name) in [
            (has_paid, "gross"),
            (has_refunds, "refunds"),
            (columns.order.is_some(), "order_id"),
            (columns.customer.is_some(), "customer_id"),
        ] {
            if there {
                handed.push(name.to_owned());
            }
        }
        let grained = step(kind, "at_grain");
        let select = self.at_both_grains(source, &signed, &handed);
        self.steps.add(&grained, &[select], "");

        let money = step(kind, "money");
        let mut select = Select::from(&grained);
        for name in self.grain_and_keys() {
            select.column(&name, &name);
        }
        if has_paid {
            select.column("COALESCE(SUM(gross), 0)", "gross");
        }
        if has_refunds {
            select.column("COALESCE(SUM(refunds), 0)", "refunds");
        }
        select.column("SUM(earned)", "earned");
        select.column(ordered(columns), "orders");
        select.group(self.grain_and_keys());
        self.steps.add(&money, &[select], "");
        written.grouped.push(money.clone());

        let wants = |measure: Measure| columns.wanted.contains(&measure);
        let mut money_output = |measure: Measure, name: &str, writer: &Self| {
            let printed = writer.printed(&format!("{money}.{name}"));
            written.output(or_zero(&money, &printed), columns::value(kind, measure));
        };
        if has_paid && wants(Measure::GrossRevenue) {
            money_output(Measure::GrossRevenue, "gross", self);
        }
        if wants(Measure::Revenue) {
            money_output(Measure::Revenue, "earned", self);
        }
        if has_paid && wants(Measure::Refunds) {
            let printed = self.printed(&format!("{money}.refunds"));
            let refunds = or_zero(&money, &printed);
            // Without a column of refunds there are none to speak of until a row gives money back.
            let refunds = if columns.refunds.is_some() {
                refunds
            } else {
                let mut select = Select::from(&signed);
                select.column("COUNT(refunds)", "found");
                self.steps.add(step(kind, "given_back"), &[select], "");
                format!("CASE WHEN (SELECT found FROM {}) > 0 THEN {refunds} END", step(kind, "given_back"))
            };
            written.output(refunds, columns::value(kind, Measure::Refunds));
        }
        if wants(Measure::Orders) {
            let orders = format!("CASE WHEN spine.grain = '{TOTAL}' THEN COALESCE({money}.orders, 0) ELSE {money}.orders END");
            written.output(orders, columns::value(kind, Measure::Orders));
        }
        if columns.customer.is_some() && OF_CUSTOMERS.iter().any(|measure| wants(*measure)) {
            self.buyers(source, columns, &grained, written);
        }
        if columns.order.is_some() && columns.customer.is_some() {
            self.contradictions(source, written);
        }
    }

    /// Who ordered, for the first time or again, judged over all rows of the table.
    fn buyers(&mut self, source: &'a PlannedSource, columns: &OrderColumns, grained: &str, written: &mut Written<'a>) {
        let kind = source.kind;
        let history = step(kind, "history");
        let mut select = Select::from(step(kind, "signed"));
        select.column("customer_id", "customer_id");
        if source.date.is_some() {
            select.column("MIN(CASE WHEN is_order = 1 THEN row_first END)", "first_order");
        }
        select.column(ordered(columns), "orders");
        select.only("customer_id IS NOT NULL");
        select.group(["customer_id".to_owned()]);
        self.steps.add(&history, &[select], "");

        let shares = step(kind, "shares");
        let mut select = Select::from(grained);
        for name in self.grain_and_keys() {
            select.column(&name, &name);
        }
        select.column("customer_id", "customer_id");
        select.column("MAX(is_order)", "ordered");
        select.column("SUM(earned)", "earned");
        select.column(ordered(columns), "orders");
        select.only("customer_id IS NOT NULL");
        select.group(self.grain_and_keys().into_iter().chain(["customer_id".to_owned()]));
        self.steps.add(&shares, &[select], "");

        let buyers = step(kind, "buyers");
        let new = self.is_new(source);
        let mut select = Select::from(format!("{shares} AS s"));
        select.join(format!("JOIN {history} AS h ON h.customer_id = s.customer_id"));
        for name in self.grain_and_keys() {
            select.column(format!("s.{name}"), &name);
        }
        select.column("SUM(s.ordered)", "customers");
        select.column("SUM(CASE WHEN h.orders >= 2 THEN s.ordered ELSE 0 END)", "repeat_customers");
        select.column("SUM(CASE WHEN h.orders >= 2 THEN s.earned ELSE 0 END)", "repeat_revenue");
        select.column(format!("SUM(CASE WHEN {new} THEN s.ordered ELSE 0 END)"), "new_customers");
        select.column(format!("SUM(CASE WHEN {new} THEN s.earned ELSE 0 END)"), "new_revenue");
        let spreads = [(Measure::Orders, "s.orders"), (Measure::Customers, "s.ordered")]
            .map(|(below, share)| (below, share, self.dialect.squares("s.earned")));
        let spread = |measure: &Measure| columns.wanted.contains(&Measure::Revenue) && columns.wanted.contains(measure);
        for (below, share, squares) in spreads.iter().filter(|(below, _, _)| spread(below)) {
            select.column("COUNT(*)", format!("drawn_{below}"));
            select.column("SUM(s.earned)", format!("above_{below}"));
            select.column(format!("SUM({share})"), format!("below_{below}"));
            select.column(squares, format!("above_squared_{below}"));
            select.column(format!("SUM({share} * {share})"), format!("below_squared_{below}"));
            select.column(format!("SUM(s.earned * {share})"), format!("products_{below}"));
        }
        select.group(self.of("s"));
        self.steps.add(&buyers, &[select], "");
        for (below, _, _) in spreads.iter().filter(|(below, _, _)| spread(below)) {
            let of = |part: Part| format!("{buyers}.{}_{below}", part.word());
            for part in [Part::Drawn, Part::Below, Part::BelowSquared, Part::AboveSquared] {
                written.output(of(part), columns::part(kind, part, *below));
            }
            for part in [Part::Above, Part::Products] {
                written.output(self.printed(&of(part)), columns::part(kind, part, *below));
            }
        }

        let money = step(kind, "money");
        for &measure in OF_CUSTOMERS.iter().filter(|measure| columns.wanted.contains(measure)) {
            let name = format!("{buyers}.{measure}");
            let printed = if measure.is_money() { self.printed(&name) } else { name.clone() };
            // A group of rows without any customer has none, which is known.
            let value = format!(
                "CASE WHEN {name} IS NULL AND (spine.grain = '{TOTAL}' OR {money}.grain IS NOT NULL) THEN 0 ELSE {printed} END"
            );
            written.output(value, columns::value(kind, measure));
        }
        written.grouped.push(buyers);
    }

    /// The condition that the first order of `h` lies in the period of the group of `s`: that of its
    /// keys and that of the question. Without a date it does where no date was asked for.
    fn is_new(&self, source: &PlannedSource) -> String {
        let without = if self.plan.needs_dates { "1 = 0" } else { "1 = 1" };
        if source.date.is_none() {
            return without.to_owned();
        }
        let known = self.plan.needs_dates.then(|| "h.first_order IS NOT NULL".to_owned());
        let mut conditions: Vec<String> = known.into_iter().chain(self.covers("h.first_order")).collect();
        for (key, name) in source.keys.iter().zip(self.keys()) {
            if let Key::Period(period) = key {
                let label = self.dialect.label(*period, "h.first_order");
                conditions.push(format!("(s.grain = '{TOTAL}' OR {label} = s.{name})"));
            }
        }
        if conditions.is_empty() { "1 = 1".to_owned() } else { conditions.join(" AND ") }
    }

    /// Orders whose rows name two customers, or one and none: it is not told whose order it is.
    fn contradictions(&mut self, source: &PlannedSource, written: &mut Written<'_>) {
        let each = step(source.kind, "each");
        let mut select = Select::from(step(source.kind, "signed"));
        let contradicts = "MIN(customer_id) <> MAX(customer_id) OR (COUNT(customer_id) > 0 AND COUNT(customer_id) < COUNT(*))";
        select.column("order_id", "order_id");
        select.column(flag(contradicts), "contradicts");
        select.only("order_id IS NOT NULL");
        select.only("is_order = 1");
        select.group(["order_id".to_owned()]);
        self.steps.add(&each, &[select], "");
        let count = step(source.kind, "conflicts");
        let mut select = Select::from(&each);
        select.column("COALESCE(SUM(contradicts), 0)", "found");
        self.steps.add(&count, &[select], "");
        written.output(format!("(SELECT found FROM {count})"), columns::fact(source.kind, Fact::Conflicts));
    }
}
