//! Table `roster`: which targets were in use from an instant on, and which of them could vote.

use rusqlite::types::Value;
use rusqlite::{Connection, OptionalExtension, Row};
use serde::{Deserialize, Serialize};

use super::bite::Bite;
use super::table::{Overlaid, StoredTable, Timed};
use super::value::{json, run, text, us, values};
use crate::store::meta;
use crate::time::{TimeRange, Timestamp};
use crate::vocabulary::{Roster, RosterChange, RosterEntry};

/// A change of the targets in use as database and journal hold it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(in crate::store) struct RosterRow {
    run: i64,
    from_us: i64,
    targets: Vec<RosterEntry>,
}

impl From<&RosterChange> for RosterRow {
    fn from(change: &RosterChange) -> Self {
        Self {
            run: change.run,
            from_us: change.from.as_micros(),
            targets: change.roster.entries().unwrap_or_default().to_vec(),
        }
    }
}

impl StoredTable for RosterRow {
    const NAME: &'static str = "roster";
    const COLUMNS: &'static [&'static str] = &["run", "from_us", "targets"];
    const KEY: &'static str = "run, from_us";
    const SINCE: i64 = 6;
    const CREATE: &'static str = "
-- The targets in use from from_us on, until the next row of the run or of a later one. A record
-- without a row before some time does not say: every target it ever had is then taken to be in use.
CREATE TABLE roster(
  run     INTEGER NOT NULL,             -- the run in which they came into use
  from_us INTEGER NOT NULL,
  targets TEXT NOT NULL,                -- JSON array: target (number), standing, decides
                                        -- standing: 'far', 'unproven', 'trusted', 'private', 'near',
                                        -- 'false-witness', 'no-anchor'; the first three may vote
  PRIMARY KEY(run, from_us)) STRICT, WITHOUT ROWID;
";

    fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self { run: run(row, 0)?, from_us: us(row, 1)?, targets: json(row, 2)? })
    }

    fn values(&self) -> rusqlite::Result<Vec<Value>> {
        values![self.run, self.from_us, text(&self.targets)?]
    }

    /// A run that was taken over has the roster under which its part of the other run began, and
    /// the changes within that part.
    fn merge(bite: &Bite<'_>) -> rusqlite::Result<u64> {
        let source = meta::identity(bite.other)?;
        let mut pieces = bite.db.prepare_cached(
            "SELECT m.run, m.their_run, r.started_us, r.last_seen_us
             FROM merged_run m JOIN run r ON r.id = m.run WHERE m.source = ?1",
        )?;
        let pieces = pieces
            .query_map([source], |row| {
                let life: (i64, i64) = (row.get(2)?, row.get(3)?);
                Ok((row.get(0)?, row.get(1)?, life))
            })?
            .collect::<rusqlite::Result<Vec<(i64, i64, (i64, i64))>>>()?;
        let (from, to) = (bite.range.from.as_micros(), bite.range.to.as_micros());
        for (run, theirs, (started, ended)) in pieces {
            if started >= to || ended < from {
                continue;
            }
            if let Some(before) = in_use(bite.other, theirs, started)? {
                before.moved(bite, run, started).put(bite.db)?;
            }
            let within = "WHERE run = ?1 AND from_us > ?2 AND from_us <= ?3 ORDER BY from_us";
            for row in Self::all(bite.other, within, (theirs, started, ended))? {
                let from = row.from_us;
                row.moved(bite, run, from).put(bite.db)?;
            }
        }
        Ok(0)
    }
}

impl RosterRow {
    /// The row as it is here: those targets that are known here.
    fn moved(self, bite: &Bite<'_>, run: i64, from_us: i64) -> Self {
        let here =
            |entry: RosterEntry| Some(RosterEntry { target: bite.target(entry.target)?, ..entry });
        Self { run, from_us, targets: self.targets.into_iter().filter_map(here).collect() }
    }
}

/// The row that held in a run at an instant.
fn in_use(db: &Connection, run: i64, at_us: i64) -> rusqlite::Result<Option<RosterRow>> {
    let condition = "WHERE (run = ?1 AND from_us <= ?2) OR run < ?1
                     ORDER BY run DESC, from_us DESC LIMIT 1";
    db.query_row(&RosterRow::select(condition), (run, at_us), RosterRow::read).optional()
}

impl Overlaid for RosterRow {
    type Identity = (i64, i64);
    fn identity(&self) -> (i64, i64) {
        (self.run, self.from_us)
    }
}

/// A row holds until the next one, which none of them shows: all are read.
impl Timed for RosterRow {
    type Reported = RosterChange;
    type Order = (i64, i64);
    const OVERLAPS: &'static str = "WHERE ?1 <= ?2 ORDER BY run, from_us";

    fn overlaps(&self, _: TimeRange) -> bool {
        true
    }

    fn order(&self) -> (i64, i64) {
        self.identity()
    }

    fn report(self) -> RosterChange {
        RosterChange {
            run: self.run,
            from: Timestamp::from_micros(self.from_us),
            roster: Roster::new(self.targets),
        }
    }
}
