//! Histories against counts made the slow way, and against reports of the same time.

#![allow(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::float_cmp,
    reason = "milliseconds of a test"
)]

use std::collections::BTreeMap;
use std::path::PathBuf;

use jiff::tz::TimeZone;
use proptest::prelude::*;

use super::*;
use crate::config::{Config, Site};
use crate::report::{Method, Report, gather};
use crate::store::{Opening, SumDelays, Writer};
use crate::time::{BootTime, Reading};
use crate::vocabulary::{
    Bounds, DropKind, Gap, GapReason, Kind, LinkDrop, Measurement, Outcome, Place, Role, TargetId,
};

/// 2026-10-29T23:20:00Z: Toronto changes its clocks three days later.
const START_S: i64 = 1_793_316_000;

fn at_ms(ms: i64) -> Timestamp {
    Timestamp::from_millis(START_S * 1_000 + ms)
}

fn range_ms(from: i64, to: i64) -> TimeRange {
    TimeRange { from: at_ms(from), to: at_ms(to) }
}

/// A record of three targets; times are milliseconds since its beginning.
struct MadeRecord {
    folder: tempfile::TempDir,
    samples: Vec<Measurement>,
    /// Onset and length.
    drops: Vec<(i64, i64)>,
    gaps: Vec<(i64, i64)>,
    length_ms: i64,
}

impl MadeRecord {
    fn new(length_ms: i64, step_ms: i64, drops: &[(i64, i64)], gaps: &[(i64, i64)]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("linkmon.db");
        let runtime_dir = Some(folder.path());
        let (mut writer, _) =
            Writer::open(Opening { path: &path, runtime_dir, version: "0.0.0-test" }).unwrap();
        let now =
            Reading { utc: at_ms(length_ms), boot: BootTime::from_micros(1), monotonic_us: 1 };
        let interval = Duration::from_millis(step_ms.unsigned_abs());
        for (name, role, address) in [
            ("gateway", Role::Gateway, "192.168.1.1"),
            ("one", Role::Anchor, "1.1.1.1"),
            ("two", Role::Anchor, "8.8.8.8"),
        ] {
            writer.target(name, Kind::Icmp, role, address, interval, now).unwrap();
        }
        let drops = apart(drops, length_ms);
        let gaps = apart(gaps, length_ms);
        let mut samples = Vec::new();
        for n in 0..length_ms / step_ms {
            for target in 1..=3_u8 {
                let ms = n * step_ms + i64::from(target) * 7;
                if gaps.iter().any(|(from, length)| (*from..from + length).contains(&ms)) {
                    continue;
                }
                let noise = (ms * 7_919 + i64::from(target)).rem_euclid(9_973).unsigned_abs();
                let outcome = if noise.is_multiple_of(31) {
                    Outcome::Lost
                } else {
                    Outcome::reply(Duration::from_micros(10_000 + noise))
                };
                samples.push(Measurement { target: TargetId(target), sent_at: at_ms(ms), outcome });
            }
        }
        writer.import_run(&mut samples.clone().into_iter()).unwrap();
        for (n, (from, length)) in drops.iter().enumerate() {
            let edge = |ms| Bounds { earliest: at_ms(ms), latest: at_ms(ms) };
            let long = Duration::from_millis(length.unsigned_abs());
            let mut drop = LinkDrop::bare(edge(*from), Some(edge(from + length)), [long, long]);
            if *length > 300_000 {
                drop.kind = DropKind::Outage;
            }
            drop.places = vec![[Place::Access, Place::Beyond][n % 2]];
            writer.put_drop(&drop).unwrap();
        }
        for (from, length) in &gaps {
            let range = range_ms(*from, from + length);
            writer.put_gap(&Gap { range, reason: GapReason::Asleep });
        }
        writer.flush(now).unwrap();
        Self { folder, samples, drops, gaps, length_ms }
    }

    fn path(&self) -> PathBuf {
        self.folder.path().join("linkmon.db")
    }

    fn writer(&self) -> Writer {
        let (path, runtime_dir) = (self.path(), Some(self.folder.path()));
        Writer::open(Opening { path: &path, runtime_dir, version: "0.0.0-test" }).unwrap().0
    }

    fn reader(&self) -> Reader {
        Reader::open(&self.path()).unwrap()
    }

    fn later(&self) -> Timestamp {
        at_ms(self.length_ms) + 8 * HOUR
    }

    fn sum_up(&self) {
        let mut writer = self.writer();
        while writer.close_hours(self.later(), 48).unwrap() > 0 {}
    }

