//! The text of the queries: the generic one in full and, per dialect, only the lines that differ. And what no text of
//! the user's may do: end a quote.
//!
//! `MAK_BLESS=1 cargo test --test sql` rewrites the snapshots.

mod common;

use std::path::PathBuf;

use common::root;
use mak::config::Config;
use mak::measures::{Dimension, Filter, Question};
use mak::sql::{Engine, Generic, Plan};

/// A shop with every kind of table that is added up in its own way.
const SHOP: &str = r#"
[source.campaigns]
table = "mail.sends"
columns = ["campaign", "channel", "date", "sent", "opens", "spend"]

[source.social]
table = "posts"
columns = ["platform", "date", "likes", "followers", "reach"]

[source.leads]
table = "crm.leads"
columns = { lead_id = "id", created = "created_at", channel = "source", mql_at = "mql_at", won_at = "won_at", first_response_at = "answered_at" }

[source.orders]
table = "shop.orders"
currency = "EUR"
columns = { order_id = "id", customer_id = "customer", date = "ordered_at", channel = "utm", amount = "total", refunded = "refund" }
"#;

fn plan(configuration: &str, question: &Question) -> Plan {
    let config = Config::parse("mak.toml", configuration).expect("valid");
    Plan::new(&config.sources, question, &config.catalogue()).unwrap_or_else(|findings| panic!("{findings:?}"))
}

fn question(by: &[&str], filters: &[&str]) -> Question {
    Question {
        by: by.iter().map(|name| Dimension::named(name)).collect(),
        filters: filters.iter().map(|text| Filter::parse(text).expect("a condition")).collect(),
        ..Question::default()
    }
}

/// The questions that are kept as snapshots.
fn cases() -> Vec<(&'static str, Question)> {
    let dated =
        Question { from: Some("2026-01-01".parse().expect("a date")), ..question(&["channel", "month"], &["channel!=events"]) };
    let few = Question { kpis: vec!["open_rate".to_owned(), "cac".to_owned()], ..question(&["week"], &[]) };
    vec![("everything", question(&[], &[])), ("by_channel_and_month", dated), ("two_kpis_by_week", few)]
}

/// The lines of a query, without the commas that only say that another follows.
fn lines(query: &str) -> Vec<&str> {
    query.lines().map(|line| line.trim().trim_end_matches(',')).collect()
}

/// The lines that differ, in order: `-` of the generic text, `+` of the dialect's. Blanks before a line do not count.
fn difference(generic: &str, other: &str) -> String {
    let (ours, theirs) = (lines(generic), lines(other));
    // Lengths of the longest common sequence of lines from each pair of places on.
    let mut common = vec![vec![0_u32; theirs.len() + 1]; ours.len() + 1];
    for i in (0..ours.len()).rev() {
        for j in (0..theirs.len()).rev() {
            common[i][j] = if ours[i] == theirs[j] { common[i + 1][j + 1] + 1 } else { common[i + 1][j].max(common[i][j + 1]) };
        }
    }
    let (mut i, mut j, mut out) = (0, 0, String::new());
    while i < ours.len() || j < theirs.len() {
        if i < ours.len() && j < theirs.len() && ours[i] == theirs[j] {
            (i, j) = (i + 1, j + 1);
        } else if j == theirs.len() || (i < ours.len() && common[i + 1][j] >= common[i][j + 1]) {
            out.push_str("- ");
            out.push_str(ours[i]);
            out.push('\n');
            i += 1;
        } else {
            out.push_str("+ ");
            out.push_str(theirs[j]);
            out.push('\n');
            j += 1;
        }
    }
    out
}

fn snapshot(name: &str) -> PathBuf {
    root().join("tests/snapshots/sql").join(name)
}

#[track_caller]
fn held(name: &str, text: &str) {
    let path = snapshot(name);
    if std::env::var_os("MAK_BLESS").is_some() {
        std::fs::write(&path, text).expect("a writable snapshot");
        return;
    }
    let known = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(known == text, "{} is not what the query is now; look at it, then MAK_BLESS=1 cargo test --test sql", path.display());
}

