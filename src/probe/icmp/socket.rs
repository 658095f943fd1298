//! One ICMP socket of Linux: sends echo requests, reads replies and the error queue, with kernel
//! time stamps.
//!
//! Unconnected and unbound, so that route and source address are chosen anew for each packet.
//! A datagram socket where `ping_group_range` permits, else a raw one that receives only its own
//! echo replies. ICMP errors and send stamps come by the error queue.

use std::cell::Cell;
use std::io::{self, IoSlice, IoSliceMut};
use std::net::{IpAddr, SocketAddr, SocketAddrV6};
use std::os::fd::{AsFd, AsRawFd, BorrowedFd};

use nix::errno::Errno;
use nix::sys::socket::{
    ControlMessage, ControlMessageOwned, MsgFlags, MultiHeaders, SockaddrStorage, TimestampingFlag,
    recvmmsg, sendmsg, sendto, setsockopt, sockopt,
};
use socket2::{Domain, Protocol, SockFilter, Socket, Type};

use super::packet::{self, Echo};
use super::stamps::Station;
use crate::sys::icmp_filter;
use crate::vocabulary::{IpVersion, NotSent, Unreachable, is_link_local_v6};

/// How the socket came to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Access {
    /// Datagram socket, no privilege needed.
    Unprivileged,
    /// Raw socket by `CAP_NET_RAW`.
    Raw,
}

/// An open ICMP socket.
#[derive(Debug)]
pub(crate) struct IcmpSocket {
    fd: Socket,
    family: IpVersion,
    access: Access,
    ident: u16,
    /// How many messages the kernel had no room for, when it last said so.
    dropped: Cell<u32>,
}

/// The upper half of the nonces of a socket. The kernel hands over no echo reply that has another: a
/// flood of forged ones reaches neither this program nor the room for real ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct NonceHead(u32);

impl NonceHead {
    /// One that nobody can guess.
    pub(crate) fn random() -> Self {
        Self(fastrand::u32(..))
    }

    /// That of a nonce.
    pub(crate) fn of(nonce: u64) -> Self {
        Self(u32::try_from(nonce >> 32).unwrap_or_default())
    }

    /// A random nonce with it.
    pub(crate) fn nonce(self) -> u64 {
        u64::from(self.0) << 32 | u64::from(fastrand::u32(..))
    }
}

/// What was read of a socket.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct DrainedReplies {
    /// The replies, in the order in which they came.
    pub(crate) all: Vec<EchoReply>,
    /// Whether others came before the last of them that the kernel had no room for.
    pub(crate) overflowed: bool,
}

/// An echo reply, or what claims to be one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct EchoReply {
    /// Source address.
    pub(crate) from: IpAddr,
    /// What it says.
    pub(crate) echo: Echo,
    /// When the kernel received it, UTC in nanoseconds.
    pub(crate) kernel_ns: Option<i64>,
    /// Hop limit with which it arrived.
    pub(crate) ttl: Option<u8>,
}

/// What the error queue has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum QueuedError {
    /// A packet was stamped.
    Stamp {
        /// The kernel's number of the packet.
        key: u32,
        /// Where.
        station: Station,
        /// UTC in nanoseconds.
        ns: i64,
    },
    /// An ICMP error about a request of ours.
    Refused {
        /// Where the request went.
        to: IpAddr,
        /// The request as quoted.
        echo: Echo,
        /// What was said, and by whom.
        what: Unreachable,
        /// When the error was received, UTC in nanoseconds.
        kernel_ns: Option<i64>,
    },
    /// Something else; of no interest.
    Other,
}

/// Messages read by one system call: more than come within a second of the default targets (two stamps
/// a probe), so that one call nearly always finds the queue empty and needs no second one to learn it.
const BATCH: usize = 32;
/// Messages read at one time: a flood must not keep the next slot waiting.
const READ_AT_MOST: usize = 4_096;
/// Octets of a message; requests and replies have less than 64.
const MESSAGE: usize = 256;
/// Octets of control messages that come with one: stamps (64), an error (64) and a hop limit (20).
const CONTROL: usize = 256;

