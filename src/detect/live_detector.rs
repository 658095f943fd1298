//! The detector of the daemon: verdicts at once, revised when late replies arrive.
//!
//! A lost probe may turn out late for a minute. Two detectors handle that: one holds what can no
//! longer change, the other is a copy of it that was fed the rest, and gives the verdicts. When a
//! measurement is revised, the copy is made again. Memory is bounded by that minute: drops that are
//! settled are reported once and forgotten.

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use super::detector::Detector;
use super::monotonic::MonotonicLine;
use super::parameters::Parameters;
use crate::time::{Micros, Timestamp};
use crate::vocabulary::{
    Bounds, Gap, HostEvent, Impairment, LinkDrop, LinkState, Measurement, Observation, Outcome,
    Roster, RosterChange, Run, RunEnd, Target, TargetId, TargetTrouble, Waiting,
};

/// How much of the record a restarted daemon reads before it continues: this long back from the
/// last stored measurement or, if that is earlier, from the onset of the drop that is open in the
/// store.
///
/// A day of watched time is what loss and delay are compared with; an hour of link-up time decides
/// which anchors may vote and how hops usually answer; a drop may be taken up again across a gap of
/// ten minutes. With many hours of drops in this day a place may come out less certain than in a
/// replay of the whole record.
pub const LOOKBACK: Duration = Duration::from_secs(26 * 3_600);

/// Of trouble that lasted longer when the daemon stopped, the record that is read again need not
/// have the true beginning.
const SURE: Duration = Duration::from_secs(25 * 3_600);

/// Web requests and DNS queries are reported when they are answered or their time is up (10 s):
/// until then what was sent after them waits for them.
const SERVICES: Micros = Micros::from_seconds(12);

/// A daemon that was held up first reports what became of its web requests and DNS queries, and
/// then what the ICMP engine had not reported before: only this much later do services alone say
/// what time it is.
const HELD_UP: Micros = Micros::HOUR;

/// Beyond the late window, before a loss is taken as final: time for what is under way in queues.
const MARGIN: Micros = Micros::from_seconds(2);

/// What changed since last asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// A drop or blip opened, closed, or is understood better. It replaces the one with its key.
    DropPut(LinkDrop),
    /// The drop with this key turned out not to be one: late replies came.
    DropWithdrawn(Timestamp),
    /// It is not known whether the link was up for a while. It replaces the one with its `from`.
    GapFound(Gap),
    /// The unknown time in progress, so far. It replaces the one with its `from`.
    GapGrew(Gap),
    /// The gap with this `from` turned out not to be one: late replies came, or a drop was
    /// confirmed.
    GapWithdrawn(Timestamp),
    /// One target is in trouble, or its trouble is over; about a minute late, never withdrawn. It
    /// replaces the one with its target and `from`.
    TroublePut(TargetTrouble),
    /// An impairment began, is over, or is understood better; about a minute late, never
    /// withdrawn. It replaces the one with its [`identity`](Impairment::identity).
    ImpairmentPut(Impairment),
    /// The state of the link changed.
    State {
        /// State before.
        from: LinkState,
        /// State now.
        to: LinkState,
        /// Since when the link is in it.
        at: Timestamp,
    },
}

/// The daemon's detector.
///
/// At start: [`LiveDetector::set_targets`], then the stored record of the [`LOOKBACK`] by
/// [`LiveDetector::begin_run`], [`LiveDetector::on`] and [`LiveDetector::end_run`], then
/// [`LiveDetector::resume`]. From there [`LiveDetector::begin_run`] for the new run,
/// [`LiveDetector::on`] for each observation, and [`LiveDetector::changes`] after each batch. At a
/// step of the clock the run ends and the next begins.
#[derive(Debug, Clone)]
pub struct LiveDetector {
    pub(super) settled: Detector,
    pub(super) provisional: Detector,
    tail: VecDeque<UnsettledEntry>,
    pub(super) axis: MonotonicLine,
    /// Monotonic time of the newest ICMP measurement: nothing older comes from the ICMP engine.
    pub(super) newest: Micros,
    pub(super) newest_utc: Option<Timestamp>,
    pub(super) final_after: Micros,
    pub(super) loss_threshold: Duration,
    pub(super) revised: bool,
    /// Reported drops that may still change.
    pub(super) reported: BTreeMap<Timestamp, LinkDrop>,
    /// Reported gaps that may still change.
    pub(super) reported_gaps: BTreeMap<Timestamp, Gap>,
    /// Reported troubles, by number; whether their end was reported.
    pub(super) reported_troubles: BTreeMap<u64, bool>,
    /// Reported impairments, by number, as they were reported.
    pub(super) reported_impairments: BTreeMap<u64, Impairment>,
    /// Impairments of an earlier life of the daemon that are over and not yet reported.
    pub(super) over: Vec<Impairment>,
    pub(super) reported_state: LinkState,
    pub(super) last: Option<LinkDrop>,
    /// The roster that was set last, until something is sent under it.
    pub(super) coming: Option<(Timestamp, Roster)>,
}

