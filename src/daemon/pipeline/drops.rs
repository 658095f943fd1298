//! The drops that the pipeline knows: each is announced once when it begins and once when it is
//! over, and counts in the status for a day.

use std::collections::BTreeMap;

use super::names::name_of;
use crate::detect::Change;
use crate::live::{DropDetail, DropStatus, Event, Witnesses};
use crate::time::Timestamp;
use crate::vocabulary::{LinkDrop, Target, TargetId};

/// Whether something has been announced.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Announced {
    No,
    Yes,
}

/// The drops of the last day, and those that could not be stored.
#[derive(Debug, Default)]
pub(super) struct KnownDrops {
    known: BTreeMap<Timestamp, KnownDrop>,
    /// Drops that could not be stored, by key.
    pub(super) unsaved: BTreeMap<Timestamp, LinkDrop>,
    /// The last one that is over, blips left out.
    pub(super) last: Option<DropStatus>,
}

#[derive(Debug)]
struct KnownDrop {
    id: i64,
    drop: LinkDrop,
    began: Announced,
    ended: Announced,
}

impl KnownDrops {
    /// Takes note of a drop. `announced` says whether the audience of the previous daemon heard of
    /// it.
    pub(super) fn remember(&mut self, id: i64, drop: LinkDrop, announced: Announced) {
        if drop.kind.is_down() && drop.end.is_some() {
            let onset = drop.onset.midpoint();
            if self.last.as_ref().is_none_or(|last| last.onset <= onset) {
                self.last = Some(DropStatus::new(id, &drop));
            }
        }
        let ended = if drop.end.is_some() { announced } else { Announced::No };
        let fresh = KnownDrop { id, drop: drop.clone(), began: announced, ended };
        let known = self.known.entry(drop.key).or_insert(fresh);
        known.id = id;
        known.drop = drop;
    }

    /// A drop is stored under this number: gives the event to announce, if there is one.
    pub(super) fn stored(&mut self, id: i64, drop: LinkDrop, targets: &[Target]) -> Option<Event> {
        let key = drop.key;
        self.unsaved.remove(&key);
        self.remember(id, drop, Announced::No);
        let known = self.known.get_mut(&key)?;
        let ended = if known.drop.end.is_some() { Announced::Yes } else { Announced::No };
        let before = (known.began, known.ended);
        if !known.drop.kind.is_down() {
            // Late replies made a blip of a drop that had been announced.
            known.began = Announced::No;
            return (before.0 == Announced::Yes).then_some(Event::DropWithdrawn { id });
        }
        // One that goes on after its end was announced (it flaps) is announced again when it is over.
        (known.began, known.ended) = (Announced::Yes, ended);
        let (status, drop) = (DropStatus::new(id, &known.drop), known.drop.clone());
        let event = |drop| {
            let witnesses = witnesses(targets, &drop);
            Some(Box::new(DropDetail { drop, witnesses }))
        };
        match (ended, before) {
            (Announced::No, (Announced::No, _) | (_, Announced::Yes)) => {
                Some(Event::DropBegan { drop: status, detail: event(drop) })
            }
            (Announced::Yes, (_, Announced::No)) => {
                Some(Event::DropEnded { drop: status, detail: event(drop) })
            }
            _ => None,
        }
    }

    /// A drop was none: gives the event to announce, if it had been announced.
    pub(super) fn withdrawn(&mut self, key: Timestamp) -> Option<Event> {
        self.unsaved.remove(&key);
        let known = self.known.remove(&key)?;
        (known.began == Announced::Yes).then_some(Event::DropWithdrawn { id: known.id })
    }

    /// Late replies to the first probes of a drop leave a shorter drop with another key, in place of
    /// the one withdrawn under the key `before`: it is the same drop and keeps its number. Takes it
    /// out of the changes.
    pub(super) fn moved(
        &mut self,
        before: Timestamp,
        changes: &mut Vec<Change>,
    ) -> Option<LinkDrop> {
        let end = self.known.get(&before)?.drop.end;
        let is_rest = |change: &Change| match change {
            Change::DropPut(drop) => {
                drop.key > before
                    && end.is_none_or(|end| drop.key < end.latest)
                    && !self.known.contains_key(&drop.key)
            }
            _ => false,
        };
        let at = changes.iter().position(is_rest)?;
        let Change::DropPut(drop) = changes.remove(at) else { return None };
        changes.retain(|change| *change != Change::DropWithdrawn(before));
        self.unsaved.remove(&before);
        if let Some(known) = self.known.remove(&before) {
            self.known.insert(drop.key, known);
        }
        Some(drop)
    }

    /// The drop that lasts, as a status has it.
    pub(super) fn open(&self, open: &LinkDrop) -> Option<DropStatus> {
        Some(DropStatus::new(self.known.get(&open.key)?.id, open))
    }

    /// Forgets drops that ended before `oldest`; counts those that began after it, blips left out.
    pub(super) fn count_since(&mut self, oldest: Timestamp) -> u32 {
        self.known.retain(|_, k| k.drop.end.is_none_or(|end| end.latest >= oldest));
        let counts = |k: &&KnownDrop| k.drop.kind.is_down() && k.drop.onset.latest >= oldest;
        u32::try_from(self.known.values().filter(counts).count()).unwrap_or(u32::MAX)
    }
}

fn witnesses(targets: &[Target], drop: &LinkDrop) -> Witnesses {
    let names = |ids: &[TargetId]| ids.iter().map(|id| name_of(targets, *id)).collect();
    Witnesses { answered: names(&drop.answered), silent: names(&drop.silent) }
}
