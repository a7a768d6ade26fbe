//! The numbers of many rows at once.

use super::digits::eight_digits;
use super::{Instructions, LANES, Lines, ONES, ROWS, each, first_bits};

/// Eight numbers side by side, in memory that the processor fetches as one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[repr(C, align(64))]
pub(in crate::ingest::scan) struct Words(pub(in crate::ingest::scan) [i64; LANES]);

/// A column whose numbers are read together with others.
#[derive(Clone, Copy, Debug)]
pub(in crate::ingest::scan) struct Lane {
    /// Number of the column in the row.
    pub(in crate::ingest::scan) index: usize,
    /// Fewest bytes of a cell; the most are eight.
    pub(in crate::ingest::scan) shortest: usize,
}

impl Lane {
    /// A column whose cells are never read so.
    pub(in crate::ingest::scan) const NONE: Lane = Lane { index: 0, shortest: NEVER };

    fn is_none(self) -> bool {
        self.shortest == NEVER
    }
}

/// Fewest bytes of a cell in a column that is not read: longer than any cell, whatever the sign.
const NOT_READ: u32 = i32::MAX.cast_unsigned();

/// Longer than any cell that is read.
const NEVER: usize = 9;

impl Words {
    /// Adds word to word; what does not fit is lost.
    #[inline]
    fn add(&mut self, more: &Words) {
        self.0.iter_mut().zip(more.0).for_each(|(sum, value)| *sum = sum.wrapping_add(value));
    }
}

/// Reads numbers of plain digits, with a point where their column has one, of up to eight bytes.
#[derive(Debug)]
pub(in crate::ingest::scan) struct Numbers {
    instructions: Instructions,
    pub(super) lanes: Vec<Lane>,
    pub(super) forms: Vec<Eight>,
    /// How each of these is read by vectors of 64 bytes.
    #[cfg(target_arch = "x86_64")]
    pub(super) ways: Vec<super::avx512::Way>,
    /// Columns of which the first may not be above the second.
    pairs: Vec<(usize, usize)>,
    /// The same, where they are among the first sixteen columns.
    pub(super) wholes: Vec<Whole>,
    /// Of each row the value of each column, in units of the column's last place. What stands behind the
    /// last column means nothing.
    pub(super) values: Vec<Words>,
    /// Of each row a bit for each column whose cell is no number of its form.
    pub(super) bad: [u64; ROWS],
    /// A bit for each column whose cells are not read from the next rows on.
    pub(super) never: u64,
    /// No cell of a column that is read is bad.
    pub(super) all_read: bool,
    /// A bit for each row in which some pair is in the wrong order; any bit where a cell is bad.
    pub(super) above: u64,
}

/// For eight columns side by side others, above which they may not be: at most one for each.
#[derive(Clone, Copy, Debug)]
pub(super) struct Whole {
    /// Which eight columns.
    pub(super) form: usize,
    /// For each its own number where it may be anything.
    pub(super) of_lanes: [u64; LANES],
}

/// Eight columns side by side in the registers.
#[derive(Clone, Copy, Debug)]
pub(super) struct Eight {
    /// Number of the first column and of the last; the first is above the last where there is none.
    pub(super) first: usize,
    pub(super) last: usize,
    /// For each column the place of its end among the positions from the one in front of `first` on,
    /// and then the place of the end before it.
    pub(super) ends: [u32; 2 * LANES],
    /// Whether all of those are among sixteen.
    pub(super) near: bool,
    pub(super) shortest: [u32; LANES],
    /// The decimal mark, and where it must stand as a mask of its byte; 0 for a column without.
    pub(super) point: u8,
    pub(super) points: [u64; LANES],
    /// For each byte of a cell that has the point taken out, from where it comes, counted from the
    /// beginning of a half of 16 bytes; the highest bit asks for a zero.
    pub(super) without_point: [[u8; 8]; LANES],
}

