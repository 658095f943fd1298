//! The output of `fping -l -D` or `fping -c … -D`: one line for each probe of each host, also as
//! JSON (`-J`), with any of the formats of time that fping has.
//!
//! The stamp of a reply is that of its arrival; it was sent one round trip earlier. A line of a
//! probe that timed out is written when fping gives up, so its send time is taken from the numbers
//! of its neighbors, as in a record of ping. Numbers of one host that start again are another run
//! of fping. Statistics and duplicate answers are skipped; lines without a stamp are refused.

use std::collections::BTreeMap;
use std::num::NonZeroI64;
use std::time::Duration;

use super::address::literal;
use super::error::Error;
use super::importer::Importer;
use super::lines::{RecordLines, millionths, shown, target_name};
use super::ping_line::PingLine;
use super::run::PingRun;
use super::stamp::{Stamp, StampError, Stamps};
use crate::time::Timestamp;
use crate::vocabulary::Unreachable;

/// Whether a line, after its time, is one of fping with a probe.
pub(super) fn is_fping(text: &str) -> bool {
    let is_probe = text.split_once(" : [").is_some_and(|(_, rest)| {
        rest.starts_with(|c: char| c.is_ascii_digit()) && rest.contains(']')
    });
    let is_json = || {
        let text = text.trim_start();
        text.starts_with('{')
            && JSON_PROBES.iter().any(|kind| text.contains(&format!("\"{kind}\"")))
            && text.contains("\"seq\"")
    };
    is_probe || text.contains(SENT_TO) || is_json()
}

/// Whether it is one of the statistics of fping, which have no probes.
pub(super) fn is_summary(text: &str) -> bool {
    let is_list = || {
        text.split_once(" : ").is_some_and(|(_, rest)| {
            let is_value = |word: &str| word == "-" || word.parse::<f64>().is_ok();
            rest.split_whitespace().count() > 1 && rest.split_whitespace().all(is_value)
        })
    };
    text.contains(STATISTICS) || is_list()
}

/// The keys of lines of JSON that are probes.
const JSON_PROBES: [&str; 2] = ["resp", "timeout"];
const SENT_TO: &str = " for ICMP Echo sent to ";
const STATISTICS: &str = " : xmt/rcv/%loss = ";

pub(super) fn read(
    lines: &mut RecordLines<'_>,
    stamps: &mut Stamps<'_>,
    importer: &mut Importer,
) -> Result<(), Error> {
    let mut hosts: BTreeMap<String, FpingHost> = BTreeMap::new();
    let mut has_stamps = false;
    while let Some(text) = lines.next()? {
        let said = match understand(&text, stamps, lines) {
            Ok(said) => said,
            Err(StampError::File(error)) => return Err(error),
            Err(StampError::Line(message)) => {
                lines.damaged(message);
                continue;
            }
        };
        match said {
            FpingLine::Probe(probe) => {
                has_stamps = true;
                let host = hosts.entry(probe.name.clone()).or_default();
                let took = host.take(probe, importer);
                took.map_err(|message| lines.wrong(message))?;
            }
            FpingLine::Unreachable { name, unreachable } => {
                hosts.entry(name).or_default().unreachable = Some(unreachable);
            }
            FpingLine::Unstamped if !has_stamps => {
                return Err(Error::Refused {
                    file: lines.file.to_owned(),
                    what: "is the output of fping without the times of its lines".to_owned(),
                    hint: "record with times: `fping -l -D HOST | tee fping.log`".to_owned(),
                });
            }
            FpingLine::Unstamped => lines.damaged("the line has no time".to_owned()),
            FpingLine::Nothing => {}
        }
    }
    for host in hosts.into_values() {
        host.session.finish(None, importer).map_err(|message| lines.wrong(message))?;
    }
    Ok(())
}

/// The content of one line.
#[derive(Debug, PartialEq)]
enum FpingLine {
    Probe(FpingProbe),
    /// An ICMP error; fping writes a line of the probe itself as well.
    Unreachable {
        name: String,
        unreachable: Unreachable,
    },
    /// A probe without the time that it needs.
    Unstamped,
    Nothing,
}

