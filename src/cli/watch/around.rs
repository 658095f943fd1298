//! The time around a drop that is shown probe by probe. Pure.

use std::time::Duration;

use super::facts::{WatchFacts, length_of};
use super::strip::{CELL_SECONDS, StripGrid, cell_for};
use super::view::{DropView, OnTop, ViewState};
use crate::text::columns::width;
use crate::vocabulary::{StoredDrop, Target};

/// What is shown before and after the drop, at least.
const MARGIN: Duration = Duration::from_secs(15);

/// The columns and the time that they show.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct AroundDrop {
    /// Columns of the names.
    pub(super) name: u16,
    /// Which of [`CELL_SECONDS`] a mark stands for.
    pub(super) cell: usize,
    /// The columns of the strips.
    pub(super) grid: StripGrid,
    /// Their number.
    pub(super) columns: u16,
}

impl AroundDrop {
    /// Of a drop in a picture so wide.
    pub(super) fn of(facts: &WatchFacts, stored: &StoredDrop, view: DropView, room: u16) -> Self {
        let names = facts.targets.iter().map(|target| width(&target.name)).max().unwrap_or(0);
        let name = u16::try_from(names).unwrap_or(u16::MAX).clamp(4, (room / 4).clamp(6, 24));
        let columns = room.saturating_sub(name + 3);
        let count = usize::from(columns);
        let shown = length_of(stored, &facts.status) + 2 * MARGIN;
        let cell = view.cell.unwrap_or_else(|| cell_for(shown, count));
        let cell_s = CELL_SECONDS[cell];
        let before = MARGIN.max(Duration::from_secs(u64::from(cell_s) * 4));
        let half = i64::from(cell_s) * i64::from(columns / 2) * 1_000_000;
        let start =
            (stored.drop.onset.midpoint() - before).plus_micros(view.halves.saturating_mul(half));
        Self { name, cell, grid: StripGrid::starting(start, cell_s, count), columns }
    }
}

/// The drop that lies on top of the picture.
pub(super) fn shown_drop<'a>(
    facts: &'a WatchFacts,
    view: &ViewState,
) -> Option<(DropView, &'a StoredDrop)> {
    let OnTop::Drop(drop) = view.on_top else { return None };
    Some((drop, facts.drops.find(drop.id)?))
}

/// The targets that were probed then, from the host outwards.
pub(super) fn probed(facts: &WatchFacts) -> Vec<&Target> {
    let mut probed: Vec<_> = facts
        .around
        .targets()
        .filter_map(|id| facts.targets.iter().find(|target| target.id == id))
        .collect();
    probed.sort_by_key(|target| (target.role, target.kind, target.is_v6(), target.id));
    probed
}
