use std::time::Duration;

use fastrand::Rng;

use super::axis::seconds;
use super::*;
use crate::time::Timestamp;

mod cases;
mod daily;
mod power;

const HOUR: f64 = 3_600.0;
const DAY: f64 = 86_400.0;

/// 2026-06-01 00:00 UTC, a Monday.
fn start() -> Timestamp {
    Timestamp::from_seconds(1_780_272_000)
}

#[allow(clippy::cast_possible_truncation, reason = "seconds of a test")]
fn at(s: f64) -> Timestamp {
    start().plus_micros((s * 1e6) as i64)
}

fn span(from: f64, to: f64) -> TimeRange {
    TimeRange { from: at(from), to: at(to) }
}

fn strikes(onsets: &[f64], length: f64) -> Vec<Strike> {
    onsets
        .iter()
        .map(|s| Strike {
            onset: at(*s),
            end: Some(at(s + length)),
            down: Duration::from_secs_f64(length),
        })
        .collect()
}

fn pattern(onsets: &[f64], watched: &[TimeRange], length: f64) -> Pattern {
    let mut onsets = onsets.to_vec();
    onsets.sort_by(f64::total_cmp);
    Pattern::find(&strikes(&onsets, 8.0), watched, span(0.0, length), &TimeZone::UTC)
}

fn whole(onsets: &[f64], length: f64) -> Pattern {
    pattern(onsets, &[span(0.0, length)], length)
}

fn found(pattern: &Pattern, test: RecurrenceTest) -> bool {
    pattern.recurrence.found().any(|(t, _)| t == test)
}

/// Uniform drops: Poisson, given their number.
fn poisson(rng: &mut Rng, n: usize, length: f64) -> Vec<f64> {
    let mut out: Vec<_> = (0..n).map(|_| rng.f64() * length).collect();
    out.sort_by(f64::total_cmp);
    out
}

fn count(n: u32, mut hit: impl FnMut() -> bool) -> u32 {
    (0..n).map(|_| u32::from(hit())).sum()
}

#[test]
fn the_onset_axis_agrees_with_a_count_of_every_second() {
    let mut rng = Rng::with_seed(1);
    for _ in 0..40 {
        let mut watched = Vec::new();
        let (mut s, mut strikes) = (rng.u32(0..9), Vec::new());
        while s < 200 {
            let to = s + rng.u32(1..40);
            watched.push(span(s.into(), to.into()));
            s = to + rng.u32(1..20);
        }
        let mut s = rng.u32(0..30);
        while s < 200 {
            let length = rng.u32(1..30);
            let down = Duration::ZERO;
            let end = (rng.u32(0..9) > 0).then(|| at(f64::from(s + length)));
            strikes.push(Strike { onset: at(s.into()), end, down });
            if end.is_none() {
                break;
            }
            s += length + rng.u32(1..30);
        }
        let axis = UpTimeAxis::new(&strikes, &watched, span(0.0, 300.0));
        let up = |s: u32| {
            let t = at(s.into());
            watched.iter().any(|w| w.contains(t))
                && !strikes.iter().any(|d| d.onset <= t && d.end.is_none_or(|end| t < end))
        };
        let mut naive = 0.0;
        for s in 0..300 {
            let position = axis.position(at(s.into()));
            assert!((position - naive).abs() < 1e-6, "at {s}: {position} is {naive}");
            if up(s) {
                assert_eq!(axis.instant(naive), Some(at(s.into())));
                naive += 1.0;
            }
        }
        assert!((axis.length() - naive).abs() < 1e-6);
    }
}

