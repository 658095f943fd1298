//! The fate of single packets: what becomes of a probe that is sent now.

use std::time::Duration;

use super::plan::{ActiveFault, PacketEffect, ScenarioPlan};
use crate::vocabulary::{Failed, FailedReason, Kind, Outcome, Phase, Waiting};

/// Faults are looked up this long ahead of a packet.
const AHEAD_MS: i64 = 75_000;
/// When a connection is tried again, in microseconds after the first attempt.
const RETRIES_US: [i64; 3] = [1_000_000, 3_000_000, 7_000_000];
/// The time limit of a web request.
const WEB_US: i64 = 10_000_000;

/// The line of a plan, asked in the order of time.
#[derive(Debug)]
pub(crate) struct SimulatedLine<'a> {
    plan: &'a ScenarioPlan,
    waiting: Waiting,
    next: usize,
    near: Vec<ActiveFault>,
    /// Until when all that is near is known, in milliseconds.
    known: i64,
    rng: fastrand::Rng,
}

impl<'a> SimulatedLine<'a> {
    /// The line at the start of a plan.
    pub(crate) fn new(plan: &'a ScenarioPlan) -> Self {
        Self {
            plan,
            waiting: Waiting::default(),
            next: 0,
            near: Vec::new(),
            known: i64::MIN,
            rng: fastrand::Rng::with_seed(plan.seed),
        }
    }

    /// What becomes of the probe of neighbor `n` that is sent at `ms`.
    pub(super) fn outcome(&mut self, n: usize, ms: i64) -> Outcome {
        self.look(ms);
        let neighbor = &self.plan.neighbors[n];
        let kind = neighbor.wanted.kind;
        let sent = ms * 1_000;
        let mut rtt = neighbor.delay + jitter(&mut self.rng, neighbor.delay);
        let mut lost = false;
        let mut portal = false;
        for fault in self.near.iter().filter(|fault| fault.affected & (1 << n) != 0) {
            match fault.how {
                PacketEffect::Loss(share) if fault.span.has(sent) => lost |= self.rng.f64() < share,
                PacketEffect::Delay(least, most) if fault.span.has(sent) => {
                    rtt += if least < most { self.rng.i64(least..=most) } else { least };
                }
                PacketEffect::Portal => portal |= fault.span.has(sent),
                _ => {}
            }
        }
        if kind == Kind::Http {
            if portal {
                let reason = FailedReason::CaptivePortal;
                return Outcome::Failed(Failed { phase: Phase::FirstByte, reason });
            }
            return self.web(n, sent, rtt, usize::from(lost));
        }
        if lost || self.is_silent(n, sent, rtt) {
            return Outcome::Lost;
        }
        let rtt = Duration::from_micros(u64::try_from(rtt).unwrap_or(0));
        if rtt <= self.waiting.loss_threshold {
            Outcome::reply(rtt)
        } else if rtt <= self.waiting.late_window && kind == Kind::Icmp {
            Outcome::Late { rtt }
        } else {
            Outcome::Lost
        }
    }

    /// A connection is tried again until its time is up; its first `lost_attempts` are lost.
    fn web(&self, n: usize, sent: i64, rtt: i64, lost_attempts: usize) -> Outcome {
        let attempts = std::iter::once(0).chain(RETRIES_US).skip(lost_attempts);
        let answered = attempts.into_iter().find(|later| !self.is_silent(n, sent + later, rtt));
        match answered.map(|later| later + rtt).filter(|whole| *whole <= WEB_US) {
            Some(whole) => Outcome::reply(Duration::from_micros(u64::try_from(whole).unwrap_or(0))),
            None => Outcome::Lost,
        }
    }

    /// Whether a packet or its answer meets a silence on its way.
    fn is_silent(&self, n: usize, sent: i64, rtt: i64) -> bool {
        let way = self.plan.neighbors[n].delay / 2;
        let faults = self.near.iter().filter(|fault| fault.affected & (1 << n) != 0);
        faults.filter(|fault| fault.how == PacketEffect::Silence).any(|fault| {
            let there = way * fault.depth / 1_000;
            fault.span.has(sent + there) || fault.span.has(sent + rtt - there)
        })
    }

    fn look(&mut self, ms: i64) {
        if ms + 10_000 <= self.known {
            return;
        }
        self.known = ms + AHEAD_MS;
        self.near.retain(|fault| fault.span.to > ms);
        while let Some(fault) = self.plan.faults.get(self.next).filter(|f| f.span.from < self.known)
        {
            self.next += 1;
            if fault.span.to > ms {
                self.near.push(*fault);
            }
        }
    }
}

/// The delay that a quiet line adds: mostly little, sometimes a spike.
fn jitter(rng: &mut fastrand::Rng, delay: i64) -> i64 {
    let often = delay / 16 + 60;
    let mut added = super::when::exponential(rng, often);
    if rng.u16(..) < 200 {
        added += super::when::exponential(rng, 6_000);
    }
    added
}
