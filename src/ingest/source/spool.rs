//! Bytes that can be read only once, kept while they are read so that they can be read again.
//!
//! **Owns** reading such an input as it is asked for, and keeping what was read: in memory at first,
//! beyond that in a temporary file without a name, which is gone with the program however it ends.
//! The first reading is that of the input itself and does not wait for its end; a later one gets what
//! was kept. Where no more can be kept (the disk is full, or the input goes on for longer than
//! anyone's disk should be filled) nothing is, and the first reading goes on; only a second one is
//! refused then.
//!
//! **Does not know** what the bytes say, nor who needs them a second time.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};

use super::{ContainerFault, read_finding};
use crate::finding::{Code, Finding, Place};

/// Where bytes are kept, and how many: several blocks in memory at least, which are all read again.
#[derive(Clone, Copy, Debug)]
struct Room {
    /// Bytes in memory before a temporary file takes over.
    before_disk: usize,
    /// Most bytes in memory, where there can be no temporary file.
    in_memory: usize,
    /// Most bytes at all: something that never ends must not fill the disk.
    most: u64,
}

const ROOM: Room = Room { before_disk: 8 * MIB, in_memory: 64 * MIB, most: 16 * 1024 * MIB as u64 };

const MIB: usize = 1024 * 1024;

/// Bytes read at a time.
const BLOCK: usize = 64 * 1024;

/// An input with what was kept of it.
pub(super) struct Spool {
    state: Mutex<State>,
    /// Bytes read so far.
    length: AtomicU64,
    ended: AtomicBool,
}

struct State {
    /// `None` at its end, or when it failed.
    input: Option<Box<dyn Read + Send>>,
    /// Why it cannot be read any further.
    failed: Option<Failure>,
    kept: Kept,
}

/// An error for everybody who reads up to it.
#[derive(Clone, Debug)]
struct Failure {
    kind: io::ErrorKind,
    message: String,
    code: Option<Code>,
}

impl Failure {
    fn error(&self) -> io::Error {
        match self.code {
            Some(code) => ContainerFault::error(code, self.message.clone()),
            None => io::Error::new(self.kind, self.message.clone()),
        }
    }
}

/// What was kept from the first byte on.
#[derive(Debug)]
struct Kept {
    place: Kind,
    room: Room,
    length: u64,
    /// Why there is no temporary file.
    no_file: Option<String>,
}

#[derive(Debug)]
enum Kind {
    Memory(Vec<u8>),
    Disk(File),
    /// Nothing, because there was no room for more.
    Lost(NoRoom),
}

#[derive(Clone, Debug)]
enum NoRoom {
    /// More than so many bytes.
    TooLong(u64),
    /// No temporary file can be written.
    NoFile(String),
}

impl Spool {
    /// An input that is read when it is asked for, and kept.
    pub(super) fn new(input: impl Read + Send + 'static) -> Spool {
        Spool::within(input, ROOM)
    }

    fn within(input: impl Read + Send + 'static, room: Room) -> Spool {
        let state = State { input: Some(Box::new(input)), failed: None, kept: Kept::new(room) };
        Spool { state: Mutex::new(state), length: AtomicU64::new(0), ended: AtomicBool::new(false) }
    }

    /// All of `input`, read to its end.
    pub(super) fn fill(input: impl Read, place: &Place) -> Result<Spool, Finding> {
        Spool::fill_within(input, place, ROOM)
    }

    /// All of `input`, which must fit in memory.
    pub(super) fn fill_memory(input: impl Read, place: &Place) -> Result<Spool, Finding> {
        let most = ROOM.in_memory;
        Spool::fill_within(input, place, Room { before_disk: most, in_memory: most, most: most as u64 })
    }

    fn fill_within(mut input: impl Read, place: &Place, room: Room) -> Result<Spool, Finding> {
        let mut kept = Kept::new(room);
        let mut block = vec![0; BLOCK];
        loop {
            let read = read_on(&mut input, &mut block).map_err(|error| read_finding(place, &error))?;
            let bytes = block.get(..read).unwrap_or_default();
            if read == 0 {
                break;
            }
            if let Some(failure) = kept.keep(bytes) {
                return Err(read_finding(place, &failure.error()));
            }
            if let Kind::Lost(why) = &kept.place {
                return Err(read_finding(place, &why.error()));
            }
        }
        let length = AtomicU64::new(kept.length);
        Ok(Spool { state: Mutex::new(State { input: None, failed: None, kept }), length, ended: AtomicBool::new(true) })
    }

