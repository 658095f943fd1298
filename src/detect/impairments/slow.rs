//! Slow periods: delays of the calm link well above the usual, and routes that became longer.
//!
//! Each target is looked at in blocks of 10 s (or of five of its probes, if that is more): the
//! median of a block is compared with the median of the blocks of the last day of calm time. A
//! period begins when two anchors were above by 15 ms and by half for six blocks, and is over when
//! for five minutes fewer of them were above by half of that. A slow period does not count as
//! usual.
//!
//! A route that became longer looks the same at first. Where only some of the anchors are above,
//! and their least delays moved as much as their medians, the verdict waits until it is clear which
//! of the two it is.

mod blocks;
mod lasting;
mod place;
mod step;
mod track;

use std::time::Duration;

use super::calm::{CalmEvent, CalmOutcome, CalmProbe};
use super::ledger::Ledger;
use crate::detect::monotonic::Moment;
use crate::detect::parameters::Parameters;
use crate::text::order::InOrder;
use crate::time::Micros;
use crate::vocabulary::{Bounds, Figures, Impairment, SlowFigures};

use blocks::{BlockDelay, around, median};
use lasting::LastingShift;
use place::SlowHop;
use track::DelayTrack;

/// Least length of a block, and the probes of one target it is long enough for.
const BLOCK: Micros = Micros::from_seconds(10);
const PROBES: i64 = 5;
/// Blocks in a row above the usual that begin a period.
const ENTER: u32 = 6;
/// Blocks of five minutes, in a row, that end it.
const LEAVE: u32 = 30;
/// Anchors that must be slow.
const SEVERAL: usize = 2;
/// Values kept of a period, as an even sample.
const SAMPLE: usize = 4_096;

/// The block that is being filled.
#[derive(Debug, Clone, Copy)]
struct DelayBlock {
    number: i64,
    length: Micros,
    start: Moment,
}

/// The period in progress.
#[derive(Debug, Clone)]
struct SlowPeriod {
    number: u64,
    usual: u32,
    medians: EvenSample,
    own: EvenSample,
    worst: u32,
    unobserved: Micros,
    /// Blocks in a row that were not slow, and when the first of them began.
    calm: u32,
    calm_since: Option<Moment>,
    hops: Vec<SlowHop>,
}

/// The observer.
#[derive(Debug, Clone)]
pub(crate) struct SlowObserver {
    bridge: Micros,
    baseline_after: Micros,
    tracks: Vec<Option<DelayTrack>>,
    block: Option<DelayBlock>,
    last: Option<Moment>,
    period: Option<SlowPeriod>,
    /// How long the delay has been above the usual, over all pauses of watching.
    shift: Option<LastingShift>,
}

impl SlowObserver {
    pub(crate) fn new(parameters: &Parameters) -> Self {
        Self {
            bridge: parameters.bridge_gap.into(),
            baseline_after: parameters.baseline_after.into(),
            tracks: Vec::new(),
            block: None,
            last: None,
            period: None,
            shift: None,
        }
    }

    /// Takes the next event; `interval` is that of an anchor's probes.
    pub(crate) fn on_event(&mut self, event: &CalmEvent, interval: Micros, ledger: &mut Ledger) {
        match *event {
            CalmEvent::Probe(calm) => self.on_probe(&calm, interval, ledger),
            CalmEvent::Excluded { from, to, .. } if to.since(from) > self.bridge => {
                self.restart(from, ledger);
            }
            CalmEvent::Excluded { .. } => {}
            CalmEvent::Gap { length, next } if length > self.bridge => self.restart(next, ledger),
            CalmEvent::Gap { length, .. } => {
                if let Some(period) = &mut self.period {
                    period.unobserved += length;
                }
            }
        }
    }

    /// After a long pause everything starts over except what is usual, and for how long the delay
    /// has been above it.
    fn restart(&mut self, next: Moment, ledger: &mut Ledger) {
        self.block = None;
        if let Some(period) = &self.period {
            let last = period.calm_since.or(self.last).unwrap_or(next);
            let bounds = Bounds { earliest: last.utc, latest: last.plus(next.since(last)).utc };
            self.end(bounds, ledger);
        }
        self.tracks.iter_mut().flatten().for_each(DelayTrack::restart);
    }

