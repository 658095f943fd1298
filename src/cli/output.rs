//! Standard output and files: everything is written or it is an error, and a closed pipe ends
//! quietly.

use std::fs::File;
use std::io::{self, IsTerminal, Write};
use std::path::Path;

use anyhow::Context as _;

use super::usage::Usage;
use crate::render::data;

/// Why not all of the data could be written.
#[derive(Debug, thiserror::Error)]
pub enum OutputError {
    /// The reader is gone, as in `linkmon drops | head -1`.
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

/// Writes a file completely or not at all: a new file in the same directory takes its name at the
/// end. Anything but a regular file (a device, a pipe) is written in place.
///
/// # Errors
/// When it cannot be written; a file that was there before is then unchanged.
pub(super) fn write_file(path: &Path, data: &[u8]) -> anyhow::Result<()> {
    file_with(path, |file| file.write_all(data).with_context(|| doing(path)))
}

/// As [`write_file`], by what writes it piece by piece.
///
/// # Errors
/// When it cannot be written, and those of `write`.
pub(super) fn file_with(
    path: &Path,
    write: impl FnOnce(&mut File) -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    // A symbolic link stays: its target is replaced.
    let place = std::fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    if std::fs::metadata(&place).is_ok_and(|there| !there.is_file()) {
        let mut there = File::options().write(true).open(&place).with_context(|| doing(path))?;
        return write(&mut there);
    }
    let mut name = std::ffi::OsString::from(".");
    name.push(place.file_name().unwrap_or_default());
    name.push(format!(".{}.new", std::process::id()));
    let new = place.with_file_name(name);
    remove_remains(&place);
    // One of this name can only be left over; a link is not followed.
    let _ = std::fs::remove_file(&new);
    let create = File::options().write(true).create_new(true).open(&new);
    let mut file = create.with_context(|| doing(path))?;
    let written = write(&mut file).and_then(|()| {
        drop(file);
        std::fs::rename(&new, &place).with_context(|| doing(path))
    });
    if written.is_err() {
        let _ = std::fs::remove_file(&new);
    }
    written
}

/// Removes what was being written under this name by processes that were killed: `.NAME.PID.new`.
fn remove_remains(place: &Path) {
    let (Some(name), Some(folder)) = (place.file_name().and_then(|n| n.to_str()), place.parent())
    else {
        return;
    };
    let folder = if folder == Path::new("") { Path::new(".") } else { folder };
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    for entry in entries.flatten() {
        let found = entry.file_name();
        let number = found.to_str().and_then(|found| {
            let rest = found.strip_prefix('.')?.strip_prefix(name)?.strip_prefix('.')?;
            rest.strip_suffix(".new")?.parse::<u32>().ok()
        });
        if number.is_some_and(|pid| !Path::new(&format!("/proc/{pid}")).exists()) {
            let _ = std::fs::remove_file(entry.path());
        }
    }
}

fn doing(path: &Path) -> String {
    format!("write {}", path.display())
}

/// Writes rows as they come, to the file or to standard output where none is named.
///
/// # Errors
/// When they cannot be written, and those of `write`.
pub(super) fn stream_to(
    file: Option<&Path>,
    write: impl FnOnce(&mut dyn Write) -> Result<(), data::Error>,
) -> anyhow::Result<()> {
    let through = |out: &mut dyn Write| {
        let mut out = io::BufWriter::with_capacity(64 << 10, out);
        write(&mut out).and_then(|()| Ok(out.flush()?))
    };
    let Some(path) = file else {
        return through(&mut io::stdout().lock()).map_err(|e| match e {
            data::Error::Write(e) if e.kind() == io::ErrorKind::BrokenPipe => {
                OutputError::Closed.into()
            }
            data::Error::Write(e) => OutputError::Failed(e).into(),
            e @ data::Error::Store(_) => e.into(),
        });
    };
    file_with(path, |file| {
        through(file).map_err(|e| match e {
            data::Error::Write(e) => anyhow::Error::new(e).context(doing(path)),
            e @ data::Error::Store(_) => e.into(),
        })
    })
}

/// Refuses binary data on a terminal: `a picture`. `instead` says where else it can go.
///
/// # Errors
/// When standard output is a terminal.
pub(super) fn refuse_on_terminal(what: &str, instead: &str) -> Result<(), Usage> {
    if io::stdout().is_terminal() {
        return Err(Usage::new(format!("{what} is not written to a terminal")).hint(instead));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::write_file;

    #[test]
    fn a_file_that_cannot_be_written_leaves_no_trace() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("report.png");
        write_file(&path, b"one").unwrap();
        write_file(&path, b"two").unwrap();
        assert_eq!(std::fs::read(&path).unwrap(), b"two");
        // Of a process that was killed, of one that is alive, and of another output.
        let left = folder.path().join(format!(".report.png.{}.new", u32::MAX));
        let others = [".report.png.1.new", ".other.png.4294967295.new"];
        std::fs::write(&left, b"half").unwrap();
        for name in others {
            std::fs::write(folder.path().join(name), b"half").unwrap();
        }
        write_file(&path, b"two").unwrap();
        assert!(!left.exists());
        for name in others {
            std::fs::remove_file(folder.path().join(name)).unwrap();
        }
        let missing = folder.path().join("nowhere/report.png");
        let error = format!("{:#}", write_file(&missing, b"three").unwrap_err());
        assert!(error.starts_with("write ") && error.contains("No such file"), "{error}");
        let error = write_file(folder.path(), b"four").unwrap_err();
        assert!(format!("{error:#}").contains("directory"), "{error:#}");
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
    }
}
