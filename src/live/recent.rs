//! The last ten minutes, probe by probe, of every target. Pure.
//!
//! Each mark has a serial number: who has seen all up to one is sent those behind it. A probe that
//! turns out to be late gets a new one.

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use serde::Serialize;
use serde::ser::{SerializeSeq, Serializer};

use crate::time::Timestamp;
use crate::vocabulary::{Measurement, Outcome, Target, TargetId};

/// How far back it goes.
pub(crate) const SPAN: Duration = Duration::from_secs(600);

/// More probes than this of one target are not kept, however short its interval.
const MOST: usize = 1_200;

/// The marks of all targets.
#[derive(Debug, Default)]
pub(crate) struct Recent {
    strips: BTreeMap<TargetId, Strip>,
    /// Of targets that are not shown yet.
    before: BTreeMap<TargetId, VecDeque<Mark>>,
    serial: u64,
}

#[derive(Debug)]
struct Strip {
    target: Target,
    marks: VecDeque<Mark>,
}

/// What became of one probe.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Mark {
    serial: u64,
    at: Timestamp,
    fate: Fate,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Fate {
    Answered(Duration),
    Late(Duration),
    Lost,
    NotSent,
}

/// A target with its marks, as sent to the page.
#[derive(Debug, PartialEq, Serialize)]
pub(crate) struct Shown<'a> {
    id: TargetId,
    name: &'a str,
    role: &'static str,
    kind: &'static str,
    address: &'a str,
    interval_s: f64,
    marks: Vec<Mark>,
}

/// `[time in ms, 0, delay in ms]` answered, `[.., 1, ..]` late, `[.., 2]` lost, `[.., 3]` not sent.
impl Serialize for Mark {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        let (code, delay) = match self.fate {
            Fate::Answered(rtt) => (0, Some(rtt)),
            Fate::Late(rtt) => (1, Some(rtt)),
            Fate::Lost => (2, None),
            Fate::NotSent => (3, None),
        };
        let mut seq = s.serialize_seq(None)?;
        seq.serialize_element(&self.at.as_millis())?;
        seq.serialize_element(&code)?;
        if let Some(delay) = delay {
            seq.serialize_element(&((delay.as_secs_f64() * 1e5).round() / 1e2))?;
        }
        seq.end()
    }
}

impl From<&Outcome> for Fate {
    fn from(outcome: &Outcome) -> Self {
        match outcome {
            Outcome::Reply(reply) => Self::Answered(reply.rtt),
            Outcome::Late { rtt } => Self::Late(*rtt),
            Outcome::Lost | Outcome::Unreachable(_) | Outcome::Failed(_) => Self::Lost,
            Outcome::NotSent(_) => Self::NotSent,
        }
    }
}

impl Recent {
    /// Takes in what was measured before the start, in the order of the record.
    pub(crate) fn remember(&mut self, past: &[Measurement]) {
        for m in past {
            self.serial += 1;
            let mark = Mark { serial: self.serial, at: m.sent_at, fate: Fate::from(&m.outcome) };
            push(self.before.entry(m.target).or_default(), mark);
        }
    }

    /// Shows this target from now on; its marks are kept when it was shown before.
    pub(crate) fn add_target(&mut self, target: Target) {
        if let Some(strip) = self.strips.get_mut(&target.id) {
            strip.target = target;
            return;
        }
        let marks = self.before.remove(&target.id).unwrap_or_default();
        self.strips.insert(target.id, Strip { target, marks });
    }

    /// No longer shows this target.
    pub(crate) fn remove_target(&mut self, id: TargetId) {
        self.strips.remove(&id);
    }

    /// A probe is resolved.
    pub(crate) fn on_measurement(&mut self, m: &Measurement) {
        self.serial += 1;
        let Some(strip) = self.strips.get_mut(&m.target) else { return };
        let mark = Mark { serial: self.serial, at: m.sent_at, fate: Fate::from(&m.outcome) };
        push(&mut strip.marks, mark);
    }

    /// A probe that was told lost is answered late.
    pub(crate) fn on_revision(&mut self, m: &Measurement) {
        self.serial += 1;
        let Some(strip) = self.strips.get_mut(&m.target) else { return };
        let is_it = |mark: &&mut Mark| mark.at == m.sent_at && mark.fate == Fate::Lost;
        if let Some(mark) = strip.marks.iter_mut().rev().find(is_it) {
            (mark.serial, mark.fate) = (self.serial, Fate::from(&m.outcome));
        }
    }

