//! One simulated line, observed by two machines in turn, against one that had observed everything.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use proptest::prelude::*;

use super::*;
use crate::daemon;
use crate::detect::{Change, Detector};
use crate::stats;
use crate::store::replay::{ReplayStep, each_step};
use crate::store::{check_all, verify_chain};
use crate::time::{BootTime, spans};
use crate::vocabulary::{
    GapReason, Kind, Measurement, Observation, Outcome, Role, Target, Waiting,
};

/// 2026-02-02T12:00:00Z, the start of an hour.
const START_S: i64 = 1_770_033_600;
const ALL: TimeRange =
    TimeRange { from: Timestamp::from_seconds(0), to: Timestamp::from_seconds(1 << 33) };

/// The line: from second to second nothing beyond the gateway answers.
type Down = [(i64, i64)];
/// Stretches in which a machine watches, milliseconds from the start.
type Watch = [(i64, i64)];

fn at(ms: i64) -> Timestamp {
    Timestamp::from_millis(START_S * 1_000 + ms)
}

/// All clocks of a machine that was switched on this many seconds before the start.
fn reading(ms: i64, up_s: i64) -> Reading {
    let boot = (up_s * 1_000 + ms) * 1_000;
    Reading { utc: at(ms), boot: BootTime::from_micros(boot), monotonic_us: boot }
}

/// What a machine does between two stretches of watching.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Between {
    /// The daemon is stopped: each stretch is a run.
    Stopped,
    /// The machine sleeps: all are one run.
    Asleep,
}

/// A machine that records the line.
struct Machine {
    folder: tempfile::TempDir,
    boot: &'static str,
    up_s: i64,
    isp: &'static str,
}

impl Machine {
    fn new(boot: &'static str, up_s: i64) -> Self {
        Self { folder: tempfile::tempdir().unwrap(), boot, up_s, isp: "10.9.0.1" }
    }

    fn db(&self) -> PathBuf {
        self.folder.path().join("linkmon.db")
    }

    fn reader(&self) -> Reader {
        Reader::open(&self.db()).unwrap()
    }

    fn writer(&self) -> Writer {
        let opening = Opening { path: &self.db(), runtime_dir: None, version: "0.0.0-test" };
        Writer::open(opening).unwrap().0
    }

    /// Watches in these stretches, each a run, and judges what it saw.
    fn watches(self, watch: &Watch, down: &Down) -> Self {
        self.watches_and(Between::Stopped, watch, down)
    }

    fn watches_and(self, between: Between, watch: &Watch, down: &Down) -> Self {
        let mut writer = self.writer();
        let second = Duration::from_secs(1);
        let mut targets = Vec::new();
        for (name, role, address, phase) in [
            ("one", Role::Anchor, "192.0.2.1", 0),
            ("two", Role::Anchor, "192.0.2.2", 333),
            ("three", Role::Anchor, "192.0.2.3", 667),
            ("router", Role::Gateway, "192.168.1.1", 334),
            ("hop", Role::Isp, self.isp, 668),
        ] {
            let now = reading(0, self.up_s);
            let target = writer.target(name, Kind::Icmp, role, address, second, now).unwrap();
            targets.push((target, phase));
        }
        for (n, (from, to)) in watch.iter().enumerate() {
            if n == 0 || between == Between::Stopped {
                let boot = Some(self.boot.to_owned());
                writer.begin_run(reading(*from, self.up_s), boot).unwrap();
            }
            for s in from.div_euclid(1_000)..=to.div_euclid(1_000) {
                for (target, phase) in &targets {
                    let ms = s * 1_000 + phase;
                    if (*from..*to).contains(&ms) {
                        let sent = Measurement {
                            target: target.id,
                            sent_at: at(ms),
                            outcome: outcome(target, ms, down),
                        };
                        writer.record(&sent).unwrap();
                    }
                }
                if s % 60 == 5 {
                    writer.flush(reading((s * 1_000).min(*to), self.up_s)).unwrap();
                }
            }
            if n + 1 == watch.len() || between == Between::Stopped {
                writer.end_run(reading(*to, self.up_s), RunEnd::Clean).unwrap();
            }
        }
        let detector = judged(&self.reader());
        for gap in detector.gaps() {
            writer.put_gap(gap);
        }
        for drop in detector.drops() {
            writer.put_drop(drop).unwrap();
        }
        let end = watch.last().map_or(0, |(_, to)| *to);
        writer.close(reading(end, self.up_s), RunEnd::Clean).unwrap();
        self
    }

