//! Another way inside the router: it moves to a second line (a mobile network, mostly) while the first
//! is dead, and nothing on this host changes.
//!
//! Its signs: the ISP's first hop, which had answered, is silent, and every anchor that answers since
//! does so with another hop limit or with a step of delay. Once that has lasted as long as a drop, the
//! line is down from the hop's first silent probe on: these answers are those of the other way. It is
//! over when the hop answers from its place. An anchor that answers as before while the hop is silent
//! shows that the line works and the hop alone says nothing; then nothing is changed until the hop
//! answers again.
//!
//! After an hour it is no longer known whether the line is dead: after a forced reconnect it may lead to
//! another router of the ISP, which looks the same, and the old one never answers again. What comes
//! from then on says nothing of the line.
//!
//! While it is in doubt, for as long as a drop at most, measurements are held back. Pure.

use std::collections::VecDeque;

use super::target_index::{TargetClass, TargetIndex};
use crate::time::{Micros, Timestamp};
use crate::vocabulary::{Kind, Measurement, Outcome, Role};

/// Answers after which it is known how a target answers.
const LEARNT: usize = 20;
/// Delays remembered.
const DELAYS: usize = 31;
/// Hop limits remembered: some anchors answer from several places in turn.
const LIMITS: usize = 4;
/// A hop limit that has not been seen for this long is not the usual any more.
const LIMIT_LASTS: Micros = Micros::HOUR;
/// Answers in doubt before a verdict, and from how many anchors.
const ANSWERS: u32 = 3;
const ANCHORS: usize = 2;
/// Fewer losses in a row than this are a hop's own.
const OWN_LOSSES: u32 = 3;
/// Answers in doubt before delays alone are a verdict, where hop limits are not known.
const MANY: usize = 12;
/// Least step of delay.
const STEP_US: i64 = 15_000;
/// So long the silence of the hop is taken for that of the line.
const SURE_FOR: Micros = Micros::HOUR;
/// Beyond the time that a verdict takes, doubt ends after this long.
const MARGIN: Micros = Micros::from_seconds(3);

/// How a target usually answers.
#[derive(Debug, Clone, Default)]
struct Habit {
    /// Hop limits with the times of their last answers.
    limits: Vec<(u8, Timestamp)>,
    /// One that is not usual yet, and how many answers in a row had it.
    candidate: Option<(u8, usize)>,
    delays: VecDeque<i64>,
    /// Answers in a row whose delay was not the usual.
    moved: usize,
    /// The last answer from its place.
    answered: Option<Timestamp>,
    /// The first probe without such an answer since.
    lost: Option<Timestamp>,
    /// How many probes since then.
    silent: u32,
    /// Of the last 64 probes before that, those that were answered, and how many there were.
    answers: u64,
    probes: u32,
}

/// How an answer differs from the usual.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Oddity {
    None,
    HopLimit,
    /// By this many microseconds.
    Delay(i64),
    /// Too little is known of the target.
    Unknown,
}

impl Habit {
    fn oddity(&self, rtt: Micros, ttl: Option<u8>) -> Oddity {
        if self.delays.len() < LEARNT {
            return Oddity::Unknown;
        }
        if let Some(ttl) = ttl.filter(|_| !self.limits.is_empty())
            && self.limits.iter().all(|(known, _)| *known != ttl)
        {
            return Oddity::HopLimit;
        }
        let (Some(least), Some(most)) = (self.delays.iter().min(), self.delays.iter().max()) else {
            return Oddity::Unknown;
        };
        let rtt = rtt.as_i64();
        // Nearly all are usual: the step is no less than this.
        if (least - STEP_US..=most + STEP_US).contains(&rtt) {
            return Oddity::None;
        }
        let mut sorted: Vec<_> = self.delays.iter().copied().collect();
        sorted.sort_unstable();
        let median = sorted[sorted.len() / 2];
        let step = STEP_US.max(median / 2);
        if rtt > most + step || rtt < least - step {
            return Oddity::Delay(rtt - median);
        }
        Oddity::None
    }