impl IcmpSocket {
    /// Opens it: unprivileged if possible, else raw. The error is that of the raw socket. Only requests
    /// with nonces of `head` are answered.
    pub(crate) fn open(family: IpVersion, head: NonceHead) -> io::Result<Self> {
        let (domain, protocol) = match family {
            IpVersion::V4 => (Domain::IPV4, Protocol::ICMPV4),
            IpVersion::V6 => (Domain::IPV6, Protocol::ICMPV6),
        };
        let open = |kind: Type| Socket::new(domain, kind.nonblocking(), Some(protocol));
        let (socket, access) = match open(Type::DGRAM) {
            Ok(socket) => (socket, Access::Unprivileged),
            Err(_) => (open(Type::RAW)?, Access::Raw),
        };
        let ident = fastrand::u16(1..);
        let this = Self { fd: socket, family, access, ident, dropped: Cell::new(0) };
        match family {
            IpVersion::V4 => {
                setsockopt(&this.fd, sockopt::Ipv4RecvErr, &true)?;
                setsockopt(&this.fd, sockopt::Ipv4RecvTtl, &true)?;
            }
            IpVersion::V6 => {
                setsockopt(&this.fd, sockopt::Ipv6RecvErr, &true)?;
                setsockopt(&this.fd, sockopt::Ipv6RecvHopLimit, &true)?;
            }
        }
        if access == Access::Raw {
            match family {
                IpVersion::V4 => icmp_filter::only_echo_replies(this.fd.as_fd())?,
                IpVersion::V6 => icmp_filter::only_echo_replies_v6(this.fd.as_fd())?,
            }
        }
        this.fd.attach_filter(&only_ours(family, access, ident, head))?;
        setsockopt(&this.fd, sockopt::RxqOvfl, &1)?;
        let stamps = TimestampingFlag::SOF_TIMESTAMPING_TX_SOFTWARE
            | TimestampingFlag::SOF_TIMESTAMPING_RX_SOFTWARE
            | TimestampingFlag::SOF_TIMESTAMPING_SOFTWARE
            | TimestampingFlag::SOF_TIMESTAMPING_OPT_ID
            | TimestampingFlag::SOF_TIMESTAMPING_OPT_TSONLY
            | TimestampingFlag::from_bits_retain(libc::SOF_TIMESTAMPING_TX_SCHED);
        setsockopt(&this.fd, sockopt::Timestamping, &stamps)?;
        Ok(this)
    }

    /// How it came to be.
    pub(crate) fn access(&self) -> Access {
        self.access
    }

    /// Identifier of its requests; on datagram sockets the kernel puts in its own.
    pub(crate) fn ident(&self) -> u16 {
        self.ident
    }

    /// Sends a request; `hop_limit` is that of the system when `None`, and the kernel chooses the
    /// interface unless one is given by its number in `over`.
    pub(crate) fn send(
        &self,
        octets: &[u8],
        to: IpAddr,
        hop_limit: Option<u8>,
        over: Option<u32>,
    ) -> nix::Result<()> {
        let address = match to {
            IpAddr::V4(ip) => SocketAddr::from((ip, 0)),
            IpAddr::V6(ip) => {
                let scope = over.filter(|_| is_link_local_v6(to)).unwrap_or(0);
                SocketAddrV6::new(ip, 0, 0, scope).into()
            }
        };
        let address = SockaddrStorage::from(address);
        let fd = self.fd.as_raw_fd();
        if hop_limit.is_none() && over.is_none() {
            return sendto(fd, octets, &address, MsgFlags::MSG_DONTWAIT).map(drop);
        }
        let limit = hop_limit.map(i32::from);
        let limit = limit.as_ref().map(|limit| match to {
            IpAddr::V4(_) => ControlMessage::Ipv4Ttl(limit),
            IpAddr::V6(_) => ControlMessage::Ipv6HopLimit(limit),
        });
        let (v4, v6) = (over.map(packet_info), over.map(packet_info_v6));
        let over = match to {
            IpAddr::V4(_) => v4.as_ref().map(ControlMessage::Ipv4PacketInfo),
            IpAddr::V6(_) => v6.as_ref().map(ControlMessage::Ipv6PacketInfo),
        };
        let controls: Vec<_> = limit.into_iter().chain(over).collect();
        let data = [IoSlice::new(octets)];
        sendmsg(fd, &data, &controls, MsgFlags::MSG_DONTWAIT, Some(&address)).map(drop)
    }

