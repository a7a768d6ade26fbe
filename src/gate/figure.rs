//! A value in a document: of a KPI or measure, in the total or in a group.

use indexmap::IndexSet;
use rust_decimal::Decimal;

use super::estimate;
use crate::config::{Stat, Subject};
use crate::contract::{Compute, Group, KpiValue, MeasureValue, Missing, Number, Statistics};
use crate::kpi::{Exact, Expr, Kpi, Measure, Unit};

/// A value with what it rests on.
#[derive(Clone, Copy, Debug)]
pub(super) struct Figure<'d> {
    subject: Subject,
    group: &'d Group,
    /// The value, in the subject's unit.
    pub(super) value: Decimal,
    /// Exact numerator and denominator, where the value is their quotient.
    pub(super) ratio: Option<(Decimal, Decimal)>,
    /// Trials, values or rows, where that is known.
    pub(super) n: Option<u64>,
}

/// Why there is no value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Absent {
    pub(super) reason: String,
    /// The group has nothing of what the formula reads: there is nothing to judge in it, which is
    /// another thing than a value that went missing.
    pub(super) not_concerned: bool,
}

impl Absent {
    pub(super) fn because(reason: impl Into<String>) -> Self {
        Absent { reason: reason.into(), not_concerned: false }
    }
}

impl<'d> Figure<'d> {
    /// The value of a subject in a group of a document (or in its total).
    pub(super) fn find(document: &'d Compute, group: &'d Group, subject: Subject, stat: Option<Stat>) -> Result<Self, Absent> {
        match subject {
            Subject::Kpi(kpi) => {
                let value = group.kpis.get(kpi.id).ok_or_else(|| absent_kpi(document, group, subject))?;
                let ratio = value.numerator.zip(value.denominator).filter(|_| stat.is_none());
                Ok(Figure {
                    subject,
                    group,
                    value: statistic_of_kpi(value, stat).ok_or_else(|| no_statistic(stat))?.0,
                    ratio: ratio.map(|(numerator, denominator)| (numerator.0, denominator.0)),
                    n: trials(&kpi.formula, value).or(value.n).or_else(|| rows(document, group, &kpi.formula.measures())),
                })
            }
            Subject::Measure(measure) => {
                let value = group.measures.get(measure.id()).ok_or_else(|| absent_measure(document, group, measure))?;
                let (value, n) = match value {
                    MeasureValue::Number(number) => (Some(*number), None),
                    MeasureValue::Statistics(statistics) => (statistic(statistics, stat), Some(statistics.n)),
                };
                let value = value.ok_or_else(|| no_statistic(stat))?.0;
                Ok(Figure { subject, group, value, ratio: None, n: n.or_else(|| rows(document, group, &[measure])) })
            }
        }
    }

    /// What the document says of the KPI beside its value; nothing for a measure or a statistic.
    fn kpi_value(&self) -> Option<(&'static Kpi, &'d KpiValue)> {
        let Subject::Kpi(kpi) = self.subject else { return None };
        self.ratio?;
        Some((kpi, self.group.kpis.get(kpi.id)?))
    }

    /// The standard error of the value and the number of customers that it was estimated from.
    pub(super) fn standard_error(&self) -> Option<(Decimal, u64)> {
        let (_, value) = self.kpi_value()?;
        Some((value.standard_error?.0, value.drawn?))
    }

    /// Cost and number of results, where the value is the one by the other: what it took to win a
    /// lead or a customer, and not what the cost itself is charged by, as clicks are.
    pub(super) fn cost_per_result(&self) -> Option<(Decimal, u64)> {
        let (kpi, value) = self.kpi_value()?;
        let used = |expr: &Expr| {
            let read = expr.measures();
            value.used.iter().all(|id| read.iter().any(|measure| measure.id() == id))
        };
        let Expr::Ratio(cost, Expr::Measure(result)) = in_use(&kpi.formula, &used)? else { return None };
        if !(cost.measures().into_iter().all(is_cost) && is_result(*result)) {
            return None;
        }
        let (cost, results) = self.ratio?;
        Some((cost, estimate::whole(results)?))
    }

    /// Unit of the value.
    pub(super) const fn unit(&self) -> Unit {
        self.subject.unit()
    }

    /// The value without the rounding of its digits.
    pub(super) fn exact(&self) -> Exact {
        let quotient = |(numerator, denominator): (Decimal, Decimal)| {
            Exact::from(numerator).over(Exact::from(denominator)).and_then(Result::ok)
        };
        self.ratio.and_then(quotient).unwrap_or_else(|| Exact::from(self.value))
    }

    /// Whether the formula reads that measure.
    pub(super) fn reads(&self, measure: Measure) -> bool {
        measures(self.subject).contains(&measure)
    }

