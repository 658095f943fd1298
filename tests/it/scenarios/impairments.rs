//! What is wrong while the link is up.

use linkmon::vocabulary::{Figures, LinkDrop, Place};

use super::played::{HOUR, each, each_cut};

#[test]
fn s04_bursts_in_the_home_are_the_homes_own() {
    each("S04", |played| {
        for drop in &played.verdict.drops {
            assert!(drop.places.is_empty() || drop.places == [Place::Lan], "{drop:?}");
        }
        let loss = played.only("loss", &[Place::Lan]);
        played.lasted(loss, 7_200, 8_400, 30.0);
        assert_eq!(played.score.invented, 0, "{}", played.which);
    });
}

#[test]
fn s05_silent_name_servers_are_an_event_of_their_own_while_the_link_is_up() {
    each("S05", |played| {
        assert_eq!(played.verdict.drops, [], "{}", played.which);
        let dns = played.only("dns", &[]);
        played.lasted(dns, 7_200, 8_400, 10.5);
    });
}

#[test]
fn s06_a_portal_is_no_outage() {
    each("S06", |played| {
        assert_eq!(played.drops().len(), 0, "{}: {:?}", played.which, played.drops());
        let portal = played.only("captive-portal", &[]);
        played.lasted(portal, 7_200, 10_800, 0.5);
    });
}

#[test]
fn s07_thirty_percent_of_loss_is_a_loss_event_with_its_rate_and_place_and_no_drop() {
    each("S07", |played| {
        assert_eq!(played.drops().len(), 0, "{}: {:?}", played.which, played.drops());
        let loss = played.only("loss", &[Place::Access]);
        let Figures::Loss(figures) = loss.figures else { panic!("{loss:?}") };
        let rate = f64::from(figures.lost) / f64::from(figures.sent);
        assert!((0.26..0.34).contains(&rate), "{}: {rate}", played.which);
        played.lasted(loss, 7_200, 7_800, 10.0);
    });
}

#[test]
fn s08_longer_ways_to_two_anchors_are_two_route_steps() {
    each("S08", |played| {
        assert_eq!(played.verdict.drops, [], "{}", played.which);
        assert_eq!(played.kinds(), ["route-step"; 2], "{}", played.which);
        for (step, name, by) in [(0, "cloudflare", 18_000), (1, "google", 25_000)] {
            let step = &played.verdict.impairments[step];
            assert_eq!(step.target.map(|id| played.verdict.name(id)), Some(name));
            let Figures::RouteStep { before_us, after_us } = step.figures else { panic!() };
            assert!((after_us - before_us).abs_diff(by) < 500, "{}: {step:?}", played.which);
            let s = if name == "google" { 18_000 } else { 14_400 };
            played.lasted(step, s, s, 15.0);
        }
    });
}

#[test]
fn s09_deep_queues_in_the_evening_are_slow_periods_on_the_access_line() {
    each_cut("S09", 18 * HOUR, |played| {
        assert_eq!(played.verdict.drops, [], "{}", played.which);
        let evenings = if played.is_whole() { 3 } else { 1 };
        assert_eq!(played.kinds(), vec!["slow"; evenings], "{}", played.which);
        // From 13:00 UTC, 08:00 in Toronto: 19:00 is eleven hours later.
        for (day, slow) in (0..).zip(&played.verdict.impairments) {
            assert_eq!(slow.places, [Place::Access], "{}: {slow:?}", played.which);
            let from = (day * 24 + 11) * 3_600;
            played.lasted(slow, from, from + 4 * 3_600, 20.0);
        }
    });
}

#[test]
fn s14_late_answers_are_late_and_no_drop() {
    each("S14", |played| {
        assert_eq!(played.drops().len(), 0, "{}: {:?}", played.which, played.drops());
        let late = played.only("late", &[Place::Access]);
        let Figures::Late(figures) = late.figures else { panic!("{late:?}") };
        assert!(figures.late * 2 > figures.lost, "{figures:?}");
        played.lasted(late, 7_200, 7_500, 10.0);
    });
}

#[test]
fn s17_ipv6_alone_dead_is_an_event_of_its_own_while_the_link_is_up() {
    each("S17", |played| {
        assert_eq!(played.verdict.drops, [], "{}", played.which);
        let ipv6 = played.only("ipv6", &[]);
        played.lasted(ipv6, 7_200, 14_400, 1.1);
    });
}

#[test]
fn s22_two_of_three_anchors_dead_is_partial_with_both_in_trouble_and_no_drop() {
    each("S22", |played| {
        assert_eq!(played.verdict.drops, [], "{}", played.which);
        let partial = played.only("partial", &[]);
        let Figures::Partial { silent, .. } = &partial.figures else { panic!("{partial:?}") };
        let names: Vec<_> = silent.iter().map(|id| played.verdict.name(*id)).collect();
        assert_eq!(names, ["cloudflare", "google"], "{}", played.which);
        assert_eq!(
            played.troubles(),
            [("cloudflare", 3_600, 4_200), ("google", 3_600, 4_200)],
            "{}",
            played.which
        );
    });
}

#[test]
fn s31_sixty_percent_of_loss_is_a_loss_event_with_its_rate_and_place() {
    each("S31", |played| {
        let loss = played.only("loss", &[Place::Access]);
        let Figures::Loss(figures) = loss.figures else { panic!("{loss:?}") };
        let rate = f64::from(figures.lost) / f64::from(figures.sent);
        assert!((0.52..0.66).contains(&rate), "{}: {rate}", played.which);
        played.lasted(loss, 7_200, 7_500, 10.0);
        // Three of five probes lost at random: a drop is at most what a chance makes of ten seconds.
        let drops = played.drops();
        let hull = |drop: &&LinkDrop| drop.end.unwrap().latest.micros_since(drop.onset.earliest);
        let long = |drop: &&LinkDrop| hull(drop) >= 10_000_000;
        assert!(drops.len() <= 1 && drops.iter().all(long), "{}: {drops:?}", played.which);
    });
}

#[test]
fn a_week_of_flaps_and_random_loss_has_no_impairments() {
    each_cut("S01", 8 * HOUR, |played| {
        assert_eq!(played.kinds(), [] as [&str; 0], "{}", played.which);
    });
}
