//! Events in words, one line each: the log of the daemon. Pure.

use std::time::Duration;

use jiff::tz::TimeZone;

use super::present::drop_length;
use super::room;
use super::words::{self, impairment};
use crate::live::{DropDetail, DropStatus, Event, Witnesses};
use crate::store::Unread;
use crate::time::Timestamp;
use crate::vocabulary::{Figures, Gap, HostChange, Lengths, LinkState, TargetTrouble};

/// An event as one line for a journal; `None` for one that a journal need not hold.
#[allow(clippy::too_many_lines, reason = "a line an event")]
pub fn log_line(event: &Event, zone: &TimeZone) -> Option<String> {
    let at = |t: Timestamp| words::date_time(t, zone);
    Some(match event {
        Event::Started { engine, database } => {
            format!("measuring ({engine}); the record is {}", database.display())
        }
        Event::Recovered { last_seen } => format!(
            "the previous daemon was killed, or the power failed; it watched until {}, and that is saved",
            at(*last_seen)
        ),
        Event::TargetAdded(t) => {
            format!("target {} ({} {}, role {})", t.name, t.kind, t.endpoint, t.role)
        }
        Event::TargetRemoved(t) => {
            format!("no longer a target: {} ({} {})", t.name, t.kind, t.endpoint)
        }
        Event::State { from: _, to, at: since } => match to {
            LinkState::Up => format!("link up since {}", at(*since)),
            LinkState::Suspect | LinkState::Unknown | LinkState::Down | LinkState::Disputed => {
                return None;
            }
        },
        Event::DropBegan { drop, detail } => {
            format!("DOWN: drop {} began {}", drop.id, drop_words(drop, detail.as_deref(), &at))
        }
        Event::DropEnded { drop, detail } => {
            format!("drop {} is over: {}", drop.id, drop_words(drop, detail.as_deref(), &at))
        }
        Event::DropWithdrawn { id } => {
            format!("drop {id} withdrawn: later answers show that the link was up")
        }
        Event::TargetTrouble { name, trouble } => trouble_words(name, trouble, &at),
        Event::Impairment { impairment, target, at: now } => {
            let what = impairment::what(&impairment.figures, &impairment.places, target.as_deref());
            let span = impairment::span(impairment, *now, &at);
            match impairment.end {
                Some(_) if !matches!(impairment.figures, Figures::RouteStep { .. }) => {
                    format!("over: {what}, {span}")
                }
                _ => format!("{what} {span}"),
            }
        }
        Event::Gap(gap) => gap_words(gap, &at),
        Event::Host(change) => host_words(change),
        Event::ClockSet { by } => match by.as_i64() {
            0 => "the clock is right: the times so far can be relied on".to_owned(),
            _ => format!(
                "the clock was set: what was measured before in this boot was dated anew, by {by}"
            ),
        },
        Event::StorageTrouble(what) => {
            format!("storing fails, measurements wait in memory: {what}")
        }
        Event::NoRecord { why, meanwhile } => format!(
            "the record cannot be opened: {why}; measuring goes on, what is measured is kept in {} and \
             brought over as soon as it can be",
            meanwhile.display()
        ),
        Event::DamagedRows(rows) => {
            format!("{rows} rows of the last day of the record cannot be read and are left out")
        }
        Event::Unread(unread) => {
            let of = |table: &Unread| match (table.rows, table.places) {
                (0, places) => format!("{} of table {}", places_of(places), table.table),
                (rows, 0) => {
                    format!("{} of table {} ({})", rows_of(rows), table.table, table.first)
                }
                (rows, places) => {
                    format!("{} and {} of table {}", rows_of(rows), places_of(places), table.table)
                }
            };
            let tables: Vec<String> = unread.iter().map(of).collect();
            format!("cannot be read in the record and is left out: {}", tables.join("; "))
        }
        Event::PutAside { to } => format!(
            "the database is damaged and was put aside as {}; a new one replaces it, and whatever can \
             be read of the old one is brought over",
            to.display()
        ),
        Event::PutBack => "the database file had been removed; as it was still open, a \
                            complete copy replaces it"
            .to_owned(),
        Event::Salvaged { rows } => {
            format!("brought over {rows} rows of samples from the damaged database")
        }
        Event::Filling { of, forecast } => room::warning(*of, forecast, zone),
        Event::BackedUp { to, bytes } => {
            format!("backed up to {} ({} MB)", to.display(), bytes.div_ceil(1_000_000))
        }
        Event::StampFails(what) => {
            format!("the chain's head was not time-stamped, which will be tried again: {what}")
        }
        Event::BackupFails(what) => format!("the backup failed and will be tried again: {what}"),
        Event::StorageWorks => "storing works again".to_owned(),
        Event::DiscoveryTrouble(what) => what.clone(),
        Event::Page { listen } => {
            let open = if listen.ip().is_loopback() {
                ""
            } else {
                "; anyone who can reach this address can read it, there is no password"
            };
            format!("the live page is http://{listen}/{open}")
        }
        Event::NoPage(why) => format!("no live page: {why}"),
        Event::Stopped { after } => format!("stopped after {}", words::length(*after)),
    })
}

