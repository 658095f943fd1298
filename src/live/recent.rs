//! The last ten minutes of every target, probe by probe.
//!
//! Each mark has a serial number: a reader that has seen everything up to one number is given the
//! marks after it. A probe that turns out to be late gets a new number.

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use serde::Serialize;
use serde::ser::{SerializeSeq, Serializer};

use super::status::TargetStatus;
use super::trouble::ProbeTrouble;
use crate::stats::quantile;
use crate::text::order::InOrder;
use crate::time::{Timestamp, micros};
use crate::vocabulary::{Measurement, Outcome, Role, Roster, Target, TargetId};

/// How far back the marks go.
pub(crate) const SPAN: Duration = Duration::from_secs(600);

/// How far back the loss and the delay of a status look.
const STATUS_SPAN: Duration = Duration::from_secs(60);

/// At most this many marks of one target are kept, however short its interval.
const MOST: usize = 1_200;

/// Serial number of all marks made before the daemon started; later ones have greater numbers.
const REMEMBERED: u64 = 1;

/// The marks of all targets.
#[derive(Debug)]
pub struct RecentProbes {
    strips: BTreeMap<TargetId, TargetStrip>,
    /// Marks from before the start, of targets that are not probed yet.
    before: BTreeMap<TargetId, VecDeque<RecentMark>>,
    serial: u64,
    deciding: Vec<TargetId>,
    roster: Roster,
}

#[derive(Debug)]
struct TargetStrip {
    target: Target,
    marks: VecDeque<RecentMark>,
    last_reply: Option<Timestamp>,
    trouble: Option<ProbeTrouble>,
}

/// One probe.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RecentMark {
    serial: u64,
    /// When it was sent.
    pub at: Timestamp,
    /// What became of it.
    pub fate: ProbeFate,
}

/// What became of one probe. Delays are in microseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ProbeFate {
    /// Answered in time.
    Answered(u32),
    /// Answered after the loss threshold: it counts as lost.
    Late(u32),
    /// No right answer.
    Lost,
    /// Not sent.
    NotSent,
}

/// A target with its marks, as the page reads it.
#[derive(Debug, PartialEq, Serialize)]
pub struct TargetMarks {
    id: TargetId,
    name: String,
    role: &'static str,
    kind: &'static str,
    address: String,
    interval_s: f64,
    marks: Vec<RecentMark>,
}

/// `[time in ms, 0, delay in ms]` answered, `[.., 1, ..]` late, `[.., 2]` lost, `[.., 3]` not sent.
impl Serialize for RecentMark {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        let (code, delay) = match self.fate {
            ProbeFate::Answered(us) => (0, Some(us)),
            ProbeFate::Late(us) => (1, Some(us)),
            ProbeFate::Lost => (2, None),
            ProbeFate::NotSent => (3, None),
        };
        let mut seq = s.serialize_seq(None)?;
        seq.serialize_element(&self.at.as_millis())?;
        seq.serialize_element(&code)?;
        if let Some(us) = delay {
            seq.serialize_element(&((f64::from(us) / 10.0).round() / 1e2))?;
        }
        seq.end()
    }
}

impl From<&Outcome> for ProbeFate {
    fn from(outcome: &Outcome) -> Self {
        let us = |rtt: Duration| u32::try_from(micros(rtt)).unwrap_or(u32::MAX);
        match outcome {
            Outcome::Reply(reply) => Self::Answered(us(reply.rtt)),
            Outcome::Late { rtt } => Self::Late(us(*rtt)),
            Outcome::Lost | Outcome::Unreachable(_) | Outcome::Failed(_) => Self::Lost,
            Outcome::NotSent(_) => Self::NotSent,
        }
    }
}

impl Default for RecentProbes {
    fn default() -> Self {
        Self {
            strips: BTreeMap::new(),
            before: BTreeMap::new(),
            serial: REMEMBERED,
            deciding: Vec::new(),
            roster: Roster::default(),
        }
    }
}

