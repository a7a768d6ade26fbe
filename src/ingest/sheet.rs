//! An input as one table or several, each of which can be read from the beginning at any time.
//!
//! **Owns** what a file is, told by its content and never by its name, and what `mak inspect`
//! says about its bytes.
//!
//! **Does not know** headers, platforms or measures.

use std::io::{Cursor, Read};
use std::sync::Arc;

use super::archive::{self, Archive};
use super::delimited::Delimited;
use super::dialect::{self, Blanks, Dialect};
use super::encoding::{self, BUFFER, Encoding, Text, Utf8};
use super::json::{JsonRecords, Layout, Rows};
use super::record::Records;
use super::source::{Source, read_finding};
use super::workbook::{Extent, Workbook};
use crate::finding::{Code, Finding, Place};

mod magic;

/// Bytes looked at to tell encoding and separator.
const SAMPLE: u64 = 256 * 1024;

/// What the user says about every input, overruling what the bytes say.
#[derive(Clone, Copy, Debug, Default)]
pub struct Overrides {
    /// The separator; a blank stands for columns aligned by blanks too. JSON is not looked for.
    pub delimiter: Option<u8>,
    /// The encoding.
    pub encoding: Option<Encoding>,
    /// The quote around cells; the inner `None` says that quotes mean nothing.
    pub quote: Option<Option<u8>>,
    /// The character that takes the next one literally, such as a backslash.
    pub escape: Option<u8>,
}

/// What kind of file a table stands in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// Cells separated by a character, a record a line.
    Delimited,
    /// One JSON text.
    Json,
    /// A JSON object a line.
    JsonLines,
    /// A sheet of an Office Open XML workbook.
    Xlsx,
    /// A sheet of an `OpenDocument` workbook.
    Ods,
    /// A Parquet file.
    #[cfg(feature = "parquet")]
    Parquet,
}

impl Format {
    /// Its name for people.
    pub const fn name(self) -> &'static str {
        match self {
            Format::Delimited => "delimited text",
            Format::Json => "JSON",
            Format::JsonLines => "JSON, an object a line",
            Format::Xlsx => "XLSX workbook",
            Format::Ods => "ODS workbook",
            #[cfg(feature = "parquet")]
            Format::Parquet => "Parquet",
        }
    }
}

/// One table-shaped part of an input. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Sheet {
    source: Source,
    part: Option<Arc<str>>,
    overrides: Overrides,
    content: Content,
    notes: Vec<Finding>,
}

#[derive(Clone, Debug)]
enum Content {
    Delimited {
        encoding: encoding::Decided,
        dialect: dialect::Decided,
    },
    Json {
        encoding: encoding::Decided,
        layout: Arc<Layout>,
    },
    Grid {
        book: Workbook,
        sheet: usize,
        extent: Extent,
    },
    #[cfg(feature = "parquet")]
    Parquet(super::parquet::File),
}

/// One thing that was told from the bytes, and how.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told {
    /// What it is about: `encoding`, `separator`.
    pub about: &'static str,
    /// What it was taken for.
    pub value: String,
    /// The evidence, where there is a choice.
    pub evidence: Option<String>,
}

/// The tables of an input: one, or those of an archive's members or a workbook's sheets. Detection
/// reads the first part of a text; JSON and workbooks are read whole.
///
/// # Errors
/// The input is empty, is not text, cannot be read or decoded, or its dialect cannot be told.
pub fn sheets(source: &Source, overrides: &Overrides) -> Result<Vec<Sheet>, Finding> {
    let place = source.place();
    let mut sample = Vec::new();
    source.open()?.take(SAMPLE).read_to_end(&mut sample).map_err(|error| read_finding(&place, &error))?;
    let whole = (sample.len() as u64) < SAMPLE;
    if sample.starts_with(b"PK\x03\x04") {
        return container(source, overrides);
    }
    #[cfg(feature = "parquet")]
    if sample.starts_with(super::parquet::MAGIC) {
        let content = Content::Parquet(super::parquet::File::open(source)?);
        return Ok(vec![Sheet {
            source: source.clone(),
            part: source.part().cloned(),
            overrides: *overrides,
            content,
            notes: Vec::new(),
        }]);
    }
    if let Some(finding) = magic::refusal(&sample, &place) {
        return Err(finding);
    }
    let encoding = encoding::decide(&sample, overrides.encoding, &place)?;
    let text = decoded_sample(&sample, &encoding, &place);
    let start = text.trim_start();
    if start.is_empty() && whole && decodes(&sample, &encoding) {
        return Err(Finding::new(
            Code::EmptyFile,
            place,
            if sample.is_empty() { "the file is empty" } else { "the file has only blank lines" },
        ));
    }
    if overrides.delimiter.is_none() && start.starts_with(['[', '{']) {
        return json(source, overrides, encoding).map(|sheet| vec![sheet]);
    }
    if let Some(finding) = magic::markup(start, &place) {
        return Err(finding);
    }
    let dialect = dialect::decide(&text, whole, overrides, &place)?;
    let content = Content::Delimited { encoding, dialect };
    Ok(vec![Sheet { source: source.clone(), part: source.part().cloned(), overrides: *overrides, content, notes: Vec::new() }])
}

