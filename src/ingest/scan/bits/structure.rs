//! Where separators, line feeds and quotes stand.

use super::{BLOCK, Instructions, LANES, Lines, ROWS, Signs, each};
#[cfg(target_arch = "x86_64")]
use super::{SIXTEEN, load};

/// What stands where in a stretch of bytes.
#[derive(Debug)]
pub(in crate::ingest::scan) struct Structure {
    /// The position in front of the stretch, and then those of separators, line feeds and quotes, in
    /// order. What lies behind `count` is left over from before.
    ends: Vec<u32>,
    /// How many positions were found.
    count: usize,
    /// A bit for each position found: whether it is a line feed or a quote. Others behind the last are
    /// left over.
    breaks: Vec<u64>,
    /// Whether every byte is ASCII.
    pub(in crate::ingest::scan) ascii: bool,
    /// Whether a NUL byte is among them.
    pub(in crate::ingest::scan) nul: bool,
    instructions: Instructions,
    /// Bits of the positions of [`ROWS`] rows in which the last of each row alone is a break, a word for each cell of a
    /// row and zeros up to whole vectors; for rows of so many cells.
    pattern: Vec<u64>,
    width: usize,
}

/// Positions that a reader of cells may look at behind those found.
const ROOM: usize = BLOCK;

impl Structure {
    /// For the best instructions that the processor has.
    pub(in crate::ingest::scan) fn new() -> Self {
        Self::with(Instructions::best())
    }

    pub(super) fn with(instructions: Instructions) -> Self {
        Structure {
            ends: Vec::new(),
            count: 0,
            breaks: Vec::new(),
            ascii: true,
            nul: false,
            instructions,
            pattern: Vec::new(),
            width: 0,
        }
    }

    /// Looks at `bytes[from..to]`; positions are those in `bytes`, which must be readable for
    /// [`BLOCK`] bytes beyond `to`.
    pub(in crate::ingest::scan) fn find(&mut self, bytes: &[u8], from: usize, to: usize, signs: Signs) {
        self.make_room(to.saturating_sub(from));
        if let (Some(front), Some(first)) = (self.ends.first_mut(), self.breaks.first_mut()) {
            #[allow(clippy::cast_possible_truncation, reason = "stretches are far shorter than 4 GiB")]
            let before = from.wrapping_sub(1) as u32;
            *front = before;
            *first = 0;
        }
        match self.instructions {
            // SAFETY: the processor was asked for these instructions when `instructions` was chosen.
            #[cfg(target_arch = "x86_64")]
            Instructions::Avx512 => unsafe { self.find_avx512(bytes, from, to, signs) },
            // SAFETY: the same.
            #[cfg(target_arch = "x86_64")]
            Instructions::Avx2 => unsafe { self.find_avx2(bytes, from, to, signs) },
            Instructions::Portable => self.find_portable(bytes, from, to, signs),
        }
    }

    /// Positions from the one with number `first` on, behind the one in front of them.
    #[inline]
    pub(in crate::ingest::scan) fn ends_from(&self, first: usize) -> &[u32] {
        self.ends.get(first..).unwrap_or_default()
    }

    /// Positions from the one with number `first` on, and no others.
    pub(in crate::ingest::scan) fn positions_from(&self, first: usize) -> &[u32] {
        self.ends.get(first.wrapping_add(1)..self.count.wrapping_add(1)).unwrap_or_default()
    }

    /// The position with that number.
    #[inline]
    pub(in crate::ingest::scan) fn end(&self, number: usize) -> Option<usize> {
        self.ends.get(number.wrapping_add(1)).map(|end| *end as usize)
    }

    /// Moves the position with that number, where a carriage return stands in front of a line feed.
    #[cold]
    pub(in crate::ingest::scan) fn set_end(&mut self, number: usize, position: usize) {
        if let Some(end) = self.ends.get_mut(number.wrapping_add(1)) {
            *end = u32::try_from(position).unwrap_or(u32::MAX);
        }
    }

