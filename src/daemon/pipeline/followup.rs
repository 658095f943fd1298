//! What follows when the judge has found something: it is stored, then announced.

use super::Pipeline;
use super::names::name_of;
use crate::detect::Change;
use crate::live::Event;
use crate::store;
use crate::time::Timestamp;
use crate::vocabulary::{Impairment, LinkDrop};

impl Pipeline<'_> {
    pub(super) fn follow_up(&mut self) {
        let mut changes = self.judge.changes();
        self.follow_false_witnesses();
        self.follow_deciding();
        self.follow_moves(&mut changes);
        for change in changes {
            match change {
                Change::DropPut(drop) => self.put_drop(drop),
                Change::DropWithdrawn(key) => self.withdraw_drop(key),
                Change::GapFound(gap) => {
                    self.record.writer.put_gap(&gap);
                    self.tell_gap(&gap);
                    self.announce(&Event::Gap(gap));
                }
                Change::GapGrew(gap) => {
                    self.record.writer.put_gap(&gap);
                    self.tell_gap(&gap);
                }
                Change::GapWithdrawn(from) => {
                    self.record.writer.withdraw_gap(from);
                    self.tell_gap_withdrawn(from);
                }
                Change::TroublePut(trouble) => {
                    self.record.writer.put_trouble(&trouble);
                    let name = name_of(&self.targets.current, trouble.target);
                    self.announce(&Event::TargetTrouble { name, trouble });
                }
                Change::ImpairmentPut(impairment) => self.put_impairment(&impairment),
                Change::State { .. } if self.ways.is_apart() => {}
                Change::State { from, to, at } => {
                    let event = self.state.changed(from, to, at);
                    self.announce_all(event);
                }
            }
        }
    }

    pub(in crate::daemon) fn put_impairment(&mut self, impairment: &Impairment) {
        self.record.writer.put_impairment(impairment);
        let ever = &self.targets.ever;
        let event = self.impairments.event(impairment, self.now.utc, &|id| name_of(ever, id));
        self.announce_all(event);
    }

    pub(super) fn follow_moves(&mut self, changes: &mut Vec<Change>) {
        let withdrawn = |change: &Change| match change {
            Change::DropWithdrawn(key) => Some(*key),
            _ => None,
        };
        let withdrawn: Vec<Timestamp> = changes.iter().filter_map(withdrawn).collect();
        for before in withdrawn {
            if let Some(drop) = self.drops.moved(before, changes) {
                self.put_paths(&drop);
                self.tell_moved(before, &drop);
                let result = self.record.writer.move_drop(before, &drop);
                self.after_put(drop, result);
            }
        }
    }

    pub(super) fn put_drop(&mut self, drop: LinkDrop) {
        self.put_paths(&drop);
        self.tell_drop(&drop);
        let result = self.record.writer.put_drop(&drop);
        self.after_put(drop, result);
    }

    /// What was asked of the path belongs to the drop: it is written with it.
    fn put_paths(&mut self, drop: &LinkDrop) {
        for round in self.paths.on_drop(drop, &self.now) {
            self.record.writer.put_path(&round);
        }
    }

    pub(super) fn after_put(&mut self, drop: LinkDrop, result: Result<i64, store::Error>) {
        if result.is_ok() {
            self.messages.committed();
        }
        match result {
            // It is in the record, and no drop of the line.
            Ok(_) if self.ways.was_apart(drop.onset.midpoint()) => {
                self.drops.unsaved.remove(&drop.key);
            }
            Ok(id) => {
                self.modem_on_drop(&drop);
                let event = self.drops.stored(id, drop, &self.targets.ever);
                self.announce_all(event);
            }
            Err(problem) => {
                self.drops.unsaved.insert(drop.key, drop);
                self.storing_failed(&problem);
            }
        }
    }

    pub(super) fn withdraw_drop(&mut self, key: Timestamp) {
        self.paths.on_withdrawn(key);
        self.modem.on_withdrawn(key);
        self.tell_withdrawn(key);
        let result = self.record.writer.withdraw_drop(key);
        if result.is_ok() {
            self.messages.committed();
        }
        self.check(result);
        let event = self.drops.withdrawn(key);
        self.announce_all(event);
    }
}
