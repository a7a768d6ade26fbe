//! NDJSON: the total on one line and each group on another, each complete in itself.

use super::json::visible;
use super::{Page, Render, RenderError};
use crate::contract::{Compute, ComputeLine};
use crate::kpi::Catalogue;

/// Writes a JSON object a line.
#[derive(Clone, Copy, Debug)]
pub struct Ndjson;

impl Render for Ndjson {
    fn render(&self, answer: &Compute, _: &Catalogue, _: &Page) -> Result<Vec<u8>, RenderError> {
        let mut out = Vec::new();
        for line in ComputeLine::all(answer) {
            Ndjson::line(&line, &mut out)?;
        }
        Ok(out)
    }
}

impl Ndjson {
    /// Adds one line.
    ///
    /// # Errors
    /// It cannot be serialised.
    pub fn line(line: &ComputeLine, out: &mut Vec<u8>) -> Result<(), RenderError> {
        let json = serde_json::to_string(line)?;
        if json.is_ascii() && !json.contains('\u{7F}') {
            out.extend_from_slice(json.as_bytes());
        } else {
            out.extend_from_slice(visible(&json).as_bytes());
        }
        out.push(b'\n');
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
}
