//! Numbers by vectors of 64 bytes: eight columns of a row in the lanes of one, or, of the few columns
//! that are left over, one column of eight rows.

use std::arch::x86_64::{
    __m512i, __mmask8, _mm512_add_epi8, _mm512_add_epi64, _mm512_cmpgt_epu8_mask, _mm512_i32scatter_epi64, _mm512_load_si512,
    _mm512_loadu_si512, _mm512_madd_epi16, _mm512_maddubs_epi16, _mm512_maskz_sub_epi8, _mm512_max_epu8, _mm512_min_epu8,
    _mm512_movepi64_mask, _mm512_mul_epu32, _mm512_or_si512, _mm512_permutex2var_epi8, _mm512_permutex2var_epi64,
    _mm512_permutexvar_epi8, _mm512_set1_epi8, _mm512_set1_epi16, _mm512_set1_epi32, _mm512_set1_epi64, _mm512_setzero_si512,
    _mm512_shuffle_epi8, _mm512_srli_epi64, _mm512_store_si512, _mm512_sub_epi8, _mm512_sub_epi32, _mm512_sub_epi64,
    _mm512_subs_epu8, _mm512_test_epi64_mask,
};

use super::columns::{Octet, lowest_bytes, multiples};
use super::numbers::{Cells, Eight, Numbers, Whole, Words};
use super::{LANES, Lines, ROWS, each, load};

/// Bytes in which all cells of a row must lie that are read together.
const WINDOW: usize = 128;

/// Most columns that are rather read eight rows at a time.
const FEW: usize = 3;

/// What eight cells must be like. A length is known in all bytes of its lane, and is one more than the
/// bytes of the cell: from the separator in front to the one behind.
#[derive(Clone, Copy, Debug)]
pub(super) struct Form {
    /// A byte is one of the cell's where the length is above this.
    own: [u64; LANES],
    /// The least length, and how much more it may be.
    least: [u64; LANES],
    more: [u64; LANES],
    /// What is taken from each byte, a zero or the point, and the most that may be left.
    zeros: [u64; LANES],
    most: [u64; LANES],
    without_point: [u64; LANES],
    /// For each byte of a lane the place of the lowest byte of its cell's end, and of the end before it, among
    /// positions of four bytes.
    end_bytes: [u64; LANES],
    before_bytes: [u64; LANES],
}

/// The same in registers.
#[derive(Clone, Copy)]
struct Registers {
    own: __m512i,
    least: __m512i,
    more: __m512i,
    zeros: __m512i,
    most: __m512i,
    without_point: __m512i,
}

/// How eight columns are read.
#[derive(Clone, Debug)]
pub(super) enum Way {
    /// All of a row at once.
    Near(Box<Form>),
    /// Each by itself, many rows at once: its lane, its number in the row, and its form in all lanes.
    Alone(Vec<(usize, usize, Form)>),
}

impl Way {
    /// For the columns of that form.
    pub(super) fn of(eight: &Eight) -> Way {
        let lanes = eight.lanes();
        if lanes.clone().count() > FEW {
            return Way::Near(Box::new(Form::of(eight)));
        }
        let index = |lane: usize| {
            let place = eight.ends.get(lane).map_or(0, |end| *end as usize);
            eight.first.wrapping_add(place).wrapping_sub(1)
        };
        Way::Alone(lanes.map(|lane| (lane, index(lane), Form::of(&eight.alike(lane)))).collect())
    }
}