impl Eight {
    fn new(places: &[u32], point_byte: u8) -> Self {
        let place = |lane: usize| places.get(lane).copied().unwrap_or(0).min(6) as usize;
        let point =
            |lane: usize| if place(lane) == 0 { 0 } else { 0xFF_u64 << 56_usize.saturating_sub(place(lane).saturating_mul(8)) };
        let without = |lane: usize| {
            let mut from = [0_u8, 1, 2, 3, 4, 5, 6, 7];
            if place(lane) > 0 {
                let at = 7_usize.saturating_sub(place(lane));
                for (byte, from) in from.iter_mut().enumerate().take(at.saturating_add(1)) {
                    *from = byte.checked_sub(1).map_or(0x80, |before| u8::try_from(before).unwrap_or(0x80));
                }
            }
            let half = if lane.is_multiple_of(2) { 0 } else { 8 };
            from.map(|from| from | half)
        };
        Eight {
            first: 1,
            last: 0,
            ends: [0; 2 * LANES],
            near: true,
            shortest: [NOT_READ; LANES],
            point: point_byte,
            points: std::array::from_fn(point),
            without_point: std::array::from_fn(without),
        }
    }

    /// The lanes whose columns are read.
    pub(super) fn lanes(&self) -> impl Iterator<Item = usize> + Clone + use<> {
        self.shortest.into_iter().enumerate().filter(|(_, shortest)| *shortest != NOT_READ).map(|(lane, _)| lane)
    }

    /// Eight times the column of that lane.
    pub(super) fn alike(&self, lane: usize) -> Eight {
        let all = |of: &[u32; LANES]| [of.get(lane).copied().unwrap_or(NOT_READ); LANES];
        let points = [self.points.get(lane).copied().unwrap_or(0); LANES];
        let without = self.without_point.get(lane).copied().unwrap_or_default();
        let without_point =
            std::array::from_fn(|other| without.map(|from| (from & !8) | if other.is_multiple_of(2) { 0_u8 } else { 8 }));
        Eight { shortest: all(&self.shortest), points, without_point, ..*self }
    }

    fn set(&mut self, lanes: &[Lane]) {
        let read = || lanes.iter().filter(|lane| !lane.is_none()).map(|lane| lane.index);
        self.first = read().min().unwrap_or(1);
        self.last = read().max().unwrap_or(0);
        self.near = self.last.saturating_sub(self.first) < 15;
        for (lane, column) in lanes.iter().enumerate().take(LANES) {
            let place = if column.is_none() { 0 } else { column.index.saturating_sub(self.first) };
            let place = u32::try_from(place).unwrap_or(0);
            let shortest = if column.is_none() { NOT_READ } else { u32::try_from(column.shortest).unwrap_or(NOT_READ) };
            if let (Some(end), Some(slot)) = (self.ends.get_mut(lane), self.shortest.get_mut(lane)) {
                *end = place.saturating_add(1);
                *slot = shortest;
            }
            if let Some(before) = self.ends.get_mut(lane.saturating_add(LANES)) {
                *before = place;
            }
        }
    }
}

impl Numbers {
    /// For columns of so many decimal places, at most six, behind that decimal mark, and pairs of them of
    /// which the first should not be above the second.
    pub(in crate::ingest::scan) fn new(places: &[u32], point: u8, pairs: &[(usize, usize)]) -> Self {
        Self::with(Instructions::best(), places, point, pairs)
    }

    fn with(instructions: Instructions, places: &[u32], point: u8, pairs: &[(usize, usize)]) -> Self {
        let pairs = not_implied(pairs);
        let forms: Vec<Eight> = places.chunks(LANES).map(|places| Eight::new(places, point)).collect();
        let columns = forms.len().saturating_mul(LANES);
        Numbers {
            instructions,
            lanes: vec![Lane::NONE; columns],
            wholes: wholes(&pairs),
            values: vec![Words::default(); forms.len().saturating_mul(ROWS)],
            #[cfg(target_arch = "x86_64")]
            ways: Vec::new(),
            forms,
            pairs,
            bad: [0; ROWS],
            never: u64::MAX,
            all_read: false,
            above: 0,
        }
    }

