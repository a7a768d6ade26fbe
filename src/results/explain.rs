//! One KPI explained, for `mak explain`.

use std::fmt::Write as _;

use super::layout::{Tone, entry, hanging, paint, width, wrap};
use super::markdown::escaped;
use super::number::human;
use super::table::joined;
use super::view::{arithmetic, file_text, interval_text, measure_text, unit_of, value_text};
use super::{Format, Page, RenderError, json};
use crate::contract::{Explain, Found, FoundMeasure, Need, WorkedExample};
use crate::finding::{escape, excerpt};
use crate::kpi::{Catalogue, Unit};

/// Columns of the labels.
const LABEL: usize = 11;

/// The explanation as bytes: table, Markdown or JSON.
///
/// # Errors
/// The format is another one, or JSON cannot be written.
pub fn explain(document: &Explain, catalogue: &Catalogue, format: Format, page: &Page) -> Result<Vec<u8>, RenderError> {
    match format {
        Format::Table => Ok(joined(&sections(document, catalogue, page))),
        Format::Markdown => Ok(markdown(document, catalogue).into_bytes()),
        Format::Json => json::document(document),
        Format::Ndjson | Format::Csv => Err(RenderError::NotInThisFormat { document: "explain", format }),
    }
}

fn sections(document: &Explain, catalogue: &Catalogue, page: &Page) -> Vec<Vec<String>> {
    let page = &Page { width: page.columns(), ..*page };
    let mut title = wrap(&format!("{} ({})", escape(&document.name), escape(&document.id)), page.width);
    for line in &mut title {
        *line = paint(line, Tone::Strong, page.color);
    }
    title.extend(wrap(&escape(&document.summary), page.width));
    let mut out = vec![title, definition(document, page)];
    out.extend(document.example.as_ref().map(|example| example_lines(example, page)));
    out.extend(document.found.as_ref().map(|found| found_lines(found, document, catalogue, page)));
    out
}

fn definition(document: &Explain, page: &Page) -> Vec<String> {
    let mut out = labelled("Formula", &escape(&document.formula), page);
    if document.depends_on_basis {
        out.extend(labelled("", BASIS, page));
    }
    for (i, need) in document.needs.iter().enumerate() {
        out.extend(labelled(if i == 0 { "Reads" } else { "" }, &need_text(need), page));
    }
    out.extend(labelled("Unit", &unit_text(document), page));
    for (label, text) in facts(document) {
        out.extend(labelled(label, &text, page));
    }
    out
}

const BASIS: &str = "recipients is delivered, or sent with --basis sent";

fn need_text(need: &Need) -> String {
    let how = if need.adds_up == "sum" { String::new() } else { format!(" ({})", escape(&need.adds_up)) };
    format!("{}: {}{how}", escape(&need.id), escape(&need.summary))
}

fn unit_text(document: &Explain) -> String {
    let better = match document.better.as_str() {
        "up" => ", higher is better",
        "down" => ", lower is better",
        _ => "",
    };
    format!("{}{better}", escape(&document.unit))
}

/// What is said in a sentence, where there is one.
fn facts(document: &Explain) -> Vec<(&'static str, String)> {
    let all = [
        ("Watch out", document.pitfalls.clone()),
        ("Source", document.source.clone()),
        ("Also called", document.aliases.join(", ")),
        ("Since", document.since.clone().unwrap_or_default()),
    ];
    all.into_iter().filter(|(_, text)| !text.is_empty()).map(|(label, text)| (label, escape(&text))).collect()
}

fn labelled(label: &str, text: &str, page: &Page) -> Vec<String> {
    let blanks = " ".repeat((LABEL + 2).saturating_sub(width(label)));
    let mut lines = hanging(&format!("{label}{blanks}"), text, page.width);
    if let Some(first) = lines.first_mut() {
        let rest = first.get(label.len()..).unwrap_or_default().to_owned();
        *first = format!("{}{rest}", paint(label, Tone::Faint, page.color));
    }
    lines
}

