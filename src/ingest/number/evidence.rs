//! What the cells of a column show about how its numbers are written, and the decision.

use super::undress::{Undressed, Written, undress};
use super::{DecimalMark, NumberFault, NumberStyle, SettledBy, plain};
use crate::finding::Code;
use crate::ingest::currency::CurrencyEvidence;
use crate::ingest::evidence::{ColumnProblem, Witness, keep, keep_earlier};

/// Why no decimal mark could be decided on, or percentages are mixed with plain numbers.
pub type NumberProblem = ColumnProblem;

/// What is known about a column beside its own cells.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct NumberHint {
    /// `--decimal`: overrules everything.
    pub flag: Option<DecimalMark>,
    /// What the other columns of the file show: [`FileMarks::settled`].
    pub file: Option<DecimalMark>,
    /// How the platform always writes.
    pub profile: Option<DecimalMark>,
    /// Whether measures of the file show a decimal point and others a decimal comma:
    /// [`FileMarks::contradict`].
    pub contradiction: bool,
}

/// What the cells of a column show. Its size does not depend on the number of cells.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NumberEvidence {
    missing: u64,
    numbers: u64,
    unreadable: u64,
    first_unreadable: Option<(Witness, NumberFault)>,
    /// First cell that is a number only with a decimal point; only with a decimal comma.
    point: Option<Witness>,
    comma: Option<Witness>,
    /// First cell such as `1.234`, and such as `1,234`: a number with either mark.
    either_by_point: Option<Witness>,
    either_by_comma: Option<Witness>,
    /// Whether a cell that settles the mark has a currency or percent sign, as only amounts do.
    signed_point: bool,
    signed_comma: bool,
    /// Whether a cell such as `1,234K` is among the undecided: a comma may be decimal there
    /// though the number is whole.
    undecided_in_thousands: bool,
    /// First cell with a percent sign, and first without that is not 0.
    percent: Option<Witness>,
    unsigned: Option<Witness>,
    currencies: CurrencyEvidence,
    /// First cell such as `007`, and first whole number of more than 15 digits.
    padded: Option<Witness>,
    long: Option<Witness>,
}

impl NumberEvidence {
    /// Looks at a cell, blank or not, that starts on that line.
    #[inline]
    pub fn observe(&mut self, cell: &str, line: u64) {
        match plain::read(cell.as_bytes()) {
            Some(plain) => self.observe_plain(plain, cell, line),
            None => self.observe_dressed(cell, line),
        }
    }

    #[inline]
    fn observe_plain(&mut self, plain: plain::Plain, cell: &str, line: u64) {
        self.numbers = self.numbers.saturating_add(1);
        if plain.mantissa != 0 {
            keep(&mut self.unsigned, line, cell);
        }
        if plain.has_point {
            // `2.546` may be Dutch for 2546; no one groups after a leading zero or four digits.
            let either = plain.scale == 3 && plain.whole_digits <= 3 && !plain.starts_with_zero;
            keep(if either { &mut self.either_by_point } else { &mut self.point }, line, cell);
        } else {
            self.observe_whole_digits(plain.whole_digits, plain.starts_with_zero, cell, line);
        }
    }

    #[inline]
    fn observe_whole_digits(&mut self, digits: usize, starts_with_zero: bool, cell: &str, line: u64) {
        if starts_with_zero && digits > 1 {
            keep(&mut self.padded, line, cell);
        }
        if digits > 15 {
            keep(&mut self.long, line, cell);
        }
    }

    #[cold]
    pub(super) fn observe_dressed(&mut self, cell: &str, line: u64) {
        match undress(cell) {
            Ok(Undressed::Missing) => self.missing = self.missing.saturating_add(1),
            Ok(Undressed::Written(written)) => self.observe_written(written, cell, line),
            Err(fault) => self.observe_unreadable(fault, cell, line),
        }
    }

    fn observe_unreadable(&mut self, fault: NumberFault, cell: &str, line: u64) {
        self.unreadable = self.unreadable.saturating_add(1);
        if self.first_unreadable.is_none() {
            self.first_unreadable = Some((Witness::new(line, cell), fault));
        }
    }