    /// Says which cells of a column may be read from now on.
    pub(in crate::ingest::scan) fn set(&mut self, column: usize, lane: Lane) {
        if let Some(slot) = self.lanes.get_mut(column) {
            *slot = lane;
        }
        let never = |never: u64, (column, lane): (usize, &Lane)| never | (u64::from(lane.is_none()) << (column & 63));
        self.never = self.lanes.iter().enumerate().fold(0, never);
        for (form, lanes) in self.forms.iter_mut().zip(self.lanes.chunks(LANES)) {
            form.set(lanes);
        }
        #[cfg(target_arch = "x86_64")]
        {
            self.ways = self.forms.iter().map(super::avx512::Way::of).collect();
        }
    }

    /// The value of a column in a row of those read last; 0 where there is no such column.
    #[inline]
    pub(in crate::ingest::scan) fn value(&self, row: usize, column: usize) -> i64 {
        self.values.get(self.place(row, column)).and_then(|words| words.0.get(column % LANES)).copied().unwrap_or(0)
    }

    /// Says what the value of a column is in a row of those read last.
    pub(in crate::ingest::scan) fn set_value(&mut self, row: usize, column: usize, value: i64) {
        let place = self.place(row, column);
        if let Some(slot) = self.values.get_mut(place).and_then(|words| words.0.get_mut(column % LANES)) {
            *slot = value;
        }
    }

    #[inline]
    fn place(&self, row: usize, column: usize) -> usize {
        row.wrapping_mul(self.forms.len()).wrapping_add(column / LANES)
    }

    /// The values of the rows read last, one row behind the other.
    #[inline]
    pub(in crate::ingest::scan) fn values(&self) -> &[Words] {
        &self.values
    }

    /// A bit for each of the rows read last in which all of those columns were read and no pair is in the
    /// wrong order.
    #[inline]
    pub(in crate::ingest::scan) fn good(&self, rows: usize, columns: u64) -> u64 {
        if self.all_read && self.never & columns == 0 {
            return first_bits(rows) & !self.above;
        }
        let good = |good, (row, bad): (usize, &u64)| good | (u64::from(bad & columns == 0) << row);
        self.bad.iter().enumerate().take(rows).fold(0, good) & !self.above
    }

    /// A bit for each column of a row whose cell is no number of its form.
    #[inline]
    pub(in crate::ingest::scan) fn bad(&self, row: usize) -> u64 {
        self.bad.get(row).copied().unwrap_or(u64::MAX)
    }

    /// Whether some pair of the row, which has no bad cell, is in the wrong order.
    #[inline]
    pub(in crate::ingest::scan) fn is_above(&self, row: usize) -> bool {
        (self.above >> (row & (ROWS - 1))) & 1 == 1
    }

    /// Reads the columns of some rows. Eight bytes must be readable in front of every cell.
    #[inline]
    pub(in crate::ingest::scan) fn read(&mut self, lines: &Lines<'_>) {
        match self.instructions {
            // SAFETY: the processor was asked for these instructions when `instructions` was chosen.
            #[cfg(target_arch = "x86_64")]
            Instructions::Avx512 => unsafe {
                self.read_avx512(lines);
                if self.pairs.is_empty() || !self.wholes.is_empty() {
                    self.compare_avx512(lines.count);
                    return;
                }
            },
            // SAFETY: the same.
            #[cfg(target_arch = "x86_64")]
            Instructions::Avx2 => unsafe { self.read_avx2(lines) },
            Instructions::Portable => self.read_portable(lines),
        }
        self.compare(lines.count);
    }

