//! `data.lua` of a FRITZ!Box for cable: JSON, with the names of FRITZ!OS 7 (`type`) and 8 (`modulation`).
//! Levels are in dBmV, frequencies in MHz or from one to another.

use serde_json::{Map, Value};

use super::fritz::log_row;
use crate::modem::cells::{self, Direction};
use crate::modem::log::{self, DateOrder, LogRow};
use crate::modem::page::{Error, ModemPage};
use crate::modem::xml::element;
use crate::vocabulary::{ChannelKind, Downstream, ModemSnapshot, Modulation, Upstream};

/// What the pages `docInfo`, `log` and `overview` and the description of the box say.
pub(in crate::modem) fn read(pages: &[ModemPage]) -> Result<ModemSnapshot, Error> {
    let mut snapshot = ModemSnapshot::default();
    let mut found = false;
    let mut login = None;
    for page in pages {
        let Ok(json) = serde_json::from_slice::<Value>(&page.body) else {
            let text = String::from_utf8_lossy(&page.body);
            if let Some(name) = element(&text, "Name").filter(|_| text.contains("BoxInfo")) {
                snapshot.model.get_or_insert(name);
                snapshot.firmware = snapshot.firmware.take().or_else(|| element(&text, "Version"));
                found = true;
            } else if text.trim_start().starts_with('<') {
                login = Some(page.path.clone());
            }
            continue;
        };
        let data = json.get("data").unwrap_or(&json);
        if let (Some(down), Some(up)) = (data.get("channelDs"), data.get("channelUs")) {
            found = true;
            snapshot.downstream = channels(page, down, "downstream", downstream)?;
            snapshot.upstream = channels(page, up, "upstream", upstream)?;
        }
        if let Some(Value::Array(rows)) = data.get("log") {
            found = true;
            let rows: Vec<LogRow> = rows.iter().filter_map(row_of_log).collect();
            let (entries, notes) = log::entries(&rows, DateOrder::DayFirst, None);
            snapshot.log = Some(entries);
            snapshot.notes.extend(notes);
        }
        if let Some(Value::Object(system)) = data.get("fritzos") {
            found = true;
            snapshot.model = text(system, &["Productname"]).or(snapshot.model.take());
            snapshot.firmware = text(system, &["nspver"]).or(snapshot.firmware.take());
            snapshot.uptime =
                snapshot.uptime.or_else(|| cells::uptime(&text(system, &["Uptime"])?));
        }
    }
    if !found {
        let page = pages.first().map_or_else(String::new, |page| page.path.clone());
        return Err(match login {
            Some(page) => Error::Login { page },
            None => Error::Unknown { page, why: "no page of a FRITZ!Box for cable".to_owned() },
        });
    }
    snapshot.model.get_or_insert_with(|| "FRITZ!Box for cable".to_owned());
    let is_many = |channel: &Upstream| channel.kind == Some(ChannelKind::Ofdma);
    if snapshot.upstream.iter().any(is_many) {
        let note = "the transmit power of OFDMA channels is as the FRITZ!Box shows it, which is 6 dB \
                    less than that of the other channels at the same power";
        snapshot.notes.push(note.to_owned());
    }
    Ok(snapshot)
}

fn channels<C>(
    page: &ModemPage,
    table: &Value,
    direction: &str,
    channel: impl Fn(&Map<String, Value>, Generation) -> Option<C>,
) -> Result<Vec<C>, Error> {
    let mut read = Vec::new();
    let mut rows = 0;
    for (name, generation) in [("docsis30", Generation::Single), ("docsis31", Generation::Many)] {
        let listed = table.get(name).and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
        rows += listed.len();
        let objects = listed.iter().filter_map(Value::as_object);
        read.extend(objects.filter_map(|object| channel(object, generation)));
    }
    if read.is_empty() && rows > 0 {
        let (page, table) = (page.path.clone(), direction.to_owned());
        return Err(Error::NoChannel { page, table, rows });
    }
    Ok(read)
}

/// In which list a channel is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Generation {
    /// DOCSIS 3.0.
    Single,
    /// DOCSIS 3.1.
    Many,
}

