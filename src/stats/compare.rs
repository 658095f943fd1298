//! Before and after: what changed at a moment, with 95 % intervals for the uncertainty that chance
//! leaves.
//!
//! Each side is cut into blocks of an hour to a day; troubles come in spells, so chance varies
//! blocks, not probes. Drops: the ratio of two rates, given their sum, is exact
//! through the binomial distribution (Clopper and Pearson 1934); where drops come in spells the
//! counts are first divided by their overdispersion. Loss: the difference of two ratios of sums,
//! its variance from the blocks (Cochran, Sampling Techniques, §2.11) and Welch's degrees of
//! freedom. Delay: the difference of two quantiles by a bootstrap of blocks (Davison and Hinkley
//! 1997, §2.4), widened for few blocks and for the resolution of the histogram.

use std::time::Duration;

use fastrand::Rng;

use super::histogram::Histogram;
use crate::vocabulary::LossRatio;

mod distribution;
#[cfg(test)]
mod tests;

use distribution::{beta_quantile, normal, t_quantile};

/// Intervals miss the truth once in twenty times.
const LEVEL: f64 = 0.05;
/// With less watched time than this on either side, no verdict is given.
pub const LEAST_WATCHED: Duration = Duration::from_secs(86_400);
/// A change of less than this share of the earlier value is none.
pub const NEGLIGIBLE: f64 = 0.1;
/// Blocks that a side should have.
const BLOCKS: u64 = 12;
/// Draws of the bootstrap.
const DRAWS: usize = 799;
/// Quantiles of a histogram are off by at most this share.
const RESOLUTION: f64 = 1.0 / 128.0;

/// A part of one side.
#[derive(Debug, Clone, Default)]
pub struct TimeBlock {
    /// Time watched in which the link was up, seconds: a drop can begin at any instant of it.
    pub up_s: f64,
    /// Drops and outages that began in it.
    pub drops: u64,
    /// Probes of the anchors, drops included.
    pub loss: LossRatio,
    /// Delays of their answers.
    pub delays: Histogram,
}

/// One side.
#[derive(Debug, Clone, Default)]
pub struct ComparedSide {
    /// Its length.
    pub elapsed: Duration,
    /// Of that the time watched.
    pub watched: Duration,
    /// Its parts; those without any watched time may be left out.
    pub blocks: Vec<TimeBlock>,
}

/// The figures of one side.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct SideFigures {
    /// Its length.
    pub elapsed: Duration,
    /// Of that the time watched.
    pub watched: Duration,
    /// Of that the time in which the link was up, seconds.
    pub up_s: f64,
    /// Drops and outages that began in it.
    pub drops: u64,
    /// Lost of sent.
    pub loss: LossRatio,
    /// Median delay; `None` without an answer.
    pub median: Option<Duration>,
    /// 95th percentile of the delays.
    pub p95: Option<Duration>,
}

impl SideFigures {
    /// Watched time in which the link was down.
    pub fn down(&self) -> Duration {
        let up = Duration::try_from_secs_f64(self.up_s).unwrap_or_default();
        // What a sum of fractions leaves is no time down.
        let down = self.watched.saturating_sub(up);
        if down < Duration::from_millis(1) { Duration::ZERO } else { down }
    }

    /// Share of the watched time in which the link was up; `None` where none was watched.
    pub fn availability(&self) -> Option<f64> {
        let watched = self.watched.as_secs_f64();
        (watched > 0.0).then(|| 1.0 - self.down().as_secs_f64() / watched)
    }

    /// Whether the link was down so much that a rate of drops says nothing of it.
    pub fn is_mostly_down(&self) -> bool {
        self.availability().is_some_and(|share| share < 0.5)
    }

    /// Drops a day of watched up time; `None` without any.
    pub fn drops_per_day(&self) -> Option<f64> {
        (self.up_s > 0.0).then(|| real(self.drops) / self.up_s * 86_400.0)
    }
}

