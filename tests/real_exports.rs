//! Real exports, where they are at hand. They are not part of this repository: the folder is named by the
//! variable `MAK_REAL_EXPORTS`, and without it these tests say that they skip.
//!
//! Each folder holds a `truth.json` with figures that other programs worked out. A test names the files, the
//! flags, and which figure of the truth each measure or KPI stands for.

mod common;

use common::{decimal, group, run};
use rust_decimal::Decimal;
use serde_json::Value;
use std::path::{Path, PathBuf};

/// Decimal places to which quotients of the truth are rounded; fewer are exact, or end in zeros.
const PLACES: u32 = 12;

/// Decimal places beyond which a figure of the truth went through a float.
const FLOAT: u32 = 13;

/// The folder of real exports, or nothing, said aloud.
#[expect(clippy::print_stderr, reason = "a test that skips says so")]
fn exports() -> Option<PathBuf> {
    let folder = std::env::var_os("MAK_REAL_EXPORTS").filter(|folder| !folder.is_empty()).map(PathBuf::from);
    if folder.is_none() {
        eprintln!("skipped: MAK_REAL_EXPORTS is not set");
    }
    folder
}

/// One answer, with the truth beside it.
struct Case {
    document: Value,
    truth: Value,
    problems: Vec<String>,
}

impl Case {
    /// Computes `files` of a folder. Exit 2 is accepted when the document is there: a table of counts alone.
    #[track_caller]
    fn of(exports: &Path, folder: &str, files: &[&str], flags: &[&str]) -> Case {
        let paths: Vec<String> =
            files.iter().map(|file| exports.join(folder).join(file).to_str().expect("UTF-8").to_owned()).collect();
        let mut arguments = vec!["compute", "--format", "json"];
        arguments.extend(paths.iter().map(String::as_str));
        arguments.extend(flags);
        let truth = std::fs::read(exports.join(folder).join("truth.json")).expect("the truth");
        Case { document: run(&arguments).json(), truth: serde_json::from_slice(&truth).expect("JSON"), problems: Vec::new() }
    }

    fn found(&self, pointer: &str) -> Option<Decimal> {
        self.document.pointer(pointer).and_then(decimal)
    }

    /// Figures at these pointers of the document are exactly these.
    fn shows(mut self, figures: &[(&str, &str)]) -> Case {
        for (pointer, expected) in figures {
            let (found, expected) = (self.found(pointer), decimal(&Value::from(*expected)));
            if found.is_none() || found != expected {
                self.problems.push(format!("{pointer}: expected {expected:?}, found {found:?}"));
            }
        }
        self
    }

    /// Figures at these pointers of the document begin with these digits.
    fn begins(mut self, figures: &[(&str, &str)]) -> Case {
        for (pointer, expected) in figures {
            let found = self.found(pointer).map(|found| found.to_string());
            if !found.as_deref().is_some_and(|found| found.starts_with(expected)) {
                self.problems.push(format!("{pointer}: expected {expected}…, found {found:?}"));
            }
        }
        self
    }

    /// Measures (`sent`) and KPIs (`open_rate`) of the total stand for these figures of the truth.
    fn stands_for(mut self, figures: &[(&str, &str)]) -> Case {
        for (id, pointer) in figures {
            let truth = self.truth.pointer(pointer).cloned().unwrap_or_default();
            let found = figure(&self.document["total"], id);
            self.compare(id, &truth, found);
        }
        self
    }

    /// The same within the group of those keys.
    fn group_stands_for(&mut self, keys: &[(&str, Option<&str>)], figures: &[(&str, Value)]) {
        for (id, truth) in figures {
            let found = group(&self.document, keys).and_then(|group| figure(group, id));
            self.compare(&format!("{id} of {keys:?}"), truth, found);
        }
    }

