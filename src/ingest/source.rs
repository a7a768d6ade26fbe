//! What the user named, as inputs that can be opened any number of times.
//!
//! **Owns** the meaning of an argument (a file, a folder, a pattern, `-`), standard input kept for
//! a second reading, and decompression.
//!
//! **Does not know** what is in a file: text, tables and workbooks begin in `sheet`.

use std::fs::{self, File, Metadata};
use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::SystemTime;

use super::archive::{Archive, Member};
use crate::finding::{Code, Finding, Place, nearest};

mod spool;

use spool::Spool;

/// The name of standard input on the command line.
pub const STANDARD_INPUT: &str = "-";

/// Endings of files in a folder that can be exports, in lower case.
const EXPORT_ENDINGS: &[&str] =
    &["csv", "tsv", "tab", "txt", "json", "ndjson", "jsonl", "gz", "zst", "zip", "xlsx", "xlsm", "ods", "parquet"];

/// Most files that one pattern or folder may stand for.
const MOST_FILES: usize = 10_000;

/// Bytes read from disk at a time.
const BLOCK: usize = 64 * 1024;

/// One input as the user named it. Cheap to clone; every [`Source::open`] starts at the beginning.
#[derive(Clone, Debug)]
pub struct Source {
    name: Arc<str>,
    /// The member of an archive that it is.
    part: Option<Arc<str>>,
    bytes: Bytes,
    consumed: Arc<AtomicU64>,
    progress: Arc<Progress>,
}

/// How far reading is, over all passes.
#[derive(Debug)]
struct Progress {
    /// Bytes of earlier passes.
    before: AtomicU64,
    /// Passes expected from the beginning.
    passes: AtomicU64,
}

impl Default for Progress {
    fn default() -> Self {
        Progress { before: AtomicU64::new(0), passes: AtomicU64::new(CAREFUL_PASSES) }
    }
}

/// Passes over an input whose every cell is looked at: one to decide how, one to add up.
pub(super) const CAREFUL_PASSES: u64 = 2;

#[derive(Clone, Debug)]
enum Bytes {
    File { path: PathBuf, stamp: Stamp },
    Spooled(Arc<Spool>),
    Member { archive: Arc<Archive>, member: Arc<Member> },
}

/// What changes when a file is written to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Stamp {
    length: u64,
    modified: Option<SystemTime>,
}

impl Stamp {
    fn of(metadata: &Metadata) -> Stamp {
        Stamp { length: metadata.len(), modified: metadata.modified().ok() }
    }
}

impl Source {
    /// The inputs that the arguments stand for, in order, each file once.
    ///
    /// - `-` is standard input.
    /// - A file is itself, even when its name has `*` in it.
    /// - A folder is the files directly in it that can be exports by their ending, in the order of
    ///   their names, without hidden ones. Folders in it are not entered, because last year's
    ///   copies must not be counted by accident: `'folder/**/*.csv'` says so on purpose.
    /// - Anything else with `*`, `?` or `[` in it is a pattern, which is matched here so that it
    ///   works in every shell.
    ///
    /// # Errors
    /// One finding for each argument that stands for nothing.
    pub fn expand(arguments: &[String]) -> Result<Vec<Source>, Vec<Finding>> {
        let mut sources = Vec::new();
        let mut findings = Vec::new();
        let mut seen = std::collections::BTreeSet::new();
        for argument in arguments {
            match expand_one(argument) {
                Ok(found) => sources.extend(found.into_iter().filter(|source| seen.insert(source.identity()))),
                Err(finding) => findings.push(finding),
            }
        }
        if findings.is_empty() { Ok(sources) } else { Err(findings) }
    }

    /// One file.
    ///
    /// # Errors
    /// It is not there, may not be read, or is not a regular file.
    pub fn file(path: &Path) -> Result<Source, Finding> {
        let name: Arc<str> = path.to_string_lossy().into();
        let metadata = fs::metadata(path).map_err(|error| not_there(path, &error))?;
        if metadata.is_file() {
            let bytes = Bytes::File { path: path.to_path_buf(), stamp: Stamp::of(&metadata) };
            return Ok(Source::new(name, bytes));
        }
        // `<(command)` in a shell hands over an open pipe under such a name.
        let handed_over = ["/dev/stdin", "/dev/fd", "/proc/self/fd"].iter().any(|start| path.starts_with(start));
        if is_pipe(&metadata) && handed_over {
            let file = File::open(path).map_err(|error| not_there(path, &error))?;
            return Ok(Source::stream(name, file));
        }
        let kind = if metadata.is_dir() { "a folder" } else { "a device, a pipe or a socket" };
        let finding = Finding::new(Code::Unreadable, Place::file(name), format!("this is {kind}, not a file"));
        Err(finding.help("to read from a pipe, give it as standard input: `-`"))
    }

