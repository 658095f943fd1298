//! By which ways packets left this computer: the line, and the others with what happened on them.

use std::time::Duration;

use super::DropEntry;
use crate::stats::{LineWay, SiteWays, WaySpan};
use crate::text::order::InOrder;
use crate::time::spans::{length_within, total};
use crate::time::{TimeRange, Timestamp};
use crate::vocabulary::{Bounds, LinkDrop, Medium, StationSeen, Way};

/// A drop that begins this near a roam may be of the roam.
const NEAR_ROAM: Duration = Duration::from_secs(5);
/// Ages of one connection, each known to a second, differ by less.
const SAME_CONNECTION_US: u64 = 3_000_000;
/// Less than this of a drop on the line, after another way, is the change of the way.
const LEAST_OF_LINE: Duration = Duration::from_secs(5);

/// The ways of a period.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct WayFacts {
    /// The ways into the line, with the time of each, longest first: cable and Wi-Fi to the same
    /// router, for example. Empty where the record does not say.
    pub by_line: Vec<(Way, Duration)>,
    /// The line as it is named in the configuration.
    pub named: Option<String>,
    /// The other ways, by their first time.
    pub others: Vec<OtherWayEntry>,
    /// Over what this computer was connected when the drops of the line began, with how many.
    pub at_drops: Vec<(Medium, usize)>,
    /// What Wi-Fi was connected to, as far as it was in use.
    pub stations: Vec<StationSeen>,
    /// When Wi-Fi moved to another access point, or connected anew.
    pub roams: Vec<Timestamp>,
    /// Drops on Wi-Fi that began within 5 s of such a moment, of all on Wi-Fi.
    pub near_roam: Option<(usize, usize)>,
    /// Onsets of the drops that began on Wi-Fi.
    pub on_wifi: Vec<Bounds>,
}

/// A way that is not the line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OtherWayEntry {
    /// The way.
    pub way: Way,
    /// When it was taken, as ordered and disjoint spans.
    pub spans: Vec<TimeRange>,
    /// Drops, outages and blips while it was taken: none of them is the line's.
    pub drops: Vec<DropEntry>,
}

impl OtherWayEntry {
    /// How long it was taken.
    pub fn length(&self) -> Duration {
        total(&self.spans)
    }

    /// Its drops and outages.
    pub fn counted(&self) -> usize {
        self.drops.iter().filter(|drop| drop.counts()).count()
    }
}

impl WayFacts {
    /// The facts of a period; `others` are the drops that [`is_apart`] tells from those of the line,
    /// `of_line` the onsets of drops and outages of the line.
    pub(super) fn of(
        ways: &SiteWays,
        spans: &[WaySpan],
        others: Vec<DropEntry>,
        of_line: &[Bounds],
    ) -> Self {
        let mut entries: Vec<_> = ways
            .others
            .iter()
            .map(|other| OtherWayEntry {
                way: other.way.clone(),
                spans: other.spans.clone(),
                drops: Vec::new(),
            })
            .collect();
        for drop in others {
            let span = TimeRange {
                from: drop.onset.earliest,
                to: drop.end.map_or(drop.onset.latest, |end| end.latest),
            };
            let on_it = |entry: &&mut OtherWayEntry| length_within(&entry.spans, span);
            if let Some(entry) = entries.iter_mut().max_by_key(on_it) {
                entry.drops.push(drop);
            }
        }
        let mut at_drops: Vec<(Medium, usize)> = Vec::new();
        let mut on_wifi = Vec::new();
        for onset in of_line {
            let Some(medium) = medium_at(spans, onset.earliest) else { continue };
            if medium == Medium::Wifi {
                on_wifi.push(*onset);
            }
            match at_drops.iter_mut().find(|(known, _)| *known == medium) {
                Some((_, count)) => *count += 1,
                None => at_drops.push((medium, 1)),
            }
        }
        at_drops.order_by_key(|(_, count)| std::cmp::Reverse(*count));
        let named = match &ways.line {
            LineWay::Named(name) => Some(name.clone()),
            LineWay::Seen(_) | LineWay::Unknown => None,
        };
        let by_line = ways.by_line.clone();
        Self { by_line, named, others: entries, at_drops, on_wifi, ..Self::default() }
    }

    /// The same with what Wi-Fi was connected to.
    pub(super) fn with_stations(self, stations: &[StationSeen], period: TimeRange) -> Self {
        let is_new = |pair: &[StationSeen]| {
            let apart = pair[1].since.micros_since(pair[0].since).unsigned_abs();
            pair[0].interface == pair[1].interface
                && (pair[0].bssid != pair[1].bssid || apart > SAME_CONNECTION_US)
        };
        let roams = stations.windows(2).filter(|pair| is_new(pair)).map(|pair| pair[1].since);
        let roams: Vec<_> = roams.filter(|at| period.contains(*at)).collect();
        let is_near = |onset: &&Bounds| {
            let (from, to) = (onset.earliest - NEAR_ROAM, onset.latest + NEAR_ROAM);
            roams.iter().any(|at| from <= *at && *at <= to)
        };
        let near = self.on_wifi.iter().filter(is_near).count();
        let near_roam = (!self.on_wifi.is_empty() && !stations.is_empty())
            .then_some((near, self.on_wifi.len()));
        Self { stations: stations.to_vec(), roams, near_roam, ..self }
    }

