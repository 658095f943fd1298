use std::collections::BTreeMap;

mod oracle;
mod present;

use super::gather::SystemRows;
use super::*;
use crate::live::{ProbeTrouble, TargetStatus};
use crate::report::synthetic::{flapping_week, targets};
use crate::time::{BootTime, TimeRange};
use crate::vocabulary::{
    DropKind, Endpoint, Gap, LinkDrop, LinkState, Note, NoteChange, NoteWas, Roster, RosterChange,
    RosterEntry, RosterHistory, Run, RunEnd, Standing, StoredDrop, Target, TargetId, TargetTrouble,
};

const NOW: Timestamp = Timestamp::from_seconds(1_800_000_000);

/// `minutes` before now.
fn ago(minutes: i64) -> Timestamp {
    NOW.plus_micros(-minutes * 60_000_000)
}

fn exactly(at: Timestamp) -> Bounds {
    Bounds { earliest: at, latest: at }
}

fn run(id: i64, from: i64, to: i64) -> Run {
    Run {
        id,
        started: ago(from),
        boot: Some(BootTime::from_micros(5_000_000)),
        boot_id: Some(format!("boot-{id}")),
        last_seen: ago(to),
        ended: (to > 0).then_some(RunEnd::Clean),
    }
}

/// A drop in which the targets of these numbers were silent, and gateway and modem answered.
fn dropped(id: i64, from: i64, to: Option<i64>, silent: &[u8]) -> StoredDrop {
    let length = Duration::from_secs((from - to.unwrap_or(0)).unsigned_abs() * 60);
    let drop = LinkDrop {
        kind: if length.as_secs() > 300 { DropKind::Outage } else { DropKind::Drop },
        answered: vec![TargetId(1), TargetId(2)],
        silent: silent.iter().copied().map(TargetId).collect(),
        places: vec![Place::Access],
        ..LinkDrop::bare(exactly(ago(from)), to.map(|to| exactly(ago(to))), [length, length])
    };
    StoredDrop { id, first_key: None, drop: drop.in_one_stretch() }
}

fn service(id: u8, name: &str) -> Target {
    Target {
        id: TargetId(id),
        name: name.to_owned(),
        kind: Kind::Tcp,
        role: Role::Service,
        endpoint: Endpoint::new(Kind::Tcp, "mail.example.net:993"),
        interval: Duration::from_secs(10),
    }
}

fn note(at: i64, text: &str) -> Note {
    let (at, added) = (ago(at), ago(at - 1));
    Note {
        id: at.minute(),
        at,
        kind: NoteKind::Other,
        ticket: None,
        text: text.to_owned(),
        added,
        edited: None,
    }
}

/// Watched for 40 days without an incident; everything has answered.
fn calm() -> SystemRows {
    let mut all = targets(Duration::from_secs(1));
    all.push(service(7, "mail"));
    SystemRows {
        identity: 42,
        runs: vec![run(1, 40 * 1_440, 0)],
        gaps: Vec::new(),
        drops: Vec::new(),
        record_ends: BTreeMap::new(),
        troubles: Vec::new(),
        impairments: Vec::new(),
        notes: Vec::new(),
        note_changes: Vec::new(),
        numbers: Vec::new(),
        apart: Vec::new(),
        ways: Vec::new(),
        stations: Vec::new(),
        rosters: RosterHistory::default(),
        answered: all.iter().map(|target| (target.id, ago(2))).collect(),
        probed: all
            .iter()
            .map(|target| (target.id, vec![minutes(40 * 1_440, 40 * 1_440)]))
            .collect(),
        targets: all,
        simulated: SimulatedShare::Nothing,
    }
}

fn built(rows: &SystemRows) -> Systems {
    built_with(rows, &Config::default())
}

fn built_with(rows: &SystemRows, config: &Config) -> Systems {
    let zone = TimeZone::UTC;
    build::build(rows, SystemsView { now: NOW, zone: &zone, config }, None)
}

