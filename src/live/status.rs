//! The status: the present as it is shown and as the tail file carries it to readers.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::alert::AlertStatus;
use super::flag::Flag;
use super::modem::ModemStatus;
use super::remote_write::WriteStatus;
use super::trouble::ProbeTrouble;
use crate::time::Timestamp;
use crate::vocabulary::{
    AnchorCounts, ClockState, DropKind, Figures, GapReason, Health, Impairment, Kind, LinkDrop,
    LinkState, LossRatio, Medium, Place, Role, Standing, StrayKind, Target,
};

/// The present as shown. `docs/json.md` describes each field.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Status {
    /// When this was true.
    pub at: Timestamp,
    /// Version of the daemon.
    pub version: String,
    /// Process ID of the daemon.
    pub pid: u32,
    /// When the daemon started.
    pub started: Timestamp,
    /// The ICMP engine, and how it takes its times.
    pub engine: String,
    /// State of the link.
    pub state: LinkState,
    /// Since when; `None` while nothing has been observed.
    pub since: Option<Timestamp>,
    /// Why the state is not known, where it was before.
    #[serde(default)]
    pub unknown: Option<GapReason>,
    /// The way by which packets leave this computer; `None`: there is none, or it is not known.
    #[serde(default)]
    pub way: Option<WayStatus>,
    /// The current drop.
    pub open_drop: Option<DropStatus>,
    /// What else is wrong now, by onset.
    #[serde(default)]
    pub impairments: Vec<ImpairmentStatus>,
    /// The last drop that is over, blips left out.
    pub last_drop: Option<DropStatus>,
    /// Drops and outages that began in the last 24 h.
    pub drops_24h: u32,
    /// Every target in use, from the host outwards.
    pub targets: Vec<TargetStatus>,
    /// Replies that answered no probe, since the start.
    pub strays: BTreeMap<StrayKind, u64>,
    /// The error of the last attempt to store, while storing fails.
    pub storage_trouble: Option<String>,
    /// Why the status page cannot be written as files, while it cannot.
    #[serde(default)]
    pub publish_trouble: Option<String>,
    /// How the sign of life does; `None`: none is sent.
    #[serde(default)]
    pub heartbeat: Option<HeartbeatStatus>,
    /// Why the MQTT broker cannot be informed, while it cannot.
    #[serde(default)]
    pub mqtt_trouble: Option<String>,
    /// How sending to each receiver of remote write goes.
    #[serde(default)]
    pub remote_write: Vec<WriteStatus>,
    /// How storing goes.
    #[serde(default)]
    pub storage: Health,
    /// What is known of this host's clock.
    #[serde(default)]
    pub clock: ClockStatus,
    /// What the modem said last; `None`: it is not read, or was not yet.
    #[serde(default)]
    pub modem: Option<ModemStatus>,
    /// How each channel of alerts is doing, as configured.
    #[serde(default)]
    pub alerts: Vec<AlertStatus>,
}

/// How the sign of life for a monitor elsewhere does.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct HeartbeatStatus {
    /// When the last one was taken; `None`: none was since the start.
    pub last: Option<Timestamp>,
    /// Why the last one was not taken; `None`: it was.
    pub trouble: Option<String>,
}

/// What is known of this host's clock. Offsets are what web servers are ahead of the times in the
/// record.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct ClockStatus {
    /// Whether times can be relied on.
    pub state: ClockState,
    /// Whether the kernel says that it is synchronized; `None` where it may not be asked, or was not.
    pub synchronized: Option<bool>,
    /// Web servers of different owners that answered lately; 0 for fewer than two.
    pub servers: usize,
    /// The least that any of them is ahead, negative where it is behind.
    pub offset_min_s: Option<f64>,
    /// The most that any of them is ahead.
    pub offset_max_s: Option<f64>,
    /// What all of them are ahead at least, or behind (negative), if that is more than 2 s.
    pub differs_s: Option<f64>,
}

impl Default for ClockStatus {
    /// That of a daemon that did not say.
    fn default() -> Self {
        Self {
            state: ClockState::Set,
            synchronized: None,
            servers: 0,
            offset_min_s: None,
            offset_max_s: None,
            differs_s: None,
        }
    }
}

/// The present way, in a status.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WayStatus {
    /// Name of the interface.
    pub interface: String,
    /// What it is.
    pub medium: Medium,
    /// The next router; `None` on links without one.
    pub gateway: Option<IpAddr>,
    /// The tunnel that the probes keep out of.
    pub avoids: Option<String>,
    /// Whether it leads into the line that is measured.
    pub is_line: bool,
    /// Since when.
    pub since: Option<Timestamp>,
}

/// A drop in a status.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DropStatus {
    /// Its number.
    pub id: i64,
    /// Its class so far.
    pub kind: DropKind,
    /// `access`, `access|isp-core`, `unknown`.
    pub place: String,
    /// Middle of the bounds of its onset.
    pub onset: Timestamp,
    /// Middle of the bounds of its end; `None` while it lasts.
    pub end: Option<Timestamp>,
    /// Least length in seconds; `None` while it lasts.
    pub min_s: Option<f64>,
    /// Greatest length in seconds; `None` while it lasts.
    pub max_s: Option<f64>,
}

