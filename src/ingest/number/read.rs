//! Digits with their decimal and thousands marks to an exact number.

use super::{DecimalMark, NumberFault};
use crate::ingest::digits::{Script, digit};

/// Most digits after the decimal mark: what a decimal of 96 bits can hold.
pub(super) const MAX_SCALE: u32 = 28;

/// Largest exponent that is looked at; more overflows whatever the digits are.
const MAX_EXPONENT: i32 = 10_000;

/// `mantissa × 10^-scale`, not negative.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Scaled {
    pub(super) mantissa: i128,
    pub(super) scale: u32,
}

/// A character between digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mark {
    Point,
    Comma,
    Blank,
    Apostrophe,
    ArabicThousands,
    ArabicDecimal,
}

impl Mark {
    const fn of(c: char) -> Option<Mark> {
        Some(match c {
            '.' | '．' => Mark::Point,
            ',' | '，' => Mark::Comma,
            // Blank, no-break space, figure space, thin space, narrow no-break space.
            ' ' | '\u{A0}' | '\u{2007}' | '\u{2009}' | '\u{202F}' => Mark::Blank,
            '\'' | '’' => Mark::Apostrophe,
            '٬' => Mark::ArabicThousands,
            '٫' => Mark::ArabicDecimal,
            _ => return None,
        })
    }

    /// Whether it parts whole and fraction when the column's decimal mark is that.
    fn is_decimal(self, decimal: DecimalMark) -> bool {
        match self {
            Mark::Point => decimal == DecimalMark::Point,
            Mark::Comma => decimal == DecimalMark::Comma,
            Mark::ArabicDecimal => true,
            _ => false,
        }
    }
}

/// Whether the character may stand inside a number.
pub(super) fn is_mark(c: char) -> bool {
    Mark::of(c).is_some()
}

/// Reads digits and marks under that decimal mark, times ten to the `power`.
///
/// # Errors
/// [`NumberFault::Groups`], [`NumberFault::Cut`], [`NumberFault::MixedScripts`],
/// [`NumberFault::Overflow`] or [`NumberFault::NotANumber`].
pub(super) fn read(core: &str, decimal: DecimalMark, power: i32) -> Result<Scaled, NumberFault> {
    let (digits, exponent) = match core.split_once(['e', 'E']) {
        Some((digits, exponent)) => (digits, Some(read_exponent(exponent)?)),
        None => (core, None),
    };
    let mut number = Accumulator::default();
    let mut groups = Groups::default();
    let mut script: Option<Script> = None;
    let mut whole_digits = false;
    let mut in_fraction = false;
    let mut fraction_digits = false;
    for c in digits.chars() {
        if let Some((of, value)) = digit(c) {
            if *script.get_or_insert(of) != of {
                return Err(NumberFault::MixedScripts);
            }
            if in_fraction {
                fraction_digits = true;
                number.fraction_digit(value)?;
            } else {
                whole_digits = true;
                groups.digit(value);
                number.whole_digit(value)?;
            }
            continue;
        }
        let mark = Mark::of(c).ok_or(NumberFault::NotANumber)?;
        if in_fraction {
            return Err(NumberFault::Groups);
        }
        if mark.is_decimal(decimal) {
            in_fraction = true;
        } else {
            groups.mark(mark)?;
        }
    }
    if !fraction_digits && (in_fraction || !whole_digits) {
        return Err(NumberFault::Cut);
    }
    groups.end()?;
    if exponent.is_some() && groups.mark.is_some() {
        return Err(NumberFault::Groups);
    }
    number.times_power_of_ten(exponent.unwrap_or(0).saturating_add(power))
}

fn read_exponent(text: &str) -> Result<i32, NumberFault> {
    let (negative, digits) = match text.as_bytes() {
        [b'-', rest @ ..] => (true, rest),
        [b'+', rest @ ..] | rest => (false, rest),
    };
    if digits.is_empty() || !digits.iter().all(u8::is_ascii_digit) {
        return Err(NumberFault::NotANumber);
    }
    let mut value: i32 = 0;
    for byte in digits {
        value = value.saturating_mul(10).saturating_add(i32::from(byte.wrapping_sub(b'0'))).min(MAX_EXPONENT);
    }
    Ok(if negative { value.saturating_neg() } else { value })
}

