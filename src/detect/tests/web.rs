//! What web requests say while the anchors are silent.

use std::time::Duration;

use super::world::*;
use crate::detect::*;
use crate::time::{BootTime, Reading, Timestamp};
use crate::vocabulary::{
    DropKind, Failed, FailedReason, Figures, GapReason, HostChange, HostEvent, Impairment,
    LinkDrop, LinkState, Measurement, NotSent, Observation, Outcome, Phase, Place, Unreachable,
    Waiting,
};

mod login;

const MINUTE: i64 = 60_000;

fn portal() -> Outcome {
    Outcome::Failed(Failed { phase: Phase::FirstByte, reason: FailedReason::CaptivePortal })
}

fn home_page() -> Outcome {
    Outcome::Failed(Failed { phase: Phase::FirstByte, reason: FailedReason::HomePage })
}

fn reading(utc: Timestamp) -> Reading {
    Reading { utc, boot: BootTime::from_micros(0), monotonic_us: 0 }
}

/// Pings with a fresh identifier are not answered either.
fn fresh_unanswered(at: Timestamp) -> HostEvent {
    HostEvent { at: reading(at), what: HostChange::FreshIdentifierUnanswered { v6: false } }
}

fn timeout() -> Outcome {
    Outcome::Failed(Failed { phase: Phase::Connect, reason: FailedReason::Timeout })
}

/// Anchors silent in `silent`; web requests sent then, and queries to an anchor's own address,
/// become what `web` says of the one that is asked.
fn judge_each(
    to: i64,
    silent: impl Fn(i64) -> bool,
    web: impl Fn(i64, u8) -> Outcome,
) -> (Vec<(DropKind, i64)>, Vec<&'static str>, Detector) {
    let probes = all_probes(0, to, |ms, id| {
        let outcome = match id {
            _ if !silent(ms) => reply(),
            id if WEB.contains(&id) || id == OTHER_DNS => web(ms, id),
            id if id == GATEWAY || id == MODEM => reply(),
            DNS => timeout(),
            _ => Outcome::Lost,
        };
        Some(outcome)
    });
    let mut home = Detector::new(Parameters::default());
    home.set_targets(&home_with_services());
    home.begin_run(&run(1, START_MS));
    let mut since = None;
    for m in probes {
        let ms = m.sent_at.as_millis() - START_MS;
        if !silent(ms) {
            since = None;
        }
        let first = silent(ms).then(|| *since.get_or_insert(ms));
        // Some seconds into a silence.
        if first.is_some_and(|first| (3_000..3_400).contains(&(ms - first))) {
            home.on_host(&fresh_unanswered(m.sent_at));
        }
        home.on_measurement(&m);
    }
    home.finish();
    judged(home)
}

/// The same where all fare alike; what is a page for the web is no answer to a query.
fn judge(
    to: i64,
    silent: impl Fn(i64) -> bool,
    web: impl Fn(i64) -> Outcome,
) -> (Vec<(DropKind, i64)>, Vec<&'static str>, Detector) {
    judge_each(to, silent, |ms, id| match web(ms) {
        Outcome::Failed(failed) if failed.reason.is_page() && id == OTHER_DNS => timeout(),
        outcome => outcome,
    })
}

fn judged(home: Detector) -> (Vec<(DropKind, i64)>, Vec<&'static str>, Detector) {
    let drops = home.drops().iter().map(|d| {
        let length = d.end.map(|e| e.midpoint().micros_since(d.onset.midpoint()));
        (d.kind, (length.unwrap_or(-1_000_000) + 500_000) / 1_000_000)
    });
    let impairments = home.impairments().iter().map(|i| i.figures.kind());
    let (drops, impairments) = (drops.collect(), impairments.collect());
    (drops, impairments, home)
}

#[test]
fn a_page_in_place_of_the_web_is_a_sign_of_the_drop_where_anchors_answered_just_before() {
    for page in [portal(), home_page()] {
        let dead =
            |ms: i64| [20, 30, 40].iter().any(|m| (m * MINUTE..m * MINUTE + 81_000).contains(&ms));
        let (drops, kinds, _) = judge(HOUR, dead, |_| page.clone());
        assert_eq!(drops, [(DropKind::Drop, 81); 3]);
        assert_eq!(kinds, [] as [&str; 0]);
    }
}