    fn merge(&self, other: &Self) -> MergePlan {
        self.merge_file(&other.db(), at(100 * 3_600_000))
    }

    fn merge_file(&self, file: &Path, now: Timestamp) -> MergePlan {
        let other = Other::open(file, &self.db(), "0.0.0-test").unwrap();
        let mut writer = self.writer();
        let progress = Progress::start("reading the other file");
        let plan = take(&mut writer, &other, &Config::default(), now, &progress).unwrap();
        writer.close(reading(0, self.up_s), RunEnd::Clean).unwrap();
        let chain = verify_chain(&self.db()).unwrap();
        assert_eq!((chain.broken, chain.due), (0, 0), "{chain:?}");
        plan
    }

    fn observed(&self) -> Vec<TimeRange> {
        let reader = self.reader();
        let (runs, mut gaps) = (reader.runs(TimeRange::EVER).unwrap(), reader.gaps(ALL).unwrap());
        gaps.retain(|gap| gap.reason != GapReason::Unanswered);
        spans::union(stats::observed(&ALL, &runs, &gaps))
    }

    /// Time before any anchor had answered.
    fn unanswered(&self) -> Vec<TimeRange> {
        let gaps = self.reader().gaps(ALL).unwrap();
        let unanswered = gaps.iter().filter(|gap| gap.reason == GapReason::Unanswered);
        unanswered.map(|gap| gap.range).collect()
    }

    /// How often each target was probed in each millisecond.
    fn probes(&self) -> BTreeMap<(Timestamp, String), usize> {
        let reader = self.reader();
        let targets = reader.targets().unwrap();
        let mut probes = BTreeMap::new();
        let count = &mut |row: &crate::store::rows::MinuteSamples| {
            let name = &targets.iter().find(|t| t.id == row.target).unwrap().name;
            for sample in &row.samples {
                *probes.entry((sample.sent_at, name.clone())).or_default() += 1;
            }
        };
        assert_eq!(reader.for_each_minute(ALL, count).unwrap().rows, 0);
        probes
    }

    fn drops(&self) -> Vec<LinkDrop> {
        self.reader().drops(ALL).unwrap().into_iter().map(|stored| stored.drop).collect()
    }

    /// All rows of all tables but those on the file itself.
    fn rows(&self) -> Vec<String> {
        let mut rows = Vec::new();
        for table in [
            "raw",
            "minute",
            "hour",
            "run",
            "merged_run",
            "link_drop",
            "gap",
            "trouble",
            "event",
            "note",
            "note_change",
            "impairment",
            "traffic",
            "chain",
            "target",
            "seam",
            "hour_due",
        ] {
            let sql = format!("SELECT * FROM {table}");
            let each = &mut |_: &[String], row: &[store::SqlCell]| {
                rows.push(format!("{table} {row:?}"));
                Ok::<_, store::Error>(())
            };
            store::query(&self.db(), &sql, each).unwrap();
        }
        rows
    }
}

fn outcome(target: &Target, ms: i64, down: &Down) -> Outcome {
    let is_down = down.iter().any(|(from, to)| (from * 1_000..to * 1_000).contains(&ms));
    if is_down && target.role != Role::Gateway {
        return Outcome::Lost;
    }
    let us = 12_000 + (ms * 7_919).unsigned_abs() % 997;
    Outcome::reply(Duration::from_micros(us))
}

/// The whole record as one story.
fn judged(reader: &Reader) -> Detector {
    let mut detector = Detector::new(Parameters::default());
    detector.set_targets(&reader.targets().unwrap());
    each_step(reader, ALL, &mut |step| match step {
        ReplayStep::Begin(run) => detector.begin_run(run),
        ReplayStep::Roster(change) => detector.set_roster(&change.roster),
        ReplayStep::Measured(m) => detector.on_measurement(m),
        ReplayStep::Host(event) => detector.on_host(event),
        ReplayStep::End(run, how) => detector.end_run(run.last_seen, how),
    })
    .unwrap();
    detector.finish();
    detector
}

