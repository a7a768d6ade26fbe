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

/// How badly a cell fits that is like no other of its column.
pub(super) const MISFIT_OF_AN_ODD_CELL: u64 = 2;

/// Most pairs of a cell and a column that are tried for one row.
const MOST_PAIRS: usize = 1_000_000;

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

/// The shape of a cell with the length of every run: what two values that ran together consist of.
fn exact_shape(cell: &str) -> String {
    cell.chars()
        .map(|c| match c {
            c if c.is_numeric() => '9',
            c if c.is_alphabetic() => 'a',
            c => c,
        })
        .collect()
}

/// The shapes that a column has in rows that are whole.
#[derive(Clone, Debug, Default)]
struct Column {
    shapes: BTreeSet<String>,
    exact: BTreeSet<String>,
    free_text: bool,
    blank: bool,
}

impl Column {
    fn learn(&mut self, cell: &str) {
        if self.exact.len() <= MOST_SHAPES && cell.len() <= LONGEST_SHAPE {
            self.exact.insert(exact_shape(cell));
        }
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
            Some(shape) if shape.is_empty() => u64::from(!self.blank).saturating_mul(MISFIT_OF_AN_ODD_CELL),
            Some(shape) if self.shapes.contains(&shape) => 0,
            Some(shape) if self.free_text => u64::from(!shape.starts_with('a')),
            None if self.free_text => 0,
            _ => MISFIT_OF_AN_ODD_CELL,
        }
    }

    /// Whether the cell is one like others of the column to the length of each run. A column of
    /// free text has none of these, nor one of too many shapes.
    fn has_exactly(&self, cell: &str) -> bool {
        !self.free_text && !cell.is_empty() && self.exact.len() <= MOST_SHAPES && self.exact.contains(&exact_shape(cell))
    }
}

/// The shapes of all columns of a table.
#[derive(Clone, Debug)]
pub(super) struct Shapes {
    columns: Vec<Column>,
}

