//! Table `link_drop`: blips, drops and outages, with the bounds of both edges.

use rusqlite::types::{Value, ValueRef};
use rusqlite::{Connection, OptionalExtension as _, Row};

use super::bite::{Bite, Counted};
use super::drop_edges::{cut_to, hull};
use super::export::{Export, columns};
use super::stretch::StretchRow;
use super::table::{Overlaid, StoredTable, Timed, Writing, write};
use super::value::{bounds, bounds_or_null, delay, json, text, time, values, word};
use crate::store::meta;
use crate::time::{TimeRange, Timestamp, micros};
use crate::vocabulary::{DropKind, DropStretch, LinkDrop, StoredDrop};

impl StoredTable for StoredDrop {
    const NAME: &'static str = "link_drop";
    const COLUMNS: &'static [&'static str] = &[
        "key_us",
        "kind",
        "onset_earliest_us",
        "onset_latest_us",
        "end_earliest_us",
        "end_latest_us",
        "min_us",
        "max_us",
        "unobserved_us",
        "places",
        "answered",
        "silent",
        "flaps",
        "stretches",
        "first_key_us",
    ];
    const KEY: &'static str = "id";
    const NUMBERED: bool = true;
    const WRITING: Writing = Writing::Updates("key_us = ?1");
    const COUNTED: Counted = Counted::Drops;
    const EXPORT: Option<Export> = Some(Export {
        columns: columns![
            Integers: id;
            Text: kind;
            Utc: onset_earliest, onset_latest, end_earliest, end_latest;
            Reals: min_s, max_s, unobserved_s;
            Text: places, answered, silent;
            Integers: flaps;
        ],
        from: |period| {
            format!(
                "WITH drops AS (
                   SELECT v.*, d.onset_earliest_us FROM link_drop d JOIN v_drop v ON v.id = d.id
                   WHERE d.onset_earliest_us < {1}
                     AND (d.end_latest_us IS NULL OR d.end_latest_us >= {0}));
                 FROM drops ORDER BY onset_earliest_us, id",
                period.from.as_micros(),
                period.to.as_micros()
            )
        },
    });

    fn put(&self, db: &Connection) -> rusqlite::Result<usize> {
        if self.drop.kind == DropKind::Possible {
            meta::raise(db, meta::MIN_READER, KINDS_SINCE)?;
        }
        if self.first_key.is_some() {
            return write(self, db);
        }
        // One that grows does not know that it had another key.
        let first_key = first_key(db, self.drop.key)?;
        write(&Self { first_key, ..self.clone() }, db)
    }

    fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        let mut drop = LinkDrop {
            key: time(row, 0)?,
            kind: word(row, 1)?,
            onset: bounds(row, 2)?,
            end: bounds_or_null(row, 4)?,
            min: delay(row, 6)?,
            max: delay(row, 7)?,
            unobserved: delay(row, 8)?,
            places: json(row, 9)?,
            answered: json(row, 10)?,
            silent: json(row, 11)?,
            flaps: row.get(12)?,
            stretches: Vec::new(),
        };
        drop.stretches = if row.get_ref(13)? == ValueRef::Null {
            vec![drop.whole()]
        } else {
            let stretches = json::<Vec<StretchRow>>(row, 13)?;
            if let Some(wrong) = stretches.iter().find_map(StretchRow::implausible) {
                return Err(rusqlite::Error::IntegralValueOutOfRange(13, wrong));
            }
            stretches.into_iter().map(DropStretch::from).collect()
        };
        let first_key = row.get::<_, Option<i64>>(14)?.map(Timestamp::from_micros);
        Ok(Self { id: super::value::number(row, 15)?, first_key, drop })
    }

    /// When the link was down counts, also where nobody knows any more where it failed.
    fn rescue(row: &Row<'_>) -> Option<Self> {
        let read = || -> rusqlite::Result<Self> {
            let mut drop = LinkDrop {
                key: time(row, 0)?,
                kind: word(row, 1)?,
                onset: bounds(row, 2)?,
                end: bounds_or_null(row, 4)?,
                min: delay(row, 6)?,
                max: delay(row, 7)?,
                unobserved: delay(row, 8).unwrap_or_default(),
                places: json(row, 9).unwrap_or_default(),
                answered: json(row, 10).unwrap_or_default(),
                silent: json(row, 11).unwrap_or_default(),
                flaps: row.get(12).unwrap_or_default(),
                stretches: Vec::new(),
            };
            drop.stretches = vec![drop.whole()];
            let first_key: Option<i64> = row.get(14).unwrap_or_default();
            let first_key = first_key.map(Timestamp::from_micros);
            Ok(Self { id: super::value::number(row, 15)?, first_key, drop })
        };
        read().ok()
    }

    fn values(&self) -> rusqlite::Result<Vec<Value>> {
        let drop = &self.drop;
        let stretches = match drop.stretches.as_slice() {
            [_, _, ..] => {
                Some(text(&drop.stretches.iter().map(StretchRow::from).collect::<Vec<_>>())?)
            }
            _ => None,
        };
        values![
            drop.key.as_micros(),
            drop.kind.as_str().to_owned(),
            drop.onset.earliest.as_micros(),
            drop.onset.latest.as_micros(),
            drop.end.map(|e| e.earliest.as_micros()),
            drop.end.map(|e| e.latest.as_micros()),
            micros(drop.min),
            micros(drop.max),
            micros(drop.unobserved),
            text(&drop.places)?,
            text(&drop.answered)?,
            text(&drop.silent)?,
            drop.flaps,
            stretches,
            self.first_key.map(Timestamp::as_micros),
        ]
    }

    /// Drops are cut at the edges of what is taken, and those that overlap one of ours are left out.
    fn merge(bite: &Bite<'_>) -> rusqlite::Result<u64> {
        let mut taken = 0;
        for Self { first_key, drop: whole, .. } in touching(bite.other, bite.range)? {
            for span in within_whole(bite.spans, hull(&whole, bite.last)) {
                // A drop that reaches over the start of a bite was taken with the one before.
                if !bite.range.contains(whole.key.max(span.from)) {
                    continue;
                }
                let Some(mut drop) = cut_to(&whole, *span, bite.last) else { continue };
                let known = touching(bite.db, hull(&drop, bite.last))?;
                if !known.is_empty() {
                    continue;
                }
                bite.translate(&mut drop.answered);
                bite.translate(&mut drop.silent);
                let first_key = first_key.filter(|_| drop.key == whole.key);
                Self { id: 0, first_key, drop }.put(bite.db)?;
                taken += 1;
            }
        }
        Ok(taken)
    }
}