impl Form {
    fn of(eight: &Eight) -> Form {
        /// One for each byte of a lane.
        const EACH: u64 = 0x0101_0101_0101_0101;
        let of_lanes = |of: &dyn Fn(usize) -> u64| std::array::from_fn(of);
        // A lane that is not read has no bytes of its own, and any length is right.
        let least = |lane: usize| {
            let shortest = eight.shortest.get(lane).copied().unwrap_or(u32::MAX);
            u64::from(shortest).checked_add(1).filter(|least| *least <= 9)
        };
        let point = |lane: usize| eight.points.get(lane).copied().unwrap_or(0);
        let lowest = |place: Option<&u32>| EACH.wrapping_mul(u64::from(place.copied().unwrap_or(0)).wrapping_mul(4));
        Form {
            own: of_lanes(&|lane| least(lane).map_or(u64::MAX, |_| 0x0102_0304_0506_0708)),
            least: of_lanes(&|lane| EACH.wrapping_mul(least(lane).unwrap_or(0))),
            more: of_lanes(&|lane| EACH.wrapping_mul(least(lane).map_or(0xFF, |least| 9_u64.wrapping_sub(least)))),
            zeros: of_lanes(&|lane| {
                EACH.wrapping_mul(b'0'.into()) ^ (point(lane) & EACH.wrapping_mul((b'0' ^ eight.point).into()))
            }),
            most: of_lanes(&|lane| EACH.wrapping_mul(9) & !point(lane)),
            without_point: eight.without_point.map(u64::from_le_bytes),
            end_bytes: of_lanes(&|lane| lowest(eight.ends.get(lane))),
            before_bytes: of_lanes(&|lane| lowest(eight.ends.get(lane.wrapping_add(LANES)))),
        }
    }

    #[target_feature(enable = "avx512f")]
    #[inline]
    fn registers(&self) -> Registers {
        Registers {
            own: load(&self.own),
            least: load(&self.least),
            more: load(&self.more),
            zeros: load(&self.zeros),
            most: load(&self.most),
            without_point: load(&self.without_point),
        }
    }
}

impl Registers {
    /// The numbers of eight cells of those lengths whose last eight bytes are `words`, and what is left of these bytes
    /// without what is taken from them.
    #[target_feature(enable = "avx512f,avx512bw")]
    #[inline]
    fn read(&self, words: __m512i, lengths: __m512i) -> (__m512i, __m512i) {
        let left = _mm512_maskz_sub_epi8(_mm512_cmpgt_epu8_mask(lengths, self.own), words, self.zeros);
        let digits = _mm512_shuffle_epi8(left, self.without_point);
        let pairs = _mm512_maddubs_epi16(digits, _mm512_set1_epi16(0x010A));
        let fours = _mm512_madd_epi16(pairs, _mm512_set1_epi32(0x0001_0064));
        let high = _mm512_mul_epu32(fours, _mm512_set1_epi64(10_000));
        (_mm512_add_epi64(high, _mm512_srli_epi64::<32>(fours)), left)
    }

    /// The lanes of cells that are no numbers of their form: by their lengths, and what is left of their bytes.
    #[target_feature(enable = "avx512f,avx512bw")]
    #[inline]
    fn wrong(&self, lengths: __m512i, left: __m512i) -> __mmask8 {
        let unfit = _mm512_subs_epu8(_mm512_sub_epi8(lengths, self.least), self.more);
        let wrong = _mm512_or_si512(unfit, _mm512_subs_epu8(left, self.most));
        _mm512_test_epi64_mask(wrong, wrong)
    }
}

impl Words {
    #[target_feature(enable = "avx512f")]
    #[inline]
    fn load(&self) -> __m512i {
        // SAFETY: there are 64 bytes, which begin where 64 divides the address.
        unsafe { _mm512_load_si512(self.0.as_ptr().cast()) }
    }

    #[target_feature(enable = "avx512f")]
    #[inline]
    fn store(&mut self, values: __m512i) {
        // SAFETY: there are 64 bytes, which begin where 64 divides the address.
        unsafe { _mm512_store_si512(self.0.as_mut_ptr().cast(), values) };
    }
}

