use proptest::prelude::*;

use super::*;

const GB: u64 = 1_000_000_000;
const MB: u64 = 1_000_000;
const HOURS: i64 = 3_600;
const DAYS: i64 = 24;

/// 2026-02-02T00:00:00Z, in hours.
const START: i64 = 494_808;

const BOUNDS: SpaceBounds =
    SpaceBounds { limit: 2 * GB, reserve: 4 * MB, keep_raw_us: 400 * DAY_US };

/// A record that began at the start and whose oldest samples are all there.
fn look(hour: i64, used: u64, available: u64) -> SpaceLook {
    SpaceLook {
        at_us: (START + hour) * HOURS * 1_000_000,
        used,
        disk: Some(DiskSpace { available, total: 60 * GB }),
        oldest_hour: Some(START),
    }
}

/// Hours from the start.
fn hours(at: Timestamp) -> i64 {
    at.as_micros() / 1_000_000 / HOURS - START
}

/// What is told, with the hour, over a time in which it is looked every third hour at a world.
fn told(
    watched: &mut SpaceHistory,
    hours: std::ops::Range<i64>,
    world: impl Fn(i64) -> SpaceLook,
) -> Vec<(i64, Filling)> {
    hours
        .step_by(3)
        .flat_map(|hour| {
            let (_, tell) = watched.see(world(hour), BOUNDS);
            tell.into_iter().map(move |of| (hour, of))
        })
        .collect()
}

fn forecast(hours: i64, world: impl Fn(i64) -> SpaceLook) -> Forecast {
    let mut watched = SpaceHistory::default();
    for hour in (0..hours).step_by(6) {
        watched.see(world(hour), BOUNDS);
    }
    watched.see(world(hours), BOUNDS).0
}

fn unsigned(n: i64) -> u64 {
    u64::try_from(n).unwrap()
}

#[test]
fn it_is_too_early_to_tell_for_three_days_of_the_record_and_seven_of_the_disk() {
    let world = |hour: i64| {
        look(hour, 5 * MB + unsigned(hour) * 75_000, 50 * GB - unsigned(hour) * 20 * MB)
    };
    let early = forecast(3 * DAYS - 1, world);
    assert_eq!((early.growth_bytes_per_day, early.limit), (None, Outlook::TooEarly));
    let record = forecast(3 * DAYS, world);
    assert_eq!(record.growth_bytes_per_day, Some(1_800_000));
    assert_eq!((record.disk_growth_bytes_per_day, record.disk), (None, Some(Outlook::TooEarly)));
    let both = forecast(7 * DAYS, world);
    assert_eq!(both.disk_growth_bytes_per_day, Some(480_000_000));
    let Some(Outlook::About { at }) = both.disk else { panic!("{both:?}") };
    let short = 64 << 20;
    let full = (50 * GB - short) / (20 * MB);
    assert!(hours(at).abs_diff(i64::try_from(full).unwrap()) <= 1, "{} {full}", hours(at));
}

#[test]
fn a_daemon_that_was_seldom_there_needs_four_looks() {
    let mut watched = SpaceHistory::default();
    let at = |day: i64| look(day * DAYS, unsigned(day) * MB, 50 * GB);
    for day in [0, 2, 4] {
        assert_eq!(watched.see(at(day), BOUNDS).0.growth_bytes_per_day, None, "day {day}");
    }
    assert_eq!(watched.see(at(6), BOUNDS).0.growth_bytes_per_day, Some(1_000_000));
}

#[test]
fn a_record_whose_samples_go_by_age_before_the_limit_does_not_reach_it() {
    // 2 GB at 4 MB a day are full after 500 days, and samples are kept for 400.
    let world = |hour: i64| look(hour, 5 * MB + unsigned(hour) * 4 * MB / 24, 50 * GB);
    let found = forecast(30 * DAYS, world);
    assert_eq!(found.growth_bytes_per_day.map(|n| n / 1_000), Some(4_000));
    assert_eq!((found.limit, found.samples_days), (Outlook::NotInSight, None));
}

#[test]
fn once_samples_go_by_age_only_what_was_seen_since_tells() {
    // 4 MB a day for 400 days; then summaries alone are added, 400 kB a day.
    let kept = 400 * DAYS;
    let world = |hour: i64| {
        let (rising, behind) = (hour.min(kept), (hour - kept).max(0));
        let used = unsigned(rising) * 4 * MB / 24 + unsigned(behind) * 400_000 / 24;
        SpaceLook { oldest_hour: Some(START + behind), ..look(hour, used, 50 * GB) }
    };
    let mut watched = SpaceHistory::default();
    assert_eq!(told(&mut watched, kept - 20 * DAYS..kept + 20 * DAYS, world), []);
    let found = watched.see(world(kept + 20 * DAYS), BOUNDS).0;
    assert_eq!(found.growth_bytes_per_day.map(|n| n / 1_000), Some(400));
    assert!(matches!(found.limit, Outlook::About { at } if hours(at) > 1_300 * DAYS), "{found:?}");
}