    fn learn(&mut self, at: Timestamp, rtt: Micros, ttl: Option<u8>) {
        if let Some(ttl) = ttl {
            self.limits.retain(|(_, last)| at.micros_since(*last) <= LIMIT_LASTS.as_i64());
            if let Some((_, last)) = self.limits.iter_mut().find(|(known, _)| *known == ttl) {
                *last = at;
                self.candidate = None;
            } else {
                let before = self.candidate.filter(|(known, _)| *known == ttl).map_or(0, |c| c.1);
                self.candidate = Some((ttl, before + 1));
                if before + 1 < LEARNT {
                    // What may be the end of another way teaches nothing.
                    if !self.limits.is_empty() {
                        return;
                    }
                } else {
                    self.limits.push((ttl, at));
                    self.candidate = None;
                    if self.limits.len() > LIMITS {
                        self.limits.remove(0);
                    }
                }
            }
        }
        // A step teaches nothing before it has lasted: it may be the beginning of another way.
        self.moved = match self.oddity(rtt, None) {
            Oddity::Delay(_) => self.moved + 1,
            _ => 0,
        };
        if self.moved >= LEARNT {
            self.delays.clear();
        } else if self.moved > 0 {
            return;
        }
        self.delays.push_back(rtt.as_i64());
        if self.delays.len() > DELAYS {
            self.delays.pop_front();
        }
    }

    fn count(&mut self, answered: bool) {
        self.answers = self.answers << 1 | u64::from(answered);
        self.probes = (self.probes + 1).min(64);
    }

    /// Whether its silence says something: it had answered nearly always.
    fn is_able(&self) -> bool {
        let known = usize::try_from(self.probes).unwrap_or(usize::MAX);
        known >= LEARNT && self.answers.count_ones() * 10 >= self.probes * 9
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Verdict {
    /// The hop answers, or nothing says that packets take another way.
    #[default]
    Line,
    /// The hop is silent, and the line works all the same.
    Mute,
    /// Answers differ from the usual since the hop is silent.
    Doubt,
    /// Packets take another way.
    Other,
}

/// Whether it is an anchor or a hop that is asked for an echo, by whatever name.
fn is_pinged(class: TargetClass) -> bool {
    matches!(class, TargetClass::Link | TargetClass::Ipv6)
}

/// What becomes of a measurement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Taken {
    /// It is judged as it is.
    AsItIs,
    /// It says nothing of the line.
    Nothing,
    /// For the line it was lost.
    Lost,
    /// It went by another way, and what the line did is not known.
    Unknown,
    /// It waits.
    Held,
    /// These are judged in its place, in this order; it is the last of them, if it is judged at all.
    Released(Vec<Measurement>),
}

/// The beginning or end of a failover.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum FailoverTurn {
    /// The hop last answered, and first was silent.
    Began { answered: Option<Timestamp>, silent: Timestamp },
    /// The last answer by the other way, and the first by the line.
    Ended { last: Timestamp, first: Timestamp },
}

/// The watch for another way inside the router.
#[derive(Debug, Clone, Default)]
pub(super) struct FailoverWatch {
    enough: Micros,
    habits: Vec<Habit>,
    verdict: Verdict,
    /// Since when all hops have been silent, while it matters.
    since: Option<Timestamp>,
    held: Vec<Measurement>,
    /// Odd answers in doubt: of which anchors, by how much, when the first was asked.
    odd: Vec<(u8, Oddity)>,
    first_odd: Option<Timestamp>,
    last_odd: Option<Timestamp>,
    turns: Vec<FailoverTurn>,
}

impl FailoverWatch {
    /// Another way has to be taken for `enough`.
    pub(super) fn new(enough: Micros) -> Self {
        Self { enough, ..Self::default() }
    }

    /// Since when packets have taken another way, if they do.
    pub(super) fn other_since(&self) -> Option<Timestamp> {
        self.since.filter(|_| self.verdict == Verdict::Other)
    }

    /// Whether measurements are held back.
    pub(super) fn is_holding(&self) -> bool {
        !self.held.is_empty()
    }

    /// The turns since last asked.
    pub(super) fn take_turns(&mut self) -> Vec<FailoverTurn> {
        std::mem::take(&mut self.turns)
    }

    /// What was held back, as it is: the record ends, for now.
    pub(super) fn release(&mut self) -> Vec<Measurement> {
        if self.verdict == Verdict::Doubt {
            self.verdict = Verdict::Line;
            self.forget_doubt();
        }
        std::mem::take(&mut self.held)
    }

    fn forget_doubt(&mut self) {
        self.odd.clear();
        self.first_odd = None;
    }

    /// Takes the next measurement; `index` is its target's.
    pub(super) fn take(&mut self, m: &Measurement, index: u8, targets: &TargetIndex) -> Taken {
        let place = usize::from(index);
        if self.habits.len() <= place {
            self.habits.resize_with(place + 1, Habit::default);
        }
        let role = targets.watched()[place].role;
        let is_icmp = is_pinged(targets.listed(index).class);
        match role {
            Role::Isp if is_icmp => self.on_hop(m, place, targets),
            Role::Anchor if is_icmp => self.on_anchor(m, index, targets),
            Role::Gateway | Role::Modem => self.in_turn(m),
            _ => match self.verdict {
                Verdict::Other => Taken::Nothing,
                _ => self.in_turn(m),
            },
        }
    }

