//! Every fixture reads as was worked out for it by other means.
//!
//! `fixtures/**/NAME.expected.json` stands beside `NAME.csv` (or any other format, or a folder `NAME`) and
//! says which profile reads it, how many rows count, and what comes out.

mod common;

use common::{compute, decimal, files_below, group, root, run};
use rust_decimal::Decimal;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};

/// What an expectation may say. Others are mistakes in writing it, and fail.
const KNOWN: &[&str] =
    &["odd", "flags", "profile", "sections", "rows", "currency", "measures", "kpis", "absent", "durations", "by_channel"];

/// Facts about a fixture that no field of `mak compute` stands for: what its profile skips, and what paths and
/// persons come to where attribution reads them.
const FOR_OTHERS: &[&str] = &["footer_lines", "nulls", "persons"];

/// Decimal places to which expected KPIs are worked out; fewer are exact, or end in zeros.
const PLACES: u32 = 12;

/// What the expectation describes.
fn subject(expectation: &Path) -> PathBuf {
    let name =
        expectation.file_name().and_then(|name| name.to_str()).expect("a name").trim_end_matches(".expected.json").to_owned();
    let folder = expectation.parent().expect("a folder");
    let mut all: Vec<PathBuf> = std::fs::read_dir(folder)
        .expect("a folder")
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path != expectation && (path.file_stem().is_some_and(|stem| *stem == *name)))
        .collect();
    assert_eq!(all.len(), 1, "{} describes one file or folder, not {all:?}", expectation.display());
    all.remove(0)
}

/// Whether a measure is the expected one, to its last digit.
fn is_exactly(found: &Value, expected: &Value) -> bool {
    decimal(found).is_some_and(|found| decimal(expected) == Some(found))
}

/// Whether a KPI is the expected one at the places to which it was worked out.
fn is_rounded(found: &Value, expected: &Value) -> bool {
    match (decimal(found), decimal(expected)) {
        (Some(found), Some(expected)) => found.round_dp(PLACES.max(expected.scale())) == expected,
        _ => false,
    }
}

/// Whether a statistic is the expected one, which was written with as many digits as a float has.
fn is_statistic(found: &Value, expected: &Value) -> bool {
    let (Some(found), Some(expected)) = (decimal(found), decimal(expected)) else { return false };
    (found - expected).abs() <= Decimal::new(1, expected.scale().saturating_sub(1).max(1))
}

/// Figures by name that are not as expected.
fn figures(
    what: &str,
    expected: &Value,
    same: fn(&Value, &Value) -> bool,
    found: impl Fn(&str) -> Value,
    problems: &mut Vec<String>,
) {
    for (name, expected) in expected.as_object().into_iter().flatten() {
        let found = found(name);
        if !same(&found, expected) {
            problems.push(format!("{what} {name}: expected {expected}, found {found}"));
        }
    }
}

/// Where the document differs from the expectation.
fn differences(expected: &Value, document: &Value) -> Vec<String> {
    let mut problems = Vec::new();
    for key in expected.as_object().into_iter().flat_map(|map| map.keys()) {
        if !KNOWN.contains(&key.as_str()) && !FOR_OTHERS.contains(&key.as_str()) {
            problems.push(format!("the expectation says \"{key}\", which nothing checks"));
        }
    }
    let inputs = document["inputs"].as_array().map_or(&[][..], Vec::as_slice);
    if let Some(sections) = expected["sections"].as_array() {
        let found: Vec<Value> = inputs.iter().map(|input| json!({"profile": input["profile"], "rows": input["used"]})).collect();
        if *sections != found {
            problems.push(format!("sections: expected {}, found {}", expected["sections"], Value::from(found)));
        }
    } else if let Some(profile) = expected["profile"].as_str()
        && (inputs.is_empty() || inputs.iter().any(|input| input["profile"] != profile))
    {
        let found: Vec<&Value> = inputs.iter().map(|input| &input["profile"]).collect();
        problems.push(format!("profile: expected {profile}, found {found:?}"));
    }
    for (name, rows) in expected["rows"].as_object().into_iter().flatten() {
        let count = |field: &str| inputs.iter().filter_map(|input| input[field].as_u64()).sum::<u64>();
        let found = match name.as_str() {
            "used" | "totals" => Some(count(name)),
            "left_out" => Some(count("rejected")),
            file => inputs
                .iter()
                .find(|input| input["file"].as_str().is_some_and(|path| path.ends_with(file)))
                .and_then(|input| input["used"].as_u64()),
        };
        if found != rows.as_u64() {
            problems.push(format!("rows {name}: expected {rows}, found {found:?}"));
        }
    }
    if !expected["currency"].is_null() && expected["currency"] != document["currency"] {
        problems.push(format!("currency: expected {}, found {}", expected["currency"], document["currency"]));
    }
    let total = &document["total"];
    figures("measure", &expected["measures"], is_exactly, |id| total["measures"][id].clone(), &mut problems);
    figures("KPI", &expected["kpis"], is_rounded, |id| total["kpis"][id]["value"].clone(), &mut problems);
    for id in expected["absent"].as_array().into_iter().flatten().filter_map(Value::as_str) {
        if !total["measures"][id].is_null() {
            problems.push(format!("measure {id}: expected none, found {}", total["measures"][id]));
        }
    }
    for (id, statistics) in expected["durations"].as_object().into_iter().flatten() {
        for (name, expected) in statistics.as_object().into_iter().flatten() {
            let found = &total["kpis"][id][name.trim_end_matches("_seconds")];
            if !is_statistic(found, expected) {
                problems.push(format!("{id} {name}: expected {expected}, found {found}"));
            }
        }
    }
    for (channel, measures) in expected["by_channel"].as_object().into_iter().flatten() {
        let found = group(document, &[("channel", Some(channel))]);
        figures(
            &format!("channel {channel}:"),
            measures,
            is_exactly,
            |id| found.map_or(Value::Null, |group| group["measures"][id].clone()),
            &mut problems,
        );
    }
    problems
}

