use std::net::Ipv4Addr;

use super::super::host::DefaultRoute;
use super::*;
use crate::config::TargetConfig;

const MODEM: IpAddr = IpAddr::V4(Ipv4Addr::new(192, 168, 100, 1));

fn ip(text: &str) -> IpAddr {
    text.parse().unwrap()
}

fn route(gateway: &str) -> DefaultRoute {
    DefaultRoute { interface: "eth0".to_owned(), gateway: Some(ip(gateway)) }
}

fn home() -> HostSnapshot {
    HostSnapshot { default_route_v4: Some(route("192.168.1.1")), ..HostSnapshot::default() }
}

fn found() -> Findings {
    Findings {
        modem_answers: true,
        isp_hop: Some(ip("203.0.113.1")),
        isp_hop_v6: None,
        inner_hops: Vec::new(),
        is_isp_hop_doubtful: false,
        nameserver: Some("192.168.1.1:53".parse().unwrap()),
        resolved: HashMap::new(),
        first_router_v6: None,
        reach: HashMap::new(),
    }
}

/// `name kind role address`, a line each.
fn text(wanted: &[WantedTarget]) -> Vec<String> {
    wanted.iter().map(|w| format!("{} {} {} {}", w.name, w.kind, w.role, w.endpoint)).collect()
}

fn has(wanted: &[WantedTarget], name: &str, address: &str) -> bool {
    find(wanted, name).is_some_and(|w| w.endpoint.as_str() == address)
}

#[test]
fn without_configuration_the_whole_path_and_the_services_are_probed() {
    let all = wanted(&Config::default(), &home(), &found(), &[]);
    assert_eq!(
        text(&all),
        [
            "gateway icmp gateway 192.168.1.1",
            "modem icmp modem 192.168.100.1",
            "isp icmp isp 203.0.113.1",
            "cloudflare icmp anchor 1.1.1.1",
            "google icmp anchor 8.8.8.8",
            "quad9 icmp anchor 9.9.9.9",
            "dns-system dns service example.com@192.168.1.1",
            "dns-cloudflare dns service example.com@1.1.1.1",
            "http-google http service http://connectivitycheck.gstatic.com/generate_204",
            "http-firefox http service http://detectportal.firefox.com/success.txt",
        ]
    );
    let seconds = |name| find(&all, name).unwrap().interval.as_secs();
    assert_eq!((seconds("gateway"), seconds("dns-system"), seconds("http-google")), (1, 10, 10));
}

#[test]
fn ipv6_anchors_come_with_an_ipv6_default_route_and_stay_in_its_outage() {
    let config = Config::default();
    let both = HostSnapshot { default_route_v6: Some(route("fe80::1")), ..home() };
    let all = wanted(&config, &both, &found(), &[]);
    assert!(has(&all, "cloudflare-v6", "2606:4700:4700::1111"));
    assert!(has(&all, "google-v6", "2001:4860:4860::8888"));
    assert!(has(&all, "quad9-v6", "2620:fe::fe"));
    assert!(has(&all, "gateway", "192.168.1.1"));
    assert_eq!(wanted(&config, &home(), &found(), &all), all);
}

#[test]
fn in_a_home_without_ipv4_the_ipv6_anchors_alone_decide_until_there_is_a_route() {
    let config = Config::default();
    let v6 = HostSnapshot { default_route_v6: Some(route("fe80::1")), ..HostSnapshot::default() };
    let alone = wanted(&config, &v6, &Findings::default(), &[]);
    let anchors = |wanted: &[WantedTarget], v6: bool| {
        let anchor =
            |w: &&WantedTarget| w.role == Role::Anchor && w.endpoint.as_str().contains(':') == v6;
        wanted.iter().filter(anchor).count()
    };
    assert_eq!((anchors(&alone, false), anchors(&alone, true)), (0, 3));
    assert!(has(&alone, "dns-cloudflare", "example.com@2606:4700:4700::1111"));
    let both = HostSnapshot { default_route_v6: Some(route("fe80::1")), ..home() };
    let both = wanted(&config, &both, &found(), &alone);
    assert_eq!((anchors(&both, false), anchors(&both, true)), (3, 3));
    // IPv4 that is lost is no home without it, and neither is no route at all.
    assert_eq!(wanted(&config, &v6, &found(), &both), both);
    let nothing = wanted(&config, &HostSnapshot::default(), &Findings::default(), &[]);
    assert_eq!((anchors(&nothing, false), anchors(&nothing, true)), (3, 0));
}

