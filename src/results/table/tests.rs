use proptest::prelude::*;

use super::super::layout::width;
use super::super::sample;
use super::*;
use crate::contract::Missing;

fn rendered(answer: &Compute, page: Page) -> String {
    String::from_utf8(Table.render(answer, &sample::catalogue(), &page).expect("no errors")).expect("UTF-8")
}

fn at(columns: usize) -> Page {
    Page { width: columns, ..Page::default() }
}

/// The sections, which blank lines part.
fn section(text: &str, number: usize) -> &str {
    text.split("\n\n").nth(number).unwrap_or_default()
}

fn assert_lines(found: &str, expected: &str) {
    assert_eq!(found.replace('\u{a0}', " ").trim_end(), expected.trim_matches('\n').trim_end(), "\n{found}\n");
}

#[test]
fn a_total_at_60_columns_has_names_and_values() {
    let text = rendered(&sample::total(), at(60));
    assert_lines(
        section(&text, 1),
        "
  KPI                                     Value
Response and engagement
  Open rate                              59.1 %
Own
  Click-through rate of messages         0.67 %
  Spam complaint rate                   0.031 %
  Delivery rate                         99.97 %
  Return on investment                  122.3 %
  Return on ad spend                      4.87×
  Customer acquisition cost          236.84 EUR
  Profit                          -1,234.50 EUR
  New leads                               8,000
  Sales cycle length                     14.7 d
  Response time                      2 h 05 min
  Net promoter score                        +45
",
    );
}

#[test]
fn a_total_at_80_columns_has_the_arithmetic() {
    let text = rendered(&sample::total(), at(80));
    assert_lines(section(&text, 0), "rates per message delivered · money in EUR · 2026-01-01 to 2026-03-31");
    assert_lines(
        section(&text, 1),
        "
  KPI                                     Value                     Arithmetic
Response and engagement
  Open rate                              59.1 %          2,421,948 / 4,098,579
Own
  Click-through rate of messages         0.67 %             27,592 / 4,098,579
  Spam complaint rate                   0.031 %              1,271 / 4,098,579
  Delivery rate                         99.97 %          4,098,579 / 4,099,809
  Return on investment                  122.3 %         243,953.9 / 199,421.15
  Return on ad spend                      4.87×      971,181.0005 / 199,421.15
  Customer acquisition cost          236.84 EUR               199,421.15 / 842
  Profit                          -1,234.50 EUR
  New leads                               8,000
  Sales cycle length                     14.7 d  mean 49.1 d, p90 148 d, n 842
  Response time                      2 h 05 min
  Net promoter score                        +45                    4,500 / 100
",
    );
}

#[test]
fn a_total_at_200_columns_has_intervals_and_formulas_too() {
    let text = rendered(&sample::total(), at(200));
    let lines: Vec<&str> = section(&text, 1).lines().collect();
    let start = "  Open rate                              59.1 %";
    let open_rate = lines.iter().find_map(|line| line.strip_prefix(start)).expect("a row for the open rate");
    let cells: Vec<&str> = open_rate.split("  ").map(str::trim).filter(|cell| !cell.is_empty()).collect();
    assert_eq!(cells, ["2,421,948 / 4,098,579", "59.0–59.1 %", "opens / delivered"]);
    assert!(text.contains("mean 2 h 30 min, p90 24 h 00 min, n 7,310"), "{text}");
}

#[test]
fn what_is_below_the_numbers_reads_well_at_60_columns() {
    let text = rendered(&sample::total(), at(60));
    let (_, notes) = text.split_once("Not computed").expect("a section");
    assert_lines(
        notes,
        r#"
 (5)
  x_ad_ctr — impressions is 0
  x_cart_abandonment_rate — no file gives carts
  x_clv, x_churn_rate — no file gives customers_at_start,
    lost_customers
  x_retention_rate — no file gives customers_at_end,
    customers_at_start

Read
  data/campaigns.csv
    mailchimp campaigns · 1,204 of 1,207 rows · left out: 2
    totals, 1 by rule · 2026-01-01 to 2026-03-31
  data/exports/2026/first quart…ads, all regions (final).csv
    plain leads · 8,000 rows, 7,310 selected · 2026-01-01 to
    2026-03-31
  standard input
    google-ads ads · 1 row

warning: data/campaigns.csv:7:3: open_rate is 103.2 % for
         campaign "Spring" (column "Unique Opens"); saw
         "1,204 \u{1b}[2J" [rate-above-one]
         help: leave the campaign out with --where
               'campaign!=Spring', or look at how its opens
               were counted
note: delivered was worked out as sent - bounces [derived]
"#,
    );
}

