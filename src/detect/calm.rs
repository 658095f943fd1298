//! What the observers of impairments are told: probes outside of drops and blips, stretches that
//! were drops or blips, and gaps.

use std::collections::VecDeque;

use super::steady::Moment;
use crate::vocabulary::{Role, TargetId};

/// One ICMP probe outside of drops and blips, of the family that decides, in send order.
#[derive(Debug, Clone, Copy)]
pub(super) struct Calm {
    pub(super) at: Moment,
    /// Index among the targets of the detector.
    pub(super) target: u8,
    pub(super) id: TargetId,
    pub(super) role: Role,
    /// Whether it is one of the anchors that decide.
    pub(super) decides: bool,
    pub(super) seen: Seen,
}

/// What became of a calm probe; one that was not sent is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Seen {
    /// Answered in time; microseconds.
    Reply {
        rtt: i64,
        /// Time in this host's own queues, where the kernel tells it.
        own_queue: Option<i64>,
    },
    /// Answered after the loss threshold.
    Late,
    /// Lost.
    Lost,
}

/// One thing told to the observers, in the order of the record.
#[derive(Debug, Clone, Copy)]
pub(super) enum Told {
    /// A probe.
    Probe(Calm),
    /// A drop or blip was cut out.
    Excluded {
        /// Its first silent probe.
        from: Moment,
        /// When it had ended for certain.
        to: Moment,
        /// Probes of the deciding anchors in a blip, all of them lost; of a drop it is not known.
        lost: u32,
    },
    /// Nobody watched for `length` microseconds before `next`.
    Gap {
        /// Microseconds.
        length: i64,
        /// The next probe.
        next: Moment,
    },
}

impl Told {
    fn at(&self) -> i64 {
        match self {
            Self::Probe(calm) => calm.at.steady,
            Self::Excluded { from, .. } => from.steady,
            Self::Gap { next, .. } => next.steady,
        }
    }
}

/// Holds probes back until they can no longer become part of a drop or blip.
#[derive(Debug, Clone, Default)]
pub(super) struct Held {
    queue: VecDeque<Told>,
}

impl Held {
    pub(super) fn push(&mut self, told: Told) {
        self.queue.push_back(told);
    }

    /// A drop is open that began at `first`: what it swallowed is not calm.
    pub(super) fn open(&mut self, first: Moment) {
        let since = self.queue.partition_point(|told| told.at() < first.steady);
        let rest = self.queue.split_off(since);
        let keep = |told: &Told| match told {
            Told::Probe(_) => false,
            Told::Excluded { from, .. } => from.steady < first.steady,
            Told::Gap { .. } => true,
        };
        self.queue.extend(rest.into_iter().filter(keep));
    }

    /// From `from` to `to` lasted a drop or blip. Probes sent since are calm again.
    pub(super) fn exclude(&mut self, from: Moment, to: Moment) {
        let mut lost = 0;
        self.queue.retain(|told| {
            let Told::Probe(calm) = told else { return true };
            let inside = (from.steady..to.steady).contains(&told.at());
            lost += u32::from(inside && calm.decides && calm.seen == Seen::Lost);
            !inside
        });
        let place = self.queue.partition_point(|told| told.at() < from.steady);
        self.queue.insert(place, Told::Excluded { from, to, lost });
    }

    /// The next one that was before `until`.
    pub(super) fn next_before(&mut self, until: i64) -> Option<Told> {
        self.queue.pop_front_if(|told| told.at() < until)
    }
}
