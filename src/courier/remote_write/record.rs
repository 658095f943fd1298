//! What of the record is sent next.
//!
//! A batch never crosses the end of an hour, and what holds for it is looked up as of the beginning of
//! that hour: however the record is cut into batches, the same samples come of it.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use super::counted::SentCounts;
use super::sampler::{DelaySeries, EndedPlace, LinkGround, MinuteSlots, SentMinute, sample_minute};
use super::series::{SampleBatch, SampleOrigin, identity};
use crate::config::SendDetail;
use crate::stats::{LineWay, SiteWays, observed, way_spans};
use crate::store::{self, Reader};
use crate::text::order::InOrder;
use crate::time::spans::{span_at, union, without};
use crate::time::{TimeRange, Timestamp, micros};
use crate::vocabulary::{Bounds, ClockState, Run, StoredDrop, TargetId};

/// Around the edges of a drop each second has a sample, this far.
const AROUND: Duration = Duration::from_secs(60);
/// Probes this near to a drop may be of it: its bounds are those of two probes.
const MARGIN: Duration = Duration::from_secs(3);
/// What a drop waits for besides: merging with the next, and the writing of it.
const JUDGED_AFTER: Duration = Duration::from_secs(30);
/// So many samples of the record are held at most, if a minute has not more.
const MOST_SLOTS: u64 = 50_000;

/// How a receiver wants the record.
#[derive(Debug, Clone)]
pub(super) struct RecordView {
    /// The line as it is named in the configuration.
    pub(super) line: Option<String>,
    /// What is older than this does not change any more.
    pub(super) settled_after: Duration,
    /// This boot: runs of it whose clock was not set will be dated anew.
    pub(super) boot_id: Option<String>,
    pub(super) detail: SendDetail,
    pub(super) delays: DelaySeries,
}

impl RecordView {
    /// When the record does not change any more: late answers came, a drop that begins within a minute
    /// is confirmed.
    pub(super) fn settled_after(late_window: Duration, drop_after: Duration) -> Duration {
        AROUND + late_window + drop_after + JUDGED_AFTER
    }
}

/// How much is sent at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct BatchLimits {
    pub(super) minutes: i64,
    /// A batch ends with the minute in which it reaches this.
    pub(super) samples: usize,
}

/// Up to where the record was sent, and what had been counted by then.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct SendProgress {
    /// All minutes before this one.
    pub(super) minute: i64,
    pub(super) counts: SentCounts,
}

/// What is sent next.
#[derive(Debug, Clone)]
pub(super) struct NextBatch {
    pub(super) batch: SampleBatch,
    /// Its first minute.
    pub(super) first: i64,
    /// When it is there.
    pub(super) after: SendProgress,
}

impl NextBatch {
    /// How many minutes of the record it spans.
    pub(super) fn minutes(&self) -> i64 {
        self.after.minute - self.first
    }
}

/// The next batch after `progress`; `None`: there is nothing yet that does not change any more.
pub(super) fn next_batch(
    reader: &Reader,
    view: &RecordView,
    progress: &SendProgress,
    most: BatchLimits,
    now: Timestamp,
) -> Result<Option<NextBatch>, store::Error> {
    reader.at_once(|reader| {
        let (runs, until) = sendable(reader, view, now)?;
        let Some(first) = reader.next_counted_minute(progress.minute)? else { return Ok(None) };
        let settled = until.minute();
        if first >= settled {
            return Ok(None);
        }
        let hour = first.div_euclid(60) * 60;
        let mut end = first.saturating_add(most.minutes.max(1)).min(hour + 60).min(settled);
        let rows = reader.minutes(minutes(first, end))?;
        let mut slots = 0;
        for row in &rows {
            slots += u64::from(row.sent) + u64::from(row.not_sent);
            if slots > MOST_SLOTS && row.minute > first {
                end = row.minute;
                break;
            }
        }
        let of_record = slots_of(reader, &runs, (first, end), Timestamp::from_seconds(hour * 60))?;
        let ground = ground(reader, view, &runs, (first, end), &progress.counts)?;
        let mut counts = progress.counts.clone();
        let mut batch = SampleBatch::default();
        for minute in &of_record {
            sample_minute(&mut counts, minute, &ground, view.delays, &mut batch);
            if batch.len() >= most.samples {
                end = minute.number + 1;
                break;
            }
        }
        Ok(Some(NextBatch { batch, first, after: SendProgress { minute: end, counts } }))
    })
}

fn minutes(first: i64, end: i64) -> TimeRange {
    let start = |minute: i64| Timestamp::from_seconds(minute.saturating_mul(60));
    TimeRange { from: start(first), to: start(end) }
}

/// The runs whose times are final, and until when nothing changes any more. A run of this boot whose
/// clock was not set will be dated anew, and all waits for it; when an earlier one was, nobody knows.
fn sendable(
    reader: &Reader,
    view: &RecordView,
    now: Timestamp,
) -> Result<(Vec<Run>, Timestamp), store::Error> {
    let mut until = now - view.settled_after;
    let mut runs = reader.runs(TimeRange::EVER)?;
    for clock in reader.run_clocks()?.iter().filter(|c| c.state == ClockState::Provisional) {
        if let Some(at) = runs.iter().position(|run| run.id == clock.run) {
            let run = runs.remove(at);
            if run.boot_id == view.boot_id {
                until = until.min(run.started);
            }
        }
    }
    Ok((runs, until))
}

