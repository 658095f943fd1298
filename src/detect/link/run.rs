//! A silence in progress, and the drops that it may become part of.

use super::stretch::{Pieces, RunStart, SilentPiece, SilentStretch};
use crate::detect::monotonic::Moment;
use crate::detect::parameters::Parameters;
use crate::time::Micros;

/// The silence in progress.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct PresentSilence {
    /// All of it.
    pub(crate) piece: SilentPiece,
    /// Whether it is a second long.
    pub(crate) is_noticeable: bool,
}

impl PresentSilence {
    /// Its first probe.
    pub(crate) fn first(&self) -> Moment {
        self.piece.start.first
    }
}

#[derive(Debug, Clone, Copy)]
pub(super) struct SilentRun {
    pub(super) start: RunStart,
    pub(super) last: Moment,
    /// First probe after the last gap in it.
    pub(super) segment: Moment,
    /// Length of its longest stretch without a gap.
    pub(super) longest: Micros,
    pub(super) probes: u32,
    /// Moments at which they were sent, and the last of these.
    pub(super) moments: u32,
    pub(super) moment: Moment,
    pub(super) targets: u128,
    pub(super) unobserved: Micros,
}

#[derive(Debug, Clone, Copy)]
pub(super) struct EndingAnswer {
    pub(super) sent: Moment,
    pub(super) received: Moment,
    /// Length of the gap just before it.
    pub(super) gap: Micros,
}

impl SilentRun {
    /// What it is when an answer, or a gap, ends it.
    pub(super) fn piece(&self, ended: Option<Moment>) -> SilentPiece {
        SilentPiece {
            start: self.start,
            last: self.last,
            unobserved: self.unobserved,
            ended,
            answered: [Micros::ZERO; 2],
            parts: 1,
        }
    }

    pub(super) fn stretch(&self, ended: Moment) -> SilentStretch {
        SilentStretch {
            before: self.start.before,
            first: self.start.first,
            last: self.last,
            unobserved: self.unobserved,
            ended: Some(ended),
            flaps: 1,
        }
    }
}

#[derive(Debug, Clone)]
pub(super) struct OpenDrop {
    pub(super) stretch: SilentStretch,
    /// Its silences that are over.
    pub(super) pieces: Pieces,
    /// The answer that may have ended it.
    pub(super) answer: Option<EndingAnswer>,
}

#[derive(Debug, Clone)]
pub(super) struct ClosedDrop {
    pub(super) stretch: SilentStretch,
    pub(super) pieces: Pieces,
    pub(super) up_from: Moment,
    /// Gaps since.
    pub(super) unobserved: Micros,
}

/// A blip from which a drop may have begun.
#[derive(Debug, Clone, Copy)]
pub(super) struct Prelude {
    pub(super) start: RunStart,
    pub(super) unobserved: Micros,
    pub(super) up_from: Moment,
}

#[derive(Debug, Clone, Copy)]
pub(super) struct LinkLimits {
    pub(super) drop: Micros,
    pub(super) blip: Micros,
    pub(super) recover: Micros,
    pub(super) merge: Micros,
    pub(super) bridge: Micros,
}

impl LinkLimits {
    pub(super) fn new(p: &Parameters) -> Self {
        Self {
            drop: p.drop_after.into(),
            blip: p.blip_after.into(),
            recover: p.recover_after.into(),
            merge: p.merge_within.into(),
            bridge: p.bridge_gap.into(),
        }
    }
}