/// The sheets of a workbook, or the tables of an archive's members.
fn container(source: &Source, overrides: &Overrides) -> Result<Vec<Sheet>, Finding> {
    let place = source.place();
    let archive = Arc::new(Archive::open(&source.seekable()?)?);
    match Workbook::open(&archive, &place)? {
        Some(book) => workbook_sheets(source, overrides, &book),
        None if source.part().is_some() => {
            Err(Finding::new(Code::BadContainer, place, "an archive stands inside an archive").help("unpack the inner one first"))
        }
        None => member_sheets(&archive, overrides),
    }
}

fn workbook_sheets(source: &Source, overrides: &Overrides, book: &Workbook) -> Result<Vec<Sheet>, Finding> {
    let mut sheets = Vec::new();
    let mut hidden = Vec::new();
    for (index, listed) in book.sheets().iter().enumerate() {
        if listed.hidden {
            hidden.push(format!("\"{}\"", listed.name));
            continue;
        }
        let part = match source.part() {
            Some(member) => format!("{member}!{}", listed.name).into(),
            None => Arc::clone(&listed.name),
        };
        let place = Place { part: Some(Arc::clone(&part)), ..source.place() };
        let extent = book.extent(index, &place)?;
        if extent.width == 0 {
            continue;
        }
        let mut notes = Vec::new();
        if extent.hidden_rows > 0 {
            let message = format!("{} hidden rows are read like the others", extent.hidden_rows);
            notes.push(Finding::new(Code::Assumed, place, message));
        }
        let content = Content::Grid { book: book.clone(), sheet: index, extent };
        sheets.push(Sheet { source: source.clone(), part: Some(part), overrides: *overrides, content, notes });
    }
    let Some(first) = sheets.first_mut() else {
        return Err(Finding::new(Code::EmptyFile, source.place(), "no sheet of the workbook that is shown has a cell"));
    };
    if !hidden.is_empty() {
        let message = format!("hidden sheets are not read: {}", hidden.join(", "));
        first.notes.push(Finding::new(Code::Assumed, source.place(), message));
    }
    Ok(sheets)
}

fn member_sheets(archive: &Arc<Archive>, overrides: &Overrides) -> Result<Vec<Sheet>, Finding> {
    let place = archive.source().place();
    let (exports, others) = archive::exports(archive);
    let mut left_out: Vec<String> = others.into_iter().map(str::to_owned).collect();
    let mut tables = Vec::new();
    for member in exports {
        match sheets(&Source::member(archive, member), overrides) {
            Ok(found) => tables.extend(found),
            Err(finding) if finding.code() == Code::EmptyFile => left_out.push(format!("{} (empty)", member.name)),
            Err(finding) => return Err(finding),
        }
    }
    let first = tables.first_mut().ok_or_else(|| archive::no_exports(place.clone()))?;
    if !left_out.is_empty() {
        let named = left_out.iter().take(MOST_NAMED).cloned().collect::<Vec<_>>().join(", ");
        let message = format!("{} files of the archive are not read: {named}", left_out.len());
        first.notes.push(Finding::new(Code::Assumed, place, message));
    }
    Ok(tables)
}

/// Files of an archive that are named in a note.
const MOST_NAMED: usize = 10;

