//! From an answer to the document that is written.
use indexmap::IndexMap;
use rust_decimal::prelude::{FromPrimitive as _, ToPrimitive as _};

use crate::analysis::interval;
use crate::contract::{
    Compute, Group, Input, InputMeasure, KpiValue, MeasureValue, Missing, Number, Statistics, Unallocated, Warning,
};
use crate::finding::{Code, Finding, Place, Severity};
use crate::kpi::{Basis, Computed, Distribution, Expr, Kpi, Measure, MeasureSet, Measured, Outcome, Unavailable, Unit};
use crate::measures::{Answer, Evaluated, GroupKey, Question, Source};

/// Confidence of the intervals that are printed.
const CONFIDENCE: f64 = 0.95;

/// Decimal places of an estimate: more would pretend to an exactness that it has not.
const ESTIMATE_PLACES: u32 = 10;

/// The document of `mak compute`.
pub(crate) fn compute(question: &Question, sources: &[Source], answer: &Answer) -> Compute {
    let mut total = group(question, None, &answer.total);
    keep_asked(question, &mut total);
    let groups = answer.groups.iter().map(|(key, evaluated)| one_group(question, key, evaluated, &total)).collect();
    let mut warnings: Vec<Warning> = sources.iter().flat_map(|source| source.findings.iter().map(Warning::from)).collect();
    warnings.extend(answer.findings.iter().map(Warning::from));
    warnings.extend(above_one(&answer.total).iter().map(Warning::from));
    Compute {
        schema: Compute::SCHEMA.to_owned(),
        basis: basis_word(question.basis).to_owned(),
        currency: currency(sources),
        by: question.by.iter().map(|dimension| dimension.name.clone()).collect(),
        asked: asked_measures(question, &answer.total).map(str::to_owned).collect(),
        from: question.from.map(|date| date.to_string()),
        to: question.to.map(|date| date.to_string()),
        inputs: sources.iter().enumerate().map(|(index, source)| input(index, source, answer)).collect(),
        total,
        groups,
        unallocated: answer.unallocated.iter().map(unallocated).collect(),
        warnings,
    }
}

/// A group beside the total of the same document.
pub(crate) fn one_group(question: &Question, key: &GroupKey, evaluated: &Evaluated, total: &Group) -> Group {
    let mut group = group(question, Some(key), evaluated);
    // What holds for everything is said once, in the total.
    group.unavailable.retain(|id, missing| total.unavailable.get(id) != Some(missing));
    keep_asked(question, &mut group);
    group
}

fn basis_word(basis: Basis) -> &'static str {
    match basis {
        Basis::Delivered => "delivered",
        Basis::Sent => "sent",
    }
}

/// The currency of all money, when the sources agree on one.
fn currency(sources: &[Source]) -> Option<String> {
    let mut currencies = sources.iter().filter_map(|source| source.info.currency.as_deref());
    let first = currencies.next()?;
    currencies.all(|other| other == first).then(|| first.to_owned())
}

/// With `--kpi`, measures that were asked for by id stay; without, all of them.
fn keep_asked(question: &Question, group: &mut Group) {
    if question.kpis.is_empty() {
        return;
    }
    let asked = |id: &str| question.kpis.iter().any(|wanted| wanted == id);
    let read: Vec<String> = group.kpis.values().flat_map(|value| value.used.iter().cloned()).collect();
    group.measures.retain(|id, _| asked(id) || read.contains(id));
}

/// What `--kpi` names that is no KPI: the command line has made sure that it is a measure.
fn asked_measures<'a>(question: &'a Question, evaluated: &'a Evaluated) -> impl Iterator<Item = &'a str> {
    question.kpis.iter().map(String::as_str).filter(|id| !evaluated.outcomes.contains_key(id))
}

/// Why a measure that was asked for by id has no value.
fn missing_measure(id: &str, set: &MeasureSet, basis: Basis) -> Missing {
    let known = Measure::from_id(id).or_else(|| set.iter().map(|(measure, _)| measure).find(|measure| measure.id() == id));
    let why = known.and_then(|measure| Expr::Measure(measure).evaluate(set, basis).err());
    why.as_ref().map_or_else(
        || Missing { code: "missing".to_owned(), needs: vec![id.to_owned()], reason: format!("no file gives {id}") },
        missing,
    )
}

