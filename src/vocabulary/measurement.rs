//! What one probe of one slot says.
//!
//! One slot, one [`Measurement`] (RFC 2330: a singleton). A lost probe has no delay (RFC 2681:
//! undefined, not large), and a probe that was not sent is neither loss nor uptime.

use std::net::IpAddr;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::target::TargetId;
use crate::time::Timestamp;

/// The result of the probe of one slot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Measurement {
    /// Who was probed.
    pub target: TargetId,
    /// When it was sent, in whole milliseconds UTC (see [`recorded_time`]); for a probe that was
    /// not sent, when it was due.
    pub sent_at: Timestamp,
    /// What came of it.
    pub outcome: Outcome,
}

/// The send time as it is recorded: the slot's own time, unless the probe left more than 5 ms
/// off it. Live detection and replay thereby see the same times.
pub fn recorded_time(due: Timestamp, actual: Timestamp) -> Timestamp {
    const NEGLIGIBLE_US: u64 = 5_000;
    if actual.micros_since(due).unsigned_abs() > NEGLIGIBLE_US {
        actual.floor_millis()
    } else {
        due.floor_millis()
    }
}

/// What came of a probe.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// A right answer within the loss threshold (Tmax).
    Reply(Reply),
    /// A right answer after the threshold and within 60 s: counts as lost (RFC 7680), proves
    /// connectivity.
    Late {
        /// Round-trip delay, more than the threshold.
        rtt: Duration,
    },
    /// No answer within the threshold (RFC 6673).
    Lost,
    /// A router or this host reported the probe undeliverable: lost, and we know by whom.
    Unreachable(Unreachable),
    /// HTTP, DNS or TCP answered wrongly: lost for the service, although something answered.
    Failed(Failed),
    /// Never left this host: counts against coverage, never as loss.
    NotSent(NotSent),
}

impl Outcome {
    /// A reply of which nothing but the delay is known.
    pub fn reply(rtt: Duration) -> Self {
        Self::Reply(Reply { rtt, local_queue: None, ttl: None, phases: None })
    }
    /// The round-trip delay of a reply in time.
    pub fn rtt(&self) -> Option<Duration> {
        match self {
            Self::Reply(reply) => Some(reply.rtt),
            _ => None,
        }
    }
    /// Whether it was sent, and so counts as sent in a loss ratio.
    pub fn was_sent(&self) -> bool {
        !matches!(self, Self::NotSent(_))
    }
    /// Whether it counts as lost in a loss ratio: sent, and no right answer within the threshold.
    pub fn is_lost(&self) -> bool {
        !matches!(self, Self::Reply(_) | Self::NotSent(_))
    }
    /// Whether the right answer came, but after the threshold.
    pub fn is_late(&self) -> bool {
        matches!(self, Self::Late { .. })
    }
}

/// An answer in time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply {
    /// Round-trip delay in whole microseconds (ICMP, DNS: echo and answer; TCP: SYN to SYN-ACK;
    /// HTTP: the whole request).
    pub rtt: Duration,
    /// Time in this host's own send queues (for the line, or for the address of the next hop),
    /// where the kernel's time stamps show it. Not part of `rtt`.
    pub local_queue: Option<Duration>,
    /// Hop limit with which an echo reply arrived; `None` where it is not known.
    pub ttl: Option<u8>,
    /// Phases of an HTTP request.
    pub phases: Option<Box<Phases>>,
}

/// Phases of an HTTP request, each from the end of the one before.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Phases {
    /// Name to address; `None` for a literal or remembered address.
    pub resolve: Option<Duration>,
    /// SYN to SYN-ACK, the kernel's `tcpi_rtt` where there is one.
    pub connect: Duration,
    /// TLS handshake; `None` for plain HTTP.
    pub tls: Option<Duration>,
    /// Request sent to first byte of the response.
    pub first_byte: Duration,
    /// First byte to the end of the body.
    pub transfer: Duration,
}

/// An ICMP error.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Unreachable {
    /// Who said so; `None` when this host's kernel did (when ARP went unanswered, say).
    pub by: Option<IpAddr>,
    /// ICMP or `ICMPv6` type.
    pub icmp_type: u8,
    /// ICMP or `ICMPv6` code.
    pub code: u8,
}

/// A wrong answer to an HTTP, DNS or TCP probe.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Failed {
    /// In which phase it failed.
    pub phase: Phase,
    /// How.
    pub reason: FailedReason,
}

/// Phase in which a probe failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[allow(missing_docs, reason = "the phases are described in `Phases`")]
pub enum Phase {
    Resolve,
    Connect,
    Tls,
    FirstByte,
    Transfer,
}

/// How a probe failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FailedReason {
    /// No answer within the probe's time limit.
    Timeout,
    /// The other side refused or reset the connection.
    Refused,
    /// The name does not resolve, or the server answers SERVFAIL or REFUSED.
    Dns,
    /// The TLS handshake failed: certificate wrong, expired, for another name.
    Tls,
    /// An HTTP status that was not expected.
    Status,
    /// Another page came in place of the site's: that of a captive portal, say.
    CaptivePortal,
    /// The answer breaks its protocol.
    Malformed,
    /// Another page came in place of the site's, from an address of the home or leading to one.
    HomePage,
}

impl FailedReason {
    /// Whether another page came in place of the site's.
    pub fn is_page(self) -> bool {
        matches!(self, Self::CaptivePortal | Self::HomePage)
    }
}

/// Why a probe was not sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum NotSent {
    /// This host has no route there (`ENETUNREACH`, `EHOSTUNREACH` from a local route).
    NoRoute,
    /// The interface is down or gone (`ENETDOWN`, `ENODEV`).
    LinkDown,
    /// A local rule or missing privilege forbids it (`EPERM`, `EACCES`).
    Forbidden,
    /// The local send queue is full (`ENOBUFS`, `EAGAIN`).
    QueueFull,
    /// The slot passed while the daemon could not run.
    Missed,
    /// The name has never been resolved.
    NoAddress,
    /// It was sent, with an identifier whose entry in the home's router was dead: it says nothing about
    /// the line.
    DeadEntry,
    /// It was sent, and what came meanwhile overflowed this host's socket: whether it was answered is not
    /// known.
    Overflowed,
    /// It was sent by another way than the line, and it is not known whether the line is dead or has moved:
    /// only the judge calls a probe that, none is stored so.
    OtherWay,
    /// Anything else the kernel said.
    Other,
}

impl NotSent {
    /// Whether this host's own connection was missing: no loss, and the link could not be used.
    pub fn is_local_outage(self) -> bool {
        matches!(self, Self::NoRoute | Self::LinkDown)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_probe_not_sent_is_neither_sent_nor_lost() {
        let outcome = Outcome::NotSent(NotSent::NoRoute);
        assert!(!outcome.was_sent() && !outcome.is_lost() && outcome.rtt().is_none());
    }

    #[test]
    fn a_late_reply_counts_as_lost_and_has_no_rtt_in_statistics() {
        let outcome = Outcome::Late { rtt: Duration::from_secs(4) };
        assert!(outcome.was_sent() && outcome.is_lost() && outcome.rtt().is_none());
    }

    #[test]
    fn a_send_within_5_ms_of_its_slot_is_recorded_at_the_slot() {
        let due = Timestamp::from_millis(1_000);
        assert_eq!(recorded_time(due, Timestamp::from_micros(1_004_900)), due);
        assert_eq!(
            recorded_time(due, Timestamp::from_micros(1_005_900)),
            Timestamp::from_millis(1_005)
        );
    }
}
