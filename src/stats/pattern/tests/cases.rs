//! Cases at the edge: drops of one day, one that lasts, zones half an hour off, a watch by day.

use super::*;

fn change(onsets: &[f64], length: f64) -> Option<RateChange> {
    let mut onsets = onsets.to_vec();
    onsets.sort_by(f64::total_cmp);
    let (strikes, period) = (strikes(&onsets, 8.0), span(0.0, length));
    Trend::find(&strikes, &UpTimeAxis::new(&strikes, &[period], period), period).change
}

#[test]
fn drops_of_one_day_are_regular_no_time_of_day_and_over_since() {
    let mut rng = Rng::with_seed(30);
    // Twelve hours of the tenth day of thirty.
    let onsets: Vec<_> = hourly(&mut rng, 12, 0.17).iter().map(|s| s + 9.0 * DAY).collect();
    let pattern = whole(&onsets, 30.0 * DAY);
    let found: Vec<_> = pattern.recurrence.found().map(|(test, _)| test).collect();
    assert_eq!(found, [RecurrenceTest::Regular]);
    assert_eq!((pattern.recurrence.hours, pattern.episodes.len()), (None, 1));
    // The rate before the change is that of the bad day, not of the ten days up to its end.
    let change = pattern.trend.change.unwrap();
    assert!(!change.is_worse() && change.after.drops == 0, "{change:?}");
    assert!(change.before.drops == 12 && change.before.up_s < 14.0 * HOUR, "{change:?}");
    assert_eq!(change.at, at(onsets[11] + 8.0));
}

#[test]
fn bursts_are_no_change_of_rate_wherever_they_lie() {
    let mut rng = Rng::with_seed(33);
    let claimed = count(40, || {
        let onsets: Vec<_> = (0..3)
            .flat_map(|_| {
                let s = rng.f64() * 29.0 * DAY;
                (0..8).map(move |i| s + f64::from(i) * 300.0).collect::<Vec<_>>()
            })
            .collect();
        change(&onsets, 30.0 * DAY).is_some()
    });
    assert!(claimed <= 2, "{claimed} of 40");
}

#[test]
fn a_bad_week_that_was_mended_is_dated_by_its_end() {
    let mut rng = Rng::with_seed(34);
    let hits = count(20, || {
        let mut onsets = poisson(&mut rng, 2, 20.0 * DAY);
        onsets.extend(hourly(&mut rng, 120, 0.3).iter().map(|s| s + 20.0 * DAY));
        let fixed = onsets[121] + 8.0;
        onsets.extend(poisson(&mut rng, 1, 20.0 * DAY).iter().map(|s| s + fixed + DAY));
        change(&onsets, fixed + 21.0 * DAY).is_some_and(|c| {
            !c.is_worse()
                && c.before.drops.abs_diff(120) <= 2
                && seconds(c.at.micros_since(at(fixed))).abs() < DAY
        })
    });
    assert!(hits >= 18, "{hits} of 20");
}

#[test]
fn an_open_drop_has_an_onset_like_the_others_and_no_up_time_after_it() {
    let mut rng = Rng::with_seed(31);
    let onsets = hourly(&mut rng, 12, 0.17);
    let mut strikes = strikes(&onsets, 80.0);
    let last = strikes.last_mut().unwrap();
    (last.end, last.down) = (None, Duration::from_secs(3 * 3_600));
    let period = span(0.0, onsets[11] + 3.0 * HOUR);
    let pattern = Pattern::find(&strikes, &[period], period, &TimeZone::UTC);
    assert_eq!(
        (pattern.drops, pattern.recurrence.found().next().unwrap().0),
        (12, RecurrenceTest::Regular)
    );
    assert!((pattern.trend.up_s - (onsets[11] - 11.0 * 80.0)).abs() < 1e-3);
    assert_eq!(pattern.trend.dead_since, Some(at(onsets[11])));
    assert_eq!(pattern.episodes[0].to, None);
}

#[test]
fn hours_are_those_of_a_zone_half_an_hour_off() {
    // From 3:35 to 3:55 in Kolkata is from 22:05 to 22:25 UTC of the day before.
    let zone = TimeZone::get("Asia/Kolkata").unwrap();
    let onsets: Vec<_> =
        (0..10).map(|d| f64::from(d) * DAY + 22.0 * HOUR + 300.0 + 120.0 * f64::from(d)).collect();
    let period = span(0.0, 10.0 * DAY);
    let pattern = Pattern::find(&strikes(&onsets, 8.0), &[period], period, &zone);
    let hours = pattern.recurrence.hours.unwrap();
    assert_eq!((hours.from, hours.to, hours.drops, hours.days), (3, 4, 10, 10));
    assert!(found(&pattern, RecurrenceTest::TimeOfDay));
    let at_three: usize = pattern.tables.by_minute[3].iter().map(|cell| cell.drops).sum();
    assert_eq!(at_three, 10);
}

#[test]
fn evenings_are_a_time_of_day_though_nights_are_not_watched() {
    let mut rng = Rng::with_seed(32);
    let watched: Vec<_> = (0..10)
        .map(|d| span(f64::from(d) * DAY + 9.0 * HOUR, f64::from(d) * DAY + 21.0 * HOUR))
        .collect();
    let onsets: Vec<_> =
        (0..30).map(|i| f64::from(i % 10) * DAY + (18.0 + 3.0 * rng.f64()) * HOUR).collect();
    let pattern = pattern(&onsets, &watched, 10.0 * DAY);
    assert!(found(&pattern, RecurrenceTest::TimeOfDay));
    let hours = pattern.recurrence.hours.unwrap();
    assert!(hours.from >= 18 && hours.to <= 21, "{hours:?}");
}

#[test]
fn one_story_is_told_once_where_a_clock_and_the_time_watched_differ() {
    // Twenty minutes of each 50 are watched, and a drop comes every 150: 60 min of the time watched.
    let watched: Vec<_> =
        (0..36).map(|i| f64::from(i) * 3_000.0).map(|from| span(from, from + 1_200.0)).collect();
    let onsets: Vec<_> = (0..12).map(|i| 195.0 + f64::from(i) * 9_000.0).collect();
    let pattern = pattern(&onsets, &watched, 108_000.0);
    assert!(!found(&pattern, RecurrenceTest::Regular), "{:?}", pattern.recurrence);
}

#[test]
fn glimpses_of_the_line_at_noon_make_no_pattern() {
    // 39 s are watched every 79 days, each with a drop.
    let from = |i: i32| f64::from(i) * 79.0 * DAY + 12.0 * HOUR;
    let watched: Vec<_> = (0..30).map(|i| span(from(i), from(i) + 39.0)).collect();
    let onsets: Vec<_> = (0..30).map(|i| from(i) + 14.5).collect();
    let pattern = pattern(&onsets, &watched, 2_373.0 * DAY);
    assert_eq!(pattern.recurrence.found().count(), 0, "{:?}", pattern.recurrence);
    assert_eq!(pattern.episodes, [], "weeks without a look flapped");
}