#[test]
fn queries_are_those_of_the_snapshots() {
    for (name, question) in cases() {
        let plan = plan(SHOP, &question);
        let generic = plan.query_in(&Generic).expect("the generic text has everything");
        held(&format!("{name}.generic.sql"), &generic);
        for &engine in Engine::ALL {
            let query = plan.query(engine).unwrap_or_else(|findings| panic!("{}: {findings:?}", engine.word()));
            held(&format!("{name}.{}.diff", engine.word()), &difference(&generic, &query));
        }
    }
}

#[test]
fn nothing_goes_through_a_double() {
    for (_, question) in cases() {
        let plan = plan(SHOP, &question);
        for &engine in Engine::ALL {
            let query = plan.query(engine).expect("a query").to_uppercase();
            for word in ["AS DOUBLE", "AS FLOAT", "AS REAL", "AVG(", "QUANTILE", "PERCENTILE", "TOFLOAT", " / "] {
                // SQLite divides whole numbers only, to print millionths and to number weeks.
                assert!(!query.contains(word) || (engine == Engine::Sqlite && word == " / "), "{} has {word}", engine.word());
            }
        }
    }
}

/// What a parser of its own makes of the query: one statement, a query.
fn parsed(engine: Engine, query: &str) -> sqlparser::ast::Query {
    use sqlparser::ast::Statement;
    use sqlparser::dialect as of;
    let dialect: Box<dyn of::Dialect> = match engine {
        Engine::DuckDb => Box::new(of::DuckDbDialect {}),
        Engine::Postgres => Box::new(of::PostgreSqlDialect {}),
        Engine::Sqlite => Box::new(of::SQLiteDialect {}),
        Engine::ClickHouse => Box::new(of::ClickHouseDialect {}),
        Engine::BigQuery => Box::new(of::BigQueryDialect {}),
        Engine::Snowflake => Box::new(of::SnowflakeDialect {}),
        Engine::Redshift => Box::new(of::RedshiftSqlDialect {}),
        Engine::Trino => Box::new(of::GenericDialect {}),
        Engine::Spark | Engine::Databricks => Box::new(of::DatabricksDialect {}),
    };
    let statements =
        sqlparser::parser::Parser::parse_sql(&*dialect, query).unwrap_or_else(|why| panic!("{}: {why}\n{query}", engine.word()));
    match <[Statement; 1]>::try_from(statements) {
        Ok([Statement::Query(query)]) => *query,
        other => panic!("{}: {other:?}", engine.word()),
    }
}

#[test]
fn every_dialect_parses() {
    for (_, question) in cases() {
        let plan = plan(SHOP, &question);
        for &engine in Engine::ALL {
            parsed(engine, &plan.query(engine).expect("a query"));
        }
    }
}

/// Texts that try to end a quote.
const HOSTILE: &[&str] = &[
    "'; DROP TABLE x; --",
    "\\'; DROP TABLE x; --",
    "\\",
    "\\\\'",
    "a\"b`c'd",
    "\"; DROP TABLE x; --",
    "`; DROP TABLE x; --",
    "\\`; DROP TABLE x; --",
    "--",
    "/* */",
    "$$",
    "line\nbreak",
    "naïve ﷼ ไทย",
];