    /// The clock was stepped, forward when positive: what was is as long ago as before.
    pub(crate) fn on_clock_step(&mut self, seconds: f64) {
        #[allow(clippy::cast_possible_truncation, reason = "saturates at 290 000 years")]
        let by = (seconds * 1e6) as i64;
        for mark in self.all_marks().flatten() {
            mark.at = mark.at.plus_micros(by);
        }
    }

    /// Forgets what is older than ten minutes.
    pub(crate) fn forget(&mut self, now: Timestamp) {
        let oldest = now - SPAN;
        for marks in self.all_marks() {
            while marks.front().is_some_and(|mark| mark.at < oldest) {
                marks.pop_front();
            }
        }
    }

    fn all_marks(&mut self) -> impl Iterator<Item = &mut VecDeque<Mark>> {
        self.strips.values_mut().map(|strip| &mut strip.marks).chain(self.before.values_mut())
    }

    /// The number of the newest mark.
    pub(crate) fn serial(&self) -> u64 {
        self.serial
    }

    /// Every target from the host outwards, with the marks behind `seen`.
    pub(crate) fn since(&self, seen: u64) -> Vec<Shown<'_>> {
        let mut strips: Vec<&Strip> = self.strips.values().collect();
        let order = |t: &Target| (t.role, t.kind, t.is_v6(), t.id);
        strips.sort_by_key(|strip| order(&strip.target));
        let shown = |strip: &'_ Strip| {
            strip.marks.iter().filter(|mark| mark.serial > seen).copied().collect()
        };
        strips
            .into_iter()
            .map(|strip| Shown {
                id: strip.target.id,
                name: &strip.target.name,
                role: strip.target.role.as_str(),
                kind: strip.target.kind.as_str(),
                address: strip.target.endpoint.as_str(),
                interval_s: strip.target.interval.as_secs_f64(),
                marks: shown(strip),
            })
            .collect()
    }
}

fn push(marks: &mut VecDeque<Mark>, mark: Mark) {
    marks.push_back(mark);
    if marks.len() > MOST {
        marks.pop_front();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::vocabulary::{Endpoint, Kind, NotSent, Role};

    fn recent() -> Recent {
        let mut recent = Recent::default();
        recent.add_target(some_target(1));
        recent.add_target(some_target(2));
        recent
    }

    /// 1 is an anchor, others are gateways.
    fn some_target(id: u8) -> Target {
        Target {
            id: TargetId(id),
            name: format!("t{id}"),
            kind: Kind::Icmp,
            role: if id == 1 { Role::Anchor } else { Role::Gateway },
            endpoint: Endpoint::new(Kind::Icmp, "192.0.2.1"),
            interval: Duration::from_secs(1),
        }
    }

    fn measured(id: u8, second: i64, outcome: Outcome) -> Measurement {
        Measurement { target: TargetId(id), sent_at: Timestamp::from_seconds(second), outcome }
    }

    fn marks(recent: &Recent, seen: u64) -> String {
        let shown = recent.since(seen);
        let marks: Vec<_> = shown.iter().map(|shown| &shown.marks).collect();
        serde_json::to_string(&marks).unwrap()
    }

    #[test]
    fn who_has_seen_some_is_sent_the_rest_and_what_became_late() {
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
    fn it_holds_ten_minutes_and_no_more_than_it_may() {
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
    fn what_was_measured_before_the_start_is_shown_when_its_target_is() {
        let mut recent = Recent::default();
        recent.remember(&[measured(2, 1, Outcome::Lost), measured(2, 2, Outcome::Lost)]);
        recent.remember(&[measured(9, 2, Outcome::Lost)]);
        recent.forget(Timestamp::from_seconds(602));
        recent.add_target(some_target(2));
        recent.on_measurement(&measured(2, 602, Outcome::Lost));
        assert_eq!(marks(&recent, 0), "[[[2000,2],[602000,2]]]");
    }

    #[test]
    fn a_step_of_the_clock_takes_the_marks_along() {
        let mut recent = recent();
        recent.on_measurement(&measured(1, 100, Outcome::Lost));
        recent.on_clock_step(3_600.0);
        recent.forget(Timestamp::from_seconds(3_701));
        assert_eq!(marks(&recent, 0), "[[],[[3700000,2]]]");
    }
}
