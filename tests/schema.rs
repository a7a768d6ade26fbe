//! Every JSON that mak writes follows the schema that mak publishes. `common::Ran::json` checks each document
//! that any test reads; here every command and shape is read at least once, and the check is shown to fail.

mod common;

use common::{compute, follows_its_schema, run, schema_problems, written};
use serde_json::{Value, json};

const DEMO: &str = "fixtures/demo";

#[test]
fn compute_in_all_its_shapes() {
    for arguments in [
        &[DEMO][..],
        &[DEMO, "--by", "channel"],
        &[DEMO, "--by", "channel,campaign"],
        &[DEMO, "--period", "month", "--basis", "sent"],
        &[DEMO, "--kpi", "open_rate,spend", "--from", "2026-01-01", "--to", "2026-03-31"],
        &[DEMO, "--where", "channel=email", "--set", "gross_margin=60%"],
        &["fixtures/shopify/shopify-orders.csv"],
        &["fixtures/ga4/ga4-report-grand-total.csv", "--verbose"],
    ] {
        compute(arguments);
    }
}

/// What cannot be answered is still a document.
#[test]
fn compute_without_an_answer() {
    let ran = run(&["compute", DEMO, "--kpi", "nps", "--format", "json"]);
    assert_eq!(ran.code, Some(2));
    assert_eq!(ran.json()["total"]["unavailable"]["nps"]["code"], "missing");
}

#[test]
fn inspect_list_and_explain() {
    run(&["inspect", DEMO, "--format", "json"]).answered().json();
    run(&["inspect", "fixtures/google_ads/google-ads-report.csv", "--format", "json"]).answered().json();
    run(&["list", "--format", "json"]).answered().json();
    for part in ["--kpis", "--measures", "--dimensions", "--platforms"] {
        run(&["list", part, "--format", "json"]).answered().json();
    }
    run(&["explain", "roi", "--format", "json"]).answered().json();
    run(&["explain", "cac", DEMO, "--format", "json"]).answered().json();
}

/// Every KPI can be explained as JSON.
#[test]
fn explain_of_every_kpi() {
    let list = run(&["list", "--kpis", "--format", "json"]).answered().json();
    let kpis = list["kpis"].as_array().expect("KPIs");
    assert!(kpis.len() > 60, "{} KPIs", kpis.len());
    for kpi in kpis {
        let id = kpi["id"].as_str().expect("an id");
        assert_eq!(run(&["explain", id, "--format", "json"]).answered().json()["id"], id);
    }
}

/// Files that cannot be read are told in the same document.
#[test]
fn inspect_of_a_broken_file() {
    let folder = tempfile::tempdir().expect("a folder");
    let broken = written(&folder, "broken.csv", "sent,opens\n1,2,3\n");
    let ran = run(&["inspect", &broken, "--format", "json"]);
    assert_eq!(ran.code, Some(2));
    assert!(!ran.json()["errors"].as_array().expect("errors").is_empty());
}

#[test]
fn every_line_of_ndjson() {
    let ran = run(&["compute", DEMO, "--by", "channel", "--format", "ndjson"]).answered();
    let lines: Vec<Value> = ran.stdout.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    assert_eq!(lines.len(), 5, "the total and four channels");
    lines.iter().for_each(follows_its_schema);
    assert_eq!(lines[0]["by"], json!({}));
}

/// A schema by its name is the one in the collection, and a wrong name is answered with the nearest.
#[test]
fn one_schema_or_all() {
    let all: Value = serde_json::from_str(&run(&["schema"]).answered().stdout).expect("JSON");
    for (name, schema) in all.as_object().expect("an object") {
        let one: Value = serde_json::from_str(&run(&["schema", name]).answered().stdout).expect("JSON");
        assert_eq!(one, *schema);
    }
    let ran = run(&["schema", "mak.compte/1"]).refused("unknown-name");
    assert!(ran.stderr.contains("mak.compute/1"), "{}", ran.stderr);
}

/// A document that is not as promised is caught.
#[test]
fn the_check_can_fail() {
    let right = compute(&[DEMO]);
    let wrong: [(&str, Value); 4] = [
        ("/total/kpis/open_rate/value", json!("0.28")),
        ("/inputs/0/rows", json!(-1)),
        ("/basis", Value::Null),
        ("/schema", json!("mak.compute/0")),
    ];
    for (pointer, value) in wrong {
        let mut document = right.clone();
        *document.pointer_mut(pointer).expect("in the document") = value;
        assert!(!schema_problems(&document).is_empty(), "{pointer}");
    }
    let mut more = right;
    more["total"]["extra"] = json!(1);
    assert!(!schema_problems(&more).is_empty());
}
