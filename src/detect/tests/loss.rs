//! Loss that is no silence: when it is a stretch, where it lies, and when it is only usual.

use std::time::Duration;

use super::world::*;
use crate::detect::*;
use crate::vocabulary::{
    DropKind, Figures, Impairment, LossFigures, Measurement, Outcome, Place, Role, TargetId,
};

const MINUTE: i64 = 60_000;

fn lossy(home: &Detector) -> Vec<&Impairment> {
    let is_loss = |i: &&Impairment| matches!(i.figures, Figures::Loss(_) | Figures::Late(_));
    home.impairments().iter().filter(is_loss).collect()
}

fn figures(found: &Impairment) -> LossFigures {
    match found.figures {
        Figures::Loss(figures) | Figures::Late(figures) => figures,
        _ => panic!("{found:?}"),
    }
}

fn rate(found: &Impairment) -> f64 {
    f64::from(figures(found).lost) / f64::from(figures(found).sent)
}

/// Seconds from the middle of its onset to the middle of its end.
fn length(found: &Impairment) -> f64 {
    let end = found.end.unwrap_or_else(|| panic!("{found:?}"));
    end.midpoint().duration_since(found.onset.midpoint()).unwrap().as_secs_f64()
}

/// Both edges lie within `ms` of the truth.
#[track_caller]
fn check_edges(found: &Impairment, from_ms: i64, to_ms: i64, ms: i64) {
    for (bounds, truth) in [(found.onset, from_ms), (found.end.unwrap(), to_ms)] {
        let off = bounds.midpoint().micros_since(at(START_MS + truth)).abs() / 1_000;
        assert!(off <= ms, "{off} ms off: {found:?}");
    }
}

fn behind(hop: u8, id: u8) -> bool {
    id < GATEWAY || id >= hop
}

/// Loss of this probability from `from` to `to` for whom it concerns, in a watch of `hours`.
fn with_loss(
    seed: u64,
    hours: i64,
    (from, to): (i64, i64),
    p: f64,
    concerns: impl Fn(u8) -> bool,
) -> Detector {
    let mut rng = fastrand::Rng::with_seed(seed);
    watch(hours * HOUR, |ms, id| unless((from..to).contains(&ms) && concerns(id) && rng.f64() < p))
}

#[test]
fn s07_thirty_percent_for_ten_minutes_is_a_stretch_of_loss_with_its_place_and_no_drop() {
    for seed in 0..10 {
        let span = (2 * HOUR, 2 * HOUR + 10 * MINUTE);
        let home = with_loss(seed, 3, span, 0.3, |id| behind(ISP, id));
        assert!(home.drops().iter().all(|drop| drop.kind == DropKind::Blip), "seed {seed}");
        let found = lossy(&home);
        let [one] = found[..] else { panic!("seed {seed}: {found:?}") };
        assert_eq!(one.figures.kind(), "loss");
        assert!((0.26..0.34).contains(&rate(one)), "seed {seed}: {one:?}");
        assert!((540.0..660.0).contains(&length(one)), "seed {seed}: {one:?}");
        check_edges(one, span.0, span.1, 12_000);
        assert_eq!(one.places, [Place::Access], "seed {seed}");
        assert_eq!(home.troubles(), [], "seed {seed}");
    }
}

#[test]
fn s07_lasts_two_hours_as_well_as_ten_minutes() {
    let span = (HOUR, 3 * HOUR);
    let home = with_loss(7, 4, span, 0.28, |id| behind(ISP, id));
    let found = lossy(&home);
    let [one] = found[..] else { panic!("{found:?}") };
    check_edges(one, span.0, span.1, 12_000);
    assert!((0.27..0.29).contains(&rate(one)), "{one:?}");
}

#[test]
fn s31_sixty_percent_for_five_minutes_is_loss_with_its_rate_though_blips_are_cut_out() {
    for seed in 0..10 {
        let span = (2 * HOUR, 2 * HOUR + 5 * MINUTE);
        let home = with_loss(seed, 3, span, 0.6, |id| behind(ISP, id));
        let found = lossy(&home);
        let [one] = found[..] else { panic!("seed {seed}: {found:?}") };
        assert!((0.53..0.66).contains(&rate(one)), "seed {seed}: {} {one:?}", rate(one));
        assert!((270.0..330.0).contains(&length(one)), "seed {seed}: {one:?}");
        assert_eq!(one.places, [Place::Access], "seed {seed}");
    }
}

