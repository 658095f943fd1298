use std::path::PathBuf;
use std::time::Duration;

use jiff::tz::TimeZone;

use super::super::facts::{Database, Disk, Sleep, TimeAsleep};
use super::*;
use crate::config::Config;
use crate::live::{HoldReason, WriteState, WriteStatus};
use crate::probe::host::DefaultRoute;
use crate::store::{Soundness, Verification};
use crate::time::Timestamp;
use crate::vocabulary::{Alarm, Filling, Forecast, LinkState, Outlook, SimulatedShare, Standing};

fn target(name: &str, role: Role, lost: u32) -> TargetStatus {
    TargetStatus {
        name: name.to_owned(),
        role,
        kind: Kind::Icmp,
        address: "192.0.2.1".to_owned(),
        decides: role == Role::Anchor,
        standing: (role == Role::Anchor).then_some(Standing::Far),
        sent: 60,
        lost,
        not_sent: 0,
        rtt_ms: None,
        last_reply: None,
        trouble: None,
    }
}

fn well() -> Facts {
    let now = Timestamp::from_seconds(1_000_000);
    let targets = [
        ("gateway", Role::Gateway),
        ("modem", Role::Modem),
        ("isp", Role::Isp),
        ("one", Role::Anchor),
        ("two", Role::Anchor),
    ];
    Facts {
        now,
        config: Config::default(),
        engine: Ok("Linux".to_owned()),
        clock_synchronized: Some(true),
        disk: Some(Disk { path: PathBuf::from("/var/lib"), free: 1 << 30, writable: true }),
        database: Ok(Database {
            targets: 9,
            simulated: SimulatedShare::Nothing,
            path: PathBuf::from("a.db"),
            bytes: 1 << 20,
            last_seen: Some(now - Duration::from_secs(30)),
            slept: TimeAsleep { times: 0, length: Duration::ZERO },
        }),
        status: Some(Status {
            at: now,
            version: String::new(),
            pid: 7,
            started: now - Duration::from_secs(3_600),
            engine: String::new(),
            state: LinkState::Up,
            targets: targets.map(|(name, role)| target(name, role, 1)).to_vec(),
            ..Status::of_start(now)
        }),
        route: Ok(Some(DefaultRoute { interface: "eth0".to_owned(), gateway: None })),
        sleep: Sleep { masked: false, has_battery: false, can: false },
        soundness: Some(Ok(Soundness { rows: 9_000, ..Soundness::default() })),
        forecast: Some(Forecast::default()),
        zone: TimeZone::UTC,
    }
}

/// The findings that are not ok, as (subject, level).
#[track_caller]
fn check(facts: &Facts, expected: &[(&str, Severity)]) {
    let found = findings(facts);
    let bad: Vec<_> = found.iter().filter(|f| f.level != Severity::Ok).collect();
    let short: Vec<_> = bad.iter().map(|f| (f.subject, f.level)).collect();
    assert_eq!(short, expected, "{bad:#?}");
    let helpless = |f: &&&DoctorFinding| f.level != Severity::Unknown && f.advice.is_none();
    assert_eq!(bad.iter().find(helpless), None, "each says what to do");
}

#[test]
fn a_machine_that_is_well_has_nothing_but_ok() {
    check(&well(), &[]);
    assert_eq!(findings(&well()).len(), 12);
}

#[test]
fn what_prevents_a_record_is_a_problem() {
    let mut facts = well();
    facts.engine = Err("cannot open an ICMP socket".to_owned());
    facts.disk = Some(Disk { path: PathBuf::from("/"), free: 1 << 20, writable: true });
    facts.database = Err(("there is none".to_owned(), Some("make one".to_owned())));
    facts.route = Ok(None);
    check(
        &facts,
        &[
            ("privileges", Severity::Problem),
            ("disk", Severity::Problem),
            ("database", Severity::Problem),
            ("gateway", Severity::Problem),
        ],
    );
    let mut full = well();
    full.status.as_mut().unwrap().storage_trouble = Some("the disk is full".to_owned());
    full.disk.as_mut().unwrap().writable = false;
    check(&full, &[("daemon", Severity::Problem), ("disk", Severity::Problem)]);
}

