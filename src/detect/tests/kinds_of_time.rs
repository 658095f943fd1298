//! What is up, down and unknown, and that no bound excludes the truth.

use std::time::Duration;

use proptest::prelude::*;

use super::world::*;
use super::{check, feed, import};
use crate::detect::*;
use crate::time::TimeRange;
use crate::vocabulary::{Bounds, DropKind, GapReason, LinkState, Measurement, NotSent, Outcome};

#[test]
fn bounds_on_both_sides_of_five_seconds_are_perhaps_a_drop() {
    check("30. 15x 60.", &["possible 30-44"]);
    check("30. 14x 60.", &["possible 30-43"]);
    assert_eq!(import(1, "60. 5x 60.").drops()[0].kind, DropKind::Possible);
}

#[test]
fn what_is_held_back_and_delivered_later_is_silence_until_then() {
    // 24 probes of 8 s, all answered when the first of them is 8 s old.
    let mut detector = Detector::new(Parameters::default());
    detector.set_targets(&home());
    detector.begin_run(&run(1, START_MS));
    let record: Vec<_> = probes(0, 120_000, |ms, _| {
        let held = (60_000..68_000).contains(&ms);
        let rtt =
            Duration::from_millis(if held { 68_000_u64.abs_diff(ms.unsigned_abs()) } else { 20 });
        Some(if rtt > Duration::from_secs(3) { Outcome::Late { rtt } } else { Outcome::reply(rtt) })
    })
    .collect();
    for m in &record {
        detector.on_measurement(m);
    }
    let [drop] = detector.drops() else { panic!("{:?}", detector.drops()) };
    let (min, max) = (drop.min.as_millis(), drop.max.as_millis());
    assert_eq!(drop.kind, DropKind::Drop);
    assert!(min <= 8_000 && 8_000 <= max && max - min < 1_500, "{min} {max}");
    let end = drop.end.unwrap();
    assert!(end.latest >= at(START_MS + 68_000) && end.earliest <= at(START_MS + 68_000));
}

#[test]
fn time_between_flaps_and_stray_replies_is_not_down() {
    let detector = feed("60. 60x 21. 60x 21. 60x 21. 60x 60.");
    let [drop] = detector.drops() else { panic!("{:?}", detector.drops()) };
    assert_eq!((drop.flaps, drop.stretches.len()), (4, 4));
    let (min, max) = (drop.min.as_secs_f64(), drop.max.as_secs_f64());
    assert!(min <= 80.0 && 80.0 <= max && max - min < 4.0, "{min} {max}");
}

#[test]
fn losses_of_an_anchor_that_is_dead_move_no_edge() {
    // One dead of three, each at its own third of a second.
    let mut detector = Detector::new(Parameters::default());
    detector.set_targets(&home());
    detector.begin_run(&run(1, START_MS));
    for offset in (0..1_000).step_by(77) {
        let from = 600_000 + offset;
        let mut detector = detector.clone();
        let record: Vec<_> = probes(0, 900_000, |ms, id| {
            let lost = (id == 3 && ms > 60_000) || (from..from + 60_000).contains(&ms);
            Some(if lost { Outcome::Lost } else { reply() })
        })
        .collect();
        for m in &record {
            detector.on_measurement(m);
        }
        let [drop] = detector.drops() else { panic!("{:?}", detector.drops()) };
        let within =
            |b: Bounds, ms: i64| b.earliest <= at(START_MS + ms) && at(START_MS + ms) <= b.latest;
        assert!(within(drop.onset, from), "{offset}: {drop:?}");
        assert!(within(drop.end.unwrap(), from + 60_000), "{offset}: {drop:?}");
    }
}

fn home_with(outcome: impl FnMut(i64, u8) -> Option<Outcome>, until: i64) -> Detector {
    let mut detector = Detector::new(Parameters::default());
    detector.set_targets(&home());
    detector.begin_run(&run(1, START_MS));
    probes(0, until, outcome).for_each(|m| detector.on_measurement(&m));
    detector
}

#[test]
fn probes_that_this_host_refuses_to_send_are_no_proof_that_the_link_was_up() {
    let forbidden = |ms: i64, id: u8| {
        let refused = (60_000..122_000).contains(&ms) && id < GATEWAY;
        Some(if refused { Outcome::NotSent(NotSent::Forbidden) } else { reply() })
    };
    let mut during = home_with(forbidden, 90_000);
    assert_eq!(during.state().0, LinkState::Unknown);
    let open = during.open_gap().unwrap();
    assert_eq!(open.reason, GapReason::NotSent);
    assert!(open.range.length() > Duration::from_secs(29));
    during.finish();
    assert_eq!(during.gaps(), [open], "a record that ends there says so");
    let after = home_with(forbidden, 180_000);
    assert_eq!(after.drops(), []);
    let [gap] = after.gaps() else { panic!("{:?}", after.gaps()) };
    assert_eq!((gap.reason, gap.range.length().as_secs()), (GapReason::NotSent, 62));
    assert_eq!(after.state().0, LinkState::Up);
}

