//! Drops of the link with their bounds, and the state of the link.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::lengths::Lengths;
use super::place::Place;
use super::target::TargetId;
use crate::text::words::word_enum;
use crate::time::Timestamp;

/// Earliest and latest instant at which something can have happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bounds {
    /// Not before.
    pub earliest: Timestamp,
    /// Not after.
    pub latest: Timestamp,
}

impl Bounds {
    /// The middle, the best single figure.
    pub fn midpoint(&self) -> Timestamp {
        self.earliest.plus_micros(self.latest.micros_since(self.earliest) / 2)
    }
}

word_enum! {
    /// How long no anchor answered: classes by the bounds of the length, so far.
    pub enum DropKind: "kind of drop" {
        /// Less than 5 s at most: counted, never alarmed.
        Blip = "blip",
        /// 2 s or more, perhaps 5 s: its bounds do not say whether it was a blip or a drop. It is in
        /// the bounds of availability and in no count of drops.
        Possible = "possible",
        /// At least 5 s.
        Drop = "drop",
        /// More than 5 min at least.
        Outage = "outage",
    }
}

impl DropKind {
    /// The class of a silence by the bounds of its length. One without an `end` lasts, and is a drop
    /// as soon as it is confirmed.
    pub fn by_bounds(
        down: Lengths,
        end: Option<Bounds>,
        drop_after: Duration,
        outage_after: Duration,
    ) -> Self {
        match down {
            Lengths { min, .. } if min > outage_after => Self::Outage,
            Lengths { min, .. } if min >= drop_after || end.is_none() => Self::Drop,
            Lengths { max, .. } if max >= drop_after => Self::Possible,
            _ => Self::Blip,
        }
    }

    /// Whether it is a drop or an outage, and so down time.
    pub fn is_down(self) -> bool {
        matches!(self, Self::Drop | Self::Outage)
    }
}

/// A stretch without any answer: from the last answer before it to the first after it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DropStretch {
    /// When it began.
    pub onset: Bounds,
    /// When it ended; `None` while it lasts.
    pub end: Option<Bounds>,
    /// The least and the most time without an answer. In a list that was shortened a stretch may
    /// contain answers: the time about them is not in it.
    pub lengths: Lengths,
    /// Time inside it without observation: not in the least, and in the most.
    pub unobserved: Duration,
}

/// A blip, a drop or an outage: one silence of the anchors, or several with little between them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LinkDrop {
    /// What it is the same drop by, however it grows: send time of its first silent probe.
    pub key: Timestamp,
    /// Its class.
    pub kind: DropKind,
    /// When it began.
    pub onset: Bounds,
    /// When it ended; `None` while it lasts.
    pub end: Option<Bounds>,
    /// The least time the link was down, the sum of its stretches: unobserved time inside is taken
    /// off. While it lasts, so far.
    pub min: Duration,
    /// The most time the link can have been down, the sum of its stretches.
    pub max: Duration,
    /// Time inside it without observation.
    pub unobserved: Duration,
    /// The silences that it is made of, in order: at least one, and at most
    /// [`MOST_STRETCHES`]. Stray replies and flaps lie between them.
    pub stretches: Vec<DropStretch>,
    /// The places it may lie in, from the host outwards; one when the evidence is clear, empty
    /// when there is none.
    pub places: Vec<Place>,
    /// Targets that answered in its core.
    pub answered: Vec<TargetId>,
    /// Targets that did not.
    pub silent: Vec<TargetId>,
    /// How many drops less than 10 s apart it is made of.
    pub flaps: u32,
}

/// The most stretches that a drop lists: where there are more, those nearest to each other are
/// listed as one, and their lengths stay sums.
pub const MOST_STRETCHES: usize = 64;

impl LinkDrop {
    /// The one stretch of a drop of which no more is known than its edges and its length.
    pub fn whole(&self) -> DropStretch {
        let lengths = Lengths { min: self.min, max: self.max };
        DropStretch { onset: self.onset, end: self.end, lengths, unobserved: self.unobserved }
    }

    /// Whether it is a drop or an outage that is over.
    pub fn is_past(&self) -> bool {
        self.end.is_some() && self.kind.is_down()
    }

    /// What is known of a drop that lasts when nothing has been answered up to `at`: probes of the
    /// last `waiting` may still be answered in time.
    pub fn extend_to(&mut self, at: Timestamp, waiting: Duration) {
        let Some(stretch) = self.stretches.last_mut().filter(|stretch| stretch.end.is_none())
        else {
            return;
        };
        let since = |from: Timestamp, until: Timestamp| {
            until.duration_since(from).unwrap_or_default().saturating_sub(stretch.unobserved)
        };
        let min = since(stretch.onset.latest, at - waiting);
        let max = since(stretch.onset.earliest, at) + stretch.unobserved;
        stretch.lengths.min = stretch.lengths.min.max(min);
        stretch.lengths.max = stretch.lengths.max.max(max);
        self.min = self.stretches.iter().map(|stretch| stretch.lengths.min).sum();
        self.max = self.stretches.iter().map(|stretch| stretch.lengths.max).sum();
    }

    /// For tests: a drop in one stretch with these edges, of which nothing else is known.
    #[cfg(test)]
    pub(crate) fn bare(onset: Bounds, end: Option<Bounds>, [min, max]: [Duration; 2]) -> Self {
        Self {
            key: onset.midpoint(),
            kind: DropKind::Drop,
            onset,
            end,
            min,
            max,
            unobserved: Duration::ZERO,
            stretches: Vec::new(),
            places: Vec::new(),
            answered: Vec::new(),
            silent: Vec::new(),
            flaps: 1,
        }
        .in_one_stretch()
    }

    /// The drop as [one stretch](Self::whole).
    #[must_use]
    pub fn in_one_stretch(self) -> Self {
        Self { stretches: vec![self.whole()], ..self }
    }

    /// Its places in words: `access`, `access|isp-core`, `unknown`.
    pub fn place_text(&self) -> String {
        if self.places.is_empty() {
            return "unknown".to_owned();
        }
        self.places.iter().map(|p| p.as_str()).collect::<Vec<_>>().join("|")
    }
}

word_enum! {
    /// State of the link, live.
    pub enum LinkState: "state of the link" {
        /// Nothing observed yet, or nothing lately that could show it.
        Unknown = "unknown",
        /// At least one anchor answers.
        Up = "up",
        /// No anchor has answered for a second or more; may be withdrawn.
        Suspect = "suspect",
        /// A drop is confirmed.
        Down = "down",
        /// The anchors are silent, and something else answers.
        Disputed = "disputed",
    }
}
