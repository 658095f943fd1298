//! What the modem said in a period, next to the drops that were measured.

use std::time::Duration;

use crate::modem::understand::{
    ClockOffsetBounds, DropAccount, HarmTest, MeasuredDrop, ModemFinding, NearDrops, Restart,
    account_of_drop, boot_of, drops_after_readings, learn_offset, log_known, near_drops, place_log,
    restarts,
};
use crate::store::{Error, Reader};
use crate::text::order::InOrder;
use crate::time::{TimeRange, Timestamp, spans};
use crate::vocabulary::{
    LinkDrop, ModemAccount, ModemKind, ModemReadCause, ModemSilenceKind, ModemWords,
};

/// Readings are taken out of the record in pieces of this length, of which little is kept.
const PIECE: Duration = Duration::from_secs(7 * 86_400);
/// What is compared with: a week before a drop, where the period is not much longer.
const USUAL: Duration = Duration::from_secs(7 * 86_400);
/// Readings are of a drop within this of it.
const ABOUT_DROP: Duration = Duration::from_secs(3_600 + 60);
/// In periods up to this long all levels are kept in memory.
const SHORT: Duration = Duration::from_secs(8 * 86_400);
/// Of more drops the modem's account is not asked: the longest come first.
const MOST_DROPS: usize = 2_000;

/// What the modem said in a period.
#[derive(Debug, Clone, PartialEq)]
pub struct ModemFacts {
    /// As what it was read.
    pub kind: Option<ModemKind>,
    /// What it calls itself.
    pub model: Option<String>,
    /// Its firmware at the end.
    pub firmware: Option<String>,
    /// Changes of firmware and of addresses.
    pub changes: Vec<ModemChange>,
    /// Readings in the period.
    pub readings: usize,
    /// Those of them that gave nothing.
    pub failed: usize,
    /// What its clock was ahead of UTC at the end; `None` where nothing shows it.
    pub offset: Option<ClockOffsetBounds>,
    /// Its starts in the period; `None` where it shows no uptime.
    pub restarts: Option<Vec<Restart>>,
    /// The part of the period of which its uptimes tell whether it started: from its start before the first
    /// reading, which does not count, to the last that shows one.
    pub uptime_known: Option<TimeRange>,
    /// Drops with entries of its log near them, and those expected by chance; `None` without a log.
    pub near: Option<NearDrops>,
    /// Whether drops followed scheduled readings.
    pub harm: HarmTest,
    /// Since when it has not been read any more, because they did.
    pub stopped: Option<Timestamp>,
    /// What it says of each drop, by the drop's number.
    pub drops: Vec<(i64, DropAccount)>,
}

/// Something about the modem that is not as it was.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ModemChange {
    /// When the reading began that showed it.
    pub at: Timestamp,
    /// What changed.
    pub of: ChangedFact,
    /// What it was.
    pub from: String,
    /// What it is.
    pub to: String,
}

/// What of the modem changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChangedFact {
    /// Its firmware.
    Firmware,
    /// Its first address, that of the operator's side.
    Address,
}

/// A reading without its levels.
fn light(account: ModemAccount) -> ModemAccount {
    let words = match account.words {
        ModemWords::Said(mut said) => {
            (said.downstream, said.upstream) = (Vec::new(), Vec::new());
            (said.dsl, said.dish, said.notes) = (None, None, Vec::new());
            ModemWords::Said(said)
        }
        silent @ ModemWords::Silent(_) => silent,
    };
    ModemAccount { words, ..account }
}

