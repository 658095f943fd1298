//! The path at the moment of a drop: when it is asked, within how many packets, and which rounds belong
//! to which drop. Pure: [`crate::probe::follow`] sends.
//!
//! It is asked in the first second of silence, when the drop is confirmed, each minute while it lasts,
//! and at its end. A silence that was no drop leaves nothing behind.

use std::collections::{BTreeMap, VecDeque};
use std::net::IpAddr;
use std::time::Duration;

use crate::probe::follow::PathQuestion;
use crate::time::{BootTime, Micros, Reading, Timestamp, micros};
use crate::vocabulary::{
    Bounds, DropKind, HopReturn, IpVersion, LinkDrop, Measurement, Outcome, PathMoment,
    PathObstacle, PathRound, Role, Roster, Target, TargetId,
};

/// Packets for one drop, at most.
const PACKETS: usize = 60;
/// Hops that are asked for.
const MOST_HOPS: u8 = 8;
/// Silences of a second that become no drop are asked about no more often than this.
const PACE: Micros = Micros::MINUTE;
/// What is usual is asked again after this.
const ROUTINE: Micros = Micros::from_seconds(3_600);
/// After the link came up, and between two attempts to learn what is usual.
const SETTLE: Micros = Micros::from_seconds(10);
const RETRY: Micros = Micros::from_seconds(600);
/// Rounds of a silence that may still become a drop.
const HELD: usize = 8;
/// A target that is silent for no longer than this before the drop was silent with it.
const WITH_THE_DROP: Duration = Duration::from_secs(10);

/// The paths of the drops.
#[derive(Debug, Default)]
pub(super) struct DropPaths {
    /// The anchor of each family that the path leads to.
    towards: [Option<IpAddr>; 2],
    /// Who answers on the way to it, by hop limit.
    usual: [Vec<Option<IpAddr>>; 2],
    usual_due: Option<BootTime>,
    /// What is to be asked.
    questions: VecDeque<PathQuestion>,
    /// Rounds of a silence that is no drop yet, and their packets.
    held: Vec<PathRound>,
    held_packets: usize,
    asked_at: Option<BootTime>,
    followed: Option<FollowedDrop>,
    silences: BTreeMap<TargetId, TargetSilence>,
}

/// The drop that lasts, or the last one.
#[derive(Debug)]
struct FollowedDrop {
    onset: Timestamp,
    since: BootTime,
    minutes: i64,
    packets: usize,
    is_over: bool,
    /// The furthest hop that answered during it, by family.
    furthest: [u8; 2],
    /// Whether it is in the record that its packets are used up.
    is_said_spent: bool,
    /// Whether a round of it has been asked: packets that nobody sends are not used up.
    was_asked: bool,
}

impl FollowedDrop {
    /// Takes note of who answered while it lasted.
    fn note(&mut self, round: &PathRound) {
        self.was_asked |= round.unsent.is_none();
        if !self.is_over {
            let answered = round.hops.iter().filter(|hop| hop.by.is_some());
            let furthest = answered.map(|hop| hop.ttl).max().unwrap_or_default();
            let known = &mut self.furthest[round.family.index()];
            *known = (*known).max(furthest);
        }
    }
}

/// The last silence of a target.
#[derive(Debug, Clone, Copy)]
struct TargetSilence {
    address: IpAddr,
    first_lost: Timestamp,
    last_lost: Timestamp,
    lost: u32,
    back: Option<Bounds>,
}

impl DropPaths {
    /// Takes what is to be asked next.
    pub(super) fn question(&mut self) -> Option<PathQuestion> {
        self.questions.pop_front()
    }

    /// The targets are these.
    pub(super) fn set_targets(&mut self, targets: &[Target], roster: &Roster, now: BootTime) {
        for family in IpVersion::BOTH {
            let is_far = |t: &&Target| t.role == Role::Anchor && roster.may_vote(t.id);
            let anchors = targets.iter().filter(is_far).filter_map(Target::ip);
            let mut anchors = anchors.filter(|ip| IpVersion::of(*ip) == family);
            let known = self.towards[family.index()];
            let first = anchors.next();
            let stays = known == first || known.is_some_and(|known| anchors.any(|ip| ip == known));
            if !stays {
                self.towards[family.index()] = first;
                self.usual[family.index()].clear();
                self.usual_due = Some(now + SETTLE);
            }
        }
        let is_current = |id: &TargetId| targets.iter().any(|target| target.id == *id);
        self.silences.retain(|id, _| is_current(id));
    }

    /// The network changed: the way may be another.
    pub(super) fn on_change(&mut self, now: BootTime) {
        self.usual_due = Some(now + SETTLE);
    }

