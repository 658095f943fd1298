//! A scenario with a seed: every fault and every event at its own time.

use std::time::Duration;

use jiff::tz::TimeZone;

use super::file::{Fault, FaultKind, FaultLocation, HostIncident, NoteLine, Scenario};
use super::home::{self, Neighbor};
use super::when::{PlanSpan, TimeFrame, exponential, millis};
use crate::text::order::InOrder;
use crate::time::Timestamp;
use crate::vocabulary::{Kind, ModemKind, Place, Role};

/// A scenario in which only the fate of single packets is left to chance.
#[derive(Debug, Clone)]
pub struct ScenarioPlan {
    /// When it starts.
    pub start: Timestamp,
    /// Zone of its times of day.
    pub zone: TimeZone,
    /// Its length in milliseconds.
    pub length: i64,
    /// What is probed.
    pub neighbors: Vec<Neighbor>,
    /// What is wrong with the line, by start.
    pub faults: Vec<ActiveFault>,
    /// What happens to the host, by time.
    pub host: Vec<PlannedHostEvent>,
    /// What was noted down.
    pub notes: Vec<NoteLine>,
    /// The modem of the line, which is read; `None`: it is not.
    pub modem: Option<ModemKind>,
    /// Seed for the fate of single packets.
    pub seed: u64,
}

/// A fault at its time.
#[derive(Debug, Clone, Copy)]
pub struct ActiveFault {
    /// When, in milliseconds from the start.
    pub span: PlanSpan,
    /// Which neighbors it affects: a bit for each.
    pub affected: u64,
    /// Where on the way, in thousandths of it.
    pub depth: i64,
    /// The place, where it is one.
    pub place: Option<Place>,
    /// What it does to a packet.
    pub how: PacketEffect,
}

/// What a fault does to a packet.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum PacketEffect {
    /// It does not arrive.
    Silence,
    /// It does not arrive with this probability.
    Loss(f64),
    /// Its answer takes longer by microseconds between these.
    Delay(i64, i64),
    /// A portal answers.
    Portal,
}

/// Something that happens to the host.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PlannedHostEvent {
    /// When.
    pub span: PlanSpan,
    /// What happens.
    pub what: HostIncident,
}

impl Scenario {
    /// What happens in one life of the scenario.
    pub fn plan(&self, seed: u64) -> ScenarioPlan {
        let mut rng = fastrand::Rng::with_seed(seed);
        let length = millis(self.length);
        let neighbors = home::neighbors(self.home, &self.targets);
        let frame = TimeFrame { start: self.start, zone: &self.zone.0, length };
        let mut faults: Vec<ActiveFault> = self
            .faults
            .iter()
            .flat_map(|fault| active(fault, &neighbors, &frame, &mut rng))
            .collect();
        faults.order_by_key(|fault| fault.span.from);
        let mut host = Vec::new();
        for event in &self.host {
            let stretches = event.when.stretches(&frame, &mut rng);
            host.extend(
                stretches
                    .into_iter()
                    .map(|span| PlannedHostEvent { span: span.whole(), what: event.what }),
            );
        }
        host.order_by_key(|event| event.span.from);
        // A host that sleeps cannot be restarted: what starts inside another is left out.
        let mut free = 0;
        host.retain(|event| {
            let fits = event.span.from >= free && event.span.from > 0;
            if fits {
                free = event.span.end_of(event.what) + 2_000;
            }
            fits
        });
        ScenarioPlan {
            start: self.start,
            modem: self.modem,
            zone: self.zone.0.clone(),
            length,
            neighbors,
            faults,
            host,
            notes: self.notes.clone(),
            seed: rng.u64(..),
        }
    }
}

impl PlanSpan {
    /// When the host watches again.
    pub fn end_of(&self, what: HostIncident) -> i64 {
        if matches!(what, HostIncident::Clock(_)) { self.from } else { self.to }
    }

    /// The same in whole seconds, one at least.
    fn whole(self) -> Self {
        let whole = |ms: i64| (ms + 500) / 1_000 * 1_000;
        let from = whole(self.from);
        Self { from, to: whole(self.to).max(from + 1_000) }
    }

