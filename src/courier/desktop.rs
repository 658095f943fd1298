//! Notifications on the desktop, over D-Bus, from a thread that may take its time.

use std::sync::mpsc::{self, Receiver, Sender};
use std::time::Duration;

use jiff::tz::TimeZone;
use notify_rust::{Notification, Timeout, Urgency};

use super::session::DropsOfDay;
use crate::language::room;
use crate::language::words::{length, same_day, time_of_day};
use crate::live::{DropStatus, Event};
use crate::sys::panics::expendable;
use crate::vocabulary::{Filling, Forecast};

/// The desktop of this session.
#[derive(Debug)]
pub struct Desktop {
    events: Sender<Event>,
    troubles: Receiver<String>,
}

impl Desktop {
    /// Starts the thread; `count` is asked on it.
    ///
    /// # Errors
    /// When no thread can be started.
    pub fn spawn(zone: TimeZone, count: DropsOfDay) -> std::io::Result<Self> {
        let (events, inbox) = mpsc::channel();
        let (report, troubles) = mpsc::channel();
        let mut screen = Screen { zone, count, shown: None, failed: false };
        std::thread::Builder::new().name("desktop".into()).spawn(move || {
            expendable(|| {
                while let Ok(first) = inbox.recv() {
                    let waiting: Vec<_> = std::iter::once(first).chain(inbox.try_iter()).collect();
                    for event in still_of_use(&waiting) {
                        if let Some(trouble) = screen.show(event) {
                            let _ = report.send(trouble);
                        }
                    }
                }
            });
        })?;
        Ok(Self { events, troubles })
    }

    /// Shows an event of a drop or of disk space as soon as possible; other events are not shown.
    pub fn show(&self, event: Event) {
        // The thread is gone only if it panicked, which was printed.
        let _ = self.events.send(event);
    }

    /// A sentence when nothing can be shown here, once until something can.
    pub fn trouble(&self) -> Option<String> {
        self.troubles.try_recv().ok()
    }
}

/// Where the desktop was slow, only the newest event of the link still matters.
fn still_of_use(waiting: &[Event]) -> Vec<&Event> {
    let is_of_link = |event: &Event| !matches!(event, Event::Filling { .. });
    let newest = waiting.iter().rposition(is_of_link);
    let of_use =
        |(n, event): (usize, _)| (!is_of_link(event) || Some(n) == newest).then_some(event);
    waiting.iter().enumerate().filter_map(of_use).collect()
}

struct Screen {
    zone: TimeZone,
    count: DropsOfDay,
    /// The drop last shown, and the number that the desktop gave its notification.
    shown: Option<(i64, u32)>,
    failed: bool,
}

impl Screen {
    /// Shows an event; a notification of the same drop is replaced. Gives a sentence when it cannot.
    fn show(&mut self, event: &Event) -> Option<String> {
        let drop = match event {
            Event::DropBegan { drop, .. } | Event::DropEnded { drop, .. } => drop,
            Event::DropWithdrawn { id } => {
                self.withdraw(*id);
                return None;
            }
            Event::Filling { of, forecast } => return self.warn(*of, forecast),
            _ => return None,
        };
        let (summary, body) = text(drop, (self.count)(drop.onset), &self.zone);
        let mut notification = Notification::new();
        notification.appname("linkmon").summary(&summary).body(&body);
        match event {
            // It stays until the link is back.
            Event::DropBegan { .. } => notification
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
            Filling::Disk => ("The disk with linkmon's record is filling up", "drive-harddisk"),
            Filling::Limit => ("linkmon's record nears its limit", "dialog-information"),
        };
        let mut notification = Notification::new();
        notification.appname("linkmon").summary(title).icon(icon);
        notification.body(&room::warning(of, forecast, &self.zone));
        notification.urgency(Urgency::Normal).timeout(Timeout::Milliseconds(30_000));
        notification.show().err().and_then(|error| self.trouble(&error))
    }

    /// A sentence that nothing can be shown, once.
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
fn text(drop: &DropStatus, today: Option<usize>, zone: &TimeZone) -> (String, String) {
    let onset = time_of_day(drop.onset, zone);
    let place = place(&drop.place);
    let today = today.map(|n| format!("\n{}", nth(n))).unwrap_or_default();
    match (drop.end, drop.min_s, drop.max_s) {
        (Some(end), Some(min), Some(max)) => {
            let middle = Duration::from_secs_f64(f64::midpoint(min, max).max(0.0));
            let day = if same_day(drop.onset, end, zone) { "" } else { " (the day before)" };
            (
                format!("Link back: it was down for {}", length(middle)),
                format!("{onset}{day} to {}, {place}.{today}", time_of_day(end, zone)),
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
        _ => "at an unknown place",
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
            text(&open, Some(3), &zone),
            (
                "Link down since 11:00:00".to_owned(),
                "No answer from the internet; the fault is in the modem or on the access line.\n\
                 3 drops today."
                    .to_owned()
            )
        );
        let over = drop(Some(1_675_785_692), "unknown");
        assert_eq!(
            text(&over, None, &zone),
            (
                "Link back: it was down for 1 min 32 s".to_owned(),
                "11:00:00 to 11:01:32, at an unknown place.".to_owned()
            )
        );
    }

    #[test]
    fn a_slow_desktop_shows_the_newest_event_of_the_link_and_all_others() {
        let forecast = Box::<Forecast>::default();
        let filling = Event::Filling { of: Filling::Disk, forecast };
        let began = Event::DropBegan { drop: drop(None, "lan"), detail: None };
        let ended = Event::DropEnded { drop: drop(Some(5), "lan"), detail: None };
        let waiting = [began, filling.clone(), ended.clone()];
        assert_eq!(still_of_use(&waiting), [&filling, &ended]);
        assert_eq!(still_of_use(&waiting[1..2]), [&filling]);
    }

    #[test]
    fn every_place_has_a_word() {
        for p in [Place::Lan, Place::Modem, Place::Access, Place::IspCore, Place::Beyond] {
            assert_ne!(place(p.as_str()), "at an unknown place", "{p:?}");
        }
    }
}