    /// Bytes that come once, such as standard input. They are read as they are asked for, and kept
    /// so that they can be read again: up to 8 MiB in memory, beyond that in a temporary file that
    /// has no name. Where they cannot be kept, only a second reading is refused.
    pub fn stream(name: impl Into<Arc<str>>, input: impl Read + Send + 'static) -> Source {
        Source::new(name.into(), Bytes::Spooled(Arc::new(Spool::new(input))))
    }

    /// As [`Source::stream`], read to their end at once.
    ///
    /// # Errors
    /// They cannot be read or kept, are not text from the first block on, or do not end.
    pub fn spool(name: impl Into<Arc<str>>, input: impl Read) -> Result<Source, Finding> {
        let name = name.into();
        let spool = Spool::fill(input, &Place::file(Arc::clone(&name)))?;
        Ok(Source::new(name, Bytes::Spooled(Arc::new(spool))))
    }

    fn new(name: Arc<str>, bytes: Bytes) -> Source {
        Source { name, part: None, bytes, consumed: Arc::default(), progress: Arc::default() }
    }

    /// The name by which the user knows it.
    pub fn name(&self) -> &Arc<str> {
        &self.name
    }

    /// The place of the whole input, for findings.
    pub fn place(&self) -> Place {
        Place { part: self.part.clone(), ..Place::file(Arc::clone(&self.name)) }
    }

    /// Length on disk in bytes, before decompression; of a stream, how many have come so far.
    pub fn byte_len(&self) -> u64 {
        match &self.bytes {
            Bytes::File { stamp, .. } => stamp.length,
            Bytes::Spooled(spool) => spool.length(),
            Bytes::Member { archive, .. } => archive.source().byte_len(),
        }
    }

    /// Whether there are so many bytes on disk; a stream is read as far as that.
    pub(super) fn has_bytes(&self, wanted: u64) -> bool {
        match &self.bytes {
            // What is wrong with it is for whoever reads it to report.
            Bytes::Spooled(spool) => spool.fill_to(wanted).is_ok_and(|length| length >= wanted),
            Bytes::File { .. } | Bytes::Member { .. } => self.byte_len() >= wanted,
        }
    }

    /// How many of [`Source::byte_len`] the latest pass has read, for progress.
    pub fn bytes_read(&self) -> u64 {
        self.consumed.load(Ordering::Relaxed)
    }

    /// Bytes read over all passes, and bytes expected to be read in all, for progress; the latter is
    /// not known of a stream that has not ended.
    pub fn progress(&self) -> (u64, Option<u64>) {
        let read = self.progress.before.load(Ordering::Relaxed).saturating_add(self.bytes_read());
        let whole = self.byte_len().saturating_mul(self.progress.passes.load(Ordering::Relaxed));
        let ended = !matches!(&self.bytes, Bytes::Spooled(spool) if !spool.is_whole());
        (read, ended.then_some(whole.max(read)))
    }

    /// Says how often the whole will be read from now on.
    pub(super) fn expect_passes(&self, more: u64) {
        let done = self.progress().0.checked_div(self.byte_len()).unwrap_or(0);
        self.progress.passes.store(done.saturating_add(more), Ordering::Relaxed);
    }

    fn begin_pass(&self) {
        self.progress.before.fetch_add(self.consumed.swap(0, Ordering::Relaxed), Ordering::Relaxed);
    }

