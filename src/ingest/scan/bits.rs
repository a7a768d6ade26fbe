//! Vector instructions: where separators, line feeds and quotes stand in a block of bytes, and the
//! numbers of several cells at once.
//!
//! **Owns** the only `unsafe` code of the crate: loads and stores of 32 bytes, hints of what memory
//! will be needed, and calls of functions that need AVX2 after the processor was asked for it. Everything else is safe Rust, and the
//! portable way gives the same answers.
#![allow(unsafe_code, reason = "vector loads; each block says why it is sound, and the portable way is tested against it")]

/// Bytes that are looked at together.
pub(super) const BLOCK: usize = 64;

/// Bytes of a vector.
#[cfg(target_arch = "x86_64")]
const HALF: usize = 32;

/// The bytes that give a table its structure.
#[derive(Clone, Copy, Debug)]
pub(super) struct Signs {
    /// Between cells.
    pub(super) delimiter: u8,
    /// Around cells.
    pub(super) quote: u8,
}

/// What stands where in a stretch of bytes.
#[derive(Debug, Default)]
pub(super) struct Structure {
    /// Positions of separators, line feeds and quotes, in order. What lies behind `count` is left
    /// over from before.
    ends: Vec<u32>,
    count: usize,
    /// For each line feed or quote its number in `ends`.
    breaks: Vec<u32>,
    /// Whether every byte is ASCII.
    pub(super) ascii: bool,
    /// Whether a NUL byte is among them.
    pub(super) nul: bool,
}

impl Structure {
    /// The positions found.
    #[cfg(test)]
    fn ends(&self) -> &[u32] {
        self.ends.get(..self.count).unwrap_or_default()
    }

    /// The positions found and the numbers of those that are line feeds or quotes.
    pub(super) fn parts(&mut self) -> (&mut [u32], &[u32]) {
        (self.ends.get_mut(..self.count).unwrap_or_default(), &self.breaks)
    }

    /// Looks at `bytes[from..to]`; positions are those in `bytes`, which must be readable for
    /// [`BLOCK`] bytes beyond `to`.
    pub(super) fn find(&mut self, bytes: &[u8], from: usize, to: usize, signs: Signs) {
        self.count = 0;
        self.breaks.clear();
        #[cfg(target_arch = "x86_64")]
        if has_vectors() {
            // SAFETY: the processor has the three features that the function is compiled for.
            unsafe { self.find_avx2(bytes, from, to, signs) };
            return;
        }
        self.find_portable(bytes, from, to, signs);
    }

    #[cfg(target_arch = "x86_64")]
    #[target_feature(enable = "avx2,bmi1,popcnt")]
    fn find_avx2(&mut self, bytes: &[u8], from: usize, to: usize, signs: Signs) {
        use std::arch::x86_64::{
            __m256i, _mm256_cmpeq_epi8, _mm256_loadu_si256, _mm256_min_epu8, _mm256_movemask_epi8, _mm256_or_si256,
            _mm256_set1_epi8, _mm256_setzero_si256,
        };
        let splat = |byte: u8| _mm256_set1_epi8(byte.cast_signed());
        let (delimiter, quote, feed, zero) = (splat(signs.delimiter), splat(signs.quote), splat(b'\n'), _mm256_setzero_si256());
        // One half of a block at a time: masks of 64 bits made of two are taken apart byte by byte by
        // the compiler.
        let mask = |found: __m256i| u64::from(_mm256_movemask_epi8(found).cast_unsigned());
        let mut any = zero;
        let mut least = splat(0xFF);
        let mut at = from;
        while at < to {
            let Some(half) = bytes.get(at..at.wrapping_add(HALF)) else { break };
            // SAFETY: the slice has 32 bytes; the load does not ask for alignment.
            let half: __m256i = unsafe { _mm256_loadu_si256(half.as_ptr().cast()) };
            let breaks = _mm256_or_si256(_mm256_cmpeq_epi8(half, feed), _mm256_cmpeq_epi8(half, quote));
            let all = _mm256_or_si256(breaks, _mm256_cmpeq_epi8(half, delimiter));
            let left = to.wrapping_sub(at);
            if left >= HALF {
                any = _mm256_or_si256(any, half);
                least = _mm256_min_epu8(least, half);
                self.add(at, mask(all), mask(breaks));
            } else {
                // Bytes beyond the end do not count.
                let within = (1_u64 << left).wrapping_sub(1);
                any = _mm256_or_si256(any, splat(if mask(half) & within == 0 { 0 } else { 0x80 }));
                least = _mm256_min_epu8(least, splat(if mask(_mm256_cmpeq_epi8(half, zero)) & within == 0 { 0xFF } else { 0 }));
                self.add(at, mask(all) & within, mask(breaks) & within);
            }
            at = at.wrapping_add(HALF);
        }
        self.ascii = mask(any) == 0;
        self.nul = mask(_mm256_cmpeq_epi8(least, zero)) != 0;
    }

