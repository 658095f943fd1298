//! A daemon on a simulated host: the host's clocks, probes on their way, and the life of whatever
//! takes in what the probers report.

use std::collections::VecDeque;

use crate::time::{BootTime, Reading, Timestamp, UtcLine};
use crate::vocabulary::{
    HostChange, HostEvent, Kind, Measurement, NotSent, Observation, Outcome, Target,
};

/// Boot time at the start, in microseconds.
const BOOTED_US: i64 = 5_000_000_000;
/// Tmax and the time of a service, in milliseconds: until then nothing is known of a lost probe.
const LOST_MS: i64 = 3_000;
const FAILED_MS: i64 = 10_000;

/// All clocks of a host.
#[derive(Debug, Clone)]
pub(crate) struct HostClocks {
    start: Timestamp,
    /// By how much UTC is ahead of where it started.
    ahead_s: i64,
    /// Restarts so far.
    boots: u32,
    /// When this boot began, in milliseconds.
    booted: i64,
    asleep_us: i64,
    /// What takes the place of a clock that is behind it.
    line: Option<UtcLine>,
}

impl HostClocks {
    /// Of a host whose story starts at `start`.
    pub(crate) fn new(start: Timestamp) -> Self {
        Self { start, ahead_s: 0, boots: 0, booted: 0, asleep_us: 0, line: None }
    }

    /// What the daemon takes them to show `ms` milliseconds from the start.
    pub(crate) fn reading(&self, ms: i64) -> Reading {
        let host = self.host(ms);
        self.line.filter(|line| line.is_ahead_of(&host)).map_or(host, |line| line.label(host))
    }

    /// UTC is kept to this line while it is ahead of the clock.
    #[cfg(test)]
    pub(crate) fn hold(&mut self, line: Option<UtcLine>) {
        self.line = line;
    }

    /// The clock is off by this many seconds, put forward when positive.
    #[cfg(test)]
    pub(crate) fn is_off_by(&mut self, seconds: i64) {
        self.ahead_s = seconds;
    }

    /// What they show `ms` milliseconds from the start.
    pub(crate) fn host(&self, ms: i64) -> Reading {
        let utc = self.start.plus_micros((self.ahead_s * 1_000 + ms) * 1_000);
        let boot = if self.boots == 0 { BOOTED_US } else { 0 } + (ms - self.booted) * 1_000;
        Reading { utc, boot: BootTime::from_micros(boot), monotonic_us: boot - self.asleep_us }
    }

    /// The kernel's name of this boot.
    pub(crate) fn boot_id(&self) -> String {
        format!("00000000-0000-4000-8000-{:012}", self.boots)
    }

    /// The host is switched on again.
    pub(crate) fn reboot(&mut self, ms: i64) {
        (self.boots, self.booted, self.asleep_us) = (self.boots + 1, ms, 0);
    }
}

/// Takes in what the probers report: the daemon's pipeline, or the detector alone.
pub(crate) trait Daemon {
    /// The targets, in the order of the neighbors.
    fn targets(&self) -> &[Target];
    /// Takes in what is known.
    fn on_batch(&mut self, batch: &[Observation]);
    /// A second has passed.
    fn second(&mut self, now: Reading);
}

/// The daemon while it lives; dropped, it was killed.
pub(crate) struct DaemonLife<'a, D> {
    /// The daemon.
    pub(crate) daemon: D,
    /// Seconds since the story began.
    pub(crate) s: i64,
    clocks: &'a mut HostClocks,
    /// ICMP and what happened to the host, with the milliseconds at which it is known. Nothing
    /// overtakes.
    under_way: VecDeque<(i64, Observation)>,
    /// Services, reported once they are known, and late answers to come.
    apart: Vec<(i64, Observation)>,
    batch: Vec<Observation>,
}

impl<'a, D: Daemon> DaemonLife<'a, D> {
    /// A daemon that starts at second `s`.
    pub(crate) fn new(daemon: D, s: i64, clocks: &'a mut HostClocks) -> Self {
        let (under_way, apart, batch) = (VecDeque::new(), Vec::new(), Vec::new());
        Self { daemon, s, clocks, under_way, apart, batch }
    }

