//! Silent runs of the pooled anchor probes, and what they say about the link: up or down.
//!
//! A silent run is a maximal run of consecutive probes without an answer. Long enough, it is a
//! drop from its first probe on; a drop ends with the first answer that no second of silence
//! follows within the time to recover. Lengths are those of the monotonic time line.

use super::run::{
    ClosedDrop, EndingAnswer, LinkLimits, OpenDrop, Prelude, PresentSilence, SilentRun,
};
use super::stretch::{Pieces, RunStart, SilentPiece, SilentStretch};
use super::window::{SilenceWindow, bit};
use crate::detect::monotonic::Moment;
use crate::detect::parameters::Parameters;
use crate::time::Micros;

/// A stray reply must not be followed by this much silence; this much makes a link suspect.
const NOTICEABLE: Micros = Micros::SECOND;
/// One or two lost probes are not a silence, however far apart the probes of a sparse record are,
/// nor are probes that were lost at the same moment.
const LEAST_MOMENTS: u32 = 3;

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
    /// A silence as long as a drop is over, and too few saw it.
    Unconfirmed(SilentStretch),
}

/// One anchor probe.
#[derive(Debug, Clone, Copy)]
pub(crate) struct PooledProbe {
    pub(crate) at: Moment,
    pub(crate) target: u8,
    /// Its delay; `None` for silence.
    pub(crate) answer: Option<Micros>,
    /// Until when the way of its answer was not free, where it was held back.
    pub(crate) held: Option<Moment>,
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
    /// Silences of a second or more that a drop may still begin with.
    recent: Pieces,
    /// Those of the drop that was closed or split last.
    finished: Pieces,
    /// The newest receipt of an answer.
    heard: Option<Moment>,
    /// Length of the gap just before the next sample.
    gap: Micros,
    /// Since when it is up; after a drop, the middle of the bounds of its end.
    up_since: Option<Moment>,
    /// Observed time in which it was up: the clock of "the last hour of link-up time".
    pub(crate) uptime: Micros,
}

