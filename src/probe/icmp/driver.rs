//! What both engines share: the schedule, the probes under way, the watch on the clocks, and the
//! batches for the pipeline. Pure but for the channel.

use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::mpsc::Sender;
use std::time::Duration;

use super::identifiers::{Finding, IdentifierWatch, OtherIdentifier};
use super::{IcmpTarget, ReadingMode};
use crate::probe::clockwatch::ClockWatch;
use crate::probe::inflight::{EchoAnswer, Inflight, Sent};
use crate::probe::schedule::{Due, Schedule, Timing};
use crate::time::{BootTime, Micros, Reading, Timestamp};
use crate::vocabulary::{
    HostChange, HostEvent, IpVersion, NotSent, Observation, Outcome, Role, Waiting, recorded_time,
};

/// Time between two batches, unless something is wrong. The channel has no bound: should the pipeline
/// hang on a disk, seven measurements a second of a hundred octets each wait for it, 2 MiB an hour,
/// whereas a bound would mean losing the evidence or stopping the schedule.
const BATCH: Micros = Micros::from_millis(990);

/// The receiver of the observations is gone.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Disconnected;

/// When the engine of this process has something to do next, boot time in microseconds. One that is late
/// for it hangs.
static DUE: AtomicI64 = AtomicI64::new(i64::MAX);

/// When the engine of this process has something to do next; `None`: nothing is to be done.
pub fn due() -> Option<BootTime> {
    let due = DUE.load(Ordering::Relaxed);
    (due != i64::MAX).then(|| BootTime::from_micros(due))
}

/// State of an engine.
#[derive(Debug)]
pub(crate) struct Driver {
    pub(crate) schedule: Schedule,
    pub(crate) inflight: Inflight,
    pub(crate) mode: ReadingMode,
    watch: ClockWatch,
    steps: ClockSteps,
    /// Of IPv4 and of IPv6.
    identifiers: [IdentifierWatch; 2],
    out: Sender<Vec<Observation>>,
    batch: Vec<Observation>,
    handed_over: BootTime,
    read: BootTime,
}

/// Whether a family uses another identifier from now on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Adopted {
    /// It does not.
    No,
    /// It uses that of the answer.
    Yes,
}

/// The steps of the clock so far.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct ClockSteps {
    /// How many there have been.
    pub(crate) count: u32,
    /// The last of them in nanoseconds, positive when the clock was put forward.
    pub(crate) last_ns: i64,
}

impl Driver {
    pub(crate) fn new(
        now: &Reading,
        waiting: Waiting,
        targets: Vec<IcmpTarget>,
        out: Sender<Vec<Observation>>,
    ) -> Self {
        let mut driver = Self {
            schedule: Schedule::new(now.boot, fastrand::u64(..), Vec::new()),
            inflight: Inflight::new(waiting, 0),
            mode: ReadingMode::Lazy,
            watch: ClockWatch::new(now),
            steps: ClockSteps::default(),
            identifiers: [IdentifierWatch::new(now.boot), IdentifierWatch::new(now.boot)],
            out,
            batch: Vec::new(),
            handed_over: now.boot,
            read: now.boot,
        };
        driver.set_targets(now.boot, targets);
        driver
    }

    /// Probes these targets from now on.
    pub(crate) fn set_targets(&mut self, now: BootTime, targets: Vec<IcmpTarget>) {
        for family in IpVersion::BOTH {
            let decide = targets.iter().filter(|t| {
                t.role == Role::Anchor && t.standing.may_vote() && IpVersion::of(t.ip) == family
            });
            self.identifiers[family.index()].set_anchors(decide.map(|t| t.id).collect());
        }
        self.schedule.set_targets(now, targets);
        self.publish_due();
    }

    fn publish_due(&self) {
        let due = self.next_wake().map_or(i64::MAX, BootTime::as_micros);
        DUE.store(due, Ordering::Relaxed);
    }

    /// The clocks, read again when the first look is odd.
    pub(crate) fn clocks(&self) -> Reading {
        let now = Reading::now();
        if self.watch.doubts(&now) { Reading::now() } else { now }
    }

    /// The steps of the clock. A kernel stamp taken before a step cannot be compared with one taken
    /// after it as it is.
    pub(crate) fn steps(&self) -> ClockSteps {
        self.steps
    }

    /// What the clocks did since the tick before. To be given to [`Self::tick`] once all answers
    /// that have arrived are accounted for.
    pub(crate) fn watch(&mut self, now: &Reading) -> [Option<HostChange>; 2] {
        let changes = self.watch.observe(now);
        if let Some(HostChange::ClockStep { seconds }) = changes[1] {
            #[allow(clippy::cast_possible_truncation, reason = "saturates at 290 years")]
            let last_ns = (seconds * 1e9) as i64;
            self.steps = ClockSteps { count: self.steps.count + 1, last_ns };
        }
        changes
    }