    /// How many bytes there are, as far as is known.
    pub(super) fn length(&self) -> u64 {
        self.length.load(Ordering::Relaxed)
    }

    /// Whether [`Spool::length`] is all of it.
    pub(super) fn is_whole(&self) -> bool {
        self.ended.load(Ordering::Relaxed)
    }

    /// Reads on until there are `wanted` bytes or the input ends; says how many there are.
    pub(super) fn fill_to(&self, wanted: u64) -> io::Result<u64> {
        let mut block = Vec::new();
        while self.length() < wanted {
            block.resize(BLOCK, 0);
            let mut state = self.state()?;
            if self.read_more(&mut state, &mut block)? == 0 {
                break;
            }
        }
        Ok(self.length())
    }

    fn state(&self) -> io::Result<MutexGuard<'_, State>> {
        self.state.lock().map_err(|_| io::Error::other("a thread failed"))
    }

    /// Bytes from `offset` on, kept ones or new ones.
    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
        // The first block is read as one, however little of it is asked for: it tells what comes.
        self.fill_to(offset.max(1))?;
        let mut state = self.state()?;
        if offset < state.kept.length { state.kept.read_at(buffer, offset) } else { self.read_more(&mut state, buffer) }
    }

    /// The next bytes of the input, which are kept.
    fn read_more(&self, state: &mut State, buffer: &mut [u8]) -> io::Result<usize> {
        if let Some(failure) = &state.failed {
            return Err(failure.error());
        }
        let Some(input) = &mut state.input else { return Ok(0) };
        let failure = match read_on(input, buffer) {
            Ok(0) if buffer.is_empty() => return Ok(0),
            Ok(0) => {
                state.input = None;
                self.ended.store(true, Ordering::Relaxed);
                return Ok(0);
            }
            Ok(read) => match state.kept.keep(buffer.get(..read).unwrap_or_default()) {
                None => {
                    self.length.store(state.kept.length, Ordering::Relaxed);
                    return Ok(read);
                }
                Some(failure) => failure,
            },
            Err(error) => Failure { kind: error.kind(), message: error.to_string(), code: None },
        };
        state.input = None;
        let error = failure.error();
        state.failed = Some(failure);
        Err(error)
    }
}

impl std::fmt::Debug for Spool {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Spool").field("length", &self.length).field("ended", &self.ended).finish_non_exhaustive()
    }
}

/// Reads once, again when a signal came between.
fn read_on(input: &mut impl Read, buffer: &mut [u8]) -> io::Result<usize> {
    loop {
        match input.read(buffer) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            read => return read,
        }
    }
}

impl Kept {
    fn new(room: Room) -> Kept {
        Kept { place: Kind::Memory(Vec::new()), room, length: 0, no_file: None }
    }

    /// Keeps bytes that follow, or nothing at all from now on where there is no room; says what is
    /// wrong with the bytes themselves.
    fn keep(&mut self, bytes: &[u8]) -> Option<Failure> {
        if self.length == 0 && bytes.len() > 64 && bytes.iter().all(|byte| *byte == 0) {
            let message = "this is nothing but zero bytes".to_owned();
            return Some(Failure { kind: io::ErrorKind::InvalidData, message, code: Some(Code::NotText) });
        }
        self.length = self.length.saturating_add(bytes.len() as u64);
        let kept = match &mut self.place {
            Kind::Lost(_) => return None,
            _ if self.length > self.room.most => Err(NoRoom::TooLong(self.room.most)),
            Kind::Disk(file) => file.write_all(bytes).map_err(|error| NoRoom::NoFile(error.to_string())),
            Kind::Memory(memory) => {
                memory.extend_from_slice(bytes);
                self.move_to_disk()
            }
        };
        if let Err(why) = kept {
            self.place = Kind::Lost(why);
        }
        None
    }