fn json(source: &Source, overrides: &Overrides, encoding: encoding::Decided) -> Result<Sheet, Finding> {
    let place = source.place();
    let layout = Layout::survey(&|| Text::new(source.open()?, &encoding, place.clone(), BUFFER))
        .map_err(|finding| if finding.code() == Code::BadJson { not_a_table_of_text(finding) } else { finding })?;
    let notes = left_out_note(&layout, place).into_iter().collect();
    let content = Content::Json { encoding, layout: Arc::new(layout) };
    Ok(Sheet { source: source.clone(), part: source.part().cloned(), overrides: *overrides, content, notes })
}

/// A text may begin with a bracket and not be JSON.
fn not_a_table_of_text(finding: Finding) -> Finding {
    if finding.parts().help.is_some() {
        return finding;
    }
    finding.help("if this is not JSON but delimited text, give --delimiter")
}

fn left_out_note(layout: &Layout, place: Place) -> Option<Finding> {
    if layout.left_out().is_empty() {
        return None;
    }
    let others: Vec<String> = layout.left_out().iter().map(|(keys, count)| format!("\"{keys}\" ({count} objects)")).collect();
    let message = format!("the rows were taken from {}; not read: {}", layout.words(), others.join(", "));
    Some(Finding::new(Code::Assumed, place, message))
}

impl Sheet {
    /// The input that it is part of.
    pub fn source(&self) -> &Source {
        &self.source
    }

    /// The sheet of a workbook or the member of an archive.
    pub fn part(&self) -> Option<&Arc<str>> {
        self.part.as_ref()
    }

    /// The place of the whole table, for findings.
    pub fn place(&self) -> Place {
        Place { part: self.part.clone(), ..self.source.place() }
    }

    /// What kind of file it stands in.
    pub fn format(&self) -> Format {
        match &self.content {
            Content::Delimited { .. } => Format::Delimited,
            Content::Json { layout, .. } if *layout.rows() == Rows::Lines => Format::JsonLines,
            Content::Json { .. } => Format::Json,
            Content::Grid { book: Workbook::Xlsx(_), .. } => Format::Xlsx,
            Content::Grid { book: Workbook::Ods(_), .. } => Format::Ods,
            #[cfg(feature = "parquet")]
            Content::Parquet(_) => Format::Parquet,
        }
    }

    /// The encoding that it is read in; a workbook's parts are always UTF-8.
    pub fn encoding(&self) -> Encoding {
        match &self.content {
            Content::Delimited { encoding, .. } | Content::Json { encoding, .. } => encoding.encoding,
            Content::Grid { .. } => encoding_rs::UTF_8,
            #[cfg(feature = "parquet")]
            Content::Parquet(_) => encoding_rs::UTF_8,
        }
    }

    /// The dialect, where the table is delimited text.
    pub fn dialect(&self) -> Option<Dialect> {
        match &self.content {
            Content::Delimited { dialect, .. } => Some(dialect.dialect),
            Content::Json { .. } | Content::Grid { .. } => None,
            #[cfg(feature = "parquet")]
            Content::Parquet(_) => None,
        }
    }

    /// The bytes of delimited text in UTF-8, and how many of a mark stand before them.
    ///
    /// # Errors
    /// The input cannot be opened.
    pub(super) fn utf_8(&self) -> Result<(Box<dyn Read + Send>, usize), Finding> {
        let input = self.source.open()?;
        match &self.content {
            Content::Delimited { encoding, .. } if encoding.encoding != encoding_rs::UTF_8 => {
                Ok((Box::new(Utf8::of(Text::new(input, encoding, self.place(), BUFFER)?)), 0))
            }
            Content::Delimited { encoding, .. } => Ok((input, encoding.mark)),
            _ => Ok((input, 0)),
        }
    }

    /// What was seen while telling what the file is.
    pub fn notes(&self) -> &[Finding] {
        &self.notes
    }

    /// The same table in another encoding, where it is known from elsewhere what the platform
    /// writes.
    ///
    /// # Errors
    /// As for [`sheets`].
    pub fn with_encoding(&self, encoding: Encoding) -> Result<Sheet, Finding> {
        let overrides = Overrides { encoding: Some(encoding), ..self.overrides };
        let found = sheets(&self.source, &overrides)?;
        let same = found.into_iter().find(|sheet| sheet.part == self.part);
        same.ok_or_else(|| Finding::new(Code::Unreadable, self.place(), "the file changed while it was being read"))
    }

