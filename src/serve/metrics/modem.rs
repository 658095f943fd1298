//! Metrics of the modem: as its last answered reading shows them.

use std::collections::BTreeSet;

use super::decimal::seconds_of;
use super::exposition::{Exposition, FamilyKind};
use super::start;
use crate::live::{LiveModem, ModemStatus, Status};
use crate::vocabulary::{ChannelKind, LogClass, ModemKind};

/// Names of a channel: what tells it from the others.
fn channel(
    id: Option<u32>,
    row: usize,
    kind: Option<ChannelKind>,
    frequency_hz: Option<u64>,
) -> [(&'static str, String); 3] {
    [
        ("channel", id.map_or_else(|| row.to_string(), |id| id.to_string())),
        ("kind", kind.map_or("", ChannelKind::as_str).to_owned()),
        ("frequency_hz", frequency_hz.map_or_else(String::new, |hz| hz.to_string())),
    ]
}

impl Exposition {
    pub(super) fn modem(&mut self, status: &Status, modem: &LiveModem) {
        if modem.readings == 0 {
            return;
        }
        let since = start(status);
        let name = "linkmon_modem_readings_total";
        self.family(name, FamilyKind::Counter, "Readings of the modem.");
        self.count(name, &[], modem.readings, since);
        if !modem.failures.is_empty() {
            let name = "linkmon_modem_readings_failed_total";
            self.family(name, FamilyKind::Counter, "Readings of the modem that gave nothing.");
            for (reason, count) in &modem.failures {
                self.count(name, &[("reason", reason.as_str())], count, since);
            }
        }
        if let Some(status) = &status.modem {
            self.modem_itself(status);
        }
        self.modem_channels(modem);
        if modem.snapshot.as_ref().is_some_and(|said| said.log.is_some()) {
            let name = "linkmon_modem_log_entries_total";
            let help = "Entries of the modem's log since the daemon's start.";
            self.family(name, FamilyKind::Counter, help);
            // All of them from the start: a count that begins at 1 hides its first step.
            for class in LogClass::ALL {
                let count = modem.events.get(&class).copied().unwrap_or(0);
                self.count(name, &[("class", class.as_str())], count, since);
            }
        }
    }

    fn modem_itself(&mut self, status: &ModemStatus) {
        let name = "linkmon_modem_info";
        self.family(name, FamilyKind::Info, "What the modem is; always 1.");
        let kind = status.kind.map_or("", ModemKind::as_str);
        let [model, firmware] =
            [&status.model, &status.firmware].map(|t| t.as_deref().unwrap_or(""));
        self.sample(name, &[("kind", kind), ("model", model), ("firmware", firmware)], 1);
        if let Some(read) = status.read {
            let name = "linkmon_modem_read_timestamp_seconds";
            let help = "When the last reading began that the modem answered.";
            self.gauge(name, help, seconds_of(read));
        }
        if let Some(started) = status.started {
            let name = "linkmon_modem_start_timestamp_seconds";
            let help = "When the modem last started, by its uptime.";
            self.gauge(name, help, seconds_of(started));
        }
    }

    fn modem_channels(&mut self, modem: &LiveModem) {
        let Some(said) = &modem.snapshot else { return };
        let rows = said.downstream.iter().zip(1..);
        let down: Vec<_> =
            rows.map(|(c, row)| (channel(c.id, row, c.kind, c.frequency_hz), c)).collect();
        let rows = said.upstream.iter().zip(1..);
        let up: Vec<_> =
            rows.map(|(c, row)| (channel(c.id, row, c.kind, c.frequency_hz), c)).collect();
        let of = |name, kind, help| ChannelFamily { name, kind, help };
        let gauge = FamilyKind::Gauge;
        let name = "linkmon_modem_downstream_power_dbmv";
        let values = down.iter().map(|(c, d)| (c, "", d.power_dbmv));
        self.channels(&of(name, gauge, "Power received on a channel, dBmV."), values);
        let name = "linkmon_modem_downstream_mer_db";
        let values = down.iter().map(|(c, d)| (c, "", d.mer_db));
        self.channels(&of(name, gauge, "Modulation error ratio of a channel, dB."), values);
        let name = "linkmon_modem_downstream_locked";
        let values = down.iter().map(|(c, d)| (c, "", d.locked.map(|is| f64::from(u8::from(is)))));
        self.channels(&of(name, gauge, "1 if the modem is locked to a channel, else 0."), values);
        let name = "linkmon_modem_upstream_power_dbmv";
        let values = up.iter().map(|(c, u)| (c, "", u.power_dbmv));
        self.channels(&of(name, gauge, "Power transmitted on a channel, dBmV."), values);
        let name = "linkmon_modem_codewords_total";
        let values = down.iter().flat_map(|(c, d)| {
            [
                (c, "unerrored", d.unerrored),
                (c, "corrected", d.corrected),
                (c, "uncorrectable", d.uncorrectable),
            ]
        });
        let help =
            "Codewords received on a channel, as the modem counts them: most begin anew at 2^32.";
        self.channels(&of(name, FamilyKind::Counter, help), values);
    }

    /// One family; a channel that cannot be told from one before it is left out.
    fn channels<'a, V: std::fmt::Display>(
        &mut self,
        family: &ChannelFamily,
        values: impl Iterator<Item = (&'a [(&'static str, String); 3], &'static str, Option<V>)>,
    ) {
        let mut seen = BTreeSet::new();
        for (channel, result, value) in values {
            let Some(value) = value else { continue };
            if !seen.insert((channel, result)) {
                continue;
            }
            if seen.len() == 1 {
                self.family(family.name, family.kind, family.help);
            }
            let names = channel.iter().map(|(name, value)| (*name, value.as_str()));
            let result = (!result.is_empty()).then_some(("result", result));
            let labels: Vec<_> = names.chain(result).collect();
            self.sample(family.name, &labels, value);
        }
    }
}

