//! One run of ping: its probes get the times of their lines, of their neighbours, or of its pace.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use super::address::literal;
use super::importer::{Importer, ProbeResult};
use super::lines::shown;
use super::ping_line::{PingHeader, PingLine};
use super::stamp::Stamp;
use crate::time::Timestamp;

/// One run of ping: from a header to the next.
#[derive(Debug, Default)]
pub(super) struct PingRun {
    pub(super) name: Option<String>,
    address: Option<String>,
    /// The number of the first probe, where a header says what kind of ping it is.
    first_sequence: Option<i64>,
    /// When the header was written.
    started: Option<Stamp>,
    /// The last sequence number seen, counted on through wraps, and its stamp.
    last: Option<(i64, Timestamp)>,
    /// What is known of each number.
    found: BTreeMap<i64, ProbeResult>,
    /// Send times that are known exactly.
    sent: BTreeMap<i64, Timestamp>,
    /// Send times that are known roughly, for records without any of the others.
    rough: BTreeMap<i64, Timestamp>,
    transmitted: Option<u64>,
    took: Option<Duration>,
    /// The last number that was given away already.
    settled: Option<i64>,
    /// The last whole second that is the time of a number.
    last_second: Option<Timestamp>,
    /// After which number a line was damaged, and its time.
    unclear: Vec<(i64, Option<Timestamp>)>,
    /// A header of the same host came, and it is not known yet whether it is that of a new run.
    pub(super) waiting: Option<PingHeader>,
    /// The time of the first probe that was given away.
    first_given: Option<Timestamp>,
}

/// When the probes of a run were sent, first and last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct RunSpan {
    pub(super) first: Timestamp,
    pub(super) last: Timestamp,
}

/// A run that nobody answered and whose times its own lines do not show.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct DeadRun {
    /// Probes that were sent; `None`: it was ended without a word.
    pub(super) transmitted: Option<u64>,
    pub(super) took: Option<Duration>,
}

impl DeadRun {
    /// From its first probe to the end of its waiting for answers.
    pub(super) fn length(self) -> Duration {
        let paced = Duration::from_secs(self.transmitted.unwrap_or(1).saturating_sub(1));
        self.took.unwrap_or(paced)
    }
}

/// What a run came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Finished {
    /// It was given away.
    Given(RunSpan),
    /// It has no times.
    Dead(DeadRun),
    /// It has no probes.
    Nothing,
}

/// Numbers that are held, at least, before the oldest are settled.
const HELD: usize = 100_000;
/// How far numbers run ahead of one that is settled: no answer comes later than that.
const OUTSTANDING: i64 = 40_000;

impl PingRun {
    /// Whether it is a run of ping to this address.
    pub(super) fn is_of(&self, address: &str) -> bool {
        let same = |own: &String| {
            own == address || literal(own).is_some_and(|own| Some(own) == literal(address))
        };
        self.address.as_ref().is_some_and(same)
    }

    /// Whether it is known which address is asked.
    pub(super) fn has_address(&self) -> bool {
        self.address.as_deref().is_some_and(|address| literal(address).is_some())
    }

