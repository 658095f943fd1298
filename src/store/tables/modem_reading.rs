//! Table `modem_reading`: what the modem said, and when it said nothing.

use std::time::Duration;

use rusqlite::Row;
use rusqlite::types::Value;
use serde::{Deserialize, Serialize};

use super::bite::Bite;
use super::merging::{Moved, take};
use super::packed::{MOST_UNPACKED, pack, unpack};
use super::table::{Overlaid, Salvaged, StoredTable, Timed};
use super::value::{count, json, text, time, us, values, word};
use crate::store::unread::RowReader;
use crate::time::{TimeRange, Timestamp};
use crate::vocabulary::{
    Bounds, ModemAccount, ModemKind, ModemLevels, ModemReadCause, ModemSilence, ModemSilenceKind,
    ModemSnapshot, ModemWords,
};

/// A reading as database and journal hold it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(in crate::store) struct ModemRow {
    at_us: i64,
    took_us: i64,
    cause: ModemReadCause,
    kind: Option<ModemKind>,
    failure: Option<(ModemSilenceKind, String)>,
    said: StoredWords,
}

/// From when to when a page came, in microseconds after the reading began: a reading that is dated anew
/// takes them along.
type StoredFetch = [i64; 2];

#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
struct StoredWords {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    clock_fetched: Option<StoredFetch>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    uptime_fetched: Option<StoredFetch>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    snapshot: Option<Box<ModemSnapshot>>,
}

impl From<&ModemAccount> for ModemRow {
    fn from(account: &ModemAccount) -> Self {
        let ModemAccount { at, took, cause, kind, clock_fetched, uptime_fetched, words } =
            account.clone();
        let (snapshot, failure) = match words {
            ModemWords::Said(snapshot) => (Some(snapshot), None),
            ModemWords::Silent(ModemSilence { kind, text }) => (None, Some((kind, text))),
        };
        let after = |bounds: Bounds| [bounds.earliest, bounds.latest].map(|t| t.micros_since(at));
        let (clock_fetched, uptime_fetched) = (clock_fetched.map(after), uptime_fetched.map(after));
        Self {
            at_us: at.as_micros(),
            took_us: crate::time::micros(took),
            cause,
            kind,
            failure,
            said: StoredWords { clock_fetched, uptime_fetched, snapshot },
        }
    }
}

impl StoredTable for ModemRow {
    const NAME: &'static str = "modem_reading";
    const COLUMNS: &'static [&'static str] =
        &["at_us", "took_us", "cause", "kind", "failure", "why", "said", "levels"];
    const KEY: &'static str = "at_us";
    const SINCE: i64 = 6;
    const SALVAGE: Salvaged = Salvaged::InBackground;
    const CREATE: &'static str = "
-- Readings of the modem. Its log has only the entries that the reading before did not have.
CREATE TABLE modem_reading(
  at_us   INTEGER PRIMARY KEY,          -- when the first request left
  took_us INTEGER NOT NULL,
  cause   TEXT NOT NULL,                -- 'scheduled', 'drop', 'after' (a minute after a drop)
  kind    TEXT,                         -- as what it was read: 'tc4400'
  failure TEXT,                         -- NULL: it said something; 'no-answer', 'timed-out', 'status', ...,
                                        -- 'stopped': not asked any more, drops had followed readings
  why     TEXT,                         -- the failure as a sentence
  said    BLOB NOT NULL,                -- zlib of JSON: clock_fetched and uptime_fetched (from when to
                                        -- when these pages came: [us, us] after at_us), snapshot
  levels  TEXT                          -- JSON, what drawings of years need of it: power_dbmv and
                                        -- transmit_dbmv (least and greatest), mer_min_db, uncorrectable
                                        -- (sum), uptime_us, uptime_fetched_us; NULL: it said nothing
) STRICT;
";

    fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        let optional =
            |column| row.get_ref(column).map(|value| value != rusqlite::types::ValueRef::Null);
        let failure = if optional(4)? { Some((word(row, 4)?, row.get(5)?)) } else { None };
        let kind = if optional(3)? { Some(word(row, 3)?) } else { None };
        let json = unpack(row, 6, MOST_UNPACKED)?;
        let said = serde_json::from_slice(&json).map_err(|e| {
            rusqlite::Error::FromSqlConversionFailure(6, rusqlite::types::Type::Blob, e.into())
        })?;
        Ok(Self {
            at_us: us(row, 0)?,
            took_us: us(row, 1)?,
            cause: word(row, 2)?,
            kind,
            failure,
            said,
        })
    }

    fn values(&self) -> rusqlite::Result<Vec<Value>> {
        let json = serde_json::to_vec(&self.said)
            .map_err(|e| rusqlite::Error::ToSqlConversionFailure(e.into()))?;
        let (failure, why) = self.failure.clone().unzip();
        let levels = self.levels().map(|levels| text(&levels)).transpose()?;
        values![
            self.at_us,
            self.took_us,
            self.cause.as_str().to_owned(),
            self.kind.map(|kind| kind.as_str().to_owned()),
            failure.map(|failure| failure.as_str().to_owned()),
            why,
            pack(&json)?,
            levels,
        ]
    }

    fn merge(bite: &Bite<'_>) -> rusqlite::Result<u64> {
        take::<Self>(bite)?;
        Ok(0)
    }
}

