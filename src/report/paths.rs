//! The path at the moments of a drop: who answered last, who was silent first, and who came back first.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::time::Duration;

use crate::time::{TimeRange, Timestamp};
use crate::vocabulary::well_known::is_public_test_point;
use crate::vocabulary::{
    HopReturn, IpVersion, Kind, LinkDrop, PathHop, PathMoment, PathRound, Role, Target,
};

/// How long after its end a round may belong to a drop.
const AFTER: Duration = Duration::from_secs(30);
/// The requests of a round leave within this.
const ROUND: Duration = Duration::from_millis(250);

/// What is read beyond a period, so that its drops have all their rounds.
pub(super) const MARGIN: Duration = Duration::from_secs(60);

/// The rounds of one drop, and what they say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DropPath {
    /// The rounds, by time.
    pub rounds: Vec<PathRound>,
    /// What they say of the way over the protocol by which the link is judged; `None` where no round
    /// was answered or not while it lasted.
    pub finding: Option<PathFinding>,
    /// What came back first.
    pub back: CameBack,
}

/// Who answered while the drop lasted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PathFinding {
    /// The furthest hop that answered; `None`: not even the first did.
    pub last_answered: Option<NamedHop>,
    /// The next hop that is known to answer; `None` where none beyond is known.
    pub first_silent: Option<NamedHop>,
}

/// Which of the targets that were silent answered first afterwards.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CameBack {
    /// It is not known.
    Unknown,
    /// All within the time between two probes.
    Together,
    /// These, before the others.
    First(Vec<NamedHop>),
}

/// A hop in words: by its address, else by its number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NamedHop {
    /// The hop limit; `None` for one that is only known as a target.
    pub ttl: Option<u8>,
    /// Its address; `None` where it is not known, or was taken out.
    pub address: Option<IpAddr>,
    /// What it is, where it is probed as a target.
    pub role: Option<Role>,
}

impl DropPath {
    /// That of a drop, out of the rounds of a period; `None` where it has none. `targets` name the hops.
    pub fn of(drop: &LinkDrop, rounds: &[PathRound], targets: &[Target]) -> Option<Self> {
        let end = drop.end.map(|end| end.latest);
        let belongs = |round: &&PathRound| {
            round.at >= drop.onset.earliest
                && match (round.moment, end) {
                    (_, None) => true,
                    (PathMoment::End | PathMoment::Back, Some(end)) => round.at <= end + AFTER,
                    (_, Some(end)) => round.at <= end + Duration::from_secs(1),
                }
        };
        let rounds: Vec<_> = rounds.iter().filter(belongs).cloned().collect();
        if rounds.is_empty() {
            return None;
        }
        let names = HopNames { targets };
        let finding =
            IpVersion::BOTH.into_iter().find_map(|family| finding(drop, &rounds, family, &names));
        let back = rounds.iter().rev().find(|round| round.moment == PathMoment::Back);
        let back = back.map_or(CameBack::Unknown, |round| came_back(&round.returns, &names));
        Some(Self { rounds, finding, back })
    }
}

/// Whether an address may be shown to strangers: it is the same for everybody.
fn is_public(address: IpAddr) -> bool {
    is_public_test_point(&address.to_string())
}

impl DropPath {
    /// Without the addresses of this line's hops: what is known of them is left as the unspecified
    /// address, and their numbers and roles stay.
    #[must_use]
    pub(super) fn without_addresses(mut self) -> Self {
        let hidden = |address: IpAddr| match address {
            _ if is_public(address) => address,
            IpAddr::V4(_) => Ipv4Addr::UNSPECIFIED.into(),
            IpAddr::V6(_) => Ipv6Addr::UNSPECIFIED.into(),
        };
        for round in &mut self.rounds {
            round.towards = round.towards.map(hidden);
            for hop in &mut round.hops {
                hop.usual = hop.usual.map(hidden);
                hop.by = hop.by.map(hidden);
            }
            for back in &mut round.returns {
                back.address = hidden(back.address);
            }
        }
        let hide = |hop: &mut NamedHop| hop.address = hop.address.filter(|a| is_public(*a));
        if let Some(finding) = &mut self.finding {
            let both = [&mut finding.last_answered, &mut finding.first_silent];
            both.into_iter().flatten().for_each(hide);
        }
        if let CameBack::First(hops) = &mut self.back {
            hops.iter_mut().for_each(hide);
        }
        self
    }

