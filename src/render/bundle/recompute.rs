//! Recomputes the chain that a bundle carries, as `verify.py` in it does: every entry from the first on, the
//! samples of each hour against its last entry, and of which entries the time stamps are.
//!
//! That the files are those of the manifest was checked before. What is held in memory is bounded all the
//! same: the manifest may be as false as the rest.

use std::collections::BTreeSet;
use std::io::{BufRead, BufReader, Read, Seek};

use serde::Deserialize;
use zip::ZipArchive;

use super::manifest::Manifest;
use super::proof::{CHAIN, SAMPLES};
use crate::probe::http::stamped_digest;
use crate::store::{ChainApart, ChainEntry, Digest, HourApart, ROW_HEAD};
use crate::time::Timestamp;

/// An entry takes some kilobytes: a line for each run of an hour.
const LONGEST_LINE: u64 = 4 << 20;
/// A minute of samples takes some kilobytes.
const LONGEST_ROW: i64 = 1 << 20;
/// A daemon that is started anew every second has 3,600 in an hour.
const MOST_RUNS: usize = 10_000;
/// A time stamp takes some kilobytes.
const LONGEST_STAMP: u64 = 1 << 20;
/// Findings of one kind that are told.
const TOLD: usize = 5;

#[derive(Deserialize)]
struct PackedEntry {
    seq: i64,
    hour: i64,
    content: String,
    covers: Option<String>,
    targets: Option<String>,
}

/// What was recomputed of a bundle's chain.
#[derive(Debug)]
pub struct RecomputedChain {
    /// Its entries.
    pub chain: ChainApart,
    /// Hours of which there are samples.
    pub hours: u64,
    /// Of these, hours that are in the chain.
    pub covered: u64,
    /// Time stamps of heads of the chain.
    pub stamps: u64,
}

/// Recomputes the chain of a bundle; `None`: it carries none, as those of an earlier linkmon.
pub(super) fn recompute<R: Read + Seek>(
    zip: &mut ZipArchive<R>,
    manifest: &Manifest,
    findings: &mut Vec<String>,
) -> Option<RecomputedChain> {
    let is_there = |name: &str| manifest.files.iter().any(|file| file.name == name);
    if !is_there(CHAIN) || !is_there(SAMPLES) {
        return None;
    }
    let chain = match entries(zip, findings) {
        Ok(chain) => chain,
        Err(problem) => {
            findings.push(format!("{CHAIN} cannot be read: {problem}"));
            return None;
        }
    };
    let head = manifest.chain.as_ref().map(|chain| chain.head.to_ascii_lowercase());
    let none = Digest([0; 32]).to_string();
    if chain.head().to_string() != head.unwrap_or(none) {
        findings.push("the chain does not lead to the head in the manifest".to_owned());
    }
    let mut found = RecomputedChain { chain, hours: 0, covered: 0, stamps: 0 };
    if let Err(problem) = samples(zip, manifest, &mut found, findings) {
        findings.push(format!("{SAMPLES} cannot be read: {problem}"));
    }
    for file in manifest.files.iter().filter(|file| is_stamp(&file.name)) {
        let mut token = Vec::new();
        let read = zip.by_name(&file.name).ok().map(|file| file.take(LONGEST_STAMP));
        let is_read = read.is_some_and(|mut file| file.read_to_end(&mut token).is_ok());
        let stamped = is_read.then(|| stamped_digest(&token)).flatten().map(Digest);
        match stamped.and_then(|head| found.chain.entry_of(head)) {
            Some(_) => found.stamps += 1,
            None => findings.push(format!("{} is no stamp of a head of this chain", file.name)),
        }
    }
    Some(found)
}