    /// Number of the first position from `first` on that is a line feed or a quote.
    #[inline]
    pub(in crate::ingest::scan) fn next_break(&self, first: usize) -> Option<usize> {
        let (mut word, bit) = (first >> 6, first & 63);
        // Sixty-four positions at once, so that most rows need no second look.
        let [low, high] = *self.breaks.get(word..)?.first_chunk::<2>()?;
        let near = (low >> bit) | (high << 1 << (63 - bit));
        let found = if near != 0 {
            first.wrapping_add(near.trailing_zeros() as usize)
        } else {
            word = word.wrapping_add(1);
            while *self.breaks.get(word)? == 0 && word << 6 < self.count {
                word = word.wrapping_add(1);
            }
            (word << 6).wrapping_add(self.breaks.get(word)?.trailing_zeros() as usize)
        };
        (found < self.count).then_some(found)
    }

    /// The rows of `width` cells without quotes and one behind the other, the first of which begins at `start` and with
    /// the position of number `first`; all of them end before `readable`. Notes where each begins, and has the last
    /// cell end in front of a carriage return.
    #[inline]
    pub(in crate::ingest::scan) fn plain_lines<'a>(
        &'a mut self,
        bytes: &'a [u8],
        readable: usize,
        width: usize,
        first: usize,
        start: usize,
        starts: &'a mut [u32; ROWS + 1],
    ) -> Lines<'a> {
        #[allow(clippy::cast_possible_truncation, reason = "stretches are far shorter than 4 GiB")]
        let begin = start as u32;
        starts[0] = begin;
        let rows = self.rows_of(width, first);
        let count = match self.instructions {
            // SAFETY: the processor was asked for these instructions when `instructions` was chosen.
            #[cfg(target_arch = "x86_64")]
            Instructions::Avx512 => unsafe { self.ended_by_feeds_avx512(bytes, readable, width, first, rows, starts) },
            _ => 0,
        };
        let count = if count == 0 { self.ended_by_feeds(bytes, readable, width, first, rows, starts) } else { count };
        Lines { bytes, ends: self.ends_from(first), starts, width, count }
    }

    /// How many rows of so many cells, at most [`ROWS`], have a break behind their last cell and no other.
    fn rows_of(&mut self, width: usize, first: usize) -> usize {
        if self.width != width {
            let bit = |at: usize| u64::from(at % width.max(1) == width.wrapping_sub(1)) << (at & 63);
            let word = |word: usize| (0..64).fold(0, |bits, at| bits | bit(word.wrapping_mul(64).wrapping_add(at)));
            self.pattern = (0..width).map(word).collect();
            self.pattern.resize(width.next_multiple_of(LANES), 0);
            self.width = width;
        }
        let alike = match self.instructions {
            // SAFETY: the processor was asked for these instructions when `instructions` was chosen.
            #[cfg(target_arch = "x86_64")]
            Instructions::Avx512 => unsafe { self.as_in_pattern_avx512(first) },
            _ => self.as_in_pattern(first),
        };
        let known = self.count.saturating_sub(first).min(width.wrapping_mul(ROWS));
        alike.min(known).checked_div(width).unwrap_or(0)
    }

    /// How many bits from that position on are as in the pattern.
    fn as_in_pattern(&self, first: usize) -> usize {
        let (word, shift) = (first >> 6, first & 63);
        // There is a word behind that of the last position.
        let found = self.breaks.get(word..).unwrap_or_default();
        let others = found.get(1..).unwrap_or_default();
        let mut alike = 0_usize;
        for ((low, high), wanted) in found.iter().zip(others).zip(&self.pattern) {
            let unlike = ((low >> shift) | (high << 1 << (63 - shift))) ^ wanted;
            alike = alike.wrapping_add(unlike.trailing_zeros() as usize);
            if unlike != 0 {
                break;
            }
        }
        alike
    }

    #[cfg(target_arch = "x86_64")]
    #[target_feature(enable = "avx512f,avx512vbmi2")]
    fn as_in_pattern_avx512(&self, first: usize) -> usize {
        use std::arch::x86_64::{
            _mm512_loadu_si512, _mm512_set1_epi64, _mm512_shrdv_epi64, _mm512_storeu_si512, _mm512_test_epi64_mask,
            _mm512_xor_si512,
        };
        let (word, shift) = (first >> 6, first & 63);
        let shift = _mm512_set1_epi64(i64::try_from(shift).unwrap_or(0));
        let mut found = self.breaks.get(word..).unwrap_or_default();
        let mut alike = 0_usize;
        for wanted in self.pattern.as_chunks::<LANES>().0 {
            let Some(words) = found.first_chunk::<{ LANES + 1 }>() else { break };
            // SAFETY: the array has 72 bytes, and the loads do not ask for alignment.
            let (low, high) =
                unsafe { (_mm512_loadu_si512(words.as_ptr().cast()), _mm512_loadu_si512(words.as_ptr().add(1).cast())) };
            let unlike = _mm512_xor_si512(_mm512_shrdv_epi64(low, high, shift), load(wanted));
            let some = _mm512_test_epi64_mask(unlike, unlike);
            if some != 0 {
                let mut words = [0_u64; LANES];
                // SAFETY: the array has 64 bytes, and the store does not ask for alignment.
                unsafe { _mm512_storeu_si512(words.as_mut_ptr().cast(), unlike) };
                let lane = some.trailing_zeros() as usize;
                let in_word = words.get(lane).map_or(0, |word| word.trailing_zeros() as usize);
                return alike.wrapping_add(lane.wrapping_mul(64)).wrapping_add(in_word);
            }
            alike = alike.wrapping_add(64 * LANES);
            found = found.get(LANES..).unwrap_or_default();
        }
        alike
    }

    /// How many of these rows end with a line feed.
    fn ended_by_feeds(
        &mut self,
        bytes: &[u8],
        readable: usize,
        width: usize,
        first: usize,
        rows: usize,
        starts: &mut [u32; ROWS + 1],
    ) -> usize {
        let mut count = 0;
        let mut start = starts[0] as usize;
        for slot in starts.iter_mut().skip(1).take(rows) {
            let last = first.wrapping_add(width.wrapping_mul(count)).wrapping_add(width).wrapping_sub(1);
            let Some(end) = self.end(last).filter(|end| bytes.get(*end) == Some(&b'\n') && *end < readable) else { break };
            if end > start && bytes.get(end.wrapping_sub(1)) == Some(&b'\r') {
                self.set_end(last, end.wrapping_sub(1));
            }
            start = end.wrapping_add(1);
            #[allow(clippy::cast_possible_truncation, reason = "stretches are far shorter than 4 GiB")]
            let next = start as u32;
            *slot = next;
            count = count.wrapping_add(1);
        }
        count
    }

    /// The same, up to a row in front of whose line feed there is a carriage return.
    #[cfg(target_arch = "x86_64")]
    #[target_feature(enable = "avx512f,avx512bw,avx512vl,avx2")]
    fn ended_by_feeds_avx512(
        &self,
        bytes: &[u8],
        readable: usize,
        width: usize,
        first: usize,
        rows: usize,
        starts: &mut [u32; ROWS + 1],
    ) -> usize {
        use std::arch::x86_64::{
            _mm512_add_epi32, _mm512_and_si512, _mm512_mask_cmpeq_epi32_mask, _mm512_mask_cmple_epu32_mask,
            _mm512_mask_cmplt_epu32_mask, _mm512_mask_cmpneq_epi32_mask, _mm512_mask_i32gather_epi32, _mm512_mullo_epi32,
            _mm512_set1_epi32, _mm512_setr_epi32, _mm512_setzero_si512, _mm512_storeu_si512, _mm512_sub_epi32,
        };
        let ends = self.ends.get(first.wrapping_add(1)..).unwrap_or_default();
        let (Ok(step), Ok(limit)) = (i32::try_from(width), i32::try_from(readable.min(bytes.len().saturating_sub(3)))) else {
            return 0;
        };
        if width.wrapping_mul(rows) > ends.len() || step > i32::from(u16::MAX) {
            return 0;
        }
        let splat = |number: i32| _mm512_set1_epi32(number);
        let numbers = _mm512_setr_epi32(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16);
        let places = _mm512_sub_epi32(_mm512_mullo_epi32(numbers, splat(step)), splat(1));
        let none = _mm512_setzero_si512();
        for block in (0..rows).step_by(SIXTEEN) {
            let count = rows.wrapping_sub(block).min(SIXTEEN);
            let some = u16::try_from((1_u32 << count).wrapping_sub(1)).unwrap_or(u16::MAX);
            let Some(ends) = ends.get(block.wrapping_mul(width)..) else { return block };
            // SAFETY: the positions of all rows were found to be there.
            let ends = unsafe { _mm512_mask_i32gather_epi32::<4>(none, some, places, ends.as_ptr().cast()) };
            let there = _mm512_mask_cmplt_epu32_mask(some, ends, splat(limit));
            let there = _mm512_mask_cmple_epu32_mask(there, splat(1), ends);
            // SAFETY: four bytes are read from the one in front of each position on, which is neither the
            // first byte of all nor one of the last.
            let signs =
                unsafe { _mm512_mask_i32gather_epi32::<1>(none, there, _mm512_sub_epi32(ends, splat(1)), bytes.as_ptr().cast()) };
            let feeds = _mm512_mask_cmpeq_epi32_mask(there, _mm512_and_si512(signs, splat(0xFF00)), splat(0x0A00));
            let plain = _mm512_mask_cmpneq_epi32_mask(feeds, _mm512_and_si512(signs, splat(0xFF)), splat(0x0D));
            if let Some(next) = starts.get_mut(block.wrapping_add(1)..).and_then(<[u32]>::first_chunk_mut::<SIXTEEN>) {
                // SAFETY: the array has 64 bytes; the store does not ask for alignment.
                unsafe { _mm512_storeu_si512(next.as_mut_ptr().cast(), _mm512_add_epi32(ends, splat(1))) };
            }
            if plain != some {
                return block.wrapping_add(plain.trailing_ones() as usize);
            }
        }
        rows
    }

    #[cfg(target_arch = "x86_64")]
    #[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512vbmi2,avx2,bmi1,bmi2,popcnt")]
    fn find_avx512(&mut self, bytes: &[u8], from: usize, to: usize, signs: Signs) {
        use std::arch::x86_64::{
            _mm512_add_epi32, _mm512_castsi512_si128, _mm512_cmpeq_epi8_mask, _mm512_cvtepu8_epi32, _mm512_extracti32x4_epi32,
            _mm512_loadu_si512, _mm512_mask_blend_epi8, _mm512_maskz_compress_epi8, _mm512_min_epu8, _mm512_movepi8_mask,
            _mm512_or_si512, _mm512_set1_epi8, _mm512_set1_epi32, _mm512_setzero_si512, _mm512_storeu_si512,
            _mm512_testn_epi8_mask, _pext_u64,
        };
        const NUMBERED: [u8; BLOCK] = {
            let mut numbered = [0; BLOCK];
            let mut at = 0_u8;
            while (at as usize) < BLOCK {
                numbered[at as usize] = at;
                at += 1;
            }
            numbered
        };
        let splat = |byte: u8| _mm512_set1_epi8(byte.cast_signed());
        let (delimiter, quote, feed) = (splat(signs.delimiter), splat(signs.quote), splat(b'\n'));
        // SAFETY: the array has 64 bytes; the load does not ask for alignment.
        let numbered = unsafe { _mm512_loadu_si512(NUMBERED.as_ptr().cast()) };
        let mut any = _mm512_setzero_si512();
        let mut least = splat(0xFF);
        let mut found = Found::default();
        #[allow(clippy::cast_possible_truncation, reason = "stretches are far shorter than 4 GiB")]
        let mut base = _mm512_set1_epi32((from as u32).cast_signed());
        let mut find = |ends: &mut Vec<u32>, at: usize, block: &[u8; BLOCK], length: usize| {
            // SAFETY: the array has 64 bytes; the load does not ask for alignment.
            let mut block = unsafe { _mm512_loadu_si512(block.as_ptr().cast()) };
            if length < BLOCK {
                // Bytes beyond the end are none of the signs.
                let other = if signs.delimiter == b' ' { b'_' } else { b' ' };
                block = _mm512_mask_blend_epi8((1 << length) - 1, splat(other), block);
            }
            any = _mm512_or_si512(any, block);
            least = _mm512_min_epu8(least, block);
            let breaks = _mm512_cmpeq_epi8_mask(block, feed) | _mm512_cmpeq_epi8_mask(block, quote);
            let all = _mm512_cmpeq_epi8_mask(block, delimiter) | breaks;
            let count = all.count_ones();
            let Some(room) = ends.get_mut(at..at.wrapping_add(BLOCK)) else { return (0, 0) };
            let places = _mm512_maskz_compress_epi8(all, numbered);
            // SAFETY: the slice has 64 elements of four bytes, 256 in all; four stores of 64 bytes side
            // by side fill it. The stores do not ask for alignment.
            unsafe {
                let out = room.as_mut_ptr();
                let sixteen = |places| _mm512_add_epi32(_mm512_cvtepu8_epi32(places), base);
                _mm512_storeu_si512(out.cast(), sixteen(_mm512_castsi512_si128(places)));
                if count as usize > SIXTEEN {
                    _mm512_storeu_si512(out.add(SIXTEEN).cast(), sixteen(_mm512_extracti32x4_epi32::<1>(places)));
                    _mm512_storeu_si512(out.add(2 * SIXTEEN).cast(), sixteen(_mm512_extracti32x4_epi32::<2>(places)));
                    _mm512_storeu_si512(out.add(3 * SIXTEEN).cast(), sixteen(_mm512_extracti32x4_epi32::<3>(places)));
                }
            }
            base = _mm512_add_epi32(base, _mm512_set1_epi32(64));
            (_pext_u64(breaks, all), count)
        };
        let (blocks, rest) = bytes.get(from..to).unwrap_or_default().as_chunks::<BLOCK>();
        let (pairs, single) = blocks.as_chunks::<2>();
        for [first, second] in pairs {
            let (low, count) = find(&mut self.ends, found.next(), first, BLOCK);
            let (high, more) = find(&mut self.ends, found.next().wrapping_add(count as usize), second, BLOCK);
            if count.wrapping_add(more) < 64 {
                found.add(&mut self.breaks, low | (high << count), count.wrapping_add(more));
            } else {
                found.add(&mut self.breaks, low, count);
                found.add(&mut self.breaks, high, more);
            }
        }
        let padded = bytes.get(to.wrapping_sub(rest.len())..).and_then(<[u8]>::first_chunk);
        let others = single.iter().map(|block| (block, BLOCK)).chain(padded.map(|block| (block, rest.len())));
        for (block, length) in others.filter(|(_, length)| *length > 0) {
            let (breaks, count) = find(&mut self.ends, found.next(), block, length);
            found.add(&mut self.breaks, breaks, count);
        }
        self.count = found.count;
        self.ascii = _mm512_movepi8_mask(any) == 0;
        self.nul = _mm512_testn_epi8_mask(least, least) != 0;
    }

    #[cfg(target_arch = "x86_64")]
    #[target_feature(enable = "avx2,bmi1,bmi2,popcnt")]
    fn find_avx2(&mut self, bytes: &[u8], from: usize, to: usize, signs: Signs) {
        use std::arch::x86_64::{
            __m256i, _mm256_cmpeq_epi8, _mm256_loadu_si256, _mm256_movemask_epi8, _mm256_or_si256, _mm256_set1_epi8,
            _mm256_setzero_si256, _pext_u64,
        };
        let splat = |byte: u8| _mm256_set1_epi8(byte.cast_signed());
        let (delimiter, quote, feed, zero) = (splat(signs.delimiter), splat(signs.quote), splat(b'\n'), _mm256_setzero_si256());
        let mask = |low: __m256i, high: __m256i| {
            u64::from(_mm256_movemask_epi8(low).cast_unsigned()) | (u64::from(_mm256_movemask_epi8(high).cast_unsigned()) << 32)
        };
        let (mut high, mut zeros) = (0_u64, 0_u64);
        let mut found = Found::default();
        let mut at = from;
        while at < to {
            let Some(block) = bytes.get(at..).and_then(<[u8]>::first_chunk::<BLOCK>) else { break };
            // SAFETY: the array has 64 bytes, two loads side by side; they do not ask for alignment.
            let (low, back): (__m256i, __m256i) =
                unsafe { (_mm256_loadu_si256(block.as_ptr().cast()), _mm256_loadu_si256(block.as_ptr().add(32).cast())) };
            let left = to.wrapping_sub(at);
            // Bytes beyond the end do not count.
            let within = if left >= BLOCK { u64::MAX } else { (1_u64 << left).wrapping_sub(1) };
            let equal = |sign: __m256i| (_mm256_cmpeq_epi8(low, sign), _mm256_cmpeq_epi8(back, sign));
            let (feeds, quotes, delimiters, nothing) = (equal(feed), equal(quote), equal(delimiter), equal(zero));
            let broken = (_mm256_or_si256(feeds.0, quotes.0), _mm256_or_si256(feeds.1, quotes.1));
            let breaks = mask(broken.0, broken.1) & within;
            let all = mask(_mm256_or_si256(broken.0, delimiters.0), _mm256_or_si256(broken.1, delimiters.1)) & within;
            high |= mask(low, back) & within;
            zeros |= mask(nothing.0, nothing.1) & within;
            found.enter(&mut self.ends, &mut self.breaks, at, all, _pext_u64(breaks, all));
            at = at.wrapping_add(BLOCK);
        }
        self.count = found.count;
        self.ascii = high == 0;
        self.nul = zeros != 0;
    }

    fn find_portable(&mut self, bytes: &[u8], from: usize, to: usize, signs: Signs) {
        let mut at = from;
        let (mut any, mut has_nul) = (0_u8, false);
        let mut found = Found::default();
        while at < to {
            let Some(block) = bytes.get(at..).and_then(<[u8]>::first_chunk::<BLOCK>) else { break };
            let left = to.wrapping_sub(at);
            // Bytes beyond the end do not count.
            let within = if left >= BLOCK { u64::MAX } else { (1_u64 << left).wrapping_sub(1) };
            let breaks = bits(block, |byte| byte == b'\n' || byte == signs.quote) & within;
            let all = (bits(block, |byte| byte == signs.delimiter) & within) | breaks;
            let own = block.get(..left).unwrap_or(block);
            any = own.iter().fold(any, |any, byte| any | byte);
            has_nul |= own.contains(&0);
            found.enter(&mut self.ends, &mut self.breaks, at, all, gathered(breaks, all));
            at = at.wrapping_add(BLOCK);
        }
        self.count = found.count;
        self.ascii = any.is_ascii();
        self.nul = has_nul;
    }

    /// Makes room for as many positions as there are bytes.
    fn make_room(&mut self, bytes: usize) {
        let needed = bytes.saturating_add(2 * BLOCK + ROOM);
        if self.ends.len() < needed {
            self.ends.resize(needed, 0);
            // Those behind the last one are looked at together with it.
            self.breaks.resize(needed / 64 + 2 + LANES, 0);
        }
    }
}