impl Numbers {
    /// Reads so many rows, of which there are some, at most [`ROWS`].
    #[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl,avx512vbmi,avx2,bmi1,bmi2,popcnt")]
    pub(super) fn read_avx512(&mut self, lines: &Lines<'_>) {
        self.bad = [self.never; ROWS];
        self.all_read = true;
        let ways = std::mem::take(&mut self.ways);
        for (number, way) in ways.iter().enumerate() {
            match way {
                Way::Near(form) => self.read_together(lines, form, number),
                Way::Alone(columns) => {
                    for (lane, index, form) in columns {
                        self.read_column(lines, *index, form, number.wrapping_mul(LANES).wrapping_add(*lane));
                    }
                }
            }
        }
        self.ways = ways;
    }

    /// Reads eight columns of rows.
    #[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl,avx512vbmi,avx2")]
    #[inline]
    fn read_together(&mut self, lines: &Lines<'_>, form: &Form, number: usize) {
        let Near { far, mut wrong } = self.read_near::<false>(lines, form, number);
        if wrong {
            // Seldom is one of them wrong: then which.
            wrong = self.read_near::<true>(lines, form, number).wrong;
        }
        if far != 0 {
            self.read_far(lines, form, number, far);
        }
        self.all_read &= !wrong && far == 0;
    }

    /// Reads eight columns of rows, except of those whose cells are too far from each other. Notes
    /// which cells are wrong if it is to look at `EACH`.
    #[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl,avx512vbmi,avx2")]
    #[inline]
    fn read_near<const EACH: bool>(&mut self, lines: &Lines<'_>, form: &Form, number: usize) -> Near {
        /// Bytes of a cell counted back from its end.
        const BACK: i64 = 0xFFFE_FDFC_FBFA_F9F8_u64.cast_signed();
        let Lines { bytes, ends, width, .. } = *lines;
        let rows = lines.count.clamp(1, ROWS);
        let none = Near { far: u64::MAX >> ROWS.wrapping_sub(rows), wrong: false };
        let Some(Eight { first, last, near, .. }) = self.forms.get(number) else { return none };
        let span = last.wrapping_sub(*first).wrapping_add(1) & (2 * LANES - 1);
        let positions = ends.get(*first..).unwrap_or_default();
        let needed = rows.wrapping_sub(1).wrapping_mul(width).wrapping_add(2 * LANES);
        let Some(last_half) = bytes.len().checked_sub(WINDOW / 2).filter(|_| *near && needed <= positions.len()) else {
            return none;
        };
        let strides = self.forms.len();
        let Some(values) =
            self.values.get_mut(number..).filter(|values| values.len() > strides.wrapping_mul(rows.wrapping_sub(1)))
        else {
            return none;
        };
        let registers = form.registers();
        let (end_bytes, before_bytes) = (load(&form.end_bytes), load(&form.before_bytes));
        let back = _mm512_set1_epi64(BACK);
        let mut far = 0;
        // What is right of the least and the most is right of all between them.
        let (mut shortest, mut longest, mut most_left) = (_mm512_set1_epi8(-1), _mm512_setzero_si512(), _mm512_setzero_si512());
        let mut any_wrong = 0;
        let (mut place, mut slot) = (positions.as_ptr(), values.as_mut_ptr());
        for row in 0..rows {
            // SAFETY: `positions` has 16 elements from the place of the last row on, and so it has from that
            // of each row before; `span` is less than 16.
            let (before, end) = unsafe { (*place, *place.add(span)) };
            // All cells lie in the bytes that end where the last one does.
            let length = end.wrapping_sub(before).wrapping_sub(1) as usize;
            let half = (end as usize).wrapping_sub(WINDOW / 2);
            let is_short = length <= WINDOW / 2;
            if half > last_half || !(is_short || (length <= WINDOW && half >= WINDOW / 2)) {
                far |= 1 << row;
                (place, slot) = (place.wrapping_add(width), slot.wrapping_add(strides));
                continue;
            }
            // Relative to the window's end; the lowest byte is enough in a window of that size.
            // SAFETY: sixteen elements of four bytes are there, as above; the load does not ask for alignment.
            let near = unsafe { _mm512_loadu_si512(place.cast()) };
            let near = _mm512_sub_epi32(near, _mm512_set1_epi32(end.cast_signed()));
            let cell_ends = _mm512_permutexvar_epi8(end_bytes, near);
            let lengths = _mm512_sub_epi8(cell_ends, _mm512_permutexvar_epi8(before_bytes, near));
            let sources = _mm512_add_epi8(cell_ends, back);
            // SAFETY: `bytes` has 64 bytes from `half` on, as was just asked; the load does not ask for
            // alignment.
            let high = unsafe { _mm512_loadu_si512(bytes.as_ptr().add(half).cast()) };
            let words = if is_short {
                _mm512_permutexvar_epi8(sources, high)
            } else {
                // SAFETY: as many bytes are in front of `half`, as was asked.
                let low = unsafe { _mm512_loadu_si512(bytes.as_ptr().add(half.wrapping_sub(WINDOW / 2)).cast()) };
                _mm512_permutex2var_epi8(low, sources, high)
            };
            let (value, left) = registers.read(words, lengths);
            // SAFETY: `values` has an element there, as was asked for the last row.
            unsafe { (*slot).store(value) };
            (place, slot) = (place.wrapping_add(width), slot.wrapping_add(strides));
            if EACH {
                let wrong = registers.wrong(lengths, left);
                any_wrong |= wrong;
                if let Some(bad) = self.bad.get_mut(row) {
                    *bad |= u64::from(wrong) << (number.wrapping_mul(LANES) & 63);
                }
            } else {
                (shortest, longest) = (_mm512_min_epu8(shortest, lengths), _mm512_max_epu8(longest, lengths));
                most_left = _mm512_max_epu8(most_left, left);
            }
        }
        if !EACH {
            any_wrong = registers.wrong(shortest, most_left) | registers.wrong(longest, most_left);
        }
        Near { far, wrong: any_wrong != 0 }
    }

