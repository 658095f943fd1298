//! Table `way`: by which way packets left this computer from an instant on.

use rusqlite::types::Value;
use rusqlite::{Connection, OptionalExtension, Row};
use serde::{Deserialize, Serialize};

use super::bite::Bite;
use super::run_clock::taken_runs;
use super::table::{Overlaid, StoredTable, Timed};
use super::value::{json, run, text, us, values};
use crate::time::{TimeRange, Timestamp};
use crate::vocabulary::{IpVersion, Way, WayChange};

/// A change of the way as database and journal hold it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(in crate::store) struct WayRow {
    run: i64,
    from_us: i64,
    family: Family,
    way: Option<Way>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(in crate::store) enum Family {
    Ipv4,
    Ipv6,
}

const FAMILIES: [(Family, &str, IpVersion); 2] =
    [(Family::Ipv4, "ipv4", IpVersion::V4), (Family::Ipv6, "ipv6", IpVersion::V6)];

impl Family {
    fn word(self) -> &'static str {
        FAMILIES[self as usize].1
    }
}

impl From<&WayChange> for WayRow {
    fn from(change: &WayChange) -> Self {
        let family = match change.version {
            IpVersion::V4 => Family::Ipv4,
            IpVersion::V6 => Family::Ipv6,
        };
        let (run, from_us) = (change.run, change.from.as_micros());
        Self { run, from_us, family, way: change.way.clone() }
    }
}

impl StoredTable for WayRow {
    const NAME: &'static str = "way";
    const COLUMNS: &'static [&'static str] = &["run", "from_us", "family", "way"];
    const KEY: &'static str = "run, from_us, family";
    const SINCE: i64 = 6;
    const CREATE: &'static str = "
-- The way by which packets to the anchors left this computer from from_us on, until the next row of the
-- run and family, or until the run ended. A run without a row is of a linkmon that did not ask.
CREATE TABLE way(
  run     INTEGER NOT NULL,
  from_us INTEGER NOT NULL,
  family  TEXT NOT NULL,                -- 'ipv4', 'ipv6'
  way     TEXT NOT NULL,                -- JSON: interface, medium ('cable', 'wifi', 'mobile', 'ppp',
                                        -- 'tunnel', 'other'), gateway, mac, isp-hop, and avoids (the
                                        -- tunnel that the probes keep out of); null: there was no way
  PRIMARY KEY(run, from_us, family)) STRICT, WITHOUT ROWID;
";

    fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        let word: String = row.get(2)?;
        let is_v6 = word == Family::Ipv6.word();
        let family = if is_v6 { Family::Ipv6 } else { Family::Ipv4 };
        Ok(Self { run: run(row, 0)?, from_us: us(row, 1)?, family, way: json(row, 3)? })
    }

    fn values(&self) -> rusqlite::Result<Vec<Value>> {
        values![self.run, self.from_us, self.family.word().to_owned(), text(&self.way)?]
    }

    /// A run that was taken over has the ways of its run in the other file: the one with which its
    /// part began, and the changes within it.
    fn merge(bite: &Bite<'_>) -> rusqlite::Result<u64> {
        for part in taken_runs(bite)? {
            let (run, theirs, started) = (part.run, part.theirs, part.started_us);
            for (family, ..) in FAMILIES {
                if let Some(before) = in_force(bite.other, theirs, started, family)? {
                    Self { run, from_us: started, ..before }.put(bite.db)?;
                }
            }
            let within = "WHERE run = ?1 AND from_us > ?2 AND from_us <= ?3 ORDER BY from_us";
            for row in Self::all(bite.other, within, (theirs, started, part.ended_us))? {
                Self { run, ..row }.put(bite.db)?;
            }
        }
        Ok(0)
    }
}

/// The row that held in a run at an instant.
fn in_force(
    db: &Connection,
    run: i64,
    at_us: i64,
    family: Family,
) -> rusqlite::Result<Option<WayRow>> {
    let condition = "WHERE run = ?1 AND from_us <= ?2 AND family = ?3
                     ORDER BY from_us DESC LIMIT 1";
    let select = WayRow::select(condition);
    db.query_row(&select, (run, at_us, family.word()), WayRow::read).optional()
}

impl Overlaid for WayRow {
    type Identity = (i64, i64, Family);
    fn identity(&self) -> (i64, i64, Family) {
        (self.run, self.from_us, self.family)
    }
}

/// A row holds until the next one, which none of them shows: all are read.
impl Timed for WayRow {
    type Reported = WayChange;
    type Order = (i64, i64, Family);
    const OVERLAPS: &'static str = "WHERE ?1 <= ?2 ORDER BY run, from_us, family";

    fn overlaps(&self, _: TimeRange) -> bool {
        true
    }

    fn order(&self) -> (i64, i64, Family) {
        self.identity()
    }

    fn report(self) -> WayChange {
        let Self { run, from_us, family, way } = self;
        let version = FAMILIES[family as usize].2;
        WayChange { run, from: Timestamp::from_micros(from_us), version, way }
    }
}
