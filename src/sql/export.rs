//! The catalogue for a semantic layer: KPIs as `MetricFlow` metrics over the mapped tables.
//!
//! A semantic layer divides in the engine, so what it returns is that engine's quotient. What its
//! language cannot say exactly (whose first order it is, quantiles, levels) is listed, not bent.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::dialect::{Dialect as _, Generic};
use crate::config::{ColumnRole, Meaning, TableSource};
use crate::kpi::{Additivity, Basis, Catalogue, Expr, Kpi, Measure};

/// A semantic manifest and what is not in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Manifest {
    /// The YAML, a document for each model and metric.
    pub yaml: String,
    /// KPIs that were exported.
    pub exported: Vec<&'static str>,
    /// KPIs that were not, each with the reason.
    pub left_out: Vec<(&'static str, String)>,
}

/// A measure of a model: how its rows are added up.
struct Added {
    measure: Measure,
    how: &'static str,
    expression: String,
}

/// The `MetricFlow` manifest of the tables.
pub fn metricflow(sources: &[TableSource], catalogue: &Catalogue, basis: Basis) -> Manifest {
    let mut manifest = Manifest { yaml: String::new(), exported: Vec::new(), left_out: Vec::new() };
    let mut owners: BTreeMap<Measure, String> = BTreeMap::new();
    let mut models = Vec::new();
    for source in sources {
        let Some(time) = time_of(source) else { continue };
        let mut added = added(source);
        // A measure is of one model: the name of a metric is one in the whole manifest.
        added.retain(|one| !owners.contains_key(&one.measure));
        for one in &added {
            owners.insert(one.measure, source.kind.clone());
        }
        models.push(model(source, &time, &added));
    }
    manifest.yaml.push_str(&models.concat());
    for measure in owners.keys() {
        let _ = write!(
            manifest.yaml,
            "---\nmetric:\n  name: {measure}\n  description: {}\n  type: simple\n  type_params:\n    measure: {measure}\n",
            text(measure.def().summary)
        );
    }
    for kpi in catalogue.kpis() {
        if owners.keys().any(|measure| measure.id() == kpi.id) {
            manifest.exported.push(kpi.id);
            continue;
        }
        match metric(kpi, &owners, basis) {
            Ok(yaml) => {
                manifest.yaml.push_str(&yaml);
                manifest.exported.push(kpi.id);
            }
            Err(why) => manifest.left_out.push((kpi.id, why)),
        }
    }
    manifest
}

/// A text in quotes that YAML and JSON read alike.
fn text(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

fn column(name: &str) -> String {
    Generic.identifier(name)
}

fn role(source: &TableSource, role: ColumnRole) -> Option<&str> {
    source.columns.iter().find(|column| column.meaning == Meaning::Role(role)).map(|column| column.column.as_str())
}

fn time_of(source: &TableSource) -> Option<String> {
    let first = if matches!(source.kind.as_str(), "leads" | "deals") { role(source, ColumnRole::Created) } else { None };
    first.or_else(|| role(source, ColumnRole::Date)).map(str::to_owned)
}

/// What adds up over rows in the words of a semantic layer.
fn added(source: &TableSource) -> Vec<Added> {
    let sum = |measure: Measure, expression: String| Added { measure, how: "sum", expression };
    let mut added = Vec::new();
    match source.kind.as_str() {
        "orders" => {
            let amount = role(source, ColumnRole::Amount).map(column);
            let refunds = role(source, ColumnRole::Refunded).map(column);
            if let Some(amount) = amount {
                // An amount below zero gives money back.
                let back = format!("CASE WHEN {amount} < 0 THEN -{amount} ELSE 0 END");
                let refunded = refunds.as_ref().map_or(back.clone(), |refunds| format!("{back} + COALESCE(ABS({refunds}), 0)"));
                let net = refunds.map_or(amount.clone(), |refunds| format!("{amount} - COALESCE(ABS({refunds}), 0)"));
                added.push(sum(Measure::GrossRevenue, format!("CASE WHEN {amount} >= 0 THEN {amount} END")));
                added.push(sum(Measure::Refunds, refunded));
                added.push(sum(Measure::Revenue, net));
            }
            for (measure, of) in [(Measure::Orders, ColumnRole::OrderId), (Measure::Customers, ColumnRole::CustomerId)] {
                if let Some(id) = role(source, of) {
                    added.push(Added { measure, how: "count_distinct", expression: column(id) });
                }
            }
        }
        "leads" => {
            let stages = [ColumnRole::MqlAt, ColumnRole::SqlAt, ColumnRole::OpportunityAt, ColumnRole::WonAt];
            let measures = [Measure::Mqls, Measure::Sqls, Measure::Opportunities, Measure::Won];
            if let Some(id) = role(source, ColumnRole::LeadId) {
                added.push(Added { measure: Measure::Leads, how: "count_distinct", expression: column(id) });
            }
            for (number, (stage, measure)) in stages.iter().zip(measures).enumerate() {
                // A later stage implies the earlier ones.
                let later = stages.iter().skip(number).filter_map(|stage| role(source, *stage));
                let reached: Vec<String> = later.map(|name| format!("{} IS NOT NULL", column(name))).collect();
                if role(source, *stage).is_some() {
                    added.push(sum(measure, format!("CASE WHEN {} THEN 1 ELSE 0 END", reached.join(" OR "))));
                }
            }
            if let Some(won) = role(source, ColumnRole::WonAt) {
                added.push(sum(Measure::NewCustomers, format!("CASE WHEN {} IS NOT NULL THEN 1 ELSE 0 END", column(won))));
            }
        }
        "customers" | "deals" | "touches" | "paths" | "answers" => {}
        _ => {
            for one in &source.columns {
                if let Meaning::Measure(measure) = one.meaning
                    && measure.additivity() == Additivity::Sum
                {
                    added.push(sum(measure, column(&one.column)));
                }
            }
        }
    }
    added
}

fn model(source: &TableSource, time: &str, added: &[Added]) -> String {
    let (schema, table) = source.table.rsplit_once('.').unwrap_or(("public", source.table.as_str()));
    let mut yaml = format!(
        "---\nsemantic_model:\n  name: {0}\n  node_relation:\n    schema_name: {1}\n    alias: {2}\n  defaults:\n    \
         agg_time_dimension: metric_time_of_{0}\n  primary_entity: {0}_row\n  dimensions:\n    - name: metric_time_of_{0}\n      \
         type: time\n      expr: {3}\n      type_params:\n        time_granularity: day\n",
        source.kind,
        text(schema.trim_matches('"')),
        text(table.trim_matches('"')),
        text(&column(time)),
    );
    for one in &source.columns {
        if let Meaning::Dimension(name) = &one.meaning {
            let _ = write!(
                yaml,
                "    - name: {}\n      type: categorical\n      expr: {}\n",
                text(&identifier(name)),
                text(&column(&one.column))
            );
        }
    }
    if !added.is_empty() {
        yaml.push_str("  measures:\n");
    }
    for one in added {
        let _ = write!(yaml, "    - name: {}\n      agg: {}\n      expr: {}\n", one.measure, one.how, text(&one.expression));
    }
    yaml
}

/// A name of letters, digits and underscores that begins with a letter, as this layer wants them.
fn identifier(name: &str) -> String {
    let mut plain: String = name.chars().map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '_' }).collect();
    while plain.contains("__") {
        plain = plain.replace("__", "_");
    }
    let plain = plain.trim_matches('_').to_owned();
    if plain.starts_with(|c: char| c.is_ascii_alphabetic()) && plain.len() > 1 { plain } else { format!("dimension_{plain}") }
}

