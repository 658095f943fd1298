//! The Linux engine: one thread, one socket per family, kernel time stamps.
//!
//! The thread sleeps until the next slot and reads once a second, unless someone watches or a probe
//! would be taken for lost. The kernel keeps replies and stamps meanwhile, so nothing of the accuracy
//! is lost. The delay is the kernel's receive stamp less its send stamp (of the driver, else of the
//! queue, else the user clock); where a step of the clock leaves that in doubt, the user clocks
//! bound it.

use std::net::IpAddr;
use std::os::fd::{AsFd, OwnedFd};
use std::sync::{Arc, Mutex, mpsc};

use nix::errno::Errno;
use rustix::event::{EventfdFlags, PollFd, PollFlags, Timespec, eventfd, poll};

use super::driver::{Disconnected, Driver};
use super::packet::{ProbeMark, request};
use super::socket::{Access, EchoReply, IcmpSocket, QueuedError, reason};
use super::stamps::Departures;
use super::{EngineCommand, Error, IcmpEngine, IcmpTarget, refused};
use crate::probe::inflight::{EchoAnswer, IcmpRefusal};
use crate::probe::schedule::Due;
use crate::time::{BootTime, Reading};
use crate::vocabulary::{IpVersion, NotSent, Observation, StrayKind, Waiting};

struct Port {
    family: IpVersion,
    socket: Option<IcmpSocket>,
    departures: Departures,
}

struct LinuxEngine {
    driver: Driver,
    ports: [Port; 2],
    refusals: Vec<IcmpRefusal>,
    commands: mpsc::Receiver<EngineCommand>,
    wake: Arc<OwnedFd>,
}

pub(super) fn spawn(
    waiting: Waiting,
    targets: Vec<IcmpTarget>,
    out: mpsc::Sender<Vec<Observation>>,
) -> Result<IcmpEngine, Error> {
    let v4 = IcmpSocket::open(IpVersion::V4);
    let v6 = IcmpSocket::open(IpVersion::V6);
    let access = match (&v4, &v6) {
        (Ok(socket), _) | (_, Ok(socket)) => socket.access(),
        (Err(_), Err(_)) => return Err(v4.map_or_else(refused, |_| Error::Forbidden)),
    };
    let wake = eventfd(0, EventfdFlags::CLOEXEC | EventfdFlags::NONBLOCK)
        .map_err(|e| Error::Start(e.into()))?;
    let wake = Arc::new(wake);
    let (sender, commands) = mpsc::channel();
    let port = |family, socket: std::io::Result<_>| Port {
        family,
        socket: socket.ok(),
        departures: Departures::default(),
    };
    let mut engine = LinuxEngine {
        driver: Driver::new(&Reading::now(), waiting, targets, out),
        ports: [port(IpVersion::V4, v4), port(IpVersion::V6, v6)],
        refusals: Vec::new(),
        commands,
        wake: Arc::clone(&wake),
    };
    let thread = std::thread::Builder::new()
        .name("icmp".into())
        .spawn(move || engine.run())
        .map_err(Error::Start)?;
    let sockets = match access {
        Access::Unprivileged => "unprivileged sockets",
        Access::Raw => "raw sockets",
    };
    let sender = Mutex::new(sender);
    let command = move |command| {
        // After the thread has ended there is no one to command.
        if let Ok(sender) = sender.lock() {
            let _ = sender.send(command);
        }
        let _ = rustix::io::write(&*wake, &1u64.to_ne_bytes());
    };
    Ok(IcmpEngine {
        command: Box::new(command),
        thread: Some(thread),
        description: format!("Linux engine, {sockets}, kernel time stamps"),
    })
}

impl LinuxEngine {
    fn run(&mut self) {
        let mut due = Vec::new();
        loop {
            let now = self.driver.clocks();
            match self.take_commands(now.boot) {
                Proceed::Go => {}
                Proceed::Stop => break,
            }
            let changes = self.driver.watch(&now);
            // What a step or sleep makes of the answers before it is known only now.
            let clocks_changed = changes.iter().any(Option::is_some);
            if clocks_changed || !self.refusals.is_empty() || self.driver.must_read(now.boot) {
                self.read(now.boot);
            }
            self.driver.tick(&now, changes, &mut due);
            for slot in due.drain(..) {
                self.send(&slot);
            }
            // Judged by the time before the reading: whatever arrives while the slots are sent, or
            // while this thread is held up here, has not been read and is not lost yet.
            if self.driver.hand_over(now.boot) == Err(Disconnected) {
                break;
            }
            self.forget();
            self.sleep();
        }
        let now = self.driver.clocks().boot;
        self.read(now);
        self.driver.finish(now);
    }

    fn take_commands(&mut self, now: BootTime) -> Proceed {
        loop {
            match self.commands.try_recv() {
                Ok(EngineCommand::Targets(targets)) => {
                    self.driver.schedule.set_targets(now, targets);
                }
                Ok(EngineCommand::ReadingMode(mode)) => self.driver.mode = mode,
                Ok(EngineCommand::Stop) | Err(mpsc::TryRecvError::Disconnected) => {
                    return Proceed::Stop;
                }
                Err(mpsc::TryRecvError::Empty) => return Proceed::Go,
            }
        }
    }

