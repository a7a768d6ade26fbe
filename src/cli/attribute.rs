//! `mak attribute`: which channel earned the conversions and their value.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Result;
use clap::Args;
use indexmap::IndexMap;
use rust_decimal::Decimal;
use rust_decimal::prelude::FromPrimitive as _;

use super::args::{InputArguments, OutputArguments};
use super::failure::Refused;
use super::session::{self, Session};
use super::{Outcome, ask, output, progress};
use crate::analysis::attribution::bootstrap::{self, CreditInterval, Resampling};
use crate::analysis::attribution::influence::{Part, influence};
use crate::analysis::attribution::markov::{ChainSettings, Solution, State};
use crate::analysis::attribution::paths::{LeftOut, Repeats, Transforms, Window};
use crate::analysis::attribution::{
    self, Attribution, Channels, Credit, Journey, Model, PositionWeights, Settings, WShapeWeights,
};
use crate::analysis::interval::Interval;
use crate::config::Origin;
use crate::contract::{
    Attribute, AttributeInput, Bootstrap, Bounds, ChainState, ChannelCredit, ChannelSpend, Influenced, Markov, Number,
    Transition, Warning,
};
use crate::finding::{Code, Finding, Place};
use crate::ingest::tally::single_currency;
use crate::ingest::{self, Input, JourneyQuestion, Journeys, read_journeys};
use crate::kpi::Measure;
use crate::measures::{Dimension, GroupKey, Kind, Provenance, Question, Source};
use crate::results;

/// Confidence of bootstrap intervals.
const CONFIDENCE: f64 = 0.95;

/// Threads that a bootstrap draws with; its result does not depend on them.
const THREADS: usize = 2;

/// `mak attribute`
#[derive(Debug, Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of its own")]
pub(crate) struct AttributeArguments {
    #[command(flatten)]
    input: InputArguments,

    /// Models: first, last, last-non-direct, linear, time-decay, position, w-shaped, markov, shapley;
    /// without any, the one that mak.toml names
    #[arg(long, value_name = "MODEL", value_delimiter = ',')]
    model: Vec<String>,

    /// All models side by side
    #[arg(long, conflicts_with = "model")]
    compare_models: bool,

    /// What is credited: channel unless told otherwise; campaign or any other column
    #[arg(long, value_name = "DIMENSION")]
    by: Option<String>,

    /// Credit touches within this time (30d, 12h) instead of those since the previous conversion
    #[arg(long, value_name = "TIME")]
    lookback: Option<String>,

    /// For time-decay: how much earlier halves a touch's part
    #[arg(long, value_name = "TIME", default_value = "7d")]
    half_life: String,

    /// Parts of first, middle and last touch for position (40,20,40); four, of first, middle, last
    /// and all others, for w-shaped (30,30,30,10)
    #[arg(long, value_name = "PARTS", value_delimiter = ',')]
    weights: Vec<Decimal>,

    /// For markov: how many touches back the chain remembers
    #[arg(long, value_name = "K", default_value_t = 1)]
    order: usize,

    /// For markov: learn nothing from paths that ended in nothing
    #[arg(long)]
    without_nulls: bool,

    /// Take a run of touches of one channel for one touch
    #[arg(long, conflicts_with = "unique")]
    collapse: bool,

    /// Take all touches of one channel for one touch, the first
    #[arg(long)]
    unique: bool,

    /// Leave direct visits out of paths that have other touches
    #[arg(long)]
    drop_direct: bool,

    /// Leave out paths of fewer touches
    #[arg(long, value_name = "TOUCHES")]
    min_length: Option<usize>,

    /// Leave out paths of more touches
    #[arg(long, value_name = "TOUCHES")]
    max_length: Option<usize>,

    /// Intervals from that many draws of the people
    #[arg(long, value_name = "DRAWS")]
    bootstrap: Option<usize>,

    /// Seed of the draws; the same seed gives the same intervals
    #[arg(long, value_name = "NUMBER", default_value_t = 1)]
    seed: u64,

