//! What was wrong apart from drops, as lines of text.

use jiff::tz::TimeZone;

use crate::config::Lang;
use crate::language;
use crate::language::words::{self, impairment as say};
use crate::report::ImpairmentEntry;
use crate::time::Timestamp;

/// How many of each kind: `2 stretches of loss, 1 slow stretch`; nothing without any.
pub(crate) fn counted(entries: &[ImpairmentEntry]) -> String {
    let kinds = [
        ("loss", "stretch of loss", "stretches of loss"),
        ("late", "stretch of late answers", "stretches of late answers"),
        ("slow", "slow stretch", "slow stretches"),
        ("route-step", "change of route", "changes of route"),
        ("ipv6", "failure of IPv6", "failures of IPv6"),
        ("dns", "failure of name servers", "failures of name servers"),
        ("captive-portal", "captive portal", "captive portals"),
        ("icmp-filtered", "stretch with ICMP filtered", "stretches with ICMP filtered"),
        ("partial", "part of the Internet out of reach", "times part of the Internet out of reach"),
    ];
    let told = kinds.iter().filter_map(|(kind, one, many)| {
        let n = entries.iter().filter(|e| e.impairment.figures.kind() == *kind).count();
        (n > 0).then(|| words::count(n, one, many))
    });
    told.collect::<Vec<_>>().join(", ")
}

/// The longest `most` of them, as sentences in the order of time.
pub(crate) fn longest(
    entries: &[ImpairmentEntry],
    most: usize,
    now: Timestamp,
    zone: &TimeZone,
) -> Vec<String> {
    let mut chosen: Vec<_> = entries.iter().collect();
    chosen.sort_by_key(|e| std::cmp::Reverse(e.length));
    chosen.truncate(most);
    chosen.sort_by_key(|e| e.impairment.onset.midpoint());
    chosen.into_iter().map(|e| sentence(e, now, zone)).collect()
}

fn sentence(entry: &ImpairmentEntry, now: Timestamp, zone: &TimeZone) -> String {
    let span = say::span(&entry.impairment, now, &|at| words::local_minute(at, zone));
    format!("{span}: {}", language::of(Lang::En).impairment(entry))
}
