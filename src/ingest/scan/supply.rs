//! Stretches of whole records from an input, to as many threads as ask.
//!
//! **Owns** positioned reads of a file that several threads make at once; bytes that come one after
//! the other are [`super::stream`]'s. **Does not know** what a record says.
//!
//! No thread waits for another in a file: what quotes do is known for each chunk by itself, and a
//! thread that lacks the chunk before works it out.

use std::fs::File;
use std::io::{self, Read};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use super::bits::Signs;
use super::cell::MARGIN;
use super::quotes::{Passage, State, next_record};
use super::stream::StreamSupply;
use crate::ingest::delimited::MOST_BYTES;
use crate::ingest::source::Source;

/// Bytes of a stretch, with room in front of them and behind.
#[derive(Debug, Default)]
pub(super) struct Buffer {
    bytes: Vec<u8>,
    /// For a chunk of another thread whose passage is missing.
    other: Vec<u8>,
}

/// A stretch of whole records.
#[derive(Clone, Copy, Debug)]
pub(super) struct Stretch {
    /// Its place in the order of the input.
    pub(super) number: u64,
    /// Where its first byte stands in the input.
    pub(super) offset: u64,
    /// From where to where it lies in the buffer.
    pub(super) from: usize,
    pub(super) to: usize,
}

impl Buffer {
    /// All bytes; those of the stretch and [`MARGIN`] on both sides.
    pub(super) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Makes room for `length` bytes between the margins.
    fn make_room(&mut self, length: usize) {
        let wanted = length.saturating_add(2 * MARGIN);
        if self.bytes.len() < wanted {
            self.bytes.resize(wanted, 0);
        }
    }
}

/// Where stretches come from.
pub(super) enum Supply {
    /// A file, read at any position.
    File(FileSupply),
    /// Bytes that come one after the other.
    Stream(StreamSupply),
}

impl Supply {
    /// The records of `source` from the byte `start` on, where one begins, for so many threads.
    pub(super) fn new(source: &Source, start: u64, chunk: usize, signs: Signs, threads: usize) -> io::Result<Supply> {
        let chunk = chunk.max(1);
        #[cfg(unix)]
        if let Some((file, length)) = source.plain_file()? {
            return Ok(Supply::File(FileSupply {
                file,
                start,
                length,
                chunk,
                signs,
                tickets: AtomicU64::new(0),
                passages: Mutex::default(),
                source: source.clone(),
            }));
        }
        let reader = source.open().map_err(|finding| io::Error::other(finding.to_string()))?;
        Supply::of_stream(reader, start, chunk, signs, threads)
    }

    /// The same of bytes that come one after the other.
    pub(super) fn of_stream(
        mut reader: Box<dyn Read + Send>,
        start: u64,
        chunk: usize,
        signs: Signs,
        threads: usize,
    ) -> io::Result<Supply> {
        let skipped = io::copy(&mut reader.by_ref().take(start), &mut io::sink())?;
        if skipped < start {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        Ok(Supply::Stream(StreamSupply::new(reader, start, chunk.max(1), signs, threads)))
    }

    /// The next stretch, read into `buffer`; `None` at the end of the input.
    pub(super) fn take(&self, buffer: &mut Buffer) -> io::Result<Option<Stretch>> {
        match self {
            Supply::File(file) => file.take(buffer),
            Supply::Stream(stream) => stream.take(&mut buffer.bytes),
        }
    }
}

/// The error of a record that is too long for this path.
pub(super) fn too_long() -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, "a record is longer than may be")
}

/// A file whose chunks are handed out by number.
pub(super) struct FileSupply {
    file: File,
    start: u64,
    length: u64,
    chunk: usize,
    signs: Signs,
    tickets: AtomicU64,
    passages: Mutex<Passages>,
    source: Source,
}

/// What the chunks read so far do to the state of quotes.
#[derive(Debug)]
struct Passages {
    /// The state in front of each chunk, as far as all chunks before it are known. A byte a chunk.
    states: Vec<State>,
    /// Passages of the chunk of the last state and later ones, as far as they are known.
    known: std::collections::VecDeque<Option<Passage>>,
}

impl Default for Passages {
    fn default() -> Self {
        Passages { states: vec![State::Outside], known: std::collections::VecDeque::new() }
    }
}

impl Passages {
    /// Number of the first chunk whose passage is missing.
    fn missing(&self) -> usize {
        self.states.len().saturating_sub(1)
    }