    /// Counts rows of such values in their slots and adds them to the sums of these. Of the first number of words that
    /// each row has, a slot has the second number. What does not fit is lost.
    #[inline]
    pub(in crate::ingest::scan) fn add_to(
        &self,
        counts: &mut [u64],
        sums: &mut [Words],
        values: (&[Words], (usize, usize)),
        slots: &[u32],
    ) {
        #[cfg(target_arch = "x86_64")]
        if self.instructions == Instructions::Avx512 {
            // SAFETY: the processor was asked for these instructions when `instructions` was chosen.
            unsafe { Self::add_to_avx512(counts, sums, values, slots) };
            return;
        }
        let (values, (stride, kept)) = values;
        for (row, slot) in slots.iter().enumerate() {
            let slot = *slot as usize;
            if let Some(count) = counts.get_mut(slot) {
                *count = count.wrapping_add(1);
            }
            let sums = sums.get_mut(slot.wrapping_mul(kept)..).unwrap_or_default();
            let values = values.get(row.wrapping_mul(stride)..).unwrap_or_default();
            sums.iter_mut().zip(values).take(kept).for_each(|(sum, value)| sum.add(value));
        }
    }

    /// Adds up the words of some of the rows read last, from the one with number `first` on.
    pub(in crate::ingest::scan) fn add_up(&self, sums: &mut [Words], first: usize, rows: u64) {
        #[cfg(target_arch = "x86_64")]
        if self.instructions == Instructions::Avx512 {
            // SAFETY: the processor was asked for these instructions when `instructions` was chosen.
            unsafe { self.add_up_avx512(sums, first, rows) };
            return;
        }
        let stride = self.forms.len();
        for row in each(rows) {
            let values = self.values.get(row.wrapping_mul(stride).wrapping_add(first)..).unwrap_or_default();
            sums.iter_mut().zip(values).for_each(|(sum, value)| sum.add(value));
        }
    }

    /// Compares the pairs of rows one by one.
    fn compare(&mut self, rows: usize) {
        self.above = 0;
        if self.pairs.is_empty() {
            return;
        }
        let stride = self.forms.len().max(1);
        for (part, whole) in &self.pairs {
            let column = |column: usize| {
                let words = self.values.get(column / LANES..).unwrap_or_default().iter().step_by(stride);
                words.map(move |words| words.0.get(column % LANES).copied().unwrap_or(0))
            };
            let rows = column(*part).zip(column(*whole)).take(rows.min(ROWS)).enumerate();
            self.above |= rows.fold(0, |above, (row, (part, whole))| above | (u64::from(part > whole) << row));
        }
    }

