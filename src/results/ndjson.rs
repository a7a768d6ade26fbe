//! NDJSON: the total on one line and each group on another, each complete in itself.

use super::json::visible;
use super::json_text::JsonText;
use super::{ByGroup, Page, Render, RenderError, all_groups};
use crate::contract::{Compute, ComputeLine, GroupView};
use crate::kpi::Catalogue;

/// Writes a JSON object a line.
#[derive(Clone, Copy, Debug)]
pub struct Ndjson;

impl Render for Ndjson {
    fn render(&self, answer: &Compute, _: &Catalogue, _: &Page) -> Result<Vec<u8>, RenderError> {
        all_groups(&self.by_group(answer), &answer.groups)
    }
}

/// An answer as lines.
#[derive(Clone, Copy, Debug)]
pub struct NdjsonByGroup<'a> {
    answer: &'a Compute,
}

impl Ndjson {
    /// The answer as lines, its groups one after the other.
    pub fn by_group(self, answer: &Compute) -> NdjsonByGroup<'_> {
        NdjsonByGroup { answer }
    }
}

impl ByGroup for NdjsonByGroup<'_> {
    /// The total's line, which says what was read.
    fn begin(&self, out: &mut Vec<u8>) -> Result<(), RenderError> {
        let line = ComputeLine::of_total(self.answer);
        out.extend_from_slice(visible(&serde_json::to_string(&line)?).as_bytes());
        out.push(b'\n');
        Ok(())
    }

    /// A [`ComputeLine`].
    fn group(&self, group: &impl GroupView, _: bool, out: &mut Vec<u8>) -> Result<(), RenderError> {
        let Compute { basis, currency, from, to, total, .. } = self.answer;
        JsonText::on_one_line(out).object(|json| {
            json.member("schema").text(ComputeLine::SCHEMA);
            json.member("basis").text(basis);
            for (name, text) in [("currency", currency), ("from", from), ("to", to)] {
                if let Some(text) = text {
                    json.member(name).text(text);
                }
            }
            json.group_by_itself(group, total);
        });
        out.push(b'\n');
        Ok(())
    }

    fn end(&self, _: &mut Vec<u8>) -> Result<(), RenderError> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::super::sample;
    use super::*;

    #[test]
    fn each_line_stands_alone() {
        let answer = sample::groups();
        let bytes = Ndjson.render(&answer, &sample::catalogue(), &Page::default()).expect("serialises");
        let text = String::from_utf8(bytes).expect("UTF-8");
        let lines: Vec<ComputeLine> = text.lines().map(|line| serde_json::from_str(line).expect("an object")).collect();
        assert_eq!(lines.len(), 1 + answer.groups.len());
        assert!(text.starts_with("{\"schema\":\"mak.compute.line/1\"") && text.contains("\"by\":{}"));
        assert_eq!(lines[0].warnings, answer.warnings);
        for (line, group) in lines[1..].iter().zip(&answer.groups) {
            assert_eq!((&line.by, &line.kpis), (&group.by, &group.kpis));
            for id in answer.total.kpis.keys().chain(answer.total.unavailable.keys()) {
                assert!(line.kpis.contains_key(id) != line.unavailable.contains_key(id), "{id} of {:?}", line.by);
            }
        }
    }

    #[test]
    fn a_line_is_the_document_of_that_name() {
        let mut answer = sample::groups();
        for dates in [None, Some("2026-01-01".to_owned())] {
            (answer.from, answer.to) = (dates.clone(), dates);
            let text = String::from_utf8(Ndjson.render(&answer, &sample::catalogue(), &Page::default()).expect("serialises"));
            for (line, expected) in text.expect("UTF-8").lines().zip(ComputeLine::all(&answer)) {
                assert_eq!(line, visible(&serde_json::to_string(&expected).expect("serialises")));
            }
        }
    }
}
