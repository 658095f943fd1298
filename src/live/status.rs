//! The present as one value: for the live line, `linkmon status`, and later the web and metrics.
//!
//! [`Board`] keeps the last minute of every target; [`Status`] is what is shown and what the tail
//! file carries to readers. Pure: the time is an argument.

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::stats::quantile;
use crate::time::Timestamp;
use crate::vocabulary::{
    DropKind, Figures, Health, Impairment, Kind, LinkDrop, LinkState, Measurement, Outcome, Place,
    Role, StrayKind, Target, TargetId,
};

/// How far back "loss" and "RTT" of a status look.
const WINDOW: Duration = Duration::from_secs(60);

/// More samples than this of one target are not kept, however short its interval.
const MOST_SAMPLES: usize = 600;

/// The present, as shown. Field by field in `docs/json.md`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Status {
    /// When this was true.
    pub at: Timestamp,
    /// Version of the daemon.
    pub version: String,
    /// Its process number.
    pub pid: u32,
    /// When it started.
    pub started: Timestamp,
    /// Which ICMP engine sends, and how its times are taken.
    pub engine: String,
    /// State of the link.
    pub state: LinkState,
    /// Since when; `None` while nothing has been observed.
    pub since: Option<Timestamp>,
    /// The drop that lasts.
    pub open_drop: Option<DropStatus>,
    /// What else is wrong now, in the order of its beginning.
    #[serde(default)]
    pub impairments: Vec<ImpairmentStatus>,
    /// The last one that is over, blips left out.
    pub last_drop: Option<DropStatus>,
    /// Drops and outages that began in the last 24 h.
    pub drops_24h: u32,
    /// Every target in use, from the host outwards.
    pub targets: Vec<TargetStatus>,
    /// Replies that answered nothing, since the start.
    pub strays: BTreeMap<StrayKind, u64>,
    /// What the last attempt to store said, when it failed.
    pub storage_trouble: Option<String>,
    /// How storing goes.
    #[serde(default)]
    pub storage: Health,
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
    /// What a status says of a drop.
    pub fn of(id: i64, drop: &LinkDrop) -> Self {
        let over = drop.end.is_some();
        Self {
            id,
            kind: drop.kind,
            place: drop.place_text(),
            onset: drop.onset.midpoint(),
            end: drop.end.map(|end| end.midpoint()),
            min_s: over.then_some(drop.min.as_secs_f64()),
            max_s: over.then_some(drop.max.as_secs_f64()),
        }
    }
}

/// A flag beside the state of the link.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING-KEBAB-CASE")]
pub enum Flag {
    /// Probes are lost, or answered late.
    Lossy,
    /// Delays are well above the usual.
    Slow,
    /// Some anchors are out of reach.
    Partial,
    /// A captive portal answers.
    Portal,
    /// ICMP is filtered.
    NoIcmp,
    /// IPv6 does not work.
    #[serde(rename = "NO-IPV6")]
    NoIpv6,
    /// Name servers do not answer.
    NoDns,
}

impl Flag {
    /// All of them.
    pub const ALL: [Self; 7] = [
        Self::Lossy,
        Self::Slow,
        Self::Partial,
        Self::Portal,
        Self::NoIcmp,
        Self::NoIpv6,
        Self::NoDns,
    ];

    /// That of an impairment; a route that became longer is none, it is no state.
    pub fn of(figures: &Figures) -> Option<Self> {
        Some(match figures {
            Figures::Loss(_) | Figures::Late(_) => Self::Lossy,
            Figures::Slow(_) => Self::Slow,
            Figures::RouteStep { .. } => return None,
            Figures::Ipv6(_) => Self::NoIpv6,
            Figures::Dns(_) => Self::NoDns,
            Figures::CaptivePortal(_) => Self::Portal,
            Figures::IcmpFiltered(_) => Self::NoIcmp,
            Figures::Partial { .. } => Self::Partial,
        })
    }

    /// The word of it: `NO-IPV6`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Lossy => "LOSSY",
            Self::Slow => "SLOW",
            Self::Partial => "PARTIAL",
            Self::Portal => "PORTAL",
            Self::NoIcmp => "NO-ICMP",
            Self::NoIpv6 => "NO-IPV6",
            Self::NoDns => "NO-DNS",
        }
    }
}

