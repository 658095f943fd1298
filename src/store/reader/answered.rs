//! When targets were probed and last answered, from the sums of hours and minutes: no sample is read.

use std::collections::{BTreeMap, BTreeSet};

use super::Reader;
use crate::store::error::Error;
use crate::store::hour::hour_of;
use crate::time::spans::union;
use crate::time::{TimeRange, Timestamp};
use crate::vocabulary::TargetId;

/// Hours are summed up some time after they are over; until then their minutes are looked at.
const NOT_SUMMED_UP: i64 = 3 * 60;

impl Reader {
    /// The beginning of the last minute in `range` in which each of `targets` answered, in time or late; where
    /// only its hours are left, that of the last such hour. One that is not there did not, or the record
    /// does not say (yet: what waits in the journal is not looked at). The record is read from the end on,
    /// as far back as one of them is silent.
    ///
    /// # Errors
    /// If it cannot be read.
    pub fn last_answered(
        &self,
        targets: impl IntoIterator<Item = TargetId>,
        range: TimeRange,
    ) -> Result<BTreeMap<TargetId, Timestamp>, Error> {
        const OF_MINUTES: &str = "SELECT minute, target FROM minute \
             WHERE minute BETWEEN ?1 AND ?2 AND received + late > 0 ORDER BY minute DESC";
        const OF_HOURS: &str = "SELECT hour, target FROM hour \
             WHERE hour BETWEEN ?1 AND ?2 AND received + late > 0 ORDER BY hour DESC";
        let silent: BTreeSet<TargetId> = targets.into_iter().collect();
        self.read(|s| {
            let (mut silent, mut answered) = (silent.clone(), BTreeMap::new());
            let mut look = |sql: &str, from: i64, to: i64, unit_s: i64| {
                let mut statement = s.db.prepare_cached(sql)?;
                let mut rows = statement.query((from, to))?;
                while !silent.is_empty() {
                    let Some(row) = rows.next()? else { break };
                    let (unit, target): (i64, u8) = (row.get(0)?, row.get(1)?);
                    if silent.remove(&TargetId(target)) {
                        let at = Timestamp::from_seconds(unit.saturating_mul(unit_s));
                        answered.insert(TargetId(target), at);
                    }
                }
                Ok::<_, rusqlite::Error>(())
            };
            let (first, last) = (range.from.minute(), range.to.minute());
            let by_hours = s.schema >= 3;
            let from = if by_hours { first.max(last - NOT_SUMMED_UP) } else { first };
            look(OF_MINUTES, from, last, 60)?;
            if by_hours {
                look(OF_HOURS, hour_of(range.from), hour_of(range.to), 3_600)?;
            }
            Ok(answered)
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
