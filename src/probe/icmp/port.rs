//! The sockets of one family: that of the identifier in use, and those of others that still wait for
//! answers.

use std::net::IpAddr;
use std::os::fd::{AsFd, BorrowedFd};

use nix::errno::Errno;

use super::driver::Driver;
use super::identifiers::OtherIdentifier;
use super::packet::{ProbeMark, request};
use super::socket::{EchoReply, IcmpSocket, NonceHead, QueuedError, reason};
use super::stamps::Departures;
use crate::probe::inflight::{EchoAnswer, IcmpRefusal};
use crate::text::order::InOrder;
use crate::time::{BootTime, Micros};
use crate::vocabulary::{IpVersion, NotSent};

/// A fresh identifier that is not answered within this is given up, with its socket.
const KEEP_FRESH: Micros = Micros::from_seconds(10);

/// A socket with an identifier of its own: on unprivileged sockets the kernel chooses it.
struct Voice {
    id: VoiceId,
    socket: IcmpSocket,
    departures: Departures,
    /// When it is given up, unless it is in use by then.
    until: Option<BootTime>,
}

/// A socket of this port.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct VoiceId(u64);

/// A request that is about to be sent.
#[derive(Debug, Clone, Copy)]
pub(super) struct Leaving {
    pub(super) to: IpAddr,
    /// Number of the interface to leave by; `None`: the kernel chooses.
    pub(super) over: Option<u32>,
    pub(super) mark: ProbeMark,
    /// This program's own clock, UTC in nanoseconds.
    pub(super) user_ns: i64,
    /// How many steps of the clock there have been.
    pub(super) steps: u32,
}

/// A reply, and the socket at which it came.
pub(super) struct Received {
    pub(super) by: VoiceId,
    pub(super) reply: EchoReply,
    /// The payload, where it is one of ours.
    pub(super) mark: Option<ProbeMark>,
}

/// Whether the kernel had no room for replies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Overflow {
    No,
    Yes,
}

/// The sockets of one family.
pub(super) struct Port {
    family: IpVersion,
    voices: Vec<Voice>,
    current: Option<VoiceId>,
    /// The one before, while it is compared with the current one.
    former: Option<VoiceId>,
    /// That of this wake-up, which is to be used in no other: an entry that a router made for it before
    /// the line had another address would be dead, too.
    fresh: Option<(BootTime, VoiceId)>,
    next: u64,
    head: NonceHead,
}

impl Port {
    /// `head` is that of all nonces that are sent.
    pub(super) fn new(family: IpVersion, socket: Option<IcmpSocket>, head: NonceHead) -> Self {
        let mut port = Self {
            family,
            voices: Vec::new(),
            current: None,
            former: None,
            fresh: None,
            next: 0,
            head,
        };
        port.current = socket.map(|socket| port.add(socket, None));
        port
    }

    fn add(&mut self, socket: IcmpSocket, until: Option<BootTime>) -> VoiceId {
        let id = VoiceId(self.next);
        self.next += 1;
        self.voices.push(Voice { id, socket, departures: Departures::default(), until });
        id
    }

    fn voice(&mut self, id: VoiceId) -> Option<&mut Voice> {
        self.voices.iter_mut().find(|voice| voice.id == id)
    }

