//! The pipeline from observations to the record and to whoever listens, in simulated time.

mod clock;
mod garbage;
mod impairments;
mod messages;
mod ninety_days;
mod opening;
mod page;
mod paths;
mod record;
mod room;
mod trouble;
mod votes;

use std::ops::{Deref, DerefMut};
use std::path::PathBuf;
use std::time::Duration;

use super::Audience;
use super::past::{ALWAYS, remember};
use super::pipeline::{Changed, Pipeline};
use crate::detect::{Detector, Parameters};
use crate::live::{Event, Status};
use crate::probe::discover::WantedTarget;
use crate::scenario::{self, HostClocks};
use crate::store::replay::{self, ReplayStep};
use crate::store::{Opening, Reader, Writer};
use crate::time::{Reading, Timestamp};
use crate::vocabulary::{
    Endpoint, Kind, LinkDrop, NotSent, Outcome, Role, Standing, StoredDrop, Waiting,
};

/// 2026-02-02T13:20:00Z.
const START_S: i64 = 1_770_038_400;

/// Who is probed: name, role, address, phase in ms.
const WHO: [(&str, Role, &str, i64); 5] = [
    ("gateway", Role::Gateway, "192.168.7.1", 40),
    ("isp", Role::Isp, "198.51.100.1", 350),
    ("one", Role::Anchor, "203.0.113.1", 100),
    ("two", Role::Anchor, "203.0.113.2", 433),
    ("three", Role::Anchor, "203.0.113.3", 766),
];

fn wanted() -> Vec<WantedTarget> {
    let wanted = |(name, role, address): (&str, Role, &str)| WantedTarget {
        name: name.to_owned(),
        kind: Kind::Icmp,
        role,
        endpoint: Endpoint::new(Kind::Icmp, address),
        interval: Duration::from_secs(1),
        standing: Standing::by_address(role, address.parse().ok(), false.into()),
    };
    WHO.iter().map(|(name, role, address, _)| wanted((name, *role, address))).collect()
}

/// Hears everything; an announced drop must be in the database already.
struct Heard {
    database: PathBuf,
    events: Vec<Event>,
    status: Option<Status>,
    /// How many paths were in the database when the beginnings and ends of drops were announced.
    paths_at_events: Vec<usize>,
}

impl Audience for Heard {
    fn on_event(&mut self, event: &Event) {
        if let Event::DropBegan { drop, detail } | Event::DropEnded { drop, detail } = event {
            let reader = Reader::open(&self.database).unwrap();
            self.paths_at_events.push(reader.paths(ALWAYS).unwrap().len());
            let stored = reader.drop_by_id(drop.id).unwrap();
            let announced = detail.as_ref().map(|detail| &detail.drop);
            assert_eq!(
                stored.as_ref().map(|s| &s.drop),
                announced,
                "stored before it is announced"
            );
        }
        self.events.push(event.clone());
    }
    fn on_second(&mut self, status: &Status) {
        self.status = Some(status.clone());
    }
}

impl Heard {
    /// What was told of drops and of storing, in words.
    fn words(&self) -> Vec<String> {
        let word = |event: &Event| {
            Some(match event {
                Event::DropBegan { drop, .. } => format!("began {}", drop.id),
                Event::DropEnded { drop, .. } => format!("ended {}", drop.id),
                Event::DropWithdrawn { id } => format!("withdrawn {id}"),
                Event::StorageTrouble(_) => "trouble".to_owned(),
                Event::StorageWorks => "works".to_owned(),
                _ => return None,
            })
        };
        self.events.iter().filter_map(word).collect()
    }
}

/// A machine with its clocks, its disk and its network.
struct Machine {
    directory: tempfile::TempDir,
    clocks: HostClocks,
    heard: Heard,
}

