//! One TOML value to one valid Rust value, or the sentence that says why not.

use std::net::{IpAddr, SocketAddr};
use std::ops::RangeInclusive;
use std::path::PathBuf;
use std::time::Duration;

use jiff::tz::TimeZone;
use toml::Spanned;
use toml::de::DeValue;

use super::{DEFAULT_MODEM, size as bytes};
use crate::text::words::{self, Word};
use crate::time::{Timestamp, duration, parse_duration, parse_instant};
use crate::vocabulary::{Kind, ModemKind, is_link_local_v6};

mod webhook;

pub(super) use webhook::{headers, program, secret_address, template};

pub(super) type Valid<T> = Result<T, String>;

/// "found 5" in the words of the file, for a value of the wrong type.
fn wrong_type(wanted: &str, found: &DeValue<'_>) -> String {
    match found {
        DeValue::Integer(n) => format!("expected {wanted}, found the number {}", n.as_str()),
        DeValue::Float(n) => format!("expected {wanted}, found the number {}", n.as_str()),
        DeValue::Boolean(b) => format!("expected {wanted}, found {b}"),
        DeValue::String(s) => format!("expected {wanted}, found \"{s}\""),
        DeValue::Datetime(d) => format!("expected {wanted}, found the time {d}"),
        DeValue::Array(_) => format!("expected {wanted}, found a list"),
        DeValue::Table(_) => format!("expected {wanted}, found a table"),
    }
}

fn string<'a>(wanted: &str, value: &'a DeValue<'_>) -> Valid<&'a str> {
    value.as_str().ok_or_else(|| wrong_type(wanted, value))
}

pub(super) fn switch(value: &DeValue<'_>) -> Valid<bool> {
    value.as_bool().ok_or_else(|| wrong_type("true or false", value))
}

/// A switch where a list of addresses could stand too.
pub(super) fn switch_or_list(value: &DeValue<'_>) -> Valid<bool> {
    value.as_bool().ok_or_else(|| wrong_type("true, false or a list of IP addresses", value))
}

/// A line of text to be printed on reports.
pub(super) fn line(value: &DeValue<'_>) -> Valid<String> {
    const MOST: usize = 200;
    let text = string("a text in quotes", value)?;
    if text.chars().any(char::is_control) {
        return Err("the text must be one line without control characters".to_owned());
    }
    if text.chars().count() > MOST {
        return Err(format!("the text is longer than {MOST} characters"));
    }
    Ok(text.to_owned())
}

/// A duration in the range.
pub(super) fn length(value: &DeValue<'_>, range: &RangeInclusive<Duration>) -> Valid<Duration> {
    let text = string("a duration in quotes such as \"5s\"", value)?;
    let found = parse_duration(text).map_err(|e| e.to_string())?;
    if !range.contains(&found) {
        let (least, most) = (duration::text(*range.start()), duration::text(*range.end()));
        return Err(format!("\"{text}\" is not between {least} and {most}"));
    }
    Ok(found)
}

/// A duration in the range, or zero.
pub(super) fn length_or_off(
    value: &DeValue<'_>,
    range: &RangeInclusive<Duration>,
) -> Valid<Duration> {
    let off = value.as_str().map(parse_duration);
    if off == Some(Ok(Duration::ZERO)) || value.as_integer().is_some_and(|n| n.as_str() == "0") {
        return Ok(Duration::ZERO);
    }
    length(value, range).map_err(|why| format!("{why}, and \"0s\" for never"))
}

/// Where a modem is: `192.168.100.1`, `modem.lan:8080`, `https://192.168.100.1`.
pub(super) fn modem_address(value: &DeValue<'_>) -> Valid<String> {
    let text = string("an address in quotes such as \"192.168.100.1\"", value)?;
    let bare = text.strip_prefix("http://").or_else(|| text.strip_prefix("https://"));
    let bare = bare.map_or(text, |bare| bare.strip_suffix('/').unwrap_or(bare));
    let is_host = |host: &str| host.parse::<IpAddr>().is_ok() || is_host_name(host);
    let brackets = bare.strip_prefix('[').and_then(|bare| bare.strip_suffix(']'));
    if is_host(brackets.unwrap_or(bare)) || is_host_and_port(bare) {
        return Ok(text.to_owned());
    }
    Err(format!(
        "\"{}\" is not the address of a modem such as \"192.168.100.1\", \"192.168.100.1:8080\" or \
         \"https://192.168.100.1\"",
        text.escape_debug()
    ))
}

