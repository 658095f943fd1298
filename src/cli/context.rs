//! What every command needs to know: configuration, database, zone and the time of the call.

use std::path::{Path, PathBuf};

use jiff::tz::TimeZone;

use super::args::{Arguments, PeriodArgs};
use super::usage::Usage;
use crate::config::{self, Config, Loaded};
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
}

/// Where the system service keeps its database (`StateDirectory=linkmon`).
const SERVICE_DB: &str = "/var/lib/linkmon/linkmon.db";

/// Around a drop, on both sides.
const MARGIN: std::time::Duration = std::time::Duration::from_secs(900);

impl Context {
    /// Reads the configuration and settles what follows from it.
    ///
    /// # Errors
    /// When the configuration is wrong or cannot be read.
    pub fn new(arguments: &Arguments) -> Result<Self, config::Error> {
        let surroundings = config::Surroundings::of_this_process();
        let loaded = config::load(arguments.config.as_deref(), &surroundings)?;
        let zone = loaded.config.site.zone.as_deref().and_then(|name| TimeZone::get(name).ok());
        let usual = || store::default_path(&|name| std::env::var_os(name));
        let named = arguments.db.clone().or_else(|| loaded.config.storage.path.clone());
        Ok(Self {
            db_was_named: named.is_some(),
            db: named.unwrap_or_else(usual),
            zone: zone.unwrap_or_else(TimeZone::system),
            now: Reading::now().utc,
            loaded,
        })
    }

    /// The configuration.
    pub fn config(&self) -> &Config {
        &self.loaded.config
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
            let (since, until) = (since.from, until);
            return Err(Usage::new(format!(
                "the period is empty: its start {since} is not before its end {until}"
            ))
            .into());
        }
        if since.from > self.now {
            let (since, now) = (since.from, self.now);
            return Err(Usage::new(format!(
                "the period is in the future: it starts {since}, and now it is {now}"
            ))
            .into());
        }
        Ok(TimeRange { from: since.from, to: until })
    }

    /// An instant as a span of no length, or the time around a drop.
    fn span_of(&self, flag: &str, text: &str, reader: &Reader) -> anyhow::Result<TimeRange> {
        let since = Since::parse(text, self.now, &self.zone)
            .map_err(|e| Usage::new(format!("{flag}: {e}")))?;
        match since {
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
