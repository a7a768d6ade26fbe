//! The grammar of RFC 8259, strictly, over text that comes in pieces.

use crate::finding::{Code, Finding, Place};
use crate::ingest::delimited::{MOST_BYTES, MOST_CELLS};
use crate::ingest::encoding::Text;

/// Deepest nesting accepted.
const MOST_DEPTH: usize = 128;

/// Most bytes in the dotted name of a column.
const MOST_NAME: usize = 64 * 1024;

/// Takes each cell of a row: its dotted name, its text and its line.
pub(super) type CellSink<'a> = dyn FnMut(&str, &str, u64) -> Result<(), Fault> + 'a;

/// Reads JSON from a text, a token at a time.
pub(super) struct Parser {
    text: Text,
    /// Where in the current piece the next byte is.
    at: usize,
    line: u64,
    /// Characters of the line already passed.
    passed: usize,
    /// The keys of each open object, outermost first; sets are kept for the next object.
    open: Vec<Keys>,
    levels: usize,
    cell: String,
    name: String,
}

impl Parser {
    pub(super) fn new(text: Text) -> Parser {
        Parser { text, at: 0, line: 1, passed: 0, open: Vec::new(), levels: 0, cell: String::new(), name: String::new() }
    }

    /// The line of the next byte.
    pub(super) fn line(&self) -> u64 {
        self.line
    }

    /// The place of the next character.
    pub(super) fn place(&self) -> Place {
        Place { line: Some(self.line), column: Some(self.passed.saturating_add(1)), ..self.text.place().clone() }
    }

    /// A finding at the next character.
    pub(super) fn wrong(&self, message: &str) -> Finding {
        let rest = self.text.piece().get(self.at..).unwrap_or_default();
        let saw: String = rest.chars().take(20).take_while(|c| *c != '\n').collect();
        let finding = Finding::new(Code::BadJson, self.place(), message);
        if saw.is_empty() { finding } else { finding.saw(saw) }
    }

    /// The next byte that is not white space, which stays where it is; none at the end.
    pub(super) fn peek_token(&mut self) -> Result<Option<u8>, Finding> {
        while let Some(byte) = self.peek()? {
            if !matches!(byte, b' ' | b'\t' | b'\r' | b'\n') {
                return Ok(Some(byte));
            }
            self.pass(byte);
        }
        Ok(None)
    }

    /// Passes the `[` of an array.
    pub(super) fn open_array(&mut self) -> Result<(), Finding> {
        self.expect(b'[', "an array")
    }

    /// Goes to the next element of an array, or passes its end.
    pub(super) fn next_element(&mut self, first: &mut bool) -> Result<bool, Finding> {
        let next = self.peek_token()?;
        let was_first = std::mem::take(first);
        match next {
            Some(b']') => {
                self.pass(b']');
                Ok(false)
            }
            Some(b',') if !was_first => {
                self.pass(b',');
                if self.peek_token()? == Some(b']') {
                    return Err(self.wrong("a comma stands before the end of the array"));
                }
                Ok(true)
            }
            Some(_) if was_first => Ok(true),
            Some(_) => Err(self.wrong("the elements of the array are not separated").expected("a comma or ]")),
            None => Err(self.wrong("the file ends inside an array").help("the file may be cut short; export it again")),
        }
    }

    /// Passes the `{` of an object.
    pub(super) fn open_object(&mut self) -> Result<(), Finding> {
        self.expect(b'{', "an object")?;
        if let Some(keys) = self.open.get_mut(self.levels) {
            keys.clear();
        } else {
            self.open.push(Keys::default());
        }
        self.levels = self.levels.saturating_add(1);
        Ok(())
    }

    /// Passes the next key of an object and its colon, or the object's end.
    pub(super) fn next_member(&mut self, first: &mut bool) -> Result<Option<String>, Finding> {
        let mut key = String::new();
        Ok(self.member(first, &mut key)?.then_some(key))
    }

    /// Passes a value of any kind, checking it. `depth` is how many arrays and objects it is in.
    pub(super) fn skip_value(&mut self, depth: usize) -> Result<(), Finding> {
        match self.peek_token()? {
            Some(b'[') => {
                self.check_depth(depth)?;
                self.open_array()?;
                self.skip_elements(depth)
            }
            Some(b'{') => {
                self.check_depth(depth)?;
                self.open_object()?;
                let mut first = true;
                let mut key = String::new();
                while self.member(&mut first, &mut key)? {
                    self.skip_value(depth.saturating_add(1))?;
                }
                Ok(())
            }
            _ => {
                let mut scratch = std::mem::take(&mut self.cell);
                let read = self.scalar(&mut scratch);
                self.cell = scratch;
                read.map(|_| ())
            }
        }
    }

