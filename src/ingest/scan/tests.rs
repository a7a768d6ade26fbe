//! The scan against the careful path: the same answer or the same errors, whatever the table, the
//! size of chunks and the number of threads.

use std::num::NonZeroUsize;

use proptest::prelude::*;

use super::{Settings, scan};
use crate::finding::Finding;
use crate::ingest::layout::Told;
use crate::ingest::memory::Limit;
use crate::ingest::number::DecimalMark;
use crate::ingest::profile::DateOrder;
use crate::ingest::sheet::Overrides;
use crate::ingest::source::Source;
use crate::ingest::survey::Marks;
use crate::ingest::{Input, read};
use crate::kpi::{Catalogue, Measure};
use crate::measures::{Dimension, Evaluated, Filter, Question};

const CAREFUL: Settings = Settings { threads: None, chunk: 1, least: u64::MAX, memory: Limit::unlimited() };

/// Everything that is said about the sources, or all that is wrong.
fn answer(source: &Source, question: &Question, scan: Settings, marks: Marks) -> Result<String, Vec<String>> {
    let input = Input { source: source.clone(), told: Told::default(), overrides: Overrides::default(), marks, scan };
    match read(&[input], question, &Catalogue::builtin()) {
        Ok(sources) if question.kpis.is_empty() => Ok(format!("{sources:#?}")),
        Ok(sources) => Ok(asked_for(question, &sources)),
        Err(findings) => Err(findings.iter().map(Finding::to_string).collect()),
    }
}

/// What is answered where only some KPIs and measures were asked for: groups need not have the others.
fn asked_for(question: &Question, sources: &[crate::measures::Source]) -> String {
    let answer = crate::measures::answer(&Catalogue::builtin(), question, sources);
    let measures: Vec<Measure> = question.kpis.iter().filter_map(|id| Measure::from_id(id)).collect();
    let of = |evaluated: &Evaluated| {
        let values: Vec<_> = measures.iter().map(|measure| (measure, evaluated.measures.get(*measure))).collect();
        format!("{values:#?}\n{:#?}\n", evaluated.outcomes)
    };
    let infos: Vec<_> = sources.iter().map(|source| &source.info).collect();
    let mut text = format!("{infos:#?}\n{:#?}\n{:#?}\n", answer.findings, answer.total);
    for (key, evaluated) in &answer.groups {
        write_row(&mut text, format_args!("{key:?}: {}", of(evaluated)));
    }
    text
}

fn write_row(text: &mut String, row: std::fmt::Arguments<'_>) {
    std::fmt::Write::write_fmt(text, row).expect("a string takes all");
}

/// Where two answers differ.
fn difference(scanned: &Result<String, Vec<String>>, careful: &Result<String, Vec<String>>) -> Option<String> {
    match (scanned, careful) {
        (scanned, careful) if scanned == careful => None,
        (Ok(scanned), Ok(careful)) => {
            let differing = scanned.lines().zip(careful.lines()).enumerate().find(|(_, (scanned, careful))| scanned != careful);
            Some(differing.map_or_else(|| "one answer is longer".to_owned(), |(line, pair)| format!("{line}: {pair:?}")))
        }
        other => Some(format!("{other:?}")),
    }
}

/// Whether the scan itself has an answer or finds a fault.
fn is_scanned(source: &Source, question: &Question, settings: Settings) -> bool {
    use crate::ingest::layout::{HEAD, Layout};
    use crate::ingest::profile;
    use crate::ingest::record::Record;
    use crate::ingest::sheet::sheets;
    use crate::ingest::table::Table;
    let catalogue = Catalogue::builtin();
    let sheet = sheets(source, &Overrides::default()).unwrap().remove(0);
    let mut head = Vec::new();
    let mut record = Record::default();
    let mut records = sheet.records().unwrap();
    while head.len() < HEAD && records.read(&mut record).is_ok_and(|more| more) {
        head.push(record.clone());
    }
    let table = Table::of(profile::ALL, &sheet, &head).unwrap().remove(0);
    let layout = Layout::recognise(profile::ALL, &head, &Told::default(), &catalogue, &table.place()).unwrap();
    scan(&table, &layout, question, &catalogue, Marks::default(), &settings).is_some()
}

fn stored(text: &[u8]) -> (tempfile::NamedTempFile, Source) {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), text).unwrap();
    let source = Source::file(file.path()).unwrap();
    (file, source)
}

fn question(by: &[&str]) -> Question {
    Question { by: by.iter().map(|name| Dimension::named(name)).collect(), ..Question::default() }
}

