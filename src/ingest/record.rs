//! A record: the cells of one row as text, with their places.

use crate::finding::Finding;

/// One row of cells. Reused from row to row, so that reading allocates nothing.
#[derive(Clone, Debug, Default)]
pub struct Record {
    text: String,
    ends: Vec<usize>,
    line: u64,
    /// The line of each cell, where the reader knows it (JSON, workbooks); else empty.
    lines: Vec<u64>,
    /// Whether the file's lines end in carriage returns alone.
    carriage_returns: bool,
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
        self.lines.clear();
        self.carriage_returns = false;
    }

    /// The lines of this file end in carriage returns: [`Record::line_of`] counts those.
    pub fn lines_end_in_carriage_returns(&mut self) {
        self.carriage_returns = true;
    }

    /// Adds a cell whose line the reader knows; all cells of a record, or none, are added so.
    pub fn push_at(&mut self, cell: &str, line: u64) {
        self.push(cell);
        self.lines.push(line);
    }

    /// Adds a cell.
    pub fn push(&mut self, cell: &str) {
        self.text.push_str(cell);
        self.end_cell();
    }

    /// The text of the whole record up to and with the cell being read; [`Record::end_cell`]
    /// closes that cell. Appending is all that may be done to it.
    pub fn open_cell(&mut self) -> &mut String {
        &mut self.text
    }

    /// The text so far of the cell being read.
    pub fn opened_cell(&self) -> &str {
        self.text.get(self.ends.last().copied().unwrap_or(0)..).unwrap_or("")
    }

    /// Replaces the text so far of the cell being read.
    pub fn replace_opened_cell(&mut self, cell: &str) {
        self.text.truncate(self.ends.last().copied().unwrap_or(0));
        self.text.push_str(cell);
    }

    /// Takes a carriage return off the end of the cell being read: it belongs to the line end.
    pub fn trim_carriage_return(&mut self) {
        if self.opened_cell().ends_with('\r') {
            self.text.pop();
        }
    }

    /// Bytes of text in all cells so far.
    pub fn byte_len(&self) -> usize {
        self.text.len()
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
        if let Some(line) = self.lines.get(index) {
            return *line;
        }
        let line_break = if self.carriage_returns { b'\r' } else { b'\n' };
        let start = index.checked_sub(1).and_then(|before| self.ends.get(before)).copied().unwrap_or(0);
        let breaks = self.text.get(..start).unwrap_or("").bytes().filter(|byte| *byte == line_break).count();
        self.line.saturating_add(breaks as u64)
    }
}

/// A stream of records.
pub trait Records {
    /// Reads the next record into `record`; `false` at the end. A blank line is a record without
    /// cells, so that every line can be accounted for.
    ///
    /// # Errors
    /// The input is broken at this point; what was read before stands.
    fn read(&mut self, record: &mut Record) -> Result<bool, Finding>;

    /// How many rows were left out between the record before and the one just read (or the end).
    /// They are plain rows of data, one line or more each, and what they add up to is known.
    fn left_out(&mut self) -> u64 {
        0
    }

    /// Once all is read: the line that has no line end, where the last one has none. The file may
    /// be cut short there.
    fn unended_line(&self) -> Option<u64> {
        None
    }

    /// What of the record read last is text for a calculation, and in doubt for whoever must have
    /// every cell as it was meant.
    fn doubt(&self) -> Option<&Finding> {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_of_a_cell_counts_the_breaks_before_it() {
        let mut record = Record::at(7);
        for cell in ["a\nb", "c\rd", "e"] {
            record.push(cell);
        }
        assert_eq!([0, 1, 2].map(|index| record.line_of(index)), [7, 8, 8]);
        record.lines_end_in_carriage_returns();
        assert_eq!([0, 1, 2].map(|index| record.line_of(index)), [7, 7, 8]);
        record.restart(9);
        record.push_at("x\n", 9);
        record.push_at("y", 12);
        assert_eq!([0, 1].map(|index| record.line_of(index)), [9, 12]);
    }

    #[test]
    fn an_opened_cell_can_be_replaced() {
        let mut record = Record::at(1);
        record.push("first");
        record.open_cell().push_str("=\"007\"");
        assert_eq!(record.opened_cell(), "=\"007\"");
        record.replace_opened_cell("007");
        record.end_cell();
        assert_eq!(record.iter().collect::<Vec<_>>(), ["first", "007"]);
    }
}
