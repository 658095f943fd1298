//! What of the record lets others check it without linkmon: its chain, the samples of the period as they
//! are stored, and a reader of both.

use std::io::Write;

use serde::Serialize;

use super::Error;
use super::manifest::Numbered;
use crate::store::{ChainEntry, Digest, HeadStamp, Reader};
use crate::time::{TimeRange, Timestamp};

/// The chain, an entry a line.
pub(super) const CHAIN: &str = "chain.jsonl";
/// Samples of whole hours.
pub(super) const SAMPLES: &str = "samples.bin";
/// A program that checks the bundle.
pub(super) const READER: &str = "verify.py";
/// Its text.
pub(super) const READER_TEXT: &str = include_str!("verify.py");

#[derive(Serialize)]
struct EntryLine<'a> {
    seq: i64,
    hour: i64,
    content: Digest,
    covers: Option<&'a str>,
    targets: Option<&'a str>,
}

/// Writes all entries; what they cover only of hours that the period touches, and where they name
/// targets.
pub(super) fn write_chain(
    reader: &Reader,
    period: TimeRange,
    out: &mut dyn Write,
) -> Result<(), Error> {
    let hour = |at: Timestamp| at.minute().div_euclid(60);
    let hours = hour(period.from)..=hour(period.to);
    reader.for_each_entry(&mut |entry: ChainEntry| {
        let is_wanted = hours.contains(&entry.hour) || entry.targets.is_some();
        let line = EntryLine {
            seq: entry.seq,
            hour: entry.hour,
            content: entry.content,
            covers: entry.covers.as_deref().filter(|_| is_wanted),
            targets: entry.targets.as_deref(),
        };
        serde_json::to_writer(&mut *out, &line).map_err(std::io::Error::from)?;
        Ok(out.write_all(b"\n")?)
    })
}

/// Writes the samples of all hours that these spans touch, in the form of which the chain has the digest.
/// No two touch one hour.
pub(super) fn write_samples(
    reader: &Reader,
    spans: &[TimeRange],
    out: &mut dyn Write,
) -> Result<(), Error> {
    spans.iter().try_for_each(|span| {
        reader.for_each_stored(*span, &mut |head, samples| {
            out.write_all(&head)?;
            Ok::<_, Error>(out.write_all(samples)?)
        })
    })
}

/// What the numbers of targets mean.
pub(super) fn targets(reader: &Reader) -> Result<Vec<Numbered>, Error> {
    let numbered = |t: crate::vocabulary::Target| Numbered { id: t.id.0, name: t.name };
    Ok(reader.targets()?.into_iter().map(numbered).collect())
}

/// `HeadStamps` in one bundle, at most.
const MOST_STAMPS: usize = 400;

/// Names and contents of the time stamps of heads of the period, and of the newest.
pub(super) fn stamps(reader: &Reader, period: TimeRange) -> Result<Vec<(String, Vec<u8>)>, Error> {
    let mut stamps = reader.stamps()?;
    let newest = stamps.last().map(|stamp| stamp.seq);
    stamps.retain(|stamp| period.contains(stamp.asked) || Some(stamp.seq) == newest);
    // Of one head the first: it existed by then.
    stamps.dedup_by_key(|stamp| stamp.seq);
    let first = stamps.len().saturating_sub(MOST_STAMPS);
    let named = |stamp: HeadStamp| (format!("stamp-{}.tsr", stamp.seq), stamp.token);
    Ok(stamps.drain(first..).map(named).collect())
}
