//! What GitHub Actions shows: annotations and the step summary, within its limits.
//!
//! GitHub keeps ten annotations of a kind a step and drops the others in silence, and refuses a
//! summary above 1 MiB as a whole ("Workflow commands for GitHub Actions", GitHub Docs).

use std::fmt::Write as _;

use super::check::{check_markdown, in_order, title};
use super::junit::message;
use crate::contract::{CheckLine, CheckReport, CheckStatus};
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
    let mut out = String::new();
    commands(&mut out, "error", &of(&[CheckStatus::Unanswered, CheckStatus::Failed]), report, catalogue);
    commands(&mut out, "warning", &of(&[CheckStatus::Warned]), report, catalogue);
    if let Some(reason) = &report.reason {
        let _ = writeln!(out, "::error title=mak check::{}", data(reason));
    }
    out
}

fn commands(out: &mut String, kind: &str, lines: &[&CheckLine], report: &CheckReport, catalogue: &Catalogue) {
    let shown = if lines.len() > ANNOTATIONS { ANNOTATIONS.saturating_sub(1) } else { lines.len() };
    for line in lines.iter().take(shown) {
        let mut place = String::new();
        if let Some(file) = &line.file {
            let _ = write!(place, "file={},", property(file));
        }
        if let Some(number) = line.line {
            let _ = write!(place, "line={number},");
        }
        let text: String = message(report, line, catalogue).chars().take(TEXT).collect();
        let _ = writeln!(out, "::{kind} {place}title={}::{}", property(&title(line)), data(&text));
    }
    let more = lines.len().saturating_sub(shown);
    if more > 0 {
        let _ = writeln!(out, "::{kind} title=mak check::and {more} more; the summary of this step lists them");
    }
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
