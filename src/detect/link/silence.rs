//! Silent runs of the pooled anchor probes, and what they say about the link: up or down.
//!
//! A silent run is a maximal run of consecutive probes without an answer. Long enough, it is a
//! drop from its first probe on; a drop ends with the first answer that no second of silence
//! follows within the time to recover. Lengths are those of the monotonic time line.

use super::window::{RunStart, SilenceWindow, bit};
use crate::detect::monotonic::Moment;
use crate::detect::parameters::Parameters;
use crate::time::Micros;

/// A stray reply must not be followed by this much silence, and this much makes a link
/// suspect.
const NOTICEABLE: Micros = Micros::SECOND;
/// One or two lost probes are not a silence, however far apart the probes of a sparse record are,
/// nor are probes that were lost at the same moment.
const LEAST_MOMENTS: u32 = 3;

/// A stretch of silence between the samples around it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct SilentStretch {
    /// The last probe that does not belong to it, as a rule answered.
    pub(crate) before: Option<Moment>,
    /// Its first silent probe.
    pub(crate) first: Moment,
    /// Its last silent probe.
    pub(crate) last: Moment,
    /// Time between `first` and `last` without observation.
    pub(crate) unobserved: Micros,
    /// The latest instant at which it can have ended: receipt of the first reply, or the first
    /// probe after a gap.
    pub(crate) ended: Option<Moment>,
    /// Drops it is made of.
    pub(crate) flaps: u32,
}

/// The silence in progress.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct PresentSilence {
    /// Its first probe.
    pub(crate) first: Moment,
    /// Whether it is a second long.
    pub(crate) is_noticeable: bool,
}

/// What a sample changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum LinkStep {
    /// A drop is confirmed; it began in the past.
    Opened,
    /// The drop closed last continues.
    Reopened,
    /// The drop is over.
    Closed(SilentStretch),
    /// A short silence is over.
    Blip(SilentStretch),
}

/// One anchor probe.
#[derive(Debug, Clone, Copy)]
pub(crate) struct PooledProbe {
    pub(crate) at: Moment,
    pub(crate) target: u8,
    /// Its delay; `None` for silence.
    pub(crate) answer: Option<Micros>,
}

#[derive(Debug, Clone, Copy)]
struct SilentRun {
    start: RunStart,
    last: Moment,
    /// First probe after the last gap in it.
    segment: Moment,
    /// Length of its longest stretch without a gap.
    longest: Micros,
    probes: u32,
    /// Moments at which they were sent, and the last of these.
    moments: u32,
    moment: Moment,
    targets: u128,
    unobserved: Micros,
}

#[derive(Debug, Clone, Copy)]
struct EndingAnswer {
    sent: Moment,
    received: Moment,
    /// Length of the gap just before it.
    gap: Micros,
}

#[derive(Debug, Clone, Copy)]
struct OpenDrop {
    stretch: SilentStretch,
    /// The answer that may have ended it.
    answer: Option<EndingAnswer>,
}

#[derive(Debug, Clone, Copy)]
struct ClosedDrop {
    stretch: SilentStretch,
    up_from: Moment,
    /// Gaps since.
    unobserved: Micros,
}

/// A blip from which a drop may have begun.
#[derive(Debug, Clone, Copy)]
struct Prelude {
    start: RunStart,
    unobserved: Micros,
    up_from: Moment,
}

/// The link as its anchors show it.
#[derive(Debug, Clone)]
pub(crate) struct LinkTracker {
    limits: LinkLimits,
    /// Pooled spacing of the anchors' probes.
    pub(crate) spacing: Micros,
    /// How many anchors are probed together.
    pub(crate) anchors: u32,
    last: Option<Moment>,
    run: Option<SilentRun>,
    down: Option<OpenDrop>,
    closed: Option<ClosedDrop>,
    prelude: Option<Prelude>,
    window: SilenceWindow,
    /// Length of the gap just before the next sample.
    gap: Micros,
    up_since: Option<Moment>,
    /// Observed time in which the link was up: the clock of "the last hour of link-up time".
    pub(crate) uptime: Micros,
}

