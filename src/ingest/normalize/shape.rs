//! What cells look like, for telling names from values and for finding a row's place again.
//!
//! **Owns** the difference between a name and a value, and the shapes that the cells of a column
//! have in rows that are whole.
//!
//! **Does not know** what a value means: whether `1,234` is a thousand is settled elsewhere.

use std::collections::BTreeSet;

use crate::ingest::record::Record;

/// What a cell looks like by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Nothing, or a word for nothing.
    Missing,
    /// A number, a date, a time, an amount: digits lead, whatever surrounds them.
    Value,
    /// Words.
    Text,
    /// Neither letters nor digits: `#`, `%`.
    Sign,
}

/// Words that stand for a missing value.
const MISSING: [&str; 9] = ["n/a", "na", "none", "null", "nil", "nan", "unknown", "#n/a", "(not set)"];

/// Most shapes kept of a column; beyond them it is free text.
const MOST_SHAPES: usize = 64;

/// Longest shape in characters; a longer one is free text.
const LONGEST_SHAPE: usize = 24;

/// What a cell looks like.
pub(super) fn kind(cell: &str) -> Kind {
    let cell = cell.trim();
    let letters = cell.chars().filter(|c| c.is_alphabetic()).count();
    let digits = cell.chars().filter(|c| c.is_numeric()).count();
    let dashes = !cell.is_empty() && cell.chars().all(|c| matches!(c, '-' | '–' | '—'));
    if cell.is_empty() || dashes || MISSING.iter().any(|word| cell.eq_ignore_ascii_case(word)) {
        return Kind::Missing;
    }
    match (letters, digits) {
        (0, 0) => Kind::Sign,
        (0, _) => Kind::Value,
        (letters, digits) if digits > letters && !cell.starts_with(char::is_alphabetic) => Kind::Value,
        _ => Kind::Text,
    }
}

/// The shape of a cell: runs of digits as `9`, of letters as `a`, the rest as it is. `None` is
/// free text, which has words or is long.
fn shape(cell: &str) -> Option<String> {
    let mut shape = String::new();
    let mut length = 0_usize;
    for c in cell.chars() {
        let class = match c {
            c if c.is_numeric() => '9',
            c if c.is_alphabetic() => 'a',
            c => c,
        };
        let run = matches!(class, '9' | 'a') && shape.ends_with(class);
        if !run {
            shape.push(class);
            length = length.saturating_add(1);
        }
        if length > LONGEST_SHAPE {
            return None;
        }
    }
    let words = shape.starts_with('a') && shape.contains(' ');
    (!words).then_some(shape)
}

/// The shapes that a column has in rows that are whole.
#[derive(Clone, Debug, Default)]
struct Column {
    shapes: BTreeSet<String>,
    free_text: bool,
    blank: bool,
}

impl Column {
    fn learn(&mut self, cell: &str) {
        match shape(cell) {
            Some(shape) if shape.is_empty() => self.blank = true,
            Some(shape) if self.shapes.len() < MOST_SHAPES => {
                self.shapes.insert(shape);
            }
            _ => self.free_text = true,
        }
    }

    /// How badly a cell fits: 0 well, 1 it could, 2 it is like no other in the column.
    fn misfit(&self, cell: &str) -> u64 {
        match shape(cell) {
            Some(shape) if shape.is_empty() => u64::from(!self.blank).saturating_mul(2),
            Some(shape) if self.shapes.contains(&shape) => 0,
            Some(_) if self.free_text => 1,
            None if self.free_text => 0,
            _ => 2,
        }
    }
}

/// The shapes of all columns of a table.
#[derive(Clone, Debug)]
pub(super) struct Shapes {
    columns: Vec<Column>,
}

/// How cells were put under columns again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Aligned {
    /// As many cells as there are columns.
    pub(super) cells: Vec<String>,
    /// How badly they fit; 0 is without a fault.
    pub(super) misfit: u64,
    /// Columns, counted from 0, that were left blank.
    pub(super) left_blank: Vec<usize>,
    /// Cells, counted from 0 in the row as read, that are blank and were taken out.
    pub(super) taken_out: Vec<usize>,
}

