//! The calendar: every drop and gap at its hour of its day, or at its minute of its hour.
//!
//! The scale is the wall clock. An hour that the end of summer time repeats has its first
//! pass in the upper half of the row and its second in the lower; one that is skipped is
//! marked as absent.

use jiff::civil::{DateTime, Time};
use jiff::tz::TimeZone;

use super::columns::{ColumnRange, MIN_WIDTH};
use crate::report::Report;
use crate::text::order::InOrder;
use crate::time::{TimeRange, Timestamp};

const HOUR_US: i64 = 3_600_000_000;
const DAY_US: i64 = 24 * HOUR_US;

/// What a row is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Grain {
    /// A local hour, of 60 minutes.
    Hours,
    /// A local day, of 24 hours on the clock.
    Days,
    /// A local day as a vertical strip, for periods of many days.
    Carpet,
}

/// Which part of the height of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Half {
    Whole,
    Upper,
    Lower,
}

/// What a mark shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum MarkKind {
    Down,
    Unwatched,
    /// The clock never showed this.
    Absent,
    /// Before or after the period.
    Outside,
}

/// A stretch of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct CalendarMark {
    pub(super) strip: ColumnRange,
    pub(super) half: Half,
    pub(super) what: MarkKind,
}

/// One day or one hour.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct CalendarRow {
    /// The whole day or hour, even what is outside the period.
    pub(super) range: TimeRange,
    pub(super) marks: Vec<CalendarMark>,
}

/// A piece of a row in which the wall clock runs evenly.
#[derive(Debug, Clone, Copy)]
struct ClockPiece {
    range: TimeRange,
    /// What the clock shows at its start, counted from the start of the row.
    wall_us: i64,
    half: Half,
}

/// The grain that suits a period; `None` where the timeline shows as much.
pub(super) fn grain(period: TimeRange) -> Option<Grain> {
    match period.length().as_secs() / 3_600 {
        0..3 => None,
        3..40 => Some(Grain::Hours),
        40..1_080 => Some(Grain::Days),
        _ => Some(Grain::Carpet),
    }
}

/// The rows of a report, each `columns` wide.
pub(super) fn rows(report: &Report, grain: Grain, columns: usize) -> Vec<CalendarRow> {
    let (zone, period) = (&report.zone, report.period);
    let ranges = match grain {
        Grain::Hours => hours(period, zone),
        Grain::Days | Grain::Carpet => days(period, zone),
    };
    let long = if grain == Grain::Hours { HOUR_US } else { DAY_US };
    let mut drops: Vec<_> = report.counted_drops().flat_map(|d| &d.judged.spans).copied().collect();
    drops.order_by_key(|d| d.from);
    // Drops do not overlap, so ends are in order too.
    let mut first = (0, 0);
    ranges
        .into_iter()
        .map(|range| {
            let pieces = pieces(range, zone, grain);
            let mut marks = absent(&pieces, long, columns);
            let mut put = |span: TimeRange, what: MarkKind| {
                let over = pieces.iter().filter_map(|piece| mark(piece, span, long, columns));
                marks.extend(over.map(|(strip, half)| CalendarMark { strip, half, what }));
            };
            if range.from < period.from {
                put(TimeRange { from: range.from, to: period.from }, MarkKind::Outside);
            }
            if period.to < range.to {
                put(TimeRange { from: period.to, to: range.to }, MarkKind::Outside);
            }
            while report.gaps.get(first.0).is_some_and(|g| g.range.to <= range.from) {
                first.0 += 1;
            }
            let gaps = report.gaps[first.0..].iter().take_while(|g| g.range.from < range.to);
            gaps.for_each(|gap| put(gap.range, MarkKind::Unwatched));
            while drops.get(first.1).is_some_and(|d| d.to <= range.from) {
                first.1 += 1;
            }
            let inside = drops[first.1..].iter().take_while(|d| d.from < range.to);
            inside.for_each(|drop| put(*drop, MarkKind::Down));
            CalendarRow { range, marks }
        })
        .collect()
}

/// Where on the row a span is, within the piece.
fn mark(
    piece: &ClockPiece,
    span: TimeRange,
    long: i64,
    columns: usize,
) -> Option<(ColumnRange, Half)> {
    let inside = span.intersect(&piece.range)?;
    let wall = |at: Timestamp| piece.wall_us + at.micros_since(piece.range.from);
    let column = |us: i128| us * columns as i128 / i128::from(long);
    let from = usize::try_from(column(wall(inside.from).into())).ok()?.min(columns - 1);
    let last = usize::try_from(column(i128::from(wall(inside.to)) - 1)).ok()?.min(columns - 1);
    let to = (last + 1).max(from + MIN_WIDTH);
    let over = to.saturating_sub(columns);
    Some((ColumnRange { from: from.saturating_sub(over), to: to - over }, piece.half))
}