    #[cfg(target_arch = "x86_64")]
    #[target_feature(enable = "avx2,bmi1,bmi2,popcnt")]
    fn read_avx2(&mut self, lines: &Lines<'_>) {
        use std::arch::x86_64::{
            __m256i, _mm256_add_epi64, _mm256_and_si256, _mm256_andnot_si256, _mm256_castsi256_pd, _mm256_cmpeq_epi8,
            _mm256_cmpeq_epi64, _mm256_cmpgt_epi64, _mm256_loadu_si256, _mm256_madd_epi16, _mm256_maddubs_epi16, _mm256_max_epu8,
            _mm256_movemask_pd, _mm256_mul_epu32, _mm256_or_si256, _mm256_set1_epi8, _mm256_set1_epi16, _mm256_set1_epi32,
            _mm256_set1_epi64x, _mm256_setr_epi64x, _mm256_shuffle_epi8, _mm256_slli_epi64, _mm256_sllv_epi64, _mm256_srli_epi64,
            _mm256_srlv_epi64, _mm256_storeu_si256, _mm256_sub_epi64, _mm256_xor_si256,
        };
        /// Lanes of a vector.
        const HALF: usize = LANES / 2;
        // SAFETY: the array has 32 bytes; the load does not ask for alignment.
        let load = |four: &[u64; HALF]| -> __m256i { unsafe { _mm256_loadu_si256(four.as_ptr().cast()) } };
        let zeros = _mm256_set1_epi8(0x30);
        let nine = _mm256_set1_epi8(9);
        let tens = _mm256_set1_epi16(0x010A);
        let hundreds = _mm256_set1_epi32(0x0001_0064);
        let ten_thousand = _mm256_set1_epi64x(10_000);
        let all = _mm256_set1_epi8(-1);
        let Lines { bytes, ends, width, count: rows, .. } = *lines;
        let stride = self.forms.len();
        self.bad = [self.never; ROWS];
        self.all_read = false;
        // The four columns that have their turn are in registers for all rows.
        for half in 0..self.forms.len().wrapping_mul(2) {
            let Some(form) = self.forms.get(half / 2) else { return };
            let lane = if half.is_multiple_of(2) { 0 } else { HALF };
            let column = half.wrapping_mul(HALF);
            if form
                .shortest
                .get(lane..lane.wrapping_add(HALF))
                .is_none_or(|four| four.iter().all(|shortest| *shortest == NOT_READ))
            {
                continue;
            }
            let four = |of: &[u64]| of.get(lane..).and_then(<[u64]>::first_chunk).copied().unwrap_or_default();
            let (shortest, points) = (load(&four(&form.shortest.map(u64::from))), load(&four(&form.points)));
            let without = load(&four(&form.without_point.map(u64::from_le_bytes)));
            let wanted = _mm256_and_si256(_mm256_set1_epi8((form.point ^ b'0').cast_signed()), points);
            let place = |lane: usize| form.ends.get(lane).map_or(0, |place| *place as usize);
            let places: [usize; HALF] = std::array::from_fn(|of| place(lane.wrapping_add(of)));
            let befores: [usize; HALF] = std::array::from_fn(|of| place(lane.wrapping_add(of).wrapping_add(LANES)));
            for row in 0..rows.min(ROWS) {
                let at = row.wrapping_mul(width).wrapping_add(form.first);
                // The last eight bytes up to the cell's end, and its length.
                let cell = |of: usize| {
                    let end = |place: usize| ends.get(at.wrapping_add(place)).copied().unwrap_or(0);
                    let (to, from) = (end(places[of]), end(befores[of]));
                    let last = bytes.get((to as usize).wrapping_sub(8)..).and_then(<[u8]>::first_chunk::<8>);
                    let length = i64::from(to).wrapping_sub(from.into()).wrapping_sub(1);
                    (last.map_or(0, |last| i64::from_le_bytes(*last)), length)
                };
                // Not by way of memory: a load of what was just stored in parts would have to wait.
                let cells = [cell(0), cell(1), cell(2), cell(3)];
                let words = _mm256_setr_epi64x(cells[0].0, cells[1].0, cells[2].0, cells[3].0);
                let lengths = _mm256_setr_epi64x(cells[0].1, cells[1].1, cells[2].1, cells[3].1);
                let unfit =
                    _mm256_or_si256(_mm256_cmpgt_epi64(shortest, lengths), _mm256_cmpgt_epi64(lengths, _mm256_set1_epi64x(8)));
                let foreign = _mm256_sub_epi64(_mm256_set1_epi64x(64), _mm256_slli_epi64::<3>(lengths));
                let own = _mm256_sllv_epi64(_mm256_srlv_epi64(_mm256_xor_si256(words, zeros), foreign), foreign);
                let has_point = _mm256_cmpeq_epi64(_mm256_and_si256(own, points), wanted);
                let digits = _mm256_shuffle_epi8(own, without);
                let are_digits = _mm256_cmpeq_epi64(_mm256_cmpeq_epi8(_mm256_max_epu8(digits, nine), nine), all);
                let good = _mm256_andnot_si256(unfit, _mm256_and_si256(has_point, are_digits));
                let pairs = _mm256_maddubs_epi16(digits, tens);
                let fours = _mm256_madd_epi16(pairs, hundreds);
                let value = _mm256_add_epi64(_mm256_mul_epu32(fours, ten_thousand), _mm256_srli_epi64::<32>(fours));
                let slots = self.values.get_mut(row.wrapping_mul(stride).wrapping_add(half / 2));
                let slots = slots.and_then(|words| words.0.get_mut(lane..));
                if let Some(slots) = slots.and_then(<[i64]>::first_chunk_mut::<HALF>) {
                    // SAFETY: the array has 32 bytes; the store does not ask for alignment.
                    unsafe { _mm256_storeu_si256(slots.as_mut_ptr().cast(), value) };
                }
                let wrong = !u64::from(_mm256_movemask_pd(_mm256_castsi256_pd(good)).cast_unsigned()) & 0xF;
                if let Some(bad) = self.bad.get_mut(row) {
                    *bad |= wrong << (column & 63);
                }
            }
        }
    }