    fn compare(&mut self, what: &str, truth: &Value, found: Option<Decimal>) {
        // A truth is a number, or an object with it, exact where that differs from the float.
        let expected = [&truth["exact"], &truth["value"], truth].into_iter().find_map(decimal);
        let same = match (found, expected) {
            (Some(found), Some(expected)) if expected.scale() >= FLOAT => (found - expected).abs() <= Decimal::new(1, 12),
            (Some(found), Some(expected)) => found.round_dp(PLACES) == expected,
            _ => false,
        };
        if !same {
            self.problems.push(format!("{what}: expected {expected:?}, found {found:?}"));
        }
    }

    fn warns(mut self, code: &str, times: usize) -> Case {
        let found =
            self.document["warnings"].as_array().map_or(0, |all| all.iter().filter(|warning| warning["code"] == code).count());
        if found != times {
            self.problems.push(format!("{times} warnings {code} expected, {found} found"));
        }
        self
    }

    #[track_caller]
    fn holds(self) -> Value {
        assert!(self.problems.is_empty(), "\n{}\n", self.problems.join("\n"));
        self.document
    }
}

/// A KPI's value, or a measure's.
fn figure(group: &Value, id: &str) -> Option<Decimal> {
    decimal(&group["kpis"][id]["value"]).or_else(|| decimal(&group["measures"][id]))
}

/// The texts of numbers are the documents' own digits, so equal text is equal to the last byte.
fn kpis_as_text(document: &Value) -> Vec<(String, String)> {
    let kpis = document["total"]["kpis"].as_object().expect("KPIs");
    kpis.iter().map(|(id, kpi)| (id.clone(), kpi["value"].to_string())).collect()
}

#[test]
fn olist_funnel() {
    let Some(exports) = exports() else { return };
    Case::of(&exports, "olist_funnel", &["*.csv"], &[])
        .shows(&[
            ("/total/measures/leads", "8000"),
            ("/total/measures/won", "842"),
            ("/total/kpis/lead_conversion_rate/value", "0.10525"),
            ("/total/kpis/lead_conversion_rate/numerator", "842"),
            ("/total/kpis/lead_conversion_rate/denominator", "8000"),
            ("/total/kpis/sales_cycle_length/n", "842"),
        ])
        .begins(&[("/total/kpis/sales_cycle_length/median", "14.6507"), ("/total/kpis/sales_cycle_length/mean", "49.1007")])
        .stands_for(&[("leads", "/leads"), ("won", "/deals_won"), ("lead_conversion_rate", "/lead_to_customer_rate")])
        // One deal was won before its first contact.
        .warns("negative-duration", 1)
        .holds();
}

/// The truth gives both to six places.
#[test]
fn olist_sales_cycle() {
    let Some(exports) = exports() else { return };
    let case = Case::of(&exports, "olist_funnel", &["*.csv"], &["--kpi", "sales_cycle_length"]);
    for (statistic, truth) in [("mean", "sales_cycle_days_mean"), ("median", "sales_cycle_days_median")] {
        let found = case.found(&format!("/total/kpis/sales_cycle_length/{statistic}")).expect("a statistic");
        assert_eq!(Some(found.round_dp(6)), decimal(&case.truth[truth]["value"]), "{statistic}");
    }
}

#[test]
fn olist_by_origin() {
    let Some(exports) = exports() else { return };
    let mut case = Case::of(&exports, "olist_funnel", &["*.csv"], &["--by", "origin"]);
    let paid = group(&case.document, &[("origin", Some("paid search"))]).expect("the origin");
    assert_eq!((decimal(&paid["measures"]["won"]), decimal(&paid["measures"]["leads"])), (Some(195.into()), Some(1586.into())));
    let origins = case.truth["by_origin"].as_object().expect("origins").clone();
    assert_eq!(case.document["groups"].as_array().map(Vec::len), Some(origins.len()));
    for (origin, truth) in &origins {
        let key = (origin != "(empty)").then_some(origin.as_str());
        let figures = [("leads", &truth["leads"]), ("won", &truth["won"]), ("lead_conversion_rate", &truth["conversion_rate"])];
        case.group_stands_for(&[("origin", key)], &figures.map(|(id, truth)| (id, truth.clone())));
    }
    case.holds();
}

