//! From an answer to the document that is written.
use indexmap::IndexMap;
use rust_decimal::prelude::ToPrimitive as _;

use crate::analysis::interval;
use crate::contract::{
    Compute, Group, GroupView, Input, InputMeasure, KpiRef, MeasureValue, Missing, Number, Statistics, Unallocated, Used, Warning,
};
use crate::finding::{Code, Finding, Place, Severity};
use crate::kpi::{Basis, Computed, Distribution, Expr, Kpi, Measure, MeasureSet, Measured, Outcome, Unavailable, Unit};
use crate::measures::{Answer, Evaluated, Evaluation, KeyRef, Question, Source};

/// Confidence of the intervals that are printed.
const CONFIDENCE: f64 = 0.95;

/// The document of `mak compute`, without the groups.
pub(crate) fn compute(question: &Question, sources: &[Source], answer: &Answer) -> Compute {
    let total = Assembler::new(question, None).total(&answer.total);
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
        groups: Vec::new(),
        unallocated: answer.unallocated.iter().map(unallocated).collect(),
        warnings,
    }
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

/// What `--kpi` names that is no KPI: the command line has made sure that it is a measure.
fn asked_measures<'a, 'e>(question: &'a Question, evaluated: &'e Evaluated) -> impl Iterator<Item = &'a str> + use<'a, 'e> {
    question.kpis.iter().map(String::as_str).filter(|id| !evaluated.outcomes.contains_key(id))
}

/// Makes of each evaluated group what is written of it. What is the same for many groups (reasons,
/// which measures were asked for) is made once and borrowed by all of them.
pub(crate) struct Assembler<'a> {
    question: &'a Question,
    /// The total that the groups stand beside; none while the total itself is assembled.
    total: Option<&'a Group>,
    /// Measures asked for by id, each once, with the reason of those that have no value.
    asked: Vec<(&'a str, Missing)>,
    /// What was made for groups of the same settlement.
    known: Vec<Known>,
}

/// What groups of one settlement share.
#[derive(Default)]
struct Known {
    /// For each KPI the reason why it has no value, where it had none in a group before.
    reasons: Vec<Option<Reason>>,
    /// For each measure whether it was asked for by id.
    asked: Vec<(Measure, bool)>,
    /// For each measure that was asked for by id, in that order, the measure that the group has.
    found: Vec<Option<Measure>>,
    /// For each measure of the group at hand whether it is written.
    kept: Vec<bool>,
    /// Measures of the group at hand that are there and have no value, each with the reason.
    without: Vec<(Measure, Missing)>,
}

/// Before the first group.
static NOTHING: Known =
    Known { reasons: Vec::new(), asked: Vec::new(), found: Vec::new(), kept: Vec::new(), without: Vec::new() };

/// Why a KPI has no value.
struct Reason {
    why: Unavailable,
    missing: Missing,
    /// Whether the total says the same, and so says it for all.
    is_of_total: bool,
}

/// A group that is written and forgotten.
pub(crate) struct OneGroup<'a> {
    assembler: &'a Assembler<'a>,
    known: &'a Known,
    key: KeyRef<'a>,
    evaluated: &'a Evaluated,
}

/// Settlements for which something is kept.
const MOST_KNOWN: usize = 64;

impl<'a> Assembler<'a> {
    /// For groups of that question, beside that total.
    pub(crate) fn new(question: &'a Question, total: Option<&'a Group>) -> Self {
        Assembler { question, total, asked: Vec::new(), known: Vec::new() }
    }

    /// Everything together.
    fn total(&mut self, evaluated: &Evaluated) -> Group {
        let evaluation = Evaluation { evaluated, settlement: None };
        self.group(KeyRef::NONE, evaluation).to_group()
    }

    /// The group of that key.
    pub(crate) fn group<'g>(&'g mut self, key: KeyRef<'g>, evaluation: Evaluation<'g>) -> OneGroup<'g> {
        let Evaluation { evaluated, settlement } = evaluation;
        if self.asked.is_empty() {
            self.note_asked(evaluated);
        }
        // The first place is for groups of no settlement.
        let number = settlement.map_or(0, |number| number.saturating_add(1).min(MOST_KNOWN));
        if self.known.len() <= number {
            self.known.resize_with(number.saturating_add(1), Known::default);
        }
        if let Some(known) = self.known.get_mut(number) {
            known.note_reasons(evaluated, self.total);
            known.note_measures(evaluated, self.question, &self.asked);
            known.note_kept(evaluated, self.question);
            known.note_without(evaluated);
        }
        let assembler: &'g Assembler<'a> = self;
        OneGroup { assembler, known: assembler.known.get(number).unwrap_or(&NOTHING), key, evaluated }
    }

    fn note_asked(&mut self, evaluated: &Evaluated) {
        for id in asked_measures(self.question, evaluated) {
            if !self.asked.iter().any(|(known, _)| *known == id) {
                let missing =
                    Missing { code: "missing".to_owned(), needs: vec![id.to_owned()], reason: format!("no file gives {id}") };
                self.asked.push((id, missing));
            }
        }
    }
}