    /// Drop rows that repeat an earlier one cell by cell
    #[arg(long)]
    dedupe: bool,

    #[command(flatten)]
    output: OutputArguments,
}

pub(crate) fn run(arguments: &AttributeArguments) -> Result<Outcome> {
    let session = Session::open(&arguments.input.config, &session::choices(&arguments.input, None)?)?;
    let asked = Asked::of(arguments, &session)?;
    let inputs = ask::inputs(&arguments.input, &session)?;
    let document = answer(&asked, &inputs, &session)?;
    let page = output::page(&arguments.output);
    let bytes = results::attribute(&document, arguments.output.format.into(), &page, arguments.output.raw)?;
    let files: Vec<String> = document.inputs.iter().map(|input| input.file.clone()).collect();
    output::write(&arguments.output, &bytes, &files)?;
    Ok(Outcome::Answered)
}

/// What was typed, checked.
struct Asked {
    models: Vec<Model>,
    /// Whether a model that cannot be used is told instead of refused.
    compare: bool,
    question: JourneyQuestion,
    settings: Settings,
    transforms: Transforms,
    drop_direct: bool,
    resampling: Option<Resampling>,
}

impl Asked {
    fn of(arguments: &AttributeArguments, session: &Session) -> Result<Self, Refused> {
        let lookback = arguments.lookback.as_deref().map(|text| duration("--lookback", text)).transpose()?;
        let mut settings = Settings {
            half_life: duration("--half-life", &arguments.half_life)?,
            markov: ChainSettings { order: arguments.order, nulls: !arguments.without_nulls },
            ..Settings::default()
        };
        weigh(&mut settings, &arguments.weights)?;
        let repeats = match (arguments.collapse, arguments.unique) {
            (true, _) => Repeats::Collapse,
            (false, true) => Repeats::Unique,
            (false, false) => Repeats::Keep,
        };
        let (shortest, longest) = (arguments.min_length, arguments.max_length);
        if let (Some(shortest), Some(longest)) = (shortest, longest)
            && shortest > longest
        {
            return Err(Refused::usage(format!("--min-length {shortest} is more than --max-length {longest}")));
        }
        let include = arguments.input.include.iter().map(|word| word.to_lowercase()).collect();
        Ok(Asked {
            models: models(arguments, session)?,
            compare: arguments.compare_models,
            question: JourneyQuestion {
                rows: Question { include, dedupe: arguments.dedupe, ..Question::default() },
                dimension: arguments.by.as_deref().map(|name| name.trim().to_lowercase()),
                window: lookback.map_or(Window::SincePrevious, Window::Lookback),
            },
            settings,
            transforms: Transforms { repeats, shortest, longest, ..Transforms::default() },
            drop_direct: arguments.drop_direct,
            resampling: arguments.bootstrap.map(|replicates| Resampling {
                seed: arguments.seed,
                replicates,
                confidence: CONFIDENCE,
                threads: THREADS,
            }),
        })
    }
}

fn models(arguments: &AttributeArguments, session: &Session) -> Result<Vec<Model>, Refused> {
    if arguments.compare_models {
        return Ok(Model::ALL.to_vec());
    }
    let configured = [session.settings.attribution_model.value.clone()];
    let names = if arguments.model.is_empty() { configured.as_slice() } else { &arguments.model };
    let mut models = Vec::new();
    for name in names {
        let Some(model) = model_named(name) else {
            return Err(Refused::unknown("model", name, Model::ALL.map(Model::name), "mak attribute --help"));
        };
        if !models.contains(&model) {
            models.push(model);
        }
    }
    Ok(models)
}

/// The model by its name, or as `mak.toml` spells it: `last_touch`.
fn model_named(name: &str) -> Option<Model> {
    let name = name.trim().to_lowercase().replace('_', "-");
    Model::named(name.strip_suffix("-touch").unwrap_or(&name))
}