#[test]
fn a_limit_is_told_once_four_weeks_before_and_says_how_many_days_of_samples_fit() {
    // Full after 93 days; then an hour goes for an hour that comes.
    let per_hour = (BOUNDS.limit - BOUNDS.reserve).div_ceil(93 * 24);
    let full = 93 * DAYS;
    let world = |hour: i64| {
        let used = unsigned(hour.min(full)) * per_hour;
        SpaceLook { oldest_hour: Some(START + (hour - full).max(0)), ..look(hour, used, 50 * GB) }
    };
    let mut watched = SpaceHistory::default();
    let before = told(&mut watched, 0..80 * DAYS, world);
    assert_eq!(before, [(65 * DAYS, Filling::Limit)]);
    let (near, _) = watched.see(world(80 * DAYS), BOUNDS);
    assert!(
        matches!(near.limit, Outlook::About { at } if hours(at).abs_diff(full) < 2),
        "{near:?}"
    );
    assert_eq!((near.samples_days, near.alarms.len()), (Some(92), 1));
    // On the way over it, hour by hour: what is used wavers below the limit.
    let mut over = watched.clone();
    for hour in 80 * DAYS..full + 10 * DAYS {
        let now = world(hour);
        let free = unsigned(hour % 2) * per_hour;
        let (seen, tell) = over.see(SpaceLook { used: now.used - free, ..now }, BOUNDS);
        let is_reached = seen.limit == Outlook::Reached;
        assert!(is_reached || matches!(seen.limit, Outlook::About { .. }), "hour {hour}: {seen:?}");
        assert!(is_reached || hour < full + 12, "hour {hour}: {seen:?}");
        assert_eq!(tell, []);
    }
    // Reached, it is no alarm any more, whatever the estimate of the growth makes of it.
    assert_eq!(told(&mut watched, 80 * DAYS..200 * DAYS, world), []);
    let (there, _) = watched.see(world(200 * DAYS), BOUNDS);
    assert_eq!((there.limit, there.samples_days), (Outlook::Reached, Some(93)));
    assert_eq!(there.alarms, []);
}

#[test]
fn a_disk_is_told_once_a_week_while_it_fills_up_and_a_wavering_estimate_tells_no_more() {
    // Full after 60 days, give or take what other programs take and give back.
    let world = |hour: i64| {
        let noise = unsigned(hour * 7_919 % 977) * 2 * MB;
        look(hour, 5 * MB, (60 * GB).saturating_sub(unsigned(hour) * 60 * GB / (60 * 24) + noise))
    };
    let mut watched = SpaceHistory::default();
    let told = told(&mut watched, 0..60 * DAYS, world);
    let days: Vec<i64> = told.iter().map(|(hour, _)| hour / DAYS).collect();
    assert!(told.iter().all(|(_, of)| *of == Filling::Disk), "{told:?}");
    assert!((30..=33).contains(&days[0]), "{days:?}");
    assert!(days.windows(2).all(|pair| pair[1] - pair[0] == 7), "{days:?}");
    assert_eq!(days.len(), 5 - usize::from(days[0] > 31), "{days:?}");
}

#[test]
fn what_was_near_stays_so_until_it_is_clearly_further_off() {
    let mut told = AlarmState::default();
    let in_days = |n: i64| Some(Outlook::About { at: Timestamp::from_micros(n * DAY_US) });
    let days = [40, 30, 28, 30, 41, 29, 43, 41, 29, 28];
    let near: Vec<_> = days
        .map(|n| {
            told.follow(in_days(n), 0, AGAIN_US);
            told.is_near
        })
        .to_vec();
    assert_eq!(near, [false, false, true, true, true, true, false, false, false, true]);
}

#[test]
fn a_copy_of_a_film_is_no_trend_and_a_copy_each_day_is() {
    let once = |hour: i64| look(hour, 5 * MB, if hour < 15 * DAYS { 50 * GB } else { 20 * GB });
    assert_eq!(told(&mut SpaceHistory::default(), 0..30 * DAYS, once), []);
    let daily = |hour: i64| look(hour, 5 * MB, 50 * GB - unsigned(hour / DAYS) * GB);
    let found = told(&mut SpaceHistory::default(), 0..30 * DAYS, daily);
    assert!(
        matches!(found[..], [(hour, Filling::Disk), ..] if (21..25).contains(&(hour / DAYS))),
        "{found:?}"
    );
}

