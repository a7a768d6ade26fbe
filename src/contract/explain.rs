//! What `mak explain KPI` writes: a definition, its worked example step by step, and with files
//! the arithmetic down to their columns.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::compute::{Compute, KpiValue, MeasureValue, Missing};
use super::number::Number;
use super::steps::steps;
use crate::kpi::{Additivity, Basis, Catalogue, Kpi, Measure, MeasureSet, Measured, Sample, Status};

/// One KPI explained.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Explain {
    /// Name and version of this shape: `mak.explain/1`.
    pub schema: String,
    /// Stable id.
    pub id: String,
    /// Name for people.
    pub name: String,
    /// Heading that it stands under in `mak list`.
    pub category: String,
    /// Other ids by which it is found.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub aliases: Vec<String>,
    /// One sentence that says what it tells.
    pub summary: String,
    /// The formula over measures; `recipients` stands for `delivered` or `sent`, by the basis.
    pub formula: String,
    /// Whether `--basis` changes it.
    pub depends_on_basis: bool,
    /// Measures that the formula may read.
    pub needs: Vec<Need>,
    /// Unit of the value: `ratio`, `money`, `count`, `days` …
    pub unit: String,
    /// `up`, `down` or `–`.
    pub better: String,
    /// What people get wrong about it.
    pub pitfalls: String,
    /// Who defines it so.
    pub source: String,
    /// Version that first had this definition; absent for one from `mak.toml`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<String>,
    /// A worked example; absent for a KPI from `mak.toml`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub example: Option<WorkedExample>,
    /// The same over the files given, if any were.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub found: Option<Found>,
}

/// A measure that the formula may read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Need {
    /// Id of the measure.
    pub id: String,
    /// How it adds up: `sum`, `stock, last`, `distinct` …
    pub adds_up: String,
    /// What is counted.
    pub summary: String,
}

/// An example that someone else worked out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct WorkedExample {
    /// The measures that it starts from; several values make a sample.
    pub given: Vec<Given>,
    /// The formula, the formula with the numbers put in, and every step down to the result.
    pub steps: Vec<String>,
    /// The result as published.
    pub gives: Number,
    /// Who worked it out.
    pub from: String,
}

/// A measure of a worked example.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Given {
    /// Id of the measure.
    pub measure: String,
    /// Its value, or the values of a sample, in the measure's unit.
    pub values: Vec<Number>,
}

/// What the files at hand make of the KPI.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Found {
    /// The value, when there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<KpiValue>,
    /// Why there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unavailable: Option<Missing>,
    /// Currency of money, when the data say so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub currency: Option<String>,
    /// The formula with the numbers put in and every step down to the value.
    pub steps: Vec<String>,
    /// Where each measure came from, a file at a time.
    pub from: Vec<FoundMeasure>,
}

/// What one file gives of one measure.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FoundMeasure {
    /// Id of the measure.
    pub measure: String,
    /// The file as the user named it.
    pub file: String,
    /// Sheet, archive member or section.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub part: Option<String>,
    /// Columns that were read for it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub columns: Vec<String>,
    /// How it was worked out, when not by adding up its columns.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub derived: Option<String>,
    /// Its value in this file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<MeasureValue>,
    /// Rows that it was added up over.
    pub rows: u64,
    /// Rows of the file that do not count.
    pub left_out: u64,
    /// Why it does not count, when it does not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub set_aside: Option<String>,
}

impl Explain {
    /// Name and version of the shape.
    pub const SCHEMA: &'static str = "mak.explain/1";

    /// The KPI of that id or alias; `None` when the catalogue has none.
    pub fn new(catalogue: &Catalogue, id: &str) -> Option<Self> {
        let kpi = catalogue.kpi(id)?;
        let category = catalogue.by_category().find(|(_, other)| other.id == kpi.id).map_or("", |(name, _)| name);
        let since = match kpi.status {
            Status::Stable { since } => Some(since.to_owned()),
            Status::Custom => None,
        };
        Some(Explain {
            schema: Explain::SCHEMA.to_owned(),
            id: kpi.id.to_owned(),
            name: kpi.name.to_owned(),
            category: category.to_owned(),
            aliases: kpi.aliases.iter().map(|&alias| alias.to_owned()).collect(),
            summary: kpi.summary.to_owned(),
            formula: kpi.formula.text(),
            depends_on_basis: kpi.depends_on_basis(),
            needs: kpi.formula.measures().into_iter().map(need).collect(),
            unit: kpi.unit.word().to_owned(),
            better: kpi.better.word().to_owned(),
            pitfalls: kpi.pitfalls.to_owned(),
            source: kpi.source.to_owned(),
            example: worked_example(kpi),
            since,
            found: None,
        })
    }

