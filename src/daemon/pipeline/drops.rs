//! What the pipeline does with drops: stored first, told second, each told once when it begins and
//! once when it is over.

use super::{Pipeline, name_of};
use crate::detect::Change;
use crate::live::DropStatus;
use crate::live::{Notice, Over, Witnesses};
use crate::store;
use crate::time::Timestamp;
use crate::vocabulary::{DropKind, LinkDrop, Target, TargetId};

/// A drop as the pipeline knows it.
pub(super) struct Known {
    pub(super) id: i64,
    pub(super) drop: LinkDrop,
    told_open: Over,
    told_closed: Over,
}

impl Pipeline<'_> {
    /// Late replies to the first probes of a drop leave a shorter drop with another key: it is the
    /// same drop and keeps its number.
    pub(super) fn follow_moves(&mut self, changes: &mut Vec<Change>) {
        let gone: Vec<Timestamp> = changes
            .iter()
            .filter_map(|change| match change {
                Change::DropWithdrawn(key) => Some(*key),
                _ => None,
            })
            .collect();
        for before in gone {
            let Some(end) = self.known.get(&before).map(|known| known.drop.end) else { continue };
            let is_rest = |change: &Change| match change {
                Change::DropPut(drop) => {
                    drop.key > before
                        && end.is_none_or(|end| drop.key < end.latest)
                        && !self.known.contains_key(&drop.key)
                }
                _ => false,
            };
            let Some(at) = changes.iter().position(is_rest) else { continue };
            let Change::DropPut(drop) = changes.remove(at) else { continue };
            changes.retain(|change| *change != Change::DropWithdrawn(before));
            self.unsaved.remove(&before);
            if let Some(known) = self.known.remove(&before) {
                self.known.insert(drop.key, known);
            }
            let result = self.writer.move_drop(before, &drop);
            self.after_put(drop, result);
        }
    }

    /// Stored first, told second.
    pub(super) fn put_drop(&mut self, drop: LinkDrop) {
        let result = self.writer.put_drop(&drop);
        self.after_put(drop, result);
    }

    fn after_put(&mut self, drop: LinkDrop, result: Result<i64, store::Error>) {
        match result {
            Ok(id) => {
                self.unsaved.remove(&drop.key);
                self.remember_and_tell(id, drop);
            }
            Err(problem) => {
                self.unsaved.insert(drop.key, drop);
                self.check_storage(Some(problem));
            }
        }
    }

    fn remember_and_tell(&mut self, id: i64, drop: LinkDrop) {
        let key = drop.key;
        self.remember(id, drop, Over::No);
        let Some(known) = self.known.get_mut(&key) else { return };
        let over = if known.drop.end.is_some() { Over::Yes } else { Over::No };
        let told = (known.told_open, known.told_closed);
        if known.drop.kind == DropKind::Blip {
            // Late replies made a drop that was told a blip.
            known.told_open = Over::No;
            if told.0 == Over::Yes {
                self.audience.notice(&Notice::DropWithdrawn { id });
            }
            return;
        }
        // One that goes on after its end was told (it flaps) is told again when it is over.
        (known.told_open, known.told_closed) = (Over::Yes, over);
        let drop = Box::new(known.drop.clone());
        let witnesses = witnesses(&self.ever, &drop);
        let news = match (over, told) {
            (Over::No, (Over::No, _) | (_, Over::Yes)) => Notice::DropBegan { id, drop, witnesses },
            (Over::Yes, (_, Over::No)) => Notice::DropEnded { id, drop, witnesses },
            _ => return,
        };
        self.audience.notice(&news);
    }

    /// `told` is whether those that are listening to a former life of the daemon heard of it.
    pub(super) fn remember(&mut self, id: i64, drop: LinkDrop, told: Over) {
        if drop.kind != DropKind::Blip && drop.end.is_some() {
            let newer =
                self.last_drop.as_ref().is_none_or(|last| last.onset <= drop.onset.midpoint());
            if newer {
                self.last_drop = Some(DropStatus::of(id, &drop));
            }
        }
        let told_closed = if drop.end.is_some() { told } else { Over::No };
        let fresh = Known { id, drop: drop.clone(), told_open: told, told_closed };
        let known = self.known.entry(drop.key).or_insert(fresh);
        known.id = id;
        known.drop = drop;
    }

    pub(super) fn withdraw(&mut self, key: Timestamp) {
        self.unsaved.remove(&key);
        let result = self.writer.withdraw_drop(key);
        self.check_storage(result.err());
        if let Some(known) = self.known.remove(&key)
            && known.told_open == Over::Yes
        {
            self.audience.notice(&Notice::DropWithdrawn { id: known.id });
        }
    }
}

fn witnesses(targets: &[Target], drop: &LinkDrop) -> Witnesses {
    let names = |ids: &[TargetId]| ids.iter().map(|id| name_of(targets, *id)).collect();
    Witnesses { answered: names(&drop.answered), silent: names(&drop.silent) }
}
