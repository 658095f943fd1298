//! What every ICMP target did around a drop: its answers in the core (half a second off both ends)
//! and in the hour of link-up time before.

use std::collections::VecDeque;

use super::hop::HopPosition;
use super::likelihood::{self, AnchorSilence, AnswerCounts, HopEvidence, LocalErrors};
use crate::detect::link::stretch::SilentStretch;
use crate::time::Micros;
use crate::vocabulary::{Place, Role, TargetId};

/// Off both ends of a drop: probes near its edges may have gone either way.
const EDGE: Micros = Micros::from_millis(500);
/// Sightings are kept this long while a silence may still become a drop.
const PATIENCE: Micros = Micros::from_seconds(30);
/// Minutes of link-up time in which a hop shows how it usually answers.
const MINUTES: u8 = 60;
/// A hop that lost this many probes in a row while the anchors answered may have fallen silent.
const MUTE_AFTER: u32 = 5;
/// It has, when that many losses are less likely than this given its usual answers.
const MUTE_CHANCE: f64 = 1e-3;

/// What became of one probe, or an ICMP error: a sign of life of the router that sent it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Sighting {
    pub(crate) at: Micros,
    pub(crate) target: u8,
    pub(crate) sign: Sign,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Sign {
    Answered,
    Lost,
    /// Of a deciding anchor: not sent, for this host's interface was down.
    NoLink,
    /// Of a deciding anchor: not sent for want of a route, or this host's kernel called it
    /// unreachable.
    NoNextHop,
    /// It reported that another target is unreachable.
    ReportedError,
}

impl Sign {
    /// Whether it never left this host.
    pub(crate) fn is_local(self) -> bool {
        matches!(self, Self::NoLink | Self::NoNextHop)
    }
}

/// One target as evidence.
#[derive(Debug, Clone, Copy)]
pub(crate) struct WatchedTarget {
    pub(crate) id: TargetId,
    pub(crate) role: Role,
    /// Where it is on the way, if it is a hop.
    pub(crate) hop: Option<HopPosition>,
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

/// How long sightings may still become part of a drop depends on these.
#[derive(Debug, Clone, Copy)]
pub(crate) struct SightingRetention {
    /// Length of the window of silence with stray replies.
    pub(crate) window: Micros,
    /// Pooled spacing of the anchors.
    pub(crate) spacing: Micros,
}

#[derive(Debug, Clone, Default)]
pub(crate) struct Evidence {
    history: Vec<AnswerHistory>,
    /// Whether each target decides.
    deciders: Vec<bool>,
    recent: VecDeque<Sighting>,
    open: Option<DropCore>,
    closed: Option<DropCore>,
    /// When a page was last shown in place of a website.
    page: Option<Micros>,
}

#[derive(Debug, Clone, Default)]
struct DropCore {
    /// First instant of the core.
    from: Micros,
    /// From and to: between its last two silences, where the link was up.
    up: Option<[Micros; 2]>,
    /// By target.
    counts: Vec<AnswerCounts>,
    local: LocalErrors,
    /// Web requests that were answered by a page in place of the website.
    pages: u32,
}

/// Answers and probes per minute of link-up time, the last hour of it.
#[derive(Debug, Clone)]
struct AnswerHistory {
    minutes: [MinuteCounts; MINUTES as usize],
    newest: i64,
    since: SinceAnswer,
}

/// One minute of a target, as far as it fits.
#[derive(Debug, Clone, Copy, Default)]
struct MinuteCounts {
    answers: u16,
    probes: u16,
}

/// What was lost since the last answer, and what the anchors answered and lost in the meantime.
#[derive(Debug, Clone, Copy, Default)]
struct SinceAnswer {
    lost: u32,
    anchors: AnswerCounts,
}

impl AnswerHistory {
    fn add(&mut self, minute: i64, sign: Sign) {
        if minute > self.newest {
            let skipped = (minute - self.newest).min(i64::from(MINUTES));
            for past in 0..skipped {
                self.minutes[slot(minute - past)] = MinuteCounts::default();
            }
            self.newest = minute;
        }
        let count = &mut self.minutes[slot(minute)];
        count.answers = count.answers.saturating_add(u16::from(sign == Sign::Answered));
        count.probes = count.probes.saturating_add(1);
    }