/// How cells were put under columns again: the one way that fits best.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Aligned {
    /// As many cells as there are columns.
    pub(super) cells: Vec<String>,
    /// How badly they fit; 0 is without a fault.
    pub(super) misfit: u64,
    /// What was done: columns that were left blank, blank cells that were taken out, or cells
    /// that were cut in two; counted from 0.
    pub(super) touched: Vec<usize>,
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
    /// leaving columns blank or by taking blank cells out. A cell with text is never taken out.
    /// `None` when that is not enough, when two ways fit alike, or when the table is too wide.
    pub(super) fn align(&self, cells: &[String]) -> Option<Aligned> {
        let (rows, columns) = (cells.len().checked_add(1)?, self.columns.len().checked_add(1)?);
        let too_many = cells.len() > self.columns.len();
        let mut grid = Grid::new(rows, columns)?;
        for row in 0..rows {
            for column in 0..columns {
                let cell = row.checked_sub(1).and_then(|index| cells.get(index)).map_or("", String::as_str);
                let under = column.checked_sub(1).and_then(|index| self.columns.get(index));
                let mut best = (row == 0 && column == 0).then_some(Best { cost: 0, ways: 1, step: Step::Keep });
                if let Some((under, before)) = under.zip(grid.before(row, column, 1, 1)) {
                    best = better(best, before, under.misfit(cell), Step::Keep);
                }
                // In a run of blanks it does not matter which is taken out or put in: the first.
                let after_blank = |row: usize, before: &Best| {
                    let cell = row.checked_sub(1).and_then(|index| cells.get(index));
                    before.step == Step::Keep && cell.is_some_and(String::is_empty)
                };
                if too_many && row > 0 && cell.is_empty() {
                    let before = grid.before(row, column, 1, 0).filter(|before| !after_blank(row.saturating_sub(1), before));
                    best = before.map_or(best, |before| better(best, before, 0, Step::TakeOut));
                }
                if let Some(under) = under.filter(|_| !too_many) {
                    let before = grid.before(row, column, 0, 1).filter(|before| !after_blank(row, before));
                    best = before.map_or(best, |before| better(best, before, under.misfit(""), Step::LeaveBlank));
                }
                grid.put(row, column, best);
            }
        }
        self.retrace(cells, &grid)
    }

    fn retrace(&self, cells: &[String], grid: &Grid) -> Option<Aligned> {
        let (mut row, mut column) = (cells.len(), self.columns.len());
        let last = grid.get(row, column).filter(|last| last.ways == 1)?;
        let mut aligned = Aligned { cells: Vec::new(), misfit: last.cost, touched: Vec::new() };
        while row > 0 || column > 0 {
            match grid.get(row, column)?.step {
                Step::Keep => {
                    row = row.checked_sub(1)?;
                    column = column.checked_sub(1)?;
                    aligned.cells.push(cells.get(row)?.clone());
                }
                Step::LeaveBlank => {
                    column = column.checked_sub(1)?;
                    aligned.cells.push(String::new());
                    aligned.touched.push(column);
                }
                Step::TakeOut => {
                    row = row.checked_sub(1)?;
                    aligned.touched.push(row);
                }
                Step::Join(_) => return None,
            }
        }
        aligned.cells.reverse();
        aligned.touched.reverse();
        Some(aligned)
    }

    /// Cuts the one cell in two that is two values run together, in a row that has one cell too
    /// few. Both parts must be like others of their columns, and of the other cells at most one
    /// may be odd.
    pub(super) fn split(&self, cells: &[String]) -> Splits {
        if cells.len().checked_add(1) != Some(self.columns.len()) {
            return Splits::None;
        }
        let mut found = Splits::None;
        for (index, cell) in cells.iter().enumerate() {
            let second_column = index.saturating_add(1);
            let (Some(left), Some(right)) = (self.columns.get(index), self.columns.get(second_column)) else { continue };
            let before = self.columns.iter().zip(cells.iter().take(index));
            let after = self.columns.iter().skip(second_column).skip(1).zip(cells.iter().skip(second_column));
            let misfit = before.chain(after).map(|(column, cell)| column.misfit(cell)).fold(0, u64::saturating_add);
            if misfit > MISFIT_OF_AN_ODD_CELL {
                continue;
            }
            for (at, _) in cell.char_indices().skip(1) {
                let (first, second) = cell.split_at(at);
                if run_together(left, first, right, second) {
                    let mut whole = cells.to_vec();
                    whole.splice(index..=index, [first.to_owned(), second.to_owned()]);
                    found = found.or(Aligned { cells: whole, misfit, touched: vec![index] });
                }
            }
        }
        found
    }

    /// Joins words with a blank, where a row was cut at its blanks into too many cells. Cells
    /// that stood between quotes are whole. All cells must fit then, in one way only.
    pub(super) fn join(&self, words: &[String], quoted: &[bool]) -> Option<Vec<String>> {
        let (rows, columns) = (words.len().checked_add(1)?, self.columns.len().checked_add(1)?);
        let mut grid = Grid::new(rows, columns)?;
        grid.put(0, 0, Some(Best { cost: 0, ways: 1, step: Step::Keep }));
        for row in 1..rows {
            for column in 1..columns {
                let Some(under) = self.columns.get(column.saturating_sub(1)) else { continue };
                let mut best = None;
                for count in 1..=row {
                    let start = row.saturating_sub(count);
                    let (run, marks) = (words.get(start..row)?, quoted.get(start..row)?);
                    if count > 1 && (marks.contains(&true) || run.iter().any(String::is_empty)) {
                        break;
                    }
                    if let Some(before) = grid.before(row, column, count, 1)
                        && under.misfit(&run.join(" ")) == 0
                    {
                        best = better(best, before, 0, Step::Join(count));
                    }
                }
                grid.put(row, column, best);
            }
        }
        let (mut row, mut column) = (words.len(), self.columns.len());
        grid.get(row, column).filter(|last| last.ways == 1)?;
        let mut joined = Vec::new();
        while row > 0 {
            let Step::Join(count) = grid.get(row, column)?.step else { return None };
            let start = row.checked_sub(count)?;
            joined.push(words.get(start..row)?.join(" "));
            row = start;
            column = column.checked_sub(1)?;
        }
        joined.reverse();
        Some(joined)
    }
}

/// Whether two parts of a cell are values of two columns that ran together.
fn run_together(left: &Column, first: &str, right: &Column, second: &str) -> bool {
    let letter_before = first.ends_with(char::is_alphabetic);
    let letter_after = second.starts_with(char::is_alphabetic);
    match (left.has_exactly(first), right.has_exactly(second)) {
        (true, true) => true,
        // Free text begins and ends with a letter where a value does not.
        (true, false) => right.free_text && letter_after && !letter_before,
        (false, true) => left.free_text && letter_before && !letter_after,
        (false, false) => false,
    }
}

/// In how many ways a cell can be cut in two.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Splits {
    /// In none.
    None,
    /// In one, or one fits better than all others.
    One(Aligned),
    /// In several that fit alike, to that degree, so that none is certain.
    Several(u64),
}

impl Splits {
    /// The better of what was found before and another way.
    fn or(self, other: Aligned) -> Splits {
        let known = match &self {
            Splits::None => return Splits::One(other),
            Splits::One(known) => known.misfit,
            Splits::Several(misfit) => *misfit,
        };
        match known.cmp(&other.misfit) {
            std::cmp::Ordering::Less => self,
            std::cmp::Ordering::Equal => Splits::Several(known),
            std::cmp::Ordering::Greater => Splits::One(other),
        }
    }
}

