//! All samples of one target in one minute to a BLOB and back, without loss: format 2.
//!
//! ```text
//! u8 version = 2
//! varint interval_ms   distance of slots
//! varint phase_ms      slot 0 after the start of the minute
//! varint n             number of slots
//! n x slot             [14, zigzag varint ms off the slot's time,] token
//! sections             u8 tag, varint length, content
//! u32 LE CRC-32 of all before, the minute (i64, big-endian) and the number of the target (u8)
//! ```
//! A row that got to another minute or target is damaged by that. In format 1, which earlier versions
//! wrote, the checksum is of the BLOB alone; all else is the same, and it is read for ever.
//!
//! Tokens: 1 lost; 2 to 6 ICMP errors; 7 late; 8 to 13 wrong answers; 15 nothing was sent in this
//! slot; else 16 + zigzag(RTT - RTT of the reply before, first against 0) in microseconds. What a
//! token does not say is in the sections, in the order of the samples, so that `SQL` can
//! read times, delays and reasons with a loop over varints (view `v_sample_last_hour`). A varint
//! is LEB128. Delays are kept up to 2^53 us (285 years).

mod details;
mod error;
#[cfg(test)]
#[path = "../../tests/fuzz/codec.rs"]
mod fuzz;
#[cfg(test)]
mod tests;
pub(super) mod varint;

use std::time::Duration;

use details::{Details, DetailsReader};
use error::SamplesError;
use varint::{Input, put_signed, put_varint, zigzag};

use crate::time::Timestamp;
use crate::vocabulary::{Failed, FailedReason, Measurement, Outcome, TargetId, Unreachable};

const VERSION: u8 = 2;
/// Its checksum knows nothing of minute and target.
const WITHOUT_KEY: u8 = 1;
const MINUTE_MS: u64 = 60_000;

const LOST: u64 = 1;
const HOST_UNREACHABLE: u64 = 2;
const NET_UNREACHABLE: u64 = 3;
const PROHIBITED: u64 = 4;
const TIME_EXCEEDED: u64 = 5;
const OTHER_ICMP: u64 = 6;
const LATE: u64 = 7;
const FAILED_DNS: u64 = 8;
const FAILED_REFUSED: u64 = 9;
const FAILED_TLS: u64 = 10;
const FAILED_STATUS: u64 = 11;
const FAILED_CONTENT: u64 = 12;
const FAILED_TIMEOUT: u64 = 13;
const OFF_GRID: u64 = 14;
const NOTHING: u64 = 15;
const FIRST_REPLY: u64 = 16;

/// The checksum of a BLOB without it.
fn checksum(content: &[u8], minute: i64, target: TargetId) -> u32 {
    let mut sum = crc32fast::Hasher::new();
    sum.update(content);
    if content.first() != Some(&WITHOUT_KEY) {
        sum.update(&minute.to_be_bytes());
        sum.update(&[target.0]);
    }
    sum.finalize()
}

/// Makes of a BLOB of the target `before` one of the target `now`.
///
/// # Errors
/// If it is damaged; it is then as it was.
pub(super) fn give_to(
    blob: &mut [u8],
    minute: i64,
    before: TargetId,
    now: TargetId,
) -> Result<(), SamplesError> {
    let (content, sum) = blob.split_last_chunk_mut::<4>().ok_or(SamplesError::Checksum)?;
    if checksum(content, minute, before) != u32::from_le_bytes(*sum) {
        return Err(SamplesError::Checksum);
    }
    *sum = checksum(content, minute, now).to_le_bytes();
    Ok(())
}

