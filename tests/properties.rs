//! What must hold for any table: the order of rows, the number of files and the spelling of numbers change
//! nothing, and sums are exact. The expected sums are worked out here in whole cents.

use indexmap::IndexMap;
use mak::ingest::layout::Told;
use mak::ingest::scan::Settings;
use mak::ingest::sheet::Overrides;
use mak::ingest::source::Source;
use mak::ingest::survey::Marks;
use mak::ingest::{self, Input};
use mak::kpi::{Catalogue, Measure, Outcome};
use mak::measures::{self, Question};
use proptest::prelude::*;
use rust_decimal::Decimal;
use std::fmt::Write as _;

/// A row of a campaign table, money in cents.
#[derive(Clone, Debug)]
struct Row {
    name: String,
    sent: u32,
    opens: u32,
    spend: i64,
}

/// How a table is spelled.
#[derive(Clone, Copy, Debug)]
struct Spelling {
    delimiter: char,
    decimal: char,
    thousands: Option<char>,
    line_end: &'static str,
    quote_all: bool,
    mark: bool,
}

impl Spelling {
    const PLAIN: Spelling =
        Spelling { delimiter: ',', decimal: '.', thousands: None, line_end: "\n", quote_all: false, mark: false };

    fn cell(self, text: &str) -> String {
        let special = text.contains([self.delimiter, '"', '\n', '\r']) || text.starts_with(' ') || text.ends_with(' ');
        if self.quote_all || special { format!("\"{}\"", text.replace('"', "\"\"")) } else { text.to_owned() }
    }

    fn whole(self, number: u64) -> String {
        let digits = number.to_string();
        let Some(mark) = self.thousands else { return digits };
        let mut spelled = String::new();
        for (index, digit) in digits.chars().enumerate() {
            if index > 0 && (digits.len() - index).is_multiple_of(3) {
                spelled.push(mark);
            }
            spelled.push(digit);
        }
        spelled
    }

    fn money(self, cents: i64) -> String {
        let sign = if cents < 0 { "-" } else { "" };
        let cents = cents.unsigned_abs();
        format!("{sign}{}{}{:02}", self.whole(cents / 100), self.decimal, cents % 100)
    }

    fn table(self, rows: &[Row]) -> String {
        let mut text = String::from(if self.mark { "\u{feff}" } else { "" });
        let line = |text: &mut String, cells: [&str; 4]| {
            let cells: Vec<String> = cells.iter().map(|cell| self.cell(cell)).collect();
            write!(text, "{}{}", cells.join(&self.delimiter.to_string()), self.line_end).expect("in memory");
        };
        line(&mut text, ["campaign", "delivered", "opens", "spend"]);
        for row in rows {
            line(&mut text, [&row.name, &self.whole(row.sent.into()), &self.whole(row.opens.into()), &self.money(row.spend)]);
        }
        text
    }
}

/// What came out: measures and KPIs by id.
#[derive(Debug, PartialEq)]
struct Came {
    measures: Vec<(Measure, Option<Decimal>)>,
    kpis: IndexMap<&'static str, Outcome>,
}

impl Came {
    fn measure(&self, wanted: Measure) -> Option<Decimal> {
        self.measures.iter().find(|(measure, _)| *measure == wanted).and_then(|(_, value)| *value)
    }
}

/// Computes tables as files of one folder.
fn computed(tables: &[String]) -> Result<Came, String> {
    let folder = tempfile::tempdir().expect("a folder");
    let names: Vec<String> = tables
        .iter()
        .enumerate()
        .map(|(index, table)| {
            let path = folder.path().join(format!("{index}.csv"));
            std::fs::write(&path, table).expect("the file is written");
            path.to_str().expect("UTF-8").to_owned()
        })
        .collect();
    let said = |findings: Vec<mak::finding::Finding>| findings.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n");
    let sources = Source::expand(&names).map_err(said)?;
    let inputs: Vec<Input> = sources
        .into_iter()
        .map(|source| Input {
            source,
            told: Told::default(),
            overrides: Overrides::default(),
            marks: Marks::default(),
            scan: Settings::default(),
        })
        .collect();
    let (catalogue, question) = (Catalogue::builtin(), Question::default());
    let sources = ingest::read(&inputs, &question, &catalogue).map_err(said)?;
    let answer = measures::answer(&catalogue, &question, &sources);
    let measures = Measure::ALL.iter().map(|&measure| (measure, answer.total.measures.number(measure))).collect();
    Ok(Came { measures, kpis: answer.total.outcomes.into_iter().map(|(id, (_, outcome))| (id, outcome)).collect() })
}

/// Names with everything that a cell can hold.
fn name() -> impl Strategy<Value = String> {
    prop_oneof![
        "[a-zA-Z][a-zA-Z ]{0,8}[a-z]",
        Just("Summer, sun".to_owned()),
        Just("He said \"now\"".to_owned()),
        Just("Two\nlines".to_owned()),
        Just("a;b|c\td".to_owned()),
        Just("ångström 東京".to_owned()),
    ]
}