    fn in_turn(&mut self, m: &Measurement) -> Taken {
        if self.verdict != Verdict::Doubt {
            return Taken::AsItIs;
        }
        if self.since.is_some_and(|since| {
            m.sent_at.micros_since(since.max(self.first_odd.unwrap_or(since)))
                > (self.enough + MARGIN).as_i64()
        }) {
            self.verdict = Verdict::Mute;
            return self.released(m);
        }
        self.held.push(m.clone());
        Taken::Held
    }

    fn released(&mut self, m: &Measurement) -> Taken {
        self.forget_doubt();
        if self.held.is_empty() {
            return Taken::AsItIs;
        }
        let mut released = std::mem::take(&mut self.held);
        released.push(m.clone());
        Taken::Released(released)
    }

    fn on_hop(&mut self, m: &Measurement, place: usize, targets: &TargetIndex) -> Taken {
        let habit = &mut self.habits[place];
        let in_place = match &m.outcome {
            Outcome::Reply(reply) => {
                let oddity = habit.oddity(reply.rtt.into(), reply.ttl);
                let in_place = oddity != Oddity::HopLimit || self.verdict == Verdict::Line;
                if in_place {
                    habit.learn(m.sent_at, reply.rtt.into(), reply.ttl);
                }
                in_place && oddity != Oddity::HopLimit
            }
            Outcome::Late { .. } => true,
            Outcome::NotSent(_) => return self.in_turn(m),
            _ => false,
        };
        if in_place {
            // What it lost while others answered, or lost now and then, is its own.
            let silent = std::mem::take(&mut habit.silent);
            if silent < OWN_LOSSES || self.verdict == Verdict::Mute {
                (0..silent.min(64)).for_each(|_| habit.count(false));
            }
            habit.count(true);
            (habit.answered, habit.lost) = (Some(m.sent_at), None);
            return self.on_hop_back(m);
        }
        habit.lost.get_or_insert(m.sent_at);
        habit.silent = habit.silent.saturating_add(1);
        if self.verdict == Verdict::Line {
            self.since = self.silent_since(targets);
        } else if self.silent_since(targets).is_none() {
            // Another hop is asked in its place.
            return self.on_hop_back(m);
        }
        self.in_turn(m)
    }

    fn on_hop_back(&mut self, m: &Measurement) -> Taken {
        let before = std::mem::take(&mut self.verdict);
        self.since = None;
        match before {
            Verdict::Doubt => self.released(m),
            Verdict::Other => {
                self.end(m.sent_at);
                Taken::AsItIs
            }
            Verdict::Line | Verdict::Mute => Taken::AsItIs,
        }
    }

    fn end(&mut self, first: Timestamp) {
        let last = self.last_odd.unwrap_or(first).min(first);
        self.turns.push(FailoverTurn::Ended { last, first });
        self.forget_doubt();
    }

    /// Since when every hop of the ISP that is able and in use has been silent.
    fn silent_since(&self, targets: &TargetIndex) -> Option<Timestamp> {
        let hops = targets.iter().zip(&self.habits).filter(|((watched, listed), habit)| {
            watched.role == Role::Isp
                && is_pinged(listed.class)
                && targets.roster().standing(watched.id).is_some()
                && habit.is_able()
        });
        let mut since = None;
        for (_, habit) in hops {
            since = since.max(Some(habit.lost?));
        }
        since
    }

    fn on_anchor(&mut self, m: &Measurement, index: u8, targets: &TargetIndex) -> Taken {
        let place = usize::from(index);
        let is_unsure = |since| m.sent_at.micros_since(since) >= SURE_FOR.as_i64();
        let unknown = self.other_since().is_some_and(is_unsure);
        let Outcome::Reply(reply) = &m.outcome else {
            return if unknown { Taken::Unknown } else { self.in_turn(m) };
        };
        let (rtt, ttl) = (Micros::from(reply.rtt), reply.ttl);
        let oddity = self.habits[place].oddity(rtt, ttl);
        if matches!(self.verdict, Verdict::Line | Verdict::Mute) {
            if self.verdict == Verdict::Line {
                self.since = self.silent_since(targets);
            }
            let silent = self.since.filter(|since| m.sent_at >= *since);
            if silent.is_none() || self.verdict == Verdict::Mute || oddity == Oddity::Unknown {
                self.habits[place].learn(m.sent_at, rtt, ttl);
                return Taken::AsItIs;
            }
        }
        match (self.verdict, oddity) {
            (Verdict::Other, Oddity::None) => {
                // The line answers again, though the hop does not.
                self.odd.push((index, Oddity::None));
                let back = self.odd.iter().filter(|(_, odd)| *odd == Oddity::None).count();
                if back >= ANSWERS as usize {
                    self.verdict = Verdict::Mute;
                    self.end(m.sent_at);
                }
                Taken::AsItIs
            }
            (Verdict::Other, _) => {
                self.odd.clear();
                self.last_odd = Some(m.sent_at);
                if unknown { Taken::Unknown } else { Taken::Lost }
            }
            (_, Oddity::None | Oddity::Unknown) => {
                self.verdict = Verdict::Mute;
                self.habits[place].learn(m.sent_at, rtt, ttl);
                self.released(m)
            }
            (_, oddity) => {
                self.verdict = Verdict::Doubt;
                self.odd.push((index, oddity));
                self.first_odd.get_or_insert(m.sent_at);
                self.last_odd = Some(m.sent_at);
                self.look(m, targets)
            }
        }
    }

