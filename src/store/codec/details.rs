//! The sections that follow the tokens: the details that a token alone does not give.
//!
//! Each section holds the details of one kind of outcome in the order of the samples. Most
//! minutes have none.

use std::net::IpAddr;
use std::time::Duration;

use super::error::SamplesError;
use super::varint::{Input, put_duration, put_varint};
use crate::vocabulary::{
    Failed, FailedReason, NotSent, Outcome, Phase, Phases, Reply, Unreachable,
};

const NOT_SENT: u8 = 1;
const LATE: u8 = 2;
const UNREACHABLE: u8 = 3;
const FAILED: u8 = 4;
const LOCAL_QUEUE: u8 = 5;
const PHASES: u8 = 6;
const TTL: u8 = 7;

const REASONS: [NotSent; 10] = [
    NotSent::NoRoute,
    NotSent::LinkDown,
    NotSent::Forbidden,
    NotSent::QueueFull,
    NotSent::Missed,
    NotSent::NoAddress,
    NotSent::Other,
    NotSent::DeadEntry,
    NotSent::OtherWay,
    NotSent::Overflowed,
];
const FAILED_PHASES: [Phase; 5] =
    [Phase::Resolve, Phase::Connect, Phase::Tls, Phase::FirstByte, Phase::Transfer];
const FAILED_REASONS: [FailedReason; 8] = [
    FailedReason::Timeout,
    FailedReason::Refused,
    FailedReason::Dns,
    FailedReason::Tls,
    FailedReason::Status,
    FailedReason::CaptivePortal,
    FailedReason::Malformed,
    FailedReason::HomePage,
];

/// The position of `value` in its table, as one byte.
fn index<T: PartialEq>(table: &[T], value: &T) -> u8 {
    let at = table.iter().position(|v| v == value).expect("the table has all values");
    u8::try_from(at).expect("a short table")
}

/// Details on the way into a BLOB.
#[derive(Default)]
pub(super) struct Details {
    /// Per slot without a probe: 0 nothing due, else 1 + index of the reason; with run length.
    not_sent: Vec<(u8, u64)>,
    late: Vec<u8>,
    unreachable: Vec<u8>,
    senders: Vec<Unreachable>,
    failed: Vec<u8>,
    local_queue: OptionalValues,
    phases: OptionalValues,
    /// Hop limits of replies, 0 where it is not known, with run length.
    ttl: Vec<(u8, u64)>,
}

impl Details {
    /// A slot for which there is no measurement.
    pub(super) fn empty_slot(&mut self) {
        self.slot_without_probe(0);
    }

    /// The details of the next sample.
    pub(super) fn add(&mut self, outcome: &Outcome) {
        match outcome {
            Outcome::Reply(reply) => {
                self.local_queue.add(reply.local_queue, put_duration);
                self.phases.add(reply.phases.as_deref(), put_phases);
                run_on(&mut self.ttl, reply.ttl.unwrap_or(0));
            }
            Outcome::Late { rtt } => put_duration(&mut self.late, *rtt),
            Outcome::Lost => {}
            Outcome::Unreachable(u) => self.add_unreachable(*u),
            Outcome::Failed(Failed { phase, reason }) => {
                self.failed
                    .push(index(&FAILED_PHASES, phase) << 4 | index(&FAILED_REASONS, reason));
            }
            Outcome::NotSent(reason) => self.slot_without_probe(1 + index(&REASONS, reason)),
        }
    }

    fn slot_without_probe(&mut self, why: u8) {
        run_on(&mut self.not_sent, why);
    }

    /// 0 and the error in full when it is new, else the number of the known one: during an outage
    /// the same router says the same each second.
    fn add_unreachable(&mut self, u: Unreachable) {
        if let Some(known) = self.senders.iter().position(|s| *s == u) {
            put_varint(&mut self.unreachable, 1 + known as u64);
            return;
        }
        self.senders.push(u);
        let out = &mut self.unreachable;
        out.extend_from_slice(&[0, u.icmp_type, u.code]);
        match u.by {
            None => out.push(0),
            Some(IpAddr::V4(ip)) => {
                out.push(4);
                out.extend_from_slice(&ip.octets());
            }
            Some(IpAddr::V6(ip)) => {
                out.push(6);
                out.extend_from_slice(&ip.octets());
            }
        }
    }

