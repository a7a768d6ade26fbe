//! `mak clv` as a user meets it. Figures of published papers and of other programs stand beside the data that
//! `MAK_REAL_EXPORTS` names.
#![allow(clippy::float_arithmetic, reason = "estimates are compared within a tolerance")]

mod common;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use common::{decimal, run, written};
use rust_decimal::Decimal;
use serde_json::{Value, json};

/// The folder of real data, or nothing, said aloud.
#[expect(clippy::print_stderr, reason = "a test that skips says so")]
fn exports() -> Option<PathBuf> {
    let folder = std::env::var_os("MAK_REAL_EXPORTS").filter(|folder| !folder.is_empty()).map(PathBuf::from);
    if folder.is_none() {
        eprintln!("skipped: MAK_REAL_EXPORTS is not set");
    }
    folder
}

#[track_caller]
fn clv(arguments: &[&str]) -> Value {
    run(&[&["clv"], arguments, &["--format", "json"]].concat()).answered().json()
}

#[track_caller]
fn close(found: &Value, expected: f64, tolerance: f64) {
    let found = found.as_f64().unwrap_or_else(|| panic!("{found} is no number"));
    assert!((found / expected - 1.0).abs() <= tolerance, "{found} is not {expected}");
}

#[track_caller]
fn parameters(document: &Value, expected: &[(&str, f64)]) {
    for (name, value) in expected {
        close(&document["fit"]["parameters"][name], *value, 1e-5);
    }
    assert_eq!(document["fit"]["parameters"].as_object().expect("parameters").len(), expected.len());
    assert!(document["fit"]["gradient_norm"].as_f64().is_some_and(|norm| norm < 1e-6), "{}", document["fit"]);
}

#[track_caller]
fn log_likelihood(document: &Value, expected: f64) {
    let found = document["fit"]["log_likelihood"].as_f64().expect("a number");
    assert!((found - expected).abs() < 1e-6, "{found} is not {expected}");
}

fn path(folder: &Path, name: &str) -> String {
    folder.join(name).to_str().expect("UTF-8").to_owned()
}

/// The configuration that reads the logs of fixed columns.
fn config(folder: &tempfile::TempDir) -> String {
    written(
        folder,
        "mak.toml",
        "[files.\"CDNOW_sample.txt\"]\nas = \"orders\"\ndelimiter = \"spaces\"\nheader = false\n\
         names = [\"master\", \"customer_id\", \"date\", \"cds\", \"paid\"]\n\
         columns = { paid = \"amount\", date = \"date\", customer_id = \"customer_id\" }\n",
    )
}

#[test]
fn published_fits_of_a_summary_table() {
    let Some(folder) = exports() else { return };
    let table = path(&folder, "clv/cdnow_customers_summary.csv");
    let document = clv(&["--no-config", &table, "--model", "bg-nbd"]);
    parameters(&document, &[("r", 0.242_592_905), ("alpha", 4.413_531_597), ("a", 0.792_886_152), ("b", 2.425_753_727)]);
    log_likelihood(&document, -9_582.425_561);
    assert_eq!((&document["fit"]["customers"], &document["fit"]["unit"]), (&json!(2357), &json!("table")));
    assert!(document["customers"][0].get("expected_purchases").is_none());

    let document = clv(&["--no-config", &table, "--model", "bg-nbd", "--unit", "week", "--horizon", "39w"]);
    close(&document["total"]["expected_purchases"], 1_653.423_3, 1e-6);
    assert_eq!(document["fit"]["unit"], "week");

    let document = clv(&["--no-config", &table, "--model", "pareto-nbd"]);
    parameters(&document, &[("r", 0.553_275_55), ("alpha", 10.577_613_3), ("s", 0.606_213_4), ("beta", 11.667_905_13)]);
    log_likelihood(&document, -9_594.973_930);

    let reference: Value =
        serde_json::from_slice(&std::fs::read(folder.join("clv/reference.json")).expect("the reference")).expect("JSON");
    let document = clv(&["--no-config", &table, "--model", "mbg-nbd"]);
    for name in ["r", "alpha", "a", "b"] {
        let expected = reference["mbgnbd_cdnow"]["lifetimes"][name].as_f64().expect("a number");
        close(&document["fit"]["parameters"][name], expected, 1e-5);
    }
    let document = clv(&["--no-config", &path(&folder, "clv/donations.csv"), "--model", "bg-bb", "--horizon", "5"]);
    for name in ["alpha", "beta", "gamma", "delta"] {
        let expected = reference["bgbb_donations"]["lifetimes"][name].as_f64().expect("a number");
        close(&document["fit"]["parameters"][name], expected, 1e-4);
    }
    assert_eq!(document["fit"]["customers"], 11_104);
    assert_eq!(document["horizon"]["period"], "occasion");

    for (group, alpha, beta) in [("regular", 0.704_077, 1.182_043), ("highend", 0.668_088, 3.806_096)] {
        let shares = reference["sbg"]["data_pct_surviving"][group].as_array().expect("shares");
        let mut table = "year,survivors\n".to_owned();
        for (year, share) in shares.iter().take(8).enumerate() {
            let survivors = decimal(share).expect("a share") * Decimal::TEN;
            writeln!(table, "{year},{}", survivors.normalize()).expect("a string grows");
        }
        let temporary = tempfile::tempdir().expect("a folder");
        let document = clv(&["--no-config", &written(&temporary, "survivors.csv", table), "--model", "sbg", "--horizon", "5"]);
        parameters(&document, &[("alpha", alpha), ("beta", beta)]);
        assert_eq!(document["curve"].as_array().expect("a curve").len(), 13);
    }
}

