//! A disk that others fill up, seen by the daemon through a month.

use super::*;
use crate::courier::Follower;
use crate::store::{DiskSpace, SpaceLimits};
use crate::vocabulary::Filling;

const HOUR: i64 = 3_600;
const DAY: i64 = 24 * HOUR;

/// A disk of 60 GB that is full after 45 days.
fn disk(hour: i64) -> DiskSpace {
    let gone = u64::try_from(hour).unwrap() * (60 << 30) / (45 * 24);
    DiskSpace { available: (60 << 30) - gone, total: 60 << 30 }
}

/// Looks at the clock once an hour.
fn lives(pipeline: &mut Pipeline<'_>, hours: std::ops::Range<i64>) {
    for hour in hours {
        pipeline.writer().ask_disk_space_of(move |_| Some(disk(hour)));
        pipeline.second(reading(0, hour * HOUR * 1_000));
    }
}

fn begin<'a>(heard: &'a mut Heard, runtime: &std::path::Path, hour: i64) -> Pipeline<'a> {
    let path = heard.database.clone();
    let opening = Opening { path: &path, runtime_dir: Some(runtime), version: "0.0.0-test" };
    let (mut writer, _) = Writer::open(opening).unwrap();
    let day = Duration::from_secs(86_400);
    writer.keep_within(SpaceLimits {
        max_bytes: 2 << 30,
        keep_raw: 400 * day,
        keep_minutes: 400 * day,
    });
    let past = remember(&path, Parameters::default(), Waiting::default()).unwrap();
    let now = reading(0, hour * HOUR * 1_000);
    let boot = Some("00000000-0000-4000-8000-000000000000".to_owned());
    Pipeline::new(writer, past, now, boot, "0.0.0-test", heard).unwrap()
}

#[test]
fn a_disk_that_fills_up_is_told_once_a_week_to_the_log_the_status_and_the_desktop() {
    let mut machine = Machine::new();
    let runtime = machine.directory.path().join("run");
    let mut follower = Follower::default();
    let mut told = Vec::new();
    let mut shown = Vec::new();
    for day in 0..32 {
        machine.heard.events.clear();
        let mut pipeline = begin(&mut machine.heard, &runtime, day * 24);
        lives(&mut pipeline, day * 24..day * 24 + 23);
        pipeline.stop(reading(0, (day * DAY + 23 * HOUR) * 1_000)).unwrap();
        let is_told = |notice: &&Event| matches!(notice, Event::Filling { .. });
        told.extend(machine.heard.events.iter().filter(is_told).cloned().map(|n| (day, n)));
        let status = machine.heard.status.as_ref().unwrap();
        let near = status.storage.forecast.as_ref().unwrap().alarms.len();
        assert_eq!(near, usize::from(day >= 17), "day {day}");
        let text = serde_json::to_string(status).unwrap();
        let status: Status = serde_json::from_str(&text).unwrap();
        if let Some(Event::Filling { of, .. }) = follower.on_status(&status) {
            shown.push((day, of));
        }
    }
    let days: Vec<i64> = told.iter().map(|(day, _)| *day).collect();
    assert_eq!(days, [17, 24, 31], "four weeks before day 45, then weekly, whatever the restarts");
    assert_eq!(shown, [17, 24, 31].map(|day| (day, Filling::Disk)));
    let Event::Filling { of: Filling::Disk, forecast } = &told[0].1 else { panic!("{told:?}") };
    let text = crate::language::of(crate::config::Lang::En).room_warning(
        Filling::Disk,
        forecast,
        &jiff::tz::TimeZone::UTC,
    );
    let expected = "the disk is filling up: from about 2026-03-19 on there will be no room for the record to \
                    grow (40 GB free, 1431 MB a day less)";
    assert_eq!(text, expected);
}
