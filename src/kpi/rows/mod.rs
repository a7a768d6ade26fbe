//! The rows of the catalogue, one file a category.

use super::catalogue::Category;
use super::expr::Expr;

mod automation;
mod common;
mod conversion;
mod customers;
mod engagement;
mod subscriptions;
mod value;

/// The catalogue in the order in which it is listed.
pub static CATEGORIES: &[Category] = &[
    Category { name: "Response and engagement", kpis: engagement::KPIS },
    Category { name: "Conversion", kpis: conversion::KPIS },
    Category { name: "Customers", kpis: customers::KPIS },
    Category { name: "Subscriptions", kpis: subscriptions::KPIS },
    Category { name: "Value", kpis: value::KPIS },
    Category { name: "Running the automation", kpis: automation::KPIS },
];

/// Formulas that have a name in other formulas without being KPIs.
pub static SHARED: &[(&str, Expr)] = &[("cost", common::COST)];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kpi::{Additivity, Measure, Population, Unit};

    #[test]
    fn the_name_of_a_measure_means_that_measure() {
        // `--kpi` takes ids of both, so one word must not stand for two numbers.
        for kpi in CATEGORIES.iter().flat_map(|category| category.kpis) {
            for name in std::iter::once(&kpi.id).chain(kpi.aliases) {
                if let Some(measure) = Measure::from_id(name) {
                    assert_eq!(kpi.formula, Expr::Measure(measure), "{name}");
                }
            }
        }
    }

    #[test]
    fn a_share_is_a_count_by_a_count() {
        for kpi in CATEGORIES.iter().flat_map(|category| category.kpis).filter(|kpi| kpi.unit == Unit::Share) {
            assert!(matches!(kpi.formula, Expr::Ratio(..)), "{} has no denominator", kpi.id);
            assert_eq!(kpi.population, Population::SameSource, "{}: a part and its whole have one source", kpi.id);
            for measure in kpi.formula.measures() {
                assert_eq!(measure.unit(), Unit::Count, "{}: {measure} is not counted", kpi.id);
            }
        }
    }

    #[test]
    fn a_bare_measure_keeps_its_unit() {
        for kpi in CATEGORIES.iter().flat_map(|category| category.kpis) {
            if let Expr::Measure(measure) = kpi.formula {
                assert_eq!(kpi.unit, measure.unit(), "{}", kpi.id);
                assert_ne!(measure.additivity(), Additivity::Parameter, "{}", kpi.id);
            }
        }
    }

    #[test]
    fn the_basis_changes_only_rates_over_messages() {
        let over_recipients: Vec<_> =
            CATEGORIES.iter().flat_map(|category| category.kpis).filter(|kpi| kpi.depends_on_basis()).map(|kpi| kpi.id).collect();
        assert_eq!(
            over_recipients,
            [
                "open_rate",
                "open_rate_excluding_machine",
                "ctr",
                "unsubscribe_rate",
                "complaint_rate",
                "campaign_conversion_rate",
                "revenue_per_recipient"
            ]
        );
    }

    #[test]
    fn texts_are_sentences() {
        for kpi in CATEGORIES.iter().flat_map(|category| category.kpis) {
            for text in [kpi.summary, kpi.pitfalls, kpi.source] {
                assert!(text.ends_with('.') && !text.contains("  "), "{}: {text:?}", kpi.id);
            }
            assert!(!kpi.summary.trim_end_matches('.').contains(". "), "{}: one sentence", kpi.id);
        }
    }
}
