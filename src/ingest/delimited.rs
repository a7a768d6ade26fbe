//! Delimited text to records, as RFC 4180 has it and no more lenient.
//!
//! **Owns** quotes, separators, line ends, physical line numbers and the limits on a line.
//!
//! **Does not know** how wide a row should be or which row is the header; blank lines are handed
//! on as records without cells.
//!
//! What the standard leaves open is settled so: a quote inside a cell that does not begin with one
//! is text, unless a later cell of the line ends with another, which is how a quoted cell looks
//! whose separator was lost; a carriage return in a file whose lines end in line feeds is text; Excel's `="…"`,
//! which keeps digits as they are, is taken off.

use super::dialect::{Blanks, Dialect, LineEnd};
use super::encoding::Text;
use super::record::{Record, Records};
use crate::finding::{Code, Finding, Place};

/// Most bytes in one record, and so in one cell and one line.
pub const MOST_BYTES: usize = 16 * 1024 * 1024;

/// Most cells in one record: the width of a spreadsheet.
pub const MOST_CELLS: usize = 16_384;

/// The records of a delimited text. Reading allocates nothing once the record has grown.
pub struct Delimited {
    text: Text,
    /// Where in the current piece of text the next byte is.
    at: usize,
    dialect: Dialect,
    /// The bytes that end a run of plain text outside quotes.
    stops: [bool; 256],
    line: u64,
    /// The current cell is without quotes around it, and has one inside.
    loose_quote: bool,
    /// Such a cell of the current record that looks as if a quoted one began inside it.
    loose_opening: Option<Place>,
    /// A cell of the current record that has a quotation in it, but no quotes around it.
    quotation: Option<Finding>,
    /// The line at the head that names the separator was not yet passed over.
    declaration: bool,
    ended: bool,
    unended_line: Option<u64>,
    broken: Option<Finding>,
}

/// Where in a record the reader is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    /// At the first byte of a cell.
    CellStart,
    /// After a separator, which may include a blank.
    AfterDelimiter,
    /// In a cell without quotes.
    Plain,
    /// After the escape character in a cell without quotes.
    PlainEscape,
    /// Between quotes.
    Quoted,
    /// After the escape character between quotes.
    QuotedEscape,
    /// After a quote that closes, or is the first of a doubled one.
    Closed,
    /// After the quote that closes and a carriage return.
    ClosedReturn,
}

/// What a step of the reader came to.
enum Step {
    /// More of the record follows.
    Go(State),
    /// The line has ended.
    Done,
}

impl Delimited {
    /// The records of `text`.
    pub fn new(text: Text, dialect: Dialect) -> Delimited {
        let mut stops = [false; 256];
        for byte in [Some(dialect.delimiter), Some(b'\n'), dialect.quote, dialect.escape].into_iter().flatten() {
            stops[usize::from(byte)] = true;
        }
        stops[usize::from(b'\r')] = dialect.line_end == LineEnd::Cr;
        Delimited {
            text,
            at: 0,
            declaration: dialect.declared,
            dialect,
            stops,
            line: 1,
            loose_quote: false,
            loose_opening: None,
            quotation: None,
            ended: false,
            unended_line: None,
            broken: None,
        }
    }

    /// The records of a text that begins with the record on that line of a file.
    pub(super) fn resumed(text: Text, dialect: Dialect, line: u64) -> Delimited {
        Delimited { line, declaration: false, ..Delimited::new(text, dialect) }
    }

    fn read_record(&mut self, record: &mut Record) -> Result<bool, Finding> {
        if self.ended {
            return Ok(false);
        }
        record.restart(self.line);
        if self.dialect.line_end == LineEnd::Cr {
            record.lines_end_in_carriage_returns();
        }
        self.loose_opening = None;
        self.quotation = None;
        let mut state = State::CellStart;
        let mut opened_on = self.line;
        loop {
            if self.at == self.text.piece().len() {
                self.check_size(record, state, opened_on)?;
                self.at = 0;
                if !self.text.advance().map_err(|finding| finding.on_line(self.line))? {
                    self.ended = true;
                    return self.end_of_text(record, state, opened_on);
                }
            }
            let step = match state {
                State::Plain => self.plain(record)?,
                State::Quoted => self.quoted(record),
                State::PlainEscape | State::QuotedEscape => self.escaped(record, state),
                State::Closed | State::ClosedReturn => self.closed(record, state)?,
                State::CellStart | State::AfterDelimiter => {
                    opened_on = self.line;
                    self.cell_start(record, state)?
                }
            };
            match step {
                Step::Go(next) => state = next,
                Step::Done => {
                    self.check_size(record, state, opened_on)?;
                    self.line = self.line.saturating_add(1);
                    return Ok(true);
                }
            }
        }
    }

