//! What was wrong in a period beside drops: impairments clipped to it, with this host's own
//! traffic as a witness, as lines of text and as JSON. Pure.
//!
//! The traffic is that of this host's interface; what other machines send is not seen, and no
//! word here says anything of it.

use std::time::Duration;

use jiff::tz::TimeZone;
use serde::Serialize;
use serde_json::{Value, json};

use super::drops::seconds;
use super::language;
use super::words::{self, impairment as say};
use crate::config::Lang;
use crate::time::{TimeRange, Timestamp};
use crate::vocabulary::{Bounds, Figures, Impairment, Place, Target, Traffic};

/// "The hour before" and "the day" of the rules on own traffic.
const HOUR: Duration = Duration::from_secs(3_600);
pub(super) const DAY: Duration = Duration::from_secs(86_400);
/// The own rate is evident as the cause from so many times the usual, and so near the greatest.
const TIMES_USUAL: f64 = 5.0;
const OF_GREATEST: f64 = 0.8;

/// An impairment as a report tells it.
#[derive(Debug, Clone, PartialEq)]
pub struct ImpairmentEntry {
    /// All of it.
    pub impairment: Impairment,
    /// The targets it names, for their names.
    pub targets: Vec<Target>,
    /// Its length within the period.
    pub length: Duration,
    /// It began before the period.
    pub starts_before: bool,
    /// It ended behind the period, or lasts.
    pub ends_after: bool,
    /// What this host sent and received in a slow stretch; `None` where not known.
    pub meanwhile: Option<Meanwhile>,
}

/// Bits per second of this host.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Rates {
    /// Sent.
    #[serde(rename = "sent_bps")]
    pub sent: f64,
    /// Received.
    #[serde(rename = "received_bps")]
    pub received: f64,
}

/// This host's own traffic beside a slow stretch.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Meanwhile {
    /// Within it.
    pub during: Rates,
    /// In the hour before it; `None` where not known.
    pub hour_before: Option<Rates>,
    /// It is evident that this host's own traffic filled the line; `false` says nothing.
    pub own_traffic_is_evident: bool,
}

/// The entries of a period, by onset.
pub(super) fn entries(
    impairments: &[Impairment],
    traffic: &[Traffic],
    targets: &[Target],
    elapsed: TimeRange,
) -> Vec<ImpairmentEntry> {
    let entry = |i: &Impairment| {
        let end = i.end.map(|end| end.midpoint());
        let span = TimeRange { from: i.onset.midpoint(), to: end.unwrap_or(elapsed.to) };
        let inside = span.intersect(&elapsed);
        // An instant has no length and is in the period all the same.
        if inside.is_none() && !elapsed.contains(span.from) {
            return None;
        }
        let named: Vec<_> = match &i.figures {
            Figures::Partial { silent, answering } => silent.iter().chain(answering).collect(),
            _ => i.target.iter().collect(),
        };
        Some(ImpairmentEntry {
            targets: targets.iter().filter(|t| named.contains(&&t.id)).cloned().collect(),
            length: inside.map(|part| part.length()).unwrap_or_default(),
            starts_before: span.from < elapsed.from,
            ends_after: end.is_none_or(|end| end > elapsed.to),
            meanwhile: meanwhile(&i.figures, span, traffic),
            impairment: i.clone(),
        })
    };
    let mut entries: Vec<_> = impairments.iter().filter_map(entry).collect();
    entries.sort_by_key(|e| e.impairment.onset.midpoint());
    entries
}

/// The rates over the readings that began in `range`; `None` when there are none.
fn rates(traffic: &[Traffic], range: TimeRange) -> Option<Rates> {
    let (mut length, mut sent, mut received) = (0.0, 0.0, 0.0);
    for t in traffic.iter().filter(|t| range.contains(began(t))) {
        length += t.length.as_secs_f64();
        sent += bits(t.sent);
        received += bits(t.received);
    }
    (length > 0.0).then(|| Rates { sent: sent / length, received: received / length })
}

fn began(t: &Traffic) -> Timestamp {
    Timestamp::from_seconds(t.minute.saturating_mul(60))
}

#[allow(clippy::cast_precision_loss, reason = "exact up to 8 PiB in a minute")]
fn bits(bytes: u64) -> f64 {
    bytes as f64 * 8.0
}

