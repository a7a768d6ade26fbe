//! A tolerant reading of delimited text, one line at a time.
//!
//! **Owns** the readings that a line allows when its quotes or separators are damaged, what each
//! of them supposes, and which supposes least.
//!
//! **Does not know** what columns hold: whoever asks says how many cells a row should have, and
//! judges the outcome.

use std::collections::BTreeMap;
use std::ops::Range;

use crate::ingest::dialect::{Blanks, Dialect, LineEnd};

/// Most steps tried on one line; a longer one is not repaired.
const MOST_STEPS: usize = 200_000;

/// Most lines that one row may stand on.
const MOST_LINES_OF_A_ROW: usize = 1000;

/// A text cut into physical lines.
pub(super) struct Lines<'t> {
    text: &'t str,
    dialect: Dialect,
    spans: Vec<Range<usize>>,
}

/// A row as it was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Reading {
    /// Its cells.
    pub(super) cells: Vec<String>,
    /// Which of them stood between quotes, where the reading is strict; else empty.
    pub(super) quoted: Vec<bool>,
    /// How many physical lines it takes.
    pub(super) lines: usize,
    /// What the reading supposes, with its cost: 0 for a row without a fault.
    pub(super) cost: u64,
    /// The same in words.
    pub(super) notes: Vec<String>,
}

impl<'t> Lines<'t> {
    /// The lines of a text. Where lines end in a carriage return, a line feed ends one too.
    pub(super) fn new(text: &'t str, dialect: Dialect) -> Lines<'t> {
        let mut spans = Vec::new();
        let bytes = text.as_bytes();
        let mut start = 0;
        let mut at = 0;
        while let Some(byte) = bytes.get(at) {
            let both = *byte == b'\r' && bytes.get(at.saturating_add(1)) == Some(&b'\n');
            let ends = *byte == b'\n' || both || (*byte == b'\r' && dialect.line_end == LineEnd::Cr);
            let next = at.saturating_add(if both { 2 } else { 1 });
            if ends {
                spans.push(start..at);
                start = next;
            }
            at = next;
        }
        if start < bytes.len() {
            spans.push(start..bytes.len());
        }
        Lines { text, dialect, spans }
    }

    /// Number of lines.
    pub(super) fn len(&self) -> usize {
        self.spans.len()
    }

    /// The text of a line.
    pub(super) fn line(&self, index: usize) -> &'t str {
        self.spans.get(index).and_then(|span| self.text.get(span.clone())).unwrap_or_default()
    }

    /// The row that begins on that line, as the standard has it; `None` where the standard does
    /// not allow it.
    pub(super) fn strict(&self, index: usize) -> Option<Reading> {
        let mut cells = Vec::new();
        let mut quoted = Vec::new();
        let mut line = index;
        let mut at = self.spans.get(index)?.start;
        let mut loose = 0_usize;
        loop {
            let end = self.spans.get(line)?.end;
            at = self.skip_blank(at, end, !cells.is_empty());
            if self.dialect.quote.is_some() && self.byte(at) == self.dialect.quote && at < end {
                let (cell, close) = self.quoted(at)?;
                while self.spans.get(line)?.end < close {
                    line = line.checked_add(1)?;
                }
                if line.saturating_sub(index) > MOST_LINES_OF_A_ROW {
                    return None;
                }
                cells.push(cell);
                quoted.push(true);
                at = close.checked_add(1)?;
            } else {
                let (cell, stop, stray) = self.plain(at, end);
                loose = loose.saturating_add(stray);
                cells.push(cell);
                quoted.push(false);
                at = stop;
            }
            let end = self.spans.get(line)?.end;
            if at == end {
                break;
            }
            if self.byte(at) != Some(self.dialect.delimiter) {
                return None;
            }
            at = at.checked_add(1)?;
        }
        let lines = line.saturating_sub(index).saturating_add(1);
        (loose <= 1).then_some(Reading { cells, quoted, lines, cost: 0, notes: Vec::new() })
    }

    /// The reading of one physical line that gives that many cells and supposes least.
    pub(super) fn tolerant(&self, index: usize, width: usize) -> Option<Reading> {
        let line = self.line(index);
        Search::new(line, self.dialect, width)?.run()
    }

