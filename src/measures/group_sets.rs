//! The measures of every group of a source, sorted by key.
//!
//! There may be very many groups. Where all their measures are sums of a table, they stay the
//! [`SumTable`] that they were added up in, and the set of a group is made when it is read: a few
//! bytes a group instead of a few hundred. A group that is changed leaves the table for a set of
//! its own.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet, btree_map, btree_set};
use std::fmt;
use std::iter::Peekable;
use std::sync::Arc;

use super::group::GroupKey;
use super::sum_table::SumTable;
use crate::kpi::{Derivations, Measure, MeasureSet, Measured};

/// Measures of groups, sorted by key.
#[derive(Clone, Default)]
pub struct GroupSets {
    kept: BTreeMap<GroupKey, MeasureSet>,
    summed: Option<Summed>,
}

/// The groups of a table of sums.
#[derive(Clone)]
struct Summed {
    table: Arc<SumTable>,
    /// Which column holds which measure, in the catalogue's order of measures.
    columns: Vec<(Measure, usize)>,
    /// Groups of the table that have a set of their own instead.
    moved: BTreeSet<usize>,
    /// Whether measures that follow from these are supplied.
    is_derived: bool,
}

/// A group of a source: where its measures are.
#[derive(Clone, Copy, Debug)]
pub enum GroupAt<'a> {
    /// In a set of its own.
    Kept(&'a GroupKey, &'a MeasureSet),
    /// In the source's table of sums, by number.
    Summed(usize),
}

/// The key of a group, wherever it is.
#[derive(Clone, Copy, Debug)]
pub enum KeyRef<'a> {
    /// By itself.
    Kept(&'a GroupKey),
    /// That of a group of a table of sums.
    Summed(&'a SumTable, usize),
}

impl<'a> KeyRef<'a> {
    /// The key of everything together, which has no dimension.
    pub const NONE: KeyRef<'static> = KeyRef::Kept(&GroupKey(Vec::new()));

    /// How many dimensions it has.
    pub fn len(self) -> usize {
        match self {
            KeyRef::Kept(GroupKey(values)) => values.len(),
            KeyRef::Summed(table, _) => table.dimensions(),
        }
    }

    /// Whether it has no dimension.
    pub fn is_empty(self) -> bool {
        self.len() == 0
    }

    /// The value of a dimension; `None` for rows that have none.
    pub fn get(self, dimension: usize) -> Option<&'a str> {
        match self {
            KeyRef::Kept(GroupKey(values)) => values.get(dimension)?.as_deref(),
            KeyRef::Summed(table, group) => table.value(group, dimension),
        }
    }

    /// The values of all dimensions.
    pub fn values(self) -> impl Iterator<Item = Option<&'a str>> {
        (0..self.len()).map(move |dimension| self.get(dimension))
    }

    /// A key of its own.
    pub fn to_key(self) -> GroupKey {
        match self {
            KeyRef::Kept(key) => key.clone(),
            KeyRef::Summed(..) => GroupKey(self.values().map(|value| value.map(Arc::from)).collect()),
        }
    }
}

impl Ord for KeyRef<'_> {
    fn cmp(&self, other: &Self) -> Ordering {
        self.values().cmp(other.values())
    }
}

impl PartialOrd for KeyRef<'_> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for KeyRef<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for KeyRef<'_> {}

impl GroupSets {
    /// Adds the groups of a table of sums, of which `columns` says which column holds which
    /// measure. What is known of one of its groups already is that group's, and stays.
    pub fn add_table(&mut self, table: Arc<SumTable>, mut columns: Vec<(Measure, usize)>) {
        // Stable: of two columns with the same measure the later one is put last, and stands.
        columns.sort_by_key(|(measure, _)| *measure);
        let moved = self.kept.keys().filter_map(|key| table.find(key)).collect();
        let summed = Summed { table, columns, moved, is_derived: false };
        if self.summed.is_some() {
            let others: Vec<_> = (0..summed.table.len()).filter(|group| !summed.moved.contains(group)).collect();
            for group in others {
                self.kept.insert(summed.key(group).to_key(), summed.set(group, &mut Derivations::default()));
            }
            return;
        }
        self.summed = Some(summed);
    }

    /// Whether there is no group.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// How many groups there are.
    pub fn len(&self) -> usize {
        let summed = self.summed.as_ref().map_or(0, |summed| summed.table.len().saturating_sub(summed.moved.len()));
        self.kept.len().saturating_add(summed)
    }