    /// A measure of the same group.
    pub(super) fn measure(&self, measure: Measure) -> Option<Decimal> {
        match self.group.measures.get(measure.id())? {
            MeasureValue::Number(number) => Some(number.0),
            MeasureValue::Statistics(_) => None,
        }
    }
}

/// Ids of the subjects and of the measures that they read, each once.
pub(super) fn ids_to_compute(subjects: impl Iterator<Item = Subject>) -> Vec<String> {
    let mut ids: IndexSet<&'static str> = IndexSet::new();
    for subject in subjects {
        ids.insert(subject.id());
        ids.extend(measures(subject).into_iter().map(Measure::id));
    }
    ids.into_iter().map(str::to_owned).collect()
}

/// Every measure that a subject may read.
fn measures(subject: Subject) -> Vec<Measure> {
    match subject {
        Subject::Kpi(kpi) => kpi.formula.measures(),
        Subject::Measure(measure) => vec![measure],
    }
}

/// The alternative of a choice that reads what was read.
fn in_use<'e>(formula: &'e Expr, used: &impl Fn(&Expr) -> bool) -> Option<&'e Expr> {
    match formula {
        Expr::FirstOf(alternatives) => alternatives.iter().find_map(|alternative| in_use(alternative, used)),
        other => used(other).then_some(other),
    }
}

fn is_cost(measure: Measure) -> bool {
    use Measure::{PeopleCost, PlatformCost, SetupCost, Spend, TrainingCost};
    matches!(measure, Spend | PlatformCost | SetupCost | TrainingCost | PeopleCost)
}

fn is_result(measure: Measure) -> bool {
    use Measure::{Conversions, Leads, Mqls, NewCustomers, Opportunities, Sqls, Won};
    matches!(measure, Conversions | Leads | Mqls | Sqls | Opportunities | Won | NewCustomers)
}

fn statistic_of_kpi(value: &KpiValue, stat: Option<Stat>) -> Option<Number> {
    match stat {
        None => Some(value.value),
        Some(Stat::Mean) => value.mean,
        Some(Stat::Median) => value.median,
        Some(Stat::P90) => value.p90,
        Some(Stat::Min) => value.min,
        Some(Stat::Max) => value.max,
    }
}

fn statistic(statistics: &Statistics, stat: Option<Stat>) -> Option<Number> {
    match stat {
        None | Some(Stat::Median) => Some(statistics.median),
        Some(Stat::Mean) => Some(statistics.mean),
        Some(Stat::P90) => Some(statistics.p90),
        Some(Stat::Min) => statistics.min,
        Some(Stat::Max) => statistics.max,
    }
}

fn no_statistic(stat: Option<Stat>) -> Absent {
    Absent::because(format!("the result has no {} of it", stat.map_or("value", Stat::word)))
}

/// The denominator, where it counts things: deliveries, customers, answers.
fn trials(formula: &Expr, value: &KpiValue) -> Option<u64> {
    let Expr::Ratio(_, below) = formula else { return None };
    let counted = below.measures().iter().all(|measure| measure.unit() == Unit::Count);
    estimate::whole(value.denominator.filter(|_| counted)?.0)
}

/// Selected rows of the sources that give one of the measures. Only for the total: how many rows
/// a group has is not in a document.
fn rows(document: &Compute, group: &Group, measures: &[Measure]) -> Option<u64> {
    if !group.by.is_empty() {
        return None;
    }
    let gives = |input: &&crate::contract::Input| measures.iter().any(|measure| input.measures.contains_key(measure.id()));
    let mut giving = document.inputs.iter().filter(gives).map(|input| input.selected).peekable();
    giving.peek()?;
    Some(giving.fold(0, u64::saturating_add))
}

fn absent_kpi(document: &Compute, group: &Group, subject: Subject) -> Absent {
    let id = subject.id();
    let missing = group.unavailable.get(id).or_else(|| document.total.unavailable.get(id));
    let in_group = !group.by.is_empty();
    let nothing_of_it = measures(subject).iter().all(|measure| !group.measures.contains_key(measure.id()));
    let not_concerned = |missing: &Missing| in_group && missing.code == "missing" && nothing_of_it;
    match missing {
        Some(missing) => Absent { reason: missing.reason.clone(), not_concerned: not_concerned(missing) },
        None => Absent::because(format!("the result has no {id}")),
    }
}

fn absent_measure(document: &Compute, group: &Group, measure: Measure) -> Absent {
    let id = measure.id();
    let somewhere = document.inputs.iter().any(|input| input.measures.contains_key(id));
    let reason = match (somewhere, group.by.is_empty()) {
        (true, true) => format!("{id} does not add up over these rows"),
        (true, false) => format!("no row of the group has a value for {id}, or they do not add up"),
        (false, _) => format!("no file gives {id}"),
    };
    Absent { reason, not_concerned: somewhere && !group.by.is_empty() && document.total.measures.contains_key(id) }
}
