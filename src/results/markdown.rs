//! GitHub's Markdown: a KPI a row for the total, a group a row with `--by`; the rest folded away.

use std::fmt::Write as _;

use indexmap::IndexSet;

use super::view::{
    Shown, arithmetic, category_of, dates_text, file_text, in_order, interval_text, key_text, keys_of, left_out_text,
    measure_text, message_text, missing_in, name_of, number_of, place_text, reasons, rows_text, scope, taken_for, unit_of,
    value_text,
};
use super::{Page, Render, RenderError};
use crate::contract::{Compute, GroupView, Groups, Warning};
use crate::finding::escape;
use crate::kpi::{Catalogue, Unit};

/// Writes tables that GitHub renders, short enough for the comment of a pull request.
#[derive(Clone, Copy, Debug)]
pub struct Markdown;

impl Render for Markdown {
    fn render(&self, answer: &Compute, catalogue: &Catalogue, _: &Page) -> Result<Vec<u8>, RenderError> {
        Ok(self.page(answer, answer.groups.as_slice(), catalogue))
    }
}

impl Markdown {
    /// The answer with these groups as text: they are seen several times, and only their lines are
    /// kept.
    pub fn page(self, answer: &Compute, groups: &(impl Groups + ?Sized), catalogue: &Catalogue) -> Vec<u8> {
        let shown = Shown::of(answer, groups, catalogue, false);
        let answer = &shown.among_kpis(answer, catalogue);
        let mut out = Vec::new();
        let scope = scope(answer, &shown, catalogue);
        if !scope.is_empty() {
            out.push(format!("{}\n", escaped(&scope)));
        }
        out.push(if answer.by.is_empty() { total(answer, catalogue) } else { by_group(answer, groups, &shown, catalogue) });
        out.extend(not_computed(answer, catalogue));
        out.extend(unallocated(answer, catalogue));
        out.extend(inputs(answer));
        out.extend(findings(answer));
        out.join("\n").into_bytes()
    }
}

/// The text with everything that Markdown, HTML or GitHub would act on made literal: markup,
/// tags, cells, mentions and references. It stays on one line.
pub(super) fn escaped(text: &str) -> String {
    let text = escape(text);
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            // A backslash would do outside of tables; inside, GitHub splits cells first.
            '|' => out.push_str("&#124;"),
            '\\' | '`' | '*' | '_' | '[' | ']' | '~' | '!' => {
                out.push('\\');
                out.push(c);
            }
            // A space of no width keeps names from being notified and numbers from being linked.
            '@' | '#' => {
                out.push(c);
                out.push_str("&#8203;");
            }
            c => out.push(c),
        }
    }
    out
}

/// A table of Markdown. Cells are escaped already.
pub(super) fn table(header: &[String], right: &[bool], rows: &[Vec<String>]) -> String {
    let mut out = String::new();
    heading(&mut out, header, right);
    rows.iter().for_each(|row| line(&mut out, header.len(), row));
    out
}

/// The first two lines of a table.
fn heading(out: &mut String, header: &[String], right: &[bool]) {
    line(out, header.len(), header);
    let marks: Vec<String> =
        (0..header.len()).map(|i| if right.get(i) == Some(&true) { "--:" } else { "---" }.to_owned()).collect();
    line(out, header.len(), &marks);
}

/// A line of a table of so many columns.
fn line(out: &mut String, columns: usize, cells: &[String]) {
    out.push('|');
    for i in 0..columns {
        let _ = write!(out, " {} |", cells.get(i).map_or("", String::as_str));
    }
    out.push('\n');
}

fn total(answer: &Compute, catalogue: &Catalogue) -> String {
    let kpis = &answer.total.kpis;
    if kpis.is_empty() {
        return "No KPI could be computed.\n".to_owned();
    }
    let currency = answer.currency.as_deref();
    let mut rows = Vec::new();
    let mut heading = "";
    for id in in_order(catalogue, kpis.keys().map(String::as_str)) {
        let Some(value) = kpis.get(id) else { continue };
        let category = category_of(catalogue, id);
        let unit = unit_of(catalogue, id);
        if category != heading {
            heading = category;
            rows.push(vec![format!("**{}**", escaped(category))]);
        }
        rows.push(vec![
            escaped(&name_of(catalogue, id)),
            escaped(&value_text(unit, &value.into(), currency)),
            escaped(&arithmetic(unit, value, currency)),
            escaped(&interval_text(value)),
        ]);
    }
    let header = ["KPI", "Value", "Arithmetic", "95 % interval"].map(str::to_owned);
    table(&header, &[false, true, true, true], &rows)
}

