//! Reading the modem, carefully: rarely, one reading at a time, longer pauses after failures, and not
//! at all where drops follow readings.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use super::chore::Chore;
use crate::config::{Config, ModemConfig};
use crate::live::Event;
use crate::modem::ModemPage;
use crate::modem::session::{ModemAccess, ModemReader, ModemReading, ModemWant};
use crate::modem::understand::{HarmTest, MeasuredDrop, drops_after_readings};
use crate::store::Reader;
use crate::text::describe;
use crate::time::{BootTime, Micros, Reading, TimeRange, Timestamp};
use crate::vocabulary::{
    Bounds, LinkDrop, LogEntry, ModemAccount, ModemReadCause, ModemSilence, ModemSilenceKind,
    ModemWords,
};

/// The first reading after the start: discovery and the first minute go before.
const FIRST_AFTER: Micros = Micros::from_seconds(30);
/// The longest pause between two attempts.
const LONGEST_PAUSE: Micros = Micros::HOUR;
/// A reading is over by then.
const READING_AT_MOST: Micros = Micros::from_seconds(180);
/// Between the end of a reading and the next one, whatever its cause.
const LEAST_PAUSE: Micros = Micros::from_seconds(60);
/// The same before the reading at a drop, which cannot wait: when the line is back it is late.
const LEAST_BEFORE_DROP: Micros = Micros::from_seconds(10);
/// After the end of a drop: its log is complete then, and the modem has its channels back.
const AFTER_END: Micros = Micros::from_seconds(75);
/// A drop whose end is known later than this is not read after.
const AFTER_END_AT_MOST: Micros = Micros::from_seconds(300);
/// A drop that begins so soon after a reading may follow from it.
const WAKE: Duration = Duration::from_secs(120);
/// Readings and drops that are compared with each other; and how long nothing is read once drops were
/// found to follow readings.
const COMPARED: Duration = Duration::from_secs(7 * 86_400);

/// A reading that is due.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct ModemQuestion {
    pub(super) cause: ModemReadCause,
}

/// Readings have been stopped.
#[derive(Debug)]
pub(crate) struct ModemStop {
    /// What the record says of it.
    pub(super) account: ModemAccount,
    pub(super) test: HarmTest,
}

/// A drop that lasts.
#[derive(Debug)]
struct DropToRead {
    key: Timestamp,
    /// When the modem is to be read; `None`: it answered already.
    look_at: Option<BootTime>,
    pause: Micros,
    /// It began in the wake of a reading that another drop caused: nothing is read at it or after it, so
    /// that a modem whose reading makes the line drop does not go on for ever.
    is_in_wake: bool,
}

/// What is known of whether there is a modem.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum ModemPresence {
    /// Nothing has answered so far.
    Unseen,
    /// It gave a reading.
    Answers,
    /// It answered, and gives nothing: it wants a password, or is not known.
    Refuses,
}

/// When the modem is read.
#[derive(Debug)]
pub(crate) struct ModemSchedule {
    /// Zero: never.
    every: Micros,
    is_configured: bool,
    presence: ModemPresence,
    next: Option<BootTime>,
    drop: Option<DropToRead>,
    after: Option<BootTime>,
    /// When the reading under way began.
    reading: Option<BootTime>,
    last_end: Option<BootTime>,
    failures: u32,
    is_failure_announced: bool,
    /// The log as it was last read.
    log: Option<Vec<LogEntry>>,
    /// Readings of the last days, without their words.
    recent: Vec<ModemAccount>,
    drops: Vec<(Timestamp, MeasuredDrop)>,
    stopped_until: Option<Timestamp>,
}

impl Default for ModemSchedule {
    /// One that never reads.
    fn default() -> Self {
        Self::new(Duration::ZERO, false)
    }
}

impl ModemSchedule {
    fn new(every: Duration, is_configured: bool) -> Self {
        Self {
            every: every.into(),
            is_configured,
            presence: ModemPresence::Unseen,
            next: None,
            drop: None,
            after: None,
            reading: None,
            last_end: None,
            failures: 0,
            is_failure_announced: false,
            log: None,
            recent: Vec::new(),
            drops: Vec::new(),
            stopped_until: None,
        }
    }