fn weigh(settings: &mut Settings, weights: &[Decimal]) -> Result<(), Refused> {
    let wrong = || Refused::usage("--weights: give three parts (40,20,40) or four (30,30,30,10), none below zero, not all zero");
    match *weights {
        [] => {}
        [first, middle, last] => settings.position = PositionWeights::new(first, middle, last).ok_or_else(wrong)?,
        [first, middle, last, others] => {
            settings.w_shape = WShapeWeights::new(first, middle, last, others).ok_or_else(wrong)?;
        }
        _ => return Err(wrong()),
    }
    Ok(())
}

/// `30d`, `12h`, `45m`, `90s` or `2w`.
fn duration(flag: &str, text: &str) -> Result<Duration, Refused> {
    let wrong = || Refused::usage(format!("{flag} {text}: write a time as 30d, 12h, 45m, 90s or 2w"));
    let text = text.trim();
    let unit: u64 = match text.chars().last() {
        Some('s') => 1,
        Some('m') => 60,
        Some('h') => 3_600,
        Some('d') => 86_400,
        Some('w') => 604_800,
        _ => return Err(wrong()),
    };
    let number = text.get(..text.len().saturating_sub(1)).and_then(|digits| digits.trim().parse::<u64>().ok());
    number.and_then(|number| number.checked_mul(unit)).map(Duration::from_secs).ok_or_else(wrong)
}

/// Reads the files and answers.
fn answer(asked: &Asked, inputs: &[Input], session: &Session) -> Result<Attribute, Refused> {
    let bar = progress::show(inputs);
    let mut read = read_journeys(inputs, &asked.question, &session.catalogue)?;
    let spend = Spend::read(&mut read, inputs, &asked.question.rows, session)?;
    drop(bar);
    let direct = read.channels.direct();
    let people_converted = read.people.map(|_| converted(&read.journeys));
    let drop_direct = direct.filter(|_| asked.drop_direct);
    let left_out = Transforms { drop_direct, ..asked.transforms }.apply(&mut read.journeys);
    let settings = Settings { direct, ..asked.settings };
    let credited = Credited::by_models(asked, &read, &settings)?;
    let Some(first) = credited.attributions.first() else {
        let reasons: Vec<String> = credited.unavailable.values().cloned().collect();
        return Err(Finding::new(Code::NothingComputed, Place::default(), reasons.join("; ")).into());
    };
    let has_value = read.has_value;
    let touched = influence(&read.journeys, read.channels.len(), |channel| Some(channel) != direct).map_err(refused)?;
    let by_channel = |parts: &[Part]| {
        names(&read.channels).zip(parts).map(|(name, part)| (name.to_owned(), part_credit(part, has_value))).collect()
    };
    let nulls = read.journeys.iter().try_fold(0_u64, |sum, journey| sum.checked_add(journey.nulls));
    Ok(Attribute {
        schema: Attribute::SCHEMA.to_owned(),
        by: read.dimension.clone(),
        currency: read.currency.as_deref().map(str::to_owned),
        window: window_words(asked.question.window, &read),
        conversions: Number(first.total.conversions),
        value: has_value.then_some(Number(first.total.value)),
        people: read.people,
        people_converted,
        nulls: nulls.ok_or_else(|| refused(attribution::Refused::Overflow))?,
        inputs: inputs_of(&read, &spend),
        models: credited.models(&read, &spend),
        unattributed: credit(first.unattributed, has_value),
        left_out: left_out_credit(&left_out, has_value)?,
        influenced: Influenced {
            overlaps: true,
            any: part_credit(&touched.influenced_by_any, has_value),
            channels: by_channel(&touched.influenced),
        },
        sourced: by_channel(&touched.sourced),
        spend: spend.document(),
        bootstrap: asked.resampling.as_ref().map(|resampling| Bootstrap {
            replicates: u64::try_from(resampling.replicates).unwrap_or(u64::MAX),
            seed: resampling.seed,
            confidence: estimate(resampling.confidence),
        }),
        markov: credited.attributions.iter().find_map(|one| one.chain.as_ref()).map(|chain| markov(chain, &read.channels)),
        unavailable: credited.unavailable,
        warnings: read.findings.iter().map(Warning::from).collect(),
    })
}

