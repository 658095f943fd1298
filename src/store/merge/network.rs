//! Whether two records are of the same network, as far as their targets show.

use std::collections::BTreeSet;

use crate::vocabulary::{Kind, Role, Target};

/// What shows that two files were recorded on different networks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OtherNetwork {
    /// `Isp`, or `Gateway` where no hop of the ISP is known in one of the files.
    pub role: Role,
    /// Addresses in the other file, none of which is known here.
    pub theirs: Vec<String>,
    /// Addresses here.
    pub ours: Vec<String>,
}

/// The first hops of the ISP decide; if a file has none, the gateways. Two homes with the same private
/// address of the router and no hop of the ISP cannot be distinguished.
pub(super) fn compare(ours: &[Target], theirs: &[Target]) -> Option<OtherNetwork> {
    for role in [Role::Isp, Role::Gateway] {
        let of = |targets: &[Target]| -> BTreeSet<String> {
            let hops = targets.iter().filter(|t| t.role == role && t.kind == Kind::Icmp);
            hops.map(|t| t.endpoint.to_string()).collect()
        };
        let (ours, theirs) = (of(ours), of(theirs));
        if ours.is_empty() || theirs.is_empty() {
            continue;
        }
        let known = !ours.is_disjoint(&theirs);
        return (!known).then(|| OtherNetwork {
            role,
            theirs: theirs.into_iter().collect(),
            ours: ours.into_iter().collect(),
        });
    }
    None
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::vocabulary::{Endpoint, TargetId};

    fn hops(hops: &[(Role, &str)]) -> Vec<Target> {
        let hop = |(role, address): &(Role, &str)| Target {
            id: TargetId(1),
            name: "hop".to_owned(),
            kind: Kind::Icmp,
            role: *role,
            endpoint: Endpoint::new(Kind::Icmp, *address),
            interval: Duration::from_secs(1),
        };
        hops.iter().map(hop).collect()
    }

    #[test]
    fn the_hop_of_the_isp_tells_two_networks_apart_where_routers_have_one_address() {
        let home = hops(&[(Role::Gateway, "192.168.1.1"), (Role::Isp, "10.9.0.1")]);
        let office = hops(&[(Role::Gateway, "192.168.1.1"), (Role::Isp, "100.64.3.1")]);
        let found = compare(&home, &office).unwrap();
        assert_eq!((found.role, found.theirs), (Role::Isp, vec!["100.64.3.1".to_owned()]));
        assert_eq!(compare(&home, &home), None);
        let moved = hops(&[(Role::Isp, "100.64.3.1"), (Role::Isp, "10.9.0.1")]);
        assert_eq!(compare(&home, &moved), None, "one that both know is enough");
    }

    #[test]
    fn without_a_hop_of_the_isp_the_gateways_tell_and_without_these_nothing() {
        let home = hops(&[(Role::Gateway, "192.168.1.1"), (Role::Isp, "10.9.0.1")]);
        let cafe = hops(&[(Role::Gateway, "172.16.0.1")]);
        assert_eq!(compare(&home, &cafe).unwrap().role, Role::Gateway);
        assert_eq!(compare(&home, &hops(&[(Role::Anchor, "1.1.1.1")])), None);
        assert_eq!(compare(&[], &home), None);
    }
}
