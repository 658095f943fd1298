//! The modem of a simulated line: a TC4400 whose log shows what the line did, read as the daemon
//! would read it.

use std::collections::VecDeque;
use std::time::Duration;

use fastrand::Rng;

use super::plan::ScenarioPlan;
use crate::time::Timestamp;
use crate::vocabulary::{
    Bonding, ChannelKind, Downstream, LogClass, LogEntry, LogStamp, ModemAccount, ModemClock,
    ModemKind, ModemReadCause, ModemSnapshot, ModemWords, Modulation, Upstream,
};

/// Between scheduled readings, in seconds.
const EVERY_S: i64 = 900;
/// A drop is confirmed this long after its onset, and read after this long after its end.
const CONFIRMED_S: i64 = 8;
const AFTER_S: i64 = 75;
/// A silence longer than this is one from which the modem does not come back by ranging.
const OUTAGE_S: i64 = 3_600;
/// How long its channel page takes.
const TOOK: Duration = Duration::from_secs(18);
/// How long it has been up when the story begins, in seconds.
const UP_BEFORE_S: i64 = 1_471_116;
/// What its clock is ahead of local time, in seconds.
const AHEAD_S: i64 = 2;
/// Codewords a second of a 256-QAM channel of 6 MHz.
const CODEWORDS: f64 = 45_445.8;
/// Entries that its log holds.
const LOG: usize = 60;
const CHANNELS: u32 = 24;

const T3: &str =
    "Started Unicast Maintenance Ranging - No Response received - T3 time-out;CM-MAC=...";
const EXHAUSTED: &str =
    "Unicast Maintenance Ranging attempted - No response - Retries exhausted;CM-...";
const T4: &str = "Received Response to Broadcast Maintenance Request, But no Unicast Maintenanc...";
const REBOOT: &str = "Cable Modem Reboot from SNMP";
const SYNC: &str =
    "SYNC Timing Synchronization failure - Failed to acquire QAM/QPSK symbol timing;...";

/// The modem while a plan is played.
#[derive(Debug)]
pub(super) struct SimulatedModem {
    start: Timestamp,
    /// What the zone of the place is ahead of UTC, in seconds.
    zone_s: i64,
    /// Silences of the line, in seconds of the plan.
    silences: Vec<(i64, i64)>,
    /// What its log will have, by second of the plan.
    log: Vec<(i64, LogClass, &'static str)>,
    due: VecDeque<(i64, ModemReadCause)>,
}

impl SimulatedModem {
    /// That of a plan; its readings begin at second `from`.
    pub(super) fn new(plan: &ScenarioPlan, from: i64) -> Self {
        let seconds = |ms: i64| ms.div_euclid(1_000);
        let silences: Vec<_> = plan
            .silences()
            .into_iter()
            .map(|silence| (seconds(silence.span.from), seconds(silence.span.to)))
            .collect();
        let mut rng = Rng::with_seed(plan.seed);
        let mut log = Vec::new();
        let mut due = Vec::new();
        for (n, &(down, up)) in silences.iter().enumerate() {
            if up - down > OUTAGE_S {
                log.push((down + 2, LogClass::RebootCommanded, REBOOT));
                log.push((down + 40, LogClass::QamLockFailed, SYNC));
            } else if n % 12 != 7 {
                // Of one in twelve the modem has nothing to say.
                let first = down - rng.i64(20..55);
                log.push((first, LogClass::T3, T3));
                log.push((first + rng.i64(5..15), LogClass::T3, T3));
                log.push((down - rng.i64(0..3), LogClass::RangingExhausted, EXHAUSTED));
                log.push((down + rng.i64(12..35), LogClass::T4, T4));
            }
            due.extend([
                (down + CONFIRMED_S, ModemReadCause::Drop),
                (up + AFTER_S, ModemReadCause::After),
            ]);
        }
        let scheduled = (30..plan.length / 1_000).step_by(usize::try_from(EVERY_S).unwrap_or(900));
        let is_quiet = |s: &i64| {
            !silences.iter().any(|(down, up)| {
                (down - 60..up + AFTER_S + 60).contains(s) && up - down < OUTAGE_S
            })
        };
        due.extend(scheduled.filter(is_quiet).map(|s| (s, ModemReadCause::Scheduled)));
        due.retain(|(s, _)| *s >= from);
        due.sort_by_key(|(s, _)| *s);
        log.sort_by_key(|(s, ..)| *s);
        let utc = jiff::Timestamp::from_microsecond(plan.start.as_micros()).unwrap_or_default();
        let zone_s = i64::from(plan.zone.to_offset(utc).seconds());
        Self { start: plan.start, zone_s, silences, log, due: due.into() }
    }

