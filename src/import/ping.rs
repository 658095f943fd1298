//! The output of `ping -D` (iputils): replies with a time stamp each, and what is missing.
//!
//! The stamp of a reply is that of its arrival; it was sent one round trip earlier. Sequence
//! numbers that are missing were sent and not answered: their times lie between those of their
//! neighbours. With `-O` ("no answer yet") the stamp is that of the next probe, which makes the
//! times of losses exact. Duplicates and damaged replies are passed over.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::time::Duration;

use super::error::Error;
use super::importer::{Importer, ProbeResult};
use super::lines::{NumberedLines, millionths, plausible, shown, target_name};
use crate::time::Timestamp;
use crate::vocabulary::Unreachable;

/// Whether a file that starts like this is the output of ping.
pub(super) fn is_ping(first: &str) -> bool {
    let line = first.trim_start();
    ["PING ", "[", "From ", "ping: ", "Warning: ", "WARNING: "]
        .iter()
        .any(|start| line.starts_with(start))
        || line.contains(" bytes from ")
}

pub(super) fn read(
    first: String,
    lines: &mut NumberedLines<'_>,
    importer: &mut Importer,
) -> Result<(), Error> {
    let mut runs = PingRuns::default();
    let mut line = Some(first);
    while let Some(text) = line {
        let said = understand(&text).map_err(|message| lines.wrong(message))?;
        runs.take(said, importer).map_err(|message| lines.wrong(message))?;
        line = lines.next()?;
    }
    runs.finish(importer).map_err(|message| lines.wrong(message))
}

/// No more runs of ping than this write into one file at once.
const MOST_AT_ONCE: usize = 64;

/// The runs of ping whose lines are in one file: one after another, or several at once, each of
/// another address. The address from which a reply came says which of them it is of.
#[derive(Debug, Default)]
struct PingRuns {
    /// Those of which there may be more.
    open: Vec<PingRun>,
    /// The one that lines without an address are of, unless another fits better.
    present: usize,
}

impl PingRuns {
    fn take(&mut self, said: PingLine, importer: &mut Importer) -> Result<(), String> {
        match &said {
            PingLine::Header { address, .. } => {
                // The same host once more: the run before is over. One without a name goes on.
                let same = |run: &PingRun| run.is_of(address);
                if let Some(at) = self.open.iter().position(same) {
                    self.open.remove(at).finish(importer)?;
                    self.present = 0;
                }
                self.begin(importer)?;
            }
            PingLine::Reply { from, .. } if literal(from).is_some() => {
                match self.open.iter().position(|run| run.is_of(from)) {
                    Some(at) => self.present = at,
                    // Of a host whose address was not said.
                    None if self.open.get(self.present).is_some_and(|run| !run.has_address()) => {}
                    None => self.begin(importer)?,
                }
            }
            PingLine::NoAnswerYet { sequence, .. } | PingLine::Error { sequence, .. } => {
                let waits = self.open.iter().position(|run| run.waits_for(*sequence));
                let is_waiting =
                    |run: Option<&PingRun>| run.is_some_and(|run| run.waits_for(*sequence));
                if let Some(at) = waits.filter(|_| !is_waiting(self.open.get(self.present))) {
                    self.present = at;
                }
            }
            PingLine::Statistics { name } => {
                let named = self.open.iter().position(|run| run.name.as_ref() == Some(name));
                self.present = named.unwrap_or(self.present);
            }
            PingLine::Reply { .. } | PingLine::Summary { .. } | PingLine::Nothing => {}
        }
        if self.open.is_empty() {
            self.begin(importer)?;
        }
        let present = &mut self.open[self.present];
        present.take(said);
        present.settle(importer)
    }

    fn begin(&mut self, importer: &mut Importer) -> Result<(), String> {
        if self.open.len() >= MOST_AT_ONCE {
            self.open.remove(0).finish(importer)?;
        }
        self.open.push(PingRun::default());
        self.present = self.open.len() - 1;
        Ok(())
    }

    fn finish(self, importer: &mut Importer) -> Result<(), String> {
        self.open.into_iter().try_for_each(|run| run.finish(importer))
    }
}

