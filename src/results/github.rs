//! What GitHub Actions shows: annotations and the step summary, within its limits.
//!
//! GitHub keeps ten annotations of a kind a step and drops the others in silence, and refuses a
//! summary above 1 MiB as a whole ("Workflow commands for GitHub Actions", GitHub Docs).

use std::fmt::Write as _;

use super::check::{check_markdown, in_order, title};
use super::junit::message;
use super::view::message_text;
use crate::contract::{CheckLine, CheckReport, CheckStatus, Warning};
use crate::kpi::Catalogue;

/// Annotations of a kind that GitHub keeps.
const ANNOTATIONS: usize = 10;

/// Longest text of an annotation, in characters.
const TEXT: usize = 2_000;

/// Largest summary of a step, in bytes.
const SUMMARY: usize = 1024 * 1024;

/// Workflow commands, one a line: failures as errors, then warnings, at most ten of each; where
/// there are more, the tenth counts the rest.
pub fn annotations(report: &CheckReport, catalogue: &Catalogue) -> String {
    let of = |wanted: &[CheckStatus]| -> Vec<&CheckLine> {
        in_order(report).into_iter().filter(|line| wanted.contains(&line.status)).collect()
    };
    let from_line = |line: &&CheckLine| Annotation {
        file: line.file.clone(),
        line: line.line,
        title: title(line),
        text: message(report, line, catalogue),
    };
    let from_error = |error: &Warning| Annotation {
        file: error.file.clone(),
        line: error.line,
        title: error.code.clone(),
        text: message_text(error),
    };
    let mut errors: Vec<Annotation> = report.errors().map(from_error).collect();
    errors.extend(of(&[CheckStatus::Unanswered, CheckStatus::Failed]).iter().map(from_line));
    if let (Some(reason), true) = (&report.reason, errors.is_empty()) {
        errors.push(Annotation { file: None, line: None, title: "mak check".to_owned(), text: reason.clone() });
    }
    let warnings: Vec<Annotation> = of(&[CheckStatus::Warned]).iter().map(from_line).collect();
    commands("error", &errors) + &commands("warning", &warnings)
}

/// What one annotation says, and of which line of which file.
struct Annotation {
    file: Option<String>,
    line: Option<u64>,
    title: String,
    text: String,
}

fn commands(kind: &str, annotations: &[Annotation]) -> String {
    let mut out = String::new();
    let shown = if annotations.len() > ANNOTATIONS { ANNOTATIONS.saturating_sub(1) } else { annotations.len() };
    for annotation in annotations.iter().take(shown) {
        let mut place = String::new();
        if let Some(file) = &annotation.file {
            let _ = write!(place, "file={},", property(file));
        }
        if let Some(number) = annotation.line {
            let _ = write!(place, "line={number},");
        }
        let text: String = annotation.text.chars().take(TEXT).collect();
        // Writing to a string does not fail.
        let _ = writeln!(out, "::{kind} {place}title={}::{}", property(&annotation.title), data(&text));
    }
    let more = annotations.len().saturating_sub(shown);
    if more > 0 {
        let _ = writeln!(out, "::{kind} title=mak check::and {more} more; the summary of this step lists them");
    }
    out
}

/// The text of a command.
fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// The value of a property.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

/// The step summary in Markdown, small enough to stand after `already` bytes of others.
pub fn step_summary(report: &CheckReport, catalogue: &Catalogue, already: usize) -> String {
    // One byte less than the limit: "at most" and "below" are the same then.
    check_markdown(report, catalogue, SUMMARY.saturating_sub(1).saturating_sub(already))
}
