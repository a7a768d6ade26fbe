//! Texts that are a constant front and a number behind it, many at once.
//!
//! **Owns** how the last sixteen bytes of such texts are compared with a front and read as a number.
//! Where the texts begin, and what stands in front of those sixteen bytes, its callers know.

#[cfg(target_arch = "x86_64")]
use std::arch::x86_64::{
    __m128i, __m256i, __m512i, _mm_loadu_si128, _mm256_add_epi64, _mm256_and_si256, _mm256_castsi256_pd, _mm256_cmpeq_epi64,
    _mm256_madd_epi16, _mm256_maddubs_epi16, _mm256_movemask_pd, _mm256_mul_epu32, _mm256_or_si256, _mm256_packs_epi16,
    _mm256_packus_epi32, _mm256_set_m128i, _mm256_set1_epi16, _mm256_set1_epi32, _mm256_set1_epi64x, _mm256_setzero_si256,
    _mm256_srli_epi64, _mm256_storeu_si256, _mm256_subs_epu8, _mm256_xor_si256, _mm512_add_epi64, _mm512_and_si512,
    _mm512_broadcast_i32x4, _mm512_castsi128_si512, _mm512_inserti32x4, _mm512_madd_epi16, _mm512_maddubs_epi16,
    _mm512_mul_epu32, _mm512_or_si512, _mm512_packs_epi16, _mm512_packus_epi32, _mm512_set1_epi16, _mm512_set1_epi32,
    _mm512_set1_epi64, _mm512_srli_epi64, _mm512_storeu_si512, _mm512_subs_epu8, _mm512_testn_epi64_mask, _mm512_xor_si512,
};

use super::Instructions;

/// Most digits of a number: those that a vector holds.
pub(in crate::ingest::scan) const MOST_DIGITS: usize = 16;

/// Texts that are read in one step.
#[cfg(target_arch = "x86_64")]
const STEP: usize = 4;

/// The same, with vectors of 64 bytes.
#[cfg(target_arch = "x86_64")]
const LONG_STEP: usize = 8;

/// What the last sixteen bytes of texts are like that are all as long, have the same front, and
/// nothing but digits behind it.
#[derive(Clone, Debug)]
pub(in crate::ingest::scan) struct Form {
    instructions: Instructions,
    /// What stands in front, and a zero for each digit; nothing where the text does not reach.
    pattern: [u8; MOST_DIGITS],
    /// All bits of the bytes that are the text's.
    own: [u8; MOST_DIGITS],
    /// By how much a byte may differ from the pattern: by nothing in front, by nine for a digit.
    limit: [u8; MOST_DIGITS],
    /// Bits that each number gets besides its own.
    base: u64,
}

impl Form {
    /// For texts of a front and that many digits behind it, at least one and at most
    /// [`MOST_DIGITS`], whose numbers are to have the bits of `base` as well: any above the 54 that
    /// sixteen digits take.
    pub(in crate::ingest::scan) fn new(front: &[u8], digits: usize, base: u64) -> Form {
        let mut form = Form {
            instructions: Instructions::best(),
            pattern: [0; MOST_DIGITS],
            own: [0; MOST_DIGITS],
            limit: [0; MOST_DIGITS],
            base,
        };
        let digits = std::iter::repeat_n((b'0', 9), digits);
        let text = digits.chain(front.iter().rev().map(|byte| (*byte, 0)));
        let places = form.pattern.iter_mut().zip(&mut form.own).zip(&mut form.limit).rev();
        for (((pattern, own), limit), (byte, most)) in places.zip(text) {
            (*pattern, *own, *limit) = (byte, u8::MAX, most);
        }
        form
    }

