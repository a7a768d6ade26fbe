//! Repairs of delimited text that the strict reading refuses.
//!
//! **Owns** which defects can be repaired, and the evidence for each repair: the other rows of
//! the table. Every repair is a finding with its line; what the evidence does not settle stays
//! refused.
//!
//! **Does not know** workbooks and JSON, which are refused as they are. The text is held in
//! memory, up to [`MOST_BYTES`].

use std::collections::BTreeMap;
use std::io::{Cursor, Read as _};

use encoding_rs::{UTF_8, WINDOWS_1252};

use super::header::{self, Found};
use super::lenient::{Lines, Reading};
use super::shape::{Kind, MISFIT_OF_AN_ODD_CELL, Shapes, Splits, ValueColumns, kind};
use super::{Body, Names, Normalized, Options};
use crate::finding::{Code, Finding, Place};
use crate::ingest::dialect::{self, Blanks, Dialect};
use crate::ingest::encoding::{self, BUFFER, Text};
use crate::ingest::header::normal;
use crate::ingest::layout::HEAD;
use crate::ingest::record::Record;
use crate::ingest::sheet::{Format, Overrides, Told, sheets};
use crate::ingest::source::{Source, read_finding};

/// Largest text that is repaired, in bytes.
const MOST_BYTES: u64 = 256 * 1024 * 1024;

/// Bytes of the text in which the separator is looked for.
const SAMPLE: usize = 256 * 1024;

/// Lines on which ways to read the text are compared.
const COMPARED: usize = 500;

/// Most rows beyond repair that are listed.
const MOST_BEYOND_REPAIR: usize = 20;

/// What suppositions about a row cost, on the scale of those about its quotes.
const COST_OF_A_LOST_SEPARATOR: u64 = 3;
const COST_OF_ANOTHER_SEPARATOR: u64 = 3;
const COST_OF_A_MISSING_CELL: u64 = 3;
const COST_OF_A_BLANK_CELL: u64 = 1;
const COST_OF_A_MISFIT: u64 = 2;

/// Columns of values in which a later row must have words to be the header of another table.
const NAMES_AMONG_DATA: usize = 2;

/// Repairs what the strict reading had `doubts` about.
///
/// # Errors
/// The doubts, where they are about something else than lines of text; or what is beyond repair.
pub(super) fn read(source: &Source, options: &Options, doubts: Vec<Finding>) -> Result<Normalized, Vec<Finding>> {
    let typed = |doubt: &Finding| matches!(doubt.code(), Code::BadJson | Code::BadCell);
    if doubts.iter().any(typed) || !is_delimited(source, options) {
        // Cells of workbooks, JSON and Parquet have their own bounds: there is no line to mend.
        let help = "--repair mends lines of text; correct this in the program that wrote it, and save it again";
        return Err(doubts.into_iter().map(|doubt| doubt.help(help)).collect());
    }
    if !doubts.iter().all(is_repairable) || options.part.is_some() {
        return Err(doubts);
    }
    let place = source.place();
    if doubts.iter().any(|doubt| doubt.code() == Code::EmptyFile) {
        let finding = repaired(&place, 1, "the file has no text, and is written as an empty table");
        return Ok(normalized(place, None, Vec::new(), 0, vec![finding], Vec::new()));
    }
    let mut repairs = Vec::new();
    let (text, encoded) = decoded(source, options, &mut repairs).map_err(|finding| vec![finding])?;
    let decided = decide(&text, &options.overrides, &place).map_err(|finding| vec![finding])?;
    let told = vec![
        Told { about: "encoding", value: encoded.encoding.name().into(), evidence: Some(encoded.evidence) },
        Told { about: "separator", value: dialect::name(decided.dialect.delimiter), evidence: Some(decided.evidence) },
    ];
    tell_dialect(decided.dialect, &options.overrides, &place, &mut repairs);
    let rows = rows(&Lines::new(&text, decided.dialect), decided.dialect.declared);
    let mut table = Assembly { place: &place, rows: &rows, findings: repairs, beyond: Vec::new() };
    let (header, body, width) = table.assemble(options.no_header);
    if table.beyond.is_empty() {
        Ok(normalized(place.clone(), header, body, width, table.findings, told))
    } else {
        Err(table.beyond)
    }
}

