//! From a minute of the record to samples. Pure.
//!
//! A sample at time T counts what was sent before T. There is one at the end of the last second of a
//! minute in which the target had a slot, near the edges of drops at the end of each such second. Where
//! slots are further apart than their distance explains, the series ends with the last of them (a marker
//! of Prometheus), and begins again at the next with what it had counted: no gap is drawn as data, and
//! what comes after it counts from there.

use std::collections::BTreeMap;
use std::time::Duration;

use super::counted::{PlaceSent, ProbeTime, SentCounts, TargetSent};
use super::series::{STALE, SampleBatch, SampleOrigin, SeriesKey, SeriesOf};
use crate::live::EDGES_MS;
use crate::store::rows::MinuteRow;
use crate::time::spans::{length_within, span_at};
use crate::time::{TimeRange, Timestamp, micros};
use crate::vocabulary::Measurement;

/// Slots of a target in one minute.
#[derive(Debug, Clone, Default)]
pub(super) struct MinuteSlots {
    /// In send order.
    pub(super) each: Vec<Measurement>,
    /// Of those whose samples are not there any more.
    pub(super) sums: Vec<MinuteRow>,
    /// Their distance.
    pub(super) interval: Duration,
}

/// A minute of the record.
#[derive(Debug, Clone)]
pub(super) struct SentMinute {
    /// Unix time / 60 s.
    pub(super) number: i64,
    /// By [`identity`](super::series::identity).
    pub(super) slots: BTreeMap<String, MinuteSlots>,
    pub(super) origin: SampleOrigin,
}

/// How the link was, around the minutes that are sampled; spans are ordered and disjoint.
#[derive(Debug, Clone, Default)]
pub(super) struct LinkGround {
    /// It was observed.
    pub(super) observed: Vec<TimeRange>,
    /// It was down.
    pub(super) down: Vec<TimeRange>,
    /// It was up for sure.
    pub(super) up: Vec<TimeRange>,
    /// Each second has a sample.
    pub(super) fine: Vec<TimeRange>,
    /// Drops that are over, by end.
    pub(super) ended: Vec<EndedPlace>,
}

/// A drop that is over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct EndedPlace {
    pub(super) at: Timestamp,
    pub(super) place: String,
    pub(super) length_us: i64,
}

/// Which delays are sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum DelaySeries {
    /// Sum, count and buckets.
    Histogram,
    /// Sum and count.
    Mean,
}

/// Adds the samples of a minute to a batch, and counts it.
pub(super) fn sample_minute(
    counts: &mut SentCounts,
    minute: &SentMinute,
    ground: &LinkGround,
    delays: DelaySeries,
    batch: &mut SampleBatch,
) {
    let mut out = Output { ground, delays, origin: counts.origin, batch };
    if counts.origin != minute.origin {
        out.end_all(counts);
        counts.origin = minute.origin;
        out.origin = minute.origin;
    }
    for (identity, slots) in &minute.slots {
        let count = counts.targets.entry(identity.clone()).or_default();
        count.gap_ms = gap_ms(slots.interval);
        out.target(identity, count, slots, minute.number);
    }
    let end = second_ms(minute.number, 60);
    for (identity, count) in &mut counts.targets {
        if count.slot_ms.is_some_and(|slot| end - slot > count.gap_ms.max(60_000)) {
            out.end_target(identity, count);
        }
    }
    counts.drops_until_us.get_or_insert(second_ms(minute.number, 0) * 1_000);
    out.link(counts, minute.number);
}

/// The end of a second of a minute.
fn second_ms(minute: i64, second: i64) -> i64 {
    minute.saturating_mul(60_000).saturating_add(second * 1_000)
}

/// The end of the second in which something was.
fn end_of_second(ms: i64) -> i64 {
    (ms.div_euclid(1_000) + 1) * 1_000
}

/// Slots further apart leave a gap: two and a half times their distance, as detection has it.
fn gap_ms(interval: Duration) -> i64 {
    (micros(interval) * 5 / 2_000).max(2_500)
}

struct Output<'a> {
    ground: &'a LinkGround,
    delays: DelaySeries,
    origin: SampleOrigin,
    batch: &'a mut SampleBatch,
}

/// Which series of a target get a sample.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum SampledSeries {
    /// What changes at a drop.
    Brief,
    /// All.
    Whole,
}

