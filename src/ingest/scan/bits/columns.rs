//! The cells of one column, many rows at once: how they begin, which days they are, and which known
//! texts.
//!
//! Each of these says of a row only what is sure. The processor that lacks the instructions knows of
//! none, and a row of which nothing is known is looked at by itself.

use super::{Instructions, LANES, Lines, ROWS, each, first_bits};
use crate::ingest::rows::begins_as_no_label;

/// Texts of up to 23 bytes and their numbers.
#[derive(Clone, Copy, Debug)]
pub(in crate::ingest::scan) struct Known<'a> {
    /// Numbers plus one by the highest bits of the hash; their count is a power of two.
    pub(in crate::ingest::scan) slots: &'a [u32],
    pub(in crate::ingest::scan) entries: &'a [Entry],
    /// The same texts, where there are few.
    pub(in crate::ingest::scan) few: Option<&'a Few>,
}

/// A few short texts and their numbers, which the processor holds itself.
#[derive(Clone, Debug)]
pub(in crate::ingest::scan) struct Few {
    /// Gives each text a place of its own.
    factor: u32,
    /// The words of the text at each place, and its number.
    keys: [[u64; PLACES]; 3],
    numbers: [u64; PLACES],
}

/// Places for a few texts: the lanes of two vectors.
const PLACES: usize = 2 * LANES;

impl Few {
    /// Of these texts, if they are short and few enough.
    pub(in crate::ingest::scan) fn of(entries: &[Entry]) -> Option<Few> {
        /// For so many one factor in forty is right, so that one is found; for all sixteen hardly any would be.
        const MOST: usize = 10;
        const FACTORS_TRIED: u32 = 1024;
        let fit = entries.len() <= MOST && entries.iter().all(|entry| entry.key[2] >> 56 <= SHORT as u64);
        let factor = |tried: u32| 0x9E37_79B1_u32.wrapping_mul(tried.wrapping_mul(2).wrapping_add(1));
        fit.then(|| (0..FACTORS_TRIED).find_map(|tried| Few::with(factor(tried), entries))).flatten()
    }

    /// With a factor that gives each a place of its own.
    fn with(factor: u32, entries: &[Entry]) -> Option<Few> {
        /// No text has as many bytes.
        const NONE: u64 = u64::MAX;
        let mut few = Few { factor, keys: [[0; PLACES], [0; PLACES], [NONE; PLACES]], numbers: [0; PLACES] };
        for (number, Entry { key, .. }) in (0..).zip(entries) {
            let place = few.place(*key);
            if few.keys[2].get(place) != Some(&NONE) {
                return None;
            }
            for (words, word) in few.keys.iter_mut().zip(key) {
                words.iter_mut().skip(place).take(1).for_each(|of_place| *of_place = *word);
            }
            few.numbers.iter_mut().skip(place).take(1).for_each(|of_place| *of_place = number);
        }
        Some(few)
    }

    fn place(&self, [low, middle, high]: Key) -> usize {
        let folded = low ^ middle.rotate_left(TURNS[0]) ^ high.rotate_left(TURNS[1]);
        let product = ((folded ^ (folded >> 32)) & u64::from(u32::MAX)).wrapping_mul(self.factor.into());
        usize::try_from(product >> FIRST_BIT).unwrap_or(0) % PLACES
    }
}

/// By how many bits the words of a key are turned before they are folded into one.
const TURNS: [u32; 2] = [21, 42];

/// The lowest bit of a place in the product of a folded key and its factor.
const FIRST_BIT: u32 = 28;

/// A text as three words, and what is known of it besides.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub(in crate::ingest::scan) struct Entry {
    pub(in crate::ingest::scan) key: Key,
    pub(in crate::ingest::scan) place: u64,
}

/// A text of up to [`SHORT`] bytes and, in the highest byte, its length.
pub(in crate::ingest::scan) type Key = [u64; 3];

/// Most bytes of a text that is known by its key alone.
pub(in crate::ingest::scan) const SHORT: usize = 23;

/// Factors of the words of a key in its hash.
const FACTORS: Key = [0x9E37_79B9_7F4A_7C15, 0xD6E8_FEB8_6659_FD93, 0xA076_1D64_78BD_642F];

/// A hash of which the highest bits are the best.
#[inline]
pub(in crate::ingest::scan) fn hash_of_key([low, middle, high]: Key) -> u64 {
    low.wrapping_mul(FACTORS[0]) ^ middle.wrapping_mul(FACTORS[1]) ^ high.wrapping_mul(FACTORS[2])
}