    fn note(&mut self, number: usize, passage: Passage) {
        let Some(index) = number.checked_sub(self.missing()) else { return };
        if self.known.len() <= index {
            self.known.resize(index.saturating_add(1), None);
        }
        if let Some(slot) = self.known.get_mut(index) {
            *slot = Some(passage);
        }
        while let (Some(Some(passage)), Some(state)) = (self.known.front().copied(), self.states.last().copied()) {
            self.known.pop_front();
            self.states.push(passage.from(state));
        }
    }
}

impl FileSupply {
    fn take(&self, buffer: &mut Buffer) -> io::Result<Option<Stretch>> {
        let number = self.tickets.fetch_add(1, Ordering::Relaxed);
        let Some((begin, end)) = self.borders(number) else { return Ok(None) };
        self.stretch(buffer, number, begin, end).map(Some)
    }

    /// First byte of the chunk and first byte behind it.
    fn borders(&self, number: u64) -> Option<(u64, u64)> {
        let begin = self.start.checked_add(number.checked_mul(self.chunk as u64)?)?;
        (begin < self.length).then(|| (begin, begin.saturating_add(self.chunk as u64).min(self.length)))
    }

    /// The records that begin in the chunk; there may be none.
    fn stretch(&self, buffer: &mut Buffer, number: u64, begin: u64, end: u64) -> io::Result<Stretch> {
        let length = usize::try_from(end.saturating_sub(begin)).map_err(io::Error::other)?;
        buffer.make_room(length);
        let (at_begin, at_end) = (MARGIN, MARGIN.saturating_add(length));
        // The byte in front tells whether a quote or a record can begin with the first.
        let in_front = usize::from(number > 0);
        self.read(&mut buffer.bytes, at_begin.saturating_sub(in_front), at_end, begin.saturating_sub(in_front as u64))?;
        self.source.count_read(length as u64);
        if number == 0
            && let Some(before) = buffer.bytes.get_mut(at_begin.saturating_sub(1))
        {
            *before = b'\n';
        }
        let passage = self.passage(buffer.bytes.get(at_begin.saturating_sub(1)..at_end).unwrap_or_default());
        let state = self.state_before(number, passage, &mut buffer.other)?;
        let Some(from) = self.first_record(&buffer.bytes, at_begin, at_end, state) else {
            return Ok(Stretch { number, offset: end, from: at_end, to: at_end });
        };
        let to = self.extend(buffer, at_end, end, passage.from(state))?;
        Ok(Stretch { number, offset: begin.saturating_add(from.saturating_sub(at_begin) as u64), from, to })
    }

    /// The passage of the bytes behind the first.
    fn passage(&self, bytes: &[u8]) -> Passage {
        let (before, bytes) = bytes.split_first().unwrap_or((&b'\n', &[]));
        Passage::of(bytes, *before, self.signs.delimiter, self.signs.quote)
    }

    /// Where the first record begins that begins in the chunk.
    fn first_record(&self, bytes: &[u8], begin: usize, end: usize, state: State) -> Option<usize> {
        let begins = begin.checked_sub(1).and_then(|before| bytes.get(before)) == Some(&b'\n') && state == State::Outside;
        if begins {
            return Some(begin);
        }
        let next = next_record(bytes.get(..end)?, begin, state, self.signs.delimiter, self.signs.quote)?;
        (next < end).then_some(next)
    }

    /// Reads on until the last record of the chunk has ended; says where that is.
    fn extend(&self, buffer: &mut Buffer, at_end: usize, end: u64, state: State) -> io::Result<usize> {
        let mut known = at_end;
        let mut more = 4096_usize;
        loop {
            if let Some(to) = self.first_record_at_or_behind(buffer.bytes.get(..known).unwrap_or_default(), at_end, state) {
                return Ok(to);
            }
            let position = end.saturating_add(known.saturating_sub(at_end) as u64);
            if position >= self.length {
                return Ok(known);
            }
            if known.saturating_sub(at_end) > MOST_BYTES.saturating_mul(2) {
                return Err(too_long());
            }
            let wanted = usize::try_from(self.length.saturating_sub(position)).unwrap_or(usize::MAX).min(more);
            more = more.saturating_mul(2);
            buffer.make_room(known.saturating_add(wanted));
            self.read(&mut buffer.bytes, known, known.saturating_add(wanted), position)?;
            known = known.saturating_add(wanted);
        }
    }

    fn first_record_at_or_behind(&self, bytes: &[u8], at: usize, state: State) -> Option<usize> {
        if at.checked_sub(1).and_then(|before| bytes.get(before)) == Some(&b'\n') && state == State::Outside {
            return Some(at);
        }
        next_record(bytes, at, state, self.signs.delimiter, self.signs.quote)
    }