fn system<'a>(systems: &'a Systems, id: &str) -> &'a SystemEntry {
    systems.systems.iter().find(|entry| entry.id == id).unwrap()
}

/// What a page has to show: an outage that lasts, a drop with notes, a service that failed, a modem
/// that never answered, and a text of somebody in every place that takes one.
pub(crate) fn everything(language: Lang, text: &str) -> Systems {
    let mut rows = calm();
    rows.answered.remove(&TargetId(2));
    rows.rosters = roster(&[(40 * 1_440, &[1, 2, 3, 4, 5, 6, 7])]);
    rows.gaps = vec![Gap { range: minutes(4_000, 600), reason: GapReason::Asleep }];
    rows.drops = vec![
        dropped(11, 3_000, Some(2_998), &[3, 4, 5, 6, 7]),
        dropped(12, 12, None, &[3, 4, 5, 6, 7]),
    ];
    rows.troubles = vec![TargetTrouble {
        target: TargetId(7),
        from: ago(500),
        to: Some(ago(480)),
        lost: 9,
        sent: 9,
    }];
    rows.notes = vec![note(2_999, text), note(2_990, "the splitter was replaced"), note(10, text)];
    rows.notes[1].edited = Some(ago(5));
    let mut config = Config::default();
    config.report.language = language;
    config.publish.site = Some(text.to_owned());
    config.site.isp = Some(text.to_owned());
    let zone = TimeZone::get("America/Toronto").unwrap();
    let live = Status { state: LinkState::Down, since: Some(ago(12)), ..Status::of_start(NOW) };
    build::build(&rows, SystemsView { now: NOW, zone: &zone, config: &config }, Some(&live))
}

#[test]
fn a_calm_record_is_wholly_available_as_far_as_it_was_watched() {
    let mut rows = calm();
    rows.runs = vec![run(1, 720, 0)];
    let systems = built(&rows);
    for id in [INTERNET, "gateway", "modem", "mail"] {
        let [day, week, month] = system(&systems, id).windows;
        assert_eq!([day.ratio, week.ratio, month.ratio], [Some(1.0); 3], "{id}");
        assert_eq!(day.watched, Duration::from_secs(12 * 3_600), "{id}");
        assert!((month.coverage() - 0.5 / 30.0).abs() < 1e-9, "{id}");
    }
}

#[test]
fn of_what_was_not_watched_or_never_answered_there_is_no_share_at_all() {
    let mut rows = calm();
    rows.runs = vec![run(1, 9 * 1_440, 8 * 1_440)];
    let systems = built(&rows);
    for entry in &systems.systems {
        let [day, week, month] = entry.windows;
        assert_eq!([day.ratio, week.ratio], [None, None], "{}", entry.id);
        assert_eq!((day.watched, month.ratio), (Duration::ZERO, Some(1.0)), "{}", entry.id);
        assert_eq!(entry.state, SystemState::Unknown);
    }
    assert_eq!((systems.is_measuring, systems.stopped), (false, Some(ago(8 * 1_440))));

    // A modem that answers no ping is not 0 % available; without an anchor the line is not 100 %.
    let mut rows = calm();
    rows.answered.retain(|id, _| *id == TargetId(1));
    let trouble =
        TargetTrouble { target: TargetId(2), from: ago(2_000), to: None, lost: 99, sent: 99 };
    rows.troubles = vec![trouble];
    rows.rosters = roster(&[(40 * 1_440, &[1, 2, 3, 4])]);
    let systems = built(&rows);
    assert_eq!(system(&systems, "modem").windows.map(|window| window.ratio), [None; 3]);
    assert_eq!(system(&systems, INTERNET).windows.map(|window| window.ratio), [None; 3]);
    assert_eq!(system(&systems, "gateway").windows.map(|window| window.ratio), [Some(1.0); 3]);
    assert!(systems.systems.iter().all(|entry| entry.id != "mail"), "it is no longer in use");
}

