//! When the entries of the log were written.

use std::collections::BTreeMap;

use super::boots::{Boot, boot_of, restarted};
use super::clock::{ClockOffsetBounds, as_if_utc, learn_offset, resolution_us};
use crate::text::order::InOrder;
use crate::time::spans::union;
use crate::time::{TimeRange, Timestamp};
use crate::vocabulary::{Bounds, LogClass, LogEntry, LogStamp, ModemAccount};

/// A log is placed by the offset of its reading, which is learnt from so many readings before it.
const LEARN_FROM: usize = 8;

/// An entry of the log with its time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlacedEntry {
    /// The entry, as the modem has it.
    pub entry: LogEntry,
    /// When it was written, the last time where it is one of several; `None` where nothing shows it.
    pub at: Option<Bounds>,
    /// When the reading began that showed it first.
    pub seen: Timestamp,
    /// Whether it belongs to a start of the modem, before which nothing is to be concluded from it.
    pub of_start: bool,
}

/// Entries of all readings, which are in order, each once, in the order of their times. Those without a
/// time come where they were seen.
pub fn place_log(accounts: &[ModemAccount]) -> Vec<PlacedEntry> {
    // The same entry again, in a reading that has the whole log or with a higher count, is the same.
    // Of an entry that happened again, the newest.
    let mut known: BTreeMap<(LogStamp, String, Option<u32>), LogEntry> = BTreeMap::new();
    let mut all: Vec<PlacedEntry> = Vec::new();
    let mut before: Option<&ModemAccount> = None;
    // Entries that are timed by the start are told apart by it.
    let mut starts = 0_u32;
    let mut last_boot: Option<Boot> = None;
    for (n, account) in accounts.iter().enumerate() {
        let Some(said) = account.snapshot() else { continue };
        let boot = boot_of(account);
        if let Some(boot) = boot {
            let last = last_boot.replace(boot);
            starts += u32::from(last.is_some_and(|last| restarted(&last, &boot)));
        }
        let Some(log) = &said.log else { continue };
        let offset = learn_offset(&accounts[n.saturating_sub(LEARN_FROM)..=n]);
        for (index, entry) in log.iter().enumerate() {
            let start = is_by_boot(entry.stamp).then_some(starts);
            let key = (entry.stamp, entry.text.clone(), start);
            if let Some(same) = known.get_mut(&key) {
                // A higher count or a later last time: it happened again since, and that is another.
                if entry.count > same.count || entry.last > same.last {
                    let again = entry.count.saturating_sub(same.count).max(1);
                    let at = placed(entry, offset, boot, since(before, account));
                    let said = LogEntry { count: again, ..entry.clone() };
                    all.push(PlacedEntry { entry: said, at, seen: account.at, of_start: false });
                    *same = entry.clone();
                }
                continue;
            }
            let at = match entry.stamp {
                LogStamp::Unset => unset(log, index, offset, boot, before, account),
                _ => placed(entry, offset, boot, since(before, account)),
            };
            let (said, seen) = (entry.clone(), account.at);
            all.push(PlacedEntry { entry: said, at, seen, of_start: false });
            known.insert(key, entry.clone());
        }
        before = Some(account);
    }
    all.order_by_key(|placed| placed.at.map_or(placed.seen, |at| at.midpoint()));
    mark_starts(&mut all, accounts);
    all
}

/// The time of which the log is known, as far as readings go: from each reading to the next, unless
/// nothing of the log was in it any more. Then, and at the first, from the oldest entry that it had.
pub fn log_known(accounts: &[ModemAccount], log: &[PlacedEntry]) -> Vec<TimeRange> {
    let mut known = Vec::new();
    let mut before: Option<&ModemAccount> = None;
    for account in accounts {
        let Some(said) = account.snapshot().filter(|said| said.log.is_some()) else { continue };
        let continued = before.filter(|_| !said.log_is_whole).map(|before| before.at);
        let oldest = || {
            let shown = account.log();
            let of_it = log.iter().filter(|placed| shown.iter().any(|e| is_same(e, &placed.entry)));
            of_it.filter_map(|placed| placed.at).map(|at| at.latest).min()
        };
        let from = continued.or_else(oldest).map_or(account.at, |from| from.min(account.at));
        known.push(TimeRange { from, to: account.until() });
        before = Some(account);
    }
    union(known)
}

fn is_same(a: &LogEntry, b: &LogEntry) -> bool {
    (a.stamp, &a.text) == (b.stamp, &b.text)
}

/// The time in which an entry that is new was written, as far as the readings show it. Where there was
/// none before, or the whole log was taken for new, all of the past.
fn since(before: Option<&ModemAccount>, account: &ModemAccount) -> Option<Bounds> {
    if account.snapshot().is_some_and(|said| said.log_is_whole) {
        return None;
    }
    Some(Bounds { earliest: before?.at, latest: account.until() })
}