    /// Whether it has this instant, in microseconds.
    pub fn has(&self, us: i64) -> bool {
        self.from * 1_000 <= us && us < self.to * 1_000
    }
}

impl ScenarioPlan {
    /// By how many seconds the clock is ahead at this time, through the steps so far.
    pub fn ahead_s(&self, ms: i64) -> i64 {
        let stepped = self.host.iter().take_while(|event| event.span.from <= ms);
        stepped
            .map(|event| match event.what {
                HostIncident::Clock(seconds) => i64::from(seconds),
                _ => 0,
            })
            .sum()
    }

    /// What the clock shows at this time.
    pub fn label(&self, ms: i64) -> Timestamp {
        self.start.plus_micros((ms + self.ahead_s(ms) * 1_000) * 1_000)
    }

    /// When the host did not watch.
    pub fn unwatched(&self) -> impl Iterator<Item = PlanSpan> + '_ {
        let off = self.host.iter().filter(|event| !matches!(event.what, HostIncident::Clock(_)));
        off.map(|event| PlanSpan { from: event.span.from, to: event.span.to.min(self.length) })
    }

    /// How long the host did not watch.
    pub fn unwatched_for(&self) -> Duration {
        let ms: i64 = self.unwatched().map(|span| span.to - span.from).sum();
        Duration::from_millis(u64::try_from(ms).unwrap_or(0))
    }
}

fn active(
    fault: &Fault,
    neighbors: &[Neighbor],
    frame: &TimeFrame<'_>,
    rng: &mut fastrand::Rng,
) -> Vec<ActiveFault> {
    let at = fault.at.get_ref();
    let affected = neighbors.iter().enumerate().filter(|(_, n)| concerns(at, n));
    let affected = affected.map(|(index, _)| 1_u64 << index).sum();
    let place = if let FaultLocation::At(place) = at { Some(*place) } else { None };
    let depth = match place {
        Some(Place::Lan) => 20,
        Some(Place::Modem) => 100,
        Some(Place::Access) => 400,
        Some(Place::IspCore) => 600,
        Some(Place::Beyond) => 900,
        None => 990,
    };
    let mut all = Vec::new();
    for span in fault.when.stretches(frame, rng) {
        let one = |span, how| ActiveFault { span, affected, depth, place, how };
        match fault.how {
            FaultKind::Silence => all.push(one(span, PacketEffect::Silence)),
            FaultKind::Portal => all.push(one(span, PacketEffect::Portal)),
            FaultKind::Loss(share) => all.push(one(span, PacketEffect::Loss(share))),
            FaultKind::Delay(least, most) => {
                let us = crate::time::micros;
                all.push(one(span, PacketEffect::Delay(us(least), us(most))));
            }
            FaultKind::Bursts { share, mean } => {
                let bursts = bursts(span, share, millis(mean), rng);
                all.extend(bursts.into_iter().map(|burst| one(burst, PacketEffect::Silence)));
            }
        }
    }
    all
}

/// Lengths of both states are exponential.
fn bursts(span: PlanSpan, share: f64, mean: i64, rng: &mut fastrand::Rng) -> Vec<PlanSpan> {
    let mut all = Vec::new();
    if share <= 0.0 {
        return all;
    }
    #[allow(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        reason = "years at most"
    )]
    let good = (mean as f64 * (1.0 - share) / share) as i64;
    let mut at = span.from;
    loop {
        at += exponential(rng, good.max(1));
        if at >= span.to {
            return all;
        }
        let to = (at + exponential(rng, mean)).min(span.to);
        all.push(PlanSpan { from: at, to });
        at = to;
    }
}

fn concerns(at: &FaultLocation, neighbor: &Neighbor) -> bool {
    let is_icmp = neighbor.wanted.kind == Kind::Icmp;
    match at {
        FaultLocation::At(place) => neighbor.reach >= *place,
        FaultLocation::Target(name) => neighbor.wanted.name == *name,
        FaultLocation::Ipv6 => neighbor.is_v6(),
        FaultLocation::Dns => neighbor.wanted.kind == Kind::Dns,
        FaultLocation::Web => neighbor.wanted.kind == Kind::Http,
        FaultLocation::Icmp => is_icmp && neighbor.wanted.role == Role::Anchor,
    }
}
