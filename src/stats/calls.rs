//! What drops mean to people: how long the link holds, whether a call would have survived, and
//! an estimate of how it would have sounded.
//!
//! A call that runs into unwatched time before anything cuts it is unknown and not counted. A call
//! started while the link is down is cut.

use std::time::Duration;

use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::seconds::{CalmProbes, QuarterHour};
use super::yardsticks::{Days, date_of, hours};
use crate::time::spans::{common, total, union};
use crate::time::{TimeRange, Timestamp};
use crate::vocabulary::LossRatio;

/// Lengths of a call that are judged, in minutes.
pub const MINUTES: [u64; 3] = [10, 30, 60];

/// Calls in a period.
#[derive(Debug, Clone, PartialEq)]
pub struct CallOutcomes {
    /// Watched stretches without a drop; `None` when there is none.
    pub clear: Option<ClearTimes>,
    /// Watched stretches with neither a drop nor a disturbance; `None` when there is none.
    pub undisturbed: Option<ClearTimes>,
    /// Started at any hour, by [`MINUTES`].
    pub any_hour: [Chance; 3],
    /// Started from 7 to 23 h local.
    pub waking: [Chance; 3],
    /// By local day.
    pub per_day: Vec<DayOfCalls>,
    /// How calls sounded outside drops; `None` without an answer.
    pub quality: Option<Quality>,
    /// The worst clock hour (UTC) with enough answers, and when it began.
    pub worst_hour: Option<(Timestamp, Quality)>,
}

/// Stretches of watched time; one that a gap ends is as long as was seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ClearTimes {
    /// How many.
    pub count: usize,
    /// The longest.
    pub longest: Duration,
    /// The median, by nearest rank.
    pub median: Duration,
}

/// Moments at which a call could have started.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Chance {
    /// Where it would have lasted to its end.
    pub survived: Duration,
    /// Where a drop would have cut it.
    pub cut: Duration,
    /// Watched moments; the rest is unknown.
    pub watched: Duration,
    /// All moments.
    pub elapsed: Duration,
}

impl Chance {
    /// Survived of known, 0 to 1; `None` when none is known.
    pub fn ratio(&self) -> Option<f64> {
        let known = self.survived + self.cut;
        (!known.is_zero()).then(|| self.survived.as_secs_f64() / known.as_secs_f64())
    }
}

/// Calls of a local day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DayOfCalls {
    /// Its date.
    pub date: Date,
    /// Started at any hour of it.
    pub any_hour: [Chance; 3],
    /// Started from 7 to 23 h.
    pub waking: [Chance; 3],
    /// Watched stretches from 7 to 23 h with neither a drop nor a disturbance, cut at these hours.
    pub undisturbed: Option<ClearTimes>,
    /// Calls of 30 min, one after the other since the day began, that were watched throughout.
    pub judged: u64,
    /// Of these, those that a drop cut.
    pub cut: u64,
}

/// How a call would have sounded: an estimate by a simplification of the E-model that monitoring
/// programs share, not ITU-T G.107 itself. Delays are of round trips.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Quality {
    /// Mean opinion score, 1 to 4.5.
    pub mos: f64,
    /// Mean delay, ms.
    pub delay_ms: f64,
    /// Mean absolute IPDV (RFC 3393), ms; `None` without two answers in a row.
    pub jitter_ms: Option<f64>,
    /// Probes lost of probes sent outside drops.
    pub loss: LossRatio,
}

impl Quality {
    /// From probes outside drops; `None` without an answer. A missing jitter is taken as zero.
    #[expect(clippy::cast_precision_loss, reason = "sums of delays are far below 2^52 us")]
    pub fn estimate(calm: &CalmProbes) -> Option<Self> {
        let mean_ms = |us: u64, n: u64| (n > 0).then(|| us as f64 / n as f64 / 1_000.0);
        let delay_ms = mean_ms(calm.rtt_us, calm.answered)?;
        let jitter_ms = mean_ms(calm.ipdv_us, calm.pairs);
        let mos = mos(delay_ms, jitter_ms.unwrap_or_default(), calm.loss.ratio()?);
        Some(Self { mos, delay_ms, jitter_ms, loss: calm.loss })
    }
}

