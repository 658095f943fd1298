//! Whether the modem started between two readings, and why.

use std::time::Duration;

use super::boots::{Boot, boot_of, restarted};
use super::place_log::PlacedEntry;
use crate::text::words::word_enum;
use crate::time::Timestamp;
use crate::vocabulary::{Bounds, LogClass, ModemAccount};

word_enum! {
    /// Why a modem started anew, by its log.
    pub enum RestartReason: "reason of a restart" {
        /// A loss of power.
        Power = "power",
        /// A T4 time-out: the line was lost before.
        T4 = "t4",
        /// A command of the operator or of a person.
        Commanded = "commanded",
        /// New firmware.
        Firmware = "firmware",
        /// The log does not say.
        NotSaid = "not-said",
    }
}

/// A start of the modem between two readings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Restart {
    /// When its uptime began.
    pub at: Bounds,
    /// When the last reading began that showed the uptime before.
    pub after: Timestamp,
    /// What the log says of the reason.
    pub reason: RestartReason,
}

/// The starts between readings, which are in order; `log` is what was placed of theirs.
pub fn restarts(accounts: &[ModemAccount], log: &[PlacedEntry]) -> Vec<Restart> {
    let boots: Vec<Boot> = accounts.iter().filter_map(boot_of).collect();
    restarts_between(&boots)
        .map(|(at, after)| Restart { at, after, reason: reason(log, at, after) })
        .collect()
}

/// The starts between readings, which are in order: between which instants each was, and when the last
/// reading began that showed the uptime before.
pub fn restarts_between(boots: &[Boot]) -> impl Iterator<Item = (Bounds, Timestamp)> {
    let pairs = boots.windows(2).filter(|pair| restarted(&pair[0], &pair[1]));
    pairs.map(|pair| (pair[1].at, pair[0].read))
}

/// The time about a start in which its log names the reason.
const REASON_WITHIN: Duration = Duration::from_secs(300);

fn reason(log: &[PlacedEntry], start: Bounds, after: Timestamp) -> RestartReason {
    let (from, to) = (after.max(start.earliest - REASON_WITHIN), start.latest + REASON_WITHIN);
    let near = |entry: &&PlacedEntry| match entry.at {
        Some(at) => at.latest >= from && at.earliest <= to,
        None => entry.seen >= after && entry.seen <= to + REASON_WITHIN,
    };
    let said = |class: LogClass| log.iter().filter(near).any(|entry| entry.entry.class == class);
    // A T4 without a line of its own about the restart: before the start, not after it.
    let t4_before = log.iter().any(|entry| {
        entry.entry.class == LogClass::T4
            && entry.at.is_some_and(|at| at.latest >= from && at.latest <= start.latest)
    });
    match () {
        () if said(LogClass::RebootPower) => RestartReason::Power,
        () if said(LogClass::RebootT4) => RestartReason::T4,
        () if said(LogClass::RebootCommanded) => RestartReason::Commanded,
        () if said(LogClass::SoftwareDownload) => RestartReason::Firmware,
        () if t4_before => RestartReason::T4,
        () => RestartReason::NotSaid,
    }
}