fn settings(threads: usize, chunk: usize) -> Settings {
    Settings { threads: NonZeroUsize::new(threads), chunk, least: 0, memory: Limit::default() }
}

const HEADER: &str = "campaign,channel,date,sent,delivered,opens,clicks,spend,revenue\n";

/// A plain row.
fn plain_row() -> impl Strategy<Value = String> {
    let name = prop_oneof![
        6 => "[A-Za-z]{1,6}( [0-9]{1,2})?",
        1 => "\"[a-z]{1,4}, [a-z\n]{0,6}(\"\"[a-z]{1,2})?\"",
        1 => "Total Fitness|Gesa|sum it|[éü]{1,3}|Overall",
    ];
    let channel = prop_oneof![4 => "email|sms|push", 1 => Just(String::new()), 1 => "\"a\n\nb\"| email "];
    let date = prop_oneof![20 => "2026-0[1-9]-[12][0-9]", 1 => Just(String::new()), 1 => "2026-03-0[1-9] 10:00:00"];
    let count = prop_oneof![20 => "[0-9]{1,5}", 1 => Just(String::new()), 1 => "-[0-9]{1,3}", 1 => Just("--".to_owned())];
    let money =
        prop_oneof![20 => "[0-9]{1,6}\\.[0-9]{2}", 2 => "[0-9]{1,3}", 1 => "[0-9]{1,3}\\.[0-9]{1}", 1 => Just(String::new())];
    (
        name,
        channel,
        date,
        [count.clone().boxed(), count.clone().boxed(), count.clone().boxed(), count.boxed()],
        [money.clone().boxed(), money.boxed()],
    )
        .prop_map(|(name, channel, date, counts, money)| {
            format!("{name},{channel},{date},{},{}\n", counts.join(","), money.join(","))
        })
}

/// A row that is anything but plain.
fn odd_row() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => Just("\n".to_owned()),
        4 => Just("Pipes 5\" wide,email,2026-01-01,1,1,1,1,1.00,1.00\n".to_owned()),
        4 => Just("a,email,2026-01-01,\"1,234\",1000,1,1,\"1,234.50\",1.00\n".to_owned()),
        4 => Just("=\"007\",email,2026-01-01,1,1,1,1,1.00,1.00\n".to_owned()),
        4 => Just("a,email,2026-01-01,1,1,1,1,$1.00,1.00\n".to_owned()),
        3 => Just(" ,,,0,0,0,0,0.00,0.00\n".to_owned()),
        3 => Just("a,email,2026-01-01,1,1,1,1,1.000,1.0\r\n".to_owned()),
        1 => Just("Total,,,12,12,12,12,12.00,12.00\n".to_owned()),
        1 => Just("a,email,2026-01-01,1,1,1,1\n".to_owned()),
        1 => Just("a,email,2026-01-01,1,1,1,1,1.00,1.00,\n".to_owned()),
        1 => Just("a,email,2026-01-01,1.5,1,1,1,1.00,1.00\n".to_owned()),
        1 => Just("a,email,01/02/2026,1,1,1,1,1.00,1.00\n".to_owned()),
        1 => Just("\"a\" b,email,2026-01-01,1,1,1,1,1.00,1.00\n".to_owned()),
        1 => Just("a,email,2026-01-01,1,1,1,1,\"1,23\",1.00\n".to_owned()),
        1 => Just("a,email,2026-01-01,1,1,1,1,12%,1.00\n".to_owned()),
        1 => Just("remark\n".to_owned()),
        1 => Just("a,email,2026-01-01,1,1,1,x,1.00,1.00\n".to_owned()),
        1 => Just(HEADER.to_owned()),
        1 => Just("a,email,2026-01-01,1,1,1,1,1.00,\"1.00\n".to_owned()),
        1 => Just("a\u{0},email,2026-01-01,1,1,1,1,1.00,1.00\n".to_owned()),
    ]
}

fn tables() -> impl Strategy<Value = Vec<u8>> {
    let rows = prop::collection::vec(prop_oneof![60 => plain_row(), 2 => odd_row()], 0..60);
    let end = prop_oneof![6 => Just(""), 1 => Just("last,email,2026-01-01,1,1,1,1,1.00,1.00"), 1 => Just("\"open")];
    (
        rows,
        end,
        any::<bool>(),
        prop_oneof![12 => Just(None), 1 => (0_usize..2000).prop_map(Some)],
        prop_oneof![3 => Just(0_usize), 1 => 1_usize..3],
    )
        .prop_map(|(rows, end, crlf, bad_byte, repeats)| {
            let mut text = format!("{HEADER}{}", rows.concat());
            for row in rows.iter().take(repeats) {
                text.push_str(row);
            }
            text.push_str(end);
            if crlf {
                text = text.replace("\r\n", "\n").replace('\n', "\r\n");
            }
            let mut bytes = text.into_bytes();
            if let Some(at) = bad_byte.filter(|at| *at > HEADER.len() && *at < bytes.len()) {
                bytes[at] = 0xE9;
            }
            bytes
        })
}

