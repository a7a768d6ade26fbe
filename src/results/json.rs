//! JSON: the contract as it is, indented by two blanks.

use std::fmt::Write as _;

use super::{Page, Render, RenderError};
use crate::contract::Compute;
use crate::kpi::Catalogue;

/// Writes one JSON document.
#[derive(Clone, Copy, Debug)]
pub struct Json;

impl Render for Json {
    fn render(&self, answer: &Compute, _: &Catalogue, _: &Page) -> Result<Vec<u8>, RenderError> {
        document(answer)
    }
}

/// Any document of the contract, indented, with a line end.
pub(super) fn document<T: serde::Serialize>(value: &T) -> Result<Vec<u8>, RenderError> {
    let mut text = visible(&serde_json::to_string_pretty(value)?);
    text.push('\n');
    Ok(text.into_bytes())
}

/// The same JSON with everything escaped that could act on a terminal. serde escapes the C0
/// controls; DEL, the C1 controls and the marks that reorder text can only stand inside strings,
/// where `\u` escapes mean the same.
pub(super) fn visible(json: &str) -> String {
    let mut out = String::with_capacity(json.len());
    for c in json.chars() {
        if matches!(c, '\u{7F}'..='\u{9F}' | '\u{200E}' | '\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2066}'..='\u{2069}' | '\u{61C}')
        {
            let _ = write!(out, "\\u{:04x}", u32::from(c));
        } else {
            out.push(c);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::super::sample;
    use super::*;
    use crate::contract::Number;
    use proptest::prelude::*;

    #[test]
    fn the_document_reads_back_as_the_same_answer() {
        for answer in [sample::total(), sample::groups()] {
            let bytes = Json.render(&answer, &sample::catalogue(), &Page::default()).expect("serialises");
            let text = String::from_utf8(bytes).expect("UTF-8");
            assert!(text.starts_with("{\n  \"schema\": \"mak.compute/1\"") && text.ends_with("}\n"));
            assert!(!text.contains(['\u{1b}', '\u{9b}', '\u{202e}']));
            assert_eq!(serde_json::from_str::<Compute>(&text).expect("reads back"), answer);
            // Through a Value too: that is how scripts and tests of the schema read it.
            let value: serde_json::Value = serde_json::from_str(&text).expect("JSON");
            assert_eq!(serde_json::from_value::<Compute>(value).expect("reads back"), answer);
        }
    }

    proptest! {
        #[test]
        fn numbers_keep_every_digit(mantissa in -(1_i128 << 95)..(1_i128 << 95), scale in 0_u32..=28, name in "\\PC{0,12}|\u{9b}|\u{202e}a") {
            let number = rust_decimal::Decimal::try_from_i128_with_scale(mantissa, scale).expect("in range");
            let mut answer = sample::total();
            answer.total.measures.insert(name, crate::contract::MeasureValue::Number(Number(number)));
            let bytes = document(&answer).expect("serialises");
            prop_assert_eq!(serde_json::from_slice::<Compute>(&bytes).expect("reads back"), answer);
        }
    }
}