#[test]
fn an_outage_takes_no_target_away() {
    let config = Config::default();
    let all = wanted(&config, &home(), &found(), &[]);
    let nothing = Findings { nameserver: None, ..Findings::default() };
    assert_eq!(wanted(&config, &HostSnapshot::default(), &nothing, &all), all);
    // The modem restarts, and the path is cut.
    assert_eq!(wanted(&config, &home(), &nothing, &all), all);
}

#[test]
fn a_first_hop_that_is_silent_for_once_is_not_replaced_by_the_next_one() {
    let config = Config::default();
    let all = wanted(&config, &home(), &found(), &[]);
    let core = Some(ip("198.51.100.2"));
    let doubtful = Findings { isp_hop: core, is_isp_hop_doubtful: true, ..found() };
    assert_eq!(wanted(&config, &home(), &doubtful, &all), all);
    // Where nothing is known it is better than nothing, and gives way to a nearer one.
    let first = wanted(&config, &home(), &doubtful, &[]);
    assert!(has(&first, "isp", "198.51.100.2"));
    assert_eq!(wanted(&config, &home(), &found(), &first), all);
}

#[test]
fn in_another_network_the_old_path_is_forgotten() {
    let config = Config::default();
    let all = wanted(&config, &home(), &found(), &[]);
    let elsewhere =
        HostSnapshot { default_route_v4: Some(route("10.0.0.1")), ..HostSnapshot::default() };
    let moved = wanted(&config, &elsewhere, &Findings::default(), &all);
    assert!(has(&moved, "gateway", "10.0.0.1"));
    assert!(find(&moved, "modem").is_none() && find(&moved, "isp").is_none());
}

#[test]
fn no_address_is_a_hop_twice() {
    let config = Config::default();
    let snapshot =
        HostSnapshot { default_route_v4: Some(route("192.168.100.1")), ..HostSnapshot::default() };
    let findings = Findings { isp_hop: Some(MODEM), ..found() };
    let all = wanted(&config, &snapshot, &findings, &[]);
    assert_eq!(all.iter().filter(|w| w.endpoint.as_str() == "192.168.100.1").count(), 1);
}

#[test]
fn the_ipv6_gateway_is_probed_where_ipv4_is_missing_by_whatever_address_it_has() {
    let only_v6 = |gateway| HostSnapshot {
        default_route_v6: Some(route(gateway)),
        ..HostSnapshot::default()
    };
    let gateway = |snapshot: &HostSnapshot, before: &[WantedTarget]| {
        let all = wanted(&Config::default(), snapshot, &Findings::default(), before);
        find(&all, "gateway").map(|w| w.endpoint.to_string())
    };
    for address in ["fe80::1", "2001:db8::1"] {
        assert_eq!(gateway(&only_v6(address), &[]), Some(address.to_owned()));
    }
    let both = HostSnapshot { default_route_v6: Some(route("fe80::1")), ..home() };
    assert_eq!(gateway(&both, &[]), Some("192.168.1.1".to_owned()));
    // IPv4 that is lost takes no target away, nor does the loss of everything.
    let all = wanted(&Config::default(), &both, &found(), &[]);
    assert_eq!(gateway(&only_v6("fe80::1"), &all), Some("192.168.1.1".to_owned()));
    let all = wanted(&Config::default(), &only_v6("fe80::1"), &Findings::default(), &[]);
    assert_eq!(gateway(&HostSnapshot::default(), &all), Some("fe80::1".to_owned()));
}

#[test]
fn with_ipv6_alone_another_gateway_is_another_path() {
    let only_v6 = |gateway| HostSnapshot {
        default_route_v6: Some(route(gateway)),
        ..HostSnapshot::default()
    };
    let hop = Findings { isp_hop: Some(ip("2001:db8:0:1::1")), ..Findings::default() };
    let all = wanted(&Config::default(), &only_v6("fe80::1"), &hop, &[]);
    let later = |gateway| wanted(&Config::default(), &only_v6(gateway), &Findings::default(), &all);
    assert!(has(&later("fe80::1"), "isp", "2001:db8:0:1::1"));
    assert!(find(&later("fe80::2"), "isp").is_none());
}

#[test]
fn only_a_public_resolver_of_no_one_else_is_the_isps() {
    for (server, role) in [
        ("203.0.113.53", Role::Isp),
        ("2001:db8:53::53", Role::Isp),
        ("192.168.1.1", Role::Service),
        ("127.0.0.1", Role::Service),
        ("fd00::1", Role::Service),
        ("8.8.8.8", Role::Service),
        ("2620:fe::fe", Role::Service),
    ] {
        assert_eq!(role_of_resolver(ip(server)), role, "{server}");
    }
}

