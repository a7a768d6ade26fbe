//! Bytes to text, strictly.
//!
//! **Owns** which encoding a file is in and why, and the streaming decoder with its bounded
//! buffers. Nothing is ever replaced or left out: what cannot be decoded is a finding with its
//! byte offset.
//!
//! **Does not know** lines: whoever reads the text adds the line to a finding from here.

use std::io::{ErrorKind, Read};

use encoding_rs::{Decoder, DecoderResult, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252};

use super::source::read_finding;
use crate::finding::{Code, Finding, Place};

/// A character encoding of the WHATWG standard.
pub type Encoding = &'static encoding_rs::Encoding;

/// Bytes read at a time, unless a test asks for fewer.
pub const BUFFER: usize = 64 * 1024;

/// What to do about a file that ends within a character.
const CUT: &str = "the file was cut short: export or copy it again";

/// Bytes of `windows-1252` that stand for no character.
const UNASSIGNED_IN_WINDOWS_1252: [u8; 5] = [0x81, 0x8D, 0x8F, 0x90, 0x9D];

/// The encoding of that name: `utf-8`, `utf-16le`, `utf-16be`, `windows-1252`, `latin1` and every
/// other label of the WHATWG standard, in any case.
pub fn by_label(label: &str) -> Option<Encoding> {
    encoding_rs::Encoding::for_label_no_replacement(label.as_bytes())
}

/// What a file is encoded in, and how that is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decided {
    /// The encoding.
    pub encoding: Encoding,
    /// Length in bytes of the byte-order mark, 0 when there is none.
    pub mark: usize,
    /// How it is known, for people.
    pub evidence: String,
}

/// Decides the encoding from the first bytes of a file.
///
/// `given` is what the user said; a byte-order mark that contradicts it is refused rather than
/// read as text.
///
/// # Errors
/// UTF-32, or a mark that contradicts `given`.
pub fn decide(sample: &[u8], given: Option<Encoding>, place: &Place) -> Result<Decided, Finding> {
    if sample.starts_with(&[0xFF, 0xFE, 0, 0]) || sample.starts_with(&[0, 0, 0xFE, 0xFF]) {
        return Err(
            Finding::new(Code::BadEncoding, place.clone(), "the file is UTF-32, which is not read").help("save it as UTF-8")
        );
    }
    let marked = encoding_rs::Encoding::for_bom(sample);
    if let Some(given) = given {
        return match marked {
            Some((encoding, _)) if encoding != given => Err(Finding::new(
                Code::BadEncoding,
                place.clone(),
                format!("the file begins with the mark of {}, but {} was asked for", encoding.name(), given.name()),
            )
            .help(format!("leave out --encoding, or give --encoding {}", encoding.name().to_lowercase()))),
            Some((_, mark)) => Ok(Decided { encoding: given, mark, evidence: "as given, and so marked".into() }),
            None => Ok(Decided { encoding: given, mark: 0, evidence: "as given".into() }),
        };
    }
    if let Some((encoding, mark)) = marked {
        return Ok(Decided { encoding, mark, evidence: "byte-order mark".into() });
    }
    if let Some(encoding) = unmarked_utf_16(sample) {
        return Ok(Decided { encoding, mark: 0, evidence: "every other byte of plain characters is zero".into() });
    }
    let evidence = match std::str::from_utf8(sample) {
        Err(error) if error.error_len().is_some() => "no mark; but not valid throughout",
        _ if sample.is_ascii() => "no mark; only ASCII as far as looked at",
        _ => "no mark; valid as far as looked at",
    };
    Ok(Decided { encoding: UTF_8, mark: 0, evidence: evidence.into() })
}

