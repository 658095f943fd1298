//! What a modem says of itself: one reading, in which everything is optional.
//!
//! A value that the modem does not show is `None` with a note that says why, never 0.

mod account;
mod channel;
mod kind;
mod levels;
mod log_entry;
mod secret;
mod text_form;

use std::net::IpAddr;
use std::time::Duration;

use jiff::civil::DateTime;
use serde::{Deserialize, Serialize};

pub use account::{
    ModemAccount, ModemPageKept, ModemReadCause, ModemSilence, ModemSilenceKind, ModemWords,
};
pub use channel::{Bonding, ChannelKind, Downstream, Modulation, Upstream};
pub use kind::ModemKind;
pub use levels::ModemLevels;
pub use log_entry::{LogClass, LogEntry, LogStamp};
pub use secret::Secret;

use crate::time::Timestamp;

/// What the pages of one reading say. It knows nothing of linkmon's clock: instants are as the modem
/// shows them.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct ModemSnapshot {
    /// The model as the modem names it, else as its family is named.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
    /// The firmware's version.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub firmware: Option<String>,
    /// Time since the modem's last start.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub uptime: Option<Duration>,
    /// The modem's own clock.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub clock: Option<ModemClock>,
    /// Addresses that the modem or its lease shows, the WAN's first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub addresses: Vec<IpAddr>,
    /// What the modem says of its start-up or connection, in its words: `Operational`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub connection: Option<String>,
    /// The downstream channels, in the order of the page. Empty where the modem shows none.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub downstream: Vec<Downstream>,
    /// The upstream channels, in the order of the page.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub upstream: Vec<Upstream>,
    /// The line of a DSL modem.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dsl: Option<DslLine>,
    /// The dish of a satellite uplink.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dish: Option<DishState>,
    /// The entries of the event log, oldest first, equal ones joined. `None`: no log was read, which
    /// is not an empty log.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub log: Option<Vec<LogEntry>>,
    /// In the record: whether that is the whole log, since the one before was not known or has nothing in
    /// common with it. Else what is not new was left out.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub log_is_whole: bool,
    /// What could not be read or understood, and why; sentences.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
}

/// What the modem's clock shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ModemClock {
    /// Without a zone, as most pages have it.
    Local(DateTime),
    /// With its offset from UTC.
    Absolute(Timestamp),
}

/// A DSL line. Of each pair the first is downstream, the second upstream.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct DslLine {
    /// Whether it is in sync.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub in_sync: Option<bool>,
    /// Time since the line was last in sync anew.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub in_sync_for: Option<Duration>,
    /// Rate at which it runs, in kbit/s.
    #[serde(skip_serializing_if = "is_neither")]
    pub rate_kbps: (Option<u32>, Option<u32>),
    /// Rate that it could reach, in kbit/s.
    #[serde(skip_serializing_if = "is_neither")]
    pub attainable_kbps: (Option<u32>, Option<u32>),
    /// Noise margin in dB.
    #[serde(skip_serializing_if = "is_neither")]
    pub margin_db: (Option<f64>, Option<f64>),
    /// Attenuation in dB.
    #[serde(skip_serializing_if = "is_neither")]
    pub attenuation_db: (Option<f64>, Option<f64>),
    /// Blocks whose checksum was wrong, since the counters began.
    #[serde(skip_serializing_if = "is_neither")]
    pub crc_errors: (Option<u64>, Option<u64>),
    /// Blocks that were corrected, since the counters began.
    #[serde(skip_serializing_if = "is_neither")]
    pub fec_errors: (Option<u64>, Option<u64>),
    /// Seconds with errors, since the counters began.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub errored_seconds: Option<u64>,
    /// Times that the line was trained anew.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub retrains: Option<u64>,
}

/// A satellite dish.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct DishState {
    /// Its state in its own words: `CONNECTED`, `SEARCHING`, `OBSTRUCTED`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub state: Option<String>,
    /// Share of time obstructed, 0 to 1, as the dish computes it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub obstructed: Option<f64>,
    /// Share of its own pings that were lost in the last second, 0 to 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ping_drop: Option<f64>,
    /// Latency of its own ping in milliseconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ping_ms: Option<f64>,
    /// Alerts that are raised, in its own words.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub alerts: Vec<String>,
    /// Its last seconds, oldest first, ending at the reading: the share of pings lost in each, 0 to 1.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub ping_drops: Vec<f64>,
}

/// Whether neither direction is known.
fn is_neither<T>(pair: &(Option<T>, Option<T>)) -> bool {
    pair.0.is_none() && pair.1.is_none()
}
