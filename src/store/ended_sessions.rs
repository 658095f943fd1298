//! Sessions of the page that were ended: they stay ended when the daemon starts again.

use std::path::Path;

use super::error::Error;
use super::meta;
use super::tables::note;

/// Keeps what the page writes of its ended sessions, in place of what it wrote before. A daemon may be
/// writing the file at the same time.
///
/// # Errors
/// If there is no linkmon database, or this user may not write it.
pub fn keep_ended_sessions(path: &Path, sessions: &str) -> Result<(), Error> {
    const DOING: &str = "end a session in database";
    let db = note::open(path, DOING, 1)?;
    meta::put(&db, meta::ENDED_SESSIONS, sessions).map_err(|e| Error::sqlite(DOING, path, e))
}
