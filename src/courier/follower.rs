//! From one present to the next: which drop is new, which changed its place, which is over.

use std::time::Duration;

use crate::live::{DropStatus, Event, Status};
use crate::vocabulary::Alarm;

/// A warning about disk space that is older than this is not shown by one that starts to follow.
const RECENT: Duration = Duration::from_secs(86_400);

/// What was shown last.
#[derive(Debug, Default)]
pub struct Follower {
    /// The drop shown as lasting.
    open: Option<DropStatus>,
    /// The daemon's last warnings about disk space.
    alarms: Vec<Alarm>,
}

impl Follower {
    /// Takes the next present; gives the event to show. A drop over before the first present is not
    /// shown.
    pub fn on_status(&mut self, status: &Status) -> Option<Event> {
        self.drop_event(status).or_else(|| self.filling_event(status))
    }

    /// Each warning of this life of the daemon, once.
    fn filling_event(&mut self, status: &Status) -> Option<Event> {
        let forecast = status.storage.forecast.as_ref()?;
        for alarm in &forecast.alarms {
            if self.alarms.contains(alarm) {
                continue;
            }
            self.alarms.retain(|before| before.of != alarm.of);
            self.alarms.push(*alarm);
            let age = status.at.duration_since(alarm.told);
            if alarm.told >= status.started && age.is_some_and(|age| age <= RECENT) {
                return Some(Event::Filling { of: alarm.of, forecast: Box::new(forecast.clone()) });
            }
        }
        None
    }

    fn drop_event(&mut self, status: &Status) -> Option<Event> {
        match (self.open.take(), &status.open_drop) {
            (None, None) => None,
            (Some(shown), Some(open)) if (shown.id, &shown.place) == (open.id, &open.place) => {
                self.open = Some(shown);
                None
            }
            // One that follows at once, rare as that is, replaces the one before.
            (_, Some(open)) => {
                self.open = Some(open.clone());
                Some(Event::DropBegan { drop: open.clone(), detail: None })
            }
            (Some(shown), None) => Some(match &status.last_drop {
                Some(last) if last.id == shown.id => {
                    Event::DropEnded { drop: last.clone(), detail: None }
                }
                _ => Event::DropWithdrawn { id: shown.id },
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::Timestamp;
    use crate::vocabulary::{DropKind, Filling, Forecast, LinkState};

    fn drop(id: i64, place: &str, end: Option<i64>) -> DropStatus {
        DropStatus {
            id,
            kind: DropKind::Drop,
            place: place.to_owned(),
            onset: Timestamp::from_seconds(100),
            end: end.map(Timestamp::from_seconds),
            min_s: end.map(|_| 20.0),
            max_s: end.map(|_| 20.6),
        }
    }

    fn began(drop: DropStatus) -> Event {
        Event::DropBegan { drop, detail: None }
    }

    fn ended(drop: DropStatus) -> Event {
        Event::DropEnded { drop, detail: None }
    }

    fn status(open: Option<DropStatus>, last: Option<DropStatus>) -> Status {
        Status {
            started: Timestamp::from_seconds(0),
            state: LinkState::Up,
            open_drop: open,
            last_drop: last,
            ..Status::of_start(Timestamp::from_seconds(130))
        }
    }

    #[track_caller]
    fn check(presents: &[Status], events: &[Event]) {
        let mut follower = Follower::default();
        let shown: Vec<_> = presents.iter().filter_map(|s| follower.on_status(s)).collect();
        assert_eq!(shown, events);
    }

    #[test]
    fn a_drop_is_shown_when_it_begins_when_its_place_changes_and_when_it_is_over() {
        let (lan, access) = (drop(7, "modem|access", None), drop(7, "access", None));
        let over = drop(7, "access", Some(120));
        check(
            &[
                status(None, None),
                status(Some(lan.clone()), None),
                status(Some(lan.clone()), None),
                status(Some(access.clone()), None),
                status(None, Some(over.clone())),
                status(None, Some(over.clone())),
            ],
            &[began(lan), began(access), ended(over)],
        );
    }

    #[test]
    fn a_drop_that_late_replies_disprove_is_withdrawn() {
        let before = drop(6, "access", Some(50));
        check(
            &[
                status(Some(drop(7, "access", None)), Some(before.clone())),
                status(None, Some(before)),
            ],
            &[began(drop(7, "access", None)), Event::DropWithdrawn { id: 7 }],
        );
    }

    #[test]
    fn a_drop_that_continues_after_its_end_was_shown_is_shown_again() {
        let (open, over) = (drop(7, "access", None), drop(7, "access", Some(120)));
        check(
            &[
                status(Some(open.clone()), None),
                status(None, Some(over.clone())),
                status(Some(open.clone()), None),
            ],
            &[began(open.clone()), ended(over), began(open)],
        );
    }

    fn warned(at: &[i64]) -> Status {
        let alarms =
            at.iter().map(|s| Alarm { of: Filling::Disk, told: Timestamp::from_seconds(*s) });
        let forecast = Forecast { alarms: alarms.collect(), ..Forecast::default() };
        let mut status = status(None, None);
        status.storage.forecast = Some(forecast);
        status
    }

    #[test]
    fn a_disk_that_fills_up_is_shown_each_time_the_daemon_warns_and_only_then() {
        let mut follower = Follower::default();
        let presents = [&[][..], &[120], &[120], &[], &[120], &[129], &[129]];
        let shown = presents.map(|at| follower.on_status(&warned(at)).is_some());
        assert_eq!(shown, [false, true, false, false, false, true, false]);
    }

    #[test]
    fn warnings_of_a_previous_daemon_or_of_long_ago_are_not_shown() {
        assert_eq!(Follower::default().on_status(&warned(&[-5])), None);
        let mut later = warned(&[120]);
        later.at = later.at + 2 * RECENT;
        assert_eq!(Follower::default().on_status(&later), None);
    }

    #[test]
    fn a_drop_comes_before_a_warning_about_space_which_follows_it() {
        let mut follower = Follower::default();
        let mut both = warned(&[120]);
        both.open_drop = Some(drop(7, "access", None));
        assert_eq!(follower.on_status(&both), Some(began(drop(7, "access", None))));
        assert!(matches!(follower.on_status(&both), Some(Event::Filling { .. })));
    }

    #[test]
    fn a_drop_over_before_the_first_present_is_not_shown_and_an_open_one_is() {
        check(&[status(None, Some(drop(7, "access", Some(120))))], &[]);
        check(&[status(Some(drop(7, "access", None)), None)], &[began(drop(7, "access", None))]);
    }
}
