//! Rows to [`Report`]: arithmetic on spans and counts, no wording, no clock.

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::tz::TimeZone;

use super::deciders::Deciders;
use super::impairments::entries;
use super::paths::DropPath;
use super::patterns;
use super::rows::{Rows, Tally, Uncounted};
use super::ways::{self, WayFacts};
use super::{
    Analyses, ClockFacts, Coverage, DayCount, Disclosure, DropEntry, GapEntry, KindsOfTime, Method,
    Origin, RecordFacts, Report, Summary, TargetEntry, TroubleEntry, Witness, WitnessCount,
};
use crate::config::{Lang, Site};
use crate::stats::yardsticks::YardstickInputs;
use crate::stats::{self, Availability, DropTime, LedgerInputs, LossRatio, TimeLedger};
use crate::text::order::InOrder;
use crate::time::spans::{Spans, span_at, without};
use crate::time::{TimeRange, Timestamp};
use crate::vocabulary::{
    DropKind, Gap, GapReason, Impairment, Lengths, Role, Run, Standing, StoredDrop, Target,
    TargetId, TargetTrouble, is_private,
};

impl Report {
    /// Computes the report of `rows`, with times shown in `zone`, as of `now`.
    pub fn build(rows: Rows, zone: TimeZone, site: &Site, now: Timestamp, method: Method) -> Self {
        let period = rows.period;
        let elapsed = TimeRange { from: period.from, to: period.to.min(now).max(period.from) };
        let watched = Spans::union(stats::observed(&elapsed, &rows.runs, &rows.gaps));
        let mut stored: Vec<_> = rows.drops.iter().collect();
        stored.order_by_key(|stored| (stored.drop.onset.earliest, stored.id));
        let is_apart =
            |stored: &&StoredDrop| ways::is_apart(&stored.drop, &rows.ways.apart, elapsed.to);
        let (others, stored): (Vec<_>, Vec<_>) = stored.into_iter().partition(is_apart);
        let all: Vec<_> = stored.iter().map(|stored| &stored.drop).collect();
        let ledger = TimeLedger::compute(LedgerInputs {
            period: elapsed,
            runs: &rows.runs,
            gaps: &rows.gaps,
            drops: &all,
            impairments: &rows.impairments,
            apart: &rows.ways.apart,
        });
        let judged = Spans::union(ledger.judged.iter().copied());
        let coverage = Coverage { observed: judged.length(), elapsed: elapsed.length() };
        let drops: Vec<_> = stored
            .iter()
            .zip(&ledger.drops)
            .map(|(stored, time)| DropEntry {
                others: rows.others.get(&stored.id).copied(),
                record_ends: rows.record_ends.get(&stored.id).copied(),
                path: DropPath::of(&stored.drop, &rows.paths, &rows.targets),
                ..entry(stored, time, &rows.targets, elapsed)
            })
            .collect();
        let no_time = DropTime::default();
        let others = others.into_iter().map(|drop| entry(drop, &no_time, &rows.targets, elapsed));
        let onsets: Vec<_> = all.iter().filter(|d| d.kind.is_down()).map(|d| d.onset).collect();
        let ways = WayFacts::of(&rows.ways, &rows.way_spans, others.collect(), &onsets)
            .with_stations(&rows.stations, elapsed);
        let probed = rows.tallies.iter().map(|t| &t.target);
        let deciders = Deciders::of(probed, &rows.rosters, &rows.runs, period);
        let is_proof = |tally: &Tally| proves_the_link(tally, deciders.standing(tally.target.id));
        let availability = Availability::of(&ledger)
            .filter(|_| !all.is_empty() || rows.tallies.iter().any(is_proof));
        let origin = Origin::of(&rows.runs);
        let clock = ClockFacts::of(&rows);
        let ground = YardstickInputs {
            period: elapsed,
            ledger: &ledger,
            drops: &all,
            availability,
            seconds: &rows.seconds,
            zone: &zone,
        };
        let (yardsticks, calls) =
            (ground.yardsticks(), super::calls::of(&ground, &rows.impairments));
        let summary = summarise(&drops, &ledger, elapsed, &judged, &zone);
        let pattern = patterns::of(&drops, judged.as_slice(), elapsed, &zone);
        let blips = patterns::of_blips(&drops, judged.as_slice(), elapsed, &zone);
        let gap_after = method.parameters.gap_after;
        let gaps = unknown_time(UnknownInputs::of(&rows, elapsed, &watched, gap_after));
        let troubles = troubles(&rows);
        let targets = targets(rows.tallies, &deciders);
        let of_line = |i: &&Impairment| span_at(&rows.ways.apart, i.onset.midpoint()).is_none();
        let of_line: Vec<_> = rows.impairments.iter().filter(of_line).cloned().collect();
        let impairments = entries(&of_line, &rows.traffic, &rows.targets, elapsed);
        Self {
            period,
            zone,
            site: site.clone(),
            made: now,
            availability,
            coverage,
            time: KindsOfTime::of(&ledger, &gaps, elapsed),
            drops,
            ways,
            modem: rows.modem,
            summary,
            analyses: Analyses { pattern, blips, yardsticks, calls, compare: None },
            gaps,
            targets,
            troubles,
            impairments,
            events: rows.events,
            notes: rows.notes,
            record: RecordFacts {
                origin,
                unreadable_minutes: rows.unreadable_minutes,
                removed: rows.removed,
                unread: rows.unread,
                chain: None,
                clock,
                holds: rows.holds,
                simulated: rows.simulated,
            },
            method,
            worst_minute: rows.worst_minute,
            language: Lang::default(),
            disclosure: Disclosure::default(),
            focus: None,
        }
    }

