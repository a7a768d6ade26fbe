//! Numbers by vectors of 64 bytes: eight columns of a row in the lanes of one, or, of the few columns
//! that are left over, one column of eight rows.

use std::arch::x86_64::{
    __m512i, _mm512_add_epi8, _mm512_add_epi64, _mm512_and_si512, _mm512_cmpgt_epi64_mask, _mm512_cmpgt_epu64_mask,
    _mm512_loadu_si512, _mm512_madd_epi16, _mm512_maddubs_epi16, _mm512_mask_storeu_epi64, _mm512_maskz_loadu_epi64,
    _mm512_maskz_permutexvar_epi32, _mm512_mul_epu32, _mm512_or_si512, _mm512_permutex2var_epi8, _mm512_permutex2var_epi64,
    _mm512_set1_epi8, _mm512_set1_epi16, _mm512_set1_epi32, _mm512_set1_epi64, _mm512_setr_epi64, _mm512_shuffle_epi8,
    _mm512_slli_epi64, _mm512_sllv_epi64, _mm512_srli_epi64, _mm512_srlv_epi64, _mm512_storeu_si512, _mm512_sub_epi64,
    _mm512_subs_epu8, _mm512_test_epi64_mask, _mm512_xor_si512,
};

use super::numbers::{Cells, Eight, LANES, Numbers, ROWS};

/// Bytes in which all cells of a row must lie that are read together.
const WINDOW: usize = 128;

/// Most columns that are rather read eight rows at a time.
const FEW: usize = 3;

/// The lower half of each lane.
const LOW_HALVES: u16 = 0x5555;

/// For each byte of a lane the place of the lane's lowest byte in its half of 16.
const LOWEST: [u64; LANES] = {
    const SECOND: u64 = 0x0808_0808_0808_0808;
    [0, SECOND, 0, SECOND, 0, SECOND, 0, SECOND]
};

/// What eight cells must be like, in registers.
#[derive(Clone, Copy)]
struct Form {
    /// Fewest bytes of a cell, and how many more there may be.
    shortest: __m512i,
    more: __m512i,
    points: __m512i,
    wanted: __m512i,
    without_point: __m512i,
}

#[target_feature(enable = "avx512f")]
#[inline]
fn load(array: &[u64; LANES]) -> __m512i {
    // SAFETY: the array has 64 bytes; the load does not ask for alignment.
    unsafe { _mm512_loadu_si512(array.as_ptr().cast()) }
}

#[target_feature(enable = "avx512f")]
#[inline]
fn load_values(array: &[i64; LANES]) -> __m512i {
    // SAFETY: the array has 64 bytes; the load does not ask for alignment.
    unsafe { _mm512_loadu_si512(array.as_ptr().cast()) }
}

#[target_feature(enable = "avx512f")]
#[inline]
fn store(array: &mut [i64; LANES], values: __m512i) {
    // SAFETY: the array has 64 bytes; the store does not ask for alignment.
    unsafe { _mm512_storeu_si512(array.as_mut_ptr().cast(), values) };
}

#[target_feature(enable = "avx512f")]
#[inline]
fn load_positions(array: &[u32; 2 * LANES]) -> __m512i {
    // SAFETY: the array has 64 bytes; the load does not ask for alignment.
    unsafe { _mm512_loadu_si512(array.as_ptr().cast()) }
}

impl Form {
    #[target_feature(enable = "avx512f")]
    #[inline]
    fn of(form: &Eight) -> Self {
        let points = load(&form.points);
        // No cell has as few bytes as a column wants that is not read.
        let longest = |shortest: u32| 8_u64.checked_sub(shortest.into());
        Form {
            shortest: load(&form.shortest.map(|shortest| longest(shortest).map_or(u64::MAX, |_| shortest.into()))),
            more: load(&form.shortest.map(|shortest| longest(shortest).unwrap_or(0))),
            points,
            wanted: _mm512_and_si512(_mm512_set1_epi8((b'.' ^ 0x30).cast_signed()), points),
            without_point: load(&form.without_point.map(u64::from_le_bytes)),
        }
    }

