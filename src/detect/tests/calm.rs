//! Loss, slow periods and route steps: what the daemon tells is what a replay finds, wherever it
//! was restarted, and in bounded memory.

use std::collections::BTreeMap;
use std::time::Duration;

use proptest::prelude::*;

use super::world::*;
use crate::detect::*;
use crate::time::Timestamp;
use crate::vocabulary::{
    Bounds, Figures, Impairment, Measurement, Observation, Outcome, RunEnd, TargetId, Waiting,
};

type Identity = (Timestamp, &'static str, Option<TargetId>);

fn parameters() -> Parameters {
    Parameters { baseline_after: Duration::from_secs(60), ..Parameters::default() }
}

/// Phases of up to four minutes, each with its own misfortune.
fn records() -> impl Strategy<Value = Vec<Measurement>> {
    let phase = (0_u8..9, 20_i64..240, any::<u64>());
    prop::collection::vec(phase, 2..9).prop_map(|phases| {
        let mut record: Vec<_> = probes(0, 150_000, |_, _| Some(reply())).collect();
        let mut from = 150_000;
        for (kind, seconds, seed) in phases {
            let to = from + seconds * 1_000;
            record.extend(phase_of(kind, seed, from, to));
            from = to;
        }
        record
    })
}

fn phase_of(kind: u8, seed: u64, from: i64, to: i64) -> Vec<Measurement> {
    let mut rng = fastrand::Rng::with_seed(seed);
    let outcome = |ms: i64, id: u8| {
        let queue = Duration::from_millis(rng.u64(80..160));
        let late = Outcome::Late { rtt: Duration::from_millis(rng.u64(3_001..60_000)) };
        let link = id < GATEWAY || id == ISP;
        match kind {
            1 | 2 if link => unless(rng.f64() < 0.25),
            3 if link && rng.f64() < 0.3 => Some(late),
            4 if link => Some(Outcome::reply(queue)),
            5 if link && ms - from < 20_000 => Some(Outcome::Lost),
            6 if ms - from < 40_000 => None,
            7 if link && rng.f64() < 0.5 => Some(if rng.bool() { late } else { Outcome::Lost }),
            _ => Some(reply()),
        }
    };
    probes(from, to, outcome).collect()
}

/// As the engine tells it: late replies first as lost.
fn as_told(record: &[Measurement]) -> Vec<Observation> {
    let mut told = Vec::new();
    for m in record {
        let sent = m.sent_at.as_millis();
        let known = sent + 3_000;
        let first = match &m.outcome {
            Outcome::Late { rtt } => {
                let at = sent + i64::try_from(rtt.as_millis()).unwrap();
                told.push((at.max(known), 1, Observation::Revised(m.clone())));
                Measurement { outcome: Outcome::Lost, ..m.clone() }
            }
            _ => m.clone(),
        };
        told.push((known, 0, Observation::Measured(first)));
    }
    told.sort_by_key(|(at, order, _)| (*at, *order));
    told.into_iter().map(|(_, _, observation)| observation).collect()
}

fn judge() -> LiveDetector {
    let mut judge = LiveDetector::new(parameters(), Waiting::default());
    judge.set_targets(&home());
    judge.begin_run(&run(1, START_MS));
    judge
}

fn replay(record: &[Measurement]) -> Detector {
    let mut detector = Detector::new(parameters());
    detector.set_targets(&home());
    detector.begin_run(&run(1, START_MS));
    for m in record {
        detector.on_measurement(m);
    }
    detector
}

/// What a store has of what is told.
type Store = BTreeMap<Identity, Impairment>;

fn live(judge: &mut LiveDetector, store: &mut Store, told: &[Observation]) {
    for batch in told.chunks(30) {
        for observation in batch {
            judge.on(observation);
        }
        keep(judge, store);
    }
}

fn keep(judge: &mut LiveDetector, store: &mut Store) {
    for change in judge.changes() {
        if let Change::ImpairmentPut(put) = change {
            store.insert(put.identity(), put);
        }
    }
}

/// One that lasts is told when it begins: its figures have grown since.
fn as_stored(found: &[Impairment]) -> BTreeMap<Identity, (Bounds, Option<Impairment>)> {
    let entry = |i: &Impairment| (i.identity(), (i.onset, i.end.map(|_| i.clone())));
    found.iter().map(entry).collect()
}

fn stored(store: &Store) -> BTreeMap<Identity, (Bounds, Option<Impairment>)> {
    as_stored(&store.values().cloned().collect::<Vec<_>>())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, ..ProptestConfig::default() })]

    #[test]
    fn the_daemon_ends_with_what_a_replay_finds(record in records()) {
        let (mut judge, mut store) = (judge(), Store::new());
        live(&mut judge, &mut store, &as_told(&record));
        judge.settle();
        keep(&mut judge, &mut store);
        prop_assert_eq!(stored(&store), as_stored(replay(&record).impairments()));
    }

    #[test]
    fn a_restart_anywhere_changes_nothing_that_is_told(record in records(), cut in 0_usize..12_000) {
        let cut = cut.min(record.len() - 1);
        let (mut before, mut store) = (judge(), Store::new());
        live(&mut before, &mut store, &as_told(&record[..cut]));
        let mut after = judge();
        record[..cut].iter().for_each(|m| after.on(&Observation::Measured(m.clone())));
        let until = record[cut].sent_at;
        after.end_run(until, RunEnd::Crash);
        after.resume(&[], &store.values().cloned().collect::<Vec<_>>());
        after.begin_run(&run(2, until.as_millis()));
        live(&mut after, &mut store, &as_told(&record[cut..]));
        after.settle();
        keep(&mut after, &mut store);
        prop_assert_eq!(stored(&store), as_stored(replay(&record).impairments()));
    }

    #[test]
    fn impairments_of_a_kind_are_ordered_and_disjoint_and_their_counts_fit(record in records()) {
        let detector = replay(&record);
        let mut before: BTreeMap<&str, Timestamp> = BTreeMap::new();
        for found in detector.impairments() {
            let kind = if found.figures.kind() == "late" { "loss" } else { found.figures.kind() };
            prop_assert!(found.onset.earliest <= found.onset.latest);
            if let Some(end) = found.end {
                prop_assert!(end.earliest <= end.latest && found.key <= end.latest, "{:?}", found);
                let last = before.insert(kind, end.midpoint()).unwrap_or_default();
                prop_assert!(last <= found.onset.latest, "{:?}", found);
            }
            if let Figures::Loss(f) | Figures::Late(f) = found.figures {
                prop_assert!(f.late <= f.lost && f.lost <= f.sent && f.usual_lost <= f.usual_sent);
                prop_assert_eq!(found.figures.kind() == "late", 2 * f.late > f.lost);
            }
        }
    }
}

