//! Target trouble: one target loses its probes while others answer.
//!
//! A score counts losses up and answers down between 0 and twice the threshold, so that a target
//! that drops 70 % is in trouble like one that is dead, and random loss never is. Losses count only
//! when another anchor answers just after them: what all lose together is the link's doing. Those of
//! a name server or a TCP service count when another one answers that had not fallen silent with it:
//! what all of them lose together is the doing of UDP or TCP. Where there is no other that has
//! answered lately, an anchor does. Trouble needs another anchor whose own recent loss is below a
//! quarter.

use super::ledger::NumberedList;
use crate::detect::monotonic::Moment;
use crate::detect::target_index::Transport;
use crate::time::{Micros, Timestamp};
use crate::vocabulary::{TargetId, TargetTrouble};

/// Recent loss of another anchor that makes it a good witness.
const WITNESS_LOSS: f32 = 0.25;
/// Weight of the newest probe in the recent loss of an anchor.
const NEWEST: f32 = 1.0 / 32.0;

#[derive(Debug, Clone, Copy)]
struct TroubleTally {
    lost: u32,
    sent: u32,
}

#[derive(Debug, Clone)]
struct Suspect {
    target: TargetId,
    /// Whether it is one of the anchors that decide, and so a witness for others.
    decides: bool,
    recent_loss: f32,
    /// Losses that are trouble.
    threshold: u32,
    score: u32,
    from: Option<Moment>,
    tally: TroubleTally,
    /// What carries its probes.
    transport: Transport,
    /// When it last answered.
    answered: Option<Moment>,
    /// Losses since it last answered.
    in_a_row: u32,
    /// Losses since another witness answered.
    pending: u32,
    pending_from: Option<Moment>,
    /// First answer since the score was last at its highest, with the tally before it.
    recovery: Option<(Moment, TroubleTally)>,
    /// Index of its trouble, once declared.
    declared: Option<u64>,
}

/// The troubles of all targets.
#[derive(Debug, Clone)]
pub(crate) struct Troubles {
    threshold: u32,
    suspects: Vec<Suspect>,
    list: NumberedList<TargetTrouble>,
    /// How often one was declared or ended.
    changes: u32,
    last_end: Option<Timestamp>,
}

/// A target that can be in trouble.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Candidate {
    pub(crate) target: TargetId,
    /// Whether it is one of the anchors that decide.
    pub(crate) decides: bool,
    /// Distance of its slots.
    pub(crate) interval: Micros,
    /// What carries its probes.
    pub(crate) transport: Transport,
}

/// Fewer losses are not trouble, however rarely a target is probed.
const LEAST: u32 = 6;
/// Others of its kind are witnesses for this long after their last answer.
const LATELY: Micros = Micros::HOUR;
/// A witness that lost as many in a row was silent itself.
const SILENT: u32 = 2;

impl Troubles {
    pub(crate) fn new(threshold: u32) -> Self {
        Self {
            threshold: threshold.max(1),
            suspects: Vec::new(),
            list: NumberedList::default(),
            changes: 0,
            last_end: None,
        }
    }

    /// Makes room for the targets, in their order; those already known keep their score.
    /// The threshold is that of a probe a second; those asked more rarely need fewer losses.
    pub(crate) fn set_targets(&mut self, targets: impl Iterator<Item = Candidate>) {
        for (index, candidate) in targets.enumerate() {
            let Candidate { target, decides, interval, transport } = candidate;
            let scaled = i64::from(self.threshold) * Micros::SECOND / interval.max(Micros::SECOND);
            let least = LEAST.min(self.threshold);
            let threshold = u32::try_from(scaled).unwrap_or(u32::MAX).max(least);
            match self.suspects.get_mut(index) {
                Some(suspect) => {
                    (suspect.decides, suspect.threshold) = (decides, threshold);
                    suspect.transport = transport;
                }
                None => self.suspects.push(Suspect {
                    target,
                    decides,
                    recent_loss: 1.0,
                    threshold,
                    score: 0,
                    from: None,
                    tally: TroubleTally { lost: 0, sent: 0 },
                    pending: 0,
                    pending_from: None,
                    recovery: None,
                    declared: None,
                    transport,
                    answered: None,
                    in_a_row: 0,
                }),
            }
        }
    }

    pub(crate) fn list(&self) -> &[TargetTrouble] {
        self.list.list()
    }

    /// The numbers of [`Self::list`].
    pub(crate) fn numbers(&self) -> &[u64] {
        self.list.numbers()
    }

    /// How often one was declared or ended.
    pub(crate) fn changes(&self) -> u32 {
        self.changes
    }

    /// When the trouble ended that ended last.
    pub(crate) fn last_end(&self) -> Option<Timestamp> {
        self.last_end
    }

    /// The anchors that decide: those in trouble with the time it began, and those that answer.
    pub(crate) fn anchors(&self) -> (Vec<(TargetId, Timestamp)>, Vec<TargetId>) {
        let anchors = || self.suspects.iter().filter(|s| s.decides);
        let troubled = anchors()
            .filter(|s| s.declared.is_some())
            .filter_map(|s| Some((s.target, s.from?.utc)))
            .collect();
        let answers = |s: &&Suspect| s.declared.is_none() && s.recent_loss < WITNESS_LOSS;
        (troubled, anchors().filter(answers).map(|s| s.target).collect())
    }