    /// The number of the text that ends with these bytes, if it has the form.
    #[inline]
    pub(in crate::ingest::scan) fn number(&self, sixteen: [u8; MOST_DIGITS]) -> Option<u64> {
        let [text, pattern, own, limit] = [sixteen, self.pattern, self.own, self.limit].map(u128::from_le_bytes);
        let digits = (text ^ pattern) & own;
        // What brings the highest bit of a byte about that is above its limit. A carry into the next
        // byte comes only from a byte that has the highest bit itself.
        let above = digits | digits.wrapping_add(HIGHEST.wrapping_sub(ONES).wrapping_sub(limit));
        if above & HIGHEST != 0 {
            return None;
        }
        #[allow(clippy::cast_possible_truncation, reason = "the two halves")]
        let (first, last) = (digits as u64, (digits >> 64) as u64);
        Some(self.base | eight_digits(first).wrapping_mul(100_000_000).wrapping_add(eight_digits(last)))
    }

    /// Reads the numbers of the texts that end at `ends` of `bytes`, as many as there is room for and at
    /// most 64: a bit for each that has the form, with its number in its place of `into`. The places of
    /// the others hold anything. A text with fewer than sixteen
    /// bytes in front of its end has it not.
    #[inline]
    pub(in crate::ingest::scan) fn read(&self, bytes: &[u8], ends: &[u32], into: &mut [u64]) -> u64 {
        match self.instructions {
            // SAFETY: the processor was asked for these instructions when `instructions` was chosen.
            #[cfg(target_arch = "x86_64")]
            Instructions::Avx512 => unsafe { self.read_avx512(bytes, ends, into) },
            // SAFETY: the same.
            #[cfg(target_arch = "x86_64")]
            Instructions::Avx2 => unsafe { self.read_avx2(bytes, ends, into) },
            Instructions::Portable => self.read_portable(bytes, ends, into, 0),
        }
    }

    /// Reads the numbers from the place `from` on.
    fn read_portable(&self, bytes: &[u8], ends: &[u32], into: &mut [u64], from: usize) -> u64 {
        let mut fit = 0;
        for (index, (end, into)) in ends.iter().zip(into).enumerate().skip(from).take(64_usize.wrapping_sub(from)) {
            if let Some(number) = sixteen(bytes, *end).and_then(|sixteen| self.number(*sixteen)) {
                *into = number;
                fit |= 1 << index;
            }
        }
        fit
    }

    /// The same as [`Form::read_avx2`], with twice as many texts a step.
    #[cfg(target_arch = "x86_64")]
    #[target_feature(enable = "avx512f,avx512bw")]
    fn read_avx512(&self, bytes: &[u8], ends: &[u32], into: &mut [u64]) -> u64 {
        let (pattern, own, limit) = (four_times(&self.pattern), four_times(&self.own), four_times(&self.limit));
        let to_pairs = _mm512_set1_epi16(0x010A);
        let to_fours = _mm512_set1_epi32(0x0001_0064);
        let to_eights = _mm512_set1_epi32(0x0001_2710);
        let to_sixteen = _mm512_set1_epi64(100_000_000);
        let base = _mm512_set1_epi64(self.base.cast_signed());
        let mut fit = 0;
        let mut done = 0_usize;
        let steps = ends.as_chunks::<LONG_STEP>().0.iter().zip(into.as_chunks_mut::<LONG_STEP>().0);
        for (ends, into) in steps.take(64 / LONG_STEP) {
            let text = |place: usize| load(sixteen(bytes, ends[place]).unwrap_or(&NOTHING));
            let four = |first: usize| {
                let two = _mm512_inserti32x4::<1>(_mm512_castsi128_si512(text(first)), text(first + 2));
                _mm512_inserti32x4::<3>(_mm512_inserti32x4::<2>(two, text(first + 4)), text(first + 6))
            };
            let mine = _mm512_and_si512(_mm512_xor_si512(four(0), pattern), own);
            let other = _mm512_and_si512(_mm512_xor_si512(four(1), pattern), own);
            let above = _mm512_packs_epi16(_mm512_subs_epu8(mine, limit), _mm512_subs_epu8(other, limit));
            fit |= u64::from(_mm512_testn_epi64_mask(above, above)) << done;
            let fours = |digits| _mm512_madd_epi16(_mm512_maddubs_epi16(digits, to_pairs), to_fours);
            let eights = _mm512_madd_epi16(_mm512_packus_epi32(fours(mine), fours(other)), to_eights);
            let numbers = _mm512_add_epi64(_mm512_mul_epu32(eights, to_sixteen), _mm512_srli_epi64::<32>(eights));
            store_eight(into, _mm512_or_si512(numbers, base));
            done = done.wrapping_add(LONG_STEP);
        }
        if done == 64 { fit } else { fit | self.read_portable(bytes, ends, into, done) }
    }

