//! Drops of the link with their bounds, and the state of the link.

use std::time::Duration;

use serde::{Deserialize, Serialize};

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
    /// How long no anchor answered: classes by the length that is proven, so far.
    pub enum DropKind: "kind of drop" {
        /// 2 to 5 s: counted, never alarmed.
        Blip = "blip",
        /// 5 s to 5 min.
        Drop = "drop",
        /// More than 5 min.
        Outage = "outage",
    }
}

/// A stretch in which no anchor answered: a blip, a drop or an outage.
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
    /// The least time the link was down: unobserved time inside is taken off. While it lasts, so
    /// far.
    pub min: Duration,
    /// The most time the link can have been down.
    pub max: Duration,
    /// Time inside it without observation.
    pub unobserved: Duration,
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

impl LinkDrop {
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
        /// Nothing observed yet, or nothing that could show it.
        Unknown = "unknown",
        /// At least one anchor answers.
        Up = "up",
        /// No anchor has answered for a second or more; may be withdrawn.
        Suspect = "suspect",
        /// A drop is confirmed.
        Down = "down",
    }
}
