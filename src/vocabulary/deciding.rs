//! Which anchors decide whether the link is up, and how many of them answer. This is the only
//! definition; the detector, reports, metrics and everything that shows the present use it.
//!
//! The ICMP anchors over IPv4 decide; those over IPv6 only where there is no other. Anchors that
//! are probed over HTTP, DNS or TCP never do.

use super::kind::Kind;
use super::loss::LossRatio;
use super::target::{Role, Target};

/// What it takes to know whether a target is an anchor that decides.
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
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DecidingFamily {
    /// There is an anchor over IPv4, or no anchor at all.
    Ipv4,
    /// All anchors are probed over IPv6.
    Ipv6,
}

impl DecidingFamily {
    /// The deciding family of `targets`.
    pub fn of<'a, T: AnchorCandidate + 'a>(targets: impl IntoIterator<Item = &'a T>) -> Self {
        let mut anchors = targets.into_iter().filter(|t| is_icmp_anchor(*t)).peekable();
        if anchors.peek().is_some() && anchors.all(T::is_v6) { Self::Ipv6 } else { Self::Ipv4 }
    }

    /// Whether the target is probed over ICMP in this family: as an anchor that decides, or as a
    /// hop on the way to one.
    pub fn covers(self, target: &impl AnchorCandidate) -> bool {
        target.kind() == Kind::Icmp && target.is_v6() == (self == Self::Ipv6)
    }

    /// Whether the target is an anchor that decides.
    pub fn is_decided_by(self, target: &impl AnchorCandidate) -> bool {
        target.role() == Role::Anchor && self.covers(target)
    }
}

fn is_icmp_anchor(target: &impl AnchorCandidate) -> bool {
    target.kind() == Kind::Icmp && target.role() == Role::Anchor
}

/// The anchors among `targets` that decide whether the link is up.
pub fn deciding_anchors<'a, T: AnchorCandidate + 'a>(
    targets: impl IntoIterator<Item = &'a T, IntoIter: Clone>,
) -> Vec<&'a T> {
    let targets = targets.into_iter();
    let family = DecidingFamily::of(targets.clone());
    targets.filter(|target| family.is_decided_by(*target)).collect()
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
        let found = deciding_anchors(targets);
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
    fn one_answer_makes_an_anchor_answering() {
        let loss = |lost, sent| LossRatio { lost, sent };
        let counts: AnchorCounts = [loss(59, 60), loss(60, 60), loss(0, 0)].into_iter().collect();
        assert_eq!((counts.answering, counts.silent, counts.not_asked), (1, 1, 1));
        assert_eq!((counts.anchors(), counts.probes), (3, loss(119, 120)));
    }
}
