//! Compares the record with its chain: entry by entry, then hour by hour.

use std::collections::BTreeMap;

use rusqlite::Connection;
use serde::Serialize;

use super::cover::{RowsDigest, TargetLines, digests, named, origin, sums, target_lines};
use super::{ChainEntry, ChainHead, Digest, HourCover, each_entry, first_form, join, second_form};
use crate::store::hour::{hour_of_minute, minutes_of};
use crate::store::meta;
use crate::store::survey::CLOCKS_ARE_SET;
use crate::store::tables::{RawRow, StoredTable, raw};

/// The result of comparing the chain with the rows.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Verification {
    /// The head; `None` of a chain without entries.
    pub head: Option<ChainHead>,
    /// Hours whose rows are as they were when they were added.
    pub whole: u64,
    /// Hours whose rows were removed to free space or because of their age: their digests are kept.
    pub gone: u64,
    /// Entries of hours that were added again later, because more rows of them came (an import, a
    /// merge) or because their run was dated anew.
    pub added_again: u64,
    /// Hours that are over and have rows that are in no entry yet: linkmon adds them when it runs.
    pub due: u64,
    /// Hours that have changed.
    pub broken: u64,
    /// The first of these.
    pub first_broken: Option<ChainBreak>,
    /// The record against the head that was asked about; `None` if the chain never had it, or none
    /// was asked about.
    pub noted: Option<HeadCheck>,
}

/// Where the chain is broken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct ChainBreak {
    /// The hour, Unix time / 3600 s.
    pub hour: i64,
    /// What is wrong.
    pub what: Broken,
}

/// What is wrong with an hour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Broken {
    /// Its rows differ from those it was added with.
    Rows,
    /// Its rows are missing, and linkmon did not remove them.
    Missing,
    /// It has rows that are in no entry, and that linkmon did not write.
    Unlisted,
    /// Its summaries differ from those it was added with.
    Sums,
    /// A run or a target of it is another than when it was added.
    Names,
    /// Its entry does not follow from the one before: the chain itself was changed.
    Chain,
}

impl Broken {
    /// In words.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Rows => "its measurements were changed",
            Self::Missing => "its measurements are missing",
            Self::Unlisted => "it has measurements that are in no entry",
            Self::Sums => "its summaries were changed",
            Self::Names => "what is known of its targets or runs was changed",
            Self::Chain => "its entry does not follow from the one before",
        }
    }
}

/// The record against a head that was noted down: what it covers, and what came later.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct HeadCheck {
    /// The entry with that head.
    pub entry: ChainHead,
    /// Hours whose rows are as they were when the head was noted.
    pub whole: u64,
    /// Hours whose rows were removed since, to free space or because of their age.
    pub gone: u64,
    /// Hours of which rows differ from those that the head covers.
    pub changed: u64,
    /// The first of these.
    pub first_changed: Option<i64>,
    /// Hours up to the last that the head covers with rows that it does not cover: they came later.
    pub later: u64,
    /// The first of these.
    pub first_later: Option<i64>,
}

impl HeadCheck {
    /// Whether the record shows, up to that head, what it showed then, and nothing else.
    pub fn is_strict(&self) -> bool {
        self.changed == 0 && self.later == 0
    }

    fn is_later(&mut self, hour: i64) {
        self.later += 1;
        self.first_later.get_or_insert(hour);
    }

    fn is_changed(&mut self, hour: i64) {
        self.changed += 1;
        self.first_changed = Some(self.first_changed.map_or(hour, |first| first.min(hour)));
    }
}

/// What is kept of an entry until its hour is looked at.
struct EntryOfHour {
    seq: i64,
    content: Digest,
    /// `None`: of the first form.
    cover: Option<HourCover>,
}

/// The chain by hour.
#[derive(Default)]
struct Entries {
    by_hour: BTreeMap<i64, Vec<EntryOfHour>>,
    /// What the numbers of targets meant when last named, with the hour of that entry.
    named: BTreeMap<i64, (String, i64)>,
    /// The same up to the noted head.
    named_then: TargetLines,
    noted: Option<ChainHead>,
    /// The last hour up to the noted head.
    last_then: i64,
}

