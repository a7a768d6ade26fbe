//! The command line as a user meets it: exit codes, messages, files that are not there, output that goes elsewhere.

mod common;

use common::{compute, decimal, mak, run, run_with_input, written};
use rust_decimal::Decimal;
use std::process::Stdio;

const DEMO: &str = "fixtures/demo";
const CAMPAIGNS: &str = "fixtures/demo/campaigns.csv";
const LEADS: &str = "fixtures/demo/leads.csv";
const REVENUE: &str = "fixtures/demo/revenue.csv";

// Answers

/// Three files of three kinds, and a KPI that needs more than one of them: 7,015.23 spent, 29 leads won.
#[test]
fn a_kpi_over_several_files() {
    let document = compute(&[CAMPAIGNS, LEADS, REVENUE]);
    let cac = &document["total"]["kpis"]["cac"];
    let value = decimal(&cac["value"]).expect("a number");
    let quotient = decimal(&cac["numerator"]).expect("a numerator") / decimal(&cac["denominator"]).expect("a denominator");
    assert_eq!(value.round_dp(20), quotient.round_dp(20));
    assert_eq!(decimal(&cac["numerator"]), Some(Decimal::new(701_523, 2)));
}

/// A shop's revenue by a newsletter's deliveries: refused unless the user says that one is of the other, and noted then.
#[test]
fn a_rate_across_kinds_of_file_has_to_be_allowed() {
    let folder = tempfile::tempdir().expect("a folder");
    let asked = [DEMO, "--kpi", "revenue_per_recipient", "--format", "json"];
    let refused = run(&[&["compute"], &asked[..]].concat());
    assert_eq!(refused.code, Some(2));
    let reason = refused.json()["total"]["unavailable"]["revenue_per_recipient"]["reason"].to_string();
    assert!(reason.contains("no file gives both; rates_across_kinds = true in mak.toml"), "{reason}");
    let config = written(&folder, "mak.toml", "rates_across_kinds = true\n");
    let document = compute(&[DEMO, "--kpi", "revenue_per_recipient", "--config", &config]);
    // 31,242.51 by 27,769 delivered.
    let value = decimal(&document["total"]["kpis"]["revenue_per_recipient"]["value"]).expect("a number");
    assert_eq!(value.round_dp(10).to_string(), "1.1250858871");
    let notes = document["warnings"].to_string();
    assert!(notes.contains("revenue_per_recipient is computed all the same: revenue is of orders"), "{notes}");
}

/// The help of a refusal names flags that the command has.
#[test]
fn one_of_several_currencies_can_be_picked_everywhere() {
    let folder = tempfile::tempdir().expect("a folder");
    let rows = "order_id,customer_id,date,amount,currency\n1,a,2026-01-05,40,EUR\n2,b,2026-01-31,20,USD\n";
    let file = written(&folder, "orders.csv", rows);
    for command in [&["compute"][..], &["clv"], &["cohort"], &["init"], &["check", "--require", "revenue > 1"]] {
        let refused = run(&[command, &[&file]].concat()).refused("mixed-currencies");
        assert!(refused.stderr.contains("--where currency="), "{}", refused.stderr);
        run(&[command, &[&file, "--where", "currency=EUR"]].concat()).answered();
    }
    run(&["check", &file, "--require", "revenue > 1 by currency"]).answered();
}

/// A folder, its files, a glob and another order are one question.
#[test]
fn a_folder_is_its_files() {
    let totals = |arguments: &[&str]| compute(arguments)["total"].clone();
    let folder = totals(&[DEMO]);
    assert_eq!(totals(&[CAMPAIGNS, LEADS, REVENUE]), folder);
    assert_eq!(totals(&[REVENUE, CAMPAIGNS, LEADS]), folder);
    assert_eq!(totals(&["fixtures/demo/*.csv"]), folder);
}

#[test]
fn standard_input_is_a_file() {
    let bytes = std::fs::read(common::root().join(CAMPAIGNS)).expect("the fixture");
    let piped = run_with_input(&["compute", "-", "--format", "json"], &bytes).answered().json();
    assert_eq!(piped["total"], compute(&[CAMPAIGNS])["total"]);
    assert_eq!(piped["inputs"][0]["file"], "-");
}

