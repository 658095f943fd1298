//! What one line of ping says, by its numbers and its form: iputils is translated into two dozen
//! languages, and a number is the same in all of them.
//!
//! A reply begins with a size and ends with fields, `icmp_seq=1 ttl=57 time=12.3 ms`, of which the
//! last has a unit, whatever their names are. A line with a sequence number alone says that it
//! has not been answered or, with an address before it, that somebody sent an ICMP error.

use std::net::IpAddr;
use std::time::Duration;

use super::lines::{millionths, shown, target_name};
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

/// Whose ping it is, as far as its lines show.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum PingDialect {
    Iputils,
    Apple,
    BusyBox,
}

/// Understands what follows the time of a line.
pub(super) fn understand(text: &str, stamp: Option<Stamp>) -> Result<PingLine, String> {
    let text = after_syslog_tag(text.trim());
    let wrong = || format!("{} is not a line of ping output", shown(text));
    if let Some(probe) = Sequence::find(text) {
        return of_probe(text, &probe, stamp).ok_or_else(wrong);
    }
    if text.starts_with("--") && text.ends_with("--") {
        let text = text.trim_matches('-').trim().to_owned();
        return Ok(PingLine::Statistics { text });
    }
    if text.starts_with("PING ") || text.starts_with("PING6") {
        return header(text, stamp).map(PingLine::Header).ok_or_else(wrong);
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
        "WARNING: ",
        "wrong data byte",
        "#",
        "PATTERN: ",
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
    let is_harmless = harmless.iter().any(|start| text.starts_with(start));
    if text.is_empty() || is_table || is_dump || is_error || is_harmless {
        return Ok(PingLine::Nothing);
    }
    Err(wrong())
}

/// Whether a line, after its time, is one of ping with a probe or its first one.
pub(super) fn is_ping(text: &str) -> bool {
    let text = after_syslog_tag(text.trim());
    Sequence::find(text).is_some()
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

/// A number after `=`, with the text before and after it.
struct NumberField<'a> {
    before: &'a str,
    number: &'a str,
    after: &'a str,
}

/// All of `name=12.3` in a line, also with blanks around the sign.
fn fields(text: &str) -> impl Iterator<Item = NumberField<'_>> {
    text.match_indices('=').filter_map(|(at, _)| {
        let value = text[at + 1..].trim_start();
        let end = value
            .find(|c: char| !(c.is_ascii_digit() || c == '.' || c == ','))
            .unwrap_or(value.len());
        let number = value[..end].trim_end_matches(['.', ',']);
        let is_number = number.starts_with(|c: char| c.is_ascii_digit());
        is_number.then(|| NumberField {
            before: text[..at].trim_end(),
            number,
            after: &value[number.len()..],
        })
    })
}

/// The number of a probe.
struct Sequence<'a> {
    number: &'a str,
    before: &'a str,
    after: &'a str,
    dialect: PingDialect,
}

impl<'a> Sequence<'a> {
    fn find(text: &'a str) -> Option<Self> {
        // One translation has a typing error in it.
        let is_key = |before: &str| {
            let word = before.rsplit([' ', '(', ',']).next().unwrap_or_default();
            word.ends_with("icmp_seq") || word.ends_with("icmp_sql") || word == "seq"
        };
        if let Some(field) = fields(text).find(|field| is_key(field.before)) {
            let is_bare = field.before.ends_with("seq") && !field.before.ends_with("icmp_seq");
            let dialect = match (is_bare, field.number) {
                (true, _) => PingDialect::BusyBox,
                (false, "0") => PingDialect::Apple,
                _ => PingDialect::Iputils,
            };
            let before = field.before.rsplit_once([' ', '(']).map_or("", |(before, _)| before);
            return Some(Self { number: field.number, before, after: field.after, dialect });
        }
        // "Request timeout for icmp_seq 20"
        let (before, after) = text.split_once("icmp_seq ")?;
        let end = after.find(|c: char| !c.is_ascii_digit()).unwrap_or(after.len());
        let (number, after) = after.split_at(end);
        (end > 0).then_some(Self { number, before, after, dialect: PingDialect::Apple })
    }
}

/// The size at the start of a reply.
fn size(text: &str) -> Option<&str> {
    let end = text.find(|c: char| !c.is_ascii_digit())?;
    (end > 0 && text[end..].starts_with(' ')).then(|| &text[..end])
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

/// "60 packets transmitted, 44 received, 26.6667% packet loss, time 59812ms": the first number is
/// what was sent in every language; a progress line has "5/6" in its place.
fn summary(text: &str) -> Option<PingLine> {
    let start = text.find(|c: char| c.is_ascii_digit())?;
    let rest = &text[start..];
    let end = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
    if rest[end..].starts_with('/') {
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

/// The last literal address in a text, whatever letters are next to it.
pub(super) fn literal_in(text: &str) -> Option<&str> {
    let is_part = |c: char| c.is_ascii_hexdigit() || matches!(c, '.' | ':');
    let mut found = None;
    let mut rest = text;
    let mut before = ' ';
    while let Some(start) = rest.find(is_part) {
        before = rest[..start].chars().next_back().unwrap_or(before);
        let tail = &rest[start..];
        let end = tail.find(|c: char| !is_part(c)).unwrap_or(tail.len());
        let run = &tail[..end];
        let next = tail[end..].chars().next().unwrap_or(' ');
        // A zone, as in fe80::1%eth0, is part of it.
        let zone = if next == '%' {
            let zone = &tail[end + 1..];
            1 + zone.find(|c: char| !(c.is_ascii_alphanumeric() || c == '-')).unwrap_or(zone.len())
        } else {
            0
        };
        let is_within_word = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
        let whole = run.trim_end_matches(['.', ':']);
        // "2001:db8::" ends in colons of its own, followed by that of the line.
        let candidates = [run, run.strip_suffix(':').unwrap_or(run), whole];
        let free = |one: &&str| {
            let mut after = tail[one.len()..].chars();
            let (first, second) = (after.next().unwrap_or(' '), after.next().unwrap_or(' '));
            // A hyphen is part of a host's name, or of a word that is put behind the address.
            let is_name = first.is_ascii_alphanumeric()
                || (matches!(first, '-' | '_') && second.is_ascii_alphanumeric());
            one.parse::<IpAddr>().is_ok() && !is_name
        };
        let is_begun = !is_within_word(before);
        if let Some(one) = candidates.into_iter().find(free).filter(|_| is_begun) {
            let with_zone = zone > 1 && one.len() == run.len();
            found = Some(if with_zone { tail[..end + zone].trim_end_matches(':') } else { one });
        }
        before = run.chars().next_back().unwrap_or(before);
        rest = &tail[end..];
    }
    found
}

/// An address, whose zone (`fe80::1%eth0`) is ignored.
pub(super) fn literal(text: &str) -> Option<IpAddr> {
    text.split('%').next()?.parse().ok()
}