fn group(question: &Question, key: Option<&GroupKey>, evaluated: &Evaluated) -> Group {
    let mut group = Group { measures: measures(&evaluated.measures), ..Group::default() };
    if let Some(GroupKey(values)) = key {
        let name = |index: usize| question.by.get(index).map(|dimension| dimension.name.clone()).unwrap_or_default();
        group.by = values.iter().enumerate().map(|(index, value)| (name(index), value.as_deref().map(str::to_owned))).collect();
    }
    for (id, (kpi, outcome)) in &evaluated.outcomes {
        match outcome {
            Ok(computed) => drop(group.kpis.insert((*id).to_owned(), kpi_value(kpi, computed))),
            Err(why) => drop(group.unavailable.insert((*id).to_owned(), missing(why))),
        }
    }
    for id in asked_measures(question, evaluated).filter(|id| !group.measures.contains_key(*id)) {
        group.unavailable.insert(id.to_owned(), missing_measure(id, &evaluated.measures, question.basis));
    }
    group
}

fn measures(set: &MeasureSet) -> IndexMap<String, MeasureValue> {
    set.iter().filter_map(|(measure, measured)| Some((measure.id().to_owned(), measure_value(measure, measured)?))).collect()
}

fn measure_value(measure: Measure, measured: &Measured) -> Option<MeasureValue> {
    match measured {
        Measured::Number(number) => Some(MeasureValue::Number(Number(*number))),
        Measured::Sample(sample) => Some(statistics(sample.distribution(measure.unit())?.ok()?)),
        Measured::Ranked(ranked) => Some(statistics(ranked.distribution(measure.unit()).ok()?)),
        Measured::NotAdditive { .. } | Measured::Overflow => None,
    }
}

fn statistics(of: Distribution) -> MeasureValue {
    MeasureValue::Statistics(Statistics {
        mean: Number(of.mean),
        median: Number(of.median),
        p90: Number(of.p90),
        min: Some(Number(of.min)),
        max: Some(Number(of.max)),
        n: of.n,
    })
}

fn kpi_value(kpi: &Kpi, computed: &Computed) -> KpiValue {
    let estimate = estimate(computed);
    let interval = interval(kpi, computed).or_else(|| limits(estimate?));
    let distribution = computed.distribution;
    KpiValue {
        value: Number(computed.value),
        unit: kpi.unit.word().to_owned(),
        numerator: computed.ratio.map(|(numerator, _)| Number(numerator)),
        denominator: computed.ratio.map(|(_, denominator)| Number(denominator)),
        low: interval.map(|(low, _)| low),
        high: interval.map(|(_, high)| high),
        standard_error: estimate.and_then(|(mean, _)| rounded(mean.standard_error)),
        drawn: estimate.map(|(_, drawn)| drawn),
        mean: distribution.map(|statistics| Number(statistics.mean)),
        median: distribution.map(|statistics| Number(statistics.median)),
        p90: distribution.map(|statistics| Number(statistics.p90)),
        min: distribution.map(|statistics| Number(statistics.min)),
        max: distribution.map(|statistics| Number(statistics.max)),
        n: distribution.map(|statistics| statistics.n),
        used: computed.used.iter().map(|measure| measure.id().to_owned()).collect(),
    }
}

/// The Wilson interval of a proportion of counts.
fn interval(kpi: &Kpi, computed: &Computed) -> Option<(Number, Number)> {
    let (numerator, denominator) = computed.ratio.filter(|_| kpi.unit == Unit::Share)?;
    let whole = |number: rust_decimal::Decimal| number.is_integer().then(|| number.to_u64()).flatten();
    let interval = interval::wilson(whole(numerator)?, whole(denominator)?, CONFIDENCE)?;
    Some((rounded(interval.low)?, rounded(interval.high)?))
}

/// A ratio of sums over customers with its standard error, and of how many customers.
fn estimate(computed: &Computed) -> Option<(interval::MeanRatio, u64)> {
    let (spread, (above, below)) = computed.spread.zip(computed.ratio)?;
    let [above, below] = [above.to_f64()?, below.to_f64()?];
    let squares = [spread.below_squared.to_f64()?, spread.above_squared.to_f64()?];
    let moments = interval::PairedMoments::from_sums(spread.drawn, [below, above], squares, spread.products.to_f64()?);
    Some((moments.ratio(CONFIDENCE)?, spread.drawn))
}

