//! DNS probe: one query over UDP (RFC 1035) to a chosen server's address, to [`Outcome`].
//!
//! The server is asked directly, not by way of the system's resolver library, whose caches would
//! answer during an outage. Any NOERROR or NXDOMAIN proves that the server works; SERVFAIL,
//! REFUSED and the like are failures, and so is an address of the home for the public name that is
//! asked for by default. What is not the answer to the question is ignored.

use std::net::{IpAddr, SocketAddr};
use std::os::fd::AsRawFd;
use std::time::Duration;

use nix::errno::Errno;
use nix::sys::socket::{ControlMessageOwned, MsgFlags, recvmsg, setsockopt, sockopt};
use simple_dns::rdata::RData;
use simple_dns::{CLASS, Name, Packet, PacketFlag, QCLASS, QTYPE, Question, RCODE, TYPE};
use tokio::io::Interest;
use tokio::net::UdpSocket;

use super::tcp::{Stopwatch, why_not_sent};
use crate::time::{Reading, Timestamp};
use crate::vocabulary::well_known::DNS_TEST_NAME;
use crate::vocabulary::{Failed, FailedReason, NotSent, Outcome, Phase, Unreachable, is_private};

/// Larger answers are cut off; to a query without EDNS they must not exceed 512.
const ANSWER_LIMIT: usize = 4096;

/// Asks `server` for the A records of `name`, for the NS records of the root `.`; once, and waits at
/// most `limit`. `rtt` is from the call that sends to the kernel's stamp
/// of the answer, where that is plausible, else to its reading.
pub async fn probe(name: &str, server: SocketAddr, limit: Duration) -> Outcome {
    let kind = if name == "." { TYPE::NS } else { TYPE::A };
    match tokio::time::timeout(limit, ask(server, name, kind)).await {
        Err(_) => Outcome::Lost,
        Ok(Err(outcome)) => outcome,
        Ok(Ok(answer)) => match answer.code {
            RCODE::NoError if is_of_the_home(name, &answer.addresses) => {
                failed(FailedReason::HomePage)
            }
            RCODE::NoError | RCODE::NameError => Outcome::reply(answer.rtt),
            _ => failed(FailedReason::Dns),
        },
    }
}

/// Whether a name of the internet is said to be at home: so answer routers that lead everything to
/// a page of their own.
fn is_of_the_home(name: &str, addresses: &[IpAddr]) -> bool {
    same_name(name, DNS_TEST_NAME)
        && !addresses.is_empty()
        && addresses.iter().all(|address| is_private(*address))
}

/// What a server said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct DnsAnswer {
    pub(super) code: RCODE,
    /// Of A and AAAA records in it, at most 16.
    pub(super) addresses: Vec<IpAddr>,
    /// The shortest time to live of these records; `None` without any.
    pub(super) ttl: Option<Duration>,
    pub(super) rtt: Duration,
}

/// Sends one query and waits for its answer, without a limit of time.
pub(super) async fn ask(server: SocketAddr, name: &str, kind: TYPE) -> Result<DnsAnswer, Outcome> {
    let local = |e: &std::io::Error| Outcome::NotSent(why_not_sent(e, server.ip()));
    let id = fastrand::u16(..);
    let query = build(id, name, kind).ok_or(Outcome::NotSent(NotSent::Other))?;
    let any = SocketAddr::new(unspecified_like(server.ip()), 0);
    let socket = UdpSocket::bind(any).await.map_err(|e| local(&e))?;
    // Without the stamps the clock of this process must do.
    let _ = setsockopt(&socket, sockopt::ReceiveTimestampns, &true);
    // Connected: answers of others do not reach us, ICMP errors do.
    socket.connect(server).await.map_err(|e| local(&e))?;
    // The runtime takes a turn to find out that a new socket can be written to; not on our time.
    socket.writable().await.map_err(|e| local(&e))?;
    let clock = Stopwatch::start();
    let sent_at = Reading::now().utc;
    socket.try_send(&query).map_err(|e| local(&e))?;
    let mut buffer = [0; ANSWER_LIMIT];
    loop {
        let received = socket
            // An ICMP error makes the socket not readable but erroneous.
            .async_io(Interest::READABLE | Interest::ERROR, || receive(&socket, &mut buffer))
            .await
            .map_err(|e| from_network(&e, server.ip()))?;
        let elapsed = clock.elapsed();
        let Some(mut answer) = understand(&buffer[..received.length], id, name, kind) else {
            continue;
        };
        // The stamp is UTC: a step of the clock in between makes it useless.
        let stamped = received.stamp.and_then(|stamp| stamp.duration_since(sent_at));
        answer.rtt = stamped.filter(|&rtt| !rtt.is_zero() && rtt <= elapsed).unwrap_or(elapsed);
        return Ok(answer);
    }
}

