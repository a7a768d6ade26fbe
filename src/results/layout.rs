//! Text on a page: display width, cutting, wrapping, and columns drawn under each other.

use comfy_table::{Attribute, Cell as Drawn, CellAlignment, Color, ColumnConstraint, Row, Width, presets};
use unicode_width::UnicodeWidthStr;

/// Spaces between two columns.
pub(super) const GAP: usize = 2;

/// How a piece of text is set off, where colours are allowed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Tone {
    #[default]
    Plain,
    Strong,
    Faint,
    Caution,
    Alarm,
}

/// One cell of a table. It holds one line and no control characters.
#[derive(Clone, Debug, Default)]
pub(super) struct Cell {
    pub(super) text: String,
    pub(super) right: bool,
    pub(super) tone: Tone,
}

impl Cell {
    pub(super) fn left(text: impl Into<String>) -> Self {
        Cell { text: text.into(), ..Cell::default() }
    }

    pub(super) fn right(text: impl Into<String>) -> Self {
        Cell { text: text.into(), right: true, ..Cell::default() }
    }

    pub(super) fn in_tone(self, tone: Tone) -> Self {
        Cell { tone, ..self }
    }
}

/// Columns that the text takes on a terminal.
pub(super) fn width(text: &str) -> usize {
    UnicodeWidthStr::width(text)
}

/// The text, or its beginning and `…`, in at most `max` columns.
pub(super) fn cut(text: &str, max: usize) -> String {
    if fits(text, max) {
        return text.to_owned();
    }
    format!("{}…", longest_start(text, max.saturating_sub(1)))
}

/// The text, or its beginning, `…` and its end, in at most `max` columns.
pub(super) fn cut_middle(text: &str, max: usize) -> String {
    if fits(text, max) {
        return text.to_owned();
    }
    let ends = max.saturating_sub(1);
    let start = longest_start(text, ends.div_ceil(2));
    let rest = text.get(start.len()..).unwrap_or_default();
    let joined = format!("{start}…{}", longest_end(rest, ends / 2));
    // Pieces may take more room together than each on its own (a mark that joins the cut).
    if width(&joined) <= max { joined } else { cut(text, max) }
}

/// A long text of combining marks would take for ever to measure and be unreadable anyway.
fn fits(text: &str, max: usize) -> bool {
    text.len() <= max.saturating_mul(16) && width(text) <= max
}

fn longest_start(text: &str, max: usize) -> &str {
    let mut end = 0;
    for (at, c) in text.char_indices().take(max.saturating_mul(4)) {
        let next = at + c.len_utf8();
        let start = text.get(..next).unwrap_or_default();
        if width(start) > max {
            break;
        }
        end = next;
    }
    // A joiner needs something to join.
    text.get(..end).unwrap_or_default().trim_end_matches(['\u{200D}', ' '])
}

fn longest_end(text: &str, max: usize) -> &str {
    let mut start = text.len();
    for (at, _) in text.char_indices().rev().take(max.saturating_mul(4)) {
        let end = text.get(at..).unwrap_or_default();
        if width(end) > max {
            break;
        }
        start = at;
    }
    text.get(start..).unwrap_or_default().trim_start_matches(['\u{200D}', '\u{FE0F}', ' '])
}

/// The words on lines of at most `max` columns; a longer word is broken.
pub(super) fn wrap(text: &str, max: usize) -> Vec<String> {
    let max = max.max(2);
    let mut lines: Vec<String> = Vec::new();
    let mut line = String::new();
    for word in text.split(' ').filter(|word| !word.is_empty()) {
        let mut rest = word;
        let candidate = if line.is_empty() { word.to_owned() } else { format!("{line} {word}") };
        if width(&candidate) <= max {
            line = candidate;
            continue;
        }
        if !line.is_empty() {
            lines.push(std::mem::take(&mut line));
        }
        while width(rest) > max {
            let piece = longest_start(rest, max);
            // A word that begins with something wider than the line: let one character through.
            let length = if piece.is_empty() { rest.chars().next().map_or(rest.len(), char::len_utf8) } else { piece.len() };
            let (head, tail) = rest.split_at(length);
            lines.push(head.to_owned());
            rest = tail;
        }
        rest.clone_into(&mut line);
    }
    if !line.is_empty() || lines.is_empty() {
        lines.push(line);
    }
    lines
}

/// A paragraph of `max` columns: `first` before its first line, as many spaces before the others.
pub(super) fn hanging(first: &str, text: &str, max: usize) -> Vec<String> {
    let indent = width(first);
    let lines = wrap(text, max.saturating_sub(indent));
    lines
        .into_iter()
        .enumerate()
        .map(|(i, line)| if i == 0 { format!("{first}{line}") } else { format!("{}{line}", " ".repeat(indent)) })
        .collect()
}

/// An entry of a list in `max` columns: its first line by two blanks, the others by four.
pub(super) fn entry(text: &str, max: usize) -> Vec<String> {
    let lines = wrap(text, max.saturating_sub(4));
    lines.into_iter().enumerate().map(|(i, line)| format!("{}{line}", if i == 0 { "  " } else { "    " })).collect()
}

