//! Stretches of whole records from bytes that come one after the other.
//!
//! **Owns** reading ahead: decompression, or standard input, goes on beside parsing. **Does not
//! know** what a record says, nor what the bytes come from.
//!
//! There is no thread for reading alone. Whichever thread wants a stretch first takes the reader and
//! fills pages, one after the other, until as many wait as may; then it parses like the others, and
//! once half of them are gone the next that asks takes the reader. Where decompression is what takes
//! longest, one thread does nothing else; where parsing is, no processor is idle either way. The
//! thread that reads waits for nobody and looks at no byte: records are told apart by the threads
//! that take the pages, in their order. Pages are used again, so that memory is that of a few.

use std::collections::VecDeque;
use std::io::{self, Read};
use std::sync::{Condvar, Mutex, MutexGuard};

use super::bits::Signs;
use super::cell::MARGIN;
use super::quotes::{State, last_record_end_from};
use super::supply::{Stretch, too_long};
use crate::ingest::delimited::MOST_BYTES;

/// Room in front of a page for the beginning of its first record, which stood on the page before. A
/// longer one is moved to a page with more room.
const FRONT: usize = 4 * 1024;

/// Pages for each thread that may wait to be parsed.
const PAGES: usize = 4;

/// Pages for which a thread that waits is woken: waking costs the one that reads some microseconds.
const WORTH_WAKING: usize = 2;

/// What threads take stretches from.
pub(super) struct StreamSupply {
    shelf: Mutex<Shelf>,
    /// Pages were put on the shelf, or none will be.
    changed: Condvar,
    /// Held while a page is awaited, so that pages are cut in the order in which they were filled.
    cutter: Mutex<Cutter>,
    signs: Signs,
    chunk: usize,
    /// Most pages that wait.
    most: usize,
}

/// Pages between the thread that reads and those that parse.
struct Shelf {
    /// Nobody's while a thread is reading.
    reader: Option<Box<dyn Read + Send>>,
    filled: VecDeque<Page>,
    /// Used before, the last one first: it is most likely to be in a cache.
    free: Vec<Vec<u8>>,
    ended: bool,
    failed: Option<io::Error>,
}

/// Bytes read, at [`FRONT`].
struct Page {
    bytes: Vec<u8>,
    length: usize,
    /// The input ends with it.
    last: bool,
}

/// Where the record that ends on the next page began.
struct Cutter {
    /// What is known of it.
    left_over: Vec<u8>,
    /// The state of quotes behind it.
    state: State,
    number: u64,
    offset: u64,
}

/// What a thread that wants a page finds.
enum Found {
    Page(Page),
    /// Nothing, and nobody is reading.
    Nothing,
    End,
}

impl StreamSupply {
    /// The bytes of `reader`, which begin with the record at `offset` of the input; `chunk` of them
    /// at a time to `threads` threads.
    pub(super) fn new(reader: Box<dyn Read + Send>, offset: u64, chunk: usize, signs: Signs, threads: usize) -> Self {
        let shelf = Shelf { reader: Some(reader), filled: VecDeque::new(), free: Vec::new(), ended: false, failed: None };
        StreamSupply {
            shelf: Mutex::new(shelf),
            changed: Condvar::new(),
            cutter: Mutex::new(Cutter { left_over: Vec::new(), state: State::Outside, number: 0, offset }),
            signs,
            chunk,
            // A single thread parses what is still in its cache.
            most: if threads > 1 { threads.saturating_mul(PAGES) } else { 1 },
        }
    }

    /// The next stretch, in place of what `buffer` holds; `None` at the end of the input.
    ///
    /// # Errors
    /// The input cannot be read, or a record is too long.
    pub(super) fn take(&self, buffer: &mut Vec<u8>) -> io::Result<Option<Stretch>> {
        self.give_back(std::mem::take(buffer))?;
        loop {
            if let Some(turn) = self.turn()? {
                turn.read_ahead()?;
            }
            let mut cutter = self.cutter.lock().map_err(|_| thread_failed())?;
            let page = match self.next_page()? {
                Found::Page(page) => page,
                Found::Nothing => continue,
                Found::End => return Ok(None),
            };
            let (bytes, stretch) = cutter.cut(page, self.signs)?;
            drop(cutter);
            if let Some(stretch) = stretch {
                *buffer = bytes;
                return Ok(Some(stretch));
            }
            self.give_back(bytes)?;
        }
    }

