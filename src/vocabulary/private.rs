//! Addresses that say nothing of the internet.

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