    fn byte(&self) -> u8 {
        self.text.piece().as_bytes().get(self.at).copied().unwrap_or_default()
    }

    fn cell_start(&mut self, record: &mut Record, state: State) -> Result<Step, Finding> {
        let byte = self.byte();
        if byte == b' ' && self.skips_blank(state) {
            self.at += 1;
            let next = if self.dialect.blanks == Blanks::Align { state } else { State::CellStart };
            return Ok(Step::Go(next));
        }
        if Some(byte) == self.dialect.quote {
            self.at += 1;
            return Ok(Step::Go(State::Quoted));
        }
        if self.stops[usize::from(byte)] {
            return self.stop(byte, record);
        }
        Ok(Step::Go(State::Plain))
    }

    fn skips_blank(&self, state: State) -> bool {
        match self.dialect.blanks {
            Blanks::Keep => false,
            Blanks::AfterDelimiter => state == State::AfterDelimiter,
            Blanks::Align => true,
        }
    }

    fn plain(&mut self, record: &mut Record) -> Result<Step, Finding> {
        let rest = self.text.piece().get(self.at..).unwrap_or_default();
        let length = rest.bytes().position(|byte| self.stops[usize::from(byte)]).unwrap_or(rest.len());
        record.open_cell().push_str(rest.get(..length).unwrap_or_default());
        self.at += length;
        if length == rest.len() {
            return Ok(Step::Go(State::Plain));
        }
        self.stop(self.byte(), record)
    }

    /// At a byte outside quotes that ends a run of text.
    fn stop(&mut self, byte: u8, record: &mut Record) -> Result<Step, Finding> {
        if Some(byte) == self.dialect.escape {
            self.at += 1;
            return Ok(Step::Go(State::PlainEscape));
        }
        if Some(byte) == self.dialect.quote {
            self.at += 1;
            self.loose_quote = true;
            record.open_cell().push(char::from(byte));
            return Ok(Step::Go(State::Plain));
        }
        if byte == self.dialect.delimiter {
            self.at += 1;
            self.close_plain_cell(record)?;
            return Ok(Step::Go(State::AfterDelimiter));
        }
        if byte == b'\n' && self.dialect.line_end == LineEnd::Cr {
            let message = "the lines end in carriage returns, but here is a line feed";
            return Err(
                Finding::new(Code::UnknownDialect, self.place(record), message).help("save the file with one kind of line end")
            );
        }
        self.at += 1;
        if self.dialect.line_end != LineEnd::Cr {
            record.trim_carriage_return();
        }
        self.end_line(record)?;
        Ok(Step::Done)
    }

    fn quoted(&mut self, record: &mut Record) -> Step {
        let rest = self.text.piece().get(self.at..).unwrap_or_default();
        let quote = self.dialect.quote.unwrap_or(b'"');
        let escape = self.dialect.escape.unwrap_or(quote);
        let length = memchr::memchr2(quote, escape, rest.as_bytes()).unwrap_or(rest.len());
        let text = rest.get(..length).unwrap_or_default();
        let line_break = if self.dialect.line_end == LineEnd::Cr { b'\r' } else { b'\n' };
        self.line = self.line.saturating_add(memchr::memchr_iter(line_break, text.as_bytes()).count() as u64);
        record.open_cell().push_str(text);
        if length == rest.len() {
            self.at += length;
            return Step::Go(State::Quoted);
        }
        let next = if rest.as_bytes().get(length) == Some(&quote) { State::Closed } else { State::QuotedEscape };
        self.at += length + 1;
        Step::Go(next)
    }

    /// The character after the escape character stands for itself.
    fn escaped(&mut self, record: &mut Record, state: State) -> Step {
        if let Some(character) = self.text.piece().get(self.at..).and_then(|rest| rest.chars().next()) {
            record.open_cell().push(character);
            self.at += character.len_utf8();
            let line_break = if self.dialect.line_end == LineEnd::Cr { '\r' } else { '\n' };
            self.line = self.line.saturating_add(u64::from(character == line_break));
        }
        Step::Go(if state == State::PlainEscape { State::Plain } else { State::Quoted })
    }

