//! A KPI and a measure of one's own have the powers of the built-in ones: every command and format
//! shows them, with no other change than their lines of `mak.toml`.

mod common;

use common::{Ran, decimal, mak, run, written};
use rust_decimal::Decimal;
use serde_json::Value;
use tempfile::TempDir;

/// Two lines each: a rate of built-in measures, and money by a measure that only the user has.
const OWN: &str = r#"
[kpi.visit_rate]
formula = "showroom_visits / orders"

[kpi.revenue_per_visit]
formula = "revenue / showroom_visits"

[measure.showroom_visits]
column = "Showroom visits"
adds = "sum"
unit = "count"

[target.visit_rate]
value = "80%"
start = "10%"
cadence = "monthly"
owner = "Showroom"

[[check]]
rule = "visit_rate >= 30%"
"#;

const KPIS: [&str; 2] = ["visit_rate", "revenue_per_visit"];
const MEASURE: &str = "showroom_visits";

/// By hand: 3 visits for 5 orders, 300 in revenue; in January 1 for 2, in February 2 for 3.
const ORDERS: &str = "order_id,customer_id,date,channel,amount,Showroom visits\n\
    1,a,2026-01-05,shop,40,1\n\
    2,b,2026-01-31,web,20,0\n\
    3,a,2026-02-07,shop,60,1\n\
    4,c,2026-02-09,shop,80,1\n\
    5,d,2026-02-28,web,100,0\n";

struct Case {
    folder: TempDir,
    config: String,
    orders: String,
}

impl Case {
    fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let (config, orders) = (written(&folder, "mak.toml", OWN), written(&folder, "orders.csv", ORDERS));
        Case { folder, config, orders }
    }

    fn path(&self, name: &str) -> String {
        self.folder.path().join(name).to_str().expect("UTF-8").to_owned()
    }

    /// A command over the orders with the configuration.
    #[track_caller]
    fn answers(&self, command: &str, flags: &[&str]) -> Ran {
        self.over(command, &[&self.orders], flags)
    }

    #[track_caller]
    fn over(&self, command: &str, files: &[&str], flags: &[&str]) -> Ran {
        run(&[&[command], files, &["--config", &self.config], flags].concat()).answered()
    }
}

#[track_caller]
fn names(ran: &Ran, id: &str, title: &str) {
    // Tables fold titles; Markdown escapes the underscore.
    let plain = ran.stdout.replace('\\', "");
    assert!(plain.contains(id) || plain.contains(title), "neither {id} nor {title} in\n{}", ran.stdout);
}

fn title(id: &str) -> String {
    let words = id.replace('_', " ");
    words[..1].to_uppercase() + &words[1..]
}

#[track_caller]
fn value(value: &Value) -> Decimal {
    decimal(value).unwrap_or_else(|| panic!("no number: {value}"))
}

#[test]
fn compute_has_them_in_every_format_and_grouping() {
    let case = Case::new();
    for format in ["table", "json", "ndjson", "csv", "markdown"] {
        for asked in [&[][..], &["--kpi", "visit_rate,revenue_per_visit,showroom_visits"]] {
            for by in [&[][..], &["--by", "channel"], &["--period", "month"]] {
                let ran = case.answers("compute", &[asked, by, &["--format", format]].concat());
                for id in KPIS {
                    names(&ran, id, "Visit");
                }
                if format == "json" {
                    ran.json();
                }
                if !asked.is_empty() {
                    names(&ran, MEASURE, "showroom_");
                }
            }
        }
    }
    let document = case.answers("compute", &["--format", "json", "--period", "month"]).json();
    let total = &document["total"]["kpis"];
    assert_eq!(value(&total["visit_rate"]["value"]), Decimal::new(6, 1));
    assert_eq!(value(&total["revenue_per_visit"]["value"]), Decimal::ONE_HUNDRED);
    // A proportion of counts has its interval, and the unit follows from the measures.
    assert!(total["visit_rate"]["low"].is_number());
    assert_eq!(
        (total["visit_rate"]["unit"].as_str(), total["revenue_per_visit"]["unit"].as_str()),
        (Some("ratio"), Some("money"))
    );
    assert_eq!(value(&document["total"]["measures"][MEASURE]), Decimal::from(3));
    let months: Vec<Decimal> = document["groups"]
        .as_array()
        .expect("groups")
        .iter()
        .map(|group| value(&group["kpis"]["visit_rate"]["numerator"]))
        .collect();
    assert_eq!(months, [Decimal::ONE, Decimal::TWO]);
}

