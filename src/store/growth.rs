//! When the record will have reached its limit, and when its disk will be full. Pure.
//!
//! What is looked at a few times a day is kept in the database (`meta`, key `room`), so that it
//! outlives restarts: pages in use, which rise and fall with all that is stored and removed, and
//! the room that is left on the disk, which other programs fill as well.

use serde::{Deserialize, Serialize};

use super::space::DiskSpace;
use crate::stats::growth_per_day;
use crate::text::order::InOrder;
use crate::time::Timestamp;
use crate::vocabulary::{Alarm, Filling, Forecast, Outlook};

const HOUR_US: i64 = 3_600_000_000;
const DAY_US: i64 = 24 * HOUR_US;
/// From one kept look to the next.
const LOOK_EVERY_US: i64 = 6 * HOUR_US;
/// How many are kept: 30 days of them.
const LOOKS: usize = 120;
/// The record grows evenly: a week is enough, and a change of the configuration soon shows.
const RECORD_BACK_US: i64 = 7 * DAY_US;
const RECORD_LEAST_US: i64 = 3 * DAY_US;
/// Other programs have weekly patterns: four weeks are enough, and less than one is not.
const DISK_BACK_US: i64 = 28 * DAY_US;
const DISK_LEAST_US: i64 = 7 * DAY_US;
/// Fewer looks are not enough, however far apart.
const FEWEST: usize = 4;
/// It is reported when it is this near: time enough to get another disk, and as far ahead as the
/// looks reach back.
const NEAR_US: i64 = 28 * DAY_US;
/// What was near is so until it is as far as this: an estimate wavers by a few days.
const FAR_US: i64 = 42 * DAY_US;
/// A disk that is filling up is reported again after this time.
const AGAIN_US: i64 = 7 * DAY_US;
/// Further off nothing is foretold.
const HORIZON_US: i64 = 3_653 * DAY_US;

/// How much room there was at an instant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct SpaceLook {
    /// UTC, Unix microseconds.
    pub(super) at_us: i64,
    /// Bytes of the database with something in them.
    pub(super) used: u64,
    /// The file system, where it could be asked.
    pub(super) disk: Option<DiskSpace>,
    /// The hour of the oldest samples (Unix seconds / 3600); `None` while there are none.
    pub(super) oldest_hour: Option<i64>,
}

impl SpaceLook {
    fn at(&self) -> Timestamp {
        Timestamp::from_micros(self.at_us)
    }

    fn oldest(&self) -> Option<Timestamp> {
        self.oldest_hour.map(|hour| Timestamp::from_seconds(hour.saturating_mul(3_600)))
    }
}

/// What the record may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct SpaceBounds {
    /// Length of the file, its reserve included, in bytes.
    pub(super) limit: u64,
    /// Of these, kept free.
    pub(super) reserve: u64,
    /// Samples older than this go by age, in microseconds.
    pub(super) keep_raw_us: i64,
}

/// What is kept in the database.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(super) struct SpaceHistory {
    /// In the order in which they were taken.
    looks: Vec<SpaceLook>,
    disk: AlarmState,
    limit: AlarmState,
}

/// What was reported of one alarm.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
struct AlarmState {
    is_near: bool,
    last_us: Option<i64>,
}

impl SpaceHistory {
    /// Takes in how it is now; returns the forecast, and which alarms are to be reported once `self`
    /// is stored.
    pub(super) fn see(&mut self, now: SpaceLook, bounds: SpaceBounds) -> (Forecast, Vec<Filling>) {
        let before = self.looks.iter().map(|look| look.at_us).filter(|at| *at <= now.at_us);
        if before.max().is_none_or(|last| now.at_us - last >= LOOK_EVERY_US) {
            self.looks.push(now);
            let surplus = self.looks.len().saturating_sub(LOOKS);
            self.looks.drain(..surplus);
        }
        let mut forecast = self.forecast(now, bounds);
        // That a limit is reached is as intended, and no longer an alarm.
        let limit = if forecast.limit == Outlook::Reached { None } else { Some(forecast.limit) };
        let mut tell = Vec::new();
        for (of, told, outlook, again) in [
            (Filling::Disk, &mut self.disk, forecast.disk, AGAIN_US),
            (Filling::Limit, &mut self.limit, limit, FAR_US),
        ] {
            if told.follow(outlook, now.at_us, again) {
                tell.push(of);
            }
            if let (true, Some(last)) = (told.is_near, told.last_us) {
                forecast.alarms.push(Alarm { of, told: Timestamp::from_micros(last) });
            }
        }
        (forecast, tell)
    }

    /// What follows of the looks so far and of how it is now.
    fn forecast(&self, now: SpaceLook, bounds: SpaceBounds) -> Forecast {
        let mut looks = self.looks.clone();
        // Now takes the place of one that is younger: within an hour samples may go or not.
        looks.retain(|look| look.at_us <= now.at_us - LOOK_EVERY_US);
        looks.push(now);
        looks.order_by_key(|look| look.at_us);
        let growth = record_growth(&looks);
        let (limit, samples_days) = limit_outlook(&looks, now, bounds, growth);
        let consumed = now.disk.and_then(|disk| disk_growth(&looks, disk));
        Forecast {
            used_bytes: now.used,
            limit_bytes: bounds.limit,
            growth_bytes_per_day: growth,
            limit,
            samples_days,
            available_bytes: now.disk.map(|disk| disk.available),
            disk_growth_bytes_per_day: consumed,
            disk: now.disk.map(|disk| {
                let left = disk.available.checked_sub(disk.short()).filter(|left| *left > 0);
                left.map_or(Outlook::Reached, |left| outlook(now.at(), left, consumed))
            }),
            alarms: Vec::new(),
        }
    }