    #[cfg(target_arch = "x86_64")]
    #[target_feature(enable = "avx2")]
    fn read_avx2(&self, bytes: &[u8], ends: &[u32], into: &mut [u64]) -> u64 {
        let (pattern, own, limit) = (twice(&self.pattern), twice(&self.own), twice(&self.limit));
        // Digits to pairs, those to fours, those to eights.
        let to_pairs = _mm256_set1_epi16(0x010A);
        let to_fours = _mm256_set1_epi32(0x0001_0064);
        let to_eights = _mm256_set1_epi32(0x0001_2710);
        let to_sixteen = _mm256_set1_epi64x(100_000_000);
        let base = _mm256_set1_epi64x(self.base.cast_signed());
        let mut fit = 0;
        let mut done = 0_usize;
        let steps = ends.as_chunks::<STEP>().0.iter().zip(into.as_chunks_mut::<STEP>().0);
        for (ends, into) in steps.take(64 / STEP) {
            let [first, second, third, fourth] = ends.map(|end| load(sixteen(bytes, end).unwrap_or(&NOTHING)));
            // Packing takes from each half in turn, so that the numbers come in their order.
            let mine = _mm256_and_si256(_mm256_xor_si256(_mm256_set_m128i(third, first), pattern), own);
            let other = _mm256_and_si256(_mm256_xor_si256(_mm256_set_m128i(fourth, second), pattern), own);
            // What is left of a byte above its limit stays above zero when words become bytes.
            let above = _mm256_packs_epi16(_mm256_subs_epu8(mine, limit), _mm256_subs_epu8(other, limit));
            let fits = _mm256_cmpeq_epi64(above, _mm256_setzero_si256());
            fit |= u64::from(_mm256_movemask_pd(_mm256_castsi256_pd(fits)).cast_unsigned()) << done;
            let fours = |digits| _mm256_madd_epi16(_mm256_maddubs_epi16(digits, to_pairs), to_fours);
            let eights = _mm256_madd_epi16(_mm256_packus_epi32(fours(mine), fours(other)), to_eights);
            let numbers = _mm256_add_epi64(_mm256_mul_epu32(eights, to_sixteen), _mm256_srli_epi64::<32>(eights));
            store(into, _mm256_or_si256(numbers, base));
            done = done.wrapping_add(STEP);
        }
        if done == 64 { fit } else { fit | self.read_portable(bytes, ends, into, done) }
    }
}

/// A one in each byte.
const ONES: u128 = u128::from_le_bytes([1; MOST_DIGITS]);

/// The highest bit of each byte.
const HIGHEST: u128 = u128::from_le_bytes([0x80; MOST_DIGITS]);

/// The sixteen bytes in front of that place.
#[inline]
fn sixteen(bytes: &[u8], end: u32) -> Option<&[u8; MOST_DIGITS]> {
    let end = end as usize;
    bytes.get(end.checked_sub(MOST_DIGITS)?..end)?.first_chunk()
}

/// The number whose digits are the bytes, the first in the lowest byte.
#[inline]
pub(super) fn eight_digits(digits: u64) -> u64 {
    const SECOND: u64 = 0x0000_00FF_0000_00FF;
    // Pairs of digits in every second byte; then the first and third, and the second and fourth, are
    // multiplied into the upper half.
    let pairs = digits.wrapping_mul(10).wrapping_add(digits >> 8);
    let odd = (pairs & SECOND).wrapping_mul(100 + (1_000_000 << 32));
    let even = ((pairs >> 16) & SECOND).wrapping_mul(1 + (10_000 << 32));
    odd.wrapping_add(even) >> 32
}

/// Bytes that no text ends with: its digits are not among them.
#[cfg(target_arch = "x86_64")]
const NOTHING: [u8; MOST_DIGITS] = [0; MOST_DIGITS];

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2")]
#[inline]
fn load(array: &[u8; MOST_DIGITS]) -> __m128i {
    // SAFETY: the array has 16 bytes; the load does not ask for alignment.
    unsafe { _mm_loadu_si128(array.as_ptr().cast()) }
}

