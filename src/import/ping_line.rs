//! What one line of ping says, by its numbers and its form: iputils is translated into two dozen
//! languages, and a number is the same in all of them.
//!
//! A reply begins with a size and ends with fields, `icmp_seq=1 ttl=57 time=12.3 ms`, of which the
//! last has a unit, whatever their names are. A line with a sequence number alone says that it
//! has not been answered or, with an address before it, that somebody sent an ICMP error.

use std::time::Duration;

use super::address::{literal, literal_in};
use super::lines::{millionths, shown, target_name};
use super::sequence::{NumberField, PingDialect, Sequence, SequenceKey, fields, plain, size};
use super::stamp::Stamp;
use crate::vocabulary::Unreachable;

/// The content of one line.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum PingLine {
    Header(PingHeader),
    Reply {
        stamp: Stamp,
        /// The address that answered, or its name where there is no address.
        from: String,
        sequence: u16,
        rtt: Duration,
    },
    /// With the time of the next probe.
    NoAnswerYet {
        stamp: Stamp,
        sequence: u16,
    },
    Error {
        stamp: Stamp,
        sequence: u16,
        unreachable: Option<Unreachable>,
    },
    /// The heading of the statistics, which names the host somewhere.
    Statistics {
        text: String,
    },
    Summary {
        transmitted: u64,
        /// How long the run took, where it is said.
        took: Option<Duration>,
    },
    /// A probe without the time that it needs.
    Unstamped(PingDialect),
    Nothing,
}

/// The first line of a run of ping.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct PingHeader {
    pub(super) name: String,
    /// Its address where the line has it, else its name.
    pub(super) address: String,
    /// The number of the first probe: iputils counts from 1, all others from 0.
    pub(super) first_sequence: i64,
    /// When the line was written.
    pub(super) stamp: Option<Stamp>,
}

/// Understands what follows the time of a line; `key` is what the numbers of probes are called.
pub(super) fn understand(
    text: &str,
    stamp: Option<Stamp>,
    key: &SequenceKey,
) -> Result<PingLine, String> {
    let text = plain(text);
    let text = after_syslog_tag(text.trim());
    let wrong = || format!("{} is not a line of ping output", shown(text));
    if let Some(probe) = Sequence::find(text, key) {
        return of_probe(text, &probe, stamp).ok_or_else(wrong);
    }
    if text.starts_with("--") && text.ends_with("--") {
        let text = text.trim_matches('-').trim().to_owned();
        return Ok(PingLine::Statistics { text });
    }
    if text.starts_with("PING ") || text.starts_with("PING6") {
        return header(text, stamp).map(PingLine::Header).ok_or_else(wrong);
    }
    if let Some(header) = translated_header(text, stamp) {
        return Ok(PingLine::Header(header));
    }
    if text.contains('%') {
        return summary(text).ok_or_else(wrong);
    }
    let harmless = [
        "---",
        "rtt ",
        "round-trip ",
        "pipe ",
        ", pipe",
        "ping: ",
        "ping6: ",
        "Warning: ",
        "wrong data byte",
        "#",
        "Vr HL TOS",
        "^C",
    ];
    let is_table = text.contains('/') && text.contains(" = ") && text.matches('/').count() >= 4;
    // macOS repeats the header of a packet that came back with an ICMP error.
    let is_dump = text.starts_with("4  5  ") || text.starts_with("6 ");
    // It has a line for the probe as well.
    let is_error = size(text).is_some()
        && literal_in(text).is_some()
        && text.rsplit_once(": ").is_some_and(|(_, what)| what.split(' ').count() > 1);
    // "WARNING: ", "POZOR: "
    let is_warning = text.split_once(": ").is_some_and(|(word, _)| is_upper(word));
    let is_harmless = is_warning || harmless.iter().any(|start| text.starts_with(start));
    if text.is_empty() || is_table || is_dump || is_error || is_harmless {
        return Ok(PingLine::Nothing);
    }
    Err(wrong())
}

/// Whether a line, after its time, is one of ping with a probe or its first one.
pub(super) fn is_ping(text: &str) -> bool {
    let text = plain(text);
    let text = after_syslog_tag(text.trim());
    Sequence::find(text, &SequenceKey::default()).is_some()
        || translated_header(text, None).is_some()
        || ((text.starts_with("PING ") || text.starts_with("PING6")) && text.contains("bytes"))
        || header(text, None).is_some_and(|header| literal(&header.address).is_some())
            && text.starts_with("PING")
}

/// `host ping[123]: `, which a system log puts between its time and the line.
fn after_syslog_tag(text: &str) -> &str {
    let Some((tag, rest)) = text.split_once("]: ") else { return text };
    let words = tag.split(' ').count();
    let is_tag = words <= 2 && tag.contains('[') && !tag.starts_with('[') && !tag.contains('=');
    if is_tag { rest } else { text }
}