    fn observe_written(&mut self, written: Written<'_>, cell: &str, line: u64) {
        let signed = written.percent || written.currency.is_some();
        let value = match (written.amount(DecimalMark::Point), written.amount(DecimalMark::Comma)) {
            (Err(fault), Err(_)) => return self.observe_unreadable(fault, cell, line),
            (Ok(value), Err(_)) => {
                self.signed_point |= signed;
                keep(&mut self.point, line, cell);
                value
            }
            (Err(_), Ok(value)) => {
                self.signed_comma |= signed;
                keep(&mut self.comma, line, cell);
                value
            }
            (Ok(value), Ok(other)) => {
                if value != other {
                    self.undecided_in_thousands |= written.power != 0;
                    let by_point = written.core.contains(['.', '．']);
                    keep(if by_point { &mut self.either_by_point } else { &mut self.either_by_comma }, line, cell);
                } else if written.core.bytes().all(|byte| byte.is_ascii_digit()) {
                    self.observe_whole_digits(written.core.len(), written.core.starts_with('0'), cell, line);
                }
                value
            }
        };
        self.numbers = self.numbers.saturating_add(1);
        if let Some(currency) = written.currency {
            self.currencies.observe(currency, cell, line);
        }
        if written.percent {
            keep(&mut self.percent, line, cell);
        } else if value.mantissa != 0 {
            keep(&mut self.unsigned, line, cell);
        }
    }

    /// Adds what a later part of the column showed.
    pub fn merge(&mut self, later: &NumberEvidence) {
        self.missing = self.missing.saturating_add(later.missing);
        self.numbers = self.numbers.saturating_add(later.numbers);
        self.unreadable = self.unreadable.saturating_add(later.unreadable);
        keep_earlier(&mut self.first_unreadable, later.first_unreadable.as_ref());
        keep_earlier(&mut self.point, later.point.as_ref());
        keep_earlier(&mut self.comma, later.comma.as_ref());
        keep_earlier(&mut self.either_by_point, later.either_by_point.as_ref());
        keep_earlier(&mut self.either_by_comma, later.either_by_comma.as_ref());
        keep_earlier(&mut self.percent, later.percent.as_ref());
        keep_earlier(&mut self.unsigned, later.unsigned.as_ref());
        keep_earlier(&mut self.padded, later.padded.as_ref());
        keep_earlier(&mut self.long, later.long.as_ref());
        self.signed_point |= later.signed_point;
        self.signed_comma |= later.signed_comma;
        self.undecided_in_thousands |= later.undecided_in_thousands;
        self.currencies.merge(&later.currencies);
    }

    /// Decides how the column is read. `whole` says that it counts things: then `1,234` can only
    /// be 1234, for a count has no fraction.
    ///
    /// # Errors
    /// [`Code::MixedNumbers`] when cells contradict each other, [`Code::AmbiguousNumber`] when
    /// nothing settles the mark. Cells that are no numbers are no reason to fail here:
    /// [`super::parse`] names each.
    pub fn decide(&self, hint: NumberHint, whole: bool) -> Result<NumberStyle, NumberProblem> {
        if let (Some(percent), Some(unsigned)) = (&self.percent, &self.unsigned) {
            return Err(mixed_percentages(percent, unsigned));
        }
        if let Some(decimal) = hint.flag {
            return Ok(NumberStyle::given(decimal));
        }
        match (&self.point, &self.comma) {
            (Some(point), Some(comma)) => return Err(mixed_marks(point, comma)),
            (Some(witness), None) => return Ok(settled(DecimalMark::Point, SettledBy::Column { line: witness.line })),
            (None, Some(witness)) if hint.contradiction => {
                return Err(ambiguous(witness, "other columns of the file have decimal points"));
            }
            (None, Some(witness)) if whole && hint.file != Some(DecimalMark::Comma) => {
                return Err(ambiguous(witness, "a count has no fraction"));
            }
            (None, Some(witness)) => return Ok(settled(DecimalMark::Comma, SettledBy::Column { line: witness.line })),
            (None, None) => {}
        }
        let Some(undecided) = self.first_undecided() else {
            return Ok(settled(DecimalMark::Point, SettledBy::Nothing));
        };
        let whole = whole && self.is_grouped_by_comma_only();
        let voices = [
            whole.then_some((DecimalMark::Point, SettledBy::Whole)),
            hint.file.map(|mark| (mark, SettledBy::File)),
            hint.profile.map(|mark| (mark, SettledBy::Profile)),
        ];
        let mut voices = voices.into_iter().flatten();
        match voices.next() {
            Some((mark, by)) if voices.all(|(other, _)| other == mark) => Ok(settled(mark, by)),
            Some(_) => Err(ambiguous(undecided, "what else is known about the column contradicts itself")),
            None => Err(ambiguous(undecided, "nothing in the file settles it")),
        }
    }