    /// The sockets over which something may come: a probe left within the last minute.
    pub(super) fn in_use(&self) -> impl Iterator<Item = BorrowedFd<'_>> {
        let in_use = self.voices.iter().filter(|voice| !voice.departures.is_empty());
        in_use.map(|voice| voice.socket.as_fd())
    }

    /// The next request has another identifier. What is under way is still matched.
    pub(super) fn change_identifier(&mut self) {
        self.current = None;
    }

    /// This identifier is in use from now on.
    pub(super) fn adopt(&mut self, id: VoiceId) {
        self.former = self.current.replace(id);
        if let Some(voice) = self.voice(id) {
            voice.until = None;
        }
    }

    /// Sends with the identifier in use.
    pub(super) fn send(
        &mut self,
        leaving: &Leaving,
        refusals: &mut Vec<IcmpRefusal>,
    ) -> Result<(), NotSent> {
        let id = match self.current {
            Some(id) => id,
            None => self.open(None)?,
        };
        self.current = Some(id);
        let sending = self.voice(id).ok_or(NotSent::Other)?.send(leaving, refusals);
        sending.map_err(|errno| {
            if matches!(errno, Errno::EBADF | Errno::ENOTSOCK | Errno::EPIPE) {
                self.voices.retain(|voice| voice.id != id);
                self.current = None;
            }
            reason(errno)
        })
    }

    /// Sends with another identifier; `tick` is the time of this wake-up.
    pub(super) fn send_by(
        &mut self,
        other: OtherIdentifier,
        tick: BootTime,
        leaving: &Leaving,
        refusals: &mut Vec<IcmpRefusal>,
    ) -> Result<(), NotSent> {
        let id = match other {
            OtherIdentifier::Former => self.former.ok_or(NotSent::Other)?,
            OtherIdentifier::Fresh => match self.fresh {
                Some((then, id)) if then == tick => id,
                _ => {
                    let id = self.open(Some(tick + KEEP_FRESH))?;
                    self.fresh = Some((tick, id));
                    id
                }
            },
        };
        let voice = self.voice(id).ok_or(NotSent::Other)?;
        voice.send(leaving, refusals).map_err(reason)
    }

    fn open(&mut self, until: Option<BootTime>) -> Result<VoiceId, NotSent> {
        let socket =
            IcmpSocket::open(self.family, self.head).map_err(|error| without_socket(&error))?;
        Ok(self.add(socket, until))
    }

    /// Reads everything that has come: replies, first those to the identifier in use, then the stamps and
    /// errors that must have come before them.
    ///
    /// Also gives whether replies came that the kernel had no room for.
    pub(super) fn read(&mut self, refusals: &mut Vec<IcmpRefusal>) -> (Vec<Received>, Overflow) {
        let (mut received, mut overflow) = (Vec::new(), Overflow::No);
        let (current, former) = (self.current, self.former);
        let in_use = self.voices.iter_mut().filter(|voice| !voice.departures.is_empty());
        for voice in in_use {
            let replies = voice.socket.replies();
            if replies.overflowed {
                overflow = Overflow::Yes;
            }
            for reply in replies.all {
                received.push(Received { by: voice.id, reply, mark: reply.echo.mark });
            }
            voice.drain(refusals);
        }
        if received.iter().any(|received| Some(received.by) != current) {
            received.order_by_key(|received| {
                (Some(received.by) != current, Some(received.by) != former)
            });
        }
        (received, overflow)
    }

    /// A reply with its delay.
    pub(super) fn answer(
        &self,
        by: VoiceId,
        received: &EchoReply,
        mark: ProbeMark,
        driver: &Driver,
        now: BootTime,
    ) -> EchoAnswer {
        let sent = driver.inflight.sent_boot(mark.number).unwrap_or(now);
        // It took no longer than from before the send to the moment of reading.
        let bound = now.since(sent).to_duration();
        let departures = self.voices.iter().find(|voice| voice.id == by).map(|v| &v.departures);
        let departure = departures.and_then(|departures| departures.get(mark.number));
        let by_kernel = departure
            .zip(received.kernel_ns)
            .and_then(|(departure, kernel_ns)| departure.delays(kernel_ns, driver.steps(), bound));
        let (rtt, local_queue) = by_kernel.unwrap_or((bound, None));
        EchoAnswer {
            number: mark.number,
            sequence: received.echo.sequence,
            nonce: mark.nonce,
            from: received.from,
            rtt,
            local_queue,
            ttl: received.ttl,
        }
    }

    /// Forgets the send stamps of probes before `first`, and the sockets that nothing is expected at.
    pub(super) fn forget(&mut self, first: u64, now: BootTime) {
        let current = self.current;
        self.voices.retain_mut(|voice| {
            voice.departures.forget_before(first);
            let is_past = voice.until.is_some_and(|until| until <= now);
            Some(voice.id) == current || (!voice.departures.is_empty() && !is_past)
        });
    }
}

impl Voice {
    fn send(&mut self, leaving: &Leaving, refusals: &mut Vec<IcmpRefusal>) -> Result<(), Errno> {
        let Leaving { to, over, mark, user_ns, steps } = *leaving;
        #[allow(clippy::cast_possible_truncation, reason = "the header has the low 16 bits")]
        let sequence = mark.number as u16;
        let octets = request(IpVersion::of(to), self.socket.ident(), sequence, mark);
        if self.socket.send(&octets, to, None, over).is_err() {
            // With IP_RECVERR an ICMP error about one target fails the next send to any other.
            // Whether it is this or our own failure shows when it is tried again.
            self.departures.failed();
            self.drain(refusals);
            if let Err(second) = self.socket.send(&octets, to, None, over) {
                self.departures.failed();
                self.drain(refusals);
                return Err(second);
            }
        }
        self.departures.sent(mark.number, user_ns, steps);
        if self.departures.is_doubtful() {
            self.drain(refusals);
        }
        Ok(())
    }

    /// Empties the error queue: stamps go to their probes, errors to `refusals`.
    fn drain(&mut self, refusals: &mut Vec<IcmpRefusal>) {
        for report in self.socket.reports() {
            match report {
                QueuedError::Other => {}
                QueuedError::Stamp { key, station, ns } => {
                    self.departures.stamped(key, station, ns);
                }
                QueuedError::Refused { to, echo, what, .. } => refusals.push(IcmpRefusal {
                    sequence: echo.sequence,
                    mark: echo.mark.map(|mark| (mark.number, mark.nonce)),
                    to,
                    what,
                }),
            }
        }
    }
}

/// Why nothing can be sent when there is no socket. Only a kernel without the protocol has no
/// route; whatever else is wrong with this host says nothing about the line.
fn without_socket(error: &std::io::Error) -> NotSent {
    match Errno::from_raw(error.raw_os_error().unwrap_or(0)) {
        Errno::EAFNOSUPPORT | Errno::EPROTONOSUPPORT => NotSent::NoRoute,
        Errno::EPERM | Errno::EACCES => NotSent::Forbidden,
        _ => NotSent::Other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_socket_that_cannot_be_opened_is_no_missing_route_unless_the_protocol_is_missing() {
        let why = |errno: Errno| without_socket(&std::io::Error::from(errno));
        assert_eq!(why(Errno::EAFNOSUPPORT), NotSent::NoRoute);
        assert_eq!(why(Errno::EACCES), NotSent::Forbidden);
        for this_process in [Errno::EMFILE, Errno::ENFILE, Errno::ENOMEM] {
            assert!(!why(this_process).is_local_outage(), "{this_process}");
        }
    }
}
