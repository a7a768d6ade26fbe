//! Ids in 64 bits: exact, with no text kept for those that are a number behind a constant text.
//!
//! `C1234567` and `ORD-2026-000123` are a form (what stands in front, and how many digits follow)
//! and a number of at most sixteen digits. Ids of other forms (addresses, hexadecimal) are kept as
//! text once each and numbered. Equal ids have equal numbers on every thread, others never.

use std::sync::Mutex;

use super::intern::{Texts, hash};

/// Bits of an id that hold its number: enough for sixteen digits.
const NUMBER_BITS: u32 = 54;

/// Most forms; the last stands for ids that are kept as text.
const MOST_FORMS: u32 = (1 << (64 - NUMBER_BITS)) - 1;

/// Most digits that are taken for the number.
const MOST_DIGITS: usize = 16;

/// Parts of the table of texts, so that threads seldom wait for each other.
const SHARDS: usize = 64;

/// All forms and texts, shared by all threads.
#[derive(Debug)]
pub(super) struct Ids {
    forms: Mutex<Texts>,
    texts: Vec<Mutex<Texts>>,
}

/// The forms that one thread has met.
#[derive(Debug, Default)]
pub(super) struct KnownForms {
    local: Texts,
    shared: Vec<u32>,
    form: Vec<u8>,
}

impl Default for Ids {
    fn default() -> Self {
        Ids { forms: Mutex::default(), texts: (0..SHARDS).map(|_| Mutex::default()).collect() }
    }
}

impl Ids {
    /// The id that stands at `bytes[start..end]`; `None` when there are too many forms, or when a
    /// spreadsheet may have rounded it (`1.2E+17`). Sixteen bytes at `start` must be readable.
    #[inline]
    pub(super) fn id(&self, known: &mut KnownForms, bytes: &[u8], start: usize, end: usize) -> Option<u64> {
        let text = bytes.get(start..end)?;
        let (number, digits) = trailing_number(text);
        if digits == 0 {
            return self.text(text);
        }
        let front = text.get(..text.len().wrapping_sub(digits))?;
        // One byte more says how many digits there are: 007 and 7 are two ids.
        known.form.clear();
        known.form.extend_from_slice(front);
        known.form.push(u8::try_from(digits).ok()?);
        let length = known.form.len();
        known.form.resize(length.max(16), 0);
        let local = known.local.number(&known.form, 0, length);
        let form = if let Some(form) = known.shared.get(local as usize) {
            *form
        } else {
            if front.contains(&b'+') {
                return None;
            }
            let form = self.forms.lock().ok()?.number_of(known.form.get(..length)?);
            known.shared.push(form);
            form
        };
        (form < MOST_FORMS).then(|| (u64::from(form) << NUMBER_BITS) | number)
    }

    #[cold]
    fn text(&self, text: &[u8]) -> Option<u64> {
        let hash = hash(text);
        let shard = usize::try_from(hash >> 32).unwrap_or(0) % SHARDS;
        let number = self.texts.get(shard)?.lock().ok()?.number_of(text);
        Some((u64::from(MOST_FORMS) << NUMBER_BITS) | (u64::from(number) * SHARDS as u64 + shard as u64))
    }

    /// The id of a text that stands alone.
    pub(super) fn id_of(&self, text: &str) -> Option<u64> {
        let mut padded = text.as_bytes().to_vec();
        padded.resize(text.len().max(16), 0);
        self.id(&mut KnownForms::default(), &padded, 0, text.len())
    }
}

/// The number that the last digits are, and how many there are.
#[inline]
fn trailing_number(text: &[u8]) -> (u64, usize) {
    let digits = text.iter().rev().take(MOST_DIGITS).take_while(|byte| byte.is_ascii_digit()).count();
    let last = text.get(text.len().wrapping_sub(digits)..).unwrap_or_default();
    let number = last.iter().fold(0_u64, |number, byte| number.wrapping_mul(10).wrapping_add(u64::from(byte.wrapping_sub(b'0'))));
    (number, digits)
}

/// A set of ids: bits where they are dense, short lists where they are not. A dense id takes an
/// eighth of a byte, a lone one some 40 bytes.
#[derive(Debug, Default)]
pub(super) struct IdSet {
    /// Numbers of the pages by the high bits of ids, plus one; 0 is a free slot.
    slots: Vec<(u64, u32)>,
    pages: Vec<(u64, Page)>,
    /// The page looked at last.
    last: usize,
}

/// Ids that share all but their last sixteen bits.
#[derive(Clone, Debug)]
enum Page {
    Few(Vec<u16>),
    Many(Box<[u64; 1024]>),
}

/// Entries of a page that is a list.
const FEW: usize = 32;

impl Page {
    /// Adds the id; says whether it is new.
    #[inline]
    fn insert(&mut self, low: u16) -> bool {
        match self {
            Page::Many(bits) => {
                let Some(word) = bits.get_mut(usize::from(low >> 6)) else { return false };
                let bit = 1_u64 << (low & 63);
                let new = *word & bit == 0;
                *word |= bit;
                new
            }
            Page::Few(list) => {
                if list.contains(&low) {
                    return false;
                }
                if list.len() < FEW {
                    list.push(low);
                    return true;
                }
                let list = std::mem::take(list);
                *self = Page::Many(Box::new([0; 1024]));
                list.into_iter().for_each(|low| _ = self.insert(low));
                self.insert(low)
            }
        }
    }

    fn contains(&self, low: u16) -> bool {
        match self {
            Page::Many(bits) => bits.get(usize::from(low >> 6)).is_some_and(|word| word >> (low & 63) & 1 == 1),
            Page::Few(list) => list.contains(&low),
        }
    }