    /// The numbers of eight cells of those lengths whose last eight bytes are `words`, and a bit for each
    /// that is none.
    #[target_feature(enable = "avx512f,avx512bw")]
    #[inline]
    fn read(&self, words: __m512i, lengths: __m512i) -> (__m512i, u8) {
        let unfit = _mm512_cmpgt_epu64_mask(_mm512_sub_epi64(lengths, self.shortest), self.more);
        let foreign = _mm512_sub_epi64(_mm512_set1_epi64(64), _mm512_slli_epi64::<3>(lengths));
        let digits = _mm512_xor_si512(words, _mm512_set1_epi8(0x30));
        let own = _mm512_sllv_epi64(_mm512_srlv_epi64(digits, foreign), foreign);
        let digits = _mm512_shuffle_epi8(own, self.without_point);
        // Nothing remains of a cell with its point and digits alone.
        let no_point = _mm512_xor_si512(_mm512_and_si512(own, self.points), self.wanted);
        let wrong = _mm512_or_si512(no_point, _mm512_subs_epu8(digits, _mm512_set1_epi8(9)));
        let pairs = _mm512_maddubs_epi16(digits, _mm512_set1_epi16(0x010A));
        let fours = _mm512_madd_epi16(pairs, _mm512_set1_epi32(0x0001_0064));
        let high = _mm512_mul_epu32(fours, _mm512_set1_epi64(10_000));
        (_mm512_add_epi64(high, _mm512_srli_epi64::<32>(fours)), _mm512_test_epi64_mask(wrong, wrong) | unfit)
    }
}

/// The first and the second numbers of eight pairs.
#[target_feature(enable = "avx512f")]
#[inline]
fn eight_of(pairs: &[(i64, i64); LANES]) -> [__m512i; 2] {
    let set = |of: fn(&(i64, i64)) -> i64| {
        let all = pairs.each_ref().map(of);
        _mm512_setr_epi64(all[0], all[1], all[2], all[3], all[4], all[5], all[6], all[7])
    };
    [set(|pair| pair.0), set(|pair| pair.1)]
}

impl Numbers {
    /// Reads so many rows, of which there are some, at most [`ROWS`].
    #[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512vbmi,avx2,bmi1,bmi2,popcnt")]
    pub(super) fn read_avx512(&mut self, bytes: &[u8], ends: &[u32], width: usize, rows: usize) {
        let rows = rows.min(ROWS);
        self.bad = [self.never; ROWS];
        for number in 0..self.forms.len() {
            let Some(form) = self.forms.get(number).copied() else { return };
            let lanes = form.lanes();
            if lanes.clone().count() <= FEW {
                for lane in lanes {
                    self.read_column(bytes, ends, width, rows, &form, number.wrapping_mul(LANES).wrapping_add(lane), lane);
                }
                continue;
            }
            let far = self.read_near(bytes, ends, width, rows, &form, number);
            if far != 0 {
                self.read_far(bytes, ends, width, &form, number, far);
            }
        }
    }