#[derive(Debug, PartialEq)]
struct FpingProbe {
    stamp: Stamp,
    name: String,
    address: Option<String>,
    number: u64,
    /// `None`: timed out.
    rtt: Option<Duration>,
}

fn understand(
    line: &str,
    stamps: &mut Stamps<'_>,
    lines: &mut RecordLines<'_>,
) -> Result<FpingLine, StampError> {
    let text = line.trim();
    let wrong = || StampError::Line(format!("{} is not a line of fping output", shown(text)));
    if text.starts_with('{') {
        return of_json(text, stamps, lines);
    }
    if let Some((what, name)) = text.split_once(SENT_TO) {
        return Ok(icmp_error(what, name).unwrap_or(FpingLine::Nothing));
    }
    let passed_over = text.contains(STATISTICS) || text.starts_with('#');
    // Statistics of `-Q` are headed by a time of day.
    let is_heading = text.len() == 10 && text.starts_with('[') && text.ends_with(']');
    if passed_over || is_heading || text.contains(" : duplicate for [") {
        return Ok(FpingLine::Nothing);
    }
    let (at, rest) = stamps.split(text, lines)?;
    if at.is_none() && text.starts_with('[') {
        return Err(StampError::Line(format!("no time stamp of `fping -D` in {}", shown(text))));
    }
    let (host, rest) = rest.split_once(" : [").ok_or_else(wrong)?;
    let (number, rest) = rest.split_once("], ").ok_or_else(wrong)?;
    let rtt =
        if rest.starts_with("timed out") { None } else { Some(delay(rest).ok_or_else(wrong)?) };
    let (name, address) = named(host.trim());
    let name = target_name(name).map_err(|_| wrong())?.to_owned();
    let number = number.parse().map_err(|_| wrong())?;
    let Some(stamp) = at else { return Ok(FpingLine::Unstamped) };
    Ok(FpingLine::Probe(FpingProbe {
        stamp,
        name,
        address: address.map(str::to_owned),
        number,
        rtt,
    }))
}

/// `{"resp": {"timestamp": "1773169200.04515", "host": "8.8.8.8", "seq": 0, "rtt": 14.148}}`, and
/// `timeout` without a delay; what else fping says is no probe.
fn of_json(
    text: &str,
    stamps: &mut Stamps<'_>,
    lines: &mut RecordLines<'_>,
) -> Result<FpingLine, StampError> {
    let wrong = || StampError::Line(format!("{} is not a line of fping output", shown(text)));
    let all: serde_json::Value = serde_json::from_str(text).map_err(|_| wrong())?;
    let Some((kind, probe)) = JSON_PROBES.iter().find_map(|kind| Some((*kind, all.get(kind)?)))
    else {
        return Ok(FpingLine::Nothing);
    };
    let host = probe.get("host").and_then(|host| host.as_str()).ok_or_else(wrong)?;
    let number = probe.get("seq").and_then(serde_json::Value::as_u64).ok_or_else(wrong)?;
    let rtt = match kind {
        "resp" => {
            let ms = probe.get("rtt").and_then(serde_json::Value::as_f64).ok_or_else(wrong)?;
            let rtt = Duration::try_from_secs_f64(ms / 1e3).map_err(|_| wrong())?;
            Some(in_whole_micros(rtt).ok_or_else(wrong)?)
        }
        _ => None,
    };
    let (name, address) = named(host.trim());
    let name = target_name(name).map_err(|_| wrong())?.to_owned();
    let address = address.map(str::to_owned);
    let time = match probe.get("timestamp") {
        Some(serde_json::Value::String(time)) => time.clone(),
        Some(time @ serde_json::Value::Number(_)) => time.to_string(),
        _ => return Ok(FpingLine::Unstamped),
    };
    let stamp = stamps.field(&time, lines)?;
    Ok(FpingLine::Probe(FpingProbe { stamp, name, address, number, rtt }))
}

/// At least one, at most an hour of them.
fn in_whole_micros(rtt: Duration) -> Option<Duration> {
    let us = u64::try_from(rtt.as_micros()).ok()?.max(1);
    (us <= 3_600_000_000).then(|| Duration::from_micros(us))
}

