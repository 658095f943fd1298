//! Impairments as rows: the table `impairment`, and what waits for the next commit in the journal.

use std::time::Duration;

use rusqlite::types::Type;
use rusqlite::{Connection, Row};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::time::{TimeRange, Timestamp, micros};
use crate::vocabulary::{Bounds, Figures, Impairment, Place, TargetId};

/// An impairment with its times in microseconds, as database and journal hold it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct ImpairmentRow {
    key_us: i64,
    target: Option<TargetId>,
    onset_us: (i64, i64),
    end_us: Option<(i64, i64)>,
    unobserved_us: i64,
    places: Vec<Place>,
    figures: Figures,
}

fn span(bounds: Bounds) -> (i64, i64) {
    (bounds.earliest.as_micros(), bounds.latest.as_micros())
}

fn bounds((earliest, latest): (i64, i64)) -> Bounds {
    Bounds { earliest: Timestamp::from_micros(earliest), latest: Timestamp::from_micros(latest) }
}

impl ImpairmentRow {
    pub(super) const COLUMNS: &str = "id, key_us, kind, target, onset_earliest_us, \
         onset_latest_us, end_earliest_us, end_latest_us, unobserved_us, places, detail";

    pub(super) fn new(impairment: &Impairment) -> Self {
        Self {
            key_us: impairment.key.as_micros(),
            target: impairment.target,
            onset_us: span(impairment.onset),
            end_us: impairment.end.map(span),
            unobserved_us: micros(impairment.unobserved),
            places: impairment.places.clone(),
            figures: impairment.figures.clone(),
        }
    }

    pub(super) fn to_impairment(&self) -> Impairment {
        Impairment {
            key: Timestamp::from_micros(self.key_us),
            target: self.target,
            onset: bounds(self.onset_us),
            end: self.end_us.map(bounds),
            unobserved: Duration::from_micros(self.unobserved_us.unsigned_abs()),
            places: self.places.clone(),
            figures: self.figures.clone(),
        }
    }

    /// Whether `later` says the same thing anew.
    pub(super) fn is_replaced_by(&self, later: &Self) -> bool {
        self.to_impairment().identity() == later.to_impairment().identity()
    }

    pub(super) fn read(row: &Row<'_>) -> rusqlite::Result<Impairment> {
        let id: i64 = row.get(0)?;
        let end = row.get::<_, Option<i64>>(6)?.zip(row.get::<_, Option<i64>>(7)?);
        let damaged = |column: usize, name: &str, e: &serde_json::Error| {
            let what = format!("row {id} of table impairment, {name}: {e}");
            rusqlite::Error::FromSqlConversionFailure(column, Type::Text, what.into())
        };
        let kind: String = row.get(2)?;
        let places: String = row.get(9)?;
        let detail: String = row.get(10)?;
        let figures = figures(kind, &detail).map_err(|e| damaged(10, "kind and detail", &e))?;
        let read = Self {
            key_us: row.get(1)?,
            target: row.get::<_, Option<u8>>(3)?.map(TargetId),
            onset_us: (row.get(4)?, row.get(5)?),
            end_us: end,
            unobserved_us: row.get(8)?,
            places: serde_json::from_str(&places).map_err(|e| damaged(9, "places", &e))?,
            figures,
        };
        Ok(read.to_impairment())
    }

    /// Inserts it, or brings the one of the same identity up to date under its old number.
    pub(super) fn put(&self, db: &Connection) -> rusqlite::Result<()> {
        let (kind, detail) = kind_and_detail(&self.figures)
            .map_err(|e| rusqlite::Error::ToSqlConversionFailure(e.into()))?;
        let places = serde_json::to_string(&self.places)
            .map_err(|e| rusqlite::Error::ToSqlConversionFailure(e.into()))?;
        let values = rusqlite::params![
            self.key_us,
            kind,
            self.target.map(|t| t.0),
            self.onset_us.0,
            self.onset_us.1,
            self.end_us.map(|e| e.0),
            self.end_us.map(|e| e.1),
            self.unobserved_us,
            places,
            detail,
        ];
        // Not as one upsert: that uses up a number each time it finds the row already there.
        let updated = db
            .prepare_cached(
                "UPDATE impairment SET kind = ?2, onset_earliest_us = ?4, onset_latest_us = ?5,
                   end_earliest_us = ?6, end_latest_us = ?7, unobserved_us = ?8, places = ?9,
                   detail = ?10
                 WHERE key_us = ?1 AND CASE kind WHEN 'late' THEN 'loss' ELSE kind END
                     = CASE ?2 WHEN 'late' THEN 'loss' ELSE ?2 END
                   AND coalesce(target, 0) = coalesce(?3, 0)",
            )?
            .execute(values)?;
        if updated == 0 {
            db.prepare_cached(
                "INSERT INTO impairment(key_us, kind, target, onset_earliest_us, onset_latest_us,
                   end_earliest_us, end_latest_us, unobserved_us, places, detail)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
            )?
            .execute(values)?;
        }
        Ok(())
    }
}

/// Whether it overlaps `range` by its widest bounds; a route step, an instant, by where it lies.
pub(super) fn overlaps(impairment: &Impairment, range: TimeRange) -> bool {
    impairment.onset.earliest < range.to
        && impairment.end.is_none_or(|end| end.latest >= range.from)
}

/// The figures without their kind, as JSON.
fn kind_and_detail(figures: &Figures) -> serde_json::Result<(&'static str, String)> {
    let mut detail = serde_json::to_value(figures)?;
    if let Value::Object(fields) = &mut detail {
        fields.remove("kind");
    }
    Ok((figures.kind(), detail.to_string()))
}

fn figures(kind: String, detail: &str) -> serde_json::Result<Figures> {
    let mut fields: serde_json::Map<String, Value> = serde_json::from_str(detail)?;
    fields.insert("kind".to_owned(), Value::String(kind));
    serde_json::from_value(Value::Object(fields))
}
