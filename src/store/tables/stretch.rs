//! Column `stretches` of table `link_drop`: the silences of a drop that has several, as JSON.

use rusqlite::Connection;
use serde::{Deserialize, Serialize};

use super::value::MOST_US;
use crate::time::{Timestamp, micros};
use crate::vocabulary::{Bounds, DropStretch, Lengths};

/// A silence as the column has it, in microseconds.
#[allow(clippy::struct_field_names, reason = "each says its unit")]
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct StretchRow {
    onset_earliest_us: i64,
    onset_latest_us: i64,
    end_earliest_us: Option<i64>,
    end_latest_us: Option<i64>,
    min_us: u64,
    max_us: u64,
    unobserved_us: u64,
}

impl StretchRow {
    /// A number in it that is beyond all times and lengths.
    pub(super) fn implausible(&self) -> Option<i64> {
        let whole = |us: u64| i64::try_from(us).unwrap_or(i64::MAX);
        let times = [Some(self.onset_earliest_us), Some(self.onset_latest_us)];
        let ends = [self.end_earliest_us, self.end_latest_us];
        let lengths = [self.min_us, self.max_us, self.unobserved_us].map(|us| Some(whole(us)));
        let mut all = times.into_iter().chain(ends).chain(lengths).flatten();
        all.find(|us| us.unsigned_abs() > MOST_US.unsigned_abs())
    }
}

/// Moves the times of all silences that lie between `from_us` and `to_us` by `by_us`. To be called
/// before the drops themselves are moved.
pub(in crate::store) fn move_times(
    db: &Connection,
    [from_us, to_us, by_us]: [i64; 3],
) -> rusqlite::Result<()> {
    let touching = "SELECT id, stretches FROM link_drop WHERE stretches IS NOT NULL
        AND onset_earliest_us <= ?2 AND coalesce(end_latest_us, ?2) >= ?1";
    let rows: Vec<(i64, String)> = db
        .prepare(touching)?
        .query_map([from_us, to_us], |row| Ok((row.get(0)?, row.get(1)?)))?
        .collect::<rusqlite::Result<_>>()?;
    for (id, text) in rows {
        // What cannot be read stays as it is, and is found by the check of the file.
        let Ok(mut stretches) = serde_json::from_str::<Vec<StretchRow>>(&text) else { continue };
        let moved = |us: i64| {
            if (from_us..=to_us).contains(&us) { us.saturating_add(by_us) } else { us }
        };
        for stretch in &mut stretches {
            stretch.onset_earliest_us = moved(stretch.onset_earliest_us);
            stretch.onset_latest_us = moved(stretch.onset_latest_us);
            stretch.end_earliest_us = stretch.end_earliest_us.map(moved);
            stretch.end_latest_us = stretch.end_latest_us.map(moved);
        }
        db.execute(
            "UPDATE link_drop SET stretches = ?2 WHERE id = ?1",
            (id, super::value::text(&stretches)?),
        )?;
    }
    Ok(())
}

impl From<&DropStretch> for StretchRow {
    fn from(stretch: &DropStretch) -> Self {
        let us = |length| u64::try_from(micros(length)).unwrap_or_default();
        Self {
            onset_earliest_us: stretch.onset.earliest.as_micros(),
            onset_latest_us: stretch.onset.latest.as_micros(),
            end_earliest_us: stretch.end.map(|end| end.earliest.as_micros()),
            end_latest_us: stretch.end.map(|end| end.latest.as_micros()),
            min_us: us(stretch.lengths.min),
            max_us: us(stretch.lengths.max),
            unobserved_us: us(stretch.unobserved),
        }
    }
}

impl From<StretchRow> for DropStretch {
    fn from(row: StretchRow) -> Self {
        let at = Timestamp::from_micros;
        let length = std::time::Duration::from_micros;
        let end = row.end_earliest_us.zip(row.end_latest_us);
        Self {
            onset: Bounds { earliest: at(row.onset_earliest_us), latest: at(row.onset_latest_us) },
            end: end
                .map(|(earliest, latest)| Bounds { earliest: at(earliest), latest: at(latest) }),
            lengths: Lengths { min: length(row.min_us), max: length(row.max_us) },
            unobserved: length(row.unobserved_us),
        }
    }
}
