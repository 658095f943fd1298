//! From one present to the next: which drop is new, which changed its place, which is over.

use std::time::Duration;

use crate::live::{DropStatus, Status};
use crate::vocabulary::{Alarm, Filling, Forecast};

/// What was told of the room longer ago is no news to who begins to follow.
const RECENT: Duration = Duration::from_secs(86_400);

/// What is to be shown of a drop.
#[derive(Debug, Clone, PartialEq)]
pub enum News {
    /// It lasts; told when it is confirmed and when its place becomes another.
    Down(DropStatus),
    /// It is over.
    Over(DropStatus),
    /// It was none: later answers show that the link was up.
    Withdrawn {
        /// Its number.
        id: i64,
    },
    /// The disk, or the limit of the record, will be reached in a few weeks.
    Filling {
        /// Which of them.
        of: Filling,
        /// When, and all that is known of it.
        forecast: Box<Forecast>,
    },
}

/// What was shown last.
#[derive(Debug, Default)]
pub struct Follower {
    /// The drop that is shown as lasting.
    open: Option<DropStatus>,
    /// What the daemon told last of the room.
    alarms: Vec<Alarm>,
}

impl Follower {
    /// Takes the next present; what was over before the first is nobody's news.
    pub fn on_status(&mut self, status: &Status) -> Option<News> {
        self.drop_news(status).or_else(|| self.room_news(status))
    }

    /// What the daemon told in this life of it, each once.
    fn room_news(&mut self, status: &Status) -> Option<News> {
        let forecast = status.storage.forecast.as_ref()?;
        for alarm in &forecast.alarms {
            if self.alarms.contains(alarm) {
                continue;
            }
            self.alarms.retain(|before| before.of != alarm.of);
            self.alarms.push(*alarm);
            let age = status.at.duration_since(alarm.told);
            if alarm.told >= status.started && age.is_some_and(|age| age <= RECENT) {
                return Some(News::Filling { of: alarm.of, forecast: Box::new(forecast.clone()) });
            }
        }
        None
    }

    fn drop_news(&mut self, status: &Status) -> Option<News> {
        match (self.open.take(), &status.open_drop) {
            (None, None) => None,
            (Some(shown), Some(open)) if (shown.id, &shown.place) == (open.id, &open.place) => {
                self.open = Some(shown);
                None
            }
            // One that follows at once, seldom as that is, takes the place of the one before.
            (_, Some(open)) => {
                self.open = Some(open.clone());
                Some(News::Down(open.clone()))
            }
            (Some(shown), None) => Some(match &status.last_drop {
                Some(last) if last.id == shown.id => News::Over(last.clone()),
                _ => News::Withdrawn { id: shown.id },
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::time::Timestamp;
    use crate::vocabulary::{DropKind, Health, LinkState};

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

    fn status(open: Option<DropStatus>, last: Option<DropStatus>) -> Status {
        Status {
            at: Timestamp::from_seconds(130),
            version: String::new(),
            pid: 1,
            started: Timestamp::from_seconds(0),
            engine: String::new(),
            state: LinkState::Up,
            since: None,
            open_drop: open,
            impairments: Vec::new(),
            last_drop: last,
            drops_24h: 0,
            targets: Vec::new(),
            strays: BTreeMap::new(),
            storage_trouble: None,
            storage: Health::default(),
        }
    }

    #[track_caller]
    fn check(presents: &[Status], news: &[News]) {
        let mut follower = Follower::default();
        let told: Vec<_> = presents.iter().filter_map(|s| follower.on_status(s)).collect();
        assert_eq!(told, news);
    }

    #[test]
    fn a_drop_is_told_when_it_begins_when_its_place_changes_and_when_it_is_over() {
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
            &[News::Down(lan), News::Down(access), News::Over(over)],
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
            &[News::Down(drop(7, "access", None)), News::Withdrawn { id: 7 }],
        );
    }

    #[test]
    fn a_drop_that_goes_on_after_its_end_was_told_is_told_again() {
        let (open, over) = (drop(7, "access", None), drop(7, "access", Some(120)));
        check(
            &[
                status(Some(open.clone()), None),
                status(None, Some(over.clone())),
                status(Some(open.clone()), None),
            ],
            &[News::Down(open.clone()), News::Over(over), News::Down(open)],
        );
    }

    fn warned(told: &[i64]) -> Status {
        let alarms =
            told.iter().map(|s| Alarm { of: Filling::Disk, told: Timestamp::from_seconds(*s) });
        let forecast = Forecast { alarms: alarms.collect(), ..Forecast::default() };
        let mut status = status(None, None);
        status.storage.forecast = Some(forecast);
        status
    }

    #[test]
    fn a_disk_that_fills_up_is_shown_each_time_the_daemon_tells_it_and_only_then() {
        let mut follower = Follower::default();
        let presents = [&[][..], &[120], &[120], &[], &[120], &[129], &[129]];
        let shown = presents.map(|told| follower.on_status(&warned(told)).is_some());
        assert_eq!(shown, [false, true, false, false, false, true, false]);
    }

    #[test]
    fn what_was_told_of_the_room_in_a_former_life_or_long_ago_is_not_shown() {
        assert_eq!(Follower::default().on_status(&warned(&[-5])), None);
        let mut later = warned(&[120]);
        later.at = later.at + 2 * RECENT;
        assert_eq!(Follower::default().on_status(&later), None);
    }

    #[test]
    fn a_drop_goes_before_news_of_the_room_which_follow_it() {
        let mut follower = Follower::default();
        let mut both = warned(&[120]);
        both.open_drop = Some(drop(7, "access", None));
        assert_eq!(follower.on_status(&both), Some(News::Down(drop(7, "access", None))));
        assert!(matches!(follower.on_status(&both), Some(News::Filling { .. })));
    }

    #[test]
    fn what_was_over_before_it_looked_is_no_news_and_what_lasts_is() {
        check(&[status(None, Some(drop(7, "access", Some(120))))], &[]);
        check(
            &[status(Some(drop(7, "access", None)), None)],
            &[News::Down(drop(7, "access", None))],
        );
    }
}