#[test]
fn published_fits_of_a_log_of_orders() {
    let Some(folder) = exports() else { return };
    let temporary = tempfile::tempdir().expect("a folder");
    let (config, log) = (config(&temporary), path(&folder, "clv/CDNOW_sample.txt"));
    let sample = ["--config", config.as_str(), log.as_str(), "--model", "bg-nbd"];
    let by_date = clv(&[&sample[..], &["--calibration-end", "1997-09-30"]].concat());
    log_likelihood(&by_date, -9_582.429_207);
    // The log ends 39 weeks later, so that is the same calibration.
    let by_length = clv(&[&sample[..], &["--holdout", "39w"]].concat());
    assert_eq!(by_length["fit"], by_date["fit"]);
    assert_eq!(by_length["holdout"]["actual"], 1882);
    close(&by_length["holdout"]["expected"], 1_653.408_724_2, 1e-5);

    let whole = clv(&sample);
    parameters(&whole, &[("r", 0.253_561_157), ("alpha", 5.447_257_391), ("a", 0.607_365_478), ("b", 2.647_234_902)]);
    log_likelihood(&whole, -17_138.233_965);
    // Nothing is forecast over more than the orders tell.
    run(&[&["clv"], &sample[..], &["--calibration-end", "1998-06-01", "--holdout", "39w"]].concat()).refused("bad-usage");
}

/// Each customer's days of purchase up to the end of September 1997 with what was paid on them.
fn days(log: &str) -> BTreeMap<u32, BTreeMap<u32, Decimal>> {
    let mut customers: BTreeMap<u32, BTreeMap<u32, Decimal>> = BTreeMap::new();
    for line in log.lines() {
        let cells: Vec<&str> = line.split_whitespace().collect();
        let [_, customer, day, _, paid] = cells[..] else { continue };
        let day: u32 = day.parse().expect("a date");
        if day <= 19_970_930 {
            let days = customers.entry(customer.parse().expect("an id")).or_default();
            *days.entry(day).or_default() += Decimal::from_str_exact(paid).expect("an amount");
        }
    }
    customers
}

/// The summary table with the mean value of the repeat purchases to the cent, as the papers have it; times by a
/// factor.
fn with_values(folder: &Path, factor: u32) -> String {
    let values = days(&std::fs::read_to_string(folder.join("clv/CDNOW_sample.txt")).expect("the log"));
    let table = std::fs::read_to_string(folder.join("clv/cdnow_customers_summary.csv")).expect("the table");
    let mut out = "ID,frequency,recency,T,monetary_value\n".to_owned();
    for line in table.lines().skip(1) {
        let cells: Vec<&str> = line.trim().split(',').collect();
        let repeats: Vec<Decimal> = values[&cells[0].parse().expect("an id")].values().skip(1).copied().collect();
        let mean = repeats.iter().sum::<Decimal>().checked_div(Decimal::from(repeats.len())).unwrap_or_default();
        let cents = mean.round_dp_with_strategy(2, rust_decimal::RoundingStrategy::MidpointAwayFromZero);
        let times = |cell: &str| Decimal::from_str_exact(cell).expect("a number") * Decimal::from(factor);
        writeln!(out, "{},{},{},{},{cents}", cells[0], cells[1], times(cells[2]), times(cells[3])).expect("a string grows");
    }
    out
}

