//! All samples of one target in one hour to the row that stays when they are gone, and that row
//! to and from the database.

use std::time::Duration;

use rusqlite::types::Type;
use rusqlite::{Connection, Row};

use super::codec;
use super::rows::{HourRow, HourRtt};
use crate::stats::{AnchorHour, Histogram, Sorted};
use crate::time::micros;
use crate::vocabulary::{Kind, Measurement, Outcome, Role, Target, TargetId};

/// Minutes of an hour.
pub(super) const MINUTES: i64 = 60;

/// A row of raw: minute, run, samples.
pub(super) type RawRow = (i64, i64, Vec<u8>);

/// Sums up the `rows` of `target` in `hour`, which come in any order. Damaged ones are left out
/// and counted.
pub(super) fn sum_up(hour: i64, target: &Target, rows: &mut [RawRow]) -> HourRow {
    rows.sort_by_key(|(minute, run, _)| (*run, *minute));
    let mut samples: Vec<Measurement> = Vec::with_capacity(rows.len() * 60);
    let mut runs = Vec::with_capacity(rows.len() * 60);
    let mut damaged = 0;
    for (minute, run, blob) in rows.iter() {
        let before = samples.len();
        if codec::decode(blob, *minute, target.id, &mut samples).is_err() {
            samples.truncate(before);
            damaged += 1;
        }
        runs.resize(samples.len(), *run);
    }
    let mut row = HourRow { damaged, ..HourRow::empty(hour, target.id) };
    let mut delays = Vec::with_capacity(samples.len());
    let (mut sum_us, mut jitter_us, mut jitter_pairs) = (0, 0, 0);
    let mut before: Option<(i64, &Outcome)> = None;
    for (run, sample) in runs.iter().zip(&samples) {
        let earlier = before.replace((*run, &sample.outcome));
        let earlier = earlier.filter(|(r, _)| r == run).map(|(_, outcome)| outcome);
        match &sample.outcome {
            Outcome::NotSent(_) => row.not_sent += 1,
            Outcome::Reply(reply) => {
                row.received += 1;
                delays.push(u32::try_from(reply.rtt.as_micros()).unwrap_or(u32::MAX));
                sum_us += micros(reply.rtt).unsigned_abs();
                if let Some(d0) = earlier.and_then(Outcome::rtt) {
                    jitter_pairs += 1;
                    jitter_us += micros(reply.rtt.abs_diff(d0)).unsigned_abs();
                }
            }
            other => {
                row.lost += 1;
                row.late += u32::from(matches!(other, Outcome::Late { .. }));
                row.loss_runs += u32::from(earlier.is_none_or(|o| !o.is_lost()));
            }
        }
    }
    row.sent = row.received + row.lost;
    for us in &delays {
        row.delays.add(*us);
    }
    let delays = Sorted::new(delays);
    let at = |q| delays.quantile(q);
    if let [Some(min), Some(p50), Some(p95), Some(p99), Some(max)] =
        [at(0.0), at(0.5), at(0.95), at(0.99), at(1.0)]
    {
        row.rtt = Some(HourRtt { min, p50, p95, p99, max, sum_us, jitter_us, jitter_pairs });
    }
    row.anchor = (target.role == Role::Anchor && target.kind == Kind::Icmp)
        .then(|| AnchorHour::count(target.interval, runs.into_iter().zip(&samples)));
    row
}

impl HourRow {
    pub(super) const COLUMNS: &str = "hour, target, sent, received, lost, late, not_sent, \
        loss_runs, damaged, rtt_min, rtt_p50, rtt_p95, rtt_p99, rtt_max, rtt_sum, jitter_sum, \
        jitter_n, sketch, seconds";

    pub(super) fn empty(hour: i64, target: TargetId) -> Self {
        Self {
            hour,
            target,
            sent: 0,
            received: 0,
            lost: 0,
            late: 0,
            not_sent: 0,
            loss_runs: 0,
            damaged: 0,
            rtt: None,
            delays: Histogram::default(),
            anchor: None,
        }
    }

    pub(super) fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        let us = |column| row.get::<_, i64>(column).map(i64::unsigned_abs);
        let delay = |column| us(column).map(Duration::from_micros);
        let rtt = match row.get::<_, Option<i64>>(9)? {
            None => None,
            Some(_) => Some(HourRtt {
                min: delay(9)?,
                p50: delay(10)?,
                p95: delay(11)?,
                p99: delay(12)?,
                max: delay(13)?,
                sum_us: us(14)?,
                jitter_us: us(15)?,
                jitter_pairs: us(16)?,
            }),
        };
        let damaged = |column, e: crate::stats::SummaryDecodeError| {
            rusqlite::Error::FromSqlConversionFailure(column, Type::Blob, e.into())
        };
        let seconds = row.get_ref(18)?.as_blob_or_null()?;
        Ok(Self {
            hour: row.get(0)?,
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

    /// Writes it over the one before.
    pub(super) fn put(&self, db: &Connection) -> rusqlite::Result<()> {
        let whole = |n: u64| i64::try_from(n).unwrap_or(i64::MAX);
        let of = |get: fn(&HourRtt) -> Duration| self.rtt.as_ref().map(|rtt| micros(get(rtt)));
        let sum = |get: fn(&HourRtt) -> u64| self.rtt.as_ref().map_or(0, |rtt| whole(get(rtt)));
        db.prepare_cached(&format!(
            "INSERT OR REPLACE INTO hour({}) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11,
             ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19)",
            Self::COLUMNS
        ))?
        .execute(rusqlite::params![
            self.hour,
            self.target.0,
            self.sent,
            self.received,
            self.lost,
            self.late,
            self.not_sent,
            self.loss_runs,
            self.damaged,
            of(|r| r.min),
            of(|r| r.p50),
            of(|r| r.p95),
            of(|r| r.p99),
            of(|r| r.max),
            sum(|r| r.sum_us),
            sum(|r| r.jitter_us),
            sum(|r| r.jitter_pairs),
            self.delays.encode(),
            self.anchor.as_ref().map(AnchorHour::encode),
        ])?;
        Ok(())
    }
}
