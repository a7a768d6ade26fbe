//! Vector instructions: where separators, line feeds and quotes stand, and the numbers of many cells
//! at once.
//!
//! **Owns** the only `unsafe` code of the crate: loads and stores of whole vectors, hints of what
//! memory will be needed, and calls of functions that need instructions which the processor was
//! asked for. Everything else is safe Rust, and the portable way gives the same answers.
#![allow(unsafe_code, reason = "vector loads; each block says why it is sound, and the portable way is tested against it")]

#[cfg(target_arch = "x86_64")]
mod avx512;
mod columns;
mod digits;
mod numbers;
mod structure;

pub(super) use columns::{Dense, Entry, Few, Key, Known, SHORT, first_and_last, hash_of_key, looked_up};
pub(super) use digits::{Form, MOST_DIGITS};
pub(super) use numbers::{Lane, Numbers, Words};
pub(super) use structure::{Structure, bits};

/// Rows that are read together.
pub(super) const ROWS: usize = 64;

/// Columns, or rows of one column, that are in the lanes of one vector.
pub(super) const LANES: usize = 8;

/// Lanes of half the size.
#[cfg(target_arch = "x86_64")]
const SIXTEEN: usize = 2 * LANES;

/// Rows of the header's width, one behind the other.
#[derive(Clone, Copy, Debug)]
pub(super) struct Lines<'a> {
    pub(super) bytes: &'a [u8],
    /// The end of each cell, behind that of the one in front of the first.
    pub(super) ends: &'a [u32],
    /// First byte of each row, and of what stands behind the last.
    pub(super) starts: &'a [u32; ROWS + 1],
    /// Cells of a row.
    pub(super) width: usize,
    /// Rows, at most [`ROWS`].
    pub(super) count: usize,
}

/// Bytes that are looked at together.
pub(super) const BLOCK: usize = 64;

const ONES: u64 = 0x0101_0101_0101_0101;

/// The bytes that give a table its structure.
#[derive(Clone, Copy, Debug)]
pub(super) struct Signs {
    /// Between cells.
    pub(super) delimiter: u8,
    /// Around cells.
    pub(super) quote: u8,
}

/// The instructions that are used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Instructions {
    /// Vectors of 64 bytes whose bytes can be moved anywhere (Ice Lake, Zen 4 and later).
    #[cfg(target_arch = "x86_64")]
    Avx512,
    /// Vectors of 32 bytes (Haswell, Zen and later).
    #[cfg(target_arch = "x86_64")]
    Avx2,
    /// Those that every processor has.
    Portable,
}

impl Instructions {
    /// The best that the processor has.
    pub(super) fn best() -> Self {
        Self::all().next().unwrap_or(Instructions::Portable)
    }

    /// All that the processor has, the best first.
    fn all() -> impl Iterator<Item = Self> {
        #[cfg(target_arch = "x86_64")]
        let vectors = {
            let avx2 = is_x86_feature_detected!("avx2")
                && is_x86_feature_detected!("bmi1")
                && is_x86_feature_detected!("bmi2")
                && is_x86_feature_detected!("popcnt");
            let avx512 = avx2
                && is_x86_feature_detected!("avx512f")
                && is_x86_feature_detected!("avx512bw")
                && is_x86_feature_detected!("avx512dq")
                && is_x86_feature_detected!("avx512vl")
                && is_x86_feature_detected!("avx512vbmi")
                && is_x86_feature_detected!("avx512vbmi2");
            [avx512.then_some(Instructions::Avx512), avx2.then_some(Instructions::Avx2)]
        };
        #[cfg(not(target_arch = "x86_64"))]
        let vectors: [Option<Self>; 0] = [];
        vectors.into_iter().flatten().chain([Instructions::Portable])
    }
}

/// Says that the word at that place will be needed soon.
#[inline]
pub(super) fn prefetch<T>(items: &[T], at: usize) {
    #[cfg(all(target_arch = "x86_64", not(miri)))]
    if let Some(item) = items.get(at) {
        use std::arch::x86_64::{_MM_HINT_T0, _mm_prefetch};
        // SAFETY: the address is that of a live item, a prefetch changes nothing that a program can
        // see, and every processor of this kind has the instruction.
        unsafe { _mm_prefetch::<_MM_HINT_T0>(std::ptr::from_ref(item).cast()) };
    }
    #[cfg(not(all(target_arch = "x86_64", not(miri))))]
    let _ = (items, at);
}

/// The numbers of the bits that are set, from the lowest on.
pub(super) fn each(bits: u64) -> impl Iterator<Item = usize> {
    let mut left = bits;
    std::iter::from_fn(move || {
        let next = left.trailing_zeros() as usize;
        (left != 0).then(|| left &= left.wrapping_sub(1)).map(|()| next)
    })
}

/// A bit for each of so many rows.
pub(super) fn first_bits(count: usize) -> u64 {
    if count >= ROWS { u64::MAX } else { (1 << count) - 1 }
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx512f")]
#[inline]
fn load(array: &[u64; LANES]) -> std::arch::x86_64::__m512i {
    // SAFETY: the array has 64 bytes; the load does not ask for alignment.
    unsafe { std::arch::x86_64::_mm512_loadu_si512(array.as_ptr().cast()) }
}

/// As many cases as Miri has the patience for.
#[cfg(test)]
fn few_under_miri() -> proptest::test_runner::Config {
    proptest::test_runner::Config {
        failure_persistence: None,
        ..proptest::test_runner::Config::with_cases(if cfg!(miri) { 8 } else { 400 })
    }
}

#[cfg(test)]
mod tests {
    use super::ROWS;

    /// Rows of cells between commas, with bytes in front of the first and behind the last.
    pub(super) fn table(rows: &[Vec<String>]) -> (Vec<u8>, Vec<u32>, [u32; ROWS + 1]) {
        let mut bytes = [[b'8'; 64].as_slice(), b"12345678,"].concat();
        let mut ends = vec![u32::try_from(bytes.len() - 1).unwrap()];
        let mut starts = [0; ROWS + 1];
        for (row, cells) in rows.iter().enumerate() {
            starts[row] = u32::try_from(bytes.len()).unwrap();
            for cell in cells {
                bytes.extend(cell.as_bytes());
                ends.push(u32::try_from(bytes.len()).unwrap());
                bytes.push(b',');
            }
        }
        bytes.resize(bytes.len() + 64, b'7');
        ends.resize(ends.len() + 64, 0);
        (bytes, ends, starts)
    }
}