impl RecentProbes {
    /// Takes in a measurement made before the daemon started; to be called in the order of the
    /// record. Such marks are shown, but do not count in a status.
    pub fn remember(&mut self, m: &Measurement) {
        let mark = RecentMark { serial: REMEMBERED, at: m.sent_at, fate: (&m.outcome).into() };
        push(self.before.entry(m.target).or_default(), mark);
    }

    /// Shows these targets from now on; the marks of those that stay are kept.
    pub fn set_targets(&mut self, targets: &[Target]) {
        self.strips.retain(|id, _| targets.iter().any(|t| t.id == *id));
        for target in targets {
            if let Some(strip) = self.strips.get_mut(&target.id) {
                strip.target = target.clone();
                continue;
            }
            let marks = self.before.remove(&target.id).unwrap_or_default();
            let target = target.clone();
            let strip = TargetStrip { target, marks, last_reply: None, trouble: None };
            self.strips.insert(strip.target.id, strip);
        }
    }

    /// These anchors decide from now on; `roster` says what each may prove.
    pub fn set_deciding(&mut self, deciding: &[TargetId], roster: &Roster) {
        deciding.clone_into(&mut self.deciding);
        self.roster.clone_from(roster);
    }

    /// Takes in a measurement.
    pub fn on_measurement(&mut self, m: &Measurement) {
        self.serial += 1;
        let Some(strip) = self.strips.get_mut(&m.target) else { return };
        let mark = RecentMark { serial: self.serial, at: m.sent_at, fate: (&m.outcome).into() };
        strip.trouble = ProbeTrouble::of(&m.outcome);
        if matches!(mark.fate, ProbeFate::Answered(_)) {
            strip.last_reply = Some(m.sent_at);
        }
        push(&mut strip.marks, mark);
    }

    /// A probe reported as lost was answered late.
    pub fn on_revision(&mut self, m: &Measurement) {
        self.serial += 1;
        let Some(strip) = self.strips.get_mut(&m.target) else { return };
        let is_it = |mark: &&mut RecentMark| mark.at == m.sent_at && mark.fate == ProbeFate::Lost;
        if let Some(mark) = strip.marks.iter_mut().rev().find(is_it) {
            (mark.serial, mark.fate) = (self.serial, (&m.outcome).into());
        }
    }

    /// The clock was stepped by this many seconds, forward when positive: every mark stays as long
    /// ago as it was.
    pub fn on_clock_step(&mut self, seconds: f64) {
        #[allow(clippy::cast_possible_truncation, reason = "saturates at 290 000 years")]
        let by = (seconds * 1e6) as i64;
        for mark in self.all_marks().flatten() {
            mark.at = mark.at.plus_micros(by);
        }
        for at in self.strips.values_mut().filter_map(|strip| strip.last_reply.as_mut()) {
            *at = at.plus_micros(by);
        }
    }

    /// Forgets whatever is older than ten minutes.
    pub fn forget(&mut self, now: Timestamp) {
        let oldest = now - SPAN;
        for marks in self.all_marks() {
            while marks.front().is_some_and(|mark| mark.at < oldest) {
                marks.pop_front();
            }
        }
    }

    fn all_marks(&mut self) -> impl Iterator<Item = &mut VecDeque<RecentMark>> {
        self.strips.values_mut().map(|strip| &mut strip.marks).chain(self.before.values_mut())
    }

    /// Serial number of the newest mark.
    pub fn serial(&self) -> u64 {
        self.serial
    }

    /// Every target from the host outwards, with its marks after serial number `seen`; 0 gives all
    /// marks.
    pub fn since(&self, seen: u64) -> Vec<TargetMarks> {
        let marks = |strip: &TargetStrip| {
            strip.marks.iter().filter(|mark| mark.serial > seen).copied().collect()
        };
        let strips = self.in_order().into_iter();
        strips
            .map(|strip| TargetMarks {
                id: strip.target.id,
                name: strip.target.name.clone(),
                role: strip.target.role.as_str(),
                kind: strip.target.kind.as_str(),
                address: strip.target.endpoint.to_string(),
                interval_s: strip.target.interval.as_secs_f64(),
                marks: marks(strip),
            })
            .collect()
    }

