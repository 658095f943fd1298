//! What is told long after it was sent: replay = live all the same.

use super::*;
use crate::vocabulary::{NotSent, Role};

/// Feeds both with `record`, the daemon's judge as `told`; after each part of that comes a target
/// that was found meanwhile.
#[track_caller]
fn check_told_late<const N: usize>(record: &[Measurement], told: [Vec<&Measurement>; N]) {
    let mut replayed = Detector::new(Parameters::default());
    let mut judge = LiveDetector::new(Parameters::default(), Waiting::default());
    let mut targets = home_with_services();
    judge.set_targets(&targets);
    let mut found = (NEW..).map(|id| target(id, Role::Gateway));
    let ever: Vec<_> = targets.iter().cloned().chain(found.clone().take(N)).collect();
    replayed.set_targets(&ever);
    replayed.begin_run(&run(1, START_MS));
    judge.begin_run(&run(1, START_MS));
    let mut kept = Kept::default();
    for part in told {
        for m in part {
            judge.on(&Observation::Measured(m.clone()));
            kept.take(&mut judge);
        }
        targets.extend(found.next());
        judge.set_targets(&targets);
    }
    for m in record {
        replayed.on_measurement(m);
    }
    replayed.finish();
    assert_eq!(kept.drops.len(), 1);
    assert_same(&kept, &judge, &replayed);
}

/// The first target that is found while the daemon runs.
const NEW: u8 = 77;

fn ms(m: &Measurement) -> i64 {
    m.sent_at.as_millis() - START_MS
}

fn is_service(m: &Measurement) -> bool {
    m.target.0 >= DNS
}

/// After a stop of the process its services tell at once what they missed, and the ICMP engine only
/// then what it had not told before.
#[test]
fn a_daemon_that_was_held_up_ends_with_what_replay_finds() {
    let (stop, go) = (600_000, 630_000);
    let record = all_probes(0, go + 120_000, |ms, id| match id {
        _ if (stop..stop + 10_000).contains(&ms) => Some(Outcome::NotSent(NotSent::Missed)),
        DNS.. if (stop..go).contains(&ms) => Some(Outcome::NotSent(NotSent::Missed)),
        _ if (stop..go).contains(&ms) => None,
        _ => unless((go..go + 10_000).contains(&ms) && id != GATEWAY),
    });
    let held = |m: &&Measurement| (stop - 3_000..go + 5_000).contains(&ms(m));
    let mut told: Vec<_> = record.iter().filter(|m| !held(m)).collect();
    let at = told.iter().position(|m| ms(m) > go).unwrap();
    let services = record.iter().filter(|m| held(m) && is_service(m));
    let icmp = record.iter().filter(|m| held(m) && !is_service(m));
    told.splice(at..at, services.chain(icmp));
    check_told_late(&record, [told]);
}

/// The router in the home answers a query at once, while echo requests wait for an answer for 3 s.
#[test]
fn targets_that_change_while_probes_are_on_their_way_leave_live_and_replay_equal() {
    let cut = 603_000..613_500;
    let mut record =
        all_probes(0, 700_000, |ms, id| unless(cut.contains(&ms) && id != GATEWAY && id != DNS));
    // The new gateway is asked from the moment on at which it was found.
    let new = record.iter().filter(|m| m.target.0 == GATEWAY && ms(m) >= 606_000);
    let new: Vec<_> = new
        .map(|m| Measurement { target: TargetId(NEW), outcome: Outcome::Lost, ..m.clone() })
        .collect();
    record.extend(new);
    record.sort_by_key(|m| (m.sent_at, m.target));
    let part = |from: i64, to: i64| {
        let waits = move |m: &&Measurement| (to - 3_000..to).contains(&ms(m)) && !is_service(m);
        let waited =
            move |m: &&Measurement| (from - 3_000..from).contains(&ms(m)) && !is_service(m);
        let rest = move |m: &&Measurement| (from..to).contains(&ms(m)) && !waits(m);
        record.iter().filter(waited).chain(record.iter().filter(rest)).collect::<Vec<_>>()
    };
    check_told_late(&record, [part(0, 606_000), part(606_000, 616_000), part(616_000, 800_000)]);
}
