use super::*;
use crate::stats::Availability;
use crate::vocabulary::{BearingCounts, Figures, GapReason};
use proptest::prelude::*;

fn s(seconds: i64) -> Timestamp {
    Timestamp::from_seconds(seconds)
}

fn span(from: i64, to: i64) -> TimeRange {
    TimeRange { from: s(from), to: s(to) }
}

fn run(from: i64, to: i64) -> Run {
    let (started, last_seen) = (s(from), s(to));
    Run { id: 1, started, boot: None, boot_id: None, last_seen, ended: None }
}

fn gap(from: i64, to: i64) -> Gap {
    Gap { range: span(from, to), reason: GapReason::Stalled }
}

/// Down from `from` to `to`, each a second early or late.
fn drop(from: i64, to: Option<i64>) -> LinkDrop {
    let bounds = |at| Bounds { earliest: s(at - 1), latest: s(at + 1) };
    let length = |more: i64| to.map_or(0, |to| to - from + more).max(0).unsigned_abs();
    let lengths = [-2, 2].map(|more| Duration::from_secs(length(more)));
    LinkDrop::bare(bounds(from), to.map(bounds), lengths)
}

fn portal(from: i64, to: i64) -> Impairment {
    let exact = |at| Bounds { earliest: s(at), latest: s(at) };
    Impairment {
        key: s(from),
        target: None,
        onset: exact(from),
        end: Some(exact(to)),
        unobserved: Duration::ZERO,
        places: Vec::new(),
        figures: Figures::CaptivePortal(BearingCounts { bearing: 1, sent: 1 }),
    }
}

fn ledger(
    period: TimeRange,
    runs: &[Run],
    gaps: &[Gap],
    drops: &[LinkDrop],
    impairments: &[Impairment],
) -> TimeLedger {
    let drops: Vec<_> = drops.iter().collect();
    TimeLedger::compute(LedgerInputs { period, runs, gaps, drops: &drops, impairments, apart: &[] })
}

#[test]
fn it_comes_with_bounds_and_with_what_was_judged() {
    let found = ledger(
        span(0, 1_000),
        &[run(100, 600), run(500, 900)],
        &[gap(600, 700)],
        &[drop(200, Some(270))],
        &[],
    );
    assert_eq!(found.judged, [span(100, 600), span(700, 900)]);
    let a = Availability::of(&found).unwrap();
    assert_eq!((a.observed.as_secs(), a.elapsed.as_secs(), a.down.as_secs()), (700, 1_000, 70));
    let near = |a: f64, b: f64| (a - b).abs() < 1e-12;
    assert!(near(a.ratio, 0.9) && near(a.lower, 1.0 - 72.0 / 700.0));
    assert!(near(a.upper, 1.0 - 68.0 / 700.0));
}

#[test]
fn of_nothing_judged_there_is_none() {
    assert_eq!(Availability::of(&ledger(span(0, 1_000), &[], &[], &[], &[])), None);
    let disputed = ledger(span(0, 10), &[run(0, 10)], &[], &[], &[portal(0, 10)]);
    assert_eq!(Availability::of(&disputed), None, "a login page is no proof of a link");
}

#[test]
fn disputed_time_is_in_the_bounds_alone() {
    let found =
        ledger(span(0, 1_000), &[run(0, 1_000)], &[], &[drop(100, Some(200))], &[portal(400, 500)]);
    let a = Availability::of(&found).unwrap();
    assert_eq!((a.observed.as_secs(), a.disputed.as_secs(), a.down.as_secs()), (900, 100, 100));
    let near = |a: f64, b: f64| (a - b).abs() < 1e-9;
    assert!(near(a.ratio, 800.0 / 900.0), "{a:?}");
    assert!(near(a.lower, 798.0 / 1_000.0) && near(a.upper, 902.0 / 1_000.0), "{a:?}");
}

#[test]
fn blips_do_not_count_and_a_drop_that_lasts_does() {
    let blip = LinkDrop { kind: DropKind::Blip, ..drop(10, Some(14)) };
    let found = ledger(span(0, 1_000), &[run(0, 800)], &[], &[blip, drop(600, None)], &[]);
    assert_eq!(found.likely_down.as_secs(), 200);
}

#[test]
fn what_was_perhaps_a_drop_is_in_the_lower_bound_alone() {
    let perhaps = LinkDrop { kind: DropKind::Possible, ..drop(10, Some(15)) };
    let a = Availability::of(&ledger(span(0, 100), &[run(0, 100)], &[], &[perhaps], &[])).unwrap();
    let near = |a: f64, b: f64| (a - b).abs() < 1e-9;
    assert!(near(a.ratio, 1.0) && near(a.upper, 1.0) && near(a.lower, 0.93), "{a:?}");
}

