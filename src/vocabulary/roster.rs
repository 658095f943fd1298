//! Which targets were in use at a time, and which anchors might vote.

use std::net::IpAddr;

use serde::{Deserialize, Serialize};

use super::address::is_private;
use super::run::{Run, RunEnd};
use super::target::{Role, TargetId};
use crate::text::words::word_enum;
use crate::time::{TimeRange, Timestamp};

word_enum! {
    /// What the answer of a target may prove.
    pub enum Standing: "standing" {
        /// An anchor that is proven to lie beyond the home: it votes.
        Far = "far",
        /// An anchor of which nothing shows where it answers: it votes.
        Unproven = "unproven",
        /// An anchor at a private address that the owner trusts (`trust-private`): it votes.
        Trusted = "trusted",
        /// An anchor at an address that never leaves a home, a company or an ISP: it does not vote.
        Private = "private",
        /// An anchor that is answered within the home: it does not vote.
        Near = "near",
        /// An anchor that answered alone against all other witnesses, twice: it does not vote.
        FalseWitness = "false-witness",
        /// Not an anchor: it has no vote.
        NoAnchor = "no-anchor",
    }
}

impl Standing {
    /// The standing that a target has by its role and address alone. A name that has not been
    /// resolved (`None`) is taken to be far until it is.
    pub fn by_address(role: Role, address: Option<IpAddr>, private: PrivateAnchors) -> Self {
        match (address.is_some_and(is_private), private) {
            _ if role != Role::Anchor => Self::NoAnchor,
            (false, _) => Self::Unproven,
            (true, PrivateAnchors::Trusted) => Self::Trusted,
            (true, PrivateAnchors::Distrusted) => Self::Private,
        }
    }

    /// Whether its answers prove that the uplink works, and its silence counts against it.
    pub fn may_vote(self) -> bool {
        matches!(self, Self::Far | Self::Unproven | Self::Trusted)
    }

    /// Whether it is an anchor that was found to be unfit to vote.
    pub fn is_refused(self) -> bool {
        matches!(self, Self::Private | Self::Near | Self::FalseWitness)
    }
}

/// What private anchors count for (`trust-private`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum PrivateAnchors {
    /// They prove nothing.
    #[default]
    Distrusted,
    /// The far end of this network is private: they vote.
    Trusted,
}

impl From<bool> for PrivateAnchors {
    fn from(trusted: bool) -> Self {
        if trusted { Self::Trusted } else { Self::Distrusted }
    }
}

/// A target in use.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct RosterEntry {
    /// Its number.
    pub target: TargetId,
    /// What its answers may prove.
    pub standing: Standing,
    /// Whether it was one of the anchors that decided.
    pub decides: bool,
}

/// The targets in use. The default is that of a record without a history of them: every target it
/// ever had is taken to be in use, and every anchor votes.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Roster(Option<Vec<RosterEntry>>);

impl Roster {
    /// A roster that is known.
    pub fn new(entries: impl IntoIterator<Item = RosterEntry>) -> Self {
        Self(Some(entries.into_iter().collect()))
    }

    /// The targets in use; `None` where the record does not say.
    pub fn entries(&self) -> Option<&[RosterEntry]> {
        self.0.as_deref()
    }

    /// Whether the record says which targets were in use.
    pub fn is_known(&self) -> bool {
        self.0.is_some()
    }

    /// What the answers of a target may prove; `None` for one that is not in use.
    pub fn standing(&self, target: TargetId) -> Option<Standing> {
        match &self.0 {
            Some(entries) => entries.iter().find(|e| e.target == target).map(|e| e.standing),
            None => Some(Standing::Unproven),
        }
    }

    /// Whether a target in use is an anchor that may vote. Where the record does not say, any may.
    pub fn may_vote(&self, target: TargetId) -> bool {
        self.standing(target).is_some_and(Standing::may_vote)
    }

    /// Whether a target proves nothing about the internet: it is not in use, or was found unfit.
    pub fn is_refused(&self, target: TargetId) -> bool {
        self.standing(target).is_none_or(Standing::is_refused)
    }

    /// The anchors that decided.
    pub fn deciding(&self) -> Vec<TargetId> {
        let deciding = self.0.iter().flatten().filter(|entry| entry.decides);
        deciding.map(|entry| entry.target).collect()
    }

    /// The same with other deciding anchors.
    #[must_use]
    pub fn with_deciding(&self, deciding: &[TargetId]) -> Self {
        let one = |e: &RosterEntry| RosterEntry { decides: deciding.contains(&e.target), ..*e };
        Self(self.0.as_ref().map(|entries| entries.iter().map(one).collect()))
    }

    /// The same in which `target` is no longer believed.
    #[must_use]
    pub fn without_vote_of(&self, target: TargetId) -> Self {
        let one = |e: &RosterEntry| {
            if e.target == target {
                RosterEntry { standing: Standing::FalseWitness, decides: false, ..*e }
            } else {
                *e
            }
        };
        Self(self.0.as_ref().map(|entries| entries.iter().map(one).collect()))
    }
}

/// From when on a roster was in use.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RosterChange {
    /// The run in which it came into use.
    pub run: i64,
    /// When, in the UTC of that run.
    pub from: Timestamp,
    /// The targets in use from then on.
    pub roster: Roster,
}

