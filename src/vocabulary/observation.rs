//! What the probers report to the pipeline.

use std::net::IpAddr;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::clock::ClockOffset;
use super::ip_version::IpVersion;
use super::measurement::Measurement;
use super::path_round::PathRound;
use super::target::TargetId;
use super::way::Way;
use crate::text::words::word_enum;
use crate::time::{Reading, Timestamp};

/// What the probers report to the pipeline.
#[derive(Debug, Clone, PartialEq)]
pub enum Observation {
    /// The result of one slot. ICMP measurements come in the order of their send times.
    Measured(Measurement),
    /// A measurement reported before as `Lost` or `Unreachable` turned out to be `Late`.
    Revised(Measurement),
    /// Something happened to this host.
    Host(HostEvent),
    /// Packets of a family leave this host by another way.
    Way {
        /// When that was seen.
        at: Reading,
        /// Whose packets.
        version: IpVersion,
        /// The way from then on; `None`: there is none.
        way: Option<Box<Way>>,
        /// Number of its interface.
        index: Option<u32>,
        /// Number of the interface by which probes are to leave, where that keeps them out of a tunnel.
        over: Option<u32>,
    },
    /// An answer showed how far a web server's clock is ahead of this host's.
    ServerClock {
        /// Which target answered.
        target: TargetId,
        /// The bounds of how far.
        offset: ClockOffset,
        /// When the answer came.
        at: Reading,
    },
    /// All deciding anchors of a family have been silent for a second.
    Silent {
        /// Of which protocol.
        family: IpVersion,
        /// When it was noticed.
        at: Reading,
    },
    /// The path was asked.
    Path(Box<PathRound>),
    /// A reply that answers nothing: counted, never a measurement.
    Stray {
        /// Who sent it.
        from: IpAddr,
        /// What is odd about it.
        kind: StrayKind,
        /// When it was seen.
        at: Timestamp,
    },
}

word_enum! {
    /// What is odd about a stray reply.
    pub enum StrayKind: "kind of stray reply" {
        /// A second reply to the same probe.
        Duplicate = "duplicate",
        /// Right number, wrong nonce or source.
        Foreign = "foreign",
        /// After more than 60 s.
        TooLate = "too-late",
    }
}

/// Something that happened to this host, with its time.
#[derive(Debug, Clone, PartialEq)]
pub struct HostEvent {
    /// All clocks when it was seen.
    pub at: Reading,
    /// What happened.
    pub what: HostChange,
}

/// What can happen to this host.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "kind")]
#[allow(missing_docs, reason = "the names say it")]
pub enum HostChange {
    /// The interface's carrier came or went.
    Carrier { interface: String, up: bool },
    /// The interface itself appeared or vanished.
    Interface { interface: String, present: bool },
    /// An address came or went.
    Address { interface: String, address: IpAddr, present: bool },
    /// The default route changed; `gateway` is the new one, `None` when there is none.
    DefaultRoute { v6: bool, interface: Option<String>, gateway: Option<IpAddr> },
    /// The machine slept.
    Slept { seconds: f64 },
    /// UTC was stepped against boot time; positive when the clock was put forward.
    ClockStep { seconds: f64 },
    /// NTP's word on the clock changed.
    ClockSync { synchronized: bool },
    /// The home's router kept a dead entry for the ICMP identifier in use: only a fresh one was answered.
    DeadEntry { v6: bool },
    /// All anchors of a family are silent, and a fresh ICMP identifier is not answered either.
    FreshIdentifierUnanswered { v6: bool },
}

/// Tmax and what belongs to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Waiting {
    /// A reply later than this counts as lost (RFC 8912: 3 s).
    #[serde(with = "crate::time::duration")]
    pub loss_threshold: Duration,
    /// A reply later than this is not even late.
    #[serde(with = "crate::time::duration")]
    pub late_window: Duration,
}

impl Default for Waiting {
    fn default() -> Self {
        Self { loss_threshold: Duration::from_secs(3), late_window: Duration::from_secs(60) }
    }
}
