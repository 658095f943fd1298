//! Files for readers who come at any moment: each is whole, the old or the new one.

use std::fs::{File, OpenOptions, Permissions};
use std::io::{self, Write as _};
use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
use std::path::Path;

/// For everybody to read, whatever the mask of the daemon.
const MODE: u32 = 0o644;

/// Puts a file in the place of the one of this name, unless it is the same already.
///
/// # Errors
/// When it cannot be written; the file of before is then unchanged.
pub(super) fn replace(path: &Path, data: &[u8]) -> io::Result<()> {
    let is_same = |there: &Path| {
        let meta = std::fs::symlink_metadata(there).ok()?;
        let length = u64::try_from(data.len()).ok()?;
        let fits = meta.is_file() && meta.len() == length && meta.mode_bits() == MODE;
        Some(fits && std::fs::read(there).ok()? == data)
    };
    if is_same(path) == Some(true) {
        return Ok(());
    }
    let mut name = std::ffi::OsString::from(".");
    name.push(path.file_name().unwrap_or_default());
    name.push(".new");
    let new = path.with_file_name(name);
    // One of this name was left by a daemon that was killed.
    match std::fs::remove_file(&new) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    // Only created, so that no link is followed.
    let file = OpenOptions::new().write(true).create_new(true).mode(MODE).open(&new)?;
    let written = write(file, data).and_then(|()| std::fs::rename(&new, path));
    if written.is_err() {
        let _ = std::fs::remove_file(&new);
    }
    written
}

fn write(mut file: File, data: &[u8]) -> io::Result<()> {
    file.write_all(data)?;
    file.set_permissions(Permissions::from_mode(MODE))
}

trait ModeBits {
    fn mode_bits(&self) -> u32;
}

impl ModeBits for std::fs::Metadata {
    fn mode_bits(&self) -> u32 {
        self.permissions().mode() & 0o7777
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_reads_while_it_is_written_has_a_whole_file_that_everybody_may_read() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("index.html");
        let pages = [vec![b'a'; 200_000], vec![b'b'; 300_000]];
        replace(&path, &pages[0]).unwrap();
        std::thread::scope(|scope| {
            let reader = scope.spawn(|| {
                let mut seen = [0; 2];
                for _ in 0..400 {
                    let read = std::fs::read(&path).unwrap();
                    seen[pages.iter().position(|page| *page == read).expect("half a file")] += 1;
                }
                seen
            });
            let mut n = 0;
            while !reader.is_finished() {
                n += 1;
                replace(&path, &pages[n % 2]).unwrap();
            }
            let seen = reader.join().unwrap();
            assert!(n > 2 && seen.iter().sum::<i32>() == 400, "{n} {seen:?}");
        });
        assert_eq!(std::fs::metadata(&path).unwrap().mode_bits(), MODE);
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1, "nothing is left over");
    }

    #[test]
    fn a_file_that_is_the_same_keeps_its_date_and_a_link_is_replaced() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("feed.atom");
        replace(&path, b"one").unwrap();
        let date = || std::fs::metadata(&path).unwrap().modified().unwrap();
        let before = date();
        replace(&path, b"one").unwrap();
        assert_eq!(date(), before);
        let other = folder.path().join("other");
        std::fs::write(&other, "keep").unwrap();
        for link in [&path, &folder.path().join(".feed.atom.new")] {
            let _ = std::fs::remove_file(link);
            std::os::unix::fs::symlink(&other, link).unwrap();
            replace(&path, b"two").unwrap();
            assert_eq!(std::fs::read(&other).unwrap(), b"keep");
            assert!(std::fs::symlink_metadata(&path).unwrap().is_file());
        }
        std::fs::remove_file(&path).unwrap();
        std::fs::create_dir(&path).unwrap();
        assert!(replace(&path, b"three").is_err());
        assert!(!folder.path().join(".feed.atom.new").exists());
    }
}
