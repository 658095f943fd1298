//! What readers get and the pipeline gives: rows of the record as values.

use std::time::Duration;

use serde::Serialize;

use crate::stats::{AnchorHour, Histogram};
use crate::time::Timestamp;
use crate::vocabulary::{Measurement, TargetId};

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
pub struct WrittenStatus {
    /// When it was written, UTC of the writer's clock.
    pub written: Timestamp,
    /// The status as JSON.
    pub status: String,
}

/// What is known of the database itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RecordInfo {
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
