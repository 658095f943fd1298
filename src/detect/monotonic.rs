//! The monotonic time line: one line of microseconds through all runs, from labels in UTC.
//!
//! Within a run UTC minus boot time is constant, so a label is as good as a boot time. From run to
//! run of the same boot the boot time says how long it was; across a restart of the machine only
//! UTC is left, and an axis never runs backwards. The first run's axis is its UTC.

use crate::time::{BootTime, Micros, Timestamp};
use crate::vocabulary::Run;

/// An instant on the axis with its label in the UTC of its run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Moment {
    /// Its place on the axis.
    pub(super) mono: Micros,
    pub(super) utc: Timestamp,
}

impl Moment {
    /// Later by `by`, still in the UTC of the same run.
    pub(super) fn plus(self, by: Micros) -> Self {
        Self { mono: self.mono + by, utc: self.utc + by }
    }
    /// Time from `earlier` to `self`.
    pub(super) fn since(self, earlier: Self) -> Micros {
        self.mono - earlier.mono
    }
    /// The number of the block of this length, counted from the epoch, in which its label lies.
    pub(super) fn block(self, length: Micros) -> i64 {
        self.utc.as_micros().div_euclid(length.as_i64())
    }
}

/// How one run follows another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum RunCrossing {
    /// There was none before.
    First,
    /// Same boot: the time between is known from boot time.
    SameBoot,
    /// Another boot.
    OtherBoot,
    /// At least one of the two has no boot: an imported record.
    Unknown,
}

/// Turns labels into moments.
#[derive(Debug, Clone, Default)]
pub(super) struct MonotonicLine {
    run: Option<RunBase>,
    /// Newest moment given out: nothing later lies before it.
    newest: Option<Micros>,
}

#[derive(Debug, Clone)]
struct RunBase {
    started: Timestamp,
    boot: Option<(String, BootTime)>,
    mono: Micros,
}

impl MonotonicLine {
    /// Continues with `run`.
    pub(super) fn begin(&mut self, run: &Run) -> RunCrossing {
        let boot = run.boot_id.clone().zip(run.boot);
        let (mono, crossing) = match &self.run {
            None => (label(run.started), RunCrossing::First),
            Some(last) => {
                let by_utc = last.mono + run.started.since(last.started);
                match (&last.boot, &boot) {
                    (Some((before, then)), Some((now, at))) if before == now => {
                        (last.mono + at.since(*then), RunCrossing::SameBoot)
                    }
                    (Some(_), Some(_)) => (by_utc, RunCrossing::OtherBoot),
                    _ => (by_utc, RunCrossing::Unknown),
                }
            }
        };
        let mono = self.newest.map_or(mono, |newest| mono.max(newest));
        self.run = Some(RunBase { started: run.started, boot, mono });
        crossing
    }

    /// The moment of a label of the present run, for what is no part of the record: later labels may
    /// lie before it.
    pub(super) fn peek(&self, utc: Timestamp) -> Moment {
        let mono = self.run.as_ref().map_or(label(utc), |base| base.mono + utc.since(base.started));
        Moment { mono: self.newest.map_or(mono, |newest| mono.max(newest)), utc }
    }

    /// The moment of a label of the present run. A label before one already seen is moved up to
    /// it: the rules depend on the order.
    pub(super) fn moment(&mut self, utc: Timestamp) -> Moment {
        let mono = match &self.run {
            Some(base) => base.mono + utc.since(base.started),
            None => label(utc),
        };
        let mono = self.newest.map_or(mono, |newest| mono.max(newest));
        self.newest = Some(mono);
        Moment { mono, utc }
    }
}

/// The place of a label on an axis that is UTC.
fn label(utc: Timestamp) -> Micros {
    Micros::new(utc.as_micros())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(started_s: i64, boot: Option<(&str, i64)>) -> Run {
        Run {
            id: 1,
            started: Timestamp::from_seconds(started_s),
            boot: boot.map(|(_, s)| BootTime::from_micros(s * 1_000_000)),
            boot_id: boot.map(|(id, _)| id.to_owned()),
            last_seen: Timestamp::from_seconds(started_s),
            ended: None,
        }
    }

    #[test]
    fn a_step_of_the_clock_does_not_move_the_axis() {
        let mut axis = MonotonicLine::default();
        axis.begin(&run(1_000, Some(("a", 50))));
        let before = axis.moment(Timestamp::from_seconds(1_010));
        assert_eq!(axis.begin(&run(4_611, Some(("a", 61)))), RunCrossing::SameBoot);
        let after = axis.moment(Timestamp::from_seconds(4_612));
        assert_eq!(after.since(before), Micros::from_seconds(2));
        axis.begin(&run(1_013, Some(("a", 63))));
        assert_eq!(
            axis.moment(Timestamp::from_seconds(1_014)).since(after),
            Micros::from_seconds(2)
        );
    }

    #[test]
    fn another_boot_is_placed_by_utc_and_never_before_what_was_seen() {
        let mut axis = MonotonicLine::default();
        axis.begin(&run(1_000, Some(("a", 50))));
        let before = axis.moment(Timestamp::from_seconds(1_010));
        assert_eq!(axis.begin(&run(1_100, Some(("b", 5)))), RunCrossing::OtherBoot);
        let after = axis.moment(Timestamp::from_seconds(1_100));
        assert_eq!(after.since(before), Micros::from_seconds(90));
        // A board without a battery clock starts with an old date.
        assert_eq!(axis.begin(&run(0, None)), RunCrossing::Unknown);
        assert_eq!(axis.moment(Timestamp::from_seconds(1)).since(after), Micros::SECOND);
    }
}