fn rows_of(rows: u64) -> String {
    words::count(usize::try_from(rows).unwrap_or(usize::MAX), "row", "rows")
}

fn places_of(places: u64) -> String {
    words::count(usize::try_from(places).unwrap_or(usize::MAX), "damaged place", "damaged places")
}

/// `not known: 12:00:05 to 12:01:05 (1 min), the daemon was stopped`.
fn gap_words(gap: &Gap, at: &dyn Fn(Timestamp) -> String) -> String {
    format!(
        "not known: {} to {} ({}), {}",
        at(gap.range.from),
        at(gap.range.to),
        words::length(gap.range.length()),
        words::gap_reason(gap.reason)
    )
}

/// `2026-02-02 14:20:00 +-0.5 s [access]: answered: ..` while it lasts, else `.. to .., 1 min 32 s
/// (91.8 to 92.5 s) [access]: ..`.
fn drop_words(
    drop: &DropStatus,
    detail: Option<&DropDetail>,
    at: &dyn Fn(Timestamp) -> String,
) -> String {
    let onset = at(drop.onset);
    let mut text = match (drop.end, detail) {
        (Some(end), _) => format!("{onset} to {}, {}", at(end), length_words(drop)),
        (None, Some(detail)) => {
            format!("{onset} +-{}", words::length(words::half_width(detail.drop.onset)))
        }
        (None, None) => onset,
    };
    text.extend([" [", drop.place.as_str(), "]"]);
    if let Some(detail) = detail {
        text += ": ";
        text += &witness_words(&detail.witnesses);
    }
    text
}

/// `1 min 32 s (91.8 to 92.5 s)`.
fn length_words(drop: &DropStatus) -> String {
    let [min, max] = [drop.min_s, drop.max_s]
        .map(|s| Duration::try_from_secs_f64(s.unwrap_or_default()).unwrap_or_default());
    format!("{} ({})", drop_length(drop), words::bounds(Lengths { min, max }, "to"))
}

/// `anchor alone has been failing since .. (4 of 6 probes lost); the link is up`.
fn trouble_words(name: &str, trouble: &TargetTrouble, at: &dyn Fn(Timestamp) -> String) -> String {
    let TargetTrouble { from, to, lost, sent, .. } = trouble;
    let from = at(*from);
    match to {
        None => format!(
            "{name} alone has been failing since {from} ({lost} of {sent} probes lost); the link is up"
        ),
        Some(to) => format!(
            "{name} answers again; it failed from {from} to {} ({lost} of {sent} probes lost)",
            at(*to)
        ),
    }
}

fn witness_words(witnesses: &Witnesses) -> String {
    let list =
        |names: &[String]| if names.is_empty() { "none".to_owned() } else { names.join(", ") };
    format!("answered: {}; silent: {}", list(&witnesses.answered), list(&witnesses.silent))
}

/// A change of this host, in words.
fn family(v6: bool) -> &'static str {
    if v6 { "IPv6" } else { "IPv4" }
}

fn host_words(change: &HostChange) -> String {
    match change {
        HostChange::Carrier { interface, up } => {
            let what = if *up { "has carrier" } else { "lost its carrier (cable or Wi-Fi)" };
            format!("host: {interface} {what}")
        }
        HostChange::Interface { interface, present } => {
            let what = if *present { "appeared" } else { "disappeared" };
            format!("host: interface {interface} {what}")
        }
        HostChange::Address { interface, address, present } => {
            let what = if *present { "has" } else { "lost" };
            format!("host: {interface} {what} the address {address}")
        }
        HostChange::DefaultRoute { v6, interface, gateway } => {
            let family = family(*v6);
            match (gateway, interface) {
                (Some(gateway), Some(interface)) => {
                    format!("host: {family} default route via {gateway} on {interface}")
                }
                (None, Some(interface)) => format!("host: {family} default route on {interface}"),
                (Some(gateway), None) => format!("host: {family} default route via {gateway}"),
                (None, None) => format!("host: no {family} default route"),
            }
        }
        HostChange::Slept { seconds } => format!("host: slept for {seconds:.1} s"),
        HostChange::ClockStep { seconds } => {
            format!("host: the clock was stepped by {seconds:+.3} s")
        }
        HostChange::ClockSync { synchronized } => {
            let not = if *synchronized { "" } else { "not " };
            format!("host: the clock is {not}synchronized")
        }
        HostChange::DeadEntry { v6 } => format!(
            "the router kept a dead entry for us: over {}, only pings with another identifier were answered",
            family(*v6)
        ),
        HostChange::FreshIdentifierUnanswered { v6 } => {
            format!("no ping is answered over {}, whatever its identifier", family(*v6))
        }
    }
}
