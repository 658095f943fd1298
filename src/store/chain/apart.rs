//! A chain outside of a database, as a bundle has it: its entries one after another, then the samples of
//! hours against them.

use std::collections::{BTreeMap, HashMap};

use sha2::{Digest as _, Sha256};

use super::cover::{HourCover, RunDigests};
use super::{ChainEntry, Digest, FIRST_FORM, join, second_form};

/// More entries than hours of two centuries: none of a record.
const MOST_ENTRIES: i64 = 2_000_000;

/// The entries of a chain that were read so far.
#[derive(Debug)]
pub struct ChainApart {
    seq: i64,
    head: Digest,
    last: BTreeMap<i64, LastEntry>,
    heads: HashMap<[u8; 32], i64>,
}

/// The last entry of an hour.
#[derive(Debug)]
struct LastEntry {
    seq: i64,
    content: Digest,
    cover: Option<HourCover>,
}

impl Default for ChainApart {
    fn default() -> Self {
        Self { seq: 0, head: Digest([0; 32]), last: BTreeMap::new(), heads: HashMap::new() }
    }
}

impl ChainApart {
    /// Takes the next entry (its own `head` is not asked); gives what is wrong with it.
    pub fn add(&mut self, entry: &ChainEntry) -> Option<String> {
        self.seq += 1;
        let ChainEntry { seq, hour, content, covers, targets, .. } = entry;
        self.head = join(self.head, self.seq, *hour, *content);
        if self.seq > MOST_ENTRIES {
            return Some("it has more entries than any chain".to_owned());
        }
        if *seq != self.seq {
            return Some(format!("entry {} of the chain is missing", self.seq));
        }
        let cover = covers.as_deref().map(HourCover::parse);
        let is_own = covers
            .as_deref()
            .is_none_or(|covers| second_form(*hour, covers, targets.as_deref()) == *content);
        if !is_own || matches!(cover, Some(None)) {
            return Some(format!(
                "entry {seq} of the chain does not have the digest of what it covers"
            ));
        }
        self.heads.insert(self.head.0, self.seq);
        let last = LastEntry { seq: self.seq, content: *content, cover: cover.flatten() };
        self.last.insert(*hour, last);
        None
    }

    /// The digest of all entries so far; zeros of none.
    pub fn head(&self) -> Digest {
        self.head
    }

    /// The entry that this was the head of.
    pub fn entry_of(&self, head: Digest) -> Option<i64> {
        self.heads.get(&head.0).copied()
    }

    /// The number of the last entry of an hour.
    pub fn last_of(&self, hour: i64) -> Option<i64> {
        self.last.get(&hour).map(|entry| entry.seq)
    }

    /// Hours with entries, in order, of those from `first` to `last`, that cover samples.
    pub fn covered_hours(&self, first: i64, last: i64) -> impl Iterator<Item = (i64, i64)> + '_ {
        let covers = |entry: &LastEntry| entry.cover.as_ref().is_none_or(|c| !c.runs.is_empty());
        let range = self.last.range(first..).take_while(move |(hour, _)| **hour <= last);
        let range = range.filter(move |(_, entry)| covers(entry));
        range.map(|(hour, entry)| (*hour, entry.seq))
    }

    /// Whether these are the samples that the last entry of their hour covers; also where there is none.
    pub fn has(&self, hour: HourApart) -> bool {
        let Some(entry) = self.last.get(&hour.hour) else { return true };
        match &entry.cover {
            Some(cover) => {
                let then = cover.runs.iter().map(|(run, of)| (*run, of.samples));
                then.eq(hour.runs.finish())
            }
            None => entry.content == Digest(hour.whole.finalize().into()),
        }
    }
}

/// The samples of an hour, one row after another.
#[derive(Debug)]
pub struct HourApart {
    hour: i64,
    /// Of the first form.
    whole: Sha256,
    runs: RunDigests,
}

/// Numbers before a row's samples: minute, target, run, length.
pub const ROW_HEAD: usize = 32;

impl HourApart {
    /// Of this hour, Unix time / 3600 s.
    pub fn new(hour: i64) -> Self {
        let whole = Sha256::new().chain_update(FIRST_FORM).chain_update(hour.to_be_bytes());
        Self { hour, whole, runs: RunDigests::new(hour) }
    }

    /// The hour.
    pub fn hour(&self) -> i64 {
        self.hour
    }

    /// Takes a row, with the numbers before it; gives of how many runs the rows are.
    pub fn add(&mut self, head: &[u8; ROW_HEAD], samples: &[u8]) -> usize {
        for part in [&head[..8], &head[15..24], &head[28..], samples] {
            self.whole.update(part);
        }
        let run = head[16..24].iter().fold(0, |run, byte| run << 8 | i64::from(*byte));
        self.runs.add(run, head, samples)
    }
}