/// The first few probes that are not in both as often.
fn differing(
    a: &BTreeMap<(Timestamp, String), usize>,
    b: &BTreeMap<(Timestamp, String), usize>,
) -> Vec<String> {
    let keys = a.keys().chain(b.keys());
    let differ = keys.filter(|key| a.get(*key) != b.get(*key));
    differ.take(5).map(|key| format!("{key:?} {:?} {:?}", a.get(key), b.get(key))).collect()
}

fn total(spans: &[TimeRange]) -> Duration {
    spans::total(spans)
}

/// Spans of both, joined, in milliseconds.
fn joined(a: &Watch, b: &Watch) -> Vec<(i64, i64)> {
    let span = |(from, to): &(i64, i64)| TimeRange { from: at(*from), to: at(*to) };
    let ms = |t: Timestamp| t.as_millis() - START_S * 1_000;
    let both = spans::union(a.iter().chain(b).map(span).collect());
    both.iter().map(|span| (ms(span.from), ms(span.to))).collect()
}

/// What is true of every merge of two machines on one line.
fn check(a: &Watch, between: Between, b: &Watch, down: &Down) -> Result<(), TestCaseError> {
    let ours = Machine::new("a", 5_000).watches_and(between, a, down);
    let theirs = Machine::new("b", 90_000).watches(b, down);
    let one = Machine::new("w", 70).watches(&joined(a, b), down);
    let before = std::fs::read(theirs.db()).unwrap();
    let expected = spans::union([ours.observed(), theirs.observed()].concat());
    let plan = ours.merge(&theirs);
    prop_assert_eq!(before, std::fs::read(theirs.db()).unwrap(), "the other file is only read");
    prop_assert_eq!(plan.already + plan.time() + plan.left_out, total(&theirs.observed()));
    // Only less than a second is left out: the end of one watch just after that of another.
    let missing = total(&expected).saturating_sub(total(&ours.observed()));
    prop_assert_eq!(spans::union([ours.observed(), expected.clone()].concat()), expected);
    prop_assert_eq!(missing, plan.left_out);
    prop_assert!(missing < Duration::from_secs(1), "{:?}", ours.observed());
    let differ = differing(&ours.probes(), &one.probes());
    prop_assert_eq!(differ, Vec::<String>::new(), "each once, and none is missing");
    prop_assert_eq!(ours.drops(), one.drops(), "as one machine would have found them");
    let replayed = judged(&ours.reader());
    prop_assert_eq!(ours.drops(), replayed.drops(), "and a replay finds them");
    let unanswered = one.unanswered();
    let both = spans::union([ours.unanswered(), unanswered.clone()].concat());
    prop_assert_eq!(both, unanswered, "only at the very start");
    let soundness = check_all(&ours.db()).unwrap();
    prop_assert!(soundness.is_whole(), "{:?}", soundness);
    let rows = ours.rows();
    let again = ours.merge(&theirs);
    prop_assert!(again.time().is_zero());
    let differ: Vec<_> = ours.rows().into_iter().filter(|row| !rows.contains(row)).collect();
    prop_assert_eq!(differ, Vec::<String>::new(), "nothing is new");
    prop_assert_eq!(ours.rows().len(), rows.len());
    Ok(())
}

fn stretches() -> impl Strategy<Value = Vec<(i64, i64)>> {
    // Edges are 200 ms after a full second: between two probes.
    let ms = |s: i64| s * 5_000 + 200;
    prop::collection::vec((1_i64..140, 4_i64..160), 1..4).prop_map(move |parts| {
        let mut from = 0;
        let stretch = |(pause, length): (i64, i64)| {
            let start = from + pause;
            from = start + length;
            (ms(start), ms(from))
        };
        parts.into_iter().map(stretch).collect()
    })
}