    fn first_undecided(&self) -> Option<&Witness> {
        let both = [self.either_by_point.as_ref(), self.either_by_comma.as_ref()];
        both.into_iter().flatten().min_by_key(|witness| witness.line)
    }

    /// The kinds of cells met so far, a bit each. While these stay the same, a further cell changes
    /// no decision and no message, only counts.
    pub(crate) fn kinds(&self) -> u32 {
        self.each_kind().into_iter().fold(0, |bits, met| (bits << 1) | u32::from(met))
    }

    /// The same one by one.
    pub(crate) fn each_kind(&self) -> [bool; 13] {
        [
            self.numbers > 0,
            self.unreadable > 0,
            self.point.is_some(),
            self.comma.is_some(),
            self.either_by_point.is_some(),
            self.either_by_comma.is_some(),
            self.signed_point,
            self.signed_comma,
            self.undecided_in_thousands,
            self.percent.is_some(),
            self.unsigned.is_some(),
            self.padded.is_some(),
            self.long.is_some(),
        ]
    }

    /// In a count `1,234` is 1234. `1.234` is not as clear: exports do write counts with decimals
    /// (`64517.0`), and `60.000` could be sixty.
    fn is_grouped_by_comma_only(&self) -> bool {
        self.either_by_comma.is_some() && self.either_by_point.is_none() && !self.undecided_in_thousands
    }

    /// The decimal mark that the column's own cells prove, for other columns of the same file;
    /// `None` when they prove none or when a cell is no number (version numbers, names). A count with
    /// a decimal comma (`1,00`) is itself in need of proof.
    pub fn settles(&self, whole: bool) -> Option<DecimalMark> {
        if self.unreadable > 0 {
            return None;
        }
        match (&self.point, &self.comma) {
            (Some(_), None) => Some(DecimalMark::Point),
            (None, Some(_)) if !whole => Some(DecimalMark::Comma),
            (None, None) if whole && self.is_grouped_by_comma_only() => Some(DecimalMark::Point),
            _ => None,
        }
    }

    /// Whether every cell that is not blank is a number, and there is one.
    pub fn looks_numeric(&self) -> bool {
        self.numbers > 0 && self.unreadable == 0
    }

    /// Whether the column looks like something to add up: numeric, and neither padded with zeros
    /// (`007`) nor as long as an identifier.
    pub fn looks_like_measure(&self) -> bool {
        self.looks_numeric() && self.padded.is_none() && self.long.is_none()
    }

    /// Whether every number is a percentage; a 0 without a sign may be among them.
    pub fn is_percent(&self) -> bool {
        self.percent.is_some() && self.unsigned.is_none()
    }

    /// Whether some numbers have a percent sign and others, which are not 0, have none.
    pub const fn mixes_percentages(&self) -> bool {
        self.percent.is_some() && self.unsigned.is_some()
    }

    /// The currencies written beside the numbers.
    pub const fn currencies(&self) -> &CurrencyEvidence {
        &self.currencies
    }

    /// Cells that are numbers.
    pub const fn numbers(&self) -> u64 {
        self.numbers
    }

    /// Cells that are blank or say that there is no value.
    pub const fn missing(&self) -> u64 {
        self.missing
    }

    /// Cells that are neither.
    pub const fn unreadable(&self) -> u64 {
        self.unreadable
    }

