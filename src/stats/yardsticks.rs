//! The yardsticks of standards and regulators, side by side, on one period: drops, watched time
//! and counted probes to figures, each with its two counts, its coverage, its threshold and what
//! is uncertain about it.
//!
//! None is left out for being kind or unkind to the link. ITU figures are "style": their
//! parameters were not checked against the current text, and these are round trips.

use std::time::Duration;

use jiff::tz::TimeZone;

use super::seconds::{LossIntervals, M_AV, QuarterHour, SecondTally};
use super::{Availability, LossRatio, TimeLedger};
use crate::time::spans::{common, total};
use crate::time::{TimeRange, Timestamp};
use crate::vocabulary::{Lengths, LinkDrop};

mod definitions;
mod figure;
mod local;

pub use figure::{Figure, FigureCoverage, ThresholdVerdict, Unit, WhyNoFigure, Yardstick};
pub use local::{Days, date_of, deadline, hour_of, hours};

use definitions::{
    ACCC, AVAILABLE, CRTC_ALL, CRTC_PEAK, CRTC_RTT, ERRORED, FCC, NBN, NEW, OFCOM, OLD, SEVERELY,
    TKG,
};

/// What counts as a whole day: the moments lost to a restart or to the end of the record do not
/// matter.
const WHOLE: f64 = 0.95;

