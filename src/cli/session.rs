//! What is in force: flags before environment before `mak.toml` before defaults.

use std::collections::BTreeMap;
use std::path::PathBuf;

use clap::Args;

use super::args::{BasisWord, DateOrder as OrderWord, Decimal as MarkWord, InputArguments, QuestionArguments};
use super::failure::Refused;
use crate::config::{self, CONFIG_VARIABLE, Choices, Config, DateOrder, DecimalMark, Delimiter, Origin, Settings};
use crate::kpi::{Basis, Catalogue};

/// Which configuration.
#[derive(Clone, Debug, Default, Args)]
pub(crate) struct ConfigArguments {
    /// Configuration; without it that of `MAK_CONFIG`, or the nearest mak.toml in this folder or above
    #[arg(long, value_name = "FILE", conflicts_with = "no_config")]
    pub(crate) config: Option<PathBuf>,

    /// Use no mak.toml
    #[arg(long)]
    pub(crate) no_config: bool,
}

/// The configuration, the catalogue with the user's own rows, and the settings.
pub(crate) struct Session {
    /// What `mak.toml` says; empty without one.
    pub(crate) config: Config,
    /// All KPIs and measures in force.
    pub(crate) catalogue: Catalogue,
    /// Settings in force, with where each came from.
    pub(crate) settings: Settings,
    /// Who chose the configuration.
    pub(crate) chosen: Origin,
}

impl Session {
    /// Reads the configuration once and settles what is in force.
    pub(crate) fn open(arguments: &ConfigArguments, flags: &Choices) -> Result<Session, Refused> {
        let (path, chosen) = configuration(arguments);
        let config = path.map(|path| config::read(&path)).transpose()?.unwrap_or_default();
        let environment: BTreeMap<String, String> = std::env::vars().filter(|(name, _)| name.starts_with("MAK_")).collect();
        let settings = Settings::resolve(flags, &environment, &config.settings)?;
        Ok(Session { catalogue: config.catalogue(), config, settings, chosen })
    }
}

/// The file to read, if any, and who chose it: a flag, the variable (which chooses none when it is
/// empty), or nobody, and then the nearest one counts.
fn configuration(arguments: &ConfigArguments) -> (Option<PathBuf>, Origin) {
    if arguments.config.is_some() || arguments.no_config {
        return (arguments.config.clone(), Origin::Flag);
    }
    match std::env::var_os(CONFIG_VARIABLE) {
        Some(path) => (Some(PathBuf::from(path)).filter(|path| !path.as_os_str().is_empty()), Origin::Env(CONFIG_VARIABLE)),
        None => (std::env::current_dir().ok().and_then(|folder| config::find(&folder)), Origin::Default),
    }
}

/// What the flags of a command choose.
pub(crate) fn choices(input: &InputArguments, question: Option<&QuestionArguments>) -> Result<Choices, Refused> {
    Ok(Choices {
        delimiter: input.delimiter.as_deref().map(delimiter).transpose()?,
        encoding: input.encoding.as_deref().map(encoding).transpose()?,
        decimal: input.decimal.map(|mark| match mark {
            MarkWord::Point => DecimalMark::Point,
            MarkWord::Comma => DecimalMark::Comma,
        }),
        date_order: input.date_order.map(|order| match order {
            OrderWord::Ymd => DateOrder::YearMonthDay,
            OrderWord::Dmy => DateOrder::DayMonthYear,
            OrderWord::Mdy => DateOrder::MonthDayYear,
        }),
        basis: question.and_then(|question| question.basis).map(|basis| match basis {
            BasisWord::Delivered => Basis::Delivered,
            BasisWord::Sent => Basis::Sent,
        }),
        ..Choices::default()
    })
}

fn encoding(label: &str) -> Result<String, Refused> {
    match crate::ingest::encoding::by_label(label) {
        Some(_) => Ok(label.to_owned()),
        None => Err(Refused::usage(format!("--encoding {label}: no such encoding; try utf-8, windows-1252 or utf-16le"))),
    }
}

fn delimiter(text: &str) -> Result<Delimiter, Refused> {
    match text {
        "comma" => Ok(Delimiter::Byte(b',')),
        "semicolon" => Ok(Delimiter::Byte(b';')),
        "tab" | "\\t" => Ok(Delimiter::Byte(b'\t')),
        "pipe" => Ok(Delimiter::Byte(b'|')),
        "space" | "spaces" | " " => Ok(Delimiter::Spaces),
        text => match text.as_bytes() {
            [byte] if byte.is_ascii() && !byte.is_ascii_alphanumeric() && !matches!(byte, b'"' | b'\n' | b'\r') => {
                Ok(Delimiter::Byte(*byte))
            }
            _ => Err(Refused::usage(format!("--delimiter {text}: give one character, or comma, semicolon, tab, pipe or space"))),
        },
    }
}