    /// The compression that [`Source::open`] takes off, told by the first bytes.
    pub fn compression(&self) -> Option<&'static str> {
        let mut start = Vec::new();
        self.open_as_stored().ok()?.take(4).read_to_end(&mut start).ok()?;
        if start.starts_with(&GZIP_MAGIC) {
            return Some("gzip");
        }
        (start == ZSTD_MAGIC).then_some("zstd")
    }

    /// The bytes from the beginning, decompressed when they begin as gzip or zstd does.
    ///
    /// # Errors
    /// The file cannot be opened, or changed since it was first looked at.
    pub fn open(&self) -> Result<Box<dyn Read + Send>, Finding> {
        let mut buffered = BufReader::with_capacity(BLOCK, self.open_as_stored()?);
        let start = buffered.fill_buf().map_err(|error| read_finding(&self.place(), &error))?;
        if start.starts_with(&GZIP_MAGIC) {
            return Ok(Box::new(Decompressed { input: flate2::bufread::MultiGzDecoder::new(buffered), format: "gzip" }));
        }
        if start.starts_with(&ZSTD_MAGIC) {
            return zstd_decoder(buffered).map_err(|error| read_finding(&self.place(), &error));
        }
        Ok(Box::new(buffered))
    }

    /// The bytes as they are on disk, at any place.
    ///
    /// # Errors
    /// As for [`Source::open`]; a member of an archive has to be spooled first.
    pub(super) fn open_for_seeking(&self) -> Result<Box<dyn ReadSeek + Send>, Finding> {
        match &self.bytes {
            Bytes::Spooled(spool) => Ok(Box::new(spool::reader(spool))),
            Bytes::File { path, stamp } => {
                let file = self.open_file(path, *stamp)?;
                Ok(Box::new(Counted { input: file, consumed: Arc::clone(&self.consumed) }))
            }
            Bytes::Member { .. } => Err(Finding::new(Code::BadContainer, self.place(), "an archive stands inside an archive")),
        }
    }

    /// The same bytes where they can be read at any place: kept in memory, when they are
    /// compressed or stand in an archive.
    ///
    /// # Errors
    /// As for [`Source::open`], or they are more than a workbook should be.
    pub(super) fn seekable(&self) -> Result<Source, Finding> {
        if self.compression().is_none() && !matches!(self.bytes, Bytes::Member { .. }) {
            return Ok(self.clone());
        }
        let spool = Spool::fill_memory(self.open()?, &self.place())?;
        Ok(Source { bytes: Bytes::Spooled(Arc::new(spool)), ..self.clone() })
    }

    /// A member of the archive that this source is.
    pub(super) fn member(archive: &Arc<Archive>, member: &Member) -> Source {
        let outer = archive.source();
        Source {
            name: Arc::clone(&outer.name),
            part: Some(member.name.as_str().into()),
            bytes: Bytes::Member { archive: Arc::clone(archive), member: Arc::new(member.clone()) },
            consumed: Arc::clone(&outer.consumed),
            progress: Arc::clone(&outer.progress),
        }
    }

    /// The member of an archive that it is.
    pub fn part(&self) -> Option<&Arc<str>> {
        self.part.as_ref()
    }

    fn open_file(&self, path: &Path, stamp: Stamp) -> Result<File, Finding> {
        let file = File::open(path).map_err(|error| not_there(path, &error))?;
        let metadata = file.metadata().map_err(|error| read_finding(&self.place(), &error))?;
        if Stamp::of(&metadata) != stamp {
            return Err(
                Finding::new(Code::Unreadable, self.place(), "the file changed while it was being read").help("run again")
            );
        }
        Ok(file)
    }

    /// The bytes from the beginning, as they are on disk.
    ///
    /// # Errors
    /// As for [`Source::open`].
    pub fn open_as_stored(&self) -> Result<Box<dyn Read + Send>, Finding> {
        self.begin_pass();
        let consumed = Arc::clone(&self.consumed);
        Ok(match &self.bytes {
            Bytes::Spooled(spool) => Box::new(Counted { input: spool::reader(spool), consumed }),
            Bytes::File { path, stamp } => Box::new(Counted { input: self.open_file(path, *stamp)?, consumed }),
            Bytes::Member { archive, member } => archive.read(member)?,
        })
    }

    /// The file itself with its length, where it is one and not compressed, so that several
    /// threads can read it at once.
    pub(super) fn plain_file(&self) -> io::Result<Option<(File, u64)>> {
        let Bytes::File { path, stamp } = &self.bytes else { return Ok(None) };
        if self.compression().is_some() {
            return Ok(None);
        }
        self.begin_pass();
        let file = File::open(path)?;
        if Stamp::of(&file.metadata()?) != *stamp {
            return Err(io::Error::other("the file changed"));
        }
        Ok(Some((file, stamp.length)))
    }

    /// Notes that so many bytes were read past [`Source::open`], for progress.
    pub(super) fn count_read(&self, bytes: u64) {
        self.consumed.fetch_add(bytes, Ordering::Relaxed);
    }

    /// What tells whether two arguments name the same file.
    fn identity(&self) -> PathBuf {
        match &self.bytes {
            Bytes::File { path, .. } => fs::canonicalize(path).unwrap_or_else(|_| path.clone()),
            Bytes::Spooled(_) | Bytes::Member { .. } => PathBuf::from(&*self.name),
        }
    }
}