/// What the clock skips between two pieces.
fn absent(pieces: &[ClockPiece], long: i64, columns: usize) -> Vec<CalendarMark> {
    let column =
        |us: i64| usize::try_from(i128::from(us) * columns as i128 / i128::from(long)).unwrap_or(0);
    let end = |p: &ClockPiece| p.wall_us + p.range.to.micros_since(p.range.from);
    let first = pieces.first().map(|p| (0, p.wall_us));
    let between = pieces.windows(2).map(|w| (end(&w[0]), w[1].wall_us));
    first
        .into_iter()
        .chain(between)
        .filter(|(from, to)| from < to)
        .map(|(from, to)| CalendarMark {
            strip: ColumnRange { from: column(from), to: column(to).min(columns) },
            half: Half::Whole,
            what: MarkKind::Absent,
        })
        .collect()
}

fn instant(at: Timestamp) -> Option<jiff::Timestamp> {
    jiff::Timestamp::from_microsecond(at.as_micros()).ok()
}

fn wall(at: Timestamp, zone: &TimeZone) -> Option<DateTime> {
    Some(instant(at)?.to_zoned_datetime(zone.clone()).datetime())
}

/// The local days from the one in which the period starts to the one in which it ends.
fn days(period: TimeRange, zone: &TimeZone) -> Vec<TimeRange> {
    let Some(mut date) = wall(period.from, zone).map(DateTime::date) else {
        return Vec::new();
    };
    let start = |date: jiff::civil::Date| {
        let at = zone.to_timestamp(date.to_datetime(Time::midnight())).ok()?;
        Some(Timestamp::from_micros(at.as_microsecond()))
    };
    let mut out = Vec::new();
    while let (Some(from), Ok(next)) = (start(date), date.tomorrow()) {
        let Some(to) = start(next).filter(|_| from < period.to) else { break };
        // A day that the zone skips has no length.
        if from < to {
            out.push(TimeRange { from, to });
        }
        date = next;
    }
    out
}

fn hours(period: TimeRange, zone: &TimeZone) -> Vec<TimeRange> {
    let Some(wall) = wall(period.from, zone) else { return Vec::new() };
    let past = i64::from(wall.minute()) * 60_000_000
        + i64::from(wall.second()) * 1_000_000
        + i64::from(wall.subsec_nanosecond()) / 1_000;
    let mut from = period.from.plus_micros(-past);
    let mut out = Vec::new();
    while from < period.to {
        let to = from.plus_micros(HOUR_US);
        out.push(TimeRange { from, to });
        from = to;
    }
    out
}