    fn read_portable(&mut self, lines: &Lines<'_>) {
        const HIGHEST: u64 = ONES << 7;
        const ZEROS: u64 = ONES.wrapping_mul(b'0' as u64);
        const ABOVE_NINE: u64 = ONES.wrapping_mul(0x7F - 9);
        let Lines { bytes, ends, width, count: rows, .. } = *lines;
        let stride = self.forms.len().max(1);
        self.all_read = false;
        self.bad = [self.never; ROWS];
        for (number, form) in self.forms.iter().enumerate() {
            for lane in form.lanes() {
                let place = |lane: usize| form.ends.get(lane).map_or(0, |place| form.first.wrapping_add(*place as usize));
                let (end_place, before_place) = (place(lane), place(lane.wrapping_add(LANES)));
                let shortest = form.shortest.get(lane).copied().unwrap_or(NOT_READ);
                let point = form.points.get(lane).copied().unwrap_or(0);
                // Bytes in front of the point are moved to where it stood.
                let front = (point & point.wrapping_neg()).saturating_sub(1);
                let behind = !(front | point);
                let bit = 1 << (number.wrapping_mul(LANES).wrapping_add(lane) & 63);
                let rows = self.bad.iter_mut().zip(self.values.chunks_exact_mut(stride)).take(rows).enumerate();
                for (row, (bad, values)) in rows {
                    let at = row.wrapping_mul(width);
                    let position = |place: usize| ends.get(at.wrapping_add(place)).copied().unwrap_or(0) as usize;
                    let (end, before) = (position(end_place), position(before_place));
                    let word = bytes
                        .get(end.wrapping_sub(8)..)
                        .and_then(<[u8]>::first_chunk)
                        .map_or(0, |word| u64::from_le_bytes(*word));
                    let length = end.wrapping_sub(before).wrapping_sub(1);
                    let foreign = 64_usize.wrapping_sub(length.wrapping_mul(8)) & 63;
                    let own = (word ^ ZEROS) >> foreign << foreign;
                    let digits = (own & behind) | ((own & front) << 8);
                    let has_point = own & point == point & ONES.wrapping_mul(u64::from(form.point ^ b'0'));
                    let above_nine = ((digits & !HIGHEST).wrapping_add(ABOVE_NINE) | digits) & HIGHEST;
                    if length < shortest as usize || length > 8 || !has_point || above_nine != 0 {
                        *bad |= bit;
                    }
                    if let Some(value) = values.get_mut(number).and_then(|words| words.0.get_mut(lane)) {
                        *value = eight_digits(digits).cast_signed();
                    }
                }
            }
        }
    }
}