impl Known {
    /// Makes the reasons that groups before did not have.
    fn note_reasons(&mut self, evaluated: &Evaluated, total: Option<&Group>) {
        self.reasons.resize_with(evaluated.outcomes.len(), || None);
        for ((id, (_, outcome)), known) in evaluated.outcomes.iter().zip(&mut self.reasons) {
            let Err(why) = outcome else { continue };
            if known.as_ref().is_some_and(|known| known.why == *why) {
                continue;
            }
            let missing = missing(why);
            let is_of_total = total.is_some_and(|total| total.unavailable.get(*id) == Some(&missing));
            *known = Some(Reason { why: why.clone(), missing, is_of_total });
        }
    }

    /// Finds the measures that were asked for, unless the group before had the same measures.
    fn note_measures(&mut self, evaluated: &Evaluated, question: &Question, asked: &[(&str, Missing)]) {
        let measures = || evaluated.measures.iter().map(|(measure, _)| measure);
        if self.found.len() == asked.len() && measures().eq(self.asked.iter().map(|(measure, _)| *measure)) {
            return;
        }
        let is_asked = |measure: Measure| question.kpis.is_empty() || question.kpis.iter().any(|id| id == measure.id());
        self.asked = measures().map(|measure| (measure, is_asked(measure))).collect();
        self.found = asked.iter().map(|(id, _)| measures().find(|measure| measure.id() == *id)).collect();
    }

    /// With `--kpi`, measures that were asked for by id stay, and those that were read; without, all
    /// of them.
    fn note_kept(&mut self, evaluated: &Evaluated, question: &Question) {
        self.kept.clear();
        self.kept.extend(self.asked.iter().map(|(_, is_asked)| *is_asked));
        if question.kpis.is_empty() {
            return;
        }
        for (_, outcome) in evaluated.outcomes.values() {
            for used in outcome.iter().flat_map(|computed| &*computed.used) {
                let place = self.asked.binary_search_by_key(used, |(measure, _)| *measure).ok();
                if let Some(kept) = place.and_then(|place| self.kept.get_mut(place)) {
                    *kept = true;
                }
            }
        }
    }

    fn note_without(&mut self, evaluated: &Evaluated) {
        self.without.clear();
        let without = |(measure, measured): (Measure, &Measured)| Some((measure, missing(&measured.unavailable(measure)?)));
        self.without.extend(evaluated.measures.iter().filter_map(without));
    }
}

impl OneGroup<'_> {
    /// The group, to be kept in a document.
    pub(crate) fn to_group(&self) -> Group {
        Group {
            by: self.by().map(|(name, value)| (name.to_owned(), value.map(str::to_owned))).collect(),
            measures: self.measures().map(|(id, value)| (id.to_owned(), value)).collect(),
            kpis: self.kpis().map(|(id, value)| (id.to_owned(), value.to_value())).collect(),
            unavailable: self.unavailable().map(|(id, why)| (id.to_owned(), why.clone())).collect(),
        }
    }

    /// The reason of a KPI that failed.
    fn reason(&self, kpi: usize) -> Option<&Reason> {
        let (_, (_, outcome)) = self.evaluated.outcomes.get_index(kpi)?;
        self.known.reasons.get(kpi)?.as_ref().filter(|_| outcome.is_err())
    }

    fn value_of(&self, measure: Measure) -> Option<MeasureValue> {
        measure_value(measure, self.evaluated.measures.get(measure)?)
    }

    /// Measures asked for that have no value here, each with the reason.
    fn missing_measures(&self) -> impl Iterator<Item = (&str, &Missing)> {
        let is_missing = |found: &Option<Measure>| found.and_then(|measure| self.value_of(measure)).is_none();
        let asked = self.assembler.asked.iter().zip(&self.known.found);
        let own = |id: &str| self.known.without.iter().find(|(measure, _)| measure.id() == id).map(|(_, missing)| missing);
        asked.filter(move |(_, found)| is_missing(found)).map(move |((id, missing), _)| (*id, own(id).unwrap_or(missing)))
    }

    fn is_of_total(&self, id: &str, missing: &Missing) -> bool {
        self.assembler.total.is_some_and(|total| total.unavailable.get(id) == Some(missing))
    }
}

