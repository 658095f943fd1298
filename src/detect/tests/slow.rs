//! Slow periods with the place of the queue, and routes that became longer.

use std::time::Duration;

use super::world::*;
use crate::detect::*;
use crate::vocabulary::{
    Figures, Impairment, Measurement, Outcome, Place, Reply, Role, SlowFigures, TargetId,
};

const MINUTE: i64 = 60_000;

/// Delays of a home in microseconds: 1 ms to the router, 8 to the provider, 20 to the anchors, and
/// some noise.
struct Line {
    rng: fastrand::Rng,
}

impl Line {
    fn new(seed: u64) -> Self {
        Self { rng: fastrand::Rng::with_seed(seed) }
    }

    fn base(&mut self, id: u8) -> u64 {
        let noise =
            self.rng.u64(0..600) + if self.rng.f64() < 0.1 { self.rng.u64(0..9_000) } else { 0 };
        noise
            + match id {
                GATEWAY => 1_000,
                MODEM => 2_000,
                ISP => 8_000,
                _ => 18_000 + 1_000 * u64::from(id),
            }
    }

    /// A queue that fills and empties.
    fn queue(&mut self) -> u64 {
        self.rng.u64(60_000..200_000)
    }
}

#[allow(clippy::unnecessary_wraps, reason = "it is what `watch` wants")]
fn after(us: u64) -> Option<Outcome> {
    Some(Outcome::reply(Duration::from_micros(us)))
}

fn slow(found: &Impairment) -> SlowFigures {
    match found.figures {
        Figures::Slow(figures) => figures,
        _ => panic!("{found:?}"),
    }
}

#[track_caller]
fn check_edges(found: &Impairment, from_ms: i64, to_ms: i64) {
    for (bounds, truth) in [(found.onset, from_ms), (found.end.unwrap(), to_ms)] {
        let truth = at(START_MS + truth);
        assert!(bounds.earliest <= truth.plus_micros(5_000_000), "{found:?}");
        assert!(bounds.latest >= truth.plus_micros(-5_000_000), "{found:?}");
        assert!(bounds.latest.micros_since(bounds.earliest) <= 10_500_000, "{found:?}");
    }
}

fn behind(hop: u8, id: u8) -> bool {
    id < GATEWAY || id >= hop
}

/// A watch of so many hours with a queue from `from` to `to` in front of all from `hop` on.
fn with_queue(seed: u64, hours: i64, spans: &[(i64, i64)], hop: u8) -> Detector {
    let mut line = Line::new(seed);
    watch(hours * HOUR, |ms, id| {
        let full = spans.iter().any(|(from, to)| (*from..*to).contains(&ms));
        let queue = if full && behind(hop, id) { line.queue() } else { 0 };
        after(line.base(id) + queue)
    })
}

#[test]
fn s09_three_evenings_of_a_full_line_are_three_slow_periods_on_the_access_line() {
    let evening = |day: i64| ((24 * day + 19) * HOUR + 3_000, (24 * day + 23) * HOUR + 8_000);
    let evenings = [evening(0), evening(1), evening(2)];
    let home = with_queue(9, 73, &evenings, ISP);
    assert_eq!(home.drops(), []);
    let found = home.impairments();
    assert_eq!(found.len(), 3, "{found:?}");
    for (one, (from, to)) in found.iter().zip(evenings) {
        check_edges(one, from, to);
        assert_eq!(one.places, [Place::Access], "{one:?}");
        let figures = slow(one);
        assert!((19_000..22_000).contains(&figures.usual_us), "{figures:?}");
        assert!((140_000..160_000).contains(&figures.median_us), "{figures:?}");
        assert!((figures.median_us..230_000).contains(&figures.worst_us), "{figures:?}");
        assert_eq!(figures.own_queue_us, None);
    }
}

#[test]
fn the_first_slow_hop_is_the_place() {
    let span = [(HOUR, HOUR + 10 * MINUTE)];
    for (hop, place) in
        [(GATEWAY, Place::Lan), (MODEM, Place::Modem), (ISP, Place::Access), (99, Place::IspCore)]
    {
        let home = with_queue(1, 2, &span, hop);
        let [one] = home.impairments() else { panic!("{hop}: {:?}", home.impairments()) };
        assert_eq!(one.places, [place], "{hop}");
        check_edges(one, span[0].0, span[0].1);
    }
}

