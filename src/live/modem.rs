//! The modem at present: what the last reading gave, and what was counted since the start.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::modem::understand::boot_of;
use crate::time::Timestamp;
use crate::vocabulary::{
    LogClass, ModemAccount, ModemKind, ModemSilenceKind, ModemSnapshot, ModemWords,
};

/// The modem in a status.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ModemStatus {
    /// As what it is read.
    pub kind: Option<ModemKind>,
    /// What it calls itself.
    pub model: Option<String>,
    /// Its firmware.
    pub firmware: Option<String>,
    /// When it last started, by its uptime.
    pub started: Option<Timestamp>,
    /// When the last reading began that it answered.
    pub read: Option<Timestamp>,
    /// How long the last reading took, in seconds.
    pub took_s: f64,
    /// Why the last reading gave nothing; `None`: it gave something.
    pub failure: Option<ModemSilenceKind>,
    /// The same as a sentence.
    pub why: Option<String>,
}

/// The modem as metrics show it.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct LiveModem {
    /// The last reading that gave something.
    pub snapshot: Option<ModemSnapshot>,
    /// Entries of its log that were new since the daemon's start, repeated ones counted.
    pub events: BTreeMap<LogClass, u64>,
    /// Readings.
    pub readings: u64,
    /// Readings that gave nothing, by kind.
    pub failures: BTreeMap<ModemSilenceKind, u64>,
    status: Option<ModemStatus>,
}

impl LiveModem {
    /// Takes in a reading, whose log has only what is new.
    pub fn on_account(&mut self, account: &ModemAccount) {
        let had_a_log = self.snapshot.as_ref().is_some_and(|said| said.log.is_some());
        self.readings += 1;
        let before = self.status.take();
        let mut status = ModemStatus {
            kind: account.kind,
            model: None,
            firmware: None,
            started: None,
            read: None,
            took_s: account.took.as_secs_f64(),
            failure: None,
            why: None,
        };
        match &account.words {
            ModemWords::Said(said) => {
                // What the log had before the first reading is not counted.
                for entry in account.log().iter().filter(|_| had_a_log) {
                    *self.events.entry(entry.class).or_default() += u64::from(entry.count.max(1));
                }
                status.model.clone_from(&said.model);
                status.firmware.clone_from(&said.firmware);
                status.started = boot_of(account).map(|boot| boot.at.midpoint());
                status.read = Some(account.at);
                let log = said.log.is_some().then(Vec::new);
                self.snapshot = Some(ModemSnapshot { log, ..(**said).clone() });
            }
            ModemWords::Silent(silence) => {
                *self.failures.entry(silence.kind).or_default() += 1;
                if let Some(before) = before {
                    let kind = status.kind.or(before.kind);
                    status = ModemStatus { kind, took_s: status.took_s, ..before };
                }
                status.failure = Some(silence.kind);
                status.why = Some(silence.text.clone());
            }
        }
        self.status = Some(status);
    }

    /// In a status; `None` before the first reading, and where nothing ever answered.
    pub fn status(&self) -> Option<&ModemStatus> {
        self.status.as_ref()
    }
}
