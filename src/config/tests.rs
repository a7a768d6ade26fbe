//! The whole of `mak.toml`: an example with everything in it, and every mistake with its caret.

use jiff::civil::date;

use super::*;
use crate::kpi::{Additivity, Basis, Better, MeasureSet, Population, Status, Unit};

const EXAMPLE: &str = r#"
currency = "EUR"
time_zone = "Europe/Berlin"

[defaults]
basis = "sent"
gross_margin = "60%"
discount_rate = 0.08

[columns]
"Total charges" = "revenue"
Plan = "dimension:plan"
"Sign-up" = "created"

[files."*churn*.csv"]
as = "customers"
rows = ["customers_at_start", "customers"]
columns = { Churn = { measure = "lost_customers", when = "Yes" }, MonthlyCharges = ["revenue", "plan_mrr"], customerID = "ignore" }

[files."CDNOW*.txt"]
as = "orders"
delimiter = "spaces"
date_order = "ymd"
columns = { dollar_value = "amount" }
dimensions = { channel = "shop" }

[files."opened/*"]
rows = "opens"
header = false
names = ["email_id"]
encoding = "utf-16le"
decimal = ","

[cost.crm]
kind = "platform"
amount = 310
per = "month"
from = 2026-01-15

[cost.launch]
kind = "setup"
amount = 1200.50
per = "once"
from = 2026-02-01

[measure.plan_mrr]
adds = "sum"
unit = "money"
summary = "Monthly recurring revenue."

[measure.mrr_lost]
column = "MonthlyCharges"
adds = "sum"
unit = "money"
when = { Churn = ["Yes", "1"] }

[kpi.demo_rate]
formula = "demos_booked / leads"

[kpi.mrr_churn]
formula = "mrr_lost / plan_mrr"
name = "Revenue churn"
unit = "percent"
better = "down"
aliases = ["revenue_churn"]

[kpi.twice]
formula = "later * 2"

[kpi.later]
formula = "aov + cost / orders"

[target.open_rate]
value = "25%"
start = 0.2
by = 2026-12-31
owner = "Nok"
cadence = "monthly"

[target."response_time.p90"]
value = "2h"

[[check]]
kpi = "open_rate"
warn = ">= 25%"
fail = ">= 20%"
by = "channel"
min_n = 100
confidence = 0.95
mode = "pass_when_sure"
on_missing = "skip"
owner = "Nok"

[[check]]
rule = "demo_rate drop <= 2pp"
level = "warn"

[[check]]
kpi = "cac"
max = 40
min = 1

[source.orders]
table = "shop.orders"
columns = { order_id = "id", date = "created_at", revenue = "total", channel = "utm", region = "region" }

[source.campaigns]
table = "mail"
columns = ["campaign", "date", "sent", "opens"]

[engine.duckdb]
command = ["duckdb", "shop.db", "-csv"]
"#;

fn example() -> Config {
    Config::parse("mak.toml", EXAMPLE).unwrap_or_else(|why| panic!("{why}"))
}

fn problems(text: &str) -> String {
    Config::parse("mak.toml", text).expect_err(text).to_string()
}

