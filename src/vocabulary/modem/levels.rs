//! What of a reading years of it are drawn from.

use serde::{Deserialize, Serialize};

use super::ModemSnapshot;

/// The extremes of a reading, over the channels that the modem is locked to.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct ModemLevels {
    /// The least and the greatest received power, dBmV.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub power_dbmv: Option<[f64; 2]>,
    /// The least modulation error ratio, dB.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mer_min_db: Option<f64>,
    /// The least and the greatest transmit power, dBmV.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub transmit_dbmv: Option<[f64; 2]>,
    /// Codewords that could not be corrected, of all channels since their counters began.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub uncorrectable: Option<u64>,
    /// Time since the modem's last start, microseconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub uptime_us: Option<i64>,
    /// From when to when the page with the uptime came, microseconds after the reading began.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub uptime_fetched_us: Option<[i64; 2]>,
}

impl ModemSnapshot {
    /// Its extremes.
    pub fn levels(&self) -> ModemLevels {
        let down = || self.downstream.iter().filter(|channel| channel.locked != Some(false));
        let up = self.upstream.iter().filter(|channel| channel.locked != Some(false));
        let counted: Vec<u64> = down().filter_map(|channel| channel.uncorrectable).collect();
        let sum = || counted.iter().fold(0_u64, |sum, count| sum.saturating_add(*count));
        ModemLevels {
            power_dbmv: ends(down().filter_map(|channel| channel.power_dbmv)),
            mer_min_db: ends(down().filter_map(|channel| channel.mer_db)).map(|[min, _]| min),
            transmit_dbmv: ends(up.filter_map(|channel| channel.power_dbmv)),
            uncorrectable: (!counted.is_empty()).then(sum),
            uptime_us: self.uptime.and_then(|up| i64::try_from(up.as_micros()).ok()),
            uptime_fetched_us: None,
        }
    }
}

fn ends(levels: impl Iterator<Item = f64>) -> Option<[f64; 2]> {
    levels.filter(|level| level.is_finite()).fold(None, |ends, level| {
        let [min, max] = ends.unwrap_or([level, level]);
        Some([level.min(min), level.max(max)])
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::vocabulary::{Downstream, Upstream};

    #[test]
    fn channels_without_lock_say_nothing_of_the_levels() {
        let channel = |power, mer, uncorrectable, locked| Downstream {
            power_dbmv: Some(power),
            mer_db: Some(mer),
            uncorrectable: Some(uncorrectable),
            locked: Some(locked),
            ..Downstream::default()
        };
        let up = |power| Upstream { power_dbmv: Some(power), ..Upstream::default() };
        let said = ModemSnapshot {
            downstream: vec![
                channel(-3.5, 38.0, 5, true),
                channel(2.0, 31.5, 7, true),
                channel(-50.0, 0.0, 9, false),
                channel(f64::NAN, f64::INFINITY, 0, true),
            ],
            upstream: vec![up(44.0), up(38.5)],
            ..ModemSnapshot::default()
        };
        let levels = said.levels();
        assert_eq!(levels.power_dbmv, Some([-3.5, 2.0]));
        assert_eq!(levels.mer_min_db, Some(31.5));
        assert_eq!(levels.transmit_dbmv, Some([38.5, 44.0]));
        assert_eq!(levels.uncorrectable, Some(12));
        assert_eq!(ModemSnapshot::default().levels(), ModemLevels::default());
    }
}
