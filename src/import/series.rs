//! Outcomes of one target in 16 bytes each, and those of many targets in the order of time: a year
//! of one target at one a second is held in half a gigabyte.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::collections::binary_heap::PeekMut;
use std::time::Duration;

use crate::time::{TimeRange, Timestamp};
use crate::vocabulary::{Measurement, Outcome, Role, Standing, TargetId, Unreachable};

/// The outcomes of one target, in the order they were sent.
#[derive(Debug, Clone, PartialEq)]
pub struct Series {
    /// Its name: the column, or the host that ping was given.
    pub name: String,
    /// Its address where the record has it, else its name.
    pub address: String,
    /// Its role: the one given, else `anchor`, or `gateway` where the address is private.
    pub role: Role,
    /// What its answers may prove.
    pub standing: Standing,
    /// The median of the distances between its measurements, in whole milliseconds.
    pub interval: Duration,
    /// By send time, which rises.
    pub(super) rows: Vec<PackedOutcome>,
    /// The ICMP errors that rows point at.
    pub(super) errors: IcmpErrors,
}

/// What was wrong in the records and has been corrected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Tidied {
    /// Measurements that came after a later one of their target.
    pub reordered: u64,
    /// How often time goes back by more than a second from one measurement to the next: the clock
    /// was set back, or the lines are not in order.
    pub falls: u64,
    /// Measurements that were there already, with the same outcome.
    pub duplicates: u64,
    /// Measurements of a time for which another outcome was kept: an answer, where there is one.
    pub contradicted: u64,
}

/// A send time in whole milliseconds and a code; ordered by time, and of one time the
/// best first: an answer, the sooner the better.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct PackedOutcome {
    at_ms: i64,
    code: u64,
}

impl PackedOutcome {
    pub(super) fn at_ms(&self) -> i64 {
        self.at_ms
    }
}

/// What a code says in its two highest bits; below them is a delay in microseconds, the number
/// of an ICMP error, or nothing.
const REPLY: u64 = 0;
const LATE: u64 = 1;
const UNREACHABLE: u64 = 2;
const LOST: u64 = 3;
const KIND: u32 = 62;
const VALUE: u64 = (1 << KIND) - 1;

/// Different ICMP errors of one target: a handful in any real record. What is beyond [`Self::MOST`]
/// of them is kept as lost.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct IcmpErrors(Vec<Unreachable>);

impl IcmpErrors {
    const MOST: usize = 1_000;

    /// A row of `outcome`, whose delay is of an hour at most.
    pub(super) fn row(&mut self, at: Timestamp, outcome: &Outcome) -> PackedOutcome {
        let (kind, value) = match outcome {
            Outcome::Reply(reply) => (REPLY, us(reply.rtt)),
            Outcome::Late { rtt } => (LATE, us(*rtt)),
            Outcome::Unreachable(u) => {
                let known = self.0.iter().position(|known| known == u);
                let number = known.unwrap_or(self.0.len());
                if known.is_none() && number < Self::MOST {
                    self.0.push(*u);
                }
                if number < Self::MOST { (UNREACHABLE, number as u64) } else { (LOST, 0) }
            }
            _ => (LOST, 0),
        };
        PackedOutcome { at_ms: at.as_millis(), code: kind << KIND | value.min(VALUE) }
    }

    fn outcome(&self, row: PackedOutcome) -> Outcome {
        let value = row.code & VALUE;
        match row.code >> KIND {
            REPLY => Outcome::reply(Duration::from_micros(value)),
            LATE => Outcome::Late { rtt: Duration::from_micros(value) },
            UNREACHABLE => usize::try_from(value)
                .ok()
                .and_then(|number| self.0.get(number))
                .map_or(Outcome::Lost, |u| Outcome::Unreachable(*u)),
            _ => Outcome::Lost,
        }
    }
}

fn us(rtt: Duration) -> u64 {
    u64::try_from(rtt.as_micros()).unwrap_or(VALUE)
}

impl Series {
    /// Its outcomes with their send times, which are whole milliseconds, rising, each there once.
    pub fn outcomes(&self) -> impl Iterator<Item = (Timestamp, Outcome)> + '_ {
        self.rows.iter().map(|row| (Timestamp::from_millis(row.at_ms), self.errors.outcome(*row)))
    }

    /// How many outcomes there are.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether there is none; an import has none of these.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }
}

