//! Which anchors decide whether the link is up, and how many of them answer. This is the only
//! definition; the detector, reports, metrics and everything that shows the present use it.
//!
//! Of the anchors that may vote ([`Standing`](super::Standing)) those that are probed by ICMP over
//! IPv4 decide where two of them are able, that is, have answered lately; else those over IPv6.
//! Anchors that are probed over HTTP, DNS or TCP never do.

use super::ip_version::IpVersion;
use super::kind::Kind;
use super::loss::LossRatio;
use super::target::{Role, Target};

/// What it takes to know whether a target can be an anchor that decides.
pub trait AnchorCandidate {
    /// How it is probed.
    fn kind(&self) -> Kind;
    /// Its role.
    fn role(&self) -> Role;
    /// Whether it has an IPv6 address. A name that has never been resolved counts as IPv4.
    fn is_v6(&self) -> bool;
}

impl AnchorCandidate for Target {
    fn kind(&self) -> Kind {
        self.kind
    }
    fn role(&self) -> Role {
        self.role
    }
    fn is_v6(&self) -> bool {
        Target::is_v6(self)
    }
}

/// The address family whose ICMP anchors decide.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum DecidingFamily {
    /// There is an anchor over IPv4 that may vote, or no anchor at all.
    #[default]
    Ipv4,
    /// No anchor over IPv4 may vote, or too few of them are able.
    Ipv6,
}

/// How many anchors of each family are able: they may vote and have answered lately.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct AbleAnchors {
    /// Over IPv4.
    pub v4: usize,
    /// Over IPv6.
    pub v6: usize,
}

/// This many anchors have to be able for a family to decide before the other.
const ENOUGH: usize = 2;

impl DecidingFamily {
    /// The protocol of its anchors.
    pub fn version(self) -> IpVersion {
        match self {
            Self::Ipv4 => IpVersion::V4,
            Self::Ipv6 => IpVersion::V6,
        }
    }

    /// The deciding family of the anchors among `targets` that may vote, while it is not known
    /// which of them are able.
    pub fn of<'a, T: AnchorCandidate + 'a>(voting: impl IntoIterator<Item = &'a T>) -> Self {
        let mut anchors = voting.into_iter().filter(|t| is_icmp_anchor(*t)).peekable();
        if anchors.peek().is_some() && anchors.all(T::is_v6) { Self::Ipv6 } else { Self::Ipv4 }
    }

    /// The deciding family where it is known which anchors are able. `self` stays where neither
    /// family has enough of them and both have as many.
    #[must_use]
    pub fn among(self, able: AbleAnchors) -> Self {
        match able {
            AbleAnchors { v4, .. } if v4 >= ENOUGH => Self::Ipv4,
            AbleAnchors { v6, .. } if v6 >= ENOUGH => Self::Ipv6,
            AbleAnchors { v4, v6 } if v4 > v6 => Self::Ipv4,
            AbleAnchors { v4, v6 } if v6 > v4 => Self::Ipv6,
            AbleAnchors { .. } => self,
        }
    }

    /// Whether the target is an ICMP anchor of this family: one that decides, if it may vote.
    pub fn covers(self, target: &impl AnchorCandidate) -> bool {
        is_icmp_anchor(target) && target.is_v6() == (self == Self::Ipv6)
    }
}

fn is_icmp_anchor(target: &impl AnchorCandidate) -> bool {
    target.kind() == Kind::Icmp && target.role() == Role::Anchor
}

/// The anchors among `targets` that decide whether the link is up, while it is not known which of
/// them are able; `may_vote` says which of them may.
pub fn deciding_anchors<'a, T: AnchorCandidate + 'a>(
    targets: impl IntoIterator<Item = &'a T>,
    may_vote: impl Fn(&T) -> bool,
) -> Vec<&'a T> {
    let mut anchors: Vec<_> = targets.into_iter().filter(|t| may_vote(t)).collect();
    let family = DecidingFamily::of(anchors.iter().copied());
    anchors.retain(|target| family.covers(*target));
    anchors
}

