//! One drop a day at the same minute: what a scheduled reconnect looks like. ISPs that end each
//! session after a day, and routers that reconnect at night of their own accord to be the first, make
//! such drops.

use std::time::Duration;

use jiff::tz::TimeZone;

use super::axis::{real, seconds};
use super::strike::Strike;
use super::table::{Local, locals};
use crate::time::TimeRange;

/// Days with such a drop that it needs.
const DAYS: usize = 5;
/// They begin within this of each other, by the clock.
const WIDEST_US: i64 = 30 * 60_000_000;
/// And within this share of the time watched on a day.
const OF_WATCHED: i64 = 4;
/// On so large a share of the days on which that time was watched there is one.
const DAYS_WITH: f64 = 0.8;
/// So many others may begin by chance in a span as wide, on a day.
const BY_CHANCE: f64 = 0.2;
/// A reconnect takes seconds or a few minutes.
const LONGEST: Duration = Duration::from_secs(15 * 60);

const DAY_US: i64 = 86_400_000_000;

/// Drops that come once a day at the same time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DailyDrops {
    /// Time of day of the earliest of them by the clock, from local midnight.
    pub from: Duration,
    /// That of the latest; beyond 24 h where they lie on both sides of midnight.
    pub to: Duration,
    /// Days with one.
    pub days: usize,
    /// Days on which that time was watched, from the first such drop to the last.
    pub of: usize,
    /// The shortest.
    pub shortest: Duration,
    /// The longest.
    pub longest: Duration,
    /// Drops at other times.
    pub others: usize,
}

/// A drop in local time.
#[derive(Debug, Clone, Copy)]
struct LocalDrop {
    at_us: i64,
    down: Duration,
}

impl DailyDrops {
    pub(super) fn find(strikes: &[Strike], watched: &[TimeRange], zone: &TimeZone) -> Option<Self> {
        if strikes.len() < DAYS {
            return None;
        }
        let pieces = locals(watched, zone);
        let local = |strike: &Strike| {
            let after = pieces.partition_point(|piece| piece.span.from <= strike.onset);
            let piece = pieces.get(after.checked_sub(1)?)?;
            let at_us = piece.local_us + strike.onset.micros_since(piece.span.from);
            Some(LocalDrop { at_us, down: strike.down })
        };
        let ended = strikes.iter().filter(|strike| strike.end.is_some());
        let drops: Vec<LocalDrop> = ended.filter_map(local).collect();
        let starts = drops.iter().map(|drop| drop.at_us.rem_euclid(DAY_US));
        let (start, _) = starts
            .map(|start| (start, days(&inside(&drops, start, WIDEST_US), start).len()))
            .max_by_key(|(start, days)| (*days, std::cmp::Reverse(*start)))?;
        Self::at(&drops, &pieces, strikes.len(), start)
    }

    /// Of the drops that begin within half an hour of this time of day.
    fn at(drops: &[LocalDrop], pieces: &[Local], all: usize, start: i64) -> Option<Self> {
        let found = inside(drops, start, WIDEST_US);
        let with = days(&found, start);
        if with.len() < DAYS || 10 * found.len() > 11 * with.len() {
            return None;
        }
        let after = |drop: &LocalDrop| (drop.at_us - start).rem_euclid(DAY_US);
        let last = found.iter().map(after).max()?;
        let middle = start + last / 2;
        let span = *with.first()?..=*with.last()?;
        let is_watched = |day: &i64| {
            let at = day * DAY_US + middle;
            pieces.iter().any(|piece| (piece.local_us..end(piece)).contains(&at))
        };
        let of = span.clone().filter(is_watched).count();
        let (first_us, last_us) = (span.start() * DAY_US + start, span.end() * DAY_US + start);
        let within = |piece: &Local| {
            (end(piece).min(last_us + DAY_US / 2) - piece.local_us.max(first_us - DAY_US / 2))
                .max(0)
        };
        let watched: i64 = pieces.iter().map(within).sum();
        let a_day = watched / i64::try_from(of.max(1)).ok()?;
        let others = all - found.len();
        let elsewhere = (watched - i64::try_from(of).ok()? * WIDEST_US).max(WIDEST_US);
        let by_chance = real(others) * seconds(WIDEST_US) / seconds(elsewhere);
        let longest = found.iter().map(|drop| drop.down).max()?;
        let holds = real(with.len()) >= DAYS_WITH * real(of)
            && last * OF_WATCHED <= a_day
            && by_chance <= BY_CHANCE
            && longest <= LONGEST;
        let time = |us: i64| Duration::from_micros(u64::try_from(us).unwrap_or_default());
        holds.then_some(Self {
            from: time(start),
            to: time(start + last),
            days: with.len(),
            of,
            shortest: found.iter().map(|drop| drop.down).min()?,
            longest,
            others,
        })
    }
}

fn end(piece: &Local) -> i64 {
    piece.local_us + piece.span.to.micros_since(piece.span.from)
}

/// Those that begin within `width` after this time of day.
fn inside(drops: &[LocalDrop], start: i64, width: i64) -> Vec<LocalDrop> {
    let after = |drop: &&LocalDrop| (drop.at_us - start).rem_euclid(DAY_US) <= width;
    drops.iter().filter(after).copied().collect()
}

/// The days with one, each once, in order; a day begins at `start`.
fn days(found: &[LocalDrop], start: i64) -> Vec<i64> {
    let mut days: Vec<_> =
        found.iter().map(|drop| (drop.at_us - start).div_euclid(DAY_US)).collect();
    days.sort_unstable();
    days.dedup();
    days
}