#[test]
fn an_example_with_everything_is_read() {
    let config = example();
    assert_eq!(config.columns.len(), 3);
    assert_eq!(config.columns[1].meanings, [Meaning::Dimension("plan".into())]);
    let churn = config.file_rule("data/telco-churn-2026.csv").expect("covered");
    assert_eq!(churn.rows, [Measure::CustomersAtStart, Measure::Customers]);
    let Meaning::Count(Measure::LostCustomers, when) = &churn.columns[0].meanings[0] else { panic!("{churn:?}") };
    assert!(when.holds(" yes ") && !when.holds("No"));
    assert_eq!(churn.columns[1].meanings.len(), 2);
    assert_eq!(config.file_rule("CDNOW_master.txt").expect("covered").delimiter, Some(Delimiter::Spaces));
    assert_eq!(config.file_rule("opened/1.csv").expect("covered").names.as_deref(), Some(&["email_id".to_owned()][..]));
    assert!(config.file_rule("other.csv").is_none());

    assert_eq!(config.targets[0].by, Some(date(2026, 12, 31)));
    assert_eq!(config.targets[1].stat, Some(Stat::P90));
    assert_eq!(
        config.checks[0].rules.iter().map(|(_, rule)| rule.to_string()).collect::<Vec<_>>(),
        ["open_rate >= 25% by channel", "open_rate >= 20% by channel"]
    );
    assert_eq!(config.checks[2].rules[0].1.to_string(), "1 <= cac <= 40");
    assert!(config.checks[1].rules[0].1.needs_baseline());
    assert_eq!(
        config.sources[0].columns.iter().map(|column| column.column.as_str()).collect::<Vec<_>>(),
        ["id", "created_at", "total", "utm", "region"]
    );
    assert_eq!(config.sources[0].columns[4].meaning, Meaning::Dimension("region".into()));
    assert_eq!(config.engines[0].command, ["duckdb", "shop.db", "-csv"]);
}

#[test]
fn own_kpis_are_rows_like_any_other() {
    let catalogue = example().catalogue();
    let demo_rate = catalogue.kpi("demo_rate").expect("there");
    assert_eq!((demo_rate.name, demo_rate.unit, demo_rate.population), ("Demo rate", Unit::Share, Population::SameSource));
    assert_eq!((demo_rate.better, demo_rate.status), (Better::Neither, Status::Custom));
    let mut set = MeasureSet::default();
    set.put_number(Measure::DemosBooked, 30.into());
    set.put_number(Measure::Leads, 120.into());
    assert_eq!(demo_rate.compute(&set, Basis::Delivered).expect("both").value.to_string(), "0.25");

    let churn = catalogue.kpi("revenue_churn").expect("by its alias");
    assert_eq!((churn.id, churn.formula.text()), ("mrr_churn", "mrr_lost / plan_mrr".to_owned()));
    let mrr = catalogue.measure("plan_mrr").expect("there");
    assert_eq!((mrr.additivity(), mrr.unit()), (Additivity::Sum, Unit::Money));
    set.put_number(mrr, 200.into());
    set.put_number(catalogue.measure("mrr_lost").expect("there"), 61.into());
    assert_eq!(churn.compute(&set, Basis::Delivered).expect("both").value.to_string(), "0.305");

    let twice = catalogue.kpi("twice").expect("there");
    assert_eq!(
        twice.formula.text(),
        "(revenue / orders + sum_present(spend, platform_cost, setup_cost, training_cost, people_cost) / orders) * 2"
    );
    assert_eq!(twice.unit, Unit::Money);
}

#[test]
fn costs_are_added_by_measure() {
    let costs = example().costs_within(date(2026, 1, 1), date(2026, 2, 28)).expect("fits");
    let costs: Vec<_> =
        costs.into_iter().map(|(measure, cost)| (measure, cost.to_decimal().expect("fits").to_string())).collect();
    // 17 of 31 days at 310, and February whole.
    assert_eq!(costs, [(Measure::PlatformCost, "480".to_owned()), (Measure::SetupCost, "1200.5".to_owned())]);
}

#[test]
fn what_is_in_force_is_told_with_its_place() {
    let config = example();
    let settings = Settings::resolve(&Choices::default(), &BTreeMap::new(), &config.settings).expect("valid");
    let rows: Vec<_> =
        config.describe(&settings).into_iter().map(|row| format!("{} = {} ({})", row.name, row.value, row.from)).collect();
    for row in [
        "basis = sent (mak.toml:6)",
        "discount_rate = 8% (mak.toml:8)",
        "columns.Plan = dimension plan (mak.toml:12)",
        "cost.crm = 310 a month (platform_cost) (mak.toml:34)",
        "kpi.demo_rate = demos_booked / leads (mak.toml:57)",
        "check.fail = open_rate >= 20% by channel (mak.toml:83)",
        "target.open_rate = 25% by 2026-12-31, Nok (mak.toml:73)",
        "target.response_time.p90 = 2h (mak.toml:80)",
        "engine.duckdb = duckdb (mak.toml:111)",
    ] {
        assert!(rows.iter().any(|known| known == row), "{row} is not in\n{}", rows.join("\n"));
    }
}

