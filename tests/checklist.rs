//! The forty faults that a reader of exports must survive, each fed to the binary as bytes, each with the exact
//! figures that must come out or the exact place and kind of the refusal.
//!
//! A refusal names file, line and (where there is one) column, what was seen, what was expected, and what to do.
//! Whatever is read accounts for its rows: rows read = used + totals + rejected + blank.

mod common;

#[path = "common/zip.rs"]
mod zip;

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use common::{Ran, decimal, mak};
use serde_json::Value;
use tempfile::TempDir;
use zip::{text_row, workbook, zip};

/// A row of the checklist: its number, its name, and what is tried.
struct Row {
    number: usize,
    name: &'static str,
    tried: Vec<Tried>,
}

/// A file of those bytes, read with those flags.
struct Tried {
    file: &'static str,
    bytes: Vec<u8>,
    flags: &'static [&'static str],
    outcome: Outcome,
}

enum Outcome {
    /// Measures and KPIs of the total with their exact digits (`-` for a KPI that is not there), and findings by
    /// code with their lines (0 for none).
    Reads { figures: &'static [(&'static str, &'static str)], findings: &'static [(&'static str, u64)] },
    /// The first error: `line` or `line:column` after the file's name, its code, and what it says.
    Refuses { place: &'static str, code: &'static str, says: &'static [&'static str] },
    /// Something that takes more than a file and an outcome.
    Holds(fn(&Path)),
}

fn reads(
    bytes: impl Into<Vec<u8>>,
    flags: &'static [&'static str],
    figures: &'static [(&'static str, &'static str)],
    findings: &'static [(&'static str, u64)],
) -> Tried {
    Tried { file: "e.csv", bytes: bytes.into(), flags, outcome: Outcome::Reads { figures, findings } }
}

fn refuses(
    bytes: impl Into<Vec<u8>>,
    flags: &'static [&'static str],
    place: &'static str,
    code: &'static str,
    says: &'static [&'static str],
) -> Tried {
    Tried { file: "e.csv", bytes: bytes.into(), flags, outcome: Outcome::Refuses { place, code, says } }
}

fn holds(check: fn(&Path)) -> Tried {
    Tried { file: "", bytes: Vec::new(), flags: &[], outcome: Outcome::Holds(check) }
}

impl Tried {
    fn named(self, file: &'static str) -> Tried {
        Tried { file, ..self }
    }
}

const TABLE: &str = "Campaign,Sent,Delivered,Opens\nA,100,90,40\nB,200,180,60\n";
const READ: &[(&str, &str)] =
    &[("sent", "300"), ("delivered", "270"), ("opens", "100"), ("open_rate", "0.3703703703703703703703703704")];

/// A table of e-mail counts with more lines under it.
fn table_and(lines: &str) -> String {
    format!("{TABLE}{lines}")
}

/// One campaign of 100 messages, 90 delivered, with that many opens.
fn opens(cell: &str) -> String {
    format!("Campaign,Sent,Delivered,Opens\nA,100,90,{cell}\nB,200,180,60\n")
}

/// One ad campaign of 1,000 impressions with that spend, semicolons between cells.
fn spend(cell: &str) -> String {
    format!("Campaign;Impressions;Spend\nA;1000;{cell}\n")
}

fn orders(rows: &str) -> String {
    format!("order_id,customer_id,date,revenue\n{rows}")
}

fn google(totals: &str) -> String {
    format!(
        "Campaign report\nAll time\nCampaign,Campaign type,Impr.,Clicks,Cost\nA,Search,100,10,5.00\nB,Search,50,5,2.50\n{totals}"
    )
}

/// UTF-16 in that order, with a mark or without.
fn utf16(text: &str, big_end_first: bool, mark: bool) -> Vec<u8> {
    let units = mark.then_some(0xFEFF).into_iter().chain(text.encode_utf16());
    units.flat_map(|unit| if big_end_first { unit.to_be_bytes() } else { unit.to_le_bytes() }).collect()
}

fn and(bytes: &[&[u8]]) -> Vec<u8> {
    bytes.concat()
}