fn example_lines(example: &WorkedExample, page: &Page) -> Vec<String> {
    let mut out = vec![paint("Worked example", Tone::Strong, page.color)];
    out.extend(hanging("  ", &escape(&example.from), page.width));
    out.extend(hanging("  ", &given_text(example), page.width));
    out.extend(step_lines(&example.steps, page));
    out
}

fn given_text(example: &WorkedExample) -> String {
    let given = example.given.iter().map(|given| {
        let values: Vec<String> = given.values.iter().map(ToString::to_string).collect();
        format!("{} = {}", escape(&given.measure), values.join(" "))
    });
    given.collect::<Vec<_>>().join(", ")
}

/// One step a line, each after the first behind its `=` or `≈`.
fn step_lines(steps: &[String], page: &Page) -> Vec<String> {
    let line = |(i, step): (usize, &String)| {
        let step = escape(step);
        match step.strip_prefix("≈ ") {
            Some(rest) => hanging("  ≈ ", rest, page.width),
            None => hanging(if i == 0 { "    " } else { "  = " }, &step, page.width),
        }
    };
    steps.iter().enumerate().flat_map(line).collect()
}

fn found_lines(found: &Found, document: &Explain, catalogue: &Catalogue, page: &Page) -> Vec<String> {
    let mut out = vec![paint("In the files", Tone::Strong, page.color)];
    out.extend(hanging("  ", &outcome_text(found, document, catalogue), page.width));
    out.extend(step_lines(&found.steps, page));
    for measure in &found.from {
        out.extend(entry(&source_text(measure, found, catalogue), page.width));
    }
    out
}

fn outcome_text(found: &Found, document: &Explain, catalogue: &Catalogue) -> String {
    let currency = found.currency.as_deref();
    let unit = unit_of(catalogue, &document.id);
    match (&found.value, &found.unavailable) {
        (Some(value), _) => {
            let details = [arithmetic(unit, value, currency), interval_text(value)];
            let mut text = value_text(unit, &value.into(), currency);
            for (detail, what) in details.iter().zip([": ", ", 95 % interval "]).filter(|(detail, _)| !detail.is_empty()) {
                text.push_str(what);
                text.push_str(detail);
            }
            text
        }
        (None, Some(why)) => format!("n/a: {}", escape(&why.reason)),
        (None, None) => "n/a".to_owned(),
    }
}

fn source_text(measure: &FoundMeasure, found: &Found, catalogue: &Catalogue) -> String {
    let mut text = escape(&measure.measure);
    if let Some(value) = &measure.value {
        let _ = write!(text, " {}", measure_text(catalogue, &measure.measure, value, found.currency.as_deref()));
    }
    if let Some(derived) = &measure.derived {
        let _ = write!(text, " ({})", escape(derived));
    }
    if !measure.columns.is_empty() {
        let columns: Vec<String> = measure.columns.iter().map(|column| format!("\"{}\"", excerpt(column))).collect();
        let _ = write!(text, " from {}", columns.join(" + "));
    }
    let count = |n: u64| human(n.into(), Unit::Count, None);
    let _ = write!(text, " of {}, {} rows", file_text(&measure.file, measure.part.as_deref()), count(measure.rows));
    if measure.left_out > 0 {
        let _ = write!(text, ", {} left out", count(measure.left_out));
    }
    if let Some(why) = &measure.set_aside {
        let _ = write!(text, "; not counted: {}", escape(why));
    }
    text
}

