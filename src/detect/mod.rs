//! From measurements to verdicts: drops, blips, target trouble, and where. Pure: no clock, no I/O.
//!
//! [`Detector`] is fed runs and measurements in send order and holds the drops it found.
//! [`LiveDetector`] is the detector of the daemon: it gives provisional verdicts at once and
//! revises them when late replies arrive, so that what it ends with is exactly what [`Detector`]
//! finds in the stored measurements.
//!
//! - A *silent run* is a maximal run of consecutive anchor probes without an answer. A late answer
//!   ends it, for it proves connectivity; an ICMP error does not.
//! - A run of 5 s on two anchors or more is a *drop*, one of 2 to 5 s a *blip* (never fewer than
//!   three probes, however sparse, nor than there are anchors). A drop is also any stretch of 10 s
//!   (or as long as a drop has to be, if that is more) of which 80 % lie in silent runs of 1 s or
//!   more. It ends with the first answer that no silence of 1 s follows within 3 s. Drops less than
//!   10 s apart are one, and a blip less than 3 s before a drop is its beginning.
//! - Only anchors that answered within the last hour of link-up time confirm a drop, two at least.
//!   In a run that probes a single anchor, that one suffices.
//! - A *gap* is time without observation. A silence of 1 s or more on both sides of a gap of at
//!   most 10 min is one silence; its time in the gap counts as unobserved. Otherwise the edge of
//!   the drop lies somewhere in the gap, and its bounds say so.
//! - Anything else that is wrong is an [`Impairment`](crate::vocabulary::Impairment), found by a rule of
//!   its own: IPv6 anchors or
//!   name servers silent while the link works (`family`), several anchors out of reach (`partial`),
//!   anchors silent while web requests are answered (`web`: filtered ICMP, a portal). Observers of
//!   the calm link, which sees no drops and blips, find loss (`loss`: the last minute against the
//!   last day), and delay and routes that became longer (`slow`: blocks of 10 s against those of
//!   the last day). An impairment in progress does not count as usual; the hops that share it show
//!   its place.

mod changes;
mod detector;
mod failover;
mod impairments;
mod link;
mod live_detector;
mod monotonic;
mod parameters;
mod place;
mod target_index;

pub use detector::Detector;
pub(crate) use impairments::chance::binomial_tail;
pub use live_detector::{Change, LOOKBACK, LiveDetector};
pub use parameters::Parameters;

#[cfg(test)]
mod tests;
