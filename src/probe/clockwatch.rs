//! From successive readings of the clocks: did the machine sleep, was the clock stepped.
//!
//! Boot time counts through sleep and monotonic time does not, so their distance grows by the
//! time asleep. UTC minus boot time is constant but for steps. Pure: it is given readings.

use crate::time::{BootTime, Micros, Reading, Timestamp};
use crate::vocabulary::HostChange;

const SLEEP_US: i64 = 500_000;
const STEP_US: i64 = 250_000;

/// The clocks as they have been so far.
#[derive(Debug, Clone)]
pub struct ClockWatch {
    asleep_us: i64,
    offset_us: i64,
}

impl ClockWatch {
    /// Begins with this reading.
    pub fn new(first: &Reading) -> Self {
        Self { asleep_us: asleep(first), offset_us: first.utc_offset_us() }
    }

    /// Whether [`Self::observe`] would report something. The clocks are read one after the other,
    /// so a thread that was stopped between two of them sees a jump: read again before believing.
    pub fn doubts(&self, now: &Reading) -> bool {
        asleep(now) - self.asleep_us > SLEEP_US
            || (now.utc_offset_us() - self.offset_us).abs() > STEP_US
    }

    /// What happened since the reading before: sleep (more than 0.5 s), then a step (more than
    /// 250 ms against the offset that is kept since the last step, so small steps add up).
    pub fn observe(&mut self, now: &Reading) -> [Option<HostChange>; 2] {
        let slept = asleep(now) - self.asleep_us;
        self.asleep_us = asleep(now).max(self.asleep_us);
        let step = now.utc_offset_us() - self.offset_us;
        let stepped = step.abs() > STEP_US;
        if stepped {
            self.offset_us = now.utc_offset_us();
        }
        [
            (slept > SLEEP_US).then(|| HostChange::Slept { seconds: seconds(slept) }),
            stepped.then(|| HostChange::ClockStep { seconds: seconds(step) }),
        ]
    }

    /// UTC of a boot time by the offset of this run, rounded to whole milliseconds: a grid of
    /// whole milliseconds of boot time is one in UTC, too.
    pub fn utc(&self, at: BootTime) -> Timestamp {
        let offset_ms = (self.offset_us + 500).div_euclid(1_000);
        Timestamp::from_micros(at.as_micros().saturating_add(offset_ms * 1_000))
    }
}

/// From the kernel's word on the clock, asked for once a minute, to its changes.
#[derive(Debug, Clone)]
pub struct SyncWatch {
    synchronized: bool,
    asked: Option<BootTime>,
}

impl Default for SyncWatch {
    /// A clock is taken for synchronized until the kernel says otherwise, so that a start is not
    /// an event on a machine where all is well.
    fn default() -> Self {
        Self { synchronized: true, asked: None }
    }
}

impl SyncWatch {
    /// Whether it is time to ask again. To be called when awake anyway.
    pub fn is_due(&self, now: BootTime) -> bool {
        const EVERY: Micros = Micros::MINUTE;
        self.asked.is_none_or(|asked| now.since(asked) >= EVERY)
    }

    /// Takes in what the kernel said at `now`; `None`: it may not be asked.
    pub fn observe(&mut self, now: BootTime, said: Option<bool>) -> Option<HostChange> {
        self.asked = Some(now);
        let synchronized = said.filter(|said| *said != self.synchronized)?;
        self.synchronized = synchronized;
        Some(HostChange::ClockSync { synchronized })
    }
}

fn asleep(reading: &Reading) -> i64 {
    reading.boot.as_micros() - reading.monotonic_us
}

#[allow(clippy::cast_precision_loss, reason = "microseconds of centuries fit 53 bits")]
fn seconds(us: i64) -> f64 {
    us as f64 / 1e6
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reading(utc: i64, boot: i64, monotonic_us: i64) -> Reading {
        Reading {
            utc: Timestamp::from_micros(utc),
            boot: BootTime::from_micros(boot),
            monotonic_us,
        }
    }

    #[test]
    fn sleep_is_reported_once_with_its_length() {
        let mut watch = ClockWatch::new(&reading(1_000_000_000, 500, 100));
        let woke = reading(1_090_000_000, 90_000_500, 1_000_100);
        assert!(watch.doubts(&woke));
        assert_eq!(watch.observe(&woke), [Some(HostChange::Slept { seconds: 89.0 }), None]);
        assert_eq!(watch.observe(&woke), [None, None]);
    }

    #[test]
    fn a_step_back_is_negative_and_moves_the_labels() {
        let mut watch = ClockWatch::new(&reading(1_000_000_400, 0, 0));
        assert_eq!(watch.utc(BootTime::from_micros(7_000)), Timestamp::from_micros(1_000_007_000));
        let stepped = reading(998_500_400, 1_000_000, 1_000_000);
        assert_eq!(watch.observe(&stepped), [None, Some(HostChange::ClockStep { seconds: -2.5 })]);
        assert_eq!(watch.utc(BootTime::from_micros(7_000)), Timestamp::from_micros(997_507_000));
    }

    #[test]
    fn steps_of_250_ms_are_slewing_but_add_up() {
        let mut watch = ClockWatch::new(&reading(0, 0, 0));
        assert_eq!(watch.observe(&reading(250_000, 0, 0)), [None, None]);
        assert_eq!(
            watch.observe(&reading(300_000, 0, 0)),
            [None, Some(HostChange::ClockStep { seconds: 0.3 })]
        );
    }

    #[test]
    fn a_clock_that_runs_on_says_nothing() {
        let mut watch = ClockWatch::new(&reading(0, 0, 0));
        for s in 1..100_000 {
            let us = s * 333_000;
            assert_eq!(watch.observe(&reading(us + s % 7, us, us - s % 5)), [None, None]);
        }
    }

    #[test]
    fn the_kernels_word_on_the_clock_is_asked_for_once_a_minute_and_reported_when_it_changes() {
        let mut watch = SyncWatch::default();
        assert!(watch.is_due(BootTime::from_micros(5)));
        assert_eq!(watch.observe(BootTime::from_micros(5), Some(true)), None);
        assert!(!watch.is_due(BootTime::from_micros(59_000_000)));
        assert!(watch.is_due(BootTime::from_micros(60_000_005)));
        let told = |synchronized| Some(HostChange::ClockSync { synchronized });
        assert_eq!(watch.observe(BootTime::from_micros(6), Some(false)), told(false));
        assert_eq!(watch.observe(BootTime::from_micros(7), Some(false)), None);
        assert_eq!(watch.observe(BootTime::from_micros(8), None), None);
        assert_eq!(watch.observe(BootTime::from_micros(9), Some(true)), told(true));
    }
}
