//! Records made up for tests: a line with known drops, gaps and troubles, sample by sample.

use std::path::{Path, PathBuf};
use std::time::Duration;

use jiff::tz::TimeZone;

use super::rows::{Collector, Rows};
use super::{Method, Report};
use crate::config::{Config, Site};
use crate::stats::{LineWay, SiteWays};
use crate::store::{Opening, Writer};
use crate::time::{BootTime, Reading, TimeRange, Timestamp, micros};
use crate::vocabulary::{
    Bounds, DropKind, Endpoint, Gap, GapReason, Kind, LinkDrop, Measurement, Note, NoteKind,
    Outcome, Place, Role, RosterHistory, Run, RunEnd, SimulatedShare, StoredDrop, Target, TargetId,
    TargetTrouble,
};

/// A made-up record. Times are seconds from the start of the period.
#[derive(Clone)]
pub(crate) struct Scene {
    pub(crate) period: TimeRange,
    pub(crate) interval: Duration,
    pub(crate) zone: &'static str,
    /// Onset, length (`None`: still open), places, whether the ISP's hop answered.
    pub(crate) drops: Vec<(f64, Option<f64>, Vec<Place>)>,
    pub(crate) gaps: Vec<(f64, f64, GapReason)>,
    /// Target number, from, to.
    pub(crate) troubles: Vec<(u8, f64, f64)>,
    pub(crate) notes: Vec<(f64, &'static str)>,
    pub(crate) watched: bool,
    /// Until when it was watched, seconds; `None`: to the end.
    pub(crate) watched_from: f64,
}

/// Seconds in UTC.
pub(crate) fn at(text: &str) -> Timestamp {
    Timestamp::from_micros(text.parse::<jiff::Timestamp>().unwrap().as_microsecond())
}

pub(crate) fn targets(interval: Duration) -> Vec<Target> {
    let target = |id, name: &str, role, address: &str| Target {
        id: TargetId(id),
        name: name.to_owned(),
        kind: Kind::Icmp,
        role,
        endpoint: Endpoint::new(Kind::Icmp, address),
        interval,
    };
    vec![
        target(1, "gateway", Role::Gateway, "192.168.1.1"),
        target(2, "modem", Role::Modem, "192.168.100.1"),
        target(3, "isp-hop", Role::Isp, "10.12.0.1"),
        target(4, "cloudflare", Role::Anchor, "1.1.1.1"),
        target(5, "google", Role::Anchor, "8.8.8.8"),
        target(6, "quad9", Role::Anchor, "9.9.9.9"),
    ]
}

impl Scene {
    pub(crate) fn new(from: &str, seconds: i64) -> Self {
        let from = at(from);
        Self {
            period: TimeRange { from, to: from.plus_micros(seconds * 1_000_000) },
            interval: Duration::from_secs(1),
            zone: "America/Toronto",
            drops: Vec::new(),
            gaps: Vec::new(),
            troubles: Vec::new(),
            notes: Vec::new(),
            watched: true,
            watched_from: 0.0,
        }
    }

    fn time(&self, s: f64) -> Timestamp {
        #[allow(clippy::cast_possible_truncation, reason = "seconds of a test")]
        self.period.from.plus_micros((s * 1e6) as i64)
    }

    fn silent(places: &[Place]) -> Vec<u8> {
        let first = places.first().copied().unwrap_or(Place::Beyond);
        let mut out: Vec<u8> = match first {
            Place::Lan => vec![1, 2, 3],
            Place::Modem => vec![2, 3],
            Place::Access => vec![3],
            _ => vec![],
        };
        out.extend([4, 5, 6]);
        out
    }

    fn stored_drops(&self) -> Vec<StoredDrop> {
        let half = micros(self.interval) / 6;
        (1_i64..)
            .zip(&self.drops)
            .map(|(id, (onset, length, places))| {
                let begin = self.time(*onset);
                let onset =
                    Bounds { earliest: begin.plus_micros(-half), latest: begin.plus_micros(half) };
                let end = length.map(|l| {
                    let end = begin + Duration::from_secs_f64(l);
                    Bounds { earliest: end.plus_micros(-half), latest: end.plus_micros(half) }
                });
                let (first, last) =
                    end.map_or((self.period.to, self.period.to), |e| (e.earliest, e.latest));
                let min = first.duration_since(onset.latest).unwrap_or_default();
                let max = last.duration_since(onset.earliest).unwrap_or_default();
                let kind = match max.as_secs() {
                    0..5 => DropKind::Blip,
                    5..=300 => DropKind::Drop,
                    _ => DropKind::Outage,
                };
                let silent = Self::silent(places);
                let drop = LinkDrop {
                    key: onset.latest,
                    kind,
                    onset,
                    end,
                    min,
                    max,
                    unobserved: Duration::ZERO,
                    stretches: Vec::new(),
                    places: places.clone(),
                    answered: (1..=3).filter(|t| !silent.contains(t)).map(TargetId).collect(),
                    silent: silent.into_iter().map(TargetId).collect(),
                    flaps: 1,
                };
                StoredDrop { id, first_key: None, drop: drop.in_one_stretch() }
            })
            .collect()
    }