impl Machine {
    fn new() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let database = directory.path().join("linkmon.db");
        let heard =
            Heard { database, events: Vec::new(), status: None, paths_at_events: Vec::new() };
        Self { directory, clocks: HostClocks::new(Timestamp::from_seconds(START_S)), heard }
    }

    fn reader(&self) -> Reader {
        Reader::open(&self.heard.database).unwrap()
    }

    fn drops(&self) -> Vec<StoredDrop> {
        self.reader().drops(ALWAYS).unwrap()
    }

    /// Starts the daemon at second `s` and lets it live as `life` says.
    fn start<T>(&mut self, s: i64, life: impl FnOnce(Life<'_>) -> T) -> T {
        let now = self.clocks.reading(s * 1_000);
        let path = self.heard.database.clone();
        let runtime_dir = self.directory.path().join("run");
        let opening =
            Opening { path: &path, runtime_dir: Some(&runtime_dir), version: "0.0.0-test" };
        let (writer, _) = Writer::open(opening).unwrap();
        let past = remember(&path, Parameters::default(), Waiting::default()).unwrap();
        let Self { clocks, heard, .. } = self;
        let boot = Some(clocks.boot_id());
        let mut pipeline = Pipeline::new(writer, past, now, boot, "0.0.0-test", heard).unwrap();
        assert_eq!(pipeline.set_targets(wanted(), now), Changed::Yes);
        life(Life { life: scenario::DaemonLife::new(pipeline, s, clocks), database: path })
    }

    /// What `linkmon replay` makes of the record.
    fn replayed(&self) -> Detector {
        let reader = self.reader();
        let mut detector = Detector::new(Parameters::default());
        detector.set_targets(&reader.targets().unwrap());
        replay::each_step(&reader, ALWAYS, &mut |step| match step {
            ReplayStep::Begin(run) => detector.begin_run(run),
            ReplayStep::Roster(change) => detector.set_roster(&change.roster),
            ReplayStep::Measured(m) => detector.on_measurement(m),
            ReplayStep::Host(event) => detector.on_host(event),
            ReplayStep::End(run, how) => detector.end_run(run.last_seen, how),
        })
        .unwrap();
        detector.finish();
        detector
    }

    fn check_replay(&self) {
        let stored: Vec<_> = self.drops().into_iter().map(|s| s.drop).collect();
        let mut found = self.replayed().drops().to_vec();
        // Where the clock was set back by whole seconds, two drops may have one key: the later stays.
        let keys: Vec<_> = found.iter().map(|drop| drop.key).collect();
        let mut place = 0..;
        found.retain(|drop| place.next().is_some_and(|n| !keys[n + 1..].contains(&drop.key)));
        let only_in = |a: &[LinkDrop], b: &[LinkDrop]| -> Vec<LinkDrop> {
            a.iter().filter(|drop| !b.contains(drop)).cloned().collect()
        };
        assert_eq!(only_in(&stored, &found), only_in(&found, &stored), "stored, replayed");
        assert_eq!(stored.len(), found.len());
    }
}

/// The daemon while it lives; dropped, it was killed.
struct Life<'a> {
    life: scenario::DaemonLife<'a, Pipeline<'a>>,
    database: PathBuf,
}

impl<'a> Deref for Life<'a> {
    type Target = scenario::DaemonLife<'a, Pipeline<'a>>;
    fn deref(&self) -> &Self::Target {
        &self.life
    }
}

impl DerefMut for Life<'_> {
    fn deref_mut(&mut self) -> &mut Self::Target {
        &mut self.life
    }
}

/// What becomes of the probe of `WHO[n]` sent at millisecond `ms`. `Late` is first told as lost.
type World<'a> = &'a mut dyn FnMut(usize, i64) -> Outcome;

fn up(_: usize, _: i64) -> Outcome {
    Outcome::reply(Duration::from_millis(12))
}

/// The gateway answers, nobody behind it.
fn down(who: usize, ms: i64) -> Outcome {
    if who == 0 { up(who, ms) } else { Outcome::Lost }
}

impl Life<'_> {
    fn drops(&self) -> Vec<StoredDrop> {
        Reader::open(&self.database).unwrap().drops(ALWAYS).unwrap()
    }

    /// Lives for `seconds` in a world like this.
    fn lives(&mut self, seconds: i64, world: World<'_>) {
        for _ in 0..seconds {
            let mut slots: Vec<_> = WHO.iter().enumerate().map(|(n, who)| (who.3, n)).collect();
            slots.sort_unstable();
            for (phase, n) in slots {
                let ms = self.s * 1_000 + phase;
                self.send(n, ms, world(n, ms));
            }
            self.pass();
        }
    }

    fn stop(self) {
        let now = self.now();
        self.life.end().stop(now).unwrap();
    }
}

/// All clocks at millisecond `ms`, the wall clock being `ahead_s` ahead.
fn reading(ahead_s: i64, ms: i64) -> Reading {
    let mut reading = HostClocks::new(Timestamp::from_seconds(START_S)).reading(ms);
    reading.utc = reading.utc.plus_micros(ahead_s * 1_000_000);
    reading
}
