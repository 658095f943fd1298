use std::net::Ipv4Addr;

use proptest::prelude::*;
use simple_dns::ResourceRecord;
use simple_dns::rdata::A;

use super::*;
use crate::vocabulary::well_known::DNS_TEST_NAME;

const LIMIT: Duration = Duration::from_secs(5);

/// A DNS server of one's own: what `answer` makes of a query is sent, one datagram each.
pub(in crate::probe) async fn serve(
    answer: impl Fn(&[u8]) -> Vec<Vec<u8>> + Send + 'static,
) -> SocketAddr {
    let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let address = socket.local_addr().unwrap();
    tokio::spawn(async move {
        let mut buffer = [0; 512];
        loop {
            let (length, client) = socket.recv_from(&mut buffer).await.unwrap();
            for datagram in answer(&buffer[..length]) {
                socket.send_to(&datagram, client).await.unwrap();
            }
        }
    });
    address
}

/// The right answer to a query, with these addresses as A records.
pub(in crate::probe) fn respond(query: &[u8], code: RCODE, addresses: &[[u8; 4]]) -> Vec<u8> {
    let query = Packet::parse(query).unwrap();
    let mut packet = Packet::new_reply(query.id());
    *packet.rcode_mut() = code;
    packet.questions.clone_from(&query.questions);
    for octets in addresses {
        let name = query.questions[0].qname.clone();
        let a = RData::A(A { address: u32::from_be_bytes(*octets) });
        packet.answers.push(ResourceRecord::new(name, CLASS::IN, 60, a));
    }
    packet.build_bytes_vec_compressed().unwrap()
}

async fn probe_at(server: SocketAddr, limit: Duration) -> Outcome {
    probe(DNS_TEST_NAME, server, limit).await
}

#[tokio::test]
async fn an_answer_and_a_denial_are_replies_and_errors_are_failures() {
    for (code, right) in [
        (RCODE::NoError, true),
        (RCODE::NameError, true),
        (RCODE::ServerFailure, false),
        (RCODE::Refused, false),
        (RCODE::FormatError, false),
    ] {
        let server = serve(move |query| vec![respond(query, code, &[[1, 2, 3, 4]])]).await;
        let outcome = probe_at(server, LIMIT).await;
        if right {
            let rtt = outcome.rtt().unwrap_or_else(|| panic!("{code:?}: {outcome:?}"));
            assert!(rtt > Duration::ZERO && rtt < LIMIT);
        } else {
            assert_eq!(outcome, failed(FailedReason::Dns), "{code:?}");
        }
    }
}

#[tokio::test]
async fn what_answers_nothing_is_ignored_until_the_answer_comes() {
    let server = serve(|query| {
        let mut wrong_id = respond(query, RCODE::ServerFailure, &[]);
        wrong_id[0] ^= 0xff;
        let other = build(u16::from_be_bytes([query[0], query[1]]), "other.example", TYPE::A);
        let other_question = respond(&other.unwrap(), RCODE::ServerFailure, &[]);
        let garbage = vec![0xff; 40];
        let echo = query.to_vec();
        vec![garbage, echo, wrong_id, other_question, respond(query, RCODE::NoError, &[])]
    })
    .await;
    assert!(probe_at(server, LIMIT).await.rtt().is_some());
}

#[tokio::test]
async fn silence_is_lost() {
    let server = serve(|_| Vec::new()).await;
    assert_eq!(probe_at(server, Duration::from_millis(200)).await, Outcome::Lost);
}

#[tokio::test]
async fn a_closed_port_refuses() {
    let unused = std::net::UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let server = unused.local_addr().unwrap();
    drop(unused);
    assert_eq!(probe_at(server, LIMIT).await, failed(FailedReason::Refused));
}

#[tokio::test]
async fn the_root_is_asked_for_its_name_servers() {
    let server = serve(|query| {
        let parsed = Packet::parse(query).unwrap();
        let right = parsed.questions[0].qtype == QTYPE::TYPE(TYPE::NS);
        vec![respond(query, if right { RCODE::NoError } else { RCODE::Refused }, &[])]
    })
    .await;
    let outcome = probe(".", server, LIMIT).await;
    assert!(outcome.rtt().is_some(), "{outcome:?}");
}

proptest! {
    #[test]
    fn no_datagram_makes_the_parser_panic(octets in prop::collection::vec(any::<u8>(), 0..600)) {
        let _ = understand(&octets, 0, DNS_TEST_NAME, TYPE::A);
    }

    #[test]
    fn no_damage_makes_the_parser_panic(at in 0_usize..80, octet: u8, cut in 0_usize..80) {
        let query = build(7, DNS_TEST_NAME, TYPE::A).unwrap();
        let mut response = respond(&query, RCODE::NoError, &[[1, 2, 3, 4], [5, 6, 7, 8]]);
        if let Some(hit) = response.get_mut(at) {
            *hit = octet;
        }
        response.truncate(cut);
        let _ = understand(&response, 7, DNS_TEST_NAME, TYPE::A);
    }
}

#[test]
fn a_name_that_no_question_can_hold_is_not_asked_for() {
    assert_eq!(build(1, ".example", TYPE::A), None);
    assert!(build(1, "example.", TYPE::A).is_some());
}
