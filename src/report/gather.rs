//! The rows of a period out of the record: the only part of a report that touches the store.
//!
//! A period whose columns are as long as hours is read from the hours as they were summed up, so
//! that a year takes a second; a shorter one from every sample, and from hours where the samples were
//! removed.

use super::deciders::Deciders;
use super::impairments::DAY;
use super::modem::ModemFacts;
use super::others::Others;
use super::paths::MARGIN;
use super::rows::{COLUMNS, Collector, Rows};
use super::ways::is_apart;
use super::yardsticks;
use crate::stats::{self, LineWay, SiteWays, WaySpan};
use crate::store::{Error, Reader, RecordPiece, SummedHours};
use crate::time::{TimeRange, Timestamp};
use crate::vocabulary::{Figures, Impairment, StoredDrop};

/// Of at least this length, hours serve.
const HOURS_SERVE: std::time::Duration = std::time::Duration::from_secs(3_600 * COLUMNS as u64);

/// A row about Wi-Fi stands for ten minutes at most.
const STATION_STANDS: std::time::Duration = std::time::Duration::from_secs(660);

/// Reads everything a report on `period` is made of, all of one instant. Samples are read minute by minute and kept
/// as counts, so memory does not grow with the period. `line` describes the way that is the line;
/// without it, that is the one seen most.
///
/// # Errors
/// When the record cannot be read.
pub fn gather(reader: &Reader, period: TimeRange, line: Option<&str>) -> Result<Rows, Error> {
    reader.at_once(|reader| gather_now(reader, period, line))
}

fn gather_now(reader: &Reader, period: TimeRange, line: Option<&str>) -> Result<Rows, Error> {
    let targets = reader.targets_at(period.to)?;
    let (runs, rosters) = (reader.runs(period)?, reader.rosters()?);
    let (ways, way_spans) = ways_of(reader, period, line)?;
    let deciders = Deciders::of(targets.iter(), &rosters, &runs, period).without(&ways.apart);
    let mut collector = Collector::with_deciders(period, &targets, &deciders);
    let drops = reader.drops(period)?;
    let troubles = reader.troubles(period)?;
    let (gaps, impairments) = (reader.gaps(period)?, reader.impairments(period)?);
    let vain = stats::proving_nothing(period, &gaps, &impairments, drops.iter().map(|d| &d.drop));
    let mut seconds = yardsticks::counter(period, &targets, &deciders, &drops, &troubles, &vain);
    let mut others = Others::new(&targets, &without_other_ways(&drops, &impairments));
    let mut take = |piece: RecordPiece<'_>| match piece {
        RecordPiece::Minute(minute) => {
            for sample in &minute.samples {
                collector.add(sample);
                seconds.add(minute.run, sample);
                others.add(sample);
            }
        }
        RecordPiece::Hour(rows) => {
            collector.add_hour(rows);
            let anchors = rows.iter().filter_map(|row| Some((row.target, row.anchor.as_ref()?)));
            let anchors: Vec<_> = anchors.collect();
            if let Some(row) = rows.first() {
                seconds.add_hour(row.hour, &anchors);
            }
        }
        RecordPiece::Part(part) => {
            collector.add_part(part);
            let anchors =
                part.hours.iter().filter_map(|row| Some((row.target, row.anchor.as_ref()?)));
            let anchors: Vec<_> = anchors.collect();
            if let Some(row) = part.hours.first() {
                seconds.add_part(part.range, row.hour, &anchors);
            }
        }
    };
    let whole = if period.length() >= HOURS_SERVE {
        SummedHours::Every
    } else {
        SummedHours::WithoutSamples
    };
    let damage = reader.for_each_piece(period, whole, &mut take)?;
    let (tallies, worst_minute) = collector.finish();
    let mut record_ends = std::collections::BTreeMap::new();
    for stored in &drops {
        record_ends.extend(reader.ends_within(&stored.drop)?.map(|at| (stored.id, at)));
    }
    let first = drops.iter().map(|stored| stored.drop.onset.earliest).min();
    let from = first.map_or(period.from, |first| first.min(period.from));
    let of_drops = TimeRange { from, to: period.to + MARGIN };
    let of_line = drops.iter().filter(|d| d.drop.kind.is_down());
    let of_line = of_line.filter(|d| !is_apart(&d.drop, &ways.apart, period.to));
    let of_line: Vec<_> = of_line.map(|d| (d.id, &d.drop)).collect();
    let modem = ModemFacts::gather(reader, period, &of_line)?;
    Ok(Rows {
        period,
        runs,
        modem,
        ways,
        way_spans,
        stations: reader
            .stations(TimeRange { from: period.from - STATION_STANDS, to: period.to })?,
        rosters,
        drops,
        gaps,
        paths: reader.paths(of_drops)?,
        troubles,
        impairments,
        traffic: reader.traffic(TimeRange { from: period.from - DAY, to: period.to })?,
        events: reader.events(period)?,
        notes: reader.notes(period)?,
        clocks: reader.run_clocks()?,
        servers: reader.server_clocks(period)?,
        targets,
        tallies,
        worst_minute,
        seconds: seconds.finish(),
        others: others.finish(),
        unreadable_minutes: damage.rows,
        removed: reader.removed_samples(period)?,
        record_ends,
        holds: reader.watched_from_to()?,
        simulated: reader.simulated()?,
        unread: reader.unread(),
    })
}