/// Compressed is the same, whatever the file is called.
#[test]
fn gzip_is_seen_by_content() {
    use std::io::Write as _;
    let folder = tempfile::tempdir().expect("a folder");
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(&std::fs::read(common::root().join(CAMPAIGNS)).expect("the fixture")).expect("in memory");
    let packed = written(&folder, "export.csv", encoder.finish().expect("in memory"));
    assert_eq!(compute(&[&packed])["total"], compute(&[CAMPAIGNS])["total"]);
}

#[test]
fn a_file_can_be_taken_for_something_else() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = written(&folder, "shop.csv", "order_id,date,amount\n1,2026-01-05,10.50\n2,2026-01-06,4.50\n");
    let document = compute(&["--as", &format!("orders:{file}")]);
    assert_eq!(document["inputs"][0]["kind"], "orders");
    assert_eq!(decimal(&document["total"]["measures"]["revenue"]), Some(Decimal::from(15)));
    let ran = run(&["compute", "--as", &format!("oders:{file}")]).refused("unknown-name");
    assert!(ran.stderr.contains("did you mean orders"), "{}", ran.stderr);
    run(&["compute", "--as", "orders"]).refused("bad-usage");
}

#[test]
fn filters_and_dates_choose_rows() {
    let email = compute(&[CAMPAIGNS, "--where", "channel=email"]);
    assert_eq!(decimal(&email["total"]["measures"]["spend"]), Some(Decimal::from(270)));
    let january = compute(&[CAMPAIGNS, "--where", "channel=email", "--from", "2026-01-01", "--to", "2026-01-31"]);
    assert_eq!(decimal(&january["total"]["measures"]["sent"]), Some(Decimal::from(5075 + 5135)));
    run(&["compute", CAMPAIGNS, "--from", "2026-02-01", "--to", "2026-01-01"]).refused("bad-usage");
    run(&["compute", CAMPAIGNS, "--from", "yesterday"]).refused("bad-usage");
}

/// Measures asked for by id stand beside KPIs in every format, in the total and by group.
#[test]
fn measures_can_be_asked_for() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = written(
        &folder,
        "sums.csv",
        "campaign,channel,sent,opens,spend\nSpring,email,100,40,1.50\nSummer,email,60,30,0.75\nText,sms,50,20,2.25\n",
    );
    let asked = |format: &str| run(&["compute", &file, "--kpi", "spend,opens,bounces", "--by", "channel", "--format", format]);
    let csv = asked("csv").answered().stdout;
    for row in [
        "total,,spend,4.5,money,,,,,,,,ok,",
        "group,email,spend,2.25,money,,,,,,,,ok,",
        "group,email,opens,70,count,,,,,,,,ok,",
        "group,sms,opens,20,count,,,,,,,,ok,",
        "total,,bounces,,,,,,,,,,missing,no file gives bounces",
    ] {
        assert!(csv.lines().any(|line| line == row), "{row}\n{csv}");
    }
    let markdown = asked("markdown").answered().stdout;
    assert!(markdown.contains("| channel | spend | opens |\n") && markdown.contains("| email | 2.25 | 70 |\n"), "{markdown}");
    let table = asked("table").answered().stdout;
    let words = |line: &str| line.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
    assert!(table.lines().any(|line| words(line) == ["email", "2.25", "70"]), "{table}");
    assert!(table.lines().any(|line| words(line) == ["Total", "4.50", "90"]), "{table}");
    let json = asked("json").answered().json();
    assert_eq!(json["asked"], serde_json::json!(["spend", "opens", "bounces"]));
    assert_eq!(json["total"]["unavailable"]["bounces"]["code"], "missing");
}

fn warnings_of<'a>(document: &'a serde_json::Value, code: &str) -> Vec<&'a serde_json::Value> {
    document["warnings"].as_array().expect("a list").iter().filter(|warning| warning["code"] == code).collect()
}

