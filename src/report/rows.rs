//! What a report is made of: rows of the record, and the samples counted per drawing column.
//!
//! [`Collector`] takes samples one after another and keeps, for each target, totals and one
//! [`Bucket`] per column, so that a year takes no more memory than an hour.

mod parts;

use std::time::Duration;

use super::deciders::Deciders;
use super::modem::ModemFacts;
use crate::stats::seconds::SecondTally;
use crate::stats::{Histogram, LossRatio, SiteWays, WaySpan};
use crate::store::Unread;
use crate::store::rows::HourRow;
use crate::time::spans::Spans;
use crate::time::{TimeRange, Timestamp, micros};
use crate::vocabulary::{
    Gap, Impairment, Measurement, Note, PathRound, ProbeCounts, RemovedSamples, RosterHistory, Run,
    RunClock, ServerClock, SimulatedShare, StationSeen, StoredDrop, StoredEvent, Target, TargetId,
    TargetTrouble, Traffic, deciding_anchors,
};

const HOUR: Duration = Duration::from_secs(3_600);

/// Columns of a drawing: buckets of a series.
pub const COLUMNS: usize = 1_680;

/// Everything of one period that a report is made of.
#[derive(Debug, Clone, PartialEq)]
pub struct Rows {
    /// The period.
    pub period: TimeRange,
    /// Runs of the daemon that touch it.
    pub runs: Vec<Run>,
    /// Drops, blips among them, that touch it.
    pub drops: Vec<StoredDrop>,
    /// By which ways packets left, and which of them is the line.
    pub ways: SiteWays,
    /// The same, stretch by stretch.
    pub way_spans: Vec<WaySpan>,
    /// What the modem said; `None` where it was not read.
    pub modem: Option<ModemFacts>,
    /// What Wi-Fi was connected to, in it and shortly before.
    pub stations: Vec<StationSeen>,
    /// Which targets were in use when.
    pub rosters: RosterHistory,
    /// Stretches that were not watched.
    pub gaps: Vec<Gap>,
    /// The paths that were asked at moments of drops.
    pub paths: Vec<PathRound>,
    /// Stretches of trouble with one target.
    pub troubles: Vec<TargetTrouble>,
    /// Impairments that touch it.
    pub impairments: Vec<Impairment>,
    /// This host's traffic in it and in the day before.
    pub traffic: Vec<Traffic>,
    /// What happened to the host.
    pub events: Vec<StoredEvent>,
    /// Notes of people.
    pub notes: Vec<Note>,
    /// What is known of the clock in each run.
    pub clocks: Vec<RunClock>,
    /// What web servers showed of the clock.
    pub servers: Vec<ServerClock>,
    /// All targets of the database, for their names.
    pub targets: Vec<Target>,
    /// Targets with at least one sample in the period, with their samples counted.
    pub tallies: Vec<Tally>,
    /// Per column, loss of all deciding anchors together in the worst minute that touches it.
    pub worst_minute: Vec<Option<LossRatio>>,
    /// Probes of the deciding anchors, counted by second.
    pub seconds: SecondTally,
    /// Web, DNS and TCP probes beyond the home inside drops, lost of sent, by the drop's number.
    pub others: std::collections::BTreeMap<i64, LossRatio>,
    /// Damaged rows of samples that had to be left out.
    pub unreadable_minutes: u64,
    /// When the record ends while a drop lasts that nobody watches any more, by its number.
    pub record_ends: std::collections::BTreeMap<i64, Timestamp>,
    /// Parts of the period whose samples are no longer there, in order.
    pub removed: Vec<RemovedSamples>,
    /// What of the tables could not be read.
    pub unread: Vec<Unread>,
    /// From when to when the record reaches, whatever the period.
    pub holds: Option<TimeRange>,
    /// How much of the record was simulated.
    pub simulated: SimulatedShare,
}