/// Gives `compute` the attributed revenue of touches and paths, where `mak.toml` names the model.
///
/// It is grouped where the question has no dimension but one that touches have, and whole where it
/// has none; a question that picks rows or periods gets none, for a path that is cut in two is
/// another path. Where the files do not carry the model, that is noted: the other figures stand.
///
/// # Errors
/// Sums that do not fit.
pub(crate) fn add_attributed(
    sources: &mut [Source],
    inputs: &[Input],
    asked: &Question,
    session: &Session,
) -> Result<(), Refused> {
    let setting = &session.settings.attribution_model;
    let picks = asked.from.is_some() || asked.to.is_some() || !asked.filters.is_empty();
    let by = match asked.by.as_slice() {
        [] => None,
        [one] if one.period.is_none() => Some(one.name.clone()),
        _ => return Ok(()),
    };
    let source = sources.iter_mut().find(|source| matches!(source.info.kind, Kind::Touches | Kind::Paths));
    let (Some(source), Some(model)) = (source, model_named(&setting.value)) else { return Ok(()) };
    if setting.from == Origin::Default || picks {
        return Ok(());
    }
    let grouped = by.is_some() && source.info.lacks.is_empty();
    let rows = Question { by: Vec::new(), ..asked.clone() };
    let question = JourneyQuestion { rows, dimension: by, window: Window::SincePrevious };
    let attributed = read_journeys(inputs, &question, &session.catalogue)
        .map_err(|findings| findings.first().map(|finding| finding.parts().message.clone()).unwrap_or_default())
        .and_then(|read| {
            let settings = Settings { direct: read.channels.direct(), ..Settings::default() };
            let attribution = attribution::attribute(&read.journeys, read.channels.len(), model, &settings).map_err(reason)?;
            Ok((read, attribution))
        });
    let (read, attribution) = match attributed {
        Ok((read, attribution)) if read.has_value => (read, attribution),
        Ok(_) => return Ok(()),
        Err(why) => {
            let place = Place { file: Some(Arc::clone(&source.info.file)), part: source.info.part.clone(), ..Place::default() };
            source.findings.push(Finding::new(Code::UnusedTable, place, format!("no revenue is attributed: {why}")));
            return Ok(());
        }
    };
    let credited = attribution.credits.iter().try_fold(Decimal::ZERO, |all, credit| sum(all, credit.value))?;
    source.measured.total.put_number(Measure::AttributedRevenue, credited);
    if grouped {
        for (name, credit) in names(&read.channels).zip(&attribution.credits) {
            let key = GroupKey(vec![Some(name.into())]);
            source.measured.groups.entry(key).put_number(Measure::AttributedRevenue, credit.value);
        }
    }
    let derived = Some(format!("credited by the model {}", model.name()));
    source.provenance.insert(Measure::AttributedRevenue, Provenance { derived, ..Provenance::default() });
    source.findings.extend(read.findings.into_iter().filter(|finding| finding.code() == Code::SetAside));
    Ok(())
}

/// People with a conversion.
fn converted(journeys: &[Journey]) -> u64 {
    let mut people: Vec<u32> =
        journeys.iter().filter(|journey| journey.conversions > 0).filter_map(|journey| journey.person).collect();
    people.sort_unstable();
    people.dedup();
    u64::try_from(people.len()).unwrap_or(u64::MAX)
}

/// Why a model gives no answer, as a finding.
fn refused(why: attribution::Refused) -> Refused {
    use attribution::Refused as Why;
    let (code, message) = match why {
        Why::Overflow => (Code::Overflow, why.to_string()),
        Why::HalfLife | Why::OrderZero | Why::TooManyStates { .. } => (Code::BadUsage, why.to_string()),
        _ => (Code::NothingComputed, reason(why)),
    };
    Finding::new(code, Place::default(), message).into()
}