/// Encodes the samples of one target in `minute`, which are ordered by send time, lie in that
/// minute and have whole milliseconds. `interval` is the nominal distance of slots; any serves.
pub(super) fn encode(
    minute: i64,
    target: TargetId,
    interval: Duration,
    samples: &[Measurement],
) -> Vec<u8> {
    let start_ms = minute.saturating_mul(60_000);
    let offsets: Vec<u64> = samples
        .iter()
        .map(|s| u64::try_from(s.sent_at.as_millis() - start_ms).unwrap_or(0).min(MINUTE_MS - 1))
        .collect();
    let grid = SlotGrid::of(interval, &offsets);

    let mut slots = Vec::with_capacity(samples.len() * 3);
    let mut details = Details::default();
    let mut next_slot = 0_i64;
    let mut previous_rtt = 0_i64;
    for (sample, &offset) in samples.iter().zip(&offsets) {
        let (slot, off_by) = grid.place(offset, next_slot);
        for _ in next_slot..slot {
            put_varint(&mut slots, NOTHING);
            details.empty_slot();
        }
        next_slot = slot + 1;
        if off_by != 0 {
            put_varint(&mut slots, OFF_GRID);
            put_signed(&mut slots, off_by);
        }
        let token = match &sample.outcome {
            Outcome::Reply(reply) => {
                let rtt = varint::micros_signed(reply.rtt);
                let delta = rtt - previous_rtt;
                previous_rtt = rtt;
                FIRST_REPLY + zigzag(delta)
            }
            other => token(other),
        };
        put_varint(&mut slots, token);
        details.add(&sample.outcome);
    }

    let mut blob = Vec::with_capacity(slots.len() + 16);
    blob.push(VERSION);
    put_varint(&mut blob, grid.interval);
    put_varint(&mut blob, grid.phase);
    put_varint(&mut blob, next_slot.unsigned_abs());
    blob.append(&mut slots);
    details.write(&mut blob);
    blob.extend_from_slice(&checksum(&blob, minute, target).to_le_bytes());
    blob
}

/// Appends the samples in `blob` to `samples`.
///
/// # Errors
/// If the BLOB is damaged or of a later format; `samples` is then as it was.
pub(super) fn decode(
    blob: &[u8],
    minute: i64,
    target: TargetId,
    samples: &mut Vec<Measurement>,
) -> Result<(), SamplesError> {
    let before = samples.len();
    let decoded = append(blob, minute, target, samples);
    if decoded.is_err() {
        samples.truncate(before);
    }
    decoded
}

fn append(
    blob: &[u8],
    minute: i64,
    target: TargetId,
    samples: &mut Vec<Measurement>,
) -> Result<(), SamplesError> {
    let (content, sum) = blob.split_last_chunk::<4>().ok_or(SamplesError::Checksum)?;
    if checksum(content, minute, target) != u32::from_le_bytes(*sum) {
        return Err(SamplesError::Checksum);
    }
    let mut slots = Input::new(content);
    match slots.byte()? {
        WITHOUT_KEY | VERSION => {}
        later => return Err(SamplesError::Version(later)),
    }
    let interval = slots.signed_size()?;
    let phase = slots.signed_size()?;
    let count = slots.varint()?;
    if count > slots.remaining() {
        return Err(SamplesError::Malformed);
    }
    let mut details = {
        let mut behind = slots.clone();
        for _ in 0..count {
            if behind.varint()? == OFF_GRID {
                behind.varint()?;
                behind.varint()?;
            }
        }
        DetailsReader::of(behind)?
    };

    samples.reserve(usize::try_from(count).map_err(|_| SamplesError::Malformed)?);
    let start_ms = minute.saturating_mul(60_000);
    let mut slot_ms = phase;
    let mut rtt = 0_i64;
    for _ in 0..count {
        let mut at = slot_ms;
        slot_ms = slot_ms.saturating_add(interval);
        let mut token = slots.varint()?;
        if token == OFF_GRID {
            at = at.checked_add(slots.signed()?).ok_or(SamplesError::Malformed)?;
            token = slots.varint()?;
        }
        let outcome = match token {
            FIRST_REPLY.. => {
                rtt = rtt
                    .checked_add(varint::unzigzag(token - FIRST_REPLY))
                    .ok_or(SamplesError::Malformed)?;
                let rtt = u64::try_from(rtt).map_err(|_| SamplesError::Malformed)?;
                details.reply(varint::delay(rtt)?)?
            }
            NOTHING => match details.not_sent()? {
                Some(reason) => Outcome::NotSent(reason),
                None => continue,
            },
            LOST => Outcome::Lost,
            HOST_UNREACHABLE..=OTHER_ICMP => details.unreachable()?,
            LATE => details.late()?,
            FAILED_DNS..=FAILED_TIMEOUT => details.failed()?,
            _ => return Err(SamplesError::Malformed),
        };
        if !(0..60_000).contains(&at) {
            return Err(SamplesError::Malformed);
        }
        let sent_at = Timestamp::from_millis(start_ms.saturating_add(at));
        samples.push(Measurement { target, sent_at, outcome });
    }
    Ok(())
}

