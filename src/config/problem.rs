//! Problems of a configuration: all of them at once, each with its line, column and caret.

use std::cell::RefCell;
use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use crate::finding::{Code, Finding, Place, escape};

/// Longest line shown above a caret, in characters.
const SHOWN: usize = 110;

/// One thing that is wrong, and where in the text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// What is wrong, with file, line and column.
    pub finding: Finding,
    /// The line at fault with a caret under it, ready to print; empty where there is no text.
    pub snippet: String,
    span: Range<usize>,
}

/// Everything that is wrong with a configuration, in the order of the text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Problems(pub Vec<Problem>);

impl Problems {
    /// The findings without their carets.
    pub fn findings(&self) -> impl Iterator<Item = &Finding> {
        self.0.iter().map(|problem| &problem.finding)
    }
}

impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, problem) in self.0.iter().enumerate() {
            if i > 0 {
                f.write_str("\n")?;
            }
            write!(f, "{}", problem.finding)?;
            if !problem.snippet.is_empty() {
                write!(f, "\n{}", problem.snippet)?;
            }
        }
        Ok(())
    }
}

impl std::error::Error for Problems {}

impl From<Finding> for Problems {
    fn from(finding: Finding) -> Self {
        Problems(vec![Problem { finding, snippet: String::new(), span: 0..0 }])
    }
}

/// A text with a name, in which problems are noted.
#[derive(Debug)]
pub(super) struct Source<'s> {
    pub(super) file: Arc<str>,
    pub(super) text: &'s str,
    problems: RefCell<Vec<Problem>>,
    broken: RefCell<Vec<String>>,
}

impl<'s> Source<'s> {
    pub(super) fn new(file: &str, text: &'s str) -> Self {
        Source { file: file.into(), text, problems: RefCell::default(), broken: RefCell::default() }
    }

    /// Remembers a name whose own declaration has a mistake: that others use it is no other one.
    pub(super) fn add_broken(&self, name: &str) {
        self.broken.borrow_mut().push(name.to_owned());
    }

    pub(super) fn is_broken(&self, name: &str) -> bool {
        self.broken.borrow().iter().any(|known| known == name)
    }

    /// Notes a problem at those bytes of the text.
    pub(super) fn problem(&self, span: Range<usize>, message: impl Into<String>, help: Option<String>) {
        let (line, column) = line_and_column(self.text, span.start);
        let mut place = Place::file(Arc::clone(&self.file)).at_line(line);
        place.column = Some(column);
        let mut finding = Finding::new(Code::BadConfig, place, message);
        if let Some(help) = help {
            finding = finding.help(help);
        }
        let snippet = snippet(self.text, span.clone());
        self.problems.borrow_mut().push(Problem { finding, snippet, span });
    }

    pub(super) fn line(&self, at: usize) -> u64 {
        line_and_column(self.text, at).0
    }

    pub(super) fn is_clean(&self) -> bool {
        self.problems.borrow().is_empty()
    }

    /// All problems in the order of the text.
    pub(super) fn into_problems(self) -> Problems {
        let mut problems = self.problems.into_inner();
        problems.sort_by_key(|problem| (problem.span.start, problem.span.end));
        problems.dedup();
        Problems(problems)
    }
}

/// Line and column of a byte, both counted from 1, columns in characters.
pub fn line_and_column(text: &str, at: usize) -> (u64, usize) {
    let before = text.get(..floor(text, at)).unwrap_or("");
    let line = before.bytes().filter(|byte| *byte == b'\n').count() as u64;
    let column = before.rsplit('\n').next().unwrap_or("").chars().count();
    (line.saturating_add(1), column.saturating_add(1))
}

/// The first line of the span with carets under the bytes at fault:
///
/// ```text
///  3 | curency = "EUR"
///    | ^^^^^^^
/// ```
pub fn snippet(text: &str, span: Range<usize>) -> String {
    let (start, end) = (floor(text, span.start), floor(text, span.end.max(span.start)));
    let line_start = text[..start].rfind('\n').map_or(0, |at| at.saturating_add(1));
    let line_end = text[start..].find('\n').map_or(text.len(), |at| start.saturating_add(at));
    let before = escape(&text[line_start..start]);
    let at_fault = escape(text[start..end.min(line_end).max(start)].trim_end_matches('\r'));
    let after = escape(text[end.min(line_end).max(start)..line_end].trim_end_matches('\r'));
    let width = |text: &str| unicode_width::UnicodeWidthStr::width(text);

    // A long line is cut before the fault, so that the caret is always in view.
    let kept: Vec<char> = before.chars().rev().take(SHOWN / 2).collect();
    let cut = kept.len() < before.chars().count();
    let before: String = cut.then_some('…').into_iter().chain(kept.into_iter().rev()).collect();
    let shown: String = format!("{before}{at_fault}{after}").chars().take(SHOWN).collect();
    let carets = width(&at_fault).clamp(1, SHOWN.saturating_sub(width(&before)).max(1));

    let number = line_and_column(text, start).0.to_string();
    let margin = " ".repeat(number.len());
    format!(" {number} | {}\n {margin} | {}{}", shown.trim_end(), " ".repeat(width(&before)), "^".repeat(carets))
}

/// The start of the character that holds the byte.
fn floor(text: &str, at: usize) -> usize {
    let mut at = at.min(text.len());
    while !text.is_char_boundary(at) {
        at = at.saturating_sub(1);
    }
    at
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn carets_stand_under_what_is_wrong() {
        let text = "a = 1\nnamé = \"日本\" # x\n";
        let at = text.find("\"日").expect("there");
        assert_eq!(snippet(text, at..at + 8), " 2 | namé = \"日本\" # x\n   |        ^^^^^^");
        assert_eq!(line_and_column(text, at), (2, 8));
        assert_eq!(snippet("ab", 2..2), " 1 | ab\n   |   ^");
        assert_eq!(snippet("", 0..0), " 1 |\n   | ^".replace("1 |\n", "1 | \n"));
    }

    #[test]
    fn a_long_line_is_cut_around_the_caret() {
        let text = format!("key = \"{}!{}\"", "x".repeat(500), "y".repeat(500));
        let at = text.find('!').expect("there");
        let shown = snippet(&text, at..at + 1);
        let (line, caret) = shown.split_once('\n').expect("two lines");
        let under = caret.chars().position(|c| c == '^').expect("a caret");
        assert_eq!(line.chars().nth(under), Some('!'));
        assert!(line.chars().count() < 130);
    }

    proptest! {
        #[test]
        fn no_span_makes_it_panic(text in "\\PC{0,30}\n?\\PC{0,30}", start in 0_usize..80, length in 0_usize..80) {
            prop_assert!(snippet(&text, start..start + length).contains('^'));
        }
    }
}
