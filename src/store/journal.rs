//! The journal: what is not yet in the database, in a small file that is rewritten each second.
//!
//! The file has two slots that are written in turn, in place and without fsync: it saves the
//! open minute from a kill of the daemon and shows it to readers, and costs no wear where the
//! runtime directory is in memory. A power cut loses it; what it holds is at most a minute old.
//!
//! ```text
//! 8 bytes "LNKTAIL1", u32 LE size of a slot, 4 bytes 0
//! 2 x slot: u64 LE sequence, u32 LE length, u32 LE CRC-32 of sequence, length and content; content
//! ```

use std::fs::File;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::codec::varint::{Input, put_signed, put_varint};
use super::file::beside;
use super::tables::{RawKey, RawRow, RunRow, WaitingRow};
use crate::sys::plain;
use crate::time::Timestamp;
use crate::vocabulary::TargetId;

const MAGIC: &[u8; 8] = b"LNKTAIL1";
const FILE_HEADER: u64 = 16;
const SLOT_HEADER: usize = 16;
const LEAST_SLOT: usize = 16 << 10;
/// Nothing larger is written or read: a foreign file of this name must not fill the memory.
const LARGEST_SLOT: usize = 16 << 20;

/// What the journal holds besides the samples.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct JournalHead {
    /// The database it belongs to: the file at the same path may have been replaced.
    pub(super) database: i64,
    /// The commit after which this was written. If the database has seen more, its rows are newer.
    pub(super) commits: i64,
    /// UTC of the writer when it wrote this.
    pub(super) written_us: i64,
    /// The runs that are open or not yet closed in the database.
    pub(super) runs: Vec<RunRow>,
    /// What the next commit will write besides samples.
    pub(super) pending: Vec<WaitingRow>,
    /// The part of it that a program of schema 1 does not know, kept apart so that it can read the
    /// rest. Only in the file; in memory everything is in `pending`.
    #[serde(default)]
    pub(super) added: Vec<WaitingRow>,
    /// The status, JSON as the pipeline gave it.
    pub(super) status: String,
}

/// All of a journal.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Journal {
    pub(super) head: JournalHead,
    pub(super) minutes: Vec<RawRow>,
}

impl Journal {
    /// The journal of database `identity` at `path`; `None` if there is none that this user may
    /// read, or it is damaged or another database's.
    pub(super) fn read(path: &Path, identity: i64) -> Option<Self> {
        // The writer may be writing one slot; the other is then whole. Only a reader that was
        // stopped for two seconds between reading both finds neither, and tries again.
        (0..3)
            .find_map(|_| Self::decode(&newest_slot(path)?))
            .filter(|t| t.head.database == identity)
    }

    /// When it was written.
    pub(super) fn written(&self) -> Timestamp {
        Timestamp::from_micros(self.head.written_us)
    }

    fn decode(content: &[u8]) -> Option<Self> {
        let mut input = Input::new(content);
        let length = input.varint().ok()?;
        let mut head: JournalHead = serde_json::from_slice(input.take(length).ok()?).ok()?;
        head.pending.append(&mut head.added);
        let mut minutes = Vec::new();
        while input.remaining() > 0 {
            let run = input.signed().ok()?;
            let minute = input.signed().ok()?;
            let target = TargetId(input.byte().ok()?);
            let length = input.varint().ok()?;
            let samples = input.take(length).ok()?.to_vec();
            minutes.push(RawRow { key: RawKey { run, minute, target }, samples });
        }
        Some(Self { head, minutes })
    }
}

/// Appends the head of a journal; the minutes follow, each by [`put_minute`].
pub(super) fn put_head(out: &mut Vec<u8>, head: &JournalHead) -> serde_json::Result<()> {
    // Quotes within the status are escaped; runs and rows are few.
    let mut json = Vec::with_capacity(2 * head.status.len() + 1_024);
    serde_json::to_writer(&mut json, head)?;
    put_varint(out, json.len() as u64);
    out.extend_from_slice(&json);
    Ok(())
}

