//! The record as the pipeline writes it: the run it is in, and whether storing works.

use super::Pipeline;
use crate::live::Event;
use crate::store::{self, DatedRun, Writer};
use crate::text::describe;
use crate::time::{BootTime, Micros, Reading, Timestamp};
use crate::vocabulary::{Run, RunEnd};

/// After a failed store, this long until the next attempt.
const RETRY_AFTER: Micros = Micros::from_seconds(10);

/// The database, and the run that is written into it.
pub(super) struct OpenRecord {
    pub(super) writer: Writer,
    pub(super) run: Run,
    boot_id: Option<String>,
    trouble: Option<String>,
    /// Why the true record is not open, where this one is in its place.
    unopened: Option<String>,
    /// By boot time: a step of the clock neither hurries nor delays it.
    retry_at: Option<BootTime>,
}

impl Pipeline<'_> {
    /// This record is in the place of one that cannot be opened, and why.
    pub(in crate::daemon) fn set_unopened(&mut self, why: Option<String>) {
        self.record.unopened = why;
    }
}

impl OpenRecord {
    /// Begins a run; `boot_id` is the kernel's name of this boot.
    pub(super) fn begin(
        mut writer: Writer,
        now: Reading,
        boot_id: Option<String>,
    ) -> Result<Self, store::Error> {
        let run = writer.begin_run(now, boot_id.clone())?;
        Ok(Self { writer, run, boot_id, trouble: None, unopened: None, retry_at: None })
    }

    /// The clock was stepped: from here on UTC and boot time differ by another amount, so that this run
    /// ends and a new one begins, on the same time axis.
    pub(super) fn end_at_step(&mut self, at: Reading) -> Result<(), store::Error> {
        self.writer.end_run(at, RunEnd::ClockStep)
    }

    /// Begins the run after a step.
    pub(super) fn begin_after_step(&mut self, at: Reading) -> Result<(), store::Error> {
        self.run = self.writer.begin_run(at, self.boot_id.clone())?;
        Ok(())
    }

    /// Dates the runs of this boot anew whose clock was provisional: it is now known to be `offset_us`
    /// ahead of boot time.
    pub(super) fn date_runs(
        &mut self,
        offset_us: i64,
        now: Timestamp,
    ) -> Result<Vec<DatedRun>, store::Error> {
        match &self.boot_id {
            Some(boot_id) => self.writer.date_runs(boot_id, offset_us, now),
            None => Ok(Vec::new()),
        }
    }

    /// UTC less boot time in the run that is open, microseconds.
    pub(super) fn offset_us(&self) -> Option<i64> {
        Some(self.run.started.as_micros() - self.run.boot?.as_micros())
    }

    /// Storing failed. Announced once when it begins; the status has the newest error.
    pub(super) fn failed(&mut self, problem: &store::Error, now: BootTime) -> Option<Event> {
        if problem.is_damage() {
            self.writer.put_aside_soon();
        }
        let text = describe(problem);
        self.retry_at = Some(now + RETRY_AFTER);
        let is_new = self.trouble.replace(text.clone()).is_none();
        is_new.then_some(Event::StorageTrouble(text))
    }

    /// Everything that had failed has been stored.
    pub(super) fn works(&mut self) -> Option<Event> {
        if self.writer.is_failing() {
            return None;
        }
        self.trouble.take().map(|_| Event::StorageWorks)
    }

    /// The newest error, while storing fails.
    pub(super) fn trouble(&self) -> Option<&str> {
        self.trouble.as_deref().or(self.unopened.as_deref())
    }

    /// Whether what failed has to wait before it is tried again.
    pub(super) fn must_wait(&self) -> bool {
        self.retry_at.is_some()
    }

    /// Whether the wait is over; asked once a second.
    pub(super) fn may_retry(&mut self, now: BootTime) -> bool {
        self.retry_at.take_if(|at| now >= *at).is_some()
    }
}
