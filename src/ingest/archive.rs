//! Zip archives: the list of members, and the bytes of each.
//!
//! **Owns** the container and its limits. Members are read where they lie, by their place in the
//! list, and nothing is ever written to disk under a name that an archive gave.
//!
//! **Does not know** what is in a member: a workbook is a zip archive too.
//!
//! The list at the end of the file is what counts (PKWARE's APPNOTE 6.3, with its 64-bit records);
//! sizes that it declares are never trusted with memory, only compared with what comes.

use std::io::{self, BufReader, Read, Seek, SeekFrom};

use super::source::{ContainerFault, Source, container_error, read_finding};
use crate::finding::{Code, Finding, Place};

/// Most members of an archive.
const MOST_MEMBERS: u64 = 10_000;

/// Most bytes of the list of members.
const MOST_LIST: u64 = 16 * 1024 * 1024;

/// Bytes that a member may come to before the ratio to its stored size counts.
const FREE: u64 = 64 * 1024 * 1024;

/// Most bytes that one stored byte may come to. Text and sheets reach 10 to 100.
const MOST_RATIO: u64 = 250;

/// Length of the record that ends an archive, and of its longest comment.
const END: usize = 22;
const LONGEST_COMMENT: usize = 0xFFFF;

/// The members of a zip archive, in the order of its list.
#[derive(Clone, Debug)]
pub struct Archive {
    source: Source,
    members: Vec<Member>,
}

/// One member of an archive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    /// Its path inside the archive; never used as a path on disk.
    pub name: String,
    /// Whether it is a file: neither a folder nor a link.
    pub is_file: bool,
    /// Whether a password protects it.
    pub is_encrypted: bool,
    method: u16,
    offset: u64,
    stored: u64,
    size: u64,
    checksum: u32,
}

impl Archive {
    /// The list of the archive that the source is, as stored.
    ///
    /// # Errors
    /// It cannot be read, is broken, or has too many members.
    pub fn open(source: &Source) -> Result<Archive, Finding> {
        let place = source.place();
        let mut file = source.open_for_seeking()?;
        let members = members(&mut file).map_err(|error| read_finding(&place, &error))?;
        Ok(Archive { source: source.clone(), members })
    }

    /// All members.
    pub fn members(&self) -> &[Member] {
        &self.members
    }

    /// The file of exactly that name.
    ///
    /// # Errors
    /// Two members have it, so that programs could differ on which one counts.
    pub fn find(&self, name: &str) -> Result<Option<&Member>, Finding> {
        let mut named = self.members.iter().filter(|member| member.is_file && member.name == name);
        let first = named.next();
        if named.next().is_some() {
            return Err(
                Finding::new(Code::BadContainer, self.source.place(), "two members of the archive have the same name").saw(name)
            );
        }
        Ok(first)
    }

    /// The archive's own source.
    pub fn source(&self) -> &Source {
        &self.source
    }

    /// The bytes of a member, inflated as they are read and checked against its checksum.
    ///
    /// # Errors
    /// It is protected by a password or packed by a method that is not read.
    pub fn read(&self, member: &Member) -> Result<Box<dyn Read + Send>, Finding> {
        let place = self.source.place();
        let refused = |message: &str, help: &str| {
            Err(Finding::new(Code::BadContainer, place.clone(), message).saw(&member.name).help(help))
        };
        if member.is_encrypted {
            return refused("a member of the archive is protected by a password", "unpack it first");
        }
        if !matches!(member.method, STORED | DEFLATED | ZSTD) {
            return refused("a member of the archive is packed in an unusual way", "unpack it first");
        }
        let mut file = self.source.open_for_seeking()?;
        let start = data_start(&mut file, member).map_err(|error| read_finding(&place, &error))?;
        file.seek(SeekFrom::Start(start)).map_err(|error| read_finding(&place, &error))?;
        let stored = BufReader::new(file.take(member.stored));
        let inflated: Box<dyn Read + Send> = match member.method {
            DEFLATED => Box::new(flate2::bufread::DeflateDecoder::new(stored)),
            ZSTD => super::source::zstd_decoder(stored).map_err(|error| read_finding(&place, &error))?,
            _ => Box::new(stored),
        };
        Ok(Box::new(Checked { input: inflated, checksum: flate2::Crc::new(), count: 0, member: member.clone() }))
    }
}

