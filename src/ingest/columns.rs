//! Tables of numbers that are no export: columns wanted by name, every row typed.
//!
//! **Owns** finding the header of such a table and reading its cells under the same evidence as
//! exports: encoding, dialect, decimal mark. **Does not know** what the numbers stand for.

use rust_decimal::Decimal;

use super::header::Header;
use super::number::{self, FileMarks, NumberCell, NumberEvidence, NumberHint, NumberStyle};
use super::read::{Input, first_records};
use super::record::Record;
use super::sheet::sheets;
use super::table::Table;
use crate::finding::{Code, Finding, Place};

/// Findings that are given in full before reading stops.
const LISTED: usize = 20;

/// A column that a table must or may have.
#[derive(Clone, Copy, Debug)]
pub struct Wanted {
    /// Its spellings.
    pub names: &'static [&'static str],
    /// Whether the table is another one without it; its cells must then have values.
    pub required: bool,
    /// Whether its cells are names, not numbers.
    pub text: bool,
}

/// A shape of table: its columns.
pub type Shape = &'static [Wanted];

/// A table that has one of the shapes asked for.
#[derive(Clone, Debug)]
pub struct NumberTable {
    /// Number of the shape.
    pub shape: usize,
    /// Where it is.
    pub place: Place,
    /// Its rows.
    pub rows: Vec<NumberRow>,
}

/// A row: one entry a wanted column, `None` where the column or the value is missing.
#[derive(Clone, Debug)]
pub struct NumberRow {
    /// The line on which it stands.
    pub line: u64,
    /// Cells of columns of names.
    pub texts: Vec<Option<String>>,
    /// Cells of columns of numbers.
    pub numbers: Vec<Option<Decimal>>,
}

/// The table of the input, if its header has every required column of one of the shapes; the first
/// shape that fits counts. Nothing if none does: then it may be an export.
///
/// # Errors
/// The bytes cannot be read, a cell is no number, or the decimal mark is not settled.
pub fn number_table(input: &Input, shapes: &[Shape]) -> Result<Option<NumberTable>, Vec<Finding>> {
    let sheets = sheets(&input.source, &input.overrides).map_err(|finding| vec![finding])?;
    for sheet in &sheets {
        let head = sheet.records().and_then(|mut records| first_records(&mut *records)).map_err(|finding| vec![finding])?;
        let Ok(tables) = Table::of(super::profile::ALL, sheet, &head) else { continue };
        for table in tables {
            let mut records = table.records().map_err(|finding| vec![finding])?;
            let head = first_records(&mut *records).map_err(|finding| vec![finding])?;
            if let Some(found) = Found::of(&head, input.told.names.as_deref(), shapes) {
                return found.read(&table, input).map(Some);
            }
        }
    }
    Ok(None)
}

struct Found {
    shape: usize,
    wanted: Shape,
    header: Header,
    /// Where each wanted column is.
    columns: Vec<Option<usize>>,
    before_data: usize,
}

impl Found {
    fn of(head: &[Record], names: Option<&[String]>, shapes: &[Shape]) -> Option<Found> {
        if let Some(names) = names {
            return Found::in_header(&Header::new(0, names.iter().map(String::as_str)), 0, shapes);
        }
        let mut rows = head.iter().enumerate();
        rows.find_map(|(index, record)| {
            Found::in_header(&Header::new(record.line(), record.iter()), index.saturating_add(1), shapes)
        })
    }

    fn in_header(header: &Header, before_data: usize, shapes: &[Shape]) -> Option<Found> {
        shapes.iter().enumerate().find_map(|(shape, wanted)| {
            let column =
                |wanted: &Wanted| wanted.names.iter().find_map(|name| header.find(name).first().map(|found| found.index));
            let columns: Vec<_> = wanted.iter().map(column).collect();
            let all = wanted.iter().zip(&columns).all(|(wanted, column)| column.is_some() || !wanted.required);
            all.then(|| Found { shape, wanted, header: header.clone(), columns, before_data })
        })
    }

    /// Columns of numbers with what is wanted of them.
    fn number_columns(&self) -> impl Iterator<Item = (&Wanted, Option<usize>)> {
        self.wanted.iter().zip(self.columns.iter().copied()).filter(|(wanted, _)| !wanted.text)
    }

