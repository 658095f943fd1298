//! Everything that can happen, as values. The language room has the words for each.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use super::remote_write::WriteNews;
use super::status::DropStatus;
use crate::modem::understand::HarmTest;
use crate::store::{self, Unread};
use crate::time::{Micros, Timestamp};
use crate::vocabulary::{
    Filling, Forecast, Gap, HostChange, Impairment, LinkDrop, LinkState, Target, TargetTrouble,
};

/// Something that happened to the link, to this host, to the record or to the daemon. What an
/// event says of the link has been stored before the event is announced.
#[derive(Debug, Clone, PartialEq)]
pub enum Event {
    /// The daemon measures from now on.
    Started {
        /// The ICMP engine, and how it takes its times.
        engine: String,
        /// Where the record is kept.
        database: PathBuf,
    },
    /// The previous daemon did not end properly; its record has been completed.
    Recovered {
        /// Until when it was watching.
        last_seen: Timestamp,
    },
    /// A target is probed from now on.
    TargetAdded(Target),
    /// A target is no longer probed.
    TargetRemoved(Target),
    /// The state of the link changed.
    State {
        /// The state before.
        from: LinkState,
        /// The state now.
        to: LinkState,
        /// Since when.
        at: Timestamp,
    },
    /// A drop is confirmed, or the place of one that goes on is known better.
    DropBegan {
        /// The drop as known so far.
        drop: DropStatus,
        /// All that is known of it; `None` where the event was read off two statuses.
        detail: Option<Box<DropDetail>>,
    },
    /// A drop is over.
    DropEnded {
        /// The whole drop.
        drop: DropStatus,
        /// All that is known of it; `None` where the event was read off two statuses.
        detail: Option<Box<DropDetail>>,
    },
    /// A drop announced earlier was none: later answers show that the link was up.
    DropWithdrawn {
        /// Its number.
        id: i64,
    },
    /// One target is in trouble while the link is up, or no longer is.
    TargetTrouble {
        /// Name of the target.
        name: String,
        /// The trouble; over when it has an end.
        trouble: TargetTrouble,
    },
    /// Something other than a drop is wrong, or no longer is.
    Impairment {
        /// As known so far; over when it has an end.
        impairment: Box<Impairment>,
        /// Name of the one target concerned.
        target: Option<String>,
        /// When the event was announced.
        at: Timestamp,
    },
    /// Nothing was observed for a while.
    Gap(Gap),
    /// Something happened to this host.
    Host(HostChange),
    /// This host's clock was set: what was measured before in this boot was moved by this, or by
    /// nothing where it had been right.
    ClockSet {
        /// By how much.
        by: Micros,
    },
    /// Storing failed; measurements wait in memory. Carries the error with its causes.
    StorageTrouble(String),
    /// The record cannot be opened; what is measured goes into another one meanwhile.
    NoRecord {
        /// The error with its causes.
        why: String,
        /// Where it goes.
        meanwhile: PathBuf,
    },
    /// Storing works again.
    StorageWorks,
    /// This many rows of samples of the newest day cannot be read.
    DamagedRows(usize),
    /// What of the record cannot be read and is left out.
    Unread(Vec<Unread>),
    /// The database was damaged and has been put aside; a new one replaces it.
    PutAside {
        /// Where the damaged one is.
        to: PathBuf,
    },
    /// The database file had been removed; a copy of the open database replaces it.
    PutBack,
    /// Whatever could be read of the database put aside is in the new one.
    Salvaged {
        /// Rows of samples (one target, one minute).
        rows: u64,
    },
    /// The disk, or the limit of the record, will be reached within weeks.
    Filling {
        /// Which of the two.
        of: Filling,
        /// When, and everything known about it.
        forecast: Box<Forecast>,
    },
    /// The database was backed up.
    BackedUp {
        /// Path of the copy.
        to: PathBuf,
        /// Length of the copy in bytes.
        bytes: u64,
    },
    /// A backup was due and failed; it will be tried again. Carries the error with its causes.
    BackupFails(String),
    /// The time-stamping authority gave no stamp of the chain's head; it will be asked again.
    StampFails(String),
    /// The status page is written as files from now on, or again.
    Published {
        /// The directory.
        to: PathBuf,
    },
    /// The status page could not be written; it will be tried again. Carries the error with its causes.
    PublishFails(String),
    /// Signs of life arrive from now on, or again.
    HeartbeatWorks,
    /// Two signs of life in a row did not arrive; more are sent. Carries the error with its causes.
    HeartbeatFails(String),
    /// A report could not be made; it will be tried again. Carries the error with its causes.
    ReportFails(String),
    /// The MQTT broker is informed again.
    HomeWorks,
    /// The MQTT broker cannot be informed; it is tried again. Carries the error with its causes.
    HomeFails(String),
    /// News of a receiver of remote write.
    RemoteWrite {
        /// Its name.
        receiver: String,
        /// What.
        news: WriteNews,
    },
    /// The modem could not be read; it will be tried again. Carries a sentence.
    ModemFails(String),
    /// The modem is not read any more, because drops followed its readings.
    ModemStopped(HarmTest),
    /// Part of the search for targets failed. Carries a sentence.
    DiscoveryTrouble(String),
    /// The live page is being served.
    Page {
        /// Address it listens on.
        listen: SocketAddr,
    },
    /// The live page could not be started, and why; measuring goes on.
    NoPage(String),
    /// The daemon stops.
    Stopped {
        /// How long it ran.
        after: Duration,
    },
}

/// Everything the daemon knows about a drop when it announces it.
#[derive(Debug, Clone, PartialEq)]
pub struct DropDetail {
    /// The drop.
    pub drop: LinkDrop,
    /// The targets that answered during it, and those that did not.
    pub witnesses: Witnesses,
}

/// Names of the targets that answered during a drop, and of those that did not.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Witnesses {
    /// Answered.
    pub answered: Vec<String>,
    /// Did not.
    pub silent: Vec<String>,
}

impl From<store::StoreEvent> for Event {
    fn from(news: store::StoreEvent) -> Self {
        match news {
            store::StoreEvent::PutAside { to } => Self::PutAside { to },
            store::StoreEvent::PutBack => Self::PutBack,
            store::StoreEvent::Salvaged { rows } => Self::Salvaged { rows },
            store::StoreEvent::Filling { of, forecast } => Self::Filling { of, forecast },
        }
    }
}