    fn find_portable(&mut self, bytes: &[u8], from: usize, to: usize, signs: Signs) {
        let mut at = from;
        let (mut high, mut zeros) = (0_u64, 0_u64);
        while at < to {
            let Some(block) = bytes.get(at..at.wrapping_add(BLOCK)) else { break };
            let left = to.wrapping_sub(at);
            let within = if left >= BLOCK { u64::MAX } else { (1_u64 << left).wrapping_sub(1) };
            let breaks = (equal(block, b'\n') | equal(block, signs.quote)) & within;
            let all = (equal(block, signs.delimiter) & within) | breaks;
            high |= high_bits(block) & within;
            zeros |= equal(block, 0) & within;
            self.add(at, all, breaks);
            at = at.wrapping_add(BLOCK);
        }
        self.ascii = high == 0;
        self.nul = zeros != 0;
    }

    /// Adds the positions of one block.
    #[inline(always)]
    fn add(&mut self, at: usize, all: u64, breaks: u64) {
        #![allow(clippy::inline_always, reason = "it is the body of two loops, one of which is compiled for other instructions")]
        #![allow(clippy::cast_possible_truncation, reason = "stretches are far shorter than 4 GiB")]
        let base = at as u32;
        if self.ends.len() < self.count.wrapping_add(BLOCK) {
            self.ends.resize(self.ends.len().saturating_mul(2).max(1 << 14), 0);
        }
        let mut rest = breaks;
        while rest != 0 {
            let before = all & rest.wrapping_sub(1) & !rest;
            self.breaks.push((self.count as u32).wrapping_add(before.count_ones()));
            rest &= rest.wrapping_sub(1);
        }
        let Some(room) = self.ends.get_mut(self.count..self.count.wrapping_add(BLOCK)) else { return };
        let count = all.count_ones() as usize;
        let mut rest = all;
        for several in room.chunks_exact_mut(8) {
            // Eight at once without asking, because asking costs more: what is too many is written
            // over by the next block.
            for slot in several {
                *slot = base.wrapping_add(rest.trailing_zeros());
                rest &= rest.wrapping_sub(1);
            }
            if rest == 0 {
                break;
            }
        }
        self.count = self.count.wrapping_add(count);
    }
}

/// Says that the word at that place will be needed soon.
#[inline]
pub(super) fn prefetch(words: &[i64], at: usize) {
    #[cfg(all(target_arch = "x86_64", not(miri)))]
    if let Some(word) = words.get(at) {
        use std::arch::x86_64::{_MM_HINT_T0, _mm_prefetch};
        // SAFETY: the address is that of a live word, a prefetch changes nothing that a program can
        // see, and every processor of this kind has the instruction.
        unsafe { _mm_prefetch::<_MM_HINT_T0>(std::ptr::from_ref(word).cast()) };
    }
    #[cfg(not(all(target_arch = "x86_64", not(miri))))]
    let _ = (words, at);
}

/// Whether the processor has what the vector functions need.
#[cfg(target_arch = "x86_64")]
fn has_vectors() -> bool {
    is_x86_feature_detected!("avx2") && is_x86_feature_detected!("bmi1") && is_x86_feature_detected!("popcnt")
}

/// Numbers that are read together.
const LANES: usize = 4;

