//! Groups: the values of the dimensions that rows are gathered under.

use std::sync::Arc;

use indexmap::IndexSet;

use super::group_sets::GroupSets;
use crate::kpi::MeasureSet;

/// The value of each dimension of the question, in its order; `None` where the cell is blank.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct GroupKey(pub Vec<Option<Arc<str>>>);

/// A group by number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct GroupId(u32);

impl GroupId {
    /// Everything together: the group that every selected row is in.
    pub const TOTAL: GroupId = GroupId(0);
}

/// The groups met so far. Number 0 is the total.
#[derive(Clone, Debug)]
pub struct Groups {
    keys: IndexSet<GroupKey>,
    grouped: bool,
}

impl Groups {
    /// No groups yet; `grouped` unless the question has no dimensions.
    pub fn new(grouped: bool) -> Self {
        Groups { keys: IndexSet::new(), grouped }
    }

    /// The number of that group.
    pub fn id(&mut self, key: &GroupKey) -> GroupId {
        if !self.grouped {
            return GroupId::TOTAL;
        }
        let index = self.keys.get_index_of(key).unwrap_or_else(|| self.keys.insert_full(key.clone()).0);
        GroupId(u32::try_from(index).unwrap_or(u32::MAX).saturating_add(1))
    }

    /// The number of that group, if it was met.
    pub fn find(&self, key: &GroupKey) -> Option<GroupId> {
        let index = self.keys.get_index_of(key).filter(|_| self.grouped)?;
        Some(GroupId(u32::try_from(index).unwrap_or(u32::MAX).saturating_add(1)))
    }

    /// The groups that a row of that group adds to: the total and, when grouped, its own.
    pub fn with_total(&self, id: GroupId) -> impl Iterator<Item = GroupId> + use<> {
        std::iter::once(GroupId::TOTAL).chain((id != GroupId::TOTAL).then_some(id))
    }

    /// The key behind a number; the total has none.
    pub fn key(&self, id: GroupId) -> Option<&GroupKey> {
        self.keys.get_index(usize::try_from(id.0).ok()?.checked_sub(1)?)
    }

    /// All groups but the total, with their numbers.
    pub fn iter(&self) -> impl Iterator<Item = (GroupId, &GroupKey)> {
        self.keys
            .iter()
            .enumerate()
            .map(|(index, key)| (GroupId(u32::try_from(index).unwrap_or(u32::MAX).saturating_add(1)), key))
    }
}

/// Measures of everything and of each group.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Grouped {
    /// Everything together.
    pub total: MeasureSet,
    /// Each group, sorted by key.
    pub groups: GroupSets,
}

impl Grouped {
    /// Adds other measures of the same groups.
    pub fn add(&mut self, other: &Grouped) {
        self.total.add(&other.total);
        for (key, set) in other.groups.iter() {
            self.groups.entry(key.to_key()).add(&set);
        }
    }
}