/// Blank cells of rows that a filter leaves out are nobody's concern.
#[test]
fn blank_cells_are_counted_over_the_rows_selected() {
    let folder = tempfile::tempdir().expect("a folder");
    let file =
        written(&folder, "gaps.csv", "campaign,channel,sent,opens\nA,email,100,40\nB,email,50,20\nC,sms,30,\nD,sms,30,9\n");
    let email = compute(&[&file, "--where", "channel=email", "--strict-missing"]);
    assert_eq!(warnings_of(&email, "missing-cells"), [&serde_json::Value::Null; 0]);
    assert_eq!(email["inputs"][0]["measures"]["opens"]["cells"], 2);
    let sms = compute(&[&file, "--where", "channel=sms"]);
    assert_eq!(warnings_of(&sms, "missing-cells")[0]["message"], "blank cells are left out of sums: opens 1 (of 2 rows)");
    let all = compute(&[&file]);
    assert_eq!(warnings_of(&all, "missing-cells")[0]["message"], "blank cells are left out of sums: opens 1 (of 4 rows)");
}

/// A filter that names a value which nothing has, has it misspelt.
#[test]
fn a_value_that_no_row_has_is_named_with_the_nearest() {
    let document = compute(&[CAMPAIGNS, "--where", "channel=emial,paid search"]);
    let [warning] = warnings_of(&document, "unknown-value")[..] else { panic!("{}", document["warnings"]) };
    assert_eq!(warning["message"], "no row has channel \"emial\"");
    assert_eq!(warning["help"], "did you mean channel=email?");
    // Also where it is a value to leave out, or where no row is left; what nothing is like has no proposal.
    assert_eq!(warnings_of(&compute(&[CAMPAIGNS, "--where", "channel!=Email"]), "unknown-value").len(), 1);
    let ran = run(&["compute", CAMPAIGNS, "--where", "channel=pigeon", "--format", "json"]);
    let warnings = ran.json();
    assert_eq!(warnings_of(&warnings, "unknown-value")[0]["help"], "--by channel shows the values that there are");
    // One file of two is enough, and blanks may be asked for.
    let folder = tempfile::tempdir().expect("a folder");
    let first = written(&folder, "a.csv", "campaign,channel,sent\nA,email,100\n");
    let second = written(&folder, "b.csv", "campaign,channel,sent\nB,sms,50\n");
    for condition in ["channel=sms", "channel!=", "channel=email,sms"] {
        let document = compute(&[&first, &second, "--where", condition]);
        assert!(warnings_of(&document, "unknown-value").is_empty(), "{condition}: {}", document["warnings"]);
    }
}

/// A total row is compared with what it names, where rows of that name are there.
#[test]
fn totals_of_a_part_are_compared_with_it() {
    let folder = tempfile::tempdir().expect("a folder");
    let text = "Campaign report\nAll time\nCampaign,Campaign type,Currency code,Impr.,Clicks,Cost\n\
        A,Search,USD,100,10,5.00\nB,Search,USD,200,20,7.50\nC,Display,USD,1000,5,1.25\n\
        Total: Campaigns,,USD,1300,35,13.75\nTotal: Search,Search,USD,300,30,12.50\n\
        Total: Display,Display,USD,900,5,1.25\nTotal: Account,,USD,1400,36,14.00\nTotal: Video,Video,USD,10,1,0.50\n";
    let document = compute(&[&written(&folder, "report.csv", text)]);
    assert_eq!(decimal(&document["total"]["measures"]["impressions"]), Some(Decimal::from(1300)));
    let mut said: Vec<String> = ["total-row", "total-of-more"]
        .iter()
        .flat_map(|code| warnings_of(&document, code))
        .map(|warning| format!("{}: {}", warning["line"], warning["message"].as_str().expect("a text").replace('"', "")))
        .collect();
    said.sort_by_key(|text| text.split(':').next().and_then(|line| line.parse::<u64>().ok()));
    let expected = [
        "7: total row Total: Campaigns left out",
        "8: total row Total: Search left out; it agrees with the 2 rows of that Campaign type",
        "9: total row Total: Display left out; it differs from the 1 row of that Campaign type: Impr. 900 against 1000",
        "10: total row Total: Account left out; it covers more than the rows listed: \
         Impr. 1400 against 1300, Clicks 36 against 35, Cost 14 against 13.75",
        "11: total row Total: Video left out; it covers less than the rows listed: \
         Impr. 10 against 1300, Clicks 1 against 35, Cost 0.5 against 13.75",
    ];
    assert_eq!(said, expected);
}

