//! Samples: the values at the ranks that exact quantiles are worked out from.
//!
//! No engine's percentile function is used: some are approximate, some go through doubles. Ranks are
//! whole numbers in all of them; the interpolation between two values is left to the reader.

use super::{Writer, Written, step};
use crate::kpi::Measure;
use crate::sql::columns::{self, Part};
use crate::sql::plan::PlannedSource;
use crate::sql::text::Select;

impl<'a> Writer<'a> {
    /// Sample of `value` over the rows of a step at both grains. `exact` where the values are exact
    /// numbers and not integers.
    pub(super) fn sample(
        &mut self,
        source: &'a PlannedSource,
        grained: &str,
        value: &str,
        measure: Measure,
        exact: bool,
        written: &mut Written<'a>,
    ) {
        let by = self.grain_and_keys();
        let partition = by.join(", ");
        let ranked = step(source.kind, &format!("{measure}_ranked"));
        let mut select = Select::from(grained);
        for column in &by {
            select.column(column, column);
        }
        select.column(value, "sampled");
        // Counted from 0.
        select.column(format!("ROW_NUMBER() OVER (PARTITION BY {partition} ORDER BY {value}) - 1"), "place");
        select.column(format!("COUNT(*) OVER (PARTITION BY {partition})"), "found");
        select.only(format!("{value} IS NOT NULL"));
        self.steps.add(&ranked, &[select], "");

        let sampled = step(source.kind, &format!("{measure}_sample"));
        let mut select = Select::from(&ranked);
        for column in &by {
            select.column(column, column);
        }
        let mut statistics = vec![
            (Part::Sum, "SUM(sampled)".to_owned()),
            (Part::Min, "MIN(sampled)".to_owned()),
            (Part::Max, "MAX(sampled)".to_owned()),
        ];
        for (low, high, tenths) in [(Part::MedianLow, Part::MedianHigh, 5), (Part::P90Low, Part::P90High, 9)] {
            // The whole rank p at or below (n - 1) * tenths / 10, and p + 1; without any division.
            let at = |shift: &str| {
                format!(
                    "MAX(CASE WHEN 10 * {shift} <= {tenths} * (found - 1) AND {tenths} * (found - 1) < 10 * {shift} + 10 THEN sampled END)"
                )
            };
            statistics.push((low, at("place")));
            statistics.push((high, format!("COALESCE({}, MAX(sampled))", at("(place - 1)"))));
        }
        select.column("COUNT(*)", Part::Count.word());
        for (part, expression) in &statistics {
            select.column(expression, format!("sample_{}", part.word()));
        }
        select.group(by);
        self.steps.add(&sampled, &[select], "");

        written.output(format!("{sampled}.{}", Part::Count.word()), columns::part(source.kind, Part::Count, measure));
        for (part, _) in statistics {
            let name = format!("{sampled}.sample_{}", part.word());
            let printed = if exact { self.printed(&name) } else { name };
            written.output(printed, columns::part(source.kind, part, measure));
        }
        written.grouped.push(sampled);
    }
}
