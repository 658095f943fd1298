//! What every ICMP target did around a drop: its answers in the core (half a second off both ends)
//! and in the hour of link-up time before.

use std::collections::VecDeque;

use super::likelihood::{self, HopEvidence};
use crate::detect::link::silence::SilentStretch;
use crate::vocabulary::{Place, Role, TargetId};

/// Off both ends of a drop: probes near its edges may have gone either way.
const EDGE: i64 = 500_000;
/// Sightings are kept this long while a silence may yet become a drop.
const PATIENCE: i64 = 30_000_000;
/// Minutes of link-up time in which a hop shows how it usually answers.
const MINUTES: u8 = 60;
/// A hop that lost so many probes in a row while the anchors answered may have fallen silent.
const MUTE_AFTER: u32 = 5;
/// It has, when so many are less likely than this by its usual answers.
const MUTE_CHANCE: f64 = 1e-3;

/// What became of one probe, or an ICMP error: a sign of life of the router that sent it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Sighting {
    pub(crate) at: i64,
    pub(crate) target: u8,
    pub(crate) sign: Sign,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Sign {
    Answered,
    Lost,
    /// Lost, and it never left this host.
    LostHere,
    /// It reported that another target is unreachable.
    ReportedError,
}

/// One target as evidence.
#[derive(Debug, Clone, Copy)]
pub(crate) struct WatchedTarget {
    pub(crate) id: TargetId,
    pub(crate) role: Role,
    /// Whether its silence decides on the link.
    pub(crate) decides: bool,
}

/// What a drop's core says.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct PlaceFinding {
    pub(crate) places: Vec<Place>,
    pub(crate) answered: Vec<TargetId>,
    pub(crate) silent: Vec<TargetId>,
}

/// What may yet become part of a drop depends on these.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Retention {
    /// Length of the window of silence with stray replies.
    pub(crate) window: i64,
    /// Pooled spacing of the anchors.
    pub(crate) spacing: i64,
}

#[derive(Debug, Clone, Default)]
pub(crate) struct Evidence {
    history: Vec<AnswerHistory>,
    /// Whether each target decides.
    deciders: Vec<bool>,
    recent: VecDeque<Sighting>,
    open: Option<DropCore>,
    closed: Option<DropCore>,
}

#[derive(Debug, Clone, Default)]
struct DropCore {
    /// First instant of the core.
    from: i64,
    /// Answered and lost, by target.
    counts: Vec<(u32, u32)>,
    local: u32,
}

/// Answers and probes per minute of link-up time, the last hour of it.
#[derive(Debug, Clone)]
struct AnswerHistory {
    minutes: [(u16, u16); MINUTES as usize],
    newest: i64,
    since: SinceAnswer,
}

/// What was lost since the last answer, and what the anchors answered and lost meanwhile.
#[derive(Debug, Clone, Copy, Default)]
struct SinceAnswer {
    lost: u32,
    anchors: (u32, u32),
}

impl AnswerHistory {
    fn add(&mut self, minute: i64, answered: bool) {
        if minute > self.newest {
            let skipped = (minute - self.newest).min(i64::from(MINUTES));
            for past in 0..skipped {
                self.minutes[slot(minute - past)] = (0, 0);
            }
            self.newest = minute;
        }
        let (answers, probes) = &mut self.minutes[slot(minute)];
        *answers = answers.saturating_add(u16::from(answered));
        *probes = probes.saturating_add(1);
    }

    fn total(&self) -> (u32, u32) {
        self.minutes.iter().fold((0, 0), |(a, n), m| (a + u32::from(m.0), n + u32::from(m.1)))
    }

    /// Answers and probes of the hour. One that fell silent while the link was up is as one that
    /// never answers: its silence in a drop says nothing.
    fn before(&self) -> (u32, u32) {
        let (answers, probes) = self.total();
        if self.fell_silent(answers, probes) { (0, probes) } else { (answers, probes) }
    }

    fn fell_silent(&self, answers: u32, probes: u32) -> bool {
        let SinceAnswer { lost, anchors: (answered, silent) } = self.since;
        let usual = f64::from(answers) / f64::from(probes.saturating_sub(lost).max(1));
        let chance = (1.0 - usual).max(0.0).powf(f64::from(lost));
        lost >= MUTE_AFTER && silent.saturating_mul(10) <= answered && chance < MUTE_CHANCE
    }
}

fn slot(minute: i64) -> usize {
    usize::try_from(minute.rem_euclid(i64::from(MINUTES))).unwrap_or(0)
}

impl Evidence {
    /// Makes room for these targets.
    pub(crate) fn set_targets(&mut self, targets: &[WatchedTarget]) {
        let minutes = [(0, 0); MINUTES as usize];
        let fresh = AnswerHistory { minutes, newest: 0, since: SinceAnswer::default() };
        self.history.resize(targets.len().max(self.history.len()), fresh);
        self.deciders = targets.iter().map(|target| target.decides).collect();
    }