    /// The addresses that [`Self::without_addresses`] takes out.
    pub(super) fn private_addresses(&self) -> Vec<String> {
        let rounds = self.rounds.iter();
        let all = rounds.flat_map(|round| {
            let hops = round.hops.iter().flat_map(|hop| [hop.usual, hop.by]);
            let returns = round.returns.iter().map(|back| Some(back.address));
            hops.chain(returns).chain([round.towards]).flatten().collect::<Vec<_>>()
        });
        all.filter(|address| !is_public(*address)).map(|address| address.to_string()).collect()
    }
}

struct HopNames<'a> {
    targets: &'a [Target],
}

impl HopNames<'_> {
    fn role(&self, address: IpAddr) -> Option<Role> {
        let is_it = |t: &&Target| t.kind == Kind::Icmp && t.ip() == Some(address);
        self.targets.iter().find(is_it).map(|target| target.role)
    }

    fn name(&self, ttl: Option<u8>, address: Option<IpAddr>) -> NamedHop {
        // The first router has other addresses over IPv6 and beyond.
        let of_place = (ttl == Some(1)).then_some(Role::Gateway);
        NamedHop { ttl, address, role: address.and_then(|a| self.role(a)).or(of_place) }
    }
}

/// Whether all requests of a round left while nothing worked for certain.
fn is_within(drop: &LinkDrop, at: Timestamp) -> bool {
    let whole = [drop.whole()];
    let stretches = if drop.stretches.is_empty() { &whole[..] } else { &drop.stretches };
    stretches.iter().any(|stretch| {
        let until = stretch.end.map_or(TimeRange::EVER.to, |end| end.earliest);
        at >= stretch.onset.latest && at + ROUND <= until
    })
}

fn finding(
    drop: &LinkDrop,
    rounds: &[PathRound],
    family: IpVersion,
    names: &HopNames<'_>,
) -> Option<PathFinding> {
    let is_down = |round: &&PathRound| {
        round.family == family && round.unsent.is_none() && is_within(drop, round.at)
    };
    let down: Vec<_> = rounds.iter().filter(is_down).collect();
    let asked: Vec<&PathHop> = down.iter().flat_map(|round| &round.hops).collect();
    if asked.is_empty() {
        return None;
    }
    // What answers each second is at its usual place.
    let answered: Vec<IpAddr> = drop
        .answered
        .iter()
        .filter_map(|id| names.targets.iter().find(|t| t.id == *id))
        .filter_map(Target::ip)
        .collect();
    let seen = asked.iter().filter_map(|hop| {
        let by = hop.by.or_else(|| hop.usual.filter(|usual| answered.contains(usual)))?;
        Some((hop.ttl, by))
    });
    let last = seen.max_by_key(|(ttl, _)| *ttl);
    let beyond = last.map_or(0, |(ttl, _)| ttl);
    let silent = asked.iter().filter(|hop| hop.ttl > beyond);
    let known = silent.clone().filter(|hop| hop.usual.is_some()).min_by_key(|hop| hop.ttl);
    // Where nothing is known of the hops beyond, it is the next.
    let next = known.copied().or_else(|| silent.min_by_key(|hop| hop.ttl).copied());
    Some(PathFinding {
        last_answered: last.map(|(ttl, by)| names.name(Some(ttl), Some(by))),
        first_silent: next.map(|hop| names.name(Some(hop.ttl), hop.usual)),
    })
}

fn came_back(returns: &[HopReturn], names: &HopNames<'_>) -> CameBack {
    let Some(first) = returns.iter().map(|r| r.latest_ms).min() else { return CameBack::Unknown };
    // A target is asked once a second: one whose last lost probe left before the first answer may have
    // been back as early.
    let (early, late): (Vec<_>, Vec<_>) = returns.iter().partition(|r| r.earliest_ms < first);
    if late.is_empty() {
        return if returns.len() > 1 { CameBack::Together } else { CameBack::Unknown };
    }
    CameBack::First(early.iter().map(|r| names.name(None, Some(r.address))).collect())
}

#[cfg(test)]
mod tests;
