//! Header names: made comparable, and matched against the columns of a profile.

use std::sync::Arc;

use super::profile::Column;

/// The name in the form in which names are compared: lower case, without quotes, a byte-order
/// mark or padding, with one blank for each run of blanks, no-break spaces and underscores.
pub fn normal(name: &str) -> String {
    normal_chars(name).collect()
}

/// Whether the name, made comparable, is this one. Nothing is allocated: a header is compared
/// with every spelling of every platform.
fn is_spelled(normal_name: &str, spelling: &str) -> bool {
    may_be_spelled(normal_name, spelling) && normal_chars(spelling).eq(normal_name.chars())
}

/// A look at the first letter, which settles nearly all of the comparisons.
fn may_be_spelled(normal_name: &str, spelling: &str) -> bool {
    initial(spelling).is_none_or(|letter| normal_name.as_bytes().first() == Some(&letter))
}

/// The first byte of the normal form of a name that begins with an ASCII letter or digit.
fn initial(name: &str) -> Option<u8> {
    name.as_bytes().first().filter(|letter| letter.is_ascii_alphanumeric()).map(u8::to_ascii_lowercase)
}

/// A bit for a byte that a name begins with; several share one.
fn bit(byte: u8) -> u64 {
    1 << (byte & 63)
}

/// Whether the name, made comparable, begins as the spelling does in front of `{`.
fn begins_as(normal_name: &str, spelling: &str) -> bool {
    let mut letters = normal_name.chars();
    may_be_spelled(normal_name, spelling) && normal_chars(spelling).take_while(|c| *c != '{').all(|c| letters.next() == Some(c))
}

/// The characters of [`normal`], one by one.
fn normal_chars(name: &str) -> impl Iterator<Item = char> {
    let mut begun = false;
    let mut blank = false;
    let kept = name.chars().filter(|c| !matches!(c, '"' | '\u{FEFF}' | '\u{200B}' | '\u{200E}' | '\u{200F}'));
    kept.flat_map(move |c| {
        let is_blank = c.is_whitespace() || c == '_';
        // A blank is due only once something follows it, so that none stands at the end.
        let due = !is_blank && blank && begun;
        blank = is_blank && (begun || blank);
        begun |= !is_blank;
        let letters = (!is_blank).then(|| c.to_lowercase()).into_iter().flatten();
        due.then_some(' ').into_iter().chain(letters)
    })
}

/// A row of names in both forms.
#[derive(Clone, Debug)]
pub struct Header {
    /// Physical line on which it stands.
    pub line: u64,
    /// The names as written, trimmed.
    pub names: Vec<Arc<str>>,
    normal: Vec<String>,
    /// The bytes that normal names begin with.
    initials: u64,
}

/// Where a column of a profile was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// Number of the column, counted from 0.
    pub index: usize,
    /// Currency code captured by `{currency}`.
    pub currency: Option<String>,
}