#[expect(clippy::too_many_lines, reason = "it is a table")]
fn rows() -> Vec<Row> {
    let tabs = TABLE.replace(',', "\t");
    let row = |number: usize, name: &'static str, tried: Vec<Tried>| Row { number, name, tried };
    vec![
        row(
            1,
            "a byte-order mark, also before a quoted header, is stripped",
            vec![
                reads(format!("\u{FEFF}{TABLE}"), &[], READ, &[]),
                reads("\u{FEFF}\"Campaign\",\"Sent\",\"Delivered\",\"Opens\"\nA,100,90,40\nB,200,180,60\n", &[], READ, &[]),
            ],
        ),
        row(
            2,
            "UTF-16 in both orders, marked or not, is read; an odd number of bytes is refused",
            vec![
                reads(utf16(&tabs, false, true), &[], READ, &[]),
                reads(utf16(&tabs, false, false), &[], READ, &[]),
                reads(utf16(&tabs, true, true), &[], READ, &[]),
                reads(utf16(&tabs, true, false), &[], READ, &[]),
                refuses(and(&[&utf16(&tabs, false, true), b"x"]), &[], "4", "bad-encoding", &["odd number of bytes", "UTF-16LE"]),
                refuses(and(&[&utf16(&tabs, true, true), b"x"]), &[], "4", "bad-encoding", &["odd number of bytes", "UTF-16BE"]),
            ],
        ),
        row(
            3,
            "bytes of another encoding are refused with byte and line, unless it is named",
            vec![
                refuses(
                    &b"Campaign,Sent,Delivered,Opens\nCaf\xE9,100,90,40\n"[..],
                    &[],
                    "2",
                    "bad-encoding",
                    &["byte 0xE9 at byte 33", "--encoding windows-1252"],
                ),
                refuses(
                    &b"Campaign,Sent,Delivered,Opens\nCaf\xC3\xA9,100,90,40\nCaf\xE9,1,1,1\n"[..],
                    &[],
                    "3",
                    "bad-encoding",
                    &["byte 0xE9", "--encoding"],
                ),
                reads(
                    &b"Campaign,Sent,Delivered,Opens\nCaf\xE9,100,90,40\nB,200,180,60\n"[..],
                    &["--encoding", "windows-1252"],
                    READ,
                    &[],
                ),
            ],
        ),
        row(4, "a NUL byte is refused", vec![refuses(&b"Campaign,Sent\nA\0,100\n"[..], &[], "2", "nul-byte", &["NUL byte"])]),
        row(
            5,
            "lines before a recognised header are skipped and listed",
            vec![
                reads(format!("Report of May\nfrom 1 to 31\n\n{TABLE}"), &[], READ, &[("preamble", 0)]),
                holds(|folder| {
                    let ran = compute(folder, "e.csv", format!("Report of May\nfrom 1 to 31\n\n{TABLE}").as_bytes(), &[]);
                    let all = ran.json()["warnings"].to_string();
                    assert!(all.contains("1 \\\"Report of May\\\", 2 \\\"from 1 to 31\\\""), "{all}");
                }),
                refuses("Report of May\nfrom 1 to 31\n", &[], "1", "no-known-column", &["saw \"Report of May\""]),
            ],
        ),
        row(
            6,
            "a missing or repeated header is refused; of two header rows the recognised one counts",
            vec![
                refuses("A,100,90,40\nB,200,180,60\n", &[], "1", "no-known-column", &["saw \"A,100,90,40\"", "[columns]"]),
                refuses(
                    table_and("Campaign,Sent,Delivered,Opens\nC,1,1,1\n"),
                    &[],
                    "4",
                    "second-table",
                    &["saw \"Campaign,Sent,"],
                ),
                reads(format!("Campaign,Volume,,Reaction\n{TABLE}"), &[], READ, &[("preamble", 0)]),
                refuses(
                    "Campaign,Sent,Delivered,Opens\n(name),(count),(count),(count)\nA,1,1,1\n",
                    &[],
                    "2:2",
                    "bad-number",
                    &["saw \"(count)\""],
                ),
            ],
        ),
        row(
            7,
            "a column in use that stands twice is refused with both positions; one without a name is ignored, and said so",
            vec![
                refuses("Campaign,Sent,Sent,Opens\nA,100,90,40\n", &[], "1:3", "duplicate-column", &["columns 2 and 3"]),
                reads("Campaign,Note,Note,Sent\nA,x,y,5\n", &[], &[("sent", "5")], &[]),
                reads(
                    "Campaign,Sent,Delivered,\nA,100,90,40\n",
                    &[],
                    &[("sent", "100"), ("opens", "-")],
                    &[("unnamed-column", 1)],
                ),
            ],
        ),
        row(
            8,
            "a row too short or too long is refused; blank cells at the end of every row are not",
            vec![
                refuses(
                    table_and("C,300,270\n"),
                    &[],
                    "4",
                    "ragged-row",
                    &["the row has 3 cells", "saw \"C,300,270\"", "expected 4, as in the header on line 1"],
                ),
                refuses(table_and("C,300,270,9,7\n"), &[], "4", "ragged-row", &["the row has 5 cells", "saw \"C,300,270,9,7\""]),
                reads("Campaign,Sent,Delivered,Opens\nA,100,90,40,\nB,200,180,60,\n", &[], READ, &[]),
            ],
        ),
        row(
            9,
            "another dialect or another table further down is refused at its line",
            vec![
                refuses(table_and("\nDay,Visits\n1,5\n"), &[], "5", "ragged-row", &["saw \"Day,Visits\""]),
                refuses(table_and("C;300;270;9\n"), &[], "4", "ragged-row", &["saw \"C;300;270;9\""]),
                refuses(table_and("Day,Visits,Sessions,Users\n1,5,5,4\n"), &[], "4:2", "bad-number", &["saw \"Visits\""]),
            ],
        ),
        row(
            10,
            "a quote that is never closed is refused where it opens",
            vec![refuses(table_and("\"C,1,1,1\nD,1,1,1\n"), &[], "4:1", "unclosed-quote", &["saw \"C,1,1,1", "cut short"])],
        ),
        row(
            11,
            "text after a closing quote is refused",
            vec![refuses(
                table_and("\"C\"x,1,1,1\n"),
                &[],
                "4:1",
                "stray-quote",
                &["saw \"C\"x", "expected a separator or the end of the line"],
            )],
        ),
        row(
            12,
            "a last line cut within a row is refused; a whole one without an end is said",
            vec![
                refuses("Campaign,Sent,Delivered,Opens\nA,100,90,40\nB,200,1", &[], "3", "ragged-row", &["the row has 3 cells"]),
                reads(TABLE.trim_end(), &[], READ, &[("truncated-line", 3)]),
            ],
        ),
        row(
            13,
            "totals are left out and checked against what they claim to total",
            vec![
                reads(table_and("Total,300,270,100\n"), &[], READ, &[("total-row", 4)]),
                reads(table_and(",300,270,100\n"), &[], READ, &[("total-row", 4)]),
                reads("Campaign,Sent,Delivered,Opens\n,300,270,100\nA,100,90,40\nB,200,180,60\n", &[], READ, &[("total-row", 2)]),
                refuses(table_and("Total,300,270,101\n"), &[], "4:4", "total-disagrees", &["says 101, its rows add up to 100"]),
                refuses(table_and(",300,270,101\n"), &[], "4:4", "total-disagrees", &["says 101, its rows add up to 100"]),
                reads(
                    google("Total: Campaigns,,150,15,7.51\nTotal: Account,,170,16,8.00\nTotal: Search,,170,16,8.00\n"),
                    &[],
                    &[("impressions", "150"), ("ad_clicks", "15"), ("spend", "7.5")],
                    &[("total-row", 6), ("total-of-more", 7), ("total-of-more", 8)],
                ),
                refuses(
                    google("Total: Campaigns,,150,15,7.53\n"),
                    &[],
                    "6:5",
                    "total-disagrees",
                    &["says 7.53", "add up to 7.5"],
                ),
            ],
        ),
        row(
            14,
            "a campaign named Total Fitness is a campaign",
            vec![reads(table_and("Total Fitness,10,10,5\n"), &[], &[("sent", "310"), ("opens", "105")], &[])],
        ),
        row(
            15,
            "thousands marks part groups of three, or three and twos; 1,00 asks where nothing shows a decimal comma",
            vec![
                reads(spend("1,234,567"), &[], &[("spend", "1234567")], &[]),
                reads(spend("12,34,567"), &[], &[("spend", "1234567")], &[]),
                refuses(spend("1,23,45"), &[], "2:3", "bad-number", &["saw \"1,23,45\"", "1,234,567 or 12,34,567"]),
                refuses(
                    "Campaign;Impressions;Revenue;Spend\nA;1000;2.50;1,00\n",
                    &[],
                    "2:4",
                    "ambiguous-number",
                    &["saw \"1,00\"", "--decimal"],
                ),
                refuses("Campaign;Impressions\nA;1,00\n", &[], "2:2", "ambiguous-number", &["saw \"1,00\"", "--decimal"]),
                reads(spend("1,00"), &[], &[("spend", "1")], &[]),
            ],
        ),
        row(
            16,
            "a lone 1,234 in money asks, unless the rest of the column or file settles it",
            vec![
                refuses(
                    spend("1,234"),
                    &[],
                    "2:3",
                    "ambiguous-number",
                    &["(1234)", "(1.234)", "saw \"1,234\"", "--decimal point or --decimal comma"],
                ),
                reads(spend("1,234\nB;10;5.50"), &[], &[("spend", "1239.5")], &[]),
                reads(spend("1,234\nB;10;5,50"), &[], &[("spend", "6.734")], &[]),
                reads("Campaign;Revenue;Spend\nA;9.50;1,234\n", &[], &[("spend", "1234")], &[]),
                reads(spend("1,234"), &["--decimal", "point"], &[("spend", "1234")], &[]),
                reads(spend("1,234"), &["--decimal", "comma"], &[("spend", "1.234")], &[]),
            ],
        ),
        row(
            17,
            "two decimal conventions in one column are refused",
            vec![refuses(
                spend("1.234,50\nB;10;1,234.50"),
                &[],
                "3:3",
                "mixed-numbers",
                &["\"1,234.50\" on line 3", "\"1.234,50\" on line 2", "expected one decimal mark"],
            )],
        ),
        row(
            18,
            "no-break spaces, apostrophes and Indian groups are exact",
            vec![
                reads(spend("1\u{A0}234,50"), &[], &[("spend", "1234.5")], &[]),
                reads(spend("1\u{202F}234,50"), &[], &[("spend", "1234.5")], &[]),
                reads(spend("1'234.50"), &[], &[("spend", "1234.5")], &[]),
                reads(spend("1\u{2019}234.50"), &[], &[("spend", "1234.5")], &[]),
                reads(spend("12,34,567.50"), &[], &[("spend", "1234567.5")], &[]),
            ],
        ),
        row(
            19,
            "a percentage is one by its sign or header; a column of both is refused, and so is one where an amount belongs",
            vec![
                reads("Campaign,Delivered,Opens,Open rate\nA,100,40,40%\nB,100,20,20%\n", &[], &[("open_rate", "0.3")], &[]),
                reads("Campaign,Delivered,Opens,Open rate\nA,100,40,0.4\nB,100,20,0.2\n", &[], &[("open_rate", "0.3")], &[]),
                refuses(
                    "Campaign,Delivered,Opens,Open rate\nA,100,40,40%\nB,100,20,0.2\n",
                    &[],
                    "3:4",
                    "mixed-numbers",
                    &["\"40%\" on line 2", "\"0.2\" on line 3"],
                ),
                refuses(opens("40%"), &[], "3:4", "mixed-numbers", &["\"40%\" on line 2", "saw \"60\""]),
                refuses("Campaign,Delivered,Opens\nA,100,40%\n", &[], "2:3", "bad-number", &["a percentage", "saw \"40%\""]),
            ],
        ),
        row(
            20,
            "--, n/a and blanks are missing and counted, never 0",
            vec![
                reads(
                    table_and("C,50, --,n/a\nD,,5,\n"),
                    &[],
                    &[("sent", "350"), ("delivered", "275"), ("opens", "100")],
                    &[("missing-cells", 0)],
                ),
                refuses(table_and("C,50, --,n/a\n"), &["--strict-missing"], "1", "refused-missing", &["Delivered 1, Opens 1"]),
            ],
        ),
        row(
            21,
            "bounds are no numbers",
            vec![
                refuses(opens("< 10%"), &[], "2:4", "censored-number", &["saw \"< 10%\""]),
                refuses(opens("> 90%"), &[], "2:4", "censored-number", &["saw \"> 90%\""]),
                refuses(opens("<5"), &[], "2:4", "censored-number", &["saw \"<5\"", "a blank cell where there is none"]),
            ],
        ),
        row(
            22,
            "brackets, the true minus and a leading plus sign numbers",
            vec![reads(
                "Campaign,Revenue\nA,(12.50)\nB,\u{2212}5.25\nC,+100.00\n",
                &[],
                &[("revenue", "82.25")],
                &[("negative-value", 2)],
            )],
        ),
        row(
            23,
            "NaN, inf, 0x10 and 1_000 are refused; digits of one other script are read, a mix is refused",
            vec![
                refuses(opens("NaN"), &[], "2:4", "bad-number", &["saw \"NaN\""]),
                refuses(opens("inf"), &[], "2:4", "bad-number", &["saw \"inf\""]),
                refuses(opens("0x10"), &[], "2:4", "bad-number", &["hexadecimal", "saw \"0x10\""]),
                refuses(opens("1_000"), &[], "2:4", "bad-number", &["underscores", "saw \"1_000\""]),
                reads(opens("٤٠"), &[], READ, &[]),
                reads(opens("۴۰"), &[], READ, &[]),
                reads(opens("๔๐"), &[], READ, &[]),
                reads(opens("４０"), &[], READ, &[]),
                reads(spend("١٬٢٣٤٫٥٠"), &[], &[("spend", "1234.5")], &[]),
                refuses(opens("4٠"), &[], "2:4", "bad-number", &["several scripts", "saw \"4٠\""]),
            ],
        ),
        row(
            24,
            "identities are text: padding and long digits stay, rounded ones are refused",
            vec![
                reads(orders("007,a,2026-01-02,10.00\n7,b,2026-01-03,5.00\n"), &[], &[("orders", "2")], &[]),
                reads(
                    orders("23850000000000001,a,2026-01-02,10.00\n23850000000000002,b,2026-01-03,5.00\n"),
                    &[],
                    &[("orders", "2")],
                    &[],
                ),
                refuses(
                    orders("1.2E+17,a,2026-01-02,10.00\n"),
                    &[],
                    "2:1",
                    "bad-number",
                    &["saw \"1.2E+17\"", "expected the id with all its digits"],
                ),
            ],
        ),
        row(
            25,
            "the order of day and month is one decision a column; where it matters, doubt asks and conflict is refused",
            vec![
                reads(orders("1,a,03/08/2026,10.00\n2,b,13/08/2026,5.00\n"), &["--from", "2026-08-04"], &[("revenue", "5")], &[]),
                reads(orders("1,a,03/08/2026,10.00\n2,b,04/08/2026,5.00\n"), &[], &[("revenue", "15")], &[("unsettled-date", 2)]),
                refuses(
                    orders("1,a,03/08/2026,10.00\n2,b,04/08/2026,5.00\n"),
                    &["--by", "month"],
                    "2:3",
                    "ambiguous-date",
                    &["saw \"03/08/2026\"", "--date-order dmy or --date-order mdy"],
                ),
                refuses(
                    orders("1,a,13/08/2026,10.00\n2,b,08/13/2026,5.00\n"),
                    &["--by", "month"],
                    "3:3",
                    "mixed-dates",
                    &["\"13/08/2026\" on line 2", "\"08/13/2026\" on line 3"],
                ),
            ],
        ),
        row(
            26,
            "a day that does not exist is refused, whether dates are needed or not",
            vec![
                refuses(orders("1,a,2026-02-30,10.00\n"), &[], "2:3", "bad-date", &["no such day", "saw \"2026-02-30\""]),
                refuses(orders("1,a,31/04/2026,10.00\n"), &["--by", "month"], "2:3", "bad-date", &["no such day"]),
            ],
        ),
        row(
            27,
            "money in several currencies is not added, unless grouped by them",
            vec![
                refuses(
                    "Campaign,Spend,Currency\nA,5.00,USD\nB,5.00,EUR\n",
                    &[],
                    "3",
                    "mixed-currencies",
                    &["EUR (line 3), USD (line 2)", "--by currency"],
                ),
                refuses("Campaign,Spend\nA,$5.00\nB,€5.00\n", &[], "3", "mixed-currencies", &["$ (line 2), EUR (line 3)"]),
                reads(
                    "Campaign,Impressions,Spend,Currency\nA,10,5.00,USD\nB,10,5.00,EUR\n",
                    &["--by", "currency"],
                    &[("impressions", "20"), ("cpm", "-")],
                    &[],
                ),
            ],
        ),
        row(
            28,
            "rows that stand twice are warned about, kept, and dropped on request; overlapping exports are refused",
            vec![
                reads(table_and("A,100,90,40\n"), &[], &[("sent", "400"), ("opens", "140")], &[("duplicate-rows", 4)]),
                reads(table_and("A,100,90,40\n"), &["--dedupe"], READ, &[("duplicate-rows", 4)]),
                holds(overlapping_exports),
            ],
        ),
        row(
            29,
            "a denominator of zero and one that is missing are told apart; neither gives a number, and a gate on it fails",
            vec![holds(no_denominator)],
        ),
        row(
            30,
            "ratios are sums over sums; reach is never added",
            vec![reads(
                "Campaign,Impressions,Reach,Ad clicks,CTR\nA,100,80,10,10%\nB,300,80,10,3.33%\n",
                &[],
                &[("ad_ctr", "0.05"), ("reach", "-")],
                &[],
            )],
        ),
        row(
            31,
            "rates over 100 % and values below zero are computed and warned about",
            vec![
                reads("Campaign,Impressions,Ad clicks\nA,10,20\n", &[], &[("ad_ctr", "2")], &[("rate-above-one", 2)]),
                reads(
                    "Campaign,Impressions,Ad clicks,Spend\nA,10,2,-5.00\nB,10,3,20.00\n",
                    &[],
                    &[("spend", "15"), ("cpc", "3")],
                    &[("negative-value", 2)],
                ),
            ],
        ),
        row(
            32,
            "counts have no fraction; conversions may",
            vec![
                refuses(opens("40.5"), &[], "2:4", "fractional-count", &["saw \"40.5\"", "a whole number of opens"]),
                refuses("Campaign,Impressions,Ad clicks\nA,10,2.5\n", &[], "2:3", "fractional-count", &["saw \"2.5\""]),
                reads(
                    "Campaign,Impressions,Ad clicks,Conversions\nA,10,2,1.25\n",
                    &[],
                    &[("conversions", "1.25"), ("ad_conversion_rate", "0.625")],
                    &[],
                ),
            ],
        ),
        row(
            33,
            "sums are exact; what does not fit is no number",
            vec![
                reads(format!("Campaign,Spend\n{}", "A,0.10\n".repeat(3)), &[], &[("spend", "0.3")], &[]),
                reads(
                    "Campaign,Impressions,Spend\nA,1,79228162514264337593543950335\nB,1,79228162514264337593543950335\n",
                    &[],
                    &[("impressions", "2"), ("spend", "-"), ("cpm", "-")],
                    &[],
                ),
            ],
        ),
        row(
            34,
            "JSON: names twice, trailing text and great depth are refused; decimals never pass through a float",
            vec![
                refuses(r#"[{"campaign":"A","sent":5,"sent":6}]"#, &[], "1:27", "bad-json", &["twice", "saw \"sent\""])
                    .named("e.json"),
                refuses(r#"[{"campaign":"A","sent":5}] x"#, &[], "1:29", "bad-json", &["saw \"x\"", "the end of the file"])
                    .named("e.json"),
                refuses(format!("{}{}", "[".repeat(200), "]".repeat(200)), &[], "1:129", "bad-json", &["128"]).named("e.json"),
                refuses(r#"[{"campaign":"A","spend":NaN}]"#, &[], "1:26", "bad-json", &["not a JSON value"]).named("e.json"),
                reads(r#"[{"campaign":"A","spend":12345678901234567.89}]"#, &[], &[("spend", "12345678901234567.89")], &[])
                    .named("e.json"),
            ],
        ),
        row(
            35,
            "workbooks: error cells and formulas without a value are refused by cell; numbers keep their text",
            vec![holds(workbooks)],
        ),
        row(
            36,
            "archives and workbooks that swell, reach far or declare entities are refused, and nothing is extracted",
            vec![holds(bombs)],
        ),
        row(37, "giant lines, too many columns, devices and folders end in an error", vec![holds(giants)]),
        row(38, "output is whole or absent, and a failed write is an error", vec![holds(output)]),
        row(39, "names cannot act on a terminal, a spreadsheet or a page", vec![holds(hostile_names)]),
        row(40, "every output accounts for its rows, and is the same everywhere", vec![holds(accounts)]),
    ]
}

/// Runs the binary in the folder.
fn run_in(folder: &Path, arguments: &[&str]) -> Ran {
    mak().current_dir(folder).args(arguments).output().expect("the binary starts").into()
}

fn compute(folder: &Path, file: &str, bytes: &[u8], flags: &[&str]) -> Ran {
    fs::write(folder.join(file), bytes).expect("written");
    run_in(folder, &[&["compute", file, "--format", "json"], flags].concat())
}

impl Tried {
    /// Everything in which the outcome is another.
    fn problems(&self, folder: &Path) -> Vec<String> {
        match &self.outcome {
            Outcome::Holds(check) => match std::panic::catch_unwind(|| check(folder)) {
                Ok(()) => Vec::new(),
                Err(_) => vec!["does not hold, see above".to_owned()],
            },
            Outcome::Reads { figures, findings } => {
                let ran = compute(folder, self.file, &self.bytes, self.flags);
                if ran.code != Some(0) {
                    return vec![format!("not read: {}", ran.stderr)];
                }
                let document = ran.json();
                let mut problems = Vec::new();
                for (id, expected) in *figures {
                    let found = [&document["total"]["measures"][id], &document["total"]["kpis"][id]["value"]];
                    let found =
                        found.into_iter().find_map(decimal).map_or_else(|| "-".to_owned(), |found| found.normalize().to_string());
                    if found != *expected {
                        problems.push(format!("{id}: expected {expected}, found {found}"));
                    }
                }
                for (code, line) in *findings {
                    let is = |warning: &Value| warning["code"] == *code && warning["line"].as_u64().unwrap_or(0) == *line;
                    if !document["warnings"].as_array().is_some_and(|all| all.iter().any(is)) {
                        problems.push(format!("no {code} on line {line} in {}", document["warnings"]));
                    }
                }
                problems.extend(unaccounted(&document));
                problems
            }
            Outcome::Refuses { place, code, says } => {
                let ran = compute(folder, self.file, &self.bytes, self.flags);
                if ran.code != Some(2) || !ran.stdout.is_empty() {
                    return vec![format!("not refused: {:?} {}", ran.code, ran.stdout)];
                }
                let first = ran.stderr.lines().next().unwrap_or_default();
                let at = if place.is_empty() { self.file.to_owned() } else { format!("{}:{place}", self.file) };
                let mut problems = Vec::new();
                if !first.starts_with(&format!("{at}: error[{code}]: ")) {
                    problems.push(format!("expected {at}: error[{code}]"));
                }
                problems.extend(says.iter().filter(|part| !first.contains(**part)).map(|part| format!("does not say {part:?}")));
                if !first.contains("; help: ") {
                    problems.push("does not say what to do".to_owned());
                }
                if !problems.is_empty() {
                    problems.push(format!("said: {}", ran.stderr));
                }
                problems
            }
        }
    }
}

/// Inputs of a document whose rows do not add up.
fn unaccounted(document: &Value) -> Vec<String> {
    let number = |input: &Value, name: &str| input[name].as_u64().expect("a count");
    let inputs = document["inputs"].as_array().expect("inputs");
    let adds_up = |input: &&Value| {
        number(input, "rows") == ["used", "totals", "rejected", "blank"].iter().map(|name| number(input, name)).sum::<u64>()
    };
    inputs.iter().filter(|input| !adds_up(input)).map(|input| format!("rows do not add up: {input}")).collect()
}

#[test]
fn every_fault_gets_what_it_must() {
    let rows = rows();
    assert_eq!(rows.iter().map(|row| row.number).collect::<BTreeSet<_>>(), (1..=40).collect());
    assert_eq!(rows.len(), 40);
    let mut problems = Vec::new();
    for row in &rows {
        for (index, tried) in row.tried.iter().enumerate() {
            let folder = TempDir::new().expect("a folder");
            for problem in tried.problems(folder.path()) {
                problems.push(format!("{} ({}), file {}: {problem}", row.number, row.name, index + 1));
            }
        }
    }
    assert!(problems.is_empty(), "\n{}\n", problems.join("\n"));
}

fn file_in(folder: &Path, name: &str, bytes: impl AsRef<[u8]>) {
    fs::write(folder.join(name), bytes).expect("written");
}

/// The first error of a run that refused, after checking place and code.
#[track_caller]
fn first_error(ran: &Ran, place: &str, code: &str) -> String {
    assert_eq!(ran.code, Some(2), "standard output: {}\nstandard error: {}", ran.stdout, ran.stderr);
    let first = ran.stderr.lines().next().unwrap_or_default();
    assert!(first.starts_with(&format!("{place}: error[{code}]: ")), "expected {place}: error[{code}], found {}", ran.stderr);
    first.to_owned()
}

fn overlapping_exports(folder: &Path) {
    let day = "Campaign,Day,Impressions,Ad clicks\nA,2026-05-01,100,10\n";
    file_in(folder, "one.csv", format!("{day}B,2026-05-02,50,5\n"));
    file_in(folder, "two.csv", format!("{day}B,2026-05-03,70,7\n"));
    let ran = run_in(folder, &["compute", "one.csv", "two.csv", "--format", "json"]);
    let said = first_error(&ran, "two.csv:2", "overlapping-exports");
    assert!(said.contains("line 2 of one.csv") && said.contains("--allow-overlap"), "{said}");
    let document = run_in(folder, &["compute", "one.csv", "two.csv", "--format", "json", "--allow-overlap"]).answered().json();
    assert_eq!(document["total"]["measures"]["impressions"], 320);
}

fn no_denominator(folder: &Path) {
    let reason = |bytes: &str, id: &str| {
        let ran = compute(folder, "e.csv", bytes.as_bytes(), &["--kpi", id]);
        let why = &ran.json()["total"]["unavailable"][id];
        (why["code"].as_str().expect("a code").to_owned(), why["reason"].as_str().expect("a reason").to_owned())
    };
    let header = "Campaign,Impressions,Ad clicks,Spend\n";
    let is = |code: &str, why: &str| (code.to_owned(), why.to_owned());
    assert_eq!(reason(&format!("{header}A,10,0,0\n"), "cpc"), is("zero-denominator", "0 / 0 (ad_clicks is 0)"));
    assert_eq!(reason(&format!("{header}A,10,0,5.00\n"), "cpc"), is("zero-denominator", "ad_clicks is 0"));
    assert_eq!(reason("Campaign,Impressions,Spend\nA,10,5.00\n", "cpc"), is("missing", "no file gives ad_clicks"));
    assert_eq!(reason(&format!("{header}A,10,--,5.00\n"), "cpc").0, "missing");
    // A gate cannot pass on what has no value.
    file_in(folder, "mak.toml", "[[check]]\nrule = \"cpc <= 1\"\n");
    file_in(folder, "e.csv", format!("{header}A,10,0,0\n"));
    assert_eq!(run_in(folder, &["check", "e.csv"]).code, Some(2));
}

fn workbooks(folder: &Path) {
    let header = text_row(&["Campaign", "Impressions", "Spend", "Day"]);
    let read = |rows: &str, properties: &str, flags: &[&str]| {
        compute(folder, "e.xlsx", &workbook(&format!("{header}{rows}"), properties), flags)
    };
    let cells = |spend: &str| {
        format!(r#"<row><c t="inlineStr"><is><t>A</t></is></c><c><v>1000</v></c>{spend}<c s="1"><v>43831</v></c></row>"#)
    };
    // The text of the XML counts, not the float next to it; days are those of the workbook's own calendar.
    let document = read(&cells("<c><v>0.30000000000000004</v></c>"), "", &[]).answered().json();
    assert_eq!(decimal(&document["total"]["measures"]["spend"]), decimal(&Value::from("0.30000000000000004")));
    assert_eq!(document["inputs"][0]["from"], "2020-01-01");
    let document = read(&cells("<c><v>1.5</v></c>"), r#"date1904="1""#, &[]).answered().json();
    assert_eq!(document["inputs"][0]["from"], "2024-01-02");
    for (cell, word) in [(r#"<c t="e"><v>#DIV/0!</v></c>"#, "#DIV/0!"), ("<c><f>A1*2</f></c>", "formula")] {
        let said = first_error(&read(&cells(cell), "", &[]), "e.xlsx!Campaigns:2:3", "bad-cell");
        assert!(said.contains("C2") && said.contains(word) && said.contains("; help: "), "{said}");
    }
}

fn bombs(folder: &Path) {
    let refused = |name: &str, bytes: &[u8], code: &str| {
        let ran = compute(folder, name, bytes, &[]);
        assert_eq!(ran.code, Some(2), "{name}: {}", ran.stdout);
        assert!(ran.stderr.contains(&format!("error[{code}]")) && ran.stderr.contains("; help: "), "{name}: {}", ran.stderr);
    };
    // Its member says nothing of its size that is believed: reading stops at the first bound that it meets.
    refused("bomb.zip", &zip(&[("a.csv", &vec![b'0'; 32 << 20])]), "too-large");
    let far = workbook(r#"<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>1</v></c></row>"#, "");
    refused("far.xlsx", &far, "too-large");
    let entities = zip(&[
        ("[Content_Types].xml", b"<Types/>"),
        (
            "_rels/.rels",
            br#"<Relationships><Relationship Id="r" Type="http://x/officeDocument" Target="xl/workbook.xml"/></Relationships>"#,
        ),
        ("xl/workbook.xml", br#"<!DOCTYPE x [<!ENTITY a "aaaa">]><workbook><sheets/></workbook>"#),
    ]);
    refused("entities.xlsx", &entities, "bad-container");
    let many: Vec<(String, &[u8])> = (0..10_001).map(|index| (format!("{index}.csv"), &b"a\n"[..])).collect();
    let many: Vec<(&str, &[u8])> = many.iter().map(|(name, bytes)| (name.as_str(), *bytes)).collect();
    refused("many.zip", &zip(&many), "too-large");
    // A member with a path that leads out is read, if at all, where it is: nothing is written anywhere.
    let inside = folder.join("inside");
    fs::create_dir(&inside).expect("a folder");
    compute(&inside, "slip.zip", &zip(&[("../../slipped.csv", TABLE.as_bytes())]), &[]);
    assert!(!folder.join("slipped.csv").exists() && !folder.parent().expect("a folder").join("slipped.csv").exists());
    assert_eq!(fs::read_dir(&inside).expect("a folder").count(), 1);
}

fn giants(folder: &Path) {
    let header = "Campaign,Sent\n";
    let mut line = format!("{header}A,").into_bytes();
    line.resize(line.len() + (17 << 20), b'1');
    let said = first_error(&compute(folder, "line.csv", &line, &[]), "line.csv:2", "too-large");
    assert!(said.contains("; help: ") && said.len() < 400, "{said}");
    let wide = vec![b','; 2_000_000];
    let ran = compute(folder, "wide.csv", &wide, &[]);
    assert!(ran.code == Some(2) && ran.stderr.contains("error[too-large]"), "{}", ran.stderr);
    fs::create_dir(folder.join("empty")).expect("a folder");
    first_error(&run_in(folder, &["compute", "empty"]), "empty", "no-files");
    #[cfg(unix)]
    {
        first_error(&run_in(folder, &["compute", "/dev/zero"]), "/dev/zero", "unreadable");
        assert!(Command::new("mkfifo").arg(folder.join("pipe")).status().is_ok_and(|status| status.success()));
        first_error(&run_in(folder, &["compute", "pipe"]), "pipe", "unreadable");
    }
}

fn output(folder: &Path) {
    file_in(folder, "e.csv", TABLE);
    file_in(folder, "out.json", "as it was");
    // A run that fails leaves what was there; one that succeeds leaves nothing beside it.
    run_in(folder, &["compute", "none.csv", "-o", "out.json"]);
    assert_eq!(fs::read(folder.join("out.json")).expect("there"), b"as it was");
    run_in(folder, &["compute", "e.csv", "--format", "json", "-o", "out.json"]).answered();
    let whole = fs::read(folder.join("out.json")).expect("there");
    assert_eq!(fs::read_dir(folder).expect("a folder").count(), 2);
    // Killed at any moment, the file is the old one or the new one.
    for wait in [0_u64, 1, 2, 4, 8, 16] {
        file_in(folder, "out.json", "as it was");
        let mut child = mak();
        child.current_dir(folder).args(["compute", "e.csv", "--format", "json", "-o", "out.json"]);
        let mut child = child.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("the binary starts");
        std::thread::sleep(std::time::Duration::from_millis(wait));
        let _ = child.kill();
        child.wait().expect("it ends");
        let left = fs::read(folder.join("out.json")).expect("there");
        assert!(left == whole || left == b"as it was", "a part was left after {wait} ms");
    }
    #[cfg(target_os = "linux")]
    {
        let full = fs::OpenOptions::new().write(true).open("/dev/full").expect("the device");
        let ran = mak().current_dir(folder).args(["compute", "e.csv"]).stdout(full).output().expect("the binary starts");
        assert_eq!(ran.status.code(), Some(2));
        assert!(String::from_utf8_lossy(&ran.stderr).contains("standard output cannot be written"));
    }
    let mut child = mak();
    child.current_dir(folder).args(["compute", "e.csv"]).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = child.spawn().expect("the binary starts");
    drop(child.stdout.take());
    let ran = child.wait_with_output().expect("it ends");
    assert_eq!((ran.status.code(), ran.stderr.as_slice()), (Some(0), &b""[..]), "a closed pipe is a quiet end");
}

fn hostile_names(folder: &Path) {
    let names = ["\u{1b}[2Jgone", "a\u{202E}b", "\u{9b}31m", "=cmd()", "+1", "@x", "</script><svg onload=x>", "]]>|pipe|"];
    let rows: Vec<String> = names.iter().map(|name| format!("\"{name}\",100,90,40\n")).collect();
    let rows = rows.concat();
    file_in(folder, "e.csv", format!("Campaign,Sent,Delivered,Opens\n{rows}"));
    let shown = |format: &str| {
        run_in(folder, &["compute", "e.csv", "--by", "campaign", "--kpi", "open_rate", "--format", format]).answered().stdout
    };
    for format in ["table", "json", "ndjson", "csv", "markdown"] {
        let text = shown(format);
        assert!(!text.contains(['\u{1b}', '\u{9b}', '\u{202E}']) || format == "csv", "{format}: {text}");
        assert!(!text.contains(['\u{1b}', '\u{9b}']), "{format}: {text}");
    }
    let csv = shown("csv");
    for name in ["=cmd()", "+1", "@x"] {
        assert!(csv.contains(&format!("'{name}")) && !csv.contains(&format!(",{name}")), "{csv}");
    }
    let markdown = shown("markdown");
    assert!(!markdown.contains("<svg") && !markdown.contains("|pipe|"), "{markdown}");
    // Nor in an error.
    let ran = compute(folder, "bad.csv", b"Campaign,Sent\nA,\x1b]0;title\x07\n", &[]);
    assert!(ran.code == Some(2) && !ran.stderr.contains(['\u{1b}', '\u{7}']), "{}", ran.stderr);
}

fn accounts(folder: &Path) {
    file_in(folder, "e.csv", table_and("\nTotal,300,270,100\n"));
    file_in(
        folder,
        "orders.csv",
        "id,Created (UTC),Amount,Amount Refunded,Currency,Status,Customer ID\nch_1,2026-05-01 10:00,10.00,0.00,usd,Paid,c1\nch_2,2026-05-02 10:00,5.00,0.00,usd,Failed,c2\n",
    );
    let both = [
        "e.csv: 4 rows read = 2 used + 1 totals + 0 rejected + 1 blank",
        "orders.csv: 2 rows read = 1 used + 0 totals + 1 rejected + 0 blank",
    ];
    let run = |command: &str, format: &str| run_in(folder, &[command, "e.csv", "orders.csv", "--format", format]).answered();
    // JSON and NDJSON have the figures.
    assert_eq!(unaccounted(&run("compute", "json").json()), [""; 0]);
    let lines = run("compute", "ndjson").stdout;
    let total: Value = serde_json::from_str(lines.lines().next().expect("a line")).expect("JSON");
    assert_eq!(unaccounted(&total), [""; 0]);
    assert_eq!(total["inputs"].as_array().map(Vec::len), Some(2));
    // A table says them of each file, and a table of values beside it.
    for format in ["table", "markdown"] {
        let text = run("compute", format).stdout;
        assert!(
            text.contains("2 of 4 rows") && text.contains("1 total, 1 blank") && text.contains("1 by rule"),
            "{format}: {text}"
        );
    }
    let beside = run("compute", "csv").stderr;
    assert!(both.iter().all(|account| beside.lines().any(|line| line == *account)), "{beside}");
    // What was seen of the bytes is in the inspection, with the account.
    for format in ["table", "markdown"] {
        let text = run("inspect", format).stdout;
        for part in ["4 read = 2 used + 1 totals + 0 rejected + 1 blank", "2 read = 1 used + 0 totals + 1 rejected + 0 blank"] {
            assert!(text.contains(part), "{format}: {text}");
        }
        for part in ["encoding", "UTF-8", "separator", "comma", "header on line 1"] {
            assert!(text.contains(part), "{format} has no {part}: {text}");
        }
    }
    let inspected = run("inspect", "json").json();
    for table in inspected["tables"].as_array().expect("tables") {
        let sum: u64 = ["used", "totals", "rejected", "blank"].iter().map(|name| table[name].as_u64().expect("a count")).sum();
        assert_eq!(table["rows"].as_u64(), Some(sum), "{table}");
    }
    // The same bytes whatever the zone and the language.
    let usual = run("compute", "json").stdout;
    for (name, value) in
        [("TZ", "Pacific/Kiritimati"), ("TZ", "America/Los_Angeles"), ("LANG", "tr_TR.UTF-8"), ("LC_ALL", "de_DE")]
    {
        let mut command = mak();
        command.current_dir(folder).args(["compute", "e.csv", "orders.csv", "--format", "json"]).env(name, value);
        assert_eq!(String::from_utf8_lossy(&command.output().expect("the binary starts").stdout), usual, "{name}={value}");
    }
}