/// Each line of the text as a paragraph of `max` columns, its first line at the margin and the
/// others by four blanks.
pub(crate) fn paragraphs(text: &str, max: usize) -> String {
    let paragraph = |line: &str| wrap(line, max.saturating_sub(4)).join("\n    ");
    text.lines().map(paragraph).collect::<Vec<_>>().join("\n")
}

/// Text in a tone, for what stands outside a table.
pub(super) fn paint(text: &str, tone: Tone, color: bool) -> String {
    let code = match tone {
        _ if !color || text.is_empty() => return text.to_owned(),
        Tone::Plain => return text.to_owned(),
        Tone::Strong => "1",
        Tone::Faint => "2",
        Tone::Caution => "33",
        Tone::Alarm => "31",
    };
    format!("\u{1b}[{code}m{text}\u{1b}[0m")
}

/// A line of that many columns.
pub(super) fn rule(columns: usize, color: bool) -> String {
    paint(&"─".repeat(columns), Tone::Faint, color)
}

/// Widest cell of each column.
pub(super) fn natural_widths(rows: &[Vec<Cell>]) -> Vec<usize> {
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    (0..columns).map(|i| rows.iter().filter_map(|row| row.get(i)).map(|cell| width(&cell.text)).max().unwrap_or(0)).collect()
}

/// Columns that cells of these widths take together.
pub(super) fn total_width(widths: &[usize]) -> usize {
    widths.iter().sum::<usize>() + GAP * widths.len().saturating_sub(1)
}

/// The rows under each other, each on one line; what is wider than its column is cut.
pub(super) fn draw(rows: &[Vec<Cell>], widths: &[usize], color: bool) -> Vec<String> {
    let mut table = comfy_table::Table::new();
    table.load_style(presets::NOTHING).style_text_only();
    if color {
        table.enforce_styling();
    } else {
        table.force_no_tty();
    }
    for row in rows {
        let cells = row.iter().zip(widths).map(|(cell, &columns)| drawn(cell, columns));
        table.add_row(Row::from(cells.collect::<Vec<_>>()));
    }
    for (i, (column, &columns)) in table.column_iter_mut().zip(widths).enumerate() {
        let padding = if i + 1 < widths.len() { GAP } else { 0 };
        let whole = u16::try_from(columns.max(1) + padding).unwrap_or(u16::MAX);
        column.set_padding((0, u16::try_from(padding).unwrap_or(0)));
        column.set_constraint(ColumnConstraint::Absolute(Width::Fixed(whole)));
    }
    table.lines().map(|line| line.trim_end().to_owned()).collect()
}

fn drawn(cell: &Cell, columns: usize) -> Drawn {
    // A blank at the end of a painted text would stay behind at the end of the line.
    let text = cut(cell.text.trim_end(), columns);
    let plain = text.is_empty();
    let drawn = Drawn::new(text).set_alignment(if cell.right { CellAlignment::Right } else { CellAlignment::Left });
    match cell.tone {
        _ if plain => drawn,
        Tone::Plain => drawn,
        Tone::Strong => drawn.add_attribute(Attribute::Bold),
        Tone::Faint => drawn.add_attribute(Attribute::Dim),
        Tone::Caution => drawn.fg(Color::Yellow),
        Tone::Alarm => drawn.fg(Color::Red),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn names_are_cut_by_display_width_and_between_characters() {
        assert_eq!(cut("Newsletter", 10), "Newsletter");
        assert_eq!(cut("Newsletter", 6), "Newsl…");
        assert_eq!(cut("春のニュース", 7), "春のニ…");
        assert_eq!(cut("👩‍💻👩‍💻👩‍💻", 5), "👩‍💻👩‍💻…");
        assert_eq!(cut_middle("Spring sale, variant B", 11), "Sprin…ant B");
        assert_eq!(cut(&"a\u{301}".repeat(100_000), 3), "a\u{301}a\u{301}…");
    }

    #[test]
    fn paragraphs_hang() {
        assert_eq!(hanging("help: ", "say --date-order dmy", 18), ["help: say", "      --date-order", "      dmy"]);
        assert_eq!(wrap("", 10), [""]);
        assert_eq!(wrap("abcdefghij", 4), ["abcd", "efgh", "ij"]);
    }

    #[test]
    fn columns_stand_under_each_other() {
        let rows = vec![vec![Cell::left("a"), Cell::right("1")], vec![Cell::left("春"), Cell::right("22")]];
        assert_eq!(draw(&rows, &natural_widths(&rows), false), ["a    1", "春  22"]);
    }

    proptest! {
        #[test]
        fn cut_and_wrapped_text_fits(text in "(\\PC|👩‍💻|🏳️‍🌈| |لا|e\u{301}){0,40}", max in 2_usize..30) {
            prop_assert!(width(&cut(&text, max)) <= max);
            prop_assert!(width(&cut_middle(&text, max)) <= max);
            for line in wrap(&text, max) {
                prop_assert!(width(&line) <= max, "{:?}", line);
            }
        }

        #[test]
        fn wrapping_loses_nothing(text in "[a-z ]{0,60}", max in 2_usize..20) {
            let joined: String = wrap(&text, max).concat();
            prop_assert_eq!(joined.replace(' ', ""), text.replace(' ', ""));
        }
    }
}