    fn view(&self) -> HistoryView<'static> {
        let now = at_ms(self.length_ms);
        HistoryView { line: None, gap_after: Duration::from_millis(2_500), now }
    }

    fn history(&self, from: i64, to: i64, columns: usize) -> History {
        let wanted = HistoryWanted { range: range_ms(from, to), columns };
        History::gather(&self.reader(), wanted, self.view()).unwrap()
    }

    fn report(&self, period: TimeRange) -> Report {
        let rows = gather(&self.reader(), period, None).unwrap();
        let method = Method::new(&Config::default(), None);
        let zone = TimeZone::get("America/Toronto").unwrap();
        Report::build(rows, zone, &Site::default(), self.view().now, method)
    }

    /// Milliseconds of a span that were watched.
    fn watched(&self, span: TimeRange) -> i64 {
        let (first, last) = (&self.samples[0], &self.samples[self.samples.len() - 1]);
        let from = ms(span.from).max(ms(first.sent_at));
        let to = ms(span.to).min(ms(last.sent_at));
        let in_gaps: i64 = self.gaps.iter().map(|g| overlap((from, to), (g.0, g.0 + g.1))).sum();
        (to - from).max(0) - in_gaps
    }

    /// Milliseconds of a span in which a drop was watched.
    fn down(&self, span: TimeRange, drop: (i64, i64)) -> i64 {
        let from = ms(span.from).max(drop.0);
        let to = ms(span.to).min(drop.0 + drop.1);
        if from < to { self.watched(range_ms(from, to)) } else { 0 }
    }
}

/// The same one after another, each after the end of the one before, within the record.
fn apart(spans: &[(i64, i64)], length_ms: i64) -> Vec<(i64, i64)> {
    let mut spans = spans.to_vec();
    spans.sort_unstable();
    let mut until = 60_000;
    spans.retain(|(from, length)| {
        let fits = *from > until && from + length < length_ms - 120_000;
        if fits {
            until = from + length + 30_000;
        }
        fits
    });
    spans
}

fn ms(at: Timestamp) -> i64 {
    at.as_millis() - START_S * 1_000
}

fn overlap(a: (i64, i64), b: (i64, i64)) -> i64 {
    (a.1.min(b.1) - a.0.max(b.0)).max(0)
}

/// By nearest rank.
fn median(mut values: Vec<u32>) -> Option<u32> {
    values.sort_unstable();
    values.get(values.len().div_ceil(2).saturating_sub(1)).copied()
}

fn check_link(record: &MadeRecord, history: &History) {
    let whole = history.grid.range();
    let now = record.view().now;
    for (n, column) in history.link.iter().enumerate() {
        let span = history.grid.span_of(n);
        let watched = record.watched(span);
        let elapsed = ms(span.to.min(now)) - ms(span.from);
        let near = |found: f64, ms: i64| (found * 1e3 - ms as f64).abs() < 0.01;
        let share = column.watched.unwrap_or(0.0);
        assert!(near(share * elapsed as f64 / 1e3, watched), "column {n}: {share}");
        let downs: Vec<i64> = record.drops.iter().map(|d| record.down(span, *d)).collect();
        let down: i64 = downs.iter().sum();
        assert_eq!(column.down_s.is_none(), watched == 0, "column {n}");
        assert!(near(column.down_s.unwrap_or(0.0), down), "column {n}: {down}");
        let shown = downs.iter().filter(|ms| **ms > 0).count();
        assert!(column.drops as usize >= shown, "column {n}: {} of {shown}", column.drops);
        assert!(shown == 0 || column.place.is_some());
        let touching = record.drops.iter().filter(|d| {
            d.0 < ms(span.to)
                && d.0 + d.1 >= ms(span.from)
                && overlap((ms(whole.from), ms(whole.to)), (d.0, d.0 + d.1)) > 0
        });
        assert!(column.drops as usize <= touching.count());
    }
    let sum: f64 = history.link.iter().filter_map(|column| column.down_s).sum();
    let report = record.report(whole);
    let want = report.summary.likely_down.as_secs_f64();
    assert!((sum - want).abs() < 1e-4, "{sum} for {want}");
    assert_eq!(history.drops.entries.len(), report.drops.len());
    let gaps = |entries: &[GapEntry]| entries.iter().map(|gap| gap.range).collect::<Vec<_>>();
    assert_eq!(gaps(&history.gaps.entries), gaps(&report.gaps));
}

