//! Made-up answers that the tests of all formats share.

use std::sync::OnceLock;

use indexmap::IndexMap;
use rust_decimal::Decimal;

use crate::contract::{
    Compute, Group, Input, InputMeasure, KpiValue, MeasureValue, Missing, Number, Statistics, Unallocated, Warning,
};
use crate::kpi::{Better, Catalogue, Example, Expr, Kpi, Measure, Population, Status, Unit};

/// KPIs beside `open_rate`, under ids that no row of the catalogue has.
const OWN: &[(&str, &str, Unit)] = &[
    ("s_click_rate", "Click-through rate of messages", Unit::Share),
    ("s_spam", "Spam complaint rate", Unit::Share),
    ("s_delivery", "Delivery rate", Unit::Share),
    ("s_roi", "Return on investment", Unit::Percent),
    ("s_roas", "Return on ad spend", Unit::Multiple),
    ("s_cac", "Customer acquisition cost", Unit::Money),
    ("s_profit", "Profit", Unit::Money),
    ("s_leads", "New leads", Unit::Count),
    ("s_cycle", "Sales cycle length", Unit::Days),
    ("s_response", "Response time", Unit::Seconds),
    ("s_nps", "Net promoter score", Unit::Points),
];

pub(super) fn catalogue() -> Catalogue {
    static OWN_KPIS: OnceLock<Vec<Kpi>> = OnceLock::new();
    let mut catalogue = Catalogue::builtin();
    OWN_KPIS
        .get_or_init(|| OWN.iter().map(|(id, name, unit)| own(id, name, *unit)).collect())
        .iter()
        .for_each(|kpi| catalogue.add_kpi(kpi));
    catalogue
}

/// A row of the user's own; its formula does not matter here.
pub(super) fn own(id: &'static str, name: &'static str, unit: Unit) -> Kpi {
    const FORMULA: Expr = Expr::Ratio(&Expr::Measure(Measure::Clicks), &Expr::Recipients);
    Kpi {
        id,
        name,
        aliases: &[],
        summary: "A KPI of one's own.",
        formula: FORMULA,
        unit,
        better: Better::Higher,
        population: Population::SameSource,
        example: Example { given: &[], gives: "0", from: "" },
        pitfalls: "",
        source: "mak.toml",
        status: Status::Custom,
    }
}

pub(super) fn number(text: &str) -> Number {
    Number(text.parse::<Decimal>().expect("a decimal"))
}

pub(super) fn value(text: &str, unit: &str) -> KpiValue {
    KpiValue {
        value: number(text),
        unit: unit.into(),
        numerator: None,
        denominator: None,
        low: None,
        high: None,
        standard_error: None,
        drawn: None,
        mean: None,
        median: None,
        p90: None,
        min: None,
        max: None,
        n: None,
        used: Vec::new(),
    }
}

fn share(text: &str, numerator: &str, denominator: &str, low: &str, high: &str) -> KpiValue {
    KpiValue {
        numerator: Some(number(numerator)),
        denominator: Some(number(denominator)),
        low: Some(number(low)),
        high: Some(number(high)),
        ..value(text, "ratio")
    }
}

fn ratio(text: &str, unit: &str, numerator: &str, denominator: &str) -> KpiValue {
    KpiValue { numerator: Some(number(numerator)), denominator: Some(number(denominator)), ..value(text, unit) }
}

fn sample(median: &str, unit: &str, mean: &str, p90: &str, n: u64) -> KpiValue {
    KpiValue { mean: Some(number(mean)), median: Some(number(median)), p90: Some(number(p90)), n: Some(n), ..value(median, unit) }
}

fn missing(needs: &[&str]) -> Missing {
    Missing {
        code: "missing".into(),
        needs: needs.iter().map(|&id| id.into()).collect(),
        reason: format!("no file gives {}", needs.join(", ")),
    }
}

fn zero(denominator: &str) -> Missing {
    Missing { code: "zero-denominator".into(), needs: Vec::new(), reason: format!("{denominator} is 0") }
}

fn map<V>(entries: Vec<(&str, V)>) -> IndexMap<String, V> {
    entries.into_iter().map(|(id, value)| (id.to_owned(), value)).collect()
}

