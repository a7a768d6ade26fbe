//! Why a command could not answer.

use std::fmt;

use crate::config::Problems;
use crate::finding::{Code, Finding, Place};

/// Findings in full before the rest is counted.
const SHOWN: usize = 10;

/// A question that could not be answered: everything that stands in the way.
#[derive(Debug)]
pub(crate) enum Refused {
    /// In the data or in the question.
    Findings(Vec<Finding>),
    /// In the configuration, each with its line and a caret.
    Config(Problems),
}

impl Refused {
    /// A mistake on the command line.
    pub(crate) fn usage(message: impl Into<String>) -> Self {
        Refused::from(Finding::new(Code::BadUsage, Place::default(), message))
    }

    /// A name that is not known, with the nearest known one.
    pub(crate) fn unknown<'a>(what: &str, name: &str, known: impl IntoIterator<Item = &'a str>, list: &str) -> Self {
        let finding = Finding::new(Code::UnknownName, Place::default(), format!("no {what} is called \"{name}\""));
        Refused::from(match crate::finding::nearest(name, known) {
            Some(near) => finding.help(format!("did you mean {near}? {list} shows all")),
            None => finding.help(format!("{list} shows all")),
        })
    }
}

impl From<Vec<Finding>> for Refused {
    fn from(findings: Vec<Finding>) -> Self {
        Refused::Findings(findings)
    }
}

impl From<Finding> for Refused {
    fn from(finding: Finding) -> Self {
        Refused::Findings(vec![finding])
    }
}

impl From<Problems> for Refused {
    fn from(problems: Problems) -> Self {
        Refused::Config(problems)
    }
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let findings = match self {
            Refused::Findings(findings) => findings,
            Refused::Config(problems) => return write!(f, "{problems}"),
        };
        for (index, finding) in findings.iter().take(SHOWN).enumerate() {
            if index > 0 {
                writeln!(f)?;
            }
            write!(f, "{finding}")?;
        }
        if let Some(more) = findings.len().checked_sub(SHOWN).filter(|more| *more > 0) {
            write!(f, "\n{more} more")?;
        }
        Ok(())
    }
}

impl std::error::Error for Refused {}
