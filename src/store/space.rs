//! How much disk space the record takes and has.

use std::path::Path;
use std::time::Duration;

use rusqlite::Connection;
use serde::{Deserialize, Serialize};

/// What the record may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SpaceLimits {
    /// Length of the database, its reserve included. The write-ahead log, 4 MB, is not.
    pub max_bytes: u64,
    /// Age of samples.
    pub keep_raw: Duration,
    /// Age of the summaries of minutes.
    pub keep_minutes: Duration,
}

impl SpaceLimits {
    /// The same in pages of the database.
    pub(super) fn pages(&self, page_size: i64) -> i64 {
        i64::try_from(self.max_bytes).unwrap_or(i64::MAX) / page_size.max(1)
    }
}

/// Pages of a database, and the file system it lies on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Space {
    pub(super) pages: i64,
    /// Of these, free.
    pub(super) free: i64,
    pub(super) page_size: i64,
    /// Of the file system, where it can be asked.
    pub(super) disk: Option<DiskSpace>,
}

/// Room on a file system.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct DiskSpace {
    /// Bytes that this user can still write.
    pub available: u64,
    /// Bytes in all.
    pub total: u64,
}

/// The file stops growing when less than this is available.
const SHORT: u64 = 64 << 20;

impl DiskSpace {
    /// The file stops growing when no more than this is available: 64 MB, or a sixteenth of a small
    /// file system.
    pub(super) fn short(&self) -> u64 {
        SHORT.min(self.total / 16)
    }
}

impl Space {
    /// Pages with something in them.
    pub(super) fn used(&self) -> i64 {
        self.pages - self.free
    }

    /// Whether nothing more should be taken from the file system.
    pub(super) fn disk_is_short(&self) -> bool {
        self.disk.is_some_and(|disk| disk.available < disk.short())
    }
}

/// Looks at a database and its file system.
pub(super) fn space_of(db: &Connection, path: &Path) -> rusqlite::Result<Space> {
    let pragma = |name| db.pragma_query_value(None, name, |row| row.get::<_, i64>(0));
    Ok(Space {
        pages: pragma("page_count")?,
        free: pragma("freelist_count")?,
        page_size: pragma("page_size")?,
        disk: disk_of(path),
    })
}

/// Whether the file system of a path takes no changes.
pub(super) fn is_read_only(path: &Path) -> bool {
    rustix::fs::statvfs(path)
        .is_ok_and(|found| found.f_flag.contains(rustix::fs::StatVfsMountFlags::RDONLY))
}

/// Room on the file system of a path; `None` where it cannot be asked.
pub fn disk_of(path: &Path) -> Option<DiskSpace> {
    let found = rustix::fs::statvfs(path).ok()?;
    Some(DiskSpace {
        available: found.f_bavail.saturating_mul(found.f_frsize),
        total: found.f_blocks.saturating_mul(found.f_frsize),
    })
}