/// Quantiles of delays in microseconds; least and greatest are exact, those between within 0.8 %.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names say it")]
pub struct Spread {
    pub min: u32,
    pub p5: u32,
    pub p25: u32,
    pub p50: u32,
    pub p75: u32,
    pub p95: u32,
    pub p99: u32,
    pub max: u32,
}

/// Delays being counted.
#[derive(Debug, Default)]
struct Delays {
    histogram: Histogram,
    ends: Option<(u32, u32)>,
}

impl Delays {
    fn add(&mut self, us: u32) {
        self.histogram.add(us);
        self.ends = Some(self.ends.map_or((us, us), |(min, max)| (min.min(us), max.max(us))));
    }

    fn merge(&mut self, other: &Self) {
        self.histogram.merge(&other.histogram);
        self.ends = match (self.ends, other.ends) {
            (Some(a), Some(b)) => Some((a.0.min(b.0), a.1.max(b.1))),
            (one, None) | (None, one) => one,
        };
    }

    fn add_hour(&mut self, row: &HourRow) {
        let Some(rtt) = &row.rtt else { return };
        let us = |d: Duration| u32::try_from(d.as_micros()).unwrap_or(u32::MAX);
        self.histogram.merge(&row.delays);
        let (min, max) = self.ends.unwrap_or((u32::MAX, 0));
        self.ends = Some((min.min(us(rtt.min)), max.max(us(rtt.max))));
    }

    fn spread(&self) -> Option<Spread> {
        let (min, max) = self.ends?;
        let at = |q: f64| {
            let us = self.histogram.quantile(q)?.as_micros();
            Some(u32::try_from(us).unwrap_or(u32::MAX).clamp(min, max))
        };
        let [p5, p25, p50] = [at(0.05)?, at(0.25)?, at(0.5)?];
        let [p75, p95, p99] = [at(0.75)?, at(0.95)?, at(0.99)?];
        Some(Spread { min, p5, p25, p50, p75, p95, p99, max })
    }
}

/// The samples of one target, counted.
#[derive(Debug, Clone, PartialEq)]
pub struct Tally {
    /// Whose.
    pub target: Target,
    /// All of the period.
    pub total: Bucket,
    /// Per column.
    pub columns: Vec<Bucket>,
    /// Probes that are in no count.
    pub uncounted: Option<Uncounted>,
}

/// Probes of which only sums of hours are left that lie partly in the period.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Uncounted {
    /// None was answered in those hours.
    Silent,
    /// Some were.
    Answered,
}

/// Samples counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Bucket {
    /// The probes by outcome.
    pub probes: ProbeCounts,
    /// Delays of the answered; `None` when there is none.
    pub rtt: Option<Spread>,
}

impl Bucket {
    /// Lost of sent.
    pub fn loss(&self) -> LossRatio {
        self.probes.loss()
    }

    fn count_hour(&mut self, row: &HourRow) {
        self.probes += ProbeCounts {
            sent: row.sent.into(),
            lost: row.lost.into(),
            late: row.late.into(),
            not_sent: row.not_sent.into(),
        };
    }

    /// Adds `other`. Quantiles cannot be added: those of the larger part stay, which matters only
    /// for a column that a step of the clock was in.
    fn merge(&mut self, other: &Self) {
        let larger = other.probes.answered() > self.probes.answered();
        let mut rtt = if larger { other.rtt } else { self.rtt };
        if let (Some(rtt), Some(a), Some(b)) = (&mut rtt, self.rtt, other.rtt) {
            (rtt.min, rtt.max) = (a.min.min(b.min), a.max.max(b.max));
        }
        self.rtt = rtt;
        self.probes += other.probes;
    }
}

/// The column of `at` when `period` is cut into `columns`; `None` outside the period.
pub fn column_of(period: TimeRange, columns: usize, at: Timestamp) -> Option<usize> {
    if !period.contains(at) {
        return None;
    }
    let passed = i128::from(at.micros_since(period.from));
    usize::try_from(passed * columns as i128 / i128::from(micros(period.length()))).ok()
}

