//! What a reading needs, and what it gives.

use std::time::Duration;

use super::failure::ReadFailure;
use crate::modem::page::ModemPage;
use crate::text::describe;
use crate::time::Reading;
use crate::vocabulary::{
    Bounds, ModemAccount, ModemKind, ModemReadCause, ModemSilence, ModemSilenceKind, ModemSnapshot,
    ModemWords, Secret,
};

/// The longest that a reading may take.
pub const LONGEST_READING: Duration = Duration::from_secs(60);

/// Where a modem is and how to get in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ModemAccess {
    /// Its address: `192.168.100.1`, `192.168.100.1:8080`, `https://192.168.100.1`. Without a scheme
    /// plain HTTP is tried, and HTTPS where the modem sends there or where its kind needs it.
    pub address: String,
    /// What it is; `None`: to be found out.
    pub kind: Option<ModemKind>,
    /// The user's name; `None`: the one that its kind comes with.
    pub user: Option<String>,
    /// The password; `None`: only pages that need none are read.
    pub password: Option<Secret>,
}

/// What is wanted of a modem first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ModemWant {
    /// All pages, channels first.
    Everything,
    /// All pages, log and uptime first: after a drop, when each second counts.
    LogFirst,
}

/// When a page was fetched.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FetchTime {
    /// When it was asked for.
    pub asked: Reading,
    /// How long it took from then until its last byte was there. What it shows was true at some
    /// instant in between.
    pub took: Duration,
}

/// One reading of a modem, whatever came of it.
#[derive(Debug, Clone)]
pub struct ModemReading {
    /// When it began.
    pub began: Reading,
    /// How long it took.
    pub took: Duration,
    /// What the modem is, as configured or as found out.
    pub kind: Option<ModemKind>,
    /// The pages that came, in the order in which they were fetched; pages of logins are left out.
    pub pages: Vec<ModemPage>,
    /// When the page was fetched that shows the modem's clock.
    pub clock_fetched: Option<FetchTime>,
    /// When the page was fetched that shows the modem's uptime.
    pub uptime_fetched: Option<FetchTime>,
    /// What the pages say. Pages that did not come are in the snapshot's notes as long as others came.
    pub outcome: Result<ModemSnapshot, ReadFailure>,
}

impl ModemReading {
    /// The reading as the record has it, with the pages that came.
    pub fn account(self, cause: ModemReadCause) -> (ModemAccount, Vec<ModemPage>) {
        let between = |fetched: FetchTime| {
            let earliest = fetched.asked.utc;
            Bounds { earliest, latest: earliest + fetched.took }
        };
        let words = match self.outcome {
            Ok(snapshot) => ModemWords::Said(Box::new(snapshot)),
            Err(failure) => {
                let kind = failure.word().parse().unwrap_or(ModemSilenceKind::NotUnderstood);
                ModemWords::Silent(ModemSilence { kind, text: describe(&failure) })
            }
        };
        let account = ModemAccount {
            at: self.began.utc,
            took: self.took,
            cause,
            kind: self.kind,
            clock_fetched: self.clock_fetched.map(between),
            uptime_fetched: self.uptime_fetched.map(between),
            words,
        };
        (account, self.pages)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::{BootTime, Timestamp};

    #[test]
    fn a_reading_gives_its_account_with_the_bounds_of_its_pages_and_its_failure() {
        let at = |s: i64| Reading {
            utc: Timestamp::from_seconds(s),
            boot: BootTime::from_micros(s * 1_000_000),
            monotonic_us: s * 1_000_000,
        };
        let reading = ModemReading {
            began: at(7),
            took: Duration::from_secs(3),
            kind: Some(ModemKind::Tc4400),
            pages: vec![ModemPage { path: "a.html".to_owned(), body: Vec::new() }],
            clock_fetched: Some(FetchTime { asked: at(8), took: Duration::from_secs(1) }),
            uptime_fetched: None,
            outcome: Ok(ModemSnapshot::default()),
        };
        let (account, pages) = reading.clone().account(ModemReadCause::After);
        assert_eq!((account.at, account.until()), (at(7).utc, at(10).utc));
        let [earliest, latest] = [at(8).utc, at(9).utc];
        assert_eq!(account.clock_fetched, Some(Bounds { earliest, latest }));
        assert_eq!((account.uptime_fetched, account.cause), (None, ModemReadCause::After));
        assert!(account.snapshot().is_some() && pages.len() == 1);
        let outcome = Err(ReadFailure::TimedOut(Duration::from_secs(60)));
        let silent = ModemReading { outcome, ..reading }.account(ModemReadCause::Drop).0;
        let text = "it did not answer within 60 s".to_owned();
        let silence = ModemSilence { kind: ModemSilenceKind::TimedOut, text };
        assert_eq!(silent.silence(), Some(&silence));
    }
}