impl Header {
    /// The header that these cells make up.
    pub fn new<'a>(line: u64, cells: impl Iterator<Item = &'a str>) -> Self {
        let names: Vec<Arc<str>> = cells.map(|cell| Arc::from(cell.trim_matches(['\u{FEFF}', ' ', '\u{A0}', '\t']))).collect();
        let normal: Vec<String> = names.iter().map(|name| normal(name)).collect();
        let initials = normal.iter().filter_map(|name| name.bytes().next()).fold(0, |bits, byte| bits | bit(byte));
        Header { line, names, normal, initials }
    }

    /// Number of columns.
    pub fn len(&self) -> usize {
        self.names.len()
    }

    /// Whether there is no column.
    pub fn is_empty(&self) -> bool {
        self.names.is_empty()
    }

    /// The name in its comparable form.
    pub fn normal(&self, index: usize) -> &str {
        self.normal.get(index).map_or("", String::as_str)
    }

    /// All places of one spelling.
    pub fn find(&self, spelling: &str) -> Vec<Found> {
        // Of the spellings of all platforms nearly none begins as a name of this header.
        if initial(spelling).is_some_and(|letter| self.initials & bit(letter) == 0) {
            return Vec::new();
        }
        if !spelling.as_bytes().contains(&b'{') {
            let places = self.normal.iter().enumerate().filter(|(_, name)| is_spelled(name, spelling));
            return places.map(|(index, _)| Found { index, currency: None }).collect();
        }
        let begin = |name: &String| begins_as(name, spelling);
        if !self.normal.iter().any(begin) {
            return Vec::new();
        }
        let wanted = normal(spelling);
        let Some((before, after)) = wanted.split_once("{currency}") else { return Vec::new() };
        let matching = |name: &String| {
            let code = name.strip_prefix(before)?.strip_suffix(after)?;
            (code.len() == 3 && code.bytes().all(|b| b.is_ascii_lowercase())).then(|| Some(code.to_ascii_uppercase()))
        };
        let found = self.normal.iter().enumerate();
        found.filter_map(|(index, name)| matching(name).map(|currency| Found { index, currency })).collect()
    }

    /// The places of a column's spellings, preferred spelling first.
    pub fn find_column(&self, column: &Column) -> Vec<Found> {
        column.names.iter().flat_map(|name| self.find(name)).collect()
    }

    /// Whether any column has that spelling.
    pub fn has(&self, spelling: &str) -> bool {
        !self.find(spelling).is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ingest::profile::{Role, col};

    #[test]
    fn names_are_compared_without_case_padding_quotes_and_kinds_of_blanks() {
        assert_eq!(normal(" \u{FEFF}\"\"Campaign\u{A0} Name\"\" "), "campaign name");
        assert_eq!(normal("campaign_name"), "campaign name");
        assert_eq!(normal("Montant dépensé (USD)"), "montant dépensé (usd)");
    }

    #[test]
    fn a_spelling_is_found_however_it_is_written() {
        for spelling in ["Email Name", "email_name", " EMAIL  name ", "\u{FEFF}E-mail", "\u{130}d", "K\u{212A}"] {
            let name = normal(spelling);
            assert!(is_spelled(&name, spelling), "{spelling:?}");
            assert!(!is_spelled(&name, "Date") && !is_spelled("date", spelling), "{spelling:?}");
        }
    }

    #[test]
    fn a_currency_in_the_header_is_captured() {
        let header = Header::new(1, ["Amount spent (EGP)", "CPM (cost per 1,000 impressions) (EGP)"].into_iter());
        let column = col(&["Amount spent ({currency})"], Role::Ignored);
        assert_eq!(header.find_column(&column), [Found { index: 0, currency: Some("EGP".into()) }]);
        assert!(!header.has("Amount spent"));
    }

    #[test]
    fn every_spelling_of_every_platform_is_found_where_it_stands_and_nowhere_else() {
        let spellings: Vec<&str> =
            crate::ingest::profile::all().flat_map(|profile| profile.columns).flat_map(|column| column.names).copied().collect();
        let mut wide = Vec::new();
        for spelling in &spellings {
            let name = spelling.replace("{currency}", "EUR");
            assert!(Header::new(1, std::iter::once(name.as_str())).has(spelling), "{spelling}");
            wide.push(name);
        }
        for names in wide.chunks(40) {
            let header = Header::new(1, names.iter().map(String::as_str));
            for spelling in &spellings {
                let wanted = normal(&spelling.replace("{currency}", "EUR"));
                let places: Vec<usize> = (0..header.len()).filter(|index| header.normal(*index) == wanted).collect();
                let found: Vec<usize> = header.find(spelling).iter().map(|found| found.index).collect();
                // Another currency's name may be among the spellings themselves.
                assert!(found == places || (spelling.contains("{currency}") && found.len() > places.len()), "{spelling}");
            }
        }
    }
}