/// UTF-16 without a mark: the zero bytes stand on the same side of their pairs, there are
/// many of them (or the rest is no other text), and what they leave is text.
fn unmarked_utf_16(sample: &[u8]) -> Option<Encoding> {
    let units = sample.len() / 2;
    let zeros_at = |side: usize| sample.iter().skip(side).step_by(2).filter(|byte| **byte == 0).count();
    let (encoding, zeros) = match (zeros_at(0), zeros_at(1)) {
        // A few on the other side are characters such as U+2000.
        (few, zeros) if few.saturating_mul(20) < zeros => (UTF_16LE, zeros),
        (zeros, few) if few.saturating_mul(20) < zeros => (UTF_16BE, zeros),
        _ => return None,
    };
    // Latin text has a zero in nearly every pair; Thai or Arabic only beside its separators. A few
    // zeros in what is otherwise plain text are damage.
    let in_ten = zeros.saturating_mul(10).checked_div(units).unwrap_or(0);
    let control = |c: char| c.is_control() && !matches!(c, '\t' | '\r' | '\n');
    let damaged = std::str::from_utf8(sample).is_ok_and(|text| !text.chars().any(|c| c != '\0' && control(c)));
    if in_ten < 1 || (in_ten < 4 && damaged) {
        return None;
    }
    let even = sample.get(..units.saturating_mul(2))?;
    let (text, _, malformed) = encoding.decode(even);
    // A pair of surrogates may be cut by the end of the sample.
    let whole = !malformed || text.trim_end_matches('\u{FFFD}').chars().all(|c| c != '\u{FFFD}');
    (whole && !text.chars().any(control)).then_some(encoding)
}

/// The text of a file, a piece at a time.
///
/// Call [`Text::advance`] and then read [`Text::piece`]. Memory is a few buffers, however long the
/// file.
pub struct Text {
    input: Box<dyn Read + Send>,
    place: Place,
    encoding: Encoding,
    decoding: Decoding,
    /// Bytes read and not yet decoded.
    raw: Vec<u8>,
    /// How many bytes of the file were decoded.
    decoded: u64,
    ended: bool,
    /// Found in the last bytes decoded; told once the text before it was handed out.
    failed: Option<Finding>,
    piece: String,
    buffer: usize,
}

enum Decoding {
    /// Checked and copied.
    Utf8,
    /// Through a table or a state machine.
    Other(Box<Decoder>),
}

impl Text {
    /// The text of `input`, which `decided` describes, read `buffer` bytes at a time.
    ///
    /// # Errors
    /// The input cannot be read.
    pub fn new(mut input: Box<dyn Read + Send>, decided: &Decided, place: Place, buffer: usize) -> Result<Text, Finding> {
        let mut mark = Vec::new();
        let length = decided.mark as u64;
        input.by_ref().take(length).read_to_end(&mut mark).map_err(|error| read_finding(&place, &error))?;
        let decoding = if decided.encoding == UTF_8 {
            Decoding::Utf8
        } else {
            Decoding::Other(Box::new(decided.encoding.new_decoder_without_bom_handling()))
        };
        Ok(Text {
            input,
            place,
            encoding: decided.encoding,
            decoding,
            raw: Vec::with_capacity(buffer.saturating_add(4)),
            decoded: length,
            ended: false,
            failed: None,
            piece: String::new(),
            buffer: buffer.max(1),
        })
    }

    /// The UTF-8 text of `input`, which begins at the byte `offset` of a file.
    pub(super) fn resumed(input: Box<dyn Read + Send>, place: Place, offset: u64, buffer: usize) -> Text {
        Text {
            input,
            place,
            encoding: UTF_8,
            decoding: Decoding::Utf8,
            raw: Vec::new(),
            decoded: offset,
            ended: false,
            failed: None,
            piece: String::new(),
            buffer: buffer.max(1),
        }
    }

    /// The piece that [`Text::advance`] read.
    pub fn piece(&self) -> &str {
        &self.piece
    }

    /// What the text is of, for findings.
    pub fn place(&self) -> &Place {
        &self.place
    }

