//! Runs of another file, cut to what is taken of them, as runs of this one.

use rusqlite::{Connection, OptionalExtension};

use super::other::Other;
use crate::store::meta;
use crate::store::tables::{MergedRunRow, RunRow, StoredTable};
use crate::time::spans::within;
use crate::time::{TimeRange, Timestamp};
use crate::vocabulary::RunEnd;

/// The parts of the other's runs that are taken in one bite.
pub(in crate::store) struct TakenRuns {
    pieces: Vec<TakenRun>,
    /// The highest number of a run here.
    pub(in crate::store) last_run: i64,
}

/// A part of a run.
#[derive(Debug)]
pub(in crate::store) struct TakenRun {
    their_run: i64,
    /// What of it is taken.
    pub(in crate::store) range: TimeRange,
    row: RunRow,
}

impl TakenRuns {
    /// Of the runs that overlap `spans`, the parts in them. One that goes on where an earlier bite
    /// or merge stopped goes on under its number.
    pub(in crate::store) fn of(
        db: &Connection,
        other: &Other,
        spans: &[TimeRange],
        last_run: i64,
    ) -> rusqlite::Result<Self> {
        let mut lives = Self { pieces: Vec::new(), last_run };
        for run in &other.runs {
            let at = Timestamp::from_micros;
            let life = TimeRange { from: at(run.started_us), to: at(run.last_seen_us) };
            for range in within(spans, life) {
                let id = match goes_on(db, other, run.id, range.from)? {
                    Some(id) => id,
                    None => lives.next_number(),
                };
                let row = row_of(run, range, id, other.identity);
                lives.pieces.push(TakenRun { their_run: run.id, range, row });
            }
        }
        Ok(lives)
    }

    fn next_number(&mut self) -> i64 {
        self.last_run += 1;
        self.last_run
    }

    /// The parts of a run, in order.
    pub(in crate::store) fn of_run(
        &mut self,
        their_run: i64,
    ) -> impl Iterator<Item = &mut TakenRun> {
        self.pieces.iter_mut().filter(move |piece| piece.their_run == their_run)
    }

    /// Writes the runs, and from which file they are.
    pub(in crate::store) fn put(
        &self,
        db: &Connection,
        other: &Other,
        now: Timestamp,
    ) -> rusqlite::Result<()> {
        for piece in &self.pieces {
            piece.row.put(db)?;
            let from = MergedRunRow {
                run: piece.row.id,
                source: other.identity,
                their_run: piece.their_run,
                merged_us: now.as_micros(),
            };
            from.put(db)?;
        }
        meta::raise(db, meta::MIN_READER, MergedRunRow::SINCE)
    }
}

impl TakenRun {
    /// What of it is taken, with the last probe before a gap, at which the gap begins.
    pub(in crate::store) fn reach(&self) -> TimeRange {
        TimeRange { to: self.range.to.plus_micros(1_000), ..self.range }
    }

    /// Its number here.
    pub(in crate::store) fn run(&self) -> i64 {
        self.row.id
    }

    /// There are samples of this minute.
    pub(in crate::store) fn cover(&mut self, minute: i64) {
        self.row.cover(minute);
    }
}

/// A run here that ends where the part of theirs begins.
fn goes_on(
    db: &Connection,
    other: &Other,
    their_run: i64,
    from: Timestamp,
) -> rusqlite::Result<Option<i64>> {
    db.prepare_cached(
        "SELECT r.id FROM merged_run m JOIN run r ON r.id = m.run
         WHERE m.source = ?1 AND m.their_run = ?2 AND r.last_seen_us = ?3",
    )?
    .query_row((other.identity, their_run, from.as_micros()), |row| row.get(0))
    .optional()
}

/// Within a run UTC and boot time run alike, so its parts keep the boot's time.
fn row_of(run: &RunRow, range: TimeRange, id: i64, source: i64) -> RunRow {
    let behind = range.from.as_micros() - run.started_us;
    let is_import = run.ended == Some(RunEnd::Import);
    // A system without names of boots; the file's own name keeps its runs apart from imports.
    let boot_id = run.boot_id.clone().or_else(|| (!is_import).then(|| format!("{source:x}")));
    RunRow {
        id,
        started_us: range.from.as_micros(),
        boot_us: run.boot_us.map(|us| us.saturating_add(behind)),
        boot_id,
        last_seen_us: range.to.as_micros(),
        ended: Some(if is_import { RunEnd::Import } else { RunEnd::Merged }),
        version: run.version.clone(),
        minutes: None,
    }
}