fn questions() -> impl Strategy<Value = Question> {
    let by = prop_oneof![
        Just(vec![]),
        Just(vec!["channel"]),
        Just(vec!["campaign", "month"]),
        Just(vec!["week"]),
        Just(vec!["country"]),
        Just(vec!["month", "channel", "platform"])
    ];
    let filter = prop_oneof![4 => Just(None), 1 => Just(Some("channel=email")), 1 => Just(Some("channel!=email,")), 1 => Just(Some("month=2026-03"))];
    let from = prop_oneof![4 => Just(None), 1 => Just(Some(jiff::civil::date(2026, 3, 5)))];
    let asked = vec!["sent", "delivered", "bounces", "clicks", "revenue", "open_rate", "cost_per_click", "sessions"];
    let kpis = prop_oneof![1 => Just(Vec::new()), 2 => prop::sample::subsequence(asked, 0..4)];
    (by, filter, from, kpis).prop_map(|(by, filter, from, kpis)| Question {
        kpis: kpis.into_iter().map(str::to_owned).collect(),
        filters: filter.into_iter().map(|text| Filter::parse(text).unwrap()).collect(),
        from,
        ..question(&by)
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(120))]
    #[test]
    fn any_table_gets_the_answer_or_the_errors_of_the_careful_path(
        text in tables(),
        question in questions(),
        chunk in prop_oneof![Just(1_usize), 2_usize..200, Just(1024), Just(8 << 20)],
        threads in prop_oneof![Just(1_usize), Just(2), Just(7)],
    ) {
        let (_file, source) = stored(&text);
        let careful = answer(&source, &question, CAREFUL, Marks::default());
        let scanned = answer(&source, &question, settings(threads, chunk), Marks::default());
        prop_assert_eq!(difference(&scanned, &careful), None, "{}", String::from_utf8_lossy(&text));
        let piped = || Source::stream("-", std::io::Cursor::new(text.clone()));
        let careful = answer(&piped(), &question, CAREFUL, Marks::default());
        prop_assert_eq!(&answer(&piped(), &question, settings(threads, chunk), Marks::default()), &careful);
    }
}

const WIDE: &str =
    "campaign,channel,date,sent,delivered,opens,clicks,bounces,unsubscribes,conversions,likes,comments,spend,revenue\n";

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]
    #[test]
    fn sums_that_no_group_needs_are_in_the_total(
        rows in prop::collection::vec(
            ("[A-D]", "email|sms", prop::collection::vec(prop_oneof![12 => "[0-9]{1,4}", 1 => Just(String::new()), 1 => Just("-3".to_owned())], 9)),
            20..120,
        ),
        asked in prop::sample::subsequence(vec!["sent", "likes", "spend", "roas", "conversion_rate"], 1..3),
        filter in prop_oneof![Just(None), Just(Some("channel=sms"))],
        threads in prop_oneof![Just(1_usize), Just(3)],
    ) {
        let mut text = WIDE.to_owned();
        for (row, (campaign, channel, counts)) in rows.iter().enumerate() {
            write_row(&mut text, format_args!("{campaign},{channel},2026-01-{:02},{},{row}.50,{row}.25\n", row % 28 + 1, counts.join(",")));
        }
        let question = Question {
            kpis: asked.into_iter().map(str::to_owned).collect(),
            filters: filter.into_iter().map(|text| Filter::parse(text).unwrap()).collect(),
            ..question(&["campaign"])
        };
        let (_file, source) = stored(text.as_bytes());
        let careful = answer(&source, &question, CAREFUL, Marks::default());
        let scanned = answer(&source, &question, settings(threads, 512), Marks::default());
        prop_assert_eq!(difference(&scanned, &careful), None, "{}", text);
    }
}

const WITH_OTHERS: &str = "campaign,channel,date,sent,opens,spend,store,grade,id\n";