    fn closed(&mut self, record: &mut Record, state: State) -> Result<Step, Finding> {
        let byte = self.byte();
        if state == State::ClosedReturn && byte != b'\n' {
            return Err(self.stray_quote(record));
        }
        if Some(byte) == self.dialect.quote {
            self.at += 1;
            record.open_cell().push(char::from(byte));
            return Ok(Step::Go(State::Quoted));
        }
        if byte == self.dialect.delimiter {
            self.at += 1;
            self.close_cell(record)?;
            return Ok(Step::Go(State::AfterDelimiter));
        }
        match (byte, self.dialect.line_end) {
            (b'\r', LineEnd::Lf | LineEnd::CrLf) => {
                self.at += 1;
                Ok(Step::Go(State::ClosedReturn))
            }
            (b'\r', LineEnd::Cr) | (b'\n', LineEnd::Lf | LineEnd::CrLf) => {
                self.at += 1;
                self.close_cell(record)?;
                Ok(Step::Done)
            }
            _ => Err(self.stray_quote(record)),
        }
    }

    /// Closes the last cell of a line, unless the line is blank or its columns are aligned by
    /// blanks, of which the last ones mean nothing.
    fn end_line(&mut self, record: &mut Record) -> Result<(), Finding> {
        let nothing = record.opened_cell().is_empty() && (record.is_empty() || self.dialect.blanks == Blanks::Align);
        if nothing { Ok(()) } else { self.close_plain_cell(record) }
    }

    /// Closes a cell that did not begin with a quote.
    fn close_plain_cell(&mut self, record: &mut Record) -> Result<(), Finding> {
        if std::mem::take(&mut self.loose_quote) {
            self.judge_loose_quote(record)?;
        }
        self.close_cell(record)
    }

    /// `9.90"Boots, low"` is a price and a quoted name between which the separator is gone, and
    /// would come apart at the wrong comma; `5" pipe` and `24"` are inches.
    fn judge_loose_quote(&mut self, record: &Record) -> Result<(), Finding> {
        let quote = char::from(self.dialect.quote.unwrap_or(b'"'));
        let cell = record.opened_cell();
        if guarded(cell).is_some() {
            return Ok(());
        }
        // Tab-separated text is often written without any quotes around cells.
        if self.dialect.delimiter != b'\t' && self.quotation.is_none() && has_quotation(cell, quote) {
            let message = "a quotation stands in a cell that has no quotes around it";
            let finding = Finding::new(Code::StrayQuote, self.place(record), message).saw(cell);
            let finding = finding.expected("quotes around the cell, and doubled quotes inside");
            self.quotation = Some(finding.help("correct the line, or export again"));
        }
        let closes = cell.ends_with(quote);
        if let Some(opening) = self.loose_opening.take_if(|_| closes) {
            let message = "a quote stands in the middle of a cell, and another ends a later cell of the line";
            let finding = Finding::new(Code::StrayQuote, opening, message).saw(cell);
            return Err(finding
                .expected("a separator before the first of them, or cells that begin with a quote and double those inside")
                .help("correct the line, or export again"));
        }
        if cell.trim_end_matches(quote).contains(quote) {
            self.loose_opening = Some(self.place(record));
        }
        Ok(())
    }

    fn close_cell(&self, record: &mut Record) -> Result<(), Finding> {
        if let Some(inner) = guarded(record.opened_cell()) {
            record.replace_opened_cell(&inner);
        }
        record.end_cell();
        if record.len() > MOST_CELLS {
            let message = format!("the line has more than {MOST_CELLS} cells");
            let place = Place { column: Some(record.len()), ..self.place(record) };
            return Err(Finding::new(Code::TooLarge, place, message).help("if the separator is another, give --delimiter"));
        }
        Ok(())
    }

    fn check_size(&self, record: &Record, state: State, opened_on: u64) -> Result<(), Finding> {
        if record.byte_len() <= MOST_BYTES {
            return Ok(());
        }
        let most = MOST_BYTES / (1024 * 1024);
        if state == State::Quoted && opened_on < self.line {
            let message = format!("the quote that opens here is not closed within {most} MiB");
            return Err(Finding::new(Code::TooLarge, self.place(record).at_line(opened_on), message));
        }
        let place = self.text.place().clone().at_line(record.line());
        Err(Finding::new(Code::TooLarge, place, format!("the line is longer than {most} MiB")))
    }

