use proptest::prelude::*;

use super::undress::undress;
use super::*;
use crate::finding::Code;

const POINT: NumberStyle = NumberStyle::given(DecimalMark::Point);
const COMMA: NumberStyle = NumberStyle::given(DecimalMark::Comma);

fn amount(cell: &str, style: NumberStyle) -> Amount {
    match parse(cell, &style) {
        Ok(NumberCell::Number(amount)) => amount,
        other => panic!("{cell:?}: {other:?}"),
    }
}

/// The value in digits, as printed.
fn value(cell: &str, style: NumberStyle) -> String {
    amount(cell, style).value().expect("fits").to_string()
}

fn fault(cell: &str, style: NumberStyle) -> NumberFault {
    parse(cell, &style).expect_err(cell)
}

fn evidence(cells: &[&str]) -> NumberEvidence {
    let mut evidence = NumberEvidence::default();
    for (line, cell) in (2..).zip(cells) {
        evidence.observe(cell, line);
    }
    evidence
}

fn decide(cells: &[&str]) -> Result<NumberStyle, NumberProblem> {
    evidence(cells).decide(NumberHint::default(), false)
}

fn decide_count(cells: &[&str]) -> Result<NumberStyle, NumberProblem> {
    evidence(cells).decide(NumberHint::default(), true)
}

#[test]
fn numbers_with_points() {
    for (cell, expected) in [
        ("0", "0"),
        ("-0", "0"),
        ("007", "7"),
        ("12", "12"),
        ("0.125", "0.125"),
        ("1.50", "1.50"),
        (".5", "0.5"),
        ("12345.678", "12345.678"),
        ("64517.0", "64517.0"),
        ("1,234", "1234"),
        ("1,356,884", "1356884"),
        ("1,234.56", "1234.56"),
        ("12,34,567", "1234567"),
        ("1,23,456.78", "123456.78"),
        ("1 234.5", "1234.5"),
        ("1\u{a0}234.5", "1234.5"),
        ("1\u{202f}234\u{202f}567", "1234567"),
        ("1'234'567.80", "1234567.80"),
        ("1’234.5", "1234.5"),
        ("6e-05", "0.00006"),
        ("1E3", "1000"),
        ("1.5e+3", "1500"),
        ("0.5034000000000000", "0.5034000000000000"),
        ("170.932631578947", "170.932631578947"),
        ("1234567890123456789012345678", "1234567890123456789012345678"),
        ("\t 5 \u{a0}", "5"),
        ("٫٥", "0.5"),
    ] {
        assert_eq!(value(cell, POINT), expected, "{cell:?}");
    }
}

#[test]
fn numbers_with_commas() {
    for (cell, expected) in [
        ("1,00", "1.00"),
        ("2.546", "2546"),
        ("60.000", "60000"),
        ("1.234.567,89", "1234567.89"),
        ("1 234,56", "1234.56"),
        ("1\u{202f}234,56", "1234.56"),
        ("1'234,5", "1234.5"),
        ("-2,40", "-2.40"),
        (",5", "0.5"),
        ("1,5E+3", "1500"),
        ("17", "17"),
    ] {
        assert_eq!(value(cell, COMMA), expected, "{cell:?}");
    }
}

#[test]
fn a_comma_before_two_digits_is_never_dropped() {
    assert_eq!(fault("1,00", POINT), NumberFault::OtherMark { decimal: DecimalMark::Point });
    assert_eq!(fault("-2,40", POINT).code(), Code::MixedNumbers);
    assert_eq!(fault("4.50", COMMA), NumberFault::OtherMark { decimal: DecimalMark::Comma });
    for cell in
        ["1,,0", "1,2,3", "12,34", "1,2345", "1 2", "1.2.3", "1,234,56", "1.12.201", "0,123,456", "1,234 567", "40.0.2214.111"]
    {
        assert!(parse(cell, &POINT).is_err(), "{cell}");
    }
    for cell in ["1,,0", "1.2.3", "1 2,5", "1234.567,8", "1.234 567", "0.125.000"] {
        assert_eq!(fault(cell, COMMA), NumberFault::Groups, "{cell}");
    }
    assert_eq!(fault("5.", POINT), NumberFault::Cut);
    assert_eq!(fault("1 ,", POINT), NumberFault::Groups);
    assert_eq!(fault(".", POINT), NumberFault::Cut);
}