#[test]
fn an_hour_of_the_routers_own_page_is_an_outage_of_an_hour() {
    let silent = |ms: i64| (HOUR..2 * HOUR).contains(&ms);
    // Also where some requests fail in between, so that pages begin again and again.
    let web = |ms: i64| if ms % 60_000 < 20_000 { timeout() } else { portal() };
    let (drops, kinds, home) = judge(3 * HOUR, silent, web);
    assert_eq!((drops, kinds), (vec![(DropKind::Outage, 3_600)], vec![]));
    assert_eq!(home.drops()[0].places, [Place::Access]);
}

#[test]
fn a_router_that_passes_nothing_on_says_nothing_of_the_modem_behind_it() {
    for (page, places) in [
        (Some(portal()), &[Place::Modem, Place::Access, Place::IspCore, Place::Beyond][..]),
        (None, &[Place::Modem]),
    ] {
        let silent = |ms: i64| (30 * MINUTE..32 * MINUTE).contains(&ms);
        let home = watch_all(HOUR, |ms, id| {
            let outcome = match id {
                _ if !silent(ms) || id == GATEWAY => reply(),
                id if WEB.contains(&id) => page.clone().unwrap_or_else(timeout),
                DNS | OTHER_DNS => timeout(),
                _ => Outcome::Lost,
            };
            Some(outcome)
        });
        let (drops, _, home) = judged(home);
        assert_eq!(drops, [(DropKind::Drop, 120)]);
        assert_eq!(home.drops()[0].places, places);
    }
}

#[test]
fn a_page_after_ten_minutes_of_silence_is_a_login_page_where_the_isps_hop_answers() {
    let silent = |ms: i64| (HOUR..3 * HOUR).contains(&ms);
    let web = |ms: i64| if ms < 2 * HOUR { timeout() } else { portal() };
    let (drops, kinds, _) = judge(4 * HOUR, silent, web);
    assert_eq!((drops, kinds), (vec![(DropKind::Outage, 7_200)], vec![]), "its hop is silent");
    for (page, expected) in [(portal(), &["captive-portal"][..]), (home_page(), &[])] {
        let home = watch_all(4 * HOUR, |ms, id| {
            let outcome = match id {
                _ if !silent(ms) || (GATEWAY..=ISP).contains(&id) => reply(),
                id if WEB.contains(&id) && ms >= 2 * HOUR => page.clone(),
                _ => timeout(),
            };
            Some(outcome)
        });
        let (drops, kinds, _) = judged(home);
        assert_eq!(kinds, expected);
        let length = if expected.is_empty() { 7_200 } else { 3_600 };
        assert_eq!(drops.len(), 1);
        assert!((drops[0].1 - length).abs() <= 10, "{drops:?}");
    }
}

#[test]
fn a_page_while_the_gateway_reports_the_line_as_dead_is_no_login_page() {
    let unreachable = Outcome::Unreachable(Unreachable {
        by: Some("192.168.1.11".parse().unwrap()),
        icmp_type: 3,
        code: 1,
    });
    let home = watch_all(HOUR, |ms, id| {
        let outcome = match id {
            id if WEB.contains(&id) && ms >= 60_000 => portal(),
            id if id == GATEWAY || id == MODEM => reply(),
            id if id <= 3 => unreachable.clone(),
            _ => timeout(),
        };
        Some(outcome)
    });
    let (_, kinds, home) = judged(home);
    assert_eq!(kinds, [] as [&str; 0]);
    assert_ne!(home.state().0, LinkState::Up);
}

#[test]
fn a_page_behind_a_long_sleep_is_a_login_page() {
    let silent = |ms: i64| ms >= 2 * HOUR;
    let home = watch_all(3 * HOUR, |ms, id| {
        let outcome = match id {
            _ if !silent(ms) => reply(),
            id if WEB.contains(&id) => portal(),
            id if id == GATEWAY => reply(),
            _ => Outcome::Lost,
        };
        // No ISP's hop is known there.
        (!(HOUR..2 * HOUR).contains(&ms) && id != ISP).then_some(outcome)
    });
    let (drops, kinds, home) = judged(home);
    assert_eq!((drops, kinds), (vec![], vec!["captive-portal"]));
    assert_eq!(home.state().0, LinkState::Disputed, "a login page is not up");
}