    /// A probe of a target that is asked each second.
    pub(super) fn on_measured(&mut self, m: &Measurement, address: IpAddr) {
        match &m.outcome {
            Outcome::Reply(reply) => {
                if let Some(silence) = self.silences.get_mut(&m.target)
                    && silence.back.is_none()
                {
                    let waited = reply.rtt + reply.local_queue.unwrap_or_default();
                    let latest = m.sent_at.plus_micros(micros(waited));
                    silence.back = Some(Bounds { earliest: silence.last_lost, latest });
                }
            }
            outcome if outcome.is_lost() => {
                let fresh = TargetSilence {
                    address,
                    first_lost: m.sent_at,
                    last_lost: m.sent_at,
                    lost: 0,
                    back: None,
                };
                let silence = self.silences.entry(m.target).or_insert(fresh);
                if silence.back.is_some() {
                    *silence = fresh;
                }
                silence.last_lost = m.sent_at;
                silence.lost += 1;
            }
            _ => {}
        }
    }

    /// All anchors of a family have been silent for a second.
    pub(super) fn on_silence(&mut self, family: IpVersion, roster_family: IpVersion, at: &Reading) {
        if family != roster_family || self.followed.as_ref().is_some_and(|drop| !drop.is_over) {
            return;
        }
        self.held.clear();
        self.held_packets = 0;
        if self.asked_at.is_some_and(|asked| at.boot.since(asked) < PACE) {
            let paced = self.unsent(family, PathMoment::FirstSecond, at.utc, PathObstacle::Paced);
            self.held.push(paced);
            return;
        }
        self.asked_at = Some(at.boot);
        let question = PathQuestion { moment: PathMoment::FirstSecond, towards: self.whole() };
        self.held_packets = question.packets();
        self.questions.push_back(question);
    }

    /// What follows from a second that has passed; gives a row to be stored.
    pub(super) fn second(&mut self, now: &Reading, is_up: bool) -> Option<PathRound> {
        if is_up && self.usual_due.is_none_or(|due| now.boot >= due) {
            self.usual_due = Some(now.boot + RETRY);
            let limits = (1..=MOST_HOPS).collect::<Vec<_>>();
            let towards = self.towards.iter().flatten().map(|ip| (*ip, limits.clone())).collect();
            let question = PathQuestion { moment: PathMoment::Usual, towards };
            if question.packets() > 0 {
                self.questions.push_back(question);
            }
        }
        let drop = self.followed.as_mut().filter(|drop| !drop.is_over)?;
        let minutes = now.boot.since(drop.since) / Micros::MINUTE;
        if minutes <= drop.minutes {
            return None;
        }
        drop.minutes = minutes;
        let furthest = drop.furthest;
        let edge = self.edge(furthest);
        let at_end: usize = self.whole().iter().map(|(_, limits)| limits.len()).sum();
        let drop = self.followed.as_mut()?;
        let question = PathQuestion { moment: PathMoment::Minute, towards: edge };
        if drop.packets + question.packets() + at_end > PACKETS {
            if !drop.was_asked || std::mem::replace(&mut drop.is_said_spent, true) {
                return None;
            }
            let (moment, why) = (PathMoment::Minute, PathObstacle::Spent);
            return Some(self.unsent(IpVersion::V4, moment, now.utc, why));
        }
        drop.packets += question.packets();
        self.questions.push_back(question);
        None
    }

    /// A round was asked; gives it with what is usual there, to be stored where it belongs to a drop.
    pub(super) fn on_round(&mut self, round: &PathRound, now: BootTime) -> Option<PathRound> {
        let usual = &mut self.usual[round.family.index()];
        if round.towards != self.towards[round.family.index()] {
            return None;
        }
        let mut round = round.clone();
        let place = |ttl: u8| usize::from(ttl.saturating_sub(1));
        if matches!(round.moment, PathMoment::Usual | PathMoment::End) {
            let is_reached = round.hops.last().is_some_and(|hop| hop.by == round.towards);
            if is_reached {
                usual.truncate(round.hops.len());
            }
            if round.hops.iter().any(|hop| hop.by.is_some()) {
                self.usual_due = Some(now + ROUTINE);
            }
            for hop in round.hops.iter().filter(|hop| hop.by.is_some()) {
                if usual.len() <= place(hop.ttl) {
                    usual.resize(place(hop.ttl) + 1, None);
                }
                usual[place(hop.ttl)] = hop.by;
            }
        }
        if round.moment == PathMoment::Usual {
            return None;
        }
        for hop in &mut round.hops {
            hop.usual = usual.get(place(hop.ttl)).copied().flatten();
        }
        if let Some(drop) = self.followed.as_mut()
            && round.at >= drop.onset
            && (!drop.is_over || round.moment == PathMoment::End)
        {
            drop.note(&round);
            return Some(round);
        }
        if self.held.len() < HELD {
            self.held.push(round);
        }
        None
    }