#[test]
fn signs_and_brackets() {
    for (cell, expected) in [
        ("-1", "-1"),
        ("+1", "1"),
        ("−12.50", "-12.50"),
        ("(12.50)", "-12.50"),
        ("( $1,234.50 )", "-1234.50"),
        ("$(12.50)", "-12.50"),
        ("(5%)", "-0.05"),
        ("-$5", "-5"),
        ("$-5", "-5"),
        ("- $ 5", "-5"),
        ("\u{200e}-5", "-5"),
        ("\u{61c}-٥", "-5"),
    ] {
        assert_eq!(value(cell, POINT), expected, "{cell:?}");
    }
    assert_eq!(fault("12-", POINT), NumberFault::TrailingMinus);
    for cell in ["--5", "-(5)", "(-5)", "+-5", "-$-5"] {
        assert_eq!(fault(cell, POINT), NumberFault::TwoSigns, "{cell}");
    }
    for cell in ["(12.50", "12.50)", "((5))", "()"] {
        assert_eq!(fault(cell, POINT), NumberFault::NotANumber, "{cell}");
    }
}

#[test]
fn currencies_before_and_behind() {
    for (cell, style, digits, currency) in [
        ("$1,234.56", POINT, "1234.56", "$"),
        ("US$ 0,00", COMMA, "0.00", "USD"),
        ("CA$0.00", POINT, "0.00", "CAD"),
        ("12,50 €", COMMA, "12.50", "EUR"),
        ("12,50\u{a0}€", COMMA, "12.50", "EUR"),
        ("£0.00", POINT, "0.00", "GBP"),
        ("R$ 1.234,50", COMMA, "1234.50", "BRL"),
        ("₹1,23,456", POINT, "123456", "INR"),
        ("USD 12", POINT, "12", "USD"),
        ("12 EUR", POINT, "12", "EUR"),
        ("1 234,50 kr", COMMA, "1234.50", "kr"),
        ("1.234,50 kr.", COMMA, "1234.50", "kr"),
        ("$12.50 USD", POINT, "12.50", "USD"),
        ("CHF 1'234.50", POINT, "1234.50", "CHF"),
        ("R1,234.50", POINT, "1234.50", "ZAR"),
    ] {
        let amount = amount(cell, style);
        assert_eq!(amount.value().expect("fits").to_string(), digits, "{cell}");
        assert_eq!(amount.currency.expect("a currency").to_string(), currency, "{cell}");
    }
    assert_eq!(fault("$ 5 EUR", POINT), NumberFault::TwoCurrencies);
    assert_eq!(fault("USD", POINT), NumberFault::NotANumber);
    assert_eq!(fault("top 10", POINT), NumberFault::NotANumber);
}

#[test]
fn percentages_keep_their_sign() {
    for (cell, style, expected) in [
        ("70.80%", POINT, "0.7080"),
        ("85,98%", COMMA, "0.8598"),
        ("12,5 %", COMMA, "0.125"),
        ("%12,5", COMMA, "0.125"),
        ("٢٥٪", POINT, "0.25"),
        ("0%", POINT, "0.00"),
    ] {
        let amount = amount(cell, style);
        assert!(amount.percent, "{cell}");
        assert_eq!(amount.value().expect("fits").to_string(), expected, "{cell}");
        assert_eq!(amount.whole(), None, "{cell}");
    }
    assert_eq!(amount("70.80%", POINT).printed().expect("fits").to_string(), "70.80");
    for cell in ["5%%", "$5%", "5K%"] {
        assert!(parse(cell, &POINT).is_err(), "{cell}");
    }
}

