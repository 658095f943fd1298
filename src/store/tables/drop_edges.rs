//! Drops cut to a stretch of time: at the edges of what is taken over from another file.

use std::time::Duration;

use crate::time::{TimeRange, Timestamp};
use crate::vocabulary::{Bounds, DropKind, LinkDrop};

/// What is left of an outage has to be longer than this to be one.
const OUTAGE: Duration = Duration::from_secs(300);

/// All the time that a drop may have lasted; one that is open ends with `last`.
pub(in crate::store) fn hull(drop: &LinkDrop, last: Timestamp) -> TimeRange {
    let end = drop.end.map_or(last, |end| end.latest);
    TimeRange { from: drop.onset.earliest, to: end.max(drop.onset.latest) }
}

/// Limits least and greatest length to what is left of a drop.
pub(in crate::store) fn fit(drop: &mut LinkDrop, last: Timestamp) {
    let hull = hull(drop, last);
    drop.max = drop.max.min(hull.length());
    drop.min = drop.min.min(drop.max);
    if drop.stretches.len() < 2 {
        drop.stretches = vec![drop.whole()];
    }
    if drop.kind == DropKind::Outage && drop.min <= OUTAGE {
        drop.kind = DropKind::Drop;
    }
}

/// The part of a drop that lies in `span`; `None` where no part is certain to lie there.
pub(in crate::store) fn cut_to(
    drop: &LinkDrop,
    span: TimeRange,
    last: Timestamp,
) -> Option<LinkDrop> {
    let all = hull(drop, last);
    let certain = TimeRange {
        from: drop.onset.latest,
        to: drop.end.map_or(last, |end| end.earliest).max(drop.onset.latest.plus_micros(1)),
    };
    certain.intersect(&span)?;
    let mut cut = drop.clone();
    if all.from < span.from {
        cut.onset.earliest = span.from;
        cut.onset.latest = drop.onset.latest.max(span.from);
        if drop.key < span.from {
            cut.key = span.from;
        }
    }
    if all.to > span.to || drop.end.is_none() {
        let latest = all.to.min(span.to);
        let earliest = drop.end.map_or(latest, |end| end.earliest.min(latest));
        cut.end = Some(Bounds { earliest, latest });
    }
    if cut != *drop {
        let left = cut.end.map_or(last, |end| end.earliest).duration_since(cut.onset.latest);
        cut.min = cut.min.min(left.unwrap_or_default());
        cut_stretches(&mut cut, last);
        fit(&mut cut, last);
    }
    Some(cut)
}

/// Leaves the stretches that lie within the drop's new edges, and makes its lengths their sums.
fn cut_stretches(drop: &mut LinkDrop, last: Timestamp) {
    if drop.stretches.len() < 2 {
        return;
    }
    let hull = hull(drop, last);
    drop.stretches.retain(|stretch| {
        let end = stretch.end.map_or(last, |end| end.earliest);
        stretch.onset.latest < hull.to && end > hull.from
    });
    for stretch in &mut drop.stretches {
        let into = |at: Timestamp| at.clamp(hull.from, hull.to);
        let inside = |bounds: Bounds| Bounds {
            earliest: into(bounds.earliest),
            latest: into(bounds.latest),
        };
        stretch.onset = inside(stretch.onset);
        stretch.end = Some(inside(stretch.end.unwrap_or(Bounds { earliest: last, latest: last })));
        let Some(end) = stretch.end else { continue };
        let length = |from: Timestamp, to: Timestamp| to.duration_since(from).unwrap_or_default();
        let Bounds { earliest, latest } = stretch.onset;
        stretch.lengths.max = stretch.lengths.max.min(length(earliest, end.latest));
        stretch.lengths.min = stretch.lengths.min.min(length(latest, end.earliest));
    }
    drop.min = drop.stretches.iter().map(|stretch| stretch.lengths.min).sum();
    drop.max = drop.stretches.iter().map(|stretch| stretch.lengths.max).sum();
}