    /// Passes the elements of an array that was opened, and its end.
    pub(super) fn skip_elements(&mut self, depth: usize) -> Result<(), Finding> {
        let mut first = true;
        while self.next_element(&mut first)? {
            self.skip_value(depth.saturating_add(1))?;
        }
        Ok(())
    }

    /// Reads an object as a row: nested objects cell by cell under dotted names, nested arrays as
    /// their compact text, `null` as a blank cell.
    pub(super) fn row(&mut self, sink: &mut CellSink<'_>) -> Result<(), Finding> {
        let mut name = std::mem::take(&mut self.name);
        let mut cell = std::mem::take(&mut self.cell);
        name.clear();
        let read = self.members(&mut name, &mut cell, 1, sink);
        self.name = name;
        self.cell = cell;
        read
    }

    fn members(&mut self, name: &mut String, cell: &mut String, depth: usize, sink: &mut CellSink<'_>) -> Result<(), Finding> {
        self.open_object()?;
        let mut first = true;
        let outer = name.len();
        let mut key = String::new();
        while self.member(&mut first, &mut key)? {
            if outer > 0 {
                name.push('.');
            }
            name.push_str(&key);
            if name.len() > MOST_NAME {
                return Err(
                    self.fault(Fault { code: Code::TooLarge, message: format!("a name is longer than {MOST_NAME} bytes") })
                );
            }
            match self.peek_token()? {
                Some(b'{') => {
                    self.check_depth(depth)?;
                    self.members(name, cell, depth.saturating_add(1), sink)?;
                }
                token => {
                    let line = self.line;
                    cell.clear();
                    if token == Some(b'[') {
                        self.compact(cell, depth)?;
                    } else if self.scalar(cell)? == Scalar::Null {
                        cell.clear();
                    }
                    sink(name, cell, line).map_err(|fault| self.fault(fault))?;
                }
            }
            name.truncate(outer);
        }
        Ok(())
    }

    /// Appends a value without white space.
    fn compact(&mut self, out: &mut String, depth: usize) -> Result<(), Finding> {
        if out.len() > MOST_BYTES {
            return Err(self.too_long());
        }
        let token = self.peek_token()?;
        match token {
            Some(b'[') => {
                self.check_depth(depth)?;
                self.open_array()?;
                out.push('[');
                let mut first = true;
                while self.next_element(&mut first)? {
                    separate(out, '[');
                    self.compact(out, depth.saturating_add(1))?;
                }
                out.push(']');
            }
            Some(b'{') => {
                self.check_depth(depth)?;
                self.open_object()?;
                out.push('{');
                let mut first = true;
                let mut key = String::new();
                while self.member(&mut first, &mut key)? {
                    separate(out, '{');
                    write_string(out, &key);
                    out.push(':');
                    self.compact(out, depth.saturating_add(1))?;
                }
                out.push('}');
            }
            _ => {
                let mut text = String::new();
                if self.scalar(&mut text)? == Scalar::Text {
                    write_string(out, &text);
                } else {
                    out.push_str(&text);
                }
            }
        }
        Ok(())
    }

    /// The next byte, which stays where it is; none at the end of the text.
    fn peek(&mut self) -> Result<Option<u8>, Finding> {
        if self.at == self.text.piece().len() {
            self.at = 0;
            if !self.text.advance().map_err(|finding| finding.on_line(self.line))? {
                return Ok(None);
            }
        }
        Ok(self.text.piece().as_bytes().get(self.at).copied())
    }

    /// Passes the byte that was peeked at.
    fn pass(&mut self, byte: u8) {
        self.at = self.at.saturating_add(1);
        if byte == b'\n' {
            self.line = self.line.saturating_add(1);
            self.passed = 0;
        } else {
            self.passed = self.passed.saturating_add(1);
        }
    }

    fn expect(&mut self, byte: u8, what: &str) -> Result<(), Finding> {
        if self.peek_token()? != Some(byte) {
            return Err(self.wrong("something else stands here").expected(what));
        }
        self.pass(byte);
        Ok(())
    }

