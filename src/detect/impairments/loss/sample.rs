//! What the observer of loss remembers of the probes and targets.

use crate::detect::impairments::usual::UsualLoss;
use crate::detect::monotonic::Moment;
use crate::detect::place::hop::HopPosition;
use crate::time::Micros;

/// An anchor that has not answered for this much calm time does not vote.
const ELIGIBLE: Micros = Micros::HOUR;

/// One event, as far back as an edge may lie.
#[derive(Debug, Clone, Copy)]
pub(super) struct LossSample {
    pub(super) at: Moment,
    pub(super) what: SampleKind,
}

#[derive(Debug, Clone, Copy)]
pub(super) enum SampleKind {
    /// A probe of a target, and what became of it.
    Probe { target: u8, votes: bool, fate: SampleFate },
    /// A drop, or a blip with this many lost probes.
    Cut { lost: u32 },
    /// Nothing was observed for this long before.
    Gap { length: Micros },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum SampleFate {
    Answered,
    Late,
    Lost,
}

/// A target of the family that decides.
#[derive(Debug, Clone)]
pub(super) struct LossHost {
    pub(super) hop: Option<HopPosition>,
    pub(super) decides: bool,
    /// On the clock of calm time.
    pub(super) answered: Option<Micros>,
    pub(super) usual: UsualLoss,
}

impl LossHost {
    pub(super) fn may_vote(&self, now: Micros) -> bool {
        self.answered.is_some_and(|then| now - then <= ELIGIBLE)
    }
}

impl LossSample {
    /// Whether it was lost, if it says anything of the anchors' loss.
    pub(super) fn vote(&self) -> Option<bool> {
        match self.what {
            SampleKind::Probe { votes: true, fate, .. } => Some(fate != SampleFate::Answered),
            _ => None,
        }
    }
}