    fn total(&self) -> AnswerCounts {
        let mut sum = AnswerCounts::default();
        for minute in &self.minutes {
            sum.answered += u32::from(minute.answers);
            sum.lost += u32::from(minute.probes - minute.answers);
        }
        sum
    }

    /// Answers and probes of the hour. One that fell silent while the link was up is like one that
    /// never answers: its silence in a drop says nothing.
    fn before(&self) -> AnswerCounts {
        let hour = self.total();
        if self.fell_silent(hour) {
            AnswerCounts { answered: 0, lost: hour.probes() }
        } else {
            hour
        }
    }

    fn fell_silent(&self, hour: AnswerCounts) -> bool {
        let SinceAnswer { lost, anchors } = self.since;
        let usual = f64::from(hour.answered) / f64::from(hour.probes().saturating_sub(lost).max(1));
        let chance = (1.0 - usual).max(0.0).powf(f64::from(lost));
        lost >= MUTE_AFTER
            && anchors.lost.saturating_mul(10) <= anchors.answered
            && chance < MUTE_CHANCE
    }
}

fn slot(minute: i64) -> usize {
    usize::try_from(minute.rem_euclid(i64::from(MINUTES))).unwrap_or(0)
}

impl Evidence {
    /// Makes room for these targets.
    pub(crate) fn set_targets(&mut self, targets: &[WatchedTarget]) {
        let minutes = [MinuteCounts::default(); MINUTES as usize];
        let fresh = AnswerHistory { minutes, newest: 0, since: SinceAnswer::default() };
        self.history.resize(targets.len().max(self.history.len()), fresh);
        self.deciders = targets.iter().map(|target| target.decides).collect();
    }

    pub(crate) fn on_sighting(&mut self, sighting: Sighting) {
        self.recent.push_back(sighting);
    }

    /// A drop that began at `first` is confirmed.
    pub(crate) fn open(&mut self, first: Micros) {
        let pages = self.page.is_some_and(|at| at >= first).into();
        self.open = Some(DropCore { from: first + EDGE, pages, ..DropCore::default() });
    }

    /// A page was shown in place of a website that was asked at `at`.
    pub(crate) fn on_page(&mut self, at: Micros) {
        self.page = Some(at);
        if let Some(case) = self.open.as_mut().filter(|case| at >= case.from) {
            case.pages += 1;
        }
    }

    /// The drop closed last continues; in `up`, from and to, the link was up.
    pub(crate) fn reopen(&mut self, up: Option<[Micros; 2]>) {
        self.open = self.closed.take().map(|core| DropCore { up, ..core });
    }

    /// The drop is over: its evidence is complete.
    pub(crate) fn close(&mut self, stretch: &SilentStretch, uptime: Micros) {
        self.take(stretch, uptime);
        self.closed = self.open.take();
        let ended = stretch.ended.map_or(stretch.last.mono, |ended| ended.mono);
        while self.recent.front().is_some_and(|s| s.at < ended.min(stretch.last.mono + EDGE)) {
            self.recent.pop_front();
        }
    }

