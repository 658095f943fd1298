//! Ninety days of a daemon's life with every kind of trouble leave its memory as it was: judge, store,
//! retention, copies and what is shown, in simulated time. `CONTRIBUTING.md` says how to run it.

use std::net::IpAddr;
use std::path::{Path, PathBuf};

use rusqlite::Connection;

use super::*;
use crate::config::Backup;
use crate::daemon::copies::Copies;
use crate::probe::follow::PathQuestion;
use crate::probe::host::{Counters, DefaultRoute, HostSnapshot, Interface};
use crate::scenario::{Daemon, HostIncident, NoAudience, Scenario, ScenarioPlan, SimulatedLine};
use crate::store::{Durability, SpaceLimits};
use crate::sys::memory;
use crate::vocabulary::{
    AccessPoint, HostChange, HostEvent, IpVersion, Medium, Observation, PathHop, PathRound,
    StrayKind, Target, Way,
};

const DAY_S: i64 = 86_400;
/// What the record may take: little, so that ninety days meet every limit.
const LIMITS: SpaceLimits = SpaceLimits {
    max_bytes: 40 << 20,
    keep_raw: Duration::from_secs(86_400 * 20),
    keep_minutes: Duration::from_secs(86_400 * 30),
};

/// What the daemon takes on a day.
#[derive(Debug, Clone, Copy)]
struct DailyLook {
    day: i64,
    allocated: u64,
    resident: u64,
    database: u64,
    drops: i64,
}

impl DailyLook {
    fn at(day: i64, database: &Path) -> Self {
        let status = std::fs::read_to_string("/proc/self/statm").unwrap_or_default();
        let pages = status.split(' ').nth(1).and_then(|pages| pages.parse::<u64>().ok());
        let count = |sql: &str| {
            let db = Connection::open(database).ok()?;
            db.query_row(sql, [], |row| row.get(0)).ok()
        };
        Self {
            day,
            allocated: memory::allocated().unwrap_or_default(),
            resident: pages.unwrap_or_default() * 4_096,
            database: std::fs::metadata(database).map_or(0, |metadata| metadata.len()),
            drops: count("SELECT count(*) FROM link_drop").unwrap_or_default(),
        }
    }
}

/// The daemon, and what happens to its host besides what a plan can say.
struct Troubled<'a> {
    pipeline: Pipeline<'a>,
    copies: Copies,
    wanted: Vec<WantedTarget>,
    database: PathBuf,
    s: i64,
    bytes: u64,
    looks: &'a mut Vec<DailyLook>,
}

fn ip(text: &str) -> IpAddr {
    text.parse().unwrap()
}