    /// Whether this number comes next, or was passed over and not answered.
    pub(super) fn waits_for(&self, sequence: u16) -> bool {
        let Some((last, _)) = self.last else { return true };
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "modulo 2^16")]
        let ahead = sequence.wrapping_sub(last as u16).cast_signed();
        let number = last + i64::from(ahead);
        (ahead > 0 && ahead <= 2) || (ahead <= 0 && !self.found.contains_key(&number))
    }

    /// Names the host, for records that have it on each line.
    pub(super) fn call(&mut self, name: String, address: Option<String>) {
        if self.name.is_none() {
            self.address = Some(address.unwrap_or_else(|| name.clone()));
            self.name = Some(name);
        }
    }

    pub(super) fn take(&mut self, said: PingLine) {
        match said {
            PingLine::Header(header) => {
                (self.name, self.address) = (Some(header.name), Some(header.address));
                self.first_sequence = Some(header.first_sequence);
                self.started = header.stamp;
            }
            PingLine::Reply { stamp, from, sequence, rtt } => {
                let number = self.counted_on(sequence, stamp.at);
                self.found.entry(number).or_insert(ProbeResult::Answered(rtt));
                self.found.entry(number).and_modify(|f| {
                    if !matches!(f, ProbeResult::Answered(_)) {
                        *f = ProbeResult::Answered(rtt);
                    }
                });
                self.set_sent(number, stamp, stamp.before(rtt));
                if !self.has_address() && (self.address.is_none() || literal(&from).is_some()) {
                    self.address = Some(from.clone());
                }
                self.name.get_or_insert(from);
            }
            PingLine::NoAnswerYet { stamp, sequence } => {
                let number = self.counted_on(sequence, stamp.at);
                self.found.entry(number).or_insert(ProbeResult::Lost);
                // It is printed when the next probe is sent.
                self.set_sent(number + 1, stamp, stamp.at);
            }
            PingLine::Error { stamp, sequence, unreachable } => {
                let number = self.counted_on(sequence, stamp.at);
                let found = unreachable.map_or(ProbeResult::Lost, ProbeResult::Unreachable);
                let known = self.found.entry(number).or_insert(found);
                if *known == ProbeResult::Lost {
                    *known = found;
                }
                self.rough.entry(number).or_insert(stamp.at);
            }
            PingLine::Summary { transmitted, took } => {
                (self.transmitted, self.took) = (Some(transmitted), took);
            }
            PingLine::Statistics { .. } | PingLine::Unstamped(_) | PingLine::Nothing => {}
        }
    }

    /// A time that is known exactly; of one to the second, the first number of that second is.
    fn set_sent(&mut self, number: i64, stamp: Stamp, at: Timestamp) {
        if stamp.is_coarse() {
            if self.last_second == Some(at) {
                return;
            }
            self.last_second = Some(at);
        }
        self.sent.entry(number).or_insert(at);
    }

    /// A line between those of this run cannot be read: its probe is not known to be lost.
    pub(super) fn on_damage(&mut self, at: Option<Timestamp>) {
        const MOST: usize = 100_000;
        if let Some((last, _)) = self.last
            && self.unclear.len() < MOST
        {
            self.unclear.push((last, at));
        }
    }

    /// Whether its statistics were seen.
    pub(super) fn is_over(&self) -> bool {
        self.transmitted.is_some()
    }

    /// Whether a probe that comes after another header of the same host is one of this run: its
    /// number and its time go on as before.
    pub(super) fn goes_on_with(&self, sequence: u16, stamp: Stamp) -> bool {
        const MOST_AHEAD: i64 = 1_000;
        const SLACK_US: i64 = 2_000_000;
        let Some((last, at)) = self.last else { return false };
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "modulo 2^16")]
        let ahead = i64::from(sequence.wrapping_sub(last as u16).cast_signed());
        let expected = ahead.saturating_mul(pace(&self.sent));
        let passed = stamp.at.micros_since(at);
        (1..=MOST_AHEAD).contains(&ahead)
            && (passed - expected).abs() <= SLACK_US.max(expected / 10)
    }

    /// The sequence number counted on through wraps of its 16 bits: the one nearest to the last,
    /// and not one long past.
    fn counted_on(&mut self, sequence: u16, stamp: Timestamp) -> i64 {
        const LONGEST_DELAY_US: i64 = 3_600_000_000;
        const WRAP: i64 = 1 << 16;
        let Some((last, last_stamp)) = self.last else {
            self.last = Some((i64::from(sequence), stamp));
            return i64::from(sequence);
        };
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "modulo 2^16")]
        let last_sequence = last as u16;
        let mut number = last + i64::from(sequence.wrapping_sub(last_sequence).cast_signed());
        if number < last && stamp.micros_since(last_stamp) > LONGEST_DELAY_US {
            number += WRAP;
        }
        if number > last {
            self.last = Some((number, stamp));
        }
        number
    }

    /// Gives away the oldest of a long record, up to a number whose time is known exactly: what
    /// comes after it has no influence on what comes before.
    pub(super) fn settle(&mut self, importer: &mut Importer) -> Result<(), String> {
        let Some((&highest, _)) = self.found.last_key_value().filter(|_| self.found.len() >= HELD)
        else {
            return Ok(());
        };
        let old = self.sent.range(..=highest - OUTSTANDING).next_back();
        let Some((&until, _)) = old.filter(|(n, _)| self.settled.is_none_or(|s| s < **n)) else {
            return Ok(());
        };
        self.give(until, None, importer)?;
        self.settled = Some(until);
        self.unclear.retain(|(after, _)| *after > until);
        self.found = self.found.split_off(&(until + 1));
        self.sent = self.sent.split_off(&until);
        self.rough = self.rough.split_off(&(until + 1));
        Ok(())
    }

    /// Gives everything that is left between the first number and the last its time; nothing that
    /// only its header shows is earlier than `not_before`.
    pub(super) fn finish(
        mut self,
        not_before: Option<Timestamp>,
        importer: &mut Importer,
    ) -> Result<Finished, String> {
        let transmitted = self.transmitted.and_then(|n| i64::try_from(n).ok());
        if self.found.is_empty() {
            let (Some(first), 1..) = (self.first_sequence, transmitted.unwrap_or(1)) else {
                return Ok(Finished::Nothing);
            };
            let (Some(started), Some(count)) = (self.started, transmitted) else {
                let (transmitted, took) = (self.transmitted, self.took);
                return Ok(Finished::Dead(DeadRun { transmitted, took }));
            };
            if count > MOST_TRAILING {
                return Err("more probes than there is time for".to_owned());
            }
            self.sent.insert(first, started.at);
            if let Some(took) = self.took.filter(|_| count > 1) {
                self.sent.insert(first + count - 1, started.at + took);
            }
            self.found.insert(first, ProbeResult::Lost);
            self.found.insert(first + count - 1, ProbeResult::Lost);
        }
        let highest = self.found.last_key_value().map_or(0, |(number, _)| *number);
        let last = match (self.first_sequence, transmitted) {
            (Some(first), Some(count)) => count.saturating_add(first - 1),
            _ => highest,
        };
        let is_trailing = last > highest && last - highest <= MOST_TRAILING;
        let last = self.give(if is_trailing { last } else { highest }, not_before, importer)?;
        Ok(match self.first_given.zip(last) {
            Some((first, last)) => Finished::Given(RunSpan { first, last }),
            None => Finished::Nothing,
        })
    }

    /// Gives away up to the number `last`; the time of the last.
    fn give(
        &mut self,
        last: i64,
        not_before: Option<Timestamp>,
        importer: &mut Importer,
    ) -> Result<Option<Timestamp>, String> {
        let known = if self.sent.is_empty() { &self.rough } else { &self.sent };
        let Some((&first_known, _)) = known.first_key_value() else { return Ok(None) };
        let name = self.name.as_deref().ok_or_else(|| "no line names the host".to_owned())?;
        let lowest = self.found.keys().next().copied().unwrap_or(first_known);
        let first = match (self.settled, self.first_sequence) {
            (Some(settled), _) => settled + 1,
            // A record cut off at its start says nothing about what came before.
            (None, Some(first)) if lowest > first => first,
            (None, _) => lowest,
        };
        // Where the clock went back, the time that went by before and after counts.
        let passed = known.values().zip(known.values().skip(1));
        let span_ms =
            passed.map(|(a, b)| b.micros_since(*a).max(0) / 1_000).fold(0, i64::saturating_add);
        if last - first > span_ms.saturating_add(MOST_TRAILING) {
            return Err(format!("numbers run faster than time in the record of {}", shown(name)));
        }
        let times = SendTimes { known, pace: pace(known) };
        let earliest = self.started.map(|started| started.at).max(not_before);
        let unclear = unclear_numbers(&self.unclear, &self.found, &times);
        importer.unclear += unclear.len() as u64;
        let mut given = None;
        for number in first..=last {
            let found = self.found.get(&number).copied();
            if found.is_none() && unclear.contains(&number) {
                continue;
            }
            let at = times.sent_at(number);
            if number < lowest && earliest.is_some_and(|earliest| at <= earliest) {
                continue;
            }
            importer.push(name, at, found.unwrap_or(ProbeResult::Lost))?;
            self.first_given.get_or_insert(at);
            given = Some(at);
        }
        if let Some(address) = &self.address {
            importer.set_address(name, address);
        }
        Ok(given)
    }
}

