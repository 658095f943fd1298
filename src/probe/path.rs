//! The hops between this host and a target, found with TTL-limited echo requests, and which of
//! them is the ISP's first.
//!
//! Works without privilege: the hop limit goes with each packet, "time exceeded" comes by the
//! socket's error queue. [`classify`] is pure. Of several paths that load
//! balancers may use, one is shown; for the first hops of a home line there is only one.

use std::io;
use std::net::IpAddr;
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, Timespec, poll};

use super::icmp::{IcmpSocket, NonceHead, ProbeMark, QueuedError, reason, request};
use crate::time::{BootTime, Micros, Reading};
use crate::vocabulary::{IpVersion, NotSent, Unreachable, is_of_home};

/// Probes per hop.
const TRIES: u8 = 3;
/// Distance between two probes: routers answer few errors a second.
const PACE: Micros = Micros::from_millis(20);

/// One hop of the path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hop {
    /// Its distance: 1 is the gateway.
    pub ttl: u8,
    /// Who answered; `None` if no one did.
    pub address: Option<IpAddr>,
    /// Shortest delay of its answers, by the user clock.
    pub rtt: Option<Duration>,
}

/// What the first hops are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct FirstHops {
    /// The first hop of the ISP.
    pub isp: Option<IpAddr>,
    /// Whether a hop before that one did not answer: it may be the first.
    pub is_isp_doubtful: bool,
    /// A private hop between the gateway and the ISP: a modem that routes, it seems.
    pub routed_modem: Option<IpAddr>,
}

/// Sends a probe for each hop up to `max_ttl` (at most 32), to those that do not answer up to three,
/// and waits for at most `wait` for the answers to the last: routers answer few errors a second.
/// Blocks for at most about `wait` + `max_ttl` x 60 ms. The hops end with the target, if it was
/// reached.
///
/// # Errors
/// Those of opening the socket, and of a poll that fails.
pub fn trace(target: IpAddr, max_ttl: u8, wait: Duration) -> io::Result<Vec<Hop>> {
    let max_ttl = max_ttl.min(32);
    let family = IpVersion::of(target);
    let nonce = fastrand::u64(..);
    let socket = IcmpSocket::open(family, NonceHead::of(nonce))?;
    let over = super::host::beneath_tunnel(target);
    let mut hops: Vec<Hop> =
        (1..=max_ttl).map(|ttl| Hop { ttl, address: None, rtt: None }).collect();
    let mut sent = Vec::with_capacity(hops.len() * usize::from(TRIES));
    let mut reached = max_ttl;
    for _ in 0..TRIES {
        for ttl in 1..=max_ttl {
            let has_answered = hops[usize::from(ttl) - 1].address.is_some();
            if ttl > reached || has_answered {
                continue;
            }
            let number = sent.len() as u64;
            let sequence = u16::try_from(number).unwrap_or(u16::MAX);
            let octets = request(family, socket.ident(), sequence, ProbeMark { number, nonce });
            let now = Reading::now().boot;
            // An error of an earlier probe may fail this one (see the engine): it is tried again.
            let sending = socket.send(&octets, target, Some(ttl), over);
            if sending.is_err() {
                let _ = socket.send(&octets, target, Some(ttl), over);
            }
            sent.push((ttl, now));
            collect(&socket, target, nonce, &sent, now + PACE, &mut hops, &mut reached)?;
        }
    }
    let end = Reading::now().boot + wait;
    collect(&socket, target, nonce, &sent, end, &mut hops, &mut reached)?;
    hops.truncate(usize::from(reached));
    Ok(hops)
}

/// The answers to one request for each hop limit.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct AskedOnce {
    /// The hops that were asked; they end with the target, if it was reached.
    pub hops: Vec<Hop>,
    /// Why none could be sent.
    pub unsent: Option<NotSent>,
}

