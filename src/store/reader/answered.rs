//! When targets were probed and last answered, from the sums of hours and minutes: no sample is read.

use std::collections::BTreeMap;

use rusqlite::OptionalExtension as _;

use super::Reader;
use crate::store::error::Error;
use crate::store::hour::hour_of;
use crate::time::spans::union;
use crate::time::{TimeRange, Timestamp};
use crate::vocabulary::TargetId;

/// Hours are summed up some time after they are over; until then their minutes are looked at.
const NOT_SUMMED_UP: i64 = 3 * 60;

impl Reader {
    /// The beginning of the last minute in `range` in which a target answered, in time or late; where
    /// only its hours are left, that of the last such hour. `None`: it did not, or the record does not
    /// say (yet: what waits in the journal is not looked at).
    ///
    /// # Errors
    /// If it cannot be read.
    pub fn last_answered(
        &self,
        target: TargetId,
        range: TimeRange,
    ) -> Result<Option<Timestamp>, Error> {
        self.read(|s| {
            let newest = |sql: &str, from: i64, to: i64, unit_s: i64| {
                let mut statement = s.db.prepare_cached(sql)?;
                let found = statement.query_row((i64::from(target.0), from, to), |row| row.get(0));
                let found: Option<i64> = found.optional()?;
                Ok::<_, rusqlite::Error>(
                    found.map(|n| Timestamp::from_seconds(n.saturating_mul(unit_s))),
                )
            };
            let (first, last) = (range.from.minute(), range.to.minute());
            let by_hours = s.schema >= 3;
            let from = if by_hours { first.max(last - NOT_SUMMED_UP) } else { first };
            let minute = newest(
                "SELECT minute FROM minute WHERE target = ?1 AND minute BETWEEN ?2 AND ?3 \
                 AND received + late > 0 ORDER BY minute DESC LIMIT 1",
                from,
                last,
                60,
            )?;
            if minute.is_some() || !by_hours {
                return Ok(minute);
            }
            newest(
                "SELECT hour FROM hour WHERE target = ?1 AND hour BETWEEN ?2 AND ?3 \
                 AND received + late > 0 ORDER BY hour DESC LIMIT 1",
                hour_of(range.from),
                hour_of(range.to),
                3_600,
            )
        })
    }

    /// The hours of `range` in which each target was probed, ordered and disjoint.
    ///
    /// # Errors
    /// If they cannot be read.
    pub fn hours_probed(
        &self,
        range: TimeRange,
    ) -> Result<BTreeMap<TargetId, Vec<TimeRange>>, Error> {
        const OF_MINUTES: &str = "SELECT DISTINCT target, minute / 60 FROM minute \
             WHERE minute BETWEEN ?1 * 60 AND ?2 * 60 + 59 AND sent > 0";
        const OF_HOURS: &str = "SELECT target, hour FROM hour \
             WHERE hour BETWEEN ?1 AND ?2 AND sent > 0 \
             UNION SELECT target, hour FROM hour_due JOIN minute \
               ON minute BETWEEN hour * 60 AND hour * 60 + 59 \
             WHERE hour BETWEEN ?1 AND ?2 AND sent > 0";
        self.read(|s| {
            let sql = if s.schema >= 3 { OF_HOURS } else { OF_MINUTES };
            let mut statement = s.db.prepare_cached(sql)?;
            let mut rows = statement.query((hour_of(range.from), hour_of(range.to)))?;
            let mut hours: BTreeMap<TargetId, Vec<TimeRange>> = BTreeMap::new();
            while let Some(row) = rows.next()? {
                let (target, hour): (u8, i64) = (row.get(0)?, row.get(1)?);
                let from = Timestamp::from_seconds(hour.saturating_mul(3_600));
                let to = from.plus_micros(3_600_000_000);
                hours.entry(TargetId(target)).or_default().push(TimeRange { from, to });
            }
            Ok(hours.into_iter().map(|(target, all)| (target, union(all))).collect())
        })
    }
}