    /// Reads eight columns of rows, and says of which rows it could not, because cells are too far from
    /// each other.
    #[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512vbmi,avx2")]
    #[inline]
    fn read_near(&mut self, bytes: &[u8], ends: &[u32], width: usize, rows: usize, form: &Eight, number: usize) -> u64 {
        let all = u64::MAX >> ROWS.wrapping_sub(rows);
        let positions = ends.get(form.first..).unwrap_or_default();
        let needed = rows.wrapping_sub(1).wrapping_mul(width).wrapping_add(2 * LANES);
        let Some(last_base) = bytes.len().checked_sub(WINDOW).filter(|_| form.near && needed <= positions.len()) else {
            return all;
        };
        let registers = Form::of(form);
        let places = |of: &[u32]| -> [u64; LANES] { std::array::from_fn(|lane| of.get(lane).copied().unwrap_or(0).into()) };
        let (end_places, before_places) = form.ends.split_at(LANES);
        let (end_places, before_places) = (load(&places(end_places)), load(&places(before_places)));
        let lowest = load(&LOWEST);
        let one = _mm512_set1_epi64(1);
        // Bytes of a cell counted back from its end.
        let back = _mm512_set1_epi64(0xFFFE_FDFC_FBFA_F9F8_u64.cast_signed());
        let span = form.last.wrapping_sub(form.first).wrapping_add(1) & (2 * LANES - 1);
        let columns = self.lanes.len();
        let shift = number.wrapping_mul(LANES) & 63;
        // As many as the last row looks at, and so there are those of each row before.
        let Some(values) = self
            .values
            .get_mut(number.wrapping_mul(LANES)..)
            .filter(|values| values.len() >= columns.wrapping_mul(rows.wrapping_sub(1)).wrapping_add(LANES))
        else {
            return all;
        };
        let mut far = 0;
        for row in 0..rows {
            // SAFETY: `positions` has 16 elements from the place of the last row on, and so it has from that
            // of each row before.
            let near: &[u32; 2 * LANES] = unsafe { &*positions.as_ptr().add(row.wrapping_mul(width)).cast() };
            let base = (near[0] as usize).wrapping_sub(7);
            if (near[span] as usize).wrapping_sub(base) > WINDOW || base > last_base {
                far |= 1 << row;
                continue;
            }
            // SAFETY: `bytes` has 128 bytes from there on, as was just asked: two loads side by side, which
            // do not ask for alignment.
            let (low, high) = unsafe {
                let window = bytes.as_ptr().add(base);
                (_mm512_loadu_si512(window.cast()), _mm512_loadu_si512(window.add(WINDOW / 2).cast()))
            };
            let near = load_positions(near);
            // Each position in a lane of 64 bits.
            let cell_ends = _mm512_maskz_permutexvar_epi32(LOW_HALVES, end_places, near);
            let befores = _mm512_maskz_permutexvar_epi32(LOW_HALVES, before_places, near);
            let from_base = _mm512_sub_epi64(cell_ends, _mm512_set1_epi64((base as u64).cast_signed()));
            let sources = _mm512_add_epi8(_mm512_shuffle_epi8(from_base, lowest), back);
            let lengths = _mm512_sub_epi64(_mm512_sub_epi64(cell_ends, befores), one);
            let (value, not_read) = registers.read(_mm512_permutex2var_epi8(low, sources, high), lengths);
            // SAFETY: `values` has eight elements from there on, as was asked for the last row; the store does
            // not ask for alignment.
            unsafe { _mm512_storeu_si512(values.as_mut_ptr().add(row.wrapping_mul(columns)).cast(), value) };
            if let Some(bad) = self.bad.get_mut(row) {
                *bad |= u64::from(not_read) << shift;
            }
        }
        far
    }

    /// Reads eight columns of some rows, wherever their cells are.
    #[target_feature(enable = "avx512f,avx512bw,avx512vl,avx2")]
    fn read_far(&mut self, bytes: &[u8], ends: &[u32], width: usize, form: &Eight, number: usize, rows: u64) {
        let registers = Form::of(form);
        let columns = self.lanes.len();
        for (row, bad) in self.bad.iter_mut().enumerate().filter(|(row, _)| (rows >> (row & 63)) & 1 == 1) {
            let cells = Cells::of(bytes, ends, row.wrapping_mul(width), form);
            let (value, not_read) = registers.read(load(&cells.words), load(&cells.lengths()));
            let at = row.wrapping_mul(columns).wrapping_add(number.wrapping_mul(LANES));
            if let Some(values) = self.values.get_mut(at..).and_then(<[i64]>::first_chunk_mut::<LANES>) {
                store(values, value);
            }
            *bad |= u64::from(not_read) << (number.wrapping_mul(LANES) & 63);
        }
    }

