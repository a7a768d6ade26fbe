use jiff::civil::date;
use proptest::prelude::*;

use super::*;
use crate::finding::Code;

const NONE: DateStyle = DateStyle { order: None, settled_by: DateSettledBy::Nothing };
const DMY: DateStyle = DateStyle::given(DateOrder::DayMonthYear);
const MDY: DateStyle = DateStyle::given(DateOrder::MonthDayYear);
const YMD: DateStyle = DateStyle::given(DateOrder::YearMonthDay);

fn moment(cell: &str, style: DateStyle) -> Moment {
    parse(cell, &style).unwrap_or_else(|fault| panic!("{cell:?}: {fault:?}")).expect(cell)
}

fn fault(cell: &str, style: DateStyle) -> DateFault {
    parse(cell, &style).expect_err(cell)
}

fn evidence(cells: &[&str]) -> DateEvidence {
    let mut evidence = DateEvidence::default();
    for (line, cell) in (2..).zip(cells) {
        evidence.observe(cell, line);
    }
    evidence
}

fn decide(cells: &[&str]) -> Result<DateStyle, DateProblem> {
    evidence(cells).decide(DateHint::default())
}

#[test]
fn days_that_need_no_order() {
    for (cell, year, month, day) in [
        ("2026-08-26", 2026, 8, 26),
        ("2026/8/6", 2026, 8, 6),
        ("2026.08.26", 2026, 8, 26),
        ("20260826", 2026, 8, 26),
        ("April 23, 2026", 2026, 4, 23),
        ("26 August 2026", 2026, 8, 26),
        ("26. August 2026", 2026, 8, 26),
        ("Aug. 26, 2026", 2026, 8, 26),
        ("26-Aug-2026", 2026, 8, 26),
        ("26th August 2026", 2026, 8, 26),
        ("August 1st, 2026", 2026, 8, 1),
        ("1er août 2026", 2026, 8, 1),
        ("26 févr. 2026", 2026, 2, 26),
        ("3. März 2026", 2026, 3, 3),
        ("26 de agosto de 2026", 2026, 8, 26),
        ("5 mei 2026", 2026, 5, 5),
        ("7 lug 2026", 2026, 7, 7),
        ("9 out 2026", 2026, 10, 9),
        ("Wednesday, 26 August 2026", 2026, 8, 26),
        ("2026 Aug 26", 2026, 8, 26),
        (" 2026-08-26\u{a0}", 2026, 8, 26),
        ("٢٠٢٦-٠٨-٢٦", 2026, 8, 26),
        ("13/08/2026", 2026, 8, 13),
        ("05.05.2026", 2026, 5, 5),
        ("2024-02-29", 2024, 2, 29),
    ] {
        let moment = moment(cell, NONE);
        assert_eq!(moment.day(), date(year, month, day), "{cell}");
        assert!(!moment.has_time && moment.offset_seconds.is_none(), "{cell}");
    }
}

#[test]
fn times_and_offsets() {
    for (cell, expected, offset) in [
        ("2021-04-01 09:12", date(2021, 4, 1).at(9, 12, 0, 0), None),
        ("2021-04-01T09:12:30", date(2021, 4, 1).at(9, 12, 30, 0), None),
        ("2018-07-22T20:40:41Z", date(2018, 7, 22).at(20, 40, 41, 0), Some(0)),
        ("2018-07-22T20:40:41.25+05:00", date(2018, 7, 22).at(20, 40, 41, 250_000_000), Some(18_000)),
        ("2018-07-22T20:40:41.123456789Z", date(2018, 7, 22).at(20, 40, 41, 123_456_789), Some(0)),
        ("2026-04-04 00:27:43 +0500", date(2026, 4, 4).at(0, 27, 43, 0), Some(18_000)),
        ("2026-04-04 00:27:43 -03:30", date(2026, 4, 4).at(0, 27, 43, 0), Some(-12_600)),
        ("2026-04-04 00:27:43 UTC", date(2026, 4, 4).at(0, 27, 43, 0), Some(0)),
        ("2026-04-04 00:27 GMT+2", date(2026, 4, 4).at(0, 27, 0, 0), Some(7200)),
        ("Jun 09, 2018 09:30 pm", date(2018, 6, 9).at(21, 30, 0, 0), None),
        ("Jun 18, 2018 12:15 am", date(2018, 6, 18).at(0, 15, 0, 0), None),
        ("Jun 18, 2018 12:15 PM", date(2018, 6, 18).at(12, 15, 0, 0), None),
        ("Mon, Apr 26, 2021 12:25", date(2021, 4, 26).at(12, 25, 0, 0), None),
        ("15 Apr, 2021 00:03:00", date(2021, 4, 15).at(0, 3, 0, 0), None),
        ("April 23, 2026 at 9:30\u{202f}AM", date(2026, 4, 23).at(9, 30, 0, 0), None),
        ("26/08/2026, 14:30", date(2026, 8, 26).at(14, 30, 0, 0), None),
        ("8/26/2026 2:05 p.m.", date(2026, 8, 26).at(14, 5, 0, 0), None),
        ("8/26/2026 2 PM", date(2026, 8, 26).at(14, 0, 0, 0), None),
        ("26.08.2026 14:30:15", date(2026, 8, 26).at(14, 30, 15, 0), None),
        ("2024041623", date(2024, 4, 16).at(23, 0, 0, 0), None),
        ("Mon, 26 Apr 2021 12:25:00 +0000", date(2021, 4, 26).at(12, 25, 0, 0), Some(0)),
    ] {
        let moment = moment(cell, NONE);
        assert_eq!(moment.date, expected, "{cell}");
        assert_eq!(moment.offset_seconds, offset, "{cell}");
        assert!(moment.has_time, "{cell}");
    }
}

