//! What an interface is: from what the kernel says of its link, and from sysfs, which alone knows Wi-Fi
//! and the drivers of devices.

use std::path::Path;

use super::netlink::LinkNature;
use crate::vocabulary::Medium;

/// What the interface with this name is.
pub(super) fn of(name: &str, nature: &LinkNature) -> Medium {
    judge(name, nature, &Sysfs::read(name))
}

/// What sysfs says of an interface.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
struct Sysfs {
    radio: Option<Radio>,
    /// Name of the driver of its device.
    driver: String,
}

/// It has a radio of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Radio {
    Wifi,
}

impl Sysfs {
    fn read(name: &str) -> Self {
        // A name is 15 octets at most and has no slash; nothing else is followed.
        if name.is_empty() || name.contains('/') || name.starts_with('.') {
            return Self::default();
        }
        let folder = Path::new("/sys/class/net").join(name);
        let is_wifi = ["phy80211", "wireless"].iter().any(|entry| folder.join(entry).exists());
        let driver = std::fs::read_link(folder.join("device/driver")).ok();
        let driver = driver.as_deref().and_then(Path::file_name);
        Self {
            radio: is_wifi.then_some(Radio::Wifi),
            driver: driver.map(|name| name.to_string_lossy().into_owned()).unwrap_or_default(),
        }
    }
}

fn judge(name: &str, nature: &LinkNature, sysfs: &Sysfs) -> Medium {
    const ETHER: u16 = libc::ARPHRD_ETHER;
    /// A phone on USB, or a modem for a mobile network.
    const MOBILE: [&str; 8] = [
        "rndis_host",
        "ipheth",
        "qmi_wwan",
        "cdc_mbim",
        "huawei_cdc_ncm",
        "sierra_net",
        "hso",
        "mtk_t7xx",
    ];
    let kind = nature.kind.as_deref().unwrap_or_default();
    match (kind, nature.arphrd) {
        _ if sysfs.radio == Some(Radio::Wifi) => Medium::Wifi,
        ("wwan" | "rmnet", _) => Medium::Mobile,
        ("ppp", _) | (_, libc::ARPHRD_PPP) => Medium::Ppp,
        // Those that carry one family over the other are the ISP's (DS-Lite, 6rd).
        ("ip6tnl" | "sit", _) => Medium::Other,
        (
            "tun" | "wireguard" | "ovpn" | "ipip" | "gre" | "gretap" | "ip6gre" | "ip6gretap"
            | "vti" | "vti6" | "xfrm" | "vxlan" | "geneve" | "l2tp" | "ipsec",
            _,
        ) => Medium::Tunnel,
        _ if MOBILE.contains(&sysfs.driver.as_str()) || name.starts_with("wwan") => Medium::Mobile,
        ("" | "vlan" | "veth" | "macvlan" | "ipvlan" | "bond" | "team", ETHER) => Medium::Cable,
        // Tunnels of programs, as seen by kernels that do not name their kind.
        ("", libc::ARPHRD_NONE | libc::ARPHRD_TUNNEL | libc::ARPHRD_IPGRE) => Medium::Tunnel,
        _ => Medium::Other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(name: &str, arphrd: u16, kind: &str, sysfs: &Sysfs, expected: Medium) {
        let kind = (!kind.is_empty()).then(|| kind.to_owned());
        assert_eq!(judge(name, &LinkNature { arphrd, kind }, sysfs), expected);
    }

    #[test]
    fn every_kind_of_interface_is_known_by_its_marks() {
        let none = Sysfs::default;
        let wifi = Sysfs { radio: Some(Radio::Wifi), ..none() };
        check("eth0", 1, "", &none(), Medium::Cable);
        check("lan0", 1, "veth", &none(), Medium::Cable);
        check("eth0.7", 1, "vlan", &none(), Medium::Cable);
        check("br0", 1, "bridge", &none(), Medium::Other);
        check("wlp3s0", 1, "", &wifi, Medium::Wifi);
        check("ppp0", 512, "ppp", &none(), Medium::Ppp);
        check("tun0", 65534, "tun", &none(), Medium::Tunnel);
        check("tap0", 1, "tun", &none(), Medium::Tunnel);
        check("wg0", 65534, "wireguard", &none(), Medium::Tunnel);
        check("vpn", 65534, "", &none(), Medium::Tunnel);
        check("ds0", 769, "ip6tnl", &none(), Medium::Other);
        check("wwan0", 65534, "", &none(), Medium::Mobile);
        let phone = Sysfs { driver: "rndis_host".to_owned(), ..none() };
        check("usb0", 1, "", &phone, Medium::Mobile);
    }
}