    /// The state in front of the chunk, once its own passage is noted. What is missing of chunks
    /// before it is worked out here: their threads may be held up.
    fn state_before(&self, number: u64, passage: Passage, other: &mut Vec<u8>) -> io::Result<State> {
        let index = usize::try_from(number).map_err(io::Error::other)?;
        let mut noted = (index, passage);
        loop {
            let missing = {
                let mut passages = self.passages.lock().map_err(|_| io::Error::other("a thread failed"))?;
                passages.note(noted.0, noted.1);
                if let Some(state) = passages.states.get(index) {
                    return Ok(*state);
                }
                passages.missing()
            };
            noted = (missing, self.read_passage(missing as u64, other)?);
        }
    }

    fn read_passage(&self, number: u64, other: &mut Vec<u8>) -> io::Result<Passage> {
        let (begin, end) = self.borders(number).ok_or_else(too_long)?;
        let length = usize::try_from(end.saturating_sub(begin)).map_err(io::Error::other)?;
        other.resize(length.saturating_add(1), b'\n');
        let in_front = usize::from(number > 0);
        let to = other.len();
        self.read(other, 1_usize.saturating_sub(in_front), to, begin.saturating_sub(in_front as u64))?;
        Ok(self.passage(other))
    }

    #[cfg(unix)]
    fn read(&self, bytes: &mut [u8], from: usize, to: usize, position: u64) -> io::Result<()> {
        use std::os::unix::fs::FileExt as _;
        let room = bytes.get_mut(from..to).ok_or_else(too_long)?;
        self.file.read_exact_at(room, position)
    }

    #[cfg(not(unix))]
    fn read(&self, _: &mut [u8], _: usize, _: usize, _: u64) -> io::Result<()> {
        Err(io::ErrorKind::Unsupported.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const COMMA: Signs = Signs { delimiter: b',', quote: b'"' };

    /// All stretches in their order, as several threads take them.
    fn joined(source: &Source, start: u64, chunk: usize, threads: usize) -> (Vec<u8>, Vec<usize>) {
        let supply = Supply::new(source, start, chunk, COMMA, threads).unwrap();
        let take_all = || {
            let mut buffer = Buffer::default();
            let mut taken = Vec::new();
            while let Some(stretch) = supply.take(&mut buffer).unwrap() {
                assert!(stretch.from >= MARGIN && stretch.to + MARGIN <= buffer.bytes().len());
                assert!(stretch.from == stretch.to || buffer.bytes()[stretch.from - 1] == b'\n');
                taken.push((stretch.number, stretch.offset, buffer.bytes()[stretch.from..stretch.to].to_vec()));
            }
            assert!(taken.is_sorted_by_key(|(number, ..)| *number), "a thread takes its stretches in order");
            taken
        };
        let mut taken = std::thread::scope(|scope| {
            let others: Vec<_> = (1..threads).map(|_| scope.spawn(take_all)).collect();
            let mut taken = take_all();
            others.into_iter().for_each(|other| taken.extend(other.join().unwrap()));
            taken
        });
        taken.sort();
        let mut all = Vec::new();
        let mut starts = Vec::new();
        for (_, offset, bytes) in taken.into_iter().filter(|(.., bytes)| !bytes.is_empty()) {
            assert_eq!(offset, start + all.len() as u64);
            starts.push(all.len());
            all.extend_from_slice(&bytes);
        }
        (all, starts)
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(150))]
        #[test]
        #[cfg_attr(miri, ignore = "it reads files, and nothing here is unsafe")]
        fn stretches_are_all_of_the_input_in_whole_records(
            text in prop::collection::vec(prop_oneof![4 => Just(b'"'), 3 => Just(b','), 2 => Just(b'\n'), 4 => Just(b'x')], 0..300),
            chunk in 1_usize..40,
            threads in prop_oneof![Just(1_usize), Just(2), Just(5)],
        ) {
            let mut starts = vec![0];
            let padded = [b"\n", text.as_slice()].concat();
            let mut at = 1;
            while let Some(next) = next_record(&padded, at, State::Outside, b',', b'"') {
                starts.push(next - 1);
                at = next;
            }
            let file = tempfile::NamedTempFile::new().unwrap();
            std::fs::write(file.path(), [b"head\n", text.as_slice()].concat()).unwrap();
            let stored = Source::file(file.path()).unwrap();
            let spooled = Source::spool("-", [b"head\n", text.as_slice()].concat().as_slice());
            for source in [Ok(stored), spooled].into_iter().flatten() {
                let (all, from) = joined(&source, 5, chunk, threads);
                prop_assert_eq!(&all, &text);
                prop_assert!(from.iter().all(|start| starts.contains(start)), "{:?} of {:?}", from, starts);
            }
        }
    }
}