/// What a modem is; `None`: to be found out.
pub(super) fn modem_kind(value: &DeValue<'_>) -> Valid<Option<ModemKind>> {
    if value.as_str() == Some("auto") {
        return Ok(None);
    }
    word(value).map(Some)
}

/// The name of an environment variable.
pub(super) fn variable(value: &DeValue<'_>) -> Valid<String> {
    let text = string("the name of an environment variable in quotes", value)?;
    let good = |c: char| c.is_ascii_alphanumeric() || c == '_';
    if text.is_empty() || !text.chars().all(good) || text.starts_with(|c: char| c.is_ascii_digit())
    {
        // What stands here may be the password itself.
        return Err(
            "this is not the name of an environment variable: letters, digits and _".to_owned()
        );
    }
    Ok(text.to_owned())
}

/// A whole number in the range.
pub(super) fn count(value: &DeValue<'_>, range: &RangeInclusive<u32>) -> Valid<u32> {
    let number = value.as_integer().ok_or_else(|| wrong_type("a whole number", value))?;
    u32::from_str_radix(number.as_str(), number.radix())
        .ok()
        .filter(|n| range.contains(n))
        .ok_or_else(|| {
            let (least, most) = (range.start(), range.end());
            format!("{} is not between {least} and {most}", number.as_str())
        })
}

/// A size in the range.
pub(super) fn size(value: &DeValue<'_>, range: &RangeInclusive<u64>) -> Valid<u64> {
    let text = string("a size in quotes such as \"2GiB\"", value)?;
    let found = bytes::parse(text)
        .ok_or_else(|| format!("\"{text}\" is not a size such as \"500MB\" or \"2GiB\""))?;
    if !range.contains(&found) {
        let (least, most) = (bytes::text(*range.start()), bytes::text(*range.end()));
        return Err(format!("\"{text}\" is not between {least} and {most}"));
    }
    Ok(found)
}

pub(super) fn web_address(value: &DeValue<'_>) -> Valid<String> {
    let text = string("a URL in quotes, as in http://timestamp.example/tsr", value)?;
    match text.parse::<crate::vocabulary::Url>() {
        Ok(_) => Ok(text.to_owned()),
        Err(_) => Err(format!("\"{text}\" is no URL such as \"http://timestamp.example/tsr\"")),
    }
}

/// The same, whose value is not repeated: it may be all that a stranger needs.
pub(super) fn secret_url(value: &DeValue<'_>) -> Valid<String> {
    let text = value.as_str().filter(|text| text.parse::<crate::vocabulary::Url>().is_ok());
    text.map(str::to_owned).ok_or_else(|| {
        "this is no URL in quotes such as \"https://hc.example.org/ping/3f0c8f4e\"".to_owned()
    })
}

pub(super) fn zone(value: &DeValue<'_>) -> Valid<String> {
    let name = string("the name of a time zone such as \"Europe/Berlin\"", value)?;
    match super::zone::zone_named(name) {
        Ok(_) => Ok(name.to_owned()),
        Err(_) => Err(format!(
            "\"{name}\" is not a time zone: use an IANA name such as \"Europe/Berlin\""
        )),
    }
}

/// The name of a network interface, as the kernel takes it (`dev_valid_name`).
pub(super) fn interface(value: &DeValue<'_>) -> Valid<String> {
    const MOST: usize = 15;
    let text = string("the name of a network interface in quotes", value)?;
    let allowed = |c: char| c.is_ascii_graphic() && !matches!(c, '/' | ':');
    if !(1..=MOST).contains(&text.len()) || matches!(text, "." | "..") || !text.chars().all(allowed)
    {
        return Err(format!("\"{}\" is not the name of an interface", text.escape_debug()));
    }
    Ok(text.to_owned())
}

/// A date, or a date and time, that means the same each day.
pub(super) fn moment(value: &DeValue<'_>) -> Valid<String> {
    if let DeValue::Datetime(time) = value {
        return Err(format!("write {time} in quotes"));
    }
    let text = string("a date in quotes such as \"2026-11-01\"", value)?;
    let is_dated = text.as_bytes().get(..10).is_some_and(|date| {
        date.iter().zip(b"0000-00-00").all(|(c, form)| match form {
            b'-' => c == form,
            _ => c.is_ascii_digit(),
        })
    });
    match parse_instant(text, Timestamp::default(), &TimeZone::UTC) {
        Ok(_) if is_dated => Ok(text.to_owned()),
        _ => Err(format!(
            "\"{}\" is not a date such as \"2026-11-01\" or \"2026-11-01 13:20\"",
            text.escape_debug()
        )),
    }
}