    /// What the clocks show.
    pub(crate) fn now(&self) -> Reading {
        self.clocks.reading(self.s * 1_000)
    }

    /// Sends a probe with this outcome to target `n`. `Late` is first reported as lost.
    pub(crate) fn send(&mut self, n: usize, ms: i64, outcome: Outcome) {
        let target = &self.daemon.targets()[n];
        let is_icmp = target.kind == Kind::Icmp;
        let sent_at = self.clocks.reading(ms).utc;
        let measured = |outcome| Measurement { target: target.id, sent_at, outcome };
        let whole = |d: std::time::Duration| i64::try_from(d.as_micros().div_ceil(1_000));
        let known = match &outcome {
            Outcome::Reply(reply) => ms + whole(reply.rtt).unwrap_or(LOST_MS),
            Outcome::Lost | Outcome::Late { .. } => ms + if is_icmp { LOST_MS } else { FAILED_MS },
            _ => ms,
        };
        let reported = match outcome {
            Outcome::Late { rtt } => {
                let then = ms + whole(rtt).unwrap_or(0);
                self.apart.push((then, Observation::Revised(measured(outcome))));
                Outcome::Lost
            }
            other => other,
        };
        let reported = Observation::Measured(measured(reported));
        if is_icmp {
            self.under_way.push_back((known, reported));
        } else {
            self.apart.push((known, reported));
        }
    }

    /// The second is over: one batch with everything known by now, then the work of each second.
    pub(crate) fn pass(&mut self) {
        self.s += 1;
        self.hand_over();
        let now = self.now();
        self.daemon.second(now);
    }

    fn hand_over(&mut self) {
        let now = self.s * 1_000;
        let mut batch = std::mem::take(&mut self.batch);
        batch.clear();
        while let Some((_, observation)) = self.under_way.pop_front_if(|(at, _)| *at <= now) {
            batch.push(observation);
        }
        batch.extend(self.apart.extract_if(.., |(at, _)| *at <= now).map(|(_, reported)| reported));
        self.daemon.on_batch(&batch);
        self.batch = batch;
    }

    /// Something happens to the host.
    pub(crate) fn host(&mut self, what: HostChange) {
        let event = HostEvent { at: self.now(), what };
        self.under_way.push_back((self.s * 1_000, Observation::Host(event)));
    }

    /// The clock is set forward, or back.
    pub(crate) fn steps_the_clock(&mut self, by_s: i32) {
        let before = self.now().utc;
        self.clocks.ahead_s += i64::from(by_s);
        let stepped_us = self.now().utc.since(before).as_i64();
        // A clock that catches up with the times in use changes none.
        if stepped_us != 0 {
            #[allow(clippy::cast_precision_loss, reason = "microseconds of centuries fit 53 bits")]
            self.host(HostChange::ClockStep { seconds: stepped_us as f64 / 1e6 });
        }
    }

    /// The lid is closed: probes under way are called off, and no answer is waited for.
    pub(crate) fn sleeps(&mut self, seconds: i32) {
        self.call_off();
        self.s += i64::from(seconds);
        self.clocks.asleep_us += i64::from(seconds) * 1_000_000;
        self.host(HostChange::Slept { seconds: f64::from(seconds) });
    }

    /// The outcome of probes under way will never be known.
    fn call_off(&mut self) {
        self.apart.retain(|(_, observation)| matches!(observation, Observation::Measured(_)));
        let apart = self.apart.iter_mut();
        for (known, observation) in self.under_way.iter_mut().chain(apart) {
            if let Observation::Measured(m) = observation {
                m.outcome = Outcome::NotSent(NotSent::Missed);
                *known = 0;
            }
        }
    }

    /// The daemon is asked to stop: its last measurements still reach the record.
    pub(crate) fn end(mut self) -> D {
        self.call_off();
        self.hand_over();
        self.daemon
    }
}
