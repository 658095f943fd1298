//! What was found in the samples of another file, and what happened to its host, as far as it lies
//! in time that is taken.
//!
//! Drops are cut at the edges of what is taken, here and there, so that none of them overlap; where
//! the samples of both sides are there they are judged again afterwards (table `seam`).

use std::time::Duration;

use rusqlite::Connection;

use super::other::{Other, runs_and_gaps, watched};
use super::plan::MergePlan;
use crate::store::tables::{Bite, GapRow, StoredTable, TABLES, Timed, fit, link_drop};
use crate::time::TimeRange;
use crate::time::spans::{union, within, without};
use crate::vocabulary::{Bounds, Gap, GapReason, StoredDrop};

/// Takes what lies in a bite into `db`.
pub(in crate::store) fn take_rest(
    db: &Connection,
    other: &Other,
    plan: &mut MergePlan,
    range: TimeRange,
) -> rusqlite::Result<()> {
    cut_gaps(db, &plan.spans, range)?;
    for span in plan.spans.iter().filter(|span| range.contains(span.from)) {
        cut_drops(db, *span)?;
    }
    for edge in plan.spans.iter().flat_map(|span| [span.from, span.to]) {
        if range.contains(edge) || edge == range.to {
            db.prepare_cached("INSERT OR IGNORE INTO seam VALUES (?1)")?
                .execute([edge.as_micros()])?;
        }
    }
    let Some(last) = other.extent().map(|extent| extent.to) else { return Ok(()) };
    let (spans, targets) = (&plan.spans, &plan.targets);
    let bite = Bite { db, other: &other.db, spans, targets, range, last };
    for table in &TABLES {
        plan.taken.add(table.counted, (table.merge)(&bite)?);
    }
    Ok(())
}

/// A run begins so long before its first probes at most.
const BEFORE_ITS_PROBES: Duration = Duration::from_secs(10);

/// Takes the other file's gaps for time that neither file observed, once everything else is taken.
pub(in crate::store) fn take_gaps(db: &Connection, other: &Other) -> rusqlite::Result<()> {
    let (runs, ours) = runs_and_gaps(db)?;
    let watched = watched(&runs, &ours);
    // That no anchor had ever answered is true only at the start of the record.
    let is_first = |gap: &Gap| watched.iter().all(|w| w.from >= gap.range.from - BEFORE_ITS_PROBES);
    let unanswered = |gap: &&Gap| gap.reason == GapReason::Unanswered;
    for gap in ours.iter().filter(unanswered).filter(|gap| !is_first(gap)) {
        GapRow::from(gap).delete(db)?;
    }
    let ours: Vec<_> = ours.iter().map(|gap| gap.range).collect();
    let known = union([ours, watched].concat());
    for gap in &other.gaps {
        for range in without(&[gap.range], &known) {
            GapRow::from(&Gap { range, reason: gap.reason }).put(db)?;
        }
    }
    Ok(())
}

/// Gaps of ours end where the other watched.
fn cut_gaps(db: &Connection, spans: &[TimeRange], bite: TimeRange) -> rusqlite::Result<()> {
    let taken: Vec<TimeRange> = within(spans, bite).collect();
    let (Some(first), Some(last)) = (taken.first(), taken.last()) else { return Ok(()) };
    let all = TimeRange { from: first.from, to: last.to };
    for row in GapRow::all(db, GapRow::OVERLAPS, GapRow::bounds(all))? {
        let gap = row.clone().report();
        let left = without(&[gap.range], &taken);
        if left == [gap.range] {
            continue;
        }
        row.delete(db)?;
        for range in left {
            GapRow::from(&Gap { range, reason: gap.reason }).put(db)?;
        }
    }
    Ok(())
}

/// Edges of drops of ours that lie somewhere in `span` lie outside of it: it was watched.
fn cut_drops(db: &Connection, span: TimeRange) -> rusqlite::Result<()> {
    for StoredDrop { mut drop, .. } in link_drop::touching(db, span)? {
        let began_before = drop.onset.earliest < span.from;
        let lasts_behind = drop.end.is_none_or(|end| end.latest > span.to);
        let before = drop.clone();
        if began_before && drop.end.is_none_or(|end| end.earliest <= span.from) {
            let earliest = drop.end.map_or(drop.onset.latest, |end| end.earliest);
            let latest = span.from.max(drop.onset.latest);
            drop.end = Some(Bounds { earliest: earliest.min(latest), latest });
        } else if lasts_behind && drop.onset.latest >= span.to {
            drop.onset.earliest = span.to;
        }
        if drop != before {
            fit(&mut drop, span.to);
            link_drop::put(db, &drop)?;
        }
    }
    Ok(())
}