/// The levels of a reading that said something.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LevelsRead {
    /// When the reading began.
    pub at: Timestamp,
    /// How long it took.
    pub took: Duration,
    /// The extremes.
    pub levels: ModemLevels,
}

/// The levels of the readings from ?1 to ?2, in order of time.
pub(in crate::store) const LEVELS: (RowReader<LevelsRead>, &str) = (
    RowReader { table: ModemRow::NAME, read: levels_of, rescue: |_| None },
    "SELECT at_us, took_us, levels FROM modem_reading
     WHERE at_us >= ?1 AND at_us < ?2 AND levels IS NOT NULL ORDER BY at_us",
);

fn levels_of(row: &Row<'_>) -> rusqlite::Result<LevelsRead> {
    let took = Duration::from_micros(count(row, 1)?);
    Ok(LevelsRead { at: time(row, 0)?, took, levels: json(row, 2)? })
}

impl ModemRow {
    fn levels(&self) -> Option<ModemLevels> {
        let StoredWords { uptime_fetched, snapshot, .. } = &self.said;
        let levels = snapshot.as_ref().filter(|_| self.failure.is_none())?.levels();
        Some(ModemLevels { uptime_fetched_us: *uptime_fetched, ..levels })
    }

    /// As [`LEVELS`] gives it once it is in the database.
    pub(in crate::store) fn levels_read(&self) -> Option<LevelsRead> {
        let took = Duration::from_micros(self.took_us.max(0).unsigned_abs());
        let at = Timestamp::from_micros(self.at_us);
        self.levels().map(|levels| LevelsRead { at, took, levels })
    }
}

impl Moved for ModemRow {
    const BEGINS: &'static str = "at_us";

    fn began(&self) -> Timestamp {
        Timestamp::from_micros(self.at_us)
    }

    fn moved(self, _: &Bite<'_>, _: TimeRange) -> rusqlite::Result<Option<Self>> {
        Ok(Some(self))
    }
}

impl Overlaid for ModemRow {
    type Identity = i64;
    fn identity(&self) -> i64 {
        self.at_us
    }
}

impl Timed for ModemRow {
    type Reported = ModemAccount;
    type Order = i64;
    const OVERLAPS: &'static str = "WHERE at_us >= ?1 AND at_us < ?2 ORDER BY at_us";

    fn overlaps(&self, range: TimeRange) -> bool {
        range.contains(Timestamp::from_micros(self.at_us))
    }

    fn order(&self) -> i64 {
        self.at_us
    }

    fn report(self) -> ModemAccount {
        let Self { at_us, took_us, cause, kind, failure, said } = self;
        let StoredWords { clock_fetched, uptime_fetched, snapshot } = said;
        let words = match failure {
            Some((kind, text)) => ModemWords::Silent(ModemSilence { kind, text }),
            None => ModemWords::Said(snapshot.unwrap_or_default()),
        };
        let took = Duration::from_micros(took_us.max(0).unsigned_abs());
        let at = Timestamp::from_micros(at_us);
        let between = |[earliest, latest]: StoredFetch| Bounds {
            earliest: at.plus_micros(earliest),
            latest: at.plus_micros(latest),
        };
        let (clock_fetched, uptime_fetched) =
            (clock_fetched.map(between), uptime_fetched.map(between));
        ModemAccount { at, took, cause, kind, clock_fetched, uptime_fetched, words }
    }
}