/// All changes of the targets in use over a record.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RosterHistory {
    /// By run and time.
    changes: Vec<RosterChange>,
    /// Runs of other machines or programs: their targets say nothing of the runs that follow.
    foreign: Vec<i64>,
}

impl RosterHistory {
    /// The `changes`, by run and time, of a record with these runs.
    pub fn new(changes: Vec<RosterChange>, runs: &[Run]) -> Self {
        let is_foreign = |run: &&Run| matches!(run.ended, Some(RunEnd::Import | RunEnd::Merged));
        Self { changes, foreign: runs.iter().filter(is_foreign).map(|run| run.id).collect() }
    }

    /// The change that was in force in a run at the beginning of `range`, and those of the run
    /// within it. The first is missing where the record does not say.
    pub fn of_run(&self, run: i64, range: TimeRange) -> Vec<&RosterChange> {
        let is_foreign = |run: i64| self.foreign.contains(&run);
        let before = self.changes.iter().rev().find(|change| {
            let is_own = change.run == run && change.from <= range.from;
            let is_earlier = change.run < run && !is_foreign(run) && !is_foreign(change.run);
            is_own || is_earlier
        });
        let own = self.changes.iter().filter(|change| change.run == run);
        let within = own.filter(|change| range.from < change.from && change.from < range.to);
        before.into_iter().chain(within).collect()
    }

    /// Anchors that were found to be false witnesses at some time.
    pub fn false_witnesses(&self) -> Vec<TargetId> {
        let entries = self.changes.iter().filter_map(|change| change.roster.entries());
        let found = entries.flatten().filter(|e| e.standing == Standing::FalseWitness);
        let mut found: Vec<_> = found.map(|entry| entry.target).collect();
        found.sort_unstable();
        found.dedup();
        found
    }

    /// The roster of the last run of this machine; one that is not known where there is none.
    pub fn last(&self) -> Roster {
        let own = self.changes.iter().rfind(|change| !self.foreign.contains(&change.run));
        own.map(|change| change.roster.clone()).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn private_shared_local_and_odd_addresses_never_vouch_and_those_of_documentation_do() {
        let never = [
            "10.0.0.1",
            "172.16.0.1",
            "172.31.255.1",
            "192.168.0.1",
            "100.64.0.1",
            "100.127.255.254",
            "169.254.1.1",
            "127.0.0.1",
            "224.0.0.1",
            "255.255.255.255",
            "0.0.0.0",
            "192.0.0.1",
            "fc00::1",
            "fd12::1",
            "fe80::1",
            "fec0::1",
            "::1",
            "::",
            "ff02::1",
            "::ffff:10.0.0.1",
        ];
        for address in never {
            assert!(is_private(address.parse().unwrap()), "{address}");
        }
        let far = [
            "1.1.1.1",
            "172.15.0.1",
            "172.32.0.1",
            "100.63.0.1",
            "100.128.0.1",
            "192.0.0.9",
            "192.0.2.1",
            "198.51.100.1",
            "203.0.113.1",
            "2001:db8::1",
            "2606:4700:4700::1111",
            "::ffff:1.1.1.1",
        ];
        for address in far {
            assert!(!is_private(address.parse().unwrap()), "{address}");
        }
    }

    #[test]
    fn a_private_anchor_votes_only_where_it_is_trusted() {
        let by = |role, address: &str, private| {
            Standing::by_address(role, address.parse().ok(), private)
        };
        let (trusted, not) = (PrivateAnchors::Trusted, PrivateAnchors::Distrusted);
        assert_eq!(by(Role::Anchor, "10.1.1.1", not), Standing::Private);
        assert_eq!(by(Role::Anchor, "10.1.1.1", trusted), Standing::Trusted);
        assert_eq!(by(Role::Anchor, "1.1.1.1", trusted), Standing::Unproven);
        assert_eq!(by(Role::Anchor, "not.resolved.example", not), Standing::Unproven);
        assert_eq!(by(Role::Gateway, "10.1.1.1", not), Standing::NoAnchor);
        let votes: Vec<_> = Standing::ALL.into_iter().filter(|s| s.may_vote()).collect();
        assert_eq!(votes, [Standing::Far, Standing::Unproven, Standing::Trusted]);
    }

    #[test]
    fn without_a_history_everyone_votes_and_with_one_only_those_in_it() {
        let id = TargetId;
        let unknown = Roster::default();
        assert!(unknown.may_vote(id(1)) && !unknown.is_refused(id(1)) && !unknown.is_known());
        let entry = |n, standing| RosterEntry { target: id(n), standing, decides: true };
        let known = Roster::new([entry(1, Standing::Far), entry(2, Standing::Near)]);
        assert!(known.may_vote(id(1)) && !known.may_vote(id(2)) && !known.may_vote(id(3)));
        assert!(known.is_refused(id(2)) && known.is_refused(id(3)));
        let false_witness = known.without_vote_of(id(1));
        assert_eq!(false_witness.standing(id(1)), Some(Standing::FalseWitness));
        assert!(!false_witness.may_vote(id(1)));
    }
}
