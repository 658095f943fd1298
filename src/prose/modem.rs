//! What the modem says, in sentences.

use std::fmt::Write as _;
use std::time::Duration;

use crate::language::phrases::fill;
use crate::language::{Language, one_of, words};
use crate::modem::understand::{
    ClockOffsetBounds, DropAccount, LackingCodewords, ModemFinding, PlacedEntry, RestartReason,
};
use crate::report::{ChangedFact, ModemFacts, Report};
use crate::time::Timestamp;

/// Entries of the log that are named at a drop.
const NAMED: usize = 3;
/// What is not known of a restart at the ends of a period is not said where it is shorter.
const UNKNOWN_ENDS: Duration = Duration::from_secs(3_600);
/// Characters of an entry.
const ENTRY: usize = 70;

impl Language {
    /// The model, firmware and number of readings.
    pub(crate) fn modem_named(&self, facts: &ModemFacts) -> String {
        let w = &self.phrases().modem;
        let kind = facts.kind.map(|kind| kind.as_str().to_owned());
        let model = facts.model.clone().or(kind).unwrap_or_else(|| w.name.to_owned());
        let firmware = facts.firmware.as_ref();
        let firmware =
            firmware.map_or_else(String::new, |f| fill(w.firmware, &[("firmware", f.as_str())]));
        format!("{model}{firmware}")
    }

    /// What the modem says over all drops: each a sentence without its full stop.
    pub(crate) fn modem_of_all(&self, report: &Report) -> Vec<String> {
        let w = &self.phrases().modem;
        let Some(facts) = &report.modem else { return Vec::new() };
        let mut said = Vec::new();
        if let Some(near) = facts.near.filter(|near| near.drops > 0) {
            let values = [
                ("n", self.number(near.with_event.into())),
                ("all", self.number(near.drops.into())),
                ("chance", self.tenths(near.by_chance)),
            ];
            said.push(fill(w.near, &values));
        }
        said.extend(self.modem_restarts(facts, report));
        said
    }

    fn modem_restarts(&self, facts: &ModemFacts, report: &Report) -> Option<String> {
        let w = &self.phrases().modem;
        let restarts = facts.restarts.as_ref()?;
        if restarts.is_empty() {
            let known = facts.uptime_known?;
            let ends = UNKNOWN_ENDS.min(report.period.length() / 10);
            let (from, to) = (report.period.from + ends, report.period.to - ends);
            if known.from <= from && to <= known.to {
                return Some(w.no_restart.to_owned());
            }
            let at = |at| self.minute(at, &report.zone);
            let values = [("from", at(known.from)), ("to", at(known.to))];
            return Some(fill(w.no_restart_between, &values));
        }
        let n = restarts.len();
        let mut text = fill(one_of(w.restarts, n), &[("n", &self.number(n as u64))]);
        let reasons = [
            (RestartReason::Power, w.by_power),
            (RestartReason::T4, w.by_t4),
            (RestartReason::Commanded, w.by_command),
            (RestartReason::Firmware, w.by_firmware),
            (RestartReason::NotSaid, w.by_nothing),
        ];
        let counted: Vec<_> = reasons
            .into_iter()
            .filter_map(|(reason, word)| {
                let n = restarts.iter().filter(|restart| restart.reason == reason).count();
                (n > 0).then(|| fill(word, &[("n", &self.number(n as u64))]))
            })
            .collect();
        let _ = write!(text, " ({})", counted.join(", "));
        Some(text)
    }

    fn modem_clock(&self, offset: ClockOffsetBounds) -> String {
        let w = &self.phrases().modem;
        let length = |us: i64| self.length(Duration::from_micros(us.unsigned_abs()));
        let zone = offset.zone();
        let ahead_us = zone.map_or(offset.middle_us(), |zone| zone.ahead_us);
        let word = match (zone, ahead_us < 0) {
            (Some(_), false) => w.clock_ahead,
            (Some(_), true) => w.clock_behind,
            (None, false) => w.clock_ahead_of_utc,
            (None, true) => w.clock_behind_utc,
        };
        let values = [
            ("zone", zone.map_or_else(String::new, |zone| zone.to_string())),
            ("by", length(ahead_us)),
            ("error", length(offset.error_us())),
        ];
        fill(word, &values)
    }