/// What was found so far. It is no part of the structure while a loop runs, because memory would have to
/// answer before the next block.
#[derive(Clone, Copy, Debug, Default)]
struct Found {
    count: usize,
    /// Bits of the last word of breaks.
    last: u64,
}

impl Found {
    /// Where the positions of the next block go: behind the one in front of the stretch.
    fn next(&self) -> usize {
        self.count.wrapping_add(1)
    }

    /// Adds the positions of one block, whose bits say which of them are breaks.
    #[inline(always)]
    #[allow(clippy::inline_always, reason = "it is part of loops that are compiled for other instructions")]
    fn enter(&mut self, ends: &mut [u32], words: &mut [u64], at: usize, all: u64, breaks: u64) {
        #![allow(clippy::cast_possible_truncation, reason = "stretches are far shorter than 4 GiB")]
        /// Positions that are written without asking, because asking costs more: what is too many is
        /// written over by the next block.
        const MOST: usize = 12;
        let base = at as u32;
        let Some(room) = ends.get_mut(self.next()..self.next().wrapping_add(BLOCK)) else { return };
        let mut rest = all;
        let (first, more) = room.split_at_mut(MOST);
        for slot in first {
            *slot = base.wrapping_add(rest.trailing_zeros());
            rest &= rest.wrapping_sub(1);
        }
        for slot in more {
            if rest == 0 {
                break;
            }
            *slot = base.wrapping_add(rest.trailing_zeros());
            rest &= rest.wrapping_sub(1);
        }
        self.add(words, breaks, all.count_ones());
    }

