//! A database that was made and then not needed.

use std::path::Path;

use super::file::{beside, remove_logs};
use super::reader::Reader;
use crate::time::TimeRange;

/// Removes a database that was made for what it then refused, with all that lies beside it; one that has
/// anything of a run in it stays.
pub fn remove_unused(path: &Path) {
    let is_unused = || {
        let reader = Reader::open(path).ok()?;
        Some(reader.runs(TimeRange::EVER).ok()?.is_empty())
    };
    if is_unused() != Some(true) {
        return;
    }
    // The lock at last: until then nobody else begins.
    for suffix in ["", "-tail", ".lock"] {
        let _ = std::fs::remove_file(beside(path, suffix));
    }
    remove_logs(path);
}
