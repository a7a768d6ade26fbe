//! The fast path: plain ASCII digits with at most one point and a minus sign.

/// Most digits that are read here: their value fits in 64 bits whatever they are.
const DIGITS: usize = 18;

/// A number of plain digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Plain {
    /// The digits with their sign.
    pub(crate) mantissa: i64,
    /// Digits after the point.
    pub(crate) scale: u32,
    /// Whether there is a point.
    pub(crate) has_point: bool,
    /// Digits before the point.
    pub(crate) whole_digits: usize,
    /// Whether the first digit is a 0.
    pub(crate) starts_with_zero: bool,
}

/// The number when the cell is that plain; otherwise the long way must look at it.
#[inline]
pub(crate) fn read(cell: &[u8]) -> Option<Plain> {
    let (negative, digits) = match cell {
        [b'-', rest @ ..] => (true, rest),
        _ => (false, cell),
    };
    if digits.len() > DIGITS {
        return None;
    }
    let starts_with_zero = *digits.first()? == b'0';
    let mut value: i64 = 0;
    let mut point = None;
    for (index, byte) in digits.iter().enumerate() {
        let digit = byte.wrapping_sub(b'0');
        if digit <= 9 {
            // Eighteen digits stay below 10^18, so wrapping never happens.
            value = value.wrapping_mul(10).wrapping_add(i64::from(digit));
        } else if *byte == b'.' && point.is_none() {
            point = Some(index);
        } else {
            return None;
        }
    }
    let whole_digits = point.unwrap_or(digits.len());
    let fraction = point.map_or(0, |at| digits.len().wrapping_sub(at).wrapping_sub(1));
    // `.5` is for the long way, `5.` for its refusal.
    if whole_digits == 0 || (point.is_some() && fraction == 0) {
        return None;
    }
    let mantissa = if negative { value.wrapping_neg() } else { value };
    Some(Plain { mantissa, scale: u32::try_from(fraction).ok()?, has_point: point.is_some(), whole_digits, starts_with_zero })
}
