//! Table `impairment`: what else was wrong while the link was up.

use std::time::Duration;

use rusqlite::Row;
use rusqlite::types::{Type, Value};
use serde::{Deserialize, Serialize};

use super::bite::{Bite, Counted};
use super::merging::{Moved, take};
use super::table::{Overlaid, StoredTable, Timed, Writing};
use super::value::{number, text, us, us_or_null, values};
use crate::time::{TimeRange, Timestamp, micros};
use crate::vocabulary::{Bounds, Figures, Impairment, Place, TargetId};

/// An impairment with its times in microseconds, as database and journal hold it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(in crate::store) struct ImpairmentRow {
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

impl From<&Impairment> for ImpairmentRow {
    fn from(impairment: &Impairment) -> Self {
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
}

impl StoredTable for ImpairmentRow {
    const NAME: &'static str = "impairment";
    const COLUMNS: &'static [&'static str] = &[
        "key_us",
        "kind",
        "target",
        "onset_earliest_us",
        "onset_latest_us",
        "end_earliest_us",
        "end_latest_us",
        "unobserved_us",
        "places",
        "detail",
    ];
    const KEY: &'static str = "id";
    const NUMBERED: bool = true;
    const SINCE: i64 = 2;
    const WRITING: Writing = Writing::Updates(
        "key_us = ?1 AND CASE kind WHEN 'late' THEN 'loss' WHEN 'web-alone' THEN 'icmp-filtered'
           ELSE kind END
           = CASE ?2 WHEN 'late' THEN 'loss' WHEN 'web-alone' THEN 'icmp-filtered' ELSE ?2 END
         AND coalesce(target, 0) = coalesce(?3, 0)",
    );
    const COUNTED: Counted = Counted::Others;

    fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        let id = number(row, 10)?;
        let damaged = |column: usize, name: &str, e: &serde_json::Error| {
            let what = format!("row {id} of table impairment, {name}: {e}");
            rusqlite::Error::FromSqlConversionFailure(column, Type::Text, what.into())
        };
        let (kind, places, detail): (String, String, String) =
            (row.get(1)?, row.get(8)?, row.get(9)?);
        Ok(Self {
            key_us: us(row, 0)?,
            target: row.get::<_, Option<u8>>(2)?.map(TargetId),
            onset_us: (us(row, 3)?, us(row, 4)?),
            end_us: us_or_null(row, 5)?.zip(us_or_null(row, 6)?),
            unobserved_us: us(row, 7)?,
            places: serde_json::from_str(&places).map_err(|e| damaged(8, "places", &e))?,
            figures: figures(kind, &detail).map_err(|e| damaged(9, "kind and detail", &e))?,
        })
    }

    fn values(&self) -> rusqlite::Result<Vec<Value>> {
        values![
            self.key_us,
            self.figures.kind().to_owned(),
            self.target.map(|t| t.0),
            self.onset_us.0,
            self.onset_us.1,
            self.end_us.map(|e| e.0),
            self.end_us.map(|e| e.1),
            self.unobserved_us,
            text(&self.places)?,
            detail(&self.figures)?,
        ]
    }

    fn merge(bite: &Bite<'_>) -> rusqlite::Result<u64> {
        take::<Self>(bite)
    }
}

impl Moved for ImpairmentRow {
    const BEGINS: &'static str = "key_us";

    fn began(&self) -> Timestamp {
        Timestamp::from_micros(self.key_us)
    }

    fn moved(mut self, bite: &Bite<'_>, taken: TimeRange) -> rusqlite::Result<Option<Self>> {
        if let Some(target) = &mut self.target {
            let Some(here) = bite.target(*target) else { return Ok(None) };
            *target = here;
        }
        if let Figures::Partial { silent, answering } = &mut self.figures {
            bite.translate(silent);
            bite.translate(answering);
        }
        let last = taken.to.as_micros();
        let latest = self.end_us.map_or(last, |(_, latest)| latest.min(last)).max(self.onset_us.1);
        let earliest = self.end_us.map_or(latest, |(earliest, _)| earliest.min(latest));
        self.end_us = Some((earliest, latest));
        Ok(Some(self))
    }
}

impl Overlaid for ImpairmentRow {
    type Identity = (i64, &'static str, Option<TargetId>);

    fn identity(&self) -> Self::Identity {
        (self.key_us, self.figures.lasting_kind(), self.target)
    }
}

impl Timed for ImpairmentRow {
    type Reported = Impairment;
    type Order = (i64, <Self as Overlaid>::Identity);
    const OVERLAPS: &'static str = "WHERE onset_earliest_us < ?2
        AND (end_latest_us IS NULL OR end_latest_us >= ?1)";

    /// By its widest bounds; a route step, an instant, by where it lies.
    fn overlaps(&self, range: TimeRange) -> bool {
        self.onset_us.0 < range.to.as_micros()
            && self.end_us.is_none_or(|(_, latest)| latest >= range.from.as_micros())
    }

    fn order(&self) -> Self::Order {
        (self.onset_us.0, self.identity())
    }

    fn report(self) -> Impairment {
        Impairment {
            key: Timestamp::from_micros(self.key_us),
            target: self.target,
            onset: bounds(self.onset_us),
            end: self.end_us.map(bounds),
            unobserved: Duration::from_micros(self.unobserved_us.unsigned_abs()),
            places: self.places,
            figures: self.figures,
        }
    }
}

/// The figures without their kind, as JSON.
fn detail(figures: &Figures) -> rusqlite::Result<String> {
    let mut detail = serde_json::to_value(figures)
        .map_err(|e| rusqlite::Error::ToSqlConversionFailure(e.into()))?;
    if let serde_json::Value::Object(fields) = &mut detail {
        fields.remove("kind");
    }
    Ok(detail.to_string())
}

fn figures(kind: String, detail: &str) -> serde_json::Result<Figures> {
    let mut fields: serde_json::Map<String, serde_json::Value> = serde_json::from_str(detail)?;
    fields.insert("kind".to_owned(), serde_json::Value::String(kind));
    serde_json::from_value(serde_json::Value::Object(fields))
}