    /// As configured. `before` are the readings of the last days, `drops` the drops.
    pub(super) fn of(
        config: &Config,
        before: Vec<ModemAccount>,
        drops: impl IntoIterator<Item = LinkDrop>,
    ) -> Self {
        let every =
            if config.modem_address().is_some() { config.modem.every } else { Duration::ZERO };
        let mut schedule = Self::new(every, config.modem.is_configured());
        for account in before {
            schedule.remember(account);
        }
        for drop in drops.into_iter().filter(|drop| drop.kind.is_down()) {
            schedule.drops.push((drop.key, MeasuredDrop::of(&drop)));
        }
        schedule.drops.sort_by_key(|(key, _)| *key);
        schedule
    }

    /// Whether a reading is due now.
    pub(super) fn due(&mut self, now: &Reading) -> Option<ModemQuestion> {
        // One that is lost with its thread does not come back.
        self.reading.take_if(|began| now.boot >= *began + READING_AT_MOST);
        if self.every == Micros::ZERO || self.reading.is_some() || self.is_stopped(now.utc) {
            return None;
        }
        let scheduled = *self.next.get_or_insert(now.boot + FIRST_AFTER);
        let has_rested = |pause| self.last_end.is_none_or(|end| now.boot >= end + pause);
        let is_past = |at: Option<BootTime>| at.is_some_and(|at| now.boot >= at);
        // One that was never seen, or wants a password, has nothing to say at a drop.
        let may_ask = self.presence == ModemPresence::Answers;
        let at_drop = self.drop.as_ref().and_then(|drop| drop.look_at);
        let cause = if may_ask && is_past(at_drop) && has_rested(LEAST_BEFORE_DROP) {
            ModemReadCause::Drop
        } else if !has_rested(LEAST_PAUSE) {
            return None;
        } else if may_ask && is_past(self.after) {
            self.after = None;
            ModemReadCause::After
        } else if now.boot >= scheduled && (self.drop.is_none() || !may_ask) {
            ModemReadCause::Scheduled
        } else {
            return None;
        };
        self.reading = Some(now.boot);
        Some(ModemQuestion { cause })
    }

    fn is_stopped(&self, now: Timestamp) -> bool {
        self.stopped_until.is_some_and(|until| now < until)
    }

    /// A reading is over. Leaves in its log what is new; gives what is to be announced.
    pub(super) fn on_reading(
        &mut self,
        now: &Reading,
        account: &mut ModemAccount,
    ) -> Option<Event> {
        self.reading = None;
        self.last_end = Some(now.boot);
        let failure = account.silence().map(|silence| (silence.kind, silence.text.clone()));
        let is_silent = failure.as_ref().is_some_and(|(kind, _)| kind.is_without_page());
        if let ModemWords::Said(said) = &mut account.words {
            self.presence = ModemPresence::Answers;
            if let Some(log) = &mut said.log {
                let whole = std::mem::take(log);
                let before = self.log.as_deref();
                let is_new = |entry: &&LogEntry| !before.is_some_and(|log| log.contains(entry));
                *log = whole.iter().filter(is_new).cloned().collect();
                // Nothing of the one before is left: it was cleared, or more was written than it holds.
                said.log_is_whole = match before {
                    None => true,
                    Some(before) => !before.is_empty() && log.len() == whole.len(),
                };
                self.log = Some(whole);
            }
        } else if !is_silent {
            self.presence = ModemPresence::Refuses;
        }
        if let Some(drop) = &mut self.drop
            && account.cause == ModemReadCause::Drop
        {
            // How long its page is dead is worth knowing.
            drop.look_at = is_silent.then(|| now.boot + drop.pause);
            drop.pause = (drop.pause * 2).min(LONGEST_PAUSE);
        }
        self.failures = if failure.is_none() { 0 } else { self.failures.saturating_add(1) };
        self.next = Some(now.boot + self.pause(is_silent));
        self.remember(account.clone());
        self.failure_event(failure)
    }