#[test]
fn a_status_page_that_cannot_be_written_is_found_and_one_that_is_not_wanted_is_not_named() {
    let mut facts = well();
    assert!(findings(&facts).iter().all(|found| found.subject != "publish"));
    facts.config.publish.dir = Some("/var/www/status".into());
    check(&facts, &[]);
    let why = "/var/www/status is not a directory";
    facts.status.as_mut().unwrap().publish_trouble = Some(why.to_owned());
    check(&facts, &[("publish", Severity::Warning)]);
    let found = findings(&facts).into_iter().find(|found| found.subject == "publish").unwrap();
    assert!(found.what.ends_with(why) && found.advice.is_some(), "{found:?}");
}

#[test]
fn signs_of_life_that_do_not_arrive_are_found() {
    let mut facts = well();
    let mut heartbeat = crate::live::HeartbeatStatus::default();
    facts.status.as_mut().unwrap().heartbeat = Some(heartbeat.clone());
    check(&facts, &[]);
    heartbeat.trouble = Some("hc.example.org answered with status 404".to_owned());
    facts.status.as_mut().unwrap().heartbeat = Some(heartbeat);
    check(&facts, &[("heartbeat", Severity::Warning)]);
}

#[test]
fn a_receiver_of_remote_write_that_is_held_is_found_with_the_setting_that_it_needs() {
    let mut facts = well();
    let receiver = WriteStatus {
        receiver: "mimir".to_owned(),
        state: WriteState::Sending,
        held: None,
        why: None,
        since: None,
        until: None,
        behind_s: Some(170.0),
        sent: 4_000,
        failed_requests: 0,
        skipped: 0,
    };
    facts.status.as_mut().unwrap().remote_write = vec![receiver.clone()];
    check(&facts, &[]);
    let receiver = WriteStatus {
        state: WriteState::Held,
        held: Some(HoldReason::TooOld),
        why: Some("400: out of bounds".to_owned()),
        ..receiver
    };
    facts.status.as_mut().unwrap().remote_write = vec![receiver];
    check(&facts, &[("remote-write", Severity::Warning)]);
    let found = findings(&facts).into_iter().find(|found| found.subject == "remote-write").unwrap();
    assert!(
        found.what.contains("out of bounds") && found.what.contains("out_of_order_time_window")
    );
    assert!(found.advice.unwrap().contains("prometheus.yml"));
}

#[test]
fn without_a_daemon_what_only_it_can_know_is_unknown() {
    let facts = Facts { status: None, ..well() };
    check(
        &facts,
        &[
            ("daemon", Severity::Problem),
            ("gateway", Severity::Unknown),
            ("modem", Severity::Unknown),
            ("isp", Severity::Unknown),
            ("targets", Severity::Unknown),
        ],
    );
}

#[test]
fn what_makes_the_record_poorer_is_a_warning() {
    let mut facts = well();
    facts.clock_synchronized = Some(false);
    facts.sleep = Sleep { masked: false, has_battery: true, can: true };
    let status = facts.status.as_mut().unwrap();
    status.targets = vec![target("gateway", Role::Gateway, 60), target("one", Role::Anchor, 60)];
    check(
        &facts,
        &[
            ("clock", Severity::Warning),
            ("gateway", Severity::Warning),
            ("modem", Severity::Warning),
            ("isp", Severity::Warning),
            ("targets", Severity::Warning),
            ("targets", Severity::Warning),
            ("sleep", Severity::Warning),
        ],
    );
    facts.sleep.masked = true;
    facts.database.as_mut().unwrap().slept =
        TimeAsleep { times: 3, length: Duration::from_secs(7_200) };
    let sleep = findings(&facts).pop().unwrap();
    assert_eq!(sleep.what, "this machine slept 3 times in the last 7 days, 2 h in all");
}