#[test]
fn one_resolver_is_not_asked_by_two_targets() {
    let findings = Findings { nameserver: Some("1.1.1.1:53".parse().unwrap()), ..found() };
    let all = wanted(&Config::default(), &home(), &findings, &[]);
    assert_eq!(all.iter().filter(|w| w.endpoint.as_str() == "example.com@1.1.1.1").count(), 1);
    assert!(has(&all, "dns-system", "example.com@1.1.1.1"));
}

#[test]
fn each_discovery_can_be_switched_off() {
    let mut config = Config::default();
    config.discover.gateway = false;
    config.discover.modem = None;
    config.discover.isp_hop = false;
    config.discover.anchors = false;
    config.discover.http = false;
    config.discover.dns = false;
    assert_eq!(wanted(&config, &home(), &found(), &[]), []);
}

#[test]
fn a_configured_target_replaces_a_discovered_one_and_names_are_resolved() {
    let target = |name: &str, kind, address: &str| TargetConfig {
        name: name.to_owned(),
        kind,
        role: Role::Service,
        address: address.to_owned(),
        interval: None,
    };
    let config = Config {
        targets: vec![
            target("google", Kind::Icmp, "8.8.4.4"),
            target("work", Kind::Icmp, "vpn.example.com"),
            target("mail", Kind::Tcp, "mail.example.com:25"),
        ],
        ..Config::default()
    };
    assert_eq!(names_to_resolve(&config), ["vpn.example.com"]);
    let all = wanted(&config, &home(), &found(), &[]);
    assert_eq!(all.iter().filter(|w| w.name == "google").count(), 1);
    assert!(has(&all, "google", "8.8.4.4"));
    assert!(has(&all, "work", "vpn.example.com"));
    assert_eq!(find(&all, "mail").unwrap().interval, Duration::from_secs(10));
    let mut findings = found();
    findings.resolved.insert("vpn.example.com".to_owned(), vec![ip("192.0.2.7"), ip("192.0.2.8")]);
    assert!(has(&wanted(&config, &home(), &findings, &all), "work", "192.0.2.7"));
}

#[test]
fn an_anchor_keeps_its_standing_until_more_is_known_or_the_way_is_another() {
    let config = Config::default();
    let reach = [(ip("1.1.1.1"), Reach::Near), (ip("8.8.8.8"), Reach::Far)].into();
    let asked = Findings { reach, ..found() };
    let standings = |wanted: &[WantedTarget]| {
        ["cloudflare", "google", "quad9", "gateway"]
            .map(|name| find(wanted, name).unwrap().standing)
    };
    let (near, far, unproven) = (Standing::Near, Standing::Far, Standing::Unproven);
    let all = wanted(&config, &home(), &asked, &[]);
    assert_eq!(standings(&all), [near, far, unproven, Standing::NoAnchor]);
    // In an outage nothing answers.
    let silent = wanted(&config, &HostSnapshot::default(), &found(), &all);
    assert_eq!(standings(&silent), standings(&all));
    assert_eq!(standings(&wanted(&config, &home(), &found(), &all)), standings(&all));
    let elsewhere =
        HostSnapshot { default_route_v4: Some(route("10.0.0.1")), ..HostSnapshot::default() };
    let moved = wanted(&config, &elsewhere, &found(), &all);
    assert_eq!(standings(&moved), [unproven, unproven, unproven, Standing::NoAnchor]);
    let asked_there = Findings { reach: [(ip("1.1.1.1"), Reach::Far)].into(), ..found() };
    let known = wanted(&config, &elsewhere, &asked_there, &moved);
    assert_eq!(standings(&known), [far, unproven, unproven, Standing::NoAnchor]);
}

#[test]
fn a_private_anchor_has_no_vote_whether_it_is_given_or_resolved_unless_it_is_trusted() {
    let anchor = |name: &str, address: &str| TargetConfig {
        name: name.to_owned(),
        kind: Kind::Icmp,
        role: Role::Anchor,
        address: address.to_owned(),
        interval: None,
    };
    let targets = vec![anchor("nas", "10.1.1.1"), anchor("name", "far.example")];
    let mut config = Config { targets, ..Config::default() };
    config.discover.anchor_addresses = vec![ip("192.168.7.7")];
    let resolved = [("far.example".to_owned(), vec![ip("100.64.1.1")])].into();
    let findings = Findings { resolved, ..found() };
    let standings = |config: &Config| {
        let all = wanted(config, &home(), &findings, &[]);
        let standing = |name| find(&all, name).unwrap().standing;
        ["nas", "name", "192.168.7.7"].map(standing)
    };
    assert_eq!(standings(&config), [Standing::Private; 3]);
    config.discover.trust_private = true;
    assert_eq!(standings(&config), [Standing::Trusted; 3]);
}