/// Tables with columns of which nothing is known.
fn tables_with_others() -> impl Strategy<Value = String> {
    let store = prop_oneof![40 => "[1-9][0-9]{0,2}", 2 => Just(String::new()), 1 => Just("1.234".to_owned()), 1 => Just("007".to_owned()), 1 => Just("\"1,5\"".to_owned()), 1 => Just("north".to_owned())];
    let grade = prop_oneof![20 => "[0-9]\\.[0-9]", 1 => Just("n/a".to_owned()), 1 => Just("12%".to_owned()), 1 => Just("$3".to_owned()), 1 => Just("v2".to_owned())];
    let id = prop_oneof![30 => "[0-9]{4}", 1 => Just("1.2E+17".to_owned())];
    let spend = prop_oneof![10 => "[0-9]{1,3}\\.[0-9]{3}", 3 => "[0-9]{1,4}\\.[0-9]{2}", 1 => "0|12"];
    let day = prop_oneof![30 => "2026-0[1-9]-[12][0-9]", 1 => Just("1970-01-01".to_owned())];
    let row = ("[A-D]", "email|sms| sms|", day, "[1-9][0-9]{0,2}", "[0-9]", spend, store, grade, id);
    let whole_spend = any::<bool>();
    (prop::collection::vec(row, 20..90), whole_spend).prop_map(|(rows, whole)| {
        let mut text = WITH_OTHERS.to_owned();
        for (campaign, channel, day, sent, opens, spend, store, grade, id) in rows {
            let spend = if whole { spend.split('.').next().unwrap_or_default().to_owned() } else { spend };
            write_row(&mut text, format_args!("{campaign},{channel},{day},{sent},{opens},{spend},{store},{grade},{id}\n"));
        }
        text
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(80))]
    #[test]
    fn what_is_said_of_columns_that_nothing_is_made_of_is_the_same(
        text in tables_with_others(),
        filters in prop_oneof![Just(vec![]), Just(vec!["channel=sms"]), Just(vec!["store!=5", "campaign=E"]), Just(vec!["month=2026-02,2026-03"])],
        chunk in prop_oneof![Just(1_usize), 2_usize..200, Just(8 << 20)],
        threads in prop_oneof![Just(1_usize), Just(3)],
    ) {
        let question = Question { filters: filters.into_iter().map(|text| Filter::parse(text).unwrap()).collect(), ..question(&["grade"]) };
        let (_file, source) = stored(text.as_bytes());
        let careful = answer(&source, &question, CAREFUL, Marks::default());
        let scanned = answer(&source, &question, settings(threads, chunk), Marks::default());
        prop_assert_eq!(difference(&scanned, &careful), None, "{}", text);
    }
}

/// How a platform or a country writes amounts, counts and days.
#[derive(Clone, Copy, Debug)]
struct Style {
    delimiter: char,
    decimal: char,
    thousands: &'static str,
    /// What stands before an amount and behind it.
    dress: (&'static str, &'static str),
    /// Whether counts have their thousands parted too.
    parts_counts: bool,
    day: &'static str,
}

const STYLES: [Style; 9] = [
    Style { delimiter: ',', decimal: '.', thousands: ",", dress: ("$", ""), parts_counts: true, day: "%-m/%-d/%Y" },
    Style { delimiter: ';', decimal: ',', thousands: "", dress: ("", ""), parts_counts: false, day: "%d.%m.%Y" },
    Style { delimiter: ';', decimal: ',', thousands: ".", dress: ("", " €"), parts_counts: true, day: "%d.%m.%Y %H:%M" },
    Style { delimiter: ';', decimal: ',', thousands: "\u{202f}", dress: ("", "\u{a0}€"), parts_counts: true, day: "%d/%m/%Y" },
    Style { delimiter: '\t', decimal: '.', thousands: "’", dress: ("CHF ", ""), parts_counts: true, day: "%d.%m.%Y" },
    Style { delimiter: ',', decimal: '.', thousands: "", dress: ("", ""), parts_counts: false, day: "%m/%d/%Y %H:%M:%S" },
    Style { delimiter: ',', decimal: '.', thousands: "", dress: ("£", ""), parts_counts: false, day: "%b %-d, %Y" },
    Style {
        delimiter: ',',
        decimal: '.',
        thousands: ",",
        dress: ("", " USD"),
        parts_counts: false,
        day: "%Y-%m-%d %H:%M:%S +0200",
    },
    Style { delimiter: ',', decimal: '.', thousands: "", dress: ("", ""), parts_counts: false, day: "%d-%m-%Y" },
];

impl Style {
    fn parted(&self, whole: u32) -> String {
        let digits = whole.to_string();
        let mut text = String::new();
        for (at, digit) in digits.chars().enumerate() {
            if at > 0 && (digits.len() - at).is_multiple_of(3) {
                text.push_str(self.thousands);
            }
            text.push(digit);
        }
        text
    }

