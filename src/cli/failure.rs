//! Why a command could not answer.

use std::fmt;

use crate::config::Problems;
use crate::finding::{Code, Finding, Place};
use crate::results;

/// Findings in full before the rest is counted.
const SHOWN: usize = 20;

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

    /// What stands in the way, without carets.
    pub(crate) fn findings(&self) -> Box<dyn Iterator<Item = &Finding> + '_> {
        match self {
            Refused::Findings(findings) => Box::new(findings.iter()),
            Refused::Config(problems) => Box::new(problems.findings()),
        }
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

/// What is said on standard error, wrapped at that width where there is one. Findings say
/// themselves what they are; anything else is named an error here.
pub(crate) fn text(error: &anyhow::Error, width: Option<usize>) -> String {
    let refused = error.downcast_ref::<Refused>();
    let lead = if refused.is_some() { "" } else { "error: " };
    let text = format!("{lead}{error:#}");
    // The carets under a line of the configuration would no longer stand under what they mean.
    let is_drawn = matches!(refused, Some(Refused::Config(_)));
    match width {
        Some(columns) if !is_drawn => results::paragraphs(&text, columns),
        _ => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused() -> anyhow::Error {
        let place = Place::file("data/exports of the year/campaigns.csv").at_line(7).in_column(2, "Opens");
        let finding =
            |what: &str| Finding::new(Code::BadNumber, place.clone(), what).saw("1O0").help("write the number in digits");
        Refused::from(vec![finding("the cell is no number"), finding("neither is this one")]).into()
    }

    #[test]
    fn on_a_terminal_each_finding_is_a_paragraph() {
        for columns in [40, 60, 80] {
            let wrapped = text(&refused(), Some(columns));
            let lines: Vec<&str> = wrapped.lines().collect();
            assert!(lines.len() > 2 && lines.iter().all(|line| line.chars().count() <= columns), "{wrapped}");
            assert_eq!(lines.iter().filter(|line| !line.starts_with(' ')).count(), 2, "{wrapped}");
            let words = |text: &str| text.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
            assert_eq!(words(&wrapped), words(&text(&refused(), None)), "nothing is lost");
        }
    }

    #[test]
    fn elsewhere_a_finding_is_a_line() {
        assert_eq!(text(&refused(), None).lines().count(), 2);
        let other = anyhow::anyhow!("disk full").context("out.csv cannot be written");
        assert_eq!(text(&other, None), "error: out.csv cannot be written: disk full");
    }

    #[test]
    fn carets_stay_where_they_point() {
        let text_of_file = "[settings]\nbasis = \"neither delivered nor sent, which is a long thing to say\"\n";
        let problems = crate::config::Config::parse("mak.toml", text_of_file).expect_err("no such basis");
        let error = anyhow::Error::from(Refused::from(problems));
        assert_eq!(text(&error, Some(40)), text(&error, None));
    }
}
