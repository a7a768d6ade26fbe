//! From what was typed to inputs, options and a question.

use jiff::civil::Date;
use rust_decimal::Decimal;

use super::args::{self, BasisWord, InputArguments, PeriodWord, QuestionArguments};
use super::failure::Refused;
use crate::ingest::encoding;
use crate::ingest::layout::Told;
use crate::ingest::number::DecimalMark;
use crate::ingest::profile::{self, DateOrder};
use crate::ingest::scan::Settings;
use crate::ingest::sheet::Overrides;
use crate::ingest::source::Source;
use crate::ingest::survey::Marks;
use crate::ingest::{Input, Options};
use crate::kpi::{Basis, Catalogue, Measure};
use crate::measures::{Dimension, Filter, Kind, Question};

/// The inputs named, each with what was said about it.
pub(crate) fn inputs(arguments: &InputArguments) -> Result<Vec<Input>, Refused> {
    let mut inputs: Vec<Input> = Vec::new();
    if arguments.files.is_empty() && arguments.taken_as.is_empty() {
        return Err(Refused::usage("name at least one file; - is standard input"));
    }
    if !arguments.files.is_empty() {
        let sources = Source::expand(&arguments.files)?;
        inputs.extend(sources.into_iter().map(|source| Input { source, told: Told::default() }));
    }
    for told in &arguments.taken_as {
        let Some((kind, file)) = told.split_once(':') else {
            return Err(Refused::usage(format!("--as {told}: write --as KIND:FILE, for example --as orders:export.csv")));
        };
        known_kind(kind)?;
        for source in Source::expand(&[file.to_owned()])? {
            // A file that is named as an argument too is not read twice.
            inputs.retain(|input| input.source.name() != source.name());
            inputs.push(Input { source, told: Told { kind: Some(kind.to_owned()), ..Told::default() } });
        }
    }
    Ok(inputs)
}

fn known_kind(kind: &str) -> Result<(), Refused> {
    let known = Kind::ALL.iter().map(|kind| kind.word()).chain(profile::all().flat_map(|profile| [profile.id, profile.platform]));
    let known: Vec<&str> = known.collect();
    if known.contains(&kind) {
        return Ok(());
    }
    Err(Refused::unknown("kind, platform or profile", kind, known, "mak list --platforms"))
}

/// What overrules recognition.
pub(crate) fn options(arguments: &InputArguments) -> Result<Options, Refused> {
    let delimiter = arguments.delimiter.as_deref().map(delimiter).transpose()?;
    let encoding = arguments
        .encoding
        .as_deref()
        .map(|label| {
            encoding::by_label(label).ok_or_else(|| {
                Refused::usage(format!("--encoding {label}: no such encoding; try utf-8, windows-1252 or utf-16le"))
            })
        })
        .transpose()?;
    let decimal = arguments.decimal.map(|mark| match mark {
        args::Decimal::Point => DecimalMark::Point,
        args::Decimal::Comma => DecimalMark::Comma,
    });
    let date_order = arguments.date_order.map(|order| match order {
        args::DateOrder::Ymd => DateOrder::YearMonthDay,
        args::DateOrder::Dmy => DateOrder::DayMonthYear,
        args::DateOrder::Mdy => DateOrder::MonthDayYear,
    });
    Ok(Options { overrides: Overrides { delimiter, encoding, ..Overrides::default() }, marks: Marks { decimal, date_order }, scan: Settings { threads: arguments.threads, ..Settings::default() } })
}

fn delimiter(text: &str) -> Result<u8, Refused> {
    match text {
        "comma" => Ok(b','),
        "semicolon" => Ok(b';'),
        "tab" | "\\t" => Ok(b'\t'),
        "pipe" => Ok(b'|'),
        "space" => Ok(b' '),
        text => match text.as_bytes() {
            [byte] if byte.is_ascii() && !byte.is_ascii_alphanumeric() && !matches!(byte, b'"' | b'\n' | b'\r') => Ok(*byte),
            _ => Err(Refused::usage(format!("--delimiter {text}: give one character, or comma, semicolon, tab, pipe or space"))),
        },
    }
}

