//! The sheets of an ODS file (OASIS Open Document Format 1.3, part 3, chapter 9).

use std::collections::BTreeSet;
use std::io::Read as _;
use std::sync::Arc;

use super::xml::{Element, Node, Xml};
use super::{GridRow, GridRows, Listed, bad_cell, format, too_wide};
use crate::finding::{Code, Finding, Place};
use crate::ingest::archive::Archive;
use crate::ingest::delimited::{MOST_BYTES, MOST_CELLS};
use crate::ingest::source::read_finding;

/// Most rows of a sheet.
const MOST_ROWS: u64 = 16_777_216;

/// Where the sheets are.
#[derive(Debug)]
pub(in crate::ingest) struct Book {
    archive: Arc<Archive>,
    sheets: Vec<Listed>,
}

const CONTENT: &str = "content.xml";

impl Book {
    /// The workbook in an archive that says what it is in a member of its own.
    ///
    /// # Errors
    /// It is damaged, or another kind of document.
    pub(super) fn open(archive: &Arc<Archive>, place: &Place) -> Result<Book, Finding> {
        let mut kind = String::new();
        if let Some(member) = archive.find("mimetype")? {
            archive.read(member)?.take(256).read_to_string(&mut kind).map_err(|error| read_finding(place, &error))?;
        }
        if !kind.starts_with("application/vnd.oasis.opendocument.spreadsheet") {
            let finding = Finding::new(
                Code::NotText,
                place.clone(),
                "this is a document or an archive of another program, and no workbook",
            );
            return Err(finding.saw(kind).help("export the figures as CSV"));
        }
        let sheets = list(content(archive, place)?)?;
        Ok(Book { archive: Arc::clone(archive), sheets })
    }

    pub(super) fn sheets(&self) -> &[Listed] {
        &self.sheets
    }

    pub(super) fn rows(&self, sheet: usize, place: &Place) -> Result<Box<dyn GridRows + Send>, Finding> {
        let mut xml = content(&self.archive, place)?;
        let mut tables = 0_usize;
        loop {
            match xml.next()? {
                Node::Eof => return Err(xml.wrong("a sheet is missing")),
                Node::Start(element) if element.name() == "table" => {
                    if tables == sheet {
                        let outer = xml.depth().saturating_sub(1);
                        return Ok(Box::new(Rows {
                            xml,
                            place: place.clone(),
                            outer,
                            line: 0,
                            repeat: 0,
                            kept: GridRow::default(),
                        }));
                    }
                    tables = tables.saturating_add(1);
                    xml.skip()?;
                }
                Node::Start(element) if is_aside(&element) => xml.skip()?,
                _ => {}
            }
        }
    }
}

fn content(archive: &Archive, place: &Place) -> Result<Xml, Finding> {
    let member = archive.find(CONTENT)?;
    let member = member
        .ok_or_else(|| Finding::new(Code::BadContainer, place.clone(), "a part of the workbook is missing").saw(CONTENT))?;
    Ok(Xml::new(archive.read(member)?, place.clone()))
}

/// What has tables or text of its own that are no cells: changes that were recorded, drawings.
fn is_aside(element: &Element<'_>) -> bool {
    matches!(element.name(), "tracked-changes" | "shapes" | "annotation" | "frame" | "forms" | "dde-links" | "meta")
}

fn list(mut xml: Xml) -> Result<Vec<Listed>, Finding> {
    let mut sheets = Vec::new();
    let mut hidden_styles = BTreeSet::new();
    let mut style = String::new();
    loop {
        match xml.next()? {
            Node::Eof => return Ok(sheets),
            Node::Start(element) if is_aside(&element) => xml.skip()?,
            Node::Start(element) => match element.name() {
                "style" => style = element.attribute("name").map(std::borrow::Cow::into_owned).unwrap_or_default(),
                "table-properties" if element.attribute("display").as_deref() == Some("false") => {
                    hidden_styles.insert(std::mem::take(&mut style));
                }
                "table" => {
                    let name = element.attribute("name").unwrap_or_default().into_owned();
                    let hidden = element.attribute("style-name").is_some_and(|style| hidden_styles.contains(&*style));
                    sheets.push(Listed { name: name.into(), hidden });
                    xml.skip()?;
                }
                _ => {}
            },
            _ => {}
        }
    }
}