#[test]
fn s14_answers_that_all_come_late_are_late_and_no_drop() {
    let span = (2 * HOUR, 2 * HOUR + 5 * MINUTE);
    let mut rng = fastrand::Rng::with_seed(14);
    let home = watch(3 * HOUR, |ms, id| {
        let late = Outcome::Late { rtt: Duration::from_millis(rng.u64(3_000..4_500)) };
        let concerned = (span.0..span.1).contains(&ms) && behind(ISP, id);
        Some(if concerned { late } else { reply() })
    });
    // Nothing is received until the first late answer.
    assert!(home.drops().iter().all(|drop| drop.kind == DropKind::Blip), "{:?}", home.drops());
    let [one] = home.impairments() else { panic!("{:?}", home.impairments()) };
    assert_eq!(one.figures.kind(), "late");
    let figures = figures(one);
    // The first seconds are the blip.
    assert!((880..=900).contains(&figures.sent), "{figures:?}");
    assert_eq!((figures.lost, figures.late), (figures.sent, figures.sent));
    check_edges(one, span.0, span.1, 5_000);
    assert_eq!(one.places, [Place::Access]);
}

#[test]
fn s20_little_loss_that_is_usual_is_nothing() {
    for (seed, p, hours) in [(20, 0.01, 20), (29, 0.02, 10)] {
        let home = with_loss(seed, hours, (0, i64::MAX), p, |_| true);
        assert_eq!(home.impairments(), [], "{p}");
    }
}

#[test]
fn s28_a_line_that_was_always_lossy_is_told_from_the_fifth_minute_on() {
    for (seed, p) in [(28, 0.05), (4, 0.035), (8, 0.08)] {
        let home = with_loss(seed, 10, (0, i64::MAX), p, |id| behind(ISP, id));
        let found = lossy(&home);
        let [one] = found[..] else { panic!("{p}: {found:?}") };
        assert_eq!(home.impairments().len(), 1);
        assert!((rate(one) - p).abs() < 0.2 * p, "{one:?}");
        assert_eq!((one.end, &one.places[..]), (None, &[Place::Access][..]), "{one:?}");
        let since = one.onset.latest.micros_since(at(START_MS)) / 1_000_000;
        assert!(since < 400, "{p}: {since} s {one:?}");
        assert_eq!(home.drops(), []);
    }
    let young = |minutes: i64| {
        let mut rng = fastrand::Rng::with_seed(3);
        watch(minutes * MINUTE, |_, id| unless(behind(ISP, id) && rng.f64() < 0.05))
    };
    assert_eq!(lossy(&young(5)).len(), 0);
    assert_eq!(lossy(&young(7)).len(), 1);
}

#[test]
fn standing_loss_that_ends_has_its_end() {
    let home = with_loss(5, 3, (0, HOUR), 0.05, |id| behind(ISP, id));
    let found = lossy(&home);
    let [one] = found[..] else { panic!("{found:?}") };
    check_edges(one, 0, HOUR, 60_000);
}

#[test]
fn standing_loss_of_one_anchor_or_at_a_hop_is_none_of_the_line() {
    for concerned in [1, ISP] {
        let home = with_loss(6, 5, (0, i64::MAX), 0.06, |id| id == concerned);
        assert_eq!(home.impairments(), [], "{concerned}");
    }
}

#[test]
fn the_limit_of_standing_loss_is_set() {
    for (percent, count) in [(3, 1), (10, 0)] {
        let parameters = Parameters { lossy_percent: percent, ..Parameters::default() };
        let mut home = Detector::new(parameters);
        home.set_targets(&super::world::home());
        home.begin_run(&run(1, START_MS));
        let mut rng = fastrand::Rng::with_seed(9);
        for m in probes(0, HOUR, |_, id| unless(behind(ISP, id) && rng.f64() < 0.06)) {
            home.on_measurement(&m);
        }
        assert_eq!(lossy(&home).len(), count, "{percent} %");
    }
}

#[test]
fn s04_bursts_on_the_home_network_never_blame_the_provider() {
    for seed in 0..4 {
        let mut rng = fastrand::Rng::with_seed(seed);
        let (mut bad, mut last) = (false, 0);
        let home = watch(3 * HOUR, |ms, _| {
            if ms >= 2 * HOUR && ms != last {
                let ticks = (ms - last).clamp(1, 1_000);
                let turn = if bad { 1.0 / 800.0 } else { 1.0 / 6_000.0 };
                for _ in 0..ticks {
                    bad ^= rng.f64() < turn;
                }
            }
            last = ms;
            unless(bad && rng.f64() < 0.9)
        });
        let found = lossy(&home);
        assert!(!found.is_empty(), "seed {seed}");
        for one in found {
            assert!(one.places.starts_with(&[Place::Lan]), "seed {seed}: {one:?}");
            if figures(one).sent > 1_000 {
                assert_eq!(one.places, [Place::Lan], "seed {seed}");
            }
        }
    }
}

