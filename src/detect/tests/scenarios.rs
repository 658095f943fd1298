//! The scenarios of the design by their numbers, in simulated time.

use std::time::Duration;

use super::world::*;
use crate::detect::*;
use crate::vocabulary::{
    DropKind, GapReason, LinkDrop, Outcome, Place, RunEnd, TargetId, TargetTrouble, Unreachable,
};

const MINUTE: i64 = 60_000;

fn seconds(drop: &LinkDrop) -> i64 {
    let mid = drop.end.unwrap().midpoint().micros_since(drop.onset.midpoint());
    (mid + 500_000) / 1_000_000
}

fn behind(hop: u8, id: u8) -> bool {
    id < GATEWAY || id >= hop
}

#[test]
fn s01_every_flap_and_then_one_outage_on_the_access_line() {
    let flap = |ms: i64| ms > HOUR / 2 && ms < 7 * HOUR && ms % (61 * MINUTE) < 90_000;
    let out = |ms: i64| (8 * HOUR..10 * HOUR).contains(&ms);
    let home = watch(11 * HOUR, |ms, id| unless((flap(ms) || out(ms)) && behind(ISP, id)));
    let kinds: Vec<_> = home.drops().iter().map(|d| (d.kind, seconds(d))).collect();
    let mut expected = vec![(DropKind::Drop, 90); 6];
    expected.push((DropKind::Outage, 7_200));
    assert_eq!(kinds, expected);
    for drop in home.drops() {
        assert_eq!(drop.places, [Place::Access], "{drop:?}");
    }
    assert_eq!(home.drops()[0].answered, [TargetId(GATEWAY), TargetId(MODEM)]);
    assert_eq!(home.drops()[0].silent.len(), 4);
    assert_eq!(home.troubles(), []);
}

#[test]
fn s02_a_dead_anchor_is_target_trouble_and_no_drop() {
    let dead = |ms: i64| (HOUR..4 * HOUR).contains(&ms);
    let home = watch(5 * HOUR, |ms, id| unless(id == 2 && dead(ms)));
    assert_eq!(home.drops(), []);
    let expected = TargetTrouble {
        target: TargetId(2),
        from: at(START_MS + HOUR + 333),
        to: Some(at(START_MS + 4 * HOUR + 333)),
        lost: 3 * 3_600,
        sent: 3 * 3_600,
    };
    assert_eq!(home.troubles(), [expected]);
}

#[test]
fn s03_a_rate_limited_hop_is_nothing_and_still_a_witness() {
    let mut rng = fastrand::Rng::with_seed(3);
    let out = |ms: i64| (2 * HOUR..2 * HOUR + MINUTE).contains(&ms);
    let home = watch(3 * HOUR, |ms, id| {
        let limited = id == ISP && rng.f64() < 0.6;
        unless(limited || (out(ms) && behind(ISP, id)))
    });
    assert_eq!(home.drops().len(), 1);
    assert_eq!(home.drops()[0].places, [Place::Access]);
    assert_eq!(home.troubles(), []);
}

#[test]
fn s10_a_suspend_is_a_gap_and_no_event() {
    let asleep = |ms: i64| (HOUR..9 * HOUR).contains(&ms);
    let mut home = Detector::new(Parameters::default());
    home.set_targets(&super::world::home());
    home.begin_run(&run(1, START_MS));
    probes(0, HOUR, |_, _| unless(false)).for_each(|m| home.on_measurement(&m));
    home.on_host(&crate::vocabulary::HostEvent {
        at: crate::time::Reading {
            utc: at(START_MS + 9 * HOUR),
            boot: crate::time::BootTime::from_micros(0),
            monotonic_us: 0,
        },
        what: crate::vocabulary::HostChange::Slept { seconds: 28_800.0 },
    });
    for m in probes(HOUR, 10 * HOUR, |ms, _| unless(false).filter(|_| !asleep(ms))) {
        home.on_measurement(&m);
    }
    home.finish();
    assert_eq!(home.drops(), []);
    assert_eq!(home.gaps().len(), 1);
    assert_eq!(home.gaps()[0].reason, GapReason::Asleep);
    assert_eq!(home.gaps()[0].range.length().as_secs(), 28_800);
}

