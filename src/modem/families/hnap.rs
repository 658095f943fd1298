//! HNAP: JSON whose strings hold tables, `^` between fields, `|+|` between channels and `}-{` between
//! entries of the log. ARRIS S33, S34 and SB8200 (`GetCustomerStatus..`), Motorola MB8600 and MB8611
//! (`GetMotoStatus..`); the names of their values differ in that word alone.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::modem::cells::{self, Direction};
use crate::modem::log::{self, DateOrder, LogRow};
use crate::modem::page::{Error, ModemPage};
use crate::vocabulary::{Downstream, ModemClock, ModemKind, ModemSnapshot, Modulation, Upstream};

/// What the answers of a modem to `GetMultipleHNAPs` or to single actions say.
pub(in crate::modem) fn read(kind: ModemKind, pages: &[ModemPage]) -> Result<ModemSnapshot, Error> {
    let mut said = BTreeMap::new();
    let mut refused = None;
    for page in pages {
        let Ok(json) = serde_json::from_slice::<Value>(&page.body) else { continue };
        let mut values = BTreeMap::new();
        gather(&json, &mut values);
        if values.values().any(|value| matches!(value.as_str(), "UN-AUTH" | "UNAUTH")) {
            refused = Some(page.path.clone());
        }
        said.extend(values.into_iter().map(|(name, value)| (name, (value, page.path.clone()))));
    }
    let said = Said(said);
    let mut snapshot = ModemSnapshot {
        model: said.text("StatusSoftwareModelName").or_else(|| Some(family_name(kind).to_owned())),
        firmware: said.text("FirmwareVersion").or_else(|| said.text("StatusSoftwareSfVer")),
        uptime: said
            .text("ConnSystemUpTime")
            .and_then(|text| cells::uptime(&text.replace("(s)", ""))),
        clock: said.text("CurSystemTime").and_then(|text| log::clock(&text, DateOrder::DayFirst)),
        connection: said
            .text("ConnConnectivityComment")
            .or_else(|| said.text("InternetConnection"))
            .or_else(|| said.text("ConnConnectivityStatus")),
        ..ModemSnapshot::default()
    };
    let mut found = false;
    if let Some((rows, page)) = said.get("ConnDownstreamChannel") {
        found = true;
        let read = channels(rows, page, "downstream channels", &mut snapshot.notes, downstream)?;
        snapshot.downstream = read;
        snapshot.notes.push("codewords without errors are not shown by this modem".to_owned());
    }
    if let Some((rows, page)) = said.get("ConnUpstreamChannel") {
        found = true;
        snapshot.upstream =
            channels(rows, page, "upstream channels", &mut snapshot.notes, upstream)?;
    }
    if let Some((rows, _)) = said.get("StatusLogList") {
        found = true;
        let now = snapshot.clock.and_then(|clock| match clock {
            ModemClock::Local(at) => Some(at),
            ModemClock::Absolute(_) => None,
        });
        let rows: Vec<LogRow> = rows.split("}-{").filter_map(log_row).collect();
        let (entries, notes) = log::entries(&rows, DateOrder::DayFirst, now);
        snapshot.log = Some(entries);
        snapshot.notes.extend(notes);
    }
    if found || snapshot.uptime.is_some() || snapshot.firmware.is_some() {
        return Ok(snapshot);
    }
    let page = pages.first().map_or_else(String::new, |page| page.path.clone());
    Err(match refused {
        Some(page) => Error::Login { page },
        None => Error::Unknown { page, why: why_unknown(pages).to_owned() },
    })
}

const fn family_name(kind: ModemKind) -> &'static str {
    match kind {
        ModemKind::Mb8611 => "Motorola MB8600 or MB8611",
        ModemKind::Sb8200 => "ARRIS SB8200",
        _ => "ARRIS S33 or S34",
    }
}

fn why_unknown(pages: &[ModemPage]) -> &'static str {
    if pages.iter().any(|page| page.body.trim_ascii_start().starts_with(b"<")) {
        "a page that a script fills over HNAP; the answers of /HNAP1/ hold what it shows"
    } else {
        "no answer of HNAP with channels or a log"
    }
}

/// The values of all depths by their names, which are unique in HNAP.
fn gather(json: &Value, into: &mut BTreeMap<String, String>) {
    match json {
        Value::Object(object) => {
            for (name, value) in object {
                match value {
                    Value::String(text) => drop(into.insert(name.clone(), text.clone())),
                    Value::Number(number) => drop(into.insert(name.clone(), number.to_string())),
                    other => gather(other, into),
                }
            }
        }
        Value::Array(array) => array.iter().for_each(|value| gather(value, into)),
        _ => {}
    }
}

/// Values with the pages that hold them.
struct Said(BTreeMap<String, (String, String)>);

