//! The ICMP engines: targets in, measurements out, in the order of their send times.
//!
//! Two engines with the same behavior. The Linux engine has kernel time stamps (`SO_TIMESTAMPING`) and
//! reads replies lazily at its next send: three wake-ups a second with the default targets. The
//! portable one is surge-ping, with user clocks, and runs anywhere. Neither resolves names.

use std::sync::mpsc;
use std::thread::JoinHandle;
use std::time::Duration;

use crate::config::EngineChoice;
use crate::vocabulary::{Observation, Waiting};

mod driver;
mod identifiers;
mod linux;
mod packet;
mod port;
mod portable;
mod socket;
mod stamps;
#[cfg(test)]
mod tests;

pub use super::schedule::IcmpTarget;
pub use driver::due;
pub(crate) use packet::{ProbeMark, request};
pub(crate) use socket::{IcmpSocket, NonceHead, QueuedError, reason};

/// When replies are read. Their delays are the same either way with kernel time stamps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReadingMode {
    /// At the next send: fewest wake-ups.
    Lazy,
    /// As they arrive, each reported at once: for a live view.
    Eager,
}

/// Why there is no engine.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Neither kind of ICMP socket is permitted.
    #[error(
        "cannot open an ICMP socket: allow unprivileged ones with \
         `sysctl -w net.ipv4.ping_group_range=\"0 2147483647\"`, or give linkmon CAP_NET_RAW with \
         `setcap cap_net_raw+ep` (or AmbientCapabilities=CAP_NET_RAW in its unit)"
    )]
    Forbidden,
    /// The system refused for another reason.
    #[error("cannot open an ICMP socket")]
    Socket(#[source] std::io::Error),
    /// The thread, or something that it needs, could not be created.
    #[error("cannot start the ICMP engine")]
    Start(#[source] std::io::Error),
}

pub(crate) enum EngineCommand {
    Targets(Vec<IcmpTarget>),
    ReadingMode(ReadingMode),
    ChangeIdentifiers,
    Stop,
}

/// A running engine. Dropping it stops it, too.
pub struct IcmpEngine {
    command: Box<dyn Fn(EngineCommand) + Send + Sync>,
    thread: Option<JoinHandle<()>>,
    description: String,
}

/// Starts an engine that sends to `targets` in their slots and reports the results to `out`.
///
/// # Errors
/// [`Error`], when no ICMP socket can be opened or no thread started.
pub fn spawn(
    choice: EngineChoice,
    waiting: Waiting,
    targets: Vec<IcmpTarget>,
    out: mpsc::Sender<Vec<Observation>>,
) -> Result<IcmpEngine, Error> {
    match choice {
        EngineChoice::Linux => linux::spawn(waiting, targets, out),
        EngineChoice::Portable => portable::spawn(waiting, targets, out),
        EngineChoice::Auto => match linux::spawn(waiting, targets.clone(), out.clone()) {
            Err(Error::Socket(_)) => portable::spawn(waiting, targets, out),
            started => started,
        },
    }
}

impl IcmpEngine {
    /// Probes these targets from now on. Those that stay as they were keep their slots and the probes
    /// under way.
    pub fn set_targets(&self, targets: Vec<IcmpTarget>) {
        (self.command)(EngineCommand::Targets(targets));
    }

    /// When replies are to be read from now on.
    pub fn set_reading(&self, reading: ReadingMode) {
        (self.command)(EngineCommand::ReadingMode(reading));
    }

    /// Takes other ICMP identifiers as soon as no silence is being looked into: this host's addresses
    /// changed.
    pub fn change_identifiers(&self) {
        (self.command)(EngineCommand::ChangeIdentifiers);
    }

    /// Stops it at once: probes under way are reported in their present state, the unanswered as not
    /// sent (what became of them cannot be known).
    pub fn stop(self) {
        drop(self);
    }

    /// Which engine it is, with what sockets and clocks, as one phrase.
    pub fn description(&self) -> &str {
        &self.description
    }
}

impl Drop for IcmpEngine {
    fn drop(&mut self) {
        (self.command)(EngineCommand::Stop);
        if let Some(thread) = self.thread.take() {
            // A panic in there has been printed by its own hook.
            let _ = thread.join();
        }
    }
}

/// Whether it is a matter of permission.
pub(crate) fn refused(error: std::io::Error) -> Error {
    match error.kind() {
        std::io::ErrorKind::PermissionDenied => Error::Forbidden,
        _ => Error::Socket(error),
    }
}

/// Microseconds of a kernel time difference.
pub(crate) fn delay(ns: i64) -> Option<Duration> {
    u64::try_from(ns).ok().map(|ns| Duration::from_micros(ns / 1_000))
}
