//! A record: the cells of one row as text, with their places.

use crate::finding::Finding;

/// One row of cells. Reused from row to row, so that reading allocates nothing.
#[derive(Clone, Debug, Default)]
pub struct Record {
    text: String,
    ends: Vec<usize>,
    line: u64,
}

impl Record {
    /// An empty record that starts at `line`.
    pub fn at(line: u64) -> Self {
        Record { line, ..Record::default() }
    }

    /// Empties it and moves it to `line`.
    pub fn restart(&mut self, line: u64) {
        self.text.clear();
        self.ends.clear();
        self.line = line;
    }

    /// Adds a cell.
    pub fn push(&mut self, cell: &str) {
        self.text.push_str(cell);
        self.end_cell();
    }

    /// The text of the cell being read; [`Record::end_cell`] closes it.
    pub fn open_cell(&mut self) -> &mut String {
        &mut self.text
    }

    /// Closes the cell being read.
    pub fn end_cell(&mut self) {
        self.ends.push(self.text.len());
    }

    /// Number of cells.
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Whether it has no cell at all.
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// Whether every cell is blank.
    pub fn is_blank(&self) -> bool {
        self.text.trim().is_empty()
    }

    /// The cell at `index`, counted from 0.
    pub fn get(&self, index: usize) -> Option<&str> {
        let end = *self.ends.get(index)?;
        let start = index.checked_sub(1).and_then(|before| self.ends.get(before)).copied().unwrap_or(0);
        self.text.get(start..end)
    }

    /// All cells.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        (0..self.len()).filter_map(|index| self.get(index))
    }

    /// Drops the cells from `len` on.
    pub fn truncate(&mut self, len: usize) {
        if len < self.ends.len() {
            self.ends.truncate(len);
            self.text.truncate(self.ends.last().copied().unwrap_or(0));
        }
    }

    /// Physical line on which the record starts, counted from 1.
    pub fn line(&self) -> u64 {
        self.line
    }

    /// Physical line on which the cell starts: cells before it may hold line breaks.
    pub fn line_of(&self, index: usize) -> u64 {
        let start = index.checked_sub(1).and_then(|before| self.ends.get(before)).copied().unwrap_or(0);
        let breaks = self.text.get(..start).unwrap_or("").bytes().filter(|byte| *byte == b'\n').count();
        self.line.saturating_add(breaks as u64)
    }
}

/// A stream of records.
pub trait Records {
    /// Reads the next record into `record`; `false` at the end.
    ///
    /// # Errors
    /// The input is broken at this point; what was read before stands.
    fn read(&mut self, record: &mut Record) -> Result<bool, Finding>;
}
