//! Why a cell is not a number.

use super::DecimalMark;
use crate::finding::{Code, Finding, Place};

/// Why a cell is not a number under the style of its column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NumberFault {
    /// Text, or signs that make no number.
    NotANumber,
    /// Thousands marks that do not part groups of three (or three and twos, as in India).
    Groups,
    /// Digits are missing before or after a mark, as if the cell was cut: `12.`.
    Cut,
    /// Written with the other decimal mark than the rest of the column.
    OtherMark {
        /// The decimal mark of the column.
        decimal: DecimalMark,
    },
    /// A bound, not a number: `< 10%`.
    Censored,
    /// NaN or infinity.
    NotFinite,
    /// A hexadecimal number: `0x10`.
    Hexadecimal,
    /// Digits parted by underscores: `1_000`.
    Underscore,
    /// The error of a spreadsheet: `#DIV/0!`.
    SpreadsheetError,
    /// Digits of several scripts in one cell.
    MixedScripts,
    /// The minus sign stands behind the number: `12-`.
    TrailingMinus,
    /// More than one sign, or a sign inside brackets: `--5`, `(-5)`.
    TwoSigns,
    /// Two currencies beside one number: `$ 5 EUR`.
    TwoCurrencies,
    /// A time or a duration: `00:01:19`.
    Clock,
    /// Several numbers: a range or a date.
    Several,
    /// It does not fit in exact arithmetic: more than 38 digits, more than 28 after the mark, or
    /// an exponent beyond that.
    Overflow,
}

impl NumberFault {
    /// The code of the finding.
    pub const fn code(self) -> Code {
        match self {
            NumberFault::OtherMark { .. } => Code::MixedNumbers,
            NumberFault::Censored => Code::CensoredNumber,
            NumberFault::TwoCurrencies => Code::MixedCurrencies,
            NumberFault::Overflow => Code::Overflow,
            _ => Code::BadNumber,
        }
    }

    /// What is the matter with the cell.
    pub const fn message(self) -> &'static str {
        match self {
            NumberFault::NotANumber => "the cell is not a number",
            NumberFault::Groups => "the thousands marks do not part groups of three digits",
            NumberFault::Cut => "digits are missing beside the decimal mark",
            NumberFault::OtherMark { decimal: DecimalMark::Point } => "the cell has a decimal comma, its column decimal points",
            NumberFault::OtherMark { decimal: DecimalMark::Comma } => "the cell has a decimal point, its column decimal commas",
            NumberFault::Censored => "the cell gives a bound, not a number",
            NumberFault::NotFinite => "the cell says NaN or infinity, the trace of a division that failed",
            NumberFault::Hexadecimal => "the cell is a hexadecimal number",
            NumberFault::Underscore => "the digits are parted by underscores",
            NumberFault::SpreadsheetError => "the cell holds the error of a spreadsheet formula",
            NumberFault::MixedScripts => "the cell mixes digits of several scripts",
            NumberFault::TrailingMinus => "the minus sign stands behind the number",
            NumberFault::TwoSigns => "the number has more than one sign",
            NumberFault::TwoCurrencies => "two currencies stand beside the number",
            NumberFault::Clock => "the cell is a time or a duration, not a number",
            NumberFault::Several => "the cell holds several numbers, as a range or a date does",
            NumberFault::Overflow => "the number does not fit in exact arithmetic",
        }
    }

    /// What would have been right.
    pub const fn expected(self) -> &'static str {
        match self {
            NumberFault::Groups => "groups such as 1,234,567 or 12,34,567",
            NumberFault::Cut => "digits on both sides of the mark, such as 12.50",
            NumberFault::OtherMark { decimal: DecimalMark::Point } => "a number such as 1,234.56",
            NumberFault::OtherMark { decimal: DecimalMark::Comma } => "a number such as 1.234,56",
            NumberFault::MixedScripts => "digits of one script throughout",
            NumberFault::TrailingMinus | NumberFault::TwoSigns => "one sign before the number, or brackets: -12.50 or (12.50)",
            NumberFault::TwoCurrencies => "one currency",
            NumberFault::Overflow => "at most 28 digits",
            NumberFault::Censored | NumberFault::NotFinite | NumberFault::SpreadsheetError => {
                "a number, or a blank cell where there is none"
            }
            _ => "a number such as 1234.56",
        }
    }

    /// What to do about it.
    pub const fn help(self) -> &'static str {
        match self {
            NumberFault::OtherMark { .. } => "export the column in one format, or say --decimal comma|point",
            NumberFault::SpreadsheetError => "correct or clear the formula and export again",
            NumberFault::Censored => "export exact numbers, or clear the cell and it counts as missing",
            NumberFault::Groups | NumberFault::Cut | NumberFault::Overflow => "correct the cell, or export again",
            _ => "correct or clear the cell; if the column holds no numbers, say what it is in [columns] of mak.toml",
        }
    }

    /// The finding about the cell at that place.
    pub fn finding(self, place: Place, cell: &str) -> Finding {
        Finding::new(self.code(), place, self.message()).saw(cell).expected(self.expected()).help(self.help())
    }
}
