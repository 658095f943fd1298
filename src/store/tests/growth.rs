//! The room is watched: the limit of a small record, told before it is reached.

use super::refusal::{accept_writes, refuse_writes};
use super::room::{fill, limits};
use super::*;
use crate::store::{SpaceLimits, StoreEvent};
use crate::vocabulary::{Filling, Forecast, Outlook};

const DAY: i64 = 86_400;

/// Lives for a day, in which 10 minutes are measured; gives what was told of the room.
fn day(place: &Place, writer: &mut Writer, target: &Target, n: i64) -> Vec<(Filling, Forecast)> {
    let mut told = Vec::new();
    for part in 0..10 {
        let minute = n * 1_440 + part * 144;
        fill(writer, target, minute..minute + 1);
        for news in writer.take_events() {
            let StoreEvent::Filling { of, forecast } = news else { panic!("{news:?}") };
            let stored: String = place
                .sql()
                .query_row("SELECT value FROM meta WHERE key = 'room'", [], |row| row.get(0))
                .unwrap();
            let last_us = at(minute * 60 + 60).utc.as_micros();
            assert!(stored.contains(&format!("\"last_us\":{last_us}")), "stored before: {stored}");
            told.push((of, *forecast));
        }
    }
    told
}

fn roomy() -> crate::store::DiskSpace {
    crate::store::DiskSpace { available: 50 << 30, total: 60 << 30 }
}

fn begin(place: &Place, limits: SpaceLimits, day: i64) -> Writer {
    let mut writer = place.writer();
    writer.ask_disk_space_of(|_| Some(roomy()));
    writer.keep_within(limits);
    writer.begin_run(at(day * DAY), None).unwrap();
    writer
}

#[test]
fn a_small_record_is_foretold_to_be_full_weeks_before_it_is_and_once_across_restarts() {
    let place = Place::new();
    let limits = limits(3 << 20);
    let mut writer = begin(&place, limits, 0);
    let target = anchor(&mut writer);
    let mut told = Vec::new();
    let mut removed = None;
    for n in 0..60 {
        if n % 5 == 4 {
            writer.close(at(n * DAY - 60), RunEnd::Clean).unwrap();
            writer = begin(&place, limits, n);
        }
        told.extend(day(&place, &mut writer, &target, n).into_iter().map(|news| (n, news)));
        let oldest = place.reader().extent().unwrap().unwrap().from;
        if removed.is_none() && oldest > at(3_600).utc {
            removed = Some(n);
        }
    }
    let removed = removed.expect("the oldest samples went");
    let [(on, (Filling::Limit, forecast))] = &told[..] else { panic!("{told:?}") };
    let Outlook::About { at: foretold } = forecast.limit else { panic!("{forecast:?}") };
    let foretold = foretold.micros_since(at(0).utc) / 86_400_000_000;
    assert!((26..=30).contains(&(removed - on)), "told on day {on}, so on day {removed}");
    // Early rather than late: 5 % of a record so small that summaries and chain take much of it.
    assert!((removed - 2..=removed).contains(&foretold), "{foretold} for {removed}");
    let days = forecast.samples_days.unwrap();
    assert!(days.abs_diff(removed) <= 2, "{days} days of samples fit for {removed}");

    // At the limit all is as intended.
    let health = writer.health().forecast.unwrap();
    assert_eq!((health.limit, &health.alarms[..]), (Outlook::Reached, &[][..]), "{health:?}");
    let kept = health.samples_days.unwrap();
    assert!((days - 8..=days).contains(&kept), "{kept} days are kept of {days}");
    // Whoever only reads sees the same, but for the disk, which is the real one.
    let read = place.reader().forecast(limits, at(60 * DAY).utc).unwrap();
    assert_eq!((read.limit, read.limit_bytes), (health.limit, health.limit_bytes));
    // The writer looked an hour ago at most.
    assert!(read.used_bytes.abs_diff(health.used_bytes) < 64 << 10, "{read:?} {health:?}");
}

#[test]
fn nothing_is_told_that_could_not_be_stored() {
    let place = Place::new();
    let mut writer = begin(&place, limits(1 << 30), 0);
    let target = anchor(&mut writer);
    fill(&mut writer, &target, 0..2);
    assert_eq!(writer.take_events(), []);
    let full = crate::store::DiskSpace { available: 1 << 20, total: 60 << 30 };
    writer.ask_disk_space_of(move |_| Some(full));
    refuse_writes(&place.db());
    for s in 0..120 {
        let _ = writer.second(at(3_600 + s * 60), "{}");
    }
    assert_eq!(writer.take_events(), []);
    accept_writes(&place.db());
    for s in 0..3 {
        let _ = writer.second(at(4 * 3_600 + s * 60), "{}");
    }
    let news = writer.take_events();
    assert!(matches!(news[..], [StoreEvent::Filling { of: Filling::Disk, .. }]), "{news:?}");
}

#[test]
fn what_cannot_be_understood_of_the_room_is_begun_anew() {
    let place = Place::new();
    place.writer().close(at(0), RunEnd::Clean).unwrap();
    place.sql().execute("INSERT INTO meta VALUES ('room', 'looks')", []).unwrap();
    let mut writer = begin(&place, limits(1 << 30), 0);
    writer.second(at(1), "{}").unwrap();
    assert!(writer.health().forecast.is_some());
    let forecast = place.reader().forecast(limits(1 << 30), at(2).utc).unwrap();
    assert_eq!(forecast.limit, Outlook::TooEarly);
}