#[test]
fn a_watch_that_ends_a_moment_after_another_adds_nothing() {
    let (a, b) = ([(345_200, 540_200)], [(460_200, 540_200), (545_200, 565_200)]);
    check(&b, Between::Asleep, &a, &[]).unwrap();
    check(&b, Between::Asleep, &a, &[(500, 550)]).unwrap();
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]
    #[test]
    fn two_machines_by_turns_are_one_that_watched_all_along(
        a in stretches(),
        b in stretches(),
        down in prop::collection::vec((60_i64..2_000, 3_i64..400), 0..6),
    ) {
        let down: Vec<_> = down.into_iter().map(|(from, length)| (from, from + length)).collect();
        check(&a, Between::Asleep, &b, &down)?;
        // Whichever takes in the other.
        check(&b, Between::Stopped, &a, &down)?;
    }
}

#[test]
fn a_drop_over_the_edge_is_one() {
    let first = [(200, 900_200)];
    check(&first, Between::Stopped, &[(600_200, 1_800_200)], &[(890, 930)]).unwrap();
    check(&first, Between::Stopped, &[(900_200, 1_800_200)], &[(898, 903)]).unwrap();
    // Down on both sides of a gap of ours in which the other saw it up.
    let gap = [(200, 600_200), (780_200, 1_800_200)];
    for between in [Between::Stopped, Between::Asleep] {
        check(&gap, between, &[(200, 1_800_200)], &[(560, 640), (760, 800)]).unwrap();
        // Down all the time, with two holes in it.
        let holes = [(200, 600_200), (780_200, 1_200_200), (1_500_200, 1_800_200)];
        check(&holes, between, &[(200, 1_800_200)], &[(300, 1_700)]).unwrap();
    }
}

#[test]
fn a_daemon_continues_from_what_was_taken_over_and_takes_nothing_back() {
    // Ours stops within a drop, the other sees its end and one more.
    let down = [(300, 330), (1_190, 1_240), (2_000, 2_060)];
    let ours = Machine::new("a", 5_000).watches(&[(200, 1_200_200)], &down);
    let theirs = Machine::new("b", 90_000).watches(&[(900_200, 3_000_200)], &down);
    ours.merge(&theirs);
    let stored = ours.drops();
    assert_eq!(stored.len(), 3);
    let past = daemon::remember(&ours.db(), Parameters::default(), Waiting::default()).unwrap();
    let mut judge = past.judge;
    assert_eq!(judge.changes(), [], "nothing is reported or withdrawn again");
    let began = reading(3_600_200, 5_000);
    let run = ours.writer().begin_run(began, Some("a".to_owned())).unwrap();
    judge.begin_run(&run);
    let anchor = ours.reader().targets().unwrap()[0].id;
    let outcome = Outcome::reply(Duration::from_millis(12));
    let sample = Measurement { target: anchor, sent_at: at(3_601_000), outcome };
    judge.on(&Observation::Measured(sample));
    let changes = judge.changes();
    let gaps: Vec<_> = changes
        .iter()
        .filter_map(|change| match change {
            Change::GapFound(gap) => Some(gap.range),
            Change::DropPut(_) | Change::DropWithdrawn(_) => panic!("{change:?}"),
            _ => None,
        })
        .collect();
    assert_eq!(gaps, [TimeRange { from: at(3_000_000), to: at(3_601_000) }], "since theirs ended");
    assert_eq!(ours.drops(), stored);
}

#[test]
fn drops_over_hours_without_samples_stay_cut_where_the_other_begins() {
    let theirs = Machine::new("b", 90_000).watches(&[(200, 11_000_200)], &[(7_100, 7_300)]);
    // Ours stops a minute before the third hour, down already.
    let ours = Machine::new("a", 5_000).watches(&[(200, 7_140_200)], &[(7_100, 7_300)]);
    let before = ours.drops();
    assert_eq!(before.len(), 1);
    // A year on, samples are not kept.
    let plan = ours.merge_file(&theirs.db(), at(500 * 86_400_000));
    assert!(plan.taken.probes == 0 && plan.taken.hours == 2, "{:?}", plan.taken);
    let drops = ours.drops();
    let ends: Vec<_> = drops.iter().map(|d| (d.onset.earliest, d.end.unwrap().latest)).collect();
    assert!(ends.windows(2).all(|pair| pair[0].1 <= pair[1].0), "{ends:?}");
    assert_eq!(drops.len(), 2, "the second piece is theirs");
    assert_eq!(ends[1].0, at(7_200_000));
    assert!(ours.writer().seams().unwrap().is_empty());
}