fn rows() -> impl Strategy<Value = Vec<Row>> {
    let row = (name(), 1..2_000_000_u32, 0..=100_u32, 0..5_000_000_000_i64);
    let row = row.prop_map(|(name, sent, share, spend)| Row {
        name,
        sent,
        opens: (u64::from(sent) * u64::from(share) / 100).try_into().expect("at most sent"),
        spend,
    });
    prop::collection::vec(row, 2..25).prop_map(|mut rows| {
        // Names of campaigns differ, so that no part of a table repeats another.
        rows.iter_mut().enumerate().for_each(|(index, row)| write!(row.name, " no {index}").expect("in memory"));
        rows
    })
}

fn spelling() -> impl Strategy<Value = Spelling> {
    let marks = prop_oneof![
        Just(('.', None)),
        Just(('.', Some(','))),
        Just((',', Some('.'))),
        Just((',', Some(' '))),
        Just((',', Some('\u{a0}'))),
        Just((',', Some('\u{202f}'))),
        Just(('.', Some('\''))),
    ];
    (prop_oneof![Just(','), Just(';'), Just('\t'), Just('|')], marks, prop::bool::ANY, prop::bool::ANY, prop::bool::ANY).prop_map(
        |(delimiter, (decimal, thousands), windows, quote_all, mark)| Spelling {
            delimiter,
            decimal,
            thousands,
            line_end: if windows { "\r\n" } else { "\n" },
            quote_all,
            mark,
        },
    )
}

fn cents(total: i128) -> Decimal {
    Decimal::from_i128_with_scale(total, 2)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    /// However a table is spelled, its sums are those of the numbers that went in.
    #[test]
    fn sums_are_exact(rows in rows(), spelling in spelling()) {
        let came = computed(&[spelling.table(&rows)]).map_err(TestCaseError::fail)?;
        let sent: u64 = rows.iter().map(|row| u64::from(row.sent)).sum();
        let opens: u64 = rows.iter().map(|row| u64::from(row.opens)).sum();
        let spend: i128 = rows.iter().map(|row| i128::from(row.spend)).sum();
        prop_assert_eq!(came.measure(Measure::Delivered), Some(Decimal::from(sent)));
        prop_assert_eq!(came.measure(Measure::Opens), Some(Decimal::from(opens)));
        prop_assert_eq!(came.measure(Measure::Spend), Some(cents(spend)));
        let rate = came.kpis["open_rate"].as_ref().expect("both measures are there");
        prop_assert_eq!(rate.ratio, Some((Decimal::from(opens), Decimal::from(sent))));
    }

    /// A table in two files comes to the same as in one.
    #[test]
    fn two_files_are_one(rows in rows(), at in any::<prop::sample::Index>()) {
        let (first, second) = rows.split_at(1 + at.index(rows.len() - 1));
        let whole = computed(&[Spelling::PLAIN.table(&rows)]).map_err(TestCaseError::fail)?;
        let parts = computed(&[Spelling::PLAIN.table(first), Spelling::PLAIN.table(second)]).map_err(TestCaseError::fail)?;
        prop_assert_eq!(parts, whole);
    }

    /// The order of rows changes nothing.
    #[test]
    fn order_is_irrelevant((rows, shuffled) in rows().prop_flat_map(|rows| (Just(rows.clone()), Just(rows).prop_shuffle()))) {
        let one = computed(&[Spelling::PLAIN.table(&rows)]).map_err(TestCaseError::fail)?;
        let other = computed(&[Spelling::PLAIN.table(&shuffled)]).map_err(TestCaseError::fail)?;
        prop_assert_eq!(other, one);
    }

    /// Text that is no table, or half of one, is refused or read, and never a panic.
    #[test]
    fn any_text_is_survived(text in "[a-z0-9,;\"\n\t. %-]{0,120}") {
        let _ = computed(&[text]);
    }

    /// A cell that is no number is refused with its place, wherever it stands.
    #[test]
    fn a_word_among_numbers_is_refused(rows in rows(), at in any::<prop::sample::Index>(), word in "[b-z]{2,6}x") {
        let at = at.index(rows.len());
        let table = Spelling::PLAIN.table(&rows.iter().map(|row| Row { name: "A".to_owned(), ..row.clone() }).collect::<Vec<_>>());
        let mut lines: Vec<String> = table.lines().map(str::to_owned).collect();
        let (head, _) = lines[at + 1].rsplit_once(',').expect("four cells");
        lines[at + 1] = format!("{head},{word}");
        let refused = computed(&[lines.join("\n") + "\n"]).expect_err("a word is no amount");
        prop_assert!(refused.contains(&format!(":{}:4", at + 2)), "{}", refused);
    }
}
