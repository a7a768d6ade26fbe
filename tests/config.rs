//! The words of `mak.toml` are those of the rest: `config` stands beside `measures` and cannot
//! ask it, so that this test does.

use mak::config::{Config, KINDS, Meaning};
use mak::kpi::Measure;
use mak::measures::Kind;

#[test]
fn kinds_of_rows_are_the_same_words() {
    let words: Vec<_> = Kind::ALL.iter().map(|kind| kind.word()).collect();
    assert_eq!(KINDS, words);
}

#[test]
fn files_of_unknown_layout_are_mapped_in_a_few_lines() {
    let config = Config::parse(
        "mak.toml",
        r#"
        [files."*Telco*.csv"]
        rows = ["customers_at_start", "customers"]
        columns = { MonthlyCharges = "revenue", Contract = "dimension:contract", Churn = { measure = "lost_customers", when = "Yes" } }

        [files."bank*.csv"]
        rows = "leads"
        columns = { campaign = "calls", contact = "dimension:contact", y = { measure = "won", when = "yes" } }

        [files."email_opened*.csv"]
        rows = "opens"

        [files."CDNOW*.txt"]
        as = "orders"
        delimiter = "spaces"
        columns = { customer_id = "customer_id", date = "date", dollar_value = "amount" }
        "#,
    )
    .unwrap_or_else(|why| panic!("{why}"));
    assert_eq!(config.file_rule("in/Telco-1.csv").expect("covered").rows, [Measure::CustomersAtStart, Measure::Customers]);
    let bank = config.file_rule("bank-full.csv").expect("covered");
    assert!(matches!(&bank.columns[2].meanings[..], [Meaning::Count(Measure::Won, when)] if when.holds("yes")));
    assert!(config.file_rule("other.csv").is_none());
}