    /// Until the next scheduled reading.
    fn pause(&self, is_silent: bool) -> Micros {
        let longest = LONGEST_PAUSE.max(self.every);
        match (self.failures, self.presence) {
            (0, _) => self.every,
            // What was never there, or refuses, is not asked more often.
            (_, ModemPresence::Refuses) => longest,
            (_, ModemPresence::Unseen) if !self.is_configured && is_silent => longest,
            (failures, _) => (self.every * (1 << failures.min(8))).min(longest),
        }
    }

    /// A failure is announced once, and only of a modem that was configured or has been there.
    fn failure_event(&mut self, failure: Option<(ModemSilenceKind, String)>) -> Option<Event> {
        let Some((_, text)) = failure else {
            self.is_failure_announced = false;
            return None;
        };
        // At a drop a dead page is to be expected.
        let is_worth_it = self.drop.is_none() && (self.is_configured || self.failures > 3);
        let was_there = self.is_configured || self.log.as_ref().is_some_and(|log| !log.is_empty());
        let is_news = is_worth_it && was_there && !self.is_failure_announced;
        self.is_failure_announced |= is_news;
        is_news.then_some(Event::ModemFails(text))
    }

    fn remember(&mut self, mut account: ModemAccount) {
        let oldest = account.at - COMPARED;
        if account.silence().is_some_and(|silence| silence.kind == ModemSilenceKind::Stopped) {
            self.stopped_until = Some(account.at + COMPARED);
            return;
        }
        if account.snapshot().is_some() {
            self.presence = ModemPresence::Answers;
        }
        account.words = ModemWords::Said(Box::default());
        self.recent.retain(|before| before.at >= oldest);
        self.recent.push(account);
    }

    /// A drop began, changed or is over. Gives the stop, where drops turn out to follow readings.
    pub(super) fn on_drop(&mut self, drop: &LinkDrop, now: &Reading) -> Option<ModemStop> {
        if self.every == Micros::ZERO {
            return None;
        }
        if !drop.kind.is_down() {
            self.on_withdrawn(drop.key);
            return None;
        }
        let is_new = self.note(drop);
        let is_same = self.drop.as_ref().is_some_and(|open| open.key == drop.key);
        let since_end = drop.end.map(|end| now.utc.since(end.latest));
        match since_end {
            None if is_same => self.after = None,
            None => {
                let is_in_wake = self.is_in_wake(drop.onset);
                let look_at = (!is_in_wake).then_some(now.boot);
                self.after = None;
                self.drop =
                    Some(DropToRead { key: drop.key, look_at, pause: LEAST_PAUSE, is_in_wake });
            }
            Some(since) => {
                let is_in_wake = match self.drop.take_if(|open| open.key == drop.key) {
                    Some(open) => open.is_in_wake,
                    None if !is_new => return None,
                    None => self.is_in_wake(drop.onset),
                };
                if since <= AFTER_END_AT_MOST && !is_in_wake {
                    self.after = Some(now.boot + (AFTER_END - since).max(Micros::ZERO));
                }
            }
        }
        if is_new { self.test(now) } else { None }
    }

    /// A drop was none.
    pub(super) fn on_withdrawn(&mut self, key: Timestamp) {
        self.drop.take_if(|open| open.key == key);
        self.drops.retain(|(known, _)| *known != key);
    }

    /// Whether an onset lies in the wake of a reading that a drop caused.
    fn is_in_wake(&self, onset: Bounds) -> bool {
        self.recent.iter().rev().take(8).any(|account| {
            account.cause != ModemReadCause::Scheduled
                && onset.latest >= account.at
                && onset.earliest <= account.until() + WAKE
        })
    }

    /// Takes note of a drop; whether it was not known.
    fn note(&mut self, drop: &LinkDrop) -> bool {
        let oldest = drop.onset.earliest - COMPARED;
        self.drops.retain(|(_, drop)| drop.end.is_none_or(|end| end.latest >= oldest));
        let is_same = |(key, _): &&mut (Timestamp, MeasuredDrop)| *key == drop.key;
        if let Some((_, known)) = self.drops.iter_mut().find(is_same) {
            *known = MeasuredDrop::of(drop);
            return false;
        }
        self.drops.push((drop.key, MeasuredDrop::of(drop)));
        true
    }

