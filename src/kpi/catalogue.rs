//! The catalogue: the static rows and the user's own together.

use super::expr::Expr;
use super::measure::Measure;
use super::row::Kpi;
use super::rows;
use super::screens::SCREENS;

/// A part of the catalogue under one heading.
#[derive(Clone, Copy, Debug)]
pub struct Category {
    /// Heading for people.
    pub name: &'static str,
    /// Its rows, sorted as they are listed.
    pub kpis: &'static [Kpi],
}

/// All KPIs and measures in force. Every consumer takes one of these, never the static rows, so
/// that a KPI of the user's own has the same powers.
#[derive(Clone, Debug)]
pub struct Catalogue {
    kpis: Vec<(&'static str, &'static Kpi)>,
    measures: Vec<Measure>,
}

impl Default for Catalogue {
    fn default() -> Self {
        Catalogue::builtin()
    }
}

impl Catalogue {
    /// The KPIs and measures that come with `mak`.
    pub fn builtin() -> Self {
        let kpis = rows::CATEGORIES.iter().flat_map(|category| category.kpis.iter().map(|kpi| (category.name, kpi))).collect();
        Catalogue { kpis, measures: Measure::ALL.to_vec() }
    }

    /// The same measures with the rates of a tool's screen in the place of the KPIs; `None` where
    /// no screen of that name is known.
    pub fn like(&self, platform: &str) -> Option<Self> {
        let screen = SCREENS.iter().find(|screen| screen.platform == platform)?;
        let kpis = screen.kpis.iter().map(|kpi| ("As on its screen", kpi)).collect();
        Some(Catalogue { kpis, measures: self.measures.clone() })
    }

    /// Adds a KPI of the user's own under the heading "Own".
    pub fn add_kpi(&mut self, kpi: &'static Kpi) {
        self.kpis.push(("Own", kpi));
    }

    /// Adds a measure of the user's own.
    pub fn add_measure(&mut self, measure: Measure) {
        self.measures.push(measure);
    }

    /// All KPIs in the catalogue's order.
    pub fn kpis(&self) -> impl Iterator<Item = &'static Kpi> + '_ {
        self.kpis.iter().map(|(_, kpi)| *kpi)
    }

    /// All KPIs with their headings.
    pub fn by_category(&self) -> impl Iterator<Item = (&'static str, &'static Kpi)> + '_ {
        self.kpis.iter().copied()
    }

    /// The KPI of that id or alias.
    pub fn kpi(&self, id: &str) -> Option<&'static Kpi> {
        self.kpis().find(|kpi| kpi.id == id).or_else(|| self.kpis().find(|kpi| kpi.aliases.contains(&id)))
    }

    /// All measures in the catalogue's order.
    pub fn measures(&self) -> impl Iterator<Item = Measure> + '_ {
        self.measures.iter().copied()
    }

    /// The measure of that id.
    pub fn measure(&self, id: &str) -> Option<Measure> {
        self.measures().find(|measure| measure.id() == id)
    }

    /// The formula that a name stands for in other formulas: a measure by itself, a KPI by id or
    /// alias, or one of [`rows::SHARED`].
    pub fn formula_of(&self, name: &str) -> Option<Expr> {
        let shared = || rows::SHARED.iter().find(|(id, _)| *id == name).map(|(_, formula)| *formula);
        let kpi = || self.kpi(name).map(|kpi| kpi.formula);
        self.measure(name).map(Expr::Measure).or_else(kpi).or_else(shared)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kpi::{Additivity, Basis, MeasureSet, Measured, Sample, Status};
    use std::collections::BTreeSet;

    #[test]
    fn ids_and_aliases_are_unique_and_rows_are_complete() {
        let mut seen = BTreeSet::new();
        for kpi in Catalogue::builtin().kpis() {
            for id in std::iter::once(&kpi.id).chain(kpi.aliases) {
                assert!(seen.insert(*id), "{id} is declared twice");
                assert!(id.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_'), "{id}");
            }
            for (what, text) in
                [("summary", kpi.summary), ("pitfalls", kpi.pitfalls), ("source", kpi.source), ("example", kpi.example.from)]
            {
                assert!(text.len() > 10, "{}: {what} is empty", kpi.id);
            }
            assert!(matches!(kpi.status, Status::Stable { .. }), "{}", kpi.id);
        }
    }

    #[test]
    fn every_worked_example_comes_out_as_published() {
        for kpi in Catalogue::builtin().kpis() {
            let mut set = MeasureSet::default();
            for (measure, given) in kpi.example.given {
                if measure.additivity() == Additivity::Sample {
                    let mut sample = Sample::default();
                    given.split(' ').for_each(|value| sample.add(value.parse().expect("a decimal")));
                    set.put(*measure, Measured::Sample(sample));
                } else {
                    set.put_number(*measure, given.parse().expect("a decimal"));
                }
            }
            let computed = kpi.compute(&set, Basis::Delivered).unwrap_or_else(|why| panic!("{}: {why}", kpi.id));
            let gives: rust_decimal::Decimal = kpi.example.gives.parse().expect("a decimal");
            assert_eq!(computed.value.round_dp(gives.scale()), gives, "{}: {}", kpi.id, computed.value);
        }
    }

    #[test]
    fn every_measure_serves_a_kpi_or_a_derivation() {
        let mut used = BTreeSet::new();
        Catalogue::builtin().kpis().for_each(|kpi| used.extend(kpi.formula.measures()));
        for rule in super::super::derive::DERIVATIONS {
            used.extend(rule.from.measures());
        }
        // Counted for their own sake or for parts of the tool that are not formulas.
        let on_their_own = ["total_opens", "total_clicks", "replies", "page_views", "lost", "discount_rate"];
        for &measure in Measure::ALL {
            assert!(used.contains(&measure) || on_their_own.contains(&measure.id()), "{measure} serves nothing");
        }
    }
}