const STORED: u16 = 0;
const DEFLATED: u16 = 8;
const ZSTD: u16 = 93;

/// Compares what a member comes to with what the list says of it.
struct Checked {
    input: Box<dyn Read + Send>,
    checksum: flate2::Crc,
    count: u64,
    member: Member,
}

impl Read for Checked {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.input.read(buffer).map_err(|error| container_error("zip", error))?;
        if read == 0 && !buffer.is_empty() {
            let whole = self.count == self.member.size && self.checksum.sum() == self.member.checksum;
            return if whole { Ok(0) } else { Err(broken("a member does not have the length and checksum that the list says")) };
        }
        self.checksum.update(buffer.get(..read).unwrap_or_default());
        self.count = self.count.saturating_add(read as u64);
        if self.count > self.member.size {
            return Err(broken("a member is longer than the list says"));
        }
        if self.count > FREE && self.count / MOST_RATIO > self.member.stored {
            let message = format!("a member swells to more than {MOST_RATIO} times its stored size");
            return Err(ContainerFault::error(Code::TooLarge, message));
        }
        Ok(read)
    }
}

fn broken(reason: &str) -> io::Error {
    ContainerFault::error(Code::BadContainer, format!("the zip data is broken or cut short: {reason}"))
}

/// Reads the list of members.
fn members<F: Read + Seek>(file: &mut F) -> io::Result<Vec<Member>> {
    let list = find_list(file)?;
    if list.count > MOST_MEMBERS || list.length > MOST_LIST {
        return Err(ContainerFault::error(Code::TooLarge, format!("the archive has more than {MOST_MEMBERS} members")));
    }
    file.seek(SeekFrom::Start(list.offset))?;
    let mut bytes = Vec::new();
    file.by_ref().take(list.length).read_to_end(&mut bytes)?;
    let mut fields = Fields(&bytes);
    let mut members = Vec::new();
    while !fields.0.is_empty() {
        if members.len() as u64 >= MOST_MEMBERS {
            return Err(ContainerFault::error(Code::TooLarge, format!("the archive has more than {MOST_MEMBERS} members")));
        }
        members.push(member(&mut fields).ok_or_else(|| broken("its list of members is damaged"))?);
    }
    if members.len() as u64 != list.count {
        return Err(broken("its list does not have as many members as it says"));
    }
    Ok(members)
}

/// Where the list of members is.
struct List {
    offset: u64,
    length: u64,
    count: u64,
}

/// Finds the list by the record at the very end of the file.
fn find_list<F: Read + Seek>(file: &mut F) -> io::Result<List> {
    let length = file.seek(SeekFrom::End(0))?;
    let tail_length = length.min((END + LONGEST_COMMENT) as u64);
    let tail_start = length.saturating_sub(tail_length);
    file.seek(SeekFrom::Start(tail_start))?;
    let mut tail = Vec::new();
    file.by_ref().take(tail_length).read_to_end(&mut tail)?;
    let missing = || broken("it has no list of members");
    let last = tail.len().checked_sub(END).ok_or_else(missing)?;
    let is_end = |at: &usize| {
        let Some(record) = tail.get(*at..) else { return false };
        let comment = record.get(END - 2..END).map_or(0, |bytes| usize::from(u16::from_le_bytes([bytes[0], bytes[1]])));
        record.starts_with(b"PK\x05\x06") && record.len() == END.saturating_add(comment)
    };
    let at = (0..=last).rev().find(is_end).ok_or_else(missing)?;
    let position = tail_start.saturating_add(at as u64);
    let mut fields = Fields(tail.get(at.saturating_add(4)..).unwrap_or_default());
    let narrow = end_record(&mut fields).ok_or_else(missing)?;
    let (found, end) = match position.checked_sub(20) {
        Some(locator) if narrow.is_too_small() => wide_list(file, locator, narrow, position)?,
        _ => (narrow, position),
    };
    // Bytes before the archive would shift every place in it; other programs guess then.
    if found.offset.checked_add(found.length) != Some(end) {
        return Err(broken("its list of members is not where it says"));
    }
    Ok(found)
}