#[test]
fn olist_by_month_of_the_lead() {
    let Some(exports) = exports() else { return };
    let mut case = Case::of(&exports, "olist_funnel", &["*.csv"], &["--by", "month"]);
    for (month, leads) in case.truth["leads_by_month"].as_object().expect("months").clone() {
        case.group_stands_for(&[("month", Some(&month))], &[("leads", leads)]);
    }
    case.holds();
}

/// What both classic Klaviyo exports of campaigns stand for.
const KLAVIYO_CAMPAIGNS: &[(&str, &str)] = &[
    ("sent", "Total Recipients"),
    ("delivered", "Successful Deliveries"),
    ("opens", "Unique Opens"),
    ("total_opens", "Total Opens"),
    ("clicks", "Unique Clicks"),
    ("total_clicks", "Total Clicks"),
    ("unsubscribes", "Unsubscribes"),
    ("complaints", "Spam Complaints"),
    ("bounces", "Bounces"),
    ("orders", "Unique Placed Order"),
    ("conversions", "Unique Placed Order"),
    ("revenue", "Revenue"),
    ("open_rate", "open_rate"),
    ("ctr", "click_rate"),
    ("click_to_open_rate", "ctor"),
    ("bounce_rate", "bounce_rate"),
    ("unsubscribe_rate", "unsubscribe_rate"),
    ("campaign_conversion_rate", "conversion_rate"),
    ("revenue_per_recipient", "revenue_per_recipient"),
    ("aov", "aov"),
];

fn klaviyo_case(exports: &Path, file: &str, figures: &[(&str, &str)], flags: &[&str]) -> Case {
    let pointers: Vec<(&str, String)> = figures.iter().map(|(id, name)| (*id, format!("/{file}/{name}"))).collect();
    let pointers: Vec<(&str, &str)> = pointers.iter().map(|(id, pointer)| (*id, pointer.as_str())).collect();
    Case::of(exports, "klaviyo", &[file], flags).stands_for(&pointers)
}

#[test]
fn klaviyo_campaigns() {
    let Some(exports) = exports() else { return };
    klaviyo_case(&exports, "grow_campaigns_classic.csv", KLAVIYO_CAMPAIGNS, &[])
        .shows(&[
            ("/inputs/0/used", "92"),
            ("/total/measures/delivered", "4098579"),
            ("/total/kpis/open_rate/numerator", "2421948"),
            ("/total/kpis/open_rate/denominator", "4098579"),
            ("/total/kpis/ctr/numerator", "27592"),
            ("/total/kpis/ctr/denominator", "4098579"),
            ("/total/measures/revenue", "443375.05"),
        ])
        .begins(&[("/total/kpis/open_rate/value", "0.590923829942")])
        .holds();
    klaviyo_case(&exports, "miir_campaigns_classic.csv", KLAVIYO_CAMPAIGNS, &[]).shows(&[("/inputs/0/used", "46")]).holds();
}

/// On another basis, the other value: 2,421,948 opens of 4,112,927 sent, divided by hand.
#[test]
fn klaviyo_campaigns_on_sent() {
    let Some(exports) = exports() else { return };
    let document = Case::of(&exports, "klaviyo", &["grow_campaigns_classic.csv"], &["--basis", "sent"])
        .shows(&[("/total/kpis/open_rate/numerator", "2421948"), ("/total/kpis/open_rate/denominator", "4112927")])
        .begins(&[("/total/kpis/open_rate/value", "0.5888623")])
        .holds();
    assert_eq!(document["basis"], "sent");
}

#[test]
fn klaviyo_flows_by_month() {
    let Some(exports) = exports() else { return };
    let figures = [
        ("delivered", "delivered"),
        ("opens", "unique_opens"),
        ("clicks", "unique_clicks"),
        ("orders", "orders"),
        ("revenue", "revenue"),
        ("open_rate", "open_rate"),
        ("ctr", "click_rate"),
        ("revenue_per_recipient", "revenue_per_recipient"),
    ];
    klaviyo_case(&exports, "grow_flows_monthly.csv", &figures, &[]).shows(&[("/inputs/0/used", "544")]).holds();
}

