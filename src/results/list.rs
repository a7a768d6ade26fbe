//! The catalogue, for `mak list`.

use super::layout::{Cell, GAP, Tone, draw, hanging, natural_widths, paint, total_width, width, wrap};
use super::markdown::{escaped, table as markdown_table};
use super::table::joined;
use super::{Format, Page, RenderError, json};
use crate::contract::{List, ListedKpi, ListedMeasure};
use crate::finding::escape;

/// Least columns of a description beside its id; on a narrower page it stands below.
const DESCRIPTION: usize = 36;

/// The list as bytes: table, Markdown or JSON.
///
/// # Errors
/// The format is another one, or JSON cannot be written.
pub fn list(document: &List, format: Format, page: &Page) -> Result<Vec<u8>, RenderError> {
    match format {
        Format::Table => Ok(joined(&sections(document, page))),
        Format::Markdown => Ok(markdown(document).into_bytes()),
        Format::Json => json::document(document),
        Format::Ndjson | Format::Csv => Err(RenderError::NotInThisFormat { document: "list", format }),
    }
}

fn sections(document: &List, page: &Page) -> Vec<Vec<String>> {
    let page = &Page { width: page.columns(), ..*page };
    let mut out = Vec::new();
    for (category, kpis) in runs(&document.kpis, |kpi| &kpi.category) {
        out.push(headed(category, kpi_lines(kpis, page), page));
    }
    if !document.kpis.is_empty() {
        let legend = "↑ higher is better, ↓ lower is better. mak explain KPI says more.";
        out.push(wrap(legend, page.width).iter().map(|line| paint(line, Tone::Faint, page.color)).collect());
    }
    for (group, measures) in runs(&document.measures, |measure| &measure.group) {
        out.push(headed(&format!("Measures: {group}"), measure_lines(measures, page), page));
    }
    if !document.dimensions.is_empty() {
        let names: Vec<String> = document.dimensions.iter().map(|name| escape(name)).collect();
        out.push(headed("Dimensions", hanging("  ", &names.join(", "), page.width), page));
    }
    if !document.platforms.is_empty() {
        out.push(headed("Platforms", platform_lines(document, page), page));
    }
    out
}

/// Neighbours with the same heading.
fn runs<T>(items: &[T], heading: impl Fn(&T) -> &String) -> Vec<(&str, &[T])> {
    let chunks = items.chunk_by(|a, b| heading(a) == heading(b));
    chunks.filter_map(|chunk| chunk.first().map(|first| (heading(first).as_str(), chunk))).collect()
}

fn headed(title: &str, lines: Vec<String>, page: &Page) -> Vec<String> {
    let mut out = vec![paint(&super::layout::cut(&escape(title), page.width), Tone::Strong, page.color)];
    out.extend(lines);
    out
}

fn kpi_lines(kpis: &[ListedKpi], page: &Page) -> Vec<String> {
    let items = kpis.iter().map(|kpi| {
        let formula = if page.verbose { format!(" = {}", escape(&kpi.formula)) } else { String::new() };
        (escape(&kpi.id), format!("{} {}{formula}", arrow(&kpi.better), escape(&kpi.summary)))
    });
    described(&items.collect::<Vec<_>>(), page)
}

fn measure_lines(measures: &[ListedMeasure], page: &Page) -> Vec<String> {
    let items = measures.iter().map(|measure| {
        let how = if measure.adds_up == "sum" { String::new() } else { format!(" ({})", escape(&measure.adds_up)) };
        (escape(&measure.id), format!("{}{how}", escape(&measure.summary)))
    });
    described(&items.collect::<Vec<_>>(), page)
}

fn platform_lines(document: &List, page: &Page) -> Vec<String> {
    let cells = |platform: &crate::contract::ListedPlatform| {
        [&platform.platform, &platform.export, &platform.kind, &platform.evidence].map(|text| Cell::left(escape(text))).to_vec()
    };
    let rows: Vec<Vec<Cell>> = document.platforms.iter().map(cells).collect();
    let widths = natural_widths(&rows);
    if total_width(&widths) + GAP <= page.width {
        return draw(&rows, &widths, page.color).into_iter().map(|line| format!("  {line}")).collect();
    }
    let items = document.platforms.iter().map(|platform| {
        (
            escape(&platform.platform),
            format!("{}: {}; {}", escape(&platform.export), escape(&platform.kind), escape(&platform.evidence)),
        )
    });
    described(&items.collect::<Vec<_>>(), page)
}