/// The first bytes of a gzip file.
const GZIP_MAGIC: [u8; 2] = [0x1F, 0x8B];

/// The first bytes of a zstd file.
const ZSTD_MAGIC: [u8; 4] = [0x28, 0xB5, 0x2F, 0xFD];

/// What zstd data may ask for as memory, as a power of two: 128 MiB, which `zstd -19` stays below.
const ZSTD_WINDOW: u32 = 27;

/// The bytes that zstd data comes to, frame after frame.
pub(super) fn zstd_decoder(input: impl BufRead + Send + 'static) -> io::Result<Box<dyn Read + Send>> {
    let mut decoder = zstd::stream::read::Decoder::with_buffer(input)?;
    decoder.window_log_max(ZSTD_WINDOW)?;
    Ok(Box::new(Decompressed { input: decoder, format: "zstd" }))
}

/// What can be read at any place.
pub(super) trait ReadSeek: Read + Seek {}

impl<T: Read + Seek> ReadSeek for T {}

/// A finding for an error while reading.
pub(super) fn read_finding(place: &Place, error: &io::Error) -> Finding {
    if let Some(ContainerFault { code, message, help }) = error.get_ref().and_then(|inner| inner.downcast_ref()) {
        let finding = Finding::new(*code, place.clone(), message.clone());
        return match help {
            Some(help) => finding.help(*help),
            None => finding,
        };
    }
    Finding::new(Code::Unreadable, place.clone(), format!("the file cannot be read: {}", reason(error)))
}

/// Counts what is read, for progress.
struct Counted<R> {
    input: R,
    consumed: Arc<AtomicU64>,
}

impl<R: Seek> Seek for Counted<R> {
    fn seek(&mut self, position: SeekFrom) -> io::Result<u64> {
        self.input.seek(position)
    }
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.input.read(buffer)?;
        self.consumed.fetch_add(read as u64, Ordering::Relaxed);
        Ok(read)
    }
}

/// Tells a broken container from a disk that cannot be read.
struct Decompressed<R> {
    input: R,
    format: &'static str,
}

impl<R: Read> Read for Decompressed<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.input.read(buffer).map_err(|error| container_error(self.format, error))
    }
}

/// The error of a decoder as a fault of the container, unless the disk is at fault.
pub(super) fn container_error(format: &str, error: io::Error) -> io::Error {
    let inner = error.get_ref().is_some_and(<dyn std::error::Error + Send + Sync>::is::<ContainerFault>);
    match error.kind() {
        _ if inner => error,
        io::ErrorKind::InvalidInput | io::ErrorKind::InvalidData | io::ErrorKind::UnexpectedEof | io::ErrorKind::Other => {
            ContainerFault::error(Code::BadContainer, format!("the {format} data is broken or cut short: {error}"))
        }
        _ => error,
    }
}

/// What is wrong with a container, carried through the readers of the standard library.
#[derive(Debug)]
pub(super) struct ContainerFault {
    code: Code,
    message: String,
    help: Option<&'static str>,
}

impl ContainerFault {
    pub(super) fn error(code: Code, message: impl Into<String>) -> io::Error {
        let help = (code == Code::BadContainer).then_some("fetch the file again");
        io::Error::other(ContainerFault { code, message: message.into(), help })
    }

    fn with_help(code: Code, message: String, help: &'static str) -> io::Error {
        io::Error::other(ContainerFault { code, message, help: Some(help) })
    }
}

impl std::fmt::Display for ContainerFault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for ContainerFault {}

fn expand_one(argument: &str) -> Result<Vec<Source>, Finding> {
    if argument == STANDARD_INPUT {
        return Ok(vec![Source::stream(STANDARD_INPUT, io::stdin())]);
    }
    let path = Path::new(argument);
    match fs::metadata(path) {
        Ok(metadata) if metadata.is_dir() => folder(path),
        Err(error) if error.kind() == io::ErrorKind::NotFound && argument.contains(['*', '?', '[']) => pattern(argument),
        _ => Ok(vec![Source::file(path)?]),
    }
}

