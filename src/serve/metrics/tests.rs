use std::collections::BTreeMap;

use super::*;
use crate::live::{DropStatus, ImpairmentStatus};
use crate::time::BootTime;
use crate::vocabulary::{
    Alarm, Bounds, DropKind, Endpoint, Figures, Health, Kind, LinkDrop, Measurement, NotSent,
    Outcome, Phases, Place, Reply, Role, Target, TargetId,
};

pub(in crate::serve) const AT: Timestamp = Timestamp::from_millis(1_800_000_000_250);

fn unknown() -> Status {
    Status {
        at: AT,
        version: "1.2.3".to_owned(),
        pid: 1,
        started: AT - Duration::from_secs(90),
        engine: "linux".to_owned(),
        state: LinkState::Unknown,
        ..Status::of_start(AT)
    }
}

pub(in crate::serve) fn down() -> Status {
    Status {
        state: LinkState::Down,
        since: Some(AT - Duration::from_millis(7_500)),
        unknown: None,
        open_drop: Some(DropStatus {
            id: 3,
            kind: DropKind::Drop,
            place: "access|isp-core".to_owned(),
            onset: AT - Duration::from_millis(7_500),
            end: None,
            min_s: None,
            max_s: None,
        }),
        impairments: vec![ImpairmentStatus {
            flag: Flag::NoIpv6,
            since: AT,
            places: Vec::new(),
            target: None,
            figures: Figures::CaptivePortal(crate::vocabulary::BearingCounts {
                bearing: 1,
                sent: 1,
            }),
        }],
        strays: BTreeMap::from([(StrayKind::Duplicate, 4)]),
        storage_trouble: Some("disk full".to_owned()),
        storage: Health {
            last_commit: Some(AT - Duration::from_secs(30)),
            open_minutes: 2,
            database_bytes: Some(123_456),
            forecast: Some(Forecast {
                used_bytes: 98_304,
                limit_bytes: 2 << 30,
                growth_bytes_per_day: Some(4_096),
                limit: Outlook::About { at: AT + Duration::from_secs(90 * 86_400) },
                samples_days: Some(93),
                available_bytes: Some(5 << 30),
                disk_growth_bytes_per_day: Some(1 << 28),
                disk: Some(Outlook::About { at: AT + Duration::from_secs(20 * 86_400) }),
                alarms: vec![Alarm { of: Filling::Disk, told: AT }],
            }),
        },
        ..unknown()
    }
}

fn over(length: Duration) -> LinkDrop {
    let bounds = Bounds { earliest: AT, latest: AT };
    LinkDrop { places: vec![Place::Access], ..LinkDrop::bare(bounds, Some(bounds), [length; 2]) }
}

fn counters() -> LiveCounters {
    let mut counters = LiveCounters::new(Duration::from_millis(2_500));
    counters.set_targets(&[Target {
        id: TargetId(1),
        name: "a\"b\\c\nd".to_owned(),
        kind: Kind::Icmp,
        role: Role::Anchor,
        endpoint: Endpoint::new(Kind::Icmp, "192.0.2.1"),
        interval: Duration::from_secs(1),
    }]);
    let anchor = counters.targets().next().unwrap().target.clone();
    counters.set_targets(&[
        anchor,
        Target {
            id: TargetId(2),
            name: "web".to_owned(),
            kind: Kind::Http,
            role: Role::Service,
            endpoint: Endpoint::new(Kind::Http, "https://example.net/"),
            interval: Duration::from_secs(60),
        },
    ]);
    counters.set_deciding(&[TargetId(1)]);
    let ms = Duration::from_millis;
    let phases = Phases {
        resolve: None,
        connect: ms(10),
        tls: Some(ms(25)),
        first_byte: ms(40),
        transfer: ms(2),
    };
    let reply = Reply { rtt: ms(77), local_queue: None, ttl: None, phases: Some(phases.into()) };
    let outcome = Outcome::Reply(reply);
    counters.on_measurement(&Measurement { target: TargetId(2), sent_at: AT, outcome });
    let outcomes = [
        Outcome::reply(Duration::from_micros(9_999)),
        Outcome::reply(Duration::from_millis(10)),
        Outcome::reply(Duration::from_micros(10_001)),
        Outcome::reply(Duration::from_millis(2_999)),
        Outcome::Late { rtt: Duration::from_secs(4) },
        Outcome::Lost,
        Outcome::NotSent(NotSent::QueueFull),
    ];
    for (second, outcome) in (0..).zip(outcomes) {
        let sent_at = Timestamp::from_seconds(second);
        counters.on_measurement(&Measurement { target: TargetId(1), sent_at, outcome });
    }
    // Half a minute later it is known that the link was up.
    let up = Status {
        at: Timestamp::from_seconds(37),
        since: Some(Timestamp::default()),
        state: LinkState::Up,
        ..unknown()
    };
    counters.on_status(&up);
    counters.on_drop_ended(2, &over(Duration::from_millis(91_800)));
    counters.on_second(BootTime::from_micros(1_000_000));
    counters.on_second(BootTime::from_micros(91_250_000));
    counters
}

fn site() -> Site {
    let named = |text: &str| Some(text.to_owned());
    Site { name: named("Maple Street 12"), isp: named("Example Cable"), ..Site::default() }
}

#[test]
fn the_text_has_every_count_with_its_labels_escaped() {
    insta::assert_snapshot!(text(&down(), &counters(), &LiveModem::default(), &site()));
}

#[test]
fn unknown_values_are_absent() {
    let text = text(
        &unknown(),
        &LiveCounters::new(Duration::from_secs(1)),
        &LiveModem::default(),
        &Site::default(),
    );
    for absent in ["_timestamp_seconds", "open_drop", "database_bytes", "available", "NaN", "-1"] {
        assert!(!text.contains(absent), "{absent} in:\n{text}");
    }
    assert!(text.contains("\nlinkmon_state{state=\"unknown\"} 1\n"), "{text}");
}

#[test]
fn a_counter_of_drops_is_there_before_the_first_drop() {
    let text = text(
        &unknown(),
        &LiveCounters::new(Duration::from_secs(1)),
        &LiveModem::default(),
        &Site::default(),
    );
    for place in ["unknown", "lan", "access", "access|isp-core", "lan|modem|access|isp-core|beyond"]
    {
        assert!(text.contains(&format!("linkmon_drops_total{{place=\"{place}\"}} 0\n")), "{place}");
    }
}

#[test]
fn seconds_are_exact_decimals() {
    assert_eq!(decimal(1_800_000_000_250_001), "1800000000.250001");
    assert_eq!(decimal(2_000_000), "2");
    assert_eq!(decimal(0), "0");
    assert_eq!(decimal(-500_000), "-0.5");
}