/// The content of one line.
#[derive(Debug, PartialEq)]
pub(super) enum PingLine {
    /// `PING name (address) 56(84) bytes of data.`
    Header { name: String, address: String },
    /// `64 bytes from …: icmp_seq=1 ttl=57 time=12.3 ms`
    Reply { stamp: Timestamp, from: String, sequence: u16, rtt: Duration },
    /// `no answer yet for icmp_seq=1`
    NoAnswerYet { stamp: Timestamp, sequence: u16 },
    /// `From … icmp_seq=1 Destination Host Unreachable`
    Error { stamp: Timestamp, sequence: u16, unreachable: Option<Unreachable> },
    /// `--- name ping statistics ---`
    Statistics { name: String },
    /// `5 packets transmitted, 4 received, …`
    Summary { transmitted: u64 },
    /// Anything that is not about a probe.
    Nothing,
}

fn understand(line: &str) -> Result<PingLine, String> {
    // An interrupt typed at a terminal is echoed before the statistics.
    let text = line.trim().trim_start_matches("^C").trim();
    if let Some(rest) = text.strip_prefix("PING ") {
        return header(rest).ok_or_else(|| format!("no host in {}", shown(text)));
    }
    let (stamp, rest) = match text.strip_prefix('[') {
        Some(inner) => {
            let (stamp, rest) = stamp(inner)
                .ok_or_else(|| format!("no time stamp of `ping -D` in {}", shown(text)))?;
            (Some(stamp), rest)
        }
        None => (None, text),
    };
    let stamped = || {
        stamp.ok_or_else(|| format!("{} has no time stamp (they come with `ping -D`)", shown(text)))
    };
    let wrong = || format!("{} is not a line of ping output", shown(text));
    if rest.contains(" bytes from ") {
        // A damaged or duplicate answer does not count; the right one has a line of its own.
        let flawed = ["(DUP!)", "(BAD CHECKSUM!)", "(DIFFERENT ADDRESS!)"];
        if flawed.iter().any(|flaw| rest.contains(flaw)) {
            return Ok(PingLine::Nothing);
        }
        return reply(rest, stamped()?).ok_or_else(wrong);
    }
    if let Some(number) = rest.strip_prefix("no answer yet for icmp_seq=") {
        let sequence = number.trim().parse().map_err(|_| wrong())?;
        return Ok(PingLine::NoAnswerYet { stamp: stamped()?, sequence });
    }
    if let Some(rest) = rest.strip_prefix("From ") {
        return icmp_error(rest, stamped()?).ok_or_else(wrong);
    }
    if rest.contains(" packets transmitted") {
        let number = rest.split(' ').next().and_then(|n| n.parse().ok());
        return number.map(|transmitted| PingLine::Summary { transmitted }).ok_or_else(wrong);
    }
    let statistics = rest.strip_prefix("--- ").and_then(|rest| rest.split_once(" ping statistics"));
    if let Some((name, _)) = statistics {
        return Ok(PingLine::Statistics { name: name.to_owned() });
    }
    let harmless = [
        "---",
        "rtt ",
        "round-trip ",
        "pipe ",
        ", pipe",
        "ping: ",
        "Warning: ",
        "WARNING: ",
        "wrong data byte",
        "#",
    ];
    let is_progress = rest.contains(" packets, ") && rest.contains("% loss");
    if rest.is_empty() || is_progress || harmless.iter().any(|start| rest.starts_with(start)) {
        return Ok(PingLine::Nothing);
    }
    Err(wrong())
}

fn header(rest: &str) -> Option<PingLine> {
    let name = rest.split([' ', '(']).next().filter(|n| !n.is_empty())?;
    let name = target_name(name.trim_end_matches(':')).ok()?.to_owned();
    let address = in_parentheses(rest).unwrap_or_else(|| name.clone());
    Some(PingLine::Header { name, address })
}

/// The first literal address in parentheses; newer versions put the host name in them as well.
fn in_parentheses(text: &str) -> Option<String> {
    text.split('(')
        .skip(1)
        .filter_map(|part| part.split(')').next())
        .map(|inner| inner.rsplit(' ').next().unwrap_or(inner))
        .find(|inner| literal(inner).is_some())
        .map(str::to_owned)
}

