//! What was wrong in a period apart from drops: impairments clipped to it, with this host's own
//! traffic as a witness. Pure.
//!
//! The traffic is that of this host's interface; what other machines send is not seen, and no
//! word here says anything of it.

use std::time::Duration;

use serde::Serialize;

use crate::language::words::impairment as say;
use crate::text::order::InOrder;
use crate::time::{TimeRange, Timestamp};
use crate::vocabulary::{Figures, Impairment, Target, Traffic};

/// "The hour before" and "the day" of the rules on own traffic.
const HOUR: Duration = Duration::from_secs(3_600);
pub(crate) const DAY: Duration = Duration::from_secs(86_400);
/// The own rate is evident as the cause from this many times the usual on, this near the greatest.
const TIMES_USUAL: f64 = 5.0;
const OF_GREATEST: f64 = 0.8;

/// An impairment as a report has it.
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
    /// It ended after the period, or lasts.
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

/// This host's own traffic during a slow stretch.
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
pub(crate) fn entries(
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
    entries.order_by_key(|e| e.impairment.onset.midpoint());
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

#[cfg(test)]
mod tests;
