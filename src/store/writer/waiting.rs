//! What is not committed yet: samples, small rows, drops. The daemon may be unable to write for
//! days; samples wait encoded then, and no more of them than fit the ring.

use std::collections::BTreeMap;

use rusqlite::Connection;

use super::runs::Runs;
use super::targets::KnownTargets;
use crate::store::close::summarize_minute;
use crate::store::rows::MinuteRow;
use crate::store::tables::{RawKey, StoredTable, WaitingRow, link_drop, raw};
use crate::store::{codec, summary};
use crate::text::order::InOrder;
use crate::time::Timestamp;
use crate::vocabulary::{LinkDrop, Measurement, Outcome, TargetId};

/// Minutes kept in memory after their commit, for replies that come late (60 s).
const KEEP_MINUTES: i64 = 2;
/// Bytes of samples that wait at most; beyond that the oldest are dropped, and their summaries wait.
const RING: usize = 8 << 20;
/// Small rows that wait at most: days of them, two megabytes.
const ROWS: usize = 20_000;
/// Summaries that wait at most: a week of six targets.
const SUMMARIES: usize = 60_480;

/// Which minutes a commit writes.
#[derive(Debug, Clone, Copy)]
pub(super) enum CommittedMinutes {
    All,
    /// Those before this minute; and all that are in the database already, so that after a commit
    /// no row of it is older than the one in memory: see
    /// [`JournalHead::commits`](crate::store::journal::JournalHead::commits).
    Before(i64),
}

/// What the next commits write.
#[derive(Debug)]
pub(in crate::store) struct Uncommitted {
    pub(super) minutes: BTreeMap<RawKey, HeldMinute>,
    /// Minutes of the open run up to this one may be in the database and not in memory.
    evicted: i64,
    rows: Vec<WaitingRow>,
    /// Drops not yet stored; `None`: to be withdrawn.
    drops: BTreeMap<Timestamp, Option<LinkDrop>>,
    /// Drops not yet stored under their new keys: before, now.
    moved: Vec<(Timestamp, Timestamp)>,
    /// Of minutes whose samples the ring could not hold.
    summaries: BTreeMap<(i64, TargetId), MinuteRow>,
    /// Bytes of samples that wait at most.
    pub(in crate::store) ring: usize,
    /// Small rows that wait at most.
    pub(in crate::store) most_rows: usize,
}

/// Samples of one target in one minute and run.
#[derive(Debug, Default)]
pub(super) struct HeldMinute {
    pub(super) samples: Vec<Measurement>,
    /// Whether the database has a row of this key.
    stored: bool,
    /// Whether that row, if there is one, differs from what is held here.
    pub(super) dirty: bool,
    /// The samples encoded, unless they changed since.
    encoded: Option<Vec<u8>>,
}

impl HeldMinute {
    /// A row of the database; one that is damaged counts as none.
    pub(super) fn load(db: &Connection, key: RawKey) -> rusqlite::Result<Option<Self>> {
        let mut samples = Vec::new();
        let blob = raw::get(db, key)?
            .filter(|blob| codec::decode(blob, key.minute, key.target, &mut samples).is_ok());
        Ok(blob.map(|blob| Self { samples, stored: true, dirty: false, encoded: Some(blob) }))
    }

    fn changed(&mut self) {
        self.dirty = true;
        self.encoded = None;
    }

    /// Its length in the ring.
    fn bytes(&self) -> usize {
        self.encoded.as_ref().map_or(0, Vec::len)
    }

    /// Makes the samples of a packed minute again.
    fn unpack(&mut self, key: RawKey) {
        if let Some(encoded) = self.encoded.as_deref().filter(|_| self.samples.is_empty()) {
            codec::decode(encoded, key.minute, key.target, &mut self.samples)
                .expect("encoded here");
        }
    }

    /// Where the sample is that `revised` is about: it is there already, or a reply to it can come.
    pub(super) fn position(&self, revised: &Measurement) -> Option<usize> {
        let first = self.samples.partition_point(|s| s.sent_at < revised.sent_at);
        let later = &self.samples[first..];
        let same = later.iter().take_while(|s| s.sent_at == revised.sent_at).count();
        let mut candidates = first..first + same;
        candidates.clone().find(|at| self.samples[*at] == *revised).or_else(|| {
            candidates.find(|at| {
                matches!(self.samples[*at].outcome, Outcome::Lost | Outcome::Unreachable(_))
            })
        })
    }