#[test]
fn s08_two_routes_that_became_longer_are_two_steps_and_neither_a_drop_nor_slow() {
    for seed in 0..3 {
        let mut line = Line::new(seed);
        let step = 2 * HOUR + 7_000;
        let home = watch(4 * HOUR, |ms, id| {
            if id == 1 && (step..step + 3_000).contains(&ms) {
                return Some(Outcome::Lost);
            }
            let longer = match id {
                1 => 18_000,
                2 => 25_000,
                _ => 0,
            };
            after(line.base(id) + if ms >= step { longer } else { 0 })
        });
        assert_eq!(home.drops(), []);
        let found = home.impairments();
        let targets: Vec<_> = found.iter().map(|one| one.target).collect();
        assert_eq!(targets, [Some(TargetId(1)), Some(TargetId(2))], "seed {seed}: {found:?}");
        for (one, longer) in found.iter().zip([18_000_u32, 25_000]) {
            let Figures::RouteStep { before_us, after_us } = one.figures else { panic!("{one:?}") };
            assert!((after_us - before_us).abs_diff(longer) < 300, "{one:?}");
            assert_eq!(one.end, Some(one.onset));
            let off = one.onset.midpoint().micros_since(at(START_MS + step)).abs();
            assert!(off <= 10_000_000, "{one:?}");
        }
    }
}

#[test]
fn bounds_of_a_route_step_hold_the_step() {
    for seed in 0..24 {
        let mut rng = fastrand::Rng::with_seed(seed);
        let step = rng.i64(90 * MINUTE..100 * MINUTE);
        let longer = rng.bool();
        let gap = if seed % 4 == 0 { step - 5 * MINUTE..step + 5 * MINUTE } else { 0..0 };
        let mut only = target(1, Role::Anchor);
        only.interval = Duration::from_secs(2);
        let mut home = Detector::new(Parameters::default());
        home.set_targets(&[only]);
        home.begin_run(&run(1, START_MS));
        let mut line = Line::new(seed);
        for ms in (0..4 * HOUR).step_by(2_000).filter(|ms| !gap.contains(ms)) {
            let more = if (ms >= step) == longer { 20_000 } else { 0 };
            let outcome = after(line.base(1) + more).unwrap();
            let sent_at = at(START_MS + ms);
            home.on_measurement(&Measurement { target: TargetId(1), sent_at, outcome });
        }
        home.finish();
        let steps = home.impairments().iter().filter(|one| one.figures.kind() == "route-step");
        let steps: Vec<_> = steps.collect();
        let [one] = steps[..] else { panic!("seed {seed}: {steps:?}") };
        let truth = at(START_MS + step);
        let onset = one.onset;
        assert!(onset.earliest <= truth && truth <= onset.latest, "seed {seed}: {truth:?} {one:?}");
        let width = onset.latest.micros_since(onset.earliest);
        let most = 40_000_000 + (gap.end - gap.start) * 1_000;
        assert!(width <= most, "seed {seed}: {width}");
    }
}

#[test]
fn a_route_that_became_shorter_and_one_of_all_anchors_are_steps_and_the_new_delay_is_usual() {
    let mut line = Line::new(3);
    let home = watch(8 * HOUR, |ms, id| {
        let more = if ms < 2 * HOUR && id == 3 { 12_000 } else { 0 };
        let all = if ms >= 5 * HOUR && id < GATEWAY { 30_000 } else { 0 };
        after(line.base(id) + more + all)
    });
    let steps = home.impairments().iter().filter(|one| one.figures.kind() == "route-step");
    let targets: Vec<_> = steps.filter_map(|one| one.target).map(|id| id.0).collect();
    assert_eq!(targets, [3, 1, 2, 3]);
    // Nobody can tell a new route of all anchors from a queue before half an hour has gone by.
    let slow: Vec<_> =
        home.impairments().iter().filter(|one| one.figures.kind() == "slow").collect();
    assert_eq!(slow.len(), 1, "{slow:?}");
    check_edges(slow[0], 5 * HOUR, 5 * HOUR + 30 * MINUTE);
}

#[test]
fn noise_for_days_is_neither_slow_nor_a_step() {
    assert_eq!(with_queue(2, 36, &[], ISP).impairments(), []);
}

#[test]
fn one_slow_anchor_of_three_and_a_minute_too_short_are_nothing() {
    let mut line = Line::new(5);
    let home = watch(6 * HOUR, |ms, id| {
        let queue = if id == 2 && ms > 3 * HOUR { line.queue() } else { 0 };
        after(line.base(id) + queue)
    });
    assert_eq!(home.impairments(), []);
    let short = [(HOUR, HOUR + 45_000), (HOUR + 5 * MINUTE, HOUR + 5 * MINUTE + 45_000)];
    assert_eq!(with_queue(5, 2, &short, ISP).impairments(), []);
}

