//! What has its place in the record: a drop with its number, an event with its time.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::link_drop::LinkDrop;
use super::observation::HostChange;
use crate::time::Timestamp;

/// A drop with its number in this database.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredDrop {
    /// Its number: `drop:12`.
    pub id: i64,
    /// The key that it was first stored under; `None`: the one that it has.
    pub first_key: Option<Timestamp>,
    /// The drop.
    pub drop: LinkDrop,
}

/// Something that happened to the host, as stored.
#[derive(Debug, Clone, PartialEq)]
pub struct StoredEvent {
    /// When, UTC as the clock showed it.
    pub at: Timestamp,
    /// What.
    pub what: HostChange,
}

/// Bytes through the interface of the default route between two readings of its counters, about a
/// minute apart: of this host alone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Traffic {
    /// Unix time / 60 s of the earlier reading.
    pub minute: i64,
    /// The interface.
    pub interface: String,
    /// From one reading to the other.
    pub length: Duration,
    /// Bytes received.
    pub received: u64,
    /// Bytes sent.
    pub sent: u64,
}
