//! The daemon's audience and the live page side by side: both hear all, the page never delays.

use crate::config::Config;
use crate::live::Status;
use crate::live::{Audience, Notice};
use crate::serve::{self, Ended, News, Watchers, Web};
use crate::time::Reading;
use crate::vocabulary::{HostChange, Observation};

use super::Options;

/// Whoever listens to the daemon, and the page where there is one.
pub(super) struct Shown<'a> {
    audience: &'a mut dyn Audience,
    page: Option<Web>,
    /// Told once a second all together: each telling wakes the thread of the page.
    untold: Vec<News>,
}

impl<'a> Shown<'a> {
    /// Opens the page, unless it is switched off. Without it the daemon goes on.
    pub(super) fn new(options: &Options, audience: &'a mut dyn Audience) -> Self {
        let Options { config, database, .. } = options;
        let page = if config.web.enabled { open(config, database, audience) } else { None };
        Self { audience, page, untold: Vec::new() }
    }

    /// How many look at the page.
    pub(super) fn watchers(&self) -> Watchers {
        self.page.as_ref().map(Web::watchers).unwrap_or_default()
    }

    #[cfg(test)]
    pub(super) fn page(&self) -> &Web {
        self.page.as_ref().expect("there is a page")
    }

    /// Closes the page.
    pub(super) fn close(self) {
        if let Some(page) = self.page {
            page.stop();
        }
    }

    fn note(&mut self, news: impl FnOnce() -> Option<News>) {
        if self.page.is_some() {
            self.untold.extend(news());
        }
    }
}

fn open(config: &Config, database: &std::path::Path, audience: &mut dyn Audience) -> Option<Web> {
    let options = serve::Options { config: config.clone(), database: database.to_owned() };
    match serve::start(options) {
        Ok(page) => {
            audience.notice(&Notice::Page { listen: page.listen() });
            Some(page)
        }
        Err(problem) => {
            audience.notice(&Notice::NoPage(problem.to_string()));
            None
        }
    }
}

impl Audience for Shown<'_> {
    fn notice(&mut self, notice: &Notice) {
        self.note(|| news(notice));
        self.audience.notice(notice);
    }

    fn present(&mut self, status: &Status) {
        self.note(|| Some(News::Second(Box::new(status.clone()), Reading::now().boot)));
        if let Some(page) = &self.page {
            page.tell(std::mem::take(&mut self.untold));
        }
        self.audience.present(status);
    }

    fn observed(&mut self, observation: &Observation) {
        self.note(|| match observation {
            Observation::Measured(m) => Some(News::Measured(m.clone())),
            Observation::Revised(m) => Some(News::Revised(m.clone())),
            Observation::Host(_) | Observation::Stray { .. } => None,
        });
        self.audience.observed(observation);
    }
}

/// What of it the page shows.
fn news(notice: &Notice) -> Option<News> {
    Some(match notice {
        Notice::TargetAdded(target) => News::TargetAdded(target.clone()),
        Notice::TargetRemoved(target) => News::TargetRemoved(target.id),
        Notice::DropEnded { id, drop, .. } => News::DropOver(Ended {
            id: *id,
            place: drop.place_text(),
            length: (drop.min + drop.max) / 2,
        }),
        Notice::Host(HostChange::ClockStep { seconds }) => News::ClockStep(*seconds),
        _ => return None,
    })
}
