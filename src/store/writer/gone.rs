//! A database whose file was removed while it is open: what is open still holds all of it, so a copy
//! takes its place before the next commit, and nothing is lost.

use std::fs::File;
use std::path::Path;

use rusqlite::Connection;

use super::Writer;
use super::open;
use super::repair::{NextRepair, StoreEvent};
use crate::store::error::Error;
use crate::store::file::{self, beside, remove_logs};
use crate::store::meta;
use crate::time::BootTime;

impl Writer {
    /// Nothing is done while the file is there, nor where what is open is not that database: it is
    /// being mended.
    pub(super) fn put_back_if_gone(&mut self) -> Result<(), Error> {
        let is_gone = self.file.path.symlink_metadata().is_err_and(|e| is_not_found(&e));
        if !is_gone || meta::identity(&self.file.db).ok() != Some(self.file.identity) {
            return Ok(());
        }
        file::make_directory(&self.file.path)?;
        // The lock went with the directory: another linkmon may have begun there.
        if file::lock_path(&self.file.path).symlink_metadata().is_err() {
            self.file.lock = file::lock(&self.file.path)?;
        }
        let copy = beside(&self.file.path, ".copy");
        let _ = std::fs::remove_file(&copy);
        if let Err(error) = self.copy_to(&copy) {
            let _ = std::fs::remove_file(&copy);
            return Err(error);
        }
        self.replace_by(&copy)?;
        self.watch.forget_file();
        self.repair.events.push(StoreEvent::PutBack);
        Ok(())
    }

    fn copy_to(&self, copy: &Path) -> Result<(), Error> {
        let fail = |e| Error::sqlite("write database", copy, e);
        self.file.db.execute("VACUUM INTO ?1", [copy.to_string_lossy()]).map_err(fail)?;
        File::open(copy)
            .and_then(|f| f.sync_all())
            .map_err(|e| Error::io("write database", copy, e))
    }

    /// From here on the copy is all there is. What was open is closed first, for it removes its log
    /// by name; one that was left would be taken for the log of the copy.
    fn replace_by(&mut self, copy: &Path) -> Result<(), Error> {
        self.file.db =
            Connection::open_in_memory().map_err(|e| self.file.failed("open database", e))?;
        // Until it is open again nothing can be written.
        let now = self.runs.clock.map_or(BootTime::from_micros(0), |(_, boot)| boot);
        self.repair.next = Some(NextRepair::reopen(0, now));
        remove_logs(&self.file.path);
        let fail = |e| Error::io("write database", &self.file.path, e);
        std::fs::rename(copy, &self.file.path).map_err(fail)?;
        file::sync_directory(&self.file.path).map_err(fail)?;
        self.file.db = open::reopen(&self.file.path)?;
        self.repair.next = None;
        Ok(())
    }
}

fn is_not_found(error: &std::io::Error) -> bool {
    error.kind() == std::io::ErrorKind::NotFound
}
