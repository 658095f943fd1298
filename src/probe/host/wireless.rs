//! The access point that an interface is connected to, asked of the kernel. No scan is ever made.

use std::os::fd::AsRawFd;

use nix::sys::socket::{
    MsgFlags, NetlinkAddr, SockFlag, SockProtocol, SockType, bind, recv, send, setsockopt, socket,
    sockopt,
};
use nix::sys::time::{TimeVal, TimeValLike};

use super::netlink::{self, DumpPart, KernelStation, Raw};
use super::{ANSWER_WITHIN, DATAGRAM, Error, error};
use crate::vocabulary::AccessPoint;

/// Datagrams of one answer at most: a client has one station, an access point some hundred.
const DATAGRAMS: usize = 64;

/// The access point of an interface; `None` where it has none, or is not Wi-Fi.
#[allow(clippy::redundant_closure_for_method_calls, reason = "a path is not general enough")]
pub fn station(interface: &str) -> Option<AccessPoint> {
    let index = nix::net::if_::if_nametoindex(interface).ok()?;
    let family = ask(&netlink::family_request(1), |raw| raw.family()).ok()?.pop()?;
    let request = netlink::stations_request(family, index, 2);
    let found = ask(&request, |raw| raw.station(family)).ok()?;
    // One that is an access point itself has many.
    let [one] = <[KernelStation; 1]>::try_from(found).ok()?;
    let KernelStation { bssid, signal_dbm, rate_kbps, connected } = one;
    Some(AccessPoint { interface: interface.to_owned(), bssid, signal_dbm, rate_kbps, connected })
}

/// What `read` makes of the parts of an answer.
fn ask<T>(request: &[u8], read: impl Fn(&Raw<'_>) -> Option<T>) -> Result<Vec<T>, Error> {
    let family = nix::sys::socket::AddressFamily::Netlink;
    let generic = SockProtocol::NetlinkGeneric;
    let socket = socket(family, SockType::Raw, SockFlag::SOCK_CLOEXEC, generic)
        .map_err(error("open a generic netlink socket"))?;
    bind(socket.as_raw_fd(), &NetlinkAddr::new(0, 0)).map_err(error("bind to generic netlink"))?;
    setsockopt(&socket, sockopt::ReceiveTimeout, &TimeVal::seconds(ANSWER_WITHIN))
        .map_err(error("limit the wait for generic netlink"))?;
    send(socket.as_raw_fd(), request, MsgFlags::empty()).map_err(error("ask generic netlink"))?;
    let mut found = Vec::new();
    let mut buffer = vec![0; DATAGRAM];
    for _ in 0..DATAGRAMS {
        let length = recv(socket.as_raw_fd(), &mut buffer, MsgFlags::empty())
            .map_err(error("read from generic netlink"))?;
        for raw in netlink::messages(&buffer[..length]) {
            if let Some(why) = raw.refusal() {
                return Err(error("ask generic netlink")(why));
            }
            if raw.part() == DumpPart::Done {
                return Ok(found);
            }
            found.extend(read(&raw));
        }
        // The answer about a family is a single message.
        if request.get(4) == Some(&0x10) && !found.is_empty() {
            break;
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_interface_without_wifi_has_no_access_point() {
        assert_eq!(station("lo"), None);
        assert_eq!(station("no-such-name"), None);
    }
}