#[test]
fn random_drops_have_no_pattern_more_often_than_the_level_says() {
    let mut rng = Rng::with_seed(2);
    // One test at 5 % in 200 runs is met at most 22 times in 99.9 of 100 cases.
    let mut hits = [0_u32; 5];
    for run in 0..200 {
        let n = 6 + run % 19;
        let r = whole(&poisson(&mut rng, n, DAY), DAY).recurrence;
        let days = strikes(&poisson(&mut rng, n, 10.0 * DAY), 8.0);
        let watched = [span(0.0, 10.0 * DAY)];
        let hours = BusyHours::find(&days, &watched, &TimeZone::UTC, &mut rng);
        let seen = [
            r.intervals.is_some_and(|i| i.dispersion.p_regular <= 0.05),
            r.intervals.is_some_and(|i| i.dispersion.p_clustered <= 0.05),
            r.clock.is_some_and(|c| c.p <= 0.05),
            hours.is_some_and(|h| h.p <= 0.05),
            r.found().next().is_some(),
        ];
        for (hits, seen) in hits.iter_mut().zip(seen) {
            *hits += u32::from(seen);
        }
    }
    assert!(hits.iter().all(|hits| *hits <= 22), "{hits:?}");
    assert!(hits[..4].iter().all(|hits| *hits >= 1), "{hits:?}");
}

#[test]
fn the_chance_of_three_intervals_is_that_of_a_naive_count() {
    // Of two exponential times, the share of the shorter is uniform: CV = |1 - 2u|.
    let found = dispersion::dispersion(&[110.0, 310.0], &mut Rng::with_seed(3)).unwrap();
    assert!((found.cv - 0.5).abs() < 1e-9);
    assert!((found.p_regular - 0.5).abs() < 0.1, "{found:?}");
    assert!((found.p_clustered - 0.5).abs() < 0.1, "{found:?}");
}

fn hourly(rng: &mut Rng, n: usize, spread: f64) -> Vec<f64> {
    let mut s = 0.0;
    (0..n)
        .map(|_| {
            s += HOUR * (1.0 + spread * (2.0 * rng.f64() - 1.0));
            s
        })
        .collect()
}

#[test]
fn drops_about_every_hour_are_found_to_be_regular() {
    let mut rng = Rng::with_seed(4);
    let mut power = |n, spread| {
        count(60, || {
            found(&whole(&hourly(&mut rng, n, spread), 2.0 * DAY), RecurrenceTest::Regular)
        })
    };
    let (narrow, wide) = (power(6, 0.17), power(12, 0.4));
    assert!(narrow >= 57, "{narrow} of 60");
    assert!(wide >= 54, "{wide} of 60");
}

#[test]
fn a_clock_with_missing_beats_is_found_from_eight_drops() {
    let mut rng = Rng::with_seed(5);
    let hits = count(40, || {
        let mut onsets = Vec::new();
        let mut beat = 1.0;
        while onsets.len() < 8 {
            if rng.f64() >= 0.23 {
                onsets.push(beat * HOUR + 120.0 * (2.0 * rng.f64() - 1.0));
            }
            beat += 1.0;
        }
        let r = whole(&onsets, DAY).recurrence;
        r.clock.is_some_and(|c| c.p <= 0.05 && (c.period.as_secs_f64() - HOUR).abs() < 60.0)
    });
    assert!(hits >= 38, "{hits} of 40");
}

#[test]
fn drops_in_clusters_are_never_called_locked_to_a_clock() {
    let mut rng = Rng::with_seed(6);
    let mut clustered = 0;
    for _ in 0..60 {
        let mut onsets = Vec::new();
        for _ in 0..6 {
            let s = rng.f64() * 9.0 * DAY;
            onsets.extend((0..5).map(|i| s + f64::from(i) * 120.0 + 60.0 * rng.f64()));
        }
        let pattern = whole(&onsets, 10.0 * DAY);
        assert!(!found(&pattern, RecurrenceTest::Clock));
        clustered += u32::from(found(&pattern, RecurrenceTest::Clustered));
    }
    assert!(clustered >= 58, "{clustered} of 60");
}

