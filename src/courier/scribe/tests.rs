//! What is told of drops, without a daemon.

use std::time::Duration;

use super::*;
use crate::config::Lang;
use crate::time::BootTime;
use crate::vocabulary::{Bounds, DropKind, Place};

const START_S: i64 = 1_770_038_400;

fn now(s: i64) -> Reading {
    let boot_us = (5_000 + s) * 1_000_000;
    Reading {
        utc: Timestamp::from_seconds(START_S + s),
        boot: BootTime::from_micros(boot_us),
        monotonic_us: boot_us,
    }
}

fn drop_of(onset: i64, end: Option<i64>) -> LinkDrop {
    let bounds = |s: i64| Bounds { earliest: now(s).utc, latest: now(s + 1).utc };
    let length = end.map_or(5, |end| end - onset).unsigned_abs();
    let lengths = [length - 1, length + 1].map(Duration::from_secs);
    let mut drop = LinkDrop::bare(bounds(onset), end.map(bounds), lengths);
    drop.places = vec![Place::Modem, Place::Access];
    drop.key = now(onset).utc;
    drop
}

fn scribe() -> Scribe {
    Scribe::new(crate::language::of(Lang::En), TimeZone::UTC)
}

fn events(messages: &[StoredMessage]) -> Vec<MessageEvent> {
    messages.iter().map(|stored| stored.message.event).collect()
}

#[test]
fn a_correction_is_told_only_of_what_was_told_wrongly() {
    let mut scribe = scribe();
    assert_eq!(events(&scribe.on_drop(&drop_of(0, None), &now(6))), [MessageEvent::Down]);
    assert_eq!(events(&scribe.on_drop(&drop_of(0, None), &now(7))), []);
    let back = scribe.on_drop(&drop_of(0, Some(60)), &now(64));
    assert_eq!(events(&back), [MessageEvent::Back]);
    // A second more or less, and a place that is known better.
    let mut better = drop_of(0, Some(61));
    better.places = vec![Place::Access];
    assert_eq!(events(&scribe.on_drop(&better, &now(65))), []);
    let corrected = scribe.on_drop(&drop_of(0, Some(40)), &now(66));
    assert_eq!(events(&corrected), [MessageEvent::Corrected]);
    let mut elsewhere = drop_of(0, Some(40));
    elsewhere.places = vec![Place::Lan];
    let again = scribe.on_drop(&elsewhere, &now(67));
    assert_eq!(again[0].message.key, format!("{}-corrected-2", again[0].message.thread));
    // It goes on, and ends.
    assert_eq!(events(&scribe.on_drop(&drop_of(0, None), &now(68))), [MessageEvent::Down]);
    let back = scribe.on_drop(&drop_of(0, Some(90)), &now(94));
    assert_eq!(back[0].message.key, format!("{}-back-2", back[0].message.thread));
}

#[test]
fn a_drop_that_was_told_and_proves_a_blip_is_withdrawn_and_another_is_not() {
    let mut scribe = scribe();
    let blip = |onset| LinkDrop { kind: DropKind::Blip, ..drop_of(onset, Some(onset + 4)) };
    assert_eq!(scribe.on_drop(&blip(0), &now(6)), []);
    scribe.on_drop(&drop_of(10, None), &now(16));
    let told = scribe.on_drop(&blip(10), &now(20));
    assert_eq!(events(&told), [MessageEvent::Withdrawn]);
    assert!(told[0].message.text.contains("2026-02-02 13:20:1"), "{}", told[0].message.text);
    assert_eq!(scribe.on_drop(&blip(10), &now(21)), []);
    assert_eq!(scribe.on_withdrawn(now(10).utc, &now(22)), None);
}

#[test]
fn a_restart_knows_what_was_told_also_under_another_key() {
    let mut before = scribe();
    let mut messages = before.on_drop(&drop_of(0, None), &now(6));
    before.on_moved(now(0).utc, now(2).utc);
    let moved = LinkDrop { key: now(2).utc, ..drop_of(2, None) };
    assert_eq!(before.on_drop(&moved, &now(8)), []);
    messages[0].id = 1;
    let mut after = scribe();
    let stored = StoredDrop { id: 1, first_key: Some(now(0).utc), drop: moved };
    after.restore(&messages, &[stored]);
    let over = LinkDrop { key: now(2).utc, ..drop_of(2, Some(60)) };
    let back = after.on_drop(&over, &now(64));
    assert_eq!(events(&back), [MessageEvent::Back]);
    assert_eq!(back[0].message.thread, messages[0].message.thread);
    // One that was over before there was anybody to tell is not told.
    let mut late = scribe();
    late.restore(&[], &[StoredDrop { id: 2, first_key: None, drop: drop_of(0, Some(60)) }]);
    assert_eq!(late.on_drop(&drop_of(0, Some(20)), &now(70)), []);
}

#[test]
fn a_drop_that_lasts_is_told_ever_more_seldom_by_the_boot_clock() {
    let mut scribe = scribe();
    scribe.on_drop(&drop_of(0, None), &now(6));
    let status = Status::of_start(now(0).utc);
    let mut told = Vec::new();
    for s in (10..3 * 86_400).step_by(10) {
        // The clock is a day ahead after an hour and a half, and a day behind after ten.
        let ahead = match s {
            0..5_400 => 0,
            5_400..36_000 => 86_400,
            _ => -86_400,
        };
        let mut now = now(s);
        now.utc = now.utc.plus_micros(ahead * 1_000_000);
        told.extend(scribe.second(&status, &now).iter().map(|m| (s, m.message.key.clone())));
    }
    let thread = format!("drop-{}", now(0).utc.as_micros());
    let expected = [
        (900, "15m"),
        (3_600, "1h"),
        (14_400, "4h"),
        (43_200, "12h"),
        (86_400, "1d"),
        (172_800, "2d"),
    ];
    let expected = expected.map(|(s, length)| (s + 10, format!("{thread}-still-{length}")));
    let near = |(at, key): &(i64, String)| (at / 20 * 20, key.clone());
    assert_eq!(
        told.iter().map(near).collect::<Vec<_>>(),
        expected.iter().map(near).collect::<Vec<_>>()
    );
}
