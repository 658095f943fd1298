//! Messages made octet by octet.

use proptest::prelude::*;

use super::*;

pub(super) const AF_INET: u8 = 2;

pub(super) fn message(kind: u16, body: &[u8]) -> Vec<u8> {
    let length = u32::try_from(16 + body.len()).unwrap();
    let mut octets = length.to_ne_bytes().to_vec();
    octets.extend(kind.to_ne_bytes());
    octets.extend([0; 10]);
    octets.extend(body);
    octets
}

pub(super) fn attribute(kind: u16, body: &[u8]) -> Vec<u8> {
    let length = u16::try_from(4 + body.len()).unwrap();
    let mut octets = [length.to_ne_bytes(), kind.to_ne_bytes()].concat();
    octets.extend(body);
    octets.resize(octets.len().next_multiple_of(4), 0);
    octets
}

fn link(family: u8, index: u32, flags: u32, name: &str) -> Vec<u8> {
    let mut body = vec![family, 0, 1, 0];
    body.extend(index.to_ne_bytes());
    body.extend(flags.to_ne_bytes());
    body.extend([0; 4]);
    body.extend(attribute(3, format!("{name}\0").as_bytes()));
    message(libc::RTM_NEWLINK, &body)
}

fn eth0() -> KernelLink {
    let nature = LinkNature { arphrd: 1, kind: None };
    KernelLink { index: 7, name: "eth0".to_owned(), nature, ..KernelLink::default() }
}

fn route(family: u8, table: u8, attributes: &[Vec<u8>]) -> Vec<u8> {
    let mut body = vec![family, 0, 0, 0, table, 4, 0, 1, 0, 0, 0, 0];
    body.extend(attributes.concat());
    message(libc::RTM_NEWROUTE, &body)
}

#[track_caller]
fn check(octets: &[u8], expected: Option<KernelNews>) {
    let all: Vec<_> = messages(octets).map(|raw| raw.understand()).collect();
    assert_eq!(all, [expected]);
}

#[test]
fn carrier_is_lower_up_of_an_interface_that_is_up() {
    for (flags, carrier) in [(0x1_0001, true), (0x1, false), (0x1_0000, false)] {
        let expected = KernelLink { carrier, ..eth0() };
        check(&link(0, 7, flags, "eth0"), Some(KernelNews::Link(expected)));
    }
}

#[test]
fn counters_are_those_of_64_bits_where_there_are_any() {
    let narrow: Vec<u8> = (1..=23_u32).flat_map(u32::to_ne_bytes).collect();
    let wide: Vec<u8> = (101..=124_u64).flat_map(u64::to_ne_bytes).collect();
    let of = |more: &[Vec<u8>]| {
        let mut octets = link(0, 7, 1, "eth0");
        octets.extend(more.concat());
        let length = u32::try_from(octets.len()).unwrap();
        octets[..4].copy_from_slice(&length.to_ne_bytes());
        let raw = messages(&octets).next().unwrap();
        assert_eq!(raw.counters("eth1"), None);
        raw.counters("eth0")
    };
    let (narrow, wide) = (attribute(7, &narrow), attribute(23, &wide));
    assert_eq!(of(&[]), None);
    let expected = |received, sent| Some(Counters { index: 7, received, sent });
    assert_eq!(of(std::slice::from_ref(&narrow)), expected(3, 4));
    assert_eq!(of(&[narrow, wide]), expected(103, 104));
}

#[test]
fn what_a_bridge_says_of_its_ports_is_no_link() {
    check(&link(7, 7, 0x1_0001, "eth0"), None);
}

#[test]
fn an_address_is_our_own_side_of_a_point_to_point_link() {
    let mut body = vec![AF_INET, 32, 0, 0, 5, 0, 0, 0];
    body[4..8].copy_from_slice(&5_u32.to_ne_bytes());
    body.extend(attribute(1, &[10, 0, 0, 2]));
    body.extend(attribute(2, &[10, 0, 0, 1]));
    let expected = KernelNews::Address { index: 5, address: [10, 0, 0, 1].into(), present: false };
    check(&message(libc::RTM_DELADDR, &body), Some(expected));
}