fn of_probe(text: &str, probe: &Sequence<'_>, stamp: Option<Stamp>) -> Option<PingLine> {
    let sequence: u16 = probe.number.parse().ok()?;
    if size(text).is_some() {
        let more: Vec<NumberField<'_>> = fields(probe.after).collect();
        let time = more.last()?;
        let unit = unit_nanos(time.after);
        // With one field alone, which may be the hop limit of a line that was cut, its unit decides.
        if time.after.trim().is_empty() || (more.len() == 1 && unit.is_none()) {
            return None;
        }
        // A damaged or duplicate answer does not count; the right one has a line of its own.
        let flaw = time.after.split_once('(').map(|(_, flaw)| flaw);
        if flaw.is_some() {
            return Some(PingLine::Nothing);
        }
        let number = millionths(&time.number.replace(',', "."))?;
        let nanos = number.checked_mul(unit.unwrap_or(1_000_000) / 1_000)? / 1_000;
        let rtt = Duration::from_nanos(nanos.unsigned_abs());
        let rtt = Duration::from_micros(u64::try_from(rtt.as_micros()).ok()?.max(1));
        if rtt > Duration::from_secs(3_600) {
            return None;
        }
        let Some(stamp) = stamp else { return Some(PingLine::Unstamped(probe.dialect)) };
        let name =
            || probe.before.trim_end_matches([':', ' ']).rsplit(' ').next().unwrap_or_default();
        let from = literal_in(probe.before).map_or_else(|| name().to_owned(), str::to_owned);
        return Some(PingLine::Reply { stamp, from, sequence, rtt });
    }
    let Some(stamp) = stamp else { return Some(PingLine::Unstamped(probe.dialect)) };
    let by = literal_in(probe.before).and_then(literal);
    if by.is_none() && !text.starts_with("From ") {
        return Some(PingLine::NoAnswerYet { stamp, sequence });
    }
    let meaning = MEANINGS.iter().find(|(words, ..)| probe.after.contains(words));
    let unreachable = meaning.map(|&(_, icmp_type, code)| Unreachable { by, icmp_type, code });
    Some(PingLine::Error { stamp, sequence, unreachable })
}

/// The unit at the start of a text, in nanoseconds; iputils always has milliseconds, by any name.
fn unit_nanos(text: &str) -> Option<i64> {
    let text = text.trim_start();
    let end = text.find(|c: char| !c.is_alphabetic()).unwrap_or(text.len());
    match &text[..end] {
        "ms" | "msec" | "мс" | "毫秒" | "ミリ秒" | "მწმ" => Some(1_000_000),
        "us" | "usec" | "µs" | "μs" => Some(1_000),
        "s" | "sec" => Some(1_000_000_000),
        _ => None,
    }
}

/// The words of iputils; the numbers are those of RFC 792 and RFC 4443. In other languages, the
/// probe is lost and nothing is known of why.
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

fn header(text: &str, stamp: Option<Stamp>) -> Option<PingHeader> {
    // "PING6(56=40+8+8 bytes) from --> to"
    if let Some((_, to)) = text.strip_prefix("PING6").and_then(|rest| rest.split_once("--> ")) {
        let address = target_name(to.split(' ').next()?).ok()?.to_owned();
        return Some(PingHeader { name: address.clone(), address, first_sequence: 0, stamp });
    }
    let rest = text.strip_prefix("PING ")?;
    let name = rest.split([' ', '(']).next().filter(|n| !n.is_empty())?;
    let name = target_name(name.trim_end_matches(':')).ok()?.to_owned();
    let address = in_parentheses(rest).unwrap_or_else(|| name.clone());
    let first_sequence = i64::from(!rest.contains("): "));
    Some(PingHeader { name, address, first_sequence, stamp })
}

/// A word in capital letters.
fn is_upper(word: &str) -> bool {
    word.chars().count() > 2 && word.chars().all(char::is_uppercase)
}

/// "ПІНГ example.net (192.0.2.7) 56(84) bytes of data.": as the one before, by its form.
fn translated_header(text: &str, stamp: Option<Stamp>) -> Option<PingHeader> {
    let (before, rest) = text.split_once('(')?;
    let (address, rest) = rest.split_once(')')?;
    literal(address)?;
    let mut words = before.split_whitespace();
    let (ping, name) = (words.next()?, words.next()?);
    let is_sized = rest.starts_with(' ') && rest.contains(|c: char| c.is_ascii_digit());
    let is_header = is_upper(ping) && words.next().is_none() && is_sized;
    let name = target_name(name).ok().filter(|_| is_header)?.to_owned();
    Some(PingHeader { name, address: address.to_owned(), first_sequence: 1, stamp })
}

/// "60 packets transmitted, 44 received, 26.6667% packet loss, time 59812ms": the first number is
/// what was sent in every language, and a comma follows; a progress line has "5/6" or "5 of 6" there.
fn summary(text: &str) -> Option<PingLine> {
    let start = text.find(|c: char| c.is_ascii_digit())?;
    let rest = &text[start..];
    let end = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
    let next = rest[end..].find(|c: char| c.is_ascii_digit()).map_or("", |at| &rest[end..end + at]);
    if !next.contains([',', '，', '،', '、', ';']) {
        return Some(PingLine::Nothing);
    }
    let transmitted = rest[..end].parse().ok()?;
    let took =
        text.rsplit_once(',').filter(|(before, _)| before.contains('%')).and_then(|(_, last)| {
            let start = last.find(|c: char| c.is_ascii_digit())?;
            let digits = &last[start..];
            let end = digits.find(|c: char| !c.is_ascii_digit()).unwrap_or(digits.len());
            digits[..end].parse().ok().map(Duration::from_millis)
        });
    Some(PingLine::Summary { transmitted, took })
}

/// The first literal address in parentheses; newer versions put the host name in them as well.
fn in_parentheses(text: &str) -> Option<String> {
    text.split('(').skip(1).find_map(|part| literal_in(part.split(')').next()?)).map(str::to_owned)
}