/// S25: a drop each night at 3.
#[test]
fn drops_each_night_at_three_are_a_time_of_day() {
    let mut rng = Rng::with_seed(7);
    let hits = count(5, || {
        let onsets: Vec<_> =
            (0..10).map(|d| f64::from(d) * DAY + 3.0 * HOUR + 600.0 * rng.f64()).collect();
        let pattern = whole(&onsets, 10.0 * DAY);
        let hours = pattern.recurrence.hours.unwrap();
        assert_eq!((hours.from, hours.to, hours.drops, hours.days), (3, 4, 10, 10));
        hours.p <= 0.01 && found(&pattern, RecurrenceTest::TimeOfDay)
    });
    assert_eq!(hits, 5);
}

/// S26: Poisson drops in ten days.
#[test]
fn poisson_drops_of_ten_days_are_no_pattern() {
    let mut rng = Rng::with_seed(8);
    let hits = count(20, || {
        let n = 20 + rng.usize(0..10);
        let p = whole(&poisson(&mut rng, n, 10.0 * DAY), 10.0 * DAY);
        p.recurrence.found().next().is_some() || p.trend.change.is_some()
    });
    assert!(hits <= 5, "{hits} of 20");
}

#[test]
fn a_monitor_that_runs_by_day_makes_no_time_of_day_and_no_clock() {
    let mut rng = Rng::with_seed(9);
    let watched: Vec<_> = (0..10)
        .map(|d| span(f64::from(d) * DAY + 9.0 * HOUR, f64::from(d) * DAY + 21.0 * HOUR))
        .collect();
    let (mut hours, mut clocks) = (0, 0);
    for _ in 0..100 {
        let onsets: Vec<_> = (0..20)
            .map(|_| f64::from(rng.u32(0..10)) * DAY + (9.0 + 12.0 * rng.f64()) * HOUR)
            .collect();
        let mut strikes = strikes(&onsets, 8.0);
        strikes.sort_by_key(|s| s.onset);
        let found = BusyHours::find(&strikes, &watched, &TimeZone::UTC, &mut rng);
        hours += u32::from(found.is_some_and(|h| h.p <= 0.05));
    }
    for _ in 0..20 {
        let onsets: Vec<_> =
            (0..12).map(|i| f64::from(i % 4) * DAY + (9.0 + 12.0 * rng.f64()) * HOUR).collect();
        let r = pattern(&onsets, &watched[..4], 4.0 * DAY).recurrence;
        clocks += u32::from(r.clock.is_some_and(|c| c.p <= 0.05));
    }
    assert!(hours <= 12, "{hours} of 100");
    assert!(clocks <= 4, "{clocks} of 20");
}

#[test]
fn nights_keep_their_hour_over_a_change_of_summer_time() {
    let zone = TimeZone::get("America/Toronto").unwrap();
    let local = |day: i8| {
        let date = jiff::civil::date(2026, 10, 28)
            .checked_add(jiff::SignedDuration::from_hours(24 * i64::from(day)));
        let at = date.unwrap().at(3, 30, 0, 0).to_zoned_datetime(zone.clone()).unwrap();
        Timestamp::from_micros(at.timestamp().as_microsecond())
    };
    let strikes: Vec<_> = (0..8)
        .map(|d| Strike {
            onset: local(d),
            end: Some(local(d).plus_micros(8_000_000)),
            down: Duration::from_secs(8),
        })
        .collect();
    let period = TimeRange {
        from: local(0).plus_micros(-12_600_000_000),
        to: local(7).plus_micros(72_000_000_000),
    };
    let pattern = Pattern::find(&strikes, &[period], period, &zone);
    let hours = pattern.recurrence.hours.unwrap();
    assert_eq!((hours.from, hours.to, hours.drops, hours.days), (3, 4, 8, 8));
    // 1 November has its hour from 1 to 2 twice.
    let sunday = &pattern.tables.by_weekday[6];
    assert_eq!(sunday[1].watched_us, 2 * 3_600_000_000);
    assert_eq!(sunday[3], RateCell { drops: 1, watched_us: 3_600_000_000 });
    let all: i64 = pattern.tables.by_weekday.iter().flatten().map(|c| c.watched_us).sum();
    assert!((seconds(all) - period.length().as_secs_f64()).abs() < 1e-6);
}

