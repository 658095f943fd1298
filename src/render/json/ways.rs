//! By which ways packets left the computer, as JSON.

use std::net::IpAddr;

use serde::Serialize;

use super::{DropJson, seconds};
use crate::report::{OtherWayEntry, WayFacts};
use crate::time::{TimeRange, Timestamp};
use crate::vocabulary::{Medium, Way};
use jiff::tz::TimeZone;

#[derive(Serialize)]
pub(super) struct WaysJson<'a> {
    named: Option<&'a str>,
    line: Vec<LineJson<'a>>,
    others: Vec<OtherJson<'a>>,
    at_drops: Vec<AtDropsJson>,
    roams: &'a [Timestamp],
    near_roam: Option<NearRoamJson>,
}

#[derive(Serialize)]
struct NearRoamJson {
    drops: usize,
    of: usize,
}

#[derive(Serialize)]
struct LineJson<'a> {
    #[serde(flatten)]
    way: WayJson<'a>,
    seconds: f64,
}

#[derive(Serialize)]
struct OtherJson<'a> {
    #[serde(flatten)]
    way: WayJson<'a>,
    seconds: f64,
    spans: &'a [TimeRange],
    drops: Vec<DropJson<'a>>,
}

#[derive(Serialize)]
struct AtDropsJson {
    medium: Medium,
    drops: usize,
}

#[derive(Serialize)]
struct WayJson<'a> {
    interface: &'a str,
    medium: Medium,
    gateway: Option<IpAddr>,
    mac: Option<&'a str>,
    isp_hop: Option<IpAddr>,
    avoids: Option<&'a str>,
}

impl<'a> WaysJson<'a> {
    /// `None` where the record does not say by which way packets left.
    pub(super) fn of(facts: &'a WayFacts, zone: &TimeZone) -> Option<Self> {
        if facts.by_line.is_empty() && facts.others.is_empty() {
            return None;
        }
        Some(Self {
            named: facts.named.as_deref(),
            line: facts
                .by_line
                .iter()
                .map(|(way, length)| LineJson { way: way.into(), seconds: seconds(*length) })
                .collect(),
            others: facts.others.iter().map(|other| OtherJson::of(other, zone)).collect(),
            at_drops: facts
                .at_drops
                .iter()
                .map(|(medium, drops)| AtDropsJson { medium: *medium, drops: *drops })
                .collect(),
            roams: &facts.roams,
            near_roam: facts.near_roam.map(|(drops, of)| NearRoamJson { drops, of }),
        })
    }
}

impl<'a> OtherJson<'a> {
    fn of(other: &'a OtherWayEntry, zone: &TimeZone) -> Self {
        Self {
            way: (&other.way).into(),
            seconds: seconds(other.length()),
            spans: &other.spans,
            drops: other.drops.iter().map(|drop| DropJson::of_entry(drop, zone)).collect(),
        }
    }
}

impl<'a> From<&'a Way> for WayJson<'a> {
    fn from(way: &'a Way) -> Self {
        Self {
            interface: &way.interface,
            medium: way.medium,
            gateway: way.gateway,
            mac: way.mac.as_deref(),
            isp_hop: way.isp_hop,
            avoids: way.avoids.as_deref(),
        }
    }
}