impl List {
    /// Whether a field holds the mark that says "see the 64-bit record".
    fn is_too_small(&self) -> bool {
        self.offset == u64::from(u32::MAX) || self.length == u64::from(u32::MAX) || self.count == u64::from(u16::MAX)
    }
}

fn end_record(fields: &mut Fields) -> Option<List> {
    let (disk, list_disk, _, count) = (fields.u16()?, fields.u16()?, fields.u16()?, fields.u16()?);
    let (length, offset) = (fields.u32()?, fields.u32()?);
    let wide = disk == u16::MAX || list_disk == u16::MAX;
    (wide || (disk == 0 && list_disk == 0)).then_some(List { offset: offset.into(), length: length.into(), count: count.into() })
}

/// The 64-bit record, where there is one, and its own place.
fn wide_list<F: Read + Seek>(file: &mut F, locator: u64, narrow: List, narrow_end: u64) -> io::Result<(List, u64)> {
    let mut bytes = [0; 20];
    file.seek(SeekFrom::Start(locator))?;
    file.read_exact(&mut bytes)?;
    let Some(rest) = bytes.strip_prefix(b"PK\x06\x07") else { return Ok((narrow, narrow_end)) };
    let mut fields = Fields(rest);
    let at = fields.u32().and_then(|_| fields.u64()).unwrap_or(u64::MAX);
    let mut record = [0; 56];
    file.seek(SeekFrom::Start(at))?;
    file.read_exact(&mut record)?;
    let damaged = || broken("its 64-bit record is damaged");
    let mut fields = Fields(record.strip_prefix(b"PK\x06\x06").ok_or_else(damaged)?);
    let list = (|| {
        fields.skip(8 + 2 + 2 + 4 + 4)?;
        let _on_this_disk = fields.u64()?;
        let (count, length, offset) = (fields.u64()?, fields.u64()?, fields.u64()?);
        Some(List { offset, length, count })
    })();
    Ok((list.ok_or_else(damaged)?, at))
}

/// Reads one entry of the list.
fn member(fields: &mut Fields) -> Option<Member> {
    if fields.u32()? != 0x0201_4B50 {
        return None;
    }
    let made_by = fields.u16()?;
    fields.skip(2)?;
    let (flags, method) = (fields.u16()?, fields.u16()?);
    fields.skip(4)?;
    let checksum = fields.u32()?;
    let (stored, size) = (fields.u32()?, fields.u32()?);
    let (name_length, extra_length, comment_length) = (fields.u16()?, fields.u16()?, fields.u16()?);
    fields.skip(2 + 2)?;
    let (attributes, offset) = (fields.u32()?, fields.u32()?);
    let name = fields.take(name_length.into())?;
    let extra = fields.take(extra_length.into())?;
    fields.skip(comment_length.into())?;
    let mut wide = [u64::from(size), u64::from(stored), u64::from(offset)];
    widen(&mut wide, extra)?;
    let [size, stored, offset] = wide;
    let name = match std::str::from_utf8(name) {
        Ok(name) => name.to_owned(),
        Err(_) => encoding_rs::mem::decode_latin1(name).into_owned(),
    };
    // The file type of Unix, where the archive was made there.
    let kind = if made_by >> 8 == 3 { (attributes >> 16) & 0xF000 } else { 0 };
    let is_file = !name.ends_with(['/', '\\']) && matches!(kind, 0 | 0x8000);
    Some(Member { is_file, is_encrypted: flags & 1 != 0, name, method, offset, stored, size, checksum })
}