struct Datagram {
    length: usize,
    /// When the kernel received it.
    stamp: Option<Timestamp>,
}

fn receive(socket: &UdpSocket, buffer: &mut [u8]) -> std::io::Result<Datagram> {
    let mut parts = [std::io::IoSliceMut::new(buffer)];
    let mut control = nix::cmsg_space!(nix::sys::time::TimeSpec);
    let message =
        recvmsg::<()>(socket.as_raw_fd(), &mut parts, Some(&mut control), MsgFlags::MSG_DONTWAIT)?;
    let stamp = message.cmsgs().ok().into_iter().flatten().find_map(|control| match control {
        ControlMessageOwned::ScmTimestampns(t) => {
            Some(Timestamp::from_micros(t.tv_sec() * 1_000_000 + t.tv_nsec() / 1_000))
        }
        _ => None,
    });
    Ok(Datagram { length: message.bytes, stamp })
}

/// What an error means that came after the query had been sent.
fn from_network(e: &std::io::Error, server: IpAddr) -> Outcome {
    let unreachable = |v4, v6| {
        let (icmp_type, code) = if server.is_ipv6() { (1, v6) } else { (3, v4) };
        Outcome::Unreachable(Unreachable { by: None, icmp_type, code })
    };
    match Errno::from_raw(e.raw_os_error().unwrap_or(0)) {
        Errno::ECONNREFUSED => failed(FailedReason::Refused),
        Errno::ENETUNREACH => unreachable(0, 0),
        Errno::EHOSTUNREACH => unreachable(1, 3),
        Errno::EACCES => unreachable(13, 1),
        _ => Outcome::NotSent(why_not_sent(e, server)),
    }
}

fn failed(reason: FailedReason) -> Outcome {
    Outcome::Failed(Failed { phase: Phase::Resolve, reason })
}

fn unspecified_like(ip: IpAddr) -> IpAddr {
    match ip {
        IpAddr::V4(_) => std::net::Ipv4Addr::UNSPECIFIED.into(),
        IpAddr::V6(_) => std::net::Ipv6Addr::UNSPECIFIED.into(),
    }
}

fn build(id: u16, name: &str, kind: TYPE) -> Option<Vec<u8>> {
    let mut packet = Packet::new_query(id);
    packet.set_flags(PacketFlag::RECURSION_DESIRED);
    // An answer to a question for another name would be refused.
    let name = Name::new(name).ok().filter(|read| same_name(&read.to_string(), name))?;
    packet.questions.push(Question::new(name, kind.into(), CLASS::IN.into(), false));
    packet.build_bytes_vec().ok()
}

/// The answer to exactly this question in `octets`, with an `rtt` of zero; `None` for anything
/// else.
fn understand(octets: &[u8], id: u16, name: &str, kind: TYPE) -> Option<DnsAnswer> {
    let packet = Packet::parse(octets).ok()?;
    let ours = packet.id() == id
        && packet.has_flags(PacketFlag::RESPONSE)
        && match packet.questions.as_slice() {
            // Servers that do not understand or refuse a query may leave the question out.
            [] => !matches!(packet.rcode(), RCODE::NoError | RCODE::NameError),
            [question] => {
                question.qtype == QTYPE::TYPE(kind)
                    && question.qclass == QCLASS::CLASS(CLASS::IN)
                    && same_name(&question.qname.to_string(), name)
            }
            _ => false,
        };
    let mut addresses = Vec::new();
    let mut ttl = None::<u32>;
    for record in packet.answers.iter().take(16) {
        match &record.rdata {
            RData::A(a) => addresses.push(IpAddr::from(a.address.to_be_bytes())),
            RData::AAAA(a) => addresses.push(IpAddr::from(a.address.to_be_bytes())),
            _ => continue,
        }
        ttl = Some(ttl.map_or(record.ttl, |t| t.min(record.ttl)));
    }
    ours.then(|| DnsAnswer {
        code: packet.rcode(),
        addresses,
        ttl: ttl.map(|s| Duration::from_secs(s.into())),
        rtt: Duration::ZERO,
    })
}

/// Names do not depend on case (RFC 4343) nor on a final dot.
fn same_name(a: &str, b: &str) -> bool {
    a.trim_end_matches('.').eq_ignore_ascii_case(b.trim_end_matches('.'))
}

#[cfg(test)]
#[path = "../../tests/fuzz/dns.rs"]
mod fuzz;
#[cfg(test)]
pub(super) mod tests;