impl Shapes {
    /// The shapes of the rows of that many cells.
    pub(super) fn of<'a>(width: usize, rows: impl Iterator<Item = &'a [String]>) -> Shapes {
        let mut columns = vec![Column::default(); width];
        for row in rows.filter(|row| row.len() == width) {
            columns.iter_mut().zip(row).for_each(|(column, cell)| column.learn(cell));
        }
        Shapes { columns }
    }

    /// How badly a row of the full width fits.
    pub(super) fn misfit(&self, cells: &[String]) -> u64 {
        self.columns.iter().zip(cells).map(|(column, cell)| column.misfit(cell)).fold(0, u64::saturating_add)
    }

    /// Puts a row that has too few or too many cells under the columns that it fits best, by
    /// leaving columns blank or taking blank cells out. A cell with text is never taken out.
    /// `None` when that is not enough, or the table is too wide to try.
    pub(super) fn align(&self, cells: &[String]) -> Option<Aligned> {
        /// Most pairs of a cell and a column that are tried.
        const MOST_PAIRS: usize = 1_000_000;
        let (rows, columns) = (cells.len().checked_add(1)?, self.columns.len().checked_add(1)?);
        if rows.checked_mul(columns)? > MOST_PAIRS {
            return None;
        }
        // best[i][j]: the first i cells under the first j columns, and the step that led there.
        let mut best: Vec<Option<(u64, Step)>> = vec![None; rows.checked_mul(columns)?];
        let at = |row: usize, column: usize| row.saturating_mul(columns).saturating_add(column);
        for row in 0..rows {
            for column in 0..columns {
                let before = |row_back: usize, column_back: usize| {
                    let (row, column) = (row.checked_sub(row_back)?, column.checked_sub(column_back)?);
                    best.get(at(row, column)).copied().flatten().map(|(cost, _)| cost)
                };
                let cell = row.checked_sub(1).and_then(|index| cells.get(index)).map_or("", String::as_str);
                let under = column.checked_sub(1).and_then(|index| self.columns.get(index));
                let start = (row == 0 && column == 0).then_some((0, Step::Keep));
                let keep = under.and_then(|under| Some((before(1, 1)?.saturating_add(under.misfit(cell)), Step::Keep)));
                let blank = under.and_then(|under| Some((before(0, 1)?.saturating_add(under.misfit("")), Step::LeaveBlank)));
                let taken = if cell.is_empty() && row > 0 { before(1, 0).map(|cost| (cost, Step::TakeOut)) } else { None };
                let chosen = [start, keep, blank, taken].into_iter().flatten().min_by_key(|(cost, _)| *cost);
                if let Some(slot) = best.get_mut(at(row, column)) {
                    *slot = chosen;
                }
            }
        }
        self.retrace(cells, &best, columns)
    }

    fn retrace(&self, cells: &[String], best: &[Option<(u64, Step)>], columns: usize) -> Option<Aligned> {
        let (mut row, mut column) = (cells.len(), self.columns.len());
        let (misfit, _) = best.last().copied().flatten()?;
        let mut aligned = Aligned { cells: Vec::new(), misfit, left_blank: Vec::new(), taken_out: Vec::new() };
        while row > 0 || column > 0 {
            let (_, step) = best.get(row.saturating_mul(columns).saturating_add(column)).copied().flatten()?;
            match step {
                Step::Keep => {
                    row = row.checked_sub(1)?;
                    column = column.checked_sub(1)?;
                    aligned.cells.push(cells.get(row)?.clone());
                }
                Step::LeaveBlank => {
                    column = column.checked_sub(1)?;
                    aligned.cells.push(String::new());
                    aligned.left_blank.push(column);
                }
                Step::TakeOut => {
                    row = row.checked_sub(1)?;
                    aligned.taken_out.push(row);
                }
            }
        }
        aligned.cells.reverse();
        aligned.left_blank.reverse();
        aligned.taken_out.reverse();
        Some(aligned)
    }
}

