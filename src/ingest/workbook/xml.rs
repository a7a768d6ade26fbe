//! XML of a workbook's parts, a node at a time, in bounded memory.
//!
//! A document type declaration is refused: a workbook has none, and its entities can swell without
//! end or name other files.

use std::borrow::Cow;
use std::io::{self, BufRead, BufReader, Read};

use quick_xml::XmlVersion;
use quick_xml::events::{BytesStart, Event};

use crate::finding::{Code, Finding, Place};
use crate::ingest::source::{ContainerFault, read_finding};

/// Most bytes of one node: a tag, or a run of text.
const MOST_BYTES: usize = 16 * 1024 * 1024;

/// Deepest nesting of elements.
const MOST_DEPTH: usize = 256;

/// A part of a workbook as it is read.
pub(super) struct Xml {
    reader: quick_xml::Reader<Bounded<BufReader<Box<dyn Read + Send>>>>,
    buffer: Vec<u8>,
    /// The name, tag or text handed out last.
    text: String,
    place: Place,
    depth: usize,
}

/// What stands next. Names are without their prefix.
pub(super) enum Node<'a> {
    /// An element opens.
    Start(Element<'a>),
    /// The element of that name closes.
    End(&'a str),
    /// Text, entities resolved. A run of text may come in several pieces.
    Text(&'a str),
    /// The part is over.
    Eof,
}

/// The tag that opens an element.
pub(super) struct Element<'a> {
    tag: BytesStart<'a>,
}

impl Element<'_> {
    /// Its name without prefix.
    pub(super) fn name(&self) -> &str {
        self.tag.local_name().into_inner()
    }

    /// An attribute by its name without prefix.
    pub(super) fn attribute(&self, name: &str) -> Option<Cow<'_, str>> {
        let mut attributes = self.tag.attributes().filter_map(Result::ok);
        let attribute = attributes.find(|attribute| attribute.key.local_name().into_inner() == name)?;
        attribute.normalized_value(XmlVersion::Implicit1_0).ok()
    }

    /// All attributes of that name, whatever their prefix, in order.
    pub(super) fn attributes(&self, name: &str) -> Vec<String> {
        let attributes = self.tag.attributes().filter_map(Result::ok);
        let named = attributes.filter(|attribute| attribute.key.local_name().into_inner() == name);
        named.filter_map(|attribute| attribute.normalized_value(XmlVersion::Implicit1_0).ok().map(Cow::into_owned)).collect()
    }

    /// Whether an attribute says yes.
    pub(super) fn is_set(&self, name: &str) -> bool {
        self.attribute(name).is_some_and(|value| matches!(&*value, "1" | "true" | "on"))
    }

    /// An attribute that is a number.
    pub(super) fn number<T: std::str::FromStr>(&self, name: &str) -> Option<T> {
        self.attribute(name)?.parse().ok()
    }
}

impl Xml {
    /// Reads that part.
    pub(super) fn new(input: Box<dyn Read + Send>, place: Place) -> Xml {
        let mut reader =
            quick_xml::Reader::from_reader(Bounded { input: BufReader::with_capacity(64 * 1024, input), left: MOST_BYTES });
        let config = reader.config_mut();
        config.expand_empty_elements = true;
        config.check_end_names = true;
        Xml { reader, buffer: Vec::new(), text: String::new(), place, depth: 0 }
    }

    /// How many elements are open.
    pub(super) fn depth(&self) -> usize {
        self.depth
    }

    /// The next node.
    ///
    /// # Errors
    /// The part cannot be read, is not well formed, or has a document type declaration.
    pub(super) fn next(&mut self) -> Result<Node<'_>, Finding> {
        loop {
            self.buffer.clear();
            self.text.clear();
            self.reader.get_mut().left = MOST_BYTES;
            let event = match self.reader.read_event_into(&mut self.buffer) {
                Ok(event) => event,
                Err(quick_xml::Error::Io(error)) => return Err(read_finding(&self.place, &error)),
                Err(error) => return Err(not_well_formed(&self.place, &error.to_string())),
            };
            match event {
                Event::Start(tag) => {
                    self.depth = self.depth.saturating_add(1);
                    if self.depth > MOST_DEPTH {
                        return Err(not_well_formed(&self.place, "it is nested too deeply"));
                    }
                    let name = tag.name().into_inner();
                    self.text.push_str(name);
                    self.text.push_str(tag.attributes_raw());
                    let tag = BytesStart::from_content(self.text.as_str(), name.len());
                    return Ok(Node::Start(Element { tag }));
                }
                Event::End(tag) => {
                    self.depth = self.depth.saturating_sub(1);
                    self.text.push_str(tag.local_name().into_inner());
                    return Ok(Node::End(&self.text));
                }
                Event::Text(text) => self.text.push_str(&text.xml10_content()),
                Event::CData(text) => self.text.push_str(&text.xml10_content()),
                Event::GeneralRef(reference) => {
                    let character = match reference.resolve_char_ref() {
                        Ok(Some(character)) => Some(character),
                        _ => predefined(&reference.into_inner()),
                    };
                    let character =
                        character.ok_or_else(|| not_well_formed(&self.place, "it has an entity that XML does not have"))?;
                    self.text.push(character);
                }
                Event::DocType(_) => {
                    let message = "a part of the workbook has a document type declaration";
                    return Err(Finding::new(Code::BadContainer, self.place.clone(), message)
                        .help("save the workbook again in its own program"));
                }
                Event::Eof if self.depth > 0 => return Err(not_well_formed(&self.place, "it ends too early")),
                Event::Eof => return Ok(Node::Eof),
                Event::Decl(_) | Event::PI(_) | Event::Comment(_) | Event::Empty(_) => continue,
            }
            return Ok(Node::Text(&self.text));
        }
    }

    /// Passes everything up to the end of the element that was opened last.
    pub(super) fn skip(&mut self) -> Result<(), Finding> {
        let outer = self.depth.saturating_sub(1);
        while self.depth > outer {
            self.next()?;
        }
        Ok(())
    }

    /// A finding about this part.
    pub(super) fn wrong(&self, reason: &str) -> Finding {
        not_well_formed(&self.place, reason)
    }
}

fn predefined(name: &str) -> Option<char> {
    match name {
        "amp" => Some('&'),
        "lt" => Some('<'),
        "gt" => Some('>'),
        "quot" => Some('"'),
        "apos" => Some('\''),
        _ => None,
    }
}

fn not_well_formed(place: &Place, reason: &str) -> Finding {
    let message = format!("a part of the workbook is damaged: {reason}");
    Finding::new(Code::BadContainer, place.clone(), message).help("open it in its own program and save it again")
}

/// Ends with an error where one node would take more memory than it may.
struct Bounded<R> {
    input: R,
    left: usize,
}

impl<R: BufRead> Read for Bounded<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let available = self.fill_buf()?;
        let length = available.len().min(buffer.len());
        if let (Some(to), Some(from)) = (buffer.get_mut(..length), available.get(..length)) {
            to.copy_from_slice(from);
        }
        self.consume(length);
        Ok(length)
    }
}

impl<R: BufRead> BufRead for Bounded<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.left == 0 {
            let message = format!("a cell or tag of the workbook is longer than {} MiB", MOST_BYTES / (1024 * 1024));
            return Err(ContainerFault::error(Code::TooLarge, message));
        }
        self.input.fill_buf()
    }

    fn consume(&mut self, amount: usize) {
        self.left = self.left.saturating_sub(amount);
        self.input.consume(amount);
    }
}
