use std::sync::atomic::{AtomicU8, Ordering};

use proptest::prelude::*;

use super::super::dns::tests::{respond, serve};
use super::*;

const BOUND: Duration = Duration::from_secs(5);

async fn learn(resolver: &Resolver, name: &str) -> Vec<IpAddr> {
    tokio::time::timeout(BOUND, resolver.learned(name)).await.unwrap();
    resolver.addresses(name)
}

/// Answers questions for A records with this code and address.
fn only_a(query: &[u8], code: RCODE, address: [u8; 4]) -> Vec<Vec<u8>> {
    let packet = simple_dns::Packet::parse(query).unwrap();
    let a = packet.questions[0].qtype == simple_dns::QTYPE::TYPE(TYPE::A);
    vec![respond(query, code, if a { std::slice::from_ref(&address) } else { &[] })]
}

#[tokio::test]
async fn a_name_is_resolved_in_the_background_and_the_time_is_returned_once() {
    let server = serve(|query| only_a(query, RCODE::NoError, [192, 0, 2, 1])).await;
    let resolver = Resolver::new(NameServers::Servers(vec![server]));
    resolver.watch(["a.example".to_owned()]);
    assert_eq!(learn(&resolver, "a.example").await, [IpAddr::from([192, 0, 2, 1])]);
    assert!(resolver.look_up_took("a.example").is_some());
    assert_eq!(resolver.look_up_took("a.example"), None);
}

#[tokio::test]
async fn nothing_is_known_while_dns_is_dead_and_a_second_server_helps() {
    let dead = serve(|_| Vec::new()).await;
    let alive = serve(|query| only_a(query, RCODE::NoError, [192, 0, 2, 1])).await;
    let resolver = Resolver::new(NameServers::Servers(vec![dead]));
    resolver.watch(["a.example".to_owned()]);
    let soon = Duration::from_millis(300);
    assert!(tokio::time::timeout(soon, resolver.learned("a.example")).await.is_err());
    assert!(resolver.addresses("a.example").is_empty());
    let mut resolver = Resolver::new(NameServers::Servers(vec![dead, alive]));
    resolver.pace.patience = Duration::from_millis(200);
    resolver.watch(["a.example".to_owned()]);
    assert_eq!(learn(&resolver, "a.example").await.len(), 1);
}

#[tokio::test]
async fn a_doubt_asks_anew_and_a_failure_keeps_the_last_good_address() {
    // First answer 192.0.2.1, then SERVFAIL, then 192.0.2.3.
    static ROUND: AtomicU8 = AtomicU8::new(0);
    let server = serve(|query| {
        let packet = simple_dns::Packet::parse(query).unwrap();
        if packet.questions[0].qtype == simple_dns::QTYPE::TYPE(TYPE::AAAA) {
            return vec![respond(query, RCODE::NoError, &[])];
        }
        let round = ROUND.fetch_add(1, Ordering::SeqCst) + 1;
        let code = if round == 2 { RCODE::ServerFailure } else { RCODE::NoError };
        only_a(query, code, [192, 0, 2, round])
    })
    .await;
    let mut resolver = Resolver::new(NameServers::Servers(vec![server]));
    resolver.pace.retry.0 = Duration::from_millis(50);
    resolver.watch(["a.example".to_owned()]);
    let first = [IpAddr::from([192, 0, 2, 1])];
    assert_eq!(learn(&resolver, "a.example").await, first);
    resolver.doubt("a.example");
    let changed = async {
        while resolver.addresses("a.example") == first {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(BOUND, changed).await.unwrap();
    // Never empty in between: the second round was a failure.
    assert_eq!(resolver.addresses("a.example"), [IpAddr::from([192, 0, 2, 3])]);
}

#[tokio::test]
async fn the_first_address_of_a_name_is_announced_and_later_ones_are_not() {
    static ROUND: AtomicU8 = AtomicU8::new(0);
    let server = serve(|query| {
        let round = ROUND.fetch_add(1, Ordering::SeqCst);
        let code = if round < 4 { RCODE::ServerFailure } else { RCODE::NoError };
        only_a(query, code, [192, 0, 2, round])
    })
    .await;
    let mut resolver = Resolver::new(NameServers::Servers(vec![server]));
    resolver.pace.retry.0 = Duration::from_millis(20);
    resolver.pace.fresh = (Duration::from_millis(20), Duration::from_millis(20));
    resolver.watch(["a.example".to_owned()]);
    tokio::time::timeout(BOUND, resolver.learned_another()).await.unwrap();
    let first = resolver.addresses("a.example");
    assert!(!first.is_empty());
    let changed = async {
        while resolver.addresses("a.example") == first {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(BOUND, changed).await.unwrap();
    let again = tokio::time::timeout(Duration::ZERO, resolver.learned_another()).await;
    assert!(again.is_err());
}

#[tokio::test]
async fn names_no_longer_watched_are_forgotten_and_literals_need_no_look_up() {
    let server = serve(|query| only_a(query, RCODE::NoError, [192, 0, 2, 1])).await;
    let resolver = Resolver::new(NameServers::Servers(vec![server]));
    resolver.watch(["a.example".to_owned()]);
    learn(&resolver, "a.example").await;
    resolver.watch(["192.0.2.9".to_owned()]);
    assert!(resolver.addresses("a.example").is_empty());
    assert_eq!(resolver.addresses("192.0.2.9"), [IpAddr::from([192, 0, 2, 9])]);
    assert!(locked(&resolver.names).is_empty());
}

#[test]
fn one_familys_failure_keeps_its_old_addresses() {
    let (a, b) = (IpAddr::from([1, 1, 1, 1]), IpAddr::from([2, 2, 2, 2]));
    let six: IpAddr = "2001:db8::1".parse().unwrap();
    let mut known = KnownNames { addresses: vec![a, six], took: None };
    let found = |v4, v6| LookedUp { v4, v6, ttl: BOUND, took: BOUND };
    known.learn(found(Some(vec![b]), None));
    assert_eq!(known.addresses, [b, six]);
    known.learn(found(Some(vec![b]), Some(Vec::new())));
    assert_eq!(known.addresses, [b]);
}

#[test]
fn name_servers_are_read_as_glibc_reads_them() {
    let text = "# nameserver 9.9.9.9\nsearch lan\n nameserver\t192.168.1.1 # router\n\
                nameserver fe80::1%eth0\nnameserver ::1\nnameservers 1.1.1.1\n\
                nameserver 8.8.8.8\nnameserver 8.8.4.4\n";
    let read: Vec<_> = parse_resolv_conf(text).iter().map(ToString::to_string).collect();
    assert_eq!(read, ["192.168.1.1:53", "[::1]:53", "8.8.8.8:53"]);
}

proptest! {
    #[test]
    fn no_resolv_conf_makes_the_parser_panic(text in "((nameserver)?[ \t]?.{0,20}\n?){0,5}") {
        prop_assert!(parse_resolv_conf(&text).len() <= 3);
    }
}
