//! The ways of this computer: stored when they change, and whether the present one leads into the line.

use std::net::IpAddr;
use std::time::Duration;

use super::pace::ChangePace;
use crate::live::WayStatus;
use crate::probe::discover::WantedTarget;
use crate::stats::{LineWay, WaySpan};
use crate::time::{TimeRange, Timestamp};
use crate::vocabulary::{
    IpVersion, Kind, Measurement, Medium, Role, Target, Way, WayChange, are_numbered_alike,
    is_link_local_v6,
};

/// The ISP's hop is taken to be of a way that has lasted this long: it is looked for when the way
/// changes.
const SETTLED: Duration = Duration::from_secs(15);
/// The line is chosen anew this often: it follows from how long each way was seen.
const CHOICE_LASTS: Duration = Duration::from_secs(60);
/// A tunnel that can be kept out of lets answers in within this.
const BINDING_ANSWERS: Duration = Duration::from_secs(20);
/// Another way inside the router that lasts so long is the line, as far as anybody can tell.
const MOVED: Duration = Duration::from_secs(86_400);
/// What is remembered of the past.
const REMEMBERED: Duration = Duration::from_secs(31 * 86_400);
/// Stretches that are remembered; of more the shortest are forgotten, which show the line least.
const MOST_STRETCHES: usize = 500;

/// The present ways, and those of the last month.
#[derive(Debug)]
pub(super) struct KnownWays {
    named: Option<String>,
    /// Stretches that are over, in order.
    past: Vec<WaySpan>,
    /// IPv4 first; `None` before anything was seen of the family.
    #[allow(clippy::option_option, reason = "not looked yet, no way, a way")]
    now: [Option<Option<Way>>; 2],
    /// Since when the present way has been what it is.
    since: Option<Timestamp>,
    line: LineWay,
    chosen: Option<Timestamp>,
    /// What was stored last of each family, with its run and time.
    stored: [Option<(i64, Timestamp, Option<Way>)>; 2],
    /// The interface of each family's last way.
    links: [Option<u32>; 2],
    /// The interfaces by which probes keep out of a tunnel.
    bound: [Option<Binding>; 2],
    /// Changes to be stored once more, in place of what was stored of their time.
    corrected: Vec<WayChange>,
    /// How often a family's changes are stored.
    paces: [ChangePace; 2],
}

/// What was seen of the way of a family.
#[derive(Debug, Clone, Default)]
pub(super) struct SeenWay {
    /// `None`: there is none.
    pub(super) way: Option<Way>,
    /// Number of its interface.
    pub(super) index: Option<u32>,
    /// Number of the interface by which probes are to leave, where that keeps them out of a tunnel.
    pub(super) over: Option<u32>,
}

/// An interface by which probes are sent though others go by a tunnel.
#[derive(Debug, Clone, Copy)]
struct Binding {
    over: u32,
    since: Timestamp,
    proof: Proof,
}

/// Whether an anchor has answered over a binding.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Proof {
    Missing,
    Answered,
}

impl KnownWays {
    /// Knows these stretches of the past.
    pub(super) fn new(mut past: Vec<WaySpan>) -> Self {
        forget_shortest(&mut past);
        Self {
            named: None,
            past,
            now: [None, None],
            since: None,
            line: LineWay::Unknown,
            chosen: None,
            stored: [None, None],
            links: [None, None],
            bound: [None, None],
            corrected: Vec::new(),
            paces: Default::default(),
        }
    }

    /// The line is the way that these words describe; `None`: the one seen most.
    pub(super) fn set_name(&mut self, named: Option<String>) {
        self.named = named;
        self.chosen = None;
    }

    /// Packets of a family leave by another way.
    pub(super) fn saw(&mut self, version: IpVersion, seen: SeenWay, at: Timestamp) {
        let SeenWay { way, index, over } = seen;
        // Without a way a link-local gateway is asked on, over the interface that led to it.
        let link = &mut self.links[version.index()];
        *link = index.or(*link);
        let bound = &mut self.bound[version.index()];
        if bound.map(|binding| binding.over) != over {
            *bound = over.map(|over| Binding { over, since: at, proof: Proof::Missing });
        }
        self.set(version, way, at);
    }

    /// The interface by which probes of this address are to leave: that of the family's way, where the
    /// address means nothing without it, or else the one that keeps them out of a tunnel.
    pub(super) fn over(&self, to: IpAddr) -> Option<u32> {
        let version = IpVersion::of(to);
        if is_link_local_v6(to) {
            return self.links[version.index()];
        }
        self.bound[version.index()].map(|binding| binding.over)
    }

