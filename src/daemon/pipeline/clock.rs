//! The clock while the daemon runs: whether it was set, and what web servers show of it.

use std::collections::BTreeMap;

use crate::live::ClockStatus;
use crate::time::{BootTime, Micros, Reading, Timestamp};
use crate::vocabulary::{
    ClockCheck, ClockOffset, ClockState, ServerClock, Target, TargetId, well_known,
};

/// How far two clocks drift apart in a second at most, in microseconds: ten times what a quartz does.
const DRIFT_US: i64 = 100;
/// Answers older than this say nothing of the present.
const FRESH: Micros = Micros::from_seconds(15 * 60);

/// What is known of this host's clock.
#[derive(Debug, Clone)]
pub(super) struct KnownClock {
    pub(super) state: ClockState,
    /// What the kernel said last.
    pub(super) synchronized: Option<bool>,
    /// How far the host's clock is behind the UTC in use.
    pub(super) behind: Micros,
    /// Runs of this boot are still to be dated by this offset of UTC against boot time.
    pub(super) to_date: Option<i64>,
    servers: BTreeMap<TargetId, KnownServer>,
}

#[derive(Debug, Clone)]
struct KnownServer {
    at: BootTime,
    row: ServerClock,
}

impl Default for KnownClock {
    /// One that can be relied on.
    fn default() -> Self {
        let (state, behind) = (ClockState::Set, Micros::ZERO);
        Self { state, synchronized: None, behind, to_date: None, servers: BTreeMap::new() }
    }
}

impl KnownClock {
    /// An answer of a web server came, in run `run`; gives what is to be stored.
    pub(super) fn on_answer(
        &mut self,
        run: i64,
        target: TargetId,
        offset: ClockOffset,
        at: Reading,
    ) -> ServerClock {
        let day = |t: Timestamp| t.as_micros().div_euclid(Micros::DAY.as_i64());
        let before = self.servers.get(&target).filter(|known| known.row.run == run);
        let first = ServerClock { run, target, from: at.utc, to: at.utc, offset, answers: 1 };
        let row = before.map_or(first, |KnownServer { at: then, row }| {
            let drift = Micros::new(at.boot.since(*then).as_i64() / 1_000_000 * DRIFT_US);
            let both = row.offset.widened(drift).intersect(offset);
            // One that contradicts all before it is believed: a clock was set.
            let offset = both.unwrap_or(offset);
            if day(row.from) == day(at.utc) {
                ServerClock { to: at.utc, offset, answers: row.answers + 1, ..*row }
            } else {
                ServerClock { offset, ..first }
            }
        });
        self.servers.insert(target, KnownServer { at: at.boot, row });
        row
    }

    /// Another run: its times have nothing to do with those before.
    pub(super) fn on_new_run(&mut self) {
        self.servers.clear();
    }

    /// What the servers of different owners show together; `None` before two have answered.
    pub(super) fn check(&self, targets: &[Target], now: BootTime) -> Option<ClockCheck> {
        let mut owners: BTreeMap<&str, ClockOffset> = BTreeMap::new();
        for target in targets.iter().filter(|t| well_known::is_connectivity_check(t)) {
            let known = self.servers.get(&target.id).filter(|k| now.since(k.at) <= FRESH);
            if let (Some(known), Some(host)) = (known, target.endpoint.host()) {
                owners.entry(host).or_insert(known.row.offset);
            }
        }
        ClockCheck::of(&owners.into_values().collect::<Vec<_>>())
    }

    /// As a status has it.
    pub(super) fn status(&self, targets: &[Target], now: BootTime) -> ClockStatus {
        let check = self.check(targets, now);
        let seconds = |of: Micros| (micros_f64(of) / 1e3).round() / 1e3;
        ClockStatus {
            state: self.state,
            synchronized: self.synchronized,
            servers: check.map_or(0, |check| check.servers),
            offset_min_s: check.map(|check| seconds(check.offset.least())),
            offset_max_s: check.map(|check| seconds(check.offset.most())),
            differs_s: check.and_then(|check| check.difference).map(seconds),
        }
    }
}

#[allow(clippy::cast_precision_loss, reason = "microseconds of centuries fit 53 bits")]
fn micros_f64(us: Micros) -> f64 {
    us.as_i64() as f64
}