/// Mean opinion score from delay and jitter in milliseconds and loss 0 to 1, as `PingPlotter` and
/// others compute it; clamped to 1 to 4.5, where the polynomial leaves the scale.
pub fn mos(delay_ms: f64, jitter_ms: f64, loss: f64) -> f64 {
    let effective = delay_ms + 2.0 * jitter_ms + 10.0;
    let r =
        if effective < 160.0 { 93.2 - effective / 40.0 } else { 93.2 - (effective - 120.0) / 10.0 };
    let r = (r - 250.0 * loss).clamp(0.0, 100.0);
    (1.0 + 0.035 * r + 7e-6 * r * (r - 60.0) * (100.0 - r)).clamp(1.0, 4.5)
}

/// A watched span, cut at drops.
struct WatchedPiece {
    range: TimeRange,
    next: FollowedBy,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum FollowedBy {
    /// The link is down in it.
    IsDown,
    /// A drop ends it.
    Drop,
    /// Unwatched time follows.
    Unknown,
}

fn pieces(watched: &[TimeRange], down: &[TimeRange]) -> Vec<WatchedPiece> {
    let mut pieces = Vec::new();
    let mut first = 0;
    for span in watched {
        let mut from = span.from;
        while down.get(first).is_some_and(|d| d.to <= span.from) {
            first += 1;
        }
        for dark in down[first..].iter().take_while(|d| d.from < span.to) {
            let Some(dark) = dark.intersect(span) else { continue };
            pieces.push(WatchedPiece {
                range: TimeRange { from, to: dark.from },
                next: FollowedBy::Drop,
            });
            pieces.push(WatchedPiece { range: dark, next: FollowedBy::IsDown });
            from = dark.to;
        }
        pieces.push(WatchedPiece {
            range: TimeRange { from, to: span.to },
            next: FollowedBy::Unknown,
        });
    }
    pieces.retain(|piece| piece.range.from < piece.range.to);
    pieces
}

fn stretches(watched: &[TimeRange], bad: &[TimeRange]) -> Option<ClearTimes> {
    let clear = pieces(watched, bad).into_iter().filter(|piece| piece.next != FollowedBy::IsDown);
    let mut lengths: Vec<_> = clear.map(|piece| piece.range.length()).collect();
    lengths.sort_unstable();
    let longest = *lengths.last()?;
    let median = (lengths[(lengths.len() - 1) / 2] + lengths[lengths.len() / 2]) / 2;
    Some(ClearTimes { count: lengths.len(), longest, median })
}

/// Those of the ordered and disjoint spans that overlap `range`.
fn touching(spans: &[TimeRange], range: TimeRange) -> &[TimeRange] {
    let from = spans.partition_point(|span| span.to <= range.from);
    let to = spans.partition_point(|span| span.from < range.to);
    spans.get(from..to).unwrap_or_default()
}

/// When calls of one length can start.
struct CallStarts {
    survived: Vec<TimeRange>,
    cut: Vec<TimeRange>,
}

impl CallStarts {
    fn compute(pieces: &[WatchedPiece], length: Duration) -> Self {
        let (mut survived, mut cut) = (Vec::new(), Vec::new());
        for WatchedPiece { range, next } in pieces {
            let TimeRange { from, to } = *range;
            let last = if *next == FollowedBy::IsDown { from } else { (to - length).max(from) };
            survived.push(TimeRange { from, to: last });
            if *next != FollowedBy::Unknown {
                cut.push(TimeRange { from: last, to });
            }
        }
        Self { survived: union(survived), cut: union(cut) }
    }

