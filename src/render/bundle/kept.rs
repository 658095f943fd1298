//! Which probes a bundle has: all of the period, or those that show its drops. A week of ten targets is
//! 300 MB of `probes.csv`, of which a desk looks at what is around the drops.

use std::collections::BTreeSet;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::Error;
use crate::report::{DropEntry, Report};
use crate::store::rows::MinuteSamples;
use crate::store::{self, Reader};
use crate::text::order::InOrder;
use crate::time::{TimeRange, Timestamp, spans};
use crate::vocabulary::{Measurement, Outcome, TargetId};

/// Which probes are packed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PackedProbes {
    /// Those that show the drops of the report.
    OfDrops,
    /// All of the period, and all samples as they are stored.
    All,
}

/// Before and after a silence every probe is packed.
const AROUND: Duration = Duration::from_secs(5);
/// Of a longer silence, so much at either end has every probe.
const AT_EITHER_END: Duration = Duration::from_secs(120);
/// Samples of hours with drops, together, in bytes.
const MOST_SAMPLES: usize = 160 << 10;

/// The time of which a bundle that has not all probes has some, as its manifest lists it: ordered and
/// disjoint spans.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeptTime {
    /// All of it.
    pub spans: Vec<TimeRange>,
    /// The parts of which not every probe is packed, but the first of each target in each minute and what
    /// deciding anchors answered.
    pub thinned: Vec<TimeRange>,
}

impl KeptTime {
    /// What shows the drops of a report.
    pub(super) fn of(report: &Report) -> Self {
        // Whole milliseconds, as the times of probes are and as the manifest says them.
        let whole = |at: Timestamp| Timestamp::from_millis(at.as_millis());
        let rounded = |span: TimeRange| TimeRange { from: whole(span.from), to: whole(span.to) };
        let (mut every, mut all) = (Vec::new(), Vec::new());
        for stretch in report.drops.iter().flat_map(|drop| &drop.stretches) {
            let end = stretch.end.map_or(report.period.to, |end| end.latest);
            let around = TimeRange { from: stretch.onset.earliest - AROUND, to: end + AROUND };
            all.push(around);
            let first = TimeRange { to: stretch.onset.latest + AT_EITHER_END, ..around };
            let end = stretch.end.map_or(end, |end| end.earliest);
            let last = TimeRange { from: end - AT_EITHER_END, ..around };
            if first.to < last.from {
                every.extend([first, last]);
            } else {
                every.push(around);
            }
        }
        let period = [rounded(report.period)];
        let [every, all] = [every, all].map(|ranges| {
            let ranges = ranges.into_iter().map(rounded).collect();
            spans::common(&spans::union(ranges), &period)
        });
        Self { thinned: spans::without(&all, &every), spans: all }
    }

    /// Whether a sample of a minute in it is packed.
    pub(super) fn keeps(
        &self,
        minute: &MinuteSamples,
        sample: &Measurement,
        deciding: &BTreeSet<TargetId>,
    ) -> bool {
        let is_answer = matches!(sample.outcome, Outcome::Reply(_) | Outcome::Late { .. });
        spans::span_at(&self.thinned, sample.sent_at).is_none()
            || minute.samples.first().is_some_and(|first| first.sent_at == sample.sent_at)
            || (is_answer && deciding.contains(&minute.target))
    }
}

/// Those of the anchors that decided.
pub(super) fn deciding(report: &Report) -> BTreeSet<TargetId> {
    let entries = report.targets.iter().filter(|entry| entry.decides);
    entries.map(|entry| entry.target.id).collect()
}

/// The hours in which the longest drops began and ended, as far as their samples are not too many, in
/// order.
pub(super) fn hours(report: &Report, reader: &Reader) -> Result<Vec<TimeRange>, Error> {
    let mut drops: Vec<&DropEntry> = report.drops.iter().collect();
    drops.order_by_key(|drop| (std::cmp::Reverse(drop.likely_length()), drop.id));
    let (mut hours, mut bytes) = (BTreeSet::new(), 0);
    let ends = |drop: &DropEntry| {
        let end = drop.end.map_or(report.period.to, |end| end.latest);
        [drop.onset.earliest.max(report.period.from), end.min(report.period.to)]
    };
    for at in drops.into_iter().flat_map(ends) {
        let hour = at.minute().div_euclid(60);
        if hours.contains(&hour) {
            continue;
        }
        reader.for_each_stored(range_of(hour), &mut |head, samples| {
            bytes += head.len() + samples.len();
            Ok::<_, store::Error>(())
        })?;
        if bytes > MOST_SAMPLES {
            break;
        }
        hours.insert(hour);
    }
    Ok(hours.into_iter().map(range_of).collect())
}

/// From the first to just before the end of an hour, which touches no other.
fn range_of(hour: i64) -> TimeRange {
    let from = Timestamp::from_seconds(hour.saturating_mul(3_600));
    TimeRange { from, to: from.plus_micros(3_600_000_000 - 1) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::synthetic::Scene;

    #[test]
    fn a_short_drop_is_kept_whole_and_of_a_long_one_the_ends() {
        let mut scene = Scene::new("2026-11-01T03:00:00Z", 10 * 3_600);
        scene.drops = vec![(3_000.0, Some(90.0), vec![]), (9_000.0, Some(7_200.0), vec![])];
        let report = scene.report();
        let kept = KeptTime::of(&report);
        let second = |at: Timestamp| at.since(scene.period.from).as_i64() / 1_000_000;
        let shown = |spans: &[TimeRange]| -> Vec<_> {
            spans.iter().map(|span| (second(span.from), second(span.to))).collect()
        };
        let near = |found: Vec<(i64, i64)>, wanted: &[(i64, i64)]| {
            let is_near = |(a, b): (&(i64, i64), &(i64, i64))| {
                (a.0 - b.0).abs() <= 2 && (a.1 - b.1).abs() <= 2
            };
            assert_eq!(found.len(), wanted.len(), "{found:?}");
            assert!(found.iter().zip(wanted).all(is_near), "{found:?} {wanted:?}");
        };
        near(shown(&kept.spans), &[(2_995, 3_095), (8_995, 16_205)]);
        near(shown(&kept.thinned), &[(9_120, 16_080)]);
    }
}
