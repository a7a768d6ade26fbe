//! Bytes that can be read only once, kept so that they can be read again.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::sync::Arc;

use super::read_finding;
use crate::finding::{Code, Finding, Place};

/// Bytes kept in memory before a temporary file takes over.
const IN_MEMORY: usize = 64 * 1024 * 1024;

/// Most bytes kept: something that never ends must not fill the disk.
const MOST: u64 = 16 * 1024 * 1024 * 1024;

/// Bytes read at a time.
const BLOCK: usize = 64 * 1024;

/// The bytes kept.
#[derive(Debug)]
pub(super) enum Spool {
    Memory(Vec<u8>),
    Disk { file: File, length: u64 },
}

impl Spool {
    /// Reads `input` to its end.
    pub(super) fn fill(input: impl Read, place: &Place) -> Result<Spool, Finding> {
        Spool::fill_within(input, place, IN_MEMORY, MOST)
    }

    /// Reads `input` to its end, which must fit in memory.
    pub(super) fn fill_memory(input: impl Read, place: &Place) -> Result<Spool, Finding> {
        Spool::fill_within(input, place, IN_MEMORY, IN_MEMORY as u64)
    }

    fn fill_within(mut input: impl Read, place: &Place, in_memory: usize, most: u64) -> Result<Spool, Finding> {
        let mut kept = Vec::new();
        let mut block = vec![0; BLOCK];
        let mut disk: Option<(File, u64)> = None;
        loop {
            let read = match input.read(&mut block) {
                Ok(0) => break,
                Ok(read) => read,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(read_finding(place, &error)),
            };
            let bytes = block.get(..read).unwrap_or_default();
            if kept.is_empty() && disk.is_none() && bytes.len() > 64 && bytes.iter().all(|byte| *byte == 0) {
                return Err(Finding::new(Code::NotText, place.clone(), "this is nothing but zero bytes"));
            }
            if let Some((file, length)) = &mut disk {
                *length = length.saturating_add(read as u64);
                if *length > most {
                    return Err(too_large(place, most));
                }
                file.write_all(bytes).map_err(|error| not_kept(place, &error))?;
                continue;
            }
            kept.extend_from_slice(bytes);
            if kept.len() as u64 > most {
                return Err(too_large(place, most));
            }
            if kept.len() > in_memory {
                let mut file = tempfile::tempfile().map_err(|error| not_kept(place, &error))?;
                file.write_all(&kept).map_err(|error| not_kept(place, &error))?;
                disk = Some((file, kept.len() as u64));
                kept = Vec::new();
            }
        }
        Ok(match disk {
            Some((file, length)) => Spool::Disk { file, length },
            None => Spool::Memory(kept),
        })
    }

    /// How many bytes there are.
    pub(super) fn length(&self) -> u64 {
        match self {
            Spool::Memory(bytes) => bytes.len() as u64,
            Spool::Disk { length, .. } => *length,
        }
    }

    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
        match self {
            Spool::Memory(bytes) => {
                let start = usize::try_from(offset).unwrap_or(usize::MAX).min(bytes.len());
                bytes.get(start..).unwrap_or_default().read(buffer)
            }
            Spool::Disk { file, .. } => read_file_at(file, buffer, offset),
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
            SeekFrom::End(distance) => self.spool.length().checked_add_signed(distance),
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

fn too_large(place: &Place, most: u64) -> Finding {
    let message = format!("the input does not end within {most} bytes");
    Finding::new(Code::TooLarge, place.clone(), message).help("save it to a file and name that")
}

fn not_kept(place: &Place, error: &io::Error) -> Finding {
    let message = format!("the input cannot be kept in a temporary file: {error}");
    Finding::new(Code::Unreadable, place.clone(), message)
        .help("save it to a file and name that, or set TMPDIR to a disk with room")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_all(spool: &Arc<Spool>) -> Vec<u8> {
        let mut bytes = Vec::new();
        reader(spool).read_to_end(&mut bytes).unwrap();
        bytes
    }

    #[test]
    fn what_is_kept_reads_the_same_twice_from_memory_and_from_disk() {
        let bytes: Vec<u8> = (0..200_000_u32).flat_map(u32::to_le_bytes).collect();
        for in_memory in [1_000_000, 1_000] {
            let spool = Arc::new(Spool::fill_within(&bytes[..], &Place::default(), in_memory, MOST).unwrap());
            assert_eq!(matches!(*spool, Spool::Disk { .. }), in_memory == 1_000);
            assert_eq!(spool.length(), bytes.len() as u64);
            let mut interleaved = reader(&spool);
            let mut first = [0; 10];
            interleaved.read_exact(&mut first).unwrap();
            assert_eq!(read_all(&spool), bytes);
            assert_eq!(read_all(&spool), bytes);
            let mut rest = Vec::new();
            interleaved.read_to_end(&mut rest).unwrap();
            assert_eq!([&first[..], &rest].concat(), bytes);
        }
    }

    #[test]
    fn what_does_not_end_is_refused() {
        let endless = io::repeat(b'x');
        assert_eq!(Spool::fill_within(endless, &Place::default(), 1 << 17, 1 << 20).unwrap_err().code(), Code::TooLarge);
        assert_eq!(Spool::fill(io::repeat(0), &Place::default()).unwrap_err().code(), Code::NotText);
    }
}