impl Lines<'_> {
    /// Rows whose first cell is surely neither blank nor a label: by how it begins, or by how it ends where
    /// there is neither a colon nor a dash in it. Others may be none either. And those whose first cell begins with a
    /// letter or a digit.
    pub(in crate::ingest::scan) fn without_label(&self, with: Instructions) -> (u64, u64) {
        match with {
            // SAFETY: the processor was asked for these instructions when `with` was chosen.
            #[cfg(target_arch = "x86_64")]
            Instructions::Avx512 => unsafe { self.without_label_avx512() },
            _ => {
                let without_label = self.rows(|row| {
                    let begins = self.bytes.get(self.start(row)..).and_then(<[u8]>::first_chunk);
                    begins.copied().is_some_and(begins_as_no_label)
                });
                (without_label, self.beginning_with_alphanumeric(with, 0))
            }
        }
    }

    /// The rows whose cell of that column begins with a letter or a digit.
    pub(in crate::ingest::scan) fn beginning_with_alphanumeric(&self, with: Instructions, index: usize) -> u64 {
        match with {
            // SAFETY: the processor was asked for these instructions when `with` was chosen.
            #[cfg(target_arch = "x86_64")]
            Instructions::Avx512 => unsafe { self.beginning_with_alphanumeric_avx512(index) },
            // What stands behind an empty cell is neither.
            _ => self.rows(|row| self.bytes.get(self.cell(row, index).0).is_some_and(u8::is_ascii_alphanumeric)),
        }
    }

    /// Rows whose cell of that column is a day, year first with dashes and nothing behind it, and one of
    /// these days; and which: the day in five bits, the month in four above them, and then the year.
    pub(in crate::ingest::scan) fn whole_days(
        &self,
        with: Instructions,
        index: usize,
        among: &std::ops::Range<u32>,
        days: &mut [u32; ROWS],
    ) -> u64 {
        match with {
            // SAFETY: the processor was asked for these instructions when `with` was chosen.
            #[cfg(target_arch = "x86_64")]
            Instructions::Avx512 => unsafe { self.whole_days_avx512(index, among, days) },
            _ => {
                let _ = (index, among, days);
                0
            }
        }
    }

    /// Rows whose cell of that column is one of the known texts, and the numbers of these.
    pub(in crate::ingest::scan) fn known_texts(
        &self,
        with: Instructions,
        index: usize,
        known: Known<'_>,
        numbers: &mut [u32; ROWS],
    ) -> u64 {
        match with {
            // SAFETY: the processor was asked for these instructions when `with` was chosen.
            #[cfg(target_arch = "x86_64")]
            Instructions::Avx512 => unsafe {
                match known.few {
                    Some(few) => self.few_texts_avx512(index, few, numbers),
                    None => self.known_texts_avx512(index, known, numbers),
                }
            },
            _ => {
                let _ = (index, known, numbers);
                0
            }
        }
    }

    /// The rows for which `test` holds.
    #[inline]
    pub(in crate::ingest::scan) fn rows(&self, mut test: impl FnMut(usize) -> bool) -> u64 {
        (0..self.count.min(ROWS)).fold(0, |rows, row| rows | (u64::from(test(row)) << row))
    }

    /// First byte of a row.
    #[inline]
    pub(in crate::ingest::scan) fn start(&self, row: usize) -> usize {
        self.starts.get(row).map_or(0, |start| *start as usize)
    }

    /// From where to where a cell lies.
    #[inline]
    pub(in crate::ingest::scan) fn cell(&self, row: usize, index: usize) -> (usize, usize) {
        let number = row.wrapping_mul(self.width).wrapping_add(index);
        let end = |number: usize| self.ends.get(number).map_or(0, |end| *end as usize);
        // In front of the first cell there may be a carriage return and a line feed.
        let from = if index == 0 { self.start(row) } else { end(number).wrapping_add(1) };
        (from, end(number.wrapping_add(1)))
    }
}

/// The first and the last of the days of some rows.
pub(in crate::ingest::scan) fn first_and_last(with: Instructions, days: &[u32; ROWS], rows: u64) -> Option<(u32, u32)> {
    if rows == 0 {
        return None;
    }
    match with {
        // SAFETY: the processor was asked for these instructions when `with` was chosen.
        #[cfg(target_arch = "x86_64")]
        Instructions::Avx512 => Some(unsafe { vectors::first_and_last_avx512(days, rows) }),
        _ => {
            let of_rows = || each(rows).filter_map(|row| days.get(row).copied());
            of_rows().min().zip(of_rows().max())
        }
    }
}

/// Numbers plus one, or 0, in rows of so many.
#[derive(Clone, Copy, Debug)]
pub(in crate::ingest::scan) struct Dense<'a> {
    pub(in crate::ingest::scan) numbers: &'a [u32],
    pub(in crate::ingest::scan) width: u32,
}

/// What a table has in these rows and columns; a bit for each that is in the table and has a number.
pub(in crate::ingest::scan) fn looked_up(
    with: Instructions,
    table: Dense<'_>,
    (rows, columns): (&[u32; ROWS], &[u32; ROWS]),
    numbers: &mut [u32; ROWS],
) -> u64 {
    match with {
        // SAFETY: the processor was asked for these instructions when `with` was chosen.
        #[cfg(target_arch = "x86_64")]
        Instructions::Avx512 => unsafe { vectors::looked_up_avx512(table, (rows, columns), numbers) },
        _ => {
            let mut found = 0;
            for (at, ((row, column), number)) in rows.iter().zip(columns).zip(numbers).enumerate() {
                let place = (*row as usize).wrapping_mul(table.width as usize).wrapping_add(*column as usize);
                let known = table.numbers.get(place).filter(|_| *column < table.width).and_then(|known| known.checked_sub(1));
                if let Some(known) = known {
                    *number = known;
                    found |= 1 << at;
                }
            }
            found
        }
    }
}

#[cfg(target_arch = "x86_64")]
pub(super) use vectors::{Octet, lowest_bytes, multiples};

