//! Where a hop is on the way, and which faults its answers and its silence can tell.

use crate::vocabulary::{Kind, Place, Role, Target};

/// The position of a hop between this host and the internet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum HopPosition {
    /// The router of the home.
    Gateway,
    /// The modem.
    Modem,
    /// The first router of the ISP.
    FirstOfIsp,
    /// A router of the ISP behind its first.
    InsideIsp,
    /// One of several routers of the ISP whose order is not known.
    SomewhereInIsp,
}

impl HopPosition {
    /// That of a target among all; `None` for one that is not on the way.
    pub(crate) fn of(target: &Target, all: &[Target]) -> Option<Self> {
        let is_hop = |other: &Target| {
            other.kind == Kind::Icmp
                && other.witness_role() == Role::Isp
                && !other.is_inner_hop()
                && other.is_v6() == target.is_v6()
        };
        match target.witness_role() {
            _ if target.kind != Kind::Icmp => None,
            Role::Gateway => Some(Self::Gateway),
            Role::Modem => Some(Self::Modem),
            Role::Isp if target.is_inner_hop() => Some(Self::InsideIsp),
            Role::Isp if all.iter().filter(|other| is_hop(other)).count() > 1 => {
                Some(Self::SomewhereInIsp)
            }
            Role::Isp => Some(Self::FirstOfIsp),
            Role::Anchor | Role::Service => None,
        }
    }

    /// The farthest place that its answers clear.
    pub(crate) fn clears(self) -> Place {
        match self {
            Self::Gateway => Place::Lan,
            Self::Modem => Place::Modem,
            Self::FirstOfIsp | Self::InsideIsp | Self::SomewhereInIsp => Place::Access,
        }
    }

    /// The farthest place in which a fault may silence it.
    pub(crate) fn silenced_by(self) -> Place {
        match self {
            Self::InsideIsp | Self::SomewhereInIsp => Place::IspCore,
            Self::Gateway | Self::Modem | Self::FirstOfIsp => self.clears(),
        }
    }
}