/// The files of a folder that can be exports.
fn folder(path: &Path) -> Result<Vec<Source>, Finding> {
    let place = Place::file(path.to_string_lossy());
    let unreadable = |error: &io::Error| {
        Finding::new(Code::Unreadable, place.clone(), format!("the folder cannot be read: {}", reason(error)))
    };
    let mut files = Vec::new();
    let mut folders = 0_usize;
    for entry in fs::read_dir(path).map_err(|error| unreadable(&error))? {
        let entry = entry.map_err(|error| unreadable(&error))?.path();
        let hidden = entry.file_name().is_some_and(|name| name.to_string_lossy().starts_with('.'));
        if hidden {
            continue;
        }
        folders = folders.saturating_add(usize::from(entry.is_dir()));
        if entry.is_file() && can_be_export(&entry) {
            files.push(entry);
        }
        refuse_too_many(files.len(), &place)?;
    }
    if files.is_empty() {
        let finding = Finding::new(Code::NoFiles, place, "the folder has no file that could be an export");
        return Err(if folders == 0 {
            finding.expected(format!("files that end in {}", EXPORT_ENDINGS.join(", ")))
        } else {
            finding.help(format!("to read the folders in it as well, give '{}/**/*.csv'", path.display()))
        });
    }
    files.sort();
    files.iter().map(|file| Source::file(file)).collect()
}

fn can_be_export(path: &Path) -> bool {
    let ending = path.extension().map(|ending| ending.to_string_lossy().to_lowercase());
    ending.is_some_and(|ending| EXPORT_ENDINGS.contains(&ending.as_str()))
}

/// The files that a pattern matches. A folder that it matches is left out, as `*.csv` would.
fn pattern(argument: &str) -> Result<Vec<Source>, Finding> {
    let place = Place::file(argument);
    let options = glob::MatchOptions { require_literal_leading_dot: true, ..glob::MatchOptions::new() };
    let paths = glob::glob_with(argument, options)
        .map_err(|error| Finding::new(Code::BadUsage, place.clone(), format!("this pattern cannot be used: {}", error.msg)))?;
    let mut files = Vec::new();
    for path in paths {
        let path = path.map_err(|error| not_there(error.path(), error.error()))?;
        if path.is_file() {
            files.push(path);
        }
        refuse_too_many(files.len(), &place)?;
    }
    if files.is_empty() {
        return Err(Finding::new(Code::NoFiles, place, "no file matches this pattern"));
    }
    files.sort();
    files.iter().map(|file| Source::file(file)).collect()
}

fn refuse_too_many(files: usize, place: &Place) -> Result<(), Finding> {
    if files > MOST_FILES {
        return Err(Finding::new(Code::TooLarge, place.clone(), format!("this stands for more than {MOST_FILES} files")));
    }
    Ok(())
}

/// A finding for a file that cannot be opened, with the nearest name in its folder.
fn not_there(path: &Path, error: &io::Error) -> Finding {
    let place = Place::file(path.to_string_lossy());
    if error.kind() != io::ErrorKind::NotFound {
        return Finding::new(Code::Unreadable, place, format!("the file cannot be opened: {}", reason(error)));
    }
    let finding = Finding::new(Code::Unreadable, place, "there is no such file");
    let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut names: Vec<String> = match fs::read_dir(parent) {
        Ok(entries) => {
            entries.take(MOST_FILES).filter_map(|entry| Some(entry.ok()?.file_name().to_string_lossy().into_owned())).collect()
        }
        Err(_) => return finding,
    };
    names.sort();
    let wanted = path.file_name().map(|name| name.to_string_lossy()).unwrap_or_default();
    match nearest(&wanted, names.iter().map(String::as_str)) {
        Some(name) => finding.help(format!("did you mean '{}'?", path.with_file_name(name).display())),
        None => finding,
    }
}

/// The system's words for an error, without the number that follows them.
fn reason(error: &io::Error) -> String {
    let text = error.to_string();
    text.split(" (os error").next().unwrap_or(&text).to_lowercase()
}

#[cfg(unix)]
fn is_pipe(metadata: &Metadata) -> bool {
    use std::os::unix::fs::FileTypeExt;
    metadata.file_type().is_fifo()
}

