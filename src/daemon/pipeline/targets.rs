//! The targets that are probed, and those that were.

use crate::live::Event;
use crate::probe::discover::WantedTarget;
use crate::store::{self, Writer};
use crate::time::Reading;
use crate::vocabulary::Target;

/// Whether a set of targets differs from the previous one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Changed {
    /// It is the same.
    No,
    /// It differs.
    Yes,
}

/// The targets of the pipeline.
#[derive(Debug, Default)]
pub(super) struct ProbedTargets {
    /// Those in use.
    pub(super) current: Vec<Target>,
    /// All there ever were: what a replay of the record knows.
    pub(super) ever: Vec<Target>,
    /// Targets that could not be stored.
    pub(super) unsaved: Option<Vec<WantedTarget>>,
}

impl ProbedTargets {
    /// Stores these targets and takes them into use; gives the events to announce, none where
    /// nothing changes. Everything that can fail comes first: a second attempt then starts from the
    /// same place.
    pub(super) fn set(
        &mut self,
        wanted: &[WantedTarget],
        writer: &mut Writer,
        now: Reading,
    ) -> Result<Vec<Event>, store::Error> {
        self.unsaved = None;
        let mut targets = Vec::with_capacity(wanted.len());
        for w in wanted {
            targets.push(writer.target(
                &w.name,
                w.kind,
                w.role,
                w.endpoint.as_str(),
                w.interval,
                now,
            )?);
        }
        if targets == self.current {
            return Ok(Vec::new());
        }
        let gone: Vec<_> = self.current.iter().filter(|t| !targets.contains(t)).cloned().collect();
        for target in &gone {
            if !targets.iter().any(|t| t.id == target.id) {
                writer.retire_target(target.id, now)?;
            }
        }
        let before = std::mem::replace(&mut self.current, targets);
        for new in &self.current {
            if !self.ever.iter().any(|t| t.id == new.id) {
                self.ever.push(new.clone());
            }
        }
        let added = self.current.iter().filter(|t| !before.contains(t)).cloned();
        let removed = gone.into_iter().map(Event::TargetRemoved);
        Ok(removed.chain(added.map(Event::TargetAdded)).collect())
    }
}