fn check_targets(record: &MadeRecord, history: &History, row: Duration) {
    let row_ms = i64::try_from(row.as_millis()).unwrap();
    let mut loss = vec![LossRatio::default(); history.grid.count()];
    // By target, column and row the delays that were measured.
    let mut delays = BTreeMap::<(TargetId, usize, i64), Vec<u32>>::new();
    let mut counts = BTreeMap::<(TargetId, usize), LossRatio>::new();
    for sample in &record.samples {
        let Some(column) = history.grid.column_of(sample.sent_at) else { continue };
        counts.entry((sample.target, column)).or_default().count(&sample.outcome);
        if sample.target != TargetId(1) {
            loss[column].count(&sample.outcome);
        }
        let us = sample.outcome.rtt().map(|rtt| u32::try_from(rtt.as_micros()).unwrap());
        let key = (sample.target, column, sample.sent_at.as_millis().div_euclid(row_ms));
        delays.entry(key).or_default().extend(us);
    }
    assert_eq!(history.loss, loss);
    for course in &history.targets {
        let id = course.target.id;
        assert_eq!(course.decides, id != TargetId(1));
        for (n, column) in course.columns.iter().enumerate() {
            assert_eq!(column.loss, counts.get(&(id, n)).copied().unwrap_or_default());
            let rows = delays.range((id, n, i64::MIN)..=(id, n, i64::MAX)).map(|(_, us)| us);
            let all: Vec<u32> = rows.clone().flatten().copied().collect();
            let medians = rows.filter(|us| !us.is_empty());
            let medians = medians.flat_map(|us| vec![median(us.clone()).unwrap(); us.len()]);
            let want = all.iter().min().zip(all.iter().max()).map(|(min, max)| SumDelays {
                min: *min,
                median: median(medians.collect()).unwrap(),
                max: *max,
            });
            assert_eq!(column.rtt, want, "column {n} of {}", course.target.name);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(8))]

    #[test]
    fn every_column_says_what_a_slow_count_says_whatever_it_is_read_from(
        hours in 2_i64..40,
        drops in prop::collection::vec((0_i64..200_000_000, 2_100_i64..4_000_000), 0..14),
        gaps in prop::collection::vec((0_i64..200_000_000, 2_000_i64..9_000_000), 0..5),
        (from, to) in (0.0_f64..1.0, 0.0_f64..1.0),
        columns in 16_usize..200,
        (is_summed_up, removed) in (any::<bool>(), 0_usize..30),
        no_minutes in any::<bool>(),
    ) {
        let length_ms = hours * 3_600_000 + 77_000;
        let record = MadeRecord::new(length_ms, 97_000, &drops, &gaps);
        if is_summed_up {
            record.sum_up();
            let mut writer = record.writer();
            for _ in 0..removed {
                writer.remove_oldest_raw(record.later()).unwrap();
            }
            if no_minutes && removed > 0 {
                rusqlite::Connection::open(record.path()).unwrap()
                    .execute("DELETE FROM minute WHERE minute < (SELECT min(minute) + 100 FROM minute)", [])
                    .unwrap();
            }
        }
        let part = |share: f64| (share * length_ms as f64) as i64;
        let (from, to) = (part(from.min(to)) - 100_000, part(from.max(to)) + 200_000);
        let history = record.history(from, to, columns);
        prop_assert!(history.grid.count() <= columns);
        check_link(&record, &history);
        let row = match history.source {
            HistorySource::Probes => Duration::from_millis(1),
            HistorySource::Hours if is_summed_up => HOUR,
            _ => MINUTE,
        };
        if is_summed_up && no_minutes && removed > 0 && history.source != HistorySource::Hours {
            prop_assert!(record.reader().has_all_minutes(history.grid.range()).unwrap()
                || history.source == HistorySource::Probes);
        }
        // A sample on the last millisecond of the record is in no run.
        check_targets(&record, &history, row);
    }
}

#[test]
fn each_zoom_is_read_from_rows_of_its_own_length() {
    let record = MadeRecord::new(6 * 86_400_000, 60_000, &[], &[]);
    record.sum_up();
    let hour = 3_600_000;
    for (length, columns, source) in [
        (hour, 800, HistorySource::Probes),
        (13 * hour, 800, HistorySource::Probes),
        (14 * hour, 800, HistorySource::Minutes),
        (6 * 24 * hour, 200, HistorySource::Minutes),
        (6 * 24 * hour, 144, HistorySource::Hours),
        (6 * 24 * hour, 16, HistorySource::Hours),
    ] {
        let history = record.history(0, length, columns);
        assert_eq!(history.source, source, "{length} in {columns}");
        assert_eq!(history.has_probes, source == HistorySource::Probes);
        let row = [MILLISECOND_US, 60_000_000, 3_600_000_000][source as usize];
        check_targets(&record, &history, Duration::from_micros(row.unsigned_abs()));
    }
}