/// What the interval says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChangeVerdict {
    /// It is less after than before.
    Less,
    /// It is more.
    More,
    /// It is the same within [`NEGLIGIBLE`] of what it was before: the interval leaves no more open.
    Same,
    /// A side was watched too shortly, or the interval leaves open whether there is a change.
    TooEarly,
}

/// After against before: a ratio or a difference.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct MeasuredChange {
    /// The best single figure; `None` for a ratio to zero.
    pub value: Option<f64>,
    /// Lower end of the interval.
    pub lower: f64,
    /// Upper end of the interval; `None`: unbounded.
    pub upper: Option<f64>,
    /// What it says.
    pub verdict: ChangeVerdict,
}

/// Both sides and what changed. A change is `None` where there is nothing to compare.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Compared {
    /// Before the border.
    pub before: SideFigures,
    /// After it.
    pub after: SideFigures,
    /// Rate of drops: after as a multiple of before.
    pub drops: Option<MeasuredChange>,
    /// How much more the drops vary than random ones would, at least 1.
    pub overdispersion: f64,
    /// Loss: after less before, as a ratio from -1 to 1.
    pub loss: Option<MeasuredChange>,
    /// Median delay: after less before, microseconds.
    pub median: Option<MeasuredChange>,
    /// 95th percentile of the delay, the same.
    pub p95: Option<MeasuredChange>,
}

/// The length of the blocks of a side of this length: the longest of a day, six hours and one hour
/// of which the side has enough.
pub fn block_length(elapsed: Duration) -> Duration {
    let fits = |hours: &&u64| elapsed.as_secs() >= BLOCKS * **hours * 3_600;
    let hours = [24, 6].iter().find(fits).copied().unwrap_or(1);
    Duration::from_secs(hours * 3_600)
}

impl Compared {
    /// Compares two sides. The same sides give the same figures, to the last digit.
    pub fn compute(before: &ComparedSide, after: &ComparedSide) -> Self {
        let sides = [before, after];
        let figures = sides.map(figures);
        let enough = sides.iter().all(|side| side.watched >= LEAST_WATCHED);
        let overdispersion =
            sides.iter().filter_map(|side| overdispersion(&side.blocks)).fold(1.0, f64::max);
        let judged = |change: MeasuredChange, same: f64, before: f64| MeasuredChange {
            verdict: if enough { change.judged(same, before) } else { ChangeVerdict::TooEarly },
            ..change
        };
        let us = |d: Option<Duration>| d.map_or(0.0, |d| d.as_secs_f64() * 1e6);
        let was = &figures[0];
        let [drops, loss] =
            [rate_ratio(&figures, overdispersion), loss_difference(sides.map(|s| &s.blocks[..]))];
        let [median, p95] = delay_differences(sides.map(|s| &s.blocks[..]));
        Self {
            before: figures[0],
            after: figures[1],
            drops: drops.map(|change| judged(change, 1.0, 1.0)),
            overdispersion,
            loss: loss.map(|change| judged(change, 0.0, was.loss.ratio().unwrap_or(0.0))),
            median: median.map(|change| judged(change, 0.0, us(was.median))),
            p95: p95.map(|change| judged(change, 0.0, us(was.p95))),
        }
    }
}

impl MeasuredChange {
    fn new(value: Option<f64>, lower: f64, upper: Option<f64>) -> Self {
        Self { value, lower, upper, verdict: ChangeVerdict::TooEarly }
    }

    /// What the interval says, where `same` means no change from `before`.
    fn judged(&self, same: f64, before: f64) -> ChangeVerdict {
        let near = |v: f64| (v - same).abs() <= NEGLIGIBLE * before;
        if self.upper.is_some_and(|upper| upper < same) {
            ChangeVerdict::Less
        } else if self.lower > same {
            ChangeVerdict::More
        } else if near(self.lower) && self.upper.is_some_and(near) {
            ChangeVerdict::Same
        } else {
            ChangeVerdict::TooEarly
        }
    }
}