    fn count(&self, count: u32) -> String {
        if self.parts_counts { self.parted(count) } else { count.to_string() }
    }

    fn amount(&self, cents: u32) -> String {
        let (front, back) = self.dress;
        format!("{front}{}{}{:02}{back}", self.parted(cents / 100), self.decimal, cents % 100)
    }

    fn line<const N: usize>(&self, cells: [String; N]) -> String {
        let quoted = |cell: String| if cell.contains(self.delimiter) { format!("\"{cell}\"") } else { cell };
        format!("{}\n", cells.map(quoted).join(&self.delimiter.to_string()))
    }

    fn header(&self) -> String {
        self.line(["campaign", "channel", "date", "sent", "opens", "spend"].map(str::to_owned))
    }

    fn row(&self, campaign: &str, day: i64, [sent, opens, cents]: [u32; 3]) -> String {
        let date = jiff::civil::date(2026, 1, 1).at(9, 30, 0, 0) + jiff::Span::new().days(day);
        let [sent, opens] = [sent, opens].map(|count| self.count(count));
        self.line([campaign.to_owned(), "email".to_owned(), date.strftime(self.day).to_string(), sent, opens, self.amount(cents)])
    }
}

/// Tables as they are written in different places, with some cells that do not fit.
fn styled_tables() -> impl Strategy<Value = String> {
    let style = prop::sample::select(STYLES.to_vec());
    let odd = prop::sample::select(vec![
        "",
        "--",
        "0",
        "1,234",
        "1.234",
        "12,50",
        "12.50",
        "-5",
        "($3.00)",
        "-$4.10",
        "$-4.10",
        "5 €",
        "€5",
        "$1,23",
        "1.234.567",
        "12%",
        "x",
        "03/04/2026",
        "13/04/2026",
        "04/13/2026",
        "2026-05-06",
        "06.05.2026",
        "May 5, 2026",
        "05/05/2026",
        "1,234,567.25",
        "7.5",
        "1e3",
    ]);
    let odd = prop_oneof![30 => Just(None), 1 => (2_usize..6, odd).prop_map(Some)];
    let row = ("[A-C]", 0_i64..60, prop::array::uniform3(prop_oneof![1_u32..999, 1000_u32..9_999_999]), odd);
    (style, prop::collection::vec(row, 20..90), any::<bool>()).prop_map(|(style, mut rows, is_sorted)| {
        if is_sorted {
            rows.sort_by_key(|(_, day, ..)| *day);
        }
        let mut text = style.header();
        for (campaign, day, numbers, odd) in rows {
            let row = style.row(&campaign, day, numbers);
            match odd {
                None => text.push_str(&row),
                Some((column, odd)) => {
                    let mut cells: [String; 6] = [const { String::new() }; 6];
                    let mut reader =
                        csv::ReaderBuilder::new().has_headers(false).delimiter(style.delimiter as u8).from_reader(row.as_bytes());
                    let record = reader.records().next().unwrap().unwrap();
                    cells.iter_mut().zip(&record).for_each(|(cell, text)| *cell = text.to_owned());
                    cells[column] = odd.to_owned();
                    text.push_str(&style.line(cells));
                }
            }
        }
        text
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(250))]
    #[test]
    fn numbers_and_days_of_any_style_are_those_of_the_careful_path(
        text in styled_tables(),
        by in prop_oneof![Just(vec![]), Just(vec!["campaign"]), Just(vec!["month"]), Just(vec!["date", "channel"])],
        marks in prop_oneof![
            6 => Just(Marks::default()),
            1 => Just(Marks { decimal: Some(DecimalMark::Comma), ..Marks::default() }),
            1 => Just(Marks { date_order: Some(DateOrder::DayMonthYear), ..Marks::default() }),
        ],
        chunk in prop_oneof![Just(1_usize), 2_usize..400, Just(8 << 20)],
        threads in prop_oneof![Just(1_usize), Just(3)],
        is_utf_16 in prop_oneof![4 => Just(false), 1 => Just(true)],
    ) {
        let (_file, source) = stored(&if is_utf_16 { utf_16(&text) } else { text.clone().into_bytes() });
        let careful = answer(&source, &question(&by), CAREFUL, marks);
        let scanned = answer(&source, &question(&by), settings(threads, chunk), marks);
        prop_assert_eq!(difference(&scanned, &careful), None, "{}", text);
    }
}

