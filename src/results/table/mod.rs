//! Tables for people: the total, a KPI a row; or groups, a group a row; then what could not be
//! computed, what was read, and what to look at.

mod groups;
mod notes;
mod total;

pub(super) use notes::findings;

use super::layout::{Tone, hanging, paint};
use super::view::{scope, with_measures};
use super::{Page, Render, RenderError};
use crate::contract::Compute;
use crate::kpi::Catalogue;

/// Writes tables no wider than the page.
#[derive(Clone, Copy, Debug)]
pub struct Table;

impl Render for Table {
    fn render(&self, answer: &Compute, catalogue: &Catalogue, page: &Page) -> Result<Vec<u8>, RenderError> {
        let page = &Page { width: page.columns(), ..*page };
        let answer = &*with_measures(answer, catalogue);
        let numbers =
            if answer.by.is_empty() { total::lines(answer, catalogue, page) } else { groups::lines(answer, catalogue, page) };
        let sections = [
            heading(answer, catalogue, page),
            numbers,
            notes::not_computed(answer, catalogue, page),
            notes::unallocated(answer, catalogue, page),
            notes::inputs(answer, catalogue, page),
            notes::findings(&answer.warnings, page),
        ];
        Ok(joined(&sections))
    }
}

/// The sections that have a line, a blank line between two.
pub(super) fn joined(sections: &[Vec<String>]) -> Vec<u8> {
    let texts: Vec<String> = sections.iter().filter(|lines| !lines.is_empty()).map(|lines| lines.join("\n")).collect();
    let mut out = texts.join("\n\n");
    out.push('\n');
    out.into_bytes()
}

fn heading(answer: &Compute, catalogue: &Catalogue, page: &Page) -> Vec<String> {
    let text = scope(answer, catalogue);
    if text.is_empty() {
        return Vec::new();
    }
    hanging("", &text, page.width).iter().map(|line| paint(line, Tone::Faint, page.color)).collect()
}

#[cfg(test)]
mod tests;