#[test]
fn where_nothing_was_ever_sent_the_time_is_unknown_from_the_start_and_nothing_piles_up() {
    let none =
        |_, id: u8| Some(if id < GATEWAY { Outcome::NotSent(NotSent::Forbidden) } else { reply() });
    let home = home_with(none, 2 * HOUR);
    let open = home.open_gap().unwrap();
    assert_eq!((open.range.from, open.reason), (at(START_MS), GapReason::NotSent));
    assert_eq!(home.state().0, LinkState::Unknown);
    assert!(home.kept() < 10_000, "{}", home.kept());
}

/// Two of three anchors are dead; from 600 to 660 s all are silent.
fn one_able(dead_hop: Option<u8>) -> Detector {
    home_with(
        move |ms, id| {
            let cut = (600_000..660_000).contains(&ms);
            let lost = matches!(id, 2 | 3)
                || id == 1 && cut
                || dead_hop.is_some_and(|hop| id >= hop && cut);
            Some(if lost { Outcome::Lost } else { reply() })
        },
        720_000,
    )
}

#[test]
fn a_silence_that_one_able_anchor_saw_is_unconfirmed() {
    let home = one_able(None);
    assert_eq!(home.drops(), []);
    let [gap] = home.gaps() else { panic!("{:?}", home.gaps()) };
    assert_eq!(gap.reason, GapReason::Unconfirmed);
    assert!((59..=62).contains(&gap.range.length().as_secs()), "{gap:?}");
}

#[test]
fn a_hop_of_the_isp_that_is_silent_with_it_confirms_it() {
    let home = one_able(Some(ISP));
    let [drop] = home.drops() else { panic!("{:?} {:?}", home.drops(), home.gaps()) };
    assert_eq!((drop.kind, home.gaps().len()), (DropKind::Drop, 0));
    assert!(drop.min <= Duration::from_secs(60) && drop.max >= Duration::from_secs(60));
}

/// What became of each probe of a pooled stream, with spans of many kinds.
fn records() -> impl Strategy<Value = Vec<Measurement>> {
    let phase = (0_u8..7, 300_i64..25_000, any::<u64>());
    prop::collection::vec(phase, 1..14).prop_map(|phases| {
        let mut record: Vec<_> = probes(0, 30_000, |_, _| Some(reply())).collect();
        let mut from = 30_000;
        for (kind, length, seed) in phases {
            let mut rng = fastrand::Rng::with_seed(seed);
            let to = from + length;
            record.extend(probes(from, to, |ms, id| {
                let delay = |ms: i64| {
                    let rtt = Duration::from_millis(ms.unsigned_abs());
                    if ms >= 3_000 { Outcome::Late { rtt } } else { Outcome::reply(rtt) }
                };
                Some(match kind {
                    1 => Outcome::Lost,
                    // Held back until the end of the phase.
                    2 => delay(to - ms + 15),
                    3 if rng.f64() < 0.9 => Outcome::Lost,
                    4 if id == 2 => Outcome::Lost,
                    5 => delay(rng.i64(10..4_000)),
                    6 if rng.f64() < 0.3 => delay(rng.i64(10..900)),
                    _ => reply(),
                })
            }));
            from = to;
        }
        record.extend(probes(from, from + 30_000, |_, _| Some(reply())));
        record.sort_by_key(|m| (m.sent_at, m.target));
        record
    })
}

