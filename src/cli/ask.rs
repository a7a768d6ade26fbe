//! From what was typed to inputs, options and a question.

use std::collections::BTreeSet;

use jiff::civil::Date;
use rust_decimal::Decimal;

use super::args::{InputArguments, PeriodWord, QuestionArguments};
use super::failure::Refused;
use super::mapping;
use super::session::Session;
use crate::ingest::Input;
use crate::ingest::memory::Limit;
use crate::ingest::profile;
use crate::ingest::scan::Settings;
use crate::ingest::source::Source as InputSource;
use crate::kpi::{Catalogue, Measure};
use crate::measures::{Dimension, Filter, Kind, Question, Source};

/// The inputs named, each with what was said about it.
pub(crate) fn inputs(arguments: &InputArguments, session: &Session) -> Result<Vec<Input>, Refused> {
    let mut inputs: Vec<Input> = Vec::new();
    if arguments.files.is_empty() && arguments.taken_as.is_empty() {
        return Err(Refused::usage("name at least one file; - is standard input"));
    }
    let memory = arguments.max_memory.as_deref().map_or(Ok(Limit::default()), memory_limit)?;
    let scan = Settings { threads: arguments.threads, memory, ..Settings::default() };
    if !arguments.files.is_empty() {
        let sources = InputSource::expand(&arguments.files)?;
        inputs.extend(sources.into_iter().map(|source| input(source, scan, session)));
    }
    for told in &arguments.taken_as {
        let Some((kind, file)) = told.split_once(':') else {
            return Err(Refused::usage(format!("--as {told}: write --as KIND:FILE, for example --as orders:export.csv")));
        };
        known_kind(kind)?;
        for source in InputSource::expand(&[file.to_owned()])? {
            // A file that is named as an argument too is not read twice.
            inputs.retain(|input| input.source.name() != source.name());
            let mut input = input(source, scan, session);
            input.told.kind = Some(kind.to_owned());
            inputs.push(input);
        }
    }
    Ok(inputs)
}

fn input(source: InputSource, scan: Settings, session: &Session) -> Input {
    let file = source.name().to_string();
    Input {
        told: mapping::told(session, &file),
        overrides: mapping::overrides(session, &file),
        marks: mapping::marks(session, &file),
        scan,
        source,
    }
}

/// `512M`, `4GiB`, `1500000K` or a number of bytes; a K is 1024 of them.
fn memory_limit(text: &str) -> Result<Limit, Refused> {
    let wrong = || Refused::usage(format!("--max-memory {text}: write a size as 512M or 4G"));
    let lower = text.trim().to_lowercase();
    let digits = lower.trim_end_matches(|c: char| c.is_ascii_alphabetic()).trim();
    let unit: u64 = match lower.get(digits.len()..).map(str::trim) {
        Some("" | "b") => 1,
        Some("k" | "kb" | "kib") => 1 << 10,
        Some("m" | "mb" | "mib") => 1 << 20,
        Some("g" | "gb" | "gib") => 1 << 30,
        _ => return Err(wrong()),
    };
    let bytes = digits.parse::<u64>().ok().and_then(|number| number.checked_mul(unit)).ok_or_else(wrong)?;
    if !Limit::can_be_kept() {
        return Err(Refused::usage("--max-memory: this system does not say how much memory a program has"));
    }
    Ok(Limit::bytes(bytes))
}

fn known_kind(kind: &str) -> Result<(), Refused> {
    let known = Kind::ALL.iter().map(|kind| kind.word()).chain(profile::all().flat_map(|profile| [profile.id, profile.platform]));
    let known: Vec<&str> = known.collect();
    if known.contains(&kind) {
        return Ok(());
    }
    Err(Refused::unknown("kind, platform or profile", kind, known, "mak list --platforms"))
}

/// The question.
pub(crate) fn question(arguments: &QuestionArguments, include: &[String], session: &Session) -> Result<Question, Refused> {
    let catalogue = &session.catalogue;
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
    known_rules(include)?;
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
        basis: session.settings.basis.value,
        set: set(arguments, session)?,
        include: include.iter().map(|word| word.to_lowercase()).collect(),
        allow_overlap: arguments.allow_overlap,
        dedupe: arguments.dedupe,
        strict_missing: arguments.strict_missing,
        across_kinds: session.settings.rates_across_kinds.value,
    })
}

/// Words that name no rule of any platform would count nothing, silently.
pub(crate) fn known_rules(include: &[String]) -> Result<(), Refused> {
    let known: BTreeSet<&str> = profile::all().flat_map(|profile| profile.rules).map(|rule| rule.word).chain(["all"]).collect();
    match include.iter().find(|word| !known.contains(word.to_lowercase().as_str())) {
        None => Ok(()),
        Some(word) => Err(Refused::unknown("rule to include", word, known.iter().copied(), "the note on rows left out")),
    }
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

/// Measures that no file holds: from `mak.toml`, overruled by `--set`.
fn set(arguments: &QuestionArguments, session: &Session) -> Result<Vec<(Measure, Decimal)>, Refused> {
    let settings = &session.settings;
    let margin = settings.gross_margin.value.map(|margin| (Measure::GrossMargin, margin));
    let discount = settings.discount_rate.value.map(|rate| (Measure::DiscountRate, rate));
    let mut set: Vec<_> = margin.into_iter().chain(discount).collect();
    for text in &arguments.set {
        let (measure, value) = given(text, &session.catalogue)?;
        set.retain(|(known, _)| *known != measure);
        set.push((measure, value));
    }
    Ok(set)
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

/// Adds the costs that `mak.toml` spreads over the period of the data; a cost that was given with
/// `--set` stands.
pub(crate) fn add_costs(question: &mut Question, sources: &[Source], session: &Session) -> Result<(), Refused> {
    let first = question.from.or_else(|| sources.iter().filter_map(|source| source.info.dates).map(|(first, _)| first).min());
    let last = question.to.or_else(|| sources.iter().filter_map(|source| source.info.dates).map(|(_, last)| last).max());
    let (Some(first), Some(last)) = (first, last) else { return Ok(()) };
    let costs =
        session.config.costs_within(first, last).map_err(|_| Refused::usage("the costs of mak.toml are too large to add up"))?;
    for (measure, amount) in costs {
        let amount = amount.to_decimal().map_err(|_| Refused::usage("the costs of mak.toml are too large to add up"))?;
        if question.set.iter().all(|(known, _)| *known != measure) {
            question.set.push((measure, amount));
        }
    }
    Ok(())
}

/// Dimensions that no source has are slips of the pen, not questions.
pub(crate) fn refuse_unknown_dimensions(question: &Question, sources: &[Source]) -> Result<(), Refused> {
    let known: BTreeSet<&str> = sources.iter().flat_map(|source| source.info.dimensions.iter().map(String::as_str)).collect();
    let filters = question.filters.iter().map(|filter| &filter.dimension);
    for dimension in question.by.iter().chain(filters) {
        let has = |source: &Source| source.info.has_dimension(&dimension.name);
        if !sources.is_empty() && !sources.iter().any(has) {
            return Err(Refused::unknown("dimension of these files", &dimension.name, known, "mak inspect FILE"));
        }
    }
    Ok(())
}
