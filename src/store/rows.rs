//! What readers get and the pipeline gives: rows of the record as values.

use serde::Serialize;

use crate::detect::LinkDrop;
use crate::measurement::{Measurement, TargetId};
use crate::probe::HostChange;
use crate::time::Timestamp;

/// A drop with its number in this database.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredDrop {
    /// Its number: `drop:12`.
    pub id: i64,
    /// The drop.
    pub drop: LinkDrop,
}

/// All samples of one target in one minute of one run, in the order they were sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MinuteSamples {
    /// Which run.
    pub run: i64,
    /// Unix time / 60 s.
    pub minute: i64,
    /// Which target.
    pub target: TargetId,
    /// The samples.
    pub samples: Vec<Measurement>,
}

/// Something that happened to the host, as stored.
#[derive(Debug, Clone, PartialEq)]
pub struct StoredEvent {
    /// When, UTC as the clock showed it.
    pub at: Timestamp,
    /// What.
    pub what: HostChange,
}

/// A note of a person, shown on reports.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Note {
    /// Its number.
    pub id: i64,
    /// The time it is about.
    pub at: Timestamp,
    /// The text.
    pub text: String,
}