/// Of slow stretches alone: nothing else is made by traffic of one's own.
fn meanwhile(figures: &Figures, span: TimeRange, traffic: &[Traffic]) -> Option<Meanwhile> {
    let Figures::Slow(slow) = figures else { return None };
    let during = rates(traffic, span)?;
    // A reading is put down at the minute in which it began, and is a minute long.
    let before = TimeRange { from: span.from - HOUR, to: span.from - Duration::from_secs(120) };
    let hour_before = rates(traffic, before);
    let day = TimeRange { from: span.to - DAY, to: span.to };
    let of_day = traffic.iter().filter(|t| day.contains(began(t)) && !t.length.is_zero());
    let (mut most_sent, mut most_received) = (0.0_f64, 0.0_f64);
    for t in of_day {
        most_sent = most_sent.max(bits(t.sent) / t.length.as_secs_f64());
        most_received = most_received.max(bits(t.received) / t.length.as_secs_f64());
    }
    let fills = |now: f64, usual: f64, most: f64| {
        now > 0.0 && now >= TIMES_USUAL * usual && now >= OF_GREATEST * most
    };
    let is_unusual = hour_before.is_some_and(|usual| {
        fills(during.sent, usual.sent, most_sent)
            || fills(during.received, usual.received, most_received)
    });
    let own_traffic_is_evident = say::own_queue_is_most(slow) || is_unusual;
    Some(Meanwhile { during, hour_before, own_traffic_is_evident })
}

/// How many of each kind: `2 stretches of loss, 1 slow stretch`; nothing without any.
pub(super) fn counted(entries: &[ImpairmentEntry]) -> String {
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
pub(super) fn longest(
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

#[derive(Serialize)]
pub(super) struct ImpairmentJson<'a> {
    kind: &'static str,
    target: Option<&'a str>,
    places: &'a [Place],
    onset_earliest: Timestamp,
    onset_latest: Timestamp,
    end_earliest: Option<Timestamp>,
    end_latest: Option<Timestamp>,
    unobserved_s: f64,
    period_s: f64,
    starts_before_period: bool,
    ends_after_period: bool,
    figures: Value,
    own_traffic: Option<Meanwhile>,
}

impl<'a> ImpairmentJson<'a> {
    pub(super) fn new(entry: &'a ImpairmentEntry) -> Self {
        let i = &entry.impairment;
        let Bounds { earliest, latest } = i.onset;
        let name = |id| entry.targets.iter().find(|t| t.id == id).map(|t| t.name.as_str());
        Self {
            kind: i.figures.kind(),
            target: i.target.and_then(name),
            places: &i.places,
            onset_earliest: earliest,
            onset_latest: latest,
            end_earliest: i.end.map(|end| end.earliest),
            end_latest: i.end.map(|end| end.latest),
            unobserved_s: seconds(i.unobserved),
            period_s: seconds(entry.length),
            starts_before_period: entry.starts_before,
            ends_after_period: entry.ends_after,
            figures: figures(&i.figures, &name),
            own_traffic: entry.meanwhile,
        }
    }
}

/// Figures with delays in milliseconds and names of targets.
fn figures<'a>(
    figures: &Figures,
    name: &dyn Fn(crate::vocabulary::TargetId) -> Option<&'a str>,
) -> Value {
    let ms = |us: u32| f64::from(us) / 1_000.0;
    match figures {
        Figures::Loss(f) | Figures::Late(f) => json!({
            "lost": f.lost, "late": f.late, "sent": f.sent,
            "usual_lost": f.usual_lost, "usual_sent": f.usual_sent,
        }),
        Figures::Slow(f) => json!({
            "usual_ms": ms(f.usual_us), "median_ms": ms(f.median_us), "worst_ms": ms(f.worst_us),
            "own_queue_ms": f.own_queue_us.map(ms),
        }),
        Figures::RouteStep { before_us, after_us } => {
            json!({ "before_ms": ms(*before_us), "after_ms": ms(*after_us) })
        }
        Figures::Ipv6(c)
        | Figures::Dns(c)
        | Figures::CaptivePortal(c)
        | Figures::IcmpFiltered(c) => {
            json!({ "bearing": c.bearing, "sent": c.sent })
        }
        Figures::Partial { silent, answering } => {
            let names = |ids: &[_]| ids.iter().filter_map(|id| name(*id)).collect::<Vec<_>>();
            json!({ "silent": names(silent), "answering": names(answering) })
        }
    }
}

#[cfg(test)]
mod tests;