fn normalized(
    place: Place,
    header: Option<Names>,
    rows: Vec<Vec<String>>,
    columns: usize,
    findings: Vec<Finding>,
    told: Vec<Told>,
) -> Normalized {
    Normalized { place, header, columns, rows: rows.len() as u64, body: Body::Held(rows), findings, told }
}

fn repaired(place: &Place, line: u64, message: impl Into<String>) -> Finding {
    Finding::new(Code::Repaired, place.clone().at_line(line), message)
}

/// Whether a doubt is about lines of text, and not about a member, a sheet or a device.
fn is_repairable(doubt: &Finding) -> bool {
    let about_lines = matches!(
        doubt.code(),
        Code::BadEncoding
            | Code::UnknownDialect
            | Code::StrayQuote
            | Code::UnclosedQuote
            | Code::RaggedRow
            | Code::SecondTable
            | Code::NoHeader
            | Code::DuplicateColumn
            | Code::EmptyFile
    );
    about_lines && doubt.parts().place.part.is_none()
}

fn is_delimited(source: &Source, options: &Options) -> bool {
    sheets(source, &options.overrides).map_or(true, |sheets| {
        sheets.len() == 1 && sheets.iter().all(|sheet| sheet.format() == Format::Delimited && sheet.part().is_none())
    })
}

/// The whole text. What is not UTF-8 was written by an older Windows program as a rule, in an
/// encoding in which nearly all bytes are characters.
fn decoded(source: &Source, options: &Options, repairs: &mut Vec<Finding>) -> Result<(String, encoding::Decided), Finding> {
    let place = source.place();
    let mut bytes = Vec::new();
    let most = MOST_BYTES.saturating_add(1);
    source.open()?.take(most).read_to_end(&mut bytes).map_err(|error| read_finding(&place, &error))?;
    if bytes.len() as u64 > MOST_BYTES {
        let message = format!("files of more than {} MiB are not repaired", MOST_BYTES / (1024 * 1024));
        return Err(Finding::new(Code::TooLarge, place, message));
    }
    let decided = encoding::decide(&bytes, options.overrides.encoding, &place)?;
    match decode(&bytes, &decided, &place) {
        Err(finding)
            if finding.code() == Code::BadEncoding && decided.encoding == UTF_8 && options.overrides.encoding.is_none() =>
        {
            let windows = encoding::decide(&bytes, Some(WINDOWS_1252), &place)?;
            let text = decode(&bytes, &windows, &place)?;
            let line = finding.parts().place.line.unwrap_or(1);
            let message = format!("{}; the file was read as windows-1252", finding.parts().message);
            repairs.push(repaired(&place, line, message));
            Ok((text, windows))
        }
        text => Ok((text?, decided)),
    }
}

fn decode(bytes: &[u8], decided: &encoding::Decided, place: &Place) -> Result<String, Finding> {
    let mut text = Text::new(Box::new(Cursor::new(bytes.to_vec())), decided, place.clone(), BUFFER)?;
    let mut whole = String::new();
    loop {
        match text.advance() {
            Ok(true) => whole.push_str(text.piece()),
            Ok(false) => return Ok(whole),
            Err(finding) => {
                let line_breaks = whole.bytes().filter(|byte| *byte == b'\n').count() as u64;
                return Err(finding.on_line(line_breaks.saturating_add(1)));
            }
        }
    }
}