fn figures(side: &ComparedSide) -> SideFigures {
    let mut delays = Histogram::default();
    side.blocks.iter().for_each(|block| delays.merge(&block.delays));
    SideFigures {
        elapsed: side.elapsed,
        watched: side.watched,
        up_s: side.blocks.iter().map(|block| block.up_s).sum(),
        drops: side.blocks.iter().map(|block| block.drops).sum(),
        loss: side.blocks.iter().map(|block| block.loss).sum(),
        median: delays.quantile(0.5),
        p95: delays.quantile(0.95),
    }
}

/// Variance of the drops of a block over that of random ones: Pearson's statistic over its degrees
/// of freedom. `None` where it cannot be determined.
fn overdispersion(blocks: &[TimeBlock]) -> Option<f64> {
    let watched: Vec<_> = blocks.iter().filter(|block| block.up_s > 0.0).collect();
    let drops: u64 = watched.iter().map(|block| block.drops).sum();
    if drops == 0 || watched.len() < 2 {
        return None;
    }
    let rate = real(drops) / watched.iter().map(|block| block.up_s).sum::<f64>();
    let pearson: f64 = watched
        .iter()
        .map(|block| (rate * block.up_s, real(block.drops)))
        .map(|(expected, seen)| (seen - expected).powi(2) / expected)
        .sum();
    Some(pearson / real(watched.len() as u64 - 1))
}

/// The rate after as a multiple of that before. Given how many drops there were in all, those after
/// are binomial.
fn rate_ratio([before, after]: &[SideFigures; 2], overdispersion: f64) -> Option<MeasuredChange> {
    let (n1, n2) = (real(before.drops), real(after.drops));
    let (t1, t2) = (before.up_s, after.up_s);
    if n1 + n2 == 0.0 || t1 <= 0.0 || t2 <= 0.0 {
        return None;
    }
    let (k, n) = (n2 / overdispersion, (n1 + n2) / overdispersion);
    let ratio = |share: f64| share / (1.0 - share) * t1 / t2;
    let lower = if n2 == 0.0 { 0.0 } else { ratio(beta_quantile(LEVEL / 2.0, k, n - k + 1.0)) };
    let upper = (n1 > 0.0).then(|| ratio(beta_quantile(1.0 - LEVEL / 2.0, k + 1.0, n - k)));
    Some(MeasuredChange::new((n1 > 0.0).then(|| n2 / t2 / (n1 / t1)), lower, upper))
}

/// Loss after less loss before.
fn loss_difference(sides: [&[TimeBlock]; 2]) -> Option<MeasuredChange> {
    let [before, after] = sides.map(loss_estimate);
    let (before, after) = (before?, after?);
    let (v1, v2) = (before.variance, after.variance);
    // Welch and Satterthwaite.
    let df = (v1 + v2).powi(2)
        / (v1.powi(2) / (before.blocks - 1.0) + v2.powi(2) / (after.blocks - 1.0));
    let half = t_quantile(1.0 - LEVEL / 2.0, df.max(1.0)) * (v1 + v2).sqrt();
    let value = after.ratio - before.ratio;
    Some(MeasuredChange::new(Some(value), value - half, Some(value + half)))
}

/// The loss of a side.
struct LossEstimate {
    /// A ratio of sums.
    ratio: f64,
    /// Its variance: at least that of independent probes, for blocks without any loss do not prove
    /// that there is none.
    variance: f64,
    /// The number of blocks with probes.
    blocks: f64,
}

