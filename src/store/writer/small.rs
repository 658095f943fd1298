//! The small rows beside samples and drops: they wait in memory and in the journal for the next
//! commit. Notes alone are written at once.

use super::{Error, Writer};
use crate::store::impairment::ImpairmentRow;
use crate::store::table::Pending;
use crate::time::{Reading, Timestamp};
use crate::vocabulary::{Gap, HostEvent, Impairment, NoteDraft, NoteKind, TargetTrouble, Traffic};

impl Writer {
    /// Stores a gap with the next commit; one of the same beginning is replaced.
    pub fn put_gap(&mut self, gap: &Gap) {
        self.put_pending(Pending::gap(gap));
    }

    /// Stores target trouble with the next commit; that of the same target and beginning is
    /// replaced.
    pub fn put_trouble(&mut self, trouble: &TargetTrouble) {
        self.put_pending(Pending::trouble(trouble));
    }

    /// Stores an impairment with the next commit; that of the same identity is replaced.
    pub fn put_impairment(&mut self, impairment: &Impairment) {
        self.put_pending(Pending::Impairment(ImpairmentRow::new(impairment)));
    }

    /// Stores this host's traffic of a minute with the next commit.
    pub fn put_traffic(&mut self, traffic: &Traffic) {
        self.put_pending(Pending::Traffic(traffic.clone()));
    }

    /// Stores an event of the host with the next commit; the same event twice is one.
    pub fn put_event(&mut self, event: &HostEvent) {
        let time_us = event.at.utc.as_micros();
        self.put_pending(Pending::Event { time_us, what: event.what.clone() });
    }

    /// Stores a note about `at` at once and gives its number.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn put_note(&mut self, at: Timestamp, text: &str, now: Reading) -> Result<i64, Error> {
        let draft = NoteDraft { at, kind: NoteKind::Other, ticket: None, text: text.to_owned() };
        crate::store::note::insert(&self.db, &draft, now.utc)
            .map_err(|e| Error::sqlite("add a note to database", &self.path, e))
    }

    fn put_pending(&mut self, row: Pending) {
        self.pending.retain(|earlier| !earlier.is_replaced_by(&row));
        self.pending.push(row);
    }
}