    /// An anchor that answers over an interface shows that probes can keep out of the tunnel there.
    pub(super) fn on_measurement(&mut self, m: &Measurement, targets: &[Target]) {
        if self.bound.iter().flatten().all(|binding| binding.proof == Proof::Answered)
            || m.outcome.rtt().is_none()
        {
            return;
        }
        let anchor = targets.iter().find(|t| t.id == m.target && t.role == Role::Anchor);
        let ip = anchor.filter(|t| t.kind == Kind::Icmp).and_then(Target::ip);
        if let Some(binding) = ip.and_then(|ip| self.bound[IpVersion::of(ip).index()].as_mut())
            && m.sent_at > binding.since
        {
            binding.proof = Proof::Answered;
        }
    }

    /// Where no anchor has ever answered over the interface, the tunnel lets nothing out beside it: the
    /// way has been the tunnel's all the while.
    fn give_up_bindings(&mut self, now: Timestamp) {
        for version in IpVersion::BOTH {
            let n = version.index();
            let is_vain = |binding: &Binding| {
                let age = now.duration_since(binding.since).unwrap_or_default();
                binding.proof == Proof::Missing && age >= BINDING_ANSWERS
            };
            if self.bound[n].as_ref().is_some_and(is_vain)
                && let Some(Some(way)) = &self.now[n]
                && let Some(tunnel) = way.avoids.clone()
            {
                self.bound[n] = None;
                let through = Way {
                    interface: tunnel,
                    medium: Medium::Tunnel,
                    gateway: None,
                    mac: None,
                    isp_hop: None,
                    avoids: None,
                };
                self.now[n] = Some(Some(through.clone()));
                if let Some((run, from, _)) = self.stored[n] {
                    self.stored[n] = Some((run, from, Some(through.clone())));
                    let way = Some(through);
                    self.corrected.push(WayChange { run, from, version, way });
                }
                self.choose(now);
            }
        }
    }

    fn set(&mut self, version: IpVersion, way: Option<Way>, at: Timestamp) {
        let before = self.present().cloned();
        self.now[version.index()] = Some(way);
        if self.present() == before.as_ref() && self.since.is_some() {
            return;
        }
        self.close(before, at);
        // What is known of the router or the ISP's hop beyond the same way makes no other one.
        self.choose(at);
    }

    fn close(&mut self, way: Option<Way>, at: Timestamp) {
        if let Some(from) = self.since.replace(at).filter(|from| *from < at) {
            self.past.push(WaySpan { range: TimeRange { from, to: at }, way });
        }
        let oldest = at - REMEMBERED;
        self.past.retain(|span| span.range.to >= oldest);
        forget_shortest(&mut self.past);
    }

    /// The hop of the ISP that the targets in use show belongs to the way that has been in use for a
    /// while.
    pub(super) fn follow_targets(&mut self, targets: &[Target], now: Timestamp) {
        let settled = self.since.and_then(|since| now.duration_since(since));
        if settled.is_none_or(|settled| settled < SETTLED) {
            return;
        }
        let hop = targets.iter().find(|t| t.role == Role::Isp && t.kind == Kind::Icmp);
        let Some(hop) = hop.and_then(Target::ip) else { return };
        let version = IpVersion::of(hop);
        if let Some(Some(way)) = &self.now[version.index()]
            && way.isp_hop != Some(hop)
        {
            let way = Way { isp_hop: Some(hop), ..way.clone() };
            let since = self.since;
            self.set(version, Some(way), now);
            self.since = since.or(self.since);
            self.past.pop_if(|span| span.range.to == now);
        }
    }

    /// What is to be stored because it is not what was stored last, or because the run is another one;
    /// what [`ChangePace`] does not admit is there the next time.
    pub(super) fn changes(&mut self, run: i64, now: Timestamp) -> Vec<WayChange> {
        let mut changes = std::mem::take(&mut self.corrected);
        for version in IpVersion::BOTH {
            let n = version.index();
            let Some(way) = &self.now[n] else { continue };
            let last = self.stored[n].as_ref().filter(|(stored, ..)| *stored == run);
            if last.is_some_and(|(_, _, stored)| stored == way) {
                continue;
            }
            // Each run says by which way it began; one that flaps waits.
            if !self.paces[n].admits(now) && last.is_some() {
                continue;
            }
            let from = last.map_or(now, |(_, last, _)| now.max(last.plus_micros(1)));
            self.stored[n] = Some((run, from, way.clone()));
            changes.push(WayChange { run, from, version, way: way.clone() });
        }
        changes
    }

    /// The way of IPv4, else that of IPv6.
    pub(super) fn present(&self) -> Option<&Way> {
        self.now.iter().flatten().flatten().next()
    }

    /// A second has passed.
    pub(super) fn second(&mut self, now: Timestamp) {
        self.give_up_bindings(now);
        let age = self.chosen.and_then(|chosen| now.duration_since(chosen));
        if age.is_none_or(|age| age >= CHOICE_LASTS) {
            self.choose(now);
        }
    }