    /// Replaces the sample at a [`position`](Self::position).
    pub(super) fn revise(&mut self, at: usize, measurement: &Measurement) {
        if self.samples[at] != *measurement {
            self.samples[at] = measurement.clone();
            self.changed();
        }
    }

    /// Adds a sample in order of time.
    fn insert(&mut self, measurement: &Measurement) {
        let at = self.samples.partition_point(|s| s.sent_at <= measurement.sent_at);
        self.samples.insert(at, measurement.clone());
        self.changed();
    }
}

impl Uncommitted {
    pub(super) fn new() -> Self {
        Self {
            minutes: BTreeMap::new(),
            evicted: i64::MIN,
            rows: Vec::new(),
            drops: BTreeMap::new(),
            moved: Vec::new(),
            summaries: BTreeMap::new(),
            ring: RING,
            most_rows: ROWS,
        }
    }

    /// A run begins: nothing of it is in the database.
    pub(super) fn on_new_run(&mut self) {
        self.evicted = i64::MIN;
    }

    /// The database is a new one: nothing that is held is in it.
    pub(super) fn on_new_file(&mut self) {
        for held in self.minutes.values_mut() {
            (held.stored, held.dirty) = (false, true);
        }
    }

    /// Adds a sample to its minute, which is loaded if it may be in `db` alone.
    pub(super) fn record(
        &mut self,
        db: &Connection,
        run: i64,
        measurement: &Measurement,
    ) -> rusqlite::Result<()> {
        let (minute, target) = (measurement.sent_at.minute(), measurement.target);
        let key = RawKey { run, minute, target };
        if minute <= self.evicted && !self.minutes.contains_key(&key) {
            let stored = HeldMinute::load(db, key)?;
            self.minutes.insert(key, stored.unwrap_or_default());
        }
        let held = self.minutes.entry(key).or_default();
        held.unpack(key);
        held.insert(measurement);
        Ok(())
    }

    /// Adds a small row; the same row as of earlier is replaced. Where too many wait, the oldest goes that
    /// stands next to the measurements: traffic, an event, a path, an access point; else the oldest.
    pub(super) fn put_row(&mut self, row: WaitingRow) {
        self.rows.retain(|earlier| !earlier.is_replaced_by(&row));
        self.rows.push(row);
        if self.rows.len() > self.most_rows {
            let is_first_to_go = |row: &WaitingRow| {
                matches!(
                    row,
                    WaitingRow::Traffic(_)
                        | WaitingRow::Event(_)
                        | WaitingRow::Path(_)
                        | WaitingRow::Station(_)
                )
            };
            self.rows.remove(self.rows.iter().position(is_first_to_go).unwrap_or(0));
        }
    }

    pub(super) fn rows(&self) -> &[WaitingRow] {
        &self.rows
    }

    /// Stores a drop with the next commit, or withdraws the one of this key.
    pub(super) fn put_drop(&mut self, key: Timestamp, drop: Option<LinkDrop>) {
        self.drops.insert(key, drop);
    }

    /// The drop that was stored under the key `before` has another one.
    pub(super) fn move_drop(&mut self, before: Timestamp, now: Timestamp) {
        self.drops.remove(&before);
        self.moved.push((before, now));
    }

    /// What a commit writes of the samples; the open run is `current`.
    pub(super) fn due(&self, which: CommittedMinutes, current: Option<i64>) -> Vec<RawKey> {
        let is_due = |key: &RawKey, held: &HeldMinute| {
            let asked_for = match which {
                CommittedMinutes::All => true,
                CommittedMinutes::Before(closed) => key.minute < closed || Some(key.run) != current,
            };
            held.dirty && (held.stored || asked_for)
        };
        self.minutes.iter().filter(|(k, h)| is_due(k, h)).map(|(k, _)| *k).collect()
    }

    /// All that the database lacks, by key.
    pub(super) fn dirty(&self) -> impl DoubleEndedIterator<Item = RawKey> {
        self.minutes.iter().filter(|(_, held)| held.dirty).map(|(key, _)| *key)
    }

    /// Encodes minutes that are held, and widens their runs.
    pub(super) fn encode(&mut self, keys: &[RawKey], targets: &KnownTargets, runs: &mut Runs) {
        for key in keys {
            let held = self.minutes.get_mut(key).expect("a key that is held");
            let (interval, samples) = (targets.interval(key.target), &held.samples);
            held.encoded
                .get_or_insert_with(|| codec::encode(key.minute, key.target, interval, samples));
            runs.cover(key.run, key.minute);
        }
    }