/// Reads the numbers of a row's cells together.
#[derive(Debug, Default)]
pub(super) struct Numbers {
    /// A multiple of [`LANES`].
    columns: Vec<Lane>,
    /// Where the point must stand, as a mask of its byte; 0 for a column without.
    points: Vec<u64>,
    /// For each byte of a lane that has the point taken out, from where it comes.
    without_point: Vec<[u8; 8]>,
    /// The values read, in units of each column's last place.
    pub(super) values: Vec<i64>,
    vectors: bool,
}

/// A column whose numbers are read together with others.
#[derive(Clone, Copy, Debug)]
pub(super) struct Lane {
    /// Number of the column in the row.
    pub(super) index: usize,
    /// Fewest bytes of a cell, and how many more there may be.
    pub(super) shortest: usize,
    pub(super) span: usize,
}

impl Lane {
    /// A column whose cells are never read so.
    pub(super) const NONE: Lane = Lane { index: 0, shortest: usize::MAX, span: 0 };

    /// The cell's last eight bytes, how many bits of them are not its own, and whether it is too
    /// short or too long.
    #[inline(always)]
    #[allow(clippy::inline_always, reason = "it is the body of two loops, one of which is compiled for other instructions")]
    fn cell(self, bytes: &[u8], ends: &[u32], start: usize) -> (u64, u64, bool) {
        let (from, to) = cell(ends, start, self.index);
        let length = to.wrapping_sub(from);
        let word =
            bytes.get(to.wrapping_sub(8)..to).and_then(|eight| <[u8; 8]>::try_from(eight).ok()).map_or(0, u64::from_le_bytes);
        (word, 64_u64.wrapping_sub((length as u64).wrapping_mul(8)) & 63, length.wrapping_sub(self.shortest) > self.span)
    }

    fn is_none(self) -> bool {
        self.shortest == usize::MAX
    }
}

/// From where to where a cell lies in a row that begins at `start` and whose cells end at `ends`.
#[inline]
pub(super) fn cell(ends: &[u32], start: usize, index: usize) -> (usize, usize) {
    let begin = match index.checked_sub(1) {
        None => start,
        Some(before) => ends.get(before).map_or(start, |end| (*end as usize).wrapping_add(1)),
    };
    (begin, ends.get(index).map_or(begin, |end| *end as usize))
}

impl Numbers {
    /// For columns of so many decimal places, at most six.
    pub(super) fn new(places: &[u32]) -> Numbers {
        let lanes = places.len().next_multiple_of(LANES);
        let place = |lane: usize| places.get(lane).copied().unwrap_or(0).min(6) as usize;
        let point =
            |lane: usize| if place(lane) == 0 { 0 } else { 0xFF_u64 << 56_usize.saturating_sub(place(lane).saturating_mul(8)) };
        let without = |lane: usize| {
            let mut from = [0_u8, 1, 2, 3, 4, 5, 6, 7];
            if place(lane) > 0 {
                let at = 7_usize.saturating_sub(place(lane));
                for (byte, from) in from.iter_mut().enumerate().take(at.saturating_add(1)) {
                    // The highest bit asks for a zero.
                    *from = byte.checked_sub(1).map_or(0x80, |before| u8::try_from(before).unwrap_or(0x80));
                }
            }
            from
        };
        #[cfg(target_arch = "x86_64")]
        let vectors = has_vectors();
        #[cfg(not(target_arch = "x86_64"))]
        let vectors = false;
        Numbers {
            columns: vec![Lane::NONE; lanes],
            points: (0..lanes).map(point).collect(),
            without_point: (0..lanes).map(without).collect(),
            values: vec![0; lanes],
            vectors,
        }
    }

    /// Says which cells of a column may be read from now on.
    pub(super) fn set(&mut self, column: usize, lane: Lane) {
        if let Some(slot) = self.columns.get_mut(column) {
            *slot = lane;
        }
    }

    /// Reads the row that begins at `start` and whose cells end at `ends`; a bit for each column whose
    /// cell is no number of its form.
    #[inline]
    pub(super) fn read(&mut self, bytes: &[u8], ends: &[u32], start: usize) -> u64 {
        #[cfg(target_arch = "x86_64")]
        if self.vectors {
            // SAFETY: `vectors` is what the processor said it has, and the function needs no more.
            return unsafe { self.read_avx2(bytes, ends, start) };
        }
        self.read_portable(bytes, ends, start)
    }