    /// Takes note of sleep and steps, and appends the slots to be sent to `due`.
    pub(crate) fn tick(
        &mut self,
        now: &Reading,
        changes: [Option<HostChange>; 2],
        due: &mut Vec<Due>,
    ) {
        for what in changes.into_iter().flatten() {
            if matches!(what, HostChange::Slept { .. }) {
                self.inflight.call_off();
                self.identifiers.iter_mut().for_each(IdentifierWatch::forget);
                self.schedule.resume(now.boot);
            }
            self.inflight.host(HostEvent { at: *now, what });
        }
        self.schedule.due(now.boot, due);
        due.retain(|due| {
            if due.timing == Timing::Missed {
                let sent_at = self.watch.utc(due.at);
                let sent = Sent { target: due.target, ip: due.ip, nonce: 0, sent_at, boot: due.at };
                self.inflight.not_sent(sent, NotSent::Missed);
            }
            due.timing == Timing::Now
        });
    }

    /// A slot as it leaves at `at` with `nonce`.
    pub(crate) fn departure(&mut self, due: &Due, at: BootTime, nonce: u64) -> Sent {
        let sent_at = recorded_time(self.watch.utc(due.at), self.watch.utc(at));
        Sent { target: due.target, ip: due.ip, nonce, sent_at, boot: at }
    }

    /// A slot was handed to the kernel.
    pub(crate) fn sent(&mut self, sent: Sent) {
        self.inflight.sent(sent);
        self.identifiers[IpVersion::of(sent.ip).index()].on_sent(sent.target, sent.boot);
    }

    /// With which other identifier the slot is to be asked, too.
    pub(crate) fn other_identifier(&self, due: &Due) -> Option<OtherIdentifier> {
        self.identifiers[IpVersion::of(due.ip).index()].other(due.target)
    }

    /// The slot sent last was asked with another identifier and this nonce, too.
    pub(crate) fn sent_again(&mut self, sent: &Sent, nonce: u64) {
        self.inflight.sent_again(nonce);
        let number = self.inflight.next_number() - 1;
        let family = IpVersion::of(sent.ip);
        if let Some(until) = self.identifiers[family.index()].on_sent_again(number, sent.boot) {
            self.inflight.hold(family, until);
        }
    }

    /// An answer came in. Whether its family uses the identifier that it was sent to from now on.
    pub(crate) fn answer(&mut self, answer: &EchoAnswer, now: BootTime) -> Adopted {
        let at = self.label(now);
        let Some(matched) = self.inflight.answer(answer, now, at) else { return Adopted::No };
        let watch = &mut self.identifiers[IpVersion::of(answer.from).index()];
        if watch.on_answer(&matched, now) { Adopted::Yes } else { Adopted::No }
    }

    /// The identifiers of both families change at the next opportunity: this host's addresses did.
    pub(crate) fn change_identifiers(&mut self) {
        self.identifiers.iter_mut().for_each(IdentifierWatch::ask_for_change);
    }

    /// What the answers so far say of the identifiers; gives the families whose identifier is to change
    /// now.
    pub(crate) fn look(&mut self, now: &Reading) -> Vec<IpVersion> {
        let mut changes = Vec::new();
        for family in IpVersion::BOTH {
            let Some(finding) = self.identifiers[family.index()].look(now.boot, self.read) else {
                continue;
            };
            let v6 = family == IpVersion::V6;
            let what = match finding {
                Finding::Asking => continue,
                Finding::Silent => {
                    self.batch.push(Observation::Silent { family, at: *now });
                    continue;
                }
                Finding::NotTheEntry => {
                    self.inflight.let_go(family);
                    continue;
                }
                Finding::OnlyTheEntry(since) => {
                    self.inflight.void(family, since);
                    self.inflight.let_go(family);
                    continue;
                }
                Finding::Change => {
                    changes.push(family);
                    continue;
                }
                Finding::FreshUnanswered => HostChange::FreshIdentifierUnanswered { v6 },
                Finding::DeadEntry => HostChange::DeadEntry { v6 },
            };
            self.inflight.host(HostEvent { at: *now, what });
        }
        changes
    }

    /// UTC of a boot time, as a label.
    pub(crate) fn label(&self, at: BootTime) -> Timestamp {
        self.watch.utc(at)
    }

    /// Judges by `now` and hands on what is due: once a second, at once when something is wrong
    /// or someone watches.
    pub(crate) fn hand_over(&mut self, now: BootTime) -> Result<(), Disconnected> {
        self.inflight.release(now, &mut self.batch);
        self.publish_due();
        let due = self.is_batch_due(now) || self.batch.iter().any(is_urgent);
        if !due || self.batch.is_empty() {
            return Ok(());
        }
        self.handed_over = now;
        self.out.send(std::mem::take(&mut self.batch)).map_err(|_| Disconnected)
    }