/// The drops in which no answer came by another way inside the router: such answers say nothing of the
/// line.
fn without_other_ways(drops: &[StoredDrop], impairments: &[Impairment]) -> Vec<StoredDrop> {
    let other = impairments.iter().filter(|i| i.figures == Figures::OtherWay);
    let other: Vec<_> = other
        .map(|i| {
            (i.onset.earliest, i.end.map_or(Timestamp::from_micros(i64::MAX), |end| end.latest))
        })
        .collect();
    let touches = |stored: &StoredDrop| {
        let to = stored.drop.end.map_or(Timestamp::from_micros(i64::MAX), |end| end.latest);
        other.iter().any(|(from, until)| stored.drop.onset.earliest <= *until && to >= *from)
    };
    drops.iter().filter(|stored| !touches(stored)).cloned().collect()
}

/// The ways of a period, and all stretches of the record with their ways.
pub(super) fn ways_of(
    reader: &Reader,
    period: TimeRange,
    line: Option<&str>,
) -> Result<(SiteWays, Vec<WaySpan>), Error> {
    let runs = reader.runs(TimeRange::EVER)?;
    let spans = stats::way_spans(&reader.ways()?, &runs);
    let last = runs.iter().map(|run| run.last_seen).max();
    let until = last.unwrap_or(period.to).min(period.to);
    let line = LineWay::of(line, &spans, until);
    Ok((SiteWays::compute(line, &spans, period), spans))
}