#[test]
fn the_order_of_the_column_decides() {
    for cell in ["03/08/2026", "3/8/2026", "03-08-2026", "3.8.2026", "3. 8. 2026"] {
        assert_eq!(moment(cell, DMY).day(), date(2026, 8, 3), "{cell}");
        assert_eq!(moment(cell, MDY).day(), date(2026, 3, 8), "{cell}");
        assert_eq!(fault(cell, NONE), DateFault::OrderUnknown, "{cell}");
        assert_eq!(fault(cell, YMD).code(), Code::MixedDates, "{cell}");
    }
    assert_eq!(fault("08/13/2026", DMY).code(), Code::MixedDates);
    assert_eq!(fault("13/08/2026", MDY).code(), Code::MixedDates);
    assert_eq!(moment("2026-08-03", DMY).day(), date(2026, 8, 3));
}

#[test]
fn what_is_no_date_is_named() {
    for (cell, expected) in [
        ("30/02/2026", DateFault::Impossible),
        ("02/30/2026", DateFault::Impossible),
        ("2026-02-30", DateFault::Impossible),
        ("31 April 2026", DateFault::Impossible),
        ("2023-02-29", DateFault::Impossible),
        ("4/30/21 6:04", DateFault::TwoDigitYear),
        ("26-Aug-26", DateFault::TwoDigitYear),
        ("45123", DateFault::SerialNumber),
        ("45123.5", DateFault::SerialNumber),
        ("1713300000", DateFault::UnixTime),
        ("1713300000000", DateFault::UnixTime),
        ("08/2025", DateFault::NoDay),
        ("Apr 16 2025 - Oct 16 2025", DateFault::Range),
        ("Tue, Apr 26, 2021 12:25", DateFault::WrongWeekday),
        ("2026-08-26 25:00", DateFault::BadTime),
        ("2026-08-26 13:00 pm", DateFault::BadTime),
        ("2026-08-26 10:61", DateFault::BadTime),
        ("2026-08-26 10:00 +19:00", DateFault::BadTime),
        ("2026-08-26 10:00 PST", DateFault::BadTime),
        ("0001", DateFault::NotADate),
        ("12345678", DateFault::NotADate),
        ("26/08-2026", DateFault::NotADate),
        ("yesterday", DateFault::NotADate),
        ("2026-08-26x", DateFault::NotADate),
        ("Ongoings", DateFault::NotADate),
        ("12", DateFault::NotADate),
    ] {
        assert_eq!(fault(cell, NONE), expected, "{cell}");
    }
    assert!(fault("45123", NONE).help().contains("date format"));
    assert_eq!(fault(&"2026-08-26 ".repeat(10_000), NONE), DateFault::NotADate);
    for cell in ["", " --", "n/a", "null", "Ongoing", "0000-00-00", "NaT"] {
        assert_eq!(parse(cell, &NONE), Ok(None), "{cell}");
    }
}