    /// Whether what has arrived must be read before anything is judged by `now`: for a batch that is
    /// due, or because a probe would be taken for lost. Until then the kernel keeps it, with its
    /// stamps, and one call reads what came in a second.
    pub(crate) fn must_read(&self, now: BootTime) -> bool {
        self.is_batch_due(now)
            || now.since(self.read) >= BATCH
            || self.reads_at_once(now)
            || self.inflight.next_loss().is_some_and(|loss| loss <= now)
            || self.identifiers.iter().any(|watch| watch.wants_reading(now))
    }

    /// All that had arrived by `now` was read.
    pub(crate) fn on_read(&mut self, now: BootTime) {
        self.read = now;
    }

    fn is_batch_due(&self, now: BootTime) -> bool {
        self.mode == ReadingMode::Eager
            || self.next_wake().is_none_or(|wake| wake.since(now) >= Micros::SECOND)
            || now.since(self.handed_over) >= BATCH
    }

    /// Reports all that is left, in its present state.
    pub(crate) fn finish(&mut self, now: BootTime) {
        DUE.store(i64::MAX, Ordering::Relaxed);
        // Those that are lost are lost; what became of the others cannot be known.
        self.inflight.release(now, &mut self.batch);
        self.inflight.call_off();
        self.inflight.release(now, &mut self.batch);
        if !self.batch.is_empty() {
            // The receiver may have gone, which is all right at the end.
            let _ = self.out.send(std::mem::take(&mut self.batch));
        }
    }

    /// When there is something to do next: the next slot, or an earlier loss that would have to
    /// wait for it for long.
    pub(crate) fn next_wake(&self) -> Option<BootTime> {
        const MAY_WAIT: Micros = Micros::from_millis(500);
        let slot = self.schedule.next_due();
        match (slot, self.inflight.next_loss()) {
            (Some(slot), Some(loss)) if loss + MAY_WAIT < slot => Some(loss),
            (None, loss) => loss,
            (slot, _) => slot,
        }
    }

    /// Whether answers are to be read as they come: someone watches, or the next slot is far or
    /// the interval is short.
    pub(crate) fn reads_at_once(&self, now: BootTime) -> bool {
        let short = |interval| interval < Duration::from_secs(1);
        self.mode == ReadingMode::Eager
            || self.schedule.shortest_interval().is_some_and(short)
            || (self.inflight.next_loss().is_some()
                && self.next_wake().is_none_or(|wake| wake.since(now) > Micros::from_millis(500)))
    }
}

fn is_urgent(observation: &Observation) -> bool {
    match observation {
        Observation::Measured(m) => !matches!(m.outcome, Outcome::Reply(_)),
        Observation::Revised(_)
        | Observation::Host(_)
        | Observation::Way { .. }
        | Observation::Silent { .. }
        | Observation::Path(_) => true,
        Observation::Stray { .. } | Observation::ServerClock { .. } => false,
    }
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;
    use std::sync::mpsc::{Receiver, channel};

    use super::*;
    use crate::probe::schedule::Timing;
    use crate::vocabulary::TargetId;

    const START: Reading = Reading {
        utc: Timestamp::from_millis(1_000_000),
        boot: BootTime::from_micros(0),
        monotonic_us: 0,
    };

    fn driver() -> (Driver, Receiver<Vec<Observation>>) {
        let (out, reported) = channel();
        (Driver::new(&START, Waiting::default(), Vec::new(), out), reported)
    }

    fn due(at_ms: i64) -> Due {
        let ip = Ipv4Addr::LOCALHOST.into();
        Due {
            target: TargetId(1),
            ip,
            over: None,
            at: BootTime::from_micros(at_ms * 1_000),
            timing: Timing::Now,
        }
    }

    fn label(driver: &mut Driver, due_ms: i64, at_us: i64) -> i64 {
        let sent = driver.departure(&due(due_ms), BootTime::from_micros(at_us), 0);
        driver.sent(sent);
        sent.sent_at.as_millis() - 1_000_000
    }

    #[test]
    fn a_step_back_starts_new_labels_and_is_reported_between_the_probes_of_both_sides() {
        let (mut driver, reported) = driver();
        assert_eq!(label(&mut driver, 1_000, 1_000_000), 1_000);
        let second = Reading {
            utc: Timestamp::from_millis(1_000_000 - 58_500),
            boot: BootTime::from_micros(1_500_000),
            monotonic_us: 1_500_000,
        };
        let changes = driver.watch(&second);
        driver.tick(&second, changes, &mut Vec::new());
        assert_eq!(label(&mut driver, 2_000, 2_000_000), -58_000);
        driver.hand_over(BootTime::from_micros(5_500_000)).unwrap();
        let order: Vec<_> = reported
            .try_recv()
            .unwrap()
            .into_iter()
            .map(|o| match o {
                Observation::Measured(m) => m.sent_at.as_millis() - 1_000_000,
                Observation::Host(_) => 0,
                other => panic!("{other:?}"),
            })
            .collect();
        assert_eq!(order, [1_000, 0, -58_000]);
    }
}
