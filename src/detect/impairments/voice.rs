//! One voice against all: an anchor that answers alone while every other witness beyond the home is
//! silent: the other anchors of both families, web checks, name servers, the ISP's first hop.
//!
//! What answers then is more likely a box nearer than the internet. For as long as that lasts, the
//! time is disputed; if it happens again, the anchor is a false witness, and is believed no more.

use std::time::Duration;

use super::ledger::Ledger;
use crate::detect::monotonic::{Moment, RunCrossing};
use crate::detect::target_index::{TargetIndex, WitnessKind};
use crate::time::Micros;
use crate::vocabulary::{BearingCounts, Bounds, Figures, Impairment, Outcome, TargetId};

/// A witness counts for this long after its last answer.
const ABLE: Micros = Micros::HOUR;
/// A witness that is asked less often is not waited for.
const SELDOM: Micros = Micros::from_seconds(60);
/// An anchor alone has to answer this often in a row to be a voice: on a line that loses most of all
/// packets, single answers come from one anchor now and from another then.
const ANSWERS: u32 = 5;

/// What became of the last probes of one witness.
#[derive(Debug, Clone, Copy, Default)]
struct WitnessLife {
    answered: Option<Moment>,
    /// First and last probe lost since the last answer.
    lost: Option<(Moment, Moment)>,
}

/// Whether two targets are at one address: one box answers for both.
fn is_same(targets: &TargetIndex, anchor: u8, other: u8) -> bool {
    let address = targets.listed(anchor).address;
    anchor == other || (address.is_some() && targets.listed(other).literal == address)
}

/// An anchor that answers alone.
#[derive(Debug, Clone, Copy)]
struct OpenVoice {
    index: u8,
    number: u64,
    counts: BearingCounts,
    /// Its last answer.
    last: Moment,
}

/// Looks for a voice alone.
#[derive(Debug, Clone)]
pub(crate) struct VoiceObserver {
    enough: Micros,
    lives: Vec<WitnessLife>,
    /// Since the last answer of any other witness, how often an anchor answered in a row.
    alone: Option<(u8, u32)>,
    open: Option<OpenVoice>,
    /// Anchors that answered alone before.
    suspects: Vec<TargetId>,
    false_witnesses: Vec<TargetId>,
}

impl VoiceObserver {
    /// A voice has to be alone for `enough`.
    pub(crate) fn new(enough: Micros) -> Self {
        Self {
            enough,
            lives: Vec::new(),
            alone: None,
            open: None,
            suspects: Vec::new(),
            false_witnesses: Vec::new(),
        }
    }

    /// This anchor answered alone at some earlier time.
    pub(crate) fn suspect(&mut self, target: TargetId) {
        self.suspects.push(target);
    }

    /// This anchor is known to be a false witness.
    pub(crate) fn disbelieve(&mut self, target: TargetId) {
        self.false_witnesses.push(target);
    }

    /// Whether an anchor answers alone at present.
    pub(crate) fn is_open(&self) -> bool {
        self.open.is_some()
    }

    /// Anchors that answered alone more than once.
    pub(crate) fn false_witnesses(&self) -> &[TargetId] {
        &self.false_witnesses
    }

    /// What was silent before the machine was switched off may not be probed any more.
    pub(crate) fn begin_run(&mut self, crossing: RunCrossing) {
        if crossing != RunCrossing::SameBoot {
            self.lives.clear();
            self.alone = None;
        }
    }