    /// Appends the sections that are not empty.
    pub(super) fn write(self, blob: &mut Vec<u8>) {
        for (tag, content) in [
            (NOT_SENT, run_lengths(&self.not_sent)),
            (LATE, self.late),
            (UNREACHABLE, self.unreachable),
            (FAILED, self.failed),
            (LOCAL_QUEUE, self.local_queue.finish()),
            (PHASES, self.phases.finish()),
            (TTL, run_lengths(&self.ttl)),
        ] {
            if !content.is_empty() {
                blob.push(tag);
                put_varint(blob, content.len() as u64);
                blob.extend_from_slice(&content);
            }
        }
    }
}

/// Adds a value to run lengths.
fn run_on(runs: &mut Vec<(u8, u64)>, value: u8) {
    match runs.last_mut() {
        Some((last, count)) if *last == value => *count += 1,
        _ => runs.push((value, 1)),
    }
}

/// Run lengths as they are written; nothing where every value is 0.
fn run_lengths(runs: &[(u8, u64)]) -> Vec<u8> {
    let mut out = Vec::new();
    if runs.iter().any(|(value, _)| *value != 0) {
        for (value, count) in runs {
            out.push(*value);
            put_varint(&mut out, *count);
        }
    }
    out
}

/// A value that some replies have: (replies without, replies with, their values), repeated.
#[derive(Default)]
struct OptionalValues {
    out: Vec<u8>,
    without: u64,
    with: u64,
    values: Vec<u8>,
}

impl OptionalValues {
    fn add<T>(&mut self, value: Option<T>, put: impl Fn(&mut Vec<u8>, T)) {
        if let Some(value) = value {
            self.with += 1;
            put(&mut self.values, value);
        } else {
            self.close();
            self.without += 1;
        }
    }

    fn close(&mut self) {
        if self.with > 0 {
            put_varint(&mut self.out, self.without);
            put_varint(&mut self.out, self.with);
            self.out.append(&mut self.values);
            (self.without, self.with) = (0, 0);
        }
    }

    fn finish(mut self) -> Vec<u8> {
        self.close();
        self.out
    }
}

fn put_phases(out: &mut Vec<u8>, p: &Phases) {
    out.push(u8::from(p.resolve.is_some()) | u8::from(p.tls.is_some()) << 1);
    let all = [p.resolve, Some(p.connect), p.tls, Some(p.first_byte), Some(p.transfer)];
    for d in all.into_iter().flatten() {
        put_duration(out, d);
    }
}

/// Details on the way out of a BLOB.
pub(super) struct DetailsReader<'a> {
    not_sent: Option<Input<'a>>,
    slots_without_probe: (u8, u64),
    late: Input<'a>,
    unreachable: Input<'a>,
    senders: Vec<Unreachable>,
    failed: Input<'a>,
    local_queue: OptionalValuesIn<'a>,
    phases: OptionalValuesIn<'a>,
    ttl: Option<Input<'a>>,
    /// The hop limit in force, and for how many replies.
    same_ttl: (u8, u64),
}