/// `one.one.one.one (1.1.1.1)`, or either of the two.
fn named(host: &str) -> (&str, Option<&str>) {
    let both = host.strip_suffix(')').and_then(|h| h.rsplit_once(" ("));
    match both.filter(|(_, address)| literal(address).is_some()) {
        Some((name, address)) => (name.trim(), Some(address)),
        None => (host, literal(host).map(|_| host)),
    }
}

/// `64 bytes, 12.3 ms (12.3 avg, 0% loss)`
fn delay(text: &str) -> Option<Duration> {
    let (_, rest) = text.split_once(" bytes, ")?;
    let (number, _) = rest.split_once(" ms")?;
    let rtt = Duration::from_micros((millionths(number)?.unsigned_abs() / 1_000).max(1));
    (rtt <= Duration::from_secs(3_600)).then_some(rtt)
}

/// The words of fping; the numbers are those of RFC 792.
const MEANINGS: [(&str, u8, u8); 5] = [
    ("ICMP Network Unreachable", 3, 0),
    ("ICMP Host Unreachable", 3, 1),
    ("ICMP Protocol Unreachable", 3, 2),
    ("ICMP Port Unreachable", 3, 3),
    ("ICMP Time Exceeded", 11, 0),
];

fn icmp_error(what: &str, name: &str) -> Option<FpingLine> {
    let (words, by) = what.rsplit_once(" from ")?;
    let &(_, icmp_type, code) = MEANINGS.iter().find(|(m, ..)| words.contains(m))?;
    let by = literal(by.split(' ').next()?);
    let name = named(name.trim()).0.to_owned();
    Some(FpingLine::Unreachable { name, unreachable: Unreachable { by, icmp_type, code } })
}

/// One host of one run of fping.
#[derive(Debug, Default)]
struct FpingHost {
    session: PingRun,
    seen: SeenStamps,
    /// An error whose probe has not timed out yet.
    unreachable: Option<Unreachable>,
}

impl FpingHost {
    fn take(&mut self, probe: FpingProbe, importer: &mut Importer) -> Result<(), String> {
        if self.seen.get(probe.number) == Some(probe.stamp.at) {
            importer.tidied.duplicates += 1;
            return Ok(());
        }
        if self.starts_anew(probe.number) {
            std::mem::take(self).session.finish(None, importer)?;
        }
        self.seen.insert(probe.number, probe.stamp.at);
        let sequence = u16::try_from(probe.number % (1 << 16)).expect("a remainder of 2^16");
        let (stamp, address) = (probe.stamp, probe.address);
        self.session.call(probe.name, address);
        self.session.take(match probe.rtt {
            Some(rtt) => PingLine::Reply { stamp, from: String::new(), sequence, rtt },
            None => PingLine::Error { stamp, sequence, unreachable: self.unreachable.take() },
        });
        self.session.settle(importer)
    }

    /// A number that was seen already, or one too low to be explained by late answers.
    fn starts_anew(&self, number: u64) -> bool {
        const MOST_OUTSTANDING: u64 = 1_000;
        self.seen.get(number).is_some() || number.saturating_add(MOST_OUTSTANDING) < self.seen.last
    }
}

/// The stamps of the numbers that were seen, in blocks of 64: numbers follow each other, and of a
/// long record each line should cost little.
#[derive(Debug, Default)]
struct SeenStamps {
    blocks: BTreeMap<u64, Box<[Option<NonZeroI64>; 64]>>,
    last: u64,
}

impl SeenStamps {
    fn get(&self, number: u64) -> Option<Timestamp> {
        let block = self.blocks.get(&(number / 64))?;
        let us = block[place(number)]?;
        Some(Timestamp::from_micros(us.get()))
    }

    fn insert(&mut self, number: u64, stamp: Timestamp) {
        self.last = self.last.max(number);
        let block = self.blocks.entry(number / 64).or_insert_with(|| Box::new([None; 64]));
        block[place(number)] = NonZeroI64::new(stamp.as_micros());
    }
}

fn place(number: u64) -> usize {
    usize::try_from(number % 64).expect("below 64")
}
