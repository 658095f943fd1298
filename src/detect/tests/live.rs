//! The daemon's detector against the record: replay = live, cuts, restarts, sums.

mod held;

use std::collections::BTreeMap;
use std::time::Duration;

use proptest::prelude::*;

use super::world::*;
use crate::detect::*;
use crate::stats::{Availability, LedgerInputs, TimeLedger};
use crate::time::{TimeRange, Timestamp};
use crate::vocabulary::LinkState::{Down, Suspect, Up};
use crate::vocabulary::{
    Gap, LinkDrop, LinkState, Measurement, Observation, Outcome, Place, RunEnd, TargetId,
    TargetTrouble, Waiting,
};

const TMAX_MS: i64 = 3_000;

/// What a pipeline keeps of the changes.
#[derive(Default)]
struct Kept {
    drops: BTreeMap<Timestamp, LinkDrop>,
    gaps: Vec<Gap>,
    states: Vec<LinkState>,
    withdrawn: usize,
    troubles: BTreeMap<(TargetId, Timestamp), TargetTrouble>,
}

impl Kept {
    fn take(&mut self, judge: &mut LiveDetector) {
        for change in judge.changes() {
            match change {
                Change::DropPut(drop) => drop_in(&mut self.drops, drop),
                Change::DropWithdrawn(key) => {
                    self.withdrawn += 1;
                    assert!(self.drops.remove(&key).is_some(), "{key} was never told");
                }
                Change::GapFound(gap) | Change::GapGrew(gap) => {
                    self.gaps.retain(|known| known.range.from != gap.range.from);
                    self.gaps.push(gap);
                }
                Change::GapWithdrawn(from) => {
                    assert!(self.gaps.iter().any(|gap| gap.range.from == from), "never reported");
                    self.gaps.retain(|known| known.range.from != from);
                }
                Change::TroublePut(t) => drop_in_trouble(&mut self.troubles, t),
                Change::ImpairmentPut(_) => {}
                Change::State { from, to, .. } => {
                    assert_eq!(self.states.last().copied().unwrap_or(LinkState::Unknown), from);
                    self.states.push(to);
                }
            }
        }
    }
}

fn drop_in(drops: &mut BTreeMap<Timestamp, LinkDrop>, drop: LinkDrop) {
    drops.insert(drop.key, drop);
}

fn drop_in_trouble(
    troubles: &mut BTreeMap<(TargetId, Timestamp), TargetTrouble>,
    trouble: TargetTrouble,
) {
    troubles.insert((trouble.target, trouble.from), trouble);
}

/// What the engine tells of a record, with the time it tells it: in send order, each as soon as it
/// and all before it are resolved; late replies first as lost.
fn as_told(record: &[Measurement]) -> Vec<(i64, Observation)> {
    let mut told = Vec::new();
    let mut released = i64::MIN;
    for m in record {
        let sent = m.sent_at.as_millis();
        let after = |rtt: Duration| sent + i64::try_from(rtt.as_millis()).unwrap();
        released = released.max(match &m.outcome {
            Outcome::Reply(reply) => after(reply.rtt),
            Outcome::NotSent(_) => sent,
            _ => sent + TMAX_MS,
        });
        let first = match &m.outcome {
            Outcome::Late { .. } => Measurement { outcome: Outcome::Lost, ..m.clone() },
            _ => m.clone(),
        };
        told.push((released, Observation::Measured(first)));
        if let Outcome::Late { rtt } = m.outcome {
            told.push((after(rtt).max(released), Observation::Revised(m.clone())));
        }
    }
    told.sort_by_key(|(at, _)| *at);
    told
}

fn judge() -> LiveDetector {
    let mut judge = LiveDetector::new(Parameters::default(), Waiting::default());
    judge.set_targets(&home());
    judge
}

/// Feeds observations and asks for changes each second.
fn live(judge: &mut LiveDetector, kept: &mut Kept, told: &[(i64, Observation)]) {
    let mut second = i64::MIN;
    for (at, observation) in told {
        if at / 1_000 != second {
            kept.take(judge);
            second = at / 1_000;
        }
        judge.on(observation);
    }
    kept.take(judge);
}

fn replay(record: &[Measurement]) -> Detector {
    let mut detector = Detector::new(Parameters::default());
    detector.set_targets(&home());
    detector.begin_run(&run(1, START_MS));
    for m in record {
        detector.on_measurement(m);
    }
    detector.finish();
    detector
}

#[track_caller]
fn assert_same(kept: &Kept, judge: &LiveDetector, replayed: &Detector) {
    let mut closed: Vec<_> = kept.drops.values().cloned().collect();
    if let Some(open) = judge.open_drop() {
        let told = closed.pop().unwrap();
        assert_eq!((told.key, told.end), (open.key, None));
        closed.push(open);
    }
    assert_eq!(closed, replayed.drops());
    let mut gaps = kept.gaps.clone();
    if let Some(open) = judge.open_gap() {
        let last = gaps.pop().unwrap();
        assert_eq!(last.range.from, open.range.from);
        gaps.push(open);
    }
    assert_eq!(gaps, replayed.gaps());
    assert_eq!(judge.state(), replayed.state());
}