    /// Feeds every sample of the record to `take`, minute by minute as a reader gives them.
    pub(crate) fn samples(&self, mut take: impl FnMut(&Measurement)) {
        if !self.watched {
            return;
        }
        let mut noise = 1_u64;
        let mut next = move || {
            noise ^= noise << 13;
            noise ^= noise >> 7;
            noise ^= noise << 17;
            noise
        };
        let drops: Vec<_> = self
            .drops
            .iter()
            .map(|(from, length, places)| {
                let to = length.map_or(self.period.to, |l| self.time(from + l));
                (TimeRange { from: self.time(*from), to }, Self::silent(places))
            })
            .collect();
        let gaps: Vec<_> =
            self.gaps.iter().map(|(a, b, _)| (self.time(*a), self.time(*b))).collect();
        let minutes = (self.period.from.minute()..=self.period.to.minute())
            .map(|m| Timestamp::from_seconds(m * 60));
        let step = micros(self.interval);
        let mut first_drop = 0;
        for minute in minutes {
            while drops.get(first_drop).is_some_and(|(r, _)| r.to <= minute) {
                first_drop += 1;
            }
            let calm = drops.get(first_drop).is_none_or(|(r, _)| r.from.minute() > minute.minute());
            for id in 1..=6_u8 {
                let phase = i64::from(id) % 3 * step / 3;
                let mut sent_at = minute.plus_micros(phase);
                while sent_at.minute() == minute.minute() {
                    let now = sent_at;
                    sent_at = sent_at.plus_micros(step);
                    let watched = now >= self.time(self.watched_from)
                        && !gaps.iter().any(|(a, b)| (*a..*b).contains(&now));
                    if !self.period.contains(now) || !watched {
                        continue;
                    }
                    let down = !calm
                        && drops[first_drop..]
                            .iter()
                            .take(3)
                            .any(|(range, silent)| range.contains(now) && silent.contains(&id));
                    let troubled = self.troubles.iter().any(|(who, a, b)| {
                        *who == id && (self.time(*a)..self.time(*b)).contains(&now)
                    });
                    let random = next();
                    let outcome = if down || troubled || random.is_multiple_of(4_001) {
                        Outcome::Lost
                    } else {
                        Outcome::reply(Duration::from_micros(delay(id, random, now)))
                    };
                    take(&Measurement { target: TargetId(id), sent_at: now, outcome });
                }
            }
        }
    }

    pub(crate) fn rows(&self) -> Rows {
        let targets = targets(self.interval);
        let mut collector = Collector::new(self.period, &targets);
        let drops = self.stored_drops();
        let troubles: Vec<_> = self
            .troubles
            .iter()
            .map(|(who, a, b)| {
                let (from, to) = (self.time(*a), self.time(*b));
                let probes = to.micros_since(from) / micros(self.interval);
                let probes = u32::try_from(probes).unwrap();
                let target = TargetId(*who);
                TargetTrouble { target, from, to: Some(to), lost: probes, sent: probes }
            })
            .collect();
        let rosters = RosterHistory::default();
        let deciders = super::deciders::Deciders::of(targets.iter(), &rosters, &[], self.period);
        let mut seconds =
            super::yardsticks::counter(self.period, &targets, &deciders, &drops, &troubles, &[]);
        self.samples(|m| {
            collector.add(m);
            seconds.add(1, m);
        });
        let (tallies, worst_minute) = collector.finish();
        let run = Run {
            id: 1,
            started: self.time(self.watched_from),
            boot: Some(BootTime::from_micros(0)),
            boot_id: Some("made-up".to_owned()),
            last_seen: self.period.to,
            ended: Some(RunEnd::Clean),
        };
        Rows {
            period: self.period,
            runs: if self.watched { vec![run] } else { Vec::new() },
            drops,
            ways: SiteWays::compute(LineWay::Unknown, &[], self.period),
            way_spans: Vec::new(),
            modem: None,
            stations: Vec::new(),
            rosters,
            gaps: self
                .gaps
                .iter()
                .map(|(a, b, reason)| Gap {
                    range: TimeRange { from: self.time(*a), to: self.time(*b) },
                    reason: *reason,
                })
                .collect(),
            troubles,
            paths: Vec::new(),
            impairments: Vec::new(),
            traffic: Vec::new(),
            events: Vec::new(),
            notes: (1_i64..)
                .zip(&self.notes)
                .map(|(id, (s, text))| Note {
                    id,
                    at: self.time(*s),
                    kind: NoteKind::Other,
                    ticket: None,
                    text: (*text).to_owned(),
                    added: self.period.to,
                    edited: None,
                })
                .collect(),
            clocks: Vec::new(),
            holds: None,
            simulated: SimulatedShare::Nothing,
            servers: Vec::new(),
            targets,
            tallies,
            worst_minute,
            seconds: seconds.finish(),
            others: std::collections::BTreeMap::new(),
            unreadable_minutes: 0,
            removed: Vec::new(),
            record_ends: std::collections::BTreeMap::new(),
            unread: Vec::new(),
        }
    }

