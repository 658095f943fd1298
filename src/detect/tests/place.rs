//! Where a drop lies: on long ways, without a route, behind a router of the ISP.

use super::world::*;
use crate::detect::*;
use crate::vocabulary::well_known::INNER_HOPS;
use crate::vocabulary::{Endpoint, Kind, NotSent, Outcome, Place, Role, Target, TargetId};

const MINUTE: i64 = 60_000;
/// The hops of the ISP behind its first.
const INNER: [u8; 2] = [14, 15];

/// A home whose ISP has three hops that are probed.
fn long_way() -> Vec<Target> {
    let inner = INNER.into_iter().zip(INNER_HOPS);
    let inner = inner.map(|(id, name)| Target { name: name.to_owned(), ..target(id, Role::Isp) });
    home().into_iter().chain(inner).collect()
}

/// Hops by their distance: gateway, modem, three of the ISP, two that are not probed; the anchors
/// are the eighth.
fn distance(id: u8) -> usize {
    match id {
        GATEWAY => 1,
        MODEM => 2,
        ISP => 3,
        14 => 4,
        15 => 5,
        _ => 8,
    }
}

/// What is right where hop `dead` is the first that is dead.
fn right(dead: usize) -> Place {
    match dead {
        1 => Place::Lan,
        2 => Place::Modem,
        3 => Place::Access,
        4..=6 => Place::IspCore,
        _ => Place::Beyond,
    }
}

fn watch_way(
    targets: &[Target],
    to: i64,
    mut outcome: impl FnMut(i64, u8) -> Option<Outcome>,
) -> Detector {
    let mut detector = Detector::new(Parameters::default());
    detector.set_targets(targets);
    detector.begin_run(&run(1, START_MS));
    let order =
        [(0, 1), (1, GATEWAY), (2, 14), (333, 2), (334, MODEM), (335, 15), (667, 3), (668, ISP)];
    for s in 0..to / 1_000 {
        for (ms, id) in order {
            let ms = s * 1_000 + ms;
            if targets.iter().any(|t| t.id == TargetId(id))
                && let Some(outcome) = outcome(ms, id)
            {
                let sent_at = at(START_MS + ms);
                detector.on_measurement(&crate::vocabulary::Measurement {
                    target: TargetId(id),
                    sent_at,
                    outcome,
                });
            }
        }
    }
    detector.finish();
    detector
}

#[test]
fn of_200_faults_on_a_way_of_eight_hops_none_is_put_at_a_wrong_place() {
    let mut rng = fastrand::Rng::with_seed(13);
    let (mut right_or_in_range, mut named, mut exact, mut at_probed) = (0, 0, 0, 0);
    for _ in 0..200 {
        let dead = rng.usize(1..=8);
        let length = rng.i64(6_000..90_000);
        let loss = rng.f64() * 0.03;
        // Some hops answer part of the time, and some never.
        let rates: Vec<f64> = (0..=8)
            .map(|_| match rng.u32(0..10) {
                0 => 0.0,
                1 => 0.3 + 0.6 * rng.f64(),
                _ => 1.0,
            })
            .collect();
        let mut dice = rng.fork();
        let drops = watch_way(&long_way(), 20 * MINUTE, |ms, id| {
            let hop = distance(id);
            let cut = (15 * MINUTE..15 * MINUTE + length).contains(&ms) && hop >= dead;
            let rate = if hop == 8 { 1.0 } else { rates[hop] };
            unless(cut || dice.f64() < loss || dice.f64() >= rate)
        });
        let [drop] = drops.drops() else { panic!("one drop: {:#?}", drops.drops()) };
        if drop.places.is_empty() {
            continue;
        }
        named += 1;
        at_probed += usize::from(dead <= 5);
        right_or_in_range += usize::from(drop.places.contains(&right(dead)));
        exact += usize::from(drop.places == [right(dead)]);
    }
    assert!(named >= 190, "{named} of 200 have a place");
    assert_eq!(right_or_in_range, named, "the place is wrong");
    // Of hops that are mute, or not probed, the range is all that can be known.
    assert!(10 * exact >= 7 * at_probed, "{exact} of {at_probed} are exact");
}

#[allow(clippy::unnecessary_wraps, reason = "it is what `watch` wants")]
fn not_sent(why: NotSent) -> Option<Outcome> {
    Some(Outcome::NotSent(why))
}

#[test]
fn a_default_route_that_goes_while_the_hops_answer_is_not_blamed_on_the_home() {
    let gone = |ms: i64| (15 * MINUTE..16 * MINUTE).contains(&ms);
    let all = watch(20 * MINUTE, |ms, id| match id {
        1..=3 if gone(ms) => not_sent(NotSent::NoRoute),
        _ => Some(reply()),
    });
    assert_eq!(all.drops()[0].places, [], "{:?}", all.drops()[0]);
    // The router alone can still be reached: whether it or the line took the route is not known.
    let router = watch(20 * MINUTE, |ms, id| match id {
        GATEWAY => Some(reply()),
        _ if gone(ms) => not_sent(NotSent::NoRoute),
        _ => Some(reply()),
    });
    assert_eq!(router.drops()[0].places, [], "{:?}", router.drops()[0]);
    let interface =
        watch(
            20 * MINUTE,
            |ms, id| {
                if gone(ms) { not_sent(NotSent::LinkDown) } else { unless(id == 0) }
            },
        );
    assert_eq!(interface.drops()[0].places, [Place::Lan]);
}

#[test]
fn behind_a_gateway_of_the_isp_no_arp_answer_is_the_access_line() {
    let unreachable = || {
        Some(Outcome::Unreachable(crate::vocabulary::Unreachable {
            by: None,
            icmp_type: 3,
            code: 1,
        }))
    };
    let silent = |ms: i64, _: u8| {
        if (15 * MINUTE..16 * MINUTE).contains(&ms) { unreachable() } else { Some(reply()) }
    };
    for (address, place) in
        [("203.0.113.1", Place::Access), ("100.64.0.1", Place::Access), ("192.168.1.1", Place::Lan)]
    {
        let mut targets: Vec<_> = (1..=3).map(|id| target(id, Role::Anchor)).collect();
        let endpoint = Endpoint::new(Kind::Icmp, address);
        targets.push(Target { endpoint, ..target(GATEWAY, Role::Gateway) });
        let drops = watch_way(&targets, 20 * MINUTE, silent);
        let places = &drops.drops()[0].places;
        assert!(places.contains(&place), "{address}: {places:?}");
        assert_eq!(places.contains(&Place::Lan), place == Place::Lan, "{address}: {places:?}");
    }
}