proptest! {
    /// For each silence, and so for each drop and for the period: least <= time without any answer
    /// received <= most.
    #[test]
    fn the_time_without_an_answer_lies_within_the_bounds(record in records()) {
        let mut detector = Detector::new(Parameters::default());
        detector.set_targets(&home());
        detector.begin_run(&run(1, START_MS));
        for m in &record {
            detector.on_measurement(m);
        }
        let mut received: Vec<_> = record
            .iter()
            .filter(|m| m.target.0 < GATEWAY)
            .filter_map(|m| match &m.outcome {
                Outcome::Reply(reply) => Some(m.sent_at + reply.rtt),
                Outcome::Late { rtt } => Some(m.sent_at + *rtt),
                _ => None,
            })
            .collect();
        received.sort_unstable();
        let silences: Vec<_> =
            received.windows(2).map(|pair| TimeRange { from: pair[0], to: pair[1] }).collect();
        let around = |bounds: &crate::vocabulary::DropStretch| {
            let core = TimeRange { from: bounds.onset.latest, to: bounds.end.unwrap().latest };
            let common = |s: &TimeRange| s.intersect(&core).map_or(Duration::ZERO, |c| c.length());
            // One that began when it ended, by its bounds, is the one that ended then.
            let ends = |s: &TimeRange| s.from < core.to && core.to <= s.to;
            (0..silences.len()).max_by_key(|n| (common(&silences[*n]), ends(&silences[*n])))
        };
        let mut taken = Vec::new();
        for drop in detector.drops() {
            prop_assert!(drop.end.is_some());
            let (mut least, mut most) = (Duration::ZERO, Duration::ZERO);
            for stretch in &drop.stretches {
                let n = around(stretch).unwrap();
                let truth = silences[n].length();
                taken.push(n);
                prop_assert!(stretch.lengths.min <= truth, "{truth:?} {stretch:?}");
                prop_assert!(truth <= stretch.lengths.max, "{truth:?} {stretch:?}");
                prop_assert!(stretch.onset.earliest <= silences[n].from, "{stretch:?} {:?}", silences[n]);
                prop_assert!(silences[n].to <= stretch.end.unwrap().latest, "{stretch:?} {:?}", silences[n]);
                least += stretch.lengths.min;
                most += stretch.lengths.max;
            }
            prop_assert_eq!((least, most), (drop.min, drop.max));
        }
        let listed = taken.len();
        taken.dedup();
        prop_assert_eq!(taken.len(), listed, "no silence counts twice");
        for (n, silence) in silences.iter().enumerate() {
            let long = silence.length() >= Duration::from_millis(5_500);
            prop_assert!(!long || taken.contains(&n), "{silence:?} is listed nowhere");
        }
    }
}

#[test]
fn the_state_is_unknown_when_nothing_is_reported_any_more() {
    let mut judge = LiveDetector::new(Parameters::default(), crate::vocabulary::Waiting::default());
    judge.set_targets(&home());
    judge.begin_run(&run(1, START_MS));
    for m in probes(0, 60_000, |_, _| Some(reply())) {
        judge.on(&crate::vocabulary::Observation::Measured(m));
    }
    judge.on_time(at(START_MS + 64_000));
    judge.changes();
    assert_eq!(judge.state().0, LinkState::Up, "the last probes may still be under way");
    judge.on_time(at(START_MS + 70_000));
    let changes = judge.changes();
    assert_eq!(judge.state(), (LinkState::Unknown, Some(at(START_MS + 59_667))));
    let grew = |change: &Change| matches!(change, Change::GapGrew(gap) if gap.reason == GapReason::Stalled);
    assert!(changes.iter().any(grew), "{changes:?}");
}

#[test]
fn on_a_line_that_loses_nine_of_ten_packets_no_anchor_is_a_false_witness() {
    for seed in 0..20 {
        let mut rng = fastrand::Rng::with_seed(seed);
        let lossy = |ms: i64| (60_000..600_000).contains(&ms);
        let home = home_with(
            |ms, id| {
                let lost = lossy(ms) && id != GATEWAY && rng.f64() < 0.91;
                Some(if lost { Outcome::Lost } else { reply() })
            },
            660_000,
        );
        let kinds: Vec<_> = home.impairments().iter().map(|i| i.figures.kind()).collect();
        assert!(!kinds.contains(&"suspect-voice"), "seed {seed}: {kinds:?}");
    }
}

#[test]
fn while_the_anchors_are_not_probed_no_other_group_fails_alone() {
    let mut targets = home();
    targets.extend((21..=23).map(|id| {
        let address = format!("2001:db8::{id}");
        let endpoint = crate::vocabulary::Endpoint::new(crate::vocabulary::Kind::Icmp, address);
        crate::vocabulary::Target { endpoint, ..target(id, crate::vocabulary::Role::Anchor) }
    }));
    let mut detector = Detector::new(Parameters::default());
    detector.set_targets(&targets);
    detector.begin_run(&run(1, START_MS));
    let cut = |ms: i64| (60_000..160_000).contains(&ms);
    for second in 0..240 {
        for id in [1, 2, 3, 21, 22, 23] {
            let ms = second * 1_000 + i64::from(id) * 30;
            let outcome = match id {
                _ if !cut(ms) => reply(),
                1..=3 => Outcome::NotSent(NotSent::Forbidden),
                _ => Outcome::Lost,
            };
            let target = crate::vocabulary::TargetId(id);
            detector.on_measurement(&Measurement { target, sent_at: at(START_MS + ms), outcome });
        }
    }
    assert_eq!(detector.impairments(), [], "the line may be dead for all");
    assert_eq!(detector.gaps().len(), 1);
}