/// Appends one minute to a journal.
pub(super) fn put_minute(out: &mut Vec<u8>, key: RawKey, samples: &[u8]) {
    put_signed(out, key.run);
    put_signed(out, key.minute);
    out.push(key.target.0);
    put_varint(out, samples.len() as u64);
    out.extend_from_slice(samples);
}

fn newest_slot(path: &Path) -> Option<Vec<u8>> {
    let file = plain::open(path).ok()?;
    let mut header = [0; 16];
    file.read_exact_at(&mut header, 0).ok()?;
    if &header[..8] != MAGIC {
        return None;
    }
    let size = u32_at(&header, 8)?;
    if !(SLOT_HEADER..=LARGEST_SLOT).contains(&size) {
        return None;
    }
    (0..2).filter_map(|n| read_slot(&file, FILE_HEADER + n * size as u64, size)).max().map(|s| s.1)
}

fn read_slot(file: &File, at: u64, size: usize) -> Option<(u64, Vec<u8>)> {
    let mut header = [0; SLOT_HEADER];
    file.read_exact_at(&mut header, at).ok()?;
    let sequence = u64::from_le_bytes(header[..8].try_into().ok()?);
    let length = u32_at(&header, 8)?;
    if length > size - SLOT_HEADER {
        return None;
    }
    let mut content = vec![0; length];
    file.read_exact_at(&mut content, at + SLOT_HEADER as u64).ok()?;
    (checksum(&header[..12], &content) as usize == u32_at(&header, 12)?)
        .then_some((sequence, content))
}

fn u32_at(bytes: &[u8], at: usize) -> Option<usize> {
    let bytes = bytes.get(at..at + 4)?.try_into().ok()?;
    usize::try_from(u32::from_le_bytes(bytes)).ok()
}

fn checksum(header: &[u8], content: &[u8]) -> u32 {
    let mut sum = crc32fast::Hasher::new();
    sum.update(header);
    sum.update(content);
    sum.finalize()
}

/// The writing end.
#[derive(Debug)]
pub(super) struct JournalFile {
    path: PathBuf,
    open: Option<(File, usize)>,
    sequence: u64,
}

impl JournalFile {
    /// The journal at `path`; the file is made with the first write.
    pub(super) fn new(path: PathBuf) -> Self {
        Self { path, open: None, sequence: 0 }
    }

    /// Where it lies.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Writes `content` over the older of the two slots. A file that is too small is replaced by
    /// a larger one, renamed into place so that readers always find one whole slot.
    pub(super) fn write(&mut self, content: &[u8]) -> std::io::Result<()> {
        let needed = content.len() + SLOT_HEADER;
        if needed > LARGEST_SLOT {
            return Err(std::io::Error::other("more than 16 MiB are waiting to be stored"));
        }
        self.sequence += 1;
        match &self.open {
            Some((file, size)) if needed <= *size => {
                write_slot(file, *size, self.sequence, content)
            }
            _ => {
                let size =
                    (needed + needed / 2).next_power_of_two().clamp(LEAST_SLOT, LARGEST_SLOT);
                let fresh = self.path.with_added_extension("new");
                // One that is there is left over; if it is a link, it is not followed.
                let _ = std::fs::remove_file(&fresh);
                let file = File::options().write(true).create_new(true).open(&fresh)?;
                let mut header = [0; 16];
                header[..8].copy_from_slice(MAGIC);
                let stored = u32::try_from(size).expect("at most 16 MiB");
                header[8..12].copy_from_slice(&stored.to_le_bytes());
                file.set_len(FILE_HEADER + 2 * size as u64)?;
                file.write_all_at(&header, 0)?;
                write_slot(&file, size, self.sequence, content)?;
                std::fs::rename(&fresh, &self.path)?;
                self.open = Some((file, size));
                Ok(())
            }
        }
    }

    /// Removes the file: all it held is in the database.
    pub(super) fn remove(self) -> std::io::Result<()> {
        match std::fs::remove_file(&self.path) {
            Err(e) if e.kind() != std::io::ErrorKind::NotFound => Err(e),
            _ => Ok(()),
        }
    }
}