#[test]
fn default_routes_of_all_kinds_are_understood() {
    let oif = attribute(4, &3_u32.to_ne_bytes());
    let gateway = attribute(5, &[192, 168, 1, 1]);
    let metric = attribute(6, &100_u32.to_ne_bytes());
    let plain = Route { version: IpVersion::V4, index: 3, gateway: None, metric: 0 };
    let via = Route { gateway: Some([192, 168, 1, 1].into()), metric: 100, ..plain.clone() };
    check(&route(AF_INET, 254, std::slice::from_ref(&oif)), Some(KernelNews::DefaultRoute(plain)));
    let all = [gateway.clone(), metric.clone(), oif.clone()];
    check(&route(AF_INET, 254, &all), Some(KernelNews::DefaultRoute(via.clone())));
    check(&route(AF_INET, 100, &all), Some(KernelNews::NoDefaultRoute));

    let mut hop = vec![0, 0, 0, 0];
    hop.extend(3_u32.to_ne_bytes());
    hop.extend(&gateway);
    let length = u16::try_from(hop.len()).unwrap();
    hop[..2].copy_from_slice(&length.to_ne_bytes());
    let two = [hop.clone(), hop].concat();
    let multipath = [metric, attribute(9, &two)];
    check(&route(AF_INET, 254, &multipath), Some(KernelNews::DefaultRoute(via)));

    let six: IpAddr = "fe80::1".parse().unwrap();
    let IpAddr::V6(octets) = six else { unreachable!() };
    let via_six = [&10_u16.to_ne_bytes()[..], &octets.octets()].concat();
    let expected = Route { version: IpVersion::V4, index: 3, gateway: Some(six), metric: 0 };
    let all = [attribute(18, &via_six), oif];
    check(&route(AF_INET, 254, &all), Some(KernelNews::DefaultRoute(expected)));
}

#[test]
fn an_attribute_that_is_not_understood_costs_no_other() {
    let odd = attribute(4, &[1, 2]);
    let mut octets = link(0, 7, 1, "eth0");
    octets.splice(32..32, odd.clone());
    let length = u32::try_from(octets.len()).unwrap();
    octets[..4].copy_from_slice(&length.to_ne_bytes());
    let expected = KernelLink { carrier: false, ..eth0() };
    check(&octets, Some(KernelNews::Link(expected)));
    let oif = attribute(4, &3_u32.to_ne_bytes());
    let plain = Route { version: IpVersion::V4, index: 3, gateway: None, metric: 0 };
    let all = [odd, attribute(8, &[9; 3]), attribute(5, &[1]), oif];
    check(&route(AF_INET, 254, &all), Some(KernelNews::DefaultRoute(plain)));
}

#[test]
fn the_kind_of_a_link_is_what_its_driver_says() {
    let mut octets = link(0, 7, 0, "tun0");
    let kind = attribute(1, b"wireguard\0");
    octets.extend(attribute(18, &kind));
    let length = u32::try_from(octets.len()).unwrap();
    octets[..4].copy_from_slice(&length.to_ne_bytes());
    let mut expected = KernelLink { name: "tun0".to_owned(), ..eth0() };
    expected.nature.kind = Some("wireguard".to_owned());
    check(&octets, Some(KernelNews::Link(expected)));
}

