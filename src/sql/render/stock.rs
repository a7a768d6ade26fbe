//! Stocks: per key the first or the last level, then added over keys.

use super::{Writer, Written, inner, step};
use crate::kpi::{Additivity, Measure};
use crate::sql::columns::{self, Part};
use crate::sql::plan::PlannedSource;
use crate::sql::text::Select;

impl<'a> Writer<'a> {
    /// Two rows of one key at the same end contradict each other, and so do two without a date.
    pub(super) fn stock(&mut self, source: &'a PlannedSource, grained: &str, measure: Measure, written: &mut Written<'a>) {
        let name = inner(measure);
        let dated = source.date.is_some();
        let keys = (1..=source.stock_keys.len()).map(|number| format!("stock_key_{number}"));
        let by: Vec<String> = self.grain_and_keys().into_iter().chain(keys).collect();

        let (levels, ends) = (step(source.kind, &format!("{measure}_levels")), step(source.kind, &format!("{measure}_ends")));
        let mut select = Select::from(grained);
        for column in by.iter().chain([&name]) {
            select.column(column, column);
        }
        if dated {
            // Where some rows have a date, the last level has one, and the first has none.
            let order = if measure.additivity() == Additivity::StockLast {
                "CASE WHEN row_first IS NULL THEN 1 ELSE 0 END, row_first DESC"
            } else {
                "CASE WHEN row_first IS NULL THEN 0 ELSE 1 END, row_first"
            };
            select.column("row_first", "row_first");
            select.column(format!("RANK() OVER (PARTITION BY {} ORDER BY {order})", by.join(", ")), "place");
        }
        select.only(format!("{name} IS NOT NULL"));
        self.steps.add(&levels, &[select], "");

        let mut select = Select::from(&levels);
        for column in &by {
            select.column(column, column);
        }
        select.column(format!("MIN({name})"), "low");
        select.column(format!("MAX({name})"), "high");
        select.column("COUNT(*)", "found");
        select.column(if dated { "COUNT(row_first)" } else { "0" }, "dated");
        if dated {
            select.only("place = 1");
        }
        select.group(by);
        self.steps.add(&ends, &[select], "");

        let stock = step(source.kind, &format!("{measure}_stock"));
        let mut select = Select::from(&ends);
        for column in self.grain_and_keys() {
            select.column(&column, &column);
        }
        select.column("SUM(low)", "level");
        select.column("MAX(CASE WHEN low <> high OR (dated = 0 AND found > 1) THEN found ELSE 1 END)", "rivals");
        select.group(self.grain_and_keys());
        self.steps.add(&stock, &[select], "");

        let printed = self.printed(&format!("{stock}.level"));
        written.output(format!("CASE WHEN {stock}.rivals = 1 THEN {printed} END"), columns::value(source.kind, measure));
        written.output(format!("{stock}.rivals"), columns::part(source.kind, Part::Rivals, measure));
        written.grouped.push(stock);
    }
}