    /// An odd answer came: whether packets take another way.
    fn look(&mut self, m: &Measurement, targets: &TargetIndex) -> Taken {
        let (Some(since), Some(first)) = (self.since, self.first_odd) else {
            return self.in_turn(m);
        };
        let mut anchors: Vec<u8> = self.odd.iter().map(|(index, _)| *index).collect();
        anchors.sort_unstable();
        anchors.dedup();
        let learnt = (targets.voters())
            .filter(|(index, target)| {
                let habit = self.habits.get(usize::from(*index));
                target.kind == Kind::Icmp && habit.is_some_and(|h| h.delays.len() >= LEARNT)
            })
            .count();
        let lasted = |from: Timestamp| m.sent_at.micros_since(from) >= self.enough.as_i64();
        let enough = self.odd.len() >= ANSWERS as usize && anchors.len() >= ANCHORS.min(learnt);
        let by_limit = self.odd.iter().filter(|(_, odd)| *odd == Oddity::HopLimit).count();
        let is_other = if by_limit > 0 { lasted(since) } else { lasted(first) && self.is_step() };
        if !(enough && is_other) {
            return self.in_turn(m);
        }
        self.verdict = Verdict::Other;
        let hops = self.habits.iter().filter(|habit| habit.lost == Some(since));
        let answered = hops.filter_map(|habit| habit.answered).max();
        self.turns.push(FailoverTurn::Began { answered, silent: since });
        let mut released = std::mem::take(&mut self.held);
        released.push(m.clone());
        self.forget_doubt();
        let mine = |m: Measurement| Self::as_of_line(m, since, targets);
        Taken::Released(released.into_iter().filter_map(mine).collect())
    }

    /// What a measurement that was held back says of the line.
    fn as_of_line(m: Measurement, since: Timestamp, targets: &TargetIndex) -> Option<Measurement> {
        let index = targets.index(m.target)?;
        let is_icmp = is_pinged(targets.listed(index).class);
        match targets.watched()[usize::from(index)].role {
            Role::Anchor if is_icmp && m.sent_at >= since => {
                let is_answer = matches!(m.outcome, Outcome::Reply(_));
                let outcome = if is_answer { Outcome::Lost } else { m.outcome };
                Some(Measurement { outcome, ..m })
            }
            Role::Gateway | Role::Modem | Role::Isp | Role::Anchor if is_icmp => Some(m),
            _ => None,
        }
    }

    /// Whether the delays made a step: a queue moves them more and more, and unevenly. Where hop limits are
    /// known and the same as before, all have to have moved by about as much; where they are not known
    /// (an imported record), the least delays of both halves of the time.
    fn is_step(&self) -> bool {
        let steps = self.odd.iter().filter_map(|(_, odd)| match odd {
            Oddity::Delay(by) => Some(*by),
            _ => None,
        });
        let steps: Vec<_> = steps.collect();
        let (Some(least), Some(most)) = (steps.iter().min(), steps.iter().max()) else {
            return false;
        };
        let mut known =
            self.odd.iter().filter_map(|(index, _)| self.habits.get(usize::from(*index)));
        if known.any(|habit| !habit.limits.is_empty()) {
            return (most - least) * 4 <= most.abs().min(least.abs());
        }
        let (first, second) = steps.split_at(steps.len() / 2);
        let (Some(before), Some(after)) = (first.iter().min(), second.iter().min()) else {
            return false;
        };
        let is_same_side = (*least > 0) == (*most > 0);
        is_same_side
            && steps.len() >= MANY
            && (before - after).abs() * 3 <= before.abs().min(after.abs())
    }
}