    /// Every target from the host outwards, with its last 60 s.
    pub fn statuses(&self, now: Timestamp) -> Vec<TargetStatus> {
        let status = |strip: &TargetStrip| {
            let target = &strip.target;
            let is_anchor = target.role == Role::Anchor;
            TargetStatus {
                decides: self.deciding.contains(&target.id),
                standing: self.roster.standing(target.id).filter(|_| is_anchor),
                ..strip.status(now - STATUS_SPAN)
            }
        };
        self.in_order().into_iter().map(status).collect()
    }

    fn in_order(&self) -> Vec<&TargetStrip> {
        let mut strips: Vec<_> = self.strips.values().collect();
        strips.order_by_key(|strip| {
            let t = &strip.target;
            (t.role, t.kind, t.is_v6(), t.id)
        });
        strips
    }
}

impl TargetStrip {
    fn status(&self, oldest: Timestamp) -> TargetStatus {
        let is_recent = |mark: &&RecentMark| mark.at >= oldest && mark.serial > REMEMBERED;
        let (mut lost, mut not_sent) = (0, 0);
        let mut rtts = Vec::new();
        for mark in self.marks.iter().rev().take_while(is_recent) {
            match mark.fate {
                ProbeFate::Answered(us) => rtts.push(us),
                ProbeFate::Late(_) | ProbeFate::Lost => lost += 1,
                ProbeFate::NotSent => not_sent += 1,
            }
        }
        let sent = u32::try_from(rtts.len()).unwrap_or(u32::MAX).saturating_add(lost);
        TargetStatus {
            name: self.target.name.clone(),
            role: self.target.role,
            kind: self.target.kind,
            address: self.target.endpoint.to_string(),
            decides: false,
            standing: None,
            sent,
            lost,
            not_sent,
            rtt_ms: quantile(&mut rtts, 0.5).map(|rtt| (rtt.as_secs_f64() * 1e6).round() / 1e3),
            last_reply: self.last_reply,
            trouble: self.trouble.clone(),
        }
    }
}

