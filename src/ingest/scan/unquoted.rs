//! Rows with quotes, taken apart into a form without them, so that they can be read together as other rows
//! are.

use super::bits::{Lines, ROWS, Signs};
use super::cell::MARGIN;

/// Rows that had quotes, one behind the other.
#[derive(Debug)]
pub(super) struct Unquoted {
    /// The cells of each row with separators between them and a line feed behind the last, and then room.
    bytes: Vec<u8>,
    /// How many of the bytes are those.
    used: usize,
    /// The end of each cell, behind that of the one in front of the first.
    ends: Vec<u32>,
    /// First byte of each row, and of what stands behind the last.
    starts: [u32; ROWS + 1],
    /// What is known of each row.
    pub(super) waiting: Vec<Waiting>,
}

/// A row that waits to be read with others.
#[derive(Clone, Copy, Debug)]
pub(super) struct Waiting {
    /// Its first byte in the stretch, and the first behind it.
    pub(super) start: usize,
    pub(super) next: usize,
    /// Plain rows and lines before it in its stretch.
    pub(super) plain_before: u64,
    pub(super) lines_before: u64,
    /// The last plain row before it.
    pub(super) last_before: Option<(usize, usize, u64)>,
}

/// What came of a row that was to be taken apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Taken {
    /// It goes on behind the last position.
    Cut,
    /// The careful path must look at it.
    Unsound,
    /// A row.
    Row {
        /// First byte of the next one.
        next: usize,
        /// Line feeds in it.
        lines: u64,
        cells: usize,
        /// Positions in it.
        positions: usize,
    },
}

/// Positions that may be looked at behind those of the last row.
const ROOM: usize = 16;

impl Default for Unquoted {
    fn default() -> Self {
        let mut unquoted =
            Unquoted { bytes: vec![b'\n'; MARGIN], used: MARGIN, ends: Vec::new(), starts: [0; ROWS + 1], waiting: Vec::new() };
        unquoted.clear();
        unquoted
    }
}

impl Unquoted {
    /// Forgets all rows.
    pub(super) fn clear(&mut self) {
        self.waiting.clear();
        self.used = MARGIN;
        self.ends.clear();
        self.ends.push(place(MARGIN.wrapping_sub(1)));
        self.starts[0] = place(MARGIN);
    }