/// What the settled detector has not seen.
#[derive(Debug, Clone)]
enum UnsettledEntry {
    Measured {
        m: Measurement,
        at: Micros,
    },
    Host(HostEvent),
    Begin(Run),
    End(Timestamp, RunEnd),
    Targets {
        all: Vec<Target>,
        /// Those that were not known before.
        new: Vec<TargetId>,
    },
    Roster(Timestamp, Roster),
}

impl UnsettledEntry {
    fn feed(&self, detector: &mut Detector) {
        match self {
            Self::Measured { m, .. } => detector.on_measurement(m),
            Self::Host(event) => detector.on_host(event),
            Self::Begin(run) => detector.begin_run(run),
            Self::End(at, how) => detector.end_run(*at, *how),
            Self::Targets { all, .. } => detector.set_targets(all),
            Self::Roster(_, roster) => detector.set_roster(roster),
        }
    }
}

impl LiveDetector {
    /// A detector that has seen nothing. `waiting` says until when a lost probe may turn out late.
    pub fn new(parameters: Parameters, waiting: Waiting) -> Self {
        let settled = Detector::new(parameters);
        Self {
            provisional: settled.clone(),
            settled,
            tail: VecDeque::new(),
            axis: MonotonicLine::default(),
            newest: Micros::ZERO,
            newest_utc: None,
            final_after: Micros::from(waiting.late_window.max(waiting.loss_threshold)) + MARGIN,
            loss_threshold: waiting.loss_threshold,
            revised: false,
            reported: BTreeMap::new(),
            reported_gaps: BTreeMap::new(),
            reported_troubles: BTreeMap::new(),
            reported_impairments: BTreeMap::new(),
            over: Vec::new(),
            reported_state: LinkState::Unknown,
            last: None,
            coming: None,
        }
    }

    /// Sets the targets: see [`Detector::set_targets`].
    pub fn set_targets(&mut self, targets: &[Target]) {
        let ids = targets.iter().map(|target| target.id);
        let new = ids.filter(|id| !self.provisional.watches(*id)).collect();
        self.push(UnsettledEntry::Targets { all: targets.to_vec(), new });
    }

    /// Sets which targets are in use for what is sent from then on: see [`Detector::set_roster`].
    pub fn set_roster(&mut self, change: &RosterChange) {
        self.take_roster(None);
        self.coming = Some((change.from, change.roster.clone()));
    }

    /// The anchors that decide now; `None` while a change of the roster is still to take effect.
    pub fn deciding(&self) -> Option<Vec<TargetId>> {
        self.coming.is_none().then(|| self.provisional.deciding())
    }

    /// See [`Detector::false_witnesses`]; about a minute late.
    pub fn false_witnesses(&self) -> &[TargetId] {
        self.settled.false_witnesses()
    }

    /// This anchor answered alone in a part of the record that is not fed.
    pub fn suspect(&mut self, target: TargetId) {
        self.settled.suspect(target);
        self.provisional.suspect(target);
    }

    /// The roster that was set takes effect before what is sent `at` that time, or now (`None`).
    fn take_roster(&mut self, at: Option<Timestamp>) {
        let coming = self.coming.take_if(|(from, _)| at.is_none_or(|at| *from <= at));
        if let Some((from, roster)) = coming {
            self.push(UnsettledEntry::Roster(from, roster));
        }
    }

    /// Continues with the next run.
    pub fn begin_run(&mut self, run: &Run) {
        self.take_roster(None);
        self.axis.begin(run);
        self.push(UnsettledEntry::Begin(run.clone()));
    }

    /// The present run ended.
    pub fn end_run(&mut self, at: Timestamp, how: RunEnd) {
        self.push(UnsettledEntry::End(at, how));
    }