    /// While a drop lasts: what certainly lies inside it becomes evidence.
    pub(crate) fn take(&mut self, stretch: &SilentStretch, uptime: Micros) {
        let Some(case) = &mut self.open else { return };
        let until = stretch.last.mono - EDGE;
        while let Some(sighting) = self.recent.front().copied()
            && sighting.at <= until
        {
            self.recent.pop_front();
            let is_up =
                |[from, to]: [Micros; 2]| sighting.at >= from - EDGE && sighting.at < to + EDGE;
            if case.up.is_some_and(is_up) {
                continue;
            }
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
        now: Micros,
        silent_since: Option<Micros>,
        keep: SightingRetention,
        up: Micros,
    ) {
        let needed = silent_since.unwrap_or(now) - keep.window;
        let patience = PATIENCE.max(3 * keep.window).max(30 * keep.spacing);
        let keep_from = needed.max(now - patience);
        while let Some(sighting) = self.recent.front().copied()
            && sighting.at < keep_from
        {
            self.recent.pop_front();
            remember(&mut self.history, &self.deciders, sighting, up);
        }
    }

    /// What the core of the drop in progress says, or that of the one closed last.
    pub(crate) fn finding(&self, targets: &[WatchedTarget]) -> PlaceFinding {
        let Some(case) = self.open.as_ref().or(self.closed.as_ref()) else {
            return PlaceFinding::default();
        };
        let counted = || {
            let counts = case.counts.iter().copied();
            targets.iter().zip(counts).zip(&self.history).filter(|((_, core), _)| core.probes() > 0)
        };
        let mut silence = AnchorSilence { local: case.local, ..AnchorSilence::default() };
        for ((_, core), _) in counted().filter(|((target, _), _)| target.decides) {
            silence.answered += core.answered;
            silence.lost += core.lost;
        }
        let hop = |(target, core): (&WatchedTarget, AnswerCounts), history: &AnswerHistory| {
            let position = target.hop?;
            Some(HopEvidence { position, core, before: history.before() })
        };
        let mut hops: Vec<_> =
            counted().filter_map(|(counts, history)| hop(counts, history)).collect();
        let is_behind_router = |hop: &HopEvidence| hop.position != HopPosition::Gateway;
        // A router that shows its own page may pass nothing on, not even to the modem.
        if case.pages > 0 && !hops.iter().any(|hop| is_behind_router(hop) && hop.core.answered > 0)
        {
            hops.retain(|hop| !is_behind_router(hop));
        }
        let places = likelihood::places(&silence, &hops, next_hop(targets));
        let nearest = places.first().copied();
        let mut finding = PlaceFinding { places, ..PlaceFinding::default() };
        // Stray replies do not make a target one that answered: it has to do clearly better than
        // what lies beyond the fault.
        let enough = (2.0 * silence.answer_rate()).clamp(0.2, 0.9);
        for ((target, core), history) in counted() {
            let hop = hop((target, core), history);
            if f64::from(core.answered) > enough * f64::from(core.probes()) {
                // One that answered at times lies before no fault that is nearer than it.
                let is_beyond =
                    |hop: &HopEvidence| nearest.is_some_and(|near| near <= hop.position.clears());
                if !hop.as_ref().is_some_and(is_beyond) {
                    finding.answered.push(target.id);
                }
            } else if target.role == Role::Anchor || hop.is_some_and(|hop| hop.says_something()) {
                finding.silent.push(target.id);
            }
        }
        finding
    }
}

/// Where the link to the next hop lies: in the home, unless the ISP's router is the first there is.
fn next_hop(targets: &[WatchedTarget]) -> Place {
    let has = |at| targets.iter().any(|target| target.hop == Some(at));
    if has(HopPosition::FirstOfIsp) && !has(HopPosition::Gateway) {
        Place::Access
    } else {
        Place::Lan
    }
}

fn remember(history: &mut [AnswerHistory], deciders: &[bool], sighting: Sighting, uptime: Micros) {
    let target = usize::from(sighting.target);
    if sighting.sign == Sign::ReportedError || target >= history.len() {
        return;
    }
    let answered = sighting.sign == Sign::Answered;
    let own = &mut history[target];
    own.add(uptime / Micros::MINUTE, sighting.sign);
    if answered {
        own.since = SinceAnswer::default();
    } else {
        own.since.lost = own.since.lost.saturating_add(1);
    }
    if deciders.get(target) == Some(&true) {
        for other in history {
            let anchors = &mut other.since.anchors;
            let count = if answered { &mut anchors.answered } else { &mut anchors.lost };
            *count = count.saturating_add(1);
        }
    }
}

impl DropCore {
    fn count(&mut self, sighting: Sighting) {
        let target = usize::from(sighting.target);
        if self.counts.len() <= target {
            self.counts.resize(target + 1, AnswerCounts::default());
        }
        let core = &mut self.counts[target];
        match sighting.sign {
            Sign::Answered | Sign::ReportedError => core.answered += 1,
            Sign::Lost | Sign::NoLink | Sign::NoNextHop => core.lost += 1,
        }
        match sighting.sign {
            Sign::NoLink => self.local.link += 1,
            Sign::NoNextHop => self.local.next_hop += 1,
            Sign::Answered | Sign::ReportedError | Sign::Lost => {}
        }
    }
}