/// The dialect, quote and escape character told as well.
fn decide(text: &str, given: &Overrides, place: &Place) -> Result<dialect::Decided, Finding> {
    let end = (0..=SAMPLE.min(text.len())).rev().find(|end| text.is_char_boundary(*end)).unwrap_or(0);
    let sample = text.get(..end).unwrap_or_default();
    let with_quote = |quote: Option<u8>| {
        let given = Overrides { quote: Some(quote), ..*given };
        dialect::decide(sample, end == text.len(), &given, &place.clone().at_line(1))
    };
    let mut decided = match given.quote {
        Some(quote) => with_quote(quote)?,
        None => match (with_quote(Some(b'"')), with_quote(Some(b'\''))) {
            (Ok(double), Ok(single)) if quoted_cells(sample, single.dialect) > quoted_cells(sample, double.dialect) => single,
            (Err(_), Ok(single)) if quoted_cells(sample, single.dialect) > 0 => single,
            (double, _) => double?,
        },
    };
    if given.escape.is_none() && sample.contains('\\') {
        let with_escape = Dialect { escape: Some(b'\\'), ..decided.dialect };
        if whole_lines(sample, with_escape) > whole_lines(sample, decided.dialect) {
            decided.dialect = with_escape;
        }
    }
    let one_column = usual_width(&strict_rows(&Lines::new(sample, decided.dialect), COMPARED)) <= 1;
    let cut = |line: &str| line.contains([',', ';', '\t', '|', '"']) || line.trim().contains(' ');
    if decided.dialect.blanks == Blanks::Align || (one_column && given.delimiter.is_none() && sample.lines().any(cut)) {
        let message = "the separator cannot be told";
        return Err(Finding::new(Code::UnknownDialect, place.clone().at_line(1), message).help("give it with --delimiter"));
    }
    Ok(decided)
}

/// Cells that begin and end with the quote, as far as that can be seen without reading them.
fn quoted_cells(sample: &str, dialect: Dialect) -> usize {
    let Some(quote) = dialect.quote.map(char::from) else { return 0 };
    let cells = sample.lines().flat_map(|line| line.split(char::from(dialect.delimiter)));
    let (mut open, mut close) = (0_usize, 0_usize);
    for cell in cells {
        let cell = cell.trim();
        open = open.saturating_add(usize::from(cell.starts_with(quote)));
        close = close.saturating_add(usize::from(cell.ends_with(quote)));
    }
    open.min(close)
}

/// Lines that read without a fault and have as many cells as most.
fn whole_lines(sample: &str, dialect: Dialect) -> usize {
    let rows = strict_rows(&Lines::new(sample, dialect), COMPARED);
    let width = usual_width(&rows);
    rows.iter().filter(|row| row.cells.len() == width).count()
}

/// The rows that read without a fault.
fn strict_rows(lines: &Lines<'_>, most: usize) -> Vec<Reading> {
    let mut rows = Vec::new();
    let mut index = 0_usize;
    while index < lines.len() && rows.len() < most {
        match lines.strict(index) {
            Some(reading) => {
                index = index.saturating_add(reading.lines);
                rows.push(reading);
            }
            None => index = index.saturating_add(1),
        }
    }
    rows
}

/// The number of cells that most rows have; of two the larger.
fn usual_width(rows: &[Reading]) -> usize {
    let mut widths: BTreeMap<usize, usize> = BTreeMap::new();
    for row in rows.iter().filter(|row| row.cells.iter().any(|cell| !cell.is_empty())) {
        let count = widths.entry(row.cells.len()).or_default();
        *count = count.saturating_add(1);
    }
    widths.into_iter().max_by_key(|(width, count)| (*count, *width)).map_or(1, |(width, _)| width)
}

/// What of the dialect is not the usual, and was not given.
fn tell_dialect(dialect: Dialect, given: &Overrides, place: &Place, repairs: &mut Vec<Finding>) {
    if let Some(quote) = dialect.quote.filter(|quote| given.quote.is_none() && *quote != b'"') {
        repairs.push(repaired(place, 1, format!("cells stand between {} here", char::from(quote))));
    }
    if let Some(escape) = dialect.escape.filter(|_| given.escape.is_none()) {
        repairs.push(repaired(place, 1, format!("quotes inside cells have {} before them here", char::from(escape))));
    }
}