#[test]
fn a_disk_that_is_full_is_told_at_once_and_a_disk_that_cannot_be_asked_never() {
    let full = |hour: i64| look(hour, 5 * MB, 10 * MB);
    assert_eq!(told(&mut SpaceHistory::default(), 0..DAYS, full), [(0, Filling::Disk)]);
    let silent = |hour: i64| SpaceLook { disk: None, ..full(hour) };
    assert_eq!(told(&mut SpaceHistory::default(), 0..30 * DAYS, silent), []);
    assert_eq!(forecast(30 * DAYS, silent).disk, None);
}

#[test]
fn another_file_system_begins_anew_and_one_whose_size_wavers_does_not() {
    let total = |hour: i64| if hour < 20 * DAYS { 60 * GB } else { 500 * GB };
    let moved = |hour: i64| {
        let available = total(hour) - unsigned(hour) * 50 * MB;
        SpaceLook {
            disk: Some(DiskSpace { available, total: total(hour) }),
            ..look(hour, 5 * MB, 0)
        }
    };
    assert_eq!(forecast(26 * DAYS, moved).disk_growth_bytes_per_day, None);
    assert_eq!(forecast(27 * DAYS + 5, moved).disk_growth_bytes_per_day, Some(1_200_000_000));
    let wavers = |hour: i64| {
        let total = 60 * GB - unsigned(hour % 10) * GB;
        SpaceLook { disk: Some(DiskSpace { available: 30 * GB, total }), ..look(hour, 5 * MB, 0) }
    };
    assert_eq!(forecast(20 * DAYS, wavers).disk_growth_bytes_per_day, Some(0));
}

#[test]
fn a_clock_that_was_wrong_for_a_while_leaves_nothing_behind() {
    let mut watched = SpaceHistory::default();
    let world = |hour: i64| look(hour, 5 * MB + unsigned(hour) * MB, 50 * GB);
    told(&mut watched, 0..5 * DAYS, world);
    let ahead = |hour: i64| SpaceLook { at_us: world(hour + 9_000 * DAYS).at_us, ..world(hour) };
    told(&mut watched, 5 * DAYS..6 * DAYS, ahead);
    assert_eq!(told(&mut watched, 6 * DAYS..8 * DAYS, world), []);
    let (found, _) = watched.see(world(8 * DAYS), BOUNDS);
    assert_eq!(found.growth_bytes_per_day, Some(24_000_000));
    assert!(watched.looks.len() < 40, "{}", watched.looks.len());
}

#[test]
fn what_is_kept_is_bounded_and_is_read_again() {
    let mut watched = SpaceHistory::default();
    told(&mut watched, 0..400 * DAYS, |hour| look(hour, unsigned(hour), 50 * GB));
    let text = serde_json::to_string(&watched).unwrap();
    assert!(text.len() < 16_384, "{} bytes", text.len());
    assert_eq!(serde_json::from_str::<SpaceHistory>(&text).unwrap(), watched);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Whatever grows evenly, with noise of a tenth of a day's growth, is foretold to within a
    /// tenth of the time that is left: the oracle lets the world go on until it is full.
    #[test]
    fn the_day_foretold_is_the_day_on_which_the_world_is_full(
        free in 5_u64..50, per_day in 50_u64..2_000, seen in 8_i64..40, seed in any::<u64>(),
    ) {
        let mut random = fastrand::Rng::with_seed(seed);
        let noise: Vec<u64> = (0..1_001).map(|_| random.u64(0..per_day * MB / 10)).collect();
        let available = |hour: i64| {
            let gone = unsigned(hour) * per_day * MB / 24 + noise[usize::try_from(hour).unwrap() % 1_001];
            (free * GB).saturating_sub(gone)
        };
        let world = |hour: i64| look(hour, 5 * MB, available(hour));
        let full = (0..1 << 20).find(|hour| available(*hour) <= 64 << 20).unwrap();
        prop_assume!(full > seen * DAYS);
        let found = forecast(seen * DAYS, world);
        let Some(Outlook::About { at }) = found.disk else { panic!("{found:?}") };
        let left = full - seen * DAYS;
        let off = hours(at).abs_diff(full);
        prop_assert!(off <= unsigned(left / 10 + 6), "{} {} of {}", hours(at), full, left);
    }
}