#[test]
fn a_target_keeps_its_address_while_that_is_among_those_of_its_name() {
    let target = TargetConfig {
        name: "far".to_owned(),
        kind: Kind::Icmp,
        role: Role::Anchor,
        address: "far.example".to_owned(),
        interval: None,
    };
    let config = Config { targets: vec![target], ..Config::default() };
    let with = |addresses: &[&str]| {
        let addresses = addresses.iter().copied().map(ip).collect();
        Findings { resolved: [("far.example".to_owned(), addresses)].into(), ..found() }
    };
    let first = wanted(&config, &home(), &with(&["192.0.2.1", "192.0.2.2"]), &[]);
    assert!(has(&first, "far", "192.0.2.1"));
    let turned = wanted(&config, &home(), &with(&["192.0.2.2", "192.0.2.1"]), &first);
    assert!(has(&turned, "far", "192.0.2.1"));
    let gone = wanted(&config, &home(), &with(&["192.0.2.3", "192.0.2.2"]), &turned);
    assert!(has(&gone, "far", "192.0.2.3"));
}

#[test]
fn with_ipv6_alone_and_no_gateway_in_its_route_the_first_router_is_the_gateway() {
    let point_to_point = DefaultRoute { interface: "wwan0".to_owned(), gateway: None };
    let v6 = HostSnapshot { default_route_v6: Some(point_to_point), ..HostSnapshot::default() };
    let findings = Findings {
        first_router_v6: Some(ip("2001:db8:1:1::1")),
        isp_hop: Some(ip("2001:db8:0:1::1")),
        ..Findings::default()
    };
    let all = wanted(&Config::default(), &v6, &findings, &[]);
    assert!(has(&all, "gateway", "2001:db8:1:1::1") && has(&all, "isp", "2001:db8:0:1::1"));
    assert_eq!(wanted(&Config::default(), &v6, &Findings::default(), &all), all, "in an outage");
}

#[test]
fn up_to_three_hops_of_the_isp_are_probed_and_stay_in_an_outage() {
    let inner_hops = vec![ip("198.51.100.2"), ip("198.51.100.9")];
    let known = wanted(&Config::default(), &home(), &Findings { inner_hops, ..found() }, &[]);
    let hops = |all: &[WantedTarget]| -> Vec<String> {
        let isp = all.iter().filter(|w| w.role == Role::Isp);
        isp.map(|w| format!("{} {}", w.name, w.endpoint)).collect()
    };
    assert_eq!(hops(&known), ["isp 203.0.113.1", "isp-2 198.51.100.2", "isp-3 198.51.100.9"]);
    let dead = Findings { isp_hop: None, ..found() };
    assert_eq!(hops(&wanted(&Config::default(), &home(), &dead, &known)), hops(&known));
    let elsewhere =
        HostSnapshot { default_route_v4: Some(route("172.20.10.1")), ..HostSnapshot::default() };
    assert_eq!(hops(&wanted(&Config::default(), &elsewhere, &dead, &known)), [""; 0]);
    let renumbered = Findings { isp_hop: Some(ip("203.0.113.77")), ..found() };
    let now = wanted(&Config::default(), &home(), &renumbered, &known);
    assert_eq!(hops(&now), ["isp 203.0.113.77"], "what was behind another first hop");
}

#[test]
fn a_gateway_at_a_public_or_shared_address_is_the_isps_first_hop() {
    for address in ["203.0.113.1", "100.64.0.1"] {
        let direct =
            HostSnapshot { default_route_v4: Some(route(address)), ..HostSnapshot::default() };
        let findings = Findings { isp_hop: Some(ip("198.51.100.2")), ..found() };
        let all = wanted(&Config::default(), &direct, &findings, &[]);
        assert!(has(&all, "isp", address) && find(&all, "gateway").is_none(), "{:?}", text(&all));
    }
}

#[test]
fn the_isps_first_hop_of_ipv6_is_probed_where_there_is_ipv4_and_stays() {
    let both = HostSnapshot { default_route_v6: Some(route("fe80::1")), ..home() };
    let findings = Findings { isp_hop_v6: Some(ip("2001:db8:0:1::1")), ..found() };
    let all = wanted(&Config::default(), &both, &findings, &[]);
    assert!(has(&all, "isp-v6", "2001:db8:0:1::1") && has(&all, "isp", "203.0.113.1"));
    assert_eq!(wanted(&Config::default(), &both, &found(), &all), all);
}
