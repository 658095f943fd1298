use std::collections::BTreeMap;

use super::decimal::decimal;
use super::*;
use crate::live::{AlertStatus, DropStatus, ImpairmentStatus, WayStatus};
use crate::time::BootTime;
use crate::vocabulary::{
    Alarm, Bounds, DropKind, Endpoint, Figures, Health, Kind, LinkDrop, Measurement, Medium,
    NotSent, Outcome, Phases, Place, Reply, Role, Target, TargetId,
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
        last_drop: Some(DropStatus {
            id: 2,
            kind: DropKind::Drop,
            place: "access".to_owned(),
            onset: AT - Duration::from_secs(200),
            end: Some(AT - Duration::from_millis(108_200)),
            min_s: Some(91.3),
            max_s: Some(92.3),
        }),
        way: Some(WayStatus {
            interface: "eth0".to_owned(),
            medium: Medium::Cable,
            gateway: Some([192, 168, 1, 1].into()),
            avoids: None,
            is_line: true,
            since: Some(AT - Duration::from_secs(90)),
        }),
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
    counters.set_targets(
        &[Target {
            id: TargetId(1),
            name: "a\"b\\c\nd".to_owned(),
            kind: Kind::Icmp,
            role: Role::Anchor,
            endpoint: Endpoint::new(Kind::Icmp, "192.0.2.1"),
            interval: Duration::from_secs(1),
        }],
        None,
    );
    let anchor = counters.targets().next().unwrap().target.clone();
    counters.set_targets(
        &[
            anchor,
            Target {
                id: TargetId(2),
                name: "web".to_owned(),
                kind: Kind::Http,
                role: Role::Service,
                endpoint: Endpoint::new(Kind::Http, "https://example.net/"),
                interval: Duration::from_secs(60),
            },
        ],
        None,
    );
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
    counters.on_drop_ended(2, &over(Duration::from_millis(91_800)));
    counters.on_second(&up, BootTime::from_micros(1_000_000));
    counters.on_second(&up, BootTime::from_micros(2_250_000));
    counters.on_second(&down(), BootTime::from_micros(9_500_000));
    counters.on_second(&up, BootTime::from_micros(91_250_000));
    counters
}

fn site() -> Site {
    let named = |text: &str| Some(text.to_owned());
    Site { name: named("Maple Street 12"), isp: named("Example Cable"), ..Site::default() }
}

/// Of a line that has drops, wrong flags, a clock that is set, and names that must be escaped.
fn everything(form: MetricsForm) -> String {
    let (counters, modem, site) = (counters(), super::modem::tests::read_thrice(), site());
    let alert = |name: &str, waiting, oldest| AlertStatus {
        name: name.to_owned(),
        kind: "webhook".to_owned(),
        waiting,
        oldest,
        delivered: 12,
        failed: 3,
        expired: 1,
        set_aside: 0,
        last_delivered: Some(AT - Duration::from_secs(600)),
        trouble: None,
        refused: None,
    };
    let alerts = vec![
        alert("ntfy", 2, Some(AT - Duration::from_secs(7))),
        AlertStatus { last_delivered: None, ..alert("on-call", 0, None) },
    ];
    let status = Status { modem: modem.status().cloned(), alerts, ..down() };
    text(form, &Measured { status: &status, counters: &counters, modem: &modem, site: &site })
}

/// Of a daemon that has seen nothing yet.
fn nothing(form: MetricsForm) -> String {
    let (counters, modem) = (LiveCounters::new(Duration::from_secs(1)), LiveModem::default());
    let (status, site) = (unknown(), Site::default());
    text(form, &Measured { status: &status, counters: &counters, modem: &modem, site: &site })
}

#[test]
fn the_text_has_every_count_with_its_labels_escaped() {
    insta::assert_snapshot!(everything(MetricsForm::Classic));
}

#[test]
fn openmetrics_has_the_same_with_units_and_times_of_creation() {
    insta::assert_snapshot!(everything(MetricsForm::OpenMetrics));
}

#[test]
fn openmetrics_breaks_no_rule_of_its_specification() {
    for make in [everything, nothing] {
        let text = make(MetricsForm::OpenMetrics);
        if let Err(why) = strict::read(&text) {
            panic!("{why}\n{text}");
        }
    }
}