    /// The samples of a minute that was encoded before.
    pub(super) fn encoded(&self, key: RawKey) -> &[u8] {
        self.minutes[&key].encoded.as_deref().expect("encoded before")
    }

    /// Writes the samples that are due, and all else.
    pub(super) fn write(
        &self,
        db: &Connection,
        due: &[RawKey],
        runs: &Runs,
    ) -> rusqlite::Result<()> {
        for key in due {
            raw::put(db, *key, self.encoded(*key))?;
        }
        let mut minutes: Vec<(i64, TargetId)> = due.iter().map(|k| (k.minute, k.target)).collect();
        minutes.sort_unstable();
        minutes.dedup();
        for (minute, target) in minutes {
            summarize_minute(db, minute, target)?;
        }
        for row in self.summaries.values() {
            if row.put_if_absent(db)? > 0 {
                raw::note_due(db, row.minute)?;
            }
        }
        for row in &self.rows {
            row.put(db)?;
        }
        for (before, now) in &self.moved {
            // One that was never stored is inserted below.
            link_drop::change_key(db, *before, *now)?;
        }
        for (key, drop) in &self.drops {
            match drop {
                Some(drop) => link_drop::put(db, drop)?,
                None => link_drop::delete(db, *key)?,
            }
        }
        for run in &runs.rows {
            run.put(db)?;
        }
        Ok(())
    }

    /// All of [`Self::write`] is in the database.
    pub(super) fn committed(&mut self, due: &[RawKey], current: Option<i64>) {
        self.summaries.clear();
        self.rows.clear();
        self.drops.clear();
        self.moved.clear();
        for key in due {
            let held = self.minutes.get_mut(key).expect("still held");
            (held.stored, held.dirty) = (true, false);
        }
        self.evict(current);
    }

    /// Forgets all minutes that are in the database as they are here.
    pub(super) fn forget_committed(&mut self) {
        self.minutes.retain(|_, held| held.dirty);
    }

    /// Forgets minutes that are in the database and so old that no reply to them can come.
    fn evict(&mut self, current: Option<i64>) {
        let newest = self.minutes.keys().filter(|k| Some(k.run) == current).map(|k| k.minute).max();
        let newest = newest.or_else(|| self.minutes.keys().map(|k| k.minute).max()).unwrap_or(0);
        let mut evicted = self.evicted;
        self.minutes.retain(|key, held| {
            let keep = held.dirty || (key.minute - newest).abs() <= KEEP_MINUTES;
            if !keep {
                evicted = evicted.max(key.minute);
            }
            keep
        });
        self.evicted = evicted;
    }

    /// It could not be written: keeps it in a form that can wait for days.
    pub(super) fn keep(&mut self) {
        self.pack();
        self.keep_ring();
    }

    /// Keeps only the encoded form, a twentieth, of minutes to which no reply can come any more.
    fn pack(&mut self) {
        let newest = self.minutes.keys().map(|key| (key.run, key.minute)).max().unwrap_or_default();
        for (key, held) in &mut self.minutes {
            let is_old = key.run != newest.0 || newest.1 - key.minute > KEEP_MINUTES;
            if is_old && held.encoded.is_some() {
                held.samples = Vec::new();
            }
        }
    }

    /// Bytes of samples that wait.
    pub(in crate::store) fn waiting_bytes(&self) -> usize {
        self.minutes.values().filter(|held| held.dirty).map(HeldMinute::bytes).sum()
    }

    /// Keeps what waits within the ring: the samples of the oldest minutes go first, and their
    /// summaries wait in their place.
    fn keep_ring(&mut self) {
        let mut waiting = self.waiting_bytes();
        if waiting <= self.ring {
            return;
        }
        let mut oldest: Vec<RawKey> =
            self.dirty().filter(|key| self.minutes[key].bytes() > 0).collect();
        oldest.order_by_key(|key| (key.minute, key.run));
        for key in oldest {
            if waiting <= self.ring {
                break;
            }
            let Some(mut held) = self.minutes.remove(&key) else { continue };
            waiting -= held.bytes();
            held.unpack(key);
            let row = summary::summarize(key.minute, key.target, &held.samples);
            self.summaries.insert((key.minute, key.target), row);
        }
        while self.summaries.len() > SUMMARIES {
            self.summaries.pop_first();
        }
    }
}
