//! What follows when the clock is set: what was measured before in this boot is dated anew, and judged
//! once more from the record.

use super::Pipeline;
use super::drops::{Announced, KnownDrops};
use crate::daemon::impaired::AnnouncedImpairments;
use crate::daemon::past::remember;
use crate::live::Event;
use crate::time::{LARGEST_SLEW, Micros, Reading, Timestamp, is_utc_held, release_utc};
use crate::vocabulary::{ClockOffset, ClockState, HostChange, HostEvent, RunEnd, TargetId};

impl Pipeline<'_> {
    /// Says of the run that is open whether its times can be relied on, and how far the host's clock
    /// is behind them.
    pub(crate) fn set_clock(&mut self, state: ClockState, behind: Micros) {
        (self.clock.state, self.clock.behind) = (state, behind);
    }

    /// What the kernel says of the clock.
    pub(crate) fn set_synchronized(&mut self, said: Option<bool>) {
        self.clock.synchronized = said;
    }

    /// The clock was stepped, by this many seconds of the times in use.
    pub(super) fn on_clock_step(&mut self, at: Reading, seconds: f64) {
        let was_provisional = self.clock.state == ClockState::Provisional;
        let seconds = seconds + self.seconds_behind();
        if was_provisional {
            // What is known so far belongs to the times of before.
            self.follow_up();
        }
        let result = self.record.end_at_step(at);
        self.check(result);
        (self.clock.state, self.clock.behind) = (ClockState::Set, Micros::ZERO);
        self.clock.on_new_run();
        if was_provisional && self.date_runs(at) {
            self.judge_again();
        } else {
            self.judge.end_run(at.utc, RunEnd::ClockStep);
        }
        self.record.writer.expect_clock(ClockState::Set, Micros::ZERO);
        let result = self.record.begin_after_step(at);
        self.check(result);
        self.judge.begin_run(&self.record.run);
        let roster = self.targets.roster.clone();
        if let Some(change) = self.store_roster(&roster, at.utc) {
            self.judge.set_roster(&change);
        }
        self.put_event(&HostEvent { at, what: HostChange::ClockStep { seconds } });
    }

    /// The host's clock, which was behind the times in use, has caught up with them: they go on as they
    /// are, in a run of their own.
    pub(crate) fn on_caught_up(&mut self, now: Reading) {
        // Where they differ, a step is reported.
        if self.is_of_open_run(&now) {
            self.on_clock_step(now, 0.0);
        }
    }

    /// The kernel says that the clock is synchronized, or it proved to be right.
    pub(super) fn on_clock_set(&mut self, now: Reading) {
        if self.clock.state == ClockState::Set {
            return;
        }
        if is_utc_held() {
            release_utc();
            // Else a step is reported, and with it all is dated.
            if !self.is_of_open_run(&Reading::of_host()) {
                return;
            }
        }
        self.rely_on_times(now);
    }

    /// A web server answered.
    pub(super) fn on_server_clock(&mut self, target: TargetId, offset: ClockOffset, at: Reading) {
        let row = self.clock.on_answer(self.record.run.id, target, offset, at);
        self.record.writer.put_server_clock(row);
        if self.clock.state == ClockState::Set {
            return;
        }
        let Some(check) = self.clock.check(&self.targets.current, at.boot) else { return };
        if check.offset.agrees() {
            self.rely_on_times(at);
        } else if check.offset.after_step(-self.clock.behind).agrees() {
            self.on_clock_set(at);
        }
    }

    /// What could not be written when the clock was set.
    pub(super) fn retry_dating(&mut self, now: Reading) {
        if self.clock.to_date.is_some() && self.date_runs(now) {
            self.judge_again();
        }
    }

    /// The times in use are right.
    fn rely_on_times(&mut self, now: Reading) {
        self.clock.state = ClockState::Set;
        if self.date_runs(now) {
            self.judge_again();
        }
    }

    /// Dates what was measured before in this boot; whether any time was moved.
    fn date_runs(&mut self, now: Reading) -> bool {
        let offset_us = self.clock.to_date.unwrap_or(now.utc_offset_us());
        match self.record.date_runs(offset_us, now.utc) {
            Ok(dated) => {
                self.clock.to_date = None;
                let by = dated.iter().map(|run| run.by).find(|by| *by != Micros::ZERO);
                if by.is_some() {
                    let started = &mut self.identity.started;
                    started.utc = Timestamp::from_micros(started.boot.as_micros() + offset_us);
                }
                if !dated.is_empty() {
                    self.announce(&Event::ClockSet { by: by.unwrap_or_default() });
                }
                by.is_some()
            }
            Err(problem) => {
                self.clock.to_date = Some(offset_us);
                self.storing_failed(&problem);
                false
            }
        }
    }

    /// Reads the last hours with their new times, as after a restart.
    fn judge_again(&mut self) {
        let rules = self.rules.clone();
        match remember(self.record.writer.path(), rules.parameters, rules.waiting) {
            Ok(past) => {
                self.judge = past.judge;
                self.judge.set_targets(&self.targets.ever);
                self.drops = KnownDrops::default();
                self.restore_messages(&past.drops);
                for stored in past.drops {
                    self.drops.remember(stored.id, stored.drop, Announced::Yes);
                }
                self.impairments = AnnouncedImpairments::new(&past.impairments);
            }
            Err(problem) => self.storing_failed(&problem),
        }
    }

    #[cfg(test)]
    pub(in crate::daemon) fn clock_status(&self) -> crate::live::ClockStatus {
        self.clock.status(&self.targets.current, self.now.boot)
    }

    /// Whether UTC and boot time of a reading run as those of the open run.
    fn is_of_open_run(&self, reading: &Reading) -> bool {
        self.record
            .offset_us()
            .is_none_or(|offset| (reading.utc_offset_us() - offset).abs() <= LARGEST_SLEW.as_i64())
    }

    #[allow(clippy::cast_precision_loss, reason = "microseconds of centuries fit 53 bits")]
    fn seconds_behind(&self) -> f64 {
        self.clock.behind.as_i64() as f64 / 1e6
    }
}
