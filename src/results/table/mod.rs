//! Tables for people: the total, a KPI a row; or groups, a group a row; then what could not be
//! computed, what was read, and what to look at.

mod groups;
mod notes;
mod total;

pub(super) use notes::findings;

use super::layout::{Tone, hanging, paint};
use super::view::{Shown, scope};
use super::{Page, Render, RenderError};
use crate::contract::{Compute, Groups};
use crate::kpi::Catalogue;

/// Writes tables no wider than the page.
#[derive(Clone, Copy, Debug)]
pub struct Table;

impl Render for Table {
    fn render(&self, answer: &Compute, catalogue: &Catalogue, page: &Page) -> Result<Vec<u8>, RenderError> {
        Ok(self.page(answer, answer.groups.as_slice(), catalogue, page))
    }
}

impl Table {
    /// The answer with these groups as text. They are seen several times; what is kept of all of
    /// them is the text of their cells, because the widest of a column decides how wide it is.
    pub fn page(self, answer: &Compute, groups: &(impl Groups + ?Sized), catalogue: &Catalogue, page: &Page) -> Vec<u8> {
        let page = &Page { width: page.columns(), ..*page };
        let shown = Shown::of(answer, groups, catalogue, true);
        let answer = &shown.among_kpis(answer, catalogue);
        let numbers = if answer.by.is_empty() {
            total::lines(answer, catalogue, page)
        } else {
            groups::lines(answer, groups, &shown, catalogue, page)
        };
        let sections = [
            heading(answer, &shown, catalogue, page),
            numbers,
            notes::not_computed(answer, catalogue, page),
            notes::unallocated(answer, catalogue, page),
            notes::inputs(answer, catalogue, page),
            notes::findings(&answer.warnings, page),
        ];
        joined(&sections)
    }
}

/// The sections that have a line, a blank line between two.
pub(super) fn joined(sections: &[Vec<String>]) -> Vec<u8> {
    let texts: Vec<String> = sections.iter().filter(|lines| !lines.is_empty()).map(|lines| lines.join("\n")).collect();
    let mut out = texts.join("\n\n");
    out.push('\n');
    out.into_bytes()
}

fn heading(answer: &Compute, shown: &Shown, catalogue: &Catalogue, page: &Page) -> Vec<String> {
    let text = scope(answer, shown, catalogue);
    if text.is_empty() {
        return Vec::new();
    }
    hanging("", &text, page.width).iter().map(|line| paint(line, Tone::Faint, page.color)).collect()
}

#[cfg(test)]
mod tests;