    /// The replies that have come. Whatever is not an echo reply is passed over.
    pub(crate) fn replies(&self) -> DrainedReplies {
        let mut replies = DrainedReplies::default();
        self.read(MsgFlags::MSG_DONTWAIT, |octets, from, controls| {
            let dropped = controls.iter().find_map(|control| match control {
                ControlMessageOwned::RxqOvfl(dropped) => Some(*dropped),
                _ => None,
            });
            if let Some(dropped) = dropped {
                replies.overflowed |= self.dropped.replace(dropped) != dropped;
            }
            let icmp = match (self.access, self.family) {
                (Access::Raw, IpVersion::V4) => packet::after_ip_header(octets),
                _ => Some(octets),
            };
            let echo = icmp.and_then(|icmp| packet::parse_reply(self.family, icmp));
            if let (Some(from), Some(echo)) = (from, echo) {
                let ttl = controls.iter().find_map(hop_limit);
                let kernel_ns = controls.into_iter().find_map(|c| stamp(&c));
                replies.all.push(EchoReply { from, echo, kernel_ns, ttl });
            }
        });
        replies
    }

    /// What the error queue has.
    pub(crate) fn reports(&self) -> Vec<QueuedError> {
        let mut reports = Vec::new();
        let queue = MsgFlags::MSG_ERRQUEUE | MsgFlags::MSG_DONTWAIT;
        self.read(queue, |octets, to, controls| reports.push(self.report(octets, to, controls)));
        reports
    }

    /// Reads one of the two queues until it is empty: octets, address and control messages of each
    /// entry.
    fn read(
        &self,
        queue: MsgFlags,
        mut each: impl FnMut(&[u8], Option<IpAddr>, Vec<ControlMessageOwned>),
    ) {
        /// Each pending error of an earlier send fails one call, which clears it.
        const ERRORS_AT_MOST: u32 = 64;
        let mut errors = 0;
        let mut octets = [[0_u8; MESSAGE]; BATCH];
        for _ in 0..READ_AT_MOST / BATCH {
            let mut slices = octets.each_mut().map(|octets| [IoSliceMut::new(octets)]);
            // Made anew for each call: the kernel overwrites the lengths in it.
            let mut headers = MultiHeaders::<SockaddrStorage>::preallocate(
                BATCH,
                Some(Vec::with_capacity(CONTROL)),
            );
            let fd = self.fd.as_raw_fd();
            let messages = match recvmmsg(fd, &mut headers, slices.iter_mut(), queue, None) {
                Ok(messages) => messages,
                Err(Errno::EAGAIN) => return,
                Err(_) if errors < ERRORS_AT_MOST => {
                    errors += 1;
                    continue;
                }
                Err(_) => return,
            };
            let mut count = 0;
            for message in messages {
                count += 1;
                let controls = message.cmsgs().map(Iterator::collect).unwrap_or_default();
                let octets = message.iovs().next().unwrap_or_default();
                each(octets, message.address.as_ref().and_then(ip), controls);
            }
            if count < BATCH {
                return;
            }
        }
    }

    /// An entry of the error queue.
    fn report(
        &self,
        octets: &[u8],
        to: Option<IpAddr>,
        controls: Vec<ControlMessageOwned>,
    ) -> QueuedError {
        let (mut error, mut by, mut ns) = (None, None, None);
        for control in controls {
            match control {
                ControlMessageOwned::Ipv4RecvErr(what, offender) => {
                    error = Some(what);
                    by = offender
                        .map(|o| IpAddr::from(u32::from_be(o.sin_addr.s_addr).to_be_bytes()));
                }
                ControlMessageOwned::Ipv6RecvErr(what, offender) => {
                    error = Some(what);
                    by = offender.map(|o| IpAddr::from(o.sin6_addr.s6_addr));
                }
                other => ns = ns.or(stamp(&other)),
            }
        }
        let Some(error) = error else { return QueuedError::Other };
        match error.ee_origin {
            libc::SO_EE_ORIGIN_TIMESTAMPING => {
                let station = match error.ee_info {
                    0 => Station::Driver,
                    1 => Station::Queue,
                    _ => return QueuedError::Other,
                };
                ns.map_or(QueuedError::Other, |ns| QueuedError::Stamp {
                    key: error.ee_data,
                    station,
                    ns,
                })
            }
            libc::SO_EE_ORIGIN_ICMP | libc::SO_EE_ORIGIN_ICMP6 => {
                let echo = packet::parse_quoted_request(self.family, octets);
                // A raw socket also gets the errors about the pings of other programs.
                let ours = echo.filter(|e| self.access != Access::Raw || e.ident == self.ident);
                let (Some(echo), Some(to)) = (ours, to) else { return QueuedError::Other };
                let by = by.filter(|by| !is_own(*by));
                let what = Unreachable { by, icmp_type: error.ee_type, code: error.ee_code };
                QueuedError::Refused { to, echo, what, kernel_ns: ns }
            }
            _ => QueuedError::Other,
        }
    }
}