#[test]
fn one_check_that_is_answered_does_not_end_an_outage() {
    let silent = |ms: i64| (HOUR..2 * HOUR).contains(&ms);
    let (drops, kinds, _) =
        judge_each(3 * HOUR, silent, |_, id| if id == WEB[0] { reply() } else { timeout() });
    assert_eq!((drops, kinds), (vec![(DropKind::Outage, 3_600)], vec![]));
    // A query at an anchor's own address alone is no more.
    let (drops, kinds, _) =
        judge_each(3 * HOUR, silent, |_, id| if id == OTHER_DNS { reply() } else { timeout() });
    assert_eq!((drops, kinds), (vec![(DropKind::Outage, 3_600)], vec![]));
}

#[test]
fn one_check_that_is_answered_does_not_hide_an_outage_behind_filtered_icmp() {
    let silent = |ms: i64| (HOUR..3 * HOUR).contains(&ms);
    let web = |ms: i64, id: u8| if ms < 2 * HOUR || id == WEB[0] { reply() } else { timeout() };
    let (drops, kinds, _) = judge_each(4 * HOUR, silent, web);
    assert_eq!(kinds, ["icmp-filtered"]);
    assert_eq!(drops.len(), 1);
    assert!((drops[0].1 - 3_600).abs() <= 10, "{drops:?}");
    // A check whose server alone fails does not make an outage of it.
    let web = |ms: i64, id: u8| if ms < 2 * HOUR || id != WEB[1] { reply() } else { timeout() };
    let (drops, kinds, _) = judge_each(4 * HOUR, silent, web);
    assert_eq!((drops, kinds), (vec![], vec!["icmp-filtered"]));
}

#[test]
fn a_web_that_works_where_no_anchor_answers_anything_is_disputed_and_not_called_filtered() {
    let silent = |ms: i64| (HOUR..2 * HOUR).contains(&ms);
    let (drops, kinds, _) =
        judge_each(3 * HOUR, silent, |_, id| if id == OTHER_DNS { timeout() } else { reply() });
    assert_eq!((drops, kinds), (vec![], vec!["web-alone"]));
}

#[test]
fn right_answers_that_come_faster_than_the_isp_ever_did_are_the_homes() {
    let silent = |ms: i64| (HOUR..2 * HOUR).contains(&ms);
    let near = Outcome::reply(Duration::from_millis(2));
    let (drops, kinds, _) = judge(3 * HOUR, silent, |_| near.clone());
    assert_eq!((drops, kinds), (vec![(DropKind::Outage, 3_600)], vec![]));
}

#[test]
fn icmp_is_not_called_filtered_where_no_fresh_identifier_was_tried() {
    let silent = |ms: i64| (HOUR..HOUR + MINUTE).contains(&ms);
    let home = watch_all(2 * HOUR, |ms, id| unless(silent(ms) && (id < GATEWAY || id == ISP)));
    let (drops, kinds, _) = judged(home);
    assert_eq!((drops, kinds), (vec![], vec!["web-alone"]));
}

#[test]
fn silent_anchors_with_a_web_that_works_are_filtered_icmp_and_the_link_is_up() {
    let silent = |ms: i64| (HOUR..HOUR + MINUTE).contains(&ms);
    let (drops, kinds, _) = judge(2 * HOUR, silent, |_| reply());
    assert_eq!((drops, kinds), (vec![], vec!["icmp-filtered"]));
    let during =
        watch_all(HOUR + MINUTE, |ms, id| unless(silent(ms) && (id < GATEWAY || id == ISP)));
    assert_eq!(during.state().0, LinkState::Disputed);
    assert_eq!(during.open_drop(), None);
}

#[test]
fn a_web_that_works_over_ipv6_while_ipv4_has_no_route_is_no_sign_of_filtered_icmp() {
    let gone = |ms: i64| (HOUR..HOUR + MINUTE).contains(&ms);
    let home = watch_all(2 * HOUR, |ms, id| {
        let v4 = id <= 3 || id == MODEM || id == ISP;
        Some(if gone(ms) && v4 { Outcome::NotSent(NotSent::NoRoute) } else { reply() })
    });
    let kinds: Vec<_> = home.impairments().iter().map(|i| i.figures.kind()).collect();
    assert_eq!((kinds, home.drops()), (vec!["ipv4"], &[][..]), "the line carries IPv6");
}