    fn on_probe(&mut self, calm: &CalmProbe, interval: Micros, ledger: &mut Ledger) {
        if calm.decides {
            self.turn_block(calm.at, interval, ledger);
            self.last = Some(calm.at);
        }
        let target = usize::from(calm.target);
        if self.tracks.len() <= target {
            self.tracks.resize(target + 1, None);
        }
        let track = self.tracks[target].get_or_insert_default();
        (track.id, track.hop, track.decides) = (Some(calm.id), calm.hop, calm.decides);
        match calm.seen {
            CalmOutcome::Reply { rtt, own_queue } => track.take(rtt, own_queue),
            CalmOutcome::Late | CalmOutcome::Lost => track.take_lost(),
        }
    }

    /// Blocks lie on UTC, so that they are the same wherever the record begins.
    fn turn_block(&mut self, at: Moment, interval: Micros, ledger: &mut Ledger) {
        if let Some(block) = self.block {
            if at.block(block.length) == block.number {
                return;
            }
            self.close(block, ledger);
        }
        let length = BLOCK * ((PROBES * interval + BLOCK - Micros::new(1)) / BLOCK).clamp(1, 360);
        self.block = Some(DelayBlock { number: at.block(length), length, start: at });
    }

    fn close(&mut self, block: DelayBlock, ledger: &mut Ledger) {
        let needed = self.needed();
        let known = (self.baseline_after / block.length).max(1);
        let known = usize::try_from(known).unwrap_or(usize::MAX);
        for track in self.tracks.iter_mut().flatten() {
            track.close(block.start, block.length, known);
            if let Some(step) = track.step.take_found() {
                ledger.declare(step.impairment(track.id));
                track.start_over(&step);
            }
        }
        match self.period {
            Some(_) => self.go_on(block, needed, ledger),
            None => self.look(block, needed, ledger),
        }
    }

    fn anchors(&self) -> impl Iterator<Item = &DelayTrack> {
        self.tracks.iter().flatten().filter(|track| track.decides)
    }

    /// The number of anchors that must be slow; to be asked before a block is closed.
    fn needed(&self) -> usize {
        self.anchors().filter(|track| track.was_probed()).count().clamp(1, SEVERAL)
    }

    fn look(&mut self, block: DelayBlock, needed: usize, ledger: &mut Ledger) {
        let mut slow: Vec<_> = self.anchors().filter(|track| track.above >= ENTER).collect();
        if slow.len() >= needed {
            let judged = self.anchors().filter(|track| track.is_judged()).count();
            let queued = slow.iter().filter(|track| !track.step.is_likely()).count();
            if slow.len() == judged || queued >= needed {
                slow.order_by_key(|track| track.above_since.map(|since| since.mono));
                if let Some(begun) = slow[needed - 1].above_since {
                    self.begin(begun, block, ledger);
                    return;
                }
            }
        }
        let valued = self.anchors().filter(|track| track.is_judged()).count();
        let still = self.anchors().filter(|track| track.is_half_above()).count();
        if valued >= needed && self.shift.as_mut().is_some_and(|s| s.is_over(still >= needed)) {
            self.shift = None;
        }
        self.tracks.iter_mut().flatten().for_each(DelayTrack::learn);
    }

    fn begin(&mut self, begun: Moment, block: DelayBlock, ledger: &mut Ledger) {
        let mut usual: Vec<u32> = self.anchors().filter_map(DelayTrack::usual).collect();
        let mut period = SlowPeriod {
            number: 0,
            usual: median(&mut usual).unwrap_or(0),
            medians: EvenSample::default(),
            own: EvenSample::default(),
            worst: 0,
            unobserved: Micros::ZERO,
            calm: 0,
            calm_since: None,
            hops: Vec::new(),
        };
        let mut earlier = Vec::new();
        for track in self.tracks.iter_mut().flatten() {
            if track.decides {
                earlier.extend(track.held.iter().copied());
            } else if track.is_judged() {
                period.hop(track);
            }
            track.held.clear();
        }
        for delay in earlier {
            period.count(delay);
        }
        period.number = ledger.declare(Impairment {
            key: begun.utc,
            target: None,
            onset: around(begun, block.length),
            end: None,
            unobserved: Duration::ZERO,
            places: place::places(&period.hops, self.anchors().count()),
            figures: period.figures(),
        });
        self.period = Some(period);
        self.shift.get_or_insert(LastingShift::new(begun));
    }