    /// Drops that count as down time: all but blips.
    pub fn counted_drops(&self) -> impl DoubleEndedIterator<Item = &DropEntry> {
        self.drops.iter().filter(|d| d.counts())
    }
}

fn targets(tallies: Vec<Tally>, deciders: &Deciders) -> Vec<TargetEntry> {
    let entry = |tally: Tally| TargetEntry {
        decides: deciders.has(tally.target.id),
        standing: deciders.standing(tally.target.id),
        target: tally.target,
        total: tally.total,
        uncounted: tally.uncounted,
        columns: tally.columns,
    };
    let mut targets: Vec<_> = tallies.into_iter().map(entry).collect();
    targets.order_by_key(|t| (t.target.role, t.target.kind, t.target.id));
    targets
}

/// The troubles of single targets on the way of the line.
fn troubles(rows: &Rows) -> Vec<TroubleEntry> {
    let of_line = |trouble: &&TargetTrouble| span_at(&rows.ways.apart, trouble.from).is_none();
    let entry = |trouble: &TargetTrouble| {
        Some(TroubleEntry {
            target: find(&rows.targets, trouble.target)?,
            from: trouble.from,
            to: trouble.to,
            loss: LossRatio { lost: trouble.lost.into(), sent: trouble.sent.into() },
        })
    };
    rows.troubles.iter().filter(of_line).filter_map(entry).collect()
}

fn find(targets: &[Target], id: TargetId) -> Option<Target> {
    targets.iter().find(|t| t.id == id).cloned()
}

