//! Office Open XML: the sheets of an XLSX file (ECMA-376, part 1, chapter 18).

use std::collections::BTreeMap;
use std::sync::Arc;

use super::format::{self, Epoch, Shown};
use super::xml::{Element, Node, Xml};
use super::{GridRow, GridRows, Listed, bad_cell, too_wide};
use crate::finding::{Code, Finding, Place};
use crate::ingest::archive::Archive;
use crate::ingest::delimited::{MOST_BYTES, MOST_CELLS};

/// Most bytes of text in all shared strings.
const MOST_SHARED: usize = 256 * 1024 * 1024;

/// Most formats of cells: what Excel allows.
const MOST_STYLES: usize = 65_536;

/// Most rows of a sheet.
const MOST_ROWS: u64 = 1_048_576;

/// What a workbook's sheets share, and where they are.
#[derive(Debug)]
pub(in crate::ingest) struct Book {
    archive: Arc<Archive>,
    sheets: Vec<Listed>,
    /// The member that holds each sheet.
    members: Vec<String>,
    shared: Arc<Shared>,
}

/// What cells refer to.
#[derive(Debug)]
struct Shared {
    epoch: Epoch,
    styles: Vec<Shown>,
    text: String,
    ends: Vec<usize>,
}

impl Shared {
    fn string(&self, index: usize) -> Option<&str> {
        let end = *self.ends.get(index)?;
        let start = index.checked_sub(1).and_then(|before| self.ends.get(before)).copied().unwrap_or(0);
        self.text.get(start..end)
    }
}

impl Book {
    /// The workbook in an archive that has a list of content types.
    ///
    /// # Errors
    /// It is damaged, or another kind of Office document.
    pub(super) fn open(archive: &Arc<Archive>, place: &Place) -> Result<Book, Finding> {
        let root = relations(archive, "_rels/.rels", "", place)?;
        let main = root.iter().find(|relation| relation.kind == "officeDocument").map(|relation| relation.target.clone());
        let main = main.unwrap_or_else(|| "xl/workbook.xml".to_owned());
        let not_read =
            |what: &str, help: &str| Err(Finding::new(Code::NotText, place.clone(), format!("this is {what}")).help(help));
        if has_ending(&main, "bin") {
            return not_read("a binary workbook (.xlsb)", "save it as XLSX or CSV");
        }
        if !main.starts_with("xl/") && archive.find("xl/workbook.xml")?.is_none() {
            return not_read("an Office document, but no workbook", "export the figures as CSV");
        }
        let folder = main.rsplit_once('/').map_or("", |(folder, _)| folder);
        let file = main.rsplit('/').next().unwrap_or_default();
        let relations = relations(archive, &format!("{folder}/_rels/{file}.rels"), folder, place)?;
        let (epoch, listed) = list(part(archive, &main, place)?.ok_or_else(|| missing(place, &main))?)?;
        let mut sheets = Vec::new();
        let mut members = Vec::new();
        for (sheet, id) in listed {
            // Sheets that are charts have another kind.
            if let Some(relation) = relations.iter().find(|relation| relation.id == id && relation.kind == "worksheet") {
                sheets.push(sheet);
                members.push(relation.target.clone());
            }
        }
        let of_kind =
            |kind: &str| relations.iter().find(|relation| relation.kind == kind).map(|relation| relation.target.as_str());
        let styles = match of_kind("styles") {
            Some(target) => part(archive, target, place)?.map(styles).transpose()?.unwrap_or_default(),
            None => Vec::new(),
        };
        let mut shared = Shared { epoch, styles, text: String::new(), ends: Vec::new() };
        let strings = of_kind("sharedStrings").map(|target| part(archive, target, place)).transpose()?;
        if let Some(xml) = strings.flatten() {
            read_shared(xml, &mut shared, place)?;
        }
        Ok(Book { archive: Arc::clone(archive), sheets, members, shared: Arc::new(shared) })
    }

    pub(super) fn sheets(&self) -> &[Listed] {
        &self.sheets
    }

    pub(super) fn rows(&self, sheet: usize, place: &Place) -> Result<Box<dyn GridRows + Send>, Finding> {
        let member = self.members.get(sheet).map(String::as_str).unwrap_or_default();
        let xml = part(&self.archive, member, place)?.ok_or_else(|| missing(place, member))?;
        Ok(Box::new(Rows {
            xml,
            shared: Arc::clone(&self.shared),
            place: place.clone(),
            line: 0,
            inside: false,
            ended: false,
            cell: Cell::default(),
        }))
    }
}