#[test]
fn months_quarters_and_ranges() {
    for (cell, style, from, to) in [
        ("08/2025", NONE, date(2025, 8, 1), date(2025, 8, 31)),
        ("2025-08", NONE, date(2025, 8, 1), date(2025, 8, 31)),
        ("202402", NONE, date(2024, 2, 1), date(2024, 2, 29)),
        ("Aug 2025", NONE, date(2025, 8, 1), date(2025, 8, 31)),
        ("août 2025", NONE, date(2025, 8, 1), date(2025, 8, 31)),
        ("Q4 2025", NONE, date(2025, 10, 1), date(2025, 12, 31)),
        ("2025-Q1", NONE, date(2025, 1, 1), date(2025, 3, 31)),
        ("Apr 16 2025 - Oct 16 2025", NONE, date(2025, 4, 16), date(2025, 10, 16)),
        ("20150416-20150416", NONE, date(2015, 4, 16), date(2015, 4, 16)),
        ("March 27, 2026 - April 23, 2026", NONE, date(2026, 3, 27), date(2026, 4, 23)),
        ("01/08/2026 - 07/08/2026", DMY, date(2026, 8, 1), date(2026, 8, 7)),
        ("01/08/2026 - 07/08/2026", MDY, date(2026, 1, 8), date(2026, 7, 8)),
        ("2024-01-01/2024-01-31", NONE, date(2024, 1, 1), date(2024, 1, 31)),
        ("2024-01-01 – 2024-01-31", NONE, date(2024, 1, 1), date(2024, 1, 31)),
        ("2024-01-01 to 2024-01-31", NONE, date(2024, 1, 1), date(2024, 1, 31)),
        ("Jan 2026 - Mar 2026", NONE, date(2026, 1, 1), date(2026, 3, 31)),
        ("2024-01-01 00:00 - 2024-01-31 23:59", NONE, date(2024, 1, 1), date(2024, 1, 31)),
        ("2026-08-26", NONE, date(2026, 8, 26), date(2026, 8, 26)),
    ] {
        assert_eq!(parse_range(cell, &style), Ok(Some((from, to))), "{cell}");
    }
    assert_eq!(parse_range("2024-02-01 - 2024-01-31", &NONE), Err(DateFault::Backwards));
    assert_eq!(parse_range("01/08/2026 - 07/08/2026", &NONE), Err(DateFault::OrderUnknown));
    assert_eq!(parse_range("13/2025", &NONE), Err(DateFault::Impossible));
    assert_eq!(parse_range("Q5 2025", &NONE), Err(DateFault::NotADate));
    assert_eq!(parse_range(" --", &NONE), Ok(None));
    for cell in ["All time", "Jan 2026 - ", "2024-01-01 -", "- 2024-01-01", "Apr 16 - Oct 16 2025"] {
        assert!(parse_range(cell, &NONE).is_err(), "{cell}");
    }
}

#[test]
fn times_of_day_on_their_own() {
    let time = |hour, minute, second| Ok(Some(Time::new(hour, minute, second, 0).expect("a time")));
    assert_eq!(parse_time("06:00 PM"), time(18, 0, 0));
    assert_eq!(parse_time("14:30:00"), time(14, 30, 0));
    assert_eq!(parse_time("12 am"), time(0, 0, 0));
    assert_eq!(parse_time(""), Ok(None));
    for cell in ["18", "25:00", "0:00 PM", "6:5", "noon"] {
        assert_eq!(parse_time(cell), Err(DateFault::BadTime), "{cell}");
    }
}

#[test]
fn durations_are_exact_and_use_offsets_when_both_have_one() {
    let seconds = |later: &str, earlier: &str| moment(later, NONE).seconds_since(&moment(earlier, NONE)).to_string();
    assert_eq!(seconds("2026-03-02", "2026-03-01"), "86400");
    assert_eq!(seconds("2026-03-01 00:00:00.5", "2026-03-01"), "0.5");
    assert_eq!(seconds("2026-03-01", "2026-03-02"), "-86400");
    // Noon in Karachi is 7 in the morning in Greenwich.
    assert_eq!(seconds("2026-03-01 12:00:00 +0500", "2026-03-01T07:00:00Z"), "0");
    assert_eq!(seconds("2026-03-01 12:00:00 +0500", "2026-03-01T07:00:00"), "18000");
    assert_eq!(seconds("9999-12-31 23:59:59 -1400", "0000-01-01T00:00:00+14:00"), "315569620799");
}

#[test]
fn years_out_of_reach_are_unlikely() {
    assert!(moment("1899-12-31", NONE).is_unlikely());
    assert!(moment("2110-04-02", NONE).is_unlikely());
    assert!(!moment("1990-01-01", NONE).is_unlikely());
    assert!(!moment("2026-12-31", NONE).is_unlikely());
    assert!(moment("2101-01-01", NONE).is_unlikely());
}