/// How many of the deciding anchors answer: collected from the loss of each.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct AnchorCounts {
    /// Anchors that answered at least one probe.
    pub answering: usize,
    /// Anchors that answered none of those sent.
    pub silent: usize,
    /// Anchors to which nothing was sent.
    pub not_asked: usize,
    /// Probes of all of them together.
    pub probes: LossRatio,
}

impl AnchorCounts {
    /// How many anchors decide.
    pub fn anchors(&self) -> usize {
        self.answering + self.silent + self.not_asked
    }
}

impl FromIterator<LossRatio> for AnchorCounts {
    fn from_iter<I: IntoIterator<Item = LossRatio>>(losses: I) -> Self {
        let mut counts = Self::default();
        for loss in losses {
            counts.answering += usize::from(loss.lost < loss.sent);
            counts.silent += usize::from(loss.sent > 0 && loss.lost >= loss.sent);
            counts.not_asked += usize::from(loss.sent == 0);
            counts.probes += loss;
        }
        counts
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Simple(Kind, Role, bool);

    impl AnchorCandidate for Simple {
        fn kind(&self) -> Kind {
            self.0
        }
        fn role(&self) -> Role {
            self.1
        }
        fn is_v6(&self) -> bool {
            self.2
        }
    }

    const V4: Simple = Simple(Kind::Icmp, Role::Anchor, false);
    const V6: Simple = Simple(Kind::Icmp, Role::Anchor, true);

    #[track_caller]
    fn check(targets: &[Simple], deciding: &[usize]) {
        let found = deciding_anchors(targets, |_| true);
        let found: Vec<_> = targets
            .iter()
            .enumerate()
            .filter(|(_, t)| found.iter().any(|f| std::ptr::eq(*f, *t)))
            .map(|(index, _)| index)
            .collect();
        assert_eq!(found, deciding);
    }

    #[test]
    fn ipv4_anchors_decide_and_ipv6_ones_only_where_there_is_no_other() {
        check(&[V6, V4, V6, V4], &[1, 3]);
        check(&[V6, V6], &[0, 1]);
        check(&[], &[]);
        check(&[Simple(Kind::Icmp, Role::Gateway, false), V6], &[1]);
    }

    #[test]
    fn an_anchor_that_is_not_probed_over_icmp_never_decides() {
        check(&[Simple(Kind::Http, Role::Anchor, false), V6], &[1]);
        check(&[Simple(Kind::Tcp, Role::Anchor, false)], &[]);
    }

    #[test]
    fn an_anchor_that_may_not_vote_does_not_decide_and_keeps_no_family() {
        let targets = [V4, V6, V6];
        let found = deciding_anchors(&targets, AnchorCandidate::is_v6);
        assert_eq!(found.len(), 2);
        assert!(found.iter().all(|t| t.is_v6()));
    }

    #[test]
    fn ipv4_decides_where_two_of_its_anchors_are_able_and_else_the_family_with_more() {
        use DecidingFamily::{Ipv4, Ipv6};
        let among = |before: DecidingFamily, v4, v6| before.among(AbleAnchors { v4, v6 });
        for before in [Ipv4, Ipv6] {
            assert_eq!(among(before, 2, 3), Ipv4);
            assert_eq!(among(before, 1, 2), Ipv6, "one IPv4 anchor is dead");
            assert_eq!(among(before, 1, 0), Ipv4);
            assert_eq!(among(before, 0, 1), Ipv6);
            assert_eq!(among(before, 1, 1), before);
            assert_eq!(among(before, 0, 0), before);
        }
    }

    #[test]
    fn one_answer_makes_an_anchor_answering() {
        let loss = |lost, sent| LossRatio { lost, sent };
        let counts: AnchorCounts = [loss(59, 60), loss(60, 60), loss(0, 0)].into_iter().collect();
        assert_eq!((counts.answering, counts.silent, counts.not_asked), (1, 1, 1));
        assert_eq!((counts.anchors(), counts.probes), (3, loss(119, 120)));
    }
}