fn part(archive: &Archive, name: &str, place: &Place) -> Result<Option<Xml>, Finding> {
    match archive.find(name)? {
        Some(member) => Ok(Some(Xml::new(archive.read(member)?, place.clone()))),
        None => Ok(None),
    }
}

fn missing(place: &Place, name: &str) -> Finding {
    Finding::new(Code::BadContainer, place.clone(), "a part of the workbook is missing").saw(name)
}

fn has_ending(name: &str, ending: &str) -> bool {
    name.rsplit_once('.').is_some_and(|(_, found)| found.eq_ignore_ascii_case(ending))
}

/// One part's reference to another.
struct Relation {
    id: String,
    /// The last word of its type.
    kind: String,
    target: String,
}

fn relations(archive: &Archive, name: &str, folder: &str, place: &Place) -> Result<Vec<Relation>, Finding> {
    let mut relations = Vec::new();
    let Some(mut xml) = part(archive, name, place)? else { return Ok(relations) };
    loop {
        match xml.next()? {
            Node::Eof => return Ok(relations),
            Node::Start(element) if element.name() == "Relationship" => {
                let get = |name: &str| element.attribute(name).map(std::borrow::Cow::into_owned).unwrap_or_default();
                let kind = get("Type").rsplit('/').next().unwrap_or_default().to_owned();
                relations.push(Relation { id: get("Id"), kind, target: resolved(folder, &get("Target")) });
            }
            _ => {}
        }
    }
}

/// The member that a target names, seen from a folder of the archive.
fn resolved(folder: &str, target: &str) -> String {
    if let Some(absolute) = target.strip_prefix('/') {
        return absolute.to_owned();
    }
    let mut parts: Vec<&str> = folder.split('/').filter(|part| !part.is_empty()).collect();
    for part in target.split('/') {
        match part {
            ".." => {
                parts.pop();
            }
            "." | "" => {}
            part => parts.push(part),
        }
    }
    parts.join("/")
}

/// The epoch, and each sheet with the id of its relation.
fn list(mut xml: Xml) -> Result<(Epoch, Vec<(Listed, String)>), Finding> {
    let mut epoch = Epoch::Year1900;
    let mut sheets = Vec::new();
    loop {
        match xml.next()? {
            Node::Eof => return Ok((epoch, sheets)),
            Node::Start(element) if element.name() == "workbookPr" && element.is_set("date1904") => epoch = Epoch::Year1904,
            Node::Start(element) if element.name() == "sheet" => {
                let get = |name: &str| element.attribute(name).map(std::borrow::Cow::into_owned).unwrap_or_default();
                let hidden = matches!(get("state").as_str(), "hidden" | "veryHidden");
                sheets.push((Listed { name: get("name").into(), hidden }, get("id")));
            }
            _ => {}
        }
    }
}

/// How the cells of each style are shown.
fn styles(mut xml: Xml) -> Result<Vec<Shown>, Finding> {
    let mut codes: BTreeMap<u32, Shown> = BTreeMap::new();
    let mut styles = Vec::new();
    let mut of_cells = false;
    loop {
        match xml.next()? {
            Node::Eof => return Ok(styles),
            Node::Start(element) => match element.name() {
                "numFmt" => {
                    if let (Some(id), Some(code)) = (element.number("numFmtId"), element.attribute("formatCode")) {
                        codes.insert(id, format::of_code(&code));
                    }
                }
                "cellXfs" => of_cells = true,
                "xf" if of_cells && styles.len() < MOST_STYLES => {
                    let id = element.number("numFmtId").unwrap_or(0);
                    styles.push(codes.get(&id).cloned().unwrap_or_else(|| format::built_in(id)));
                }
                _ => {}
            },
            Node::End("cellXfs") => of_cells = false,
            _ => {}
        }
    }
}

fn read_shared(mut xml: Xml, shared: &mut Shared, place: &Place) -> Result<(), Finding> {
    loop {
        match xml.next()? {
            Node::Eof => return Ok(()),
            Node::Start(element) if element.name() == "si" => {
                let start = shared.text.len();
                rich_text(&mut xml, &mut shared.text)?;
                unescape(&mut shared.text, start);
                shared.ends.push(shared.text.len());
                if shared.text.len() > MOST_SHARED || shared.ends.len() > MOST_SHARED / 16 {
                    return Err(Finding::new(Code::TooLarge, place.clone(), "the texts of the workbook are too long")
                        .help("save the sheet as CSV"));
                }
            }
            _ => {}
        }
    }
}

