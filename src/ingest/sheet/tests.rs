//! Whole files through [`sheets`], and the corpora of other people.

use super::*;
use crate::ingest::record::Record;
use std::io::Write;
use std::path::{Path, PathBuf};

fn source(bytes: &[u8]) -> Source {
    Source::spool("f", bytes).unwrap()
}

fn sheet(bytes: &[u8]) -> Result<Sheet, Finding> {
    sheet_with(bytes, &Overrides::default())
}

fn sheet_with(bytes: &[u8], overrides: &Overrides) -> Result<Sheet, Finding> {
    let mut sheets = sheets(&source(bytes), overrides)?;
    assert_eq!(sheets.len(), 1);
    Ok(sheets.remove(0))
}

fn rows(sheet: &Sheet, buffer: usize) -> Result<Vec<Vec<String>>, Finding> {
    let mut records = sheet.records_with_buffer(buffer)?;
    let mut record = Record::default();
    let mut rows = Vec::new();
    while records.read(&mut record)? {
        rows.push(record.iter().map(str::to_owned).collect());
    }
    Ok(rows)
}

fn cells(bytes: &[u8]) -> Vec<Vec<String>> {
    let sheet = sheet(bytes).unwrap();
    let whole = rows(&sheet, BUFFER).unwrap();
    assert_eq!(rows(&sheet, 3).unwrap(), whole, "a second pass reads the same");
    whole
}

fn told(bytes: &[u8], about: &str) -> String {
    sheet(bytes).unwrap().told().into_iter().find(|told| told.about == about).unwrap().value
}

#[test]
fn what_a_file_is_follows_from_its_bytes() {
    let table = [["a", "b"], ["1", "2"]];
    assert_eq!(cells(b"a,b\n1,2\n"), table);
    assert_eq!(cells(b"\xEF\xBB\xBF\"a\",b\n1,2\n"), table);
    assert_eq!(cells(b" \n [{\"a\": 1, \"b\": 2}]"), table);
    assert_eq!(cells(b"{\"a\": 1, \"b\": 2}\n"), table);
    let wide: Vec<u8> = "a\tb\r\n1\t2\r\n".encode_utf16().flat_map(u16::to_be_bytes).collect();
    assert_eq!(cells(&wide), table);
    assert_eq!(told(&wide, "encoding"), "UTF-16BE");
    assert_eq!(told(&wide, "separator"), "tab");
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    gzip.write_all(b"a;b\r\n1;2\r\n").unwrap();
    let gzip = gzip.finish().unwrap();
    assert_eq!(cells(&gzip), table);
    assert_eq!((told(&gzip, "compression"), told(&gzip, "line ends")), ("gzip".into(), "CRLF".into()));
}

#[test]
fn what_is_no_table_gets_a_clear_word() {
    for (bytes, code, word) in [
        (&b""[..], Code::EmptyFile, "empty"),
        (b"\xEF\xBB\xBF\r\n \n", Code::EmptyFile, "blank"),
        (b"\x89PNG\r\n\x1A\n\0\0\0\rIHDR", Code::NotText, "PNG image"),
        (b"%PDF-1.7\n%\xE2\xE3", Code::NotText, "PDF"),
        (&[0; 60], Code::NotText, "binary"),
        (b"a,b\n1,2\0\n", Code::NulByte, "NUL"),
        (b"\x01\x02\x03\xFF\x00\x07\x08abc", Code::NotText, "binary"),
        (b"<!DOCTYPE html><html>", Code::NotText, "web page"),
        (b"[{\"a\": 1},]", Code::BadJson, "comma"),
        (b"a;b,c\nd;e,f\n", Code::UnknownDialect, "semicolon"),
    ] {
        let finding = sheet(bytes).and_then(|sheet| rows(&sheet, BUFFER)).unwrap_err();
        assert_eq!(finding.code(), code, "{finding}");
        assert!(finding.to_string().contains(word), "{finding}");
        assert_eq!(finding.parts().place.file.as_deref(), Some("f"));
    }
}

#[test]
fn other_encodings_are_refused_where_they_begin_and_read_when_named() {
    let mut bytes = "campaign;clicks\n".repeat(20).into_bytes();
    bytes.extend(b"caf\xE9;2\n");
    let guessed = sheet(&bytes).unwrap();
    let finding = rows(&guessed, BUFFER).unwrap_err();
    assert_eq!((finding.code(), finding.parts().place.line), (Code::BadEncoding, Some(21)));
    let settled = guessed.with_encoding(encoding_rs::WINDOWS_1252).unwrap();
    assert_eq!(rows(&settled, BUFFER).unwrap().last().unwrap()[0], "café");
    let overrides = Overrides { encoding: Some(encoding_rs::WINDOWS_1252), ..Overrides::default() };
    assert_eq!(rows(&sheet_with(&bytes, &overrides).unwrap(), 1).unwrap(), rows(&settled, BUFFER).unwrap());
}

#[test]
fn flags_overrule_what_the_bytes_say() {
    let overrides = Overrides { delimiter: Some(b';'), ..Overrides::default() };
    assert_eq!(rows(&sheet_with(b"[a];b,c\n", &overrides).unwrap(), BUFFER).unwrap(), [["[a]", "b,c"]]);
    let overrides = Overrides { quote: Some(None), ..Overrides::default() };
    assert_eq!(rows(&sheet_with(b"a,\"b\n1,2\n", &overrides).unwrap(), BUFFER).unwrap(), [["a", "\"b"], ["1", "2"]]);
}