fn entries<R: Read + Seek>(
    zip: &mut ZipArchive<R>,
    findings: &mut Vec<String>,
) -> Result<ChainApart, String> {
    let mut chain = ChainApart::default();
    let mut file = BufReader::new(zip.by_name(CHAIN).map_err(|e| e.to_string())?);
    let mut line = Vec::new();
    let mut wrong = 0;
    loop {
        line.clear();
        let read = file.by_ref().take(LONGEST_LINE).read_until(b'\n', &mut line);
        if read.map_err(|e| e.to_string())? == 0 {
            return Ok(chain);
        }
        let entry: PackedEntry =
            serde_json::from_slice(&line).map_err(|e| format!("no entry of a chain: {e}"))?;
        let PackedEntry { seq, hour, content, covers, targets } = entry;
        let content = content.parse()?;
        let entry = ChainEntry { seq, hour, content, head: content, covers, targets };
        if let Some(finding) = chain.add(&entry) {
            wrong += 1;
            findings.push(finding);
            if wrong == TOLD {
                return Err("nothing more of it is checked".to_owned());
            }
        }
    }
}

fn samples<R: Read + Seek>(
    zip: &mut ZipArchive<R>,
    manifest: &Manifest,
    found: &mut RecomputedChain,
    findings: &mut Vec<String>,
) -> Result<(), String> {
    let mut file = BufReader::new(zip.by_name(SAMPLES).map_err(|e| e.to_string())?);
    let mut seen = BTreeSet::new();
    let mut open: Option<HourApart> = None;
    let mut wrong = Vec::new();
    let mut row = Vec::new();
    let mut close = |hour: HourApart, found: &mut RecomputedChain, wrong: &mut Vec<i64>| {
        let number = hour.hour();
        found.hours += 1;
        found.covered += u64::from(found.chain.last_of(number).is_some());
        let is_new = seen.insert(number);
        if !found.chain.has(hour) || !is_new {
            wrong.push(number);
        }
    };
    while !file.fill_buf().map_err(|e| e.to_string())?.is_empty() {
        let mut head = [0; ROW_HEAD];
        file.read_exact(&mut head).map_err(|e| e.to_string())?;
        let number = |at: usize| i64::from_be_bytes(std::array::from_fn(|n| head[at + n]));
        let (hour, length) = (number(0).div_euclid(60), number(24));
        if !(0..=LONGEST_ROW).contains(&length) {
            return Err(format!("a row of {length} bytes"));
        }
        row.resize(usize::try_from(length).unwrap_or(0), 0);
        file.read_exact(&mut row).map_err(|e| e.to_string())?;
        if let Some(before) = open.take_if(|open| open.hour() != hour) {
            close(before, found, &mut wrong);
        }
        if open.get_or_insert_with(|| HourApart::new(hour)).add(&head, &row) > MOST_RUNS {
            return Err("more runs than any hour has".to_owned());
        }
    }
    if let Some(last) = open {
        close(last, found, &mut wrong);
    }
    let show = |hour: i64| Timestamp::from_seconds(hour.saturating_mul(3_600)).to_string();
    for hour in wrong.iter().take(TOLD) {
        let at = show(*hour);
        findings.push(format!("the samples of the hour of {at} are not those of its entry"));
    }
    if manifest.kept.is_some() {
        // Only hours of which probes are packed.
        return Ok(());
    }
    // Retention removes the oldest hours first.
    let oldest = seen.iter().filter_map(|hour| found.chain.last_of(*hour)).min().unwrap_or(0);
    let first = seen.iter().find(|hour| found.chain.last_of(**hour).is_some()).copied();
    let period = manifest.period;
    let (from, to) = (period.from.minute().div_euclid(60), period.to.plus_micros(-1).minute());
    let missing = found.chain.covered_hours(from, to.div_euclid(60)).filter(|(hour, seq)| {
        !seen.contains(hour) && *seq > oldest && first.is_some_and(|first| first < *hour)
    });
    for (hour, _) in missing.take(TOLD) {
        findings.push(format!("the samples of the hour of {} are missing", show(hour)));
    }
    Ok(())
}

fn is_stamp(name: &str) -> bool {
    std::path::Path::new(name).extension().is_some_and(|extension| extension == "tsr")
}