#[test]
fn s11_a_step_of_the_clock_inside_a_drop_does_not_change_its_length() {
    for step in [HOUR, -HOUR] {
        let mut home = Detector::new(Parameters::default());
        home.set_targets(&super::world::home());
        let dead = |ms: i64| (MINUTE..MINUTE + 90_000).contains(&ms);
        home.begin_run(&run(1, START_MS));
        let cut = MINUTE + 45_000;
        probes(0, cut, |ms, id| unless(dead(ms) && behind(ISP, id)))
            .for_each(|m| home.on_measurement(&m));
        home.end_run(at(START_MS + cut), RunEnd::ClockStep);
        let mut next = run(2, START_MS + cut);
        next.started = at(START_MS + cut + step);
        home.begin_run(&next);
        for mut m in probes(cut, 5 * MINUTE, |ms, id| unless(dead(ms) && behind(ISP, id))) {
            m.sent_at = m.sent_at.plus_micros(step * 1_000);
            home.on_measurement(&m);
        }
        home.finish();
        assert_eq!(home.gaps(), []);
        let [drop] = home.drops() else { panic!("{:?}", home.drops()) };
        assert_eq!(drop.min.as_millis(), 90_000 - 333 - 15);
        assert_eq!(drop.max.as_millis(), 90_000 + 333 + 15);
        assert_eq!(drop.key, at(START_MS + MINUTE));
        let end = drop.end.unwrap();
        assert_eq!(end.latest, at(START_MS + MINUTE + 90_000 + 15 + step));
        assert!(end.earliest < end.latest);
    }
}

#[test]
fn s12_a_drop_across_the_end_of_summer_time_is_90_s() {
    // 2026-10-25 01:00 UTC, when Europe goes from 03:00 back to 02:00.
    let shift = 1_792_890_000_000 - START_MS - 45_000;
    let mut home = Detector::new(Parameters::default());
    home.set_targets(&super::world::home());
    home.begin_run(&run(1, START_MS + shift - MINUTE));
    let dead = |ms: i64| (shift..shift + 90_000).contains(&ms);
    for m in probes(shift - MINUTE, shift + 5 * MINUTE, |ms, id| unless(dead(ms) && id < GATEWAY)) {
        home.on_measurement(&m);
    }
    assert_eq!(home.drops().iter().map(seconds).collect::<Vec<_>>(), [90]);
}

/// The daemon is off in `off` (milliseconds): two runs of one boot.
fn watch_around(
    off: std::ops::Range<i64>,
    to: i64,
    mut outcome: impl FnMut(i64, u8) -> Option<Outcome>,
) -> Detector {
    let mut home = Detector::new(Parameters::default());
    home.set_targets(&super::world::home());
    home.begin_run(&run(1, START_MS));
    probes(0, off.start, &mut outcome).for_each(|m| home.on_measurement(&m));
    home.end_run(at(START_MS + off.start), RunEnd::Clean);
    home.begin_run(&run(2, START_MS + off.end));
    probes(off.end, to, &mut outcome).for_each(|m| home.on_measurement(&m));
    home.finish();
    home
}

#[test]
fn s13_an_outage_goes_on_behind_a_restart_less_the_time_nobody_watched() {
    let dead = |ms: i64| (HOUR..HOUR + 30 * MINUTE).contains(&ms);
    let off = HOUR + 10 * MINUTE..HOUR + 12 * MINUTE;
    let home = watch_around(off, 2 * HOUR, |ms, id| unless(dead(ms) && behind(ISP, id)));
    let [outage] = home.drops() else { panic!("{:?}", home.drops()) };
    assert_eq!((outage.kind, outage.flaps, seconds(outage)), (DropKind::Outage, 1, 1_800));
    assert!((outage.unobserved.as_secs_f64() - 120.0).abs() < 0.5, "{:?}", outage.unobserved);
    assert!((outage.min.as_secs_f64() - 1_680.0).abs() < 1.0, "{:?}", outage.min);
    assert_eq!(home.gaps()[0].reason, GapReason::Stopped);
}

