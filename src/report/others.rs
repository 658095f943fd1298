//! Probes of other protocols than ICMP inside drops: where they fail at the same moments, it was not
//! that ICMP is put last.

use std::collections::BTreeMap;

use crate::stats::LossRatio;
use crate::text::order::InOrder;
use crate::time::{TimeRange, Timestamp};
use crate::vocabulary::{
    Destination, DropStretch, Kind, Measurement, Outcome, Role, StoredDrop, Target, TargetId,
    is_of_home,
};

/// Counts them while samples are read.
#[derive(Debug)]
pub(crate) struct Others {
    beyond: Vec<TargetId>,
    /// What surely was down, of each drop that is over, by time.
    cores: Vec<(TimeRange, i64)>,
    counts: BTreeMap<i64, LossRatio>,
}

impl Others {
    pub(crate) fn new(targets: &[Target], drops: &[StoredDrop]) -> Self {
        let core = |(stretch, id): (&DropStretch, i64)| Some((core(stretch)?, id));
        let counted = drops.iter().filter(|stored| stored.drop.kind.is_down());
        let stretches =
            counted.flat_map(|stored| stored.drop.stretches.iter().map(|s| (s, stored.id)));
        let mut cores: Vec<_> = stretches.filter_map(core).collect();
        cores.order_by_key(|(core, _)| core.from);
        let beyond = targets.iter().filter(|t| is_beyond(t)).map(|t| t.id).collect();
        Self { beyond, cores, counts: BTreeMap::new() }
    }

    pub(crate) fn add(&mut self, m: &Measurement) {
        if !self.beyond.contains(&m.target) || !m.outcome.was_sent() {
            return;
        }
        let before = self.cores.partition_point(|(core, _)| core.from <= m.sent_at);
        let Some((core, id)) = before.checked_sub(1).map(|at| self.cores[at]) else { return };
        if let Some(answered) = answered_within(m, core) {
            let count = self.counts.entry(id).or_default();
            count.sent += 1;
            count.lost += u64::from(!answered);
        }
    }

    /// Lost of sent, by the number of the drop; drops in which nothing was sent are not in it.
    pub(crate) fn finish(self) -> BTreeMap<i64, LossRatio> {
        self.counts
    }
}

/// What surely was down of a silent stretch that is over.
pub(crate) fn core(stretch: &DropStretch) -> Option<TimeRange> {
    let core = TimeRange { from: stretch.onset.latest, to: stretch.end?.earliest };
    (core.from < core.to).then_some(core)
}

/// Whether a probe sent within the core of a drop was answered in it; `None` for one that was not
/// sent then, and where the answer came when the drop was over, which says nothing of the drop.
pub(crate) fn answered_within(m: &Measurement, core: TimeRange) -> Option<bool> {
    if !m.outcome.was_sent() || !core.contains(m.sent_at) {
        return None;
    }
    match answered(m) {
        Some(at) if at > core.to => None,
        found => Some(found.is_some()),
    }
}

/// When the right answer came.
fn answered(m: &Measurement) -> Option<Timestamp> {
    match &m.outcome {
        Outcome::Reply(reply) => Some(m.sent_at + reply.rtt),
        Outcome::Late { rtt } => Some(m.sent_at + *rtt),
        _ => None,
    }
}

/// Whether its answers must come through the line. A name server in the home answers whatever the
/// line does.
fn is_beyond(target: &Target) -> bool {
    let at_home = match target.endpoint.destination() {
        Destination::Dns { server, .. } => is_of_home(server.ip()),
        _ => false,
    };
    target.kind != Kind::Icmp && !matches!(target.role, Role::Gateway | Role::Modem) && !at_home
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::report::synthetic::Scene;
    use crate::vocabulary::{Endpoint, NotSent};

    fn target(id: u8, kind: Kind, address: &str) -> Target {
        Target {
            id: TargetId(id),
            name: format!("t{id}"),
            kind,
            role: Role::Service,
            endpoint: Endpoint::new(kind, address),
            interval: Duration::from_secs(10),
        }
    }

    #[test]
    fn only_what_must_go_through_the_line_and_lies_whole_in_a_drop_is_counted() {
        let mut scene = Scene::new("2026-11-16T05:00:00Z", 3_600);
        scene.drops = vec![(600.0, Some(60.0), vec![crate::vocabulary::Place::Access])];
        let drops = scene.rows().drops;
        let targets = [
            target(1, Kind::Http, "http://example.com/"),
            target(2, Kind::Dns, "example.com@192.168.1.1"),
            target(3, Kind::Dns, "example.com@1.1.1.1"),
            target(4, Kind::Icmp, "1.1.1.1"),
        ];
        let mut others = Others::new(&targets, &drops);
        let core = drops[0].drop.onset.latest;
        let reply = |s| Outcome::reply(Duration::from_secs(s));
        for (id, second, outcome) in [
            (1, 10, Outcome::Lost),
            (1, 20, reply(1)),
            (1, 55, reply(30)),
            (1, 30, Outcome::NotSent(NotSent::Missed)),
            (1, -20, Outcome::Lost),
            (1, 100, Outcome::Lost),
            (2, 10, Outcome::Lost),
            (3, 10, Outcome::Lost),
            (4, 10, Outcome::Lost),
        ] {
            let sent_at = core.plus_micros(second * 1_000_000);
            others.add(&Measurement { target: TargetId(id), sent_at, outcome });
        }
        let counted: Vec<_> = others.finish().into_iter().collect();
        assert_eq!(counted, [(drops[0].id, LossRatio { lost: 2, sent: 3 })]);
    }
}