    /// Adds the bits of so many positions.
    #[inline(always)]
    #[allow(clippy::inline_always, reason = "it is part of loops that are compiled for other instructions")]
    fn add(&mut self, words: &mut [u64], breaks: u64, count: u32) {
        let (word, bit) = (self.count >> 6, self.count & 63);
        self.count = self.count.wrapping_add(count as usize);
        let (low, high) = (self.last | (breaks << bit), breaks >> 1 >> (63 - bit));
        if let Some(words) = words.get_mut(word..).and_then(<[u64]>::first_chunk_mut::<2>) {
            *words = [low, high];
        }
        self.last = if self.count >> 6 == word { low } else { high };
    }
}

/// For each bit of `all` that is set, in order, whether it is set in `some`, which are few of them.
fn gathered(some: u64, all: u64) -> u64 {
    each(some).fold(0, |gathered, bit| gathered | (1 << (all & (1_u64 << bit).wrapping_sub(1)).count_ones()))
}

/// A bit for each byte for which `test` holds.
#[inline(always)]
#[allow(clippy::inline_always, reason = "it is part of loops that are compiled for other instructions")]
pub(in crate::ingest::scan) fn bits(block: &[u8; BLOCK], test: impl Fn(u8) -> bool) -> u64 {
    // The compiler has vectors for that, whatever the processor.
    let mut flags = [0; BLOCK];
    flags.iter_mut().zip(block).for_each(|(flag, byte)| *flag = u8::from(test(*byte)));
    let eights = flags.as_chunks::<8>().0.iter().enumerate();
    eights.fold(0, |bits, (index, eight)| {
        let gathered = u64::from_le_bytes(*eight).wrapping_mul(0x0102_0408_1020_4080) >> 56;
        bits | (gathered << index.wrapping_mul(8))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const COMMA: Signs = Signs { delimiter: b',', quote: b'"' };

    fn naive(bytes: &[u8], from: usize, to: usize) -> (Vec<u32>, Vec<usize>) {
        let (mut ends, mut breaks) = (Vec::new(), Vec::new());
        for (at, byte) in bytes.iter().enumerate().take(to).skip(from) {
            if matches!(byte, b'\n' | b'"') {
                breaks.push(ends.len());
            }
            if matches!(byte, b',' | b'\n' | b'"') {
                ends.push(u32::try_from(at).unwrap());
            }
        }
        (ends, breaks)
    }

    fn breaks(found: &Structure) -> Vec<usize> {
        let mut breaks = Vec::new();
        let mut first = 0;
        while let Some(next) = found.next_break(first) {
            breaks.push(next);
            first = next + 1;
        }
        breaks
    }

    fn texts() -> impl Strategy<Value = Vec<u8>> {
        let bytes = [vec![b','; 6], vec![b'\n', b'"', 0, 0x80, 0xAC], vec![b'7'; 6]].concat();
        prop_oneof![
            prop::collection::vec(prop::sample::select(bytes), 0..400),
            prop::collection::vec(prop_oneof![40 => Just(b','), 1 => Just(b'\n'), 1 => any::<u8>()], 0..900),
        ]
    }

    proptest! {
        #![proptest_config(super::super::few_under_miri())]
        #[test]
        fn every_way_finds_what_a_plain_loop_finds(texts in prop::collection::vec(texts(), 1..3), cut in (0_usize..200, 0_usize..200)) {
            for instructions in Instructions::all() {
                let mut found = Structure::with(instructions);
                for text in &texts {
                    let from = cut.0.min(text.len()) + 1;
                    let to = (text.len() + 1).saturating_sub(cut.1).max(from);
                    let mut padded = [b"x", text.as_slice()].concat();
                    padded.resize(to + BLOCK, 0);
                    let (ends, broken) = naive(&padded, from, to);
                    found.find(&padded, from, to, COMMA);
                    prop_assert_eq!(found.count, ends.len());
                    prop_assert_eq!(found.ends[0] as usize, from - 1);
                    prop_assert_eq!(&found.ends_from(1)[..ends.len()], ends.as_slice());
                    prop_assert_eq!(breaks(&found), broken);
                    prop_assert_eq!(found.ascii, padded[from..to].is_ascii());
                    prop_assert_eq!(found.nul, padded[from..to].contains(&0));
                }
            }
        }

        #[test]
        fn every_way_finds_the_same_plain_lines(
            rows in prop::collection::vec(prop_oneof![30 => "[a-z]{0,9},[0-9]{0,9},[a-z]{0,3}\n", 1 => "[a-z]{0,3},[0-9]{0,4},\r\n", 1 => "[a-z,\"]{0,9}\n"], 1..90),
            cut in 0_usize..60,
        ) {
            let text = rows.concat();
            let padded = [&[b'\n'; BLOCK], text.as_bytes(), &[b'\n'; BLOCK]].concat();
            let (from, to) = (BLOCK, BLOCK + text.len());
            let readable = to.saturating_sub(cut).max(from);
            // Rows of three cells without quotes, one by one.
            let (mut expected, mut start) = (Vec::new(), from);
            for row in &rows {
                let next = start + row.len();
                if row.matches(',').count() != 2 || row.contains('"') || next > readable || expected.len() == ROWS {
                    break;
                }
                expected.push((start, next - if row.ends_with("\r\n") { 2 } else { 1 }));
                start = next;
            }
            for instructions in Instructions::all() {
                let mut found = Structure::with(instructions);
                found.find(&padded, from, to, COMMA);
                let mut starts = [0; ROWS + 1];
                // Rows with a carriage return may come by themselves.
                let (mut first, mut start, mut lines) = (0, from, Vec::new());
                while lines.len() < expected.len() {
                    let some = found.plain_lines(&padded, readable, 3, first, start, &mut starts);
                    prop_assert!(some.count > 0, "{:?} {:?}", instructions, rows);
                    lines.extend((0..some.count).map(|row| (some.start(row), some.cell(row, 2).1)));
                    (start, first) = (some.start(some.count), first + 3 * some.count);
                }
                lines.truncate(expected.len());
                prop_assert_eq!(&lines, &expected);
            }
        }
    }
}