/// Appends the text of the element just opened: its runs, without the readings of its characters.
fn rich_text(xml: &mut Xml, out: &mut String) -> Result<(), Finding> {
    let outer = xml.depth().saturating_sub(1);
    let mut inside = false;
    while xml.depth() > outer {
        match xml.next()? {
            Node::Start(element) if element.name() == "rPh" => xml.skip()?,
            Node::Start(element) => inside = element.name() == "t",
            Node::End(_) => inside = false,
            Node::Text(text) if inside => out.push_str(text),
            _ => {}
        }
        if out.len() > MOST_SHARED {
            return Err(xml.wrong("a text in it is too long"));
        }
    }
    Ok(())
}

/// Resolves `_x000D_`, which is how the format writes characters that XML has no place for.
fn unescape(text: &mut String, start: usize) {
    let tail = text.get(start..).unwrap_or_default();
    if !tail.contains("_x") {
        return;
    }
    let mut out = String::with_capacity(tail.len());
    let mut rest = tail;
    while let Some(at) = rest.find("_x") {
        let (before, from) = rest.split_at(at);
        out.push_str(before);
        let code = from.get(2..6).filter(|_| from.get(6..7) == Some("_"));
        let character = code.filter(|code| code.bytes().all(|byte| byte.is_ascii_hexdigit()));
        let character = character.and_then(|code| u32::from_str_radix(code, 16).ok()).and_then(char::from_u32);
        if let Some(character) = character {
            out.push(character);
            rest = from.get(7..).unwrap_or_default();
        } else {
            out.push_str("_x");
            rest = from.get(2..).unwrap_or_default();
        }
    }
    out.push_str(rest);
    text.truncate(start);
    text.push_str(&out);
}

struct Rows {
    xml: Xml,
    shared: Arc<Shared>,
    place: Place,
    line: u64,
    /// Between the tags of the sheet's data.
    inside: bool,
    ended: bool,
    cell: Cell,
}

/// A cell as the file has it.
#[derive(Default)]
struct Cell {
    kind: Kind,
    style: usize,
    value: String,
    has_value: bool,
    formula: bool,
}

#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum Kind {
    #[default]
    Number,
    Shared,
    /// Text in the cell itself, or what a formula came to.
    Text,
    Inline,
    Boolean,
    Error,
    Date,
    Unknown,
}

impl Kind {
    fn of(element: &Element<'_>) -> Kind {
        match element.attribute("t").as_deref() {
            None | Some("n") => Kind::Number,
            Some("s") => Kind::Shared,
            Some("str") => Kind::Text,
            Some("inlineStr") => Kind::Inline,
            Some("b") => Kind::Boolean,
            Some("e") => Kind::Error,
            Some("d") => Kind::Date,
            Some(_) => Kind::Unknown,
        }
    }
}

impl GridRows for Rows {
    fn next_row(&mut self, row: &mut GridRow) -> Result<bool, Finding> {
        while !self.ended {
            match self.xml.next()? {
                Node::Eof => self.ended = true,
                Node::Start(element) if element.name() == "sheetData" => self.inside = true,
                Node::End("sheetData") => self.inside = false,
                Node::Start(element) if self.inside && element.name() == "row" => {
                    let line = element.number("r").unwrap_or(self.line.saturating_add(1));
                    let hidden = element.is_set("hidden");
                    if line <= self.line || line > MOST_ROWS {
                        return Err(self.xml.wrong("its rows are not in order"));
                    }
                    self.line = line;
                    row.restart(line);
                    row.hidden = hidden;
                    self.read_row(row)?;
                    return Ok(true);
                }
                _ => {}
            }
        }
        Ok(false)
    }
}

impl Rows {
    fn read_row(&mut self, row: &mut GridRow) -> Result<(), Finding> {
        let outer = self.xml.depth().saturating_sub(1);
        let mut next = 0;
        while self.xml.depth() > outer {
            let Node::Start(element) = self.xml.next()? else { continue };
            if element.name() != "c" {
                continue;
            }
            let column = match element.attribute("r") {
                None => Some(next),
                Some(reference) => column_of(&reference, self.line),
            };
            let (kind, style) = (Kind::of(&element), element.number("s").unwrap_or(0));
            let column = column.filter(|column| *column >= next).ok_or_else(|| self.xml.wrong("its cells are not in order"))?;
            if column >= MOST_CELLS {
                return Err(too_wide(&self.place, self.line));
            }
            next = column.saturating_add(1);
            self.cell = Cell { kind, style, value: std::mem::take(&mut self.cell.value), ..Cell::default() };
            self.cell.value.clear();
            self.read_cell()?;
            self.push(row, column);
            if row.text.len() > MOST_BYTES {
                return Err(Finding::new(Code::TooLarge, self.place.clone().at_line(self.line), "the row is too long"));
            }
        }
        Ok(())
    }