#[test]
fn cells_of_the_tables_agree_with_a_naive_count_of_minutes() {
    let mut rng = Rng::with_seed(10);
    let zone = TimeZone::get("Asia/Kolkata").unwrap();
    let mut minutes: Vec<_> = (0..8).map(|_| rng.u32(0..14 * 1_440)).collect();
    minutes.sort_unstable();
    let watched: Vec<_> =
        minutes.chunks(2).map(|w| span(f64::from(w[0]) * 60.0, f64::from(w[1]) * 60.0)).collect();
    let onsets = poisson(&mut rng, 40, 14.0 * DAY);
    let tables = RateTables::count(&strikes(&onsets, 8.0), &watched, &zone);
    let mut naive = vec![[RateCell::default(); 24]; 7];
    let place = |s: f64| {
        let t = jiff::Timestamp::from_microsecond(at(s).as_micros()).unwrap();
        let local = t.to_zoned_datetime(zone.clone());
        let day = local.weekday().to_monday_zero_offset();
        (usize::try_from(day).unwrap(), usize::try_from(local.hour()).unwrap())
    };
    for m in 0..14 * 1_440 {
        let s = f64::from(m) * 60.0;
        if watched.iter().any(|w| w.contains(at(s))) {
            let (day, hour) = place(s);
            naive[day][hour].watched_us += 60_000_000;
        }
    }
    for s in onsets {
        let (day, hour) = place(s);
        naive[day][hour].drops += 1;
    }
    assert_eq!(tables.by_weekday, naive);
    let both: usize = tables.by_minute.iter().flatten().map(|c| c.drops).sum();
    assert_eq!(both, 40);
}

#[test]
fn flapping_takes_three_drops_with_at_most_three_hours_of_up_time_between() {
    let watched = [span(0.0, 5.0 * HOUR), span(15.0 * HOUR, 3.0 * DAY)];
    // Ten unwatched hours part the second and the third, and are cut out.
    let onsets = [2.0, 4.5, 16.0, 30.0, 31.0, 50.0].map(|h| h * HOUR);
    let pattern = pattern(&onsets, &watched, 3.0 * DAY);
    let want = Episode {
        from: at(2.0 * HOUR),
        to: Some(at(16.0 * HOUR + 8.0)),
        drops: 3,
        down: Duration::from_secs(24),
    };
    assert_eq!(pattern.episodes, [want]);
}

#[test]
fn a_change_of_rate_is_dated_and_a_steady_rate_has_none() {
    let mut rng = Rng::with_seed(11);
    let change = |onsets: &[f64]| {
        let strikes = strikes(onsets, 8.0);
        let period = span(0.0, 14.0 * DAY);
        Trend::find(&strikes, &UpTimeAxis::new(&strikes, &[period], period), period).change
    };
    let false_alarms = count(60, || {
        let n = 6 + rng.usize(0..60);
        change(&poisson(&mut rng, n, 14.0 * DAY)).is_some()
    });
    assert!(false_alarms <= 3, "{false_alarms} of 60");
    let hits = count(20, || {
        let mut onsets = poisson(&mut rng, 4, 9.0 * DAY);
        onsets.extend(poisson(&mut rng, 110, 5.0 * DAY).iter().map(|s| s + 9.0 * DAY));
        change(&onsets).is_some_and(|c| {
            let off = seconds(c.at.micros_since(at(9.0 * DAY)));
            c.is_worse() && c.p < 0.01 && off.abs() < 0.5 * DAY
        })
    });
    assert!(hits >= 18, "{hits} of 20");
    let mut onsets = poisson(&mut rng, 80, 5.0 * DAY);
    onsets.push(9.0 * DAY);
    assert!(!change(&onsets).unwrap().is_worse());
}

