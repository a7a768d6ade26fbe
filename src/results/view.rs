//! What tables and Markdown have in common: values as text, reasons grouped, files and findings
//! in words.

use std::fmt::Write as _;

use indexmap::{IndexMap, IndexSet};

use super::number::{human, interval, nearly_exact};
use crate::contract::{Compute, GroupView, Groups, Input, InputMeasure, KpiRef, KpiValue, MeasureValue, Missing, Used, Warning};
use crate::finding::{escape, excerpt};
use crate::kpi::{Catalogue, Unit};

/// Heading of measures that are shown as KPIs are.
const MEASURES: &str = "Measures";

/// What a page shows of the groups of an answer, so that every format lays them out alike.
pub(super) struct Shown {
    /// Measures that are shown as KPIs are: those asked for by id, and all of them where there is
    /// no KPI to show.
    pub(super) measures: Vec<String>,
    /// KPIs and such measures that some group or the total has, in the order of the catalogue.
    pub(super) ids: Vec<String>,
}

impl Shown {
    /// Of these groups and the total, which comes first or last among them.
    pub(super) fn of(answer: &Compute, groups: &(impl Groups + ?Sized), catalogue: &Catalogue, is_total_first: bool) -> Self {
        let measures = shown_measures(answer, groups);
        let mut ids: IndexSet<String> = IndexSet::new();
        if is_total_first {
            note_ids(&answer.total, &measures, &mut ids);
        }
        groups.each(|group| note_ids(group, &measures, &mut ids));
        note_ids(&answer.total, &measures, &mut ids);
        let ids = in_order(catalogue, ids.iter().map(String::as_str)).into_iter().map(str::to_owned).collect();
        Shown { measures, ids }
    }

    /// What is shown in the group under that id, if anything.
    pub(super) fn value<'g>(&self, group: &'g impl GroupView, id: &str, catalogue: &Catalogue) -> Option<KpiRef<'g>> {
        let measure = || group.measure(id).filter(|_| self.measures.iter().any(|shown| shown == id));
        group.kpi(id).or_else(|| measure().map(|value| as_kpi(measure_unit(catalogue, id), &value)))
    }

    /// The answer with the measures that are shown among the KPIs of the total; without its groups.
    pub(super) fn among_kpis(&self, answer: &Compute, catalogue: &Catalogue) -> Compute {
        let mut answer = answer.without_groups();
        for id in &self.measures {
            if let Some(value) = answer.total.measures.get(id) {
                let value = as_kpi(measure_unit(catalogue, id), value);
                answer.total.kpis.entry(id.clone()).or_insert_with(|| value.to_value());
            }
        }
        answer
    }
}

fn note_ids(group: &impl GroupView, measures: &[String], ids: &mut IndexSet<String>) {
    let mut note = |id: &str| {
        if !ids.contains(id) {
            ids.insert(id.to_owned());
        }
    };
    group.kpis().for_each(|(id, _)| note(id));
    measures.iter().filter(|id| group.measure(id).is_some()).for_each(|id| note(id));
}

/// The measures of [`Shown::measures`].
pub(super) fn shown_measures(answer: &Compute, groups: &(impl Groups + ?Sized)) -> Vec<String> {
    if !answer.asked.is_empty() {
        return answer.asked.clone();
    }
    if !answer.total.kpis.is_empty() {
        return Vec::new();
    }
    let mut has_kpi = false;
    let mut measures: IndexSet<String> = answer.total.measures.keys().cloned().collect();
    groups.each(|group| {
        has_kpi |= group.kpis().next().is_some();
        for (id, _) in group.measures() {
            if !measures.contains(id) {
                measures.insert(id.to_owned());
            }
        }
    });
    if has_kpi { Vec::new() } else { measures.into_iter().collect() }
}

/// A measure as a KPI is shown.
pub(super) fn as_kpi(unit: Unit, value: &MeasureValue) -> KpiRef<'static> {
    let (number, sample) = match value {
        MeasureValue::Number(number) => (*number, None),
        MeasureValue::Statistics(statistics) => (statistics.median, Some(statistics)),
    };
    KpiRef {
        value: number,
        unit: unit.word(),
        numerator: None,
        denominator: None,
        low: None,
        high: None,
        standard_error: None,
        drawn: None,
        mean: sample.map(|sample| sample.mean),
        median: sample.map(|sample| sample.median),
        p90: sample.map(|sample| sample.p90),
        min: sample.and_then(|sample| sample.min),
        max: sample.and_then(|sample| sample.max),
        n: sample.map(|sample| sample.n),
        used: Used::Measures(&[]),
    }
}

