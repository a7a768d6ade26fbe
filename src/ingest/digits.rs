//! Decimal digits of the scripts that exports are written in.

/// A script that has its own ten digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Script {
    /// 0123456789
    Ascii,
    /// ٠١٢٣٤٥٦٧٨٩
    Arabic,
    /// ۰۱۲۳۴۵۶۷۸۹
    Persian,
    /// ๐๑๒๓๔๕๖๗๘๙
    Thai,
    /// ０１２３４５６７８９
    FullWidth,
}

impl Script {
    /// Every script, with the code point of its zero.
    const ZEROS: [(Script, u32); 5] = [
        (Script::Ascii, 0x30),
        (Script::Arabic, 0x660),
        (Script::Persian, 0x6F0),
        (Script::Thai, 0xE50),
        (Script::FullWidth, 0xFF10),
    ];
}

/// The digit's script and value.
pub(crate) fn digit(c: char) -> Option<(Script, u8)> {
    Script::ZEROS.iter().find_map(|(script, zero)| {
        let value = u8::try_from(u32::from(c).checked_sub(*zero)?).ok()?;
        (value <= 9).then_some((*script, value))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ten_digits_of_each_script_and_nothing_beside_them() {
        let all = "0123456789٠١٢٣٤٥٦٧٨٩۰۱۲۳۴۵۶۷۸۹๐๑๒๓๔๕๖๗๘๙０１２３４５６７８９";
        let values: Vec<u8> = all.chars().filter_map(|c| digit(c).map(|(_, value)| value)).collect();
        let expected: Vec<u8> = (0..50).map(|index| index % 10).collect();
        assert_eq!(values, expected);
        for c in "/:٫٬๛／：²½一a".chars() {
            assert_eq!(digit(c), None, "{c}");
        }
    }
}