/// The numbers that damaged lines may have been of: each the missing one nearest to its time, or
/// else to where it was.
fn unclear_numbers(
    damaged: &[(i64, Option<Timestamp>)],
    found: &BTreeMap<i64, ProbeResult>,
    times: &SendTimes<'_>,
) -> BTreeSet<i64> {
    const NEAR: i64 = 1_000;
    let mut numbers = BTreeSet::new();
    for &(after, at) in damaged {
        let next = found.range(after + 1..).next().map(|(number, _)| *number);
        let missing = after + 1..next.unwrap_or(after).min(after + NEAR);
        let free = missing.filter(|number| !numbers.contains(number));
        let distance = |number: i64| {
            at.map_or(number - after, |at| times.sent_at(number).micros_since(at).abs())
        };
        numbers.extend(free.min_by_key(|number| distance(*number)));
    }
    numbers
}

/// Losses at the end of a record that only its statistics show: a day at one a second.
const MOST_TRAILING: i64 = 86_400;

/// Microseconds from one probe to the next: the median of what is known.
fn pace(known: &BTreeMap<i64, Timestamp>) -> i64 {
    const ONE_SECOND_US: i64 = 1_000_000;
    let pairs = known.iter().zip(known.iter().skip(1));
    let mut paces: Vec<i64> =
        pairs.map(|((n1, t1), (n2, t2))| t2.micros_since(*t1) / (n2 - n1)).collect();
    paces.sort_unstable();
    paces.get(paces.len() / 2).copied().filter(|us| *us > 0).unwrap_or(ONE_SECOND_US)
}

struct SendTimes<'a> {
    known: &'a BTreeMap<i64, Timestamp>,
    pace: i64,
}

impl SendTimes<'_> {
    /// Known, or between its neighbours, or at the pace of the record from the nearest.
    fn sent_at(&self, number: i64) -> Timestamp {
        let before = self.known.range(..=number).next_back();
        let after = self.known.range(number..).next();
        match (before, after) {
            (Some((&n, &t)), _) if n == number => t,
            (Some((&n1, &t1)), Some((&n2, &t2))) => {
                // Where much more time passed than the numbers account for, the machine slept: the
                // probes belong to the time before; where less did, the clock was set back.
                let even = t2.micros_since(t1) / (n2 - n1);
                let even =
                    if even > 0 { even.min(self.pace.saturating_mul(3) / 2) } else { self.pace };
                t1.plus_micros((number - n1).saturating_mul(even))
            }
            (Some((&n, &t)), None) | (None, Some((&n, &t))) => {
                t.plus_micros((number - n).saturating_mul(self.pace))
            }
            (None, None) => Timestamp::default(),
        }
    }
}
