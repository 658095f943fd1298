//! The yardsticks of standards and regulators, side by side, on one period: drops, watched time
//! and counted probes to figures, each with its two counts, its coverage, its threshold and what
//! is uncertain about it.
//!
//! None is left out for being kind or unkind to the link; those whose source could not be checked are not
//! here. Which of them concern a site, [`country_of_zone`] says.

use std::time::Duration;

use jiff::tz::TimeZone;

use super::seconds::{QuarterHour, SecondTally};
use super::{Availability, LossRatio, TimeLedger};
use crate::time::spans::{common, total};
use crate::time::{TimeRange, Timestamp};
use crate::vocabulary::{Lengths, LinkDrop};

mod countries;
mod definitions;
mod figure;
mod local;

pub use countries::country_of_zone;
pub use figure::{Figure, FigureCoverage, ThresholdVerdict, Unit, Yardstick};
pub use local::{Days, date_of, deadline, hour_of, hours};

use definitions::{AVAILABLE, CRTC_ALL, CRTC_PEAK, CRTC_RTT, FCC, TKG};

/// The keys of all yardsticks, in the order in which they are shown.
pub const KEYS: [&str; 6] =
    [AVAILABLE.key, CRTC_ALL.key, CRTC_PEAK.key, CRTC_RTT.key, FCC.key, TKG.key];

/// What yardsticks are applied to.
#[derive(Debug, Clone, Copy)]
pub struct YardstickInputs<'a> {
    /// The period, up to now.
    pub period: TimeRange,
    /// Its kinds of time.
    pub ledger: &'a TimeLedger,
    /// The drops that touch it, blips among them, as in the ledger.
    pub drops: &'a [&'a LinkDrop],
    /// Its availability.
    pub availability: Option<Availability>,
    /// Its probes.
    pub seconds: &'a SecondTally,
    /// The zone of local days.
    pub zone: &'a TimeZone,
}

/// A drop with the least, the likely and the most of its length.
struct DropLengths {
    onset: Timestamp,
    end: Timestamp,
    lengths: [Duration; 3],
}

impl YardstickInputs<'_> {
    fn downs(&self) -> Vec<DropLengths> {
        let counted = self.drops.iter().zip(&self.ledger.drops).filter(|(d, _)| d.kind.is_down());
        counted
            .map(|(drop, time)| {
                let onset = drop.onset.midpoint();
                let end = time.spans.last().map_or(onset, |span| span.to);
                let Lengths { min, max } = time.lengths;
                DropLengths { onset, end, lengths: [min, time.likely, max] }
            })
            .collect()
    }

    fn coverage(&self, spans: &[TimeRange]) -> FigureCoverage {
        let watched = common(spans, &self.ledger.judged);
        FigureCoverage { watched: total(&watched), elapsed: total(spans) }
    }

    fn whole(&self) -> FigureCoverage {
        self.coverage(&[self.period])
    }

    /// All yardsticks, in the order in which they are shown.
    pub fn yardsticks(&self) -> Vec<Yardstick> {
        let peak = hours(self.period, self.zone, Days::Weekdays, 19, 23);
        let at_peak = |quarter: &&QuarterHour| {
            let at = Timestamp::from_seconds(quarter.number.saturating_mul(900));
            let next = peak.partition_point(|span| span.to <= at);
            peak.get(next).is_some_and(|span| span.contains(at))
        };
        let peak_quarters: Vec<_> = self.seconds.quarters.iter().filter(at_peak).collect();
        let peak_loss = peak_quarters.iter().map(|q| q.loss).sum();
        let all_loss = self.seconds.quarters.iter().map(|q| q.loss).sum();
        let peak_2s = peak_quarters.iter().map(|q| q.loss_2s).sum();
        let downs = self.downs();
        let (whole, peak_time) = (self.whole(), self.coverage(&peak));
        vec![
            self.available(),
            loss(&CRTC_ALL, all_loss, whole),
            loss(&CRTC_PEAK, peak_loss, peak_time),
            rtt(&peak_quarters, peak_time),
            fcc(peak_2s, peak_time),
            self.total_loss(&TKG, &downs),
        ]
    }

    fn available(&self) -> Yardstick {
        Yardstick {
            figure: self.availability.map(|a| Figure {
                value: a.ratio,
                unit: Unit::Ratio,
                part: a.up().as_secs_f64(),
                whole: a.observed.as_secs_f64(),
                counted: "seconds up of seconds watched",
                coverage: FigureCoverage { watched: a.observed, elapsed: a.elapsed },
            }),
            between: self.availability.map(|a| (a.lower, a.upper)),
            ..AVAILABLE
        }
    }

    /// The longest drop against the deadline it would have had if reported at its onset.
    fn total_loss(&self, stick: &Yardstick, downs: &[DropLengths]) -> Yardstick {
        let coverage = self.whole();
        if self.availability.is_none() {
            return stick.clone();
        }
        let longest = downs.iter().map(|d| d.lengths[1]).max().unwrap_or_default();
        let over = |down: &&DropLengths| {
            deadline(down.onset, self.zone, 2).is_some_and(|by| down.end > by)
        };
        let reached = downs.iter().filter(over).count();
        let figure = Figure {
            value: longest.as_secs_f64(),
            unit: Unit::Seconds,
            part: float(reached),
            whole: float(downs.len()),
            counted: "drops beyond the time limit of drops and outages",
            coverage,
        };
        let verdict =
            if reached > 0 { ThresholdVerdict::Reached } else { ThresholdVerdict::NotReached };
        Yardstick { figure: Some(figure), verdict: Some(verdict), ..stick.clone() }
    }
}

