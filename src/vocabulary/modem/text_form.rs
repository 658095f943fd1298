//! The stamps of a modem's log and its clock as text, for the record and JSON.

use std::time::Duration;

use jiff::civil::DateTime;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::{LogStamp, ModemClock};
use crate::time::Timestamp;

/// To the minute: `2026-11-27T00:37`.
const MINUTE: &str = "%Y-%m-%dT%H:%M";

/// `2026-11-27T00:37:48`; to the minute `2026-11-27T00:37`; with its offset known in UTC
/// `2026-11-27T00:37:48Z`; after the modem's start `+17s`; `unset`.
impl std::fmt::Display for LogStamp {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Second(at) => write!(f, "{at}"),
            Self::Minute(at) => write!(f, "{}", at.strftime(MINUTE)),
            Self::Absolute(at) => write!(f, "{at}"),
            Self::AfterBoot(after) => write!(f, "+{}s", after.as_secs_f64()),
            Self::Unset => f.write_str("unset"),
        }
    }
}

impl std::str::FromStr for LogStamp {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        let unknown = || format!("no stamp of a modem's log: \"{text}\"");
        if text == "unset" {
            return Ok(Self::Unset);
        }
        if let Some(seconds) = text.strip_prefix('+').and_then(|text| text.strip_suffix('s')) {
            let seconds = seconds.parse().map_err(|_| unknown())?;
            return Duration::try_from_secs_f64(seconds)
                .map(Self::AfterBoot)
                .map_err(|_| unknown());
        }
        if text.ends_with('Z') {
            return utc(text).map(Self::Absolute).ok_or_else(unknown);
        }
        if let Ok(at) = DateTime::strptime(MINUTE, text) {
            return Ok(Self::Minute(at));
        }
        text.parse().map(Self::Second).map_err(|_| unknown())
    }
}

impl std::fmt::Display for ModemClock {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Local(at) => write!(f, "{at}"),
            Self::Absolute(at) => write!(f, "{at}"),
        }
    }
}

impl std::str::FromStr for ModemClock {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        let unknown = || format!("no time of a modem's clock: \"{text}\"");
        if text.ends_with('Z') {
            return utc(text).map(Self::Absolute).ok_or_else(unknown);
        }
        text.parse().map(Self::Local).map_err(|_| unknown())
    }
}

fn utc(text: &str) -> Option<Timestamp> {
    let at: jiff::Timestamp = text.parse().ok()?;
    Some(Timestamp::from_micros(at.as_microsecond()))
}

/// Serde's two traits by the text.
macro_rules! as_text {
    ($($name:ty),+) => {$(
        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
                s.collect_str(self)
            }
        }
        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
                let text = <std::borrow::Cow<'_, str> as Deserialize>::deserialize(d)?;
                text.parse().map_err(serde::de::Error::custom)
            }
        }
    )+};
}
as_text!(LogStamp, ModemClock);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::vocabulary::{LogClass, LogEntry, ModemSnapshot};

    #[test]
    fn a_snapshot_goes_to_json_and_back_without_what_is_not_known() {
        let second: DateTime = "2026-11-27T00:37:48".parse().unwrap();
        let stamps = [
            LogStamp::Second(second),
            LogStamp::Second("2026-11-27T00:37:00".parse().unwrap()),
            LogStamp::Minute("2026-11-27T00:37".parse().unwrap()),
            LogStamp::Absolute(Timestamp::from_seconds(1_800_000_000)),
            LogStamp::AfterBoot(Duration::from_millis(17_500)),
            LogStamp::Unset,
        ];
        let entry = |stamp| LogEntry {
            stamp,
            last: None,
            count: 2,
            level: Some(3),
            number: None,
            class: LogClass::T3,
            text: "T3 time-out".into(),
        };
        let snapshot = ModemSnapshot {
            clock: Some(ModemClock::Local(second)),
            uptime: Some(Duration::from_secs(5)),
            log: Some(stamps.map(entry).to_vec()),
            ..ModemSnapshot::default()
        };
        let json = serde_json::to_string(&snapshot).unwrap();
        assert_eq!(serde_json::from_str::<ModemSnapshot>(&json).unwrap(), snapshot);
        assert!(!json.contains("model") && !json.contains("null"), "{json}");
        assert_eq!(serde_json::to_string(&ModemSnapshot::default()).unwrap(), "{}");
        assert_eq!("yesterday".parse::<LogStamp>().ok(), None);
        assert_eq!("+-1s".parse::<LogStamp>().ok(), None);
    }
}
