//! Texts and pairs of numbers to dense numbers.
//!
//! **Owns** the two tables by which a row finds its group. Texts are compared in full; a hash only
//! says where to look. Memory is the distinct texts and pairs, never the rows.

use super::bits::{Dense, Entry, Few, Instructions, Key, Known, ROWS, SHORT, each, hash_of_key, looked_up};
use super::zeros;

/// Numbers of texts, from 0 in the order of their first appearance.
#[derive(Clone, Debug, Default)]
pub(super) struct Texts {
    /// Numbers plus one by the highest bits of the hash; 0 is a free slot. The length is a power of two.
    slots: Vec<u32>,
    entries: Vec<Entry>,
    /// The same, as long as they are few.
    few: Option<Box<Few>>,
    /// The bytes of all texts, one behind the other.
    bytes: Vec<u8>,
}

/// Bits of [`Entry::place`] that hold the length, more than the longest record needs; above them is
/// where the text stands among the bytes of all texts.
const LENGTH_BITS: u32 = 26;

/// Where a text stands among the bytes of all.
#[inline]
fn range(entry: &Entry) -> std::ops::Range<usize> {
    #[allow(clippy::cast_possible_truncation, reason = "masked")]
    let length = (entry.place & ((1 << LENGTH_BITS) - 1)) as usize;
    let at = usize::try_from(entry.place >> LENGTH_BITS).unwrap_or(usize::MAX);
    at..at.saturating_add(length)
}

/// Slots for each text, so that seldom a second one has to be looked at: the processor cannot foresee
/// for which rows.
const SPARSE: usize = 4;

/// Slots at the beginning.
const LEAST: usize = 512;

/// Bytes that are read of a short text, and those of a long one that are its first two words.
const THREE_WORDS: usize = 24;
const TWO_WORDS: usize = 16;

/// The highest byte of a key that stands for a longer text: no short one is as long.
const LONG: u64 = 0xFF << 56;

/// The key of the text `bytes[start..end]`: its own if it is short, otherwise one that other texts may have.
#[inline]
fn key(bytes: &[u8], start: usize, end: usize) -> Key {
    let length = end.wrapping_sub(start);
    let word = |at: usize| {
        let eight = bytes.get(start.wrapping_add(at)..).and_then(<[u8]>::first_chunk::<8>);
        eight.map_or(0, |eight| u64::from_le_bytes(*eight))
    };
    if let Some(masks) = MASKS.get(length) {
        return [word(0) & masks[0], word(8) & masks[1], (word(16) & masks[2]) | ((length as u64) << 56)];
    }
    let rest = hash(bytes.get(start.wrapping_add(TWO_WORDS)..end).unwrap_or_default());
    [word(0), word(8), rest | LONG]
}

impl Texts {
    /// The number of the text `bytes[start..end]`. Reading 24 bytes at `start` must be possible,
    /// whatever stands behind the text.
    #[inline]
    pub(super) fn number(&mut self, bytes: &[u8], start: usize, end: usize) -> u32 {
        let key = key(bytes, start, end);
        let text = || bytes.get(start..end).unwrap_or_default();
        match self.find(key, text) {
            Ok(number) => number,
            Err(()) => self.insert(key, text()),
        }
    }

    /// The same, if it was met.
    #[inline]
    pub(super) fn known_number(&self, bytes: &[u8], start: usize, end: usize) -> Option<u32> {
        self.find(key(bytes, start, end), || bytes.get(start..end).unwrap_or_default()).ok()
    }