/// Takes the 64-bit values of those fields that are marked as too small: size, stored size and
/// offset, in this order.
fn widen(values: &mut [u64; 3], extra: &[u8]) -> Option<()> {
    let mut fields = Fields(extra);
    while fields.0.len() >= 4 {
        let (id, length) = (fields.u16()?, fields.u16()?);
        let mut wide = Fields(fields.take(length.into())?);
        if id == 1 {
            for value in values.iter_mut().filter(|value| **value == u64::from(u32::MAX)) {
                *value = wide.u64()?;
            }
        }
    }
    Some(())
}

/// Where the bytes of a member begin: after its own header.
fn data_start<F: Read + Seek>(file: &mut F, member: &Member) -> io::Result<u64> {
    file.seek(SeekFrom::Start(member.offset))?;
    let mut header = [0; 30];
    file.read_exact(&mut header)?;
    let lengths = header.strip_prefix(b"PK\x03\x04").and_then(|rest| {
        let mut fields = Fields(rest);
        fields.skip(22)?;
        Some((fields.u16()?, fields.u16()?))
    });
    let (name, extra) = lengths.ok_or_else(|| broken("a member is not where the list says"))?;
    Ok(member.offset.saturating_add(30).saturating_add(name.into()).saturating_add(extra.into()))
}

/// Little-endian fields, one after another.
struct Fields<'a>(&'a [u8]);

impl<'a> Fields<'a> {
    fn take(&mut self, length: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(taken)
    }

    fn skip(&mut self, length: usize) -> Option<()> {
        self.take(length).map(|_| ())
    }

    fn u16(&mut self) -> Option<u16> {
        Some(u16::from_le_bytes(self.take(2)?.try_into().ok()?))
    }

    fn u32(&mut self) -> Option<u32> {
        Some(u32::from_le_bytes(self.take(4)?.try_into().ok()?))
    }

    fn u64(&mut self) -> Option<u64> {
        Some(u64::from_le_bytes(self.take(8)?.try_into().ok()?))
    }
}

/// Endings of members that can be exports, in lower case. Workbooks may stand in an archive,
/// archives may not.
const EXPORT_ENDINGS: &[&str] = &["csv", "tsv", "tab", "txt", "json", "ndjson", "jsonl", "xlsx", "xlsm", "ods", "gz", "zst"];

/// The members that can be exports by their name, and the names of the other files.
pub fn exports(archive: &Archive) -> (Vec<&Member>, Vec<&str>) {
    let hidden = |name: &str| name.split(['/', '\\']).any(|part| part.starts_with('.') || part == "__MACOSX");
    let files = archive.members().iter().filter(|member| member.is_file && !hidden(&member.name));
    let can_be = |member: &&Member| {
        let ending = member.name.rsplit_once('.').map(|(_, ending)| ending.to_lowercase());
        ending.is_some_and(|ending| EXPORT_ENDINGS.contains(&ending.as_str()))
    };
    let (exports, others): (Vec<&Member>, Vec<&Member>) = files.partition(can_be);
    (exports, others.into_iter().map(|member| member.name.as_str()).collect())
}

