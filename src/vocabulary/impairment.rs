//! Impairments: what is wrong while the link is up, or with a part of what it carries. Loss that
//! is not silence, delay, a route that became longer, IPv6, DNS or TCP alone, a login page, ICMP
//! that is filtered, some of the anchors out of reach.

use std::net::IpAddr;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::link_drop::Bounds;
use super::place::Place;
use super::target::TargetId;
use crate::time::Timestamp;

/// A stretch in which something other than a drop was wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Impairment {
    /// What it is the same impairment by, with its kind and target, however it grows.
    pub key: Timestamp,
    /// The one target it is about; `None` when it is about the link.
    pub target: Option<TargetId>,
    /// When it began.
    pub onset: Bounds,
    /// When it ended; `None` while it lasts. A route step is an instant: its end is its onset.
    pub end: Option<Bounds>,
    /// Time inside it without observation.
    pub unobserved: Duration,
    /// The places it may lie in, from the host outwards; empty when nothing shows them.
    pub places: Vec<Place>,
    /// What it is, and how bad.
    pub figures: Figures,
}

/// What an impairment is, with its figures; delays in whole microseconds. As stored, in JSON.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "kind")]
pub enum Figures {
    /// Loss well above the usual, and no silence.
    Loss(LossFigures),
    /// Answers came, and more than half of what counts as lost came late.
    Late(LossFigures),
    /// Delays well above the usual.
    Slow(SlowFigures),
    /// The least delay to one target moved for good: another route.
    RouteStep {
        /// Least delay before.
        before_us: u32,
        /// Least delay since.
        after_us: u32,
    },
    /// No IPv6 anchor answers while IPv4 works.
    Ipv6(BearingCounts),
    /// No IPv4 anchor answers while two over IPv6 do: the line carries IPv6.
    Ipv4(BearingCounts),
    /// The name server in use does not answer while the link works.
    Dns(NameServerFigures),
    /// No TCP connection comes about while pings are answered.
    Tcp(BearingCounts),
    /// A login page stands in the way: web requests are answered by something else.
    CaptivePortal(BearingCounts),
    /// Web requests are answered rightly while the anchors are silent: ICMP is filtered.
    IcmpFiltered(BearingCounts),
    /// Web requests to two owners are answered rightly while the anchors' own addresses answer
    /// nothing: why is not known.
    WebAlone(BearingCounts),
    /// One anchor answers alone while every other witness is silent: the time is disputed.
    SuspectVoice(BearingCounts),
    /// The ISP's first hop is silent, and anchors answer by another way inside the router: the line is
    /// down, and these answers are not its own.
    OtherWay,
    /// Some anchors are out of reach and one at least answers: the uplink works.
    Partial {
        /// Anchors in trouble.
        silent: Vec<TargetId>,
        /// Anchors that answer.
        answering: Vec<TargetId>,
    },
}

/// Probes of an impairment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct BearingCounts {
    /// Probes that bear it out: lost ones for IPv6 and TCP, answers over IPv6 where IPv4
    /// fails, wrong answers of a portal, right answers where ICMP is filtered,
    /// answers of a suspect voice.
    pub bearing: u32,
    /// Probes sent.
    pub sent: u32,
}

/// Queries to a name server that does not answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct NameServerFigures {
    /// Queries lost.
    pub bearing: u32,
    /// Queries sent.
    pub sent: u32,
    /// Where the server is.
    #[serde(default)]
    pub server: NameServerPlace,
    /// A name server that answers meanwhile; `None` where none was asked, or none answers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answering: Option<IpAddr>,
}

impl From<BearingCounts> for NameServerFigures {
    fn from(BearingCounts { bearing, sent }: BearingCounts) -> Self {
        Self { bearing, sent, ..Self::default() }
    }
}

/// Where a name server is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum NameServerPlace {
    /// In the home, at an address of its own: the router, as a rule.
    Home,
    /// Beyond it, or not known.
    #[default]
    Beyond,
}

/// Loss within an impairment and before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct LossFigures {
    /// Anchor probes lost, late ones among them.
    pub lost: u32,
    /// Of the lost those that were answered late.
    pub late: u32,
    /// Anchor probes sent.
    pub sent: u32,
    /// Lost of sent in the time before, the baseline.
    pub usual_lost: u32,
    /// Sent in the time before.
    pub usual_sent: u32,
}

/// Delays within an impairment and before it: medians over the blocks of all anchors together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct SlowFigures {
    /// Usual delay, the baseline.
    pub usual_us: u32,
    /// Median within it.
    pub median_us: u32,
    /// The slowest block.
    pub worst_us: u32,
    /// Median time in this host's own send queues within it; `None` where the kernel did not report
    /// it.
    pub own_queue_us: Option<u32>,
}

impl Figures {
    /// The kind by which it stays the same impairment when more becomes known of it: loss may turn
    /// out late, or the other way round, and a web that works alone to be ICMP that is filtered.
    pub fn lasting_kind(&self) -> &'static str {
        match self {
            Self::Late(_) => "loss",
            Self::WebAlone(_) => "icmp-filtered",
            other => other.kind(),
        }
    }

    /// Whether it is a failure of something while the link as a whole works: while it does not, nothing can
    /// be said of it.
    pub fn is_of_up_time(&self) -> bool {
        match self {
            Self::Loss(_)
            | Self::Late(_)
            | Self::Slow(_)
            | Self::RouteStep { .. }
            | Self::Ipv6(_)
            | Self::Ipv4(_)
            | Self::Dns(_)
            | Self::Tcp(_)
            | Self::Partial { .. } => true,
            Self::CaptivePortal(_)
            | Self::IcmpFiltered(_)
            | Self::WebAlone(_)
            | Self::SuspectVoice(_)
            | Self::OtherWay => false,
        }
    }

    /// The word for the kind in database and JSON.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Loss(_) => "loss",
            Self::Late(_) => "late",
            Self::Slow(_) => "slow",
            Self::RouteStep { .. } => "route-step",
            Self::Ipv6(_) => "ipv6",
            Self::Ipv4(_) => "ipv4",
            Self::Dns(_) => "dns",
            Self::Tcp(_) => "tcp",
            Self::CaptivePortal(_) => "captive-portal",
            Self::IcmpFiltered(_) => "icmp-filtered",
            Self::WebAlone(_) => "web-alone",
            Self::SuspectVoice(_) => "suspect-voice",
            Self::OtherWay => "other-way",
            Self::Partial { .. } => "partial",
        }
    }
}

impl Impairment {
    /// Whether the anchors were silent and something else answered: such time is neither up nor
    /// down.
    pub fn is_disputed(&self) -> bool {
        matches!(
            self.figures,
            Figures::CaptivePortal(_)
                | Figures::IcmpFiltered(_)
                | Figures::WebAlone(_)
                | Figures::Ipv4(_)
                | Figures::SuspectVoice(_)
        )
    }

    /// What distinguishes it from all others in one record: key, kind and target.
    pub fn identity(&self) -> (Timestamp, &'static str, Option<TargetId>) {
        (self.key, self.figures.lasting_kind(), self.target)
    }
}