    fn read(&self, table: &Table, input: &Input) -> Result<NumberTable, Vec<Finding>> {
        let place = table.place();
        let styles = self.styles(table, input, &place)?;
        let mut rows = Vec::new();
        let mut problems = Vec::new();
        self.each_row(table, |record| {
            if record.len() == self.header.len() {
                rows.push(self.row(record, &styles, &place, &mut problems));
            } else {
                let message = format!("this row has {} cells, the header has {}", record.len(), self.header.len());
                problems.push(Finding::new(Code::RaggedRow, place.clone().at_line(record.line()), message));
            }
            problems.len() < LISTED
        })?;
        if problems.is_empty() { Ok(NumberTable { shape: self.shape, place, rows }) } else { Err(problems) }
    }

    /// The first pass: how each column of numbers is written.
    fn styles(&self, table: &Table, input: &Input, place: &Place) -> Result<Vec<Option<NumberStyle>>, Vec<Finding>> {
        let mut evidence = vec![NumberEvidence::default(); self.wanted.len()];
        self.each_row(table, |record| {
            for ((_, column), evidence) in self.number_columns().zip(&mut evidence) {
                if let Some(cell) = column.and_then(|index| record.get(index)) {
                    evidence.observe(cell, record.line());
                }
            }
            true
        })?;
        let mut marks = FileMarks::default();
        evidence.iter().for_each(|column| marks.add(column, true, false));
        let hint =
            NumberHint { flag: input.marks.decimal, file: marks.settled(), profile: None, contradiction: marks.contradict() };
        let mut problems = Vec::new();
        let styles = self.number_columns().zip(&evidence).map(|((_, column), evidence)| {
            let index = column?;
            let decided = evidence.decide(hint, false);
            decided.map_err(|problem| problems.push(problem.finding(self.place_of(place, index)))).ok()
        });
        let styles = styles.collect();
        if problems.is_empty() { Ok(styles) } else { Err(problems) }
    }

    fn each_row(&self, table: &Table, mut row: impl FnMut(&Record) -> bool) -> Result<(), Vec<Finding>> {
        let mut records = table.records().map_err(|finding| vec![finding])?;
        let mut record = Record::default();
        let mut before_data = self.before_data;
        while records.read(&mut record).map_err(|finding| vec![finding])? {
            if before_data > 0 {
                before_data = before_data.saturating_sub(1);
            } else if !record.is_blank() && !row(&record) {
                break;
            }
        }
        Ok(())
    }

    fn row(&self, record: &Record, styles: &[Option<NumberStyle>], place: &Place, problems: &mut Vec<Finding>) -> NumberRow {
        let texts = self.wanted.iter().zip(&self.columns).filter(|(wanted, _)| wanted.text);
        let text = |(_, column): (&Wanted, &Option<usize>)| {
            column.and_then(|index| record.get(index)).map(str::trim).filter(|cell| !cell.is_empty()).map(str::to_owned)
        };
        let texts = texts.map(text).collect();
        let mut numbers = Vec::new();
        for ((wanted, column), style) in self.number_columns().zip(styles) {
            let (Some(index), Some(style)) = (column, style) else {
                numbers.push(None);
                continue;
            };
            let cell = record.get(index).unwrap_or("");
            let at = self.place_of(place, index).at_line(record.line_of(index));
            numbers.push(match number::parse(cell, style) {
                Ok(NumberCell::Number(amount)) => match amount.value() {
                    Ok(value) => Some(value),
                    Err(fault) => {
                        problems.push(fault.finding(at, cell));
                        None
                    }
                },
                Ok(NumberCell::Missing) if wanted.required => {
                    problems.push(Finding::new(Code::BadNumber, at, "there is no value").saw(cell).expected("a number"));
                    None
                }
                Ok(NumberCell::Missing) => None,
                Err(fault) => {
                    problems.push(fault.finding(at, cell));
                    None
                }
            });
        }
        NumberRow { line: record.line(), texts, numbers }
    }

    fn place_of(&self, place: &Place, index: usize) -> Place {
        place.clone().in_column(index, self.header.names.get(index).cloned().unwrap_or_else(|| "".into()))
    }
}