impl Said {
    /// The value of a name without the maker's word before it: `Customer`, `Moto`.
    fn get(&self, name: &str) -> Option<(&str, &str)> {
        let makers = ["", "Customer", "Moto", "Arris"];
        let found = makers.iter().find_map(|maker| self.0.get(&format!("{maker}{name}")))?;
        Some((found.0.as_str(), found.1.as_str()))
    }

    fn text(&self, name: &str) -> Option<String> {
        let text = cells::squeezed(self.get(name)?.0);
        (!cells::is_absent(&text)).then_some(text)
    }
}

fn channels<C>(
    rows: &str,
    page: &str,
    title: &str,
    notes: &mut Vec<String>,
    channel: impl Fn(&[&str]) -> Option<C>,
) -> Result<Vec<C>, Error> {
    let rows: Vec<Vec<&str>> = rows
        .split("|+|")
        .map(|row| row.split('^').map(str::trim).collect::<Vec<_>>())
        .filter(|fields| fields.iter().any(|field| !field.is_empty()))
        .collect();
    let read: Vec<C> = rows.iter().filter_map(|fields| channel(fields)).collect();
    if read.is_empty() && !rows.is_empty() {
        let (page, table) = (page.to_owned(), title.to_owned());
        return Err(Error::NoChannel { page, table, rows: rows.len() });
    }
    let unread = rows.len() - read.len();
    if unread > 0 {
        notes.push(format!("rows of the {title} that are not understood: {unread}"));
    }
    Ok(read)
}

/// Row, lock, modulation, id, frequency, power, MER, corrected, uncorrectable.
fn downstream(fields: &[&str]) -> Option<Downstream> {
    let [row, lock, modulation, id, frequency, power, mer, rest @ ..] = fields else { return None };
    let row = cells::ordinal(row)?;
    let locked = cells::is_locked(lock)?;
    let mut channel = Downstream { row: Some(row), locked: Some(locked), ..Downstream::default() };
    if !locked {
        return Some(channel);
    }
    channel.id = id.parse().ok();
    channel.kind = cells::kind(modulation, Direction::Down);
    channel.modulation = order(modulation);
    channel.frequency_hz = cells::frequency_hz(frequency, "");
    channel.power_dbmv = cells::power_dbmv(power, "");
    channel.mer_db = cells::mer_db(mer, "");
    channel.corrected = rest.first().and_then(|text| counter(text));
    channel.uncorrectable = rest.get(1).and_then(|text| counter(text));
    Some(channel)
}

/// Row, lock, type, id, width in Hz or symbol rate in ksym/s, frequency, power.
fn upstream(fields: &[&str]) -> Option<Upstream> {
    let [row, lock, kind, id, width, frequency, power, ..] = fields else { return None };
    let row = cells::ordinal(row)?;
    let locked = cells::is_locked(lock)?;
    let mut channel = Upstream { row: Some(row), locked: Some(locked), ..Upstream::default() };
    if !locked {
        return Some(channel);
    }
    channel.id = id.parse().ok();
    channel.kind = cells::kind(kind, Direction::Up);
    channel.modulation = order(kind);
    channel.width_hz = width.parse().ok().filter(|width: &u64| *width >= 100_000);
    channel.frequency_hz = cells::frequency_hz(frequency, "");
    channel.power_dbmv = cells::power_dbmv(power, "");
    Some(channel)
}

/// The modulation where the field names one: `OFDM PLC` and `SC-QAM` name none.
fn order(text: &str) -> Option<Modulation> {
    cells::modulation(text).filter(|modulation| matches!(modulation, Modulation::Qam(_)))
}

/// A counter. Some firmware of Motorola shows counters of 32 bits beyond 2^31 as negative numbers.
fn counter(text: &str) -> Option<u64> {
    let wrapped = || text.parse::<i32>().ok().map(|number| u64::from(number.cast_unsigned()));
    cells::counter(text).or_else(wrapped)
}

/// `0^00:01:11^1/1/1970^3^text` and `0^01/13/2026 14:23:45^^Warning^text` of ARRIS,
/// `08:08:43^Sat Oct 29 2022^Critical (3)^text` of Motorola.
fn log_row(row: &str) -> Option<LogRow> {
    let row = row.trim();
    let (first, rest) = row.split_once('^')?;
    let is_index = !first.trim().is_empty() && first.trim().bytes().all(|b| b.is_ascii_digit());
    let row = if is_index { rest } else { row };
    let mut fields = row.splitn(4, '^');
    let (time, date) = (fields.next()?, fields.next()?);
    Some(LogRow {
        first: format!("{} {}", date.trim(), time.trim()),
        level: fields.next()?.trim().to_owned(),
        text: fields.next()?.trim().trim_end_matches('^').to_owned(),
        ..LogRow::default()
    })
}

#[cfg(test)]
mod tests;
