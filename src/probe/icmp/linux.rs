//! The Linux engine: one thread, one socket per family, kernel time stamps.
//!
//! The thread sleeps until the next slot and reads once a second, unless someone watches or a probe
//! would be taken for lost. The kernel keeps replies and stamps meanwhile, so nothing of the accuracy
//! is lost. The delay is the kernel's receive stamp less its send stamp (of the driver, else of the
//! queue, else the user clock); where a step of the clock leaves that in doubt, the user clocks
//! bound it.

use std::os::fd::OwnedFd;
use std::sync::{Arc, Mutex, mpsc};

use rustix::event::{EventfdFlags, PollFd, PollFlags, Timespec, eventfd, poll};

use super::driver::{Adopted, Disconnected, Driver};
use super::packet::ProbeMark;
use super::port::{Leaving, Overflow, Port, Received};
use super::socket::{Access, IcmpSocket, NonceHead};
use super::{EngineCommand, Error, IcmpEngine, IcmpTarget, refused};
use crate::probe::inflight::IcmpRefusal;
use crate::probe::schedule::Due;
use crate::time::{BootTime, Reading};
use crate::vocabulary::{IpVersion, Observation, StrayKind, Waiting};

struct LinuxEngine {
    driver: Driver,
    ports: [Port; 2],
    head: NonceHead,
    refusals: Vec<IcmpRefusal>,
    commands: mpsc::Receiver<EngineCommand>,
    wake: Arc<OwnedFd>,
}

pub(super) fn spawn(
    waiting: Waiting,
    targets: Vec<IcmpTarget>,
    out: mpsc::Sender<Vec<Observation>>,
) -> Result<IcmpEngine, Error> {
    let head = NonceHead::random();
    let v4 = IcmpSocket::open(IpVersion::V4, head);
    let v6 = IcmpSocket::open(IpVersion::V6, head);
    let access = match (&v4, &v6) {
        (Ok(socket), _) | (_, Ok(socket)) => socket.access(),
        (Err(_), Err(_)) => return Err(v4.map_or_else(refused, |_| Error::Forbidden)),
    };
    let wake = eventfd(0, EventfdFlags::CLOEXEC | EventfdFlags::NONBLOCK)
        .map_err(|e| Error::Start(e.into()))?;
    let wake = Arc::new(wake);
    let (sender, commands) = mpsc::channel();
    let mut engine = LinuxEngine {
        driver: Driver::new(&Reading::now(), waiting, targets, out),
        ports: [Port::new(IpVersion::V4, v4.ok(), head), Port::new(IpVersion::V6, v6.ok(), head)],
        head,
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
            for family in self.driver.look(&now) {
                self.ports[family.index()].change_identifier();
            }
            for slot in due.drain(..) {
                self.send(&slot, now.boot);
            }
            // Judged by the time before the reading: whatever arrives while the slots are sent, or
            // while this thread is held up here, has not been read and is not lost yet.
            if self.driver.hand_over(now.boot) == Err(Disconnected) {
                break;
            }
            self.forget(now.boot);
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
                    self.driver.set_targets(now, targets);
                }
                Ok(EngineCommand::ReadingMode(mode)) => self.driver.mode = mode,
                Ok(EngineCommand::ChangeIdentifiers) => self.driver.change_identifiers(),
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
        let mut fds = vec![PollFd::new(&*self.wake, PollFlags::IN)];
        if self.driver.reads_at_once(now) {
            let sockets = self.ports.iter().flat_map(Port::in_use);
            fds.extend(sockets.map(|socket| PollFd::from_borrowed_fd(socket, PollFlags::IN)));
        }
        // An interrupted sleep is a short one.
        let _ = poll(&mut fds, timeout.as_ref());
        if !fds[0].revents().is_empty() {
            let _ = rustix::io::read(&*self.wake, &mut [0u8; 8]);
        }
    }

    /// Sends a slot; `tick` is the time of this wake-up.
    fn send(&mut self, slot: &Due, tick: BootTime) {
        let mark =
            ProbeMark { number: self.driver.inflight.next_number(), nonce: self.head.nonce() };
        let port = &mut self.ports[IpVersion::of(slot.ip).index()];
        let before = self.driver.clocks();
        let sent = self.driver.departure(slot, before.boot, mark.nonce);
        let leaving = Leaving {
            to: slot.ip,
            over: slot.over,
            mark,
            user_ns: before.utc.as_micros().saturating_mul(1_000),
            steps: self.driver.steps().count,
        };
        match port.send(&leaving, &mut self.refusals) {
            Ok(()) => self.driver.sent(sent),
            Err(reason) => return self.driver.inflight.not_sent(sent, reason),
        }
        let Some(other) = self.driver.other_identifier(slot) else { return };
        let mark = ProbeMark { nonce: self.head.nonce(), ..mark };
        let before = self.driver.clocks();
        let user_ns = before.utc.as_micros().saturating_mul(1_000);
        let leaving = Leaving { mark, user_ns, ..leaving };
        if port.send_by(other, tick, &leaving, &mut self.refusals).is_ok() {
            self.driver.sent_again(&sent, mark.nonce);
        }
    }

    /// Reads everything that has come: replies, then the stamps and errors that must have come before
    /// them, and judges.
    fn read(&mut self, now: BootTime) {
        self.driver.on_read(now);
        let at = self.driver.label(now);
        for (family, port) in IpVersion::BOTH.into_iter().zip(&mut self.ports) {
            let (received, overflow) = port.read(&mut self.refusals);
            if overflow == Overflow::Yes {
                self.driver.inflight.overflowed(family, now);
            }
            for Received { by, reply, mark } in received {
                let Some(mark) = mark else {
                    self.driver.inflight.stray(reply.from, StrayKind::Foreign, at);
                    continue;
                };
                let answer = port.answer(by, &reply, mark, &self.driver, now);
                if self.driver.answer(&answer, now) == Adopted::Yes {
                    port.adopt(by);
                }
            }
        }
        for refusal in self.refusals.drain(..) {
            self.driver.inflight.refused(&refusal);
        }
    }

    /// Forgets the send stamps of probes that nothing can answer any more, and the sockets that nothing
    /// is expected at.
    fn forget(&mut self, now: BootTime) {
        let first = self.driver.inflight.first_number();
        for port in &mut self.ports {
            port.forget(first, now);
        }
    }
}

enum Proceed {
    Go,
    Stop,
}