/// `None` of fewer than two blocks with probes.
fn loss_estimate(blocks: &[TimeBlock]) -> Option<LossEstimate> {
    let probed: Vec<_> = blocks.iter().map(|b| b.loss).filter(|loss| loss.sent > 0).collect();
    if probed.len() < 2 {
        return None;
    }
    let all: LossRatio = probed.iter().copied().sum();
    let (sent, k) = (real(all.sent), real(probed.len() as u64));
    let ratio = all.ratio()?;
    let squares: f64 =
        probed.iter().map(|loss| (real(loss.lost) - ratio * real(loss.sent)).powi(2)).sum();
    let of_blocks = squares * k / (k - 1.0) / sent.powi(2);
    let guess = (real(all.lost) + 1.0) / (sent + 2.0);
    let of_probes = guess * (1.0 - guess) / sent;
    Some(LossEstimate { ratio, variance: of_blocks.max(of_probes), blocks: k })
}

/// Median and 95th percentile after less those before, in microseconds.
fn delay_differences(sides: [&[TimeBlock]; 2]) -> [Option<MeasuredChange>; 2] {
    const QUANTILES: [f64; 2] = [0.5, 0.95];
    let answered = sides.map(|blocks| -> Vec<&Histogram> {
        blocks.iter().map(|block| &block.delays).filter(|h| h.total() > 0).collect()
    });
    if answered.iter().any(|blocks| blocks.len() < 2) {
        return [None, None];
    }
    let fewest = answered.iter().map(|blocks| blocks.len() as u64).min().unwrap_or(2);
    let us = |h: &Histogram, q: f64| h.quantile(q).map_or(0.0, |d| d.as_secs_f64() * 1e6);
    let whole = answered.each_ref().map(|blocks| {
        let all = sum(blocks.iter().copied());
        QUANTILES.map(|q| us(&all, q))
    });
    let mut rng = Rng::with_seed(seed(&answered));
    let draws: Vec<[f64; 2]> = (0..DRAWS)
        .map(|_| {
            let [before, after] = answered.each_ref().map(|blocks| {
                let drawn = sum((0..blocks.len()).map(|_| blocks[rng.usize(..blocks.len())]));
                QUANTILES.map(|q| us(&drawn, q))
            });
            [after[0] - before[0], after[1] - before[1]]
        })
        .collect();
    let tail = tail_for(fewest);
    [0, 1].map(|i| {
        let mut sorted: Vec<f64> = draws.iter().map(|draw| draw[i]).collect();
        sorted.sort_by(f64::total_cmp);
        let [before, after] = whole.map(|quantiles| quantiles[i]);
        let blur = (before + after) * RESOLUTION;
        let [lower, upper] = [at(&sorted, tail), at(&sorted, 1.0 - tail)];
        Some(MeasuredChange::new(Some(after - before), lower - blur, Some(upper + blur)))
    })
}

fn sum<'a>(all: impl Iterator<Item = &'a Histogram>) -> Histogram {
    all.fold(Histogram::default(), |mut sum, one| {
        sum.merge(one);
        sum
    })
}

/// The share of draws beyond each end of the interval. A bootstrap of few blocks is too narrow by
/// the root of n / (n - 1) and by the normal distribution in place of Student's.
fn tail_for(blocks: u64) -> f64 {
    let n = real(blocks);
    normal(t_quantile(LEVEL / 2.0, n - 1.0) * (n / (n - 1.0)).sqrt())
}

/// The value at a share of sorted draws, from 0 to 1.
#[allow(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a place in a list, from 0 to its last"
)]
fn at(sorted: &[f64], share: f64) -> f64 {
    let last = real(sorted.len() as u64 - 1);
    sorted[(share.clamp(0.0, 1.0) * last).round() as usize]
}

/// Derived from the compared data: the same report twice says the same.
fn seed(sides: &[Vec<&Histogram>; 2]) -> u64 {
    sides.iter().flatten().fold(0xcbf2_9ce4_8422_2325, |hash: u64, h| {
        (hash ^ h.total()).wrapping_mul(0x0100_0000_01b3)
    })
}

/// A count as a real number.
#[allow(clippy::cast_precision_loss, reason = "counts are far below 2^52")]
fn real(n: u64) -> f64 {
    n as f64
}