pub(super) fn measure_unit(catalogue: &Catalogue, id: &str) -> Unit {
    catalogue.measure(id).map_or(Unit::Number, crate::kpi::Measure::unit)
}

/// The ids, each once: those of the catalogue in its order, then the others as they come.
pub(super) fn in_order<'a>(catalogue: &Catalogue, ids: impl Iterator<Item = &'a str>) -> Vec<&'a str> {
    let place: IndexMap<&str, usize> = catalogue.kpis().enumerate().map(|(i, kpi)| (kpi.id, i)).collect();
    let mut each_once: IndexMap<&str, ()> = IndexMap::new();
    each_once.extend(ids.map(|id| (id, ())));
    let mut out: Vec<&str> = each_once.into_keys().collect();
    out.sort_by_key(|id| place.get(id).copied().unwrap_or(usize::MAX));
    out
}

/// Name for people; the id of a measure, and of a KPI that the catalogue does not know.
pub(super) fn name_of(catalogue: &Catalogue, id: &str) -> String {
    catalogue.kpi(id).map_or_else(|| escape(id), |kpi| escape(kpi.name))
}

/// Heading of a KPI or measure.
pub(super) fn category_of(catalogue: &Catalogue, id: &str) -> &'static str {
    match catalogue.by_category().find(|(_, kpi)| kpi.id == id) {
        Some((category, _)) => category,
        None if catalogue.measure(id).is_some() => MEASURES,
        None => "Other",
    }
}

/// Unit of a KPI or measure, to be looked up once for a whole column; `None` when the catalogue
/// does not know it.
pub(super) fn unit_of(catalogue: &Catalogue, id: &str) -> Option<Unit> {
    catalogue.kpi(id).map(|kpi| kpi.unit).or_else(|| catalogue.measure(id).map(crate::kpi::Measure::unit))
}

/// Unit of a KPI or measure; by the word in the document when the catalogue does not know it.
pub(super) fn unit_of_subject(catalogue: &Catalogue, id: &str, word: &str) -> Unit {
    let measure = || catalogue.measure(id).map(crate::kpi::Measure::unit);
    unit_of(catalogue, id).or_else(measure).unwrap_or_else(|| unit_of_word(word))
}

fn unit_of_word(word: &str) -> Unit {
    match word {
        "count" => Unit::Count,
        "money" => Unit::Money,
        "points" => Unit::Points,
        "score" => Unit::Score,
        "seconds" => Unit::Seconds,
        "hours" => Unit::Hours,
        "days" => Unit::Days,
        "months" => Unit::Months,
        // A ratio that the catalogue does not know may be a multiple or a share.
        _ => Unit::Number,
    }
}

/// The value as people write it, in that unit or else by the word in the answer.
pub(super) fn value_text(unit: Option<Unit>, value: &KpiRef<'_>, currency: Option<&str>) -> String {
    human(value.value.0, unit.unwrap_or_else(|| unit_of_word(value.unit)), currency)
}

/// What the value comes from: `2,421,948 / 4,098,579`, or the statistics of a sample. Empty for
/// a plain sum.
pub(super) fn arithmetic(unit: Option<Unit>, value: &KpiValue, currency: Option<&str>) -> String {
    if let (Some(numerator), Some(denominator)) = (value.numerator, value.denominator) {
        return format!("{} / {}", nearly_exact(numerator.0), nearly_exact(denominator.0));
    }
    let unit = unit.unwrap_or_else(|| unit_of_word(&value.unit));
    let mut parts = Vec::new();
    if let Some(mean) = value.mean {
        parts.push(format!("mean {}", human(mean.0, unit, currency)));
    }
    if let Some(p90) = value.p90 {
        parts.push(format!("p90 {}", human(p90.0, unit, currency)));
    }
    if let Some(n) = value.n {
        parts.push(format!("n {}", human(n.into(), Unit::Count, None)));
    }
    parts.join(", ")
}