fn roster(changes: &[(i64, &[u8])]) -> RosterHistory {
    let entry = |id: &u8| {
        let standing = if (4..7).contains(id) { Standing::Far } else { Standing::NoAnchor };
        RosterEntry { target: TargetId(*id), standing, decides: (4..7).contains(id) }
    };
    let changes = changes.iter().map(|(from, ids)| RosterChange {
        run: 1,
        from: ago(*from),
        roster: Roster::new(ids.iter().map(entry)),
    });
    RosterHistory::new(changes.collect(), &[run(1, 40 * 1_440, 0)])
}

#[test]
fn a_note_belongs_to_the_incident_that_it_is_about() {
    let mut rows = calm();
    rows.drops =
        vec![dropped(1, 300, Some(290), &[4, 5, 6]), dropped(2, 100, Some(98), &[4, 5, 6])];
    rows.notes = vec![
        note(295, "during"),
        note(240, "within the hour after"),
        note(170, "of nothing"),
        note(101, "a minute before"),
        note(60, "after the second"),
    ];
    let systems = built(&rows);
    let texts = |nth: usize| -> Vec<&str> {
        systems.incidents[nth].notes.iter().map(|note| note.text.as_str()).collect()
    };
    assert_eq!(systems.incidents.iter().map(|i| i.drop).collect::<Vec<_>>(), [Some(2), Some(1)]);
    assert_eq!(texts(0), ["a minute before", "after the second"]);
    assert_eq!(texts(1), ["during", "within the hour after"]);
    assert_eq!(systems.incidents[1].updated, ago(239), "when the last note was written");
}

#[test]
fn an_incident_keeps_its_identifier_and_its_date_changes_with_what_is_said_of_it() {
    let mut rows = calm();
    rows.drops = vec![dropped(1, 3, None, &[4, 5, 6])];
    let began = built(&rows).incidents.remove(0);
    assert!(began.lasts() && began.updated == ago(3) + Duration::from_secs(10), "it has a place");
    assert!(began.id.starts_with("urn:uuid:") && began.id.len() == 45, "{}", began.id);

    rows.drops = vec![dropped(77, 3, Some(1), &[4, 5, 6])];
    let ended = built(&rows).incidents.remove(0);
    assert_eq!(ended.id, began.id, "it has ended, and has another number");
    rows.drops[0].first_key = Some(rows.drops[0].drop.key);
    rows.drops[0].drop.key = ago(3).plus_micros(2_000_000);
    let ended = built(&rows).incidents.remove(0);
    assert_eq!(ended.id, began.id, "late replies gave it another key");
    rows.drops[0].drop.key = ago(3);
    rows.drops[0].first_key = None;
    assert_eq!((ended.updated, ended.lasts()), (ago(1), false));

    rows.notes = vec![note(2, "the cable was loose")];
    rows.notes[0].added = ago(0);
    let noted = built(&rows).incidents.remove(0);
    assert_eq!((&noted.id, noted.updated), (&began.id, ago(0)));
    let before = rows.notes.remove(0);
    let changed = NOW.plus_micros(5);
    rows.note_changes = vec![NoteChange { was: NoteWas::Removed, changed, before }];
    let removed = built(&rows).incidents.remove(0);
    assert_eq!((removed.notes.len(), removed.updated), (0, changed));

    // A salvaged or merged record is another file, and one that is dated anew has other times.
    rows.identity = 43;
    let by = -7_200_000_000;
    let moved = |at: Timestamp| at.plus_micros(by);
    for at in [&mut rows.runs[0].started, &mut rows.drops[0].drop.key] {
        *at = moved(*at);
    }
    assert_eq!(built(&rows).incidents[0].id, began.id);

    // Another boot is another incident; so is the failure of a service at the same time.
    rows.runs[0].boot_id = Some("another".to_owned());
    assert_ne!(built(&rows).incidents[0].id, began.id);
    let (target, from) = (TargetId(7), ago(3));
    rows.troubles = vec![TargetTrouble { target, from, to: Some(ago(1)), lost: 9, sent: 9 }];
    let ids: std::collections::BTreeSet<_> =
        built(&rows).incidents.into_iter().map(|incident| incident.id).collect();
    assert_eq!(ids.len(), 2);
}

