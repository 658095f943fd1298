//! What is stored and told of drops, gaps and restarts.

use super::*;
use crate::probe::host::Counters;
use crate::vocabulary::{DropKind, GapReason, HostChange, LinkState};

/// The one drop there is.
fn only(machine: &Machine) -> StoredDrop {
    let mut drops = machine.drops();
    assert_eq!(drops.len(), 1, "{drops:#?}");
    drops.remove(0)
}

/// Whether the bounds of its length hold `seconds`, within 2 s of each other.
fn is_long(drop: &LinkDrop, seconds: u64) -> bool {
    let length = Duration::from_secs(seconds);
    drop.min <= length && length <= drop.max && drop.max < drop.min + Duration::from_secs(2)
}

#[test]
fn a_drop_is_stored_before_it_is_told() {
    let mut machine = Machine::new();
    machine.start(0, |mut life| {
        life.lives(100, &mut up);
        life.lives(20, &mut down);
        let open = life.drops();
        assert_eq!(open.len(), 1);
        assert_eq!(open[0].drop.end, None);
        life.lives(60, &mut up);
        life.stop();
    });
    let drop = only(&machine);
    assert!(is_long(&drop.drop, 20), "{drop:?}");
    assert_eq!(drop.drop.place_text(), "modem|access");
    assert_eq!(machine.heard.words(), ["began 1", "ended 1"]);
    machine.check_replay();
}

#[test]
fn an_open_drop_survives_a_kill_and_is_told_once() {
    let mut machine = Machine::new();
    machine.start(0, |mut life| {
        life.lives(100, &mut up);
        life.lives(20, &mut down);
    });
    assert_eq!(only(&machine).drop.end, None);
    machine.start(150, |mut life| {
        life.lives(10, &mut down);
        life.lives(60, &mut up);
        life.stop();
    });
    let drop = only(&machine);
    assert_eq!(drop.id, 1);
    assert!(drop.drop.unobserved > Duration::from_secs(29), "{drop:?}");
    assert!(drop.drop.max > Duration::from_secs(59) && drop.drop.max < Duration::from_secs(62));
    assert_eq!(machine.heard.words(), ["began 1", "ended 1"]);
    let gaps = machine.reader().gaps(ALWAYS).unwrap();
    assert_eq!(gaps.iter().map(|g| g.reason).collect::<Vec<_>>(), [GapReason::Crashed]);
    machine.check_replay();
}

#[test]
fn a_stop_and_start_inside_a_drop_leaves_one_drop() {
    let mut machine = Machine::new();
    machine.start(0, |mut life| {
        life.lives(100, &mut up);
        life.lives(20, &mut down);
        life.stop();
    });
    machine.check_replay();
    machine.start(123, |mut life| {
        life.lives(10, &mut down);
        life.lives(60, &mut up);
        life.stop();
    });
    only(&machine);
    assert_eq!(machine.heard.words(), ["began 1", "ended 1"]);
    machine.check_replay();
}

#[test]
fn a_drop_of_hours_ago_survives_a_restart() {
    let mut machine = Machine::new();
    machine.start(0, |mut life| {
        life.lives(100, &mut up);
        life.lives(20, &mut down);
        life.lives(3 * 3_600, &mut up);
        life.stop();
    });
    let before = only(&machine);
    machine.start(11_000, |mut life| {
        life.lives(100, &mut up);
        life.stop();
    });
    assert_eq!(only(&machine), before);
    assert_eq!(machine.heard.words(), ["began 1", "ended 1"]);
    assert_eq!(machine.heard.status.as_ref().unwrap().drops_24h, 1);
}

#[test]
fn a_restart_while_the_link_is_up_is_a_gap_and_nothing_else() {
    let mut machine = Machine::new();
    machine.start(0, |mut life| {
        life.lives(100, &mut up);
        life.stop();
    });
    machine.start(400, |mut life| {
        life.lives(100, &mut up);
        life.stop();
    });
    assert_eq!(machine.drops(), []);
    let gaps = machine.reader().gaps(ALWAYS).unwrap();
    assert_eq!(gaps.len(), 1, "{gaps:?}");
    assert_eq!(gaps[0].reason, GapReason::Stopped);
    assert_eq!(gaps[0].range.length().as_secs(), 300);
    assert_eq!(machine.heard.words(), Vec::<String>::new());
}