    /// All groups in the order of their keys.
    pub fn places(&self) -> Places<'_> {
        Places {
            sets: self,
            kept: self.kept.iter().peekable(),
            next: 0,
            moved: self.summed.as_ref().map(|summed| summed.moved.iter().peekable()),
        }
    }

    /// The key of a group of this source.
    pub fn key<'a>(&'a self, at: GroupAt<'a>) -> KeyRef<'a> {
        match (at, &self.summed) {
            (GroupAt::Kept(key, _), _) => KeyRef::Kept(key),
            (GroupAt::Summed(group), Some(summed)) => summed.key(group),
            // No such place was ever given out.
            (GroupAt::Summed(_), None) => KeyRef::NONE,
        }
    }

    /// Writes the measures of a group of this source into `set`, in the place of what is there.
    pub fn read(&self, at: GroupAt<'_>, set: &mut MeasureSet, derivations: &mut Derivations) {
        match (at, &self.summed) {
            (GroupAt::Kept(_, known), _) => set.clone_from(known),
            (GroupAt::Summed(group), Some(summed)) => summed.read(group, set, derivations),
            (GroupAt::Summed(_), None) => set.clear(),
        }
    }

    /// All groups with their measures, in the order of their keys.
    pub fn iter(&self) -> impl Iterator<Item = (KeyRef<'_>, Cow<'_, MeasureSet>)> {
        let mut derivations = Derivations::default();
        self.places().map(move |at| {
            let set = match (at, &self.summed) {
                (GroupAt::Summed(group), Some(summed)) => Cow::Owned(summed.set(group, &mut derivations)),
                (GroupAt::Kept(_, set), _) => Cow::Borrowed(set),
                (GroupAt::Summed(_), None) => Cow::Owned(MeasureSet::default()),
            };
            (self.key(at), set)
        })
    }

    /// The values of a dimension over all groups, each once.
    pub fn values_of(&self, dimension: usize) -> BTreeSet<&str> {
        let kept = self.kept.keys().filter_map(|GroupKey(values)| values.get(dimension)?.as_deref());
        // A group of the table that has a set of its own has the same values.
        let summed = self.summed.iter().flat_map(|summed| summed.table.values_of(dimension));
        kept.chain(summed).collect()
    }

    /// Sets the measures of a group.
    pub fn insert(&mut self, key: GroupKey, set: MeasureSet) {
        *self.entry(key) = set;
    }

    /// The measures of a group, to be changed.
    pub fn get_mut(&mut self, key: &GroupKey) -> Option<&mut MeasureSet> {
        let in_table = self.summed.as_ref().is_some_and(|summed| summed.find(key).is_some());
        if in_table { Some(self.entry(key.clone())) } else { self.kept.get_mut(key) }
    }

    /// The measures of a group, to be changed; none at first where it is new.
    pub fn entry(&mut self, key: GroupKey) -> &mut MeasureSet {
        match self.kept.entry(key) {
            btree_map::Entry::Occupied(known) => known.into_mut(),
            btree_map::Entry::Vacant(vacant) => {
                let mut set = MeasureSet::default();
                if let Some(summed) = &mut self.summed
                    && let Some(group) = summed.find(vacant.key())
                {
                    set = summed.set(group, &mut Derivations::default());
                    summed.moved.insert(group);
                }
                vacant.insert(set)
            }
        }
    }

    /// Supplies in every group the measures that follow from those that are there.
    pub fn derive(&mut self) {
        let mut derivations = Derivations::default();
        self.kept.values_mut().for_each(|set| derivations.derive(set));
        if let Some(summed) = &mut self.summed {
            summed.is_derived = true;
        }
    }
}

impl Summed {
    fn key(&self, group: usize) -> KeyRef<'_> {
        KeyRef::Summed(&self.table, group)
    }

    fn find(&self, key: &GroupKey) -> Option<usize> {
        self.table.find(key).filter(|group| !self.moved.contains(group))
    }

    fn set(&self, group: usize, derivations: &mut Derivations) -> MeasureSet {
        let mut set = MeasureSet::default();
        self.read(group, &mut set, derivations);
        set
    }

    fn read(&self, group: usize, set: &mut MeasureSet, derivations: &mut Derivations) {
        set.clear();
        for (measure, column) in &self.columns {
            if let Some(sum) = self.table.sum(group, *column) {
                set.put(*measure, sum.to_decimal().map_or(Measured::Overflow, Measured::Number));
            }
        }
        if self.is_derived {
            derivations.derive(set);
        }
    }
}

impl FromIterator<(GroupKey, MeasureSet)> for GroupSets {
    fn from_iter<T: IntoIterator<Item = (GroupKey, MeasureSet)>>(groups: T) -> Self {
        GroupSets { kept: groups.into_iter().collect(), summed: None }
    }
}

impl fmt::Debug for GroupSets {
    /// The groups, wherever they are kept.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.iter().map(|(key, set)| (key.to_key(), set.into_owned()))).finish()
    }
}

impl PartialEq for GroupSets {
    fn eq(&self, other: &Self) -> bool {
        self.len() == other.len() && self.iter().eq(other.iter())
    }
}

impl Eq for GroupSets {}

/// The groups of a source in the order of their keys.
pub struct Places<'a> {
    sets: &'a GroupSets,
    kept: Peekable<btree_map::Iter<'a, GroupKey, MeasureSet>>,
    /// The next group of the table.
    next: usize,
    moved: Option<Peekable<btree_set::Iter<'a, usize>>>,
}

impl<'a> Iterator for Places<'a> {
    type Item = GroupAt<'a>;

    fn next(&mut self) -> Option<GroupAt<'a>> {
        if let Some(moved) = &mut self.moved {
            while moved.next_if(|moved| **moved == self.next).is_some() {
                self.next = self.next.saturating_add(1);
            }
        }
        let summed = self.sets.summed.as_ref().filter(|summed| self.next < summed.table.len());
        let is_kept_next = match (self.kept.peek(), summed) {
            (Some((key, _)), Some(summed)) => KeyRef::Kept(key) < summed.key(self.next),
            (kept, _) => kept.is_some(),
        };
        if is_kept_next {
            return self.kept.next().map(|(key, set)| GroupAt::Kept(key, set));
        }
        summed?;
        let group = self.next;
        self.next = self.next.saturating_add(1);
        Some(GroupAt::Summed(group))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (0, Some(self.sets.len()))
    }
}