/// Compares each entry with the one before it, and the hours with their entries. `noted`: a head that
/// the record had, and the hour of the present; entries dated later are of a clock that was wrong.
pub(in crate::store) fn verify(
    db: &Connection,
    schema: i64,
    noted: Option<(Digest, i64)>,
) -> rusqlite::Result<Verification> {
    let mut found = Verification { head: super::head(db)?, ..Verification::default() };
    let mut breaks = BTreeMap::new();
    let entries = read(db, schema, noted, &mut breaks)?;
    let blank = |entry| HeadCheck {
        entry,
        whole: 0,
        gone: 0,
        changed: 0,
        first_changed: None,
        later: 0,
        first_later: None,
    };
    found.noted = entries.noted.map(blank);
    let now = target_lines(db)?;
    for (id, (line, hour)) in &entries.named {
        if now.get(id) != Some(line) {
            breaks.entry(*hour).or_insert(Broken::Names);
        }
    }
    if let Some(noted) = &mut found.noted
        && let Some(hour) = entries
            .named_then
            .iter()
            .find(|(id, line)| now.get(id) != Some(line))
            .and_then(|(id, _)| entries.named.get(id))
    {
        noted.changed += 1;
        noted.first_changed = Some(hour.1);
    }
    let hours = Hours { db, removed_before: meta::raw_removed_before(db)?, entries: &entries };
    hours.compare(&mut found, &mut breaks)?;
    found.broken = breaks.len() as u64;
    found.first_broken = breaks.first_key_value().map(|(&hour, &what)| ChainBreak { hour, what });
    Ok(found)
}

fn read(
    db: &Connection,
    schema: i64,
    noted: Option<(Digest, i64)>,
    breaks: &mut BreaksByHour,
) -> rusqlite::Result<Entries> {
    let mut all = Entries { last_then: i64::MIN, ..Entries::default() };
    // Where the head is: what comes before it is covered by it.
    let noted_seq = match noted {
        None => None,
        Some((head, _)) => {
            let mut statement = db.prepare("SELECT seq, hour, head FROM chain WHERE head = ?1")?;
            let mut rows = statement.query([head.0])?;
            all.noted = rows.next()?.map(super::read_head).transpose()?;
            all.noted.map(|entry| entry.seq)
        }
    };
    let now_hour = noted.map_or(i64::MAX, |(_, hour)| hour);
    let mut before = (0, Digest([0; 32]));
    each_entry(db, schema, &mut |entry| {
        let ChainEntry { seq, hour, content, head, covers, targets } = entry;
        let cover = covers.as_deref().map(HourCover::parse);
        let is_own = covers
            .as_deref()
            .is_none_or(|covers| second_form(hour, covers, targets.as_deref()) == content);
        let follows = seq == before.0 + 1 && head == join(before.1, seq, hour, content) && is_own;
        before = (seq, head);
        if !follows || matches!(cover, Some(None)) {
            breaks.entry(hour).or_insert(Broken::Chain);
        }
        let is_noted = noted_seq.is_some_and(|noted| seq <= noted);
        for (id, line) in named(targets.as_deref().unwrap_or_default()) {
            all.named.insert(id, (line.to_owned(), hour));
            if is_noted {
                all.named_then.insert(id, line.to_owned());
            }
        }
        if is_noted && hour <= now_hour {
            all.last_then = all.last_then.max(hour);
        }
        let cover = cover.flatten();
        all.by_hour.entry(hour).or_default().push(EntryOfHour { seq, content, cover });
        Ok(())
    })?;
    Ok(all)
}

/// What is wrong, by hour.
type BreaksByHour = BTreeMap<i64, Broken>;

/// An hour as the database has it.
struct HourRows {
    hour: i64,
    rows: Vec<RawRow>,
    runs: BTreeMap<i64, RowsDigest>,
    is_due: bool,
}