/// The 95 % interval, where there is one.
pub(super) fn interval_text(value: &KpiValue) -> String {
    match (value.low, value.high) {
        (Some(low), Some(high)) => match unit_of_word(&value.unit) {
            Unit::Money => format!("{}–{}", human(low.0, Unit::Money, None), human(high.0, Unit::Money, None)),
            _ => interval(low.0, high.0),
        },
        _ => String::new(),
    }
}

/// A measure's value in its unit; the median of a sample, and how many values.
pub(super) fn measure_text(catalogue: &Catalogue, id: &str, value: &MeasureValue, currency: Option<&str>) -> String {
    let unit = measure_unit(catalogue, id);
    match value {
        MeasureValue::Number(number) => human(number.0, unit, currency),
        MeasureValue::Statistics(statistics) => {
            format!("median {} of {}", human(statistics.median.0, unit, currency), human(statistics.n.into(), Unit::Count, None))
        }
    }
}

/// Why the group has no value: its own reason, or else the total's.
pub(super) fn missing_in<'a>(answer: &'a Compute, group: &'a impl GroupView, id: &str) -> Option<&'a Missing> {
    group.missing(id).or_else(|| answer.total.unavailable.get(id))
}

/// The group's value of each dimension of the answer.
pub(super) fn keys_of<'a>(answer: &'a Compute, group: &'a impl GroupView) -> impl Iterator<Item = Option<&'a str>> {
    answer.by.iter().map(|name| group.by().find(|(known, _)| *known == name).and_then(|(_, value)| value))
}

/// The number of a text among those met so far, from 1.
pub(super) fn number_of(texts: &mut IndexSet<String>, text: &str) -> usize {
    let known = texts.get_index_of(text);
    known.unwrap_or_else(|| texts.insert_full(text.to_owned()).0) + 1
}

/// A dimension's value as printed: visible, and never blank.
pub(super) fn key_text(key: Option<&str>) -> String {
    match key {
        None => "(none)".to_owned(),
        Some("") => "(empty)".to_owned(),
        Some(key) if key.trim().is_empty() => format!("\"{}\"", escape(key)),
        Some(key) => escape(key),
    }
}

/// A reason, and the KPIs that it keeps from being computed.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Reason {
    pub(super) text: String,
    pub(super) kpis: Vec<String>,
    /// Whether giving more data would help, as opposed to what the data say.
    pub(super) is_missing: bool,
}

/// The total's reasons, each once: first those that the data give, then what no file gives, the
/// fewest measures first (nearest to being computed), then the most KPIs.
pub(super) fn reasons(answer: &Compute, catalogue: &Catalogue) -> Vec<Reason> {
    let mut by_text: IndexMap<&str, (usize, Reason)> = IndexMap::new();
    for id in in_order(catalogue, answer.total.unavailable.keys().map(String::as_str)) {
        let Some(why) = answer.total.unavailable.get(id) else { continue };
        let (_, reason) = by_text.entry(&why.reason).or_insert_with(|| {
            let is_missing = why.code == "missing";
            (why.needs.len(), Reason { text: escape(&why.reason), kpis: Vec::new(), is_missing })
        });
        reason.kpis.push(escape(id));
    }
    let mut out: Vec<(usize, Reason)> = by_text.into_values().collect();
    out.sort_by_key(|(needs, reason)| (reason.is_missing, *needs, usize::MAX - reason.kpis.len()));
    out.into_iter().map(|(_, reason)| reason).collect()
}

/// What holds for the whole page: `rates per message delivered`, `money in EUR`, dates asked for.
pub(super) fn scope(answer: &Compute, shown: &Shown, catalogue: &Catalogue) -> String {
    let mut parts = Vec::new();
    let has = |wanted: &dyn Fn(&str) -> bool| shown.ids.iter().any(|id| wanted(id));
    if has(&|id| catalogue.kpi(id).is_some_and(crate::kpi::Kpi::depends_on_basis)) {
        parts.push(format!("rates per message {}", escape(&answer.basis)));
    }
    if has(&|id| unit_of(catalogue, id) == Some(Unit::Money)) {
        parts.push(match &answer.currency {
            Some(currency) => format!("money in {}", excerpt(currency)),
            None => "currency not stated".to_owned(),
        });
    }
    match (&answer.from, &answer.to) {
        (Some(from), Some(to)) => parts.push(format!("{} to {}", escape(from), escape(to))),
        (Some(from), None) => parts.push(format!("from {}", escape(from))),
        (None, Some(to)) => parts.push(format!("until {}", escape(to))),
        (None, None) => {}
    }
    parts.join("\u{a0}· ")
}