fn reason(why: attribution::Refused) -> String {
    match why {
        attribution::Refused::NoTimes { .. } => {
            "time-decay needs the time of every touch; a table of paths gives it as time_till_end: 72.0 > 36.0 > 0.0".to_owned()
        }
        why => why.to_string(),
    }
}

/// What the models gave.
struct Credited {
    attributions: Vec<Attribution>,
    intervals: Vec<Option<Vec<CreditInterval>>>,
    unavailable: IndexMap<String, String>,
}

impl Credited {
    fn by_models(asked: &Asked, read: &Journeys, settings: &Settings) -> Result<Self, Refused> {
        let mut credited = Credited { attributions: Vec::new(), intervals: Vec::new(), unavailable: IndexMap::new() };
        let (journeys, channels) = (&read.journeys, read.channels.len());
        for &model in &asked.models {
            match attribution::attribute(journeys, channels, model, settings) {
                Ok(attribution) => credited.attributions.push(attribution),
                Err(why) if asked.compare => {
                    credited.unavailable.insert(model.name().to_owned(), reason(why));
                    continue;
                }
                Err(why) => return Err(refused(why)),
            }
            let intervals = asked.resampling.map(|how| bootstrap::intervals(journeys, channels, model, settings, how));
            credited.intervals.push(intervals.transpose().map_err(refused)?);
        }
        Ok(credited)
    }

    fn models(&self, read: &Journeys, spend: &Spend) -> IndexMap<String, IndexMap<String, ChannelCredit>> {
        let of_model = |(attribution, intervals): (&Attribution, &Option<Vec<CreditInterval>>)| {
            let channels = names(&read.channels).zip(&attribution.credits).enumerate().map(|(number, (name, given))| {
                let mut credit = credit(*given, read.has_value);
                if let Some(interval) = intervals.as_ref().and_then(|intervals| intervals.get(number)) {
                    credit.conversions_interval = Some(bounds(interval.conversions));
                    credit.value_interval = read.has_value.then(|| bounds(interval.value));
                }
                spend.add_returns(number, &mut credit);
                (name.to_owned(), credit)
            });
            (attribution.model.name().to_owned(), channels.collect())
        };
        self.attributions.iter().zip(&self.intervals).map(of_model).collect()
    }
}

/// What was spent, joined to the channels by name after both sides are added up.
#[derive(Default)]
struct Spend {
    sources: Vec<Source>,
    /// By channel number.
    costs: BTreeMap<usize, Decimal>,
    untouched: BTreeMap<String, Decimal>,
    unallocated: Decimal,
    total: Decimal,
}

impl Spend {
    fn read(read: &mut Journeys, inputs: &[Input], rows: &Question, session: &Session) -> Result<Self, Refused> {
        let beside: Vec<Input> = read.beside.iter().filter_map(|number| inputs.get(*number).cloned()).collect();
        if beside.is_empty() {
            return Ok(Spend::default());
        }
        let question = Question { by: vec![Dimension { name: read.dimension.clone(), period: None }], ..rows.clone() };
        let mut spend = Spend { sources: ingest::read(&beside, &question, &session.catalogue)?, ..Spend::default() };
        spend.settle_currency(read)?;
        let mut by_name: BTreeMap<Option<Arc<str>>, Decimal> = BTreeMap::new();
        for source in &spend.sources {
            read.findings.extend(source.findings.iter().cloned());
            let place = Place { file: Some(Arc::clone(&source.info.file)), part: source.info.part.clone(), ..Place::default() };
            let Some(of_source) = source.measured.total.number(Measure::Spend) else {
                let message = "no touches, no paths and no spend: the table is not used";
                read.findings.push(Finding::new(Code::UnusedTable, place, message));
                continue;
            };
            spend.total = sum(spend.total, of_source)?;
            if !source.info.lacks.is_empty() {
                let message = format!("no {}: its spend belongs to no row", read.dimension);
                read.findings.push(Finding::new(Code::MissingDimension, place, message));
                spend.unallocated = sum(spend.unallocated, of_source)?;
                continue;
            }
            for (key, set) in source.measured.groups.iter() {
                let name = key.get(0).map(Arc::from);
                let known = by_name.entry(name).or_default();
                *known = sum(*known, set.number(Measure::Spend).unwrap_or_default())?;
            }
        }
        spend.join(by_name, &read.channels)?;
        Ok(spend)
    }