fn loss(stick: &Yardstick, loss: LossRatio, coverage: FigureCoverage) -> Yardstick {
    // 0.25 % is one of 400.
    let verdict =
        if loss.lost * 400 <= loss.sent { ThresholdVerdict::Met } else { ThresholdVerdict::Missed };
    let figure = loss_figure(loss, coverage);
    Yardstick { verdict: figure.map(|_| verdict), figure, ..stick.clone() }
}

fn loss_figure(loss: LossRatio, coverage: FigureCoverage) -> Option<Figure> {
    Some(Figure {
        value: loss.ratio()?,
        unit: Unit::Ratio,
        part: float(loss.lost),
        whole: float(loss.sent),
        counted: "probes lost of probes sent",
        coverage,
    })
}

fn rtt(quarters: &[&QuarterHour], coverage: FigureCoverage) -> Yardstick {
    let within: u64 = quarters.iter().map(|q| q.within_50ms).sum();
    let answered: u64 = quarters.iter().map(|q| q.answered).sum();
    let figure = (answered > 0).then(|| Figure {
        value: share(within, answered),
        unit: Unit::Ratio,
        part: float(within),
        whole: float(answered),
        counted: "answers within 50 ms of answers",
        coverage,
    });
    let verdict =
        if within * 2 >= answered { ThresholdVerdict::Met } else { ThresholdVerdict::Missed };
    Yardstick { verdict: figure.map(|_| verdict), figure, ..CRTC_RTT }
}

fn fcc(loss: LossRatio, coverage: FigureCoverage) -> Yardstick {
    let class = match loss.lost * 1_000 {
        n if n < loss.sent * 4 => ThresholdVerdict::Low,
        n if n <= loss.sent * 10 => ThresholdVerdict::Middle,
        _ => ThresholdVerdict::High,
    };
    let figure = loss_figure(loss, coverage);
    Yardstick { verdict: figure.map(|_| class), figure, ..FCC }
}

fn share(part: u64, whole: u64) -> f64 {
    LossRatio { lost: part, sent: whole }.ratio().unwrap_or_default()
}

/// Counts are far below 2^52; an [`u32`] is exact in any case.
fn float(n: impl TryInto<u64>) -> f64 {
    let n = n.try_into().unwrap_or(u64::MAX);
    LossRatio { lost: n, sent: 1 }.ratio().unwrap_or_default()
}

#[cfg(test)]
mod tests;