#[test]
fn shortened_thousands_are_exact() {
    for (cell, expected) in [
        ("$342.09K", "342090"),
        ("$1,117.10K", "1117100"),
        ("1.2M", "1200000"),
        ("3B", "3000000000"),
        ("-1.5k", "-1500"),
        ("0.0004K", "0.4"),
        ("12 M", "12000000"),
    ] {
        assert_eq!(amount(cell, POINT).value().expect("fits").normalize().to_string(), expected, "{cell}");
    }
    for cell in ["12 m", "1KK", "K", "1m 23s", "5 KB"] {
        assert_eq!(fault(cell, POINT), NumberFault::NotANumber, "{cell}");
    }
}

#[test]
fn a_count_keeps_the_rate_in_brackets() {
    for (cell, style, count, rate) in [
        ("5 (0.5%)", POINT, 5, "0.005"),
        ("350 (35.18%)", POINT, 350, "0.3518"),
        ("1,489 (38.91%)", POINT, 1489, "0.3891"),
        ("1.489 (38,91%)", COMMA, 1489, "0.3891"),
        ("0 (0%)", POINT, 0, "0.00"),
        ("0 (0 %)", POINT, 0, "0.00"),
    ] {
        let amount = amount(cell, style);
        assert_eq!(amount.whole(), Some(count), "{cell}");
        assert!(!amount.percent, "{cell}");
        assert_eq!(amount.rate.expect("a rate").to_string(), rate, "{cell}");
    }
    for cell in ["5 (3)", "5% (3%)", "(3%) 5", "350 (35.18%", "5 (<0.1%)"] {
        assert!(parse(cell, &POINT).is_err(), "{cell}");
    }
}

#[test]
fn what_is_missing_is_not_zero() {
    for cell in ["", " ", " --", "--", "-", "–", "n/a", "N/A", "NA", "null", "NULL", "none", "#N/A", "[]", "$ -", " $-   "] {
        assert_eq!(parse(cell, &POINT), Ok(NumberCell::Missing), "{cell:?}");
    }
}

#[test]
fn what_is_no_number_is_named() {
    for (cell, expected) in [
        ("< 10%", NumberFault::Censored),
        ("> 90%", NumberFault::Censored),
        ("<5", NumberFault::Censored),
        (">1000", NumberFault::Censored),
        ("<0.01%", NumberFault::Censored),
        ("≥ 3", NumberFault::Censored),
        ("NaN", NumberFault::NotFinite),
        ("nan", NumberFault::NotFinite),
        ("inf", NumberFault::NotFinite),
        ("-Infinity", NumberFault::NotFinite),
        ("0x10", NumberFault::Hexadecimal),
        ("1_000", NumberFault::Underscore),
        ("1e9999", NumberFault::Overflow),
        ("1e-9999", NumberFault::Overflow),
        ("1e99999999999999999999", NumberFault::Overflow),
        ("#DIV/0!", NumberFault::SpreadsheetError),
        ("#REF!", NumberFault::SpreadsheetError),
        ("00:01:19", NumberFault::Clock),
        ("2024-01-05", NumberFault::Several),
        ("20-50", NumberFault::Several),
        ("1٢", NumberFault::MixedScripts),
        ("12abc", NumberFault::NotANumber),
        ("1.23abc", NumberFault::NotANumber),
        ("e5", NumberFault::NotANumber),
        ("5e", NumberFault::NotANumber),
        ("5e+", NumberFault::NotANumber),
        ("Using ad set budget", NumberFault::NotANumber),
        ("1,234e5", NumberFault::OtherMark { decimal: DecimalMark::Point }),
    ] {
        assert_eq!(fault(cell, POINT), expected, "{cell}");
    }
    let wordings = [NumberFault::NotFinite, NumberFault::Hexadecimal, NumberFault::Underscore, NumberFault::SpreadsheetError];
    for (index, one) in wordings.iter().enumerate() {
        assert!(wordings.iter().skip(index + 1).all(|other| one.message() != other.message()));
    }
}

