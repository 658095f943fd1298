//! Whether this host's clock can be relied on, at the start of the daemon: by what the kernel says of
//! it, and by what was measured before.

use crate::time::{LARGEST_SLEW, Micros, Reading, UtcLine};
use crate::vocabulary::{ClockState, Run, RunClock};

/// What is known of the clock at the start.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct ClockAtStart {
    /// Whether the times of the run that begins can be relied on.
    pub(crate) state: ClockState,
    /// The clock is behind what was measured before: UTC is kept to this line until it is set.
    pub(crate) line: Option<UtcLine>,
    /// The clock was set in this boot: earlier runs of it are to be dated anew.
    pub(crate) was_set: bool,
}

impl ClockAtStart {
    /// `last` is the run before, `synchronized` what the kernel says, `host` what its clocks show.
    pub(crate) fn judge(
        last: Option<&(Run, Option<RunClock>)>,
        host: &Reading,
        boot_id: Option<&str>,
        synchronized: Option<bool>,
    ) -> Self {
        let set = Self { state: ClockState::Set, line: None, was_set: true };
        if synchronized == Some(true) {
            return set;
        }
        let unset = match synchronized {
            Some(_) => ClockState::Provisional,
            // Where it may not be asked, a clock is taken for set unless it shows otherwise.
            None => ClockState::Set,
        };
        let Some((run, clock)) = last else { return Self { state: unset, was_set: false, ..set } };
        let same_boot = run.boot.filter(|_| boot_id.is_some() && run.boot_id.as_deref() == boot_id);
        let Some(boot) = same_boot else {
            let line = UtcLine::after(run.last_seen);
            return if line.is_ahead_of(host) {
                Self { state: ClockState::Provisional, line: Some(line), was_set: false }
            } else {
                Self { state: unset, was_set: false, ..set }
            };
        };
        // The boot clock says what time it is now if the run before had it right.
        let offset_us = run.started.as_micros() - boot.as_micros();
        let before = clock.map_or(unset, |clock| clock.state);
        let line = UtcLine::of_offset(offset_us);
        if line.is_ahead_of(host) {
            Self { state: before, line: Some(line), was_set: false }
        } else if host.utc_offset_us() - offset_us > LARGEST_SLEW.as_i64() {
            set
        } else {
            Self { state: before, line: None, was_set: false }
        }
    }

    /// How far the host's clock is behind the UTC that is used.
    pub(crate) fn behind(&self, host: &Reading) -> Micros {
        self.line.map_or(Micros::ZERO, |line| line.label(*host).utc.since(host.utc))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::{BootTime, Timestamp};
    use crate::vocabulary::RunEnd;

    fn host(utc_s: i64, boot_s: i64) -> Reading {
        let boot = BootTime::from_micros(boot_s * 1_000_000);
        Reading { utc: Timestamp::from_seconds(utc_s), boot, monotonic_us: boot.as_micros() }
    }

    /// A run that began at 100 000 s, boot time 500 s, and was seen for 60 s.
    fn run(state: ClockState) -> (Run, Option<RunClock>) {
        let started = Timestamp::from_seconds(100_000);
        let run = Run {
            id: 1,
            started,
            boot: Some(BootTime::from_micros(500_000_000)),
            boot_id: Some("a".to_owned()),
            last_seen: Timestamp::from_seconds(100_060),
            ended: Some(RunEnd::Crash),
        };
        (run, Some(RunClock { run: 1, state, host: started, dated: None }))
    }

    /// State, what time it is taken for, whether earlier runs are dated by it.
    fn judged(
        before: ClockState,
        host: Reading,
        boot: &str,
        said: Option<bool>,
    ) -> (&'static str, i64, bool) {
        let found = ClockAtStart::judge(Some(&run(before)), &host, Some(boot), said);
        let now = found.line.map_or(host, |line| line.label(host));
        assert_eq!(found.behind(&host), now.utc.since(host.utc));
        (found.state.as_str(), now.utc.as_micros() / 1_000_000, found.was_set)
    }

    #[test]
    fn a_clock_behind_the_record_goes_on_from_it() {
        use ClockState::{Provisional, Set};
        // A power cut, then a clock 20 minutes late, or in 1970.
        for utc in [98_910, 35] {
            let told = judged(Set, host(utc, 30), "b", Some(false));
            assert_eq!(told, ("provisional", 100_090, false));
        }
        assert_eq!(
            judged(Set, host(100_500, 30), "b", Some(false)),
            ("provisional", 100_500, false)
        );
        assert_eq!(judged(Set, host(100_500, 30), "b", Some(true)), ("set", 100_500, true));
        assert_eq!(judged(Set, host(100_500, 30), "b", None), ("set", 100_500, false));
        // In the same boot the boot clock knows.
        assert_eq!(judged(Set, host(98_900, 600), "a", Some(false)), ("set", 100_100, false));
        let told = judged(Provisional, host(98_900, 600), "a", Some(false));
        assert_eq!(told, ("provisional", 100_100, false));
        let told = judged(Provisional, host(100_100, 600), "a", Some(false));
        assert_eq!(told, ("provisional", 100_100, false), "nothing happened");
        let told = judged(Provisional, host(101_300, 600), "a", Some(false));
        assert_eq!(told, ("set", 101_300, true), "put forward meanwhile");
        let told = judged(Provisional, host(100_100, 600), "a", Some(true));
        assert_eq!(told, ("set", 100_100, true), "synchronized meanwhile");
    }
}
