//! One byte lost: a good export with each of its bytes deleted in turn must give the same totals,
//! an error, or a finding that the whole file does not give. What changes silently is counted, and
//! may only be a digit.

#![allow(clippy::print_stdout, reason = "the count of silent changes is the point of the test")]

use std::collections::BTreeMap;
use std::path::Path;

use mak::finding::Code;
use mak::ingest::layout::Told;
use mak::ingest::scan::Settings;
use mak::ingest::sheet::Overrides;
use mak::ingest::source::Source;
use mak::ingest::survey::Marks;
use mak::ingest::{self, Input};
use mak::kpi::{Catalogue, Measured};
use mak::measures::Question;

/// Totals by measure, and how often each kind of finding was made.
#[derive(Debug, PartialEq)]
struct Reading {
    totals: BTreeMap<&'static str, Measured>,
    findings: BTreeMap<Code, usize>,
}

fn read(path: &Path) -> Option<Reading> {
    let source = Source::file(path).ok()?;
    let input = Input {
        source,
        told: Told::default(),
        overrides: Overrides::default(),
        marks: Marks::default(),
        scan: Settings::default(),
    };
    let sources = ingest::read(&[input], &Question::default(), &Catalogue::builtin()).ok()?;
    let mut reading = Reading { totals: BTreeMap::new(), findings: BTreeMap::new() };
    for source in &sources {
        reading.totals.extend(source.measured.total.iter().map(|(measure, measured)| (measure.id(), measured.clone())));
        for finding in &source.findings {
            *reading.findings.entry(finding.code()).or_default() += 1;
        }
    }
    Some(reading)
}

/// The bytes of which the loss changes a total without an error or a further finding.
fn silent_losses(fixture: &str) -> Vec<(usize, u8)> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures").join(fixture);
    let bytes = std::fs::read(&path).expect("a fixture");
    let whole = read(&path).expect("a good export");
    let folder = tempfile::tempdir().expect("a folder");
    let cut = folder.path().join("cut.csv");
    let mut silent = Vec::new();
    for at in 0..bytes.len() {
        let mut shorter = bytes.clone();
        let lost = shorter.remove(at);
        std::fs::write(&cut, &shorter).expect("written");
        let Some(reading) = read(&cut) else { continue };
        let more = reading.findings.iter().any(|(code, count)| whole.findings.get(code).is_none_or(|known| count > known));
        if reading.totals != whole.totals && !more {
            silent.push((at, lost));
        }
    }
    println!("{fixture}: {} bytes, {} silent changes", bytes.len(), silent.len());
    silent
}

fn only_digits_are_lost_silently(fixture: &str) {
    let text = std::fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures").join(fixture)).expect("a fixture");
    let around = |at: usize| String::from_utf8_lossy(&text[at.saturating_sub(30)..(at + 20).min(text.len())]).into_owned();
    let others: Vec<String> = silent_losses(fixture)
        .into_iter()
        .filter(|(_, lost)| !lost.is_ascii_digit())
        .map(|(at, lost)| format!("byte {at} ({:?}) in {:?}", char::from(lost), around(at)))
        .collect();
    assert!(others.is_empty(), "{fixture}: lost without a word:\n{}", others.join("\n"));
}

#[test]
fn a_campaign_list() {
    only_digits_are_lost_silently("klaviyo/klaviyo-campaigns.csv");
}

#[test]
fn an_ad_report_with_preamble_and_total() {
    only_digits_are_lost_silently("linkedin/linkedin-ads.csv");
}

#[test]
fn an_ad_report_with_several_totals() {
    only_digits_are_lost_silently("google_ads/google-ads-report.csv");
}