    fn end_of_text(&mut self, record: &mut Record, state: State, opened_on: u64) -> Result<bool, Finding> {
        match state {
            State::Quoted | State::QuotedEscape => {
                let place = self.place(record).at_line(opened_on);
                let finding =
                    Finding::new(Code::UnclosedQuote, place, "the quote that opens here is not closed before the file ends");
                return Err(finding.saw(record.opened_cell()).help("the file may be cut short; export it again"));
            }
            State::CellStart | State::AfterDelimiter if record.is_empty() => return Ok(false),
            State::AfterDelimiter | State::CellStart if self.dialect.blanks == Blanks::Align => {}
            State::Plain if self.dialect.line_end == LineEnd::CrLf => {
                record.trim_carriage_return();
                self.close_plain_cell(record)?;
            }
            State::Plain => self.close_plain_cell(record)?,
            State::ClosedReturn if self.dialect.line_end != LineEnd::CrLf => return Err(self.stray_quote(record)),
            _ => self.close_cell(record)?,
        }
        self.unended_line = Some(self.line);
        Ok(true)
    }

    /// The place of the cell being read.
    fn place(&self, record: &Record) -> Place {
        let place = self.text.place().clone().at_line(self.line);
        Place { column: Some(record.len().saturating_add(1)), ..place }
    }

    fn stray_quote(&self, record: &Record) -> Finding {
        let rest = self.text.piece().get(self.at..).unwrap_or_default();
        let rest: String = rest.chars().take_while(|c| !matches!(c, '\r' | '\n')).take(20).collect();
        let cell = record.opened_cell();
        let tail_start = cell.char_indices().rev().nth(14).map_or(0, |(at, _)| at);
        let tail = cell.get(tail_start..).unwrap_or_default();
        let quote = char::from(self.dialect.quote.unwrap_or(b'"'));
        let finding = Finding::new(Code::StrayQuote, self.place(record), "there is text after the quote that closes the cell");
        let finding = finding.saw(format!("{tail}{quote}{rest}"));
        let finding = finding.expected(format!("a separator or the end of the line, or a doubled quote {quote}{quote}"));
        if cell.ends_with('\\') {
            return finding.help("if a backslash escapes quotes in this file, give --escape '\\'");
        }
        finding.help("correct the line, or export again")
    }
}

impl Records for Delimited {
    fn read(&mut self, record: &mut Record) -> Result<bool, Finding> {
        if let Some(broken) = &self.broken {
            return Err(broken.clone());
        }
        if std::mem::take(&mut self.declaration) {
            self.read_record(record).inspect_err(|finding| self.broken = Some(finding.clone()))?;
        }
        self.read_record(record).inspect_err(|finding| self.broken = Some(finding.clone()))
    }

    fn unended_line(&self) -> Option<u64> {
        self.unended_line
    }

    fn doubt(&self) -> Option<&Finding> {
        self.quotation.as_ref()
    }
}

/// Whether the cell quotes a word: `a "new" one`, but not `5" pipe` or `37'37.8"N 2'17.9"W`.
fn has_quotation(cell: &str, quote: char) -> bool {
    let opens = |(at, _): &(usize, &str)| {
        let before = cell.get(..*at).and_then(|text| text.chars().next_back());
        let after = cell.get(at.saturating_add(quote.len_utf8())..).unwrap_or_default();
        !before.is_some_and(char::is_alphanumeric) && after.starts_with(char::is_alphanumeric) && after.contains(quote)
    };
    cell.match_indices(quote).any(|found| opens(&found))
}

