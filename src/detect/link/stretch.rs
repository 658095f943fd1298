//! Silent stretches: what lies between the last answer before a silence and the first after it.

use crate::detect::monotonic::Moment;
use crate::time::Micros;
use crate::vocabulary::MOST_STRETCHES;

/// Where a silent run began.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct RunStart {
    /// The last probe before it.
    pub(crate) before: Option<Moment>,
    /// The newest receipt of an answer before it.
    pub(crate) heard: Option<Moment>,
    /// Its first probe.
    pub(crate) first: Moment,
}

/// A drop or a blip from its first silent probe to its last: the hull of its stretches.
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

/// A silence of a second or more without any answer in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct SilentPiece {
    pub(crate) start: RunStart,
    /// Its last silent probe.
    pub(crate) last: Moment,
    /// Time inside it without observation.
    pub(crate) unobserved: Micros,
    /// Receipt of the first answer after it.
    pub(crate) ended: Option<Moment>,
    /// Time about answers inside it, where it was put together from several: at least and at most.
    pub(crate) answered: [Micros; 2],
    /// How many it was put together from.
    pub(crate) parts: u32,
}

impl SilentPiece {
    /// The least and the most time without an answer; the last receipt before it cannot have come
    /// later than `usual` after its first probe, but for what is known. While it lasts, up to
    /// `newest`.
    pub(crate) fn lengths(&self, usual: Micros, newest: Moment) -> [Micros; 2] {
        let before = self.start.before.unwrap_or(self.start.first);
        let least = self.last.since(self.start.first)
            - self.delay(usual)
            - usual * i64::from(self.parts - 1)
            - self.unobserved
            - self.answered[1];
        let most = self.ended.unwrap_or(newest).since(before) - self.answered[0];
        [least.max(Micros::ZERO), most.max(Micros::ZERO)]
    }

    /// From its first probe to the latest instant at which it can have begun: not after its end.
    pub(crate) fn delay(&self, usual: Micros) -> Micros {
        let first = self.start.first;
        let heard = self.start.heard.map_or(Micros::ZERO, |heard| heard.since(first));
        let most = self.ended.map_or(usual.max(heard), |ended| ended.since(first));
        usual.max(heard).min(most)
    }

    /// Puts the next one to it: what lies between is no silence.
    fn join(&mut self, next: &Self) {
        let until = next.start.before.unwrap_or(next.start.first);
        let between = self.ended.map_or(Micros::ZERO, |ended| until.since(ended));
        self.answered[0] = self.answered[0] + between.max(Micros::ZERO) + next.answered[0];
        let at_most = next.start.first.since(self.last);
        self.answered[1] = self.answered[1] + at_most.max(Micros::ZERO) + next.answered[1];
        self.unobserved += next.unobserved;
        self.parts += next.parts;
        (self.last, self.ended) = (next.last, next.ended);
    }
}

/// The silences of a drop in order; where there are very many, the nearest are put together.
#[derive(Debug, Clone, Default)]
pub(crate) struct Pieces(Vec<SilentPiece>);

impl Pieces {
    pub(crate) fn push(&mut self, piece: SilentPiece) {
        self.0.push(piece);
        if self.0.len() <= MOST_STRETCHES {
            return;
        }
        let apart = |n: usize| self.0[n + 1].start.first.since(self.0[n].last);
        let nearest = (0..self.0.len() - 1).min_by_key(|n| apart(*n)).unwrap_or_default();
        let next = self.0.remove(nearest + 1);
        self.0[nearest].join(&next);
    }

    pub(crate) fn extend(&mut self, pieces: impl IntoIterator<Item = SilentPiece>) {
        for piece in pieces {
            self.push(piece);
        }
    }

    /// Forgets those that began before `from`.
    pub(crate) fn forget_before(&mut self, from: Micros) {
        self.0.retain(|piece| piece.start.first.mono >= from);
    }

    /// An answer to a later probe came in earlier.
    pub(crate) fn receive(&mut self, received: Moment) {
        if let Some(last) = self.0.last_mut()
            && let Some(ended) = &mut last.ended
            && received.mono < ended.mono
            && received.mono > last.last.mono
        {
            *ended = received;
        }
    }

    pub(crate) fn as_slice(&self) -> &[SilentPiece] {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::Timestamp;

    fn at(ms: i64) -> Moment {
        Moment { mono: Micros::from_millis(ms), utc: Timestamp::from_millis(ms) }
    }

    fn piece(before: i64, first: i64, last: i64, ended: i64) -> SilentPiece {
        SilentPiece {
            start: RunStart { before: Some(at(before)), heard: Some(at(before)), first: at(first) },
            last: at(last),
            unobserved: Micros::ZERO,
            ended: Some(at(ended)),
            answered: [Micros::ZERO; 2],
            parts: 1,
        }
    }

    #[test]
    fn a_shortened_list_keeps_the_sums_of_its_lengths() {
        let mut pieces = Pieces::default();
        let usual = Micros::from_millis(20);
        let mut sums = [Micros::ZERO; 2];
        for n in 0..500 {
            let from = n * 10_000 + (n * 7_919) % 3_000;
            let one = piece(from, from + 300, from + 4_000, from + 4_400);
            let lengths = one.lengths(usual, at(0));
            sums = [sums[0] + lengths[0], sums[1] + lengths[1]];
            pieces.push(one);
        }
        assert_eq!(pieces.as_slice().len(), MOST_STRETCHES);
        let kept = pieces.as_slice().iter().map(|p| p.lengths(usual, at(0)));
        let kept = kept.fold([Micros::ZERO; 2], |sum, l| [sum[0] + l[0], sum[1] + l[1]]);
        assert_eq!(kept, sums);
    }

    #[test]
    fn a_silence_begins_no_earlier_than_the_last_receipt_before_it() {
        let mut slow = piece(0, 300, 6_000, 6_400);
        slow.start.heard = Some(at(2_000));
        assert_eq!(slow.lengths(Micros::from_millis(20), at(0))[0], Micros::from_millis(4_000));
    }
}