/// The new report has no truth of its own; another reader adds up its columns here.
#[test]
fn klaviyo_new_flow_report() {
    let Some(exports) = exports() else { return };
    let path = exports.join("klaviyo/miir_flow_report_new.csv");
    let mut case = Case::of(&exports, "klaviyo", &["miir_flow_report_new.csv"], &[]);
    let columns = [
        ("sent", "Total Recipients"),
        ("opens", "Unique Opens"),
        ("total_opens", "Total Opens"),
        ("machine_opens", "Unique Apple Privacy Opens"),
        ("clicks", "Unique Clicks"),
        ("total_clicks", "Total Clicks"),
        ("unsubscribes", "Unique Unsubscribes"),
        ("complaints", "Spam Complaints"),
        ("bounces", "Bounces"),
        ("conversions", "Total Placed Order"),
    ];
    for (measure, column) in columns {
        let mut reader = csv::ReaderBuilder::new().flexible(true).from_path(&path).expect("the export");
        let at = reader.headers().expect("a header").iter().position(|name| name == column).expect("the column");
        let cells = reader.records().map(|record| record.expect("a record").get(at).unwrap_or_default().trim().to_owned());
        let sum: Decimal =
            cells.filter(|cell| !cell.is_empty()).map(|cell| cell.parse::<Decimal>().expect("a plain number")).sum();
        let found = figure(&case.document["total"], measure);
        case.compare(measure, &Value::from(sum.normalize().to_string()), found);
    }
    case.holds();
}

#[test]
fn google_ads() {
    let Some(exports) = exports() else { return };
    let file = "/Campaign report.csv";
    let figures = [
        ("impressions", "impressions"),
        ("ad_clicks", "clicks"),
        ("spend", "cost"),
        ("conversions", "conversions"),
        ("ad_ctr", "ctr"),
        ("cpc", "cpc"),
        ("cpa", "cost_per_conversion"),
    ]
    .map(|(id, name)| (id, format!("{file}/{name}")));
    let figures: Vec<(&str, &str)> = figures.iter().map(|(id, pointer)| (*id, pointer.as_str())).collect();
    Case::of(&exports, "google_ads", &["Campaign report.csv"], &[])
        .shows(&[
            ("/total/measures/spend", "199421.15"),
            ("/total/measures/ad_clicks", "167739"),
            ("/total/measures/conversions", "18703.32"),
            ("/inputs/0/used", "12"),
            ("/inputs/0/totals", "5"),
        ])
        .begins(&[("/total/kpis/cpc/value", "1.188877661128")])
        .stands_for(&figures)
        .holds();
}

/// The five total rows are left out, and each is named with its line.
#[test]
fn google_ads_totals_are_listed() {
    let Some(exports) = exports() else { return };
    let path = exports.join("google_ads/Campaign report.csv");
    let text = run(&["inspect", path.to_str().expect("UTF-8"), "--verbose"]).answered().stdout;
    for total in ["Total: Campaigns", "Total: Account", "Total: Performance Max", "Total: Search", "Total: Display"] {
        assert!(text.contains(total), "{total} is not listed in:\n{text}");
    }
}