#[test]
fn a_web_that_works_in_heavy_loss_is_no_sign_of_filtered_icmp() {
    // One anchor probe in ten is answered, and TCP tries again till it gets through.
    let lossy = |ms: i64| (HOUR..HOUR + MINUTE).contains(&ms);
    let mut probe = 0;
    let home = watch_all(2 * HOUR, |ms, id| {
        probe += i64::from(id <= 3);
        Some(if lossy(ms) && id <= 3 && probe % 10 != 0 { Outcome::Lost } else { reply() })
    });
    let filtered = |i: &Impairment| matches!(i.figures, Figures::IcmpFiltered(_));
    assert!(!home.impairments().iter().any(filtered), "{:?}", home.impairments());
    let [drop] = home.drops() else { panic!("one drop: {:?}", home.drops()) };
    assert_eq!(drop.kind, DropKind::Drop);
}

#[test]
fn a_web_request_that_is_answered_just_after_a_drop_does_not_undo_it() {
    // Sent 0.9 s before the end, tried again by TCP and answered 0.1 s after it.
    let silent = |ms: i64| (HOUR..HOUR + 8_000).contains(&ms);
    let longer = |ms: i64| (HOUR..HOUR + 12_000).contains(&ms);
    let retried = Outcome::reply(Duration::from_millis(1_010));
    let (drops, kinds, _) = judge(2 * HOUR, longer, |_| retried.clone());
    // The request at 2.1 s was answered within the silence only if it took less than 5.9 s.
    assert_eq!((drops.len(), kinds), (0, vec!["icmp-filtered"]));
    let late = Outcome::reply(Duration::from_millis(7_010));
    let (drops, kinds, _) = judge(2 * HOUR, silent, |_| late.clone());
    assert_eq!((drops, kinds), (vec![(DropKind::Drop, 8)], vec![]));
}

#[test]
fn an_outage_behind_filtered_icmp_is_told_from_where_the_web_failed() {
    let silent = |ms: i64| (HOUR..3 * HOUR).contains(&ms);
    let web = |ms: i64| if ms < 2 * HOUR { reply() } else { timeout() };
    let (drops, kinds, home) = judge(4 * HOUR, silent, web);
    assert_eq!(kinds, ["icmp-filtered"]);
    assert_eq!(drops.len(), 1);
    assert_eq!(drops[0].0, DropKind::Outage);
    assert!((drops[0].1 - 3_600).abs() <= 5, "{drops:?}");
    let over = home.impairments()[0].end.unwrap();
    assert!(over.latest <= home.drops()[0].onset.latest, "{:?}", home.drops()[0]);
    assert_eq!(home.drops()[0].places, [Place::Access]);
}

#[test]
fn a_request_that_is_tried_again_till_the_outage_is_over_does_not_end_it_when_it_was_sent() {
    let over = 2 * HOUR;
    let web = |ms: i64| match over - ms {
        ..0 => reply(),
        wait @ ..8_000 => Outcome::reply(Duration::from_millis(u64::try_from(wait).unwrap() + 15)),
        _ => timeout(),
    };
    let (drops, _, home) = judge(4 * HOUR, |ms| (HOUR..3 * HOUR).contains(&ms), web);
    assert_eq!(drops.len(), 1);
    let end = home.drops()[0].end.unwrap();
    let truth = at(START_MS + over);
    assert!(end.earliest <= truth && truth <= end.latest, "{end:?} for {truth:?}");
}

#[test]
fn where_pings_were_filtered_from_the_begin_the_web_alone_tells_outages() {
    let out = |ms: i64| (HOUR..HOUR + 10 * MINUTE).contains(&ms);
    let web = |ms: i64| if out(ms) { timeout() } else { reply() };
    let (drops, kinds, home) = judge(2 * HOUR, |_| true, web);
    assert_eq!(kinds, ["icmp-filtered", "icmp-filtered"]);
    let [(DropKind::Outage, length)] = drops[..] else { panic!("one outage: {drops:?}") };
    assert!((length - 600).abs() <= 10, "{length}");
    assert_eq!(home.state().0, LinkState::Disputed);
    let first = &home.impairments()[0];
    assert!(first.onset.latest.micros_since(at(START_MS)) < 1_000_000, "{first:?}");
}

#[test]
fn a_portal_that_was_there_from_the_begin_is_a_portal() {
    let (drops, kinds, home) = judge(2 * HOUR, |ms| ms < HOUR, |_| portal());
    assert_eq!((drops, kinds), (vec![], vec!["captive-portal"]));
    assert_eq!(home.state().0, LinkState::Up);
}