/// The best way to have put the first cells under the first columns.
#[derive(Clone, Copy, Debug)]
struct Best {
    cost: u64,
    /// How many ways are as good.
    ways: u64,
    /// The last step of one of them.
    step: Step,
}

/// One step of putting cells under columns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Step {
    Keep,
    LeaveBlank,
    TakeOut,
    /// That many words are one cell.
    Join(usize),
}

#[expect(clippy::unnecessary_wraps, reason = "it stands where no way was known yet")]
fn better(best: Option<Best>, before: Best, cost: u64, step: Step) -> Option<Best> {
    let candidate = Best { cost: before.cost.saturating_add(cost), step, ..before };
    Some(match best {
        Some(best) if best.cost < candidate.cost => best,
        Some(best) if best.cost == candidate.cost => Best { ways: best.ways.saturating_add(candidate.ways), ..best },
        _ => candidate,
    })
}

/// [`Best`] for every number of cells and of columns.
struct Grid {
    columns: usize,
    best: Vec<Option<Best>>,
}

impl Grid {
    fn new(rows: usize, columns: usize) -> Option<Grid> {
        let pairs = rows.checked_mul(columns).filter(|pairs| *pairs <= MOST_PAIRS)?;
        Some(Grid { columns, best: vec![None; pairs] })
    }

    fn get(&self, row: usize, column: usize) -> Option<Best> {
        self.best.get(row.checked_mul(self.columns)?.checked_add(column)?).copied().flatten()
    }

    fn before(&self, row: usize, column: usize, rows_back: usize, columns_back: usize) -> Option<Best> {
        self.get(row.checked_sub(rows_back)?, column.checked_sub(columns_back)?)
    }

    fn put(&mut self, row: usize, column: usize, best: Option<Best>) {
        if let Some(slot) = self.best.get_mut(row.saturating_mul(self.columns).saturating_add(column)) {
            *slot = best;
        }
    }
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
            assert_eq!((aligned.cells, aligned.misfit, aligned.touched.len()), (whole, 0, 1), "inserted at {at}");
        }
    }

    #[test]
    fn of_several_places_for_a_blank_none_is_chosen() {
        let rows = [row(&["1", "2", ""]), row(&["3", "", "4"])];
        let shapes = Shapes::of(3, rows.iter().map(Vec::as_slice));
        assert_eq!(shapes.align(&row(&["7", "8"])), None);
    }

    #[test]
    fn two_values_that_ran_together_are_cut_where_both_fit() {
        let whole = row(&["3/02/2026", "5", "D-4", "$1.10", "Hats", ""]);
        for at in [0, 1, 2, 3] {
            let mut broken = whole.clone();
            let second = broken.remove(at + 1);
            broken[at].push_str(&second);
            match shapes().split(&broken) {
                Splits::One(aligned) => assert_eq!((aligned.cells, aligned.touched), (whole.clone(), vec![at])),
                other => panic!("cut at {at}: {other:?}"),
            }
        }
    }

    #[test]
    fn digits_that_ran_together_are_cut_nowhere() {
        let rows = [row(&["a b", "12", "3"]), row(&["c d", "1", "23"])];
        let shapes = Shapes::of(3, rows.iter().map(Vec::as_slice));
        assert_eq!(shapes.split(&row(&["e f", "123"])), Splits::Several(0));
        assert_eq!(shapes.split(&row(&["e f", "12345"])), Splits::None);
    }

    #[test]
    fn words_are_joined_where_the_columns_say_so() {
        let words = row(&["3/02/2026", "5", "D-4", "$1.10", "Hats", "and", "gloves", ""]);
        let joined = shapes().join(&words, &[false; 8]).unwrap();
        assert_eq!(joined, row(&["3/02/2026", "5", "D-4", "$1.10", "Hats and gloves", ""]));
        let two_texts = Shapes::of(2, [row(&["a b", "c d"])].iter().map(Vec::as_slice));
        assert_eq!(two_texts.join(&row(&["one", "two", "three", "four"]), &[false; 4]), None);
        let quoted = [false, false, true];
        assert_eq!(two_texts.join(&row(&["one", "two", "three four"]), &quoted), Some(row(&["one two", "three four"])));
    }

    #[test]
    fn a_cell_with_text_is_never_taken_out() {
        assert_eq!(shapes().align(&row(&["1/1/2026", "5", "D-4", "$1", "Hats", "more", "and more"])), None);
    }
}