    fn test(&mut self, now: &Reading) -> Option<ModemStop> {
        let from = self.recent.first()?.at;
        let watched = [TimeRange { from, to: now.utc }];
        let drops: Vec<MeasuredDrop> = self.drops.iter().map(|(_, drop)| *drop).collect();
        let harm = drops_after_readings(&drops, &self.recent, &watched);
        if !harm.is_harmful() || self.is_stopped(now.utc) {
            return None;
        }
        self.stopped_until = Some(now.utc + COMPARED);
        self.recent.clear();
        let text = format!(
            "{} of {} drops began within 120 s after a scheduled reading, {:.1} expected by chance",
            harm.after_reading, harm.drops, harm.by_chance
        );
        let silence = ModemSilence { kind: ModemSilenceKind::Stopped, text };
        let account = ModemAccount {
            at: now.utc,
            took: Duration::ZERO,
            cause: ModemReadCause::Drop,
            kind: None,
            clock_fetched: None,
            uptime_fetched: None,
            words: ModemWords::Silent(silence),
        };
        Some(ModemStop { account, test: harm })
    }
}

/// The readings and drops of the last days in a record; none where it cannot be read: then no harm is
/// known.
pub(super) fn before(database: &Path, now: Timestamp) -> (Vec<ModemAccount>, Vec<LinkDrop>) {
    let range = TimeRange { from: now - COMPARED, to: now };
    let read = || -> Result<_, crate::store::Error> {
        let reader = Reader::open(database)?;
        let drops = reader.drops(range)?;
        Ok((reader.modem(range)?, drops.into_iter().map(|stored| stored.drop).collect()))
    };
    read().unwrap_or_default()
}

/// What reads a modem; tests have another.
type ReadsModem = Arc<dyn Fn(&ModemAccess, ModemWant) -> ModemReading + Send + Sync>;

/// The reading itself, on a thread of its own.
pub(super) struct ModemChore {
    address: Option<String>,
    config: ModemConfig,
    reads: ReadsModem,
    chore: Chore<(ModemAccount, Vec<ModemPage>)>,
}

impl ModemChore {
    pub(super) fn new(config: &Config) -> Self {
        let reader = ModemReader::default();
        Self::with(config, Arc::new(move |access, want| reader.read(access, want)))
    }

    fn with(config: &Config, reads: ReadsModem) -> Self {
        let (address, config) = (config.modem_address(), config.modem.clone());
        Self { address, config, reads, chore: Chore::new("modem") }
    }

    /// What a reading gave that is over.
    pub(super) fn finished(&mut self) -> Option<(ModemAccount, Vec<ModemPage>)> {
        self.chore.finished()
    }

    /// Begins a reading.
    pub(super) fn ask(&mut self, question: ModemQuestion, now: Reading) {
        let Some(address) = self.address.clone() else { return };
        let (config, reads) = (self.config.clone(), Arc::clone(&self.reads));
        self.chore.start(move || read(address, &config, question.cause, now, &reads));
    }

    #[cfg(test)]
    pub(super) fn wait(&self) {
        self.chore.wait();
    }
}

fn read(
    address: String,
    config: &ModemConfig,
    cause: ModemReadCause,
    now: Reading,
    reads: &ReadsModem,
) -> (ModemAccount, Vec<ModemPage>) {
    let password = match config.password() {
        Ok(password) => password,
        Err(error) => {
            let silence =
                ModemSilence { kind: ModemSilenceKind::LoginNeeded, text: describe(&error) };
            let account = ModemAccount {
                at: now.utc,
                took: Duration::ZERO,
                cause,
                kind: config.kind,
                clock_fetched: None,
                uptime_fetched: None,
                words: ModemWords::Silent(silence),
            };
            return (account, Vec::new());
        }
    };
    let user = config.user.clone();
    let access = ModemAccess { address, kind: config.kind, user, password };
    let want = match cause {
        ModemReadCause::Scheduled => ModemWant::Everything,
        ModemReadCause::Drop | ModemReadCause::After => ModemWant::LogFirst,
    };
    reads(&access, want).account(cause)
}

#[cfg(test)]
mod tests;
