//! The small rows besides samples and drops: they wait in memory and in the journal for the next
//! commit. Only notes are written at once.

use std::collections::BTreeSet;

use super::Writer;
use crate::store::error::Error;
use crate::store::tables::{GapRow, WaitingRow, keep_pages, note};
use crate::time::{Reading, TimeRange, Timestamp};
use crate::vocabulary::{
    Gap, HostEvent, Impairment, ModemAccount, ModemPageKept, NoteDraft, NoteKind, PathRound,
    RosterChange, StationSeen, StoredMessage, TargetId, TargetTrouble, Traffic, WayChange,
};

const DAY_US: i64 = 86_400_000_000;
/// Events of one day that are stored: a megabyte.
const EVENTS_A_DAY: usize = 10_000;
/// Gaps of one day that are stored: a third of a megabyte.
const GAPS_A_DAY: usize = 5_000;
/// Impairments of one day that are stored: a megabyte.
const IMPAIRMENTS_A_DAY: usize = 2_000;
/// Messages of one day that are stored: a third of a megabyte.
const MESSAGES_A_DAY: usize = 1_000;

/// What was stored of a day, so that nothing that goes wrong all the time fills the disk.
#[derive(Debug, Default)]
pub(super) struct StoredToday {
    /// Since 1970, UTC.
    day: i64,
    events: usize,
    /// By their start, Unix microseconds.
    gaps: BTreeSet<i64>,
    last_gap: Option<Gap>,
    impairments: BTreeSet<(i64, &'static str, Option<TargetId>)>,
    messages: usize,
}

impl StoredToday {
    /// Begins anew on another day.
    fn on(&mut self, at: Timestamp) -> &mut Self {
        let day = at.as_micros().div_euclid(DAY_US);
        if self.day != day {
            *self = Self { day, ..Self::default() };
        }
        self
    }
}

impl Writer {
    /// Stores a gap with the next commit; one with the same start is replaced. Of more than 5,000 in a
    /// day (UTC) the last is stretched over those that follow: what lies between them is then not known
    /// either, and none counts as watched.
    pub fn put_gap(&mut self, gap: &Gap) {
        let today = self.today.on(gap.range.to);
        let start = gap.range.from.as_micros();
        let is_full = today.gaps.len() >= GAPS_A_DAY;
        let stored = match &today.last_gap {
            Some(last)
                if is_full
                    && (last.range.from == gap.range.from || !today.gaps.contains(&start)) =>
            {
                let range = TimeRange { to: gap.range.to.max(last.range.to), ..last.range };
                Gap { range, reason: last.reason }
            }
            _ => gap.clone(),
        };
        today.gaps.insert(stored.range.from.as_micros());
        self.waiting.put_row(WaitingRow::Gap((&stored).into()));
        today.last_gap = Some(stored);
    }

    /// The gap from `from` on turned out not to be one: it goes with the next commit.
    pub fn withdraw_gap(&mut self, from: Timestamp) {
        self.waiting.put_row(WaitingRow::Gap(GapRow::withdrawn(from)));
    }

    /// Stores target trouble with the next commit; that of the same target and start is
    /// replaced.
    pub fn put_trouble(&mut self, trouble: &TargetTrouble) {
        self.waiting.put_row(WaitingRow::Trouble(trouble.into()));
    }

    /// Stores an impairment with the next commit; that of the same identity is replaced. No more than
    /// 2,000 a day (UTC, by their latest sign) are stored.
    pub fn put_impairment(&mut self, impairment: &Impairment) {
        let seen = impairment.end.map_or(impairment.onset.latest, |end| end.latest);
        let identities = &mut self.today.on(seen).impairments;
        let (key, kind, target) = impairment.identity();
        let identity = (key.as_micros(), kind, target);
        if identities.len() >= IMPAIRMENTS_A_DAY && !identities.contains(&identity) {
            return;
        }
        identities.insert(identity);
        self.waiting.put_row(WaitingRow::Impairment(impairment.into()));
    }

    /// Stores this host's traffic of a minute with the next commit.
    pub fn put_traffic(&mut self, traffic: &Traffic) {
        self.waiting.put_row(WaitingRow::Traffic(traffic.clone()));
    }

    /// Stores an event of the host with the next commit; the same event twice is one. A flapping
    /// interface fills no disk: no more than 10,000 a day (UTC) are stored.
    pub fn put_event(&mut self, event: &HostEvent) {
        let today = self.today.on(event.at.utc);
        today.events += 1;
        if today.events > EVENTS_A_DAY {
            return;
        }
        self.waiting.put_row(WaitingRow::Event(event.into()));
    }

    /// Stores with the next commit which targets are in use, and which may vote; what is stored of
    /// the same instant is replaced.
    pub fn put_roster(&mut self, change: &RosterChange) {
        self.waiting.put_row(WaitingRow::Roster(change.into()));
    }

    /// Stores with the next commit by which way packets leave this computer; what is stored of the
    /// same family and instant is replaced.
    pub fn put_way(&mut self, change: &WayChange) {
        self.waiting.put_row(WaitingRow::Way(change.into()));
    }

    /// Stores the path at a moment of a drop with the next commit; that of a drop comes with it.
    pub fn put_path(&mut self, round: &PathRound) {
        self.waiting.put_row(WaitingRow::Path(round.into()));
    }

    /// Stores with the next commit what a Wi-Fi interface is connected to.
    pub fn put_station(&mut self, seen: &StationSeen) {
        self.waiting.put_row(WaitingRow::Station(seen.clone()));
    }

    /// Stores a reading of the modem with the next commit.
    pub fn put_modem(&mut self, account: &ModemAccount) {
        self.waiting.put_row(WaitingRow::Modem(account.into()));
    }

    /// Stores a message with the next commit, that of the drop that it tells if it is put before it; one
    /// whose key is in the record stays as it is. No more than 1,000 a day (UTC) are stored.
    pub fn put_message(&mut self, message: &StoredMessage) {
        let today = self.today.on(message.message.at);
        today.messages += 1;
        if today.messages <= MESSAGES_A_DAY {
            self.waiting.put_row(WaitingRow::Message(message.clone()));
        }
    }

    /// Stores pages of the modem at once: they are too long for the journal. No more than 4 MB a day
    /// (UTC) are stored, compressed.
    ///
    /// # Errors
    /// If they cannot be written.
    pub fn put_modem_pages(&mut self, pages: &[ModemPageKept]) -> Result<(), Error> {
        self.file
            .at_once(|db| keep_pages(db, pages))
            .map_err(|e| self.file.failed("keep pages of the modem in database", e))
    }

    /// Stores a note about `at` at once; returns its number.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn put_note(&mut self, at: Timestamp, text: &str, now: Reading) -> Result<i64, Error> {
        let draft = NoteDraft { at, kind: NoteKind::Other, ticket: None, text: text.to_owned() };
        note::insert(&self.file.db, &draft, now.utc)
            .map_err(|e| self.file.failed("add a note to database", e))
    }
}