    /// A probe of a witness. Gives the anchor that it shows to be a false witness.
    pub(crate) fn on_probe(
        &mut self,
        index: u8,
        at: Moment,
        outcome: &Outcome,
        targets: &TargetIndex,
        ledger: &mut Ledger,
    ) -> Option<TargetId> {
        let kind = targets.listed(index).witness?;
        let is_answer = matches!(outcome, Outcome::Reply(_) | Outcome::Late { .. });
        if !outcome.was_sent() {
            return None;
        }
        let place = usize::from(index);
        if self.lives.len() <= place {
            self.lives.resize(place + 1, WitnessLife::default());
        }
        let life = &mut self.lives[place];
        if !is_answer {
            let first = life.lost.map_or(at, |(first, _)| first);
            life.lost = Some((first, at));
            if self.open.is_none() {
                self.alone = self.alone.filter(|(alone, _)| *alone != index);
            }
            self.look_for_end(at, ledger);
            return None;
        }
        *life = WitnessLife { answered: Some(at), lost: None };
        if self.alone.is_some_and(|(alone, _)| alone != index && is_same(targets, alone, index)) {
            return None;
        }
        if self.open.is_some_and(|open| open.index != index) {
            self.end(at, ledger);
        }
        let before = self.alone.filter(|(alone, _)| *alone == index).map_or(0, |(_, n)| n);
        self.alone = (kind == WitnessKind::Anchor).then_some((index, before + 1));
        if let Some(open) = &mut self.open {
            open.last = at;
            open.counts.bearing += 1;
            open.counts.sent += 1;
            if let Some(known) = ledger.get_mut(open.number) {
                known.figures = Figures::SuspectVoice(open.counts);
            }
            return None;
        }
        (before + 1 >= ANSWERS).then(|| self.look(index, at, targets, ledger)).flatten()
    }

    /// Whether the anchor that just answered is alone, for long enough.
    fn look(
        &mut self,
        index: u8,
        at: Moment,
        targets: &TargetIndex,
        ledger: &mut Ledger,
    ) -> Option<TargetId> {
        let able = |life: &WitnessLife| life.answered.is_some_and(|then| at.since(then) <= ABLE);
        let lives = (0_u8..).zip(&self.lives);
        let others: Vec<_> = lives
            .filter(|(other, life)| able(life) && !is_same(targets, index, *other))
            .filter_map(|(other, life)| {
                let listed = targets.listed(other);
                Some((listed.witness?, listed.interval > SELDOM, life))
            })
            .collect();
        let answered =
            others.iter().filter_map(|(_, _, life)| life.answered).max_by_key(|m| m.mono)?;
        // Whoever has not been asked since it answered has not been silent, and is waited for unless
        // it is seldom asked.
        let silent = others.iter().filter(|(_, _, life)| life.lost.is_some());
        if others.iter().any(|(_, seldom, life)| life.lost.is_none() && !seldom) {
            return None;
        }
        let (anchors, beyond): (Vec<_>, Vec<_>) =
            silent.partition(|(kind, ..)| *kind == WitnessKind::Anchor);
        if anchors.is_empty() || beyond.is_empty() {
            return None;
        }
        let lost = anchors.iter().chain(&beyond).filter_map(|(_, _, life)| life.lost);
        let after = lost.map(|(first, _)| first).filter(|f| f.since(answered) > Micros::ZERO);
        let first = after.min_by_key(|moment| moment.mono).unwrap_or(answered);
        if at.since(first) < self.enough {
            return None;
        }
        let target = targets.watched()[usize::from(index)].id;
        let counts = BearingCounts { bearing: ANSWERS, sent: ANSWERS };
        let number = ledger.declare(Impairment {
            key: first.utc,
            target: Some(target),
            onset: Bounds { earliest: first.plus(-first.since(answered)).utc, latest: first.utc },
            end: None,
            unobserved: Duration::ZERO,
            places: Vec::new(),
            figures: Figures::SuspectVoice(counts),
        });
        self.open = Some(OpenVoice { index, number, counts, last: at });
        if !self.suspects.contains(&target) {
            self.suspects.push(target);
            return None;
        }
        self.false_witnesses.push(target);
        self.end(at, ledger);
        Some(target)
    }

    /// A voice that falls silent like all others is alone no more.
    fn look_for_end(&mut self, at: Moment, ledger: &mut Ledger) {
        if let Some(open) = self.open.filter(|open| at.since(open.last) >= self.enough) {
            self.end(open.last, ledger);
        }
    }

    fn end(&mut self, at: Moment, ledger: &mut Ledger) {
        let Some(open) = self.open.take() else { return };
        self.alone = None;
        if let Some(known) = ledger.get_mut(open.number) {
            let earliest = open.last.utc.min(at.utc);
            known.end = Some(Bounds { earliest, latest: at.utc });
        }
    }
}