/// The keys of all yardsticks, in the order in which they are shown.
pub const KEYS: [&str; 13] = [
    AVAILABLE.key,
    ERRORED.key,
    SEVERELY.key,
    OLD.0.key,
    NEW.0.key,
    ACCC.key,
    NBN.key,
    CRTC_ALL.key,
    CRTC_PEAK.key,
    CRTC_RTT.key,
    FCC.key,
    TKG.key,
    OFCOM.key,
];

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
    /// Drops from this length on are sure to be seen, by the distance of the probes.
    pub seen_from: Duration,
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

    /// The coverage of the whole period when `seconds` of it were watched.
    fn watched_seconds(&self, seconds: u64) -> FigureCoverage {
        FigureCoverage { watched: Duration::from_secs(seconds), elapsed: self.period.length() }
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
            self.errored(),
            self.severely_errored(),
            self.intervals(&OLD, self.seconds.old_intervals),
            self.intervals(&NEW, self.seconds.new_intervals),
            self.accc(&downs),
            self.nbn(&downs),
            loss(&CRTC_ALL, all_loss, whole),
            loss(&CRTC_PEAK, peak_loss, peak_time),
            rtt(&peak_quarters, peak_time),
            fcc(peak_2s, peak_time),
            self.total_loss(&TKG, Days::Every, &downs),
            self.total_loss(&OFCOM, Days::Weekdays, &downs),
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

    fn errored(&self) -> Yardstick {
        let figure = self.seconds.errored.map(|e| Figure {
            value: share(e.unavailable, e.watched),
            unit: Unit::Ratio,
            part: float(e.unavailable),
            whole: float(e.watched),
            counted: "unavailable seconds of seconds with a probe",
            coverage: self.watched_seconds(e.watched),
        });
        let silent = if figure.is_none() { self.why_none(3, 1) } else { None };
        Yardstick { figure, silent, ..ERRORED }
    }

    fn severely_errored(&self) -> Yardstick {
        let figure = self.seconds.errored.filter(|e| e.watched > e.unavailable).map(|e| Figure {
            value: share(e.severely_errored, e.watched - e.unavailable),
            unit: Unit::Ratio,
            part: float(e.severely_errored),
            whole: float(e.watched - e.unavailable),
            counted: "severely errored seconds of available seconds with a probe",
            coverage: self.watched_seconds(e.watched),
        });
        // A period without an available second has nothing to report, however it was probed.
        let silent = if self.seconds.errored.is_none() { self.why_none(3, 1) } else { None };
        Yardstick { figure, silent, ..SEVERELY }
    }

    fn intervals(&self, (stick, seconds): &(Yardstick, u64), n: LossIntervals) -> Yardstick {
        let figure = (n.judged > 0).then(|| Figure {
            value: share(n.unavailable, n.judged),
            unit: Unit::Ratio,
            part: float(n.unavailable),
            whole: float(n.judged),
            counted: "unavailable intervals of intervals judged",
            coverage: self.watched_seconds(n.judged * seconds),
        });
        let silent = if figure.is_none() { self.why_none(*seconds, M_AV) } else { None };
        Yardstick { figure, silent, ..stick.clone() }
    }

    /// Why nothing was judged that needs `probes` in `seconds`: the probes are too far apart.
    fn why_none(&self, seconds: u64, probes: u64) -> Option<WhyNoFigure> {
        let sent: u64 = self.seconds.quarters.iter().map(|quarter| quarter.loss.sent).sum();
        let watched = self.whole().watched.as_secs();
        let is_sparse = sent.saturating_mul(seconds) < probes.saturating_mul(watched);
        (sent > 0 && is_sparse).then_some(WhyNoFigure::TooSparse)
    }

    fn accc(&self, downs: &[DropLengths]) -> Yardstick {
        const OVER: Duration = Duration::from_secs(30);
        const HOURS_A_DAY: f64 = 18.0;
        let spans = hours(self.period, self.zone, Days::Every, 6, 24);
        let coverage = self.coverage(&spans);
        let days = coverage.watched.as_secs_f64() / 3_600.0 / HOURS_A_DAY;
        let began = |down: &&DropLengths| spans.iter().any(|span| span.contains(down.onset));
        let counted: Vec<_> = downs.iter().filter(began).collect();
        let of = |which: usize| float(counted.iter().filter(|d| d.lengths[which] > OVER).count());
        let watched = !coverage.watched.is_zero() && self.availability.is_some();
        let silent = if watched && self.seen_from > OVER {
            Some(WhyNoFigure::TooSparse)
        } else {
            (watched && days < WHOLE).then_some(WhyNoFigure::TooShort)
        };
        // For slightly less than a day, the count itself is given and not an extrapolation to a day.
        let days = days.max(1.0);
        let figure = (watched && silent.is_none()).then(|| Figure {
            value: of(1) / days,
            unit: Unit::PerDay,
            part: of(1),
            whole: days,
            counted: "outages > 30 s of days of 18 h watched",
            coverage,
        });
        let between = figure.map(|_| (of(0) / days, of(2) / days));
        Yardstick { figure, silent, between, ..ACCC }
    }

    fn nbn(&self, downs: &[DropLengths]) -> Yardstick {
        const INCIDENT: usize = 4;
        const SHORT: Duration = Duration::from_secs(10);
        let days = hours(self.period, self.zone, Days::Every, 0, 24);
        let began = |day: &TimeRange| downs.iter().filter(|d| day.contains(d.onset)).count();
        let is_reached = |day: &TimeRange| began(day) >= INCIDENT;
        // A part of a day that has enough of them suffices; one that has not proves nothing.
        let days: Vec<_> = days.iter().filter(|d| self.is_whole(**d) || is_reached(d)).collect();
        let reached = days.iter().filter(|day| is_reached(day)).count();
        let judged = self.availability.is_some();
        let none = days.is_empty() && judged;
        let figure = (!days.is_empty() && judged).then(|| Figure {
            value: float(reached),
            unit: Unit::Days,
            part: float(reached),
            whole: float(days.len()),
            counted: "days with 4 dropouts or more of days watched whole or with that many",
            coverage: self.whole(),
        });
        let verdict = figure.and_then(|_| match reached {
            // There may have been more dropouts that could not be seen.
            0 => (self.seen_from <= SHORT).then_some(ThresholdVerdict::NotReached),
            _ => Some(ThresholdVerdict::Reached),
        });
        Yardstick { figure, silent: none.then_some(WhyNoFigure::TooShort), verdict, ..NBN }
    }

    /// Whether all of a local day was watched, of which `part` lies in the period.
    fn is_whole(&self, part: TimeRange) -> bool {
        let day = date_of(part.from, self.zone)
            .and_then(|date| hour_of(date, 0, self.zone).zip(hour_of(date, 24, self.zone)));
        day.is_some_and(|(from, to)| {
            let length = TimeRange { from, to }.length().as_secs_f64();
            self.coverage(&[part]).watched.as_secs_f64() >= WHOLE * length
        })
    }

    /// The longest drop against the deadline it would have had if reported at its onset.
    fn total_loss(&self, stick: &Yardstick, days: Days, downs: &[DropLengths]) -> Yardstick {
        let coverage = self.whole();
        if self.availability.is_none() {
            return stick.clone();
        }
        let longest = downs.iter().map(|d| d.lengths[1]).max().unwrap_or_default();
        let over = |down: &&DropLengths| {
            deadline(down.onset, self.zone, days, 2).is_some_and(|by| down.end > by)
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