#[test]
fn the_phases_of_these_records_are_found_at_all() {
    let mut record: Vec<_> = probes(0, 300_000, |_, _| Some(reply())).collect();
    for (n, kind) in (0..).zip([1, 0, 4, 0, 0, 3, 0]) {
        let from = 300_000 + n * 240_000;
        record.extend(phase_of(kind, 1, from, from + 240_000));
    }
    let kinds: Vec<_> = replay(&record).impairments().iter().map(|i| i.figures.kind()).collect();
    assert_eq!(kinds, ["loss", "slow", "late"]);
}

#[test]
fn the_end_of_a_long_stretch_that_a_killed_daemon_could_not_tell_is_told_by_the_next() {
    let mut rng = fastrand::Rng::with_seed(27);
    let lossy = HOUR / 10..28 * HOUR;
    let until = 28 * HOUR + 150_000;
    // Three anchors alone: it is a long record.
    let link = |ms: i64, id: u8, rng: &mut fastrand::Rng| {
        (id < GATEWAY).then(|| unless(lossy.contains(&ms) && rng.f64() < 0.3).unwrap())
    };
    let record: Vec<_> = probes(0, until, |ms, id| link(ms, id, &mut rng)).collect();
    let whole = replay(&record);
    let [one] = whole.impairments() else { panic!("{:?}", whole.impairments()) };
    assert!(one.end.is_some());
    let open = Impairment { end: None, ..one.clone() };
    let mut judge = judge();
    for m in &record {
        judge.on(&Observation::Measured(m.clone()));
    }
    judge.end_run(at(START_MS + until), RunEnd::Crash);
    judge.resume(&[], std::slice::from_ref(&open));
    let mut store: Store = [(open.identity(), open)].into();
    keep(&mut judge, &mut store);
    assert_eq!(store.values().collect::<Vec<_>>(), [one]);
}