impl<'a> DetailsReader<'a> {
    /// Finds the sections; each occurs once at most.
    pub(super) fn of(mut input: Input<'a>) -> Result<Self, SamplesError> {
        let mut sections: [Option<Input<'a>>; 8] = [const { None }; 8];
        while input.remaining() > 0 {
            let tag = input.byte()?;
            let length = input.varint()?;
            let section = Input::new(input.take(length)?);
            match sections.get_mut(usize::from(tag)) {
                Some(known @ None) if tag > 0 => *known = Some(section),
                _ => return Err(SamplesError::Malformed),
            }
        }
        let [_, not_sent, late, unreachable, failed, local_queue, phases, ttl] = sections;
        Ok(Self {
            not_sent,
            slots_without_probe: (0, 0),
            late: late.unwrap_or_default(),
            unreachable: unreachable.unwrap_or_default(),
            senders: Vec::new(),
            failed: failed.unwrap_or_default(),
            local_queue: OptionalValuesIn::new(local_queue),
            phases: OptionalValuesIn::new(phases),
            ttl,
            same_ttl: (0, 0),
        })
    }

    /// The next reply, with what else is known of it.
    #[inline]
    pub(super) fn reply(&mut self, rtt: Duration) -> Result<Outcome, SamplesError> {
        let local_queue = match self.local_queue.next()? {
            Some(input) => Some(input.duration()?),
            None => None,
        };
        let phases = match self.phases.next()? {
            Some(input) => Some(Box::new(take_phases(input)?)),
            None => None,
        };
        let ttl = self.ttl()?;
        Ok(Outcome::Reply(Reply { rtt, local_queue, ttl, phases }))
    }

    /// The hop limit of the next reply.
    fn ttl(&mut self) -> Result<Option<u8>, SamplesError> {
        let Some(input) = &mut self.ttl else { return Ok(None) };
        if self.same_ttl.1 == 0 {
            self.same_ttl = (input.byte()?, input.varint()?);
        }
        let (ttl, left) = &mut self.same_ttl;
        *left = left.checked_sub(1).ok_or(SamplesError::Malformed)?;
        Ok((*ttl > 0).then_some(*ttl))
    }

    /// The reason of the next slot without a probe; `None`: there is no measurement of it.
    pub(super) fn not_sent(&mut self) -> Result<Option<NotSent>, SamplesError> {
        let Some(input) = &mut self.not_sent else { return Ok(None) };
        if self.slots_without_probe.1 == 0 {
            self.slots_without_probe = (input.byte()?, input.varint()?);
        }
        let (why, left) = &mut self.slots_without_probe;
        *left = left.checked_sub(1).ok_or(SamplesError::Malformed)?;
        match why {
            0 => Ok(None),
            n => entry(&REASONS, *n - 1).map(Some),
        }
    }

    /// The next late reply.
    pub(super) fn late(&mut self) -> Result<Outcome, SamplesError> {
        Ok(Outcome::Late { rtt: self.late.duration()? })
    }

    /// The next ICMP error.
    pub(super) fn unreachable(&mut self) -> Result<Outcome, SamplesError> {
        let input = &mut self.unreachable;
        if let Some(known) = input.varint()?.checked_sub(1) {
            let known = usize::try_from(known).ok().and_then(|k| self.senders.get(k));
            return known.map(|u| Outcome::Unreachable(*u)).ok_or(SamplesError::Malformed);
        }
        let [icmp_type, code, family] = input.array()?;
        let by = match family {
            0 => None,
            4 => Some(IpAddr::from(input.array::<4>()?)),
            6 => Some(IpAddr::from(input.array::<16>()?)),
            _ => return Err(SamplesError::Malformed),
        };
        let u = Unreachable { by, icmp_type, code };
        self.senders.push(u);
        Ok(Outcome::Unreachable(u))
    }

    /// The next wrong answer.
    pub(super) fn failed(&mut self) -> Result<Outcome, SamplesError> {
        let byte = self.failed.byte()?;
        Ok(Outcome::Failed(Failed {
            phase: entry(&FAILED_PHASES, byte >> 4)?,
            reason: entry(&FAILED_REASONS, byte & 15)?,
        }))
    }
}

fn entry<T: Copy>(table: &[T], index: u8) -> Result<T, SamplesError> {
    table.get(usize::from(index)).copied().ok_or(SamplesError::Malformed)
}

fn take_phases(input: &mut Input<'_>) -> Result<Phases, SamplesError> {
    let flags = input.byte()?;
    let resolve = if flags & 1 != 0 { Some(input.duration()?) } else { None };
    let connect = input.duration()?;
    let tls = if flags & 2 != 0 { Some(input.duration()?) } else { None };
    Ok(Phases { resolve, connect, tls, first_byte: input.duration()?, transfer: input.duration()? })
}

/// [`OptionalValues`] on the way out.
struct OptionalValuesIn<'a> {
    input: Input<'a>,
    without: u64,
    with: u64,
}

impl<'a> OptionalValuesIn<'a> {
    fn new(input: Option<Input<'a>>) -> Self {
        Self { input: input.unwrap_or_default(), without: 0, with: 0 }
    }

    /// Where the value of the next reply is, if it has one.
    #[inline]
    fn next(&mut self) -> Result<Option<&mut Input<'a>>, SamplesError> {
        if self.without == 0 && self.with == 0 {
            if self.input.remaining() == 0 {
                return Ok(None);
            }
            (self.without, self.with) = (self.input.varint()?, self.input.varint()?);
        }
        if self.without > 0 {
            self.without -= 1;
            return Ok(None);
        }
        self.with = self.with.checked_sub(1).ok_or(SamplesError::Malformed)?;
        Ok(Some(&mut self.input))
    }
}