fn markdown(document: &Explain, catalogue: &Catalogue) -> String {
    let mut out = vec![
        format!("### {} ({})\n", escaped(&document.name), escaped(&document.id)),
        format!("{}\n", escaped(&document.summary)),
        format!("- **Formula**: {}", escaped(&document.formula)),
    ];
    if document.depends_on_basis {
        out.push(format!("  ({})", escaped(BASIS)));
    }
    out.extend(document.needs.iter().map(|need| format!("- **Reads** {}", escaped(&need_text(need)))));
    out.push(format!("- **Unit**: {}", escaped(&unit_text(document))));
    out.extend(facts(document).into_iter().map(|(label, text)| format!("- **{label}**: {}", escaped(&text))));
    if let Some(example) = &document.example {
        out.push(format!("\n**Worked example**: {}\n\n{}\n", escaped(&example.from), escaped(&given_text(example))));
        out.push(markdown_steps(&example.steps));
    }
    if let Some(found) = &document.found {
        out.push(format!("\n**In the files**: {}\n", escaped(&outcome_text(found, document, catalogue))));
        out.push(markdown_steps(&found.steps));
        out.extend(found.from.iter().map(|measure| format!("- {}", escaped(&source_text(measure, found, catalogue)))));
    }
    let mut text = out.join("\n");
    text.push('\n');
    text
}

/// The steps as a block of code, whose fence no step can close: a step holds no backtick.
fn markdown_steps(steps: &[String]) -> String {
    if steps.is_empty() {
        return String::new();
    }
    let wide = Page { width: 10_000, ..Page::default() };
    format!("```\n{}\n```", step_lines(steps, &wide).join("\n").replace('`', "'"))
}

#[cfg(test)]
mod tests {
    use super::super::sample;
    use super::*;
    use crate::contract::Compute;

    fn text(document: &Explain, format: Format, columns: usize) -> String {
        let page = Page { width: columns, ..Page::default() };
        String::from_utf8(explain(document, &sample::catalogue(), format, &page).expect("written")).expect("UTF-8")
    }

    fn open_rate() -> Explain {
        Explain::new(&sample::catalogue(), "open_rate").expect("in the catalogue")
    }

    #[test]
    fn the_worked_example_is_written_out() {
        let mut document = open_rate();
        let catalogue = sample::catalogue();
        let example = Explain::new(&catalogue, "sales_cycle_length").and_then(|kpi| kpi.example).expect("an example");
        assert!(text(&document, Format::Table, 60).contains("Formula      opens / recipients\n"));
        document.example = Some(WorkedExample {
            given: Vec::new(),
            steps: vec!["opens / delivered".into(), "1 / 3".into(), "≈ 0.333333".into()],
            ..example
        });
        let text = text(&document, Format::Table, 60);
        assert!(text.contains("    opens / delivered\n  = 1 / 3\n  ≈ 0.333333\n"), "{text}");
    }

    #[test]
    fn values_of_a_sample_are_in_its_unit() {
        let document = Explain::new(&sample::catalogue(), "sales_cycle_length").expect("in the catalogue");
        let text = text(&document, Format::Table, 80);
        assert!(text.contains("  sales_cycle_days = 40 30 60 70\n"), "{text}");
    }

    #[test]
    fn with_files_the_arithmetic_goes_down_to_the_columns() {
        let answer: Compute = sample::total();
        let text = text(&open_rate().with_answer(&sample::catalogue(), &answer), Format::Table, 200);
        assert!(text.contains("  = 2421948 / 4098579\n  ≈ 0.590924\n"), "{text}");
        assert!(
            text.contains("  opens 2,421,948 from \"Unique Opens\" of data/campaigns.csv, 1,204 rows, 3 left out\n"),
            "{text}"
        );
    }

    #[test]
    fn every_explanation_fits_the_page_and_reads_back() {
        for kpi in sample::catalogue().kpis() {
            let document = Explain::new(&sample::catalogue(), kpi.id).expect("in the catalogue");
            let document = document.with_answer(&sample::catalogue(), &sample::total());
            for columns in [40, 60, 80, 200] {
                for line in text(&document, Format::Table, columns).lines() {
                    assert!(width(line) <= columns, "{line}");
                }
            }
            let back: Explain = serde_json::from_str(&text(&document, Format::Json, 80)).expect("JSON");
            assert_eq!(back, document);
            assert!(text(&document, Format::Markdown, 80).starts_with("### "));
        }
    }
}
