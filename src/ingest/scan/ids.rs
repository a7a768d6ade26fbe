//! Ids in 64 bits: exact, with no text kept for those that are a number behind a constant text.
//!
//! `C1234567` and `ORD-2026-000123` are a form (what stands in front, and how many digits follow)
//! and a number of at most sixteen digits. Ids of other forms (addresses, hexadecimal), and those
//! of forms beyond the first thousand, are kept as text once each and numbered. Equal ids have equal
//! numbers on every thread, others never.
//!
//! A column seldom has two forms of the same length. The form met last is therefore kept by length,
//! laid out so that vectors compare it with the ids of many rows and read their numbers at once.

use std::sync::Mutex;

use super::bits::{Form, Lines, MOST_DIGITS, ROWS, each};
use super::groups::trimmed;
use super::intern::{Texts, hash, spread};
use super::zeros;

/// Bits of an id that hold its number: enough for sixteen digits.
const NUMBER_BITS: u32 = 54;

/// Most forms; the number after theirs stands for ids that are kept as text.
const MOST_FORMS: u32 = (1 << (64 - NUMBER_BITS)) - 1;

/// Parts of the table of texts, so that threads seldom wait for each other.
const SHARDS: usize = 64;

/// What stands for an empty cell; no id is that, because texts have no such numbers.
pub(super) const NONE: u64 = u64::MAX;

/// All forms and texts, shared by all threads.
#[derive(Debug)]
pub(super) struct Ids {
    forms: Mutex<Texts>,
    texts: Vec<Mutex<Texts>>,
}

impl Default for Ids {
    fn default() -> Self {
        Ids { forms: Mutex::default(), texts: (0..SHARDS).map(|_| Mutex::default()).collect() }
    }
}

/// The forms that one thread has met in one column.
#[derive(Debug)]
pub(super) struct KnownForms {
    /// The form met last, by the length of the id.
    last: Vec<Option<LastForm>>,
    /// Forms, and the number that all threads give each.
    local: Texts,
    shared: Vec<u32>,
    /// There are as many forms as may be, and all of them are here.
    complete: bool,
    form: Vec<u8>,
}

/// Ids of more bytes are looked up without the form met last.
const LONGEST: usize = 47;

/// Lengths of ids that are tried in turn for the ids of many rows; the others are read one by one.
const MOST_LENGTHS: usize = 3;

/// The form that an id of some length had last.
#[derive(Debug)]
struct LastForm {
    /// Its last sixteen bytes. The numbers have that of the form in its place.
    form: Form,
    /// What stands in front of them.
    rest: Box<[u8]>,
}

impl Default for KnownForms {
    fn default() -> Self {
        KnownForms {
            last: (0..=LONGEST).map(|_| None).collect(),
            local: Texts::default(),
            shared: Vec::new(),
            complete: false,
            form: Vec::new(),
        }
    }
}

impl LastForm {
    /// For ids of a front and that many digits behind it.
    fn new(front: &[u8], digits: usize, form: u32) -> LastForm {
        let rest = front.len().wrapping_add(digits).saturating_sub(MOST_DIGITS);
        LastForm {
            form: Form::new(front, digits, u64::from(form) << NUMBER_BITS),
            rest: front.get(..rest).unwrap_or_default().into(),
        }
    }

    /// Whether the id at `start` begins like the form.
    #[inline]
    fn begins(&self, bytes: &[u8], start: usize) -> bool {
        self.rest.is_empty() || bytes.get(start..).is_some_and(|id| id.starts_with(&self.rest))
    }
}