/// An impairment that lasts, in a status.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ImpairmentStatus {
    /// What is shown beside the state.
    pub flag: Flag,
    /// Middle of the bounds of its onset.
    pub since: Timestamp,
    /// The places it may lie in; empty when nothing tells.
    pub places: Vec<Place>,
    /// Name of the one target that it is about.
    pub target: Option<String>,
    /// What it is, and how bad.
    pub figures: Figures,
}

impl ImpairmentStatus {
    /// What a status says of one that lasts; `None` for what is no state of the link.
    pub fn of(impairment: &Impairment, targets: &[Target]) -> Option<Self> {
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

/// A target in a status. Counts and delays are of the last 60 s.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TargetStatus {
    /// Its name.
    pub name: String,
    /// Where it stands.
    pub role: Role,
    /// How it is probed.
    pub kind: Kind,
    /// Its address.
    pub address: String,
    /// Probes sent and resolved.
    pub sent: u32,
    /// Of these, lost.
    pub lost: u32,
    /// Probes that could not be sent.
    pub not_sent: u32,
    /// Median delay in milliseconds; `None` without a reply.
    pub rtt_ms: Option<f64>,
    /// When the last right answer was sent for; `None`: not since the start.
    pub last_reply: Option<Timestamp>,
    /// Why the newest probe failed; `None` when it did not, or there is none.
    pub trouble: Option<String>,
}

/// What one probe leaves on the board.
#[derive(Debug, Clone, Copy)]
enum Mark {
    Reply(Duration),
    Lost,
    NotSent,
}

/// The last minute of every target.
#[derive(Debug, Default)]
pub struct Board {
    targets: Vec<Target>,
    recent: BTreeMap<TargetId, Recent>,
    strays: BTreeMap<StrayKind, u64>,
}

#[derive(Debug, Default)]
struct Recent {
    marks: VecDeque<(Timestamp, Mark)>,
    last_reply: Option<Timestamp>,
    trouble: Option<String>,
}

impl Board {
    /// Shows these targets from now on; what is known of those that stay is kept.
    pub fn set_targets(&mut self, targets: Vec<Target>) {
        self.recent.retain(|id, _| targets.iter().any(|t| t.id == *id));
        self.targets = targets;
        self.targets.sort_by(|a, b| {
            (a.role, a.kind, a.is_v6(), a.id).cmp(&(b.role, b.kind, b.is_v6(), b.id))
        });
    }

    /// Takes in a measurement.
    pub fn on_measurement(&mut self, m: &Measurement) {
        let recent = self.recent.entry(m.target).or_default();
        let mark = match &m.outcome {
            Outcome::NotSent(_) => Mark::NotSent,
            other => other.rtt().map_or(Mark::Lost, Mark::Reply),
        };
        recent.trouble = trouble(&m.outcome);
        if matches!(mark, Mark::Reply(_)) {
            recent.last_reply = Some(m.sent_at);
        }
        recent.marks.push_back((m.sent_at, mark));
        if recent.marks.len() > MOST_SAMPLES {
            recent.marks.pop_front();
        }
    }

    /// The clock was stepped, forward when positive: what was is as long ago as before.
    pub fn on_clock_step(&mut self, by: f64) {
        #[allow(clippy::cast_possible_truncation, reason = "saturates at 290 000 years")]
        let by = (by * 1e6) as i64;
        for recent in self.recent.values_mut() {
            for at in recent.marks.iter_mut().map(|mark| &mut mark.0).chain(&mut recent.last_reply)
            {
                *at = at.plus_micros(by);
            }
        }
    }

    /// Counts a stray reply.
    pub fn on_stray(&mut self, kind: StrayKind) {
        *self.strays.entry(kind).or_default() += 1;
    }

    /// Replies that answered nothing, since the start.
    pub fn strays(&self) -> &BTreeMap<StrayKind, u64> {
        &self.strays
    }