#[test]
fn s14_late_replies_are_no_drop() {
    let late = Outcome::Late { rtt: Duration::from_millis(3_500) };
    let home = watch(HOUR, |ms, id| {
        let queue = (10 * MINUTE..15 * MINUTE).contains(&ms) && id < GATEWAY;
        Some(if queue { late.clone() } else { reply() })
    });
    assert!(home.drops().iter().all(|drop| drop.kind == DropKind::Blip), "{:?}", home.drops());
    assert_eq!(home.troubles(), []);
}

#[test]
fn s16_s23_s24_the_place_is_where_answers_cease() {
    #[track_caller]
    fn check(hop: u8, length_s: i64, places: &[Place]) {
        let dead = |ms: i64| (HOUR..HOUR + length_s * 1_000).contains(&ms);
        let home = watch(2 * HOUR, |ms, id| unless(dead(ms) && behind(hop, id)));
        let [drop] = home.drops() else { panic!("{:?}", home.drops()) };
        assert_eq!((drop.places.as_slice(), seconds(drop)), (places, length_s));
    }
    check(GATEWAY, 95, &[Place::Lan]);
    check(MODEM, 180, &[Place::Modem]);
    check(ISP, 900, &[Place::Access]);
    // With one hop in the ISP, its core and what lies beyond cannot be told apart.
    check(ISP + 1, 900, &[Place::IspCore, Place::Beyond]);
    check(MODEM, 5, &[Place::Modem]);
}

#[test]
fn an_error_from_a_mute_gateway_shows_that_it_lives() {
    let by = Some("192.168.1.11".parse().unwrap());
    let unreachable = Outcome::Unreachable(Unreachable { by, icmp_type: 3, code: 0 });
    let home = watch(2 * HOUR, |ms, id| match id {
        GATEWAY => None,
        _ if (HOUR..HOUR + MINUTE).contains(&ms) => {
            Some(if id == 1 { unreachable.clone() } else { Outcome::Lost })
        }
        _ => Some(reply()),
    });
    assert_eq!(home.drops()[0].places, [Place::Modem]);
    assert_eq!(home.drops()[0].answered, [TargetId(GATEWAY)]);
}

#[test]
fn s18_s19_blips_are_counted_and_drops_of_ten_seconds_found() {
    let mut rng = fastrand::Rng::with_seed(18);
    let lengths: Vec<i64> = (0..60).map(|_| rng.i64(1_000..4_500)).collect();
    let dead = |ms: i64| {
        let n = usize::try_from(ms / (5 * MINUTE)).unwrap();
        lengths.get(n).is_some_and(|l| (MINUTE..MINUTE + l).contains(&(ms % (5 * MINUTE))))
    };
    let home = watch(6 * HOUR, |ms, id| unless(dead(ms) && behind(ISP, id)));
    assert!(home.drops().iter().all(|d| !d.kind.is_down()));
    // Six probes in a row are a blip, which a silence of 1.67 s can already hit.
    let longer_than = |ms| lengths.iter().filter(|l| **l > ms).count();
    let found = home.drops().len();
    assert!((longer_than(2_000)..=longer_than(1_666)).contains(&found), "{found}");

    let dead = |ms: i64| ms < 40 * 5 * MINUTE && ms % (5 * MINUTE) >= 5 * MINUTE - 10_000;
    let home = watch(4 * HOUR, |ms, id| unless(dead(ms) && behind(ISP, id)));
    assert_eq!(home.drops().len(), 40);
    assert!(home.drops().iter().all(|d| d.kind == DropKind::Drop && seconds(d) == 10));
}

#[test]
fn s20_one_percent_of_random_loss_for_a_day_is_nothing() {
    let mut rng = fastrand::Rng::with_seed(20);
    let home = watch(24 * HOUR, |_, _| unless(rng.f64() < 0.01));
    assert_eq!((home.drops(), home.troubles(), home.gaps()), (&[][..], &[][..], &[][..]));
}

#[test]
fn s22_two_of_three_anchors_dead_are_two_troubles_with_the_link_up() {
    let dead = |ms: i64| (HOUR..HOUR + 10 * MINUTE).contains(&ms);
    let home = watch(2 * HOUR, |ms, id| unless((id == 1 || id == 2) && dead(ms)));
    assert_eq!(home.drops(), []);
    let troubles: Vec<_> = home.troubles().iter().map(|t| (t.target.0, t.lost, t.sent)).collect();
    assert_eq!(troubles, [(1, 600, 600), (2, 600, 600)]);
}

