//! Which separator a text uses, told from the text itself.
//!
//! **Owns** the dialect and the evidence for it. A separator is right when neighbouring lines
//! have the same number of cells under it, the header's line among them, and when it leaves no
//! other separator inside the cells. Lines before the header are narrower and have little weight.
//!
//! **Does not know** the names of columns or what a row means.

use super::sheet::Overrides;
use crate::finding::{Code, Finding, Place};

/// How a delimited text is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Dialect {
    /// The separator of cells.
    pub delimiter: u8,
    /// What blanks beside a separator mean.
    pub blanks: Blanks,
    /// The quote around cells, if any.
    pub quote: Option<u8>,
    /// The character that takes the next one literally; none in RFC 4180.
    pub escape: Option<u8>,
    /// What ends a line.
    pub line_end: LineEnd,
    /// The first line is `sep=;`, which tells Excel the separator.
    pub declared: bool,
}

impl Dialect {
    /// RFC 4180.
    pub const DEFAULT: Dialect = Dialect {
        delimiter: b',',
        blanks: Blanks::Keep,
        quote: Some(b'"'),
        escape: None,
        line_end: LineEnd::Lf,
        declared: false,
    };
}

/// What blanks beside a separator mean.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Blanks {
    /// They belong to the cell.
    Keep,
    /// One blank after the separator belongs to it: `a, "b, c"`.
    AfterDelimiter,
    /// The separator is a run of blanks, and blanks at either end of a line mean nothing.
    Align,
}

/// What ends a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LineEnd {
    /// A line feed.
    Lf,
    /// A carriage return and a line feed; a line feed alone is taken as well.
    CrLf,
    /// A carriage return alone.
    Cr,
}

impl LineEnd {
    /// Its name for people.
    pub const fn name(self) -> &'static str {
        match self {
            LineEnd::Lf => "LF",
            LineEnd::CrLf => "CRLF",
            LineEnd::Cr => "CR",
        }
    }
}

/// A dialect and how it is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decided {
    /// The dialect.
    pub dialect: Dialect,
    /// How the separator is known, for people.
    pub evidence: String,
}

/// The separators looked for.
const CANDIDATES: [u8; 4] = [b',', b';', b'\t', b'|'];

/// Lines looked at.
const MOST_LINES: usize = 500;

/// Least score at which a separator separates anything; below it the text is one column.
const LEAST: u64 = SCALE / 4;

/// A score of one: every line agrees and every cell is tidy.
const SCALE: u64 = 1000;

/// Decides the dialect from the first part of a text. `whole` says that the sample is all of it.
///
/// # Errors
/// Two separators fit the text equally well.
pub fn decide(sample: &str, whole: bool, given: &Overrides, place: &Place) -> Result<Decided, Finding> {
    let quote = given.quote.unwrap_or(Dialect::DEFAULT.quote);
    let base = Dialect { quote, escape: given.escape, line_end: line_end(sample, quote), ..Dialect::DEFAULT };
    let (declared, body) = declaration(sample);
    let base = Dialect { declared: declared.is_some(), ..base };
    if let Some(delimiter) = given.delimiter {
        let scan = Scan { bytes: body.as_bytes(), whole, dialect: Dialect { delimiter, ..base } };
        let blanks = if delimiter == b' ' && is_aligned(body) { Blanks::Align } else { scan.best_blanks().0 };
        return Ok(Decided { dialect: Dialect { delimiter, blanks, ..base }, evidence: "as given".into() });
    }
    if let Some(delimiter) = declared {
        return Ok(Decided { dialect: Dialect { delimiter, ..base }, evidence: "the first line declares it".into() });
    }
    let mut ranked: Vec<(Dialect, Fit)> = CANDIDATES
        .iter()
        .map(|delimiter| {
            let dialect = Dialect { delimiter: *delimiter, ..base };
            let (blanks, fit) = Scan { bytes: body.as_bytes(), whole, dialect }.best_blanks();
            (Dialect { blanks, ..dialect }, fit)
        })
        .collect();
    // Stable, so that the comma comes first where nothing tells.
    ranked.sort_by_key(|(_, fit)| std::cmp::Reverse(fit.score()));
    let [(first, fit), (second, runner_up), ..] = ranked.as_slice() else {
        return Ok(Decided { dialect: base, evidence: String::new() });
    };
    if fit.score() < LEAST {
        return Ok(Decided { dialect: base, evidence: "no separator splits the lines alike; taken as one column".into() });
    }
    // Within a twentieth of each other, chance could have decided; a separator that makes many more
    // cells of as many lines is no chance (the prose before a table has commas).
    let close = runner_up.score().saturating_mul(20) > fit.score().saturating_mul(19);
    for ((dialect, wide), narrow) in [((first, fit), runner_up), ((second, runner_up), fit)] {
        if close && wide.is_far_wider(*narrow) {
            return Ok(Decided { dialect: *dialect, evidence: format!("it splits {}", wide.words()) });
        }
    }
    if close {
        let message = format!(
            "the separator cannot be told: {} splits {}, and {} splits {}",
            name(first.delimiter),
            fit.words(),
            name(second.delimiter),
            runner_up.words()
        );
        return Err(Finding::new(Code::UnknownDialect, place.clone(), message).help("give it with --delimiter"));
    }
    Ok(Decided { dialect: *first, evidence: format!("it splits {}", fit.words()) })
}