    /// Until the next slot, a command, or an answer if answers are read at once.
    fn sleep(&mut self) {
        let now = self.driver.clocks().boot;
        let timeout = self.driver.next_wake().map(|wake| {
            let us = wake.since(now).as_i64().max(0);
            Timespec { tv_sec: us / 1_000_000, tv_nsec: us % 1_000_000 * 1_000 }
        });
        let wake = || PollFd::new(&*self.wake, PollFlags::IN);
        let (mut fds, mut used) = ([wake(), wake(), wake()], 1);
        if self.driver.reads_at_once(now) {
            for socket in self.ports.iter().filter_map(Port::in_use) {
                fds[used] = PollFd::from_borrowed_fd(socket.as_fd(), PollFlags::IN);
                used += 1;
            }
        }
        // An interrupted sleep is a short one.
        let _ = poll(&mut fds[..used], timeout.as_ref());
        if !fds[0].revents().is_empty() {
            let _ = rustix::io::read(&*self.wake, &mut [0u8; 8]);
        }
    }

    fn send(&mut self, slot: &Due) {
        let nonce = fastrand::u64(..);
        let number = self.driver.inflight.next_number();
        let port = &mut self.ports[usize::from(slot.ip.is_ipv6())];
        let before = self.driver.clocks();
        let sent = self.driver.departure(slot, before.boot, nonce);
        let sending = port.send(number, nonce, slot.ip, &mut self.refusals);
        match sending {
            Ok(()) => {
                let user_ns = before.utc.as_micros().saturating_mul(1_000);
                port.departures.sent(number, user_ns, self.driver.steps().count);
                self.driver.inflight.sent(sent);
                if port.departures.is_doubtful() {
                    port.drain(&mut self.refusals);
                }
            }
            Err(reason) => self.driver.inflight.not_sent(sent, reason),
        }
    }

    /// Reads everything that has come: replies, then the stamps and errors that must have come before
    /// them, and judges.
    fn read(&mut self, now: BootTime) {
        self.driver.on_read(now);
        let at = self.driver.label(now);
        for port in &mut self.ports {
            let Some(socket) = port.in_use() else { continue };
            let replies = socket.replies();
            port.drain(&mut self.refusals);
            for received in &replies {
                let Some(mark) = received.echo.mark else {
                    self.driver.inflight.stray(received.from, StrayKind::Foreign, at);
                    continue;
                };
                let answer = port.answer(received, mark, &self.driver, now);
                self.driver.inflight.answer(&answer, now, at);
            }
        }
        for refusal in self.refusals.drain(..) {
            self.driver.inflight.refused(&refusal);
        }
    }

    /// Forgets the send stamps of probes that nothing can answer any more.
    fn forget(&mut self) {
        let first = self.driver.inflight.first_number();
        for port in &mut self.ports {
            port.departures.forget_before(first);
        }
    }
}

enum Proceed {
    Go,
    Stop,
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

impl Port {
    /// The socket, if something may come over it: a probe left within the last minute.
    fn in_use(&self) -> Option<&IcmpSocket> {
        self.socket.as_ref().filter(|_| !self.departures.is_empty())
    }

    fn send(
        &mut self,
        number: u64,
        nonce: u64,
        to: IpAddr,
        refusals: &mut Vec<IcmpRefusal>,
    ) -> Result<(), NotSent> {
        if self.socket.is_none() {
            self.socket = Some(IcmpSocket::open(self.family).map_err(|e| without_socket(&e))?);
            self.departures = Departures::default();
        }
        let Some(socket) = &self.socket else { return Err(NotSent::Other) };
        #[allow(clippy::cast_possible_truncation, reason = "the header has the low 16 bits")]
        let sequence = number as u16;
        let octets = request(self.family, socket.ident(), sequence, ProbeMark { number, nonce });
        let Err(first) = socket.send(&octets, to, None) else { return Ok(()) };
        // With IP_RECVERR an ICMP error about one target fails the next send to any other.
        // Whether it is this or our own failure shows when it is tried again.
        self.departures.failed();
        self.drain(refusals);
        let Some(socket) = &self.socket else { return Err(reason(first)) };
        let Err(second) = socket.send(&octets, to, None) else { return Ok(()) };
        self.departures.failed();
        self.drain(refusals);
        if matches!(second, Errno::EBADF | Errno::ENOTSOCK | Errno::EPIPE) {
            self.socket = None;
        }
        Err(reason(second))
    }

    /// Empties the error queue: stamps go to their probes, errors to `refusals`.
    fn drain(&mut self, refusals: &mut Vec<IcmpRefusal>) {
        let Some(socket) = &self.socket else { return };
        for report in socket.reports() {
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

    /// A reply with its delay.
    fn answer(
        &self,
        received: &EchoReply,
        mark: ProbeMark,
        driver: &Driver,
        now: BootTime,
    ) -> EchoAnswer {
        let sent = driver.inflight.sent_boot(mark.number).unwrap_or(now);
        // It took no longer than from before the send to the moment of reading.
        let bound = now.since(sent).to_duration();
        let known = self.departures.get(mark.number).zip(received.kernel_ns);
        let by_kernel = known
            .and_then(|(departure, kernel_ns)| departure.delays(kernel_ns, driver.steps(), bound));
        let (rtt, local_queue) = by_kernel.unwrap_or((bound, None));
        EchoAnswer {
            number: mark.number,
            sequence: received.echo.sequence,
            nonce: mark.nonce,
            from: received.from,
            rtt,
            local_queue,
        }
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
