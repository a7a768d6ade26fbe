//! Rows with quotes, taken apart into a form without them, so that they can be read together as other rows
//! are.

use super::bits::{Lines, ROWS, Signs};
use super::cell::MARGIN;

/// Rows that had quotes, one behind the other.
#[derive(Debug)]
pub(super) struct Unquoted {
    /// The cells of each row with separators between them and a line feed behind the last.
    bytes: Vec<u8>,
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
    },
}

/// Positions that may be looked at behind those of the last row.
const ROOM: usize = 16;

impl Default for Unquoted {
    fn default() -> Self {
        let mut unquoted = Unquoted { bytes: Vec::new(), ends: Vec::new(), starts: [0; ROWS + 1], waiting: Vec::new() };
        unquoted.clear();
        unquoted
    }
}

impl Unquoted {
    /// Forgets all rows.
    pub(super) fn clear(&mut self) {
        self.waiting.clear();
        self.bytes.clear();
        self.bytes.resize(MARGIN, b'\n');
        self.ends.clear();
        self.ends.push(position(MARGIN.wrapping_sub(1)));
        self.starts[0] = position(MARGIN);
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
        let mut positions = positions.iter().map(|position| *position as usize).peekable();
        // What was not copied yet begins here: all between two quotes is copied at once.
        let mut from = start;
        let mut cell = start;
        let (mut lines, mut cells) = (0_u64, 0_usize);
        loop {
            let mut end = None;
            if is(cell, signs.quote) {
                let Some(_) = positions.next() else { return Taken::Cut };
                // Excel's guard around digits is for the careful path.
                if is(cell.wrapping_add(1), b'=') {
                    return Taken::Unsound;
                }
                self.copy(bytes, from, cell);
                from = cell.wrapping_add(1);
                loop {
                    let Some(at) = positions.next() else { return Taken::Cut };
                    lines = lines.wrapping_add(u64::from(is(at, b'\n')));
                    if !is(at, signs.quote) {
                        continue;
                    }
                    let behind = at.wrapping_add(1);
                    if positions.next_if_eq(&behind).is_none_or(|behind| !is(behind, signs.quote)) {
                        // The sign behind the cell was taken if there is one at once.
                        self.copy(bytes, from, at);
                        from = behind;
                        end = Some(behind);
                        break;
                    }
                    self.copy(bytes, from, behind);
                    from = behind.wrapping_add(1);
                }
            }
            let sign = match end {
                Some(behind) if is(behind, signs.delimiter) || is(behind, b'\n') => behind,
                Some(behind) if is(behind, b'\r') && is(behind.wrapping_add(1), b'\n') => {
                    positions.next();
                    behind.wrapping_add(1)
                }
                // Text behind the quote, or what is not known yet.
                Some(_) => return if positions.peek().is_none() { Taken::Cut } else { Taken::Unsound },
                None => match positions.next() {
                    Some(at) => at,
                    None => return Taken::Cut,
                },
            };
            // A quote inside a cell.
            if is(sign, signs.quote) {
                return Taken::Unsound;
            }
            let at_end = is(sign, b'\n');
            let carriage = at_end && sign > cell && is(sign.wrapping_sub(1), b'\r');
            let end = end.unwrap_or(if carriage { sign.wrapping_sub(1) } else { sign });
            self.ends.push(position(self.bytes.len().wrapping_add(end.wrapping_sub(from))));
            cells = cells.wrapping_add(1);
            if at_end {
                self.copy(bytes, from, end);
                self.bytes.push(b'\n');
                return Taken::Row { next: sign.wrapping_add(1), lines: lines.wrapping_add(1), cells };
            }
            cell = sign.wrapping_add(1);
        }
    }

    #[inline]
    fn copy(&mut self, bytes: &[u8], from: usize, to: usize) {
        self.bytes.extend_from_slice(bytes.get(from..to).unwrap_or_default());
    }

    /// The cells of the row that was just taken apart, with separators between them.
    pub(super) fn text(&self) -> &[u8] {
        let start = self.starts.get(self.waiting.len()).map_or(0, |start| *start as usize);
        self.bytes.get(start..self.bytes.len().wrapping_sub(1)).unwrap_or_default()
    }

    /// Has the row that was just taken apart wait for others.
    pub(super) fn keep(&mut self, row: Waiting) {
        self.waiting.push(row);
        let next = position(self.bytes.len());
        if let Some(start) = self.starts.get_mut(self.waiting.len()) {
            *start = next;
        }
    }

    /// Forgets the row that was just taken apart.
    pub(super) fn leave_out(&mut self) {
        let start = self.starts.get(self.waiting.len()).copied().unwrap_or(0);
        self.bytes.truncate(start as usize);
        while self.ends.last().is_some_and(|end| *end >= start) {
            self.ends.pop();
        }
    }

    /// The rows that wait, each of so many cells.
    pub(super) fn lines(&mut self, width: usize) -> Lines<'_> {
        self.bytes.resize(self.bytes.len().wrapping_add(MARGIN), b'\n');
        self.ends.resize(self.ends.len().wrapping_add(ROOM), 0);
        Lines { bytes: &self.bytes, ends: &self.ends, starts: &self.starts, width, count: self.waiting.len() }
    }
}

/// A place among the bytes of a few rows.
fn position(place: usize) -> u32 {
    u32::try_from(place).unwrap_or(u32::MAX)
}
