//! Figures of chance next to counting.

use proptest::prelude::*;

use super::*;
use crate::time::TimeRange;

fn placed(when: f64, error: f64) -> PlacedEntry {
    PlacedEntry {
        entry: entry(LogStamp::Unset, LogClass::T3, "x"),
        at: Some(bounds(when - error, when + error)),
        seen: at(when),
        of_start: false,
    }
}

fn range(from: f64, to: f64) -> TimeRange {
    TimeRange { from: at(from), to: at(to) }
}

proptest! {
    #[test]
    fn events_near_drops_are_counted_and_expected_as_if_each_place_were_tried(
        events in prop::collection::vec((0.0..20_000.0_f64, 0.0..30.0_f64), 0..12),
        drops in prop::collection::vec((200.0..19_000.0_f64, 5.0..300.0_f64), 1..6),
    ) {
        let log: Vec<_> = events.iter().map(|(when, error)| placed(*when, *error)).collect();
        let measured: Vec<_> = drops.iter().map(|(on, length)| drop(*on, on + length)).collect();
        let known = [range(0.0, 20_000.0)];
        let found = near_drops(&measured, &log, &known);
        let near = |on: f64, length: f64| events.iter().any(|(when, error)| {
            when + error >= on - 0.5 - 60.0 && when - error <= on + length + 60.0
        });
        let counted = drops.iter().filter(|(on, length)| near(*on, *length)).count();
        prop_assert_eq!((found.drops as usize, found.with_event as usize), (drops.len(), counted));
        // Each second as a place of the onset.
        let expected: f64 = drops
            .iter()
            .map(|(_, length)| {
                let hits = (0..20_000).filter(|s| near(f64::from(*s) + 1.0, *length)).count();
                hits as f64 / 20_000.0
            })
            .sum();
        prop_assert!((found.by_chance - expected).abs() < 0.002 * drops.len() as f64 + 0.002 * events.len() as f64,
            "{} {}", found.by_chance, expected);
    }
}

fn reading(from: f64, cause: ModemReadCause) -> ModemAccount {
    account(from, 10.0, cause, ModemSnapshot::default())
}

/// A modem whose reading makes the line drop `after` so many seconds, as each reading of an end does:
/// drops until it is found out, and the test that does.
fn found_out(every: f64, after: f64, length: f64) -> (usize, HarmTest) {
    let (mut readings, mut drops, mut when) = (Vec::new(), Vec::new(), 900.0);
    while drops.len() < 60 {
        readings.push(reading(when, ModemReadCause::Scheduled));
        let end = when + after + length;
        drops.push(drop(when + after, end));
        readings.push(reading(when + after + 10.0, ModemReadCause::Drop));
        let again = end + 75.0;
        readings.push(reading(again, ModemReadCause::After));
        drops.push(drop(again + after, again + after + length));
        when = again + 10.0 + every;
        let test = drops_after_readings(&drops, &readings, &[range(0.0, when)]);
        if test.is_harmful() {
            return (drops.len(), test);
        }
    }
    panic!("not found out: every {every} s");
}

#[test]
fn readings_that_make_the_line_drop_are_found_out() {
    // At once, as each page is built, or half a minute later; as rarely and as often as can be set.
    for (every, after, length) in
        [(900.0, 30.0, 60.0), (300.0, 30.0, 60.0), (300.0, 1.0, 6.0), (86_400.0, 1.0, 6.0)]
    {
        let (drops, test) = found_out(every, after, length);
        assert!(drops <= 16, "found after {drops} drops: {test:?}");
        assert_eq!(test.drops, test.after_reading);
        assert!(test.by_chance < 0.4 * f64::from(test.drops), "{test:?}");
    }
}

#[test]
fn a_line_that_drops_by_itself_acquits_the_readings() {
    // 12 weeks, at random, in clusters: none is stopped.
    let mut rng = fastrand::Rng::with_seed(7);
    for week in 0..12 {
        let mut drops = Vec::new();
        let mut readings: Vec<_> =
            (0..672).map(|n| reading(f64::from(n) * 900.0, ModemReadCause::Scheduled)).collect();
        let mut when = 0.0;
        loop {
            when += -(1.0 - rng.f64()).ln() * 20_000.0;
            for _ in 0..rng.u32(1..6) {
                let length = 5.0 + rng.f64() * 200.0;
                drops.push(drop(when, when + length));
                readings.push(reading(when + 10.0, ModemReadCause::Drop));
                readings.push(reading(when + length + 75.0, ModemReadCause::After));
                when += length + 20.0 + rng.f64() * 200.0;
            }
            if when > 604_800.0 {
                break;
            }
        }
        readings.sort_by_key(|reading| reading.at);
        // As the daemon does, after each drop.
        for n in 1..=drops.len() {
            let until = drops[n - 1].end.unwrap().latest;
            let read: Vec<_> = readings.iter().filter(|r| r.at < until).cloned().collect();
            let watched = [TimeRange { from: at(0.0), to: until }];
            let test = drops_after_readings(&drops[..n], &read, &watched);
            assert!(!test.is_harmful(), "week {week}, drop {n}: {test:?}");
        }
    }
}

#[test]
fn the_chance_of_a_harm_test_is_that_of_so_many_drops_or_more_after_readings() {
    // Readings of 10 s with 120 s after them, each 650 s: 5,200 s of 26,000. 5 of 8 drops follow one.
    // Neither the 5 s of each drop nor 150 s after it count, of which 5 times 100 s are after a reading.
    let readings: Vec<_> =
        (0..40).map(|n| reading(f64::from(n) * 650.0, ModemReadCause::Scheduled)).collect();
    let drops: Vec<_> = (0..8)
        .map(|n| f64::from(n) * 1_300.0 + if n < 5 { 30.0 } else { 330.0 })
        .map(|when| drop(when, when + 5.0))
        .collect();
    let test = drops_after_readings(&drops, &readings, &[range(0.0, 26_000.0)]);
    assert_eq!((test.drops, test.after_reading), (8, 5));
    let share: f64 = (5_200.0 - 5.0 * 99.999) / (26_000.0 - 8.0 * 154.999);
    // 56, 28, 8 and 1 ways of 5, 6, 7 and 8 drops.
    let expected: f64 = [(56.0, 5), (28.0, 6), (8.0, 7), (1.0, 8)]
        .map(|(ways, hits)| ways * share.powi(hits) * (1.0 - share).powi(8 - hits))
        .iter()
        .sum();
    assert!((test.p - expected).abs() < 1e-9, "{} {expected}", test.p);
}