fn write_slot(file: &File, size: usize, sequence: u64, content: &[u8]) -> std::io::Result<()> {
    let mut slot = Vec::with_capacity(SLOT_HEADER + content.len());
    slot.extend_from_slice(&sequence.to_le_bytes());
    slot.extend_from_slice(&u32::try_from(content.len()).expect("at most 16 MiB").to_le_bytes());
    slot.extend_from_slice(&checksum(&slot, content).to_le_bytes());
    slot.extend_from_slice(content);
    file.write_all_at(&slot, FILE_HEADER + (sequence % 2) * size as u64)
}

/// Where the journal of `database` (canonical) lies: in the runtime directory under a name that is
/// different for each database, else next to it.
pub(super) fn path_of(database: &Path, runtime_dir: Option<&Path>) -> PathBuf {
    use std::os::unix::ffi::OsStrExt;
    match runtime_dir {
        None => beside(database, "-tail"),
        Some(directory) => {
            // FNV-1a: the same in every version of linkmon, which std's hashes are not.
            let hash = database
                .as_os_str()
                .as_bytes()
                .iter()
                .fold(0xcbf2_9ce4_8422_2325_u64, |hash, &byte| {
                    (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
                });
            directory.join(format!("tail-{hash:016x}"))
        }
    }
}

#[cfg(test)]
#[path = "../../tests/fuzz/journal.rs"]
mod fuzz;
#[cfg(test)]
mod tests {
    use super::*;

    fn content(status: &str, minutes: &[RawRow]) -> Vec<u8> {
        let head = JournalHead {
            database: 9,
            commits: 3,
            written_us: 1_000_000,
            runs: Vec::new(),
            pending: Vec::new(),
            added: Vec::new(),
            status: status.to_owned(),
        };
        let mut out = Vec::new();
        put_head(&mut out, &head).unwrap();
        for m in minutes {
            put_minute(&mut out, m.key, &m.samples);
        }
        out
    }

    #[test]
    fn the_last_of_many_writes_is_read_and_the_file_grows_when_it_must() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("tail");
        let mut file = JournalFile::new(path.clone());
        for n in 0..20 {
            let minute = RawRow {
                key: RawKey { run: 4, minute: -n, target: TargetId(255) },
                samples: vec![7; 90],
            };
            let minutes = vec![minute; usize::try_from(n * n).unwrap()];
            file.write(&content(&format!("{n}"), &minutes)).unwrap();
            let journal = Journal::read(&path, 9).unwrap();
            assert_eq!((journal.head.status, journal.minutes), (n.to_string(), minutes));
        }
        assert_eq!(Journal::read(&path, 8), None, "another database's");
    }

    #[test]
    fn a_write_cut_short_leaves_the_one_before() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("tail");
        let mut file = JournalFile::new(path.clone());
        for status in ["first", "second", "third"] {
            file.write(&content(status, &[])).unwrap();
        }
        let mut bytes = std::fs::read(&path).unwrap();
        let at = bytes.windows(5).position(|w| w == b"third").unwrap();
        bytes[at] = b'T';
        std::fs::write(&path, bytes).unwrap();
        assert_eq!(Journal::read(&path, 9).unwrap().head.status, "second");
    }

    #[test]
    fn a_file_that_is_no_tail_is_none() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("tail");
        for bytes in [&b""[..], b"hello", &[0xff; 40], b"LNKTAIL1\xff\xff\xff\xff\0\0\0\0"] {
            std::fs::write(&path, bytes).unwrap();
            assert_eq!(Journal::read(&path, 9), None);
        }
        assert_eq!(Journal::read(directory.path(), 9), None);
    }

    #[test]
    fn databases_of_one_user_have_tails_of_their_own() {
        let run = Some(Path::new("/run/linkmon"));
        assert_ne!(
            path_of(Path::new("/a/linkmon.db"), run),
            path_of(Path::new("/b/linkmon.db"), run)
        );
        assert_eq!(path_of(Path::new("/a/l.db"), None), Path::new("/a/l.db-tail"));
    }
}
