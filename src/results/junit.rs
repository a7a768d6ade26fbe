//! The XML of `JUnit`, as CI servers read it: a test case a line, with failure, error and skipped told
//! apart. A warning is a test that passed and says something. Where nothing was judged, what stood
//! in the way is an error each, so that no server takes the run for a success.

use std::fmt::Write as _;

use super::check::{found_text, interval_text, title};
use super::view::{message_text, place_text, unit_of_subject};
use crate::contract::{CheckLine, CheckReport, CheckStatus, Warning};
use crate::finding::escape;
use crate::kpi::Catalogue;

/// The report as XML that keeps to the schema of Jenkins' xUnit plugin (`junit-10.xsd`), the
/// strictest in use: where a rule stands is said in the text, as it has no attribute for that.
pub fn junit(report: &CheckReport, catalogue: &Catalogue) -> Vec<u8> {
    let counts = report.counts;
    let obstacles = obstacles(report);
    let totals = format!(
        "tests=\"{}\" failures=\"{}\" errors=\"{}\" time=\"0\"",
        report.checks.len().saturating_add(obstacles.len()),
        counts.failed,
        counts.unanswered.saturating_add(u64::try_from(obstacles.len()).unwrap_or(u64::MAX)),
    );
    let mut out = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    // Writing to a string does not fail.
    let _ = writeln!(out, "<testsuites name=\"mak check\" {totals}>");
    let _ = writeln!(out, "  <testsuite name=\"mak check\" {totals} skipped=\"{}\">", counts.skipped);
    for line in &report.checks {
        case(&mut out, report, line, catalogue);
    }
    obstacles.iter().for_each(|obstacle| out.push_str(obstacle));
    out.push_str("  </testsuite>\n</testsuites>\n");
    out.into_bytes()
}

/// A test case for each reason why nothing was judged.
fn obstacles(report: &CheckReport) -> Vec<String> {
    let case = |class: &str, name: &str, kind: &str, message: &str| {
        let (class, name, kind, message) = (escaped(class), escaped(name), escaped(kind), escaped(message));
        format!(
            "    <testcase classname=\"{class}\" name=\"{name}\" time=\"0\">\n      <error type=\"{kind}\" \
             message=\"{message}\">{message}</error>\n    </testcase>\n"
        )
    };
    let error = |error: &Warning| {
        let place = place_text(error);
        let name = if place.is_empty() { "mak check".to_owned() } else { place };
        let help = error.help.as_ref().map_or_else(String::new, |help| format!("; help: {}", escape(help)));
        case("mak.input", &name, &error.code, &format!("{}{help}", message_text(error)))
    };
    let errors: Vec<String> = report.errors().map(error).collect();
    match &report.reason {
        Some(reason) if errors.is_empty() => vec![case("mak", "mak check", "nothing-judged", reason)],
        _ => errors,
    }
}

fn case(out: &mut String, report: &CheckReport, line: &CheckLine, catalogue: &Catalogue) {
    let _ =
        write!(out, "    <testcase classname=\"mak.{}\" name=\"{}\" time=\"0\"", escaped(&line.subject), escaped(&title(line)));
    let message = escaped(&message(report, line, catalogue));
    let place = line.file.as_ref().zip(line.line).map_or_else(String::new, |(file, number)| format!("\n{file}:{number}"));
    let body = format!("{message}{}", escaped(&place));
    let _ = match line.status {
        CheckStatus::Passed if line.reason.is_none() => writeln!(out, "/>"),
        CheckStatus::Passed | CheckStatus::Warned => {
            let word = if line.status == CheckStatus::Warned { "warning: " } else { "" };
            writeln!(out, ">\n      <system-out>{word}{message}</system-out>\n    </testcase>")
        }
        CheckStatus::Skipped => writeln!(out, ">\n      <skipped message=\"{message}\"/>\n    </testcase>"),
        CheckStatus::Failed => {
            writeln!(out, ">\n      <failure type=\"threshold\" message=\"{message}\">{body}</failure>\n    </testcase>")
        }
        CheckStatus::Unanswered => {
            writeln!(out, ">\n      <error type=\"unavailable\" message=\"{message}\">{body}</error>\n    </testcase>")
        }
    };
}

/// What was found and expected in one sentence.
pub(super) fn message(report: &CheckReport, line: &CheckLine, catalogue: &Catalogue) -> String {
    let unit = unit_of_subject(catalogue, &line.subject, &line.unit);
    let mut parts = vec![format!("expected {}", line.expected)];
    if line.found.is_some() {
        parts.push(format!("found {}", found_text(line, unit, report.currency.as_deref())));
    }
    if let Some(interval) = &line.interval {
        parts.push(format!("interval {}", interval_text(line, interval, unit, report.currency.as_deref())));
    }
    if let Some(n) = line.n {
        parts.push(format!("n {n}"));
    }
    if let Some(owner) = &line.owner {
        parts.push(format!("owner {owner}"));
    }
    let facts = parts.join(", ");
    line.reason.as_ref().map_or_else(|| facts.clone(), |reason| format!("{facts}: {reason}"))
}

/// Text for an attribute or an element. Characters that XML 1.0 does not allow, escaped or not,
/// are replaced.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&apos;"),
            // A parser would turn these into blanks in an attribute.
            '\t' | '\n' | '\r' => {
                let _ = write!(out, "&#{};", u32::from(c));
            }
            c if c < ' ' || matches!(c, '\u{7F}'..='\u{9F}' | '\u{FFFE}' | '\u{FFFF}') => out.push('\u{FFFD}'),
            c => out.push(c),
        }
    }
    out
}
