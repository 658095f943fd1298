//! Reading files of the system and of users: only what is a file and no longer than it may be. A pipe
//! that nobody writes to, or a device without an end, neither blocks nor fills the memory.

use std::fs::{File, OpenOptions};
use std::io::{Error, Read, Result};
use std::os::unix::fs::{FileTypeExt, OpenOptionsExt};
use std::path::Path;

/// Opens a file for reading.
///
/// # Errors
/// If it cannot be opened, or is a pipe, a socket or a directory.
pub(crate) fn open(path: &Path) -> Result<File> {
    // Else opening a pipe waits until somebody writes to it.
    let flags = rustix::fs::OFlags::NONBLOCK | rustix::fs::OFlags::NOCTTY;
    let flags = flags.bits().cast_signed();
    let file = OpenOptions::new().read(true).custom_flags(flags).open(path)?;
    let kind = file.metadata()?.file_type();
    match what_it_is(kind) {
        None => Ok(file),
        Some(what) => Err(Error::other(format!("it is {what}, not a file"))),
    }
}

/// The contents of a file.
///
/// # Errors
/// As for [`open`], and if it is longer than `most` bytes.
pub(crate) fn read(path: &Path, most: u64) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    open(path)?.take(most.saturating_add(1)).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > most {
        return Err(Error::other(format!("it is larger than {most} bytes")));
    }
    Ok(bytes)
}

/// What something is that cannot be read as a file; `None`: it can. (A device can: `/dev/null` is an
/// empty file.)
pub(crate) fn what_it_is(kind: std::fs::FileType) -> Option<&'static str> {
    if kind.is_fifo() {
        Some("a pipe")
    } else if kind.is_socket() {
        Some("a socket")
    } else if kind.is_dir() {
        Some("a directory")
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pipes_directories_and_what_never_ends_are_refused_and_do_not_block() {
        let place = tempfile::tempdir().unwrap();
        let pipe = place.path().join("pipe");
        rustix::fs::mknodat(
            rustix::fs::CWD,
            &pipe,
            rustix::fs::FileType::Fifo,
            rustix::fs::Mode::RUSR | rustix::fs::Mode::WUSR,
            0,
        )
        .unwrap();
        let said = |path: &Path| read(path, 1_000).unwrap_err().to_string();
        assert_eq!(said(&pipe), "it is a pipe, not a file");
        assert_eq!(said(place.path()), "it is a directory, not a file");
        assert_eq!(said(Path::new("/dev/zero")), "it is larger than 1000 bytes");
        assert_eq!(read(Path::new("/dev/null"), 1_000).unwrap(), b"");
        let file = place.path().join("file");
        std::fs::write(&file, [b'x'; 1_000]).unwrap();
        assert_eq!(read(&file, 1_000).unwrap().len(), 1_000);
        assert!(read(&file, 999).is_err());
    }
}
