//! How the time since the start was spent: in which state of the link, and with which medium under
//! the probes. Unlike a state that is looked at every now and then, a sum of time hides nothing that
//! was between two looks. Pure.

use std::collections::BTreeMap;
use std::time::Duration;

use super::status::Status;
use crate::vocabulary::{LinkState, Medium};

/// A second that took longer was not one: the host slept, or nothing ran. What the link was
/// meanwhile is not known.
const LONGEST_SECOND: Duration = Duration::from_secs(10);

/// Time by state and by medium. Sums never fall.
#[derive(Debug, Clone, Default)]
pub struct TimeSpent {
    states: BTreeMap<LinkState, Duration>,
    media: BTreeMap<Medium, Duration>,
}

impl TimeSpent {
    /// So much time has passed, at the end of which `status` was true.
    pub(super) fn on_second(&mut self, status: &Status, step: Duration) {
        let is_known = step <= LONGEST_SECOND;
        let state = if is_known { status.state } else { LinkState::Unknown };
        *self.states.entry(state).or_default() += step;
        if let Some(way) = status.way.as_ref().filter(|_| is_known) {
            *self.media.entry(way.medium).or_default() += step;
        }
    }

    /// Time in a state, as judged in each second: the first seconds of a drop were suspect, and a
    /// drop that was found later or withdrawn moves nothing. The states together are the time
    /// elapsed.
    pub fn in_state(&self, state: LinkState) -> Duration {
        self.states.get(&state).copied().unwrap_or_default()
    }

    /// Time in which packets left by this medium.
    pub fn by_medium(&self, medium: Medium) -> Duration {
        self.media.get(&medium).copied().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::live::WayStatus;
    use crate::time::Timestamp;

    fn status(state: LinkState, medium: Option<Medium>) -> Status {
        let way = medium.map(|medium| WayStatus {
            interface: "eth0".to_owned(),
            medium,
            gateway: None,
            avoids: None,
            is_line: true,
            since: None,
        });
        Status { state, way, ..Status::of_start(Timestamp::default()) }
    }

    #[test]
    fn states_together_are_the_time_elapsed_and_sleep_is_not_known() {
        let mut spent = TimeSpent::default();
        let second = Duration::from_secs(1);
        for (state, medium, step) in [
            (LinkState::Up, Some(Medium::Cable), second),
            (LinkState::Up, Some(Medium::Wifi), second / 2),
            (LinkState::Down, None, second),
            (LinkState::Up, Some(Medium::Wifi), second * 3_600),
        ] {
            spent.on_second(&status(state, medium), step);
        }
        assert_eq!(spent.in_state(LinkState::Up), second * 3 / 2);
        assert_eq!(spent.in_state(LinkState::Down), second);
        assert_eq!(spent.in_state(LinkState::Unknown), second * 3_600);
        let all: Duration = LinkState::ALL.into_iter().map(|state| spent.in_state(state)).sum();
        assert_eq!(all, second * 3_602 + second / 2);
        assert_eq!(spent.by_medium(Medium::Cable), second);
        assert_eq!(spent.by_medium(Medium::Wifi), second / 2);
        assert_eq!(spent.by_medium(Medium::Tunnel), Duration::ZERO);
    }
}
