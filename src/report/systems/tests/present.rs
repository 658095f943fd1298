//! What is said of the present, and of what lasts.

use super::*;
use crate::live::{Flag, ImpairmentStatus, WayStatus};
use crate::vocabulary::{BearingCounts, Figures, Medium};

fn seen(rows: &SystemRows, live: &Status) -> Systems {
    let (zone, config) = (TimeZone::UTC, Config::default());
    build::build(rows, SystemsView { now: NOW, zone: &zone, config: &config }, Some(live))
}

fn by_hotspot() -> WayStatus {
    WayStatus {
        interface: "wlan0".to_owned(),
        medium: Medium::Wifi,
        gateway: None,
        avoids: None,
        is_line: false,
        since: Some(ago(4)),
    }
}

#[test]
fn a_state_is_dated_from_what_it_is_of() {
    let rows = calm();
    let mut live =
        Status { state: LinkState::Up, since: Some(ago(20_000)), ..Status::of_start(NOW) };
    let internet = |live: &Status| {
        let systems = seen(&rows, live);
        (systems.systems[0].state, systems.systems[0].since)
    };
    assert_eq!(internet(&live), (SystemState::Up, Some(ago(20_000))));
    live.impairments = [5, 3]
        .map(|minutes| ImpairmentStatus {
            flag: Flag::NoDns,
            since: ago(minutes),
            places: Vec::new(),
            target: None,
            figures: Figures::Dns(BearingCounts { bearing: 10, sent: 10 }.into()),
        })
        .to_vec();
    assert_eq!(internet(&live), (SystemState::Impaired, Some(ago(5))), "it works badly since");
    live.way = Some(by_hotspot());
    assert_eq!(internet(&live), (SystemState::Unknown, Some(ago(4))), "not known since");
}

#[test]
fn what_cannot_be_reached_by_another_way_is_not_down() {
    let mut rows = calm();
    rows.rosters = roster(&[(40 * 1_440, &[1, 2, 3, 4, 5, 6, 7])]);
    let mut live = Status {
        state: LinkState::Up,
        targets: vec![mail(&rows)],
        way: Some(by_hotspot()),
        ..Status::of_start(NOW)
    };
    let state = |live: &Status| {
        let systems = seen(&rows, live);
        let mail = system(&systems, "mail");
        (mail.state, mail.reason)
    };
    assert_eq!(state(&live), (SystemState::Unknown, Some(GapReason::OtherWay)));
    live.targets[0].trouble = None;
    live.targets[0].lost = 0;
    assert_eq!(state(&live), (SystemState::Up, None), "it answers");
    live.way = None;
    live.targets = vec![mail(&rows)];
    assert_eq!(state(&live), (SystemState::Down, None));
}

#[test]
fn a_drop_at_the_end_of_an_import_takes_no_target_down() {
    let mut rows = calm();
    rows.rosters = roster(&[(40 * 1_440, &[1, 2, 3, 4, 5, 6, 7])]);
    rows.drops = vec![dropped(1, 9_000, None, &[4, 5, 6, 7])];
    rows.record_ends = [(1, ago(8_990))].into();
    let mut target = mail(&rows);
    target.lost = 1;
    let live = Status { state: LinkState::Up, targets: vec![target], ..Status::of_start(NOW) };
    let systems = seen(&rows, &live);
    assert_eq!(system(&systems, "mail").state, SystemState::Checking);
    assert_eq!(systems.incidents[0].updated, ago(8_990), "that the record ends is a change");
    // Nor is it the drop that lasts when the line is down.
    let live = Status { state: LinkState::Down, since: Some(ago(2)), ..live };
    assert_eq!(seen(&rows, &live).systems[0].since, Some(ago(2)));
}

#[test]
fn what_lasts_is_listed_however_much_happened_since() {
    let mut rows = calm();
    let failed = |from: i64, to: Option<i64>| TargetTrouble {
        target: TargetId(7),
        from: ago(from),
        to: to.map(ago),
        lost: 9,
        sent: 9,
    };
    rows.drops = (1..=150).map(|n| dropped(n, 60 * n, Some(60 * n - 1), &[4])).collect();
    rows.troubles = vec![failed(20 * 1_440, None)];
    let systems = built(&rows);
    assert_eq!((systems.incidents.len(), systems.left_out), (MOST_INCIDENTS, 51));
    let last = systems.incidents.last().unwrap();
    assert!(last.lasts() && last.system == "mail", "{last:?}");
    let few = most_telling(&systems.incidents, 50);
    assert!(few.len() == 50 && few[49].lasts() && few[0].drop == Some(1));

    // A service that flaps hides no drop of the line.
    rows.drops.truncate(60);
    rows.troubles = (1..=300).map(|n| failed(3 * n, Some(3 * n - 1))).collect();
    let systems = built(&rows);
    assert_eq!(systems.incidents.len(), MOST_INCIDENTS);
    let drops = systems.incidents.iter().filter(|one| one.drop.is_some()).count();
    assert_eq!(drops, 50, "half of them");
    assert!(systems.incidents.is_sorted_by_key(|one| std::cmp::Reverse(one.onset.earliest)));
}

#[test]
fn a_target_that_was_never_probed_in_a_time_has_no_share_of_it() {
    let mut rows = calm();
    rows.runs = vec![run(1, 30 * 1_440, 60)];
    rows.runs[0].ended = Some(RunEnd::Import);
    rows.probed.remove(&TargetId(1));
    rows.probed.insert(TargetId(7), vec![minutes(600, 60)]);
    let systems = built(&rows);
    assert_eq!(system(&systems, "gateway").windows.map(|window| window.ratio), [None; 3]);
    let mail = system(&systems, "mail").windows[2];
    assert_eq!((mail.watched, mail.ratio), (Duration::from_secs(3_600), Some(1.0)));
}

#[test]
fn a_trouble_after_a_clock_was_set_back_is_of_the_run_that_watched_last() {
    let mut rows = calm();
    // The second run began with the clock 100 minutes behind.
    rows.runs = vec![run(1, 1_000, 100), run(2, 200, 0)];
    rows.troubles =
        vec![TargetTrouble { target: TargetId(7), from: ago(150), to: None, lost: 60, sent: 60 }];
    rows.answered.insert(TargetId(7), ago(120));
    let systems = built(&rows);
    assert!(systems.incidents[0].lasts(), "{:?}", systems.incidents[0]);
}