    /// Reads eight columns of some rows, wherever their cells are.
    #[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl,avx2")]
    fn read_far(&mut self, lines: &Lines<'_>, form: &Form, number: usize, rows: u64) {
        let Some(eight) = self.forms.get(number) else { return };
        let registers = form.registers();
        let strides = self.forms.len();
        for (row, bad) in self.bad.iter_mut().enumerate().filter(|(row, _)| (rows >> (row & 63)) & 1 == 1) {
            let cells = Cells::of(lines.bytes, lines.ends, row.wrapping_mul(lines.width), eight);
            let lengths = cells.lengths().map(|length| length.wrapping_add(1).min(255));
            let lengths = lowest_bytes(load(&lengths));
            let (value, left) = registers.read(load(&cells.words), lengths);
            if let Some(values) = self.values.get_mut(row.wrapping_mul(strides).wrapping_add(number)) {
                values.store(value);
            }
            *bad |= u64::from(registers.wrong(lengths, left)) << (number.wrapping_mul(LANES) & 63);
        }
    }

    /// Reads a column of rows, eight at a time.
    #[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl,avx2")]
    #[inline]
    fn read_column(&mut self, lines: &Lines<'_>, index: usize, form: &Form, column: usize) {
        let registers = form.registers();
        let stride = self.forms.len().wrapping_mul(LANES);
        let slots = multiples(stride);
        for block in (0..lines.count).step_by(LANES) {
            let cells = Octet::of(lines, index, block);
            let (words, known) = cells.last_eight(lines.bytes);
            let lengths = cells.lengths();
            let (value, left) = registers.read(words, lengths);
            let wrong = (registers.wrong(lengths, left) | !known) & cells.rows;
            let first = block.wrapping_mul(stride).wrapping_add(column);
            let last = first.wrapping_add(stride.wrapping_mul(LANES - 1));
            if last < self.values.len().wrapping_mul(LANES) {
                // SAFETY: the values have a word for the last of eight rows, and so they have for each before.
                unsafe {
                    let words: *mut i64 = self.values.as_mut_ptr().cast();
                    _mm512_i32scatter_epi64::<8>(words.add(first).cast(), slots, value);
                }
            }
            if wrong != 0 {
                self.all_read = false;
                for (row, bad) in self.bad.iter_mut().skip(block).take(LANES).enumerate() {
                    *bad |= u64::from((wrong >> row) & 1) << (column & 63);
                }
            }
        }
    }