pub(super) fn path(value: &DeValue<'_>) -> Valid<PathBuf> {
    let text = string("a path in quotes", value)?;
    let path = PathBuf::from(text);
    if path.is_absolute() {
        Ok(path)
    } else {
        Err(format!("\"{text}\" is not an absolute path: it must start with /"))
    }
}

/// A word of an enum.
pub(super) fn word<T: Word>(value: &DeValue<'_>) -> Valid<T> {
    let quoted: Vec<_> = T::VALUES.iter().map(|known| format!("\"{}\"", known.word())).collect();
    words::parse(string(&words::alternatives(&quoted), value)?)
}

pub(super) fn address(value: &DeValue<'_>) -> Valid<IpAddr> {
    let text = string("an IP address in quotes", value)?;
    let address: IpAddr = text
        .parse()
        .map_err(|_| format!("\"{text}\" is not an IP address such as \"192.0.2.1\""))?;
    if address.is_unspecified() || address.is_multicast() {
        return Err(format!("\"{text}\" is not the address of a single host"));
    }
    // The kernel refuses to send there without the number of an interface.
    if is_link_local_v6(address) {
        return Err(format!("\"{text}\" is link-local: it has no meaning without its interface"));
    }
    Ok(address)
}

/// `modem`: an address, `false` for none, `true` for the usual one.
pub(super) fn modem(value: &DeValue<'_>) -> Valid<Option<IpAddr>> {
    match value {
        DeValue::Boolean(true) => Ok(Some(DEFAULT_MODEM)),
        DeValue::Boolean(false) => Ok(None),
        DeValue::String(_) => address(value).map(Some),
        other => Err(wrong_type("true, false or an IP address in quotes", other)),
    }
}

pub(super) fn name(value: &DeValue<'_>) -> Valid<String> {
    const MOST: usize = 40;
    let text = string("a name in quotes", value)?;
    let allowed = |c: char| c.is_alphanumeric() || matches!(c, '.' | '-' | '_' | ':');
    if text.is_empty() || text.chars().count() > MOST || !text.chars().all(allowed) {
        return Err(format!(
            "\"{}\" is not a valid name: 1 to {MOST} letters, digits, and . - _ :",
            text.escape_debug()
        ));
    }
    Ok(text.to_owned())
}

/// The address of a target, in the form that its kind asks for.
pub(super) fn target_address(value: &DeValue<'_>, kind: Kind) -> Valid<String> {
    let text = string("an address in quotes", value)?;
    let (good, form) = match kind {
        Kind::Icmp => {
            if text.parse().is_ok_and(is_link_local_v6) {
                return Err(format!(
                    "\"{text}\" is link-local: it has no meaning without its interface"
                ));
            }
            let literal = text.parse::<IpAddr>().is_ok_and(|ip| !ip.is_unspecified());
            (literal || is_host_name(text), "an IP address or host name")
        }
        Kind::Http => (is_url(text), "an http:// or https:// URL"),
        Kind::Dns => {
            (is_dns_query(text), "name@server or name@server:port, where server is an IP address")
        }
        Kind::Tcp => (is_host_and_port(text), "host:port, with an IPv6 host in [ ]"),
    };
    if good {
        Ok(text.to_owned())
    } else {
        Err(format!("\"{}\" is not an address for {kind}: use {form}", text.escape_debug()))
    }
}

/// Where to listen: an address of this computer and a port.
pub(super) fn socket_address(value: &DeValue<'_>) -> Valid<SocketAddr> {
    let text = string("an address and port in quotes such as \"127.0.0.1:8420\"", value)?;
    text.parse().ok().filter(|address: &SocketAddr| address.port() != 0).ok_or_else(|| {
        format!(
            "\"{}\" is not an address and port such as \"127.0.0.1:8420\" or \"[::1]:8420\"",
            text.escape_debug()
        )
    })
}

/// An address of mail: `you@example.net`, `You <you@example.net>`.
pub(super) fn mailbox(value: &DeValue<'_>) -> Valid<String> {
    let text = string("an address of mail in quotes such as \"you@example.net\"", value)?;
    match text.parse::<lettre::message::Mailbox>() {
        Ok(_) if text.chars().any(char::is_control) => {
            Err("an address of mail has no control characters".to_owned())
        }
        Ok(_) => Ok(text.to_owned()),
        Err(_) => Err(format!(
            "\"{}\" is not an address of mail such as \"you@example.net\" or \
             \"You <you@example.net>\"",
            text.escape_debug()
        )),
    }
}

