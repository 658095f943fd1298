//! What was found in the samples of another file, and what happened to its host, as far as it lies
//! in time that is taken.
//!
//! Drops are cut at the edges of what is taken, here and there, so that none of them overlap; where
//! the samples of both sides are there they are judged anew afterwards (table `seam`).

use std::time::Duration;

use rusqlite::Connection;

use super::plan::MergePlan;
use super::{Other, all, span_at, within, without};
use crate::stats::union;
use crate::store::impairment::ImpairmentRow;
use crate::store::table::{self, Pending, RunRow};
use crate::time::{TimeRange, Timestamp};
use crate::vocabulary::{
    Bounds, DropKind, Figures, Gap, GapReason, Impairment, LinkDrop, StoredDrop, TargetId,
};

/// Longer than this an outage, for what is left of one.
const OUTAGE: Duration = Duration::from_secs(300);

/// Takes what lies in a bite into `db`.
pub(in crate::store) fn take_rest(
    db: &Connection,
    other: &Other,
    plan: &mut MergePlan,
    bite: TimeRange,
) -> rusqlite::Result<()> {
    cut_gaps(db, &plan.spans, bite)?;
    for span in plan.spans.iter().filter(|span| bite.contains(span.from)) {
        cut_drops(db, *span)?;
    }
    for edge in plan.spans.iter().flat_map(|span| [span.from, span.to]) {
        if bite.contains(edge) || edge == bite.to {
            db.prepare_cached("INSERT OR IGNORE INTO seam VALUES (?1)")?
                .execute([edge.as_micros()])?;
        }
    }
    plan.taken.drops += take_drops(db, other, plan, bite)?;
    plan.taken.others += take_troubles(db, other, plan, bite)?;
    plan.taken.others += take_impairments(db, other, plan, bite)?;
    plan.taken.events += take_events(db, other, plan, bite)?;
    take_traffic(db, other, plan, bite)
}

/// A run begins so long before its first probes at most.
const BEFORE_ITS_PROBES: Duration = Duration::from_secs(10);

/// Takes what the other says of time that nobody watched in either file, once all else is taken.
pub(in crate::store) fn take_gaps(db: &Connection, other: &Other) -> rusqlite::Result<()> {
    let ours = all(db, "gap", table::GAP_COLUMNS, table::read_gap)?;
    let runs = all(db, "run", RunRow::COLUMNS, RunRow::read)?;
    let watched = super::watched(&runs, &ours);
    // That no anchor had ever answered holds only at the begin of all.
    let is_first = |gap: &Gap| watched.iter().all(|w| w.from >= gap.range.from - BEFORE_ITS_PROBES);
    let unanswered = |gap: &&Gap| gap.reason == GapReason::Unanswered;
    for gap in ours.iter().filter(unanswered).filter(|gap| !is_first(gap)) {
        db.execute("DELETE FROM gap WHERE from_us = ?1", [gap.range.from.as_micros()])?;
    }
    let ours: Vec<_> = ours.iter().map(|gap| gap.range).collect();
    let known = union([ours, watched].concat());
    for gap in &other.gaps {
        for range in without(&[gap.range], &known) {
            Pending::gap(&Gap { range, reason: gap.reason }).put(db)?;
        }
    }
    Ok(())
}

/// Gaps of ours end where the other watched.
fn cut_gaps(db: &Connection, spans: &[TimeRange], bite: TimeRange) -> rusqlite::Result<()> {
    let taken: Vec<TimeRange> = within(spans, bite).collect();
    let (Some(first), Some(last)) = (taken.first(), taken.last()) else { return Ok(()) };
    let sql = format!(
        "SELECT {} FROM gap WHERE to_us > ?1 AND from_us < ?2 ORDER BY from_us",
        table::GAP_COLUMNS
    );
    let gaps = db
        .prepare_cached(&sql)?
        .query_map((first.from.as_micros(), last.to.as_micros()), table::read_gap)?
        .collect::<rusqlite::Result<Vec<_>>>()?;
    for gap in gaps {
        let left = without(&[gap.range], &taken);
        if left == [gap.range] {
            continue;
        }
        db.prepare_cached("DELETE FROM gap WHERE from_us = ?1")?
            .execute([gap.range.from.as_micros()])?;
        for range in left {
            Pending::gap(&Gap { range, reason: gap.reason }).put(db)?;
        }
    }
    Ok(())
}