#[test]
fn problems_of_the_record_are_listed_the_gravest_first() {
    let with = |soundness| Facts { soundness: Some(Ok(soundness)), ..well() };
    let says = |facts: &Facts| {
        let found = findings(facts).into_iter().find(|f| f.subject == "record");
        found.map(|f| (f.level, f.what))
    };
    let rows = Soundness { rows: 9_000, damaged_rows: 2, ..Soundness::default() };
    check(&with(rows.clone()), &[("record", Severity::Warning)]);
    let what = "2 rows of samples of 9000 cannot be read".to_owned();
    assert_eq!(says(&with(rows.clone())), Some((Severity::Warning, what)));
    let changed =
        Soundness { chain: Verification { broken: 1, ..Verification::default() }, ..rows };
    let what = "1 hour was changed after it was over; 2 rows of samples cannot be read".to_owned();
    assert_eq!(says(&with(changed.clone())), Some((Severity::Problem, what)));
    let lost = Soundness { lost_commits: 40, ..changed };
    let what = "40 commits of the daemon are missing: the file ending in -wal is gone".to_owned();
    assert_eq!(says(&with(lost.clone())), Some((Severity::Problem, what)));
    let problems = ["row 3 missing", "page 7 never used"].map(str::to_owned).to_vec();
    let damaged = Soundness { problems, ..lost };
    check(&with(damaged.clone()), &[("record", Severity::Problem)]);
    let what = "the file is damaged: row 3 missing (and 1 more)".to_owned();
    assert_eq!(says(&with(damaged)), Some((Severity::Problem, what)));
    assert_eq!(says(&Facts { soundness: None, ..well() }), None, "if it was not checked");
}

#[test]
fn a_disk_or_a_limit_that_is_near_is_a_warning_with_what_to_do() {
    let at = well().now + Duration::from_secs(20 * 86_400);
    let near = |of| Forecast {
        limit_bytes: 2 << 30,
        limit: Outlook::About { at },
        samples_days: Some(90),
        available_bytes: Some(1 << 30),
        disk: Some(Outlook::About { at }),
        alarms: vec![Alarm { of, told: well().now }],
        ..Forecast::default()
    };
    for (of, what) in [
        (Filling::Disk, "the disk is filling up: from about 1970-02-01 on"),
        (Filling::Limit, "from about 1970-02-01 on, samples older than 90 days will make room"),
    ] {
        let facts = Facts { forecast: Some(near(of)), ..well() };
        check(&facts, &[("room", Severity::Warning)]);
        let found = findings(&facts).into_iter().find(|f| f.subject == "room").unwrap();
        assert!(found.what.starts_with(what), "{}", found.what);
    }
    check(&Facts { forecast: None, ..well() }, &[]);
}

/// What is said of targets.
fn of_targets(change: impl Fn(&mut TargetStatus)) -> Vec<String> {
    let mut facts = well();
    facts.status.as_mut().unwrap().targets.iter_mut().for_each(change);
    findings(&facts).into_iter().filter(|f| f.subject == "targets").map(|f| f.what).collect()
}

#[test]
fn in_an_outage_no_target_is_to_be_taken_out_of_the_configuration() {
    let said = of_targets(|t| {
        if t.role == Role::Anchor {
            t.lost = t.sent;
        }
    });
    assert_eq!(said, ["no anchor answers: the link is down, or does not let pings through"]);
}

#[test]
fn an_anchor_that_does_not_vote_is_named_with_its_reason() {
    let with = |standing| {
        of_targets(move |t| {
            if t.name == "two" {
                (t.decides, t.standing) = (false, Some(standing));
            }
        })
    };
    let near =
        "two (192.0.2.1) does not vote: it is answered within the home, before the ISP's first hop";
    assert!(with(Standing::Near).contains(&near.to_owned()), "{:?}", with(Standing::Near));
    assert!(with(Standing::Private).iter().any(|what| what.contains("private address")));
    assert!(with(Standing::FalseWitness).iter().any(|what| what.contains("alone")));
    let none = of_targets(|t| {
        if t.role == Role::Anchor {
            (t.decides, t.standing) = (false, Some(Standing::Private));
        }
    });
    assert!(none.contains(&"no anchor may vote: nothing shows whether the link works".to_owned()));
    let trusted = of_targets(|t| {
        if t.role == Role::Anchor {
            t.standing = Some(Standing::Trusted);
        }
    });
    assert!(trusted.iter().any(|what| what.starts_with("one, two: trusted")), "{trusted:?}");
}

#[test]
fn a_target_that_was_never_asked_does_not_pass_for_one_that_answers() {
    let said = of_targets(|t| {
        if t.name == "two" {
            (t.sent, t.lost) = (0, 0);
            t.trouble =
                Some(crate::live::ProbeTrouble::NotSent(crate::vocabulary::NotSent::NoRoute));
        }
    });
    assert!(
        said.contains(&"two (192.0.2.1) is not asked: not sent: no-route".to_owned()),
        "{said:?}"
    );
}
