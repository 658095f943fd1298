//! Before and after as JSON.

use std::time::Duration;

use serde::Serialize;

use super::{rounded, seconds};
use crate::report::compare::Comparison;
use crate::stats::compare::{ChangeVerdict, Compared, MeasuredChange, SideFigures};
use crate::time::Timestamp;
use crate::vocabulary::Note;

/// The comparison as JSON.
#[derive(Debug, Serialize)]
pub(super) struct CompareJson<'a> {
    border: Timestamp,
    note: Option<&'a Note>,
    anchors: &'a [String],
    confidence: f64,
    before: SideJson,
    after: SideJson,
    drops: Option<ChangeJson>,
    overdispersion: f64,
    loss: Option<ChangeJson>,
    median_ms: Option<ChangeJson>,
    p95_ms: Option<ChangeJson>,
}

#[derive(Debug, Serialize)]
struct SideJson {
    elapsed_s: f64,
    observed_s: f64,
    coverage: Option<f64>,
    up_s: f64,
    down_s: f64,
    availability: Option<f64>,
    drops: u64,
    drops_per_day: Option<f64>,
    lost: u64,
    sent: u64,
    loss_ratio: Option<f64>,
    median_ms: Option<f64>,
    p95_ms: Option<f64>,
}

#[derive(Debug, Serialize)]
struct ChangeJson {
    value: Option<f64>,
    lower: f64,
    upper: Option<f64>,
    verdict: &'static str,
}

impl<'a> CompareJson<'a> {
    pub(super) fn of(comparison: &'a Comparison) -> Self {
        let Compared { before, after, drops, overdispersion, loss, median, p95 } =
            &comparison.compared;
        let plain = |change: &Option<MeasuredChange>| change.map(|c| ChangeJson::of(c, 1.0));
        let in_ms = |change: &Option<MeasuredChange>| change.map(|c| ChangeJson::of(c, 1e-3));
        Self {
            border: comparison.border,
            note: comparison.note.as_ref(),
            anchors: &comparison.anchors,
            confidence: 0.95,
            before: SideJson::of(before),
            after: SideJson::of(after),
            drops: plain(drops),
            overdispersion: rounded(*overdispersion, 4),
            loss: plain(loss),
            median_ms: in_ms(median),
            p95_ms: in_ms(p95),
        }
    }
}

impl SideJson {
    fn of(side: &SideFigures) -> Self {
        let elapsed = side.elapsed.as_secs_f64();
        let ms = |d: Option<Duration>| d.map(|d| rounded(d.as_secs_f64() * 1e3, 3));
        Self {
            elapsed_s: seconds(side.elapsed),
            observed_s: seconds(side.watched),
            coverage: (elapsed > 0.0).then(|| rounded(side.watched.as_secs_f64() / elapsed, 8)),
            up_s: rounded(side.up_s, 3),
            down_s: seconds(side.down()),
            availability: side.availability().map(|share| rounded(share, 8)),
            drops: side.drops,
            drops_per_day: side.drops_per_day().map(|rate| rounded(rate, 6)),
            lost: side.loss.lost,
            sent: side.loss.sent,
            loss_ratio: side.loss.ratio().map(|ratio| rounded(ratio, 8)),
            median_ms: ms(side.median),
            p95_ms: ms(side.p95),
        }
    }
}

impl ChangeJson {
    fn of(change: MeasuredChange, scale: f64) -> Self {
        let figure = |v: f64| rounded(v * scale, 8);
        Self {
            value: change.value.map(figure),
            lower: figure(change.lower),
            upper: change.upper.map(figure),
            verdict: match change.verdict {
                ChangeVerdict::Less => "less",
                ChangeVerdict::More => "more",
                ChangeVerdict::Same => "same",
                ChangeVerdict::TooEarly => "too-early",
            },
        }
    }
}