/// All the time that a drop may have lasted; one that is open ends with `last`.
pub(in crate::store) fn hull(drop: &LinkDrop, last: Timestamp) -> TimeRange {
    let end = drop.end.map_or(last, |end| end.latest);
    TimeRange { from: drop.onset.earliest, to: end.max(drop.onset.latest) }
}

fn drops_in(db: &Connection, range: TimeRange) -> rusqlite::Result<Vec<StoredDrop>> {
    let sql = format!(
        "SELECT {} FROM link_drop WHERE onset_earliest_us < ?2
           AND (end_latest_us IS NULL OR end_latest_us > ?1) ORDER BY onset_earliest_us, id",
        table::DROP_COLUMNS
    );
    db.prepare_cached(&sql)?
        .query_map((range.from.as_micros(), range.to.as_micros()), table::read_drop)?
        .collect()
}

/// Edges of drops of ours that lie somewhere in `span` lie outside of it: it was watched.
fn cut_drops(db: &Connection, span: TimeRange) -> rusqlite::Result<()> {
    for StoredDrop { mut drop, .. } in drops_in(db, span)? {
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
            table::put_drop(db, &drop)?;
        }
    }
    Ok(())
}

/// Least and most length within what is left of a drop.
fn fit(drop: &mut LinkDrop, last: Timestamp) {
    let hull = hull(drop, last);
    drop.max = drop.max.min(hull.length());
    drop.min = drop.min.min(drop.max);
    if drop.kind == DropKind::Outage && drop.min <= OUTAGE {
        drop.kind = DropKind::Drop;
    }
}

/// What of a drop lies in `span`; `None` where nothing of it is certain there.
fn cut_to(drop: &LinkDrop, span: TimeRange, last: Timestamp) -> Option<LinkDrop> {
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
        fit(&mut cut, last);
    }
    Some(cut)
}

fn take_drops(
    db: &Connection,
    other: &Other,
    plan: &MergePlan,
    bite: TimeRange,
) -> rusqlite::Result<u64> {
    let Some(last) = other.extent().map(|extent| extent.to) else { return Ok(0) };
    let mut taken = 0;
    for StoredDrop { drop, .. } in drops_in(&other.db, bite)? {
        for span in within_whole(&plan.spans, hull(&drop, last)) {
            // A drop that reaches over the begin of a bite was taken with the one before.
            if !bite.contains(drop.key.max(span.from)) {
                continue;
            }
            let Some(mut drop) = cut_to(&drop, *span, last) else { continue };
            let is_here = drops_in(db, hull(&drop, last))?;
            if !is_here.is_empty() {
                continue;
            }
            for side in [&mut drop.answered, &mut drop.silent] {
                *side = side.iter().filter_map(|id| plan.targets.get(id).copied()).collect();
            }
            table::put_drop(db, &drop)?;
            taken += 1;
        }
    }
    Ok(taken)
}

/// The spans that overlap a range, uncut.
fn within_whole(spans: &[TimeRange], range: TimeRange) -> impl Iterator<Item = &TimeRange> {
    let first = spans.partition_point(|span| span.to <= range.from);
    spans[first..].iter().take_while(move |span| span.from < range.to || span.from == range.from)
}