fn by_group(answer: &Compute, groups: &(impl Groups + ?Sized), shown: &Shown, catalogue: &Catalogue) -> String {
    if shown.ids.is_empty() {
        return "No KPI could be computed.\n".to_owned();
    }
    let mut header: Vec<String> = answer.by.iter().map(|name| escaped(name)).collect();
    let mut right = vec![false; header.len()];
    header.extend(shown.ids.iter().map(|id| escaped(&name_of(catalogue, id))));
    right.resize(header.len(), true);
    let mut out = String::new();
    heading(&mut out, &header, &right);

    let mut rows = Rows { answer, shown, catalogue, units: Vec::new(), reasons: IndexSet::new() };
    rows.units = shown.ids.iter().map(|id| unit_of(catalogue, id)).collect();
    groups.each(|group| {
        let mut row: Vec<String> = keys_of(answer, group).map(|key| escaped(&key_text(key))).collect();
        row.extend(rows.cells(group));
        line(&mut out, header.len(), &row);
    });
    let mut row: Vec<String> =
        (0..answer.by.len()).map(|i| if i == 0 { "**Total**".to_owned() } else { String::new() }).collect();
    row.extend(rows.cells(&answer.total).into_iter().map(|text| format!("**{text}**")));
    line(&mut out, header.len(), &row);

    for (i, reason) in rows.reasons.iter().enumerate() {
        let _ = write!(out, "{}({}) n/a: {}", if i == 0 { "\n" } else { "<br>\n" }, i + 1, escaped(reason));
    }
    if !rows.reasons.is_empty() {
        out.push('\n');
    }
    out
}

/// What the rows of groups share.
struct Rows<'a> {
    answer: &'a Compute,
    shown: &'a Shown,
    catalogue: &'a Catalogue,
    /// Of each column.
    units: Vec<Option<Unit>>,
    /// In the order in which they are first met.
    reasons: IndexSet<String>,
}

impl Rows<'_> {
    /// A cell for each KPI that is shown.
    fn cells(&mut self, group: &impl GroupView) -> Vec<String> {
        let Rows { answer, shown, catalogue, units, reasons } = self;
        let cell = |(id, unit): (&String, &Option<Unit>)| match shown.value(group, id, catalogue) {
            Some(value) => escaped(&value_text(*unit, &value, answer.currency.as_deref())),
            None => match missing_in(answer, group, id) {
                Some(why) => format!("n/a ({})", number_of(reasons, &why.reason)),
                None => "–".to_owned(),
            },
        };
        shown.ids.iter().zip(&*units).map(cell).collect()
    }
}

/// A part that is folded until it is clicked; nothing when it has no lines.
fn folded(title: &str, lines: &[String]) -> Option<String> {
    if lines.is_empty() {
        return None;
    }
    Some(format!("<details><summary>{title}</summary>\n\n{}\n</details>\n", bullets(lines)))
}

fn bullets(lines: &[String]) -> String {
    lines.iter().flat_map(|line| ["- ", line, "\n"]).collect()
}

fn not_computed(answer: &Compute, catalogue: &Catalogue) -> Option<String> {
    let reasons = reasons(answer, catalogue);
    let failed: usize = reasons.iter().map(|reason| reason.kpis.len()).sum();
    let lines: Vec<String> = reasons
        .iter()
        .map(|reason| {
            let ids: Vec<String> = reason.kpis.iter().map(|id| escaped(id)).collect();
            format!("{}: {}", escaped(&reason.text), ids.join(", "))
        })
        .collect();
    folded(&format!("Not computed ({failed})"), &lines)
}

