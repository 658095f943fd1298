//! What can be seen on this machine without sending or changing anything.

use std::path::{Path, PathBuf};
use std::sync::mpsc;
use std::time::Duration;

use jiff::tz::TimeZone;

use crate::cli::context::Context;
use crate::cli::progress::Progress;
use crate::cli::status::STALE_AFTER;
use crate::config::Config;
use crate::live::Status;
use crate::probe::host::{self, DefaultRoute};
use crate::probe::icmp;
use crate::store::{self, Reader, Soundness, SpaceLimits};
use crate::text::describe;
use crate::time::{TimeRange, Timestamp};
use crate::vocabulary::{Forecast, GapReason, SimulatedShare};

/// How far back gaps of sleep are looked for.
pub(super) const LATELY: Duration = Duration::from_secs(7 * 86_400);

/// All facts. A fact that could not be determined is `None` or an error in words.
pub(super) struct Facts {
    pub(super) now: Timestamp,
    pub(super) config: Config,
    pub(super) engine: Result<String, String>,
    pub(super) clock_synchronized: Option<bool>,
    pub(super) disk: Option<Disk>,
    pub(super) database: Result<Database, (String, Option<String>)>,
    pub(super) status: Option<Status>,
    pub(super) route: Result<Option<DefaultRoute>, String>,
    pub(super) sleep: Sleep,
    /// The check of the whole record; `None` if it was not made.
    pub(super) soundness: Option<Result<Soundness, String>>,
    /// How much space it has; `None` if that is unknown.
    pub(super) forecast: Option<Forecast>,
    pub(super) zone: TimeZone,
}

/// How closely to look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Depth {
    /// Only what costs no time.
    Quick,
    /// The whole record as well.
    Full,
}

/// The file system of the database.
pub(super) struct Disk {
    pub(super) path: PathBuf,
    pub(super) free: u64,
    pub(super) writable: bool,
}

/// The record.
pub(super) struct Database {
    pub(super) path: PathBuf,
    pub(super) bytes: u64,
    /// When the newest run was last seen.
    pub(super) last_seen: Option<Timestamp>,
    /// The machine's sleep in the last days.
    pub(super) slept: TimeAsleep,
    /// How many target numbers are used.
    pub(super) targets: usize,
    /// How much of it was simulated.
    pub(super) simulated: SimulatedShare,
}

/// How often and how long the machine slept.
#[derive(Debug, Clone, Copy)]
pub(super) struct TimeAsleep {
    pub(super) times: usize,
    pub(super) length: Duration,
}

/// What may put this machine to sleep.
pub(super) struct Sleep {
    /// The targets of systemd by which it would sleep are masked.
    pub(super) masked: bool,
    pub(super) has_battery: bool,
    pub(super) can: bool,
}

impl Facts {
    /// Looks at everything.
    pub(super) fn look(context: &Context, depth: Depth) -> Self {
        let config = context.config().clone();
        let db = context.existing_db().to_owned();
        let reader = Reader::open(&db);
        let limits = SpaceLimits {
            max_bytes: config.storage.max_size,
            keep_raw: config.storage.keep_samples,
            keep_minutes: config.storage.keep_minutes,
        };
        let forecast =
            reader.as_ref().ok().and_then(|reader| reader.forecast(limits, context.now).ok());
        let soundness = (depth == Depth::Full && reader.is_ok()).then(|| {
            let _progress = Progress::start("checking the whole record (skip with --quick)");
            store::check_all(&db).map_err(|error| describe(&error))
        });
        let live = reader.as_ref().ok().and_then(Reader::live);
        let status = live.and_then(|live| serde_json::from_str::<Status>(&live.status).ok());
        let fresh =
            |s: &Status| context.now.duration_since(s.at).is_none_or(|age| age <= STALE_AFTER);
        Self {
            now: context.now,
            engine: engine(&config),
            clock_synchronized: host::clock_synchronized(),
            disk: disk(&db),
            database: reader
                .and_then(|reader| database(&reader, &db, context.now))
                .map_err(|error| (describe(&error), error.hint().map(str::to_owned))),
            status: status.filter(fresh),
            route: host::snapshot()
                .map(|s| s.default_route_v4.or(s.default_route_v6))
                .map_err(|error| describe(&error)),
            sleep: sleep(),
            soundness,
            forecast,
            zone: context.zone.clone(),
            config,
        }
    }
}

