//! What can be said of when drops come.

use std::time::Duration;

use linkmon::stats::pattern::RecurrenceTest;
use linkmon::vocabulary::DropKind;

use super::played::{HOUR, Played, each_cut, is_long};

fn found(played: &Played) -> Vec<(RecurrenceTest, f64)> {
    played.pattern().recurrence.found().collect()
}

#[test]
fn s01_every_flap_regular_and_one_episode_and_then_a_day_of_outage() {
    each_cut("S01", 12 * HOUR, |played| {
        played.exact();
        let mut flaps = played.drops();
        let pattern = played.pattern();
        assert!((105..=121).contains(&pattern.drops), "{}: {}", played.which, pattern.drops);
        if played.is_whole() {
            let outage = flaps.pop().unwrap();
            assert_eq!(outage.kind, DropKind::Outage);
            assert!(is_long(outage, 86_400_000), "{}: {outage:?}", played.which);
            assert_eq!(pattern.drops, flaps.len() + 1);
        }
        assert!(flaps.iter().all(|drop| drop.kind == DropKind::Drop));
        assert_eq!(pattern.episodes.len(), 1, "{}", played.which);
        assert_eq!(pattern.episodes[0].drops, pattern.drops);
        let found: Vec<_> = pattern.recurrence.found().collect();
        assert_eq!(found[0].0, RecurrenceTest::Regular, "{}: {found:?}", played.which);
        assert!(found[0].1 < 0.01, "{}: {found:?}", played.which);
        let median = pattern.recurrence.intervals.unwrap().median;
        let about = Duration::from_secs(58 * 60)..Duration::from_secs(64 * 60);
        assert!(about.contains(&median), "{}: {median:?}", played.which);
    });
}

#[test]
fn s25_a_drop_every_night_keeps_to_a_time_of_day_or_to_a_clock_of_a_day() {
    each_cut("S25", 20 * HOUR, |played| {
        played.exact();
        let found = found(played);
        assert!(
            found.iter().any(|(test, p)| *test == RecurrenceTest::TimeOfDay && *p < 0.05),
            "{}: {found:?}",
            played.which
        );
        let hours = played.pattern().recurrence.hours.unwrap();
        assert!((2..=3).contains(&hours.from) && hours.to <= 5, "{}: {hours:?}", played.which);
    });
}

#[test]
fn s26_drops_at_random_have_no_pattern() {
    each_cut("S26", 20 * HOUR, |played| {
        played.exact();
        assert_eq!(found(played), [], "{}", played.which);
    });
}
