//! Clock-locked drops: a Rayleigh scan over periods from 10 min to a third of the span.
//!
//! A clock runs on while the link is down or unwatched, so phases are those of wall time, and the
//! random drops are drawn over the time watched and up: the hours in which a computer is on are not
//! a clock. The draws repeat the whole scan, so the choice of the best period is accounted for.

use std::f64::consts::TAU;
use std::time::Duration;

use fastrand::Rng;

use super::axis::{UpTimeAxis, real, seconds};
use super::chance::p_value;
use super::strike::Strike;
use crate::time::Timestamp;

/// The shortest period, in seconds.
const SHORTEST_S: f64 = 600.0;
/// Steps of frequency times drops, at most: bounds the work; long records give up short periods.
const WORK: f64 = 120_000.0;
/// Steps of frequency times drops of all random scans together: some 50 ms of work.
const BUDGET: f64 = 3e7;
/// Random scans: as many as the budget pays for, within these.
const SCANS: (u32, u32) = (249, 1_999);

/// Random drops that follow a clock this nearly as well count as following it as well: where the
/// line was watched in glimpses that keep a clock, so do all drops that could be seen.
const AS_WELL: f64 = 0.95;

/// A clock that drops follow.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct DropClock {
    /// From beat to beat.
    pub period: Duration,
    /// The last beat at or before the last drop's, of the mean phase.
    pub beat: Timestamp,
    /// Length of the mean of all phases, 0 to 1: 1 is a perfect clock.
    pub resultant: f64,
    /// Share of random drops that follow some clock as well.
    pub p: f64,
}

impl DropClock {
    /// The best clock of drops sorted by onset; `None` where the span is too short for any.
    pub(super) fn find(strikes: &[Strike], axis: &UpTimeAxis, rng: &mut Rng) -> Option<Self> {
        let (first, last) = (strikes.first()?.onset, strikes.last()?.onset);
        let span = seconds(last.micros_since(first));
        let lowest = 3.0 / span;
        let step = 0.5 / span;
        let most = (1.0 / SHORTEST_S).min(lowest + step * WORK / real(strikes.len()));
        if most.is_nan() || most <= lowest {
            return None;
        }
        let at: Vec<_> = strikes.iter().map(|s| seconds(s.onset.micros_since(first))).collect();
        let grid = FrequencyScan { least: lowest, step, most };
        let (power, frequency) = grid.best(&at);
        let (from, to) = (axis.position(first), axis.position(last));
        // Given first and last, those between are uniform in the up time between.
        let mut draw = at.clone();
        let inner = draw.len() - 1;
        let scans = (SCANS.0..=SCANS.1)
            .rev()
            .step_by(50)
            .find(|m| f64::from(*m) * real(at.len()) * (most - lowest) / step <= BUDGET)
            .unwrap_or(SCANS.0);
        let p = p_value(scans, || {
            for x in &mut draw[1..inner] {
                let position = from + rng.f64() * (to - from);
                let instant = axis.instant(position).unwrap_or(last);
                *x = seconds(instant.micros_since(first));
            }
            grid.best(&draw).0 >= AS_WELL * power
        });
        let frequency = fundamental(&at, refine(&at, frequency, step), power, lowest, step);
        let (cos, sin) = sums(&at, frequency);
        let phase = sin.atan2(cos) / TAU;
        let beat = ((span * frequency - phase).round() + phase) / frequency;
        Some(Self {
            period: Duration::from_secs_f64(1.0 / frequency),
            beat: first.plus_micros(super::axis::to_micros(beat)),
            resultant: cos.hypot(sin) / real(at.len()),
            p,
        })
    }
}

struct FrequencyScan {
    least: f64,
    step: f64,
    most: f64,
}

impl FrequencyScan {
    /// The greatest |Σ exp(2πi f t)|² and its f. Each phase is turned on from step to step.
    fn best(&self, at: &[f64]) -> (f64, f64) {
        let mut now: Vec<_> = at.iter().map(|t| (TAU * self.least * t).sin_cos()).collect();
        let turn: Vec<_> = at.iter().map(|t| (TAU * self.step * t).sin_cos()).collect();
        let mut best = (0.0, self.least);
        let mut frequency = self.least;
        while frequency <= self.most {
            let (mut x, mut y) = (0.0, 0.0);
            for ((sin, cos), (s, c)) in now.iter_mut().zip(&turn) {
                x += *cos;
                y += *sin;
                (*cos, *sin) = (*cos * c - *sin * s, *sin * c + *cos * s);
            }
            let power = x * x + y * y;
            if power > best.0 {
                best = (power, frequency);
            }
            frequency += self.step;
        }
        best
    }
}

/// Sums of cosines and sines of the phases at a frequency.
fn sums(at: &[f64], frequency: f64) -> (f64, f64) {
    at.iter().fold((0.0, 0.0), |(x, y), t| {
        let (sin, cos) = (TAU * frequency * t).sin_cos();
        (x + cos, y + sin)
    })
}

fn power(at: &[f64], frequency: f64) -> f64 {
    let (x, y) = sums(at, frequency);
    x * x + y * y
}

/// The best frequency within a step of `frequency`, to a fiftieth of a step.
fn refine(at: &[f64], frequency: f64, step: f64) -> f64 {
    (-50..=50)
        .map(|i| frequency + f64::from(i) * step / 50.0)
        .max_by(|a, b| power(at, *a).total_cmp(&power(at, *b)))
        .unwrap_or(frequency)
}

/// A drop at every beat of an hour is also one at every third beat of 20 min: the longest period
/// that fits as well is meant.
fn fundamental(at: &[f64], found: f64, seen: f64, least: f64, step: f64) -> f64 {
    (2..=6)
        .rev()
        .map(|part| refine(at, found / f64::from(part), step / f64::from(part)))
        .find(|f| *f >= least && power(at, *f) >= 0.95 * seen)
        .unwrap_or(found)
}
