//! The present of the link: its state, and the unknown time in progress.

use super::findings::{drop_stretch, gap};
use super::verdicts::LinkVerdicts;
use crate::detect::impairments::observers::Observers;
use crate::detect::impairments::web::SilenceNature;
use crate::detect::monotonic::Moment;
use crate::detect::place::evidence::PlaceFinding;
use crate::time::Timestamp;
use crate::vocabulary::{Gap, GapReason, LinkState};

impl LinkVerdicts {
    /// All that was sent up to `at` has been reported.
    pub(crate) fn on_time(&mut self, at: Moment) {
        if self.run.watching && self.newest.is_none_or(|newest| newest.mono < at.mono) {
            self.newest = Some(at);
        }
    }

    /// The unknown time in progress: too few saw the silence, or no anchor is asked.
    pub(crate) fn open_gap(&self) -> Option<Gap> {
        self.unproven().or_else(|| self.unasked_gap())
    }

    pub(super) fn unproven(&self) -> Option<Gap> {
        let start = self.group.link.unconfirmed()?;
        let to = self.newest?;
        Some(gap(start.before.unwrap_or(start.first), to, self.why_unproven()))
    }

    pub(super) fn why_unproven(&self) -> GapReason {
        if self.group.has_answered() { GapReason::Unconfirmed } else { GapReason::Unanswered }
    }

    /// The time since the last probe of an anchor that says something, where it is too long.
    pub(super) fn unasked_gap(&self) -> Option<Gap> {
        let (from, to) = (self.last_asked()?, self.newest?);
        let long = to.since(from) > self.group.longest_pause();
        long.then(|| gap(from, to, self.run.gap_reason()))
    }

    /// While no anchor is probed, nothing that is held can become part of a drop, and no other group
    /// can be said to fail alone.
    pub(super) fn note_unasked(&self, at: Moment, observers: &mut Observers) {
        if self.unasked_gap().is_some() {
            observers.on_unasked();
            observers.release(at, &self.group.link);
        }
    }

    /// The same where this host refused to send: of other probes that are not in the record it is not
    /// known whether they were on their way when it ended.
    pub(super) fn refused_gap(&self) -> Option<Gap> {
        let is_refused =
            |why| matches!(why, GapReason::NotSent | GapReason::DeadEntry | GapReason::OtherWay);
        self.unasked_gap().filter(|gap| is_refused(gap.reason))
    }

    /// The last probe of an anchor that says something, or what has been accounted for since.
    pub(super) fn last_asked(&self) -> Option<Moment> {
        let asked = [self.group.link.last(), self.unasked];
        asked.into_iter().flatten().max_by_key(|moment| moment.mono)
    }

    /// Whether the anchors answer, as far as the newest probe shows.
    pub(crate) fn is_answered(&self) -> bool {
        let link = &self.group.link;
        let is_silent = link.present_silence().is_some_and(|silence| silence.is_noticeable);
        link.open().is_none() && !is_silent && link.up_since().is_some()
    }

    /// The state of the link and since when, the middle of the bounds; `None` where nothing is known.
    pub(crate) fn state(&self) -> (LinkState, Option<Timestamp>) {
        let utc = |moment: Moment| Some(moment.utc);
        if !self.run.watching {
            return (LinkState::Unknown, None);
        }
        if let Some(gap) = self.open_gap() {
            return (LinkState::Unknown, Some(gap.range.from));
        }
        let link = &self.group.link;
        if let Some(stretch) = link.open() {
            let state = match self.web.nature() {
                SilenceNature::Down => LinkState::Down,
                SilenceNature::Filtered
                | SilenceNature::WebAlone
                | SilenceNature::Login
                | SilenceNature::OtherFamily => LinkState::Disputed,
            };
            // The same figure as the drop has.
            let drop = self.link_drop(&stretch, &link.open_pieces(), PlaceFinding::default());
            return (state, Some(drop.onset.midpoint()));
        }
        match (link.present_silence(), link.up_since()) {
            (Some(silence), _) if silence.is_noticeable => {
                let newest = link.last().unwrap_or(silence.first());
                let so_far = drop_stretch(&silence.piece, self.delays.median(), newest);
                (LinkState::Suspect, Some(so_far.onset.midpoint()))
            }
            (_, Some(since)) => (LinkState::Up, utc(since)),
            _ => (LinkState::Unknown, None),
        }
    }

    pub(crate) fn gaps(&self) -> &[Gap] {
        self.unknown.list()
    }

    /// Removes and returns the gaps.
    pub(crate) fn take_gaps(&mut self) -> Vec<Gap> {
        self.unknown.unfinish();
        self.unknown.take()
    }

    /// Lists a gap again that was taken too early.
    pub(crate) fn restore_gap(&mut self, gap: Option<&Gap>) {
        self.unknown.restore(gap);
    }

    /// Forgets these gaps: another detector of the same record gave them out.
    pub(crate) fn discard_gaps(&mut self, given: &[Gap]) {
        self.unknown.discard(given);
    }
}
