//! The zone in which times are shown and understood: named in the configuration or by `TZ`, else that of
//! `/etc/localtime`.
//!
//! jiff would read `TZ`, `TZDIR` and every file in that directory by itself, whatever they are: a pipe that
//! nobody writes to would block it, and a device without an end fill the memory. Here one file is read,
//! which is a plain one and no longer than any zone.

use std::ffi::OsString;
use std::os::unix::ffi::{OsStrExt as _, OsStringExt as _};
use std::path::{Component, Path, PathBuf};

use jiff::tz::{TimeZone, TimeZoneDatabase};

use crate::sys::plain;

/// Longer than any zone: the longest of the IANA takes 4 KB.
const LONGEST: u64 = 256 << 10;
/// Where systems keep their zones.
const DIRECTORIES: [&str; 3] = ["/usr/share/zoneinfo", "/usr/share/lib/zoneinfo", "/etc/zoneinfo"];
const LOCALTIME: &str = "/etc/localtime";
/// What is before the name of a zone in the path of its file.
const ZONEINFO: &[u8] = b"zoneinfo/";

/// Why a zone is not known.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ZoneError {
    /// There is none of this name.
    #[error("\"{0}\" is not a time zone")]
    NoSuchZone(String),
    /// The file that was named cannot be read as one.
    #[error("{} is not the file of a time zone: {why}", path.display())]
    NotAZone {
        /// Which file.
        path: PathBuf,
        /// What is wrong with it.
        why: String,
    },
}

/// The zone of this IANA name, as the system has it, else as this program brings it.
///
/// # Errors
/// If there is none.
pub fn zone_named(name: &str) -> Result<TimeZone, ZoneError> {
    ZoneSources::of_this_process().named(name)
}

/// The zone of this process: `TZ`, else `/etc/localtime`, else UTC. Where what is named is no zone, that is
/// the error, and UTC serves.
///
/// # Errors
/// If `TZ` or `/etc/localtime` names something else than a zone.
pub fn local_zone() -> Result<TimeZone, ZoneError> {
    ZoneSources::of_this_process().local()
}

/// The zone in which times are shown: the one configured under this name, else that of this process.
pub fn shown_zone(configured: Option<&str>) -> TimeZone {
    let named = configured.and_then(|name| zone_named(name).ok());
    // What `TZ` names in its place was said at the start.
    named.unwrap_or_else(|| local_zone().unwrap_or(TimeZone::UTC))
}

/// What the zone follows from.
#[derive(Debug)]
struct ZoneSources {
    tz: Option<OsString>,
    tzdir: Option<PathBuf>,
    localtime: PathBuf,
}

impl ZoneSources {
    fn of_this_process() -> Self {
        Self {
            tz: std::env::var_os("TZ"),
            tzdir: std::env::var_os("TZDIR").map(PathBuf::from),
            localtime: PathBuf::from(LOCALTIME),
        }
    }

    fn named(&self, name: &str) -> Result<TimeZone, ZoneError> {
        let relative = Path::new(name);
        let is_inside = relative.components().all(|part| matches!(part, Component::Normal(_)));
        if name.is_empty() || name.len() > 200 || !is_inside {
            return Err(ZoneError::NoSuchZone(name.chars().take(200).collect()));
        }
        if name.eq_ignore_ascii_case("utc") {
            return Ok(TimeZone::UTC);
        }
        let usual = DIRECTORIES.iter().map(PathBuf::from);
        for directory in self.tzdir.iter().cloned().chain(usual) {
            if let Ok(zone) = read(name, &directory.join(relative)) {
                return Ok(zone);
            }
        }
        let own = TimeZoneDatabase::bundled().get(name);
        own.map_err(|_| ZoneError::NoSuchZone(name.to_owned()))
    }

    fn local(&self) -> Result<TimeZone, ZoneError> {
        let Some(tz) = &self.tz else {
            // Without the file it is UTC (POSIX, tzset).
            let is_there = std::fs::symlink_metadata(&self.localtime).is_ok();
            return if is_there { self.of_file(&self.localtime) } else { Ok(TimeZone::UTC) };
        };
        let bytes = tz.as_bytes();
        let value = bytes.strip_prefix(b":").unwrap_or(bytes);
        if value.is_empty() {
            return Ok(TimeZone::UTC);
        }
        let path = PathBuf::from(OsString::from_vec(value.to_vec()));
        let Some(text) = path.to_str() else { return self.of_file(&path) };
        if let Ok(zone) = self.named(text) {
            return Ok(zone);
        }
        if bytes.len() == value.len()
            && let Ok(rule) = TimeZone::posix(text)
        {
            return Ok(rule);
        }
        if text.contains('/') {
            return self.of_file(&path);
        }
        Err(ZoneError::NoSuchZone(text.chars().take(200).collect()))
    }

