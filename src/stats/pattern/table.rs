//! Drops and watched time by local hour: what rates are computed from. A cell that was not watched has
//! 0 s of exposure, and no rate.

use jiff::tz::TimeZone;

use super::strike::Strike;
use crate::time::{TimeRange, Timestamp};

/// Drops that began and time watched in a cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct RateCell {
    /// Drops that began in it.
    pub drops: usize,
    /// Microseconds watched in it.
    pub watched_us: i64,
}

/// Counts and exposure in local time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RateTables {
    /// By hour of day (24), and in each by five minutes (12).
    pub by_minute: Vec<[RateCell; 12]>,
    /// By weekday (7, from Monday), and in each by hour (24).
    pub by_weekday: Vec<[RateCell; 24]>,
}

/// A watched span of one offset from UTC.
#[derive(Debug, Clone, Copy)]
pub(super) struct Local {
    pub(super) span: TimeRange,
    /// Its start as local microseconds since the local epoch.
    pub(super) local_us: i64,
}

fn offset_us(at: Timestamp, zone: &TimeZone) -> i64 {
    jiff::Timestamp::from_microsecond(at.as_micros())
        .map_or(0, |t| i64::from(zone.to_offset(t).seconds()) * 1_000_000)
}

/// Watched spans cut where the offset from UTC changes.
pub(super) fn locals(watched: &[TimeRange], zone: &TimeZone) -> Vec<Local> {
    let mut out = Vec::with_capacity(watched.len());
    for span in watched {
        let mut from = span.from;
        let start = jiff::Timestamp::from_microsecond(from.as_micros());
        let changes = start
            .iter()
            .flat_map(|t| zone.following(*t))
            .map(|change| Timestamp::from_micros(change.timestamp().as_microsecond()));
        let cuts = changes.take_while(|at| *at < span.to).chain([span.to]);
        for to in cuts.collect::<Vec<_>>() {
            if from < to {
                let local_us = from.as_micros() + offset_us(from, zone);
                out.push(Local { span: TimeRange { from, to }, local_us });
                from = to;
            }
        }
    }
    out
}

/// Local five-minute cell of the week, from Monday 0:00.
fn cell(local_us: i64) -> usize {
    // 1 January 1970 was a Thursday.
    let minutes = local_us.div_euclid(60_000_000) + 3 * 1_440;
    usize::try_from(minutes.rem_euclid(7 * 1_440) / 5).unwrap_or_default()
}

/// Local hour of day.
pub(super) fn hour(at: Timestamp, zone: &TimeZone) -> u8 {
    let hours = (at.as_micros() + offset_us(at, zone)).div_euclid(3_600_000_000);
    u8::try_from(hours.rem_euclid(24)).unwrap_or_default()
}

impl RateTables {
    pub(super) fn count(strikes: &[Strike], watched: &[TimeRange], zone: &TimeZone) -> Self {
        const CELL_US: i64 = 300_000_000;
        let mut tables = Self {
            by_minute: vec![[RateCell::default(); 12]; 24],
            by_weekday: vec![[RateCell::default(); 24]; 7],
        };
        for strike in strikes {
            let local = strike.onset.as_micros() + offset_us(strike.onset, zone);
            tables.add(local, 1, 0);
        }
        for piece in locals(watched, zone) {
            let end = piece.local_us + piece.span.to.micros_since(piece.span.from);
            let mut from = piece.local_us;
            while from < end {
                let next = ((from.div_euclid(CELL_US) + 1) * CELL_US).min(end);
                tables.add(from, 0, next - from);
                from = next;
            }
        }
        tables
    }

    fn add(&mut self, local_us: i64, drops: usize, watched_us: i64) {
        let cell = cell(local_us);
        let (day, hour, bin) = (cell / 288, cell / 12 % 24, cell % 12);
        for cell in [&mut self.by_minute[hour][bin], &mut self.by_weekday[day][hour]] {
            cell.drops += drops;
            cell.watched_us += watched_us;
        }
    }

    /// The 24 hours of the day.
    pub fn by_hour(&self) -> impl Iterator<Item = RateCell> + '_ {
        self.by_minute.iter().map(|bins| {
            bins.iter().fold(RateCell::default(), |sum, cell| RateCell {
                drops: sum.drops + cell.drops,
                watched_us: sum.watched_us + cell.watched_us,
            })
        })
    }
}