/// Sends one request for each of these hop limits (at most 32 each), 20 ms apart, and waits for at
/// most `wait` for the answers to the last. Blocks.
///
/// # Errors
/// Those of opening the socket, and of a poll that fails.
pub fn ask_once(target: IpAddr, limits: &[u8], wait: Duration) -> io::Result<AskedOnce> {
    let family = IpVersion::of(target);
    let nonce = fastrand::u64(..);
    let socket = IcmpSocket::open(family, NonceHead::of(nonce))?;
    let over = super::host::beneath_tunnel(target);
    let most = limits.iter().copied().max().unwrap_or(0).min(32);
    let mut hops: Vec<Hop> = (1..=most).map(|ttl| Hop { ttl, address: None, rtt: None }).collect();
    let mut reached = most;
    let (mut sent, mut refused) = (Vec::new(), None);
    let mut any_left = false;
    for &ttl in limits.iter().filter(|ttl| (1..=most).contains(*ttl)) {
        let number = sent.len() as u64;
        let sequence = u16::try_from(number).unwrap_or(u16::MAX);
        let octets = request(family, socket.ident(), sequence, ProbeMark { number, nonce });
        let now = Reading::now().boot;
        // An error of an earlier probe may fail this one (see the engine): it is tried again.
        let first = socket.send(&octets, target, Some(ttl), over);
        match first.or_else(|_| socket.send(&octets, target, Some(ttl), over)) {
            Ok(()) => any_left = true,
            Err(errno) => refused = Some(reason(errno)),
        }
        sent.push((ttl, now));
        collect(&socket, target, nonce, &sent, now + PACE, &mut hops, &mut reached)?;
    }
    let end = Reading::now().boot + wait;
    collect(&socket, target, nonce, &sent, end, &mut hops, &mut reached)?;
    hops.retain(|hop| hop.ttl <= reached && limits.contains(&hop.ttl));
    Ok(AskedOnce { hops, unsent: refused.filter(|_| !any_left) })
}

/// Whether an error is that of a hop at which the request's hop limit was used up. A router that
/// says "unreachable" may be anywhere before the hop that was asked for: that of the home says it
/// with the address of its far side while the line is down, which is not a hop of the ISP.
fn is_passed(target: IpAddr, what: Unreachable) -> bool {
    let time_exceeded = if target.is_ipv4() { 11 } else { 3 };
    what.by.is_some() && what.icmp_type == time_exceeded
}

/// Reads answers until `end`, or until every hop up to the target has one.
fn collect(
    socket: &IcmpSocket,
    target: IpAddr,
    nonce: u64,
    sent: &[(u8, BootTime)],
    end: BootTime,
    hops: &mut [Hop],
    reached: &mut u8,
) -> io::Result<()> {
    loop {
        let now = Reading::now().boot;
        let mut answer = |mark: Option<ProbeMark>, sequence: u16, from: Option<IpAddr>| {
            // Some routers quote no more than the header; the nonce is checked where it is.
            if mark.is_some_and(|mark| mark.nonce != nonce) {
                return None;
            }
            let (ttl, sent_at) = *sent.get(usize::from(sequence))?;
            let hop = hops.get_mut(usize::from(ttl) - 1)?;
            let rtt = now.since(sent_at).to_duration();
            hop.address = hop.address.or(from);
            hop.rtt = Some(hop.rtt.map_or(rtt, |known| known.min(rtt)));
            Some(ttl)
        };
        for report in socket.reports() {
            if let QueuedError::Refused { to, echo, what, .. } = report
                && to == target
                && is_passed(target, what)
            {
                answer(echo.mark, echo.sequence, what.by);
            }
        }
        for reply in socket.replies().all {
            if reply.from == target
                && reply.echo.mark.is_some()
                && let Some(ttl) = answer(reply.echo.mark, reply.echo.sequence, Some(target))
            {
                *reached = (*reached).min(ttl);
            }
        }
        let complete = hops.iter().take(usize::from(*reached)).all(|hop| hop.address.is_some());
        let left = end.since(Reading::now().boot);
        if left <= Micros::ZERO || (complete && left > PACE) {
            return Ok(());
        }
        let left = left.as_i64();
        let timeout = Timespec { tv_sec: left / 1_000_000, tv_nsec: left % 1_000_000 * 1_000 };
        match poll(&mut [PollFd::new(socket, PollFlags::IN)], Some(&timeout)) {
            Ok(_) | Err(rustix::io::Errno::INTR) => {}
            Err(error) => return Err(error.into()),
        }
    }
}

/// The home's own routers, as far as they are known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct HomeRouters {
    /// The gateway of the default route.
    pub gateway: Option<IpAddr>,
    /// The modem.
    pub modem: Option<IpAddr>,
    /// The distance of the ISP's first hop, where the other family has shown it.
    pub isp_distance: Option<u8>,
}

impl HomeRouters {
    /// Whether a hop beyond the gateway is still of the home. Over IPv6 a second router of the home has a
    /// global address: it is nearer than the ISP's first hop is over IPv4; where that is not known, it
    /// has an address of the same /48 as the first router, from what the ISP gave to this customer.
    fn holds(&self, hop: &Hop, address: IpAddr, first: Option<IpAddr>) -> bool {
        Some(address) == self.modem
            || is_of_home(address)
            || match (self.isp_distance, address, first) {
                (Some(distance), ..) => hop.ttl < distance,
                (None, IpAddr::V6(address), Some(IpAddr::V6(first))) => {
                    address.segments()[..3] == first.segments()[..3]
                }
                _ => false,
            }
    }
}