/// Three files, no groups.
pub(super) fn total() -> Compute {
    let kpis = map(vec![
        ("s_delivery", share("0.9996999", "4098579", "4099809", "0.999682", "0.999717")),
        ("open_rate", share("0.5909238299420360080896330167", "2421948", "4098579", "0.5904477", "0.5913998")),
        ("s_click_rate", share("0.0067321", "27592", "4098579", "0.0066537", "0.0068115")),
        ("s_spam", share("0.00031", "1271", "4098579", "0.000293454", "0.000327594")),
        ("s_roi", ratio("1.223314", "ratio", "243953.9", "199421.15")),
        ("s_roas", ratio("4.87", "ratio", "971181.0005", "199421.15")),
        ("s_cac", ratio("236.8422", "money", "199421.15", "842")),
        ("s_profit", value("-1234.5", "money")),
        ("s_leads", value("8000", "count")),
        ("s_cycle", sample("14.6507", "days", "49.1008", "148.2", 842)),
        ("s_response", sample("7500", "seconds", "9000", "86400", 7310)),
        ("s_nps", ratio("45", "points", "4500", "100")),
    ]);
    let unavailable = map(vec![
        ("x_clv", missing(&["customers_at_start", "lost_customers"])),
        ("x_churn_rate", missing(&["customers_at_start", "lost_customers"])),
        ("x_retention_rate", missing(&["customers_at_end", "customers_at_start"])),
        ("x_cart_abandonment_rate", missing(&["carts"])),
        ("x_ad_ctr", zero("impressions")),
    ]);
    let measures = map(vec![
        ("opens", MeasureValue::Number(number("2421948"))),
        ("delivered", MeasureValue::Number(number("4098579"))),
        ("spend", MeasureValue::Number(number("199421.150000000000000000001"))),
        (
            "sales_cycle_days",
            MeasureValue::Statistics(Statistics {
                mean: number("49.1008"),
                median: number("14.6507"),
                p90: number("148.2"),
                min: None,
                max: None,
                n: 842,
            }),
        ),
    ]);
    Compute {
        schema: Compute::SCHEMA.into(),
        basis: "delivered".into(),
        currency: Some("EUR".into()),
        by: Vec::new(),
        asked: Vec::new(),
        from: Some("2026-01-01".into()),
        to: Some("2026-03-31".into()),
        inputs: inputs(),
        total: Group { by: IndexMap::new(), measures, kpis, unavailable },
        groups: Vec::new(),
        unallocated: Vec::new(),
        warnings: warnings(),
    }
}

fn inputs() -> Vec<Input> {
    let opens = InputMeasure {
        columns: vec!["Unique Opens".into()],
        derived: None,
        value: Some(MeasureValue::Number(number("2421948"))),
        cells: 1204,
        missing: 2,
        set_aside: None,
    };
    let delivered = InputMeasure {
        columns: Vec::new(),
        derived: Some("delivered = sent - bounces".into()),
        value: Some(MeasureValue::Number(number("4098579"))),
        cells: 0,
        missing: 0,
        set_aside: None,
    };
    let input = |file: &str, platform: &str, kind: &str, rows: u64, totals: u64, rejected: u64| Input {
        file: file.into(),
        part: None,
        kind: kind.into(),
        platform: platform.into(),
        profile: format!("{platform}-{kind}"),
        rows,
        used: rows - totals - rejected,
        selected: rows - totals - rejected,
        totals,
        rejected,
        blank: 0,
        left_out: totals + rejected,
        from: Some("2026-01-01".into()),
        to: Some("2026-03-31".into()),
        measures: IndexMap::new(),
    };
    let mut campaigns = input("data/campaigns.csv", "mailchimp", "campaigns", 1207, 2, 1);
    campaigns.measures = map(vec![("opens", opens), ("delivered", delivered)]);
    let mut leads = input("data/exports/2026/first quarter/crm leads, all regions (final).csv", "plain", "leads", 8000, 0, 0);
    leads.selected = 7310;
    let mut ads = input("-", "google-ads", "ads", 1, 0, 0);
    (ads.from, ads.to) = (None, None);
    vec![campaigns, leads, ads]
}

fn warnings() -> Vec<Warning> {
    let warning = |code: &str, severity: &str, message: &str| Warning {
        code: code.into(),
        severity: severity.into(),
        file: None,
        part: None,
        line: None,
        column: None,
        column_name: None,
        message: message.into(),
        saw: None,
        expected: None,
        help: None,
    };
    vec![
        Warning {
            file: Some("data/campaigns.csv".into()),
            line: Some(7),
            column: Some(3),
            column_name: Some("Unique Opens".into()),
            saw: Some("1,204 \u{1b}[2J".into()),
            help: Some("leave the campaign out with --where 'campaign!=Spring', or look at how its opens were counted".into()),
            ..warning("rate-above-one", "warning", "open_rate is 103.2 % for campaign \"Spring\"")
        },
        warning("derived", "note", "delivered was worked out as sent - bounces"),
    ]
}

/// The same with groups whose names try everything.
pub(super) fn groups() -> Compute {
    let mut answer = total();
    answer.by = vec!["channel".into()];
    let names = [
        Some("email"),
        Some("春のニュースレター、全店舗共通の特別セール"),
        Some("👩‍💻 developers 🏳️‍🌈"),
        Some("نشرة الربيع"),
        Some("\u{1b}[31mred\u{1b}[0m\u{202e}gpj"),
        Some("=HYPERLINK(\"http://x\",\"y\")"),
        Some("<script>alert(1)</script>|x|"),
        Some("A very long campaign name that goes on and on, variant A"),
        Some("A very long campaign name that goes on and on, variant B"),
        Some(""),
        None,
    ];
    for (i, name) in names.iter().enumerate() {
        let mut kpis = answer.total.kpis.clone();
        let mut unavailable = IndexMap::new();
        if i % 3 == 1 {
            kpis.shift_remove("open_rate");
            unavailable.insert("open_rate".to_owned(), zero("delivered"));
        }
        if i % 4 == 2 {
            for id in ["s_cac", "s_roi"] {
                kpis.shift_remove(id);
                unavailable.insert(id.to_owned(), zero("new_customers"));
            }
        }
        let by = IndexMap::from([("channel".to_owned(), name.map(str::to_owned))]);
        answer.groups.push(Group { by, measures: answer.total.measures.clone(), kpis, unavailable });
    }
    answer.unallocated.push(Unallocated {
        file: "data/costs.csv".into(),
        lacks: vec!["channel".into()],
        measures: map(vec![("spend", MeasureValue::Number(number("199421.15")))]),
    });
    answer
}