impl Troubled<'_> {
    fn host(&mut self, at: Reading, what: HostChange) {
        self.pipeline.on_batch(&[Observation::Host(HostEvent { at, what })]);
    }

    /// What the daemon asks its host and the path for.
    fn ask(&mut self, now: Reading) {
        if let Some(interface) = self.pipeline.counters_due(&now) {
            self.bytes += 1_000_000;
            let said = Counters { index: 2, received: self.bytes, sent: self.bytes / 9 };
            self.pipeline.on_counters(now, &interface, Some(said));
        }
        if let Some(interface) = self.pipeline.station_due(&now) {
            let signal = if self.s % 700 < 350 { -50 } else { -64 };
            let said = AccessPoint {
                interface,
                bssid: format!("02:00:00:00:00:{:02x}", self.s / 7_200 % 3),
                signal_dbm: Some(signal),
                rate_kbps: Some(65_000),
                connected: Some(Duration::from_secs(u64::try_from(self.s % 7_200).unwrap())),
            };
            self.pipeline.on_station(now, Some(said));
        }
        while let Some(PathQuestion { moment, towards }) = self.pipeline.path_question() {
            for (target, limits) in towards {
                let by = |ttl: u8| (ttl < 3).then(|| ip("192.168.1.1"));
                let hop = |ttl: &u8| PathHop { ttl: *ttl, usual: None, by: by(*ttl), rtt: None };
                let round = PathRound {
                    at: now.utc,
                    family: if target.is_ipv6() { IpVersion::V6 } else { IpVersion::V4 },
                    moment,
                    towards: Some(target),
                    hops: limits.iter().map(hop).collect(),
                    returns: Vec::new(),
                    unsent: None,
                };
                self.pipeline.on_batch(&[Observation::Path(Box::new(round))]);
            }
        }
    }

    /// Addresses and ways come and go; on some days all the time.
    fn change(&mut self, now: Reading) {
        let (day, s) = (self.s / DAY_S, self.s);
        let flaps = day % 10 == 4 && s % DAY_S < 7_200;
        if s % 3_600 == 600 || flaps {
            let present = s / 3_600 % 2 == 0;
            let address = ip(&format!("2001:db8::{:x}", s % 60_000));
            self.host(now, HostChange::Address { interface: "wlan0".into(), address, present });
            self.host(now, HostChange::Carrier { interface: "eth0".into(), up: s % 2 == 0 });
        }
        if s % 7_200 == 900 || (flaps && s % 5 == 0) {
            let n = s / 5 % 200;
            let way = Way {
                interface: "wlan0".to_owned(),
                medium: Medium::Wifi,
                gateway: Some(ip("192.168.1.1")),
                mac: Some(format!("02:00:00:00:01:{n:02x}")),
                isp_hop: None,
                avoids: None,
            };
            let (version, way) = (IpVersion::V4, Some(Box::new(way)));
            let seen = Observation::Way { at: now, version, way, index: Some(2), over: None };
            self.pipeline.on_batch(&[seen]);
        }
        if s % 20 == 0 {
            let (from, kind) = (ip(&format!("198.51.100.{}", s % 250)), StrayKind::Foreign);
            let stray = Observation::Stray { from, kind, at: now.utc };
            let silent = Observation::Silent { family: IpVersion::V4, at: now };
            self.pipeline.on_batch(&[stray, silent]);
        }
        // The ISP gives the home another first hop, and the names of anchors lead elsewhere.
        if s % 21_600 == 1_000 {
            for (name, n) in [("isp", s / 21_600), ("google", s / 43_200)] {
                let target = self.wanted.iter_mut().find(|target| target.name == name).unwrap();
                let address = format!("198.18.{}.{}", n / 250, n % 250 + 1);
                target.endpoint = Endpoint::new(Kind::Icmp, address);
            }
            self.pipeline.set_targets(self.wanted.clone(), now);
        }
    }

    /// The disk fails for hours, the file is removed, and pages of it are damaged.
    fn fail(&mut self) {
        let (day, hour, is_hour) = (self.s / DAY_S, self.s % DAY_S / 3_600, self.s % 3_600 == 0);
        let sql = |sql: &str| {
            let db = Connection::open(&self.database).unwrap();
            db.busy_timeout(Duration::from_secs(5)).unwrap();
            db.execute_batch(sql)
        };
        match (day % 20, hour) {
            _ if !is_hour => {}
            (5 | 15, 7) => {
                let fails = "CREATE TRIGGER IF NOT EXISTS full BEFORE INSERT ON raw
                    BEGIN SELECT RAISE(FAIL, 'disk I/O error'); END";
                sql(fails).unwrap();
            }
            (5 | 15, 15) => sql("DROP TRIGGER IF EXISTS full").unwrap(),
            (11, 7) => {
                for suffix in ["", "-wal", "-shm"] {
                    let file = self.database.with_added_extension("x");
                    let name = file.to_str().unwrap().trim_end_matches(".x").to_owned() + suffix;
                    let _ = std::fs::remove_file(name);
                }
            }
            _ => {}
        }
    }
}

impl Daemon for Troubled<'_> {
    fn targets(&self) -> &[Target] {
        self.pipeline.targets()
    }

    fn on_batch(&mut self, batch: &[Observation]) {
        self.pipeline.on_batch(batch);
    }

    fn second(&mut self, now: Reading) {
        self.s += 1;
        self.fail();
        self.change(now);
        self.ask(now);
        let of_minute = now.utc.as_micros().div_euclid(1_000_000).rem_euclid(60);
        // As the daemon does it for half an hour of each day, else only the seconds that do something.
        if self.s % DAY_S < 1_800 || (5..8).contains(&of_minute) {
            self.pipeline.second(now);
            self.copies.second(now);
        }
        if self.s % DAY_S == 0 {
            let look = DailyLook::at(self.s / DAY_S, &self.database);
            if look.day % 5 == 0 {
                println!(
                    "| {} | {:.2} | {:.1} | {:.1} | {} |",
                    look.day,
                    megabytes(look.allocated),
                    megabytes(look.resident),
                    megabytes(look.database),
                    look.drops
                );
            }
            self.looks.push(look);
        }
    }
}

