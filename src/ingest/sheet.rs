//! An input as one table or several, each of which can be read from the beginning at any time.
//!
//! **Owns** what a file is, told by its content and never by its name, and what `mak inspect`
//! says about its bytes.
//!
//! **Does not know** headers, platforms or measures.

use std::io::{Cursor, Read};
use std::sync::Arc;

use super::delimited::Delimited;
use super::dialect::{self, Blanks, Dialect};
use super::encoding::{self, BUFFER, Encoding, Text};
use super::json::{JsonRecords, Layout, Rows};
use super::record::Records;
use super::source::{Source, read_finding};
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
}

impl Format {
    /// Its name for people.
    pub const fn name(self) -> &'static str {
        match self {
            Format::Delimited => "delimited text",
            Format::Json => "JSON",
            Format::JsonLines => "JSON, an object a line",
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
    Delimited { encoding: encoding::Decided, dialect: dialect::Decided },
    Json { encoding: encoding::Decided, layout: Arc<Layout> },
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

/// The tables of an input. Detection reads the first part of it; JSON is read whole.
///
/// # Errors
/// The input is empty, is not text, cannot be read or decoded, or its dialect cannot be told.
pub fn sheets(source: &Source, overrides: &Overrides) -> Result<Vec<Sheet>, Finding> {
    let place = source.place();
    let mut sample = Vec::new();
    source.open()?.take(SAMPLE).read_to_end(&mut sample).map_err(|error| read_finding(&place, &error))?;
    let whole = (sample.len() as u64) < SAMPLE;
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
    Ok(vec![Sheet { source: source.clone(), part: None, overrides: *overrides, content, notes: Vec::new() }])
}

fn json(source: &Source, overrides: &Overrides, encoding: encoding::Decided) -> Result<Sheet, Finding> {
    let place = source.place();
    let layout = Layout::survey(&|| Text::new(source.open()?, &encoding, place.clone(), BUFFER))
        .map_err(|finding| if finding.code() == Code::BadJson { not_a_table_of_text(finding) } else { finding })?;
    let notes = left_out_note(&layout, place).into_iter().collect();
    let content = Content::Json { encoding, layout: Arc::new(layout) };
    Ok(Sheet { source: source.clone(), part: None, overrides: *overrides, content, notes })
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
        }
    }

    /// The encoding that it is read in.
    pub fn encoding(&self) -> Encoding {
        match &self.content {
            Content::Delimited { encoding, .. } | Content::Json { encoding, .. } => encoding.encoding,
        }
    }

    /// The dialect, where the table is delimited text.
    pub fn dialect(&self) -> Option<Dialect> {
        match &self.content {
            Content::Delimited { dialect, .. } => Some(dialect.dialect),
            Content::Json { .. } => None,
        }
    }

    /// How many bytes of a mark stand before the text.
    pub(super) fn mark_length(&self) -> usize {
        match &self.content {
            Content::Delimited { encoding, .. } | Content::Json { encoding, .. } => encoding.mark,
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
