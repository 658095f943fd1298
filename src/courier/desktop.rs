//! Notifications on the desktop, over D-Bus, by a thread that may take as long as it likes.

use std::sync::mpsc::{self, Receiver, Sender};
use std::time::Duration;

use jiff::tz::TimeZone;
use notify_rust::{Notification, Timeout, Urgency};

use super::News;
use super::session::Count;
use crate::language::room;
use crate::live::DropStatus;
use crate::sys::panics::expendable;
use crate::time::{local_time, same_day, words};
use crate::vocabulary::{Filling, Forecast};

/// The desktop of this session.
#[derive(Debug)]
pub struct Desktop {
    news: Sender<News>,
    troubles: Receiver<String>,
}

impl Desktop {
    /// Starts the thread; `count` is asked on it.
    ///
    /// # Errors
    /// When there can be no more threads.
    pub fn spawn(zone: TimeZone, count: Count) -> std::io::Result<Self> {
        let (news, inbox) = mpsc::channel();
        let (tell, troubles) = mpsc::channel();
        let mut screen = Screen { zone, count, shown: None, failed: false };
        std::thread::Builder::new().name("desktop".into()).spawn(move || {
            expendable(|| {
                while let Ok(first) = inbox.recv() {
                    let waiting: Vec<_> = std::iter::once(first).chain(inbox.try_iter()).collect();
                    for news in still_of_use(&waiting) {
                        if let Some(trouble) = screen.show(news) {
                            let _ = tell.send(trouble);
                        }
                    }
                }
            });
        })?;
        Ok(Self { news, troubles })
    }

    /// Shows it as soon as may be.
    pub fn show(&self, news: News) {
        // The thread is gone only when it panicked, which was printed.
        let _ = self.news.send(news);
    }

    /// That nothing can be shown here, said once until something can.
    pub fn trouble(&self) -> Option<String> {
        self.troubles.try_recv().ok()
    }
}

/// Where the desktop was slow, of the link only the newest still matters.
fn still_of_use(waiting: &[News]) -> Vec<&News> {
    let is_of_link = |news: &News| !matches!(news, News::Filling { .. });
    let newest = waiting.iter().rposition(is_of_link);
    let of_use = |(n, news): (usize, _)| (!is_of_link(news) || Some(n) == newest).then_some(news);
    waiting.iter().enumerate().filter_map(of_use).collect()
}

struct Screen {
    zone: TimeZone,
    count: Count,
    /// The drop that a notification is of, and the number the desktop gave that.
    shown: Option<(i64, u32)>,
    failed: bool,
}

impl Screen {
    /// Shows it; what was shown of the same drop changes. Gives a sentence when it cannot be.
    fn show(&mut self, news: &News) -> Option<String> {
        let drop = match news {
            News::Down(drop) | News::Over(drop) => drop,
            News::Withdrawn { id } => {
                self.withdraw(*id);
                return None;
            }
            News::Filling { of, forecast } => return self.warn(*of, forecast),
        };
        let (summary, body) = text(news, drop, (self.count)(drop.onset), &self.zone);
        let mut notification = Notification::new();
        notification.appname("linkmon").summary(&summary).body(&body);
        match news {
            // It stays until the link is back.
            News::Down(_) => notification
                .icon("network-error")
                .urgency(Urgency::Critical)
                .timeout(Timeout::Never),
            _ => notification
                .icon("network-idle")
                .urgency(Urgency::Normal)
                .timeout(Timeout::Milliseconds(30_000)),
        };
        if let Some((_, number)) = self.shown.filter(|(id, _)| *id == drop.id) {
            notification.id(number);
        }
        match notification.show() {
            Ok(handle) => {
                self.shown = Some((drop.id, handle.id()));
                self.failed = false;
                None
            }
            Err(error) => self.trouble(&error),
        }
    }

    fn warn(&mut self, of: Filling, forecast: &Forecast) -> Option<String> {
        let (title, icon) = match of {
            Filling::Disk => ("The disk with linkmon's record fills up", "drive-harddisk"),
            Filling::Limit => ("linkmon's record nears its limit", "dialog-information"),
        };
        let mut notification = Notification::new();
        notification.appname("linkmon").summary(title).icon(icon);
        notification.body(&room::warning(of, forecast, &self.zone));
        notification.urgency(Urgency::Normal).timeout(Timeout::Milliseconds(30_000));
        notification.show().err().and_then(|error| self.trouble(&error))
    }

