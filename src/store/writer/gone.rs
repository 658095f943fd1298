//! A database whose file was removed while it is open: what is open still holds all of it, so a copy
//! takes its place before the next commit, and nothing is lost.

use std::fs::File;
use std::path::Path;

use rusqlite::Connection;

use super::mend::StoreEvent;
use super::{Error, Writer, open};
use crate::store::salvage::{beside, remove_logs};

impl Writer {
    /// Nothing is done while the file is there, nor where what is open is not that database: it is
    /// being mended.
    pub(super) fn put_back_if_gone(&mut self) -> Result<(), Error> {
        let is_gone = self.path.symlink_metadata().is_err_and(|e| is_not_found(&e));
        if !is_gone || open::identity(&self.db).ok() != Some(self.identity) {
            return Ok(());
        }
        if let Some(directory) = self.path.parent() {
            std::fs::create_dir_all(directory)
                .map_err(|e| Error::io("make directory", directory, e))?;
        }
        // The lock went with the directory: another linkmon may have begun there.
        let lock_is_gone = self.path.with_added_extension("lock").symlink_metadata().is_err();
        if lock_is_gone {
            self.lock = open::lock(&self.path)?;
        }
        let copy = beside(&self.path, ".copy");
        let _ = std::fs::remove_file(&copy);
        if let Err(error) = self.copy_to(&copy) {
            let _ = std::fs::remove_file(&copy);
            return Err(error);
        }
        self.take_place(&copy)?;
        self.watch.forget_file();
        self.mend.news.push(StoreEvent::PutBack);
        Ok(())
    }

    fn copy_to(&self, copy: &Path) -> Result<(), Error> {
        let fail = |e| Error::sqlite("write database", copy, e);
        self.db.execute("VACUUM INTO ?1", [copy.to_string_lossy()]).map_err(fail)?;
        File::open(copy)
            .and_then(|f| f.sync_all())
            .map_err(|e| Error::io("write database", copy, e))
    }

    /// From here on the copy is all there is. What was open is closed first, for it removes its log
    /// by name; one that was left behind would be taken for the log of the copy.
    fn take_place(&mut self, copy: &Path) -> Result<(), Error> {
        let fail = |e| Error::sqlite("open database", &self.path, e);
        self.db = Connection::open_in_memory().map_err(fail)?;
        self.reopen_later();
        remove_logs(&self.path);
        let fail = |e| Error::io("write database", &self.path, e);
        std::fs::rename(copy, &self.path).map_err(fail)?;
        if let Some(directory) = self.path.parent() {
            File::open(directory).and_then(|d| d.sync_all()).map_err(fail)?;
        }
        self.db = open::reopen(&self.path)?;
        self.reopened();
        Ok(())
    }
}

fn is_not_found(error: &std::io::Error) -> bool {
    error.kind() == std::io::ErrorKind::NotFound
}