    /// Moves what is in memory to a temporary file once it is much, if there can be one.
    fn move_to_disk(&mut self) -> Result<(), NoRoom> {
        let Kind::Memory(memory) = &self.place else { return Ok(()) };
        if self.no_file.is_none() && memory.len() > self.room.before_disk {
            let written = tempfile::tempfile().and_then(|mut file| file.write_all(memory).map(|()| file));
            match written {
                Ok(file) => self.place = Kind::Disk(file),
                Err(error) => self.no_file = Some(error.to_string()),
            }
        }
        match (&self.place, &self.no_file) {
            (Kind::Memory(memory), Some(why)) if memory.len() > self.room.in_memory => Err(NoRoom::NoFile(why.clone())),
            _ => Ok(()),
        }
    }

    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
        match &self.place {
            Kind::Memory(bytes) => {
                let start = usize::try_from(offset).unwrap_or(usize::MAX).min(bytes.len());
                bytes.get(start..).unwrap_or_default().read(buffer)
            }
            Kind::Disk(file) => read_file_at(file, buffer, offset),
            Kind::Lost(why) => Err(why.error()),
        }
    }
}

impl NoRoom {
    fn error(&self) -> io::Error {
        match self {
            NoRoom::TooLong(most) => {
                let message = format!("the input does not end within {most} bytes, and all of it is needed twice");
                ContainerFault::with_help(Code::TooLarge, message, "save it to a file and name that")
            }
            NoRoom::NoFile(why) => {
                let message = format!("the input is needed twice and cannot be kept in a temporary file: {why}");
                let help = "save it to a file and name that, or set TMPDIR to a disk with room";
                ContainerFault::with_help(Code::Unreadable, message, help)
            }
        }
    }
}

/// A new reading from the beginning.
pub(super) fn reader(spool: &Arc<Spool>) -> impl Read + Seek + Send + use<> {
    SpoolReader { spool: Arc::clone(spool), offset: 0 }
}

/// A place of its own in the bytes: several readers do not disturb each other.
struct SpoolReader {
    spool: Arc<Spool>,
    offset: u64,
}

impl Read for SpoolReader {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.spool.read_at(buffer, self.offset)?;
        self.offset = self.offset.saturating_add(read as u64);
        Ok(read)
    }
}

impl Seek for SpoolReader {
    fn seek(&mut self, position: SeekFrom) -> io::Result<u64> {
        let place = match position {
            SeekFrom::Start(place) => Some(place),
            SeekFrom::End(distance) => self.spool.fill_to(u64::MAX)?.checked_add_signed(distance),
            SeekFrom::Current(distance) => self.offset.checked_add_signed(distance),
        };
        self.offset = place.ok_or(io::ErrorKind::InvalidInput)?;
        Ok(self.offset)
    }
}

#[cfg(unix)]
fn read_file_at(file: &File, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
    std::os::unix::fs::FileExt::read_at(file, buffer, offset)
}