/// The CSV holds one campaign of three; JSON and NDJSON hold all of them.
#[test]
fn facebook_ads_in_three_formats() {
    let Some(exports) = exports() else { return };
    let file = "/KAG_conversion_data.csv";
    let figures = [
        ("impressions", "impressions"),
        ("ad_clicks", "clicks"),
        ("spend", "cost"),
        ("leads", "leads_total_conversion"),
        ("new_customers", "customers_approved"),
        ("won", "customers_approved"),
        ("ad_ctr", "ctr"),
        ("cpc", "cpc"),
        ("cpm", "cpm"),
        ("cpl", "cost_per_lead"),
        ("cac", "cac"),
        ("ad_conversion_rate", "click_to_lead"),
        ("lead_conversion_rate", "lead_to_customer"),
    ]
    .map(|(id, name)| (id, format!("{file}/{name}")));
    let figures: Vec<(&str, &str)> = figures.iter().map(|(id, pointer)| (*id, pointer.as_str())).collect();
    let answer = |name: &str, flags: &[&str]| {
        Case::of(&exports, "kag_facebook", &[name], flags)
            .shows(&[("/total/measures/spend", "55662.149958614"), ("/inputs/0/selected", "625")])
            .stands_for(&figures)
            .holds()
    };
    let only = ["--where", "xyz_campaign_id=1178"];
    let csv = answer("KAG_conversion_data.csv", &[]);
    let json = answer("KAG.derived.json", &only);
    let ndjson = answer("KAG.derived.ndjson", &only);
    assert_eq!(json["total"], ndjson["total"]);
    assert_eq!((&json["inputs"][0]["rows"], &ndjson["inputs"][0]["rows"]), (&Value::from(1143), &Value::from(1143)));
    // The full file has a date as well, and so a KPI more.
    let from_json = kpis_as_text(&json);
    for kpi in kpis_as_text(&csv) {
        assert!(from_json.contains(&kpi), "{kpi:?} is not the same in JSON: {from_json:?}");
    }
}

#[test]
fn shopify_orders() {
    let Some(exports) = exports() else { return };
    // Voided orders are not revenue unless asked for.
    let document = Case::of(&exports, "shopify_orders", &["orders_export_15.csv"], &[])
        .shows(&[("/total/measures/revenue", "65575"), ("/total/measures/orders", "43"), ("/inputs/0/rows", "58")])
        .stands_for(&[("orders", "/orders_export_15.csv/financial_status/pending")])
        .holds();
    assert_eq!(document["currency"], "BDT");
    Case::of(&exports, "shopify_orders", &["orders_export_15.csv"], &["--include", "voided"])
        .shows(&[("/total/measures/revenue", "78510"), ("/total/measures/orders", "50"), ("/total/kpis/aov/value", "1570.2")])
        .stands_for(&[
            ("revenue", "/orders_export_15.csv/revenue_total"),
            ("orders", "/orders_export_15.csv/orders"),
            ("refunds", "/orders_export_15.csv/refunded"),
            ("aov", "/orders_export_15.csv/aov"),
        ])
        .holds();
    Case::of(&exports, "shopify_orders", &["orders_export_11.csv"], &[])
        .stands_for(&[("orders", "/orders_export_11.csv/financial_status/pending")])
        .holds();
    Case::of(&exports, "shopify_orders", &["orders_export_11.csv"], &["--include", "voided"])
        .stands_for(&[
            ("revenue", "/orders_export_11.csv/revenue_total"),
            ("orders", "/orders_export_11.csv/orders"),
            ("refunds", "/orders_export_11.csv/refunded"),
            ("aov", "/orders_export_11.csv/aov"),
        ])
        .holds();
}

/// Buyers are known by telephone in these exports, where they are known at all. The truth counts the one order
/// of the first file that names nobody as a buyer; here it is nobody's, and that is said.
#[test]
fn shopify_customers() {
    let Some(exports) = exports() else { return };
    let case = Case::of(&exports, "shopify_orders", &["orders_export_15.csv"], &["--include", "voided"]);
    let known = decimal(&case.truth["orders_export_15.csv"]["buyers"]["value"]).expect("a figure") - Decimal::ONE;
    assert_eq!(case.found("/total/measures/customers"), Some(known));
    case.warns("missing-cells", 1).stands_for(&[("repeat_customers", "/orders_export_15.csv/repeat_buyers")]).holds();
    Case::of(&exports, "shopify_orders", &["orders_export_11.csv"], &["--include", "voided"])
        .stands_for(&[("customers", "/orders_export_11.csv/buyers"), ("repeat_customers", "/orders_export_11.csv/repeat_buyers")])
        .holds();
}