    /// That nothing can be shown is told once.
    fn trouble(&mut self, error: &notify_rust::error::Error) -> Option<String> {
        (!std::mem::replace(&mut self.failed, true))
            .then(|| format!("no desktop notifications: {error}"))
    }

    fn withdraw(&mut self, id: i64) {
        let Some((_, number)) = self.shown.take_if(|(shown, _)| *shown == id) else { return };
        let mut notification = Notification::new();
        notification.appname("linkmon").id(number).icon("network-idle");
        notification.summary("The link was up after all");
        notification.body("Late answers prove it: the drop is withdrawn.");
        notification.urgency(Urgency::Low).timeout(Timeout::Milliseconds(10_000));
        let _ = notification.show();
    }
}

/// Title and text.
fn text(news: &News, drop: &DropStatus, today: Option<usize>, zone: &TimeZone) -> (String, String) {
    let onset = local_time(drop.onset, zone);
    let place = place(&drop.place);
    let today = today.map(|n| format!("\n{}", nth(n))).unwrap_or_default();
    match (news, drop.end, drop.min_s, drop.max_s) {
        (News::Over(_), Some(end), Some(min), Some(max)) => {
            let middle = Duration::from_secs_f64(f64::midpoint(min, max).max(0.0));
            let day = if same_day(drop.onset, end, zone) { "" } else { " (the day before)" };
            (
                format!("Link back: it was down for {}", words(middle)),
                format!("{onset}{day} to {}, {place}.{today}", local_time(end, zone)),
            )
        }
        _ => (
            format!("Link down since {onset}"),
            format!("No answer from the internet; the fault is {place}.{today}"),
        ),
    }
}

fn nth(n: usize) -> String {
    match n {
        0 | 1 => "The first drop today.".to_owned(),
        n => format!("{n} drops today."),
    }
}

/// `on the access line or in the ISP's network`, of `access|isp-core`.
fn place(place: &str) -> String {
    let word = |p: &str| match p {
        "lan" => "in the home network",
        "modem" => "in the modem",
        "access" => "on the access line",
        "isp-core" => "in the ISP's network",
        "beyond" => "beyond the ISP",
        _ => "at a place not known",
    };
    place.split('|').map(word).collect::<Vec<_>>().join(" or ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::Timestamp;
    use crate::vocabulary::{DropKind, Place};

    fn drop(end: Option<i64>, place: &str) -> DropStatus {
        DropStatus {
            id: 1,
            kind: DropKind::Drop,
            place: place.to_owned(),
            onset: Timestamp::from_seconds(1_675_785_600),
            end: end.map(Timestamp::from_seconds),
            min_s: end.map(|_| 91.0),
            max_s: end.map(|_| 93.0),
        }
    }

    #[test]
    fn a_notification_says_since_when_where_how_long_and_how_many_today() {
        let zone = TimeZone::get("America/Toronto").unwrap();
        let open = drop(None, "modem|access");
        assert_eq!(
            text(&News::Down(open.clone()), &open, Some(3), &zone),
            (
                "Link down since 11:00:00".to_owned(),
                "No answer from the internet; the fault is in the modem or on the access line.\n\
                 3 drops today."
                    .to_owned()
            )
        );
        let over = drop(Some(1_675_785_692), "unknown");
        assert_eq!(
            text(&News::Over(over.clone()), &over, None, &zone),
            (
                "Link back: it was down for 1 min 32 s".to_owned(),
                "11:00:00 to 11:01:32, at a place not known.".to_owned()
            )
        );
    }

    #[test]
    fn a_slow_desktop_shows_the_newest_of_the_link_and_all_else() {
        let forecast = Box::<Forecast>::default();
        let filling = News::Filling { of: Filling::Disk, forecast };
        let (down, over) = (News::Down(drop(None, "lan")), News::Over(drop(Some(5), "lan")));
        let waiting = [down, filling.clone(), over.clone()];
        assert_eq!(still_of_use(&waiting), [&filling, &over]);
        assert_eq!(still_of_use(&waiting[1..2]), [&filling]);
    }

    #[test]
    fn every_place_has_a_word() {
        for p in [Place::Lan, Place::Modem, Place::Access, Place::IspCore, Place::Beyond] {
            assert_ne!(place(p.as_str()), "at a place not known", "{p:?}");
        }
    }
}