/// An address, whose zone (`fe80::1%eth0`) is ignored.
pub(super) fn literal(text: &str) -> Option<IpAddr> {
    text.split('%').next()?.parse().ok()
}

/// `1675785600.123456] rest`
pub(super) fn stamp(inner: &str) -> Option<(Timestamp, &str)> {
    let (number, rest) = inner.split_once(']')?;
    let at = Timestamp::from_micros(millionths(number.trim())?);
    plausible(at).then_some((at, rest.trim()))
}

fn reply(text: &str, stamp: Timestamp) -> Option<PingLine> {
    let (_, rest) = text.split_once(" bytes from ")?;
    let sequence = number_after(rest, "icmp_seq=")?.parse().ok()?;
    let from = in_parentheses(rest)
        .unwrap_or_else(|| rest.split(' ').next().unwrap_or_default().trim_end_matches(':').into());
    let (_, time) = rest.split_once("time=")?;
    let mut words = time.split_whitespace();
    let number = millionths(words.next()?)?;
    let nanos = match words.next()? {
        "ms" => number,
        "us" => number / 1_000,
        "s" => number.checked_mul(1_000)?,
        _ => return None,
    };
    let rtt = Duration::from_micros((nanos.unsigned_abs() / 1_000).max(1));
    (rtt <= Duration::from_secs(3_600)).then_some(PingLine::Reply { stamp, from, sequence, rtt })
}

/// The words of iputils; the numbers are those of RFC 792 and RFC 4443.
const MEANINGS: [(&str, u8, u8); 11] = [
    ("Destination Net Unreachable", 3, 0),
    ("Destination Host Unreachable", 3, 1),
    ("Destination Protocol Unreachable", 3, 2),
    ("Destination Port Unreachable", 3, 3),
    ("Packet filtered", 3, 13),
    ("Time to live exceeded", 11, 0),
    ("Destination unreachable: No route", 1, 0),
    ("Destination unreachable: Administratively prohibited", 1, 1),
    ("Destination unreachable: Beyond scope", 1, 2),
    ("Destination unreachable: Address unreachable", 1, 3),
    ("Destination unreachable: Port unreachable", 1, 4),
];

fn icmp_error(rest: &str, stamp: Timestamp) -> Option<PingLine> {
    let sequence = number_after(rest, "icmp_seq=")?.parse().ok()?;
    let by = in_parentheses(rest)
        .as_deref()
        .or_else(|| rest.split([' ', ',']).next().map(|name| name.trim_end_matches(':')))
        .and_then(literal);
    let unreachable = MEANINGS
        .iter()
        .find(|(words, ..)| rest.contains(words))
        .map(|&(_, icmp_type, code)| Unreachable { by, icmp_type, code });
    Some(PingLine::Error { stamp, sequence, unreachable })
}

/// The digits after a word.
fn number_after<'a>(text: &'a str, word: &str) -> Option<&'a str> {
    let (_, rest) = text.split_once(word)?;
    let end = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
    Some(&rest[..end])
}

/// One run of ping: from a header to the next.
#[derive(Debug, Default)]
pub(super) struct PingRun {
    name: Option<String>,
    address: Option<String>,
    has_header: bool,
    /// The last sequence number seen, counted on through wraps, and its stamp.
    last: Option<(i64, Timestamp)>,
    /// What is known of each number.
    found: BTreeMap<i64, ProbeResult>,
    /// Send times that are known exactly.
    sent: BTreeMap<i64, Timestamp>,
    /// Send times that are known roughly, for records without any of the others.
    rough: BTreeMap<i64, Timestamp>,
    transmitted: Option<u64>,
    /// The last number that was given away already.
    settled: Option<i64>,
}

/// Numbers that are held, at least, before the oldest are settled.
const HELD: usize = 100_000;
/// How far numbers run ahead of one that is settled: no answer comes later than that.
const OUTSTANDING: i64 = 40_000;

impl PingRun {
    /// Whether it is a run of ping to this address.
    fn is_of(&self, address: &str) -> bool {
        let same = |own: &String| {
            own == address || literal(own).is_some_and(|own| Some(own) == literal(address))
        };
        self.address.as_ref().is_some_and(same)
    }

    /// Whether it is known which address is asked.
    fn has_address(&self) -> bool {
        self.address.as_deref().is_some_and(|address| literal(address).is_some())
    }

