//! What the observers of impairments receive: probes outside of drops and blips, stretches that
//! were drops or blips, and gaps.

use std::collections::VecDeque;

use crate::detect::monotonic::Moment;
use crate::detect::place::hop::HopPosition;
use crate::time::Micros;
use crate::vocabulary::TargetId;

/// One ICMP probe outside of drops and blips, of the family that decides, in send order.
#[derive(Debug, Clone, Copy)]
pub(crate) struct CalmProbe {
    pub(crate) at: Moment,
    /// Index among the targets of the detector.
    pub(crate) target: u8,
    pub(crate) id: TargetId,
    /// Where it is on the way, if it is a hop.
    pub(crate) hop: Option<HopPosition>,
    /// Whether it is one of the anchors that decide.
    pub(crate) decides: bool,
    pub(crate) seen: CalmOutcome,
}

/// What became of a calm probe; one that was not sent has no outcome.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum CalmOutcome {
    /// Answered in time.
    Reply {
        rtt: Micros,
        /// Time in this host's own queues, where the kernel reports it.
        own_queue: Option<Micros>,
    },
    /// Answered after the loss threshold.
    Late,
    /// Lost.
    Lost,
}

/// One thing passed to the observers, in the order of the record.
#[derive(Debug, Clone, Copy)]
pub(crate) enum CalmEvent {
    /// A probe.
    Probe(CalmProbe),
    /// A drop or blip was cut out.
    Excluded {
        /// Its first silent probe.
        from: Moment,
        /// When it had ended for certain.
        to: Moment,
        /// Probes of the deciding anchors in a blip, all of them lost; of a drop it is not known.
        lost: u32,
    },
    /// Nothing was observed for `length` before `next`.
    Gap {
        /// Its length.
        length: Micros,
        /// The next probe.
        next: Moment,
    },
}

impl CalmEvent {
    fn at(&self) -> Micros {
        match self {
            Self::Probe(calm) => calm.at.mono,
            Self::Excluded { from, .. } => from.mono,
            Self::Gap { next, .. } => next.mono,
        }
    }
}

/// Holds probes back until they can no longer become part of a drop or blip.
#[derive(Debug, Clone, Default)]
pub(crate) struct HeldEvents {
    queue: VecDeque<CalmEvent>,
}

impl HeldEvents {
    pub(crate) fn push(&mut self, event: CalmEvent) {
        self.queue.push_back(event);
    }

    /// A drop that began at `first` is open: what it swallowed is not calm.
    pub(crate) fn open(&mut self, first: Moment) {
        let since = self.queue.partition_point(|event| event.at() < first.mono);
        let rest = self.queue.split_off(since);
        let keep = |event: &CalmEvent| match event {
            CalmEvent::Probe(_) => false,
            CalmEvent::Excluded { from, .. } => from.mono < first.mono,
            CalmEvent::Gap { .. } => true,
        };
        self.queue.extend(rest.into_iter().filter(keep));
    }

    /// A drop or blip lasted from `from` to `to`. Probes sent after it are calm again.
    pub(crate) fn exclude(&mut self, from: Moment, to: Moment) {
        let mut lost = 0;
        self.queue.retain(|event| {
            let CalmEvent::Probe(calm) = event else { return true };
            let inside = (from.mono..to.mono).contains(&event.at());
            lost += u32::from(inside && calm.decides && calm.seen == CalmOutcome::Lost);
            !inside
        });
        let place = self.queue.partition_point(|event| event.at() < from.mono);
        self.queue.insert(place, CalmEvent::Excluded { from, to, lost });
    }

    /// The next one that was before `until`.
    pub(crate) fn next_before(&mut self, until: Micros) -> Option<CalmEvent> {
        self.queue.pop_front_if(|event| event.at() < until)
    }
}
