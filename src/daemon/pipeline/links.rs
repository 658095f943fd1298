//! Whether the interface of the way out has a carrier. Its routes mostly go with it, so that the kernel
//! says "no route" of a cable that was pulled: where the next router is the ISP's, that would blame the
//! ISP. The other way round, a PPP link that has gone is the line's end, and no cable of the home.

use std::collections::BTreeSet;

use crate::vocabulary::{
    HostChange, IpVersion, Measurement, Medium, NotSent, Observation, Outcome, Way,
};

/// The interfaces of the ways out, and those that cannot send.
#[derive(Debug, Default)]
pub(super) struct OwnLinks {
    /// Of each family's last way.
    uplinks: [Option<(String, Medium)>; 2],
    down: BTreeSet<String>,
}

impl OwnLinks {
    /// Packets of a family leave by this way.
    pub(super) fn saw(&mut self, version: IpVersion, way: Option<&Way>) {
        if let Some(way) = way {
            self.uplinks[version.index()] = Some((way.interface.clone(), way.medium));
        }
    }

    /// Something happened to this host.
    pub(super) fn on_host(&mut self, change: &HostChange) {
        let (interface, works) = match change {
            HostChange::Carrier { interface, up } => (interface, *up),
            HostChange::Interface { interface, present } => (interface, *present),
            _ => return,
        };
        if works {
            self.down.remove(interface);
        } else {
            self.down.insert(interface.clone());
        }
    }

    /// What a probe lacked that could not be sent for want of a route or an interface.
    fn lacked(&self) -> NotSent {
        let mut uplinks = self.uplinks.iter().flatten().peekable();
        let is_dead_cable = |(name, medium): &(String, Medium)| {
            matches!(medium, Medium::Cable | Medium::Wifi) && self.down.contains(name)
        };
        if uplinks.peek().is_some() && uplinks.all(is_dead_cable) {
            NotSent::LinkDown
        } else {
            NotSent::NoRoute
        }
    }

    /// Whether an interface may be one of the home's own: none is known, or one is no line by itself.
    fn may_be_cable(&self) -> bool {
        let mut uplinks = self.uplinks.iter().flatten().peekable();
        let is_line = |(_, medium): &(String, Medium)| {
            matches!(medium, Medium::Ppp | Medium::Mobile | Medium::Tunnel)
        };
        uplinks.peek().is_none() || !uplinks.all(is_line)
    }

    /// What a measurement is in truth that is told otherwise by the kernel; `None`: it is as told.
    pub(super) fn corrected(&self, observation: &Observation) -> Option<Observation> {
        let Observation::Measured(m) = observation else { return None };
        let reason = match m.outcome {
            Outcome::NotSent(NotSent::NoRoute) => self.lacked(),
            Outcome::NotSent(NotSent::LinkDown) if !self.may_be_cable() => NotSent::NoRoute,
            _ => return None,
        };
        let outcome = Outcome::NotSent(reason);
        (outcome != m.outcome).then(|| Observation::Measured(Measurement { outcome, ..m.clone() }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::Timestamp;
    use crate::vocabulary::TargetId;

    fn way(interface: &str) -> Way {
        Way {
            interface: interface.to_owned(),
            medium: Medium::Cable,
            gateway: None,
            mac: None,
            isp_hop: None,
            avoids: None,
        }
    }

    fn carrier(interface: &str, up: bool) -> HostChange {
        HostChange::Carrier { interface: interface.to_owned(), up }
    }

    fn not_sent(reason: NotSent) -> Observation {
        Observation::Measured(Measurement {
            target: TargetId(1),
            sent_at: Timestamp::from_micros(0),
            outcome: Outcome::NotSent(reason),
        })
    }

    #[test]
    fn a_route_that_went_with_the_cable_is_missing_for_want_of_the_cable() {
        let mut links = OwnLinks::default();
        let no_route = not_sent(NotSent::NoRoute);
        links.on_host(&carrier("lan0", false));
        assert_eq!(links.corrected(&no_route), None, "it is not known to be the way out");
        links.saw(IpVersion::V4, Some(&way("lan0")));
        links.saw(IpVersion::V4, None);
        assert_eq!(links.corrected(&no_route), Some(not_sent(NotSent::LinkDown)));
        assert_eq!(links.corrected(&not_sent(NotSent::Forbidden)), None);
        links.on_host(&carrier("lan0", true));
        assert_eq!(links.corrected(&no_route), None);
    }

    #[test]
    fn one_of_two_ways_that_can_send_is_enough_to_say_nothing() {
        let mut links = OwnLinks::default();
        links.saw(IpVersion::V4, Some(&way("lan0")));
        links.saw(IpVersion::V6, Some(&way("ppp0")));
        links.on_host(&HostChange::Interface { interface: "ppp0".to_owned(), present: false });
        assert_eq!(links.corrected(&not_sent(NotSent::NoRoute)), None);
    }

    #[test]
    fn a_ppp_link_that_has_gone_is_the_line_and_no_cable_of_the_home() {
        let mut links = OwnLinks::default();
        links.saw(IpVersion::V4, Some(&Way { medium: Medium::Ppp, ..way("ppp0") }));
        links.on_host(&HostChange::Interface { interface: "ppp0".to_owned(), present: false });
        assert_eq!(links.corrected(&not_sent(NotSent::NoRoute)), None);
        assert_eq!(links.corrected(&not_sent(NotSent::LinkDown)), Some(not_sent(NotSent::NoRoute)));
    }
}