#[test]
fn a_period_bears_pauses_of_less_than_five_minutes_and_a_short_gap() {
    let spans = [(HOUR, HOUR + 10 * MINUTE), (HOUR + 14 * MINUTE, HOUR + 20 * MINUTE)];
    let home = with_queue(6, 2, &spans, ISP);
    let [one] = home.impairments() else { panic!("{:?}", home.impairments()) };
    check_edges(one, HOUR, HOUR + 20 * MINUTE);

    for (gap, expected) in [(4 * MINUTE, 1), (20 * MINUTE, 2)] {
        let mut line = Line::new(7);
        let off = HOUR + 10 * MINUTE..HOUR + 10 * MINUTE + gap;
        let home = watch(3 * HOUR, |ms, id| {
            let full = (HOUR..HOUR + 20 * MINUTE + gap).contains(&ms) && behind(ISP, id);
            let queue = if full { line.queue() } else { 0 };
            after(line.base(id) + queue).filter(|_| !off.contains(&ms))
        });
        let found = home.impairments();
        assert_eq!(found.len(), expected, "{found:?}");
        let unobserved: Duration = found.iter().map(|one| one.unobserved).sum();
        let inside = if expected == 1 { gap + 333 } else { 0 };
        assert_eq!(i64::try_from(unobserved.as_millis()).unwrap(), inside);
        if expected == 2 {
            let end = found[0].end.unwrap();
            let truth = at(START_MS + off.start);
            assert!(end.earliest <= truth && truth <= end.latest, "{end:?}");
        }
    }
}

/// So many days of an anchor asked every 10 s by a computer that sleeps from 23:00 to 07:00, where
/// the line adds `more` at an hour since the start.
fn days_with_nights(days: i64, seed: u64, mut more: impl FnMut(&mut Line, i64) -> u64) -> Detector {
    let mut only = target(1, Role::Anchor);
    only.interval = Duration::from_secs(10);
    let mut home = Detector::new(Parameters::default());
    home.set_targets(&[only]);
    home.begin_run(&run(1, START_MS));
    let mut line = Line::new(seed);
    for n in 0..days * 24 * 360 {
        let hour = n / 360;
        if (7..23).contains(&(hour % 24)) {
            let more = more(&mut line, hour);
            let outcome = after(line.base(1) + more).unwrap();
            let sent_at = at(START_MS + n * 10_000);
            home.on_measurement(&Measurement { target: TargetId(1), sent_at, outcome });
        }
    }
    home.finish();
    home
}

#[test]
fn a_lasting_shift_of_delay_becomes_usual_where_the_computer_sleeps_at_night() {
    let home = days_with_nights(
        14,
        11,
        |line, hour| {
            if hour >= 36 { line.rng.u64(60_000..100_000) } else { 0 }
        },
    );
    let slow: Vec<_> =
        home.impairments().iter().filter(|one| one.figures.kind() == "slow").collect();
    let end = slow.last().unwrap().end.expect("the last is over");
    let hours = end.latest.micros_since(at(START_MS + 36 * HOUR)) / 3_600_000_000;
    assert!((6 * 24..7 * 24).contains(&hours), "slow until {hours} h after the shift: {slow:?}");
}

#[test]
fn evenings_that_are_slow_until_the_computer_sleeps_stay_slow() {
    let home = days_with_nights(9, 12, |line, hour| if hour % 24 >= 19 { line.queue() } else { 0 });
    assert_eq!(home.impairments().len(), 9, "{:?}", home.impairments());
}

#[test]
fn time_in_the_own_queues_is_told_where_the_kernel_tells_it() {
    let mut line = Line::new(8);
    let home = watch(2 * HOUR, |ms, id| {
        let full = (HOUR..HOUR + 5 * MINUTE).contains(&ms) && behind(ISP, id);
        let queue = if full { line.queue() } else { 0 };
        Some(Outcome::Reply(Reply {
            rtt: Duration::from_micros(line.base(id) + queue),
            local_queue: Some(Duration::from_micros(if full { 40_000 } else { 10 })),
            ttl: None,
            phases: None,
        }))
    });
    let [one] = home.impairments() else { panic!("{:?}", home.impairments()) };
    assert_eq!(slow(one).own_queue_us, Some(40_000));
}

#[test]
fn a_record_of_one_target_a_minute_is_judged_in_blocks_of_five_minutes() {
    let mut only = target(1, Role::Anchor);
    only.interval = Duration::from_secs(60);
    let mut home = Detector::new(Parameters::default());
    home.set_targets(&[only]);
    home.begin_run(&run(1, START_MS));
    let mut line = Line::new(4);
    for n in 0..3_000 {
        let full = (1_000..1_200).contains(&n);
        let queue = if full { line.queue() } else { 0 };
        let outcome = after(line.base(1) + queue).unwrap();
        let sent_at = at(START_MS + n * MINUTE);
        home.on_measurement(&Measurement { target: TargetId(1), sent_at, outcome });
    }
    let [one] = home.impairments() else { panic!("{:?}", home.impairments()) };
    let length = one.end.unwrap().midpoint().micros_since(one.onset.midpoint()) / 60_000_000;
    assert!((190..=210).contains(&length), "{length} min: {one:?}");
}