    /// What there is to say of the modem in a section of its own.
    pub(crate) fn modem_section(&self, report: &Report) -> Vec<String> {
        let w = &self.phrases().modem;
        let Some(facts) = &report.modem else { return Vec::new() };
        let mut said = Vec::new();
        let values = [
            ("modem", self.modem_named(facts)),
            ("n", self.number(facts.readings as u64)),
            ("failed", self.number(facts.failed as u64)),
        ];
        said.push(fill(w.read, &values));
        said.extend(facts.offset.map(|offset| self.modem_clock(offset)));
        said.extend(self.modem_of_all(report));
        for (finding, n) in facts.findings() {
            let values = [
                ("n", self.of_drops(n, facts.drops.len())),
                ("what", w.finding.of(finding).to_owned()),
            ];
            said.push(fill(w.found, &values));
        }
        for change in &facts.changes {
            let word = match change.of {
                ChangedFact::Firmware => w.new_firmware,
                ChangedFact::Address => w.new_address,
            };
            let values = [
                ("at", self.minute(change.at, &report.zone)),
                ("from", change.from.clone()),
                ("to", change.to.clone()),
            ];
            said.push(fill(word, &values));
        }
        let restarted = facts.restarts.as_deref().unwrap_or_default();
        let unexplained = restarted.iter().filter(|restart| {
            matches!(restart.reason, RestartReason::Power | RestartReason::NotSaid)
        });
        if unexplained.count() > 0 {
            said.push(w.cause_not_told.to_owned());
        }
        if facts.harm.drops > 0 {
            let values = [
                ("n", self.number(facts.harm.after_reading.into())),
                ("all", self.number(facts.harm.drops.into())),
                ("chance", self.tenths(facts.harm.by_chance)),
            ];
            said.push(fill(w.after_reading, &values));
        }
        if let Some(at) = facts.stopped {
            said.push(fill(w.stopped, &[("at", &self.minute(at, &report.zone))]));
        }
        said
    }

    /// What the modem says of one drop.
    pub(crate) fn modem_at(&self, id: i64, report: &Report) -> Option<String> {
        let w = &self.phrases().modem;
        let account = report.modem.as_ref()?.of_drop(id)?;
        let mut said = Vec::new();
        if account.finding != ModemFinding::NotKnown {
            said.push(w.finding.of(account.finding).to_owned());
        }
        match account.restarted {
            Some(false) => said.push(w.no_restart_here.to_owned()),
            Some(true) if account.finding == ModemFinding::NotKnown => {
                said.push(w.restarted_here.to_owned());
            }
            _ => {}
        }
        let named: Vec<_> =
            account.log.iter().take(NAMED).map(|p| self.log_entry(p, report)).collect();
        if !named.is_empty() {
            let mut log = named.join(", ");
            if account.log.len() > NAMED {
                log += ", ...";
            }
            said.push(fill(w.log, &[("entries", &log)]));
        }
        said.extend(account.lacking.map(|lacking| self.lacking(lacking)));
        if !account.unlocked.is_empty() {
            let n = self.number(account.unlocked.len() as u64);
            said.push(fill(w.unlocked, &[("n", &n)]));
        }
        said.extend(self.page_dead(account, report));
        (!said.is_empty()).then(|| fill(w.says, &[("what", &said.join("; "))]))
    }

    fn log_entry(&self, placed: &PlacedEntry, report: &Report) -> String {
        let text: String = placed.entry.text.chars().take(ENTRY).collect();
        let Some(at) = placed.at else { return format!("\"{text}\"") };
        let clock = self.second(at.midpoint(), report);
        let half = words::length(words::half_width(at));
        format!("\"{text}\" {clock} +-{}", self.figures(&half))
    }

    fn lacking(&self, lacking: LackingCodewords) -> String {
        let w = &self.phrases().modem;
        let count =
            [("n", self.number(lacking.channels.into())), ("all", self.number(lacking.of.into()))];
        match lacking.length {
            None => fill(w.disturbed, &count),
            Some(length) => {
                let [n, all] = count;
                let values = [
                    n,
                    all,
                    ("length", self.length(length)),
                    ("error", self.length(lacking.error)),
                ];
                fill(w.lacking, &values)
            }
        }
    }

    fn page_dead(&self, account: &DropAccount, report: &Report) -> Option<String> {
        let dead = account.page_dead?;
        let values = [
            ("from", self.second(dead.earliest, report)),
            ("to", self.second(dead.latest, report)),
        ];
        Some(fill(self.phrases().modem.page_dead, &values))
    }