struct ChannelFamily {
    name: &'static str,
    kind: FamilyKind,
    help: &'static str,
}

#[cfg(test)]
pub(super) mod tests {
    use super::super::MetricsForm;
    use super::*;
    use crate::time::Timestamp;
    use crate::vocabulary::{
        Downstream, LogEntry, LogStamp, ModemAccount, ModemReadCause, ModemSilence,
        ModemSilenceKind, ModemSnapshot, ModemWords, Upstream,
    };

    /// A modem that was read twice, with a T4 in between, and then did not answer.
    pub(in crate::serve::metrics) fn read_thrice() -> LiveModem {
        let down = |id, power| Downstream {
            id: Some(id),
            kind: Some(ChannelKind::ScQam),
            frequency_hz: Some(602_000_000),
            power_dbmv: power,
            mer_db: Some(38.6),
            uncorrectable: Some(12),
            ..Downstream::default()
        };
        let said = ModemSnapshot {
            model: Some("TC\"4400".into()),
            downstream: vec![down(7, Some(-1.5)), down(7, Some(9.0)), down(8, None)],
            upstream: vec![Upstream { power_dbmv: Some(44.2), ..Upstream::default() }],
            log: Some(Vec::new()),
            ..ModemSnapshot::default()
        };
        let mut account = ModemAccount {
            at: Timestamp::from_seconds(1_800_000_000),
            took: std::time::Duration::from_secs(2),
            cause: ModemReadCause::Scheduled,
            kind: Some(ModemKind::Tc4400),
            clock_fetched: None,
            uptime_fetched: None,
            words: ModemWords::Said(Box::new(said.clone())),
        };
        let mut modem = LiveModem::default();
        modem.on_account(&account);
        let log = Some(vec![LogEntry {
            stamp: LogStamp::Unset,
            last: None,
            count: 1,
            level: None,
            number: None,
            class: LogClass::T4,
            text: "?".into(),
        }]);
        account.words = ModemWords::Said(Box::new(ModemSnapshot { log, ..said }));
        modem.on_account(&account);
        let silence = ModemSilence { kind: ModemSilenceKind::TimedOut, text: "?".into() };
        account.words = ModemWords::Silent(silence);
        modem.on_account(&account);
        modem
    }

    #[test]
    fn levels_codewords_and_failed_readings_are_metrics_and_what_is_not_known_is_absent() {
        let modem = read_thrice();
        let status = Status {
            modem: modem.status().cloned(),
            ..Status::of_start(Timestamp::from_seconds(0))
        };
        let mut text = Exposition::new(MetricsForm::Classic);
        text.modem(&status, &modem);
        let text = text.finish();
        let channel = "{channel=\"7\",kind=\"sc-qam\",frequency_hz=\"602000000\"";
        for line in [
            "linkmon_modem_readings_total 3".to_owned(),
            "linkmon_modem_log_entries_total{class=\"t3\"} 0".to_owned(),
            "linkmon_modem_log_entries_total{class=\"t4\"} 1".to_owned(),
            "linkmon_modem_readings_failed_total{reason=\"timed-out\"} 1".to_owned(),
            "linkmon_modem_info{kind=\"tc4400\",model=\"TC\\\"4400\",firmware=\"\"} 1".to_owned(),
            "linkmon_modem_read_timestamp_seconds 1800000000".to_owned(),
            format!("linkmon_modem_downstream_power_dbmv{channel}}} -1.5"),
            format!("linkmon_modem_downstream_mer_db{channel}}} 38.6"),
            format!("linkmon_modem_codewords_total{channel},result=\"uncorrectable\"}} 12"),
            "linkmon_modem_upstream_power_dbmv{channel=\"1\",kind=\"\",frequency_hz=\"\"} 44.2"
                .to_owned(),
        ] {
            assert!(text.lines().any(|found| found == line), "{line}\n{text}");
        }
        assert_eq!(text.matches("_power_dbmv{").count(), 2, "{text}");
        assert!(!text.contains("unerrored") && !text.contains("locked"), "{text}");
        let mut none = Exposition::new(MetricsForm::Classic);
        none.modem(&status, &LiveModem::default());
        assert_eq!(none.finish(), "");
    }
}
