//! Parts of hours whose samples are gone, counted by the sums of their minutes.

use std::collections::BTreeMap;
use std::time::Duration;

use super::{Bucket, Collector, Counter, Delays, Uncounted};
use crate::stats::LossRatio;
use crate::store::SummedPart;
use crate::store::rows::{HourRow, MinuteRow};
use crate::time::{TimeRange, Timestamp};
use crate::vocabulary::{ProbeCounts, TargetId};

const MINUTE: Duration = Duration::from_secs(60);

impl Delays {
    /// The delays of a minute as its figures tell them: even between one and the next.
    fn add_minute(&mut self, row: &MinuteRow) {
        let Some(rtt) = &row.rtt else { return };
        let [min, p50, p95, max] = [rtt.min, rtt.p50, rtt.p95, rtt.max]
            .map(|d| u64::try_from(d.as_micros()).unwrap_or(u64::MAX).min(u32::MAX.into()));
        let count = u64::from(row.received);
        let last = count.saturating_sub(1).max(1);
        let (half, most) = (count.div_ceil(2).max(1) - 1, (95 * count).div_ceil(100).max(1) - 1);
        for rank in 0..count {
            let (from, to, low, high) = match rank {
                _ if rank <= half => (0, half, min, p50),
                _ if rank <= most => (half, most, p50, p95),
                _ => (most, last, p95, max),
            };
            let us = low + high.saturating_sub(low) * (rank - from) / (to - from).max(1);
            self.add(u32::try_from(us).unwrap_or(u32::MAX));
        }
    }
}

impl Bucket {
    fn count_minute(&mut self, row: &MinuteRow) {
        self.probes += ProbeCounts {
            sent: row.sent.into(),
            lost: row.lost.into(),
            late: row.late.into(),
            not_sent: row.not_sent.into(),
        };
    }
}

impl Collector {
    /// Counts a part of an hour by the sums of its minutes, each in the column in which it begins;
    /// shorter columns are each as the minute. Where they are gone, probes of anchors are known second by
    /// second, and those of others are not counted.
    pub fn add_part(&mut self, part: &SummedPart) {
        let mut worst = BTreeMap::<i64, LossRatio>::new();
        for row in &part.minutes {
            let Some(counter) = self.counter_at(row.minute, row.target, part.range) else {
                continue;
            };
            counter.bucket.count_minute(row);
            counter.bucket_delays.add_minute(row);
            let loss = LossRatio { lost: row.lost.into(), sent: row.sent.into() };
            self.end_minute(row.minute, row.target, loss, &mut worst);
        }
        for row in &part.hours {
            if part.minutes.iter().any(|minute| minute.target == row.target) {
                continue;
            }
            self.add_seconds(row, part.range, &mut worst);
        }
        self.close_minute();
        for (minute, loss) in worst {
            self.minute = Some((minute, loss));
            self.close_minute();
        }
    }

    /// What is known of a target in a part of an hour when its minutes are gone.
    fn add_seconds(
        &mut self,
        row: &HourRow,
        range: TimeRange,
        worst: &mut BTreeMap<i64, LossRatio>,
    ) {
        let Some(place) = self.places[usize::from(row.target.0)] else { return };
        let found = if row.received > 0 { Uncounted::Answered } else { Uncounted::Silent };
        let uncounted = &mut self.counters[usize::from(place)].uncounted;
        *uncounted = (*uncounted).max(Some(found));
        let Some(anchor) = &row.anchor else { return };
        let mut seconds = vec![LossRatio::default(); 3_600];
        anchor.add_to(&mut seconds);
        let first = row.hour.saturating_mul(3_600);
        for (second, loss) in (first..).zip(&mut seconds) {
            let middle = Timestamp::from_micros(second.saturating_mul(1_000_000) + 500_000);
            if !range.contains(middle) {
                *loss = LossRatio::default();
            }
        }
        for (minute, seconds) in (row.hour.saturating_mul(60)..).zip(seconds.chunks(60)) {
            let loss: LossRatio = seconds.iter().copied().sum();
            if loss.sent == 0 {
                continue;
            }
            let Some(counter) = self.counter_at(minute, row.target, range) else { continue };
            counter.bucket.probes.sent += loss.sent;
            counter.bucket.probes.lost += loss.lost;
            self.end_minute(minute, row.target, loss, worst);
        }
    }

    /// The counter of a target, with the column open in which a minute begins.
    fn counter_at(
        &mut self,
        minute: i64,
        target: TargetId,
        range: TimeRange,
    ) -> Option<&mut Counter> {
        let begin = Timestamp::from_seconds(minute.saturating_mul(60)).max(range.from);
        let counter = &mut self.counters[usize::from(self.places[usize::from(target.0)]?)];
        counter.open_column(self.period, begin).then_some(counter)
    }

    /// A minute of a target was counted into the open column.
    fn end_minute(
        &mut self,
        minute: i64,
        target: TargetId,
        loss: LossRatio,
        worst: &mut BTreeMap<i64, LossRatio>,
    ) {
        let Some(place) = self.places[usize::from(target.0)] else { return };
        let counter = &mut self.counters[usize::from(place)];
        let begin = Timestamp::from_seconds(minute.saturating_mul(60));
        counter.repeat(self.period, begin + MINUTE, MINUTE);
        if counter.decides_at(begin) && loss.sent > 0 {
            *worst.entry(minute).or_default() += loss;
        }
    }
}
