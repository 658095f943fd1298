//! The service manager, by the protocol of `sd_notify`: it learns that measuring has begun, from time
//! to time that it goes on, the state of the link, and that the daemon ends. Without a manager that
//! asked for it, nothing is sent.

use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use sd_notify::NotifyState;

use crate::time::{BootTime, Micros};

/// The service manager of a unit of `Type=notify`.
#[derive(Debug)]
pub struct ServiceManager {
    last_line: String,
    /// Whether there is one at all.
    listens: bool,
}

impl ServiceManager {
    /// The manager of this process, if it has one.
    pub fn of_this_process() -> Self {
        let listens = std::env::var_os("NOTIFY_SOCKET").is_some();
        Self { last_line: String::new(), listens }
    }

    /// Whether there is one: else no line needs to be made for it.
    pub fn listens(&self) -> bool {
        self.listens
    }

    /// Measuring has begun.
    pub fn ready(&self) {
        send(&[NotifyState::Ready]);
    }

    /// This line describes the present. To be called once a second.
    pub fn on_second(&mut self, line: &str) {
        if self.last_line != line {
            line.clone_into(&mut self.last_line);
            send(&[NotifyState::Status(line)]);
        }
    }

    /// The daemon ends.
    pub fn stopping(&self) {
        send(&[NotifyState::Stopping]);
    }
}

/// The engine does what it is to do within this time, or it hangs.
const ENGINE_GRACE: Micros = Micros::from_seconds(10);

/// A pipeline that has waited this long does not wait for a disk any more. What is measured meanwhile
/// takes a few MB.
const PIPELINE_GRACE: Micros = Micros::from_seconds(6 * 3_600);

/// The manager's watchdog. It is fed by the proof that probing goes on: a pipeline that waits for a disk
/// loses nothing as long as the process lives, for what is measured waits in its memory.
#[derive(Debug)]
pub(super) struct Watchdog {
    /// From one sign of life to the next.
    pub(super) pause: Duration,
}

impl Watchdog {
    /// That of this process; `None`: the manager expects no sign of life.
    pub(super) fn of_this_process() -> Option<Self> {
        // Three of them within the time after which the manager gives up.
        sd_notify::watchdog_enabled().map(|patience| Self { pause: patience / 3 })
    }

    /// Gives a sign of life, unless something hangs.
    pub(super) fn feed(now: BootTime, engine_due: Option<BootTime>, pipeline: &LastSecond) {
        if goes_on(now, engine_due, pipeline.get()) {
            send(&[NotifyState::Watchdog]);
        }
    }
}

/// Whether probing goes on: the engine is not late for what it has to do next.
fn goes_on(now: BootTime, engine_due: Option<BootTime>, pipeline: BootTime) -> bool {
    engine_due.is_none_or(|due| now <= due + ENGINE_GRACE) && now <= pipeline + PIPELINE_GRACE
}

/// When the pipeline had its last second, by boot time.
#[derive(Debug)]
pub(super) struct LastSecond(AtomicI64);

impl LastSecond {
    /// It has one now.
    pub(super) fn new(now: BootTime) -> Self {
        Self(AtomicI64::new(now.as_micros()))
    }

    /// It has one now.
    pub(super) fn set(&self, now: BootTime) {
        self.0.store(now.as_micros(), Ordering::Relaxed);
    }

    fn get(&self) -> BootTime {
        BootTime::from_micros(self.0.load(Ordering::Relaxed))
    }
}

/// Without a manager this does nothing; a manager that cannot be reached changes nothing either.
fn send(state: &[NotifyState<'_>]) {
    let _ = sd_notify::notify(state);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pipeline_that_waits_for_a_disk_is_no_reason_to_be_killed_and_an_engine_that_hangs_is() {
        let at = |s: i64| BootTime::from_micros(s * 1_000_000);
        assert!(goes_on(at(185), Some(at(186)), at(100)), "the disk was frozen for 85 s");
        assert!(goes_on(at(9_000), Some(at(8_999)), at(100)), "for hours");
        assert!(!goes_on(at(30_000), Some(at(30_001)), at(100)), "it is no disk");
        assert!(goes_on(at(185), None, at(184)), "nothing to probe");
        assert!(!goes_on(at(185), Some(at(160)), at(184)), "nothing was sent for 25 s");
    }
}