#[test]
fn value_over_twelve_months() {
    let Some(folder) = exports() else { return };
    let temporary = tempfile::tempdir().expect("a folder");
    let weekly = written(&temporary, "weekly.csv", with_values(&folder, 1));
    let asked = ["--model", "bg-nbd", "--horizon", "12mo", "--discount", "1%/month"];
    let document = clv(&[&["--no-config", &weekly, "--unit", "week"], &asked[..]].concat());
    close(&document["total"]["clv"], 71_509.899_1, 1e-6);
    close(&document["customers"][0]["clv"], 36.278_497, 1e-5);
    assert_eq!(document["customers"][0]["id"], "1");
    let interval = &document["total"]["intervals"]["clv"];
    assert!(interval["low"].as_f64() < Some(71_509.0) && interval["high"].as_f64() > Some(71_510.0), "{interval}");
    assert_eq!(document["spending"]["customers"], 946);
    close(&document["correlation"], 0.113_883_910_486, 1e-9);

    let given = "r=0.243,alpha=4.414,a=0.793,b=2.426,p=6.25,q=3.74,v=15.44";
    let published = clv(&[&["--no-config", &weekly, "--unit", "week", "--parameters", given], &asked[..]].concat());
    close(&published["total"]["clv"], 71_560.208_8, 1e-7);
    assert!(published["total"].get("intervals").is_none());

    // The rate of mak.toml is a year's: 1.01^12 - 1 is 12.68250301319697 %.
    let config = written(&temporary, "mak.toml", "discount_rate = \"12.68250301319697%\"\n");
    let asked_without = ["--model", "bg-nbd", "--horizon", "12mo", "--config", &config];
    let document = clv(&[&[&weekly, "--unit", "week"], &asked_without[..]].concat());
    close(&document["total"]["clv"], 71_509.899_1, 1e-6);
    close(&document["horizon"]["discount"], 0.01, 1e-12);
    let stated = clv(&[&[&weekly, "--unit", "week", "--discount", "0%/month"], &asked_without[..]].concat());
    assert!(stated["total"]["clv"].as_f64() > Some(75_000.0), "the flag wins: {stated}");

    let spending = clv(&["--no-config", &weekly, "--model", "gamma-gamma"]);
    parameters(&spending, &[("p", 6.248_802_696), ("q", 3.744_588_439), ("v", 15.447_747_215)]);

    // The classic mistake reads a weekly table as a daily one and finds 266,811. Without a unit there is no value at
    // all, and the same customers in days are worth the same.
    run(&[&["clv", "--no-config", &weekly], &asked[..]].concat()).refused("bad-usage");
    let daily = written(&temporary, "daily.csv", with_values(&folder, 7));
    let document = clv(&[&["--no-config", &daily, "--unit", "day"], &asked[..]].concat());
    close(&document["total"]["clv"], 71_509.899_1, 1e-6);
}

