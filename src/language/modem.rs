//! The modem in a status.

use jiff::tz::TimeZone;

use super::present::when;
use super::{Language, fill};
use crate::live::ModemStatus;
use crate::time::Timestamp;
use crate::vocabulary::ModemKind;

impl Language {
    /// What the modem is, when it was read, and whether that failed: a line.
    pub(crate) fn modem_now(&self, modem: &ModemStatus, now: Timestamp, zone: &TimeZone) -> String {
        let w = &self.phrases().modem;
        let why = modem.why.as_deref().unwrap_or_default();
        let Some(read) = modem.read else { return fill(w.now_never, &[("why", why)]) };
        let kind = modem.kind.map(ModemKind::as_str);
        let named = modem.model.as_deref().or(kind).unwrap_or(w.name);
        let firmware = modem.firmware.as_deref();
        let firmware = firmware.map_or_else(String::new, |f| fill(w.firmware, &[("firmware", f)]));
        let up = modem.started.map(|at| fill(w.now_up, &[("since", when(at, now, zone))]));
        let values = [
            ("modem", format!("{named}{firmware}")),
            ("read", when(read, now, zone)),
            ("up", up.unwrap_or_default()),
        ];
        let mut text = fill(w.now, &values);
        if modem.failure.is_some() {
            text += &fill(w.now_failed, &[("why", why)]);
        }
        text
    }
}