    /// What Wi-Fi was connected to when a drop began, and whether that was new.
    pub fn station_at(&self, onset: Bounds) -> Option<(&StationSeen, Option<Timestamp>)> {
        if !self.on_wifi.contains(&onset) {
            return None;
        }
        let before = self.stations.iter().rev().find(|seen| seen.at <= onset.latest);
        let seen = before.or(self.stations.first())?;
        let (from, to) = (onset.earliest - NEAR_ROAM, onset.latest + NEAR_ROAM);
        let roam = self.roams.iter().find(|at| from <= **at && **at <= to);
        Some((seen, roam.copied()))
    }

    /// The way into the line that was taken most.
    pub fn main(&self) -> Option<&Way> {
        self.by_line.first().map(|(way, _)| way)
    }

    /// The tunnel through which the line itself was seen, if it was.
    pub fn tunnel(&self) -> Option<&Way> {
        self.by_line.iter().map(|(way, _)| way).find(|way| way.medium == Medium::Tunnel)
    }

    /// All drops of other ways.
    pub fn other_drops(&self) -> impl Iterator<Item = &DropEntry> {
        self.others.iter().flat_map(|other| &other.drops)
    }
}

/// The way that was taken at an instant, or before it was lost.
fn medium_at(spans: &[WaySpan], at: Timestamp) -> Option<Medium> {
    let before = spans.iter().take_while(|span| span.range.from <= at);
    before.filter_map(|span| span.way.as_ref()).last().map(|way| way.medium)
}

/// Whether a drop is one of another way: little or nothing of its silence lies in time of the line.
pub(super) fn is_apart(drop: &LinkDrop, apart: &[TimeRange], until: Timestamp) -> bool {
    let silent = drop.stretches.iter().map(|stretch| TimeRange {
        from: stretch.onset.midpoint(),
        to: stretch.end.map_or(until, |end| end.midpoint()).max(stretch.onset.midpoint()),
    });
    let (mut of_line, mut of_others) = (Duration::ZERO, Duration::ZERO);
    for range in silent {
        let other = length_within(apart, range);
        of_others += other;
        of_line += range.length().saturating_sub(other);
    }
    of_others > of_line && of_line < LEAST_OF_LINE
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::LineWay;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_seconds(seconds)
    }

    fn onset(seconds: i64) -> Bounds {
        Bounds { earliest: at(seconds), latest: at(seconds) }
    }

    fn seen(seconds: i64, bssid: &str, since: i64) -> StationSeen {
        StationSeen {
            run: 1,
            at: at(seconds),
            interface: "wlan0".to_owned(),
            bssid: bssid.to_owned(),
            since: at(since),
            signal_dbm: Some(-70),
            rate_kbps: Some(54_000),
        }
    }

    fn way(interface: &str, medium: Medium) -> Way {
        Way {
            interface: interface.to_owned(),
            medium,
            gateway: None,
            mac: Some("02:00:00:00:00:01".to_owned()),
            isp_hop: None,
            avoids: None,
        }
    }

    #[test]
    fn drops_on_wifi_near_a_roam_are_counted_and_those_on_cable_are_not() {
        let range = |from, to| TimeRange { from: at(from), to: at(to) };
        let span = |from, to, way| WaySpan { range: range(from, to), way: Some(way) };
        let spans = [
            span(0, 1_000, way("wlan0", Medium::Wifi)),
            span(1_000, 2_000, way("eth0", Medium::Cable)),
        ];
        let period = range(0, 2_000);
        let line = LineWay::of(None, &spans, at(2_000));
        let ways = SiteWays::compute(line, &spans, period);
        assert_eq!(ways.by_line.len(), 2, "one router by two interfaces");
        let onsets = [onset(102), onset(500), onset(903), onset(1_502)];
        let stations = [
            seen(10, "a", 5),
            seen(110, "b", 100),
            seen(700, "b", 101),
            seen(910, "b", 905),
            seen(1_510, "c", 1_501),
        ];
        let facts = WayFacts::of(&ways, &spans, Vec::new(), &onsets);
        let facts = facts.with_stations(&stations, period);
        assert_eq!(facts.at_drops, [(Medium::Wifi, 3), (Medium::Cable, 1)]);
        assert_eq!(facts.roams, [at(100), at(905), at(1_501)]);
        assert_eq!(facts.near_roam, Some((2, 3)));
        assert_eq!(facts.station_at(onset(102)).unwrap().1, Some(at(100)));
        assert_eq!(facts.station_at(onset(500)).unwrap().1, None);
        assert!(facts.station_at(onset(1_502)).is_none(), "on cable");
    }
}
