//! Literal addresses in lines of text.

use std::net::IpAddr;

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
