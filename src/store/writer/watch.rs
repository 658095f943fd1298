//! Watches the disk space: how it is now once an hour, and while room is being made; what of that is kept in the database, and what
//! is to be reported, which is stored first.

use std::path::Path;

use super::Writer;
use super::repair::StoreEvent;
use super::upkeep::DiskProbe;
use crate::store::error::Error;
use crate::store::growth::SpaceLook;
use crate::store::space::{DiskSpace, SpaceLimits};
use crate::store::survey::{self, CLOCKS_ARE_SET};
use crate::time::Reading;

const EVERY_US: i64 = 3_600_000_000;

impl Writer {
    /// Asks `probe` for the space on the disk of a path, instead of the file system itself: for
    /// disks whose file system does not say what is left for this user.
    pub fn ask_disk_space_of(
        &mut self,
        probe: impl Fn(&Path) -> Option<DiskSpace> + Send + 'static,
    ) {
        self.watch.disk = DiskProbe(Box::new(probe));
    }

    /// The part of a minute that is for this.
    pub(super) fn watch_space(&mut self, now: Reading, limits: SpaceLimits) -> Result<(), Error> {
        let hour = now.boot.as_micros().div_euclid(EVERY_US);
        if self.watch.looked == Some(hour) || now.utc.minute() < CLOCKS_ARE_SET {
            return Ok(());
        }
        let (db, path) = (&self.file.db, &self.file.path);
        let fail = |e| self.file.failed("watch the room of database", e);
        let before = match self.watch.stored.take() {
            Some(stored) => stored,
            None => survey::history(db).map_err(fail)?,
        };
        let mut history = before.clone();
        let (look, bounds) = survey::look(db, path, now.utc, limits).map_err(fail)?;
        let look = SpaceLook { disk: (self.watch.disk.0)(path), ..look };
        let (forecast, report) = history.see(look, bounds);
        // If it cannot be stored, nothing is reported, and the next minute tries again.
        if history != before {
            survey::put_history(db, &history).map_err(fail)?;
        }
        self.watch.stored = Some(history);
        self.watch.looked = Some(hour);
        let event = |of| StoreEvent::Filling { of, forecast: Box::new(forecast.clone()) };
        self.repair.events.extend(report.into_iter().map(event));
        self.watch.forecast = Some(forecast);
        Ok(())
    }
}