#[test]
fn a_drop_of_five_seconds_is_seen_in_a_year_at_any_width() {
    let year = 365 * 86_400_000;
    let drop = (200 * 86_400_000 + 1_234, 5_000);
    let record = MadeRecord::new(year, 3_600_000, &[drop], &[]);
    for columns in [16, 77, 366, 800, 1_999, 4_096] {
        let history = record.history(0, year, columns);
        let shown: Vec<_> =
            history.link.iter().enumerate().filter(|(_, column)| column.drops > 0).collect();
        let [(n, column)] = shown.as_slice() else { panic!("{columns}: {}", shown.len()) };
        let span = history.grid.span_of(*n);
        assert!(span.contains(at_ms(drop.0)) && span.contains(at_ms(drop.0 + 5_000)), "{columns}");
        assert!((column.down_s.unwrap() - 5.0).abs() < 1e-6, "{columns}");
        assert_eq!(column.place.as_deref(), Some("access"));
        let others = history.link.iter().enumerate().filter(|(other, _)| other != n);
        assert!(others.filter_map(|(_, c)| c.down_s).all(|s| s == 0.0));
    }
    // A drop on the edge of two columns is in both, with its part in each.
    let edge = record.history(drop.0 - 5_000, drop.0 + 6_000, 16);
    let sum: f64 = edge.link.iter().filter_map(|column| column.down_s).sum();
    assert!((sum - 5.0).abs() < 1e-6 && edge.link.iter().filter(|c| c.drops > 0).count() > 4);
}

#[test]
fn time_outside_of_the_record_is_not_known_and_a_gap_is_not_zero() {
    let hour = 3_600_000;
    let record = MadeRecord::new(10 * hour, 20_000, &[], &[(3 * hour, 2 * hour)]);
    let history = record.history(-5 * hour, 15 * hour, 16);
    assert_eq!((history.link[0].watched, history.link[0].down_s), (None, None));
    assert_eq!(history.link.last().unwrap().watched, None);
    let in_gap = history.grid.column_of(at_ms(4 * hour)).unwrap();
    let span = history.grid.span_of(in_gap);
    let share = history.link[in_gap].watched.unwrap();
    assert!(share < 1.0 && (share > 0.0) == (record.watched(span) > 0));
    let narrow = record.history(3 * hour + 60_000, 5 * hour - 60_000, 50);
    for column in &narrow.link[1..narrow.link.len() - 1] {
        assert_eq!((column.watched, column.down_s), (Some(0.0), None));
    }
    assert!(narrow.targets.iter().all(|t| t.columns[25] == CourseColumn::default()));
    assert!(record.history(40 * hour, 50 * hour, 20).link.iter().all(|c| c.watched.is_none()));
}

#[test]
fn rows_that_cannot_be_understood_are_counted_and_their_hour_is_read_from_minutes() {
    let record = MadeRecord::new(40 * 3_600_000, 60_000, &[], &[]);
    record.sum_up();
    let sql = rusqlite::Connection::open(record.path()).unwrap();
    let broken =
        "UPDATE hour SET rtt_p50 = -5 WHERE target = 2 AND hour = (SELECT min(hour) + 7 FROM hour)";
    assert_eq!(sql.execute(broken, []).unwrap(), 1);
    let history = record.history(0, 40 * 3_600_000, 20);
    assert_eq!(history.source, HistorySource::Hours);
    let [unread] = history.unread.as_slice() else { panic!("{:?}", history.unread) };
    assert_eq!((unread.table, unread.rows), ("hour", 1));
    let sent: u64 = history.targets[1].columns.iter().map(|column| column.loss.sent).sum();
    assert_eq!(sent, 40 * 60);
}