/// The name of a separator for people.
pub fn name(delimiter: u8) -> String {
    match delimiter {
        b',' => "comma".into(),
        b';' => "semicolon".into(),
        b'\t' => "tab".into(),
        b'|' => "bar".into(),
        b' ' => "blank".into(),
        other => format!("'{}'", char::from(other).escape_default()),
    }
}

/// The separator that Excel's first line declares, and what follows that line.
fn declaration(sample: &str) -> (Option<u8>, &str) {
    let (line, rest) = sample.split_at(sample.find(['\r', '\n']).unwrap_or(sample.len()));
    let line = line.trim().trim_matches('"');
    let declared = match line.as_bytes() {
        [s, e, p, b'=', delimiter] if [*s, *e, *p].eq_ignore_ascii_case(b"sep") && delimiter.is_ascii() => Some(*delimiter),
        // A tab is trimmed off with the blanks.
        [s, e, p, b'='] if [*s, *e, *p].eq_ignore_ascii_case(b"sep") => Some(b'\t'),
        _ => None,
    };
    if declared.is_none() {
        return (None, sample);
    }
    let rest = rest.strip_prefix('\r').unwrap_or(rest);
    (declared, rest.strip_prefix('\n').unwrap_or(rest))
}

/// What ends the lines, told outside quotes.
fn line_end(sample: &str, quote: Option<u8>) -> LineEnd {
    let bytes = sample.as_bytes();
    let mut quoted = false;
    let (mut line_feeds, mut both, mut returns) = (0_usize, 0_usize, 0_usize);
    for (at, byte) in bytes.iter().enumerate() {
        match byte {
            byte if Some(*byte) == quote => quoted = !quoted,
            b'\n' if !quoted && at > 0 && bytes.get(at - 1) == Some(&b'\r') => both += 1,
            b'\n' if !quoted => line_feeds += 1,
            // The last byte of a sample may be half a line end.
            b'\r' if !quoted && bytes.get(at + 1).is_some_and(|next| *next != b'\n') => returns += 1,
            b'\r' if !quoted && bytes.get(at + 1).is_none() => returns += usize::from(both + line_feeds == 0),
            _ => {}
        }
    }
    match (line_feeds, both, returns) {
        (0, 0, returns) if returns > 0 => LineEnd::Cr,
        (line_feeds, both, _) if both > line_feeds => LineEnd::CrLf,
        _ => LineEnd::Lf,
    }
}

/// Whether the columns of a text separated by blanks are aligned by runs of them.
fn is_aligned(text: &str) -> bool {
    text.lines().take(50).any(|line| line.starts_with(' ') || line.contains("  "))
}

/// How many times the separators of another reading a line must have to be far wider.
const WIDER: usize = 4;

/// How well a separator fits.
#[derive(Clone, Copy, Debug, Default)]
struct Fit {
    /// Lines looked at that are not blank.
    lines: u64,
    /// Lines of more than one cell that have as many as a neighbour.
    agreeing: u64,
    /// Cells of those lines.
    cells: u64,
    /// Cells of those lines without another separator in them.
    tidy: u64,
    /// The number of cells that most lines have.
    width: usize,
}