#[test]
fn an_empty_file_is_valid_and_changes_nothing() {
    let config = Config::parse("mak.toml", "").expect("valid");
    assert_eq!(config.catalogue().kpis().count(), Catalogue::builtin().kpis().count());
}

#[test]
fn everything_wrong_is_reported_at_once_with_carets() {
    let text = "curency = \"EUR\"\n\n[kpi.demo_rate]\nformula = \"demos_bookd / leads\"\n\n[[check]]\nrule = \"demo_rate >= 20%\"\n\n[[check]]\nrule = \"opn_rate >= 20\"\n";
    assert_eq!(
        problems(text),
        "mak.toml:1:1: error[bad-config]: unknown key curency; help: did you mean currency?\n\
         \x201 | curency = \"EUR\"\n   | ^^^^^^^\n\
         mak.toml:4:12: error[bad-config]: there is no measure or KPI demos_bookd; help: did you mean demos_booked?\n\
         \x204 | formula = \"demos_bookd / leads\"\n   |            ^^^^^^^^^^^\n\
         mak.toml:10:9: error[bad-config]: there is no KPI or measure opn_rate; help: did you mean open_rate?\n\
         \x2010 | rule = \"opn_rate >= 20\"\n    |         ^^^^^^^^"
    );
}

/// A configuration, what the caret points at, the message, and the help or nothing.
type Mistake = (&'static str, &'static str, &'static str, &'static str);

