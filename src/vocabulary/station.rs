//! The access point that a Wi-Fi interface is connected to.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::time::Timestamp;

/// The access point, as the kernel describes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccessPoint {
    /// Name of the interface.
    pub interface: String,
    /// Hardware address of the access point: `aa:bb:cc:dd:ee:ff`.
    pub bssid: String,
    /// Strength of its signal.
    pub signal_dbm: Option<i8>,
    /// Rate at which this host sends, kbit/s.
    pub rate_kbps: Option<u32>,
    /// For how long it has been connected.
    pub connected: Option<Duration>,
}

/// A Wi-Fi connection as it was at one time. It is stored when it differs much from what was stored
/// last, and every ten minutes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StationSeen {
    /// The run in which it was seen.
    pub run: i64,
    /// When.
    pub at: Timestamp,
    /// Name of the interface.
    pub interface: String,
    /// Hardware address of the access point.
    pub bssid: String,
    /// Since when it has been connected to it, to a second; where that is not known, since it was seen.
    pub since: Timestamp,
    /// Strength of its signal.
    pub signal_dbm: Option<i8>,
    /// Rate at which this host sends, kbit/s.
    pub rate_kbps: Option<u32>,
}