/// The text as spreadsheets write "Unicode text".
fn utf_16(text: &str) -> Vec<u8> {
    std::iter::once(0xFEFF).chain(text.encode_utf16()).flat_map(u16::to_le_bytes).collect()
}

#[test]
fn tables_in_other_encodings_are_scanned() {
    let text = plain_table(2000, &[(700, "caf\u{e9},email,2026-01-01,\"1,234\",1000,1,1,\"1,234.50\",1.00\n")]);
    let latin: Vec<u8> = text.chars().map(|c| u8::try_from(u32::from(c)).unwrap()).collect();
    for bytes in [utf_16(&text), latin] {
        let (_file, source) = stored(&bytes);
        assert!(is_scanned(&source, &question(&["channel"]), settings(2, 4096)));
        let careful = answer(&source, &question(&["channel"]), CAREFUL, Marks::default());
        assert_eq!(difference(&answer(&source, &question(&["channel"]), settings(2, 4096), Marks::default()), &careful), None);
        // Half a character at the end.
        let (_file, source) = stored(&bytes[..bytes.len() - 1]);
        let careful = answer(&source, &question(&["channel"]), CAREFUL, Marks::default());
        assert_eq!(answer(&source, &question(&["channel"]), settings(2, 4096), Marks::default()), careful);
    }
}

#[test]
fn tables_of_every_style_are_scanned() {
    for style in STYLES {
        // Sorted by day, so that the first rows show no order of day and month.
        for sorted in [true, false] {
            let day = |row: u32| i64::from(if sorted { row / 100 } else { row % 50 });
            let rows = (0..4000_u32).map(|row| style.row("A", day(row), [row + 900, row / 2, row * 7919 % 1_000_000]));
            let text = format!("{}{}", style.header(), rows.collect::<String>());
            let (_file, source) = stored(text.as_bytes());
            let question = question(&["campaign", "month"]);
            assert!(is_scanned(&source, &question, settings(2, 4096)), "{style:?} {sorted}");
            let careful = answer(&source, &question, CAREFUL, Marks::default());
            assert_eq!(difference(&answer(&source, &question, settings(2, 4096), Marks::default()), &careful), None, "{style:?}");
            assert!(careful.is_ok(), "{careful:?}");
        }
    }
}

#[test]
fn printed_rates_are_compared_in_as_many_rows_as_ever() {
    let mut text = "campaign,date,sent,delivered,opens,open_rate\n".to_owned();
    for row in 0..12_000 {
        let rate = if row % 5_500 == 4_000 { "99.00%" } else { "50.00%" };
        write_row(&mut text, format_args!("C{row},2026-01-{:02},200,100,50,{rate}\n", row % 28 + 1));
    }
    let (_file, source) = stored(text.as_bytes());
    let careful = answer(&source, &Question::default(), CAREFUL, Marks::default());
    assert!(is_scanned(&source, &Question::default(), settings(2, 4096)));
    assert_eq!(difference(&answer(&source, &Question::default(), settings(2, 4096), Marks::default()), &careful), None);
}

#[test]
fn exports_that_overlap_are_refused_and_others_added() {
    let read_both = |first: &str, second: &str, scan: Settings| {
        let (_files, inputs): (Vec<_>, Vec<_>) = [first, second]
            .into_iter()
            .map(|text| {
                let (file, source) = stored(text.as_bytes());
                let input =
                    Input { source, told: Told::default(), overrides: Overrides::default(), marks: Marks::default(), scan };
                (file, input)
            })
            .unzip();
        match read(&inputs, &question(&["month"]), &Catalogue::builtin()) {
            Ok(sources) => Ok(sources.len()),
            // The message names the file, which is another one each time.
            Err(findings) => Err(findings
                .iter()
                .map(|finding| {
                    finding
                        .parts()
                        .message
                        .replace(['/', '.'], " ")
                        .split_whitespace()
                        .filter(|word| !word.contains("tmp"))
                        .collect::<String>()
                })
                .collect::<Vec<_>>()),
        }
    };
    let january = plain_table(100, &[]).replace("2026-", "2024-");
    let later = plain_table(100, &[]);
    let mixed = later.replace("2026-12-15", "2024-12-15");
    let hidden = plain_table(100, &[]).replace("2026-", "2023-").replace("2023-06-15", "");
    for (first, second) in [(&january, &later), (&january, &mixed), (&later, &later), (&hidden, &hidden), (&later, &hidden)] {
        assert_eq!(read_both(first, second, settings(2, 700)), read_both(first, second, CAREFUL));
    }
    assert_eq!(read_both(&january, &later, settings(2, 700)), Ok(2));
    assert!(read_both(&january, &mixed, settings(2, 700)).is_err());
}

