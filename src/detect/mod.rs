//! From measurements to verdicts: drops, blips, target trouble, and where. Pure: no clock, no I/O.
//!
//! [`Detector`] is fed runs and measurements in send order and holds the drops it found
//! (`detect.md` §2 of the design notes has the rules). [`Judge`] is the detector of the daemon:
//! it gives provisional verdicts at once and revises them when late replies arrive, so that what
//! it ends with is exactly what [`Detector`] finds in the stored measurements.

use std::fmt;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::measurement::TargetId;
use crate::time::{BootTime, TimeRange, Timestamp};

/// One life of the daemon between steps of the clock: within it UTC and boot time run alike.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Run {
    /// Its number in this database, rising.
    pub id: i64,
    /// When it began.
    pub started: Timestamp,
    /// Boot time of the same instant; `None` for imported records.
    pub boot: Option<BootTime>,
    /// The boot it belongs to; `None` for imported records.
    pub boot_id: Option<String>,
    /// Until when it is known to have watched.
    pub last_seen: Timestamp,
    /// How it ended; `None` while it runs.
    pub ended: Option<RunEnd>,
}

/// How a run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RunEnd {
    /// The daemon was told to stop.
    Clean,
    /// It was killed, or the power went; found at the next start.
    Crash,
    /// The clock was stepped; the next run goes on at once.
    ClockStep,
    /// An imported record.
    Import,
}

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

/// How long no anchor answered: classes by the longest possible length that is proven.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DropKind {
    /// 2 to 5 s: counted, never alarmed.
    Blip,
    /// 5 s to 5 min.
    Drop,
    /// More than 5 min.
    Outage,
}

impl DropKind {
    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Blip => "blip",
            Self::Drop => "drop",
            Self::Outage => "outage",
        }
    }
}

/// Where a fault lies, from the host outwards.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Place {
    /// The home network: host, Wi-Fi or cable, router.
    Lan,
    /// The modem or the cable to it.
    Modem,
    /// The access line up to the ISP's first hop.
    Access,
    /// The ISP's network behind its first hop.
    IspCore,
    /// Behind the ISP.
    Beyond,
}

impl Place {
    /// All of them, from the host outwards.
    pub const ALL: [Self; 5] = [Self::Lan, Self::Modem, Self::Access, Self::IspCore, Self::Beyond];

    /// The word for it in database and JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Lan => "lan",
            Self::Modem => "modem",
            Self::Access => "access",
            Self::IspCore => "isp-core",
            Self::Beyond => "beyond",
        }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
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
    /// The least time the link was down: unobserved time inside is taken off. While it lasts, so far.
    pub min: Duration,
    /// The most time the link can have been down.
    pub max: Duration,
    /// Time inside it in which nobody watched.
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

/// A stretch in which one target was in trouble while the link was up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TargetTrouble {
    /// Whose trouble.
    pub target: TargetId,
    /// Send time of the first lost probe.
    pub from: Timestamp,
    /// First answered probe behind it; `None` while it lasts.
    pub to: Option<Timestamp>,
    /// Lost probes in it.
    pub lost: u32,
    /// Probes sent in it.
    pub sent: u32,
}

/// A stretch in which nobody watched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Gap {
    /// From the last probe before to the first behind.
    pub range: TimeRange,
    /// Why.
    pub reason: GapReason,
}

/// Why nobody watched.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum GapReason {
    /// The daemon was stopped.
    Stopped,
    /// The daemon was killed, or lost power.
    Crashed,
    /// The machine was switched off or restarted.
    Rebooted,
    /// The machine slept.
    Asleep,
    /// The daemon ran and could not probe (over-committed machine, no permission).
    Stalled,
    /// No record: between the lines of an import.
    NoRecord,
}

impl GapReason {
    /// The word for it in database and JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Stopped => "stopped",
            Self::Crashed => "crashed",
            Self::Rebooted => "rebooted",
            Self::Asleep => "asleep",
            Self::Stalled => "stalled",
            Self::NoRecord => "no-record",
        }
    }
}

/// Thresholds of the rules.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct Parameters {
    /// Silence of all anchors that makes a drop (D). Default 5 s.
    #[serde(with = "crate::config::duration")]
    pub drop_after: Duration,
    /// Silence that makes a blip. Default 2 s.
    #[serde(with = "crate::config::duration")]
    pub blip_after: Duration,
    /// A drop longer than this is an outage. Default 5 min.
    #[serde(with = "crate::config::duration")]
    pub outage_after: Duration,
    /// Answers this long without a silence of 1 s end a drop. Default 3 s.
    #[serde(with = "crate::config::duration")]
    pub recover_after: Duration,
    /// Two drops less than this apart are one. Default 10 s.
    #[serde(with = "crate::config::duration")]
    pub merge_within: Duration,
    /// Down on both sides of a gap of at most this length: one drop. Default 10 min.
    #[serde(with = "crate::config::duration")]
    pub bridge_gap: Duration,
    /// Successive sends further apart than this (or than 2.5 spacings, if that is more) leave a
    /// gap. Default 2.5 s.
    #[serde(with = "crate::config::duration")]
    pub gap_after: Duration,
    /// So many probes lost in a row while other anchors answer are target trouble. Default 30.
    pub target_trouble_losses: u32,
}

impl Default for Parameters {
    fn default() -> Self {
        Self {
            drop_after: Duration::from_secs(5),
            blip_after: Duration::from_secs(2),
            outage_after: Duration::from_secs(300),
            recover_after: Duration::from_secs(3),
            merge_within: Duration::from_secs(10),
            bridge_gap: Duration::from_secs(600),
            gap_after: Duration::from_millis(2_500),
            target_trouble_losses: 30,
        }
    }
}

/// State of the link, live.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LinkState {
    /// Nothing observed yet, or nothing that could tell.
    Unknown,
    /// At least one anchor answers.
    Up,
    /// No anchor has answered for a second or more; may be withdrawn.
    Suspect,
    /// A drop is confirmed.
    Down,
}