#[test]
fn digits_of_other_scripts() {
    for (cell, expected) in [
        ("١٢٣٤", "1234"),
        ("١٬٢٣٤٬٥٦٧٫٨٩", "1234567.89"),
        ("۱۲۳۴٫۵", "1234.5"),
        ("๑,๒๓๔.๕๖", "1234.56"),
        ("１，２３４．５", "1234.5"),
        ("฿๑๒๓", "123"),
    ] {
        assert_eq!(value(cell, POINT), expected, "{cell}");
    }
    assert_eq!(value("١٬٢٣٤٫٥", COMMA), "1234.5");
    assert_eq!(value("1٬234", POINT), "1234");
    for cell in ["١2", "۱٢", "1๒", "１2"] {
        assert_eq!(fault(cell, POINT), NumberFault::MixedScripts, "{cell}");
    }
}

#[test]
fn what_does_not_fit_is_an_outcome() {
    // 39 digits do not fit in 127 bits.
    assert_eq!(fault("999999999999999999999999999999999999999", POINT), NumberFault::Overflow);
    assert_eq!(fault(&"9".repeat(5000), POINT), NumberFault::Overflow);
    assert_eq!(fault("0.00000000000000000000000000001", POINT), NumberFault::Overflow);
    assert_eq!(fault(&format!("0.{}1", "0".repeat(1_000_000)), POINT), NumberFault::Overflow);
    // Zeros say nothing, however many there are.
    assert_eq!(amount(&format!("1.5{}", "0".repeat(1000)), POINT).value().expect("fits").normalize().to_string(), "1.5");
    assert_eq!(value(&format!("{}7", "0".repeat(1000)), POINT), "7");
    assert_eq!(value("0e9999", POINT), "0");
    // 30 digits fit in an amount and not in a decimal.
    let wide = amount("123456789012345678901234567890", POINT);
    assert_eq!(wide.mantissa, 123_456_789_012_345_678_901_234_567_890);
    assert_eq!(wide.value(), Err(NumberFault::Overflow));
    assert_eq!(amount("123456789012345678901234567890.000", POINT).whole(), Some(123_456_789_012_345_678_901_234_567_890));
}

#[test]
fn whole_numbers_may_be_written_with_decimals() {
    assert_eq!(amount("64517.0", POINT).whole(), Some(64517));
    assert_eq!(amount("-3.00", POINT).whole(), Some(-3));
    assert_eq!(amount("12.5e1", POINT).whole(), Some(125));
    assert_eq!(amount("428.20", POINT).whole(), None);
}

#[test]
fn one_cell_settles_a_column() {
    let by_line = |line| SettledBy::Column { line };
    for (cells, decimal, settled_by) in [
        (&["1,234", "12.50"][..], DecimalMark::Point, by_line(3)),
        (&["1.234", "12,50"], DecimalMark::Comma, by_line(3)),
        (&["1,234", "0.125"], DecimalMark::Point, by_line(3)),
        (&["12345.678"], DecimalMark::Point, by_line(2)),
        (&["1234,567"], DecimalMark::Comma, by_line(2)),
        (&["1.234", "1.234.567"], DecimalMark::Comma, by_line(3)),
        (&["1,234", "1,23,456"], DecimalMark::Point, by_line(3)),
        (&["1,234", "1 234,567"], DecimalMark::Comma, by_line(3)),
        (&["1,00"], DecimalMark::Comma, by_line(2)),
        (&["1,234", "", "64517.0"], DecimalMark::Point, by_line(4)),
        (&["12", "1 234", "1'234", ""], DecimalMark::Point, SettledBy::Nothing),
        (&[], DecimalMark::Point, SettledBy::Nothing),
    ] {
        assert_eq!(decide(cells), Ok(NumberStyle { decimal, settled_by }), "{cells:?}");
    }
}

#[test]
fn a_lone_mark_before_three_digits_is_refused_in_money() {
    for cell in ["1,234", "2.546", "60.000", "60,000", "$1,234", "1,234K", "-1.234", "١.٢٣٤"] {
        let problem = decide(&["5", cell]).expect_err(cell);
        assert_eq!(problem.code, Code::AmbiguousNumber, "{cell}");
        assert_eq!((problem.witness.line, &*problem.witness.text), (3, cell));
        assert!(problem.help.contains("--decimal"), "{}", problem.help);
    }
    let problem = decide(&["1,234"]).expect_err("ambiguous");
    assert!(problem.message.contains("(1234)") && problem.message.contains("(1.234)"), "{}", problem.message);
}