fn unallocated(answer: &Compute, catalogue: &Catalogue) -> Option<String> {
    let line = |source: &crate::contract::Unallocated| {
        let measures: Vec<String> = source
            .measures
            .iter()
            .map(|(id, value)| format!("{id} {}", measure_text(catalogue, id, value, answer.currency.as_deref())))
            .collect();
        escaped(&format!("{} has no {}: {}", file_text(&source.file, None), source.lacks.join(", "), measures.join(", ")))
    };
    folded("In the total, in no group", &answer.unallocated.iter().map(line).collect::<Vec<_>>())
}

fn inputs(answer: &Compute) -> Option<String> {
    let line = |input: &crate::contract::Input| {
        let parts = [taken_for(input), rows_text(input), left_out_text(input), dates_text(input)];
        let parts: Vec<String> = parts.into_iter().filter(|part| !part.is_empty()).collect();
        escaped(&format!("{}: {}", file_text(&input.file, input.part.as_deref()), parts.join(" · ")))
    };
    let files = answer.inputs.len();
    folded(&format!("Read ({files})"), &answer.inputs.iter().map(line).collect::<Vec<_>>())
}

/// Warnings in the open, notes folded.
fn findings(answer: &Compute) -> Vec<String> {
    let line = |warning: &Warning| {
        let place = place_text(warning);
        let place = if place.is_empty() { place } else { format!("{}: ", escaped(&place)) };
        let help = warning.help.as_ref().map_or_else(String::new, |help| format!(" — {}", escaped(help)));
        format!("**{}** {place}{}{help}", escaped(&warning.severity), escaped(&message_text(warning)))
    };
    let (notes, warnings): (Vec<&Warning>, Vec<&Warning>) =
        answer.warnings.iter().partition(|warning| warning.severity == "note");
    let mut out = Vec::new();
    if !warnings.is_empty() {
        out.push(bullets(&warnings.into_iter().map(line).collect::<Vec<_>>()));
    }
    let notes: Vec<String> = notes.into_iter().map(line).collect();
    out.extend(folded(&format!("Notes ({})", notes.len()), &notes));
    out
}

#[cfg(test)]
mod tests {
    use super::super::sample;
    use super::*;
    use proptest::prelude::*;

    fn text(answer: &Compute) -> String {
        String::from_utf8(Markdown.render(answer, &sample::catalogue(), &Page::default()).expect("no errors")).expect("UTF-8")
    }

    /// Cells as GitHub splits them: at every bar that no backslash precedes.
    fn cells(line: &str) -> usize {
        line.replace("\\|", "").matches('|').count()
    }

    fn assert_tables_are_even(text: &str) {
        let mut expected = None;
        for line in text.lines() {
            if line.starts_with('|') {
                assert_eq!(cells(line), *expected.get_or_insert(cells(line)), "{line}");
            } else {
                expected = None;
            }
        }
    }

    #[test]
    fn a_total_is_a_table_of_kpis() {
        let text = text(&sample::total());
        let (head, rest) = text.split_once("| Open rate").expect("a row for the open rate");
        assert!(head.ends_with("| KPI | Value | Arithmetic | 95 % interval |\n| --- | --: | --: | --: |\n| **Response and engagement** |  |  |  |\n"), "{text}");
        assert!(rest.starts_with(" | 59.1 % | 2,421,948 / 4,098,579 | 59.0–59.1 % |\n"), "{text}");
        assert_tables_are_even(&text);
    }

    #[test]
    fn names_from_files_are_literal() {
        assert_eq!(escaped("a|b\\c\nd"), "a&#124;b\\\\c\\\\nd");
        assert_eq!(escaped("<img src=x> & [x](y) *z* `q`"), "&lt;img src=x&gt; &amp; \\[x\\](y) \\*z\\* \\`q\\`");
        assert_eq!(escaped("@team #12"), "@&#8203;team #&#8203;12");
        let text = text(&sample::groups());
        assert!(!text.contains("<script") && !text.contains('\u{1b}'));
        assert_tables_are_even(&text);
    }

    proptest! {
        #[test]
        fn any_name_leaves_the_table_even(name in any::<String>()) {
            let mut answer = sample::groups();
            answer.groups[0].by.insert("channel".into(), Some(name.clone()));
            answer.by = vec!["channel".into(), name];
            assert_tables_are_even(&text(&answer));
        }
    }
}
