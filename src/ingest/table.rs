//! A table inside an input: all of it, a section of it, or a report turned on its side.

use std::sync::Arc;

use super::header::{Header, normal};
use super::profile::{Profile, Profiles, Shape};
use super::record::{Record, Records};
use super::sheet::Sheet;
use crate::finding::{Finding, Place};

/// Longest report of a label and a value a line; such reports are of one campaign.
const LONGEST_REPORT: usize = 5_000;

/// A table that can be read from its beginning at any time.
#[derive(Clone, Debug)]
pub struct Table {
    sheet: Sheet,
    part: Option<Arc<str>>,
    content: Content,
    /// The profile that its form has shown already.
    profile: Option<&'static str>,
}

#[derive(Clone, Debug)]
enum Content {
    /// Everything in the sheet.
    Whole,
    /// The records that start on these lines.
    Lines(u64, u64),
    /// Records made from a report that has no rows of its own.
    Built(Arc<[Record]>),
}

impl Table {
    /// The tables of a sheet, as one of the profiles divides it. Most have one.
    ///
    /// # Errors
    /// The sheet cannot be read.
    pub fn of(profiles: Profiles, sheet: &Sheet, head: &[Record]) -> Result<Vec<Table>, Finding> {
        let table = |part, content, profile| Table { sheet: sheet.clone(), part, content, profile };
        if let Some(profile) = vertical_profile(profiles, head) {
            let built = turn(sheet, profile)?;
            return Ok(vec![table(None, Content::Built(built.into()), Some(profile.id))]);
        }
        if begins_with_comment(head) || head.iter().any(|record| is_section_header(profiles, record)) {
            let blocks = blocks(profiles, sheet)?;
            let of_platforms = blocks.iter().filter(|block| block.profile.is_some()).count();
            let until =
                blocks.iter().any(|block| block.profile.is_some_and(|profile| matches!(profile.shape, Shape::TableUntil { .. })));
            if blocks.len() > 1 && of_platforms > 0 && !until {
                let several = blocks.into_iter().enumerate().map(|(index, block)| {
                    let part = format!("table {} (line {})", index.saturating_add(1), block.first);
                    // Beside tables of a platform, one that merely has a known word for a header is none.
                    let profile = block.profile.map_or("no profile", |profile| profile.id);
                    table(Some(part.into()), Content::Lines(block.first, block.last), Some(profile))
                });
                return Ok(several.collect());
            }
        }
        Ok(vec![table(None, Content::Whole, None)])
    }

    /// The profile by which it must be read, where its form has shown it.
    pub fn profile(&self) -> Option<&'static str> {
        self.profile
    }

    /// The sheet that it stands in.
    pub fn sheet(&self) -> &Sheet {
        &self.sheet
    }

    /// Whether it is all of its sheet.
    pub(super) fn is_whole_sheet(&self) -> bool {
        matches!(self.content, Content::Whole)
    }

    /// The same table of another sheet, one that is decoded otherwise.
    #[must_use]
    pub fn of_sheet(&self, sheet: Sheet) -> Table {
        Table { sheet, ..self.clone() }
    }

    /// Section, sheet or member, where a file has several.
    pub fn part(&self) -> Option<&Arc<str>> {
        self.part.as_ref().or_else(|| self.sheet.part())
    }

    /// The place of the whole table.
    pub fn place(&self) -> Place {
        Place { part: self.part().cloned(), ..self.sheet.place() }
    }

    /// All its records from the first.
    ///
    /// # Errors
    /// The input cannot be opened again.
    pub fn records(&self) -> Result<Box<dyn Records + Send>, Finding> {
        Ok(match &self.content {
            Content::Whole => self.sheet.records()?,
            Content::Lines(first, last) => Box::new(Section { records: self.sheet.records()?, first: *first, last: *last }),
            Content::Built(records) => Box::new(Built { records: Arc::clone(records), next: 0 }),
        })
    }
}

struct Section {
    records: Box<dyn Records + Send>,
    first: u64,
    last: u64,
}

impl Records for Section {
    fn read(&mut self, record: &mut Record) -> Result<bool, Finding> {
        loop {
            if !self.records.read(record)? || record.line() > self.last {
                return Ok(false);
            }
            if record.line() >= self.first {
                return Ok(true);
            }
        }
    }

    fn unended_line(&self) -> Option<u64> {
        self.records.unended_line()
    }

    fn doubt(&self) -> Option<&Finding> {
        self.records.doubt()
    }
}

struct Built {
    records: Arc<[Record]>,
    next: usize,
}

impl Records for Built {
    fn read(&mut self, record: &mut Record) -> Result<bool, Finding> {
        let Some(next) = self.records.get(self.next) else { return Ok(false) };
        record.clone_from(next);
        self.next = self.next.saturating_add(1);
        Ok(true)
    }
}

fn is_comment(record: &Record) -> bool {
    record.get(0).is_some_and(|cell| cell.trim_start().starts_with('#'))
}

fn begins_with_comment(head: &[Record]) -> bool {
    head.iter().find(|record| !record.is_blank()).is_some_and(is_comment)
}

/// Whether the row is the header of a table that stands among others in one file.
fn is_section_header(profiles: Profiles, record: &Record) -> bool {
    let header = Header::new(record.line(), record.iter());
    let mut sections = profiles.iter().copied().flatten().filter(|profile| profile.shape == Shape::Sections);
    sections.any(|profile| super::layout::signature_fits(profile, &header))
}