/// A rate that is printed beside its counts and does not follow from them.
#[test]
fn printed_rates_are_compared_with_their_counts() {
    let folder = tempfile::tempdir().expect("a folder");
    let file =
        written(&folder, "rates.csv", "campaign,delivered,opens,open_rate\nA,1000,400,40.0%\nB,900,300,33.3%\nC,800,100,21.5%\n");
    let document = compute(&[&file]);
    let [warning] = warnings_of(&document, "rate-disagrees")[..] else { panic!("{}", document["warnings"]) };
    assert_eq!((&warning["line"], &warning["saw"]), (&serde_json::json!(4), &serde_json::json!("21.5%")));
    let right = written(&folder, "right.csv", "campaign,delivered,opens,open_rate\nA,1000,400,40.0%\nB,900,300,33.3%\n");
    assert!(warnings_of(&compute(&[&right]), "rate-disagrees").is_empty());
    let inspected = run(&["inspect", &right, "--format", "json"]).answered().json();
    let findings = inspected["tables"][0]["findings"].as_array().expect("a list").clone();
    let compared: Vec<_> = findings.iter().filter(|finding| finding["code"] == "rates-compared").collect();
    let expected = "the rates printed agree with open_rate per message delivered on all of 2 rows";
    assert_eq!(compared.iter().map(|finding| finding["message"].as_str().expect("a text")).collect::<Vec<_>>(), [expected]);
}

/// Visitors of several rows are more than the people who came, and the answer says so.
#[test]
fn visitors_of_several_rows_are_added_with_a_word() {
    let folder = tempfile::tempdir().expect("a folder");
    let rows = "source,date,sessions,visitors\nnews,2026-01-01,5,4\nnews,2026-01-02,7,5\n";
    let (two, one) =
        (written(&folder, "two.csv", rows), written(&folder, "one.csv", &rows[..rows.len() - "news,2026-01-02,7,5\n".len()]));
    let document = compute(&[&two, "--kpi", "site_traffic"]);
    assert_eq!(decimal(&document["total"]["kpis"]["site_traffic"]["value"]), Some(Decimal::from(9)));
    let [note] = warnings_of(&document, "people-added")[..] else { panic!("{}", document["warnings"]) };
    assert_eq!((&note["severity"], &note["file"]), (&serde_json::json!("note"), &serde_json::json!(two)));
    assert!(note["message"].as_str().is_some_and(|message| message.starts_with("visitors is the sum of 2 rows")));
    for arguments in [[&one, "--kpi", "site_traffic"], [&two, "--kpi", "sessions"]] {
        assert!(warnings_of(&compute(&arguments.map(|word| word as &str)), "people-added").is_empty());
    }
}

/// A measure that has a value in each group and none in total: each says so of itself alone.
#[test]
fn what_does_not_add_up_is_missing_in_the_total_alone() {
    let folder = tempfile::tempdir().expect("a folder");
    let own = written(&folder, "mak.toml", "[measure.panel]\ncolumn = \"Panel\"\nadds = \"never\"\nunit = \"count\"\n");
    let rows = written(&folder, "rows.csv", "campaign,date,sent,delivered,Panel\nA,2026-01-01,10,9,7\nB,2026-01-02,10,9,8\n");
    let asked = ["compute", &rows, "--config", &own, "--by", "campaign", "--kpi", "panel,delivery_rate", "--format"];
    let reason = "panel does not add up over 2 rows: mak.toml says so";
    let lines = run(&[&asked[..], &["ndjson"]].concat()).answered().stdout;
    let lines: Vec<serde_json::Value> = lines.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    let [total, groups @ ..] = &lines[..] else { panic!("no line") };
    assert_eq!(total["unavailable"]["panel"], serde_json::json!({ "code": "not-additive", "reason": reason }));
    assert_eq!(groups.iter().map(|line| line["measures"]["panel"].to_string()).collect::<Vec<_>>(), ["7", "8"]);
    assert!(groups.iter().all(|line| line["unavailable"] == serde_json::json!({})), "{groups:?}");
    // The other formats say the same.
    let document = run(&[&asked[..], &["json"]].concat()).answered().json();
    assert_eq!(document["total"]["unavailable"]["panel"]["reason"], serde_json::json!(reason));
    assert!(document["groups"].as_array().expect("groups").iter().all(|group| group["unavailable"] == serde_json::json!({})));
    let table = run(&[&asked[..], &["csv"]].concat()).answered().stdout;
    assert!(table.contains(reason) && table.contains("group,A,panel,7,") && table.contains("group,B,panel,8,"), "{table}");
}