#[test]
fn a_calendar_says_of_each_day_what_a_report_says() {
    let day = 86_400_000;
    let drops: Vec<_> = (0..40).map(|n| (n * 11_111_111, 7_000 + n * 61_000)).collect();
    let record = MadeRecord::new(6 * day, 600_000, &drops, &[(2 * day, 9_000_000)]);
    let zone = TimeZone::get("America/Toronto").unwrap();
    let all = range_ms(0, 6 * day - 1);
    let days = days(&record.reader(), all, &zone, record.view()).unwrap();
    let whole = TimeRange { from: days[0].range.from, to: days[days.len() - 1].range.to };
    let report = record.report(whole);
    assert_eq!(days.iter().filter(|day| day.range.length() == 25 * HOUR).count(), 1);
    for (day, want) in days.iter().zip(&report.summary.per_day) {
        assert_eq!((day.date, day.total.drops as usize), (want.date, want.drops));
        assert!((day.total.down_s - want.down.as_secs_f64()).abs() < 1e-3, "{}", day.date);
        assert!((day.total.watched_s - want.observed.as_secs_f64()).abs() < 1e-3, "{}", day.date);
        let sum = |of: fn(&HourOfDay) -> f64| day.hours.iter().map(of).sum::<f64>();
        assert!((sum(|hour| hour.watched_s) - day.total.watched_s).abs() < 1e-6);
        assert!((sum(|hour| hour.down_s) - day.total.down_s).abs() < 1e-6);
        assert_eq!(day.hours.iter().map(|hour| hour.drops).sum::<u32>(), day.total.drops);
        assert!(day.hours.iter().all(|hour| hour.watched_s <= hour.length_s));
        let lengths: Vec<_> = day.hours.iter().map(|hour| hour.length_s).collect();
        let mut want = [3_600.0; 24];
        if day.range.length() == 25 * HOUR {
            want[1] = 7_200.0;
        }
        if day.range.contains(record.view().now) {
            // It is 18:20: this hour has 20 minutes so far, and the next ones are to come.
            want[18] = 1_200.0;
            want[19..].fill(0.0);
        }
        assert_eq!(lengths, want, "{}", day.date);
    }
    assert_eq!(days.len(), report.summary.per_day.len());
    let down: f64 = days.iter().map(|day| day.total.down_s).sum();
    assert!((down - report.summary.likely_down.as_secs_f64()).abs() < 1e-3);
    let outages: u32 = days.iter().map(|day| day.outages).sum();
    assert_eq!(outages as usize, report.summary.outages);
}

#[test]
fn a_drop_comes_with_the_probes_of_a_minute_on_either_side() {
    let record = MadeRecord::new(3_600_000, 1_000, &[(1_000_000, 30_000)], &[]);
    let reader = record.reader();
    let id = reader.drops(TimeRange::EVER).unwrap()[0].id;
    let found = DropRecord::read(&reader, id, record.view()).unwrap().unwrap();
    assert_eq!(found.shown, range_ms(940_000, 1_090_000));
    assert_eq!(found.probes.len(), 3);
    for of_target in &found.probes {
        assert_eq!((of_target.probes.len(), of_target.left_out), (150, 0));
        assert!(of_target.probes.iter().all(|probe| found.shown.contains(probe.at)));
    }
    assert!(DropRecord::read(&reader, id + 1, record.view()).unwrap().is_none());
}

#[test]
fn a_drop_that_is_not_over_when_the_record_ends_does_not_last() {
    let record = MadeRecord::new(3_600_000, 1_000, &[(1_000_000, 30_000), (2_000_000, 3_000)], &[]);
    let mut writer = record.writer();
    let edge = Bounds { earliest: at_ms(3_590_000), latest: at_ms(3_590_000) };
    let long = Duration::from_secs(9);
    writer.put_drop(&LinkDrop::bare(edge, None, [long, long])).unwrap();
    let boot = BootTime::from_micros(2);
    writer.flush(Reading { utc: at_ms(3_600_000), boot, monotonic_us: 2 }).unwrap();
    drop(writer);
    let later = HistoryView { now: record.later(), ..record.view() };
    let wanted = HistoryWanted { range: range_ms(0, 8 * 3_600_000), columns: 100 };
    let history = History::gather(&record.reader(), wanted, later).unwrap();
    let ends: Vec<_> = history.drops.entries.iter().map(|drop| drop.record_ends).collect();
    let last = record.samples[record.samples.len() - 1].sent_at;
    assert_eq!(ends[..2], [None, None]);
    assert!(ends[2].is_some_and(|at| ms(at) >= ms(last) && ms(at) < ms(last) + 5_000), "{ends:?}");
    assert_eq!(history.drops_in_all + history.blips_in_all, 3);
    let id = history.drops.entries[2].id;
    let found = DropRecord::read(&record.reader(), id, later).unwrap().unwrap();
    assert_eq!((found.record_ends, found.is_by_other_way), (ends[2], false));
}
