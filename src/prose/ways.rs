//! By which way packets left the computer, in sentences.

use crate::language::phrases::fill;
use crate::language::{Language, one_of};
use crate::report::{DropEntry, OtherWayEntry, Report};
use crate::vocabulary::{Medium, Way};

impl Language {
    /// What the computer was connected by, in one sentence without its full stop; `None` where the
    /// record does not say.
    pub(crate) fn connection(&self, report: &Report) -> Option<String> {
        let w = &self.phrases().ways;
        let facts = &report.ways;
        let ways: Vec<_> = match facts.by_line.as_slice() {
            [] => return None,
            [(only, _)] => vec![self.way(only)],
            several => several
                .iter()
                .map(|(way, length)| {
                    let length = self.length(*length);
                    fill(w.share, &[("way", self.way(way).as_str()), ("length", &length)])
                })
                .collect(),
        };
        let mut parts = vec![fill(w.connected, &[("ways", &ways.join(", "))])];
        let avoided = facts.by_line.iter().find_map(|(way, _)| way.avoids.as_deref());
        parts.extend(avoided.map(|tunnel| fill(w.avoids, &[("tunnel", tunnel)])));
        let through = facts.tunnel().map(|way| way.interface.as_str());
        parts.extend(through.map(|tunnel| fill(w.tunnel, &[("tunnel", tunnel)])));
        parts.extend(self.over_what(report));
        Some(parts.join("; "))
    }

    /// Over what the computer was connected when the drops began.
    pub(crate) fn over_what(&self, report: &Report) -> Vec<String> {
        let w = &self.phrases().ways;
        let facts = &report.ways;
        let mut parts = Vec::new();
        let all: usize = facts.at_drops.iter().map(|(_, count)| count).sum();
        for (medium, count) in &facts.at_drops {
            let values = [
                ("medium", w.medium.of(*medium).to_owned()),
                ("n", self.number(*count as u64)),
                ("all", self.number(all as u64)),
            ];
            parts.push(fill(w.at_drops, &values));
        }
        if let Some((n, all)) = facts.near_roam {
            let values = [("n", self.number(n as u64)), ("all", self.number(all as u64))];
            parts.push(fill(w.near_roam, &values));
        }
        parts
    }

    /// What Wi-Fi was like when a drop began; nothing where the computer was not on Wi-Fi.
    pub(crate) fn wifi_at(&self, drop: &DropEntry, report: &Report) -> Vec<String> {
        let w = &self.phrases().ways;
        let Some((seen, roam)) = report.ways.station_at(drop.onset) else { return Vec::new() };
        let known = |value: Option<String>| value.unwrap_or_else(|| "?".to_owned());
        let rate = seen.rate_kbps.map(|kbps| self.number((kbps / 1_000).into()));
        let values =
            [("signal", known(seen.signal_dbm.map(|dbm| dbm.to_string()))), ("rate", known(rate))];
        let mut remarks = vec![fill(w.wifi, &values)];
        let at = roam.map(|at| self.local(at, &report.zone, "%H:%M:%S"));
        remarks.extend(at.map(|at| fill(w.roamed, &[("at", at.as_str())])));
        remarks
    }

    /// Each way that is not the line, with how long it was taken and what happened there.
    pub(crate) fn other_ways(&self, report: &Report) -> Vec<String> {
        report.ways.others.iter().map(|other| self.other_way(other)).collect()
    }

    fn other_way(&self, other: &OtherWayEntry) -> String {
        let w = &self.phrases().ways;
        let way = self.way(&other.way);
        let mut text = fill(w.other, &[("length", &self.length(other.length())), ("way", &way)]);
        let n = other.counted();
        if n > 0 {
            text += "; ";
            text += &fill(one_of(w.drops, n), &[("n", &self.number(n as u64))]);
        }
        text
    }

    /// `cable (eth0, router 192.168.1.1)`.
    pub(crate) fn way(&self, way: &Way) -> String {
        let w = &self.phrases().ways;
        let medium = w.medium.of(way.medium);
        let values = [("medium", medium), ("interface", way.interface.as_str())];
        match way.gateway.filter(|_| way.medium != Medium::Tunnel) {
            Some(gateway) => {
                let gateway = gateway.to_string();
                fill(w.way, &[values[0], values[1], ("gateway", &gateway)])
            }
            None => fill(w.direct, &values),
        }
    }
}