    fn second(&self, at: Timestamp, report: &Report) -> String {
        self.local(at, &report.zone, "%H:%M:%S")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Lang;
    use crate::modem::understand::{HarmTest, NearDrops, Restart};
    use crate::report::synthetic::flapping_week;
    use crate::vocabulary::{Bounds, LogClass, LogEntry, LogStamp};

    /// A week of drops with what a modem says of the first.
    fn report() -> Report {
        let mut report = flapping_week(Duration::from_secs(60)).report();
        let drop = &report.drops[0];
        let (id, onset) = (drop.id, drop.onset.earliest);
        let bounds = |by: i64| Bounds {
            earliest: onset.plus_micros((by - 9) * 1_000_000),
            latest: onset.plus_micros((by + 9) * 1_000_000),
        };
        let entry = LogEntry {
            stamp: LogStamp::Unset,
            last: None,
            count: 1,
            level: Some(3),
            number: None,
            class: LogClass::T4,
            text: "T4 time out".to_owned(),
        };
        let placed = PlacedEntry { entry, at: Some(bounds(10)), seen: onset, of_start: false };
        let account = DropAccount {
            finding: ModemFinding::UpstreamUnheard,
            log: vec![placed],
            restart: None,
            restarted: Some(false),
            unlocked: Vec::new(),
            lacking: Some(LackingCodewords {
                channels: 30,
                of: 30,
                length: Some(Duration::from_secs(74)),
                error: Duration::from_secs(20),
            }),
            complete: Some(false),
            changes: Vec::new(),
            uncorrectable: None,
            page_dead: Some(bounds(60)),
            is_log_known: true,
            answered: 1,
            readings: Vec::new(),
        };
        report.modem = Some(ModemFacts {
            kind: None,
            model: Some("TC4400".to_owned()),
            firmware: Some("70.12.42".to_owned()),
            changes: Vec::new(),
            readings: 672,
            failed: 3,
            offset: None,
            restarts: Some(Vec::new()),
            uptime_known: Some(report.period),
            near: Some(NearDrops { drops: 24, with_event: 22, by_chance: 1.3 }),
            harm: HarmTest { drops: 20, after_reading: 3, by_chance: 2.9, p: 0.5 },
            stopped: None,
            drops: vec![(id, account)],
        });
        report
    }

    #[test]
    fn what_the_modem_says_is_put_next_to_chance_and_never_called_a_cause() {
        let report = report();
        let english = crate::language::of(Lang::En);
        let all = english.modem_of_all(&report).join("; ");
        assert_eq!(
            all,
            "22 of 24 drops have log entries of a lost or endangered line (T3, T4, lost \
             synchronization) within 60 s, 1.3 expected by chance; the modem did not restart"
        );
        let drop = english.modem_at(report.drops[0].id, &report).unwrap();
        for part in [
            "upstream not heard by the provider",
            "it did not restart",
            "its log has \"T4 time out\" ",
            "the counters of 30 of 30 downstream channels lack about 1 min 14 s of codewords (+-20 s)",
            "its page did not answer from ",
        ] {
            assert!(drop.contains(part), "{part}: {drop}");
        }
        assert_eq!(english.modem_at(-1, &report), None);
        let section = english.modem_section(&report).join("\n");
        assert!(
            section.contains("TC4400, firmware 70.12.42: read 672 times, of which 3 gave nothing")
        );
        assert!(
            section.contains(
                "3 of 20 drops began within 120 s after a scheduled reading, 2.9 expected"
            )
        );
        for lang in [Lang::Fr, Lang::De] {
            let said = crate::language::of(lang).modem_section(&report).join("\n");
            assert!(said.contains("TC4400") && !said.contains("expected"), "{said}");
        }
    }

    #[test]
    fn restarts_are_told_with_their_reasons() {
        let mut report = report();
        let onset = report.drops[0].onset;
        let restart = |reason| Restart { at: onset, after: onset.earliest, reason };
        let facts = report.modem.as_mut().unwrap();
        facts.restarts = Some(vec![
            restart(RestartReason::Power),
            restart(RestartReason::NotSaid),
            restart(RestartReason::T4),
        ]);
        let section = crate::language::of(Lang::En).modem_section(&report).join("\n");
        assert!(
            section.contains(
                "the modem restarted 3 times (1 after a loss of power, by its log, 1 after a T4 time-out, \
                 so after the line was lost, 1 without a reason in its log)"
            ),
            "{section}"
        );
        assert!(section.contains("cannot be told from here"), "{section}");
    }

    #[test]
    fn a_clock_of_no_zone_is_put_next_to_utc() {
        let mut report = report();
        let mut said = |lang: Lang, least_us: i64| {
            let offset = ClockOffsetBounds { least_us, most_us: least_us + 2_000_000 };
            report.modem.as_mut().unwrap().offset = Some(offset);
            crate::language::of(lang).modem_section(&report)[1].clone()
        };
        let minute = 60_000_000;
        for (lang, least_us, expected) in [
            (
                Lang::En,
                61 * minute - 1_000_000,
                "its log has the time of UTC+01:00, its clock is 1 min ahead (+-1 s)",
            ),
            (Lang::En, 68 * minute - 1_000_000, "its clock is 1 h 8 min ahead of UTC (+-1 s)"),
            (Lang::En, -68 * minute - 1_000_000, "its clock is 1 h 8 min behind UTC (+-1 s)"),
            (
                Lang::De,
                68 * minute - 1_000_000,
                "seine Uhr geht gegenüber UTC 1 h 8 min vor (+-1 s)",
            ),
            (
                Lang::De,
                -68 * minute - 1_000_000,
                "seine Uhr geht gegenüber UTC 1 h 8 min nach (+-1 s)",
            ),
            (Lang::Fr, 68 * minute - 1_000_000, "son horloge avance de 1 h 8 min sur UTC (+-1 s)"),
            (
                Lang::Fr,
                -68 * minute - 1_000_000,
                "son horloge retarde de 1 h 8 min sur UTC (+-1 s)",
            ),
        ] {
            assert_eq!(said(lang, least_us).replace('\u{a0}', " "), expected);
        }
    }
}