#[test]
fn one_date_settles_a_column() {
    for (cells, order, line) in [
        (&["03/08/2026", "13/08/2026"][..], DateOrder::DayMonthYear, 3),
        (&["3/8/2026", "", "8/13/2026"], DateOrder::MonthDayYear, 4),
        (&["01/08/2026 - 17/08/2026"], DateOrder::DayMonthYear, 2),
        (&["29/02/2024"], DateOrder::DayMonthYear, 2),
    ] {
        let expected = DateStyle { order: Some(order), settled_by: DateSettledBy::Column { line } };
        assert_eq!(decide(cells), Ok(expected), "{cells:?}");
        assert_eq!(evidence(cells).settles(), Some(order));
    }
    for cells in [&[][..], &["05/05/2026", "07.07.2026"], &["Aug 3, 2026"], &["08/2025"], &["20260803"]] {
        assert_eq!(decide(cells), Ok(NONE), "{cells:?}");
    }
    assert_eq!(decide(&["2026-08-03"]).map(|style| style.order), Ok(Some(DateOrder::YearMonthDay)));
}

#[test]
fn what_nothing_settles_is_refused_and_never_guessed_from_the_sequence() {
    let problem = decide(&["10/09/2026", "11/09/2026", "12/09/2026"]).expect_err("ambiguous");
    assert_eq!((problem.code, problem.witness.line), (Code::AmbiguousDate, 2));
    assert!(problem.help.contains("--date-order dmy"));
    assert_eq!(evidence(&["10/09/2026"]).settles(), None);
}

#[test]
fn flag_file_and_platform_settle_what_the_column_leaves_open() {
    let column = evidence(&["10/09/2026"]);
    let (dmy, mdy, ymd) = (Some(DateOrder::DayMonthYear), Some(DateOrder::MonthDayYear), Some(DateOrder::YearMonthDay));
    let decided =
        |flag, file, profile| column.decide(DateHint { flag, file, profile }).map(|style| (style.order, style.settled_by));
    assert_eq!(decided(dmy, mdy, mdy), Ok((dmy, DateSettledBy::Flag)));
    assert_eq!(decided(None, dmy, None), Ok((dmy, DateSettledBy::File)));
    assert_eq!(decided(None, None, mdy), Ok((mdy, DateSettledBy::Profile)));
    assert_eq!(decided(None, dmy, mdy).expect_err("contradiction").code, Code::AmbiguousDate);
    // ISO dates elsewhere in the file say nothing about the order of day and month here.
    assert_eq!(decided(None, ymd, None).expect_err("open").code, Code::AmbiguousDate);
    // What the column proves goes before what the platform usually does.
    let proven = evidence(&["13/09/2026"]).decide(DateHint { profile: mdy, ..DateHint::default() });
    assert_eq!(proven.map(|style| style.order), Ok(dmy));
}

#[test]
fn contradicting_dates_are_refused_with_both_lines() {
    let problem = decide(&["13/08/2026", "08/14/2026"]).expect_err("mixed");
    assert_eq!((problem.code, problem.witness.line), (Code::MixedDates, 3));
    assert!(problem.message.contains("\"13/08/2026\" on line 2") && problem.message.contains("\"08/14/2026\" on line 3"));
    let problem = decide(&["2026-08-03", "13/08/2026"]).expect_err("mixed");
    assert_eq!(problem.code, Code::MixedDates);
}

#[test]
fn a_column_that_a_spreadsheet_half_understood_is_refused() {
    // Days up to 12 were taken for months and written anew, the others left as they were.
    let problem = decide(&["08-03-2026", "13/03/2026"]).expect_err("half swapped");
    assert_eq!((problem.code, problem.witness.line), (Code::AmbiguousDate, 2));
    assert!(decide(&["13-03-2026", "14/03/2026"]).is_ok());
    let flag = DateHint { flag: Some(DateOrder::DayMonthYear), ..DateHint::default() };
    assert!(evidence(&["08-03-2026", "13/03/2026"]).decide(flag).is_ok());
}

#[test]
fn evidence_knows_what_it_saw() {
    let column = evidence(&["2026-08-03 10:00", "", "2026-08-03 10:00Z", "soon"]);
    assert_eq!((column.dates(), column.missing(), column.unreadable()), (2, 1, 1));
    assert_eq!(column.first_unreadable().map(|(witness, fault)| (witness.line, *fault)), Some((5, DateFault::NotADate)));
    assert_eq!(column.mixed_offsets().map(|(with, without)| (with.line, without.line)), Some((4, 2)));
    assert!(!column.looks_like_dates());
    assert!(evidence(&["2026-08-03", ""]).looks_like_dates());
    assert!(!evidence(&[""]).looks_like_dates());
}

