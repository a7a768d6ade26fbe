//! Findings: what was seen in the data that the user should know, as data.
//!
//! **Owns** the codes, the severity, the place (file, line, column) and the wording contract
//! `path:line:column: error[code]: what; saw "…"; expected …; help: …`.
//!
//! **Does not know** who prints findings or which exit code follows.

mod code;
mod text;

use std::fmt;
use std::sync::Arc;

pub use code::{Code, Severity};
pub use text::{counted, escape, excerpt, nearest, plural};

/// Where in the input something was seen. Every part is optional, outermost first.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// The file as the user named it; `-` for standard input.
    pub file: Option<Arc<str>>,
    /// The sheet of a workbook, or the member of an archive.
    pub part: Option<Arc<str>>,
    /// Physical line, counted from 1.
    pub line: Option<u64>,
    /// Field number, counted from 1; in JSON, the character in its line.
    pub column: Option<usize>,
    /// The header of that field.
    pub column_name: Option<Arc<str>>,
}

impl Place {
    /// A whole file.
    pub fn file(file: impl Into<Arc<str>>) -> Self {
        Place { file: Some(file.into()), ..Place::default() }
    }

    /// The same place, at that line.
    #[must_use]
    pub fn at_line(mut self, line: u64) -> Self {
        self.line = Some(line);
        self
    }

    /// The same place, in that column (counted from 0 here, from 1 for people).
    #[must_use]
    pub fn in_column(mut self, index: usize, name: impl Into<Arc<str>>) -> Self {
        self.column = Some(index.saturating_add(1));
        self.column_name = Some(name.into());
        self
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&escape(self.file.as_deref().unwrap_or("-")))?;
        if let Some(part) = &self.part {
            write!(f, "!{}", escape(part))?;
        }
        if let Some(line) = self.line {
            write!(f, ":{line}")?;
            if let Some(column) = self.column {
                write!(f, ":{column}")?;
            }
        }
        Ok(())
    }
}

/// One thing seen in the data or in the question.
///
/// Boxed inside, so that a `Result` of it stays small on the paths that read cells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding(Box<Parts>);

/// The parts of a finding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parts {
    /// What kind of finding it is; the severity follows from it.
    pub code: Code,
    /// Where it was seen.
    pub place: Place,
    /// What is the matter, without a final full stop.
    pub message: String,
    /// The text at fault, as it stands in the file (escaped and cut when shown).
    pub saw: Option<String>,
    /// What would have been right.
    pub expected: Option<String>,
    /// What to do about it: the flag or the line of `mak.toml` that settles it.
    pub help: Option<String>,
}

impl Finding {
    /// A finding of that kind, with the remedy of its kind until a better one is given.
    pub fn new(code: Code, place: Place, message: impl Into<String>) -> Self {
        let help = code.remedy().map(str::to_owned);
        Finding(Box::new(Parts { code, place, message: message.into(), saw: None, expected: None, help }))
    }

    /// With the text at fault.
    #[must_use]
    pub fn saw(mut self, text: impl Into<String>) -> Self {
        self.0.saw = Some(text.into());
        self
    }

    /// With what would have been right.
    #[must_use]
    pub fn expected(mut self, text: impl Into<String>) -> Self {
        self.0.expected = Some(text.into());
        self
    }

    /// With what to do about it.
    #[must_use]
    pub fn help(mut self, text: impl Into<String>) -> Self {
        self.0.help = Some(text.into());
        self
    }

    /// The same finding in that file, where none was known yet.
    #[must_use]
    pub fn in_file(mut self, file: &Arc<str>) -> Self {
        self.0.place.file.get_or_insert_with(|| Arc::clone(file));
        self
    }

    /// The same finding on that line, where none was known yet.
    #[must_use]
    pub fn on_line(mut self, line: u64) -> Self {
        self.0.place.line.get_or_insert(line);
        self
    }

    /// What kind of finding it is.
    pub fn code(&self) -> Code {
        self.0.code
    }

    /// How bad it is.
    pub fn severity(&self) -> Severity {
        self.0.code.severity()
    }

    /// All its parts.
    pub fn parts(&self) -> &Parts {
        &self.0
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Parts { code, place, message, saw, expected, help } = &*self.0;
        if place.file.is_some() {
            write!(f, "{place}: ")?;
        }
        write!(f, "{}[{}]: {}", code.severity().word(), code.id(), escape(message))?;
        if let Some(name) = &place.column_name {
            write!(f, " (column \"{}\")", excerpt(name))?;
        }
        if let Some(saw) = saw {
            write!(f, "; saw \"{}\"", excerpt(saw))?;
        }
        if let Some(expected) = expected {
            write!(f, "; expected {}", escape(expected))?;
        }
        if let Some(help) = help {
            write!(f, "; help: {}", escape(help))?;
        }
        Ok(())
    }
}

impl std::error::Error for Finding {}