#[test]
fn list_and_explain_have_them_in_every_format() {
    let case = Case::new();
    for format in ["table", "json", "markdown"] {
        let list = case.over("list", &[], &["--format", format]);
        for id in KPIS {
            names(&list, id, &title(id));
            for files in [&[][..], &[case.orders.as_str()]] {
                let explained = case.over("explain", &[&[id], files].concat(), &["--format", format]);
                names(&explained, "showroom_visits", "showroom_visits");
                names(&explained, id, &title(id));
            }
        }
        names(&list, MEASURE, MEASURE);
        if format == "json" {
            list.json();
            case.over("explain", &["visit_rate", &case.orders], &["--format", "json"]).json();
        }
    }
    let table = case.over("explain", &["visit_rate", &case.orders], &[]).stdout;
    assert!(table.contains("showroom_visits / orders") && table.contains("\"Showroom visits\""), "{table}");
}

#[test]
fn check_compare_and_goals_have_them_in_every_format() {
    let case = Case::new();
    let (junit, markdown) = (case.path("junit.xml"), case.path("report.md"));
    let reports = ["--report".to_owned(), format!("junit={junit}"), "--report".to_owned(), format!("markdown={markdown}")];
    let reports: Vec<&str> = reports.iter().map(String::as_str).collect();
    for format in ["table", "json", "markdown"] {
        let rules =
            ["--require", "revenue_per_visit < 500 by channel", "--on-missing", "skip", "--require", "showroom_visits >= 3"];
        let ran = case.answers("check", &[&rules, reports.as_slice(), &["--format", format, "--annotations", "always"]].concat());
        KPIS.iter().for_each(|id| names(&ran, id, id));
        names(&ran, MEASURE, MEASURE);
        for report in [&junit, &markdown] {
            let text = std::fs::read_to_string(report).expect("the report").replace('\\', "");
            assert!(KPIS.iter().all(|id| text.contains(id)), "{text}");
        }
        let periods = ["--period", "month", "--compare", "previous", "--format", format];
        let compared = case.answers("compare", &periods);
        KPIS.iter().for_each(|id| names(&compared, id, &title(id)));
        let goals = case.answers("goals", &["--format", format]);
        names(&goals, "visit_rate", "Visit rate");
        if format == "json" {
            ran.json();
            let compared = compared.json();
            let line =
                compared["changes"].as_array().expect("changes").iter().find(|line| line["kpi"] == "visit_rate").expect("a line");
            // From 1 of 2 to 2 of 3.
            assert_eq!(
                (value(&line["before"]), line["test"]["method"].as_str()),
                (Decimal::new(5, 1), Some("two-proportion z test"))
            );
            let goals = goals.json();
            // From 10 % to 80 %, at 60 %: five sevenths of the way.
            assert!(goals["goals"][0]["progress"].to_string().starts_with("0.714285714285"), "{goals}");
        }
    }
    // A baseline keeps them.
    let kept = written(&case.folder, "kept.json", case.answers("compute", &["--format", "json"]).stdout);
    case.answers(
        "check",
        &["--baseline", &kept, "--require", "visit_rate drop <= 0pp", "--require", "showroom_visits drop <= 0"],
    );
    case.over("compare", &[&kept, &case.orders], &[]);
}

#[test]
fn inspect_config_and_init_know_of_them() {
    let case = Case::new();
    for format in ["table", "json"] {
        let inspected = case.answers("inspect", &["--format", format]);
        names(&inspected, MEASURE, MEASURE);
        let settings = case.over("config", &[], &["--format", format]);
        for line in ["kpi.visit_rate", "kpi.revenue_per_visit", "measure.showroom_visits", "target.visit_rate"] {
            names(&settings, line, line);
        }
        if format == "json" {
            inspected.json();
            settings.json();
        }
    }
    // A first configuration stands by itself: it cannot gate what only another one declares.
    let first = written(&case.folder, "first.toml", case.answers("init", &[]).stdout);
    run(&["check", &case.orders, "--config", &first]).answered();
    // Without their lines they are as unknown as any other name.
    run(&["compute", &case.orders, "--no-config", "--kpi", "visit_rate"]).refused("unknown-name");
}

/// The nearest `mak.toml` does it without a flag.
#[test]
fn no_flag_is_needed() {
    let case = Case::new();
    let mut command = mak();
    command.current_dir(case.folder.path()).env_remove("MAK_CONFIG").args(["compute", "orders.csv", "--kpi", "visit_rate"]);
    let ran = Ran::from(command.output().expect("it runs")).answered();
    assert!(ran.stdout.contains("Visit rate"), "{}", ran.stdout);
}
