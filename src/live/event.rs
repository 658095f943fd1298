//! What the daemon has to say, as values; the command line turns them into log lines.

use std::net::SocketAddr;
use std::time::Duration;

use crate::time::{TimeRange, Timestamp};
use crate::vocabulary::{
    Filling, Forecast, Gap, HostChange, Impairment, LinkDrop, LinkState, Observation, Target,
};

/// One thing to say.
#[derive(Debug, Clone, PartialEq)]
pub enum Notice {
    /// Measuring begins.
    Started {
        /// Which ICMP engine, and how its times are taken.
        engine: String,
        /// Where the record is kept.
        database: std::path::PathBuf,
    },
    /// A daemon before this one did not end well; its record was completed.
    Recovered {
        /// Until when it watched.
        last_seen: Timestamp,
    },
    /// A target is probed from now on.
    TargetAdded(Target),
    /// A target is no longer probed.
    TargetRemoved(Target),
    /// The state of the link changed.
    State {
        /// What it was.
        from: LinkState,
        /// What it is.
        to: LinkState,
        /// Since when.
        at: Timestamp,
    },
    /// A drop is confirmed, and stored.
    DropBegan {
        /// Its number.
        id: i64,
        /// As known so far.
        drop: Box<LinkDrop>,
        /// Names of the targets that still answer, and of those that do not.
        witnesses: Witnesses,
    },
    /// A drop is over.
    DropEnded {
        /// Its number.
        id: i64,
        /// All of it.
        drop: Box<LinkDrop>,
        /// Names of the targets that answered in it, and of those that did not.
        witnesses: Witnesses,
    },
    /// A drop told before was none: later answers show that the link was up.
    DropWithdrawn {
        /// Its number.
        id: i64,
    },
    /// One target is in trouble while the link is up.
    TargetTrouble {
        /// Its name.
        name: String,
        /// From its first lost probe; the end while it lasts is the present.
        range: TimeRange,
        /// Whether it is over.
        over: Over,
        /// Probes lost and sent in it.
        lost: u32,
        /// Probes sent in it.
        sent: u32,
    },
    /// Something other than a drop is wrong, or no longer is; it is stored.
    Impairment {
        /// As known so far; over when it has an end.
        impairment: Box<Impairment>,
        /// Name of the one target that it is about.
        target: Option<String>,
        /// When this was said.
        at: Timestamp,
    },
    /// Nobody watched for a while.
    Gap(Gap),
    /// Something happened to this host.
    Host(HostChange),
    /// Storing failed; measurements wait in memory.
    StorageTrouble(String),
    /// Rows of samples of the newest day that cannot be read.
    DamagedRows(usize),
    /// The database was damaged and put aside; a new one took its place.
    PutAside {
        /// Where the damaged one is.
        to: std::path::PathBuf,
    },
    /// The file of the database had been removed; a copy of what was open took its place.
    PutBack,
    /// What could be read of the database put aside is in the new one.
    Salvaged {
        /// Rows of samples (one target, one minute).
        rows: u64,
    },
    /// The disk, or the limit of the record, will be reached in a few weeks; it is stored that
    /// this was said.
    Filling {
        /// Which of them.
        of: Filling,
        /// When, and all that is known of it.
        forecast: Box<Forecast>,
    },
    /// A copy of the database was made.
    BackedUp {
        /// Where it is.
        to: std::path::PathBuf,
        /// Its length.
        bytes: u64,
    },
    /// A copy that was due could not be made; it is tried again.
    BackupFails(String),
    /// Storing works again.
    StorageWorks,
    /// Looking for targets failed in some part.
    DiscoveryTrouble(String),
    /// The live page can be looked at.
    Page {
        /// Where it listens.
        listen: SocketAddr,
    },
    /// There is no live page, and why; measuring goes on.
    NoPage(String),
    /// The daemon stops.
    Stopped {
        /// How long it ran.
        after: Duration,
    },
}

/// Whether something told is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Over {
    /// It goes on.
    No,
    /// It is over.
    Yes,
}

/// Names of targets that answered during a drop, and of those that did not.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Witnesses {
    /// Answered.
    pub answered: Vec<String>,
    /// Did not.
    pub silent: Vec<String>,
}

/// Who listens to the daemon: the terminal, the journal.
pub trait Audience {
    /// Something happened.
    fn notice(&mut self, notice: &Notice);
    /// A second has passed; this is the present.
    fn present(&mut self, status: &super::status::Status);
    /// A prober saw something; it is stored. Most need not know.
    fn observed(&mut self, _observation: &Observation) {}
}