/// The pairs, which are among the first sixteen columns, for eight columns at once; none if others are
/// among them.
fn wholes(pairs: &[(usize, usize)]) -> Vec<Whole> {
    let mut all: Vec<Whole> = Vec::new();
    for (part, whole) in pairs {
        if (*part).max(*whole) >= 2 * LANES {
            return Vec::new();
        }
        let (form, lane) = (part / LANES, part % LANES);
        let own = |of: &Whole| of.of_lanes.get(lane) == Some(&(*part as u64));
        let at = all.iter().position(|of| of.form == form && own(of)).unwrap_or_else(|| {
            let of_lanes = std::array::from_fn(|lane| form.saturating_mul(LANES).saturating_add(lane) as u64);
            all.push(Whole { form, of_lanes });
            all.len().saturating_sub(1)
        });
        if let Some(slot) = all.get_mut(at).and_then(|of| of.of_lanes.get_mut(lane)) {
            *slot = *whole as u64;
        }
    }
    all
}

/// The pairs that do not follow from others: what is at most a part is at most the whole.
fn not_implied(pairs: &[(usize, usize)]) -> Vec<(usize, usize)> {
    let mut kept: Vec<(usize, usize)> = pairs.iter().copied().filter(|(part, whole)| part != whole).collect();
    kept.sort_unstable();
    kept.dedup();
    let mut index = 0;
    while let Some((part, whole)) = kept.get(index).copied() {
        let others: Vec<_> = kept.iter().copied().filter(|pair| *pair != (part, whole)).collect();
        // What is at most the part by the others.
        let mut reached = vec![part];
        let mut next = 0;
        while let Some(from) = reached.get(next).copied() {
            for (_, to) in others.iter().filter(|(of, to)| *of == from && !reached.contains(to)).copied().collect::<Vec<_>>() {
                reached.push(to);
            }
            next = next.saturating_add(1);
        }
        if reached.contains(&whole) {
            kept = others;
        } else {
            index = index.saturating_add(1);
        }
    }
    kept
}

/// The cells of eight columns of a row.
#[derive(Default)]
pub(super) struct Cells {
    pub(super) ends: [u32; LANES],
    pub(super) befores: [u32; LANES],
    /// The last eight bytes up to the end of each, which need not all be its own.
    pub(super) words: [u64; LANES],
}

impl Cells {
    /// How many bytes each has.
    pub(super) fn lengths(&self) -> [u64; LANES] {
        let length = |lane: usize| {
            let of = |array: &[u32; LANES]| array.get(lane).copied().unwrap_or(0);
            u64::from(of(&self.ends)).wrapping_sub(of(&self.befores).into()).wrapping_sub(1)
        };
        std::array::from_fn(length)
    }

