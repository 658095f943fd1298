use std::sync::Arc;

use super::*;
use crate::live::{Present, RecentProbes};
use crate::store::{Opening, Writer};
use crate::time::BootTime;

fn at(now: Timestamp, s: i64) -> Reading {
    let us = s * 1_000_000;
    Reading { utc: now.plus_micros(us), boot: BootTime::from_micros(us), monotonic_us: us }
}

/// A daemon whose present is `status`, as a publisher sees it.
fn present(status: Status) -> SharedPresent {
    let mut present = Present::new(Duration::from_secs(3), RecentProbes::default());
    present.on_second(Arc::new(status), BootTime::from_micros(0));
    SharedPresent::new(present)
}

/// What a publisher announces in these seconds.
fn events(publisher: &mut Publisher, now: Timestamp, seconds: std::ops::Range<i64>) -> Vec<Event> {
    let mut events = Vec::new();
    for s in seconds {
        events.extend(publisher.second(at(now, s)));
        publisher.chore.wait();
    }
    events
}

#[test]
fn files_are_written_at_once_each_minute_and_when_a_drop_begins_and_say_when_it_stopped() {
    let folder = tempfile::tempdir().unwrap();
    let scene = crate::report::synthetic::flapping_week(Duration::from_secs(600));
    let database = scene.import_into(folder.path());
    let now = scene.period.to;
    let directory = folder.path().join("public");
    let mut config = Config::default();
    config.publish.dir = Some(directory.clone());
    let present = present(Status::of_start(now));
    let mut publisher = Publisher::new(&config, &database, present.clone());
    let begun = events(&mut publisher, now, 0..130);
    let [Event::PublishFails(what)] = begun.as_slice() else { panic!("once: {begun:?}") };
    assert!(what.contains("public is not a directory"), "{what}");

    std::fs::create_dir(&directory).unwrap();
    let begun = events(&mut publisher, now, 130..200);
    assert_eq!(begun, [Event::Published { to: directory.clone() }]);
    let read = |name: &str| std::fs::read_to_string(directory.join(name)).unwrap();
    let made = |json: &str| {
        serde_json::from_str::<serde_json::Value>(json).unwrap()["made"]
            .as_str()
            .unwrap()
            .to_owned()
    };
    let (first, feed) = (read("status.json"), read("feed.atom"));
    assert!(read("index.html").contains("<!DOCTYPE html>") && read("icon.svg").contains("<svg"));
    assert_eq!(events(&mut publisher, now, 200..270), []);
    let second = read("status.json");
    assert!(made(&second) > made(&first));
    assert_eq!(read("feed.atom"), feed, "nothing happened");

    let drop = Some(crate::live::DropStatus {
        id: 7,
        kind: crate::vocabulary::DropKind::Drop,
        place: "access".to_owned(),
        onset: now,
        end: None,
        min_s: None,
        max_s: None,
    });
    let (at_second, state) = (now.plus_micros(271_000_000), LinkState::Down);
    let status = Status { state, open_drop: drop, ..Status::of_start(at_second) };
    present.lock().on_second(Arc::new(status), BootTime::from_micros(271_000_000));
    assert_eq!(events(&mut publisher, now, 271..273), []);
    assert!(made(&read("status.json")) > made(&second), "within two seconds");
    assert!(read("status.json").contains("\"state\":\"down\""));

    // Whoever looks after a stop is told so.
    publisher.say_stopped(at(now, 280));
    let json: serde_json::Value = serde_json::from_str(&read("status.json")).unwrap();
    assert_eq!((json["measuring"].as_bool(), json["stopped"].is_string()), (Some(false), true));
}

#[test]
fn without_a_directory_nothing_is_done() {
    let folder = tempfile::tempdir().unwrap();
    let database = folder.path().join("linkmon.db");
    drop(Writer::open(Opening { path: &database, runtime_dir: None, version: "0" }).unwrap());
    let now = Timestamp::from_seconds(1_800_000_000);
    let mut publisher =
        Publisher::new(&Config::default(), &database, present(Status::of_start(now)));
    assert_eq!(events(&mut publisher, now, 0..130), []);
    publisher.say_stopped(at(now, 130));
}