    /// Costs and values are compared, so they have to be of one currency.
    fn settle_currency(&self, read: &mut Journeys) -> Result<(), Refused> {
        let of_spend = self.sources.iter().filter(|source| source.measured.total.has(Measure::Spend));
        let known = of_spend.filter_map(|source| source.info.currency.clone()).chain(read.currency.clone());
        let currencies: BTreeMap<Arc<str>, u64> = known.map(|currency| (currency, 1)).collect();
        let Ok(currency) = single_currency(&currencies) else {
            let listed: Vec<&str> = currencies.keys().map(|currency| &**currency).collect();
            let message = format!("spend and value are in several currencies: {}", listed.join(", "));
            return Err(Finding::new(Code::MixedCurrencies, Place::default(), message).into());
        };
        read.currency = currency;
        Ok(())
    }

    /// By the same name, else by the only one that differs in nothing but case.
    fn join(&mut self, by_name: BTreeMap<Option<Arc<str>>, Decimal>, channels: &Channels) -> Result<(), Refused> {
        let names: Vec<&str> = names(channels).collect();
        for (name, cost) in by_name {
            let Some(name) = name else {
                self.unallocated = sum(self.unallocated, cost)?;
                continue;
            };
            let exact = names.iter().position(|known| *known == &*name);
            let alike = || {
                let folded = name.trim().to_lowercase();
                let mut alike = names.iter().enumerate().filter(|(_, known)| known.trim().to_lowercase() == folded);
                alike.next().filter(|_| alike.next().is_none()).map(|(number, _)| number)
            };
            match exact.or_else(alike) {
                Some(number) => {
                    let known = self.costs.entry(number).or_default();
                    *known = sum(*known, cost)?;
                }
                None => drop(self.untouched.insert(name.to_string(), cost)),
            }
        }
        Ok(())
    }

    /// Cost and what follows from it, for a channel that money was spent on.
    fn add_returns(&self, channel: usize, credit: &mut ChannelCredit) {
        let Some(cost) = self.costs.get(&channel).copied() else { return };
        credit.cost = Some(Number(cost));
        let per_cost = |value: Decimal| value.checked_div(cost).map(Number);
        credit.roas = credit.value.and_then(|value| per_cost(value.0));
        credit.roi = credit.value.and_then(|value| per_cost(value.0.checked_sub(cost)?));
        credit.cac = cost.checked_div(credit.conversions.0).map(Number);
    }

    fn document(&self) -> Option<ChannelSpend> {
        let any = self.sources.iter().any(|source| source.measured.total.has(Measure::Spend));
        any.then(|| ChannelSpend {
            total: Number(self.total),
            untouched: self.untouched.iter().map(|(name, cost)| (name.clone(), Number(*cost))).collect(),
            unallocated: (!self.unallocated.is_zero()).then_some(Number(self.unallocated)),
        })
    }
}

fn sum(a: Decimal, b: Decimal) -> Result<Decimal, Refused> {
    a.checked_add(b).ok_or_else(|| refused(attribution::Refused::Overflow))
}

fn names(channels: &Channels) -> impl Iterator<Item = &str> {
    (0..channels.len()).map(|number| u32::try_from(number).ok().and_then(|number| channels.name(number)).unwrap_or(""))
}