impl LinkTracker {
    pub(crate) fn new(p: &Parameters) -> Self {
        Self {
            limits: LinkLimits::new(p),
            spacing: Micros::SECOND,
            anchors: 1,
            last: None,
            run: None,
            down: None,
            closed: None,
            prelude: None,
            window: SilenceWindow::new(p.drop_after.into()),
            recent: Pieces::default(),
            finished: Pieces::default(),
            heard: None,
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
        self.down.as_ref().map(|down| down.stretch)
    }
    /// The silences of the drop in progress; the last may still last.
    pub(crate) fn open_pieces(&self) -> Vec<SilentPiece> {
        let Some(down) = &self.down else { return Vec::new() };
        let mut pieces = down.pieces.clone();
        pieces.extend(self.run.filter(|_| down.answer.is_none()).map(|run| run.piece(None)));
        pieces.as_slice().to_vec()
    }
    /// From the end of the drop that was taken up again to its next silence: the link was up.
    pub(crate) fn up_before_reopening(&self) -> Option<[Micros; 2]> {
        let pieces = self.open_pieces();
        let [.., before, last] = pieces.as_slice() else { return None };
        Some([before.ended?.mono, last.start.first.mono])
    }
    /// The silences of the drop that was closed or split last, or of the last blip.
    pub(crate) fn finished_pieces(&self) -> &[SilentPiece] {
        self.finished.as_slice()
    }
    /// The silence in progress, however short.
    pub(crate) fn present_silence(&self) -> Option<PresentSilence> {
        self.run.map(|run| PresentSilence {
            piece: run.piece(None),
            is_noticeable: self.reaches(run.longest, NOTICEABLE),
        })
    }
    pub(crate) fn up_since(&self) -> Option<Moment> {
        self.up_since
    }
    /// The first probe of the closed drop that may still continue.
    pub(crate) fn may_reopen(&self) -> Option<Moment> {
        self.closed.as_ref().map(|closed| closed.stretch.first)
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
        self.down.as_ref().is_none_or(|down| down.answer.is_some())
    }

    /// The drop in progress is over at `last`, and something else begins at `first` without an
    /// answer between them. Returns the part that is over.
    pub(crate) fn split(&mut self, last: Moment, first: Moment) -> Option<SilentStretch> {
        let down = self.down.as_mut()?;
        let over = SilentStretch { last, ended: Some(first), ..down.stretch };
        self.finished = std::mem::take(&mut down.pieces);
        if let Some(run) = &mut self.run {
            if run.start.first.mono <= last.mono {
                let cut = SilentRun { last, ..*run };
                self.finished.push(cut.piece(Some(first)));
            }
            run.start = RunStart { before: Some(last), heard: None, first };
            run.unobserved = Micros::ZERO;
        }
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

    /// The silence that ended last was no drop: none continues it.
    pub(crate) fn seal(&mut self) {
        self.closed = None;
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
        confirms: impl Fn(u128, Moment) -> bool,
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
                if let Some(run) = &mut self.run {
                    run.segment = next.at;
                    if silent {
                        down.stretch.unobserved += length;
                        run.unobserved += length;
                    }
                }
                return None;
            }
            Some(down) => {
                let ended = next.at.plus(next.answer.unwrap_or_default());
                down.pieces.extend(self.run.take().map(|run| run.piece(Some(ended))));
                let step = self.close(ended, next.at);
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
                return step.or(self.over(&run, next.at, confirms));
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
        confirms: impl Fn(u128, Moment) -> bool,
    ) -> Option<LinkStep> {
        let step = match sample.answer {
            Some(rtt) => {
                self.hold(sample.held);
                self.on_answer(sample.at, rtt, confirms)
            }
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

    /// The silence in progress lasts at least until `held`: what ends it was held back until then.
    fn hold(&mut self, held: Option<Moment>) {
        let Some((run, held)) = self.run.as_mut().zip(held) else { return };
        if held.mono > run.last.mono {
            run.last = held;
            if let Some(down) = self.down.as_mut().filter(|down| down.answer.is_none()) {
                down.stretch.last = held;
            }
        }
    }

    fn on_answer(
        &mut self,
        at: Moment,
        rtt: Micros,
        confirms: impl Fn(u128, Moment) -> bool,
    ) -> Option<LinkStep> {
        let run = self.run.take();
        let received = at.plus(rtt);
        if self.heard.is_none_or(|heard| heard.mono < received.mono) {
            self.heard = Some(received);
        }
        let piece = run.filter(|run| self.reaches(run.longest, NOTICEABLE));
        let piece = piece.map(|run| run.piece(Some(received)));
        if let Some(down) = &mut self.down {
            if down.answer.is_none() {
                down.pieces.extend(piece);
            } else {
                down.pieces.receive(received);
            }
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
        self.recent.forget_before(at.mono - self.reach_back());
        self.recent.extend(piece);
        self.up_since.get_or_insert(at);
        self.window.push(at, 0, None, self.spacing);
        if self.gap == Micros::ZERO
            && let Some(last) = self.last
        {
            self.uptime += at.since(last);
        }
        let run = run?;
        let step = self.over(&run, received, confirms)?;
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
        confirms: impl Fn(u128, Moment) -> bool,
    ) -> Option<LinkStep> {
        let run = self.run.get_or_insert(SilentRun {
            start: RunStart { before: self.last, heard: self.heard, first: at },
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
        let noticeable = self.reaches(length, NOTICEABLE) && confirms(run.targets, run.start.first);
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
        confirms: impl Fn(u128, Moment) -> bool,
    ) -> Option<LinkStep> {
        let long = self.reaches(length, self.limits.drop)
            && self.is_enough(run)
            && confirms(run.targets, run.start.first);
        if long {
            return Some(self.open_drop(run.start, run));
        }
        self.window.push(run.last, target, Some(run.start), self.spacing);
        match self.window.mostly_silent(self.spacing) {
            // Where a drop takes longer than ten seconds, four fifths of that are not enough.
            Some((start, targets))
                if self.reaches(run.last.since(start.first) + self.spacing, self.limits.drop)
                    && confirms(targets | run.targets, start.first) =>
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
        let mut pieces = Pieces::default();
        let merged = self
            .closed
            .take()
            .filter(|closed| start.first.since(closed.up_from) < self.limits.merge);
        self.recent.forget_before(start.first.mono);
        let (stretch, step) = if let Some(closed) = merged {
            pieces = closed.pieces;
            let stretch = SilentStretch {
                last: run.last,
                unobserved: closed.stretch.unobserved + closed.unobserved,
                ended: None,
                flaps: closed.stretch.flaps + 1,
                ..closed.stretch
            };
            (stretch, LinkStep::Reopened)
        } else {
            let RunStart { before, first, .. } = start;
            let stretch =
                SilentStretch { before, first, last: run.last, unobserved, ended: None, flaps: 1 };
            (stretch, LinkStep::Opened)
        };
        pieces.extend(std::mem::take(&mut self.recent).as_slice().iter().copied());
        self.down = Some(OpenDrop { stretch, pieces, answer: None });
        step
    }

    fn close(&mut self, ended: Moment, up_from: Moment) -> Option<LinkStep> {
        let mut down = self.down.take()?;
        down.pieces.receive(ended);
        let stretch = SilentStretch { ended: Some(ended), ..down.stretch };
        let (pieces, unobserved) = (down.pieces, Micros::ZERO);
        self.finished = pieces.clone();
        self.closed = Some(ClosedDrop { stretch, pieces, up_from, unobserved });
        self.recent = Pieces::default();
        self.up_since = Some(ended.plus(-(ended.since(stretch.last) / 2)));
        self.window.clear();
        Some(LinkStep::Closed(stretch))
    }

    /// A silence that is no drop is over.
    fn over(
        &mut self,
        run: &SilentRun,
        ended: Moment,
        confirms: impl Fn(u128, Moment) -> bool,
    ) -> Option<LinkStep> {
        if !self.is_enough(run) || !self.reaches(run.longest, self.limits.blip) {
            return None;
        }
        self.finished = Pieces::default();
        self.finished.push(run.piece(Some(ended)));
        if confirms(run.targets, run.start.first) {
            return Some(LinkStep::Blip(run.stretch(ended)));
        }
        let long = self.reaches(run.longest, self.limits.drop);
        long.then(|| LinkStep::Unconfirmed(run.stretch(ended)))
    }

    /// How far back a drop may begin that is confirmed now.
    fn reach_back(&self) -> Micros {
        2 * self.window.length() + self.limits.merge
    }

    /// A silence in progress as long as a drop that is none: too few saw it.
    pub(crate) fn unconfirmed(&self) -> Option<RunStart> {
        let run = self.run.filter(|_| self.down.is_none())?;
        let long = self.is_enough(&run) && self.reaches(run.longest, self.limits.drop);
        long.then_some(run.start)
    }
}