    /// Reads the next piece, which is never empty; `false` at the end.
    ///
    /// # Errors
    /// The input cannot be read, or not decoded at this point. All text before it was handed out.
    pub fn advance(&mut self) -> Result<bool, Finding> {
        self.piece.clear();
        while self.piece.is_empty() {
            if let Some(failed) = &self.failed {
                return Err(failed.clone());
            }
            if self.ended {
                return Ok(false);
            }
            self.fill_raw()?;
            match &mut self.decoding {
                Decoding::Utf8 => self.take_utf_8(),
                Decoding::Other(_) => self.decode(),
            }
            self.refuse_zeros();
        }
        Ok(true)
    }

    fn fill_raw(&mut self) -> Result<(), Finding> {
        let start = self.raw.len();
        self.raw.resize(start.saturating_add(self.buffer), 0);
        let read = loop {
            match self.input.read(self.raw.get_mut(start..).unwrap_or_default()) {
                Ok(read) => break read,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(read_finding(&self.place, &error)),
            }
        };
        self.raw.truncate(start.saturating_add(read));
        self.ended = read == 0;
        Ok(())
    }

    /// Moves the valid part of `raw` to `piece`; an unfinished character stays behind.
    fn take_utf_8(&mut self) {
        let (valid, bad) = match std::str::from_utf8(&self.raw) {
            Ok(text) => (text, None),
            Err(error) => {
                let valid = std::str::from_utf8(self.raw.get(..error.valid_up_to()).unwrap_or_default()).unwrap_or_default();
                (valid, Some(error.error_len()))
            }
        };
        let length = valid.len();
        self.piece.push_str(valid);
        let offset = self.decoded.saturating_add(length as u64);
        match bad {
            Some(Some(_)) => self.failed = Some(self.not_valid(offset, self.raw.get(length).copied())),
            Some(None) if self.ended => {
                let message = format!("the file ends in the middle of a character, at byte {offset}");
                let finding = Finding::new(Code::BadEncoding, self.place.clone(), message).expected("UTF-8");
                self.failed = Some(finding.help(CUT));
            }
            _ => {}
        }
        self.raw.drain(..length);
        self.decoded = offset;
    }

    fn decode(&mut self) {
        let unassigned = |byte: &u8| self.encoding == WINDOWS_1252 && UNASSIGNED_IN_WINDOWS_1252.contains(byte);
        let clean = self.raw.iter().position(unassigned).unwrap_or(self.raw.len());
        let Decoding::Other(decoder) = &mut self.decoding else { return };
        let length = self.raw.len();
        let bytes = self.raw.get(..clean).unwrap_or_default();
        // Room for the longest outcome, so that one call decodes all.
        let room = decoder.max_utf8_buffer_length_without_replacement(bytes.len()).unwrap_or(bytes.len().saturating_mul(4));
        self.piece.reserve(room);
        let (result, read) = decoder.decode_to_string_without_replacement(bytes, &mut self.piece, self.ended);
        let offset = self.decoded.saturating_add(read as u64);
        if let DecoderResult::Malformed(wrong, after) = result {
            let start = offset.saturating_sub(u64::from(wrong)).saturating_sub(u64::from(after));
            let in_raw = start.checked_sub(self.decoded).and_then(|at| usize::try_from(at).ok());
            let byte = in_raw.and_then(|at| self.raw.get(at)).copied();
            let odd = self.ended && offset % 2 == 1 && [UTF_16LE, UTF_16BE].contains(&self.encoding);
            self.failed = Some(if odd {
                let message = "the file has an odd number of bytes, so its last character is cut in half";
                Finding::new(Code::BadEncoding, self.place.clone(), message).expected(self.encoding.name()).help(CUT)
            } else {
                self.not_valid(start, byte)
            });
        } else if clean < length {
            self.failed = Some(self.not_valid(offset, self.raw.get(clean).copied()));
        }
        self.decoded = offset;
        self.raw.clear();
    }

    /// A zero character is never text: it ends strings in other programs and hides what follows.
    fn refuse_zeros(&mut self) {
        if let Some(at) = memchr::memchr(0, self.piece.as_bytes()) {
            self.piece.truncate(at);
            let finding = Finding::new(Code::NulByte, self.place.clone(), "a NUL byte stands in the text");
            self.failed = Some(finding.help("the file is damaged or is not text; export it again"));
        }
    }

