//! Trend: how often drops come, since when, and whether the link died in the end.
//!
//! The change point is the greatest likelihood ratio of two Poisson rates over one, in up time. It
//! is claimed below 1 % with the choice of the point accounted for, and only where the drops on either side
//! of it are not clustered: a bad hour is an episode, not a change. A bad week between two quiet
//! ones has two changes; the newer one is reported.

use std::time::Duration;

use fastrand::Rng;

use super::axis::{UpTimeAxis, real};
use super::chance::{generator, p_value, sorted_uniform};
use super::dispersion::{dispersion, quantile};
use super::recurrence::{LEAST, LEVEL};
use super::strike::Strike;
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
    pub change: Option<RateChange>,
    /// Onset of a last drop of more than 6 h, or of 2 h and still open.
    pub dead_since: Option<Timestamp>,
}

/// Drops, and the up time in which they began.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct DropRate {
    /// How many.
    pub drops: usize,
    /// Up time, in seconds.
    pub up_s: f64,
}

/// A change from one rate of drops to another.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RateChange {
    /// First drop of more, or end of the last before fewer.
    pub at: Timestamp,
    /// Before it.
    pub before: DropRate,
    /// Since.
    pub after: DropRate,
    /// Share of random drops of one rate that change as much at some time.
    pub p: f64,
}

impl RateChange {
    /// Whether drops have become more frequent.
    pub fn is_worse(&self) -> bool {
        real(self.after.drops) * self.before.up_s > real(self.before.drops) * self.after.up_s
    }
}

impl Trend {
    /// Of drops sorted by onset.
    pub(super) fn find(strikes: &[Strike], axis: &UpTimeAxis, period: TimeRange) -> Self {
        let at: Vec<_> = strikes.iter().map(|s| axis.position(s.onset)).collect();
        let mut up: Vec<_> = at.windows(2).map(|w| w[1] - w[0]).collect();
        up.sort_unstable_by(f64::total_cmp);
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

/// The newest change. Where what one side of the first found has is clustered, that side may hold
/// another change, as of a bad week in a quiet month; more than two are not looked for.
fn change(strikes: &[Strike], at: &[f64], length: f64, rng: &mut Rng) -> Option<RateChange> {
    let n = at.len();
    let all = AxisPart { at, from: 0.0, to: length, starts_axis: true, ends_axis: true };
    let (middle, mut p) = all.split(rng)?;
    let (mut left, mut right) = all.at(middle);
    let mut index = middle.0;
    match (left.is_clustered(rng), right.is_clustered(rng)) {
        (false, false) => {}
        (true, false) => {
            let (earlier, q) = left.split(rng)?;
            let quiet;
            (quiet, left) = left.at(earlier);
            p = p.max(q);
            if quiet.is_clustered(rng) || left.is_clustered(rng) {
                return None;
            }
        }
        (false, true) => {
            let (later, q) = right.split(rng)?;
            (left, right) = right.at(later);
            (p, index) = (p.max(q), n - right.at.len());
            if left.is_clustered(rng) || right.is_clustered(rng) {
                return None;
            }
        }
        (true, true) => return None,
    }
    let (before, after) = (left.rate(), right.rate());
    let mut change = RateChange { at: strikes.first()?.onset, before, after, p };
    change.at = if change.is_worse() {
        strikes.get(index)?.onset
    } else {
        let last = strikes.get(index.checked_sub(1)?)?;
        last.end.unwrap_or(last.onset)
    };
    Some(change)
}

/// A part of the onset axis with the drops in it.
#[derive(Clone, Copy)]
struct AxisPart<'a> {
    at: &'a [f64],
    from: f64,
    to: f64,
    /// Whether its start is that of the axis: the up time after it counts as time without a drop.
    /// At a change it does not, for a change lies at a drop.
    starts_axis: bool,
    /// Whether its end is that of the axis: the same for the up time before it.
    ends_axis: bool,
}

impl AxisPart<'_> {
    fn length(&self) -> f64 {
        self.to - self.from
    }

    fn rate(&self) -> DropRate {
        DropRate { drops: self.at.len(), up_s: self.length() }
    }

    /// Where the rate changes most, as drops before it and place, and the chance of that at one
    /// rate; `None` where that is not small.
    fn split(&self, rng: &mut Rng) -> Option<((usize, f64), f64)> {
        let (n, length) = (self.at.len(), self.length());
        if n < LEAST {
            return None;
        }
        let at: Vec<_> = self.at.iter().map(|x| x - self.from).collect();
        let (ratio, before, split) = best_split(&at, length)?;
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
        (p < LEVEL_OF_CHANGE).then_some(((before, self.from + split), p))
    }

    /// Its two parts.
    fn at(&self, (before, split): (usize, f64)) -> (Self, Self) {
        let (left, right) = self.at.split_at(before);
        (
            AxisPart { at: left, to: split, ends_axis: false, ..*self },
            AxisPart { at: right, from: split, starts_axis: false, ..*self },
        )
    }

    /// Whether its drops are clustered, though it has a rate of its own.
    fn is_clustered(&self, rng: &mut Rng) -> bool {
        let (Some(first), Some(last)) = (self.at.first(), self.at.last()) else { return false };
        let mut up: Vec<_> = self.at.windows(2).map(|w| w[1] - w[0]).collect();
        up.extend(self.starts_axis.then_some(first - self.from));
        up.extend(self.ends_axis.then_some(self.to - last));
        self.at.len() >= LEAST && dispersion(&up, rng).is_some_and(|d| d.p_clustered <= LEVEL)
    }
}

/// The greatest log-likelihood ratio over the places just before and just after each drop, with
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