/// The slots of the minutes that have any; intervals and families are those of the instant `at`.
fn slots_of(
    reader: &Reader,
    runs: &[Run],
    (first, end): (i64, i64),
    at: Timestamp,
) -> Result<Vec<SentMinute>, store::Error> {
    let intervals: BTreeMap<TargetId, Duration> =
        reader.targets_at(at)?.into_iter().map(|target| (target.id, target.interval)).collect();
    let targets: BTreeMap<TargetId, (String, Duration)> = reader
        .targets()?
        .iter()
        .map(|t| (t.id, (identity(t), intervals.get(&t.id).copied().unwrap_or(t.interval))))
        .collect();
    let known: BTreeSet<i64> = runs.iter().map(|run| run.id).collect();
    let simulated = reader.simulated_runs()?;
    let mut all: BTreeMap<i64, SentMinute> = BTreeMap::new();
    let mut sampled = BTreeSet::new();
    let new =
        |number| SentMinute { number, slots: BTreeMap::new(), origin: SampleOrigin::Measured };
    let range = minutes(first, end);
    reader.for_each_minute(range, &mut |m| {
        sampled.insert((m.minute, m.target));
        let Some((identity, interval)) = targets.get(&m.target) else { return };
        if !known.contains(&m.run) {
            return;
        }
        let minute = all.entry(m.minute).or_insert_with(|| new(m.minute));
        if simulated.contains(&m.run) {
            minute.origin = SampleOrigin::Simulated;
        }
        let slots: &mut MinuteSlots = minute.slots.entry(identity.clone()).or_default();
        slots.interval = slots.interval.max(*interval);
        slots.each.extend(m.samples.iter().cloned());
    })?;
    for row in reader.minutes(range)? {
        if sampled.contains(&(row.minute, row.target)) {
            continue;
        }
        let Some((identity, interval)) = targets.get(&row.target) else { continue };
        let minute = all.entry(row.minute).or_insert_with(|| new(row.minute));
        let slots = minute.slots.entry(identity.clone()).or_default();
        slots.interval = slots.interval.max(*interval);
        slots.sums.push(row);
    }
    let mut all: Vec<SentMinute> = all.into_values().collect();
    for slots in all.iter_mut().flat_map(|minute| minute.slots.values_mut()) {
        slots.each.order_by_key(|m| m.sent_at);
    }
    Ok(all)
}

/// How the link was around the minutes.
fn ground(
    reader: &Reader,
    view: &RecordView,
    runs: &[Run],
    (first, end): (i64, i64),
    counts: &SentCounts,
) -> Result<LinkGround, store::Error> {
    let range = minutes(first, end);
    let wide = TimeRange { from: range.from - AROUND, to: range.to + AROUND };
    let counted = counts.drops_until_us.map_or(range.from, Timestamp::from_micros);
    let since = TimeRange { from: counted.min(wide.from - MARGIN), to: wide.to + MARGIN };
    let spans = way_spans(&reader.ways()?, runs);
    let hour = Timestamp::from_seconds(first.div_euclid(60) * 3_600);
    let line = LineWay::of(view.line.as_deref(), &spans, hour);
    let apart = SiteWays::compute(line, &spans, since).apart;
    let observed = without(&observed(&wide, runs, &reader.gaps(wide)?), &apart);
    let mut drops = reader.drops(since)?;
    drops.retain(|stored| {
        stored.drop.kind.is_down() && span_at(&apart, stored.drop.onset.midpoint()).is_none()
    });
    let (mut down, mut near, mut fine, mut ended) = (vec![], vec![], vec![], vec![]);
    for stored in &drops {
        let ends = edges(reader, stored)?;
        let onset = stored.drop.onset;
        down.push(TimeRange { from: onset.midpoint(), to: ends.midpoint() });
        near.push(TimeRange { from: onset.earliest - MARGIN, to: ends.latest + MARGIN });
        for edge in [onset, ends] {
            fine.push(TimeRange { from: edge.earliest - AROUND, to: edge.latest + AROUND });
        }
        if stored.drop.is_past() {
            ended.push(EndedPlace {
                at: ends.latest,
                place: stored.drop.place_text(),
                length_us: micros((stored.drop.min + stored.drop.max) / 2),
            });
        }
    }
    ended.order_by_key(|ended| ended.at);
    let fine = match view.detail {
        SendDetail::Drops => union(fine),
        SendDetail::Minutes => Vec::new(),
        SendDetail::Seconds => vec![wide],
    };
    let up = without(&observed, &union(near));
    Ok(LinkGround { observed, down: union(down), up, fine, ended })
}

/// The bounds of the end of a drop: where it lasts, those of the record or of all time.
fn edges(reader: &Reader, stored: &StoredDrop) -> Result<Bounds, store::Error> {
    if let Some(end) = stored.drop.end {
        return Ok(end);
    }
    let at = reader.ends_within(&stored.drop)?.unwrap_or(TimeRange::EVER.to - AROUND - AROUND);
    Ok(Bounds { earliest: at, latest: at })
}