fn cells() -> impl Strategy<Value = String> {
    prop_oneof![
        3 => "[0-3]?[0-9][-/.][0-3]?[0-9][-/.]20[0-9]{2}",
        1 => "20[0-9]{2}-[01][0-9]-[0-3][0-9]([T ][0-2][0-9]:[0-5][0-9](:[0-5][0-9])?(Z| ?[+-][0-9]{4})?)?",
        1 => "(Jan|Feb|août|Mai) [0-3]?[0-9],? 20[0-9]{2}( [01]?[0-9]:[0-5][0-9] [ap]m)?",
        1 => "[0-9]{1,14}",
        1 => Just(String::new()),
        1 => "[-0-9/.:, TZQ+a-z]{0,24}",
        1 => any::<String>(),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_is_formatted_is_read_back(days in 0_i32..70_000, second in 0_i32..86_400, form in 0_usize..10) {
        let day = date(1950, 1, 1).checked_add(jiff::Span::new().days(days)).expect("in range");
        let (y, m, d) = (day.year(), day.month(), day.day());
        let (hour, minute, sec) = (second / 3600, second / 60 % 60, second % 60);
        let names = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
        let name = names[usize::try_from(m - 1).expect("a month")];
        let clock = format!("{hour:02}:{minute:02}:{sec:02}");
        let half = if hour < 12 { "am" } else { "PM" };
        let twelve = format!("{}:{minute:02}:{sec:02} {half}", if hour % 12 == 0 { 12 } else { hour % 12 });
        let (text, style) = match form {
            0 => (format!("{y:04}-{m:02}-{d:02}T{clock}"), NONE),
            1 => (format!("{d}/{m}/{y} {clock}"), DMY),
            2 => (format!("{m}/{d}/{y} {twelve}"), MDY),
            3 => (format!("{d:02}.{m:02}.{y} {clock}"), DMY),
            4 => (format!("{name} {d:02}, {y} {twelve}"), NONE),
            5 => (format!("{d} {name}, {y} {clock}"), NONE),
            6 => (format!("{y}{m:02}{d:02} {clock}"), NONE),
            7 => (format!("{:?}, {d} {name} {y} {clock}", day.weekday()), NONE),
            8 => (format!("{d}-{name}-{y} {clock}Z"), NONE),
            _ => (format!("{m:02}-{d:02}-{y}, {clock} -0330"), MDY),
        };
        let read = moment(&text, style);
        prop_assert_eq!(read.day(), day, "{}", text);
        let midnight = moment(&format!("{y:04}-{m:02}-{d:02}"), NONE);
        prop_assert_eq!(read.seconds_since(&midnight), Decimal::from(second), "{}", text);
    }

    #[test]
    fn no_text_panics_and_a_range_is_in_order(cell in cells()) {
        for style in [NONE, DMY, MDY, YMD] {
            let single = parse(&cell, &style);
            if let Ok(Some((from, to))) = parse_range(&cell, &style) {
                prop_assert!(from <= to);
            }
            if let Ok(Some(moment)) = single {
                prop_assert_eq!(parse_range(&cell, &style), Ok(Some((moment.day(), moment.day()))));
            }
        }
        let _ = parse_time(&cell);
    }

    #[test]
    fn evidence_merges_without_loss(cells in prop::collection::vec(cells(), 0..12), cut in 0_usize..12) {
        let cut = cut.min(cells.len());
        let (mut first, mut second, mut whole) = (DateEvidence::default(), DateEvidence::default(), DateEvidence::default());
        for (index, cell) in cells.iter().enumerate() {
            let line = index as u64 + 2;
            if index < cut { first.observe(cell, line) } else { second.observe(cell, line) }
            whole.observe(cell, line);
        }
        first.merge(&second);
        prop_assert_eq!(first, whole);
    }

    #[test]
    fn a_decided_column_reads_all_its_readable_cells(cells in prop::collection::vec(cells(), 1..8)) {
        let cells: Vec<&str> = cells.iter().map(String::as_str).collect();
        let evidence = evidence(&cells);
        if let Ok(style) = evidence.decide(DateHint::default()) {
            for cell in cells {
                if let Err(fault) = parse_range(cell, &style) {
                    prop_assert!(fault.code() == Code::BadDate, "{}: {:?}", cell, fault);
                }
            }
        }
    }
}
