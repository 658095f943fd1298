//! What every command needs to know: configuration, database, zone and the time of the call.

use std::path::{Path, PathBuf};

use jiff::tz::TimeZone;

use super::args::{Arguments, PeriodArgs};
use super::failure;
use super::paint::{ColourWhen, Paint};
use super::usage::Usage;
use crate::config::{self, Config, Loaded, local_zone, zone_named};
use crate::language::{self, Language, words};
use crate::report;
use crate::store::{self, Reader};
use crate::time::{Reading, Since, TimeRange, Timestamp};

/// The context of one call.
#[derive(Debug)]
pub struct Context {
    /// The configuration and its file.
    pub loaded: Loaded,
    /// The database: `--db`, otherwise as configured, otherwise this user's usual location.
    pub db: PathBuf,
    /// Whether it was named, by `--db` or the configuration.
    db_was_named: bool,
    /// The zone in which times are read and shown.
    pub zone: TimeZone,
    /// When the call started.
    pub now: Timestamp,
    /// When output is coloured.
    pub(super) colour: ColourWhen,
}

/// Where the system service keeps its database (`StateDirectory=linkmon`).
pub(super) const SERVICE_DB: &str = "/var/lib/linkmon/linkmon.db";

/// Around a drop, on both sides.
const MARGIN: std::time::Duration = std::time::Duration::from_secs(900);

/// The zone of this process, else UTC, which is said.
fn zone_of_process() -> TimeZone {
    local_zone().unwrap_or_else(|error| {
        failure::say(&format!("{error}: times are in UTC"));
        TimeZone::UTC
    })
}

impl Context {
    /// Reads the configuration and settles what follows from it.
    ///
    /// # Errors
    /// When the configuration is wrong or cannot be read.
    pub fn new(arguments: &Arguments) -> Result<Self, config::Error> {
        let surroundings = config::Surroundings::of_this_process();
        let loaded = config::load(arguments.config.as_deref(), &surroundings)?;
        let zone = loaded.config.site.zone.as_deref().and_then(|name| zone_named(name).ok());
        let usual = || store::default_path(&|name| std::env::var_os(name));
        let named = arguments.db.clone().or_else(|| loaded.config.storage.path.clone());
        Ok(Self {
            db_was_named: named.is_some(),
            db: named.unwrap_or_else(usual),
            zone: zone.unwrap_or_else(zone_of_process),
            now: Reading::now().utc,
            colour: arguments.colour,
            loaded,
        })
    }

    /// The configuration.
    pub fn config(&self) -> &Config {
        &self.loaded.config
    }

    /// The language in which people are spoken to.
    pub(crate) fn language(&self) -> &'static Language {
        language::of(self.config().report.language)
    }

    /// Whether standard output is coloured.
    pub(super) fn paint(&self) -> Paint {
        Paint::of(self.colour, &std::io::stdout())
    }

    /// A database that already exists: if none was named and this user has none, that of the system
    /// service.
    pub fn existing_db(&self) -> &Path {
        let service = Path::new(SERVICE_DB);
        if !self.db_was_named && !self.db.exists() && service.exists() { service } else { &self.db }
    }

    /// The database for reading.
    ///
    /// # Errors
    /// When there is none, or it cannot be read.
    pub fn reader(&self) -> Result<Reader, store::Error> {
        Reader::open(self.existing_db())
    }

    /// The database for reading, and the period in it that was asked for. What was typed is looked at
    /// first: a wrong time is no matter of the database.
    ///
    /// # Errors
    /// When the period cannot be parsed, is empty, or names a drop that does not exist; when there is
    /// no database, or it cannot be read.
    pub fn reader_and_period(&self, args: &PeriodArgs) -> anyhow::Result<(Reader, TimeRange)> {
        self.check_typed(args)?;
        let reader = self.reader()?;
        let period = self.period(args, &reader)?;
        Ok((reader, period))
    }

    /// Whether the times of a period can be read at all.
    ///
    /// # Errors
    /// When one cannot.
    pub fn check_typed(&self, args: &PeriodArgs) -> Result<(), Usage> {
        self.typed("--since", &args.since)?;
        args.until.as_ref().map_or(Ok(()), |text| self.typed("--until", text).map(drop))
    }

    fn typed(&self, flag: &str, text: &str) -> Result<Since, Usage> {
        Since::parse(text, self.now, &self.zone).map_err(|e| Usage::new(format!("{flag}: {e}")))
    }

    /// The period that was asked for.
    ///
    /// # Errors
    /// When it cannot be parsed, is empty, or names a drop that does not exist.
    pub fn period(&self, args: &PeriodArgs, reader: &Reader) -> anyhow::Result<TimeRange> {
        let since = self.span_of("--since", &args.since, reader)?;
        let until = match &args.until {
            Some(text) => self.span_of("--until", text, reader)?.to,
            // A period around a drop ends after the drop, all others end now.
            None if args.since.starts_with("drop:") => since.to,
            None => self.now,
        };
        if since.from >= until {
            let [since, until] = [since.from, until].map(|at| self.shown(at));
            return Err(Usage::new(format!(
                "the period is empty: its start {since} is not before its end {until}"
            ))
            .into());
        }
        if since.from > self.now {
            let [since, now] = [since.from, self.now].map(|at| self.shown(at));
            return Err(Usage::new(format!(
                "the period is in the future: it starts {since}, and now it is {now}"
            ))
            .into());
        }
        let asked = TimeRange { from: since.from, to: until };
        Ok(report::within_record(reader, asked, std::time::Duration::ZERO)?)
    }

    /// A time in the zone in which it was typed.
    fn shown(&self, at: Timestamp) -> String {
        words::local_second(at, &self.zone)
    }

    /// An instant as a span of no length, or the time around a drop.
    fn span_of(&self, flag: &str, text: &str, reader: &Reader) -> anyhow::Result<TimeRange> {
        match self.typed(flag, text)? {
            Since::At(at) => Ok(TimeRange { from: at, to: at }),
            Since::Drop(id) => {
                let found = reader.drop_by_id(id)?.ok_or_else(|| {
                    Usage::new(format!(
                        "{flag}: there is no drop {id} in {}",
                        self.existing_db().display()
                    ))
                    .hint("`linkmon drops` lists their numbers")
                })?;
                let now = reader.ends_within(&found.drop)?.unwrap_or(self.now);
                let end = found.drop.end.map_or(now, |end| end.latest);
                let to = (end + MARGIN).min(now.max(end));
                Ok(TimeRange { from: found.drop.onset.earliest - MARGIN, to })
            }
        }
    }
}
