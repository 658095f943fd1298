//! What a page says of the modem itself, as a name and a value: in a row of two cells, or in a line.

use std::net::IpAddr;

use super::reading::WebReading;
use crate::modem::cells::{is_absent, uptime};
use crate::modem::html::HtmlPage;
use crate::modem::log::{DateOrder, clock};
use crate::vocabulary::ModemClock;

/// Takes what the page says. Where scripts fill it (`is_filled`), its own clock and uptime are
/// placeholders.
pub(super) fn read(page: &HtmlPage, is_filled: bool, reading: &mut WebReading) {
    for line in &page.lines {
        let mut cells = line.split('\t').map(str::trim).filter(|cell| !cell.is_empty());
        let Some(first) = cells.next() else { continue };
        let rest: Vec<&str> = cells.collect();
        if rest.is_empty() {
            match first.split_once(':') {
                Some((name, value)) => fact(name, &[value.trim()], is_filled, reading),
                None => lone(first, reading),
            }
        } else {
            fact(first, &rest, is_filled, reading);
            // A lease: `IPv4=192.0.2.1`.
            if first.starts_with("IPv4=") || first.starts_with("IPv6=") {
                addresses(first, reading);
            }
        }
    }
    for (name, value) in page.variables() {
        let is_known = matches!(name, "SysTimeUp" | "IPAddrValue" | "js_FWVersion" | "js_UpTime");
        if is_known {
            fact(name, &[value.trim()], false, reading);
        }
    }
    if reading.model.is_none() {
        reading.model =
            page.title.rsplit(' ').next().filter(|word| is_model(word)).map(str::to_owned);
    }
}

fn fact(name: &str, values: &[&str], is_filled: bool, reading: &mut WebReading) {
    let key: String =
        name.chars().filter(char::is_ascii_alphabetic).collect::<String>().to_ascii_lowercase();
    let value = values.first().copied().filter(|value| !is_absent(value));
    let Some(value) = value else { return };
    match key.as_str() {
        "systemuptime" | "uptime" | "systimeup" | "cmuptime" | "modemuptime" | "jsuptime"
            if !is_filled =>
        {
            if let Some(uptime) = uptime(value) {
                reading.uptime.get_or_insert(uptime);
                reading.understood();
            }
        }
        "currentsystemtime" | "systime" | "timeanddate" | "dateandtime" | "localtime"
        | "currenttime" | "systemtime"
            if !is_filled =>
        {
            match clock(value, DateOrder::MonthFirst) {
                // The log is in the time that has no zone: a clock that has one does not replace it.
                Some(ModemClock::Absolute(_)) if reading.clock.is_some() => reading.understood(),
                Some(clock) => {
                    if !matches!(reading.clock, Some(ModemClock::Local(_))) {
                        reading.clock = Some(clock);
                    }
                    reading.understood();
                }
                None => reading
                    .note(format!("the modem's clock shows no time that can be right: {value}")),
            }
        }
        "softwareversion"
        | "firmwareversion"
        | "firmwarename"
        | "downloadversion"
        | "swversion"
        | "cablefirmwareversion"
        | "jsfwversion"
            if reading.firmware.is_none() =>
        {
            reading.firmware = Some(value.to_owned());
            reading.understood();
        }
        "model" | "modelname" | "modelnumber" | "hardwaremodel" => {
            reading.model = Some(value.to_owned());
            reading.understood();
        }
        // `TC4400 Rev:3.6.0`.
        "hardwareversion" => {
            let word = value.split(' ').next().filter(|word| is_model(word));
            if reading.model.is_none() && word.is_some() {
                reading.model = word.map(str::to_owned);
                reading.understood();
            }
        }
        "connectivitystate" | "upstreamconnection" | "cmstatus" if reading.connection.is_none() => {
            // Some pages explain the row in a cell of its own.
            let is_state = |words: &&&str| words.chars().count() <= 40;
            reading.connection =
                values.iter().rev().find(is_state).map(|state| (*state).to_owned());
        }
        "internet" if values.len() == 1 && reading.connection.is_none() => {
            reading.connection = Some(value.to_owned());
        }
        "wanipaddressipv"
        | "cmipaddress"
        | "cmipvaddress"
        | "cablemodemipaddress"
        | "cablemodemipvaddress"
        | "wanipaddress"
        | "wanipvaddress"
        | "ipaddrvalue" => addresses(value, reading),
        _ => {}
    }
}

fn addresses(text: &str, reading: &mut WebReading) {
    let words = text.split(|c: char| c.is_whitespace() || matches!(c, '=' | ',' | '/' | '%'));
    for address in words.filter_map(|word| word.parse::<IpAddr>().ok()) {
        if !address.is_unspecified() && !reading.addresses.contains(&address) {
            reading.addresses.push(address);
        }
    }
}

/// A line that is nothing but a model: the name in the head of a page.
fn lone(line: &str, reading: &mut WebReading) {
    if reading.model.is_none() && is_model(line) {
        reading.model = Some(line.to_owned());
    }
}

/// Two letters at most before digits: `SB8200`, `CM1200`, `S33v2`, `TC4400`.
fn is_model(word: &str) -> bool {
    let letters = word.bytes().take_while(u8::is_ascii_uppercase).count();
    let digits = word.bytes().skip(letters).take_while(u8::is_ascii_digit).count();
    (1..=3).contains(&letters)
        && (2..=5).contains(&digits)
        && word.len() <= 12
        && word.bytes().all(|c| c.is_ascii_alphanumeric() || c == b'-')
}
