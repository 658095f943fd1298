//! One record, and what every part of linkmon says about its deciding anchors.

use std::time::Duration;

use jiff::tz::TimeZone;

use super::check;
use crate::config::Lang;
use crate::detect::{Detector, Parameters};
use crate::language;
use crate::live::{Present, RecentProbes, Status};
use crate::report::deciders::Deciders;
use crate::time::{TimeRange, Timestamp};
use crate::vocabulary::{
    Endpoint, Kind, LinkState, LossRatio, Measurement, Observation, Outcome, Role, Roster,
    RosterChange, RosterEntry, RosterHistory, Run, Standing, Target, TargetId,
};

/// A gateway, two IPv4 anchors, an IPv6 one and a web anchor; or all but the IPv4 ones.
fn targets(has_v4: bool) -> Vec<Target> {
    let all = [
        (1, Kind::Icmp, Role::Gateway, "192.168.1.1"),
        (2, Kind::Icmp, Role::Anchor, "192.0.2.1"),
        (3, Kind::Icmp, Role::Anchor, "192.0.2.2"),
        (4, Kind::Icmp, Role::Anchor, "2001:db8::1"),
        (5, Kind::Http, Role::Anchor, "http://192.0.2.3/"),
    ];
    let all = all.into_iter().filter(|(id, ..)| has_v4 || !matches!(id, 2 | 3));
    all.map(|(id, kind, role, address)| Target {
        id: TargetId(id),
        name: format!("t{id}"),
        kind,
        role,
        endpoint: Endpoint::new(kind, address),
        interval: Duration::from_secs(1),
    })
    .collect()
}

/// Sixty seconds: target 2 loses a tenth of its probes, target 4 all of them.
fn record(targets: &[Target]) -> Vec<Measurement> {
    let seconds = (0..60).flat_map(|s| targets.iter().map(move |t| (s, t.id)));
    seconds
        .map(|(s, target)| Measurement {
            target,
            sent_at: Timestamp::from_seconds(1_000 + s),
            outcome: match target.0 {
                2 if s % 10 == 0 => Outcome::Lost,
                4 => Outcome::Lost,
                _ => Outcome::reply(Duration::from_millis(10)),
            },
        })
        .collect()
}

fn present(targets: &[Target], record: &[Measurement]) -> Present {
    let mut present = Present::new(Duration::from_secs(10), RecentProbes::default());
    present.set_targets(targets);
    present.on_batch(&record.iter().cloned().map(Observation::Measured).collect::<Vec<_>>());
    present
}

fn status(present: &Present) -> Status {
    let at = Timestamp::from_seconds(1_060);
    Status {
        at,
        pid: 1,
        started: at,
        state: LinkState::Up,
        targets: present.targets(at),
        ..Status::of_start(at)
    }
}

#[track_caller]
fn all_agree(has_v4: bool, near: Option<u8>, expected: &[u8], loss: LossRatio, line: &str) {
    let targets = targets(has_v4);
    let roster = near.map_or_else(Roster::default, |near| {
        let entry = |t: &Target| RosterEntry {
            target: t.id,
            standing: if t.id.0 == near { Standing::Near } else { Standing::Far },
            decides: expected.contains(&t.id.0),
        };
        Roster::new(targets.iter().map(entry))
    });
    let expected: Vec<_> = expected.iter().copied().map(TargetId).collect();
    let record = record(&targets);
    // The detector.
    let mut detector = Detector::new(Parameters::default());
    detector.set_targets(&targets);
    detector.set_roster(&roster);
    let decide: Vec<_> = targets.iter().map(|t| t.id).filter(|id| detector.decides(*id)).collect();
    assert_eq!(decide, expected, "detector");
    // The report.
    let run = Run {
        id: 1,
        started: Timestamp::from_seconds(1_000),
        boot: None,
        boot_id: None,
        last_seen: Timestamp::from_seconds(1_060),
        ended: None,
    };
    let change = RosterChange { run: 1, from: run.started, roster: roster.clone() };
    let changes = Vec::from_iter(roster.is_known().then_some(change));
    let (runs, period) = ([run], TimeRange::EVER);
    let rosters = RosterHistory::new(changes, &runs);
    let deciders = Deciders::of(targets.iter(), &rosters, &runs, period);
    let decide: Vec<_> = targets.iter().map(|t| t.id).filter(|id| deciders.has(*id)).collect();
    assert_eq!(decide, expected, "report");
    // The metrics: only deciding anchors make observed time.
    let mut present = present(&targets, &record);
    present.set_roster(&roster);
    let counters = present.counters();
    assert_eq!(counters.deciding(), expected, "metrics");
    let counted = counters.targets().filter(|t| expected.contains(&t.target.id));
    assert_eq!(counted.map(|t| t.probes.loss()).sum::<LossRatio>(), loss, "metrics");
    // The present: `status`, `doctor`, `check`, the live line.
    let status = status(&present);
    let names: Vec<_> = status.deciding_anchors().iter().map(|t| t.name.clone()).collect();
    assert_eq!(names, expected.iter().map(|id| format!("t{}", id.0)).collect::<Vec<_>>());
    assert_eq!(status.anchor_counts().probes, loss, "status, doctor");
    assert_eq!(check::anchor_loss(&status), loss, "check");
    let shown = language::of(Lang::En).live_line(&status, &TimeZone::UTC, 200);
    assert!(shown.contains(line), "live line: {shown}");
}

#[test]
fn everything_means_the_same_anchors_and_counts_them_alike() {
    let loss = |lost, sent| LossRatio { lost, sent };
    all_agree(true, None, &[2, 3], loss(6, 120), "5.0 % lost (6/120)");
    all_agree(false, None, &[4], loss(60, 60), "100.0 % lost (60/60)");
    all_agree(true, Some(3), &[2], loss(6, 60), "10.0 % lost (6/60)");
    all_agree(true, Some(2), &[3], loss(0, 60), "anchors 10.0 ms");
}
