//! A router that moves to another line while the first is dead.

use std::time::Duration;

use super::world::*;
use crate::detect::Detector;
use crate::vocabulary::{DropKind, Figures, GapReason, LinkState, Outcome, Reply};

const CUT: i64 = 120_000;
const LTE: i64 = 138_000;
const BACK: i64 = 300_000;

#[allow(clippy::unnecessary_wraps, reason = "it is what `probes` wants")]
fn answer(ms: u64, ttl: u8) -> Option<Outcome> {
    let rtt = Duration::from_micros(ms * 1_000);
    Some(Outcome::Reply(Reply { rtt, local_queue: None, ttl: Some(ttl), phases: None }))
}

#[allow(clippy::unnecessary_wraps, reason = "it is what `probes` wants")]
fn lost() -> Option<Outcome> {
    Some(Outcome::Lost)
}

/// The line is dead from [`CUT`] to [`BACK`]; from `moves` on anchors answer by `other`.
fn line(moves: i64, other: impl Fn(i64) -> Option<Outcome>) -> Detector {
    watch(400_000, |ms, id| match id {
        GATEWAY => answer(1, 64),
        MODEM => answer(2, 63),
        _ if !(CUT..BACK).contains(&ms) => answer(if id == ISP { 8 } else { 15 }, 57),
        ISP => lost(),
        _ if ms < moves => lost(),
        _ => other(ms),
    })
}

#[track_caller]
fn check_down_all_the_while(detector: &Detector) {
    let [drop] = detector.drops() else { panic!("{:?}", detector.drops()) };
    assert_eq!((drop.kind, drop.flaps), (DropKind::Drop, 1));
    let length = (drop.min.as_secs_f64(), drop.max.as_secs_f64());
    assert!(length.0 > 178.0 && length.0 <= 180.0 && length.1 < 182.0, "{length:?}");
    assert_eq!(drop.place_text(), "access");
    let other = detector.impairments().iter().filter(|i| i.figures == Figures::OtherWay);
    let [other] = &other.collect::<Vec<_>>()[..] else { panic!("{:?}", detector.impairments()) };
    assert!(other.end.is_some());
    assert!(detector.gaps().is_empty(), "{:?}", detector.gaps());
}

#[test]
fn the_line_is_down_while_the_router_answers_by_another_way_with_other_hop_limits() {
    check_down_all_the_while(&line(LTE, |_| answer(16, 56)));
}

#[test]
fn a_cut_of_the_other_way_is_part_of_that_drop_and_no_other() {
    let cut = 200_000..220_000;
    check_down_all_the_while(&line(
        LTE,
        |ms| {
            if cut.contains(&ms) { lost() } else { answer(45, 52) }
        },
    ));
}

#[test]
fn a_router_that_moves_without_a_pause_is_found_out_after_five_seconds() {
    check_down_all_the_while(&line(CUT, |_| answer(16, 56)));
}

#[test]
fn a_step_of_delay_suffices_where_the_hop_limit_is_the_same_by_chance() {
    check_down_all_the_while(&line(CUT, |ms| answer(60 + ms.unsigned_abs() / 1_000 % 3, 57)));
}

#[test]
fn answers_that_are_known_of_no_hop_limit_are_told_by_their_delay() {
    let detector = watch(400_000, |ms, id| match id {
        GATEWAY | MODEM => unless(false),
        _ if !(CUT..BACK).contains(&ms) => unless(false),
        ISP => lost(),
        _ => Some(Outcome::reply(Duration::from_millis(70))),
    });
    check_down_all_the_while(&detector);
}

#[track_caller]
fn check_nothing(detector: &Detector) {
    assert!(detector.drops().is_empty(), "{:?}", detector.drops());
    let other = detector.impairments().iter().any(|i| i.figures == Figures::OtherWay);
    assert!(!other, "{:?}", detector.impairments());
}

#[test]
fn a_hop_that_does_not_answer_is_no_drop() {
    check_nothing(&line(CUT, |_| answer(15, 57)));
}

#[test]
fn a_hop_that_falls_silent_before_a_route_changes_is_no_drop() {
    check_nothing(&line(CUT, |ms| answer(15, if ms < CUT + 60_000 { 57 } else { 55 })));
}

#[test]
fn a_hop_that_is_silent_while_a_queue_grows_is_no_drop() {
    let queue = |ms: i64| answer(15 + (ms.unsigned_abs() / 100 * 7_919) % 180, 57);
    check_nothing(&line(CUT, queue));
}