    /// Reads a column of rows, eight at a time.
    #[target_feature(enable = "avx512f,avx512bw,avx512vl,avx2")]
    #[inline]
    #[allow(clippy::too_many_arguments, reason = "where the cells are, and which of them")]
    fn read_column(&mut self, bytes: &[u8], ends: &[u32], width: usize, rows: usize, form: &Eight, column: usize, lane: usize) {
        let registers = Form::of(&form.alike(lane));
        let columns = self.lanes.len();
        let first = form.first.wrapping_add(form.ends.get(lane).map_or(0, |end| *end as usize));
        for block in (0..rows).step_by(LANES) {
            let at = block.wrapping_mul(width).wrapping_add(first);
            let cell = |row: usize| {
                let at = at.wrapping_add(row.wrapping_mul(width)).wrapping_sub(1);
                let [from, to] = ends.get(at..).and_then(<[u32]>::first_chunk).copied().unwrap_or_default();
                let last = bytes.get((to as usize).wrapping_sub(8)..).and_then(<[u8]>::first_chunk::<8>);
                let length = i64::from(to).wrapping_sub(from.into()).wrapping_sub(1);
                (last.map_or(0, |last| i64::from_le_bytes(*last)), length)
            };
            let row = [cell(0), cell(1), cell(2), cell(3), cell(4), cell(5), cell(6), cell(7)];
            // Not by way of memory: a load of what was just stored in parts would have to wait.
            let [words, lengths] = eight_of(&row);
            let (value, not_read) = registers.read(words, lengths);
            let mut eight = [0; LANES];
            store(&mut eight, value);
            let slots = self.values.get_mut(block.wrapping_mul(columns).wrapping_add(column)..).unwrap_or_default();
            slots.iter_mut().step_by(columns.max(1)).zip(eight).for_each(|(slot, value)| *slot = value);
            if not_read != 0 {
                for (row, bad) in self.bad.iter_mut().skip(block).take(LANES).enumerate() {
                    *bad |= u64::from((not_read >> row) & 1) << (column & 63);
                }
            }
        }
    }

    /// Compares the pairs, which are among the first sixteen columns.
    #[target_feature(enable = "avx512f")]
    pub(super) fn compare_avx512(&mut self, rows: usize) {
        let mut above_in_rows = 0_u64;
        for (parts, wholes) in &self.pair_lanes {
            let (parts, wholes) = (load(parts), load(wholes));
            for (row, values) in self.values.chunks(self.lanes.len().max(1)).enumerate().take(rows) {
                let (low, high) = match values.as_chunks::<LANES>().0 {
                    [low] => (load_values(low), load_values(low)),
                    [low, high, ..] => (load_values(low), load_values(high)),
                    [] => return,
                };
                let above = _mm512_cmpgt_epi64_mask(
                    _mm512_permutex2var_epi64(low, parts, high),
                    _mm512_permutex2var_epi64(low, wholes, high),
                );
                above_in_rows |= u64::from(above != 0) << (row & 63);
            }
        }
        self.above = above_in_rows;
    }

    /// As [`Numbers::add_to`].
    #[target_feature(enable = "avx512f")]
    pub(super) fn add_to_avx512(&self, words: &mut [i64], columns: usize, rows: &[u8], slots: &[u32]) {
        let stride = columns.wrapping_add(1);
        let rest: u8 = !(0xFF << (columns % LANES));
        for (row, slot) in rows.iter().zip(slots) {
            let line = words.get_mut((*slot as usize).wrapping_mul(stride)..).and_then(|words| words.get_mut(..stride));
            let Some((count, sums)) = line.and_then(<[i64]>::split_first_mut) else { continue };
            *count = count.wrapping_add(1);
            let (whole, left) = sums.as_chunks_mut::<LANES>();
            let mut values = self.row(usize::from(*row)).as_chunks::<LANES>().0.iter();
            for (sum, value) in whole.iter_mut().zip(&mut values) {
                let added = _mm512_add_epi64(load_values(sum), load_values(value));
                store(sum, added);
            }
            if let Some(value) = values.next() {
                // SAFETY: `left` has as many elements as bits of `rest` are set, and no others are read or
                // written; neither asks for alignment.
                unsafe {
                    let sums = _mm512_maskz_loadu_epi64(rest, left.as_ptr());
                    _mm512_mask_storeu_epi64(left.as_mut_ptr(), rest, _mm512_add_epi64(sums, load_values(value)));
                }
            }
        }
    }
}
