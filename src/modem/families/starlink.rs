//! The local interface of a Starlink dish: gRPC-Web frames with protocol buffers, of which few fields
//! are read and all others skipped.
//!
//! Field numbers as in the descriptions that dishes give of themselves (`spacex/api/device/dish.proto`).

mod wire;

use std::time::Duration;

use self::wire::{WireMessage, message_of_frames};
use crate::modem::page::{Error, ModemPage};
use crate::time::Timestamp;
use crate::vocabulary::{DishState, LogClass, LogEntry, LogStamp, ModemSnapshot};

const GET_STATUS: u32 = 2004;
const GET_HISTORY: u32 = 2006;
/// Seconds from the epoch of GPS (1980-01-06) to that of Unix, without the leap seconds since.
const GPS_EPOCH_S: i64 = 315_964_800;
/// How far GPS time is ahead of UTC.
const GPS_LEAP_S: i64 = 18;
/// Smaller is a time of GPS until 2035, larger one of Unix since 2025: firmware has either.
const LEAST_UNIX_NS: i64 = 1_750_000_000_000_000_000;

/// What the answers to `get_status` and `get_history` say.
pub(in crate::modem) fn read(pages: &[ModemPage]) -> Result<ModemSnapshot, Error> {
    let mut snapshot =
        ModemSnapshot { model: Some("Starlink".to_owned()), ..ModemSnapshot::default() };
    let mut dish = DishState::default();
    let mut found = false;
    for page in pages {
        let Some(message) = message_of_frames(&page.body) else { continue };
        let response = WireMessage(&message);
        if let Some(status) = response.message(GET_STATUS) {
            found = true;
            read_status(&status, &mut snapshot, &mut dish);
        }
        if let Some(history) = response.message(GET_HISTORY) {
            found = true;
            read_history(&history, &mut snapshot, &mut dish);
        }
    }
    if !found {
        let page = pages.first().map_or_else(String::new, |page| page.path.clone());
        let why = "no state or history of a Starlink dish".to_owned();
        return Err(Error::Unknown { page, why });
    }
    snapshot.connection.clone_from(&dish.state);
    snapshot.dish = Some(dish);
    Ok(snapshot)
}

fn read_status(status: &WireMessage<'_>, snapshot: &mut ModemSnapshot, dish: &mut DishState) {
    if let Some(device) = status.message(1) {
        let hardware = device.text(2).filter(|text| !text.is_empty());
        snapshot.model =
            Some(hardware.map_or_else(|| "Starlink".into(), |h| format!("Starlink {h}")));
        snapshot.firmware = device.text(3).filter(|text| !text.is_empty());
    }
    snapshot.uptime = status.message(2).and_then(|state| state.number(1)).map(Duration::from_secs);
    let outage = status.message(1014);
    dish.state = Some(match &outage {
        Some(outage) => cause(outage).to_owned(),
        None => "CONNECTED".to_owned(),
    });
    dish.ping_drop = status.float(1003).or(Some(0.0)).filter(|share| (0.0..=1.0).contains(share));
    dish.ping_ms = status.float(1009).filter(|ms| *ms > 0.0);
    let obstructions = status.message(1004);
    dish.obstructed = obstructions.as_ref().map(|seen| seen.float(1).unwrap_or(0.0));
    if let Some(alerts) = status.message(1005) {
        let raised = alerts.numbers().filter(|(_, value)| *value != 0);
        dish.alerts = raised.map(|(field, _)| alert(field)).collect();
    }
}

fn read_history(history: &WireMessage<'_>, snapshot: &mut ModemSnapshot, dish: &mut DishState) {
    let ring = history.floats(1001);
    let written = usize::try_from(history.number(1).unwrap_or(0)).unwrap_or(usize::MAX);
    // A ring: the newest sample is before the place where the next one will be written.
    let next = if ring.is_empty() || written < ring.len() { 0 } else { written % ring.len() };
    let kept = if written < ring.len() { written } else { ring.len() };
    let in_order = ring[next..].iter().chain(&ring[..next]).take(kept);
    let share = |share: &f64| if share.is_finite() { share.clamp(0.0, 1.0) } else { 1.0 };
    dish.ping_drops = in_order.map(share).collect();
    let mut log: Vec<LogEntry> = history.messages(1009).iter().filter_map(outage).collect();
    log.sort_by_key(|entry| entry.stamp);
    snapshot.log = Some(log);
}

fn outage(message: &WireMessage<'_>) -> Option<LogEntry> {
    let start = i64::try_from(message.number(2)?).ok()?;
    let length = Duration::from_nanos(message.number(3).unwrap_or(0));
    let unix_ns = if start < LEAST_UNIX_NS {
        start.checked_add((GPS_EPOCH_S - GPS_LEAP_S) * 1_000_000_000)?
    } else {
        start
    };
    let at = Timestamp::from_micros(unix_ns / 1_000);
    let end = at.plus_micros(i64::try_from(length.as_micros()).ok()?);
    Some(LogEntry {
        stamp: LogStamp::Absolute(at),
        last: (end > at).then_some(LogStamp::Absolute(end)),
        count: 1,
        level: None,
        number: None,
        class: LogClass::Outage,
        text: format!("{} for {:.1} s", cause(message), length.as_secs_f64()),
    })
}

/// The cause of an outage, which is the dish's state during one.
fn cause(outage: &WireMessage<'_>) -> &'static str {
    const CAUSES: [&str; 13] = [
        "UNKNOWN",
        "BOOTING",
        "STOWED",
        "THERMAL_SHUTDOWN",
        "NO_SCHEDULE",
        "NO_SATS",
        "OBSTRUCTED",
        "NO_DOWNLINK",
        "NO_PINGS",
        "ACTUATOR_ACTIVITY",
        "CABLE_TEST",
        "SLEEPING",
        "MOVING_WHILE_NOT_ALLOWED",
    ];
    let number = outage.number(1).and_then(|cause| usize::try_from(cause).ok()).unwrap_or(0);
    CAUSES.get(number).copied().unwrap_or("UNKNOWN")
}

fn alert(field: u32) -> String {
    match field {
        1 => "motors stuck",
        2 => "thermal shutdown",
        3 => "thermal throttle",
        4 => "unexpected location",
        5 => "mast not near vertical",
        6 => "slow ethernet speeds",
        7 => "roaming",
        8 => "install pending",
        9 => "is heating",
        10 => "power supply thermal throttle",
        11 => "is power save idle",
        12 => "moving while not mobile",
        14 => "beam former telemetry stale",
        15 => "moving too fast for policy",
        16 => "low motor current",
        17 => "lower signal than predicted",
        18 => "slow ethernet speeds (100 Mbit/s)",
        19 => "obstruction map reset",
        other => return format!("alert {other}"),
    }
    .to_owned()
}

#[cfg(test)]
mod tests;