/// Rows of a table that is plain but for what is put into it.
fn plain_table(rows: usize, odd: &[(usize, &str)]) -> String {
    let mut text = HEADER.to_owned();
    for row in 0..rows {
        if let Some((_, odd)) = odd.iter().find(|(at, _)| *at == row) {
            text.push_str(odd);
        }
        let (channel, month) = (["email", "sms", "push"][row % 3], row % 12 + 1);
        let quoted = if row % 100 == 7 { format!("\"Spring, {row}\nsale\"") } else { format!("Spring {row}") };
        write_row(
            &mut text,
            format_args!(
                "{quoted},{channel},2026-{month:02}-15,{},{},{},{},{}.{:02},{}.50\n",
                row + 900,
                row + 800,
                row % 700,
                row % 90,
                row,
                row % 100,
                row
            ),
        );
    }
    text
}

#[test]
fn a_plain_table_is_scanned_and_so_is_one_with_a_few_odd_rows() {
    let odd = "a,email,2026-01-01,\"1,234\",1000,1,1,\"1,234.50\",1.00\n";
    for rows in [&[][..], &[(0, "\n"), (1500, odd), (2999, "Pipes 5\" wide,sms,2026-01-01,1,1,1,1,1.00,1.00\n")]] {
        let text = plain_table(3000, rows);
        let (_file, source) = stored(text.as_bytes());
        for by in [&[][..], &["channel"], &["campaign", "month"]] {
            let question = question(by);
            let careful = answer(&source, &question, CAREFUL, Marks::default());
            assert!(careful.is_ok(), "{careful:?}");
            for (threads, chunk) in [(1, 1024), (2, 64 * 1024), (7, 300), (2, 8 << 20)] {
                assert!(is_scanned(&source, &question, settings(threads, chunk)));
                assert_eq!(answer(&source, &question, settings(threads, chunk), Marks::default()), careful);
            }
        }
    }
}

#[test]
fn faults_far_down_are_named_by_their_line_without_the_careful_path() {
    let faults = [
        ("a,email,2026-01-01,1,1,1,1,12,34,1.00\n", "the row has 10 cells"),
        ("a,email,2026-01-01,1.5,1,1,1,1.00,1.00\n", "fraction"),
        ("Total,,,5,5,5,5,5.00,5.00\n", "total row"),
        ("\"a\"b,email,2026-01-01,1,1,1,1,1.00,1.00\n", "after the quote"),
        ("a,email,2026-01-01,x,1,1,1,1.00,1.00\n", "x"),
    ];
    for (row, words) in faults {
        let (_file, source) = stored(plain_table(3000, &[(2500, row)]).as_bytes());
        let question = question(&["channel"]);
        let careful = answer(&source, &question, CAREFUL, Marks::default()).unwrap_err();
        assert!(careful.iter().any(|finding| finding.contains(words)), "{careful:?}");
        assert!(is_scanned(&source, &question, settings(2, 4096)), "{row}");
        assert_eq!(answer(&source, &question, settings(2, 4096), Marks::default()), Err(careful));
    }
}

#[test]
fn decimal_places_that_come_late_and_rows_that_repeat_are_scanned_again() {
    let finer = "late,email,2026-01-01,1,1,1,1,0.125125,1.00\n".repeat(3);
    let repeated = "\"again\",sms,2026-02-02,2,2,2,2,2.00,2.00\nagain,sms,2026-02-02,2,2,2,2,2.00,2.00\n";
    let (_file, source) = stored(plain_table(3000, &[(2000, &finer), (2700, repeated)]).as_bytes());
    let question = question(&["month"]);
    let careful = answer(&source, &question, CAREFUL, Marks::default());
    assert!(careful.as_ref().unwrap().contains("3 rows equal to an earlier one"), "{careful:?}");
    assert!(is_scanned(&source, &question, settings(2, 4096)));
    assert_eq!(answer(&source, &question, settings(2, 4096), Marks::default()), careful);
}

const ORDERS: &str = "customer_id,order_id,date,amount,refunded,channel,campaign\n";