    /// Removes those that are over.
    pub(crate) fn forget(&mut self) {
        self.list.forget(|trouble| trouble.to.is_some());
    }

    /// A probe of `index` was lost.
    pub(crate) fn on_lost(&mut self, index: usize, at: Moment) {
        let Some(suspect) = self.suspects.get_mut(index) else { return };
        suspect.pending += 1;
        suspect.in_a_row = suspect.in_a_row.saturating_add(1);
        suspect.pending_from.get_or_insert(at);
    }

    /// What the target `index` lost was not lost by it alone.
    pub(crate) fn on_shared_silence(&mut self, index: usize) {
        if let Some(suspect) = self.suspects.get_mut(index) {
            suspect.pending = 0;
            suspect.pending_from = None;
        }
    }

    /// What was lost since another anchor answered was lost by the link.
    pub(crate) fn on_link_silence(&mut self) {
        for suspect in &mut self.suspects {
            suspect.pending = 0;
            suspect.pending_from = None;
        }
    }

    /// The target `index` answered.
    pub(crate) fn on_answer(&mut self, index: usize, at: Moment) {
        let is_witness =
            |suspect: &Suspect| suspect.decides || suspect.transport != Transport::Pings;
        if self.suspects.get(index).is_some_and(is_witness) {
            self.count_losses(index, at);
        }
        let Some(suspect) = self.suspects.get_mut(index) else { return };
        (suspect.answered, suspect.in_a_row) = (Some(at), 0);
        suspect.recent_loss *= 1.0 - NEWEST;
        if suspect.score == 0 {
            return;
        }
        suspect.score -= 1;
        suspect.recovery.get_or_insert((at, suspect.tally));
        suspect.tally.sent += 1;
        if suspect.score > 0 {
            return;
        }
        let recovery = suspect.recovery.take();
        suspect.from = None;
        let declared = suspect.declared.take();
        if let Some(number) = declared
            && let Some(trouble) = self.list.get_mut(number)
            && let Some((to, tally)) = recovery
        {
            trouble.to = Some(to.utc);
            trouble.lost = tally.lost;
            trouble.sent = tally.sent;
            self.changes += 1;
            self.last_end = Some(to.utc);
        }
    }

    /// Whether another that is asked in the same way has answered lately.
    fn has_peer(&self, index: usize, now: Moment) -> bool {
        let transport = self.suspects[index].transport;
        let lately = |suspect: &Suspect| suspect.answered.is_some_and(|at| now.since(at) <= LATELY);
        let mut others = self.suspects.iter().enumerate().filter(|(other, _)| *other != index);
        transport != Transport::Pings
            && others.any(|(_, other)| other.transport == transport && lately(other))
    }

    /// The target `witness` answered: the losses of others before it are their own.
    fn count_losses(&mut self, witness: usize, at: Moment) {
        let Suspect { transport, decides, in_a_row, .. } = self.suspects[witness];
        for index in 0..self.suspects.len() {
            if index == witness || self.suspects[index].pending == 0 {
                continue;
            }
            let bears_witness = if self.has_peer(index, at) {
                transport == self.suspects[index].transport
            } else {
                decides
            };
            if !bears_witness {
                continue;
            }
            if transport != Transport::Pings && in_a_row >= SILENT {
                self.on_shared_silence(index);
                continue;
            }
            let suspect = &mut self.suspects[index];
            let limit = 2 * suspect.threshold;
            let losses = std::mem::take(&mut suspect.pending);
            let first = suspect.pending_from.take();
            if suspect.score == 0 {
                suspect.from = first;
                suspect.tally = TroubleTally { lost: 0, sent: 0 };
            }
            suspect.score = (suspect.score + losses).min(limit);
            if suspect.score == limit {
                suspect.recovery = None;
            }
            suspect.tally.lost = suspect.tally.lost.saturating_add(losses);
            suspect.tally.sent = suspect.tally.sent.saturating_add(losses);
            for _ in 0..losses.min(32) {
                suspect.recent_loss += (1.0 - suspect.recent_loss) * NEWEST;
            }
            self.declare(index);
        }
    }

    fn declare(&mut self, index: usize) {
        let witnessed = self.suspects.iter().enumerate().any(|(other, anchor)| {
            other != index && anchor.decides && anchor.recent_loss < WITNESS_LOSS
        });
        let suspect = &mut self.suspects[index];
        if let Some(number) = suspect.declared {
            if let Some(trouble) = self.list.get_mut(number) {
                trouble.lost = suspect.tally.lost;
                trouble.sent = suspect.tally.sent;
            }
        } else if suspect.score >= suspect.threshold
            && witnessed
            && let Some(from) = suspect.from
        {
            let (target, TroubleTally { lost, sent }) = (suspect.target, suspect.tally);
            self.changes += 1;
            let number =
                self.list.declare(TargetTrouble { target, from: from.utc, to: None, lost, sent });
            suspect.declared = Some(number);
        }
    }
}
