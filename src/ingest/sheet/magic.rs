//! What is not a table, told by its first bytes.

use crate::finding::{Code, Finding, Place};

/// First bytes, what begins with them, and what to do about it.
const KNOWN: &[(&[u8], &str, Option<&str>)] = &[
    (b"\x89PNG\r\n", "a PNG image", None),
    (b"\xFF\xD8\xFF", "a JPEG image", None),
    (b"GIF8", "a GIF image", None),
    (b"BM\x00", "a bitmap image", None),
    (b"%PDF-", "a PDF document", Some("export the figures as CSV")),
    (b"{\\rtf", "an RTF document", Some("export the figures as CSV")),
    (b"PK\x05\x06", "an empty zip archive", None),
    (
        b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1",
        "an Excel workbook of before 2007 or another old Office document",
        Some("save it as XLSX or CSV"),
    ),
    (b"\x1F\x8B", "gzip inside another compression", Some("decompress it once")),
    (b"\x28\xB5\x2F\xFD", "zstd inside another compression", Some("decompress it once")),
    (b"\xFD7zXZ\x00", "xz data", Some("decompress it, or pipe it in: `xz -dc FILE | mak … -`")),
    (b"BZh", "bzip2 data", Some("decompress it, or pipe it in: `bzip2 -dc FILE | mak … -`")),
    (b"7z\xBC\xAF\x27\x1C", "a 7-Zip archive", Some("unpack it first")),
    (b"Rar!\x1A\x07", "a RAR archive", Some("unpack it first")),
    (b"SQLite format 3\x00", "an SQLite database", Some("export the table as CSV, or use `mak sql`")),
    (b"PAR1", "a Parquet file, which this build does not read", Some("build mak with --features parquet, or export it as CSV")),
    (b"ARROW1", "an Arrow file", Some("export it as CSV")),
    (b"Obj\x01", "an Avro file", Some("export it as CSV")),
    (b"\x7FELF", "a program", None),
    (b"MZ\x90\x00", "a program", None),
];

/// Share of control characters, one in so many, from which on bytes are not text.
const ONE_IN: usize = 20;

/// A refusal of bytes that are neither text nor a container that is read.
pub(super) fn refusal(sample: &[u8], place: &Place) -> Option<Finding> {
    if let Some((_, what, help)) = KNOWN.iter().find(|(magic, ..)| sample.starts_with(magic)) {
        let finding = Finding::new(Code::NotText, place.clone(), format!("this is {what}"));
        return Some(match help {
            Some(help) => finding.help(*help),
            None => finding.expected("an export: CSV, TSV, JSON, XLSX or ODS"),
        });
    }
    if std::str::from_utf8(sample).is_ok() && !sample.contains(&0) {
        return None;
    }
    // UTF-16 has a zero byte for every plain character; `encoding` tells it.
    let controls = sample.iter().filter(|byte| matches!(byte, 1..=8 | 0x0B | 0x0E..=0x1F | 0x7F)).count();
    let only_zeros = !sample.is_empty() && sample.iter().all(|byte| *byte == 0);
    let binary = only_zeros || controls.saturating_mul(ONE_IN) > sample.len();
    binary.then(|| {
        Finding::new(Code::NotText, place.clone(), "this is binary data, not text")
            .expected("an export: CSV, TSV, JSON, XLSX or ODS")
    })
}

/// A refusal of a page or a document in markup, which platforms send in place of an export when a
/// login has run out.
pub(super) fn markup(start: &str, place: &Place) -> Option<Finding> {
    let head: String = start.chars().take(15).collect::<String>().to_ascii_lowercase();
    let what = if head.starts_with("<!doctype html") || head.starts_with("<html") {
        "a web page"
    } else if head.starts_with("<?xml") {
        "an XML document"
    } else {
        return None;
    };
    Some(Finding::new(Code::NotText, place.clone(), format!("this is {what}, not an export")).help("export it as CSV"))
}
