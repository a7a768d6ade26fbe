//! A group as formats read it: one that is kept in a document, or one that is made for the moment
//! in which it is written, because there are very many.

use super::compute::{Group, KpiValue, MeasureValue, Missing};
use super::number::Number;
use crate::kpi::Measure;

/// What is known of a group. The texts and reasons are borrowed, so that nothing is made for a
/// group that is written and forgotten.
pub trait GroupView {
    /// The value of each dimension, as in [`Group::by`].
    fn by(&self) -> impl Iterator<Item = (&str, Option<&str>)>;

    /// Measures by id.
    fn measures(&self) -> impl Iterator<Item = (&str, MeasureValue)>;

    /// KPIs by id.
    fn kpis(&self) -> impl Iterator<Item = (&str, KpiRef<'_>)>;

    /// What could not be computed, with the reason, without what the total lists with the same.
    fn unavailable(&self) -> impl Iterator<Item = (&str, &Missing)>;

    /// The same, and then what only the total lists.
    fn all_unavailable<'a>(&'a self, total: &'a Group) -> impl Iterator<Item = (&'a str, &'a Missing)>;

    /// The value of one measure.
    fn measure(&self, id: &str) -> Option<MeasureValue>;

    /// The value of one KPI.
    fn kpi(&self, id: &str) -> Option<KpiRef<'_>>;

    /// Why one KPI or measure has no value here, where the total does not say the same.
    fn missing(&self, id: &str) -> Option<&Missing>;
}

/// Groups that can be seen one after the other, as often as a page needs: those that a document
/// keeps, or such as are made anew each time.
pub trait Groups {
    /// A group while it is seen.
    type View<'g>: GroupView;

    /// Shows every group in the order of their keys.
    fn each(&self, visit: impl FnMut(&Self::View<'_>));
}

impl Groups for [Group] {
    type View<'g> = Group;

    fn each(&self, visit: impl FnMut(&Group)) {
        self.iter().for_each(visit);
    }
}

/// A KPI's value as in [`KpiValue`], whose documentation holds for the fields.
#[derive(Clone, Copy, Debug)]
#[expect(missing_docs, reason = "the fields are those of KpiValue")]
pub struct KpiRef<'a> {
    pub value: Number,
    pub unit: &'a str,
    pub numerator: Option<Number>,
    pub denominator: Option<Number>,
    pub low: Option<Number>,
    pub high: Option<Number>,
    pub standard_error: Option<Number>,
    pub drawn: Option<u64>,
    pub mean: Option<Number>,
    pub median: Option<Number>,
    pub p90: Option<Number>,
    pub min: Option<Number>,
    pub max: Option<Number>,
    pub n: Option<u64>,
    pub used: Used<'a>,
}

/// Measures by id.
#[derive(Clone, Copy, Debug)]
pub enum Used<'a> {
    /// As they stand in a document.
    Ids(&'a [String]),
    /// As they were computed with.
    Measures(&'a [Measure]),
}

impl<'a> Used<'a> {
    /// Their ids.
    pub fn ids(self) -> impl Iterator<Item = &'a str> {
        let (ids, measures) = match self {
            Used::Ids(ids) => (ids, &[][..]),
            Used::Measures(measures) => (&[][..], measures),
        };
        ids.iter().map(String::as_str).chain(measures.iter().map(|measure| measure.id()))
    }

    /// Whether there is none.
    pub fn is_empty(self) -> bool {
        self.ids().next().is_none()
    }
}

impl KpiRef<'_> {
    /// A value of its own.
    pub fn to_value(&self) -> KpiValue {
        KpiValue {
            value: self.value,
            unit: self.unit.to_owned(),
            numerator: self.numerator,
            denominator: self.denominator,
            low: self.low,
            high: self.high,
            standard_error: self.standard_error,
            drawn: self.drawn,
            mean: self.mean,
            median: self.median,
            p90: self.p90,
            min: self.min,
            max: self.max,
            n: self.n,
            used: self.used.ids().map(str::to_owned).collect(),
        }
    }
}

impl<'a> From<&'a KpiValue> for KpiRef<'a> {
    fn from(value: &'a KpiValue) -> Self {
        KpiRef {
            value: value.value,
            unit: &value.unit,
            numerator: value.numerator,
            denominator: value.denominator,
            low: value.low,
            high: value.high,
            standard_error: value.standard_error,
            drawn: value.drawn,
            mean: value.mean,
            median: value.median,
            p90: value.p90,
            min: value.min,
            max: value.max,
            n: value.n,
            used: Used::Ids(&value.used),
        }
    }
}

impl GroupView for Group {
    fn by(&self) -> impl Iterator<Item = (&str, Option<&str>)> {
        self.by.iter().map(|(name, value)| (name.as_str(), value.as_deref()))
    }

    fn measures(&self) -> impl Iterator<Item = (&str, MeasureValue)> {
        self.measures.iter().map(|(id, value)| (id.as_str(), value.clone()))
    }

    fn kpis(&self) -> impl Iterator<Item = (&str, KpiRef<'_>)> {
        self.kpis.iter().map(|(id, value)| (id.as_str(), KpiRef::from(value)))
    }

    fn unavailable(&self) -> impl Iterator<Item = (&str, &Missing)> {
        self.unavailable.iter().map(|(id, why)| (id.as_str(), why))
    }

    fn all_unavailable<'a>(&'a self, total: &'a Group) -> impl Iterator<Item = (&'a str, &'a Missing)> {
        let says_nothing =
            |id: &str| !self.kpis.contains_key(id) && !self.measures.contains_key(id) && !self.unavailable.contains_key(id);
        let others = total.unavailable.iter().map(|(id, why)| (id.as_str(), why));
        self.unavailable().chain(others.filter(move |(id, _)| says_nothing(id)))
    }

    fn measure(&self, id: &str) -> Option<MeasureValue> {
        self.measures.get(id).cloned()
    }

    fn kpi(&self, id: &str) -> Option<KpiRef<'_>> {
        self.kpis.get(id).map(KpiRef::from)
    }

    fn missing(&self, id: &str) -> Option<&Missing> {
        self.unavailable.get(id)
    }
}