    pub(super) fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }

    pub(super) fn is_full(&self) -> bool {
        self.waiting.len() >= ROWS
    }

    /// Takes the record apart that begins at `start`; `positions` are those of its signs and of what follows.
    /// After a row either [`Unquoted::keep`] or [`Unquoted::leave_out`] must follow.
    pub(super) fn take_apart(&mut self, bytes: &[u8], positions: &[u32], start: usize, signs: Signs) -> Taken {
        let taken = self.append(bytes, positions, start, signs);
        if !matches!(taken, Taken::Row { .. }) {
            self.leave_out();
        }
        taken
    }

    fn append(&mut self, bytes: &[u8], positions: &[u32], start: usize, signs: Signs) -> Taken {
        let is = |at: usize, sign: u8| bytes.get(at) == Some(&sign);
        let position = |number: usize| positions.get(number).map(|position| *position as usize);
        let mut next = 0_usize;
        // What was not copied yet begins here: all between two quotes is copied at once.
        let mut from = start;
        let mut cell = start;
        let (mut lines, mut cells) = (0_u64, 0_usize);
        loop {
            let mut end = None;
            if is(cell, signs.quote) {
                next = next.wrapping_add(1);
                // Excel's guard around digits is for the careful path.
                if is(cell.wrapping_add(1), b'=') {
                    return Taken::Unsound;
                }
                self.copy(bytes, from, cell);
                from = cell.wrapping_add(1);
                loop {
                    let Some(at) = position(next) else { return Taken::Cut };
                    next = next.wrapping_add(1);
                    if !is(at, signs.quote) {
                        lines = lines.wrapping_add(u64::from(is(at, b'\n')));
                        continue;
                    }
                    let behind = at.wrapping_add(1);
                    let is_doubled = is(behind, signs.quote) && position(next) == Some(behind);
                    let to = if is_doubled { behind } else { at };
                    self.copy(bytes, from, to);
                    from = to.wrapping_add(1);
                    if !is_doubled {
                        end = Some(behind);
                        break;
                    }
                    next = next.wrapping_add(1);
                }
            }
            let sign = match end {
                Some(behind) if position(next) == Some(behind) => behind,
                Some(behind) if is(behind, b'\r') && position(next) == Some(behind.wrapping_add(1)) => behind.wrapping_add(1),
                // Text behind the quote, or what is not known yet.
                Some(_) => return if position(next).is_none() { Taken::Cut } else { Taken::Unsound },
                None => match position(next) {
                    Some(at) => at,
                    None => return Taken::Cut,
                },
            };
            next = next.wrapping_add(1);
            let at_end = is(sign, b'\n');
            // A quote inside a cell, or a carriage return before a separator.
            if is(sign, signs.quote) || (end.is_some_and(|behind| behind != sign) && !at_end) {
                return Taken::Unsound;
            }
            let carriage = at_end && sign > cell && is(sign.wrapping_sub(1), b'\r');
            let end = end.unwrap_or(if carriage { sign.wrapping_sub(1) } else { sign });
            self.ends.push(place(self.used.wrapping_add(end.wrapping_sub(from))));
            cells = cells.wrapping_add(1);
            if at_end {
                self.copy(bytes, from, end);
                self.copy(b"\n", 0, 1);
                return Taken::Row { next: sign.wrapping_add(1), lines: lines.wrapping_add(1), cells, positions: next };
            }
            cell = sign.wrapping_add(1);
        }
    }

    #[inline]
    fn copy(&mut self, bytes: &[u8], from: usize, to: usize) {
        /// Most cells are shorter, and then as many bytes take one step.
        const SHORT: usize = 32;
        let length = to.wrapping_sub(from);
        let used = self.used.wrapping_add(length);
        if self.bytes.len() < used.wrapping_add(SHORT) {
            self.bytes.resize(used.saturating_mul(2).saturating_add(SHORT), b'\n');
        }
        let room = self.bytes.get_mut(self.used..).unwrap_or_default();
        match (bytes.get(from..).and_then(<[u8]>::first_chunk::<SHORT>), room.first_chunk_mut::<SHORT>()) {
            (Some(short), Some(room)) if length <= SHORT => *room = *short,
            _ => room.iter_mut().zip(bytes.get(from..to).unwrap_or_default()).for_each(|(room, byte)| *room = *byte),
        }
        self.used = used;
    }

    /// The cells of the row that was just taken apart, with separators between them.
    pub(super) fn text(&self) -> &[u8] {
        let start = self.starts.get(self.waiting.len()).map_or(0, |start| *start as usize);
        self.bytes.get(start..self.used.wrapping_sub(1)).unwrap_or_default()
    }

    /// Has the row that was just taken apart wait for others.
    pub(super) fn keep(&mut self, row: Waiting) {
        self.waiting.push(row);
        let next = place(self.used);
        if let Some(start) = self.starts.get_mut(self.waiting.len()) {
            *start = next;
        }
    }

    /// Forgets the row that was just taken apart.
    pub(super) fn leave_out(&mut self) {
        let start = self.starts.get(self.waiting.len()).copied().unwrap_or(0);
        self.used = start as usize;
        while self.ends.last().is_some_and(|end| *end >= start) {
            self.ends.pop();
        }
    }

    /// The rows that wait, each of so many cells.
    pub(super) fn lines(&mut self, width: usize) -> Lines<'_> {
        let needed = self.used.saturating_add(MARGIN);
        if self.bytes.len() < needed {
            self.bytes.resize(needed, b'\n');
        }
        self.ends.resize(self.ends.len().wrapping_add(ROOM), 0);
        Lines { bytes: &self.bytes, ends: &self.ends, starts: &self.starts, width, count: self.waiting.len() }
    }
}

/// A place among the bytes of a few rows.
fn place(place: usize) -> u32 {
    u32::try_from(place).unwrap_or(u32::MAX)
}