/// What no file holds can be given, and is exact.
#[test]
fn measures_can_be_given() {
    let document = compute(&[CAMPAIGNS, "--set", "new_customers=29", "--set", "platform_cost=984.77", "--kpi", "cac"]);
    let cac = &document["total"]["kpis"]["cac"];
    assert_eq!(decimal(&cac["numerator"]), Some(Decimal::from(8000)));
    assert_eq!(decimal(&cac["denominator"]), Some(Decimal::from(29)));
    run(&["compute", CAMPAIGNS, "--set", "platform_cost=NaN"]).refused("bad-usage");
    run(&["compute", CAMPAIGNS, "--set", "platform_cost"]).refused("bad-usage");
    let ran = run(&["compute", CAMPAIGNS, "--set", "platform_costs=1"]).refused("unknown-name");
    assert!(ran.stderr.contains("did you mean platform_cost"), "{}", ran.stderr);
}

// Refusals

#[test]
fn an_empty_file() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = written(&folder, "empty.csv", "");
    let ran = run(&["compute", &file]).refused("empty-file");
    assert!(ran.stderr.contains("empty.csv") && ran.stdout.is_empty(), "{ran:?}");
    run_with_input(&["compute", "-"], b"").refused("empty-file");
}

#[test]
fn a_missing_file() {
    let ran = run(&["compute", "no/such/file.csv"]);
    assert_eq!((ran.code, ran.stdout.as_str()), (Some(2), ""));
    assert!(ran.stderr.contains("no/such/file.csv") && ran.stderr.contains("error["), "{}", ran.stderr);
    assert_eq!(ran.stderr.matches("error[").count(), 1, "one error: {}", ran.stderr);
}

#[test]
fn a_folder_with_nothing_in_it() {
    let folder = tempfile::tempdir().expect("a folder");
    let ran = run(&["compute", folder.path().to_str().expect("UTF-8")]).refused("no-files");
    assert_eq!(ran.stderr.matches("error[").count(), 1, "one error: {}", ran.stderr);
}

#[test]
fn a_glob_that_matches_nothing() {
    run(&["compute", "fixtures/demo/*.parquett"]).refused("no-files");
}

#[test]
fn a_picture() {
    let folder = tempfile::tempdir().expect("a folder");
    // The signature and the first chunk of every PNG.
    let png = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01\x00\x00\x00\x01\x08\x06\x00\x00\x00\x1f\x15\xc4\x89";
    for name in ["chart.png", "chart.csv"] {
        let file = written(&folder, name, png);
        let ran = run(&["compute", &file]).refused("not-text");
        assert_eq!(ran.stderr.matches("error[").count(), 1, "one error: {}", ran.stderr);
    }
}

#[test]
fn a_table_without_a_known_column() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = written(&folder, "planets.csv", "planet,moons\nMars,2\nSaturn,274\n");
    let ran = run(&["compute", &file]).refused("no-known-column");
    assert!(ran.stderr.contains("help:"), "{}", ran.stderr);
    assert_eq!(ran.stderr.matches("error[").count(), 1, "one error: {}", ran.stderr);
}

#[test]
fn no_file_at_all() {
    run(&["compute"]).refused("bad-usage");
    assert_eq!(run(&[]).code, Some(2));
    assert_eq!(run(&["compute", "--no-such-flag"]).code, Some(2));
    assert_eq!(run(&["--help"]).code, Some(0));
    assert_eq!(run(&["--version"]).code, Some(0));
}

