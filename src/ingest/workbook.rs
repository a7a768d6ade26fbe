//! Workbooks (XLSX and ODS) to records.
//!
//! **Owns** the sheets of a workbook as rows of text: numbers with the digits that the file holds,
//! percentages with their sign, dates as ISO text, and what may not be read as a value: errors,
//! formulas that nobody calculated, cells far from all others.
//!
//! **Does not know** headers or measures. The zip container is `archive`'s.
//!
//! The XML is read here and not through a library for spreadsheets, because those hand numbers on
//! as binary fractions and build the whole rectangle of cells in memory.

use std::sync::Arc;

use super::archive::Archive;
use super::delimited::MOST_CELLS;
use super::record::{Record, Records};
use crate::finding::{Code, Finding, Place};

mod format;
mod ods;
mod xlsx;
mod xml;

/// Most blank columns between two cells of a row, and blank rows between two rows: a cell beyond
/// is a slip of the hand or an attack, not part of the table.
const WIDEST_GAP: usize = 1_000;
const LONGEST_GAP: u64 = 100_000;

/// Most cells in the rectangle that holds all cells of a sheet.
const MOST_IN_RECTANGLE: u64 = 500_000_000;

/// A workbook, its sheets listed but not read.
#[derive(Clone, Debug)]
pub(super) enum Workbook {
    /// Office Open XML.
    Xlsx(Arc<xlsx::Book>),
    /// Open Document Format.
    Ods(Arc<ods::Book>),
}

/// A sheet as the workbook lists it.
#[derive(Clone, Debug)]
pub(super) struct Listed {
    pub(super) name: Arc<str>,
    pub(super) hidden: bool,
}

/// What a pass over a sheet found.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Extent {
    /// Columns up to the last one with a cell that is not blank.
    pub(super) width: usize,
    /// The last row with such a cell.
    pub(super) last_row: u64,
    /// Rows with such a cell that are hidden.
    pub(super) hidden_rows: u64,
}

impl Workbook {
    /// The workbook that the archive is; none when it is something else.
    ///
    /// # Errors
    /// It is damaged, or another kind of Office document.
    pub(super) fn open(archive: &Arc<Archive>, place: &Place) -> Result<Option<Workbook>, Finding> {
        let has = |name: &str| archive.find(name).map(|member| member.is_some());
        if has("[Content_Types].xml")? {
            return xlsx::Book::open(archive, place).map(|book| Some(Workbook::Xlsx(Arc::new(book))));
        }
        if has("mimetype")? && has("content.xml")? {
            return ods::Book::open(archive, place).map(|book| Some(Workbook::Ods(Arc::new(book))));
        }
        Ok(None)
    }

    /// The sheets in their order.
    pub(super) fn sheets(&self) -> &[Listed] {
        match self {
            Workbook::Xlsx(book) => book.sheets(),
            Workbook::Ods(book) => book.sheets(),
        }
    }

    /// How far a sheet reaches: a pass over all of it.
    ///
    /// # Errors
    /// It is damaged or too large. Cells that have no value are left to the reading.
    pub(super) fn extent(&self, sheet: usize, place: &Place) -> Result<Extent, Finding> {
        let mut rows = self.rows(sheet, place)?;
        let mut row = GridRow::default();
        let mut extent = Extent::default();
        while rows.next_row(&mut row)? {
            if row.is_blank() {
                continue;
            }
            if row.line.saturating_sub(extent.last_row) > LONGEST_GAP && extent.last_row > 0 {
                return Err(far(place, &row, row.filled().next().unwrap_or(0)));
            }
            let mut before = None;
            for column in row.filled() {
                if before.is_some_and(|before: usize| column.saturating_sub(before) > WIDEST_GAP) {
                    return Err(far(place, &row, column));
                }
                before = Some(column);
                extent.width = extent.width.max(column.saturating_add(1));
            }
            extent.last_row = row.line;
            extent.hidden_rows = extent.hidden_rows.saturating_add(u64::from(row.hidden));
        }
        if (extent.width as u64).saturating_mul(extent.last_row) > MOST_IN_RECTANGLE {
            return Err(
                Finding::new(Code::TooLarge, place.clone(), "the sheet is too wide for its length").help("save it as CSV")
            );
        }
        Ok(extent)
    }

    /// The records of a sheet, each as wide as the widest row.
    ///
    /// # Errors
    /// The sheet cannot be opened.
    pub(super) fn records(&self, sheet: usize, extent: Extent, place: &Place) -> Result<Box<dyn Records + Send>, Finding> {
        let rows = self.rows(sheet, place)?;
        Ok(Box::new(GridRecords { rows, row: GridRow::default(), extent, broken: None }))
    }