fn take_troubles(
    db: &Connection,
    other: &Other,
    plan: &MergePlan,
    bite: TimeRange,
) -> rusqlite::Result<u64> {
    let from = format!(
        "trouble WHERE from_us >= {} AND from_us < {} ORDER BY from_us, target",
        bite.from.as_micros(),
        bite.to.as_micros()
    );
    let mut taken = 0;
    for mut trouble in all(&other.db, &from, table::TROUBLE_COLUMNS, table::read_trouble)? {
        let Some(span) = span_at(&plan.spans, trouble.from) else { continue };
        let Some(target) = plan.targets.get(&trouble.target) else { continue };
        trouble.target = *target;
        trouble.to = Some(trouble.to.map_or(span.to, |to| to.min(span.to)));
        Pending::trouble(&trouble).put(db)?;
        taken += 1;
    }
    Ok(taken)
}

fn take_impairments(
    db: &Connection,
    other: &Other,
    plan: &MergePlan,
    bite: TimeRange,
) -> rusqlite::Result<u64> {
    let from = format!(
        "impairment WHERE key_us >= {} AND key_us < {} ORDER BY key_us, id",
        bite.from.as_micros(),
        bite.to.as_micros()
    );
    let mut taken = 0;
    for found in all(&other.db, &from, ImpairmentRow::COLUMNS, ImpairmentRow::read)? {
        let Some(span) = span_at(&plan.spans, found.key) else { continue };
        let Some(known) = translated(found, plan) else { continue };
        let end = known.end.map_or(span.to, |end| end.latest.min(span.to)).max(known.onset.latest);
        let earliest = known.end.map_or(end, |known| known.earliest.min(end));
        let known = Impairment { end: Some(Bounds { earliest, latest: end }), ..known };
        Pending::Impairment(ImpairmentRow::new(&known)).put(db)?;
        taken += 1;
    }
    Ok(taken)
}

/// With the numbers that its targets have here.
fn translated(mut impairment: Impairment, plan: &MergePlan) -> Option<Impairment> {
    let here = |id: &TargetId| plan.targets.get(id).copied();
    if let Some(target) = &mut impairment.target {
        *target = here(target)?;
    }
    if let Figures::Partial { silent, answering } = &mut impairment.figures {
        for side in [silent, answering] {
            *side = side.iter().filter_map(here).collect();
        }
    }
    Some(impairment)
}

fn take_events(
    db: &Connection,
    other: &Other,
    plan: &MergePlan,
    bite: TimeRange,
) -> rusqlite::Result<u64> {
    let mut statement = other.db.prepare_cached(
        "SELECT time_us, kind, detail FROM event WHERE time_us >= ?1 AND time_us < ?2
         ORDER BY time_us, id",
    )?;
    let mut rows = statement.query((bite.from.as_micros(), bite.to.as_micros()))?;
    let mut taken = 0;
    while let Some(row) = rows.next()? {
        let at: i64 = row.get(0)?;
        if span_at(&plan.spans, Timestamp::from_micros(at)).is_some() {
            let event: (i64, String, String) = (at, row.get(1)?, row.get(2)?);
            let new = db
                .prepare_cached(
                    "INSERT OR IGNORE INTO event(time_us, kind, detail) VALUES (?1, ?2, ?3)",
                )?
                .execute(event)?;
            taken += new as u64;
        }
    }
    Ok(taken)
}

/// Traffic of the other host, of minutes that are taken wholly.
fn take_traffic(
    db: &Connection,
    other: &Other,
    plan: &MergePlan,
    bite: TimeRange,
) -> rusqlite::Result<()> {
    let from = format!(
        "traffic WHERE minute BETWEEN {} AND {}",
        bite.from.minute(),
        bite.to.plus_micros(-1).minute()
    );
    for row in all(&other.db, &from, table::TRAFFIC_COLUMNS, table::read_traffic)? {
        let start = Timestamp::from_seconds(row.minute.saturating_mul(60));
        let minute = TimeRange { from: start, to: start.plus_micros(60_000_000) };
        let is_taken = span_at(&plan.spans, start).is_some_and(|span| span.to >= minute.to);
        let is_here =
            db.prepare_cached("SELECT 1 FROM traffic WHERE minute = ?1")?.exists([row.minute])?;
        if is_taken && bite.contains(start) && !is_here {
            Pending::Traffic(row).put(db)?;
        }
    }
    Ok(())
}