#[allow(clippy::cast_precision_loss, reason = "for the eye")]
fn megabytes(bytes: u64) -> f64 {
    bytes as f64 / 1e6
}

fn way_out() -> HostSnapshot {
    let interface = "wlan0".to_owned();
    let gateway = Some(ip("192.168.1.1"));
    HostSnapshot {
        interfaces: vec![Interface {
            name: interface.clone(),
            carrier: true,
            addresses: Vec::new(),
        }],
        default_route_v4: Some(DefaultRoute { interface, gateway }),
        default_route_v6: None,
    }
}

/// Lives the plan in `place`; gives what the daemon took each day of its last life.
fn live(plan: &ScenarioPlan, place: &Path) -> Vec<DailyLook> {
    let database = place.join("linkmon.db");
    let (runtime, version) = (place.join("run"), "0.0.0-test");
    let mut clocks = HostClocks::new(plan.start);
    let mut line = SimulatedLine::new(plan);
    let mut looks = Vec::new();
    println!(
        "| day | allocated, MB | resident, MB | database, MB | drops |\n|---|---|---|---|---|"
    );
    for stay in plan.stays() {
        looks.clear();
        let opening = Opening { path: &database, runtime_dir: Some(&runtime), version };
        let (mut writer, _) = Writer::open_with(opening, Durability::Simulated).unwrap();
        writer.keep_within(LIMITS);
        let past = remember(&database, Parameters::default(), Waiting::default()).unwrap();
        let now = clocks.reading(stay.from * 1_000);
        let mut audience = NoAudience;
        let boot = Some(clocks.boot_id());
        let mut pipeline = Pipeline::new(writer, past, now, boot, version, &mut audience).unwrap();
        pipeline.set_ways(&way_out());
        let wanted: Vec<_> = plan.neighbors.iter().map(|n| n.wanted.clone()).collect();
        pipeline.set_targets(wanted.clone(), now);
        let every = Duration::from_secs(10 * 86_400);
        let backup = Backup { to: Some(place.join("copies")), every, keep: 2 };
        let troubled = Troubled {
            pipeline,
            copies: Copies::new(backup, database.clone()),
            wanted,
            database: database.clone(),
            s: stay.from,
            bytes: 0,
            looks: &mut looks,
        };
        let mut lived = scenario::DaemonLife::new(troubled, stay.from, &mut clocks);
        plan.watch(&stay, &mut line, &mut lived);
        if stay.ended != Some(HostIncident::Kill) {
            let now = lived.now();
            lived.end().pipeline.stop(now).unwrap();
        }
        if stay.ended == Some(HostIncident::Reboot) {
            clocks.reboot(stay.to * 1_000);
        }
    }
    looks
}

#[test]
#[ignore = "ninety simulated days: minutes of work, run it alone and with optimization"]
fn ninety_days_of_every_trouble_end_with_flat_memory() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/ninety-days.toml");
    let mut scenario = Scenario::read(&file).unwrap();
    if let Some(days) = std::env::var("LINKMON_DAYS").ok().and_then(|days| days.parse::<u32>().ok())
    {
        scenario.length = Duration::from_secs(86_400 * u64::from(days));
    }
    let place = tempfile::tempdir().unwrap();
    let plan = scenario.plan(scenario.seeds[0]);
    let looks = live(&plan, place.path());
    // By then the record has met its limits, and whatever never ends has begun.
    let settled = |days: std::ops::Range<i64>| {
        let of = looks.iter().filter(|look| days.contains(&look.day));
        of.map(|look| look.allocated).max().unwrap()
    };
    let (before, after) = (settled(25..45), settled(70..90));
    assert!(after < before + before / 10 + (1 << 20), "{before} bytes became {after}");
    let largest = looks.iter().map(|look| look.database).max().unwrap();
    assert!(largest <= LIMITS.max_bytes, "{largest} bytes of record");
}