impl Output<'_> {
    fn is_fine(&self, at_ms: i64) -> bool {
        span_at(&self.ground.fine, Timestamp::from_millis(at_ms)).is_some()
    }

    fn target(&mut self, identity: &str, count: &mut TargetSent, slots: &MinuteSlots, minute: i64) {
        if slots.each.is_empty() {
            self.sums(identity, count, slots, minute);
            return;
        }
        let mut pending = None;
        for m in &slots.each {
            let ms = m.sent_at.as_millis();
            let start = ms.div_euclid(1_000) * 1_000;
            if count.slot_ms.is_some_and(|last| ms - last > count.gap_ms) {
                if let Some(at) = pending.take() {
                    self.values(identity, count, at, SampledSeries::Whole);
                }
                self.end_target(identity, count);
            }
            let had_delays = std::mem::replace(&mut count.has_delays, true);
            if count.slot_ms.is_none() {
                self.values(identity, count, start, SampledSeries::Whole);
            } else if !had_delays {
                let put = &mut |out: &mut Self, key, value| out.batch.push(key, start, value);
                self.each_delay(identity, count, SampledSeries::Whole, put);
            }
            let end = end_of_second(ms);
            if let Some(at) = pending.filter(|at| *at != end && self.is_fine(*at)) {
                self.values(identity, count, at, SampledSeries::Brief);
            }
            pending = Some(end);
            let is_up = span_at(&self.ground.up, m.sent_at).is_some();
            count.count(m, if is_up { ProbeTime::OfUp } else { ProbeTime::Other });
        }
        slots.sums.iter().for_each(|row| count.count_sum(row));
        if let Some(at) = pending {
            self.values(identity, count, at, SampledSeries::Whole);
        }
    }

    /// A minute of which only the sums are left: it is taken for full.
    fn sums(&mut self, identity: &str, count: &mut TargetSent, slots: &MinuteSlots, minute: i64) {
        let (start, end) = (second_ms(minute, 0), second_ms(minute, 60));
        if count.slot_ms.is_some_and(|last| start - last > count.gap_ms) {
            self.end_target(identity, count);
        }
        if count.slot_ms.is_none() {
            self.values(identity, count, start, SampledSeries::Whole);
        }
        slots.sums.iter().for_each(|row| count.count_sum(row));
        count.slot_ms = Some(end - 1);
        self.values(identity, count, end, SampledSeries::Whole);
    }

    fn end_target(&mut self, identity: &str, count: &mut TargetSent) {
        if let Some(last) = count.slot_ms.take() {
            let at_ms = end_of_second(last) + 1;
            let put = &mut |out: &mut Self, key, _| out.batch.push(key, at_ms, STALE);
            self.each_of_target(identity, count, SampledSeries::Whole, put);
        }
    }

    fn values(&mut self, identity: &str, count: &TargetSent, at_ms: i64, extent: SampledSeries) {
        let put = &mut |out: &mut Self, key, value| out.batch.push(key, at_ms, value);
        self.each_of_target(identity, count, extent, put);
    }

    fn each_of_target(
        &mut self,
        identity: &str,
        count: &TargetSent,
        extent: SampledSeries,
        put: &mut dyn FnMut(&mut Self, SeriesKey, f64),
    ) {
        let brief =
            [("linkmon_probes_total", count.sent), ("linkmon_probes_lost_total", count.lost)];
        let rest = [
            ("linkmon_probes_late_total", count.late),
            ("linkmon_probes_not_sent_total", count.not_sent),
            ("linkmon_probes_outside_drops_total", count.outside),
            ("linkmon_probes_lost_outside_drops_total", count.outside_lost),
        ];
        let rest = rest.into_iter().filter(|_| extent == SampledSeries::Whole);
        for (name, value) in brief.into_iter().chain(rest) {
            let key = self.of_target(name, identity);
            put(self, key, exact(value));
        }
        if count.has_delays {
            self.each_delay(identity, count, extent, put);
        }
    }

    fn each_delay(
        &mut self,
        identity: &str,
        count: &TargetSent,
        extent: SampledSeries,
        put: &mut dyn FnMut(&mut Self, SeriesKey, f64),
    ) {
        let (sum, answered) = (
            self.of_target("linkmon_rtt_seconds_sum", identity),
            self.of_target("linkmon_rtt_seconds_count", identity),
        );
        put(self, sum, exact(count.rtt_us) / 1e6);
        put(self, answered, exact(count.answered()));
        if extent == SampledSeries::Brief || self.delays == DelaySeries::Mean {
            return;
        }
        let mut below = 0;
        let edges = EDGES_MS.iter().map(|ms| edge_text(*ms)).chain(["+Inf".to_owned()]);
        for (edge, cell) in edges.zip(count.delays) {
            below += cell;
            let of = SeriesOf::Delays(identity.to_owned(), edge);
            let key = SeriesKey { name: "linkmon_rtt_seconds_bucket", of, origin: self.origin };
            put(self, key, exact(below));
        }
    }

    fn of_target(&self, name: &'static str, identity: &str) -> SeriesKey {
        SeriesKey { name, of: SeriesOf::Target(identity.to_owned()), origin: self.origin }
    }

    fn end_all(&mut self, counts: &mut SentCounts) {
        for (identity, count) in &mut counts.targets {
            self.end_target(identity, count);
        }
        self.end_link(counts);
    }

    /// Second by second: the state, what was observed, and the drops that are over.
    fn link(&mut self, counts: &mut SentCounts, minute: i64) {
        let start = second_ms(minute, 0);
        if counts.link_at_ms.is_some_and(|last| last < start) {
            self.end_link(counts);
        }
        let mut pending = None;
        for second in 1..=60 {
            let at = second_ms(minute, second);
            let range = TimeRange {
                from: Timestamp::from_millis(at - 1_000),
                to: Timestamp::from_millis(at),
            };
            let observed = length_within(&self.ground.observed, range);
            if span_at(&self.ground.observed, range.to.plus_micros(-1)).is_none() {
                if let Some(last) = pending.take() {
                    self.link_values(counts, last);
                }
                self.end_link(counts);
                counts.observed_us += micros(observed);
                continue;
            }
            if counts.link_at_ms.is_none() {
                self.link_values(counts, at - 1_000);
            }
            if let Some(last) = pending.filter(|last| self.is_fine(*last)) {
                self.link_values(counts, last);
            }
            counts.observed_us += micros(observed);
            self.count_drops(counts, range.to);
            counts.link_at_ms = Some(at);
            pending = Some(at);
        }
        if let Some(last) = pending {
            self.link_values(counts, last);
        }
    }

    /// Counts the drops that ended up to `until`. A place begins with nothing, a second before.
    fn count_drops(&mut self, counts: &mut SentCounts, until: Timestamp) {
        let after = counts.drops_until_us.replace(until.as_micros()).unwrap_or(i64::MIN);
        let ground = self.ground;
        let first = ground.ended.partition_point(|ended| ended.at.as_micros() <= after);
        for ended in &ground.ended[first..] {
            if ended.at > until {
                break;
            }
            if !counts.places.contains_key(&ended.place) {
                counts.places.insert(ended.place.clone(), PlaceSent::default());
                self.place_values(counts, &ended.place, until.as_millis() - 1_000);
            }
            let place = counts.places.entry(ended.place.clone()).or_default();
            place.count += 1;
            place.length_us += ended.length_us;
        }
    }

    fn link_values(&mut self, counts: &SentCounts, at_ms: i64) {
        let is_down = span_at(&self.ground.down, Timestamp::from_millis(at_ms)).is_some();
        for (state, holds) in [("up", !is_down), ("down", is_down)] {
            self.link_value(
                "linkmon_state",
                SeriesOf::State(state),
                at_ms,
                f64::from(u8::from(holds)),
            );
        }
        let observed = exact(counts.observed_us.unsigned_abs()) / 1e6;
        self.link_value("linkmon_observed_seconds_total", SeriesOf::Link, at_ms, observed);
        for place in counts.places.keys() {
            self.place_values(counts, place, at_ms);
        }
    }

    fn place_values(&mut self, counts: &SentCounts, place: &str, at_ms: i64) {
        let sent = counts.places.get(place).copied().unwrap_or_default();
        let of = || SeriesOf::Place(place.to_owned());
        self.link_value("linkmon_drops_total", of(), at_ms, exact(sent.count));
        self.link_value(
            "linkmon_drop_seconds_total",
            of(),
            at_ms,
            exact(sent.length_us.unsigned_abs()) / 1e6,
        );
    }

    fn link_value(&mut self, name: &'static str, of: SeriesOf, at_ms: i64, value: f64) {
        self.batch.push(SeriesKey { name, of, origin: self.origin }, at_ms, value);
    }

    fn end_link(&mut self, counts: &mut SentCounts) {
        let Some(last) = counts.link_at_ms.take() else { return };
        let at = last + 1;
        for state in ["up", "down"] {
            self.link_value("linkmon_state", SeriesOf::State(state), at, STALE);
        }
        self.link_value("linkmon_observed_seconds_total", SeriesOf::Link, at, STALE);
        for place in counts.places.keys() {
            for name in ["linkmon_drops_total", "linkmon_drop_seconds_total"] {
                self.link_value(name, SeriesOf::Place(place.clone()), at, STALE);
            }
        }
    }
}

/// Milliseconds as the seconds of the label `le`: as in `/metrics`.
fn edge_text(ms: u32) -> String {
    let text = format!("{}.{:03}", ms / 1_000, ms % 1_000);
    let short = text.trim_end_matches('0');
    // As in /metrics: `1.0`.
    if short.ends_with('.') { format!("{short}0") } else { short.to_owned() }
}

#[allow(clippy::cast_precision_loss, reason = "counts and microseconds of centuries fit 53 bits")]
fn exact(count: u64) -> f64 {
    count as f64
}