/// When column `column` of `columns` begins, rounded up to a microsecond.
pub fn column_start(period: TimeRange, columns: usize, column: usize) -> Timestamp {
    let length = i128::from(micros(period.length()));
    let us = (length * column as i128 + columns as i128 - 1) / columns.max(1) as i128;
    period.from.plus_micros(i64::try_from(us).unwrap_or(i64::MAX))
}

/// The numbers of the anchors that decide whether the link is up.
pub fn deciding<'a>(targets: impl Iterator<Item = &'a Target> + Clone) -> Vec<TargetId> {
    deciding_anchors(targets, |_| true).into_iter().map(|target| target.id).collect()
}

/// Counts the samples of one target.
#[derive(Debug)]
struct Counter {
    target: Target,
    decides: bool,
    /// When it did not decide.
    apart: Spans,
    columns: Vec<Bucket>,
    total: Bucket,
    uncounted: Option<Uncounted>,
    delays: Delays,
    /// The column being filled: its number, time, counts and delays.
    open: Option<(usize, TimeRange)>,
    bucket: Bucket,
    bucket_delays: Delays,
}

impl Counter {
    fn decides_at(&self, at: Timestamp) -> bool {
        self.decides && !self.apart.contains(at)
    }

    /// Opens the column of `at`; `false` outside of the period.
    fn open_column(&mut self, period: TimeRange, at: Timestamp) -> bool {
        if !self.open.is_some_and(|(_, range)| range.contains(at)) {
            let Some(column) = column_of(period, COLUMNS, at) else { return false };
            self.close_column();
            let from = column_start(period, COLUMNS, column);
            let to = column_start(period, COLUMNS, column + 1);
            self.open = Some((column, TimeRange { from, to }));
        }
        true
    }

    /// Copies the open column, which holds a sum of `length` up to `end`, to those that begin
    /// before that. What it had before stays with it, and the total counts it once.
    fn repeat(&mut self, period: TimeRange, end: Timestamp, length: Duration) {
        let last = end.min(period.to).plus_micros(-1);
        let (Some((first, _)), Some(last)) = (self.open, column_of(period, COLUMNS, last)) else {
            return;
        };
        let is_narrow = period.length() < length * u32::try_from(COLUMNS).unwrap_or(u32::MAX);
        if is_narrow && first < last {
            self.close_column();
            let hour = self.columns[first];
            self.columns[first + 1..=last].fill(hour);
        }
    }

    fn close_column(&mut self) {
        let Some((column, _)) = self.open.take() else { return };
        self.bucket.rtt = self.bucket_delays.spread();
        self.delays.merge(&self.bucket_delays);
        self.bucket_delays = Delays::default();
        self.total.merge(&self.bucket);
        self.columns[column].merge(&std::mem::take(&mut self.bucket));
    }
}

/// Takes samples, gives a [`Tally`] per target.
#[derive(Debug)]
pub struct Collector {
    period: TimeRange,
    counters: Vec<Counter>,
    /// Place in `counters` of each target, by its number.
    places: [Option<u8>; 256],
    worst_minute: Vec<Option<LossRatio>>,
    minute: Option<(i64, LossRatio)>,
}

impl Collector {
    /// For the samples of `targets` in `period`, cut into [`COLUMNS`]; all of them are taken to be
    /// in use throughout.
    pub fn new(period: TimeRange, targets: &[Target]) -> Self {
        let deciders = Deciders::of(targets.iter(), &RosterHistory::default(), &[], period);
        Self::with_deciders(period, targets, &deciders)
    }

    /// The same where it is known which of them decided when.
    pub(crate) fn with_deciders(
        period: TimeRange,
        targets: &[Target],
        deciders: &Deciders,
    ) -> Self {
        let mut places = [None; 256];
        let counters = targets
            .iter()
            .enumerate()
            .map(|(i, target)| {
                places[usize::from(target.id.0)] = u8::try_from(i).ok();
                Counter {
                    target: target.clone(),
                    decides: deciders.has(target.id),
                    apart: deciders.apart(target.id),
                    columns: vec![Bucket::default(); COLUMNS],
                    total: Bucket::default(),
                    uncounted: None,
                    delays: Delays::default(),
                    open: None,
                    bucket: Bucket::default(),
                    bucket_delays: Delays::default(),
                }
            })
            .collect();
        Self { period, counters, places, worst_minute: vec![None; COLUMNS], minute: None }
    }

