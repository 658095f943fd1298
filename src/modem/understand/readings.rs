//! The readings about one drop, and what they show together.

use std::time::Duration;

use super::boots::boot_of;
use super::chance::is_of_line;
use super::codewords::{ChannelKey, CounterCourse, LostLock, codewords, lost_lock};
use super::measured::{MeasuredDrop, NEAR};
use super::place_log::PlacedEntry;
use super::restarts::Restart;
use crate::time::{TimeRange, Timestamp};
use crate::vocabulary::{Bounds, ModemAccount, ModemSnapshot};

/// Readings are of a drop up to this long before and after it.
const READ_WITHIN: Duration = Duration::from_secs(3_600);

/// Codewords that are missing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LackingCodewords {
    /// Channels that lack some.
    pub channels: u32,
    /// Channels that can say so.
    pub of: u32,
    /// For how long they are missing; `None` where counters were disturbed and do not say.
    pub length: Option<Duration>,
    /// How far the truth may be from it.
    pub error: Duration,
}

/// The readings about a drop.
pub(super) struct Readings<'a> {
    pub(super) before: Option<&'a ModemAccount>,
    pub(super) during: Vec<&'a ModemAccount>,
    pub(super) after: Option<&'a ModemAccount>,
}

impl<'a> Readings<'a> {
    pub(super) fn about(drop: &MeasuredDrop, accounts: &'a [ModemAccount]) -> Option<Self> {
        let until = drop.end.map(|end| end.latest);
        let (from, said) = (drop.onset.earliest, |a: &&ModemAccount| a.snapshot().is_some());
        let before =
            accounts.iter().filter(|a| a.until() <= from && a.at + READ_WITHIN >= from).rfind(said);
        let is_during =
            |a: &&ModemAccount| a.until() > from && until.is_none_or(|until| a.at <= until);
        let during: Vec<_> = accounts.iter().filter(is_during).collect();
        let after = until.and_then(|until| {
            accounts.iter().filter(|a| a.at > until && a.at <= until + READ_WITHIN).find(said)
        });
        (!during.is_empty() || after.is_some()).then_some(Self { before, during, after })
    }

    pub(super) fn times(&self) -> Vec<Timestamp> {
        self.before
            .into_iter()
            .chain(self.during.iter().copied())
            .chain(self.after)
            .map(|a| a.at)
            .collect()
    }

    /// Whether the modem restarted, as far as uptimes on both sides show it.
    pub(super) fn restarted(&self, drop: &MeasuredDrop, restart: Option<Restart>) -> Option<bool> {
        if restart.is_some() {
            return Some(true);
        }
        // A reading in the drop knows nothing of the rest of it.
        let later = match drop.end {
            Some(_) => self.after.and_then(boot_of)?,
            None => self.during.iter().rev().find_map(|account| boot_of(account))?,
        };
        let earlier = self.before.and_then(boot_of)?;
        (later.at.earliest <= earlier.at.latest + NEAR).then_some(false)
    }

    /// The downstream channels that were locked before the drop.
    pub(super) fn locked_before(&self) -> Vec<ChannelKey> {
        let said = self.before.and_then(ModemAccount::snapshot);
        let channels = said.into_iter().flat_map(|said| &said.downstream);
        channels.filter(|c| c.locked == Some(true)).filter_map(ChannelKey::of).collect()
    }

    /// Whether the modem was on its line in each reading that began in the drop and shows it; `None`: no
    /// such reading shows it.
    pub(super) fn was_on_line(&self, drop: &MeasuredDrop) -> Option<bool> {
        let began_in_it = self.during.iter().filter(|a| a.at >= drop.onset.latest);
        began_in_it.filter_map(|a| is_on_line(a.snapshot()?)).reduce(|all, one| all && one)
    }

    /// Whether the modem is a satellite's dish, or its DSL line lost its sync: then an interruption that
    /// it recorded is one of the line, and not of a login or an address.
    pub(super) fn is_outage_of_line(&self) -> bool {
        let said = self.during.iter().copied().chain(self.after).filter_map(ModemAccount::snapshot);
        said.into_iter().any(|said| {
            said.dish.is_some() || said.dsl.is_some_and(|dsl| dsl.in_sync == Some(false))
        })
    }

    pub(super) fn unlocked(&self) -> Vec<ChannelKey> {
        let locked = self.locked_before();
        let said = self.during.iter().filter_map(|account| account.snapshot());
        let open = said.flat_map(|said| said.downstream.iter().filter(|c| c.locked == Some(false)));
        let mut keys: Vec<_> =
            open.filter_map(ChannelKey::of).filter(|key| locked.contains(key)).collect();
        keys.sort_unstable();
        keys.dedup();
        keys
    }

    /// Whether the modem said that it was connected in all readings during the drop.
    pub(super) fn is_connected(&self) -> Option<bool> {
        let mut said = self.during.iter().filter_map(|a| a.snapshot()?.connection.as_deref());
        let mut any = None;
        for words in &mut said {
            let words = words.to_ascii_lowercase();
            let is = ["operational", "ok", "online", "connected", "allowed", "up", "enabled"]
                .iter()
                .any(|word| words.split(|c: char| !c.is_alphanumeric()).any(|w| w == *word));
            let is_denied = words
                .split(|c: char| !c.is_alphanumeric())
                .any(|w| ["not", "no", "denied", "disconnected"].contains(&w));
            any = Some(any.unwrap_or(true) && is && !is_denied);
        }
        any
    }