#[test]
fn a_hop_that_answers_seldom_says_nothing() {
    let mut n = 0;
    let detector = watch(400_000, |ms, id| match id {
        ISP => {
            n += 1;
            if n % 3 == 0 { answer(8, 63) } else { lost() }
        }
        GATEWAY | MODEM => answer(1, 64),
        _ => answer(15, if (ms / 10_000) % 2 == 0 { 57 } else { 56 }),
    });
    check_nothing(&detector);
}

#[test]
fn one_anchor_with_another_route_while_a_probe_of_the_hop_is_lost_is_no_drop() {
    let detector = watch(400_000, |ms, id| match id {
        ISP if (CUT..CUT + 3_000).contains(&ms) => lost(),
        GATEWAY | MODEM | ISP => answer(1, 64),
        1 if ms > CUT => answer(15, 50),
        _ => answer(15, 57),
    });
    check_nothing(&detector);
}

#[test]
fn a_second_failover_within_the_hour_is_found_out_as_the_first() {
    let again = 260_000;
    let detector = watch(400_000, |ms, id| {
        let dead = (CUT..CUT + 60_000).contains(&ms) || (again..again + 60_000).contains(&ms);
        // The router moves back three seconds after the hop answers.
        let other = (CUT..CUT + 63_000).contains(&ms) || (again..again + 63_000).contains(&ms);
        match id {
            GATEWAY | MODEM => answer(1, 64),
            ISP if dead => lost(),
            ISP => answer(8, 63),
            _ if other => answer(45, 52),
            _ => answer(15, 57),
        }
    });
    let drops = detector.drops();
    assert_eq!(drops.len(), 2, "{drops:?}");
    assert!(drops.iter().all(|drop| drop.min.as_secs() >= 58 && drop.max.as_secs() <= 61));
}

#[test]
fn an_imported_record_shows_a_mobile_network_by_its_delays_alone() {
    let detector = watch(400_000, |ms, id| match id {
        GATEWAY | MODEM => unless(false),
        _ if !(CUT..BACK).contains(&ms) => unless(false),
        ISP => lost(),
        _ if ms < LTE => lost(),
        _ => Some(Outcome::reply(Duration::from_millis(38 + ms.unsigned_abs() / 100 * 7_919 % 40))),
    });
    check_down_all_the_while(&detector);
}

#[test]
fn a_queue_that_grows_while_a_hop_is_silent_is_no_other_way_without_hop_limits_either() {
    let detector = watch(400_000, |ms, id| match id {
        ISP if (CUT..BACK).contains(&ms) => lost(),
        GATEWAY | MODEM | ISP => unless(false),
        _ if (CUT..BACK).contains(&ms) => {
            let grown = (ms - CUT).unsigned_abs() / 50;
            Some(Outcome::reply(Duration::from_millis(15 + grown.min(600))))
        }
        _ => unless(false),
    });
    check_nothing(&detector);
}

#[test]
fn after_an_hour_by_another_way_it_is_not_known_whether_the_line_is_dead_or_has_moved() {
    // A reconnect to another router of the ISP: the first hop never answers again.
    let moved = |ms: i64, id: u8| match id {
        GATEWAY => answer(1, 64),
        MODEM => answer(2, 63),
        _ if ms < CUT => answer(if id == ISP { 8 } else { 15 }, 57),
        ISP => lost(),
        _ if ms < LTE => lost(),
        _ => answer(16, 56),
    };
    let detector = watch(2 * HOUR, moved);
    let [drop] = detector.drops() else { panic!("{:?}", detector.drops()) };
    let least = drop.min.as_secs();
    assert!((3_590..=3_602).contains(&least), "{drop:?}");
    let [gap] = detector.gaps() else { panic!("{:?}", detector.gaps()) };
    assert_eq!(gap.reason, GapReason::OtherWay);
    let since_cut = gap.range.from.micros_since(at(START_MS + CUT)) / 1_000_000;
    assert!((3_598..=3_602).contains(&since_cut), "{gap:?}");
    assert_eq!(detector.state().0, LinkState::Unknown);
    // Where the hop answers at last, the line is up again.
    let back =
        watch(2 * HOUR, |ms, id| if ms < 100 * 60_000 { moved(ms, id) } else { moved(0, id) });
    assert_eq!(back.state().0, LinkState::Up);
    let [drop] = back.drops() else { panic!("{:?}", back.drops()) };
    assert!((3_590..=3_602).contains(&drop.min.as_secs()), "{drop:?}");
    assert!((5_870..=5_885).contains(&drop.max.as_secs()), "{drop:?}");
    assert_eq!(back.gaps().len(), 1, "{:?}", back.gaps());
}