/// What stands between the quotes of Excel's `="…"`, when the cell is nothing else.
fn guarded(cell: &str) -> Option<String> {
    let inner = cell.strip_prefix("=\"")?.strip_suffix('"')?;
    let plain = inner.replace("\"\"", "");
    (!plain.contains('"')).then(|| inner.replace("\"\"", "\""))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ingest::encoding::{BUFFER, decide};
    use proptest::prelude::*;

    const COMMA: Dialect = Dialect::DEFAULT;

    fn reader(bytes: &[u8], dialect: Dialect, buffer: usize) -> Delimited {
        let place = Place::file("f.csv");
        let decided = decide(bytes, None, &place).unwrap();
        let text = Text::new(Box::new(std::io::Cursor::new(bytes.to_vec())), &decided, place, buffer).unwrap();
        Delimited::new(text, dialect)
    }

    type Rows = Vec<(u64, Vec<String>)>;

    fn rows(bytes: &[u8], dialect: Dialect, buffer: usize) -> (Rows, Option<Finding>) {
        let mut reader = reader(bytes, dialect, buffer);
        let mut record = Record::default();
        let mut rows = Vec::new();
        loop {
            match reader.read(&mut record) {
                Ok(true) => rows.push((record.line(), record.iter().map(str::to_owned).collect())),
                Ok(false) => return (rows, None),
                Err(finding) => {
                    assert_eq!(reader.read(&mut record).as_ref(), Err(&finding), "a broken input stays broken");
                    return (rows, Some(finding));
                }
            }
        }
    }

    fn cells(bytes: &[u8], dialect: Dialect) -> Vec<Vec<String>> {
        let whole = rows(bytes, dialect, BUFFER);
        for buffer in [1, 2, 7] {
            assert_eq!(rows(bytes, dialect, buffer), whole, "buffer of {buffer}");
        }
        assert_eq!(whole.1, None);
        whole.0.into_iter().map(|(_, cells)| cells).collect()
    }

    fn refusal(bytes: &[u8], dialect: Dialect) -> Finding {
        let finding = rows(bytes, dialect, BUFFER).1.expect("a refusal");
        for buffer in [1, 2, 7] {
            let other = rows(bytes, dialect, buffer).1.expect("a refusal");
            assert_eq!((other.code(), &other.parts().place), (finding.code(), &finding.parts().place));
        }
        finding
    }

    fn at(finding: &Finding) -> (Code, Option<u64>, Option<usize>) {
        (finding.code(), finding.parts().place.line, finding.parts().place.column)
    }

    #[test]
    fn cells_quotes_and_line_ends() {
        let expected = vec![vec!["a", "b\"c", ""], vec!["1\r\n2", "", "x"]];
        for end in ["\n", "\r\n"] {
            let text = format!("a,\"b\"\"c\",{end}\"1\r\n2\",\"\",x{end}");
            assert_eq!(cells(text.as_bytes(), COMMA), expected);
        }
        let returns = Dialect { line_end: LineEnd::Cr, ..COMMA };
        assert_eq!(cells(b"a,b\r\"1\r2\",\"x\"\r", returns), [vec!["a", "b"], vec!["1\r2", "x"]]);
        assert_eq!(cells(b"a,b\n\"\"\n\r\n1,\n", COMMA), [vec!["a", "b"], vec![""], vec![], vec!["1", ""]]);
    }

    #[test]
    fn lines_are_physical_and_blank_lines_are_records_without_cells() {
        let (rows, _) = rows(b"a,b\n\n\"x\ny\",1\r\n\r\nz,2", COMMA, 3);
        let lines: Vec<(u64, usize)> = rows.iter().map(|(line, cells)| (*line, cells.len())).collect();
        assert_eq!(lines, [(1, 2), (2, 0), (3, 2), (5, 0), (6, 2)]);
    }

    #[test]
    fn a_last_line_without_an_end_is_read_and_told() {
        for (text, line, last) in
            [("a,b\n1,2", Some(2), "2"), ("a,b\n1,", Some(2), ""), ("a,b\n1,\"2\"", Some(2), "2"), ("a,b\n1,2\n", None, "2")]
        {
            let mut reader = reader(text.as_bytes(), COMMA, BUFFER);
            let mut record = Record::default();
            let mut latest = String::new();
            while reader.read(&mut record).unwrap() {
                latest = record.get(1).unwrap().to_owned();
            }
            assert_eq!((reader.unended_line(), latest.as_str()), (line, last), "{text:?}");
        }
        let crlf = Dialect { line_end: LineEnd::CrLf, ..COMMA };
        assert_eq!(cells(b"a,b\r\n1,2\r", crlf), [["a", "b"], ["1", "2"]]);
        assert_eq!(cells(b"a,b\r\n1,\"2\"\r", crlf), [["a", "b"], ["1", "2"]]);
    }

    #[test]
    fn stray_quotes_and_carriage_returns_are_text_where_they_cannot_mislead() {
        assert_eq!(cells(b"5\" pipe,a\rb\n1,\"c\rd\"\n", COMMA), [["5\" pipe", "a\rb"], ["1", "c\rd"]]);
    }

    #[test]
    fn text_after_a_closing_quote_is_refused_at_its_cell() {
        assert_eq!(at(&refusal(b"a,b\n1,\"x\" y\n", COMMA)), (Code::StrayQuote, Some(2), Some(2)));
        assert_eq!(at(&refusal(b"\"a\nb\"c,d\n", COMMA)), (Code::StrayQuote, Some(2), Some(1)));
        assert_eq!(at(&refusal(b"a,\"b\"\rc\n", COMMA)), (Code::StrayQuote, Some(1), Some(2)));
        let finding = refusal(b"a,\"24\\\" wide\"\n", COMMA);
        assert!(finding.parts().help.as_deref().unwrap().contains("--escape"), "{finding}");
    }

    #[test]
    fn a_quoted_cell_whose_separator_is_lost_is_refused_and_inches_are_text() {
        assert_eq!(at(&refusal(b"a,b,c\n1,9.90\"Boots, low\",x\n", COMMA)), (Code::StrayQuote, Some(2), Some(2)));
        assert_eq!(at(&refusal(b"a,b\n9\"Boots, 10\"\"\"", COMMA)), (Code::StrayQuote, Some(2), Some(1)));
        assert_eq!(at(&refusal(b"a, \"b, c\"\n", COMMA)), (Code::StrayQuote, Some(1), Some(2)));
        assert_eq!(cells(b"5\" pipe,6\" pipe,1\n24\",36\",2\n", COMMA), [["5\" pipe", "6\" pipe", "1"], ["24\"", "36\"", "2"]]);
    }

    #[test]
    fn an_unclosed_quote_is_refused_where_it_opens() {
        assert_eq!(at(&refusal(b"a,b\n1,\"x\n2,y\n3,z\n", COMMA)), (Code::UnclosedQuote, Some(2), Some(2)));
        assert_eq!(at(&refusal(b"a,\"", COMMA)), (Code::UnclosedQuote, Some(1), Some(2)));
    }

    #[test]
    fn bad_bytes_are_refused_on_their_line() {
        assert_eq!(at(&refusal(b"a,b\n\"x\ny\",2\ncaf\xE9,3\n", COMMA)), (Code::BadEncoding, Some(4), None));
        assert_eq!(at(&refusal(b"a,b\n1,2\0\n", COMMA)), (Code::NulByte, Some(2), None));
    }

    #[test]
    fn other_dialects() {
        let escape = Dialect { escape: Some(b'\\'), ..COMMA };
        assert_eq!(cells(b"a,\"5\\\" x\"\nb\\,c,\"\\\\\"\n", escape), [["a", "5\" x"], ["b,c", "\\"]]);
        let blank = Dialect { blanks: Blanks::AfterDelimiter, ..COMMA };
        assert_eq!(cells(b"a, \"b, c\", \n1,  2,3\n", blank), [["a", "b, c", ""], ["1", " 2", "3"]]);
        let aligned = Dialect { delimiter: b' ', blanks: Blanks::Align, ..COMMA };
        assert_eq!(cells(b" id  when  \n 00001   1997 \n", aligned), [["id", "when"], ["00001", "1997"]]);
        let single = Dialect { quote: Some(b'\''), delimiter: b'|', ..COMMA };
        assert_eq!(cells(b"'a|b'|\"c\n", single), [["a|b", "\"c"]]);
        let declared = Dialect { delimiter: b';', declared: true, ..COMMA };
        assert_eq!(rows(b"sep=;\na;b\n", declared, 3).0, [(2, vec!["a".to_owned(), "b".to_owned()])]);
        let returns = Dialect { line_end: LineEnd::Cr, ..COMMA };
        assert_eq!(at(&refusal(b"a,b\r1,2\n", returns)), (Code::UnknownDialect, Some(2), Some(2)));
    }

    #[test]
    fn guards_of_excel_are_taken_off() {
        assert_eq!(
            cells(b"=\"007\",\"=\"\"08\"\"\",=\"9\",=A1\n=\"x\"&\"y\"\n", COMMA),
            [vec!["007", "08", "9", "=A1"], vec!["=\"x\"&\"y\""]]
        );
        assert_eq!(at(&refusal(b"=\"a,b\"\n", COMMA)).0, Code::StrayQuote);
    }

    #[test]
    fn limits_are_refused_with_their_line() {
        let mut wide = b"a\n".to_vec();
        wide.extend(std::iter::repeat_n(b',', MOST_CELLS + 1));
        assert_eq!(at(&rows(&wide, COMMA, BUFFER).1.unwrap()), (Code::TooLarge, Some(2), Some(MOST_CELLS + 1)));
        let mut long = b"a\n\"x\n".to_vec();
        long.extend(std::iter::repeat_n(b'y', MOST_BYTES + BUFFER));
        let finding = rows(&long, COMMA, BUFFER).1.unwrap();
        assert_eq!(at(&finding), (Code::TooLarge, Some(2), Some(1)));
        let plain = [b"a\n".to_vec(), vec![b'y'; MOST_BYTES + BUFFER]].concat();
        assert_eq!(at(&rows(&plain, COMMA, BUFFER).1.unwrap()), (Code::TooLarge, Some(2), None));
    }

    /// A cell as a careful program would write it.
    fn written(cell: &str, dialect: Dialect, always: bool) -> String {
        let special = |c: char| c == '"' || c == '\r' || c == '\n' || c == char::from(dialect.delimiter);
        if always || cell.is_empty() || cell.contains(special) {
            format!("\"{}\"", cell.replace('"', "\"\""))
        } else {
            cell.to_owned()
        }
    }

    proptest! {
        #[test]
        fn what_is_written_is_read(
            table in prop::collection::vec(prop::collection::vec("[a-c0-9 ,;|\t\"\r\n'é€😀=.-]{0,8}", 1..6), 0..8),
            delimiter in prop::sample::select(vec![b',', b';', b'\t', b'|']),
            line_end in prop::sample::select(vec![LineEnd::Lf, LineEnd::CrLf, LineEnd::Cr]),
            wide: bool, always: bool, last_end: bool,
            buffer in prop::sample::select(vec![1, 2, 7, 64, BUFFER]),
        ) {
            let dialect = Dialect { delimiter, line_end, ..COMMA };
            let end = match line_end { LineEnd::Lf => "\n", LineEnd::CrLf => "\r\n", LineEnd::Cr => "\r" };
            let delimiter = char::from(delimiter).to_string();
            let lines: Vec<String> = table.iter().map(|row| row.iter().map(|cell| written(cell, dialect, always)).collect::<Vec<_>>().join(&delimiter)).collect();
            let mut text = lines.join(end);
            if last_end && !lines.is_empty() {
                text.push_str(end);
            }
            let bytes = if wide { [0xFEFF_u16].into_iter().chain(text.encode_utf16()).flat_map(u16::to_le_bytes).collect() } else { text.clone().into_bytes() };
            let expected: Vec<Vec<String>> = table.iter().map(|row| row.iter().map(|cell| guarded(cell).unwrap_or_else(|| cell.clone())).collect()).collect();
            let (rows, finding) = rows(&bytes, dialect, buffer);
            prop_assert_eq!(finding, None);
            let line_break = if line_end == LineEnd::Cr { '\r' } else { '\n' };
            let mut line = 1;
            for ((found, cells), (expected, written)) in rows.iter().zip(expected.iter().zip(&lines)) {
                prop_assert_eq!(cells, expected);
                prop_assert_eq!(*found, line);
                line += 1 + written.matches(line_break).count() as u64;
            }
            prop_assert_eq!(rows.len(), expected.len());
        }

        #[test]
        fn any_bytes_are_read_or_refused_alike_with_any_buffer(bytes in prop::collection::vec(prop::sample::select(b"ab,;\"'\\\r\n =\0\xC3\xA9".to_vec()), 0..40), escape: bool, returns: bool, blank: bool) {
            let dialect = Dialect {
                escape: escape.then_some(b'\\'),
                line_end: if returns { LineEnd::Cr } else { LineEnd::Lf },
                blanks: if blank { Blanks::AfterDelimiter } else { Blanks::Keep },
                ..COMMA
            };
            let whole = rows(&bytes, dialect, BUFFER);
            for buffer in [1, 3] {
                let other = rows(&bytes, dialect, buffer);
                prop_assert_eq!(&other.0, &whole.0);
                prop_assert_eq!(other.1.map(|finding| at(&finding)), whole.1.as_ref().map(at));
            }
        }
    }
}
