//! The run that is open, and those whose end is not committed yet.

use crate::store::tables::RunRow;
use crate::time::{BootTime, Reading, Timestamp};
use crate::vocabulary::{Run, RunEnd};

/// UTC may be slewed against boot time; beyond this it was stepped, and a run ends.
const LARGEST_SLEW_US: i64 = 250_000;

/// The runs that the next commit writes.
#[derive(Debug, Default)]
pub(super) struct Runs {
    /// The highest number given.
    pub(super) last: i64,
    /// The open run last, preceded by ended ones that are not committed as such.
    pub(super) rows: Vec<RunRow>,
    /// UTC as it continues from the start of the run, and the boot time of the same instant.
    pub(super) clock: Option<(Timestamp, BootTime)>,
}

impl Runs {
    pub(super) fn open(&self) -> Option<&RunRow> {
        self.rows.last().filter(|run| run.ended.is_none())
    }

    fn open_mut(&mut self) -> Option<&mut RunRow> {
        self.rows.last_mut().filter(|run| run.ended.is_none())
    }

    /// Begins a run at `now`; the one before has ended.
    pub(super) fn begin(&mut self, now: Reading, boot_id: Option<String>, version: &str) -> Run {
        self.last += 1;
        let row = RunRow {
            id: self.last,
            started_us: now.utc.as_micros(),
            boot_us: Some(now.boot.as_micros()),
            boot_id,
            last_seen_us: now.utc.as_micros(),
            ended: None,
            version: version.to_owned(),
            minutes: None,
        };
        let run = row.to_run();
        self.rows.push(row);
        self.clock = Some((now.utc, now.boot));
        run
    }

    /// Ends the open run, if there is one.
    pub(super) fn end(&mut self, end: RunEnd) -> Option<()> {
        self.open_mut()?.ended = Some(end);
        Some(())
    }

    /// Brings `last_seen` of the open run forward. A run's times continue from its start: if the
    /// clock was stepped, its end is given by boot time and not by the new clock.
    pub(super) fn observe(&mut self, now: Reading) {
        let Some((utc, boot)) = &mut self.clock else { return };
        let expected = *utc + now.boot.since(*boot);
        let stepped = now.utc.micros_since(expected).abs() > LARGEST_SLEW_US;
        *utc = if stepped { expected } else { now.utc };
        *boot = now.boot;
        let seen = utc.as_micros();
        if let Some(run) = self.open_mut() {
            run.last_seen_us = run.last_seen_us.max(seen);
        }
    }

    /// Notes that `run` has samples in `minute`.
    pub(super) fn cover(&mut self, run: i64, minute: i64) {
        if let Some(row) = self.rows.iter_mut().find(|row| row.id == run) {
            row.cover(minute);
        }
    }
}