impl Series {
    /// Leaves out what lies in one of these spans, which are in order, or within half an interval
    /// of one: its probe was counted. Returns how many outcomes are left out.
    pub fn leave_out(&mut self, watched: &[TimeRange]) -> usize {
        let before = self.rows.len();
        let margin = self.interval / 2;
        let mut spans = watched.iter().peekable();
        self.rows.retain(|row| {
            let at = Timestamp::from_millis(row.at_ms);
            while spans.next_if(|span| span.to + margin < at).is_some() {}
            spans.peek().is_none_or(|span| at < span.from - margin)
        });
        before - self.rows.len()
    }

    /// The send times of the first and last outcome in a span.
    pub fn extent_within(&self, span: TimeRange) -> Option<(Timestamp, Timestamp)> {
        let rows = &self.rows[self.places(span)];
        let at = |row: &PackedOutcome| Timestamp::from_millis(row.at_ms);
        Some((at(rows.first()?), at(rows.last()?)))
    }

    /// Where the outcomes in a span are.
    fn places(&self, span: TimeRange) -> std::ops::Range<usize> {
        let place = |end: Timestamp| {
            self.rows.partition_point(|row| Timestamp::from_millis(row.at_ms) < end)
        };
        let first = place(span.from);
        first..place(span.to).max(first)
    }
}

/// Puts rows in order and keeps one of each time, the best.
pub(super) fn tidy(rows: &mut Vec<PackedOutcome>, tidied: &mut Tidied) {
    /// Two threads of one program may write a line each out of order; a clock goes back further.
    const FALL_MS: i64 = 1_000;
    let (mut newest, mut before) = (i64::MIN, i64::MIN);
    for row in rows.iter() {
        tidied.reordered += u64::from(row.at_ms < newest);
        tidied.falls += u64::from(row.at_ms.saturating_add(FALL_MS) < before);
        newest = newest.max(row.at_ms);
        before = row.at_ms;
    }
    if !rows.is_sorted() {
        rows.sort_unstable();
    }
    rows.dedup_by(|again, kept| {
        let is_same_time = again.at_ms == kept.at_ms;
        if is_same_time && again.code == kept.code {
            tidied.duplicates += 1;
        } else if is_same_time {
            tidied.contradicted += 1;
        }
        is_same_time
    });
}

/// The median of the distances.
pub(super) fn middle_spacing(rows: &[PackedOutcome]) -> Duration {
    const ONE_SECOND_MS: u32 = 1_000;
    const ONE_HOUR_MS: u32 = 3_600_000;
    let mut spacings: Vec<u32> = rows
        .windows(2)
        .map(|w| u32::try_from(w[1].at_ms.saturating_sub(w[0].at_ms)).unwrap_or(ONE_HOUR_MS))
        .collect();
    let place = spacings.len() / 2;
    let middle =
        if spacings.is_empty() { ONE_SECOND_MS } else { *spacings.select_nth_unstable(place).1 };
    Duration::from_millis(middle.clamp(1, ONE_HOUR_MS).into())
}

/// The measurements of all series in a span in the order they were sent, those of one time by
/// target.
pub fn in_order(
    series: &[(TargetId, Series)],
    span: TimeRange,
) -> impl Iterator<Item = Measurement> + '_ {
    let rows: Vec<&[PackedOutcome]> =
        series.iter().map(|(_, one)| &one.rows[one.places(span)]).collect();
    let mut heads: BinaryHeap<Reverse<(i64, TargetId, usize, usize)>> = series
        .iter()
        .enumerate()
        .filter_map(|(i, (id, _))| Some(Reverse((rows[i].first()?.at_ms, *id, i, 0))))
        .collect();
    std::iter::from_fn(move || {
        let mut head = heads.peek_mut()?;
        let Reverse((_, target, which, place)) = *head;
        let (_, one) = series.get(which)?;
        let row = *rows.get(which)?.get(place)?;
        match rows[which].get(place + 1) {
            Some(next) => *head = Reverse((next.at_ms, target, which, place + 1)),
            None => {
                PeekMut::pop(head);
            }
        }
        let outcome = one.errors.outcome(row);
        Some(Measurement { target, sent_at: Timestamp::from_millis(row.at_ms), outcome })
    })
}