/// Opens the sockets and sends nothing.
fn engine(config: &Config) -> Result<String, String> {
    let (out, _batches) = mpsc::channel();
    let engine = icmp::spawn(config.probe.engine, config.probe.waiting, Vec::new(), out);
    engine.map(|engine| engine.description().to_owned()).map_err(|error| describe(&error))
}

fn disk(db: &Path) -> Option<Disk> {
    let folder = db.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
    // If it does not exist yet, its nearest ancestor is asked.
    let there = folder.ancestors().find(|p| p.exists())?;
    let stat = rustix::fs::statvfs(there).ok()?;
    let writable = !stat.f_flag.contains(rustix::fs::StatVfsMountFlags::RDONLY);
    Some(Disk {
        path: there.to_owned(),
        free: stat.f_bavail.saturating_mul(stat.f_frsize),
        writable,
    })
}

fn database(reader: &Reader, path: &Path, now: Timestamp) -> Result<Database, store::Error> {
    let lately = TimeRange { from: now - LATELY, to: now };
    // The check of a large record takes its time: a daemon may have begun to write meanwhile.
    let runs = reader.runs(TimeRange { to: TimeRange::EVER.to, ..lately })?;
    let gaps = reader.gaps(lately)?;
    let asleep = || gaps.iter().filter(|gap| gap.reason == GapReason::Asleep);
    Ok(Database {
        path: path.to_owned(),
        bytes: ["", "-wal"].iter().map(|suffix| size(path, suffix)).sum(),
        targets: reader.targets()?.len(),
        simulated: reader.simulated()?,
        last_seen: runs.iter().map(|run| run.last_seen).max(),
        slept: TimeAsleep {
            times: asleep().count(),
            length: asleep().map(|gap| gap.range.length()).sum(),
        },
    })
}

/// The size of the file, which is not opened: that could cost `SQLite` its locks.
fn size(path: &Path, suffix: &str) -> u64 {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    std::fs::metadata(name).map_or(0, |m| m.len())
}

fn sleep() -> Sleep {
    let null = |name: &str| {
        std::fs::read_link(format!("/etc/systemd/system/{name}"))
            .is_ok_and(|to| to == Path::new("/dev/null"))
    };
    let supplies = std::fs::read_dir("/sys/class/power_supply");
    let battery = |entry: std::io::Result<std::fs::DirEntry>| {
        entry.is_ok_and(|e| e.file_name().to_string_lossy().starts_with("BAT"))
    };
    let can = std::fs::read_to_string("/sys/power/state")
        .is_ok_and(|states| states.split_whitespace().any(|s| s == "mem" || s == "freeze"));
    Sleep {
        masked: ["sleep.target", "suspend.target"].iter().any(|name| null(name)),
        has_battery: supplies.is_ok_and(|mut entries| entries.any(battery)),
        can,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::{Opening, Writer};
    use crate::time::Reading;

    #[test]
    fn a_record_whose_daemon_began_after_the_doctor_did_is_being_written() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("linkmon.db");
        let opening = Opening { path: &path, runtime_dir: None, version: "test" };
        let (mut writer, _) = Writer::open(opening).unwrap();
        let now = Reading::now();
        writer.begin_run(now, None).unwrap();
        let before = now.utc - Duration::from_secs(20);
        let found = database(&Reader::open(&path).unwrap(), &path, before).unwrap();
        assert!(found.last_seen.is_some_and(|seen| seen >= now.utc), "{:?}", found.last_seen);
    }
}
