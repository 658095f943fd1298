//! Interval dispersion: is the coefficient of variation (CV) of the up times between drops that of
//! Poisson drops with dead time, lower (regular) or higher (in clusters)?
//!
//! Given first and last onset, the up times of Poisson drops are the dead time plus exponential
//! parts of one mean. So the CV above the dead time depends on their number alone.

use std::time::Duration;

use fastrand::Rng;

use super::axis::{UpTimeAxis, real, seconds};
use super::chance::{DRAWS, exponential, p_value};
use super::strike::Strike;

/// Drops with less up time between them are one drop, so that random ones are this far apart.
pub(super) const DEAD_TIME_S: f64 = 10.0;

/// Times between drops, and how evenly they lie.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct DropIntervals {
    /// Median from onset to onset, unmeasured time cut out.
    pub median: Duration,
    /// First and third quartile of the same: half of the times lie between them.
    pub half: (Duration, Duration),
    /// How many there are.
    pub count: usize,
    /// Those of which at least half of the time was watched.
    pub watched: usize,
    /// How evenly the up times between drops lie, above the dead time of 10 s.
    pub dispersion: Dispersion,
}

/// How evenly times lie, against those of random drops.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Dispersion {
    /// Coefficient of variation.
    pub cv: f64,
    /// Share of random drops whose times are at least as even.
    pub p_regular: f64,
    /// Share of random drops whose times are at least as uneven.
    pub p_clustered: f64,
}

impl DropIntervals {
    /// Whether the times are about the same, so that one of them stands for all: drops of two clocks
    /// are more even than random ones, too, and come at no interval of their own.
    pub fn are_alike(&self) -> bool {
        let (low, high) = self.half;
        3 * high.saturating_sub(low) <= 2 * self.median
    }

    /// Whether most of them were watched: where only glimpses of the line were seen, the time watched
    /// from one drop to the next is the length of the glimpses.
    pub fn were_watched(&self) -> bool {
        2 * self.watched > self.count
    }

    /// `None` with fewer than three drops.
    pub(super) fn measure(strikes: &[Strike], axis: &UpTimeAxis, rng: &mut Rng) -> Option<Self> {
        let at: Vec<_> = strikes.iter().map(|s| axis.position(s.onset)).collect();
        let up: Vec<_> = at.windows(2).map(|w| w[1] - w[0]).collect();
        let mut whole: Vec<_> =
            up.iter().zip(strikes).map(|(up, s)| up + s.down.as_secs_f64()).collect();
        let elapsed = strikes.windows(2).map(|w| seconds(w[1].onset.micros_since(w[0].onset)));
        let watched = whole.iter().zip(elapsed).filter(|(seen, of)| 2.0 * *seen >= *of).count();
        whole.sort_unstable_by(f64::total_cmp);
        let dispersion = dispersion(&up, rng)?;
        let quantile = |q| Duration::from_secs_f64(quantile(&whole, q).max(0.0));
        let half = (quantile(0.25), quantile(0.75));
        Some(Self { median: quantile(0.5), half, count: whole.len(), watched, dispersion })
    }
}

/// Linear between the two neighbors; of a sorted slice that is not empty.
pub(super) fn quantile(sorted: &[f64], q: f64) -> f64 {
    let place = q * real(sorted.len() - 1);
    let below = sorted.iter().enumerate().take_while(|(i, _)| real(*i) <= place).last();
    let Some((i, low)) = below else { return f64::NAN };
    let high = sorted.get(i + 1).unwrap_or(low);
    low + (high - low) * (place - real(i))
}

/// How evenly up times in seconds lie; `None` for fewer than two.
pub(super) fn dispersion(up: &[f64], rng: &mut Rng) -> Option<Dispersion> {
    if up.len() < 2 {
        return None;
    }
    let cv_seen = cv(up.iter().map(|s| (s - DEAD_TIME_S).max(0.0)))?;
    let mut draw = vec![0.0; up.len()];
    let mut random = || {
        draw.fill_with(|| exponential(rng));
        cv(draw.iter().copied()).unwrap_or_default()
    };
    // Only the side that might be rare needs many draws.
    let p_regular = p_value(DRAWS, || random() <= cv_seen);
    let p_clustered = p_value(DRAWS, || random() >= cv_seen);
    Some(Dispersion { cv: cv_seen, p_regular, p_clustered })
}

/// Standard deviation over mean; `None` when all are 0.
fn cv(values: impl Iterator<Item = f64> + Clone) -> Option<f64> {
    let n: f64 = values.clone().map(|_| 1.0).sum();
    let mean = values.clone().sum::<f64>() / n;
    let variance = values.map(|v| (v - mean).powi(2)).sum::<f64>() / n;
    (mean > 0.0).then(|| variance.sqrt() / mean)
}