/// Names that are not known are answered with the nearest one that is.
#[track_caller]
fn answered_with_the_nearest(arguments: &[&str], near: &str) {
    let ran = run(arguments);
    assert_eq!(ran.code, Some(2), "{arguments:?}: {}", ran.stdout);
    assert!(ran.stderr.contains(&format!("did you mean {near}")), "{arguments:?}: {}", ran.stderr);
}

#[test]
fn an_unknown_kpi() {
    answered_with_the_nearest(&["compute", CAMPAIGNS, "--kpi", "open_rat"], "open_rate");
    answered_with_the_nearest(&["explain", "open_rat"], "open_rate");
}

/// A dimension that none of the files has is a mistake, not one empty group.
#[test]
fn an_unknown_dimension() {
    answered_with_the_nearest(&["compute", CAMPAIGNS, "--by", "chanel"], "channel");
    answered_with_the_nearest(&["compute", DEMO, "--by", "chanel"], "channel");
    answered_with_the_nearest(&["compute", CAMPAIGNS, "--where", "chanel=email"], "channel");
}

/// A word that no rule of the files knows would change nothing without a word.
#[test]
fn an_unknown_rule_to_include() {
    answered_with_the_nearest(&["compute", "fixtures/shopify/shopify-orders.csv", "--include", "voidd"], "voided");
}

/// Ambiguity is refused where it stands, with the flag that settles it; with the flag it is read.
#[test]
fn an_ambiguous_number() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = written(&folder, "spend.csv", "campaign,spend\nA,\"1,234\"\nB,\"5,678\"\n");
    let ran = run(&["compute", &file, "--kpi", "spend"]).refused("ambiguous-number");
    assert!(ran.stderr.contains("spend.csv:2:2") && ran.stderr.contains("--decimal"), "{}", ran.stderr);
    let spend = |mark: &str| decimal(&compute(&[&file, "--kpi", "spend", "--decimal", mark])["total"]["measures"]["spend"]);
    assert_eq!(spend("point"), Some(Decimal::from(6912)));
    assert_eq!(spend("comma"), Some(Decimal::new(6912, 3)));
}

/// Nothing that was asked for can be computed: exit 2, with the reason.
#[test]
fn nothing_computed() {
    let ran = run(&["compute", CAMPAIGNS, "--kpi", "nps"]).refused("nothing-computed");
    assert!(ran.stderr.contains("nps"), "{}", ran.stderr);
}

/// Zero over zero is no number: `n/a`, never 0 or infinity.
#[test]
fn a_zero_denominator() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = written(&folder, "quiet.csv", "campaign,delivered,opens,spend\nA,0,0,5\n");
    let ran = run(&["compute", &file, "--kpi", "open_rate", "--format", "json"]).refused("nothing-computed");
    assert_eq!(ran.json()["total"]["unavailable"]["open_rate"]["code"], "zero-denominator");
}

/// One bad row does not hide the next.
#[test]
fn findings_are_reported_together() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = written(&folder, "bad.csv", "campaign,spend\nA,1.50\nB,many\nC,2.25\nD,few\n");
    let ran = run(&["compute", &file]).refused("bad-number");
    assert!(ran.stderr.contains("bad.csv:3:2") && ran.stderr.contains("bad.csv:5:2"), "{}", ran.stderr);
}

// Output

/// A reader that has seen enough is no failure.
#[test]
fn a_closed_pipe_ends_quietly() {
    for arguments in [&["list"][..], &["schema"], &["compute", DEMO, "--by", "campaign", "--format", "json"], &["--help"]] {
        let mut child = mak().args(arguments).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the binary starts");
        drop(child.stdout.take());
        let output = child.wait_with_output().expect("the binary ends");
        assert_eq!((output.status.code(), String::from_utf8_lossy(&output.stderr).as_ref()), (Some(0), ""), "{arguments:?}");
    }
}