    fn go_on(&mut self, block: DelayBlock, needed: usize, ledger: &mut Ledger) {
        let anchors = self.anchors().count();
        let valued = self.anchors().filter(|track| track.is_judged()).count();
        let still = self.anchors().filter(|track| track.is_half_above()).count();
        let (Some(period), Some(shift)) = (&mut self.period, &mut self.shift) else { return };
        // A block in which no anchor answered says nothing.
        if valued >= needed {
            shift.is_over(still >= needed);
            if still >= needed {
                shift.watched(block.length);
                (period.calm, period.calm_since) = (0, None);
                for track in self.tracks.iter_mut().flatten() {
                    if track.decides {
                        track.held.drain(..).for_each(|delay| period.count(delay));
                    } else if track.is_judged() {
                        period.hop(track);
                    }
                    track.held.clear();
                }
            } else {
                period.calm += 1;
                period.calm_since.get_or_insert(block.start);
            }
        }
        if let Some(known) = ledger.get_mut(period.number) {
            known.figures = period.figures();
            known.unobserved = period.unobserved.to_duration();
            known.places = place::places(&period.hops, anchors);
        }
        if shift.is_usual(block.start) {
            self.end(around(block.start, block.length), ledger);
            self.shift = None;
            self.tracks.iter_mut().flatten().for_each(DelayTrack::forget);
        } else if period.calm >= LEAVE
            && let Some(since) = period.calm_since
        {
            self.end(around(since, block.length), ledger);
            self.shift = None;
        }
    }

    fn end(&mut self, end: Bounds, ledger: &mut Ledger) {
        let Some(period) = self.period.take() else { return };
        if let Some(known) = ledger.get_mut(period.number) {
            known.end = Some(end);
        }
        for track in self.tracks.iter_mut().flatten() {
            (track.above, track.above_since) = (0, None);
            track.learn();
        }
    }
}

impl SlowPeriod {
    fn count(&mut self, delay: BlockDelay) {
        self.medians.push(delay.median);
        self.worst = self.worst.max(delay.median);
        if let Some(own) = delay.own {
            self.own.push(own);
        }
    }

    fn hop(&mut self, track: &DelayTrack) {
        let Some(position) = track.hop else { return };
        let known = self.hops.iter_mut().find(|hop| hop.position == position);
        let slow = u32::from(track.above > 0);
        match known {
            Some(hop) => (hop.slow, hop.blocks) = (hop.slow + slow, hop.blocks + 1),
            None => self.hops.push(SlowHop { position, slow, blocks: 1 }),
        }
    }

    fn figures(&self) -> Figures {
        Figures::Slow(SlowFigures {
            usual_us: self.usual,
            median_us: self.medians.median().unwrap_or(0),
            worst_us: self.worst,
            own_queue_us: self.own.median(),
        })
    }
}

/// Values of a period, each n-th of them: n doubles when there are too many.
#[derive(Debug, Clone, Default)]
struct EvenSample {
    values: Vec<u32>,
    passed: u32,
    sparse: u32,
}

impl EvenSample {
    fn push(&mut self, value: u32) {
        self.passed += 1;
        if self.passed < 1 << self.sparse {
            return;
        }
        self.passed = 0;
        self.values.push(value);
        if self.values.len() >= SAMPLE {
            let mut even = false;
            self.values.retain(|_| {
                even = !even;
                even
            });
            self.sparse += 1;
        }
    }
    fn median(&self) -> Option<u32> {
        median(&mut self.values.clone())
    }
}

#[cfg(test)]
impl SlowObserver {
    pub(crate) fn kept(&self) -> usize {
        let period = self.period.as_ref();
        self.tracks.iter().flatten().map(DelayTrack::kept).sum::<usize>()
            + period.map_or(0, |period| period.medians.values.len() + period.own.values.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sample_is_bounded_and_its_median_is_that_of_all() {
        let mut rng = fastrand::Rng::with_seed(1);
        let (mut sample, mut all) = (EvenSample::default(), Vec::new());
        for n in 1..100_000_u32 {
            let value = rng.u32(1_000..2_000) + n / 100;
            sample.push(value);
            all.push(value);
            assert!(sample.values.len() < SAMPLE);
            if n <= 4_000 {
                assert_eq!(sample.values, all);
            }
        }
        let exact = median(&mut all).unwrap();
        assert!(sample.median().unwrap().abs_diff(exact) < 40, "{exact}");
    }

    #[test]
    fn the_median_is_the_lower_of_the_middle_two() {
        assert_eq!(median(&mut []), None);
        assert_eq!(median(&mut [5]), Some(5));
        assert_eq!(median(&mut [9, 1]), Some(1));
        assert_eq!(median(&mut [9, 1, 5]), Some(5));
    }
}