#[test]
fn s21_rare_bursts_that_are_usual_are_no_loss_beside_their_drops() {
    let mut rng = fastrand::Rng::with_seed(21);
    let mut bad_until = 0;
    let home = watch(24 * HOUR, |ms, id| {
        if id == 1 && rng.f64() < 0.01 {
            #[allow(clippy::cast_possible_truncation, reason = "milliseconds")]
            let length = (-rng.f64().ln() * 1_000.0) as i64;
            bad_until = ms + length;
        }
        unless(behind(ISP, id) && ms < bad_until)
    });
    assert!(home.drops().len() > 50, "there are bursts");
    assert_eq!(lossy(&home), [] as [&Impairment; 0]);
}

#[test]
fn s29_loss_of_one_anchor_and_s03_of_a_hop_are_no_loss_of_the_link() {
    let span = (HOUR, 4 * HOUR);
    for (who, p) in [(3, 0.7), (3, 0.2), (ISP, 0.6), (GATEWAY, 0.3)] {
        let home = with_loss(29, 5, span, p, |id| id == who);
        assert_eq!(home.impairments(), [], "{who}");
    }
}

#[test]
fn loss_while_an_anchor_is_dead_is_still_found() {
    let mut rng = fastrand::Rng::with_seed(2);
    let span = (6 * HOUR, 6 * HOUR + 10 * MINUTE);
    let home = watch(7 * HOUR, |ms, id| {
        let dead = id == 2 && ms > 2 * HOUR;
        unless(dead || ((span.0..span.1).contains(&ms) && behind(ISP, id) && rng.f64() < 0.2))
    });
    let found = lossy(&home);
    let [one] = found[..] else { panic!("{found:?}") };
    assert!((0.15..0.25).contains(&rate(one)), "{one:?}");
}

#[test]
fn loss_within_the_provider_is_told_from_loss_on_the_line() {
    let span = (HOUR, HOUR + 5 * MINUTE);
    let core = with_loss(1, 2, span, 0.3, |id| id < GATEWAY);
    // With one hop in the ISP, its core and what lies beyond cannot be told apart.
    assert_eq!(lossy(&core)[0].places, [Place::IspCore, Place::Beyond]);
    let modem = with_loss(1, 2, span, 0.3, |id| behind(MODEM, id));
    assert_eq!(lossy(&modem)[0].places, [Place::Modem]);
}

#[test]
fn a_rate_limited_hop_in_front_of_the_fault_leaves_a_range_and_accuses_nobody_wrongly() {
    let mut rng = fastrand::Rng::with_seed(3);
    let span = (HOUR, HOUR + 5 * MINUTE);
    let home = watch(2 * HOUR, |ms, id| {
        let limited = id == ISP && rng.f64() < 0.6;
        let fault = (span.0..span.1).contains(&ms) && id < GATEWAY && rng.f64() < 0.3;
        unless(limited || fault)
    });
    let found = lossy(&home);
    let [one] = found[..] else { panic!("{found:?}") };
    assert!(one.places.contains(&Place::IspCore), "{one:?}");
}

#[test]
fn with_too_little_to_compare_with_nothing_is_compared() {
    let span = (25 * MINUTE, 26 * MINUTE);
    assert_eq!(lossy(&with_loss(1, 1, span, 0.3, |_| true)).len(), 0);
    let parameters =
        Parameters { baseline_after: Duration::from_secs(30), ..Parameters::default() };
    let mut home = Detector::new(parameters);
    home.set_targets(&super::world::home());
    home.begin_run(&run(1, START_MS));
    let mut rng = fastrand::Rng::with_seed(1);
    let lost = |ms: i64, id: u8| (MINUTE..2 * MINUTE).contains(&ms) && behind(ISP, id);
    for m in probes(0, 5 * MINUTE, |ms, id| unless(lost(ms, id) && rng.f64() < 0.3)) {
        home.on_measurement(&m);
    }
    let found = lossy(&home);
    let [one] = found[..] else { panic!("{found:?}") };
    check_edges(one, MINUTE, 2 * MINUTE, 6_000);
}