    pub(super) fn uncorrectable(&self, restarts: &[Restart]) -> Option<u64> {
        let intervals = codewords(self.before?, self.after?, restarts);
        let ran = intervals.iter().filter(|i| i.course != CounterCourse::Restarted);
        let of_one_carrier =
            ran.filter(|i| i.channel.kind != Some(crate::vocabulary::ChannelKind::Ofdm));
        of_one_carrier.map(|i| i.uncorrectable).fold(None, |sum, one| match (sum, one) {
            (sum, None) => sum,
            (sum, Some(one)) => Some(sum.unwrap_or(0_u64).saturating_add(one)),
        })
    }

    /// The codewords that channels lack, and whether none does.
    pub(super) fn codewords(
        &self,
        drops: &[MeasuredDrop],
        restarts: &[Restart],
    ) -> (Option<LackingCodewords>, Option<bool>) {
        let (Some(before), Some(after)) = (self.before, self.after) else { return (None, None) };
        let (Some(was), Some(is)) = (before.snapshot(), after.snapshot()) else {
            return (None, None);
        };
        let between: Vec<_> = drops
            .iter()
            .filter(|d| d.onset.latest >= before.at && d.onset.earliest <= after.until())
            .copied()
            .collect();
        let lost: Vec<LostLock> = is
            .downstream
            .iter()
            .filter_map(|channel| {
                let key = ChannelKey::of(channel)?;
                let earlier = was.downstream.iter().find(|c| ChannelKey::of(c) == Some(key))?;
                lost_lock((before, earlier), (after, channel), &between, restarts)
            })
            .collect();
        let lacking: Vec<_> = lost.iter().filter(|lost| **lost != LostLock::No).collect();
        if lost.is_empty() {
            return (None, None);
        }
        if lacking.is_empty() {
            return (None, Some(true));
        }
        let number = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        let mut lengths: Vec<(Duration, Duration)> = lacking
            .iter()
            .filter_map(|lost| match **lost {
                LostLock::Paused { length, error } => Some((length, error)),
                _ => None,
            })
            .collect();
        lengths.sort_unstable();
        // Most of those that lack any have to say it, and of this drop alone.
        let is_said = lengths.len() * 2 > lacking.len() && between.len() <= 1;
        let middle = is_said.then(|| lengths[lengths.len() / 2]);
        let found = LackingCodewords {
            channels: number(lacking.len()),
            of: number(lost.len()),
            length: middle.map(|(length, _)| length),
            error: middle.map_or(Duration::ZERO, |(_, error)| error),
        };
        (Some(found), Some(false))
    }

    /// Whether the log of the drop's time was read, all of it, and has no entry of the line without a time.
    pub(super) fn is_log_known(
        &self,
        drop: &MeasuredDrop,
        known: &[TimeRange],
        log: &[PlacedEntry],
    ) -> bool {
        let has_log = |a: &&ModemAccount| a.snapshot().is_some_and(|said| said.log.is_some());
        let (is_read, until) = match drop.end {
            Some(end) => (self.after.as_ref().is_some_and(has_log), end.latest),
            None => (self.during.iter().any(has_log), drop.onset.latest),
        };
        let times = self.times();
        let is_timeless = |p: &PlacedEntry| {
            p.at.is_none() && is_of_line(p.entry.class) && times.contains(&p.seen)
        };
        let reaches = |range: &TimeRange| range.from <= drop.onset.latest && until <= range.to;
        is_read && known.iter().any(reaches) && !log.iter().any(is_timeless)
    }

    pub(super) fn page_dead(&self) -> Option<Bounds> {
        let is_dead = |a: &&ModemAccount| a.silence().is_some_and(|silence| silence.kind.is_dead());
        // The longest run: an answer in between ends one.
        let runs = self.during.chunk_by(|a, b| is_dead(a) == is_dead(b));
        let dead = runs.filter(|run| is_dead(&run[0])).filter_map(|run| {
            let (first, last) = (run.first()?, run.last()?);
            Some(Bounds { earliest: first.at, latest: last.until() })
        });
        dead.max_by_key(|bounds| bounds.latest.micros_since(bounds.earliest))
    }
}

/// Whether a modem is locked in both directions, or in sync; `None` where it does not show both.
fn is_on_line(said: &ModemSnapshot) -> Option<bool> {
    if let Some(dsl) = said.dsl {
        return dsl.in_sync;
    }
    let any = |locks: &[Option<bool>]| {
        let mut shown = locks.iter().flatten().peekable();
        shown.peek()?;
        Some(shown.any(|is| *is))
    };
    let down: Vec<_> = said.downstream.iter().map(|c| c.locked).collect();
    let up: Vec<_> = said.upstream.iter().map(|c| c.locked).collect();
    match (any(&down), any(&up)) {
        (Some(false), _) | (_, Some(false)) => Some(false),
        (Some(true), Some(true)) => Some(true),
        _ => None,
    }
}
