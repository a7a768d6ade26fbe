//! The Pollock benchmark (HPI, VLDB 2023), a sample of it: no file may be read wrongly without a word.
//!
//! Every whole-file defect is tried, and rows 0 to 83 in steps for the defects of one row. Strictly, a file is read
//! exactly or refused with its line. With --repair, a sample must come out exactly, and what does not is known.

#[path = "common/corpus.rs"]
mod corpus;

mod common;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use common::{Ran, mak};
use corpus::unpacked;

/// Files that must come out exactly without any flag.
const EXACT: [&str; 11] = [
    "source.csv",
    "file_double_trailing_newline.csv",
    "file_field_delimiter_0x2C_0x20.csv",
    "file_field_delimiter_0x3B.csv",
    "file_field_delimiter_0x9.csv",
    "file_header_only.csv",
    "file_no_trailing_newline.csv",
    "file_one_data_row.csv",
    "file_preamble.csv",
    "file_record_delimiter_0xA.csv",
    "file_record_delimiter_0xD.csv",
];

/// Files that --repair reads otherwise than the benchmark expects, or refuses: a header that stands twice is
/// written once, rows under a repeated header are kept, doubled quotes that are not those of the file stay, blanks
/// are no separator when cells have blanks in them.
const OTHERWISE: [&str; 5] = [
    "file_header_multirow_2.csv",
    "file_header_multirow_3.csv",
    "file_multitable_same.csv",
    "file_quotation_char_0x27.csv",
    "file_field_delimiter_0x20.csv",
];

/// What became of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Verdict {
    Exact,
    Refused,
    Wrong,
}

fn cells(text: &[u8]) -> Vec<Vec<String>> {
    let mut reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(text);
    reader.records().map(|record| record.expect("well-formed").iter().map(str::to_owned).collect()).collect()
}

/// Normalizes a file and judges the outcome by the clean version.
fn verdict(folder: &Path, name: &str, flags: &[&str]) -> Verdict {
    let file = folder.join("csv").join(name);
    let ran: Ran = mak().arg("normalize").arg(&file).args(flags).output().expect("the binary starts").into();
    if ran.code == Some(0) {
        let clean = fs::read(folder.join("clean").join(name)).expect("a clean version");
        return if cells(ran.stdout.as_bytes()) == cells(&clean) { Verdict::Exact } else { Verdict::Wrong };
    }
    assert_eq!((ran.code, &*ran.stdout), (Some(2), ""), "{name}: {}", ran.stderr);
    for line in ran.stderr.lines().filter(|line| line.contains("error[")) {
        let place = line.split(": error[").next().unwrap_or_default();
        let number = place.strip_prefix(&*format!("{}:", file.display())).and_then(|rest| rest.split(':').next());
        assert!(number.is_some_and(|number| number.parse::<u64>().is_ok()), "no file and line in: {line}");
    }
    Verdict::Refused
}

/// Whole-file defects, and rows in steps.
fn sample(folder: &Path, step: usize) -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(folder.join("csv"))
        .expect("the files")
        .map(|entry| entry.expect("an entry").file_name().into_string().expect("UTF-8"))
        .filter(|name| folder.join("clean").join(name).is_file())
        .collect();
    names.sort();
    let whole = |name: &String| !name.starts_with("row_");
    let rows: Vec<String> = names.iter().filter(|name| !whole(name)).step_by(step).cloned().collect();
    names.into_iter().filter(whole).chain(rows).collect()
}

#[test]
fn no_file_is_read_wrongly_without_a_word() {
    let Some((_folder, corpus)) = unpacked("pollock") else { return };
    let corpus = corpus.join("polluted_files");
    let mut counted: BTreeMap<Verdict, usize> = BTreeMap::new();
    for name in sample(&corpus, 17) {
        let verdict = verdict(&corpus, &name, &[]);
        assert_ne!(verdict, Verdict::Wrong, "{name}");
        let expected = if EXACT.contains(&&*name) { Verdict::Exact } else { Verdict::Refused };
        assert_eq!(verdict, expected, "{name}");
        *counted.entry(verdict).or_default() += 1;
    }
    eprintln!("{counted:?}");
    assert_eq!(counted.get(&Verdict::Exact), Some(&EXACT.len()));
}

#[test]
fn repairs_come_out_as_the_file_was_before_it_was_damaged() {
    let Some((_folder, corpus)) = unpacked("pollock") else { return };
    let corpus = corpus.join("polluted_files");
    // Rows 0 (the header) and 46 (a price like no other) cannot be repaired in every way.
    let hopeless = |name: &str| ["row0_", "row46_", "row33_", "0x20"].iter().any(|part| name.contains(part));
    let known = |name: &str| OTHERWISE.contains(&name);
    for name in sample(&corpus, 17).iter().filter(|name| !(known(name) || (name.starts_with("row_") && hopeless(name)))) {
        assert_eq!(verdict(&corpus, name, &["--repair"]), Verdict::Exact, "{name}");
    }
}