#[test]
fn both_forms_have_the_same_series_so_that_a_scraper_may_change_its_mind() {
    for make in [everything, nothing] {
        let open = make(MetricsForm::OpenMetrics);
        let series = |text: &str| -> Vec<String> {
            let is_sample = |line: &&str| !line.starts_with('#') && !line.contains("_created");
            text.lines().filter(is_sample).map(str::to_owned).collect()
        };
        assert_eq!(series(&open), series(&make(MetricsForm::Classic)));
        assert!(open.contains("_created"));
    }
}

#[test]
fn a_counter_says_since_when_it_counts_only_where_that_is_known() {
    let (mut status, mut counters, modem, site) =
        (unknown(), counters(), LiveModem::default(), Site::default());
    let new = Target {
        id: TargetId(3),
        name: "new".to_owned(),
        kind: Kind::Icmp,
        role: Role::Isp,
        endpoint: Endpoint::new(Kind::Icmp, "192.0.2.3"),
        interval: Duration::from_secs(1),
    };
    let mut created = |status: &Status, since: Option<Timestamp>| {
        let known: Vec<Target> = counters.targets().map(|t| t.target.clone()).collect();
        let known = known.into_iter().filter(|target| target.id != new.id);
        counters.set_targets(&known.chain([new.clone()]).collect::<Vec<_>>(), since);
        let counters = &counters;
        let of = Measured { status, counters, modem: &modem, site: &site };
        let samples = strict::read(&text(MetricsForm::OpenMetrics, &of)).unwrap();
        let of_target = |sample: &strict::ReadSample, name: &str| {
            sample.labels.iter().any(|(label, value)| label == "target" && value == name)
        };
        ["web", "new"].map(|name| {
            let found = samples
                .iter()
                .find(|sample| sample.name == "linkmon_probes_created" && of_target(sample, name));
            found.map(|sample| sample.value)
        })
    };
    let start = 1_799_999_910.25;
    let later = AT - Duration::from_secs(10);
    assert_eq!(created(&status, Some(later)), [Some(start), Some(start + 80.0)]);
    // The clock has been set since, and the start with it.
    status.started = AT - Duration::from_secs(5);
    assert_eq!(created(&status, Some(later)), [Some(start + 85.0), None]);
    status.clock.state = ClockState::Provisional;
    assert_eq!(created(&status, Some(later)), [None, None]);
}

#[test]
fn unknown_values_are_absent() {
    let text = nothing(MetricsForm::Classic);
    for absent in ["_timestamp_seconds", "open_drop", "database_bytes", "available", "NaN", "-1"] {
        assert!(!text.contains(absent), "{absent} in:\n{text}");
    }
    for absent in
        ["way_info", "last_drop", "linkmon_modem", "linkmon_alert", "_created", "# EOF", "# UNIT"]
    {
        assert!(!text.contains(absent), "{absent} in:\n{text}");
    }
    assert!(text.contains("\nlinkmon_state{state=\"unknown\"} 1\n"), "{text}");
}

#[test]
fn a_counter_of_drops_is_there_before_the_first_drop() {
    let text = nothing(MetricsForm::Classic);
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

#[test]
fn channels_of_alerts_are_counted_where_there_are_any() {
    let alert = crate::live::AlertStatus {
        name: "phone".to_owned(),
        kind: "webhook".to_owned(),
        waiting: 2,
        oldest: Some(AT),
        delivered: 7,
        failed: 3,
        expired: 0,
        set_aside: 1,
        last_delivered: None,
        trouble: None,
        refused: None,
    };
    let status = Status { alerts: vec![alert], ..down() };
    let (counters, modem, site) = (counters(), LiveModem::default(), site());
    let of = Measured { status: &status, counters: &counters, modem: &modem, site: &site };
    let said = text(MetricsForm::OpenMetrics, &of);
    strict::read(&said).unwrap();
    let of_phone = "{channel=\"phone\",kind=\"webhook\"}";
    for line in [
        "messages_waiting",
        "deliveries_total",
        "attempts_failed_total",
        "messages_set_aside_total",
    ]
    .iter()
    .zip([2, 7, 3, 1])
    .map(|(name, value)| format!("linkmon_alert_{name}{of_phone} {value}\n"))
    {
        assert!(said.contains(&line), "{line} in {said}");
    }
    assert!(!nothing(MetricsForm::Classic).contains("linkmon_alert"));
}