/// A few of them.
pub(super) fn mailboxes(value: &DeValue<'_>) -> Valid<Vec<String>> {
    const MOST: usize = 20;
    let DeValue::Array(items) = value else {
        return Err(wrong_type("a list of addresses of mail", value));
    };
    if items.len() > MOST {
        return Err(format!("more than {MOST} addresses"));
    }
    items.iter().map(|item| mailbox(item.get_ref())).collect()
}

/// A host, with or without a port.
pub(super) fn host(value: &DeValue<'_>) -> Valid<String> {
    let text = string("a host in quotes such as \"mail.example.net:587\"", value)?;
    let brackets = text.strip_prefix('[').and_then(|text| text.strip_suffix(']'));
    let bare = brackets.unwrap_or(text);
    if bare.parse::<IpAddr>().is_ok() || is_host_name(bare) || is_host_and_port(text) {
        return Ok(text.to_owned());
    }
    Err(format!(
        "\"{}\" is not a host such as \"mail.example.net\" or \"mail.example.net:587\"",
        text.escape_debug()
    ))
}

/// One level of a topic of MQTT.
pub(super) fn topic_level(value: &DeValue<'_>) -> Valid<String> {
    const MOST: usize = 40;
    let text = string("a word in quotes", value)?;
    let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
    if text.is_empty() || text.len() > MOST || !text.chars().all(allowed) {
        return Err(format!(
            "\"{}\" is not one level of a topic: 1 to {MOST} letters, digits, and . - _",
            text.escape_debug()
        ));
    }
    Ok(text.to_owned())
}

/// A few host names, without port, in lower case.
pub(super) fn host_names(value: &DeValue<'_>) -> Valid<Vec<String>> {
    const MOST: usize = 20;
    let DeValue::Array(items) = value else {
        return Err(wrong_type("a list of host names", value));
    };
    if items.len() > MOST {
        return Err(format!("more than {MOST} names"));
    }
    let name = |item: &Spanned<DeValue<'_>>| {
        let text = string("a host name in quotes", item.get_ref())?;
        if is_host_name(text) {
            Ok(text.trim_end_matches('.').to_ascii_lowercase())
        } else {
            Err(format!("\"{}\" is not a host name such as \"linkmon.lan\"", text.escape_debug()))
        }
    };
    items.iter().map(name).collect()
}

/// A list of different words of an enum.
pub(super) fn words<T: Word + PartialEq>(value: &DeValue<'_>) -> Valid<Vec<T>> {
    let DeValue::Array(items) = value else {
        return Err(wrong_type(&format!("a list with the word of each {}", T::NOUN), value));
    };
    let mut found = Vec::new();
    for item in items {
        let one: T = word(item.get_ref())?;
        if found.contains(&one) {
            return Err(format!("\"{}\" is listed twice", one.word()));
        }
        found.push(one);
    }
    Ok(found)
}

/// RFC 1123 §2.1; only digits and dots is a mistyped address.
fn is_host_name(text: &str) -> bool {
    let label = |l: &str| {
        (1..=63).contains(&l.len())
            && !l.starts_with('-')
            && !l.ends_with('-')
            && l.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'))
    };
    let name = text.strip_suffix('.').unwrap_or(text);
    name.len() <= 253
        && name.split('.').all(label)
        && name.rsplit('.').next().is_some_and(|l| !l.bytes().all(|b| b.is_ascii_digit()))
}

fn is_url(text: &str) -> bool {
    text.parse::<hyper::Uri>().is_ok_and(|uri| {
        matches!(uri.scheme_str(), Some("http" | "https"))
            && uri.host().is_some_and(|host| {
                let bare = host.trim_start_matches('[').trim_end_matches(']');
                bare.parse::<IpAddr>().is_ok() || is_host_name(host)
            })
            && uri.authority().is_some_and(|a| !a.as_str().contains('@'))
    })
}

fn is_dns_query(text: &str) -> bool {
    let Some((name, server)) = text.rsplit_once('@') else { return false };
    let bare = server.trim_start_matches('[').trim_end_matches(']');
    let is_server = bare.parse::<IpAddr>().is_ok()
        || server.parse::<SocketAddr>().is_ok_and(|address| address.port() != 0);
    is_host_name(name) && is_server
}

fn is_host_and_port(text: &str) -> bool {
    if let Ok(address) = text.parse::<SocketAddr>() {
        return address.port() != 0;
    }
    text.rsplit_once(':')
        .is_some_and(|(host, port)| is_host_name(host) && port.parse::<u16>().is_ok_and(|p| p != 0))
}