/// A row as it stands, and as it would be repaired.
struct Row {
    /// The cells as they were read; none for a blank line.
    raw: Record,
    /// Its cells and what was done; `None` where nothing is wrong or nothing helps.
    fix: Option<(Record, Vec<String>)>,
}

impl Row {
    /// The row with its repair.
    fn best(&self) -> &Record {
        self.fix.as_ref().map_or(&self.raw, |(record, _)| record)
    }
}

fn record(line: u64, cells: &[String]) -> Record {
    let mut record = Record::at(line);
    cells.iter().for_each(|cell| record.push(cell));
    record
}

/// All rows; those that are not as wide as most come with their repair.
fn rows(lines: &Lines<'_>, declared: bool) -> Vec<Row> {
    let strict = strict_rows(lines, usize::MAX);
    let width = usual_width(&strict);
    let shapes = Shapes::of(width, strict.iter().map(|row| row.cells.as_slice()));
    drop(strict);
    let mut rows = Vec::new();
    let mut index = usize::from(declared);
    while index < lines.len() {
        let line = (index as u64).saturating_add(1);
        let strict = lines.strict(index);
        match strict {
            Some(reading) if reading.cells.len() == width => {
                index = index.saturating_add(reading.lines);
                rows.push(Row { raw: record(line, &reading.cells), fix: None });
            }
            _ if lines.line(index).trim().is_empty() => {
                index = index.saturating_add(1);
                rows.push(Row { raw: Record::at(line), fix: None });
            }
            // A row that spans lines and has another width may have swallowed them.
            strict => {
                rows.push(mended(lines, index, strict.filter(|reading| reading.lines == 1), width, &shapes));
                index = index.saturating_add(1);
            }
        }
    }
    rows
}

/// The row on a line, with the repair that supposes least and fits best.
#[expect(clippy::needless_pass_by_value, reason = "callers have no further use of it")]
fn mended(lines: &Lines<'_>, index: usize, strict: Option<Reading>, width: usize, shapes: &Shapes) -> Row {
    let line = (index as u64).saturating_add(1);
    let raw = strict.as_ref().map_or_else(|| vec![lines.line(index).to_owned()], |strict| strict.cells.clone());
    // Names fit no shape, and what they should be cannot be told from the rows.
    let is_data = raw.iter().any(|cell| kind(cell) == Kind::Value) || has_value_within(lines.line(index));
    let mut candidates = Vec::new();
    if let Some(mut reading) = lines.tolerant(index, width) {
        let misfit = if is_data { shapes.misfit(&reading.cells) } else { 0 };
        reading.cost = reading.cost.saturating_add(misfit.saturating_mul(COST_OF_A_MISFIT));
        // One cell may be odd in any row, and a quote that is text makes another so; a line whose
        // quotes are in order gets others only where the cells fit then.
        let suppositions = if strict.is_some() { 0 } else { reading.notes.len() as u64 };
        let most = suppositions.saturating_add(1).saturating_mul(MISFIT_OF_AN_ODD_CELL);
        candidates.extend((misfit <= most).then_some(reading));
    }
    if strict.as_ref().is_none_or(|strict| strict.cells.len() < width) {
        let others = [b' ', b';', b'\t', b'|', b','];
        candidates.extend(others.into_iter().filter_map(|delimiter| cut_at(lines, index, delimiter, width, shapes, is_data)));
    }
    if let Some(strict) = &strict {
        candidates.extend(if is_data { realigned(&strict.cells, shapes) } else { without_blanks(&strict.cells, width) });
    }
    Row { raw: record(line, &raw), fix: cheapest(candidates).map(|best| (record(line, &best.cells), best.notes)) }
}

/// Whether a value stands among the words of a line whose cells are not known.
fn has_value_within(line: &str) -> bool {
    line.split([' ', ',', ';', '\t', '|', '"', '\'']).any(|word| kind(word) == Kind::Value)
}

