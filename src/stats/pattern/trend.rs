//! Trend: how often drops come, since when, and whether the link died in the end.
//!
//! The change point is the greatest likelihood ratio of two Poisson rates over one, in up time. It
//! is claimed below 1 % with the choice of the point paid for, and only where what the two rates
//! leave is not clustered: a bad hour is an episode, not a change.

use std::time::Duration;

use fastrand::Rng;

use super::Strike;
use super::axis::{Axis, real};
use super::chance::{generator, p_value, sorted_uniform};
use super::dispersion::{dispersion, quantile};
use super::recurrence::{LEAST, LEVEL};
use crate::time::{TimeRange, Timestamp};

/// Up time on each side of a change, at least, in seconds.
const SIDE_S: f64 = 6.0 * 3_600.0;
/// A change is claimed below this chance.
const LEVEL_OF_CHANGE: f64 = 0.01;
/// A last drop as long as this, or open and as long as a third of this, is the end of the line.
const DEAD: Duration = Duration::from_secs(6 * 3_600);

/// How often, and since when.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Trend {
    /// Up time watched, in seconds: what rates are of.
    pub up_s: f64,
    /// Median up time between drops; `None` with fewer than two.
    pub median_up: Option<Duration>,
    /// The change of rate, where there was one.
    pub change: Option<Change>,
    /// Onset of a last drop of more than 6 h, or of 2 h and still open.
    pub dead_since: Option<Timestamp>,
}

/// A change from one rate of drops to another.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Change {
    /// First drop of more, or end of the last before fewer.
    pub at: Timestamp,
    /// Drops before it, and up time in seconds.
    pub before: (usize, f64),
    /// Drops since, and up time in seconds.
    pub after: (usize, f64),
    /// Share of random drops of one rate that change as much at some time.
    pub p: f64,
}

impl Change {
    /// Whether drops have become more frequent.
    pub fn is_worse(&self) -> bool {
        real(self.after.0) * self.before.1 > real(self.before.0) * self.after.1
    }
}

impl Trend {
    /// Of drops sorted by onset.
    pub(super) fn of(strikes: &[Strike], axis: &Axis, period: TimeRange) -> Self {
        let at: Vec<_> = strikes.iter().map(|s| axis.position(s.onset)).collect();
        let mut up: Vec<_> = at.windows(2).map(|w| w[1] - w[0]).collect();
        up.sort_by(f64::total_cmp);
        let median_up = (!up.is_empty()).then(|| Duration::from_secs_f64(quantile(&up, 0.5)));
        let dead_since = strikes.last().filter(|last| {
            let so_far = period.to.duration_since(last.onset).unwrap_or_default();
            match last.end {
                Some(_) => last.down > DEAD,
                None => so_far >= DEAD / 3,
            }
        });
        Self {
            up_s: axis.length(),
            median_up,
            change: change(strikes, &at, axis.length(), &mut generator(strikes)),
            dead_since: dead_since.map(|last| last.onset),
        }
    }
}

fn change(strikes: &[Strike], at: &[f64], length: f64, rng: &mut Rng) -> Option<Change> {
    let n = at.len();
    if n < LEAST {
        return None;
    }
    let (ratio, before, split) = best_split(at, length)?;
    // By Chernoff, at each of 2n places P(ratio > r) <= 2 exp(-r): far out no draw is needed.
    let bound = 4.0 * real(n) * (-ratio).exp();
    let p = if bound < 5e-4 {
        bound.max(1e-4)
    } else {
        let mut draw = vec![0.0; n];
        let draws = u32::try_from(400_000 / n).unwrap_or(u32::MAX).clamp(200, 1_999);
        p_value(draws, || {
            sorted_uniform(rng, &mut draw);
            for x in &mut draw {
                *x *= length;
            }
            best_split(&draw, length).is_some_and(|(r, ..)| r >= ratio)
        })
    };
    if p >= LEVEL_OF_CHANGE || clusters_remain(at, before, split, length, rng) {
        return None;
    }
    let sides = ((before, split), (n - before, length - split));
    let mut change = Change { at: strikes.first()?.onset, before: sides.0, after: sides.1, p };
    change.at = if change.is_worse() {
        strikes.get(before)?.onset
    } else {
        let last = strikes.get(before.checked_sub(1)?)?;
        last.end.unwrap_or(last.onset)
    };
    Some(change)
}

/// The greatest log-likelihood ratio over the places just before and just behind each drop, with
/// the drops before and the place; `None` where no place leaves enough on both sides.
fn best_split(at: &[f64], length: f64) -> Option<(f64, usize, f64)> {
    let n = real(at.len());
    let part = |count: f64, time: f64| {
        if count > 0.0 { count * (count * length / (n * time)).ln() } else { 0.0 }
    };
    at.iter()
        .enumerate()
        .filter(|(_, x)| **x >= SIDE_S && length - **x >= SIDE_S)
        .flat_map(|(i, x)| [(i, *x), (i + 1, *x)])
        .map(|(before, x)| (part(real(before), x) + part(n - real(before), length - x), before, x))
        .max_by(|a, b| a.0.total_cmp(&b.0))
}

/// Whether the times between drops are clustered though each side has its own rate.
fn clusters_remain(at: &[f64], before: usize, split: f64, length: f64, rng: &mut Rng) -> bool {
    let sides = [(&at[..before], split), (&at[before..], length - split)];
    sides.iter().any(|(side, _)| {
        let up: Vec<_> = side.windows(2).map(|w| w[1] - w[0]).collect();
        side.len() >= LEAST && dispersion(&up, rng).is_some_and(|(_, _, p)| p <= LEVEL)
    })
}