/// The drop clipped to the period.
pub(super) fn entry(
    stored: &StoredDrop,
    time: &DropTime,
    targets: &[Target],
    elapsed: TimeRange,
) -> DropEntry {
    let drop = &stored.drop;
    // One that lasts has the end of its record as far as lengths go.
    let so_far = time.spans.last().map_or(elapsed.to, |span| span.to);
    let (end_earliest, end_latest) =
        drop.end.map_or((so_far, so_far), |end| (end.earliest, end.latest));
    let starts_before = drop.onset.latest < elapsed.from;
    let ends_after = drop.end.is_some_and(|end| end.earliest > elapsed.to);
    let reaches_over = drop.onset.earliest < elapsed.from || end_latest > elapsed.to;
    // One that lasts was written down some seconds ago, and had it ended its end would be.
    let length = match drop.end {
        Some(_) => Lengths { min: drop.min, max: drop.max },
        None => {
            Lengths { min: drop.min.max(time.lengths.min), max: drop.max.max(time.lengths.max) }
        }
    };
    let inside = |from: Timestamp, to: Timestamp| {
        TimeRange { from, to }.intersect(&elapsed).map_or(Duration::ZERO, |part| part.length())
    };
    let down = if reaches_over {
        let min = inside(drop.onset.latest, end_earliest).min(length.min);
        let max = inside(drop.onset.earliest, end_latest).min(length.max).max(min);
        Lengths { min, max }
    } else {
        length
    };
    let named = |ids: &[TargetId]| ids.iter().filter_map(|id| find(targets, *id)).collect();
    DropEntry {
        id: stored.id,
        kind: drop.kind,
        place: drop.place_text(),
        places: drop.places.clone(),
        onset: drop.onset,
        end: drop.end,
        record_ends: None,
        length,
        down,
        judged: time.clone(),
        stretches: drop.stretches.clone(),
        unobserved: drop.unobserved,
        starts_before,
        ends_after,
        answered: named(&drop.answered),
        silent: named(&drop.silent),
        others: None,
        flaps: drop.flaps,
        path: None,
    }
}

fn summarise(
    drops: &[DropEntry],
    ledger: &TimeLedger,
    elapsed: TimeRange,
    judged: &Spans,
    zone: &TimeZone,
) -> Summary {
    let of = |kind| drops.iter().filter(|d| d.kind == kind).count();
    let counted: Vec<_> = drops.iter().enumerate().filter(|(_, d)| d.counts()).collect();
    let mut by_place = BTreeMap::<&str, usize>::new();
    for (_, drop) in &counted {
        *by_place.entry(drop.place.as_str()).or_default() += 1;
    }
    let mut by_place: Vec<_> = by_place.into_iter().map(|(p, n)| (p.to_owned(), n)).collect();
    by_place.order_by_key(|(_, n)| std::cmp::Reverse(*n));
    let longest =
        counted.iter().max_by_key(|(_, d)| (d.judged.likely, d.length.min)).map(|(i, _)| *i);
    let mut intervals: Vec<_> = counted
        .windows(2)
        .filter_map(|w| w[1].1.onset.midpoint().duration_since(w[0].1.onset.midpoint()))
        .collect();
    intervals.sort_unstable();
    let median_interval = match intervals.len() {
        0 => None,
        n if n % 2 == 1 => Some(intervals[n / 2]),
        n => Some((intervals[n / 2 - 1] + intervals[n / 2]) / 2),
    };
    let witnesses = [Role::Gateway, Role::Modem, Role::Isp]
        .into_iter()
        .map(|role| {
            let count = |what| counted.iter().filter(|(_, d)| d.witness(role) == what).count();
            WitnessCount {
                role,
                answered: count(Witness::Answered),
                silent: count(Witness::Silent),
            }
        })
        .filter(|w| w.answered + w.silent > 0)
        .collect();
    Summary {
        blips: of(DropKind::Blip),
        possible: of(DropKind::Possible),
        drops: of(DropKind::Drop),
        outages: of(DropKind::Outage),
        by_place,
        down: ledger.down,
        likely_down: ledger.likely_down,
        longest,
        per_day: per_day(drops, elapsed, judged, zone),
        median_interval,
        witnesses,
    }
}

