//! Remote write in the present: how far each receiver is.

use serde::{Deserialize, Serialize};

use crate::text::words::word_enum;
use crate::time::Timestamp;

word_enum! {
    /// How sending to a receiver goes.
    pub enum WriteState: "state of a receiver" {
        /// It takes what is sent.
        Sending = "sending",
        /// The link is not up: nothing is sent.
        Waiting = "waiting",
        /// It is not reached, or fails; it is tried again.
        Failing = "failing",
        /// It does not take what is sent, and would take it with another setting. Nothing is left out.
        Held = "held",
    }
}

word_enum! {
    /// Why a receiver is held.
    pub enum HoldReason: "reason of a hold" {
        /// It takes nothing that is as old.
        TooOld = "too-old",
        /// It has newer samples of the same series.
        OutOfOrder = "out-of-order",
        /// It refuses: wrong credentials, another address, another protocol.
        Refused = "refused",
    }
}

/// A receiver in a status.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct WriteStatus {
    /// Its name.
    pub receiver: String,
    /// How sending goes.
    pub state: WriteState,
    /// Why it is held.
    pub held: Option<HoldReason>,
    /// What it said, or why it was not reached; `None` while it takes what is sent.
    pub why: Option<String>,
    /// Since when it has been held or has failed.
    pub since: Option<Timestamp>,
    /// The record up to here has been taken; `None`: nothing was yet.
    pub until: Option<Timestamp>,
    /// How far that is behind the present, in seconds.
    pub behind_s: Option<f64>,
    /// Samples taken since the start of the daemon.
    pub sent: u64,
    /// Requests that failed since the start of the daemon.
    pub failed_requests: u64,
    /// Samples that it refused and that were left out (`on-too-old = "skip"`), ever.
    pub skipped: u64,
}

/// News of a receiver.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum WriteNews {
    /// It does not take what is sent; carries what it said.
    Held(HoldReason, String),
    /// It is not reached, or fails; carries why.
    Fails(String),
    /// Samples that it refuses are left out from here on; carries what it said.
    Skips(String),
    /// It takes what is sent again.
    Works,
}
