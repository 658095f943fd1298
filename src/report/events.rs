//! What happened to this computer around a drop, in words: a drop whose own cable was unplugged is
//! explained by that, whatever else was silent.

use std::time::Duration;

use super::{DropEntry, Report, words};
use crate::probe::HostChange;
use crate::store::rows::StoredEvent;
use crate::time::Timestamp;

/// An event this long before or after a drop still stands beside it.
const NEAR: Duration = Duration::from_secs(10);

/// Events told of one drop; the rest is counted.
const MOST: usize = 4;

/// `This computer: eth0 lost carrier 12:00:03.1; ...`; `None` where nothing happened to it.
pub(super) fn beside(report: &Report, drop: &DropEntry) -> Option<String> {
    let all: Vec<_> =
        around(report, drop).filter_map(|event| Some((event.at, what(&event.what)?))).collect();
    let time = |at: Timestamp| words::local_end(drop.onset.midpoint(), at, &report.zone, "%m-%d ");
    let mut told: Vec<_> =
        all.iter().take(MOST).map(|(at, what)| format!("{what} {}", time(*at))).collect();
    if all.len() > MOST {
        told.push(format!("and {} more", all.len() - MOST));
    }
    (!told.is_empty()).then(|| format!("this computer: {}", told.join("; ")))
}

/// Everything that happened to this computer while a drop lasted, or near it.
pub(super) fn around<'a>(
    report: &'a Report,
    drop: &DropEntry,
) -> impl Iterator<Item = &'a StoredEvent> {
    let from = drop.onset.earliest - NEAR;
    let to = drop.end.map_or(report.period.to, |end| end.latest) + NEAR;
    report.events.iter().filter(move |event| from <= event.at && event.at <= to)
}

/// What can explain a drop; `None` for what cannot.
pub(super) fn what(change: &HostChange) -> Option<String> {
    Some(match change {
        HostChange::Carrier { interface, up: false } => format!("{interface} lost carrier"),
        HostChange::Carrier { interface, up: true } => format!("{interface} has carrier"),
        HostChange::Interface { interface, present: false } => format!("{interface} vanished"),
        HostChange::Interface { interface, present: true } => format!("{interface} appeared"),
        HostChange::Address { interface, address, present } if address.is_ipv4() => {
            let verb = if *present { "got" } else { "lost" };
            if address.is_unspecified() {
                format!("{interface} {verb} an address")
            } else {
                format!("{interface} {verb} address {address}")
            }
        }
        HostChange::DefaultRoute { v6: false, gateway: None, interface: None } => {
            "no default route".to_owned()
        }
        HostChange::DefaultRoute { v6: false, gateway: Some(gateway), .. } => {
            if gateway.is_unspecified() {
                "another default route".to_owned()
            } else {
                format!("default route by {gateway}")
            }
        }
        HostChange::Slept { seconds } => format!("slept {seconds:.1} s, until"),
        HostChange::ClockStep { seconds } => format!("clock stepped {seconds:+.1} s"),
        HostChange::Address { .. }
        | HostChange::DefaultRoute { .. }
        | HostChange::ClockSync { .. } => return None,
    })
}