/// One step of putting cells under columns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Step {
    Keep,
    LeaveBlank,
    TakeOut,
}

/// Which columns hold values, told row by row.
#[derive(Clone, Debug, Default)]
pub(super) struct ValueColumns {
    columns: Vec<Seen>,
}

#[derive(Clone, Copy, Debug, Default)]
struct Seen {
    values: u64,
    texts: u64,
}

impl ValueColumns {
    /// Takes a row of data into account.
    pub(super) fn learn(&mut self, record: &Record) {
        if self.columns.len() < record.len() {
            self.columns.resize(record.len(), Seen::default());
        }
        for (seen, cell) in self.columns.iter_mut().zip(record.iter()) {
            match kind(cell) {
                Kind::Value => seen.values = seen.values.saturating_add(1),
                Kind::Text => seen.texts = seen.texts.saturating_add(1),
                Kind::Missing | Kind::Sign => {}
            }
        }
    }

    /// Whether a row has words in all of the columns, at least `least` of them, that hold
    /// nothing but values, and no value elsewhere: it looks like names, not like data.
    pub(super) fn looks_like_names(&self, record: &Record, least: usize) -> bool {
        let mut words = 0_usize;
        for (index, cell) in record.iter().enumerate() {
            let holds_values = self.columns.get(index).is_some_and(|seen| seen.values > 0 && seen.texts == 0);
            match kind(cell) {
                Kind::Value => return false,
                Kind::Text if holds_values => words = words.saturating_add(1),
                _ if holds_values => return false,
                _ => {}
            }
        }
        words >= least
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(cells: &[&str]) -> Vec<String> {
        cells.iter().map(|cell| (*cell).to_owned()).collect()
    }

    fn shapes() -> Shapes {
        let rows = [
            row(&["1/02/2026", "7", "AB-12", "$4.10", "Spring sale, part one", ""]),
            row(&["2/02/2026", "19", "C-9", "$14.10", "Boots", ""]),
        ];
        Shapes::of(6, rows.iter().map(Vec::as_slice))
    }

    #[test]
    fn names_are_told_from_values() {
        for text in ["Clicks", "Q1 spend", "AB-12", "5kg", "Rate (%)"] {
            assert_eq!(kind(text), Kind::Text, "{text}");
        }
        for value in ["7", "$4.10", "1/02/2026", "12 Jan 2026", "2026-01-01T10:00:00Z", "-3 %", "٣"] {
            assert_eq!(kind(value), Kind::Value, "{value}");
        }
        assert_eq!(["", " -- ", "N/A", "#"].map(kind), [Kind::Missing, Kind::Missing, Kind::Missing, Kind::Sign]);
    }

    #[test]
    fn a_blank_cell_too_many_is_taken_out_where_the_others_fit() {
        for at in 0..6 {
            let whole = row(&["3/02/2026", "5", "D-4", "$1.00", "Hats", ""]);
            let mut broken = whole.clone();
            broken.insert(at, String::new());
            let aligned = shapes().align(&broken).unwrap();
            assert_eq!((aligned.cells, aligned.misfit, aligned.taken_out.len()), (whole, 0, 1), "inserted at {at}");
        }
    }

    #[test]
    fn a_row_with_a_cell_too_few_keeps_its_other_cells_under_their_columns() {
        let aligned = shapes().align(&row(&["3/02/2026", "5D-4", "$1.00", "Hats", ""])).unwrap();
        assert_eq!((&*aligned.cells[0], &*aligned.cells[3], &*aligned.cells[4]), ("3/02/2026", "$1.00", "Hats"));
        assert_eq!(aligned.left_blank.len(), 1);
        assert!(aligned.misfit > 0);
    }

    #[test]
    fn a_cell_with_text_is_never_taken_out() {
        assert_eq!(shapes().align(&row(&["1/1/2026", "5", "D-4", "$1", "Hats", "more", "and more"])), None);
    }
}