#[test]
fn files_stand_in_columns_where_the_page_is_wide() {
    let text = rendered(&sample::total(), at(200));
    assert_lines(
        text.split("\n\n").find(|section| section.starts_with("Read")).expect("a section"),
        "
Read
  data/campaigns.csv                                                  mailchimp campaigns  1,204 of 1,207 rows         left out: 2 totals, 1 by rule  2026-01-01 to 2026-03-31
  data/exports/2026/first quarter/crm leads, all regions (final).csv  plain leads          8,000 rows, 7,310 selected                                 2026-01-01 to 2026-03-31
  standard input                                                      google-ads ads       1 row
",
    );
}

#[test]
fn files_that_would_look_alike_keep_their_whole_names() {
    let mut answer = sample::total();
    answer.inputs.truncate(2);
    for (input, name) in answer.inputs.iter_mut().zip(["leads", "deals"]) {
        input.file = format!("exports/first_quarter/{name}_of_all_regions_dataset.csv");
        (input.totals, input.rejected, input.selected) = (0, 0, input.used);
    }
    for columns in [80, 100, 110] {
        let text = rendered(&answer, at(columns));
        assert!(["leads", "deals"].iter().all(|name| text.contains(&format!("{name}_of_all"))), "{text}");
    }
}

#[test]
fn groups_at_60_columns_are_stacked_and_their_names_stay_apart() {
    let text = rendered(&sample::groups(), at(60));
    assert_lines(
        section(&text, 1),
        r#"
                                   Click-through       Spam
                             Open        rate of  complaint
channel                      rate       messages       rate
───────────────────────────────────────────────────────────
email                      59.1 %         0.67 %    0.031 %
春のニュース…特別セール   n/a [1]         0.67 %    0.031 %
👩‍💻 developers 🏳️‍🌈           59.1 %         0.67 %    0.031 %
نشرة الربيع                59.1 %         0.67 %    0.031 %
\u{1b}[31mre…\u{202e}gpj  n/a [1]         0.67 %    0.031 %
=HYPERLINK("…p://x","y")   59.1 %         0.67 %    0.031 %
<script>aler…/script>|x|   59.1 %         0.67 %    0.031 %
A very long…, variant A   n/a [1]         0.67 %    0.031 %
A very long…, variant B    59.1 %         0.67 %    0.031 %
(empty)                    59.1 %         0.67 %    0.031 %
(none)                    n/a [1]         0.67 %    0.031 %
───────────────────────────────────────────────────────────
Total                      59.1 %         0.67 %    0.031 %
"#,
    );
    let tables = text.split("\n\n").filter(|section| section.contains("\nTotal ")).count();
    assert!(tables > 2, "{tables}");
    assert!(text.contains("\n[1] delivered is 0\n[2] new_customers is 0\n"), "{text}");
    assert!(text.contains("  data/costs.csv has no channel: spend 199,421.15 EUR\n"), "{text}");
}

#[test]
fn groups_at_200_columns_are_one_table_with_whole_names() {
    let text = rendered(&sample::groups(), at(200));
    assert_eq!(text.split("\n\n").filter(|section| section.contains("\nTotal ")).count(), 1);
    for name in ["A very long campaign name that goes on and on, variant A ", "春のニュースレター、全店舗共通の特別セール "]
    {
        assert!(text.contains(name), "{text}");
    }
}

#[test]
fn groups_that_look_alike_keep_their_rows() {
    let mut answer = sample::groups();
    let same = answer.groups[0].clone();
    answer.groups.truncate(1);
    answer.groups.push(same);
    let text = rendered(&answer, at(200));
    assert_eq!(text.lines().filter(|line| line.starts_with("email ")).count(), 2, "{text}");
}

#[test]
fn without_groups_there_is_a_total_all_the_same() {
    let mut answer = sample::groups();
    answer.groups.clear();
    let text = rendered(&answer, at(200));
    assert!(text.contains("─\nTotal "), "{text}");
}

#[test]
fn many_reasons_are_counted_and_listed_when_asked_for() {
    let mut answer = sample::total();
    for i in 0..80 {
        let measure = format!("measure_{}", i % 20);
        let missing =
            Missing { code: "missing".into(), needs: vec![measure.clone()], reason: format!("no file gives {measure}") };
        answer.total.unavailable.insert(format!("kpi_{i}"), missing);
    }
    let notes = |page| {
        let text = rendered(&answer, page);
        text.split("\n\n").find(|section| section.starts_with("Not computed (85)")).expect("a section").to_owned()
    };
    let short = notes(at(80));
    assert!(short.lines().count() <= 8 && short.contains("--verbose"), "{short}");
    let long = notes(Page { verbose: true, ..at(80) });
    assert!((0..80).all(|i| long.contains(&format!("kpi_{i}"))) && !long.contains("--verbose"), "{long}");
}

#[test]
fn verbose_names_the_columns() {
    let text = rendered(&sample::total(), Page { verbose: true, ..at(80) });
    assert!(text.contains("    opens 2,421,948 from \"Unique Opens\", 2 cells blank\n"), "{text}");
    assert!(text.contains("    delivered 4,098,579 (delivered = sent - bounces)\n"), "{text}");
}

#[test]
fn colours_come_only_when_asked_for_and_change_nothing_else() {
    for answer in [sample::total(), sample::groups()] {
        let plain = rendered(&answer, at(80));
        assert!(!plain.contains('\u{1b}'));
        let coloured = rendered(&answer, Page { color: true, ..at(80) });
        assert!(coloured.contains("\u{1b}[33mwarning: \u{1b}[0m"));
        assert_eq!(without_codes(&coloured), plain);
    }
}

fn without_codes(text: &str) -> String {
    let mut parts = text.split("\u{1b}[");
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        out.push_str(part.split_once('m').expect("a code").1);
    }
    out
}