    /// The same with what the files of `answer` make of it.
    #[must_use]
    pub fn with_answer(mut self, catalogue: &Catalogue, answer: &Compute) -> Self {
        let value = answer.total.kpis.get(&self.id).cloned();
        let steps = match (catalogue.kpi(&self.id), &value) {
            (Some(kpi), Some(value)) => steps_of_total(kpi, value, catalogue, answer),
            _ => Vec::new(),
        };
        let from = answer.inputs.iter().flat_map(|input| {
            let wanted = input.measures.iter().filter(|(id, _)| self.needs.iter().any(|need| need.id == **id));
            wanted.map(|(id, measure)| FoundMeasure {
                measure: id.clone(),
                file: input.file.clone(),
                part: input.part.clone(),
                columns: measure.columns.clone(),
                derived: measure.derived.clone(),
                value: measure.value.clone(),
                rows: input.selected,
                left_out: input.left_out,
                set_aside: measure.set_aside.clone(),
            })
        });
        self.found = Some(Found {
            value,
            unavailable: answer.total.unavailable.get(&self.id).cloned(),
            currency: answer.currency.clone(),
            steps,
            from: from.collect(),
        });
        self
    }
}

fn need(measure: Measure) -> Need {
    let def = measure.def();
    Need { id: def.id.to_owned(), adds_up: def.additivity.word().to_owned(), summary: def.summary.to_owned() }
}

/// The row's example; `None` where the row has none, or where its numbers cannot be read.
fn worked_example(kpi: &Kpi) -> Option<WorkedExample> {
    if matches!(kpi.status, Status::Custom) || kpi.example.given.is_empty() {
        return None;
    }
    let mut set = MeasureSet::default();
    let mut given = Vec::new();
    for (measure, text) in kpi.example.given {
        let values = text.split(' ').map(|value| value.parse().map(Number)).collect::<Result<Vec<_>, _>>().ok()?;
        set.put(*measure, measured(*measure, &values));
        let values = values.into_iter().map(|value| in_unit(*measure, value)).collect();
        given.push(Given { measure: measure.id().to_owned(), values });
    }
    Some(WorkedExample {
        given,
        steps: steps(kpi, &set, Basis::Delivered),
        gives: Number(kpi.example.gives.parse().ok()?),
        from: kpi.example.from.to_owned(),
    })
}

/// A value of a sample in the measure's unit: examples give durations in seconds.
fn in_unit(measure: Measure, Number(value): Number) -> Number {
    if measure.additivity() != Additivity::Sample {
        return Number(value);
    }
    let mut sample = Sample::default();
    sample.add(value);
    Number(sample.distribution(measure.unit()).and_then(Result::ok).map_or(value, |statistics| statistics.median))
}

fn measured(measure: Measure, values: &[Number]) -> Measured {
    match values {
        [Number(single)] if measure.additivity() != Additivity::Sample => Measured::Number(*single),
        several => {
            let mut sample = Sample::default();
            for Number(value) in several {
                sample.add(*value);
            }
            Measured::Sample(sample)
        }
    }
}

/// The steps over the total's measures. A KPI may have been computed over some of the sources
/// only, so steps that do not arrive at its value are not shown.
fn steps_of_total(kpi: &Kpi, value: &KpiValue, catalogue: &Catalogue, answer: &Compute) -> Vec<String> {
    let basis = if answer.basis == "sent" { Basis::Sent } else { Basis::Delivered };
    let mut set = MeasureSet::default();
    for (id, known) in &answer.total.measures {
        if let (Some(measure), MeasureValue::Number(Number(number))) = (catalogue.measure(id), known) {
            set.put_number(measure, *number);
        }
    }
    match kpi.compute(&set, basis) {
        Ok(computed) if computed.value == value.value.0 => steps(kpi, &set, basis),
        _ => match (value.numerator, value.denominator) {
            (Some(numerator), Some(denominator)) => vec![format!("{numerator} / {denominator}"), value.value.to_string()],
            _ => Vec::new(),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kpi_of_the_catalogue_is_explained_and_its_steps_end_at_the_published_result() {
        let catalogue = Catalogue::builtin();
        for kpi in catalogue.kpis() {
            let explained = Explain::new(&catalogue, kpi.id).expect("in the catalogue");
            let example = explained.example.as_ref().expect("built-in rows have an example");
            let last = example.steps.last().expect("steps");
            let result: rust_decimal::Decimal =
                last.trim_start_matches("≈ ").parse().unwrap_or_else(|_| panic!("{}: {last}", kpi.id));
            let places = result.scale().min(example.gives.0.scale());
            assert_eq!(result.round_dp(places), example.gives.0.round_dp(places), "{}", kpi.id);
            let text = serde_json::to_string(&explained).expect("serialises");
            assert_eq!(serde_json::from_str::<Explain>(&text).expect("reads back"), explained);
        }
    }

    #[test]
    fn an_alias_finds_its_kpi_and_nonsense_finds_none() {
        let catalogue = Catalogue::builtin();
        assert_eq!(Explain::new(&catalogue, "unique_open_rate").expect("an alias").id, "open_rate");
        assert_eq!(Explain::new(&catalogue, "opem_rate"), None);
    }
}