#[derive(Debug, Clone, Copy)]
struct LinkLimits {
    drop: Micros,
    blip: Micros,
    recover: Micros,
    merge: Micros,
    bridge: Micros,
}

impl LinkTracker {
    pub(crate) fn new(p: &Parameters) -> Self {
        Self {
            limits: LinkLimits {
                drop: p.drop_after.into(),
                blip: p.blip_after.into(),
                recover: p.recover_after.into(),
                merge: p.merge_within.into(),
                bridge: p.bridge_gap.into(),
            },
            spacing: Micros::SECOND,
            anchors: 1,
            last: None,
            run: None,
            down: None,
            closed: None,
            prelude: None,
            window: SilenceWindow::new(p.drop_after.into()),
            gap: Micros::ZERO,
            up_since: None,
            uptime: Micros::ZERO,
        }
    }

    /// The last probe seen.
    pub(crate) fn last(&self) -> Option<Moment> {
        self.last
    }
    /// The drop in progress.
    pub(crate) fn open(&self) -> Option<SilentStretch> {
        self.down.map(|down| down.stretch)
    }
    /// The silence in progress, however short.
    pub(crate) fn present_silence(&self) -> Option<PresentSilence> {
        self.run.map(|run| PresentSilence {
            first: run.start.first,
            is_noticeable: self.reaches(run.longest, NOTICEABLE),
        })
    }
    pub(crate) fn up_since(&self) -> Option<Moment> {
        self.up_since
    }
    /// The first probe of the closed drop that may still continue.
    pub(crate) fn may_reopen(&self) -> Option<Moment> {
        self.closed.map(|closed| closed.stretch.first)
    }
    /// The first probe of the blips, each just after the previous one, that a drop would begin
    /// with.
    pub(crate) fn may_absorb(&self) -> Option<Moment> {
        let at = self.run.map_or(self.last?, |run| run.start.first);
        self.prelude.filter(|prelude| self.recent(prelude, at)).map(|p| p.start.first)
    }
    /// How long a silence with stray replies has to be to be a drop.
    pub(crate) fn window_length(&self) -> Micros {
        self.window.length()
    }
    /// Whether there is no drop, or an answer that may have ended it.
    pub(crate) fn may_be_over(&self) -> bool {
        self.down.is_none_or(|down| down.answer.is_some())
    }

    /// The drop in progress is over at `last`, and something else begins at `first` without an
    /// answer between them. Returns the part that is over.
    pub(crate) fn split(&mut self, last: Moment, first: Moment) -> Option<SilentStretch> {
        let down = self.down.as_mut()?;
        let over = SilentStretch { last, ended: Some(first), ..down.stretch };
        down.stretch = SilentStretch {
            before: Some(last),
            first,
            unobserved: Micros::ZERO,
            ended: None,
            flaps: 1,
            ..over
        };
        down.stretch.last = self.last.unwrap_or(first);
        Some(over)
    }

    /// An anchor that could not vote answers: silence before it has fewer witnesses than it seems.
    pub(crate) fn on_new_witness(&mut self) {
        self.window.clear();
    }

    /// Whether more probes were lost than chance explains: as many as there are anchors, and
    /// not all at once.
    fn is_enough(&self, run: &SilentRun) -> bool {
        run.moments >= LEAST_MOMENTS && run.probes >= self.anchors
    }

    fn reaches(&self, length: Micros, limit: Micros) -> bool {
        length >= limit - self.spacing / 4
    }