    fn not_valid(&self, offset: u64, byte: Option<u8>) -> Finding {
        let name = self.encoding.name();
        let what = byte.map_or_else(|| "the text".to_owned(), |byte| format!("byte 0x{byte:02X}"));
        let finding = Finding::new(Code::BadEncoding, self.place.clone(), format!("{what} at byte {offset} is not valid {name}"));
        if self.encoding == UTF_8 {
            finding.help("if it was written by an older Windows program, give --encoding windows-1252")
        } else {
            finding.help("give the file's encoding with --encoding, or save it as UTF-8")
        }
    }
}

/// Any text as bytes of UTF-8.
pub(super) struct Utf8 {
    text: Text,
    /// How many bytes of the piece were read.
    read: usize,
}

impl Utf8 {
    /// The bytes of that text.
    pub(super) const fn of(text: Text) -> Utf8 {
        Utf8 { text, read: 0 }
    }
}

impl Read for Utf8 {
    fn read(&mut self, bytes: &mut [u8]) -> std::io::Result<usize> {
        let mut rest = self.text.piece().as_bytes().get(self.read..).unwrap_or_default();
        if rest.is_empty() && !bytes.is_empty() {
            self.read = 0;
            if !self.text.advance().map_err(|finding| std::io::Error::other(finding.to_string()))? {
                return Ok(0);
            }
            rest = self.text.piece().as_bytes();
        }
        let length = rest.read(bytes)?;
        self.read = self.read.saturating_add(length);
        Ok(length)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn read(bytes: &[u8], given: Option<Encoding>, buffer: usize) -> (String, Option<Finding>) {
        let place = Place::file("f.csv");
        let decided = match decide(bytes, given, &place) {
            Ok(decided) => decided,
            Err(finding) => return (String::new(), Some(finding)),
        };
        let input = Box::new(std::io::Cursor::new(bytes.to_vec()));
        let mut text = Text::new(input, &decided, place, buffer).unwrap();
        let mut all = String::new();
        loop {
            match text.advance() {
                Ok(true) => {
                    assert!(!text.piece().is_empty());
                    all.push_str(text.piece());
                }
                Ok(false) => return (all, None),
                Err(finding) => return (all, Some(finding)),
            }
        }
    }

    fn utf_16(text: &str, big_endian: bool, mark: bool) -> Vec<u8> {
        let mark = mark.then_some(0xFEFF_u16);
        mark.into_iter()
            .chain(text.encode_utf16())
            .flat_map(|unit| if big_endian { unit.to_be_bytes() } else { unit.to_le_bytes() })
            .collect()
    }

    #[test]
    fn every_encoding_is_told_and_read_with_any_buffer() {
        let text = "campaign,größe\r\n\"Ñandú €\",12\r\n😀,3 and more\r\n";
        let utf_8 = text.as_bytes().to_vec();
        let marked = [&[0xEF, 0xBB, 0xBF][..], text.as_bytes()].concat();
        let files = [
            utf_8,
            marked,
            utf_16(text, false, true),
            utf_16(text, true, true),
            utf_16(text, false, false),
            utf_16(text, true, false),
        ];
        for bytes in files {
            for buffer in [1, 2, 3, 7, 64, BUFFER] {
                assert_eq!(read(&bytes, None, buffer), (text.to_owned(), None), "{:?}", &bytes[..4]);
            }
        }
        let western = [b"caf\xE9,\x80".as_slice(), b"\x93x\x94"].concat();
        assert_eq!(read(&western, by_label("latin1"), 1).0, "café,€“x”");
        assert_eq!(read(&western, by_label("Windows-1252"), 7).0, "café,€“x”");
    }

    #[test]
    fn what_cannot_be_decoded_is_refused_at_its_byte() {
        for buffer in [1, 2, 5, BUFFER] {
            let (before, finding) = read(b"a,b\ncaf\xE9,2\n", None, buffer);
            assert_eq!(before, "a,b\ncaf");
            let finding = finding.unwrap();
            assert_eq!(finding.code(), Code::BadEncoding);
            assert!(finding.parts().message.contains("byte 0xE9 at byte 7 is"), "{finding}");
            assert!(finding.parts().help.as_deref().unwrap().contains("--encoding windows-1252"));
        }
        // Overlong, a surrogate, beyond the last character, a character cut by the end.
        for bad in [&b"a\xC0\xAF"[..], b"a\xED\xA0\x80b", b"a\xF4\x90\x80\x80", b"a\xE2\x82"] {
            assert_eq!(read(bad, None, 3).1.unwrap().code(), Code::BadEncoding);
            assert_eq!(read(bad, None, 3).0, "a");
        }
        let finding = read(b"ok \x81", by_label("windows-1252"), 2).1.unwrap();
        assert!(finding.parts().message.contains("byte 0x81 at byte 3 is"), "{finding}");
    }

    #[test]
    fn utf_16_of_odd_length_or_with_half_a_pair_is_refused() {
        let mut cut = utf_16("a,b\n1,2\n", false, true);
        cut.pop();
        assert!(read(&cut, None, 5).1.unwrap().parts().message.contains("odd number of bytes"));
        let half = [0xFF, 0xFE, b'a', 0, 0x3D, 0xD8, b'b', 0];
        let (before, finding) = read(&half, None, 3);
        assert_eq!((before.as_str(), finding.unwrap().code()), ("a", Code::BadEncoding));
    }

    #[test]
    fn zero_bytes_utf_32_and_contradicted_marks_are_refused() {
        let (before, finding) = read(b"campaign,clicks\nspring,1\0\nautumn,2\n", None, 7);
        assert_eq!((before.as_str(), finding.unwrap().code()), ("campaign,clicks\nspring,1", Code::NulByte));
        assert_eq!(read(&[0xFF, 0xFE, 0, 0, b'a', 0, 0, 0], None, 8).1.unwrap().code(), Code::BadEncoding);
        let finding = read(b"\xEF\xBB\xBFa,b", by_label("windows-1252"), 8).1.unwrap();
        assert!(finding.parts().help.as_deref().unwrap().contains("--encoding utf-8"));
    }

    #[test]
    fn text_without_latin_letters_is_told_as_utf_16_by_its_separators() {
        let text = "แคมเปญ,คลิก\nฤดูใบไม้ผลิ,12\n";
        assert_eq!(decide(&utf_16(text, false, false), None, &Place::default()).unwrap().encoding, UTF_16LE);
        assert_eq!(decide(b"a,b\0c,d\n", None, &Place::default()).unwrap().encoding, UTF_8);
    }

    proptest! {
        #[test]
        fn any_bytes_decode_or_are_refused(bytes: Vec<u8>, buffer in 1_usize..9, label in prop::option::of(prop::sample::select(vec!["utf-8", "utf-16be", "windows-1252", "gb18030", "shift_jis"]))) {
            let (text, finding) = read(&bytes, label.and_then(by_label), buffer);
            if label == Some("utf-8") && finding.is_none() {
                let bytes = bytes.strip_prefix(&[0xEF, 0xBB, 0xBF]).unwrap_or(&bytes);
                prop_assert_eq!(text.as_bytes(), bytes);
            }
        }

        #[test]
        fn any_text_survives(text in "[^\0]{1,40}", buffer in 1_usize..9, big_endian: bool) {
            let text = text.trim_start_matches('\u{FEFF}').to_owned();
            prop_assume!(!text.is_empty());
            prop_assert_eq!(read(text.as_bytes(), by_label("utf-8"), buffer), (text.clone(), None));
            prop_assert_eq!(read(&utf_16(&text, big_endian, true), None, buffer), (text, None));
        }
    }
}