    /// Every target as it stood in the last 60 s before `now`.
    pub fn targets(&mut self, now: Timestamp) -> Vec<TargetStatus> {
        let oldest = now - WINDOW;
        let Self { targets, recent, .. } = self;
        targets
            .iter()
            .map(|target| target_status(target, recent.entry(target.id).or_default(), oldest))
            .collect()
    }
}

fn target_status(target: &Target, recent: &mut Recent, oldest: Timestamp) -> TargetStatus {
    while recent.marks.front().is_some_and(|(at, _)| *at < oldest) {
        recent.marks.pop_front();
    }
    let (mut lost, mut not_sent) = (0, 0);
    let mut rtts = Vec::with_capacity(recent.marks.len());
    for (_, mark) in &recent.marks {
        match mark {
            Mark::Reply(rtt) => rtts.push(u32::try_from(rtt.as_micros()).unwrap_or(u32::MAX)),
            Mark::Lost => lost += 1,
            Mark::NotSent => not_sent += 1,
        }
    }
    let sent = u32::try_from(rtts.len()).unwrap_or(u32::MAX).saturating_add(lost);
    TargetStatus {
        name: target.name.clone(),
        role: target.role,
        kind: target.kind,
        address: target.endpoint.to_string(),
        sent,
        lost,
        not_sent,
        rtt_ms: quantile(&mut rtts, 0.5).map(|rtt| (rtt.as_secs_f64() * 1e6).round() / 1e3),
        last_reply: recent.last_reply,
        trouble: recent.trouble.clone(),
    }
}

/// What went wrong, in a few words; `None` for a reply.
pub fn trouble(outcome: &Outcome) -> Option<String> {
    Some(match outcome {
        Outcome::Reply(_) => return None,
        Outcome::Late { rtt } => format!("answered after {:.1} s", rtt.as_secs_f64()),
        Outcome::Lost => "no answer".to_owned(),
        Outcome::Unreachable(u) => match u.by {
            Some(by) => format!("{by} says unreachable (ICMP {}/{})", u.icmp_type, u.code),
            None => "nobody answers at that address on this network".to_owned(),
        },
        Outcome::Failed(f) => format!("{} in phase {}", word(f.reason), word(f.phase)),
        Outcome::NotSent(reason) => format!("not sent: {}", word(*reason)),
    })
}

/// The kebab-case word that serde has for a unit variant.
fn word(value: impl Serialize) -> String {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(word)) => word,
        _ => "unknown".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::vocabulary::{Endpoint, NotSent};

    fn target(id: u8, role: Role) -> Target {
        Target {
            id: TargetId(id),
            name: format!("t{id}"),
            kind: Kind::Icmp,
            role,
            endpoint: Endpoint::new(Kind::Icmp, "127.0.0.1"),
            interval: Duration::from_secs(1),
        }
    }

    fn measured(id: u8, second: i64, outcome: Outcome) -> Measurement {
        Measurement { target: TargetId(id), sent_at: Timestamp::from_seconds(second), outcome }
    }

    #[test]
    fn a_target_counts_the_last_minute_only_and_not_sent_apart() {
        let mut board = Board::default();
        board.set_targets(vec![target(1, Role::Anchor)]);
        for second in 0..100 {
            let outcome = match second {
                90..95 => Outcome::Lost,
                95..98 => Outcome::NotSent(NotSent::NoRoute),
                _ => Outcome::reply(Duration::from_millis(12)),
            };
            board.on_measurement(&measured(1, second, outcome));
        }
        let now = &board.targets(Timestamp::from_seconds(100))[0];
        assert_eq!((now.sent, now.lost, now.not_sent), (57, 5, 3));
        assert_eq!(now.rtt_ms, Some(12.0));
        assert_eq!(now.trouble, None);
    }

    #[test]
    fn a_target_without_a_reply_has_no_rtt() {
        let mut board = Board::default();
        board.set_targets(vec![target(1, Role::Anchor)]);
        board.on_measurement(&measured(1, 1, Outcome::Lost));
        let now = &board.targets(Timestamp::from_seconds(2))[0];
        assert_eq!((now.rtt_ms, now.last_reply), (None, None));
        assert_eq!(now.trouble.as_deref(), Some("no answer"));
    }

    #[test]
    fn targets_stand_in_order_from_the_host_outwards() {
        let mut board = Board::default();
        board.set_targets(vec![
            target(1, Role::Service),
            target(2, Role::Anchor),
            target(3, Role::Gateway),
        ]);
        let names: Vec<_> =
            board.targets(Timestamp::default()).into_iter().map(|t| t.name).collect();
        assert_eq!(names, ["t3", "t2", "t1"]);
    }
}