    /// The number of the text with that key, if it was met.
    #[inline]
    fn find<'t>(&self, key: Key, text: impl Fn() -> &'t [u8]) -> Result<u32, ()> {
        let mut slot = place(key, self.slots.len());
        loop {
            let number = self.slots.get(slot).copied().unwrap_or(0);
            let known = self.entries.get((number as usize).wrapping_sub(1)).ok_or(())?;
            if known.key == key && (key[2] < LONG || self.bytes.get(range(known)) == Some(text())) {
                return Ok(number.wrapping_sub(1));
            }
            slot = slot.wrapping_add(1) & self.slots.len().wrapping_sub(1);
        }
    }

    /// What finds short texts of many rows at once.
    pub(super) fn known(&self) -> Known<'_> {
        Known { slots: &self.slots, entries: &self.entries, few: self.few.as_deref() }
    }

    #[cold]
    fn insert(&mut self, key: Key, text: &[u8]) -> u32 {
        let number = u32::try_from(self.entries.len()).unwrap_or(u32::MAX);
        let place = ((self.bytes.len() as u64) << LENGTH_BITS) | text.len() as u64;
        self.bytes.extend_from_slice(text);
        self.entries.push(Entry { key, place });
        self.few = Few::of(&self.entries).map(Box::new);
        if self.entries.len().saturating_mul(SPARSE) > self.slots.len() {
            self.grow();
        } else {
            self.enter(number);
        }
        number
    }

    #[cold]
    fn grow(&mut self) {
        self.slots = zeros(self.slots.len().saturating_mul(2).max(LEAST));
        for number in 0..u32::try_from(self.entries.len()).unwrap_or(u32::MAX) {
            self.enter(number);
        }
    }

    /// Notes the number of a text in the first free slot from its own on.
    fn enter(&mut self, number: u32) {
        let Some(entry) = self.entries.get(number as usize) else { return };
        let mask = self.slots.len().wrapping_sub(1);
        let mut slot = place(entry.key, self.slots.len());
        while self.slots.get(slot).is_some_and(|taken| *taken != 0) {
            slot = slot.wrapping_add(1) & mask;
        }
        if let Some(free) = self.slots.get_mut(slot) {
            *free = number.wrapping_add(1);
        }
    }

    /// The number of a text that stands anywhere.
    pub(super) fn number_of(&mut self, text: &[u8]) -> u32 {
        let mut padded = text.to_vec();
        padded.resize(text.len().max(THREE_WORDS), 0);
        self.number(&padded, 0, text.len())
    }

    /// The number of a text that stands anywhere, if it was met.
    pub(super) fn number_if_known(&self, text: &[u8]) -> Option<u32> {
        let mut padded = text.to_vec();
        padded.resize(text.len().max(THREE_WORDS), 0);
        self.known_number(&padded, 0, text.len())
    }

    /// How many texts there are.
    pub(super) fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there is no text yet.
    pub(super) fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// The text of that number.
    pub(super) fn get(&self, number: usize) -> Option<&[u8]> {
        let entry = self.entries.get(number)?;
        self.bytes.get(range(entry))
    }

    /// All texts in the order of their numbers.
    pub(super) fn iter(&self) -> impl Iterator<Item = &[u8]> {
        self.entries.iter().map(|entry| self.bytes.get(range(entry)).unwrap_or_default())
    }
}

/// The slot in which the search for a key begins, among so many: a power of two, or none.
#[inline]
fn place(key: Key, slots: usize) -> usize {
    #[allow(clippy::cast_possible_truncation, reason = "a slot's number")]
    let place = hash_of_key(key).checked_shr(64_u32.wrapping_sub(slots.trailing_zeros())).unwrap_or(0) as usize;
    place
}

/// The bits of a text of so many bytes in each word of its key.
const MASKS: [Key; SHORT + 1] = {
    let mut masks = [[0; 3]; SHORT + 1];
    let mut length = 1;
    while length <= SHORT {
        let last = (length - 1) / 8;
        let mut word = 0;
        while word < last {
            masks[length][word] = u64::MAX;
            word += 1;
        }
        masks[length][last] = u64::MAX >> (8 * (8 * (last + 1) - length));
        length += 1;
    }
    masks
};

const K1: u64 = 0x9E37_79B9_7F4A_7C15;
const K2: u64 = 0xD6E8_FEB8_6659_FD93;

/// Two numbers to one whose bits all depend on both.
#[inline]
fn fold(a: u64, b: u64) -> u64 {
    let product = u128::from(a).wrapping_mul(u128::from(b));
    #[allow(clippy::cast_possible_truncation, reason = "the two halves are folded into one")]
    let folded = (product as u64) ^ ((product >> 64) as u64);
    folded
}

