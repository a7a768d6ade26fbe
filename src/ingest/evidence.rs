//! What the first pass over a column found: witnesses, and the problem of a column that cannot be
//! read in one way.
//!
//! **Owns** the types that numbers, dates and currencies share. **Does not know** what a cell
//! means, nor the file's name or the column's header: the caller adds the place.

use crate::finding::{Code, Finding, Place};

/// Characters of a cell that a witness keeps: enough for a message, bounded for a giant cell.
const KEPT: usize = 48;

/// A cell that proves something about its column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Witness {
    /// Physical line on which the cell starts, counted from 1.
    pub line: u64,
    /// The cell as it is written, cut to 48 characters.
    pub text: Box<str>,
}

impl Witness {
    /// The cell on that line.
    pub fn new(line: u64, cell: &str) -> Self {
        let end = cell.char_indices().nth(KEPT).map_or(cell.len(), |(index, _)| index);
        Witness { line, text: cell.get(..end).unwrap_or(cell).into() }
    }
}

/// Keeps the first witness: a later one changes nothing.
pub(crate) fn keep(slot: &mut Option<Witness>, line: u64, cell: &str) {
    if slot.is_none() {
        *slot = Some(Witness::new(line, cell));
    }
}

/// Keeps the first of two: what the earlier half of a file saw goes before the later half.
pub(crate) fn keep_earlier<T: Clone>(slot: &mut Option<T>, later: Option<&T>) {
    if slot.is_none() {
        *slot = later.cloned();
    }
}

/// Why no way of reading could be decided on for a column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ColumnProblem {
    /// What kind of problem it is.
    pub code: Code,
    /// What is the matter, other witnesses with their lines included.
    pub message: String,
    /// The cell to point at.
    pub witness: Witness,
    /// What would have been right.
    pub expected: &'static str,
    /// The flag that settles it, or another remedy.
    pub help: &'static str,
}

impl ColumnProblem {
    /// The finding about it; `place` names file and column, the line is that of the witness.
    pub fn finding(&self, place: Place) -> Finding {
        Finding::new(self.code, place.at_line(self.witness.line), self.message.clone())
            .saw(&*self.witness.text)
            .expected(self.expected)
            .help(self.help)
    }
}

/// Words by which exports say that there is no value, in lower case.
const MISSING: &[&str] = &[
    "-",
    "--",
    "---",
    "–",
    "—",
    "−",
    "n/a",
    "na",
    "n.a.",
    "n/d",
    "null",
    "none",
    "nil",
    "#n/a",
    "#na",
    "[]",
    "<na>",
    "\\n",
    "k.a.",
    "k. a.",
    "(not set)",
    "(not available)",
];

/// Whether the cell, trimmed already, says that there is no value. Never the same as 0.
pub(crate) fn is_missing(trimmed: &str) -> bool {
    // The longest word has 15 bytes; anything longer needs no comparison.
    trimmed.is_empty() || (trimmed.len() <= 15 && MISSING.iter().any(|word| word.eq_ignore_ascii_case(trimmed)))
}

/// Without blanks of any kind at both ends, and without marks that only steer the direction of
/// writing, which Arabic and Hebrew exports put around signs.
pub(crate) fn trim(cell: &str) -> &str {
    cell.trim_matches(|c: char| {
        c.is_whitespace()
            || matches!(c, '\u{200B}' | '\u{200E}' | '\u{200F}' | '\u{061C}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}' | '\u{FEFF}')
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_says_no_value_is_missing_and_what_says_zero_is_not() {
        for cell in ["", "  ", " --", "--", "-", "–", "n/a", "N/A", "NA", "null", "NULL", "none", "#N/A", "[]", "\u{a0}", "\\N"]
        {
            assert!(is_missing(trim(cell)), "{cell:?}");
        }
        for cell in ["0", "zero", "0%", "nope", "- 1", "NaN", "a very long cell that is no word"] {
            assert!(!is_missing(trim(cell)), "{cell:?}");
        }
    }

    #[test]
    fn a_witness_of_a_giant_cell_is_small() {
        assert_eq!(Witness::new(3, &"é".repeat(1000)).text.chars().count(), KEPT);
        assert_eq!(&*Witness::new(3, "short").text, "short");
    }

    #[test]
    fn the_finding_points_at_the_line_of_the_witness() {
        let problem = ColumnProblem {
            code: Code::AmbiguousNumber,
            message: "one or the other".to_owned(),
            witness: Witness::new(7, "1,234"),
            expected: "this",
            help: "that",
        };
        let shown = problem.finding(Place::file("a.csv").in_column(2, "Cost")).to_string();
        assert_eq!(
            shown,
            "a.csv:7:3: error[ambiguous-number]: one or the other (column \"Cost\"); saw \"1,234\"; expected this; help: that"
        );
    }
}
