//! The targets that are probed, and those that were.

use std::net::IpAddr;

use super::pace::ChangePace;
use crate::live::Event;
use crate::probe::discover::WantedTarget;
use crate::probe::icmp::IcmpTarget;
use crate::store::{self, Writer};
use crate::time::{Reading, Timestamp};
use crate::vocabulary::{
    IpVersion, Kind, Role, Roster, RosterChange, RosterEntry, Standing, Target, TargetId,
    deciding_anchors, is_link_local_v6,
};

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
    /// Names of those for which there is no number.
    left_out: Vec<String>,
    /// Those in use, with what they may prove; that of the previous daemon until there are any.
    pub(super) roster: Roster,
    /// Run and time of the last change of the roster.
    stored: Option<(i64, Timestamp)>,
    /// The last change, where it waits to be stored.
    waiting: Option<RosterChange>,
    pace: ChangePace,
}

impl ProbedTargets {
    /// Nothing is probed yet; `ever` are the targets there were, `roster` what they might prove.
    pub(super) fn new(ever: Vec<Target>, roster: Roster) -> Self {
        Self { ever, roster, ..Self::default() }
    }

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
        let (mut standings, mut left_out) = (Vec::new(), Vec::new());
        for w in wanted {
            let address = w.endpoint.as_str();
            match writer.target(&w.name, w.kind, w.role, address, w.interval, now) {
                Ok(target) => {
                    targets.push(target);
                    standings.push(w.standing);
                }
                // One for which there is no number stops no other.
                Err(store::Error::TargetsExhausted { name, .. }) => left_out.push(name),
                Err(problem) => return Err(problem),
            }
        }
        // Also what an earlier daemon probed and the configuration has no more.
        for known in writer.targets() {
            if !targets.iter().any(|t| t.id == known.id) {
                writer.retire_target(known.id, now)?;
            }
        }
        let roster = self.roster_of(targets.iter().zip(standings));
        let mut told = Vec::new();
        if !left_out.is_empty() && left_out != self.left_out {
            let names = left_out.join(", ");
            told.push(Event::DiscoveryTrouble(format!(
                "all 255 target numbers of the record are used; not probed: {names}"
            )));
        }
        self.left_out = left_out;
        if targets == self.current {
            self.roster = roster;
            return Ok(told);
        }
        let gone: Vec<_> = self.current.iter().filter(|t| !targets.contains(t)).cloned().collect();
        self.roster = roster;
        let before = std::mem::replace(&mut self.current, targets);
        for new in &self.current {
            // One may have another address than before.
            match self.ever.iter_mut().find(|t| t.id == new.id) {
                Some(known) => known.clone_from(new),
                None => self.ever.push(new.clone()),
            }
        }
        let added = self.current.iter().filter(|t| !before.contains(t)).cloned();
        let removed = gone.into_iter().map(Event::TargetRemoved);
        let changes = removed.chain(added.map(Event::TargetAdded));
        Ok(told.into_iter().chain(changes).collect())
    }

    /// The address of a target on the way to the anchors, or of an anchor.
    pub(super) fn on_the_path(&self, id: TargetId) -> Option<IpAddr> {
        let target = self.current.iter().find(|target| target.id == id)?;
        target.ip().filter(|_| target.kind == Kind::Icmp && target.role != Role::Service)
    }

    /// Over which protocol the link is judged.
    pub(super) fn deciding_family(&self) -> IpVersion {
        let deciding = self.roster.deciding();
        let decides = |target: &&Target| deciding.contains(&target.id);
        let first = self.current.iter().find(decides).and_then(Target::ip);
        first.map_or(IpVersion::V4, IpVersion::of)
    }

    /// What is to be probed over ICMP; `over` gives the interface of a family by which all but services
    /// are to be probed.
    pub(super) fn icmp(&self, over: impl Fn(IpAddr) -> Option<u32>) -> Vec<IcmpTarget> {
        let icmp = self.current.iter().filter(|t| t.kind == Kind::Icmp);
        let with_address = icmp.filter_map(|t| {
            let standing = self.roster.standing(t.id).unwrap_or(Standing::NoAnchor);
            let (id, role, interval) = (t.id, t.role, t.interval);
            let ip = t.ip()?;
            let over = over(ip).filter(|_| role != Role::Service || is_link_local_v6(ip));
            Some(IcmpTarget { id, ip, role, interval, standing, over })
        });
        with_address.collect()
    }

    /// Once found to be a false witness, a target is never believed again.
    fn roster_of<'a>(&self, targets: impl Iterator<Item = (&'a Target, Standing)>) -> Roster {
        let is_false = |id| self.roster.standing(id) == Some(Standing::FalseWitness);
        let entries: Vec<_> = targets
            .map(|(target, standing)| {
                let standing = if is_false(target.id) { Standing::FalseWitness } else { standing };
                (target, standing)
            })
            .collect();
        let voters = entries.iter().filter(|(_, standing)| standing.may_vote()).map(|(t, _)| *t);
        let deciding: Vec<TargetId> =
            deciding_anchors(voters, |_| true).into_iter().map(|t| t.id).collect();
        Roster::new(entries.iter().map(|(target, standing)| RosterEntry {
            target: target.id,
            standing: *standing,
            decides: deciding.contains(&target.id),
        }))
    }

    /// Stores a change where the roster is not `before` any more, or the run is another one. Changes of
    /// one run follow each other in time; those that [`ChangePace`] does not admit wait, and the last of
    /// them is stored.
    pub(super) fn store_change(
        &mut self,
        before: &Roster,
        run: i64,
        writer: &mut Writer,
        now: Timestamp,
    ) -> Option<RosterChange> {
        let last = self.stored.filter(|(stored, _)| *stored == run).map(|(_, from)| from);
        if !self.roster.is_known() || (last.is_some() && *before == self.roster) {
            return None;
        }
        let from = last.map_or(now, |last| now.max(last.plus_micros(1)));
        self.stored = Some((run, from));
        let change = RosterChange { run, from, roster: self.roster.clone() };
        let must = last.is_none();
        if self.pace.admits(now) || must {
            self.waiting = None;
            writer.put_roster(&change);
        } else {
            self.waiting = Some(change.clone());
        }
        Some(change)
    }

    /// Stores the roster that waits, once that is its turn; asked once a second.
    pub(super) fn store_waiting(&mut self, writer: &mut Writer, now: Timestamp) {
        if self.waiting.is_some() && self.pace.admits(now) {
            self.waiting.take().iter().for_each(|change| writer.put_roster(change));
        }
    }
}