/// The platform's profile whose header the row is.
fn platform_of(profiles: Profiles, record: &Record) -> Option<&'static Profile> {
    let header = Header::new(record.line(), record.iter());
    let all = profiles.iter().copied().flatten();
    all.filter(|profile| super::layout::signature_fits(profile, &header)).max_by_key(|profile| profile.signature.len())
}

/// A run of records without a blank line or a comment between them.
struct Block {
    first: u64,
    last: u64,
    profile: Option<&'static Profile>,
}

/// The blocks of a sheet. A table without a row has its header alone.
fn blocks(profiles: Profiles, sheet: &Sheet) -> Result<Vec<Block>, Finding> {
    let mut records = sheet.records()?;
    let mut record = Record::default();
    let mut blocks: Vec<Block> = Vec::new();
    let mut open = false;
    // A fault inside a table is found again, and reported, when that table is read.
    while let Ok(true) = records.read(&mut record) {
        let between = record.is_blank() || is_comment(&record);
        match (between, open, blocks.last_mut()) {
            (true, _, _) => open = false,
            (false, true, Some(block)) => block.last = record.line(),
            (false, _, _) => {
                blocks.push(Block { first: record.line(), last: record.line(), profile: platform_of(profiles, &record) });
                open = true;
            }
        }
    }
    Ok(blocks)
}

/// The profile of the report that these first records open, if it is a label and a value a line.
fn vertical_profile(profiles: Profiles, head: &[Record]) -> Option<&'static Profile> {
    let first = head.iter().find(|record| !record.is_blank())?;
    let title = normal(first.get(0)?);
    let alone = first.iter().skip(1).all(|cell| cell.trim().is_empty());
    let fits = |profile: &&Profile| match profile.shape {
        Shape::Vertical { first_cell, .. } => {
            alone && first_cell.iter().any(|cell| normal(cell) == title) && has_labels(profile, head)
        }
        _ => false,
    };
    profiles.iter().copied().flatten().find(fits)
}

/// Whether the labels of the profile's signature are among the first cells.
fn has_labels(profile: &Profile, head: &[Record]) -> bool {
    let labels: Vec<String> = head.iter().filter_map(|record| record.get(0)).map(normal).collect();
    profile.signature.iter().all(|wanted| labels.contains(&normal(wanted)))
}

/// A report of a label and a value a line as a table of one row, or of one row a block.
fn turn(sheet: &Sheet, profile: &Profile) -> Result<Vec<Record>, Finding> {
    let Shape::Vertical { blocks, ends_at, .. } = profile.shape else { return Ok(Vec::new()) };
    let mut records = sheet.records()?;
    let mut record = Record::default();
    let mut common = Part::default();
    let mut several: Vec<Part> = Vec::new();
    let mut lines = 0_usize;
    while records.read(&mut record)? && lines < LONGEST_REPORT {
        lines = lines.saturating_add(1);
        let label = record.get(0).unwrap_or("").trim().to_owned();
        if ends_at.iter().any(|pattern| fits_pattern(pattern, &label)) {
            // A block may follow the table that ends the one before.
            if blocks.is_empty() {
                break;
            }
            several.last_mut().unwrap_or(&mut common).ended = true;
        } else if blocks.iter().any(|pattern| fits_pattern(pattern, &label)) {
            several.push(Part { line: record.line(), name: label, ..Part::default() });
        } else {
            let block = several.last_mut().unwrap_or(&mut common);
            if !block.ended && record.len() > 1 && !label.is_empty() {
                block.cells.push((label, record.get(1).unwrap_or("").to_owned(), record.line()));
            }
        }
    }
    Ok(built(&common, &several))
}

#[derive(Default)]
struct Part {
    line: u64,
    name: String,
    cells: Vec<(String, String, u64)>,
    ended: bool,
}

fn built(common: &Part, several: &[Part]) -> Vec<Record> {
    let mut labels: Vec<&str> = Vec::new();
    for (label, _, _) in common.cells.iter().chain(several.iter().flat_map(|block| &block.cells)) {
        if !labels.contains(&label.as_str()) {
            labels.push(label);
        }
    }
    let mut header = Record::at(1);
    for label in &labels {
        header.push(label);
    }
    header.push("Variant");
    let empty = Part::default();
    let blocks: Vec<&Part> = if several.is_empty() { vec![&empty] } else { several.iter().collect() };
    let row = |block: &&Part| {
        let mut record = Record::at(block.line.max(2));
        for label in &labels {
            let own = block.cells.iter().find(|(name, _, _)| name == label);
            let found = own.or_else(|| common.cells.iter().find(|(name, _, _)| name == label));
            record.push(found.map_or("", |(_, value, _)| value.as_str()));
        }
        record.push(&block.name);
        record
    };
    std::iter::once(header).chain(blocks.iter().map(row)).collect()
}

/// Whether the text is the pattern, in which `{number}` stands for digits.
fn fits_pattern(pattern: &str, text: &str) -> bool {
    let (pattern, text) = (normal(pattern), normal(text));
    match pattern.split_once("{number}") {
        None => pattern == text,
        Some((before, after)) => {
            let number = text.strip_prefix(before).and_then(|rest| rest.strip_suffix(after));
            number.is_some_and(|number| !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit()))
        }
    }
}
