//! How much room there is for the record, and for how long; how storing goes.

use serde::{Deserialize, Serialize};

use crate::time::Timestamp;

/// What can be foretold of an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(tag = "when", rename_all = "kebab-case")]
pub enum Outlook {
    /// Too little has been seen.
    #[default]
    TooEarly,
    /// Not within ten years as it goes now.
    NotInSight,
    /// About then.
    About {
        /// When, if all goes on as it does.
        at: Timestamp,
    },
    /// It is so already.
    Reached,
}

/// What is to be reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Filling {
    /// The file system: then storing ends.
    Disk,
    /// The configured size: then the oldest samples make room, as intended.
    Limit,
}

/// That something is near enough to be reported.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Alarm {
    /// What is near.
    pub of: Filling,
    /// When it was last reported.
    pub told: Timestamp,
}

/// How much room there is, and for how long.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Forecast {
    /// Bytes of the database with something in them.
    pub used_bytes: u64,
    /// What it may take, its reserve included.
    pub limit_bytes: u64,
    /// Growth of what is used; `None` while it is too early to say.
    pub growth_bytes_per_day: Option<i64>,
    /// When the limit is reached.
    pub limit: Outlook,
    /// How many whole days of samples there are when it is reached; `None` where it is not in
    /// sight.
    pub samples_days: Option<i64>,
    /// Bytes of the file system that this user can write; `None` where it cannot be asked.
    pub available_bytes: Option<u64>,
    /// How fast these become fewer, whoever takes them; negative when they become more, `None`
    /// while it is too early to say.
    pub disk_growth_bytes_per_day: Option<i64>,
    /// When the disk is full: when so little is left that the record grows no more; `None` where
    /// it cannot be asked.
    pub disk: Option<Outlook>,
    /// What of it is near.
    pub alarms: Vec<Alarm>,
}

/// How storing goes.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Health {
    /// When measurements were last committed; `None`: not since the start.
    pub last_commit: Option<Timestamp>,
    /// Minutes whose measurements are not all in the database yet; the one that goes on is one
    /// of them.
    pub open_minutes: u32,
    /// Size of the database with its write-ahead log; `None` where it cannot be determined.
    pub database_bytes: Option<u64>,
    /// How much room there is, and for how long; `None` before the first look at it.
    #[serde(default)]
    pub forecast: Option<Forecast>,
}
