//! `mak cohort` as a user meets it.

mod common;

use std::path::PathBuf;

use common::{compute, decimal, group, mak, run, written};
use rust_decimal::Decimal;
use serde_json::{Value, json};

/// Invented orders, worked out by hand: ann buys in January, February and April, bob in January, cas in March; the
/// data end in the middle of April. Ann gets 10 back for an order of February.
const ORDERS: &str = "order_id,customer_id,date,amount,refunded,channel\n\
    1,ann,2026-01-05,100.00,0,email\n\
    2,bob,2026-01-20,40.50,0,ads\n\
    3,ann,2026-02-04,30.00,10.00,ads\n\
    4,cas,2026-03-03,60.00,0,ads\n\
    5,ann,2026-04-15,25.25,0,email\n";

#[track_caller]
fn cohort(arguments: &[&str]) -> Value {
    run(&[&["cohort", "--no-config"], arguments, &["--format", "json"]].concat()).answered().json()
}

fn number(value: &Value) -> Decimal {
    decimal(value).unwrap_or_else(|| panic!("{value} is no number"))
}

fn exact(text: &str) -> Decimal {
    Decimal::from_str_exact(text).expect("a number")
}

#[test]
fn cohorts_by_month() {
    let folder = tempfile::tempdir().expect("a folder");
    let document = cohort(&[&written(&folder, "orders.csv", ORDERS)]);
    let january = &document["cohorts"][0];
    assert_eq!((&january["cohort"], &january["size"]), (&json!("2026-01"), &json!(2)));
    let cells: Vec<(u64, Decimal, bool)> = january["periods"]
        .as_array()
        .expect("periods")
        .iter()
        .map(|cell| (cell["customers"].as_u64().expect("a count"), number(&cell["revenue"]), cell["running"] == true))
        .collect();
    // A month without a purchase is a zero; April has not ended; May is not there.
    assert_eq!(cells, [(2, exact("140.5"), false), (1, exact("20"), false), (0, exact("0"), false), (1, exact("25.25"), true)]);
    assert_eq!(number(&january["periods"][3]["cumulative_revenue_per_customer"]), exact("92.875"));
    assert_eq!(document["cohorts"][1]["periods"].as_array().expect("periods").len(), 2);
    let total = &document["total"];
    assert_eq!((&total["customers"], &total["repeat_customers"], &total["orders"]), (&json!(3), &json!(1), &json!(5)));
    assert_eq!(number(&total["revenue"]), exact("245.75"));
}

/// Both definitions of churn, named; nobody is lost in a month that has not ended.
#[test]
fn churn_by_the_definition_asked_for() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = written(&folder, "orders.csv", ORDERS);
    let (posthog, stripe) = (cohort(&[&file]), cohort(&[&file, "--churn", "stripe"]));
    assert_eq!((&posthog["churn_definition"], &stripe["churn_definition"]), (&json!("posthog"), &json!("stripe")));
    // March: ann was there at the start and is lost, cas is new.
    assert_eq!(number(&posthog["periods"][2]["churn_rate"]), Decimal::ONE);
    assert_eq!(number(&stripe["periods"][2]["churn_rate"]), exact("0.5"));
    let april = &posthog["periods"][3];
    assert_eq!(
        (&april["running"], &april["lost_customers"], &april["returning_customers"]),
        (&json!(true), &json!(0), &json!(1))
    );
    assert!(april.get("churn_rate").is_none());
    // February: bob's 40.5 are lost, ann spends 20 instead of 100.
    assert_eq!(number(&posthog["periods"][1]["gross_revenue_retention"]), Decimal::from(20) / exact("140.5"));
}

#[test]
fn cohorts_by_a_dimension_of_the_first_purchase() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = written(&folder, "orders.csv", ORDERS);
    let document = cohort(&[&file, "--by", "channel"]);
    let ads = &document["cohorts"][0];
    assert_eq!((&ads["cohort"], &ads["size"]), (&json!("ads"), &json!(2)));
    // Two months after the first purchase only bob can be seen.
    assert_eq!(ads["periods"][2]["observed"], 1);
    assert!(ads["periods"][2].get("cumulative_revenue_per_customer").is_none());
    let ran = run(&["cohort", "--no-config", &file, "--by", "chanel"]).refused("unknown-name");
    assert!(ran.stderr.contains("channel"), "{}", ran.stderr);
}

/// Blank is not zero, running is marked, colour is for terminals, and no line is too wide.
#[test]
fn the_table() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = written(&folder, "orders.csv", ORDERS);
    let text = run(&["cohort", "--no-config", &file]).answered().stdout;
    assert!(text.contains("2026-01     2 100.0   50.0    0.0  50.0*\n"), "{text}");
    assert!(text.contains("2026-03     1 100.0   0.0*\n"), "{text}");
    assert!(!text.contains('\u{1b}'));
    let colored = run(&["cohort", "--no-config", &file, "--color", "always"]).answered().stdout;
    assert!(colored.contains("\u{1b}[48;5;"), "{colored}");
    for columns in ["40", "60", "200"] {
        let output = mak().args(["cohort", "--no-config", &file]).env("COLUMNS", columns).output().expect("the binary starts");
        let widest: usize = columns.parse().expect("a number");
        for line in String::from_utf8(output.stdout).expect("UTF-8").lines() {
            assert!(unicode_width::UnicodeWidthStr::width(line) <= widest, "{line}");
        }
    }
    let csv = run(&["cohort", "--no-config", &file, "--format", "csv"]).answered().stdout;
    assert!(csv.contains("2026-01,2,3,1,2,0.5,25.25,185.75,92.875,running\r\n"), "{csv}");
}