#[test]
fn in_a_count_a_comma_parts_thousands_and_a_point_still_asks() {
    let whole = NumberStyle { decimal: DecimalMark::Point, settled_by: SettledBy::Whole };
    assert_eq!(decide_count(&["795,836", "9,265", " --"]), Ok(whole));
    for cells in [&["2.546"][..], &["1,234K"], &["1,234", "2.546"]] {
        assert_eq!(decide_count(cells).expect_err("ambiguous").code, Code::AmbiguousNumber, "{cells:?}");
    }
}

#[test]
fn other_columns_and_the_platform_settle_what_the_column_leaves_open() {
    let column = evidence(&["2.546", "449"]);
    let hint = |file, profile| NumberHint { file, profile, ..NumberHint::default() };
    let comma = Some(DecimalMark::Comma);
    let point = Some(DecimalMark::Point);
    let decided = |hint| column.decide(hint, true).map(|style| (style.decimal, style.settled_by));
    assert_eq!(decided(hint(comma, None)), Ok((DecimalMark::Comma, SettledBy::File)));
    assert_eq!(decided(hint(None, point)), Ok((DecimalMark::Point, SettledBy::Profile)));
    assert_eq!(decided(hint(comma, comma)), Ok((DecimalMark::Comma, SettledBy::File)));
    assert_eq!(decided(hint(comma, point)).expect_err("contradiction").code, Code::AmbiguousNumber);
    // A count of 60,000 in a file of decimal commas may be sixty.
    let count = evidence(&["60,000"]);
    assert_eq!(count.decide(hint(comma, None), true).expect_err("contradiction").code, Code::AmbiguousNumber);
    // What the column proves goes before what others suggest; the flag goes before all.
    assert_eq!(evidence(&["1.50"]).decide(hint(comma, comma), false).map(|style| style.decimal), Ok(DecimalMark::Point));
    let flag = NumberHint { flag: comma, ..NumberHint::default() };
    assert_eq!(evidence(&["1.50"]).decide(flag, false), Ok(COMMA));
}

#[test]
fn a_dutch_analytics_export_is_read_without_a_flag() {
    let versions = evidence(&["40.0.2214.111", "8.0", "11.0"]);
    let sessions = evidence(&["2.546", "449", "411"]);
    let rates = evidence(&["99,88%", "73,05%"]);
    let goals = evidence(&["US$ 0,00", "US$ 0,00"]);
    let releases = evidence(&["8.0", "11.0"]);
    let mut marks = FileMarks::default();
    for column in [&versions, &rates, &goals, &releases] {
        marks.add(column, false, false);
    }
    marks.add(&sessions, true, true);
    assert_eq!(marks.settled(), Some(DecimalMark::Comma));
    let style = sessions.decide(NumberHint { file: marks.settled(), ..NumberHint::default() }, true).expect("settled");
    assert_eq!(amount("2.546", style).whole(), Some(2546));
}

#[test]
fn columns_that_contradict_settle_no_file() {
    let mut marks = FileMarks::default();
    assert_eq!(marks.settled(), None);
    marks.add(&evidence(&["8.0"]), false, false);
    assert_eq!(marks.settled(), Some(DecimalMark::Point));
    marks.add(&evidence(&["1,5"]), true, false);
    assert_eq!(marks.settled(), Some(DecimalMark::Comma));
    marks.add(&evidence(&["795,836"]), true, true);
    assert_eq!(marks.settled(), None);
}