fn window_words(window: Window, read: &Journeys) -> String {
    match window {
        Window::SincePrevious if read.people.is_none() => "as the paths have them".to_owned(),
        Window::SincePrevious => "since the previous conversion".to_owned(),
        Window::Lookback(time) => {
            let seconds = time.as_secs();
            let units = [(86_400, "d"), (3_600, "h"), (60, "m"), (1, "s")];
            let whole = units.into_iter().find(|(unit, _)| seconds.is_multiple_of(*unit)).unwrap_or((1, "s"));
            format!("within {}{} before the conversion", seconds.checked_div(whole.0).unwrap_or(seconds), whole.1)
        }
    }
}

fn inputs_of(read: &Journeys, spend: &Spend) -> Vec<AttributeInput> {
    let journeys = read.sources.iter().map(|source| AttributeInput {
        file: source.file.to_string(),
        part: source.part.as_deref().map(str::to_owned),
        kind: source.kind.word().to_owned(),
        platform: source.platform.to_string(),
        profile: source.profile.to_string(),
        rows: source.rows.read,
        used: source.rows.used,
    });
    let beside = spend.sources.iter().map(|source| AttributeInput {
        file: source.info.file.to_string(),
        part: source.info.part.as_deref().map(str::to_owned),
        kind: source.info.kind.word().to_owned(),
        platform: source.info.platform.to_string(),
        profile: source.info.profile.to_string(),
        rows: source.info.rows.read,
        used: source.info.rows.used,
    });
    journeys.chain(beside).collect()
}

fn credit(given: Credit, has_value: bool) -> ChannelCredit {
    ChannelCredit {
        conversions: Number(given.conversions),
        value: has_value.then_some(Number(given.value)),
        ..ChannelCredit::default()
    }
}

fn part_credit(part: &Part, has_value: bool) -> ChannelCredit {
    credit(Credit { conversions: part.conversions.into(), value: part.value }, has_value)
}

fn left_out_credit(left_out: &LeftOut, has_value: bool) -> Result<Option<ChannelCredit>, Refused> {
    let sums = left_out.conversions().zip(left_out.value());
    let (conversions, value) = sums.ok_or_else(|| refused(attribution::Refused::Overflow))?;
    let any = conversions > 0 || !value.is_zero();
    Ok(any.then(|| credit(Credit { conversions: conversions.into(), value }, has_value)))
}

fn bounds(interval: Interval) -> Bounds {
    Bounds { low: estimate(interval.low), high: estimate(interval.high) }
}

/// A float with the digits that it has.
fn estimate(value: f64) -> Number {
    Number(Decimal::from_f64(value).unwrap_or_default())
}

fn markov(chain: &Solution, channels: &Channels) -> Markov {
    let state = |state: &State| match state {
        State::Start => ChainState::Start,
        State::Touched(touched) => {
            ChainState::Touched(touched.iter().map(|number| channels.name(*number).unwrap_or("").to_owned()).collect())
        }
        State::Conversion => ChainState::Conversion,
        State::Nothing => ChainState::Nothing,
    };
    let mut leaving: BTreeMap<&State, u64> = BTreeMap::new();
    for transition in &chain.transitions {
        let sum = leaving.entry(&transition.from).or_default();
        *sum = sum.saturating_add(transition.count);
    }
    let share = |from: &State, count: u64| {
        let all = leaving.get(from).copied().unwrap_or(0);
        Number(Decimal::from(count).checked_div(all.into()).unwrap_or_default())
    };
    Markov {
        order: u64::try_from(chain.settings.order).unwrap_or(u64::MAX),
        nulls: chain.settings.nulls,
        conversion_probability: estimate(chain.conversion_probability),
        removal_effects: names(channels)
            .zip(&chain.removal_effects)
            .map(|(name, effect)| (name.to_owned(), estimate(*effect)))
            .collect(),
        transitions: chain
            .transitions
            .iter()
            .map(|transition| Transition {
                from: state(&transition.from),
                to: state(&transition.to),
                count: transition.count,
                share: share(&transition.from, transition.count),
            })
            .collect(),
    }
}