    fn ids(&self) -> Vec<u16> {
        match self {
            Page::Few(list) => list.clone(),
            Page::Many(_) => (0..=u16::MAX).filter(|low| self.contains(*low)).collect(),
        }
    }
}

impl IdSet {
    /// Adds the id; says whether it is new.
    #[inline]
    pub(super) fn insert(&mut self, id: u64) -> bool {
        let (high, low) = split(id);
        if let Some((known, page)) = self.pages.get_mut(self.last)
            && *known == high
        {
            return page.insert(low);
        }
        self.last = self.page(high);
        self.pages.get_mut(self.last).is_some_and(|(_, page)| page.insert(low))
    }

    /// Whether the id is there.
    pub(super) fn contains(&self, id: u64) -> bool {
        let (high, low) = split(id);
        self.find(high).and_then(|index| self.pages.get(index)).is_some_and(|(_, page)| page.contains(low))
    }

    /// Adds all of another set; `false` when both had some id.
    pub(super) fn take_in(&mut self, other: IdSet) -> bool {
        let mut distinct = true;
        for (high, theirs) in other.pages {
            let index = self.page(high);
            let Some((_, ours)) = self.pages.get_mut(index) else { continue };
            match (&mut *ours, &theirs) {
                (Page::Many(own), Page::Many(more)) => {
                    for (own, more) in own.iter_mut().zip(more.iter()) {
                        distinct &= *own & *more == 0;
                        *own |= *more;
                    }
                }
                (Page::Few(list), _) if list.is_empty() => *ours = theirs,
                _ => theirs.ids().into_iter().for_each(|low| distinct &= ours.insert(low)),
            }
        }
        distinct
    }

    fn find(&self, high: u64) -> Option<usize> {
        let mask = self.slots.len().checked_sub(1)?;
        let mut slot = place(high) & mask;
        loop {
            let (known, number) = self.slots.get(slot).copied()?;
            let index = (number as usize).checked_sub(1)?;
            if known == high {
                return Some(index);
            }
            slot = slot.wrapping_add(1) & mask;
        }
    }

    /// The number of the page, which is made when there is none.
    #[cold]
    fn page(&mut self, high: u64) -> usize {
        if let Some(index) = self.find(high) {
            return index;
        }
        if self.pages.len().wrapping_mul(2) >= self.slots.len() {
            self.slots = vec![(0, 0); self.slots.len().saturating_mul(2).max(64)];
            for index in 0..self.pages.len() {
                if let Some((high, _)) = self.pages.get(index) {
                    let high = *high;
                    self.enter(high, index);
                }
            }
        }
        self.pages.push((high, Page::Few(Vec::new())));
        let index = self.pages.len().wrapping_sub(1);
        self.enter(high, index);
        index
    }

    fn enter(&mut self, high: u64, index: usize) {
        let mask = self.slots.len().wrapping_sub(1);
        let mut slot = place(high) & mask;
        while self.slots.get(slot).is_some_and(|(_, taken)| *taken != 0) {
            slot = slot.wrapping_add(1) & mask;
        }
        if let Some(free) = self.slots.get_mut(slot) {
            *free = (high, u32::try_from(index).unwrap_or(u32::MAX).wrapping_add(1));
        }
    }
}

fn split(id: u64) -> (u64, u16) {
    #[allow(clippy::cast_possible_truncation, reason = "the low bits are what is wanted")]
    let low = id as u16;
    (id >> 16, low)
}

fn place(high: u64) -> usize {
    super::intern::spread(high)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::{BTreeMap, BTreeSet};

    proptest! {
        #[test]
        fn ids_are_equal_when_their_texts_are(texts in prop::collection::vec("[a-c]{0,2}-?[0-9]{0,20}|[a-z]{1,5}@x\\.org|C[0-9]{3}", 1..200)) {
            let ids = Ids::default();
            let mut threads = [KnownForms::default(), KnownForms::default()];
            let mut by_text = BTreeMap::new();
            let mut by_id = BTreeMap::new();
            for (index, text) in texts.iter().enumerate() {
                let mut padded = text.clone().into_bytes();
                padded.extend([b'9'; 16]);
                let id = ids.id(&mut threads[index % 2], &padded, 0, text.len()).unwrap();
                prop_assert_eq!(ids.id_of(text), Some(id));
                prop_assert_eq!(*by_text.entry(text.clone()).or_insert(id), id);
                prop_assert_eq!(by_id.entry(id).or_insert(text.clone()), text);
            }
        }

        #[test]
        fn a_set_knows_what_is_new(dense in prop::collection::vec(0_u64..200, 0..300), wide in prop::collection::vec(any::<u64>(), 0..60), at in 0_usize..300) {
            let all: Vec<u64> = dense.iter().copied().chain(wide.iter().copied()).chain(wide.iter().map(|id| id ^ 1)).collect();
            let mut set = IdSet::default();
            let mut known = BTreeSet::new();
            for id in &all {
                prop_assert_eq!(set.insert(*id), known.insert(*id));
            }
            prop_assert!(all.iter().all(|id| set.contains(*id) && (known.contains(&(id ^ 2)) == set.contains(id ^ 2))));
            let (left, right) = all.split_at(at.min(all.len()));
            let of = |ids: &[u64]| { let mut set = IdSet::default(); ids.iter().for_each(|id| _ = set.insert(*id)); set };
            let mut joined = of(left);
            let distinct = left.iter().all(|id| !right.contains(id));
            prop_assert_eq!(joined.take_in(of(right)), distinct);
            prop_assert!(all.iter().all(|id| joined.contains(*id)));
        }
    }
}
