//! Copies of the database at intervals.

use std::path::{Path, PathBuf};

use super::chore::Chore;
use crate::config::Backup;
use crate::live::Event;
use crate::store::{self, Copied};
use crate::text::describe;
use crate::time::{Reading, Timestamp};

/// Makes copies when they are due.
#[derive(Debug)]
pub(super) struct Copies {
    how: Backup,
    database: PathBuf,
    chore: Chore<Result<Option<Copied>, store::Error>>,
}

impl Copies {
    pub(super) fn new(how: Backup, database: PathBuf) -> Self {
        Self { how, database, chore: Chore::new("backup") }
    }

    /// To be called once a second; gives the event to announce.
    pub(super) fn second(&mut self, now: Reading) -> Option<Event> {
        let event = self.finished();
        if let Some(to) = &self.how.to
            && self.chore.is_due(now.boot)
        {
            let (database, to, how) = (self.database.clone(), to.clone(), self.how.clone());
            self.chore.start(move || copy_if_due(&database, &to, &how, now.utc));
        }
        event
    }

    fn finished(&mut self) -> Option<Event> {
        match self.chore.finished()? {
            Ok(None) => None,
            Ok(Some(copied)) => {
                self.chore.was_done();
                Some(Event::BackedUp { to: copied.path, bytes: copied.bytes })
            }
            Err(error) => self.chore.failed().then(|| Event::BackupFails(describe(&error))),
        }
    }

    #[cfg(test)]
    pub(super) fn wait(&self) {
        self.chore.wait();
    }
}

/// Makes a copy unless there is a recent one. One dated in the future was made before the clock was
/// put right, and does not count.
fn copy_if_due(
    database: &Path,
    to: &Path,
    how: &Backup,
    now: Timestamp,
) -> Result<Option<Copied>, store::Error> {
    if !to.is_dir() {
        return Err(store::Error::NoDirectory { path: to.to_owned() });
    }
    let newest = store::newest_backup(to)?;
    let is_recent = newest.is_some_and(|at| at <= now && now < at + how.every);
    if is_recent {
        return Ok(None);
    }
    let keep = usize::try_from(how.keep).unwrap_or(usize::MAX);
    store::backup(database, to, keep, now).map(Some)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::store::{Opening, Writer};
    use crate::time::BootTime;

    fn at(s: i64) -> Reading {
        let us = s * 1_000_000;
        let utc = Timestamp::from_micros(1_770_038_400_000_000 + us);
        Reading { utc, boot: BootTime::from_micros(us), monotonic_us: us }
    }

    /// The events of the minutes from `from` to `to`.
    fn events(copies: &mut Copies, from: i64, to: i64) -> Vec<Event> {
        let mut events = Vec::new();
        for minute in from..to {
            events.extend(copies.second(at(minute * 60)));
            copies.wait();
        }
        events
    }

    #[test]
    fn a_copy_is_made_when_the_last_is_old_enough_and_a_failure_is_announced_once() {
        let place = tempfile::tempdir().unwrap();
        let path = place.path().join("linkmon.db");
        let opening = Opening { path: &path, runtime_dir: None, version: "0.0.0-test" };
        let _writer = Writer::open(opening).unwrap();
        let to = place.path().join("usb");
        let how = Backup { to: Some(to.clone()), every: Duration::from_secs(86_400), keep: 2 };
        let mut copies = Copies::new(how, path);
        let day = 1_440;
        let first = events(&mut copies, 0, day);
        assert_eq!(first.len(), 1, "no directory: {first:?}");
        assert!(matches!(&first[0], Event::BackupFails(what) if what.contains("usb")), "{first:?}");
        std::fs::create_dir(&to).unwrap();
        let more = events(&mut copies, day, 6 * day);
        assert_eq!(more.len(), 5, "one a day: {more:?}");
        assert!(more.iter().all(|event| matches!(event, Event::BackedUp { .. })));
        assert_eq!(std::fs::read_dir(&to).unwrap().count(), 2, "the newest two are kept");
    }
}
