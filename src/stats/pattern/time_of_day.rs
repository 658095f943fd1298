//! Time of day: do drops prefer hours of the local day, more than the hours watched explain?
//!
//! The drops of each day are shifted as one block along that day's measured seconds, so that
//! neither a monitor that runs 9-21 h nor one bad hour with many drops makes a time of day.

use std::f64::consts::TAU;

use fastrand::Rng;
use jiff::tz::TimeZone;

use super::axis::{real, seconds, to_micros};
use super::chance::{DRAWS, p_value};
use super::strike::Strike;
use super::table::{Local, locals};
use crate::time::{TimeRange, Timestamp};

/// Days with drops that it needs.
const DAYS: usize = 5;

/// Shifts that bundle the drops this nearly as tightly count as doing so as tightly: where a day was
/// watched for a few minutes, so do all that could be seen. Nor must rounding decide.
const AS_TIGHTLY: f64 = 0.99;

/// Hours in which most drops fall.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct BusyHours {
    /// First hour.
    pub from: u8,
    /// The hour after the last, 1 to 24; at most `from` when they run over midnight.
    pub to: u8,
    /// Drops in them, the fewest hours that hold two thirds.
    pub drops: usize,
    /// Days with drops.
    pub days: usize,
    /// Share of random shifts that bundle the drops as tightly.
    pub p: f64,
}

/// A day with drops: its measured pieces with the measured seconds before each, and where on them
/// its drops lie.
struct DayOfDrops {
    pieces: Vec<(Local, f64)>,
    length: f64,
    drops: Vec<f64>,
}

impl BusyHours {
    /// `None` with fewer than five days with drops, or where no drop lies in watched time.
    pub(super) fn find(
        strikes: &[Strike],
        watched: &[TimeRange],
        zone: &TimeZone,
        rng: &mut Rng,
    ) -> Option<Self> {
        let days = days(strikes, watched, zone);
        if days.len() < DAYS {
            return None;
        }
        let seen = bundle(&days, || 0.0);
        let p = p_value(DRAWS, || bundle(&days, || rng.f64()) >= AS_TIGHTLY * seen);
        let mut counts = [0_usize; 24];
        for strike in strikes {
            counts[usize::from(super::table::hour(strike.onset, zone))] += 1;
        }
        let n: usize = counts.iter().sum();
        let (width, from, drops) = (1..=24_usize)
            .flat_map(|width| (0..24_usize).map(move |from| (width, from)))
            .map(|(width, from)| {
                (width, from, (from..from + width).map(|h| counts[h % 24]).sum::<usize>())
            })
            .filter(|(_, _, inside)| 3 * inside >= 2 * n)
            .min_by_key(|(width, _, inside)| (*width, std::cmp::Reverse(*inside)))?;
        let to = (from + width - 1) % 24 + 1;
        let byte = |h| u8::try_from(h).unwrap_or_default();
        Some(Self { from: byte(from), to: byte(to), drops, days: days.len(), p })
    }
}

fn days(strikes: &[Strike], watched: &[TimeRange], zone: &TimeZone) -> Vec<DayOfDrops> {
    const DAY_US: i64 = 86_400_000_000;
    let mut locals = locals(watched, zone);
    // Pieces end at local midnight, too.
    let mut i = 0;
    while let Some(piece) = locals.get(i).copied() {
        let midnight = (piece.local_us.div_euclid(DAY_US) + 1) * DAY_US - piece.local_us;
        let cut = piece.span.from.plus_micros(midnight);
        if cut < piece.span.to {
            locals[i].span.to = cut;
            let span = TimeRange { from: cut, to: piece.span.to };
            locals.insert(i + 1, Local { span, local_us: piece.local_us + midnight });
        }
        i += 1;
    }
    locals
        .chunk_by(|a, b| a.local_us.div_euclid(DAY_US) == b.local_us.div_euclid(DAY_US))
        .filter_map(|pieces| {
            let mut length = 0.0;
            let mut drops = Vec::new();
            let mut kept = Vec::with_capacity(pieces.len());
            for piece in pieces {
                let inside = |at: Timestamp| seconds(at.micros_since(piece.span.from));
                let first = strikes.partition_point(|s| s.onset < piece.span.from);
                let in_piece = strikes[first..].iter().take_while(|s| s.onset < piece.span.to);
                drops.extend(in_piece.map(|s| length + inside(s.onset)));
                kept.push((*piece, length));
                length += inside(piece.span.to);
            }
            (!drops.is_empty()).then_some(DayOfDrops { pieces: kept, length, drops })
        })
        .collect()
}

/// Length of the sum of all days' directions, each day shifted by a share of its measured time. A
/// day counts by the root of its drops: one bad day does not outvote the others.
fn bundle(days: &[DayOfDrops], mut turn: impl FnMut() -> f64) -> f64 {
    let (mut x, mut y) = (0.0, 0.0);
    for day in days {
        let by = turn() * day.length;
        let weight = 1.0 / real(day.drops.len()).sqrt();
        for drop in &day.drops {
            let at = (drop + by) % day.length;
            let i = day.pieces.partition_point(|(_, before)| *before <= at).saturating_sub(1);
            let (piece, before) = &day.pieces[i];
            let time = seconds(piece.local_us.rem_euclid(86_400_000_000) + to_micros(at - before));
            let (sin, cos) = (TAU * time / 86_400.0).sin_cos();
            x += weight * cos;
            y += weight * sin;
        }
    }
    x.hypot(y)
}
