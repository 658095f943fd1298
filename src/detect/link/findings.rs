//! What is found, in the words of the vocabulary: from moments of the monotonic line to drops, gaps
//! and impairments with labels.

use super::stretch::{SilentPiece, SilentStretch};
use crate::detect::impairments::calm::CalmOutcome;
use crate::detect::impairments::web::SilenceNature;
use crate::detect::monotonic::Moment;
use crate::time::{Micros, TimeRange};
use crate::vocabulary::{
    BearingCounts, Bounds, DropStretch, Figures, Gap, GapReason, Lengths, Outcome,
};

pub(super) fn figures(nature: SilenceNature, counts: BearingCounts) -> Option<Figures> {
    match nature {
        SilenceNature::Down => None,
        SilenceNature::Filtered => Some(Figures::IcmpFiltered(counts)),
        SilenceNature::WebAlone => Some(Figures::WebAlone(counts)),
        SilenceNature::Login => Some(Figures::CaptivePortal(counts)),
        SilenceNature::OtherFamily => Some(Figures::Ipv4(counts)),
    }
}

/// From the last probe that was asked in time to `to`, in the UTC of the run that it leads to.
pub(super) fn gap(from: Moment, to: Moment, reason: GapReason) -> Gap {
    let range = TimeRange { from: to.plus(-to.since(from)).utc, to: to.utc };
    Gap { range, reason }
}

pub(super) fn drop_stretch(piece: &SilentPiece, usual: Micros, newest: Moment) -> DropStretch {
    let first = piece.start.first;
    let before = piece.start.before.map_or(Micros::ZERO, |before| first.since(before));
    let [min, max] = piece.lengths(usual, newest).map(Micros::to_duration);
    DropStretch {
        onset: Bounds {
            earliest: first.plus(-before).utc,
            latest: first.plus(piece.delay(usual)).utc,
        },
        end: piece.ended.map(|ended| Bounds {
            earliest: ended.plus(-ended.since(piece.last)).utc,
            latest: ended.utc,
        }),
        lengths: Lengths { min, max },
        unobserved: piece.unobserved.to_duration(),
    }
}

pub(super) fn end(stretch: &SilentStretch) -> Option<Bounds> {
    stretch.ended.map(|ended| Bounds {
        earliest: ended.plus(-ended.since(stretch.last)).utc,
        latest: ended.utc,
    })
}

/// What an observer of the calm link learns of an outcome.
pub(super) fn seen(outcome: &Outcome) -> Option<CalmOutcome> {
    Some(match outcome {
        Outcome::Reply(reply) => CalmOutcome::Reply {
            rtt: reply.rtt.into(),
            own_queue: reply.local_queue.map(Micros::from),
        },
        Outcome::Late { .. } => CalmOutcome::Late,
        Outcome::Lost | Outcome::Failed(_) | Outcome::Unreachable(_) => CalmOutcome::Lost,
        Outcome::NotSent(_) => return None,
    })
}