#[test]
fn a_drop_in_which_nothing_was_received_stays_though_its_answers_come_late() {
    let mut machine = Machine::new();
    machine.start(0, |mut life| {
        life.lives(100, &mut up);
        let mut slow = |who, _| match who {
            0 => up(0, 0),
            _ => Outcome::Late { rtt: Duration::from_secs(20) },
        };
        life.lives(12, &mut slow);
        life.lives(1, &mut up);
        assert_eq!(life.drops().len(), 1);
        life.lives(100, &mut up);
        life.stop();
    });
    assert!(is_long(&only(&machine).drop, 12));
    assert_eq!(machine.heard.words(), ["began 1", "ended 1"]);
    machine.check_replay();
}

#[test]
fn a_step_of_the_clock_inside_a_drop_leaves_its_length() {
    for by in [3_600, -3_600] {
        let mut machine = Machine::new();
        machine.start(0, |mut life| {
            life.lives(100, &mut up);
            life.lives(20, &mut down);
            life.steps_the_clock(by);
            life.lives(20, &mut down);
            life.lives(100, &mut up);
            life.stop();
        });
        let drop = only(&machine);
        assert!(is_long(&drop.drop, 40), "{by}: {drop:?}");
        assert_eq!(machine.heard.words(), ["began 1", "ended 1"], "{by}");
        let status = machine.heard.status.clone().unwrap();
        let sent: Vec<_> = status.targets.iter().map(|t| t.sent).collect();
        assert!(sent.iter().all(|sent| (59..=61).contains(sent)), "{by}: {sent:?}");
        machine.check_replay();
    }
}

#[test]
fn a_restart_after_a_step_of_the_clock_still_knows_the_open_drop() {
    for by in [3_600, -3_600, -40_000_000] {
        let mut machine = Machine::new();
        machine.start(0, |mut life| {
            life.lives(100, &mut up);
            life.lives(20, &mut down);
            life.steps_the_clock(by);
            life.lives(5, &mut down);
        });
        machine.start(130, |mut life| {
            life.lives(5, &mut down);
            life.lives(100, &mut up);
            life.stop();
        });
        let drop = only(&machine);
        assert!(drop.drop.max > Duration::from_secs(34), "{by}: {drop:?}");
        assert_eq!(machine.heard.words(), ["began 1", "ended 1"], "{by}");
        machine.check_replay();
    }
}

#[test]
fn eight_hours_of_sleep_are_a_gap_and_no_drop() {
    let mut machine = Machine::new();
    machine.start(0, |mut life| {
        life.lives(100, &mut up);
        life.sleeps(8 * 3_600);
        life.lives(100, &mut up);
        life.stop();
    });
    assert_eq!(machine.drops(), []);
    let gaps = machine.reader().gaps(ALWAYS).unwrap();
    assert_eq!(gaps.iter().map(|g| g.reason).collect::<Vec<_>>(), [GapReason::Asleep]);
    assert_eq!(gaps[0].range.length().as_secs() / 60, 480);
    machine.check_replay();
}

#[test]
fn a_flapping_link_is_told_down_and_over_each_time_under_one_number() {
    let mut machine = Machine::new();
    machine.start(0, |mut life| {
        life.lives(100, &mut up);
        for _ in 0..2 {
            life.lives(10, &mut down);
            life.lives(8, &mut up);
        }
        life.lives(100, &mut up);
        life.stop();
    });
    let drop = only(&machine);
    assert_eq!((drop.drop.flaps, drop.drop.kind), (2, DropKind::Drop));
    assert_eq!(machine.heard.words(), ["began 1", "ended 1", "began 1", "ended 1"]);
    machine.check_replay();
}