/// Checks the sizes of the groups between thousands marks.
#[derive(Default)]
struct Groups {
    mark: Option<Mark>,
    /// Digits since the last mark.
    current: u32,
    /// Digits before the first mark.
    first: u32,
    starts_with_zero: bool,
    /// Whether every group between first and last has three digits; two digits.
    threes: bool,
    twos: bool,
    /// Groups between the first and the last.
    middle: u32,
}

impl Groups {
    fn digit(&mut self, value: u8) {
        if self.current == 0 && self.mark.is_none() {
            self.starts_with_zero = value == 0;
        }
        self.current = self.current.saturating_add(1);
    }

    fn mark(&mut self, mark: Mark) -> Result<(), NumberFault> {
        match self.mark {
            None => {
                self.mark = Some(mark);
                self.first = self.current;
                self.threes = true;
                self.twos = true;
            }
            Some(known) if known != mark => return Err(NumberFault::Groups),
            Some(_) => {
                self.middle = self.middle.saturating_add(1);
                self.threes &= self.current == 3;
                self.twos &= self.current == 2;
            }
        }
        self.current = 0;
        Ok(())
    }

    fn end(&self) -> Result<(), NumberFault> {
        let Some(mark) = self.mark else { return Ok(()) };
        let western = self.threes && (1..=3).contains(&self.first);
        // Only commas part lakhs and crores; twos with points or blanks are dates and phone numbers.
        let indian = mark == Mark::Comma && self.twos && self.middle > 0 && (1..=2).contains(&self.first);
        // No one writes 0,125 for 125: a leading zero shows that the mark is no thousands mark.
        let sound = (western || indian) && self.current == 3 && !self.starts_with_zero;
        if sound { Ok(()) } else { Err(NumberFault::Groups) }
    }
}

/// Adds up digits, keeping trailing zeros of the fraction aside so that they never overflow.
#[derive(Default)]
struct Accumulator {
    mantissa: i128,
    scale: u32,
    pending_zeros: u32,
}

impl Accumulator {
    fn whole_digit(&mut self, value: u8) -> Result<(), NumberFault> {
        self.mantissa =
            self.mantissa.checked_mul(10).and_then(|m| m.checked_add(i128::from(value))).ok_or(NumberFault::Overflow)?;
        Ok(())
    }

    fn fraction_digit(&mut self, value: u8) -> Result<(), NumberFault> {
        if value == 0 {
            self.pending_zeros = self.pending_zeros.saturating_add(1);
            return Ok(());
        }
        // Beyond the scale that an exponent could bring back there is no use in multiplying on.
        if self.pending_zeros > MAX_EXPONENT.unsigned_abs() {
            return Err(NumberFault::Overflow);
        }
        while self.pending_zeros > 0 {
            self.take_zero().ok_or(NumberFault::Overflow)?;
        }
        self.whole_digit(value)?;
        self.scale = self.scale.saturating_add(1);
        Ok(())
    }

    /// Moves one pending zero into the mantissa, when it has room.
    fn take_zero(&mut self) -> Option<()> {
        self.mantissa = self.mantissa.checked_mul(10)?;
        self.scale = self.scale.checked_add(1)?;
        self.pending_zeros = self.pending_zeros.checked_sub(1)?;
        Some(())
    }

    fn times_power_of_ten(mut self, power: i32) -> Result<Scaled, NumberFault> {
        // Zeros that were printed are kept while there is room: 12.50 stays 12.50.
        while self.pending_zeros > 0 && self.scale < MAX_SCALE && self.take_zero().is_some() {}
        let shift = i64::from(power).saturating_sub(i64::from(self.scale));
        if self.mantissa == 0 {
            let scale = u32::try_from(shift.saturating_neg()).unwrap_or(0).min(MAX_SCALE);
            return Ok(Scaled { mantissa: 0, scale });
        }
        if let Ok(zeros) = u32::try_from(shift) {
            let factor = 10_i128.checked_pow(zeros).ok_or(NumberFault::Overflow)?;
            let mantissa = self.mantissa.checked_mul(factor).ok_or(NumberFault::Overflow)?;
            return Ok(Scaled { mantissa, scale: 0 });
        }
        let mut scale = u32::try_from(shift.saturating_neg()).map_err(|_| NumberFault::Overflow)?;
        while scale > MAX_SCALE && self.mantissa % 10 == 0 {
            self.mantissa /= 10;
            scale = scale.saturating_sub(1);
        }
        if scale > MAX_SCALE {
            return Err(NumberFault::Overflow);
        }
        Ok(Scaled { mantissa: self.mantissa, scale })
    }
}