    fn choose(&mut self, now: Timestamp) {
        self.chosen = Some(now);
        let mut spans = self.past.clone();
        spans.extend(self.open(now));
        self.line = LineWay::of(self.named.as_deref(), &spans, now);
    }

    fn open(&self, now: Timestamp) -> Option<WaySpan> {
        let from = self.since?;
        // A way that was just seen counts for a moment, so that the first one is the line at once.
        let to = now.max(from.plus_micros(1));
        Some(WaySpan { range: TimeRange { from, to }, way: self.present().cloned() })
    }

    /// Whether the present way is not the line's.
    pub(super) fn is_apart(&self) -> bool {
        self.present().is_some_and(|way| !self.line.is_by(way))
    }

    /// Whether the way at an instant was not the line's.
    pub(super) fn was_apart(&self, at: Timestamp) -> bool {
        let of_past = self.past.iter().rev().find(|span| span.range.contains(at));
        match of_past {
            Some(span) => span.way.as_ref().is_some_and(|way| !self.line.is_by(way)),
            None => self.since.is_some_and(|since| at >= since) && self.is_apart(),
        }
    }

    /// As a status has it.
    pub(super) fn status(&self) -> Option<WayStatus> {
        let way = self.present()?;
        Some(WayStatus {
            interface: way.interface.clone(),
            medium: way.medium,
            gateway: way.gateway,
            avoids: way.avoids.clone(),
            is_line: !self.is_apart(),
            since: self.since,
        })
    }
}

/// While the router sends packets by another way, what is found on that way is no hop of the line: its
/// hops stay, unless the new ones are in the same network of the ISP. One that has lasted for a day is
/// taken for the line that has moved.
pub(super) fn keep_hops_of_line(
    wanted: &mut [WantedTarget],
    current: &[Target],
    now: Timestamp,
    since: Timestamp,
) {
    if now.duration_since(since).is_some_and(|lasted| lasted >= MOVED) {
        return;
    }
    for hop in wanted.iter_mut().filter(|w| w.role == Role::Isp && w.kind == Kind::Icmp) {
        let known = current.iter().find(|known| known.name == hop.name);
        if let Some(known) = known.filter(|known| !are_kin(known.ip(), hop.ip())) {
            hop.endpoint = known.endpoint.clone();
        }
    }
}

/// Of more than [`MOST_STRETCHES`] the shortest go; of equals the oldest.
fn forget_shortest(past: &mut Vec<WaySpan>) {
    if past.len() > MOST_STRETCHES {
        let mut lengths: Vec<Duration> = past.iter().map(|span| span.range.length()).collect();
        lengths.sort_unstable();
        let shortest = lengths[past.len() - MOST_STRETCHES - 1];
        let mut surplus = past.len() - MOST_STRETCHES;
        past.retain(|span| {
            let goes = surplus > 0 && span.range.length() <= shortest;
            surplus -= usize::from(goes);
            !goes
        });
    }
}

