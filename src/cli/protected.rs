//! Files that no output may replace: the record, what belongs to it, and the configuration.

use std::ffi::OsStr;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use super::context::Context;
use super::usage::Hinted;

/// How the names of files go on that belong to a record.
const BESIDE: [&str; 5] = ["-wal", "-shm", "-tail", "-journal", ".lock"];
/// The same, for names that have a date, a number or more after this.
const BESIDE_FROM: [&str; 8] =
    ["-tail.", ".merging", ".dry-run", ".part", ".copy", ".before-restore-", ".damaged", ".salvag"];
/// How every database of `SQLite` begins.
const SQLITE: &[u8] = b"SQLite format 3\0";

/// Refuses to write an output to `path` where that would replace the record, a file beside it, any
/// other database, or the configuration.
///
/// # Errors
/// When it would.
pub(super) fn refuse_to_replace(path: &Path, context: &Context) -> Result<(), Hinted> {
    let records = [context.existing_db(), &context.db];
    let what = if records.iter().any(|db| is_same(path, db)) {
        "the record itself"
    } else if records.iter().any(|db| lies_beside(path, db)) {
        "a file that belongs to the record"
    } else if context.loaded.file.as_deref().is_some_and(|config| is_same(path, config)) {
        "the configuration"
    } else if is_database(path) {
        "a database"
    } else {
        return Ok(());
    };
    Err(Hinted {
        sentence: format!("{} is {what}, and nothing was written", path.display()),
        hint: "choose another name for the output".to_owned(),
    })
}

/// Whether both names lead to one file: by device and inode, or, where there is no such file yet,
/// by directory and name.
fn is_same(a: &Path, b: &Path) -> bool {
    match (std::fs::metadata(a), std::fs::metadata(b)) {
        (Ok(a), Ok(b)) => (a.dev(), a.ino()) == (b.dev(), b.ino()),
        _ => match (place(a), place(b)) {
            (Some(a), Some(b)) => a == b,
            _ => false,
        },
    }
}

/// The directory without links, and the name in it; what a link points at, even if nothing is there.
fn place(path: &Path) -> Option<(PathBuf, std::ffi::OsString)> {
    let target = std::fs::read_link(path).map_or_else(
        |_| path.to_owned(),
        |target| path.parent().unwrap_or(Path::new("")).join(target),
    );
    let directory = match target.parent() {
        Some(parent) if parent != Path::new("") => parent,
        _ => Path::new("."),
    };
    Some((std::fs::canonicalize(directory).ok()?, target.file_name()?.to_owned()))
}

fn lies_beside(path: &Path, database: &Path) -> bool {
    // The record may be named by a link: its files lie beside the file that the link leads to.
    let real = std::fs::canonicalize(database).unwrap_or_else(|_| database.to_owned());
    let named = [Some(path.to_owned()), std::fs::canonicalize(path).ok()];
    named.into_iter().flatten().any(|path| {
        let (Some(output), Some(record)) = (place(&path), place(&real)) else { return false };
        output.0 == record.0 && is_name_beside(&output.1, &record.1)
    })
}

fn is_name_beside(name: &OsStr, record: &OsStr) -> bool {
    let rest = name.as_encoded_bytes().strip_prefix(record.as_encoded_bytes());
    rest.is_some_and(|rest| {
        BESIDE.iter().any(|suffix| rest == suffix.as_bytes())
            || BESIDE_FROM.iter().any(|suffix| rest.starts_with(suffix.as_bytes()))
    })
}

fn is_database(path: &Path) -> bool {
    use std::io::Read as _;
    // Opening a pipe would wait for its other end.
    if !std::fs::metadata(path).is_ok_and(|there| there.is_file()) {
        return false;
    }
    let mut head = [0; 16];
    let read = std::fs::File::open(path).and_then(|mut file| file.read_exact(&mut head));
    read.is_ok() && head == *SQLITE
}

#[cfg(test)]
mod tests {
    use super::{is_database, is_same, lies_beside};

    #[test]
    fn a_file_is_known_again_by_any_of_its_names() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        std::fs::write(at("linkmon.db"), b"SQLite format 3\0 and more").unwrap();
        std::fs::hard_link(at("linkmon.db"), at("hard")).unwrap();
        std::os::unix::fs::symlink("linkmon.db", at("soft")).unwrap();
        for name in ["linkmon.db", "hard", "soft", "./soft"] {
            assert!(is_same(&at(name), &at("linkmon.db")), "{name}");
            assert!(is_database(&at(name)), "{name}");
        }
        std::os::unix::fs::symlink("linkmon.db-tail", at("to-tail")).unwrap();
        for name in ["linkmon.db-wal", "linkmon.db.lock", "linkmon.db.part", "to-tail"] {
            assert!(lies_beside(&at(name), &at("linkmon.db")), "{name}");
            assert!(lies_beside(&at(name), &at("soft")), "{name}, of a link");
        }
        for name in ["linkmon.json", "linkmon.db.json", "report.zip"] {
            assert!(!lies_beside(&at(name), &at("linkmon.db")), "{name}");
            assert!(!is_same(&at(name), &at("linkmon.db")), "{name}");
            assert!(!is_database(&at(name)), "{name}");
        }
    }
}