#[test]
fn output_to_a_file_is_whole_or_absent() {
    let folder = tempfile::tempdir().expect("a folder");
    let target = folder.path().join("out.json");
    let target = target.to_str().expect("UTF-8");
    let arguments = ["compute", CAMPAIGNS, "--format", "json"];
    let ran = run(&[&arguments[..], &["-o", target]].concat()).answered();
    assert_eq!(ran.stdout, "");
    let text = std::fs::read_to_string(target).expect("it was written");
    assert_eq!(text, run(&arguments).answered().stdout);
    // A run that fails leaves what was there, and nothing beside it.
    run(&["compute", "no/such/file.csv", "-o", target]);
    assert_eq!(std::fs::read_to_string(target).expect("it is still there"), text);
    assert_eq!(std::fs::read_dir(folder.path()).expect("a folder").count(), 1);
    // A folder that is not there cannot be written to.
    let ran = run(&["compute", CAMPAIGNS, "-o", "no/such/folder/out.json"]);
    assert!(ran.code == Some(2) && ran.stderr.contains("no/such/folder/out.json"), "{ran:?}");
}

#[test]
fn output_onto_an_input_is_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    let bytes = std::fs::read(common::root().join(CAMPAIGNS)).expect("the fixture");
    let file = written(&folder, "campaigns.csv", &bytes);
    let same = folder.path().join(".").join("campaigns.csv");
    for input in [file.as_str(), folder.path().to_str().expect("UTF-8")] {
        let ran = run(&["compute", input, "-o", same.to_str().expect("UTF-8")]);
        assert_eq!(ran.code, Some(2), "{}", ran.stdout);
        assert_eq!(std::fs::read(&file).expect("it is still there"), bytes);
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_device_is_an_error() {
    let ran = run(&["compute", CAMPAIGNS, "-o", "/dev/full"]);
    assert!(ran.code == Some(2) && ran.stderr.contains("/dev/full"), "{ran:?}");
    let full = std::fs::OpenOptions::new().write(true).open("/dev/full").expect("the device");
    let output = mak().args(["compute", CAMPAIGNS]).stdout(full).output().expect("the binary starts");
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("standard output"));
}

/// A device or a pipe is written directly.
#[cfg(unix)]
#[test]
fn output_to_a_device() {
    run(&["compute", CAMPAIGNS, "-o", "/dev/null"]).answered();
    assert_ne!(run(&["compute", CAMPAIGNS, "-o", "/dev/stdout"]).answered().stdout, "");
}

/// Where and in which language a machine stands changes nothing.
#[test]
fn the_same_everywhere() {
    let arguments = ["compute", DEMO, "--by", "month", "--format", "json"];
    let usual = run(&arguments).answered().stdout;
    for (name, value) in [
        ("TZ", "Pacific/Kiritimati"),
        ("TZ", "America/Los_Angeles"),
        ("LANG", "de_DE.UTF-8"),
        ("LC_ALL", "th_TH.UTF-8"),
        ("LC_ALL", "C"),
    ] {
        let output = mak().args(arguments).env(name, value).output().expect("the binary starts");
        assert_eq!(String::from_utf8_lossy(&output.stdout), usual, "{name}={value}");
    }
}

/// Twice the same question, twice the same bytes.
#[test]
fn the_same_twice() {
    for format in ["table", "json", "ndjson", "csv", "markdown"] {
        let arguments = ["compute", DEMO, "--by", "channel,campaign", "--format", format];
        assert_eq!(run(&arguments).answered().stdout, run(&arguments).answered().stdout, "{format}");
    }
}

/// No line of a table is wider than the page, and a pipe gets no colours.
#[test]
fn tables_fit_the_page() {
    for columns in [60, 80, 200] {
        for arguments in [
            &["compute", DEMO][..],
            &["compute", DEMO, "--verbose"],
            &["compute", DEMO, "--by", "channel"],
            &["compute", DEMO, "--by", "campaign", "--kpi", "open_rate,ctr,cpc,cac"],
            &["inspect", DEMO],
            &["explain", "cac", DEMO],
            &["list"],
        ] {
            let output = mak().args(arguments).env("COLUMNS", columns.to_string()).output().expect("the binary starts");
            let text = String::from_utf8(output.stdout).expect("UTF-8");
            assert!(!text.contains('\u{1b}'), "colours in a pipe");
            assert!(!text.is_empty(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
            for line in text.lines() {
                let width = unicode_width::UnicodeWidthStr::width(line);
                assert!(width <= columns, "{arguments:?} at {columns}: {width} columns: {line}");
            }
        }
    }
}