#[test]
fn s29_a_resolver_that_drops_70_percent_is_in_trouble_alone() {
    let mut rng = fastrand::Rng::with_seed(29);
    let limited = |ms: i64| (HOUR..4 * HOUR).contains(&ms);
    let home = watch(5 * HOUR, |ms, id| unless(id == 3 && limited(ms) && rng.f64() < 0.7));
    assert_eq!(home.drops(), []);
    let [trouble] = home.troubles() else { panic!("{:?}", home.troubles()) };
    assert!((7_000..8_200).contains(&trouble.lost), "{trouble:?}");
}

#[test]
fn s30_ninety_percent_loss_is_one_drop_with_stray_replies() {
    for seed in 0..20 {
        let mut rng = fastrand::Rng::with_seed(seed);
        let bad = |ms: i64| (HOUR..HOUR + 5 * MINUTE).contains(&ms);
        let home = watch(2 * HOUR, |ms, id| unless(bad(ms) && behind(ISP, id) && rng.f64() < 0.9));
        let [drop] = home.drops() else { panic!("seed {seed}: {:?}", home.drops()) };
        assert!((280..=301).contains(&seconds(drop)), "seed {seed}: {drop:?}");
        assert_eq!(drop.places, [Place::Access], "seed {seed}");
        assert_eq!(drop.answered.len(), 2, "seed {seed}");
    }
}

#[test]
fn s32_an_edge_of_an_outage_that_lies_in_a_gap_is_bounded_by_it() {
    let off = HOUR..HOUR + 10 * MINUTE;
    let begins = |ms: i64| (HOUR + MINUTE..HOUR + 20 * MINUTE).contains(&ms);
    let home = watch_around(off.clone(), 2 * HOUR, |ms, id| unless(begins(ms) && behind(ISP, id)));
    let [drop] = home.drops() else { panic!("{:?}", home.drops()) };
    assert_eq!(drop.onset.earliest, at(START_MS + HOUR - 333));
    assert_eq!(drop.onset.latest, at(START_MS + HOUR + 10 * MINUTE + 15));
    assert_eq!(drop.unobserved, Duration::ZERO);

    let ends = |ms: i64| (HOUR - 10 * MINUTE..HOUR + MINUTE).contains(&ms);
    let home = watch_around(off, 2 * HOUR, |ms, id| unless(ends(ms) && behind(ISP, id)));
    let [drop] = home.drops() else { panic!("{:?}", home.drops()) };
    let end = drop.end.unwrap();
    assert_eq!(end.earliest, at(START_MS + HOUR - 333));
    assert_eq!(end.latest, at(START_MS + HOUR + 10 * MINUTE + 15));
}

#[test]
fn a_hop_that_fell_silent_while_the_link_was_up_is_no_witness_of_the_next_drop() {
    let mute = |ms: i64| ms >= HOUR - 40_000;
    let cut = |ms: i64| (HOUR..HOUR + 15_000).contains(&ms);
    let place = |mute: &dyn Fn(i64) -> bool| {
        let home = watch_all(HOUR + MINUTE, |ms, id| {
            unless(cut(ms) && behind(ISP, id) || mute(ms) && id == MODEM)
        });
        let [drop] = home.drops() else { panic!("{:?}", home.drops()) };
        drop.places.clone()
    };
    assert_eq!(place(&|_| false), [Place::Access]);
    assert_eq!(place(&mute), [Place::Modem, Place::Access]);
    assert_eq!(place(&|ms| ms >= HOUR), [Place::Modem], "with the link it is one");
}

#[test]
fn a_router_whose_losses_the_anchors_share_is_a_witness_of_the_drop_they_end_in() {
    // Ten seconds in which a tenth of the anchors' probes comes through, and then nothing.
    let home = watch_all(HOUR + MINUTE, |ms, id| {
        let odd = ms / 1_000 % 10 == 3 && id <= 3;
        let dead = (HOUR - 10_000..HOUR + 20_000).contains(&ms) && !(ms < HOUR && odd);
        unless(dead)
    });
    let [drop] = home.drops() else { panic!("{:?}", home.drops()) };
    assert_eq!(drop.places, [Place::Lan]);
}
