//! Rows of tables `minute` and `hour` without what drawings do not need.

use rusqlite::Row;
use rusqlite::types::ValueRef;

use super::table::StoredTable;
use super::value;
use crate::store::rows::{HourRow, MinuteRow};
use crate::store::unread::RowReader;
use crate::time::micros;
use crate::vocabulary::TargetId;

/// The rows of the hours from ?1 to ?2, in order of hour and target.
pub(in crate::store) const OF_HOURS: (RowReader<TargetSum>, &str) = (
    RowReader { table: HourRow::NAME, read: of_hour, rescue: |_| None },
    "SELECT hour, target, sent, lost, damaged, rtt_min, rtt_p50, rtt_max FROM hour
     WHERE hour BETWEEN ?1 AND ?2 ORDER BY hour, target",
);

/// The rows of the minutes from ?1 to ?2, in order of minute and target.
pub(in crate::store) const OF_MINUTES: (RowReader<TargetSum>, &str) = (
    RowReader { table: MinuteRow::NAME, read: of_minute, rescue: |_| None },
    "SELECT minute, target, sent, lost, 0, rtt_min, rtt_p50, rtt_max FROM minute
     WHERE minute BETWEEN ?1 AND ?2 ORDER BY minute, target",
);

/// What one target did in a minute or an hour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TargetSum {
    /// The minute in which it begins, Unix time / 60 s.
    pub minute: i64,
    /// Which target.
    pub target: TargetId,
    /// Probes that were sent.
    pub sent: u32,
    /// Of these not rightly answered in time.
    pub lost: u32,
    /// Rows of samples that could not be read and are in no count.
    pub damaged: u32,
    /// The delays of those answered; `None` where none was.
    pub rtt: Option<SumDelays>,
}

/// Delays in microseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names say it")]
pub struct SumDelays {
    pub min: u32,
    pub median: u32,
    pub max: u32,
}

impl From<&MinuteRow> for TargetSum {
    fn from(row: &MinuteRow) -> Self {
        let us = |d| u32::try_from(micros(d)).unwrap_or(u32::MAX);
        let rtt = row.rtt.map(|rtt| SumDelays {
            min: us(rtt.min),
            median: us(rtt.p50),
            max: us(rtt.max),
        });
        let MinuteRow { minute, target, sent, lost, .. } = *row;
        Self { minute, target, sent, lost, damaged: 0, rtt }
    }
}

fn of_hour(row: &Row<'_>) -> rusqlite::Result<TargetSum> {
    let hour = value::hour(row, 0)?;
    Ok(TargetSum { minute: hour.saturating_mul(60), ..of_row(row)? })
}

fn of_minute(row: &Row<'_>) -> rusqlite::Result<TargetSum> {
    Ok(TargetSum { minute: value::minute(row, 0)?, ..of_row(row)? })
}

fn of_row(row: &Row<'_>) -> rusqlite::Result<TargetSum> {
    // Years of hours are read at once: each column once.
    let us = |column| {
        let us = value::count(row, column)?;
        Ok::<_, rusqlite::Error>(u32::try_from(us).unwrap_or(u32::MAX))
    };
    let rtt = match row.get_ref(5)? {
        ValueRef::Null => None,
        _ => Some(SumDelays { min: us(5)?, median: us(6)?, max: us(7)? }),
    };
    Ok(TargetSum {
        minute: 0,
        target: TargetId(row.get(1)?),
        sent: row.get(2)?,
        lost: row.get(3)?,
        damaged: row.get(4)?,
        rtt,
    })
}
