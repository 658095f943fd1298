//! The truth: the silences of the line according to the plan, whatever was reported.

use std::time::Duration;

use super::plan::{PacketEffect, ScenarioPlan};
use super::when::PlanSpan;
use crate::time::Timestamp;
use crate::vocabulary::Place;

/// Loss of this share over ten seconds is as good as silence.
const NEARLY_ALL: f64 = 0.8;
const LONG_MS: i64 = 10_000;
/// A silence this long is a drop; two drops less than ten seconds apart are one.
const DROP_MS: i64 = 5_000;
const APART_MS: i64 = 10_000;

/// A stretch in which nothing passed through the line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TrueSilence {
    /// When, in milliseconds of the plan.
    pub span: PlanSpan,
    /// What the host's clock showed at its start.
    pub from: Timestamp,
    /// What it showed at its end.
    pub to: Timestamp,
    /// The failed place nearest to the host.
    pub place: Place,
    /// For how long of it the host watched.
    pub watched: Duration,
}

impl ScenarioPlan {
    /// All silences of the line that were watched in part, in order; those that meet are one.
    pub fn silences(&self) -> Vec<TrueSilence> {
        let is_silent = |how: PacketEffect, span: PlanSpan| match how {
            PacketEffect::Silence => true,
            PacketEffect::Loss(share) => share >= NEARLY_ALL && span.to - span.from >= LONG_MS,
            PacketEffect::Delay(..) | PacketEffect::Portal => false,
        };
        let mut all: Vec<(PlanSpan, Place)> = Vec::new();
        for fault in self.faults.iter().filter(|fault| is_silent(fault.how, fault.span)) {
            let Some(place) = fault.place else { continue };
            let span = PlanSpan { to: fault.span.to.min(self.length), ..fault.span };
            match all.last_mut().filter(|(last, _)| span.from <= last.to) {
                Some((last, nearest)) => {
                    last.to = last.to.max(span.to);
                    *nearest = (*nearest).min(place);
                }
                None => all.push((span, place)),
            }
        }
        let silences = all.into_iter().map(|(span, place)| self.silence(span, place));
        silences.filter(|silence| !silence.watched.is_zero()).collect()
    }

    /// The silences that are drops by their length; those too near to one another are one.
    pub fn true_drops(&self) -> Vec<TrueSilence> {
        let long = |silence: &TrueSilence| {
            silence.span.to - silence.span.from >= DROP_MS
                && silence.watched >= Duration::from_secs(5)
        };
        let mut drops: Vec<TrueSilence> = Vec::new();
        for silence in self.silences().into_iter().filter(long) {
            match drops.last_mut().filter(|d| silence.span.from - d.span.to < APART_MS) {
                Some(last) => {
                    let span = PlanSpan { from: last.span.from, to: silence.span.to };
                    *last = self.silence(span, last.place.min(silence.place));
                }
                None => drops.push(silence),
            }
        }
        drops
    }

    fn silence(&self, span: PlanSpan, place: Place) -> TrueSilence {
        let away: i64 = self
            .unwatched()
            .map(|gap| (gap.to.min(span.to) - gap.from.max(span.from)).max(0))
            .sum();
        let watched = u64::try_from(span.to - span.from - away).unwrap_or(0);
        TrueSilence {
            span,
            from: self.label(span.from),
            to: self.label(span.to),
            place,
            watched: Duration::from_millis(watched),
        }
    }

    /// Whether the host watched at this time, and a second around it.
    pub fn is_watched(&self, ms: i64) -> bool {
        ms < self.length
            && !self.unwatched().any(|gap| (gap.from - 1_000..gap.to + 1_000).contains(&ms))
    }
}
