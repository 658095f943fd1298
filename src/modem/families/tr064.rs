//! TR-064: SOAP answers of a FRITZ!Box for DSL.

use std::net::IpAddr;
use std::time::Duration;

use super::fritz::log_row;
use crate::modem::cells;
use crate::modem::log::{self, DateOrder, LogRow};
use crate::modem::page::{Error, ModemPage};
use crate::modem::xml::element;
use crate::vocabulary::{DslLine, ModemSnapshot};

/// What the answers of `DeviceInfo`, `WANDSLInterfaceConfig` and `WANPPPConnection` say, told apart by
/// what they hold.
pub(in crate::modem) fn read(pages: &[ModemPage]) -> Result<ModemSnapshot, Error> {
    let mut snapshot = ModemSnapshot::default();
    let mut line = DslLine::default();
    let (mut found, mut has_line) = (false, false);
    for page in pages {
        let said = SoapAnswer(String::from_utf8_lossy(&page.body).into_owned());
        if let Some(model) = said.text("NewModelName") {
            found = true;
            snapshot.model = Some(model);
            snapshot.firmware = said.text("NewSoftwareVersion");
            snapshot.uptime = said.count("NewUpTime").map(Duration::from_secs);
        }
        if let Some(lines) = said.text("NewDeviceLog") {
            found = true;
            let rows: Vec<LogRow> = lines.lines().filter_map(row_of_log).collect();
            let (entries, notes) = log::entries(&rows, DateOrder::DayFirst, None);
            snapshot.log = Some(entries);
            snapshot.notes.extend(notes);
        }
        if said.text("NewDownstreamCurrRate").is_some() {
            (found, has_line) = (true, true);
            read_line(&said, &mut line);
        }
        if said.text("NewCRCErrors").is_some() {
            (found, has_line) = (true, true);
            read_errors(&said, &mut line);
        }
        if let Some(status) = said.text("NewConnectionStatus") {
            found = true;
            snapshot.connection = Some(status);
            let address =
                said.text("NewExternalIPAddress").and_then(|ip| ip.parse::<IpAddr>().ok());
            snapshot.addresses.extend(address.filter(|ip| !ip.is_unspecified()));
        }
    }
    if !found {
        let page = pages.first().map_or_else(String::new, |page| page.path.clone());
        let why = "no answer of TR-064 on device, line or connection".to_owned();
        return Err(Error::Unknown { page, why });
    }
    snapshot.dsl = has_line.then_some(line);
    Ok(snapshot)
}

fn read_line(said: &SoapAnswer, line: &mut DslLine) {
    line.in_sync = said.text("NewStatus").map(|status| status == "Up");
    if line.in_sync == Some(false) {
        return;
    }
    let rate = |name| said.count(name).and_then(|rate| u32::try_from(rate).ok());
    let pair = |name: &str| [format!("NewDownstream{name}"), format!("NewUpstream{name}")];
    let [down, up] = pair("CurrRate");
    line.rate_kbps = (rate(&down), rate(&up));
    let [down, up] = pair("MaxRate");
    line.attainable_kbps = (rate(&down), rate(&up));
    let [down, up] = pair("NoiseMargin");
    line.margin_db = (said.tenths(&down), said.tenths(&up));
    let [down, up] = pair("Attenuation");
    line.attenuation_db = (said.tenths(&down), said.tenths(&up));
}

/// Counters of the box (what it received) and of the other end (`ATUC`, what it sent).
fn read_errors(said: &SoapAnswer, line: &mut DslLine) {
    line.crc_errors = (said.count("NewCRCErrors"), said.count("NewATUCCRCErrors"));
    line.fec_errors = (said.count("NewFECErrors"), said.count("NewATUCFECErrors"));
    line.errored_seconds = said.count("NewErroredSecs");
    line.retrains = said.count("NewLinkRetrain");
}

/// The answer to a call.
struct SoapAnswer(String);

impl SoapAnswer {
    fn text(&self, name: &str) -> Option<String> {
        element(&self.0, name).filter(|text| !text.is_empty())
    }

    fn count(&self, name: &str) -> Option<u64> {
        cells::counter(&self.text(name)?)
    }

    /// A level that is shown in tenths of a dB.
    fn tenths(&self, name: &str) -> Option<f64> {
        let tenths: i32 = self.text(name)?.parse().ok()?;
        Some(f64::from(tenths) / 10.0)
    }
}

/// `28.11.25 01:02:03 DSL is available`.
fn row_of_log(line: &str) -> Option<LogRow> {
    let (date, rest) = line.trim().split_once(' ')?;
    let (time, text) = rest.trim_start().split_once(' ')?;
    Some(log_row(date, time, text))
}

#[cfg(test)]
mod tests;