fn order_tables() -> impl Strategy<Value = String> {
    let customer =
        prop_oneof![8 => "C[0-9]{1,2}", 2 => "[ab]@x\\.org", 1 => Just(String::new()), 1 => "\"C[0-9]\"", 1 => "00?[0-9]"];
    let amount = prop_oneof![12 => "[0-9]{1,3}\\.[0-9]{2}", 2 => "[0-9]{1,2}", 1 => "-[0-9]{1,2}\\.50", 1 => Just(String::new()), 1 => Just("\"1,234.50\"".to_owned())];
    let refunded = prop_oneof![6 => Just(String::new()), 2 => "[0-9]\\.[0-9]{3}[1-9]", 4 => Just("0".to_owned()), 1 => Just("-1.00".to_owned())];
    let channel = prop_oneof![4 => Just("email"), 2 => Just("sms"), 1 => Just(""), 1 => Just(" email ")];
    let campaign = prop_oneof![3 => Just("x"), 1 => Just("y")];
    let row = (customer, amount, refunded, prop_oneof![30 => Just(None), 1 => (0_usize..50).prop_map(Some)], channel, campaign);
    (prop::collection::vec(row, 0..60), any::<bool>()).prop_map(|(rows, dashed)| {
        let mut text = ORDERS.to_owned();
        for (number, (customer, amount, refunded, again, channel, campaign)) in rows.iter().enumerate() {
            let order = again.unwrap_or(number);
            let order = if dashed { format!("ORD-{order:05}") } else { format!("{}", 70_000 * (order / 3) + order) };
            write_row(
                &mut text,
                format_args!("{customer},{order},2026-02-{:02},{amount},{refunded},{channel},{campaign}\n", number % 28 + 1),
            );
        }
        text
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(80))]
    #[test]
    fn orders_and_customers_are_those_of_the_careful_path(
        text in order_tables(),
        filters in prop_oneof![
            2 => Just(vec![]),
            2 => Just(vec!["channel=email"]),
            1 => Just(vec!["channel!=email"]),
            1 => Just(vec!["channel=sms,email", "campaign=x"]),
            1 => Just(vec!["channel=fax"]),
            1 => Just(vec!["month=2026-02"]),
        ],
        chunk in prop_oneof![1_usize..300, Just(8 << 20)],
        threads in prop_oneof![Just(1_usize), Just(2), Just(7)],
    ) {
        let (_file, source) = stored(text.as_bytes());
        let question = Question { filters: filters.into_iter().map(|text| Filter::parse(text).unwrap()).collect(), ..Question::default() };
        let careful = answer(&source, &question, CAREFUL, Marks::default());
        let scanned = answer(&source, &question, settings(threads, chunk), Marks::default());
        prop_assert_eq!(difference(&scanned, &careful), None, "{}", text);
    }
}

#[test]
fn a_table_of_orders_is_scanned_unless_an_order_has_two_rows() {
    let channel = |number: usize| ["email", "sms", "push"][(number / 700 + number) % 3];
    let row =
        |number: usize| format!("C{},{},2026-02-03,{}.25,,{},x\n", number % 700, 1_000 + number, number % 90, channel(number));
    let mut text = format!("{ORDERS}{}", (0..3000).map(row).collect::<String>());
    text.push_str("C5,9999,2026-02-03,-10.00,,email,x\nC9000,9998,2026-02-03,\"1,000.00\",,email,x\n");
    let (_file, source) = stored(text.as_bytes());
    let careful = answer(&source, &Question::default(), CAREFUL, Marks::default());
    assert!(is_scanned(&source, &Question::default(), settings(2, 5000)));
    assert_eq!(answer(&source, &Question::default(), settings(2, 5000), Marks::default()), careful);
    let of_email = Question { filters: vec![Filter::parse("channel=email").unwrap()], ..Question::default() };
    assert!(is_scanned(&source, &of_email, settings(2, 5000)));
    let careful = answer(&source, &of_email, CAREFUL, Marks::default());
    assert!(careful.is_ok(), "{careful:?}");
    assert_eq!(difference(&answer(&source, &of_email, settings(2, 5000), Marks::default()), &careful), None);
    text.push_str("C17,1017,2026-02-04,1.00,,email,x\n");
    let (_file, source) = stored(text.as_bytes());
    assert!(!is_scanned(&source, &Question::default(), settings(2, 5000)));
}

#[test]
fn sums_beyond_64_bits_are_exact() {
    let row = "huge,email,2026-01-01,999999999999999999,1,1,1,1.00,1.00\n";
    let rows: String = (0..40).map(|number| row.replace("huge", &format!("huge {number}"))).collect();
    let (_file, source) = stored(plain_table(100, &[(50, &rows)]).as_bytes());
    let careful = answer(&source, &question(&["channel"]), CAREFUL, Marks::default());
    assert!(careful.as_ref().unwrap().contains("40000000000000094910"), "{careful:?}");
    assert_eq!(answer(&source, &question(&["channel"]), settings(2, 700), Marks::default()), careful);
}
