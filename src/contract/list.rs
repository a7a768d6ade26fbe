//! What `mak list` writes.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::kpi::{Catalogue, Kpi, Measure, Status};

/// Everything that can be asked for: KPIs, measures, dimensions and platforms.
///
/// A part that was not asked for is empty.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct List {
    /// Name and version of this shape: `mak.list/1`.
    pub schema: String,
    /// KPIs in the catalogue's order, the user's own last.
    pub kpis: Vec<ListedKpi>,
    /// Measures in the catalogue's order.
    pub measures: Vec<ListedMeasure>,
    /// Dimensions that `--by` knows by name; any other text column can be one too.
    pub dimensions: Vec<String>,
    /// Exports that are recognised.
    pub platforms: Vec<ListedPlatform>,
}

/// A KPI in a few words.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ListedKpi {
    /// Stable id, as `--kpi` takes it.
    pub id: String,
    /// Name for people.
    pub name: String,
    /// Heading that it stands under.
    pub category: String,
    /// One sentence that says what it tells.
    pub summary: String,
    /// The formula over measures.
    pub formula: String,
    /// Unit of the value: `ratio`, `money`, `count`, `days` …
    pub unit: String,
    /// `up`, `down` or `–`.
    pub better: String,
    /// Other ids by which it is found.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub aliases: Vec<String>,
    /// Whether it comes from `mak.toml`.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub custom: bool,
}

/// A measure in a few words.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ListedMeasure {
    /// Stable id, also recognised as a column name.
    pub id: String,
    /// Family that it belongs to: `messages`, `ads` …
    pub group: String,
    /// How it adds up: `sum`, `stock, last`, `distinct` …
    pub adds_up: String,
    /// What one unit of it is.
    pub unit: String,
    /// One sentence that says what is counted.
    pub summary: String,
}

/// One export of one platform.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ListedPlatform {
    /// The platform, in lower case.
    pub platform: String,
    /// Which of its exports, for people.
    pub export: String,
    /// What a row stands for: `campaigns`, `orders` …
    pub kind: String,
    /// How its headers are known, in words.
    pub evidence: String,
}

impl List {
    /// Name and version of the shape.
    pub const SCHEMA: &'static str = "mak.list/1";

    /// The whole catalogue, with the dimensions and platforms that the caller knows.
    pub fn new(catalogue: &Catalogue, dimensions: Vec<String>, platforms: Vec<ListedPlatform>) -> Self {
        List {
            schema: List::SCHEMA.to_owned(),
            kpis: catalogue.by_category().map(|(category, kpi)| listed_kpi(category, kpi)).collect(),
            measures: catalogue.measures().map(listed_measure).collect(),
            dimensions,
            platforms,
        }
    }
}

fn listed_kpi(category: &str, kpi: &Kpi) -> ListedKpi {
    ListedKpi {
        id: kpi.id.to_owned(),
        name: kpi.name.to_owned(),
        category: category.to_owned(),
        summary: kpi.summary.to_owned(),
        formula: kpi.formula.text(),
        unit: kpi.unit.word().to_owned(),
        better: kpi.better.word().to_owned(),
        aliases: kpi.aliases.iter().map(|&alias| alias.to_owned()).collect(),
        custom: matches!(kpi.status, Status::Custom),
    }
}

fn listed_measure(measure: Measure) -> ListedMeasure {
    let def = measure.def();
    ListedMeasure {
        id: def.id.to_owned(),
        group: def.group.to_owned(),
        adds_up: def.additivity.word().to_owned(),
        unit: def.unit.word().to_owned(),
        summary: def.summary.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_holds_every_row_of_the_catalogue_once() {
        let catalogue = Catalogue::builtin();
        let list = List::new(&catalogue, vec!["channel".into()], Vec::new());
        let ids: Vec<_> = list.kpis.iter().map(|kpi| kpi.id.as_str()).collect();
        assert_eq!(ids, catalogue.kpis().map(|kpi| kpi.id).collect::<Vec<_>>());
        assert_eq!(list.measures.len(), Measure::ALL.len());
        let back: List = serde_json::from_str(&serde_json::to_string(&list).expect("serialises")).expect("reads back");
        assert_eq!(back, list);
    }
}