fn downstream(channel: &Map<String, Value>, generation: Generation) -> Option<Downstream> {
    let kind = match generation {
        Generation::Single => ChannelKind::ScQam,
        Generation::Many => ChannelKind::Ofdm,
    };
    let (frequency_hz, width_hz) = band(channel);
    // The error is below the signal: -38.6 dB of MSE are 38.6 dB of MER.
    let below = text(channel, &["mse"]).map(|mse| mse.trim_start_matches('-').to_owned());
    let above = text(channel, &["mer"]);
    let mer = above.or(below).and_then(|mer| cells::mer_db(&mer, ""));
    Some(Downstream {
        id: Some(id(channel)?),
        row: count(channel, "channel").and_then(|row| u32::try_from(row).ok()),
        kind: Some(kind),
        frequency_hz,
        width_hz,
        power_dbmv: power(channel),
        mer_db: mer,
        modulation: modulation(channel),
        corrected: count(channel, "corrErrors"),
        uncorrectable: count(channel, "nonCorrErrors"),
        ..Downstream::default()
    })
}

fn upstream(channel: &Map<String, Value>, generation: Generation) -> Option<Upstream> {
    let multiplex = text(channel, &["multiplex"]).unwrap_or_default();
    let kind = match generation {
        Generation::Many if cells::kind(&multiplex, Direction::Up) != Some(ChannelKind::ScQam) => {
            ChannelKind::Ofdma
        }
        _ => ChannelKind::ScQam,
    };
    let (frequency_hz, width_hz) = band(channel);
    Some(Upstream {
        id: Some(id(channel)?),
        row: count(channel, "channel").and_then(|row| u32::try_from(row).ok()),
        kind: Some(kind),
        frequency_hz,
        width_hz,
        power_dbmv: power(channel),
        modulation: modulation(channel),
        ..Upstream::default()
    })
}

fn id(channel: &Map<String, Value>) -> Option<u32> {
    count(channel, "channelID").and_then(|id| u32::try_from(id).ok())
}

fn power(channel: &Map<String, Value>) -> Option<f64> {
    cells::power_dbmv(&text(channel, &["powerLevel"])?, "")
}

/// `256QAM`; the `4K` of an OFDM channel is the size of its transform and no modulation.
fn modulation(channel: &Map<String, Value>) -> Option<Modulation> {
    let named = text(channel, &["modulation", "type"])?;
    cells::modulation(&named).filter(|modulation| matches!(modulation, Modulation::Qam(_)))
}

/// Centre and width: `650`, `650.000`, `134.975 - 324.975`, in MHz.
fn band(channel: &Map<String, Value>) -> (Option<u64>, Option<u64>) {
    let Some(text) = text(channel, &["frequency"]) else { return (None, None) };
    match text.split_once(" - ") {
        None => (cells::frequency_hz(&text, "MHz"), None),
        Some((low, high)) => {
            let edge = |text: &str| cells::frequency_hz(text, "MHz");
            match (edge(low), edge(high)) {
                (Some(low), Some(high)) if low < high => {
                    (Some(u64::midpoint(low, high)), Some(high - low))
                }
                _ => (None, None),
            }
        }
    }
}

/// A text or number under the first of these names that there is.
fn text(object: &Map<String, Value>, names: &[&str]) -> Option<String> {
    let value = names.iter().find_map(|name| object.get(*name))?;
    let text = match value {
        Value::String(text) => cells::squeezed(text),
        Value::Number(number) => number.to_string(),
        _ => return None,
    };
    (!cells::is_absent(&text)).then_some(text)
}

fn count(object: &Map<String, Value>, name: &str) -> Option<u64> {
    cells::counter(&text(object, &[name])?)
}

/// `["15.03.20","00:45:17","text",..]` or `{"date":..,"time":..,"msg":..}`.
fn row_of_log(row: &Value) -> Option<LogRow> {
    let part =
        |at: usize, name: &str| row.get(at).or_else(|| row.get(name)).and_then(Value::as_str);
    Some(log_row(part(0, "date")?, part(1, "time")?, part(2, "msg")?))
}

#[cfg(test)]
mod tests;