struct Rows {
    xml: Xml,
    place: Place,
    /// Depth outside the sheet's own element.
    outer: usize,
    line: u64,
    /// How often the row that was read last is still to come.
    repeat: u64,
    kept: GridRow,
}

impl GridRows for Rows {
    fn next_row(&mut self, row: &mut GridRow) -> Result<bool, Finding> {
        if self.repeat == 0 && !self.read_row()? {
            return Ok(false);
        }
        self.repeat = self.repeat.saturating_sub(1);
        self.line = self.line.saturating_add(1);
        row.restart(self.line);
        row.hidden = self.kept.hidden;
        row.fault.clone_from(&self.kept.fault);
        row.text.clone_from(&self.kept.text);
        row.cells.clone_from(&self.kept.cells);
        // Blank rows come by the million, to fill the sheet.
        if self.kept.is_blank() {
            self.line = self.line.saturating_add(self.repeat);
            self.repeat = 0;
        }
        if self.line > MOST_ROWS {
            return Err(Finding::new(Code::TooLarge, self.place.clone(), format!("the sheet has more than {MOST_ROWS} rows")));
        }
        Ok(true)
    }
}

/// How a cell's value is stored.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    None,
    Number,
    Percent,
    Date,
    Time,
    Boolean,
    Text,
    Unknown,
}

impl Rows {
    /// Reads the next row to `kept`.
    fn read_row(&mut self) -> Result<bool, Finding> {
        while self.xml.depth() > self.outer {
            match self.xml.next()? {
                Node::Start(element) if is_aside(&element) => self.xml.skip()?,
                Node::Start(element) if element.name() == "table-row" => {
                    self.repeat = element.number("number-rows-repeated").unwrap_or(1).max(1);
                    let hidden = matches!(element.attribute("visibility").as_deref(), Some("collapse" | "filter"));
                    self.kept.restart(self.line.saturating_add(1));
                    self.kept.hidden = hidden;
                    self.read_cells()?;
                    return Ok(true);
                }
                Node::Eof => return Ok(false),
                _ => {}
            }
        }
        Ok(false)
    }

    fn read_cells(&mut self) -> Result<(), Finding> {
        let outer = self.xml.depth().saturating_sub(1);
        let mut column = 0_usize;
        let mut text = String::new();
        while self.xml.depth() > outer {
            let Node::Start(element) = self.xml.next()? else { continue };
            if !matches!(element.name(), "table-cell" | "covered-table-cell") {
                continue;
            }
            let repeat: usize = element.number("number-columns-repeated").unwrap_or(1);
            let value = stored(&element);
            text.clear();
            self.cell_text(&mut text)?;
            let before = self.kept.cells.len();
            self.push(column, &value, &text);
            if self.kept.cells.len() > before {
                if column.saturating_add(repeat) > MOST_CELLS {
                    return Err(too_wide(&self.place, self.kept.line));
                }
                if let Some((_, start, end)) = self.kept.cells.last().copied() {
                    self.kept.cells.extend((1..repeat).map(|ahead| (column.saturating_add(ahead), start, end)));
                }
            }
            column = column.saturating_add(repeat);
            if self.kept.text.len() > MOST_BYTES {
                return Err(Finding::new(Code::TooLarge, self.place.clone().at_line(self.kept.line), "the row is too long"));
            }
        }
        Ok(())
    }

    /// Reads the paragraphs of the cell just opened.
    fn cell_text(&mut self, out: &mut String) -> Result<(), Finding> {
        let outer = self.xml.depth().saturating_sub(1);
        let mut paragraphs = 0_usize;
        let mut inside = 0_usize;
        while self.xml.depth() > outer {
            match self.xml.next()? {
                Node::Start(element) if is_aside(&element) => self.xml.skip()?,
                Node::Start(element) => match element.name() {
                    "p" => {
                        if paragraphs > 0 {
                            out.push('\n');
                        }
                        paragraphs = paragraphs.saturating_add(1);
                        inside = inside.saturating_add(1);
                    }
                    "s" => {
                        let count = element.number("c").unwrap_or(1_usize).min(MOST_BYTES);
                        out.extend(std::iter::repeat_n(' ', count));
                    }
                    "tab" => out.push('\t'),
                    "line-break" => out.push('\n'),
                    _ => {}
                },
                Node::End("p") => inside = inside.saturating_sub(1),
                Node::Text(text) if inside > 0 => out.push_str(text),
                _ => {}
            }
            if out.len() > MOST_BYTES {
                return Err(Finding::new(Code::TooLarge, self.place.clone().at_line(self.kept.line), "a cell is too long"));
            }
        }
        Ok(())
    }