impl DropStatus {
    /// A drop with its number, as a status has it.
    pub fn new(id: i64, drop: &LinkDrop) -> Self {
        let over = drop.end.is_some();
        // As many digits as JSON has of a length.
        let seconds = |length: Duration| (length.as_secs_f64() * 1e3).round() / 1e3;
        Self {
            id,
            kind: drop.kind,
            place: drop.place_text(),
            onset: drop.onset.midpoint(),
            end: drop.end.map(|end| end.midpoint()),
            min_s: over.then_some(seconds(drop.min)),
            max_s: over.then_some(seconds(drop.max)),
        }
    }
}

/// A current impairment, in a status.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ImpairmentStatus {
    /// The flag shown next to the state.
    pub flag: Flag,
    /// Middle of the bounds of its onset.
    pub since: Timestamp,
    /// The places it may lie in; empty when there is no evidence.
    pub places: Vec<Place>,
    /// Name of the one target concerned.
    pub target: Option<String>,
    /// What it is, and how bad.
    pub figures: Figures,
}

impl ImpairmentStatus {
    /// A current impairment, as a status has it; `None` for one that is not a state of the link.
    pub fn new(impairment: &Impairment, targets: &[Target]) -> Option<Self> {
        let name = |id| targets.iter().find(|t| t.id == id).map(|t| t.name.clone());
        Some(Self {
            flag: Flag::of(&impairment.figures)?,
            since: impairment.onset.midpoint(),
            places: impairment.places.clone(),
            target: impairment.target.and_then(name),
            figures: impairment.figures.clone(),
        })
    }
}

/// A target in a status. Counts and delays are those of the last 60 s.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TargetStatus {
    /// Its name.
    pub name: String,
    /// Its role.
    pub role: Role,
    /// How it is probed.
    pub kind: Kind,
    /// Its address.
    pub address: String,
    /// Whether it is one of the anchors that decide whether the link is up.
    #[serde(default)]
    pub decides: bool,
    /// Of an anchor, what its answers may prove.
    #[serde(default)]
    pub standing: Option<Standing>,
    /// Probes sent and resolved.
    pub sent: u32,
    /// Of these, lost.
    pub lost: u32,
    /// Probes that could not be sent.
    pub not_sent: u32,
    /// Median delay in milliseconds; `None` without a reply.
    pub rtt_ms: Option<f64>,
    /// Send time of the last probe answered correctly; `None`: none since the start.
    pub last_reply: Option<Timestamp>,
    /// Why the newest probe failed; `None` when it did not, or when there is none.
    pub trouble: Option<ProbeTrouble>,
}

impl TargetStatus {
    /// Lost of sent in the last minute.
    pub fn loss(&self) -> LossRatio {
        LossRatio { lost: self.lost.into(), sent: self.sent.into() }
    }
}

impl Status {
    /// The flags next to the state, each once, in their order.
    pub fn flags(&self) -> Vec<Flag> {
        let other = self.way.as_ref().filter(|way| !way.is_line).map(|_| Flag::OtherWay);
        let mut flags: Vec<_> = self.impairments.iter().map(|i| i.flag).chain(other).collect();
        flags.sort_unstable();
        flags.dedup();
        flags
    }

    /// The anchors that decide whether the link is up.
    pub fn deciding_anchors(&self) -> Vec<&TargetStatus> {
        self.targets.iter().filter(|target| target.decides).collect()
    }

    /// As JSON, in one piece of memory: it is written every second.
    ///
    /// # Panics
    /// Never: a status is plain data.
    pub fn to_json(&self) -> String {
        let mut json = Vec::with_capacity(8 << 10);
        serde_json::to_writer(&mut json, self).expect("a status is plain data");
        String::from_utf8(json).expect("JSON is UTF-8")
    }

    /// How the deciding anchors did in the last minute.
    pub fn anchor_counts(&self) -> AnchorCounts {
        self.deciding_anchors().into_iter().map(TargetStatus::loss).collect()
    }
}

#[cfg(test)]
impl Status {
    /// Of a daemon that started at `at` and has seen nothing.
    pub(crate) fn of_start(at: Timestamp) -> Self {
        Self {
            at,
            version: String::new(),
            pid: 1,
            started: at,
            engine: String::new(),
            state: LinkState::Unknown,
            since: None,
            unknown: None,
            way: None,
            open_drop: None,
            impairments: Vec::new(),
            last_drop: None,
            drops_24h: 0,
            targets: Vec::new(),
            strays: std::collections::BTreeMap::new(),
            clock: ClockStatus::default(),
            modem: None,
            alerts: Vec::new(),
            storage_trouble: None,
            publish_trouble: None,
            heartbeat: None,
            mqtt_trouble: None,
            remote_write: Vec::new(),
            storage: Health::default(),
        }
    }
}
