//! Notifications on the desktop, over D-Bus, from a thread that may take its time.

use std::sync::mpsc::{self, Receiver, Sender};

use jiff::tz::TimeZone;
use notify_rust::{Notification, Timeout, Urgency};

use super::session::DropsOfDay;
use crate::language::Language;
use crate::language::notices::Notice;
use crate::live::Event;
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
    pub(crate) fn spawn(
        zone: TimeZone,
        language: &'static Language,
        count: DropsOfDay,
    ) -> std::io::Result<Self> {
        let (events, inbox) = mpsc::channel();
        let (report, troubles) = mpsc::channel();
        let mut screen = Screen { zone, language, count, shown: None, failed: false };
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
    language: &'static Language,
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
        let count = (self.count)(drop.onset);
        let Notice { title: summary, text: body } = self.language.notice(drop, count, &self.zone);
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
            Filling::Disk => (self.language.phrases().notices.disk, "drive-harddisk"),
            Filling::Limit => (self.language.phrases().notices.limit, "dialog-information"),
        };
        let mut notification = Notification::new();
        notification.appname("linkmon").summary(title).icon(icon);
        notification.body(&self.language.room_warning(of, forecast, &self.zone));
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
        notification.summary(self.language.phrases().notices.withdrawn);
        notification.body(self.language.phrases().notices.withdrawn_text);
        notification.urgency(Urgency::Low).timeout(Timeout::Milliseconds(10_000));
        let _ = notification.show();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::live::DropStatus;
    use crate::time::Timestamp;
    use crate::vocabulary::DropKind;

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
    fn a_slow_desktop_shows_the_newest_event_of_the_link_and_all_others() {
        let forecast = Box::<Forecast>::default();
        let filling = Event::Filling { of: Filling::Disk, forecast };
        let began = Event::DropBegan { drop: drop(None, "lan"), detail: None };
        let ended = Event::DropEnded { drop: drop(Some(5), "lan"), detail: None };
        let waiting = [began, filling.clone(), ended.clone()];
        assert_eq!(still_of_use(&waiting), [&filling, &ended]);
        assert_eq!(still_of_use(&waiting[1..2]), [&filling]);
    }
}