    /// Whether this number comes next, or was passed over and not answered.
    fn waits_for(&self, sequence: u16) -> bool {
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
            PingLine::Header { name, address } => {
                (self.name, self.address) = (Some(name), Some(address));
                self.has_header = true;
            }
            PingLine::Reply { stamp, from, sequence, rtt } => {
                let number = self.counted_on(sequence, stamp);
                self.found.entry(number).or_insert(ProbeResult::Answered(rtt));
                self.found.entry(number).and_modify(|f| {
                    if !matches!(f, ProbeResult::Answered(_)) {
                        *f = ProbeResult::Answered(rtt);
                    }
                });
                self.sent.insert(number, stamp - rtt);
                if !self.has_address() && (self.address.is_none() || literal(&from).is_some()) {
                    self.address = Some(from.clone());
                }
                self.name.get_or_insert(from);
            }
            PingLine::NoAnswerYet { stamp, sequence } => {
                let number = self.counted_on(sequence, stamp);
                self.found.entry(number).or_insert(ProbeResult::Lost);
                // It is printed when the next probe is sent.
                self.sent.entry(number + 1).or_insert(stamp);
            }
            PingLine::Error { stamp, sequence, unreachable } => {
                let number = self.counted_on(sequence, stamp);
                let found = unreachable.map_or(ProbeResult::Lost, ProbeResult::Unreachable);
                let known = self.found.entry(number).or_insert(found);
                if *known == ProbeResult::Lost {
                    *known = found;
                }
                self.rough.entry(number).or_insert(stamp);
            }
            PingLine::Summary { transmitted } => self.transmitted = Some(transmitted),
            PingLine::Statistics { .. } | PingLine::Nothing => {}
        }
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
        self.give(until, importer)?;
        self.settled = Some(until);
        self.found = self.found.split_off(&(until + 1));
        self.sent = self.sent.split_off(&until);
        self.rough = self.rough.split_off(&(until + 1));
        Ok(())
    }

    /// Gives everything that is left between the first number and the last its time.
    pub(super) fn finish(self, importer: &mut Importer) -> Result<(), String> {
        let Some((&highest, _)) = self.found.last_key_value() else { return Ok(()) };
        let last = self
            .transmitted
            .and_then(|n| i64::try_from(n).ok())
            .filter(|n| self.has_header && *n > highest && *n - highest <= MOST_TRAILING)
            .unwrap_or(highest);
        self.give(last, importer)
    }

    fn give(&self, last: i64, importer: &mut Importer) -> Result<(), String> {
        let known = if self.sent.is_empty() { &self.rough } else { &self.sent };
        let Some((&first_known, _)) = known.first_key_value() else { return Ok(()) };
        let name = self.name.as_deref().ok_or_else(|| "no line names the host".to_owned())?;
        let lowest = self.found.keys().next().copied().unwrap_or(first_known);
        let first = match self.settled {
            Some(settled) => settled + 1,
            // iputils counts from 1; a record cut off at its start says nothing about what came before.
            None if self.has_header && lowest > 1 => 1,
            None => lowest,
        };
        // Where the clock went back, the time that went by before and after counts.
        let passed = known.values().zip(known.values().skip(1));
        let span_ms: i64 = passed.map(|(a, b)| b.micros_since(*a).max(0) / 1_000).sum();
        if last - first > span_ms.saturating_add(MOST_TRAILING) {
            return Err(format!("numbers run faster than time in the record of {}", shown(name)));
        }
        let times = SendTimes { known, pace: pace(known) };
        for number in first..=last {
            let found = self.found.get(&number).copied().unwrap_or(ProbeResult::Lost);
            importer.push(name, times.sent_at(number), found)?;
        }
        if let Some(address) = &self.address {
            importer.set_address(name, address);
        }
        Ok(())
    }
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
                let even = if even > 0 { even.min(self.pace * 3 / 2) } else { self.pace };
                t1.plus_micros((number - n1) * even)
            }
            (Some((&n, &t)), None) | (None, Some((&n, &t))) => {
                t.plus_micros((number - n) * self.pace)
            }
            (None, None) => Timestamp::default(),
        }
    }
}