/// The published figures at the published parameters, without a fit (Fader, Hardie & Lee 2005, Marketing Science 24
/// and Journal of Marketing Research 42).
#[test]
fn figures_at_published_parameters() {
    let folder = tempfile::tempdir().expect("a folder");
    let table = written(&folder, "one.csv", "id,frequency,recency,T\nh1,2,30.43,38.86\n");
    let bg_nbd = "r=0.243,alpha=4.414,a=0.793,b=2.426";
    let document =
        clv(&["--no-config", &table, "--model", "bg-nbd", "--unit", "week", "--horizon", "39w", "--parameters", bg_nbd]);
    close(&document["total"]["purchases_of_new_customer"], 1.196_723_2, 1e-7);
    close(&document["customers"][0]["expected_purchases"], 1.226_028_2, 1e-7);
    close(&document["customers"][0]["probability_alive"], 0.726_578_6, 1e-6);
    // Nothing was estimated, so nothing claims to be a maximum or to have an interval.
    let fit = &document["fit"];
    assert_eq!((&fit["given"], &fit["converged"], &fit["iterations"]), (&json!(true), &json!(false), &json!(0)));
    assert_eq!((&fit["standard_errors"], &fit["intervals"]), (&json!({}), &json!({})));
    assert!(document["total"].get("intervals").is_none());

    let pareto_nbd = "r=0.553,alpha=10.578,s=0.606,beta=11.669";
    let asked = ["clv", "--no-config", &table, "--model", "pareto-nbd", "--unit", "week", "--parameters", pareto_nbd];
    let forever = [&asked[..], &["--horizon", "forever", "--discount", "15%/52w"]].concat();
    let document = run(&[&forever[..], &["--format", "json"]].concat()).answered().json();
    close(&document["customers"][0]["discounted_purchases"], 6.501_730_54, 1e-8);
    assert!(document["customers"][0].get("expected_purchases").is_none());
    let table_text = run(&forever).answered().stdout;
    assert!(table_text.contains("pareto-nbd given, for 1 customer") && table_text.contains("6.5017"), "{table_text}");

    let refused = |more: &[&str]| {
        run(&[&["clv", "--no-config", table.as_str(), "--unit", "week"], more].concat()).refused("bad-usage");
    };
    refused(&["--model", "bg-nbd", "--parameters", "r=0.243,alpha=4.414"]);
    refused(&["--model", "bg-nbd", "--parameters", &format!("{bg_nbd},s=1")]);
    refused(&["--model", "bg-nbd", "--parameters", &format!("{bg_nbd},r=1")]);
    refused(&["--model", "bg-nbd", "--parameters", "r=-1,alpha=4.414,a=0.793,b=2.426"]);
    refused(&["--model", "bg-nbd", "--parameters", "r"]);
    refused(&["--model", "pareto-nbd", "--parameters", pareto_nbd, "--horizon", "forever"]);
    let endless = ["--model", "bg-nbd", "--parameters", bg_nbd, "--horizon", "forever", "--discount", "1%/month"];
    run(&[&["clv", "--no-config", &table, "--unit", "week"], &endless[..]].concat()).refused("nothing-computed");
}

/// Invented orders of 200 customers, who differ in how often they buy and in how soon they leave.
fn orders() -> String {
    let mut state = 12_345_u64;
    let mut random = |below: u64| {
        state = (state * 1_103_515_245 + 12_345) % (1 << 31);
        (state >> 16) % below
    };
    let mut out = "order_id,customer_id,date,amount,refunded\n".to_owned();
    let mut order = 0;
    for customer in 0..200 {
        let pace = [6, 15, 40, 90][usize::try_from(random(4)).expect("small")];
        let stay = [1, 3, 6, 13][usize::try_from(random(4)).expect("small")];
        let mut day = random(60);
        while day <= 270 {
            order += 1;
            let date = jiff::civil::date(2026, 1, 1) + jiff::Span::new().days(i64::try_from(day).expect("small"));
            writeln!(out, "{order},c{customer},{date},{}.50,0", 10 + random(40)).expect("a string grows");
            if random(stay) == 0 {
                break;
            }
            day += 1 + random(2 * pace);
        }
    }
    out
}

/// Historic value and the plain formula are exact.
#[test]
fn the_plain_formula() {
    let folder = tempfile::tempdir().expect("a folder");
    let rows = "order_id,customer_id,date,amount,refunded\n\
        1,ann,2026-01-05,100.00,0\n2,bob,2026-01-20,40.50,0\n3,ann,2026-02-04,30.00,10.00\n4,cas,2026-03-31,60.00,0\n";
    let file = written(&folder, "orders.csv", rows);
    let document = clv(&["--no-config", &file, "--margin", "60%"]);
    let exact = |value: &Value| decimal(value).unwrap_or_else(|| panic!("{value} is no number"));
    assert_eq!(exact(&document["total"]["revenue"]), Decimal::new(2205, 1));
    assert_eq!(exact(&document["total"]["revenue_per_customer"]), Decimal::new(735, 1));
    assert_eq!(exact(&document["customers"][0]["revenue"]), Decimal::from(120));
    // February: ann and bob at the start with 140.5, bob lost; March: ann with 20, lost.
    let formula = &document["formula"];
    assert_eq!((&formula["customers_at_start"], &formula["lost_customers"]), (&json!(3), &json!(2)));
    assert_eq!(exact(&formula["arpu_over_churn"]), Decimal::new(8025, 2));
    assert_eq!(exact(&formula["margin_over_churn"]), Decimal::new(4815, 2));
    // 160.5 at the start; lost are 40.5 with bob, 80 that ann spends less, and 20 with ann.
    let expected =
        Decimal::new(1605, 1) / Decimal::from(3) * (Decimal::new(1605, 1) / Decimal::new(1405, 1)) * Decimal::new(6, 1);
    assert!((exact(&formula["margin_over_revenue_churn"]) - expected).abs() < Decimal::new(1, 20));
    assert!(document.get("fit").is_none());
}

