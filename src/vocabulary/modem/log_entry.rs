//! The modem's own log.

use std::time::Duration;

use jiff::civil::DateTime;
use serde::{Deserialize, Serialize};

use crate::text::words::word_enum;
use crate::time::Timestamp;

word_enum! {
    /// What an entry of a modem's log is about, by its text alone: numbers of events are not
    /// reliable (some modems print one for all).
    pub enum LogClass: "class of a modem's log entry" {
        /// No upstream description received (T1).
        T1 = "t1",
        /// No opportunity for ranging (T2).
        T2 = "t2",
        /// No answer to a ranging request (T3). One alone means little.
        T3 = "t3",
        /// Ranging given up after the last retry: the upstream is lost.
        RangingExhausted = "ranging-exhausted",
        /// No own slot for 30 to 35 s (T4): the modem registers anew, service is lost.
        T4 = "t4",
        /// The operator told the modem to start over.
        RangingAborted = "ranging-aborted",
        /// No lock on the downstream signal.
        QamLockFailed = "qam-lock-failed",
        /// A downstream signal with too many errors.
        FecFailed = "fec-failed",
        /// The downstream's clock was lost.
        SyncLost = "sync-lost",
        /// The operator's description of the primary channel is missing.
        MddLost = "mdd-lost",
        /// The operator's description of another channel is missing.
        MddTimeout = "mdd-timeout",
        /// Some channels are not usable.
        PartialService = "partial-service",
        /// A message of the modem to the operator about a channel (CM-STATUS), with its code.
        CmStatus = "cm-status",
        /// Transmit powers too far apart.
        PowerRange = "power-range",
        /// A profile of an OFDM or OFDMA channel changed.
        ProfileChange = "profile-change",
        /// The modulation of a channel changed.
        ModulationChange = "modulation-change",
        /// A restart after a loss of power.
        RebootPower = "reboot-power",
        /// A restart after a T4 time-out.
        RebootT4 = "reboot-t4",
        /// A restart that the operator or a person commanded.
        RebootCommanded = "reboot-commanded",
        /// A restart for another reason or none that is named.
        Reboot = "reboot",
        /// New firmware.
        SoftwareDownload = "software-download",
        /// No address from the operator.
        DhcpFailed = "dhcp-failed",
        /// Registration with the operator failed or was refused.
        RegistrationFailed = "registration-failed",
        /// Registration with the operator or a connection was completed.
        Connected = "connected",
        /// A DSL line lost its signal, or was trained anew.
        LineLost = "line-lost",
        /// An outage that the modem or dish itself recorded, with its cause in the text.
        Outage = "outage",
        /// Of no bearing: keys, logins, addresses renewed.
        Housekeeping = "housekeeping",
        /// Not known to linkmon.
        Unknown = "unknown",
    }
}

/// When an entry was written, as the modem shows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum LogStamp {
    /// By a clock whose zone is not shown, true to a second.
    Second(DateTime),
    /// The same to the minute: the seconds are not shown.
    Minute(DateTime),
    /// With its offset from UTC.
    Absolute(Timestamp),
    /// So long after the modem's start: its clock had not been set.
    AfterBoot(Duration),
    /// Not at all: its clock had not been set.
    Unset,
}

/// An entry of the modem's log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogEntry {
    /// When.
    pub stamp: LogStamp,
    /// Until when, where equal entries are folded into one with its first and last time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last: Option<LogStamp>,
    /// How often, at least 1.
    pub count: u32,
    /// Level 1 (emergency) to 8 (debug) of RFC 4639, where shown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub level: Option<u8>,
    /// The event's number, where shown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub number: Option<u32>,
    /// What it is about.
    pub class: LogClass,
    /// Its text, hardware addresses masked (`aa:bb:cc:..`).
    pub text: String,
}