#[cfg(target_arch = "x86_64")]
mod vectors {
    use super::super::{SIXTEEN, load};
    use super::{Dense, FACTORS, FIRST_BIT, Few, Known, LANES, Lines, PLACES, ROWS, SHORT, TURNS, each, first_bits};
    use crate::ingest::rows::{BEYOND, LABELS, OTHER};
    use std::arch::x86_64::{
        __m256i, __m512i, __mmask8, _mm_cvtsi64_si128, _mm256_add_epi32, _mm256_loadu_si256, _mm256_mask_cmplt_epu32_mask,
        _mm256_mmask_i32gather_epi32, _mm256_mullo_epi32, _mm256_set1_epi32, _mm256_setr_epi32, _mm256_setzero_si256,
        _mm256_slli_epi32, _mm256_storeu_si256, _mm256_sub_epi32, _mm512_add_epi32, _mm512_add_epi64, _mm512_and_si512,
        _mm512_cmpeq_epi8_mask, _mm512_cmpeq_epi64_mask, _mm512_cmple_epu64_mask, _mm512_cmplt_epu32_mask,
        _mm512_cmplt_epu64_mask, _mm512_cvtepi64_epi32, _mm512_cvtepu32_epi64, _mm512_loadu_si512, _mm512_madd_epi16,
        _mm512_maddubs_epi16, _mm512_mask_and_epi64, _mm512_mask_cmpeq_epi64_mask, _mm512_mask_cmpgt_epu64_mask,
        _mm512_mask_cmple_epu32_mask, _mm512_mask_cmple_epu64_mask, _mm512_mask_cmplt_epu64_mask, _mm512_mask_i32gather_epi32,
        _mm512_mask_i32gather_epi64, _mm512_mask_i64gather_epi64, _mm512_mask_max_epu32, _mm512_mask_min_epu32,
        _mm512_mask_mov_epi32, _mm512_min_epu32, _mm512_movm_epi8, _mm512_mul_epu32, _mm512_mullo_epi32, _mm512_mullo_epi64,
        _mm512_or_si512, _mm512_permutex2var_epi32, _mm512_permutex2var_epi64, _mm512_reduce_max_epu32, _mm512_reduce_min_epu32,
        _mm512_rol_epi64, _mm512_set1_epi8, _mm512_set1_epi16, _mm512_set1_epi32, _mm512_set1_epi64, _mm512_setzero_si512,
        _mm512_shuffle_epi8, _mm512_slli_epi64, _mm512_srl_epi64, _mm512_srli_epi32, _mm512_srli_epi64, _mm512_srlv_epi32,
        _mm512_srlv_epi64, _mm512_storeu_si512, _mm512_sub_epi32, _mm512_sub_epi64, _mm512_subs_epu8, _mm512_ternarylogic_epi64,
        _mm512_test_epi32_mask, _mm512_testn_epi64_mask, _mm512_xor_si512, _pdep_u64,
    };

    /// Positions of one column's cells in eight rows.
    #[derive(Clone, Copy)]
    pub(in super::super) struct Octet {
        /// The first byte of each cell, and the byte behind the last.
        from: __m512i,
        to: __m512i,
        /// The rows that there are.
        pub(in super::super) rows: __mmask8,
    }

    /// The keys of eight cells.
    #[derive(Clone, Copy)]
    struct Keys {
        words: [__m512i; 3],
        /// Cells that are short texts.
        there: __mmask8,
        /// Those with more than one word.
        above_low: __mmask8,
    }

    const fn turns(word: usize) -> i32 {
        TURNS[word].cast_signed()
    }