/// The finding for an archive without an export.
pub fn no_exports(place: Place) -> Finding {
    Finding::new(Code::NoFiles, place, "the archive has no file that could be an export")
        .expected(format!("files that end in {}", EXPORT_ENDINGS.join(", ")))
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use std::io::Write;

    /// An archive written by hand, so that each field can be wrong on purpose.
    pub(crate) struct Packed {
        pub(crate) bytes: Vec<u8>,
        list: Vec<u8>,
        count: u16,
    }

    pub(crate) fn pack(members: &[(&str, &[u8])]) -> Vec<u8> {
        let mut packed = Packed { bytes: Vec::new(), list: Vec::new(), count: 0 };
        for (index, (name, content)) in members.iter().enumerate() {
            packed.add(name, content, index % 2 == 1 || content.len() > 200, 0o100_644, content.len());
        }
        packed.finish()
    }

    impl Packed {
        fn add(&mut self, name: &str, content: &[u8], deflate: bool, mode: u32, declared: usize) {
            let mut crc = flate2::Crc::new();
            crc.update(content);
            let data = if deflate {
                let mut encoder = flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::default());
                encoder.write_all(content).unwrap();
                encoder.finish().unwrap()
            } else {
                content.to_vec()
            };
            let offset = u32::try_from(self.bytes.len()).unwrap();
            let method = if deflate { DEFLATED } else { STORED };
            let mut common = Vec::new();
            common.extend(20_u16.to_le_bytes());
            common.extend(0_u16.to_le_bytes());
            common.extend(method.to_le_bytes());
            common.extend([0; 4]);
            common.extend(crc.sum().to_le_bytes());
            common.extend(u32::try_from(data.len()).unwrap().to_le_bytes());
            common.extend(u32::try_from(declared).unwrap().to_le_bytes());
            common.extend(u16::try_from(name.len()).unwrap().to_le_bytes());
            common.extend(0_u16.to_le_bytes());
            self.bytes.extend(b"PK\x03\x04");
            self.bytes.extend(&common);
            self.bytes.extend(name.as_bytes());
            self.bytes.extend(&data);
            self.list.extend(b"PK\x01\x02");
            self.list.extend((3_u16 << 8).to_le_bytes());
            self.list.extend(&common);
            self.list.extend([0; 6]);
            self.list.extend((mode << 16).to_le_bytes());
            self.list.extend(offset.to_le_bytes());
            self.list.extend(name.as_bytes());
            self.count += 1;
        }

        fn finish(mut self) -> Vec<u8> {
            let offset = u32::try_from(self.bytes.len()).unwrap();
            let length = u32::try_from(self.list.len()).unwrap();
            self.bytes.append(&mut self.list);
            self.bytes.extend(b"PK\x05\x06");
            self.bytes.extend([0; 4]);
            self.bytes.extend(self.count.to_le_bytes());
            self.bytes.extend(self.count.to_le_bytes());
            self.bytes.extend(length.to_le_bytes());
            self.bytes.extend(offset.to_le_bytes());
            self.bytes.extend([0; 2]);
            self.bytes
        }
    }

    fn archive(bytes: &[u8]) -> Result<Archive, Finding> {
        Archive::open(&Source::spool("a.zip", bytes).unwrap())
    }

    fn content(archive: &Archive, name: &str) -> Result<Vec<u8>, Finding> {
        let member = archive.find(name)?.expect("a member of that name");
        let mut bytes = Vec::new();
        archive.read(member)?.read_to_end(&mut bytes).map_err(|error| read_finding(&Place::default(), &error))?;
        Ok(bytes)
    }

    #[test]
    fn members_are_read_by_name_any_number_of_times() {
        let long = b"campaign,clicks\n".repeat(5_000);
        let archive = archive(&pack(&[("a.csv", b"a,b\n1,2\n"), ("b/c.csv", b"x"), ("long.csv", &long)])).unwrap();
        for _ in 0..2 {
            assert_eq!(content(&archive, "a.csv").unwrap(), b"a,b\n1,2\n");
            assert_eq!(content(&archive, "b/c.csv").unwrap(), b"x");
            assert_eq!(content(&archive, "long.csv").unwrap(), long);
        }
        assert!(archive.find("c.csv").unwrap().is_none());
    }

    #[test]
    fn links_folders_and_hidden_files_are_no_exports() {
        let mut packed = Packed { bytes: Vec::new(), list: Vec::new(), count: 0 };
        packed.add("link.csv", b"/etc/passwd", false, 0o120_777, 11);
        packed.add("folder.csv/", b"", false, 0o040_755, 0);
        packed.add("__MACOSX/._a.csv", b"x", false, 0o100_644, 1);
        packed.add("../../up.csv", b"x", false, 0o100_644, 1);
        packed.add("read me.md", b"x", false, 0o100_644, 1);
        let archive = archive(&packed.finish()).unwrap();
        let (found, others) = exports(&archive);
        assert!(found.is_empty(), "{found:?}");
        assert_eq!(others, ["read me.md"]);
    }

    #[test]
    fn what_the_list_says_is_checked() {
        let mut packed = Packed { bytes: Vec::new(), list: Vec::new(), count: 0 };
        packed.add("short.csv", b"abcdef", false, 0, 5);
        packed.add("long.csv", b"abcdef", true, 0, 7);
        packed.add("twice.csv", b"a", true, 0, 1);
        packed.add("twice.csv", b"b", true, 0, 1);
        let bytes = packed.finish();
        let whole = archive(&bytes).unwrap();
        for name in ["short.csv", "long.csv", "twice.csv"] {
            assert_eq!(content(&whole, name).unwrap_err().code(), Code::BadContainer, "{name}");
        }
        let mut damaged = pack(&[("a.csv", b"campaign,clicks\n")]);
        damaged[40] ^= 1;
        assert_eq!(content(&archive(&damaged).unwrap(), "a.csv").unwrap_err().code(), Code::BadContainer);
        for cut in [1, 10, 30, bytes.len() / 2] {
            assert_eq!(archive(&bytes[..bytes.len() - cut]).unwrap_err().code(), Code::BadContainer);
        }
        let moved = [b"x", &bytes[..]].concat();
        assert_eq!(archive(&moved).unwrap_err().code(), Code::BadContainer);
    }

    #[test]
    fn bombs_are_capped_while_they_inflate() {
        let zeros = vec![b'0'; usize::try_from(FREE).unwrap() + (1 << 20)];
        let bomb = archive(&pack(&[("x", b""), ("bomb.csv", &zeros)])).unwrap();
        assert_eq!(content(&bomb, "bomb.csv").unwrap_err().code(), Code::TooLarge);
        let names: Vec<String> = (0..=MOST_MEMBERS).map(|index| format!("{index}.csv")).collect();
        let many: Vec<(&str, &[u8])> = names.iter().map(|name| (name.as_str(), &b""[..])).collect();
        assert_eq!(archive(&pack(&many)).unwrap_err().code(), Code::TooLarge);
    }

    #[test]
    fn archives_of_another_program_are_read() {
        let folder = tempfile::tempdir().unwrap();
        let script = "import zipfile,sys\nwith zipfile.ZipFile(sys.argv[1],'w',zipfile.ZIP_DEFLATED) as z:\n z.writestr('a.csv','x,y\\n'*1000)\n with z.open('big.csv','w',force_zip64=True) as f: f.write(b'1,2\\n')\n z.comment=b'made elsewhere'\n";
        let path = folder.path().join("a.zip");
        let made = std::process::Command::new("python3").arg("-c").arg(script).arg(&path).status();
        if !made.is_ok_and(|status| status.success()) {
            eprintln!("skipped: python3 is not here");
            return;
        }
        let archive = Archive::open(&Source::file(&path).unwrap()).unwrap();
        assert_eq!(content(&archive, "a.csv").unwrap(), b"x,y\n".repeat(1000));
        assert_eq!(content(&archive, "big.csv").unwrap(), b"1,2\n");
    }

    proptest::proptest! {
        #[test]
        fn any_damage_is_refused_or_harmless(at in 0_usize..180, byte: u8) {
            let mut bytes = pack(&[("a.csv", b"campaign,clicks\nspring,1\n"), ("b.csv", b"campaign,clicks\nautumn,2\n")]);
            let end = bytes.len();
            bytes[at % end] = byte;
            if let Ok(archive) = archive(&bytes) {
                for member in archive.members() {
                    if let Ok(mut reader) = archive.read(member) {
                        let mut sink = Vec::new();
                        let _ = reader.read_to_end(&mut sink);
                    }
                }
            }
        }
    }
}
