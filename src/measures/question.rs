//! The question: what is to be computed, over which rows, in which groups.

use std::collections::BTreeSet;

use jiff::civil::Date;
use rust_decimal::Decimal;

use super::period::Period;
use crate::kpi::{Basis, Catalogue, DERIVATIONS, Measure};

/// What the user asks.
#[derive(Clone, Debug, Default)]
#[expect(clippy::struct_excessive_bools, reason = "each is a permission of its own")]
pub struct Question {
    /// Ids of KPIs and measures asked for; empty for everything that can be computed.
    pub kpis: Vec<String>,
    /// Dimensions that groups are formed by, in order.
    pub by: Vec<Dimension>,
    /// Conditions that a row must meet.
    pub filters: Vec<Filter>,
    /// First date that counts.
    pub from: Option<Date>,
    /// Last date that counts.
    pub to: Option<Date>,
    /// What rates of messages are divided by.
    pub basis: Basis,
    /// Measures that no file holds, given by the user.
    pub set: Vec<(Measure, Decimal)>,
    /// Words of the platforms' rules whose rows count all the same: `voided`.
    pub include: Vec<String>,
    /// Whether exports that share campaigns and days are added up all the same.
    pub allow_overlap: bool,
    /// Whether exact duplicates of earlier rows are dropped.
    pub dedupe: bool,
    /// Whether a blank cell of a measure is refused rather than left out of its sum.
    pub strict_missing: bool,
    /// Whether a rate may divide measures that only files of different kinds give.
    pub across_kinds: bool,
}

/// A dimension by name: a period of the row's date, or a column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dimension {
    /// The name as the user wrote it, in lower case.
    pub name: String,
    /// The period that it stands for, if it is one.
    pub period: Option<Period>,
}

impl Dimension {
    /// The dimension of that name.
    pub fn named(name: &str) -> Self {
        let name = name.trim().to_lowercase();
        Dimension { period: Period::from_word(&name), name }
    }
}

/// A condition on a dimension: `channel=email`, `channel!=email,sms`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Filter {
    /// The dimension.
    pub dimension: Dimension,
    /// Values it is compared with.
    pub values: Vec<String>,
    /// Whether the row must have none of them.
    pub negated: bool,
}

impl Filter {
    /// Reads `channel=email`, `channel=email,sms` or `channel!=email`. An empty value stands for
    /// rows where the dimension is blank.
    ///
    /// # Errors
    /// There is no `=`, or nothing before it.
    pub fn parse(text: &str) -> Result<Filter, String> {
        let (name, negated, values) = match (text.split_once("!="), text.split_once('=')) {
            (Some((name, values)), _) => (name, true, values),
            (None, Some((name, values))) => (name, false, values),
            (None, None) => return Err(format!("\"{text}\" is no condition; write dimension=value or dimension!=value")),
        };
        if name.trim().is_empty() {
            return Err(format!("\"{text}\" names no dimension; write dimension=value or dimension!=value"));
        }
        let values = values.split(',').map(|value| value.trim().to_owned()).collect();
        Ok(Filter { dimension: Dimension::named(name), values, negated })
    }

    /// Whether a row with that value passes.
    pub fn passes(&self, value: Option<&str>) -> bool {
        let value = value.unwrap_or("");
        self.values.iter().any(|wanted| wanted == value) != self.negated
    }
}

impl Question {
    /// Whether a date lies within `from` and `to`.
    pub fn covers(&self, date: Date) -> bool {
        self.from.is_none_or(|from| date >= from) && self.to.is_none_or(|to| date <= to)
    }

    /// The measures that the KPIs and measures asked for may read, with those that they may be derived
    /// from; `None` for all.
    pub fn needed(&self, catalogue: &Catalogue) -> Option<BTreeSet<Measure>> {
        if self.kpis.is_empty() {
            return None;
        }
        let measures = |id: &String| match catalogue.kpi(id) {
            Some(kpi) => kpi.formula.measures(),
            None => catalogue.measure(id).into_iter().collect(),
        };
        let mut needed: BTreeSet<Measure> = self.kpis.iter().flat_map(measures).collect();
        // Each round adds at least one of a fixed number of measures.
        loop {
            let rules = DERIVATIONS.iter().filter(|rule| needed.contains(&rule.gives));
            let more: Vec<Measure> =
                rules.flat_map(|rule| rule.from.measures()).filter(|measure| !needed.contains(measure)).collect();
            if more.is_empty() {
                return Some(needed);
            }
            needed.extend(more);
        }
    }

    /// Whether rows need a date: for a period or for `--from`/`--to`.
    pub fn needs_dates(&self) -> bool {
        self.from.is_some()
            || self.to.is_some()
            || self.by.iter().any(|dimension| dimension.period.is_some())
            || self.filters.iter().any(|filter| filter.dimension.period.is_some())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn conditions_are_read() {
        let filter = Filter::parse("Channel = email, sms").expect("a condition");
        assert_eq!(
            (filter.dimension.name.as_str(), filter.values.as_slice()),
            ("channel", ["email".to_owned(), "sms".to_owned()].as_slice())
        );
        assert!(filter.passes(Some("sms")) && !filter.passes(Some("Email")) && !filter.passes(None));
        let not = Filter::parse("channel!=email").expect("a condition");
        assert!(not.passes(None) && !not.passes(Some("email")));
        assert!(Filter::parse("channel").is_err() && Filter::parse("=x").is_err());
    }
}
