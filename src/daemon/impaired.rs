//! The impairments that were announced, so that each is announced once when it begins and once when
//! it is over, also across a restart.

use std::collections::BTreeMap;

use crate::live::Event;
use crate::time::Timestamp;
use crate::vocabulary::{Impairment, TargetId};

type Identity = (Timestamp, &'static str, Option<TargetId>);

/// What was last announced of an impairment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Announcement {
    Began,
    Ended,
}

/// What was announced of each impairment.
#[derive(Debug, Default)]
pub(super) struct AnnouncedImpairments(BTreeMap<Identity, Announcement>);

impl AnnouncedImpairments {
    /// Those stored earlier were announced by the daemon of that time.
    pub(super) fn new(stored: &[Impairment]) -> Self {
        Self(stored.iter().map(|i| (i.identity(), announcement(i))).collect())
    }

    /// The event to announce; none when the impairment only grew. One that goes on after its end
    /// was announced is announced again when it is over.
    pub(super) fn event(
        &mut self,
        impairment: &Impairment,
        now: Timestamp,
        name: &dyn Fn(TargetId) -> String,
    ) -> Option<Event> {
        let phase = announcement(impairment);
        let before = self.0.insert(impairment.identity(), phase);
        (before != Some(phase)).then(|| Event::Impairment {
            impairment: Box::new(impairment.clone()),
            target: impairment.target.map(name),
            at: now,
        })
    }

    /// Forgets those that were over long before `oldest`.
    pub(super) fn forget(&mut self, oldest: Timestamp) {
        self.0.retain(|(key, _, _), phase| *phase == Announcement::Began || *key >= oldest);
    }
}

fn announcement(impairment: &Impairment) -> Announcement {
    if impairment.end.is_some() { Announcement::Ended } else { Announcement::Began }
}