/// Local days of the period; a day of 23 or 25 hours is as long as it is. A drop that began before
/// the period belongs to none of them.
fn per_day(
    drops: &[DropEntry],
    elapsed: TimeRange,
    judged: &Spans,
    zone: &TimeZone,
) -> Vec<DayCount> {
    let counted = || drops.iter().filter(|drop| drop.counts());
    let mut days = Vec::new();
    let mut from = elapsed.from;
    while from < elapsed.to {
        let Ok(instant) = jiff::Timestamp::from_microsecond(from.as_micros()) else { break };
        let local = instant.to_zoned_datetime(zone.clone());
        let next = local.tomorrow().and_then(|t| t.start_of_day()).map_or(elapsed.to, |t| {
            Timestamp::from_micros(t.timestamp().as_microsecond()).min(elapsed.to)
        });
        let range = TimeRange { from, to: next };
        days.push(DayCount {
            date: local.date(),
            range,
            drops: counted().filter(|drop| range.contains(drop.onset.midpoint())).count(),
            down: counted().map(|drop| drop.down_within(range)).sum(),
            observed: judged.length_within(range),
        });
        if next <= from {
            break;
        }
        from = next;
    }
    days
}

/// Whether a target beyond the ISP ever answered. Without a drop and without such an answer nobody
/// knows whether the link was up or its probes are filtered: that is no availability of 100 %. An
/// anchor without a vote and a private address prove nothing.
fn proves_the_link(tally: &Tally, standing: Option<Standing>) -> bool {
    let (total, literal) = (&tally.total, tally.target.endpoint.literal());
    let is_far = match standing {
        Some(Standing::Trusted) => true,
        Some(standing) if standing.is_refused() => false,
        _ => tally.target.role == Role::Anchor || !literal.is_some_and(is_private),
    };
    matches!(tally.target.role, Role::Anchor | Role::Service)
        && is_far
        && (total.probes.sent > total.probes.lost.saturating_sub(total.probes.late)
            || tally.uncounted == Some(Uncounted::Answered))
}

/// What of a period is unknown.
#[derive(Debug, Clone, Copy)]
pub(super) struct UnknownInputs<'a> {
    /// The period, up to now.
    pub(super) elapsed: TimeRange,
    pub(super) runs: &'a [Run],
    pub(super) gaps: &'a [Gap],
    /// Time by other ways than the line.
    pub(super) apart: &'a [TimeRange],
    /// What the runs watched, less the gaps.
    pub(super) watched: &'a Spans,
    /// What nobody watched for less than this is no gap.
    pub(super) gap_after: Duration,
}

impl<'a> UnknownInputs<'a> {
    fn of(rows: &'a Rows, elapsed: TimeRange, watched: &'a Spans, gap_after: Duration) -> Self {
        let (runs, gaps, apart) = (&rows.runs, &rows.gaps, &rows.ways.apart);
        Self { elapsed, runs, gaps, apart, watched, gap_after }
    }
}

/// Unknown time with its reasons. The last moments of a run that goes on are no gap, nor is a
/// moment too short to be one; both still do not count as watched.
pub(super) fn unknown_time(inputs: UnknownInputs<'_>) -> Vec<GapEntry> {
    const UNWRITTEN: Duration = Duration::from_secs(90);
    let UnknownInputs { elapsed, runs, gaps, apart, watched, gap_after } = inputs;
    let goes_on = runs.iter().any(|run: &Run| run.ended.is_none());
    let mut entries = Vec::new();
    let mut until = elapsed.from;
    let apart = apart.iter().map(|range| Gap { range: *range, reason: GapReason::OtherWay });
    let mut recorded: Vec<_> = gaps.iter().cloned().chain(apart).collect();
    recorded.order_by_key(|gap| gap.range.from);
    for gap in recorded {
        let range = TimeRange { from: gap.range.from.max(until), to: gap.range.to };
        let Some(range) = range.intersect(&elapsed).filter(|range| range.from < range.to) else {
            continue;
        };
        until = range.to;
        entries.push(GapEntry { range, reason: gap.reason });
    }
    let listed = Spans::union(entries.iter().map(|entry| entry.range));
    for range in without(watched.missing_from(elapsed).as_slice(), listed.as_slice()) {
        let too_short = range.length() < gap_after
            || (goes_on && range.to == elapsed.to && range.length() < UNWRITTEN);
        if !too_short {
            entries.push(GapEntry { range, reason: GapReason::NoRecord });
        }
    }
    entries.order_by_key(|entry| entry.range.from);
    entries
}