#[test]
fn stripe() {
    let Some(exports) = exports() else { return };
    Case::of(&exports, "stripe_payments", &["unified_payments.csv"], &[])
        .shows(&[
            ("/total/measures/gross_revenue", "5025"),
            ("/total/measures/refunds", "365"),
            ("/total/measures/revenue", "4660"),
        ])
        .stands_for(&[
            ("gross_revenue", "/gross_captured"),
            ("refunds", "/refunded"),
            ("revenue", "/net_revenue"),
            ("orders", "/payments"),
        ])
        .holds();
    Case::of(&exports, "stripe_payments", &["unified_customers.csv"], &[])
        .stands_for(&[("revenue", "/total_spend"), ("customers", "/customers_paying")])
        .holds();
    Case::of(&exports, "stripe_payments", &["invoices.csv"], &[])
        .stands_for(&[("revenue", "/invoices_paid_amount"), ("orders", "/invoice_status/paid")])
        .holds();
}

/// The file is windows-1252 from line 13 on: read with the encoding given, and without it either the same or a
/// refusal that names the line and the flag.
#[test]
fn superstore() {
    let Some(exports) = exports() else { return };
    let figures = [
        ("revenue", "/sales"),
        ("orders", "/orders"),
        ("customers", "/customers"),
        ("aov", "/aov"),
        ("repeat_purchase_rate", "/repeat_purchase_rate"),
        ("clv_historic", "/clv_historic"),
    ];
    let issue =
        [("/total/measures/revenue", "2297200.8603"), ("/total/measures/orders", "5009"), ("/total/measures/customers", "793")];
    let told = Case::of(&exports, "superstore", &["Superstore.csv"], &["--encoding", "windows-1252"])
        .shows(&issue)
        .stands_for(&figures)
        .holds();
    let path = exports.join("superstore/Superstore.csv");
    let untold = run(&["compute", path.to_str().expect("UTF-8"), "--format", "json"]);
    if untold.code == Some(0) {
        assert_eq!(untold.json()["total"], told["total"]);
    } else {
        let ran = untold.refused("bad-encoding");
        assert!(ran.stderr.contains("Superstore.csv:13") && ran.stderr.contains("--encoding"), "{}", ran.stderr);
    }
}

#[test]
fn ga4_channels() {
    let Some(exports) = exports() else { return };
    Case::of(&exports, "ga4_channels", &["data-export.csv"], &[])
        .stands_for(&[
            ("sessions", "/sessions"),
            ("engaged_sessions", "/engaged_sessions"),
            ("visitors", "/users_sum"),
            ("engagement_rate_web", "/engagement_rate"),
            ("web_bounce_rate", "/bounce_rate_ga4"),
        ])
        .shows(&[("/inputs/0/used", "3182")])
        .holds();
    let mut case = Case::of(&exports, "ga4_channels", &["data-export.csv"], &["--by", "channel"]);
    for (channel, truth) in case.truth["by_channel"].as_object().expect("channels").clone() {
        let figures = [("sessions", truth["sessions"].clone()), ("engaged_sessions", truth["engaged"].clone())];
        case.group_stands_for(&[("channel", Some(&channel))], &figures);
    }
    case.holds();
}

/// Fourteen tables in one file, among them the same figures cut another way.
#[test]
fn ga4_overview() {
    let Some(exports) = exports() else { return };
    let case = Case::of(&exports, "ga4_overview_sections", &["data-export.csv"], &[]).stands_for(&[
        ("revenue", "/sections/3/sum_last"),
        ("sessions", "/sections/5/sum_last"),
        ("visitors", "/sections/7/sum_last"),
        ("page_views", "/sections/9/sum_last"),
    ]);
    let rows =
        |list: &Value, field: &str| list.as_array().map(|all| all.iter().map(|one| one[field].as_u64()).collect::<Vec<_>>());
    assert_eq!(rows(&case.document["inputs"], "used"), rows(&case.truth["sections"], "rows"));
    case.holds();
}

