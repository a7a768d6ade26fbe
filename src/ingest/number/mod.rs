//! Cells to exact numbers.
//!
//! A column is read in two passes. The first observes every cell ([`NumberEvidence`]) and takes
//! one decision for the whole column: whether its decimal mark is a point or a comma
//! ([`NumberEvidence::decide`]). The second reads each cell under that decision ([`parse`]). A
//! cell such as `1,234` never decides by itself: it is 1234 or 1.234, and only the column, the
//! file, the platform or the user can tell.
//!
//! **Owns** what a number looks like: marks, groups, signs, percentages, currencies beside
//! digits, shortened thousands, digits of other scripts. **Does not know** files, headers or
//! measures: whether a percentage or a fraction is right for the column is the caller's question.
//!
//! `plain.rs` is the fast path, `undress.rs` takes off what stands around the digits, `read.rs`
//! knows marks and the sizes of groups, `evidence.rs` holds what a column shows and decides.

mod evidence;
mod fault;
pub(crate) mod plain;
mod read;
mod undress;

#[cfg(test)]
mod tests;

use rust_decimal::Decimal;

pub use evidence::{FileMarks, NumberEvidence, NumberHint, NumberProblem};
pub use fault::NumberFault;

use super::currency::Currency;
use read::{Scaled, read};
use undress::{Undressed, Written, undress};

/// The character between whole and fraction.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum DecimalMark {
    /// 1,234.56
    Point,
    /// 1.234,56
    Comma,
}

impl DecimalMark {
    /// The other one.
    #[must_use]
    pub const fn other(self) -> Self {
        match self {
            DecimalMark::Point => DecimalMark::Comma,
            DecimalMark::Comma => DecimalMark::Point,
        }
    }

    /// The mark itself.
    pub(crate) const fn byte(self) -> u8 {
        match self {
            DecimalMark::Point => b'.',
            DecimalMark::Comma => b',',
        }
    }

    /// The word for it, as `--decimal` takes it.
    pub const fn word(self) -> &'static str {
        match self {
            DecimalMark::Point => "point",
            DecimalMark::Comma => "comma",
        }
    }
}

/// What settled the decimal mark of a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SettledBy {
    /// The user said so.
    Flag,
    /// A cell of the column on this line can be read in one way only.
    Column {
        /// Physical line of that cell.
        line: u64,
    },
    /// The column counts things, so a comma before three digits parts thousands.
    Whole,
    /// Other columns of the file.
    File,
    /// The platform always writes so.
    Profile,
    /// No cell has a mark that could be read in two ways.
    Nothing,
}

/// How the cells of a column are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NumberStyle {
    /// The decimal mark.
    pub decimal: DecimalMark,
    /// Why, for `mak inspect`.
    pub settled_by: SettledBy,
}

impl NumberStyle {
    /// The style with that mark, as the user said.
    pub const fn given(decimal: DecimalMark) -> Self {
        NumberStyle { decimal, settled_by: SettledBy::Flag }
    }
}

/// What a cell holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NumberCell {
    /// Blank, `--`, `n/a` and the like: no value, which is not 0.
    Missing,
    /// A number.
    Number(Amount),
}

/// A number as it is written: `mantissa × 10^-scale`, exact.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Amount {
    /// The digits as an integer with its sign.
    pub mantissa: i128,
    /// Digits after the decimal mark, at most 28.
    pub scale: u32,
    /// Whether a percent sign follows; the mantissa is as printed, 12.5 for `12.5%`.
    pub percent: bool,
    /// The currency written beside the number.
    pub currency: Option<Currency>,
    /// The rate printed in brackets behind a count, as a fraction: 0.3518 in `350 (35.18%)`.
    pub rate: Option<Decimal>,
}

impl Amount {
    /// The number with neither percent sign nor currency.
    const fn bare(mantissa: i128, scale: u32) -> Self {
        Amount { mantissa, scale, percent: false, currency: None, rate: None }
    }

