//! `SQLITE_FCNTL_PERSIST_WAL`, for which rusqlite has no call.

use rusqlite::{Connection, ffi};

/// Keeps the write-ahead log and its index when the last connection closes: other users can then
/// read the database (they may not make these files themselves), and its blocks stay allocated.
///
/// # Errors
/// The code of `SQLite`.
pub(crate) fn keep_wal(connection: &Connection) -> Result<(), i32> {
    let mut on: std::ffi::c_int = 1;
    // SAFETY: the handle is valid while `connection` is borrowed and is not kept; the name is a
    // C string; SQLITE_FCNTL_PERSIST_WAL takes a pointer to an int, which lives through the call.
    let code = unsafe {
        ffi::sqlite3_file_control(
            connection.handle(),
            c"main".as_ptr(),
            ffi::SQLITE_FCNTL_PERSIST_WAL,
            std::ptr::from_mut(&mut on).cast(),
        )
    };
    if code == ffi::SQLITE_OK { Ok(()) } else { Err(code) }
}