    /// Counts one sample; samples of other targets or outside the period are passed over.
    pub fn add(&mut self, sample: &Measurement) {
        let Some(place) = self.places[usize::from(sample.target.0)] else { return };
        let counter = &mut self.counters[usize::from(place)];
        if !counter.open_column(self.period, sample.sent_at) {
            return;
        }
        counter.bucket.probes.count(&sample.outcome);
        if let Some(rtt) = sample.outcome.rtt() {
            counter.bucket_delays.add(u32::try_from(rtt.as_micros()).unwrap_or(u32::MAX));
        }
        if counter.decides_at(sample.sent_at) && sample.outcome.was_sent() {
            let minute = sample.sent_at.minute();
            if self.minute.is_some_and(|(open, _)| open != minute) {
                self.close_minute();
            }
            let (_, loss) = self.minute.get_or_insert((minute, LossRatio::default()));
            loss.count(&sample.outcome);
        }
    }

    /// Counts a whole hour of the period, all targets of it. All of it is in the column in which it
    /// begins; columns shorter than an hour are each as the hour. The worst minutes are exact.
    pub fn add_hour(&mut self, rows: &[HourRow]) {
        let mut seconds = Vec::new();
        for row in rows {
            let Some(place) = self.places[usize::from(row.target.0)] else { continue };
            let counter = &mut self.counters[usize::from(place)];
            let begin = Timestamp::from_seconds(row.hour.saturating_mul(3_600));
            if !counter.open_column(self.period, begin) {
                continue;
            }
            counter.bucket.count_hour(row);
            counter.bucket_delays.add_hour(row);
            counter.repeat(self.period, begin + HOUR, HOUR);
            if let Some(anchor) = row.anchor.as_ref().filter(|_| counter.decides_at(begin)) {
                seconds.resize(3_600, LossRatio::default());
                anchor.add_to(&mut seconds);
            }
        }
        self.close_minute();
        let first = rows.first().map_or(0, |row| row.hour.saturating_mul(60));
        for (minute, of_minute) in (first..).zip(seconds.chunks(60)) {
            let loss: LossRatio = of_minute.iter().copied().sum();
            if loss.sent > 0 {
                self.minute = Some((minute, loss));
                self.close_minute();
            }
        }
    }

    fn close_minute(&mut self) {
        let Some((minute, loss)) = self.minute.take() else { return };
        let from = Timestamp::from_seconds(minute.saturating_mul(60)).max(self.period.from);
        let last = Timestamp::from_seconds(minute.saturating_mul(60).saturating_add(60))
            .min(self.period.to)
            .plus_micros(-1);
        let (Some(first), Some(last)) =
            (column_of(self.period, COLUMNS, from), column_of(self.period, COLUMNS, last))
        else {
            return;
        };
        for worst in &mut self.worst_minute[first..=last] {
            if worst.is_none_or(|w| w.lost * loss.sent <= loss.lost * w.sent) {
                *worst = Some(loss);
            }
        }
    }

    /// The tallies of the targets that had a sample, in the order given, and the worst minutes.
    pub fn finish(mut self) -> (Vec<Tally>, Vec<Option<LossRatio>>) {
        self.close_minute();
        let tallies = self
            .counters
            .into_iter()
            .filter_map(|mut counter| {
                counter.close_column();
                counter.total.rtt = counter.delays.spread();
                let Counter { target, columns, total, uncounted, .. } = counter;
                let is_there = total.probes.slots() > 0 || uncounted.is_some();
                is_there.then_some(Tally { target, total, columns, uncounted })
            })
            .collect();
        (tallies, self.worst_minute)
    }
}
