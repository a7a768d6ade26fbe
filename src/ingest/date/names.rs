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
    let index = MONTHS.iter().position(|names| names.iter().any(|known| is_same(name, known)))?;
    i8::try_from(index).ok()?.checked_add(1)
}

/// The weekday of that name.
pub(super) fn weekday(name: &str) -> Option<Weekday> {
    let index = WEEKDAYS.iter().position(|names| names.iter().any(|known| is_same(name, known)))?;
    Weekday::from_monday_zero_offset(i8::try_from(index).ok()?).ok()
}

fn is_same(name: &str, known: &str) -> bool {
    name.chars().flat_map(char::to_lowercase).map(without_accent).eq(known.chars())
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
        assert!(weekdays.iter().all(|name| month(name).is_none()));
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