#[test]
fn an_outage_at_the_begin_of_the_first_record_is_no_verdict() {
    let (drops, kinds, home) = judge(2 * HOUR, |ms| ms < HOUR, |_| timeout());
    assert_eq!((drops, kinds), (vec![], vec![]));
    let [gap] = home.gaps() else { panic!("one gap: {:?}", home.gaps()) };
    assert_eq!(gap.reason, GapReason::Unanswered);
    let length = gap.range.length().as_secs_f64();
    assert!((length - 3_600.0).abs() < 1.0, "it is neither up nor down: {length} s");
}

#[test]
fn filtered_icmp_behind_an_outage_ends_the_outage() {
    let silent = |ms: i64| (HOUR..3 * HOUR).contains(&ms);
    let web = |ms: i64| if ms < 2 * HOUR { timeout() } else { reply() };
    let (drops, kinds, _) = judge(4 * HOUR, silent, web);
    assert_eq!(kinds, ["icmp-filtered"]);
    assert_eq!(drops.len(), 1);
    assert!((drops[0].1 - 3_600).abs() <= 5, "{drops:?}");
}

#[test]
fn one_odd_answer_does_not_split_an_outage() {
    let silent = |ms: i64| (HOUR..2 * HOUR).contains(&ms);
    let odd = |ms: i64| (HOUR + 30 * MINUTE..HOUR + 30 * MINUTE + 10_000).contains(&ms);
    let (drops, kinds, _) = judge(3 * HOUR, silent, |ms| if odd(ms) { reply() } else { timeout() });
    assert_eq!((drops, kinds), (vec![(DropKind::Outage, 3_600)], vec![]));
}

#[test]
fn web_results_told_after_their_time_are_judged_as_in_a_replay() {
    let silent = |ms: i64| (HOUR..HOUR + 10 * MINUTE).contains(&ms);
    let other = |ms: i64| (HOUR + 20 * MINUTE..HOUR + 22 * MINUTE).contains(&ms);
    let sent = all_probes(0, 2 * HOUR, |ms, id| {
        let outcome = match id {
            _ if !silent(ms) && !other(ms) => reply(),
            id if WEB.contains(&id) || id == OTHER_DNS => {
                if silent(ms) {
                    reply()
                } else {
                    timeout()
                }
            }
            id if id == GATEWAY || id == MODEM => reply(),
            DNS => timeout(),
            _ => Outcome::Lost,
        };
        Some(outcome)
    });
    let mut replayed = Detector::new(Parameters::default());
    replayed.set_targets(&home_with_services());
    replayed.begin_run(&run(1, START_MS));
    for m in &sent {
        replayed.on_measurement(m);
    }

    let mut judge = LiveDetector::new(Parameters::default(), Waiting::default());
    judge.set_targets(&home_with_services());
    judge.begin_run(&run(1, START_MS));
    let mut told = Vec::new();
    let mut drops = Vec::new();
    for m in in_order_of_telling(sent) {
        judge.on(&Observation::Measured(m));
        for change in judge.changes() {
            match change {
                Change::ImpairmentPut(i) => {
                    told.retain(|known: &Impairment| known.identity() != i.identity());
                    told.push(i);
                }
                Change::DropPut(drop) => {
                    drops.retain(|known: &LinkDrop| known.key != drop.key);
                    drops.push(drop);
                }
                Change::DropWithdrawn(key) => drops.retain(|known| known.key != key),
                _ => {}
            }
        }
    }
    assert_eq!(drops, replayed.drops());
    assert_eq!(told, replayed.impairments());
    assert_eq!(told.len(), 1);
}

/// ICMP as it is sent, lost ones 3 s and web and DNS up to 10 s later.
fn in_order_of_telling(sent: Vec<Measurement>) -> Vec<Measurement> {
    let mut rng = fastrand::Rng::with_seed(1);
    let mut timed: Vec<_> = sent
        .into_iter()
        .map(|m| {
            let wait = if m.target.0 >= DNS { rng.i64(20_000..10_000_000) } else { 3_000_000 };
            (m.sent_at.as_micros() + wait, m)
        })
        .collect();
    timed.sort_by_key(|(told, m)| (*told, m.sent_at, m.target));
    timed.into_iter().map(|(_, m)| m).collect()
}