#[cfg(not(unix))]
fn is_pipe(_: &Metadata) -> bool {
    false
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    fn all(source: &Source) -> Result<Vec<u8>, Finding> {
        let mut bytes = Vec::new();
        source.open()?.read_to_end(&mut bytes).map_err(|error| read_finding(&source.place(), &error))?;
        Ok(bytes)
    }

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    fn names(arguments: &[String]) -> Vec<String> {
        Source::expand(arguments).unwrap().iter().map(|source| source.name().rsplit('/').next().unwrap().to_owned()).collect()
    }

    #[test]
    fn a_folder_is_its_exports_by_name_and_each_file_is_read_once() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["b.CSV", "a.json", ".hidden.csv", "notes.md", "c[1].tsv"] {
            fs::write(folder.path().join(name), "x").unwrap();
        }
        fs::create_dir(folder.path().join("old")).unwrap();
        fs::write(folder.path().join("old/z.csv"), "x").unwrap();
        let at = |name: &str| folder.path().join(name).display().to_string();
        assert_eq!(names(&[at("")]), ["a.json", "b.CSV", "c[1].tsv"]);
        assert_eq!(names(&[at("*.*"), at("b.CSV")]), ["a.json", "b.CSV", "c[1].tsv", "notes.md"]);
        assert_eq!(names(&[at("**/*.csv")]), ["z.csv"]);
        assert_eq!(names(&[at("c[1].tsv")]), ["c[1].tsv"], "a file that exists is no pattern");
    }

    #[test]
    fn how_long_a_stream_is_shows_at_its_end() {
        let stream = Source::stream("-", io::Cursor::new(vec![b'x'; 300_000]));
        assert!(stream.has_bytes(100_000) && !stream.has_bytes(300_001));
        let stream = Source::stream("-", io::Cursor::new(vec![b'x'; 300_000]));
        let mut some = vec![0; 100_000];
        stream.open().unwrap().read_exact(&mut some).unwrap();
        let (read, whole) = stream.progress();
        assert!((100_000..300_000).contains(&read) && whole.is_none(), "{read} {whole:?}");
        assert_eq!(all(&stream).unwrap().len(), 300_000);
        assert_eq!(stream.progress(), (read + 300_000, Some(600_000)));
    }

    #[test]
    fn what_stands_for_nothing_gets_one_finding_each() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("campaigns.csv"), "x").unwrap();
        fs::create_dir(folder.path().join("empty")).unwrap();
        let at = |name: &str| folder.path().join(name).display().to_string();
        let findings = Source::expand(&[at("campaing.csv"), at("empty"), at("*.xls"), "/dev/zero".into()]).unwrap_err();
        let codes: Vec<Code> = findings.iter().map(Finding::code).collect();
        assert_eq!(codes, [Code::Unreadable, Code::NoFiles, Code::NoFiles, Code::Unreadable]);
        assert!(findings[0].parts().help.as_deref().unwrap().contains("campaigns.csv"), "{}", findings[0]);
        assert!(findings.iter().all(|finding| finding.parts().place.file.is_some()));
    }

    #[test]
    fn gzip_is_told_by_its_bytes_and_read_member_by_member() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("export.csv");
        fs::write(&path, [gzip(b"a,b\n"), gzip(b"1,2\n")].concat()).unwrap();
        let source = Source::file(&path).unwrap();
        for _ in 0..2 {
            assert_eq!(all(&source).unwrap(), b"a,b\n1,2\n");
            assert_eq!(source.bytes_read(), source.byte_len());
        }
        let mut cut = gzip(&b"spring,1\n".repeat(5000));
        cut.truncate(cut.len() / 2);
        fs::write(&path, &cut).unwrap();
        assert_eq!(all(&Source::file(&path).unwrap()).unwrap_err().code(), Code::BadContainer);
        fs::write(&path, [gzip(b"a\n"), b"tail".to_vec()].concat()).unwrap();
        assert_eq!(all(&Source::file(&path).unwrap()).unwrap_err().code(), Code::BadContainer);
    }

    #[test]
    fn a_file_that_changes_between_two_passes_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("f.csv");
        fs::write(&path, "a\n1\n").unwrap();
        let source = Source::file(&path).unwrap();
        assert!(all(&source).is_ok());
        fs::write(&path, "a\n1\n2\n").unwrap();
        assert_eq!(all(&source).unwrap_err().code(), Code::Unreadable);
    }

    #[cfg(unix)]
    #[test]
    fn folders_and_devices_are_not_files() {
        for path in ["/", "/dev/null"] {
            assert_eq!(Source::file(Path::new(path)).unwrap_err().code(), Code::Unreadable);
        }
    }
}