/// Small exports of many platforms: file, then which figure each measure or KPI stands for.
const VERBATIM: &[(&str, &[(&str, &str)])] = &[
    (
        "mailchimp_campaigns_aggregate.csv",
        &[
            ("sent", "recipients"),
            ("delivered", "delivered"),
            ("bounces", "bounces"),
            ("opens", "unique_opens"),
            ("clicks", "unique_clicks"),
            ("unsubscribes", "unsubscribes"),
            ("open_rate", "open_rate"),
            ("ctr", "click_rate"),
            ("click_to_open_rate", "ctor"),
            ("bounce_rate", "bounce_rate"),
            ("unsubscribe_rate", "unsubscribe_rate"),
        ],
    ),
    (
        "mailchimp_single_vertical.csv",
        &[
            ("sent", "recipients"),
            ("delivered", "delivered"),
            ("bounces", "bounces"),
            ("opens", "unique_opens"),
            ("clicks", "unique_clicks"),
            ("unsubscribes", "unsubscribes"),
            ("open_rate", "open_rate"),
            ("ctr", "click_rate"),
        ],
    ),
    (
        "mailerlite_classic_vertical.csv",
        &[
            ("sent", "sent"),
            ("delivered", "delivered"),
            ("opens", "opened"),
            ("clicks", "clicked"),
            ("open_rate", "open_rate_on_delivered"),
        ],
    ),
    (
        "meta_campaigns_egp.csv",
        &[
            ("spend", "spend"),
            ("impressions", "impressions"),
            ("ad_clicks", "link_clicks"),
            ("ad_ctr", "ctr_link"),
            ("conversions", "results"),
            ("cpm", "cpm"),
        ],
    ),
    ("meta_fr_semicolon.csv", &[("spend", "spend"), ("impressions", "impressions")]),
    (
        "linkedin_campaigns.csv",
        &[
            ("spend", "spend"),
            ("impressions", "impressions"),
            ("ad_clicks", "clicks"),
            ("conversions", "conversions"),
            ("conversion_value", "value"),
        ],
    ),
    ("google_ads_utf16_tsv.csv", &[("spend", "cost"), ("impressions", "impressions"), ("ad_clicks", "clicks")]),
    ("google_ads_clinic_eur.csv", &[("spend", "cost"), ("impressions", "impressions")]),
    ("ua_dutch.csv", &[("sessions", "sessions")]),
    ("ga4_country.csv", &[("visitors", "active_users"), ("engaged_sessions", "engaged_sessions")]),
    ("paypal_activity.csv", &[("gross_revenue", "gross_payments"), ("revenue", "net_sales")]),
];

#[test]
fn small_exports_of_many_platforms() {
    let Some(exports) = exports() else { return };
    let mut problems = Vec::new();
    for (file, figures) in VERBATIM {
        let pointers: Vec<(&str, String)> = figures.iter().map(|(id, name)| (*id, format!("/{file}/{name}"))).collect();
        let pointers: Vec<(&str, &str)> = pointers.iter().map(|(id, pointer)| (*id, pointer.as_str())).collect();
        let path = exports.join("fixtures_verbatim").join(file);
        let ran = run(&["compute", path.to_str().expect("UTF-8"), "--format", "json"]);
        if ran.stdout.is_empty() {
            problems.push(format!("{file}: {}", ran.stderr.trim_end()));
            continue;
        }
        let case = Case::of(&exports, "fixtures_verbatim", &[file], &[]).stands_for(&pointers);
        problems.extend(case.problems.iter().map(|problem| format!("{file}: {problem}")));
    }
    assert!(problems.is_empty(), "\n{}\n", problems.join("\n"));
}

/// No impression at all: the rate has no value, and the reason is the denominator.
#[test]
fn google_ads_without_impressions() {
    let Some(exports) = exports() else { return };
    let case = Case::of(&exports, "fixtures_verbatim", &["google_ads_clinic_eur.csv"], &[]);
    assert_eq!(case.document["total"]["unavailable"]["ad_ctr"]["code"], "zero-denominator");
    assert_eq!(case.document["currency"], "EUR");
}

/// The truth gives refunds with the sign that the export gives them.
#[test]
fn paypal_refunds() {
    let Some(exports) = exports() else { return };
    let case = Case::of(&exports, "fixtures_verbatim", &["paypal_activity.csv"], &[]);
    let truth = decimal(&case.truth["paypal_activity.csv"]["refunds"]).expect("a figure");
    assert_eq!(case.found("/total/measures/refunds"), Some(-truth));
}