impl Fit {
    /// 0 to [`SCALE`].
    fn score(&self) -> u64 {
        let share = self.agreeing.saturating_mul(SCALE).checked_div(self.lines).unwrap_or(0);
        share.saturating_mul(self.tidy).checked_div(self.cells).unwrap_or(0)
    }

    /// Whether it splits as many lines into several times as many cells.
    fn is_far_wider(&self, other: Fit) -> bool {
        let separators = |fit: &Fit| fit.width.saturating_sub(1);
        self.agreeing >= other.agreeing && separators(self) >= separators(&other).saturating_mul(WIDER)
    }

    fn words(&self) -> String {
        format!("{} of {} lines into as many cells as their neighbours, mostly {}", self.agreeing, self.lines, self.width)
    }
}

/// One line as a separator splits it.
#[derive(Clone, Copy, Debug, Default)]
struct Line {
    cells: usize,
    tidy: usize,
    /// Separators with a blank after them, or at the end of the line.
    before_blank: usize,
    /// Separators with a blank and a quote after them.
    before_quote: usize,
    /// Text follows a closing quote, or a quote is not closed.
    broken: bool,
}

struct Scan<'a> {
    bytes: &'a [u8],
    whole: bool,
    dialect: Dialect,
}

impl Scan<'_> {
    /// The better of the two readings of a blank after the separator, and how well it fits.
    fn best_blanks(&self) -> (Blanks, Fit) {
        let plain = self.lines();
        let fit = fit(&plain);
        if plain.iter().all(|line| line.before_quote == 0) {
            return (Blanks::Keep, fit);
        }
        let dialect = Dialect { blanks: Blanks::AfterDelimiter, ..self.dialect };
        let lines = Scan { dialect, ..*self }.lines();
        let always = lines.iter().all(|line| line.before_blank.saturating_add(1) >= line.cells);
        let with_blanks = self::fit(&lines);
        if always && with_blanks.score() >= fit.score() { (Blanks::AfterDelimiter, with_blanks) } else { (Blanks::Keep, fit) }
    }

    /// The lines that are not blank. A line that cannot be read counts as broken, and the next
    /// physical line is tried.
    fn lines(&self) -> Vec<Line> {
        let mut lines = Vec::new();
        let mut at = 0;
        while at < self.bytes.len() && lines.len() < MOST_LINES {
            let (line, next) = self.line(at);
            if next >= self.bytes.len() && !self.whole && !lines.is_empty() {
                // The sample may have cut it.
                break;
            }
            let blank = line.cells == 1 && self.bytes.get(at..next).unwrap_or_default().trim_ascii().is_empty();
            if !blank {
                lines.push(line);
            }
            at = next;
        }
        lines
    }

    /// The line that begins at `start`, and where the next one begins.
    fn line(&self, start: usize) -> (Line, usize) {
        let mut line = Line::default();
        let mut at = start;
        loop {
            if self.dialect.blanks == Blanks::AfterDelimiter && line.cells > 0 && self.byte(at) == Some(b' ') {
                at += 1;
            }
            let begin = at;
            let quoted = self.byte(at).is_some() && self.byte(at) == self.dialect.quote;
            if quoted {
                match self.closing_quote(at + 1) {
                    Some(closing) => at = closing + 1,
                    None => return (Line { broken: true, ..Line::default() }, self.next_line(start)),
                }
            } else {
                at = self.end_of_plain(at);
            }
            line.cells += 1;
            line.tidy += usize::from(quoted || self.is_tidy(begin, at));
            match self.byte(at) {
                None => return (line, at),
                Some(byte) if byte == self.dialect.delimiter => {
                    at += 1;
                    let blank = matches!(self.byte(at), Some(b' ' | b'\r' | b'\n') | None);
                    line.before_blank += usize::from(blank);
                    let quote =
                        self.byte(at) == Some(b' ') && self.byte(at + 1).is_some() && self.byte(at + 1) == self.dialect.quote;
                    line.before_quote += usize::from(quote);
                }
                Some(b'\r' | b'\n') => return (line, self.next_line(at)),
                Some(_) => return (Line { broken: true, ..Line::default() }, self.next_line(start)),
            }
        }
    }

    fn byte(&self, at: usize) -> Option<u8> {
        self.bytes.get(at).copied()
    }

    fn closing_quote(&self, mut at: usize) -> Option<usize> {
        loop {
            let byte = self.byte(at)?;
            if Some(byte) == self.dialect.escape {
                at += 2;
            } else if Some(byte) != self.dialect.quote {
                at += 1;
            } else if self.byte(at + 1) == self.dialect.quote {
                at += 2;
            } else {
                return Some(at);
            }
        }
    }

    fn end_of_plain(&self, mut at: usize) -> usize {
        while let Some(byte) = self.byte(at) {
            if Some(byte) == self.dialect.escape {
                at += 2;
            } else if byte == self.dialect.delimiter || self.ends_line(at) {
                break;
            } else {
                at += 1;
            }
        }
        at.min(self.bytes.len())
    }

    fn ends_line(&self, at: usize) -> bool {
        match (self.byte(at), self.dialect.line_end) {
            (Some(b'\r'), LineEnd::Cr) | (Some(b'\n'), _) => true,
            (Some(b'\r'), _) => matches!(self.byte(at + 1), Some(b'\n') | None),
            _ => false,
        }
    }

    /// Where the physical line after `at` begins.
    fn next_line(&self, mut at: usize) -> usize {
        while at < self.bytes.len() && !self.ends_line(at) {
            at += 1;
        }
        let both = self.byte(at) == Some(b'\r') && self.byte(at + 1) == Some(b'\n');
        (at + if both { 2 } else { 1 }).min(self.bytes.len())
    }

    /// Whether a cell without quotes holds none of the other separators. A comma in a number is
    /// part of it.
    fn is_tidy(&self, begin: usize, end: usize) -> bool {
        let cell = self.bytes.get(begin..end).unwrap_or_default();
        let numeric = cell.iter().any(u8::is_ascii_digit) && !cell.iter().any(u8::is_ascii_alphabetic);
        let foreign = |byte: &u8| *byte != self.dialect.delimiter && CANDIDATES.contains(byte) && !(numeric && *byte == b',');
        !cell.iter().any(foreign)
    }
}