    #[cfg(target_arch = "x86_64")]
    #[target_feature(enable = "avx2,bmi1,popcnt")]
    fn read_avx2(&mut self, bytes: &[u8], ends: &[u32], start: usize) -> u64 {
        use std::arch::x86_64::{
            __m256i, _mm_castsi128_ps, _mm_cmpgt_epi32, _mm_movemask_ps, _mm_or_si128, _mm_set1_epi32, _mm_setr_epi32,
            _mm_sub_epi32, _mm256_add_epi64, _mm256_and_si256, _mm256_castsi256_pd, _mm256_cmpeq_epi8, _mm256_cmpeq_epi64,
            _mm256_cvtepu32_epi64, _mm256_loadu_si256, _mm256_madd_epi16, _mm256_maddubs_epi16, _mm256_max_epu8,
            _mm256_movemask_pd, _mm256_mul_epu32, _mm256_or_si256, _mm256_set1_epi8, _mm256_set1_epi16, _mm256_set1_epi32,
            _mm256_set1_epi64x, _mm256_setr_epi8, _mm256_setr_epi64x, _mm256_shuffle_epi8, _mm256_slli_epi64, _mm256_sllv_epi64,
            _mm256_srli_epi64, _mm256_srlv_epi64, _mm256_storeu_si256, _mm256_sub_epi64, _mm256_xor_si256,
        };
        let zeros = _mm256_set1_epi8(0x30);
        let nine = _mm256_set1_epi8(9);
        let point = _mm256_set1_epi8((b'.' ^ 0x30).cast_signed());
        let tens = _mm256_set1_epi16(0x010A);
        let hundreds = _mm256_set1_epi32(0x0001_0064);
        let ten_thousand = _mm256_set1_epi64x(10_000);
        let all = _mm256_set1_epi8(-1);
        // Bytes of the upper lane of each half are counted from 8.
        let upper =
            _mm256_setr_epi8(0, 0, 0, 0, 0, 0, 0, 0, 8, 8, 8, 8, 8, 8, 8, 8, 0, 0, 0, 0, 0, 0, 0, 0, 8, 8, 8, 8, 8, 8, 8, 8);
        let mut bad = 0_u64;
        let forms = self.points.chunks_exact(LANES).zip(self.without_point.chunks_exact(LANES));
        let lanes = self.columns.chunks_exact(LANES).zip(forms).zip(self.values.chunks_exact_mut(LANES));
        for (group, ((columns, (points, without)), values)) in lanes.enumerate() {
            let &[a, b, c, d] = columns else { break };
            let four = |a: u64, b: u64, c: u64, d: u64| {
                _mm256_setr_epi64x(a.cast_signed(), b.cast_signed(), c.cast_signed(), d.cast_signed())
            };
            // Four columns side by side, as most are, have their lengths worked out together.
            let side_by_side = a.index > 0
                && !a.is_none()
                && !b.is_none()
                && !c.is_none()
                && !d.is_none()
                && d.index == a.index.wrapping_add(3)
                && c.index == a.index.wrapping_add(2)
                && b.index == a.index.wrapping_add(1);
            let five = ends.get(a.index.wrapping_sub(1)..a.index.wrapping_add(4)).filter(|_| side_by_side);
            let (words, foreign, unfit) = if let Some(&[before, e, f, g, h]) = five {
                let word = |end: u32| {
                    let eight = bytes.get((end as usize).wrapping_sub(8)..).and_then(<[u8]>::first_chunk::<8>);
                    eight.map_or(0, |eight| u64::from_le_bytes(*eight))
                };
                let side = |a: u32, b: u32, c: u32, d: u32| {
                    _mm_setr_epi32(a.cast_signed(), b.cast_signed(), c.cast_signed(), d.cast_signed())
                };
                let ends = side(e, f, g, h);
                let lengths = _mm_sub_epi32(_mm_sub_epi32(ends, side(before, e, f, g)), _mm_set1_epi32(1));
                #[allow(clippy::cast_possible_truncation, reason = "at most eight")]
                let shortest = side(a.shortest as u32, b.shortest as u32, c.shortest as u32, d.shortest as u32);
                let short = _mm_cmpgt_epi32(shortest, lengths);
                let long = _mm_cmpgt_epi32(lengths, _mm_set1_epi32(8));
                let unfit = _mm_movemask_ps(_mm_castsi128_ps(_mm_or_si128(short, long))).cast_unsigned();
                let own = _mm256_slli_epi64(_mm256_cvtepu32_epi64(lengths), 3);
                (four(word(e), word(f), word(g), word(h)), _mm256_sub_epi64(_mm256_set1_epi64x(64), own), u64::from(unfit))
            } else {
                let cell = |lane: Lane| if lane.is_none() { (0, 0, true) } else { lane.cell(bytes, ends, start) };
                let (a, b, c, d) = (cell(a), cell(b), cell(c), cell(d));
                let unfit = u64::from(a.2) | (u64::from(b.2) << 1) | (u64::from(c.2) << 2) | (u64::from(d.2) << 3);
                (four(a.0, b.0, c.0, d.0), four(a.1, b.1, c.1, d.1), unfit)
            };
            // SAFETY: each of the two slices has four elements of eight bytes, 32 in all; the loads
            // do not ask for alignment.
            let (points, without): (__m256i, __m256i) =
                unsafe { (_mm256_loadu_si256(points.as_ptr().cast()), _mm256_loadu_si256(without.as_ptr().cast())) };
            let digits = _mm256_xor_si256(words, zeros);
            let own = _mm256_sllv_epi64(_mm256_srlv_epi64(digits, foreign), foreign);
            let has_point = _mm256_cmpeq_epi64(_mm256_and_si256(_mm256_cmpeq_epi8(own, point), points), points);
            let digits = _mm256_shuffle_epi8(own, _mm256_or_si256(without, upper));
            let are_digits = _mm256_cmpeq_epi64(_mm256_cmpeq_epi8(_mm256_max_epu8(digits, nine), nine), all);
            let good = _mm256_movemask_pd(_mm256_castsi256_pd(_mm256_and_si256(has_point, are_digits)));
            let pairs = _mm256_maddubs_epi16(digits, tens);
            let fours = _mm256_madd_epi16(pairs, hundreds);
            let value = _mm256_add_epi64(_mm256_mul_epu32(fours, ten_thousand), _mm256_srli_epi64(fours, 32));
            // SAFETY: the slice has four elements of eight bytes, 32 in all.
            unsafe { _mm256_storeu_si256(values.as_mut_ptr().cast(), value) };
            bad |= ((u64::from(!good.cast_unsigned()) & 0xF) | unfit) << (group.wrapping_mul(LANES) & 63);
        }
        bad
    }

