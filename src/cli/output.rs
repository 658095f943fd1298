//! Standard output and files: all or an error, and a closed pipe is a quiet end.

use std::io::{self, IsTerminal, Write};
use std::path::Path;

use super::failure::Usage;

/// Why not all of the data could be written.
#[derive(Debug, thiserror::Error)]
pub enum OutputError {
    /// Nobody reads any more, as in `linkmon drops | head -1`.
    #[error("standard output is closed")]
    Closed,
    /// Anything else.
    #[error("write to standard output")]
    Failed(#[source] io::Error),
}

/// Writes data to standard output.
///
/// # Errors
/// When it cannot be written.
pub fn write(data: &[u8]) -> Result<(), OutputError> {
    let mut out = io::BufWriter::with_capacity(64 << 10, io::stdout().lock());
    out.write_all(data).and_then(|()| out.flush()).map_err(|e| match e.kind() {
        io::ErrorKind::BrokenPipe => OutputError::Closed,
        _ => OutputError::Failed(e),
    })
}

/// Writes data to the file, or to standard output where none is named.
///
/// # Errors
/// When it cannot be written.
pub(super) fn write_to(file: Option<&Path>, data: &[u8]) -> anyhow::Result<()> {
    match file {
        Some(path) => write_file(path, data),
        None => Ok(write(data)?),
    }
}

/// Writes a file.
///
/// # Errors
/// When it cannot be written.
pub(super) fn write_file(path: &Path, data: &[u8]) -> anyhow::Result<()> {
    use anyhow::Context as _;
    std::fs::write(path, data).with_context(|| format!("write {}", path.display()))
}

/// Refuses a picture on a terminal.
///
/// # Errors
/// When standard output is a terminal.
pub(super) fn refuse_picture_on_terminal() -> Result<(), Usage> {
    if io::stdout().is_terminal() {
        return Err(Usage::new("a PNG is not written to a terminal")
            .hint("name a file (`-o report.png`) or a program (`| display`)"));
    }
    Ok(())
}
