//! Probes sent while the link was up: what is lost of them is loss; the rest is drops.
//!
//! Whether a probe fell into a drop is known only once a drop would have been found, so that each
//! waits for that. Pure.

use std::collections::VecDeque;
use std::time::Duration;

use super::status::Status;
use crate::time::Timestamp;
use crate::vocabulary::{LinkState, TargetId};

/// A probe waits this long: a loss takes seconds to be one, and a drop seconds to be found.
const SETTLED_AFTER: Duration = Duration::from_secs(30);

/// Probes this near to a drop may be of it: its bounds are those of two probes.
const MARGIN: Duration = Duration::from_secs(3);

/// Probes whose time is not judged yet, and the time of late in which the link was not up.
#[derive(Debug, Clone, Default)]
pub(super) struct OutsideDrops {
    waiting: VecDeque<WaitingProbe>,
    not_up: VecDeque<NotUp>,
}

/// A probe that was sent.
#[derive(Debug, Clone, Copy)]
struct WaitingProbe {
    target: TargetId,
    sent_at: Timestamp,
    lost: u64,
}

/// Time in which the link was down, disputed or not known.
#[derive(Debug, Clone, Copy)]
struct NotUp {
    from: Timestamp,
    to: Option<Timestamp>,
}

impl NotUp {
    fn has(&self, at: Timestamp) -> bool {
        self.from - MARGIN <= at && self.to.is_none_or(|to| at <= to + MARGIN)
    }
}

impl OutsideDrops {
    /// A probe was sent; `lost` is 1 if it was lost, else 0.
    pub(super) fn on_probe(&mut self, target: TargetId, sent_at: Timestamp, lost: u64) {
        self.waiting.push_back(WaitingProbe { target, sent_at, lost });
    }

    /// A second has passed. `count` is called for each probe that was sent while the link was up, with
    /// its target and 1 if it was lost, else 0.
    pub(super) fn on_second(&mut self, status: &Status, mut count: impl FnMut(TargetId, u64)) {
        let since = status.since.unwrap_or(status.at);
        let open = self.not_up.back_mut().filter(|span| span.to.is_none());
        match (status.state, open) {
            // A silence that is not long enough yet: it becomes a drop from its start on, or none.
            (LinkState::Suspect, _) | (LinkState::Up, None) => {}
            (LinkState::Up, Some(span)) => span.to = Some(since),
            (_, Some(span)) => span.from = span.from.min(since),
            (_, None) => self.not_up.push_back(NotUp { from: since, to: None }),
        }
        let settled = status.at - SETTLED_AFTER;
        self.waiting.retain(|probe| {
            let waits = settled < probe.sent_at;
            if !waits && !self.not_up.iter().any(|span| span.has(probe.sent_at)) {
                count(probe.target, probe.lost);
            }
            waits
        });
        let over = settled - MARGIN - SETTLED_AFTER;
        self.not_up.retain(|span| span.to.is_none_or(|to| over < to));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const START: i64 = 1_800_000_000;

    fn at(s: i64) -> Timestamp {
        Timestamp::from_seconds(START + s)
    }

    fn status(now: i64, state: LinkState, since: i64) -> Status {
        Status {
            at: at(now),
            pid: 1,
            started: at(0),
            state,
            since: Some(at(since)),
            ..Status::of_start(at(now))
        }
    }

    /// A probe each second, lost where `is_lost` says so; the state of each second with its start.
    fn counted(
        seconds: i64,
        is_lost: impl Fn(i64) -> bool,
        state: impl Fn(i64) -> (LinkState, i64),
    ) -> [u64; 2] {
        let mut outside = OutsideDrops::default();
        let mut sums = [0; 2];
        for s in 0..seconds {
            outside.on_probe(TargetId(1), at(s), u64::from(is_lost(s)));
            let (state, since) = state(s);
            outside.on_second(&status(s, state, since), |_, lost| {
                sums[0] += 1;
                sums[1] += lost;
            });
        }
        sums
    }

    #[test]
    fn a_clean_drop_has_no_loss_outside_of_it_however_long_it_is() {
        for length in [5, 18, 60, 600] {
            let end = 100 + length;
            let [sent, lost] = counted(
                900,
                |s| (100..end).contains(&s),
                |s| match s {
                    // Found after 5 s, over 3 s after the first answer.
                    _ if (102..105).contains(&s) => (LinkState::Suspect, 100),
                    _ if (105..end + 3).contains(&s) => (LinkState::Down, 100),
                    _ if s >= end + 3 => (LinkState::Up, end),
                    _ => (LinkState::Up, 0),
                },
            );
            assert_eq!(lost, 0, "{length}");
            assert!(sent > 850 - u64::try_from(length).unwrap() - 10, "{sent}");
        }
    }

    #[test]
    fn loss_while_the_link_is_up_is_counted() {
        let [sent, lost] = counted(930, |s| s % 10 == 0, |_| (LinkState::Up, 0));
        assert_eq!([sent, lost], [900, 90]);
    }

    #[test]
    fn a_blip_that_became_no_drop_is_loss() {
        let [_, lost] = counted(
            200,
            |s| (100..103).contains(&s),
            |s| match s {
                102..105 => (LinkState::Suspect, 100),
                _ => (LinkState::Up, 0),
            },
        );
        assert_eq!(lost, 3);
    }
}