impl AsFd for IcmpSocket {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.fd.as_fd()
    }
}

/// Why a send failed.
pub(crate) fn reason(errno: Errno) -> NotSent {
    match errno {
        // EINVAL: a blackhole route.
        Errno::ENETUNREACH | Errno::EHOSTUNREACH | Errno::EINVAL | Errno::EADDRNOTAVAIL => {
            NotSent::NoRoute
        }
        Errno::ENETDOWN | Errno::ENODEV | Errno::ENXIO => NotSent::LinkDown,
        Errno::EPERM | Errno::EACCES => NotSent::Forbidden,
        Errno::ENOBUFS | Errno::EAGAIN | Errno::ENOMEM => NotSent::QueueFull,
        _ => NotSent::Other,
    }
}

/// Whether an address is this host's: one can be bound to it. The kernel's own ICMP errors
/// (no answer to ARP) come from there.
fn is_own(ip: IpAddr) -> bool {
    std::net::UdpSocket::bind((ip, 0)).is_ok()
}

fn ip(address: &SockaddrStorage) -> Option<IpAddr> {
    if let Some(v4) = address.as_sockaddr_in() {
        return Some(IpAddr::V4(v4.ip()));
    }
    address.as_sockaddr_in6().map(|v6| IpAddr::V6(v6.ip()))
}

/// The interface that a packet is to leave by; its source address is chosen by the kernel.
fn packet_info(index: u32) -> libc::in_pktinfo {
    let none = libc::in_addr { s_addr: 0 };
    let ipi_ifindex = i32::try_from(index).unwrap_or(0);
    libc::in_pktinfo { ipi_ifindex, ipi_spec_dst: none, ipi_addr: none }
}

fn packet_info_v6(index: u32) -> libc::in6_pktinfo {
    libc::in6_pktinfo { ipi6_addr: libc::in6_addr { s6_addr: [0; 16] }, ipi6_ifindex: index }
}

fn hop_limit(control: &ControlMessageOwned) -> Option<u8> {
    match control {
        ControlMessageOwned::Ipv4Ttl(limit) | ControlMessageOwned::Ipv6HopLimit(limit) => {
            u8::try_from(*limit).ok()
        }
        _ => None,
    }
}

fn stamp(control: &ControlMessageOwned) -> Option<i64> {
    let ControlMessageOwned::ScmTimestampsns(stamps) = control else { return None };
    let ns = stamps.system.tv_sec() * 1_000_000_000 + stamps.system.tv_nsec();
    (ns != 0).then_some(ns)
}

/// Drops what does not carry our identifier, which the kernel sees to on datagram sockets, and the head of
/// our nonces. The IP header comes first on IPv4 raw sockets only.
fn only_ours(family: IpVersion, access: Access, ident: u16, head: NonceHead) -> Vec<SockFilter> {
    const LOAD_IP_HEADER_LENGTH: u16 = 0xb1; // BPF_LDX | BPF_B | BPF_MSH
    const LOAD_INDEX: u16 = 0x01; // BPF_LDX | BPF_W | BPF_IMM
    const LOAD_HALF: u16 = 0x48; // BPF_LD | BPF_H | BPF_IND
    const LOAD_WORD: u16 = 0x40; // BPF_LD | BPF_W | BPF_IND
    const JUMP_IF_EQUAL: u16 = 0x15; // BPF_JMP | BPF_JEQ | BPF_K
    const RETURN: u16 = 0x06; // BPF_RET | BPF_K
    let index = match (access, family) {
        (Access::Raw, IpVersion::V4) => LOAD_IP_HEADER_LENGTH,
        _ => LOAD_INDEX,
    };
    let mut program = vec![SockFilter::new(index, 0, 0, 0)];
    if access == Access::Raw {
        program.extend([
            SockFilter::new(LOAD_HALF, 0, 0, 4),
            SockFilter::new(JUMP_IF_EQUAL, 0, 3, u32::from(ident)),
        ]);
    }
    program.extend([
        SockFilter::new(LOAD_WORD, 0, 0, packet::NONCE_AT),
        SockFilter::new(JUMP_IF_EQUAL, 0, 1, head.0),
        SockFilter::new(RETURN, 0, 0, u32::MAX),
        SockFilter::new(RETURN, 0, 0, 0),
    ]);
    program
}