    /// Nothing was observed for `length` between the last sample and `next`.
    pub(crate) fn on_gap(
        &mut self,
        length: Micros,
        next: &PooledProbe,
        confirms: impl Fn(u128) -> bool,
    ) -> Option<LinkStep> {
        self.window.clear();
        self.prelude = None;
        self.gap = length;
        if let Some(closed) = &mut self.closed {
            closed.unobserved += length;
        }
        let bridged = length <= self.limits.bridge;
        let silent = next.answer.is_none();
        // What the link did during the gap is unknown: it is up since it was last seen to be.
        self.up_since = None;
        let mut step = None;
        match &mut self.down {
            Some(OpenDrop { answer: Some(answer), .. }) => {
                let answer = *answer;
                step = self.close(answer.received, answer.sent);
            }
            Some(down) if bridged => {
                if silent {
                    down.stretch.unobserved += length;
                }
                if let Some(run) = &mut self.run {
                    run.segment = next.at;
                }
                return None;
            }
            Some(_) => {
                self.run = None;
                let step = self.close(next.at.plus(next.answer.unwrap_or_default()), next.at);
                if silent {
                    // It ended somewhere in the gap, not with an answer just before this silence.
                    self.closed = None;
                    self.up_since = None;
                }
                return step;
            }
            None => {}
        }
        if silent && let Some(run) = &mut self.run {
            if !bridged {
                let run = *run;
                self.run = None;
                return step.or(self.blip(&run, next.at, confirms));
            }
            if run.longest >= NOTICEABLE - self.spacing / 4 {
                run.unobserved += length;
                run.segment = next.at;
            } else {
                // A lost probe or two before the gap are not part of the silence after it.
                self.last = run.start.before;
                self.run = None;
            }
        }
        step
    }

    /// The next probe; `confirms` says whether silence of these targets is enough for a verdict.
    pub(crate) fn on_sample(
        &mut self,
        sample: &PooledProbe,
        confirms: impl Fn(u128) -> bool,
    ) -> Option<LinkStep> {
        let step = match sample.answer {
            Some(rtt) => self.on_answer(sample.at, rtt, confirms),
            None => self.on_silence(sample.at, sample.target, confirms),
        };
        self.last = Some(sample.at);
        self.gap = Micros::ZERO;
        if let Some(closed) = &self.closed
            && self.run.is_none()
            && sample.at.since(closed.up_from) >= self.limits.merge + 2 * self.window.length()
        {
            self.closed = None;
        }
        step
    }

    fn on_answer(
        &mut self,
        at: Moment,
        rtt: Micros,
        confirms: impl Fn(u128) -> bool,
    ) -> Option<LinkStep> {
        let run = self.run.take();
        let received = at.plus(rtt);
        if let Some(down) = &mut self.down {
            let fresh = EndingAnswer { sent: at, received, gap: self.gap };
            let answer = down.answer.get_or_insert(fresh);
            // Answers to later probes may come in first: the link works from the first receipt on.
            if received.mono < answer.received.mono {
                answer.received = received;
            }
            let answer = *answer;
            if at.since(answer.sent) >= self.limits.recover {
                return self.close(answer.received, answer.sent);
            }
            return None;
        }
        self.up_since.get_or_insert(at);
        self.window.push(at, 0, None, self.spacing);
        if self.gap == Micros::ZERO
            && let Some(last) = self.last
        {
            self.uptime += at.since(last);
        }
        let run = run?;
        let step = self.blip(&run, received, confirms)?;
        let earlier = self.prelude.filter(|p| self.recent(p, run.start.first));
        let start = earlier.map_or(run.start, |prelude| prelude.start);
        let unobserved =
            run.unobserved + earlier.map_or(Micros::ZERO, |prelude| prelude.unobserved);
        self.prelude = Some(Prelude { start, unobserved, up_from: at });
        Some(step)
    }