fn expectations() -> Vec<PathBuf> {
    let all = files_below(&root().join("fixtures"));
    all.into_iter().filter(|path| path.to_str().is_some_and(|path| path.ends_with(".expected.json"))).collect()
}

fn parsed(path: &Path) -> Value {
    serde_json::from_slice(&std::fs::read(path).expect("an expectation"))
        .unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

#[test]
fn every_fixture_reads_as_was_worked_out() {
    let expectations = expectations();
    assert!(expectations.len() > 70, "only {} expectations found", expectations.len());
    let mut failures = Vec::new();
    for path in &expectations {
        let expected = parsed(path);
        let subject = subject(path);
        let name = subject.strip_prefix(root()).expect("below the crate").to_string_lossy().replace('\\', "/");
        let mut arguments = vec!["compute", name.as_str(), "--format", "json"];
        arguments.extend(expected["flags"].as_array().into_iter().flatten().filter_map(Value::as_str));
        if expected["by_channel"].is_object() {
            arguments.extend(["--by", "channel"]);
        }
        let ran = run(&arguments);
        // A table of measures without any KPI is exit 2 with its JSON all the same.
        let problems = match serde_json::from_str(&ran.stdout) {
            Ok(document) => [common::schema_problems(&document), differences(&expected, &document)].concat(),
            Err(_) => vec![format!("exit {:?}: {}", ran.code, ran.stderr.trim_end())],
        };
        failures.extend(problems.into_iter().map(|problem| format!("{name}: {problem}")));
    }
    assert!(
        failures.is_empty(),
        "{} differences over {} fixtures:\n{}\n",
        failures.len(),
        expectations.len(),
        failures.join("\n")
    );
}

#[test]
fn every_export_among_the_fixtures_has_an_expectation() {
    let expectations = expectations();
    let subjects: Vec<PathBuf> = expectations.iter().map(|path| subject(path)).collect();
    // A configuration is no export.
    let exports =
        files_below(&root().join("fixtures")).into_iter().filter(|path| path.extension().is_none_or(|end| end != "toml"));
    for file in exports {
        let described = expectations.contains(&file) || subjects.iter().any(|subject| file.starts_with(subject));
        assert!(described, "{} has no expectation", file.display());
    }
}

/// The comparison notices each kind of difference.
#[test]
fn the_comparison_can_fail() {
    let document = compute(&["fixtures/shopify/shopify-orders.csv"]);
    let right = parsed(&root().join("fixtures/shopify/shopify-orders.expected.json"));
    assert_eq!(differences(&right, &document), Vec::<String>::new());
    let wrong = [
        ("/profile", json!("stripe-payments")),
        ("/rows/used", json!(6)),
        ("/rows/left_out", json!(0)),
        ("/currency", json!("USD")),
        ("/measures/gross_revenue", json!("400.01")),
        ("/kpis/aov", json!("95.000000000001")),
        ("/kpis/repeat_purchase_rate", json!("0.99")),
    ];
    for (pointer, value) in wrong {
        let mut expected = right.clone();
        *expected.pointer_mut(pointer).expect("in the expectation") = value;
        assert_eq!(differences(&expected, &document).len(), 1, "{pointer}");
    }
    for more in [json!({"absent": ["revenue"]}), json!({"measurs": {}}), json!({"measures": {"clicks": "1"}})] {
        assert_eq!(differences(&more, &document).len(), 1, "{more}");
    }
}
