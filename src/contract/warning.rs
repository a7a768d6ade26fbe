//! A finding in JSON.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::finding::{Finding, Severity, escape, excerpt};

/// Something that the reader of the numbers should know.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Warning {
    /// Stable kebab-case code: `rate-above-one`.
    pub code: String,
    /// `note`, `warning` or `error`.
    pub severity: String,
    /// The file as the user named it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
    /// Sheet of a workbook or member of an archive.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub part: Option<String>,
    /// Physical line, counted from 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line: Option<u64>,
    /// Field number, counted from 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub column: Option<usize>,
    /// Header of that field.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub column_name: Option<String>,
    /// What is the matter.
    pub message: String,
    /// The text at fault.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub saw: Option<String>,
    /// What would have been right.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expected: Option<String>,
    /// What to do about it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub help: Option<String>,
}

impl Warning {
    /// Whether it stands in the way of an answer.
    pub fn is_error(&self) -> bool {
        self.severity == Severity::Error.word()
    }
}

impl From<&Finding> for Warning {
    fn from(finding: &Finding) -> Self {
        let parts = finding.parts();
        Warning {
            code: parts.code.id().to_owned(),
            severity: parts.code.severity().word().to_owned(),
            file: parts.place.file.as_deref().map(str::to_owned),
            part: parts.place.part.as_deref().map(str::to_owned),
            line: parts.place.line,
            column: parts.place.column,
            column_name: parts.place.column_name.as_deref().map(str::to_owned),
            message: parts.message.clone(),
            saw: parts.saw.clone(),
            expected: parts.expected.clone(),
            help: parts.help.clone(),
        }
    }
}

/// As the finding itself is shown: `path:line:column: warning[code]: what; saw "…"; help: …`.
impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(file) = &self.file {
            f.write_str(&escape(file))?;
            if let Some(part) = &self.part {
                write!(f, "!{}", escape(part))?;
            }
            for number in [self.line, self.line.and(self.column.map(|column| column as u64))].into_iter().flatten() {
                write!(f, ":{number}")?;
            }
            f.write_str(": ")?;
        }
        write!(f, "{}[{}]: {}", escape(&self.severity), escape(&self.code), escape(&self.message))?;
        if let Some(name) = &self.column_name {
            write!(f, " (column \"{}\")", excerpt(name))?;
        }
        if let Some(saw) = &self.saw {
            write!(f, "; saw \"{}\"", excerpt(saw))?;
        }
        if let Some(expected) = &self.expected {
            write!(f, "; expected {}", escape(expected))?;
        }
        if let Some(help) = &self.help {
            write!(f, "; help: {}", escape(help))?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finding::{Code, Place};

    #[test]
    fn a_warning_reads_as_its_finding() {
        let place = Place { part: Some("May".into()), ..Place::file("a.xlsx").at_line(3).in_column(1, "Opens") };
        let finding = Finding::new(Code::BadNumber, place, "no number").saw("x\u{1b}").expected("a number").help("export again");
        assert_eq!(Warning::from(&finding).to_string(), finding.to_string());
        let bare = Finding::new(Code::Assumed, Place::default(), "an average");
        assert_eq!(Warning::from(&bare).to_string(), bare.to_string());
    }
}