#[test]
fn a_drop_that_runs_into_unwatched_time_is_down_as_far_as_it_was_seen() {
    let mut drop = drop(100, Some(3_700));
    drop.end = Some(Bounds { earliest: s(117), latest: s(3_718) });
    (drop.min, drop.max) = (Duration::from_secs(16), Duration::from_secs(3_619));
    let drop = drop.in_one_stretch();
    let found = ledger(span(0, 7_200), &[run(0, 7_200)], &[gap(118, 3_718)], &[drop], &[]);
    assert_eq!(found.drops[0].spans, [span(100, 117)]);
    assert_eq!((found.down.min.as_secs(), found.down.max.as_secs()), (16, 19));
}

#[test]
fn time_between_flaps_is_up() {
    let mut flaps = drop(100, Some(127));
    let stretch = |from, to| drop(from, Some(to)).whole();
    flaps.stretches = vec![stretch(100, 106), stretch(115, 121)];
    let a = Availability::of(&ledger(span(0, 1_000), &[run(0, 1_000)], &[], &[flaps], &[]));
    assert_eq!(a.unwrap().down.as_secs(), 12);
}

#[test]
fn a_step_of_the_clock_inside_a_drop_does_not_count() {
    let mut stepped = drop(1_000, Some(1_090));
    stepped.end = Some(Bounds { earliest: s(4_689), latest: s(4_691) });
    let stepped = stepped.in_one_stretch();
    let found = ledger(span(0, 10_000), &[run(0, 10_000)], &[], &[stepped], &[]);
    assert_eq!(found.likely_down.as_secs(), 90);
}

fn spans() -> impl Strategy<Value = Vec<(i64, i64)>> {
    prop::collection::vec((0_i64..300, 0_i64..60).prop_map(|(at, n)| (at, at + n)), 0..8)
}

/// Drops one after the other, as a detector finds them.
fn apart() -> impl Strategy<Value = Vec<(i64, i64)>> {
    prop::collection::vec((3_i64..60, 3_i64..60), 0..6).prop_map(|steps| {
        let mut at = 0;
        let next = |(pause, length): (i64, i64)| {
            let from = at + pause;
            at = from + length;
            (from, at)
        };
        steps.into_iter().map(next).collect()
    })
}

proptest! {
    #[test]
    fn the_four_kinds_of_time_add_up_to_the_elapsed_time(
        lives in spans(), gaps in spans(), down in apart(), disputed in spans(),
        from in 0_i64..200, n in 1_i64..200,
    ) {
        let period = span(from, from + n);
        let runs: Vec<_> = lives.iter().map(|(a, b)| run(*a, *b)).collect();
        let gapped: Vec<_> = gaps.iter().map(|(a, b)| gap(*a, *b)).collect();
        let drops: Vec<_> = down.iter().map(|(a, b)| drop(*a, Some(*b))).collect();
        let portals: Vec<_> = disputed.iter().map(|(a, b)| portal(*a, *b)).collect();
        let found = ledger(period, &runs, &gapped, &drops, &portals);
        let within = |spans: &[(i64, i64)], t: i64| spans.iter().any(|(a, b)| (*a..*b).contains(&t));
        let watched = |t: &i64| within(&lives, *t) && !within(&gaps, *t);
        let is_down = |t: &i64| watched(t) && within(&down, *t);
        let is_disputed = |t: &i64| watched(t) && !is_down(t) && within(&disputed, *t);
        let count = |of: &dyn Fn(&i64) -> bool| (from..from + n).filter(|t| of(t)).count() as u64;
        prop_assert_eq!(total(&found.disputed).as_secs(), count(&is_disputed));
        prop_assert_eq!(found.unknown().as_secs(), n.unsigned_abs() - count(&watched));
        prop_assert_eq!(found.likely_down.as_secs(), count(&is_down));
        let sum = found.up() + found.likely_down + total(&found.disputed) + found.unknown();
        prop_assert_eq!(sum, found.elapsed);
        let per_drop: Duration = found.drops.iter().map(|drop| total(&drop.spans)).sum();
        prop_assert_eq!(per_drop, found.likely_down);
        if let Some(a) = Availability::of(&found) {
            prop_assert!(0.0 <= a.lower && a.lower <= a.upper && a.upper <= 1.0);
            prop_assert!(found.down.min <= a.down && a.down <= found.down.max);
        }
    }
}