    fn rows(&self, sheet: usize, place: &Place) -> Result<Box<dyn GridRows + Send>, Finding> {
        match self {
            Workbook::Xlsx(book) => book.rows(sheet, place),
            Workbook::Ods(book) => book.rows(sheet, place),
        }
    }
}

fn far(place: &Place, row: &GridRow, column: usize) -> Finding {
    let message = format!("cell {} lies far from all others", address(row.line, column));
    Finding::new(Code::TooLarge, cell_place(place, row.line, column), message)
        .help("delete what stands in it, and save the workbook")
}

/// The rows of a sheet, in order.
trait GridRows {
    /// Reads the next row that the file has, blank or not; `false` at the end.
    fn next_row(&mut self, row: &mut GridRow) -> Result<bool, Finding>;
}

/// A row as it is read: only the cells that the file has.
#[derive(Debug, Default)]
struct GridRow {
    line: u64,
    hidden: bool,
    /// The first cell that has no value to read.
    fault: Option<Finding>,
    text: String,
    /// Column from 0, start and end in the text.
    cells: Vec<(usize, usize, usize)>,
}

impl GridRow {
    fn restart(&mut self, line: u64) {
        self.line = line;
        self.hidden = false;
        self.fault = None;
        self.text.clear();
        self.cells.clear();
    }

    fn push(&mut self, column: usize, cell: &str) {
        let start = self.text.len();
        self.text.push_str(cell);
        self.cells.push((column, start, self.text.len()));
    }

    /// The columns of the cells that are not blank; a cell without a value counts as one.
    fn filled(&self) -> impl Iterator<Item = usize> {
        self.cells.iter().filter(|(_, start, end)| start < end).map(|(column, ..)| *column)
    }

    fn is_blank(&self) -> bool {
        self.filled().next().is_none()
    }
}

struct GridRecords {
    rows: Box<dyn GridRows + Send>,
    row: GridRow,
    extent: Extent,
    broken: Option<Finding>,
}

impl GridRecords {
    fn read_record(&mut self, record: &mut Record) -> Result<bool, Finding> {
        // Rows below the last cell have formats and nothing else.
        if self.row.line >= self.extent.last_row || !self.rows.next_row(&mut self.row)? {
            return Ok(false);
        }
        if let Some(fault) = self.row.fault.take() {
            return Err(fault);
        }
        let line = self.row.line;
        record.restart(line);
        if self.row.is_blank() {
            return Ok(true);
        }
        for (column, start, end) in &self.row.cells {
            while record.len() < (*column).min(self.extent.width) {
                record.push_at("", line);
            }
            if *column < self.extent.width {
                record.push_at(self.row.text.get(*start..*end).unwrap_or_default(), line);
            }
        }
        while record.len() < self.extent.width {
            record.push_at("", line);
        }
        Ok(true)
    }
}

impl Records for GridRecords {
    fn read(&mut self, record: &mut Record) -> Result<bool, Finding> {
        if let Some(broken) = &self.broken {
            return Err(broken.clone());
        }
        self.read_record(record).inspect_err(|finding| self.broken = Some(finding.clone()))
    }
}

/// The place of a cell; the column counts from 0 here.
fn cell_place(sheet: &Place, line: u64, column: usize) -> Place {
    Place { line: Some(line), column: Some(column.saturating_add(1)), ..sheet.clone() }
}

/// The name of a cell as people know it: `C12`. The column counts from 0.
fn address(line: u64, column: usize) -> String {
    let mut letters = Vec::new();
    let mut rest = column.saturating_add(1);
    while rest > 0 {
        let digit = rest.saturating_sub(1) % 26;
        letters.push(char::from(b'A'.saturating_add(u8::try_from(digit).unwrap_or(0))));
        rest = rest.saturating_sub(1) / 26;
    }
    format!("{}{line}", letters.iter().rev().collect::<String>())
}

/// A cell that may not be read as a value. It is kept until the row is asked for, so that a sheet
/// nobody reads does no harm.
fn bad_cell(place: &Place, row: &mut GridRow, column: usize, what: &str, saw: &str) {
    let place = cell_place(place, row.line, column);
    let finding = Finding::new(Code::BadCell, place, format!("cell {} {what}", address(row.line, column)));
    let finding = if saw.is_empty() { finding } else { finding.saw(saw) };
    row.fault.get_or_insert(finding.help("correct it in the workbook, let it calculate, and save it"));
    row.push(column, "?");
}

fn too_wide(place: &Place, line: u64) -> Finding {
    Finding::new(Code::TooLarge, place.clone().at_line(line), format!("the row has more than {MOST_CELLS} cells"))
}

#[cfg(test)]
mod tests;