    fn on_silence(
        &mut self,
        at: Moment,
        target: u8,
        confirms: impl Fn(u128) -> bool,
    ) -> Option<LinkStep> {
        let run = self.run.get_or_insert(SilentRun {
            start: RunStart { before: self.last, first: at },
            last: at,
            segment: at,
            longest: Micros::ZERO,
            probes: 0,
            moments: 1,
            moment: at,
            targets: 0,
            unobserved: Micros::ZERO,
        });
        run.last = at;
        run.probes += 1;
        if at.since(run.moment) >= self.spacing / 2 {
            run.moments += 1;
            run.moment = at;
        }
        run.targets |= bit(target);
        let length = at.since(run.segment) + self.spacing;
        run.longest = run.longest.max(length);
        let run = *run;
        // One dead anchor whose probes follow one another is not a silence.
        let noticeable = self.reaches(length, NOTICEABLE) && confirms(run.targets);
        let Some(down) = &mut self.down else {
            return self.confirm(&run, length, target, confirms);
        };
        match down.answer {
            None => down.stretch.last = at,
            Some(answer) if run.start.first.since(answer.sent) >= self.limits.recover => {
                return self.close(answer.received, answer.sent);
            }
            Some(answer) if noticeable => {
                down.stretch.unobserved += answer.gap;
                down.stretch.last = at;
                down.answer = None;
            }
            Some(_) => {}
        }
        None
    }

    fn confirm(
        &mut self,
        run: &SilentRun,
        length: Micros,
        target: u8,
        confirms: impl Fn(u128) -> bool,
    ) -> Option<LinkStep> {
        let long =
            self.reaches(length, self.limits.drop) && self.is_enough(run) && confirms(run.targets);
        if long {
            return Some(self.open_drop(run.start, run));
        }
        self.window.push(run.last, target, Some(run.start), self.spacing);
        match self.window.mostly_silent(self.spacing) {
            // Where a drop takes longer than ten seconds, four fifths of that are not enough.
            Some((start, targets))
                if self.reaches(run.last.since(start.first) + self.spacing, self.limits.drop)
                    && confirms(targets | run.targets) =>
            {
                Some(self.open_drop(start, run))
            }
            _ => None,
        }
    }

    /// Stray replies do not end a drop, nor do they separate one from a blip just before it.
    fn recent(&self, prelude: &Prelude, first: Moment) -> bool {
        first.since(prelude.up_from) < self.limits.recover
    }

    fn open_drop(&mut self, start: RunStart, run: &SilentRun) -> LinkStep {
        self.window.clear();
        let prelude = self.prelude.take().filter(|p| self.recent(p, start.first));
        let start = prelude.map_or(start, |prelude| prelude.start);
        let unobserved =
            run.unobserved + prelude.map_or(Micros::ZERO, |prelude| prelude.unobserved);
        let merged = self
            .closed
            .take()
            .filter(|closed| start.first.since(closed.up_from) < self.limits.merge);
        let (stretch, step) = match merged {
            Some(closed) => (
                SilentStretch {
                    last: run.last,
                    unobserved: closed.stretch.unobserved + closed.unobserved,
                    ended: None,
                    flaps: closed.stretch.flaps + 1,
                    ..closed.stretch
                },
                LinkStep::Reopened,
            ),
            None => (
                SilentStretch {
                    before: start.before,
                    first: start.first,
                    last: run.last,
                    unobserved,
                    ended: None,
                    flaps: 1,
                },
                LinkStep::Opened,
            ),
        };
        self.down = Some(OpenDrop { stretch, answer: None });
        step
    }

    fn close(&mut self, ended: Moment, up_from: Moment) -> Option<LinkStep> {
        let down = self.down.take()?;
        let stretch = SilentStretch { ended: Some(ended), ..down.stretch };
        self.closed = Some(ClosedDrop { stretch, up_from, unobserved: Micros::ZERO });
        self.up_since = Some(ended);
        self.window.clear();
        Some(LinkStep::Closed(stretch))
    }

    fn blip(
        &self,
        run: &SilentRun,
        ended: Moment,
        confirms: impl Fn(u128) -> bool,
    ) -> Option<LinkStep> {
        let long = self.reaches(run.longest, self.limits.blip)
            && self.is_enough(run)
            && confirms(run.targets);
        long.then_some(LinkStep::Blip(SilentStretch {
            before: run.start.before,
            first: run.start.first,
            last: run.last,
            unobserved: run.unobserved,
            ended: Some(ended),
            flaps: 1,
        }))
    }
}