/// The array in both halves.
#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2")]
#[inline]
fn twice(array: &[u8; MOST_DIGITS]) -> __m256i {
    let half = load(array);
    _mm256_set_m128i(half, half)
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2")]
#[inline]
fn store(array: &mut [u64; STEP], values: __m256i) {
    // SAFETY: the array has 32 bytes; the store does not ask for alignment.
    unsafe { _mm256_storeu_si256(array.as_mut_ptr().cast(), values) };
}

/// The array in all four quarters.
#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx512f")]
#[inline]
fn four_times(array: &[u8; MOST_DIGITS]) -> __m512i {
    _mm512_broadcast_i32x4(load(array))
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx512f")]
#[inline]
fn store_eight(array: &mut [u64; LONG_STEP], values: __m512i) {
    // SAFETY: the array has 64 bytes; the store does not ask for alignment.
    unsafe { _mm512_storeu_si512(array.as_mut_ptr().cast(), values) };
}

#[cfg(test)]
mod tests {
    use super::super::few_under_miri;
    use super::*;
    use proptest::prelude::*;

    /// What the text is as a number of that form, by the text alone.
    fn plainly(text: &[u8], front: &[u8], digits: usize) -> Option<u64> {
        let own = front.len() + digits;
        let tail = &text[text.len() - own.min(MOST_DIGITS)..];
        let (head, number) = tail.split_at(tail.len() - digits);
        let fits = front.ends_with(head) && number.iter().all(u8::is_ascii_digit);
        fits.then(|| std::str::from_utf8(number).unwrap().parse().unwrap())
    }

    proptest! {
        #![proptest_config(few_under_miri())]
        #[test]
        fn all_instructions_read_what_the_text_says(
            front in prop_oneof![3 => "[A-C,0-9]{0,3}", 1 => "[\\x00-\\x7Fé]{0,20}"],
            digits in prop_oneof![Just(7_usize), 1_usize..=MOST_DIGITS],
            numbers in prop::collection::vec((any::<u64>(), prop_oneof![6 => Just(None), 1 => any::<(u8, prop::sample::Index)>().prop_map(Some)]), 0..70),
            base in prop_oneof![Just(0), Just(5_u64 << 54), Just(1023_u64 << 54)],
            begin in 0_usize..20,
        ) {
            let mut bytes = vec![b'7'; begin];
            let mut ends = Vec::new();
            for (number, wrong) in &numbers {
                let number = format!("{:016}", number % 10_000_000_000_000_000);
                let mut text = [front.as_bytes(), &number.as_bytes()[MOST_DIGITS - digits..]].concat();
                if let Some((byte, index)) = wrong {
                    *index.get_mut(&mut text) = *byte;
                }
                bytes.extend(text);
                ends.push(u32::try_from(bytes.len()).unwrap());
            }
            for instructions in Instructions::all() {
                let form = Form { instructions, ..Form::new(front.as_bytes(), digits, base) };
                let mut into = vec![0; numbers.len()];
                let fit = form.read(&bytes, &ends, &mut into);
                for (index, end) in ends.iter().enumerate().take(64) {
                    let text = &bytes[..*end as usize];
                    let expected = if text.len() < MOST_DIGITS { None } else { plainly(text, front.as_bytes(), digits) };
                    let read = ((fit >> index) & 1 == 1).then_some(into[index]);
                    prop_assert_eq!(read, expected.map(|number| number | base), "{:?} {}", instructions, index);
                }
                prop_assert_eq!(fit.checked_shr(u32::try_from(numbers.len()).unwrap()).unwrap_or(0), 0);
            }
        }

        #[test]
        fn eight_digits_are_their_number(number in 0_u64..100_000_000) {
            let text = format!("{number:08}");
            let digits = text.bytes().rev().fold(0_u64, |word, byte| (word << 8) | u64::from(byte - b'0'));
            prop_assert_eq!(eight_digits(digits), number);
        }
    }
}
