//! Notifications in words.

use jiff::tz::TimeZone;

use super::words::{same_day, time_of_day};
use super::{Language, Noun, fill, plain};
use crate::config::Lang;
use crate::live::DropStatus;

/// A notification of a drop.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// What happened, in a line.
    pub title: String,
    /// When and where, and how many drops there were on its day.
    pub text: String,
}

/// The notification of a drop that lasts, or of one that is over; `today` is how many there were on its
/// day, `None` where that is not known.
pub fn notice(drop: &DropStatus, today: Option<usize>, zone: &TimeZone, lang: Lang) -> Notice {
    super::of(lang).notice(drop, today, zone)
}

impl Language {
    pub(crate) fn notice(
        &self,
        drop: &DropStatus,
        today: Option<usize>,
        zone: &TimeZone,
    ) -> Notice {
        let p = &self.phrases().notices;
        let place = match self.at_places(&drop.place) {
            place if place.is_empty() => p.nowhere.to_owned(),
            place => place,
        };
        let today = today.map(|n| match n {
            0 | 1 => p.first_today.to_owned(),
            n => fill(p.today, &[("drops", self.count(n, Noun::Drop))]),
        });
        let today = today.map(|today| format!("\n{today}")).unwrap_or_default();
        let began = time_of_day(drop.onset, zone);
        let is_over = drop.min_s.is_some() && drop.max_s.is_some();
        let (title, text) = if let Some(end) = drop.end.filter(|_| is_over) {
            let day = if same_day(drop.onset, end, zone) { "" } else { p.day_before };
            let values = [
                ("from", began),
                ("day", day.to_owned()),
                ("to", time_of_day(end, zone)),
                ("place", place),
                ("today", today),
            ];
            let title = fill(p.back, &[("length", self.drop_length(drop))]);
            (title, fill(p.back_text, &values))
        } else {
            let title = fill(p.down, &[("when", began)]);
            (title, fill(p.down_text, &[("place", place), ("today", today)]))
        };
        Notice { title: plain(&title), text: plain(&text) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::Timestamp;
    use crate::vocabulary::DropKind;

    fn said(end: Option<i64>, place: &str, today: Option<usize>) -> [String; 2] {
        let drop = DropStatus {
            id: 1,
            kind: DropKind::Drop,
            place: place.to_owned(),
            onset: Timestamp::from_seconds(1_675_785_600),
            end: end.map(Timestamp::from_seconds),
            min_s: end.map(|_| 91.0),
            max_s: end.map(|_| 93.0),
        };
        let zone = TimeZone::get("America/Toronto").unwrap();
        let Notice { title, text } = notice(&drop, today, &zone, Lang::En);
        [title, text]
    }

    #[test]
    fn a_notification_says_since_when_where_how_long_and_how_many_today() {
        let text = "No answer from the internet; the fault is at the modem or the cable to it or on the access line.\n\
                    3 drops today.";
        assert_eq!(said(None, "modem|access", Some(3)), ["Link down since 11:00:00", text]);
        let text = "11:00:00 to 11:01:32, at an unknown place.";
        let over = said(Some(1_675_785_692), "unknown", None);
        assert_eq!(over, ["Link back: it was down for 1 min 32 s", text]);
    }
}