    pub(crate) fn saw(&mut self, sighting: Sighting) {
        self.recent.push_back(sighting);
    }

    /// A drop is confirmed that began at `first`.
    pub(crate) fn open(&mut self, first: i64) {
        self.open = Some(DropCore { from: first.saturating_add(EDGE), ..DropCore::default() });
    }

    /// The drop closed last goes on.
    pub(crate) fn reopen(&mut self) {
        self.open = self.closed.take();
    }

    /// The drop is over: its evidence is complete.
    pub(crate) fn close(&mut self, stretch: &SilentStretch, uptime: i64) {
        self.take(stretch, uptime);
        self.closed = self.open.take();
        let ended = stretch.ended.map_or(stretch.last.mono, |ended| ended.mono);
        while self.recent.front().is_some_and(|s| s.at < ended.min(stretch.last.mono + EDGE)) {
            self.recent.pop_front();
        }
    }

    /// While a drop lasts: what is surely inside it becomes evidence.
    pub(crate) fn take(&mut self, stretch: &SilentStretch, uptime: i64) {
        let Some(case) = &mut self.open else { return };
        let until = stretch.last.mono - EDGE;
        while let Some(sighting) = self.recent.front().copied()
            && sighting.at <= until
        {
            self.recent.pop_front();
            if sighting.at >= case.from {
                case.count(sighting);
            } else if sighting.at < case.from - EDGE {
                remember(&mut self.history, &self.deciders, sighting, uptime);
            }
        }
    }

    /// While the link is up: what can no longer belong to a drop shows how hops usually answer.
    pub(crate) fn remember(
        &mut self,
        now: i64,
        silent_since: Option<i64>,
        keep: Retention,
        up: i64,
    ) {
        let needed = silent_since.unwrap_or(now) - keep.window;
        let patience = PATIENCE.max(3 * keep.window).max(keep.spacing.saturating_mul(30));
        let keep_from = needed.max(now - patience);
        while let Some(sighting) = self.recent.front().copied()
            && sighting.at < keep_from
        {
            self.recent.pop_front();
            remember(&mut self.history, &self.deciders, sighting, up);
        }
    }

    /// What the core of the drop that lasts says, or of the one closed last.
    pub(crate) fn finding(&self, targets: &[WatchedTarget]) -> PlaceFinding {
        let Some(case) = self.open.as_ref().or(self.closed.as_ref()) else {
            return PlaceFinding::default();
        };
        let counted = || {
            let counts = case.counts.iter().copied();
            targets.iter().zip(counts).zip(&self.history).filter(|((_, (a, l)), _)| a + l > 0)
        };
        let mut silence =
            likelihood::AnchorSilence { local: case.local, ..likelihood::AnchorSilence::default() };
        for ((_, (answered, lost)), _) in counted().filter(|((target, _), _)| target.decides) {
            silence.answered += answered;
            silence.lost += lost;
        }
        let hops: Vec<HopEvidence> = counted()
            .map(|((target, (answered, lost)), history)| HopEvidence {
                role: target.role,
                answered,
                lost,
                before: history.before(),
            })
            .collect();
        let mut finding =
            PlaceFinding { places: likelihood::places(&silence, &hops), ..PlaceFinding::default() };
        // Stray replies make no target one that answered: it has to do clearly better than what
        // lies behind the fault.
        let enough = (2.0 * silence.answer_rate()).clamp(0.2, 0.9);
        for (((target, (answered, lost)), _), hop) in counted().zip(&hops) {
            if f64::from(answered) > enough * f64::from(answered + lost) {
                finding.answered.push(target.id);
            } else if target.role == Role::Anchor || hop.says_something() {
                finding.silent.push(target.id);
            }
        }
        finding
    }
}

fn remember(history: &mut [AnswerHistory], deciders: &[bool], sighting: Sighting, uptime: i64) {
    let target = usize::from(sighting.target);
    if sighting.sign == Sign::ReportedError || target >= history.len() {
        return;
    }
    let answered = sighting.sign == Sign::Answered;
    let own = &mut history[target];
    own.add(uptime / 60_000_000, answered);
    if answered {
        own.since = SinceAnswer::default();
    } else {
        own.since.lost = own.since.lost.saturating_add(1);
    }
    if deciders.get(target) == Some(&true) {
        for other in history {
            let (answers, losses) = &mut other.since.anchors;
            let count = if answered { answers } else { losses };
            *count = count.saturating_add(1);
        }
    }
}

impl DropCore {
    fn count(&mut self, sighting: Sighting) {
        let target = usize::from(sighting.target);
        if self.counts.len() <= target {
            self.counts.resize(target + 1, (0, 0));
        }
        let (answered, lost) = &mut self.counts[target];
        match sighting.sign {
            Sign::Answered | Sign::ReportedError => *answered += 1,
            Sign::Lost => *lost += 1,
            Sign::LostHere => {
                *lost += 1;
                self.local += 1;
            }
        }
    }
}