/// A row cut where the wall clock is changed.
fn pieces(range: TimeRange, zone: &TimeZone, grain: Grain) -> Vec<ClockPiece> {
    let whole = |range, wall_us| ClockPiece { range, wall_us, half: Half::Whole };
    if grain == Grain::Hours {
        return vec![whole(range, 0)];
    }
    let clock = |at: Timestamp| -> i64 {
        let time = wall(at, zone).map(|wall| wall.time().duration_since(Time::midnight()));
        time.map_or(0, |d| i64::try_from(d.as_micros()).unwrap_or(0))
    };
    let start = clock(range.from);
    let change = instant(range.from)
        .and_then(|from| zone.following(from).next().map(|t| t.timestamp()))
        .map(|t| Timestamp::from_micros(t.as_microsecond()))
        .filter(|t| range.from < *t && *t < range.to);
    let Some(change) = change else { return vec![whole(range, start)] };
    let before = start + change.micros_since(range.from);
    let after = clock(change);
    let cut = |from, to| TimeRange { from, to };
    let back = before - after;
    if back <= 0 {
        return vec![whole(cut(range.from, change), start), whole(cut(change, range.to), after)];
    }
    let (first, second) = (change.plus_micros(-back), change.plus_micros(back).min(range.to));
    vec![
        whole(cut(range.from, first.max(range.from)), start),
        ClockPiece { range: cut(first, change), wall_us: after, half: Half::Upper },
        ClockPiece { range: cut(change, second), wall_us: after, half: Half::Lower },
        whole(cut(second, range.to), before),
    ]
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::report::synthetic::{Scene, at};
    use crate::vocabulary::Place;

    const WIDE: usize = 1_440;

    fn scene(from: &str, hours: i64, zone: &'static str, drops: &[(f64, f64)]) -> Report {
        let mut scene = Scene::new(from, hours * 3_600);
        scene.zone = zone;
        scene.interval = std::time::Duration::from_secs(600);
        scene.drops = drops.iter().map(|(a, l)| (*a, Some(*l), vec![Place::Access])).collect();
        let mut report = scene.report();
        report.gaps.clear();
        report
    }

    fn down(row: &CalendarRow) -> Vec<(usize, Half)> {
        let marks = row.marks.iter().filter(|m| m.what == MarkKind::Down);
        marks.map(|m| (m.strip.from / 60, m.half)).collect()
    }

    #[test]
    fn a_repeated_hour_has_its_two_passings_above_each_other_and_no_other_hour_moves() {
        // 00:30, 01:30 (first), 01:30 (again), 02:30 and 23:30 on the day of 25 hours.
        let drops = [1_800.0, 5_400.0, 9_000.0, 12_600.0, 88_200.0].map(|s| (s + 300.0, 60.0));
        let report = scene("2026-11-01T04:00:00Z", 72, "America/Toronto", &drops);
        let rows = rows(&report, Grain::Days, WIDE);
        assert_eq!(rows.len(), 3, "25, 24 and 23 of 72 hours");
        let want = [
            (0, Half::Whole),
            (1, Half::Upper),
            (1, Half::Lower),
            (2, Half::Whole),
            (23, Half::Whole),
        ];
        assert_eq!(down(&rows[0]), want);
    }

    #[test]
    fn an_hour_that_is_left_out_is_marked_absent_and_what_follows_keeps_its_place() {
        let drops = [(5_400.0, 60.0), (9_000.0, 60.0), (81_000.0, 60.0)];
        let report = scene("2026-03-08T05:00:00Z", 48, "America/Toronto", &drops);
        let rows = rows(&report, Grain::Days, WIDE);
        let want = [(1, Half::Whole), (3, Half::Whole), (23, Half::Whole)];
        assert_eq!(down(&rows[0]), want);
        let absent: Vec<_> = rows[0].marks.iter().filter(|m| m.what == MarkKind::Absent).collect();
        assert_eq!((absent.len(), absent[0].strip), (1, ColumnRange { from: 120, to: 180 }));
    }

    #[test]
    fn days_start_at_local_midnight_in_a_zone_of_half_hours() {
        // 18:30 UTC is midnight in India.
        let report = scene("2026-11-16T18:30:00Z", 72, "Asia/Kolkata", &[(60.0, 60.0)]);
        let rows = rows(&report, Grain::Days, WIDE);
        assert_eq!((rows.len(), down(&rows[0])), (3, vec![(0, Half::Whole)]));
        let hours = super::rows(&report, Grain::Hours, 60);
        assert_eq!(hours[0].range.from, at("2026-11-16T18:30:00Z"));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(24))]
        #[test]
        fn every_drop_is_on_every_day_it_touches_and_no_wider_than_it_lasted_and_two_columns(
            drops in prop::collection::vec((60_u32..80_000, 5_u32..100_000), 1..12),
        ) {
            let mut start = 0.0;
            let drops: Vec<_> = drops
                .iter()
                .map(|(wait, length)| {
                    let from = start + f64::from(*wait);
                    start = from + f64::from(*length);
                    (from, f64::from(*length))
                })
                .filter(|(from, length)| from + length < 40.0 * 86_400.0)
                .collect();
            let report = scene("2026-10-20T04:00:00Z", 40 * 24, "America/Toronto", &drops);
            for (grain, wide) in [(Grain::Days, WIDE), (Grain::Carpet, 288), (Grain::Hours, 400)] {
                let long = if grain == Grain::Hours { HOUR_US } else { DAY_US };
                for row in rows(&report, grain, wide) {
                    let spans: Vec<_> = report
                        .counted_drops()
                        .flat_map(|d| &d.judged.spans)
                        .filter_map(|span| span.intersect(&row.range))
                        .collect();
                    let marks: Vec<_> =
                        row.marks.iter().filter(|m| m.what == MarkKind::Down).collect();
                    // A change of the clock cuts a drop at most four times.
                    prop_assert!(marks.len() >= spans.len());
                    prop_assert!(spans.is_empty() == marks.is_empty());
                    prop_assert!(marks.iter().all(|m| m.strip.to <= wide));
                    prop_assert!(marks.iter().all(|m| m.strip.to - m.strip.from >= MIN_WIDTH));
                    #[allow(clippy::cast_precision_loss, reason = "columns")]
                    let most: f64 = spans
                        .iter()
                        .map(|s| s.to.micros_since(s.from) as f64 * wide as f64 / long as f64)
                        .sum::<f64>()
                        + (MIN_WIDTH * marks.len()) as f64;
                    let painted: usize = marks.iter().map(|m| m.strip.to - m.strip.from).sum();
                    #[allow(clippy::cast_precision_loss, reason = "columns")]
                    let painted = painted as f64;
                    prop_assert!(painted <= most + 1e-6, "{painted} of at most {most}");
                }
            }
        }
    }
}