    fn read_portable(&mut self, bytes: &[u8], ends: &[u32], start: usize) -> u64 {
        let mut bad = 0;
        let forms = self.points.iter().zip(&self.without_point);
        for (number, ((lane, (point, without)), value)) in self.columns.iter().zip(forms).zip(&mut self.values).enumerate() {
            let (word, foreign, unfit) = lane.cell(bytes, ends, start);
            let own = (word ^ 0x3030_3030_3030_3030) >> foreign << foreign;
            let wanted = point & ONES.wrapping_mul(u64::from(b'.' ^ 0x30));
            let own_bytes = own.to_le_bytes();
            let digits = without.map(|from| own_bytes.get(usize::from(from)).copied().unwrap_or(0));
            if unfit || own & point != wanted || digits.iter().any(|digit| *digit > 9) {
                bad |= 1 << (number & 63);
            }
            *value = digits.iter().fold(0_i64, |value, digit| value.wrapping_mul(10).wrapping_add(i64::from(*digit)));
        }
        bad
    }
}

const ONES: u64 = 0x0101_0101_0101_0101;
const LOW_BITS: u64 = 0x7F7F_7F7F_7F7F_7F7F;

/// One bit for each byte of the block that is `wanted`.
fn equal(block: &[u8], wanted: u8) -> u64 {
    bits(block, |word| {
        let differing = word ^ ONES.wrapping_mul(u64::from(wanted));
        !(((differing & LOW_BITS).wrapping_add(LOW_BITS)) | differing | LOW_BITS)
    })
}