impl Overlaid for StoredDrop {
    type Identity = Timestamp;
    fn identity(&self) -> Timestamp {
        self.drop.key
    }
}

impl Timed for StoredDrop {
    type Reported = Self;
    type Order = (Timestamp, i64);
    const OVERLAPS: &'static str = "WHERE onset_earliest_us < ?2
        AND (end_latest_us IS NULL OR end_latest_us >= ?1) ORDER BY onset_earliest_us, id";

    fn overlaps(&self, range: TimeRange) -> bool {
        self.drop.onset.earliest < range.to
            && self.drop.end.is_none_or(|end| end.latest >= range.from)
    }

    fn order(&self) -> (Timestamp, i64) {
        (self.drop.onset.earliest, self.id)
    }

    fn report(self) -> Self {
        self
    }
}

/// The schema that introduced what may be a drop.
const KINDS_SINCE: i64 = 6;

/// Inserts the drop, or brings the one of the same key up to date under its old number.
pub(in crate::store) fn put(db: &Connection, drop: &LinkDrop) -> rusqlite::Result<()> {
    StoredDrop { id: 0, first_key: None, drop: drop.clone() }.put(db)?;
    Ok(())
}

/// The drops that have a part in `range`; one that ends with its start has none.
pub(in crate::store) fn touching(
    db: &Connection,
    range: TimeRange,
) -> rusqlite::Result<Vec<StoredDrop>> {
    let condition = "WHERE onset_earliest_us < ?2
        AND (end_latest_us IS NULL OR end_latest_us > ?1) ORDER BY onset_earliest_us, id";
    StoredDrop::all(db, condition, (range.from.as_micros(), range.to.as_micros()))
}

/// The onset of the drop that overlaps `range` and after which `nth` others of these began.
pub(in crate::store) fn nth_newest(
    db: &Connection,
    range: TimeRange,
    nth: i64,
) -> rusqlite::Result<Option<Timestamp>> {
    let sql = "SELECT onset_earliest_us FROM link_drop WHERE onset_earliest_us < ?2
        AND (end_latest_us IS NULL OR end_latest_us > ?1)
        ORDER BY onset_earliest_us DESC, id DESC LIMIT 1 OFFSET ?3";
    let params = (range.from.as_micros(), range.to.as_micros(), nth);
    let onset: Option<i64> =
        db.prepare_cached(sql)?.query_row(params, |row| row.get(0)).optional()?;
    Ok(onset.map(Timestamp::from_micros))
}

/// The number of the drop with this key.
pub(in crate::store) fn number(db: &Connection, key: Timestamp) -> rusqlite::Result<i64> {
    let sql = "SELECT id FROM link_drop WHERE key_us = ?1";
    db.query_row(sql, [key.as_micros()], |row| row.get(0))
}

/// The first key of the drop that has this one, if it had another.
fn first_key(db: &Connection, key: Timestamp) -> rusqlite::Result<Option<Timestamp>> {
    let sql = "SELECT first_key_us FROM link_drop WHERE key_us = ?1";
    let known: Option<Option<i64>> =
        db.prepare_cached(sql)?.query_row([key.as_micros()], |row| row.get(0)).optional()?;
    Ok(known.flatten().map(Timestamp::from_micros))
}

/// Removes the drop with this key.
pub(in crate::store) fn delete(db: &Connection, key: Timestamp) -> rusqlite::Result<()> {
    db.prepare_cached("DELETE FROM link_drop WHERE key_us = ?1")?.execute([key.as_micros()])?;
    Ok(())
}

/// The spans that overlap a range, uncut.
fn within_whole(spans: &[TimeRange], range: TimeRange) -> impl Iterator<Item = &TimeRange> {
    let first = spans.partition_point(|span| span.to <= range.from);
    spans[first..].iter().take_while(move |span| span.from < range.to || span.from == range.from)
}

/// Gives the drop of the key `before` another one; a drop that has it already makes way.
pub(in crate::store) fn change_key(
    db: &Connection,
    before: Timestamp,
    now: Timestamp,
) -> rusqlite::Result<()> {
    let sql = "UPDATE OR REPLACE link_drop
        SET key_us = ?2, first_key_us = coalesce(first_key_us, key_us) WHERE key_us = ?1";
    db.prepare_cached(sql)?.execute([before.as_micros(), now.as_micros()])?;
    Ok(())
}