/// Slots at `phase + n x interval` after the start of the minute, in milliseconds.
struct SlotGrid {
    interval: u64,
    phase: u64,
}

impl SlotGrid {
    /// The nominal interval, unless most of its slots would be empty (imported records), with the
    /// phase that most samples have, so that one late first sample costs itself alone.
    fn of(nominal: Duration, offsets: &[u64]) -> Self {
        let nominal = u64::try_from(nominal.as_millis()).unwrap_or(MINUTE_MS).clamp(1, MINUTE_MS);
        let count = u64::try_from(offsets.len()).unwrap_or(MINUTE_MS).max(1);
        let last = offsets.last().copied().unwrap_or(0);
        let interval =
            if last / nominal > 4 * count + 60 { (MINUTE_MS / count).max(1) } else { nominal };
        let mut residues: Vec<u64> = offsets.iter().map(|o| o % interval).collect();
        residues.sort_unstable();
        let phase = residues.chunk_by(|a, b| a == b).max_by_key(|same| same.len());
        Self { interval, phase: phase.map_or(0, |same| same[0]) }
    }

    /// The slot of a sample, at `first_free` at the earliest, and how far it is off it.
    fn place(&self, offset: u64, first_free: i64) -> (i64, i64) {
        let signed = |ms: u64| i64::try_from(ms).expect("less than a minute");
        let (offset, interval, phase) = (signed(offset), signed(self.interval), signed(self.phase));
        let slot = (offset - phase + interval / 2).div_euclid(interval).max(first_free);
        (slot, offset - phase - slot * interval)
    }
}

/// The token of everything but a reply.
fn token(outcome: &Outcome) -> u64 {
    match outcome {
        Outcome::Reply(_) | Outcome::NotSent(_) => NOTHING,
        Outcome::Late { .. } => LATE,
        Outcome::Lost => LOST,
        Outcome::Unreachable(u) => icmp_token(u),
        Outcome::Failed(Failed { reason, .. }) => match reason {
            FailedReason::Timeout => FAILED_TIMEOUT,
            FailedReason::Refused => FAILED_REFUSED,
            FailedReason::Dns => FAILED_DNS,
            FailedReason::Tls => FAILED_TLS,
            FailedReason::Status => FAILED_STATUS,
            FailedReason::CaptivePortal | FailedReason::HomePage | FailedReason::Malformed => {
                FAILED_CONTENT
            }
        },
    }
}

/// RFC 792, RFC 1812 §5.2.7.1 and RFC 4443 §3 in five words. The numbers of the two families
/// differ; without a sender the kernel's own errors are of the family 4 numbering.
fn icmp_token(u: &Unreachable) -> u64 {
    let v6 = u.by.is_some_and(|by| by.is_ipv6()) || u.icmp_type == 1;
    match (v6, u.icmp_type, u.code) {
        (false, 3, 1 | 7 | 8 | 12) | (true, 1, 3) => HOST_UNREACHABLE,
        (false, 3, 0 | 5 | 6 | 11) | (true, 1, 0) => NET_UNREACHABLE,
        (false, 3, 2 | 3 | 9 | 10 | 13) | (true, 1, 1 | 4 | 5 | 6) => PROHIBITED,
        (false, 11, _) | (true, 3, _) => TIME_EXCEEDED,
        _ => OTHER_ICMP,
    }
}