#[test]
fn each_mistake_has_its_caret_its_message_and_its_remedy() {
    let mistakes: &[Mistake] = &[
        (
            "currency = \"euro\"",
            "\"euro\"",
            "currency: euro is no currency code",
            "write the three letters of ISO 4217: EUR, USD, THB",
        ),
        ("currency = true", "true", "currency is true or false, not a text", "put it in quotes"),
        ("basis = \"snet\"", "\"snet\"", "basis: snet is not known", "did you mean sent?"),
        ("basis = \"sent\"\n[defaults]\nbasis = \"sent\"", "\"sent\"", "basis stands here and in [defaults]", "keep one of them"),
        ("gross_margin = 60", "60", "gross_margin: 60 is impossible: a share lies between 0 and 100 %", "write 60% or 0.6"),
        (
            "gross_margin = nan",
            "nan",
            "gross_margin: nan is no threshold: nothing can be compared with it",
            "write a finite number",
        ),
        ("time_zone = \"Berlin\"", "\"Berlin\"", "time_zone: Berlin is no time zone", "write UTC, Europe/Berlin or +02:00"),
        (
            "delimiter = \"ab\"",
            "\"ab\"",
            "delimiter: \"ab\" separates no cells",
            "write one character (\";\"), \"tab\", or \"spaces\" for aligned columns",
        ),
        (
            "encoding = \"utf-7\"",
            "\"utf-7\"",
            "encoding: utf-7 is no encoding",
            "write utf-8, utf-16le, windows-1252 or another label of the WHATWG standard",
        ),
        (
            "[defaults]\nzone = \"UTC\"",
            "zone",
            "unknown key zone in [defaults]",
            "known keys are currency, time_zone, language, basis, gross_margin, discount_rate, decimal, date_order, encoding, delimiter, rates_across_kinds, attribution_model",
        ),
        ("defaults = 1", "1", "defaults is a number, not a table", "write [defaults] above its keys, or defaults = { … }"),
        (
            "[columns]\nX = \"revenu\"",
            "\"revenu\"",
            "revenu is no measure, role or dimension",
            "did you mean revenue? \"dimension:revenu\" groups by it",
        ),
        (
            "[columns]\nX = 1",
            "1",
            "X is a number, not a meaning",
            "write what it means: \"revenue\", \"dimension:plan\", or { measure = \"won\", when = \"yes\" }",
        ),
        (
            "[columns]\nX = \"gross_margin\"",
            "\"gross_margin\"",
            "gross_margin is one number for everything, not a column",
            "set it in [defaults], or with --set",
        ),
        ("[columns]\nX = { measure = \"lots\", when = \"Yes\" }", "\"lots\"", "there is no measure lots", "did you mean lost?"),
        (
            "[columns]\nX = { when = \"Yes\" }",
            "{ when = \"Yes\" }",
            "measure is missing",
            "write { measure = \"won\", when = \"yes\" }",
        ),
        (
            "[columns]\nX = { measure = \"spend\", when = \"Yes\" }",
            "\"spend\"",
            "rows cannot be counted as spend: it is no count",
            "",
        ),
        ("[columns]\nX = { measure = \"won\", wen = \"Yes\" }", "wen", "unknown key wen in [columns.X]", "did you mean when?"),
        ("[files.\"*.csv\"]\nas = \"order\"", "\"order\"", "as: order is not known", "did you mean orders?"),
        ("[files.\"a[\"]\nas = \"orders\"", "\"a[\"", "a[ is no pattern: invalid range pattern", ""),
        (
            "[files.\"*\"]\nheader = false",
            "\"*\"",
            "a file without a header needs names for its columns",
            "add names = [\"…\", …], one for each column in order",
        ),
        (
            "[files.\"*\"]\nnames = [\"a\"]",
            "[\"a\"]",
            "names are for a file without a header",
            "add header = false, or name columns in columns = { … }",
        ),
        ("[cost.crm]\nkind = \"platform\"\nper = \"month\"", "crm", "amount is missing in [cost.crm]", "write amount = 1250.50"),
        (
            "[cost.crm]\nkind = \"platform\"\nper = \"month\"\namount = \"1,5\"",
            "\"1,5\"",
            "amount: 1,5 has a comma",
            "decimals are written with a point: 1.5",
        ),
        (
            "[cost.crm]\nkind = \"platform\"\nper = \"month\"\namount = -1",
            "-1",
            "amount: -1 is no amount",
            "write a plain number, 0 or more: 1250.50",
        ),
        (
            "[[cost]]\nkind = \"setup\"\nper = \"once\"\namount = 1",
            "[[cost]]",
            "a cost that is due once needs its day",
            "add from = 2026-01-15, and to = … to spread it",
        ),
        (
            "[cost.crm]\nkind = \"setup\"\nper = \"year\"\namount = 1\nfrom = 2026-02-01\nto = 2026-01-01",
            "2026-01-01",
            "the cost ends on 2026-01-01, before it begins on 2026-02-01",
            "",
        ),
        (
            "[cost.crm]\nkind = \"setup\"\nper = \"year\"\namount = 1\nfrom = \"2026-02-30\"",
            "\"2026-02-30\"",
            "from: 2026-02-30 is no date",
            "write year, month, day: 2026-03-31",
        ),
        (
            "[measure.plan_mrr]\nunit = \"money\"",
            "plan_mrr",
            "adds is missing in [measure.plan_mrr]: how do its rows add up?",
            "write adds = \"sum\", or first, last, distinct, never, sample",
        ),
        (
            "[measure.opens]\nadds = \"sum\"",
            "opens",
            "opens has a meaning already",
            "`mak explain` says which; choose another id",
        ),
        ("[measure.cost]\nadds = \"sum\"", "cost", "cost has a meaning already", "`mak explain` says which; choose another id"),
        (
            "[measure.Mrr]\nadds = \"sum\"",
            "Mrr",
            "\"Mrr\" cannot be an id",
            "ids are of a-z, 0-9 and _, and begin with a letter: demo_rate",
        ),
        ("[kpi.x]\nname = \"X\"", "x", "formula is missing in [kpi.x]", "write formula = \"demos_booked / leads\" under [kpi.x]"),
        ("[kpi.x]\nformula = \"opens / 0\"", "0", "a division by zero", ""),
        (
            "[kpi.x]\nformula = \"response_seconds / leads\"",
            "response_seconds",
            "response_seconds stands for its median here, which does not combine with other measures",
            "scale it by a number, or use response_seconds by itself, with .mean or .p90 in a check",
        ),
        ("[kpi.x]\nformula = \"x + 1\"", "x", "x is defined by itself: x → x", ""),
        ("[kpi.x]\nformula = \"1 + y\"\n[kpi.y]\nformula = \"x * 2\"", "x", "x is defined by itself: x → y → x", ""),
        (
            "[kpi.open_rate]\nformula = \"opens / sent\"",
            "open_rate",
            "open_rate has a meaning already",
            "`mak explain` says which; choose another id",
        ),
        (
            "[kpi.x]\nformula = \"spend / leads\"\nunit = \"share\"",
            "\"share\"",
            "a share is one count divided by another, and this formula is not",
            "unit = \"percent\" prints a percentage without claiming a part of a whole",
        ),
        (
            "[kpi.x]\nformula = \"response_seconds\"\nunit = \"hours\"",
            "\"hours\"",
            "response_seconds is measured in seconds",
            "leave unit out, or scale the measure: response_seconds / 60",
        ),
        (
            "[kpi.x]\nformula = \"opens / sent\"\nbetter = \"higher\"",
            "\"higher\"",
            "better: higher is not known",
            "write one of up, down, neither",
        ),
        ("[kpi.x]\nformula = \"opens / sent\"\naliases = [\"y\"]\n[kpi.y]\nformula = \"opens\"", "y", "y is declared twice", ""),
        ("[target.opn_rate]\nvalue = \"20%\"", "opn_rate", "there is no KPI or measure opn_rate", "did you mean open_rate?"),
        (
            "[target.open_rate]\nvalue = 25",
            "25",
            "value: 25 is impossible: a share lies between 0 and 100 %",
            "write 25% or 0.25",
        ),
        (
            "[target.open_rate]\nvalue = \"25%\"\ncadence = \"month\"",
            "\"month\"",
            "cadence: month is not known",
            "did you mean monthly?",
        ),
        ("[target.open_rate]\nowner = \"Nok\"", "open_rate", "value is missing in [target.open_rate]", "write value = \"25%\""),
        (
            "[[check]]\nowner = \"Nok\"",
            "[[check]]",
            "a check has one rule, or one for each level",
            "write rule = \"open_rate >= 20%\", or warn and fail, or kpi with min and max",
        ),
        ("[[check]]\nrule = \"open_rate >= 20\"", "20", "20 is impossible: a share lies between 0 and 100 %", "write 20% or 0.2"),
        (
            "[[check]]\nkpi = \"opn_rate\"\nwarn = \">= 20%\"",
            "opn_rate",
            "there is no KPI or measure opn_rate",
            "did you mean open_rate?",
        ),
        (
            "[[check]]\nkpi = \"open_rate\"\nfail = \">= 20\"",
            "20",
            "20 is impossible: a share lies between 0 and 100 %",
            "write 20% or 0.2",
        ),
        (
            "[[check]]\nkpi = \"open_rate\"\nwarn = \">= 15%\"\nfail = \">= 20%\"",
            "\">= 15%\"",
            "this warning is never seen: the check fails at 20% already",
            "swap warn and fail",
        ),
        ("[[check]]\nkpi = \"open_rate\"\nmin = 0.4\nmax = 0.2", "0.2", "no value lies between 0.4 and 0.2", ""),
        ("[[check]]\nmin = 0.4", "[[check]]", "min and max need a kpi", "add kpi = \"open_rate\""),
        (
            "[[check]]\nrule = \"cac < 40 by channel\"\nby = \"month\"",
            "\"month\"",
            "by stands here and in the rule",
            "keep one of them",
        ),
        ("[[check]]\nrule = \"cac < 40\"\nconfidence = 95", "95", "confidence: 95 is no confidence", "write 0.95 or \"95%\""),
        (
            "[[check]]\nrule = \"cac < 40\"\nmode = \"pass_when_sure\"",
            "\"pass_when_sure\"",
            "mode needs a confidence",
            "add confidence = 0.95",
        ),
        ("[[check]]\nrule = \"cac < 40\"\nmin_n = 2.5", "2.5", "min_n: 2.5 is no whole number of 0 or more", ""),
        (
            "[[check]]\nrule = \"cac < 40\"\nlevel = \"error\"",
            "\"error\"",
            "level: error is not known",
            "write one of warn, fail",
        ),
        (
            "[check]\nrule = \"cac < 40\"",
            "[check]",
            "check is a table, not a list",
            "write [[check]] with two brackets, once for each",
        ),
        (
            "[source.order]\ntable = \"t\"\ncolumns = [\"date\"]",
            "order",
            "there is no kind of source order",
            "did you mean orders?",
        ),
        (
            "[source.orders]\ntable = \"t\"\ncolumns = [\"revenu\"]",
            "\"revenu\"",
            "revenu is no measure, role or dimension",
            "did you mean revenue? \"dimension:revenu\" groups by it",
        ),
        (
            "[source.orders]\ncolumns = [\"date\"]",
            "orders",
            "table is missing in [source.orders]",
            "write table = \"shop.orders\"",
        ),
        ("[source.orders]\ntable = \"t\"\ncolumns = [\"date\", \"date\"]", "\"date\"", "date is listed twice", ""),
        (
            "[engine.duckdb]\ncommand = \"duckdb -csv\"",
            "\"duckdb -csv\"",
            "a command is a list, so that no shell reads it",
            "write command = [\"duckdb\", \"shop.db\", \"-csv\"]: program and arguments, no shell",
        ),
        (
            "[engine.duckdb]\ncommand = []",
            "[]",
            "the command is empty",
            "write command = [\"duckdb\", \"shop.db\", \"-csv\"]: program and arguments, no shell",
        ),
    ];
    for (text, at, message, help) in mistakes {
        let all = Config::parse("mak.toml", text).expect_err(text);
        let shown = all.to_string();
        let [only] = all.0.as_slice() else { panic!("{text}\n{shown}") };
        let parts = only.finding.parts();
        assert_eq!((parts.message.as_str(), parts.help.as_deref().unwrap_or("")), (*message, *help), "{text}\n{shown}");
        let (line, caret) = only.snippet.split_once('\n').expect("two lines");
        let start = caret.find('^').expect("a caret");
        assert_eq!(&line[start..start + caret.matches('^').count()], *at, "{shown}");
        assert!(shown.starts_with(&format!("mak.toml:{}:", parts.place.line.expect("a line"))), "{shown}");
    }
}

#[test]
fn broken_toml_is_reported_by_itself() {
    let shown = problems("currency = \nfoo = 1 2\n");
    assert!(shown.starts_with("mak.toml:1:"), "{shown}");
    assert!(shown.contains("mak.toml:2:"), "{shown}");
    assert!(!shown.contains("unknown key"), "{shown}");
}

#[test]
fn a_formula_with_escapes_still_has_its_place() {
    let shown = problems("[kpi.x]\nformula = \"\\u006fpens / 0\"\n");
    assert!(shown.contains("formula = \"\\u006fpens / 0\"\n   |           ^^^^^^^^^^^^^^^^"), "{shown}");
}

proptest::proptest! {
    #[test]
    fn no_text_makes_it_panic(text in "(\\[\\[?(check|kpi.x|cost.y|files.z|target.open_rate|source.orders)\\]\\]?\n)?[a-z_.]{1,8} = [-\"a-z0-9{}\\[\\]., =%]{0,30}\n?") {
        let _ = Config::parse("mak.toml", &text);
    }
}
