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

    /// Whether the link came up since last asked.
    pub(super) fn came_up(&mut self) -> bool {
        std::mem::take(&mut self.came_up)
    }
}