/// Whether two hops are of one ISP, as far as their addresses show.
fn are_kin(a: Option<IpAddr>, b: Option<IpAddr>) -> bool {
    a.zip(b).is_some_and(|(a, b)| are_numbered_alike(a, b))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_seconds(seconds)
    }

    fn way(interface: &str, gateway: &str) -> Way {
        Way {
            interface: interface.to_owned(),
            medium: Medium::Cable,
            gateway: gateway.parse::<IpAddr>().ok(),
            mac: None,
            isp_hop: None,
            avoids: None,
        }
    }

    const FAR: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(1, 1, 1, 1));

    fn seen(way: Option<Way>) -> SeenWay {
        SeenWay { way, ..SeenWay::default() }
    }

    #[test]
    fn a_link_local_gateway_is_asked_over_the_interface_that_led_to_it_last() {
        let mut ways = KnownWays::new(Vec::new());
        let gateway = "fe80::1".parse().unwrap();
        assert_eq!(ways.over(gateway), None);
        let on = |index| SeenWay { index: Some(index), ..seen(Some(way("lan0", "fe80::1"))) };
        ways.saw(IpVersion::V6, on(7), at(0));
        ways.saw(IpVersion::V4, SeenWay { index: Some(3), ..SeenWay::default() }, at(0));
        assert_eq!((ways.over(gateway), ways.over(FAR)), (Some(7), None));
        ways.saw(IpVersion::V6, SeenWay::default(), at(1));
        assert_eq!(ways.over(gateway), Some(7), "its route is gone, the router is not");
        ways.saw(IpVersion::V6, on(9), at(2));
        assert_eq!(ways.over(gateway), Some(9));
    }

    #[test]
    fn a_hotspot_after_the_line_is_apart_until_the_line_is_back() {
        let (home, hotspot) = (way("lan0", "192.168.1.1"), way("wlan0", "172.20.10.1"));
        let mut ways = KnownWays::new(Vec::new());
        assert!(!ways.is_apart());
        for (from, now) in [(0, Some(&home)), (50, None), (52, Some(&hotspot)), (252, Some(&home))]
        {
            ways.saw(IpVersion::V4, seen(now.cloned()), at(from));
            assert_eq!(ways.is_apart(), from == 52);
        }
        ways.second(at(300));
        assert!(!ways.was_apart(at(40)) && ways.was_apart(at(100)) && !ways.was_apart(at(260)));
        assert!(ways.status().unwrap().is_line);
        ways.set_name(Some("wlan0".to_owned()));
        ways.second(at(301));
        assert!(ways.is_apart() && !ways.was_apart(at(100)));
    }

    #[test]
    fn a_way_that_flaps_for_days_is_remembered_within_bounds_and_the_line_with_it() {
        let (home, hotspot) = (way("lan0", "192.168.1.1"), way("wlan0", "172.20.10.1"));
        let mut ways = KnownWays::new(Vec::new());
        ways.saw(IpVersion::V4, seen(Some(home.clone())), at(0));
        for n in 0..3_000 {
            let now = if n % 2 == 0 { &hotspot } else { &home };
            ways.saw(IpVersion::V4, seen(Some(now.clone())), at(100_000 + n));
        }
        assert_eq!(ways.past.len(), MOST_STRETCHES);
        assert_eq!(ways.past[0].range, TimeRange { from: at(0), to: at(100_000) });
        assert!(ways.status().unwrap().is_line && !ways.was_apart(at(50_000)));
        let again = KnownWays::new((0..900).map(|_| ways.past[0].clone()).collect());
        assert_eq!(again.past.len(), MOST_STRETCHES);
    }

    #[test]
    fn a_way_that_flaps_is_stored_within_bounds_and_at_last_as_it_is() {
        let (home, hotspot) = (way("lan0", "192.168.1.1"), way("wlan0", "172.20.10.1"));
        let mut ways = KnownWays::new(Vec::new());
        let mut stored = Vec::new();
        for n in 0..10_000 {
            let now = if n % 2 == 0 { &hotspot } else { &home };
            ways.saw(IpVersion::V4, seen(Some(now.clone())), at(n));
            stored.extend(ways.changes(1, at(n)));
        }
        assert!((1_000..1_200).contains(&stored.len()), "{}", stored.len());
        assert!(stored.is_sorted_by(|a, b| a.from < b.from));
        assert_eq!(ways.changes(2, at(10_000)).len(), 1, "each run begins with its way");
        ways.saw(IpVersion::V4, seen(Some(hotspot.clone())), at(10_001));
        stored.extend((10_001..10_100).flat_map(|n| ways.changes(2, at(n))));
        assert_eq!(stored.last().unwrap().way, Some(hotspot));
    }

    #[test]
    fn a_way_is_stored_once_in_each_run() {
        let mut ways = KnownWays::new(Vec::new());
        assert_eq!(ways.changes(1, at(0)), []);
        ways.saw(IpVersion::V4, seen(Some(way("lan0", "192.168.1.1"))), at(1));
        ways.saw(IpVersion::V6, seen(None), at(1));
        let stored = ways.changes(1, at(1));
        assert_eq!(stored.len(), 2);
        assert_eq!(ways.changes(1, at(2)), []);
        assert_eq!(ways.changes(2, at(3)).len(), 2, "another run");
    }

    #[test]
    fn a_tunnel_that_lets_nothing_out_beside_it_is_the_way_all_the_while() {
        let mut ways = KnownWays::new(Vec::new());
        ways.saw(IpVersion::V4, seen(Some(way("lan0", "192.168.1.1"))), at(0));
        ways.changes(1, at(0));
        let beside = Way { avoids: Some("tun0".to_owned()), ..way("lan0", "192.168.1.1") };
        ways.saw(IpVersion::V4, SeenWay { over: Some(2), ..seen(Some(beside)) }, at(100));
        let stored = ways.changes(1, at(100));
        assert_eq!(ways.over(FAR), Some(2));
        ways.second(at(119));
        assert_eq!(ways.over(FAR), Some(2));
        ways.second(at(120));
        assert_eq!(ways.over(FAR), None);
        let corrected = ways.changes(1, at(120));
        assert_eq!((corrected.len(), corrected[0].from), (1, stored[0].from));
        assert_eq!(corrected[0].way.as_ref().unwrap().medium, Medium::Tunnel);
        assert!(ways.is_apart() && ways.was_apart(at(110)) && !ways.was_apart(at(50)));
    }
}