#[test]
fn an_outage_that_lasts_is_a_change_of_the_drop_that_it_was() {
    let mut rows = calm();
    rows.drops = vec![dropped(1, 8, None, &[4, 5, 6])];
    let incident = built(&rows).incidents.remove(0);
    assert_eq!((incident.kind, incident.updated), (IncidentKind::Outage, ago(3)));
}

#[test]
fn a_trouble_that_a_killed_daemon_left_open_does_not_last_for_ever() {
    let mut rows = calm();
    rows.runs = vec![run(1, 1_000, 900), run(2, 890, 0)];
    rows.troubles =
        vec![TargetTrouble { target: TargetId(7), from: ago(910), to: None, lost: 60, sent: 60 }];
    let systems = built(&rows);
    let day = system(&systems, "mail").windows[0];
    assert_eq!((day.down.as_secs(), day.watched.as_secs()), (600, 990 * 60));
    assert_eq!(systems.incidents[0].record_ends, Some(ago(900)));
    rows.answered.insert(TargetId(7), ago(915));
    let systems = built(&rows);
    assert_eq!(system(&systems, "mail").windows[0].down.as_secs(), 900 * 60, "silent ever since");
    assert!(systems.incidents[0].lasts());
}

#[test]
fn nothing_that_identifies_the_owner_is_left() {
    let mut rows = calm();
    rows.targets.push(service(8, "nas.example.org"));
    rows.answered.insert(TargetId(8), ago(2));
    rows.drops = vec![dropped(1, 300, Some(290), &[4, 5, 6])];
    let secrets = [
        "192.168.7.9",
        "00:11:22:aa:bb:cc",
        "4711-22",
        "INC-90210",
        "nas.example.org",
        "mail.example.net:993",
        "bob@example.com",
        "+33 6 12 34 56 78",
        "2001:db8::7",
        "Maple Street 12",
        "wlx001122aabbcc",
        // Of a ticket that was given longer ago than notes are shown.
        "8813",
    ];
    rows.notes =
        secrets.iter().map(|secret| note(295, &format!("about {secret}, again"))).collect();
    rows.numbers = vec!["8813".to_owned()];
    rows.ways = vec![crate::stats::WaySpan {
        range: TimeRange { from: ago(400), to: NOW },
        way: Some(crate::vocabulary::Way {
            interface: "wlx001122aabbcc".to_owned(),
            medium: crate::vocabulary::Medium::Wifi,
            gateway: None,
            mac: None,
            isp_hop: None,
            avoids: None,
        }),
    }];
    let mut config = Config::default();
    config.site.name = Some("Maple Street 12".to_owned());
    config.site.account = Some("4711-22".to_owned());
    config.site.ticket = Some("INC-90210".to_owned());
    config.publish.site = Some("Our office".to_owned());
    let systems = built_with(&rows, &config);
    let said = format!("{systems:?}");
    for secret in secrets {
        assert!(!said.contains(secret), "{secret}: {said}");
    }
    assert_eq!(systems.incidents[0].notes.len(), secrets.len());
    assert_eq!(
        system(&systems, "service-8").kind,
        SystemKind::Target { role: Role::Service, kind: Kind::Tcp }
    );
    assert_eq!(systems.site.as_deref(), Some("Our office"));
}

/// A target that has lost all of its last minute.
fn mail(rows: &SystemRows) -> TargetStatus {
    let mail = rows.targets.iter().find(|target| target.name == "mail").unwrap();
    TargetStatus {
        name: mail.name.clone(),
        role: mail.role,
        kind: mail.kind,
        address: mail.endpoint.to_string(),
        decides: false,
        standing: None,
        sent: 6,
        lost: 6,
        not_sent: 0,
        rtt_ms: None,
        last_reply: Some(ago(9)),
        trouble: Some(ProbeTrouble::NoAnswer),
    }
}