/// A hash of 64 bits. Equal bytes have equal hashes; others almost never do.
pub(super) fn hash(bytes: &[u8]) -> u64 {
    let length = bytes.len();
    let word = |at: usize| bytes.get(at..).and_then(<[u8]>::first_chunk).map_or(0, |eight| u64::from_le_bytes(*eight));
    let mix =
        |state: u64, low: u64, high: u64| fold(low ^ K2 ^ state, high ^ K1.rotate_left(17)).wrapping_add(state.rotate_left(29));
    // Two halves that do not wait for each other.
    let (mut first, mut second) = (K1 ^ length as u64, K2);
    if let Some(last) = bytes.last_chunk::<32>() {
        let mut take_in = |step: &[u8; 32]| {
            let (words, _) = step.as_chunks::<8>();
            if let [a, b, c, d] = words {
                first = mix(first, u64::from_le_bytes(*a), u64::from_le_bytes(*b));
                second = mix(second, u64::from_le_bytes(*c), u64::from_le_bytes(*d));
            }
        };
        let (steps, rest) = bytes.as_chunks::<32>();
        steps.iter().for_each(&mut take_in);
        if !rest.is_empty() {
            // Some bytes are taken in again.
            take_in(last);
        }
    } else if let Some(last) = length.checked_sub(16) {
        first = mix(first, word(0), word(8));
        second = mix(second, word(last), word(last.wrapping_add(8)));
    } else {
        let mut padded = [0_u8; 16];
        padded.iter_mut().zip(bytes).for_each(|(slot, byte)| *slot = *byte);
        let padded = u128::from_le_bytes(padded);
        #[allow(clippy::cast_possible_truncation, reason = "the two halves")]
        let (low, high) = (padded as u64, (padded >> 64) as u64);
        first = mix(first, low, high);
    }
    fold(first ^ second.rotate_left(32), second ^ K1)
}

/// Numbers of pairs of numbers, from 0 in the order of their first appearance.
#[derive(Debug, Default)]
pub(super) struct Pairs {
    /// As long as there is room for all pairs of small numbers: for each the number plus one, or 0,
    /// at the place that the pair itself gives.
    dense: Vec<u32>,
    /// Second numbers that have room, a power of two; 0 once pairs are looked up by their hash.
    seconds: u32,
    is_hashed: bool,
    /// The pair as one number, and its number plus one; 0 is a free slot.
    slots: Vec<(u64, u32)>,
    met: Vec<(u32, u32)>,
}

/// Places for pairs of small numbers: 4 MiB.
const MOST_DENSE: usize = 1 << 20;

impl Pairs {
    /// The number of the pair.
    #[inline]
    pub(super) fn number(&mut self, first: u32, second: u32) -> u32 {
        if second < self.seconds {
            let place = (first as usize).wrapping_mul(self.seconds as usize).wrapping_add(second as usize);
            if let Some(number) = self.dense.get(place).and_then(|number| number.checked_sub(1)) {
                return number;
            }
        }
        if self.is_hashed { self.hashed(first, second) } else { self.new_dense(first, second) }
    }

    /// The numbers of some pairs at once.
    pub(super) fn numbers(
        &mut self,
        with: Instructions,
        rows: u64,
        (firsts, seconds): (&[u32; ROWS], &[u32; ROWS]),
        numbers: &mut [u32; ROWS],
    ) {
        let found = self.known(with, (firsts, seconds), numbers);
        for row in each(rows & !found) {
            if let (Some(first), Some(second), Some(number)) = (firsts.get(row), seconds.get(row), numbers.get_mut(row)) {
                *number = self.number(*first, *second);
            }
        }
    }

    /// The same of those pairs that were met and need no hash; says which they are.
    pub(super) fn known(
        &self,
        with: Instructions,
        (firsts, seconds): (&[u32; ROWS], &[u32; ROWS]),
        numbers: &mut [u32; ROWS],
    ) -> u64 {
        looked_up(with, Dense { numbers: &self.dense, width: self.seconds }, (firsts, seconds), numbers)
    }

    /// The number of a pair that was not met yet.
    #[cold]
    fn new_dense(&mut self, first: u32, second: u32) -> u32 {
        let seconds = second.saturating_add(1).checked_next_power_of_two().unwrap_or(u32::MAX).max(self.seconds).max(8);
        let room = self.dense.len().checked_div(self.seconds as usize).unwrap_or(0);
        let needed = (first as usize).saturating_add(1);
        let firsts = if needed > room { needed.saturating_add(needed / 2) } else { room };
        if firsts.saturating_mul(seconds as usize) > MOST_DENSE {
            self.dense = Vec::new();
            self.seconds = 0;
            self.is_hashed = true;
            self.grow();
            return self.hashed(first, second);
        }
        if seconds != self.seconds {
            self.seconds = seconds;
            self.dense = zeros(firsts.saturating_mul(seconds as usize));
            let pairs = std::mem::take(&mut self.met);
            for (number, (first, second)) in pairs.iter().enumerate() {
                self.put(*first, *second, number);
            }
            self.met = pairs;
        } else if firsts.saturating_mul(seconds as usize) > self.dense.len() {
            self.dense.resize(firsts.saturating_mul(seconds as usize), 0);
        }
        let number = self.met.len();
        self.met.push((first, second));
        self.put(first, second, number);
        u32::try_from(number).unwrap_or(u32::MAX)
    }