#[test]
fn a_stretch_goes_on_across_a_short_gap_and_ends_in_a_long_one() {
    for (gap, expected) in [(2 * MINUTE, 1), (20 * MINUTE, 2)] {
        let mut rng = fastrand::Rng::with_seed(13);
        let span = (2 * HOUR, 2 * HOUR + 20 * MINUTE + gap);
        let off = 2 * HOUR + 10 * MINUTE..2 * HOUR + 10 * MINUTE + gap;
        let home = watch(3 * HOUR, |ms, id| {
            let lost = (span.0..span.1).contains(&ms) && behind(ISP, id) && rng.f64() < 0.3;
            unless(lost).filter(|_| !off.contains(&ms))
        });
        let found = lossy(&home);
        assert_eq!(found.len(), expected, "{found:?}");
        let unobserved: Duration = found.iter().map(|one| one.unobserved).sum();
        let inside = if expected == 1 { gap + 333 } else { 0 };
        assert_eq!(i64::try_from(unobserved.as_millis()).unwrap(), inside);
        if expected == 1 {
            check_edges(found[0], span.0, span.1, 12_000);
        } else {
            let near = |a: crate::time::Timestamp, ms: i64| {
                assert!(a.micros_since(at(START_MS + ms)).abs() < 12_000_000, "{found:?}");
            };
            // It ended somewhere in the gap, and began somewhere in it.
            near(found[0].end.unwrap().earliest, off.start);
            near(found[0].end.unwrap().latest, off.end);
            near(found[1].end.unwrap().latest, span.1);
            near(found[1].onset.latest, off.end);
        }
    }
}

#[test]
fn an_outage_in_the_middle_parts_the_loss_before_from_the_loss_behind() {
    let mut rng = fastrand::Rng::with_seed(16);
    let out = 2 * HOUR + 10 * MINUTE..2 * HOUR + 40 * MINUTE;
    let span = 2 * HOUR..2 * HOUR + 50 * MINUTE;
    let home = watch(4 * HOUR, |ms, id| {
        let lost = out.contains(&ms) || (span.contains(&ms) && rng.f64() < 0.25);
        unless(behind(ISP, id) && lost)
    });
    let found = lossy(&home);
    assert_eq!(found.len(), 2, "{found:?}");
    check_edges(found[0], span.start, out.start, 12_000);
    check_edges(found[1], out.end, span.end, 12_000);
}

#[test]
fn loss_that_lasts_a_week_becomes_usual_and_is_told_as_long_as_it_is_too_much() {
    // Few probes make a short test of a long time.
    let mut only = target(1, Role::Anchor);
    only.interval = Duration::from_secs(10);
    let mut home = Detector::new(Parameters::default());
    home.set_targets(&[only]);
    home.begin_run(&run(1, START_MS));
    let mut rng = fastrand::Rng::with_seed(6);
    for n in 0..20 * 8_640 {
        let outcome = unless(n > 2 * 8_640 && rng.f64() < 0.3).unwrap();
        let sent_at = at(START_MS + n * 10_000);
        home.on_measurement(&Measurement { target: TargetId(1), sent_at, outcome });
    }
    let found = lossy(&home);
    let [one] = found[..] else { panic!("{found:?}") };
    assert_eq!(one.end, None, "30 % are too much for any line");
}

#[test]
#[ignore = "a measurement: run it alone, in release"]
fn a_month_of_usual_loss_is_nothing_and_a_week_of_one_target_replays_at_once() {
    for (seed, p, days) in [(20, 0.01, 30), (28, 0.05, 7), (30, 0.001, 30)] {
        let home = with_loss(seed, days * 24, (0, i64::MAX), p, |_| true);
        println!("{p} for {days} d: {:?}", home.impairments());
    }
    let mut rng = fastrand::Rng::with_seed(1);
    let record: Vec<_> = (0..7 * 86_400)
        .map(|s| {
            let rtt = Duration::from_micros(rng.u64(20_000..30_000));
            let outcome = if rng.f64() < 0.002 { Outcome::Lost } else { Outcome::reply(rtt) };
            Measurement { target: TargetId(1), sent_at: at(START_MS + s * 1_000), outcome }
        })
        .collect();
    let mut home = Detector::new(Parameters::default());
    home.set_targets(&[target(1, Role::Anchor)]);
    home.begin_run(&run(1, START_MS));
    let from = crate::time::Reading::now();
    for m in &record {
        home.on_measurement(m);
    }
    let ms = crate::time::Reading::now().boot.since(from.boot).as_i64() / 1_000;
    println!("a week of one target at 1 Hz: {ms} ms; a year: {} s", ms * 52 / 1_000);
}
