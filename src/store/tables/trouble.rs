//! Table `trouble`: stretches in which one target was in trouble while the link was up.

use rusqlite::Row;
use rusqlite::types::Value;
use serde::{Deserialize, Serialize};

use super::bite::{Bite, Counted};
use super::merging::{Moved, take};
use super::table::{Overlaid, StoredTable, Timed};
use super::value::{us, us_or_null, values};
use crate::time::{TimeRange, Timestamp};
use crate::vocabulary::{TargetId, TargetTrouble};

/// Trouble of a target as database and journal hold it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(in crate::store) struct TroubleRow {
    target: TargetId,
    from_us: i64,
    to_us: Option<i64>,
    lost: u32,
    sent: u32,
}

impl From<&TargetTrouble> for TroubleRow {
    fn from(trouble: &TargetTrouble) -> Self {
        Self {
            target: trouble.target,
            from_us: trouble.from.as_micros(),
            to_us: trouble.to.map(Timestamp::as_micros),
            lost: trouble.lost,
            sent: trouble.sent,
        }
    }
}

impl StoredTable for TroubleRow {
    const NAME: &'static str = "trouble";
    const COLUMNS: &'static [&'static str] = &["target", "from_us", "to_us", "lost", "sent"];
    const KEY: &'static str = "from_us, target";
    const COUNTED: Counted = Counted::Others;

    fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            target: TargetId(row.get(0)?),
            from_us: us(row, 1)?,
            to_us: us_or_null(row, 2)?,
            lost: row.get(3)?,
            sent: row.get(4)?,
        })
    }

    fn values(&self) -> rusqlite::Result<Vec<Value>> {
        values![self.target.0, self.from_us, self.to_us, self.lost, self.sent]
    }

    fn merge(bite: &Bite<'_>) -> rusqlite::Result<u64> {
        take::<Self>(bite)
    }
}

impl Moved for TroubleRow {
    const BEGINS: &'static str = "from_us";

    fn began(&self) -> Timestamp {
        Timestamp::from_micros(self.from_us)
    }

    fn moved(self, bite: &Bite<'_>, span: TimeRange) -> rusqlite::Result<Option<Self>> {
        let Some(target) = bite.target(self.target) else { return Ok(None) };
        let last = span.to.as_micros();
        let to_us = Some(self.to_us.map_or(last, |to| to.min(last)));
        Ok(Some(Self { target, to_us, ..self }))
    }
}

impl Overlaid for TroubleRow {
    type Identity = (i64, TargetId);
    fn identity(&self) -> (i64, TargetId) {
        (self.from_us, self.target)
    }
}

impl Timed for TroubleRow {
    type Reported = TargetTrouble;
    type Order = (i64, TargetId);
    const OVERLAPS: &'static str =
        "WHERE from_us < ?2 AND (to_us IS NULL OR to_us >= ?1) ORDER BY from_us, target";

    fn overlaps(&self, range: TimeRange) -> bool {
        self.from_us < range.to.as_micros()
            && self.to_us.is_none_or(|to| to >= range.from.as_micros())
    }

    fn order(&self) -> (i64, TargetId) {
        self.identity()
    }

    fn report(self) -> TargetTrouble {
        TargetTrouble {
            target: self.target,
            from: Timestamp::from_micros(self.from_us),
            to: self.to_us.map(Timestamp::from_micros),
            lost: self.lost,
            sent: self.sent,
        }
    }
}