/// An order that was refunded in full never happened, whatever the rows say.
#[test]
fn refunds_undo_orders() {
    let folder = tempfile::tempdir().expect("a folder");
    let plain = written(&folder, "plain.csv", orders());
    let more = written(&folder, "more.csv", format!("{}9999,c1,2026-09-20,77.00,77.00\n", orders()));
    let fit = |file: &str| clv(&["--no-config", file, "--model", "bg-nbd", "--calibration-end", "2026-09-30"])["fit"].clone();
    assert_eq!(fit(&plain), fit(&more));
}

/// A fit that is not good is shown, called what it is, and ends with 2.
#[test]
fn a_bad_fit_is_not_called_good() {
    let folder = tempfile::tempdir().expect("a folder");
    // Everybody bought five times, evenly: neither rates nor dropout vary.
    let same = format!("id,frequency,recency,T\n{}", "a,5,9,10\n".repeat(50));
    let file = written(&folder, "same.csv", same);
    let ran = run(&["clv", "--no-config", &file, "--model", "bg-nbd", "--unit", "week", "--format", "json"]);
    let document = ran.clone().refused("nothing-computed").json();
    assert_eq!(document["fit"]["converged"], false);
    assert!(document["fit"]["why_not"].is_string() && document["total"].get("clv").is_none());
}

#[test]
fn tables_that_are_wrong_are_refused_where_they_are() {
    let folder = tempfile::tempdir().expect("a folder");
    let refused = |text: &str, model: &str, code: &str, at: &str| {
        let file = written(&folder, "t.csv", text);
        let ran = run(&["clv", "--no-config", &file, "--model", model]).refused(code);
        assert!(ran.stderr.contains(at), "{}", ran.stderr);
    };
    refused("id,frequency,recency,T\n1,2,9,8\n", "bg-nbd", "bad-number", "t.csv:2");
    refused("id,frequency,recency,T\n1,0,0,8\n2,1.5,3,8\n", "bg-nbd", "bad-number", "t.csv:3");
    refused("id,frequency,recency,T\n1,many,3,8\n", "bg-nbd", "bad-number", "t.csv:2:2");
    refused("id,frequency,recency,T\n1,,3,8\n", "bg-nbd", "bad-number", "t.csv:2:2");
    refused("id,frequency,recency,T\n1,2,3\n", "bg-nbd", "ragged-row", "t.csv:2");
    refused("frequency,recency,periods\n3,2,6\n", "bg-bb", "bad-number", "t.csv:2");
    refused("frequency,recency,periods\n1,2,6\n", "bg-nbd", "bad-usage", "bg-bb");
    refused("year,survivors\n0,100\n2,50\n", "sbg", "bad-number", "missing");
}

/// Table, Markdown and CSV say the same.
#[test]
fn the_other_formats() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = written(&folder, "orders.csv", orders());
    let asked = ["clv", "--no-config", &file, "--model", "bg-nbd", "--calibration-end", "2026-09-30"];
    let document = run(&[&asked[..], &["--format", "json"]].concat()).answered().json();
    let csv = run(&[&asked[..], &["--format", "csv"]].concat()).answered().stdout;
    assert_eq!(csv.lines().count(), 1 + document["customers"].as_array().expect("customers").len());
    let table = run(&asked).answered().stdout;
    assert!(table.contains("bg-nbd fitted to 200 customers") && table.contains("gradient norm"), "{table}");
    assert!(table.lines().all(|line| unicode_width::UnicodeWidthStr::width(line) <= 80), "{table}");
    assert!(run(&[&asked[..], &["--format", "markdown"]].concat()).answered().stdout.contains("| r |"));
    run(&["clv", "--no-config", &file, "--model", "bg-nbd", "--horizon", "12m"]).refused("bad-usage");
    run(&["clv", "--no-config", &file, "--model", "bg-nbd", "--discount", "1%"]).refused("bad-usage");
}