impl GroupView for OneGroup<'_> {
    fn by(&self) -> impl Iterator<Item = (&str, Option<&str>)> {
        let names = self.assembler.question.by.iter().map(|dimension| dimension.name.as_str());
        names.zip(self.key.values())
    }

    fn measures(&self) -> impl Iterator<Item = (&str, MeasureValue)> {
        let kept = self.evaluated.measures.iter().zip(&self.known.kept).filter(|(_, kept)| **kept);
        kept.filter_map(|((measure, measured), _)| Some((measure.id(), measure_value(measure, measured)?)))
    }

    fn kpis(&self) -> impl Iterator<Item = (&str, KpiRef<'_>)> {
        let outcomes = self.evaluated.outcomes.iter();
        outcomes.filter_map(|(id, (kpi, outcome))| Some((*id, kpi_value(kpi, outcome.as_ref().ok()?))))
    }

    fn unavailable(&self) -> impl Iterator<Item = (&str, &Missing)> {
        let kpis = self.evaluated.outcomes.keys().enumerate();
        let kpis = kpis.filter_map(|(kpi, id)| Some((*id, self.reason(kpi).filter(|reason| !reason.is_of_total)?)));
        let kpis = kpis.map(|(id, reason)| (id, &reason.missing));
        kpis.chain(self.missing_measures().filter(|(id, missing)| !self.is_of_total(id, missing)))
    }

    fn all_unavailable<'a>(&'a self, total: &'a Group) -> impl Iterator<Item = (&'a str, &'a Missing)> {
        // What the total says holds unless the group has a value, or a reason of its own.
        let holds = |id: &str| match self.evaluated.outcomes.get_index_of(id) {
            Some(kpi) => self.reason(kpi).is_some_and(|reason| reason.is_of_total),
            None => self.measure(id).is_none() && self.missing(id).is_none(),
        };
        let of_total = total.unavailable.iter().map(|(id, why)| (id.as_str(), why));
        self.unavailable().chain(of_total.filter(move |(id, _)| holds(id)))
    }

    fn measure(&self, id: &str) -> Option<MeasureValue> {
        let mut measures = self.evaluated.measures.iter().zip(&self.known.kept);
        let ((measure, _), _) = measures.find(|((measure, _), kept)| **kept && measure.id() == id)?;
        self.value_of(measure)
    }

    fn kpi(&self, id: &str) -> Option<KpiRef<'_>> {
        let (kpi, outcome) = self.evaluated.outcomes.get(id)?;
        Some(kpi_value(kpi, outcome.as_ref().ok()?))
    }

    fn missing(&self, id: &str) -> Option<&Missing> {
        if let Some(kpi) = self.evaluated.outcomes.get_index_of(id) {
            return self.reason(kpi).filter(|reason| !reason.is_of_total).map(|reason| &reason.missing);
        }
        let mut missing = self.missing_measures().filter(|(known, missing)| !self.is_of_total(known, missing));
        missing.find(|(known, _)| *known == id).map(|(_, missing)| missing)
    }
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

fn kpi_value<'a>(kpi: &'static Kpi, computed: &'a Computed) -> KpiRef<'a> {
    let estimate = estimate(computed);
    let interval = interval(kpi, computed).or_else(|| limits(estimate?));
    let distribution = computed.distribution;
    KpiRef {
        value: Number(computed.value),
        unit: kpi.unit.word(),
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
        used: Used::Measures(&computed.used),
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
    interval::rounded(estimate).map(Number)
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
pub(crate) fn says_something(question: &Question, document: &Compute, group: &impl GroupView) -> bool {
    // Where no KPI was named, the measures of the rows are an answer too.
    let measured = || match question.kpis.as_slice() {
        [] => group.measures().next().is_some() && document.inputs.iter().any(|input| input.selected > 0),
        asked => asked.iter().any(|id| group.measure(id).is_some()),
    };
    group.kpis().next().is_some() || measured()
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