    /// The first cell that is neither blank nor a number, and why.
    pub const fn first_unreadable(&self) -> Option<&(Witness, NumberFault)> {
        self.first_unreadable.as_ref()
    }
}

/// What the columns of a file together show about its decimal mark.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FileMarks {
    /// Votes of columns known to be numbers, and of columns that merely look so.
    known: Votes,
    likely: Votes,
    /// Votes of columns known to be measures alone.
    measures: Votes,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Votes {
    point: bool,
    comma: bool,
}

impl Votes {
    fn add(&mut self, mark: DecimalMark) {
        match mark {
            DecimalMark::Point => self.point = true,
            DecimalMark::Comma => self.comma = true,
        }
    }

    const fn settled(self) -> Option<DecimalMark> {
        match (self.point, self.comma) {
            (true, false) => Some(DecimalMark::Point),
            (false, true) => Some(DecimalMark::Comma),
            _ => None,
        }
    }
}

impl FileMarks {
    /// Adds a column. `recognised` says that it is known to hold numbers (a measure, a printed
    /// rate); `whole`, that it counts things. Columns that are not recognised weigh as much when
    /// they carry currency or percent signs; others, which may be version numbers, are heard only
    /// when no better column speaks.
    pub fn add(&mut self, column: &NumberEvidence, recognised: bool, whole: bool) {
        let Some(mark) = column.settles(whole) else { return };
        let signed = match mark {
            DecimalMark::Point => column.signed_point,
            DecimalMark::Comma => column.signed_comma,
        };
        if recognised || signed {
            self.known.add(mark);
        } else {
            self.likely.add(mark);
        }
        if recognised {
            self.measures.add(mark);
        }
    }

    /// Whether some measures show a decimal point and others a decimal comma.
    pub const fn contradict(&self) -> bool {
        self.measures.point && self.measures.comma
    }

    /// The decimal mark of the file; `None` when nothing shows it or columns contradict.
    pub const fn settled(&self) -> Option<DecimalMark> {
        match (self.known.point, self.known.comma) {
            (false, false) => self.likely.settled(),
            _ => self.known.settled(),
        }
    }
}

const fn settled(decimal: DecimalMark, settled_by: SettledBy) -> NumberStyle {
    NumberStyle { decimal, settled_by }
}

fn ambiguous(witness: &Witness, why: &str) -> NumberProblem {
    let digits = |keep: char| -> String { witness.text.chars().filter(|c| c.is_numeric() || *c == keep).collect() };
    let mark = if witness.text.contains(['.', '．']) { '.' } else { ',' };
    let as_thousands = digits('\0');
    let as_decimal = digits(mark).replace(mark, ".");
    ColumnProblem {
        code: Code::AmbiguousNumber,
        message: format!("the mark may part thousands ({as_thousands}) or be a decimal mark ({as_decimal}), and {why}"),
        witness: witness.clone(),
        expected: "a column in which some number shows its decimal mark, such as 1,234.50 or 1.234,50",
        help: "say which it is with --decimal point or --decimal comma",
    }
}

fn mixed_marks(point: &Witness, comma: &Witness) -> NumberProblem {
    let second = if point.line > comma.line { point } else { comma };
    ColumnProblem {
        code: Code::MixedNumbers,
        message: format!(
            "the column has decimal points (\"{}\" on line {}) and decimal commas (\"{}\" on line {})",
            point.text, point.line, comma.text, comma.line
        ),
        witness: second.clone(),
        expected: "one decimal mark in the whole column",
        help: "export the column in one format; --decimal point or --decimal comma names the cells that do not fit",
    }
}

fn mixed_percentages(percent: &Witness, unsigned: &Witness) -> NumberProblem {
    let second = if percent.line > unsigned.line { percent } else { unsigned };
    ColumnProblem {
        code: Code::MixedNumbers,
        message: format!(
            "the column has percentages (\"{}\" on line {}) and numbers without a percent sign (\"{}\" on line {})",
            percent.text, percent.line, unsigned.text, unsigned.line
        ),
        witness: second.clone(),
        expected: "a percent sign on every number of the column, or on none",
        help: "export the column in one format",
    }
}