    /// The line cut at another separator as the standard has it.
    pub(super) fn cut_at(&self, index: usize, delimiter: u8) -> Option<Reading> {
        let dialect = Dialect { delimiter, blanks: Blanks::Keep, ..self.dialect };
        Lines::new(self.line(index), dialect).strict(0)
    }

    fn byte(&self, at: usize) -> Option<u8> {
        self.text.as_bytes().get(at).copied()
    }

    fn skip_blank(&self, at: usize, end: usize, after_separator: bool) -> usize {
        let skips = self.dialect.blanks == Blanks::AfterDelimiter && after_separator && at < end;
        if skips && self.byte(at) == Some(b' ') { at.saturating_add(1) } else { at }
    }

    /// The quoted cell that opens at `open`, and where its closing quote is.
    fn quoted(&self, open: usize) -> Option<(String, usize)> {
        let mut cell = String::new();
        let mut from = open.checked_add(1)?;
        let mut at = from;
        loop {
            let byte = self.byte(at)?;
            let next = self.byte(at.checked_add(1)?);
            if self.escapes(byte, next) {
                cell.push_str(self.text.get(from..at)?);
                from = at.checked_add(1)?;
                at = at.checked_add(2)?;
            } else if Some(byte) == self.dialect.quote && next == self.dialect.quote {
                cell.push_str(self.text.get(from..=at)?);
                from = at.checked_add(2)?;
                at = from;
            } else if Some(byte) == self.dialect.quote {
                cell.push_str(self.text.get(from..at)?);
                return Some((cell, at));
            } else {
                at = at.checked_add(1)?;
            }
        }
    }

    /// Whether the two bytes are the escape character and what it protects.
    fn escapes(&self, byte: u8, next: Option<u8>) -> bool {
        escapes(self.dialect, byte, next)
    }

    /// The plain cell from `at` on, where it stops, and how many quotes are in it.
    fn plain(&self, at: usize, end: usize) -> (String, usize, usize) {
        let rest = self.text.get(at..end).unwrap_or_default();
        let cell = rest.split(char::from(self.dialect.delimiter)).next().unwrap_or_default();
        let quotes = cell.bytes().filter(|byte| Some(*byte) == self.dialect.quote).count();
        (cell.to_owned(), at.saturating_add(cell.len()), quotes)
    }
}

/// An escape character protects a quote and itself; before anything else it is text.
fn escapes(dialect: Dialect, byte: u8, next: Option<u8>) -> bool {
    Some(byte) == dialect.escape && next.is_some() && (next == dialect.quote || next == dialect.escape)
}

/// What each supposition costs. A lost separator explains two quotes that would be text each.
const COST_OF_A_QUOTE_AS_TEXT: u64 = 2;
const COST_OF_A_LOST_SEPARATOR: u64 = 3;
const COST_OF_BLANKS_LEFT_OUT: u64 = 1;

/// Where in a line the search stands. The order is the order in which steps at one byte are taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Mode {
    /// At the first byte of a cell.
    Start,
    /// In a cell without quotes.
    Plain,
    /// Between quotes.
    Quoted,
    /// At a character that an escape character protects.
    Protected,
    /// Behind the last cell.
    End,
}

/// What a step supposes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Supposed {
    Nothing,
    QuoteIsText,
    LostSeparator,
    BlanksMeanNothing,
}

/// One way to have come to a byte.
#[derive(Clone, Debug)]
struct Node {
    mode: Mode,
    cells: usize,
    cost: u64,
    before: Option<usize>,
    /// What the step adds to the cell.
    adds: Range<usize>,
    ends_cell: bool,
    supposed: Supposed,
}

/// A step from a node to the next.
struct Step {
    to: usize,
    mode: Mode,
    adds: Range<usize>,
    ends_cell: bool,
    supposed: Supposed,
}

/// The cheapest of all readings of a line, found byte by byte.
struct Search<'t> {
    line: &'t str,
    dialect: Dialect,
    width: usize,
    nodes: Vec<Node>,
    /// Nodes by byte, mode and number of cells. A step leads to a later key only.
    open: BTreeMap<(usize, Mode, usize), usize>,
}