/// The question.
pub(crate) fn question(arguments: &QuestionArguments, include: &[String], catalogue: &Catalogue) -> Result<Question, Refused> {
    let mut by: Vec<Dimension> = Vec::new();
    let period = arguments.period.map(|period| Dimension::named(period_word(period)));
    for dimension in arguments.by.iter().map(|name| Dimension::named(name)).chain(period) {
        if dimension.name.is_empty() {
            return Err(Refused::usage("--by names an empty dimension"));
        }
        if !by.contains(&dimension) {
            by.push(dimension);
        }
    }
    for id in &arguments.kpi {
        if catalogue.kpi(id).is_none() && catalogue.measure(id).is_none() {
            let known = catalogue.kpis().flat_map(|kpi| std::iter::once(kpi.id).chain(kpi.aliases.iter().copied()));
            return Err(Refused::unknown(
                "KPI or measure",
                id,
                known.chain(Measure::ALL.iter().map(|measure| measure.id())),
                "mak list",
            ));
        }
    }
    let filters = arguments.filters.iter().map(|text| Filter::parse(text).map_err(Refused::usage)).collect::<Result<_, _>>()?;
    let from = arguments.from.as_deref().map(|text| date("--from", text)).transpose()?;
    let to = arguments.to.as_deref().map(|text| date("--to", text)).transpose()?;
    if let (Some(from), Some(to)) = (from, to)
        && from > to
    {
        return Err(Refused::usage(format!("--from {from} is after --to {to}")));
    }
    Ok(Question {
        kpis: arguments.kpi.iter().map(|id| catalogue.kpi(id).map_or_else(|| id.clone(), |kpi| kpi.id.to_owned())).collect(),
        by,
        filters,
        from,
        to,
        basis: match arguments.basis {
            BasisWord::Delivered => Basis::Delivered,
            BasisWord::Sent => Basis::Sent,
        },
        set: arguments.set.iter().map(|text| given(text, catalogue)).collect::<Result<_, _>>()?,
        include: include.iter().map(|word| word.to_lowercase()).collect(),
        dedupe: arguments.dedupe,
        strict_missing: arguments.strict_missing,
    })
}

fn period_word(period: PeriodWord) -> &'static str {
    match period {
        PeriodWord::Day => "day",
        PeriodWord::Week => "week",
        PeriodWord::Month => "month",
        PeriodWord::Quarter => "quarter",
        PeriodWord::Year => "year",
    }
}

fn date(flag: &str, text: &str) -> Result<Date, Refused> {
    text.parse().map_err(|_| Refused::usage(format!("{flag} {text}: write a date as 2026-01-31")))
}

/// `platform_cost=1200` or `gross_margin=60%`.
fn given(text: &str, catalogue: &Catalogue) -> Result<(Measure, Decimal), Refused> {
    let Some((name, value)) = text.split_once('=') else {
        return Err(Refused::usage(format!("--set {text}: write --set MEASURE=VALUE")));
    };
    let name = name.trim();
    let Some(measure) = catalogue.measure(name) else {
        return Err(Refused::unknown("measure", name, catalogue.measures().map(Measure::id), "mak list --measures"));
    };
    let value = value.trim();
    let (digits, percent) = value.strip_suffix('%').map_or((value, false), |digits| (digits.trim(), true));
    let number = Decimal::from_str_exact(digits)
        .map_err(|_| Refused::usage(format!("--set {text}: \"{value}\" is no number; write 1200, 0.6 or 60%")))?;
    let number = if percent { number.checked_div(Decimal::ONE_HUNDRED) } else { Some(number) };
    Ok((measure, number.ok_or_else(|| Refused::usage(format!("--set {text}: the number is too large")))?))
}