#[test]
fn an_answer_without_numbers_says_so() {
    let mut answer = sample::total();
    answer.total.kpis.clear();
    answer.total.measures.clear();
    assert!(rendered(&answer, at(80)).contains("No KPI could be computed.\n"));
    answer.by = vec!["channel".into()];
    assert!(rendered(&answer, at(80)).contains("No KPI could be computed.\n"));
}

#[test]
fn measures_asked_for_stand_below_the_kpis() {
    let mut answer = sample::total();
    answer.asked = vec!["spend".into(), "opens".into()];
    answer.total.kpis.retain(|id, _| id == "open_rate");
    assert_lines(
        section(&rendered(&answer, at(60)), 1),
        "
  KPI                 Value             Arithmetic
Response and engagement
  Open rate          59.1 %  2,421,948 / 4,098,579
Measures
  spend      199,421.15 EUR
  opens           2,421,948
",
    );
}

#[test]
fn without_any_kpi_the_measures_are_listed() {
    let mut answer = sample::groups();
    for group in std::iter::once(&mut answer.total).chain(&mut answer.groups) {
        group.kpis.clear();
    }
    let text = rendered(&answer, at(120));
    assert!(!text.contains("No KPI could be computed"), "{text}");
    // A row for each of the eleven groups, and one for the total.
    assert_eq!(section(&text, 1).matches("4,098,579").count(), 12, "{text}");
    answer.by.clear();
    answer.groups.clear();
    let text = rendered(&answer, at(80));
    assert!(text.contains("sales_cycle_days") && text.contains("mean 49.1 d, p90 148 d, n 842"), "{text}");
}

/// Names as files may hold them: wide, joined, right to left, combining, controlling.
fn name() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        "[a-zA-Z0-9 ,.=+-]{1,20}",
        "\\PC{1,8}",
        any::<char>().prop_map(String::from),
        Just("春のセール".to_owned()),
        Just("👩‍💻🏳️‍🌈🇩🇪".to_owned()),
        Just("لا إله".to_owned()),
        Just("e\u{301}\u{302}".to_owned()),
        Just("\u{1b}[31m\u{202e}\t\n".to_owned()),
    ];
    proptest::collection::vec(piece, 0..8).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn no_line_is_wider_than_the_page(
        columns in 40_usize..220,
        names in proptest::collection::vec(name(), 1..12),
        dimensions in 0_usize..5,
        verbose in any::<bool>(),
        digits in any::<i64>(),
        scale in 0_u32..28,
    ) {
        let mut answer = if dimensions == 0 { sample::total() } else { sample::groups() };
        answer.by = names.iter().cycle().take(dimensions).enumerate().map(|(i, name)| format!("{name}{i}")).collect();
        for (i, group) in answer.groups.iter_mut().enumerate() {
            group.by = answer.by.iter().enumerate().map(|(j, by)| (by.clone(), names.get((i + j) % (names.len() + 1)).cloned())).collect();
        }
        for name in &names {
            // KPIs that the catalogue does not know are printed under their ids.
            answer.total.kpis.insert(name.clone(), sample::value("12.5", "money"));
            answer.currency = Some(name.clone());
            answer.inputs[1].file.clone_from(name);
            answer.inputs[2].part = Some(name.clone());
            answer.warnings[0].message.clone_from(name);
            answer.warnings[1].file = Some(name.clone());
            answer.from = Some(name.clone());
        }
        answer.total.kpis["s_cac"].value = crate::contract::Number(rust_decimal::Decimal::new(digits, scale));
        let text = rendered(&answer, Page { verbose, ..at(columns) });
        for line in text.lines() {
            prop_assert!(width(line) <= columns, "{} columns: {:?} in\n{}", columns, line, text);
        }
        prop_assert!(!text.contains(['\u{1b}', '\u{202e}', '\t']), "acts on a terminal");
        let coloured = rendered(&answer, Page { verbose, color: true, ..at(columns) });
        prop_assert_eq!(without_codes(&coloured), text);
    }
}