    /// Reads the next key of an object into `key` and passes its colon; `false` at the object's
    /// end.
    fn member(&mut self, first: &mut bool, key: &mut String) -> Result<bool, Finding> {
        let was_first = std::mem::take(first);
        match self.peek_token()? {
            Some(b'}') => {
                self.pass(b'}');
                self.levels = self.levels.saturating_sub(1);
                return Ok(false);
            }
            Some(b',') if !was_first => {
                self.pass(b',');
                self.peek_token()?;
            }
            Some(_) if was_first => {}
            Some(_) => return Err(self.wrong("the members of the object are not separated").expected("a comma or }")),
            None => return Err(self.wrong("the file ends inside an object").help("the file may be cut short; export it again")),
        }
        let place = self.place();
        if self.peek()? != Some(b'"') {
            return Err(self.wrong("the name of a member is missing").expected("a name in double quotes"));
        }
        key.clear();
        self.string(key)?;
        if let Some(keys) = self.levels.checked_sub(1).and_then(|level| self.open.get_mut(level)) {
            if !keys.insert(key) {
                return Err(Finding::new(Code::BadJson, place, "the object has this name twice").saw(key.as_str()));
            }
            if keys.ends.len() > MOST_CELLS || keys.text.len() > MOST_BYTES {
                return Err(Finding::new(Code::TooLarge, place, format!("the object has more than {MOST_CELLS} members")));
            }
        }
        if self.peek_token()? != Some(b':') {
            return Err(self.wrong("the value of a member is missing").expected("a colon"));
        }
        self.pass(b':');
        Ok(true)
    }

    /// Reads a value that is neither array nor object: a string decoded, anything else as written.
    fn scalar(&mut self, out: &mut String) -> Result<Scalar, Finding> {
        out.clear();
        match self.peek_token()? {
            Some(b'"') => self.string(out).map(|()| Scalar::Text),
            Some(b'-' | b'0'..=b'9') => self.number(out).map(|()| Scalar::Other),
            Some(b't') => self.word("true", out).map(|()| Scalar::Other),
            Some(b'f') => self.word("false", out).map(|()| Scalar::Other),
            Some(b'n') => self.word("null", out).map(|()| Scalar::Null),
            Some(_) => Err(self.wrong("this is not a JSON value").expected("a string, number, true, false, null, [ or {")),
            None => Err(self.wrong("a value is missing").help("the file may be cut short; export it again")),
        }
    }

    fn word(&mut self, word: &str, out: &mut String) -> Result<(), Finding> {
        for byte in word.bytes() {
            if self.peek()? != Some(byte) {
                return Err(self.wrong("this is not a JSON value").expected(word));
            }
            self.pass(byte);
        }
        out.push_str(word);
        Ok(())
    }

    fn number(&mut self, out: &mut String) -> Result<(), Finding> {
        self.take_if(out, |byte| byte == b'-')?;
        if !self.take_if(out, |byte| byte == b'0')? {
            self.digits(out)?;
        }
        if self.take_if(out, |byte| byte == b'.')? {
            self.digits(out)?;
        }
        if self.take_if(out, |byte| byte == b'e' || byte == b'E')? {
            self.take_if(out, |byte| byte == b'+' || byte == b'-')?;
            self.digits(out)?;
        }
        Ok(())
    }

    fn digits(&mut self, out: &mut String) -> Result<(), Finding> {
        if !self.take_if(out, |byte| byte.is_ascii_digit())? {
            return Err(self.wrong("the number is not complete").expected("a digit"));
        }
        while self.take_if(out, |byte| byte.is_ascii_digit())? {
            if out.len() > MOST_BYTES {
                return Err(self.too_long());
            }
        }
        Ok(())
    }

    fn take_if(&mut self, out: &mut String, wanted: impl Fn(u8) -> bool) -> Result<bool, Finding> {
        let Some(byte) = self.peek()?.filter(|byte| wanted(*byte)) else { return Ok(false) };
        self.pass(byte);
        out.push(char::from(byte));
        Ok(true)
    }

    /// Reads the string at whose quote the parser stands.
    fn string(&mut self, out: &mut String) -> Result<(), Finding> {
        self.pass(b'"');
        loop {
            if out.len() > MOST_BYTES {
                return Err(self.too_long());
            }
            let Some(byte) = self.peek()? else {
                return Err(self.wrong("the file ends inside a string").help("the file may be cut short; export it again"));
            };
            match byte {
                b'"' => {
                    self.pass(byte);
                    return Ok(());
                }
                b'\\' => {
                    self.pass(byte);
                    self.escape(out)?;
                }
                0..0x20 => return Err(self.wrong("a control character stands in a string").expected("an escape such as \\n")),
                _ => {
                    let rest = self.text.piece().get(self.at..).unwrap_or_default();
                    let plain = rest.bytes().position(|byte| matches!(byte, b'"' | b'\\' | 0..0x20)).unwrap_or(rest.len());
                    let plain = rest.get(..plain).unwrap_or_default();
                    out.push_str(plain);
                    self.passed = self.passed.saturating_add(plain.chars().count());
                    self.at = self.at.saturating_add(plain.len());
                }
            }
        }
    }

