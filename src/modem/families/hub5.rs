//! The REST interface of the Sagemcom F3896LG (Virgin Hub 5, Ziggo): JSON, a page for each direction,
//! for the state and for the log.

use std::time::Duration;

use serde_json::{Map, Value};

use crate::modem::cells;
use crate::modem::log::{self, DateOrder, LogRow};
use crate::modem::page::{Error, ModemPage};
use crate::vocabulary::{ChannelKind, Downstream, ModemSnapshot, Upstream};

/// What the pages say, told apart by what they hold.
pub(in crate::modem) fn read(pages: &[ModemPage]) -> Result<ModemSnapshot, Error> {
    let mut snapshot = ModemSnapshot {
        model: Some("Sagemcom F3896LG (Hub 5)".to_owned()),
        ..ModemSnapshot::default()
    };
    let mut found = false;
    let (mut down, mut up) = (Vec::new(), Vec::new());
    for page in pages {
        let Ok(Value::Object(json)) = serde_json::from_slice(&page.body) else { continue };
        if let Some(table) = json.get("downstream").and_then(rows) {
            found = true;
            down = checked(table, page, "downstream")?;
        }
        if let Some(table) = json.get("upstream").and_then(rows) {
            found = true;
            up = checked(table, page, "upstream")?;
        }
        if let Some(Value::Object(state)) = json.get("cablemodem") {
            found = true;
            snapshot.uptime = number(state, "upTime")
                .filter(|seconds| (0.0..1e10).contains(seconds))
                .map(Duration::from_secs_f64);
            snapshot.connection = text(state, "status");
        }
        if let Some(Value::Array(entries)) = json.get("eventlog") {
            found = true;
            let rows: Vec<LogRow> = entries.iter().filter_map(log_row).collect();
            let (entries, notes) = log::entries(&rows, DateOrder::DayFirst, None);
            snapshot.log = Some(entries);
            snapshot.notes.extend(notes);
        }
    }
    if !found {
        let page = pages.first().map_or_else(String::new, |page| page.path.clone());
        let why = "no channels, state or log in the JSON of this modem".to_owned();
        return Err(Error::Unknown { page, why });
    }
    let scale = Scale::of(&down, &up);
    snapshot.downstream = down.iter().map(|channel| downstream(channel, scale)).collect();
    snapshot.upstream = up.iter().map(|channel| upstream(channel, scale)).collect();
    let many_down = snapshot.downstream.iter().any(|c| c.kind == Some(ChannelKind::Ofdm));
    let many_up = snapshot.upstream.iter().any(|c| c.kind == Some(ChannelKind::Ofdma));
    if many_down || many_up {
        snapshot
            .notes
            .push("the frequencies of OFDM channels are not shown by this modem".to_owned());
    }
    if !snapshot.downstream.is_empty() {
        snapshot.notes.push("codewords without errors are not shown by this modem".to_owned());
    }
    Ok(snapshot)
}

fn rows(table: &Value) -> Option<&Vec<Value>> {
    table.get("channels")?.as_array()
}

/// The channels of a table, of which each needs a number.
fn checked(
    rows: &[Value],
    page: &ModemPage,
    table: &str,
) -> Result<Vec<Map<String, Value>>, Error> {
    let is_channel = |row: &&Value| row.get("channelId").is_some();
    let channels: Vec<_> =
        rows.iter().filter(is_channel).filter_map(|row| row.as_object().cloned()).collect();
    if channels.is_empty() && !rows.is_empty() {
        let (page, table) = (page.path.clone(), table.to_owned());
        return Err(Error::NoChannel { page, table, rows: rows.len() });
    }
    Ok(channels)
}

/// How the levels of OFDM channels are shown: on some firmware in tenths.
#[derive(Debug, Clone, Copy)]
enum Scale {
    Whole,
    Tenths,
}

impl Scale {
    /// Of both directions; no OFDM channel has 60 dB of MER or is received at 60 dBmV, and none is sent
    /// at 100 dBmV.
    fn of(down: &[Map<String, Value>], up: &[Map<String, Value>]) -> Self {
        let beyond = |channel: &Map<String, Value>, name: &str, most: f64| {
            kind(channel).is_some_and(|kind| kind != ChannelKind::ScQam)
                && number(channel, name).is_some_and(|value| value.abs() > most)
        };
        let shows_tenths =
            down.iter().any(|c| beyond(c, "rxMer", 60.0) || beyond(c, "power", 60.0))
                || up.iter().any(|c| beyond(c, "power", 100.0));
        if shows_tenths { Self::Tenths } else { Self::Whole }
    }

