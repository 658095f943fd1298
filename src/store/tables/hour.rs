//! Table `hour`: one target in one hour, which stays when its samples are gone.

use rusqlite::Row;
use rusqlite::types::{Type, Value};

use super::export::{Export, columns, from_view};
use super::table::StoredTable;
use super::value::{count, delay, hour, values, whole};
use crate::stats::{AnchorHour, Histogram};
use crate::store::rows::{HourRow, HourRtt};
use crate::time::micros;
use crate::vocabulary::TargetId;

impl StoredTable for HourRow {
    const NAME: &'static str = "hour";
    const COLUMNS: &'static [&'static str] = &[
        "hour",
        "target",
        "sent",
        "received",
        "lost",
        "late",
        "not_sent",
        "loss_runs",
        "damaged",
        "rtt_min",
        "rtt_p50",
        "rtt_p95",
        "rtt_p99",
        "rtt_max",
        "rtt_sum",
        "jitter_sum",
        "jitter_n",
        "sketch",
        "seconds",
    ];
    const KEY: &'static str = "hour, target";
    const SINCE: i64 = 3;
    const EXPORT: Option<Export> = Some(Export {
        columns: columns![
            Utc: utc;
            Integers: time;
            Text: target;
            Integers: sent, received, lost, late, not_sent, loss_runs;
            Reals: loss_pct, min_ms, p50_ms, p95_ms, p99_ms, max_ms, mean_ms, jitter_ms;
        ],
        from: |period| from_view("v_hour", period),
    });

    fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        let rtt = match row.get::<_, Option<i64>>(9)? {
            None => None,
            Some(_) => Some(HourRtt {
                min: delay(row, 9)?,
                p50: delay(row, 10)?,
                p95: delay(row, 11)?,
                p99: delay(row, 12)?,
                max: delay(row, 13)?,
                sum_us: count(row, 14)?,
                jitter_us: count(row, 15)?,
                jitter_pairs: count(row, 16)?,
            }),
        };
        let damaged = |column, e: crate::stats::SummaryDecodeError| {
            rusqlite::Error::FromSqlConversionFailure(column, Type::Blob, e.into())
        };
        let seconds = row.get_ref(18)?.as_blob_or_null()?;
        Ok(Self {
            hour: hour(row, 0)?,
            target: TargetId(row.get(1)?),
            sent: row.get(2)?,
            received: row.get(3)?,
            lost: row.get(4)?,
            late: row.get(5)?,
            not_sent: row.get(6)?,
            loss_runs: row.get(7)?,
            damaged: row.get(8)?,
            rtt,
            delays: Histogram::decode(row.get_ref(17)?.as_blob()?).map_err(|e| damaged(17, e))?,
            anchor: seconds.map(AnchorHour::decode).transpose().map_err(|e| damaged(18, e))?,
        })
    }

    fn values(&self) -> rusqlite::Result<Vec<Value>> {
        let rtt = self.rtt;
        values![
            self.hour,
            self.target.0,
            self.sent,
            self.received,
            self.lost,
            self.late,
            self.not_sent,
            self.loss_runs,
            self.damaged,
            rtt.map(|r| micros(r.min)),
            rtt.map(|r| micros(r.p50)),
            rtt.map(|r| micros(r.p95)),
            rtt.map(|r| micros(r.p99)),
            rtt.map(|r| micros(r.max)),
            rtt.map_or(0, |r| whole(r.sum_us)),
            rtt.map_or(0, |r| whole(r.jitter_us)),
            rtt.map_or(0, |r| whole(r.jitter_pairs)),
            self.delays.encode(),
            self.anchor.as_ref().map(AnchorHour::encode),
        ]
    }
}