/// The reading that supposes least; none where another supposes as little.
fn cheapest(candidates: Vec<Reading>) -> Option<Reading> {
    let least = candidates.iter().map(|candidate| candidate.cost).min()?;
    let mut cheapest = candidates.into_iter().filter(|candidate| candidate.cost == least);
    let first = cheapest.next()?;
    cheapest.all(|other| other.cells == first.cells).then_some(first)
}

/// The line cut at another separator, where its cells fit then. Blanks also stand between the
/// words of a cell.
fn cut_at(lines: &Lines<'_>, index: usize, delimiter: u8, width: usize, shapes: &Shapes, is_data: bool) -> Option<Reading> {
    let reading = lines.cut_at(index, delimiter)?;
    let cells = if is_data && delimiter == b' ' { shapes.join(&reading.cells, &reading.quoted)? } else { reading.cells };
    if cells.len() != width || (is_data && shapes.misfit(&cells) > 0) {
        return None;
    }
    let note = format!("the separator of this line was taken to be the {}", dialect::name(delimiter));
    Some(one_line(cells, COST_OF_ANOTHER_SEPARATOR, vec![note]))
}

/// A row with too few or too many cells, put under the columns that it fits. A missing cell is
/// certain only where all others fit and no two of them can have run together.
fn realigned(cells: &[String], shapes: &Shapes) -> Option<Reading> {
    let aligned = shapes.align(cells);
    let number = |index: &usize| index.saturating_add(1);
    match shapes.split(cells) {
        Splits::One(split) if aligned.as_ref().is_none_or(|aligned| aligned.misfit > split.misfit) => {
            let columns = split.touched.iter().map(|column| (number(column), number(column).saturating_add(1)));
            let note = |(left, right)| format!("a separator was put between columns {left} and {right}, where both fit");
            let cost = COST_OF_A_LOST_SEPARATOR.saturating_add(split.misfit.saturating_mul(COST_OF_A_MISFIT));
            return Some(one_line(split.cells, cost, columns.map(note).collect()));
        }
        Splits::One(_) | Splits::Several(_) => return None,
        Splits::None => {}
    }
    let aligned = aligned?;
    let count = aligned.touched.len() as u64;
    let too_few = aligned.cells.len() > cells.len();
    // One cell may be unlike the others of its column, unless it could be two that ran together.
    let at_the_end = aligned.touched.iter().all(|column| *column >= cells.len());
    if aligned.misfit > if too_few && !at_the_end { 0 } else { MISFIT_OF_AN_ODD_CELL } {
        return None;
    }
    let (each, note): (u64, fn(usize) -> String) = if too_few {
        (COST_OF_A_MISSING_CELL, |column| format!("a cell is missing; column {column} was left blank, as the others fit so"))
    } else {
        (COST_OF_A_BLANK_CELL, |cell| format!("a blank cell too many, number {cell}, was taken out"))
    };
    let cost = aligned.misfit.saturating_mul(COST_OF_A_MISFIT).saturating_add(count.saturating_mul(each));
    Some(one_line(aligned.cells, cost, aligned.touched.iter().map(|index| note(number(index))).collect()))
}

fn one_line(cells: Vec<String>, cost: u64, notes: Vec<String>) -> Reading {
    Reading { cells, quoted: Vec::new(), lines: 1, cost, notes }
}

/// A row of names without the blank ones, where that makes it as wide as the others.
fn without_blanks(cells: &[String], width: usize) -> Option<Reading> {
    let named: Vec<String> = cells.iter().filter(|cell| !cell.trim().is_empty()).cloned().collect();
    let surplus = cells.len().checked_sub(width).filter(|surplus| *surplus > 0)?;
    let note = format!("{surplus} blank names too many were taken out of the header");
    let cost = (surplus as u64).saturating_mul(COST_OF_A_BLANK_CELL);
    (named.len() == width).then(|| one_line(named, cost, vec![note]))
}

