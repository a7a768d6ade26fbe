//! Names of months and weekdays in the languages that exports are written in.
//!
//! Names are compared without case and without accents. A spelling that means different months
//! in two languages has no place here.

use jiff::civil::Weekday;

/// English, French, German, Spanish, Dutch, Italian, Portuguese: names, then abbreviations.
const MONTHS: [&[&str]; 12] = [
    &["january", "janvier", "januar", "janner", "enero", "januari", "gennaio", "janeiro", "jan", "janv", "ene", "gen"],
    &["february", "fevrier", "februar", "febrero", "februari", "febbraio", "fevereiro", "feb", "fev", "fevr"],
    &["march", "mars", "marz", "marzo", "maart", "marco", "mar", "mrz", "mrt"],
    &["april", "avril", "abril", "aprile", "apr", "avr", "abr"],
    &["may", "mai", "mayo", "mei", "maggio", "maio", "mag"],
    &["june", "juin", "juni", "junio", "giugno", "junho", "jun", "giu"],
    &["july", "juillet", "juli", "julio", "luglio", "julho", "jul", "juil", "lug"],
    &["august", "aout", "agosto", "augustus", "aug", "ago"],
    &["september", "septembre", "septiembre", "setiembre", "settembre", "setembro", "sep", "sept", "set"],
    &["october", "octobre", "oktober", "octubre", "ottobre", "outubro", "oct", "okt", "ott", "out"],
    &["november", "novembre", "noviembre", "novembro", "nov"],
    &["december", "decembre", "dezember", "diciembre", "dicembre", "dezembro", "dec", "dez", "dic"],
];

/// Weekdays of the same languages, Monday first. `mar` is left out: it is March before it is
/// a French Tuesday.
const WEEKDAYS: [&[&str]; 7] = [
    &["monday", "lundi", "montag", "lunes", "maandag", "lunedi", "mon", "lun", "mo", "ma", "seg"],
    &["tuesday", "mardi", "dienstag", "martes", "dinsdag", "martedi", "tue", "tues", "di", "ter"],
    &["wednesday", "mercredi", "mittwoch", "miercoles", "woensdag", "mercoledi", "wed", "mer", "mi", "mie", "wo", "qua"],
    &[
        "thursday",
        "jeudi",
        "donnerstag",
        "jueves",
        "donderdag",
        "giovedi",
        "thu",
        "thur",
        "thurs",
        "jeu",
        "do",
        "jue",
        "gio",
        "qui",
    ],
    &["friday", "vendredi", "freitag", "viernes", "vrijdag", "venerdi", "fri", "ven", "fr", "vie", "vr", "sex"],
    &["saturday", "samedi", "samstag", "sonnabend", "sabado", "zaterdag", "sabato", "sat", "sam", "sa", "sab", "za"],
    &["sunday", "dimanche", "sonntag", "domingo", "zondag", "domenica", "sun", "dim", "so", "dom", "zo"],
];

/// The month of that name, from 1.
pub(super) fn month(name: &str) -> Option<i8> {
    i8::try_from(position(&MONTHS, name)?).ok()?.checked_add(1)
}

/// The weekday of that name.
pub(super) fn weekday(name: &str) -> Option<Weekday> {
    Weekday::from_monday_zero_offset(i8::try_from(position(&WEEKDAYS, name)?).ok()?).ok()
}

/// The row of the table that has the name.
fn position(table: &[&[&str]], name: &str) -> Option<usize> {
    let folded = Folded::of(name)?;
    table.iter().position(|names| names.iter().any(|known| known.as_bytes() == folded.bytes()))
}

/// Letters of the longest name, `septiembre`, and some.
const LONGEST: usize = 12;

/// A name in lower case and without accents, in place.
struct Folded {
    letters: [u8; LONGEST],
    len: usize,
}

impl Folded {
    /// `None` when the name is too long, or has letters that no name in the tables has.
    fn of(name: &str) -> Option<Folded> {
        let mut folded = Folded { letters: [0; LONGEST], len: 0 };
        for c in name.chars().flat_map(char::to_lowercase) {
            let letter = u8::try_from(without_accent(c)).ok().filter(u8::is_ascii_lowercase)?;
            *folded.letters.get_mut(folded.len)? = letter;
            folded.len = folded.len.saturating_add(1);
        }
        Some(folded)
    }

    fn bytes(&self) -> &[u8] {
        self.letters.get(..self.len).unwrap_or_default()
    }
}

const fn without_accent(c: char) -> char {
    match c {
        'á' | 'à' | 'â' | 'ä' | 'ã' => 'a',
        'é' | 'è' | 'ê' => 'e',
        'í' | 'ì' => 'i',
        'ó' | 'ò' | 'ô' => 'o',
        'û' | 'ù' | 'ú' => 'u',
        'ç' => 'c',
        _ => c,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_spelling_means_two_months_or_two_weekdays() {
        let mut months: Vec<&str> = MONTHS.iter().flat_map(|names| names.iter().copied()).collect();
        let mut weekdays: Vec<&str> = WEEKDAYS.iter().flat_map(|names| names.iter().copied()).collect();
        assert!(weekdays.iter().all(|name| month(name).is_none() && weekday(name).is_some()));
        assert!(months.iter().all(|name| month(name).is_some() && weekday(name).is_none()));
        for names in [&mut months, &mut weekdays] {
            let count = names.len();
            names.sort_unstable();
            names.dedup();
            assert_eq!(names.len(), count);
        }
    }

    #[test]
    fn case_and_accents_do_not_matter() {
        assert_eq!(month("AOÛT"), Some(8));
        assert_eq!(month("Février"), Some(2));
        assert_eq!(month("Mär"), Some(3));
        assert_eq!(month("März"), Some(3));
        assert_eq!(month("dez"), Some(12));
        assert_eq!(month("ju"), None);
        assert_eq!(weekday("Miércoles"), Some(Weekday::Wednesday));
        assert_eq!(weekday("Sun"), Some(Weekday::Sunday));
    }
}