#[test]
fn a_target_is_down_when_it_is_silent_in_a_drop_fails_alone_or_loses_all_of_a_minute() {
    let mut rows = calm();
    rows.rosters = roster(&[(40 * 1_440, &[1, 2, 3, 4, 5, 6, 7])]);
    let of = |rows: &SystemRows, lost: u32, trouble: Option<ProbeTrouble>| {
        let state = if rows.drops.is_empty() { LinkState::Up } else { LinkState::Down };
        let live = TargetStatus { lost, last_reply: Some(ago(1)), trouble, ..mail(rows) };
        let live = Status { targets: vec![live], state, ..Status::of_start(NOW) };
        let (zone, config) = (TimeZone::UTC, Config::default());
        let view = SystemsView { now: NOW, zone: &zone, config: &config };
        let systems = build::build(rows, view, Some(&live));
        let mail = system(&systems, "mail");
        (mail.state, mail.since, mail.last_answer)
    };
    let fails = || Some(ProbeTrouble::NoAnswer);
    assert_eq!(of(&rows, 1, None), (SystemState::Up, None, Some(ago(1))));
    assert_eq!(of(&rows, 2, fails()).0, SystemState::Checking);
    assert_eq!(of(&rows, 6, fails()), (SystemState::Down, Some(ago(1)), Some(ago(1))));
    rows.drops = vec![dropped(1, 3, None, &[4, 5, 6, 7])];
    assert_eq!(of(&rows, 2, fails()), (SystemState::Down, Some(ago(3)), Some(ago(1))));
    assert_eq!(of(&rows, 2, None).0, SystemState::Up, "it answers again");
    rows.drops.clear();
    let (target, from) = (TargetId(7), ago(9));
    rows.troubles = vec![TargetTrouble { target, from, to: None, lost: 6, sent: 6 }];
    assert_eq!(of(&rows, 2, fails()), (SystemState::Down, Some(ago(9)), Some(ago(1))));
}

#[test]
fn the_newest_incidents_are_listed_and_the_others_counted() {
    let mut rows = calm();
    let hundreds = (1..=150).map(|n| dropped(n, 60 * (160 - n), Some(60 * (160 - n) - 1), &[4]));
    rows.drops = hundreds.collect();
    let systems = built(&rows);
    assert_eq!((systems.incidents.len(), systems.left_out), (MOST_INCIDENTS, 50));
    assert_eq!(systems.incidents[0].drop, Some(150));
}

#[test]
fn a_record_on_disk_gives_what_its_report_says() {
    let folder = tempfile::tempdir().unwrap();
    let scene = flapping_week(Duration::from_secs(1_200));
    let path = scene.import_into(folder.path());
    let reader = Reader::open(&path).unwrap();
    let (zone, config) = (TimeZone::UTC, Config::default());
    let view = SystemsView { now: scene.period.to, zone: &zone, config: &config };
    let systems = Systems::look(&reader, view, None).unwrap();
    let rows = crate::report::gather(&reader, scene.period, None).unwrap();
    let method = crate::report::Method::new(&config, None);
    let report =
        crate::report::Report::build(rows, zone.clone(), &config.site, scene.period.to, method);
    let week = system(&systems, INTERNET).windows[1];
    let availability = report.availability.unwrap();
    assert_eq!(week.ratio, Some(availability.ratio));
    assert_eq!((week.watched, week.down), (availability.observed, availability.down));
    let drops: Vec<_> = report.counted_drops().map(|drop| drop.id).rev().take(100).collect();
    let listed: Vec<_> = systems.incidents.iter().filter_map(|i| i.drop).collect();
    assert_eq!(listed, drops);
    assert!(drops.len() == 100 && systems.left_out > 0);
    assert!(systems.incidents.iter().any(|incident| !incident.notes.is_empty()));
    let again = Systems::look(&reader, view, None).unwrap();
    assert_eq!(again, systems);
}

/// Minutes from one to another, as few before now.
fn minutes(from: i64, length: i64) -> TimeRange {
    TimeRange { from: ago(from), to: ago((from - length).max(0)) }
}