/// Its interval, where there are customers enough.
fn limits((mean, drawn): (interval::MeanRatio, u64)) -> Option<(Number, Number)> {
    if drawn < interval::FEWEST_DRAWN {
        return None;
    }
    Some((rounded(mean.interval.low)?, rounded(mean.interval.high)?))
}

fn rounded(estimate: f64) -> Option<Number> {
    Some(Number(rust_decimal::Decimal::from_f64(estimate)?.round_dp(ESTIMATE_PLACES)))
}

fn missing(why: &Unavailable) -> Missing {
    Missing {
        code: why.code().to_owned(),
        needs: why.needs().iter().map(|measure| measure.id().to_owned()).collect(),
        reason: why.to_string(),
    }
}

fn input(index: usize, source: &Source, answer: &Answer) -> Input {
    let measure = |(measure, provenance): (&Measure, &crate::measures::Provenance)| {
        let aside = answer.set_aside.iter().find(|aside| aside.source == index && aside.measure == *measure);
        let described = InputMeasure {
            columns: provenance.columns.iter().map(ToString::to_string).collect(),
            derived: provenance.derived.clone(),
            value: source.measured.total.get(*measure).and_then(|measured| measure_value(*measure, measured)),
            cells: provenance.cells,
            missing: provenance.missing,
            set_aside: aside.map(|aside| aside.why.clone()),
        };
        (measure.id().to_owned(), described)
    };
    Input { measures: source.provenance.iter().map(measure).collect(), ..input_read(source) }
}

/// What was read of a source, its measures left out.
pub(super) fn input_read(source: &Source) -> Input {
    let info = &source.info;
    let rows = info.rows;
    Input {
        file: info.file.to_string(),
        part: info.part.as_deref().map(str::to_owned),
        kind: info.kind.word().to_owned(),
        platform: info.platform.to_string(),
        profile: info.profile.to_string(),
        rows: rows.read,
        used: rows.used,
        selected: rows.selected,
        totals: rows.totals,
        rejected: rows.rejected,
        blank: rows.blank,
        left_out: rows.totals.saturating_add(rows.rejected),
        from: info.dates.map(|(first, _)| first.to_string()),
        to: info.dates.map(|(_, last)| last.to_string()),
        measures: indexmap::IndexMap::new(),
    }
}

fn unallocated(unallocated: &crate::measures::Unallocated) -> Unallocated {
    Unallocated {
        file: unallocated.info.label(),
        lacks: unallocated.info.lacks.clone(),
        measures: measures(&unallocated.measures),
    }
}

/// Proportions of the whole that are above 1: something is counted twice or not at all.
fn above_one(total: &Evaluated) -> Vec<Finding> {
    let above = |(kpi, outcome): &(&'static Kpi, Outcome)| {
        let computed =
            outcome.as_ref().ok().filter(|computed| kpi.unit == Unit::Share && computed.value > rust_decimal::Decimal::ONE)?;
        let message = format!("{} is {} in total, above 100 %", kpi.id, computed.value.round_dp(4));
        let simple = matches!(kpi.formula, Expr::Ratio(..));
        simple.then(|| Finding::new(Code::RateAboveOne, Place::default(), message))
    };
    total.outcomes.values().filter_map(above).collect()
}

/// Whether anything that was asked for came out in that group.
pub(crate) fn says_something(question: &Question, document: &Compute, group: &Group) -> bool {
    // Where no KPI was named, the measures of the rows are an answer too.
    let measured = match question.kpis.as_slice() {
        [] => !group.measures.is_empty() && document.inputs.iter().any(|input| input.selected > 0),
        asked => asked.iter().any(|id| group.measures.contains_key(id)),
    };
    !group.kpis.is_empty() || measured
}

/// Whether anything that was asked for came out.
pub(crate) fn nothing_computed(question: &Question, document: &Compute) -> Option<Finding> {
    if says_something(question, document, &document.total)
        || document.groups.iter().any(|group| says_something(question, document, group))
    {
        return None;
    }
    let reasons: Vec<String> =
        document.total.unavailable.iter().take(3).map(|(id, missing)| format!("{id}: {}", missing.reason)).collect();
    let finding =
        Finding::new(Code::NothingComputed, Place::default(), format!("nothing can be computed; {}", reasons.join("; ")));
    debug_assert_eq!(finding.severity(), Severity::Error);
    Some(finding.help("mak inspect shows what the files were taken for; mak explain KPI shows what it needs"))
}