    /// Reads what follows a backslash.
    fn escape(&mut self, out: &mut String) -> Result<(), Finding> {
        let byte = self.peek()?.unwrap_or_default();
        let character = match byte {
            b'"' | b'\\' | b'/' => char::from(byte),
            b'b' => '\u{8}',
            b'f' => '\u{C}',
            b'n' => '\n',
            b'r' => '\r',
            b't' => '\t',
            b'u' => {
                self.pass(byte);
                let character = self.unicode()?;
                out.push(character);
                return Ok(());
            }
            _ => return Err(self.wrong("there is no such escape").expected("one of \" \\ / b f n r t u after the backslash")),
        };
        self.pass(byte);
        out.push(character);
        Ok(())
    }

    /// Reads the digits after `\u`, and the second half of a pair.
    fn unicode(&mut self) -> Result<char, Finding> {
        let first = self.four_digits()?;
        if !(0xD800..0xE000).contains(&first) {
            return char::from_u32(first).ok_or_else(|| self.wrong("there is no such character"));
        }
        if first < 0xDC00 {
            for byte in [b'\\', b'u'] {
                if self.peek()? != Some(byte) {
                    return Err(self.wrong("half of a surrogate pair stands alone").expected("\\u and its second half"));
                }
                self.pass(byte);
            }
            let second = self.four_digits()?;
            if (0xDC00..0xE000).contains(&second) {
                let character = 0x1_0000 + ((first - 0xD800) << 10) + (second - 0xDC00);
                return char::from_u32(character).ok_or_else(|| self.wrong("there is no such character"));
            }
        }
        Err(self.wrong("half of a surrogate pair stands alone"))
    }

    fn four_digits(&mut self) -> Result<u32, Finding> {
        let mut value = 0;
        for _ in 0..4 {
            let digit = self.peek()?.and_then(|byte| char::from(byte).to_digit(16).map(|digit| (byte, digit)));
            let Some((byte, digit)) = digit else {
                return Err(self.wrong("the escape is not complete").expected("four hexadecimal digits"));
            };
            self.pass(byte);
            value = value * 16 + digit;
        }
        Ok(value)
    }

    fn check_depth(&self, depth: usize) -> Result<(), Finding> {
        if depth >= MOST_DEPTH {
            return Err(self.wrong(&format!("this is nested deeper than {MOST_DEPTH} levels")));
        }
        Ok(())
    }

    fn fault(&self, fault: Fault) -> Finding {
        Finding::new(fault.code, self.place(), fault.message)
    }

    fn too_long(&self) -> Finding {
        let message = format!("the value is longer than {} MiB", MOST_BYTES / (1024 * 1024));
        self.fault(Fault { code: Code::TooLarge, message })
    }
}

/// Why a cell cannot be taken; the parser adds the place.
pub(super) struct Fault {
    pub(super) code: Code,
    pub(super) message: String,
}

/// What kind of value was read.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Scalar {
    Text,
    Null,
    Other,
}

/// The keys of an object, to find one that comes twice.
#[derive(Default)]
struct Keys {
    text: String,
    ends: Vec<usize>,
    /// Used once there are too many to compare one by one.
    many: std::collections::BTreeSet<String>,
}

/// Keys that are compared one by one.
const FEW: usize = 64;

impl Keys {
    fn clear(&mut self) {
        self.text.clear();
        self.ends.clear();
        self.many.clear();
    }

    /// Adds a key; `false` when it is there already.
    fn insert(&mut self, key: &str) -> bool {
        if self.ends.len() < FEW {
            let mut start = 0;
            for end in &self.ends {
                if self.text.get(start..*end) == Some(key) {
                    return false;
                }
                start = *end;
            }
        } else {
            if self.many.is_empty() {
                let mut start = 0;
                for end in &self.ends {
                    self.many.insert(self.text.get(start..*end).unwrap_or_default().to_owned());
                    start = *end;
                }
            }
            if !self.many.insert(key.to_owned()) {
                return false;
            }
        }
        self.text.push_str(key);
        self.ends.push(self.text.len());
        true
    }
}

/// Puts a comma where an element follows another one.
fn separate(out: &mut String, opening: char) {
    if !out.ends_with(opening) {
        out.push(',');
    }
}

/// Appends a JSON string.
fn write_string(out: &mut String, text: &str) {
    use std::fmt::Write;
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c if c < ' ' => {
                // Writing to a string cannot fail.
                let _ = write!(out, "\\u{:04x}", u32::from(c));
            }
            c => out.push(c),
        }
    }
    out.push('"');
}