    /// The first eight multiples of a number.
    #[target_feature(enable = "avx512f,avx2")]
    #[inline]
    pub(in super::super) fn multiples(of: usize) -> __m256i {
        let of = i32::try_from(of).unwrap_or(0);
        _mm256_mullo_epi32(_mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7), _mm256_set1_epi32(of))
    }

    /// In each lane its lowest byte eight times.
    #[target_feature(enable = "avx512f,avx512bw")]
    #[inline]
    pub(in super::super) fn lowest_bytes(lanes: __m512i) -> __m512i {
        /// For each byte of a lane the place of the lane's lowest byte in its half of 16.
        const LOWEST: [u64; LANES] = {
            const SECOND: u64 = 0x0808_0808_0808_0808;
            [0, SECOND, 0, SECOND, 0, SECOND, 0, SECOND]
        };
        _mm512_shuffle_epi8(lanes, load(&LOWEST))
    }

    /// Words of eight bytes from those places on, where the bytes are there; and where.
    #[target_feature(enable = "avx512f")]
    #[inline]
    fn words_at(bytes: &[u8], places: __m512i, rows: __mmask8) -> (__m512i, __mmask8) {
        let Some(last) = bytes.len().checked_sub(8) else { return (_mm512_setzero_si512(), 0) };
        let there = _mm512_mask_cmple_epu64_mask(rows, places, _mm512_set1_epi64((last as u64).cast_signed()));
        // SAFETY: eight bytes are read from each place that is not above the last one of which eight bytes
        // are left, and none from others.
        let words = unsafe { _mm512_mask_i64gather_epi64::<1>(_mm512_setzero_si512(), there, places, bytes.as_ptr().cast()) };
        (words, there)
    }

    /// Lanes from one number on, of so many.
    #[target_feature(enable = "avx512f")]
    #[inline]
    fn among(lanes: __m512i, least: u8, count: i64) -> __mmask8 {
        _mm512_cmplt_epu64_mask(_mm512_sub_epi64(lanes, _mm512_set1_epi64(least.into())), _mm512_set1_epi64(count))
    }

    #[target_feature(enable = "avx512f")]
    #[inline]
    fn are_digits(lanes: __m512i) -> __mmask8 {
        among(lanes, b'0', 10)
    }

    #[target_feature(enable = "avx512f")]
    #[inline]
    fn are_letters(lanes: __m512i) -> __mmask8 {
        among(_mm512_or_si512(lanes, _mm512_set1_epi64(0x20)), b'a', 26)
    }

    impl Octet {
        /// Cells that begin with another letter than T and end with a digit, and in which there is neither a colon nor
        /// a dash. Longer ones than 24 bytes are not looked at.
        #[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl,avx2")]
        #[inline]
        fn ending_as_no_label(&self, bytes: &[u8]) -> __mmask8 {
            let splat = |byte: u8| _mm512_set1_epi8(byte.cast_signed());
            let length = _mm512_sub_epi64(self.to, self.from);
            let (words, _) = self.first_eight(bytes);
            let (last, there) = self.last_eight(bytes);
            let long = _mm512_mask_cmpgt_epu64_mask(there, length, _mm512_set1_epi64(16));
            let (middle, _) = words_at(bytes, _mm512_add_epi64(self.from, _mm512_set1_epi64(8)), long);
            let has = |byte: u8| {
                let of = |word| _mm512_cmpeq_epi8_mask(word, splat(byte));
                of(words) | of(middle) | of(last)
            };
            // Those next to short cells count, too: then the cell has to be looked at by itself.
            let signs = _mm512_movm_epi8(has(b':') | has(b'-'));
            let first = _mm512_and_si512(words, _mm512_set1_epi64(0xFF));
            let small = _mm512_or_si512(first, _mm512_set1_epi64(0x20));
            _mm512_mask_cmple_epu64_mask(there, length, _mm512_set1_epi64(24))
                & are_letters(first)
                & !_mm512_cmpeq_epi64_mask(small, _mm512_set1_epi64(b't'.into()))
                & are_digits(_mm512_srli_epi64::<56>(last))
                & _mm512_testn_epi64_mask(signs, signs)
        }

        /// Of the rows from the one with number `block` on, which is a multiple of eight.
        #[target_feature(enable = "avx512f,avx512vl,avx2")]
        #[inline]
        pub(in super::super) fn of(lines: &Lines<'_>, index: usize, block: usize) -> Octet {
            let count = lines.count.saturating_sub(block).min(LANES);
            let rows = u8::try_from(first_bits(count)).unwrap_or(u8::MAX);
            let first = block.wrapping_mul(lines.width).wrapping_add(index);
            let last = first.wrapping_add(count.wrapping_sub(1).wrapping_mul(lines.width)).wrapping_add(1);
            if count == 0 || last >= lines.ends.len() || lines.width > usize::from(u16::MAX) {
                return Octet { from: _mm512_setzero_si512(), to: _mm512_setzero_si512(), rows: 0 };
            }
            // SAFETY: of each row two elements of four bytes are read side by side, which are there as those
            // of the last one are.
            let both = unsafe {
                let ends = lines.ends.as_ptr().add(first);
                _mm512_mask_i32gather_epi64::<4>(_mm512_setzero_si512(), rows, multiples(lines.width), ends.cast())
            };
            let from = match lines.starts.get(block..).and_then(<[u32]>::first_chunk::<LANES>) {
                // SAFETY: the array has 32 bytes; the load does not ask for alignment.
                Some(starts) if index == 0 => unsafe { _mm512_cvtepu32_epi64(_mm256_loadu_si256(starts.as_ptr().cast())) },
                _ => {
                    let before = _mm512_and_si512(both, _mm512_set1_epi64(0xFFFF_FFFF));
                    _mm512_add_epi64(before, _mm512_set1_epi64(1))
                }
            };
            Octet { from, to: _mm512_srli_epi64::<32>(both), rows }
        }

        /// Of the first column in the rows of those numbers.
        #[target_feature(enable = "avx512f,avx512vl,avx2")]
        #[inline]
        fn of_first(lines: &Lines<'_>, numbers: &[u32; LANES], rows: __mmask8) -> Octet {
            let splat = |number: usize| _mm256_set1_epi32(i32::try_from(number).unwrap_or(0));
            // SAFETY: the array has 32 bytes; the load does not ask for alignment.
            let numbers = unsafe { _mm256_loadu_si256(numbers.as_ptr().cast()) };
            // With more columns, places would not have numbers of 32 bits.
            let count = if lines.width > usize::from(u16::MAX) { 0 } else { lines.count.min(ROWS) };
            let rows = _mm256_mask_cmplt_epu32_mask(rows, numbers, splat(count));
            let places = _mm256_add_epi32(_mm256_mullo_epi32(numbers, splat(lines.width)), splat(1));
            let rows = _mm256_mask_cmplt_epu32_mask(rows, places, splat(lines.ends.len()));
            let none = _mm256_setzero_si256();
            // SAFETY: there are more starts than rows, and read are those of rows that there are. The places are below the
            // number of ends.
            let (from, to) = unsafe {
                (
                    _mm256_mmask_i32gather_epi32::<4>(none, rows, numbers, lines.starts.as_ptr().cast()),
                    _mm256_mmask_i32gather_epi32::<4>(none, rows, places, lines.ends.as_ptr().cast()),
                )
            };
            Octet { from: _mm512_cvtepu32_epi64(from), to: _mm512_cvtepu32_epi64(to), rows }
        }

        /// One more than the bytes of each cell, in all bytes of its lane; 255 stands for any number above.
        #[target_feature(enable = "avx512f,avx512bw")]
        #[inline]
        pub(in super::super) fn lengths(&self) -> __m512i {
            let more = _mm512_sub_epi64(_mm512_sub_epi64(self.to, self.from), _mm512_set1_epi64(-1));
            lowest_bytes(_mm512_min_epu32(more, _mm512_set1_epi64(255)))
        }

        /// The last eight bytes up to each cell's end, and where they are there.
        #[target_feature(enable = "avx512f")]
        #[inline]
        pub(in super::super) fn last_eight(&self, bytes: &[u8]) -> (__m512i, __mmask8) {
            words_at(bytes, _mm512_sub_epi64(self.to, _mm512_set1_epi64(8)), self.rows)
        }

        /// The keys of short texts.
        #[target_feature(enable = "avx512f")]
        #[inline]
        fn keys(&self, bytes: &[u8]) -> Keys {
            let splat = |word: u64| _mm512_set1_epi64(word.cast_signed());
            let length = _mm512_sub_epi64(self.to, self.from);
            let bits_of = _mm512_slli_epi64::<3>(length);
            // A word of the text without the bytes behind its end. A shift by more than there is leaves none.
            let word = |number: u64, rows: __mmask8| {
                let (word, there) = words_at(bytes, _mm512_add_epi64(self.from, splat(number.wrapping_mul(8))), rows);
                let own = _mm512_sub_epi64(bits_of, splat(number.wrapping_mul(64)));
                let foreign = _mm512_sub_epi64(splat(64), own);
                let partly = _mm512_cmplt_epu64_mask(own, splat(64));
                (_mm512_mask_and_epi64(word, partly, word, _mm512_srlv_epi64(splat(u64::MAX), foreign)), there)
            };
            let short = _mm512_mask_cmple_epu64_mask(self.rows, length, splat(SHORT as u64));
            let (low, there) = word(0, short);
            let above_low = _mm512_mask_cmpgt_epu64_mask(short, length, splat(8));
            let above_middle = _mm512_mask_cmpgt_epu64_mask(short, length, splat(16));
            let none = _mm512_setzero_si512();
            let middle = if above_low == 0 { none } else { word(1, above_low).0 };
            let high = if above_middle == 0 { none } else { word(2, above_middle).0 };
            Keys { words: [low, middle, _mm512_or_si512(high, _mm512_slli_epi64::<56>(length))], there, above_low }
        }

        /// The first eight bytes of each cell and those behind it, and where they are there.
        #[target_feature(enable = "avx512f")]
        #[inline]
        fn first_eight(&self, bytes: &[u8]) -> (__m512i, __mmask8) {
            words_at(bytes, self.from, self.rows)
        }
    }

    #[target_feature(enable = "avx512f")]
    pub(super) fn looked_up_avx512(
        table: Dense<'_>,
        (rows, columns): (&[u32; ROWS], &[u32; ROWS]),
        numbers: &mut [u32; ROWS],
    ) -> u64 {
        let splat = |number: usize| _mm512_set1_epi32(i32::try_from(number).unwrap_or(0));
        // A table that is too large for places of 32 bits has no rows here.
        let room = table.numbers.len().checked_div(table.width as usize).filter(|_| i32::try_from(table.numbers.len()).is_ok());
        let (room, width) = (splat(room.unwrap_or(0)), splat(table.width as usize));
        let blocks = rows.as_chunks::<SIXTEEN>().0.iter().zip(columns.as_chunks::<SIXTEEN>().0);
        let mut found = 0;
        for (block, ((rows, columns), numbers)) in blocks.zip(numbers.as_chunks_mut::<SIXTEEN>().0).enumerate() {
            // SAFETY: each array has 64 bytes, and loads and stores do not ask for alignment. Read is what is in
            // a row and a column of the table, each of which is below as many as there are.
            unsafe {
                let (rows, columns) = (_mm512_loadu_si512(rows.as_ptr().cast()), _mm512_loadu_si512(columns.as_ptr().cast()));
                let there = _mm512_cmplt_epu32_mask(rows, room) & _mm512_cmplt_epu32_mask(columns, width);
                let places = _mm512_add_epi32(_mm512_mullo_epi32(rows, width), columns);
                let none = _mm512_setzero_si512();
                let known = _mm512_mask_i32gather_epi32::<4>(none, there, places, table.numbers.as_ptr().cast());
                _mm512_storeu_si512(numbers.as_mut_ptr().cast(), _mm512_sub_epi32(known, _mm512_set1_epi32(1)));
                found |= u64::from(_mm512_test_epi32_mask(known, known)) << block.wrapping_mul(SIXTEEN);
            }
        }
        found
    }

    #[target_feature(enable = "avx512f")]
    pub(super) fn first_and_last_avx512(days: &[u32; ROWS], rows: u64) -> (u32, u32) {
        let (mut first, mut last) = (_mm512_set1_epi32(-1), _mm512_setzero_si512());
        for (number, sixteen) in days.as_chunks::<SIXTEEN>().0.iter().enumerate() {
            #[allow(clippy::cast_possible_truncation, reason = "the bits of sixteen rows")]
            let rows = (rows >> number.wrapping_mul(SIXTEEN)) as u16;
            // SAFETY: the array has 64 bytes; the load does not ask for alignment.
            let days = unsafe { _mm512_loadu_si512(sixteen.as_ptr().cast()) };
            first = _mm512_mask_min_epu32(first, rows, first, days);
            last = _mm512_mask_max_epu32(last, rows, last, days);
        }
        (_mm512_reduce_min_epu32(first), _mm512_reduce_max_epu32(last))
    }

    impl Lines<'_> {
        #[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl,avx2,bmi1,bmi2,popcnt")]
        pub(super) fn without_label_avx512(&self) -> (u64, u64) {
            let splat = |number: i32| _mm512_set1_epi32(number);
            // SAFETY: 32 of the 256 elements are loaded; the loads do not ask for alignment.
            let (to_p, from_q) = unsafe {
                let letters = LABELS.as_ptr().add(usize::from(b'a'));
                (_mm512_loadu_si512(letters.cast()), _mm512_loadu_si512(letters.add(SIXTEEN).cast()))
            };
            // The number of a letter, whatever its case; other bytes have greater ones.
            let letter = |byte: __m512i| _mm512_sub_epi32(_mm512_or_si512(byte, splat(0x20)), splat(i32::from(b'a')));
            let last = i32::try_from(self.bytes.len().saturating_sub(4)).unwrap_or(0);
            let (mut without_label, mut suspects, mut alphanumeric) = (0_u64, 0_u64, 0_u64);
            for block in (0..self.count.min(ROWS)).step_by(SIXTEEN) {
                let rows = u16::try_from(first_bits(self.count.wrapping_sub(block).min(SIXTEEN))).unwrap_or(u16::MAX);
                let Some(starts) = self.starts.get(block..).and_then(<[u32]>::first_chunk::<SIXTEEN>) else { break };
                // SAFETY: the array has 64 bytes, and the load does not ask for alignment. Four bytes are read
                // from each start that is not above the last one of which four are left.
                let (begins, there) = unsafe {
                    let starts = _mm512_loadu_si512(starts.as_ptr().cast());
                    let there = _mm512_mask_cmple_epu32_mask(rows, starts, splat(last));
                    (_mm512_mask_i32gather_epi32::<1>(splat(0), there, starts, self.bytes.as_ptr().cast()), there)
                };
                let first = _mm512_and_si512(begins, splat(0xFF));
                let second = _mm512_and_si512(_mm512_srli_epi32::<8>(begins), splat(0xFF));
                let is_letter = _mm512_cmplt_epu32_mask(letter(first), splat(26));
                let is_digit = _mm512_cmplt_epu32_mask(_mm512_sub_epi32(first, splat(i32::from(b'0'))), splat(10));
                let beyond = _mm512_cmplt_epu32_mask(splat(0x7F), second);
                let kind = _mm512_min_epu32(letter(second), splat(OTHER.into()));
                let kind = _mm512_mask_mov_epi32(kind, beyond, splat(BEYOND.into()));
                let seconds = _mm512_permutex2var_epi32(to_p, letter(first), from_q);
                let word = _mm512_test_epi32_mask(_mm512_srlv_epi32(seconds, kind), splat(1));
                let may_be = !is_digit & (word | !is_letter) & there;
                alphanumeric |= u64::from((is_letter | is_digit) & there) << block;
                suspects |= u64::from(may_be) << block;
                without_label |= u64::from(!may_be & there) << block;
            }
            // Those that are left are looked at once more, eight of them at a time.
            let (mut numbers, mut cleared) = ([0; ROWS], 0);
            for (number, row) in numbers.iter_mut().zip(each(suspects)) {
                *number = u32::try_from(row).unwrap_or(u32::MAX);
            }
            let count = suspects.count_ones() as usize;
            for (numbers, block) in numbers.as_chunks::<LANES>().0.iter().zip((0..count).step_by(LANES)) {
                let rows = u8::try_from(first_bits(count.wrapping_sub(block).min(LANES))).unwrap_or(u8::MAX);
                cleared |= u64::from(Octet::of_first(self, numbers, rows).ending_as_no_label(self.bytes)) << block;
            }
            (without_label | _pdep_u64(cleared, suspects), alphanumeric)
        }

        #[target_feature(enable = "avx512f,avx512vl,avx2")]
        pub(super) fn beginning_with_alphanumeric_avx512(&self, index: usize) -> u64 {
            let mut found = 0;
            for block in (0..self.count.min(ROWS)).step_by(LANES) {
                let (words, there) = Octet::of(self, index, block).first_eight(self.bytes);
                let first = _mm512_and_si512(words, _mm512_set1_epi64(0xFF));
                found |= u64::from((are_letters(first) | are_digits(first)) & there) << block;
            }
            found
        }

        #[target_feature(enable = "avx512f,avx512bw,avx512vl,avx2")]
        pub(super) fn whole_days_avx512(&self, index: usize, of: &std::ops::Range<u32>, days: &mut [u32; ROWS]) -> u64 {
            /// Of each lane the four digits of the year, two of the month, and no others.
            const YEAR_MONTH: [u64; 2] = [0x8080_0605_0302_0100, 0x8080_0E0D_0B0A_0908];
            /// What bits of the second the third asks for, unlike the first.
            const UNLIKE_MASKED: i32 = 0b0111_1000;
            const DASHES: u64 = 0xFF00_00FF_0000_0000;
            /// Days of each month in a year of 365.
            const IN_MONTH: [u64; 16] = [0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31, 0, 0, 0];
            let splat = |word: u64| _mm512_set1_epi64(word.cast_signed());
            let year_month = {
                let [even, odd] = YEAR_MONTH;
                load(&[even, odd, even, odd, even, odd, even, odd])
            };
            let (of_half, of_other) = {
                let half = |from: usize| std::array::from_fn(|lane| IN_MONTH.get(from.wrapping_add(lane)).copied().unwrap_or(0));
                (load(&half(0)), load(&half(8)))
            };
            let mut found = 0;
            for block in (0..self.count.min(ROWS)).step_by(LANES) {
                let cells = Octet::of(self, index, block);
                let (front, there) = cells.first_eight(self.bytes);
                let (back, also_there) = cells.last_eight(self.bytes);
                let ten = _mm512_cmpeq_epi64_mask(_mm512_sub_epi64(cells.to, cells.from), splat(10));
                // YYYYMMDD.
                let front_digits = _mm512_shuffle_epi8(front, year_month);
                let day_digits = _mm512_and_si512(back, splat(0xFFFF << 48));
                let digits = _mm512_xor_si512(_mm512_or_si512(front_digits, day_digits), _mm512_set1_epi8(0x30));
                let no_dashes =
                    _mm512_ternarylogic_epi64::<UNLIKE_MASKED>(splat(DASHES & 0x2D2D_2D2D_2D2D_2D2D), front, splat(DASHES));
                let wrong = _mm512_or_si512(no_dashes, _mm512_subs_epu8(digits, _mm512_set1_epi8(9)));
                let pairs = _mm512_maddubs_epi16(digits, _mm512_set1_epi16(0x010A));
                // The year below; above it the month, thirty-two times, and the day.
                let both = _mm512_madd_epi16(pairs, splat(0x0001_0020_0001_0064));
                let month_day = _mm512_srli_epi64::<32>(both);
                let month = _mm512_srli_epi64::<5>(month_day);
                let day = _mm512_and_si512(_mm512_srli_epi64::<48>(pairs), splat(0xFF));
                let most = _mm512_permutex2var_epi64(of_half, month, of_other);
                // Not 0, and not above the days of the month: the first of a month counts as 0 here.
                let before = _mm512_sub_epi64(day, splat(1));
                let right = _mm512_mask_cmplt_epu64_mask(there & also_there & ten, before, most)
                    & _mm512_cmple_epu64_mask(month, splat(12))
                    & _mm512_testn_epi64_mask(wrong, wrong);
                let number = _mm512_or_si512(_mm512_slli_epi64::<9>(_mm512_and_si512(both, splat(0xFFFF_FFFF))), month_day);
                let above = _mm512_sub_epi64(number, splat(of.start.into()));
                let right = _mm512_mask_cmplt_epu64_mask(right, above, splat(of.end.saturating_sub(of.start).into()));
                if let Some(days) = days.get_mut(block..).and_then(<[u32]>::first_chunk_mut::<LANES>) {
                    // SAFETY: the array has 32 bytes; the store does not ask for alignment.
                    unsafe { _mm256_storeu_si256(days.as_mut_ptr().cast(), _mm512_cvtepi64_epi32(number)) };
                }
                found |= u64::from(right) << block;
            }
            found
        }

        #[target_feature(enable = "avx512f,avx512vl,avx2")]
        pub(super) fn few_texts_avx512(&self, index: usize, few: &Few, numbers: &mut [u32; ROWS]) -> u64 {
            let two = |words: &[u64; PLACES]| match words.as_chunks::<LANES>().0 {
                [first, second] => (load(first), load(second)),
                _ => (_mm512_setzero_si512(), _mm512_setzero_si512()),
            };
            let (keys, number_at) = (few.keys.each_ref().map(two), two(&few.numbers));
            let factor = _mm512_set1_epi64(few.factor.into());
            let mut found = 0;
            for block in (0..self.count.min(ROWS)).step_by(LANES) {
                let Keys { words, there, .. } = Octet::of(self, index, block).keys(self.bytes);
                let [low, middle, high] = words;
                let (middle, high) = (_mm512_rol_epi64::<{ turns(0) }>(middle), _mm512_rol_epi64::<{ turns(1) }>(high));
                let folded = _mm512_xor_si512(_mm512_xor_si512(low, middle), high);
                let product = _mm512_mul_epu32(_mm512_xor_si512(folded, _mm512_srli_epi64::<32>(folded)), factor);
                // Of each place its four lowest bits count.
                let places = _mm512_srli_epi64::<FIRST_BIT>(product);
                let at_place = |(first, second)| _mm512_permutex2var_epi64(first, places, second);
                let right = keys
                    .into_iter()
                    .zip(words)
                    .fold(there, |right, (known, word)| _mm512_mask_cmpeq_epi64_mask(right, at_place(known), word));
                if let Some(numbers) = numbers.get_mut(block..).and_then(<[u32]>::first_chunk_mut::<LANES>) {
                    // SAFETY: the array has 32 bytes; the store does not ask for alignment.
                    unsafe { _mm256_storeu_si256(numbers.as_mut_ptr().cast(), _mm512_cvtepi64_epi32(at_place(number_at))) };
                }
                found |= u64::from(right) << block;
            }
            found
        }

        #[target_feature(enable = "avx512f,avx512dq,avx512vl,avx2")]
        pub(super) fn known_texts_avx512(&self, index: usize, known: Known<'_>, numbers: &mut [u32; ROWS]) -> u64 {
            let Some(bits) = known.slots.len().checked_ilog2().filter(|_| known.slots.len().is_power_of_two()) else { return 0 };
            // Four words each must have a number of 32 bits.
            let (Ok(entries), true) = (i32::try_from(known.entries.len()), bits < 29) else { return 0 };
            let shift = _mm_cvtsi64_si128(64_i64.wrapping_sub(bits.into()));
            let mut found = 0;
            for block in (0..self.count.min(ROWS)).step_by(LANES) {
                let Keys { words: [low, middle, high], there, above_low } = Octet::of(self, index, block).keys(self.bytes);
                let product = |word, factor: u64| _mm512_mullo_epi64(word, _mm512_set1_epi64(factor.cast_signed()));
                let hash = _mm512_xor_si512(
                    _mm512_xor_si512(product(low, FACTORS[0]), product(middle, FACTORS[1])),
                    product(high, FACTORS[2]),
                );
                let slots = _mm512_cvtepi64_epi32(_mm512_srl_epi64(hash, shift));
                // SAFETY: a number of so many bits is a place in a table whose length is that power of two.
                let number = unsafe {
                    _mm256_mmask_i32gather_epi32::<4>(_mm256_setzero_si256(), u8::MAX, slots, known.slots.as_ptr().cast())
                };
                let number = _mm256_sub_epi32(number, _mm256_set1_epi32(1));
                let right = _mm256_mask_cmplt_epu32_mask(there, number, _mm256_set1_epi32(entries));
                let first_word = _mm256_slli_epi32::<2>(number);
                let same = |rows: __mmask8, place: usize, word: __m512i| {
                    // SAFETY: each number of `rows` is less than there are entries, of four words each; `place`
                    // is one of the first three.
                    let of_entry = unsafe {
                        let words = known.entries.as_ptr().cast::<i64>().add(place);
                        _mm512_mask_i32gather_epi64::<8>(_mm512_setzero_si512(), rows, first_word, words.cast())
                    };
                    _mm512_mask_cmpeq_epi64_mask(rows, of_entry, word)
                };
                let right = same(same(right, 0, low), 2, high);
                // Texts that are as long have no more of it than these.
                let right = if above_low == 0 { right } else { same(right, 1, middle) };
                if let Some(numbers) = numbers.get_mut(block..).and_then(<[u32]>::first_chunk_mut::<LANES>) {
                    // SAFETY: the array has 32 bytes; the store does not ask for alignment.
                    unsafe { _mm256_storeu_si256(numbers.as_mut_ptr().cast(), number) };
                }
                found |= u64::from(right) << block;
            }
            found
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::table;
    use super::*;
    use crate::ingest::rows::is_surely_no_label;
    use crate::ingest::scan::cell::{Day, DayCell, day};
    use crate::ingest::scan::intern::Texts;
    use proptest::prelude::*;

    /// Rows of a table, as many as Miri has the patience for.
    const MOST: usize = if cfg!(miri) { 4 } else { ROWS };

    fn name() -> impl Strategy<Value = String> {
        prop_oneof![
            4 => "[A-Za-z]{1,12}( [a-z]{1,8})? [0-9]{1,3}",
            2 => "(Total|sum|Gesamt|grand total|t)[ :a-z0-9-]{0,20}",
            2 => "[a-zé:\\-0-9 ]{0,30}",
            1 => "\"[a-z]{1,9}\"",
        ]
    }

    fn date() -> impl Strategy<Value = String> {
        prop_oneof![
            8 => "20[0-9]{2}-[01][0-9]-[0-3][0-9]",
            2 => "[0-9:. -]{10}",
            1 => "20[0-9]{2}-0[1-9]-1[0-9] 10:00:00",
            1 => "[0-9-]{0,12}",
        ]
    }

    fn channel() -> impl Strategy<Value = String> {
        prop_oneof![6 => "email|sms|a paid channel|affiliate partners one", 1 => "[a-c]{0,30}", 1 => " email"]
    }

    fn rows() -> impl Strategy<Value = Vec<Vec<String>>> {
        prop::collection::vec((name(), date(), channel()).prop_map(|(name, date, channel)| vec![name, date, channel]), 1..MOST)
    }

    proptest! {
        #![proptest_config(super::super::few_under_miri())]
        #[test]
        fn what_is_said_of_many_cells_is_true_of_each(rows in rows(), known in prop::collection::vec(channel(), 0..10 * MOST)) {
            let (bytes, ends, starts) = table(&rows);
            let lines = Lines { bytes: &bytes, ends: &ends, starts: &starts, width: 3, count: rows.len() };
            let mut texts = Texts::default();
            for text in &known {
                texts.number_of(text.as_bytes());
            }
            let years = 2010 << 9..2050 << 9;
            for with in Instructions::all() {
                let (without_label, begins) = lines.without_label(with);
                prop_assert_eq!(begins, lines.beginning_with_alphanumeric(with, 0));
                let (mut days, mut numbers, mut among_many) = ([0; ROWS], [0; ROWS], [0; ROWS]);
                let whole_days = lines.whole_days(with, 1, &years, &mut days);
                let known = lines.known_texts(with, 2, texts.known(), &mut numbers);
                let many = lines.known_texts(with, 2, Known { few: None, ..texts.known() }, &mut among_many);
                let few = texts.known().few.is_some() && with == Instructions::best();
                let beginning: Vec<u64> = (0..3).map(|index| lines.beginning_with_alphanumeric(with, index)).collect();
                prop_assert_eq!((without_label | whole_days | known | many) & !first_bits(rows.len()), 0);
                for (row, cells) in rows.iter().enumerate() {
                    let said = |of: u64| (of >> row) & 1 == 1;
                    prop_assert!(!said(without_label) || is_surely_no_label(cells[0].as_bytes()), "{}", cells[0]);
                    for (index, cell) in cells.iter().enumerate() {
                        let begins = cell.bytes().next().is_some_and(|byte| byte.is_ascii_alphanumeric());
                        prop_assert_eq!(said(beginning[index]), begins, "{:?} {}", with, cell);
                    }
                    let (from, to) = lines.cell(row, 1);
                    let found = day(&bytes, from, to);
                    if said(whole_days) {
                        prop_assert_eq!(found, DayCell::Day(Day(days[row])));
                        prop_assert!(years.contains(&days[row]));
                    }
                    let number = texts.number_if_known(cells[2].as_bytes());
                    for (known, numbers) in [(known, &numbers), (many, &among_many)] {
                        prop_assert!(!said(known) || number == Some(numbers[row]), "{}", cells[2]);
                    }
                    // Those of a few texts are all found, where any are.
                    prop_assert!(!few || known == 0 || said(known) == number.is_some(), "{}", cells[2]);
                }
            }
        }

        #[test]
        fn a_few_short_texts_have_a_place_of_their_own(texts in prop::collection::btree_set("[a-z_]{0,23}", 0..=10)) {
            let mut numbers = Texts::default();
            for text in &texts {
                numbers.number_of(text.as_bytes());
            }
            prop_assert!(texts.is_empty() || numbers.known().few.is_some(), "{:?}", texts);
            numbers.number_of(b"a text that is longer than that");
            prop_assert!(numbers.known().few.is_none());
        }

        #[test]
        fn numbers_are_looked_up_where_there_are_some(
            table in prop::collection::vec(0_u32..9, 0..90),
            width in 1_u32..9,
            places in prop::collection::vec((0_u32..30, 0_u32..9), ROWS),
            rows in any::<u64>(),
        ) {
            let (firsts, seconds): (Vec<u32>, Vec<u32>) = places.iter().copied().unzip();
            let (firsts, seconds): ([u32; ROWS], [u32; ROWS]) = (firsts.try_into().unwrap(), seconds.try_into().unwrap());
            // Whole rows.
            let table = &table[..table.len() / width as usize * width as usize];
            for with in Instructions::all() {
                let mut numbers = [0; ROWS];
                let found = looked_up(with, Dense { numbers: table, width }, (&firsts, &seconds), &mut numbers);
                for (at, (first, second)) in places.iter().enumerate() {
                    let place = Some((first * width + second) as usize).filter(|_| *second < width);
                    let known = place.and_then(|place| table.get(place)?.checked_sub(1));
                    prop_assert_eq!((found >> at & 1 == 1).then(|| numbers[at]), known);
                }
                let places = firsts;
                let of_rows: Vec<u32> = each(rows).map(|row| places[row]).collect();
                let expected = of_rows.iter().min().copied().zip(of_rows.iter().max().copied());
                prop_assert_eq!(first_and_last(with, &places, rows), expected);
            }
        }
    }

    #[test]
    fn most_plain_cells_are_known_at_once_where_vectors_are() {
        if Instructions::best() == Instructions::Portable || Instructions::all().count() < 3 {
            return;
        }
        let rows: Vec<Vec<String>> =
            (0..ROWS).map(|row| vec![format!("Summer offer {row}"), "2026-08-26".to_owned(), "email".to_owned()]).collect();
        let (bytes, ends, starts) = table(&rows);
        let lines = Lines { bytes: &bytes, ends: &ends, starts: &starts, width: 3, count: ROWS };
        let mut texts = Texts::default();
        texts.number_of(b"email");
        let with = Instructions::best();
        assert_eq!(lines.without_label(with), (u64::MAX, u64::MAX));
        assert_eq!(lines.whole_days(with, 1, &(0..u32::MAX), &mut [0; ROWS]), u64::MAX);
        assert_eq!(lines.known_texts(with, 2, texts.known(), &mut [0; ROWS]), u64::MAX);
    }
}