    /// Reads what stands between the tags of a cell.
    fn read_cell(&mut self) -> Result<(), Finding> {
        let outer = self.xml.depth().saturating_sub(1);
        let mut inside = false;
        while self.xml.depth() > outer {
            match self.xml.next()? {
                Node::Start(element) => match element.name() {
                    "v" => {
                        inside = true;
                        self.cell.has_value = true;
                    }
                    "f" => self.cell.formula = true,
                    "is" => {
                        self.cell.has_value = true;
                        rich_text(&mut self.xml, &mut self.cell.value)?;
                    }
                    _ => {}
                },
                Node::End(_) => inside = false,
                Node::Text(text) if inside => self.cell.value.push_str(text),
                _ => {}
            }
            if self.cell.value.len() > MOST_BYTES {
                return Err(Finding::new(Code::TooLarge, self.place.clone().at_line(self.line), "a cell is too long"));
            }
        }
        Ok(())
    }

    fn push(&mut self, row: &mut GridRow, column: usize) {
        let Rows { cell, shared, place, .. } = self;
        let value = cell.value.as_str();
        let mut bad = |what: &str| bad_cell(place, row, column, what, value);
        if cell.formula && (!cell.has_value || (value.is_empty() && cell.kind != Kind::Text)) {
            return bad("holds a formula whose value is not stored");
        }
        if !cell.has_value || (value.is_empty() && cell.kind != Kind::Error) {
            return;
        }
        match cell.kind {
            Kind::Number => {
                let shown = shared.styles.get(cell.style).unwrap_or(&Shown::Number);
                match format::text(value, shown, shared.epoch) {
                    Ok(text) => row.push(column, &text),
                    Err(what) => bad(what),
                }
            }
            Kind::Shared => match value.trim().parse().ok().and_then(|index| shared.string(index)) {
                Some(text) => row.push(column, text),
                None => bad("refers to a text that the workbook does not have"),
            },
            Kind::Text | Kind::Inline => {
                unescape(&mut cell.value, 0);
                row.push(column, &cell.value);
            }
            Kind::Date => row.push(column, value),
            Kind::Boolean => match value.trim() {
                "1" | "true" => row.push(column, "true"),
                "0" | "false" => row.push(column, "false"),
                _ => bad("is neither true nor false"),
            },
            Kind::Error => bad("holds an error"),
            Kind::Unknown => bad("is of a kind that is not known"),
        }
    }
}

/// The column of a reference such as `C12`, from 0; none when it is not on that row.
fn column_of(reference: &str, line: u64) -> Option<usize> {
    let letters = reference.bytes().take_while(u8::is_ascii_alphabetic).count();
    let (letters, digits) = reference.split_at_checked(letters)?;
    if letters.is_empty() || letters.len() > 3 || digits.parse() != Ok(line) {
        return None;
    }
    let value = |byte: u8| usize::from(byte.to_ascii_uppercase().saturating_sub(b'A')).saturating_add(1);
    letters.bytes().fold(0_usize, |column, byte| column.saturating_mul(26).saturating_add(value(byte))).checked_sub(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_and_targets() {
        for (reference, column) in
            [("A1", Some(0)), ("Z1", Some(25)), ("AA1", Some(26)), ("XFD1", Some(16_383)), ("1", None), ("A2", None), ("A", None)]
        {
            assert_eq!(column_of(reference, 1), column, "{reference}");
        }
        for column in [0, 25, 26, 701, 702, 16_383] {
            assert_eq!(column_of(&super::super::address(7, column), 7), Some(column));
        }
        assert_eq!(resolved("xl", "worksheets/sheet1.xml"), "xl/worksheets/sheet1.xml");
        assert_eq!(resolved("xl", "/xl/styles.xml"), "xl/styles.xml");
        assert_eq!(resolved("xl/worksheets", "../tables/t.xml"), "xl/tables/t.xml");
    }

    #[test]
    fn escapes_of_the_format() {
        for (written, meant) in [("a_x000D_b", "a\rb"), ("_x005F_x000D_", "_x000D_"), ("_xZZZZ_", "_xZZZZ_"), ("é_x", "é_x")] {
            let mut text = format!("kept{written}");
            unescape(&mut text, 4);
            assert_eq!(text, format!("kept{meant}"));
        }
    }
}