/// Ids with their descriptions beside them, or below where the page is narrow.
fn described(items: &[(String, String)], page: &Page) -> Vec<String> {
    let column = items.iter().map(|(id, _)| width(id)).max().unwrap_or(0) + 2 * GAP;
    if column + DESCRIPTION <= page.width {
        let line = |(id, text): &(String, String)| {
            let blanks = " ".repeat(column.saturating_sub(GAP + width(id)));
            hanging(&format!("  {id}{blanks}"), text, page.width)
        };
        return items.iter().flat_map(line).collect();
    }
    let below = |(id, text): &(String, String)| {
        let mut lines = hanging("  ", id, page.width);
        lines.extend(hanging("    ", text, page.width));
        lines
    };
    items.iter().flat_map(below).collect()
}

fn arrow(better: &str) -> &'static str {
    match better {
        "up" => "↑",
        "down" => "↓",
        _ => "·",
    }
}

fn markdown(document: &List) -> String {
    let mut out = Vec::new();
    let row = |cells: &[&str]| cells.iter().map(|text| escaped(text)).collect::<Vec<_>>();
    let header = |names: &[&str]| names.iter().map(|&name| name.to_owned()).collect::<Vec<_>>();
    for (category, kpis) in runs(&document.kpis, |kpi| &kpi.category) {
        let rows: Vec<_> =
            kpis.iter().map(|kpi| row(&[&kpi.id, &kpi.formula, &kpi.unit, arrow(&kpi.better), &kpi.summary])).collect();
        let header = header(&["KPI", "Formula", "Unit", "Better", "What it tells"]);
        out.push(format!("### {}\n\n{}", escaped(category), markdown_table(&header, &[], &rows)));
    }
    if !document.measures.is_empty() {
        let measures = document.measures.iter();
        let rows: Vec<_> = measures
            .map(|measure| row(&[&measure.id, &measure.group, &measure.adds_up, &measure.unit, &measure.summary]))
            .collect();
        let header = header(&["Measure", "Group", "Adds up", "Unit", "What is counted"]);
        out.push(format!("### Measures\n\n{}", markdown_table(&header, &[], &rows)));
    }
    if !document.dimensions.is_empty() {
        let names: Vec<String> = document.dimensions.iter().map(|name| escaped(name)).collect();
        out.push(format!("### Dimensions\n\n{}\n", names.join(", ")));
    }
    if !document.platforms.is_empty() {
        let platforms = document.platforms.iter();
        let rows: Vec<_> =
            platforms.map(|platform| row(&[&platform.platform, &platform.export, &platform.kind, &platform.evidence])).collect();
        let header = header(&["Platform", "Export", "A row is", "How its headers are known"]);
        out.push(format!("### Platforms\n\n{}", markdown_table(&header, &[], &rows)));
    }
    out.join("\n")
}

#[cfg(test)]
mod tests {
    use super::super::sample;
    use super::*;
    use crate::contract::ListedPlatform;
    use crate::kpi::{Catalogue, Measure};

    fn document() -> List {
        let platform = ListedPlatform {
            platform: "klaviyo".into(),
            export: "campaigns (classic)".into(),
            kind: "campaigns".into(),
            evidence: "headers seen in a real export".into(),
        };
        List::new(&sample::catalogue(), vec!["channel".into(), "month".into()], vec![platform])
    }

    fn text(format: Format, width: usize) -> String {
        let page = Page { width, ..Page::default() };
        String::from_utf8(list(&document(), format, &page).expect("written")).expect("UTF-8")
    }

    #[test]
    fn everything_is_listed_and_fits() {
        for columns in [40, 60, 80, 200] {
            let text = text(Format::Table, columns);
            for line in text.lines() {
                assert!(width(line) <= columns, "{line}");
            }
            for kpi in sample::catalogue().kpis() {
                assert!(text.contains(kpi.id), "{}", kpi.id);
            }
            for &measure in Measure::ALL {
                assert!(text.contains(measure.id()), "{measure}");
            }
            assert!(text.contains("klaviyo") && text.contains("channel, month"));
        }
        assert!(text(Format::Table, 80).contains("  open_rate"), "{}", text(Format::Table, 80));
    }

    #[test]
    fn parts_not_asked_for_leave_no_heading() {
        let mut document = List::new(&Catalogue::builtin(), vec!["channel".into()], Vec::new());
        document.kpis.clear();
        document.measures.clear();
        let bytes = list(&document, Format::Table, &Page::default()).expect("written");
        assert_eq!(String::from_utf8(bytes).expect("UTF-8"), "Dimensions\n  channel\n");
    }

    #[test]
    fn markdown_and_json_hold_the_same() {
        let markdown = text(Format::Markdown, 80);
        assert!(markdown.contains("| open\\_rate | opens / recipients | ratio | ↑ |"), "{markdown}");
        let back: List = serde_json::from_str(&text(Format::Json, 80)).expect("JSON");
        assert_eq!(back, document());
        assert!(list(&document(), Format::Csv, &Page::default()).is_err());
    }
}
