//! How storing goes, for the status.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use super::Writer;
use crate::store::file::beside;
use crate::time::Timestamp;
use crate::vocabulary::Health;

impl Writer {
    /// How storing goes.
    pub fn health(&self) -> Health {
        let waiting: BTreeSet<(i64, i64)> =
            self.waiting.dirty().map(|key| (key.run, key.minute)).collect();
        Health {
            last_commit: self.last_commit,
            open_minutes: u32::try_from(waiting.len()).unwrap_or(u32::MAX),
            database_bytes: self.database_bytes,
            forecast: self.watch.forecast.clone(),
        }
    }

    /// When the last commit was made.
    pub fn last_commit(&self) -> Option<Timestamp> {
        self.last_commit
    }

    /// Looks how long the files are; they grow by commits alone.
    pub(super) fn measure_files(&mut self) {
        self.database_bytes = bytes_of(&self.file.path);
    }
}

/// Bytes of a database and its log; `None` where there is none.
pub(super) fn bytes_of(path: &Path) -> Option<u64> {
    let database = fs::metadata(path).ok()?.len();
    let log = beside(path, "-wal");
    // There is none until something has been written.
    Some(database + fs::metadata(log).map_or(0, |log| log.len()))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::store::Opening;
    use crate::store::tests::refusal::{accept_writes, refuse_writes};
    use crate::time::{BootTime, Reading};
    use crate::vocabulary::{Kind, Measurement, Outcome, Role};

    fn at(s: i64) -> Reading {
        let us = s * 1_000_000;
        Reading {
            utc: Timestamp::from_micros(us),
            boot: BootTime::from_micros(us),
            monotonic_us: us,
        }
    }

    #[test]
    fn minutes_wait_while_they_cannot_be_committed() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("linkmon.db");
        let opening = Opening { path: &path, runtime_dir: None, version: "0.0.0-test" };
        let (mut writer, _) = Writer::open(opening).unwrap();
        let second = Duration::from_secs(1);
        let target =
            writer.target("a", Kind::Icmp, Role::Anchor, "192.0.2.1", second, at(0)).unwrap().id;
        assert_eq!(writer.health().last_commit, None);
        writer.begin_run(at(0), None).unwrap();
        let live = |writer: &mut Writer, seconds: std::ops::Range<i64>| {
            for s in seconds {
                let sent_at = Timestamp::from_seconds(s);
                writer.record(&Measurement { target, sent_at, outcome: Outcome::Lost }).unwrap();
                let _ = writer.second(at(s + 1), "{}");
            }
            writer.health()
        };
        let healthy = live(&mut writer, 0..150);
        assert_eq!(healthy.open_minutes, 1);
        assert_eq!(healthy.last_commit, Some(Timestamp::from_seconds(124)));
        assert!(healthy.database_bytes.is_some_and(|bytes| bytes > 4_096), "{healthy:?}");
        refuse_writes(&path);
        let failing = live(&mut writer, 150..400);
        assert_eq!(failing.open_minutes, 5);
        assert_eq!(failing.last_commit, healthy.last_commit);
        accept_writes(&path);
        assert_eq!(live(&mut writer, 400..430).open_minutes, 1);
    }
}
