//! Work that is done at intervals, each time on a thread of its own: a slow or dead disk or peer holds up
//! that thread and nothing else.

use std::thread::JoinHandle;
use std::time::Duration;

use crate::sys::panics::expendable;
use crate::time::{BootTime, Micros};

/// The first look after the start, and then from one look to the next.
const LOOK_EVERY: Micros = Micros::from_seconds(600);

/// A chore that gives an `R`.
#[derive(Debug)]
pub(super) struct Chore<R> {
    name: &'static str,
    every: Micros,
    look_at: Option<BootTime>,
    at_work: Option<JoinHandle<R>>,
    /// A failure is announced once, until the chore has been done.
    failing: bool,
}

impl<R: Send + 'static> Chore<R> {
    /// Its threads have this name.
    pub(super) fn new(name: &'static str) -> Self {
        Self::every(name, LOOK_EVERY)
    }

    /// With another time between two looks.
    pub(super) fn every(name: &'static str, every: Micros) -> Self {
        Self { name, every, look_at: None, at_work: None, failing: false }
    }

    /// The next look is now, or when the last has ended.
    pub(super) fn hurry(&mut self, now: BootTime) {
        self.look_at = Some(now);
    }

    /// What came of it, once it has ended.
    pub(super) fn finished(&mut self) -> Option<R> {
        self.at_work.take_if(|thread| thread.is_finished())?.join().ok()
    }

    /// Whether it is time for another look, and the last has ended; asked once a second.
    pub(super) fn is_due(&mut self, now: BootTime) -> bool {
        let next = now + self.every;
        let due = now >= *self.look_at.get_or_insert(next) && self.at_work.is_none();
        if due {
            self.look_at = Some(next);
        }
        due
    }

    /// Whether nothing is at work.
    pub(super) fn is_free(&self) -> bool {
        self.at_work.as_ref().is_none_or(JoinHandle::is_finished)
    }

    /// Sets about it. Without a thread now there is another look later.
    pub(super) fn start(&mut self, work: impl FnOnce() -> R + Send + 'static) {
        let thread = std::thread::Builder::new().name(self.name.into());
        self.at_work = thread.spawn(move || expendable(work)).ok();
    }

    /// It was done; whether it had failed before.
    pub(super) fn was_done(&mut self) -> bool {
        std::mem::replace(&mut self.failing, false)
    }

    /// Waits for what is at work, but no longer than this.
    pub(super) fn wait_for(&self, most: Duration) {
        const STEP: Duration = Duration::from_millis(10);
        let mut left = most;
        while self.at_work.as_ref().is_some_and(|thread| !thread.is_finished()) && !left.is_zero() {
            std::thread::sleep(STEP);
            left = left.saturating_sub(STEP);
        }
    }

    /// It failed; whether that is news.
    pub(super) fn failed(&mut self) -> bool {
        !std::mem::replace(&mut self.failing, true)
    }

    #[cfg(test)]
    pub(super) fn wait(&self) {
        while self.at_work.as_ref().is_some_and(|thread| !thread.is_finished()) {
            std::thread::yield_now();
        }
    }
}