    fn within(&self, windows: &[TimeRange], watched: &[TimeRange]) -> Chance {
        let inside = |spans: &[TimeRange]| {
            let (Some(first), Some(last)) = (windows.first(), windows.last()) else {
                return Duration::ZERO;
            };
            let all = TimeRange { from: first.from, to: last.to };
            total(&common(touching(spans, all), windows))
        };
        Chance {
            survived: inside(&self.survived),
            cut: inside(&self.cut),
            watched: inside(watched),
            elapsed: total(windows),
        }
    }
}

impl CallOutcomes {
    /// For `period`, of which `watched` was observed (ordered, disjoint); `down` are its drops,
    /// `disturbances` what else spoils a call, both in any order.
    pub fn compute(
        period: TimeRange,
        watched: &[TimeRange],
        down: &[TimeRange],
        disturbances: &[TimeRange],
        quarters: &[QuarterHour],
        zone: &TimeZone,
    ) -> Self {
        let down = union(down.to_vec());
        let bad = union([down.as_slice(), disturbances].concat());
        let cut_up = pieces(watched, &down);
        let starts = MINUTES.map(|m| CallStarts::compute(&cut_up, Duration::from_secs(m * 60)));
        let chances = |windows: &[TimeRange]| starts.each_ref().map(|b| b.within(windows, watched));
        let awake = hours(period, zone, Days::Every, 7, 23);
        let days = hours(period, zone, Days::Every, 0, 24);
        let per_day = days.iter().filter_map(|day| {
            let first = awake.partition_point(|span| span.to <= day.from);
            let waking: Vec<_> =
                awake[first..].iter().take(1).filter_map(|span| span.intersect(day)).collect();
            let BackToBackCalls { judged, cut } = back_to_back(*day, watched, &down, zone);
            Some(DayOfCalls {
                date: date_of(day.from, zone)?,
                any_hour: chances(&[*day]),
                waking: chances(&waking),
                undisturbed: stretches(
                    &common(touching(watched, *day), &waking),
                    touching(&bad, *day),
                ),
                judged,
                cut,
            })
        });
        let mut sum = CalmProbes::default();
        for quarter in quarters {
            sum += quarter.calm;
        }
        Self {
            clear: stretches(watched, &down),
            undisturbed: stretches(watched, &bad),
            any_hour: chances(&[period]),
            waking: chances(&awake),
            per_day: per_day.collect(),
            quality: Quality::estimate(&sum),
            worst_hour: worst_hour(quarters),
        }
    }
}

/// Calls of half an hour, one after another.
struct BackToBackCalls {
    /// Those that were watched throughout.
    judged: u64,
    /// Of these, those with a drop.
    cut: u64,
}

/// The half hours since the local day began that lie in `day`.
fn back_to_back(
    day: TimeRange,
    watched: &[TimeRange],
    down: &[TimeRange],
    zone: &TimeZone,
) -> BackToBackCalls {
    const SLOT: Duration = Duration::from_secs(1_800);
    let midnight =
        date_of(day.from, zone).and_then(|date| super::yardsticks::hour_of(date, 0, zone));
    let mut from = midnight.unwrap_or(day.from);
    let (mut judged, mut cut) = (0, 0);
    while from + SLOT <= day.to {
        let slot = TimeRange { from, to: from + SLOT };
        from = slot.to;
        let seen = watched.get(watched.partition_point(|span| span.to <= slot.from));
        if slot.from >= day.from && seen.is_some_and(|s| s.from <= slot.from && slot.to <= s.to) {
            judged += 1;
            let next = down.get(down.partition_point(|dark| dark.to <= slot.from));
            cut += u64::from(next.is_some_and(|dark| dark.from < slot.to));
        }
    }
    BackToBackCalls { judged, cut }
}

fn worst_hour(quarters: &[QuarterHour]) -> Option<(Timestamp, Quality)> {
    const FEWEST: u64 = 60;
    let hour = |quarter: &QuarterHour| quarter.number.div_euclid(4);
    let hours = quarters.chunk_by(|a, b| hour(a) == hour(b) && a.number < b.number);
    let judged = hours.filter_map(|quarters| {
        let mut sum = CalmProbes::default();
        for quarter in quarters {
            sum += quarter.calm;
        }
        let quality = Quality::estimate(&sum).filter(|_| sum.answered >= FEWEST)?;
        let from = quarters.first().map(hour)?.saturating_mul(3_600);
        Some((Timestamp::from_seconds(from), quality))
    });
    judged.min_by(|(_, a), (_, b)| a.mos.total_cmp(&b.mos))
}

#[cfg(test)]
mod tests;
