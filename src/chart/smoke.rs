//! Delays over time: per column the minimum, the 5th, 50th and 95th percentile and the maximum, of
//! one target or of several together. The percentiles of several follow from those of each, which
//! are weighted by its answers and interpolated linearly; minimum and maximum are
//! exact.

use super::columns::{ColumnRange, filled, probes_width};
use crate::report::rows::{Bucket, COLUMNS};
use crate::report::{DropEntry, Report, Spread, TargetEntry};

/// Delays in one stretch of columns.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Point {
    pub(super) strip: ColumnRange,
    pub(super) min: u32,
    pub(super) p5: u32,
    pub(super) p50: u32,
    pub(super) p95: u32,
    pub(super) max: u32,
}

/// The delays of `targets` together, broken at columns that a drop or a gap fills and at those with
/// nothing but loss.
pub(super) fn lines(report: &Report, targets: &[&TargetEntry]) -> Vec<Vec<Point>> {
    let Some(first) = targets.iter().min_by_key(|t| t.target.interval) else { return Vec::new() };
    let period = report.period;
    let mut closed = vec![false; COLUMNS];
    let silent = |drop: &&DropEntry| -> bool {
        targets.iter().all(|t| t.decides || drop.silent.iter().any(|s| s.id == t.target.id))
    };
    let drops = report.drops.iter().filter(silent);
    let drops = drops.flat_map(|drop| &drop.judged.spans).copied();
    let gaps = report.gaps.iter().map(|g| g.range);
    for strip in drops.chain(gaps).filter_map(|span| filled(period, span)) {
        closed[strip.from..strip.to].fill(true);
    }
    let width = probes_width(period, &first.target);
    let mut out: Vec<Vec<Point>> = Vec::new();
    let mut open: Vec<Point> = Vec::new();
    for from in (0..COLUMNS).step_by(width) {
        let to = (from + width).min(COLUMNS);
        let buckets = targets.iter().flat_map(|t| &t.columns[from..to]);
        match point(buckets, ColumnRange { from, to }) {
            Some(point) if !closed[from..to].contains(&true) => open.push(point),
            _ if !open.is_empty() => out.push(std::mem::take(&mut open)),
            _ => {}
        }
    }
    if !open.is_empty() {
        out.push(open);
    }
    out
}

fn point<'a>(buckets: impl Iterator<Item = &'a Bucket>, strip: ColumnRange) -> Option<Point> {
    let parts: Vec<(Spread, u64)> =
        buckets.filter_map(|b| Some((b.rtt?, b.probes.answered().max(1)))).collect();
    let (min, max) =
        (parts.iter().map(|(s, _)| s.min).min()?, parts.iter().map(|(s, _)| s.max).max()?);
    Some(Point {
        strip,
        min,
        p5: quantile(&parts, 0.05, min, max),
        p50: quantile(&parts, 0.5, min, max),
        p95: quantile(&parts, 0.95, min, max),
        max,
    })
}

/// The share of a part that lies at or below `us`.
fn share(s: &Spread, us: u32) -> f64 {
    let knots = [
        (s.min, 0.0),
        (s.p5, 0.05),
        (s.p25, 0.25),
        (s.p50, 0.5),
        (s.p75, 0.75),
        (s.p95, 0.95),
        (s.p99, 0.99),
        (s.max, 1.0),
    ];
    let below = knots.iter().rposition(|(at, _)| *at <= us);
    let Some(below) = below else { return 0.0 };
    let Some((next, up)) = knots.get(below + 1) else { return 1.0 };
    let (at, share) = knots[below];
    share + (up - share) * f64::from(us - at) / f64::from(next - at)
}

/// The least delay below which the share `q` of all parts lies.
#[allow(clippy::cast_precision_loss, reason = "counts of probes")]
fn quantile(parts: &[(Spread, u64)], q: f64, min: u32, max: u32) -> u32 {
    if let [(one, _)] = parts {
        return match q {
            q if q < 0.25 => one.p5,
            q if q < 0.75 => one.p50,
            _ => one.p95,
        };
    }
    let all: f64 = parts.iter().map(|(_, n)| *n as f64).sum();
    let of = |us: u32| parts.iter().map(|(s, n)| share(s, us) * *n as f64).sum::<f64>() / all;
    let (mut low, mut high) = (min, max);
    while low < high {
        let middle = low + (high - low) / 2;
        if of(middle) >= q { high = middle } else { low = middle + 1 }
    }
    low
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn spread(sorted: &[u32]) -> Spread {
        #[allow(
            clippy::cast_precision_loss,
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a rank"
        )]
        let at = |q: f64| sorted[((q * sorted.len() as f64).ceil() as usize).max(1) - 1];
        Spread {
            min: sorted[0],
            p5: at(0.05),
            p25: at(0.25),
            p50: at(0.5),
            p75: at(0.75),
            p95: at(0.95),
            p99: at(0.99),
            max: sorted[sorted.len() - 1],
        }
    }

    proptest! {
        #[test]
        fn percentiles_of_several_lie_where_a_count_of_all_probes_puts_them(
            parts in prop::collection::vec(prop::collection::vec(100_u32..90_000, 20..200), 1..4),
        ) {
            let mut all = Vec::new();
            let spreads: Vec<_> = parts
                .into_iter()
                .map(|mut part| {
                    part.sort_unstable();
                    all.extend(&part);
                    (spread(&part), part.len() as u64)
                })
                .collect();
            all.sort_unstable();
            let (min, max) = (all[0], all[all.len() - 1]);
            for q in [0.05, 0.5, 0.95] {
                let got = quantile(&spreads, q, min, max);
                // The share of all probes at or below it; parts are known at eight points, at
                // most 25 % apart.
                #[allow(clippy::cast_precision_loss, reason = "a few hundred")]
                let share = all.iter().filter(|us| **us <= got).count() as f64 / all.len() as f64;
                prop_assert!((share - q).abs() <= 0.25, "{q}: {share}");
                let each = |pick: fn(&Spread) -> u32| {
                    let of = spreads.iter().map(|(s, _)| pick(s));
                    (of.clone().min().unwrap(), of.max().unwrap())
                };
                let (low, high) = match q {
                    0.05 => each(|s| s.p5),
                    0.5 => each(|s| s.p50),
                    _ => each(|s| s.p95),
                };
                prop_assert!((low..=high).contains(&got), "{q}: {low} {got} {high}");
            }
        }
    }
}
