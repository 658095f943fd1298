//! What an address says of where its host is.

use std::net::IpAddr;

/// Whether an address can never vouch for the internet: private (RFC 1918, RFC 4193), shared with
/// an ISP's customers (RFC 6598), link-local, loopback, multicast, unspecified, or the ISP's end
/// of a tunnel (RFC 7335). Addresses of documentation are no exception to being far.
pub fn is_private(address: IpAddr) -> bool {
    match address.to_canonical() {
        IpAddr::V4(ip) => {
            let [a, b, c, d] = ip.octets();
            ip.is_private()
                || ip.is_link_local()
                || ip.is_loopback()
                || ip.is_multicast()
                || ip.is_broadcast()
                || a == 0
                || (a == 100 && b & 0xC0 == 64)
                || ([a, b, c] == [192, 0, 0] && d < 8)
        }
        IpAddr::V6(ip) => {
            let is_site_local = ip.segments()[0] & 0xFFC0 == 0xFEC0;
            ip.is_unique_local()
                || ip.is_unicast_link_local()
                || is_site_local
                || ip.is_loopback()
                || ip.is_multicast()
                || ip.is_unspecified()
        }
    }
}

/// Whether an address is of a home network: RFC 1918, unique local, link-local, loopback or
/// unspecified. Those that an ISP shares among its customers are not.
pub fn is_of_home(address: IpAddr) -> bool {
    match address.to_canonical() {
        IpAddr::V4(ip) => {
            ip.is_private() || ip.is_link_local() || ip.is_loopback() || ip.is_unspecified()
        }
        IpAddr::V6(ip) => {
            ip.is_unique_local()
                || ip.is_unicast_link_local()
                || ip.is_loopback()
                || ip.is_unspecified()
        }
    }
}

/// Whether an IPv6 address means nothing without its interface. A gateway with such an address may be
/// the home's router or the ISP's.
pub fn is_link_local_v6(address: IpAddr) -> bool {
    matches!(address, IpAddr::V6(ip) if ip.is_unicast_link_local())
}

/// Whether two addresses are of one block of an ISP's: a /16 of IPv4, a /32 of IPv6.
pub fn are_numbered_alike(a: IpAddr, b: IpAddr) -> bool {
    match (a, b) {
        (IpAddr::V4(a), IpAddr::V4(b)) => a.octets()[..2] == b.octets()[..2],
        (IpAddr::V6(a), IpAddr::V6(b)) => a.segments()[..2] == b.segments()[..2],
        _ => false,
    }
}

/// Whether a default gateway with this address is the ISP's, not the home's: a public or shared
/// IPv4 address. Routers of homes have global IPv6 addresses, which say nothing.
pub fn is_isps_gateway(address: IpAddr) -> bool {
    match address.to_canonical() {
        IpAddr::V4(ip) => {
            let [a, b, ..] = ip.octets();
            !is_private(ip.into()) || (a == 100 && b & 0xC0 == 64)
        }
        IpAddr::V6(_) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_gateway_at_a_public_or_shared_address_is_the_isps() {
        let isps = |text: &str| is_isps_gateway(text.parse().unwrap());
        for ours in
            ["192.168.1.1", "10.0.0.1", "172.31.0.1", "169.254.1.1", "fe80::1", "2001:db8::1"]
        {
            assert!(!isps(ours), "{ours}");
        }
        for theirs in
            ["203.0.113.1", "100.64.0.1", "100.127.255.254", "8.8.8.8", "::ffff:203.0.113.1"]
        {
            assert!(isps(theirs), "{theirs}");
        }
        assert!(isps("100.128.0.1") && !isps("192.0.0.1"));
    }
}