/// One bit for each byte that is not ASCII.
fn high_bits(block: &[u8]) -> u64 {
    bits(block, |word| word & !LOW_BITS)
}

/// Gathers the highest bits of bytes that `test` sets.
fn bits(block: &[u8], test: impl Fn(u64) -> u64) -> u64 {
    let mut all = 0;
    for (index, eight) in block.chunks_exact(8).enumerate() {
        let word = u64::from_le_bytes(eight.try_into().unwrap_or_default());
        let gathered = (test(word) >> 7).wrapping_mul(0x0102_0408_1020_4080) >> 56;
        all |= gathered << index.wrapping_mul(8);
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const COMMA: Signs = Signs { delimiter: b',', quote: b'"' };

    fn naive(bytes: &[u8], from: usize, to: usize) -> (Vec<u32>, Vec<u32>) {
        let (mut ends, mut breaks) = (Vec::new(), Vec::new());
        for (at, byte) in bytes.iter().enumerate().take(to).skip(from) {
            if matches!(byte, b'\n' | b'"') {
                breaks.push(u32::try_from(ends.len()).unwrap());
            }
            if matches!(byte, b',' | b'\n' | b'"') {
                ends.push(u32::try_from(at).unwrap());
            }
        }
        (ends, breaks)
    }

    proptest! {
        #[test]
        fn both_ways_read_the_same_numbers(
            cells in prop::collection::vec(("[0-9]{1,8}|[0-9]{1,5}\\.[0-9]{2}|[0-9.,\\-x\u{0}]{0,10}", 0_u32..7), 1..20),
        ) {
            let places: Vec<u32> = cells.iter().map(|(_, places)| *places).collect();
            let mut numbers = Numbers::new(&places);
            let mut bytes = b"12345678".to_vec();
            let mut ends = Vec::new();
            for (column, (cell, places)) in cells.iter().enumerate() {
                bytes.extend(cell.as_bytes());
                ends.push(u32::try_from(bytes.len()).unwrap());
                bytes.push(b',');
                let shortest = if *places == 0 { 1 } else { *places as usize + 2 };
                if shortest <= 8 {
                    numbers.set(column, Lane { index: column, shortest, span: 8 - shortest });
                }
            }
            let bad = numbers.read(&bytes, &ends, 8);
            let values = numbers.values.clone();
            prop_assert_eq!(numbers.read_portable(&bytes, &ends, 8), bad);
            for (column, (cell, places)) in cells.iter().enumerate() {
                let (whole, fraction) = if *places == 0 { (cell.as_str(), "") } else { cell.split_once('.').unwrap_or(("", "x")) };
                let digits = format!("{whole}{fraction}");
                let form = fraction.len() == *places as usize && !whole.is_empty() && cell.len() <= 8;
                let right = form && digits.bytes().all(|byte| byte.is_ascii_digit());
                prop_assert_eq!(bad >> column & 1 == 0, right, "{} {}", cell, places);
                if right {
                    prop_assert_eq!(values[column], digits.parse::<i64>().unwrap());
                    prop_assert_eq!(numbers.values[column], values[column]);
                }
            }
        }

        #[test]
        fn both_ways_find_what_a_plain_loop_finds(
            text in prop::collection::vec(prop_oneof![Just(b','), Just(b'\n'), Just(b'"'), Just(0), Just(0x80), Just(0xAC), Just(b'7'), any::<u8>()], 0..400),
            cut in (0_usize..200, 0_usize..200),
        ) {
            let from = cut.0.min(text.len());
            let to = text.len().saturating_sub(cut.1).max(from);
            let mut padded = text.clone();
            padded.resize(text.len() + BLOCK, 0);
            let (ends, breaks) = naive(&padded, from, to);
            let looked_at = &padded[from..to];
            for portable in [false, true] {
                let mut found = Structure::default();
                if portable { found.find_portable(&padded, from, to, COMMA) } else { found.find(&padded, from, to, COMMA) }
                prop_assert_eq!(found.ends(), ends.as_slice());
                prop_assert_eq!(&found.breaks, &breaks);
                prop_assert_eq!(found.ascii, looked_at.is_ascii());
                prop_assert_eq!(found.nul, looked_at.contains(&0));
            }
        }
    }
}
