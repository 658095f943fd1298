use fastrand::Rng;

use super::axis::seconds;
use super::chance::exponential;
use super::*;

const HOUR: f64 = 3_600.0;
const DAY: f64 = 86_400.0;

/// 2026-06-01 00:00 UTC, a Monday.
fn start() -> Timestamp {
    Timestamp::from_seconds(1_780_272_000)
}

#[allow(clippy::cast_possible_truncation, reason = "seconds of a test")]
fn at(s: f64) -> Timestamp {
    start().plus_micros((s * 1e6) as i64)
}

fn span(from: f64, to: f64) -> TimeRange {
    TimeRange { from: at(from), to: at(to) }
}

fn strikes(onsets: &[f64], length: f64) -> Vec<Strike> {
    onsets
        .iter()
        .map(|s| Strike {
            onset: at(*s),
            end: Some(at(s + length)),
            down: Duration::from_secs_f64(length),
        })
        .collect()
}

fn pattern(onsets: &[f64], watched: &[TimeRange], length: f64) -> Pattern {
    let mut onsets = onsets.to_vec();
    onsets.sort_by(f64::total_cmp);
    Pattern::of(&strikes(&onsets, 8.0), watched, span(0.0, length), &TimeZone::UTC)
}

fn whole(onsets: &[f64], length: f64) -> Pattern {
    pattern(onsets, &[span(0.0, length)], length)
}

fn found(pattern: &Pattern, test: Test) -> bool {
    pattern.recurrence.found().any(|(t, _)| t == test)
}

/// Uniform drops: Poisson, given their number.
fn poisson(rng: &mut Rng, n: usize, length: f64) -> Vec<f64> {
    let mut out: Vec<_> = (0..n).map(|_| rng.f64() * length).collect();
    out.sort_by(f64::total_cmp);
    out
}

fn count(n: u32, mut hit: impl FnMut() -> bool) -> u32 {
    (0..n).map(|_| u32::from(hit())).sum()
}