impl HourRows {
    /// The runs that an entry covers, where they are all as they were; of an entry of the first form
    /// those up to the run with which its digest comes out.
    fn covered(&self, entry: &EntryOfHour) -> Option<Vec<i64>> {
        if let Some(cover) = &entry.cover {
            let same = |(run, of): (&i64, &super::cover::RunCover)| {
                self.runs.get(run) == Some(&of.samples)
            };
            return cover.runs.iter().all(same).then(|| cover.runs.keys().copied().collect());
        }
        let runs: Vec<i64> = self.runs.keys().copied().collect();
        (0..=runs.len()).rev().find_map(|n| {
            let of = |row: &&RawRow| runs[..n].contains(&row.key.run);
            let digest = first_form(self.hour, self.rows.iter().filter(of));
            (digest == entry.content).then(|| runs[..n].to_vec())
        })
    }
}

struct Hours<'a> {
    db: &'a Connection,
    removed_before: Option<i64>,
    entries: &'a Entries,
}

/// The first entry in which samples of older hours were named: of hours that a clock dated that was
/// not set, and of all others.
struct Older {
    unset: i64,
    set: i64,
}

impl Hours<'_> {
    fn compare(&self, found: &mut Verification, breaks: &mut BreaksByHour) -> rusqlite::Result<()> {
        let mut older = Older { unset: i64::MAX, set: i64::MAX };
        let mut listed = self.entries.by_hour.keys().copied().peekable();
        let mut stored = self.next_stored(None)?;
        loop {
            let hour = match (listed.peek().copied(), stored) {
                (None, None) => return Ok(()),
                (Some(hour), None) | (None, Some(hour)) => hour,
                (Some(a), Some(b)) => a.min(b),
            };
            listed.next_if_eq(&hour);
            let rows = self.rows(hour)?;
            let wrong = self.hour(&rows, &mut older, found)?;
            if let Some(what) = wrong {
                breaks.entry(hour).or_insert(what);
            }
            if stored == Some(hour) {
                stored = self.next_stored(Some(hour))?;
            }
        }
    }

    /// The next hour with samples.
    fn next_stored(&self, after: Option<i64>) -> rusqlite::Result<Option<i64>> {
        let from = after.map_or(i64::MIN, |hour| minutes_of(hour).1.saturating_add(1));
        let minute: Option<i64> = self
            .db
            .prepare_cached("SELECT min(minute) FROM raw WHERE minute >= ?1")?
            .query_row([from], |row| row.get(0))?;
        Ok(minute.map(hour_of_minute))
    }

    fn rows(&self, hour: i64) -> rusqlite::Result<HourRows> {
        let rows = RawRow::all(self.db, raw::OF_MINUTES, minutes_of(hour))?;
        let runs = digests(hour, &rows);
        let is_due =
            self.db.prepare_cached("SELECT 1 FROM hour_due WHERE hour = ?1")?.exists([hour])?;
        Ok(HourRows { hour, rows, runs, is_due })
    }

    fn hour(
        &self,
        rows: &HourRows,
        older: &mut Older,
        found: &mut Verification,
    ) -> rusqlite::Result<Option<Broken>> {
        let none = Vec::new();
        let mut wrong = None;
        let entries = self.entries.by_hour.get(&rows.hour).unwrap_or(&none);
        let is_gone = entries.last().is_some_and(|last| {
            rows.rows.is_empty() && self.may_be_gone(rows.hour, last.seq, older)
        });
        match entries.last() {
            None if !rows.is_due => wrong = Some(Broken::Unlisted),
            // The open hour, and the one that is about to be added, come after the head.
            None => {
                let last = self.entries.by_hour.last_key_value();
                found.due += u64::from(last.is_some_and(|(last, _)| rows.hour < *last));
            }
            Some(last) => match self.against(rows, last, is_gone)? {
                EntryMatch::Whole => found.whole += 1,
                EntryMatch::Gone => found.gone += 1,
                EntryMatch::Due => found.due += 1,
                EntryMatch::Broken(what) => wrong = Some(what),
            },
        }
        found.added_again += entries.len().saturating_sub(1) as u64;
        if let Some(noted) = &mut found.noted {
            self.against_head(rows, entries, is_gone, noted)?;
        }
        let names = |entry: &&EntryOfHour| match &entry.cover {
            Some(cover) => cover.runs.keys().any(|run| rows.runs.contains_key(run)),
            None => true,
        };
        if !rows.rows.is_empty()
            && let Some(first) = entries.iter().find(names)
        {
            let unset = rows.hour < hour_of_minute(CLOCKS_ARE_SET);
            let seq = if unset { &mut older.unset } else { &mut older.set };
            *seq = first.seq.min(*seq);
        }
        Ok(wrong)
    }

    /// Retention removes the oldest hour first. Samples of an hour before that are still here speak
    /// against it, unless they came later (an import, a merge) or were dated by a clock that was not
    /// set, whose age is not known.
    fn may_be_gone(&self, hour: i64, seq: i64, older: &Older) -> bool {
        let is_unset = hour < hour_of_minute(CLOCKS_ARE_SET);
        let first = if is_unset { older.unset.min(older.set) } else { older.set };
        self.removed_before.is_some_and(|before| hour < before) && first > seq
    }

    fn against(
        &self,
        rows: &HourRows,
        last: &EntryOfHour,
        is_gone: bool,
    ) -> rusqlite::Result<EntryMatch> {
        let covers_none = last.cover.as_ref().is_some_and(|cover| cover.runs.is_empty());
        if is_gone && !covers_none && rows.covered(last).is_none() {
            let sums = self.sums_are_right(rows.hour, last)?;
            return Ok(if sums { EntryMatch::Gone } else { EntryMatch::Broken(Broken::Sums) });
        }
        let Some(covered) = rows.covered(last) else {
            let missing = rows.rows.is_empty();
            return Ok(EntryMatch::Broken(if missing { Broken::Missing } else { Broken::Rows }));
        };
        if covered.len() < rows.runs.len() {
            let due = EntryMatch::Due;
            return Ok(if rows.is_due { due } else { EntryMatch::Broken(Broken::Unlisted) });
        }
        if let Some(cover) = &last.cover {
            for (run, of) in &cover.runs {
                if origin(self.db, *run)? != of.origin {
                    return Ok(EntryMatch::Broken(Broken::Names));
                }
            }
        }
        let sums = rows.is_due || self.sums_are_right(rows.hour, last)?;
        Ok(if sums { EntryMatch::Whole } else { EntryMatch::Broken(Broken::Sums) })
    }

    /// Whether the summaries are as they were, or removed because of their age.
    fn sums_are_right(&self, hour: i64, last: &EntryOfHour) -> rusqlite::Result<bool> {
        let Some(cover) = &last.cover else { return Ok(true) };
        let (minutes, hours) = sums(self.db, hour)?;
        let right = |now: Option<RowsDigest>, then| now.is_none() || now == then;
        Ok(right(minutes, cover.minutes) && right(hours, cover.hours))
    }

    /// What the head covers of an hour is what the last entry up to it covers.
    fn against_head(
        &self,
        rows: &HourRows,
        entries: &[EntryOfHour],
        is_gone: bool,
        noted: &mut HeadCheck,
    ) -> rusqlite::Result<()> {
        let hour = rows.hour;
        let Some(then) = entries.iter().rev().find(|entry| entry.seq <= noted.entry.seq) else {
            if hour <= self.entries.last_then && !rows.rows.is_empty() {
                noted.is_later(hour);
            }
            return Ok(());
        };
        let (was_entered_again, sums) = (
            entries.last().is_some_and(|last| last.seq > then.seq),
            self.sums_are_right(hour, then)?,
        );
        match rows.covered(then) {
            None if is_gone && sums => noted.gone += 1,
            // Its sums are those of the samples that came later, too.
            None if is_gone && was_entered_again => noted.is_later(hour),
            Some(runs) if runs.len() < rows.runs.len() => {
                noted.whole += 1;
                noted.is_later(hour);
            }
            Some(_) if sums || rows.is_due => noted.whole += 1,
            None | Some(_) => noted.is_changed(hour),
        }
        Ok(())
    }
}

/// An hour against its last entry.
enum EntryMatch {
    Whole,
    Gone,
    Due,
    Broken(Broken),
}