#[test]
fn contradicting_cells_are_refused_with_both_lines() {
    let problem = decide(&["12.50", "7", "3,40"]).expect_err("mixed");
    assert_eq!(problem.code, Code::MixedNumbers);
    assert_eq!(problem.witness.line, 4);
    assert!(problem.message.contains("\"12.50\" on line 2") && problem.message.contains("\"3,40\" on line 4"));
    let problem = decide(&["3,40", "12.50"]).expect_err("mixed");
    assert_eq!(problem.witness.line, 3);
}

#[test]
fn percentages_and_plain_numbers_do_not_mix_but_zero_is_zero() {
    let problem = decide(&["1.5%", "", "0.015"]).expect_err("mixed");
    assert_eq!((problem.code, problem.witness.line), (Code::MixedNumbers, 4));
    let flag = NumberHint { flag: Some(DecimalMark::Point), ..NumberHint::default() };
    assert!(evidence(&["1.5%", "7"]).decide(flag, false).is_err());
    let zeros = evidence(&["1.16%", "0", " --", "0.00", "$0"]);
    assert!(zeros.decide(NumberHint::default(), false).is_ok());
    assert!(zeros.is_percent());
    assert!(!evidence(&["5 (0.5%)", "7"]).is_percent());
    assert!(decide(&["5 (0.5%)", "7"]).is_ok());
}

#[test]
fn evidence_knows_what_it_saw() {
    let column = evidence(&["$5", " --", "12", "oops", "£3", "$6"]);
    assert_eq!((column.numbers(), column.missing(), column.unreadable()), (4, 1, 1));
    let (witness, fault) = column.first_unreadable().expect("oops");
    assert_eq!((witness.line, *fault), (5, NumberFault::NotANumber));
    assert!(!column.looks_numeric());
    assert!(column.currencies().single().expect_err("two").message.contains("$ (line 2), GBP (line 6)"));
    assert!(evidence(&["5", "", "1,234"]).looks_like_measure());
    for ids in [&["5", "007"][..], &["23850000000000001"], &[" --"], &["abc"], &[" 007 "]] {
        assert!(!evidence(ids).looks_like_measure(), "{ids:?}");
    }
}

/// Any cell that reads like something in an export, or nearly.
fn cells() -> impl Strategy<Value = String> {
    prop_oneof![
        3 => "[-+(]?[$€]?[0-9]{1,4}([.,' ][0-9]{1,3}){0,3}[KM%)]?",
        2 => "-?[0-9]{1,9}(\\.[0-9]{1,9})?",
        1 => Just(" --".to_owned()),
        1 => "(USD|kr|£)? ?[0-9]{1,3},[0-9]{3} ?(€|EUR)?",
        1 => "[٠-٩]{1,3}[٬٫][٠-٩]{3}",
        1 => any::<String>(),
        1 => "[-+.,0-9eE%()$ ]{0,12}",
    ]
}

fn group(digits: &str, mark: &str, indian: bool) -> String {
    let mut out = String::new();
    for (index, c) in digits.chars().enumerate() {
        let left = digits.len() - index;
        let boundary = if indian { left == 3 || (left > 3 && !left.is_multiple_of(2)) } else { left.is_multiple_of(3) };
        if index > 0 && boundary {
            out.push_str(mark);
        }
        out.push(c);
    }
    out
}

