//! What readers get and the pipeline gives: rows of the record as values.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::detect::LinkDrop;
use crate::measurement::{Measurement, TargetId};
use crate::probe::HostChange;
use crate::stats::{AnchorHour, Histogram};
use crate::time::Timestamp;

/// A drop with its number in this database.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredDrop {
    /// Its number: `drop:12`.
    pub id: i64,
    /// The drop.
    pub drop: LinkDrop,
}

/// All samples of one target in one minute of one run, in the order they were sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MinuteSamples {
    /// Which run.
    pub run: i64,
    /// Unix time / 60 s.
    pub minute: i64,
    /// Which target.
    pub target: TargetId,
    /// The samples.
    pub samples: Vec<Measurement>,
}

/// Something that happened to the host, as stored.
#[derive(Debug, Clone, PartialEq)]
pub struct StoredEvent {
    /// When, UTC as the clock showed it.
    pub at: Timestamp,
    /// What.
    pub what: HostChange,
}

/// Bytes through the interface of the default route between two readings of its counters, about a
/// minute apart: of this host alone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Traffic {
    /// Unix time / 60 s of the earlier reading.
    pub minute: i64,
    /// The interface.
    pub interface: String,
    /// From one reading to the other.
    pub length: Duration,
    /// Bytes received.
    pub received: u64,
    /// Bytes sent.
    pub sent: u64,
}

/// What kind of thing a note tells of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum NoteKind {
    /// A call to the ISP, or another word with its support.
    Call,
    /// A technician on site.
    Visit,
    /// A device was restarted or reset.
    Reset,
    /// A device, a cable or a splitter was replaced or added.
    Hardware,
    /// Rain, wind, heat, frost, lightning.
    Weather,
    /// Anything else.
    #[default]
    Other,
}

impl NoteKind {
    /// All of them.
    pub const ALL: [Self; 6] =
        [Self::Call, Self::Visit, Self::Reset, Self::Hardware, Self::Weather, Self::Other];

    /// The word for it on the command line, in the database and in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Call => "call",
            Self::Visit => "visit",
            Self::Reset => "reset",
            Self::Hardware => "hardware",
            Self::Weather => "weather",
            Self::Other => "other",
        }
    }
}

impl std::str::FromStr for NoteKind {
    type Err = String;
    fn from_str(word: &str) -> Result<Self, String> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == word).ok_or_else(|| {
            format!("no kind of note \"{word}\" (call, visit, reset, hardware, weather or other)")
        })
    }
}

/// What a person says in a note.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoteDraft {
    /// The time it is about.
    pub at: Timestamp,
    /// What kind of thing it tells of.
    pub kind: NoteKind,
    /// The ISP's number for it.
    pub ticket: Option<String>,
    /// The text.
    pub text: String,
}

/// A note of a person, shown on reports.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Note {
    /// Its number.
    pub id: i64,
    /// The time it is about.
    pub at: Timestamp,
    /// What kind of thing it tells of.
    pub kind: NoteKind,
    /// The ISP's number for it.
    pub ticket: Option<String>,
    /// The text.
    pub text: String,
    /// When it was written down.
    pub added: Timestamp,
    /// When it was last changed; `None`: it stands as it was written down.
    pub edited: Option<Timestamp>,
}

impl Note {
    /// What it says, without its number and history.
    pub fn draft(&self) -> NoteDraft {
        let Self { at, kind, .. } = *self;
        NoteDraft { at, kind, ticket: self.ticket.clone(), text: self.text.clone() }
    }
}

/// What was done to a note.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum NoteWas {
    /// It says something else since.
    Edited,
    /// It is gone since.
    Removed,
}

impl NoteWas {
    /// The word for it in the database and in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Edited => "edited",
            Self::Removed => "removed",
        }
    }
}

/// A note as it stood before it was edited or removed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct NoteChange {
    /// What was done to it.
    pub was: NoteWas,
    /// When.
    pub changed: Timestamp,
    /// What it said until then.
    #[serde(flatten)]
    pub before: Note,
}

/// The summary of one target in one minute, over all runs of that minute.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MinuteRow {
    /// Unix time / 60 s.
    pub minute: i64,
    /// Which target.
    pub target: TargetId,
    /// Probes that were sent; those not sent are not in it.
    pub sent: u32,
    /// Answered in time.
    pub received: u32,
    /// Sent and not rightly answered in time: `sent - received`.
    pub lost: u32,
    /// Of the lost ones, those answered late.
    pub late: u32,
    /// Due and not sent: neither loss nor uptime.
    pub not_sent: u32,
    /// Figures of the delays; `None` where nothing was received.
    pub rtt: Option<RttSummary>,
}

/// Figures of the delays of one minute, over the replies in time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RttSummary {
    /// The least.
    pub min: Duration,
    /// The median, by nearest rank.
    pub p50: Duration,
    /// The 95th percentile, by nearest rank.
    pub p95: Duration,
    /// The greatest.
    pub max: Duration,
    /// The mean, rounded down to a microsecond.
    pub mean: Duration,
    /// Mean absolute difference of successive probes that were both answered; `None` where no
    /// two such were.
    pub jitter: Option<Duration>,
}

/// One target in one hour, over all runs of that hour, as it was summed up when the hour was over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HourRow {
    /// Unix time / 3600 s.
    pub hour: i64,
    /// Which target.
    pub target: TargetId,
    /// Probes that were sent; those not sent are not in it.
    pub sent: u32,
    /// Answered in time.
    pub received: u32,
    /// Sent and not rightly answered in time: `sent - received`.
    pub lost: u32,
    /// Of the lost ones, those answered late.
    pub late: u32,
    /// Due and not sent: neither loss nor uptime.
    pub not_sent: u32,
    /// Stretches of consecutive lost probes.
    pub loss_runs: u32,
    /// Rows of samples that could not be read; they are in no count.
    pub damaged: u32,
    /// Figures of the delays; `None` where nothing was received.
    pub rtt: Option<HourRtt>,
    /// The delays, counted: those of longer spans are their sum.
    pub delays: Histogram,
    /// Of an anchor, second by second.
    pub anchor: Option<AnchorHour>,
}

/// Figures of the delays of one hour, over the replies in time; quantiles are exact, by nearest
/// rank.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names say it")]
pub struct HourRtt {
    pub min: Duration,
    pub p50: Duration,
    pub p95: Duration,
    pub p99: Duration,
    pub max: Duration,
    /// Sum of all, microseconds.
    pub sum_us: u64,
    /// Sum of the absolute differences of successive probes that were both answered.
    pub jitter_us: u64,
    /// How many such pairs.
    pub jitter_pairs: u64,
}

/// What the daemon wrote a moment ago of the present.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Live {
    /// When it was written, UTC of the writer's clock.
    pub written: Timestamp,
    /// The status as JSON.
    pub status: String,
}

/// What is known of the database itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct About {
    /// The program and version that made it: `linkmon 0.1.0`.
    pub created_by: String,
    /// Its schema number.
    pub schema: i64,
}

/// Rows that could not be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct Damage {
    /// Rows of samples (one target, one minute) whose checksum or content is wrong; they were
    /// left out.
    pub rows: u64,
}