    /// As [`Self::see`], for a database that is only read: nothing is reported.
    pub(super) fn look_at(&self, now: SpaceLook, bounds: SpaceBounds) -> Forecast {
        self.clone().see(now, bounds).0
    }
}

impl AlarmState {
    /// Whether it is to be reported now.
    fn follow(&mut self, outlook: Option<Outlook>, now_us: i64, again: i64) -> bool {
        let reach = if self.is_near { FAR_US } else { NEAR_US };
        self.is_near = match outlook {
            Some(Outlook::Reached) => true,
            Some(Outlook::About { at }) => at.as_micros().saturating_sub(now_us) <= reach,
            Some(Outlook::TooEarly | Outlook::NotInSight) | None => false,
        };
        // One in the future was reported before the clock was corrected.
        let last = self.last_us.filter(|last| *last <= now_us);
        let tell = self.is_near && last.is_none_or(|last| now_us - last >= again);
        if tell {
            self.last_us = Some(now_us);
        }
        tell
    }
}

fn outlook(now: Timestamp, left: u64, growth: Option<i64>) -> Outlook {
    let Some(growth) = growth else { return Outlook::TooEarly };
    if growth <= 0 {
        return Outlook::NotInSight;
    }
    let us = i128::from(left) * i128::from(DAY_US) / i128::from(growth);
    match i64::try_from(us) {
        Ok(us) if us <= HORIZON_US => Outlook::About { at: now.plus_micros(us) },
        _ => Outlook::NotInSight,
    }
}

/// Of bytes in use since samples began, or ceased, to be removed: before that the record grew at
/// another rate.
fn record_growth(looks: &[SpaceLook]) -> Option<i64> {
    let removes = is_removing(looks);
    let alike = looks.windows(2).rev().take_while(|pair| is_removing(pair) == removes).count();
    let observed = looks[looks.len().saturating_sub(alike + 1)..].iter();
    growth(observed.map(|look| (look.at(), look.used)), RECORD_BACK_US, RECORD_LEAST_US)
}

/// Of bytes that are no longer available. Looks at another file system, as after a restore
/// elsewhere, are of no use; on some file systems the size varies a little.
fn disk_growth(looks: &[SpaceLook], now: DiskSpace) -> Option<i64> {
    let observed = looks.iter().filter_map(|look| Some((look.at(), look.disk?)));
    let same = observed.filter(|(_, disk)| disk.total.abs_diff(now.total) <= now.total / 4);
    let gone =
        same.map(|(at, disk)| (at, now.total.saturating_mul(2).saturating_sub(disk.available)));
    growth(gone, DISK_BACK_US, DISK_LEAST_US)
}

/// `None` while it is too early to say.
fn growth(observed: impl Iterator<Item = (Timestamp, u64)>, back: i64, least: i64) -> Option<i64> {
    let mut observed: Vec<_> = observed.collect();
    let (newest, _) = *observed.last()?;
    observed.retain(|(at, _)| newest.micros_since(*at) <= back);
    let span = newest.micros_since(observed.first()?.0);
    if observed.len() < FEWEST || span < least { None } else { growth_per_day(&observed) }
}

/// Whether the oldest samples went between the last two looks.
fn is_removing(looks: &[SpaceLook]) -> bool {
    let [.., before, last] = looks else { return false };
    matches!((before.oldest_hour, last.oldest_hour), (Some(a), Some(b)) if a < b)
}

/// When the limit is reached, and the age of the oldest samples then.
fn limit_outlook(
    looks: &[SpaceLook],
    now: SpaceLook,
    bounds: SpaceBounds,
    growth: Option<i64>,
) -> (Outlook, Option<i64>) {
    let left = bounds.limit.saturating_sub(bounds.reserve.saturating_add(now.used));
    let age_at = |at: Timestamp| now.oldest().map(|oldest| at.micros_since(oldest));
    let days = |us: Option<i64>| us.map(|us| us.div_euclid(DAY_US));
    // Samples go an hour at a time: what is used stays a little below the limit from then on.
    let is_young = age_at(now.at()).is_some_and(|age| age < bounds.keep_raw_us - DAY_US);
    let removing = looks.windows(2).rev().take(2).any(is_removing);
    if left == 0 || (left <= bounds.limit / 20 && removing && is_young) {
        return (Outlook::Reached, days(age_at(now.at())));
    }
    match outlook(now.at(), left, growth) {
        // Before it comes to that samples go by their age, and the record all but ceases to grow.
        Outlook::About { at } if is_young && age_at(at) > Some(bounds.keep_raw_us) => {
            (Outlook::NotInSight, None)
        }
        Outlook::About { at } => {
            (Outlook::About { at }, days(age_at(at)).map(|d| d.min(bounds.keep_raw_us / DAY_US)))
        }
        other => (other, None),
    }
}

#[cfg(test)]
mod tests;