impl Ids {
    /// Reads the ids of a column in those of the `rows` of `lines` whose bits are set: each goes into its
    /// row's place, [`NONE`] for an empty cell; other places hold anything. Blanks at both ends are not
    /// the id's. Sixteen bytes in front of each cell should be readable. `false` when one has no
    /// exact id: a spreadsheet may have rounded it (`1.2E+17`).
    #[inline(never)]
    pub(super) fn read(
        &self,
        known: &mut KnownForms,
        lines: &Lines<'_>,
        column: usize,
        rows: u64,
        into: &mut [u64; ROWS],
    ) -> bool {
        let mut left = rows & !known.of_one_length(lines, column, rows, into);
        let mut of_another_length = [NONE; ROWS];
        for _ in 1..MOST_LENGTHS {
            if left == 0 {
                return true;
            }
            let fit = known.of_one_length(lines, column, left, &mut of_another_length);
            if fit == 0 {
                break;
            }
            left &= !fit;
            for row in each(fit) {
                if let (Some(into), Some(id)) = (into.get_mut(row), of_another_length.get(row)) {
                    *into = *id;
                }
            }
        }
        let mut exact = true;
        for row in each(left) {
            let (start, end) = trimmed(lines.bytes, lines.cell(row, column));
            let id = known.of_last_form(lines.bytes, start, end).or_else(|| self.of_cell(known, lines.bytes, start, end));
            exact &= id.is_some();
            if let Some(into) = into.get_mut(row) {
                *into = id.unwrap_or(NONE);
            }
        }
        exact
    }

    /// The id at `bytes[start..end]`, [`NONE`] for an empty cell; `None` when it is not exact.
    #[cold]
    #[inline(never)]
    fn of_cell(&self, known: &mut KnownForms, bytes: &[u8], start: usize, end: usize) -> Option<u64> {
        if start == end { Some(NONE) } else { self.id(known, bytes.get(start..end)?) }
    }

    /// The id of a text; `None` when a spreadsheet may have rounded it.
    fn id(&self, known: &mut KnownForms, text: &[u8]) -> Option<u64> {
        let (number, digits) = trailing_number(text);
        if digits == 0 {
            return self.text(text);
        }
        let front = text.get(..text.len().wrapping_sub(digits))?;
        // One byte more says how many digits there are: 007 and 7 are two ids.
        known.form.clear();
        known.form.extend_from_slice(front);
        known.form.push(u8::try_from(digits).ok()?);
        let form = match known.local.number_if_known(&known.form).and_then(|local| known.shared.get(local as usize)) {
            Some(form) => *form,
            None if front.contains(&b'+') => return None,
            None if known.complete => MOST_FORMS,
            None => self.form(known)?,
        };
        if form == MOST_FORMS {
            return self.text(text);
        }
        if let Some(last) = known.last.get_mut(text.len()) {
            *last = Some(LastForm::new(front, digits, form));
        }
        Some((u64::from(form) << NUMBER_BITS) | number)
    }

    /// The number of a form that this thread has not met, [`MOST_FORMS`] when there are too many; `None`
    /// when another thread failed.
    #[cold]
    fn form(&self, known: &mut KnownForms) -> Option<u32> {
        let mut forms = self.forms.lock().ok()?;
        if forms.len() < MOST_FORMS as usize {
            let form = forms.number_of(&known.form);
            known.local.number_of(&known.form);
            known.shared.push(form);
            return Some(form);
        }
        // From now on nothing is added, and a form that is not here has no number on any thread.
        known.local = forms.clone();
        known.shared = (0..MOST_FORMS).collect();
        known.complete = true;
        Some(known.local.number_if_known(&known.form).unwrap_or(MOST_FORMS))
    }

    fn text(&self, text: &[u8]) -> Option<u64> {
        let hash = hash(text);
        let shard = usize::try_from(hash >> 32).unwrap_or(0) % SHARDS;
        let mut texts = self.texts.get(shard)?.lock().ok()?;
        // Most texts were met, and looking them up needs no copy of them.
        let number = texts.number_if_known(text).unwrap_or_else(|| texts.number_of(text));
        Some((u64::from(MOST_FORMS) << NUMBER_BITS) | (u64::from(number) * SHARDS as u64 + shard as u64))
    }

    /// The id of a text that stands alone.
    pub(super) fn id_of(&self, text: &str) -> Option<u64> {
        self.id(&mut KnownForms::default(), text.as_bytes())
    }
}