/// A KPI as a metric over those of the measures.
fn metric(kpi: &Kpi, owners: &BTreeMap<Measure, String>, basis: Basis) -> Result<String, String> {
    let head = |kind: &str| {
        format!(
            "---\nmetric:\n  name: {}\n  label: {}\n  description: {}\n  type: {kind}\n  type_params:\n",
            kpi.id,
            text(kpi.name),
            text(kpi.summary)
        )
    };
    if let Expr::Ratio(Expr::Measure(above), below) = kpi.formula {
        let below = match below {
            Expr::Measure(measure) => Some(*measure),
            Expr::Recipients => Some(basis.measure()),
            _ => None,
        };
        if let Some(below) = below {
            known(&[*above, below], owners)?;
            return Ok(format!("{}    numerator:\n      name: {above}\n    denominator:\n      name: {below}\n", head("ratio")));
        }
    }
    let mut used = Vec::new();
    let formula = formula(&kpi.formula, owners, basis, &mut used)?;
    let mut yaml = format!("{}    expr: {}\n    metrics:\n", head("derived"), text(&formula));
    used.sort_unstable();
    used.dedup();
    for measure in used {
        let _ = writeln!(yaml, "      - name: {measure}");
    }
    Ok(yaml)
}

fn known(measures: &[Measure], owners: &BTreeMap<Measure, String>) -> Result<(), String> {
    match measures.iter().find(|measure| !owners.contains_key(measure)) {
        None => Ok(()),
        Some(measure) => Err(match measure.additivity() {
            Additivity::Sample => format!("{measure} needs exact quantiles"),
            Additivity::StockFirst | Additivity::StockLast => format!("{measure} is a level, first or last by date"),
            Additivity::Reach | Additivity::Distinct => format!("{measure} does not add"),
            Additivity::Parameter => format!("{measure} is a parameter"),
            Additivity::Sum => format!("no mapped table gives {measure} as a sum of its rows"),
        }),
    }
}

/// The formula as an expression over metrics. Where it has a choice, the first that is known counts.
fn formula(expr: &Expr, owners: &BTreeMap<Measure, String>, basis: Basis, used: &mut Vec<Measure>) -> Result<String, String> {
    let mut both = |sign: &str, a: &Expr, b: &Expr| {
        Ok(format!("({} {sign} {})", formula(a, owners, basis, used)?, formula(b, owners, basis, used)?))
    };
    match expr {
        Expr::Measure(measure) => {
            known(&[*measure], owners)?;
            used.push(*measure);
            Ok(measure.id().to_owned())
        }
        Expr::Recipients => formula(&Expr::Measure(basis.measure()), owners, basis, used),
        Expr::Number(number) => Ok(number.to_string()),
        Expr::Add(a, b) => both("+", a, b),
        Expr::Sub(a, b) => both("-", a, b),
        Expr::Mul(a, b) => both("*", a, b),
        Expr::Ratio(a, b) => {
            let above = formula(a, owners, basis, used)?;
            Ok(format!("({above} / NULLIF({}, 0))", formula(b, owners, basis, used)?))
        }
        Expr::FirstOf(ways) => {
            let mut last = "nothing to choose from".to_owned();
            for way in *ways {
                let mut more = Vec::new();
                match formula(way, owners, basis, &mut more) {
                    Ok(text) => {
                        used.append(&mut more);
                        return Ok(text);
                    }
                    Err(why) => last = why,
                }
            }
            Err(last)
        }
        Expr::SumPresent(parts) => {
            let present: Vec<Measure> = parts.iter().copied().filter(|part| owners.contains_key(part)).collect();
            if present.is_empty() {
                return Err("no mapped table gives any part of the cost".to_owned());
            }
            let terms: Vec<String> = present.iter().map(|part| format!("COALESCE({part}, 0)")).collect();
            used.extend(present);
            Ok(format!("({})", terms.join(" + ")))
        }
    }
}