#[test]
fn a_neighbour_that_does_not_answer_has_no_hardware_address() {
    const REACHABLE: u16 = 2;
    const FAILED: u16 = 0x20;
    let said = |kind: u16, state: u16| {
        let mut body = vec![AF_INET, 0, 0, 0];
        body.extend(3_u32.to_ne_bytes());
        body.extend(state.to_ne_bytes());
        body.extend([0, 1]);
        body.extend(attribute(1, &[192, 168, 1, 1]));
        body.extend(attribute(2, &[2, 0, 0, 0xab, 0xcd, 0xef]));
        message(kind, &body)
    };
    let address = [192, 168, 1, 1].into();
    let none = Neighbour { index: 3, address, mac: None };
    let known = Neighbour { mac: Some("02:00:00:ab:cd:ef".to_owned()), ..none.clone() };
    check(&said(libc::RTM_NEWNEIGH, REACHABLE), Some(KernelNews::Neighbour(known)));
    check(&said(libc::RTM_NEWNEIGH, FAILED), Some(KernelNews::Neighbour(none.clone())));
    check(&said(libc::RTM_DELNEIGH, REACHABLE), Some(KernelNews::Neighbour(none)));
}

#[test]
fn the_route_that_a_packet_would_take_is_asked_for_by_its_destination() {
    let request = route_request([1, 1, 1, 1].into(), Some(3), 9);
    let mut body = vec![AF_INET, 32, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
    body.extend(attribute(1, &[1, 1, 1, 1]));
    body.extend(attribute(4, &3_u32.to_ne_bytes()));
    let mut expected = message(libc::RTM_GETROUTE, &body);
    expected[6] = 1;
    expected[8] = 9;
    assert_eq!(request, expected);

    let mut body = vec![AF_INET, 32, 0, 0, 254, 4, 0, 1, 0, 2, 0, 0];
    body.extend(attribute(4, &3_u32.to_ne_bytes()));
    body.extend(attribute(5, &[192, 168, 1, 1]));
    let answer = message(libc::RTM_NEWROUTE, &body);
    let taken = messages(&answer).next().unwrap().route_taken();
    let gateway = Some([192, 168, 1, 1].into());
    assert_eq!(taken, Some(RouteTaken { index: 3, gateway }));
}

#[test]
fn requests_ask_for_all_objects_of_a_kind() {
    let request = dump_request(Objects::Routes(AddressFamily::Inet6), 7);
    let mut expected = message(libc::RTM_GETROUTE, &[10, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
    expected[6..8].copy_from_slice(&0x301_u16.to_ne_bytes());
    expected[8] = 7;
    assert_eq!(request, expected);
    assert_eq!(dump_request(Objects::Links, 1).len(), 32);
    assert_eq!(dump_request(Objects::Addresses, 1).len(), 24);
}

#[test]
fn a_message_that_does_not_fit_ends_the_datagram() {
    let mut two = [link(0, 1, 0, "a"), link(0, 2, 0, "b")].concat();
    two.truncate(two.len() - 1);
    assert_eq!(messages(&two).count(), 1);
    assert_eq!(messages(&[0; 64]).count(), 0);
}

proptest! {
    #[test]
    fn no_octets_make_the_parser_panic(octets in prop::collection::vec(any::<u8>(), 0..200)) {
        for kind in libc::RTM_NEWLINK..=libc::RTM_DELNEIGH {
            let raw = message(kind, &octets);
            for raw in messages(&raw) {
                let _ = (raw.understand(), raw.counters("eth0"), raw.route_taken());
            }
        }
        let _ = messages(&octets).count();
    }

    #[test]
    fn no_damage_makes_the_parser_panic(at in 16_usize..80, octet: u8) {
        let hop = [&[20_u8, 0, 0, 0, 3, 0, 0, 0][..], &attribute(5, &[1, 2, 3, 4])].concat();
        let mut octets = route(AF_INET, 254, &[
            attribute(4, &[3, 0, 0, 0]), attribute(9, &hop), attribute(18, &[2, 0, 1, 2, 3, 4]),
        ]);
        if let Some(hit) = octets.get_mut(at) {
            *hit = octet;
        }
        for raw in messages(&octets) {
            let _ = raw.understand();
        }
    }
}