/// The table as it comes together.
struct Assembly<'a> {
    place: &'a Place,
    rows: &'a [Row],
    findings: Vec<Finding>,
    beyond: Vec<Finding>,
}

impl Assembly<'_> {
    /// The header, the rows and the number of columns.
    fn assemble(&mut self, no_header: bool) -> (Option<Names>, Vec<Vec<String>>, usize) {
        let width = header::usual_width(&self.rows.iter().map(|row| row.best().clone()).collect::<Vec<_>>()).unwrap_or(1);
        let found = if no_header { None } else { self.header(width) };
        let mut names = found.as_ref().map(|(_, names)| names.clone());
        let begin = found.map_or(0, |(index, _)| index.saturating_add(1));
        let values = self.value_columns(width);
        let mut body: Vec<Vec<String>> = Vec::new();
        for (index, row) in self.rows.iter().enumerate().skip(begin) {
            let line = row.raw.line();
            if header::is_blank_line(&row.raw, width) {
                self.note(Code::LeftOutRows, line, "the line is blank and is left out");
                continue;
            }
            if let Some(names) = &mut names {
                if repeats(names, &row.raw) && width > 1 {
                    self.repair(line, "the header is repeated here, and is left out");
                    continue;
                }
                if body.is_empty() && row.raw.len() == width && values.looks_like_names(&row.raw, 1) {
                    self.repair(line, "a second line of the header was joined to the first");
                    join(names, &row.raw);
                    continue;
                }
                if values.looks_like_names(&row.raw, NAMES_AMONG_DATA) {
                    self.second_table(index);
                    break;
                }
            }
            body.extend(self.data_row(row, width));
        }
        (names, body, width)
    }

    fn repair(&mut self, line: u64, message: impl Into<String>) {
        self.findings.push(repaired(self.place, line, message));
    }

    fn note(&mut self, code: Code, line: u64, message: impl Into<String>) {
        self.findings.push(Finding::new(code, self.place.clone().at_line(line), message));
    }

    /// Where the header stands, and its names.
    fn header(&mut self, width: usize) -> Option<(usize, Names)> {
        let raw: Vec<Record> = self.rows.iter().take(HEAD).map(|row| row.raw.clone()).collect();
        let best: Vec<Record> = self.rows.iter().take(HEAD).map(|row| row.best().clone()).collect();
        // A remark above the table may come out as wide as it when repaired: as it stands comes first.
        let of_width = |found: &Found| found.width == width;
        let found = header::find(&raw, self.place).ok().filter(of_width).map(|found| (found, false));
        let found = found.or_else(|| header::find(&best, self.place).ok().filter(of_width).map(|found| (found, true)));
        let Some((found, repaired)) = found else { return self.broken_header(width) };
        let row = self.rows.get(found.index)?;
        if let Some((_, notes)) = row.fix.as_ref().filter(|_| repaired) {
            notes.iter().for_each(|message| self.repair(row.raw.line(), message.clone()));
        }
        self.preamble(found.index);
        let cells: Vec<String> = row.best().iter().map(str::to_owned).collect();
        Some((found.index, Names { line: row.raw.line(), names: self.completed(row.raw.line(), &cells) }))
    }

    /// A first row of words above rows with values is the header although its names are not all
    /// there. Names whose columns cannot be told are not used.
    fn broken_header(&mut self, width: usize) -> Option<(usize, Names)> {
        let first = self.rows.iter().position(|row| !row.raw.is_blank() && !header::is_preamble(row.best(), width));
        let row = first.and_then(|first| self.rows.get(first));
        let line = row.map_or(1, |row| row.raw.line());
        let words = |row: &&Row| {
            let kinds: Vec<Kind> = row.best().iter().map(kind).collect();
            kinds.contains(&Kind::Text) && !kinds.contains(&Kind::Value)
        };
        let Some((first, row)) = first.zip(row.filter(words)) else {
            self.repair(line, "no row has the names of columns; no header is written");
            return None;
        };
        self.preamble(first);
        let cells: Vec<String> = row.best().iter().map(str::to_owned).collect();
        if cells.len() != width {
            let message = format!(
                "the header has {} names for {width} columns, and which one is missing cannot be told; the columns are numbered",
                cells.len()
            );
            self.findings.push(repaired(self.place, line, message).saw(header::shown(&row.raw)));
            return Some((first, Names { line, names: (1..=width).map(column_name).collect() }));
        }
        Some((first, Names { line, names: self.completed(line, &cells) }))
    }

    /// The names, all there and all different.
    fn completed(&mut self, line: u64, cells: &[String]) -> Vec<String> {
        let mut names: Vec<String> = Vec::new();
        for (index, cell) in cells.iter().enumerate() {
            let number = index.saturating_add(1);
            let mut name = if cell.trim().is_empty() { column_name(number) } else { cell.clone() };
            let taken = |name: &str| {
                let others = cells.iter().enumerate().filter(|(other, _)| *other > index).map(|(_, other)| other);
                names.iter().any(|known| normal(known) == normal(name))
                    || (name != cell && others.clone().any(|other| other == name))
            };
            let mut count = 1_usize;
            let first = name.clone();
            while taken(&name) {
                count = count.saturating_add(1);
                name = format!("{first}_{count}");
            }
            if name != *cell {
                self.repair(line, format!("column {number} was named {name}"));
            }
            names.push(name);
        }
        names
    }

    fn preamble(&mut self, header: usize) {
        for row in self.rows.iter().take(header) {
            let message = "the line stands before the header and is left out";
            let finding = Finding::new(Code::Preamble, self.place.clone().at_line(row.raw.line()), message);
            self.findings.push(finding.saw(header::shown(&row.raw)));
        }
    }

    /// Which columns hold values, by the rows that have some.
    fn value_columns(&self, width: usize) -> ValueColumns {
        let mut columns = ValueColumns::default();
        let has_values = |record: &&Record| record.iter().any(|cell| kind(cell) == Kind::Value);
        self.rows
            .iter()
            .map(|row| &row.raw)
            .filter(|raw| raw.len() == width)
            .filter(has_values)
            .for_each(|raw| columns.learn(raw));
        columns
    }

    fn second_table(&mut self, index: usize) {
        let line = self.rows.get(index).map_or(1, |row| row.raw.line());
        let last = self.rows.last().map_or(line, |row| row.raw.line());
        self.repair(line, format!("another table begins here; lines {line} to {last} are left out"));
    }

    /// The cells of a row, repaired where it needs to be and can be.
    fn data_row(&mut self, row: &Row, width: usize) -> Option<Vec<String>> {
        let line = row.raw.line();
        let best = row.best();
        if width == 1 && best.is_empty() {
            return Some(vec![String::new()]);
        }
        if best.len() != width {
            if self.beyond.len() < MOST_BEYOND_REPAIR {
                let message = format!("the row has {} cells, and no repair is certain", row.raw.len());
                let finding = Finding::new(Code::RaggedRow, self.place.clone().at_line(line), message);
                self.beyond.push(finding.saw(header::shown(&row.raw)).expected(format!("{width} cells")));
            }
            return None;
        }
        if let Some((_, notes)) = &row.fix {
            notes.iter().for_each(|message| self.repair(line, message.clone()));
        }
        Some(best.iter().map(str::to_owned).collect())
    }
}

fn column_name(number: usize) -> String {
    format!("column_{number}")
}

/// Whether a row says what the header says.
fn repeats(names: &Names, row: &Record) -> bool {
    names.names.len() == row.len() && names.names.iter().zip(row.iter()).all(|(name, cell)| normal(name) == normal(cell))
}

/// Adds a second line of names to the first.
fn join(names: &mut Names, row: &Record) {
    for (name, cell) in names.names.iter_mut().zip(row.iter()) {
        let cell = cell.trim();
        if !cell.is_empty() && normal(name) != normal(cell) {
            name.push(' ');
            name.push_str(cell);
        }
    }
}