    /// The value, with a percentage as a fraction: `12.5%` is 0.125. Keeps the digits printed:
    /// `1.50` has scale 2.
    ///
    /// # Errors
    /// [`NumberFault::Overflow`] when it does not fit in 96 bits at a scale up to 28.
    pub fn value(&self) -> Result<Decimal, NumberFault> {
        let scale = if self.percent { self.scale.saturating_add(2) } else { self.scale };
        decimal(self.mantissa, scale)
    }

    /// The number as printed, without regard to a percent sign: `12.5%` is 12.5.
    ///
    /// # Errors
    /// [`NumberFault::Overflow`] when it does not fit in 96 bits at a scale up to 28.
    pub fn printed(&self) -> Result<Decimal, NumberFault> {
        decimal(self.mantissa, self.scale)
    }

    /// The whole number that it is; `None` when it has a fraction (`64517.0` has none) or is a
    /// percentage.
    pub fn whole(&self) -> Option<i128> {
        let unit = 10_i128.checked_pow(self.scale)?;
        (!self.percent && self.mantissa.checked_rem(unit)? == 0).then(|| self.mantissa.checked_div(unit)).flatten()
    }
}

/// The decimal of a mantissa and a scale; trailing zeros go where there is no room for them.
fn decimal(mut mantissa: i128, mut scale: u32) -> Result<Decimal, NumberFault> {
    loop {
        if let Ok(value) = Decimal::try_from_i128_with_scale(mantissa, scale) {
            return Ok(value);
        }
        if scale == 0 || mantissa % 10 != 0 {
            return Err(NumberFault::Overflow);
        }
        mantissa /= 10;
        scale = scale.saturating_sub(1);
    }
}

/// Reads a cell under the style of its column.
///
/// # Errors
/// The cell is no number under that style; the caller adds the place to the fault.
#[inline]
pub fn parse(cell: &str, style: &NumberStyle) -> Result<NumberCell, NumberFault> {
    match plain::read(cell.as_bytes()) {
        Some(plain) if !plain.has_point || style.decimal == DecimalMark::Point => {
            Ok(NumberCell::Number(Amount::bare(plain.mantissa.into(), plain.scale)))
        }
        _ => parse_dressed(cell, style.decimal),
    }
}

/// What stands in front of the digits of an amount and behind them, where that is its currency and nothing else.
pub(crate) fn dress_of(cell: &str) -> Option<(&str, &str)> {
    let Ok(Undressed::Written(written)) = undress(cell) else { return None };
    let Written { core, negative, percent, currency, power, rate } = written;
    let is_amount = !negative && !percent && power == 0 && rate.is_none();
    let ends_in_digits = core.starts_with(|c: char| c.is_ascii_digit()) && core.ends_with(|c: char| c.is_ascii_digit());
    currency.filter(|_| is_amount && ends_in_digits)?;
    // No digit stands in front of the first one.
    cell.split_once(core).filter(|(front, back)| !front.contains(['(', '+']) && !back.contains([')', '+']))
}

/// Reads a cell that is more than plain digits.
#[cold]
fn parse_dressed(cell: &str, mark: DecimalMark) -> Result<NumberCell, NumberFault> {
    match undress(cell)? {
        Undressed::Missing => Ok(NumberCell::Missing),
        Undressed::Written(written) => written.amount(mark).map(NumberCell::Number).map_err(|fault| {
            // The cell is right in itself, only not in this column.
            let elsewhere = fault != NumberFault::Overflow && written.amount(mark.other()).is_ok();
            if elsewhere { NumberFault::OtherMark { decimal: mark } } else { fault }
        }),
    }
}

impl Written<'_> {
    /// The number under that decimal mark.
    fn amount(&self, mark: DecimalMark) -> Result<Amount, NumberFault> {
        let Scaled { mantissa, scale } = read(self.core, mark, self.power)?;
        let mantissa = if self.negative { mantissa.checked_neg().ok_or(NumberFault::Overflow)? } else { mantissa };
        let rate = match self.rate {
            None => None,
            Some(core) => {
                let rate = read(core, mark, 0)?;
                Some(Amount { percent: true, ..Amount::bare(rate.mantissa, rate.scale) }.value()?)
            }
        };
        Ok(Amount { mantissa, scale, percent: self.percent, currency: self.currency, rate })
    }
}
