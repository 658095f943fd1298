//! The small rows besides samples and drops: they wait in memory and in the journal for the next
//! commit. Only notes are written at once.

use super::Writer;
use crate::store::error::Error;
use crate::store::tables::{GapRow, WaitingRow, note};
use crate::time::{Reading, Timestamp};
use crate::vocabulary::{
    Gap, HostEvent, Impairment, NoteDraft, NoteKind, PathRound, RosterChange, StationSeen,
    TargetTrouble, Traffic, WayChange,
};

const DAY_US: i64 = 86_400_000_000;
/// Events of one day that are stored: a megabyte.
const EVENTS_A_DAY: u32 = 10_000;

impl Writer {
    /// Stores a gap with the next commit; one with the same start is replaced.
    pub fn put_gap(&mut self, gap: &Gap) {
        self.waiting.put_row(WaitingRow::Gap(gap.into()));
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

    /// Stores an impairment with the next commit; that of the same identity is replaced.
    pub fn put_impairment(&mut self, impairment: &Impairment) {
        self.waiting.put_row(WaitingRow::Impairment(impairment.into()));
    }

    /// Stores this host's traffic of a minute with the next commit.
    pub fn put_traffic(&mut self, traffic: &Traffic) {
        self.waiting.put_row(WaitingRow::Traffic(traffic.clone()));
    }

    /// Stores an event of the host with the next commit; the same event twice is one. A flapping
    /// interface fills no disk: no more than 10,000 a day (UTC) are stored.
    pub fn put_event(&mut self, event: &HostEvent) {
        let day = event.at.utc.as_micros().div_euclid(DAY_US);
        let (counted, events) = &mut self.events_today;
        if *counted != day {
            (*counted, *events) = (day, 0);
        }
        *events += 1;
        if *events > EVENTS_A_DAY {
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