    /// The zone of a file, with its name where the path, or that of the link there, has it.
    fn of_file(&self, path: &Path) -> Result<TimeZone, ZoneError> {
        let target = std::fs::read_link(path).ok();
        for path in target.iter().map(PathBuf::as_path).chain([path]) {
            let bytes = path.as_os_str().as_bytes();
            let found = bytes.windows(ZONEINFO.len()).rposition(|part| part == ZONEINFO);
            let name = found.and_then(|at| std::str::from_utf8(&bytes[at + ZONEINFO.len()..]).ok());
            if let Some(zone) = name.and_then(|name| self.named(name).ok()) {
                return Ok(zone);
            }
        }
        read("", path).map_err(|why| ZoneError::NotAZone { path: path.to_owned(), why })
    }
}

fn read(name: &str, path: &Path) -> Result<TimeZone, String> {
    let bytes = plain::read(path, LONGEST).map_err(|error| error.to_string())?;
    if !bytes.starts_with(b"TZif") {
        return Err("it does not begin like one".to_owned());
    }
    let zone = |name: &str| TimeZone::tzif(name, &bytes).map_err(|error| error.to_string());
    if !name.is_empty() {
        return zone(name);
    }
    // A zone whose name the system does not say has none here, either: by its present rule, the last line.
    let rule = bytes.trim_ascii_end().rsplit(|byte| *byte == b'\n').next();
    let rule = rule.and_then(|rule| std::str::from_utf8(rule).ok());
    match rule.and_then(|rule| TimeZone::posix(rule).ok()) {
        Some(rule) => zone("Local").map(|_| rule),
        None => zone("Local"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with_tz(tz: impl Into<OsString>) -> ZoneSources {
        ZoneSources { tz: Some(tz.into()), tzdir: None, localtime: PathBuf::from("/nonexistent") }
    }

    fn name(zone: &Result<TimeZone, ZoneError>) -> Option<&str> {
        zone.as_ref().unwrap().iana_name()
    }

    fn pipe(path: &Path) {
        let mode = rustix::fs::Mode::RUSR | rustix::fs::Mode::WUSR;
        let kind = rustix::fs::FileType::Fifo;
        rustix::fs::mknodat(rustix::fs::CWD, path, kind, mode, 0).unwrap();
    }

    #[test]
    fn a_name_a_rule_a_path_and_nothing_are_understood() {
        for tz in ["America/Toronto", ":America/Toronto", "/usr/share/zoneinfo/America/Toronto"] {
            assert_eq!(name(&with_tz(tz).local()), Some("America/Toronto"), "{tz}");
        }
        assert_eq!(name(&with_tz("").local()), Some("UTC"));
        assert_eq!(name(&ZoneSources { tz: None, ..with_tz("") }.local()), Some("UTC"));
        let rule = with_tz("EST5EDT,M3.2.0,M11.1.0").local().unwrap();
        let summer = jiff::Timestamp::from_second(1_783_000_000).unwrap();
        assert_eq!(rule.to_offset(summer).seconds(), -4 * 3_600);
        let said = with_tz("Nowhere").local().unwrap_err().to_string();
        assert_eq!(said, "\"Nowhere\" is not a time zone");
        assert!(zone_named("../../etc/passwd").is_err());
    }

    #[test]
    fn the_file_of_the_system_is_read_with_its_name_or_without() {
        let place = tempfile::tempdir().unwrap();
        let directory = place.path().join("zoneinfo/Somewhere");
        std::fs::create_dir_all(&directory).unwrap();
        let Ok(bytes) = std::fs::read("/usr/share/zoneinfo/Asia/Kolkata") else { return };
        std::fs::write(directory.join("Else"), bytes).unwrap();
        let localtime = place.path().join("localtime");
        std::os::unix::fs::symlink(directory.join("Else"), &localtime).unwrap();
        let tzdir = Some(place.path().join("zoneinfo"));
        let of = |tzdir| ZoneSources { tz: None, tzdir, localtime: localtime.clone() }.local();
        assert_eq!(name(&of(tzdir)), Some("Somewhere/Else"));
        let unnamed = of(None).unwrap();
        let now = jiff::Timestamp::from_second(1_783_000_000).unwrap();
        assert_eq!((unnamed.to_offset(now).seconds(), unnamed.iana_name()), (19_800, None));
    }

    #[test]
    fn what_never_ends_or_never_begins_is_refused_in_a_sentence() {
        let place = tempfile::tempdir().unwrap();
        let fifo = place.path().join("fifo");
        pipe(&fifo);
        for (tz, why) in [
            ("/dev/zero".into(), "it is larger than 262144 bytes"),
            (":/dev/zero".into(), "it is larger than 262144 bytes"),
            (fifo.clone().into_os_string(), "it is a pipe, not a file"),
            (place.path().into(), "it is a directory, not a file"),
            ("/dev/null".into(), "it does not begin like one"),
        ] {
            let said = with_tz(OsString::from(&tz)).local().unwrap_err().to_string();
            assert!(said.ends_with(&format!("is not the file of a time zone: {why}")), "{said}");
        }
        // A zone that is a pipe in the directory of zones is looked for elsewhere.
        let zones = place.path().join("Europe");
        std::fs::create_dir(&zones).unwrap();
        pipe(&zones.join("Paris"));
        let tzdir = Some(place.path().to_owned());
        let around = ZoneSources { tzdir, ..with_tz("Europe/Paris") };
        assert_eq!(name(&around.local()), Some("Europe/Paris"));
    }
}