    /// Takes what the probers report. ICMP measurements must come in the order they were sent;
    /// others are put where they belong, up to 12 s back.
    pub fn on(&mut self, observation: &Observation) {
        match observation {
            Observation::Measured(m) if self.provisional.watches(m.target) => {
                if let Some(place) = self.place_before_end(m) {
                    let at = self.newest;
                    self.tail.insert(place, UnsettledEntry::Measured { m: m.clone(), at });
                    self.revised = true;
                    return;
                }
                self.take_roster(Some(m.sent_at));
                let at = self.axis.moment(m.sent_at).mono;
                let icmp = self.provisional.is_icmp(m.target);
                self.newest = if icmp { at } else { self.newest.max(at - HELD_UP) };
                self.newest_utc = Some(m.sent_at);
                self.push(UnsettledEntry::Measured { m: m.clone(), at });
            }
            Observation::Revised(revised) => self.revise(revised),
            Observation::Host(event) => self.push(UnsettledEntry::Host(event.clone())),
            Observation::Measured(_)
            | Observation::Stray { .. }
            | Observation::Way { .. }
            | Observation::Silent { .. }
            | Observation::Path(_)
            | Observation::ServerClock { .. } => {}
        }
    }

    /// A second has passed, also where nothing is reported: what was sent longer ago than the loss
    /// threshold would have been.
    pub fn on_time(&mut self, now: Timestamp) {
        const HANDLING: Duration = Duration::from_secs(1);
        self.provisional.on_time(now - self.loss_threshold - HANDLING);
    }

    /// Takes what was fed as final, for no late reply can come any more: the daemon stops. The
    /// troubles of the last minute are reported by the next [`Self::changes`].
    pub fn settle(&mut self) {
        self.take_roster(None);
        for entry in self.tail.drain(..) {
            entry.feed(&mut self.settled);
        }
        self.provisional = self.settled.clone();
        self.revised = false;
    }

    /// After a restart: what was fed up to here is the stored record (see [`LOOKBACK`]), final, and
    /// was reported by the daemon's earlier life. `known` are the drops in the store, in the order
    /// in which they were put there; those open or unsettled that the record does not confirm are
    /// reported by the next [`Self::changes`], and once more the troubles of which that life may
    /// not have been sure yet. `impairments` are those that are open or of the time that was read.
    pub fn resume(&mut self, known: &[LinkDrop], impairments: &[Impairment]) {
        self.settle();
        let found = self.found();
        // By the order in which they came: keys run backwards where the clock was put back.
        let (settled, unsettled) = found.split_at(found.len().saturating_sub(2));
        let is_unsettled = |drop: &LinkDrop| unsettled.iter().any(|found| found.key == drop.key);
        let first = known.iter().position(is_unsettled).unwrap_or(known.len());
        // The record that was read cannot disprove what is older than it.
        let (older, newer) = known.split_at(first);
        let open = older.iter().filter(|drop| drop.end.is_none());
        self.reported =
            settled.iter().chain(open).chain(newer).map(|drop| (drop.key, drop.clone())).collect();
        self.resume_gaps();
        let numbers = self.settled.trouble_numbers().iter().copied();
        let was_sure = |t: &TargetTrouble| {
            let age = |at| self.newest_utc.and_then(|newest| newest.duration_since(at));
            match t.to {
                Some(to) => age(to).is_some_and(|age| Micros::from(age) > 2 * self.final_after),
                // One from before the record has not its true beginning here.
                None => age(t.from).is_some_and(|age| age > SURE),
            }
        };
        let troubles = numbers.zip(self.settled.troubles()).filter(|(_, t)| was_sure(t));
        self.reported_troubles = troubles.map(|(number, t)| (number, t.to.is_some())).collect();
        self.resume_impairments(impairments);
        self.reported_state = self.state().0;
        self.last = known.iter().rev().find(|drop| drop.is_past()).cloned();
    }

    /// The gaps of the record that was read are stored, but for one that the end of that life cut.
    fn resume_gaps(&mut self) {
        let gaps = self.settled.take_gaps();
        self.provisional.discard_gaps(&gaps);
        let cut = gaps.last().filter(|gap| Some(gap.range.to) == self.newest_utc);
        self.settled.restore_gap(cut);
        self.provisional.restore_gap(cut);
    }

    fn resume_impairments(&mut self, known: &[Impairment]) {
        let Some(newest) = self.newest_utc else { return };
        let numbers: Vec<u64> = self.settled.impairment_numbers().to_vec();
        let mut open: Vec<_> = known.iter().filter(|known| known.end.is_none()).collect();
        for (number, found) in numbers.into_iter().zip(self.settled.impairments()) {
            open.retain(|known| known.identity() != found.identity());
            let stored = known.iter().find(|known| known.identity() == found.identity());
            let age = newest.duration_since(found.onset.latest);
            let is_known = match stored {
                Some(known) => (known.onset, known.end) == (found.onset, found.end),
                None => age.is_some_and(|age| age > SURE),
            };
            if is_known {
                self.reported_impairments.insert(number, found.clone());
            }
        }
        // What the record that was read does not confirm is over; since when is unknown.
        self.over = open
            .into_iter()
            .map(|known| {
                let latest = newest.max(known.onset.latest);
                let end = Some(Bounds { earliest: known.onset.latest, latest });
                Impairment { end, ..known.clone() }
            })
            .collect();
    }

