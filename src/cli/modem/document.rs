//! What the modem shows as JSON: docs/json.md.

use serde::Serialize;

use super::ShownModem;
use crate::modem::understand::{LevelProfile, LevelWord, judge_downstream, judge_upstream};
use crate::time::Timestamp;
use crate::vocabulary::{
    Bonding, ChannelKind, Downstream, LogClass, LogEntry, LogStamp, ModemClock, ModemKind, Upstream,
};

#[derive(Serialize)]
struct ModemDocument<'a> {
    model: Option<&'a str>,
    firmware: Option<&'a str>,
    boot: Option<Timestamp>,
    clock_offset_s: Option<f64>,
    downstream: Vec<DownstreamRow>,
    upstream: Vec<UpstreamRow>,
    events: Vec<ModemEventRow<'a>>,
    notes: &'a [String],
    kind: ModemKind,
    limits: LevelProfile,
    connection: Option<&'a str>,
    uptime_s: Option<u64>,
    clock: Option<String>,
    addresses: Vec<String>,
    log_read: bool,
}

#[derive(Serialize)]
struct DownstreamRow {
    channel: Option<u32>,
    frequency_hz: Option<u64>,
    power_dbmv: Option<f64>,
    mer_db: Option<f64>,
    modulation: Option<String>,
    locked: Option<bool>,
    unerrored: Option<u64>,
    corrected: Option<u64>,
    uncorrectable: Option<u64>,
    kind: Option<ChannelKind>,
    row: Option<u32>,
    bonding: Option<Bonding>,
    width_hz: Option<u64>,
    power: Option<LevelWord>,
    mer: Option<LevelWord>,
}

#[derive(Serialize)]
struct UpstreamRow {
    channel: Option<u32>,
    frequency_hz: Option<u64>,
    power_dbmv: Option<f64>,
    modulation: Option<String>,
    locked: Option<bool>,
    kind: Option<ChannelKind>,
    row: Option<u32>,
    bonding: Option<Bonding>,
    width_hz: Option<u64>,
    t3_timeouts: Option<u64>,
    t4_timeouts: Option<u64>,
    power: Option<LevelWord>,
}

#[derive(Serialize)]
struct ModemEventRow<'a> {
    at: Option<String>,
    class: LogClass,
    text: &'a str,
    count: u32,
    last: Option<String>,
    level: Option<u8>,
    number: Option<u32>,
    after_boot_s: Option<f64>,
}

/// The document, with a line break at its end.
pub(super) fn json(shown: &ShownModem<'_>, limits: LevelProfile) -> serde_json::Result<String> {
    let snapshot = shown.snapshot;
    let offset = shown.clock_offset_s;
    let locked = locked_upstream(&snapshot.upstream);
    let document = ModemDocument {
        model: snapshot.model.as_deref(),
        firmware: snapshot.firmware.as_deref(),
        boot: shown.boot,
        clock_offset_s: offset,
        downstream: snapshot.downstream.iter().map(|channel| downstream(channel, limits)).collect(),
        upstream: snapshot
            .upstream
            .iter()
            .map(|channel| upstream(channel, limits, locked))
            .collect(),
        events: snapshot.log.iter().flatten().map(|entry| event(entry, offset)).collect(),
        notes: &snapshot.notes,
        kind: shown.kind,
        limits,
        connection: snapshot.connection.as_deref(),
        uptime_s: snapshot.uptime.map(|uptime| uptime.as_secs()),
        clock: snapshot.clock.map(|clock| match clock {
            ModemClock::Local(at) => at.to_string(),
            ModemClock::Absolute(at) => at.to_string(),
        }),
        addresses: snapshot.addresses.iter().map(ToString::to_string).collect(),
        log_read: snapshot.log.is_some(),
    };
    Ok(serde_json::to_string_pretty(&document)? + "\n")
}

/// How many channels share the modem's power.
pub(super) fn locked_upstream(upstream: &[Upstream]) -> usize {
    upstream.iter().filter(|channel| channel.locked != Some(false)).count()
}

fn downstream(channel: &Downstream, limits: LevelProfile) -> DownstreamRow {
    let (power, mer) = judge_downstream(limits, channel);
    DownstreamRow {
        channel: channel.id.or(channel.row),
        frequency_hz: channel.frequency_hz,
        power_dbmv: channel.power_dbmv,
        mer_db: channel.mer_db,
        modulation: channel.modulation.as_ref().map(ToString::to_string),
        locked: channel.locked,
        unerrored: channel.unerrored,
        corrected: channel.corrected,
        uncorrectable: channel.uncorrectable,
        kind: channel.kind,
        row: channel.row,
        bonding: channel.bonding,
        width_hz: channel.width_hz,
        power,
        mer,
    }
}

fn upstream(channel: &Upstream, limits: LevelProfile, locked: usize) -> UpstreamRow {
    UpstreamRow {
        channel: channel.id.or(channel.row),
        frequency_hz: channel.frequency_hz,
        power_dbmv: channel.power_dbmv,
        modulation: channel.modulation.as_ref().map(ToString::to_string),
        locked: channel.locked,
        kind: channel.kind,
        row: channel.row,
        bonding: channel.bonding,
        width_hz: channel.width_hz,
        t3_timeouts: channel.t3_timeouts,
        t4_timeouts: channel.t4_timeouts,
        power: judge_upstream(limits, channel, locked),
    }
}

fn event(entry: &LogEntry, offset_s: Option<f64>) -> ModemEventRow<'_> {
    let after_boot = match entry.stamp {
        LogStamp::AfterBoot(after) => Some(after.as_secs_f64()),
        _ => None,
    };
    ModemEventRow {
        at: at(entry.stamp, offset_s),
        class: entry.class,
        text: &entry.text,
        count: entry.count,
        last: entry.last.and_then(|last| at(last, offset_s)),
        level: entry.level,
        number: entry.number,
        after_boot_s: after_boot,
    }
}

/// In UTC where the clock's offset is known, else as the modem shows it.
#[expect(
    clippy::cast_possible_truncation,
    reason = "an offset of a clock is no more than a century"
)]
fn at(stamp: LogStamp, offset_s: Option<f64>) -> Option<String> {
    let local = match stamp {
        LogStamp::Second(at) | LogStamp::Minute(at) => at,
        LogStamp::Absolute(at) => return Some(at.to_string()),
        LogStamp::AfterBoot(_) | LogStamp::Unset => return None,
    };
    let Some(offset) = offset_s else { return Some(local.to_string()) };
    let shown = jiff::tz::Offset::UTC.to_timestamp(local).ok()?.as_microsecond();
    Some(Timestamp::from_micros(shown - (offset * 1e6) as i64).to_string())
}