/// The numbers of the drops of a period that are those of other ways than the line.
///
/// # Errors
/// When the record cannot be read.
pub fn drops_of_other_ways(
    reader: &Reader,
    period: TimeRange,
    drops: &[StoredDrop],
    line: Option<&str>,
) -> Result<Vec<i64>, Error> {
    let (ways, _) = ways_of(reader, period, line)?;
    let others = drops.iter().filter(|d| is_apart(&d.drop, &ways.apart, period.to));
    Ok(others.map(|stored| stored.id).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::synthetic::flapping_week;
    use crate::vocabulary::SumsLeft;

    #[test]
    fn the_report_has_what_was_stored() {
        let folder = tempfile::tempdir().unwrap();
        let scene = flapping_week(std::time::Duration::from_secs(60));
        let mut want = scene.rows();
        let path = scene.import_into(folder.path());
        let mut got = gather(&Reader::open(&path).unwrap(), scene.period, None).unwrap();
        assert_eq!(got.tallies, want.tallies);
        assert_eq!(got.worst_minute, want.worst_minute);
        // Numbers of drops are those of the database.
        (0..).zip(&mut got.drops).for_each(|(id, drop)| drop.id = id);
        (0..).zip(&mut want.drops).for_each(|(id, drop)| drop.id = id);
        assert_eq!(got.drops, want.drops);
        assert_eq!((got.gaps.len(), got.notes.len()), (want.gaps.len(), want.notes.len()));
    }

    #[test]
    fn eighty_days_read_from_hours_are_what_every_sample_gives() {
        let folder = tempfile::tempdir().unwrap();
        let mut scene = flapping_week(std::time::Duration::from_secs(300));
        scene.troubles.clear();
        // Neither end is that of an hour.
        scene.period.from = scene.period.from.plus_micros(1_234_567_000);
        scene.period.to = scene.period.from.plus_micros(80 * 86_400_000_000 + 777_000_000);
        let want = scene.rows();
        let path = scene.import_into(folder.path());
        let got = gather(&Reader::open(&path).unwrap(), scene.period, None).unwrap();
        assert_eq!(got.seconds, want.seconds, "without hours every sample is read");
        summed_up(&path, scene.period.to);
        let reader = Reader::open(&path).unwrap();
        let mut hours = 0;
        let count =
            &mut |piece: RecordPiece<'_>| hours += i32::from(matches!(piece, RecordPiece::Hour(_)));
        reader.for_each_piece(scene.period, SummedHours::Every, count).unwrap();
        assert!(hours > 1_900, "{hours}");

        let got = gather(&reader, scene.period, None).unwrap();
        let near =
            |found: u32, exact: u32| f64::from(found.abs_diff(exact)) <= 0.0079 * f64::from(exact);
        for (got, want) in got.tallies.iter().zip(&want.tallies) {
            let (a, b) = (&got.total, &want.total);
            assert_eq!(a.probes, b.probes);
            let (a, b) = (a.rtt.unwrap(), b.rtt.unwrap());
            assert_eq!((a.min, a.max), (b.min, b.max));
            // Both are sketches of the same delays.
            assert_eq!((a.p5, a.p50, a.p95, a.p99), (b.p5, b.p50, b.p95, b.p99));
            let sent = |t: &crate::report::rows::Tally| {
                t.columns.iter().map(|c| c.probes.sent).sum::<u64>()
            };
            assert_eq!(sent(got), sent(want));
            let mut exact: Vec<u32> = Vec::new();
            scene.samples(|m| {
                let rtt = m.outcome.rtt().filter(|_| m.target == got.target.id);
                exact.extend(rtt.map(|rtt| u32::try_from(rtt.as_micros()).unwrap()));
            });
            let exact = crate::stats::Sorted::new(exact);
            let us = |q| u32::try_from(exact.quantile(q).unwrap().as_micros()).unwrap();
            for (found, q) in [(a.p5, 0.05), (a.p50, 0.5), (a.p95, 0.95), (a.p99, 0.99)] {
                assert!(near(found, us(q)), "{found} {}", us(q));
            }
        }
        assert_eq!(got.worst_minute, want.worst_minute);
        let losses = |rows: &Rows| rows.seconds.quarters.iter().map(|q| q.loss).collect::<Vec<_>>();
        assert_eq!(losses(&got), losses(&want));
    }

    #[test]
    fn a_day_whose_samples_were_removed_is_read_from_its_hours() {
        let folder = tempfile::tempdir().unwrap();
        let mut scene = flapping_week(std::time::Duration::from_secs(60));
        scene.period.to = scene.period.from.plus_micros(86_400_000_000);
        scene.troubles.clear();
        let want = scene.rows();
        let path = scene.import_into(folder.path());
        summed_up(&path, scene.period.to + std::time::Duration::from_secs(7_200));
        let opening =
            crate::store::Opening { path: &path, runtime_dir: None, version: "0.0.0-test" };
        let (mut writer, _) = crate::store::Writer::open(opening).unwrap();
        let removed = 24;
        for _ in 0..removed {
            assert!(writer.remove_oldest_raw(scene.period.to + DAY).unwrap());
        }
        let got = gather(&Reader::open(&path).unwrap(), scene.period, None).unwrap();
        for (got, want) in got.tallies.iter().zip(&want.tallies) {
            let (a, b) = (&got.total, &want.total);
            assert_eq!(
                (a.probes.sent, a.probes.lost, a.rtt),
                (b.probes.sent, b.probes.lost, b.rtt)
            );
            assert!(
                got.columns.iter().all(|column| column.probes.sent > 0),
                "none looks unwatched"
            );
        }
        assert_eq!(got.worst_minute, want.worst_minute);
    }

    #[test]
    fn parts_of_hours_without_samples_are_read_from_their_minutes() {
        let folder = tempfile::tempdir().unwrap();
        let mut scene = flapping_week(std::time::Duration::from_secs(60));
        scene.period.to = scene.period.from.plus_micros(86_400_000_000);
        scene.troubles.clear();
        let path = scene.import_into(folder.path());
        let now = scene.period.to + DAY;
        summed_up(&path, now);
        let opening =
            crate::store::Opening { path: &path, runtime_dir: None, version: "0.0.0-test" };
        let (mut writer, _) = crate::store::Writer::open(opening).unwrap();
        for _ in 0..20 {
            assert!(writer.remove_oldest_raw(now).unwrap());
        }
        let minute = |n: i64| scene.period.from.plus_micros(n * 60_000_000);
        let some_minutes = [(17, 57), (40, 3 * 60 + 41), (19 * 60 + 30, 21 * 60 + 7)];
        for (from, to) in some_minutes {
            let period = TimeRange { from: minute(from), to: minute(to) };
            let got = gather(&Reader::open(&path).unwrap(), period, None).unwrap();
            let mut want = std::collections::BTreeMap::new();
            scene.samples(|m| {
                if period.contains(m.sent_at) {
                    let (sent, lost) = want.entry(m.target).or_insert((0, 0));
                    *sent += u64::from(m.outcome.was_sent());
                    *lost += u64::from(m.outcome.is_lost());
                }
            });
            let of = |t: &crate::report::rows::Tally| {
                (t.target.id, (t.total.probes.sent, t.total.probes.lost))
            };
            assert_eq!(
                got.tallies.iter().map(of).collect::<Vec<_>>(),
                Vec::from_iter(want.clone())
            );
            assert!(got.tallies.iter().all(|t| t.uncounted.is_none() && t.total.rtt.is_some()));
            let [removed] = got.removed.as_slice() else { panic!("{:?}", got.removed) };
            let until = period.to.min(minute(20 * 60));
            assert_eq!((removed.range.from, removed.range.to), (period.from, until));
            assert_eq!((removed.left, removed.removed), (SumsLeft::Minutes, Some((now, now))));
            assert!(got.worst_minute.iter().all(Option::is_some), "none looks unwatched");
        }

        // Their minutes go as well: of public servers every second is known, of others nothing.
        let sql = rusqlite::Connection::open(&path).unwrap();
        sql.execute("DELETE FROM minute", []).unwrap();
        let period = TimeRange { from: minute(17), to: minute(57) };
        let got = gather(&Reader::open(&path).unwrap(), period, None).unwrap();
        assert_eq!(got.removed[0].left, SumsLeft::Hours);
        assert_eq!(got.tallies.len(), scene.rows().targets.len());
        for tally in &got.tallies {
            let is_anchor = tally.target.role == crate::vocabulary::Role::Anchor;
            assert_eq!(tally.total.probes.sent, if is_anchor { 40 } else { 0 });
            assert_eq!(tally.uncounted, Some(crate::report::Uncounted::Answered));
        }
    }

    fn summed_up(path: &std::path::Path, now: crate::time::Timestamp) {
        let runtime_dir = path.parent();
        let opening = crate::store::Opening { path, runtime_dir, version: "0.0.0-test" };
        let (mut writer, _) = crate::store::Writer::open(opening).unwrap();
        while writer.close_hours(now, 48).unwrap() > 0 {}
    }
}