#[test]
fn arrays_that_are_left_out_are_told() {
    let sheet = sheet(br#"{"errors": [{"m": 1}], "data": [{"a": 1}, {"a": 2}]}"#).unwrap();
    assert_eq!(rows(&sheet, 4).unwrap(), [["a"], ["1"], ["2"]]);
    assert!(sheet.notes()[0].parts().message.contains("\"errors\" (1 objects)"));
}

/// The folder of real files and corpora, when there is one here.
fn shared() -> Option<PathBuf> {
    let data = std::env::var_os("MAK_REAL_EXPORTS");
    if data.is_none() {
        eprintln!("skipped: MAK_REAL_EXPORTS is not set");
    }
    data.map(PathBuf::from)
}

fn unpacked(shared: &Path, name: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let archive = shared.join(format!("../corpora/{name}.tar.xz"));
    let status = std::process::Command::new("tar").arg("-xJf").arg(archive).arg("-C").arg(folder.path()).status().unwrap();
    assert!(status.success());
    folder
}

fn files_in(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(files_in(&path));
        } else {
            files.push(path);
        }
    }
    files.sort();
    files
}

/// Cells as the corpora's JSON has them: rows as arrays, or as objects under the header.
fn expected_rows(json: &Path) -> Vec<Vec<String>> {
    let cell = |value: &serde_json::Value| value.as_str().unwrap().to_owned();
    let json: Vec<serde_json::Value> = serde_json::from_slice(&std::fs::read(json).unwrap()).unwrap();
    let mut rows: Vec<Vec<String>> = Vec::new();
    for row in &json {
        match row {
            serde_json::Value::Array(cells) => rows.push(cells.iter().map(cell).collect()),
            serde_json::Value::Object(members) => {
                if rows.is_empty() {
                    rows.push(members.keys().cloned().collect());
                }
                rows.push(members.values().map(cell).collect());
            }
            other => panic!("{other}"),
        }
    }
    rows
}

#[test]
fn well_formed_files_of_the_corpora_are_read_exactly() {
    let Some(shared) = shared() else { return };
    let mut checked = 0;
    for name in ["csv-spectrum", "csv-test-data"] {
        let folder = unpacked(&shared, name);
        for json in files_in(&folder.path().join(name).join("json")) {
            let stem = json.file_stem().unwrap().to_string_lossy().into_owned();
            let folder = json.parent().unwrap().parent().unwrap();
            let csv = ["csv", "csvs"]
                .map(|sub| folder.join(sub).join(format!("{stem}.csv")))
                .into_iter()
                .find(|path| path.is_file())
                .unwrap();
            let bytes = std::fs::read(&csv).unwrap();
            if stem == "location_coordinates" {
                // Its JSON tells of another table.
                assert_eq!(cells(&bytes)[1][0], "2095257564");
                continue;
            }
            let mut expected = expected_rows(&json);
            if stem == "all-empty" {
                assert_eq!(sheet(&bytes).unwrap_err().code(), Code::EmptyFile);
                continue;
            }
            let mut found = cells(&bytes);
            // In a table of one column a blank line is a blank cell; that is decided above.
            if expected.iter().all(|row| row.len() == 1) {
                found.iter_mut().filter(|row| row.is_empty()).for_each(|row| row.push(String::new()));
            }
            // A file without rows has an empty array for its JSON.
            if expected.is_empty() {
                expected.push(vec!["foo".into(), "bar".into(), "baz".into()]);
            }
            assert_eq!(found, expected, "{}", csv.display());
            checked += 1;
        }
    }
    assert_eq!(checked, 28);
}

#[test]
fn malformed_files_of_the_corpora_are_refused() {
    let Some(shared) = shared() else { return };
    let folder = unpacked(&shared, "csv-test-data");
    let outcome = |name: &str| {
        let bytes = std::fs::read(folder.path().join("csv-test-data/csv").join(name)).unwrap();
        sheet(&bytes).and_then(|sheet| rows(&sheet, BUFFER)).map_err(|finding| finding.code())
    };
    assert_eq!(outcome("bad-missing-quote.csv"), Err(Code::UnclosedQuote));
    assert_eq!(outcome("bad-quotes-with-unescaped-quote.csv"), Err(Code::StrayQuote));
    assert_eq!(outcome("bad-header-no-header.csv"), Err(Code::EmptyFile));
}

#[test]
fn real_exports_are_told_and_read_to_the_end() {
    let Some(shared) = shared() else { return };
    let mut read = 0;
    for path in files_in(&shared) {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let csv = path.extension().is_some_and(|ending| ending == "csv");
        if !csv && !name.starts_with("KAG.") {
            continue;
        }
        let source = Source::file(&path).unwrap();
        let mut sheet = sheets(&source, &Overrides::default()).unwrap().remove(0);
        if name == "Superstore.csv" {
            let finding = rows(&sheet, BUFFER).unwrap_err();
            assert_eq!((finding.code(), finding.parts().place.line), (Code::BadEncoding, Some(13)));
            sheet = sheet.with_encoding(encoding_rs::WINDOWS_1252).unwrap();
        }
        let separator = sheet.dialect().map(|dialect| char::from(dialect.delimiter));
        let expected = match name.as_str() {
            "bank-full.csv" | "meta_fr_semicolon.csv" | "pathdata.csv" => Some(';'),
            "google_ads_utf16_tsv.csv" => Some('\t'),
            name if name.starts_with("KAG.") => None,
            _ => Some(','),
        };
        assert_eq!(separator, expected, "{}: {:?}", path.display(), sheet.told());
        rows(&sheet, BUFFER).unwrap_or_else(|finding| panic!("{finding}"));
        read += 1;
    }
    assert!(read >= 35, "{read}");
}
