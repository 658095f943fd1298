//! What a reading of the modem gave, as the record holds it.

use std::time::Duration;

use super::{LogEntry, ModemKind, ModemSnapshot};
use crate::text::words::word_enum;
use crate::time::Timestamp;
use crate::vocabulary::Bounds;

word_enum! {
    /// Why the modem was read.
    pub enum ModemReadCause: "cause of a reading" {
        /// It was due.
        Scheduled = "scheduled",
        /// A drop was confirmed.
        Drop = "drop",
        /// A drop had ended a minute before.
        After = "after",
    }
}

word_enum! {
    /// Why a reading gave nothing.
    pub enum ModemSilenceKind: "kind of failed reading" {
        /// The configured address is none.
        Address = "address",
        /// Nothing answers at the modem's address.
        NoAnswer = "no-answer",
        /// It refused the connection: it is there, and serves no page.
        Refused = "refused",
        /// It did not answer in time, or stopped in the middle.
        TimedOut = "timed-out",
        /// Its answer is not HTTP.
        NotHttp = "not-http",
        /// It refused the request or sent an error.
        Status = "status",
        /// Its answer was larger than any page of a modem.
        TooLarge = "too-large",
        /// It wants a password and none is configured.
        LoginNeeded = "login-needed",
        /// It refused the user or the password.
        LoginRefused = "login-refused",
        /// It takes no login at present.
        LoginBlocked = "login-blocked",
        /// It is none that is known.
        UnknownModem = "unknown-modem",
        /// Its pages are not understood.
        NotUnderstood = "not-understood",
        /// Nothing was asked: linkmon reads no more, because drops followed its readings.
        Stopped = "stopped",
    }
}

impl ModemSilenceKind {
    /// Whether its web server was silent: evidence in itself. Otherwise it answered something.
    pub fn is_dead(self) -> bool {
        matches!(self, Self::NoAnswer | Self::TimedOut)
    }

    /// Whether it served no page at all, as while it starts: it may do so soon.
    pub fn is_without_page(self) -> bool {
        self.is_dead() || self == Self::Refused
    }
}

/// A reading that gave nothing, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ModemSilence {
    /// Its kind.
    pub kind: ModemSilenceKind,
    /// A sentence. It never has a password in it.
    pub text: String,
}

/// What a reading gave.
#[derive(Debug, Clone, PartialEq)]
pub enum ModemWords {
    /// A snapshot. In the record its log has only the entries that the reading before did not have.
    Said(Box<ModemSnapshot>),
    /// Nothing.
    Silent(ModemSilence),
}

/// A page as it came, kept for those who want to read it again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ModemPageKept {
    /// When the reading began that it is of.
    pub at: Timestamp,
    /// Its path on the modem.
    pub path: String,
    /// Its bytes.
    pub body: Vec<u8>,
}

/// A reading of the modem.
#[derive(Debug, Clone, PartialEq)]
pub struct ModemAccount {
    /// When its first request left.
    pub at: Timestamp,
    /// How long it took.
    pub took: Duration,
    /// Why it was made.
    pub cause: ModemReadCause,
    /// The kind of modem it was read as; `None` where it was not found out.
    pub kind: Option<ModemKind>,
    /// Between which instants the page was fetched that shows the modem's clock; `None`: between the
    /// beginning and the end of the reading.
    pub clock_fetched: Option<Bounds>,
    /// The same of the page that shows its uptime.
    pub uptime_fetched: Option<Bounds>,
    /// What it gave.
    pub words: ModemWords,
}

impl ModemAccount {
    /// What the modem said.
    pub fn snapshot(&self) -> Option<&ModemSnapshot> {
        match &self.words {
            ModemWords::Said(snapshot) => Some(snapshot),
            ModemWords::Silent(_) => None,
        }
    }

    /// Why it said nothing.
    pub fn silence(&self) -> Option<&ModemSilence> {
        match &self.words {
            ModemWords::Said(_) => None,
            ModemWords::Silent(silence) => Some(silence),
        }
    }

    /// The entries of its log that were new.
    pub fn log(&self) -> &[LogEntry] {
        self.snapshot().and_then(|said| said.log.as_deref()).unwrap_or_default()
    }

    /// Between which instants it was made.
    pub fn whole(&self) -> Bounds {
        Bounds { earliest: self.at, latest: self.until() }
    }

    /// When it was over.
    pub fn until(&self) -> Timestamp {
        self.at + self.took
    }

    /// The middle of the reading, the best single instant for what it shows.
    pub fn middle(&self) -> Timestamp {
        self.at + self.took / 2
    }
}