fn is_by_boot(stamp: LogStamp) -> bool {
    matches!(stamp, LogStamp::AfterBoot(_) | LogStamp::Unset)
}

fn placed(
    entry: &LogEntry,
    offset: Option<ClockOffsetBounds>,
    boot: Option<Boot>,
    window: Option<Bounds>,
) -> Option<Bounds> {
    let stamp = entry.last.unwrap_or(entry.stamp);
    match stamp {
        LogStamp::Second(at) | LogStamp::Minute(at) => {
            let stamp_us = as_if_utc(at)?;
            let resolution = resolution_us(stamp);
            let by_clock = offset.map(|offset| offset.utc(stamp_us, resolution));
            match (by_clock, window) {
                // What is new was written since the reading before. Where the clock contradicts that
                // it was set meanwhile, for the summer or by a server, or the stamp is that of the first
                // of several.
                (Some(at), Some(window)) => Some(narrowed(at, window).unwrap_or(window)),
                (at, _) => at,
            }
        }
        LogStamp::Absolute(at) => Some(Bounds { earliest: at, latest: at.plus_micros(1_000_000) }),
        LogStamp::AfterBoot(after) => {
            let boot = boot?;
            let by_boot =
                Bounds { earliest: boot.at.earliest + after, latest: boot.at.latest + after };
            Some(by_boot)
        }
        LogStamp::Unset => None,
    }
}

/// What both allow.
fn narrowed(at: Bounds, window: Bounds) -> Option<Bounds> {
    let earliest = at.earliest.max(window.earliest);
    let latest = at.latest.min(window.latest);
    (earliest <= latest).then_some(Bounds { earliest, latest })
}

/// An entry without a time was written between the modem's start and the next entry that has one; only
/// the last start is known.
fn unset(
    log: &[LogEntry],
    index: usize,
    offset: Option<ClockOffsetBounds>,
    boot: Option<Boot>,
    before: Option<&ModemAccount>,
    account: &ModemAccount,
) -> Option<Bounds> {
    let boot = boot?;
    // Entries of earlier starts lie before entries with times that are earlier than this start.
    let next = log[index + 1..].iter().find_map(|entry| placed(entry, offset, None, None));
    let is_of_this_start = match next {
        Some(next) => next.latest >= boot.at.earliest,
        None => true,
    };
    let is_new = before.and_then(boot_of).is_none_or(|b| b.at.latest < boot.at.earliest);
    let latest = next.map_or(account.until(), |next| next.latest.min(account.until()));
    (is_of_this_start && is_new)
        .then(|| Bounds { earliest: boot.at.earliest, latest: latest.max(boot.at.latest) })
}

/// The time within which a modem has come to the end of its start, if its log does not say so before.
const START_WITHIN_US: i64 = 300_000_000;

/// Entries between a start and the first that says that the modem is connected are of the start, and so
/// are those whose clock had not been set. What names the reason of the start is not.
fn mark_starts(all: &mut [PlacedEntry], accounts: &[ModemAccount]) {
    let mut starts: Vec<Bounds> = accounts.iter().filter_map(boot_of).map(|boot| boot.at).collect();
    starts.dedup_by(|b, a| b.earliest <= a.latest.plus_micros(60_000_000));
    // One that is locked to its channels has come to the end of its start.
    let is_locked = |account: &&ModemAccount| {
        account.snapshot().is_some_and(|said| {
            said.downstream.iter().any(|channel| channel.locked == Some(true))
                && said.upstream.iter().any(|channel| channel.locked == Some(true))
        })
    };
    let locked = accounts.iter().filter(is_locked).map(|account| account.at);
    let connected = all
        .iter()
        .filter(|placed| placed.entry.class == LogClass::Connected)
        .filter_map(|placed| placed.at.map(|at| at.latest));
    let connected: Vec<Timestamp> = connected.chain(locked).collect();
    for placed in all {
        let is_reason = matches!(
            placed.entry.class,
            LogClass::RebootPower
                | LogClass::RebootT4
                | LogClass::RebootCommanded
                | LogClass::Reboot
                | LogClass::SoftwareDownload
        );
        let within = |start: &Bounds| {
            let over = connected.iter().copied().filter(|at| *at >= start.latest).min();
            let limit = start.latest.plus_micros(START_WITHIN_US);
            let over = over.map_or(limit, |over| over.min(limit));
            placed.at.is_some_and(|at| at.earliest >= start.earliest && at.midpoint() <= over)
        };
        placed.of_start =
            !is_reason && (is_by_boot(placed.entry.stamp) || starts.iter().any(within));
    }
}