    /// Writes the record into a new database in `folder`, as an import, and gives its path.
    pub(crate) fn import_into(&self, folder: &Path) -> PathBuf {
        let path = folder.join("linkmon.db");
        let opening = Opening { path: &path, runtime_dir: Some(folder), version: "0.0.0-test" };
        let (mut writer, _) = Writer::open(opening).unwrap();
        let now = Reading { utc: self.period.to, boot: BootTime::from_micros(1), monotonic_us: 1 };
        for target in targets(self.interval) {
            let Target { name, kind, role, endpoint, interval, .. } = &target;
            let stored =
                writer.target(name, *kind, *role, endpoint.as_str(), *interval, now).unwrap();
            assert_eq!(stored, target);
        }
        let mut samples = Vec::new();
        self.samples(|m| samples.push(m.clone()));
        writer.import_run(&mut samples.into_iter()).unwrap();
        for stored in self.stored_drops() {
            writer.put_drop(&stored.drop).unwrap();
        }
        let rows = Scene { interval: Duration::from_secs(3_600), ..self.clone() }.rows();
        rows.gaps.iter().for_each(|gap| writer.put_gap(gap));
        for note in &rows.notes {
            writer.put_note(note.at, &note.text, now).unwrap();
        }
        writer.flush(now).unwrap();
        path
    }

    pub(crate) fn report(&self) -> Report {
        let site = Site {
            name: Some("Maple Street 12".to_owned()),
            isp: Some("Example Cable".to_owned()),
            account: Some("4711-22".to_owned()),
            ticket: Some("INC-90210".to_owned()),
            line: None,
            country: None,
            zone: None,
        };
        let method = Method {
            version: "1.2.3".to_owned(),
            ..Method::new(&Config::default(), Some("linux".to_owned()))
        };
        let zone = TimeZone::get(self.zone).unwrap();
        Report::build(self.rows(), zone, &site, self.period.to, method)
    }
}

/// A delay in microseconds: a base per target, noise, a busier evening, a rare spike.
fn delay(id: u8, random: u64, at: Timestamp) -> u64 {
    let base = [0, 600, 1_100, 8_200, 11_900, 14_800, 17_500][usize::from(id)];
    let evening = (20..24).contains(&((at.minute() / 60 - 5).rem_euclid(24)));
    let noise = random % (base / 12 + 40);
    let spike = if random % 701 == 3 { (random >> 20) % (base * 6) } else { 0 };
    let queue = if evening && id > 2 { (random >> 33) % 9_000 } else { 0 };
    base + noise + spike + queue
}

/// The gateway's and modem's addresses must be addresses.
#[test]
fn made_up_targets_have_literal_addresses() {
    assert!(targets(Duration::from_secs(1)).iter().all(|t| t.ip().is_some()));
}

/// A week: a drop of 60 to 120 s about every hour on five days, then silence.
pub(crate) fn flapping_week(interval: Duration) -> Scene {
    let mut scene = Scene::new("2026-11-16T05:00:00Z", 7 * 86_400);
    scene.interval = interval;
    let mut s = 1_900.0;
    let mut step = 0_u32;
    while s < 5.7 * 86_400.0 {
        let wobble = f64::from(step * 7_919 % 601) - 300.0;
        let length = 60.0 + f64::from(step * 104_729 % 61);
        let places =
            if step % 23 == 7 { vec![Place::Access, Place::IspCore] } else { vec![Place::Access] };
        scene.drops.push((s, Some(length), places));
        s += 3_600.0 + wobble;
        step += 1;
    }
    scene.drops.push((5.75 * 86_400.0, Some(86_400.0), vec![Place::Access]));
    scene.gaps = vec![
        (2.2 * 86_400.0, 2.2 * 86_400.0 + 1_260.0, GapReason::Rebooted),
        (4.6 * 86_400.0, 4.6 * 86_400.0 + 8.0, GapReason::Stopped),
    ];
    // Nobody saw a drop that began in a gap.
    let gaps = scene.gaps.clone();
    scene.drops.retain(|(s, l, _)| {
        !gaps.iter().any(|(a, b, _)| s + l.unwrap_or(0.0) + 10.0 > *a && s - 10.0 < *b)
    });
    scene.troubles = vec![(6, 3.0 * 86_400.0, 3.0 * 86_400.0 + 5_400.0)];
    scene.notes =
        vec![(1.5 * 86_400.0, "called support, ticket INC-90210"), (5.3 * 86_400.0, "modem reset")];
    scene
}