/// A record of phases, each with its own misfortune.
fn records() -> impl Strategy<Value = Vec<Measurement>> {
    let phase = (0_u8..8, 1_i64..25_000, any::<u64>());
    prop::collection::vec(phase, 1..14).prop_map(|phases| {
        let mut record: Vec<_> = probes(0, 30_000, |_, _| Some(reply())).collect();
        let mut from = 30_000;
        for (kind, length, seed) in phases {
            let mut rng = fastrand::Rng::with_seed(seed);
            record.extend(probes(from, from + length, |_, id| {
                let late = Outcome::Late { rtt: Duration::from_millis(rng.u64(3_001..60_000)) };
                match (kind, id) {
                    (3, _) if rng.f64() < 0.15 => Some(late),
                    (1..=3, id) if id < GATEWAY || id == ISP => Some(Outcome::Lost),
                    (4, _) => unless(rng.f64() < 0.85),
                    (5, _) if rng.f64() < 0.3 => Some(late),
                    (6, _) => None,
                    (7, _) => Some(late),
                    _ => Some(reply()),
                }
            }));
            from += length;
        }
        record
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn live_ends_with_what_replay_finds(record in records()) {
        let (mut judge, mut kept) = (judge(), Kept::default());
        judge.begin_run(&run(1, START_MS));
        live(&mut judge, &mut kept, &as_told(&record));
        assert_same(&kept, &judge, &replay(&record));
    }

    #[test]
    fn drops_are_ordered_disjoint_and_within_their_bounds(record in records()) {
        let detector = replay(&record);
        let mut before = Timestamp::default();
        for drop in detector.drops() {
            prop_assert!(drop.onset.earliest >= before, "{drop:?}");
            prop_assert!(drop.onset.earliest <= drop.onset.latest && drop.min <= drop.max);
            prop_assert!(drop.key >= drop.onset.earliest);
            if let Some(end) = drop.end {
                prop_assert!(drop.key <= end.earliest && end.earliest <= end.latest);
                before = end.earliest;
            }
        }
    }

    #[test]
    fn up_down_and_unobserved_are_the_elapsed_time(record in records()) {
        let detector = replay(&record);
        let mut life = run(1, START_MS);
        life.last_seen = record.last().unwrap().sent_at;
        let period = TimeRange { from: life.started, to: life.last_seen };
        let drops: Vec<_> = detector.drops().iter().collect();
        let ledger = TimeLedger::compute(LedgerInputs {
            period,
            runs: &[life],
            gaps: detector.gaps(),
            drops: &drops,
            impairments: detector.impairments(),
            apart: &[],
        });
        let unknown: Duration = detector.gaps().iter().map(|gap| gap.range.length()).sum();
        prop_assert_eq!(ledger.unknown(), unknown);
        let Some(a) = Availability::of(&ledger) else { return Ok(()) };
        prop_assert_eq!(a.up() + a.down + a.disputed + unknown, a.elapsed);
        prop_assert!(0.0 <= a.lower && a.lower <= a.upper && a.upper <= 1.0);
        if !detector.drops().iter().any(|drop| drop.kind.is_down()) {
            prop_assert!(a.down.is_zero());
        }
    }

    #[test]
    fn a_pause_too_short_for_a_gap_changes_nothing(record in records(), cut in 0_usize..2_000) {
        let cut = cut.min(record.len() - 1);
        let mut detector = Detector::new(Parameters::default());
        detector.set_targets(&home());
        detector.begin_run(&run(1, START_MS));
        record[..cut].iter().for_each(|m| detector.on_measurement(m));
        let restarted = record[cut].sent_at;
        detector.end_run(restarted, RunEnd::Clean);
        detector.begin_run(&run(2, restarted.as_millis()));
        record[cut..].iter().for_each(|m| detector.on_measurement(m));
        detector.finish();
        let whole = replay(&record);
        prop_assert_eq!(detector.drops(), whole.drops());
        prop_assert_eq!(detector.gaps().len(), whole.gaps().len());
    }

    #[test]
    fn a_restarted_daemon_goes_on_where_the_record_ends(record in records(), cut in 0_usize..2_000) {
        let cut = cut.min(record.len() - 1);
        let until = record[cut].sent_at;
        let (mut before, mut kept) = (judge(), Kept::default());
        before.begin_run(&run(1, START_MS));
        live(&mut before, &mut kept, &as_told(&record[..cut]));
        let mut after = judge();
        after.begin_run(&run(1, START_MS));
        for m in &record[..cut] {
            after.on(&Observation::Measured(m.clone()));
        }
        after.end_run(until, RunEnd::Clean);
        let known: Vec<_> = kept.drops.values().cloned().collect();
        after.resume(&known, &[]);
        after.begin_run(&run(2, until.as_millis()));
        kept.states = vec![after.state().0];
        live(&mut after, &mut kept, &as_told(&record[cut..]));
        let mut closed: Vec<_> = kept.drops.values().cloned().collect();
        if let Some(open) = after.open_drop() {
            closed.pop();
            closed.push(open);
        }
        let whole = replay(&record);
        prop_assert_eq!(closed, whole.drops());
    }
}

#[test]
fn a_drop_is_told_eight_seconds_after_its_first_lost_probe() {
    let lost_from = 60_000;
    let record: Vec<_> =
        probes(0, 200_000, |ms, id| unless(ms >= lost_from && id != GATEWAY)).collect();
    let (mut judge, mut kept) = (judge(), Kept::default());
    judge.begin_run(&run(1, START_MS));
    let mut told_at = None;
    let mut puts = 0;
    for (now, observation) in as_told(&record) {
        judge.on(&observation);
        for change in judge.changes() {
            if let Change::DropPut(drop) = change {
                puts += 1;
                told_at.get_or_insert(now);
                drop_in(&mut kept.drops, drop);
            }
        }
    }
    let after = told_at.unwrap() - START_MS - lost_from;
    assert!((7_600..=8_000).contains(&after), "{after}");
    // Told at its opening and when its place is known, not each second.
    assert!(puts <= 2, "{puts}");
    assert_eq!(kept.drops.values().next().unwrap().places, [Place::Modem]);
}

#[test]
fn a_drop_in_which_nothing_was_received_stays_though_its_answers_come_late() {
    let late = Outcome::Late { rtt: Duration::from_secs(20) };
    let record: Vec<_> = probes(0, 200_000, |ms, _| {
        Some(if (60_000..70_000).contains(&ms) { late.clone() } else { reply() })
    })
    .collect();
    let (mut judge, mut kept) = (judge(), Kept::default());
    judge.begin_run(&run(1, START_MS));
    live(&mut judge, &mut kept, &as_told(&record));
    let drops: Vec<_> = kept.drops.values().collect();
    let [drop] = drops.as_slice() else { panic!("{drops:?}") };
    assert!(drop.min <= Duration::from_secs(10) && drop.max >= Duration::from_secs(10));
    assert_eq!((kept.withdrawn, kept.states), (0, vec![Up, Suspect, Down, Up]));
}

#[test]
fn a_trouble_is_told_when_it_is_sure_and_when_it_is_over() {
    let record: Vec<_> =
        probes(0, 600_000, |ms, id| unless(id == 2 && (60_000..300_000).contains(&ms))).collect();
    let (mut judge, mut kept) = (judge(), Kept::default());
    judge.begin_run(&run(1, START_MS));
    live(&mut judge, &mut kept, &as_told(&record));
    let told: Vec<_> = kept.troubles.into_values().collect();
    assert_eq!(told, replay(&record).troubles());
}

#[test]
fn a_trouble_of_the_last_minute_outlives_a_stop_and_a_crash() {
    for (dead_until, stopped) in [(120_000, 110_000), (120_000, 130_000), (80_000, 150_000)] {
        let trouble = |ms: i64, id: u8| unless(id == 2 && (40_000..dead_until).contains(&ms));
        let record: Vec<_> = probes(0, stopped, trouble).collect();
        let expected = replay(&record).troubles().to_vec();
        assert_eq!(expected.len(), 1);

        let (mut at_stop, mut kept) = (judge(), Kept::default());
        at_stop.begin_run(&run(1, START_MS));
        live(&mut at_stop, &mut kept, &as_told(&record));
        at_stop.end_run(at(START_MS + stopped), RunEnd::Clean);
        at_stop.settle();
        kept.take(&mut at_stop);
        assert_eq!(kept.troubles.into_values().collect::<Vec<_>>(), expected, "stopped");

        let (mut after, mut kept) = (judge(), Kept::default());
        after.begin_run(&run(1, START_MS));
        for m in &record {
            after.on(&Observation::Measured(m.clone()));
        }
        after.end_run(at(START_MS + stopped), RunEnd::Crash);
        after.resume(&[], &[]);
        kept.states = vec![after.state().0];
        kept.take(&mut after);
        assert_eq!(kept.troubles.into_values().collect::<Vec<_>>(), expected, "crashed");
    }
}

#[test]
fn memory_does_not_grow_with_the_record() {
    let mut judge = judge();
    judge.begin_run(&run(1, START_MS));
    let mut kept = Kept::default();
    for hour in 0..6 {
        let flap = |ms: i64| ms % 120_000 < 20_000;
        let record: Vec<_> =
            probes(hour * HOUR, (hour + 1) * HOUR, |ms, id| unless(flap(ms) && id < GATEWAY))
                .collect();
        live(&mut judge, &mut kept, &as_told(&record));
        assert!(judge.found_len() < 4 && judge.tail_len() < 500);
    }
    assert!(kept.drops.len() > 150);
}

#[test]
fn two_hours_of_the_record_are_enough_to_go_on() {
    let flap = |ms: i64| ms % (20 * 60_000) < 40_000;
    let misfortune = |ms: i64, id: u8| unless(flap(ms) && (id < GATEWAY || id == ISP));
    let cut = 5 * HOUR + 20_000;
    let whole: Vec<_> = probes(0, 6 * HOUR, misfortune).collect();
    let replayed = replay(&whole);
    let stored = replay(
        &whole.iter().filter(|m| m.sent_at < at(START_MS + cut)).cloned().collect::<Vec<_>>(),
    );

    let mut judge = judge();
    let back = 5 * HOUR - i64::try_from(LOOKBACK.as_millis()).unwrap();
    judge.begin_run(&run(1, START_MS));
    for m in probes(back, cut, misfortune) {
        judge.on(&Observation::Measured(m));
    }
    judge.end_run(at(START_MS + cut), RunEnd::Crash);
    judge.resume(stored.drops(), &[]);
    judge.begin_run(&run(2, START_MS + cut));
    let mut kept = Kept { states: vec![LinkState::Unknown], ..Kept::default() };
    kept.drops = stored.drops().iter().map(|drop| (drop.key, drop.clone())).collect();
    live(&mut judge, &mut kept, &as_told(&probes(cut, 6 * HOUR, misfortune).collect::<Vec<_>>()));
    assert_eq!(kept.drops.into_values().collect::<Vec<_>>(), replayed.drops());
    assert_eq!(kept.withdrawn, 0);
}

#[test]
fn a_drop_that_a_crashed_daemon_left_open_in_error_is_withdrawn() {
    let record: Vec<_> = probes(0, 300_000, |_, _| unless(false)).collect();
    let mut wrong = replay(&probes(0, 300_000, |ms, _| unless(ms > 290_000)).collect::<Vec<_>>())
        .drops()
        .to_vec();
    assert_eq!(wrong.len(), 1);
    wrong[0].end = None;
    let mut judge = judge();
    judge.begin_run(&run(1, START_MS));
    for m in &record {
        judge.on(&Observation::Measured(m.clone()));
    }
    judge.resume(&wrong, &[]);
    assert_eq!(judge.changes(), [Change::DropWithdrawn(wrong[0].key)]);
}

#[test]
fn a_step_of_the_clock_inside_a_drop_is_one_drop_live_as_well() {
    let dead = |ms: i64| (60_000..150_000).contains(&ms);
    let step_ms = -HOUR;
    let told = |from, to, step| {
        let late = Outcome::Late { rtt: Duration::from_secs(30) };
        let mut record: Vec<_> = probes(from, to, |ms, id| match (dead(ms), id) {
            (true, 1) if (100_000..110_000).contains(&ms) => Some(late.clone()),
            (dead, id) => unless(dead && id != GATEWAY),
        })
        .collect();
        for m in &mut record {
            m.sent_at = m.sent_at.plus_micros(step * 1_000);
        }
        record
    };
    let (before, after) = (told(0, 105_000, 0), told(105_000, 400_000, step_ms));
    let mut next = run(2, START_MS + 105_000);
    next.started = at(START_MS + 105_000 + step_ms);

    let mut detector = Detector::new(Parameters::default());
    let (mut judge, mut kept) = (judge(), Kept::default());
    detector.set_targets(&home());
    detector.begin_run(&run(1, START_MS));
    judge.begin_run(&run(1, START_MS));
    for m in &before {
        detector.on_measurement(m);
    }
    // The engine releases all probes sent before the step; late replies to them come after it.
    let (released, revised): (Vec<_>, Vec<_>) =
        as_told(&before).into_iter().partition(|(_, o)| matches!(o, Observation::Measured(_)));
    live(&mut judge, &mut kept, &released);
    let stepped = at(START_MS + 105_000);
    detector.end_run(stepped, RunEnd::ClockStep);
    judge.end_run(stepped, RunEnd::ClockStep);
    detector.begin_run(&next);
    judge.begin_run(&next);
    for m in &after {
        detector.on_measurement(m);
    }
    detector.finish();
    let mut told = as_told(&after);
    told.splice(100..100, revised);
    live(&mut judge, &mut kept, &told);
    assert_eq!(kept.drops.values().cloned().collect::<Vec<_>>(), detector.drops());
    assert_eq!(kept.gaps, []);
}
