//! Table `minute`: one summary per minute and target.

use rusqlite::Row;
use rusqlite::types::Value;

use super::export::{Export, columns, from_view};
use super::table::{Salvaged, StoredTable};
use super::value::{delay, minute, values};
use crate::store::rows::{MinuteRow, RttSummary};
use crate::time::micros;
use crate::vocabulary::TargetId;

impl StoredTable for MinuteRow {
    const NAME: &'static str = "minute";
    const COLUMNS: &'static [&'static str] = &[
        "minute", "target", "sent", "received", "lost", "late", "not_sent", "rtt_min", "rtt_p50",
        "rtt_p95", "rtt_max", "rtt_mean", "jitter",
    ];
    const KEY: &'static str = "minute, target";
    const SALVAGE: Salvaged = Salvaged::InBackground;
    const EXPORT: Option<Export> = Some(Export {
        columns: columns![
            Utc: utc;
            Integers: time;
            Text: target;
            Integers: sent, received, lost, late, not_sent;
            Reals: loss_pct, min_ms, p50_ms, p95_ms, max_ms, mean_ms, jitter_ms;
        ],
        from: |period| from_view("v_minute", period),
    });

    fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        let delay_or_null =
            |column| row.get::<_, Option<i64>>(column)?.map(|_| delay(row, column)).transpose();
        let rtt = match delay_or_null(7)? {
            None => None,
            Some(min) => Some(RttSummary {
                min,
                p50: delay(row, 8)?,
                p95: delay(row, 9)?,
                max: delay(row, 10)?,
                mean: delay(row, 11)?,
                jitter: delay_or_null(12)?,
            }),
        };
        Ok(Self {
            minute: minute(row, 0)?,
            target: TargetId(row.get(1)?),
            sent: row.get(2)?,
            received: row.get(3)?,
            lost: row.get(4)?,
            late: row.get(5)?,
            not_sent: row.get(6)?,
            rtt,
        })
    }

    fn values(&self) -> rusqlite::Result<Vec<Value>> {
        values![
            self.minute,
            self.target.0,
            self.sent,
            self.received,
            self.lost,
            self.late,
            self.not_sent,
            self.rtt.map(|r| micros(r.min)),
            self.rtt.map(|r| micros(r.p50)),
            self.rtt.map(|r| micros(r.p95)),
            self.rtt.map(|r| micros(r.max)),
            self.rtt.map(|r| micros(r.mean)),
            self.rtt.and_then(|r| r.jitter).map(micros),
        ]
    }
}
