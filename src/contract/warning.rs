//! A finding in JSON.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::finding::{Finding, Severity};

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