    fn apply(self, kind: Option<ChannelKind>, value: f64) -> f64 {
        match (self, kind) {
            (Self::Tenths, Some(ChannelKind::Ofdm | ChannelKind::Ofdma)) => value / 10.0,
            _ => value,
        }
    }
}

fn downstream(channel: &Map<String, Value>, scale: Scale) -> Downstream {
    let kind = kind(channel);
    let locked = channel.get("lockStatus").and_then(Value::as_bool);
    let mut read = Downstream { id: id(channel), kind, locked, ..Downstream::default() };
    if locked == Some(false) {
        return read;
    }
    let level = |name| level(channel, name, kind, scale);
    read.frequency_hz = hertz(channel, "frequency");
    read.width_hz = hertz(channel, "channelWidth");
    let mer = |name| level(name).and_then(|text| cells::mer_db(&text, ""));
    read.power_dbmv = level("power").and_then(|text| cells::power_dbmv(&text, ""));
    read.mer_db = mer("rxMer").or_else(|| mer("snr"));
    read.modulation = text(channel, "modulation").and_then(|text| cells::modulation(&text));
    read.corrected = channel.get("correctedErrors").and_then(Value::as_u64);
    read.uncorrectable = channel.get("uncorrectedErrors").and_then(Value::as_u64);
    read
}

fn upstream(channel: &Map<String, Value>, scale: Scale) -> Upstream {
    let kind = kind(channel);
    let locked = channel.get("lockStatus").and_then(Value::as_bool);
    let mut read = Upstream { id: id(channel), kind, locked, ..Upstream::default() };
    if locked == Some(false) {
        return read;
    }
    read.frequency_hz = hertz(channel, "frequency");
    read.width_hz = hertz(channel, "channelWidth");
    let power = level(channel, "power", kind, scale);
    read.power_dbmv = power.and_then(|text| cells::power_dbmv(&text, ""));
    read.modulation = text(channel, "modulation").and_then(|text| cells::modulation(&text));
    read.t3_timeouts = channel.get("t3Timeout").and_then(Value::as_u64);
    read.t4_timeouts = channel.get("t4Timeout").and_then(Value::as_u64);
    read
}

/// A level in whole units, as text.
fn level(
    channel: &Map<String, Value>,
    name: &str,
    kind: Option<ChannelKind>,
    scale: Scale,
) -> Option<String> {
    number(channel, name).map(|value| scale.apply(kind, value).to_string())
}

fn kind(channel: &Map<String, Value>) -> Option<ChannelKind> {
    Some(match channel.get("channelType")?.as_str()?.to_ascii_lowercase().as_str() {
        "sc_qam" | "atdma" | "tdma" | "scdma" => ChannelKind::ScQam,
        "ofdm" => ChannelKind::Ofdm,
        "ofdma" => ChannelKind::Ofdma,
        _ => return None,
    })
}

fn id(channel: &Map<String, Value>) -> Option<u32> {
    number(channel, "channelId").map(|id| id.to_string()).and_then(|id| id.parse().ok())
}

fn hertz(channel: &Map<String, Value>, name: &str) -> Option<u64> {
    cells::frequency_hz(&channel.get(name)?.as_u64()?.to_string(), "Hz")
}

fn number(object: &Map<String, Value>, name: &str) -> Option<f64> {
    match object.get(name)? {
        Value::String(text) => text.trim().parse().ok().filter(|number: &f64| number.is_finite()),
        value => value.as_f64(),
    }
}

fn text(object: &Map<String, Value>, name: &str) -> Option<String> {
    let text = cells::squeezed(object.get(name)?.as_str()?);
    (!cells::is_absent(&text)).then_some(text)
}

fn log_row(entry: &Value) -> Option<LogRow> {
    let text = |name| entry.get(name).and_then(Value::as_str).map(str::to_owned);
    Some(LogRow {
        first: text("time").unwrap_or_default(),
        level: text("priority").unwrap_or_default(),
        text: text("message")?,
        ..LogRow::default()
    })
}

#[cfg(test)]
mod tests;
