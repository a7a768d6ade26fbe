//! Where separators, line feeds and quotes stand in a block of bytes.
//!
//! **Owns** the only `unsafe` code of the crate: loads of 32 bytes, and the call of a function that
//! needs AVX2 after the processor was asked for it. Everything else is safe Rust, and the portable
//! way gives the same bits.
#![allow(unsafe_code, reason = "vector loads; each block says why it is sound, and the portable way is tested against it")]

/// Bytes that are looked at together.
pub(super) const BLOCK: usize = 64;

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
        if is_x86_feature_detected!("avx2") && is_x86_feature_detected!("bmi1") && is_x86_feature_detected!("popcnt") {
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
            __m256i, _mm256_cmpeq_epi8, _mm256_loadu_si256, _mm256_min_epu8, _mm256_movemask_epi8, _mm256_or_si256, _mm256_set1_epi8,
            _mm256_setzero_si256,
        };
        let splat = |byte: u8| _mm256_set1_epi8(byte.cast_signed());
        let (delimiter, quote, feed, zero) = (splat(signs.delimiter), splat(signs.quote), splat(b'\n'), _mm256_setzero_si256());
        let mask = |low: __m256i, high: __m256i| {
            let low = _mm256_movemask_epi8(low).cast_unsigned();
            let high = _mm256_movemask_epi8(high).cast_unsigned();
            u64::from(low) | (u64::from(high) << 32)
        };
        let mut any = zero;
        let mut least = splat(0xFF);
        let mut at = from;
        while at < to {
            let Some(block) = bytes.get(at..at.wrapping_add(BLOCK)) else { break };
            // SAFETY: the slice has 64 bytes, so 32 can be read at its start and at its middle; the
            // load does not ask for alignment.
            let (low, high): (__m256i, __m256i) =
                unsafe { (_mm256_loadu_si256(block.as_ptr().cast()), _mm256_loadu_si256(block.as_ptr().add(32).cast())) };
            let find = |wanted: __m256i| mask(_mm256_cmpeq_epi8(low, wanted), _mm256_cmpeq_epi8(high, wanted));
            let breaks = find(feed) | find(quote);
            let left = to.wrapping_sub(at);
            if left >= BLOCK {
                any = _mm256_or_si256(any, _mm256_or_si256(low, high));
                least = _mm256_min_epu8(least, _mm256_min_epu8(low, high));
                self.add(at, find(delimiter) | breaks, breaks);
            } else {
                // Bytes beyond the end do not count.
                let within = (1_u64 << left).wrapping_sub(1);
                any = _mm256_or_si256(any, splat(if mask(low, high) & within == 0 { 0 } else { 0x80 }));
                least = _mm256_min_epu8(least, splat(if find(zero) & within == 0 { 0xFF } else { 0 }));
                self.add(at, (find(delimiter) | breaks) & within, breaks & within);
            }
            at = at.wrapping_add(BLOCK);
        }
        self.ascii = mask(any, any) == 0;
        self.nul = mask(_mm256_cmpeq_epi8(least, zero), zero) != 0;
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
        for eight in room.chunks_exact_mut(8) {
            // Eight at once without asking: what is too many is written over by the next block.
            for slot in eight {
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