impl KnownForms {
    /// The id at `bytes[start..end]`, if it has the form met last among those of its length.
    #[inline]
    fn of_last_form(&self, bytes: &[u8], start: usize, end: usize) -> Option<u64> {
        let last = self.last.get(end.wrapping_sub(start))?.as_ref()?;
        let sixteen = bytes.get(end.wrapping_sub(MOST_DIGITS)..)?.first_chunk()?;
        last.form.number(*sixteen).filter(|_| last.begins(bytes, start))
    }

    /// The ids in those of the `rows` that are as long as the first of them and have the form met last
    /// at that length: each in its row's place, and a bit for each of them. No form begins or ends
    /// with a blank, so that these are none that have to be trimmed.
    #[inline]
    fn of_one_length(&self, lines: &Lines<'_>, column: usize, rows: u64, into: &mut [u64; ROWS]) -> u64 {
        let (start, end) = lines.cell(rows.trailing_zeros() as usize, column);
        let length = end.wrapping_sub(start);
        let Some(Some(last)) = self.last.get(length) else { return 0 };
        let mut ends = [0; ROWS];
        let mut as_long = 0;
        for (row, place) in ends.iter_mut().enumerate().take(lines.count) {
            let (start, end) = lines.cell(row, column);
            #[allow(clippy::cast_possible_truncation, reason = "positions have 32 bits in `Lines`")]
            let narrow = end as u32;
            *place = narrow;
            as_long |= u64::from(end.wrapping_sub(start) == length) << row;
        }
        let mut fit = as_long & rows & last.form.read(lines.bytes, ends.get(..lines.count).unwrap_or_default(), into);
        if !last.rest.is_empty() {
            for row in each(fit) {
                fit &= !(u64::from(!last.begins(lines.bytes, lines.cell(row, column).0)) << row);
            }
        }
        fit
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

/// Numbers of pages by what their ids have in common: from 0 on in the order in which they were
/// entered.
#[derive(Debug, Default)]
pub(super) struct Directory {
    /// Each page and its number plus one; 0 is a free slot. The length is a power of two, and at
    /// most a quarter of the slots is taken, so that most searches end where they begin.
    slots: Vec<(u64, u32)>,
    count: usize,
    /// The lowest page, and the highest.
    range: Option<(u64, u64)>,
    /// For each page from the lowest on its number plus one, or 0; empty where pages are far apart.
    near: Vec<u32>,
}

/// Pages are near when they are at least one in so many.
const NEAR: u64 = 8;

impl Directory {
    /// How many pages there are.
    pub(super) fn len(&self) -> usize {
        self.count
    }

    /// All pages with their numbers.
    fn pages(&self) -> impl Iterator<Item = (u64, usize)> {
        self.slots.iter().filter_map(|(page, number)| Some((*page, (*number as usize).checked_sub(1)?)))
    }

    /// The number of a page, if it was entered.
    #[inline]
    pub(super) fn find(&self, page: u64) -> Option<usize> {
        if self.near.is_empty() {
            return self.search(page);
        }
        let lowest = self.range.map_or(0, |(lowest, _)| lowest);
        let place = usize::try_from(page.wrapping_sub(lowest)).unwrap_or(usize::MAX);
        (self.near.get(place).copied().unwrap_or(0) as usize).checked_sub(1)
    }

    /// Looks for the number of a page among those of all.
    fn search(&self, page: u64) -> Option<usize> {
        let mask = self.slots.len().wrapping_sub(1);
        let mut slot = place(page) & mask;
        loop {
            let (known, number) = self.slots.get(slot).copied()?;
            // A free slot ends the search, whatever page it seems to be of.
            if known == page || number == 0 {
                return (number as usize).checked_sub(1);
            }
            slot = slot.wrapping_add(1) & mask;
        }
    }

    /// The number of a page, which is entered when it was not.
    pub(super) fn enter(&mut self, page: u64) -> usize {
        if let Some(number) = self.search(page) {
            return number;
        }
        if self.count.wrapping_mul(4) >= self.slots.len() {
            let length = self.slots.len().saturating_mul(2).max(16);
            for (page, number) in std::mem::replace(&mut self.slots, zeros(length)) {
                if number != 0 {
                    self.put(page, number);
                }
            }
        }
        let number = self.count;
        self.count = number.wrapping_add(1);
        self.put(page, u32::try_from(self.count).unwrap_or(u32::MAX));
        let (lowest, highest) = self.range.unwrap_or((page, page));
        self.range = Some((lowest.min(page), highest.max(page)));
        self.near.clear();
        number
    }

    /// Makes pages quick to find until others are entered.
    pub(super) fn settle(&mut self) {
        let Some((lowest, highest)) = self.range else { return };
        let between = highest.wrapping_sub(lowest);
        if !self.near.is_empty() || between >= (self.count as u64).saturating_mul(NEAR) {
            return;
        }
        self.near = zeros(usize::try_from(between).unwrap_or(0).saturating_add(1));
        for (page, number) in &self.slots {
            let place = usize::try_from(page.wrapping_sub(lowest)).unwrap_or(usize::MAX);
            if let Some(near) = self.near.get_mut(place).filter(|_| *number != 0) {
                *near = *number;
            }
        }
    }

    fn put(&mut self, page: u64, number: u32) {
        let mask = self.slots.len().wrapping_sub(1);
        let mut slot = place(page) & mask;
        while self.slots.get(slot).is_some_and(|(_, taken)| *taken != 0) {
            slot = slot.wrapping_add(1) & mask;
        }
        if let Some(free) = self.slots.get_mut(slot) {
            *free = (page, number);
        }
    }
}

/// The highest bits choose the place, the lowest may have chosen who asks.
fn place(page: u64) -> usize {
    spread(page) >> 16
}

/// A set of ids: bits where they are dense, a table with open addressing where they are not. An id
/// takes an eighth of a byte where all of a page are there, and 16 bytes where one in 128 is; others
/// take 9 to 18 bytes.
#[derive(Debug, Default)]
pub(super) struct IdSet {
    /// Pages that have many ids, and a bit for each id of theirs.
    directory: Directory,
    bits: Vec<u64>,
    /// The page looked at last, and its number.
    last: Option<(u64, usize)>,
    /// The other ids; [`NONE`] is a free slot. The length is a power of two, and at most seven
    /// eighths of the slots are taken.
    slots: Vec<u64>,
    taken: usize,
}

/// Ids of a page have all but that many bits in common.
const PAGE_BITS: u32 = 16;

/// Words of a page: 8 KiB.
const PAGE_WORDS: usize = 1 << (PAGE_BITS - 6);

/// How many ids a page must have.
const FEWEST_OF_PAGE: usize = 1 << (PAGE_BITS - 7);

/// Slots of a set that has its first ids: when they are full, ids in a row get a page.
const FEWEST_SLOTS: usize = 1024;

impl IdSet {
    /// Adds the id, which is not [`NONE`]; says whether it is new.
    #[inline]
    pub(super) fn insert(&mut self, id: u64) -> bool {
        match self.last {
            Some((page, number)) if page == id >> PAGE_BITS => self.set_bit(number, id),
            _ => self.insert_elsewhere(id),
        }
    }

    /// Adds ids, of which some may be [`NONE`], which is none; says whether all were new.
    pub(super) fn insert_all(&mut self, ids: &[u64]) -> bool {
        // Most files have their orders in the sequence of their numbers.
        if let Some(lowest) = lowest_in_a_row(ids)
            && let Some(new) = self.insert_in_a_row(lowest, ids.len())
        {
            return new;
        }
        let mut new = true;
        for id in ids.iter().filter(|id| **id != NONE) {
            new &= self.insert(*id);
        }
        new
    }

    /// Adds so many ids, at most 64, from that one on; says whether all were new. `None` when not all
    /// are of the page looked at last.
    #[inline]
    fn insert_in_a_row(&mut self, lowest: u64, count: usize) -> Option<bool> {
        let highest = lowest.checked_add(count as u64)?.checked_sub(1)?;
        let (page, number) = self.last?;
        if count > 64 || lowest >> PAGE_BITS != page || highest >> PAGE_BITS != page {
            return None;
        }
        let (first, _) = place_in_page(number, lowest);
        let (last, _) = place_in_page(number, highest);
        // All from the lowest on, and all up to the highest.
        let (from, to) = (u64::MAX << (lowest & 63), u64::MAX >> (63 - (highest & 63)));
        let [low, high] = if first == last { [from & to, 0] } else { [from, to] };
        let mut set = |word: usize, bits: u64| {
            let word = self.bits.get_mut(word)?;
            let new = *word & bits == 0;
            *word |= bits;
            Some(new)
        };
        let new = set(first, low)?;
        Some(set(last, high)? && new)
    }

    /// Sets the bit of an id of that page; says whether it was not set.
    #[inline]
    fn set_bit(&mut self, page: usize, id: u64) -> bool {
        let (word, bit) = place_in_page(page, id);
        let Some(word) = self.bits.get_mut(word) else { return false };
        let new = *word & bit == 0;
        *word |= bit;
        new
    }

    #[inline(never)]
    fn insert_elsewhere(&mut self, id: u64) -> bool {
        if let Some(number) = self.directory.find(id >> PAGE_BITS) {
            self.last = Some((id >> PAGE_BITS, number));
            return self.set_bit(number, id);
        }
        if self.taken.wrapping_mul(8) >= self.slots.len().wrapping_mul(7) {
            self.grow();
            // The id may be one of a page now.
            return self.insert(id);
        }
        let slot = slot_of(&self.slots, id);
        let Some(slot) = self.slots.get_mut(slot).filter(|slot| **slot == NONE) else { return false };
        *slot = id;
        self.taken = self.taken.wrapping_add(1);
        true
    }

    /// Gives pages to ids that are dense by now, and more slots to the others if they need them.
    #[cold]
    fn grow(&mut self) {
        let mut ids = std::mem::take(&mut self.slots);
        ids.retain(|id| *id != NONE);
        ids.sort_unstable();
        for page in ids.chunk_by(|id, next| id >> PAGE_BITS == next >> PAGE_BITS) {
            if let Some(id) = page.first().filter(|_| page.len() >= FEWEST_OF_PAGE) {
                self.directory.enter(*id >> PAGE_BITS);
            }
        }
        self.put_in_place(ids);
    }

    /// Puts ids that had slots into pages where there are some by now, and the others into slots.
    fn put_in_place(&mut self, mut ids: Vec<u64>) {
        self.bits.resize(self.directory.len().wrapping_mul(PAGE_WORDS), 0);
        ids.retain(|id| match self.directory.find(*id >> PAGE_BITS) {
            None => true,
            Some(number) => {
                self.set_bit(number, *id);
                false
            }
        });
        self.taken = ids.len();
        self.slots = vec![NONE; self.taken.wrapping_mul(2).next_power_of_two().max(FEWEST_SLOTS)];
        for id in ids {
            let slot = slot_of(&self.slots, id);
            if let Some(slot) = self.slots.get_mut(slot) {
                *slot = id;
            }
        }
    }

    /// Whether the id is there.
    pub(super) fn contains(&self, id: u64) -> bool {
        match self.directory.find(id >> PAGE_BITS) {
            Some(number) => {
                let (word, bit) = place_in_page(number, id);
                self.bits.get(word).is_some_and(|word| word & bit != 0)
            }
            None => self.slots.get(slot_of(&self.slots, id)) == Some(&id),
        }
    }

    /// Adds all of another set; `false` when both had some id.
    pub(super) fn take_in(&mut self, other: IdSet) -> bool {
        for (page, _) in other.directory.pages() {
            self.directory.enter(page);
        }
        let mut ids = std::mem::take(&mut self.slots);
        ids.retain(|id| *id != NONE);
        self.put_in_place(ids);
        let mut distinct = true;
        for (page, theirs) in other.directory.pages() {
            let words = |number: usize| number.wrapping_mul(PAGE_WORDS)..number.wrapping_add(1).wrapping_mul(PAGE_WORDS);
            let ours = self.directory.find(page).and_then(|ours| self.bits.get_mut(words(ours)));
            let theirs = other.bits.get(words(theirs)).unwrap_or_default();
            for (own, more) in ours.unwrap_or_default().iter_mut().zip(theirs) {
                distinct &= *own & *more == 0;
                *own |= *more;
            }
        }
        for id in other.slots.into_iter().filter(|id| *id != NONE) {
            distinct &= self.insert(id);
        }
        distinct
    }
}

/// The lowest of ids that are numbers in a row, up or down, none of which is [`NONE`].
#[inline]
fn lowest_in_a_row(ids: &[u64]) -> Option<u64> {
    let (first, last) = (*ids.first()?, *ids.last()?);
    let (mut up, mut down) = (0, 0);
    for (place, id) in (0_u64..).zip(ids) {
        up |= id.wrapping_sub(first) ^ place;
        down |= first.wrapping_sub(*id) ^ place;
    }
    let lowest = if up == 0 { first } else { last };
    ((up == 0 || down == 0) && first != NONE && last != NONE).then_some(lowest)
}

/// The word and the bit of an id of that page.
#[inline]
fn place_in_page(page: usize, id: u64) -> (usize, u64) {
    #[allow(clippy::cast_possible_truncation, reason = "the mask keeps fewer bits than there are")]
    let low = id as usize & ((1 << PAGE_BITS) - 1);
    (page.wrapping_mul(PAGE_WORDS).wrapping_add(low >> 6), 1 << (id & 63))
}

/// The slot of the id, or the free one that is its own. Some slot must be free.
#[inline]
fn slot_of(slots: &[u64], id: u64) -> usize {
    let mask = slots.len().wrapping_sub(1);
    let mut slot = spread(id) & mask;
    while slots.get(slot).is_some_and(|known| *known != id && *known != NONE) {
        slot = slot.wrapping_add(1) & mask;
    }
    slot
}

#[cfg(test)]
mod tests {
    use super::super::bits::first_bits;
    use super::*;
    use proptest::prelude::*;
    use std::collections::{BTreeMap, BTreeSet};
    use std::ops::BitAnd;

    /// The id of a text as a cell of a column; `None` when it is not exact.
    fn read(ids: &Ids, known: &mut KnownForms, text: &str) -> Option<u64> {
        read_all(ids, known, &[text], 1).map(|ids| ids[0])
    }

    /// The ids of at most [`ROWS`] texts as cells of a column, those of rows whose bits are set; `None`
    /// when one is not exact.
    fn read_all(ids: &Ids, known: &mut KnownForms, texts: &[&str], rows: u64) -> Option<[u64; ROWS]> {
        // Digits on both sides, which are not their own.
        let (mut bytes, mut ends, mut starts) = (b"9".repeat(16), Vec::new(), [0; ROWS + 1]);
        for (text, start) in texts.iter().zip(&mut starts) {
            *start = u32::try_from(bytes.len()).unwrap();
            bytes.push(b'9');
            ends.push(u32::try_from(bytes.len() - 1).unwrap());
            bytes.extend(text.as_bytes());
            ends.push(u32::try_from(bytes.len()).unwrap());
            bytes.push(b'9');
        }
        let ends: Vec<u32> = [0].into_iter().chain(ends).collect();
        let lines = Lines { bytes: &bytes, ends: &ends, starts: &starts, width: 2, count: texts.len() };
        let mut found = [0; ROWS];
        ids.read(known, &lines, 1, rows, &mut found).then_some(found)
    }

    fn check_ids(texts: &[String]) {
        let ids = Ids::default();
        let mut threads = [KnownForms::default(), KnownForms::default()];
        let mut by_text = BTreeMap::new();
        let mut by_id = BTreeMap::new();
        for (index, text) in texts.iter().enumerate() {
            let id = read(&ids, &mut threads[index % 2], text).unwrap();
            let text = text.trim();
            assert_eq!(id == NONE, text.is_empty());
            assert_eq!(*by_text.entry(text).or_insert(id), id);
            assert_eq!(by_id.entry(id).or_insert(text), &text);
        }
        // Many together, and the others of them afterwards.
        for texts in texts.chunks(ROWS) {
            let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
            for rows in [0x5A5A_A5A5_0FF0_1234_u64, !0x5A5A_A5A5_0FF0_1234] {
                let rows = rows & first_bits(texts.len());
                let found = read_all(&ids, &mut threads[0], &texts, rows).unwrap();
                each(rows).for_each(|row| assert_eq!(Some(&found[row]), by_text.get(texts[row].trim()), "{}", texts[row]));
            }
        }
        for (text, id) in by_text.iter().filter(|(text, _)| !text.is_empty()) {
            assert_eq!(ids.id_of(text), Some(*id));
        }
    }

    #[test]
    fn forms_beyond_the_most_are_texts() {
        let front = |number: u32| format!("{}x", char::from_u32(0x4E00 + number % 2_000).unwrap());
        // Each front twice and with different numbers, from both threads.
        let texts: Vec<String> = (0..9_000).map(|number| format!("{}{}", front(number / 3), number % 7)).collect();
        check_ids(&texts);
    }

    #[test]
    fn a_number_that_a_spreadsheet_has_rounded_is_no_id() {
        let ids = Ids::default();
        let mut known = KnownForms::default();
        for text in ["1.2E+17", "12", "1.2E+17", "9.9E+17"] {
            assert_eq!(read(&ids, &mut known, text).is_none(), text.contains('+'), "{text}");
            assert_eq!(ids.id_of(text).is_none(), text.contains('+'), "{text}");
        }
    }

    #[test]
    fn a_cell_at_the_very_beginning_is_read_too() {
        let (ids, mut known) = (Ids::default(), KnownForms::default());
        let mut found = [0; ROWS];
        let mut starts = [0; ROWS + 1];
        starts[..3].copy_from_slice(&[0, 4, 8]);
        let lines = Lines { bytes: b"C12\nC13\nC12\n", ends: &[0, 3, 7, 11], starts: &starts, width: 1, count: 3 };
        assert!(ids.read(&mut known, &lines, 0, 0b111, &mut found));
        assert!(found[0] == found[2] && found[1] == found[0] + 1);
    }

    proptest! {
        #[test]
        fn ids_are_equal_when_their_texts_are(
            texts in prop::collection::vec("[a-c]{0,2}-?[0-9]{0,20}|[a-z]{1,5}@x\\.org|C[0-9]{3}|C[0-9/:]{3}|gid://shop/Order/[0-9]{1,13}|[\\x00-\\x7Fé]{0,20}|[a-z]{44,50}[0-9]".prop_filter("a plus sign is refused", |text| !text.contains('+')), 1..200),
        ) {
            check_ids(&texts);
        }

        #[test]
        fn pages_are_numbered_from_0(
            pages in prop::collection::vec((prop_oneof![4 => 0_u64..50, 1 => u64::MAX - 50..=u64::MAX, 1 => any::<u64>()], any::<bool>()), 0..200),
        ) {
            let mut directory = Directory::default();
            let mut known = BTreeMap::new();
            for (page, settles) in pages {
                prop_assert_eq!(directory.find(page), known.get(&page).copied());
                let next = known.len();
                prop_assert_eq!(directory.enter(page), *known.entry(page).or_insert(next));
                prop_assert_eq!(directory.len(), known.len());
                if settles {
                    directory.settle();
                    prop_assert!(directory.near.len() as u64 <= NEAR * known.len() as u64);
                }
                for page in [page, page.wrapping_add(1), page.wrapping_sub(1), 7, u64::MAX] {
                    prop_assert_eq!(directory.find(page), known.get(&page).copied());
                }
            }
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(50))]
        #[test]
        fn a_set_knows_what_is_new(
            runs in prop::collection::vec((prop_oneof![0_u64..200_000, any::<u64>()], prop_oneof![4 => Just(1_u64), 2 => Just(97), 1 => any::<u64>()], 0_u64..3_000), 0..6),
            repeated in prop::collection::vec(any::<prop::sample::Index>(), 0..3),
            at in any::<prop::sample::Index>(),
        ) {
            let run = |(first, step, length): (u64, u64, u64)| {
                (0..length).map(move |number| first.wrapping_add(step.wrapping_mul(number))).filter(|id| *id != NONE)
            };
            let mut all: Vec<u64> = runs.into_iter().flat_map(run).collect();
            for index in repeated.iter().filter(|_| !all.is_empty()).collect::<Vec<_>>() {
                all.push(*index.get(&all));
            }
            let mut set = IdSet::default();
            let mut known = BTreeSet::new();
            for id in &all {
                prop_assert_eq!(set.insert(*id), known.insert(*id));
            }
            prop_assert!(all.iter().all(|id| set.contains(*id) && (known.contains(&(id ^ 2)) == set.contains(id ^ 2))));
            let (left, right) = all.split_at(at.index(all.len() + 1));
            let of = |ids: &[u64]| { let mut set = IdSet::default(); ids.iter().for_each(|id| _ = set.insert(*id)); set };
            let (mut joined, left) = (of(left), left.iter().collect::<BTreeSet<_>>());
            let distinct = right.iter().all(|id| !left.contains(id));
            prop_assert_eq!(joined.take_in(of(right)), distinct);
            prop_assert!(all.iter().all(|id| joined.contains(*id) && joined.contains(id ^ 2) == known.contains(&(id ^ 2))));
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(100))]
        #[test]
        fn a_set_takes_many_ids_at_once(
            runs in prop::collection::vec((
                prop_oneof![4 => 0_u64..70_000, 1 => Just(3 << 54), 1 => u64::MAX - 3_000..=u64::MAX],
                prop_oneof![4 => Just(1_u64), 2 => Just(u64::MAX), 1 => Just(3)],
                prop_oneof![3 => 500_usize..3_000, 1 => 0_usize..4],
                1_usize..=70,
            ), 0..8),
        ) {
            let mut set = IdSet::default();
            let mut known = BTreeSet::new();
            for (first, step, length, together) in runs {
                let ids: Vec<u64> = (0..length as u64).map(|number| first.wrapping_add(step.wrapping_mul(number))).collect();
                for ids in ids.chunks(together) {
                    let new = ids.iter().filter(|id| **id != NONE).map(|id| known.insert(*id)).fold(true, BitAnd::bitand);
                    prop_assert_eq!(set.insert_all(ids), new);
                }
                for id in ids.iter().step_by(50) {
                    let around = id.saturating_sub(70)..id.saturating_add(70);
                    prop_assert!(around.filter(|id| *id != NONE).all(|id| set.contains(id) == known.contains(&id)));
                }
            }
        }
    }

    #[test]
    fn a_set_takes_little_memory_whatever_the_ids() {
        let bytes = |set: &IdSet| 8 * (set.bits.len() + set.slots.len()) + 16 * set.directory.slots.len();
        for (step, most) in [(1, 1), (3, 1), (50, 8), (100, 16), (3_001, 19), (0x9E37_79B9_7F4A_7C15, 19)] {
            let mut set = IdSet::default();
            let count = 150_000_u64;
            assert!((0..count).all(|number| set.insert(number.wrapping_mul(step))));
            assert!(bytes(&set) as u64 <= most * count, "{step}: {}", bytes(&set));
        }
    }
}