/// Completed orders and those in process count; refunded ones do not, unless asked for.
#[test]
fn woocommerce_orders() {
    let Some(exports) = exports() else { return };
    let truth = |case: &Case, name: &str| decimal(&case.truth["woocommerce_plugin.csv"][name]).expect("a figure");
    let case = Case::of(&exports, "fixtures_verbatim", &["woocommerce_plugin.csv"], &[]);
    let counted = truth(&case, "completed_revenue_with_tax") + truth(&case, "processing");
    assert_eq!(case.found("/total/measures/revenue"), Some(counted));
    let all = Case::of(&exports, "fixtures_verbatim", &["woocommerce_plugin.csv"], &["--include", "refunded"]);
    assert_eq!(all.found("/total/measures/gross_revenue"), Some(counted + truth(&all, "refunded")));
}

/// The comparison notices a figure that is off by its last digit.
#[test]
fn the_comparison_can_fail() {
    let document = serde_json::json!({"total": {"measures": {"spend": 10.5}, "kpis": {"cpc": {"value": 0.333_333_333_333}}}});
    let truth = serde_json::json!({"spend": {"value": 10.5, "exact": "10.51"}, "cpc": 0.333_333_333_334, "none": null});
    let case = Case { document, truth, problems: Vec::new() };
    let case = case.stands_for(&[("spend", "/spend"), ("cpc", "/cpc"), ("clicks", "/none"), ("spend", "/nowhere")]);
    let case = case.shows(&[("/total/measures/spend", "10.50"), ("/total/measures/spend", "10.51"), ("/nowhere", "1")]);
    assert_eq!(case.problems.len(), 6, "{:?}", case.problems);
}

/// Tables that no platform writes are read with a few lines of `mak.toml`.
#[test]
fn mapped_tables() {
    let Some(exports) = exports() else { return };
    let folder = tempfile::tempdir().expect("a folder");
    let config = folder.path().join("mak.toml");
    let mapping = r#"
        [files."WA_Fn*.csv"]
        rows = "customers_at_start"
        columns = { Churn = { measure = "lost_customers", when = "Yes" }, MonthlyCharges = "revenue" }

        [files."bank-full.csv"]
        rows = "leads"
        columns = { y = { measure = "conversions", when = "yes" }, campaign = "calls" }

        [files."email_opened*"]
        rows = "opens"

        [files."link_clicked*"]
        rows = "clicks"

        [files."CDNOW_master.txt"]
        as = "orders"
        delimiter = "spaces"
        columns = { dollar_value = "amount" }
    "#;
    std::fs::write(&config, mapping).expect("written");
    let config = config.to_str().expect("a path");
    let case = |folder: &str, files: &[&str], flags: &[&str]| {
        Case::of(&exports, folder, files, &[&["--config", config], flags].concat())
    };
    case("telco_churn", &["WA_Fn-UseC_-Telco-Customer-Churn.csv"], &[])
        .stands_for(&[
            ("customers_at_start", "/customers"),
            ("lost_customers", "/churned"),
            ("revenue", "/mrr_before"),
            ("churn_rate", "/churn_rate"),
        ])
        .holds();
    case("bank_full", &["bank-full.csv"], &[])
        .stands_for(&[("leads", "/contacts_people"), ("conversions", "/conversions"), ("calls", "/calls_this_campaign")])
        .holds();
    case("email_takehome", &["email_opened_table.csv", "link_clicked_table.csv"], &["--set", "delivered=100000"])
        .stands_for(&[("open_rate", "/open_rate"), ("ctr", "/click_rate")])
        .holds();
    case("cdnow", &["CDNOW_master.txt"], &[])
        .stands_for(&[
            ("orders", "/transactions"),
            ("customers", "/customers"),
            ("revenue", "/revenue"),
            ("aov", "/aov"),
            ("repeat_purchase_rate", "/repeat_rate"),
        ])
        .holds();
}
