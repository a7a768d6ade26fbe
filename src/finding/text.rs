//! Text from files made safe to print, and the nearest known name.

use unicode_width::UnicodeWidthChar;

/// Longest excerpt of a cell in a message, in characters.
const EXCERPT: usize = 40;

/// The text with everything that could move a cursor, hide itself or reorder the line made
/// visible: control characters, DEL, C1, bidirectional marks, zero-width characters.
pub fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c if is_unsafe(c) => out.extend(c.escape_unicode()),
            c => out.push(c),
        }
    }
    out
}

fn is_unsafe(c: char) -> bool {
    let invisible = matches!(c, '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{2069}' | '\u{FEFF}' | '\u{2028}' | '\u{2029}' | '\u{061C}');
    // The joiners keep emoji and Persian words together; they reorder nothing.
    let joiner = matches!(c, '\u{200C}' | '\u{200D}');
    c.is_control() || (invisible && !joiner) || (c.width().is_none())
}

/// The text escaped and cut to 40 characters.
pub fn excerpt(text: &str) -> String {
    let escaped = escape(text);
    if escaped.chars().count() <= EXCERPT {
        return escaped;
    }
    let mut cut: String = escaped.chars().take(EXCERPT - 1).collect();
    cut.push('…');
    cut
}

/// A number of things in words: `1 row`, `2 rows`. The noun is one whose plural ends in s.
pub fn counted(count: u64, noun: &str) -> String {
    format!("{count} {}", plural(count, noun))
}

/// The noun alone, for that number of things.
pub fn plural(count: u64, noun: &str) -> String {
    if count == 1 { noun.to_owned() } else { format!("{noun}s") }
}

/// The known name nearest to what was written, when one is near enough to be meant.
pub fn nearest<'a>(written: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let written = written.to_lowercase();
    let mut best: Option<(usize, &str)> = None;
    for name in known {
        let distance = strsim::damerau_levenshtein(&written, &name.to_lowercase());
        if best.is_none_or(|(least, _)| distance < least) {
            best = Some((distance, name));
        }
    }
    let (distance, name) = best?;
    let longest = written.chars().count().max(name.chars().count());
    // One slip in a short name, one for each four letters of a longer one; or a name cut short.
    let slip = distance <= 1.max(longest / 4) && distance < longest;
    let cut_short = written.chars().count() > 2 && name.to_lowercase().starts_with(&written);
    (slip || cut_short).then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_could_act_on_a_terminal_is_made_visible() {
        assert_eq!(escape("a\u{1b}[2Jb\r\n\u{202e}c\u{9b}"), "a\\u{1b}[2Jb\\r\\n\\u{202e}c\\u{9b}");
        assert_eq!(escape("Ünïcode 👩‍💻 ok"), "Ünïcode 👩‍💻 ok");
    }

    #[test]
    fn excerpts_are_cut_at_forty_characters() {
        assert_eq!(excerpt(&"x".repeat(100)).chars().count(), 40);
        assert_eq!(excerpt("short"), "short");
    }

    #[test]
    fn one_is_singular() {
        assert_eq!([0, 1, 2].map(|count| counted(count, "row")), ["0 rows", "1 row", "2 rows"]);
    }

    #[test]
    fn the_nearest_name_is_found_only_when_it_is_near() {
        assert_eq!(nearest("opn_rate", ["open_rate", "ctr"]), Some("open_rate"));
        assert_eq!(nearest("zebra", ["open_rate", "ctr"]), None);
    }
}