#[cfg(windows)]
fn read_file_at(file: &File, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
    std::os::windows::fs::FileExt::seek_read(file, buffer, offset)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SMALL: Room = Room { before_disk: 2 * BLOCK, in_memory: 4 * BLOCK, most: 1 << 20 };

    fn read_all(spool: &Arc<Spool>) -> io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        reader(spool).read_to_end(&mut bytes)?;
        Ok(bytes)
    }

    fn code(error: &io::Error) -> Code {
        read_finding(&Place::default(), error).code()
    }

    #[test]
    fn what_is_kept_reads_the_same_twice_from_memory_and_from_disk() {
        let bytes: Vec<u8> = (0..200_000_u32).flat_map(u32::to_le_bytes).collect();
        for before_disk in [1_000_000, 1_000] {
            let room = Room { before_disk, ..ROOM };
            let filled = Spool::fill_within(&bytes[..], &Place::default(), room).unwrap();
            let read_later = Spool::within(io::Cursor::new(bytes.clone()), room);
            for spool in [Arc::new(filled), Arc::new(read_later)] {
                let mut interleaved = reader(&spool);
                let mut first = [0; 10];
                interleaved.read_exact(&mut first).unwrap();
                assert_eq!(read_all(&spool).unwrap(), bytes);
                assert_eq!(read_all(&spool).unwrap(), bytes);
                let mut rest = Vec::new();
                interleaved.read_to_end(&mut rest).unwrap();
                assert_eq!([&first[..], &rest].concat(), bytes);
                assert_eq!((spool.length(), spool.is_whole()), (bytes.len() as u64, true));
                assert_eq!(matches!(spool.state().unwrap().kept.place, Kind::Disk(_)), before_disk == 1_000);
            }
        }
    }

    #[test]
    fn an_input_is_read_no_further_than_it_is_asked_for() {
        let spool = Arc::new(Spool::new(io::repeat(b'x')));
        assert_eq!(spool.fill_to(10).unwrap(), BLOCK as u64);
        let mut later = reader(&spool);
        later.seek(SeekFrom::Start(100_000)).unwrap();
        let mut bytes = [0; 7];
        later.read_exact(&mut bytes).unwrap();
        assert_eq!(&bytes, b"xxxxxxx");
        assert!(spool.length() < 1 << 20 && !spool.is_whole());
        let short = Arc::new(Spool::new(io::Cursor::new(b"twelve bytes")));
        assert_eq!(reader(&short).seek(SeekFrom::End(-5)).unwrap(), 7);
        assert_eq!(short.fill_to(100).unwrap(), 12);
    }

    #[test]
    fn what_is_too_long_to_keep_is_read_once() {
        let long = Arc::new(Spool::within(io::repeat(b'x').take(2 << 20), SMALL));
        let mut first = reader(&long);
        let mut bytes = Vec::new();
        assert_eq!(first.read_to_end(&mut bytes).unwrap(), 2 << 20);
        assert_eq!(code(&read_all(&long).unwrap_err()), Code::TooLarge);
        let refused = Spool::fill_within(io::repeat(b'x'), &Place::default(), SMALL).unwrap_err();
        assert_eq!(refused.code(), Code::TooLarge);
    }

    #[test]
    fn without_a_temporary_file_memory_is_used_as_far_as_may_be() {
        let without_file = |length: u64| {
            let mut kept = Kept::new(SMALL);
            kept.no_file = Some("read-only".to_owned());
            let state = State { input: Some(Box::new(io::repeat(b'x').take(length))), failed: None, kept };
            Arc::new(Spool { state: Mutex::new(state), length: AtomicU64::new(0), ended: AtomicBool::new(false) })
        };
        let fits = without_file(4 * BLOCK as u64);
        assert_eq!(read_all(&fits).unwrap(), read_all(&fits).unwrap());
        let long = without_file(500_000);
        assert_eq!(read_all(&long).unwrap().len(), 500_000);
        let refused = read_finding(&Place::default(), &read_all(&long).unwrap_err());
        assert!(refused.to_string().contains("temporary file: read-only"), "{refused}");
        assert_eq!(refused.code(), Code::Unreadable);
    }

    /// Fails after some bytes.
    struct Broken(u8);

    impl Read for Broken {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            self.0 = self.0.checked_sub(1).ok_or(io::ErrorKind::ConnectionReset)?;
            buffer[..3].copy_from_slice(b"abc");
            Ok(3)
        }
    }

    #[test]
    fn every_reading_ends_with_the_error_of_the_input() {
        let spool = Arc::new(Spool::new(Broken(2)));
        for _ in 0..2 {
            let mut bytes = Vec::new();
            let error = reader(&spool).read_to_end(&mut bytes).unwrap_err();
            assert_eq!((bytes.as_slice(), error.kind()), (&b"abcabc"[..], io::ErrorKind::ConnectionReset));
        }
        let zeros = Arc::new(Spool::new(io::repeat(0)));
        for _ in 0..2 {
            assert_eq!(code(&read_all(&zeros).unwrap_err()), Code::NotText);
        }
        assert_eq!(Spool::fill(io::repeat(0), &Place::default()).unwrap_err().code(), Code::NotText);
    }
}