/// Names the first hops.
///
/// The ISP's first hop is the first beyond the gateway that is public or of the carrier's shared
/// space (100.64/10, RFC 6598) and not of the home. The target of the trace itself must not be among
/// `hops`.
pub fn classify(hops: &[Hop], home: HomeRouters) -> FirstHops {
    let mut found = FirstHops::default();
    let first = hops.iter().find(|hop| hop.ttl == 1).and_then(|hop| hop.address);
    for hop in hops.iter().filter(|hop| hop.ttl > 1) {
        let Some(address) = hop.address else {
            found.is_isp_doubtful = true;
            continue;
        };
        if Some(address) == home.gateway {
            continue;
        }
        if home.holds(hop, address, first) {
            found.routed_modem = found.routed_modem.or(Some(address));
            continue;
        }
        found.isp = Some(address);
        break;
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hops(addresses: &[&str]) -> Vec<Hop> {
        (1..)
            .zip(addresses)
            .map(|(ttl, address)| Hop { ttl, address: address.parse().ok(), rtt: None })
            .collect()
    }

    fn ip(address: &str) -> Option<IpAddr> {
        address.parse().ok()
    }

    #[test]
    fn only_a_hop_that_used_up_the_limit_stands_where_it_was_asked_for() {
        let said = |by, icmp_type| Unreachable { by: ip(by), icmp_type, code: 0 };
        let (v4, v6) = (ip("1.1.1.1").unwrap(), ip("2606:4700:4700::1111").unwrap());
        assert!(is_passed(v4, said("203.0.113.1", 11)) && is_passed(v6, said("2001:db8::1", 3)));
        assert!(!is_passed(v4, said("203.0.113.10", 3)), "unreachable");
        assert!(!is_passed(v6, said("2001:db8::10", 1)), "unreachable");
        assert!(!is_passed(v4, said("", 11)), "this host itself");
    }

    fn home(gateway: &str, modem: &str) -> HomeRouters {
        HomeRouters { gateway: ip(gateway), modem: ip(modem), isp_distance: None }
    }

    #[test]
    fn a_second_router_of_the_home_is_not_the_isps_over_ipv6_though_its_address_is_global() {
        let path = hops(&["2001:db8:1:1::1", "2001:db8:1:f::1", "2001:db8:0:1::1"]);
        let isp = |isp_distance| {
            classify(&path, HomeRouters { isp_distance, ..home("fe80::1", "192.168.100.1") }).isp
        };
        assert_eq!(isp(Some(3)), ip("2001:db8:0:1::1"), "as far as over IPv4");
        assert_eq!(isp(None), ip("2001:db8:0:1::1"), "the home's own /48");
        assert_eq!(isp(Some(2)), ip("2001:db8:1:f::1"), "an ISP that numbers its router so");
    }

    #[test]
    fn the_first_public_or_shared_hop_beyond_the_gateway_is_the_isps() {
        let cases: [(&[&str], &str, &str, &str, &str); 8] = [
            (&["192.168.1.1", "203.0.113.1", "198.51.100.2"], "192.168.1.1", "", "203.0.113.1", ""),
            (&["192.168.1.1", "100.64.0.1"], "192.168.1.1", "", "100.64.0.1", ""),
            (&["192.168.1.1", "*", "203.0.113.1"], "192.168.1.1", "", "203.0.113.1", ""),
            (
                &["192.168.1.1", "192.168.100.1", "203.0.113.1"],
                "192.168.1.1",
                "192.168.100.1",
                "203.0.113.1",
                "192.168.100.1",
            ),
            (
                &["192.168.1.1", "10.0.0.138", "203.0.113.1"],
                "192.168.1.1",
                "",
                "203.0.113.1",
                "10.0.0.138",
            ),
            (&["192.168.1.1", "10.1.1.1"], "192.168.1.1", "", "", "10.1.1.1"),
            (&["*", "*", "*"], "192.168.1.1", "", "", ""),
            (&["fe80::1", "2001:db8:0:1::1"], "fe80::1", "", "2001:db8:0:1::1", ""),
        ];
        for (path, gateway, modem, isp, routed_modem) in cases {
            assert_eq!(
                classify(&hops(path), home(gateway, modem)),
                FirstHops {
                    isp: ip(isp),
                    is_isp_doubtful: path.contains(&"*"),
                    routed_modem: ip(routed_modem)
                },
                "{path:?}"
            );
        }
    }
}