/// A file as the user named it, with its part.
pub(super) fn file_text(file: &str, part: Option<&str>) -> String {
    let name = if file == "-" { "standard input".to_owned() } else { escape(file) };
    part.map_or_else(|| name.clone(), |part| format!("{name} ({})", escape(part)))
}

/// What a file was taken for: `mailchimp campaigns`.
pub(super) fn taken_for(input: &Input) -> String {
    format!("{} {}", escape(&input.platform), escape(&input.kind))
}

/// Rows used of rows read: `1,204 of 1,207 rows`, and those that passed the filter.
pub(super) fn rows_text(input: &Input) -> String {
    let count = |n: u64| human(n.into(), Unit::Count, None);
    let mut text = if input.used == input.rows {
        format!("{} {}", count(input.rows), if input.rows == 1 { "row" } else { "rows" })
    } else {
        format!("{} of {} rows", count(input.used), count(input.rows))
    };
    if input.selected != input.used {
        let _ = write!(text, ", {} selected", count(input.selected));
    }
    text
}

/// Rows that do not count, and why: `left out: 2 totals, 1 by a rule`; empty when there are none.
pub(super) fn left_out_text(input: &Input) -> String {
    let count = |n: u64| human(n.into(), Unit::Count, None);
    let mut parts = Vec::new();
    if input.totals > 0 {
        parts.push(format!("{} {}", count(input.totals), if input.totals == 1 { "total" } else { "totals" }));
    }
    if input.rejected > 0 {
        parts.push(format!("{} by rule", count(input.rejected)));
    }
    if input.blank > 0 {
        parts.push(format!("{} blank", count(input.blank)));
    }
    if parts.is_empty() { String::new() } else { format!("left out: {}", parts.join(", ")) }
}

/// First and last date of a file.
pub(super) fn dates_text(input: &Input) -> String {
    match (&input.from, &input.to) {
        (Some(from), Some(to)) if from == to => escape(from),
        (Some(from), Some(to)) => format!("{} to {}", escape(from), escape(to)),
        (Some(from), None) => format!("from {}", escape(from)),
        (None, Some(to)) => format!("until {}", escape(to)),
        (None, None) => String::new(),
    }
}

/// Where a measure of a file came from: `opens 2,421,948 from "Unique Opens"`.
pub(super) fn origin_text(catalogue: &Catalogue, id: &str, measure: &InputMeasure, currency: Option<&str>) -> String {
    let mut text = escape(id);
    if let Some(value) = &measure.value {
        text.push(' ');
        text.push_str(&measure_text(catalogue, id, value, currency));
    }
    if let Some(derived) = &measure.derived {
        let _ = write!(text, " ({})", escape(derived));
    } else if !measure.columns.is_empty() {
        let columns: Vec<String> = measure.columns.iter().map(|column| format!("\"{}\"", excerpt(column))).collect();
        let _ = write!(text, " from {}", columns.join(" + "));
    }
    if measure.missing > 0 {
        let _ = write!(text, ", {} cells blank", human(measure.missing.into(), Unit::Count, None));
    }
    if let Some(why) = &measure.set_aside {
        let _ = write!(text, "; not counted: {}", escape(why));
    }
    text
}

/// A finding's place: `ads.csv:7:3`; empty when it has none.
pub(super) fn place_text(warning: &Warning) -> String {
    let Some(file) = &warning.file else { return String::new() };
    let mut text = escape(file);
    if let Some(part) = &warning.part {
        let _ = write!(text, "!{}", escape(part));
    }
    if let Some(line) = warning.line {
        let _ = write!(text, ":{line}");
        if let Some(column) = warning.column {
            let _ = write!(text, ":{column}");
        }
    }
    text
}

/// What a finding says, without its place and its help.
pub(super) fn message_text(warning: &Warning) -> String {
    let mut text = escape(&warning.message);
    if let Some(name) = &warning.column_name {
        let _ = write!(text, " (column \"{}\")", excerpt(name));
    }
    if let Some(saw) = &warning.saw {
        let _ = write!(text, "; saw \"{}\"", excerpt(saw));
    }
    if let Some(expected) = &warning.expected {
        let _ = write!(text, "; expected {}", escape(expected));
    }
    text
}