    /// A drop was found, or has changed; gives the rows to be stored with it.
    pub(super) fn on_drop(&mut self, drop: &LinkDrop, now: &Reading) -> Vec<PathRound> {
        let is_known = self.followed.as_ref().is_some_and(|known| {
            drop.end.is_none_or(|end| end.latest >= known.onset)
                && drop.onset.earliest <= known.onset + WITH_THE_DROP
        });
        if !drop.kind.is_down() && drop.kind != DropKind::Blip {
            return Vec::new();
        }
        let is_inside = |round: &PathRound| {
            round.at >= drop.onset.earliest
                && drop.end.is_none_or(|end| round.at <= end.latest + Duration::from_secs(1))
        };
        let held = std::mem::take(&mut self.held);
        let (mut rows, held): (Vec<_>, Vec<_>) = held.into_iter().partition(is_inside);
        self.held = held;
        let is_past = drop.end.is_some_and(|end| now.utc.micros_since(end.latest) > PACE.as_i64());
        if !drop.kind.is_down() || (!is_known && is_past) {
            return rows;
        }
        let packets = if rows.is_empty() { 0 } else { std::mem::take(&mut self.held_packets) };
        if !is_known {
            // The pace is that of silences that are no drops.
            self.asked_at = None;
            self.followed = Some(FollowedDrop {
                onset: drop.onset.earliest,
                since: now.boot,
                minutes: 0,
                packets: 0,
                is_over: false,
                furthest: [0; 2],
                is_said_spent: false,
                was_asked: false,
            });
        }
        if let Some(followed) = &mut self.followed {
            followed.packets += packets;
            for round in &rows {
                followed.note(round);
            }
        }
        if !is_known && drop.end.is_none() {
            rows.extend(self.ask_whole(PathMoment::Confirmed, now.utc));
        }
        match (drop.end, &mut self.followed) {
            (Some(end), Some(followed)) if !followed.is_over => {
                followed.is_over = true;
                rows.extend(self.ask_whole(PathMoment::End, now.utc));
                rows.extend(self.what_came_back(drop, end));
            }
            (None, Some(followed)) => followed.is_over = false,
            _ => {}
        }
        rows
    }

    /// A drop was none.
    pub(super) fn on_withdrawn(&mut self, key: Timestamp) {
        self.followed.take_if(|drop| key >= drop.onset && !drop.is_over);
    }

    /// Asks all hops; gives a row that says so where the packets of the drop are used up.
    fn ask_whole(&mut self, moment: PathMoment, at: Timestamp) -> Option<PathRound> {
        let question = PathQuestion { moment, towards: self.whole() };
        let drop = self.followed.as_mut().filter(|_| question.packets() > 0)?;
        if drop.packets + question.packets() > PACKETS {
            if !drop.was_asked {
                return None;
            }
            return Some(self.unsent(IpVersion::V4, moment, at, PathObstacle::Spent));
        }
        drop.packets += question.packets();
        self.questions.push_back(question);
        None
    }

    /// All hops of each family in use, as far as they are known.
    fn whole(&self) -> Vec<(IpAddr, Vec<u8>)> {
        self.in_use(|hops, _| (1..=hops).collect())
    }

    /// The last hop that answered and the first that did not.
    fn edge(&self, furthest: [u8; 2]) -> Vec<(IpAddr, Vec<u8>)> {
        self.in_use(|hops, family| {
            let last = furthest[family.index()];
            (last.max(1)..=(last + 1).min(hops)).collect()
        })
    }

    fn in_use(&self, limits: impl Fn(u8, IpVersion) -> Vec<u8>) -> Vec<(IpAddr, Vec<u8>)> {
        let is_any_known = self.usual.iter().any(|usual| !usual.is_empty());
        let family = |family: IpVersion| {
            let target = self.towards[family.index()]?;
            let known = u8::try_from(self.usual[family.index()].len()).unwrap_or(MOST_HOPS);
            // A family in which nothing answers is not in use.
            let is_used = known > 0 || !is_any_known;
            let hops = if known == 0 { MOST_HOPS } else { known.min(MOST_HOPS) };
            is_used.then(|| (target, limits(hops, family)))
        };
        IpVersion::BOTH.into_iter().filter_map(family).collect()
    }

    fn unsent(
        &self,
        family: IpVersion,
        moment: PathMoment,
        at: Timestamp,
        why: PathObstacle,
    ) -> PathRound {
        let towards = self.towards[family.index()];
        let (hops, returns) = (Vec::new(), Vec::new());
        PathRound { at, family, moment, towards, hops, returns, unsent: Some(why) }
    }

    /// When each target that was silent with the drop answered again.
    fn what_came_back(&self, drop: &LinkDrop, end: Bounds) -> Option<PathRound> {
        let with_the_drop = self.silences.values().filter(|silence| {
            silence.lost > 1
                && silence.first_lost >= drop.onset.earliest - WITH_THE_DROP
                && silence.first_lost <= end.latest
        });
        let returns: Vec<_> = with_the_drop
            .filter_map(|silence| {
                let after = |at: Timestamp| at.micros_since(end.latest).div_euclid(1_000);
                let Bounds { earliest, latest } = silence.back?;
                let (earliest_ms, latest_ms) = (after(earliest), after(latest));
                Some(HopReturn { address: silence.address, earliest_ms, latest_ms })
            })
            .collect();
        (!returns.is_empty()).then(|| PathRound {
            at: end.latest,
            family: IpVersion::V4,
            moment: PathMoment::Back,
            towards: None,
            hops: Vec::new(),
            returns,
            unsent: None,
        })
    }
}

#[cfg(test)]
mod tests;