/// The same order in two files would count twice.
#[test]
fn overlapping_files_are_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    let (one, two) = (written(&folder, "a.csv", ORDERS), written(&folder, "b.csv", ORDERS));
    run(&["cohort", "--no-config", &one, &two]).refused("overlapping-exports");
}

/// Without customers or dates there are no cohorts; another kind of table is none of orders.
#[test]
fn what_is_no_log_of_orders_is_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    let nobody = written(&folder, "nobody.csv", "order_id,date,amount\n1,2026-01-05,10\n");
    run(&["cohort", "--no-config", &nobody]).refused("no-known-column");
    let ads = written(&folder, "ads.csv", "campaign,spend,clicks\nA,10,5\n");
    run(&["cohort", "--no-config", &ads]).refused("no-known-column");
    let mixed = "order_id,customer_id,date,amount,currency\n1,a,2026-01-05,10,EUR\n2,a,2026-01-06,10,USD\n";
    run(&["cohort", "--no-config", &written(&folder, "mixed.csv", mixed)]).refused("mixed-currencies");
}

/// The folder of real exports, or nothing, said aloud.
#[expect(clippy::print_stderr, reason = "a test that skips says so")]
fn exports() -> Option<PathBuf> {
    let folder = std::env::var_os("MAK_REAL_EXPORTS").filter(|folder| !folder.is_empty()).map(PathBuf::from);
    if folder.is_none() {
        eprintln!("skipped: MAK_REAL_EXPORTS is not set");
    }
    folder
}

/// Lines of orders in an encoding of Windows: 781 of 793 customers ordered again.
#[test]
fn lines_of_orders() {
    let Some(exports) = exports() else { return };
    let file = exports.join("superstore/Superstore.csv");
    let document = cohort(&[file.to_str().expect("UTF-8"), "--period", "quarter"]);
    let total = &document["total"];
    assert_eq!((&total["repeat_customers"], &total["customers"], &total["orders"]), (&json!(781), &json!(793), &json!(5009)));
    assert_eq!(number(&total["revenue"]), exact("2297200.8603"));
}

/// A table of subscribers, mapped in three lines: churn, MRR and the MRR of those who left.
#[test]
fn subscribers_by_mapping() {
    let Some(exports) = exports() else { return };
    let folder = tempfile::tempdir().expect("a folder");
    let config = written(
        &folder,
        "mak.toml",
        "[files.\"*Telco*.csv\"]\nrows = [\"customers_at_start\", \"customers\"]\n\
         columns = { MonthlyCharges = \"revenue\", Churn = { measure = \"lost_customers\", when = \"Yes\" } }\n",
    );
    let file = exports.join("telco_churn/WA_Fn-UseC_-Telco-Customer-Churn.csv");
    let document = compute(&[file.to_str().expect("UTF-8"), "--config", &config, "--by", "churn"]);
    let churn = &document["total"]["kpis"]["churn_rate"];
    assert_eq!((number(&churn["numerator"]), number(&churn["denominator"])), (1869.into(), 7043.into()));
    assert_eq!(number(&document["total"]["measures"]["revenue"]), exact("456116.60"));
    let lost = group(&document, &[("churn", Some("Yes"))]).expect("those who left");
    assert_eq!(number(&lost["measures"]["revenue"]), exact("139130.85"));
}

/// The full log of a shop: figures of other programs, beside the data.
#[test]
fn a_log_of_seventy_thousand_orders() {
    let Some(exports) = exports() else { return };
    let folder = tempfile::tempdir().expect("a folder");
    let config = written(
        &folder,
        "mak.toml",
        "[files.\"CDNOW_master.txt\"]\nas = \"orders\"\ndelimiter = \"spaces\"\n\
         columns = { dollar_value = \"amount\", date = \"date\", customer_id = \"customer_id\" }\n",
    );
    let file = exports.join("cdnow/CDNOW_master.txt");
    let file = file.to_str().expect("UTF-8");
    let document = run(&["cohort", "--config", &config, file, "--format", "json"]).answered().json();
    let truth: Value =
        serde_json::from_slice(&std::fs::read(exports.join("cdnow/truth.json")).expect("the truth")).expect("JSON");
    let total = &document["total"];
    assert_eq!(total["customers"], 23_570);
    assert_eq!(total["orders"], truth["transactions"]["value"]);
    assert_eq!(number(&total["revenue"]), exact("2500315.63"));
    assert_eq!(total["repeat_customers"].to_string(), truth["repeat_rate"]["num"].as_str().expect("a numerator"));
    let sizes: Vec<(String, Value)> = document["cohorts"]
        .as_array()
        .expect("cohorts")
        .iter()
        .map(|cohort| (cohort["cohort"].as_str().expect("a label").replace('-', ""), cohort["size"].clone()))
        .collect();
    assert_eq!(sizes.len(), 3);
    for (label, size) in sizes {
        assert_eq!(size, truth["first_month_cohort"][&label], "{label}");
    }
    // The data end with a month, so all 18 periods are whole, and every cell adds up to the total.
    let cells: Vec<&Value> = document["cohorts"]
        .as_array()
        .expect("cohorts")
        .iter()
        .flat_map(|cohort| cohort["periods"].as_array().expect("cells"))
        .collect();
    assert_eq!(cells.len(), 18 + 17 + 16);
    assert!(cells.iter().all(|cell| cell.get("running").is_none()));
    let sum: Decimal = cells.iter().map(|cell| number(&cell["revenue"])).sum();
    assert_eq!(sum, exact("2500315.63"));
}