impl ModemFacts {
    /// What the record has of a period; `None` where the modem was never read. `drops` are those of the
    /// line, with their numbers.
    ///
    /// # Errors
    /// When the record cannot be read.
    pub(super) fn gather(
        reader: &Reader,
        period: TimeRange,
        drops: &[(i64, &LinkDrop)],
    ) -> Result<Option<Self>, Error> {
        let is_short = period.length() <= SHORT;
        let until = period.to + ABOUT_DROP;
        let mut all: Vec<ModemAccount> = Vec::new();
        let mut from = period.from - USUAL;
        while from < until {
            let to = (from + PIECE).min(until);
            let piece = reader.modem(TimeRange { from, to })?;
            all.extend(piece.into_iter().map(|a| if is_short { a } else { light(a) }));
            from = to;
        }
        let is_read = |a: &&ModemAccount| period.contains(a.at) && !is_stop(a);
        let answered = all.iter().filter(is_read).any(|a| a.snapshot().is_some());
        let is_known = all.iter().any(|a| a.snapshot().is_some());
        let is_silent = is_known && all.iter().any(|a| is_read(&a));
        if !answered && !is_silent {
            return Ok(None);
        }
        let log = place_log(&all);
        let starts = restarts(&all, &log);
        let measured: Vec<MeasuredDrop> =
            drops.iter().map(|(_, drop)| MeasuredDrop::of(drop)).collect();
        let mut accounts = Vec::new();
        let mut asked: Vec<_> = drops.iter().zip(&measured).collect();
        if asked.len() > MOST_DROPS {
            // The longest come first; one that lasts is the longest.
            let length =
                |drop: &LinkDrop| drop.end.map(|end| end.latest.micros_since(drop.onset.latest));
            asked
                .order_by_key(|((_, drop), _)| std::cmp::Reverse(length(drop).unwrap_or(i64::MAX)));
        }
        for ((id, _), drop) in asked.into_iter().take(MOST_DROPS) {
            let about = if is_short { None } else { Some(about(drop, until)) };
            let read = about.map(|range| reader.modem(range)).transpose()?;
            let near = read.as_deref().unwrap_or(&all);
            accounts.extend(
                account_of_drop(drop, &measured, near, &log, &starts).map(|said| (*id, said)),
            );
        }
        let said: Vec<_> = all.iter().filter(|a| a.at < period.to).collect();
        let last = said.iter().rev().find_map(|a| a.snapshot());
        let boots: Vec<_> = said.iter().filter_map(|account| boot_of(account)).collect();
        let uptime_known = boots.first().zip(boots.last()).and_then(|(first, last)| {
            TimeRange { from: first.at.latest, to: last.read }.intersect(&period)
        });
        let in_period = |restart: &Restart| period.contains(restart.at.midpoint());
        let known = spans::common(&log_known(&all, &log), &[period]);
        let watched: Vec<_> =
            read_span(&all).and_then(|span| span.intersect(&period)).into_iter().collect();
        Ok(Some(Self {
            kind: said.iter().rev().find_map(|a| a.kind),
            model: last.and_then(|said| said.model.clone()),
            firmware: last.and_then(|said| said.firmware.clone()),
            changes: changes(&all, period),
            readings: all.iter().filter(is_read).count(),
            failed: all.iter().filter(is_read).filter(|a| a.snapshot().is_none()).count(),
            offset: learn_offset(&all[all.len().saturating_sub(8)..]),
            restarts: uptime_known.map(|_| starts.iter().copied().filter(in_period).collect()),
            uptime_known,
            near: (!known.is_empty()).then(|| near_drops(&measured, &log, &known)),
            harm: drops_after_readings(&measured, &all, &watched),
            stopped: stopped(&said),
            drops: accounts,
        }))
    }

    /// What it says of a drop.
    pub fn of_drop(&self, id: i64) -> Option<&DropAccount> {
        self.drops.iter().find(|(of, _)| *of == id).map(|(_, account)| account)
    }

    /// How many drops each finding has, most first.
    pub fn findings(&self) -> Vec<(ModemFinding, usize)> {
        let count = |finding| self.drops.iter().filter(|(_, a)| a.finding == finding).count();
        let mut all: Vec<_> = ModemFinding::ALL.into_iter().map(|f| (f, count(f))).collect();
        all.retain(|(_, count)| *count > 0);
        all.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
        all
    }

    /// Without what tells one customer from others: addresses, and texts of the log, of which the class
    /// stays.
    #[must_use]
    pub(super) fn redacted(mut self) -> Self {
        self.changes.retain(|change| change.of != ChangedFact::Address);
        for placed in self.drops.iter_mut().flat_map(|(_, account)| &mut account.log) {
            placed.entry.class.as_str().clone_into(&mut placed.entry.text);
        }
        self
    }
}

/// Since when it is not read, unless it was read again since.
fn stopped(said: &[&ModemAccount]) -> Option<Timestamp> {
    let decides = |a: &&&ModemAccount| is_stop(a) || a.cause == ModemReadCause::Scheduled;
    said.iter().rev().find(decides).filter(|a| is_stop(a)).map(|a| a.at)
}

fn is_stop(account: &ModemAccount) -> bool {
    account.silence().is_some_and(|silence| silence.kind == ModemSilenceKind::Stopped)
}

/// The readings about a drop.
fn about(drop: &MeasuredDrop, until: Timestamp) -> TimeRange {
    let to = drop.end.map_or(until, |end| end.latest + ABOUT_DROP);
    TimeRange { from: drop.onset.earliest - ABOUT_DROP, to: to.min(until) }
}

/// From the first answered reading to the last.
fn read_span(all: &[ModemAccount]) -> Option<TimeRange> {
    let mut answered = all.iter().filter(|a| a.snapshot().is_some());
    let first = answered.next()?;
    Some(TimeRange { from: first.at, to: answered.next_back().unwrap_or(first).until() })
}

fn changes(all: &[ModemAccount], period: TimeRange) -> Vec<ModemChange> {
    let mut found = Vec::new();
    let mut before: [Option<String>; 2] = [None, None];
    for account in all {
        let Some(said) = account.snapshot() else { continue };
        let address = said.addresses.first().map(ToString::to_string);
        let now = [said.firmware.clone(), address];
        let facts = [ChangedFact::Firmware, ChangedFact::Address];
        for ((known, now), of) in before.iter_mut().zip(now).zip(facts) {
            let Some(now) = now else { continue };
            match known.replace(now.clone()) {
                Some(from) if from != now && period.contains(account.at) => {
                    found.push(ModemChange { at: account.at, of, from, to: now });
                }
                _ => {}
            }
        }
    }
    found
}

#[cfg(test)]
mod tests;