    fn put(&mut self, first: u32, second: u32, number: usize) {
        let place = (first as usize).wrapping_mul(self.seconds as usize).wrapping_add(second as usize);
        if let Some(slot) = self.dense.get_mut(place) {
            *slot = u32::try_from(number).unwrap_or(u32::MAX).wrapping_add(1);
        }
    }

    fn hashed(&mut self, first: u32, second: u32) -> u32 {
        if self.met.len().wrapping_mul(4) >= self.slots.len().wrapping_mul(3) {
            self.grow();
        }
        let key = (u64::from(first) << 32) | u64::from(second);
        let mask = self.slots.len().wrapping_sub(1);
        let mut slot = spread(key) & mask;
        loop {
            let Some((known, number)) = self.slots.get(slot).copied() else { return u32::MAX };
            if number == 0 {
                let number = u32::try_from(self.met.len()).unwrap_or(u32::MAX);
                self.met.push((first, second));
                if let Some(free) = self.slots.get_mut(slot) {
                    *free = (key, number.wrapping_add(1));
                }
                return number;
            }
            if known == key {
                return number.wrapping_sub(1);
            }
            slot = slot.wrapping_add(1) & mask;
        }
    }

    #[cold]
    fn grow(&mut self) {
        let length = self.slots.len().max(self.met.len()).saturating_mul(2).max(64).next_power_of_two();
        self.slots = zeros(length);
        for (index, (first, second)) in self.met.iter().enumerate() {
            let key = (u64::from(*first) << 32) | u64::from(*second);
            let mut slot = spread(key) & length.wrapping_sub(1);
            while self.slots.get(slot).is_some_and(|(_, taken)| *taken != 0) {
                slot = slot.wrapping_add(1) & length.wrapping_sub(1);
            }
            if let Some(free) = self.slots.get_mut(slot) {
                *free = (key, u32::try_from(index).unwrap_or(u32::MAX).wrapping_add(1));
            }
        }
    }

    /// The pair of that number.
    pub(super) fn pair(&self, number: u32) -> Option<(u32, u32)> {
        self.met.get(number as usize).copied()
    }

    /// How many pairs there are.
    pub(super) fn len(&self) -> usize {
        self.met.len()
    }
}

/// A number spread over all bits, so that any of them can choose a place in a table.
#[inline]
pub(super) fn spread(key: u64) -> usize {
    #[allow(clippy::cast_possible_truncation, reason = "a hash needs no more than the bits there are")]
    let place = fold(key ^ K1, K2) as usize;
    place
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeMap;

    proptest! {
        #[test]
        fn the_same_text_has_the_same_number_and_another_text_another(texts in prop::collection::vec("[ab\\x00é]{0,40}|[0-9]{1,3}", 0..200)) {
            let mut table = Texts::default();
            let mut known: BTreeMap<String, u32> = BTreeMap::new();
            for text in &texts {
                let next = u32::try_from(known.len()).unwrap();
                let expected = *known.entry(text.clone()).or_insert(next);
                let mut padded = text.clone().into_bytes();
                padded.extend([b'#'; THREE_WORDS]);
                prop_assert_eq!(table.number_if_known(text.as_bytes()), (expected < next).then_some(expected));
                prop_assert_eq!(table.number(&padded, 0, text.len()), expected);
                prop_assert_eq!(table.number_of(text.as_bytes()), expected);
            }
            for (number, text) in table.iter().enumerate() {
                prop_assert_eq!(known[std::str::from_utf8(text).unwrap()] as usize, number);
            }
        }

        #[test]
        fn the_same_pair_has_the_same_number(
            pairs in prop::collection::vec((prop_oneof![20 => 0_u32..20, 1 => 0_u32..90_000], prop_oneof![20 => 0_u32..20, 1 => 0_u32..90_000]), 0..300),
        ) {
            let mut table = Pairs::default();
            let mut known: BTreeMap<(u32, u32), u32> = BTreeMap::new();
            for pair in &pairs {
                let next = u32::try_from(known.len()).unwrap();
                let expected = *known.entry(*pair).or_insert(next);
                prop_assert_eq!(table.number(pair.0, pair.1), expected);
                prop_assert_eq!(table.pair(expected), Some(*pair));
            }
            prop_assert_eq!(table.len(), known.len());
        }

        #[test]
        fn one_byte_changes_the_hash(text in prop::collection::vec(any::<u8>(), 1..80), at in 0_usize..80) {
            let mut other = text.clone();
            let at = at % text.len();
            other[at] ^= 1;
            prop_assert_ne!(hash(&text), hash(&other));
            prop_assert_ne!(hash(&text), hash(&text[1..]));
        }
    }
}
