//! When the link is announced to be up again.

use crate::live::Event;
use crate::time::Timestamp;
use crate::vocabulary::LinkState;

/// The state of the link, as announced.
#[derive(Debug, Default)]
pub(super) struct AnnouncedState {
    /// Since when the link was last announced to be up.
    up_since: Option<Timestamp>,
    came_up: bool,
    /// Whether the router answers by another way.
    by_another_way: bool,
}

impl AnnouncedState {
    /// The state changed: gives the event to announce. A second of silence is not worth one, and
    /// neither is its end.
    pub(super) fn changed(
        &mut self,
        from: LinkState,
        to: LinkState,
        at: Timestamp,
    ) -> Option<Event> {
        if to == LinkState::Up && self.up_since.replace(at) == Some(at) {
            return None;
        }
        self.came_up |= to == LinkState::Up && from != LinkState::Unknown;
        Some(Event::State { from, to, at })
    }

    /// The router may have moved to another line, or the line to another first hop of the ISP: that is
    /// looked for when it begins.
    pub(super) fn follow_way(&mut self, by_another_way: bool) {
        self.came_up |= by_another_way && !self.by_another_way;
        self.by_another_way = by_another_way;
    }

    /// Whether the link came up since last asked.
    pub(super) fn came_up(&mut self) -> bool {
        std::mem::take(&mut self.came_up)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hops_are_looked_for_when_another_way_begins_and_not_while_it_lasts() {
        let mut state = AnnouncedState::default();
        let asks: Vec<_> = [false, true, true, false, true]
            .map(|other| {
                state.follow_way(other);
                state.came_up()
            })
            .to_vec();
        assert_eq!(asks, [false, true, false, false, true]);
    }
}