    /// The records from the beginning; each call is a pass of its own.
    ///
    /// # Errors
    /// The input cannot be opened.
    pub fn records(&self) -> Result<Box<dyn Records + Send>, Finding> {
        self.records_with_buffer(BUFFER)
    }

    fn records_with_buffer(&self, buffer: usize) -> Result<Box<dyn Records + Send>, Finding> {
        let text = |encoding| Text::new(self.source.open()?, encoding, self.place(), buffer);
        Ok(match &self.content {
            Content::Delimited { encoding, dialect } => Box::new(Delimited::new(text(encoding)?, dialect.dialect)),
            Content::Json { encoding, layout } => Box::new(JsonRecords::new(text(encoding)?, Arc::clone(layout))),
            Content::Grid { book, sheet, extent } => book.records(*sheet, *extent, &self.place())?,
            #[cfg(feature = "parquet")]
            Content::Parquet(file) => Box::new(file.records(self.place())?),
        })
    }

    /// What was told from the bytes, and how: for `mak inspect`.
    pub fn told(&self) -> Vec<Told> {
        let mut told = vec![Told { about: "format", value: self.format().name().into(), evidence: None }];
        if let Some(compression) = self.source.compression() {
            told.push(Told { about: "compression", value: compression.into(), evidence: Some("the first bytes".into()) });
        }
        let encoded = |encoding: &encoding::Decided| Told {
            about: "encoding",
            value: encoding.encoding.name().into(),
            evidence: Some(encoding.evidence.clone()),
        };
        match &self.content {
            Content::Delimited { encoding, dialect } => {
                told.push(encoded(encoding));
                told.push(Told {
                    about: "separator",
                    value: separator(dialect.dialect),
                    evidence: Some(dialect.evidence.clone()),
                });
                told.push(Told { about: "line ends", value: dialect.dialect.line_end.name().into(), evidence: None });
            }
            Content::Json { encoding, layout } => {
                told.push(encoded(encoding));
                told.push(Told { about: "rows", value: layout.words(), evidence: None });
            }
            #[cfg(feature = "parquet")]
            Content::Parquet(file) => {
                told.push(Told { about: "cells", value: format!("{} columns", file.width()), evidence: None });
            }
            Content::Grid { extent, .. } => {
                let value = format!("{} columns, down to row {}", extent.width, extent.last_row);
                told.push(Told { about: "cells", value, evidence: None });
            }
        }
        told
    }
}

fn separator(dialect: Dialect) -> String {
    let name = dialect::name(dialect.delimiter);
    match dialect.blanks {
        Blanks::Keep => name,
        Blanks::AfterDelimiter => format!("{name} and a blank"),
        Blanks::Align => "runs of blanks".into(),
    }
}

/// The text of the sample as far as it decodes. Where it is not valid UTF-8 from some byte on,
/// every byte is taken for a character: separators and quotes are the same in all encodings that
/// are meant then, and reading will refuse that byte.
fn decoded_sample(sample: &[u8], encoding: &encoding::Decided, place: &Place) -> String {
    if encoding.encoding == encoding_rs::UTF_8 {
        let bytes = sample.get(encoding.mark..).unwrap_or_default();
        return match std::str::from_utf8(bytes) {
            Ok(text) => text.to_owned(),
            Err(error) if error.error_len().is_none() => {
                String::from_utf8_lossy(bytes.get(..error.valid_up_to()).unwrap_or_default()).into_owned()
            }
            Err(_) => encoding_rs::mem::decode_latin1(bytes).into_owned(),
        };
    }
    let mut decoded = String::new();
    let Ok(mut text) = Text::new(Box::new(Cursor::new(sample.to_vec())), encoding, place.clone(), BUFFER) else { return decoded };
    while text.advance().is_ok_and(|more| more) {
        decoded.push_str(text.piece());
    }
    decoded
}

/// Whether the sample, which is the whole file, decodes to its end.
fn decodes(sample: &[u8], encoding: &encoding::Decided) -> bool {
    let Ok(mut text) = Text::new(Box::new(Cursor::new(sample.to_vec())), encoding, Place::default(), BUFFER) else {
        return false;
    };
    loop {
        match text.advance() {
            Ok(true) => {}
            Ok(false) => return true,
            Err(_) => return false,
        }
    }
}

#[cfg(test)]
mod tests;