    /// The reading that is due by second `s`.
    pub(super) fn second(&mut self, s: i64) -> Option<ModemAccount> {
        let (at, cause) = self.due.pop_front_if(|(at, _)| *at <= s)?;
        Some(self.read(at, cause))
    }

    /// When it last started, in seconds of the plan.
    fn booted(&self, s: i64) -> i64 {
        let restarts =
            self.silences.iter().filter(|(down, up)| up - down > OUTAGE_S && down + 2 <= s);
        restarts.map(|(down, _)| down + 2).max().unwrap_or(-UP_BEFORE_S)
    }

    fn civil(&self, s: i64) -> jiff::civil::DateTime {
        let us = self.start.as_micros() + (s + self.zone_s + AHEAD_S) * 1_000_000;
        let at = jiff::Timestamp::from_microsecond(us).unwrap_or_default();
        jiff::tz::TimeZone::UTC.to_datetime(at)
    }

    fn read(&self, s: i64, cause: ModemReadCause) -> ModemAccount {
        let shown = s + 9;
        let booted = self.booted(shown);
        let is_dark = self
            .silences
            .iter()
            .any(|(down, up)| up - down > OUTAGE_S && (*down..*up).contains(&shown));
        let mut rng = Rng::with_seed(s.unsigned_abs());
        let mut near = |level: f64| ((level + rng.f64() - 0.5) * 10.0).round() / 10.0;
        #[expect(clippy::cast_precision_loss, clippy::cast_possible_truncation, reason = "seconds")]
        #[expect(clippy::cast_sign_loss, reason = "after the start")]
        let codewords = ((shown - booted).max(0) as f64 * CODEWORDS) as u64 % (1 << 32);
        let down = |n: u32, power: f64, mer: f64| Downstream {
            id: Some(n),
            row: Some(n),
            kind: Some(ChannelKind::ScQam),
            locked: Some(!is_dark),
            bonding: Some(if is_dark { Bonding::NotBonded } else { Bonding::Bonded }),
            frequency_hz: Some(585_000_000 + u64::from(n) * 6_000_000),
            width_hz: Some(6_000_000),
            power_dbmv: (!is_dark).then_some(power),
            mer_db: (!is_dark).then_some(mer),
            modulation: Some(Modulation::Qam(256)),
            unerrored: (!is_dark).then_some(codewords),
            corrected: (!is_dark).then_some(u64::from(n) * 7),
            uncorrectable: (!is_dark).then_some(0),
        };
        // It has to shout before the line is lost.
        let is_near = self.silences.iter().any(|(down, up)| (down - 60..up + 200).contains(&shown));
        let power = if is_near { 49.5 } else { 45.0 };
        let downstream = (1..=CHANNELS).map(|n| down(n, near(1.5), near(38.4))).collect();
        let up = |n: u32, power: f64| Upstream {
            id: Some(n),
            row: Some(n),
            kind: Some(ChannelKind::ScQam),
            locked: Some(!is_dark),
            frequency_hz: Some(22_000_000 + u64::from(n) * 6_400_000),
            width_hz: Some(6_400_000),
            power_dbmv: (!is_dark).then_some(power),
            ..Upstream::default()
        };
        let upstream = (1..=4).map(|n| up(n, near(power))).collect();
        let entries: Vec<LogEntry> = self
            .log
            .iter()
            .filter(|(when, ..)| *when <= shown)
            .map(|(when, class, text)| LogEntry {
                stamp: LogStamp::Second(self.civil(*when)),
                last: None,
                count: 1,
                level: Some(3),
                number: None,
                class: *class,
                text: (*text).to_owned(),
            })
            .collect();
        let said = ModemSnapshot {
            model: Some("TC4400".to_owned()),
            firmware: Some("70.12.42-190604".to_owned()),
            uptime: Some(Duration::from_secs((shown - booted).unsigned_abs())),
            clock: Some(ModemClock::Local(self.civil(shown))),
            connection: Some(if is_dark { "Not Synchronized" } else { "Operational" }.to_owned()),
            downstream,
            upstream,
            log: Some(entries[entries.len().saturating_sub(LOG)..].to_vec()),
            ..ModemSnapshot::default()
        };
        ModemAccount {
            at: self.start.plus_micros(s * 1_000_000),
            took: TOOK,
            cause,
            kind: Some(ModemKind::Tc4400),
            clock_fetched: None,
            uptime_fetched: None,
            words: ModemWords::Said(Box::new(said)),
        }
    }
}
