//! Which interfaces are of interest: those that are or were the way to a default route. On a host
//! with containers others come and go all day and say nothing of the uplink. Pure.

use std::collections::BTreeSet;

use super::HostSnapshot;
use crate::vocabulary::HostChange;

/// The names of the interfaces that have led to a default route since the start.
#[derive(Debug, Default)]
pub(super) struct WaysOut {
    interfaces: BTreeSet<String>,
}

impl WaysOut {
    pub(super) fn new(now: &HostSnapshot) -> Self {
        let routes = now.default_route_v4.iter().chain(&now.default_route_v6);
        Self { interfaces: routes.map(|route| route.interface.clone()).collect() }
    }

    /// Leaves in `changes` what is of interest. A new way out is one for all of `changes`: its
    /// link and address mostly come just before its route.
    pub(super) fn keep(&mut self, changes: &mut Vec<HostChange>) {
        for change in &*changes {
            if let HostChange::DefaultRoute { interface: Some(interface), .. } = change {
                self.interfaces.insert(interface.clone());
            }
        }
        changes.retain(|change| match change {
            HostChange::Carrier { interface, .. }
            | HostChange::Interface { interface, .. }
            | HostChange::Address { interface, .. } => self.interfaces.contains(interface),
            HostChange::DefaultRoute { .. }
            | HostChange::Slept { .. }
            | HostChange::ClockStep { .. }
            | HostChange::ClockSync { .. }
            | HostChange::DeadEntry { .. }
            | HostChange::FreshIdentifierUnanswered { .. } => true,
        });
    }
}

#[cfg(test)]
mod tests {
    use super::super::DefaultRoute;
    use super::*;

    fn carrier(interface: &str) -> HostChange {
        HostChange::Carrier { interface: interface.to_owned(), up: true }
    }

    fn route(interface: Option<&str>) -> HostChange {
        let interface = interface.map(str::to_owned);
        HostChange::DefaultRoute { v6: false, interface, gateway: None }
    }

    fn kept(ways: &mut WaysOut, changes: &[HostChange]) -> Vec<HostChange> {
        let mut changes = changes.to_vec();
        ways.keep(&mut changes);
        changes
    }

    #[test]
    fn an_interface_that_never_led_to_a_default_route_is_of_no_interest() {
        let way = DefaultRoute { interface: "eth0".to_owned(), gateway: None };
        let mut ways =
            WaysOut::new(&HostSnapshot { default_route_v6: Some(way), ..HostSnapshot::default() });
        let name = || "veth1a2b".to_owned();
        let churn = [
            HostChange::Interface { interface: name(), present: true },
            carrier(&name()),
            HostChange::Address {
                interface: name(),
                address: [172, 17, 0, 1].into(),
                present: true,
            },
            carrier("eth0"),
        ];
        assert_eq!(kept(&mut ways, &churn), [carrier("eth0")]);
    }

    #[test]
    fn a_way_out_is_of_interest_from_the_changes_that_bring_its_route_and_when_it_has_lost_it() {
        let mut ways = WaysOut::default();
        let arrival = [carrier("usb0"), route(Some("usb0"))];
        assert_eq!(kept(&mut ways, &arrival), arrival);
        assert_eq!(kept(&mut ways, &[route(None)]), [route(None)]);
        assert_eq!(kept(&mut ways, &[carrier("usb0")]), [carrier("usb0")]);
    }
}