#[test]
fn a_last_drop_of_hours_is_the_end_and_a_short_one_is_not() {
    let dead = |end: Option<f64>| {
        let onset = at(20.0 * HOUR);
        let down = Duration::from_secs_f64(end.unwrap_or(4.0) * HOUR);
        let strike = Strike { onset, end: end.map(|h| at((20.0 + h) * HOUR)), down };
        let period = span(0.0, 2.0 * DAY);
        Pattern::find(&[strike], &[period], period, &TimeZone::UTC).trend.dead_since
    };
    assert_eq!(dead(None), Some(at(20.0 * HOUR)));
    assert_eq!(dead(Some(7.0)), Some(at(20.0 * HOUR)));
    assert_eq!(dead(Some(5.0)), None);
}

/// S01: a drop about every hour for five days, then none that ends for 24 h.
#[test]
fn flaps_of_five_days_are_one_episode_regular_and_then_dead() {
    let mut rng = Rng::with_seed(12);
    let onsets = hourly(&mut rng, 119, 0.17);
    let mut strikes = strikes(&onsets, 80.0);
    let last = onsets[118] + HOUR;
    strikes.push(Strike {
        onset: at(last),
        end: Some(at(last + DAY)),
        down: Duration::from_secs(86_400),
    });
    let period = span(0.0, last + DAY + 60.0);
    let pattern = Pattern::find(&strikes, &[period], period, &TimeZone::UTC);
    let (test, p) = pattern.recurrence.found().next().unwrap();
    assert!(test == RecurrenceTest::Regular && p < 0.001, "{test:?} {p}");
    let median = pattern.recurrence.intervals.unwrap().median.as_secs();
    assert!((3_500..3_700).contains(&median), "{median}");
    assert_eq!(pattern.episodes.len(), 1);
    assert_eq!(pattern.episodes[0].drops, 120);
    assert_eq!(pattern.trend.dead_since, Some(at(last)));
    assert_eq!(pattern.trend.change, None);
}

#[test]
fn fewer_than_six_drops_and_none_at_all_make_no_statement() {
    for n in 0..6 {
        let onsets: Vec<_> = (0..n).map(|i| f64::from(i) * HOUR).collect();
        let pattern = whole(&onsets, DAY);
        assert_eq!(pattern.recurrence.tests, []);
        assert_eq!(pattern.trend.change, None);
    }
    let nothing = pattern(&[], &[], 0.0);
    assert_eq!((nothing.drops, nothing.trend.median_up), (0, None));
}

#[test]
fn thousands_of_drops_and_drops_of_one_instant_are_borne() {
    let mut rng = Rng::with_seed(13);
    let many = whole(&poisson(&mut rng, 3_000, 365.0 * DAY), 365.0 * DAY);
    assert_eq!((many.drops, many.recurrence.drops), (3_000, 200));
    let same = whole(&[5_000.0; 12], DAY);
    assert_eq!(same.recurrence.clock, None);
    let unwatched = pattern(&[1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0], &[], DAY);
    assert_eq!(unwatched.drops, 8);
}

#[test]
fn drops_of_two_clocks_come_at_no_interval_of_their_own() {
    let length = 4.0 * DAY;
    let clock = |minutes: f64, first: f64| {
        (0..).map(move |n| first + 60.0 * minutes * f64::from(n)).take_while(move |s| *s < length)
    };
    let onsets: Vec<f64> = clock(61.0, 700.0).chain(clock(97.0, 1_900.0)).collect();
    let two = whole(&onsets, length);
    assert!(!two.recurrence.intervals.unwrap().are_alike(), "{two:?}");
    let one = whole(&clock(61.0, 700.0).collect::<Vec<_>>(), length);
    assert!(one.recurrence.intervals.unwrap().are_alike(), "{one:?}");
}
