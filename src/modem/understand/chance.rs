//! What chance gives: events near drops, and drops after readings.

use std::time::Duration;

use super::measured::{MeasuredDrop, NEAR};
use super::place_log::PlacedEntry;
use crate::detect::binomial_tail;
use crate::time::spans::{common, total, union, without};
use crate::time::{TimeRange, Timestamp};
use crate::vocabulary::{Bounds, LogClass, ModemAccount, ModemReadCause};

/// How many drops have something near, and how many would have by chance.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct NearDrops {
    /// Drops of whose time the log is known.
    pub drops: u32,
    /// Those with an event near.
    pub with_event: u32,
    /// How many would have one if drops came at any time.
    pub by_chance: f64,
}

/// Whether an entry says that the line was lost or in danger: what begins and ends by itself.
pub(super) fn is_of_line(class: LogClass) -> bool {
    matches!(
        class,
        LogClass::T1
            | LogClass::T2
            | LogClass::T3
            | LogClass::T4
            | LogClass::RangingExhausted
            | LogClass::RangingAborted
            | LogClass::QamLockFailed
            | LogClass::FecFailed
            | LogClass::SyncLost
            | LogClass::MddLost
            | LogClass::LineLost
            | LogClass::Outage
    )
}

/// Events of the line near drops. `known` is the time of which the log is known; drops that begin
/// outside of it do not count.
///
/// By chance: were each drop laid at random into that time, with its length, the share of places
/// at which an event is near. Events that come in clusters, as they do, count once for a place.
pub fn near_drops(drops: &[MeasuredDrop], log: &[PlacedEntry], known: &[TimeRange]) -> NearDrops {
    let events: Vec<Bounds> = log
        .iter()
        .filter(|placed| is_of_line(placed.entry.class) && !placed.of_start)
        .filter_map(|placed| placed.at)
        .collect();
    let all = total(known).as_secs_f64();
    let mut near = NearDrops { drops: 0, with_event: 0, by_chance: 0.0 };
    for MeasuredDrop { onset, end, .. } in drops {
        if !known.iter().any(|range| range.contains(onset.midpoint())) || all <= 0.0 {
            continue;
        }
        near.drops += 1;
        let until = end.map_or(onset.latest, |end| end.latest);
        let is_near = |event: &Bounds| {
            event.latest >= onset.earliest - NEAR && event.earliest <= until + NEAR
        };
        near.with_event += u32::from(events.iter().any(is_near));
        // An onset at t has an event near if t is between these.
        let length = until.duration_since(onset.earliest).unwrap_or_default();
        let places = events.iter().map(|event| TimeRange {
            from: event.earliest - NEAR - length,
            to: event.latest + NEAR,
        });
        let places = union(places.collect());
        let hit = common(&places, known);
        near.by_chance += total(&hit).as_secs_f64() / all;
    }
    near
}

/// A drop follows a reading when it begins so soon after it.
const FOLLOWS_WITHIN: Duration = Duration::from_secs(120);
/// Only drops after so much time without one are looked at: those of a flapping line are not
/// independent of each other. Half of the least time between readings: else none would be looked at
/// where each reading makes the line drop.
const QUIET: Duration = Duration::from_secs(150);
/// Time later than this after a reading is not looked at.
const ABOUT_READING: Duration = Duration::from_secs(1_200);
/// More than chance: less than one in ten thousand, and so many.
const HARMFUL_P: f64 = 1e-4;
const HARMFUL_DROPS: u32 = 4;

/// Whether drops follow scheduled readings.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct HarmTest {
    /// Drops after quiet time.
    pub drops: u32,
    /// Those that began during a scheduled reading or within 120 s after it.
    pub after_reading: u32,
    /// How many would by chance.
    pub by_chance: f64,
    /// The probability of as many or more by chance.
    pub p: f64,
}

impl HarmTest {
    /// Whether linkmon has to read no more.
    pub fn is_harmful(&self) -> bool {
        self.after_reading >= HARMFUL_DROPS && self.p < HARMFUL_P
    }
}

/// Tests whether drops follow scheduled readings within `watched`. Readings that a drop caused come
/// with drops whether they do harm or not: drops in their wake do not count.
pub fn drops_after_readings(
    drops: &[MeasuredDrop],
    accounts: &[ModemAccount],
    watched: &[TimeRange],
) -> HarmTest {
    let wake = |account: &ModemAccount| TimeRange {
        from: account.at,
        to: account.until() + FOLLOWS_WITHIN,
    };
    let of = |is_scheduled: bool| {
        let of_cause =
            accounts.iter().filter(|a| (a.cause == ModemReadCause::Scheduled) == is_scheduled);
        union(of_cause.map(wake).collect())
    };
    let (scheduled, caused) = (of(true), of(false));
    // Only where a drop would count: not far from a reading, where nothing may have been watched, and
    // neither in a drop nor so soon after one.
    let about = accounts
        .iter()
        .map(|account| TimeRange { from: account.at, to: account.until() + ABOUT_READING });
    let down = drops.iter().map(|MeasuredDrop { onset, end, .. }| TimeRange {
        from: onset.latest + Duration::from_millis(1),
        to: end.map_or(onset.latest, |end| end.latest) + QUIET,
    });
    let eligible = common(watched, &union(about.collect()));
    let eligible = without(&without(&eligible, &caused), &union(down.collect()));
    let all = total(&eligible).as_secs_f64();
    let share =
        if all > 0.0 { total(&common(&scheduled, &eligible)).as_secs_f64() / all } else { 0.0 };
    let mut test = HarmTest { drops: 0, after_reading: 0, by_chance: 0.0, p: 1.0 };
    let mut last_end: Option<Timestamp> = None;
    for MeasuredDrop { onset, end, .. } in drops {
        let at = onset.midpoint();
        let is_after_quiet = last_end.is_none_or(|end| onset.earliest >= end + QUIET);
        last_end = last_end.max(Some(end.map_or(onset.latest, |end| end.latest)));
        if !is_after_quiet || !eligible.iter().any(|range| range.contains(at)) {
            continue;
        }
        test.drops += 1;
        test.after_reading += u32::from(scheduled.iter().any(|range| range.contains(at)));
    }
    test.by_chance = share * f64::from(test.drops);
    test.p = binomial_tail(test.after_reading, test.drops, share);
    test
}