    /// Compares the pairs, which are among the first sixteen columns.
    #[target_feature(enable = "avx512f,avx512dq")]
    pub(super) fn compare_avx512(&mut self, rows: usize) {
        let strides = self.forms.len().max(1);
        let mut above_in_rows = 0_u64;
        for Whole { form, of_lanes } in &self.wholes {
            let of_lanes = load(of_lanes);
            // Those that were read have eight digits each: it is below zero where the part is above the whole.
            let left = |values: &[Words]| match (values.get(*form), values) {
                (Some(parts), [low, others @ ..]) => {
                    let high = others.first().unwrap_or(low);
                    let wholes = _mm512_permutex2var_epi64(low.load(), of_lanes, high.load());
                    _mm512_sub_epi64(wholes, parts.load())
                }
                _ => _mm512_setzero_si512(),
            };
            let all = || self.values.chunks_exact(strides).take(rows);
            let any = all().fold(_mm512_setzero_si512(), |any, values| _mm512_or_si512(any, left(values)));
            if _mm512_movepi64_mask(any) != 0 {
                let bit = |bits, (row, values)| bits | (u64::from(_mm512_movepi64_mask(left(values)) != 0) << (row & 63));
                above_in_rows |= all().enumerate().fold(0, bit);
            }
        }
        self.above = above_in_rows;
    }

    /// As [`Numbers::add_to`].
    #[target_feature(enable = "avx512f,bmi1")]
    pub(super) fn add_to_avx512(
        counts: &mut [u64],
        sums: &mut [Words],
        (values, (stride, kept)): (&[Words], (usize, usize)),
        slots: &[u32],
    ) {
        for (slot, values) in slots.iter().zip(values.chunks_exact(stride.max(1))) {
            let slot = *slot as usize;
            let Some(count) = counts.get_mut(slot) else { continue };
            *count = count.wrapping_add(1);
            // Of one vector each, which is what most have, no place has to be worked out.
            let sums = if kept == 1 { sums.get_mut(slot..=slot) } else { sums.get_mut(slot.wrapping_mul(kept)..) };
            for (sum, value) in sums.unwrap_or_default().iter_mut().zip(values).take(kept) {
                sum.store(_mm512_add_epi64(sum.load(), value.load()));
            }
        }
    }

    /// As [`Numbers::add_up`].
    #[target_feature(enable = "avx512f,bmi1")]
    pub(super) fn add_up_avx512(&self, sums: &mut [Words], first: usize, rows: u64) {
        let stride = self.forms.len().max(1);
        for (part, total) in sums.iter_mut().enumerate() {
            let of_part = self.values.get(first.wrapping_add(part)..).unwrap_or_default();
            let value = |row: usize| of_part.get(row.wrapping_mul(stride)).map_or(_mm512_setzero_si512(), |words| words.load());
            let add = |sum, row| _mm512_add_epi64(sum, value(row));
            let sum = if rows & rows.wrapping_add(1) == 0 {
                (0..rows.count_ones() as usize).fold(total.load(), add)
            } else {
                each(rows).fold(total.load(), add)
            };
            total.store(sum);
        }
    }
}

/// What came of reading the cells that are near each other.
struct Near {
    /// A bit for each row whose cells are not.
    far: u64,
    /// Whether some cell of the others is no number of its form.
    wrong: bool,
}