    /// What changed since last asked. Ask after each batch of observations: the other answers are
    /// of the time of the last call.
    pub fn changes(&mut self) -> Vec<Change> {
        if std::mem::take(&mut self.revised) {
            self.provisional = self.settled.clone();
            for entry in &self.tail {
                entry.feed(&mut self.provisional);
            }
        }
        let mut changes = Vec::new();
        self.report_gaps(&mut changes);
        self.report_drops(&mut changes);
        self.report_impairments(&mut changes);
        self.report_troubles(&mut changes);
        let (to, since) = self.state();
        if to != self.reported_state
            && let Some(at) = since.or(self.newest_utc)
        {
            changes.push(Change::State { from: self.reported_state, to, at });
            self.reported_state = to;
        }
        changes
    }

    /// The state of the link and since when; `None` where nothing is known.
    pub fn state(&self) -> (LinkState, Option<Timestamp>) {
        self.provisional.state()
    }

    /// See [`Detector::by_another_way_since`].
    pub fn by_another_way_since(&self) -> Option<Timestamp> {
        self.provisional.by_another_way_since()
    }

    /// The drop in progress, as far as it is known.
    pub fn open_drop(&self) -> Option<LinkDrop> {
        self.provisional.open_drop()
    }

    /// The unknown time in progress, with its reason.
    pub fn open_gap(&self) -> Option<Gap> {
        self.provisional.open_gap()
    }

    /// The impairments that last, as far as they are known now: the present, which late replies
    /// may still change.
    pub fn present_impairments(&self) -> impl Iterator<Item = &Impairment> {
        self.provisional.impairments().iter().filter(|impairment| impairment.end.is_none())
    }

    /// The last drop that is over; blips do not count.
    pub fn last_drop(&self) -> Option<LinkDrop> {
        self.provisional.drops().iter().rev().find(|d| d.is_past()).or(self.last.as_ref()).cloned()
    }

    /// Where a measurement belongs that was sent before others already reported: by send time and
    /// target within the present run, as a replay has it. `None`: at the end.
    fn place_before_end(&self, m: &Measurement) -> Option<usize> {
        let later = |entry: &UnsettledEntry| match entry {
            UnsettledEntry::Measured { m: known, .. } => {
                (known.sent_at, known.target) > (m.sent_at, m.target)
            }
            UnsettledEntry::Host(_) => true,
            // Others come while probes are on their way, mostly in an outage.
            UnsettledEntry::Targets { new, .. } => !new.contains(&m.target),
            UnsettledEntry::Roster(from, _) => *from > m.sent_at,
            UnsettledEntry::Begin(_) | UnsettledEntry::End(..) => false,
        };
        let after = self.tail.iter().rev().take_while(|entry| later(entry));
        let after = after.enumerate().filter(|(_, e)| matches!(e, UnsettledEntry::Measured { .. }));
        let after = after.last().map(|(count, _)| count + 1)?;
        Some(self.tail.len() - after)
    }

    fn push(&mut self, entry: UnsettledEntry) {
        entry.feed(&mut self.provisional);
        self.tail.push_back(entry);
        while let Some(front) = self.tail.front()
            && self.is_final(front)
        {
            front.feed(&mut self.settled);
            self.tail.pop_front();
        }
    }

    fn is_final(&self, entry: &UnsettledEntry) -> bool {
        match entry {
            UnsettledEntry::Measured { m, at } => match m.outcome {
                Outcome::Lost | Outcome::Unreachable(_) => self.newest - *at > self.final_after,
                _ => self.newest - *at > SERVICES,
            },
            _ => true,
        }
    }

    fn revise(&mut self, revised: &Measurement) {
        let lost = self.tail.iter_mut().find_map(|entry| match entry {
            UnsettledEntry::Measured { m, .. }
                if m.target == revised.target
                    && m.sent_at == revised.sent_at
                    && matches!(m.outcome, Outcome::Lost | Outcome::Unreachable(_)) =>
            {
                Some(m)
            }
            _ => None,
        });
        if let Some(lost) = lost {
            lost.outcome = revised.outcome.clone();
            self.revised = true;
        }
    }
}

#[cfg(test)]
impl LiveDetector {
    pub(super) fn found_len(&self) -> usize {
        self.provisional.drops().len().max(self.settled.drops().len()).max(self.reported.len())
    }
    pub(super) fn tail_len(&self) -> usize {
        self.tail.len()
    }
}