#[test]
fn no_text_of_the_users_ends_a_quote() {
    for hostile in HOSTILE {
        let quoted = serde_json::to_string(hostile).expect("a text");
        let table = serde_json::to_string(&format!("\"{}\"", hostile.replace('"', "`"))).expect("a text");
        let configuration = format!("[source.ads]\ntable = {table}\ncolumns = {{ channel = {quoted}, spend = {quoted} }}\n");
        let question = Question {
            by: vec![Dimension::named("channel")],
            filters: vec![Filter {
                dimension: Dimension::named("channel"),
                values: vec![(*hostile).to_owned(), "email".to_owned()],
                negated: false,
            }],
            ..Question::default()
        };
        let plan = plan(&configuration, &question);
        for &engine in Engine::ALL {
            let query = plan.query(engine).expect("a query");
            if engine == Engine::BigQuery && hostile.contains(['`', '"']) {
                // BigQuery takes `\`` in a name; this parser does not know it, and sqlglot holds it.
                continue;
            }
            let parsed = parsed(engine, &query);
            // The query has the shape of the one of a tame text, whatever the hostile one says.
            let steps: Vec<String> = parsed.with.expect("steps").cte_tables.iter().map(|step| step.alias.to_string()).collect();
            assert_eq!(
                steps,
                ["grains", "ads_rows", "ads_facts", "ads_grained", "ads_sums", "spine"],
                "{}: {query}",
                engine.word()
            );
        }
    }
}

#[test]
fn a_literal_is_read_back_as_it_was() {
    use sqlparser::tokenizer::{Token, Tokenizer};
    for hostile in HOSTILE {
        let literal = Engine::Spark.dialect().literal(hostile);
        let tokens = Tokenizer::new(&sqlparser::dialect::DatabricksDialect {}, &literal).tokenize().expect("a token");
        assert_eq!(tokens.len(), 1, "{literal}");
        let literal = Engine::DuckDb.dialect().literal(hostile);
        let tokens = Tokenizer::new(&sqlparser::dialect::DuckDbDialect {}, &literal).tokenize().expect("a token");
        assert_eq!(tokens, [Token::SingleQuotedString((*hostile).to_owned())]);
        let literal = Engine::BigQuery.dialect().literal(hostile);
        let tokens = Tokenizer::new(&sqlparser::dialect::BigQueryDialect {}, &literal).tokenize().expect("a token");
        assert_eq!(tokens, [Token::SingleQuotedString((*hostile).to_owned())]);
    }
}

#[test]
fn what_cannot_be_asked_is_refused_with_a_remedy() {
    let refused = |configuration: &str, question: &Question| {
        let config = Config::parse("mak.toml", configuration).expect("valid");
        let findings = Plan::new(&config.sources, question, &config.catalogue()).expect_err("refused");
        findings.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
    };
    let everything = Question::default();
    for (configuration, question, message) in [
        ("", &everything, "mak.toml maps no table"),
        (
            "[source.touches]\ntable = \"t\"\ncolumns = [\"person_id\", \"channel\"]",
            &everything,
            "touches are not added up in SQL",
        ),
        ("[source.leads]\ntable = \"t\"\ncolumns = [\"created\", \"stage\"]", &everything, "map the dates"),
        ("[source.web]\ntable = \"t\"\ncolumns = [\"date_range\", \"sessions\"]", &everything, "map date and end_date"),
        ("[source.orders]\ntable = \"t\"\ncolumns = [\"date\"]", &everything, "no column has the amount"),
        ("[source.orders]\ntable = \"a..b\"\ncolumns = [\"amount\"]", &everything, "has an empty part"),
        (SHOP, &question(&["chanel"], &[]), "did you mean channel?"),
        (SHOP, &question(&[], &["chanel=x"]), "did you mean channel?"),
        ("[source.ads]\ntable = \"t\"\ncolumns = [\"spend\", \"grain\"]", &question(&["grain"], &[]), "cannot be called grain"),
    ] {
        let text = refused(configuration, question);
        assert!(text.contains(message), "{text}");
    }
    let config =
        Config::parse("mak.toml", "[source.orders]\ntable = \"t\"\ncolumns = [\"unit_price\", \"quantity\"]").expect("valid");
    let plan = Plan::new(&config.sources, &everything, &config.catalogue()).expect("a plan");
    let findings = plan.query(Engine::Sqlite).expect_err("no decimals");
    assert!(findings.iter().any(|finding| finding.to_string().contains("no exact product")), "{findings:?}");
    assert!(plan.query(Engine::DuckDb).is_ok());
}