fn in_script(text: &str, zero: u32) -> String {
    text.chars().map(|c| c.to_digit(10).and_then(|d| char::from_u32(zero + d)).unwrap_or(c)).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_is_formatted_is_read_back(
        mantissa in -10_i128.pow(25)..10_i128.pow(25),
        scale in 0_usize..9,
        comma in any::<bool>(),
        thousands in 0_usize..7,
        dress in 0_usize..8,
        zero in prop_oneof![Just(0x30_u32), Just(0x660), Just(0x6F0), Just(0xE50), Just(0xFF10)],
    ) {
        let digits = format!("{:0width$}", mantissa.unsigned_abs(), width = scale + 1);
        let (whole, fraction) = digits.split_at(digits.len() - scale);
        let (style, decimal, other) = if comma { (COMMA, ",", ".") } else { (POINT, ".", ",") };
        let mark = ["", other, " ", "\u{a0}", "\u{202f}", "'", "’"][thousands];
        let indian = mark == "," && mantissa % 2 == 0;
        let mut text = if mark.is_empty() { whole.to_owned() } else { group(whole, mark, indian) };
        if scale > 0 {
            text.push_str(decimal);
            text.push_str(fraction);
        }
        let text = in_script(&text, zero);
        let negative = mantissa < 0;
        let sign = if negative { "-" } else { "" };
        let text = match dress {
            0 if negative => format!("({text})"),
            1 if negative => format!("−{text}"),
            2 => format!("{sign}${text}"),
            3 => format!("$ {sign}{text}"),
            4 => format!("{sign}{text}\u{a0}€"),
            5 => format!("{sign}{text} %"),
            6 => format!("EUR {sign}{text}"),
            7 => format!(" {sign}{text}\t"),
            _ => format!("{sign}{text}"),
        };
        let read = amount(&text, style);
        prop_assert_eq!(read.mantissa * 10_i128.pow(u32::try_from(scale).expect("small")), mantissa * 10_i128.pow(read.scale), "{}", text);
        prop_assert_eq!(read.percent, dress == 5);
        prop_assert_eq!(read.currency.is_some(), matches!(dress, 2 | 3 | 4 | 6));
    }

    #[test]
    fn shortened_and_exponent_forms_are_read_back(mantissa in -999_999_i128..999_999, scale in 0_u32..6, power in 0_i32..10) {
        let written = Decimal::from_i128_with_scale(mantissa, scale);
        for (text, power) in [(format!("{written}K"), 3), (format!("{written}M"), 6), (format!("{written}e{power}"), power), (format!("{written}E-{power}"), -power)] {
            // Both brought to integers by the same power of ten.
            let read = amount(&text, POINT);
            let left = read.mantissa * 10_i128.pow(15 - read.scale);
            let right = mantissa * 10_i128.pow(u32::try_from(power + 15).expect("positive") - scale);
            prop_assert_eq!(left, right, "{}", text);
        }
    }

    #[test]
    fn the_fast_path_and_the_long_way_agree(cell in prop_oneof![cells(), "-?[0-9.]{0,20}"]) {
        for style in [POINT, COMMA] {
            prop_assert_eq!(parse(&cell, &style), parse_dressed(&cell, style.decimal));
        }
        let (mut fast, mut long) = (NumberEvidence::default(), NumberEvidence::default());
        fast.observe(&cell, 9);
        long.observe_dressed(&cell, 9);
        prop_assert_eq!(fast, long);
    }

    #[test]
    fn no_text_panics_and_no_value_depends_on_blanks_around_it(cell in any::<String>()) {
        let padded = format!(" \u{a0}{cell}\t");
        for style in [POINT, COMMA] {
            prop_assert_eq!(parse(&cell, &style), parse(&padded, &style));
        }
        let _ = undress(&cell);
    }

    #[test]
    fn evidence_merges_without_loss(cells in prop::collection::vec(cells(), 0..12), cut in 0_usize..12) {
        let cut = cut.min(cells.len());
        let (mut first, mut second, mut whole) = (NumberEvidence::default(), NumberEvidence::default(), NumberEvidence::default());
        for (index, cell) in cells.iter().enumerate() {
            let line = index as u64 + 2;
            if index < cut { first.observe(cell, line) } else { second.observe(cell, line) }
            whole.observe(cell, line);
        }
        first.merge(&second);
        prop_assert_eq!(first, whole);
    }

    /// The promise: when a column is decided, each of its cells is either read or refused under
    /// that decision, and no cell that settles the decision is refused.
    #[test]
    fn a_decided_column_reads_all_its_readable_cells(cells in prop::collection::vec(cells(), 1..8)) {
        let cells: Vec<&str> = cells.iter().map(String::as_str).collect();
        let evidence = evidence(&cells);
        if let Ok(style) = evidence.decide(NumberHint::default(), false) {
            let refused = cells.iter().filter(|cell| parse(cell, &style).is_err()).count() as u64;
            prop_assert_eq!(refused, evidence.unreadable());
        }
    }
}