fn push(marks: &mut VecDeque<RecentMark>, mark: RecentMark) {
    marks.push_back(mark);
    if marks.len() > MOST {
        marks.pop_front();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::vocabulary::{Endpoint, Kind, NotSent, Role};

    fn recent() -> RecentProbes {
        let mut recent = RecentProbes::default();
        recent.set_targets(&[target(1, Role::Anchor), target(2, Role::Gateway)]);
        recent
    }

    fn target(id: u8, role: Role) -> Target {
        Target {
            id: TargetId(id),
            name: format!("t{id}"),
            kind: Kind::Icmp,
            role,
            endpoint: Endpoint::new(Kind::Icmp, "192.0.2.1"),
            interval: Duration::from_secs(1),
        }
    }

    fn measured(id: u8, second: i64, outcome: Outcome) -> Measurement {
        Measurement { target: TargetId(id), sent_at: Timestamp::from_seconds(second), outcome }
    }

    fn marks(recent: &RecentProbes, seen: u64) -> String {
        let strips = recent.since(seen);
        let marks: Vec<_> = strips.iter().map(|strip| &strip.marks).collect();
        serde_json::to_string(&marks).unwrap()
    }

    fn anchor(recent: &RecentProbes, second: i64) -> TargetStatus {
        recent.statuses(Timestamp::from_seconds(second)).pop().unwrap()
    }

    #[test]
    fn a_reader_is_given_what_it_has_not_seen_and_what_became_late() {
        let mut recent = recent();
        recent.on_measurement(&measured(1, 1, Outcome::reply(Duration::from_micros(12_345))));
        recent.on_measurement(&measured(1, 2, Outcome::Lost));
        recent.on_measurement(&measured(2, 2, Outcome::NotSent(NotSent::NoRoute)));
        assert_eq!(marks(&recent, 0), "[[[2000,3]],[[1000,0,12.35],[2000,2]]]");
        let seen = recent.serial();
        assert_eq!(marks(&recent, seen), "[[],[]]");
        recent.on_revision(&measured(1, 2, Outcome::Late { rtt: Duration::from_millis(4_000) }));
        recent.on_measurement(&measured(2, 3, Outcome::Lost));
        assert_eq!(marks(&recent, seen), "[[[3000,2]],[[2000,1,4000.0]]]");
    }

    #[test]
    fn it_holds_ten_minutes_and_a_bounded_number_of_marks() {
        let mut recent = recent();
        for second in 0..5_000 {
            recent.on_measurement(&measured(1, second, Outcome::Lost));
        }
        assert_eq!(recent.since(0)[1].marks.len(), MOST);
        recent.forget(Timestamp::from_seconds(5_000));
        let ten_minutes = recent.since(0);
        assert_eq!(ten_minutes[1].marks.len(), 600);
        assert_eq!(ten_minutes[1].marks[0].at, Timestamp::from_seconds(4_400));
    }

    #[test]
    fn measurements_from_before_the_start_are_shown_and_not_counted_in_a_status() {
        let mut recent = RecentProbes::default();
        for (id, second) in [(2, 1), (2, 599), (9, 599)] {
            recent.remember(&measured(id, second, Outcome::Lost));
        }
        recent.forget(Timestamp::from_seconds(602));
        recent.set_targets(&[target(2, Role::Anchor)]);
        recent.on_measurement(&measured(2, 602, Outcome::Lost));
        assert_eq!(marks(&recent, 0), "[[[599000,2],[602000,2]]]");
        assert_eq!(anchor(&recent, 602).lost, 1);
    }

    #[test]
    fn a_step_of_the_clock_takes_the_marks_along() {
        let mut recent = recent();
        recent.on_measurement(&measured(1, 100, Outcome::reply(Duration::from_millis(1))));
        recent.on_clock_step(3_600.0);
        recent.forget(Timestamp::from_seconds(3_701));
        assert_eq!(marks(&recent, 0), "[[],[[3700000,0,1.0]]]");
        let status = anchor(&recent, 3_701);
        assert_eq!((status.sent, status.last_reply), (1, Some(Timestamp::from_seconds(3_700))));
    }

    #[test]
    fn a_status_counts_the_last_minute_only_and_probes_not_sent_apart() {
        let mut recent = recent();
        for second in 0..100 {
            let outcome = match second {
                90..95 => Outcome::Lost,
                95..98 => Outcome::NotSent(NotSent::NoRoute),
                _ => Outcome::reply(Duration::from_millis(12)),
            };
            recent.on_measurement(&measured(1, second, outcome));
        }
        let now = anchor(&recent, 100);
        assert_eq!((now.sent, now.lost, now.not_sent), (57, 5, 3));
        assert_eq!((now.rtt_ms, now.trouble), (Some(12.0), None));
    }

    #[test]
    fn a_target_without_a_reply_has_no_rtt() {
        let mut recent = recent();
        recent.on_measurement(&measured(1, 1, Outcome::Lost));
        let now = anchor(&recent, 2);
        assert_eq!((now.rtt_ms, now.last_reply), (None, None));
        assert_eq!(now.trouble, Some(ProbeTrouble::NoAnswer));
    }

    #[test]
    fn targets_are_in_order_from_the_host_outwards() {
        let mut recent = RecentProbes::default();
        let roles = [(1, Role::Service), (2, Role::Anchor), (3, Role::Gateway)];
        recent.set_targets(&roles.map(|(id, role)| target(id, role)));
        let statuses = recent.statuses(Timestamp::default());
        let names: Vec<_> = statuses.iter().map(|t| t.name.as_str()).collect();
        assert_eq!(names, ["t3", "t2", "t1"]);
    }
}
