//! One drop a day at the same minute, and what is not that.

use super::*;

/// A drop on each of these days, at about five past three, by less than a minute.
fn nights(rng: &mut Rng, days: impl Iterator<Item = u32>) -> Vec<f64> {
    days.map(|day| f64::from(day) * DAY + 3.0 * HOUR + 270.0 + 80.0 * rng.f64()).collect()
}

#[test]
fn a_drop_each_night_at_the_same_minute_is_told_as_such() {
    let mut rng = Rng::with_seed(50);
    let onsets = nights(&mut rng, 0..10);
    let daily = whole(&onsets, 10.0 * DAY).daily.unwrap();
    assert_eq!((daily.days, daily.of, daily.others), (10, 10, 0));
    let minute = |time: Duration| time.as_secs() / 60;
    assert!((184..=185).contains(&minute(daily.from)), "{daily:?}");
    assert!((185..=185).contains(&minute(daily.to)), "{daily:?}");
    assert_eq!((daily.shortest, daily.longest), (Duration::from_secs(8), Duration::from_secs(8)));
    // Also where no more was watched than ten minutes of each night.
    let glimpses: Vec<_> = (0..10_u32)
        .map(|day| f64::from(day) * DAY + 3.0 * HOUR)
        .map(|from| span(from, from + 600.0))
        .collect();
    let daily = pattern(&onsets, &glimpses, 10.0 * DAY).daily.unwrap();
    assert_eq!((daily.days, daily.of), (10, 10));
}

#[test]
fn a_night_without_one_and_some_drops_at_other_times_do_not_hide_it() {
    let mut rng = Rng::with_seed(51);
    let mut onsets = nights(&mut rng, (0..20).filter(|day| day % 7 != 3));
    onsets.extend([4.6 * DAY, 9.2 * DAY, 15.7 * DAY]);
    let daily = whole(&onsets, 20.0 * DAY).daily.unwrap();
    assert_eq!((daily.days, daily.of, daily.others), (17, 20, 3));
}

#[test]
fn drops_on_both_sides_of_midnight_are_of_one_time() {
    let mut rng = Rng::with_seed(52);
    let onsets: Vec<_> =
        (1..9).map(|day| f64::from(day) * DAY - 120.0 + 240.0 * rng.f64()).collect();
    let daily = whole(&onsets, 9.0 * DAY).daily.unwrap();
    assert_eq!(daily.days, 8);
    assert!(daily.from < Duration::from_secs(86_400) && daily.to > Duration::from_secs(86_400));
}

#[test]
fn random_hourly_and_evening_drops_are_no_scheduled_reconnect() {
    let mut rng = Rng::with_seed(53);
    let claimed = count(40, || {
        let random = poisson(&mut rng, 12, 10.0 * DAY);
        let hourly = hourly(&mut rng, 200, 0.2);
        let evenings: Vec<_> =
            (0..10_u32).map(|day| f64::from(day) * DAY + (19.0 + 4.0 * rng.f64()) * HOUR).collect();
        [random, hourly, evenings].iter().any(|onsets| whole(onsets, 10.0 * DAY).daily.is_some())
    });
    assert_eq!(claimed, 0);
    // Four nights are too few, and half an hour of glimpses says nothing of the rest of the day.
    assert_eq!(whole(&nights(&mut rng, 0..4), 5.0 * DAY).daily, None);
    let onsets: Vec<_> =
        (0..8_u32).map(|day| f64::from(day) * DAY + 3.0 * HOUR + 600.0 * rng.f64()).collect();
    let glimpses: Vec<_> = (0..8_u32)
        .map(|day| f64::from(day) * DAY + 3.0 * HOUR)
        .map(|from| span(from, from + 600.0))
        .collect();
    assert_eq!(pattern(&onsets, &glimpses, 8.0 * DAY).daily, None);
}
