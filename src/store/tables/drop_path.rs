//! Table `drop_path`: the path at moments of drops.

use rusqlite::Row;
use rusqlite::types::Value;
use serde::{Deserialize, Serialize};

use super::bite::Bite;
use super::merging::{Moved, take};
use super::table::{Overlaid, StoredTable, Timed};
use super::value::{json, text, us, values, word};
use crate::time::{TimeRange, Timestamp};
use crate::vocabulary::{HopReturn, IpVersion, PathHop, PathMoment, PathObstacle, PathRound};

/// A path as database and journal hold it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(in crate::store) struct PathRow {
    at_us: i64,
    family: IpVersion,
    moment: PathMoment,
    path: StoredPath,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct StoredPath {
    towards: Option<std::net::IpAddr>,
    hops: Vec<PathHop>,
    returns: Vec<HopReturn>,
    unsent: Option<PathObstacle>,
}

impl From<&PathRound> for PathRow {
    fn from(round: &PathRound) -> Self {
        let PathRound { at, family, moment, towards, hops, returns, unsent } = round.clone();
        Self {
            at_us: at.as_micros(),
            family,
            moment,
            path: StoredPath { towards, hops, returns, unsent },
        }
    }
}

impl StoredTable for PathRow {
    const NAME: &'static str = "drop_path";
    const COLUMNS: &'static [&'static str] = &["at_us", "family", "moment", "path"];
    const KEY: &'static str = "at_us, family, moment";
    const SINCE: i64 = 6;
    const CREATE: &'static str = "
-- Which routers answered requests whose hop limit ends at them, at moments of a drop: of the drop that
-- at_us lies in, or, of 'end' and 'back', that ended within the half minute before.
CREATE TABLE drop_path(
  at_us  INTEGER NOT NULL,              -- when the first request left
  family TEXT NOT NULL,                 -- 'ipv4', 'ipv6'
  moment TEXT NOT NULL,                 -- 'first-second', 'confirmed', 'minute', 'end'; 'back': nothing
                                        -- was sent, it says when what is probed each second came back
  path   TEXT NOT NULL,                 -- JSON: towards (an anchor), hops (ttl, usual: who answers there
                                        -- usually, by: who answered, rtt_us), returns (address,
                                        -- earliest_ms, latest_ms after at_us), unsent (why not)
  PRIMARY KEY(at_us, family, moment)) STRICT, WITHOUT ROWID;
";

    fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        let is_v6 = row.get::<_, String>(1)? == IpVersion::V6.word();
        let family = if is_v6 { IpVersion::V6 } else { IpVersion::V4 };
        Ok(Self { at_us: us(row, 0)?, family, moment: word(row, 2)?, path: json(row, 3)? })
    }

    fn values(&self) -> rusqlite::Result<Vec<Value>> {
        values![
            self.at_us,
            self.family.word().to_owned(),
            self.moment.as_str().to_owned(),
            text(&self.path)?
        ]
    }

    fn merge(bite: &Bite<'_>) -> rusqlite::Result<u64> {
        take::<Self>(bite)?;
        Ok(0)
    }
}

impl Moved for PathRow {
    const BEGINS: &'static str = "at_us";

    fn began(&self) -> Timestamp {
        Timestamp::from_micros(self.at_us)
    }

    fn moved(self, _: &Bite<'_>, _: TimeRange) -> rusqlite::Result<Option<Self>> {
        Ok(Some(self))
    }
}

impl Overlaid for PathRow {
    type Identity = (i64, IpVersion, PathMoment);
    fn identity(&self) -> Self::Identity {
        (self.at_us, self.family, self.moment)
    }
}

impl Timed for PathRow {
    type Reported = PathRound;
    type Order = (i64, &'static str);
    const OVERLAPS: &'static str = "WHERE at_us >= ?1 AND at_us < ?2 ORDER BY at_us, family";

    fn overlaps(&self, range: TimeRange) -> bool {
        range.contains(Timestamp::from_micros(self.at_us))
    }

    fn order(&self) -> Self::Order {
        (self.at_us, self.family.word())
    }

    fn report(self) -> PathRound {
        let Self { at_us, family, moment, path } = self;
        let StoredPath { towards, hops, returns, unsent } = path;
        let at = Timestamp::from_micros(at_us);
        PathRound { at, family, moment, towards, hops, returns, unsent }
    }
}