    fn push(&mut self, column: usize, value: &Stored, text: &str) {
        let (row, place) = (&mut self.kept, &self.place);
        let stored = value.value.as_str();
        if value.error || (value.formula && text.starts_with("Err:")) || (value.formula && text.starts_with('#')) {
            return bad_cell(place, row, column, "holds an error", text);
        }
        if value.formula && value.kind == Kind::None {
            return bad_cell(place, row, column, "holds a formula whose value is not stored", text);
        }
        let number = |shown| format::text(stored, &shown, format::Epoch::Year1900);
        let outcome = match value.kind {
            Kind::None => Ok(String::new()),
            Kind::Text if stored.is_empty() => Ok(text.to_owned()),
            Kind::Text => Ok(stored.to_owned()),
            Kind::Number => match &value.currency {
                Some(currency) => number(format::Shown::Money(currency.clone())),
                None => number(format::Shown::Number),
            },
            Kind::Percent => number(format::Shown::Percent),
            Kind::Date => Ok(stored.strip_suffix("T00:00:00").unwrap_or(stored).to_owned()),
            Kind::Time => elapsed(stored).ok_or("is shown as a time, but holds none"),
            Kind::Boolean if matches!(stored, "true" | "false") => Ok(stored.to_owned()),
            Kind::Boolean | Kind::Unknown => Err("is of a kind that is not known"),
        };
        match outcome {
            Ok(text) if text.is_empty() => {}
            Ok(text) => row.push(column, &text),
            Err(what) => bad_cell(place, row, column, what, stored),
        }
    }
}

/// What the tag of a cell says.
struct Stored {
    kind: Kind,
    value: String,
    currency: Option<String>,
    formula: bool,
    error: bool,
}

fn stored(element: &Element<'_>) -> Stored {
    let mut value_of = None;
    let mut error = false;
    // LibreOffice says "error" in a namespace of its own beside the standard's "string".
    for kind in element.attributes("value-type") {
        error |= kind == "error";
        value_of.get_or_insert(kind);
    }
    let (kind, name) = match value_of.as_deref() {
        None => (Kind::None, ""),
        Some("float" | "currency") => (Kind::Number, "value"),
        Some("percentage") => (Kind::Percent, "value"),
        Some("date") => (Kind::Date, "date-value"),
        Some("time") => (Kind::Time, "time-value"),
        Some("boolean") => (Kind::Boolean, "boolean-value"),
        Some("string") => (Kind::Text, "string-value"),
        Some(_) => (Kind::Unknown, "value"),
    };
    let get = |name: &str| element.attribute(name).map(std::borrow::Cow::into_owned);
    Stored { kind, value: get(name).unwrap_or_default(), currency: get("currency"), formula: get("formula").is_some(), error }
}

/// `PT09H30M00S` as `09:30:00`.
fn elapsed(text: &str) -> Option<String> {
    let (hours, rest) = text.strip_prefix("PT")?.split_once('H')?;
    let (minutes, rest) = rest.split_once('M')?;
    let seconds = rest.strip_suffix('S')?;
    let (whole, fraction) = seconds.split_once(['.', ',']).map_or((seconds, None), |(whole, fraction)| (whole, Some(fraction)));
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    if ![hours, minutes, whole].into_iter().chain(fraction).all(digits) {
        return None;
    }
    let fraction = fraction.map(|fraction| fraction.trim_end_matches('0')).filter(|fraction| !fraction.is_empty());
    let fraction = fraction.map(|fraction| format!(".{fraction}")).unwrap_or_default();
    Some(format!("{hours:0>2}:{minutes:0>2}:{whole:0>2}{fraction}"))
}
