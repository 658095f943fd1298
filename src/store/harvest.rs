//! Rows of samples out of a damaged file: every page is looked at alone, and a row counts when its
//! checksum is right. What the tree above the pages says is not asked, so one bad page costs its
//! own rows and no others.
//!
//! The format of pages and of the log is that of `SQLite` (sqlite.org/fileformat2.html).

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::ops::ControlFlow;
use std::path::Path;

use super::codec;
use super::tables::{RawKey, RawRow};
use crate::vocabulary::TargetId;

/// linkmon makes no other.
const PAGE: usize = 4_096;
const LOG_HEADER: usize = 32;
const FRAME_HEADER: usize = 24;
/// Leaf and inner pages of a table without rowid.
const LEAF: u8 = 0x0A;
const INNER: u8 = 0x02;
/// The longest row that is believed: a minute of samples takes a few kilobytes.
const LONGEST: usize = 1 << 20;

/// Gives `take` every row of samples in the file and in its log, the newest pages first. A row
/// may come more than once, older versions of it later.
///
/// # Errors
/// If a file cannot be read.
pub(super) fn harvest(
    database: &Path,
    log: &Path,
    take: &mut dyn FnMut(RawRow) -> ControlFlow<()>,
) -> io::Result<()> {
    let mut file = File::open(database)?;
    if let Ok(bytes) = std::fs::read(log)
        && pages_of_log(&bytes, &mut file, take).is_break()
    {
        return Ok(());
    }
    let pages = file.metadata()?.len().div_ceil(PAGE as u64);
    let mut page = vec![0; PAGE];
    for number in 1..=u32::try_from(pages).unwrap_or(u32::MAX) {
        if read_page(&mut file, number, &mut page).is_err() {
            continue;
        }
        if rows_of_page(&page, number, &mut file, take).is_break() {
            break;
        }
    }
    Ok(())
}

/// The frames of the log's present generation, the last first.
fn pages_of_log(
    bytes: &[u8],
    file: &mut File,
    take: &mut dyn FnMut(RawRow) -> ControlFlow<()>,
) -> ControlFlow<()> {
    let Some((header, frames)) = bytes.split_at_checked(LOG_HEADER) else {
        return ControlFlow::Continue(());
    };
    let salt = &header[16..24];
    for frame in frames.chunks_exact(FRAME_HEADER + PAGE).rev() {
        let (head, page) = frame.split_at(FRAME_HEADER);
        if &head[8..16] == salt {
            rows_of_page(page, number_at(head, 0).unwrap_or(0), file, take)?;
        }
    }
    ControlFlow::Continue(())
}

fn read_page(file: &mut File, number: u32, page: &mut [u8]) -> io::Result<()> {
    file.seek(SeekFrom::Start(u64::from(number - 1) * PAGE as u64))?;
    // The last page of a file that was cut may be cut itself.
    let mut filled = 0;
    while filled < page.len() {
        match file.read(&mut page[filled..])? {
            0 => break,
            n => filled += n,
        }
    }
    page[filled..].fill(0);
    Ok(())
}

fn rows_of_page(
    page: &[u8],
    number: u32,
    file: &mut File,
    take: &mut dyn FnMut(RawRow) -> ControlFlow<()>,
) -> ControlFlow<()> {
    let at = if number == 1 { 100 } else { 0 };
    let (cells, child) = match page[at] {
        LEAF => (at + 8, 0),
        INNER => (at + 12, 4),
        _ => return ControlFlow::Continue(()),
    };
    let count = usize::from(u16::from_be_bytes([page[at + 3], page[at + 4]]));
    for n in 0..count.min((PAGE - cells) / 2) {
        let pointer = cells + 2 * n;
        let cell = usize::from(u16::from_be_bytes([page[pointer], page[pointer + 1]]));
        let row =
            page.get(cell + child..).and_then(|cell| payload(cell, file)).and_then(|p| row(&p));
        if let Some(row) = row {
            take(row)?;
        }
    }
    ControlFlow::Continue(())
}

/// The whole record of a cell, its overflow pages included.
fn payload(cell: &[u8], file: &mut File) -> Option<Vec<u8>> {
    let (length, rest) = varint(cell)?;
    let length = usize::try_from(length).ok().filter(|n| *n <= LONGEST)?;
    let most = (PAGE - 12) * 64 / 255 - 23;
    if length <= most {
        return rest.get(..length).map(<[u8]>::to_vec);
    }
    let least = (PAGE - 12) * 32 / 255 - 23;
    let fitting = least + (length - least) % (PAGE - 4);
    let local = if fitting <= most { fitting } else { least };
    let mut whole = rest.get(..local)?.to_vec();
    let mut next = number_at(rest, local)?;
    let mut page = vec![0; PAGE];
    while whole.len() < length {
        if next == 0 {
            return None;
        }
        read_page(file, next, &mut page).ok()?;
        next = number_at(&page, 0)?;
        let wanted = (length - whole.len()).min(PAGE - 4);
        whole.extend_from_slice(&page[4..4 + wanted]);
    }
    Some(whole)
}

/// A record of three whole numbers and a BLOB whose checksum is right.
fn row(record: &[u8]) -> Option<RawRow> {
    let (header, mut types) = varint(record)?;
    let header = usize::try_from(header).ok()?;
    let mut values = record.get(header..)?;
    let mut left = header.checked_sub(record.len() - types.len())?;
    let mut next = || {
        let (kind, rest) = varint(types)?;
        left = left.checked_sub(types.len() - rest.len())?;
        types = rest;
        Some((kind, left))
    };
    let mut whole = || {
        let (kind, _) = next()?;
        integer(kind, &mut values)
    };
    let (minute, target, run) = (whole()?, whole()?, whole()?);
    let (kind, left) = next()?;
    let length = usize::try_from(kind).ok()?.checked_sub(12).filter(|n| n % 2 == 0)? / 2;
    if left != 0 || values.len() != length {
        return None;
    }
    let target = TargetId(u8::try_from(target).ok()?);
    let samples = values.to_vec();
    let right = codec::decode(&samples, minute, target, &mut Vec::new()).is_ok();
    right.then_some(RawRow { key: RawKey { run, minute, target }, samples })
}

fn integer(kind: u64, values: &mut &[u8]) -> Option<i64> {
    let length = match kind {
        0x8 => return Some(0),
        0x9 => return Some(1),
        1..=4 => usize::try_from(kind).ok()?,
        5 => 6,
        6 => 8,
        _ => return None,
    };
    let (bytes, rest) = values.split_at_checked(length)?;
    *values = rest;
    let sign = if bytes[0] & 0x80 == 0 { 0 } else { -1_i64 };
    Some(bytes.iter().fold(sign, |number, byte| number << 8 | i64::from(*byte)))
}

fn number_at(bytes: &[u8], at: usize) -> Option<u32> {
    bytes.get(at..at + 4)?.try_into().ok().map(u32::from_be_bytes)
}

/// A number of up to nine bytes, the highest first.
fn varint(bytes: &[u8]) -> Option<(u64, &[u8])> {
    let mut number = 0_u64;
    for (n, byte) in bytes.iter().take(9).enumerate() {
        if n == 8 {
            return Some((number << 8 | u64::from(*byte), &bytes[9..]));
        }
        number = number << 7 | u64::from(byte & 0x7f);
        if byte & 0x80 == 0 {
            return Some((number, &bytes[n + 1..]));
        }
    }
    None
}