impl<'t> Search<'t> {
    fn new(line: &'t str, dialect: Dialect, width: usize) -> Option<Search<'t>> {
        let special = |byte: &u8| *byte == dialect.delimiter || Some(*byte) == dialect.quote || Some(*byte) == dialect.escape;
        let specials = line.bytes().filter(special).count();
        if specials.checked_mul(width)? > MOST_STEPS || width == 0 {
            return None;
        }
        Some(Search { line, dialect, width, nodes: Vec::new(), open: BTreeMap::new() })
    }

    fn run(mut self) -> Option<Reading> {
        let start = Node {
            mode: Mode::Start,
            cells: 0,
            cost: 0,
            before: None,
            adds: 0..0,
            ends_cell: false,
            supposed: Supposed::Nothing,
        };
        self.nodes.push(start);
        self.open.insert((0, Mode::Start, 0), 0);
        while let Some(((at, mode, cells), node)) = self.open.pop_first() {
            if mode == Mode::End {
                if cells == self.width {
                    return self.reading(node);
                }
                continue;
            }
            for step in self.steps(at, node) {
                self.take(node, step);
            }
        }
        None
    }

    fn take(&mut self, from: usize, step: Step) {
        let Some(before) = self.nodes.get(from) else { return };
        let cells = before.cells.saturating_add(usize::from(step.ends_cell));
        let cost = before.cost.saturating_add(match step.supposed {
            Supposed::Nothing => 0,
            Supposed::QuoteIsText => COST_OF_A_QUOTE_AS_TEXT,
            Supposed::LostSeparator => COST_OF_A_LOST_SEPARATOR,
            Supposed::BlanksMeanNothing => COST_OF_BLANKS_LEFT_OUT,
        });
        let key = (step.to, step.mode, cells);
        let known = self.open.get(&key).and_then(|index| self.nodes.get(*index));
        if cells > self.width || known.is_some_and(|known| known.cost <= cost) {
            return;
        }
        let node = Node {
            mode: step.mode,
            cells,
            cost,
            before: Some(from),
            adds: step.adds,
            ends_cell: step.ends_cell,
            supposed: step.supposed,
        };
        self.open.insert(key, self.nodes.len());
        self.nodes.push(node);
    }

    fn steps(&self, at: usize, node: usize) -> Vec<Step> {
        match self.nodes.get(node).map(|node| node.mode) {
            Some(Mode::Start) => self.steps_at_start(at, node),
            Some(Mode::Plain) => self.steps_in_plain(at),
            Some(Mode::Quoted) => self.steps_in_quoted(at),
            Some(Mode::Protected) => {
                let length = self.line.get(at..).and_then(|rest| rest.chars().next()).map_or(0, char::len_utf8);
                let to = at.saturating_add(length);
                vec![step(to, Mode::Quoted, at..to)]
            }
            Some(Mode::End) | None => Vec::new(),
        }
    }

    fn steps_at_start(&self, at: usize, node: usize) -> Vec<Step> {
        let first = self.nodes.get(node).is_none_or(|node| node.cells == 0);
        let skips = self.dialect.blanks == Blanks::AfterDelimiter && !first && self.byte(at) == Some(b' ');
        let begin = at.saturating_add(usize::from(skips));
        let mut steps = vec![step(begin, Mode::Plain, begin..begin)];
        if self.is_quote(begin) {
            let open = begin.saturating_add(1);
            steps.push(step(open, Mode::Quoted, open..open));
        }
        steps
    }

    fn steps_in_plain(&self, at: usize) -> Vec<Step> {
        let stop = self.find(at, |byte| byte == self.dialect.delimiter || Some(byte) == self.dialect.quote);
        if !self.is_quote(stop) {
            return vec![self.end_of_cell(stop, at..stop)];
        }
        let next = stop.saturating_add(1);
        let text = Step { supposed: Supposed::QuoteIsText, ..step(next, Mode::Plain, at..next) };
        let lost = Step { ends_cell: true, supposed: Supposed::LostSeparator, ..step(next, Mode::Quoted, at..stop) };
        // A separator cannot be lost before the first byte of a cell.
        if stop == at && !self.is_in_cell(at) { vec![text] } else { vec![text, lost] }
    }

    fn steps_in_quoted(&self, at: usize) -> Vec<Step> {
        let stop = self.find(at, |byte| Some(byte) == self.dialect.quote || Some(byte) == self.dialect.escape);
        let next = stop.saturating_add(1);
        let Some(byte) = self.byte(stop) else { return Vec::new() };
        if escapes(self.dialect, byte, self.byte(next)) {
            return vec![step(next, Mode::Protected, at..stop)];
        }
        if Some(byte) != self.dialect.quote {
            return vec![step(next, Mode::Quoted, at..next)];
        }
        let text = Step { supposed: Supposed::QuoteIsText, ..step(next, Mode::Quoted, at..next) };
        let after = self.find(next, |byte| byte != b' ');
        if self.byte(next).is_none_or(|byte| byte == self.dialect.delimiter) {
            return vec![self.end_of_cell(next, at..stop), text];
        }
        let lost = |to, mode| Step { ends_cell: true, supposed: Supposed::LostSeparator, ..step(to, mode, at..stop) };
        if self.is_quote(next) {
            let both = next.saturating_add(1);
            return vec![step(both, Mode::Quoted, at..next), lost(both, Mode::Quoted), text];
        }
        if self.byte(after).is_none_or(|byte| byte == self.dialect.delimiter) {
            let end = Step { supposed: Supposed::BlanksMeanNothing, ..self.end_of_cell(after, at..stop) };
            return vec![end, text];
        }
        vec![lost(next, Mode::Plain), text]
    }

    /// The end of a cell at a separator or at the end of the line.
    fn end_of_cell(&self, stop: usize, adds: Range<usize>) -> Step {
        let (to, mode) =
            if self.byte(stop).is_some() { (stop.saturating_add(1), Mode::Start) } else { (self.line.len(), Mode::End) };
        Step { ends_cell: true, ..step(to, mode, adds) }
    }

    fn byte(&self, at: usize) -> Option<u8> {
        self.line.as_bytes().get(at).copied()
    }

    fn is_quote(&self, at: usize) -> bool {
        self.byte(at).is_some() && self.byte(at) == self.dialect.quote
    }

    /// Whether the byte before belongs to the same plain cell.
    fn is_in_cell(&self, at: usize) -> bool {
        at.checked_sub(1).and_then(|before| self.byte(before)).is_some_and(|byte| byte != self.dialect.delimiter && byte != b' ')
    }

    /// The first byte from `at` on that passes, or the end.
    fn find(&self, at: usize, passes: impl Fn(u8) -> bool) -> usize {
        let rest = self.line.as_bytes().get(at..).unwrap_or_default();
        at.saturating_add(rest.iter().position(|byte| passes(*byte)).unwrap_or(rest.len()))
    }

    fn reading(&self, last: usize) -> Option<Reading> {
        let mut path = Vec::new();
        let mut next = Some(last);
        while let Some(node) = next.and_then(|index| self.nodes.get(index)) {
            path.push(node);
            next = node.before;
        }
        let cost = self.nodes.get(last)?.cost;
        let mut reading = Reading { cells: Vec::new(), quoted: Vec::new(), lines: 1, cost, notes: Vec::new() };
        let mut cell = String::new();
        for node in path.iter().rev() {
            cell.push_str(self.line.get(node.adds.clone())?);
            let column = reading.cells.len().saturating_add(1);
            match node.supposed {
                Supposed::Nothing => {}
                Supposed::BlanksMeanNothing => {
                    reading.notes.push(format!("blanks after the closing quote in column {column} were left out"));
                }
                Supposed::QuoteIsText => reading.notes.push(format!("a quote in column {column} was taken for text")),
                Supposed::LostSeparator => {
                    let second = column.saturating_add(1);
                    reading.notes.push(format!("a separator was put between columns {column} and {second}"));
                }
            }
            if node.ends_cell {
                reading.cells.push(std::mem::take(&mut cell));
            }
        }
        Some(reading)
    }
}

fn step(to: usize, mode: Mode, adds: Range<usize>) -> Step {
    Step { to, mode, adds, ends_cell: false, supposed: Supposed::Nothing }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tolerant(line: &str, width: usize) -> Option<(Vec<String>, usize)> {
        let reading = Lines::new(line, Dialect::DEFAULT).tolerant(0, width)?;
        Some((reading.cells, reading.notes.len()))
    }

    fn cells(cells: &[&str]) -> Vec<String> {
        cells.iter().map(|cell| (*cell).to_owned()).collect()
    }

    #[test]
    fn a_row_without_a_fault_is_read_as_the_standard_has_it() {
        let text = "a,\"b,\"\"c\"\"\",\r\n\"two\nlines\",5\" pipe,\n\n";
        let lines = Lines::new(text, Dialect::DEFAULT);
        let first = lines.strict(0).unwrap();
        assert_eq!((first.cells, first.lines), (cells(&["a", "b,\"c\"", ""]), 1));
        let second = lines.strict(1).unwrap();
        assert_eq!((second.cells, second.lines), (cells(&["two\nlines", "5\" pipe", ""]), 2));
        assert_eq!(lines.strict(3).unwrap().cells, cells(&[""]));
        assert_eq!(lines.tolerant(0, 3).unwrap().cost, 0);
        assert_eq!(lines.strict(4), None);
    }

    #[test]
    fn a_quote_that_does_not_close_is_text() {
        assert_eq!(tolerant("\"a,b,\"c,d\"", 3), Some((cells(&["\"a", "b", "c,d"]), 1)));
        assert_eq!(tolerant("a,b,\"", 3), Some((cells(&["a", "b", "\""]), 1)));
        assert_eq!(tolerant("a,\"\"b, c\",d", 3), Some((cells(&["a", "\"b, c", "d"]), 1)));
    }

    #[test]
    fn a_quote_inside_a_quoted_cell_is_text() {
        assert_eq!(tolerant("1,\"Boxer, 5\" long\",2", 3), Some((cells(&["1", "Boxer, 5\" long", "2"]), 1)));
        assert_eq!(tolerant("1,\"Table, 48\"\",\"x\"", 3), Some((cells(&["1", "Table, 48\"", "x"]), 1)));
    }

    #[test]
    fn a_lost_separator_beside_a_quote_is_put_back() {
        assert_eq!(tolerant("$4\"Boots, low\",x", 3), Some((cells(&["$4", "Boots, low", "x"]), 1)));
        assert_eq!(tolerant("\"a, b\"\"c\",x", 3), Some((cells(&["a, b", "c", "x"]), 1)));
        assert_eq!(tolerant("\"a, b\"c,x", 3), Some((cells(&["a, b", "c", "x"]), 1)));
    }

    #[test]
    fn what_cannot_have_that_many_cells_is_not_read() {
        assert_eq!(tolerant("a,b", 3), None);
        assert_eq!(tolerant("a,b,c,d", 3), None);
        assert_eq!(tolerant("", 1), Some((cells(&[""]), 0)));
    }

    #[test]
    fn an_escape_character_protects_quotes_and_itself_alone() {
        let dialect = Dialect { escape: Some(b'\\'), ..Dialect::DEFAULT };
        let line = "a,\"8\\'9\\\" rod\",b";
        let lines = Lines::new(line, dialect);
        assert_eq!(lines.strict(0).unwrap().cells, cells(&["a", "8\\'9\" rod", "b"]));
        assert_eq!(lines.tolerant(0, 3).unwrap().cells, cells(&["a", "8\\'9\" rod", "b"]));
    }

    #[test]
    fn lines_may_end_in_carriage_returns() {
        let dialect = Dialect { line_end: LineEnd::Cr, ..Dialect::DEFAULT };
        let lines = Lines::new("a,b\rc,d", dialect);
        assert_eq!((lines.len(), lines.strict(1).unwrap().cells), (2, cells(&["c", "d"])));
    }
}