fn fit(lines: &[Line]) -> Fit {
    let mut fit = Fit { lines: lines.len() as u64, ..Fit::default() };
    let mut widths = std::collections::BTreeMap::<usize, usize>::new();
    let usable = |line: Option<&Line>| line.filter(|line| !line.broken && line.cells > 1).copied();
    for (at, line) in lines.iter().enumerate() {
        let Some(line) = usable(Some(line)) else { continue };
        let neighbours = [at.checked_sub(1).and_then(|before| lines.get(before)), lines.get(at + 1)];
        let agrees = neighbours.into_iter().any(|other| usable(other).is_some_and(|other| other.cells == line.cells));
        *widths.entry(line.cells).or_default() += 1;
        if agrees {
            fit.count(&line);
        }
    }
    if let (0, Some(widest)) = (fit.agreeing, lines.iter().filter_map(|line| usable(Some(line))).max_by_key(|line| line.cells)) {
        // Nothing but a header, perhaps below a title.
        fit.count(&widest);
    }
    fit.width = widths.iter().max_by_key(|(width, lines)| (**lines, **width)).map_or(0, |(width, _)| *width);
    fit
}

impl Fit {
    fn count(&mut self, line: &Line) {
        self.agreeing = self.agreeing.saturating_add(1);
        self.cells = self.cells.saturating_add(line.cells as u64);
        self.tidy = self.tidy.saturating_add(line.tidy as u64);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decided(sample: &str) -> Dialect {
        decide(sample, true, &Overrides::default(), &Place::default()).unwrap().dialect
    }

    fn delimiter(sample: &str) -> char {
        char::from(decided(sample).delimiter)
    }

    #[test]
    fn the_separator_is_the_one_that_splits_neighbouring_lines_alike() {
        assert_eq!(delimiter("Campaign,Clicks\nSpring,1\n\"Summer; sale; now\",2\n"), ',');
        assert_eq!(delimiter("Tag;Kosten;Umsatz\n01.08.2026;1,50;2,50\n02.08.2026;3,00;4,25\n"), ';');
        assert_eq!(
            delimiter("Report\nSeptember 1, 2026 - September 3, 2026\nCampaign\tCost\tImpr.\na\t1,033.33\t12,345\nb\t2.00\t10\n"),
            '\t'
        );
        assert_eq!(delimiter("Report Start: 09/01, Report End: 09/02\n\nDate|Name|Cost\n1|a, b|2\n2|c|3\n"), '|');
        assert_eq!(delimiter("Name,Cost\nA | one,1\nB | two,2\nC | three,3\n"), ',');
    }

    #[test]
    fn sections_of_different_width_do_not_hide_the_separator() {
        let sample = "# Report\n# 20260101-20260131\nDate,Users\n0,5\n1,7\n\nCountry,Users,New users\nThailand,3,1\nIran,2,2\n";
        assert_eq!(delimiter(sample), ',');
    }

    #[test]
    fn a_lone_header_tells_and_a_single_column_is_read_as_one() {
        assert_eq!(delimiter("Datum;Kosten;Umsatz\n"), ';');
        assert_eq!(delimiter("Campaign report\nDate;Cost;Clicks"), ';');
        assert_eq!(delimiter("email_id\n284534\n609056\n"), ',');
        assert_eq!(delimiter("note\nhello\nwell | yes\nso; no\nA, B and C\nfine\n"), ',');
    }

    #[test]
    fn what_two_separators_split_alike_is_asked() {
        let finding = decide("a;b,c\nd;e,f\n", true, &Overrides::default(), &Place::default()).unwrap_err();
        assert_eq!(finding.code(), Code::UnknownDialect);
        assert!(finding.parts().help.as_deref().unwrap().contains("--delimiter"));
        let given = Overrides { delimiter: Some(b';'), ..Overrides::default() };
        assert_eq!(decide("a;b,c\nd;e,f\n", true, &given, &Place::default()).unwrap().dialect.delimiter, b';');
    }

    #[test]
    fn blanks_belong_to_a_separator_only_where_they_keep_quotes_from_opening() {
        assert_eq!(decided("a, \"b, x\", c\n1, \"2, y\", 3\n").blanks, Blanks::AfterDelimiter);
        assert_eq!(decided("a, b, c\n1, 2, 3\n").blanks, Blanks::Keep);
        assert_eq!(decided("a,b,c\n1, \"2\",3\n").blanks, Blanks::Keep);
        let given = Overrides { delimiter: Some(b' '), ..Overrides::default() };
        let aligned = |sample| decide(sample, true, &given, &Place::default()).unwrap().dialect.blanks;
        assert_eq!(aligned(" id  date\n 01  1997\n"), Blanks::Align);
        assert_eq!(aligned("id date\n01 1997\n"), Blanks::Keep);
    }

    #[test]
    fn line_ends_and_declarations() {
        assert_eq!(decided("a,b\r\n1,2\r\n").line_end, LineEnd::CrLf);
        assert_eq!(decided("a,b\r1,2\r").line_end, LineEnd::Cr);
        assert_eq!(decided("a,\"x\ny\"\r1,2\r").line_end, LineEnd::Cr);
        assert_eq!(decided("a,b\n1,\"x\r\ny\"\n").line_end, LineEnd::Lf);
        for first in ["sep=;", "\"sep=;\"", "SEP=;"] {
            let dialect = decided(&format!("{first}\r\na,b;c\r\n1;2,5\r\n"));
            assert_eq!((dialect.delimiter, dialect.declared), (b';', true));
        }
        assert_eq!(decided("sep=\t\na\tb\n").delimiter, b'\t');
        assert!(!decided("sep=x2\na,b\n").declared);
    }

    #[test]
    fn a_broken_line_does_not_hide_the_separator() {
        assert_eq!(delimiter("a;b;c\n1;\"x\"y;2\n3;\"z;4\n5;6;7\n8;9;0\n1;2;3\n"), ';');
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_decided_or_refused(sample in "[ab1,;|\t \"\\\\\r\n=é]{0,60}", whole: bool, escape: bool) {
            let given = Overrides { escape: escape.then_some(b'\\'), ..Overrides::default() };
            let _ = decide(&sample, whole, &given, &Place::default());
        }
    }
}
