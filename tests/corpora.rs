//! csv-spectrum and csv-test-data: every well-formed file is read exactly, every malformed one refused.

#[path = "common/corpus.rs"]
mod corpus;

mod common;

use std::fs;
use std::path::{Path, PathBuf};

use common::{Ran, mak};
use corpus::unpacked;
use serde_json::Value;

fn normalize(file: &Path, flags: &[&str]) -> Ran {
    mak().arg("normalize").arg(file).args(flags).output().expect("the binary starts").into()
}

fn cells(text: &str) -> Vec<Vec<String>> {
    let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(text.as_bytes());
    reader.records().map(|record| record.expect("well-formed").iter().map(str::to_owned).collect()).collect()
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut files: Vec<PathBuf> = fs::read_dir(folder).expect("the files").map(|entry| entry.expect("an entry").path()).collect();
    files.sort();
    assert!(!files.is_empty());
    files
}

fn expected(corpus: &Path, file: &Path) -> Option<Value> {
    let name = Path::new(file.file_name()?).with_extension("json");
    Some(serde_json::from_slice(&fs::read(corpus.join("json").join(name)).ok()?).expect("JSON"))
}

#[test]
fn csv_spectrum_is_read_exactly() {
    let Some((_folder, corpus)) = unpacked("csv-spectrum") else { return };
    for file in files(&corpus.join("csvs")) {
        let ran = normalize(&file, &[]).answered();
        let table = cells(&ran.stdout);
        let (header, rows) = table.split_first().expect("a header");
        let rows: Vec<Value> = rows
            .iter()
            .map(|row| {
                header
                    .iter()
                    .cloned()
                    .zip(row.iter().map(|cell| Value::from(cell.as_str())))
                    .collect::<serde_json::Map<_, _>>()
                    .into()
            })
            .collect();
        let truth = expected(&corpus, &file).expect("the truth");
        if file.ends_with("location_coordinates.csv") {
            // The truth of this file has another telephone number than the file itself.
            let cell = |row: &Value| row["Location Coordinates"].clone();
            assert_eq!(rows.iter().map(cell).collect::<Vec<_>>(), [cell(&truth)]);
        } else {
            assert_eq!(Value::from(rows), truth, "{}", file.display());
        }
    }
}

#[test]
fn csv_test_data_is_read_exactly_or_refused() {
    let Some((_folder, corpus)) = unpacked("csv-test-data") else { return };
    for file in files(&corpus.join("csv")) {
        let name = file.file_name().and_then(|name| name.to_str()).expect("UTF-8").to_owned();
        match (&*name, expected(&corpus, &file)) {
            // Two blank lines, which the corpus takes for two rows of one blank cell, are no table.
            ("all-empty.csv", _) => drop(normalize(&file, &["--no-header"]).refused("empty-file")),
            // Well-formed; only that other names were expected makes it bad, and a platform's profile would.
            ("bad-header-wrong-header.csv", _) => drop(mak_compute(&file).refused("no-known-column")),
            (_, None) => {
                let ran = normalize(&file, &[]);
                assert_eq!((ran.code, &*ran.stdout), (Some(2), ""), "{name}: {}", ran.stderr);
            }
            (header, Some(truth)) if header.starts_with("header-") => {
                let table = cells(&normalize(&file, &[]).answered().stdout);
                assert_eq!(table[0], ["foo", "bar", "baz"]);
                let rows = truth.as_array().expect("rows");
                let objects = table[1..].iter().map(|row| serde_json::json!({"foo": row[0], "bar": row[1], "baz": row[2]}));
                assert_eq!(&objects.collect::<Vec<_>>(), rows, "{name}");
            }
            (_, Some(truth)) => {
                let table = cells(&normalize(&file, &["--no-header"]).answered().stdout);
                assert_eq!(serde_json::json!(table), truth, "{name}");
            }
        }
    }
}

fn mak_compute(file: &Path) -> Ran {
    mak().arg("compute").arg(file).output().expect("the binary starts").into()
}