#[test]
fn what_is_kept_of_the_calm_link_does_not_grow_with_the_record() {
    let mut only = target(1, crate::vocabulary::Role::Anchor);
    only.interval = Duration::from_secs(1);
    let mut home = Detector::new(Parameters::default());
    home.set_targets(&[only]);
    home.begin_run(&run(1, START_MS));
    let mut rng = fastrand::Rng::with_seed(3);
    let mut kept = Vec::new();
    for s in 0..60 * 3_600 {
        let bad = s > 40 * 3_600;
        let delay = Duration::from_millis(if bad { rng.u64(90..200) } else { 20 });
        let lost = bad && rng.f64() < 0.2;
        let outcome = if lost { Outcome::Lost } else { Outcome::reply(delay) };
        let sent_at = at(START_MS + s * 1_000);
        home.on_measurement(&Measurement { target: TargetId(1), sent_at, outcome });
        if s % 36_000 == 35_999 {
            kept.push(home.kept());
        }
    }
    assert_eq!(home.impairments().len(), 2, "{:?}", home.impairments());
    assert!(kept.iter().all(|kept| *kept < 20_000), "{kept:?}");
    assert!(kept[5] < kept[4] + 1_000, "{kept:?}");
}

#[test]
fn a_judge_that_reads_the_last_26_hours_goes_on_as_if_it_had_seen_all() {
    let trouble = |ms: i64, id: u8, rng: &mut fastrand::Rng| {
        let hour = ms / HOUR;
        let link = id < GATEWAY || id == ISP;
        let lossy = link && (hour == 27 || hour == 34) && ms % HOUR < 900_000;
        let full = link && (hour == 30 || hour == 34);
        if lossy && rng.f64() < 0.3 {
            return Some(Outcome::Lost);
        }
        Some(Outcome::reply(Duration::from_millis(if full { rng.u64(90..150) } else { 20 })))
    };
    let mut rng = fastrand::Rng::with_seed(26);
    let record: Vec<_> = probes(0, 36 * HOUR, |ms, id| trouble(ms, id, &mut rng)).collect();
    let whole = replay(&record);
    let kinds: Vec<_> = whole.impairments().iter().map(|i| i.figures.kind()).collect();
    assert_eq!(kinds, ["loss", "slow", "loss", "slow"]);

    // In the middle of the second loss and of the second slow period.
    let cut = at(START_MS + 34 * HOUR + 600_000);
    let split = record.partition_point(|m| m.sent_at < cut);
    let mut store: Store =
        replay(&record[..split]).impairments().iter().map(|i| (i.identity(), i.clone())).collect();
    let back = cut.plus_micros(-26 * HOUR * 1_000);
    let mut judge = judge();
    for m in record[..split].iter().filter(|m| m.sent_at >= back) {
        judge.on(&Observation::Measured(m.clone()));
    }
    judge.end_run(cut, RunEnd::Crash);
    judge.resume(&[], &store.values().cloned().collect::<Vec<_>>());
    judge.begin_run(&run(2, cut.as_millis()));
    live(&mut judge, &mut store, &as_told(&record[split..]));
    judge.settle();
    keep(&mut judge, &mut store);
    assert_eq!(stored(&store), as_stored(whole.impairments()));
}