#[test]
fn the_status_says_what_is_and_what_was() {
    let mut machine = Machine::new();
    machine.start(0, |mut life| {
        life.lives(100, &mut up);
        life.lives(20, &mut down);
        let live = Reader::open(&life.database).unwrap().live().unwrap();
        let status: Status = serde_json::from_str(&live.status).unwrap();
        assert_eq!((status.state, status.drops_24h), (LinkState::Down, 1));
        let open = status.open_drop.unwrap();
        assert_eq!((open.id, open.end, open.min_s, open.max_s), (1, None, None, None));
        assert_eq!(status.last_drop, None);
        life.lives(60, &mut up);
        let live = Reader::open(&life.database).unwrap().live().unwrap();
        let status: Status = serde_json::from_str(&live.status).unwrap();
        assert_eq!((status.state, status.drops_24h), (LinkState::Up, 1));
        assert_eq!((status.open_drop, status.last_drop.unwrap().id), (None, 1));
        assert_eq!(status.pid, std::process::id());
        let names: Vec<_> = status.targets.iter().map(|t| t.name.as_str()).collect();
        assert_eq!(names, ["gateway", "isp", "one", "two", "three"]);
        assert_eq!(status.targets[2].rtt_ms, Some(12.0));
    });
}

#[test]
fn live_and_replay_find_the_same_in_hours_of_a_bad_line() {
    for seed in [1, 2, 3] {
        let mut random = fastrand::Rng::with_seed(seed);
        let mut machine = Machine::new();
        let mut s = 0;
        for _ in 0..4 {
            s = machine.start(s, |mut life| {
                for _ in 0..random.usize(20..60) {
                    let lossy = random.f32();
                    let seconds = random.i64(1..60);
                    match random.u32(0..12) {
                        0..5 => life.lives(seconds, &mut up),
                        5..7 => life.lives(seconds / 3, &mut down),
                        7 => life.steps_the_clock(random.i32(-4_000..4_000)),
                        8 => life.sleeps(random.i32(4..2_000)),
                        _ => life.lives(seconds, &mut |_, _| match random.f32() {
                            share if share > lossy => up(0, 0),
                            share if share > lossy * 0.8 => Outcome::Late {
                                rtt: Duration::from_millis(random.u64(3_001..59_000)),
                            },
                            share if share < lossy * 0.1 => Outcome::NotSent(NotSent::NoRoute),
                            _ => Outcome::Lost,
                        }),
                    }
                }
                // All that may be revised is, as in a life that is stopped in good order.
                life.lives(70, &mut up);
                let end = life.s + random.i64(1..1_500);
                if random.bool() {
                    life.stop();
                }
                end
            });
        }
        let drops = machine.drops().len();
        assert!(drops > 10, "seed {seed}: {drops}");
        machine.check_replay();
    }
}

#[test]
fn the_bytes_of_each_minute_through_the_way_out_are_stored_and_nothing_is_invented() {
    let mut machine = Machine::new();
    machine.start(0, |mut life| {
        let way = |interface: &str| HostChange::DefaultRoute {
            v6: false,
            interface: Some(interface.to_owned()),
            gateway: None,
        };
        life.host(way("eth0"));
        let mut read = Vec::new();
        for second in 0_u64..600 {
            life.lives(1, &mut up);
            if second == 400 {
                life.host(way("wlan0"));
            }
            let now = life.now();
            let Some(interface) = life.daemon.counters_due(&now) else { continue };
            // The driver of eth0 is loaded anew after four minutes.
            let bytes = second * 1_000 - if second > 240 { 240_000 } else { 0 };
            let index = if interface == "eth0" { 2 } else { 3 };
            let said = Counters { index, received: bytes, sent: 10 * bytes };
            life.daemon.on_counters(now, &interface, Some(said));
            read.push((second, interface));
        }
        let names: Vec<_> = read.iter().map(|(_, name)| name.as_str()).collect();
        assert_eq!(names[..7], ["eth0"; 7]);
        assert_eq!(names[7..], ["wlan0"; 3]);
        life.stop();
    });
    let stored = machine.reader().traffic(ALWAYS).unwrap();
    let of: Vec<_> =
        stored.iter().map(|t| (t.interface.as_str(), t.received, t.length.as_secs())).collect();
    let eth0 = ("eth0", 60_000, 60);
    let wlan0 = ("wlan0", 60_000, 60);
    assert_eq!(of, [eth0, eth0, eth0, eth0, eth0, wlan0, wlan0]);
    assert!(stored.iter().all(|t| t.sent == 10 * t.received));
    assert_eq!(stored[0].minute, START_S / 60);
}