    fn shelf(&self) -> io::Result<MutexGuard<'_, Shelf>> {
        self.shelf.lock().map_err(|_| thread_failed())
    }

    fn give_back(&self, page: Vec<u8>) -> io::Result<()> {
        if !page.is_empty() {
            self.shelf()?.free.push(page);
        }
        Ok(())
    }

    /// The reader, where it is nobody's and has room to read some pages at a time.
    fn turn(&self) -> io::Result<Option<Turn<'_>>> {
        let mut pages = self.shelf()?;
        let room = pages.filled.len() <= self.most / 2 && !pages.ended;
        Ok(if room { pages.reader.take() } else { None }.map(|reader| Turn { supply: self, reader: Some(reader) }))
    }

    fn next_page(&self) -> io::Result<Found> {
        let mut pages = self.shelf()?;
        loop {
            if let Some(page) = pages.filled.pop_front() {
                return Ok(Found::Page(page));
            }
            if let Some(error) = pages.failed.take() {
                return Err(error);
            }
            if pages.ended {
                return Ok(Found::End);
            }
            if pages.reader.is_some() {
                return Ok(Found::Nothing);
            }
            pages = self.changed.wait(pages).map_err(|_| thread_failed())?;
        }
    }
}

/// A thread's turn at reading; the reader is handed back whatever happens.
struct Turn<'a> {
    supply: &'a StreamSupply,
    reader: Option<Box<dyn Read + Send>>,
}

impl Turn<'_> {
    /// Fills pages until there are as many as may wait, or the input has ended.
    fn read_ahead(mut self) -> io::Result<()> {
        let supply = self.supply;
        let Some(reader) = &mut self.reader else { return Ok(()) };
        let mut bytes = supply.shelf()?.free.pop().unwrap_or_default();
        loop {
            let read = fill(reader, &mut bytes, supply.chunk);
            let mut pages = supply.shelf()?;
            match read {
                Ok((length, last)) => {
                    pages.ended = last;
                    pages.filled.push_back(Page { bytes, length, last });
                }
                Err(error) => {
                    pages.ended = true;
                    pages.failed = Some(error);
                }
            }
            if pages.ended || pages.filled.len() >= WORTH_WAKING.min(supply.most) {
                supply.changed.notify_one();
            }
            if pages.ended || pages.filled.len() >= supply.most {
                return Ok(());
            }
            bytes = pages.free.pop().unwrap_or_default();
        }
    }
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        if let Ok(mut pages) = self.supply.shelf.lock() {
            pages.reader = self.reader.take();
            if std::thread::panicking() {
                pages.ended = true;
                pages.failed = Some(thread_failed());
            }
        }
        self.supply.changed.notify_all();
    }
}

/// Reads `chunk` bytes to [`FRONT`] of a page; says how many there were, and whether the input ends
/// with them.
fn fill(reader: &mut dyn Read, page: &mut Vec<u8>, chunk: usize) -> io::Result<(usize, bool)> {
    let wanted = FRONT.saturating_add(chunk).saturating_add(MARGIN);
    if page.len() < wanted {
        page.resize(wanted, 0);
    }
    let room = page.get_mut(FRONT..FRONT.saturating_add(chunk)).ok_or_else(too_long)?;
    let mut length = 0;
    while let Some(rest) = room.get_mut(length..).filter(|rest| !rest.is_empty()) {
        match reader.read(rest) {
            Ok(0) => return Ok((length, true)),
            Ok(read) => length = length.saturating_add(read),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok((length, false))
}

impl Cutter {
    /// The records that end on the page, with the beginning of the first in front of it; none when
    /// not one ends.
    fn cut(&mut self, page: Page, signs: Signs) -> io::Result<(Vec<u8>, Option<Stretch>)> {
        let Page { mut bytes, length, last } = page;
        let behind = FRONT.saturating_add(length);
        if let Some(before) = bytes.get_mut(FRONT.saturating_sub(1)) {
            *before = self.left_over.last().copied().unwrap_or(b'\n');
        }
        let known = bytes.get(..behind).unwrap_or_default();
        let (end, state) = last_record_end_from(known, FRONT, self.state, signs.delimiter, signs.quote);
        self.state = state;
        let Some(end) = (if last { Some(behind) } else { end }) else {
            self.left_over.extend_from_slice(bytes.get(FRONT..behind).unwrap_or_default());
            // A record that is longer than may be is for the careful path to report.
            return if self.left_over.len() > MOST_BYTES.saturating_mul(2) { Err(too_long()) } else { Ok((bytes, None)) };
        };
        let more = self.left_over.len().saturating_add(MARGIN).saturating_sub(FRONT);
        if more > 0 {
            bytes = [vec![0; more], bytes].concat();
        }
        let (at, to, behind) = (FRONT.saturating_add(more), end.saturating_add(more), behind.saturating_add(more));
        let from = at.saturating_sub(self.left_over.len());
        if let Some(room) = bytes.get_mut(from..at) {
            room.copy_from_slice(&self.left_over);
        }
        // As in front of every record.
        if let Some(before) = bytes.get_mut(from.saturating_sub(1)) {
            *before = b'\n';
        }
        self.left_over.clear();
        self.left_over.extend_from_slice(bytes.get(to..behind).unwrap_or_default());
        let (number, offset) = (self.number, self.offset);
        let taken = to.saturating_sub(from);
        self.number = number.saturating_add(1);
        self.offset = offset.saturating_add(taken as u64);
        Ok((bytes, (taken > 0).then_some(Stretch { number, offset, from, to })))
    }
}

fn thread_failed() -> io::Error {
    io::Error::other("a thread failed")
}