    /// Of the row that begins at `row` among `ends`.
    #[inline(always)]
    #[allow(clippy::inline_always, reason = "it is part of loops that are compiled for other instructions")]
    pub(super) fn of(bytes: &[u8], ends: &[u32], row: usize, form: &Eight) -> Self {
        let mut cells = Cells::default();
        let Some(ends) = ends.get(row.wrapping_add(form.first)..) else { return cells };
        for lane in 0..LANES {
            let place = form.ends.get(lane).map_or(0, |place| *place as usize);
            let before = form.ends.get(lane.wrapping_add(LANES)).map_or(0, |place| *place as usize);
            let end = ends.get(place).copied().unwrap_or(0);
            let word = bytes.get((end as usize).wrapping_sub(8)..).and_then(<[u8]>::first_chunk::<8>);
            if let (Some(to), Some(from), Some(slot)) =
                (cells.ends.get_mut(lane), cells.befores.get_mut(lane), cells.words.get_mut(lane))
            {
                *to = end;
                *from = ends.get(before).copied().unwrap_or(0);
                *slot = word.map_or(0, |word| u64::from_le_bytes(*word));
            }
        }
        cells
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::table;
    use super::*;
    use proptest::prelude::*;

    fn shortest(places: u32) -> usize {
        if places == 0 { 1 } else { places as usize + 2 }
    }

    fn cell() -> impl Strategy<Value = String> {
        prop_oneof![
            4 => "[0-9]{1,8}",
            4 => "[0-9]{1,5}\\.[0-9]{2}",
            2 => "[0-9.,\\-x\u{0}]{0,10}",
            1 => "[a-z]{0,60}",
        ]
    }

    fn value(cell: &str, places: u32, point: char) -> Option<i64> {
        let (whole, fraction) = if places == 0 { (cell, "") } else { cell.split_once(point).unwrap_or(("", "x")) };
        let digits = format!("{whole}{fraction}");
        let form = fraction.len() == places as usize && !whole.is_empty() && cell.len() <= 8;
        (form && digits.bytes().all(|byte| byte.is_ascii_digit())).then(|| digits.parse().unwrap())
    }

    proptest! {
        #![proptest_config(super::super::few_under_miri())]
        #[test]
        fn every_way_reads_the_same_numbers(
            (places, rows) in prop::collection::vec(prop_oneof![Just(None), (0_u32..5).prop_map(Some)], 1..40).prop_flat_map(|places| {
                let rows = prop::collection::vec(prop::collection::vec(cell(), places.len()), 1..20);
                (Just(places), rows)
            }),
            pairs in prop::collection::vec((0_usize..20, 0_usize..20), 0..12),
            point in prop_oneof![Just(b'.'), Just(b',')],
        ) {
            let swap = |cell: &String| cell.replace('.', if point == b'.' { "." } else { "," });
            let rows: Vec<Vec<String>> = rows.iter().map(|cells| cells.iter().map(swap).collect()).collect();
            let (bytes, ends, starts) = table(&rows);
            let columns: Vec<(usize, u32)> =
                places.iter().enumerate().filter_map(|(index, places)| Some((index, (*places)?))).collect();
            let pairs: Vec<(usize, usize)> =
                pairs.into_iter().filter(|(part, whole)| *part < columns.len() && *whole < columns.len()).collect();
            for instructions in Instructions::all() {
                let column_places: Vec<u32> = columns.iter().map(|(_, places)| *places).collect();
                let mut numbers = Numbers::with(instructions, &column_places, point, &pairs);
                for (column, (index, places)) in columns.iter().enumerate() {
                    numbers.set(column, Lane { index: *index, shortest: shortest(*places) });
                }
                numbers.read(&Lines { bytes: &bytes, ends: &ends, starts: &starts, width: places.len(), count: rows.len() });
                for (row, cells) in rows.iter().enumerate() {
                    let expected: Vec<Option<i64>> = columns.iter().map(|(index, places)| value(&cells[*index], *places, char::from(point))).collect();
                    for (column, expected) in expected.iter().enumerate() {
                        let read = (numbers.bad(row) >> column & 1 == 0).then(|| numbers.value(row, column));
                        prop_assert_eq!(read, *expected, "{:?} {:?}", instructions, cells[columns[column].0]);
                    }
                    if expected.iter().all(Option::is_some) {
                        let above = pairs.iter().any(|(part, whole)| expected[*part] > expected[*whole]);
                        prop_assert_eq!(numbers.is_above(row), above);
                    }
                }
            }
        }

        #[test]
        fn a_column_that_is_not_to_be_read_is_bad(cells in prop::collection::vec("[0-9]{1,8}", 1..20), left_out in prop::collection::vec(any::<bool>(), 20)) {
            let (bytes, ends, starts) = table(std::slice::from_ref(&cells));
            for instructions in Instructions::all() {
                let mut numbers = Numbers::with(instructions, &vec![0; cells.len()], b'.', &[]);
                for (column, _) in cells.iter().enumerate().filter(|(column, _)| !left_out[*column]) {
                    numbers.set(column, Lane { index: column, shortest: 1 });
                }
                numbers.read(&Lines { bytes: &bytes, ends: &ends, starts: &starts, width: cells.len(), count: 1 });
                for (column, cell) in cells.iter().enumerate() {
                    prop_assert_eq!(numbers.bad(0) >> column & 1 == 1, left_out[column]);
                    prop_assert!(left_out[column] || numbers.value(0, column) == cell.parse::<i64>().unwrap());
                }
            }
        }
    }
}
